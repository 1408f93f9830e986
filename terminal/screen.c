/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Building a screen and showing it. A screen keeps its serial for as long as it is the same screen
 * (same id, same entry), so that keys touched quickly one after another all count; another screen
 * gets another serial, so that a key meant for the one before does nothing on this one.
 */
#include <stdio.h>

#include "terminal/core.h"

void screen_begin(struct terminal *t, const char *id, enum text_id title)
{
    struct screen *s = &t->screen;
    s->id = id;
    s->language = t->records.language;
    s->line_count = s->choice_count = 0;
    s->field.kind = SCREEN_FIELD_NONE;
    s->keypad = SCREEN_KEYPAD_NONE;
    s->scan = s->card = s->sign = false;
    s->wait[0] = '\0';
    s->receipt = NULL;
    s->speech_number = 0;
    s->speech[0] = s->qr[0] = s->help[0] = '\0';
    s->secret.len = s->shown.len = 0;
    s->guide = SCREEN_GUIDE_NONE;
    s->zone_count = 0;
    s->countdown = TERMINAL_IDLE_S;
    s->keys = SCREEN_KEY_CANCEL;
    t->wait_at_us = t->time_at_us = 0;
    t->patience.step = TIMEOUT_NONE;
    if (t->ask.id == NULL || strcmp(t->ask.id, id) != 0) s->entry.purpose = 0;
    screen_title(t, title, NULL);
}

void screen_title(struct terminal *t, enum text_id title, const char *value)
{
    t->screen.title_id = text_name(title);
    text_fill(title, t->records.language, (const char *const[]){value, NULL}, t->screen.title,
              sizeof t->screen.title);
}

void screen_say(struct terminal *t, enum screen_line_style style, enum text_id id,
                const char *const *values)
{
    struct screen *s = &t->screen;
    ENSURE(s->line_count < SCREEN_LINES);
    struct screen_line *line = &s->line[s->line_count++];
    line->id = text_name(id);
    line->style = style;
    text_fill(id, t->records.language, values, line->text, sizeof line->text);
}

static struct screen_choice *add_choice(struct screen *s, const char *key)
{
    ENSURE(s->choice_count < SCREEN_CHOICES && strlen(key) < sizeof s->choice[0].key);
    struct screen_choice *choice = &s->choice[s->choice_count++];
    memcpy(choice->key, key, strlen(key) + 1);
    return choice;
}

void screen_choice_named(struct terminal *t, const char *key, const char *name,
                         enum screen_choice_style style)
{
    struct screen_choice *choice = add_choice(&t->screen, key);
    err fits = bytes_to_text(bytes_text(name), choice->text, sizeof choice->text);
    ENSURE(!FAILED(fits));
    choice->style = style;
    choice->icon = NULL;
    choice->enabled = true;
}

void screen_choice(struct terminal *t, const char *key, enum text_id id,
                   enum screen_choice_style style, const char *icon, bool enabled)
{
    struct screen *s = &t->screen;
    struct screen_choice *choice = add_choice(s, key);
    text_fill(id, t->records.language, NULL, choice->text, sizeof choice->text);
    choice->style = style;
    choice->icon = icon;
    choice->enabled = enabled;
}

void screen_keys(struct terminal *t, unsigned keys)
{
    t->screen.keys = keys;
}

void screen_idle(struct terminal *t, unsigned seconds)
{
    t->screen.countdown = seconds;
}

void screen_wait(struct terminal *t, enum text_id id, int64_t until_us)
{
    text_fill(id, t->records.language, NULL, t->screen.wait, sizeof t->screen.wait);
    t->wait_at_us = until_us;
    t->screen.countdown = 0; /* what waits for something else does not idle */
}

void screen_until(struct terminal *t, int64_t at_us)
{
    t->time_at_us = at_us;
}

static unsigned seconds_until(const struct terminal *t, int64_t at_us)
{
    int64_t left = at_us - now_us(t);
    return left <= 0 ? 0 : (unsigned)((left + 999999) / 1000000);
}

static void fill_status(struct terminal *t)
{
    struct screen_status *status = &t->screen.status;
    struct civil when = civil_from_ms(now_local_ms(t));
    t->minute = now_local_ms(t) / 60000;
    status->network = t->host.state;
    status->time[0] = (char)('0' + when.hour / 10);
    status->time[1] = (char)('0' + when.hour % 10);
    status->time[2] = ':';
    status->time[3] = (char)('0' + when.minute / 10);
    status->time[4] = (char)('0' + when.minute % 10);
    status->time[5] = '\0';
    memcpy(status->operator_id, t->operator_id, sizeof status->operator_id);
    status->signed_in = signed_in(t);
    static const char *const links[] = {"unknown", "ethernet", "wifi", "mobile"};
    status->link = links[paths_facts(&t->paths)->kind];
    status->trusted = network_trusted(t);
    status->training[0] = '\0';
    if (training_on(t))
        text_fill(TEXT_TRAINING_MARK, t->records.language, NULL, status->training,
                  sizeof status->training);
    status->unsent = t->records.unsent + t->records.offline;
    status->battery = t->devices.battery;
    status->paper = t->devices.paper;
    status->locked = t->records.locked_by[0] != '\0';
    snprintf(status->merchant, sizeof status->merchant, "%s", shop_name(t));
    memcpy(t->screen.model, t->facts.model, sizeof t->screen.model - 1);
}

