/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The duress password (CR-37), for who wants one: a second password that opens the terminal as
 * the first one does, while the answer says so to the terminal program and to nobody else. It is
 * kept to the same policy, and differs from the real one. Its owner may give it up. Whoever
 * recovers, or is given a one-time password, has none any more. Nothing is ever destroyed.
 *
 * Who was forced in must find nothing here that tells. In a session under duress the duress
 * password is the real one as far as anybody can see; so choosing "a duress password" is judged
 * against it, takes as long, answers the same, and what was chosen opens from then on: it is kept
 * as the decoy, beside the two true ones, which stay as they are. Giving it up removes the decoy,
 * answers the same, and the true ones still open. The answers say the same to who has no duress
 * password at all.
 */
#include "vault/state.h"

void vault_duress_forget(struct vault_operator_row *row)
{
    row->record[VAULT_SLOT_DURESS][0] = row->record[VAULT_SLOT_DECOY][0] = '\0';
}

/* Against the policy, and against the password that he came in by. */
static err judge(struct vault *v, const struct vault_operator_row *row, struct bytes chosen,
                 struct policy_result *ret_result)
{
    struct vault_operator_name name = vault_operator_name(row->id);
    struct policy policy = vault_policy_of(v, row->role);
    struct policy_person person = vault_policy_person(v);
    struct policy_result result = policy_check(&policy, &person, vault_blocklist(v), chosen);
    bool same = false;
    if (result.first == POLICY_OK)
        TRY(password_verify(vault_owner(v, &name), chosen, bytes_text(row->record[v->right.slot]),
                            &same));
    *ret_result = same ? vault_only(POLICY_SAME) : result;
    return OK;
}

static err store_row(struct vault *v, const struct vault_operator_row *row, const char *event)
{
    struct vault_operator_name name = vault_operator_name(row->id);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_operator_put(v, row));
    TRY(vault_audit(v, &tx, name.text, event, name.text,
                    v->right.slot != VAULT_SLOT_OWN ? "duress" : ""));
    TRY(store_commit(&tx));
    v->right = (struct vault_right){0};
    return OK;
}

static err choose(struct vault *v, const struct vault_operator_row *row, struct bytes chosen,
                  struct policy_result *result)
{
    struct vault_operator_name name = vault_operator_name(row->id);
    struct vault_operator_row next = *row;
    bool own = v->right.slot == VAULT_SLOT_OWN;
    if (result->first == POLICY_OK) TRY(judge(v, row, chosen, result));
    if (result->first != POLICY_OK) return OK;
    if (own) vault_duress_forget(&next);
    TRY(password_hash(v->config.cost, &v->config.random, vault_owner(v, &name), chosen,
                      next.record[own ? VAULT_SLOT_DURESS : VAULT_SLOT_DECOY]));
    return store_row(v, &next, "duress_set");
}

static err give_up(struct vault *v, uint8_t id)
{
    struct vault_operator_row row;
    TRY(vault_operator_read(v, id, &row));
    if (v->right.slot == VAULT_SLOT_OWN) vault_duress_forget(&row);
    else row.record[VAULT_SLOT_DECOY][0] = '\0';
    return store_row(v, &row, "duress_removed");
}

/* His own, in his session, with a password that he has just shown. */
static bool may_set(const struct vault *v, uint8_t id)
{
    return vault_may_change(v, id) && !v->right.recovered && v->session.logged_in &&
           v->session.operator_id == id && !v->session.must_change;
}

err vault_run_duress_set(struct vault *v, struct reader *request, struct writer *answer,
                         enum vault_status *status)
{
    struct vault_duress ask;
    if (FAILED(vault_read_duress(request, &ask)) || !vault_language_known(ask.who.language) ||
        ask.action > VAULT_DURESS_REMOVE)
        return vault_refuse(status, VAULT_BAD_REQUEST);
    bool allowed = may_set(v, ask.who.operator_id);
    if (ask.action == VAULT_DURESS_CHOOSE)
        return vault_choose(v, ask.who, allowed, choose, answer, status);
    if (!allowed) return vault_refuse(status, VAULT_NOT_ALLOWED);
    TRY(give_up(v, ask.who.operator_id));
    vault_write_refusal(answer, vault_only(POLICY_OK), ask.who.language);
    return OK;
}
