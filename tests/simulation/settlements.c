/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settlements in a world (S104): some begin with a terminal that has got an amount wrong, and when
 * everything has come to rest every payment is in a closed batch, the closed batches add up to what
 * was approved, and there is a work item for each wrong amount and for nothing else.
 */
#include "journal/close.h"
#include "lib/store/migrate.h"
#include "tests/simulation/world.h"

enum { ONE_IN = 5, AT_ONCE = 64 };

/* Which payments of a terminal have a fen too much. */
static const char *const migration[] = {"CREATE TABLE spoilt(number INTEGER PRIMARY KEY) STRICT;"};
static const struct store_schema schema = {"spoilt", migration, ARRAY_LEN(migration)};

static err run(struct store *store, const char *sql, int64_t number)
{
    struct store_statement *s;
    TRY(store_statement(store, sql, &s));
    store_bind_int(s, number);
    return store_run(s);
}

static err spoil(struct store *store)
{
    int64_t number = 0;
    TRY(store_migrate(store, &schema));
    TRY(store_query_int(store,
                        "SELECT coalesce(max(number), 0) FROM payment WHERE state = 3"
                        " AND batch = (SELECT batch FROM state)"
                        " AND number NOT IN (SELECT number FROM spoilt)",
                        &number));
    if (number == 0) return OK;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(run(store, "UPDATE payment SET amount_minor = amount_minor + 1 WHERE number = ?", number));
    TRY(run(store, "INSERT INTO spoilt VALUES(?)", number));
    return store_commit(&tx);
}

void settlement_spoil(struct side_terminal *t)
{
    if (t->world->options.calm || !world_chance(t->world, ONE_IN)) return;
    side_terminal_faults(t, false);
    err done = spoil(t->store);
    side_terminal_faults(t, true);
    if (FAILED(done)) world_fail(t->world, "spoiling a payment: %s", err_name(done));
}

/* ---- at the end ---- */

/* Puts right what was spoilt, for the other checks, and counts it. */
static err put_right(struct side_terminal *t, int64_t *spoilt)
{
    int64_t count = 0;
    TRY(store_migrate(t->store, &schema));
    TRY(store_query_int(t->store, "SELECT count(*) FROM spoilt", &count));
    *spoilt += count;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(t->store, &tx));
    TRY(run(t->store,
            "UPDATE payment SET amount_minor = amount_minor - 1"
            " WHERE number IN (SELECT number FROM spoilt WHERE number > ?)",
            0));
    return store_commit(&tx);
}

static err check_closes(struct world *w, struct store *journal, uint64_t approved,
                        int64_t approved_minor)
{
    struct journal_close rows[AT_ONCE];
    struct payment_sum sum = {0};
    size_t got = AT_ONCE;
    for (int64_t from = 1; got == AT_ONCE; from += (int64_t)got) {
        TRY(journal_close_read(journal, from, rows, AT_ONCE, &got));
        for (size_t i = 0; i < got; i++) {
            const struct journal_close *c = &rows[i];
            const struct payment_sum *debit = &c->host.side[PAYMENT_SIDE_DEBIT];
            const struct payment_sum *credit = &c->host.side[PAYMENT_SIDE_CREDIT];
            sum.count += debit->count + credit->count;
            sum.minor += debit->minor - credit->minor;
            w->counts.batches++;
            w->counts.differed += c->how == JOURNAL_CLOSED_UPLOAD;
        }
    }
    if ((uint64_t)sum.count != approved || sum.minor != approved_minor)
        world_fail(w, "%lld payments of %lld fen were settled, %llu of %lld were approved",
                   (long long)sum.count, (long long)sum.minor, (unsigned long long)approved,
                   (long long)approved_minor);
    return OK;
}

/* A batch is left when a sign-in comes so late that it seems to be of a terminal that has lost its
 * place: it is named for a person, and settled all the same. */
static err check_items(struct world *w, struct store *journal, int64_t spoilt)
{
    struct journal_item rows[AT_ONCE];
    int64_t items = 0;
    size_t got = AT_ONCE;
    for (int64_t from = 1; got == AT_ONCE; from += (int64_t)got) {
        TRY(journal_item_read(journal, from, rows, AT_ONCE, &got));
        for (size_t i = 0; i < got; i++, items++) {
            const struct journal_item *it = &rows[i];
            if (it->kind == JOURNAL_ITEM_OTHER && it->terminal_minor == it->host_minor + 1)
                continue;
            struct journal_close close;
            if (it->kind == JOURNAL_ITEM_LEFT &&
                !FAILED(journal_close_find(journal, it->tid, it->batch, &close))) {
                items--;
                continue;
            }
            world_fail(w, "work item of %s/%06u/%06u: %s, terminal %lld, host %lld", it->tid,
                       it->batch, it->stan, journal_item_name(it->kind),
                       (long long)it->terminal_minor, (long long)it->host_minor);
        }
    }
    if (items != spoilt)
        world_fail(w, "%lld work items for %lld wrong amounts", (long long)items,
                   (long long)spoilt);
    return OK;
}

err settlements_put_right(struct world *w, int64_t *ret_spoilt)
{
    int64_t spoilt = 0;
    for (unsigned i = 0; i < w->options.terminals; i++) TRY(put_right(&w->terminal[i], &spoilt));
    *ret_spoilt = spoilt;
    return OK;
}

err settlements_check(struct world *w, int64_t spoilt, uint64_t approved, int64_t approved_minor)
{
    struct store *journal = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    TRY(store_open("sim-journal", &options, NULL, &journal));
    err done = check_closes(w, journal, approved, approved_minor);
    if (!FAILED(done)) done = check_items(w, journal, spoilt);
    store_close(journal);
    return done;
}
