/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chip cards in the vault, from the reader to the decision, with the virtual cards and their
 * issuer: what is asked of people and of the host, what may leave, and what a card that is pulled
 * means at every moment. S61 S64 S65 S75 S80, F-09, DV-06.
 */
#include "tests/unit/vault_chip_rig.h"

enum { AMOUNT = 12800, EVERY_WAY = VAULT_WAY_SWIPE | VAULT_WAY_INSERT | VAULT_WAY_TAP };

static void finish(void)
{
    /* Nothing that left the vault had the card's number in it. */
    const char *pan = slot.card.issued.identity.pan;
    assert_null(memmem(slot.rig->kept, slot.rig->kept_len, pan, strlen(pan)));
    rig_free(slot.rig);
}

static void enter_pin(const char *digits)
{
    rig_enter(slot.rig, VAULT_ENTRY_PIN, digits);
}

/* Goes through with everything that a cardholder and his issuer would say; the last poll. */
static struct vault_chip pay(int64_t amount_minor, const char *pin)
{
    struct payment_chip answer;
    for (int turns = 0; turns < 20; turns++) {
        struct vault_chip chip = chip_poll();
        switch (chip.state) {
        case VAULT_CHIP_CHOOSE:
            assert_status(chip_say(VAULT_CHIP_IS_CHOSEN, 0, (struct bytes){0}, (struct bytes){0}),
                          VAULT_OK);
            break;
        case VAULT_CHIP_PIN:
            enter_pin(pin);
            assert_status(chip_say(VAULT_CHIP_IS_PIN, 0, (struct bytes){0}, (struct bytes){0}),
                          VAULT_OK);
            break;
        case VAULT_CHIP_ONLINE: {
            const char *code = chip_issuer(&chip, amount_minor, &answer);
            assert_status(
                chip_say(VAULT_CHIP_IS_HOST, 0, bytes_text(code), payment_chip_view(&answer)),
                VAULT_OK);
            break;
        }
        default:
            return chip;
        }
    }
    fail_msg("it never ends");
    return (struct vault_chip){0};
}

static void insert(const char *card, int64_t amount_minor)
{
    (void)chip_start(card);
    assert_status(chip_arm(amount_minor, EVERY_WAY), VAULT_OK);
    assert_int_equal(rig_poll_card(slot.rig).state, VAULT_CARD_NONE);
    chip_insert();
    assert_int_equal(rig_poll_card(slot.rig).state, VAULT_CARD_CHIP);
}

/* An ordinary card: number masked, a PIN for the issuer, his answer checked by the card. */
static void debit_is_approved(void **state)
{
    (void)state;
    insert("debit", AMOUNT);
    struct vault_chip chip = chip_poll();
    assert_int_equal(chip.state, VAULT_CHIP_PIN);
    assert_int_equal(chip.pin_offline, 0);
    assert_true(bytes_equal(chip.pan_masked, BYTES("620000******0005")));
    enter_pin("246810");
    assert_status(chip_say(VAULT_CHIP_IS_PIN, 0, (struct bytes){0}, (struct bytes){0}), VAULT_OK);
    chip = chip_poll();
    assert_int_equal(chip.state, VAULT_CHIP_ONLINE);
    assert_int_equal(chip.pin_entered, 1);
    assert_int_equal(chip.entry, 5);
    assert_true(bytes_equal(chip.card_sequence, BYTES("001")));
    assert_int_equal(chip.aid.len, 8);

    /* Card data and PIN block for the message, while the card waits. */
    const struct vault_envelope envelope = {BYTES(RIG_TID), 12, 345, AMOUNT};
    vault_write_envelope(rig_ask(slot.rig, VAULT_CARD_ENVELOPE), &envelope);
    assert_status(rig_send(slot.rig), VAULT_OK);
    assert_status(rig_plain(slot.rig, VAULT_PIN_BLOCK), VAULT_OK);

    chip = pay(AMOUNT, "");
    assert_int_equal(chip.state, VAULT_CHIP_DONE);
    assert_int_equal(chip.result, VAULT_CHIP_APPROVED);
    assert_int_equal(chip.reverse, 0);
    assert_true(slot.disconnects > 0);
    finish();
}

