/* SPDX-License-Identifier: Apache-2.0 */
/* Keys as PEM, a certificate authority, signatures. S60, CR-41 (another authority's certificate).
 */
#include "lib/crypto/identity.h"

#include "lib/crypto/openssl.h"
#include "tests/unit/crypto_vectors.h"

enum { DAY_MS = 86400000 };

static const int64_t now_ms = INT64_C(1767225600000); /* 2026-01-01 */

struct pem {
    uint8_t at[IDENTITY_PEM_MAX];
    struct bytes view;
};

static struct identity_key authority_key, other_key, server_key;
static struct pem authority, other_authority;

static void make_authority(struct identity_key *key, struct pem *pem)
{
    assert_ok(identity_key_generate(key));
    struct writer w = writer_over(pem->at, sizeof pem->at);
    assert_ok(identity_make_authority(key, BYTES("Tongbao test authority"), now_ms - DAY_MS,
                                      now_ms + 365 * (int64_t)DAY_MS, &w));
    pem->view = writer_view(&w);
}

static int make_keys(void **state)
{
    (void)state;
    make_authority(&authority_key, &authority);
    make_authority(&other_key, &other_authority);
    return FAILED(identity_key_generate(&server_key));
}

static int free_keys(void **state)
{
    (void)state;
    identity_key_free(&authority_key);
    identity_key_free(&other_key);
    identity_key_free(&server_key);
    identity_key_free(&server_key); /* twice is harmless */
    return 0;
}

static const char *const names[] = {"localhost", NULL};
static const char *const addresses[] = {"127.0.0.1", NULL};

static struct identity_subject subject_of(enum identity_role role)
{
    bool server = role == IDENTITY_SERVER;
    return (struct identity_subject){.common_name = BYTES("10000017"),
                                     .role = role,
                                     .dns_names = server ? names : NULL,
                                     .addresses = server ? addresses : NULL,
                                     .not_before_ms = now_ms,
                                     .not_after_ms = now_ms + DAY_MS};
}

static void request(const struct identity_key *key, struct pem *pem)
{
    struct writer w = writer_over(pem->at, sizeof pem->at);
    assert_ok(identity_request(key, BYTES("10000017"), &w));
    pem->view = writer_view(&w);
}

static void issue(enum identity_role role, struct bytes public_pem, struct pem *pem)
{
    struct identity_subject subject = subject_of(role);
    struct writer w = writer_over(pem->at, sizeof pem->at);
    assert_ok(identity_issue(&authority_key, authority.view, public_pem, &subject, &w));
    pem->view = writer_view(&w);
}

static void certificates_for_requests(void **state)
{
    (void)state;
    struct pem csr, certificate, again;
    request(&server_key, &csr);
    for (enum identity_role role = IDENTITY_SERVER; role <= IDENTITY_CLIENT; role++) {
        enum identity_role wrong = role == IDENTITY_SERVER ? IDENTITY_CLIENT : IDENTITY_SERVER;
        issue(role, csr.view, &certificate);
        issue(role, csr.view, &again);
        assert_false(bytes_equal(certificate.view, again.view)); /* another serial number */
        struct bytes cert = certificate.view;
        assert_ok(identity_verify(authority.view, cert, role, now_ms + 1000));
        assert_err(identity_verify(authority.view, cert, wrong, now_ms + 1000), IDENTITY);
        assert_err(identity_verify(other_authority.view, cert, role, now_ms + 1000), IDENTITY);
        assert_err(identity_verify(authority.view, cert, role, now_ms - 60000), IDENTITY);
        assert_err(identity_verify(authority.view, cert, role, now_ms + 2 * DAY_MS), IDENTITY);
    }
    /* An end certificate issues nothing. */
    struct identity_subject subject = subject_of(IDENTITY_CLIENT);
    uint8_t block[IDENTITY_PEM_MAX];
    struct writer w = writer_over(block, sizeof block);
    assert_ok(identity_issue(&server_key, certificate.view, csr.view, &subject, &w));
    assert_err(identity_verify(certificate.view, writer_view(&w), IDENTITY_CLIENT, now_ms + 1000),
               IDENTITY);
}

