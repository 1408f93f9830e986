/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vault of each suite, the host played by lib/crypto (S60, S61, S62, S63): what it makes is
 * what the suite's algorithms make of its keys. Where each message has keys of its own: no number
 * is given twice, wherever the power is cut (CC-13, DV-04); a key does one thing once; and the last
 * one is followed by a refusal that says so. Under each, a card is swiped, inserted and tapped
 * (S61, S75, S76).
 */
#include "lib/crypto/dukpt_aes.h"
#include "lib/crypto/dukpt_tdes.h"
#include "lib/crypto/envelope.h"
#include "lib/crypto/keyblock.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/pin.h"
#include "lib/crypto/sealed.h"
#include "tests/unit/vault_chip_rig.h"

enum { SWIPED = 12800, INSERTED = 12800, TAPPED = 150000 }; /* minor units; all with a PIN */

/* What a suite is, said a second time and not taken from the vault. */
static const struct suite {
    const char *name;
    enum key_algorithm master, keys;
    enum pin_format pin;
    enum mac_algorithm mac;
    uint8_t ksn_len, id_len;
    char letter;
    const char *optional; /* id and length of the block that has the number */
    unsigned ones_max, counter_bits;
} suites[] = {
    {"tongbao", KEY_AES128, KEY_AES128, PIN_ISO4, MAC_AES_CMAC_8, 0, 0, 0, "", 0, 0},
    {"sm4", KEY_SM4, KEY_SM4, PIN_SM4_LONG, MAC_SM4_CMAC_8, 0, 0, 0, "", 0, 0},
    {"dukpt-aes", KEY_AES128, KEY_AES128, PIN_ISO4, MAC_AES_CMAC_8, 12, 8, 'A', "IK14", 16, 32},
    {"dukpt-tdes", KEY_AES128, KEY_TDES, PIN_ISO0, MAC_X9_19, 10, 10, 'T', "KS18", 10, 21},
};
enum { TONGBAO, SM4, AES, TDES };

static const uint8_t first_ksn[12] = {0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x80};

/* Of the host: from it come the keys of all its terminals. */
static struct key base;

static err initial_of(struct rig *rig, const struct suite *suite, const uint8_t *ksn,
                      struct key *ret_key)
{
    if (suite->keys == KEY_TDES) return dukpt_tdes_initial(&rig->crypto, &base, ksn, ret_key);
    return dukpt_aes_initial(&rig->crypto, &base, ksn, ret_key);
}

/* The initial key as a block under the master key, as the hsm makes it. */
static struct bytes wrap(struct rig *rig, const struct suite *suite, const struct key *initial,
                         uint8_t block[KEYBLOCK_MAX])
{
    char optional[32];
    struct writer o = writer_over(optional, sizeof optional), w = writer_over(block, KEYBLOCK_MAX);
    write_bytes(&o, bytes_text(suite->optional));
    write_hex_upper(&o, bytes_of(first_ksn, suite->id_len));
    const struct keyblock_header header = {.version = 'D',
                                           .usage = {'B', '1'},
                                           .algorithm = suite->letter,
                                           .mode = 'X',
                                           .key_version = {'0', '0'},
                                           .exportability = 'N',
                                           .optional_count = 1,
                                           .optional = writer_view(&o)};
    assert_ok(keyblock_make(&rig->crypto, &rig->master, &header, secret_view(&initial->value), &w));
    return writer_view(&w);
}

struct prepared {
    struct vault_provision fields;
    uint8_t block[KEYBLOCK_MAX];
};

static void prepare(struct rig *rig, const struct suite *suite, struct prepared *out)
{
    struct key initial;
    out->fields = rig_prepare(rig, suite->master);
    out->fields.suite = bytes_text(suite->name);
    if (suite->ksn_len == 0) return;
    key_generate(&rig->crypto, suite->keys, KEY_USAGE_BASE_DERIVATION, &base);
    assert_ok(initial_of(rig, suite, first_ksn, &initial));
    out->fields.initial_block = wrap(rig, suite, &initial, out->block);
}

