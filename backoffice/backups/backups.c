/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles that are kept: rows, their files, and which of them stay. */
#include "backoffice/backups/backups.h"

#include <stdio.h>

#include "backoffice/backups/backup_keep.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/events/events.h"
#include "lib/base/file_stream.h"
#include "lib/base/hex.h"

enum { WEEK_DAYS = 7, SWEPT_AT_ONCE = 32 };

/* What of a row: written to the disk, to be had, to be removed from the disk. Stored. */
enum state { WRITING = 1, KEPT = 2, REMOVED = 3 };

static const char *const migration[] = {
    "CREATE TABLE backup(digest BLOB PRIMARY KEY, tid TEXT NOT NULL, mid TEXT NOT NULL,"
    " outlet INTEGER NOT NULL, serial TEXT NOT NULL, number INTEGER NOT NULL,"
    " made_ms INTEGER NOT NULL, taken_ms INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    " payments INTEGER NOT NULL, state INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX backup_tid ON backup(tid, made_ms);"
    "CREATE INDEX backup_gone ON backup(state) WHERE state <> 2;"
    "CREATE TABLE backup_upload(tid TEXT PRIMARY KEY, digest BLOB NOT NULL, bytes INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE backup_piece(tid TEXT NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL,"
    " PRIMARY KEY(tid, part)) STRICT;"
    /* Of which terminal number an alert has been raised since its last backup. */
    "CREATE TABLE backup_stale(tid TEXT PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT,"
    " WITHOUT ROWID;",
    /* What was refused of a device, and when somebody was told of it last. */
    "CREATE TABLE backup_bad(tid TEXT NOT NULL, serial TEXT NOT NULL, why TEXT NOT NULL,"
    " told_ms INTEGER NOT NULL, PRIMARY KEY(tid, serial, why)) STRICT, WITHOUT ROWID;",
};

const struct store_schema backups_schema = {"backups", migration, ARRAY_LEN(migration)};

static err path_of(const struct desk *desk, const uint8_t digest[DEVICE_DIGEST],
                   char out[FILE_PATH_MAX])
{
    char name[2 * DEVICE_DIGEST + 1];
    struct writer w = writer_over(name, sizeof name - 1);
    write_hex(&w, bytes_of(digest, DEVICE_DIGEST));
    name[w.len] = '\0';
    return file_path(desk->config.backups, name, out, FILE_PATH_MAX);
}

/* ---- rows ---- */

#define COLUMNS "digest, tid, mid, outlet, serial, number, made_ms, taken_ms, bytes, payments"

static err read_row(struct store_statement *s, struct backup_kept *out)
{
    store_read_blob_into(s, out->digest, sizeof out->digest);
    store_read_text_into(s, out->tid, sizeof out->tid);
    store_read_text_into(s, out->mid, sizeof out->mid);
    out->outlet = (uint32_t)store_read_int(s);
    store_read_text_into(s, out->serial, sizeof out->serial);
    out->number = store_read_int(s);
    out->made_ms = store_read_int(s);
    out->taken_ms = store_read_int(s);
    out->bytes = store_read_int(s);
    out->payments = store_read_int(s);
    return store_read_finish(s);
}

err backups_of(struct store *store, const char *tid, backups_each each, void *context)
{
    struct store_statement *s;
    struct backup_kept kept[BACKUPS_KEPT];
    size_t count = 0;
    TRY(store_statement(store,
                        "SELECT " COLUMNS " FROM backup WHERE tid = ? AND state = 2"
                        " ORDER BY made_ms DESC, number DESC LIMIT 8",
                        &s));
    _Static_assert(BACKUPS_KEPT == 8, "as in the statement");
    store_bind_text(s, bytes_text(tid));
    for (bool row = true; count < BACKUPS_KEPT; count++) {
        TRY(store_step(s, &row));
        if (!row) break;
        err read = read_row(s, &kept[count]);
        if (FAILED(read)) {
            store_reset(s);
            return read;
        }
    }
    store_reset(s);
    for (size_t i = 0; i < count; i++) TRY(each(context, &kept[i]));
    return OK;
}

