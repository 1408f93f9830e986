/* SPDX-License-Identifier: Apache-2.0 */
/* One request by libcurl, to the address that was checked and to no other. */
#include "lib/wire/egress.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TARGET_MAX = EGRESS_HOST_MAX + 80 };

#define SET(easy, option, value) (curl_easy_setopt((easy), (option), (value)) == CURLE_OK)

/* ---- names ---- */

static err resolve(void *context, const char *host, struct egress_address *out, size_t max,
                   size_t *ret_count)
{
    (void)context;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    size_t count = 0;
    if (getaddrinfo(host, NULL, &hints, &list) != 0) return ERR(NOT_FOUND);
    for (const struct addrinfo *i = list; i != NULL; i = i->ai_next) {
        if (count == max) break;
        struct egress_address *a = &out[count];
        if (i->ai_family == AF_INET) {
            const struct sockaddr_in *in = (const void *)i->ai_addr;
            a->len = 4;
            memcpy(a->at, &in->sin_addr, 4);
        } else if (i->ai_family == AF_INET6) {
            const struct sockaddr_in6 *in = (const void *)i->ai_addr;
            a->len = 16;
            memcpy(a->at, &in->sin6_addr, 16);
        } else continue;
        count++;
    }
    bool more = count == max;
    freeaddrinfo(list);
    *ret_count = count;
    if (more) return ERR(FULL);
    return count == 0 ? ERR(NOT_FOUND) : OK;
}

struct egress_resolver egress_system_resolver(void)
{
    return (struct egress_resolver){.resolve = resolve};
}

/* ---- the call ---- */

/* What curl's functions look at. */
struct post {
    const struct egress_request *request;
    struct egress_url url;
    struct egress_address address[EGRESS_ADDRESSES_MAX];
    size_t addresses, received;
    int64_t retry_after_s;
};

/* One that is not public makes all of them suspect: whoever mixes them waits for the other try. */
static enum egress_fault find_addresses(struct post *p)
{
    const struct egress_resolver *r = &p->request->resolver;
    err e = r->resolve(r->context, p->url.host, p->address, EGRESS_ADDRESSES_MAX, &p->addresses);
    if (FAILED(e) || p->addresses == 0)
        return e.code == ERR_FULL ? EGRESS_INTERNAL : EGRESS_UNKNOWN;
    for (size_t i = 0; i < p->addresses; i++) {
        bool good = p->url.loopback ? egress_address_loopback(&p->address[i])
                                    : egress_address_public(&p->address[i]);
        if (!good) return EGRESS_INTERNAL;
    }
    return EGRESS_NONE;
}

/* The last word: what curl is about to connect to is an address that was checked. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct post *p = context;
    struct egress_address address = {.len = 0};
    unsigned port = 0;
    if (to->family == AF_INET) {
        const struct sockaddr_in *in = (const void *)&to->addr;
        address.len = 4;
        memcpy(address.at, &in->sin_addr, 4);
        port = ntohs(in->sin_port);
    } else if (to->family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *)&to->addr;
        address.len = 16;
        memcpy(address.at, &in->sin6_addr, 16);
        port = ntohs(in->sin6_port);
    }
    bool known = false;
    for (size_t i = 0; i < p->addresses; i++)
        known = known || (address.len == p->address[i].len && address.len > 0 &&
                          memcmp(address.at, p->address[i].at, address.len) == 0);
    if (purpose != CURLSOCKTYPE_IPCXN || !known || port != p->url.port) return CURL_SOCKET_BAD;
    const struct egress_request *r = p->request;
    if (r->opening != NULL && !r->opening(r->context, &address)) return CURL_SOCKET_BAD;
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t drop_answer(char *from, size_t size, size_t count, void *context)
{
    struct post *p = context;
    (void)from;
    p->received += size * count;
    return p->received > EGRESS_ANSWER_MAX ? 0 : size * count;
}

/* Retry-After in seconds; dates are not read. */
static size_t take_header(char *from, size_t size, size_t count, void *context)
{
    static const char name[] = "retry-after:";
    struct post *p = context;
    size_t len = size * count, at = sizeof name - 1;
    p->received += len;
    if (p->received > EGRESS_ANSWER_MAX) return 0;
    if (len <= at) return len;
    for (size_t i = 0; i < at; i++)
        if ((from[i] | 0x20) != (name[i] | 0x20)) return len;
    int64_t seconds = 0;
    while (at < len && from[at] == ' ') at++;
    for (; at < len && from[at] >= '0' && from[at] <= '9' && seconds < 1000000; at++)
        seconds = seconds * 10 + (from[at] - '0');
    p->retry_after_s = seconds;
    return len;
}

/* "host:443:[address]:443" for CONNECT_TO: the name is for TLS and Host, the address is dialled. */
static void target_of(const struct post *p, char out[TARGET_MAX])
{
    char text[INET6_ADDRSTRLEN] = "";
    const struct egress_address *a = &p->address[0];
    (void)inet_ntop(a->len == 4 ? AF_INET : AF_INET6, a->at, text, sizeof text);
    bool six = a->len == 16;
    snprintf(out, TARGET_MAX, "::%s%s%s:%u", six ? "[" : "", text, six ? "]" : "", p->url.port);
}