static void make_ready(struct rig *rig, const struct suite *suite)
{
    struct prepared p;
    struct vault_fault fault = {{0}};
    prepare(rig, suite, &p);
    err provisioned = vault_provision(rig->vault, &p.fields, &fault, rig->initials);
    if (FAILED(provisioned)) fail_msg("%s: %s", err_name(provisioned), fault.text);
    rig_panel(rig);
}

static struct rig *ready(const struct suite *suite)
{
    struct rig *rig = rig_new(21);
    make_ready(rig, suite);
    return rig;
}

/* A sign-in of a suite whose keys come so, by its own ciphers. */
static void sign_in(struct rig *rig, const struct suite *suite)
{
    uint8_t delivery[DELIVERY_MAX];
    struct writer w = writer_over(delivery, sizeof delivery);
    if (suite->ksn_len == 0) {
        assert_ok(delivery_generate(&rig->crypto, &rig->master, suite->keys, suite->keys, true,
                                    &rig->working));
        assert_ok(delivery_wrap(&rig->crypto, &rig->master, &rig->working, &w));
    }
    assert_status(rig_bytes(rig, VAULT_KEYS_LOAD, writer_view(&w)), VAULT_OK);
    assert_int_equal(rig_status(rig).working_keys, 1);
}

static struct key derive(struct rig *rig, const struct suite *suite, const uint8_t *ksn,
                         enum dukpt_purpose purpose)
{
    struct key key = {0};
    if (suite->keys == KEY_TDES)
        assert_ok(dukpt_tdes_derive(&rig->crypto, &base, ksn, purpose, &key));
    else assert_ok(dukpt_aes_derive(&rig->crypto, &base, ksn, purpose, KEY_AES128, &key));
    return key;
}

/* For a new payment, or for what follows one. */
static enum vault_status ask_keys(struct rig *rig, bool fresh)
{
    write_be(rig_ask(rig, VAULT_KEYS_NEXT), fresh, 1);
    return rig_send(rig);
}

/* The keys of the next message, as the host has them. */
struct message_keys {
    uint8_t ksn[12];
    struct key pin, mac, answer_mac, data;
};

static struct message_keys keys_for(struct rig *rig, const struct suite *suite, bool fresh)
{
    struct message_keys k = {.pin = rig->working.pin,
                             .mac = rig->working.mac,
                             .answer_mac = rig->working.mac,
                             .data = rig->working.data};
    assert_status(ask_keys(rig, fresh), VAULT_OK);
    struct bytes ksn = rig_answer_bytes(rig);
    assert_int_equal(ksn.len, suite->ksn_len);
    if (ksn.len == 0) return k;
    memcpy(k.ksn, ksn.at, ksn.len);
    k.pin = derive(rig, suite, k.ksn, DUKPT_PIN);
    k.mac = derive(rig, suite, k.ksn, DUKPT_MAC_REQUEST);
    k.answer_mac = derive(rig, suite, k.ksn, DUKPT_MAC_RESPONSE);
    k.data = derive(rig, suite, k.ksn, DUKPT_DATA_REQUEST);
    return k;
}

static struct message_keys next_keys(struct rig *rig, const struct suite *suite)
{
    return keys_for(rig, suite, true);
}

static enum vault_status ask_envelope(struct rig *rig, int64_t amount_minor)
{
    const struct vault_envelope payment = {
        .tid = BYTES(RIG_TID), .batch = 12, .stan = 345, .amount_minor = (uint64_t)amount_minor};
    vault_write_envelope(rig_ask(rig, VAULT_CARD_ENVELOPE), &payment);
    return rig_send(rig);
}

