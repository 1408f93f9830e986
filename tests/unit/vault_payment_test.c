/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a payment asks of the vault: working keys (S50, S62), a card (S65), its envelope and PIN
 * block (S60, S61), MACs (S63), and none of it in clear anywhere (S64).
 */
#include "lib/crypto/envelope.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/pin.h"
#include "tests/unit/vault_people_rig.h"

static int set_up_suite(void **state, enum key_algorithm master)
{
    struct rig *rig = rig_new(5);
    rig_provision(rig, master);
    rig_panel(rig);
    *state = rig;
    return 0;
}

static int set_up(void **state)
{
    return set_up_suite(state, KEY_AES128);
}

static int set_up_cup(void **state)
{
    return set_up_suite(state, KEY_TDES);
}

static int tear_down(void **state)
{
    rig_free(*state);
    return 0;
}

static const struct vault_envelope payment = {
    .tid = BYTES(RIG_TID), .batch = 12, .stan = 345, .amount_minor = 12800};

static enum vault_status ask_envelope(struct rig *rig, const struct vault_envelope *m)
{
    vault_write_envelope(rig_ask(rig, VAULT_CARD_ENVELOPE), m);
    return rig_send(rig);
}

/* Every command before what it needs. */
static void test_wrong_order(void **state)
{
    struct rig *rig = *state;
    assert_status(rig_bytes(rig, VAULT_MAC_MAKE, BYTES("x")), VAULT_NOT_READY);
    vault_write_pair(rig_ask(rig, VAULT_MAC_CHECK), BYTES("x"), BYTES("12345678"));
    assert_status(rig_send(rig), VAULT_NOT_READY);
    assert_status(ask_envelope(rig, &payment), VAULT_NOT_READY);
    assert_status(rig_plain(rig, VAULT_PIN_BLOCK), VAULT_NOT_READY);
    assert_status(rig_plain(rig, VAULT_CARD_POLL), VAULT_NOT_ALLOWED); /* nobody armed it */
    assert_status(rig_sign_in(rig), VAULT_OK);
    assert_status(ask_envelope(rig, &payment), VAULT_NO_CARD);
    assert_status(rig_plain(rig, VAULT_PIN_BLOCK), VAULT_NO_CARD);
    assert_status(rig_arm(rig), VAULT_OK);
    assert_int_equal(rig_poll_card(rig).state, VAULT_CARD_NONE);
    assert_status(rig_plain(rig, VAULT_PIN_BLOCK), VAULT_NO_CARD);
    rig_read_card(rig);
    assert_status(rig_plain(rig, VAULT_PIN_BLOCK), VAULT_NO_ENTRY);
}

/* S50, S62: keys change at every sign-in, their check values show it, and a restart keeps them. */
static void test_working_keys(void **state)
{
    struct rig *rig = *state;
    uint8_t kcv[KEY_CHECK_BYTES];
    assert_int_equal(rig_status(rig).working_keys, 0);
    for (int day = 0; day < 3; day++) {
        assert_status(rig_sign_in(rig), VAULT_OK);
        for (int again = 0; again < 2; again++) {
            struct vault_status_answer said = rig_status(rig);
            assert_int_equal(said.working_keys, 1);
            assert_ok(key_check_value(&rig->crypto, &rig->working.pin, kcv));
            assert_memory_equal(said.kcv_pin.at, kcv, sizeof kcv);
            assert_ok(key_check_value(&rig->crypto, &rig->working.mac, kcv));
            assert_memory_equal(said.kcv_mac.at, kcv, sizeof kcv);
            assert_ok(key_check_value(&rig->crypto, &rig->working.data, kcv));
            assert_memory_equal(said.kcv_data.at, kcv, sizeof kcv);
            assert_ok(key_check_value(&rig->crypto, &rig->master, kcv));
            assert_memory_equal(said.kcv_master.at, kcv, sizeof kcv);
            rig_restart(rig);
            rig_panel(rig);
        }
    }
}

/* S50: one wrong check value, and there are no working keys at all any more, after a restart
 * either.
 */
