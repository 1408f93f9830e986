/* SPDX-License-Identifier: Apache-2.0 */
/* What a host tells a restored terminal, into its store: see catch_up.h. */
#include "lib/store/audit.h"
#include "terminal/catch_up.h"
#include "terminal/records_row.h"
#include "terminal/settlements.h"

enum { STAN_MAX = 999999 };

_Static_assert(PAYMENT_OFFLINE == 9 && PAYMENT_DISPUTED == 10, "the statements below say so");
_Static_assert(PAYMENT_APPROVED == 3 && PAYMENT_DECLINED == 4, "and the lifecycle");
_Static_assert(SETTLEMENT_CLOSED == 3, "and that one");

/* ---- how far it is ---- */

err catch_up_load(struct records *r, struct catch_up *out)
{
    struct store_statement *s;
    struct catch_up c = {.stage = CATCH_UP_NONE};
    bool row;
    TRY(store_statement(r->store,
                        "SELECT stage, step, floor, after, until_ms, other_device, rrn, payments,"
                        " batches, aside FROM catch_up",
                        &s));
    TRY(store_step(s, &row));
    if (row) {
        int64_t stage = store_read_int(s), step = store_read_int(s);
        c.at.floor = store_read_int(s);
        c.at.after = store_read_int(s);
        c.until_ms = store_read_int(s);
        c.other_device = store_read_int(s) != 0;
        store_read_text_into(s, c.rrn, sizeof c.rrn);
        c.payments = (uint32_t)store_read_int(s);
        c.batches = (uint32_t)store_read_int(s);
        c.aside = (uint32_t)store_read_int(s);
        err e = store_read_finish(s);
        store_reset(s);
        TRY(e);
        bool sense = stage >= CATCH_UP_DUE && stage <= CATCH_UP_KNOWN && step >= CATCH_UP_BEGIN &&
                     step < CATCH_UP_STEPS;
        if (!sense) return store_refuse(r->store, ERR(CORRUPT), "no such catch-up", NULL);
        c.stage = (enum catch_up_stage)stage;
        c.at.step = (enum payment_catch_up_step)step;
    }
    *out = c;
    return OK;
}

err catch_up_begin(struct store *store, int64_t until_ms, bool other_device, int64_t last)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT OR REPLACE INTO catch_up(one, stage, step, floor, after, until_ms,"
                        " other_device, rrn, payments, batches, aside) VALUES(1, 1, 1, 0, 0, ?, ?,"
                        " coalesce((SELECT rrn FROM payment WHERE rrn <> '' AND number <= ?"
                        " ORDER BY number DESC LIMIT 1), ''), 0, 0, 0)",
                        &s));
    store_bind_int(s, until_ms);
    store_bind_int(s, other_device);
    store_bind_int(s, last);
    return store_run(s);
}

/* In the caller's transaction. */
static err save(struct records *r, const struct catch_up *c)
{
    struct store_statement *s;
    TRY(store_statement(r->store,
                        "UPDATE catch_up SET stage = ?, step = ?, floor = ?, after = ?,"
                        " payments = ?, batches = ?, aside = ?",
                        &s));
    store_bind_int(s, c->stage);
    store_bind_int(s, c->at.step);
    store_bind_int(s, c->at.floor);
    store_bind_int(s, c->at.after);
    store_bind_int(s, c->payments);
    store_bind_int(s, c->batches);
    store_bind_int(s, c->aside);
    TRY(store_run(s));
    ENSURE(store_changes(r->store) == 1);
    return OK;
}

/* ---- a payment ---- */

/*
 * What the host's state means here. PENDING: the device that asked died without the answer, and
 * takes it back as after any restart. OFFLINE: a notice that is told again; of a card it would have
 * to bring the card's data, and the host gives that up before it tells of it. False: no such thing.
 */
static bool state_here(struct payment *p)
{
    static const enum payment_state here[PAYMENT_STATES] = {
        [PAYMENT_PENDING] = PAYMENT_REVERSING,  [PAYMENT_APPROVED] = PAYMENT_APPROVED,
        [PAYMENT_CAPTURED] = PAYMENT_APPROVED,  [PAYMENT_SETTLED] = PAYMENT_APPROVED,
        [PAYMENT_DISPUTED] = PAYMENT_APPROVED,  [PAYMENT_DECLINED] = PAYMENT_DECLINED,
        [PAYMENT_REVERSING] = PAYMENT_REVERSED, [PAYMENT_REVERSED] = PAYMENT_REVERSED,
        [PAYMENT_OFFLINE] = PAYMENT_OFFLINE,
    };
    bool pending = p->state == PAYMENT_PENDING;
    if (p->state == PAYMENT_OFFLINE && payment_offline(p)) return false;
    p->state = here[p->state];
    if (pending) memcpy(p->reversal_reason, "98", 3);
    return p->state != PAYMENT_NONE;
}

