/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S85: a member pays with points, all of a sale or a part of an order: off as delivered, told to
 * the host and no money, named on slips and outside of every sum, given back by void and refund,
 * reversed without an answer, and whole whenever the power goes. S84 S88
 */
#include "tests/unit/terminal_fuse.h"
#include "tests/unit/terminal_rig.h"

#define MEMBER "digit:8600000000012 ok"

static struct rig *ready(void)
{
    struct rig *rig = rig_ready();
    GOOD(records_parameter_set(&rig->terminal->records, "points", 1, "99", "1"));
    rig->terminal->counter.value[COUNTER_POINTS] = 1;
    return rig;
}

static int64_t number(struct rig *rig, const char *sql)
{
    int64_t value;
    GOOD(store_query_int(rig->store, sql, &value));
    return value;
}

static void home(struct rig *rig)
{
    for (int i = 0; i < 8 && strcmp(rig_id(rig), "main.menu") != 0; i++)
        GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
}

static err pay(struct rig *rig)
{
    TRY(rig_keys(rig, "choice:sale digit:5 digit:0 ok choice:points " MEMBER));
    return rig_pump(rig);
}

static void off_as_delivered(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale digit:5 digit:0 ok"));
    AT(rig, "sale.present");
    assert_false(rig_has_choice(rig, "points", true));
    rig_free(rig);
}

static void paid_with_points(void **state)
{
    (void)state;
    struct rig *rig = ready();
    GOOD(rig_keys(rig, "choice:sale digit:5 digit:0 ok choice:points"));
    AT(rig, "points.member");
    GOOD(rig_keys(rig, "digit:860 ok"));
    assert_non_null(rig_line(rig, "POINTS_NOT"));
    GOOD(rig_key(rig, "cancel")); /* after all not: an ordinary sale again */
    AT(rig, "sale.present");
    GOOD(rig_keys(rig, "choice:points " MEMBER));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_REDEEM);
    assert_non_null(rig_line(rig, "POINTS_DONE"));
    assert_int_equal(rig->spoken, 0); /* no money came */
    assert_non_null(strstr(rig->printed_all, "积分抵扣单 POINTS SLIP"));
    assert_non_null(strstr(rig->printed_all, "NO MONEY CHARGED"));
    assert_null(strstr(rig->printed_all, "8600000000012")); /* only masked */
    assert_int_equal(rig->terminal->records.batch_minor, 0);
    home(rig);
    GOOD(rig_keys(rig, "choice:manage choice:shift choice:x"));
    assert_non_null(strstr(rig->printed_all, "合计 TOTAL  0 笔"));
    assert_non_null(strstr(rig->printed_all, "不计入合计 NOT IN TOTAL"));
    assert_non_null(strstr(rig->printed_all, "积分抵扣 POINTS 积分 POINTS"));
    rig_check_books(rig);
    rig_free(rig);
}

/* Too few points, or no such member: said in the words for points, and another way is a touch away.
 */
static void refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *code, *says;
    } rows[] = {{"51", "积分不足"}, {"14", "没有这个会员"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig *rig = ready();
        memcpy(rig->code, rows[i].code, 3);
        GOOD(pay(rig));
        AT(rig, "sale.declined");
        assert_non_null(strstr(rig_line(rig, "SALE_DECLINED"), rows[i].says));
        assert_int_equal(rig->printed, 0);
        rig_check_books(rig);
        rig_free(rig);
    }
}

static void reversed_without_an_answer(void **state)
{
    (void)state;
    static const enum rig_mood moods[] = {RIG_SILENT, RIG_DROP, RIG_BAD_MAC, RIG_DEAF};
    for (size_t i = 0; i < ARRAY_LEN(moods); i++) {
        struct rig *rig = ready();
        rig->mood = moods[i];
        GOOD(pay(rig));
        for (int s = 0; s < 70 && strcmp(rig_id(rig), "sale.reversed") != 0; s++) {
            GOOD(rig_advance(rig, 1000));
            rig->mood = RIG_ANSWER;
        }
        AT(rig, "sale.reversed");
        assert_true(rig->reversals_seen > 0);
        rig_check_books(rig);
        rig_free(rig);
    }
}

