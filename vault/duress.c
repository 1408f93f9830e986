/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The duress password (CR-37), for who wants one: a second password that opens the terminal as
 * the first one does, while the answer says so to the terminal program and to nobody else. It is
 * kept to the same policy, and differs from the real one. Whoever recovers, or is given a one-time
 * password, has none any more. Nothing is ever destroyed.
 */
#include "vault/state.h"

static struct policy_result refused(enum policy_verdict verdict)
{
    return (struct policy_result){verdict, UINT32_C(1) << verdict};
}

static err judge(struct vault *v, const struct vault_operator_row *row, struct bytes chosen,
                 struct policy_result *ret_result)
{
    struct vault_operator_name name = vault_operator_name(row->id);
    struct policy policy = vault_policy_of(v, row->role);
    struct policy_person person = vault_policy_person(v);
    struct policy_result result = policy_check(&policy, &person, blocklist_builtin(), chosen);
    bool same = false;
    if (result.first == POLICY_OK)
        TRY(password_verify(vault_owner(v, &name), chosen, bytes_text(row->record), &same));
    *ret_result = same ? refused(POLICY_SAME) : result;
    return OK;
}

static err store_duress(struct vault *v, struct vault_operator_row *row, struct bytes chosen)
{
    struct vault_operator_name name = vault_operator_name(row->id);
    TRY(password_hash(v->config.cost, &v->config.random, vault_owner(v, &name), chosen,
                      row->duress));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_operator_put(v, row));
    TRY(vault_audit(v, &tx, name.text, "duress_set", name.text, ""));
    TRY(store_commit(&tx));
    v->right = (struct vault_right){0};
    return OK;
}

static err set(struct vault *v, uint8_t id, struct bytes chosen, struct bytes repeated,
               struct policy_result *ret_result)
{
    CLEANUP(password_text_wipe) struct password_text text = {.len = 0};
    struct vault_operator_row row;
    struct policy_result result = vault_same_text(chosen, repeated, &text);
    TRY(vault_operator_read(v, id, &row));
    if (result.first == POLICY_OK) TRY(judge(v, &row, password_text_view(&text), &result));
    if (result.first == POLICY_OK) TRY(store_duress(v, &row, password_text_view(&text)));
    *ret_result = result;
    return OK;
}

/* His own, in a session that he came into by the real password, which he has just shown. */
static bool may_set(const struct vault *v, uint8_t id)
{
    return vault_may_change(v, id) && !v->right.recovered && !v->right.duress &&
           v->session.logged_in && v->session.operator_id == id && !v->session.must_change;
}

err vault_run_duress_set(struct vault *v, struct reader *request, struct writer *answer,
                         enum vault_status *status)
{
    struct vault_person who;
    if (FAILED(vault_read_person(request, &who)) || !vault_language_known(who.language))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    struct bytes chosen = vault_entry_text(v, VAULT_ENTRY_NEW);
    struct bytes repeated = vault_entry_text(v, VAULT_ENTRY_REPEAT);
    struct policy_result result = {POLICY_OK, 0};
    err done = OK;
    if (chosen.len == 0 || repeated.len == 0) *status = VAULT_NO_ENTRY;
    else if (!may_set(v, who.operator_id)) *status = VAULT_NOT_ALLOWED;
    else done = set(v, who.operator_id, chosen, repeated, &result);
    vault_entry_wipe(v, VAULT_ENTRY_NEW);
    vault_entry_wipe(v, VAULT_ENTRY_REPEAT);
    TRY(done);
    vault_write_refusal(answer, result, who.language);
    return OK;
}
