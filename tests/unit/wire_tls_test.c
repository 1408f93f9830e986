/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS (S63): both sides proven, everything else refused with its name: no certificate, another CA,
 * expired, another server name, an older protocol. And a client whose key is somewhere else.
 */
#include "lib/wire/openssl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "lib/wire/socket.h"
#include "lib/wire/stream.h"
#include "lib/wire/tls_signer.h"
#include "tests/unit/wire_certificates.h"

enum { DAY = 86400, TURNS_MAX = 100000 };

static struct identity ca, other_ca, server, terminal, stranger, expired, early;

static int make_all(void **state)
{
    (void)state;
    ca = make_identity(NULL, "Test CA", NULL, -DAY, DAY);
    other_ca = make_identity(NULL, "Other CA", NULL, -DAY, DAY);
    server = make_identity(&ca, "acquirer", "DNS:acquirer.test,IP:127.0.0.1", -DAY, DAY);
    terminal = make_identity(&ca, "10000017", NULL, -DAY, DAY);
    stranger = make_identity(&other_ca, "10000017", NULL, -DAY, DAY);
    expired = make_identity(&ca, "10000017", NULL, -2 * DAY, -DAY);
    early = make_identity(&ca, "10000017", NULL, DAY, 2 * DAY);
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    struct identity *all[] = {&ca, &other_ca, &server, &terminal, &stranger, &expired, &early};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) free_identity(all[i]);
    return 0;
}

static struct tls_pem pem(const char *text)
{
    return (struct tls_pem){.pem = bytes_text(text)};
}

static struct tls_options options_of(const struct identity *trusted, const struct identity *own)
{
    return (struct tls_options){.ca = pem(trusted->certificate_pem),
                                .certificate = pem(own->certificate_pem),
                                .key = pem(own->key_pem)};
}

struct end {
    unsigned opened, frames, closed;
    size_t bytes;
    err reason;
    char text[200], peer[64];
    int64_t peer_end_ms;
    uint8_t peer_print[TLS_PRINT_BYTES];
    bool echo;
};

static void on_open(struct stream *stream)
{
    struct end *end = stream_owner(stream);
    end->opened++;
    (void)snprintf(end->peer, sizeof end->peer, "%s", stream_peer_name(stream));
    end->peer_end_ms = stream_peer_end_ms(stream);
    stream_peer_print(stream, end->peer_print);
}

static void on_frame(struct stream *stream, struct bytes frame)
{
    struct end *end = stream_owner(stream);
    end->frames++;
    end->bytes += frame.len;
    if (end->echo) stream_send(stream, frame);
}

static void on_close(struct stream *stream, err reason)
{
    struct end *end = stream_owner(stream);
    end->closed++;
    end->reason = reason;
    (void)snprintf(end->text, sizeof end->text, "%s", stream_reason_text(stream));
}

struct bench {
    struct clock clock; /* of the machine unless set */
    struct loop *loop;
    struct stream_pool *pool;
    struct stream_listener *listener;
    struct tls *server_tls, *client_tls;
    struct end server, client;
};

static void start(struct bench *b, struct tls_options server_options,
                  struct tls_options client_options, const char *name)
{
    struct tls_fault fault;
    if (b->clock.monotonic_us == NULL) b->clock = clock_system();
    struct loop_options options = {.clock = b->clock};
    assert_false(FAILED(loop_create(&options, &b->loop)));
    struct stream_pool_options pool = {
        .loop = b->loop, .streams_max = 8, .frame = {2, 60000}, .out_max = 400000};
    assert_false(FAILED(stream_pool_create(&pool, &b->pool)));
    assert_false(FAILED(tls_server_create(&server_options, &fault, &b->server_tls)));
    assert_false(FAILED(tls_client_create(&client_options, name, &fault, &b->client_tls)));
    struct stream_events events = {on_open, on_frame, on_close, &b->server};
    b->server.echo = true;
    assert_false(FAILED(
        stream_listen_tcp(b->pool, "127.0.0.1", 0, b->server_tls, 0, &events, &b->listener)));
}

