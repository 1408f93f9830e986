/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The call of lib/wire/egress.h by the real curl, to a server in a thread (HS-15): what arrives,
 * who is believed, and what of an answer counts.
 */
#include "lib/wire/openssl.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>

#include "lib/base/file.h"
#include "lib/wire/egress.h"
#include "tests/unit/scratch.h"
#include "tests/unit/wire_certificates.h"

enum { DAY = 86400, REQUEST_MAX = 4096 };

static struct scratch scratch;
static struct identity ca, other_ca, right, wrong_name;
static char ca_file[160], other_file[160];

/* Serves one connection. */
struct server {
    const struct identity *identity; /* NULL: without TLS */
    const char *answer;              /* with its headers; NULL: hangs up */
    size_t filler;                   /* bytes of 'x' behind it */
    bool silent;                     /* says nothing until the peer has gone */
    int listener;
    uint16_t port;
    pthread_t thread;
    char request[REQUEST_MAX];
    size_t len;
};

static long get(int fd, SSL *ssl, void *to, size_t size)
{
    return ssl != NULL ? SSL_read(ssl, to, (int)size) : recv(fd, to, size, 0);
}

static bool put(int fd, SSL *ssl, const void *from, size_t len)
{
    long sent = ssl != NULL ? SSL_write(ssl, from, (int)len) : send(fd, from, len, MSG_NOSIGNAL);
    return sent == (long)len;
}

/* Until the body of two bytes is there. */
static void read_request(struct server *s, int fd, SSL *ssl)
{
    while (s->len + 1 < sizeof s->request) {
        long got = get(fd, ssl, s->request + s->len, sizeof s->request - 1 - s->len);
        if (got <= 0) return;
        s->len += (size_t)got;
        s->request[s->len] = '\0';
        const char *body = strstr(s->request, "\r\n\r\n");
        if (body != NULL && strlen(body) >= 6) return;
    }
}

static void converse(struct server *s, int fd, SSL *ssl)
{
    char byte, filler[4096];
    read_request(s, fd, ssl);
    if (s->silent) (void)get(fd, ssl, &byte, 1);
    if (s->answer == NULL || !put(fd, ssl, s->answer, strlen(s->answer))) return;
    memset(filler, 'x', sizeof filler);
    for (size_t left = s->filler; left > 0;) {
        size_t part = left < sizeof filler ? left : sizeof filler;
        if (!put(fd, ssl, filler, part)) return;
        left -= part;
    }
}

static void *serve(void *context)
{
    struct server *s = context;
    int fd = accept(s->listener, NULL, NULL);
    if (fd < 0) return NULL;
    if (s->identity == NULL) converse(s, fd, NULL);
    else {
        SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
        ENSURE(tls != NULL && SSL_CTX_use_certificate(tls, s->identity->certificate) == 1);
        ENSURE(SSL_CTX_use_PrivateKey(tls, s->identity->key) == 1);
        SSL *ssl = SSL_new(tls);
        ENSURE(ssl != NULL && SSL_set_fd(ssl, fd) == 1);
        if (SSL_accept(ssl) == 1) {
            converse(s, fd, ssl);
            (void)SSL_shutdown(ssl);
        }
        SSL_free(ssl);
        SSL_CTX_free(tls);
    }
    close(fd);
    return NULL;
}

static void start(struct server *s)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(s->listener, 1), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &len), 0);
    s->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void stop(struct server *s)
{
    (void)shutdown(s->listener, SHUT_RDWR); /* wakes an accept() that nobody came to */
    pthread_join(s->thread, NULL);
    close(s->listener);
}

/* "localhost" as this machine says it may have an address of version 6 where nobody listens. */
static err resolve(void *context, const char *host, struct egress_address *out, size_t max,
                   size_t *ret_count)
{
    (void)context;
    ENSURE(max > 0 && host[0] != '\0');
    *out = (struct egress_address){{127, 0, 0, 1}, 4};
    *ret_count = 1;
    return OK;
}

static struct egress_answer post(struct server *s, const char *ca_path, unsigned timeout_ms)
{
    char url[80];
    static const struct egress_header headers[] = {{"Content-Type", "application/json"},
                                                   {"webhook-id", "evt_7"}};
    struct egress_answer answer = {.status = -1};
    start(s);
    snprintf(url, sizeof url, "%s://localhost:%u/hook?a=b", s->identity != NULL ? "https" : "http",
             s->port);
    const struct egress_request request = {.url = url,
                                           .loopback = true,
                                           .headers = headers,
                                           .header_count = ARRAY_LEN(headers),
                                           .body = BYTES("{}"),
                                           .timeout_ms = timeout_ms,
                                           .ca_file = ca_path,
                                           .resolver = {NULL, resolve}};
    assert_ok(egress_post(&request, &answer));
    stop(s);
    return answer;
}

static int open_all(void **state)
{
    (void)state;
    (void)signal(SIGPIPE, SIG_IGN); /* peers that go are part of the test */
    scratch_make(&scratch);
    ca = make_identity(NULL, "Test CA", NULL, -DAY, DAY);
    other_ca = make_identity(NULL, "Other CA", NULL, -DAY, DAY);
    right = make_identity(&ca, "hook", "DNS:localhost", -DAY, DAY);
    wrong_name = make_identity(&ca, "hook", "DNS:hook.example", -DAY, DAY);
    snprintf(ca_file, sizeof ca_file, "%s", scratch_path(&scratch, "ca.pem"));
    snprintf(other_file, sizeof other_file, "%s", scratch_path(&scratch, "other.pem"));
    assert_ok(file_write(ca_file, FILE_PUBLIC, bytes_text(ca.certificate_pem)));
    assert_ok(file_write(other_file, FILE_PUBLIC, bytes_text(other_ca.certificate_pem)));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    struct identity *all[] = {&ca, &other_ca, &right, &wrong_name};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) free_identity(all[i]);
    scratch_remove(&scratch);
    return 0;
}

