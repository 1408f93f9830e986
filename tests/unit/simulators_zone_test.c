/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network that is told of new zone keys (S120): taken when our hsm has sealed them, either set
 * good until the overlap is over, each message answered under its own; kept over a restart.
 */
#include "lib/crypto/mac.h"
#include "payment/key_change.h"
#include "payment/message.h"
#include "simulators/network.h"
#include "tests/unit/scratch.h"

enum { SETS = 3, OVERLAP_S = 600 };

static struct fixture {
    struct crypto crypto;
    struct transport_pair ours, hsm, thief;
    struct network_config config;
    struct network *network;
    struct store *store;
    int64_t now_ms;
    uint8_t answer[NETWORK_MESSAGE_MAX];
    size_t answer_len;
    struct key pin[SETS], mac[SETS], data[SETS]; /* 0: of the start */
} f;

static int64_t now(void *context)
{
    (void)context;
    return f.now_ms;
}

static void take(void *context, enum payment_route route, struct bytes message)
{
    (void)context, (void)route;
    memcpy(f.answer, message.at, message.len);
    f.answer_len = message.len;
}

static void open_network(void)
{
    const struct network_ports ports = {&f, take};
    assert_ok(network_open(&f.config, &ports, &f.network));
}

static int set_up(void **state)
{
    (void)state;
    const struct store_options options = {.mode = STORE_MEMORY};
    memset(&f, 0, sizeof f);
    f.now_ms = 1900000000000;
    assert_ok(crypto_open(random_system(), &f.crypto));
    transport_generate(&f.crypto, &f.ours);
    transport_generate(&f.crypto, &f.hsm);
    transport_generate(&f.crypto, &f.thief);
    for (size_t i = 0; i < SETS; i++) {
        key_generate(&f.crypto, KEY_AES128, KEY_USAGE_ZONE_PIN, &f.pin[i]);
        key_generate(&f.crypto, KEY_AES128, KEY_USAGE_ZONE_MAC, &f.mac[i]);
        key_generate(&f.crypto, KEY_AES128, KEY_USAGE_ZONE_DATA, &f.data[i]);
    }
    assert_ok(store_open("zone", &options, NULL, &f.store));
    f.config = (struct network_config){.clock = {now, now, NULL},
                                       .random = random_system(),
                                       .crypto = &f.crypto,
                                       .pin = f.pin[0],
                                       .mac = f.mac[0],
                                       .data = f.data[0],
                                       .transport = &f.ours,
                                       .store = f.store,
                                       .capacity = 1024};
    memcpy(f.config.hsm_public, f.hsm.public_key, sizeof f.config.hsm_public);
    open_network();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    network_close(f.network);
    store_close(f.store);
    crypto_close(&f.crypto);
    return 0;
}

/* Field 48: set `set` under number `number`, sealed by `sender`. */
static void tell_text(size_t set, uint32_t number, const struct transport_pair *sender,
                      char text[PAYMENT_KEY_CHANGE_TEXT + 1])
{
    uint8_t sealed[3][PAYMENT_KEY_SEALED_MAX], block[PAYMENT_KEY_CHANGE_BYTES];
    const struct key *keys[] = {&f.pin[set], &f.mac[set], &f.data[set]};
    struct payment_key_change c = {number, OVERLAP_S, {0}, {0}, {0}};
    struct bytes *const parts[] = {&c.pin, &c.mac, &c.data};
    struct writer w = writer_over(block, sizeof block);
    for (size_t i = 0; i < 3; i++) {
        struct writer s = writer_over(sealed[i], sizeof sealed[i]);
        assert_ok(
            transport_seal_key(&f.crypto, sender, f.ours.public_key, keys[i], BYTES("zone"), &s));
        *parts[i] = writer_view(&s);
    }
    assert_ok(payment_key_change_write(&c, &w));
    struct writer hex = writer_over(text, PAYMENT_KEY_CHANGE_TEXT);
    write_hex(&hex, writer_view(&w));
    text[hex.len] = '\0';
}

