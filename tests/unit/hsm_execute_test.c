/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hsm's commands, as its clients send them: what each gives, and what each refuses. S60, S62,
 * S63. The terminal's side is played with lib/crypto, as a vault does it.
 */
#include "hsm/hsm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hsm/limits.h"
#include "lib/crypto/delivery.h"
#include "lib/crypto/envelope.h"
#include "lib/crypto/keyblock.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/pin.h"
#include "lib/wire/hsm_protocol.h"

#define assert_ok(call)          assert_string_equal(err_name(call), "OK")
#define assert_status(got, want) assert_string_equal(hsm_status_text(got), hsm_status_text(want))

enum { LOG_MAX = 65536 };

struct fixture {
    struct crypto crypto;
    struct hsm_master master;
    struct hsm *hsm;
    struct log log;
    char logged[LOG_MAX];
    size_t logged_len;
    uint8_t request[HSM_FRAME_MAX], response[HSM_FRAME_MAX];
    struct writer w;      /* over request */
    struct reader answer; /* over the body of the last answer */
    uint32_t id;
};

static void keep_line(void *context, struct bytes line)
{
    struct fixture *f = context;
    if (line.len >= LOG_MAX - f->logged_len) return;
    memcpy(f->logged + f->logged_len, line.at, line.len);
    f->logged_len += line.len;
}

static int open_hsm(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    assert_ok(crypto_open(random_system(), &f->crypto));
    hsm_master_generate(&f->crypto, true, &f->master);
    f->log = (struct log){keep_line, f, clock_system(), "hsm", LOG_INFO};
    const struct hsm_config config = {random_system(), &f->log, true};
    assert_ok(hsm_open(&config, &f->master, &f->hsm));
    *state = f;
    return 0;
}

static int close_hsm(void **state)
{
    struct fixture *f = *state;
    hsm_close(f->hsm);
    hsm_close(NULL);
    crypto_close(&f->crypto);
    free(f);
    return 0;
}

static struct writer *begin(struct fixture *f, uint8_t command)
{
    f->w = writer_over(f->request, sizeof f->request);
    hsm_write_header(&f->w, command, ++f->id);
    return &f->w;
}

/* Executes what begin() began; leaves `answer` at the body. */
static enum hsm_status execute(struct fixture *f)
{
    assert_int_equal(f->w.fault, ERR_OK);
    struct writer response = writer_over(f->response, sizeof f->response);
    assert_ok(hsm_execute(f->hsm, writer_view(&f->w), &response));
    f->answer = reader_over(writer_view(&response));
    struct hsm_header header;
    enum hsm_status status;
    assert_ok(hsm_read_answer(&f->answer, &header, &status));
    assert_int_equal(header.id, f->id);
    assert_int_equal(header.command, f->request[1]);
    if (status != HSM_OK) assert_int_equal(f->answer.left.len, 0);
    return status;
}

/* A copy that outlives the response it was read from. */
struct text {
    uint8_t at[HSM_KEY_BLOCK_MAX];
    size_t len;
};

static struct text keep(struct bytes b)
{
    struct text text = {.len = b.len};
    assert_true(b.len <= sizeof text.at);
    memcpy(text.at, b.at, b.len);
    return text;
}

static struct bytes view(const struct text *text)
{
    return bytes_of(text->at, text->len);
}

static struct text make_key(struct fixture *f, uint8_t usage, uint8_t suite)
{
    const struct hsm_make_key m = {usage, suite, BYTES("test"), {0}, {0}};
    struct hsm_key_answer answer;
    hsm_write_make_key(begin(f, HSM_MAKE_KEY), &m);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_key_answer(&f->answer, &answer));
    return keep(answer.block);
}

static void status_names_the_master_key(void **state)
{
    struct fixture *f = *state;
    struct hsm_status_answer answer;
    uint8_t kcv[KEY_CHECK_BYTES];
    begin(f, HSM_STATUS);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_status_answer(&f->answer, &answer));
    assert_ok(key_check_value(&f->crypto, &f->master.key, kcv));
    assert_true(answer.development);
    assert_true(bytes_equal(answer.master_kcv, BYTES_OF(kcv)));
    assert_true(bytes_equal(answer.hsm_public, BYTES_OF(f->master.transport.public_key)));
    assert_true(answer.commands >= 1);
}