static struct stream *dial(struct bench *b)
{
    struct stream *stream = NULL;
    struct stream_events events = {on_open, on_frame, on_close, &b->client};
    assert_false(FAILED(stream_connect_tcp(b->pool, "127.0.0.1", stream_listener_port(b->listener),
                                           b->client_tls, &events, &stream)));
    return stream;
}

static void stop(struct bench *b)
{
    stream_pool_destroy(b->pool);
    tls_destroy(b->server_tls);
    tls_destroy(b->client_tls);
    loop_destroy(b->loop);
}

#define UNTIL(bench, condition)                                            \
    do {                                                                   \
        for (int turns_ = 0; !(condition) && turns_ < TURNS_MAX; turns_++) \
            assert_false(FAILED(loop_once((bench)->loop, 0)));             \
        assert_true(condition);                                            \
    } while (0)

static void both_sides_are_proven(void **state)
{
    (void)state;
    struct bench b = {0};
    start(&b, options_of(&ca, &server), options_of(&ca, &terminal), "acquirer.test");
    struct stream *stream = dial(&b);
    stream_send(stream, BYTES("sale"));
    UNTIL(&b, b.client.frames == 1);
    assert_string_equal(b.server.peer, "10000017");
    assert_string_equal(b.client.peer, "acquirer");
    /* Its key, as registries name it: the digest of the whole SubjectPublicKeyInfo. */
    uint8_t print[TLS_PRINT_BYTES], *der = NULL;
    int len = i2d_PUBKEY(terminal.key, &der);
    assert_true(len > 0);
    SHA256(der, (size_t)len, print);
    OPENSSL_free(der);
    assert_memory_equal(b.server.peer_print, print, sizeof print);
    const struct clock clock = clock_system();
    int64_t left_ms = b.server.peer_end_ms - clock_now_ms(&clock);
    assert_true(left_ms > (DAY - 600) * 1000 && left_ms <= DAY * 1000); /* as it was made */
    stream_close(stream, OK);
    UNTIL(&b, b.server.closed == 1 && b.client.closed == 1);
    assert_int_equal(b.server.reason.code, ERR_CLOSED);
    stop(&b);
}

static void an_address_can_be_the_name(void **state)
{
    (void)state;
    struct bench b = {0};
    start(&b, options_of(&ca, &server), options_of(&ca, &terminal), "127.0.0.1");
    (void)dial(&b);
    UNTIL(&b, b.client.opened == 1);
    stop(&b);
}

static void carries_what_is_larger_than_a_record(void **state)
{
    (void)state;
    static uint8_t big[60000];
    struct bench b = {0};
    start(&b, options_of(&ca, &server), options_of(&ca, &terminal), "acquirer.test");
    struct stream *stream = dial(&b);
    for (int i = 0; i < 3; i++) stream_send(stream, BYTES_OF(big));
    UNTIL(&b, b.client.bytes == 3 * sizeof big);
    assert_int_equal(b.client.closed + b.server.closed, 0);
    stop(&b);
}

static void a_second_connection_resumes_the_session(void **state)
{
    (void)state;
    struct bench b = {0};
    start(&b, options_of(&ca, &server), options_of(&ca, &terminal), "acquirer.test");
    for (unsigned i = 1; i <= 3; i++) {
        struct stream *stream = dial(&b);
        stream_send(stream, BYTES("x"));
        UNTIL(&b, b.client.frames == i);
        assert_string_equal(b.server.peer, "10000017"); /* known from the session too */
        stream_close(stream, OK);
        UNTIL(&b, b.server.closed == i && b.client.closed == i);
    }
    assert_int_equal(tls_counts(b.server_tls).handshakes, 3);
    assert_int_equal(tls_counts(b.server_tls).resumed, 2);
    assert_int_equal(tls_counts(b.client_tls).resumed, 2);
    stop(&b);
}

