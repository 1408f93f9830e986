/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each terminal's batch adds up to, and how it ends.
 *
 * The totals are a fold of the journal: every row that is appended moves them, and a start walks
 * the journal and has them again. So a 0500 is answered at once, whatever the size of the batch.
 * Only when totals differ are payments looked at one by one, by their STANs, which are in memory.
 */
#include <stdio.h>

#include "acquirer/host.h"
#include "journal/close.h"

/* ---- totals ---- */

static err follow_open(struct terminal *t, enum payment_state before, const struct payment *p)
{
    bool was = payment_counted(p->type, before), is = payment_counted(p->type, p->state);
    uint32_t stan = p->key.stan;
    /* A wallet that is silent about a refund for hours keeps nobody from settling: what it says
     * after that is a work item. */
    bool counts = !payment_stays(p);
    ENSURE(!counts || before != PAYMENT_PENDING || t->undecided > 0);
    if (counts && before == PAYMENT_PENDING) t->undecided--;
    if (counts && p->state == PAYMENT_PENDING) t->undecided++;
    if (t->first_stan == 0 || stan < t->first_stan) t->first_stan = stan;
    if (was == is) return OK;
    return payment_totals_add(&t->totals, p->type, is ? 1 : -1,
                              is ? p->amount_minor : -p->amount_minor);
}

/* A payment of a batch that was left without settlement moves what that batch adds up to. */
static err follow_left(struct acquirer *a, const struct terminal *t, const struct payment *p,
                       bool is)
{
    struct terminal left;
    err found = record_left_find(a, t, p->key.batch, &left);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    TRY(payment_totals_add(&left.totals, p->type, is ? 1 : -1,
                           is ? p->amount_minor : -p->amount_minor));
    return record_left(a, &left);
}

/* A payment of a batch that was settled is another than it was then: for a person. */
static err follow_closed(struct acquirer *a, const struct terminal *t, enum payment_state before,
                         const struct payment *p)
{
    struct journal_close close;
    bool was = payment_counted(p->type, before), is = payment_counted(p->type, p->state);
    if (was == is) return OK;
    err found = journal_close_find(a->store, p->key.tid, p->key.batch, &close);
    if (found.code == ERR_NOT_FOUND) return follow_left(a, t, p, is);
    TRY(found);
    struct journal_item item = {.at_ms = host_now_ms(a),
                                .kind = JOURNAL_ITEM_LATE,
                                .batch = p->key.batch,
                                .stan = p->key.stan,
                                .type = p->type,
                                .terminal_minor = was ? p->amount_minor : 0,
                                .host_minor = is ? p->amount_minor : 0};
    memcpy(item.tid, p->key.tid, sizeof item.tid);
    memcpy(item.mid, p->mid, sizeof item.mid);
    memcpy(item.shown, p->pan_masked, sizeof item.shown);
    memcpy(item.rrn, p->rrn, sizeof item.rrn);
    return record_item(a, &item);
}

err batch_follow(struct acquirer *a, uint32_t place, enum payment_state before,
                 const struct payment *payment, bool news)
{
    struct terminal *t = &a->terminal[place];
    /* Decided by a person: the goods were handed over all the same, and it stays in its batch. */
    if (before == PAYMENT_DISPUTED) return OK;
    if (payment->key.batch == t->batch && !t->closed) return follow_open(t, before, payment);
    return news ? follow_closed(a, t, before, payment) : OK;
}

/* ---- the end of a batch ---- */

static struct journal_item item_of(const struct acquirer *a, const struct terminal *t,
                                   enum journal_item_kind kind)
{
    struct journal_item item = {.at_ms = host_now_ms(a), .kind = kind, .batch = t->batch};
    memcpy(item.tid, t->tid, sizeof item.tid);
    memcpy(item.mid, t->mid, sizeof item.mid);
    return item;
}

