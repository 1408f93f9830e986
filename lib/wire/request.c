/* SPDX-License-Identifier: Apache-2.0 */
/* A request as a transfer of curl, and the headers of its answer. */
#include "lib/wire/request.h"

#include <stdio.h>
#include <strings.h>

#include "lib/wire/outbound_internal.h"

bool request_url_allowed(const char *url)
{
    static const char tls[] = "https://", plain[] = "http://";
    if (strpbrk(url, "@\\ \t\r\n#") != NULL) return false;
    if (strncmp(url, tls, sizeof tls - 1) == 0) return strlen(url) > sizeof tls - 1;
    if (strncmp(url, plain, sizeof plain - 1) != 0) return false;
    const char *host = url + sizeof plain - 1;
    size_t len = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    return len <= strlen(host) && outbound_is_here(bytes_of(host, len));
}

static void judge(const struct transfer *t, int reply, struct outbound_result *result)
{
    *result = (struct outbound_result){
        .outcome = t->code == CURLE_OK ? OUTBOUND_TAKEN : OUTBOUND_LATER,
        .reason = t->code == CURLE_OK ? OK : outbound_reason(t->code),
        .reply = reply,
    };
}

/* In the loop, while the transfer still holds the answer. */
static void hand_over(const struct transfer *t, const struct outbound_result *result)
{
    struct request_answer answer = {.reason = result->reason};
    if (!FAILED(answer.reason)) {
        answer.status = result->reply;
        answer.body = bytes_of(t->answer, t->answer_len);
        answer.headers = bytes_of(t->headers, t->headers_len);
    }
    t->request_done(t->context, t->id, &answer);
}

/* Only the headers of the last answer: 100 has some of its own. */
static size_t take_header(char *from, size_t size, size_t count, void *context)
{
    struct transfer *t = context;
    size_t len = size * count;
    if (len >= 5 && memcmp(from, "HTTP/", 5) == 0) t->headers_len = 0;
    if (len > t->headers_max - t->headers_len) return 0;
    memcpy(t->headers + t->headers_len, from, len);
    t->headers_len += len;
    return len;
}

static err add_headers(struct transfer *t, const struct request *request)
{
    if (request->header_count > REQUEST_HEADERS_MAX) return ERR(LENGTH);
    for (size_t i = 0; i < request->header_count; i++) {
        char line[REQUEST_HEADER_LINE_MAX];
        const struct request_header *h = &request->headers[i];
        if (strpbrk(h->name, "\r\n") != NULL || strpbrk(h->value, "\r\n") != NULL)
            return ERR(FORMAT);
        int len = snprintf(line, sizeof line, "%s: %s", h->name, h->value);
        if (len < 0 || (size_t)len >= sizeof line) return ERR(LENGTH);
        struct curl_slist *longer = curl_slist_append(t->list, line);
        if (longer == NULL) return ERR(NO_MEMORY);
        t->list = longer;
    }
    return OK;
}

/* The body is not copied by curl: POSTFIELDS is a view of ours, which lives as long. */
static bool set_body(struct transfer *t, const struct request *request)
{
    CURL *e = t->easy;
    if (strcmp(request->method, "GET") == 0) return true;
    return SET(e, CURLOPT_POST, 1L) && SET(e, CURLOPT_POSTFIELDS, t->body) &&
           SET(e, CURLOPT_POSTFIELDSIZE, (long)t->body_len) &&
           SET(e, CURLOPT_CUSTOMREQUEST, request->method);
}

static bool set_authority(CURL *e, const char *ca_file)
{
    return ca_file == NULL || (SET(e, CURLOPT_CAINFO, ca_file) && SET(e, CURLOPT_CAPATH, NULL));
}

static err fill(struct transfer *t, const struct request *request)
{
    if (request->body.len > OUTBOUND_BODY_MAX) return ERR(LENGTH);
    if (request->body.len > 0) memcpy(t->body, request->body.at, request->body.len);
    t->body_len = request->body.len;
    TRY(add_headers(t, request));
    CURL *e = t->easy;
    bool set = SET(e, CURLOPT_PROTOCOLS_STR, "http,https") && SET(e, CURLOPT_URL, request->url) &&
               SET(e, CURLOPT_HTTPHEADER, t->list) && SET(e, CURLOPT_HEADERFUNCTION, take_header) &&
               SET(e, CURLOPT_HEADERDATA, t) && set_body(t, request) &&
               set_authority(e, request->ca_file);
    return set ? OK : ERR(NO_MEMORY);
}

err request_send(struct outbound *outbound, const struct request *request, request_done done,
                 void *context)
{
    struct transfer *t;
    if (strlen(request->url) > REQUEST_URL_MAX) return ERR(LENGTH);
    if (!request_url_allowed(request->url)) return ERR(CONFIG);
    TRY(outbound_prepare(outbound, request->id, request->timeout_ms, &t));
    ENSURE(t->headers_max > 0); /* outbound_options.answer_max was given */
    err filled = fill(t, request);
    if (FAILED(filled)) {
        outbound_drop(t);
        return filled;
    }
    t->judge = judge;
    t->hand_over = hand_over;
    t->request_done = done;
    outbound_start(outbound, t, NULL, context);
    return OK;
}

/* ---- pure ---- */

static struct bytes next_line(struct bytes *left)
{
    const uint8_t *end = left->len == 0 ? NULL : memchr(left->at, '\n', left->len);
    size_t len = end == NULL ? left->len : (size_t)(end - left->at);
    struct bytes line = bytes_of(left->at, len);
    size_t used = end == NULL ? len : len + 1;
    *left = bytes_of(left->at + used, left->len - used);
    return line;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct bytes trimmed(struct bytes b)
{
    while (b.len > 0 && is_space(b.at[0])) b = bytes_of(b.at + 1, b.len - 1);
    while (b.len > 0 && is_space(b.at[b.len - 1])) b.len--;
    return b;
}

err request_answer_header(const struct request_answer *answer, const char *name, char *out,
                          size_t size)
{
    size_t len = strlen(name);
    struct bytes left = answer->headers, found = {0};
    while (left.len > 0) {
        struct bytes line = next_line(&left);
        if (line.len <= len || line.at[len] != ':' ||
            strncasecmp((const char *)line.at, name, len) != 0)
            continue;
        if (found.at != NULL) return ERR(CONFLICT);
        found = trimmed(bytes_of(line.at + len + 1, line.len - len - 1));
    }
    if (found.at == NULL) return ERR(NOT_FOUND);
    return bytes_to_text(found, out, size);
}
