/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration of one side. Everything negotiable is pinned: one version, two ciphers, two
 * groups, ECDSA signatures. What is not offered cannot be downgraded to.
 */
#include "lib/wire/tls_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "lib/wire/tls_session.h"

enum {
    SESSIONS_DEFAULT = 4096,
    SESSION_SECONDS =
        3600,      /* a revoked terminal may resume that long; registry refuses it anyway */
    CHAIN_MAX = 3, /* own certificate and two intermediates */
};

static const char ciphers[] = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256";
static const char groups[] = "X25519:P-256";
static const char signatures[] = "ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384";

static err complain(struct tls_fault *fault, err e, const char *format, ...) PRINTF(3, 4);

static err complain(struct tls_fault *fault, err e, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(fault->text, sizeof fault->text, format, arguments);
    va_end(arguments);
    ERR_clear_error();
    return e;
}

static const char *label(const struct tls_pem *pem)
{
    return pem->path != NULL ? pem->path : "the PEM text given";
}

static err open_pem(const struct tls_pem *pem, struct tls_fault *fault, BIO **ret_bio)
{
    ENSURE((pem->path != NULL) != (pem->pem.at != NULL));
    BIO *bio = pem->path != NULL ? BIO_new_file(pem->path, "r")
                                 : BIO_new_mem_buf(pem->pem.at, (int)pem->pem.len);
    if (bio == NULL)
        return complain(fault, ERR(CONFIG), "cannot read %s: %s", label(pem), strerror(errno));
    *ret_bio = bio;
    return OK;
}

/* Adds every certificate of the PEM to the trusted ones. */
static err load_ca(struct tls *tls, const struct tls_pem *pem, struct tls_fault *fault)
{
    BIO *bio = NULL;
    TRY(open_pem(pem, fault, &bio));
    X509_STORE *store = SSL_CTX_get_cert_store(tls->context);
    int added = 0;
    for (X509 *ca; (ca = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL; X509_free(ca)) {
        if (X509_STORE_add_cert(store, ca) == 1) added++;
        /* Tells clients which CA to choose their certificate for. */
        if (tls->server) (void)SSL_CTX_add_client_CA(tls->context, ca);
    }
    BIO_free(bio);
    ERR_clear_error();
    if (added > 0) return OK;
    return complain(fault, ERR(CONFIG), "%s holds no CA certificate in PEM form", label(pem));
}

static err load_certificate(struct tls *tls, const struct tls_pem *pem, struct tls_fault *fault)
{
    BIO *bio = NULL;
    TRY(open_pem(pem, fault, &bio));
    X509 *own = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    bool used = own != NULL && SSL_CTX_use_certificate(tls->context, own) == 1;
    X509_free(own);
    for (int i = 1; used && i < CHAIN_MAX; i++) {
        X509 *next = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        if (next == NULL) break;
        used = SSL_CTX_add1_chain_cert(tls->context, next) == 1;
        X509_free(next);
    }
    BIO_free(bio);
    ERR_clear_error();
    if (used) return OK;
    return complain(fault, ERR(CONFIG), "%s holds no usable certificate in PEM form", label(pem));
}

/* A key file that others can read is no secret: refuse it before it is used. */
static err check_key_file(const char *path, struct tls_fault *fault)
{
    struct stat info;
    if (path == NULL) return OK;
    if (stat(path, &info) != 0)
        return complain(fault, ERR(CONFIG), "cannot read %s: %s", path, strerror(errno));
    if ((info.st_mode & 077) == 0) return OK;
    return complain(fault, ERR(DENIED), "%s can be read by others: chmod 600 %s", path, path);
}

static err load_key(struct tls *tls, const struct tls_pem *pem, struct tls_fault *fault)
{
    BIO *bio = NULL;
    TRY(check_key_file(pem->path, fault));
    TRY(open_pem(pem, fault, &bio));
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)(uintptr_t) "");
    BIO_free(bio);
    bool fits = key != NULL && SSL_CTX_use_PrivateKey(tls->context, key) == 1;
    bool present = key != NULL;
    EVP_PKEY_free(key);
    if (fits) return OK;
    if (!present)
        return complain(fault, ERR(CONFIG), "%s holds no unencrypted private key", label(pem));
    return complain(fault, ERR(CONFIG), "the key in %s is not the certificate's", label(pem));
}

static err load_signer(struct tls *tls, const struct tls_signer *signer, struct tls_fault *fault)
{
    if (tls->server)
        return complain(fault, ERR(CONFIG), "an external signer signs for clients alone");
    EVP_PKEY *public_key = X509_get0_pubkey(SSL_CTX_get0_certificate(tls->context));
    err e = tls_signer_open(public_key, signer, &tls->signer);
    if (FAILED(e))
        return complain(fault, e, "an external signer needs a certificate with an EC key");
    tls_signer_follow(tls->context, &tls->signer);
    if (SSL_CTX_use_PrivateKey(tls->context, tls->signer.key) == 1) return OK;
    return complain(fault, ERR(CONFIG), "the signer's key is not the certificate's");
}