static void a_request_arrives_as_it_was_given(void **state)
{
    (void)state;
    struct server s = {.answer = "HTTP/1.1 204 No Content\r\nRetry-After: 7\r\n\r\n"};
    struct egress_answer answer = post(&s, NULL, 5000);
    assert_ok(answer.reason);
    assert_int_equal(answer.status, 204);
    assert_int_equal(answer.retry_after_s, 7);
    assert_int_equal(strncmp(s.request, "POST /hook?a=b HTTP/1.1\r\n", 25), 0);
    assert_non_null(strstr(s.request, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(s.request, "\r\nwebhook-id: evt_7\r\n"));
    assert_non_null(strstr(s.request, "\r\nContent-Length: 2\r\n"));
    assert_null(strstr(s.request, "Expect"));
    assert_non_null(strstr(s.request, "\r\n\r\n{}"));
}

static void whom_the_certificate_names_is_believed(void **state)
{
    (void)state;
    static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    const struct {
        const struct identity *identity;
        const char *trusted, *reason;
    } rows[] = {
        {&right, ca_file, "OK"},
        {&right, other_file, "IDENTITY"},
        {&right, NULL, "IDENTITY"},
        {&wrong_name, ca_file, "IDENTITY"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct server s = {.identity = rows[i].identity, .answer = ok};
        struct egress_answer answer = post(&s, rows[i].trusted, 5000);
        assert_string_equal(err_name(answer.reason), rows[i].reason);
        assert_int_equal(s.len > 0, i == 0); /* nobody else reads a byte of it */
    }
}

/* A redirect is an answer, not a way on: nobody is asked for what it names. */
static void a_redirect_is_not_followed(void **state)
{
    (void)state;
    struct server inside = {.answer = "HTTP/1.1 200 OK\r\n\r\n"};
    char text[160];
    start(&inside);
    snprintf(text, sizeof text,
             "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:%u/\r\n"
             "Content-Length: 0\r\n\r\n",
             inside.port);
    struct server s = {.answer = text};
    struct egress_answer answer = post(&s, NULL, 5000);
    stop(&inside);
    assert_int_equal(answer.status, 307);
    assert_int_equal(inside.len, 0);
}

static void what_is_too_long_or_silent_is_no_answer(void **state)
{
    (void)state;
    struct server endless = {.answer = "HTTP/1.1 200 OK\r\n\r\n",
                             .filler = EGRESS_ANSWER_MAX + 4096};
    assert_err(post(&endless, NULL, 5000).reason, LENGTH);
    struct server whole = {.answer = "HTTP/1.1 200 OK\r\n\r\n", .filler = EGRESS_ANSWER_MAX - 4096};
    struct egress_answer answer = post(&whole, NULL, 5000);
    assert_ok(answer.reason);
    assert_int_equal(answer.status, 200);
    struct server silent = {.silent = true};
    answer = post(&silent, NULL, 200);
    assert_err(answer.reason, TIMEOUT);
    assert_int_equal(answer.status, 0);
    struct server rude = {.answer = NULL};
    assert_err(post(&rude, NULL, 5000).reason, CLOSED);
    struct server strange = {.answer = "SSH-2.0-OpenSSH_9\r\n"};
    assert_true(FAILED(post(&strange, NULL, 5000).reason));
}

/* Proxies of the environment are for others. */
static void no_proxy_is_asked(void **state)
{
    (void)state;
    struct server proxy = {.answer = "HTTP/1.1 200 OK\r\n\r\n"};
    char text[64];
    start(&proxy);
    snprintf(text, sizeof text, "http://127.0.0.1:%u", proxy.port);
    setenv("http_proxy", text, 1);
    setenv("https_proxy", text, 1);
    setenv("all_proxy", text, 1);
    struct server s = {.answer = "HTTP/1.1 204 No Content\r\n\r\n"};
    assert_int_equal(post(&s, NULL, 5000).status, 204);
    unsetenv("http_proxy");
    unsetenv("https_proxy");
    unsetenv("all_proxy");
    stop(&proxy);
    assert_int_equal(proxy.len, 0);
}

static void headers_hold_one_line(void **state)
{
    (void)state;
    static const struct egress_header bad[] = {
        {"a", "b\r\nc: d"}, {"a\nb", "c"}, {"a: b", "c"}, {"a", "b\n"}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct egress_answer answer = {.status = -1};
        const struct egress_request request = {.url = "http://localhost:1/",
                                               .loopback = true,
                                               .headers = &bad[i],
                                               .header_count = 1,
                                               .timeout_ms = 100,
                                               .resolver = {NULL, resolve}};
        assert_err(egress_post(&request, &answer), FORMAT);
        assert_int_equal(answer.status, -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_arrives_as_it_was_given),
        cmocka_unit_test(whom_the_certificate_names_is_believed),
        cmocka_unit_test(a_redirect_is_not_followed),
        cmocka_unit_test(what_is_too_long_or_silent_is_no_answer),
        cmocka_unit_test(no_proxy_is_asked),
        cmocka_unit_test(headers_hold_one_line),
    };
    return cmocka_run_group_tests_name("wire_egress_call", tests, open_all, close_all);
}
