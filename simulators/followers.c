/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Voids, refunds, and what becomes of holds, at the networks. They keep their own account of what
 * has gone back, by rules of their own: an acquirer that lets too much through is refused here.
 */
#include "payment/kind.h"
#include "simulators/network_core.h"

static void say(struct payment *p, const char *code)
{
    memcpy(p->response_code, code, 3);
}

static int64_t whole(const struct entry *hold)
{
    return hold->amount_minor + hold->raised_minor;
}

static const struct entry *original_of(const struct network *n, const struct entry *e)
{
    return strlen(e->original) == 12 ? book_find(n->book, bytes_text(e->original)) : NULL;
}

/* What a charged entry takes from its account; negative: gives back. */
static int64_t effect(const struct network *n, const struct entry *e)
{
    const struct entry *o = original_of(n, e), *hold = o == NULL ? NULL : original_of(n, o);
    /* What was added to it is an entry each. */
    if (e->type == PAYMENT_PREAUTH && e->ended == ENTRY_LAPSED) return -e->raised_minor;
    switch ((enum payment_type)e->type) {
    case PAYMENT_VOID:
    case PAYMENT_INSTALMENT_VOID:
    case PAYMENT_REFUND:
    case PAYMENT_REDEEM_VOID:
    case PAYMENT_REDEEM_REFUND:
        return -e->amount_minor;
    case PAYMENT_PREAUTH_CANCEL:
        return -(o == NULL ? e->amount_minor : whole(o));
    case PAYMENT_COMPLETION:
    case PAYMENT_COMPLETION_ADVICE:
        return e->amount_minor - (o == NULL ? 0 : whole(o));
    case PAYMENT_COMPLETION_VOID:
        return (hold == NULL ? 0 : whole(hold)) - e->amount_minor;
    default:
        return e->amount_minor;
    }
}

int64_t follower_effect(const struct network *n, const struct entry *e)
{
    return effect(n, e);
}

int64_t entry_taken(const struct entry *e)
{
    if (e->type == PAYMENT_TYPE_NONE) return e->amount_minor;
    switch (payment_type_row((enum payment_type)e->type)->direction) {
    case PAYMENT_TAKES:
        return e->amount_minor;
    case PAYMENT_GIVES:
        return -e->amount_minor;
    default:
        return 0;
    }
}

/* May it follow `o`? As an issuer sees it, who knows neither batches nor terminals. */
static const char *refusal(const struct entry *e, const struct entry *o)
{
    const struct payment_type_row *row = payment_type_row((enum payment_type)e->type);
    enum payment_type was = o->type == 0 ? PAYMENT_SALE : (enum payment_type)o->type;
    if (o->state != ENTRY_CHARGED || o->route != e->route) return "25";
    if ((row->originals & 1u << was) == 0 || o->ended != ENTRY_OPEN) return "12";
    return o->account == e->account ? NULL : "14";
}

static const char *amount_refusal(const struct entry *e, const struct entry *o)
{
    const struct payment_type_row *row = payment_type_row((enum payment_type)e->type);
    if (row->whole) return e->amount_minor == whole(o) && o->given_minor == 0 ? NULL : "64";
    if (row->per_cent > 0) return e->amount_minor * 100 <= whole(o) * row->per_cent ? NULL : "61";
    if (!payment_returns((enum payment_type)e->type)) return NULL;
    return o->given_minor + e->amount_minor <= o->amount_minor ? NULL : "61";
}

/* What becomes of the original; `sign` -1 takes it back. */
static void mark(struct entry *o, const struct entry *e, int sign)
{
    bool done = sign > 0;
    switch ((enum payment_type)e->type) {
    case PAYMENT_REFUND:
    case PAYMENT_REDEEM_REFUND:
        o->given_minor += sign * e->amount_minor;
        return;
    case PAYMENT_PREAUTH_ADD:
        o->raised_minor += sign * e->amount_minor;
        return;
    case PAYMENT_COMPLETION:
    case PAYMENT_COMPLETION_ADVICE:
        o->ended = done ? ENTRY_CAPTURED : ENTRY_OPEN;
        return;
    default:
        o->ended = done ? ENTRY_VOIDED : ENTRY_OPEN;
        return;
    }
}

/* A hold that is open again lapses at its own time, or at once. */
static void look_at(struct network *n, const struct entry *hold)
{
    if (hold->due_ms > 0 && hold->due_ms < n->lapse_ms) n->lapse_ms = hold->due_ms;
}

