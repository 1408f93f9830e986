/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Void and refund at the counter, from the menu to the host's answer: what is asked, what is shown,
 * every refusal before anybody is asked, reversal without an answer, and the power cut at every
 * store call. S48 S58 S88 S94 S95
 */
#include "tests/unit/terminal_fuse.h"
#include "tests/unit/terminal_rig.h"

/* A sale by a card without PIN that is approved; back on the main screen. */
static uint32_t sold(struct rig *rig)
{
    GOOD(rig_sale(rig));
    AT(rig, "sale.approved");
    uint32_t stan = rig->terminal->work.payment.key.stan;
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu");
    return stan;
}

static err type_voucher(struct rig *rig, uint32_t stan)
{
    char keys[32];
    snprintf(keys, sizeof keys, "digit:%u ok", stan);
    return rig_keys(rig, keys);
}

/* From the main screen to the card. */
static err void_to_card(struct rig *rig, uint32_t stan)
{
    TRY(rig_key(rig, "choice:void"));
    TRY(type_voucher(rig, stan));
    TRY(rig_key(rig, "ok"));
    TRY(rig_enter(rig, "246813"));
    rig_card(rig, VAULT_CARD_READ, false);
    return rig_advance(rig, 300);
}

/* S94: number, original masked, supervisor, the same card, done; two slips that say what it is. */
static void a_sale_is_voided(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    uint32_t stan = sold(rig);
    rig->transcript[0] = '\0';
    rig->printed = 0;
    int spoken = rig->spoken;
    GOOD(void_to_card(rig, stan));
    AT(rig, "sale.approved");
    assert_string_equal(rig->transcript, "void.number void.confirm approve.password sale.present "
                                         "sale.wait sale.approved ");
    assert_int_equal(rig->last_type, PAYMENT_VOID);
    assert_int_equal(rig->last_original.stan, stan);
    assert_string_equal(rig->last_original.rrn, "042512000345");
    assert_string_equal(rig->row[rig->rows - 1].approver_id, "00"); /* S48 */
    assert_int_equal(rig->printed, 2);
    assert_non_null(strstr(rig->printed_all, "撤销单 VOID SLIP"));
    assert_non_null(strstr(rig->printed_all, "消费撤销/VOID"));
    assert_non_null(strstr(rig->printed_all, "-128.00"));
    assert_null(strstr(rig->printed_all, "6222090000000620"));
    assert_int_equal(rig->spoken, spoken); /* nothing was received: S90 */
    assert_int_equal(rig->terminal->records.batch_minor, 0);
    GOOD(rig_key(rig, "ok"));
    AT(rig, "main.menu");
    rig_check_books(rig);
    rig_free(rig);
}

/* S94: what was paid by code goes back without anything presented. */
static void a_code_is_voided_without_a_code(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale digit:9 ok"));
    GOOD(terminal_on_code(rig->terminal, BYTES("280000000000000000")));
    GOOD(rig_pump(rig));
    AT(rig, "sale.approved");
    uint32_t stan = rig->terminal->work.payment.key.stan;
    GOOD(rig_keys(rig, "ok choice:void"));
    GOOD(type_voucher(rig, stan));
    AT(rig, "void.confirm");
    GOOD(rig_key(rig, "ok"));
    GOOD(rig_enter(rig, "246813"));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_VOID);
    assert_int_equal(rig->last_entry, PAYMENT_ENTRY_CODE);
    assert_int_equal(rig->envelopes, 0);
    rig_check_books(rig);
    rig_free(rig);
}