static void test_bad_check_value_drops_keys(void **state)
{
    struct rig *rig = *state;
    struct working_keys keys;
    uint8_t delivery[DELIVERY_MAX];
    struct writer w = writer_over(delivery, sizeof delivery);
    assert_ok(delivery_generate(&rig->crypto, &rig->master, KEY_AES128, KEY_AES128, true, &keys));
    assert_ok(delivery_wrap(&rig->crypto, &rig->master, &keys, &w));
    for (size_t at = 0; at < sizeof delivery; at += 7) {
        assert_status(rig_sign_in(rig), VAULT_OK);
        delivery[at] ^= 1;
        assert_status(rig_bytes(rig, VAULT_KEYS_LOAD, BYTES_OF(delivery)), VAULT_BAD_KEYS);
        delivery[at] ^= 1;
        assert_int_equal(rig_status(rig).working_keys, 0);
        assert_int_equal(rig_status(rig).kcv_mac.len, 0);
        assert_status(rig_bytes(rig, VAULT_MAC_MAKE, BYTES("x")), VAULT_NOT_READY);
        rig_restart(rig);
        assert_int_equal(rig_status(rig).working_keys, 0);
    }
    assert_status(rig_bytes(rig, VAULT_KEYS_LOAD, bytes_of(delivery, 59)), VAULT_BAD_KEYS);
    assert_status(rig_bytes(rig, VAULT_KEYS_LOAD, BYTES("")), VAULT_BAD_KEYS);
}

