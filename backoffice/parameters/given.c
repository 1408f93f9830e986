/* SPDX-License-Identifier: Apache-2.0 */
/* One device's document: the row with the hsm's proof first, then the frame. */
#include <stdio.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/parameters/parameters.h"
#include "lib/auth/token.h"
#include "lib/base/hex.h"

struct row {
    int64_t number, cause, changed_ms;
    char document[DEVICE_PARAMETERS_MAX + 1];
    uint8_t nonce[DEVICE_NONCE], mac[DEVICE_MAC];
    enum parameters_progress progress;
    char why[DEVICE_REASON_MAX];
};

/* ---- rows ---- */

static err find_row(struct desk *desk, const char *tid, struct row *ret, bool *ret_there)
{
    struct store_statement *query;
    struct row row = {.number = 0};
    TRY(store_statement(desk->config.store,
                        "SELECT number, cause, document, nonce, mac, progress, why, changed_ms FROM"
                        " parameters_device WHERE tid = ?",
                        &query));
    store_bind_text(query, bytes_text(tid));
    TRY(store_step(query, ret_there));
    *ret = row;
    if (!*ret_there) return OK;
    row.number = store_read_int(query);
    row.cause = store_read_int(query);
    store_read_text_into(query, row.document, sizeof row.document);
    store_read_blob_into(query, row.nonce, sizeof row.nonce);
    store_read_blob_into(query, row.mac, sizeof row.mac);
    row.progress = (enum parameters_progress)store_read_int(query);
    store_read_text_into(query, row.why, sizeof row.why);
    row.changed_ms = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    if (!FAILED(read)) *ret = row;
    return read;
}

static err put_row(struct desk *desk, const char *tid, const struct row *row)
{
    struct store_statement *put;
    TRY(store_statement(
        desk->config.store,
        "INSERT INTO parameters_device(tid, number, cause, document, nonce, mac, progress, why,"
        " changed_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(tid) DO UPDATE SET number ="
        " excluded.number, cause = excluded.cause, document = excluded.document, nonce ="
        " excluded.nonce, mac = excluded.mac, progress = excluded.progress, why = excluded.why,"
        " changed_ms = excluded.changed_ms",
        &put));
    store_bind_text(put, bytes_text(tid));
    store_bind_int(put, row->number);
    store_bind_int(put, row->cause);
    store_bind_text(put, bytes_text(row->document));
    store_bind_blob(put, BYTES_OF(row->nonce));
    store_bind_blob(put, BYTES_OF(row->mac));
    store_bind_int(put, row->progress);
    store_bind_text(put, bytes_text(row->why));
    store_bind_int(put, row->changed_ms);
    return store_run(put);
}

static err save(struct desk *desk, const char *tid, struct row *row)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    row->changed_ms = desk_now_ms(desk);
    TRY(store_begin(desk->config.store, &tx));
    TRY(put_row(desk, tid, row));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_DEVICES);
    return OK;
}

static void document_of(const struct parameters_effective *e, char out[DEVICE_PARAMETERS_MAX + 1])
{
    struct writer w = writer_over((uint8_t *)out, DEVICE_PARAMETERS_MAX);
    device_parameters_write(&w, &e->set);
    ENSURE(w.fault == ERR_OK);
    out[w.len] = '\0';
}

err parameters_given_of(struct desk *desk, const char *tid,
                        const struct parameters_effective *wanted,
                        struct parameters_given *ret_given)
{
    struct row row;
    char document[DEVICE_PARAMETERS_MAX + 1];
    bool there = false;
    TRY(find_row(desk, tid, &row, &there));
    document_of(wanted, document);
    *ret_given = (struct parameters_given){.number = row.number, .changed_ms = row.changed_ms};
    ret_given->progress = there ? row.progress : PARAMETERS_NONE;
    ret_given->current = there ? strcmp(document, row.document) == 0 : !wanted->any;
    memcpy(ret_given->why, row.why, sizeof ret_given->why);
    return OK;
}

/* ---- proofs ---- */

static err prove(struct desk *desk, const struct fleet_device *d, struct row *row)
{
    uint8_t digest[TOKEN_HASH_BYTES];
    char hex[DEVICE_PARAMETERS_DIGEST + 1];
    struct writer w = writer_over((uint8_t *)hex, DEVICE_PARAMETERS_DIGEST);
    struct desk_command c = {.tid = d->tid, .serial = d->serial, .kind = "parameters"};
    if (desk->ports.command_mac == NULL) return ERR(UNSUPPORTED);
    token_digest("tongbao parameters v1", bytes_text(row->document), digest);
    write_hex(&w, BYTES_OF(digest));
    ENSURE(w.fault == ERR_OK && w.len == DEVICE_PARAMETERS_DIGEST);
    hex[w.len] = '\0';
    c.text = hex;
    c.number = row->number;
    random_fill(&desk->config.random, c.nonce, sizeof c.nonce);
    TRY(desk->ports.command_mac(desk->ports.context, &c, row->mac));
    memcpy(row->nonce, c.nonce, sizeof row->nonce);
    return OK;
}

