/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The acquirer's office: a key for a program that reads what has happened, a licence whose end is
 * known, and each morning the news. Which events must have come by which day is a table.
 */
#include <stdio.h>

#include "cli/demo_fast.h"

enum {
    STATUS_OK = 200,
    STATUS_MADE = 201,
    PAGE = 50,
    TEXT_MAX = 160,
    CLAUSE_MAX = 322,
    LICENCE_DAYS = 60
};

err fast_call(struct fast *f, struct console *who, const char *path, const char *body,
              long expected, struct json_document *ret)
{
    long status = 0;
    TRY(console_ask(who, path, body, &status, ret));
    if (status == expected) return OK;
    char why[TEXT_MAX] = "", word[40] = "";
    if (FAILED(json_text_copy(ret->root, "detail", why, sizeof why)))
        (void)!FAILED(json_text_copy(ret->root, "message", why, sizeof why));
    (void)!FAILED(json_text_copy(ret->root, "code", word, sizeof word));
    return fast_failed(f, ERR(STATE), "%s: %ld %s %s", path, status, word, why);
}

/* ---- the key, and what ends ---- */

static err make_key(struct fast *f)
{
    CLEANUP(json_free) struct json_document made = {0};
    char origin[64], secret[128];
    TRY(fast_call(
        f, f->chief.console, "/api/v1/keys",
        "{\"name\":\"story\",\"days\":366,\"scopes\":[\"events:read\",\"stock:read\","
        "\"stock:write\",\"merchants:write\",\"devices:read\",\"updates:read\",\"updates:write\"]}",
        STATUS_MADE, &made));
    TRY(json_text_copy(made.root, "secret", secret, sizeof secret));
    snprintf(origin, sizeof origin, "http://localhost:%ld", f->stage->backoffice_port);
    TRY(console_open(origin, &f->program));
    console_bear(f->program, secret);
    explicit_bzero(secret, sizeof secret);
    return fast_call(f, f->program, "/api/v1/events/kinds", NULL, STATUS_OK, &f->kinds);
}

/* S123: the shop's licence ends in sixty days; it is said 30 and 7 days before, and on the day. */
static err write_licence_down(struct fast *f)
{
    CLEANUP(json_free) struct json_document answer = {0};
    char body[256];
    snprintf(
        body, sizeof body,
        "{\"merchant\":\"%s\",\"what\":\"business licence\",\"kind\":\"licence\",\"ends\":%lld}",
        f->stage->mid, (long long)(f->began_ms + (int64_t)LICENCE_DAYS * FAST_DAY_MS));
    return fast_call(f, f->chief.console, "/api/v1/upkeep/expiries", body, STATUS_OK, &answer);
}

err fast_office_begin(struct fast *f)
{
    TRY(make_key(f));
    return write_licence_down(f);
}

/* ---- the news ---- */

static const struct {
    const char *kind;
    int64_t by_day, times;
} awaited[FAST_NEWS_MAX] = {
    {"expiry.near", LICENCE_DAYS - 29, 1},
    {"expiry.near", LICENCE_DAYS - 6, 2},
    {"expiry.over", LICENCE_DAYS + 1, 1},
    {"application.changed", 2, 2},
    {"stock.shipped", 2, 1},
    {"stock.delivered", 5, 1},
    {"device.activated", 6, 1},
    {"update.begun", FAST_UPDATE_DAY + 1, 1},
    {"update.widened", FAST_UPDATE_DAY + 4, 2},
    {"backup.kept", 10, 1},
    {"backup.stale", FAST_CLOSED_FROM + 16, 1},
    {"device.rescued", FAST_CLOSED_TO + 1, 1},
    {"device.renewed", FAST_CLOSED_TO + FAST_CERTIFICATE_DAYS - 28, 1},
    {"device.renewed", FAST_CLOSED_TO + FAST_CERTIFICATE_DAYS + 2, 2},
    {"device.idle", 105, 1},
    {"device.stopped", 140, 1},
};

