/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A screen as JSON, member by member. Members that do not apply are left out: the page draws what
 * is there.
 */
#include "lib/base/base64.h"
#include "lib/wire/json.h"
#include "terminal/device/speaker.h"
#include "terminal/device/strokes.h"
#include "terminal/screen.h"

static const char *const network_name[] = {"offline", "connecting", "online"};
static const char *const paper_name[] = {"ok", "low", "out"};
static const char *const line_style[] = {"normal", "big",     "hint",  "warning",
                                         "error",  "success", "amount"};
static const char *const choice_style[] = {"tile", "primary", "plain", "danger", "list", "chip"};
static const char *const field_kind[] = {"", "amount", "digits", "text", "lines"};
static const char *const keypad_name[] = {"none", "amount", "digits"};
static const char *const purpose_name[] = {"",     "pin",      "password", "new",    "repeat",
                                           "code", "approver", "pan",      "expiry", "owner"};

static const char *const guide_face[] = {"", "keys", "strokes", "large"};
static const char *const place_name[] = {"top-left", "top",         "top-right",   "middle",
                                         "lower",    "bottom-left", "bottom-right"};

static void write_status(struct json_out *j, const struct screen_status *status)
{
    json_member_object(j, "status");
    json_member_string(j, "network", network_name[status->network]);
    json_member_string(j, "time", status->time);
    json_member_string(j, "operator", status->operator_id);
    json_member_bool(j, "signed_in", status->signed_in);
    json_member_int(j, "unsent", status->unsent);
    json_member_int(j, "battery", status->battery);
    json_member_string(j, "paper", paper_name[status->paper]);
    json_member_bool(j, "locked", status->locked);
    json_member_string(j, "link", status->link);
    json_member_bool(j, "trusted", status->trusted);
    if (status->training[0] != '\0') json_member_string(j, "training", status->training);
    json_member_string(j, "merchant", status->merchant);
    json_object_end(j);
}

