/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one payment does to another, and all of them to a customer's account: added up here from the
 * journal alone, by rules that are written down once more, and held against what the networks have
 * kept by theirs. S94 S95 S96 S97 S98 S99 S100
 */
#include <stdio.h>
#include <stdlib.h>

#include "payment/kind.h"
#include "tests/simulation/census.h"

struct decided *census_slot(struct census *c, const struct payment_key *key)
{
    uint64_t hash =
        key->stan * UINT64_C(0x9e3779b97f4a7c15) ^ key->batch * UINT64_C(0xbf58476d1ce4e5b9);
    for (const char *at = key->tid; *at != '\0'; at++)
        hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    for (size_t i = (size_t)(hash >> 20) & (c->capacity - 1);; i = (i + 1) & (c->capacity - 1)) {
        struct decided *d = &c->row[i];
        if (d->payment.state == PAYMENT_NONE || payment_key_equal(&d->payment.key, key)) return d;
    }
}

const struct entry *census_entry(const struct census *c, const char *rrn)
{
    return strlen(rrn) == 12 ? book_find(network_book(c->w->network), bytes_text(rrn)) : NULL;
}

/* ---- what has followed an original ------------------------------------------------------------
 */

/* Of all approved followers of one payment. */
struct followed {
    char rrn[13]; /* of the original; empty: free */
    const struct payment *original;
    int64_t given_minor, raised_minor, captured_minor;
    int64_t raised_once_minor; /* with additions that were taken back later */
    unsigned voids, captures;
};

struct followers {
    struct followed *row; /* by the hash of the reference */
    size_t capacity;
};

/* Its row; it gets one. */
static struct followed *followed_by(const struct followers *f, const char *rrn)
{
    ENSURE(strlen(rrn) == 12);
    uint64_t hash = 0;
    for (const char *at = rrn; *at != '\0'; at++) hash = hash * 1000003 + (uint8_t)*at;
    for (size_t i = (size_t)(hash ^ hash >> 17) & (f->capacity - 1);;
         i = (i + 1) & (f->capacity - 1)) {
        struct followed *o = &f->row[i];
        if (o->rrn[0] == '\0') memcpy(o->rrn, rrn, sizeof o->rrn);
        if (strcmp(o->rrn, rrn) == 0) return o;
    }
}

static void add_follower(struct followers *f, const struct payment *p)
{
    if (strlen(p->original.rrn) != 12) return;
    struct followed *o = followed_by(f, p->original.rrn);
    switch (p->type) {
    case PAYMENT_REFUND:
    case PAYMENT_REDEEM_REFUND:
        o->given_minor += p->amount_minor;
        return;
    case PAYMENT_PREAUTH_ADD:
        o->raised_minor += p->amount_minor;
        return;
    case PAYMENT_COMPLETION:
    case PAYMENT_COMPLETION_ADVICE:
        o->captured_minor = p->amount_minor;
        o->captures++;
        return;
    default:
        o->voids++;
    }
}

/* A completion that was voided has not happened to its hold. */
static void forgive_voided(struct followers *f, const struct payment *p)
{
    bool completion = p->type == PAYMENT_COMPLETION || p->type == PAYMENT_COMPLETION_ADVICE;
    if (!completion || strlen(p->original.rrn) != 12) return;
    if (followed_by(f, p->rrn)->voids > 0) followed_by(f, p->original.rrn)->captures--;
}

static struct followers followers_of(const struct census *c)
{
    struct followers f = {.capacity = c->capacity * 2};
    f.row = calloc(f.capacity, sizeof *f.row);
    ENSURE(f.row != NULL);
    for (size_t i = 0; i < c->capacity; i++) {
        const struct payment *p = &c->row[i].payment;
        if (c->row[i].was_approved && p->type == PAYMENT_PREAUTH_ADD)
            followed_by(&f, p->original.rrn)->raised_once_minor += p->amount_minor;
        if (p->state != PAYMENT_APPROVED) continue;
        struct followed *own = followed_by(&f, p->rrn);
        own->original = p;
        if (payment_linked(p->type)) add_follower(&f, p);
    }
    for (size_t i = 0; i < c->capacity; i++)
        if (c->row[i].payment.state == PAYMENT_APPROVED) forgive_voided(&f, &c->row[i].payment);
    return f;
}

