/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choosing one's own password: by who has just shown that he knows the old one, or that the host
 * believes him (recovery.c); twice the same, and by the policy. One transaction carries the new
 * record; before its commit the old password verifies, after it the new one, and never neither
 * (S13).
 */
#include "vault/state.h"

static_assert((int)POLICY_OK == (int)VAULT_PASSWORD_OK &&
                  (int)POLICY_MISMATCH == (int)VAULT_PASSWORD_MISMATCH,
              "a verdict has one number");

enum { REFUSAL_MAX = 256 }; /* the longest sentence of verdicts.h has 110 bytes */

bool vault_may_change(const struct vault *v, uint8_t operator_id)
{
    int64_t gone_us = clock_monotonic_us(&v->config.clock) - v->right.since_us;
    return v->right.open && v->right.operator_id == operator_id &&
           gone_us <= (int64_t)VAULT_CHANGE_WITHIN_S * 1000000;
}

struct policy_person vault_policy_person(const struct vault *v)
{
    return (struct policy_person){
        .name = {bytes_text(v->device.merchant_zh), bytes_text(v->device.merchant_en)},
        .names = 2,
        .number = {bytes_text(v->device.tid), bytes_text(v->device.mid),
                   bytes_text(v->device.serial)},
        .numbers = 3,
        .today = civil_from_ms(clock_now_ms(&v->config.clock) + CLOCK_CHINA_OFFSET_MS),
    };
}

static struct policy_result same_text(struct bytes chosen, struct bytes repeated,
                                      struct password_text *ret_text)
{
    CLEANUP(password_text_wipe) struct password_text again = {.len = 0};
    enum policy_verdict verdict = password_normalise(chosen, ret_text);
    if (verdict != POLICY_OK) return vault_only(verdict);
    bool same = password_normalise(repeated, &again) == POLICY_OK &&
                secret_equal(password_text_view(ret_text), password_text_view(&again));
    return vault_only(same ? POLICY_OK : POLICY_MISMATCH);
}

void vault_write_refusal(struct writer *answer, struct policy_result result, uint8_t language)
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

/* The present one and those before it, as far as the policy remembers (S25). */
static err known_before(struct vault *v, const struct vault_operator_row *row,
                        const struct policy *policy, struct bytes chosen,
                        struct policy_result *ret_result)
{
    struct vault_operator_name name = vault_operator_name(row->id);
    struct password_owner owner = vault_owner(v, &name);
    enum vault_slot slot;
    bool same = false;
    if (row->record[VAULT_SLOT_OWN][0] != '\0')
        TRY(vault_slot_find(owner, row, chosen, &same, &slot));
    if (same) {
        *ret_result = vault_only(POLICY_SAME);
        return OK;
    }
    if (policy->history < 2) return OK;
    TRY(vault_history_has(v, owner, row->id, chosen, (uint8_t)(policy->history - 1), &same));
    if (same) *ret_result = vault_only(POLICY_HISTORY);
    return OK;
}

/* He changes it of his own accord: not a one-time, forced, expired or forgotten one. */
static bool by_choice(const struct vault *v, const struct vault_operator_row *row)
{
    return !v->right.recovered && row->record[VAULT_SLOT_OWN][0] != '\0' &&
           vault_age_of(v, row).reason == VAULT_CHANGE_NONE;
}

/* All rules; those that cost a hash come last. */
static err judge(struct vault *v, const struct vault_operator_row *row, struct bytes chosen,
                 struct policy_result *ret_result)
{
    struct policy policy = vault_policy_of(v, row->role);
    struct policy_person person = vault_policy_person(v);
    int64_t now_ms = clock_now_ms(&v->config.clock);
    struct policy_result result = vault_only(POLICY_TOO_YOUNG);
    bool young = by_choice(v, row) && !policy_old_enough(&policy, row->set_ms, now_ms);
    if (!young) result = policy_check(&policy, &person, vault_blocklist(v), chosen);
    if (result.first == POLICY_OK) TRY(known_before(v, row, &policy, chosen, &result));
    *ret_result = result;
    return OK;
}

/* What the row is after the change. In a duress session the duress password is what is changed: who
 * forces somebody to change his password must not get at the real one (CR-37). */
