/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The query engine against a few days of two shops that were added up by hand (S156, S158), and
 * every way to ask against every other; ten years are one question (S161).
 */
#include "figures/fold.h"
#include "tests/unit/figures_rig.h"

enum { LAST_YEAR = 20121, FRIDAY = 20483, SATURDAY, SUNDAY, MONDAY /* 2 February 2026 */ };
enum { MINUTE = 60000, HOUR = 3600000 };

static struct figures_rig rig;

/* The payments, numbered as in the sums below. Times are the clock's in China. */
enum fate { PAID, DECLINED, VOIDED, REFUNDED, TURNED, HELD, UNANSWERED };

static const struct golden {
    char shop, terminal;
    const char *operator_id;
    enum payment_type type;
    enum payment_means means;
    enum payment_entry entry;
    enum payment_card_class class;
    int day, hour, minute;
    int64_t minor, tip_minor;
    int token; /* 0: none */
    enum fate fate;
    size_t original; /* of VOIDED and REFUNDED */
} golden[] = {
    /* clang-format off */
    {'0'},
    /* 1 */ {'1', '7', "01", PAYMENT_SALE, PAYMENT_CARD, PAYMENT_ENTRY_SWIPE, PAYMENT_CLASS_CREDIT, LAST_YEAR, 10, 0, 50000, 0, 1, PAID},
    /* 2 */ {'1', '7', "01", PAYMENT_SALE, PAYMENT_CARD, PAYMENT_ENTRY_SWIPE, PAYMENT_CLASS_CREDIT, FRIDAY, 9, 10, 10000, 0, 1, PAID},
    /* 3 */ {'1', '7', "01", PAYMENT_SALE, PAYMENT_CARD, PAYMENT_ENTRY_CHIP, PAYMENT_CLASS_DEBIT, FRIDAY, 12, 30, 20000, 0, 2, PAID},
    /* 4 */ {'1', '8', "02", PAYMENT_SALE, PAYMENT_CODE, PAYMENT_ENTRY_CODE, PAYMENT_CLASS_WALLET, FRIDAY, 12, 45, 5000, 0, 3, PAID},
    /* 5 */ {'1', '8', "02", PAYMENT_SALE, PAYMENT_CARD, PAYMENT_ENTRY_CONTACTLESS, PAYMENT_CLASS_CREDIT, FRIDAY, 12, 50, 30000, 3000, 4, PAID},
    /* 6 */ {'1', '7', "01", PAYMENT_SALE, PAYMENT_CARD, PAYMENT_ENTRY_SWIPE, PAYMENT_CLASS_CREDIT, FRIDAY, 23, 5, 7000, 0, 2, PAID},
    /* 7 */ {'1', '7', "02", PAYMENT_SALE, PAYMENT_CODE, PAYMENT_ENTRY_CODE, PAYMENT_CLASS_WALLET, SATURDAY, 18, 20, 10000, 0, 3, PAID},
    /* 8 */ {'1', '7', "02", PAYMENT_VOID, PAYMENT_CODE, PAYMENT_ENTRY_CODE, PAYMENT_CLASS_WALLET, SATURDAY, 18, 40, 10000, 0, 3, VOIDED, 7},
    /* 9 */ {'1', '8', "02", PAYMENT_SALE, PAYMENT_CARD, PAYMENT_ENTRY_SWIPE, PAYMENT_CLASS_CREDIT, SATURDAY, 19, 0, 40000, 0, 5, TURNED},
    /*10 */ {'1', '7', "01", PAYMENT_SALE, PAYMENT_CARD, PAYMENT_ENTRY_SWIPE, PAYMENT_CLASS_CREDIT, SATURDAY, 20, 0, 99900, 0, 5, DECLINED},
    /*11 */ {'1', '8', "01", PAYMENT_INSTALMENT, PAYMENT_CARD, PAYMENT_ENTRY_CHIP, PAYMENT_CLASS_CREDIT, SUNDAY, 12, 15, 120000, 0, 1, PAID},
    /*12 */ {'1', '8', "02", PAYMENT_REFUND, PAYMENT_CARD, PAYMENT_ENTRY_CONTACTLESS, PAYMENT_CLASS_CREDIT, SUNDAY, 15, 0, 15000, 0, 4, REFUNDED, 5},
    /*13 */ {'1', '7', "01", PAYMENT_PREAUTH, PAYMENT_CARD, PAYMENT_ENTRY_CHIP, PAYMENT_CLASS_CREDIT, SUNDAY, 16, 0, 80000, 0, 6, HELD},
    /*14 */ {'1', '7', "01", PAYMENT_COMPLETION, PAYMENT_CARD, PAYMENT_ENTRY_SWIPE, PAYMENT_CLASS_CREDIT, MONDAY, 11, 0, 60000, 0, 6, PAID},
    /*15 */ {'2', '9', "01", PAYMENT_SALE, PAYMENT_CARD, PAYMENT_ENTRY_SWIPE, PAYMENT_CLASS_CREDIT, FRIDAY, 12, 0, 100000, 0, 1, PAID},
    /*16 */ {'2', '9', "", PAYMENT_SALE, PAYMENT_CODE, PAYMENT_ENTRY_PLATE, PAYMENT_CLASS_WALLET, MONDAY, 12, 10, 2500, 0, 0, PAID},
    /*17 */ {'1', '7', "01", PAYMENT_SALE, PAYMENT_CARD, PAYMENT_ENTRY_SWIPE, PAYMENT_CLASS_CREDIT, MONDAY, 12, 5, 1000, 0, 4, PAID},
    /*18 */ {'1', '7', "01", PAYMENT_SALE, PAYMENT_CARD, PAYMENT_ENTRY_SWIPE, PAYMENT_CLASS_CREDIT, MONDAY, 13, 0, 70000, 0, 4, UNANSWERED},
    /* clang-format on */
};

