/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Second factors and tokens: one-time codes against the tables of RFC 4226 and RFC 6238, recovery
 * codes, tokens and sealed secrets against what must not work. CR-32: sizes are what they say.
 */
#include "lib/auth/recovery_code.h"
#include "lib/auth/small_seal.h"
#include "lib/auth/token.h"
#include "lib/auth/totp.h"
#include "tests/unit/scratch.h"

static const struct bytes rfc_secret = {(const uint8_t *)"12345678901234567890", 20};

static void codes_are_those_of_the_rfcs(void **state)
{
    (void)state;
    /* RFC 4226 appendix D */
    static const uint32_t hotp[] = {755224, 287082, 359152, 969429, 338314,
                                    254676, 287922, 162583, 399871, 520489};
    /* RFC 6238 appendix B, SHA-1 */
    static const struct {
        int64_t second;
        uint32_t code;
    } totp[] = {{59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
                {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130}};
    uint32_t code;
    for (size_t i = 0; i < ARRAY_LEN(hotp); i++) {
        assert_ok(totp_code(rfc_secret, i, 6, &code));
        assert_int_equal(code, hotp[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(totp); i++) {
        assert_ok(totp_code(rfc_secret, (uint64_t)totp[i].second / 30, 8, &code));
        assert_int_equal(code, totp[i].code);
    }
}

static bool right_at(const char *code, int64_t second, int64_t last_step, int64_t *ret_step)
{
    bool right = false;
    assert_ok(totp_check(rfc_secret, bytes_text(code), second * 1000, last_step, &right, ret_step));
    return right;
}

/* CR-30: one step of drift either way, and never the same step twice, nor an older one. */
static void a_code_is_good_for_one_use_and_one_step_of_drift(void **state)
{
    (void)state;
    const char code[] = "050471"; /* of second 1111111111, step 37037037 */
    int64_t step = 0;
    for (int64_t drift = -120; drift <= 120; drift++) {
        int64_t at = (1111111111 + drift) / 30;
        assert_int_equal(right_at(code, 1111111111 + drift, 0, &step),
                         at >= 37037036 && at <= 37037038);
    }
    assert_true(right_at(code, 1111111111, 37037036, &step));
    assert_int_equal(step, 37037037);
    assert_false(right_at(code, 1111111111, 37037037, &step));
    assert_false(right_at(code, 1111111111, 37037038, &step));
    const char *const malformed[] = {"", "05047", "0504710", "05047a", " 50471", "+50471"};
    for (size_t i = 0; i < ARRAY_LEN(malformed); i++)
        assert_false(right_at(malformed[i], 1111111111, 0, &step));
}

static void an_app_can_read_the_secret(void **state)
{
    (void)state;
    char block[256] = "";
    struct writer w = writer_over(block, sizeof block - 1);
    totp_write_uri(&w, rfc_secret.at, BYTES("Tongbao Staff"), BYTES("li.wei@x"));
    assert_string_equal(block, "otpauth://totp/Tongbao%20Staff:li%2Ewei%40x?secret="
                               "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Tongbao%20Staff");
}

static void recovery_codes_have_65_bits_and_forgive_spelling(void **state)
{
    (void)state;
    struct random_seeded source;
    random_seed(&source, 7);
    const struct random random = random_from_seed(&source);
    const uint8_t key[RECOVERY_CODE_KEY_BYTES] = {1}, other[RECOVERY_CODE_KEY_BYTES] = {2};
    uint8_t a[RECOVERY_CODE_HASH_BYTES], b[RECOVERY_CODE_HASH_BYTES];
    char code[RECOVERY_CODE_TEXT + 1];
    unsigned count[256] = {0};
    assert_int_equal(RECOVERY_CODE_BITS, 65);
    for (int i = 0; i < 10000; i++) {
        recovery_code_make(&random, code);
        assert_int_equal(strlen(code), RECOVERY_CODE_TEXT);
        for (size_t k = 0; k < RECOVERY_CODE_TEXT; k++) count[(uint8_t)code[k]]++;
    }
    /* 130,000 characters over 32: each about 4,062; five sigma are 314. */
    for (const char *c = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; *c != '\0'; c++)
        assert_in_range(count[(uint8_t)*c], 4062 - 320, 4062 + 320);
    assert_int_equal(count['I'] + count['L'] + count['O'] + count['U'], 0);

    assert_ok(recovery_code_hash(key, BYTES("01ABC-DEFGH-JKM"), a));
    assert_ok(recovery_code_hash(key, BYTES("olabc defghjkm"), b));
    assert_memory_equal(a, b, sizeof a);
    assert_ok(recovery_code_hash(other, BYTES("01ABC-DEFGH-JKM"), b));
    assert_memory_not_equal(a, b, sizeof a);
    assert_ok(recovery_code_hash(key, BYTES("01ABC-DEFGH-JKN"), b));
    assert_memory_not_equal(a, b, sizeof a);
    const char *const none[] = {"", "01ABC-DEFGH-JK", "01ABC-DEFGH-JKMM", "01ABC-DEFGH-JKU",
                                "01ABC_DEFGH_JKM"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_err(recovery_code_hash(key, bytes_text(none[i]), b), FORMAT);
    assert_err(recovery_code_hash(key, BYTES("01ABC\0DEFGHJKM"), b), FORMAT);
}

static void tokens_have_256_bits_and_one_kind(void **state)
{
    (void)state;
    struct random_seeded source;
    random_seed(&source, 8);
    const struct random random = random_from_seed(&source);
    struct token token, second;
    uint8_t hash[TOKEN_HASH_BYTES];
    assert_int_equal(8 * TOKEN_BYTES, 256);
    token_make(&random, "session", &token);
    token_make(&random, "session", &second);
    assert_int_equal(strlen(token.text), TOKEN_TEXT);
    assert_string_not_equal(token.text, second.text);
    assert_ok(token_hash("session", bytes_text(token.text), hash));
    assert_true(token_same(hash, token.hash));
    assert_false(token_same(hash, second.hash));
    assert_ok(token_hash("device", bytes_text(token.text), hash));
    assert_false(token_same(hash, token.hash));
    assert_err(token_hash("session", bytes_of(token.text, TOKEN_TEXT - 1), hash), FORMAT);
    /* The last character carries two bits that mean nothing: they must be zero. */
    token.text[TOKEN_TEXT - 1] = 'B';
    assert_err(token_hash("session", bytes_text(token.text), hash), FORMAT);
    token.text[0] = '+';
    assert_err(token_hash("session", bytes_text(token.text), hash), FORMAT);
}

static void a_sealed_secret_opens_in_its_own_place_only(void **state)
{
    (void)state;
    struct random_seeded source;
    random_seed(&source, 9);
    const struct random random = random_from_seed(&source);
    uint8_t key[SMALL_SEAL_KEY_BYTES] = {3}, block[64], out[20];
    struct writer w = writer_over(block, sizeof block);
    small_seal(&random, key, BYTES("account totp 7"), rfc_secret, &w);
    assert_int_equal(w.len, 20 + SMALL_SEAL_OVERHEAD);
    assert_ok(small_open(key, BYTES("account totp 7"), writer_view(&w), out, sizeof out));
    assert_memory_equal(out, rfc_secret.at, sizeof out);
    memset(out, 0xEE, sizeof out);
    assert_err(small_open(key, BYTES("account totp 8"), writer_view(&w), out, sizeof out), MAC);
    assert_err(small_open(key, BYTES("account totp 7"), writer_view(&w), out, 19), MAC);
    for (size_t bit = 0; bit < w.len * 8; bit++) {
        block[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_err(small_open(key, BYTES("account totp 7"), writer_view(&w), out, sizeof out), MAC);
        block[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    key[0] ^= 1;
    assert_err(small_open(key, BYTES("account totp 7"), writer_view(&w), out, sizeof out), MAC);
    for (size_t i = 0; i < sizeof out; i++) assert_int_equal(out[i], 0xEE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_the_rfcs),
        cmocka_unit_test(a_code_is_good_for_one_use_and_one_step_of_drift),
        cmocka_unit_test(an_app_can_read_the_secret),
        cmocka_unit_test(recovery_codes_have_65_bits_and_forgive_spelling),
        cmocka_unit_test(tokens_have_256_bits_and_one_kind),
        cmocka_unit_test(a_sealed_secret_opens_in_its_own_place_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