static void a_master_key_reaches_its_vault(void **state)
{
    struct fixture *f = *state;
    struct transport_pair vault;
    transport_generate(&f->crypto, &vault);
    for (uint8_t suite = HSM_SUITE_TONGBAO; suite <= HSM_SUITE_CUP; suite++) {
        const struct hsm_make_key m = {
            HSM_KEY_TERMINAL_MASTER, suite, BYTES("10000017"), BYTES_OF(vault.public_key), {0}};
        struct hsm_key_answer answer;
        struct key sent = {0}, kept = {0};
        hsm_write_make_key(begin(f, HSM_MAKE_KEY), &m);
        assert_status(execute(f), HSM_OK);
        assert_ok(hsm_read_key_answer(&f->answer, &answer));
        assert_ok(transport_open_key(&vault, f->master.transport.public_key, answer.sealed,
                                     KEY_USAGE_TERMINAL_MASTER, BYTES("10000017"), &sent));
        assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, answer.block, &kept));
        assert_memory_equal(&sent, &kept, sizeof sent);
        assert_ok(key_check(&f->crypto, &sent, answer.kcv));
        assert_int_equal(sent.algorithm, suite == HSM_SUITE_TONGBAO ? KEY_AES128 : KEY_TDES);
    }
}

static void keys_that_are_not_made(void **state)
{
    struct fixture *f = *state;
    struct transport_pair holder;
    transport_generate(&f->crypto, &holder);
    struct bytes public_key = BYTES_OF(holder.public_key), none = {0};
    static const uint8_t no_point[32];
    const struct {
        struct hsm_make_key m;
        enum hsm_status status;
    } rows[] = {
        {{HSM_KEY_TERMINAL_PIN, 1, none, none, none}, HSM_NOT_ALLOWED},
        {{HSM_KEY_TERMINAL_MAC, 1, none, none, none}, HSM_NOT_ALLOWED},
        {{HSM_KEY_TERMINAL_DATA, 1, none, none, none}, HSM_NOT_ALLOWED},
        {{HSM_KEY_TOKEN, 1, none, public_key, none}, HSM_NOT_ALLOWED},
        {{0, 1, none, none, none}, HSM_BAD_REQUEST},
        {{9, 1, none, none, none}, HSM_BAD_REQUEST},
        {{HSM_KEY_TOKEN, 0, none, none, none}, HSM_BAD_REQUEST},
        {{HSM_KEY_TOKEN, 3, none, none, none}, HSM_BAD_REQUEST},
        {{HSM_KEY_TOKEN, 1, none, none, BYTES("1234567890123456")}, HSM_BAD_REQUEST},
        {{HSM_KEY_ZONE_PIN, 1, none, BYTES("short"), none}, HSM_BAD_REQUEST},
        {{HSM_KEY_ZONE_PIN, 1, none, BYTES_OF(no_point), none}, HSM_BAD_REQUEST},
        {{HSM_KEY_ZONE_PIN, 1, BYTES("a\nb"), none, none}, HSM_BAD_REQUEST},
        {{HSM_KEY_ZONE_PIN, 1, BYTES("123456789012345678901234567890123"), none, none},
         HSM_BAD_REQUEST},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        hsm_write_make_key(begin(f, HSM_MAKE_KEY), &rows[i].m);
        assert_status(execute(f), rows[i].status);
    }
}

/* The published UnionPay pair: its check value is D2B91CC5. */
static void known_keys_only_in_development(void **state)
{
    struct fixture *f = *state;
    static const uint8_t value[16] = {0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                      0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22};
    struct hsm_make_key m = {
        HSM_KEY_TERMINAL_MASTER, HSM_SUITE_CUP, BYTES("t"), {0}, BYTES_OF(value)};
    struct hsm_key_answer answer;
    hsm_write_make_key(begin(f, HSM_IMPORT_KEY), &m);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_key_answer(&f->answer, &answer));
    assert_true(bytes_equal(answer.kcv, BYTES("\xd2\xb9\x1c\xc5")));
    m.clear.len = 15;
    hsm_write_make_key(begin(f, HSM_IMPORT_KEY), &m);
    assert_status(execute(f), HSM_BAD_REQUEST);

    /* A master key made in development opens in no other mode; a real one allows no import. */
    const struct hsm_config config = {random_system(), NULL, false};
    struct hsm *strict = NULL;
    assert_string_equal(err_name(hsm_open(&config, &f->master, &strict)), "CONFIG");
    struct hsm_master real;
    hsm_master_generate(&f->crypto, false, &real);
    assert_ok(hsm_open(&config, &real, &strict));
    struct hsm *development = f->hsm;
    f->hsm = strict;
    m.clear.len = 16;
    hsm_write_make_key(begin(f, HSM_IMPORT_KEY), &m);
    assert_status(execute(f), HSM_NOT_ALLOWED);
    f->hsm = development;
    hsm_close(strict);
}

