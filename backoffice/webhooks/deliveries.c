/* SPDX-License-Identifier: Apache-2.0 */
/* Deliveries: made of events, tried, and how each ends. */
#include <stdio.h>

#include "backoffice/events/events.h"
#include "backoffice/webhooks/webhooks.h"

enum {
    READ_EACH = 100,     /* events that one endpoint reads on at a time */
    ENDPOINTS_EACH = 50, /* endpoints that read on in one run */
    HSM_AWAY_MS = 5000,  /* until it is asked again */
};

const char *delivery_state_word(enum delivery_state state)
{
    static const char *const words[DELIVERY_STATES] = {[DELIVERY_WAITING] = "waiting",
                                                       [DELIVERY_SENDING] = "sending",
                                                       [DELIVERY_DONE] = "delivered",
                                                       [DELIVERY_DEAD] = "dead"};
    ENSURE(state >= DELIVERY_WAITING && state < DELIVERY_STATES);
    return words[state];
}

/* Two days in all: a server that is repaired in office hours misses nothing. */
int64_t delivery_wait_ms(const struct random *random, int64_t attempts)
{
    static const int64_t seconds[] = {5, 30, 120, 600, 1800, 7200, 21600, 43200, 86400};
    ENSURE(attempts >= 1);
    if (attempts > (int64_t)ARRAY_LEN(seconds)) return 0;
    int64_t wait = seconds[attempts - 1] * 1000;
    uint32_t drawn = 0;
    random_fill(random, &drawn, sizeof drawn);
    return wait + (int64_t)(drawn % (uint32_t)(wait / 5));
}

/* ---- events become deliveries ---- */

static err add(struct store_tx *tx, int64_t webhook, int64_t event, const char *kind,
               const char *object, struct bytes body, int64_t now_ms)
{
    struct store_statement *insert;
    TRY(store_statement(tx->store,
                        "INSERT INTO webhook_delivery VALUES(NULL, ?, ?, ?, ?, ?, 1, 0, ?, ?, 0, 0,"
                        " '')",
                        &insert));
    store_bind_int(insert, webhook);
    store_bind_int(insert, event);
    store_bind_text(insert, bytes_text(kind));
    store_bind_text(insert, bytes_text(object));
    store_bind_text(insert, body);
    store_bind_int(insert, now_ms);
    store_bind_int(insert, now_ms);
    return store_run(insert);
}

/* What arrives: the kind, when it happened, and what is known of it. */
static err write_body(const struct event_record *record, uint8_t *block, struct bytes *ret_body)
{
    const struct event *event = &record->event;
    struct writer w = writer_over(block, WEBHOOK_BODY_MAX);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_string(&j, "type", event->kind);
    json_member_int(&j, "number", record->number);
    json_member_int(&j, "at", event->at_ms);
    if (event->mid[0] != '\0') json_member_string(&j, "mid", event->mid);
    if (event->outlet != 0) json_member_int(&j, "outlet", event->outlet);
    json_member_string(&j, "object", event->object);
    json_member_raw(&j, "data", event->data);
    json_object_end(&j);
    return writer_finish(&w, ret_body);
}

/* One endpoint that reads on. */
struct reading {
    struct store_tx *tx;
    const struct webhook *webhook;
    int64_t now_ms, last, room;
    size_t read;
};

static err take_event(void *context, const struct event_record *record)
{
    struct reading *r = context;
    uint8_t block[WEBHOOK_BODY_MAX];
    struct bytes body;
    if (r->room == 0) return ERR(AGAIN);
    r->read++;
    r->last = record->number;
    if (!webhook_wants(r->webhook, record->event.kind)) return OK;
    TRY(write_body(record, block, &body));
    r->room--;
    return add(r->tx, r->webhook->id, record->number, record->event.kind, record->event.object,
               body, r->now_ms);
}

