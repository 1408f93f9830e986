/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs, epochs and the pepper against values that Python's hmac module made (the formulas stand
 * in the headers), and what no key or request may do. S39, S41, S43, CR-16.
 */
#include "lib/crypto/recovery.h"

#include "lib/crypto/pepper.h"
#include "tests/unit/crypto_vectors.h"

#define KEY_TEXT "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

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

static void proofs_by_way(void **state)
{
    (void)state;
    static const struct {
        uint8_t way, operator_id;
        const char *tid, *challenge, *grant, *code;
    } rows[] = {
        {1, 1, "10000017", "000102030405060708090a0b0c0d0e0f", "a45b4ba7421cf854a38fc15e82a051ff",
         "667668"},
        {1, 1, "10000017", "000000000000005e", "15290ff15ff4437b45ce2c5d7d228557", "002107"},
        {2, 0, "10000017", "000102030405060708090a0b0c0d0e0f", "d97d6eaa500decfeeceb72fc35235475",
         "85779710"},
        {3, 99, "10000017", "000102030405060708090a0b0c0d0e0f", "37dccf90a152ba7aa116fcc8b059e82a",
         ""},
        {4, 0, "10000017", "3132333435363738393033", "54c84dc7cd8e22474fd1132dfa2cfbce",
         "5070552647"},
        {4, 0, "1000001A", "3132333435363738393033", "65d616ee4e8f3ec3e70acbfe937dbb65",
         "5622840003"},
        {5, 0, "10000017", "000102030405060708090a0b0c0d0e0f", "bf0f8a948df22b25fdcf7313a9a78e3c",
         ""},
        {6, 0, "10000017", "000102030405060708090a0b0c0d0e0f", "44c6dc1344725a047590e150f8749fe3",
         "415278643716"},
    };
    struct key key = test_key(KEY_HMAC_SHA256, KEY_USAGE_RECOVERY, KEY_TEXT);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct recovery_subject subject = {rows[i].way, rows[i].operator_id,
                                                 bytes_text(rows[i].tid), hex(rows[i].challenge)};
        struct recovery_proof proof;
        assert_ok(recovery_prove(&crypto, &key, &subject, &proof));
        assert_bytes(BYTES_OF(proof.grant), hex(rows[i].grant));
        assert_string_equal(proof.code, rows[i].code);
        assert_int_equal(strlen(proof.code), recovery_code_digits(rows[i].way));
    }
}

static void epochs_by_direction(void **state)
{
    (void)state;
    struct key key = test_key(KEY_HMAC_SHA256, KEY_USAGE_RECOVERY, KEY_TEXT);
    uint8_t mac[RECOVERY_PROOF_BYTES];
    assert_ok(recovery_epoch_mac(&crypto, &key, RECOVERY_FROM_VAULT, BYTES("10000017"), 1, mac));
    assert_bytes(BYTES_OF(mac), hex("000759baec04210746de818a4b7aefd3"));
    assert_ok(recovery_epoch_mac(&crypto, &key, RECOVERY_FROM_HOST, BYTES("10000017"), 1, mac));
    assert_bytes(BYTES_OF(mac), hex("e14d9931771c72a207b2567885ecb557"));
    assert_ok(recovery_epoch_mac(&crypto, &key, RECOVERY_FROM_VAULT, BYTES("10000017"),
                                 0x0102030405060708, mac));
    assert_bytes(BYTES_OF(mac), hex("0540011eaca1b820f18a149510e11beb"));
}

static void the_pepper(void **state)
{
    (void)state;
    struct key key = test_key(KEY_HMAC_SHA256, KEY_USAGE_PEPPER, KEY_TEXT);
    uint8_t mac[PEPPER_BYTES];
    assert_ok(pepper_apply(&crypto, &key, BYTES("account 7"), hex(KEY_TEXT), mac));
    assert_bytes(BYTES_OF(mac),
                 hex("b8edc0cb1cc9589661688e7e61e10312555dfb4b36f994d7bf464aa6946bb596"));
    assert_ok(pepper_apply(&crypto, &key, BYTES(""), BYTES("\x01"), mac));
    assert_bytes(BYTES_OF(mac),
                 hex("27c04e519b8c9602cce65540657090ecff431bd722f821711e3a8c29f770bf3a"));
    uint8_t long_text[PEPPER_DATA_MAX + 1] = {0};
    assert_err(pepper_apply(&crypto, &key, BYTES(""), BYTES(""), mac), LENGTH);
    assert_err(pepper_apply(&crypto, &key, BYTES(""), BYTES_OF(long_text), mac), LENGTH);
    assert_err(pepper_apply(&crypto, &key, BYTES_OF(long_text), BYTES("x"), mac), LENGTH);
}

