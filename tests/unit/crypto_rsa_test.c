/* SPDX-License-Identifier: Apache-2.0 */
/* The bare RSA operation: keys of the derived card sign, the public operation opens; what is no key
 * or no number below the modulus is refused. */
#include "lib/crypto/rsa.h"
#include "tests/unit/crypto_vectors.h"
#include "tests/unit/emv_card.h"

static void signs_and_opens(void **state)
{
    (void)state;
    json_t *card = card_vectors();
    static const char *const holder[] = {"ca", "issuer", "icc"};
    for (size_t i = 0; i < ARRAY_LEN(holder); i++) {
        const json_t *key = json_object_get(card, holder[i]);
        uint8_t modulus[RSA_BYTES_MAX], text[RSA_BYTES_MAX], secret[RSA_BYTES_MAX];
        struct bytes n = hex_at(key, "modulus");
        memcpy(modulus, n.at, n.len);
        memset(text, 0x5A, sizeof text);
        assert_ok(rsa_private_raw(bytes_of(modulus, n.len), hex_at(key, "d"), bytes_of(text, n.len),
                                  secret));
        assert_memory_not_equal(secret, text, n.len);
        assert_ok(rsa_public_raw(bytes_of(modulus, n.len), hex_at(key, "exponent"),
                                 bytes_of(secret, n.len), secret));
        assert_memory_equal(secret, text, n.len);
    }
    vector_file_end(card);
}

static void refuses_what_is_no_key(void **state)
{
    (void)state;
    uint8_t n[RSA_BYTES_MAX + 8], x[RSA_BYTES_MAX + 8] = {0}, out[RSA_BYTES_MAX + 8], kept = 7;
    memset(n, 0xFF, sizeof n);
    struct bytes three = BYTES("\x03"), modulus = bytes_of(n, 128);
    assert_true(rsa_public_valid(modulus, BYTES("\x01\x00\x01")));
    assert_false(rsa_public_valid(modulus, BYTES("\x02")));
    assert_false(rsa_public_valid(modulus, BYTES("\x00\x03")));
    assert_false(rsa_public_valid(bytes_of(n, 63), three));
    assert_false(rsa_public_valid(bytes_of(n, 257), three));
    assert_err(rsa_public_raw(modulus, BYTES("\x05"), bytes_of(x, 128), out), KEY);
    assert_err(rsa_public_raw(modulus, three, bytes_of(x, 127), out), LENGTH);
    out[0] = kept;
    assert_err(rsa_public_raw(modulus, three, bytes_of(n, 128), out), RANGE);
    assert_int_equal(out[0], kept);
    n[127] = 0xFE;
    assert_err(rsa_public_raw(modulus, three, bytes_of(x, 128), out), KEY);
    n[127] = 0xFF;
    n[0] = 0x7F;
    assert_err(rsa_public_raw(modulus, three, bytes_of(x, 128), out), KEY);
    assert_err(rsa_private_raw(bytes_of(n + 1, 128), (struct bytes){0}, bytes_of(x, 128), out),
               KEY);
}

/* FIPS 180: "abc", and the same in parts. */
static void hashes(void **state)
{
    (void)state;
    uint8_t digest[RSA_SHA1_BYTES];
    const struct bytes part[] = {BYTES("a"), {0}, BYTES("bc")};
    assert_ok(rsa_sha1(part, 3, digest));
    assert_memory_equal(digest, hex("a9993e364706816aba3e25717850c26c9cd0d89d").at, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_and_opens),
        cmocka_unit_test(refuses_what_is_no_key),
        cmocka_unit_test(hashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
