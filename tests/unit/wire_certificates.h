/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Certificates for the TLS tests, made at run time: nothing that expires or could be mistaken for a
 * real key lies in the tree. Header only, because each test is one program.
 */

#include "lib/wire/openssl.h"

#include <stdio.h>

#include "lib/base/bytes.h"

enum { PEM_MAX = 4096 };

struct identity {
    EVP_PKEY *key;
    X509 *certificate;
    char certificate_pem[PEM_MAX], key_pem[PEM_MAX];
};

static inline void pem_text(BIO *bio, char out[PEM_MAX])
{
    int len = BIO_read(bio, out, PEM_MAX - 1);
    ENSURE(len > 0);
    out[len] = '\0';
    BIO_free(bio);
}

static inline void add_extension(X509 *to, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, to, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    ENSURE(extension != NULL && X509_add_ext(to, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/*
 * A P-256 key and its certificate, valid from now + `from_s` to now + `until_s`. `issuer` NULL: a
 * CA of its own. `names` such as "DNS:acquirer.test,IP:127.0.0.1", or NULL.
 */
static inline struct identity make_identity(const struct identity *issuer, const char *common_name,
                                            const char *names, long from_s, long until_s)
{
    static long serial = 1;
    struct identity made = {0};
    made.key = EVP_EC_gen("P-256");
    X509 *x = made.certificate = X509_new();
    ENSURE(made.key != NULL && x != NULL);
    ENSURE(X509_set_version(x, 2) == 1);
    ENSURE(ASN1_INTEGER_set(X509_get_serialNumber(x), serial++) == 1);
    ENSURE(X509_gmtime_adj(X509_getm_notBefore(x), from_s) != NULL);
    ENSURE(X509_gmtime_adj(X509_getm_notAfter(x), until_s) != NULL);
    X509_NAME *subject = X509_get_subject_name(x);
    ENSURE(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                      (const unsigned char *)common_name, -1, -1, 0) == 1);
    X509 *parent = issuer != NULL ? issuer->certificate : x;
    ENSURE(X509_set_issuer_name(x, X509_get_subject_name(parent)) == 1);
    ENSURE(X509_set_pubkey(x, made.key) == 1);
    add_extension(x, parent, NID_basic_constraints,
                  issuer == NULL ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (names != NULL) add_extension(x, parent, NID_subject_alt_name, names);
    ENSURE(X509_sign(x, issuer != NULL ? issuer->key : made.key, EVP_sha256()) > 0);

    BIO *bio = BIO_new(BIO_s_mem());
    ENSURE(PEM_write_bio_X509(bio, x) == 1);
    pem_text(bio, made.certificate_pem);
    bio = BIO_new(BIO_s_mem());
    ENSURE(PEM_write_bio_PrivateKey(bio, made.key, NULL, NULL, 0, NULL, NULL) == 1);
    pem_text(bio, made.key_pem);
    return made;
}

static inline void free_identity(struct identity *identity)
{
    EVP_PKEY_free(identity->key);
    X509_free(identity->certificate);
}
