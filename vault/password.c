/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choosing one's own password: by whoever has just shown that he knows the old one, twice the same,
 * and by the policy. One transaction carries the new record; before its commit the old password
 * verifies, after it the new one, and never neither (S13).
 */
#include "lib/auth/policy.h"
#include "vault/state.h"

static_assert((int)POLICY_CASHIER == (int)VAULT_ROLE_CASHIER &&
                  (int)POLICY_SUPERVISOR == (int)VAULT_ROLE_SUPERVISOR &&
                  (int)POLICY_ADMINISTRATOR == (int)VAULT_ROLE_ADMINISTRATOR,
              "a role has one number");

bool vault_may_change(const struct vault *v)
{
    int64_t gone_us = clock_monotonic_us(&v->config.clock) - v->session.login_us;
    return v->session.logged_in && v->session.may_change &&
           gone_us <= (int64_t)VAULT_CHANGE_WITHIN_S * 1000000;
}

struct policy_person vault_policy_person(const struct vault *v)
{
    return (struct policy_person){
        .number = {bytes_text(v->device.tid), bytes_text(v->device.mid),
                   bytes_text(v->device.serial)},
        .numbers = 3,
    };
}

/* What the page is told; the audit log names the rule itself. */
static enum vault_password_verdict verdict_of(enum policy_verdict verdict)
{
    switch (verdict) {
    case POLICY_OK:
        return VAULT_PASSWORD_OK;
    case POLICY_TOO_SHORT:
        return VAULT_PASSWORD_TOO_SHORT;
    case POLICY_TOO_LONG:
        return VAULT_PASSWORD_TOO_LONG;
    case POLICY_SAME:
        return VAULT_PASSWORD_SAME;
    default: /* the page has no words yet for each of the others */
        break;
    }
    return VAULT_PASSWORD_SIMPLE;
}

/* All rules; the one that costs a hash comes last. */
static err judge(struct vault *v, struct password_owner owner, struct bytes chosen,
                 const struct vault_operator_row *row, enum policy_verdict *ret_verdict)
{
    struct policy_person person = vault_policy_person(v);
    struct policy policy =
        policy_of_model(bytes_text(v->device.model), (enum policy_role)row->role);
    enum policy_verdict verdict = policy_check(&policy, &person, blocklist_builtin(), chosen).first;
    if (verdict == POLICY_OK && row->record[0] != '\0') {
        bool same = false;
        TRY(password_verify(owner, chosen, bytes_text(row->record), &same));
        if (same) verdict = POLICY_SAME;
    }
    *ret_verdict = verdict;
    return OK;
}

static err store_new(struct vault *v, struct password_owner owner, struct bytes chosen, uint8_t id)
{
    char record[PASSWORD_RECORD_MAX];
    struct vault_operator_name name = vault_operator_name(id);
    TRY(password_hash(v->config.cost, &v->config.random, owner, chosen, record));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_operator_record(v, id, record, false));
    TRY(vault_audit(v, &tx, name.text, "password_set", name.text, ""));
    return store_commit(&tx);
}

static err change(struct vault *v, uint8_t id, struct bytes chosen, struct bytes repeated,
                  enum vault_password_verdict *ret_verdict)
{
    if (!secret_equal(chosen, repeated)) {
        *ret_verdict = VAULT_PASSWORD_MISMATCH;
        return OK;
    }
    struct vault_operator_row row;
    struct vault_operator_name name = vault_operator_name(id);
    struct password_owner owner = {BYTES_OF(v->secrets->pepper), bytes_text(name.text)};
    enum policy_verdict verdict = POLICY_OK;
    TRY(vault_operator_read(v, id, &row));
    TRY(judge(v, owner, chosen, &row, &verdict));
    if (verdict != POLICY_OK) {
        TRY(vault_audit_note(v, name.text, "password_refused", name.text,
                             policy_verdict_text(verdict, POLICY_EN)));
    } else {
        TRY(store_new(v, owner, chosen, id));
        v->session.must_change = false;
        v->session.may_change = false; /* the next change asks for the password anew */
    }
    *ret_verdict = verdict_of(verdict);
    return OK;
}

err vault_run_password_set(struct vault *v, struct reader *request, struct writer *answer,
                           enum vault_status *status)
{
    uint8_t id;
    if (FAILED(vault_read_byte(request, &id))) return vault_refuse(status, VAULT_BAD_REQUEST);
    struct bytes chosen = vault_entry_digits(v, VAULT_ENTRY_NEW);
    struct bytes repeated = vault_entry_digits(v, VAULT_ENTRY_REPEAT);
    enum vault_password_verdict verdict = VAULT_PASSWORD_MISMATCH;
    err changed = OK;
    if (chosen.len == 0 || repeated.len == 0) {
        *status = VAULT_NO_ENTRY;
    } else if (!vault_may_change(v) || v->session.operator_id != id) {
        *status = VAULT_NOT_ALLOWED;
    } else {
        changed = change(v, id, chosen, repeated, &verdict);
    }
    vault_entry_wipe(v, VAULT_ENTRY_NEW);
    vault_entry_wipe(v, VAULT_ENTRY_REPEAT);
    TRY(changed);
    vault_write_byte(answer, (uint8_t)verdict);
    return OK;
}