err backups_find(struct store *store, const char *tid, const uint8_t digest[DEVICE_DIGEST],
                 struct backup_kept *out)
{
    struct store_statement *s;
    struct backup_kept kept;
    bool row = false;
    TRY(store_statement(
        store, "SELECT " COLUMNS " FROM backup WHERE digest = ? AND tid = ? AND state = 2", &s));
    store_bind_blob(s, bytes_of(digest, DEVICE_DIGEST));
    store_bind_text(s, bytes_text(tid));
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_row(s, &kept);
    store_reset(s);
    TRY(read);
    *out = kept;
    return OK;
}

static err set_state(struct store *store, const uint8_t digest[DEVICE_DIGEST], enum state state)
{
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE backup SET state = ? WHERE digest = ?", &s));
    store_bind_int(s, state);
    store_bind_blob(s, bytes_of(digest, DEVICE_DIGEST));
    return store_run(s);
}

static err tell(struct store_tx *tx, const struct backup_kept *kept, const char *kind,
                int64_t now_ms)
{
    char object[24];
    snprintf(object, sizeof object, "devices/%s", kept->tid);
    return event_append(tx,
                        &(struct event){.mid = kept->mid,
                                        .outlet = kept->outlet,
                                        .kind = kind,
                                        .object = object,
                                        .at_ms = now_ms},
                        NULL);
}

err backups_remove(struct store_tx *tx, const struct backup_kept *kept)
{
    return set_state(tx->store, kept->digest, REMOVED);
}

err backups_replaced(struct store_tx *tx, const char *tid)
{
    return backup_upload_end(tx, tid);
}

/* ---- keeping ---- */

static err announce(struct desk *desk, const struct backup_kept *kept)
{
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store,
                        "INSERT OR REPLACE INTO backup(" COLUMNS ", state)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
                        &s));
    store_bind_blob(s, BYTES_OF(kept->digest));
    store_bind_text(s, bytes_text(kept->tid));
    store_bind_text(s, bytes_text(kept->mid));
    store_bind_int(s, kept->outlet);
    store_bind_text(s, bytes_text(kept->serial));
    store_bind_int(s, kept->number);
    store_bind_int(s, kept->made_ms);
    store_bind_int(s, kept->taken_ms);
    store_bind_int(s, kept->bytes);
    store_bind_int(s, kept->payments);
    TRY(store_run(s));
    return store_commit(&tx);
}

static err write_file(struct desk *desk, const struct backup_kept *kept)
{
    char path[FILE_PATH_MAX];
    uint8_t piece[DEVICE_PART_MAX];
    struct backup_pieces_source source = {desk->config.store, kept->tid};
    CLEANUP(file_stream_abandon) struct file_stream file = {0};
    size_t len = 0;
    TRY(path_of(desk, kept->digest, path));
    TRY(file_stream_begin(&file, path));
    for (uint64_t at = 0; at < (uint64_t)kept->bytes; at += len) {
        TRY(backup_pieces_read(&source, at, piece, sizeof piece, &len));
        if (len == 0) return ERR(CORRUPT);
        TRY(file_stream_append(&file, bytes_of(piece, len)));
    }
    return file_stream_finish(&file);
}

/* The newest of each week stays, of the newest weeks that have one. */
static err thin(struct store_tx *tx, const char *tid)
{
    struct store_statement *s;
    _Static_assert(WEEK_DAYS == 7 && BACKUPS_KEPT == 8 && REMOVED == 3, "as in the statement");
    TRY(store_statement(tx->store,
                        "UPDATE backup SET state = 3 WHERE tid = ?1 AND state = 2 AND digest NOT IN"
                        " (SELECT digest FROM (SELECT digest, made_ms, row_number() OVER"
                        " (PARTITION BY made_ms / 604800000 ORDER BY made_ms DESC, number DESC) n"
                        " FROM backup WHERE tid = ?1 AND state = 2) WHERE n = 1"
                        " ORDER BY made_ms DESC LIMIT 8)",
                        &s));
    store_bind_text(s, bytes_text(tid));
    return store_run(s);
}

static err settle(struct desk *desk, const struct backup_kept *kept)
{
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(set_state(desk->config.store, kept->digest, KEPT));
    TRY(thin(&tx, kept->tid));
    TRY(backup_upload_end(&tx, kept->tid));
    TRY(store_statement(desk->config.store, "DELETE FROM backup_stale WHERE tid = ?", &s));
    store_bind_text(s, bytes_text(kept->tid));
    TRY(store_run(s));
    TRY(tell(&tx, kept, "backup.kept", desk_now_ms(desk)));
    TRY(desk_audit(desk, &tx, "terminal", "backup_kept", kept->tid, kept->serial));
    return store_commit(&tx);
}