/* S94: each condition that does not hold has its own words, before supervisor and card. */
static void a_void_that_cannot_be_is_said_first(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    uint32_t stan = sold(rig);
    memcpy(rig->code, "51", 3);
    GOOD(rig_sale(rig));
    uint32_t declined = rig->terminal->work.payment.key.stan;
    memcpy(rig->code, "00", 3);
    GOOD(rig_keys(rig, "ok choice:void"));
    AT(rig, "void.number");
    GOOD(type_voucher(rig, 999));
    assert_non_null(rig_line(rig, "AFTER_NOT_FOUND"));
    GOOD(type_voucher(rig, declined));
    assert_non_null(rig_line(rig, "AFTER_NOT_FOUND"));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
    GOOD(void_to_card(rig, stan));
    AT(rig, "sale.approved");
    uint32_t voided = rig->terminal->work.payment.key.stan;
    GOOD(rig_keys(rig, "ok choice:void"));
    GOOD(type_voucher(rig, stan));
    assert_non_null(rig_line(rig, "AFTER_VOIDED"));
    GOOD(type_voucher(rig, voided));
    assert_non_null(rig_line(rig, "VOID_NOT"));
    GOOD(rig_key(rig, "cancel"));
    rig_check_books(rig);
    rig_free(rig);
}

/* Another card is told at once; the right one is still taken. */
static void another_card_is_not_taken(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    uint32_t stan = sold(rig);
    GOOD(rig_key(rig, "choice:void"));
    GOOD(type_voucher(rig, stan));
    GOOD(rig_key(rig, "ok"));
    GOOD(rig_enter(rig, "246813"));
    int seen = rig->sales_seen;
    rig_card(rig, VAULT_CARD_READ, false);
    rig->card_pan = "622209******6621";
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.present");
    assert_non_null(strstr(rig_line(rig, "AFTER_OTHER_CARD"), "622209******6620"));
    assert_int_equal(rig->sales_seen, seen);
    GOOD(terminal_on_code(rig->terminal, BYTES("280000000000000000"))); /* nor a code */
    assert_int_equal(rig->sales_seen, seen);
    rig_card(rig, VAULT_CARD_READ, false);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
    rig_check_books(rig);
    rig_free(rig);
}

/* S88: a void without an answer is reversed, the original stands, and can be voided again. */
static void no_answer_is_reversed(void **state)
{
    (void)state;
    static const enum rig_mood moods[] = {RIG_SILENT, RIG_DEAF, RIG_BAD_MAC, RIG_DROP,
                                          RIG_WRONG_AMOUNT};
    for (size_t i = 0; i < ARRAY_LEN(moods); i++) {
        struct rig *rig = rig_ready();
        uint32_t stan = sold(rig);
        rig->mood = moods[i];
        GOOD(void_to_card(rig, stan));
        for (int s = 0; s < 70 && strcmp(rig_id(rig), "sale.reversed") != 0; s++)
            GOOD(rig_advance(rig, 1000));
        rig->mood = RIG_ANSWER;
        AT(rig, "sale.reversed");
        assert_non_null(rig_line(rig, "AFTER_REVERSED"));
        GOOD(rig_key(rig, "ok"));
        rig_check_books(rig);
        assert_int_equal(rig->terminal->records.batch_minor, 12800);
        GOOD(void_to_card(rig, stan));
        AT(rig, "sale.approved");
        rig_check_books(rig);
        rig_free(rig);
    }
}

/* S88: 12 is a last word, and not that it was reversed: the cashier hears that it may be done. */
static void what_cannot_be_reversed_is_said(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    uint32_t stan = sold(rig);
    rig->mood = RIG_SILENT;
    rig->refuse_reversal = true;
    memcpy(rig->reversal_code, "22", 3);
    GOOD(void_to_card(rig, stan));
    for (int s = 0; s < 90; s++) GOOD(rig_advance(rig, 1000));
    AT(rig, "sale.reversing"); /* 22 is none: it asks again */
    memcpy(rig->reversal_code, "12", 3);
    for (int s = 0; s < 70 && strcmp(rig_id(rig), "sale.kept") != 0; s++)
        GOOD(rig_advance(rig, 1000));
    rig->mood = RIG_ANSWER;
    AT(rig, "sale.kept");
    assert_non_null(rig_line(rig, "AFTER_KEPT"));
    assert_null(rig_line(rig, "AFTER_REVERSED"));
    assert_int_equal(rig->terminal->records.unsent, 0);
    GOOD(rig_key(rig, "ok"));
    assert_int_equal(rig->terminal->records.batch_minor, 12800); /* its record is that it is not */
    rig_free(rig);
}