/* A terminal after its sign-in: what its vault holds and what the host stores. */
struct terminal {
    uint8_t suite;
    struct text master_block, pin_block, mac_block, data_block;
    struct working_keys keys;
    uint8_t delivery[HSM_DELIVERY_MAX];
    size_t delivery_len;
};

static void sign_in(struct fixture *f, struct terminal *t)
{
    const struct hsm_sign_in m = {t->suite, view(&t->master_block)};
    struct hsm_sign_in_answer answer;
    struct key master = {0};
    hsm_write_sign_in(begin(f, HSM_SIGN_IN), &m);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_sign_in_answer(&f->answer, &answer));
    assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&t->master_block), &master));
    assert_ok(delivery_unwrap(&f->crypto, &master, answer.delivery, &t->keys));
    memcpy(t->delivery, answer.delivery.at, answer.delivery.len);
    t->delivery_len = answer.delivery.len;
    t->pin_block = keep(answer.pin_block);
    t->mac_block = keep(answer.mac_block);
    t->data_block = keep(answer.data_block);
}

static struct terminal new_terminal(struct fixture *f, uint8_t suite)
{
    struct terminal t = {.suite = suite};
    t.master_block = make_key(f, HSM_KEY_TERMINAL_MASTER, suite);
    sign_in(f, &t);
    return t;
}

static void working_keys_for_both_suites(void **state)
{
    struct fixture *f = *state;
    struct terminal t = new_terminal(f, HSM_SUITE_TONGBAO);
    assert_int_equal(t.delivery_len, 60);
    assert_int_equal(t.keys.data.algorithm, KEY_AES128);
    t = new_terminal(f, HSM_SUITE_CUP);
    assert_int_equal(t.delivery_len, 40);
    assert_int_equal(t.data_block.len, 0);
    assert_int_equal(t.keys.pin.algorithm, KEY_TDES);
    assert_int_equal(t.keys.mac.algorithm, KEY_DES);
    /* The block that the host stores is the key that was delivered. */
    struct key kept = {0};
    assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&t.mac_block), &kept));
    assert_memory_equal(&kept, &t.keys.mac, sizeof kept);

    struct hsm_sign_in m = {HSM_SUITE_TONGBAO, view(&t.master_block)};
    hsm_write_sign_in(begin(f, HSM_SIGN_IN), &m); /* of the other suite */
    assert_status(execute(f), HSM_WRONG_USAGE);
    m = (struct hsm_sign_in){HSM_SUITE_CUP, view(&t.pin_block)};
    hsm_write_sign_in(begin(f, HSM_SIGN_IN), &m);
    assert_status(execute(f), HSM_WRONG_USAGE);
    m = (struct hsm_sign_in){7, view(&t.master_block)};
    hsm_write_sign_in(begin(f, HSM_SIGN_IN), &m);
    assert_status(execute(f), HSM_BAD_REQUEST);
}

/* S62: the same terminal gets other keys each time, two terminals never the same. */
static void no_two_deliveries_are_alike(void **state)
{
    struct fixture *f = *state;
    enum { TERMINALS = 20, TIMES = 3, KEYS = TERMINALS * TIMES };
    static struct working_keys seen[KEYS];
    size_t count = 0;
    for (int i = 0; i < TERMINALS; i++) {
        struct terminal t = new_terminal(f, HSM_SUITE_TONGBAO);
        for (int k = 0; k < TIMES; k++) {
            sign_in(f, &t);
            for (size_t j = 0; j < count; j++) {
                assert_memory_not_equal(seen[j].pin.value.at, t.keys.pin.value.at, 16);
                assert_memory_not_equal(seen[j].mac.value.at, t.keys.mac.value.at, 16);
                assert_memory_not_equal(seen[j].data.value.at, t.keys.data.value.at, 16);
            }
            seen[count++] = t.keys;
        }
    }
}

