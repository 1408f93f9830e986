/* SPDX-License-Identifier: Apache-2.0 */
/* What ends, what is said of it, and when. */
#include "backoffice/upkeep/expiry.h"

#include <stdio.h>
#include <stdlib.h>

#include "backoffice/alerts/alerts.h"
#include "backoffice/api/api.h"
#include "backoffice/events/events.h"
#include "backoffice/parts.h"

#define DAY_MS INT64_C(86400000)

enum { HOUR_MS = 3600 * 1000, AT_ONCE = 50 };

static const char *const migration[] = {
    "CREATE TABLE expiry(id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL,"
    " mid TEXT NOT NULL, subject TEXT NOT NULL, end_ms INTEGER NOT NULL, told INTEGER NOT NULL,"
    " next_ms INTEGER NOT NULL, UNIQUE(kind, mid, subject)) STRICT;"
    "CREATE INDEX expiry_next ON expiry(next_ms) WHERE next_ms > 0;",
};

const struct store_schema expiry_schema = {"expiry", migration, ARRAY_LEN(migration)};

static const char *const words[EXPIRY_KINDS + 1] = {"licence",  "identity", "agreement",
                                                    "metadata", "other",    NULL};

const char *expiry_kind_word(enum expiry_kind kind)
{
    ENSURE(kind >= EXPIRY_LICENCE && kind < EXPIRY_KINDS);
    return words[kind - 1];
}

enum expiry_kind expiry_kind_named(struct bytes word)
{
    for (enum expiry_kind at = EXPIRY_LICENCE; at < EXPIRY_KINDS; at++)
        if (bytes_equal(word, bytes_text(words[at - 1]))) return at;
    return 0;
}

/* From the last warning to the first. */
static const int levels[] = {7, 30, 90};

int expiry_level(int64_t end_ms, int64_t now_ms)
{
    if (end_ms <= now_ms) return -1;
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (end_ms - now_ms <= levels[i] * DAY_MS) return levels[i];
    return 0;
}

/* When there is something to say again after `level` was said; 0: never. */
static int64_t next_after(int64_t end_ms, int level)
{
    if (level == -1) return 0;
    if (level == 7) return end_ms;
    return end_ms - (level == 0 ? 90 : level == 90 ? 30 : 7) * DAY_MS;
}

err expiry_put(struct store_tx *tx, enum expiry_kind kind, const char *mid, const char *subject,
               int64_t end_ms)
{
    struct store_statement *put;
    ENSURE(kind >= EXPIRY_LICENCE && kind < EXPIRY_KINDS);
    ENSURE(strlen(subject) > 0 && strlen(subject) <= EXPIRY_SUBJECT_MAX);
    TRY(store_statement(tx->store,
                        "INSERT INTO expiry(kind, mid, subject, end_ms, told, next_ms)"
                        " VALUES(?1, ?2, ?3, ?4, 0, ?5) ON CONFLICT(kind, mid, subject) DO UPDATE"
                        " SET end_ms = ?4, told = 0, next_ms = ?5 WHERE end_ms <> ?4",
                        &put));
    store_bind_int(put, (int64_t)kind);
    store_bind_text(put, bytes_text(mid));
    store_bind_text(put, bytes_text(subject));
    store_bind_int(put, end_ms);
    store_bind_int(put, next_after(end_ms, 0) > 0 ? next_after(end_ms, 0) : 1);
    return store_run(put);
}

#define COLUMNS "SELECT id, kind, mid, subject, end_ms, told FROM expiry"

static err read_row(struct store_statement *row, struct expiry *e)
{
    *e = (struct expiry){.id = store_read_int(row)};
    e->kind = (enum expiry_kind)store_read_int(row);
    store_read_text_into(row, e->mid, sizeof e->mid);
    store_read_text_into(row, e->subject, sizeof e->subject);
    e->end_ms = store_read_int(row);
    e->told = (int)store_read_int(row);
    return store_read_finish(row);
}

