/* SPDX-License-Identifier: Apache-2.0 */
/* A blocking TLS connection with time limits on its socket. */
#include "tests/protocol/client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>

#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/pem.h>
#include <openssl/ssl.h>
#undef ERR_STATE

static X509 *read_certificate(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(certificate);
    return certificate;
}

static void use_identity(SSL_CTX *context, const struct client_identity *identity)
{
    X509 *authority = read_certificate(identity->authority);
    assert_int_equal(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority), 1);
    X509_free(authority);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    if (identity->certificate == NULL) return;
    X509 *certificate = read_certificate(identity->certificate);
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    X509_free(certificate);
    BIO *bio = BIO_new_mem_buf(identity->key, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(key);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    EVP_PKEY_free(key);
}

static void wait_at_most(int fd, int ms)
{
    const struct timeval limit = {ms / 1000, ms % 1000 * 1000};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit), 0);
}

static int connect_to(long port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
    wait_at_most(fd, CLIENT_WAIT_MS);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

bool client_open(struct client *c, long port, const struct client_identity *identity)
{
    (void)signal(SIGPIPE, SIG_IGN);
    c->fd = connect_to(port);
    if (c->fd < 0) return false;
    c->context = SSL_CTX_new(TLS_client_method());
    assert_non_null(c->context);
    assert_int_equal(SSL_CTX_set_min_proto_version(c->context, TLS1_3_VERSION), 1);
    use_identity(c->context, identity);
    c->ssl = SSL_new(c->context);
    assert_non_null(c->ssl);
    assert_int_equal(SSL_set1_host(c->ssl, "localhost"), 1);
    assert_int_equal(SSL_set_fd(c->ssl, c->fd), 1);
    return SSL_connect(c->ssl) == 1;
}

void client_close(struct client *c)
{
    if (c->ssl == NULL) return;
    SSL_free(c->ssl);
    SSL_CTX_free(c->context);
    close(c->fd);
    c->ssl = NULL;
}

void client_send_raw(struct client *c, struct bytes b)
{
    assert_int_equal(SSL_write(c->ssl, b.at, (int)b.len), (int)b.len);
}

bool client_try_send(struct client *c, struct bytes frame)
{
    uint8_t block[2 + CLIENT_FRAME_MAX];
    assert_true(frame.len <= CLIENT_FRAME_MAX);
    block[0] = (uint8_t)(frame.len >> 8);
    block[1] = (uint8_t)frame.len;
    memcpy(block + 2, frame.at, frame.len);
    return SSL_write(c->ssl, block, (int)(2 + frame.len)) == (int)(2 + frame.len);
}

void client_send(struct client *c, struct bytes frame)
{
    assert_true(client_try_send(c, frame));
}

static bool receive(struct client *c, uint8_t *at, size_t len)
{
    while (len > 0) {
        int got = SSL_read(c->ssl, at, (int)len);
        if (got <= 0) return false;
        at += got;
        len -= (size_t)got;
    }
    return true;
}

bool client_try_receive(struct client *c, int wait_ms, struct bytes *ret_frame)
{
    uint8_t prefix[2];
    wait_at_most(c->fd, wait_ms);
    if (!receive(c, prefix, sizeof prefix)) return false;
    size_t len = (size_t)prefix[0] << 8 | prefix[1];
    assert_true(len > 0 && len <= sizeof c->frame);
    if (!receive(c, c->frame, len)) return false;
    *ret_frame = bytes_of(c->frame, len);
    return true;
}

struct bytes client_receive(struct client *c)
{
    struct bytes frame = {0};
    if (!client_try_receive(c, CLIENT_WAIT_MS, &frame)) fail_msg("no answer: closed or too late");
    return frame;
}

bool client_closed(struct client *c, int wait_ms)
{
    uint8_t byte;
    wait_at_most(c->fd, wait_ms);
    int got = SSL_read(c->ssl, &byte, 1);
    int why = SSL_get_error(c->ssl, got);
    wait_at_most(c->fd, CLIENT_WAIT_MS);
    return got <= 0 && why != SSL_ERROR_WANT_READ;
}
