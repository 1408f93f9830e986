/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages that wait until today's takings are other ones (S158): GET /api/v1/figures/changes is
 * answered when there is something new of the caller's merchant, with the day as it is now, or
 * after WAIT_MS. Several payments at once are one answer, because a page asks again only after
 * AGAIN_MS. Nothing is kept for a page that has gone, and a restart forgets nothing: figures.db
 * says up to which row of the journal a merchant has changed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/figures/figures_room.h"
#include "backoffice/parts.h"
#include "figures/changed.h"

enum {
    WAIT_MS = 20000, /* below HTTP_LATER_MS; whoever is shut out hears no more than so long */
    AGAIN_MS = 400,  /* until a page asks again: with what a fold takes, within a second */
    CROWDED_MS = 30000,
    WAITERS_MAX = 256,
    WAITERS_EACH = 4, /* of one caller: four windows */
};

struct waiter {
    uint64_t ticket; /* 0: a free place */
    int64_t since, until_ms;
    char mid[16]; /* "": the acquirer */
    char subject[ACCOUNT_SUBJECT_MAX];
};

struct figures_waiters {
    int64_t version; /* of the store when everybody who waits was looked at */
    struct waiter waiter[WAITERS_MAX];
};

static const struct api_field changes_fields[] = {
    {"now", API_INT, .max = INT64_MAX, .text = "What to send as `since`"},
    {"changed", API_BOOL, .text = "There is something new"},
    {"day", API_TEXT, .min = 10, .max = 10, .text = "The business day of now"},
    {"today", API_OBJECT, .of = &figures_sums_schema, .text = "What it has come to"},
    {"again_ms", API_INT, .max = 60000, .text = "Ask again after so many milliseconds"},
};
API_SCHEMA(changes_schema, "FiguresChanges", changes_fields);

static const struct api_field query_fields[] = {
    {"since", API_INT, .max = INT64_MAX,
     .text = "`now` of the last answer; left out: answered at once"},
};
API_SCHEMA(query_schema, "FiguresChangesQuery", query_fields);

/* ---- what is new ---- */

static err write_news(struct backoffice *b, struct store *store, const char *mid, int64_t now_seq,
                      bool changed, int64_t again_ms, struct http_response *response)
{
    CLEANUP(figures_answer_free) struct figures_answer a = {.rows = 0};
    char text[WORKDAY_TEXT_MAX];
    int32_t day = workday_of(backoffice_now_ms(b));
    const struct figures_query query = {.mid = {mid}, .mids = mid[0] != '\0', .span = {day, day}};
    TRY(figures_ask(store, &query, &a));
    workday_text(day, text);
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_int(&j, "now", now_seq);
    json_member_bool(&j, "changed", changed);
    json_member_string(&j, "day", text);
    figures_write_sums(&j, "today", &a.total);
    json_member_int(&j, "again_ms", again_ms);
    json_object_end(&j);
    return OK;
}

/* ---- waiting ---- */

/* A place to wait in; NULL when the room is full, or this caller has enough of it. */
static struct waiter *find_place(struct figures_waiters *waiters, const char *subject)
{
    struct waiter *place = NULL;
    size_t own = 0;
    for (size_t i = 0; i < WAITERS_MAX; i++) {
        struct waiter *w = &waiters->waiter[i];
        if (w->ticket == 0) place = w;
        else own += strcmp(w->subject, subject) == 0;
    }
    return own < WAITERS_EACH ? place : NULL;
}

static err answer_or_wait(struct backoffice *b, const struct api_call *call, struct store *store,
                          struct http_response *response)
{
    struct waiter w = {.ticket = call->request->ticket,
                       .since = api_query_int(call, "since"),
                       .until_ms = call->now_ms + WAIT_MS};
    int64_t changed = 0;
    snprintf(w.mid, sizeof w.mid, "%s", call->caller->mid);
    snprintf(w.subject, sizeof w.subject, "%s", call->caller->subject);
    TRY(figures_changed(store, w.mid, &changed));
    struct waiter *place = find_place(*figures_room_waiters(b), w.subject);
    bool first = api_query(call, "since")[0] == '\0';
    if (first || changed != w.since || place == NULL)
        return write_news(b, store, w.mid, changed, changed != w.since,
                          place == NULL ? CROWDED_MS : AGAIN_MS, response);
    *place = w;
    response->later = true;
    return OK;
}

