/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payments that follow another: which one is meant, and may this one follow it (S94 to S100)?
 *
 * What has followed an original is read from the journal by index, inside the transaction of this
 * group: of two refunds that come at once, from whatever terminals, the second is judged with the
 * first already in the journal. An undecided one counts until it is decided otherwise, so that no
 * order of answers lets more go back than was paid.
 */
#include "acquirer/original.h"
#include "journal/dispute.h"
#include "journal/trail.h"
#include "payment/response_code.h"

enum {
    HOLDS_MAX = 8 /* pre-authorisations with one code: six characters are seldom given twice */
};

/* The reference of what this terminal has under that voucher number; empty: nothing. */
static err by_voucher(struct acquirer *a, const struct task *task, char rrn[static 13])
{
    const struct payment_original *o = &task->payment.original;
    const struct terminal *t = &a->terminal[task->terminal];
    struct payment_key wanted = {.batch = o->batch, .stan = o->stan};
    memcpy(wanted.tid, t->tid, sizeof wanted.tid);
    uint64_t key = recent_key(task->terminal, o->batch, o->stan);
    struct recent *r = recent_find(a, key);
    if (r == NULL && recent_forgotten(t, &wanted)) TRY(recent_recall(a, key, &r));
    if (r == NULL) return OK;
    struct payment found;
    if (r->task != INDEX_NONE) found = a->task[r->task].payment;
    else TRY(record_read(a, r->row, &found));
    memcpy(rrn, found.rrn, sizeof found.rrn);
    return OK;
}

/* What is known while the holds with one code and date are looked at, the newest first. */
struct holds {
    char newest[13]; /* of this card when there is one: the refusal of what may not follow any */
    bool newest_of_card;
    char meant[13], own[13]; /* newest that may be followed; newest of those of this terminal */
    size_t count;            /* that may be followed */
};

/* One that is being followed at this moment may be meant as well. */
static err look_at_hold(struct acquirer *a, const struct task *task, const struct payment *hold,
                        struct holds *h)
{
    const struct payment *p = &task->payment;
    const struct terminal *t = &a->terminal[task->terminal];
    struct payment_trail trail;
    bool of_card = p->token[0] != '\0' && strcmp(p->token, hold->token) == 0;
    if (h->newest[0] == '\0' || (of_card && !h->newest_of_card)) {
        memcpy(h->newest, hold->rrn, sizeof h->newest);
        h->newest_of_card = of_card;
    }
    TRY(journal_trail(a->store, hold->rrn, &trail));
    const char *code = payment_follow_refusal(p, hold, &trail, t->batch, p->created_ms);
    if (code != NULL && strcmp(code, "BA") != 0) return OK;
    if (h->count++ == 0) memcpy(h->meant, hold->rrn, sizeof h->meant);
    if (h->own[0] == '\0' && strcmp(hold->key.tid, p->key.tid) == 0)
        memcpy(h->own, hold->rrn, sizeof h->own);
    return OK;
}

/*
 * The hold with this code and date. An issuer's six characters may name two of them: the one of
 * this card and of an amount that fits, that nothing has ended, is meant. Between two that could
 * be, nobody guesses whose money is taken: BC. A notice has been taken already, of the newest hold
 * of its terminal (records_hold()), so that is the one.
 */