static enum hsm_status check_mac(struct fixture *f, const struct terminal *t, struct bytes key,
                                 struct bytes data, struct bytes mac)
{
    const struct hsm_mac m = {t->suite, key, data, mac};
    hsm_write_mac(begin(f, HSM_MAC_CHECK), &m);
    return execute(f);
}

static void macs_of_both_suites_and_of_a_zone(void **state)
{
    struct fixture *f = *state;
    static const enum mac_algorithm algorithm[] = {
        [HSM_SUITE_TONGBAO] = MAC_AES_CMAC_8, [HSM_SUITE_CUP] = MAC_CUP_ECB};
    struct bytes data = BYTES("0210 and whatever else stands before field 64"), made;
    for (uint8_t suite = HSM_SUITE_TONGBAO; suite <= HSM_SUITE_CUP; suite++) {
        struct terminal t = new_terminal(f, suite);
        uint8_t mac[MAC_MAX];
        assert_ok(mac_generate(&f->crypto, algorithm[suite], &t.keys.mac, data, mac));
        const struct hsm_mac m = {suite, view(&t.mac_block), data, {0}};
        hsm_write_mac(begin(f, HSM_MAC_MAKE), &m);
        assert_status(execute(f), HSM_OK);
        assert_ok(hsm_read_bytes(&f->answer, &made));
        assert_true(bytes_equal(made, bytes_of(mac, 8)));
        assert_status(check_mac(f, &t, view(&t.mac_block), data, bytes_of(mac, 8)), HSM_OK);
        /* Zone keys have their own algorithm, whatever the suite says. */
        struct text zone = make_key(f, HSM_KEY_ZONE_MAC, suite);
        struct key zone_key = {0};
        assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&zone), &zone_key));
        assert_ok(mac_generate(&f->crypto, MAC_AES_CMAC_8, &zone_key, data, mac));
        assert_status(check_mac(f, &t, view(&zone), data, bytes_of(mac, 8)), HSM_OK);
        assert_status(check_mac(f, &t, view(&t.mac_block), data, bytes_of(mac, 8)), HSM_BAD_MAC);
    }
}

static void keys_do_only_what_they_are_for(void **state)
{
    struct fixture *f = *state;
    struct terminal t = new_terminal(f, HSM_SUITE_TONGBAO), cup = new_terminal(f, HSM_SUITE_CUP);
    struct text token = make_key(f, HSM_KEY_TOKEN, 1), zone_pin = make_key(f, HSM_KEY_ZONE_PIN, 1);
    const struct text *const wrong[] = {&t.pin_block, &t.data_block, &t.master_block,
                                        &token,       &zone_pin,     &cup.mac_block};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_status(check_mac(f, &t, view(wrong[i]), BYTES("x"), BYTES("12345678")),
                      HSM_WRONG_USAGE);
        const struct hsm_mac m = {t.suite, view(wrong[i]), BYTES("x"), {0}};
        hsm_write_mac(begin(f, HSM_MAC_MAKE), &m);
        assert_status(execute(f), HSM_WRONG_USAGE);
    }
}

/* Warm or cold, a block with one bit changed is refused: the cache compares all of it. */
static void altered_blocks_are_refused(void **state)
{
    struct fixture *f = *state;
    struct terminal t = new_terminal(f, HSM_SUITE_TONGBAO);
    struct bytes data = BYTES("message");
    uint8_t mac[MAC_MAX];
    assert_ok(mac_generate(&f->crypto, MAC_AES_CMAC_8, &t.keys.mac, data, mac));
    assert_status(check_mac(f, &t, view(&t.mac_block), data, bytes_of(mac, 8)), HSM_OK);
    struct text altered = t.mac_block;
    for (size_t bit = 0; bit < 8 * altered.len; bit++) {
        altered.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_status(check_mac(f, &t, view(&altered), data, bytes_of(mac, 8)), HSM_BAD_KEY_BLOCK);
        altered.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < altered.len; len++)
        assert_status(check_mac(f, &t, bytes_of(altered.at, len), data, bytes_of(mac, 8)),
                      HSM_BAD_KEY_BLOCK);
    /* And one of another hsm. */
    struct hsm_master other;
    struct key key = {0};
    uint8_t block[KEYBLOCK_MAX];
    struct writer w = writer_over(block, sizeof block);
    hsm_master_generate(&f->crypto, true, &other);
    key_generate(&f->crypto, KEY_AES128, KEY_USAGE_MAC, &key);
    assert_ok(keyblock_wrap(&f->crypto, &other.key, &key, &w));
    assert_status(check_mac(f, &t, writer_view(&w), data, bytes_of(mac, 8)), HSM_BAD_KEY_BLOCK);
}