/* Neither side opens; both know why. */
static void is_refused(struct tls_options server_options, struct tls_options client_options,
                       const char *name, const char *server_text, const char *client_text)
{
    struct bench b = {0};
    start(&b, server_options, client_options, name);
    stream_send(dial(&b), BYTES("never heard"));
    UNTIL(&b, b.server.closed == 1 && b.client.closed == 1);
    assert_int_equal(b.server.opened + b.client.opened + b.server.frames, 0);
    assert_string_equal(b.server.text, server_text);
    assert_string_equal(b.client.text, client_text);
    assert_int_equal(b.client.reason.code, ERR_IDENTITY);
    assert_int_equal(stream_listener_counts(b.listener).handshakes_failed, 1);
    assert_int_equal(tls_counts(b.server_tls).failed, 1);
    stop(&b);
}

/* S171 */
static void refuses_a_wrong_certificate_by_its_fault(void **state)
{
    (void)state;
    is_refused(options_of(&ca, &server), options_of(&ca, &stranger), "acquirer.test",
               "unable to get local issuer certificate",
               "the peer does not know the CA of our certificate");
    is_refused(options_of(&ca, &server), options_of(&ca, &expired), "acquirer.test",
               "certificate has expired", "the peer says our certificate has expired");
    is_refused(options_of(&ca, &server), options_of(&ca, &early), "acquirer.test",
               "certificate is not yet valid", "the peer refused our certificate");
    /* The client's turn: a server of another CA, and one of ours with another name. */
    is_refused(options_of(&ca, &stranger), options_of(&ca, &terminal), "acquirer.test",
               "the peer does not know the CA of our certificate",
               "unable to get local issuer certificate");
    is_refused(options_of(&ca, &server), options_of(&ca, &terminal), "evil.test",
               "the peer refused our certificate", "hostname mismatch");
    is_refused(options_of(&ca, &server), options_of(&ca, &terminal), "127.0.0.2",
               "the peer refused our certificate", "IP address mismatch");
}

/* A client that is not ours, on a blocking socket, with the loop turned in between. */
static SSL *foreign_client(struct bench *b, SSL_CTX *context, int *ret_fd)
{
    err e = socket_connect_tcp("127.0.0.1", stream_listener_port(b->listener), ret_fd);
    assert_true(!FAILED(e) || e.code == ERR_AGAIN);
    SSL *ssl = SSL_new(context);
    assert_int_equal(SSL_set_fd(ssl, *ret_fd), 1);
    SSL_set_connect_state(ssl);
    char byte;
    for (int i = 0; i < TURNS_MAX && b->server.closed == 0 && b->server.opened == 0; i++) {
        if (SSL_is_init_finished(ssl)) (void)SSL_read(ssl, &byte, 1);
        else (void)SSL_do_handshake(ssl);
        ERR_clear_error();
        assert_false(FAILED(loop_once(b->loop, 0)));
    }
    return ssl;
}

static void refuses_a_client_without_a_certificate(void **state)
{
    (void)state;
    struct bench b = {0};
    int fd = -1;
    start(&b, options_of(&ca, &server), options_of(&ca, &terminal), "acquirer.test");
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = foreign_client(&b, context, &fd);
    UNTIL(&b, b.server.closed == 1);
    assert_int_equal(b.server.opened, 0);
    assert_int_equal(b.server.reason.code, ERR_IDENTITY);
    assert_string_equal(b.server.text, "the peer has sent no certificate");
    SSL_free(ssl);
    SSL_CTX_free(context);
    close(fd);
    stop(&b);
}

static void refuses_an_older_protocol(void **state)
{
    (void)state;
    struct bench b = {0};
    int fd = -1;
    start(&b, options_of(&ca, &server), options_of(&ca, &terminal), "acquirer.test");
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    assert_int_equal(SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION), 1);
    assert_int_equal(SSL_CTX_use_certificate(context, terminal.certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, terminal.key), 1);
    SSL *ssl = foreign_client(&b, context, &fd);
    UNTIL(&b, b.server.closed == 1);
    assert_int_equal(b.server.opened, 0);
    assert_int_equal(b.server.reason.code, ERR_FORMAT);
    assert_string_equal(b.server.text, "unsupported protocol");
    SSL_free(ssl);
    SSL_CTX_free(context);
    close(fd);
    stop(&b);
}