static void clause_of(const struct fast *f, struct bytes kind, char out[static CLAUSE_MAX])
{
    struct json_t *list;
    struct bytes name;
    size_t count = 0;
    out[0] = '\0';
    if (FAILED(json_list(f->kinds.root, "kinds", 200, &list, &count))) return;
    for (size_t i = 0; i < count; i++)
        if (!FAILED(json_text(json_at(list, i), "kind", 64, &name)) && bytes_equal(name, kind)) {
            char zh[TEXT_MAX] = "", en[TEXT_MAX] = "";
            (void)!FAILED(json_text_copy(json_at(list, i), "zh", zh, sizeof zh));
            (void)!FAILED(json_text_copy(json_at(list, i), "en", en, sizeof en));
            snprintf(out, CLAUSE_MAX, "%s %s", zh, en);
        }
}

static err tell(struct fast *f, const struct json_t *event)
{
    char text[CLAUSE_MAX], object[TEXT_MAX], state[40] = "";
    struct json_t *data;
    struct bytes kind;
    TRY(json_int(event, "number", f->news + 1, INT64_MAX, &f->news));
    TRY(json_text(event, "kind", 64, &kind));
    TRY(json_text_copy(event, "object", object, sizeof object));
    clause_of(f, kind, text);
    for (size_t i = 0; i < FAST_NEWS_MAX; i++)
        if (awaited[i].kind != NULL && bytes_equal(kind, bytes_text(awaited[i].kind)))
            f->heard[i]++;
    if (!FAILED(json_member(event, "data", &data)))
        (void)!FAILED(json_text_copy(data, "state", state, sizeof state));
    fast_say(f, FAST_NEWS, "%s: %s%s%s", text, object, state[0] == '\0' ? "" : ": ", state);
    return OK;
}

static err hear_some(struct fast *f, size_t *ret_count)
{
    CLEANUP(json_free) struct json_document answer = {0};
    struct json_t *list;
    char path[80];
    snprintf(path, sizeof path, "/api/v1/events?after=%lld&limit=%d", (long long)f->news, PAGE);
    TRY(fast_call(f, f->program, path, NULL, STATUS_OK, &answer));
    TRY(json_list(answer.root, "events", PAGE, &list, ret_count));
    for (size_t i = 0; i < *ret_count; i++) TRY(tell(f, json_at(list, i)));
    return OK;
}

err fast_office_news(struct fast *f)
{
    size_t count = PAGE;
    while (count == PAGE) TRY(hear_some(f, &count));
    return OK;
}

/* S127: stopped after three months and a month to answer; after twelve it is to be taken back. */
static err tell_idle(struct fast *f, const struct json_t *row)
{
    char tid[9], state[16];
    int64_t at_ms = 0;
    TRY(json_text_copy(row, "terminal", tid, sizeof tid));
    TRY(json_text_copy(row, "state", state, sizeof state));
    if (strcmp(state, "stopped") != 0) return OK;
    TRY(json_int(row, "take_back", f->began_ms, INT64_MAX, &at_ms));
    const struct civil d = civil_from_ms(at_ms + CLOCK_CHINA_OFFSET_MS);
    fast_say(f, FAST_CALENDAR,
             "%s is stopped, and to be taken back on %04d-%02d-%02d, twelve months after its last"
             " payment",
             tid, d.year, d.month, d.day);
    return OK;
}

err fast_office_idle(struct fast *f)
{
    CLEANUP(json_free) struct json_document answer = {0};
    struct json_t *list;
    size_t count = 0;
    TRY(fast_call(f, f->program, "/api/v1/upkeep/idle", NULL, STATUS_OK, &answer));
    TRY(json_list(answer.root, "terminals", PAGE, &list, &count));
    for (size_t i = 0; i < count; i++) TRY(tell_idle(f, json_at(list, i)));
    return OK;
}

bool fast_office_complete(const struct fast *f)
{
    bool all = true;
    for (size_t i = 0; i < FAST_NEWS_MAX && awaited[i].kind != NULL; i++) {
        if (f->days <= awaited[i].by_day || f->heard[i] >= (size_t)awaited[i].times) continue;
        printf("MISSING  %s: %zu times, at least %lld by day %lld\n", awaited[i].kind, f->heard[i],
               (long long)awaited[i].times, (long long)awaited[i].by_day);
        all = false;
    }
    return all;
}

void fast_office_end(struct fast *f)
{
    console_close(f->program);
    json_free(&f->kinds);
}