static struct payment payment_of(const struct golden *g)
{
    struct payment p = figures_rig_sale(&rig, g->minor);
    snprintf(p.mid, sizeof p.mid, "89831015311000%c", g->shop);
    snprintf(p.key.tid, sizeof p.key.tid, "1000001%c", g->terminal);
    snprintf(p.operator_id, sizeof p.operator_id, "%s", g->operator_id);
    snprintf(p.token, sizeof p.token, "%016x", (unsigned)g->token);
    if (g->token == 0) p.token[0] = '\0';
    p.type = g->type;
    p.means = g->means;
    p.entry = g->entry;
    p.card_class = g->class;
    p.tip_minor = g->tip_minor;
    if (g->means == PAYMENT_CODE) p.route = PAYMENT_ROUTE_WALLET;
    if (g->type == PAYMENT_INSTALMENT)
        p.plan = (struct payment_plan){.months = 12, .by_merchant = true, .fee_minor = 6000};
    return p;
}

static int64_t moment(int day, int hour, int minute)
{
    return day * INT64_C(86400000) + (hour - 8) * (int64_t)HOUR + minute * (int64_t)MINUTE;
}

static void pay_all(void)
{
    static struct payment paid[ARRAY_LEN(golden)];
    static int64_t row[ARRAY_LEN(golden)];
    for (size_t i = 1; i < ARRAY_LEN(golden); i++) {
        const struct golden *g = &golden[i];
        int64_t at_ms = moment(g->day, g->hour, g->minute);
        struct payment p = payment_of(g);
        if (g->original > 0) {
            p.original.row = row[g->original];
            memcpy(p.original.rrn, paid[g->original].rrn, sizeof p.original.rrn);
        }
        (void)figures_rig_append(&rig, &p, PAYMENT_SUBMIT, at_ms - 900);
        if (g->fate == DECLINED) {
            (void)figures_rig_append(&rig, &p, PAYMENT_DECLINE, at_ms);
        } else if (g->fate == UNANSWERED) {
            (void)figures_rig_append(&rig, &p, PAYMENT_TIMEOUT, at_ms);
            (void)figures_rig_append(&rig, &p, PAYMENT_REVERSAL_ACK, at_ms);
        } else row[i] = figures_rig_append(&rig, &p, PAYMENT_APPROVE, at_ms);
        if (g->fate == TURNED) {
            (void)figures_rig_append(&rig, &p, PAYMENT_REVERSE, moment(SUNDAY, 8, 0));
            (void)figures_rig_append(&rig, &p, PAYMENT_REVERSAL_ACK, moment(SUNDAY, 8, 0));
        }
        paid[i] = p;
    }
    figures_rig_fold(&rig, 7);
    assert_true(figures_rig_check(&rig).same);
}

