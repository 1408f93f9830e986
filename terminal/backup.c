/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backup is written: the head and the people at once, then the tables row by row, a few pieces in
 * each turn of the loop, at last the signature; and then it is read once into nothing, because a
 * backup that nobody has opened is a hope (S164, S166). It is due once in a week.
 */
#include "terminal/backup.h"

#include "terminal/backup_rows.h"
#include "terminal/core.h"
#include "terminal/secure_backup.h"

enum {
    DAY_MS = 86400000,
    WEEK_MS = 7 * DAY_MS,
    PIECES_A_TURN = 8, /* 32 kB: some milliseconds */
    SOON_S = 30,       /* a customer at the till is done by then */
    RETRY_S = 3600,    /* a medium that is not there does not come by being asked for */
    REFUSED_S = 86400, /* what the office has refused will not be welcome in an hour */
};

/* In the table of what was shown: a name and a time. */
static const char made[] = "backup_made", at_office[] = "backup_office";

static bool has_medium(const struct terminal *t)
{
    return t->ports.backup.create != NULL;
}

bool backup_possible(const struct terminal *t)
{
    return t->facts.provisioned && (has_medium(t) || cloud_possible(t));
}

const struct backup_ports *backup_from(const struct terminal *t)
{
    return t->backup.from_spool ? &t->ports.spool : &t->ports.backup;
}

err backup_load(struct terminal *t)
{
    t->backup = (struct backup){.made_ms = 0};
    TRY(notes_shown(t->config.store, made, &t->backup.made_ms));
    TRY(notes_shown(t->config.store, at_office, &t->backup.office_ms));
    return cloud_load(t);
}

static void give_up(const struct backup_ports *to)
{
    (void)!FAILED(to->finish(to->context, false));
}

void backup_close(struct terminal *t)
{
    struct backup_job *job = &t->backup.job;
    if (!job->open) return;
    give_up(job->copying ? &t->ports.backup : job->to);
    if (job->snapshot != NULL) store_close(job->snapshot);
    job->open = false;
}

int64_t backup_age_days(const struct terminal *t)
{
    if (t->backup.made_ms == 0) return -1;
    int64_t age_ms = now_ms(t) - t->backup.made_ms;
    return age_ms > 0 ? age_ms / DAY_MS : 0;
}

bool backup_stale(const struct terminal *t)
{
    return t->backup.made_ms == 0 || now_ms(t) - t->backup.made_ms >= WEEK_MS;
}

/* ---- its end ---- */

static err end(struct terminal *t, enum backup_outcome outcome, const char *why)
{
    static const char *const events[] = {
        [BACKUP_WRITTEN] = "backup_made",          [BACKUP_NO_PLACE] = "backup_failed",
        [BACKUP_MEDIUM_FULL] = "backup_failed",    [BACKUP_VAULT] = "backup_failed",
        [BACKUP_UNREADABLE] = "backup_unreadable", [BACKUP_ON_ITS_WAY] = "backup_written",
        [BACKUP_REFUSED] = "backup_failed",
    };
    struct backup_job *job = &t->backup.job;
    char number[24];
    struct writer w = writer_over(number, sizeof number - 1);
    write_format(&w, "%llu", (unsigned long long)job->number);
    number[w.len] = '\0';
    if (job->snapshot != NULL) store_close(job->snapshot);
    explicit_bzero(job, sizeof *job);
    t->backup.outcome = outcome;
    t->backup.retry_us = now_us(t) + (int64_t)RETRY_S * 1000000;
    t->refresh = true;
    bool good = outcome == BACKUP_WRITTEN;
    if (good) {
        TRY(notes_show(t->config.store, made, now_ms(t)));
        t->backup.made_ms = now_ms(t);
        t->backup.warned = false;
    }
    TRY(audit(t, events[outcome], number, why));
    if (outcome == BACKUP_ON_ITS_WAY) return OK; /* the office hears of it by having it */
    return manage_event(t, events[outcome], t->operator_id, good ? number : why);
}

err backup_kept(struct terminal *t, int64_t number, int64_t made_ms)
{
    if (t->backup.outcome == BACKUP_ON_ITS_WAY) t->backup.outcome = BACKUP_WRITTEN;
    if (made_ms > t->backup.made_ms) t->backup.made_ms = made_ms;
    t->backup.office_ms = made_ms;
    t->backup.warned = false;
    t->refresh = true;
    TRY(notes_show(t->config.store, made, t->backup.made_ms));
    TRY(notes_show(t->config.store, at_office, made_ms));
    TRY(audit(t, "backup_at_office", number_text(number).text, ""));
    return manage_event(t, "backup_made", "", number_text(number).text);
}

