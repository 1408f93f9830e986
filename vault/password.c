/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choosing one's own password: by whoever has just shown that he knows the old one, twice the same,
 * and by the policy. One transaction carries the new record; before its commit the old password
 * verifies, after it the new one, and never neither (S13).
 */
#include "lib/auth/policy.h"
#include "vault/state.h"

static_assert((int)POLICY_OK == (int)VAULT_PASSWORD_OK &&
                  (int)POLICY_MISMATCH == (int)VAULT_PASSWORD_MISMATCH,
              "a verdict has one number");

enum { REFUSAL_MAX = 256 }; /* the longest sentence of verdicts.h has 110 bytes */

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

static struct policy_result only(enum policy_verdict verdict)
{
    return (struct policy_result){verdict, UINT32_C(1) << verdict};
}

/* All rules; the one that costs a hash comes last. */
static err judge(struct vault *v, struct password_owner owner, struct bytes chosen,
                 const struct vault_operator_row *row, struct policy_result *ret_result)
{
    struct policy_person person = vault_policy_person(v);
    struct policy policy = vault_policy_of(v, row->role);
    struct policy_result result = policy_check(&policy, &person, blocklist_builtin(), chosen);
    if (result.first == POLICY_OK && row->record[0] != '\0') {
        bool same = false;
        TRY(password_verify(owner, chosen, bytes_text(row->record), &same));
        if (same) result = only(POLICY_SAME);
    }
    *ret_result = result;
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
                  struct policy_result *ret_result)
{
    if (!secret_equal(chosen, repeated)) {
        *ret_result = only(POLICY_MISMATCH);
        return OK;
    }
    struct vault_operator_row row;
    struct vault_operator_name name = vault_operator_name(id);
    struct password_owner owner = {BYTES_OF(v->secrets->pepper), bytes_text(name.text)};
    struct policy_result result = {POLICY_OK, 0};
    TRY(vault_operator_read(v, id, &row));
    TRY(judge(v, owner, chosen, &row, &result));
    if (result.first != POLICY_OK) {
        TRY(vault_audit_note(v, name.text, "password_refused", name.text,
                             policy_verdict_word(result.first)));
    } else {
        TRY(store_new(v, owner, chosen, id));
        v->session.must_change = false;
        v->session.may_change = false; /* the next change asks for the password anew */
    }
    *ret_result = result;
    return OK;
}

/* The first broken rule as a sentence, in the language of the screen. */
static void write_result(struct writer *answer, struct policy_result result, uint8_t language)
{
    uint8_t text[REFUSAL_MAX];
    struct writer w = writer_over(text, sizeof text);
    if (result.first != POLICY_OK && language == VAULT_ENGLISH)
        write_format(&w, "The password %s.", policy_verdict_text(result.first, POLICY_EN));
    else if (result.first != POLICY_OK)
        write_format(&w, "密码%s。", policy_verdict_text(result.first, POLICY_ZH));
    ENSURE(w.fault == ERR_OK);
    vault_write_password_answer(answer,
                                &(struct vault_password_answer){.verdict = (uint8_t)result.first,
                                                                .broken = result.broken,
                                                                .text = writer_view(&w)});
}

err vault_run_password_set(struct vault *v, struct reader *request, struct writer *answer,
                           enum vault_status *status)
{
    struct vault_person who;
    if (FAILED(vault_read_person(request, &who)) || !vault_language_known(who.language))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    struct bytes chosen = vault_entry_digits(v, VAULT_ENTRY_NEW);
    struct bytes repeated = vault_entry_digits(v, VAULT_ENTRY_REPEAT);
    struct policy_result result = only(POLICY_MISMATCH);
    err changed = OK;
    if (chosen.len == 0 || repeated.len == 0) {
        *status = VAULT_NO_ENTRY;
    } else if (!vault_may_change(v) || v->session.operator_id != who.operator_id) {
        *status = VAULT_NOT_ALLOWED;
    } else {
        changed = change(v, who.operator_id, chosen, repeated, &result);
    }
    vault_entry_wipe(v, VAULT_ENTRY_NEW);
    vault_entry_wipe(v, VAULT_ENTRY_REPEAT);
    TRY(changed);
    write_result(answer, result, who.language);
    return OK;
}