/* Card data and PIN, which has been entered, as the host reads them. */
static struct card_data sealed_card(struct rig *rig, const struct suite *suite,
                                    const struct message_keys *k, int64_t amount_minor)
{
    struct card_data card;
    struct pin pin;
    char aad[64];
    snprintf(aad, sizeof aad, RIG_TID "|000012|000345|%012lld", (long long)amount_minor);
    assert_status(ask_envelope(rig, amount_minor), VAULT_OK);
    assert_ok(envelope_open(&rig->crypto, &k->data, bytes_text(aad), rig_answer_bytes(rig), &card));
    assert_status(rig_plain(rig, VAULT_PIN_BLOCK), VAULT_OK);
    assert_ok(pin_block_decrypt(&rig->crypto, &k->pin, suite->pin, rig_answer_bytes(rig),
                                bytes_text(card.pan), &pin));
    assert_int_equal(pin.len, 6);
    assert_memory_equal(pin.digit, "246810", 6);
    return card;
}

/* The MAC of a request is the suite's; of an answer, only the right one is taken. */
static void macs(struct rig *rig, const struct suite *suite, const struct message_keys *k,
                 struct bytes request)
{
    uint8_t mac[MAC_MAX];
    assert_status(rig_bytes(rig, VAULT_MAC_MAKE, request), VAULT_OK);
    assert_ok(mac_generate(&rig->crypto, suite->mac, &k->mac, request, mac));
    assert_true(bytes_equal(rig_answer_bytes(rig), bytes_of(mac, 8)));
    assert_ok(mac_generate(&rig->crypto, suite->mac, &k->answer_mac, BYTES("0210"), mac));
    vault_write_pair(rig_ask(rig, VAULT_MAC_CHECK), BYTES("0210"), bytes_of(mac, 8));
    assert_status(rig_send(rig), VAULT_OK);
    mac[0] ^= 1;
    vault_write_pair(rig_ask(rig, VAULT_MAC_CHECK), BYTES("0210"), bytes_of(mac, 8));
    assert_status(rig_send(rig), VAULT_BAD_MAC);
}

static void a_sale(struct rig *rig, const struct suite *suite)
{
    struct message_keys k = next_keys(rig, suite);
    rig_read_card(rig);
    rig_enter(rig, VAULT_ENTRY_PIN, "246810");
    struct card_data card = sealed_card(rig, suite, &k, SWIPED);
    assert_string_equal(card.pan, RIG_PAN);
    macs(rig, suite, &k, BYTES("0200"));
    assert_status(rig_plain(rig, VAULT_CARD_FORGET), VAULT_OK);
}

static void each_suite_makes_what_its_host_reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
        struct rig *rig = ready(&suites[i]);
        assert_true(bytes_equal(rig_status(rig).suite, bytes_text(suites[i].name)));
        sign_in(rig, &suites[i]);
        a_sale(rig, &suites[i]);
        a_sale(rig, &suites[i]);
        rig_restart(rig);
        rig_panel(rig);
        assert_true(bytes_equal(rig_status(rig).suite, bytes_text(suites[i].name)));
        a_sale(rig, &suites[i]);
        rig_free(rig);
    }
}