/* S63: one bit of message or MAC. */
static void flipped_bits_are_never_accepted(void **state)
{
    struct fixture *f = *state;
    for (uint8_t suite = HSM_SUITE_TONGBAO; suite <= HSM_SUITE_CUP; suite++) {
        struct terminal t = new_terminal(f, suite);
        uint8_t data[150], mac[MAC_MAX];
        random_fill(&f->crypto.random, data, sizeof data);
        assert_ok(mac_generate(&f->crypto, suite == HSM_SUITE_CUP ? MAC_CUP_ECB : MAC_AES_CMAC_8,
                               &t.keys.mac, BYTES_OF(data), mac));
        struct bytes key = view(&t.mac_block), given = bytes_of(mac, 8);
        int accepted = 0;
        for (size_t bit = 0; bit < 8 * sizeof data; bit++) {
            data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            accepted += check_mac(f, &t, key, BYTES_OF(data), given) != HSM_BAD_MAC;
            data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t bit = 0; bit < 64; bit++) {
            mac[bit / 8] ^= (uint8_t)(1 << bit % 8);
            accepted += check_mac(f, &t, key, BYTES_OF(data), given) != HSM_BAD_MAC;
            mac[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        accepted += check_mac(f, &t, key, BYTES_OF(data), bytes_of(mac, 7)) != HSM_BAD_MAC;
        accepted += check_mac(f, &t, key, BYTES_OF(data), BYTES("")) != HSM_BAD_MAC;
        assert_int_equal(accepted, 0);
        assert_status(check_mac(f, &t, key, BYTES_OF(data), given), HSM_OK);
    }
}

/* A financial request as the terminal makes it. */
struct request {
    struct terminal terminal;
    struct text token_key, zone_pin_key, zone_data_key;
    uint8_t mac[MAC_MAX], envelope[ENVELOPE_MAX];
    struct pin_block pin;
    struct hsm_accept m;
};

static const struct card_data card = {
    .pan = "6200000000000005",
    .expiry = "3012",
    .service_code = "220",
    .track2 = "6200000000000005=30122201000000000000",
};

static const char aad[] = "10000017|000012|000345|000000012800";
static const char zone_aad[] = "000000000345|000000012800";
static const char message[] = "0200 the bytes of a message up to field 64";

static void host_keys(struct fixture *f, struct request *q)
{
    q->token_key = make_key(f, HSM_KEY_TOKEN, 1);
    q->zone_pin_key = make_key(f, HSM_KEY_ZONE_PIN, 1);
    q->zone_data_key = make_key(f, HSM_KEY_ZONE_DATA, 1);
    q->m = (struct hsm_accept){.suite = q->terminal.suite,
                               .mac_key = view(&q->terminal.mac_block),
                               .mac_data = bytes_text(message),
                               .pin_key = view(&q->terminal.pin_block),
                               .token_key = view(&q->token_key),
                               .zone_pin_key = view(&q->zone_pin_key),
                               .zone_data_key = view(&q->zone_data_key),
                               .zone_aad = bytes_text(zone_aad)};
    bool cup = q->terminal.suite == HSM_SUITE_CUP;
    struct pin pin = {0};
    assert_ok(pin_from_digits(BYTES("123456"), &pin));
    assert_ok(mac_generate(&f->crypto, cup ? MAC_CUP_ECB : MAC_AES_CMAC_8, &q->terminal.keys.mac,
                           q->m.mac_data, q->mac));
    assert_ok(pin_block_encrypt(&f->crypto, &q->terminal.keys.pin, cup ? PIN_ISO0 : PIN_ISO4, &pin,
                                bytes_text(card.pan), &q->pin));
    q->m.mac = bytes_of(q->mac, 8);
    q->m.pin_block = bytes_of(q->pin.at, q->pin.len);
}

static void make_request(struct fixture *f, struct request *q)
{
    *q = (struct request){.terminal = new_terminal(f, HSM_SUITE_TONGBAO)};
    host_keys(f, q);
    struct writer w = writer_over(q->envelope, sizeof q->envelope);
    assert_ok(envelope_seal(&f->crypto, &q->terminal.keys.data, bytes_text(aad), &card, &w));
    q->m.data_key = view(&q->terminal.data_block);
    q->m.envelope = writer_view(&w);
    q->m.aad = bytes_text(aad);
}

static void make_plain_request(struct fixture *f, struct request *q)
{
    *q = (struct request){.terminal = new_terminal(f, HSM_SUITE_CUP)};
    host_keys(f, q);
    q->m.clear_pan = bytes_text(card.pan);
    q->m.clear_expiry = bytes_text(card.expiry);
    q->m.clear_track2 = BYTES("6200000000000005D30122201000000000000");
}

static enum hsm_status accept(struct fixture *f, const struct hsm_accept *m)
{
    hsm_write_accept(begin(f, HSM_ACCEPT), m);
    return execute(f);
}

/* What reaches the network is the card and the PIN that the terminal took. */
static void assert_zone(struct fixture *f, const struct request *q,
                        const struct hsm_accept_answer *a)
{
    struct key data_key = {0}, pin_key = {0};
    struct card_data out = {0};
    struct pin pin = {0};
    assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&q->zone_data_key), &data_key));
    assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&q->zone_pin_key), &pin_key));
    assert_ok(envelope_open(&f->crypto, &data_key, bytes_text(zone_aad), a->zone_envelope, &out));
    assert_memory_equal(&out, &card, sizeof card);
    assert_ok(pin_block_decrypt(&f->crypto, &pin_key, PIN_ISO4, a->zone_pin_block,
                                bytes_text(card.pan), &pin));
    assert_memory_equal(pin.digit, "123456", 6);
}

