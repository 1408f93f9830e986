/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settlements in a world (S104): some begin with a terminal that has got a payment wrong: an
 * amount, a payment that it has forgotten, one that never was. When everything has come to rest
 * every payment is in a closed batch, the closed batches add up to what was approved, and there is
 * a work item for each thing that was spoilt or disputed, of the right kind, and for nothing else.
 */
#include "journal/close.h"
#include "lib/store/migrate.h"
#include "payment/kind.h"
#include "tests/simulation/census.h"

enum { ONE_IN = 5, AT_ONCE = 64 };

#define PICK(state)                                                                                                    \
    "SELECT coalesce(max(number), 0) FROM payment WHERE state = " #state                                               \
    " AND type NOT IN (4, 5, 6, 13, 14, 15) AND means <> 4 AND length(chip) = 0 AND batch = (SELECT batch FROM state)" \
    " AND number NOT IN (SELECT number FROM spoilt)"
/* The host has kept another of the same amount, which its terminal has not: both together, the
 * totals agree, and no settlement can find either. */
#define NOT_MADE_UP_FOR                                                                                 \
    " AND NOT EXISTS(SELECT 1 FROM payment AS kept WHERE kept.batch = payment.batch AND kept.state = 6" \
    " AND kept.response_code = '12' AND kept.amount_minor = payment.amount_minor)"
#define MEND(what, way) \
    "UPDATE payment SET " what " WHERE number IN (SELECT number FROM spoilt WHERE way = " #way ")"

/* What is done to a payment in the terminal's store, and undone at the end. */
static const struct {
    const char *pick, *spoil, *mend;
    enum journal_item_kind item;
} ways[] = {
    {PICK(3), "UPDATE payment SET amount_minor = amount_minor + 1 WHERE number = ?",
     MEND("amount_minor = amount_minor - 1", 0), JOURNAL_ITEM_OTHER},
    {PICK(3), "UPDATE payment SET state = 6 WHERE number = ?", MEND("state = 3", 1),
     JOURNAL_ITEM_HOST_ONLY},
    {PICK(6) NOT_MADE_UP_FOR, "UPDATE payment SET state = 3 WHERE number = ?", MEND("state = 6", 2),
     JOURNAL_ITEM_TERMINAL_ONLY},
};
_Static_assert(PAYMENT_APPROVED == 3 && PAYMENT_REVERSED == 6, "the states above");
_Static_assert(PAYMENT_CASH == 4, "what no host hears of");
_Static_assert(PAYMENT_PREAUTH == 4 && PAYMENT_PREAUTH_ADD == 5 && PAYMENT_PREAUTH_CANCEL == 6,
               "the kinds below, which no settlement counts");

static const char *const migration[] = {
    "CREATE TABLE spoilt(number INTEGER PRIMARY KEY, way INTEGER NOT NULL) STRICT;"};
static const struct store_schema schema = {"spoilt", migration, ARRAY_LEN(migration)};

static err spoil(struct store *store, uint32_t way)
{
    struct store_statement *s;
    int64_t number = 0;
    TRY(store_migrate(store, &schema));
    TRY(store_query_int(store, ways[way].pick, &number));
    if (number == 0) return OK;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(store_statement(store, ways[way].spoil, &s));
    store_bind_int(s, number);
    TRY(store_run(s));
    TRY(store_statement(store, "INSERT INTO spoilt VALUES(?, ?)", &s));
    store_bind_int(s, number);
    store_bind_int(s, way);
    TRY(store_run(s));
    return store_commit(&tx);
}

void settlement_spoil(struct side_terminal *t)
{
    if (t->world->options.calm || !world_chance(t->world, ONE_IN)) return;
    uint32_t way = random_below(&t->world->chance, (uint32_t)ARRAY_LEN(ways));
    side_terminal_faults(t, false);
    err done = spoil(t->store, way);
    side_terminal_faults(t, true);
    if (FAILED(done)) world_fail(t->world, "spoiling a payment: %s", err_name(done));
}

/* ---- at the end -------------------------------------------------------------------------------
 */

static err collect(struct census *c, const struct side_terminal *t)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(t->store, "SELECT batch, stan, way FROM payment JOIN spoilt USING(number)",
                        &s));
    TRY(store_step(s, &row));
    while (row) {
        struct spoilt *spoilt = &c->spoilt[c->spoilt_count];
        if (c->spoilt_count++ == CENSUS_SPOILT_MAX) return ERR(FULL);
        memcpy(spoilt->key.tid, t->tid, sizeof spoilt->key.tid);
        spoilt->key.batch = (uint32_t)store_read_int(s);
        spoilt->key.stan = (uint32_t)store_read_int(s);
        spoilt->way = (uint8_t)store_read_int(s);
        TRY(store_read_finish(s));
        TRY(store_step(s, &row));
    }
    return OK;
}

/* Puts right what was spoilt, for the other checks, and remembers it. */
static err put_right(struct census *c, struct side_terminal *t)
{
    struct store_statement *s;
    TRY(store_migrate(t->store, &schema));
    TRY(collect(c, t));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(t->store, &tx));
    for (size_t way = 0; way < ARRAY_LEN(ways); way++) {
        TRY(store_statement(t->store, ways[way].mend, &s));
        TRY(store_run(s));
    }
    return store_commit(&tx);
}

