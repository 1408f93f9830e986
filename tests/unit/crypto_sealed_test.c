/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed files and the self-test. S62, DV-08. */
#include "lib/crypto/sealed.h"

#include "lib/crypto/self_test.h"
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

static const struct sealed_secret by_key = {SEALED_BY_KEY,
                                            {(const uint8_t *)"0123456789abcdef0123456789abcdef",
                                             sizeof "0123456789abcdef0123456789abcdef" - 1}};
static const struct sealed_secret by_words = {
    SEALED_BY_PASSPHRASE,
    {(const uint8_t *)"correct horse battery", sizeof "correct horse battery" - 1}};

static void there_and_back(void **state)
{
    (void)state;
    const struct sealed_secret *const secrets[] = {&by_key, &by_words};
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
        uint8_t block[256], out[64];
        struct writer w = writer_over(block, sizeof block), p = writer_over(out, sizeof out);
        assert_ok(sealed_write(&crypto, secrets[i], BYTES("label"), BYTES("the secret"), &w));
        assert_int_equal(w.len, 10 + SEALED_OVERHEAD);
        assert_ok(sealed_read(&crypto, secrets[i], BYTES("label"), writer_view(&w), &p));
        assert_bytes(writer_view(&p), BYTES("the secret"));
        p = writer_over(out, sizeof out);
        assert_err(sealed_read(&crypto, secrets[i], BYTES("other"), writer_view(&w), &p), MAC);
        assert_err(sealed_read(&crypto, secrets[1 - i], BYTES("label"), writer_view(&w), &p), KEY);
        assert_int_equal(p.len, 0);
    }
}

static void altered_or_cut_is_refused(void **state)
{
    (void)state;
    uint8_t block[256], out[64];
    struct writer w = writer_over(block, sizeof block), p = writer_over(out, sizeof out);
    assert_ok(sealed_write(&crypto, &by_key, BYTES("label"), BYTES("the secret"), &w));
    for (size_t bit = 0; bit < 8 * w.len; bit++) {
        block[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_true(FAILED(sealed_read(&crypto, &by_key, BYTES("label"), writer_view(&w), &p)));
        block[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < w.len; len++)
        assert_true(
            FAILED(sealed_read(&crypto, &by_key, BYTES("label"), bytes_of(block, len), &p)));
    assert_int_equal(p.len, 0);
    struct sealed_secret wrong = by_key;
    wrong.value = BYTES("0123456789abcdef0123456789abcdeF");
    assert_err(sealed_read(&crypto, &wrong, BYTES("label"), writer_view(&w), &p), MAC);
    wrong.value = BYTES("too short");
    assert_err(sealed_read(&crypto, &wrong, BYTES("label"), writer_view(&w), &p), LENGTH);
    p = writer_over(out, 5);
    assert_err(sealed_read(&crypto, &by_key, BYTES("label"), writer_view(&w), &p), FULL);
    w = writer_over(block, 70);
    assert_err(sealed_write(&crypto, &by_key, BYTES("label"), BYTES("the secret"), &w), FULL);
    assert_int_equal(w.len, 0);
}

static void passphrases(void **state)
{
    (void)state;
    uint8_t block[256], out[64];
    struct writer w = writer_over(block, sizeof block), p = writer_over(out, sizeof out);
    struct sealed_secret words = {SEALED_BY_PASSPHRASE, BYTES("elevenchars")};
    assert_err(sealed_write(&crypto, &words, BYTES("label"), BYTES("x"), &w), LENGTH);
    assert_ok(sealed_write(&crypto, &by_words, BYTES("label"), BYTES("x"), &w));
    words.value = BYTES("correct horse batterz");
    assert_err(sealed_read(&crypto, &words, BYTES("label"), writer_view(&w), &p), MAC);
    /* A file may not ask for the memory of the whole machine. */
    block[8 + 1 + 16 + 4] = 0xff;
    assert_err(sealed_read(&crypto, &by_words, BYTES("label"), writer_view(&w), &p), FORMAT);
}

static void self_test_passes_and_can_fail(void **state)
{
    (void)state;
    const char *failed = NULL;
    assert_ok(crypto_self_test(&crypto, &failed));
    assert_null(failed);
    /* A library that computes something else: AES where SM4 is asked for. */
    struct crypto broken = crypto;
    broken.context[CRYPTO_SM4_ECB] = crypto.context[CRYPTO_AES128_ECB];
    assert_err(crypto_self_test(&broken, &failed), CRYPTO);
    assert_string_equal(failed, "sm4");
    broken = crypto;
    broken.mac[CRYPTO_CMAC_AES256] = crypto.mac[CRYPTO_HMAC_SHA256];
    assert_err(crypto_self_test(&broken, &failed), CRYPTO);
    assert_string_equal(failed, "aes-256-cmac");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(altered_or_cut_is_refused),
        cmocka_unit_test(passphrases),
        cmocka_unit_test(self_test_passes_and_can_fail),
    };
    return cmocka_run_group_tests_name("crypto_sealed", tests, open_crypto, close_crypto);
}
