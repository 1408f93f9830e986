/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chip card at the counter: what the vault wants is shown and answered, the payment is sent with
 * field 55, and what the card does not agree to is reversed. The vault is scripted here;
 * vault_chip_test has the kernel, protocol_cards_test all of it together. S75 S76 S80, F-09.
 */
#include "tests/unit/terminal_rig.h"

#define CARD .pan_masked = BYTES("620000******0005"), .card_sequence = BYTES("001"), .entry = 5

/* 9F26, 95, 9F36: as much of a field 55 as the terminal looks at. */
#define FIELD_55 BYTES("\x9F\x26\x02\x01\x02\x95\x05\x00\x00\x00\x80\x00\x9F\x36\x02\x00\x07")
#define FINAL_55 BYTES("\x9F\x26\x02\x03\x04\x95\x05\x00\x00\x00\x80\x10\x9F\x36\x02\x00\x07")

static const struct vault_chip online = {.state = VAULT_CHIP_ONLINE, CARD, .field55 = FIELD_55};
static const struct vault_chip approved = {
    .state = VAULT_CHIP_DONE, CARD, .result = VAULT_CHIP_APPROVED, .field55 = FINAL_55};
static const struct vault_chip refused = {.state = VAULT_CHIP_DONE,
                                          CARD,
                                          .result = VAULT_CHIP_DECLINED,
                                          .reason = VAULT_CHIP_REFUSES,
                                          .reverse = 1,
                                          .field55 = FINAL_55};

/* A cashier before the amount, and a host that will answer with `code`. */
static struct rig *begin(const char *code)
{
    struct rig *rig = rig_ready();
    memcpy(rig->code, code, 3);
    return rig;
}

/* Up to the card in the reader; `script` is what the vault says, one row an answer. */
static void put_in(struct rig *rig, const struct vault_chip *script)
{
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok"));
    AT(rig, "sale.present");
    rig_card(rig, VAULT_CARD_CHIP, false);
    rig->chip = script;
    GOOD(rig_advance(rig, 300));
}

static struct rig *insert(const struct vault_chip *script)
{
    struct rig *rig = begin("00");
    put_in(rig, script);
    return rig;
}

static void end(struct rig *rig)
{
    rig_free(rig);
}

static struct payment stored(struct rig *rig)
{
    struct payment p;
    GOOD(records_get(&rig->terminal->records, rig->terminal->records.last_number, &p));
    return p;
}

/* A PIN for the issuer, the host, the card's last word: approved, stored, printed. */
static void paid_with_a_pin(void **state)
{
    (void)state;
    const struct vault_chip script[] = {
        {.state = VAULT_CHIP_PIN, CARD, .pin_tries = 255, .pin_bypass = 1}, online, approved};
    struct rig *rig = insert(script);
    AT(rig, "sale.pin");
    GOOD(rig_enter(rig, "246810"));
    AT(rig, "sale.approved");
    assert_string_equal(rig->chip_said, "36"); /* PIN, HOST */
    assert_string_equal(rig->chip_code, "00");
    struct payment p = stored(rig);
    assert_int_equal(p.entry, PAYMENT_ENTRY_CHIP);
    assert_string_equal(p.card_sequence, "001");
    assert_true(bytes_equal(payment_chip_view(&p.chip), FINAL_55));
    assert_non_null(strstr(rig->printed_all, "620000******0005 /I"));
    end(rig);
}

/* The vault says that there is news: it is asked in the same moment, not when it is due. */
static void a_notice_is_followed_at_once(void **state)
{
    (void)state;
    const struct vault_chip script[] = {{.state = VAULT_CHIP_WORKING, .entry = 5},
                                        {.state = VAULT_CHIP_PIN, CARD, .pin_tries = 255}};
    struct rig *rig = insert(script);
    AT(rig, "sale.chip");
    rig->chip = script + 1;
    GOOD(terminal_tick(rig->terminal));
    AT(rig, "sale.chip");
    GOOD(terminal_on_notice(rig->terminal));
    AT(rig, "sale.pin");
    end(rig);
}

/* S80: the cardholder goes on without a PIN where the card allows it. */
static void pin_is_bypassed(void **state)
{
    (void)state;
    const struct vault_chip script[] = {
        {.state = VAULT_CHIP_PIN, CARD, .pin_tries = 255, .pin_bypass = 1}, online, approved};
    struct rig *rig = insert(script);
    AT(rig, "sale.pin");
    GOOD(rig_key(rig, "choice:bypass"));
    AT(rig, "sale.approved");
    assert_string_equal(rig->chip_said, "46");
    end(rig);
    const struct vault_chip strict[] = {{.state = VAULT_CHIP_PIN, CARD, .pin_tries = 255}, online};
    rig = insert(strict);
    AT(rig, "sale.pin");
    assert_false(rig_has_choice(rig, "bypass", true));
    end(rig);
}

