/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of wallets' interfaces: read, named and checked up to a root. */
#include "lib/wire/wallet_certificate.h"

#include "lib/base/hex.h"
#include "lib/wire/openssl.h"

enum { MD5_BYTES = 16 };

static void bio_free(BIO **bio)
{
    BIO_free(*bio);
}

static void list_free(STACK_OF(X509) * *list)
{
    sk_X509_pop_free(*list, X509_free);
}

static void store_free(X509_STORE **store)
{
    X509_STORE_free(*store);
}

static void context_free(X509_STORE_CTX **context)
{
    X509_STORE_CTX_free(*context);
}

static void time_free(ASN1_TIME **time)
{
    ASN1_TIME_free(*time);
}

/* They come from a network: one that says it is encrypted must not make the program ask a person.
 */
static int no_passphrase(char *to, int size, int writing, void *context)
{
    (void)to, (void)size, (void)writing, (void)context;
    return -1;
}

/* All certificates of a text, at least one of them; what stands between them is passed over. */
static err read_list(struct bytes pem, STACK_OF(X509) * *ret_list)
{
    if (pem.len > WALLET_CERTIFICATE_CHAIN_MAX) return ERR(LENGTH);
    CLEANUP(bio_free) BIO *bio = pem.len == 0 ? NULL : BIO_new_mem_buf(pem.at, (int)pem.len);
    CLEANUP(list_free) STACK_OF(X509) *list = sk_X509_new_null();
    if (bio == NULL || list == NULL) return ERR(FORMAT);
    for (X509 *x509; (x509 = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) != NULL;) {
        if (sk_X509_num(list) < WALLET_CERTIFICATE_ROOTS_MAX && sk_X509_push(list, x509) > 0)
            continue;
        X509_free(x509);
        return ERR(LENGTH);
    }
    ERR_clear_error(); /* the end of the text is one */
    if (sk_X509_num(list) == 0) return ERR(FORMAT);
    *ret_list = list;
    list = NULL;
    return OK;
}

/* The issuer as RFC 2253 writes it, but for letters beyond ASCII, which stay as they are. */
static err write_issuer(const X509 *x509, struct writer *w)
{
    CLEANUP(bio_free) BIO *bio = BIO_new(BIO_s_mem());
    unsigned long how = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    if (bio == NULL || X509_NAME_print_ex(bio, X509_get_issuer_name(x509), 0, how) < 0)
        return ERR(FORMAT);
    char *text = NULL;
    long len = BIO_get_mem_data(bio, &text);
    write_bytes(w, bytes_of(text, len > 0 ? (size_t)len : 0));
    return (err){w->fault};
}

static err write_number(const X509 *x509, struct writer *w)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), NULL);
    char *digits = number == NULL ? NULL : BN_bn2dec(number);
    if (digits != NULL) write_bytes(w, bytes_text(digits));
    err done = digits == NULL ? ERR(FORMAT) : (err){w->fault};
    OPENSSL_free(digits);
    BN_free(number);
    return done;
}

static err name_as_alipay(const X509 *x509, char sn[WALLET_CERTIFICATE_SN_LEN + 1])
{
    uint8_t text[1024], digest[MD5_BYTES];
    struct writer w = writer_over(text, sizeof text);
    struct writer sn_w = writer_over(sn, WALLET_CERTIFICATE_SN_LEN);
    size_t len = 0;
    TRY(write_issuer(x509, &w));
    TRY(write_number(x509, &w));
    if (EVP_Q_digest(NULL, "MD5", NULL, text, w.len, digest, &len) != 1 || len != MD5_BYTES)
        return ERR(CRYPTO);
    write_hex(&sn_w, BYTES_OF(digest));
    sn[sn_w.len] = '\0';
    return OK;
}

static err name_as_wechat(const X509 *x509, char serial[WALLET_CERTIFICATE_SERIAL_MAX + 1])
{
    const ASN1_INTEGER *number = X509_get0_serialNumber(x509);
    struct bytes raw = bytes_of(ASN1_STRING_get0_data(number), (size_t)ASN1_STRING_length(number));
    if (raw.len == 0 || 2 * raw.len > WALLET_CERTIFICATE_SERIAL_MAX) return ERR(LENGTH);
    struct writer w = writer_over(serial, WALLET_CERTIFICATE_SERIAL_MAX);
    write_hex_upper(&w, raw);
    serial[w.len] = '\0';
    return OK;
}