static err close_batch(struct acquirer *a, struct terminal *t, bool left, enum journal_closing how,
                       const struct payment_totals *terminal, int64_t items)
{
    struct journal_close close = {.at_ms = host_now_ms(a),
                                  .batch = t->batch,
                                  .how = how,
                                  .terminal = *terminal,
                                  .host = t->totals,
                                  .seq = a->counts.journal_seq,
                                  .items = items};
    memcpy(close.tid, t->tid, sizeof close.tid);
    memcpy(close.mid, t->mid, sizeof close.mid);
    TRY(record_close_batch(a, t, left, &close));
    a->counts.batches++;
    watch_note(a, how == JOURNAL_CLOSED_EQUAL ? WATCH_BATCH : WATCH_BATCH_DIFFERS,
               bytes_text(t->tid), "batch %06u closed: %s, work items %lld", t->batch,
               journal_closing_name(how), (long long)items);
    return OK;
}

err batch_close_equal(struct acquirer *a, struct terminal *t, bool left,
                      const struct payment_totals *terminal)
{
    ENSURE(payment_totals_equal(terminal, &t->totals));
    return close_batch(a, t, left, JOURNAL_CLOSED_EQUAL, terminal, 0);
}

/* What the merchant is owed of it. */
static int64_t net_minor(const struct payment_totals *totals)
{
    return totals->side[PAYMENT_SIDE_DEBIT].minor - totals->side[PAYMENT_SIDE_CREDIT].minor;
}

err batch_begin(struct acquirer *a, struct terminal *t, uint32_t batch)
{
    bool something = !payment_totals_empty(&t->totals) || t->undecided > 0;
    if (t->batch != 0 && !t->closed && something) {
        struct journal_item item = item_of(a, t, JOURNAL_ITEM_LEFT);
        item.host_minor = net_minor(&t->totals);
        TRY(record_item(a, &item));
        TRY(record_left(a, t));
    }
    t->batch = batch;
    t->closed = false;
    t->totals = (struct payment_totals){0};
    t->undecided = t->first_stan = t->last_stan = t->forgotten_stan = 0;
    return OK;
}

/* ---- comparing ---- */

struct comparison {
    struct acquirer *a;
    const struct terminal *t; /* as it is, or as it was in a batch that it has left */
    uint32_t place;
    struct payment_totals seen; /* of the host's payments that were looked at */
    int64_t items;
};

/*
 * The host's payment with this STAN. NOT_FOUND also when it stands too far back in the journal to
 * look for it while others wait: it is then listed as the terminal has it, and in the sum of
 * compare_rest() as the host has it.
 */
static err host_payment(struct comparison *c, uint32_t stan, struct payment *out)
{
    const struct terminal *t = c->t;
    uint64_t key = recent_key(c->place, t->batch, stan);
    struct payment_key wanted = {.batch = t->batch, .stan = stan};
    memcpy(wanted.tid, t->tid, sizeof wanted.tid);
    struct recent *r = recent_find(c->a, key);
    if (r == NULL && recent_forgotten(t, &wanted)) {
        err recalled = recent_recall(c->a, key, &r);
        if (FAILED(recalled) && recalled.code != ERR_BUSY) return recalled;
    }
    if (r == NULL) return ERR(NOT_FOUND);
    return record_read(c->a, r->row, out);
}

static err note(struct comparison *c, enum journal_item_kind kind,
                const struct payment_upload_row *row, const struct payment *host)
{
    struct journal_item item = item_of(c->a, c->t, kind);
    if (row != NULL) {
        item.stan = row->stan;
        item.type = row->type;
        item.terminal_minor = row->amount_minor;
        if (row->shown[0] != '\0')
            snprintf(item.shown, sizeof item.shown, "%.6s******%s", row->shown, row->shown + 6);
    }
    if (host != NULL) {
        item.stan = host->key.stan;
        item.type = host->type;
        item.host_minor = host->amount_minor;
        memcpy(item.shown, host->pan_masked, sizeof item.shown);
        memcpy(item.rrn, host->rrn, sizeof item.rrn);
    }
    c->items++;
    return record_item(c->a, &item);
}

