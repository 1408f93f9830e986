/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 结算 at the terminal: totals, upload, paper, and that a batch is closed once whatever is lost,
 * late or cut off; by itself at a set time and when the batch is full. Capabilities: S52 S102 S104
 * S105.
 */
#include "tests/unit/terminal_fuse.h"
#include "tests/unit/terminal_rig.h"

enum { SALES = 10 };

static void sell(struct rig *rig, int count)
{
    for (int i = 0; i < count; i++) {
        GOOD(rig_sale(rig));
        AT(rig, "sale.approved");
        GOOD(rig_key(rig, "cancel"));
    }
    AT(rig, "main.menu");
}

static void to_settlement(struct rig *rig)
{
    GOOD(rig_keys(rig, "choice:manage choice:settle"));
    AT(rig, "settle.ask");
}

static bool printed(const struct rig *rig, const char *text)
{
    return strstr(rig->printed_all, text) != NULL;
}

/* S104: equal totals, one closing, a slip; S52: and no payment before the next sign-in. */
static void test_equal(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    sell(rig, 3);
    memcpy(rig->code, "51", 3);
    GOOD(rig_sale(rig)); /* declined: in no total */
    memcpy(rig->code, "00", 3);
    GOOD(rig_key(rig, "cancel"));
    to_settlement(rig);
    assert_string_equal(rig_line(rig, "SETTLE_DEBIT"), "收款\t3 笔，384.00 元");
    rig->printed = 0;
    GOOD(rig_key(rig, "choice:yes"));
    AT(rig, "settle.done");
    assert_non_null(rig_line(rig, "SETTLE_DONE"));
    assert_int_equal(rig->settling.closings, 1);
    assert_int_equal(rig->settling.seen, 1);
    assert_int_equal(rig->printed, 1);
    assert_true(printed(rig, "结算总计单 SETTLEMENT") && printed(rig, "内卡 对账平 BALANCED"));
    assert_true(printed(rig, "借记卡 DEBIT") && printed(rig, "收款 TAKEN  3 笔"));
    GOOD(rig_key(rig, "choice:detail"));
    assert_int_equal(rig->printed, 2);
    assert_true(printed(rig, "结算明细单 DETAILS") && printed(rig, "622209******6620"));
    GOOD(rig_key(rig, "ok"));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
    assert_non_null(rig_line(rig, "MAIN_NOT_SIGNED_IN"));
    GOOD(rig_key(rig, "choice:sale"));
    AT(rig, "need.sign_in");
    GOOD(rig_keys(rig, "choice:sign_in ok"));
    AT(rig, "sale.amount"); /* S52: and the sale goes on */
    GOOD(rig_key(rig, "cancel"));
    sell(rig, 1);
    GOOD(rig_keys(rig, "choice:manage choice:settle choice:yes"));
    AT(rig, "settle.done");
    assert_int_equal(rig->settling.closings, 2);
    rig_check_books(rig);
    rig_free(rig);
}

/* Different totals: every payment that counts is uploaded, each once, and the batch ends. */
static void test_different(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    sell(rig, SALES);
    rig->settling.differs = true;
    to_settlement(rig);
    GOOD(rig_key(rig, "choice:yes"));
    AT(rig, "settle.done");
    assert_non_null(rig_line(rig, "SETTLE_DIFFERENT"));
    assert_int_equal(rig->settling.closings, 1);
    assert_int_equal(rig->settling.rows, SALES);
    assert_int_equal(rig->settling.seen, 4); /* 0500, 8 and 2 rows, the end */
    for (size_t i = 0; i < SALES; i++) {
        assert_non_null(rig_row_of(rig, rig->settling.batch, rig->settling.row[i].stan));
        assert_string_equal(rig->settling.row[i].shown, "6222096620");
    }
    assert_true(printed(rig, "内卡 对账不平 NOT BALANCED"));
    rig_free(rig);
}