static int open_rig(void **state)
{
    (void)state;
    figures_rig_open(&rig);
    return 0;
}

static int open_golden(void **state)
{
    (void)state;
    figures_rig_open(&rig);
    pay_all();
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    figures_rig_close(&rig);
    return 0;
}

static struct figures_query of_first(enum figures_group group)
{
    return (struct figures_query){
        .mid = {FIGURES_MID}, .mids = 1, .span = {FRIDAY, MONDAY}, .group = group};
}

/* Keys and net of all rows that are not empty, and that the total is their sum. */
static void nets(const struct figures_query *query, const int64_t (*expected)[2], size_t count)
{
    CLEANUP(figures_answer_free) struct figures_answer a = figures_rig_ask(&rig, query);
    size_t at = 0;
    int64_t sum = 0;
    for (size_t i = 0; i < a.rows; i++) {
        const struct figure_sums *s = &a.row[i].sums;
        sum += figure_net_minor(s);
        if (s->gross.count + s->voided.count + s->refunded.count + s->turned.count == 0) continue;
        assert_true(at < count);
        assert_int_equal(a.row[i].key, expected[at][0]);
        assert_int_equal(figure_net_minor(s), expected[at][1]);
        at++;
    }
    assert_int_equal(at, count);
    assert_int_equal(sum, figure_net_minor(&a.total));
}

#define NETS(query, ...)                                    \
    do {                                                    \
        static const int64_t expected[][2] = {__VA_ARGS__}; \
        const struct figures_query asked = (query);         \
        nets(&asked, expected, ARRAY_LEN(expected));        \
    } while (0)

/* ---- added up by hand ---- */

static void the_total_is_what_was_added_up(void **state)
{
    (void)state;
    const struct figures_query q = of_first(FIGURES_BY_NOTHING);
    CLEANUP(figures_answer_free) struct figures_answer a = figures_rig_ask(&rig, &q);
    const struct figure_sums expected = {.gross = {10, 303000},
                                         .voided = {1, 10000},
                                         .refunded = {1, 15000},
                                         .turned = {1, 40000},
                                         .declined = {1, 99900},
                                         .held = {1, 80000},
                                         .tip_minor = 3000,
                                         .fee_minor = 1397,
                                         .instalment_minor = 6000};
    assert_int_equal(a.rows, 0);
    assert_memory_equal(&a.total, &expected, sizeof expected);
    assert_int_equal(figure_net_minor(&a.total), 238000);
    assert_int_equal(figure_rate(a.total.refunded.minor, a.total.gross.minor), 495);
}

