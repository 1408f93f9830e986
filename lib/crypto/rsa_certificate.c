/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of RSA keys: made, and what one says. */
#include "lib/crypto/rsa_certificate.h"

#include <assert.h>

#include "lib/crypto/identity.h"
#include "lib/crypto/identity_pem.h"
#include "lib/crypto/openssl.h"

/* The highest of them is set: always forty digits. */
enum { SERIAL_BITS = 159 };

static_assert((int)RSA_CERTIFICATE_NAME_MAX == (int)IDENTITY_NAME_MAX, "one rule for names");

/* What may sign certificates says so (RFC 5280 4.2.1.9); a key signs otherwise. */
static bool set_authority(X509 *x509)
{
    X509_EXTENSION *extension =
        X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");
    bool good = extension != NULL && X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
    return good;
}

static bool fill(X509 *x509, const struct rsa_key *key, const struct rsa_certificate_order *order)
{
    return X509_set_version(x509, X509_VERSION_3) && identity_set_serial(x509, SERIAL_BITS) &&
           identity_set_validity(x509, order->not_before_ms, order->not_after_ms) &&
           X509_set_pubkey(x509, key->pkey) && (!order->authority || set_authority(x509));
}

/* `issuer` NULL: the key signs for itself. */
static err make(const struct rsa_key *signs, const X509 *issuer, const struct rsa_key *key,
                const struct rsa_certificate_order *order, struct writer *w)
{
    if (!signs->secret) return ERR(KEY);
    TRY(identity_check_name(order->common_name));
    CLEANUP(identity_x509_free) X509 *x509 = X509_new();
    if (x509 == NULL || !fill(x509, key, order)) return ERR(CRYPTO);
    if (!identity_set_name(X509_get_subject_name(x509), order->common_name))
        return ERR(FORMAT); /* OpenSSL looks at the UTF-8 */
    const X509 *named = issuer != NULL ? issuer : x509;
    CLEANUP(identity_bio_free) BIO *bio = BIO_new(BIO_s_mem());
    if (!X509_set_issuer_name(x509, X509_get_subject_name(named)) ||
        !X509_sign(x509, signs->pkey, EVP_sha256()) || bio == NULL ||
        !PEM_write_bio_X509(bio, x509))
        return ERR(CRYPTO);
    return identity_pem_out(bio, w);
}

err rsa_certificate_make(const struct rsa_key *key, struct bytes common_name, int64_t not_before_ms,
                         int64_t not_after_ms, struct writer *w)
{
    return make(key, NULL, key,
                &(struct rsa_certificate_order){common_name, not_before_ms, not_after_ms, false},
                w);
}

err rsa_certificate_issue(const struct rsa_key *issuer, struct bytes issuer_pem,
                          const struct rsa_key *key, const struct rsa_certificate_order *order,
                          struct writer *w)
{
    if (issuer_pem.len == 0) return make(issuer, NULL, key, order, w);
    CLEANUP(identity_bio_free) BIO *bio = identity_pem_in(issuer_pem);
    CLEANUP(identity_x509_free)
    X509 *x509 = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, identity_no_passphrase, NULL);
    if (x509 == NULL) return ERR(FORMAT);
    return make(issuer, x509, key, order, w);
}

static err serial_of(const X509 *x509, char serial[RSA_CERTIFICATE_SERIAL_MAX + 1])
{
    static const char digits[] = "0123456789ABCDEF";
    const ASN1_INTEGER *number = X509_get0_serialNumber(x509);
    struct bytes raw = bytes_of(ASN1_STRING_get0_data(number), (size_t)ASN1_STRING_length(number));
    if (raw.len == 0 || 2 * raw.len > RSA_CERTIFICATE_SERIAL_MAX) return ERR(LENGTH);
    for (size_t i = 0; i < raw.len; i++) {
        serial[2 * i] = digits[raw.at[i] >> 4];
        serial[2 * i + 1] = digits[raw.at[i] & 15];
    }
    serial[2 * raw.len] = '\0';
    return OK;
}

static err name_of(X509 *x509, char name[RSA_CERTIFICATE_NAME_MAX + 1])
{
    X509_NAME *subject = X509_get_subject_name(x509);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0) return ERR(FORMAT);
    const ASN1_STRING *text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
    return bytes_to_text(bytes_of(ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text)),
                         name, RSA_CERTIFICATE_NAME_MAX + 1);
}

static void time_free(ASN1_TIME **time)
{
    ASN1_TIME_free(*time);
}

static err time_of(const ASN1_TIME *time, int64_t *ret_ms)
{
    CLEANUP(time_free) ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;
    if (epoch == NULL || !ASN1_TIME_diff(&days, &seconds, epoch, time)) return ERR(FORMAT);
    *ret_ms = ((int64_t)days * 86400 + seconds) * 1000;
    return OK;
}

err rsa_certificate_describe(struct bytes pem, struct rsa_certificate *ret)
{
    if (pem.len == 0 || pem.len > RSA_CERTIFICATE_PEM_MAX) return ERR(FORMAT);
    CLEANUP(identity_bio_free) BIO *bio = identity_pem_in(pem);
    CLEANUP(identity_x509_free)
    X509 *x509 = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, identity_no_passphrase, NULL);
    if (x509 == NULL) return ERR(FORMAT);
    struct rsa_certificate found;
    TRY(serial_of(x509, found.serial));
    TRY(name_of(x509, found.common_name));
    TRY(time_of(X509_get0_notBefore(x509), &found.not_before_ms));
    TRY(time_of(X509_get0_notAfter(x509), &found.not_after_ms));
    *ret = found;
    return OK;
}
