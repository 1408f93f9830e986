/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages that wait until something is new about a device that they may see (S112, S113): GET
 * /api/v1/fleet/changes is answered when there is, or after WAIT_MS. A call like others, with its
 * policy and price each time; who is not told a number is told that anything may be new.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/api/api.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/devices/fleet.h"
#include "backoffice/devices/fleet_changes.h"
#include "backoffice/parts.h"

enum {
    WAIT_MS = 20000, /* below HTTP_LATER_MS; whoever is shut out hears no more than so long */
    AGAIN_MS = 1000, /* until a page asks again: it reads meanwhile what is new */
    CROWDED_MS = 30000,
    WATCHERS_MAX = 256,
    WATCHERS_EACH = 4, /* of one caller: four windows */
};

struct watcher {
    uint64_t ticket; /* 0: a free place */
    int64_t since, until_ms;
    char mid[16]; /* "": the acquirer */
    uint32_t outlet;
    char subject[ACCOUNT_SUBJECT_MAX];
};

struct fleet_watch {
    int64_t seen; /* up to which everybody who waits was looked at */
    struct watcher watcher[WATCHERS_MAX];
};

static const struct api_field changes_fields[] = {
    {"now", API_INT, .text = "What to send as `since`", .max = INT64_MAX},
    {"all", API_BOOL, .text = "Anything may be new: more than is told here, or not known"},
    {"devices", API_TEXTS, .max = FLEET_CHANGES_TOLD,
     .text = "Devices of which a state, a place or a command is new"},
    {"again_ms", API_INT, .text = "Ask again after so many milliseconds", .max = 60000},
};
API_SCHEMA(changes_schema, "FleetChanges", changes_fields);

static const struct api_field query_fields[] = {
    {"since", API_INT, .max = INT64_MAX,
     .text = "`now` of the last answer; left out: answered at once"},
};
API_SCHEMA(query_schema, "FleetChangesQuery", query_fields);

/* ---- what is new ---- */

struct news {
    size_t count;
    bool all;
    char tid[FLEET_CHANGES_TOLD][9];
};

static void add(struct news *news, const char *tid)
{
    for (size_t i = 0; i < news->count; i++)
        if (strcmp(news->tid[i], tid) == 0) return;
    if (news->count == FLEET_CHANGES_TOLD) news->all = true;
    else memcpy(news->tid[news->count++], tid, sizeof news->tid[0]);
}

static void find_news(const struct fleet *fleet, const struct watcher *w, struct news *news)
{
    const struct fleet_changes *changes = fleet_changes_of(fleet);
    const struct api_caller caller = {.mid = w->mid, .outlet = w->outlet};
    const char *tid;
    int64_t at = w->since;
    *news = (struct news){.all = !fleet_changes_has(changes, at)};
    while (!news->all && (tid = fleet_changes_next(changes, &at)) != NULL) {
        const struct fleet_device *d = fleet_find(fleet, tid);
        if (d != NULL && api_may_see(&caller, d->mid, d->outlet)) add(news, tid);
    }
}

static void write_news(struct http_response *response, int64_t now, const struct news *news,
                       int64_t again_ms)
{
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_int(&j, "now", now);
    json_member_bool(&j, "all", news->all);
    json_member_array(&j, "devices");
    for (size_t i = 0; i < news->count && !news->all; i++)
        json_element_text(&j, bytes_text(news->tid[i]));
    json_array_end(&j);
    json_member_int(&j, "again_ms", again_ms);
    json_object_end(&j);
}

/* ---- waiting ---- */

/* A place to wait in; NULL when the room is full, or this caller has enough of it. */
static struct watcher *find_place(struct fleet_watch *watch, const char *subject)
{
    struct watcher *place = NULL;
    size_t own = 0;
    for (size_t i = 0; i < WATCHERS_MAX; i++) {
        struct watcher *w = &watch->watcher[i];
        if (w->ticket == 0) place = w;
        else own += strcmp(w->subject, subject) == 0;
    }
    return own < WATCHERS_EACH ? place : NULL;
}

static err on_changes(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    struct news news = {0};
    if (!desk_is_there(b, response)) return OK;
    const struct fleet *fleet = b->desk->fleet;
    struct watcher w = {.ticket = call->request->ticket,
                        .since = api_query_int(call, "since"),
                        .until_ms = call->now_ms + WAIT_MS,
                        .outlet = call->caller->outlet};
    snprintf(w.mid, sizeof w.mid, "%s", call->caller->mid);
    snprintf(w.subject, sizeof w.subject, "%s", call->caller->subject);
    bool first = api_query(call, "since")[0] == '\0';
    if (!first) find_news(fleet, &w, &news);
    struct watcher *place = find_place(b->fleet_watch, w.subject);
    if (first || news.all || news.count > 0 || place == NULL) {
        write_news(response, fleet_changes_of(fleet)->next, &news,
                   place == NULL ? CROWDED_MS : AGAIN_MS);
        return OK;
    }
    *place = w;
    response->later = true;
    return OK;
}

/* Who is told nothing has seen what there is. */
static void look_at(struct backoffice *b, struct watcher *w, bool over)
{
    struct news news;
    int64_t now = fleet_changes_of(b->desk->fleet)->next;
    find_news(b->desk->fleet, w, &news);
    if (!news.all && news.count == 0 && !over) {
        w->since = now;
        return;
    }
    struct http_response response = backoffice_later(b);
    write_news(&response, now, &news, AGAIN_MS);
    backoffice_answer(b, w->ticket, &response);
    w->ticket = 0;
}

static err flush(struct backoffice *b)
{
    if (b->desk == NULL) return OK;
    struct fleet_watch *watch = b->fleet_watch;
    int64_t now_ms = backoffice_now_ms(b), newest = fleet_changes_of(b->desk->fleet)->next;
    bool more = newest != watch->seen;
    watch->seen = newest;
    for (size_t i = 0; i < WATCHERS_MAX; i++) {
        struct watcher *w = &watch->watcher[i];
        bool over = w->until_ms <= now_ms;
        if (w->ticket != 0 && (more || over)) look_at(b, w, over);
    }
    return OK;
}

/* ---- the part ---- */

static err open(struct backoffice *b)
{
    b->fleet_watch = calloc(1, sizeof *b->fleet_watch);
    return b->fleet_watch == NULL ? ERR(NO_MEMORY) : OK;
}

static void close(struct backoffice *b)
{
    free(b->fleet_watch);
    b->fleet_watch = NULL;
}

/* clang-format off */
#define SEES (ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER)
static const struct api_route rows[] = {
    API_SEARCH_ROW(GET, "/fleet/changes", SESSION, SEES, DEVICES_READ, 1, 0, NULL, &changes_schema, on_changes,
                   "Waits until something about a device is new", &query_schema)
};
/* clang-format on */

const struct backoffice_part fleet_changes_part = {.name = "fleet_changes",
                                                   .api_routes = rows,
                                                   .api_route_count = ARRAY_LEN(rows),
                                                   .open = open,
                                                   .close = close,
                                                   .flush = flush};