/* Every message lost, its answer lost, the connection broken at it: tried again, one closing. */
static void test_lost(void **state)
{
    (void)state;
    static const enum rig_mood moods[] = {RIG_SILENT, RIG_DEAF, RIG_DROP};
    for (size_t i = 0; i < ARRAY_LEN(moods); i++)
        for (unsigned at = 1; at <= 4; at++) {
            struct rig *rig = rig_ready();
            sell(rig, SALES);
            rig->settling.differs = true;
            rig->settling.at = at;
            rig->settling.mood = moods[i];
            to_settlement(rig);
            GOOD(rig_key(rig, "choice:yes"));
            GOOD(rig_advance(rig, 16000));
            AT(rig, "settle.failed");
            assert_non_null(rig_line(rig, "SETTLE_NO_ANSWER"));
            GOOD(rig_key(rig, "choice:retry"));
            GOOD(rig_advance(rig, 2000));
            AT(rig, "settle.done");
            assert_int_equal(rig->settling.closings, 1);
            assert_int_equal(rig->settling.rows, SALES);
            rig_free(rig);
        }
}

/* Left in the middle: nothing is paid before it is finished, and the main screen says so. */
static void test_left(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    sell(rig, 1);
    rig->settling.at = 1;
    rig->settling.mood = RIG_SILENT;
    to_settlement(rig);
    GOOD(rig_key(rig, "choice:yes"));
    AT(rig, "settle.wait");
    GOOD(rig_keys(rig, "cancel cancel"));
    AT(rig, "main.menu");
    assert_non_null(rig_line(rig, "MAIN_SETTLING"));
    GOOD(rig_key(rig, "choice:sale"));
    AT(rig, "need.settled");
    GOOD(rig_key(rig, "choice:settle"));
    AT(rig, "settle.done");
    GOOD(rig_key(rig, "ok"));
    AT(rig, "need.sign_in");
    assert_int_equal(rig->settling.closings, 1);
    rig_free(rig);
}

/* Refused, miscounted, unknown to the host: said, with a way on. */
static void test_refused(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    sell(rig, 1);
    memcpy(rig->settling.code, "96", 3);
    to_settlement(rig);
    GOOD(rig_key(rig, "choice:yes"));
    AT(rig, "settle.failed");
    assert_non_null(strstr(rig_line(rig, "SETTLE_REFUSED"), "96"));
    rig->settling.code[0] = '\0';
    rig->settling.differs = true;
    rig->settling.miscounts = 3;
    GOOD(rig_key(rig, "choice:retry"));
    AT(rig, "settle.failed");
    assert_non_null(rig_line(rig, "SETTLE_MISCOUNTED"));
    GOOD(rig_key(rig, "choice:retry"));
    AT(rig, "settle.done");
    assert_int_equal(rig->settling.closings, 1);
    rig_free(rig);

    rig = rig_ready();
    sell(rig, 1);
    memcpy(rig->settling.code, "77", 3);
    to_settlement(rig);
    GOOD(rig_key(rig, "choice:yes"));
    AT(rig, "settle.done");
    assert_non_null(rig_line(rig, "SETTLE_UNKNOWN"));
    assert_true(printed(rig, "对账错 NOT COMPARED"));
    rig_free(rig);
}

/* The queue is emptied first: a reversal that waits is sent before totals are said. */
static void test_queue_first(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    sell(rig, 1);
    rig->refuse_reversal = true;
    rig->mood = RIG_SILENT;
    GOOD(rig_sale(rig));
    GOOD(rig_keys(rig, "cancel cancel"));
    rig->mood = RIG_ANSWER;
    GOOD(rig_keys(rig, "choice:manage choice:settle"));
    AT(rig, "need.idle");
    assert_int_equal(rig->settling.seen, 0);
    rig->refuse_reversal = false;
    GOOD(rig_advance(rig, 61000));
    GOOD(rig_advance(rig, 31000));
    GOOD(rig_keys(rig, "choice:manage choice:settle choice:yes"));
    AT(rig, "settle.done");
    assert_int_equal(rig->settling.closings, 1);
    assert_int_equal(rig->settling.said.side[PAYMENT_SIDE_DEBIT].count, 1);
    rig_check_books(rig);
    rig_free(rig);
}