static void refuses_what_is_no_tls(void **state)
{
    (void)state;
    struct bench b = {0};
    int fd = -1;
    start(&b, options_of(&ca, &server), options_of(&ca, &terminal), "acquirer.test");
    err e = socket_connect_tcp("127.0.0.1", stream_listener_port(b.listener), &fd);
    assert_true(!FAILED(e) || e.code == ERR_AGAIN);
    size_t len = 0;
    e = ERR(AGAIN);
    for (int i = 0; i < TURNS_MAX && FAILED(e); i++)
        e = socket_write(fd, BYTES("\x00\x05hello hello hello"), &len);
    UNTIL(&b, b.server.closed == 1);
    assert_int_equal(b.server.reason.code, ERR_FORMAT);
    close(fd);
    stop(&b);
}

static int64_t fake_us(void *context)
{
    return *(int64_t *)context;
}

/* Connects and says nothing, or less and less: neither holds a place for long. */
static void a_handshake_that_stalls_is_ended(void **state)
{
    (void)state;
    int64_t now_us = 1000000;
    struct bench b = {.clock = {fake_us, fake_us, &now_us}};
    int fd = -1;
    size_t len = 0;
    start(&b, options_of(&ca, &server), options_of(&ca, &terminal), "acquirer.test");
    err e = socket_connect_tcp("127.0.0.1", stream_listener_port(b.listener), &fd);
    assert_true(!FAILED(e) || e.code == ERR_AGAIN);
    UNTIL(&b, stream_listener_counts(b.listener).accepted == 1);
    for (int second = 0; second < 9; second++) {
        assert_false(FAILED(socket_write(fd, BYTES("\x16"), &len)));
        now_us += 1000000;
        assert_false(FAILED(loop_once(b.loop, 0)));
        if (second == 0) assert_false(FAILED(socket_write(fd, BYTES("\x03\x01\x40"), &len)));
    }
    assert_int_equal(b.server.closed, 0);
    now_us += 1000001;
    UNTIL(&b, b.server.closed == 1);
    assert_int_equal(b.server.reason.code, ERR_TIMEOUT);
    assert_string_equal(b.server.text, "the TLS handshake takes too long");
    close(fd);
    stop(&b);
}

/* ---- the key is elsewhere (S69: it never leaves the vault) ---- */

struct remote {
    EVP_PKEY *key;
    unsigned asked;
    bool broken;
};

/* Makes all that is signed but the transcript hash itself, as a vault does. */
static err sign_remotely(void *context, struct bytes hash, struct writer *der_signature)
{
    struct remote *remote = context;
    uint8_t signature[72], content[64 + 34 + 48], made[32];
    size_t len = sizeof signature;
    remote->asked++;
    assert_int_equal(hash.len, 48); /* of the cipher that is preferred */
    if (remote->broken) return ERR(TIMEOUT);
    memset(content, ' ', 64);
    memcpy(content + 64, "TLS 1.3, client CertificateVerify", 34);
    memcpy(content + 98, hash.at, hash.len);
    assert_int_equal(EVP_Digest(content, 98 + hash.len, made, NULL, EVP_sha256(), NULL), 1);
    struct bytes digest = BYTES_OF(made);
    EVP_PKEY_CTX *signing = EVP_PKEY_CTX_new(remote->key, NULL);
    assert_int_equal(EVP_PKEY_sign_init(signing), 1);
    assert_int_equal(EVP_PKEY_CTX_set_signature_md(signing, EVP_sha256()), 1);
    assert_int_equal(EVP_PKEY_sign(signing, signature, &len, digest.at, digest.len), 1);
    EVP_PKEY_CTX_free(signing);
    write_bytes(der_signature, bytes_of(signature, len));
    return OK;
}

