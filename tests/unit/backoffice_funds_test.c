/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A merchant's money as its owner asks for it (S66, S68): four figures that are the ledger's to the
 * fen, the lines that each is the sum of however they are paged, who may ask, and books that cannot
 * be read.
 */
#include "journal/order.h"
#include "tests/unit/figures_rig.h"
#include "tests/unit/fleet_rig.h"

static struct figures_rig books;
static struct rig *rig;

static int64_t paid(const char *mid, int64_t minor, int64_t ago_ms)
{
    struct payment p = figures_rig_sale(&books, minor);
    snprintf(p.mid, sizeof p.mid, "%s", mid);
    return figures_rig_pay(&books, &p, rig->now_ms - ago_ms);
}

static int64_t ordered(enum order_kind kind, int64_t minor, int64_t original, int64_t ago_ms)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct journal_order o = {.at_ms = rig->now_ms - ago_ms,
                              .kind = kind,
                              .mid = RIG_MID,
                              .currency = CURRENCY_CNY,
                              .amount_minor = minor,
                              .original = original,
                              .actor = "li.wei"};
    if (kind == ORDER_HOLD) {
        snprintf(o.reason, sizeof o.reason, "risk");
        snprintf(o.evidence, sizeof o.evidence, "the slip of 24 April");
        snprintf(o.appeal, sizeof o.appeal, "call 95000");
        o.deadline_ms = rig->now_ms + DAY_MS;
    }
    if (kind == ORDER_CREDIT) snprintf(o.reason, sizeof o.reason, "goodwill");
    if (kind == ORDER_PAYOUT) o.day = 22029, o.way = ORDER_NEXT_DAY, o.account = 1;
    assert_ok(store_begin(books.journal, &tx));
    assert_ok(journal_order_append(&tx, &o));
    assert_ok(store_commit(&tx));
    return o.number;
}

static int start(void **state)
{
    (void)state;
    figures_rig_open(&books);
    rig = with_devices();
    rig->b->config.ledger_path = "figures-ledger";
    rig->b->config.journal_path = "figures-journal";
    (void)paid(RIG_MID, 100000, DAY_MS); /* 24 April 2030, noon */
    (void)paid(OTHER_MID, 70000, DAY_MS);
    (void)paid(RIG_MID, 3000, 2 * HOUR_MS);
    (void)paid(RIG_MID, 4000, HOUR_MS);
    figures_rig_fold_ledger(&books);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    rig_close(rig);
    figures_rig_close(&books);
    return 0;
}

static unsigned get(struct browser *b, const char *path, const char *figure, const char *after,
                    const char *limit)
{
    const char *const query[][2] = {{"figure", figure}, {"after", after}, {"limit", limit}};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(b->query); i++) b->query[i][0] = b->query[i][1] = NULL;
    for (size_t i = 0; i < ARRAY_LEN(query); i++) {
        if (query[i][1] == NULL) continue;
        b->query[n][0] = query[i][0];
        b->query[n++][1] = query[i][1];
    }
    return rig_send(rig, b, "GET", path, "");
}

static unsigned funds(struct browser *b)
{
    return get(b, "/api/v1/funds", NULL, NULL, NULL);
}

static unsigned lines(struct browser *b, const char *figure)
{
    return get(b, "/api/v1/funds/lines", figure, NULL, NULL);
}

static void says(const char *text)
{
    if (!rig_says(rig, text)) fail_msg("\"%.900s\" does not say %s", rig->answer, text);
}

static int64_t number_after(const char **at, const char *name)
{
    *at = strstr(*at, name);
    assert_non_null(*at);
    *at += strlen(name);
    return strtoll(*at, NULL, 10);
}

static int64_t said(const char *name)
{
    const char *at = rig->answer;
    return number_after(&at, name);
}

/* ---- figures ---- */

/* What the ledger itself says, posted, on an account of this kind. */
static int64_t in_ledger(int kind, const char *mid)
{
    struct store_statement *select;
    bool row = false;
    assert_ok(store_statement(books.ledger,
                              "SELECT ifnull(sum(credits_posted - debits_posted), 0) FROM account"
                              " WHERE kind = ? AND owner = ?",
                              &select));
    store_bind_int(select, kind);
    store_bind_text(select, bytes_text(mid));
    assert_ok(store_step(select, &row));
    assert_true(row);
    int64_t minor = store_read_int(select);
    assert_ok(store_read_finish(select));
    store_reset(select);
    return minor;
}

enum { PAYABLE = 1, HELD = 6, TRANSIT = 7 }; /* account kinds, on disk */