static void names_and_fingerprints(void **state)
{
    (void)state;
    struct pem csr, certificate;
    char name[IDENTITY_NAME_MAX + 1];
    uint8_t of_request[32], of_certificate[32], of_other[32];
    request(&server_key, &csr);
    issue(IDENTITY_CLIENT, csr.view, &certificate);
    assert_ok(identity_describe(csr.view, name, of_request));
    assert_string_equal(name, "10000017");
    assert_ok(identity_describe(certificate.view, name, of_certificate));
    assert_string_equal(name, "10000017");
    assert_memory_equal(of_request, of_certificate, 32);
    assert_ok(identity_describe(authority.view, name, of_other));
    assert_string_equal(name, "Tongbao test authority");
    assert_memory_not_equal(of_request, of_other, 32);
    assert_err(identity_describe(BYTES("no certificate"), name, of_other), FORMAT);
}

static void what_is_refused(void **state)
{
    (void)state;
    struct pem csr;
    uint8_t block[IDENTITY_PEM_MAX];
    struct writer w = writer_over(block, sizeof block);
    request(&server_key, &csr);
    struct identity_subject subject = subject_of(IDENTITY_CLIENT);
    assert_err(identity_issue(&authority_key, other_authority.view, csr.view, &subject, &w), KEY);
    assert_err(identity_issue(&authority_key, BYTES("x"), csr.view, &subject, &w), FORMAT);
    assert_err(identity_issue(&authority_key, authority.view, BYTES("x"), &subject, &w), FORMAT);
    subject.common_name = BYTES("");
    assert_err(identity_issue(&authority_key, authority.view, csr.view, &subject, &w), LENGTH);
    subject.common_name = BYTES("a\nb");
    assert_err(identity_issue(&authority_key, authority.view, csr.view, &subject, &w), FORMAT);
    subject = subject_of(IDENTITY_CLIENT);
    struct writer small = writer_over(block, 20);
    assert_err(identity_issue(&authority_key, authority.view, csr.view, &subject, &small), FULL);

    /* A request whose bytes were changed is not signed by its key, or is none any more. */
    int accepted = 0;
    for (size_t at = 40; at + 40 < csr.view.len; at += 3) {
        uint8_t was = csr.at[at];
        csr.at[at] = was == 'A' ? 'B' : 'A';
        w = writer_over(block, sizeof block);
        if (csr.at[at] != was && was != '\n')
            accepted +=
                !FAILED(identity_issue(&authority_key, authority.view, csr.view, &subject, &w));
        csr.at[at] = was;
    }
    assert_int_equal(accepted, 0);
}

static void keys_as_pem(void **state)
{
    (void)state;
    uint8_t block[IDENTITY_PEM_MAX], digest[32] = {7}, signature[IDENTITY_SIGNATURE_MAX];
    struct writer w = writer_over(block, sizeof block);
    size_t len;
    assert_ok(identity_key_write(&server_key, &w));
    CLEANUP(identity_key_free) struct identity_key back = {0};
    assert_ok(identity_key_read(writer_view(&w), &back));
    assert_ok(identity_sign(&back, digest, signature, &len));
    assert_ok(identity_check(writer_view(&w), digest, bytes_of(signature, len)));
    assert_err(identity_key_read(BYTES("no key"), &back), FORMAT);
    assert_err(identity_key_read(authority.view, &back), FORMAT);
    /* A key of another curve. */
    CLEANUP(identity_key_free) struct identity_key p384 = {EVP_EC_gen("P-384")};
    w = writer_over(block, sizeof block);
    assert_ok(identity_key_write(&p384, &w));
    struct identity_key wrong = {0};
    assert_err(identity_key_read(writer_view(&w), &wrong), KEY);
}

static void signatures(void **state)
{
    (void)state;
    struct pem csr, certificate;
    uint8_t digest[32], signature[IDENTITY_SIGNATURE_MAX];
    size_t len;
    request(&server_key, &csr);
    issue(IDENTITY_SERVER, csr.view, &certificate);
    crypto_sha256(BYTES("transcript"), digest);
    assert_ok(identity_sign(&server_key, digest, signature, &len));
    assert_int_equal(signature[0], 0x30); /* DER SEQUENCE */
    assert_ok(identity_check(certificate.view, digest, bytes_of(signature, len)));
    assert_err(identity_check(authority.view, digest, bytes_of(signature, len)), IDENTITY);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_err(identity_check(certificate.view, digest, bytes_of(signature, len)), IDENTITY);
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    digest[0] ^= 1;
    assert_err(identity_check(certificate.view, digest, bytes_of(signature, len)), IDENTITY);
    assert_err(identity_check(BYTES("x"), digest, bytes_of(signature, len)), FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_for_requests),
        cmocka_unit_test(names_and_fingerprints),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(keys_as_pem),
        cmocka_unit_test(signatures),
    };
    return cmocka_run_group_tests_name("crypto_identity", tests, make_keys, free_keys);
}
