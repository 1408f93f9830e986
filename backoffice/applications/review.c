/* SPDX-License-Identifier: Apache-2.0 */
/* Four eyes, and whose they may not be. */
#include "backoffice/applications/review.h"

#include <assert.h>

static unsigned who_of(const struct reviewer *r)
{
    unsigned who = 0;
    if (r->roles & (ROLE_AGENT | ROLE_APPROVER)) who |= WHO_STAFF;
    if (r->roles & ROLE_APPROVER) who |= WHO_SECOND;
    return who;
}

static struct application_actor actor_of(const struct reviewer *r)
{
    return application_actor_named(r->subject, who_of(r), r->account);
}

/* The last eleven digits: with and without a country's code it is one telephone. */
static bool same_phone(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    return la >= 11 && lb >= 11 && strcmp(a + la - 11, b + lb - 11) == 0;
}

static err has_mark(struct store *store, int64_t application, int64_t account, bool *ret_has)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT 1 FROM application_reviewer r JOIN application a ON a.mark = r.mark"
                        " WHERE a.id = ? AND r.account = ?",
                        &query));
    store_bind_int(query, application);
    store_bind_int(query, account);
    TRY(store_step(query, ret_has));
    store_reset(query);
    return OK;
}

static err is_own(struct store *store, const struct application *a, const struct reviewer *r,
                  bool *ret_own)
{
    struct apply_form form;
    bool marked = false;
    TRY(application_form(store, a->id, &form));
    TRY(has_mark(store, a->id, r->account, &marked));
    *ret_own =
        marked || a->entered_by == r->account || same_phone(form.text[APPLY_PHONE], r->phone);
    return OK;
}

err review_set_mark(struct store_tx *tx, int64_t account, const uint8_t mark[TOKEN_HASH_BYTES])
{
    struct store_statement *put;
    TRY(store_statement(tx->store,
                        "INSERT INTO application_reviewer VALUES(?, ?) ON CONFLICT DO UPDATE SET"
                        " mark = excluded.mark",
                        &put));
    store_bind_int(put, account);
    store_bind_blob(put, bytes_of(mark, TOKEN_HASH_BYTES));
    return store_run(put);
}

