/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates, requests and public keys that strangers send as PEM, and that say they are
 * encrypted (S70, S140): no reader of them asks for a passphrase at the terminal of the program,
 * where it would wait for a person.
 */
#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/ui.h>
#undef ERR_STATE

#include "lib/auth/factory.h"
#include "lib/auth/last_words.h"
#include "lib/crypto/identity.h"
#include "lib/crypto/rsa_certificate.h"
#include "lib/crypto/rsa_scheme.h"
#include "lib/wire/wallet_certificate.h"
#include "tests/unit/scratch.h"

static int asked;

static int opened(UI *ui)
{
    (void)ui;
    asked++;
    return 0;
}

/* A PEM of this kind whose body is said to be encrypted. */
static struct bytes encrypted(char (*text)[256], const char *kind)
{
    int len = snprintf(*text, sizeof *text,
                       "-----BEGIN %s-----\nProc-Type: 4,ENCRYPTED\n"
                       "DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n"
                       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END %s-----\n",
                       kind, kind);
    return bytes_of(*text, (size_t)len);
}

static void nobody_is_asked_for_a_passphrase(void **state)
{
    (void)state;
    char certificate[256], request[256], key[256], name[IDENTITY_NAME_MAX + 1];
    uint8_t print[32] = {0}, transport[FACTORY_TRANSPORT] = {0};
    int64_t expiry;
    struct rsa_certificate described;
    struct wallet_certificate wallet;
    const struct factory_words words = {BYTES("TB1-0000017"), BYTES("TB-1"), BYTES("code"),
                                        BYTES("12345678"),    BYTES("1"),    transport};
    UI_METHOD *method = UI_create_method("counts");
    assert_non_null(method);
    UI_method_set_opener(method, opened);
    UI_set_default_method(method);
    struct bytes x509 = encrypted(&certificate, "CERTIFICATE");
    struct bytes req = encrypted(&request, "CERTIFICATE REQUEST");
    struct bytes pub = encrypted(&key, "PUBLIC KEY");
    assert_int_equal(
        last_words_check(x509, BYTES("s"), BYTES("10000017"), BYTES("TB1-0000017"), print).code,
        ERR_FORMAT);
    assert_int_equal(asked, 0);
    assert_int_equal(factory_check(req, BYTES("s"), &words, print).code, ERR_FORMAT);
    assert_int_equal(asked, 0);
    assert_true(FAILED(identity_expiry(x509, &expiry)));
    assert_true(FAILED(identity_describe_request(req, name, print)));
    assert_true(FAILED(rsa_certificate_describe(x509, &described)));
    assert_true(FAILED(rsa_signature_check(pub, RSA_SIGNATURE_PKCS1, print, BYTES("s"))));
    assert_true(FAILED(wallet_certificate_read(x509, &wallet)));
    assert_int_equal(asked, 0);
    UI_set_default_method(NULL);
    UI_destroy_method(method);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nobody_is_asked_for_a_passphrase)};
    return cmocka_run_group_tests_name("auth_pem", tests, NULL, NULL);
}
