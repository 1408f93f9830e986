/* SPDX-License-Identifier: Apache-2.0 */
/* The private certificate authority of identity.h (RFC 5280 profiles, nothing optional). */

#include "lib/crypto/identity.h"
#include "lib/crypto/identity_pem.h"
#include "lib/crypto/openssl.h"
#include "lib/crypto/secret.h"

enum { SERIAL_BITS = 127 };

err identity_check_name(struct bytes name)
{
    if (name.len == 0 || name.len > IDENTITY_NAME_MAX) return ERR(LENGTH);
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] < 0x20 || name.at[i] == 0x7f) return ERR(FORMAT);
    return OK;
}

bool identity_set_name(X509_NAME *to, struct bytes name)
{
    return to != NULL && X509_NAME_add_entry_by_NID(to, NID_commonName, MBSTRING_UTF8, name.at,
                                                    (int)name.len, -1, 0);
}

bool identity_set_serial(X509 *x509, int bits)
{
    BIGNUM *number = BN_new();
    bool good = number != NULL && BN_rand(number, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
                BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != NULL;
    BN_free(number);
    return good;
}

bool identity_set_validity(X509 *x509, int64_t not_before_ms, int64_t not_after_ms)
{
    ENSURE(not_before_ms >= 0 && not_after_ms > not_before_ms);
    return ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)(not_before_ms / 1000)) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)(not_after_ms / 1000)) != NULL;
}

static bool add_extension(X509 *x509, X509V3_CTX *context, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
    bool good = extension != NULL && X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
    return good;
}

/* Host names and addresses, made as values: a comma in a name could not become another name. */
static bool push_name(GENERAL_NAMES *names, int type, const char *text)
{
    GENERAL_NAME *name = a2i_GENERAL_NAME(NULL, NULL, NULL, type, text, 0);
    if (name == NULL) return false;
    if (sk_GENERAL_NAME_push(names, name) > 0) return true;
    GENERAL_NAME_free(name);
    return false;
}

static bool add_names(X509 *x509, const struct identity_subject *subject)
{
    const char *const none[] = {NULL};
    const char *const *dns = subject->dns_names == NULL ? none : subject->dns_names;
    const char *const *ip = subject->addresses == NULL ? none : subject->addresses;
    if (dns[0] == NULL && ip[0] == NULL) return true;
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    bool good = names != NULL;
    for (; good && *dns != NULL; dns++) good = push_name(names, GEN_DNS, *dns);
    for (; good && *ip != NULL; ip++) good = push_name(names, GEN_IPADD, *ip);
    good = good && X509_add1_ext_i2d(x509, NID_subject_alt_name, names, 0, 0) == 1;
    GENERAL_NAMES_free(names);
    return good;
}

static err sign_and_write(X509 *x509, const struct identity_key *key, struct writer *w)
{
    if (!X509_sign(x509, key->pkey, EVP_sha256())) return ERR(CRYPTO);
    CLEANUP(identity_bio_free) BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL || !PEM_write_bio_X509(bio, x509)) return ERR(CRYPTO);
    return identity_pem_out(bio, w);
}

err identity_make_authority(const struct identity_key *key, struct bytes common_name,
                            int64_t not_before_ms, int64_t not_after_ms, struct writer *w)
{
    ENSURE(key->pkey != NULL);
    TRY(identity_check_name(common_name));
    CLEANUP(identity_x509_free) X509 *x509 = X509_new();
    if (x509 == NULL) return ERR(CRYPTO);
    X509V3_CTX context;
    X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
    if (!X509_set_version(x509, X509_VERSION_3) || !identity_set_serial(x509, SERIAL_BITS) ||
        !identity_set_validity(x509, not_before_ms, not_after_ms) ||
        !identity_set_name(X509_get_subject_name(x509), common_name) ||
        !identity_set_name(X509_get_issuer_name(x509), common_name) ||
        !X509_set_pubkey(x509, key->pkey) ||
        !add_extension(x509, &context, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
        !add_extension(x509, &context, NID_key_usage, "critical,keyCertSign,cRLSign") ||
        !add_extension(x509, &context, NID_subject_key_identifier, "hash"))
        return ERR(CRYPTO);
    return sign_and_write(x509, key, w);
}

static void time_free(ASN1_TIME **time)
{
    ASN1_TIME_free(*time);
}

static X509 *read_certificate(struct bytes pem)
{
    CLEANUP(identity_bio_free) BIO *bio = identity_pem_in(pem);
    return bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, identity_no_passphrase, NULL);
}