static void a_request_is_accepted(void **state)
{
    struct fixture *f = *state;
    struct request q;
    struct hsm_accept_answer a;
    char first_token[16];
    void (*const make[])(struct fixture *, struct request *) = {make_request, make_plain_request};
    for (size_t i = 0; i < ARRAY_LEN(make); i++) {
        make[i](f, &q);
        for (int again = 0; again < 2; again++) {
            assert_status(accept(f, &q.m), HSM_OK);
            assert_ok(hsm_read_accept_answer(&f->answer, &a));
            assert_true(bytes_equal(a.pan_masked, BYTES("620000******0005")));
            assert_true(bytes_equal(a.bin, BYTES("62000000")));
            assert_int_equal(a.token.len, 16);
            if (again == 0) memcpy(first_token, a.token.at, 16);
            assert_memory_equal(a.token.at, first_token, 16);
            assert_zone(f, &q, &a);
        }
    }
    assert_null(strstr(f->logged, card.pan));
}

static void parts_that_are_absent(void **state)
{
    struct fixture *f = *state;
    struct request q;
    struct hsm_accept_answer a;
    make_request(f, &q);
    q.m.pin_key = q.m.pin_block = (struct bytes){0};
    assert_status(accept(f, &q.m), HSM_OK);
    assert_ok(hsm_read_accept_answer(&f->answer, &a));
    assert_int_equal(a.zone_pin_block.len, 0);
    assert_int_equal(a.zone_envelope.len, q.m.envelope.len);

    const struct hsm_accept only_mac = {
        .suite = q.m.suite, .mac_key = q.m.mac_key, .mac_data = q.m.mac_data, .mac = q.m.mac};
    assert_status(accept(f, &only_mac), HSM_OK); /* a scanned code or a reversal */
    assert_ok(hsm_read_accept_answer(&f->answer, &a));
    assert_int_equal(a.pan_masked.len + a.token.len + a.bin.len + a.zone_envelope.len, 0);

    make_plain_request(f, &q);
    q.m.clear_pan = q.m.clear_expiry = (struct bytes){0}; /* a swipe: all of it is in track 2 */
    assert_status(accept(f, &q.m), HSM_OK);
    assert_ok(hsm_read_accept_answer(&f->answer, &a));
    assert_zone(f, &q, &a);
}