static err by_authorisation(struct acquirer *a, const struct task *task, char rrn[static 13],
                            const char **ret_code)
{
    const struct payment *p = &task->payment;
    char found[HOLDS_MAX][13];
    struct journal_row row;
    struct holds h = {0};
    size_t count = 0;
    TRY(journal_holds(a->store, p->original.auth_code, found, HOLDS_MAX, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(journal_last_of(a->store, found[i], &row));
        if (strcmp(row.payment.mid, p->mid) != 0) continue;
        if (strcmp(row.payment.local_date, p->original.date) != 0) continue;
        TRY(look_at_hold(a, task, &row.payment, &h));
    }
    bool notice = p->type == PAYMENT_COMPLETION_ADVICE && h.own[0] != '\0';
    if (h.count > 1 && !notice) *ret_code = "BC";
    memcpy(rrn, h.count == 0 ? h.newest : notice ? h.own : h.meant, 13);
    return OK;
}

/* `ret_code` is NULL, or why it cannot be found. */
static err find_reference(struct acquirer *a, const struct task *task, char rrn[static 13],
                          const char **ret_code)
{
    const struct payment *p = &task->payment;
    rrn[0] = '\0';
    *ret_code = NULL;
    switch (payment_type_row(p->type)->link) {
    case PAYMENT_LINK_VOUCHER:
        TRY(by_voucher(a, task, rrn));
        /* Not of this terminal: then of another, and the refusal says so. */
        if (rrn[0] == '\0') memcpy(rrn, p->original.rrn, sizeof p->original.rrn);
        return OK;
    case PAYMENT_LINK_REFERENCE:
        memcpy(rrn, p->original.rrn, sizeof p->original.rrn);
        return OK;
    case PAYMENT_LINK_AUTHORISATION:
        return by_authorisation(a, task, rrn, ret_code);
    case PAYMENT_LINK_NONE:
        break;
    }
    return OK;
}

/* What has followed it, and what is asked back of it in disputes. */
static err trail_of(struct acquirer *a, const char *rrn, struct payment_trail *ret_trail)
{
    struct payment_trail trail;
    TRY(journal_trail(a->store, rrn, &trail));
    TRY(journal_disputed(a->store, rrn, &trail.disputed_minor));
    *ret_trail = trail;
    return OK;
}

/* What was said of it beside the way it was found by is right as well. */
static bool agrees(const struct payment_original *said, const struct payment *found)
{
    if (said->rrn[0] != '\0' && strcmp(said->rrn, found->rrn) != 0) return false;
    if (said->date[0] != '\0' && strcmp(said->date, found->local_date) != 0) return false;
    if (said->stan == 0) return true;
    return said->stan == found->key.stan && said->batch == found->key.batch;
}

/* Without a card of its own it is of the original's. */
static void fill(struct payment *p, const struct journal_row *approval)
{
    const struct payment *o = &approval->payment;
    memcpy(p->original.rrn, o->rrn, sizeof o->rrn);
    memcpy(p->original.auth_code, o->auth_code, sizeof o->auth_code);
    p->original.batch = o->key.batch;
    p->original.stan = o->key.stan;
    p->original.row = approval->seq;
    if (p->token[0] != '\0') return;
    memcpy(p->token, o->token, sizeof p->token);
    memcpy(p->pan_masked, o->pan_masked, sizeof p->pan_masked);
}

/* The refusal of a reference under which nothing was approved. */
static err unknown(struct acquirer *a, const char *rrn, const char **ret_code)
{
    struct journal_row last;
    err found = journal_last_of(a->store, rrn, &last);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    *ret_code = !FAILED(found) && (last.payment.state == PAYMENT_PENDING ||
                                   last.payment.state == PAYMENT_OFFLINE)
                    ? "BA"
                    : "25";
    return OK;
}

err original_judge(struct acquirer *a, struct task *task, const char **ret_code)
{
    struct payment *p = &task->payment;
    struct journal_row approval, last;
    struct payment_trail trail;
    char rrn[13];
    ENSURE(payment_linked(p->type));
    TRY(find_reference(a, task, rrn, ret_code));
    if (*ret_code != NULL) return OK;
    err found = journal_approval(a->store, rrn, &approval);
    if (found.code == ERR_NOT_FOUND) return unknown(a, rrn, ret_code);
    TRY(found);
    TRY(journal_last_of(a->store, rrn, &last));
    *ret_code = "25";
    if (!agrees(&p->original, &last.payment)) return OK;
    /* Its issuer has refused it, and we have paid for it: no card was charged, none gets it back.
     */
    if (payment_offline(&last.payment) && !response_approved(last.payment.response_code)) return OK;
    TRY(trail_of(a, rrn, &trail));
    const uint32_t batch = a->terminal[task->terminal].batch;
    *ret_code = payment_follow_refusal(p, &last.payment, &trail, batch, p->created_ms);
    if (*ret_code == NULL || strcmp(last.payment.mid, p->mid) == 0) fill(p, &approval);
    return OK;
}

/*
 * A completion that was voided has given its hold free. When the void is taken back the completion
 * stands again, which it cannot beside a cancellation or another completion that came meanwhile.
 */
static err hold_trail(struct acquirer *a, const struct payment *completion_void,
                      struct payment_trail *ret_trail)
{
    struct journal_row completion;
    TRY(journal_approval(a->store, completion_void->original.rrn, &completion));
    return journal_trail(a->store, completion.payment.original.rrn, ret_trail);
}

/* Why it cannot be taken back, or NULL. */
static const char *undoing_refusal(const struct payment_trail *trail)
{
    if (trail->full) return "12";
    if (trail->under_way) return "22";
    if (trail->disputed_minor > 0) return "12";
    return trail->voided || trail->given_minor > 0 || trail->captured ? "12" : NULL;
}

err original_undoable(struct acquirer *a, const struct payment *original, const char **ret_code,
                      int64_t *ret_kept_minor)
{
    struct payment_trail trail;
    bool gave_free = original->type == PAYMENT_COMPLETION_VOID;
    *ret_code = NULL;
    *ret_kept_minor = -1;
    if (original->rrn[0] == '\0') return OK;
    if (gave_free) TRY(hold_trail(a, original, &trail));
    else TRY(trail_of(a, original->rrn, &trail));
    *ret_code = undoing_refusal(&trail);
    if (trail.under_way || trail.full) return OK;
    if (gave_free) *ret_kept_minor = original->amount_minor;
    else if (!trail.voided) *ret_kept_minor = payment_trail_left(&trail, original);
    return OK;
}
