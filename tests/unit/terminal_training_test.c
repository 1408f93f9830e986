/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Training (S181): a supervisor's yes, every end of a sale by its fen, not one frame to the host
 * and not one row in the store, marks on screens and slips in both languages, and over with a
 * restart.
 */
#include "tests/unit/terminal_rig.h"

static void to_training(struct rig *rig)
{
    GOOD(rig_keys(rig, "choice:manage choice:training"));
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, "246813"));
    AT(rig, "training.menu");
}

static struct rig *ready(void)
{
    struct rig *rig = rig_ready();
    to_training(rig);
    return rig;
}

/* "amount" as keys; then a tap; the screen of the result. */
static void practise(struct rig *rig, const char *keys)
{
    GOOD(rig_keys(rig, keys));
    GOOD(rig_key(rig, "ok"));
    AT(rig, "training.present");
    GOOD(rig_key(rig, "choice:tap"));
    AT(rig, "training.wait");
    GOOD(rig_advance(rig, 2000));
    AT(rig, "training.result");
}

static int64_t rows(struct rig *rig)
{
    int64_t sum = 0, count;
    static const char *const tables[] = {
        "SELECT count(*) FROM payment",    "SELECT count(*) FROM basket",
        "SELECT count(*) FROM signature",  "SELECT count(*) FROM event",
        "SELECT count(*) FROM settlement", "SELECT count(*) FROM orders",
        "SELECT count(*) FROM order_slip"};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        GOOD(store_query_int(rig->store, tables[i], &count));
        sum += count;
    }
    return sum;
}

/* S181: each of the ends; the host gets nothing in all the time, keep-alive included; nothing is
 * booked, spoken, or counted; the STAN stays. */
static void test_nothing_leaves(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *line;
    } cases[] = {{"digit:8", "TRAINING_APPROVED"},
                 {"digit:8 point digit:5 digit:1", "SALE_DECLINED"},
                 {"digit:8 point digit:5 digit:5", "SALE_DECLINED"},
                 {"digit:8 point digit:9 digit:8", "SALE_NO_ANSWER"},
                 {"digit:8 point digit:0 digit:2", "TRAINING_APPROVED"}}; /* no such code */
    struct rig *rig = rig_ready();
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "ok"));
    to_training(rig);
    unsigned frames = rig->frames_seen;
    int64_t before = rows(rig);
    const struct records *r = &rig->terminal->records;
    const struct records was = *r;
    int spoken = rig->spoken, arms = rig->arms, envelopes = rig->envelopes;
    GOOD(rig_key(rig, "choice:practise"));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        practise(rig, cases[i].keys);
        assert_non_null(rig_line(rig, cases[i].line));
        GOOD(rig_key(rig, "choice:next"));
    }
    GOOD(rig_key(rig, "cancel"));
    for (int minute = 0; minute < 4; minute++) GOOD(rig_advance(rig, 60000)); /* echoes are due */
    AT(rig, "training.menu");
    assert_int_equal(rig->frames_seen, frames);
    assert_int_equal(rows(rig), before);
    assert_int_equal(rig->spoken, spoken);
    assert_int_equal(rig->arms, arms);
    assert_int_equal(rig->envelopes, envelopes);
    assert_true(r->stan == was.stan && r->batch_count == was.batch_count &&
                r->batch_minor == was.batch_minor && r->batch_approved == was.batch_approved);
    GOOD(rig_key(rig, "choice:leave"));
    AT(rig, "manage.menu");
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_sale(rig)); /* and now it is real again */
    AT(rig, "sale.approved");
    assert_true(rig->frames_seen > frames);
    rig_check_books(rig);
    rig_free(rig);
}