/* What each kind of card comes to, when its holder and its issuer do what they should. */
static void every_card_ends(void **state)
{
    (void)state;
    static const struct {
        const char *card;
        uint8_t result, reason;
    } rows[] = {
        {"debit", VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"credit", VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"foreign", VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"pinonline", VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"pinplain", VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"pinsecret", VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"two", VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"sda", VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"plain", VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"t0", VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"script", VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"doomed", VAULT_CHIP_APPROVED, VAULT_CHIP_NO_REASON},
        {"declines", VAULT_CHIP_DECLINED, VAULT_CHIP_REFUSES},
        {"blocked", VAULT_CHIP_FAILED, VAULT_CHIP_BLOCKED},
        {"dead", VAULT_CHIP_FAILED, VAULT_CHIP_BLOCKED},
        {"twofaced", VAULT_CHIP_FAILED, VAULT_CHIP_BAD},
        {"cut", VAULT_CHIP_FAILED, VAULT_CHIP_BAD},
        {"double", VAULT_CHIP_FAILED, VAULT_CHIP_BAD},
        {"endless", VAULT_CHIP_FAILED, VAULT_CHIP_BAD},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        insert(rows[i].card, AMOUNT);
        struct vault_chip chip = pay(AMOUNT, slot.card.issued.identity.pin);
        if (chip.result != rows[i].result || chip.reason != rows[i].reason)
            fail_msg("%s: result %u, reason %u", rows[i].card, chip.result, chip.reason);
        assert_int_equal(chip.state, VAULT_CHIP_DONE);
        finish();
    }
}

/* F-09: pulled at every exchange there is. Always a definite end, and a payment that the host may
 * have booked is reversed. */
static void pulled_at_every_exchange(void **state)
{
    (void)state;
    static const char *const cards[] = {"debit", "credit", "pinsecret", "script", "doomed", "t0"};
    for (size_t c = 0; c < ARRAY_LEN(cards); c++) {
        insert(cards[c], AMOUNT);
        (void)pay(AMOUNT, slot.card.issued.identity.pin);
        unsigned exchanges = slot.exchanges;
        finish();
        assert_true(exchanges > 6);
        for (unsigned at = 1; at <= exchanges; at++) {
            insert(cards[c], AMOUNT);
            slot.pull_after = at;
            struct vault_chip chip = pay(AMOUNT, slot.card.issued.identity.pin);
            assert_int_equal(chip.state, VAULT_CHIP_DONE);
            if (chip.result == VAULT_CHIP_FAILED) assert_int_equal(chip.reason, VAULT_CHIP_REMOVED);
            /* Approved although it was pulled: only behind the card's own last word. */
            if (chip.result == VAULT_CHIP_APPROVED) assert_int_equal(chip.reverse, 0);
            finish();
        }
    }
}

/* Pulled while the host is asked: nothing was decided, and the payment is taken back. */
static void pulled_while_the_host_is_asked(void **state)
{
    (void)state;
    insert("plain", AMOUNT);
    struct vault_chip chip = chip_poll();
    assert_int_equal(chip.state, VAULT_CHIP_ONLINE);
    chip_pull();
    chip = chip_poll();
    assert_int_equal(chip.state, VAULT_CHIP_DONE);
    assert_int_not_equal(chip.result, VAULT_CHIP_APPROVED);
    assert_int_equal(chip.reverse, 1);
    assert_int_equal(chip.reason, VAULT_CHIP_REMOVED);
    finish();
}

/* S80: a PIN that the card checks never stays, a wrong one is said, and three lock it. */
static void wrong_pins_at_the_card(void **state)
{
    (void)state;
    insert("pinplain", AMOUNT);
    for (int left = 3; left > 0; left--) {
        struct vault_chip chip = chip_poll();
        assert_int_equal(chip.state, VAULT_CHIP_PIN);
        assert_int_equal(chip.pin_offline, 1);
        if (left < 3) assert_int_equal(chip.pin_again, 1);
        if (chip.pin_tries != 255) assert_int_equal(chip.pin_tries, left);
        assert_status(chip_say(VAULT_CHIP_IS_PIN, 0, (struct bytes){0}, (struct bytes){0}),
                      VAULT_NO_ENTRY);
        enter_pin("111111");
        assert_status(chip_say(VAULT_CHIP_IS_PIN, 0, (struct bytes){0}, (struct bytes){0}),
                      VAULT_OK);
        assert_status(rig_plain(slot.rig, VAULT_PIN_BLOCK), VAULT_NO_ENTRY);
    }
    struct vault_chip chip = chip_poll(); /* its list has other ways, but none at the card */
    assert_int_equal(slot.card.tries, 0);
    assert_true(chip.state != VAULT_CHIP_PIN || chip.pin_offline == 0);
    finish();
}