static void a_wrong_pin_is_said(void **state)
{
    (void)state;
    const struct vault_chip script[] = {
        {.state = VAULT_CHIP_PIN, CARD, .pin_offline = 1, .pin_tries = 3},
        {.state = VAULT_CHIP_PIN, CARD, .pin_offline = 1, .pin_tries = 2, .pin_again = 1},
        online,
        approved};
    struct rig *rig = insert(script);
    GOOD(rig_enter(rig, "1111"));
    AT(rig, "sale.pin");
    assert_non_null(rig_line(rig, "CHIP_PIN_WRONG_LEFT"));
    GOOD(rig_enter(rig, "2468"));
    AT(rig, "sale.approved");
    end(rig);
}

static void an_application_is_chosen(void **state)
{
    (void)state;
    const struct vault_chip script[] = {
        {.state = VAULT_CHIP_CHOOSE,
         .entry = 5,
         .labels = 2,
         .label = {BYTES("UnionPay Debit"), BYTES("UnionPay\x01 Credit")}},
        online,
        approved};
    struct rig *rig = insert(script);
    AT(rig, "sale.application");
    const struct screen *s = terminal_screen(rig->terminal);
    assert_int_equal(s->choice_count, 2);
    assert_string_equal(s->choice[0].text, "UnionPay Debit");
    assert_string_equal(s->choice[1].text,
                        "UnionPay Credit"); /* what no screen shows is left out */
    GOOD(rig_key(rig, "choice:1"));
    AT(rig, "sale.approved");
    assert_string_equal(rig->chip_said, "16");
    end(rig);
}

static void a_document_is_looked_at(void **state)
{
    (void)state;
    const struct vault_chip script[] = {{.state = VAULT_CHIP_DOCUMENT, CARD}, online, approved};
    struct rig *rig = insert(script);
    AT(rig, "sale.document");
    GOOD(rig_key(rig, "choice:yes"));
    AT(rig, "sale.approved");
    assert_string_equal(rig->chip_said, "56");
    end(rig);
}

/* The card's last word counts: what it does not agree to goes back, with its data (F-09). */
static void overruled_by_the_card(void **state)
{
    (void)state;
    const struct vault_chip script[] = {online, refused};
    struct rig *rig = begin("00");
    rig->refuse_reversal = true;
    put_in(rig, script);
    AT(rig, "sale.reversing");
    assert_non_null(rig_line(rig, "CHIP_OVERRULED"));
    rig->refuse_reversal = false;
    GOOD(rig_advance(rig, 120000));
    assert_int_equal(stored(rig).state, PAYMENT_REVERSED);
    assert_string_equal(rig->last_reason, "06");
    assert_true(
        bytes_equal(payment_chip_view(&(struct payment){.chip = stored(rig).chip}.chip), FINAL_55));
    end(rig);
}

/* Declined by the issuer: the card is told so, and nothing is reversed. */
static void declined_by_the_issuer(void **state)
{
    (void)state;
    const struct vault_chip script[] = {online, refused};
    struct rig *rig = begin("51");
    put_in(rig, script);
    AT(rig, "sale.declined");
    assert_string_equal(rig->chip_code, "51");
    assert_int_equal(rig->reversals_seen, 0);
    end(rig);
}

/* No answer: the card hears that too, then the payment goes back. */
static void the_host_is_silent(void **state)
{
    (void)state;
    const struct vault_chip script[] = {online, refused};
    struct rig *rig = begin("00");
    rig->mood = RIG_DEAF;
    put_in(rig, script);
    AT(rig, "sale.wait");
    GOOD(rig_advance(rig, 120000));
    assert_string_equal(rig->chip_said, "7");
    assert_int_equal(
        stored(rig).state == PAYMENT_REVERSING || stored(rig).state == PAYMENT_REVERSED, 1);
    end(rig);
}

static const struct vault_chip gone = {.state = VAULT_CHIP_DONE,
                                       CARD,
                                       .result = VAULT_CHIP_FAILED,
                                       .reason = VAULT_CHIP_REMOVED,
                                       .again = 1};

