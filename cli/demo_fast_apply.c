/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second shop applies by the public form, as a browser without a script does: pages, photos, the
 * code out of the SMS; two of the staff look at it; the owner reads and signs the agreement.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/demo_fast.h"

enum { PAGE_MAX = 256 << 10, WAIT_MS = 10000, SEE_OTHER = 303, STATUS_OK = 200 };

struct visitor {
    struct fast *f;
    CURL *curl;
    char *page; /* of the last answer, as text */
    size_t len;
    long status;
};

static size_t on_page(char *data, size_t size, size_t count, void *context)
{
    struct visitor *v = context;
    size_t len = size * count;
    if (len >= PAGE_MAX - v->len) return 0;
    memcpy(v->page + v->len, data, len);
    v->len += len;
    v->page[v->len] = '\0';
    return len;
}

static err perform(struct visitor *v, const char *path)
{
    char origin[64], text[160];
    snprintf(origin, sizeof origin, "http://localhost:%ld", v->f->stage->backoffice_port);
    snprintf(text, sizeof text, "Origin: %s", origin);
    struct curl_slist *headers = curl_slist_append(NULL, text);
    snprintf(text, sizeof text, "%s%s", origin, path);
    v->len = 0;
    v->page[0] = '\0';
    curl_easy_setopt(v->curl, CURLOPT_URL, text);
    curl_easy_setopt(v->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(v->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(v->curl, CURLOPT_TIMEOUT_MS, (long)WAIT_MS);
    curl_easy_setopt(v->curl, CURLOPT_COOKIEFILE, "");
    curl_easy_setopt(v->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(v->curl, CURLOPT_WRITEFUNCTION, on_page);
    curl_easy_setopt(v->curl, CURLOPT_WRITEDATA, v);
    CURLcode code = curl_easy_perform(v->curl);
    curl_slist_free_all(headers);
    if (code != CURLE_OK)
        return fast_failed(v->f, ERR(IO), "%s: %s", path, curl_easy_strerror(code));
    curl_easy_getinfo(v->curl, CURLINFO_RESPONSE_CODE, &v->status);
    return OK;
}

static err expect(struct visitor *v, const char *path, long status)
{
    if (v->status == status) return OK;
    const char *alert = strstr(v->page, "role=\"alert\"");
    return fast_failed(v->f, ERR(STATE), "%s: %ld %.120s", path, v->status,
                       alert == NULL ? "" : alert + 12);
}

/* Sends a form with its parts; it is freed. */
static err send_form(struct visitor *v, const char *path, curl_mime *form, long status)
{
    curl_easy_setopt(v->curl, CURLOPT_MIMEPOST, form);
    err done = perform(v, path);
    curl_easy_setopt(v->curl, CURLOPT_MIMEPOST, NULL);
    curl_mime_free(form);
    return FAILED(done) ? done : expect(v, path, status);
}

/* "name=value" each, which is written as a form is. */
static err post(struct visitor *v, const char *path, const char *const *fields, long status)
{
    curl_mime *form = curl_mime_init(v->curl);
    for (size_t i = 0; fields[i] != NULL; i++) {
        char name[32];
        const char *equals = strchr(fields[i], '=');
        curl_mimepart *part = curl_mime_addpart(form);
        snprintf(name, sizeof name, "%.*s", (int)(equals - fields[i]), fields[i]);
        curl_mime_name(part, name);
        curl_mime_data(part, equals + 1, CURL_ZERO_TERMINATED);
    }
    return send_form(v, path, form, status);
}

#define POST(v, path, status, ...) \
    post((v), (path), (const char *const[]){__VA_ARGS__, NULL}, (status))

static err get(struct visitor *v, const char *path)
{
    curl_easy_setopt(v->curl, CURLOPT_HTTPGET, 1L);
    TRY(perform(v, path));
    return expect(v, path, STATUS_OK);
}

/* ---- the form ---- */

/* A JPEG's frame of this width: nobody here draws it. */
static err photograph(struct visitor *v, const char *kind, unsigned width)
{
    const uint8_t photo[] = {0xff,
                             0xd8,
                             0xff,
                             0xc0,
                             0,
                             11,
                             8,
                             600 >> 8,
                             600 & 255,
                             (uint8_t)(width >> 8),
                             (uint8_t)width,
                             1,
                             1,
                             0x11,
                             0,
                             0xff,
                             0xda,
                             0,
                             8,
                             1,
                             1,
                             0,
                             0,
                             63,
                             0,
                             5,
                             5,
                             0xff,
                             0xd9};
    curl_mime *form = curl_mime_init(v->curl);
    curl_mimepart *part = curl_mime_addpart(form);
    curl_mime_name(part, kind);
    curl_mime_filename(part, "photo.jpg");
    curl_mime_type(part, "image/jpeg");
    curl_mime_data(part, (const char *)photo, sizeof photo);
    return send_form(v, "/apply/documents", form, SEE_OTHER);
}

static err fill_in(struct visitor *v)
{
    static const char *const documents[] = {"identity_front", "identity_back", "licence",
                                            "shop_front",     "shop_inside",   "shop_counter"};
    TRY(POST(v, "/apply", SEE_OTHER, "act=begin"));
    TRY(POST(v, "/apply/step/1", SEE_OTHER, "type=individual", "needs=print", "needs=counter",
             "turnover=360,000"));
    TRY(POST(v, "/apply/step/2", SEE_OTHER, "shop=海淀区开源茶馆", "trade=5813", "region=110108",
             "address=海淀区中关村大街1号"));
    TRY(POST(v, "/apply/step/3", SEE_OTHER, "owner=王小明", "identity=110108198005062314",
             "identity_ends=2040-01-31", "licence=92110108MA00ABCD1Q", "licence_ends=长期",
             "phone=" FAST_PHONE));
    TRY(POST(v, "/apply/step/4", SEE_OTHER, "bank=中国银行中关村支行", "holder=王小明",
             "account=" FAST_BANK_ACCOUNT));
    for (size_t i = 0; i < ARRAY_LEN(documents); i++)
        TRY(photograph(v, documents[i], 800 + (unsigned)i));
    return OK;
}

static err verify_and_send(struct visitor *v)
{
    char code[7], said[16];
    TRY(POST(v, "/apply/phone", STATUS_OK, "act=code"));
    TRY(fast_message(v->f, FAST_PHONE, "", 6, code));
    snprintf(said, sizeof said, "code=%s", code);
    TRY(POST(v, "/apply/phone", SEE_OTHER, "act=verify", said));
    return POST(v, "/apply/send", SEE_OTHER, "act=send");
}

/* "SQ00000001" stands on the page of its state. */
static err read_number(struct visitor *v)
{
    TRY(get(v, "/apply/status?lang=en"));
    const char *at = strstr(v->page, "SQ0");
    if (at == NULL) return fast_failed(v->f, ERR(FORMAT), "the page shows no number");
    return bytes_to_text(bytes_of(at, 10), v->f->application, sizeof v->f->application);
}

/* ---- the staff ---- */

static err look(struct fast *f, struct fast_person *who, const char *what, const char *body)
{
    CLEANUP(json_free) struct json_document answer = {0};
    char path[96];
    snprintf(path, sizeof path, "/api/v1/applications/%s/%s", f->application, what);
    return fast_call(f, who->console, path, body, STATUS_OK, &answer);
}

err fast_apply_review(struct fast *f)
{
    TRY(fast_people_enter(f, &f->agent));
    TRY(fast_people_enter(f, &f->chief));
    TRY(look(f, &f->agent, "notes", "{\"text\":\"called back, the shop is open\"}"));
    TRY(look(f, &f->agent, "proposal", "{\"opinion\":\"approve\"}"));
    TRY(look(f, &f->chief, "decision", "{\"agrees\":true}"));
    fast_say(f, FAST_REVIEWED, "%s: the agent called and proposes, the chief agrees",
             f->application);
    return OK;
}

/* ---- the owner ---- */

err fast_apply_begin(struct fast *f)
{
    struct visitor *v = calloc(1, sizeof *v);
    if (v == NULL) return ERR(NO_MEMORY);
    f->visitor = v;
    v->f = f;
    v->curl = curl_easy_init();
    v->page = malloc(PAGE_MAX);
    if (v->curl == NULL || v->page == NULL) return ERR(NO_MEMORY);
    TRY(fill_in(v));
    TRY(verify_and_send(v));
    TRY(read_number(v));
    fast_say(f, FAST_APPLIED, "%s: a tea house, by the public form, six photos, a code by SMS",
             f->application);
    return OK;
}

err fast_apply_sign(struct fast *f)
{
    struct visitor *v = f->visitor;
    char code[7], said[16], digest[80];
    TRY(get(v, "/apply/agreement"));
    TRY(POST(v, "/apply/agreement", STATUS_OK, "act=code"));
    const char *shown = strstr(v->page, "name=\"digest\" value=\"");
    if (shown == NULL) return fast_failed(f, ERR(FORMAT), "the agreement has no digest");
    snprintf(digest, sizeof digest, "digest=%.64s", shown + 21);
    TRY(fast_message(f, FAST_PHONE, "", 6, code));
    snprintf(said, sizeof said, "code=%s", code);
    TRY(POST(v, "/apply/agreement", SEE_OTHER, "act=sign", digest, said));
    fast_say(f, FAST_SIGNED, "%s: read and signed by a code, every fee in it", f->application);
    return OK;
}

void fast_apply_end(struct fast *f)
{
    if (f->visitor == NULL) return;
    if (f->visitor->curl != NULL) curl_easy_cleanup(f->visitor->curl);
    free(f->visitor->page);
    free(f->visitor);
    f->visitor = NULL;
}