/* The host gives another batch at a sign-in although this one is not settled: it is settled first,
 * without being asked, and after a power cut just behind the sign-in, too. */
static void test_left_batch(void **state)
{
    (void)state;
    for (int cut = 0; cut < 2; cut++) {
        struct rig *rig = rig_ready();
        sell(rig, 2);
        uint32_t batch = rig->terminal->records.batch;
        rig->terminal->records.signed_in = false;
        GOOD(rig_keys(rig, "choice:sale choice:sign_in"));
        AT(rig, "sign_in.done");
        assert_int_equal(rig->terminal->records.batch, batch + 1);
        assert_true(settle_open(rig->terminal));
        if (cut == 0) {
            GOOD(rig_key(rig, "ok"));
            AT(rig, "sale.amount"); /* and the sale goes on */
        } else {
            GOOD(rig_restart(rig));
            GOOD(rig_advance(rig, 1000));
            AT(rig, "main.menu");
        }
        assert_int_equal(rig->settling.closings, 1);
        assert_int_equal(rig->settling.batch, batch);
        assert_int_equal(rig->settling.said.side[PAYMENT_SIDE_DEBIT].count, 2);
        assert_false(settle_open(rig->terminal));
        assert_true(rig->terminal->records.signed_in); /* to the batch behind it */
        rig_free(rig);
    }
}

/* The same in the middle of a sale: that is paid into the new batch, and the one before it is
 * settled all the same, also when the power goes in between. */
static void test_left_in_mid_sale(void **state)
{
    (void)state;
    for (int cut = 0; cut < 2; cut++) {
        struct rig *rig = rig_ready();
        sell(rig, 2);
        uint32_t batch = rig->terminal->records.batch;
        GOOD(rig_keys(rig, "choice:sale digit:5 ok"));
        rig->terminal->records.signed_in = false;
        rig_card(rig, VAULT_CARD_READ, false);
        GOOD(rig_advance(rig, 300));
        AT(rig, "need.sign_in");
        GOOD(rig_keys(rig, "choice:sign_in ok"));
        AT(rig, "sale.approved");
        assert_int_equal(rig->terminal->records.batch, batch + 1);
        if (cut == 1) GOOD(rig_restart(rig));
        GOOD(rig_advance(rig, 1000));
        if (cut == 0) GOOD(rig_key(rig, "ok"));
        AT(rig, "main.menu");
        assert_int_equal(rig->settling.closings, 1);
        assert_int_equal(rig->settling.batch, batch);
        assert_int_equal(rig->settling.said.side[PAYMENT_SIDE_DEBIT].count, 2);
        assert_false(settle_open(rig->terminal));
        rig_check_books(rig);
        rig_free(rig);
    }
}

/* Two of them, one behind the other: the older one is not forgotten over the newer. */
static void test_left_twice(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    sell(rig, 1);
    uint32_t batch = rig->terminal->records.batch;
    for (int i = 0; i < 2; i++) {
        GOOD(rig_key(rig, i == 0 ? "choice:sale" : "choice:next"));
        GOOD(rig_keys(rig, "digit:5 ok"));
        rig->terminal->records.signed_in = false;
        rig_card(rig, VAULT_CARD_READ, false);
        GOOD(rig_advance(rig, 300));
        GOOD(rig_keys(rig, "choice:sign_in ok"));
        AT(rig, "sale.approved");
    }
    GOOD(rig_key(rig, "ok"));
    GOOD(rig_advance(rig, 61000)); /* one at a time */
    AT(rig, "main.menu");
    assert_int_equal(rig->settling.closings, 2);
    assert_false(settle_open(rig->terminal));
    assert_int_equal(rig->terminal->records.batch, batch + 2);
    rig_free(rig);
}

