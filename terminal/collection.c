/* SPDX-License-Identifier: Apache-2.0 */
/* Logs and snapshots, made and told. */
#include "terminal/collection.h"

#include <stdio.h>

#include "lib/base/base64.h"
#include "lib/store/audit.h"
#include "terminal/core.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

void collection_mask(uint8_t *at, size_t len)
{
    for (size_t from = 0, to; from < len; from = to + 1) {
        for (to = from; to < len && is_digit(at[to]); to++) {
        }
        if (to - from > COLLECTION_DIGITS_MAX) memset(at + from, '*', to - from - 2);
    }
}

/* ---- what happened ---- */

static err write_record(void *context, const struct audit_record *record)
{
    struct writer *w = context;
    const struct audit_entry *e = &record->entry;
    struct number_text when = time_text(e->at_ms + CLOCK_CHINA_OFFSET_MS);
    char line[256];
    int len = snprintf(line, sizeof line, "%s %.*s %.*s %.*s %.*s\n", when.text, (int)e->actor.len,
                       (const char *)e->actor.at, (int)e->event.len, (const char *)e->event.at,
                       (int)e->subject.len, (const char *)e->subject.at, (int)e->detail.len,
                       (const char *)e->detail.at);
    size_t used = len < 0 ? 0 : (size_t)len < sizeof line ? (size_t)len : sizeof line - 1;
    if (used <= w->max - w->len) write_bytes(w, bytes_of(line, used));
    return OK;
}

static err write_logs(struct terminal *t, struct writer *w)
{
    int64_t last = 0;
    write_format(w, "version %s\n", t->config.version);
    TRY(store_query_int(t->config.store, "SELECT max(seq) FROM audit", &last));
    int64_t from = last > COLLECTION_RECORDS ? last - COLLECTION_RECORDS + 1 : 1;
    return audit_read(t->config.store, from, write_record, w);
}

/* ---- what the screen says ---- */

static void write_lines(struct writer *w, const struct screen *s)
{
    for (size_t i = 0; i < s->line_count; i++) write_format(w, "  %s\n", s->line[i].text);
    if (s->field.kind != SCREEN_FIELD_NONE)
        write_format(w, "  [%s: %s]\n", s->field.label, s->field.value[0] == '\0' ? "" : "***");
    if (s->entry.purpose != 0) write_format(w, "  [%s: ***]\n", s->entry.label);
    for (size_t i = 0; i < s->choice_count; i++) write_format(w, "  <%s>\n", s->choice[i].text);
}

static void write_snapshot(const struct terminal *t, struct writer *w)
{
    const struct screen *s = &t->screen;
    write_format(w, "%s %s\n", s->id == NULL ? "-" : s->id, s->title);
    write_lines(w, s);
    write_format(w, "%s operator \"%s\" unsent %u battery %u\n", time_text(now_local_ms(t)).text,
                 t->operator_id, t->records.unsent, t->devices.battery);
}

err collection_make(struct terminal *t, int64_t number, uint8_t kind)
{
    struct collection *c = &t->remote.collection;
    struct writer w = writer_over(c->at, sizeof c->at);
    ENSURE(kind == DEVICE_LOGS || kind == DEVICE_SNAPSHOT);
    if (kind == DEVICE_LOGS) TRY(write_logs(t, &w));
    else write_snapshot(t, &w);
    c->len = w.len;
    c->told = 0;
    c->under_way = false;
    c->kind = kind;
    c->number = number;
    collection_mask(c->at, c->len);
    return audit(t, "collected", device_command_name(kind), number_text(number).text);
}

/* ---- telling ---- */

static size_t parts(const struct collection *c)
{
    return c->len == 0 ? 1 : (c->len + DEVICE_PART_MAX - 1) / DEVICE_PART_MAX;
}

void collection_part(struct terminal *t, uint8_t base64[COLLECTION_BASE64_MAX],
                     struct device_message *ret_question)
{
    struct collection *c = &t->remote.collection;
    struct writer w = writer_over(base64, COLLECTION_BASE64_MAX);
    size_t left = c->len - c->told;
    struct device_message m = {.ask = DEVICE_PART,
                               .number = c->number,
                               .part = (int64_t)(c->told / DEVICE_PART_MAX) + 1,
                               .parts = (int64_t)parts(c)};
    ENSURE(c->number != 0);
    snprintf(m.kind, sizeof m.kind, "%s", device_command_name(c->kind));
    base64_write(&w, bytes_of(c->at + c->told, left < DEVICE_PART_MAX ? left : DEVICE_PART_MAX));
    m.policy = writer_view(&w);
    c->under_way = true;
    *ret_question = m;
}

err collection_heard(struct terminal *t, bool taken)
{
    struct collection *c = &t->remote.collection;
    if (!c->under_way) return OK; /* of a connection before this one */
    c->under_way = false;
    c->told += DEVICE_PART_MAX;
    if (taken && c->told < c->len) return OK;
    const struct command command = {.number = c->number, .kind = c->kind};
    c->number = 0;
    explicit_bzero(c->at, c->len);
    return remote_finish(t, &command);
}

void collection_again(struct terminal *t)
{
    t->remote.collection.told = 0;
    t->remote.collection.under_way = false;
}