static err time_of(const ASN1_TIME *time, int64_t *ret_ms)
{
    CLEANUP(time_free) ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;
    if (epoch == NULL || !ASN1_TIME_diff(&days, &seconds, epoch, time)) return ERR(FORMAT);
    *ret_ms = ((int64_t)days * 86400 + seconds) * 1000;
    return OK;
}

static err write_public(const X509 *x509, char pem[WALLET_CERTIFICATE_PUBLIC_MAX + 1])
{
    CLEANUP(bio_free) BIO *bio = BIO_new(BIO_s_mem());
    EVP_PKEY *key = X509_get0_pubkey(x509);
    if (bio == NULL || key == NULL || !PEM_write_bio_PUBKEY(bio, key)) return ERR(FORMAT);
    char *text = NULL;
    long len = BIO_get_mem_data(bio, &text);
    return bytes_to_text(bytes_of(text, (size_t)len), pem, WALLET_CERTIFICATE_PUBLIC_MAX + 1);
}

static err describe(const X509 *x509, struct wallet_certificate *ret)
{
    struct wallet_certificate found;
    TRY(name_as_wechat(x509, found.serial));
    TRY(name_as_alipay(x509, found.sn));
    TRY(write_public(x509, found.public_pem));
    TRY(time_of(X509_get0_notBefore(x509), &found.not_before_ms));
    TRY(time_of(X509_get0_notAfter(x509), &found.not_after_ms));
    *ret = found;
    return OK;
}

err wallet_certificate_read(struct bytes pem, struct wallet_certificate *ret)
{
    CLEANUP(list_free) STACK_OF(X509) *list = NULL;
    TRY(read_list(pem, &list));
    return describe(sk_X509_value(list, 0), ret);
}

static err verify(X509_STORE *store, STACK_OF(X509) * chain, int64_t now_ms)
{
    CLEANUP(context_free) X509_STORE_CTX *context = X509_STORE_CTX_new();
    if (context == NULL || !X509_STORE_CTX_init(context, store, sk_X509_value(chain, 0), chain))
        return ERR(CRYPTO);
    X509_STORE_CTX_set_time(context, 0, (time_t)(now_ms / 1000));
    bool good = X509_verify_cert(context) == 1;
    ERR_clear_error();
    return good ? OK : ERR(IDENTITY);
}

err wallet_certificate_verify(struct bytes roots, struct bytes chain, int64_t now_ms,
                              struct wallet_certificate *ret)
{
    CLEANUP(list_free) STACK_OF(X509) *trusted = NULL;
    CLEANUP(list_free) STACK_OF(X509) *list = NULL;
    CLEANUP(store_free) X509_STORE *store = X509_STORE_new();
    TRY(read_list(roots, &trusted));
    TRY(read_list(chain, &list));
    if (store == NULL) return ERR(CRYPTO);
    for (int i = 0; i < sk_X509_num(trusted); i++)
        if (!X509_STORE_add_cert(store, sk_X509_value(trusted, i))) return ERR(CRYPTO);
    TRY(verify(store, list, now_ms));
    return describe(sk_X509_value(list, 0), ret);
}

err wallet_certificate_root_sn(struct bytes roots, struct writer *w)
{
    CLEANUP(list_free) STACK_OF(X509) *list = NULL;
    bool first = true;
    TRY(read_list(roots, &list));
    for (int i = 0; i < sk_X509_num(list); i++) {
        const X509 *x509 = sk_X509_value(list, i);
        char sn[WALLET_CERTIFICATE_SN_LEN + 1];
        int key = NID_undef;
        if (!OBJ_find_sigid_algs(X509_get_signature_nid(x509), NULL, &key) ||
            key != NID_rsaEncryption)
            continue;
        TRY(name_as_alipay(x509, sn));
        write_bytes(w, first ? (struct bytes){0} : BYTES("_"));
        write_bytes(w, bytes_text(sn));
        first = false;
    }
    if (first) return ERR(FORMAT);
    return (err){w->fault};
}