err backup_refused(struct terminal *t, const char *why)
{
    t->backup.outcome = BACKUP_REFUSED;
    t->backup.retry_us = now_us(t) + (int64_t)REFUSED_S * 1000000;
    t->refresh = true;
    TRY(audit(t, "backup_failed", "office", why));
    return manage_event(t, "backup_failed", "", why);
}

static err failed(struct terminal *t, enum backup_outcome outcome, const char *why)
{
    give_up(t->backup.job.copying ? &t->ports.backup : t->backup.job.to);
    return end(t, outcome, why);
}

static err medium_failed(struct terminal *t, err e)
{
    return failed(t, e.code == ERR_FULL ? BACKUP_MEDIUM_FULL : BACKUP_NO_PLACE, err_text(e));
}

static err vault_failed(struct terminal *t, enum vault_status status)
{
    return failed(t, BACKUP_VAULT, vault_status_text(status));
}

/* ---- its beginning ---- */

static bool may_begin(const struct terminal *t)
{
    return backup_possible(t) && !t->backup.job.open && t->host.task != HOST_SALE &&
           t->backup.cloud.errand != CLOUD_FETCH; /* which fills the spool */
}

/*
 * A payment is under way in the snapshot. What is being reversed may be in a backup: that is asked
 * for again by whoever is restored from it, and changes nothing the second time.
 */
static err in_doubt(struct backup_job *job, bool *ret_doubt)
{
    int64_t pending = 0;
    _Static_assert(PAYMENT_PENDING == 2, "as in the statement");
    TRY(store_query_int(job->snapshot, "SELECT count(*) FROM payment WHERE state = 2", &pending));
    *ret_doubt = pending > 0;
    return OK;
}

/* Nothing has been written yet: again in a moment. */
static void leave_it(struct terminal *t)
{
    store_close(t->backup.job.snapshot);
    explicit_bzero(&t->backup.job, sizeof t->backup.job);
    t->backup.retry_us = now_us(t) + (int64_t)SOON_S * 1000000;
}

static err count_rows(struct backup_job *job, struct vault_backup_begin *begin)
{
    for (size_t i = 0; i < backup_table_count; i++) {
        const struct backup_table *table = &backup_tables[i];
        int64_t rows = 0;
        TRY(store_query_int(job->snapshot, table->count, &rows));
        begin->section[begin->sections++] =
            (struct backup_section){table->kind, (uint8_t)strlen(table->types), (uint32_t)rows};
    }
    return OK;
}

/* "10000017-TB1-00004711-000012.tbbackup": sorts by terminal, device and number. */
static void name_it(struct terminal *t, const struct backup_head *head)
{
    struct backup_job *job = &t->backup.job;
    struct writer w = writer_over(job->name, sizeof job->name - 1);
    write_bytes(&w, head->tid);
    write_bytes(&w, BYTES("-"));
    write_bytes(&w, head->serial);
    write_format(&w, "-%06llu.tbbackup", (unsigned long long)head->number);
    ENSURE(w.fault == ERR_OK);
    job->name[w.len] = '\0';
    job->number = head->number;
}

/* The people, in one go: nobody changes among them meanwhile. */
static err write_people(struct terminal *t, enum vault_status *ret_status)
{
    const struct vault_backup_piece people = {.kind = BACKUP_PEOPLE};
    struct vault_backup_part part = {.more = 1};
    while (part.more) {
        *ret_status = secure_backup_piece(t, &people, &part);
        if (*ret_status != VAULT_OK) return OK;
        TRY(t->backup.job.to->append(t->backup.job.to->context, part.part));
    }
    return OK;
}

static err begin_file(struct terminal *t, struct bytes head)
{
    struct backup_head read;
    uint8_t block[BACKUP_HEAD_MAX];
    struct writer kept = writer_over(block, sizeof block); /* the view ends with the next command */
    write_bytes(&kept, head);
    TRY((err){kept.fault});
    TRY(backup_read_head(writer_view(&kept), &read));
    name_it(t, &read);
    const struct backup_ports *to = t->backup.job.to;
    TRY(to->create(to->context, t->backup.job.name));
    return to->append(to->context, writer_view(&kept));
}

/* The store as it is now, and how many rows there will be. */
static err take_snapshot(struct terminal *t, struct vault_backup_begin *begin, bool *ret_doubt)
{
    struct backup_job *job = &t->backup.job;
    job->open = true;
    job->to = cloud_possible(t) ? &t->ports.spool : &t->ports.backup;
    TRY(job->to->snapshot(job->to->context, &job->snapshot));
    TRY(in_doubt(job, ret_doubt));
    return *ret_doubt ? OK : count_rows(job, begin);
}

