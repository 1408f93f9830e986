/* SPDX-License-Identifier: Apache-2.0 */
/* One connection's TLS: OpenSSL's answers translated into ours. */
#include "lib/wire/tls_internal.h"

#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/base/clock_turned.h"

#include "lib/wire/tls_session.h"

/* What a peer's alert about our own certificate looks like here, and in words. */
static const struct {
    int reason;
    const char *text;
} refusals[] = {
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, "the peer demands a certificate"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "the peer refused our certificate"},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, "the peer refused the kind of our certificate"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, "the peer says our certificate is revoked"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "the peer says our certificate has expired"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "the peer refused our certificate"},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, "the peer does not know the CA of our certificate"},
    {SSL_R_TLSV1_ALERT_ACCESS_DENIED, "the peer denied access"},
    {SSL_R_TLSV1_ALERT_DECRYPT_ERROR, "the peer could not verify our signature"},
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, "the peer has sent no certificate"},
};

/* OpenSSL asks the machine for the time. Sessions, which it gives hours of the machine's time to,
 * are not resumed while the clock is turned: certificates are looked at in each connection. */
static void take_turned_time(SSL *ssl)
{
    if (clock_turned_file() == NULL) return;
    const struct clock clock = clock_system();
    X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl), (time_t)(clock_now_ms(&clock) / 1000));
}

err tls_session_open(struct tls_session *session, struct tls *tls, int fd)
{
    ENSURE(session->ssl == NULL);
    *session = (struct tls_session){.tls = tls};
    SSL *ssl = SSL_new(tls->context);
    if (ssl == NULL) return ERR(NO_MEMORY);
    session->ssl = ssl;
    bool ready = SSL_set_fd(ssl, fd) == 1 && SSL_set_app_data(ssl, session) == 1;
    take_turned_time(ssl);
    if (tls->server) {
        SSL_set_accept_state(ssl);
    } else {
        SSL_set_connect_state(ssl);
        X509_VERIFY_PARAM *verify = SSL_get0_param(ssl);
        X509_VERIFY_PARAM_set_hostflags(verify, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        if (tls->name_is_address) {
            ready = ready && X509_VERIFY_PARAM_set1_ip_asc(verify, tls->server_name) == 1;
        } else {
            ready = ready && SSL_set1_host(ssl, tls->server_name) == 1 &&
                    SSL_set_tlsext_host_name(ssl, tls->server_name) == 1;
        }
        if (tls->last != NULL && clock_turned_file() == NULL) (void)SSL_set_session(ssl, tls->last);
    }
    ERR_clear_error();
    if (ready) return OK;
    tls_session_close(session);
    return ERR(NO_MEMORY);
}

void tls_session_close(struct tls_session *session)
{
    if (session->ssl == NULL) return;
    /* Without a goodbye OpenSSL takes the session for broken and will not resume it. After an
     * error there is nobody to say it to. */
    if (session->established) (void)SSL_shutdown(session->ssl);
    SSL_free(session->ssl);
    session->ssl = NULL;
    ERR_clear_error();
}

static void set_text(struct tls_session *session, const char *text)
{
    (void)snprintf(session->text, sizeof session->text, "%s", text);
}

/* Why the handshake (or the first read after it) has ended the connection. */
static err protocol_fault(struct tls_session *session)
{
    unsigned long number = ERR_peek_error();
    int reason = ERR_GET_REASON(number);
    long verify = SSL_get_verify_result(session->ssl);
    if (ERR_GET_LIB(number) == ERR_LIB_SSL && reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        set_text(session, X509_verify_cert_error_string(verify));
        return ERR(IDENTITY);
    }
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        if (ERR_GET_LIB(number) == ERR_LIB_SSL && reason == refusals[i].reason) {
            set_text(session, refusals[i].text);
            return ERR(IDENTITY);
        }
#ifdef SSL_R_UNEXPECTED_EOF_WHILE_READING
    if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) return ERR(CLOSED);
#endif
    const char *text = ERR_reason_error_string(number);
    set_text(session, text != NULL ? text : "TLS protocol error");
    return ERR(FORMAT);
}

