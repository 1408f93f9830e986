/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is at the terminal (S47, S49). The order is what counts: the try is spent and on disk before
 * anything is compared, so that neither a power cut nor a killed process gives one back.
 */
#include "vault/state.h"

/* Writes the spent try, and nothing else, durably. */
static err spend_try(struct vault *v, uint8_t id, struct attempts next)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_operator_attempts(v, id, next));
    return store_commit(&tx);
}

/* A right password: the tries are back, and the login is on record. */
static err settle_right(struct vault *v, const struct vault_operator_row *row, const char *record,
                        int64_t now_ms)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct vault_operator_name name = vault_operator_name(row->id);
    TRY(store_begin(v->store, &tx));
    TRY(vault_operator_record(v, row->id, record, row->one_time));
    TRY(vault_operator_login(v, row->id, now_ms));
    TRY(vault_device_first_login(v, now_ms));
    TRY(vault_audit(v, &tx, name.text, "login", name.text, row->one_time ? "one-time" : ""));
    return store_commit(&tx);
}

static void begin_session(struct vault *v, const struct vault_operator_row *row)
{
    v->session = (struct vault_session){
        .logged_in = true,
        .must_change = row->one_time,
        .may_change = true,
        .operator_id = row->id,
        .role = row->role,
        .login_us = clock_monotonic_us(&v->config.clock),
    };
}

static err note_wrong(struct vault *v, const struct vault_operator_row *row, uint8_t left)
{
    struct vault_operator_name name = vault_operator_name(row->id);
    v->session.may_change = false;
    return vault_audit_note(v, name.text, left == 0 ? "login_locked" : "login_wrong", name.text,
                            "");
}

/* The record to keep: a new one when costs were raised since it was made (CR-08). */
static err refresh_record(struct vault *v, struct password_owner owner, struct bytes password,
                          const struct vault_operator_row *row,
                          char ret_record[PASSWORD_RECORD_MAX])
{
    if (password_outdated(bytes_text(row->record), v->config.cost))
        return password_hash(v->config.cost, &v->config.random, owner, password, ret_record);
    memcpy(ret_record, row->record, sizeof row->record);
    return OK;
}

/* The try is spent; now compare. */
static err compare(struct vault *v, const struct vault_operator_row *row, struct bytes password,
                   int64_t now_ms, struct vault_login_answer *answer)
{
    struct vault_operator_name name = vault_operator_name(row->id);
    struct password_owner owner = {BYTES_OF(v->secrets->pepper), bytes_text(name.text)};
    char record[PASSWORD_RECORD_MAX];
    bool right = false;
    TRY(password_verify(owner, password, bytes_text(row->record), &right));
    if (!right) {
        TRY(note_wrong(v, row, answer->tries_left));
        answer->verdict = VAULT_LOGIN_WRONG;
        return OK;
    }
    TRY(refresh_record(v, owner, password, row, record));
    TRY(settle_right(v, row, record, now_ms));
    begin_session(v, row);
    answer->verdict = row->one_time ? VAULT_LOGIN_MUST_CHANGE : VAULT_LOGIN_OK;
    answer->reason = row->one_time ? VAULT_CHANGE_ONE_TIME : VAULT_CHANGE_NONE;
    answer->tries_left = v->limits.tries;
    answer->last_login_ms = (uint64_t)row->last_login_ms;
    answer->first_login_ms = (uint64_t)v->device.first_login_ms;
    if (v->device.first_login_ms == 0) v->device.first_login_ms = now_ms;
    return OK;
}

static err decide(struct vault *v, uint8_t id, struct bytes password,
                  struct vault_login_answer *answer)
{
    struct vault_operator_row row;
    err found = vault_operator_read(v, id, &row);
    if (found.code == ERR_NOT_FOUND || (!FAILED(found) && row.record[0] == '\0')) {
        answer->verdict = VAULT_LOGIN_NO_OPERATOR;
        return OK;
    }
    TRY(found);
    int64_t now_ms = clock_now_ms(&v->config.clock);
    struct attempts next;
    uint32_t wait_ms = 0;
    enum attempts_verdict verdict =
        attempts_begin(&v->limits, &row.attempts, now_ms, &next, &wait_ms);
    /* WAIT changes the record only when the clock was set back; LOCKED never. */
    if (verdict == ATTEMPTS_GO || next.last_ms != row.attempts.last_ms) TRY(spend_try(v, id, next));
    answer->role = row.role;
    answer->tries_left = attempts_left(&v->limits, &next);
    answer->wait_s = (wait_ms + 999) / 1000;
    if (verdict == ATTEMPTS_WAIT) answer->verdict = VAULT_LOGIN_WAIT;
    if (verdict == ATTEMPTS_LOCKED) answer->verdict = VAULT_LOGIN_LOCKED;
    return verdict == ATTEMPTS_GO ? compare(v, &row, password, now_ms, answer) : OK;
}

err vault_run_login(struct vault *v, struct reader *request, struct writer *answer,
                    enum vault_status *status)
{
    struct vault_login_answer said = {.verdict = VAULT_LOGIN_WRONG};
    struct vault_person who;
    if (FAILED(vault_read_person(request, &who)) || !vault_language_known(who.language))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    struct bytes password = vault_entry_digits(v, VAULT_ENTRY_PASSWORD);
    if (password.len == 0) return vault_refuse(status, VAULT_NO_ENTRY);
    err decided = decide(v, who.operator_id, password, &said);
    vault_entry_wipe(v, VAULT_ENTRY_PASSWORD);
    TRY(decided);
    vault_write_login_answer(answer, &said);
    return OK;
}

static err list_operators(struct vault *v, struct vault_operator list[VAULT_OPERATORS_MAX],
                          size_t *ret_count)
{
    struct store_statement *s;
    size_t count = 0;
    bool row = false;
    TRY(store_statement(v->store,
                        "SELECT id, role, record <> '', one_time, tries_used, last_login_ms "
                        "FROM operator ORDER BY id",
                        &s));
    for (;;) {
        TRY(store_step(s, &row));
        if (!row) break;
        ENSURE(count < VAULT_OPERATORS_MAX); /* ids are 0..99 by the table's own check */
        struct vault_operator *who = &list[count++];
        who->id = (uint8_t)store_read_int(s);
        who->role = (uint8_t)store_read_int(s);
        bool has_record = store_read_int(s) != 0, one_time = store_read_int(s) != 0;
        who->has_password = !has_record ? 0 : one_time ? 1 : 2;
        who->locked = store_read_int(s) >= v->limits.tries;
        who->suspended = 0;
        who->last_login_ms = (uint64_t)store_read_int(s);
    }
    *ret_count = count;
    return OK;
}

err vault_run_operators(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    struct vault_operator list[VAULT_OPERATORS_MAX];
    size_t count = 0;
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    TRY(list_operators(v, list, &count));
    vault_write_operators(answer, list, count);
    return OK;
}
