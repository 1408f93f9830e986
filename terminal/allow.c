/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leave for what is limited (S48, S58): alone, or with a supervisor's password for this once. What
 * was given stands in t->work, is for this payment and this session, and is wiped with them;
 * queue_submit() looks for it, so that no procedure can forget to ask.
 */
#include "terminal/core.h"

/* clang-format off */
static const struct {
    enum text_id asked, refused; /* of the supervisor; when not even he may */
} words[] = {
    [LIMIT_SALE]     = {TEXT_APPROVE_SALE,     TEXT_SALE_LIMIT},
    [LIMIT_REFUND]   = {TEXT_APPROVE_REFUND,   TEXT_LIMIT_REFUND},
    [LIMIT_VOID]     = {TEXT_APPROVE_VOID,     TEXT_LIMIT_NOT_YOURS},
    [LIMIT_MANUAL]   = {TEXT_APPROVE_MANUAL,   TEXT_LIMIT_NOT_YOURS},
    [LIMIT_DISCOUNT] = {TEXT_APPROVE_DISCOUNT, TEXT_LIMIT_DISCOUNT},
};
_Static_assert(ARRAY_LEN(words) == LIMITS, "words for each limit");
/* clang-format on */

struct amount_text limit_text(enum limit limit, int64_t value)
{
    struct amount_text out = {""};
    if (limit_row(limit)->unit == LIMIT_IN_FEN) return amount_text(value);
    struct number_text number = number_text(value);
    memcpy(out.text, number.text, strlen(number.text) + 1);
    return out;
}

static enum permission_answer check(const struct terminal *t)
{
    return limit_check(&t->limits, t->role, t->duress, t->asked.limit, t->asked.value);
}

/* How much it could have been at most. */
static void refuse(struct terminal *t)
{
    enum limit limit = t->asked.limit;
    int64_t most = t->duress ? limit_of(&t->limits, t->role, true, limit)
                             : limit_of(&t->limits, VAULT_ROLE_SUPERVISOR, false, limit);
    NOTICE(t, SCREEN_WARNING, words[limit].refused, limit_text(limit, most).text);
}

static void ask_supervisor(struct terminal *t)
{
    enum limit limit = t->asked.limit;
    t->approval = (struct approval){.action = limit_row(limit)->action, .what = words[limit].asked};
    struct amount_text subject = limit_text(limit, t->asked.value);
    _Static_assert(sizeof subject.text <= sizeof t->approval.subject, "an amount is a subject");
    memcpy(t->approval.subject, subject.text, sizeof subject.text);
    if (limit != LIMIT_VOID) return;
    /* A void is of one payment: the supervisor sees, and the log keeps, which. */
    const struct payment *p = &t->work.payment;
    struct writer w = writer_over(t->approval.subject, sizeof t->approval.subject - 1);
    write_format(&w, "%06u %s", p->original.stan, amount_text(p->amount_minor).text);
    ENSURE(w.fault == ERR_OK);
    t->approval.subject[w.len] = '\0';
}

static void give(struct terminal *t, enum limit limit, int64_t value, const char *approver_id)
{
    struct leave *leave = &t->work.leave[limit];
    *leave = (struct leave){.given = true, .value = value};
    memcpy(leave->approver_id, approver_id, strlen(approver_id));
}

err allow(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (training_on(t)) PROCEDURE_DONE(t, p); /* nobody takes anything, and no leave is given */
    p->local[0] = t->asked.limit;
    p->local[1] = t->asked.value;
    t->work.leave[t->asked.limit] = (struct leave){0};
    if (check(t) == PERMISSION_NO) {
        refuse(t);
        PROCEDURE_BACK(t, p);
    }
    if (check(t) == PERMISSION_YES) {
        give(t, t->asked.limit, t->asked.value, "");
        PROCEDURE_DONE(t, p);
    }
    ask_supervisor(t);
    PROCEDURE_CALL(t, p, approve);
    if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    give(t, (enum limit)p->local[0], p->local[1], t->approval.approver_id);
    PROCEDURE_END(t, p);
}

static bool has(const struct terminal *t, enum limit limit, int64_t value)
{
    return t->work.leave[limit].given && t->work.leave[limit].value == value;
}

bool allowed(const struct terminal *t, const struct payment *payment)
{
    enum limit limit = limit_of_type(payment->type);
    int64_t value = limit_row(limit)->unit == LIMIT_YES_OR_NO ? 1 : payment->amount_minor;
    bool by_hand = payment->entry == PAYMENT_ENTRY_MANUAL;
    return has(t, limit, value) && (!by_hand || has(t, LIMIT_MANUAL, 1));
}

void allow_approver(const struct terminal *t, char ret_approver_id[static 3])
{
    for (enum limit limit = 0; limit < LIMITS; limit++) {
        const struct leave *leave = &t->work.leave[limit];
        if (leave->given && leave->approver_id[0] != '\0')
            memcpy(ret_approver_id, leave->approver_id, sizeof leave->approver_id);
    }
}
