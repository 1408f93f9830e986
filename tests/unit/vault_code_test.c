/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card that a telephone shows as a code: judged in the vault, out only as a masked number, field
 * 55 and an envelope; a PIN from the amount of a tap on; each code once. S65 S77.
 */
#include "lib/crypto/envelope.h"
#include "simulators/card_phones.h"
#include "tests/unit/vault_chip_rig.h"

enum { SMALL = 500, LARGE = 150000, EVERY_WAY = 7 };

static uint16_t counter;

static struct bytes shown_by(const char *name)
{
    static uint8_t block[CARD_PHONE_TEXT_MAX];
    struct writer w = writer_over(block, sizeof block);
    const struct card_phone *phone = card_phone_named(bytes_text(name));
    assert_non_null(phone);
    assert_ok(card_phone_code(&slot.rig->crypto, phone, ++counter, slot.rig->now_ms, &w));
    return writer_view(&w);
}

static struct vault_card_code scan(struct bytes text)
{
    struct vault_card_code out = {.card = {.state = 255}};
    assert_status(rig_bytes(slot.rig, VAULT_CARD_CODE, text), VAULT_OK);
    assert_ok(vault_read_card_code(&slot.rig->answer, &out));
    return out;
}

static enum vault_status envelope(int64_t amount_minor, uint32_t stan)
{
    const struct vault_envelope payment = {BYTES(RIG_TID), 12, stan, (uint64_t)amount_minor};
    vault_write_envelope(rig_ask(slot.rig, VAULT_CARD_ENVELOPE), &payment);
    return rig_send(slot.rig);
}

static int set_up(void **state)
{
    (void)state;
    (void)chip_start("debit");
    counter = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const pans[] = {"6200000000000010017", "6200000000000039"};
    for (size_t i = 0; i < ARRAY_LEN(pans); i++) assert_true(rig_never_shown(slot.rig, pans[i]));
    rig_free(slot.rig);
    return 0;
}

static void a_small_amount(void **state)
{
    (void)state;
    CLEANUP(card_data_wipe) struct card_data card = {0};
    struct bytes value;
    assert_status(chip_arm(SMALL, EVERY_WAY), VAULT_OK);
    struct vault_card_code said = scan(shown_by("card"));
    assert_int_equal(said.card.state, VAULT_CARD_READ);
    assert_int_equal(said.card.entry, 3);
    assert_int_equal(said.card.pin_required, 0);
    assert_true(bytes_equal(said.card.pan_masked, BYTES("620000*********0017")));
    assert_true(bytes_equal(said.card.card_sequence, BYTES("041")));
    assert_ok(tlv_find(said.field55, 0x9F26, &value));
    assert_int_equal(tlv_find(said.field55, 0x57, &value).code, ERR_NOT_FOUND);
    struct vault_card polled = rig_poll_card(slot.rig); /* asked again: the same */
    assert_int_equal(polled.entry, 3);
    assert_int_equal(polled.pin_required, 0);
    assert_status(envelope(SMALL + 1, 345), VAULT_NOT_ALLOWED);
    assert_status(envelope(SMALL, 345), VAULT_OK);
    assert_ok(envelope_open(&slot.rig->crypto, &slot.rig->working.data,
                            BYTES("10000017|000012|000345|000000000500"),
                            rig_answer_bytes(slot.rig), &card));
    assert_string_equal(card.pan, "6200000000000010017");
    assert_string_equal(card.sequence, "041");
    assert_true(card.track2[0] != '\0');
}

static void a_pin_above(void **state)
{
    (void)state;
    assert_status(chip_arm(99999, EVERY_WAY), VAULT_OK);
    assert_int_equal(scan(shown_by("card")).card.pin_required, 0);
    assert_status(chip_arm(100000, EVERY_WAY), VAULT_OK); /* DF21 of the parameters */
    assert_int_equal(scan(shown_by("card")).card.pin_required, 1);
    rig_enter(slot.rig, VAULT_ENTRY_PIN, "246810");
    assert_status(envelope(100000, 346), VAULT_OK);
    assert_status(rig_plain(slot.rig, VAULT_PIN_BLOCK), VAULT_OK);
}