static int any_certificate(int good, X509_STORE_CTX *context)
{
    (void)good, (void)context;
    return 1;
}

static void a_signer_stands_in_for_the_key(void **state)
{
    (void)state;
    struct bench b = {0};
    struct remote remote = {.key = terminal.key};
    struct tls_options client = {.ca = pem(ca.certificate_pem),
                                 .certificate = pem(terminal.certificate_pem),
                                 .signer = {sign_remotely, &remote}};
    start(&b, options_of(&ca, &server), client, "acquirer.test");
    struct stream *stream = dial(&b);
    stream_send(stream, BYTES("sale"));
    UNTIL(&b, b.client.frames == 1);
    assert_string_equal(b.server.peer, "10000017");
    assert_int_equal(remote.asked, 1);
    stream_close(stream, OK);
    UNTIL(&b, b.client.closed == 1 && b.server.closed == 1);
    stream_send(dial(&b), BYTES("again"));
    UNTIL(&b, b.client.frames == 2);
    assert_int_equal(remote.asked, 1); /* a resumed session needs no signature */
    stop(&b);
}

/* A server that asks for another ClientHello: the transcript begins with a hash then. */
static void a_signer_follows_a_retry(void **state)
{
    (void)state;
    struct remote remote = {.key = terminal.key};
    struct tls_signer_key key = {.key = NULL};
    const struct tls_signer signer = {sign_remotely, &remote};
    SSL_CTX *ours = SSL_CTX_new(TLS_client_method()), *theirs = SSL_CTX_new(TLS_server_method());
    BIO *text = BIO_new_mem_buf(terminal.certificate_pem, -1);
    X509 *own = PEM_read_bio_X509(text, NULL, NULL, NULL);
    BIO_free(text);
    text = BIO_new_mem_buf(server.certificate_pem, -1);
    X509 *other = PEM_read_bio_X509(text, NULL, NULL, NULL);
    BIO_free(text);
    assert_int_equal(SSL_CTX_use_certificate(ours, own), 1);
    assert_int_equal(tls_signer_open(X509_get0_pubkey(own), &signer, &key).code, ERR_OK);
    tls_signer_follow(ours, &key);
    assert_int_equal(SSL_CTX_use_PrivateKey(ours, key.key), 1);
    assert_int_equal(SSL_CTX_set1_groups_list(ours, "X25519:P-256"), 1);
    assert_int_equal(SSL_CTX_use_certificate(theirs, other), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(theirs, server.key), 1);
    assert_int_equal(SSL_CTX_set1_groups_list(theirs, "P-256"), 1);
    SSL_CTX_set_verify(theirs, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, any_certificate);
    SSL *client = SSL_new(ours), *peer = SSL_new(theirs);
    BIO *near, *far;
    assert_int_equal(BIO_new_bio_pair(&near, 0, &far, 0), 1);
    SSL_set_bio(client, near, near);
    SSL_set_bio(peer, far, far);
    SSL_set_connect_state(client);
    SSL_set_accept_state(peer);
    for (int i = 0; i < 20 && !(SSL_is_init_finished(client) && SSL_is_init_finished(peer)); i++) {
        (void)SSL_do_handshake(client);
        (void)SSL_do_handshake(peer);
    }
    assert_true(SSL_is_init_finished(peer)); /* it has verified the signature */
    assert_int_equal(remote.asked, 1);
    assert_string_equal(SSL_get_version(client), "TLSv1.3");
    /* A digest of no handshake under way is not signed: the one that was is over. */
    uint8_t digest[32] = {1}, signature[80];
    size_t len = sizeof signature;
    EVP_PKEY_CTX *signing = EVP_PKEY_CTX_new(key.key, NULL);
    assert_int_equal(EVP_PKEY_sign_init(signing), 1);
    assert_true(EVP_PKEY_sign(signing, signature, &len, digest, sizeof digest) <= 0);
    EVP_PKEY_CTX_free(signing);
    assert_int_equal(remote.asked, 1);
    ERR_clear_error();
    SSL_free(client);
    SSL_free(peer);
    SSL_CTX_free(ours);
    SSL_CTX_free(theirs);
    X509_free(own);
    X509_free(other);
    tls_signer_free(&key);
}