/* When it was last called about; 0: never. */
static err last_note(struct store *store, int64_t id, int64_t *ret_ms)
{
    struct store_statement *query;
    bool row = false;
    *ret_ms = 0;
    TRY(store_statement(store,
                        "SELECT at_ms FROM application_event WHERE application = ? AND event = 10"
                        " ORDER BY number DESC LIMIT 1",
                        &query));
    static_assert(LIFE_NOTE == 10, "in the text above");
    store_bind_int(query, id);
    TRY(store_step(query, &row));
    if (!row) return OK;
    *ret_ms = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

/* Everything that a look needs beside the state: own, and for the first the note. */
static err check_look(const struct applications *as, const struct application *a,
                      const struct reviewer *r, enum application_verdict *ret)
{
    bool own = false;
    TRY(is_own(as->store, a, r, &own));
    *ret = own ? APPLY_VERDICT_OWN : APPLY_VERDICT_OK;
    return OK;
}

err review_note(const struct applications *as, struct store_tx *tx, struct application *a,
                const struct reviewer *r, struct bytes text, enum application_verdict *ret)
{
    const struct application_actor actor = actor_of(r);
    const struct application_fact fact = {.note = text};
    *ret = APPLY_VERDICT_REASON;
    if (text.len == 0 || text.len > APPLICATION_NOTE_MAX) return OK;
    TRY(check_look(as, a, r, ret));
    if (*ret != APPLY_VERDICT_OK) return OK;
    return application_move(as, tx, a, LIFE_NOTE, &actor, &fact, ret);
}

/* A note since it was sent; and where a check was wrong, since that was known. */
static err check_evidence(const struct applications *as, const struct application *a, bool approves,
                          enum application_verdict *ret)
{
    struct check_row row[CHECK_KINDS];
    size_t count = 0;
    int64_t note_ms = 0;
    TRY(last_note(as->store, a->id, &note_ms));
    TRY(checks_of(as->store, a->id, row, &count));
    *ret = note_ms < a->sent_ms || note_ms == 0 ? APPLY_VERDICT_NEEDS_NOTE : APPLY_VERDICT_OK;
    for (size_t i = 0; approves && *ret == APPLY_VERDICT_OK && i < count; i++)
        if (row[i].state != CHECK_RIGHT && note_ms < row[i].at_ms) *ret = APPLY_VERDICT_CHECKS;
    return OK;
}

/* One's own opinion may be changed; a colleague's stands until an approver has answered it. */
static err check_first(const struct applications *as, const struct application *a,
                       const struct reviewer *r, bool approves, enum application_verdict *ret)
{
    *ret = APPLY_VERDICT_FIRST_STANDS;
    if (a->state == APPLICATION_REVIEW && a->first_by != 0 && a->first_by != r->account) return OK;
    return check_evidence(as, a, approves, ret);
}

err review_propose(const struct applications *as, struct store_tx *tx, struct application *a,
                   const struct reviewer *r, enum application_opinion opinion,
                   enum application_reason reason, enum application_verdict *ret)
{
    const struct application_actor actor = actor_of(r);
    const struct application_fact fact = {.reason = reason};
    bool approves = opinion == OPINION_APPROVE;
    ENSURE(approves || opinion == OPINION_REJECT);
    *ret = approves == (reason == REASON_NONE) ? APPLY_VERDICT_OK : APPLY_VERDICT_REASON;
    if (*ret == APPLY_VERDICT_OK) TRY(check_look(as, a, r, ret));
    if (*ret == APPLY_VERDICT_OK) TRY(check_first(as, a, r, approves, ret));
    if (*ret != APPLY_VERDICT_OK) return OK;
    return application_move(as, tx, a, approves ? LIFE_PROPOSE_APPROVE : LIFE_PROPOSE_REJECT,
                            &actor, &fact, ret);
}

err review_decide(const struct applications *as, struct store_tx *tx, struct application *a,
                  const struct reviewer *r, bool agrees, struct bytes note,
                  enum application_verdict *ret)
{
    const struct application_actor actor = actor_of(r);
    bool approves = a->first_opinion == OPINION_APPROVE;
    const struct application_fact fact = {.reason = approves || !agrees ? REASON_NONE : a->reason,
                                          .note = note};
    *ret = a->state != APPLICATION_REVIEW ? APPLY_VERDICT_NOT_NOW
           : a->first_by == 0             ? APPLY_VERDICT_NEEDS_FIRST
           : a->first_by == r->account    ? APPLY_VERDICT_SAME_PERSON
                                          : APPLY_VERDICT_OK;
    if (*ret == APPLY_VERDICT_OK) TRY(check_look(as, a, r, ret));
    if (*ret != APPLY_VERDICT_OK) return OK;
    enum application_event event = !agrees ? LIFE_DISAGREE : approves ? LIFE_APPROVE : LIFE_REJECT;
    return application_move(as, tx, a, event, &actor, &fact, ret);
}

err review_send_back(const struct applications *as, struct store_tx *tx, struct application *a,
                     const struct reviewer *r, enum application_reason reason, struct bytes note,
                     enum application_verdict *ret)
{
    const struct application_actor actor = actor_of(r);
    const struct application_fact fact = {.reason = reason, .note = note};
    *ret = application_reason_mends(reason) ? APPLY_VERDICT_OK : APPLY_VERDICT_REASON;
    if (*ret == APPLY_VERDICT_OK) TRY(check_look(as, a, r, ret));
    if (*ret != APPLY_VERDICT_OK) return OK;
    return application_move(as, tx, a, LIFE_SEND_BACK, &actor, &fact, ret);
}

err review_recheck(const struct applications *as, struct store_tx *tx, struct application *a,
                   const struct reviewer *r, enum application_verdict *ret)
{
    const struct application_actor actor = actor_of(r);
    TRY(check_look(as, a, r, ret));
    if (*ret == APPLY_VERDICT_OK) TRY(application_move(as, tx, a, LIFE_RECHECK, &actor, NULL, ret));
    if (*ret != APPLY_VERDICT_OK) return OK;
    return checks_begin(as, tx, a);
}

/* ---- what may be done, before anybody tries ---- */

const char *review_step_word(enum review_step step)
{
    static const char *const words[REVIEW_STEPS] = {
#define X(number, name, word, event) word,
        REVIEW_STEP_LIST(X)
#undef X
    };
    ENSURE(step < REVIEW_STEPS);
    return words[step];
}

err review_may(const struct applications *as, const struct application *a, const struct reviewer *r,
               enum review_step step, enum application_verdict *ret)
{
    static const enum application_event events[REVIEW_STEPS] = {
#define X(number, name, word, event) event,
        REVIEW_STEP_LIST(X)
#undef X
    };
    ENSURE(step < REVIEW_STEPS);
    bool decides = step == REVIEW_DECIDE;
    *ret = application_next(a->state, events[step]) == 0 ? APPLY_VERDICT_NOT_NOW
           : !application_may(events[step], who_of(r))   ? APPLY_VERDICT_NOT_YOU
           : decides && a->first_by == 0                 ? APPLY_VERDICT_NEEDS_FIRST
           : decides && a->first_by == r->account        ? APPLY_VERDICT_SAME_PERSON
                                                         : APPLY_VERDICT_OK;
    if (*ret == APPLY_VERDICT_OK) TRY(check_look(as, a, r, ret));
    bool first = step == REVIEW_AGREE || step == REVIEW_REFUSE;
    return first && *ret == APPLY_VERDICT_OK ? check_first(as, a, r, step == REVIEW_AGREE, ret)
                                             : OK;
}
