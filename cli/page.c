/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal's page without a browser, over libcurl and the C side of the panel channel. */
#include "cli/page.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/base64.h"

enum {
    EVENT_MAX = 64 << 10,
    ID_MAX = 64,
    LAYOUT_KEYS = 12,
    ANSWER_MAX = 4096,
    REQUEST_MS = 10000,
    FULL_PAUSE_MS = 20
};

struct page {
    char url[128];
    CURL *curl;
    struct crypto crypto;
    struct panel_channel channel;
    bool panel;
    struct json_document screen;
    char id[ID_MAX];
    /* While following: what has arrived of an event, and which screens end the wait. */
    uint8_t event[EVENT_MAX];
    size_t event_len;
    const char *wanted;
    bool found;
};

err page_open(const char *url, struct page **ret_page)
{
    struct page *page = calloc(1, sizeof *page);
    if (page == NULL) return ERR(NO_MEMORY);
    err opened = bytes_to_text(bytes_text(url), page->url, sizeof page->url);
    if (!FAILED(opened)) opened = crypto_open(random_system(), &page->crypto);
    page->curl = curl_easy_init();
    if (FAILED(opened) || page->curl == NULL) {
        page_close(page);
        return FAILED(opened) ? opened : ERR(NO_MEMORY);
    }
    *ret_page = page;
    return OK;
}

void page_close(struct page *page)
{
    if (page == NULL) return;
    if (page->curl != NULL) curl_easy_cleanup(page->curl);
    crypto_close(&page->crypto);
    panel_channel_wipe(&page->channel);
    json_free(&page->screen);
    free(page);
}