static err count_waiting(struct store *store, int64_t webhook, int64_t *ret_count)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT count(*) FROM webhook_delivery WHERE webhook = ? AND state IN"
                        " (1, 2)",
                        &query));
    store_bind_int(query, webhook);
    TRY(store_step(query, &row));
    *ret_count = row ? store_read_int(query) : 0;
    store_reset(query);
    return OK;
}

static err read_on(struct store_tx *tx, const struct webhook *webhook, int64_t newest,
                   int64_t now_ms)
{
    struct store_statement *update;
    int64_t waiting;
    TRY(count_waiting(tx->store, webhook->id, &waiting));
    struct reading reading = {.tx = tx,
                              .webhook = webhook,
                              .now_ms = now_ms,
                              .last = webhook->position,
                              .room = waiting < WEBHOOK_WAITING ? WEBHOOK_WAITING - waiting : 0};
    const struct event_reader reader = {webhook->mid[0] == '\0' ? NULL : webhook->mid,
                                        webhook->outlet};
    err e = events_after(tx->store, &reader, webhook->position, READ_EACH, take_event, &reading);
    if (FAILED(e) && e.code != ERR_AGAIN) return e;
    bool all = !FAILED(e) && reading.read < READ_EACH;
    TRY(store_statement(tx->store, "UPDATE webhook SET position = ? WHERE id = ?", &update));
    store_bind_int(update, all ? newest : reading.last);
    store_bind_int(update, webhook->id);
    return store_run(update);
}

/* Those who have something to read, without the ones whose queue is full. */
static err find_behind(struct store *store, int64_t newest, int64_t *ids, size_t *ret_count)
{
    struct store_statement *query;
    bool row = false;
    *ret_count = 0;
    TRY(store_statement(
        store,
        "SELECT w.id FROM webhook w WHERE w.state = 1 AND w.position < ?1 AND (w.mid = '' OR EXISTS"
        " (SELECT 1 FROM event e WHERE e.mid = w.mid AND e.audience = 1 AND e.number > w.position))"
        " AND (SELECT count(*) FROM webhook_delivery d WHERE d.webhook = w.id AND d.state IN (1, 2))"
        " < ?2 ORDER BY w.position LIMIT ?3",
        &query));
    store_bind_int(query, newest);
    store_bind_int(query, WEBHOOK_WAITING);
    store_bind_int(query, ENDPOINTS_EACH);
    err e = store_step(query, &row);
    while (!FAILED(e) && row) {
        ids[(*ret_count)++] = store_read_int(query);
        e = store_step(query, &row);
    }
    store_reset(query);
    return e;
}

static err find_any(struct store *store, int64_t id, struct webhook *ret_webhook)
{
    struct store_statement *query;
    char mid[16] = "";
    bool row = false;
    TRY(store_statement(store, "SELECT mid FROM webhook WHERE id = ?", &query));
    store_bind_int(query, id);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    store_read_text_into(query, mid, sizeof mid);
    store_reset(query);
    return webhook_find(store, &(struct webhook_owner){mid, 0}, id, ret_webhook);
}

/* Those whose merchants have had no event stay behind by their number, and cost nothing: they are
 * looked at when something has happened, or when room was made. */