/* A key does what it is for; a subject that is none is refused with the output as it was. */
static void refusals(void **state)
{
    (void)state;
    struct key recovery = test_key(KEY_HMAC_SHA256, KEY_USAGE_RECOVERY, KEY_TEXT);
    struct key pepper = test_key(KEY_HMAC_SHA256, KEY_USAGE_PEPPER, KEY_TEXT);
    struct key token = test_key(KEY_HMAC_SHA256, KEY_USAGE_TOKEN, KEY_TEXT);
    struct recovery_proof proof = {.code = "x"};
    uint8_t mac[PEPPER_BYTES];
    const struct recovery_subject good = {RECOVERY_SMS, 1, BYTES("10000017"), BYTES("c")};
    assert_err(recovery_prove(&crypto, &token, &good, &proof), KEY);
    assert_err(recovery_prove(&crypto, &pepper, &good, &proof), KEY);
    assert_err(pepper_apply(&crypto, &recovery, BYTES(""), BYTES("x"), mac), KEY);
    assert_err(recovery_epoch_mac(&crypto, &pepper, RECOVERY_FROM_HOST, BYTES("10000017"), 1, mac),
               KEY);
    assert_err(recovery_epoch_mac(&crypto, &recovery, (enum recovery_direction)3, BYTES("10000017"),
                                  1, mac),
               RANGE);
    assert_err(recovery_epoch_mac(&crypto, &recovery, RECOVERY_FROM_HOST, BYTES("1000001"), 1, mac),
               LENGTH);
    static const struct {
        uint8_t way, operator_id;
        const char *tid, *challenge;
        enum err_code code;
    } rows[] = {
        {0, 1, "10000017", "c", ERR_RANGE},
        {7, 1, "10000017", "c", ERR_RANGE},
        {1, 100, "10000017", "c", ERR_RANGE},
        {1, 1, "1000001", "c", ERR_LENGTH},
        {1, 1, "100000170", "c", ERR_LENGTH},
        {1, 1, "10000017", "", ERR_LENGTH},
        {1, 1, "10000017", "seventeen letters", ERR_LENGTH},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct recovery_subject subject = {rows[i].way, rows[i].operator_id,
                                                 bytes_text(rows[i].tid),
                                                 bytes_text(rows[i].challenge)};
        err e = recovery_prove(&crypto, &recovery, &subject, &proof);
        assert_string_equal(err_name(e), err_name((err){rows[i].code}));
    }
    assert_string_equal(proof.code, "x");
    assert_int_equal(recovery_code_digits(0) + recovery_code_digits(5), 0);
}

/* What is read out: one digit misheard is always found, two neighbours exchanged nearly always. */
static void spoken_challenges(void **state)
{
    (void)state;
    assert_true(recovery_spoken_valid(BYTES("12345678903")));
    assert_false(recovery_spoken_valid(BYTES("12345678904")));
    assert_false(recovery_spoken_valid(BYTES("1234567890")));
    assert_false(recovery_spoken_valid(BYTES("1234567890x")));
    unsigned exchanged = 0, found = 0;
    for (int round = 0; round < 1000; round++) {
        char digits[RECOVERY_OFFLINE_DIGITS + 1];
        recovery_spoken_challenge(&crypto.random, digits);
        assert_int_equal(strlen(digits), RECOVERY_OFFLINE_DIGITS);
        assert_true(recovery_spoken_valid(bytes_text(digits)));
        for (size_t i = 0; i < RECOVERY_OFFLINE_DIGITS; i++) {
            char kept = digits[i];
            digits[i] = (char)('0' + (kept - '0' + 1 + round % 9) % 10);
            assert_false(recovery_spoken_valid(bytes_text(digits)));
            digits[i] = kept;
        }
        for (size_t i = 1; i < RECOVERY_OFFLINE_DIGITS; i++) {
            char a = digits[i - 1], b = digits[i];
            if (a == b) continue;
            digits[i - 1] = b;
            digits[i] = a;
            exchanged++;
            found += !recovery_spoken_valid(bytes_text(digits));
            digits[i - 1] = a;
            digits[i] = b;
        }
    }
    assert_true(found * 100 > exchanged * 96); /* only 09 and 90 are alike: 1 of 45 pairs */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proofs_by_way),     cmocka_unit_test(epochs_by_direction),
        cmocka_unit_test(the_pepper),        cmocka_unit_test(refusals),
        cmocka_unit_test(spoken_challenges),
    };
    return cmocka_run_group_tests_name("crypto_recovery", tests, open_crypto, close_crypto);
}