static void a_signer_with_another_key_is_refused(void **state)
{
    (void)state;
    struct bench b = {0};
    struct remote remote = {.key = stranger.key};
    struct tls_options client = {.ca = pem(ca.certificate_pem),
                                 .certificate = pem(terminal.certificate_pem),
                                 .signer = {sign_remotely, &remote}};
    start(&b, options_of(&ca, &server), client, "acquirer.test");
    (void)dial(&b);
    UNTIL(&b, b.client.closed == 1 && b.server.closed == 1);
    assert_int_equal(b.server.opened + b.client.opened, 0);
    assert_string_equal(b.client.text, "the peer could not verify our signature");
    stop(&b);
}

static void a_signer_that_fails_ends_the_handshake(void **state)
{
    (void)state;
    struct bench b = {0};
    struct remote remote = {.key = terminal.key, .broken = true};
    struct tls_options client = {.ca = pem(ca.certificate_pem),
                                 .certificate = pem(terminal.certificate_pem),
                                 .signer = {sign_remotely, &remote}};
    start(&b, options_of(&ca, &server), client, "acquirer.test");
    (void)dial(&b);
    UNTIL(&b, b.client.closed == 1);
    assert_int_equal(b.client.opened, 0);
    stop(&b);
}

/* ---- configuration ---- */

static void names_what_is_wrong_with_its_files(void **state)
{
    (void)state;
    struct tls *tls = NULL;
    struct tls_fault fault;
    struct tls_options options = options_of(&ca, &server);
    char path[64], text[256];
    (void)snprintf(path, sizeof path, "/tmp/wire_tls_test.%d", (int)getpid());
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(server.key_pem, file) >= 0);
    assert_int_equal(fclose(file), 0);

    options.key = TLS_PEM_FILE(path);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(tls_server_create(&options, &fault, &tls).code, ERR_DENIED);
    (void)snprintf(text, sizeof text, "%s can be read by others: chmod 600 %s", path, path);
    assert_string_equal(fault.text, text);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(tls_server_create(&options, &fault, &tls).code, ERR_OK);
    tls_destroy(tls);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(tls_server_create(&options, &fault, &tls).code, ERR_CONFIG);
    assert_non_null(strstr(fault.text, "No such file"));

    options = options_of(&ca, &server);
    options.key = pem(terminal.key_pem);
    assert_int_equal(tls_server_create(&options, &fault, &tls).code, ERR_CONFIG);
    assert_string_equal(fault.text, "the key in the PEM text given is not the certificate's");
    options = options_of(&ca, &server);
    options.ca = pem("nothing");
    assert_int_equal(tls_server_create(&options, &fault, &tls).code, ERR_CONFIG);
    assert_string_equal(fault.text, "the PEM text given holds no CA certificate in PEM form");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_are_proven),
        cmocka_unit_test(an_address_can_be_the_name),
        cmocka_unit_test(carries_what_is_larger_than_a_record),
        cmocka_unit_test(a_second_connection_resumes_the_session),
        cmocka_unit_test(refuses_a_wrong_certificate_by_its_fault),
        cmocka_unit_test(refuses_a_client_without_a_certificate),
        cmocka_unit_test(refuses_an_older_protocol),
        cmocka_unit_test(refuses_what_is_no_tls),
        cmocka_unit_test(a_handshake_that_stalls_is_ended),
        cmocka_unit_test(a_signer_stands_in_for_the_key),
        cmocka_unit_test(a_signer_follows_a_retry),
        cmocka_unit_test(a_signer_with_another_key_is_refused),
        cmocka_unit_test(a_signer_that_fails_ends_the_handshake),
        cmocka_unit_test(names_what_is_wrong_with_its_files),
    };
    return cmocka_run_group_tests(tests, make_all, free_all);
}