static err read_all(struct backoffice *b, int64_t newest, int64_t now_ms)
{
    int64_t ids[ENDPOINTS_EACH];
    size_t count = 0;
    TRY(find_behind(b->store, newest, ids, &count));
    if (count == 0) {
        b->webhooks.seen_event = newest;
        return OK;
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    for (size_t i = 0; i < count; i++) {
        struct webhook webhook;
        TRY(find_any(b->store, ids[i], &webhook));
        TRY(read_on(&tx, &webhook, newest, now_ms));
    }
    return store_commit(&tx);
}

err webhook_try(struct store_tx *tx, int64_t webhook, int64_t now_ms, int64_t *ret_id)
{
    uint8_t block[256];
    struct writer w = writer_over(block, sizeof block);
    int64_t waiting;
    TRY(count_waiting(tx->store, webhook, &waiting));
    if (waiting >= WEBHOOK_WAITING) return ERR(FULL);
    write_format(&w,
                 "{\"type\":\"webhook.test\",\"number\":0,\"at\":%lld,\"object\":\"webhooks/%lld\","
                 "\"data\":{}}",
                 (long long)now_ms, (long long)webhook);
    TRY(add(tx, webhook, 0, "webhook.test", "", writer_view(&w), now_ms));
    *ret_id = store_last_id(tx->store);
    return OK;
}

/* ---- sending ---- */

struct due {
    int64_t id, webhook, event, attempts;
    uint8_t body[WEBHOOK_BODY_MAX];
    size_t body_len;
};

/* The first that may go: its object has none before it, its endpoint is not at its limit. */
static err find_due(struct store *store, int64_t now_ms, struct due *ret_due, bool *ret_found)
{
    struct store_statement *query;
    TRY(store_statement(
        store,
        "SELECT d.id, d.webhook, d.event, d.attempts, d.body FROM webhook_delivery d"
        " JOIN webhook w ON w.id = d.webhook WHERE d.state = 1 AND d.next_ms <= ?1 AND w.state = 1"
        " AND NOT EXISTS (SELECT 1 FROM webhook_delivery p WHERE p.webhook = d.webhook"
        "  AND p.object = d.object AND p.state IN (1, 2) AND p.id < d.id)"
        " AND (SELECT count(*) FROM webhook_delivery s WHERE s.webhook = d.webhook"
        "  AND s.state = 2) < ?2 ORDER BY d.next_ms, d.id LIMIT 1",
        &query));
    store_bind_int(query, now_ms);
    store_bind_int(query, WEBHOOK_IN_FLIGHT_EACH);
    TRY(store_step(query, ret_found));
    if (!*ret_found) return OK;
    ret_due->id = store_read_int(query);
    ret_due->webhook = store_read_int(query);
    ret_due->event = store_read_int(query);
    ret_due->attempts = store_read_int(query);
    struct bytes body = store_read_text(query);
    bool fits = body.len <= sizeof ret_due->body;
    if (fits) memcpy(ret_due->body, body.at, body.len);
    ret_due->body_len = body.len;
    err read = store_read_finish(query);
    store_reset(query);
    if (!FAILED(read) && !fits) return ERR(CORRUPT);
    return read;
}

static err set_delivery(struct store *store, int64_t id, enum delivery_state state,
                        int64_t attempts, int64_t next_ms)
{
    struct store_statement *update;
    TRY(store_statement(store,
                        "UPDATE webhook_delivery SET state = ?, attempts = ?, next_ms = ?"
                        " WHERE id = ?",
                        &update));
    store_bind_int(update, state);
    store_bind_int(update, attempts);
    store_bind_int(update, next_ms);
    store_bind_int(update, id);
    return store_run(update);
}

/* Begun, and committed as that, before anything leaves. A try that cannot begin is none. */
static err send_one(struct backoffice *b, const struct due *due, int64_t now_ms)
{
    char id[WEBHOOK_ID_MAX + 1], signatures[WEBHOOK_SIGNATURES_MAX + 1] = "";
    struct writer w = writer_over(signatures, sizeof signatures - 1);
    struct webhook webhook;
    const struct bytes body = bytes_of(due->body, due->body_len);
    const char *prefix = due->event == 0 ? "test" : "evt";
    snprintf(id, sizeof id, "%s_%lld_%lld", prefix,
             (long long)(due->event == 0 ? due->id : due->event), (long long)due->webhook);
    TRY(find_any(b->store, due->webhook, &webhook));
    err e = webhook_signatures(b, due->webhook, id, now_ms, body, &w);
    if (e.code == ERR_REFUSED)
        return set_delivery(b->store, due->id, DELIVERY_WAITING, due->attempts,
                            now_ms + HSM_AWAY_MS);
    TRY(e);
    ENSURE(w.fault == ERR_OK);
    signatures[w.len] = '\0';
    TRY(set_delivery(b->store, due->id, DELIVERY_SENDING, due->attempts + 1, now_ms));
    const struct webhook_letter letter = {due->id,    webhook.url,   id,
                                          signatures, now_ms / 1000, body};
    err begun = b->ports.webhooks.send(b->ports.webhooks.context, &letter);
    if (!FAILED(begun)) {
        b->webhooks.out++;
        return OK;
    }
    return set_delivery(b->store, due->id, DELIVERY_WAITING, due->attempts, now_ms + HSM_AWAY_MS);
}

err webhooks_run(struct backoffice *b, int64_t now_ms)
{
    struct due due;
    bool found = true;
    int64_t newest;
    if (b->ports.webhooks.send == NULL) return OK;
    TRY(events_last(b->store, &newest));
    if (newest == b->webhooks.seen_event && !b->webhooks.wake) return OK;
    b->webhooks.wake = false;
    TRY(read_all(b, newest, now_ms));
    while (b->webhooks.out < WEBHOOK_IN_FLIGHT) {
        TRY(find_due(b->store, now_ms, &due, &found));
        if (!found) break;
        TRY(send_one(b, &due, now_ms));
    }
    return OK;
}

/* ---- how it ends ---- */

static err tell(struct store_tx *tx, const struct webhook *w, const char *kind, int64_t now_ms)
{
    char object[32];
    snprintf(object, sizeof object, "webhooks/%lld", (long long)w->id);
    return event_append(
        tx,
        &(struct event){
            .mid = w->mid, .outlet = w->outlet, .kind = kind, .object = object, .at_ms = now_ms},
        NULL);
}

static err set_failing(struct store_tx *tx, int64_t id, int64_t since_ms)
{
    struct store_statement *update;
    TRY(store_statement(tx->store, "UPDATE webhook SET failing_ms = ? WHERE id = ?", &update));
    store_bind_int(update, since_ms);
    store_bind_int(update, id);
    return store_run(update);
}

static err end_try(struct store_tx *tx, const struct delivery *d)
{
    struct store_statement *update;
    TRY(store_statement(tx->store,
                        "UPDATE webhook_delivery SET state = ?, next_ms = ?, ended_ms = ?,"
                        " status = ?, reason = ? WHERE id = ?",
                        &update));
    store_bind_int(update, d->state);
    store_bind_int(update, d->next_ms);
    store_bind_int(update, d->ended_ms);
    store_bind_int(update, d->status);
    store_bind_text(update, bytes_text(d->reason));
    store_bind_int(update, d->id);
    return store_run(update);
}

/* A server that has gone (410), or has failed for days, is not asked any more. */
static err judge_endpoint(struct store_tx *tx, const struct webhook *w, const struct delivery *d,
                          int64_t now_ms)
{
    if (d->state == DELIVERY_DONE) return w->failing_ms == 0 ? OK : set_failing(tx, w->id, 0);
    if (w->failing_ms == 0) {
        TRY(set_failing(tx, w->id, now_ms));
        TRY(tell(tx, w, "webhook.failing", now_ms));
    }
    bool gone = d->status == 410,
         tired = w->failing_ms != 0 && now_ms - w->failing_ms > WEBHOOK_GIVE_UP_MS;
    if (w->state != WEBHOOK_ACTIVE || (!gone && !tired)) return OK;
    TRY(webhook_set_state(tx, w->id, WEBHOOK_PAUSED, gone ? "gone" : "failing"));
    return tell(tx, w, "webhook.paused", now_ms);
}

static void judge(struct backoffice *b, const struct egress_answer *answer, struct delivery *d,
                  int64_t now_ms)
{
    bool answered = answer->fault == EGRESS_NONE && !FAILED(answer->reason);
    d->status = answered ? answer->status : 0;
    if (d->status >= 200 && d->status < 300) {
        d->state = DELIVERY_DONE;
        d->ended_ms = now_ms;
        return;
    }
    if (answer->fault != EGRESS_NONE)
        snprintf(d->reason, sizeof d->reason, "%s", egress_fault_word(answer->fault));
    else
        snprintf(d->reason, sizeof d->reason, "%s", answered ? "status" : err_name(answer->reason));
    int64_t wait = delivery_wait_ms(&b->config.random, d->attempts), asked;
    asked = answer->retry_after_s < 3600 ? answer->retry_after_s * 1000 : 3600 * 1000;
    d->state = wait == 0 ? DELIVERY_DEAD : DELIVERY_WAITING;
    d->next_ms = now_ms + (wait > asked ? wait : asked);
    if (d->state == DELIVERY_DEAD) d->ended_ms = now_ms;
}

#define COLUMNS                                                                       \
    "id, webhook, event, kind, object, state, attempts, made_ms, next_ms, ended_ms, " \
    "status, reason"

static err read_delivery(struct store_statement *query, struct delivery *d)
{
    *d = (struct delivery){.id = store_read_int(query)};
    d->webhook = store_read_int(query);
    d->event = store_read_int(query);
    store_read_text_into(query, d->kind, sizeof d->kind);
    store_read_text_into(query, d->object, sizeof d->object);
    d->state = (enum delivery_state)store_read_int(query);
    d->attempts = store_read_int(query);
    d->made_ms = store_read_int(query);
    d->next_ms = store_read_int(query);
    d->ended_ms = store_read_int(query);
    d->status = store_read_int(query);
    store_read_text_into(query, d->reason, sizeof d->reason);
    return store_read_finish(query);
}

static err find_delivery(struct store *store, int64_t id, struct delivery *ret, bool *ret_found)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT " COLUMNS " FROM webhook_delivery WHERE id = ?", &query));
    store_bind_int(query, id);
    TRY(store_step(query, ret_found));
    if (!*ret_found) return OK;
    err read = read_delivery(query, ret);
    store_reset(query);
    return read;
}