err backup_keep(struct desk *desk, const struct backup_kept *kept, bool *ret_disk)
{
    TRY(announce(desk, kept));
    err written = write_file(desk, kept);
    if (written.code == ERR_CRASHED) return written;
    *ret_disk = !FAILED(written);
    if (*ret_disk) return settle(desk, kept);
    log_event(desk->config.log, LOG_WARN, "backup_not_kept", LOG_TEXT("why", err_text(written)));
    return OK;
}

err backups_read(struct desk *desk, const struct backup_kept *kept, uint64_t offset, void *block,
                 size_t max, size_t *ret_len)
{
    char path[FILE_PATH_MAX];
    TRY(path_of(desk, kept->digest, path));
    return file_read_at(path, offset, block, max, ret_len);
}

/* ---- the clock ---- */

static err forget(struct desk *desk, const uint8_t digest[DEVICE_DIGEST])
{
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store, "DELETE FROM backup WHERE digest = ?", &s));
    store_bind_blob(s, bytes_of(digest, DEVICE_DIGEST));
    TRY(store_run(s));
    return store_commit(&tx);
}

/* One that is to go, or that was being written for a day. *ret_some false: there is none. */
static err sweep_one(struct desk *desk, bool *ret_some)
{
    struct store_statement *s;
    uint8_t digest[DEVICE_DIGEST];
    char path[FILE_PATH_MAX];
    TRY(store_statement(desk->config.store,
                        "SELECT digest FROM backup WHERE state = 3 OR (state = 1 AND taken_ms < ?)"
                        " LIMIT 1",
                        &s));
    store_bind_int(s, desk_now_ms(desk) - DAY_MS);
    TRY(store_step(s, ret_some));
    if (!*ret_some) return OK;
    store_read_blob_into(s, digest, sizeof digest);
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    TRY(path_of(desk, digest, path));
    err removed = file_remove(path);
    *ret_some = !FAILED(removed) || removed.code == ERR_NOT_FOUND; /* else the next time */
    return *ret_some ? forget(desk, digest) : OK;
}

/* The newest of a terminal number, when it is old and nobody was told. */
static err find_stale(struct desk *desk, struct backup_kept *out, bool *ret_some)
{
    struct store_statement *s;
    TRY(store_statement(desk->config.store,
                        "SELECT " COLUMNS " FROM backup b WHERE state = 2 AND made_ms < ?1"
                        " AND NOT EXISTS(SELECT 1 FROM backup n WHERE n.tid = b.tid AND n.state = 2"
                        " AND n.made_ms >= ?1) AND NOT EXISTS(SELECT 1 FROM backup_stale t WHERE"
                        " t.tid = b.tid) ORDER BY tid, made_ms DESC LIMIT 1",
                        &s));
    store_bind_int(s, desk_now_ms(desk) - BACKUPS_STALE_DAYS * DAY_MS);
    TRY(store_step(s, ret_some));
    if (!*ret_some) return OK;
    err read = read_row(s, out);
    store_reset(s);
    return read;
}

/* A terminal that is stopped makes none, and nobody minds. */
static err tell_stale(struct desk *desk, const struct backup_kept *kept)
{
    struct registry_terminal terminal;
    struct store_statement *s;
    err found = registry_find_terminal(desk->config.registry, bytes_text(kept->tid), &terminal);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store, "INSERT INTO backup_stale(tid, at_ms) VALUES(?, ?)",
                        &s));
    store_bind_text(s, bytes_text(kept->tid));
    store_bind_int(s, desk_now_ms(desk));
    TRY(store_run(s));
    if (!FAILED(found) && terminal.status == REGISTRY_ACTIVE)
        TRY(tell(&tx, kept, "backup.stale", desk_now_ms(desk)));
    return store_commit(&tx);
}

err backups_sweep(struct desk *desk)
{
    bool some = desk->config.backups != NULL;
    for (int i = 0; some && i < SWEPT_AT_ONCE; i++) TRY(sweep_one(desk, &some));
    some = desk->config.backups != NULL;
    for (int i = 0; some && i < SWEPT_AT_ONCE; i++) {
        struct backup_kept kept;
        TRY(find_stale(desk, &kept, &some));
        if (some) TRY(tell_stale(desk, &kept));
    }
    return OK;
}