/* A void of this batch, and a part that goes back later: points, and no card is asked for. */
static void given_back(void **state)
{
    (void)state;
    struct rig *rig = ready();
    char keys[96];
    GOOD(pay(rig));
    home(rig);
    snprintf(keys, sizeof keys, "choice:void digit:%06u ok ok", rig->row[0].stan);
    GOOD(rig_keys(rig, keys));
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, "246813"));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_REDEEM_VOID);
    home(rig);
    GOOD(pay(rig));
    home(rig);
    snprintf(keys, sizeof keys, "choice:refund choice:voucher digit:%06u ok", rig->row[2].stan);
    GOOD(rig_keys(rig, keys));
    AT(rig, "refund.amount");
    GOOD(rig_keys(rig, "digit:5 digit:1 ok"));
    assert_non_null(strstr(rig_line(rig, "REFUND_OVER"), "50.00"));
    GOOD(rig_keys(rig, "clear digit:2 digit:0 ok"));
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, "246813"));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_REDEEM_REFUND);
    assert_non_null(strstr(rig->printed_all, "积分退还单 POINTS BACK"));
    home(rig);
    GOOD(rig_keys(rig, "choice:refund choice:points digit:501200000007 ok"));
    GOOD(rig_keys(rig, "digit:0425 ok digit:3 ok"));
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, "246813"));
    AT(rig, "sale.approved");
    assert_string_equal(rig->last_original.rrn, "501200000007");
    assert_int_equal(rig->terminal->records.batch_minor, 0);
    rig_check_books(rig);
    rig_free(rig);
}

/* S84: 200 of 300 in points, the rest in cash; the slip of the whole names both. */
static void part_of_an_order(void **state)
{
    (void)state;
    struct rig *rig = ready();
    GOOD(rig_keys(rig, "choice:sale digit:3 digit:0 digit:0 ok choice:split"));
    GOOD(rig_keys(rig, "digit:2 digit:0 digit:0 ok choice:points " MEMBER));
    AT(rig, "sale.approved");
    GOOD(rig_key(rig, "choice:next"));
    AT(rig, "split.order");
    assert_string_equal(rig_line(rig, "SPLIT_REST"), "还差\t100.00 元");
    GOOD(rig_keys(rig, "ok choice:cash ok"));
    AT(rig, "sale.approved");
    GOOD(rig_key(rig, "choice:next"));
    AT(rig, "split.paid");
    assert_non_null(strstr(rig->printed_all, "积分 POINTS"));
    assert_int_equal(rig->terminal->records.batch_minor, 10000);
    assert_int_equal(number(rig, "SELECT count(*) FROM orders WHERE state = 3"), 1);
    rig_check_books(rig);
    rig_free(rig);
}

/* Given up: the points go back as points. */
static void an_order_is_given_up(void **state)
{
    (void)state;
    struct rig *rig = ready();
    GOOD(rig_keys(rig, "choice:sale digit:3 digit:0 digit:0 ok choice:split"));
    GOOD(rig_keys(rig, "digit:2 digit:0 digit:0 ok choice:points " MEMBER));
    GOOD(rig_keys(rig, "choice:next choice:give_up"));
    AT(rig, "split.back");
    GOOD(rig_key(rig, "choice:back"));
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, "246813"));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_REDEEM_VOID);
    GOOD(rig_key(rig, "ok"));
    AT(rig, "split.given_up");
    rig_check_books(rig);
    rig_free(rig);
}

static void the_power_goes(void **state)
{
    (void)state;
    static const enum rig_mood moods[] = {RIG_ANSWER, RIG_SILENT};
    int cuts = 0;
    for (size_t i = 0; i < ARRAY_LEN(moods); i++) {
        for (int at = 0;; at++) {
            struct rig *rig = ready();
            struct fuse fuse = {.left = at};
            rig->mood = moods[i];
            rig_set_fault(rig, burn, &fuse);
            err e = pay(rig);
            if (!FAILED(e)) e = rig_advance(rig, 67000);
            assert_int_equal(FAILED(e), fuse.blown);
            rig_set_fault(rig, NULL, NULL);
            rig->mood = RIG_ANSWER;
            GOOD(rig_restart(rig));
            GOOD(rig_advance(rig, 120000));
            rig_check_books(rig);
            rig_free(rig);
            if (!fuse.blown) break;
            cuts++;
        }
    }
    assert_true(cuts > 10);
    printf("%d power cuts\n", cuts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(off_as_delivered),     cmocka_unit_test(paid_with_points),
        cmocka_unit_test(refused_by_name),      cmocka_unit_test(reversed_without_an_answer),
        cmocka_unit_test(given_back),           cmocka_unit_test(part_of_an_order),
        cmocka_unit_test(an_order_is_given_up), cmocka_unit_test(the_power_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