/* Answers to what was not asked change nothing. */
static void answers_must_fit(void **state)
{
    (void)state;
    const struct bytes none = {0};
    (void)chip_start("plain");
    assert_status(chip_say(VAULT_CHIP_IS_HOST, 0, BYTES("00"), none), VAULT_NO_CARD);
    assert_status(rig_plain(slot.rig, VAULT_CHIP_POLL), VAULT_NO_CARD);
    assert_status(chip_arm(AMOUNT, EVERY_WAY), VAULT_OK);
    chip_insert();
    assert_status(chip_say(VAULT_CHIP_IS_HOST, 0, BYTES("00"), none), VAULT_NO_CARD);
    assert_int_equal(chip_poll().state, VAULT_CHIP_ONLINE);
    for (uint8_t kind = 0; kind <= VAULT_CHIP_IS_OFFLINE + 1; kind++) {
        if (kind == VAULT_CHIP_IS_HOST || kind == VAULT_CHIP_IS_OFFLINE) continue;
        assert_status(chip_say(kind, 0, BYTES("00"), none), VAULT_NOT_ALLOWED);
    }
    assert_status(chip_say(VAULT_CHIP_IS_HOST, 0, BYTES("0"), none), VAULT_NOT_ALLOWED);
    assert_int_equal(chip_poll().state, VAULT_CHIP_ONLINE);
    assert_status(chip_say(VAULT_CHIP_IS_OFFLINE, 0, none, none), VAULT_OK);
    struct vault_chip chip = chip_poll();
    assert_int_equal(chip.state, VAULT_CHIP_DONE);
    assert_int_not_equal(chip.result, VAULT_CHIP_APPROVED);
    assert_status(rig_plain(slot.rig, VAULT_CARD_FORGET), VAULT_OK);
    assert_status(rig_plain(slot.rig, VAULT_CHIP_POLL), VAULT_NO_CARD);
    finish();
}

/* A card that was in the slot before, or in a way that is not wanted. */
static void only_awaited_cards_are_touched(void **state)
{
    (void)state;
    (void)chip_start("debit");
    chip_insert();
    assert_int_equal(slot.wish, WISH_NOTHING);
    assert_status(chip_arm(AMOUNT, VAULT_WAY_SWIPE | VAULT_WAY_TAP), VAULT_OK);
    assert_int_equal(slot.wish, WISH_NOTHING);
    assert_status(chip_arm(AMOUNT, VAULT_WAY_INSERT), VAULT_OK);
    assert_int_equal(slot.wish, WISH_CONNECT);
    assert_int_equal(chip_poll().state, VAULT_CHIP_PIN);
    /* The reader goes: as if the card had. */
    slot.in = false;
    vault_on_reader(slot.rig->vault, false);
    struct vault_chip chip = chip_poll();
    assert_int_equal(chip.state, VAULT_CHIP_DONE);
    assert_int_equal(chip.reason, VAULT_CHIP_REMOVED);
    finish();
}

static void count_notice(void *context)
{
    (*(unsigned *)context)++;
}

/* One notice for what the terminal does not know, and none where it asks for none. S75 S76 */
static void news_is_noticed_once(void **state)
{
    (void)state;
    unsigned notices = 0;
    struct rig *rig = chip_start("debit");
    vault_use_notice(rig->vault, (struct vault_notice){count_notice, &notices});
    assert_status(chip_arm(AMOUNT, VAULT_WAY_NOTICE), VAULT_BAD_REQUEST); /* no way to pay */
    assert_status(chip_arm(AMOUNT, EVERY_WAY | VAULT_WAY_NOTICE), VAULT_OK);
    assert_status(rig_plain(rig, VAULT_CARD_POLL), VAULT_OK);
    assert_int_equal(notices, 0);
    chip_insert();
    assert_int_equal(notices, 1);
    assert_status(rig_plain(rig, VAULT_CHIP_POLL), VAULT_OK); /* at work: the card is not asked */
    chip_run();
    assert_int_equal(notices, 2);
    chip_pull();
    assert_int_equal(notices, 2); /* it has not asked since, and will hear of both */
    assert_int_equal(chip_poll().state, VAULT_CHIP_DONE);
    assert_status(chip_arm(AMOUNT, EVERY_WAY), VAULT_OK);
    chip_insert();
    chip_run();
    assert_int_equal(notices, 2);
    assert_int_equal(chip_poll().state, VAULT_CHIP_PIN);
    finish();
}