static void prepare(struct page *page, const char *path, long wait_ms)
{
    char url[256];
    snprintf(url, sizeof url, "%s%s", page->url, path[0] == '/' ? path + 1 : path);
    curl_easy_reset(page->curl);
    curl_easy_setopt(page->curl, CURLOPT_URL, url);
    curl_easy_setopt(page->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(page->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(page->curl, CURLOPT_TIMEOUT_MS, wait_ms);
}

static err outcome(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return OK;
    case CURLE_OPERATION_TIMEDOUT:
        return ERR(TIMEOUT);
    case CURLE_COULDNT_CONNECT:
        return ERR(REFUSED);
    default:
        return ERR(IO);
    }
}

static bool wanted(const char *list, const char *id)
{
    size_t len = strlen(id);
    if (strcmp(list, "*") == 0) return true;
    for (const char *at = list; at != NULL; at = strchr(at, '|')) {
        if (*at == '|') at++;
        if (strncmp(at, id, len) == 0 && (at[len] == '\0' || at[len] == '|')) return true;
    }
    return false;
}

/* One event is there: "data: {...}" among lines that do not matter. */
static void take_event(struct page *page, struct bytes event)
{
    for (size_t start = 0; start < event.len;) {
        const uint8_t *end = memchr(event.at + start, '\n', event.len - start);
        size_t len = end == NULL ? event.len - start : (size_t)(end - event.at) - start;
        if (len > 5 && memcmp(event.at + start, "data:", 5) == 0) {
            struct json_document screen = {0};
            struct bytes json = bytes_of(event.at + start + 5, len - 5);
            if (!FAILED(json_parse(json, EVENT_MAX, &screen))) {
                json_free(&page->screen);
                page->screen = screen;
                if (FAILED(json_text_copy(screen.root, "id", page->id, sizeof page->id)))
                    page->id[0] = '\0';
                page->found = wanted(page->wanted, page->id);
            }
        }
        start += len + 1;
    }
}

static size_t on_event_data(char *data, size_t size, size_t count, void *context)
{
    struct page *page = context;
    size_t len = size * count;
    for (size_t i = 0; i < len && !page->found; i++) {
        if (page->event_len == sizeof page->event) return 0;
        page->event[page->event_len++] = (uint8_t)data[i];
        if (page->event_len < 2 || memcmp(page->event + page->event_len - 2, "\n\n", 2) != 0)
            continue;
        take_event(page, bytes_of(page->event, page->event_len));
        page->event_len = 0;
    }
    return page->found ? 0 : len; /* 0 ends the transfer: we have what we came for */
}

static CURLcode follow(struct page *page, int wait_ms, long *ret_status)
{
    page->event_len = 0;
    prepare(page, "/api/events", wait_ms);
    curl_easy_setopt(page->curl, CURLOPT_WRITEFUNCTION, on_event_data);
    curl_easy_setopt(page->curl, CURLOPT_WRITEDATA, page);
    CURLcode code = curl_easy_perform(page->curl);
    curl_easy_getinfo(page->curl, CURLINFO_RESPONSE_CODE, ret_status);
    return code;
}

/* A terminal that has as many listeners as it takes says 503 until it has missed one that left. */
err page_wait(struct page *page, const char *id, int wait_ms)
{
    const struct timespec pause = {0, FULL_PAUSE_MS * 1000000L};
    CURLcode code = CURLE_OK;
    page->wanted = id;
    page->found = false;
    for (int left_ms = wait_ms; left_ms > 0; left_ms -= FULL_PAUSE_MS) {
        long status = 0;
        code = follow(page, left_ms, &status);
        if (page->found) return OK;
        if (status != 503) break;
        (void)nanosleep(&pause, NULL);
    }
    return code == CURLE_OK ? ERR(CLOSED) : outcome(code);
}

const char *page_id(const struct page *page)
{
    return page->id;
}

const struct json_t *page_screen(const struct page *page)
{
    return page->screen.root;
}

static void write_texts(const struct page *page, struct writer *w)
{
    struct bytes text;
    if (!FAILED(json_text(page->screen.root, "title", 512, &text))) write_bytes(w, text);
    struct json_t *lines;
    size_t count;
    if (FAILED(json_list(page->screen.root, "lines", 64, &lines, &count))) return;
    for (size_t i = 0; i < count; i++) {
        if (FAILED(json_text(json_at(lines, i), "text", 512, &text))) continue;
        write_bytes(w, BYTES(" / "));
        write_bytes(w, text);
    }
}

void page_describe(const struct page *page, struct writer *w)
{
    write_format(w, "%s: ", page->id);
    write_texts(page, w);
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct writer *w = context;
    write_bytes(w, bytes_of(data, size * count));
    return w->fault == ERR_OK ? size * count : 0;
}

err page_get(struct page *page, const char *path, struct writer *out)
{
    long status = 0;
    prepare(page, path, REQUEST_MS);
    curl_easy_setopt(page->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(page->curl, CURLOPT_WRITEDATA, out);
    TRY(outcome(curl_easy_perform(page->curl)));
    curl_easy_getinfo(page->curl, CURLINFO_RESPONSE_CODE, &status);
    return status == 200 ? OK : ERR(NOT_FOUND);
}

static err post(struct page *page, const char *path, const char *type, struct bytes body,
                struct writer *answer, long *ret_status)
{
    char header[64], origin[160];
    snprintf(header, sizeof header, "Content-Type: %s", type);
    snprintf(origin, sizeof origin, "Origin: %.*s", (int)strlen(page->url) - 1, page->url);
    struct curl_slist *headers = curl_slist_append(NULL, header);
    headers = curl_slist_append(headers, origin);
    prepare(page, path, REQUEST_MS);
    curl_easy_setopt(page->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(page->curl, CURLOPT_POSTFIELDS, body.at);
    curl_easy_setopt(page->curl, CURLOPT_POSTFIELDSIZE, (long)body.len);
    curl_easy_setopt(page->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(page->curl, CURLOPT_WRITEDATA, answer);
    err done = outcome(curl_easy_perform(page->curl));
    curl_easy_getinfo(page->curl, CURLINFO_RESPONSE_CODE, ret_status);
    curl_slist_free_all(headers);
    return done;
}

err page_post(struct page *page, const char *path, const char *type, struct bytes body,
              long *ret_status)
{
    uint8_t scrap[ANSWER_MAX];
    struct writer answer = writer_over(scrap, sizeof scrap);
    return post(page, path, type, body, &answer, ret_status);
}

static err screen_serial(const struct page *page, int64_t *ret_serial)
{
    return json_int(page->screen.root, "serial", 0, INT64_MAX, ret_serial);
}

static err post_json(struct page *page, const char *path, struct writer *body)
{
    struct bytes text;
    long status;
    TRY(writer_finish(body, &text));
    TRY(page_post(page, path, "application/json", text, &status));
    return status >= 200 && status < 300 ? OK : ERR(STATE);
}

err page_key(struct page *page, const char *key)
{
    uint8_t block[256];
    int64_t serial;
    TRY(screen_serial(page, &serial));
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_int(&j, "serial", serial);
    json_member_string(&j, "key", key);
    json_object_end(&j);
    return post_json(page, "/api/key", &w);
}

/* Every touch makes a new screen, so each is waited for before the next. */
err page_digits(struct page *page, const char *digits)
{
    char id[ID_MAX], key[16];
    memcpy(id, page->id, sizeof id);
    for (; *digits != '\0'; digits++) {
        snprintf(key, sizeof key, "digit:%c", *digits);
        TRY(page_key(page, key));
        TRY(page_wait(page, id, REQUEST_MS));
    }
    return OK;
}

static err open_panel(struct page *page)
{
    CLEANUP(panel_pair_wipe) struct panel_pair pair;
    uint8_t block[256], answer_block[512], vault_public[PANEL_PUBLIC_BYTES];
    long status;
    size_t len;
    struct bytes text;
    TRY(panel_pair_generate(&page->crypto, &pair));
    struct writer body = writer_over(block, sizeof block);
    write_bytes(&body, BYTES("{\"public\":\""));
    base64_write(&body, BYTES_OF(pair.public_key));
    write_bytes(&body, BYTES("\"}"));
    struct writer answer = writer_over(answer_block, sizeof answer_block);
    TRY(post(page, "/api/panel", "application/json", writer_view(&body), &answer, &status));
    CLEANUP(json_free) struct json_document document = {0};
    TRY(json_parse(writer_view(&answer), sizeof answer_block, &document));
    TRY(json_text(document.root, "public", 128, &text));
    TRY(base64_decode(text, vault_public, sizeof vault_public, &len));
    TRY(panel_channel_open(&pair, bytes_of(vault_public, len), PANEL_SIDE_PANEL, &page->channel));
    page->panel = true;
    return OK;
}

/* Which key is on which position of the keypad that the vault has made for this entry. */
static err open_layout(struct page *page, uint8_t layout[LAYOUT_KEYS])
{
    struct json_t *entry;
    struct bytes text;
    uint8_t sealed[128];
    size_t len;
    TRY(json_member(page->screen.root, "entry", &entry));
    TRY(json_text(entry, "layout", sizeof sealed, &text));
    TRY(base64_decode(text, sealed, sizeof sealed, &len));
    struct writer w = writer_over(layout, LAYOUT_KEYS);
    return panel_open(&page->crypto, &page->channel, bytes_of(sealed, len), &w);
}

static err press(struct page *page, uint8_t position, int64_t serial)
{
    uint8_t sealed_block[64], block[256];
    struct writer sealed = writer_over(sealed_block, sizeof sealed_block);
    TRY(panel_seal(&page->crypto, &page->channel, bytes_of(&position, 1), &sealed));
    struct writer w = writer_over(block, sizeof block);
    write_format(&w, "{\"serial\":%lld,\"sealed\":\"", (long long)serial);
    base64_write(&w, writer_view(&sealed));
    write_bytes(&w, BYTES("\"}"));
    return post_json(page, "/api/entry", &w);
}

err page_secret(struct page *page, const char *digits)
{
    uint8_t layout[LAYOUT_KEYS];
    int64_t serial;
    char id[ID_MAX];
    if (!json_has(page->screen.root, "entry")) return ERR(STATE);
    memcpy(id, page->id, sizeof id);
    if (!page->panel) {
        TRY(open_panel(page));
        /* The vault seals the layout anew for the panel that has just been opened. */
        TRY(page_wait(page, id, REQUEST_MS));
    }
    TRY(open_layout(page, layout));
    for (; *digits != '\0'; digits++) {
        const uint8_t *at = memchr(layout, *digits, sizeof layout);
        if (at == NULL) return ERR(FORMAT);
        TRY(screen_serial(page, &serial));
        TRY(press(page, (uint8_t)(at - layout), serial));
        TRY(page_wait(page, id, REQUEST_MS));
    }
    TRY(screen_serial(page, &serial));
    explicit_bzero(layout, sizeof layout);
    return press(page, 'O', serial);
}