/* One payment, and no second one; a payment that was given up before it was sent is none. */
static void each_code_once(void **state)
{
    (void)state;
    uint8_t kept[CARD_PHONE_TEXT_MAX];
    struct bytes code = shown_by("card");
    memcpy(kept, code.at, code.len);
    code = bytes_of(kept, code.len);
    assert_status(chip_arm(SMALL, EVERY_WAY), VAULT_OK);
    assert_int_equal(scan(code).card.state, VAULT_CARD_READ);
    assert_status(rig_plain(slot.rig, VAULT_CARD_FORGET), VAULT_OK);
    assert_status(chip_arm(SMALL, EVERY_WAY), VAULT_OK);
    assert_int_equal(scan(code).card.state, VAULT_CARD_READ);
    assert_status(envelope(SMALL, 345), VAULT_OK);
    assert_status(chip_arm(SMALL, EVERY_WAY), VAULT_OK);
    assert_int_equal(scan(code).card.state, VAULT_CODE_USED);
    assert_status(envelope(SMALL, 346), VAULT_NO_CARD);
    assert_int_equal(scan(shown_by("card")).card.state, VAULT_CARD_READ); /* the next one is good */
}

static void each_refusal(void **state)
{
    (void)state;
    char longest[600];
    uint8_t torn[CARD_PHONE_TEXT_MAX];
    assert_status(chip_arm(SMALL, EVERY_WAY), VAULT_OK);
    assert_int_equal(scan(shown_by("abroad")).card.state, VAULT_CODE_FOREIGN);
    assert_int_equal(scan(shown_by("cut")).card.state, VAULT_CODE_UNREADABLE);
    memset(longest, 'A', sizeof longest);
    assert_int_equal(scan(bytes_of(longest, sizeof longest)).card.state, VAULT_CODE_TOO_LONG);
    assert_int_equal(scan(BYTES("not base64 at all")).card.state, VAULT_CODE_UNREADABLE);
    /* 85, and 61 with an application that is taken, and nothing else */
    assert_int_equal(scan(BYTES("hQVDUFYwMWEKTwigAAADMwEBAQ==")).card.state, VAULT_CODE_EMPTY);
    struct bytes code = shown_by("card");
    for (size_t len = 12; len < code.len; len += 4) { /* whole base64, torn objects */
        memcpy(torn, code.at, len);
        assert_int_equal(scan(bytes_of(torn, len)).card.state, VAULT_CODE_UNREADABLE);
    }
    slot.rig->now_ms += 5LL * 365 * 86400 * 1000; /* the card of a telephone long ago */
    uint8_t old[CARD_PHONE_TEXT_MAX];
    struct writer w = writer_over(old, sizeof old);
    assert_ok(card_phone_code(&slot.rig->crypto, card_phone_named(BYTES("card")), ++counter,
                              slot.rig->now_ms - 5LL * 365 * 86400 * 1000, &w));
    assert_int_equal(scan(writer_view(&w)).card.state, VAULT_CARD_EXPIRED);
    assert_status(envelope(SMALL, 345), VAULT_NO_CARD); /* none of them was taken */
}

static void only_when_a_card_is_awaited(void **state)
{
    (void)state;
    struct bytes code = shown_by("card");
    assert_status(rig_bytes(slot.rig, VAULT_CARD_CODE, code), VAULT_NOT_ALLOWED);
    assert_status(chip_arm(0, EVERY_WAY), VAULT_OK); /* an inquiry */
    assert_status(rig_bytes(slot.rig, VAULT_CARD_CODE, code), VAULT_NOT_ALLOWED);
    assert_status(chip_arm(SMALL, EVERY_WAY), VAULT_OK);
    assert_int_equal(scan(code).card.state, VAULT_CARD_READ);
    assert_status(rig_bytes(slot.rig, VAULT_CARD_CODE, code), VAULT_NOT_ALLOWED);
    rig_swipe(slot.rig, "", ";" RIG_PAN "=29121200000000?"); /* and no other card either */
    assert_int_equal(rig_poll_card(slot.rig).entry, 3);
}

static void without_parameters(void **state)
{
    (void)state;
    rig_free(slot.rig);
    struct rig *rig = chip_open();
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    assert_status(rig_sign_in(rig), VAULT_OK);
    assert_status(chip_arm(SMALL, EVERY_WAY), VAULT_OK);
    assert_int_equal(scan(shown_by("card")).card.state, VAULT_CODE_NOT_TAKEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_small_amount, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pin_above, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_code_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_refusal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_when_a_card_is_awaited, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_parameters, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