static X509_REQ *read_request(struct bytes pem)
{
    CLEANUP(identity_bio_free) BIO *bio = identity_pem_in(pem);
    return bio == NULL ? NULL : PEM_read_bio_X509_REQ(bio, NULL, identity_no_passphrase, NULL);
}

static void pkey_free(EVP_PKEY **pkey)
{
    EVP_PKEY_free(*pkey);
}

/* The key that a certificate shall be made out to. The caller frees it. */
static err key_to_certify(struct bytes pem, EVP_PKEY **ret_key)
{
    CLEANUP(pkey_free) EVP_PKEY *pkey = NULL;
    CLEANUP(identity_request_free) X509_REQ *request = read_request(pem);
    if (request != NULL) {
        pkey = X509_REQ_get_pubkey(request);
        /* Its signature proves that who asks has the private key. */
        if (pkey == NULL || X509_REQ_verify(request, pkey) != 1) return ERR(IDENTITY);
    } else {
        pkey = identity_public_of(pem);
    }
    if (pkey == NULL) return ERR(FORMAT);
    if (!identity_is_p256(pkey)) return ERR(KEY);
    *ret_key = pkey;
    pkey = NULL;
    return OK;
}

static bool extend_issued(X509 *x509, X509 *authority, const struct identity_subject *subject)
{
    const char *purpose = subject->role == IDENTITY_SERVER ? "serverAuth" : "clientAuth";
    X509V3_CTX context;
    X509V3_set_ctx(&context, authority, x509, NULL, NULL, 0);
    return add_extension(x509, &context, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(x509, &context, NID_key_usage, "critical,digitalSignature") &&
           add_extension(x509, &context, NID_ext_key_usage, purpose) &&
           add_extension(x509, &context, NID_subject_key_identifier, "hash") &&
           add_extension(x509, &context, NID_authority_key_identifier, "keyid:always") &&
           add_names(x509, subject);
}

static bool fill_issued(X509 *x509, X509 *authority, EVP_PKEY *pkey,
                        const struct identity_subject *subject)
{
    return X509_set_version(x509, X509_VERSION_3) && identity_set_serial(x509, SERIAL_BITS) &&
           identity_set_validity(x509, subject->not_before_ms, subject->not_after_ms) &&
           identity_set_name(X509_get_subject_name(x509), subject->common_name) &&
           X509_set_issuer_name(x509, X509_get_subject_name(authority)) &&
           X509_set_pubkey(x509, pkey) && extend_issued(x509, authority, subject);
}

err identity_issue(const struct identity_key *authority_key, struct bytes authority_pem,
                   struct bytes public_pem, const struct identity_subject *subject,
                   struct writer *w)
{
    ENSURE(authority_key->pkey != NULL);
    TRY(identity_check_name(subject->common_name));
    CLEANUP(identity_x509_free) X509 *authority = read_certificate(authority_pem);
    if (authority == NULL) return ERR(FORMAT);
    if (X509_check_private_key(authority, authority_key->pkey) != 1) return ERR(KEY);
    CLEANUP(pkey_free) EVP_PKEY *pkey = NULL;
    TRY(key_to_certify(public_pem, &pkey));
    CLEANUP(identity_x509_free) X509 *x509 = X509_new();
    if (x509 == NULL || !fill_issued(x509, authority, pkey, subject)) return ERR(CRYPTO);
    return sign_and_write(x509, authority_key, w);
}

err identity_request(const struct identity_key *key, struct bytes common_name, struct writer *w)
{
    ENSURE(key->pkey != NULL);
    TRY(identity_check_name(common_name));
    CLEANUP(identity_request_free) X509_REQ *request = X509_REQ_new();
    CLEANUP(identity_bio_free) BIO *bio = BIO_new(BIO_s_mem());
    if (request == NULL || bio == NULL || !X509_REQ_set_version(request, X509_REQ_VERSION_1) ||
        !identity_set_name(X509_REQ_get_subject_name(request), common_name) ||
        !X509_REQ_set_pubkey(request, key->pkey) ||
        !X509_REQ_sign(request, key->pkey, EVP_sha256()) || !PEM_write_bio_X509_REQ(bio, request))
        return ERR(CRYPTO);
    return identity_pem_out(bio, w);
}

static err describe(X509_NAME *name, X509_PUBKEY *key, char ret_name[IDENTITY_NAME_MAX + 1],
                    uint8_t ret_fingerprint[CRYPTO_SHA256_BYTES])
{
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0) return ERR(FORMAT);
    unsigned char *text = NULL, *der = NULL;
    int len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (len < 0) return ERR(FORMAT);
    struct bytes common_name = bytes_of(text, (size_t)len);
    err result = identity_check_name(common_name);
    int der_len = i2d_X509_PUBKEY(key, &der);
    if (!FAILED(result) && der_len <= 0) result = ERR(FORMAT);
    if (!FAILED(result)) {
        result = bytes_to_text(common_name, ret_name, IDENTITY_NAME_MAX + 1);
        crypto_sha256(bytes_of(der, (size_t)der_len), ret_fingerprint);
    }
    OPENSSL_free(text);
    OPENSSL_free(der);
    return result;
}

