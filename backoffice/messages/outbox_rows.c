/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of messages. States and channels are numbers of outbox.h and templates.h. A row that
 * has ended keeps who was told what kind of thing and when, and no longer the fields of the text.
 */
#include "backoffice/messages/outbox_internal.h"

static const char *const outbox_migration[] = {
    "CREATE TABLE outbox("
    " number INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " channel INTEGER NOT NULL,"
    " contact TEXT NOT NULL,"
    " template INTEGER NOT NULL,"
    " language INTEGER NOT NULL,"
    " notice INTEGER NOT NULL,"
    " secret INTEGER NOT NULL," /* 1: a field is in memory alone */
    " fields TEXT NOT NULL,"
    " purpose TEXT NOT NULL,"
    " created_ms INTEGER NOT NULL,"
    " not_after_ms INTEGER NOT NULL,"
    " next_ms INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL DEFAULT 0,"
    " state INTEGER NOT NULL,"
    " cost_fen INTEGER NOT NULL,"
    " reason TEXT NOT NULL DEFAULT '',"
    " ended_ms INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX outbox_open ON outbox(state, next_ms);"
    "CREATE INDEX outbox_contact ON outbox(contact, created_ms);"
    "CREATE INDEX outbox_created ON outbox(created_ms);",
};

const struct store_schema outbox_schema = {"outbox", outbox_migration, ARRAY_LEN(outbox_migration)};

#define JOB_COLUMNS                                                                        \
    "id, channel, language, template, contact, purpose, fields, created_ms, not_after_ms," \
    " attempts, cost_fen"

static err read_job(struct store_statement *row, struct outbox_job *job)
{
    store_read_text_into(row, job->id, sizeof job->id);
    job->channel = (enum channel)store_read_int(row);
    job->language = (enum language)store_read_int(row);
    job->template = (enum template_number)store_read_int(row);
    store_read_text_into(row, job->contact, sizeof job->contact);
    store_read_text_into(row, job->purpose, sizeof job->purpose);
    store_read_text_into(row, job->fields, sizeof job->fields);
    job->created_ms = store_read_int(row);
    job->not_after_ms = store_read_int(row);
    job->attempts = store_read_int(row);
    job->cost_fen = store_read_int(row);
    return store_read_finish(row);
}

static err read_jobs(struct store_statement *rows, size_t most, struct outbox_job *jobs,
                     size_t *ret_count)
{
    size_t count = 0;
    for (bool row = true; count < most; count++) {
        TRY(store_step(rows, &row));
        if (!row) break;
        TRY(read_job(rows, &jobs[count]));
    }
    store_reset(rows);
    *ret_count = count;
    return OK;
}

static err read_one(struct store_statement *rows, struct outbox_job *job, bool *ret_found)
{
    size_t count = 0;
    TRY(read_jobs(rows, 1, job, &count));
    *ret_found = count == 1;
    return OK;
}

err outbox_insert(struct store *store, const struct outbox_job *job, bool notice, int64_t now_ms)
{
    struct store_statement *insert;
    bool secret = template_secret(template_of(job->template)) != NULL;
    TRY(store_statement(store,
                        "INSERT INTO outbox(id, channel, contact, template, language, notice,"
                        " secret, fields, purpose, created_ms, not_after_ms, next_ms, state,"
                        " cost_fen) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
                        &insert));
    store_bind_text(insert, bytes_text(job->id));
    store_bind_int(insert, job->channel);
    store_bind_text(insert, bytes_text(job->contact));
    store_bind_int(insert, job->template);
    store_bind_int(insert, job->language);
    store_bind_int(insert, notice);
    store_bind_int(insert, secret);
    store_bind_text(insert, bytes_text(job->fields));
    store_bind_text(insert, bytes_text(job->purpose));
    store_bind_int(insert, now_ms);
    store_bind_int(insert, job->not_after_ms);
    store_bind_int(insert, now_ms);
    store_bind_int(insert, job->cost_fen);
    return store_run(insert);
}

