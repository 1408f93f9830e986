/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events as calls of the interface: a list by number, the kinds that there are, and a stream for
 * pages (text/event-stream). A stream is answered as soon as there is something after the caller's
 * Last-Event-ID, or after STREAM_WAIT_MS, and ends then: whoever reads one comes again by itself,
 * with the last number that he saw. So a stream is a call like others: with its policy and price,
 * each time, and nothing is kept for a page that has gone.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/api/api.h"
#include "backoffice/events/events.h"
#include "backoffice/parts.h"

enum {
    STREAM_WAIT_MS =
        20000,             /* below HTTP_LATER_MS; whoever is shut out hears no more than so long */
    STREAM_AGAIN_MS = 500, /* until a page comes again */
    STREAM_CROWDED_MS = 10000,
    STREAM_EVENTS_MAX = 40, /* at a time: the rest comes with the next call */
    WAITERS_MAX = 256,
    WAITERS_EACH = 4,      /* of one caller: four windows */
    WAITERS_MERCHANT = 32, /* of all people and programs of one merchant */
};

struct waiter {
    uint64_t ticket; /* 0: a free place */
    int64_t after, until_ms;
    char mid[EVENT_MID_MAX + 1]; /* "": the acquirer */
    uint32_t outlet;
    char subject[ACCOUNT_SUBJECT_MAX];
};

struct event_room {
    int64_t seen; /* up to which everybody who waits was looked at */
    struct waiter waiter[WAITERS_MAX];
};

/* ---- tables of fields ---- */

static const struct api_schema data_schema = {"EventData", NULL, 0};

static const struct api_field event_fields[] = {
    {"number", API_INT, .min = 1, .max = INT64_MAX, .text = "Grows with every event"},
    {"kind", API_TEXT, .max = EVENT_KIND_MAX, .text = "What happened: one of /events/kinds"},
    {"at", API_TIME, .text = "When"},
    {"mid", API_TEXT, .optional = true, .max = EVENT_MID_MAX, .text = "Whose it is"},
    {"outlet", API_INT, .optional = true, .text = "Of which outlet"},
    {"object", API_TEXT, .max = EVENT_OBJECT_MAX, .text = "What it is about, as a path"},
    {"data", API_OBJECT, .of = &data_schema, .text = "What else is known, by kind"},
};
API_SCHEMA(event_schema_out, "Event", event_fields);

static const struct api_field list_fields[] = {
    {"events", API_LIST, .of = &event_schema_out, .text = "By their numbers"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(list_schema, "Events", list_fields);

static const struct api_field kind_fields[] = {
    {"kind", API_TEXT, .max = EVENT_KIND_MAX, .text = "Its name"},
    {"zh", API_TEXT, .max = 96, .text = "What it means, in Chinese"},
    {"en", API_TEXT, .max = 96, .text = "What it means, in English"},
};
API_SCHEMA(kind_schema, "EventKind", kind_fields);

static const struct api_field kinds_fields[] = {
    {"kinds", API_LIST, .of = &kind_schema, .text = "Those that the caller may hear of"},
};
API_SCHEMA(kinds_schema, "EventKinds", kinds_fields);

/* ---- lists ---- */

static struct event_reader reader_of(const char *mid, uint32_t outlet)
{
    return (struct event_reader){mid[0] == '\0' ? NULL : mid, outlet};
}

static void write_event(struct json_out *j, const struct event_record *record)
{
    const struct event *event = &record->event;
    json_member_int(j, "number", record->number);
    json_member_string(j, "kind", event->kind);
    json_member_int(j, "at", event->at_ms);
    if (event->mid[0] != '\0') json_member_string(j, "mid", event->mid);
    if (event->outlet != 0) json_member_int(j, "outlet", event->outlet);
    json_member_string(j, "object", event->object);
    json_member_raw(j, "data", event->data);
}

struct listing {
    struct json_out *j;
    size_t count;
    int64_t last;
};

/* A full page of the longest events is longer than an answer: the list ends before that. */
static err write_row(void *context, const struct event_record *record)
{
    struct listing *l = context;
    if (l->j->w->max - l->j->w->len < 2 * EVENT_DATA_MAX) return ERR(AGAIN);
    json_object_begin(l->j);
    write_event(l->j, record);
    json_object_end(l->j);
    l->count++;
    l->last = record->number;
    return OK;
}

static int64_t number_of(const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || len > 18 || !bytes_all_digits(bytes_text(text))) return 0;
    return strtoll(text, NULL, 10);
}

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.j = &j};
    char last[24] = "";
    const struct event_reader reader = reader_of(call->caller->mid, call->caller->outlet);
    json_object_begin(&j);
    json_member_array(&j, "events");
    err e =
        events_after(b->store, &reader, number_of(call->after), call->limit, write_row, &listing);
    bool cut = e.code == ERR_AGAIN;
    if (!cut) TRY(e);
    json_array_end(&j);
    if (cut || listing.count == call->limit)
        snprintf(last, sizeof last, "%lld", (long long)listing.last);
    api_next(&j, last);
    json_object_end(&j);
    return OK;
}