/* Every screen and both slips say it, in both languages on each. */
static void test_marks(void **state)
{
    (void)state;
    for (int english = 0; english < 2; english++) {
        struct rig *rig = ready();
        const struct screen *s = terminal_screen(rig->terminal);
        const char *const steps[] = {"choice:practise", "digit:8", "ok", "choice:code"};
        if (english) GOOD(rig_key(rig, "language"));
        for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
            assert_non_null(strstr(s->status.training, "演示"));
            assert_non_null(strstr(s->status.training, "TRAINING"));
            GOOD(rig_key(rig, steps[i]));
        }
        GOOD(rig_advance(rig, 2000));
        AT(rig, "training.result");
        assert_non_null(strstr(s->status.training, "演示"));
        assert_non_null(s->receipt);
        assert_int_equal(s->receipt_number, 0); /* of no payment that could be printed again */
        assert_int_equal(rig->printed, 2);
        assert_non_null(strstr(rig->printed_all, "     *** 演示 TRAINING ***\n"
                                                 "不是付款凭证 NO PROOF OF PAYMENT\n"));
        GOOD(rig_keys(rig, "ok choice:leave"));
        assert_string_equal(s->status.training, "");
        rig_free(rig);
    }
}

/* Without the supervisor it does not begin; with something owed to the host neither. */
static void test_leave_to_begin(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:manage choice:training cancel"));
    AT(rig, "manage.menu");
    GOOD(rig_key(rig, "cancel"));
    rig->mood = RIG_SILENT;
    rig->refuse_reversal = true;
    GOOD(rig_sale(rig));
    GOOD(rig_advance(rig, 61000));
    AT(rig, "sale.reversing");
    GOOD(rig_keys(rig, "cancel choice:manage choice:training"));
    AT(rig, "need.idle");
    rig->refuse_reversal = false;
    GOOD(rig_advance(rig, 62000));
    rig_free(rig);
}

/* A restart, a log-out at the lock, and five minutes of nobody end it; an idle screen does not go
 * where money is taken. */
static void test_ends(void **state)
{
    (void)state;
    struct rig *rig = ready();
    GOOD(rig_keys(rig, "choice:practise digit:5"));
    GOOD(rig_advance(rig, 61000));
    AT(rig, "training.menu");
    GOOD(rig_advance(rig, 301000));
    assert_false(training_on(rig->terminal));
    AT(rig, "lock.locked"); /* which nobody touches for so long */
    GOOD(rig_restart(rig));
    AT(rig, "lock.locked");
    GOOD(rig_key(rig, "choice:unlock"));
    GOOD(rig_enter(rig, "8264"));
    AT(rig, "main.menu");
    to_training(rig);
    GOOD(rig_restart(rig));
    assert_false(training_on(rig->terminal));
    assert_string_equal(terminal_screen(rig->terminal)->status.training, "");
    AT(rig, "main.menu");
    int64_t begun;
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM audit WHERE event = 'training_begun'",
                         &begun));
    assert_int_equal(begun, 2);
    rig_free(rig);
}

/* One of the list, from the list: what it asks for, then a tap and the result. */
static void lesson(struct rig *rig, const char *keys, bool card)
{
    AT(rig, "training.list");
    GOOD(rig_keys(rig, keys));
    if (card) {
        AT(rig, "training.present");
        assert_false(rig_has_choice(rig, "cash", true) || rig_has_choice(rig, "code", true));
        GOOD(rig_key(rig, "choice:tap"));
    }
    AT(rig, "training.wait");
    GOOD(rig_advance(rig, 2000));
    AT(rig, "training.result");
    assert_non_null(rig_line(rig, "TRAINING_APPROVED"));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "training.list");
}

