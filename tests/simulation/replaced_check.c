/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a destroyed device had, against what has become of it (S165, S124). Each of its payments is
 * one of these, and of none there are two:
 *
 *   it is at the device that was restored, with the same amount, as paid or as unpaid as it was
 *   it was cash, or a card had approved it and nobody had told the host: gone, and counted
 *   nobody has paid it, and the host has not heard of it either
 *
 * That the restored device has no more than its host, and no less, is what checks.c sees of any.
 */
#include "payment/kind.h"
#include "tests/simulation/census.h"

static bool paid(enum payment_state state)
{
    return payment_state_paid(state);
}

static const struct dead_payment *dead_of(const struct side_terminal *t,
                                          const struct payment_key *key)
{
    for (size_t i = 0; i < t->dead.count; i++)
        if (payment_key_equal(&t->dead.row[i].key, key)) return &t->dead.row[i];
    return NULL;
}

/* Its card's data was sealed by the old device, and the host has not heard of it. */
static bool aside(struct census *c, const struct side_terminal *t, const struct payment_key *key)
{
    const struct dead_payment *dead = dead_of(t, key);
    bool untold = dead != NULL && dead->offline &&
                  (dead->state == PAYMENT_OFFLINE || dead->state == PAYMENT_DISPUTED);
    return untold && census_slot(c, key)->payment.state == PAYMENT_NONE;
}

bool replaced_aside(struct census *c, const struct payment *p)
{
    if (p->state != PAYMENT_DISPUTED || !aside(c, c->terminal, &p->key)) return false;
    c->w->counts.aside++;
    return true;
}

bool replaced_item(struct census *c, const struct journal_item *item)
{
    struct payment_key key = {.batch = item->batch, .stan = item->stan};
    memcpy(key.tid, item->tid, sizeof key.tid);
    if (item->kind != JOURNAL_ITEM_TERMINAL_ONLY) return false;
    for (unsigned i = 0; i < c->w->options.terminals; i++)
        if (aside(c, &c->w->terminal[i], &key)) return true;
    return false;
}

bool replaced_took_back(const struct census *c, const struct payment_key *key)
{
    for (unsigned i = 0; i < c->w->options.terminals; i++) {
        const struct dead_payment *dead = dead_of(&c->w->terminal[i], key);
        if (dead == NULL) continue;
        return dead->state == PAYMENT_PENDING || dead->state == PAYMENT_REVERSING ||
               dead->state == PAYMENT_REVERSED;
    }
    return false;
}

/* What the restored device has under this key; NOT_FOUND. */
static err find(struct side_terminal *t, const struct payment_key *key,
                enum payment_state *ret_state, int64_t *ret_minor)
{
    struct store_statement *s;
    bool row = false;
    TRY(store_statement(
        t->store, "SELECT state, amount_minor FROM payment WHERE batch = ? AND stan = ?", &s));
    store_bind_int(s, key->batch);
    store_bind_int(s, key->stan);
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    *ret_state = (enum payment_state)store_read_int(s);
    *ret_minor = store_read_int(s);
    store_reset(s);
    return OK;
}

/* It is nowhere but on paper. */
static bool count_lost(struct census *c, const struct dead_payment *dead)
{
    bool untold = dead->offline || dead->type == PAYMENT_COMPLETION_ADVICE;
    bool cash = dead->means == PAYMENT_CASH;
    c->w->counts.lost_cash += cash && paid(dead->state);
    c->w->counts.lost_offline += !cash && untold && paid(dead->state);
    return cash || untold || !paid(dead->state);
}

static err check(struct census *c, struct side_terminal *t, const struct dead_payment *dead)
{
    enum payment_state state = PAYMENT_NONE;
    int64_t minor = 0;
    char key[24];
    const struct decided *d = census_slot(c, &dead->key);
    payment_key_text(&dead->key, key);
    err found = find(t, &dead->key, &state, &minor);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    if (FAILED(found)) {
        bool heard = d->payment.state != PAYMENT_NONE && d->payment.rrn[0] != '\0';
        if (heard || !count_lost(c, dead))
            world_fail(c->w, "payment %s was %s at a device that was destroyed, and is gone", key,
                       payment_state_name(dead->state));
        return OK;
    }
    /* A notice may be refused, whoever tells it; and what was under way may have ended either way.
     */
    bool was = dead->state == PAYMENT_APPROVED || (dead->state == PAYMENT_OFFLINE && dead->offline);
    if (minor != dead->amount_minor || (was && !paid(state)))
        world_fail(c->w,
                   "payment %s was %s of %lld fen at a device that was destroyed, is %s of "
                   "%lld",
                   key, payment_state_name(dead->state), (long long)dead->amount_minor,
                   payment_state_name(state), (long long)minor);
    return OK;
}

err replaced_check(struct census *c)
{
    struct side_terminal *t = c->terminal;
    int64_t told = 0;
    for (size_t i = 0; i < t->dead.count; i++) TRY(check(c, t, &t->dead.row[i]));
    TRY(store_query_int(t->store, "SELECT count(*) FROM payment WHERE restored = 1", &told));
    c->w->counts.caught_up += (uint64_t)told;
    return OK;
}
