/* SPDX-License-Identifier: Apache-2.0 */
/* What comes to its time: drafts that end, and files that are erased. One at a time, each whole. */
#include "backoffice/applications/retention.h"

#include "backoffice/applications/application_internal.h"
#include "backoffice/applications/documents.h"

#define DAY_MS INT64_C(86400000)

static const struct retention_row rows[] = {
    {APPLICATION_EXPIRED, 0, "未提交或未签署的资料失效后即删除。",
     "What was never sent or signed is erased when it has expired."},
    {APPLICATION_WITHDRAWN, 90, "撤回后保留90天，以便处理争议，之后删除。",
     "Kept for 90 days after a withdrawal, for disputes, then erased."},
    {APPLICATION_REJECTED, 3 * 365, "未通过的资料自结束之日起保留三年，之后删除。",
     "Kept for three years after a rejection, then erased."},
};

const struct retention_row *retention_rows(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(rows);
    return rows;
}

/* The oldest of a query that binds a moment and a state; 0 when there is none. */
static err find_one(struct store *store, const char *sql, int64_t before_ms, int64_t state,
                    int64_t *ret_id)
{
    struct store_statement *query;
    bool row = false;
    *ret_id = 0;
    TRY(store_statement(store, sql, &query));
    store_bind_int(query, before_ms);
    store_bind_int(query, state);
    TRY(store_step(query, &row));
    if (!row) return OK;
    *ret_id = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

static err run_by_id(struct store_tx *tx, const char *sql, int64_t id)
{
    struct store_statement *change;
    TRY(store_statement(tx->store, sql, &change));
    store_bind_int(change, id);
    return store_run(change);
}

static err erase(const struct applications *as, struct store_tx *tx, struct application *a)
{
    static const char *const texts[] = {
        "DELETE FROM application_value WHERE application = ?",
        "DELETE FROM application_note WHERE application = ?",
        "DELETE FROM upload WHERE owner = 1 AND id = ?",
        "DELETE FROM application_code WHERE application = ?",
        "UPDATE application SET mark = x'' WHERE id = ?",
    };
    const struct application_actor clock = application_actor_named("clock", WHO_CLOCK, 0);
    enum application_verdict verdict;
    TRY(application_move(as, tx, a, LIFE_ERASE, &clock, NULL, &verdict));
    ENSURE(verdict == APPLY_VERDICT_OK);
    a->erased_ms = a->changed_ms;
    a->phone_ms = 0;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) TRY(run_by_id(tx, texts[i], a->id));
    return application_write(tx, a);
}

err application_erase(const struct applications *as, struct store_tx *tx, struct bytes number)
{
    struct application a;
    err found = application_find_number(tx->store, number, &a);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    bool may = a.erased_ms == 0 && application_next(a.state, LIFE_ERASE) != APPLICATION_NONE;
    return may ? erase(as, tx, &a) : OK;
}

typedef err (*change_function)(const struct applications *as, struct store_tx *tx,
                               struct application *a);

static err one(const struct applications *as, int64_t id, change_function run)
{
    struct application a;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(as->store, &tx));
    TRY(application_find(as->store, id, &a));
    TRY(run(as, &tx, &a));
    return store_commit(&tx);
}

static err expire(const struct applications *as, struct store_tx *tx, struct application *a)
{
    const struct application_actor clock = application_actor_named("clock", WHO_CLOCK, 0);
    enum application_verdict verdict;
    TRY(application_move(as, tx, a, LIFE_EXPIRE, &clock, NULL, &verdict));
    ENSURE(verdict == APPLY_VERDICT_OK);
    return OK;
}

err application_sweep(const struct applications *as)
{
    static const enum application_state waiting[] = {APPLICATION_DRAFT, APPLICATION_MEND,
                                                     APPLICATION_APPROVED};
    int64_t now_ms = clock_now_ms(&as->clock), id = 0;
    for (size_t i = 0; i < ARRAY_LEN(waiting); i++) {
        do {
            TRY(find_one(as->store,
                         "SELECT id FROM application WHERE ends_ms <= ? AND state = ? ORDER BY id"
                         " LIMIT 1",
                         now_ms, (int64_t)waiting[i], &id));
            if (id != 0) TRY(one(as, id, expire));
        } while (id != 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        do {
            TRY(find_one(as->store,
                         "SELECT id FROM application WHERE changed_ms <= ? AND state = ? AND"
                         " erased_ms = 0 ORDER BY id LIMIT 1",
                         now_ms - rows[i].days * DAY_MS, (int64_t)rows[i].state, &id));
            if (id != 0) TRY(one(as, id, erase));
        } while (id != 0);
    }
    return uploads_sweep(as->uploads);
}