static void requests_that_are_refused(void **state)
{
    struct fixture *f = *state;
    struct request good, other, q;
    make_request(f, &good);
    make_request(f, &other);
    struct bytes none = {0};
#define REFUSED(status, ...)                    \
    do {                                        \
        q = good;                               \
        __VA_ARGS__;                            \
        assert_status(accept(f, &q.m), status); \
    } while (0)
    REFUSED(HSM_BAD_MAC, q.m.mac_data = BYTES("0200 another message"));
    REFUSED(HSM_BAD_MAC, q.m.mac_key = view(&other.terminal.mac_block));
    REFUSED(HSM_BAD_ENVELOPE, q.m.aad = BYTES("10000017|000012|000345|000000012801"));
    REFUSED(HSM_BAD_ENVELOPE, q.m.data_key = view(&other.terminal.data_block));
    REFUSED(HSM_BAD_ENVELOPE, q.m.envelope = other.m.envelope);
    REFUSED(HSM_BAD_PIN_BLOCK, q.m.pin_key = view(&other.terminal.pin_block));
    REFUSED(HSM_BAD_PIN_BLOCK, q.m.pin_block.len = 8);
    REFUSED(HSM_WRONG_USAGE, q.m.mac_key = view(&good.terminal.pin_block));
    REFUSED(HSM_WRONG_USAGE, q.m.pin_key = view(&good.terminal.mac_block));
    REFUSED(HSM_WRONG_USAGE, q.m.data_key = view(&good.terminal.mac_block));
    REFUSED(HSM_WRONG_USAGE, q.m.data_key = view(&good.zone_data_key));
    REFUSED(HSM_WRONG_USAGE, q.m.zone_data_key = view(&good.terminal.data_block));
    REFUSED(HSM_WRONG_USAGE, q.m.zone_pin_key = view(&good.terminal.pin_block));
    REFUSED(HSM_WRONG_USAGE, q.m.token_key = view(&good.terminal.mac_block));
    REFUSED(HSM_BAD_KEY_BLOCK, q.m.token_key = BYTES("no block"));
    REFUSED(HSM_BAD_REQUEST, q.m.data_key = none);
    REFUSED(HSM_BAD_REQUEST, q.m.aad = none);
    REFUSED(HSM_BAD_REQUEST, q.m.envelope = none);
    REFUSED(HSM_BAD_REQUEST, q.m.pin_key = none);
    REFUSED(HSM_BAD_REQUEST, q.m.pin_block = none);
    REFUSED(HSM_BAD_REQUEST, q.m.zone_pin_key = none);
    REFUSED(HSM_BAD_REQUEST, q.m.token_key = none);
    REFUSED(HSM_BAD_REQUEST, q.m.zone_aad = none);
    REFUSED(HSM_BAD_REQUEST, q.m.envelope = q.m.data_key = q.m.aad = none); /* a PIN, no card */
    REFUSED(HSM_BAD_REQUEST, q.m.clear_pan = BYTES("6200000000000005"));
    REFUSED(HSM_BAD_REQUEST, q.m.suite = HSM_SUITE_CUP);
    REFUSED(HSM_OK, (void)q);

    make_plain_request(f, &good);
    REFUSED(HSM_BAD_ENVELOPE, q.m.clear_pan = BYTES("6200000000000104")); /* not track 2's */
    REFUSED(HSM_BAD_ENVELOPE, q.m.clear_pan = BYTES("62000000000000050000000"));
    REFUSED(HSM_BAD_ENVELOPE, q.m.clear_expiry = BYTES("99"));
    REFUSED(HSM_BAD_ENVELOPE, q.m.clear_track2 = BYTES("no track"));
    REFUSED(HSM_BAD_REQUEST, q.m.clear_pan = q.m.clear_track2 = none);
    REFUSED(HSM_OK, (void)q);
#undef REFUSED
}