/* ---- refunds ---- */

static err refund_to_card(struct rig *rig, uint32_t stan, const char *amount)
{
    TRY(rig_keys(rig, "choice:refund choice:voucher"));
    TRY(type_voucher(rig, stan));
    TRY(rig_keys(rig, amount));
    if (strcmp(rig_id(rig), "approve.password") != 0) return OK;
    TRY(rig_enter(rig, "246813"));
    rig_card(rig, VAULT_CARD_READ, false);
    return rig_advance(rig, 300);
}

/* S95: in parts, and no fen more than was paid; the supervisor is told the amount. */
static void refunds_add_up(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    uint32_t stan = sold(rig);
    GOOD(refund_to_card(rig, stan, "digit:1 digit:0 digit:0 ok"));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_REFUND);
    assert_string_equal(rig->last_original.date, "0425");
    assert_non_null(strstr(rig->printed_all, "退货单 REFUND SLIP"));
    GOOD(rig_key(rig, "ok"));
    GOOD(refund_to_card(rig, stan, "digit:2 digit:8 point digit:0 digit:1 ok"));
    AT(rig, "refund.amount");
    assert_non_null(strstr(rig_line(rig, "REFUND_OVER"), "28.00"));
    assert_non_null(strstr(rig_line(rig, "AFTER_LEFT"), "28.00"));
    GOOD(rig_keys(rig, "clear digit:2 digit:8 ok"));
    AT(rig, "approve.password");
    assert_non_null(strstr(rig_line(rig, "APPROVE_REFUND"), "28.00")); /* S58 */
    GOOD(rig_enter(rig, "246813"));
    rig_card(rig, VAULT_CARD_READ, false);
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
    assert_int_equal(rig->terminal->records.batch_minor, 0);
    GOOD(rig_keys(rig, "ok choice:refund choice:voucher"));
    GOOD(type_voucher(rig, stan));
    assert_non_null(rig_line(rig, "AFTER_VOIDED"));
    GOOD(rig_keys(rig, "cancel cancel choice:void"));
    GOOD(type_voucher(rig, stan));
    assert_non_null(rig_line(rig, "AFTER_REFUNDED"));
    rig_check_books(rig);
    rig_free(rig);
}

/* S95: by reference and date, of a payment that this terminal has never seen; the host decides, and
 * its reasons are in words. */
static void a_reference_is_enough(void **state)
{
    (void)state;
    static const char *const codes[] = {"00", "25", "B1", "B2", "B5", "B7", "BA"};
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        struct rig *rig = rig_ready();
        memcpy(rig->code, codes[i], 3);
        GOOD(rig_keys(rig, "choice:refund choice:card"));
        AT(rig, "refund.reference");
        GOOD(rig_keys(rig, "digit:5 digit:0 digit:1 digit:2 ok"));
        AT(rig, "refund.reference"); /* twelve, and no fewer */
        GOOD(rig_keys(rig, "digit:0 digit:0 digit:0 digit:0 digit:0 digit:0 digit:0 digit:7 ok"));
        AT(rig, "refund.date");
        GOOD(rig_keys(rig, "digit:1 digit:3 digit:0 digit:1 ok"));
        assert_non_null(rig_line(rig, "REFUND_BAD_DATE"));
        GOOD(rig_keys(rig, "digit:0 digit:4 digit:2 digit:4 ok"));
        AT(rig, "refund.amount");
        GOOD(rig_keys(rig, "digit:5 ok"));
        GOOD(rig_enter(rig, "246813"));
        rig_card(rig, VAULT_CARD_READ, false);
        GOOD(rig_advance(rig, 300));
        AT(rig, i == 0 ? "sale.approved" : "sale.declined");
        assert_string_equal(rig->last_original.rrn, "501200000007");
        assert_string_equal(rig->last_original.date, "0424");
        assert_int_equal(rig->last_original.stan, 0);
        if (i > 0) rig->row[rig->rows - 1].charged = false;
        rig_check_books(rig);
        rig_free(rig);
    }
}

