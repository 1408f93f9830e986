/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mail and SMS over TLS, by the real curl, to a server in a thread (S185): they go to whom the
 * certificate names and to nobody else, and nothing of a message stays in memory.
 */
#include "tests/unit/outbound_rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* ---- TLS: a server in a thread, for one connection ---- */

enum manner { FROM_THE_START, BY_STARTTLS, NO_STARTTLS, HTTPS };

struct tls_server {
    enum manner manner;
    const struct identity *identity;
    int listener;
    uint16_t port;
    pthread_t thread;
    pid_t child; /* instead of the thread when not 0: what it knows is not in our memory */
    bool handshake;
    struct mailbox mailbox;
    struct mail_server mail;
    struct mail_session session;
};

static void put(int fd, SSL *ssl, struct bytes text)
{
    if (ssl != NULL) (void)SSL_write(ssl, text.at, (int)text.len);
    else (void)send(fd, text.at, text.len, MSG_NOSIGNAL);
}

/* A line without its CRLF; false at the end. */
static bool get(int fd, SSL *ssl, char line[MAIL_LINE_MAX])
{
    size_t len = 0;
    for (char c = 0; c != '\n'; len++) {
        long got = ssl != NULL ? SSL_read(ssl, &c, 1) : recv(fd, &c, 1, 0);
        if (got != 1 || len + 1 >= MAIL_LINE_MAX) return false;
        line[len] = c;
    }
    line[len >= 2 ? len - 2 : 0] = '\0';
    return true;
}

static SSL *shake(struct tls_server *s, SSL_CTX *context, int fd)
{
    SSL *ssl = SSL_new(context);
    ENSURE(ssl != NULL && SSL_set_fd(ssl, fd) == 1);
    s->handshake = SSL_accept(ssl) == 1;
    return ssl;
}

/* Reads the request whole, or curl would hear of a reset instead of the answer. */
static void serve_https(SSL *ssl)
{
    static const char length[] = "Content-Length: ",
                      body[] = "{\"id\":\"" ID "\",\"status\":\"accepted\",\"cost\":5}";
    char line[MAIL_LINE_MAX], answer[256];
    unsigned long left = 0;
    while (get(-1, ssl, line) && line[0] != '\0')
        if (strncmp(line, length, sizeof length - 1) == 0)
            left = strtoul(line + sizeof length - 1, NULL, 10);
    for (char c; left > 0 && SSL_read(ssl, &c, 1) == 1; left--) {
    }
    int len = snprintf(answer, sizeof answer,
                       "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
                       sizeof body - 1, body);
    put(-1, ssl, bytes_of(answer, (size_t)len));
}

static SSL *serve_line(struct tls_server *s, SSL_CTX *context, int fd, SSL *ssl, const char *line,
                       bool *more)
{
    char said[MAIL_REPLY_MAX + 3];
    struct writer reply = writer_over(said, MAIL_REPLY_MAX);
    if (s->manner == BY_STARTTLS && ssl == NULL && strncmp(line, "EHLO", 4) == 0) {
        put(fd, ssl, BYTES("250-mail.example\r\n250 STARTTLS\r\n"));
        return ssl;
    }
    if (s->manner == BY_STARTTLS && ssl == NULL && strcmp(line, "STARTTLS") == 0) {
        put(fd, ssl, BYTES("220 go on\r\n"));
        return shake(s, context, fd);
    }
    struct mail_step step = mail_session_line(&s->session, bytes_text(line), &reply);
    memcpy(said + reply.len, "\r\n", 2);
    if (step.reply) put(fd, ssl, bytes_of(said, reply.len + 2));
    *more = !step.close;
    return ssl;
}