err webhooks_on_result(struct backoffice *b, int64_t id, const struct egress_answer *answer)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct delivery d;
    struct webhook webhook;
    bool found = false;
    int64_t now_ms = backoffice_now_ms(b);
    ENSURE(b->webhooks.out > 0);
    b->webhooks.out--;
    b->webhooks.wake = true;
    TRY(store_begin(b->store, &tx));
    TRY(find_delivery(b->store, id, &d, &found));
    if (!found || d.state != DELIVERY_SENDING) return OK; /* its endpoint was dropped meanwhile */
    TRY(find_any(b->store, d.webhook, &webhook));
    judge(b, answer, &d, now_ms);
    TRY(end_try(&tx, &d));
    TRY(judge_endpoint(&tx, &webhook, &d, now_ms));
    return store_commit(&tx);
}

/* ---- lists ---- */

err deliveries_each(struct store *store, int64_t webhook, enum delivery_state state, int64_t after,
                    size_t limit, delivery_each each, void *context)
{
    struct store_statement *query;
    struct delivery d;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT " COLUMNS " FROM webhook_delivery WHERE webhook = ?1 AND id > ?2"
                        " AND (?3 = 0 OR state = ?3) ORDER BY id LIMIT ?4",
                        &query));
    store_bind_int(query, webhook);
    store_bind_int(query, after);
    store_bind_int(query, state);
    store_bind_int(query, (int64_t)limit);
    err e = store_step(query, &row);
    while (!FAILED(e) && row) {
        e = read_delivery(query, &d);
        if (!FAILED(e)) e = each(context, &d);
        if (!FAILED(e)) e = store_step(query, &row);
    }
    store_reset(query);
    return e;
}

err delivery_again(struct store_tx *tx, int64_t webhook, int64_t id, int64_t now_ms)
{
    struct delivery d;
    bool found = false;
    TRY(find_delivery(tx->store, id, &d, &found));
    if (!found || d.webhook != webhook) return ERR(NOT_FOUND);
    if (d.state != DELIVERY_DONE && d.state != DELIVERY_DEAD) return ERR(STATE);
    return set_delivery(tx->store, id, DELIVERY_WAITING, 0, now_ms);
}