static bool set_limits(CURL *easy, const struct egress_request *request)
{
    const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_TIMEOUT_MS, (long)request->timeout_ms},
        {CURLOPT_FOLLOWLOCATION, 0},
        {CURLOPT_FORBID_REUSE, 1},
        {CURLOPT_FRESH_CONNECT, 1},
        {CURLOPT_NETRC, CURL_NETRC_IGNORED},
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
        {CURLOPT_SSL_VERIFYPEER, 1},
        {CURLOPT_SSL_VERIFYHOST, 2},
        {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
        {CURLOPT_PATH_AS_IS, 1},
        {CURLOPT_POST, 1},
        {CURLOPT_POSTFIELDSIZE, (long)request->body.len},
    };
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (!SET(easy, numbers[i].option, numbers[i].value)) return false;
    return SET(easy, CURLOPT_PROXY, "") && SET(easy, CURLOPT_NOPROXY, "*") &&
           SET(easy, CURLOPT_PROTOCOLS_STR, request->loopback ? "http,https" : "https") &&
           SET(easy, CURLOPT_USERAGENT, "Tongbao") && SET(easy, CURLOPT_ACCEPT_ENCODING, NULL);
}

/* What curl calls on its way. */
static bool set_functions(CURL *easy, struct post *p)
{
    return SET(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) &&
           SET(easy, CURLOPT_OPENSOCKETDATA, p) && SET(easy, CURLOPT_WRITEFUNCTION, drop_answer) &&
           SET(easy, CURLOPT_WRITEDATA, p) && SET(easy, CURLOPT_HEADERFUNCTION, take_header) &&
           SET(easy, CURLOPT_HEADERDATA, p);
}

static bool set_request(CURL *easy, struct post *p, struct curl_slist *target,
                        struct curl_slist *headers)
{
    const struct egress_request *r = p->request;
    bool authority = r->ca_file == NULL ||
                     (SET(easy, CURLOPT_CAINFO, r->ca_file) && SET(easy, CURLOPT_CAPATH, NULL));
    return authority && set_limits(easy, r) && set_functions(easy, p) &&
           SET(easy, CURLOPT_URL, r->url) && SET(easy, CURLOPT_CONNECT_TO, target) &&
           SET(easy, CURLOPT_HTTPHEADER, headers) &&
           SET(easy, CURLOPT_POSTFIELDS, r->body.len == 0 ? "" : (const char *)r->body.at);
}

static err reason_of(CURLcode code)
{
    switch ((int)code) {
    case CURLE_OK:
        return OK;
    case CURLE_COULDNT_CONNECT:
        return ERR(REFUSED);
    case CURLE_OPERATION_TIMEDOUT:
        return ERR(TIMEOUT);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
        return ERR(IDENTITY);
    case CURLE_WRITE_ERROR:
        return ERR(LENGTH);
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
        return ERR(CLOSED);
    default:
        return ERR(IO);
    }
}

static err perform(struct post *p, struct curl_slist *headers, struct egress_answer *answer)
{
    char text[TARGET_MAX];
    long status = 0;
    target_of(p, text);
    struct curl_slist *target = curl_slist_append(NULL, text);
    CURL *easy = curl_easy_init();
    bool ready = easy != NULL && target != NULL && set_request(easy, p, target, headers);
    if (ready) {
        answer->reason = reason_of(curl_easy_perform(easy));
        (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        answer->status = FAILED(answer->reason) ? 0 : (int)status;
        answer->retry_after_s = p->retry_after_s;
    }
    curl_easy_cleanup(easy);
    curl_slist_free_all(target);
    return ready ? OK : ERR(NO_MEMORY);
}

/* "Expect:" is taken out: a receiver that does not know it would let us wait. */
static err make_headers(const struct egress_request *request, struct curl_slist **list)
{
    char line[1200];
    struct curl_slist *longer = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; longer != NULL && i < request->header_count; i++) {
        const struct egress_header *h = &request->headers[i];
        *list = longer;
        if (strpbrk(h->name, "\r\n:") != NULL || strpbrk(h->value, "\r\n") != NULL)
            return ERR(FORMAT);
        int len = snprintf(line, sizeof line, "%s: %s", h->name, h->value);
        if (len < 0 || (size_t)len >= sizeof line) return ERR(LENGTH);
        longer = curl_slist_append(*list, line);
    }
    if (longer == NULL) return ERR(NO_MEMORY);
    *list = longer;
    return OK;
}

err egress_post(const struct egress_request *request, struct egress_answer *ret_answer)
{
    ENSURE(request->timeout_ms >= 1 && request->timeout_ms <= EGRESS_TIMEOUT_MS);
    ENSURE(request->resolver.resolve != NULL && request->header_count <= EGRESS_HEADERS_MAX);
    struct post post = {.request = request};
    struct egress_answer answer = {.reason = ERR(REFUSED)};
    struct curl_slist *headers = NULL;
    if (request->body.len > EGRESS_BODY_MAX) return ERR(LENGTH);
    answer.fault = egress_check_url(request->url, request->loopback, &post.url);
    if (answer.fault == EGRESS_NONE) answer.fault = find_addresses(&post);
    err e = OK;
    if (answer.fault == EGRESS_NONE) {
        e = make_headers(request, &headers);
        if (!FAILED(e)) e = perform(&post, headers, &answer);
        curl_slist_free_all(headers);
    }
    if (!FAILED(e)) *ret_answer = answer;
    return e;
}