err outbox_due(struct store *store, enum channel channel, int64_t now_ms, size_t most,
               struct outbox_job *jobs, size_t *ret_count)
{
    struct store_statement *rows;
    TRY(store_statement(store,
                        "SELECT " JOB_COLUMNS " FROM outbox WHERE state = 1 AND channel = ?"
                        " AND next_ms <= ? AND not_after_ms > ? ORDER BY next_ms, number",
                        &rows));
    store_bind_int(rows, channel);
    store_bind_int(rows, now_ms);
    store_bind_int(rows, now_ms);
    return read_jobs(rows, most, jobs, ret_count);
}

err outbox_overdue(struct store *store, int64_t now_ms, size_t most, struct outbox_job *jobs,
                   size_t *ret_count)
{
    struct store_statement *rows;
    TRY(store_statement(store,
                        "SELECT " JOB_COLUMNS " FROM outbox WHERE state = 1 AND not_after_ms <= ?"
                        " ORDER BY number",
                        &rows));
    store_bind_int(rows, now_ms);
    return read_jobs(rows, most, jobs, ret_count);
}

err outbox_being_sent(struct store *store, const char *id, struct outbox_job *job, bool *ret_found)
{
    struct store_statement *rows;
    TRY(store_statement(store, "SELECT " JOB_COLUMNS " FROM outbox WHERE id = ? AND state = 2",
                        &rows));
    store_bind_text(rows, bytes_text(id));
    return read_one(rows, job, ret_found);
}

err outbox_waiting_with_secret(struct store *store, struct outbox_job *job, bool *ret_found)
{
    struct store_statement *rows;
    TRY(store_statement(store,
                        "SELECT " JOB_COLUMNS " FROM outbox WHERE state = 1 AND secret = 1"
                        " ORDER BY number",
                        &rows));
    return read_one(rows, job, ret_found);
}

err outbox_begin_try(struct store *store, const char *id)
{
    struct store_statement *update;
    TRY(store_statement(store,
                        "UPDATE outbox SET state = 2, attempts = attempts + 1"
                        " WHERE id = ? AND state = 1",
                        &update));
    store_bind_text(update, bytes_text(id));
    return store_run(update);
}

err outbox_try_again(struct store *store, const char *id, int64_t next_ms, err reason)
{
    struct store_statement *update;
    TRY(store_statement(
        store, "UPDATE outbox SET state = 1, next_ms = ?, reason = ? WHERE id = ? AND state = 2",
        &update));
    store_bind_int(update, next_ms);
    store_bind_text(update, bytes_text(err_name(reason)));
    store_bind_text(update, bytes_text(id));
    return store_run(update);
}

err outbox_end(struct store *store, const char *id, enum outbox_state state, int64_t cost_fen,
               const char *reason, int64_t now_ms)
{
    struct store_statement *update;
    ENSURE(state == OUTBOX_SENT || state == OUTBOX_FAILED || state == OUTBOX_EXPIRED);
    TRY(store_statement(
        store,
        "UPDATE outbox SET state = ?, cost_fen = iif(? < 0, cost_fen, ?), reason = ?,"
        " ended_ms = ?, fields = '{}' WHERE id = ? AND state IN (1, 2)",
        &update));
    store_bind_int(update, state);
    store_bind_int(update, cost_fen);
    store_bind_int(update, cost_fen);
    store_bind_text(update, bytes_text(reason));
    store_bind_int(update, now_ms);
    store_bind_text(update, bytes_text(id));
    return store_run(update);
}

err outbox_requeue_all(struct store *store, int64_t now_ms)
{
    struct store_statement *update;
    TRY(store_statement(store, "UPDATE outbox SET state = 1, next_ms = ? WHERE state = 2",
                        &update));
    store_bind_int(update, now_ms);
    return store_run(update);
}

err outbox_purge(struct store *store, int64_t before_ms)
{
    struct store_statement *remove;
    TRY(store_statement(store, "DELETE FROM outbox WHERE state IN (3, 4, 5) AND created_ms < ?",
                        &remove));
    store_bind_int(remove, before_ms);
    return store_run(remove);
}