/* What is here under this key; NOT_FOUND. */
static err find(struct records *r, const struct payment_key *key, int64_t *ret_number,
                enum payment_state *ret_state)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(r->store, "SELECT number, state FROM payment WHERE batch = ? AND stan = ?",
                        &s));
    store_bind_int(s, key->batch);
    store_bind_int(s, key->stan);
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    *ret_number = store_read_int(s);
    *ret_state = (enum payment_state)store_read_int(s);
    store_reset(s);
    return OK;
}

/* It waits for the host's word, and this is it. */
static bool decides(enum payment_state here, enum payment_state said)
{
    bool told = here == PAYMENT_OFFLINE || here == PAYMENT_DISPUTED;
    return told &&
           (said == PAYMENT_APPROVED || (here == PAYMENT_OFFLINE && said == PAYMENT_DECLINED));
}

static err insert(struct records *r, const struct payment *p)
{
    struct store_statement *s;
    int64_t last = 0;
    TRY(store_query_int(r->store, "SELECT max(number) FROM payment", &last));
    TRY(records_row_insert(r, p, (struct bytes){0}, last + 1));
    TRY(store_statement(r->store, "UPDATE payment SET restored = 1 WHERE number = ?", &s));
    store_bind_int(s, last + 1);
    return store_run(s);
}

static err take_payment(struct records *r, struct catch_up *c, const char *tid, struct reader *in)
{
    struct payment p;
    int64_t number = 0;
    enum payment_state state = PAYMENT_NONE;
    TRY(payment_catch_up_read_payment(in, &p));
    if (!state_here(&p)) return ERR(FORMAT);
    memcpy(p.key.tid, tid, sizeof p.key.tid);
    err found = find(r, &p.key, &number, &state);
    if (found.code == ERR_NOT_FOUND) {
        c->payments++;
        return insert(r, &p);
    }
    TRY(found);
    if (!decides(state, p.state)) return OK;
    TRY(records_row_update(r, number, &p));
    /* Somebody has a slip of it, which does not stand any more. */
    return p.state == PAYMENT_DECLINED ? records_row_owe(r, number, RECORDS_OWED) : OK;
}

/* ---- how a batch was closed ---- */

static void bind_totals(struct store_statement *s, const struct payment_totals *totals)
{
    for (enum payment_side side = PAYMENT_SIDE_DEBIT; side <= PAYMENT_SIDE_CREDIT; side++) {
        store_bind_int(s, totals->side[side].count);
        store_bind_int(s, totals->side[side].minor);
    }
}

static err close_open(struct records *r, const struct payment_catch_up_closing *closing)
{
    struct store_statement *s;
    TRY(store_statement(
        r->store,
        "UPDATE settlement SET stage = 3, flag = ?, debits = ?, debit_minor = ?,"
        " credits = ?, credit_minor = ?, closed_ms = ? WHERE batch = ? AND stage < 3",
        &s));
    store_bind_int(s, closing->flag);
    bind_totals(s, &closing->totals);
    store_bind_int(s, closing->at_ms);
    store_bind_int(s, closing->batch);
    return store_run(s);
}

static err take_closing(struct records *r, struct catch_up *c, struct reader *in)
{
    struct payment_catch_up_closing closing;
    struct store_statement *s;
    TRY(payment_catch_up_read_closing(in, &closing));
    TRY(close_open(r, &closing));
    bool known = store_changes(r->store) > 0;
    TRY(store_statement(r->store,
                        "INSERT INTO settlement(batch, stage, flag, debits, debit_minor, credits,"
                        " credit_minor, uploaded_to, uploaded, operator_id, begun_ms, closed_ms)"
                        " SELECT ?1, 3, ?2, ?3, ?4, ?5, ?6, 0, 0, '', ?7, ?7"
                        " WHERE NOT EXISTS(SELECT 1 FROM settlement WHERE batch = ?1)",
                        &s));
    store_bind_int(s, closing.batch);
    store_bind_int(s, closing.flag);
    bind_totals(s, &closing.totals);
    store_bind_int(s, closing.at_ms);
    TRY(store_run(s));
    c->batches += known || store_changes(r->store) > 0;
    return OK;
}