/* The hold behind a completion that is voided is open again, and ended again when that is undone:
 * if it has lapsed meanwhile, what it kept is not given free a second time. */
static err mark_hold(struct network *n, const struct entry *completion, bool open)
{
    const struct entry *found = original_of(n, completion);
    if (found == NULL) return OK;
    struct entry hold = *found;
    if (!open && hold.ended == ENTRY_LAPSED) *network_spent(n, &hold) += whole(&hold);
    hold.ended = open ? ENTRY_OPEN : ENTRY_CAPTURED;
    if (open) look_at(n, &hold);
    return book_put(n->book, &hold);
}

struct decision follower_decide(struct network *n, struct payment *p, struct entry *e)
{
    const struct entry *found = original_of(n, e);
    e->state = ENTRY_DECLINED;
    if (found == NULL) {
        say(p, "25");
        return (struct decision){0};
    }
    struct entry o = *found;
    const char *code = refusal(e, &o);
    if (code == NULL) code = amount_refusal(e, &o);
    if (code != NULL) {
        say(p, code);
        return (struct decision){0};
    }
    int64_t taken = effect(n, e);
    e->state = ENTRY_CHARGED;
    e->before_minor = o.given_minor;
    mark(&o, e, 1);
    struct decision d = {.store = book_put(n->book, &o)};
    if (!FAILED(d.store) && e->type == PAYMENT_COMPLETION_VOID) d.store = mark_hold(n, &o, true);
    *network_spent(n, e) += taken;
    say(p, "00");
    network_auth_code(n, p->auth_code);
    return d;
}

/* ---- holds that nobody completes (S100) ---- */

static bool waits(const struct entry *e)
{
    return e->type == PAYMENT_PREAUTH && e->state == ENTRY_CHARGED && e->ended == ENTRY_OPEN &&
           e->due_ms > 0;
}

void follower_hold(struct network *n, struct entry *e)
{
    enum { DAY_MS = 24 * 3600 * 1000 };
    if (e->type != PAYMENT_PREAUTH || e->state != ENTRY_CHARGED) return;
    e->due_ms = clock_now_ms(&n->config.clock) + (int64_t)NETWORK_HOLD_DAYS * DAY_MS +
                NETWORK_HOLD_GRACE_MS;
    if (e->due_ms < n->lapse_ms) n->lapse_ms = e->due_ms;
}

struct sweep {
    struct network *n;
    int64_t now_ms, next_ms;
    err failed;
};

/* The book is written while it is walked: an entry that is there already keeps its place. */
static void lapse_one(void *context, const struct entry *entry)
{
    struct sweep *sweep = context;
    if (!waits(entry) || FAILED(sweep->failed)) return;
    if (entry->due_ms > sweep->now_ms) {
        if (entry->due_ms < sweep->next_ms) sweep->next_ms = entry->due_ms;
        return;
    }
    struct entry hold = *entry;
    *network_spent(sweep->n, &hold) -= whole(&hold);
    hold.ended = ENTRY_LAPSED;
    sweep->failed = book_put(sweep->n->book, &hold);
}

err follower_lapse(struct network *n)
{
    int64_t now_ms = clock_now_ms(&n->config.clock);
    if (now_ms < n->lapse_ms) return OK;
    struct sweep sweep = {n, now_ms, INT64_MAX, OK};
    book_each(n->book, lapse_one, &sweep);
    TRY(sweep.failed);
    n->lapse_ms = sweep.next_ms;
    return OK;
}

err follower_undo(struct network *n, const struct entry *e)
{
    const struct entry *found = original_of(n, e);
    if (e->ended == ENTRY_LAPSED) return OK; /* it has given free what it kept */
    /* An addition that is taken back when its hold has ended: what it held went with the hold. */
    bool gone = e->type == PAYMENT_PREAUTH_ADD && found != NULL && found->ended != ENTRY_OPEN;
    if (!gone) *network_spent(n, e) -= effect(n, e);
    if (found == NULL) return OK;
    struct entry o = *found;
    mark(&o, e, -1);
    if (o.type == PAYMENT_PREAUTH && o.ended == ENTRY_OPEN) look_at(n, &o);
    TRY(book_put(n->book, &o));
    return e->type == PAYMENT_COMPLETION_VOID ? mark_hold(n, &o, false) : OK;
}