/* S181: every procedure of the counter, judged by the host's rules; not one frame, not one row. */
static void test_every_procedure(void **state)
{
    (void)state;
    struct rig *rig = ready();
    unsigned frames = rig->frames_seen;
    int64_t before = rows(rig);
    GOOD(rig_key(rig, "choice:practise"));
    practise(rig, "digit:8"); /* 1 */
    GOOD(rig_key(rig, "choice:next"));
    practise(rig, "digit:9"); /* 2 */
    GOOD(rig_key(rig, "choice:next"));
    GOOD(rig_keys(rig, "digit:7 ok choice:cash")); /* 3 */
    GOOD(rig_advance(rig, 2000));
    AT(rig, "training.result");
    assert_non_null(strstr(rig->printed_all, "CASH RECEIPT"));
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_key(rig, "choice:others"));
    lesson(rig, "choice:void digit:1 ok", true); /* 4 */
    assert_non_null(strstr(rig->printed_all, "VOID SLIP"));
    GOOD(rig_keys(rig, "choice:void digit:1 ok"));
    AT(rig, "training.number");
    assert_non_null(strstr(rig_line(rig, "HOLD_NOTICE_REFUSED"), "原交易已撤销"));
    GOOD(rig_keys(rig, "digit:9 digit:9 ok"));
    assert_non_null(rig_line(rig, "AFTER_NOT_FOUND"));
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_keys(rig, "choice:refund digit:2 ok digit:1 digit:0 ok"));
    AT(rig, "training.amount"); /* more than was paid */
    assert_non_null(rig_line(rig, "HOLD_NOTICE_REFUSED"));
    GOOD(rig_keys(rig, "cancel"));
    AT(rig, "training.list");
    lesson(rig, "choice:refund digit:2 ok digit:4 ok", true);    /* 5 */
    lesson(rig, "choice:void digit:3 ok", false);                /* 6: cash goes back by hand */
    lesson(rig, "choice:hold digit:1 digit:0 digit:0 ok", true); /* 7 */
    lesson(rig, "choice:add digit:7 ok digit:1 digit:0 digit:0 ok", true); /* 8 */
    GOOD(rig_keys(rig, "choice:complete digit:7 ok digit:2 digit:3 digit:1 ok"));
    AT(rig, "training.amount"); /* above 115 % */
    GOOD(rig_key(rig, "cancel"));
    lesson(rig, "choice:complete digit:7 ok digit:2 digit:3 digit:0 ok", true); /* 9 */
    lesson(rig, "choice:undo digit:9 ok", true);                                /* 10 */
    lesson(rig, "choice:notice digit:7 ok digit:5 digit:0 ok", false);          /* 11 */
    lesson(rig, "choice:hold digit:6 ok", true);                                /* 12 */
    lesson(rig, "choice:cancel digit:1 digit:2 ok", true);                      /* 13 */
    GOOD(rig_key(rig, "choice:settle"));
    AT(rig, "training.settle");
    assert_non_null(strstr(rig_line(rig, "SETTLE_DEBIT"), "4 笔，297.00 元"));
    GOOD(rig_key(rig, "choice:yes"));
    assert_non_null(strstr(rig->printed_all, "结算总计单 SETTLEMENT"));
    assert_non_null(strstr(rig->printed_all, "*** 演示 TRAINING ***"));
    GOOD(rig_keys(rig, "choice:refund digit:2 ok")); /* the batch is over */
    AT(rig, "training.number");
    assert_non_null(rig_line(rig, "AFTER_NOT_FOUND"));
    assert_int_equal(rig->frames_seen, frames);
    assert_int_equal(rows(rig), before);
    assert_int_equal(rig->spoken, 0);
    assert_int_equal(rig->terminal->records.batch_minor, 0);
    rig_free(rig);
}

/* A part of the order on the screen: its amount as keys, nothing for the rest, and how. */
static void part(struct rig *rig, const char *keys, const char *how)
{
    AT(rig, "training.order");
    if (keys[0] != '\0') GOOD(rig_keys(rig, keys));
    GOOD(rig_key(rig, "ok"));
    AT(rig, "training.present");
    GOOD(rig_key(rig, how));
    GOOD(rig_advance(rig, 2000));
    AT(rig, "training.result");
    GOOD(rig_key(rig, "ok"));
}

/* S181: an order in parts by every means, declined and given up; instalments with their plan;
 * points; and what follows these. Not one frame, not one row. */