/* The outcome of an OpenSSL call that did not succeed. */
static err outcome(struct tls_session *session, int result)
{
    err e = ERR(IO);
    session->wants_write = false;
    switch (SSL_get_error(session->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return ERR(AGAIN);
    case SSL_ERROR_WANT_WRITE:
        session->wants_write = true;
        return ERR(AGAIN);
    case SSL_ERROR_ZERO_RETURN:
        return ERR(CLOSED);
    case SSL_ERROR_SYSCALL: /* reset, or gone without a goodbye */
        e = ERR(CLOSED);
        break;
    case SSL_ERROR_SSL:
        e = protocol_fault(session);
        break;
    default:
        break;
    }
    session->established = false; /* nothing may be sent on it any more, not even a goodbye */
    ERR_clear_error();
    return e;
}

/* Both Finished messages are exchanged; the server's opinion of us may still be on its way. */
static err finish(struct tls_session *session)
{
    ERR_clear_error();
    int result = SSL_do_handshake(session->ssl);
    if (result != 1) return outcome(session, result);
    session->finished = true;
    return OK;
}

/* A client's look at what follows its Finished: a ticket or an answer, else an alert. */
static err await_verdict(struct tls_session *session)
{
    uint8_t first;
    size_t len = 0;
    ERR_clear_error();
    int result = SSL_peek_ex(session->ssl, &first, sizeof first, &len);
    if (result == 1) return OK;
    err e = outcome(session, result);
    return e.code == ERR_AGAIN && session->ticketed ? OK : e;
}

static err handshake(struct tls_session *session)
{
    if (!session->finished) TRY(finish(session));
    return session->tls->server ? OK : await_verdict(session);
}

err tls_session_handshake(struct tls_session *session)
{
    ENSURE(session->ssl != NULL && !session->established);
    err e = handshake(session);
    if (e.code == ERR_AGAIN) return e;
    if (FAILED(e)) {
        session->tls->counts.failed++;
        return e;
    }
    session->established = true;
    session->wants_write = false;
    session->tls->counts.handshakes++;
    if (SSL_session_reused(session->ssl)) session->tls->counts.resumed++;
    return OK;
}

err tls_session_read(struct tls_session *session, void *at, size_t max, size_t *ret_len)
{
    ENSURE(session->ssl != NULL);
    size_t len = 0;
    ERR_clear_error();
    int result = SSL_read_ex(session->ssl, at, max, &len);
    if (result != 1) return outcome(session, result);
    *ret_len = len;
    return OK;
}

err tls_session_write(struct tls_session *session, struct bytes b, size_t *ret_len)
{
    ENSURE(session->ssl != NULL && b.len > 0);
    size_t len = 0;
    ERR_clear_error();
    int result = SSL_write_ex(session->ssl, b.at, b.len, &len);
    if (result != 1) return outcome(session, result);
    *ret_len = len;
    return OK;
}

bool tls_session_pending(const struct tls_session *session)
{
    return session->ssl != NULL && SSL_has_pending(session->ssl) == 1;
}

void tls_session_peer_name(const struct tls_session *session, char out[TLS_NAME_MAX])
{
    out[0] = '\0';
    if (session->ssl == NULL) return;
    X509 *peer = SSL_get0_peer_certificate(session->ssl);
    if (peer == NULL) return;
    const X509_NAME *subject = X509_get_subject_name(peer);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) return;
    const ASN1_STRING *name = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
    struct bytes text = bytes_of(ASN1_STRING_get0_data(name), (size_t)ASN1_STRING_length(name));
    /* A NUL inside would make one name look like another. */
    if (text.len == 0 || memchr(text.at, '\0', text.len) != NULL) return;
    if (FAILED(bytes_to_text(text, out, TLS_NAME_MAX))) out[0] = '\0';
}

void tls_session_peer_print(const struct tls_session *session, uint8_t out[TLS_PRINT_BYTES])
{
    unsigned char *der = NULL;
    memset(out, 0, TLS_PRINT_BYTES);
    const X509 *peer = session->ssl == NULL ? NULL : SSL_get0_peer_certificate(session->ssl);
    if (peer == NULL) return;
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(peer), &der);
    if (len > 0) SHA256(der, (size_t)len, out);
    OPENSSL_free(der);
}

int64_t tls_session_peer_end_ms(const struct tls_session *session)
{
    const X509 *peer = session->ssl == NULL ? NULL : SSL_get0_peer_certificate(session->ssl);
    return peer == NULL ? 0 : tls_end_ms(peer);
}