static void a_key_does_one_thing_once(void **state)
{
    (void)state;
    for (size_t i = AES; i <= TDES; i++) {
        struct rig *rig = ready(&suites[i]);
        uint8_t seen[2][12];
        /* Nothing before a number is asked for. */
        assert_status(rig_bytes(rig, VAULT_MAC_MAKE, BYTES("0400")), VAULT_NOT_READY);
        for (int n = 0; n < 2; n++) {
            memcpy(seen[n], next_keys(rig, &suites[i]).ksn, sizeof seen[n]);
            assert_status(rig_bytes(rig, VAULT_MAC_MAKE, BYTES("0400")), VAULT_OK);
            assert_status(rig_bytes(rig, VAULT_MAC_MAKE, BYTES("0400")), VAULT_NOT_READY);
            rig_read_card(rig);
            assert_status(ask_envelope(rig, SWIPED), VAULT_OK);
            assert_status(ask_envelope(rig, SWIPED), VAULT_NOT_READY);
            rig_enter(rig, VAULT_ENTRY_PIN, "246810");
            assert_status(rig_plain(rig, VAULT_PIN_BLOCK), VAULT_OK);
            rig_enter(rig, VAULT_ENTRY_PIN, "246810");
            assert_status(rig_plain(rig, VAULT_PIN_BLOCK), VAULT_NOT_READY);
        }
        assert_true(memcmp(seen[1], seen[0], suites[i].ksn_len) > 0);
        rig_restart(rig);
        assert_status(rig_bytes(rig, VAULT_MAC_MAKE, BYTES("0400")), VAULT_NOT_READY);
        /* A delivery is for those whose keys come from the host. */
        assert_status(rig_bytes(rig, VAULT_KEYS_LOAD, BYTES("0123456789")), VAULT_BAD_KEYS);
        assert_status(rig_bytes(rig, VAULT_KEYS_LOAD, BYTES("")), VAULT_OK);
        (void)next_keys(rig, &suites[i]);
        rig_free(rig);
    }
}

struct reaper {
    int left; /* calls that still succeed */
    enum err_code with;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    return reaper->left-- == 0 ? (err){reaper->with} : OK;
}

/* The power goes at the n-th call to the store, for every n: what was given before is never given
 * again, and there is always a next one. */
static void no_number_is_given_twice(void **state)
{
    (void)state;
    static const enum err_code ways[] = {ERR_CRASHED, ERR_FULL, ERR_IO};
    for (size_t i = AES; i <= TDES; i++) {
        for (size_t way = 0; way < ARRAY_LEN(ways); way++) {
            struct rig *rig = ready(&suites[i]);
            uint8_t last[12] = {0};
            bool struck = true;
            for (int n = 0; struck; n++) {
                struct reaper reaper = {n, ways[way]};
                store_set_fault(vault_store(rig->vault), reap, &reaper);
                enum vault_status status = ask_keys(rig, true);
                store_set_fault(vault_store(rig->vault), NULL, NULL);
                struck = reaper.left < 0;
                if (status == VAULT_OK) {
                    struct bytes ksn = rig_answer_bytes(rig);
                    assert_true(memcmp(ksn.at, last, ksn.len) > 0);
                    memcpy(last, ksn.at, ksn.len);
                }
                if (FAILED(rig->executed)) rig_restart(rig);
                struct message_keys k = next_keys(rig, &suites[i]);
                assert_true(memcmp(k.ksn, last, suites[i].ksn_len) > 0);
                memcpy(last, k.ksn, sizeof last);
                assert_true(n < 100);
            }
            rig_free(rig);
        }
    }
}

/* In the store, where only this device can: sealed by its key. */
static void put_counter(struct rig *rig, const uint8_t counter[3])
{
    const struct sealed_secret key = {SEALED_BY_KEY, BYTES_OF(rig->device_key)};
    struct dukpt_tdes_device device = {.ksn = {0}};
    struct key initial;
    uint8_t sealed[sizeof device + SEALED_OVERHEAD];
    struct writer w = writer_over(sealed, sizeof sealed);
    assert_ok(initial_of(rig, &suites[TDES], first_ksn, &initial));
    assert_ok(dukpt_tdes_load(&rig->crypto, &initial, first_ksn, &device));
    device.ksn[7] = (uint8_t)((device.ksn[7] & 0xe0) | counter[0]);
    memcpy(device.ksn + 8, counter + 1, 2);
    assert_ok(sealed_write(&rig->crypto, &key, BYTES("vault.db secret dukpt"),
                           bytes_of((const uint8_t *)&device, sizeof device), &w));
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(vault_store(rig->vault), &tx));
    assert_ok(store_statement(vault_store(rig->vault),
                              "UPDATE secret SET sealed = ? WHERE name = 'dukpt'", &s));
    store_bind_blob(s, writer_view(&w));
    assert_ok(store_run(s));
    assert_ok(store_commit(&tx));
    rig_restart(rig);
}