/* S65: what a swipe gives, and what the terminal gets to see of it. */
static void test_swipes(void **state)
{
    struct rig *rig = *state;
    static const struct {
        const char *track1, *track2;
        uint8_t state, pin_required;
    } rows[] = {
        {"", ";" RIG_PAN "=29121200000000?", VAULT_CARD_READ, 1},
        {"", ";" RIG_PAN "=29121210000000?", VAULT_CARD_READ, 0},
        {"", ";" RIG_PAN "=29121230000000?", VAULT_CARD_READ, 1},
        {"", ";" RIG_PAN "=29121250000000?", VAULT_CARD_READ, 1},
        {"", ";" RIG_PAN "=29121260000000?", VAULT_CARD_READ, 1},
        {"", ";" RIG_PAN "=29125270000000?", VAULT_CARD_READ, 1},
        {"", ";" RIG_PAN "=26081210000000?", VAULT_CARD_READ, 0},    /* to the end of this month */
        {"", ";" RIG_PAN "=26071210000000?", VAULT_CARD_EXPIRED, 0}, /* the last one */
        {"", ";" RIG_PAN "=99121210000000?", VAULT_CARD_EXPIRED, 0}, /* 1999 */
        {"", ";" RIG_PAN "=29122010000000?", VAULT_CARD_USE_CHIP, 0},
        {"", ";" RIG_PAN "=29126010000000?", VAULT_CARD_USE_CHIP, 0},
        {"", ";" RIG_PAN "=29121200000000", VAULT_CARD_UNREADABLE, 0},
        {"", ";6200000000000006=29121210000000?", VAULT_CARD_UNREADABLE, 0}, /* Luhn */
        {"", ";" RIG_PAN "=29131210000000?", VAULT_CARD_UNREADABLE, 0},      /* month 13 */
        {"", ";" RIG_PAN "==1210000000?", VAULT_CARD_UNREADABLE, 0},         /* no expiry */
        {"", "", VAULT_CARD_UNREADABLE, 0},
        {"", ";E?", VAULT_CARD_UNREADABLE, 0},
        {"%B" RIG_PAN "^TEST/CARD^29121210000000?", ";" RIG_PAN "=29121210000000?", VAULT_CARD_READ,
         0},
        {"%B6200000000000021^TEST/CARD^29121210000000?", ";" RIG_PAN "=29121210000000?",
         VAULT_CARD_UNREADABLE, 0},
        {"%E?", ";" RIG_PAN "=29121210000000?", VAULT_CARD_UNREADABLE, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_status(rig_arm(rig), VAULT_OK);
        assert_int_equal(rig_poll_card(rig).state, VAULT_CARD_NONE);
        rig_swipe(rig, rows[i].track1, rows[i].track2);
        struct vault_card card = rig_poll_card(rig);
        if (card.state != rows[i].state)
            fail_msg("row %zu: state %u, not %u", i, card.state, rows[i].state);
        if (card.state == VAULT_CARD_READ) {
            assert_int_equal(card.entry, 2);
            assert_int_equal(card.pin_required, rows[i].pin_required);
            assert_true(bytes_equal(card.pan_masked, BYTES("620000******0005")));
            assert_int_equal(rig_poll_card(rig).state, VAULT_CARD_READ); /* asked again: the same */
        } else {
            assert_int_equal(card.pan_masked.len, 0);
            assert_status(rig_bytes(rig, VAULT_ENTRY_KEY, BYTES("")), VAULT_BAD_SEAL);
            rig_swipe(rig, "", ";" RIG_PAN "=29121210000000?"); /* the reader is still armed */
            assert_int_equal(rig_poll_card(rig).state, VAULT_CARD_READ);
        }
        assert_status(rig_plain(rig, VAULT_CARD_FORGET), VAULT_OK);
        assert_status(rig_plain(rig, VAULT_CARD_POLL), VAULT_NOT_ALLOWED);
    }
    /* A reader that does not answer is a card that is not there. */
    assert_status(rig_arm(rig), VAULT_OK);
    rig->reader_error = ERR(REFUSED);
    assert_int_equal(rig_poll_card(rig).state, VAULT_CARD_NONE);
}

/* S60: the hsm opens the envelope for this payment and for no other. */
static void test_envelope(void **state)
{
    struct rig *rig = *state;
    struct card_data card;
    assert_status(rig_sign_in(rig), VAULT_OK);
    rig_read_card(rig);
    assert_status(ask_envelope(rig, &payment), VAULT_OK);
    struct bytes envelope = rig_answer_bytes(rig);
    assert_ok(envelope_open(&rig->crypto, &rig->working.data,
                            BYTES("10000017|000012|000345|000000012800"), envelope, &card));
    assert_string_equal(card.pan, RIG_PAN);
    assert_string_equal(card.expiry, "2912");
    assert_string_equal(card.service_code, "120");
    assert_string_equal(card.track2, RIG_PAN "=29121200000000");
    assert_err(envelope_open(&rig->crypto, &rig->working.data,
                             BYTES("10000017|000012|000345|000000012801"), envelope, &card),
               MAC);
    struct vault_envelope odd = payment;
    odd.tid = BYTES("10000018");
    assert_status(ask_envelope(rig, &odd), VAULT_BAD_REQUEST);
    odd = payment;
    odd.batch = 1000000;
    assert_status(ask_envelope(rig, &odd), VAULT_BAD_REQUEST);
    odd = payment;
    odd.stan = 0;
    assert_status(ask_envelope(rig, &odd), VAULT_BAD_REQUEST);
    odd = payment;
    odd.amount_minor = 1000000000000;
    assert_status(ask_envelope(rig, &odd), VAULT_BAD_REQUEST);
}

/* DV-15: the page hears from the vault itself what is to be paid and to whom, and card data is
 * bound to that amount and no other. */
static void test_amount_is_shown_and_bound(void **state)
{
    struct rig *rig = *state;
    uint8_t text[256];
    struct writer w = writer_over(text, sizeof text);
    const struct vault_card_arm none = {0, 156, VAULT_CHINESE, VAULT_WAY_SWIPE},
                                foreign = {100, 840, VAULT_CHINESE, VAULT_WAY_SWIPE};
    assert_status(rig_sign_in(rig), VAULT_OK);
    rig_panel(rig);
    assert_status(rig_arm(rig), VAULT_OK);
    struct bytes sealed = rig_answer_bytes(rig);
    assert_null(memmem(sealed.at, sealed.len, "128.00", 6));
    assert_ok(panel_open(&rig->crypto, &rig->panel, sealed, &w));
    assert_true(w.len > 7);
    assert_memory_equal(text, "128.00\n", 7);
    assert_true(bytes_equal(bytes_of(text + 7, w.len - 7), rig_status(rig).merchant_name));

    rig_swipe(rig, "", ";" RIG_PAN "=29121200000000?");
    assert_int_equal(rig_poll_card(rig).state, VAULT_CARD_READ);
    struct vault_envelope other = payment;
    other.amount_minor = 1280;
    assert_status(ask_envelope(rig, &other), VAULT_NOT_ALLOWED);
    assert_int_equal(rig_logged(rig, "amount_changed", NULL, NULL), 1);
    assert_status(ask_envelope(rig, &payment), VAULT_OK);
    /* Forgotten with the card: the next one needs an amount of its own. */
    assert_status(rig_plain(rig, VAULT_CARD_FORGET), VAULT_OK);
    assert_status(ask_envelope(rig, &payment), VAULT_NO_CARD);
    /* No amount is an inquiry (S101): shown is none, and no card may answer it by itself. */
    vault_write_card_arm(rig_ask(rig, VAULT_CARD_ARM), &none);
    assert_status(rig_send(rig), VAULT_OK);
    assert_int_equal(rig_answer_bytes(rig).len, 0);
    struct vault_card_arm alone = none;
    alone.host = VAULT_HOST_AWAY;
    vault_write_card_arm(rig_ask(rig, VAULT_CARD_ARM), &alone);
    assert_status(rig_send(rig), VAULT_BAD_REQUEST);
    vault_write_card_arm(rig_ask(rig, VAULT_CARD_ARM), &foreign);
    assert_status(rig_send(rig), VAULT_BAD_REQUEST);
}

/* S61: a PIN block of format 4 that the hsm opens for this card, once for one entry. */
static void test_pin_block(void **state)
{
    struct rig *rig = *state;
    struct pin pin;
    assert_status(rig_sign_in(rig), VAULT_OK);
    rig_read_card(rig);
    rig_enter(rig, VAULT_ENTRY_PIN, "246810");
    assert_status(rig_plain(rig, VAULT_PIN_BLOCK), VAULT_OK);
    struct bytes block = rig_answer_bytes(rig);
    assert_int_equal(block.len, 16);
    assert_ok(
        pin_block_decrypt(&rig->crypto, &rig->working.pin, PIN_ISO4, block, BYTES(RIG_PAN), &pin));
    assert_int_equal(pin.len, 6);
    assert_memory_equal(pin.digit, "246810", 6);
    assert_status(rig_plain(rig, VAULT_PIN_BLOCK), VAULT_NO_ENTRY); /* consumed */
    /* A PIN does not outlive its card. */
    rig_enter(rig, VAULT_ENTRY_PIN, "246810");
    rig_read_card(rig);
    assert_status(rig_plain(rig, VAULT_PIN_BLOCK), VAULT_NO_ENTRY);
}

/* S63: the MAC that the host expects; every changed bit of message or MAC is found. */
static void test_mac(void **state)
{
    struct rig *rig = *state;
    uint8_t expected[MAC_MAX], message[48], mac[8];
    for (size_t i = 0; i < sizeof message; i++) message[i] = (uint8_t)(i * 37);
    assert_status(rig_sign_in(rig), VAULT_OK);
    assert_status(rig_bytes(rig, VAULT_MAC_MAKE, BYTES_OF(message)), VAULT_OK);
    struct bytes made = rig_answer_bytes(rig);
    assert_int_equal(made.len, 8);
    memcpy(mac, made.at, 8);
    assert_ok(
        mac_generate(&rig->crypto, MAC_AES_CMAC_8, &rig->working.mac, BYTES_OF(message), expected));
    assert_memory_equal(mac, expected, 8);
    vault_write_pair(rig_ask(rig, VAULT_MAC_CHECK), BYTES_OF(message), BYTES_OF(mac));
    assert_status(rig_send(rig), VAULT_OK);
    for (size_t bit = 0; bit < 8 * (sizeof message + sizeof mac); bit++) {
        uint8_t *where =
            bit / 8 < sizeof message ? message + bit / 8 : mac + bit / 8 - sizeof message;
        *where ^= (uint8_t)(1u << bit % 8);
        vault_write_pair(rig_ask(rig, VAULT_MAC_CHECK), BYTES_OF(message), BYTES_OF(mac));
        assert_status(rig_send(rig), VAULT_BAD_MAC);
        *where ^= (uint8_t)(1u << bit % 8);
    }
    vault_write_pair(rig_ask(rig, VAULT_MAC_CHECK), BYTES_OF(message), bytes_of(mac, 7));
    assert_status(rig_send(rig), VAULT_BAD_MAC);
}

/* S62: an old delivery's keys verify nothing after the next one. */
static void test_old_keys_are_gone(void **state)
{
    struct rig *rig = *state;
    uint8_t mac[MAC_MAX];
    assert_status(rig_sign_in(rig), VAULT_OK);
    assert_ok(mac_generate(&rig->crypto, MAC_AES_CMAC_8, &rig->working.mac, BYTES("0200"), mac));
    assert_status(rig_sign_in(rig), VAULT_OK);
    vault_write_pair(rig_ask(rig, VAULT_MAC_CHECK), BYTES("0200"), bytes_of(mac, 8));
    assert_status(rig_send(rig), VAULT_BAD_MAC);
}

/* The plain suite: ECB MAC in hex, format 0, no data key. */
static void test_plain_profile(void **state)
{
    struct rig *rig = *state;
    uint8_t mac[MAC_MAX];
    struct pin pin;
    assert_status(rig_sign_in(rig), VAULT_OK);
    assert_status(rig_bytes(rig, VAULT_MAC_MAKE, BYTES("0200 message")), VAULT_OK);
    struct bytes made = rig_answer_bytes(rig);
    assert_ok(
        mac_generate(&rig->crypto, MAC_CUP_ECB, &rig->working.mac, BYTES("0200 message"), mac));
    assert_int_equal(made.len, 8);
    assert_memory_equal(made.at, mac, 8);
    rig_read_card(rig);
    rig_enter(rig, VAULT_ENTRY_PIN, "1470");
    assert_status(rig_plain(rig, VAULT_PIN_BLOCK), VAULT_OK);
    assert_ok(pin_block_decrypt(&rig->crypto, &rig->working.pin, PIN_ISO0, rig_answer_bytes(rig),
                                BYTES(RIG_PAN), &pin));
    assert_memory_equal(pin.digit, "1470", 4);
    assert_status(ask_envelope(rig, &payment), VAULT_NOT_READY);
}

/* S61, S64, S65: after a day of payments no PIN, PAN or track is in any answer or in the store. */
static void test_nothing_in_clear(void **state)
{
    struct rig *rig = *state;
    assert_status(rig_sign_in(rig), VAULT_OK);
    for (uint32_t stan = 1; stan <= 20; stan++) {
        struct vault_envelope m = payment;
        m.stan = stan;
        rig_read_card(rig);
        rig_enter(rig, VAULT_ENTRY_PIN, "730516804921");
        assert_status(rig_plain(rig, VAULT_PIN_BLOCK), VAULT_OK);
        assert_status(ask_envelope(rig, &m), VAULT_OK);
    }
    assert_true(rig_never_shown(rig, "730516804921"));
    assert_true(rig_never_shown(rig, RIG_PAN));
    assert_true(rig_never_shown(rig, "29121200000000"));
    /* Nor packed, two digits to a byte. */
    static const char pan_packed[] = "\x62\x00\x00\x00\x00\x00\x00\x05";
    static const char pin_packed[] = "\x73\x05\x16\x80\x49\x21";
    assert_false(rig_contains(bytes_of(rig->kept, rig->kept_len), bytes_of(pan_packed, 8)));
    assert_false(rig_contains(bytes_of(rig->kept, rig->kept_len), bytes_of(pin_packed, 6)));
    /* Nor a key, in answers or store. */
    const struct key *keys[] = {&rig->master, &rig->working.pin, &rig->working.mac,
                                &rig->working.data};
    struct bytes image = {0};
    assert_ok(store_anchor_image(rig->anchor, &image));
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        assert_false(rig_contains(image, secret_view(&keys[i]->value)));
        assert_false(
            rig_contains(bytes_of(rig->kept, rig->kept_len), secret_view(&keys[i]->value)));
    }
    store_image_free(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_wrong_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_working_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_check_value_drops_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_swipes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_envelope, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_amount_is_shown_and_bound, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pin_block, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_mac, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_old_keys_are_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_plain_profile, set_up_cup, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_in_clear, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