static void serve(struct tls_server *s, SSL_CTX *context, int fd)
{
    char line[MAIL_LINE_MAX];
    SSL *ssl = s->manner == FROM_THE_START || s->manner == HTTPS ? shake(s, context, fd) : NULL;
    bool more = ssl == NULL || s->handshake;
    if (more && s->manner == HTTPS) serve_https(ssl);
    else if (more) put(fd, ssl, BYTES("220 mail.example\r\n"));
    while (more && s->manner != HTTPS && get(fd, ssl, line))
        ssl = serve_line(s, context, fd, ssl, line, &more);
    if (ssl != NULL) {
        if (s->handshake) (void)SSL_shutdown(ssl);
        SSL_free(ssl);
    }
}

static void *run_server(void *context)
{
    struct tls_server *s = context;
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    ENSURE(tls != NULL && SSL_CTX_use_certificate(tls, s->identity->certificate) == 1);
    ENSURE(SSL_CTX_use_PrivateKey(tls, s->identity->key) == 1);
    int fd = accept(s->listener, NULL, NULL);
    if (fd >= 0) {
        serve(s, tls, fd);
        close(fd);
    }
    SSL_CTX_free(tls);
    return NULL;
}

static void listen_for(struct tls_server *s, enum manner manner, const struct identity *identity)
{
    char none[MAIL_REPLY_MAX];
    struct writer w = writer_over(none, sizeof none);
    memset(s, 0, sizeof *s);
    s->manner = manner;
    s->identity = identity;
    s->mail = (struct mail_server){.clock = clock_system(), .mailbox = &s->mailbox};
    (void)mail_session_begin(&s->session, &s->mail, &w);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    assert_int_equal(bind(s->listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(s->listener, 1), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &len), 0);
    s->port = ntohs(address.sin_port);
}

static void start_server(struct tls_server *s, enum manner manner, const struct identity *identity)
{
    listen_for(s, manner, identity);
    assert_int_equal(pthread_create(&s->thread, NULL, run_server, s), 0);
}

static void fork_server(struct tls_server *s, enum manner manner, const struct identity *identity)
{
    listen_for(s, manner, identity);
    s->child = fork();
    assert_true(s->child >= 0);
    if (s->child > 0) return;
    (void)run_server(s);
    _exit(0);
}

static void stop_server(struct tls_server *s)
{
    if (s->child > 0) assert_int_equal(waitpid(s->child, NULL, 0), s->child);
    else pthread_join(s->thread, NULL);
    close(s->listener);
}