/* 1FE000 and what is above it is for reversals alone; 1FF800 has ten ones and is the last of all.
 */
static void the_last_key_is_followed_by_a_refusal(void **state)
{
    (void)state;
    struct rig *rig = ready(&suites[TDES]);
    put_counter(rig, (const uint8_t[]){0x1f, 0xdf, 0xff});
    assert_status(ask_keys(rig, true), VAULT_KEYS_SPENT);
    assert_status(ask_keys(rig, false), VAULT_OK);
    assert_memory_equal(rig_answer_bytes(rig).at + 7, "\x9f\xe0\x00", 3);
    assert_status(rig_bytes(rig, VAULT_MAC_MAKE, BYTES("0400")), VAULT_OK);
    assert_status(ask_keys(rig, true), VAULT_KEYS_SPENT);
    put_counter(rig, (const uint8_t[]){0x1f, 0xf8, 0x00});
    assert_status(ask_keys(rig, false), VAULT_KEYS_SPENT);
    assert_int_equal(rig_logged(rig, "keys_spent", NULL, NULL), 3);
    assert_status(rig_bytes(rig, VAULT_MAC_MAKE, BYTES("0200")), VAULT_NOT_READY);
    assert_status(rig_plain(rig, VAULT_KEYS_NEXT), VAULT_BAD_REQUEST);
    rig_free(rig);
}

static void what_does_not_belong_to_the_device_is_refused(void **state)
{
    (void)state;
    struct prepared p;
    struct vault_fault fault;
    for (size_t i = AES; i <= TDES; i++) {
        struct rig *rig = rig_new(22);
        prepare(rig, &suites[i], &p);
        struct vault_provision other = p.fields;
        other.suite = BYTES("rot13");
        assert_err(vault_provision(rig->vault, &other, &fault, rig->initials), UNSUPPORTED);
        other.suite = BYTES("sm4"); /* another cipher's master key */
        assert_err(vault_provision(rig->vault, &other, &fault, rig->initials), KEY);
        other.suite = BYTES("tongbao"); /* has no initial key */
        assert_err(vault_provision(rig->vault, &other, &fault, rig->initials), KEY);
        other.suite = bytes_text(suites[AES + TDES - i].name);
        assert_err(vault_provision(rig->vault, &other, &fault, rig->initials), KEY);
        for (size_t at = 0; at < p.fields.initial_block.len; at += 5) {
            uint8_t kept = p.block[at];
            p.block[at] = kept == '0' ? '1' : '0';
            assert_true(FAILED(vault_provision(rig->vault, &p.fields, &fault, rig->initials)));
            assert_memory_equal(fault.text, "initial_key", 11);
            p.block[at] = kept;
        }
        assert_int_equal(rig_status(rig).provisioned, 0);
        assert_ok(vault_provision(rig->vault, &p.fields, &fault, rig->initials));
        rig_free(rig);
    }
}

/* ---- chip cards ---- */

/* The card is in the slot or was at the field, its holder has entered the PIN, and the host is to
 * be asked. */
static struct vault_chip chip_asks(const struct suite *suite, int64_t amount_minor, bool tapped)
{
    static const struct bytes none = {0};
    struct rig *rig = chip_open();
    make_ready(rig, suite);
    sign_in(rig, suite);
    chip_furnish("debit");
    assert_status(chip_arm(amount_minor, VAULT_WAY_SWIPE | VAULT_WAY_INSERT | VAULT_WAY_TAP),
                  VAULT_OK);
    if (tapped) chip_tap();
    else chip_insert();
    struct vault_chip chip = chip_poll();
    assert_int_equal(chip.state, VAULT_CHIP_PIN);
    assert_int_equal(chip.pin_offline, 0);
    if (tapped) chip_pull();
    rig_enter(rig, VAULT_ENTRY_PIN, slot.card.issued.identity.pin);
    assert_status(chip_say(VAULT_CHIP_IS_PIN, 0, none, none), VAULT_OK);
    chip = chip_poll();
    assert_int_equal(chip.state, VAULT_CHIP_ONLINE);
    assert_int_equal(chip.entry, tapped ? 7 : 5);
    assert_int_equal(chip.pin_entered, 1);
    return chip;
}

