/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A supervisor's override for one action (S48): which supervisor, his password, and the vault
 * records who asked, who approved and what. The session stays whose it is. The caller fills
 * t->approval; DONE is yes, BACK is no.
 */
#include "terminal/core.h"

enum { SUPERVISORS = 6 /* as many as a list shows; a shop has one, a market hall a few */ };

struct supervisors {
    size_t count;
    uint8_t id[SUPERVISORS];
};

/* Those who can approve now: with a password of their own. */
static struct supervisors supervisors_of(struct terminal *t)
{
    struct vault_operator list[VAULT_OPERATORS_MAX];
    struct supervisors found = {0};
    size_t count = 0;
    if (secure_operators(t, list, ARRAY_LEN(list), &count) != VAULT_OK) return found;
    for (size_t i = 0; i < count && found.count < SUPERVISORS; i++)
        if (list[i].role == VAULT_ROLE_SUPERVISOR && list[i].has_password == 2)
            found.id[found.count++] = list[i].id;
    return found;
}

static void show_who(struct terminal *t, const struct supervisors *found)
{
    screen_begin(t, "approve.who", TEXT_APPROVE_TITLE);
    SAY(t, SCREEN_NORMAL, t->approval.what, t->approval.subject);
    SAY(t, SCREEN_HINT, TEXT_APPROVE_WHO);
    for (size_t i = 0; i < found->count; i++) {
        char key[] = "id_00";
        operator_text(found->id[i], key + 3);
        screen_choice(t, key, TEXT_OPERATOR_SUPERVISOR, SCREEN_LIST, "operator", true);
        struct screen_choice *row = &t->screen.choice[t->screen.choice_count - 1];
        text_fill(TEXT_APPROVE_ROW, t->records.language, (const char *const[]){key + 3, NULL},
                  row->text, sizeof row->text);
    }
    screen_show(t);
}

/* Which supervisor, when there is more than one. His number goes to t->ask. */
static err approve_who(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        struct supervisors found = supervisors_of(t);
        if (found.count < 2) {
            t->ask.operator_number = found.count == 1 ? found.id[0] : 0;
            PROCEDURE_DONE(t, p);
        }
        show_who(t, &found);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (t->event.kind != EVENT_KEY || strncmp(t->event.key, "choice:id_", 10) != 0) continue;
        t->ask.operator_number = operator_number(t->event.key + 10);
        PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

static void ask(struct terminal *t, uint8_t approver)
{
    t->ask = (struct entry_ask){.id = "approve.password",
                                .title = TEXT_APPROVE_TITLE,
                                .label = TEXT_APPROVE_PASSWORD,
                                .hint = TEXT_APPROVE_HINT,
                                .purpose = VAULT_ENTRY_APPROVER,
                                .operator_number = approver};
    operator_text(approver, t->ask.label_value);
}

/* True when the vault has recorded the approval. */
static err take(struct terminal *t, uint8_t approver, bool *ret_approved)
{
    char approver_id[3];
    struct vault_login_answer answer = {0};
    struct vault_approve in = {approver, (uint8_t)t->approval.action,
                               bytes_text(t->approval.subject)};
    operator_text(approver, approver_id);
    enum vault_status status = secure_approve(t, &in, &answer);
    bool right = login_judge(t, approver_id, status, &answer);
    if (right && answer.verdict != VAULT_LOGIN_OK) { /* his own password must be changed first */
        NOTICE(t, SCREEN_ERROR, TEXT_APPROVE_CHANGE_FIRST, approver_id);
        right = false;
    }
    if (right) notice_clear(t);
    if (right) memcpy(t->approval.approver_id, approver_id, sizeof approver_id);
    *ret_approved = right;
    /* He too may have been forced: the alarm is as silent as that of a log-in (CR-37). */
    if (right && answer.duress != 0) TRY(manage_event(t, "duress", approver_id, ""));
    return audit(t, right ? "approved" : "approve_refused", approver_id, t->approval.subject);
}

err approve(struct terminal *t, struct procedure *p)
{
    bool approved = false;

    PROCEDURE_BEGIN(p);
    PROCEDURE_CALL(t, p, approve_who);
    if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    p->local[0] = t->ask.operator_number;
    do {
        ask(t, (uint8_t)p->local[0]);
        PROCEDURE_CALL(t, p, entry_take);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        TRY(take(t, (uint8_t)p->local[0], &approved));
    } while (!approved);
    PROCEDURE_END(t, p);
}
