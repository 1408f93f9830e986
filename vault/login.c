/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the terminal (S47, S49): a right password, and a session. verify.c does the guessing.
 */
#include "vault/state.h"

static void begin_session(struct vault *v, const struct vault_operator_row *row,
                          enum vault_slot slot, bool must_change)
{
    v->session = (struct vault_session){
        .logged_in = true,
        .must_change = must_change,
        .duress = slot != VAULT_SLOT_OWN,
        .operator_id = row->id,
        .role = row->role,
    };
    v->right = (struct vault_right){
        .open = true,
        .slot = slot,
        .operator_id = row->id,
        .since_us = clock_monotonic_us(&v->config.clock),
    };
}

static err commit_login(struct vault *v, const struct vault_operator_row *row, bool duress,
                        int64_t now_ms)
{
    struct vault_operator_name name = vault_operator_name(row->id);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_operator_put(v, row));
    TRY(vault_device_first_login(v, now_ms));
    TRY(vault_audit(v, &tx, name.text, "login", name.text,
                    duress          ? "duress"
                    : row->one_time ? "one-time"
                                    : ""));
    return store_commit(&tx);
}

err vault_login_settle(struct vault *v, struct vault_operator_row *row, enum vault_slot slot,
                       struct vault_login_answer *answer)
{
    int64_t now_ms = clock_now_ms(&v->config.clock), before_ms = row->last_login_ms;
    struct vault_age age = vault_age_of(v, row);
    row->attempts = attempts_fresh();
    row->last_login_ms = now_ms;
    if (age.grace && row->grace_used < UINT8_MAX) row->grace_used++;
    if (!row->one_time && row->set_ms == 0) row->set_ms = now_ms;
    if (!row->one_time && row->review_ms == 0) row->review_ms = now_ms;
    TRY(commit_login(v, row, slot != VAULT_SLOT_OWN, now_ms));
    begin_session(v, row, slot, age.reason != VAULT_CHANGE_NONE);

    answer->verdict = age.reason == VAULT_CHANGE_NONE ? VAULT_LOGIN_OK : VAULT_LOGIN_MUST_CHANGE;
    answer->role = row->role;
    answer->tries_left = vault_policy_of(v, row->role).tries;
    answer->last_login_ms = (uint64_t)before_ms;
    answer->first_login_ms = (uint64_t)v->device.first_login_ms;
    answer->reason = age.reason;
    answer->review = age.review;
    answer->review_days = age.days;
    answer->duress = slot != VAULT_SLOT_OWN;
    if (v->device.first_login_ms == 0) v->device.first_login_ms = now_ms;
    return OK;
}

/* The record to keep: a new one when costs were raised since it was made (CR-08). */
static err refresh_record(struct vault *v, struct bytes typed, struct vault_verified *seen)
{
    CLEANUP(password_text_wipe) struct password_text text = {.len = 0};
    struct vault_operator_name name = vault_operator_name(seen->row.id);
    char *record = seen->row.record[seen->slot];
    if (!password_outdated(bytes_text(record), v->config.cost)) return OK;
    ENSURE(password_normalise(typed, &text) == POLICY_OK); /* it has just been right */
    return password_hash(v->config.cost, &v->config.random, vault_owner(v, &name),
                         password_text_view(&text), record);
}

/* Right, and a phone is asked too: the tries are back, but nobody is in yet. */
static err wait_for_phone(struct vault *v, struct vault_verified *seen,
                          struct vault_login_answer *answer)
{
    struct vault_operator_name name = vault_operator_name(seen->row.id);
    seen->row.attempts = attempts_fresh();
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_operator_put(v, &seen->row));
    TRY(vault_audit(v, &tx, name.text, "approval_asked", name.text, "login"));
    TRY(store_commit(&tx));
    vault_approval_ask(v, seen->row.id, seen->slot, 0, (struct bytes){0}, answer);
    return OK;
}

static err log_in(struct vault *v, uint8_t id, struct bytes typed,
                  struct vault_login_answer *answer)
{
    struct vault_verified seen;
    bool phone = false;
    TRY(vault_verify(v, id, typed, &seen));
    *answer = (struct vault_login_answer){.verdict = seen.verdict,
                                          .role = seen.row.role,
                                          .tries_left = seen.tries_left,
                                          .wait_s = seen.wait_s};
    if (seen.verdict != VAULT_LOGIN_OK) return OK;
    TRY(refresh_record(v, typed, &seen));
    TRY(vault_approval_wanted(v, seen.row.role, &phone));
    return phone ? wait_for_phone(v, &seen, answer)
                 : vault_login_settle(v, &seen.row, seen.slot, answer);
}

err vault_run_login(struct vault *v, struct reader *request, struct writer *answer,
                    enum vault_status *status)
{
    struct vault_login_answer said = {.verdict = VAULT_LOGIN_WRONG};
    struct vault_person who;
    if (FAILED(vault_read_person(request, &who)) || !vault_language_known(who.language))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    struct bytes typed = vault_entry_text(v, VAULT_ENTRY_PASSWORD);
    if (typed.len == 0) return vault_refuse(status, VAULT_NO_ENTRY);
    v->pending = (struct vault_pending){0};
    err done = log_in(v, who.operator_id, typed, &said);
    vault_entry_wipe(v, VAULT_ENTRY_PASSWORD);
    TRY(done);
    vault_write_login_answer(answer, &said);
    return OK;
}

err vault_run_logout(struct vault *v, struct reader *request, struct writer *answer,
                     enum vault_status *status)
{
    (void)answer;
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    vault_entry_wipe(v, 0);
    v->session = (struct vault_session){0};
    v->right = (struct vault_right){0};
    v->pending = (struct vault_pending){0};
    v->pairing = (struct vault_pairing){0};
    return OK;
}

/* The review of an old password (S24, CR-06): its owner has looked at it, and keeps it. */
err vault_run_password_keep(struct vault *v, struct reader *request, struct writer *answer,
                            enum vault_status *status)
{
    (void)answer;
    uint8_t id;
    struct vault_operator_row row;
    if (FAILED(vault_read_byte(request, &id))) return vault_refuse(status, VAULT_BAD_REQUEST);
    bool his = v->session.operator_id == id && vault_may_change(v, id) && !v->right.recovered;
    if (!his || vault_policy_of(v, v->session.role).expires)
        return vault_refuse(status, VAULT_NOT_ALLOWED);
    struct vault_operator_name name = vault_operator_name(id);
    TRY(vault_operator_read(v, id, &row));
    row.review_ms = clock_now_ms(&v->config.clock);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_operator_put(v, &row));
    TRY(vault_audit(v, &tx, name.text, "password_kept", name.text, ""));
    return store_commit(&tx);
}
