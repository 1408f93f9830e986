/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates as wallets' interfaces name and check them (S77). The files in vectors/certificates
 * were made by another program (`openssl req`, `openssl x509`); names are MD5 of what
 * `openssl x509 -issuer -nameopt RFC2253` and -serial print, made by a third.
 */
#include "tests/unit/crypto_vectors.h"

#include "lib/base/file.h"
#include "lib/crypto/rsa_certificate.h"
#include "lib/wire/wallet_certificate.h"

#define NOW_MS INT64_C(1800000000000)
#define DAY_MS (INT64_C(24) * 3600 * 1000)

struct pem {
    uint8_t at[8192];
    size_t len;
};

static struct bytes view_of(const struct pem *pem)
{
    return bytes_of(pem->at, pem->len);
}

static struct pem read_pem(const char *name)
{
    struct pem pem = {.len = 0};
    assert_ok(file_read(name, FILE_PUBLIC, pem.at, sizeof pem.at, &pem.len));
    return pem;
}

static void names_are_those_of_others(void **state)
{
    (void)state;
    struct pem roots = read_pem("tests/vectors/certificates/roots.pem");
    struct pem chain = read_pem("tests/vectors/certificates/chain.pem");
    struct wallet_certificate c;
    assert_ok(wallet_certificate_read(view_of(&chain), &c));
    assert_string_equal(c.serial, "20191112E5F3E6DE44BECAD385A8B438");
    assert_string_equal(c.sn, "2dede8f250f67a0a2fa70232f0e82a5c");
    assert_ok(wallet_certificate_verify(view_of(&roots), view_of(&chain), NOW_MS, &c));
    assert_string_equal(c.sn, "2dede8f250f67a0a2fa70232f0e82a5c");

    /* A root of another algorithm than RSA is none of the name; a name may be Chinese. */
    char sn[200];
    struct writer w = writer_over(sn, sizeof sn - 1);
    assert_ok(wallet_certificate_root_sn(view_of(&roots), &w));
    sn[w.len] = '\0';
    assert_string_equal(sn, "82f3010fbe4b951d91cc938b90c1dc7b_c0d2945c18584a25c1f2dc3171f1634a");
}

static struct pem issue(const char *name, const struct rsa_key *issuer, const struct pem *by,
                        const struct rsa_key *key, bool authority)
{
    struct pem pem;
    struct writer w = writer_over(pem.at, sizeof pem.at);
    const struct rsa_certificate_order order = {bytes_text(name), NOW_MS - DAY_MS, NOW_MS + DAY_MS,
                                                authority};
    assert_ok(rsa_certificate_issue(issuer, by == NULL ? (struct bytes){0} : view_of(by), key,
                                    &order, &w));
    pem.len = w.len;
    return pem;
}

static struct pem joined(const struct pem *a, const struct pem *b)
{
    struct pem both = *a;
    memcpy(both.at + both.len, b->at, b->len);
    both.len += b->len;
    return both;
}

static void only_what_leads_to_a_root_is_taken(void **state)
{
    (void)state;
    CLEANUP(rsa_key_free) struct rsa_key root_key, middle_key, leaf_key;
    assert_ok(rsa_key_generate(2048, &root_key));
    assert_ok(rsa_key_generate(2048, &middle_key));
    assert_ok(rsa_key_generate(2048, &leaf_key));
    int64_t until = NOW_MS + DAY_MS;
    struct pem root = issue("root", &root_key, NULL, &root_key, true);
    struct pem middle = issue("middle", &root_key, &root, &middle_key, true);
    struct pem leaf = issue("leaf", &middle_key, &middle, &leaf_key, false);
    struct pem chain = joined(&leaf, &middle);
    struct pem other = issue("other", &leaf_key, NULL, &leaf_key, true);
    struct wallet_certificate c, found;

    assert_ok(wallet_certificate_verify(view_of(&root), view_of(&chain), NOW_MS, &c));
    assert_ok(wallet_certificate_read(view_of(&leaf), &found));
    assert_memory_equal(&c, &found, sizeof c);
    assert_true(c.not_after_ms == until);
    struct wallet_certificate untouched = c;

    /* Without the middle, under another root, before its time and after it. */
    assert_err(wallet_certificate_verify(view_of(&root), view_of(&leaf), NOW_MS, &c), IDENTITY);
    assert_err(wallet_certificate_verify(view_of(&other), view_of(&chain), NOW_MS, &c), IDENTITY);
    assert_err(wallet_certificate_verify(view_of(&root), view_of(&chain), until + DAY_MS, &c),
               IDENTITY);
    assert_err(wallet_certificate_verify(view_of(&root), view_of(&chain), NOW_MS - 2 * DAY_MS, &c),
               IDENTITY);
    /* One that signs itself, and one that was signed by a certificate that may not sign. */
    assert_err(wallet_certificate_verify(view_of(&root), view_of(&other), NOW_MS, &c), IDENTITY);
    struct pem low = issue("low", &root_key, &root, &middle_key, false);
    struct pem under = issue("leaf", &middle_key, &low, &leaf_key, false);
    chain = joined(&under, &low);
    assert_err(wallet_certificate_verify(view_of(&root), view_of(&chain), NOW_MS, &c), IDENTITY);
    assert_memory_equal(&c, &untouched, sizeof c);
}

static void what_is_no_certificate_is_refused(void **state)
{
    (void)state;
    struct pem chain = read_pem("tests/vectors/certificates/chain.pem");
    struct wallet_certificate c;
    static uint8_t long_text[WALLET_CERTIFICATE_CHAIN_MAX + 1];
    assert_err(wallet_certificate_read((struct bytes){0}, &c), FORMAT);
    assert_err(wallet_certificate_read(BYTES("MIIB"), &c), FORMAT);
    assert_err(wallet_certificate_read(bytes_of(chain.at, 600), &c), FORMAT);
    assert_err(wallet_certificate_read(BYTES_OF(long_text), &c), LENGTH);
    struct writer w = writer_over(long_text, 10);
    assert_err(wallet_certificate_root_sn(view_of(&chain), &w), FULL);
    assert_err(wallet_certificate_root_sn(BYTES("nothing"), &w), FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_others),
        cmocka_unit_test(only_what_leads_to_a_root_is_taken),
        cmocka_unit_test(what_is_no_certificate_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