static void renew(struct vault *v, struct vault_operator_row *row,
                  const char record[PASSWORD_RECORD_MAX])
{
    memcpy(row->record[v->right.slot], record, PASSWORD_RECORD_MAX);
    if (v->right.slot != VAULT_SLOT_OWN) return;
    row->one_time = row->forced = false;
    row->attempts = attempts_fresh();
    row->set_ms = row->review_ms = clock_now_ms(&v->config.clock);
    row->grace_used = 0;
    if (v->right.recovered) {
        vault_duress_forget(row);
        row->codes_wrong = 0;
    }
}

static err store_new(struct vault *v, const struct vault_operator_row *old, struct bytes chosen)
{
    char record[PASSWORD_RECORD_MAX];
    struct vault_operator_name name = vault_operator_name(old->id);
    struct policy policy = vault_policy_of(v, old->role);
    uint8_t keep = (uint8_t)(policy.history > 1 ? policy.history - 1 : 0);
    TRY(password_hash(v->config.cost, &v->config.random, vault_owner(v, &name), chosen, record));
    struct vault_operator_row row = *old;
    renew(v, &row, record);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    if (v->right.slot == VAULT_SLOT_OWN) TRY(vault_history_push(v, old, keep));
    TRY(vault_operator_put(v, &row));
    if (v->right.slot == VAULT_SLOT_OWN) TRY(vault_challenge_delete(v, row.id));
    if (v->right.recovered && row.role != VAULT_ROLE_CASHIER) TRY(vault_device_rollback(v, false));
    struct vault_note note = vault_blocklist_note(v);
    TRY(vault_audit(v, &tx, name.text, v->right.recovered ? "recovered" : "password_set", name.text,
                    v->right.slot != VAULT_SLOT_OWN ? "duress" : note.text));
    TRY(store_commit(&tx));
    if (v->right.recovered && row.role != VAULT_ROLE_CASHIER) v->device.rollback = false;
    return OK;
}

/* S16: whoever was in by the old password is out after a recovery; who changed it stays. */
static void conclude(struct vault *v, uint8_t id)
{
    if (v->session.logged_in && v->session.operator_id == id) {
        if (v->right.recovered) v->session = (struct vault_session){0};
        else v->session.must_change = false;
    }
    v->right = (struct vault_right){0}; /* the next change asks for the password anew */
}

static err change(struct vault *v, const struct vault_operator_row *row, struct bytes chosen,
                  struct policy_result *result)
{
    struct vault_operator_name name = vault_operator_name(row->id);
    if (result->first == POLICY_OK) TRY(judge(v, row, chosen, result));
    if (result->first == POLICY_MISMATCH) return OK;
    if (result->first != POLICY_OK)
        return vault_audit_note(v, name.text, "password_refused", name.text,
                                policy_verdict_word(result->first));
    TRY(store_new(v, row, chosen));
    conclude(v, row->id);
    return OK;
}

/* ---- what every choice of a password has in common ---- */

/* Both entries are there and the right to choose is too: twice the same, then `choose`. */
static err choose_from(struct vault *v, uint8_t id, struct bytes chosen, struct bytes repeated,
                       vault_chooser choose, struct policy_result *ret_result)
{
    CLEANUP(password_text_wipe) struct password_text text = {.len = 0};
    struct vault_operator_row row;
    *ret_result = same_text(chosen, repeated, &text);
    TRY(vault_operator_read(v, id, &row));
    return choose(v, &row, password_text_view(&text), ret_result);
}

err vault_choose(struct vault *v, struct vault_person who, bool allowed, vault_chooser choose,
                 struct writer *answer, enum vault_status *status)
{
    struct bytes chosen = vault_entry_text(v, VAULT_ENTRY_NEW);
    struct bytes repeated = vault_entry_text(v, VAULT_ENTRY_REPEAT);
    struct policy_result result = vault_only(POLICY_MISMATCH);
    err done = OK;
    if (chosen.len == 0 || repeated.len == 0) *status = VAULT_NO_ENTRY;
    else if (!allowed) *status = VAULT_NOT_ALLOWED;
    else done = choose_from(v, who.operator_id, chosen, repeated, choose, &result);
    vault_entry_wipe(v, VAULT_ENTRY_NEW);
    vault_entry_wipe(v, VAULT_ENTRY_REPEAT);
    TRY(done);
    vault_write_refusal(answer, result, who.language);
    return OK;
}

err vault_run_password_set(struct vault *v, struct reader *request, struct writer *answer,
                           enum vault_status *status)
{
    struct vault_person who;
    if (FAILED(vault_read_person(request, &who)) || !vault_language_known(who.language))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    return vault_choose(v, who, vault_may_change(v, who.operator_id), change, answer, status);
}
