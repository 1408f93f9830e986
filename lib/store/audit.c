/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit chain. What is hashed, in this order, all integers big-endian:
 *
 *   "tongbao-audit-1"  seq (8)  at_ms (8)  actor event subject detail (each a 4-byte length and the
 *   bytes)  previous hash (32)
 *
 * Lengths before texts make the encoding injective: no two records have the same bytes.
 */
#include "lib/store/audit.h"

#include <sodium.h>

#include "lib/base/log.h"
#include "lib/base/writer.h"

static const char *const audit_migration[] = {
    "CREATE TABLE audit(seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT NOT NULL,"
    " event TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL,"
    " previous BLOB NOT NULL, hash BLOB NOT NULL) STRICT;"
    "CREATE TABLE audit_head(id INTEGER PRIMARY KEY CHECK(id = 1), seq INTEGER NOT NULL,"
    " hash BLOB NOT NULL) STRICT;"
    "INSERT INTO audit_head(id, seq, hash) VALUES(1, 0, zeroblob(32));"
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;"
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;",
};

const struct store_schema audit_schema = {"audit", audit_migration, ARRAY_LEN(audit_migration)};

enum { TEXTS = 4, ENCODED_MAX = 64 + TEXTS * (4 + AUDIT_TEXT_MAX) + AUDIT_HASH_LEN };

struct link {
    int64_t seq;
    uint8_t hash[AUDIT_HASH_LEN];
};

static err hash_record(const struct audit_record *record, const uint8_t previous[AUDIT_HASH_LEN],
                       uint8_t hash[AUDIT_HASH_LEN])
{
    uint8_t block[ENCODED_MAX];
    struct bytes encoded;
    struct writer w = writer_over(block, sizeof block);
    const struct audit_entry *entry = &record->entry;
    write_bytes(&w, BYTES("tongbao-audit-1"));
    write_be(&w, (uint64_t)record->seq, 8);
    write_be(&w, (uint64_t)entry->at_ms, 8);
    write_prefixed(&w, 4, entry->actor);
    write_prefixed(&w, 4, entry->event);
    write_prefixed(&w, 4, entry->subject);
    write_prefixed(&w, 4, entry->detail);
    write_bytes(&w, bytes_of(previous, AUDIT_HASH_LEN));
    TRY(writer_finish(&w, &encoded)); /* FULL: longer than any record that we have written */
    crypto_hash_sha256(hash, encoded.at, encoded.len);
    return OK;
}

/* ---- append ------------------------------------------------------------------------------- */

/* Redacted, without NUL (STRICT text ends there), and cut to what a record holds. */
static struct bytes clean(struct bytes text, uint8_t block[static AUDIT_TEXT_MAX])
{
    struct bytes cut = text;
    if (cut.len > AUDIT_TEXT_MAX) {
        cut.len = AUDIT_TEXT_MAX;
        /* Not inside a number: a digit run cut short could pass for something else. */
        while (cut.len > 0 && cut.at[cut.len - 1] >= '0' && cut.at[cut.len - 1] <= '9') cut.len--;
        /* Nor inside a UTF-8 character. */
        while (cut.len > 0 && (text.at[cut.len] & 0xC0) == 0x80) cut.len--;
    }
    struct writer w = writer_over(block, AUDIT_TEXT_MAX);
    log_redact(&w, cut);
    for (size_t i = 0; i < w.len; i++)
        if (block[i] == '\0') block[i] = '?';
    return writer_view(&w);
}

static err read_head(struct store *store, struct link *ret_head)
{
    struct store_statement *query;
    struct link head;
    bool row = false;
    TRY(store_statement(store, "SELECT seq, hash FROM audit_head WHERE id = 1", &query));
    TRY(store_step(query, &row));
    if (!row) return store_refuse(store, ERR(CORRUPT), "the head of the audit log is gone", NULL);
    head.seq = store_read_int(query);
    store_read_blob_into(query, head.hash, sizeof head.hash);
    err fault = store_read_finish(query);
    store_reset(query);
    if (FAILED(fault)) return fault;
    *ret_head = head;
    return OK;
}

static err write_record(struct store *store, const struct audit_record *record,
                        const struct link *head)
{
    struct store_statement *insert, *update;
    TRY(store_statement(
        store,
        "INSERT INTO audit(seq, at_ms, actor, event, subject, detail, previous, hash)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
        &insert));
    store_bind_int(insert, record->seq);
    store_bind_int(insert, record->entry.at_ms);
    store_bind_text(insert, record->entry.actor);
    store_bind_text(insert, record->entry.event);
    store_bind_text(insert, record->entry.subject);
    store_bind_text(insert, record->entry.detail);
    store_bind_blob(insert, BYTES_OF(head->hash));
    store_bind_blob(insert, BYTES_OF(record->hash));
    TRY(store_run(insert));

    TRY(store_statement(store, "UPDATE audit_head SET seq = ?, hash = ? WHERE id = 1", &update));
    store_bind_int(update, record->seq);
    store_bind_blob(update, BYTES_OF(record->hash));
    return store_run(update);
}