/* Pulled before anything was sent: nothing is stored, and the reader waits again. */
static void pulled_before(void **state)
{
    (void)state;
    const struct vault_chip script[] = {{.state = VAULT_CHIP_WORKING, .entry = 5}, online};
    struct rig *rig = insert(script);
    AT(rig, "sale.chip");
    int arms = rig->arms;
    rig->chip = &gone;
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.present");
    assert_non_null(rig_line(rig, "CHIP_REMOVED"));
    assert_int_equal(rig->arms, arms + 1);
    assert_int_equal(rig->sales_seen, 0);
    end(rig);
}

/* Pulled while the PIN is entered. */
static void pulled_at_the_pin(void **state)
{
    (void)state;
    const struct vault_chip script[] = {{.state = VAULT_CHIP_PIN, CARD, .pin_tries = 255}, online};
    struct rig *rig = insert(script);
    AT(rig, "sale.pin");
    rig->chip = &gone;
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.present");
    assert_non_null(rig_line(rig, "CHIP_REMOVED"));
    end(rig);
}

/* Pulled while the host is asked: it is taken back at once, and a late approval changes nothing. */
static void pulled_while_waiting(void **state)
{
    (void)state;
    const struct vault_chip script[] = {online, approved};
    struct rig *rig = begin("00");
    rig->mood = RIG_SILENT;
    rig->refuse_reversal = true;
    put_in(rig, script);
    AT(rig, "sale.wait");
    rig->chip = &gone;
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.reversing");
    assert_non_null(rig_line(rig, "CHIP_PULLED"));
    rig->refuse_reversal = false;
    GOOD(rig_advance(rig, 120000));
    assert_int_equal(stored(rig).state, PAYMENT_REVERSED);
    assert_string_equal(rig->last_reason, "06");
    end(rig);
}

/* Each reason has its sentence, and none of them leaves anything behind. */
static void every_reason_is_said(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "CHIP_REFUSED",   "CHIP_REMOVED",   "CHIP_SILENT",   "CHIP_CANCELLED", "CHIP_BLOCKED",
        "CHIP_NOT_TAKEN", "CHIP_BAD",       "CHIP_REFUSED",  "CHIP_UNPLUGGED", "CHIP_NO_PARAMETERS",
        "CHIP_INSERT",    "CHIP_TAP_AGAIN", "CHIP_SEE_PHONE"};
    for (uint8_t reason = 0; reason < ARRAY_LEN(lines); reason++) {
        const struct vault_chip script[] = {
            {.state = VAULT_CHIP_DONE, .entry = 5, .result = VAULT_CHIP_FAILED, .reason = reason}};
        struct rig *rig = insert(script);
        AT(rig, "sale.present");
        assert_non_null(rig_line(rig, lines[reason]));
        assert_int_equal(rig->sales_seen, 0);
        end(rig);
    }
}

/* S76: a tap goes the same way: held, sent, approved; the slip says that it was one. */
static void paid_by_tap(void **state)
{
    (void)state;
    const struct vault_chip script[] = {
        {.state = VAULT_CHIP_WORKING, .entry = 7}, online, approved};
    struct vault_chip tapped[ARRAY_LEN(script)];
    for (size_t i = 0; i < ARRAY_LEN(script); i++) {
        tapped[i] = script[i];
        tapped[i].entry = 7;
    }
    struct rig *rig = insert(tapped);
    AT(rig, "sale.chip");
    assert_non_null(rig_line(rig, "CHIP_HOLD"));
    rig->chip = &tapped[1];
    GOOD(rig_advance(rig, 300));
    AT(rig, "sale.approved");
    assert_string_equal(rig->chip_said, "6");
    assert_int_equal(stored(rig).entry, PAYMENT_ENTRY_CONTACTLESS);
    assert_non_null(strstr(rig->printed_all, "620000******0005 /C"));
    end(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paid_with_a_pin),          cmocka_unit_test(a_notice_is_followed_at_once),
        cmocka_unit_test(pin_is_bypassed),          cmocka_unit_test(a_wrong_pin_is_said),
        cmocka_unit_test(an_application_is_chosen), cmocka_unit_test(a_document_is_looked_at),
        cmocka_unit_test(overruled_by_the_card),    cmocka_unit_test(declined_by_the_issuer),
        cmocka_unit_test(the_host_is_silent),       cmocka_unit_test(pulled_before),
        cmocka_unit_test(pulled_at_the_pin),        cmocka_unit_test(pulled_while_waiting),
        cmocka_unit_test(every_reason_is_said),     cmocka_unit_test(paid_by_tap),
    };
    return cmocka_run_group_tests_name("terminal_chip", tests, NULL, NULL);
}
