/* SPDX-License-Identifier: Apache-2.0 */
/* What happened: one table, appended in the transactions of those who did it, read on by number. */
#include "backoffice/events/events.h"

#include "backoffice/events/event_kinds.h"
#include "lib/wire/json.h"

/* audience: 1 the merchant and the acquirer, 2 the acquirer alone; as the kind was at that time */
/* clang-format off */
static const char *const migration[] = {
    "CREATE TABLE event(number INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL,"
    " mid TEXT NOT NULL, outlet INTEGER NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL,"
    " audience INTEGER NOT NULL CHECK(audience IN (1, 2)), data TEXT NOT NULL) STRICT;"
    "CREATE INDEX event_mid ON event(mid, audience, number);"
    "CREATE TRIGGER event_stands BEFORE UPDATE ON event"
    " BEGIN SELECT RAISE(ABORT, 'what has happened stands'); END;"
    "CREATE TRIGGER event_stays BEFORE DELETE ON event"
    " WHEN OLD.number > (SELECT max(number) FROM event) - 1000000"
    " BEGIN SELECT RAISE(ABORT, 'the newest events are kept'); END;",
};
/* clang-format on */

const struct store_schema event_schema = {"event", migration, ARRAY_LEN(migration)};

/* ---- kinds ---- */

static const struct event_kind kinds[] = {
#define X(kind, audience, zh, en) {kind, EVENT_##audience, zh, en},
    EVENT_KIND_LIST(X)
#undef X
};

const struct event_kind *event_kind_at(size_t index)
{
    return index < ARRAY_LEN(kinds) ? &kinds[index] : NULL;
}

const struct event_kind *event_kind_find(struct bytes kind)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (bytes_equal(kind, bytes_text(kinds[i].kind))) return &kinds[i];
    return NULL;
}

/* ---- writing ---- */

static bool object_is_path(const char *object)
{
    size_t len = strlen(object);
    for (size_t i = 0; i < len; i++)
        if (object[i] < 0x21 || object[i] > 0x7e) return false;
    return len <= EVENT_OBJECT_MAX && object[0] != '/';
}

/* What is kept of it: a JSON object. */
static struct bytes data_of(struct bytes data)
{
    CLEANUP(json_free) struct json_document document = {NULL};
    if (data.len == 0) return BYTES("{}");
    if (data.len > EVENT_DATA_MAX) return BYTES("{\"cut\":true}");
    ENSURE(data.at[0] == '{' && !FAILED(json_parse(data, EVENT_DATA_MAX, &document)));
    return data;
}

err event_append(struct store_tx *tx, const struct event *event, int64_t *ret_number)
{
    const struct event_kind *kind = event_kind_find(bytes_text(event->kind));
    struct store_statement *insert;
    ENSURE(kind != NULL && strlen(event->mid) <= EVENT_MID_MAX && object_is_path(event->object));
    struct bytes data = data_of(event->data);
    TRY(store_statement(tx->store,
                        "INSERT INTO event(at_ms, mid, outlet, kind, object, audience, data)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?)",
                        &insert));
    store_bind_int(insert, event->at_ms);
    store_bind_text(insert, bytes_text(event->mid));
    store_bind_int(insert, event->outlet);
    store_bind_text(insert, bytes_text(event->kind));
    store_bind_text(insert, bytes_text(event->object));
    store_bind_int(insert, kind->audience);
    store_bind_text(insert, data);
    TRY(store_run(insert));
    if (ret_number != NULL) *ret_number = store_last_id(tx->store);
    return OK;
}

/* ---- reading ---- */

/* Of one row, with views of it. */
struct row {
    char mid[EVENT_MID_MAX + 1], kind[EVENT_KIND_MAX + 1], object[EVENT_OBJECT_MAX + 1];
    uint8_t data[EVENT_DATA_MAX];
    struct event_record record;
};

static err read_row(struct store_statement *query, struct row *row)
{
    row->record = (struct event_record){.number = store_read_int(query)};
    row->record.event.at_ms = store_read_int(query);
    store_read_text_into(query, row->mid, sizeof row->mid);
    row->record.event.outlet = (uint32_t)store_read_int(query);
    store_read_text_into(query, row->kind, sizeof row->kind);
    store_read_text_into(query, row->object, sizeof row->object);
    struct bytes data = store_read_text(query);
    TRY(store_read_finish(query));
    if (data.len > sizeof row->data) return ERR(CORRUPT);
    /* Copied: `each` may use the store, and the view would end with the next step. */
    memcpy(row->data, data.at, data.len);
    row->record.event.data = bytes_of(row->data, data.len);
    row->record.event.mid = row->mid;
    row->record.event.kind = row->kind;
    row->record.event.object = row->object;
    row->record.kind = event_kind_find(bytes_text(row->kind));
    return OK;
}

static err prepare(struct store *store, const struct event_reader *reader, int64_t number,
                   size_t limit, struct store_statement **ret_query)
{
    if (reader->mid == NULL) {
        TRY(store_statement(store,
                            "SELECT number, at_ms, mid, outlet, kind, object, data FROM event"
                            " WHERE number > ?1 ORDER BY number LIMIT ?2",
                            ret_query));
        store_bind_int(*ret_query, number);
        store_bind_int(*ret_query, (int64_t)limit);
        return OK;
    }
    ENSURE(reader->mid[0] != '\0'); /* nobody's events are nobody's to read as a merchant */
    TRY(store_statement(store,
                        "SELECT number, at_ms, mid, outlet, kind, object, data FROM event"
                        " WHERE mid = ?1 AND audience = 1 AND number > ?2"
                        " AND (?3 = 0 OR outlet = ?3) ORDER BY number LIMIT ?4",
                        ret_query));
    store_bind_text(*ret_query, bytes_text(reader->mid));
    store_bind_int(*ret_query, number);
    store_bind_int(*ret_query, reader->outlet);
    store_bind_int(*ret_query, (int64_t)limit);
    return OK;
}

err events_after(struct store *store, const struct event_reader *reader, int64_t number,
                 size_t limit, event_each each, void *context)
{
    struct store_statement *query;
    struct row at;
    bool row = false;
    TRY(prepare(store, reader, number, limit, &query));
    err e = store_step(query, &row);
    while (!FAILED(e) && row) {
        e = read_row(query, &at);
        if (!FAILED(e)) e = each(context, &at.record);
        if (!FAILED(e)) e = store_step(query, &row);
    }
    store_reset(query);
    return e;
}

err events_last(struct store *store, int64_t *ret_number)
{
    return store_query_int(store, "SELECT max(number) FROM event", ret_number);
}

err events_sweep(struct store *store)
{
    struct store_statement *sweep;
    TRY(store_statement(store,
                        "DELETE FROM event WHERE number IN (SELECT number FROM event WHERE number"
                        " <= (SELECT max(number) FROM event) - 1000000 ORDER BY number"
                        " LIMIT 1000)",
                        &sweep));
    return store_run(sweep);
}
