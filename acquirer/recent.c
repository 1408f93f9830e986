/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must be answered at once: has this key been here, in which state is it, and in which journal
 * row does its answer stand? In memory, in the order of arrival, rebuilt from the journal at start.
 *
 * When the table is full the oldest decided payment gives up its place. Its terminal then remembers
 * STAN and row: a key that may have been given up is looked for in the journal, backwards from that
 * row, and is never taken for new. A terminal asks about its last payment, so the first rows have
 * it.
 */
#include "acquirer/allowance.h"
#include "journal/journal.h"

uint64_t recent_key(uint32_t terminal, uint32_t batch, uint32_t stan)
{
    ENSURE(batch <= 999999 && stan >= 1 && stan <= 999999);
    ENSURE(terminal < UINT32_C(1) << 24);
    return (uint64_t)terminal << 40 | (uint64_t)batch << 20 | stan;
}

struct recent *recent_find(struct acquirer *a, uint64_t key)
{
    uint32_t place = index_find(&a->recent_by_key, key);
    return place == INDEX_NONE ? NULL : &a->recent[place];
}

/* FNV-1a of what is stored of the card: enough to see that a repeat names another one. */
uint32_t recent_means(const struct payment *payment)
{
    uint32_t hash = UINT32_C(0x811c9dc5);
    const char *const text[] = {payment->pan_masked, payment->token};
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(text); i++)
        for (const char *c = text[i]; *c != '\0'; c++) {
            hash = (hash ^ (uint8_t)*c) * UINT32_C(0x01000193);
            any = true;
        }
    return any ? hash | 1 : 0;
}

static void forget(struct acquirer *a, struct recent *r)
{
    struct terminal *t = &a->terminal[r->key >> 40];
    uint32_t batch = (uint32_t)(r->key >> 20) & 0xfffff, stan = (uint32_t)r->key & 0xfffff;
    if (batch == t->batch && stan > t->forgotten_stan) t->forgotten_stan = stan;
    if (r->row > t->forgotten_row) t->forgotten_row = r->row;
    index_remove(&a->recent_by_key, r->key);
    *r = (struct recent){0};
}

static bool may_forget(const struct recent *r)
{
    return r->task == INDEX_NONE && payment_state_final((enum payment_state)r->state);
}

/* Gives up the oldest decided payment; undecided ones become the newest. */
static bool make_room(struct acquirer *a)
{
    enum { TRIES = 1024 };
    for (unsigned tries = 0; tries < TRIES && tries < a->limits.recent; tries++) {
        struct recent *oldest = &a->recent[a->recent_first];
        if (may_forget(oldest)) {
            forget(a, oldest);
            a->recent_first = (a->recent_first + 1) % a->limits.recent;
            a->recent_count--;
            return true;
        }
        /* The ring is full, so the place behind its end is this one: it is there already. */
        a->recent_first = (a->recent_first + 1) % a->limits.recent;
    }
    return false;
}

bool recent_room(struct acquirer *a)
{
    return a->recent_count < a->limits.recent || make_room(a);
}

struct recent *recent_add(struct acquirer *a, uint64_t key)
{
    ENSURE(key != 0);
    if (!recent_room(a)) return NULL;
    uint32_t place = (a->recent_first + a->recent_count) % a->limits.recent;
    a->recent_count++;
    index_add(&a->recent_by_key, key, place);
    a->recent[place] = (struct recent){.key = key, .task = INDEX_NONE};
    return &a->recent[place];
}

err recent_record(struct acquirer *a, struct recent *r, const struct payment *payment,
                  enum payment_event event)
{
    ENSURE(payment->state > PAYMENT_CREATED);
    TRY(record_append(a, payment, event, &r->row));
    TRY(batch_follow(a, (uint32_t)(r->key >> 40), (enum payment_state)r->state, payment, true));
    TRY(allowance_follow(a, r, payment));
    if (r->state == PAYMENT_PENDING) a->pending--;
    if (payment->state == PAYMENT_PENDING) a->pending++;
    r->state = (uint8_t)payment->state;
    a->counts.rows++;
    a->counts.journal_seq = r->row;
    return OK;
}

bool recent_forgotten(const struct terminal *t, const struct payment_key *key)
{
    if (t->forgotten_row == 0) return false;
    return key->batch != t->batch || key->stan <= t->forgotten_stan;
}

err recent_look(struct acquirer *a, uint64_t key, const struct payment_key *payment,
                struct recent **ret_recent)
{
    *ret_recent = recent_find(a, key);
    if (*ret_recent != NULL || !recent_forgotten(&a->terminal[key >> 40], payment)) return OK;
    return recent_recall(a, key, ret_recent);
}

/* The last of `count` rows with this key, or NULL. */
static const struct journal_row *last_of(const struct acquirer *a, size_t count,
                                         const struct payment_key *key)
{
    for (size_t i = count; i > 0; i--)
        if (payment_key_equal(&a->row[i - 1].payment.key, key)) return &a->row[i - 1];
    return NULL;
}

err recent_recall(struct acquirer *a, uint64_t key, struct recent **ret_recent)
{
    const struct terminal *t = &a->terminal[key >> 40];
    struct payment_key wanted = {.batch = (uint32_t)(key >> 20) & 0xfffff,
                                 .stan = (uint32_t)key & 0xfffff};
    memcpy(wanted.tid, t->tid, sizeof wanted.tid);
    int64_t end = t->forgotten_row, least = end - ACQUIRER_RECALL_ROWS;
    while (end > 0 && end > least) {
        int64_t from = end > HOST_ROWS ? end - HOST_ROWS + 1 : 1;
        size_t count = 0;
        TRY(journal_read(a->store, from, a->row, (size_t)(end - from + 1), &count));
        const struct journal_row *row = last_of(a, count, &wanted);
        if (row != NULL) {
            struct recent *r = recent_add(a, key);
            if (r == NULL) return ERR(BUSY);
            r->row = row->seq;
            r->digest = row->payment.digest;
            r->means = recent_means(&row->payment);
            r->state = (uint8_t)row->payment.state;
            allowance_recalled(r, &row->payment);
            *ret_recent = r;
            return OK;
        }
        end = from - 1;
    }
    if (end > 0) return ERR(BUSY);
    *ret_recent = NULL;
    return OK;
}