/* ---- a page ---- */

err catch_up_take(struct records *r, struct catch_up *c, const char *tid,
                  const struct payment_catch_up_page *page)
{
    struct catch_up next = *c;
    struct reader in = reader_over(page->records);
    bool payments = page->at.step == CATCH_UP_PAYMENTS;
    ENSURE(c->stage == CATCH_UP_DUE && page->next.step >= page->at.step);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(r->store, &tx));
    for (unsigned i = 0; i < page->count; i++)
        TRY(payments ? take_payment(r, &next, tid, &in) : take_closing(r, &next, &in));
    if (FAILED(reader_finish(&in))) return ERR(FORMAT);
    next.at = page->next;
    TRY(save(r, &next));
    TRY(store_commit(&tx));
    *c = next;
    return records_reload(r);
}

/* ---- the end ---- */

/* Of another device's vault: the card's data does not open here, so nobody tells of these. They
 * stand, they are uploaded when the batch is settled, and the host makes a work item of each. */
static err set_aside(struct records *r, struct catch_up *c)
{
    static const char *const sql[] = {
        "UPDATE payment SET held = x'' WHERE state = 10 AND length(held) > 0",
        "UPDATE payment SET state = 10, held = x'' WHERE state = 9 AND length(held) > 0",
    };
    if (!c->other_device) return OK;
    for (size_t i = 0; i < ARRAY_LEN(sql); i++) {
        struct store_statement *s;
        TRY(store_statement(r->store, sql[i], &s));
        TRY(store_run(s));
    }
    c->aside = (uint32_t)store_changes(r->store);
    return OK;
}

/*
 * Behind everything that the host has seen in this batch, and a stretch further: slips of payments
 * that nobody has any more, cash above all, have numbers that no other slip shall have.
 */
static err go_on_behind(struct records *r, uint32_t last_stan)
{
    struct store_statement *s;
    uint32_t before = r->stan > last_stan ? r->stan : last_stan;
    uint32_t stan = before + CATCH_UP_GAP;
    TRY(store_statement(r->store,
                        "UPDATE state SET stan = ?, batch_used = min(?, batch_used + ?)"
                        " WHERE id = 1",
                        &s));
    store_bind_int(s, stan > STAN_MAX ? stan - STAN_MAX : stan);
    store_bind_int(s, STAN_MAX);
    store_bind_int(s, before - r->stan + CATCH_UP_GAP);
    return store_run(s);
}

err catch_up_end(struct records *r, struct catch_up *c, uint32_t last_stan, const char *actor)
{
    struct catch_up next = *c;
    char got[32];
    struct writer w = writer_over(got, sizeof got - 1);
    ENSURE(last_stan <= STAN_MAX);
    next.stage = CATCH_UP_OVER;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(r->store, &tx));
    TRY(set_aside(r, &next));
    TRY(go_on_behind(r, last_stan));
    TRY(save(r, &next));
    write_format(&w, "%u payments, %u batches", next.payments, next.batches);
    const struct audit_entry entry = {r->seen_ms, bytes_text(actor), BYTES("caught_up"), BYTES(""),
                                      writer_view(&w)};
    TRY(audit_append(&tx, &entry));
    TRY(store_commit(&tx));
    *c = next;
    return records_reload(r);
}

err catch_up_known(struct records *r, struct catch_up *c)
{
    struct catch_up next = *c;
    ENSURE(c->stage == CATCH_UP_OVER);
    next.stage = CATCH_UP_KNOWN;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(r->store, &tx));
    TRY(save(r, &next));
    TRY(store_commit(&tx));
    *c = next;
    return OK;
}

err catch_up_told(struct records *r, int64_t number, bool *ret_told)
{
    struct store_statement *s;
    bool row = false;
    TRY(store_statement(r->store, "SELECT 1 FROM payment WHERE number = ? AND restored = 1", &s));
    store_bind_int(s, number);
    TRY(store_step(s, &row));
    if (row) store_reset(s);
    *ret_told = row;
    return OK;
}