err settlements_put_right(struct census *c)
{
    for (unsigned i = 0; i < c->w->options.terminals; i++) TRY(put_right(c, &c->w->terminal[i]));
    return OK;
}

/* What came back by code when no batch could hold it any more. */
static struct payment_sum sum_late(const struct census *c)
{
    struct payment_sum sum = {0};
    for (size_t i = 0; i < c->capacity; i++) {
        if (!c->row[i].late) continue;
        sum.count++;
        sum.minor += c->row[i].payment.amount_minor;
    }
    return sum;
}

static err check_closes(const struct census *census, struct store *journal)
{
    struct world *w = census->w;
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
    struct payment_sum late = sum_late(census);
    size_t count = census->approved - census->plates + census->disputed - (size_t)late.count;
    int64_t minor =
        census->approved_minor - census->plates_minor + census->disputed_minor + late.minor;
    if ((size_t)sum.count != count || sum.minor != minor)
        world_fail(w, "%lld payments of %lld fen were settled, %zu of %lld were approved",
                   (long long)sum.count, (long long)sum.minor, count, (long long)minor);
    return OK;
}

static struct payment_key key_of(const struct journal_item *it)
{
    struct payment_key key = {.batch = it->batch, .stan = it->stan};
    memcpy(key.tid, it->tid, sizeof key.tid);
    return key;
}

static err each_item(struct census *c, err (*each)(struct census *, const struct journal_item *))
{
    struct store *journal = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    struct journal_item rows[AT_ONCE];
    size_t got = AT_ONCE;
    TRY(store_open("sim-journal", &options, NULL, &journal));
    err done = OK;
    for (int64_t from = 1; got == AT_ONCE && !FAILED(done); from += (int64_t)got) {
        done = journal_item_read(journal, from, rows, AT_ONCE, &got);
        for (size_t i = 0; i < got && !FAILED(done); i++) done = each(c, &rows[i]);
    }
    store_close(journal);
    return done;
}

/*
 * A terminal whose refund by code is not decided for hours lets it go, and settles without it. When
 * the wallet says at last that it was made, the item that names it is not of what was kept, but of
 * what came too late for its batch.
 */
static err take_kept(struct census *c, const struct journal_item *it)
{
    const struct payment_key key = key_of(it);
    struct decided *d = census_slot(c, &key);
    bool late = it->kind == JOURNAL_ITEM_LATE && it->terminal_minor == 0 &&
                payment_stays(&d->payment) && d->payment.state == PAYMENT_APPROVED;
    d->late = d->late || late;
    d->kept = d->kept || late || it->kind == JOURNAL_ITEM_KEPT;
    return OK;
}

err settlements_kept(struct census *c)
{
    return each_item(c, take_kept);
}

/*
 * Has a work item a cause? A batch is left when a sign-in comes so late that it seems to be of a
 * terminal that has lost its place: it is named for a person, and settled all the same. What is
 * kept its terminal has reversed, and others had done something to it before the host heard of
 * that, or it gave back by code.
 */
static bool has_cause(struct census *c, const struct journal_item *it)
{
    const struct payment_key key = key_of(it);
    if (it->kind == JOURNAL_ITEM_LEFT || replaced_item(c, it)) return true;
    const struct decided *d = census_slot(c, &key);
    if (it->kind == JOURNAL_ITEM_KEPT || d->late) { /* also of what its terminal made up later */
        return d->payment.state == PAYMENT_APPROVED &&
               (d->reversed_at_terminal || replaced_took_back(c, &key));
    }
    for (size_t i = 0; i < c->spoilt_count; i++) {
        struct spoilt *s = &c->spoilt[i];
        if (s->named || !payment_key_equal(&s->key, &key)) continue;
        s->named = ways[s->way].item == it->kind;
        return s->named;
    }
    return false;
}

static err check_item(struct census *c, const struct journal_item *it)
{
    c->w->counts.items[it->kind]++;
    if (!has_cause(c, it))
        world_fail(c->w, "work item of %s/%06u/%06u without a cause: %s, terminal %lld, host %lld",
                   it->tid, it->batch, it->stan, journal_item_name(it->kind),
                   (long long)it->terminal_minor, (long long)it->host_minor);
    return OK;
}

/* What was spoilt has a work item, but where the host had kept what the terminal then made up. */
static void check_causes(struct census *c)
{
    char key[24];
    for (size_t i = 0; i < c->spoilt_count; i++) {
        const struct spoilt *s = &c->spoilt[i];
        if (s->named || census_slot(c, &s->key)->kept) continue;
        payment_key_text(&s->key, key);
        world_fail(c->w, "payment %s was spoilt (%s) and has no work item", key,
                   journal_item_name(ways[s->way].item));
    }
}

err settlements_check(struct census *c)
{
    struct store *journal = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    TRY(store_open("sim-journal", &options, NULL, &journal));
    err done = check_closes(c, journal);
    store_close(journal);
    TRY(done);
    TRY(each_item(c, check_item));
    check_causes(c);
    return OK;
}