err audit_append(struct store_tx *tx, const struct audit_entry *entry)
{
    ENSURE(tx->store != NULL && entry->event.len > 0);
    uint8_t block[TEXTS][AUDIT_TEXT_MAX];
    struct link head;
    TRY(read_head(tx->store, &head));
    struct audit_record record = {
        .seq = head.seq + 1,
        .entry = {entry->at_ms, clean(entry->actor, block[0]), clean(entry->event, block[1]),
                  clean(entry->subject, block[2]), clean(entry->detail, block[3])},
    };
    TRY(hash_record(&record, head.hash, record.hash));
    return write_record(tx->store, &record, &head);
}

err audit_note(struct store *store, const struct audit_entry *entry)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(audit_append(&tx, entry));
    return store_commit(&tx);
}

/* ---- read and verify ------------------------------------------------------------------------ */

#define SELECT_RECORDS                                                 \
    "SELECT seq, at_ms, actor, event, subject, detail, previous, hash" \
    " FROM audit WHERE seq >= ? ORDER BY seq"

/* FAILED when a column is of a wrong type: somebody else's hand. */
static err read_record(struct store_statement *rows, struct audit_record *record,
                       uint8_t previous[AUDIT_HASH_LEN])
{
    record->seq = store_read_int(rows);
    record->entry.at_ms = store_read_int(rows);
    record->entry.actor = store_read_text(rows);
    record->entry.event = store_read_text(rows);
    record->entry.subject = store_read_text(rows);
    record->entry.detail = store_read_text(rows);
    store_read_blob_into(rows, previous, AUDIT_HASH_LEN);
    store_read_blob_into(rows, record->hash, AUDIT_HASH_LEN);
    return store_read_finish(rows);
}

/* What one record says after the one before it. */
static enum audit_verdict judge(struct store_statement *rows, const struct link *last,
                                struct audit_record *record)
{
    uint8_t previous[AUDIT_HASH_LEN], hash[AUDIT_HASH_LEN];
    err readable = read_record(rows, record, previous);
    if (record->seq != last->seq + 1) return AUDIT_MISSING;
    if (FAILED(readable)) return AUDIT_ALTERED;
    bool linked = memcmp(previous, last->hash, sizeof previous) == 0;
    if (FAILED(hash_record(record, previous, hash))) return AUDIT_ALTERED;
    if (memcmp(hash, record->hash, sizeof hash) != 0) return AUDIT_ALTERED;
    return linked ? AUDIT_INTACT : AUDIT_UNLINKED;
}

static err verify_records(struct store *store, struct audit_report *report, struct link *last)
{
    struct store_statement *rows;
    TRY(store_statement(store, SELECT_RECORDS, &rows));
    store_bind_int(rows, INT64_MIN); /* a record numbered below 1 is a stranger, too */
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        struct audit_record record;
        report->verdict = judge(rows, last, &record);
        report->records++;
        if (report->verdict != AUDIT_INTACT) {
            report->seq = last->seq + 1;
            store_reset(rows);
            return OK;
        }
        last->seq = record.seq;
        memcpy(last->hash, record.hash, sizeof last->hash);
    }
}

err audit_verify(struct store *store, struct audit_report *ret_report)
{
    struct audit_report report = {.verdict = AUDIT_INTACT};
    struct link last = {0}, head;
    TRY(verify_records(store, &report, &last));
    if (report.verdict == AUDIT_INTACT) {
        err readable = read_head(store, &head);
        if (FAILED(readable) && readable.code != ERR_CORRUPT) return readable;
        bool same = !FAILED(readable) && head.seq == last.seq &&
                    memcmp(head.hash, last.hash, sizeof head.hash) == 0;
        if (!same) report.verdict = AUDIT_HEAD;
        bool cut = !FAILED(readable) && head.seq > last.seq;
        report.seq = cut ? last.seq + 1 : last.seq;
    }
    memcpy(report.head, last.hash, sizeof report.head);
    *ret_report = report;
    return OK;
}

const char *audit_verdict_text(enum audit_verdict verdict)
{
    static const char *const text[] = {
        [AUDIT_INTACT] = "the chain is whole",
        [AUDIT_ALTERED] = "the record was altered",
        [AUDIT_MISSING] = "the record is missing",
        [AUDIT_UNLINKED] = "the record does not continue the one before it",
        [AUDIT_HEAD] = "records were cut off at the end, or the head of the chain was changed",
    };
    ENSURE(verdict < ARRAY_LEN(text));
    return text[verdict];
}

err audit_read(struct store *store, int64_t from_seq, audit_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(store, SELECT_RECORDS, &rows));
    store_bind_int(rows, from_seq);
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        struct audit_record record;
        uint8_t previous[AUDIT_HASH_LEN];
        err failure = read_record(rows, &record, previous);
        if (!FAILED(failure)) failure = each(context, &record);
        if (FAILED(failure)) {
            store_reset(rows);
            return failure;
        }
    }
}