/* The idle time begins with a new screen and with every touch, and with nothing else. */
static void fill_countdown(struct terminal *t, bool new_screen)
{
    struct screen *s = &t->screen;
    if (s->countdown == 0) {
        t->idle_at_us = 0;
        return;
    }
    const struct patience *patience = &t->patience;
    bool customer = patience->step != TIMEOUT_NONE; /* his time is not the operator's */
    /* A lock that comes sooner than that finds the main screen. */
    if (!customer && t->operator_id[0] != '\0' && t->lock_s > 0 && s->countdown > t->lock_s)
        s->countdown = t->lock_s;
    if (new_screen || t->by_person || t->idle_at_us == 0)
        t->idle_at_us = now_us(t) + (int64_t)s->countdown * 1000000;
    if (customer && patience->whole != TIMEOUT_NONE && t->idle_at_us > patience->whole_until_us)
        t->idle_at_us = patience->whole_until_us;
    s->countdown = seconds_until(t, t->idle_at_us);
}

void screen_show(struct terminal *t)
{
    struct screen *s = &t->screen;
    bool new_screen = t->shown_id == NULL || strcmp(t->shown_id, s->id) != 0;
    if (new_screen) {
        t->help = false;
        t->shown_id = s->id;
        t->serial = t->serial == UINT32_MAX ? 1 : t->serial + 1;
        t->poll_at_us = now_us(t);
    }
    s->serial = t->serial;
    s->wait_seconds = t->wait_at_us > 0 ? seconds_until(t, t->wait_at_us) : 0;
    if (t->help)
        text_fill(help_text(s->id), s->language, (const char *const[]){t->config.support, NULL},
                  s->help, sizeof s->help);
    fill_status(t);
    fill_countdown(t, new_screen);
    t->ports.show(t->ports.context, s);
}

void notice_set(struct terminal *t, enum screen_line_style style, enum text_id id,
                const char *const *values)
{
    t->notice.set = true;
    t->notice.style = style;
    t->notice.id = text_name(id);
    text_fill(id, t->records.language, values, t->notice.text, sizeof t->notice.text);
}

void notice_clear(struct terminal *t)
{
    t->notice.set = false;
}

void screen_notice(struct terminal *t)
{
    struct screen *s = &t->screen;
    if (!t->notice.set) return;
    ENSURE(s->line_count < SCREEN_LINES);
    struct screen_line *line = &s->line[s->line_count++];
    line->id = t->notice.id;
    line->style = t->notice.style;
    memcpy(line->text, t->notice.text, sizeof line->text);
}

/* ---- values as text ---- */

struct amount_text amount_text(int64_t minor)
{
    struct amount_text out = {""};
    struct writer w = writer_over(out.text, sizeof out.text - 1);
    money_write(&w, minor);
    return out;
}

struct number_text number_text(int64_t number)
{
    return padded_text(number, 1);
}

struct number_text padded_text(int64_t number, int digits)
{
    struct number_text out = {""};
    struct writer w = writer_over(out.text, sizeof out.text - 1);
    if (number < 0) write_bytes(&w, BYTES("-"));
    write_decimal(&w, number < 0 ? -(uint64_t)number : (uint64_t)number, (size_t)digits);
    return out;
}

struct number_text time_text(int64_t local_ms)
{
    struct number_text out = {""};
    struct civil at = civil_from_ms(local_ms);
    struct writer w = writer_over(out.text, sizeof out.text - 1);
    write_format(&w, "%04d-%02d-%02d %02d:%02d", at.year, at.month, at.day, at.hour, at.minute);
    return out;
}

bool typed_key(struct terminal *t, unsigned max)
{
    ENSURE(max < sizeof t->typed);
    size_t len = strlen(t->typed);
    if (t->event.kind != EVENT_KEY) return false;
    if (strncmp(t->event.key, "digit:", 6) == 0) {
        size_t more = strlen(t->event.key + 6);
        if (len + more <= max) memcpy(t->typed + len, t->event.key + 6, more + 1);
        return true;
    }
    if (strcmp(t->event.key, "backspace") == 0) {
        if (len > 0) t->typed[len - 1] = '\0';
        return true;
    }
    if (strcmp(t->event.key, "clear") == 0) {
        t->typed[0] = '\0';
        return true;
    }
    return false;
}