err backup_start(struct terminal *t)
{
    struct vault_backup_begin begin = {.program = bytes_text(t->config.version)};
    enum vault_status status = VAULT_OK;
    struct bytes head;
    bool doubt = false;
    if (!may_begin(t)) return OK;
    err e = take_snapshot(t, &begin, &doubt);
    if (e.code == ERR_CRASHED) return e;
    if (FAILED(e)) return end(t, BACKUP_NO_PLACE, err_text(e));
    if (doubt) {
        leave_it(t);
        return OK;
    }
    status = secure_backup_begin(t, &begin, &head);
    if (status != VAULT_OK) return end(t, BACKUP_VAULT, vault_status_text(status));
    e = begin_file(t, head);
    if (!FAILED(e)) e = write_people(t, &status);
    if (FAILED(e)) return medium_failed(t, e);
    if (status != VAULT_OK) return vault_failed(t, status);
    t->refresh = true;
    return OK;
}

/* ---- its rows ---- */

/* The next row of the table at hand; *ret_over: there is none. */
static err next_row(struct backup_job *job, bool *ret_over)
{
    const struct backup_table *table = &backup_tables[job->table];
    struct writer w = writer_over(job->row, sizeof job->row);
    bool row = false;
    if (job->rows == NULL) TRY(store_statement(job->snapshot, table->select, &job->rows));
    TRY(store_step(job->rows, &row));
    *ret_over = !row;
    if (!row) return OK;
    TRY(backup_row_write(table, job->rows, &w));
    job->row_len = w.len;
    return OK;
}

/* Rows until the piece is full; one byte of it is the vault's. *ret_over: that was the last. */
static err fill_piece(struct backup_job *job, bool *ret_over)
{
    for (*ret_over = false;;) {
        if (job->row_len == 0) TRY(next_row(job, ret_over));
        if (*ret_over || job->piece_len + job->row_len > BACKUP_PLAIN_MAX - 1) return OK;
        memcpy(job->piece + job->piece_len, job->row, job->row_len);
        job->piece_len += job->row_len;
        job->row_len = 0;
    }
}

/* A piece to the vault, and what comes of it to the medium. */
static err send_piece(struct terminal *t, enum vault_status *ret_status)
{
    struct backup_job *job = &t->backup.job;
    const struct vault_backup_piece piece = {backup_tables[job->table].kind,
                                             bytes_of(job->piece, job->piece_len)};
    struct vault_backup_part part;
    *ret_status = VAULT_OK;
    if (job->piece_len == 0) return OK;
    *ret_status = secure_backup_piece(t, &piece, &part);
    if (*ret_status != VAULT_OK) return OK;
    job->piece_len = 0;
    return job->to->append(job->to->context, part.part);
}

/* Is what lies there under its name now a bundle that opens? */
static err read_again(struct terminal *t, bool in_spool, struct restore_result *result)
{
    char name[BACKUP_NAME_MAX];
    memcpy(name, t->backup.job.name, sizeof name);
    t->backup.from_spool = in_spool;
    err e = restore_read(t, name, VAULT_RESTORE_BY_DEVICE, false, result);
    t->backup.from_spool = false;
    return e;
}

static void begin_copy(struct terminal *t)
{
    struct backup_job *job = &t->backup.job;
    if (job->snapshot != NULL) store_close(job->snapshot);
    job->snapshot = NULL;
    job->copying = true;
    job->copied = 0;
}

/* Written, and read again: then it is one. From the spool it goes to the office, and to a medium
 * when there is one. */
static err finish(struct terminal *t)
{
    struct backup_job *job = &t->backup.job;
    struct vault_backup_part part;
    struct restore_result result;
    bool in_spool = job->to == &t->ports.spool;
    enum vault_status status = secure_backup_end(t, &part);
    if (status != VAULT_OK) return vault_failed(t, status);
    err e = job->to->append(job->to->context, part.part);
    if (FAILED(e)) return medium_failed(t, e);
    e = job->to->finish(job->to->context, true);
    if (FAILED(e)) return end(t, BACKUP_NO_PLACE, err_text(e));
    TRY(read_again(t, in_spool, &result));
    if (result.outcome != RESTORE_DONE)
        return end(t, BACKUP_UNREADABLE, vault_restore_text(result.verdict));
    if (!in_spool) return end(t, BACKUP_WRITTEN, "");
    TRY(cloud_take(t, job->name, job->number));
    if (!has_medium(t)) return end(t, BACKUP_ON_ITS_WAY, "");
    begin_copy(t);
    e = t->ports.backup.create(t->ports.backup.context, job->name);
    return FAILED(e) ? medium_failed(t, e) : OK;
}