/* S58: above what a supervisor may approve nobody is asked. */
static void a_refund_has_a_limit(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:refund choice:code"));
    GOOD(rig_keys(rig, "digit:5 digit:0 digit:1 digit:2 digit:0 digit:0 digit:0 digit:0 digit:0"
                       " digit:0 digit:0 digit:7 ok digit:0 digit:4 digit:2 digit:4 ok"));
    AT(rig, "refund.amount");
    GOOD(rig_keys(rig, "digit:5 digit:0 digit:0 digit:0 digit:0 point digit:0 digit:1 ok"));
    AT(rig, "refund.amount");
    assert_non_null(strstr(rig_line(rig, "LIMIT_REFUND"), "50000.00"));
    GOOD(rig_keys(rig, "clear digit:5 ok"));
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, "246813"));
    AT(rig, "sale.approved"); /* to the wallet that paid: nothing is presented */
    rig_check_books(rig);
    rig_free(rig);
}

/* ---- pre-authorisation ---- */

#define AUTH "digit:1 digit:2 digit:3 digit:4 digit:5 digit:6 ok"
#define DAY  "digit:0 digit:4 digit:2 digit:5 ok"

static err with_card(struct rig *rig)
{
    rig_card(rig, VAULT_CARD_READ, false);
    return rig_advance(rig, 300);
}

/* A hold of 100.00 with this code; back in the menu of holds. */
static void held(struct rig *rig)
{
    memcpy(rig->auth_code, "123456", 7);
    GOOD(rig_keys(rig, "choice:preauth choice:hold digit:1 digit:0 digit:0 ok"));
    AT(rig, "sale.present");
    assert_false(terminal_screen(rig->terminal)->scan); /* by card only */
    GOOD(with_card(rig));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_PREAUTH);
    assert_non_null(strstr(rig->printed_all, "预授权单 PRE-AUTH SLIP"));
    assert_int_equal(rig->spoken, 0);
    assert_int_equal(rig->terminal->records.batch_minor, 0); /* nobody has it yet */
    GOOD(rig_key(rig, "ok"));
    AT(rig, "preauth.menu");
}

/* S96, S97, S98: held, raised, completed up to 115 % of the whole, and no fen more. */
static void a_hold_is_completed(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    held(rig);
    GOOD(rig_keys(rig, "choice:add " AUTH));
    GOOD(rig_keys(rig, DAY));
    AT(rig, "preauth.amount");
    assert_non_null(strstr(rig_line(rig, "HOLD_WHOLE"), "100.00"));
    GOOD(rig_keys(rig, "digit:1 digit:0 digit:0 ok"));
    GOOD(with_card(rig));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_PREAUTH_ADD);
    GOOD(rig_keys(rig, "ok choice:complete " AUTH));
    GOOD(rig_keys(rig, DAY));
    assert_non_null(strstr(rig_line(rig, "HOLD_MOST"), "230.00"));
    GOOD(rig_keys(rig, "digit:2 digit:3 digit:0 point digit:0 digit:1 ok"));
    AT(rig, "preauth.amount");
    assert_non_null(strstr(rig_line(rig, "HOLD_OVER"), "230.00"));
    GOOD(rig_keys(rig, "clear digit:2 digit:3 digit:0 ok"));
    GOOD(with_card(rig));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_COMPLETION);
    assert_string_equal(rig->last_original.auth_code, "123456");
    assert_string_equal(rig->last_original.date, "0425");
    assert_string_equal(rig->spoken_text, "收款到账 230 元");
    assert_int_equal(rig->terminal->records.batch_minor, 23000);
    GOOD(rig_key(rig, "ok"));
    rig_check_books(rig);
    rig_free(rig);
}