static void test_reprint(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:records choice:reprint_settle"));
    AT(rig, "need.settlement");
    GOOD(rig_keys(rig, "cancel cancel"));
    sell(rig, 1);
    GOOD(rig_keys(rig, "choice:manage choice:settle choice:yes ok cancel"));
    GOOD(rig_restart(rig));
    GOOD(rig_keys(rig, "choice:records choice:reprint_settle"));
    AT(rig, "settle.done");
    assert_true(rig->printed_reprint && printed(rig, "重打印 DUPLICATE"));
    assert_true(printed(rig, "内卡 对账平 BALANCED"));
    assert_int_equal(rig->settling.closings, 1);
    rig_free(rig);
}

/* ---- by itself (S105) ---- */

static void set(struct rig *rig, const char *name, int64_t value)
{
    GOOD(records_parameter_set(&rig->terminal->records, name, value, "99", ""));
    GOOD(settle_load(rig->terminal));
}

/* At the set time, with the screen locked; once, and not for what came after that time. */
static void test_at_a_set_time(void **state)
{
    (void)state;
    struct rig *rig = rig_ready(); /* half past twelve */
    set(rig, "settle_at", 13 * 60);
    sell(rig, 1);
    GOOD(rig_advance(rig, 20 * 60000));
    AT(rig, "lock.locked");
    assert_int_equal(rig->settling.closings, 0);
    GOOD(rig_advance(rig, 15 * 60000));
    AT(rig, "lock.locked");
    assert_int_equal(rig->settling.closings, 1);
    assert_true(printed(rig, "内卡 对账平 BALANCED") && printed(rig, "操作员 --"));
    GOOD(rig_advance(rig, 2 * 3600000));
    assert_int_equal(rig->settling.closings, 1);
    rig_free(rig);

    rig = rig_ready();
    set(rig, "settle_at", 12 * 60); /* passed before the first payment: tomorrow's */
    sell(rig, 1);
    GOOD(rig_advance(rig, 3600000));
    assert_int_equal(rig->settling.closings, 0);
    rig_free(rig);
}

/* No answer at night: again later, and still one closing. */
static void test_by_itself_without_an_answer(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    set(rig, "settle_at", 13 * 60);
    sell(rig, 1);
    rig->settling.at = 1;
    rig->settling.mood = RIG_SILENT;
    GOOD(rig_advance(rig, 31 * 60000));
    assert_int_equal(rig->settling.closings, 1); /* at the host; the terminal has not heard */
    assert_true(settle_open(rig->terminal));
    GOOD(rig_advance(rig, 6 * 60000));
    assert_false(settle_open(rig->terminal));
    assert_int_equal(rig->settling.closings, 1);
    rig_free(rig);
}

static void test_full_batch(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    rig->terminal->config.batch_max = 20;
    sell(rig, 18);
    assert_null(rig_line(rig, "MAIN_BATCH_NEARLY"));
    sell(rig, 1);
    assert_string_equal(rig_line(rig, "MAIN_BATCH_NEARLY"), "本批次还能收 1 笔，请尽快结算。");
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_advance(rig, 1000));
    AT(rig, "main.menu");
    assert_int_equal(rig->settling.closings, 1);
    rig_free(rig);

    rig = rig_ready();
    set(rig, "settle_when_full", 0);
    rig->terminal->config.batch_max = 2;
    sell(rig, 2);
    GOOD(rig_key(rig, "choice:sale"));
    AT(rig, "need.batch");
    GOOD(rig_key(rig, "choice:settle"));
    AT(rig, "settle.ask");
    GOOD(rig_keys(rig, "choice:yes ok"));
    AT(rig, "need.sign_in");
    GOOD(rig_keys(rig, "choice:sign_in ok"));
    AT(rig, "sale.amount");
    rig_free(rig);
}

