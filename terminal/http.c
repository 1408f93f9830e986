/* SPDX-License-Identifier: Apache-2.0 */
/* The routes of the page; see http.h. Requests are small, strict, and say nothing twice. */
#include "terminal/http.h"

#include <stdlib.h>

#include "lib/base/base64.h"
#include "lib/qr/image.h"
#include "lib/wire/json.h"
#include "terminal/device/speaker.h"
#include "terminal/http_written.h"
#include "terminal/pictures.h"

enum {
    BODY_MAX = 1024,
    SEALED_MAX = 640, /* a passphrase that is pasted: 128 characters of four bytes, and the seal */
    PUBLIC_KEY_BYTES = 65,
    RESPONSE_MAX = 2560 * 1024, /* speech is 32 kB a second; the longest instruction takes 70 */
};

struct terminal_page {
    struct terminal_page_options options;
    struct http_server *server;
    struct terminal *terminal;
    struct printer *printer;
    struct pictures pictures;
    uint8_t event[SCREEN_JSON_MAX];
};

static void done(struct terminal_page *page, err e)
{
    page->options.done(page->options.context, e);
}

static void refuse(struct http_response *response, err e)
{
    http_response_error(response, 400, err_name(e), err_text(e));
}

/* 204: it was taken, the screen tells the rest. */
static void taken(struct http_response *response)
{
    response->status = 204;
}