/* Another number for what it is to have. *ret_done false: the hsm is away, and nothing is new. */
static err give(struct desk *desk, const struct fleet_device *d, struct row *row, bool *ret_done)
{
    err made = prove(desk, d, row);
    *ret_done = !FAILED(made);
    if (FAILED(made)) {
        log_event(desk->config.log, LOG_WARN, "parameters_not_proved", LOG_TEXT("tid", d->tid),
                  LOG_ERR(made));
        return OK;
    }
    row->progress = PARAMETERS_WAITING;
    row->why[0] = '\0';
    return save(desk, d->tid, row);
}

static void tell(struct desk *desk, uint32_t session, const struct row *row)
{
    struct device_message m = {
        .tell = DEVICE_PARAMETERS_TOLD, .number = row->number, .policy = bytes_text(row->document)};
    memcpy(m.nonce, row->nonce, sizeof m.nonce);
    memcpy(m.mac, row->mac, sizeof m.mac);
    desk_tell(desk, session, &m);
}

/* Nobody has ever set anything for it. */
static bool has_nothing(const struct parameters_effective *wanted, bool there, int64_t least)
{
    return !there && !wanted->any && least == 0;
}

static bool is_open(const struct row *row)
{
    return row->progress == PARAMETERS_WAITING || row->progress == PARAMETERS_TAKEN;
}

/* `least`: its number has to be above this. `again`: what it was told before may have been lost. */
static err look_after(struct desk *desk, const char *tid, int64_t least, bool again)
{
    struct parameters_effective wanted;
    struct row row;
    bool there = false, fresh = false;
    uint32_t session = desk_session_of(desk, tid);
    const struct fleet_device *d = fleet_find(desk->fleet, tid);
    char document[DEVICE_PARAMETERS_MAX + 1];
    if (session == 0 || d == NULL) return OK;
    TRY(parameters_effective_of(desk, d, &wanted));
    TRY(find_row(desk, tid, &row, &there));
    if (has_nothing(&wanted, there, least)) return OK;
    document_of(&wanted, document);
    if (!there || row.number < least || strcmp(document, row.document) != 0) {
        row.number = row.number < least ? least : row.number + 1;
        row.cause = wanted.newest;
        memcpy(row.document, document, sizeof row.document);
        TRY(give(desk, d, &row, &fresh));
        if (!fresh) return OK; /* the next connection, or the next change, gives it */
    }
    if (fresh || (again && is_open(&row))) tell(desk, session, &row);
    return OK;
}

err parameters_hello(struct desk *desk, const char *tid)
{
    return look_after(desk, tid, 0, true);
}

/* ---- all of them ---- */

void parameters_changed(struct desk *desk)
{
    desk->parameters_at = 0;
    desk->parameters_wait = true;
}

bool parameters_busy(const struct desk *desk)
{
    return desk->parameters_wait;
}

err parameters_step(struct desk *desk)
{
    const struct connected *c = &desk->connected;
    if (!desk->parameters_wait) return OK;
    for (uint32_t i = 0; i < PARAMETERS_SLICE && desk->parameters_at < c->used; i++) {
        const struct desk_device *device = &c->device[desk->parameters_at++];
        if (device->session != 0 && device->greeted) TRY(look_after(desk, device->tid, 0, false));
    }
    desk->parameters_wait = desk->parameters_at < c->used;
    return OK;
}

/* ---- hearing ---- */

err parameters_applied(struct desk *desk, const char *tid, const struct device_message *said)
{
    static const enum parameters_progress progress[DEVICE_PROGRESSES] = {
        [DEVICE_ACKNOWLEDGED] = PARAMETERS_TAKEN,
        [DEVICE_VERIFIED] = PARAMETERS_IN_FORCE,
        [DEVICE_DENIED] = PARAMETERS_REFUSED,
    };
    struct row row;
    bool there = false;
    TRY(find_row(desk, tid, &row, &there));
    bool is = there && said->number == row.number && row.progress != PARAMETERS_IN_FORCE;
    if (!is || row.progress == progress[said->progress]) return OK; /* late, or of another */
    row.progress = progress[said->progress];
    memcpy(row.why, said->reason, sizeof row.why);
    return save(desk, tid, &row);
}

err parameters_in_force(struct desk *desk, const char *tid, int64_t number)
{
    struct row row;
    bool there = false;
    TRY(find_row(desk, tid, &row, &there));
    if (there && number == row.number && row.progress != PARAMETERS_IN_FORCE) {
        row.progress = PARAMETERS_IN_FORCE;
        row.why[0] = '\0';
        return save(desk, tid, &row);
    }
    if (number > row.number)
        return look_after(desk, tid, number + 1, true); /* we are an old copy */
    if (!there || number == row.number || row.progress != PARAMETERS_IN_FORCE) return OK;
    row.progress = PARAMETERS_WAITING; /* it had it: another device stands there now */
    TRY(save(desk, tid, &row));
    return look_after(desk, tid, 0, true);
}