static void write_lines(struct json_out *j, const struct screen *s)
{
    if (s->line_count == 0) return;
    json_member_array(j, "lines");
    for (size_t i = 0; i < s->line_count; i++) {
        json_object_begin(j);
        json_member_string(j, "id", s->line[i].id);
        json_member_string(j, "text", s->line[i].text);
        json_member_string(j, "style", line_style[s->line[i].style]);
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_choices(struct json_out *j, const struct screen *s)
{
    if (s->choice_count == 0) return;
    json_member_array(j, "choices");
    for (size_t i = 0; i < s->choice_count; i++) {
        const struct screen_choice *choice = &s->choice[i];
        json_object_begin(j);
        json_member_string(j, "key", choice->key);
        json_member_string(j, "text", choice->text);
        json_member_string(j, "style", choice_style[choice->style]);
        if (choice->icon != NULL) json_member_string(j, "icon", choice->icon);
        json_member_bool(j, "enabled", choice->enabled);
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_field(struct json_out *j, const struct screen_field *field)
{
    if (field->kind == SCREEN_FIELD_NONE) return;
    json_member_object(j, "field");
    json_member_string(j, "kind", field_kind[field->kind]);
    json_member_string(j, "label", field->label);
    json_member_string(j, "value", field->value);
    json_member_int(j, "max", field->max);
    if (field->kind == SCREEN_FIELD_AMOUNT) json_member_string(j, "unit", "￥");
    json_object_end(j);
}

/* A sealed value, as base64. */
static void write_sealed(struct json_out *j, const char *name, const uint8_t *sealed, size_t len)
{
    uint8_t block[SCREEN_SEALED_MAX * 2];
    struct writer text = writer_over(block, sizeof block);
    ENSURE(len <= SCREEN_SEALED_MAX);
    base64_write(&text, bytes_of(sealed, len));
    json_member_text(j, name, writer_view(&text));
}

static void write_secret(struct json_out *j, const struct screen_secret *secret)
{
    if (secret->len == 0) return;
    json_member_object(j, "secret");
    json_member_string(j, "label", secret->label);
    write_sealed(j, "sealed", secret->sealed, secret->len);
    json_object_end(j);
}

static void write_shown(struct json_out *j, const struct screen_sealed *shown)
{
    if (shown->len > 0) write_sealed(j, "shown", shown->at, shown->len);
}

/* The picture has the serial in its name, so that a page never shows the one before. */
static void write_code(struct json_out *j, const struct screen *s)
{
    uint8_t block[64];
    struct writer address = writer_over(block, sizeof block);
    if (s->qr[0] == '\0') return;
    write_format(&address, "/api/qr/%u.png", s->serial);
    json_member_object(j, "qr");
    json_member_text(j, "png", writer_view(&address));
    json_member_string(j, "text", s->qr);
    json_object_end(j);
}

static void write_entry(struct json_out *j, const struct screen_entry *entry)
{
    if (entry->purpose == 0) return;
    ENSURE(entry->purpose < ARRAY_LEN(purpose_name) && entry->layout_len <= sizeof entry->layout);
    json_member_object(j, "entry");
    json_member_string(j, "purpose", purpose_name[entry->purpose]);
    json_member_string(j, "keyboard", entry->text ? "text" : "digits");
    if (entry->layout_len > 0) write_sealed(j, "layout", entry->layout, entry->layout_len);
    if (entry->strength_len > 0) write_sealed(j, "strength", entry->strength, entry->strength_len);
    if (entry->too_long) json_member_bool(j, "too_long", true);
    if (entry->shade) json_member_bool(j, "shade", true);
    json_member_int(j, "count", entry->count);
    json_member_int(j, "min", entry->min);
    json_member_int(j, "max", entry->max);
    json_member_string(j, "label", entry->label);
    json_object_end(j);
}

static void write_address(struct json_out *j, const char *name, const char *folder, int64_t number,
                          const char *ending)
{
    uint8_t block[64];
    struct writer text = writer_over(block, sizeof block);
    write_format(&text, "/api/%s/%lld.%s", folder, (long long)number, ending);
    json_member_text(j, name, writer_view(&text));
}

/* What is signed later is another picture of the same payment, and its page has kept the earlier
 * one: so its address tells which strokes are on it. */
static void write_picture(struct json_out *j, const struct receipt *r, int64_t number)
{
    uint8_t block[64];
    uint32_t stamp = 0;
    struct writer text = writer_over(block, sizeof block);
    for (size_t i = 0; i < r->strokes_len; i++) stamp = stamp * 31 + r->strokes[i];
    write_format(&text, "/api/receipt/%lld.png", (long long)number);
    if (r->strokes_len > 0) write_format(&text, "?%u", stamp);
    json_member_text(j, "png", writer_view(&text));
}

static void write_receipt(struct json_out *j, const struct screen *s)
{
    if (s->receipt == NULL) return;
    json_member_object(j, "receipt");
    json_member_int(j, "number", s->receipt_number);
    json_member_array(j, "lines");
    for (size_t i = 0; i < s->receipt->count; i++)
        json_element_text(j, bytes_text(s->receipt->line[i].text));
    json_array_end(j);
    if (s->receipt_number > 0) write_picture(j, s->receipt, s->receipt_number);
    else write_address(j, "png", "sheet", s->serial, "png"); /* there as long as its screen */
    json_object_end(j);
}

static void write_speech(struct json_out *j, const struct screen *s)
{
    if (s->speech_number == 0) return;
    json_member_object(j, "speech");
    json_member_int(j, "number", s->speech_number);
    write_address(j, "url", "speech", s->speech_number, "wav");
    json_member_string(j, "text", s->speech);
    json_object_end(j);
}

static void write_clip(struct json_out *j, const char *name, enum speaker_clip clip)
{
    char file[24];
    uint8_t block[64];
    struct writer text = writer_over(block, sizeof block);
    speaker_clip_name(clip, file);
    write_format(&text, "/api/clip/%s.wav", file);
    json_member_text(j, name, writer_view(&text));
}

/* The grid that its points are on. */
static void write_sign(struct json_out *j, const struct screen *s)
{
    if (!s->sign) return;
    json_member_object(j, "sign");
    json_member_int(j, "width", STROKES_WIDTH);
    json_member_int(j, "height", STROKES_HEIGHT);
    json_object_end(j);
}

static void write_guide(struct json_out *j, const struct screen *s)
{
    if (s->guide == SCREEN_GUIDE_NONE) return;
    json_member_object(j, "guide");
    json_member_string(j, "face", guide_face[s->guide]);
    write_clip(j, "click", SPEAKER_TONE_CLICK);
    json_member_array(j, "zones");
    for (size_t i = 0; i < s->zone_count; i++) {
        json_object_begin(j);
        json_member_string(j, "at", place_name[s->zone[i].place]);
        json_member_string(j, "key", s->zone[i].key);
        json_member_string(j, "text", s->zone[i].text);
        write_clip(j, "sound", (enum speaker_clip)s->zone[i].clip);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static void write_keys(struct json_out *j, const struct screen *s)
{
    if (s->countdown > 0) json_member_int(j, "countdown", s->countdown);
    json_member_array(j, "keys");
    if (s->keys & SCREEN_KEY_CANCEL) json_element_text(j, BYTES("cancel"));
    if (s->keys & SCREEN_KEY_OK) json_element_text(j, BYTES("ok"));
    json_array_end(j);
}

err screen_write_json(const struct screen *screen, struct writer *w)
{
    ENSURE(screen->id != NULL && screen->title_id != NULL);
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_int(&j, "v", 1);
    json_member_int(&j, "serial", screen->serial);
    json_member_string(&j, "id", screen->id);
    json_member_string(&j, "lang", screen->language == LANGUAGE_EN ? "en" : "zh");
    json_member_string(&j, "model", screen->model);
    write_status(&j, &screen->status);
    json_member_string(&j, "title", screen->title);
    json_member_string(&j, "title_id", screen->title_id);
    write_lines(&j, screen);
    write_choices(&j, screen);
    write_field(&j, &screen->field);
    json_member_string(&j, "keypad", keypad_name[screen->keypad]);
    write_entry(&j, &screen->entry);
    write_secret(&j, &screen->secret);
    write_shown(&j, &screen->shown);
    write_code(&j, screen);
    if (screen->help[0] != '\0') json_member_string(&j, "help", screen->help);
    if (screen->scan) json_member_bool(&j, "scan", true);
    if (screen->card) json_member_bool(&j, "card", true);
    write_sign(&j, screen);
    if (screen->wait[0] != '\0') {
        json_member_object(&j, "wait");
        json_member_string(&j, "text", screen->wait);
        if (screen->wait_seconds > 0) json_member_int(&j, "seconds", screen->wait_seconds);
        json_object_end(&j);
    }
    write_receipt(&j, screen);
    write_speech(&j, screen);
    write_guide(&j, screen);
    write_keys(&j, screen);
    json_object_end(&j);
    return w->fault == ERR_OK ? OK : (err){w->fault};
}
