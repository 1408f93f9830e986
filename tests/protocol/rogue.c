/* SPDX-License-Identifier: Apache-2.0 */
/* The thread in between. TLS runs over memory, so that what is on the wire is seen first. */
#include "lib/wire/openssl.h"

#include "tests/protocol/rogue.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

enum { LOOK_MS = 20, CHUNK = 16384 };

struct line {
    struct rogue *rogue;
    unsigned generation;
    enum rogue_mode mode;
    int fd, behind;
    SSL *ssl;
    bool established;
    uint8_t said[CHUNK * 2]; /* inside TLS, not taken yet */
    size_t said_len;
};

/* ---- sockets ---- */

static struct sockaddr_in loopback(long port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int connect_to(long port)
{
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

static bool send_all(int fd, const uint8_t *at, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* ---- what is recorded ---- */

static void record_up(struct rogue *r, const uint8_t *at, size_t len)
{
    pthread_mutex_lock(&r->mutex);
    size_t room = sizeof r->bytes - r->seen.up;
    memcpy(r->bytes + r->seen.up, at, len < room ? len : room);
    r->seen.up += len < room ? len : room;
    pthread_mutex_unlock(&r->mutex);
}

static void record_down(struct rogue *r, size_t len)
{
    pthread_mutex_lock(&r->mutex);
    r->seen.down += len;
    pthread_mutex_unlock(&r->mutex);
}

static void record_ask(struct rogue *r, const char *json)
{
    const char *at = strstr(json, "\"ask\":\"");
    at = at == NULL ? "?" : at + 7;
    pthread_mutex_lock(&r->mutex);
    if (r->seen.asks < ROGUE_ASKS_MAX) {
        char *ask = r->seen.ask[r->seen.asks++];
        snprintf(ask, sizeof r->seen.ask[0], "%.*s", (int)strcspn(at, "\""), at);
    }
    pthread_mutex_unlock(&r->mutex);
}

/* ---- TLS over memory ---- */

static bool flush(struct line *line)
{
    uint8_t block[CHUNK];
    int got;
    while ((got = BIO_read(SSL_get_wbio(line->ssl), block, sizeof block)) > 0) {
        record_down(line->rogue, (size_t)got);
        if (!send_all(line->fd, block, (size_t)got)) return false;
    }
    return true;
}

static void tell(struct line *line, const char *json)
{
    size_t len = strlen(json);
    uint8_t prefix[4] = {0, 0, (uint8_t)(len >> 8), (uint8_t)len};
    (void)SSL_write(line->ssl, prefix, sizeof prefix);
    (void)SSL_write(line->ssl, json, (int)len);
}

/* As the back office answers: to `recover` that a code was sent, to all else that it is well. */
static void answer(struct line *line, const char *json)
{
    char said[160];
    const char *id = strstr(json, "\"id\":");
    bool recover = strstr(json, "\"ask\":\"recover\"") != NULL;
    record_ask(line->rogue, json);
    snprintf(said, sizeof said, "{\"id\":%ld,\"status\":\"%s\"%s}",
             id == NULL ? 0 : strtol(id + 5, NULL, 10), recover ? "sent" : "ok",
             recover ? ",\"contact\":\"138****5678\",\"seconds\":300" : "");
    tell(line, said);
}

static void take_frames(struct line *line)
{
    while (line->said_len >= 4) {
        size_t len = (size_t)line->said[2] << 8 | line->said[3];
        if (line->said_len < 4 + len || len >= CHUNK) return;
        char json[CHUNK];
        memcpy(json, line->said + 4, len);
        json[len] = '\0';
        line->said_len -= 4 + len;
        memmove(line->said, line->said + 4 + len, line->said_len);
        answer(line, json);
    }
}

static void established(struct line *line)
{
    line->established = true;
    pthread_mutex_lock(&line->rogue->mutex);
    line->rogue->seen.established++;
    pthread_mutex_unlock(&line->rogue->mutex);
}

/* False when the handshake has failed; what is to be said about that has been said. */
static bool step_tls(struct line *line, const uint8_t *at, size_t len)
{
    (void)BIO_write(SSL_get_rbio(line->ssl), at, (int)len);
    if (!line->established) {
        int done = SSL_accept(line->ssl);
        int why = SSL_get_error(line->ssl, done);
        if (done == 1) {
            established(line);
        } else if (why != SSL_ERROR_WANT_READ) {
            (void)flush(line); /* the alert */
            return false;
        }
    }
    int got = 0;
    while (line->established && (got = SSL_read(line->ssl, line->said + line->said_len,
                                                (int)(sizeof line->said - line->said_len))) > 0) {
        line->said_len += (size_t)got;
        pthread_mutex_lock(&line->rogue->mutex);
        line->rogue->seen.plain += (size_t)got;
        pthread_mutex_unlock(&line->rogue->mutex);
        if (line->mode == ROGUE_OFFICE) take_frames(line);
        else line->said_len = 0;
    }
    ERR_clear_error();
    return flush(line);
}

/* ---- a connection ---- */

static const char portal[] = "HTTP/1.1 302 Found\r\nLocation: http://portal.example/login\r\n\r\n";

static bool open_line(struct line *line)
{
    struct rogue *r = line->rogue;
    pthread_mutex_lock(&r->mutex);
    line->generation = r->generation;
    line->mode = r->mode;
    r->seen.connections++;
    long behind = r->behind;
    if (line->mode == ROGUE_TLS || line->mode == ROGUE_OFFICE) line->ssl = SSL_new(r->context);
    pthread_mutex_unlock(&r->mutex);
    if (line->mode == ROGUE_RELAY) return (line->behind = connect_to(behind)) >= 0;
    if (line->mode == ROGUE_PLAIN) return true;
    SSL_set_bio(line->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(line->ssl);
    return true;
}

static bool from_terminal(struct line *line)
{
    uint8_t block[CHUNK];
    ssize_t got = recv(line->fd, block, sizeof block, 0);
    if (got <= 0) return false;
    record_up(line->rogue, block, (size_t)got);
    if (line->mode == ROGUE_RELAY) return send_all(line->behind, block, (size_t)got);
    if (line->mode == ROGUE_PLAIN)
        return send_all(line->fd, (const uint8_t *)portal, sizeof portal - 1);
    return step_tls(line, block, (size_t)got);
}

static bool from_behind(struct line *line)
{
    uint8_t block[CHUNK];
    ssize_t got = recv(line->behind, block, sizeof block, 0);
    if (got <= 0) return false;
    record_down(line->rogue, (size_t)got);
    return send_all(line->fd, block, (size_t)got);
}

static bool still(struct line *line)
{
    struct rogue *r = line->rogue;
    pthread_mutex_lock(&r->mutex);
    bool same = !r->stop && line->generation == r->generation;
    pthread_mutex_unlock(&r->mutex);
    return same;
}

static void serve(struct rogue *r, int fd)
{
    static _Thread_local struct line line;
    line = (struct line){.rogue = r, .fd = fd, .behind = -1};
    bool goes_on = open_line(&line);
    while (goes_on && still(&line)) {
        struct pollfd p[2] = {{.fd = fd, .events = POLLIN}, {.fd = line.behind, .events = POLLIN}};
        if (poll(p, 2, LOOK_MS) <= 0) continue;
        if (p[0].revents != 0) goes_on = from_terminal(&line);
        if (goes_on && p[1].revents != 0) goes_on = from_behind(&line);
    }
    SSL_free(line.ssl);
    close(fd);
    if (line.behind >= 0) close(line.behind);
    pthread_mutex_lock(&r->mutex);
    if (line.generation == r->generation) r->seen.ended++;
    pthread_mutex_unlock(&r->mutex);
}

static void *run(void *context)
{
    struct rogue *r = context;
    struct line nobody = {.rogue = r};
    do {
        struct pollfd p = {.fd = r->listener, .events = POLLIN};
        if (poll(&p, 1, LOOK_MS) > 0) {
            int fd = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);
            if (fd >= 0) serve(r, fd);
        }
        pthread_mutex_lock(&r->mutex);
        nobody.generation = r->generation;
        pthread_mutex_unlock(&r->mutex);
    } while (still(&nobody));
    return NULL;
}

/* ---- what the tests call ---- */

void rogue_start(struct rogue *r)
{
    struct sockaddr_in address = loopback(0);
    socklen_t len = sizeof address;
    (void)signal(SIGPIPE, SIG_IGN);
    r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(r->listener >= 0);
    assert_int_equal(bind(r->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(r->listener, 8), 0);
    assert_int_equal(getsockname(r->listener, (struct sockaddr *)&address, &len), 0);
    r->port = ntohs(address.sin_port);
    assert_int_equal(pthread_mutex_init(&r->mutex, NULL), 0);
    assert_int_equal(pthread_create(&r->thread, NULL, run, r), 0);
}

void rogue_stop(struct rogue *r)
{
    pthread_mutex_lock(&r->mutex);
    r->stop = true;
    pthread_mutex_unlock(&r->mutex);
    assert_int_equal(pthread_join(r->thread, NULL), 0);
    close(r->listener);
    SSL_CTX_free(r->context);
    pthread_mutex_destroy(&r->mutex);
}

static void become(struct rogue *r, enum rogue_mode mode, long behind, SSL_CTX *context)
{
    pthread_mutex_lock(&r->mutex);
    SSL_CTX *before = r->context;
    r->generation++;
    r->mode = mode;
    r->behind = behind;
    r->context = context;
    r->seen = (struct rogue_seen){0};
    pthread_mutex_unlock(&r->mutex);
    SSL_CTX_free(before); /* a connection has its own reference */
}

void rogue_relay(struct rogue *r, long behind)
{
    become(r, ROGUE_RELAY, behind, NULL);
}

void rogue_plain(struct rogue *r)
{
    become(r, ROGUE_PLAIN, 0, NULL);
}

static void use_identity(SSL_CTX *context, const struct rogue_identity *identity)
{
    BIO *bio = BIO_new_mem_buf(identity->certificate, -1);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    bio = BIO_new_mem_buf(identity->key, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_true(certificate != NULL && key != NULL);
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

void rogue_tls(struct rogue *r, enum rogue_mode mode, const struct rogue_identity *identity)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    int version = identity->old ? TLS1_2_VERSION : TLS1_3_VERSION;
    assert_non_null(context);
    assert_int_equal(SSL_CTX_set_min_proto_version(context, version), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(context, version), 1);
    use_identity(context, identity);
    become(r, mode, 0, context);
}

struct rogue_seen rogue_seen(struct rogue *r)
{
    pthread_mutex_lock(&r->mutex);
    struct rogue_seen seen = r->seen;
    pthread_mutex_unlock(&r->mutex);
    return seen;
}

bool rogue_overheard(struct rogue *r, struct bytes what)
{
    pthread_mutex_lock(&r->mutex);
    bool found = memmem(r->bytes, r->seen.up, what.at, what.len) != NULL;
    pthread_mutex_unlock(&r->mutex);
    return found;
}

unsigned rogue_asked(struct rogue *r, const char *ask)
{
    struct rogue_seen seen = rogue_seen(r);
    unsigned count = 0;
    for (unsigned i = 0; i < seen.asks; i++) count += strcmp(seen.ask[i], ask) == 0;
    return count;
}