static bool pin_parameters(SSL_CTX *context)
{
    /* Buffers go back between records: a quiet connection then costs 28 kB and not 45. */
    (void)SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                        SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1); /* header and record in one read(2) */
    (void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_quiet_shutdown(context, 0);
    return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_ciphersuites(context, ciphers) == 1 &&
           SSL_CTX_set1_groups_list(context, groups) == 1 &&
           SSL_CTX_set1_sigalgs_list(context, signatures) == 1 &&
           SSL_CTX_set_max_early_data(context, 0) == 1;
}

static int on_new_session(SSL *ssl, SSL_SESSION *session)
{
    struct tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    SSL_SESSION_free(tls->last);
    tls->last = session;
    struct tls_session *connection = SSL_get_app_data(ssl);
    if (connection != NULL) connection->ticketed = true;
    return 1; /* the reference is ours now */
}

static bool keep_sessions(struct tls *tls, unsigned sessions_max)
{
    static const unsigned char name[] = "tongbao";
    (void)SSL_CTX_set_app_data(tls->context, tls);
    (void)SSL_CTX_set_timeout(tls->context, SESSION_SECONDS);
    if (!tls->server) {
        (void)SSL_CTX_set_session_cache_mode(tls->context,
                                             SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(tls->context, on_new_session);
        return true;
    }
    /* Tickets that are only a session's number: the state, client certificate included, stays in
     * the server's bounded cache. */
    (void)SSL_CTX_set_options(tls->context, SSL_OP_NO_TICKET);
    (void)SSL_CTX_set_session_cache_mode(tls->context, SSL_SESS_CACHE_SERVER);
    (void)SSL_CTX_sess_set_cache_size(tls->context,
                                      sessions_max > 0 ? sessions_max : SESSIONS_DEFAULT);
    return SSL_CTX_set_num_tickets(tls->context, 1) == 1 &&
           SSL_CTX_set_session_id_context(tls->context, name, sizeof name - 1) == 1;
}

static err configure(struct tls *tls, const struct tls_options *options, struct tls_fault *fault)
{
    tls->context = SSL_CTX_new(tls->server ? TLS_server_method() : TLS_client_method());
    if (tls->context == NULL) return complain(fault, ERR(NO_MEMORY), "no memory for TLS");
    if (!pin_parameters(tls->context) || !keep_sessions(tls, options->sessions_max))
        return complain(fault, ERR(CONFIG), "this OpenSSL lacks TLS 1.3 with AES-GCM and ECDSA");
    int demands = options->strangers ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(tls->context, SSL_VERIFY_PEER | demands, NULL);
    SSL_CTX_set_verify_depth(tls->context, CHAIN_MAX);
    TRY(load_ca(tls, &options->ca, fault));
    if (options->strangers && !tls->server) return OK;
    TRY(load_certificate(tls, &options->certificate, fault));
    if (options->signer.sign != NULL) return load_signer(tls, &options->signer, fault);
    return load_key(tls, &options->key, fault);
}

static err create(const struct tls_options *options, bool server, const char *server_name,
                  struct tls_fault *fault, struct tls **ret_tls)
{
    uint8_t address[sizeof(struct in6_addr)];
    struct tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL) return complain(fault, ERR(NO_MEMORY), "no memory for TLS");
    tls->server = server;
    err e = OK;
    if (server_name != NULL) {
        e = bytes_to_text(bytes_text(server_name), tls->server_name, sizeof tls->server_name);
        if (FAILED(e)) (void)complain(fault, e, "the server's name is too long");
        tls->name_is_address = inet_pton(AF_INET, server_name, address) == 1 ||
                               inet_pton(AF_INET6, server_name, address) == 1;
    }
    if (!FAILED(e)) e = configure(tls, options, fault);
    if (FAILED(e)) {
        tls_destroy(tls);
        return e;
    }
    *ret_tls = tls;
    return OK;
}

err tls_server_create(const struct tls_options *options, struct tls_fault *fault,
                      struct tls **ret_tls)
{
    return create(options, true, NULL, fault, ret_tls);
}

err tls_client_create(const struct tls_options *options, const char *server_name,
                      struct tls_fault *fault, struct tls **ret_tls)
{
    ENSURE(server_name != NULL && server_name[0] != '\0');
    return create(options, false, server_name, fault, ret_tls);
}

void tls_destroy(struct tls *tls)
{
    if (tls == NULL) return;
    SSL_SESSION_free(tls->last);
    SSL_CTX_free(tls->context);
    tls_signer_free(&tls->signer);
    free(tls);
}

struct tls_counts tls_counts(const struct tls *tls)
{
    return tls->counts;
}

int64_t tls_end_ms(const X509 *certificate)
{
    int days = 0, seconds = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    bool known = epoch != NULL &&
                 ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(certificate)) == 1;
    ASN1_TIME_free(epoch);
    return known ? ((int64_t)days * 86400 + seconds) * 1000 : 0;
}

err tls_certificate_end(const char *path, int64_t *ret_end_ms)
{
    BIO *bio = BIO_new_file(path, "r");
    X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
    int64_t end_ms = certificate == NULL ? 0 : tls_end_ms(certificate);
    X509_free(certificate);
    BIO_free(bio);
    ERR_clear_error();
    if (end_ms == 0) return ERR(CONFIG);
    *ret_end_ms = end_ms;
    return OK;
}
