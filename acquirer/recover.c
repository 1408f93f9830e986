/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a start does with the journal: walks it once, and has in memory what it had before. A
 * payment that is still PENDING was asked of a network whose answer can no longer be matched, so it
 * turns back; one that is REVERSING goes on being reversed. A refund by code stays PENDING, and its
 * wallet is asked until it says how it ended.
 */
#include "acquirer/allowance.h"
#include "journal/journal.h"

static err remember(struct acquirer *a, const struct journal_row *row)
{
    const struct payment *p = &row->payment;
    uint32_t place;
    TRY(terminal_place(a, bytes_text(p->key.tid), &place));
    struct terminal *t = &a->terminal[place];
    if (p->key.batch == t->batch && p->key.stan > t->last_stan) t->last_stan = p->key.stan;

    uint64_t key = recent_key(place, p->key.batch, p->key.stan);
    struct recent *r = recent_find(a, key);
    if (r == NULL) {
        r = recent_add(a, key);
        if (r == NULL) return ERR(FULL);
        r->digest = p->digest;
    }
    if (r->state == PAYMENT_PENDING) a->pending--;
    if (p->state == PAYMENT_PENDING) a->pending++;
    TRY(batch_follow(a, place, (enum payment_state)r->state, p, false));
    TRY(allowance_follow(a, r, p));
    r->means = recent_means(p);
    r->row = row->seq;
    r->state = (uint8_t)p->state;
    a->counts.journal_seq = row->seq;
    return OK;
}

static err walk(struct acquirer *a)
{
    for (int64_t next = 1;;) {
        size_t count = 0;
        TRY(journal_read(a->store, next, a->row, HOST_ROWS, &count));
        for (size_t i = 0; i < count; i++) TRY(remember(a, &a->row[i]));
        if (count < HOST_ROWS) return OK;
        next += HOST_ROWS;
    }
}

/* Nobody knows what the network answered, or whether it was asked at all. */
static err turn_back(struct acquirer *a, struct recent *r)
{
    struct payment p;
    struct payment_step step;
    TRY(record_read(a, r->row, &p));
    if (payment_stays(&p)) return OK;
    TRY(payment_step(p.state, PAYMENT_TIMEOUT, &step));
    ENSURE(step.effect == PAYMENT_EFFECT_SEND_REVERSAL);
    p.state = step.next;
    memcpy(p.reversal_reason, "98", 3);
    memcpy(p.response_code, "98", 3);
    reply_stamp(&p, host_now_ms(a));
    return recent_record(a, r, &p, PAYMENT_TIMEOUT);
}

static err take_up(struct acquirer *a)
{
    uint64_t turned = 0;
    uint32_t asked = 0;
    for (uint32_t i = 0; i < a->recent_count; i++) {
        struct recent *r = &a->recent[(a->recent_first + i) % a->limits.recent];
        if (r->state == PAYMENT_PENDING) {
            TRY(turn_back(a, r));
            turned += r->state == PAYMENT_REVERSING;
            asked += r->state == PAYMENT_PENDING;
        } else if (r->state != PAYMENT_REVERSING) {
            continue;
        }
        if (a->undo_count == a->limits.reversals) return ERR(FULL);
        reverse_owe(a, r->key);
    }
    ENSURE(a->pending == asked);
    if (turned > 0) log_event(a->config.log, LOG_WARN, "turned_back", LOG_INT("payments", turned));
    return OK;
}

err recover(struct acquirer *a)
{
    TRY(walk(a));
    TRY(take_up(a));
    return acquirer_flush(a);
}
