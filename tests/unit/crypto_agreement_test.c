/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in transport and the panel channel. S62, S120. */
#include "lib/crypto/agreement.h"

#include "tests/unit/crypto_vectors.h"

static struct crypto crypto;

static int open_crypto(void **state)
{
    (void)state;
    return FAILED(crypto_open(random_system(), &crypto));
}

static int close_crypto(void **state)
{
    (void)state;
    crypto_close(&crypto);
    return 0;
}

static void a_key_reaches_one_vault(void **state)
{
    (void)state;
    struct transport_pair hsm, vault, thief, again;
    struct key key = {0}, back = {0};
    uint8_t block[256];
    transport_generate(&crypto, &hsm);
    transport_generate(&crypto, &vault);
    transport_generate(&crypto, &thief);
    transport_from_secret(vault.secret_key, &again);
    assert_memory_equal(&vault, &again, sizeof vault);
    key_generate(&crypto, KEY_AES128, KEY_USAGE_TERMINAL_MASTER, &key);
    struct bytes tid = BYTES("10000017");
    struct writer w = writer_over(block, sizeof block);
    assert_ok(transport_seal_key(&crypto, &hsm, vault.public_key, &key, tid, &w));
    struct bytes sealed = writer_view(&w);
    enum key_usage usage = KEY_USAGE_TERMINAL_MASTER;
    assert_ok(transport_open_key(&vault, hsm.public_key, sealed, usage, tid, &back));
    assert_memory_equal(&key, &back, sizeof key);

    assert_err(transport_open_key(&thief, hsm.public_key, sealed, usage, tid, &back), IDENTITY);
    assert_err(transport_open_key(&vault, thief.public_key, sealed, usage, tid, &back), IDENTITY);
    assert_err(transport_open_key(&vault, hsm.public_key, sealed, usage, BYTES("10000018"), &back),
               IDENTITY);
    assert_err(transport_open_key(&vault, hsm.public_key, sealed, KEY_USAGE_MAC, tid, &back), KEY);
    assert_err(transport_open_key(&vault, hsm.public_key, bytes_of(block, 39), usage, tid, &back),
               SHORT);
    for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
        block[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_err(transport_open_key(&vault, hsm.public_key, sealed, usage, tid, &back), IDENTITY);
        block[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    static const uint8_t small_order[TRANSPORT_KEY_BYTES];
    assert_err(transport_seal_key(&crypto, &hsm, small_order, &key, tid, &w), CRYPTO);
}

/* RFC 7748, 6.1: Bob's pair. */
static void x25519_vector(void **state)
{
    (void)state;
    struct transport_pair bob;
    transport_from_secret(
        hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb").at, &bob);
    assert_bytes(BYTES_OF(bob.public_key),
                 hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
}

struct channels {
    struct panel_channel panel, vault;
};

static struct channels connected(void)
{
    struct panel_pair panel = {0}, vault = {0};
    struct channels c = {0};
    assert_ok(panel_pair_generate(&crypto, &panel));
    assert_ok(panel_pair_generate(&crypto, &vault));
    assert_ok(panel_channel_open(&panel, BYTES_OF(vault.public_key), PANEL_SIDE_PANEL, &c.panel));
    assert_ok(panel_channel_open(&vault, BYTES_OF(panel.public_key), PANEL_SIDE_VAULT, &c.vault));
    assert_memory_equal(&c.panel.key, &c.vault.key, sizeof c.panel.key);
    return c;
}

static void panel_messages_go_both_ways(void **state)
{
    (void)state;
    struct channels c = connected();
    for (int i = 0; i < 50; i++) {
        uint8_t block[64], out[64];
        struct writer w = writer_over(block, sizeof block), plain = writer_over(out, sizeof out);
        assert_ok(panel_seal(&crypto, &c.panel, BYTES("\003"), &w));
        assert_int_equal(w.len, 1 + PANEL_OVERHEAD);
        assert_int_equal(block[7], i + 1); /* the counter begins at 1 */
        assert_ok(panel_open(&crypto, &c.vault, writer_view(&w), &plain));
        assert_bytes(writer_view(&plain), BYTES("\003"));

        w = writer_over(block, sizeof block), plain = writer_over(out, sizeof out);
        assert_ok(panel_seal(&crypto, &c.vault, BYTES("0123456789BC"), &w));
        assert_ok(panel_open(&crypto, &c.panel, writer_view(&w), &plain));
        assert_bytes(writer_view(&plain), BYTES("0123456789BC"));
    }
}

static void panel_replays_and_changes_are_refused(void **state)
{
    (void)state;
    struct channels c = connected(), other = connected();
    uint8_t first[64], second[64], out[64];
    struct writer w1 = writer_over(first, sizeof first), w2 = writer_over(second, sizeof second);
    struct writer plain = writer_over(out, sizeof out);
    assert_ok(panel_seal(&crypto, &c.panel, BYTES("a"), &w1));
    assert_ok(panel_seal(&crypto, &c.panel, BYTES("b"), &w2));
    assert_err(panel_open(&crypto, &other.vault, writer_view(&w1), &plain), MAC);
    /* Sent back to its own side it is of the wrong direction. */
    assert_err(panel_open(&crypto, &c.panel, writer_view(&w1), &plain), MAC);
    for (size_t bit = 0; bit < 8 * w2.len; bit++) {
        second[bit / 8] ^= (uint8_t)(1 << bit % 8);
        err e = panel_open(&crypto, &c.vault, writer_view(&w2), &plain);
        assert_true(e.code == ERR_MAC || e.code == ERR_CONFLICT);
        second[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(plain.len, 0);
    assert_ok(panel_open(&crypto, &c.vault, writer_view(&w2), &plain));
    assert_err(panel_open(&crypto, &c.vault, writer_view(&w2), &plain), CONFLICT);
    assert_err(panel_open(&crypto, &c.vault, writer_view(&w1), &plain), CONFLICT); /* late */
    assert_err(panel_open(&crypto, &c.vault, bytes_of(first, 23), &plain), SHORT);
    struct writer full = writer_over(out, 10);
    assert_err(panel_seal(&crypto, &c.panel, BYTES("c"), &full), FULL);
    assert_int_equal(full.len, 0);
}

static void bad_points_are_refused(void **state)
{
    (void)state;
    struct panel_pair own = {0};
    struct panel_channel channel;
    uint8_t point[PANEL_PUBLIC_BYTES];
    assert_ok(panel_pair_generate(&crypto, &own));
    memcpy(point, own.public_key, sizeof point);
    assert_err(panel_channel_open(&own, bytes_of(point, 64), PANEL_SIDE_VAULT, &channel), LENGTH);
    point[64] ^= 1; /* off the curve */
    assert_err(panel_channel_open(&own, BYTES_OF(point), PANEL_SIDE_VAULT, &channel), FORMAT);
    point[64] ^= 1;
    point[0] = 6; /* the hybrid form is another spelling */
    assert_err(panel_channel_open(&own, BYTES_OF(point), PANEL_SIDE_VAULT, &channel), FORMAT);
    static const uint8_t zeros[PANEL_PUBLIC_BYTES] = {4};
    assert_err(panel_channel_open(&own, BYTES_OF(zeros), PANEL_SIDE_VAULT, &channel), FORMAT);
}

/*
 * What WebCrypto makes of fixed keys: the
 * sealed message "\003" of the panel, counter 1.
 */
static void panel_known_answer(void **state)
{
    (void)state;
    struct panel_pair panel = {0}, vault = {0};
    memset(panel.secret_key, 0x11, 32);
    memset(vault.secret_key, 0x22, 32);
    memcpy(panel.public_key,
           hex("040217E617F0B6443928278F96999E69A23A4F2C152BDF6D6CDF66E5B80282D4ED"
               "194A7DEBCB97712D2DDA3CA85AA8765A56F45FC758599652F2897C65306E5794")
               .at,
           PANEL_PUBLIC_BYTES);
    memcpy(vault.public_key,
           hex("04D65A93977CAA3D1B081852FF57A79E465F1660577304BAEAD505DD3A48589CF3"
               "50185E895372DF6221EA3A137557E473FDDB6755F05BD507C3C533FCE9C91285")
               .at,
           PANEL_PUBLIC_BYTES);
    struct panel_channel channel = {0};
    uint8_t block[64];
    struct writer w = writer_over(block, sizeof block);
    assert_ok(panel_channel_open(&panel, BYTES_OF(vault.public_key), PANEL_SIDE_PANEL, &channel));
    assert_ok(panel_seal(&crypto, &channel, BYTES("\003"), &w));
    assert_bytes(writer_view(&w), hex("00000000000000011E5FC57E8FE8EB3747398EEB882CA9009D"));

    /* A source that gives 0x11 makes this very pair. */
    struct bytes fixed = BYTES("\x11");
    struct crypto repeating = crypto;
    repeating.random = random_fixed(&fixed);
    struct panel_pair made = {0};
    assert_ok(panel_pair_generate(&repeating, &made));
    assert_memory_equal(&made, &panel, sizeof made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(x25519_vector),
        cmocka_unit_test(a_key_reaches_one_vault),
        cmocka_unit_test(panel_messages_go_both_ways),
        cmocka_unit_test(panel_replays_and_changes_are_refused),
        cmocka_unit_test(bad_points_are_refused),
        cmocka_unit_test(panel_known_answer),
    };
    return cmocka_run_group_tests_name("crypto_agreement", tests, open_crypto, close_crypto);
}