static const char *wrong(const struct followed *o)
{
    const struct payment *p = o->original;
    bool ended = o->voids + o->captures + (o->given_minor > 0) > 0;
    if (p == NULL)
        return ended || o->raised_minor > 0 ? "was not approved, and has followers" : NULL;
    if (o->voids > 1) return "was voided twice";
    if (o->captures > 1) return "was completed twice";
    if (o->voids > 0 && o->captures > 0) return "was cancelled and completed";
    if (o->voids > 0 && o->given_minor > 0) return "was voided and refunded";
    if (o->given_minor > p->amount_minor) return "was refunded more than was paid";
    /* What was added when it was completed, not what its terminal took back behind that. */
    int64_t whole_minor = p->amount_minor + o->raised_once_minor;
    if (o->captures > 0 && o->captured_minor * 100 > whole_minor * 115)
        return "was completed for more than 115 %";
    return NULL;
}

void census_check_followers(struct census *c)
{
    struct followers f = followers_of(c);
    for (size_t i = 0; i < f.capacity && c->w->failure[0] == '\0'; i++) {
        const struct followed *o = &f.row[i];
        const char *why = o->rrn[0] == '\0' ? NULL : wrong(o);
        if (why == NULL) continue;
        census_explain(c, o->rrn);
        const char *kind =
            o->original == NULL ? "payment" : payment_type_row(o->original->type)->en;
        world_fail(c->w, "%s %s %s", kind, o->rrn, why);
    }
    free(f.row);
}

/* ---- customers --------------------------------------------------------------------------------
 */

enum { ACCOUNTS_MAX = 16 };

/* S100: what nobody has completed is given free after thirty days, and not before. */
static bool lapsed(const struct census *c, const struct payment *hold, const struct entry *e)
{
    const int64_t day_ms = INT64_C(86400000);
    int64_t age_ms = c->w->now_ms - hold->created_ms;
    bool free = e->ended == ENTRY_LAPSED;
    /* Host and network may each have been a day off. */
    if (free ? age_ms < 28 * day_ms : age_ms > 33 * day_ms)
        world_fail(c->w, "hold %s is %lld days old and %s", hold->rrn, (long long)(age_ms / day_ms),
                   free ? "free" : "open");
    return free;
}

/* What this payment has taken from its customer, holds included. */
static int64_t taken(const struct census *c, const struct followers *f, const struct payment *p,
                     const struct entry *e)
{
    const struct followed *own = followed_by(f, p->rrn);
    bool open = own->voids + own->captures == 0;
    bool gives = payment_returns(p->type);
    switch (p->type) {
    case PAYMENT_PREAUTH: /* as long as it is open; its additions are told with it */
        return open && !lapsed(c, p, e) ? p->amount_minor + own->raised_minor : 0;
    case PAYMENT_PREAUTH_ADD:
    case PAYMENT_PREAUTH_CANCEL:
        return 0;
    default:
        return gives ? -p->amount_minor : p->amount_minor;
    }
}

static void check_account(struct world *w, const char *whose, size_t index, int64_t ours_minor,
                          int64_t theirs_minor)
{
    if (ours_minor != theirs_minor)
        world_fail(w, "%s %zu: its payments add up to %lld fen, its account says %lld", whose,
                   index, (long long)ours_minor, (long long)theirs_minor);
}

void census_check_accounts(struct census *c)
{
    int64_t ours[PAYMENT_ROUTES][ACCOUNTS_MAX] = {{0}};
    struct network_totals theirs;
    struct followers f = followers_of(c);
    for (size_t i = 0; i < c->capacity; i++) {
        const struct payment *p = &c->row[i].payment;
        const struct entry *e = p->state == PAYMENT_APPROVED ? census_entry(c, p->rrn) : NULL;
        if (e != NULL && e->account < ACCOUNTS_MAX)
            ours[e->route][e->account] += taken(c, &f, p, e);
        uint8_t phone = 0;
        if (p->state == PAYMENT_APPROVED && e == NULL && !FAILED(providers_phone(c, p, &phone)))
            ours[PAYMENT_ROUTE_WALLET][phone] +=
                payment_linked(p->type) ? -p->amount_minor : p->amount_minor;
    }
    free(f.row);
    network_totals(c->w->network, &theirs);
    for (size_t i = 0; i < ACCOUNTS_MAX; i++) {
        check_account(c->w, "card", i, ours[PAYMENT_ROUTE_CARD_NETWORK][i],
                      theirs.card_used_minor[i]);
        check_account(c->w, "telephone", i, ours[PAYMENT_ROUTE_WALLET][i],
                      theirs.phone_used_minor[i]);
    }
}