/* ---- from the spool to the medium ---- */

static err copy_ends(struct terminal *t)
{
    struct restore_result result;
    err e = t->ports.backup.finish(t->ports.backup.context, true);
    if (FAILED(e)) return end(t, BACKUP_NO_PLACE, err_text(e));
    TRY(read_again(t, false, &result));
    if (result.outcome == RESTORE_DONE) return end(t, BACKUP_WRITTEN, "");
    return end(t, BACKUP_UNREADABLE, vault_restore_text(result.verdict));
}

static err copy_some(struct terminal *t)
{
    struct backup_job *job = &t->backup.job;
    const struct backup_ports *spool = &t->ports.spool, *medium = &t->ports.backup;
    for (int pieces = 0; pieces < PIECES_A_TURN; pieces++) {
        size_t len = 0;
        err e = spool->read(spool->context, job->name, job->copied, job->piece, sizeof job->piece,
                            &len);
        if (!FAILED(e) && len == 0) return copy_ends(t);
        if (!FAILED(e)) e = medium->append(medium->context, bytes_of(job->piece, len));
        if (FAILED(e)) return medium_failed(t, e);
        job->copied += len;
    }
    return OK;
}

/* The medium was not there when this one was made. */
static err copy_again(struct terminal *t)
{
    struct backup_job *job = &t->backup.job;
    const struct cloud *cloud = &t->backup.cloud;
    job->open = true;
    job->to = &t->ports.spool;
    memcpy(job->name, cloud->name, sizeof job->name);
    job->number = (uint64_t)cloud->number;
    begin_copy(t);
    err e = t->ports.backup.create(t->ports.backup.context, job->name);
    return FAILED(e) ? medium_failed(t, e) : OK;
}

/* ---- turn by turn ---- */

static err go_on(struct terminal *t)
{
    struct backup_job *job = &t->backup.job;
    if (job->copying) return copy_some(t);
    for (int pieces = 0; pieces < PIECES_A_TURN; pieces++) {
        enum vault_status status;
        bool over = false;
        if (job->table == backup_table_count) return finish(t);
        err e = fill_piece(job, &over);
        if (e.code == ERR_CRASHED) return e;
        if (FAILED(e)) return failed(t, BACKUP_NO_PLACE, err_text(e));
        e = send_piece(t, &status);
        if (FAILED(e)) return medium_failed(t, e);
        if (status != VAULT_OK) return vault_failed(t, status);
        if (!over) continue;
        job->table++;
        job->rows = NULL;
    }
    return OK;
}

/* ---- time ---- */

/* On a screen that begins things: nobody notices the moments that the reading takes. */
static bool quiet(const struct terminal *t)
{
    static const char *const screens[] = {"main.menu", "login.operator", "lock.locked"};
    for (size_t i = 0; t->screen.id != NULL && i < ARRAY_LEN(screens); i++)
        if (strcmp(t->screen.id, screens[i]) == 0) return true;
    return false;
}

/* A device without a payment has nothing to lose, and may be about to be restored. */
static bool due(const struct terminal *t)
{
    bool wanted = !cloud_waits(t) || has_medium(t); /* the office gets to it */
    return may_begin(t) && t->records.last_number > 0 && backup_stale(t) && wanted && quiet(t) &&
           !clock_behind(t);
}

/* An alarm of the back office, once: it is a day late, and no attempt has helped. */
static err warn(struct terminal *t)
{
    bool late = t->backup.made_ms > 0 && now_ms(t) - t->backup.made_ms >= WEEK_MS + DAY_MS;
    bool tried = t->backup.outcome != BACKUP_NOTHING && t->backup.outcome != BACKUP_WRITTEN &&
                 t->backup.outcome != BACKUP_ON_ITS_WAY;
    if (t->backup.warned || !(late || (t->backup.made_ms == 0 && tried))) return OK;
    t->backup.warned = true;
    return manage_event(t, "backup_stale", "", number_text(backup_age_days(t)).text);
}

err backup_tick(struct terminal *t)
{
    if (!backup_possible(t)) return OK;
    if (t->backup.job.open) return go_on(t);
    if (!due(t)) return OK;
    if (now_us(t) < t->backup.retry_us) return warn(t);
    return cloud_waits(t) ? copy_again(t) : backup_start(t);
}

int64_t backup_next_us(const struct terminal *t)
{
    if (!backup_possible(t)) return INT64_MAX;
    if (t->backup.job.open) return now_us(t);
    return due(t) && t->backup.retry_us > now_us(t) ? t->backup.retry_us
           : due(t)                                 ? now_us(t)
                                                    : INT64_MAX;
}