/* There may be an item already, of the advice of it that was refused. */
static err terminal_only(struct comparison *c, const struct payment_upload_row *row)
{
    struct payment_key key = {.batch = c->t->batch, .stan = row->stan};
    memcpy(key.tid, c->t->tid, sizeof key.tid);
    err known = journal_item_known(c->a->store, JOURNAL_ITEM_ADVICE, &key);
    if (known.code == ERR_NOT_FOUND) return note(c, JOURNAL_ITEM_TERMINAL_ONLY, row, NULL);
    if (!FAILED(known)) c->items++;
    return known;
}

static err compare_row(struct comparison *c, const struct payment_upload_row *row)
{
    struct payment host;
    err found = host_payment(c, row->stan, &host);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    if (FAILED(found) || !payment_counted(host.type, host.state)) return terminal_only(c, row);
    TRY(payment_totals_add(&c->seen, host.type, 1, host.amount_minor));
    bool same_type = row->type == PAYMENT_TYPE_NONE || row->type == host.type;
    if (same_type && row->amount_minor == host.amount_minor) return OK;
    return note(c, JOURNAL_ITEM_OTHER, row, &host);
}

/* What the host has and the terminal has not said: the STANs between two uploaded ones. */
static err compare_gap(struct comparison *c, uint32_t above, uint32_t below)
{
    const struct terminal *t = c->t;
    uint32_t stan = above + 1 > t->first_stan ? above + 1 : t->first_stan;
    for (; stan < below && stan <= t->last_stan; stan++) {
        struct payment host;
        struct recent *r = recent_find(c->a, recent_key(c->place, t->batch, stan));
        if (r == NULL) continue;
        TRY(record_read(c->a, r->row, &host));
        if (!payment_counted(host.type, host.state)) continue;
        TRY(payment_totals_add(&c->seen, host.type, 1, host.amount_minor));
        /* The terminal was told that it could not reverse it any more: that is a work item. */
        err known = journal_item_known(c->a->store, JOURNAL_ITEM_KEPT, &host.key);
        if (FAILED(known) && known.code != ERR_NOT_FOUND) return known;
        if (FAILED(known)) TRY(note(c, JOURNAL_ITEM_HOST_ONLY, NULL, &host));
        else c->items++;
    }
    return OK;
}

/* Payments that memory has given up and nobody has uploaded are known by their sum alone. */
static err compare_rest(struct comparison *c, const struct payment_totals *terminal)
{
    const struct terminal *t = c->t;
    int64_t rest = net_minor(&t->totals) - net_minor(&c->seen);
    bool all = payment_totals_equal(&t->totals, &c->seen);
    if (all && c->items > 0) return OK;
    struct journal_item item = item_of(c->a, t, all ? JOURNAL_ITEM_TOTALS : JOURNAL_ITEM_HOST_ONLY);
    item.terminal_minor = all ? net_minor(terminal) : 0;
    item.host_minor = all ? net_minor(&t->totals) : rest;
    c->items++;
    return record_item(c->a, &item);
}

err batch_close_upload(struct acquirer *a, uint32_t place, struct terminal *t, bool left,
                       const struct payment_totals *terminal)
{
    struct comparison c = {.a = a, .t = t, .place = place};
    uint32_t above = 0;
    for (;;) {
        struct payment_upload_row row;
        err next = record_upload_next(a, t, above, &row);
        if (FAILED(next) && next.code != ERR_NOT_FOUND) return next;
        TRY(compare_gap(&c, above, FAILED(next) ? UINT32_MAX : row.stan));
        if (FAILED(next)) break;
        TRY(compare_row(&c, &row));
        above = row.stan;
    }
    TRY(compare_rest(&c, terminal));
    return close_batch(a, t, left, JOURNAL_CLOSED_UPLOAD, terminal, c.items);
}