/* ---- parameters ---- */

static void parameters_are_taken_whole(void **state)
{
    (void)state;
    uint8_t document[8192];
    struct rig *rig = chip_start("debit");
    struct writer w = writer_over(document, sizeof document);
    w.len = chip_document(3, document, sizeof document);
    policy_signature_write(&w, rig->policy_secret);
    for (size_t part = 1; part < w.len; part = part * 3 + 1) {
        struct vault_parameters_loaded out = chip_load(rig, writer_view(&w), part);
        assert_int_equal(out.verdict, VAULT_PARAMETERS_OK);
        assert_int_equal(out.number, 3);
    }
    assert_int_equal(chip_load_number(rig, 2).verdict, VAULT_PARAMETERS_OLDER);
    assert_int_equal(chip_load_number(rig, 2).number, 3);
    rig_restart(rig);
    rig_panel(rig);
    assert_int_equal(chip_load_number(rig, 2).verdict, VAULT_PARAMETERS_OLDER); /* still there */
    assert_int_equal(rig_logged(rig, "parameters_refused", NULL, "older"), 3);
    finish();
}

static void bad_parameters_are_refused_by_name(void **state)
{
    (void)state;
    static uint8_t good[8192], bad[8192];
    struct rig *rig = chip_start("debit");
    size_t len = chip_document(5, good, sizeof good);
    struct writer w = writer_over(good, sizeof good);
    w.len = len;
    policy_signature_write(&w, rig->policy_secret);
    /* One bit of it, wherever: not signed any more. */
    for (size_t at = 0; at < w.len; at += 7) {
        memcpy(bad, good, w.len);
        bad[at] ^= 0x10;
        assert_int_equal(chip_load(rig, bytes_of(bad, w.len), 900).verdict,
                         VAULT_PARAMETERS_BAD_SIGNATURE);
    }
    /* Signed, and wrong: a checksum, another first line, nothing. */
    memcpy(bad, good, len);
    bad[len - 1] ^= 1;
    struct writer s = writer_over(bad, sizeof bad);
    s.len = len;
    policy_signature_write(&s, rig->policy_secret);
    assert_int_equal(chip_load(rig, writer_view(&s), 900).verdict, VAULT_PARAMETERS_REFUSED);
    s = writer_over(bad, sizeof bad);
    write_bytes(&s, BYTES("tongbao-blocklist 1\n"));
    policy_signature_write(&s, rig->policy_secret);
    assert_int_equal(chip_load(rig, writer_view(&s), 900).verdict, VAULT_PARAMETERS_REFUSED);
    assert_int_equal(chip_load_number(rig, 1).number, 1); /* what was there is in force */

    /* Parts that do not follow one another, or promise too much. */
    const struct vault_parameters_part odd[] = {
        {100, 50, BYTES("x")}, {0, 0, BYTES("x")}, {60000, 0, BYTES("x")}, {2, 0, BYTES("xyz")}};
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        vault_write_parameters_part(rig_ask(rig, VAULT_PARAMETERS_LOAD), &odd[i]);
        assert_status(rig_send(rig), VAULT_BAD_REQUEST);
    }
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(debit_is_approved),
        cmocka_unit_test(every_card_ends),
        cmocka_unit_test(pulled_at_every_exchange),
        cmocka_unit_test(pulled_while_the_host_is_asked),
        cmocka_unit_test(wrong_pins_at_the_card),
        cmocka_unit_test(answers_must_fit),
        cmocka_unit_test(only_awaited_cards_are_touched),
        cmocka_unit_test(news_is_noticed_once),
        cmocka_unit_test(parameters_are_taken_whole),
        cmocka_unit_test(bad_parameters_are_refused_by_name),
    };
    return cmocka_run_group_tests_name("vault_chip", tests, NULL, NULL);
}