static void every_group_is_what_was_added_up(void **state)
{
    (void)state;
    NETS(of_first(FIGURES_BY_DAY), {FRIDAY, 65000}, {SATURDAY, 47000}, {SUNDAY, 65000},
         {MONDAY, 61000});
    NETS(of_first(FIGURES_BY_WEEK), {FRIDAY - 4, 177000}, {MONDAY, 61000});
    NETS(of_first(FIGURES_BY_MONTH), {SUNDAY - 31, 112000}, {SUNDAY, 126000});
    NETS(of_first(FIGURES_BY_WEEKDAY), {0, 61000}, {4, 65000}, {5, 47000}, {6, 65000});
    NETS(of_first(FIGURES_BY_HOUR), {8, -40000}, {9, 10000}, {11, 60000}, {12, 176000},
         {15, -15000}, {18, 0}, {19, 40000}, {23, 7000});
    NETS(of_first(FIGURES_BY_OPERATOR), {1, 218000}, {2, 20000});
    NETS(of_first(FIGURES_BY_CLASS), {PAYMENT_CLASS_DEBIT, 20000}, {PAYMENT_CLASS_CREDIT, 213000},
         {PAYMENT_CLASS_WALLET, 5000});
    NETS(of_first(FIGURES_BY_METHOD), {(PAYMENT_CARD << 8) + PAYMENT_ENTRY_SWIPE, 78000},
         {(PAYMENT_CARD << 8) + PAYMENT_ENTRY_CHIP, 140000},
         {(PAYMENT_CARD << 8) + PAYMENT_ENTRY_CONTACTLESS, 15000},
         {(PAYMENT_CODE << 8) + PAYMENT_ENTRY_CODE, 5000});
    NETS(of_first(FIGURES_BY_TYPE), {PAYMENT_SALE, 83000}, {PAYMENT_VOID, -10000},
         {PAYMENT_REFUND, -15000}, {PAYMENT_COMPLETION, 60000}, {PAYMENT_INSTALMENT, 120000});
}

static void shops_and_terminals_have_their_names(void **state)
{
    (void)state;
    struct figures_query q = of_first(FIGURES_BY_DEVICE);
    {
        CLEANUP(figures_answer_free) struct figures_answer a = figures_rig_ask(&rig, &q);
        assert_int_equal(a.rows, 2);
        assert_string_equal(a.row[0].name, "10000017");
        assert_int_equal(figure_net_minor(&a.row[0].sums), 98000);
        assert_string_equal(a.row[1].name, "10000018");
        assert_int_equal(figure_net_minor(&a.row[1].sums), 140000);
    }
    q = (struct figures_query){.span = {FRIDAY, MONDAY}, .group = FIGURES_BY_SHOP};
    for (int named = 0; named < 2; named++) {
        CLEANUP(figures_answer_free) struct figures_answer a = figures_rig_ask(&rig, &q);
        assert_int_equal(a.rows, 2);
        assert_string_equal(a.row[0].name, FIGURES_MID);
        assert_int_equal(figure_net_minor(&a.row[0].sums), 238000);
        assert_string_equal(a.row[1].name, FIGURES_MID2);
        assert_int_equal(figure_net_minor(&a.row[1].sums), 102500);
        assert_int_equal(figure_net_minor(&a.total), 340500);
        q.mid[0] = FIGURES_MID2;
        q.mid[1] = FIGURES_MID;
        q.mids = 2;
    }
    q.mid[0] = "898310153119998"; /* where nothing was ever paid */
    q.mids = 1;
    CLEANUP(figures_answer_free) struct figures_answer a = figures_rig_ask(&rig, &q);
    assert_int_equal(a.rows, 0);
}