static err on_kinds(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    const struct event_kind *kind;
    (void)b;
    json_object_begin(&j);
    json_member_array(&j, "kinds");
    for (size_t i = 0; (kind = event_kind_at(i)) != NULL; i++) {
        if (kind->audience != EVENT_MERCHANT && call->caller->mid[0] != '\0') continue;
        json_object_begin(&j);
        json_member_string(&j, "kind", kind->kind);
        json_member_string(&j, "zh", kind->zh);
        json_member_string(&j, "en", kind->en);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

/* ---- the stream ---- */

static void begin_stream(struct http_response *response, int64_t again_ms)
{
    response->content_type = "text/event-stream";
    write_format(&response->body, "retry: %lld\n\n", (long long)again_ms);
}

struct streaming {
    struct writer *w;
    size_t count;
};

static err write_streamed(void *context, const struct event_record *record)
{
    struct streaming *s = context;
    if (s->w->max - s->w->len < 2 * EVENT_DATA_MAX) return ERR(AGAIN);
    write_format(s->w, "id: %lld\nevent: event\ndata: ", (long long)record->number);
    struct json_out j = json_out_over(s->w);
    json_object_begin(&j);
    write_event(&j, record);
    json_object_end(&j);
    write_bytes(s->w, BYTES("\n\n"));
    s->count++;
    return OK;
}

static err write_stream(struct backoffice *b, const struct event_reader *reader, int64_t after,
                        struct writer *w, size_t *ret_count)
{
    struct streaming streaming = {.w = w};
    err e = events_after(b->store, reader, after, STREAM_EVENTS_MAX, write_streamed, &streaming);
    *ret_count = streaming.count;
    return e.code == ERR_AGAIN ? OK : e;
}

/* A place to wait in; NULL when the room is full, or this caller or his merchant has enough. */
static struct waiter *find_place(struct event_room *room, const struct api_caller *caller)
{
    struct waiter *place = NULL;
    size_t own = 0, merchants = 0;
    for (size_t i = 0; i < WAITERS_MAX; i++) {
        struct waiter *w = &room->waiter[i];
        if (w->ticket == 0) {
            place = w;
            continue;
        }
        own += strcmp(w->subject, caller->subject) == 0;
        merchants += caller->mid[0] != '\0' && strcmp(w->mid, caller->mid) == 0;
    }
    return own < WAITERS_EACH && merchants < WAITERS_MERCHANT ? place : NULL;
}

/* At first there is no Last-Event-ID: the answer says where the stream is. */
static err on_stream(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    const struct backoffice_reader *reader = &call->request->reader;
    const char *said = reader->header(reader->context, "Last-Event-ID");
    const struct event_reader who = reader_of(call->caller->mid, call->caller->outlet);
    int64_t newest;
    size_t count = 0;
    TRY(events_last(b->store, &newest));
    struct waiter *place = find_place(b->event_room, call->caller);
    begin_stream(response, place == NULL ? STREAM_CROWDED_MS : STREAM_AGAIN_MS);
    if (said == NULL) {
        write_format(&response->body, "id: %lld\nevent: hello\ndata: {}\n\n", (long long)newest);
        return OK;
    }
    int64_t after = number_of(said);
    TRY(write_stream(b, &who, after, &response->body, &count));
    if (count > 0 || place == NULL) return OK;
    *place = (struct waiter){.ticket = call->request->ticket,
                             .after = after,
                             .until_ms = call->now_ms + STREAM_WAIT_MS,
                             .outlet = call->caller->outlet};
    snprintf(place->mid, sizeof place->mid, "%s", call->caller->mid);
    snprintf(place->subject, sizeof place->subject, "%s", call->caller->subject);
    response->later = true;
    return OK;
}

/* Nothing to tell at its end: a comment, which readers pass over. */
static err answer_one(struct backoffice *b, struct waiter *w, bool over)
{
    struct http_response response = backoffice_later(b);
    const struct event_reader who = reader_of(w->mid, w->outlet);
    size_t count = 0;
    begin_stream(&response, STREAM_AGAIN_MS);
    TRY(write_stream(b, &who, w->after, &response.body, &count));
    if (count == 0 && !over) return OK;
    if (count == 0) write_bytes(&response.body, BYTES(": nothing\n\n"));
    backoffice_answer(b, w->ticket, &response);
    w->ticket = 0;
    return OK;
}

static err flush(struct backoffice *b)
{
    struct event_room *room = b->event_room;
    int64_t newest, now_ms = backoffice_now_ms(b);
    TRY(events_last(b->store, &newest));
    bool more = newest != room->seen;
    room->seen = newest;
    for (size_t i = 0; i < WAITERS_MAX; i++) {
        struct waiter *w = &room->waiter[i];
        bool over = w->until_ms <= now_ms;
        if (w->ticket != 0 && (more || over)) TRY(answer_one(b, w, over));
    }
    return OK;
}

/* ---- the part ---- */

static err open(struct backoffice *b)
{
    b->event_room = calloc(1, sizeof *b->event_room);
    return b->event_room == NULL ? ERR(NO_MEMORY) : OK;
}

static void close(struct backoffice *b)
{
    free(b->event_room);
    b->event_room = NULL;
}

static err tick(struct backoffice *b, int64_t now_ms)
{
    (void)now_ms;
    return events_sweep(b->store);
}

/* clang-format off */
#define SEES (ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER)
static const struct api_route rows[] = {
    API_ROUTE_ROW(GET, "/events", SESSION, SEES, EVENTS_READ, 2, API_PAGED, NULL, &list_schema, on_list,
                  "What has happened")
    API_ROUTE_ROW(GET, "/events/kinds", SESSION, SEES, EVENTS_READ, 1, 0, NULL, &kinds_schema, on_kinds,
                  "What can happen, and what it means")
    API_ROUTE_ROW(GET, "/events/stream", SESSION, SEES, EVENTS_READ, 1, 0, NULL, &event_schema_out, on_stream,
                  "What happens, as text/event-stream: one Event each, from Last-Event-ID on")
};
/* clang-format on */

const struct backoffice_part events_part = {
    .name = "events",
    .schema = &event_schema,
    .api_routes = rows,
    .api_route_count = ARRAY_LEN(rows),
    .open = open,
    .close = close,
    .flush = flush,
    .tick = tick,
};