err outbox_count_since(struct store *store, const struct outbox_job *job, bool notice,
                       int64_t since_ms, int64_t most, int64_t *ret_oldest_ms)
{
    struct store_statement *rows;
    bool row = false;
    int64_t oldest_ms = 0;
    TRY(store_statement(store,
                        "SELECT created_ms FROM outbox WHERE contact = ? AND created_ms > ?"
                        " AND channel = ? AND notice = ? ORDER BY created_ms DESC LIMIT 1 OFFSET ?",
                        &rows));
    store_bind_text(rows, bytes_text(job->contact));
    store_bind_int(rows, since_ms);
    store_bind_int(rows, job->channel);
    store_bind_int(rows, notice);
    store_bind_int(rows, most - 1);
    TRY(store_step(rows, &row));
    if (row) {
        oldest_ms = store_read_int(rows);
        TRY(store_read_finish(rows));
        store_reset(rows);
    }
    *ret_oldest_ms = oldest_ms;
    return OK;
}

err outbox_spent_since(struct store *store, int64_t since_ms, int64_t *ret_fen)
{
    struct store_statement *rows;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT ifnull(sum(cost_fen), 0) FROM outbox"
                        " WHERE created_ms >= ? AND channel = 1",
                        &rows));
    store_bind_int(rows, since_ms);
    TRY(store_step(rows, &row));
    ENSURE(row);
    int64_t fen = store_read_int(rows);
    TRY(store_read_finish(rows));
    store_reset(rows);
    *ret_fen = fen;
    return OK;
}

err outbox_next_ms(struct outbox *outbox, int64_t *ret_next_ms)
{
    struct store_statement *rows;
    bool row = false;
    /* In a channel that is full nothing can begin before something has ended. */
    TRY(store_statement(outbox->config.store,
                        "SELECT min(min(next_ms, not_after_ms)) FROM outbox"
                        " WHERE state = 1 AND (channel = ? OR channel = ?)",
                        &rows));
    for (int channel = CHANNEL_SMS; channel < CHANNELS; channel++)
        store_bind_int(rows,
                       outbox->in_flight[channel] < outbox->config.in_flight_max ? channel : 0);
    TRY(store_step(rows, &row));
    ENSURE(row);
    int64_t next_ms = store_read_null(rows) ? INT64_MAX : store_read_int(rows);
    TRY(store_read_finish(rows));
    store_reset(rows);
    *ret_next_ms = next_ms;
    return OK;
}

static err read_row(struct store_statement *rows, struct outbox_row *row)
{
    char contact[OUTBOX_CONTACT_MAX + 1];
    store_read_text_into(rows, row->id, sizeof row->id);
    row->channel = (enum channel)store_read_int(rows);
    row->state = (enum outbox_state)store_read_int(rows);
    row->template = (enum template_number)store_read_int(rows);
    store_read_text_into(rows, contact, sizeof contact);
    store_read_text_into(rows, row->purpose, sizeof row->purpose);
    store_read_text_into(rows, row->reason, sizeof row->reason);
    row->created_ms = store_read_int(rows);
    row->not_after_ms = store_read_int(rows);
    row->next_ms = store_read_int(rows);
    row->ended_ms = store_read_int(rows);
    row->attempts = store_read_int(rows);
    row->cost_fen = store_read_int(rows);
    TRY(store_read_finish(rows));
    outbox_mask(row->channel, contact, row->contact);
    return OK;
}

err outbox_list(struct outbox *outbox, int64_t most, outbox_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(outbox->config.store,
                        "SELECT id, channel, state, template, contact, purpose, reason, created_ms,"
                        " not_after_ms, next_ms, ended_ms, attempts, cost_fen FROM outbox"
                        " ORDER BY number DESC LIMIT ?",
                        &rows));
    store_bind_int(rows, most);
    for (;;) {
        struct outbox_row read = {.id = ""};
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_row(rows, &read);
        if (!FAILED(done)) done = each(context, &read);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}