/* 0800 under a set; NULL: no answer. Otherwise field 39, and which set the answer is under. */
static const char *manage(enum payment_route route, size_t under, const char *code,
                          const char *text, size_t *ret_under)
{
    static const uint8_t place[ISO8583_MAC_SIZE];
    static uint8_t arena_block[ISO8583_ARENA_MAX];
    static char said[3];
    uint8_t block[2048], mac[MAC_MAX];
    struct iso8583_message m;
    struct iso8583_fault fault;
    struct writer w = writer_over(block, sizeof block);
    struct arena arena = arena_over(arena_block, sizeof arena_block);
    iso8583_start(&m, 0x0800);
    iso8583_set(&m, 7, BYTES("0102030405"));
    iso8583_set(&m, 11, BYTES("000001"));
    if (text != NULL) iso8583_set(&m, 48, bytes_text(text));
    iso8583_set(&m, 70, bytes_text(code));
    iso8583_set(&m, 128, BYTES_OF(place));
    assert_ok(iso8583_encode(&iso8583_dialect_ascii87, &m, &w, &fault));
    assert_ok(mac_generate(&f.crypto, MAC_AES_CMAC_8, &f.mac[under],
                           iso8583_mac_input(&iso8583_dialect_ascii87, writer_view(&w)), mac));
    iso8583_seal(&iso8583_dialect_ascii87, block, w.len, mac);
    f.answer_len = 0;
    assert_ok(network_on_message(f.network, route, writer_view(&w)));
    assert_ok(network_flush(f.network));
    if (f.answer_len == 0) return NULL;
    struct bytes raw = bytes_of(f.answer, f.answer_len);
    assert_ok(iso8583_decode(&iso8583_dialect_ascii87, raw, &arena, &m, &fault));
    *ret_under = SETS;
    for (size_t i = 0; i < SETS; i++)
        if (!FAILED(mac_verify(&f.crypto, MAC_AES_CMAC_8, &f.mac[i], bytes_of(raw.at, m.mac_input),
                               iso8583_get(&m, 128))))
            *ret_under = i;
    assert_ok(bytes_to_text(iso8583_get(&m, 39), said, sizeof said));
    return said;
}

static void expect(const char *code, size_t answered_under, size_t under, const char *what,
                   const char *text)
{
    size_t got = 0;
    const char *said = manage(PAYMENT_ROUTE_CARD_NETWORK, under, what, text, &got);
    if (code == NULL) {
        assert_null(said);
        return;
    }
    assert_non_null(said);
    assert_string_equal(said, code);
    assert_int_equal(got, answered_under);
}

static int64_t number(bool *two)
{
    return network_zone_number(f.network, two);
}

static void either_set_until_the_overlap_is_over(void **state)
{
    (void)state;
    char text[PAYMENT_KEY_CHANGE_TEXT + 1];
    bool two;
    size_t got;
    tell_text(1, 2, &f.hsm, text);
    expect("00", 1, 0, PAYMENT_KEY_CHANGE_CODE, text); /* shown by the answer's own MAC */
    assert_int_equal(number(&two), 2);
    assert_true(two);
    f.now_ms += 10 * OVERLAP_S * 1000; /* not used yet: the old one is good for as long */
    expect("00", 0, 0, "301", NULL);
    expect("00", 1, 0, PAYMENT_KEY_CHANGE_CODE, text); /* told again */
    network_close(f.network);
    open_network();
    expect("00", 0, 0, "301", NULL);
    expect("00", 1, 1, "301", NULL); /* the first under the new one */
    f.now_ms += OVERLAP_S * 1000 - 1;
    expect("00", 0, 0, "301", NULL);
    network_close(f.network);
    open_network();
    expect("00", 0, 0, "301", NULL);
    f.now_ms += 1;
    expect(NULL, 0, 0, "301", NULL);
    expect("00", 1, 1, "301", NULL);
    assert_int_equal(number(&two), 2);
    assert_false(two);
    network_close(f.network);
    open_network();
    expect(NULL, 0, 0, "301", NULL);
    expect("00", 1, 1, "301", NULL);
    /* The wallets' line has its own. */
    assert_string_equal(manage(PAYMENT_ROUTE_WALLET, 0, "301", NULL, &got), "00");
    assert_int_equal(got, 0);
    assert_null(manage(PAYMENT_ROUTE_WALLET, 1, "301", NULL, &got));
    /* Once more. */
    tell_text(2, 3, &f.hsm, text);
    expect("00", 2, 1, PAYMENT_KEY_CHANGE_CODE, text);
    expect("00", 2, 2, "301", NULL);
    expect("00", 1, 1, "301", NULL);
}