static void chip_end(void)
{
    const char *pan = slot.card.issued.identity.pan;
    assert_null(memmem(slot.rig->kept, slot.rig->kept_len, pan, strlen(pan)));
    rig_free(slot.rig);
}

/* Field 55 goes under the MAC of the suite, and what the issuer says in return reaches the card. */
static void a_chip_sale(const struct suite *suite, int64_t amount_minor, bool tapped)
{
    uint8_t block[1024];
    struct payment_chip answer;
    struct writer request = writer_over(block, sizeof block);
    struct vault_chip chip = chip_asks(suite, amount_minor, tapped);
    assert_true(chip.field55.len > 0);
    write_bytes(&request, BYTES("0200"));
    write_bytes(&request, chip.field55);
    const char *code = chip_issuer(&chip, amount_minor, &answer);
    assert_string_equal(code, "00");

    struct message_keys k = next_keys(slot.rig, suite);
    struct card_data card = sealed_card(slot.rig, suite, &k, amount_minor);
    assert_string_equal(card.pan, slot.card.issued.identity.pan);
    assert_string_equal(card.sequence, "001");
    macs(slot.rig, suite, &k, writer_view(&request));
    assert_status(chip_say(VAULT_CHIP_IS_HOST, 0, bytes_text(code), payment_chip_view(&answer)),
                  VAULT_OK);
    chip = chip_poll();
    assert_int_equal(chip.state, VAULT_CHIP_DONE);
    assert_int_equal(chip.result, VAULT_CHIP_APPROVED);
    assert_int_equal(chip.reverse, 0);
    chip_end();
}

static void each_suite_takes_an_inserted_card(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(suites); i++) a_chip_sale(&suites[i], INSERTED, false);
}

static void each_suite_takes_a_tap(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(suites); i++) a_chip_sale(&suites[i], TAPPED, true);
}

/* F-09: pulled while the host is asked: the reversal goes by keys of its own, later ones. */
static void a_pulled_card_is_reversed_under_new_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
        (void)chip_asks(&suites[i], INSERTED, false);
        struct message_keys asked = next_keys(slot.rig, &suites[i]);
        (void)sealed_card(slot.rig, &suites[i], &asked, INSERTED);
        macs(slot.rig, &suites[i], &asked, BYTES("0200"));
        chip_pull();
        struct vault_chip chip = chip_poll();
        assert_int_equal(chip.state, VAULT_CHIP_DONE);
        assert_int_equal(chip.reason, VAULT_CHIP_REMOVED);
        assert_int_equal(chip.reverse, 1);
        struct message_keys undo = keys_for(slot.rig, &suites[i], false);
        if (suites[i].ksn_len > 0) assert_true(memcmp(undo.ksn, asked.ksn, suites[i].ksn_len) > 0);
        macs(slot.rig, &suites[i], &undo, BYTES("0400"));
        chip_end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_suite_makes_what_its_host_reads),
        cmocka_unit_test(each_suite_takes_an_inserted_card),
        cmocka_unit_test(each_suite_takes_a_tap),
        cmocka_unit_test(a_pulled_card_is_reversed_under_new_keys),
        cmocka_unit_test(a_key_does_one_thing_once),
        cmocka_unit_test(no_number_is_given_twice),
        cmocka_unit_test(the_last_key_is_followed_by_a_refusal),
        cmocka_unit_test(what_does_not_belong_to_the_device_is_refused),
    };
    return cmocka_run_group_tests_name("vault_suites", tests, NULL, NULL);
}
