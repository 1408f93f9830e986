/* SPDX-License-Identifier: Apache-2.0 */
/* One row, one known answer. */
#include "lib/crypto/self_test.h"

#include "lib/base/hex.h"
#include "lib/crypto/cipher.h"
#include "lib/crypto/keyed_mac.h"

enum { ANSWER_MAX = 32 };

/*
 * E of one block of `input`. TDES: NIST SP 800-67 sample key over its first block; AES: FIPS 197
 * C.1 and C.3; SM4: GB/T 32907 A.1.
 */
static const struct {
    const char *name;
    enum key_algorithm algorithm;
    const char *key, *input, *answer;
} block_row[] = {
    {"tdes", KEY_TDES3, "0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123", "5468652071756663",
     "A826FD8CE53B855F"},
    {"aes-128", KEY_AES128, "000102030405060708090A0B0C0D0E0F", "00112233445566778899AABBCCDDEEFF",
     "69C4E0D86A7B0430D8CDB78070B4C55A"},
    {"aes-256", KEY_AES256, "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
     "00112233445566778899AABBCCDDEEFF", "8EA2B7CA516745BFEAFC49904B496089"},
    {"sm4", KEY_SM4, "0123456789ABCDEFFEDCBA9876543210", "0123456789ABCDEFFEDCBA9876543210",
     "681EDF34D206965E86B3E94F536E4246"},
};

/* MACs: NIST SP 800-38B D.1 and D.3 (16 bytes of message); HMAC: computed by another
 * implementation. */
static const struct {
    const char *name;
    enum crypto_mac mac;
    const char *key, *input, *answer;
} mac_row[] = {
    {"aes-128-cmac", CRYPTO_CMAC_AES128, "2B7E151628AED2A6ABF7158809CF4F3C",
     "6BC1BEE22E409F96E93D7E117393172A", "070A16B46B4D4144F79BDD9DD04A287C"},
    {"aes-256-cmac", CRYPTO_CMAC_AES256,
     "603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4",
     "6BC1BEE22E409F96E93D7E117393172A", "28A7023F452E8F82BD4BF28D8C37C35C"},
    {"hmac-sha-256", CRYPTO_HMAC_SHA256,
     "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", "616263",
     "F0133729C4163DEDE81E21CD47839256DA58171238C8A0D874397C73B14E1E47"},
};

static const char gcm_name[] = "aes-128-gcm", hash_name[] = "sha-256";

static struct bytes hex(const char *text, uint8_t out[ANSWER_MAX])
{
    size_t len = 0;
    err e = hex_decode(bytes_text(text), out, ANSWER_MAX, &len);
    ENSURE(!FAILED(e)); /* the tables above are ours */
    return bytes_of(out, len);
}

static void alter(const struct self_test_hook *hook, const char *part, uint8_t *answer)
{
    if (hook != NULL) hook->alter(hook->context, part, answer);
}

static bool block_answers(struct crypto *crypto, const struct self_test_hook *hook, size_t i)
{
    uint8_t value[ANSWER_MAX], input[ANSWER_MAX], answer[ANSWER_MAX], out[ANSWER_MAX];
    struct key key = {0};
    struct bytes in = hex(block_row[i].input, input), expected = hex(block_row[i].answer, answer);
    if (FAILED(
            key_make(block_row[i].algorithm, KEY_USAGE_DATA, hex(block_row[i].key, value), &key)))
        return false;
    if (FAILED(cipher_ecb_encrypt(crypto, &key, in, out))) return false;
    alter(hook, block_row[i].name, out);
    return bytes_equal(bytes_of(out, in.len), expected) &&
           !FAILED(cipher_ecb_decrypt(crypto, &key, bytes_of(out, in.len), out)) &&
           bytes_equal(bytes_of(out, in.len), in);
}

static bool mac_answers(struct crypto *crypto, const struct self_test_hook *hook, size_t i)
{
    uint8_t value[ANSWER_MAX], input[ANSWER_MAX], answer[ANSWER_MAX], out[CRYPTO_SHA256_BYTES];
    struct bytes expected = hex(mac_row[i].answer, answer);
    if (FAILED(keyed_mac(crypto, mac_row[i].mac, hex(mac_row[i].key, value),
                         hex(mac_row[i].input, input), out)))
        return false;
    alter(hook, mac_row[i].name, out);
    return bytes_equal(bytes_of(out, expected.len), expected);
}

/* Test case 2 of the GCM specification. */
static bool gcm_answers(struct crypto *crypto, const struct self_test_hook *hook)
{
    uint8_t value[ANSWER_MAX], nonce[ANSWER_MAX], text[ANSWER_MAX], answer[ANSWER_MAX];
    uint8_t sealed[ANSWER_MAX], opened[ANSWER_MAX];
    struct key key = {0};
    struct bytes in = hex("00000000000000000000000000000000", text);
    struct bytes expected =
        hex("0388DACE60B6A392F328C2B971B2FE78AB6E47D42CEC13BDF53A67B21257BDDF", answer);
    hex("000000000000000000000000", nonce);
    if (FAILED(key_make(KEY_AES128, KEY_USAGE_DATA, hex("00000000000000000000000000000000", value),
                        &key)) ||
        FAILED(cipher_gcm_seal(crypto, &key, nonce, BYTES(""), in, sealed)))
        return false;
    alter(hook, gcm_name, sealed);
    if (!bytes_equal(BYTES_OF(sealed), expected)) return false;
    sealed[31] ^= 1; /* and an altered one does not open */
    return cipher_gcm_open(crypto, &key, nonce, BYTES(""), BYTES_OF(sealed), opened).code ==
           ERR_MAC;
}

/* FIPS 180-4: SHA-256 of "abc". */
static bool hash_answers(const struct self_test_hook *hook)
{
    uint8_t digest[CRYPTO_SHA256_BYTES], answer[ANSWER_MAX];
    crypto_sha256(BYTES("abc"), digest);
    alter(hook, hash_name, digest);
    return bytes_equal(
        BYTES_OF(digest),
        hex("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD", answer));
}

/* The first that does not answer as it must, or NULL. */
static const char *first_failure(struct crypto *crypto, const struct self_test_hook *hook)
{
    for (size_t i = 0; i < ARRAY_LEN(block_row); i++)
        if (!block_answers(crypto, hook, i)) return block_row[i].name;
    for (size_t i = 0; i < ARRAY_LEN(mac_row); i++)
        if (!mac_answers(crypto, hook, i)) return mac_row[i].name;
    if (!gcm_answers(crypto, hook)) return gcm_name;
    return hash_answers(hook) ? NULL : hash_name;
}

err crypto_self_test_hooked(struct crypto *crypto, const struct self_test_hook *hook,
                            const char **ret_failed)
{
    const char *failed = first_failure(crypto, hook);
    if (failed == NULL) return OK;
    if (ret_failed != NULL) *ret_failed = failed;
    return ERR(CRYPTO);
}

err crypto_self_test(struct crypto *crypto, const char **ret_failed)
{
    return crypto_self_test_hooked(crypto, NULL, ret_failed);
}