/* What the administrator sets, on his screens; a settlement that signs out does, too (签退). */
static void test_parameters(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    int64_t count;
    memcpy(rig->password[99], "13579246", 9);
    GOOD(rig_keys(rig, "cancel choice:log_out"));
    GOOD(rig_panel_open(rig));
    GOOD(rig_login_as(rig, "digit:9 digit:9 ok", "13579246"));
    GOOD(rig_keys(rig, "choice:manage choice:parameters choice:settle"));
    AT(rig, "parameters.settle");
    GOOD(rig_keys(rig, "choice:settle_at digit:2 digit:4 digit:0 digit:0 ok"));
    AT(rig, "parameters.settle_at");
    GOOD(rig_keys(rig, "clear digit:2 digit:3 digit:3 digit:0 ok"));
    AT(rig, "parameters.settle");
    assert_int_equal(rig->terminal->settle.at_minute, 23 * 60 + 30);
    GOOD(rig_keys(rig, "choice:settle_when_full choice:settle_sign_out"));
    assert_true(rig->terminal->settle.sign_out && !rig->terminal->settle.when_full);
    GOOD(rig_keys(rig, "choice:settle_at choice:never"));
    assert_int_equal(rig->terminal->settle.at_minute, -1);
    GOOD(rig_restart(rig)); /* as operator 01 */
    assert_true(rig->terminal->settle.sign_out && !rig->terminal->settle.when_full);
    sell(rig, 1);
    GOOD(rig_keys(rig, "choice:manage choice:settle choice:yes"));
    AT(rig, "settle.done");
    GOOD(
        store_query_int(rig->store, "SELECT count(*) FROM audit WHERE event = 'sign_out'", &count));
    assert_int_equal(count, 1);
    rig_free(rig);
}

/* ---- power ---- */

static err cut_road(struct rig *rig)
{
    TRY(rig_keys(rig, "choice:manage choice:settle choice:yes"));
    return rig_advance(rig, 20000);
}

/* F-09: at every call to the store, whatever the host does meanwhile. The restart goes on by itself
 * as soon as somebody is in, and there is one closing with one slip's worth of totals. */
static void test_power_cut(void **state)
{
    (void)state;
    static const enum rig_mood moods[] = {RIG_ANSWER, RIG_SILENT};
    int cuts = 0;
    for (size_t i = 0; i < ARRAY_LEN(moods); i++)
        for (int differs = 0; differs < 2; differs++)
            for (int at = 0;; at++) {
                struct rig *rig = rig_ready();
                struct fuse fuse = {.left = at};
                sell(rig, SALES);
                uint32_t batch = rig->terminal->records.batch;
                rig->settling.differs = differs;
                rig->settling.mood = moods[i];
                rig->settling.at = 2;
                rig_set_fault(rig, burn, &fuse);
                err e = cut_road(rig);
                assert_int_equal(FAILED(e), fuse.blown);
                rig_set_fault(rig, NULL, NULL);
                rig->settling.mood = RIG_ANSWER;
                GOOD(rig_restart(rig));
                GOOD(rig_advance(rig, 60000));
                if (rig->settling.closings == 0) { /* it was cut before it had begun */
                    assert_false(settle_open(rig->terminal));
                    assert_int_equal(rig->settling.seen, 0);
                    GOOD(rig_keys(rig, "choice:manage choice:settle choice:yes"));
                }
                assert_int_equal(rig->settling.closings, 1);
                assert_int_equal(rig->settling.batch, batch);
                assert_int_equal(rig->settling.rows, differs ? SALES : 0);
                assert_true(settle_over(rig->terminal));
                assert_false(rig->terminal->records.signed_in);
                rig_free(rig);
                if (!fuse.blown) break;
                cuts++;
            }
    print_message("%d power cuts\n", cuts);
    assert_true(cuts > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_different),
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_left),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_queue_first),
        cmocka_unit_test(test_left_batch),
        cmocka_unit_test(test_reprint),
        cmocka_unit_test(test_left_in_mid_sale),
        cmocka_unit_test(test_left_twice),
        cmocka_unit_test(test_at_a_set_time),
        cmocka_unit_test(test_by_itself_without_an_answer),
        cmocka_unit_test(test_full_batch),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_power_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