/* S99: a hold is cancelled whole, a completion voided by its reference, each by a supervisor. */
static void a_hold_is_cancelled_and_a_completion_voided(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    held(rig);
    GOOD(rig_keys(rig, "choice:cancel " AUTH));
    GOOD(rig_keys(rig, DAY));
    GOOD(rig_keys(rig, "digit:9 ok"));
    assert_non_null(strstr(rig_line(rig, "HOLD_NOT_ALL"), "100.00"));
    GOOD(rig_keys(rig, "clear digit:1 digit:0 digit:0 ok"));
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, "246813"));
    GOOD(with_card(rig));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_PREAUTH_CANCEL);
    GOOD(rig_keys(rig, "ok choice:undo digit:5 digit:0 digit:1 digit:2 digit:0 digit:0 digit:0"
                       " digit:0 digit:0 digit:0 digit:0 digit:7 ok " DAY));
    AT(rig, "preauth.amount");
    GOOD(rig_keys(rig, "digit:2 digit:3 ok"));
    GOOD(rig_enter(rig, "246813"));
    GOOD(with_card(rig));
    AT(rig, "sale.approved");
    assert_int_equal(rig->last_type, PAYMENT_COMPLETION_VOID);
    assert_string_equal(rig->last_original.rrn, "501200000007");
    GOOD(rig_key(rig, "ok"));
    rig_check_books(rig);
    rig_free(rig);
}

/* S88: without an answer each of them is reversed, and the books agree. */
static void a_hold_without_an_answer_is_reversed(void **state)
{
    (void)state;
    static const char *const ways[] = {"choice:add " AUTH, "choice:complete " AUTH};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        struct rig *rig = rig_ready();
        held(rig);
        GOOD(rig_keys(rig, ways[i]));
        GOOD(rig_keys(rig, DAY));
        GOOD(rig_keys(rig, "digit:5 ok"));
        rig->mood = RIG_SILENT;
        GOOD(with_card(rig));
        for (int s = 0; s < 70 && strcmp(rig_id(rig), "sale.reversed") != 0; s++)
            GOOD(rig_advance(rig, 1000));
        AT(rig, "sale.reversed");
        rig_check_books(rig);
        rig_free(rig);
    }
}

/* ---- power ---- */

/* S88: at every call to the store during a void and a refund, whatever the host does. */
static void the_power_goes_at_every_call(void **state)
{
    (void)state;
    static const enum rig_mood moods[] = {RIG_ANSWER, RIG_SILENT, RIG_DROP, RIG_BAD_MAC};
    int cuts = 0;
    for (size_t i = 0; i < 2 * ARRAY_LEN(moods); i++) {
        for (int at = 0;; at++) {
            struct rig *rig = rig_ready();
            uint32_t stan = sold(rig);
            struct fuse fuse = {.left = at};
            rig->mood = moods[i / 2];
            rig_set_fault(rig, burn, &fuse);
            err e = i % 2 == 0 ? void_to_card(rig, stan)
                               : refund_to_card(rig, stan, "digit:5 digit:0 ok");
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
    print_message("%d power cuts\n", cuts);
    assert_true(cuts > 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sale_is_voided),
        cmocka_unit_test(a_code_is_voided_without_a_code),
        cmocka_unit_test(a_void_that_cannot_be_is_said_first),
        cmocka_unit_test(another_card_is_not_taken),
        cmocka_unit_test(no_answer_is_reversed),
        cmocka_unit_test(what_cannot_be_reversed_is_said),
        cmocka_unit_test(refunds_add_up),
        cmocka_unit_test(a_reference_is_enough),
        cmocka_unit_test(a_refund_has_a_limit),
        cmocka_unit_test(a_hold_is_completed),
        cmocka_unit_test(a_hold_is_cancelled_and_a_completion_voided),
        cmocka_unit_test(a_hold_without_an_answer_is_reversed),
        cmocka_unit_test(the_power_goes_at_every_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
