/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who works here (S47, S55): the list, and what a supervisor may do to cashiers and an
 * administrator to supervisors. A password that is given (S17, S36) is random, for one use, and is
 * shown to the page alone: it leaves sealed, and only its hash stays.
 */
#include "lib/auth/one_time.h"
#include "vault/state.h"

err vault_run_operators(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    struct vault_operator list[VAULT_OPERATORS_MAX];
    size_t count = 0;
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    TRY(vault_operators_list(v, list, ARRAY_LEN(list), &count));
    vault_write_operators(answer, list, count);
    return OK;
}

static const char *const action_words[] = {
    [VAULT_OPERATOR_ADD] = "operator_added",         [VAULT_OPERATOR_DELETE] = "operator_deleted",
    [VAULT_OPERATOR_SUSPEND] = "operator_suspended", [VAULT_OPERATOR_RESUME] = "operator_resumed",
    [VAULT_OPERATOR_RESET] = "password_reset",       [VAULT_OPERATOR_FORCE] = "change_forced",
};

/* The role whose people the one who is logged in looks after. */
static uint8_t own_people(const struct vault *v)
{
    return v->session.role == VAULT_ROLE_ADMINISTRATOR ? VAULT_ROLE_SUPERVISOR : VAULT_ROLE_CASHIER;
}

/* 00 and 99 are always there; 00 is helped by the administrator, 99 by the host alone (S46). */
static bool protected(const struct vault *v, const struct vault_operator_set *set)
{
    if (set->operator_id == VAULT_ID_ADMINISTRATOR || set->operator_id == v->session.operator_id)
        return true;
    bool helps = set->action == VAULT_OPERATOR_RESET || set->action == VAULT_OPERATOR_FORCE;
    return set->operator_id == VAULT_ID_SUPERVISOR &&
           !(helps && v->session.role == VAULT_ROLE_ADMINISTRATOR);
}

/* May he do this to him? `found`: there is such an operator, and `row` is his. */
static err judge(struct vault *v, const struct vault_operator_set *set, bool found,
                 const struct vault_operator_row *row, uint8_t *ret_verdict)
{
    int64_t count = 0;
    bool add = set->action == VAULT_OPERATOR_ADD;
    TRY(vault_operators_count(v, &count));
    uint8_t verdict = VAULT_OPERATOR_OK;
    if (protected(v, set)) verdict = VAULT_OPERATOR_PROTECTED;
    else if ((add ? set->role : found ? row->role : own_people(v)) != own_people(v))
        verdict = VAULT_OPERATOR_NOT_YOURS;
    else if (add && found) verdict = VAULT_OPERATOR_EXISTS;
    else if (!add && !found) verdict = VAULT_OPERATOR_NOT_FOUND;
    else if (add && count >= VAULT_PEOPLE_MAX) verdict = VAULT_OPERATOR_FULL;
    *ret_verdict = verdict;
    return OK;
}

/* A password in clear, until it is sealed for the page. */
struct given {
    char password[ONE_TIME_DIGITS + 1];
};

static void given_wipe(struct given *given)
{
    secret_wipe_bytes(given, sizeof *given);
}

/* Draws one into the row and seals it. The page must be there before anything is changed. */
static err give_password(struct vault *v, struct vault_operator_row *row, struct writer *sealed)
{
    CLEANUP(given_wipe) struct given given = {0};
    struct vault_operator_name name = vault_operator_name(row->id);
    struct policy policy = vault_policy_of(v, row->role);
    struct policy_person person = vault_policy_person(v);
    TRY(one_time_make(&v->config.random, &policy, &person, vault_blocklist(v), given.password));
    TRY(password_hash(v->config.cost, &v->config.random, vault_owner(v, &name),
                      bytes_text(given.password), row->record[VAULT_SLOT_OWN]));
    row->one_time = true;
    row->forced = false;
    vault_duress_forget(row);
    row->attempts = attempts_fresh();
    row->set_ms = row->review_ms = 0;
    row->grace_used = 0;
    row->codes_wrong = 0;
    return vault_panel_say(v, bytes_text(given.password), sealed);
}

/* The row as it is to be after the action; with a password, that is sealed for the page. */
static err prepare(struct vault *v, uint8_t action, struct vault_operator_row *row,
                   struct writer *sealed)
{
    switch (action) {
    case VAULT_OPERATOR_ADD:
    case VAULT_OPERATOR_RESET:
        return give_password(v, row, sealed);
    case VAULT_OPERATOR_SUSPEND:
    case VAULT_OPERATOR_RESUME:
        row->suspended = action == VAULT_OPERATOR_SUSPEND;
        return OK;
    case VAULT_OPERATOR_FORCE:
        row->forced = true;
        return OK;
    default:
        return OK;
    }
}

static err commit(struct vault *v, uint8_t action, const struct vault_operator_row *old,
                  const struct vault_operator_row *row)
{
    struct vault_operator_name actor = vault_operator_name(v->session.operator_id);
    struct vault_operator_name subject = vault_operator_name(row->id);
    struct policy policy = vault_policy_of(v, row->role);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    if (action == VAULT_OPERATOR_ADD) TRY(vault_operator_add(v, row->id, row->role));
    if (action == VAULT_OPERATOR_RESET) {
        TRY(vault_history_push(v, old, (uint8_t)(policy.history > 1 ? policy.history - 1 : 0)));
        TRY(vault_challenge_delete(v, row->id));
    }
    if (action == VAULT_OPERATOR_DELETE) TRY(vault_operator_delete(v, row->id));
    else TRY(vault_operator_put(v, row));
    TRY(vault_audit(v, &tx, actor.text, action_words[action], subject.text,
                    v->session.duress ? "duress" : ""));
    return store_commit(&tx);
}

static err run_set(struct vault *v, const struct vault_operator_set *set, struct writer *sealed,
                   uint8_t *ret_verdict)
{
    struct vault_operator_row old = {.id = set->operator_id, .role = set->role};
    err found = vault_operator_read(v, set->operator_id, &old);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    TRY(judge(v, set, !FAILED(found), &old, ret_verdict));
    if (*ret_verdict != VAULT_OPERATOR_OK) return OK;
    struct vault_operator_row row = old;
    TRY(prepare(v, set->action, &row, sealed));
    return commit(v, set->action, &old, &row);
}

err vault_run_operator_set(struct vault *v, struct reader *request, struct writer *answer,
                           enum vault_status *status)
{
    struct vault_operator_set set;
    uint8_t sealed[ONE_TIME_DIGITS + PANEL_OVERHEAD];
    struct writer w = writer_over(sealed, sizeof sealed);
    struct vault_operator_set_answer said = {.verdict = VAULT_OPERATOR_OK};
    if (FAILED(vault_read_operator_set(request, &set)) || set.action < VAULT_OPERATOR_ADD ||
        set.action > VAULT_OPERATOR_FORCE || set.operator_id > VAULT_ID_ADMINISTRATOR ||
        set.role < VAULT_ROLE_CASHIER || set.role > VAULT_ROLE_ADMINISTRATOR)
        return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->secrets->panel_open) return vault_refuse(status, VAULT_BAD_SEAL);
    TRY(run_set(v, &set, &w, &said.verdict));
    said.sealed = writer_view(&w);
    vault_write_operator_set_answer(answer, &said);
    return OK;
}