static void equals_the_ledger(void)
{
    assert_int_equal(said("\"today\":") + said("\"available\":"), in_ledger(PAYABLE, RIG_MID));
    assert_int_equal(said("\"held\":"), in_ledger(HELD, RIG_MID));
    assert_int_equal(said("\"transit\":"), in_ledger(TRANSIT, RIG_MID));
    assert_int_equal(said("\"total\":"), in_ledger(PAYABLE, RIG_MID) + in_ledger(HELD, RIG_MID) +
                                             in_ledger(TRANSIT, RIG_MID));
    assert_int_equal(said("\"today\":"), said("\"taken\":") + said("\"given\":") +
                                             said("\"turned\":") + said("\"fees\":") +
                                             said("\"instalment_fees\":"));
}

static void an_owner_sees_where_his_money_is(void **state)
{
    (void)state;
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    assert_int_equal(funds(&owner), 200);
    says("\"day\":\"2030-04-25\"");
    says("\"taken\":7000,\"given\":0,\"turned\":0,");
    assert_true(said("\"fees\":") < 0);
    says("\"transit\":0,\"held\":0");
    equals_the_ledger();
    int64_t available = said("\"available\":");
    assert_true(available > 90000 && available < 100000); /* yesterday's, less its fees */

    int64_t hold = ordered(ORDER_HOLD, 20000, 0, 1000);
    (void)ordered(ORDER_PAYOUT, 50000, 0, 900);
    (void)ordered(ORDER_CREDIT, 11, 0, 800);
    figures_rig_fold_ledger(&books);
    assert_int_equal(funds(&owner), 200);
    says("\"transit\":50000,\"held\":20000");
    assert_int_equal(said("\"available\":"), available - 70000 + 11);
    equals_the_ledger();

    /* An order that the ledger has not folded yet is in no figure, and in no line. */
    (void)ordered(ORDER_RELEASE, 20000, hold, 500);
    assert_int_equal(funds(&owner), 200);
    says("\"held\":20000");
    assert_int_equal(lines(&owner, "held"), 200);
    says("\"minor\":20000,\"row\"");
    figures_rig_fold_ledger(&books);
    assert_int_equal(lines(&owner, "held"), 200);
    says("\"lines\":[],\"minor\":0");
    assert_int_equal(funds(&owner), 200);
    assert_int_equal(said("\"available\":"), available - 50000 + 11);
    equals_the_ledger();
}

/* ---- what they are the sum of ---- */

/* All pages of `limit` lines each: what they add up to, and how many lines there were. */
static int64_t sum_of(struct browser *b, const char *figure, const char *limit, int *ret_lines)
{
    char after[24] = "";
    int64_t sum = 0;
    *ret_lines = 0;
    for (;;) {
        rig_pass(rig, 2000); /* a caller has so many calls a minute */
        assert_int_equal(
            get(b, "/api/v1/funds/lines", figure, after[0] == '\0' ? NULL : after, limit), 200);
        const char *at = rig->answer, *end = strstr(rig->answer, "],\"minor\":");
        assert_non_null(end);
        while ((at = strstr(at, "\"minor\":")) != NULL && at < end) {
            sum += strtoll(at + 8, NULL, 10);
            ++*ret_lines;
            at++;
        }
        const char *next = strstr(end, "\"next\":\"");
        if (next == NULL) break;
        snprintf(after, sizeof after, "%.*s", (int)strspn(next + 8, "0123456789"), next + 8);
    }
    return sum;
}

static void every_figure_is_the_sum_of_its_lines(void **state)
{
    (void)state;
    static const char *const figures[] = {"today", "available", "transit", "held"};
    static const char *const limits[] = {"1", "2", "3", "50"};
    static const int expected[] = {4, 5, 2, 2}; /* two payments with fees; opening and 4 orders */
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    (void)ordered(ORDER_HOLD, 700, 0, 1000);
    (void)ordered(ORDER_HOLD, 800, 0, 900);
    (void)ordered(ORDER_PAYOUT, 50000, 0, 800);
    (void)ordered(ORDER_CREDIT, 11, 0, 700);
    figures_rig_fold_ledger(&books);
    for (size_t i = 0; i < ARRAY_LEN(figures); i++)
        for (size_t k = 0; k < ARRAY_LEN(limits); k++) {
            char name[24];
            int count = 0;
            int64_t sum = sum_of(&owner, figures[i], limits[k], &count);
            snprintf(name, sizeof name, "\"%s\":", figures[i]);
            assert_int_equal(funds(&owner), 200);
            assert_int_equal(sum, said(name));
            if (i != 2) assert_int_equal(count, expected[i]);
            else assert_int_equal(count, 1);
        }
}