static void filters_leave_out_the_rest(void **state)
{
    (void)state;
    struct figures_query q = of_first(FIGURES_BY_NOTHING);
    const struct {
        struct figures_filter filter;
        size_t mids;
        int64_t net_minor;
    } rows[] = {
        {{.hours = 1u << 12, .operator_id = "01"}, 1, 141000},
        {{.device = {"10000018"}, .devices = 1}, 1, 140000},
        {{.device = {"10000018", "19999999"}, .devices = 2}, 1, 140000},
        {{.device = {"19999999"}, .devices = 1}, 1, 0}, /* never met: nothing, and not everything */
        {{.means = 1u << PAYMENT_CODE}, 0, 7500},
        {{.classes = 1u << PAYMENT_CLASS_DEBIT | 1u << PAYMENT_CLASS_WALLET}, 1, 25000},
        {{.hours = 0xff}, 1, 0},
        {{.operator_id = "03"}, 1, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        q.filter = rows[i].filter;
        q.mids = rows[i].mids;
        CLEANUP(figures_answer_free) struct figures_answer a = figures_rig_ask(&rig, &q);
        assert_int_equal(figure_net_minor(&a.total), rows[i].net_minor);
    }
    q = of_first(FIGURES_BY_OPERATOR); /* a code that stands in the shop has none */
    q.mid[0] = FIGURES_MID2;
    NETS(q, {-1, 2500}, {1, 100000});
}

static void the_highest_come_first_and_no_more_than_asked(void **state)
{
    (void)state;
    struct figures_query q = of_first(FIGURES_BY_HOUR);
    q.order = FIGURES_MOST_PAYMENTS;
    q.limit = 2; /* peak hours */
    CLEANUP(figures_answer_free) struct figures_answer a = figures_rig_ask(&rig, &q);
    assert_int_equal(a.rows, 2);
    assert_true(a.more);
    assert_int_equal(a.row[0].key, 12);
    assert_int_equal(a.row[0].sums.gross.count, 5);
    assert_int_equal(a.row[1].key, 9); /* the first of those with one */
    assert_int_equal(figure_net_minor(&a.total), 238000);
    q = of_first(FIGURES_BY_DAY);
    q.order = FIGURES_HIGHEST_NET;
    q.limit = 4;
    CLEANUP(figures_answer_free) struct figures_answer b = figures_rig_ask(&rig, &q);
    assert_false(b.more);
    assert_int_equal(b.row[0].key, FRIDAY); /* equal ones by their keys */
    assert_int_equal(b.row[1].key, SUNDAY);
    assert_int_equal(b.row[3].key, SATURDAY);
}

static void who_comes_again(void **state)
{
    (void)state;
    const char *const both[] = {FIGURES_MID, FIGURES_MID2, "898310153119998"};
    struct figures_customers c;
    const struct figures_span all = {FRIDAY, MONDAY}, first = {FRIDAY, FRIDAY};
    assert_ok(figures_customers(rig.reader, both, 1, all, &c));
    assert_int_equal(c.visits, 10);
    assert_int_equal(c.customers, 6);
    assert_int_equal(c.again, 4);
    assert_int_equal(figure_rate(c.again, c.customers), 6667);
    assert_ok(figures_customers(rig.reader, both, 1, first, &c));
    assert_int_equal(c.customers, 4);
    assert_int_equal(c.again, 0);
    assert_ok(figures_customers(rig.reader, both, 3, first, &c)); /* one was in the other shop */
    assert_int_equal(c.customers, 4);
    assert_int_equal(c.again, 1);
}

/* ---- periods ---- */

static void periods_to_compare_with(void **state)
{
    (void)state;
    static const struct {
        struct figures_span span, before, last_year;
    } rows[] = {
        {{SUNDAY, MONDAY}, {FRIDAY, SATURDAY}, {LAST_YEAR - 1, LAST_YEAR}},
        {{MONDAY, MONDAY}, {SUNDAY, SUNDAY}, {LAST_YEAR, LAST_YEAR}},
        {{20454, 20484}, {20423, 20453}, {20089, 20119}}, /* January: December, and January */
        {{20423, 20484}, {20362, 20422}, {20058, 20119}}, /* two months: the two before */
        {{19782, 19782}, {19781, 19781}, {19416, 19416}}, /* 29 February 2024 */
        {{3, 9}, {0, 0}, {0, 0}},                         /* nothing is before 1970 */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct figures_span before = figures_span_before(rows[i].span);
        struct figures_span last = figures_span_last_year(rows[i].span);
        assert_memory_equal(&before, &rows[i].before, sizeof before);
        assert_memory_equal(&last, &rows[i].last_year, sizeof last);
    }
    struct figures_query q = of_first(FIGURES_BY_NOTHING);
    q.span = figures_span_last_year((struct figures_span){MONDAY, MONDAY});
    CLEANUP(figures_answer_free) struct figures_answer a = figures_rig_ask(&rig, &q);
    assert_int_equal(figure_net_minor(&a.total), 50000);
}

static void a_trend_is_the_mean_of_what_led_there(void **state)
{
    (void)state;
    const struct figures_query q = of_first(FIGURES_BY_DAY);
    CLEANUP(figures_answer_free) struct figures_answer a = figures_rig_ask(&rig, &q);
    static const int64_t two[] = {0, 56000, 56000, 63000}, three[] = {0, 0, 59000, 57667};
    int64_t trend[4];
    figures_trend(a.row, a.rows, 2, trend);
    assert_memory_equal(trend, two, sizeof two);
    figures_trend(a.row, a.rows, 3, trend);
    assert_memory_equal(trend, three, sizeof three);
    a.row[0].sums = (struct figure_sums){.refunded = {1, 65001}};
    figures_trend(a.row, 2, 2, trend); /* -18001 in two: to the even fen */
    assert_int_equal(trend[1], -9000);
}

static void rates_are_half_even(void **state)
{
    (void)state;
    assert_int_equal(figure_rate(0, 0), 0);
    assert_int_equal(figure_rate(1, 3), 3333);
    assert_int_equal(figure_rate(2, 3), 6667);
    assert_int_equal(figure_rate(1, 20000), 0);
    assert_int_equal(figure_rate(3, 20000), 2);
    assert_int_equal(figure_rate(INT64_C(1) << 60, INT64_C(1) << 61), 5000);
}

/* ---- what makes no sense ---- */

static void a_malformed_query_says_what_is_wrong(void **state)
{
    (void)state;
    struct figures_query q[14];
    for (size_t i = 0; i < ARRAY_LEN(q); i++) q[i] = of_first(FIGURES_BY_DAY);
    q[0].span = (struct figures_span){MONDAY, FRIDAY};
    q[1].span.from_day = -1;
    q[2].span = (struct figures_span){20000, 20000 + FIGURES_DAYS_MAX};
    q[3].span.to_day = WORKDAY_LAST + 1;
    q[4].group = FIGURES_GROUPS;
    q[5].order = FIGURES_ORDERS;
    q[6].limit = FIGURES_ROWS_MAX + 1;
    q[7].filter.operator_id = "1";
    q[8].filter.operator_id = "1x";
    q[9].filter.hours = 1u << 24;
    q[10].filter.devices = FIGURES_DEVICES_MAX + 1;
    q[11].mids = FIGURES_SHOPS_MAX + 1;
    q[12].mid[0] = "";
    q[13].mids = 0; /* of all together nobody knows terminals */
    q[13].group = FIGURES_BY_DEVICE;
    static const char *const faults[] = {"range",  "range", "range",  "range",  "group",
                                         "order",  "limit", "filter", "filter", "filter",
                                         "filter", "shops", "shops",  "shops"};
    for (size_t i = 0; i < ARRAY_LEN(q); i++) {
        if (i == 10) q[i].filter.device[0] = "10000017";
        for (size_t d = 0; i == 10 && d < FIGURES_DEVICES_MAX; d++)
            q[i].filter.device[d] = "10000017";
        assert_string_equal(figures_query_fault(&q[i]), faults[i]);
    }
    struct figures_query by_shop = {.span = {FRIDAY, MONDAY}, .group = FIGURES_BY_SHOP};
    assert_null(figures_query_fault(&by_shop));
    by_shop.filter.hours = 1;
    assert_string_equal(figures_query_fault(&by_shop), "filter");
    struct figures_query years = of_first(FIGURES_BY_DAY); /* ten of them are fine */
    years.span = (struct figures_span){MONDAY - FIGURES_DAYS_MAX + 1, MONDAY};
    CLEANUP(figures_answer_free) struct figures_answer a = figures_rig_ask(&rig, &years);
    assert_int_equal(a.rows, FIGURES_DAYS_MAX);
    assert_int_equal(figure_net_minor(&a.total), 288000);
}

/* ---- every way against every other ---- */

static void pay_at_random(const struct random *random)
{
    for (int i = 0; i < 500; i++) {
        struct payment p = figures_rig_sale(&rig, 1 + random_below(random, 100000));
        snprintf(p.mid, sizeof p.mid, "8983101531100%02u", 1 + random_below(random, 3));
        snprintf(p.key.tid, sizeof p.key.tid, "100000%02u", 10 + random_below(random, 5));
        snprintf(p.operator_id, sizeof p.operator_id, "0%u", random_below(random, 4));
        p.card_class = (enum payment_card_class)random_below(random, PAYMENT_CLASSES);
        int64_t at_ms = moment(20400 + i / 3, 0, 0) + random_below(random, 86400000);
        int64_t row = figures_rig_pay(&rig, &p, at_ms);
        if (random_below(random, 5) > 0) continue;
        struct payment back = figures_rig_back(&rig, &p, row, PAYMENT_REFUND,
                                               1 + random_below(random, (uint32_t)p.amount_minor));
        (void)figures_rig_pay(&rig, &back, at_ms + random_below(random, 20) * INT64_C(86400000));
    }
    figures_rig_fold(&rig, 90);
}

static struct figure_sums total_of(const struct figures_query *query)
{
    CLEANUP(figures_answer_free) struct figures_answer a = figures_rig_ask(&rig, query);
    return a.total;
}

/* Whatever it is grouped by, the total of a span is that of its days; and that of all shops is that
 * of each added up: rows of months, of blocks and of all agree with those of days. */
static void every_way_comes_to_the_same(void **state)
{
    (void)state;
    static const char *const mids[] = {"898310153110001", "898310153110002", "898310153110003"};
    struct random_seeded seeded;
    random_seed(&seeded, 11);
    const struct random random = random_from_seed(&seeded);
    pay_at_random(&random);
    for (int i = 0; i < 60; i++) {
        int32_t from = 20390 + (int32_t)random_below(&random, 150);
        struct figures_query q = {.span = {from, from + (int32_t)random_below(&random, 120)}};
        struct figure_sums each = {.tip_minor = 0};
        q.group = FIGURES_BY_DAY;
        const struct figure_sums days = total_of(&q);
        for (enum figures_group group = 0; group < FIGURES_GROUPS; group++) {
            q.group = group;
            if (figures_query_fault(&q) != NULL) continue;
            const struct figure_sums total = total_of(&q);
            assert_memory_equal(&total, &days, sizeof days);
        }
        q.mids = 3;
        for (size_t shop = 0; shop < 3; shop++) q.mid[shop] = mids[shop];
        for (enum figures_group group = 0; group < FIGURES_GROUPS; group++) {
            q.group = group;
            const struct figure_sums total = total_of(&q);
            assert_memory_equal(&total, &days, sizeof days);
        }
        q.mids = 1;
        q.group = FIGURES_BY_NOTHING;
        for (size_t shop = 0; shop < 3; shop++) {
            q.mid[0] = mids[shop];
            each.gross.minor += total_of(&q).gross.minor;
        }
        assert_int_equal(each.gross.minor, days.gross.minor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_total_is_what_was_added_up, open_golden, close_rig),
        cmocka_unit_test_setup_teardown(every_group_is_what_was_added_up, open_golden, close_rig),
        cmocka_unit_test_setup_teardown(shops_and_terminals_have_their_names, open_golden,
                                        close_rig),
        cmocka_unit_test_setup_teardown(filters_leave_out_the_rest, open_golden, close_rig),
        cmocka_unit_test_setup_teardown(the_highest_come_first_and_no_more_than_asked, open_golden,
                                        close_rig),
        cmocka_unit_test_setup_teardown(who_comes_again, open_golden, close_rig),
        cmocka_unit_test_setup_teardown(periods_to_compare_with, open_golden, close_rig),
        cmocka_unit_test_setup_teardown(a_trend_is_the_mean_of_what_led_there, open_golden,
                                        close_rig),
        cmocka_unit_test(rates_are_half_even),
        cmocka_unit_test_setup_teardown(a_malformed_query_says_what_is_wrong, open_golden,
                                        close_rig),
        cmocka_unit_test_setup_teardown(every_way_comes_to_the_same, open_rig, close_rig),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