static err each_row(struct store_statement *rows, expiry_each each, void *context)
{
    for (;;) {
        bool row = false;
        struct expiry expiry;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_row(rows, &expiry);
        if (!FAILED(done)) done = each(context, &expiry);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

err expiry_list(struct store *store, const char *mid, int64_t after, size_t most, expiry_each each,
                void *context)
{
    struct store_statement *rows;
    TRY(store_statement(
        store, COLUMNS " WHERE id > ?1 AND (?2 = '' OR mid = ?2) ORDER BY id LIMIT ?3", &rows));
    store_bind_int(rows, after);
    store_bind_text(rows, bytes_text(mid));
    store_bind_int(rows, (int64_t)most);
    return each_row(rows, each, context);
}

/* ---- saying it ---- */

struct due {
    struct expiry at[AT_ONCE];
    size_t count;
};

static err keep(void *context, const struct expiry *expiry)
{
    struct due *due = context;
    ENSURE(due->count < AT_ONCE);
    due->at[due->count++] = *expiry;
    return OK;
}

static err append(struct store_tx *tx, const struct expiry *e, int level, const char *object,
                  int64_t now_ms)
{
    char block[256];
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_string(&j, "kind", expiry_kind_word(e->kind));
    json_member_string(&j, "what", e->subject);
    json_member_int(&j, "ends", e->end_ms);
    json_object_end(&j);
    return event_append(tx,
                        &(struct event){.mid = e->mid,
                                        .kind = level == -1 ? "expiry.over" : "expiry.near",
                                        .object = object,
                                        .data = writer_view(&w),
                                        .at_ms = now_ms},
                        NULL);
}

/* Each level is an alert of its own: the one before has been told, and is over. */
static err say(struct backoffice *b, const struct expiry *e, int64_t now_ms)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct store_statement *update;
    char object[40];
    int level = expiry_level(e->end_ms, now_ms);
    snprintf(object, sizeof object, "upkeep/expiries/%lld", (long long)e->id);
    TRY(store_begin(b->store, &tx));
    if (level != 0 && level != e->told) {
        TRY(alert_end(&tx, "expiry.near", e->mid, object, now_ms));
        TRY(append(&tx, e, level, object, now_ms));
    }
    TRY(store_statement(b->store, "UPDATE expiry SET told = ?, next_ms = ? WHERE id = ?", &update));
    store_bind_int(update, level);
    store_bind_int(update, next_after(e->end_ms, level));
    store_bind_int(update, e->id);
    TRY(store_run(update));
    return store_commit(&tx);
}

err expiry_tick(struct backoffice *b, int64_t now_ms)
{
    struct store_statement *rows;
    struct due due = {.count = 0};
    if (b->expiry_hour == now_ms / HOUR_MS) return OK;
    TRY(store_statement(b->store, COLUMNS " WHERE next_ms > 0 AND next_ms <= ? LIMIT ?", &rows));
    store_bind_int(rows, now_ms);
    store_bind_int(rows, AT_ONCE);
    TRY(each_row(rows, keep, &due));
    for (size_t i = 0; i < due.count; i++) TRY(say(b, &due.at[i], now_ms));
    if (due.count < AT_ONCE) b->expiry_hour = now_ms / HOUR_MS;
    return OK;
}

/* ---- calls ---- */

static const struct api_field expiry_fields[] = {
    {"merchant", API_TEXT, .max = 15, .text = "Whose it is; empty: the house's own"},
    {"kind", API_WORD, .words = words, .text = "What it is"},
    {"what", API_TEXT, .min = 1, .max = EXPIRY_SUBJECT_MAX,
     .text = "What it is called, without numbers of documents"},
    {"ends", API_TIME, .text = "When it ends"},
};
API_SCHEMA(expiry_schema_out, "Expiry", expiry_fields);

static const struct api_field list_fields[] = {
    {"expiries", API_LIST, .of = &expiry_schema_out, .text = "In the order of their writing"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(list_schema, "Expiries", list_fields);

static void write_one(struct json_out *j, const char *mid, enum expiry_kind kind,
                      const char *subject, int64_t end_ms)
{
    json_object_begin(j);
    json_member_string(j, "merchant", mid);
    json_member_string(j, "kind", expiry_kind_word(kind));
    json_member_string(j, "what", subject);
    json_member_int(j, "ends", end_ms);
    json_object_end(j);
}

struct listing {
    struct json_out *j;
    size_t count;
    int64_t last;
};

static err write_row(void *context, const struct expiry *e)
{
    struct listing *l = context;
    write_one(l->j, e->mid, e->kind, e->subject, e->end_ms);
    l->count++;
    l->last = e->id;
    return OK;
}

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.j = &j};
    char last[24] = "";
    json_object_begin(&j);
    json_member_array(&j, "expiries");
    TRY(expiry_list(b->store, call->caller->mid, strtoll(call->after, NULL, 10), call->limit,
                    write_row, &listing));
    json_array_end(&j);
    if (listing.count == call->limit) snprintf(last, sizeof last, "%lld", (long long)listing.last);
    api_next(&j, last);
    json_object_end(&j);
    return OK;
}

static err on_put(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    char mid[16], subject[EXPIRY_SUBJECT_MAX + 1];
    struct bytes word;
    int64_t end_ms = 0;
    TRY(json_text_copy(call->body, "merchant", mid, sizeof mid));
    TRY(json_text_copy(call->body, "what", subject, sizeof subject));
    TRY(json_text(call->body, "kind", 16, &word));
    TRY(json_int(call->body, "ends", 0, INT64_MAX, &end_ms));
    enum expiry_kind kind = expiry_kind_named(word);
    ENSURE(kind != 0); /* the row's schema names them */
    TRY(store_begin(b->store, &tx));
    TRY(expiry_put(&tx, kind, mid, subject, end_ms));
    TRY(audit_append(&tx, &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                                BYTES("expiry_set"), bytes_text(mid),
                                                bytes_text(subject)}));
    b->expiry_hour = 0; /* it may be due already */
    struct json_out j = json_out_over(&response->body);
    write_one(&j, mid, kind, subject, end_ms);
    return api_commit(b, call, &tx, response);
}

#define EXPIRY_ROUTES(X)                                                                      \
    X(GET, "/upkeep/expiries", SESSION, ROLES_STAFF | ROLE_OWNER, DEVICES_READ, 1, API_PAGED, \
      NULL, &list_schema, on_list, "What ends, and when")                                     \
    X(POST, "/upkeep/expiries", SESSION, ROLE_AGENT | ROLE_APPROVER | ROLE_ADMIN, NONE, 2, 0, \
      &expiry_schema_out, &expiry_schema_out, on_put, "Write down what ends, or its new date")

static const struct api_route expiry_rows[] = {EXPIRY_ROUTES(API_ROUTE_ROW)};

const struct backoffice_part expiry_part = {
    .name = "expiry",
    .schema = &expiry_schema,
    .api_routes = expiry_rows,
    .api_route_count = ARRAY_LEN(expiry_rows),
    .tick = expiry_tick,
};