static err parse_key(struct bytes body, struct terminal_key *out)
{
    static const char *const names[] = {"serial", "key", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct terminal_key key = {0};
    int64_t serial;
    TRY(json_parse(body, BODY_MAX, &document));
    TRY(json_only(document.root, names));
    TRY(json_int(document.root, "serial", 1, UINT32_MAX, &serial));
    TRY(json_text_copy(document.root, "key", key.name, sizeof key.name));
    key.serial = (uint32_t)serial;
    *out = key;
    return OK;
}

static void on_key(void *context, const struct http_request *request,
                   struct http_response *response)
{
    struct terminal_page *page = context;
    struct terminal_key key;
    err e = parse_key(request->body, &key);
    if (FAILED(e)) {
        refuse(response, e);
        return;
    }
    taken(response);
    done(page, terminal_on_key(page->terminal, &key));
}

/* What was written into a field of text. */
static void on_text(void *context, const struct http_request *request,
                    struct http_response *response)
{
    struct terminal_page *page = context;
    char text[GOODS_TEXT_MAX + 1];
    uint32_t serial;
    err e = http_written_text(request->body, &serial, text);
    if (FAILED(e)) {
        refuse(response, e);
        return;
    }
    taken(response);
    done(page, terminal_on_text(page->terminal, serial, bytes_text(text)));
}

static err parse_base64(const struct json_t *object, const char *name, uint8_t *out, size_t max,
                        size_t *ret_len)
{
    struct bytes text;
    TRY(json_text(object, name, BODY_MAX, &text));
    return base64_decode(text, out, max, ret_len);
}

/* Where the pen went. */
static void on_strokes(void *context, const struct http_request *request,
                       struct http_response *response)
{
    struct terminal_page *page = context;
    uint8_t points[HTTP_POINTS_MAX];
    uint32_t serial;
    size_t len;
    err e = http_written_strokes(request->body, &serial, points, &len);
    if (FAILED(e)) {
        refuse(response, e);
        return;
    }
    taken(response);
    done(page, terminal_on_strokes(page->terminal, serial, bytes_of(points, len)));
}

static err parse_panel(struct bytes body, uint8_t key[static PUBLIC_KEY_BYTES])
{
    static const char *const names[] = {"public", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    size_t len;
    TRY(json_parse(body, BODY_MAX, &document));
    TRY(json_only(document.root, names));
    TRY(parse_base64(document.root, "public", key, PUBLIC_KEY_BYTES, &len));
    return len == PUBLIC_KEY_BYTES ? OK : ERR(LENGTH);
}

static void on_panel(void *context, const struct http_request *request,
                     struct http_response *response)
{
    struct terminal_page *page = context;
    uint8_t key[PUBLIC_KEY_BYTES], block[PUBLIC_KEY_BYTES + 16], text[128];
    struct writer answer = writer_over(block, sizeof block);
    struct writer encoded = writer_over(text, sizeof text);
    struct json_out j = json_out_over(&response->body);
    err e = parse_panel(request->body, key);
    if (FAILED(e)) {
        refuse(response, e);
        return;
    }
    e = terminal_on_panel(page->terminal, BYTES_OF(key), &answer);
    if (e.code == ERR_FORMAT || e.code == ERR_IO) {
        http_response_error(response, e.code == ERR_IO ? 503 : 400, "panel",
                            e.code == ERR_IO ? "the security module does not answer; try again"
                                             : "this is no public key on P-256");
        return;
    }
    base64_write(&encoded, writer_view(&answer));
    json_object_begin(&j);
    json_member_text(&j, "public", writer_view(&encoded));
    json_object_end(&j);
    done(page, e);
}

static err parse_entry(struct bytes body, uint32_t *ret_serial, uint8_t *sealed, size_t *ret_len)
{
    static const char *const names[] = {"serial", "sealed", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    int64_t serial;
    TRY(json_parse(body, BODY_MAX, &document));
    TRY(json_only(document.root, names));
    TRY(json_int(document.root, "serial", 1, UINT32_MAX, &serial));
    TRY(parse_base64(document.root, "sealed", sealed, SEALED_MAX, ret_len));
    *ret_serial = (uint32_t)serial;
    return OK;
}

static void on_entry(void *context, const struct http_request *request,
                     struct http_response *response)
{
    struct terminal_page *page = context;
    uint8_t sealed[SEALED_MAX];
    uint32_t serial;
    size_t len;
    bool reopen;
    err e = parse_entry(request->body, &serial, sealed, &len);
    if (FAILED(e)) {
        refuse(response, e);
        return;
    }
    e = terminal_on_entry(page->terminal, serial, bytes_of(sealed, len), &reopen);
    taken(response);
    if (reopen)
        http_response_error(response, 409, "panel", "open the channel to the security module anew");
    done(page, e);
}

/* 503 when it is not the picture's fault: the receipt can still be printed, the code be held again.
 */
static void picture_refuse(struct terminal_page *page, struct http_response *response, err e,
                           int status)
{
    if (!pictures_failed(e)) {
        http_response_error(response, status, err_name(e), err_text(e));
        return;
    }
    log_event(page->options.log, LOG_ERROR, "pictures_failed", LOG_ERR(e),
              LOG_TEXT("program", page->pictures.program));
    http_response_error(response, 503, err_name(e),
                        "tongbao-pictures, which draws and reads pictures, does not do its work; "
                        "see the terminal's log");
}

static void on_scan(void *context, const struct http_request *request,
                    struct http_response *response)
{
    struct terminal_page *page = context;
    uint8_t text[QR_TEXT_MAX];
    size_t len;
    if (!terminal_screen(page->terminal)->scan) {
        http_response_error(response, 422, "STATE", "the scanner is not on");
        return;
    }
    err e = pictures_scan(&page->pictures, request->body, text, sizeof text, &len);
    if (FAILED(e)) {
        picture_refuse(page, response, e, 422);
        return;
    }
    taken(response);
    e = terminal_on_code(page->terminal, bytes_of(text, len));
    explicit_bzero(text, sizeof text);
    done(page, e);
}

/* "17.png" as 17, when it ends like that. */
static bool number_before(struct bytes rest, const char *ending, int64_t *ret_number)
{
    size_t len = strlen(ending);
    int64_t number = 0;
    if (rest.len <= len || rest.len > len + 15) return false;
    if (memcmp(rest.at + rest.len - len, ending, len) != 0) return false;
    if (!bytes_all_digits(bytes_of(rest.at, rest.len - len))) return false;
    for (size_t i = 0; i < rest.len - len; i++) number = number * 10 + (rest.at[i] - '0');
    *ret_number = number;
    return true;
}

static void not_found(struct http_response *response, const char *what)
{
    http_response_error(response, 404, "NOT_FOUND", what);
}

/* A failure of the store goes to the program; anything else is said to the page. */
static bool fetched(struct terminal_page *page, err e, struct http_response *response)
{
    if (!FAILED(e)) return true;
    not_found(response, "there is no such payment");
    if (e.code != ERR_NOT_FOUND) done(page, e);
    return false;
}

static void on_receipt(void *context, const struct http_request *request,
                       struct http_response *response)
{
    struct terminal_page *page = context;
    struct receipt receipt;
    int64_t number;
    bool png = number_before(request->rest, ".png", &number);
    if (!png && !number_before(request->rest, ".escpos", &number)) {
        not_found(response, "receipts are N.png and N.escpos");
        return;
    }
    err e = terminal_receipt_text(page->terminal, number, RECEIPT_MERCHANT_COPY, &receipt);
    if (!fetched(page, e, response)) return;
    response->content_type = png ? "image/png" : "application/octet-stream";
    if (png) {
        e = pictures_receipt(&page->pictures, &receipt, &response->body);
        if (FAILED(e)) picture_refuse(page, response, e, 500);
        return;
    }
    printer_receipt(page->printer, &receipt, &response->body);
    e = terminal_receipt_text(page->terminal, number, RECEIPT_CARDHOLDER_COPY, &receipt);
    if (fetched(page, e, response)) printer_receipt(page->printer, &receipt, &response->body);
}

/* The report on the screen that is shown now. */
static void on_sheet(void *context, const struct http_request *request,
                     struct http_response *response)
{
    struct terminal_page *page = context;
    const struct screen *screen = terminal_screen(page->terminal);
    int64_t number;
    bool png = number_before(request->rest, ".png", &number);
    if ((!png && !number_before(request->rest, ".escpos", &number)) || number != screen->serial ||
        screen->receipt == NULL) {
        not_found(response, "this screen shows no report");
        return;
    }
    response->content_type = png ? "image/png" : "application/octet-stream";
    if (!png) {
        printer_receipt(page->printer, screen->receipt, &response->body);
        return;
    }
    err e = pictures_receipt(&page->pictures, screen->receipt, &response->body);
    if (FAILED(e)) picture_refuse(page, response, e, 500);
}

/* The code on the screen that is shown now; one of another serial is gone. */
static void on_code(void *context, const struct http_request *request,
                    struct http_response *response)
{
    struct terminal_page *page = context;
    const struct screen *screen = terminal_screen(page->terminal);
    int64_t number;
    if (!number_before(request->rest, ".png", &number) || number != screen->serial ||
        screen->qr[0] == '\0') {
        not_found(response, "this screen shows no code");
        return;
    }
    response->content_type = "image/png";
    err e = pictures_code(&page->pictures, bytes_text(screen->qr), &response->body);
    if (FAILED(e)) picture_refuse(page, response, e, 500);
}

/* What e-receipts are verified by, beside the page that shows them (demo). */
static void on_authority(void *context, const struct http_request *request,
                         struct http_response *response)
{
    struct terminal_page *page = context;
    (void)request;
    response->content_type = "application/x-pem-file";
    if (!terminal_authority(page->terminal, &response->body)) not_found(response, "no certificate");
}

static void on_speech(void *context, const struct http_request *request,
                      struct http_response *response)
{
    struct terminal_page *page = context;
    struct speech speech;
    int64_t number;
    if (page->options.speech == NULL || !number_before(request->rest, ".wav", &number)) {
        not_found(response, "no speech; the clips are made by tools/speech");
        return;
    }
    if (!fetched(page, terminal_speech(page->terminal, number, &speech), response)) return;
    response->content_type = "audio/wav";
    err e = speaker_wav(page->options.speech, speech.clip, speech.count, &response->body);
    if (FAILED(e)) not_found(response, "a clip is missing; the clips are made by tools/speech");
}

/* One clip: the name of a key that is touched, a click. */
static void on_clip(void *context, const struct http_request *request,
                    struct http_response *response)
{
    struct terminal_page *page = context;
    enum speaker_clip clip;
    struct bytes name = request->rest;
    bool wav = name.len > 4 && memcmp(name.at + name.len - 4, ".wav", 4) == 0;
    if (page->options.speech == NULL || !wav ||
        !speaker_clip_named(bytes_of(name.at, name.len - 4), &clip)) {
        not_found(response, "no such clip; they are made by tools/speech");
        return;
    }
    const uint8_t one = (uint8_t)clip;
    response->content_type = "audio/wav";
    err e = speaker_wav(page->options.speech, &one, 1, &response->body);
    if (FAILED(e)) not_found(response, "a clip is missing; the clips are made by tools/speech");
}

/* ---- the tray of a demo ---- */

static bool has_tray(const struct terminal_page *page, struct http_response *response)
{
    if (page->options.tray != NULL) return true;
    not_found(response, "this terminal has no tray");
    return false;
}

static void tray_refuse(struct http_response *response, err e)
{
    http_response_error(response, e.code == ERR_NOT_FOUND ? 404 : 503, err_name(e),
                        e.code == ERR_NOT_FOUND ? "the tray has no such thing"
                                                : "the tray does not answer");
}

static void relay_tray(const struct terminal_page *page, struct http_response *response,
                       err (*ask)(struct tray *tray, struct bytes *ret_json))
{
    struct bytes json;
    if (!has_tray(page, response)) return;
    err e = ask(page->options.tray, &json);
    if (FAILED(e)) tray_refuse(response, e);
    else write_bytes(&response->body, json);
    tray_forget(page->options.tray); /* a code may be in a message */
}

static void on_tray(void *context, const struct http_request *request,
                    struct http_response *response)
{
    (void)request;
    relay_tray(context, response, tray_list);
}

static void on_tray_messages(void *context, const struct http_request *request,
                             struct http_response *response)
{
    (void)request;
    relay_tray(context, response, tray_messages);
}

static err parse_name(struct bytes body, char name[static TRAY_NAME_MAX])
{
    static const char *const names[] = {"name", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    TRY(json_parse(body, BODY_MAX, &document));
    TRY(json_only(document.root, names));
    return json_text_copy(document.root, "name", name, TRAY_NAME_MAX);
}

/* One name to the tray, about this terminal. */
static void name_to_tray(struct terminal_page *page, const struct http_request *request,
                         struct http_response *response,
                         err (*tell)(struct tray *tray, const char *name, const char *reader))
{
    char name[TRAY_NAME_MAX];
    if (!has_tray(page, response)) return;
    err e = parse_name(request->body, name);
    if (FAILED(e)) {
        refuse(response, e);
        return;
    }
    taken(response);
    e = tell(page->options.tray, name, terminal_serial(page->terminal));
    if (FAILED(e)) tray_refuse(response, e);
}

static void on_tray_card(void *context, const struct http_request *request,
                         struct http_response *response)
{
    name_to_tray(context, request, response, tray_present);
}

static void on_tray_harm(void *context, const struct http_request *request,
                         struct http_response *response)
{
    name_to_tray(context, request, response, tray_harm);
}

/* A phone of the tray scans the code that is on the screen now. */
static void on_tray_scan(void *context, const struct http_request *request,
                         struct http_response *response)
{
    struct terminal_page *page = context;
    char name[TRAY_NAME_MAX];
    struct bytes json;
    if (!has_tray(page, response)) return;
    err e = parse_name(request->body, name);
    if (FAILED(e)) {
        refuse(response, e);
        return;
    }
    const struct screen *screen = terminal_screen(page->terminal);
    if (screen->qr[0] == '\0') {
        not_found(response, "this screen shows no code");
        return;
    }
    e = tray_scan(page->options.tray, name, screen->qr, &json);
    if (FAILED(e)) tray_refuse(response, e);
    else write_bytes(&response->body, json);
}

static void on_tray_chips(void *context, const struct http_request *request,
                          struct http_response *response)
{
    (void)request;
    relay_tray(context, response, tray_chips);
}

/* {"how":"insert"|"tap","name":CARD}, or {"how":"remove"}. */
static err parse_chip(struct bytes body, const char **ret_how, char name[static TRAY_NAME_MAX])
{
    static const char *const names[] = {"how", "name", NULL};
    static const char *const ways[] = {"insert", "tap", "remove"};
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes how;
    name[0] = '\0';
    TRY(json_parse(body, BODY_MAX, &document));
    TRY(json_only(document.root, names));
    TRY(json_text(document.root, "how", TRAY_NAME_MAX, &how));
    if (json_has(document.root, "name"))
        TRY(json_text_copy(document.root, "name", name, TRAY_NAME_MAX));
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        if (!bytes_equal(how, bytes_text(ways[i]))) continue;
        *ret_how = ways[i];
        return OK;
    }
    return ERR(FORMAT);
}

static void on_tray_chip(void *context, const struct http_request *request,
                         struct http_response *response)
{
    struct terminal_page *page = context;
    char name[TRAY_NAME_MAX];
    const char *how;
    if (!has_tray(page, response)) return;
    err e = parse_chip(request->body, &how, name);
    if (FAILED(e)) {
        refuse(response, e);
        return;
    }
    taken(response);
    e = tray_chip(page->options.tray, how, name[0] != '\0' ? name : NULL);
    if (FAILED(e)) tray_refuse(response, e);
}

static void on_tray_phone(void *context, const struct http_request *request,
                          struct http_response *response)
{
    struct terminal_page *page = context;
    char name[TRAY_NAME_MAX];
    if (!has_tray(page, response)) return;
    err e = http_query(request, "name", name, sizeof name);
    if (FAILED(e)) {
        refuse(response, e);
        return;
    }
    response->content_type = "image/png";
    e = tray_phone(page->options.tray, name, &response->body);
    if (FAILED(e)) tray_refuse(response, e);
}

static const struct http_route routes[] = {
    {"POST", "/api/key", on_key, BODY_MAX},
    {"POST", "/api/text", on_text, HTTP_WRITTEN_MAX},
    {"POST", "/api/strokes", on_strokes, HTTP_WRITTEN_MAX},
    {"POST", "/api/panel", on_panel, BODY_MAX},
    {"POST", "/api/entry", on_entry, BODY_MAX},
    {"POST", "/api/scan", on_scan, QR_PNG_MAX},
    {"GET", "/api/receipt/", on_receipt, 0},
    {"GET", "/api/sheet/", on_sheet, 0},
    {"GET", "/api/speech/", on_speech, 0},
    {"GET", "/api/clip/", on_clip, 0},
    {"GET", "/receipt/ca.pem", on_authority, 0},
    {"GET", "/api/qr/", on_code, 0},
    {"GET", "/api/tray", on_tray, 0},
    {"GET", "/api/tray/messages", on_tray_messages, 0},
    {"POST", "/api/tray/card", on_tray_card, BODY_MAX},
    {"POST", "/api/tray/harm", on_tray_harm, BODY_MAX},
    {"GET", "/api/tray/chips", on_tray_chips, 0},
    {"POST", "/api/tray/chip", on_tray_chip, BODY_MAX},
    {"GET", "/api/tray/phone.png", on_tray_phone, 0},
    {"POST", "/api/tray/scan", on_tray_scan, BODY_MAX},
};

err terminal_page_open(const struct terminal_page_options *options, struct terminal_page **ret_page)
{
    struct terminal_page *page = calloc(1, sizeof *page);
    if (page == NULL) return ERR(NO_MEMORY);
    page->options = *options;
    struct http_options http = {
        .loop = options->loop,
        .port = options->port,
        .routes = routes,
        .route_count = ARRAY_LEN(routes),
        .context = page,
        .directory = options->directory,
        .events_path = "/api/events",
        .response_max = RESPONSE_MAX,
        .event_max = SCREEN_JSON_MAX,
    };
    err e = printer_open(&page->printer);
    if (!FAILED(e)) e = pictures_open(&page->pictures, options->programs);
    if (!FAILED(e)) e = http_create(&http, &page->server);
    if (FAILED(e)) {
        terminal_page_close(page);
        return e;
    }
    *ret_page = page;
    return OK;
}

void terminal_page_serve(struct terminal_page *page, struct terminal *terminal)
{
    page->terminal = terminal;
}

void terminal_page_close(struct terminal_page *page)
{
    if (page == NULL) return;
    http_destroy(page->server);
    printer_close(page->printer);
    free(page);
}

uint16_t terminal_page_port(const struct terminal_page *page)
{
    return http_port(page->server);
}

err terminal_page_show(struct terminal_page *page, const struct screen *screen)
{
    struct bytes json;
    struct writer w = writer_over(page->event, sizeof page->event);
    TRY(screen_write_json(screen, &w));
    TRY(writer_finish(&w, &json));
    /* Unnamed events are called "message": what the page listens to. */
    return http_events_publish(page->server, "message", json);
}