err identity_describe_request(struct bytes pem, char ret_name[IDENTITY_NAME_MAX + 1],
                              uint8_t ret_fingerprint[CRYPTO_SHA256_BYTES])
{
    CLEANUP(identity_request_free) X509_REQ *request = read_request(pem);
    if (request == NULL) return ERR(FORMAT);
    EVP_PKEY *pkey = X509_REQ_get0_pubkey(request);
    if (pkey == NULL || X509_REQ_verify(request, pkey) != 1) return ERR(IDENTITY);
    return describe(X509_REQ_get_subject_name(request), X509_REQ_get_X509_PUBKEY(request), ret_name,
                    ret_fingerprint);
}

err identity_describe(struct bytes pem, char ret_name[IDENTITY_NAME_MAX + 1],
                      uint8_t ret_fingerprint[CRYPTO_SHA256_BYTES])
{
    err request = identity_describe_request(pem, ret_name, ret_fingerprint);
    if (request.code != ERR_FORMAT) return request;
    CLEANUP(identity_x509_free) X509 *x509 = read_certificate(pem);
    if (x509 == NULL) return ERR(FORMAT);
    return describe(X509_get_subject_name(x509), X509_get_X509_PUBKEY(x509), ret_name,
                    ret_fingerprint);
}

static void store_free(X509_STORE **store)
{
    X509_STORE_free(*store);
}

static void store_context_free(X509_STORE_CTX **context)
{
    X509_STORE_CTX_free(*context);
}

err identity_expiry(struct bytes certificate_pem, int64_t *ret_not_after_ms)
{
    CLEANUP(identity_x509_free) X509 *x509 = read_certificate(certificate_pem);
    CLEANUP(time_free) ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;
    if (x509 == NULL || epoch == NULL ||
        !ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(x509)))
        return ERR(FORMAT);
    *ret_not_after_ms = ((int64_t)days * 86400 + seconds) * 1000;
    return OK;
}

err identity_verify(struct bytes authority_pem, struct bytes certificate_pem,
                    enum identity_role role, int64_t now_ms)
{
    CLEANUP(identity_x509_free) X509 *authority = read_certificate(authority_pem);
    CLEANUP(identity_x509_free) X509 *x509 = read_certificate(certificate_pem);
    if (authority == NULL || x509 == NULL) return ERR(FORMAT);
    CLEANUP(store_free) X509_STORE *store = X509_STORE_new();
    CLEANUP(store_context_free) X509_STORE_CTX *context = X509_STORE_CTX_new();
    if (store == NULL || context == NULL || !X509_STORE_add_cert(store, authority) ||
        !X509_STORE_CTX_init(context, store, x509, NULL))
        return ERR(CRYPTO);
    X509_STORE_CTX_set_time(context, 0, (time_t)(now_ms / 1000));
    X509_STORE_CTX_set_purpose(context, role == IDENTITY_SERVER ? X509_PURPOSE_SSL_SERVER
                                                                : X509_PURPOSE_SSL_CLIENT);
    return X509_verify_cert(context) == 1 ? OK : ERR(IDENTITY);
}