static void test_parts_instalments_and_points(void **state)
{
    (void)state;
    struct rig *rig = ready();
    unsigned frames = rig->frames_seen;
    int64_t before = rows(rig);
    GOOD(rig_keys(rig, "choice:others choice:split digit:9 ok"));
    part(rig, "digit:2", "choice:tap");                           /* 1 */
    part(rig, "digit:1 point digit:5 digit:1", "choice:tap");     /* 2 is declined */
    assert_non_null(strstr(rig_line(rig, "SPLIT_REST"), "7.00")); /* and leaves it as it was */
    GOOD(rig_keys(rig, "digit:8 ok"));
    assert_non_null(rig_line(rig, "SPLIT_OVER"));
    part(rig, "backspace digit:3", "choice:cash"); /* 3 */
    part(rig, "digit:1", "choice:points");         /* 4 */
    part(rig, "", "choice:code");                  /* 5, all of the rest */
    AT(rig, "training.order_end");
    assert_non_null(rig_line(rig, "SPLIT_PAID"));
    assert_non_null(strstr(rig->printed_all, "订单结清单 ORDER 000001"));
    assert_non_null(strstr(rig->printed_all, "*** 演示 TRAINING ***"));
    assert_non_null(strstr(rig->printed_all, "NO PROOF OF PAYMENT"));
    assert_non_null(strstr(rig->printed_all, "积分 POINTS"));
    GOOD(rig_key(rig, "ok"));

    GOOD(rig_keys(rig, "choice:split digit:5 ok"));
    part(rig, "digit:2", "choice:tap");    /* 6 */
    part(rig, "digit:1", "choice:points"); /* 7 */
    GOOD(rig_key(rig, "choice:give_up"));
    for (int left = 2; left > 0; left--) { /* 8 and 9 */
        AT(rig, "training.back");
        GOOD(rig_key(rig, "choice:back"));
        GOOD(rig_advance(rig, 2000));
        AT(rig, "training.result");
        assert_non_null(strstr(rig->printed_all, "VOID SLIP"));
        GOOD(rig_key(rig, "ok"));
    }
    AT(rig, "training.order_end");
    assert_non_null(rig_line(rig, "SPLIT_GIVEN_UP"));
    GOOD(rig_key(rig, "ok"));

    GOOD(rig_keys(rig, "choice:instalment digit:8 ok"));
    AT(rig, "sale.amount"); /* too little for a plan */
    assert_non_null(rig_line(rig, "TRAINING_NO_PLAN"));
    GOOD(rig_keys(rig, "digit:0 digit:0 ok"));
    AT(rig, "instalment.issuer");
    GOOD(rig_key(rig, "choice:n_0"));
    AT(rig, "instalment.plan");
    GOOD(rig_key(rig, "choice:n_0"));
    AT(rig, "training.present");
    assert_false(rig_has_choice(rig, "cash", true) || rig_has_choice(rig, "points", true));
    GOOD(rig_key(rig, "choice:chip")); /* 10 */
    GOOD(rig_advance(rig, 2000));
    AT(rig, "training.result");
    assert_non_null(strstr(rig->printed_all, "INSTALMENTS"));
    GOOD(rig_key(rig, "ok"));
    lesson(rig, "choice:void digit:1 digit:0 ok", true); /* 11 */
    assert_non_null(strstr(rig->printed_all, "VOID INSTALMENTS"));

    GOOD(rig_keys(rig, "cancel choice:practise digit:6 ok choice:points")); /* 12 */
    GOOD(rig_advance(rig, 2000));
    AT(rig, "training.result");
    assert_non_null(strstr(rig->printed_all, "POINTS SLIP"));
    GOOD(rig_keys(rig, "ok choice:others"));
    lesson(rig, "choice:refund digit:1 digit:2 ok digit:4 ok", false); /* 13 */
    assert_non_null(strstr(rig->printed_all, "POINTS BACK"));
    GOOD(rig_key(rig, "choice:settle")); /* points are no money; card and code of the orders are */
    assert_non_null(strstr(rig_line(rig, "SETTLE_DEBIT"), "4 笔，807.00 元"));
    assert_non_null(strstr(rig_line(rig, "SETTLE_CREDIT"), "2 笔，802.00 元"));
    assert_int_equal(rig->frames_seen, frames);
    assert_int_equal(rows(rig), before);
    assert_int_equal(rig->spoken, 0);
    assert_int_equal(rig->terminal->records.batch_minor, 0);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_leaves),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_leave_to_begin),
        cmocka_unit_test(test_every_procedure),
        cmocka_unit_test(test_parts_instalments_and_points),
        cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests_name("terminal_training", tests, NULL, NULL);
}