static void a_line_says_what_it_was(void **state)
{
    (void)state;
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    (void)ordered(ORDER_HOLD, 700, 0, 1000);
    figures_rig_fold_ledger(&books);
    assert_int_equal(lines(&owner, "today"), 200);
    says("{\"kind\":\"taken\"");
    says("\"minor\":3000");
    says("\"terminal\":\"10000017\",\"batch\":12,\"trace\":3,\"card\":\"622209******6620\"");
    says("{\"kind\":\"fee\"");
    const char *at = strstr(rig->answer, "{\"kind\":\"fee\"");
    assert_true(number_after(&at, "\"rule\":") > 0);
    assert_int_equal(lines(&owner, "held"), 200);
    says("\"reason\":\"risk\"");
    says("\"text_en\":\"trade that does not look like this shop's\"");
    says("\"evidence\":\"the slip of 24 April\",\"appeal\":\"call 95000\",\"deadline\":");
    assert_int_equal(lines(&owner, "available"), 200);
    says("\"lines\":[{\"kind\":\"opening\"");
    says("{\"kind\":\"hold\"");
    assert_int_equal(get(&owner, "/api/v1/funds/lines", "today", "x", NULL), 200);
    says("{\"kind\":\"taken\"");
    assert_int_equal(get(&owner, "/api/v1/funds/lines", "today", "9223372036854775807", NULL), 200);
    assert_int_equal(lines(&owner, "everything"), 400);
}

/* ---- who may ask ---- */

static void only_owner_and_finance_see_it_and_only_theirs(void **state)
{
    (void)state;
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    struct browser finance = person(rig, "finance", RIG_MID, ROLE_FINANCE);
    struct browser cashier = person(rig, "cashier", RIG_MID, ROLE_CASHIER);
    struct browser manager = person(rig, "manager", RIG_MID, ROLE_MANAGER);
    struct browser agent = person(rig, "agent", "", ROLE_AGENT);
    struct browser other = person(rig, "other", OTHER_MID, ROLE_OWNER);
    assert_int_equal(funds(&owner), 200);
    assert_int_equal(funds(&finance), 200);
    assert_int_equal(lines(&finance, "today"), 200);
    struct browser *const refused[] = {&cashier, &manager, &agent};
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        assert_int_equal(funds(refused[i]), 403);
        assert_int_equal(lines(refused[i], "today"), 403);
    }
    assert_int_equal(funds(&other), 200);
    says("\"taken\":0,");
    assert_int_equal(said("\"total\":"), in_ledger(PAYABLE, OTHER_MID));
    assert_int_equal(lines(&other, "today"), 200);
    says("\"lines\":[],\"minor\":0");
    assert_ok(store_exec(rig->b->store, "UPDATE account SET outlet = 2 WHERE login = 'finance'"));
    assert_int_equal(funds(&finance), 404); /* bound to one outlet */
    assert_int_equal(lines(&finance, "today"), 404);
}

/* ---- books that cannot be read ---- */

static void without_books_it_says_so(void **state)
{
    (void)state;
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    rig->b->config.ledger_path = NULL;
    assert_int_equal(funds(&owner), 503);
    assert_int_equal(lines(&owner, "today"), 503);
    rig->b->config.ledger_path = "figures-ledger";
    assert_int_equal(funds(&owner), 200);
}

/* A figure that is not the ledger's balance is not shown. */
static void what_does_not_add_up_is_not_shown(void **state)
{
    (void)state;
    struct browser owner = person(rig, "owner", RIG_MID, ROLE_OWNER);
    assert_int_equal(funds(&owner), 200);
    assert_ok(store_exec(books.ledger, "UPDATE account SET credits_posted = credits_posted + 1"
                                       " WHERE kind = 1 AND owner = '" RIG_MID "'"));
    assert_int_equal(funds(&owner), 503);
    assert_int_equal(lines(&owner, "today"), 503);
    assert_ok(store_exec(books.ledger, "UPDATE account SET credits_posted = credits_posted - 1"
                                       " WHERE kind = 1 AND owner = '" RIG_MID "'"));
    rig_pass(rig, 5000);
    assert_int_equal(funds(&owner), 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_owner_sees_where_his_money_is, start, stop),
        cmocka_unit_test_setup_teardown(every_figure_is_the_sum_of_its_lines, start, stop),
        cmocka_unit_test_setup_teardown(a_line_says_what_it_was, start, stop),
        cmocka_unit_test_setup_teardown(only_owner_and_finance_see_it_and_only_theirs, start, stop),
        cmocka_unit_test_setup_teardown(without_books_it_says_so, start, stop),
        cmocka_unit_test_setup_teardown(what_does_not_add_up_is_not_shown, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