/* Who is bound to one outlet sees no more than its devices, and hears nothing of the others. */
static err on_changes(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    if (call->caller->outlet != 0) {
        api_missing(response);
        return OK;
    }
    struct store *store = figures_room_store(b, response);
    if (store == NULL) return OK;
    struct writer begun = response->body;
    err done = answer_or_wait(b, call, store, response);
    if (!FAILED(done)) return OK;
    response->body = begun;
    figures_room_failed(b, done, response);
    return OK;
}

static err look_at(struct backoffice *b, struct store *store, struct waiter *w, bool over)
{
    int64_t changed = 0;
    TRY(figures_changed(store, w->mid, &changed));
    if (changed == w->since && !over) return OK;
    struct http_response response = backoffice_later(b);
    TRY(write_news(b, store, w->mid, changed, changed != w->since, AGAIN_MS, &response));
    backoffice_answer(b, w->ticket, &response);
    w->ticket = 0;
    return OK;
}

/* Nothing can be read any more: everybody is told to come again. */
static void send_away(struct backoffice *b, struct figures_waiters *waiters, err why)
{
    figures_room_failed(b, why, NULL);
    for (size_t i = 0; i < WAITERS_MAX; i++) {
        struct waiter *w = &waiters->waiter[i];
        if (w->ticket == 0) continue;
        struct http_response response = backoffice_later(b);
        http_response_error(&response, 503, "unavailable",
                            "There are no figures now; try again in a moment");
        backoffice_answer(b, w->ticket, &response);
        w->ticket = 0;
    }
}

static err look_at_all(struct backoffice *b, struct store *store, struct figures_waiters *waiters)
{
    int64_t version = 0, now_ms = backoffice_now_ms(b);
    TRY(store_data_version(store, &version));
    bool more = version != waiters->version;
    waiters->version = version;
    for (size_t i = 0; i < WAITERS_MAX; i++) {
        struct waiter *w = &waiters->waiter[i];
        bool over = w->until_ms <= now_ms;
        if (w->ticket != 0 && (more || over)) TRY(look_at(b, store, w, over));
    }
    return OK;
}

static bool anybody(const struct figures_waiters *waiters)
{
    for (size_t i = 0; i < WAITERS_MAX; i++)
        if (waiters->waiter[i].ticket != 0) return true;
    return false;
}

static err flush(struct backoffice *b)
{
    struct figures_waiters *waiters = *figures_room_waiters(b);
    if (!anybody(waiters)) return OK;
    struct store *store = figures_room_store(b, NULL);
    if (store == NULL) return OK; /* it is tried again, and nobody waits longer than WAIT_MS */
    err looked = look_at_all(b, store, waiters);
    if (FAILED(looked)) send_away(b, waiters, looked);
    return OK;
}

/* ---- the part ---- */

static err open(struct backoffice *b)
{
    struct figures_waiters **waiters = figures_room_waiters(b);
    *waiters = calloc(1, sizeof **waiters);
    return *waiters == NULL ? ERR(NO_MEMORY) : OK;
}

/* clang-format off */
#define SEES (ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER | ROLE_FINANCE)
static const struct api_route rows[] = {
    API_SEARCH_ROW(GET, "/figures/changes", SESSION, SEES, FIGURES_READ, 1, 0, NULL, &changes_schema, on_changes,
                   "Waits until today's takings are other ones", &query_schema)
};
/* clang-format on */

const struct backoffice_part figures_changes_part = {.name = "figures_changes",
                                                     .api_routes = rows,
                                                     .api_route_count = ARRAY_LEN(rows),
                                                     .open = open,
                                                     .flush = flush};