/* Cut anywhere, changed anywhere: an answer, never a crash, and nothing but a status. */
static void malformed_commands_get_an_answer(void **state)
{
    struct fixture *f = *state;
    struct request q;
    make_request(f, &q);
    hsm_write_accept(begin(f, HSM_ACCEPT), &q.m);
    uint8_t whole[HSM_FRAME_MAX];
    size_t whole_len = f->w.len;
    memcpy(whole, f->request, whole_len);
    uint64_t before = hsm_counts(f->hsm).refusals;
    memset(f->logged, 0, sizeof f->logged); /* the tests before have filled it */
    f->logged_len = 0;
    for (size_t len = 0; len < whole_len; len++) {
        struct writer response = writer_over(f->response, sizeof f->response);
        assert_ok(hsm_execute(f->hsm, bytes_of(whole, len), &response));
        assert_int_equal(response.len, 7);
        assert_int_equal(f->response[6], HSM_BAD_REQUEST);
    }
    assert_int_equal(hsm_counts(f->hsm).refusals, before + whole_len);
    for (int i = 0; i < 20000; i++) {
        uint8_t changed[HSM_FRAME_MAX];
        memcpy(changed, whole, whole_len);
        for (int k = 0; k < 3; k++)
            changed[random_below(&f->crypto.random, (uint32_t)whole_len)] ^=
                (uint8_t)(1 + random_below(&f->crypto.random, 255));
        changed[1] = (uint8_t)random_below(&f->crypto.random, 9);
        struct writer response = writer_over(f->response, sizeof f->response);
        assert_ok(hsm_execute(f->hsm, bytes_of(changed, whole_len), &response));
        assert_true(response.len >= 7);
    }
    static uint8_t huge[HSM_FRAME_MAX + 1] = {HSM_PROTOCOL_VERSION, HSM_STATUS};
    struct writer response = writer_over(f->response, sizeof f->response);
    assert_ok(hsm_execute(f->hsm, BYTES_OF(huge), &response));
    assert_int_equal(f->response[6], HSM_BAD_REQUEST);
    assert_non_null(strstr(f->logged, "\"event\":\"refused\",\"command\":\"accept\""));
}

/* More keys than the cache holds, in rounds: every one still answers with its own. */
static void the_cache_forgets_and_finds_again(void **state)
{
    struct fixture *f = *state;
    enum { KEYS = 200, SETS_FULL = 3 };
    static struct text block[KEYS];
    static struct key key[KEYS];
    for (size_t i = 0; i < KEYS; i++) {
        block[i] = make_key(f, HSM_KEY_ZONE_MAC, 1);
        assert_ok(keyblock_unwrap(&f->crypto, &f->master.key, view(&block[i]), &key[i]));
    }
    struct terminal t = {.suite = 1};
    uint64_t cold = hsm_counts(f->hsm).misses;
    for (int round = 0; round < SETS_FULL; round++) {
        for (size_t i = 0; i < KEYS; i++) {
            uint8_t mac[MAC_MAX];
            assert_ok(mac_generate(&f->crypto, MAC_AES_CMAC_8, &key[i], BYTES("m"), mac));
            assert_status(check_mac(f, &t, view(&block[i]), BYTES("m"), bytes_of(mac, 8)), HSM_OK);
        }
    }
    uint64_t misses = hsm_counts(f->hsm).misses - cold;
    assert_in_range(misses, KEYS, KEYS + 4); /* unwrapped once each */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_names_the_master_key),
        cmocka_unit_test(a_master_key_reaches_its_vault),
        cmocka_unit_test(keys_that_are_not_made),
        cmocka_unit_test(known_keys_only_in_development),
        cmocka_unit_test(working_keys_for_both_suites),
        cmocka_unit_test(no_two_deliveries_are_alike),
        cmocka_unit_test(macs_of_both_suites_and_of_a_zone),
        cmocka_unit_test(keys_do_only_what_they_are_for),
        cmocka_unit_test(altered_blocks_are_refused),
        cmocka_unit_test(flipped_bits_are_never_accepted),
        cmocka_unit_test(a_request_is_accepted),
        cmocka_unit_test(parts_that_are_absent),
        cmocka_unit_test(requests_that_are_refused),
        cmocka_unit_test(malformed_commands_get_an_answer),
        cmocka_unit_test(the_cache_forgets_and_finds_again),
    };
    return cmocka_run_group_tests_name("hsm_execute", tests, open_hsm, close_hsm);
}