static void mail_goes_to_whom_the_certificate_names(void **state)
{
    (void)state;
    static struct tls_server s;
    const struct {
        enum manner manner;
        enum mail_security security;
        const struct identity *identity;
        const char *trusted;
        enum outbound_outcome outcome;
        const char *reason;
    } rows[] = {
        {FROM_THE_START, MAIL_TLS, &right, ca_file, OUTBOUND_TAKEN, "OK"},
        {FROM_THE_START, MAIL_TLS, &right, other_ca_file, OUTBOUND_LATER, "IDENTITY"},
        {FROM_THE_START, MAIL_TLS, &right, NULL, OUTBOUND_LATER, "IDENTITY"},
        {FROM_THE_START, MAIL_TLS, &wrong_name, ca_file, OUTBOUND_LATER, "IDENTITY"},
        {BY_STARTTLS, MAIL_STARTTLS, &right, ca_file, OUTBOUND_TAKEN, "OK"},
        {BY_STARTTLS, MAIL_STARTTLS, &right, other_ca_file, OUTBOUND_LATER, "IDENTITY"},
        /* Somebody has taken the offer of TLS out of the reply: then there is no mail. */
        {NO_STARTTLS, MAIL_STARTTLS, &right, ca_file, OUTBOUND_LATER, "IDENTITY"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        start_server(&s, rows[i].manner, rows[i].identity);
        const struct mail_relay relay = {.host = "localhost",
                                         .port = s.port,
                                         .security = rows[i].security,
                                         .ca_file = rows[i].trusted,
                                         .timeout_ms = 20000};
        struct heard heard = mail_to(&relay);
        stop_server(&s);
        if (heard.result.outcome != rows[i].outcome) fail_msg("row %zu", i);
        assert_string_equal(err_name(heard.result.reason), rows[i].reason);
        assert_int_equal(s.mailbox.count, rows[i].outcome == OUTBOUND_TAKEN);
        assert_int_equal(s.session.recipients, 0);
    }
}

static void sms_goes_to_whom_the_certificate_names(void **state)
{
    (void)state;
    static struct tls_server s;
    char url[80];
    const struct {
        const struct identity *identity;
        const char *trusted;
        enum outbound_outcome outcome;
        const char *reason;
    } rows[] = {
        {&right, ca_file, OUTBOUND_TAKEN, "OK"},
        {&right, other_ca_file, OUTBOUND_LATER, "IDENTITY"},
        {&wrong_name, ca_file, OUTBOUND_LATER, "IDENTITY"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        start_server(&s, HTTPS, rows[i].identity);
        snprintf(url, sizeof url, "https://localhost:%u/v1/messages", s.port);
        struct heard heard = sms_to(url, rows[i].trusted, &key);
        stop_server(&s);
        ends(heard, rows[i].outcome, rows[i].reason);
    }
}

/* ---- memory ---- */

/* True when `what` stands somewhere in this process's writable memory but at its own place. */
static bool in_memory(struct bytes what)
{
    char line[512];
    bool found = false;
    FILE *maps = fopen("/proc/self/maps", "re");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        char *end;
        unsigned long long from = strtoull(line, &end, 16), to = strtoull(end + 1, &end, 16);
        if (strncmp(end, " rw", 3) != 0 || strstr(line, "[stack]") != NULL) continue;
        struct bytes area = bytes_of((const void *)(uintptr_t)from, (size_t)(to - from));
        for (const uint8_t *at; (at = memmem(area.at, area.len, what.at, what.len)) != NULL;) {
            if (at != what.at) found = true;
            area = bytes_of(at + 1, area.len - (size_t)(at + 1 - area.at));
        }
    }
    fclose(maps);
    return found;
}

/* S34 S39: of a code that was sent nothing is left, neither in our blocks nor in curl's. */
static void nothing_of_a_message_stays_in_memory(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    print_message(
        "skipped: a sanitizer keeps what was freed, and its shadow is too long to search\n");
    skip();
#endif
    static char code[32]; /* made at run time: no literal of it is anywhere */
    struct random random = random_system();
    for (size_t i = 0; i < sizeof code - 1; i++) code[i] = (char)('a' + random_below(&random, 26));
    static struct tls_server s;
    char url[80];
    struct heard heard = {0}, mailed = {0};
    fork_server(&s, HTTPS, &right);
    snprintf(url, sizeof url, "https://localhost:%u/v1/messages", s.port);
    const struct sms_provider provider = {
        .url = url, .ca_file = ca_file, .key = &key, .clock = clock_system(), .timeout_ms = 20000};
    const struct sms_message message = {ID, "+8613800138000", bytes_text(code)};
    assert_ok(sms_send(outbound, &provider, &message, on_done, &heard));
    assert_true(in_memory(bytes_text(code))); /* the search finds what is there */
    await(&heard);
    stop_server(&s);
    ends(heard, OUTBOUND_TAKEN, "OK");
    assert_false(in_memory(bytes_text(code)));

    fork_server(&s, FROM_THE_START, &right);
    struct mail_message secret = letter;
    secret.text = bytes_text(code);
    const struct mail_relay relay = {.host = "localhost",
                                     .port = s.port,
                                     .security = MAIL_TLS,
                                     .ca_file = ca_file,
                                     .timeout_ms = 20000};
    assert_ok(mail_send(outbound, &relay, &secret, on_done, &mailed));
    await(&mailed);
    stop_server(&s);
    ends(mailed, OUTBOUND_TAKEN, "OK");
    assert_false(in_memory(bytes_text(code)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_goes_to_whom_the_certificate_names),
        cmocka_unit_test(sms_goes_to_whom_the_certificate_names),
        cmocka_unit_test(nothing_of_a_message_stays_in_memory),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