static void what_is_refused(void **state)
{
    (void)state;
    char text[PAYMENT_KEY_CHANGE_TEXT + 1];
    bool two;
    size_t got;
    tell_text(1, 2, &f.thief, text); /* not our hsm's seal */
    expect("12", 0, 0, PAYMENT_KEY_CHANGE_CODE, text);
    tell_text(1, 2, &f.hsm, text);
    text[40] = text[40] == '0' ? '1' : '0';
    expect("12", 0, 0, PAYMENT_KEY_CHANGE_CODE, text);
    text[strlen(text) - 1] = '\0';
    expect("30", 0, 0, PAYMENT_KEY_CHANGE_CODE, text);
    expect("30", 0, 0, PAYMENT_KEY_CHANGE_CODE, "00");
    expect("12", 0, 0, "999", NULL); /* what we do not know */
    tell_text(1, 2, &f.hsm, text);
    assert_string_equal(manage(PAYMENT_ROUTE_WALLET, 0, PAYMENT_KEY_CHANGE_CODE, text, &got), "12");
    expect(NULL, 0, 1, PAYMENT_KEY_CHANGE_CODE, text); /* under keys that nobody knows yet */
    assert_int_equal(number(&two), 0);
    assert_false(two);
    /* Two at a time: the next waits until this one was used and its overlap is over. */
    expect("00", 1, 0, PAYMENT_KEY_CHANGE_CODE, text);
    tell_text(2, 3, &f.hsm, text);
    expect("12", 0, 0, PAYMENT_KEY_CHANGE_CODE, text);
    assert_int_equal(number(&two), 2);
    expect("00", 1, 1, "301", NULL);
    f.now_ms += OVERLAP_S * 1000;
    expect("00", 2, 1, PAYMENT_KEY_CHANGE_CODE, text);
    tell_text(1, 2, &f.hsm, text); /* an older one */
    expect("12", 1, 1, PAYMENT_KEY_CHANGE_CODE, text);
    assert_int_equal(number(&two), 3);
}

static void the_message_itself(void **state)
{
    (void)state;
    uint8_t block[PAYMENT_KEY_CHANGE_BYTES], longest[PAYMENT_KEY_SEALED_MAX + 1] = {0};
    struct payment_key_change c = {1, OVERLAP_S, BYTES("pin"), BYTES("mac"), BYTES("data")}, read;
    struct writer w = writer_over(block, sizeof block);
    assert_ok(payment_key_change_write(&c, &w));
    assert_ok(payment_key_change_read(writer_view(&w), &read));
    assert_int_equal(read.number, 1);
    assert_int_equal(read.overlap_s, OVERLAP_S);
    assert_true(bytes_equal(read.pin, c.pin) && bytes_equal(read.mac, c.mac) &&
                bytes_equal(read.data, c.data));
    for (size_t i = 0; i < w.len; i++)
        assert_true(FAILED(payment_key_change_read(bytes_of(block, i), &read)));
    block[0] = 2;
    assert_err(payment_key_change_read(writer_view(&w), &read), FORMAT);
    const struct payment_key_change good = c;
    struct payment_key_change bad[] = {good, good, good, good, good};
    bad[0].number = 0;
    bad[1].overlap_s = PAYMENT_KEY_OVERLAP_MIN_S - 1;
    bad[2].overlap_s = PAYMENT_KEY_OVERLAP_MAX_S + 1;
    bad[3].mac = (struct bytes){0};
    bad[4].data = BYTES_OF(longest);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        w = writer_over(block, sizeof block);
        assert_true(FAILED(payment_key_change_write(&bad[i], &w)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(either_set_until_the_overlap_is_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_refused, set_up, tear_down),
        cmocka_unit_test(the_message_itself),
    };
    return cmocka_run_group_tests_name("simulators_zone", tests, NULL, NULL);
}
