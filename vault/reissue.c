/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lost sheet is printed anew (S36): this operator's password becomes another first password, for
 * one use, and what opened before opens no more. The new one is drawn from the recovery key by
 * the challenge, here and in the hsm, which tells it to the printer alone: it travels nowhere, and
 * neither the terminal nor the host's desk can compute it from what they carry.
 *
 * A challenge counts upwards, so that an old order, told again, brings no old sheet back to life;
 * the same one told twice changes nothing the second time. One transaction: the old record, or the
 * new one with its challenge.
 */
#include "vault/state.h"

static_assert((int)RECOVERY_CODE_MAX == (int)ONE_TIME_DIGITS, "a sheet's code is a first password");

/* The challenge of the last one; empty when there was none. */
struct last {
    uint8_t at[VAULT_CHALLENGE_MAX];
    size_t len;
};

static err read_last(struct vault *v, uint8_t operator_id, struct last *ret)
{
    struct store_statement *s;
    struct last last = {.len = 0};
    bool found = false;
    TRY(store_statement(v->store, "SELECT challenge FROM reissue WHERE operator = ?", &s));
    store_bind_int(s, operator_id);
    TRY(store_step(s, &found));
    if (found) {
        store_read_blob_into(s, last.at, sizeof last.at);
        last.len = sizeof last.at;
        err read = store_read_finish(s);
        store_reset(s);
        TRY(read);
    }
    *ret = last;
    return OK;
}

static err put_last(struct vault *v, const struct vault_reissue *ask)
{
    struct store_statement *s;
    TRY(store_statement(v->store,
                        "INSERT OR REPLACE INTO reissue(operator, challenge) VALUES(?, ?)", &s));
    store_bind_int(s, ask->operator_id);
    store_bind_blob(s, ask->challenge);
    return store_run(s);
}

/* Both are numbers that are written with their highest byte first. */
static bool is_later(struct bytes challenge, const struct last *last)
{
    return last->len == 0 || memcmp(challenge.at, last->at, 8) > 0;
}

/* The proof of one of the two ways of this order. */
static err prove(struct vault *v, const struct vault_reissue *ask, uint8_t way,
                 struct recovery_proof *ret_proof)
{
    const struct recovery_subject subject = {way, ask->operator_id, bytes_text(v->device.tid),
                                             ask->challenge};
    return recovery_prove(&v->crypto, &v->secrets->recovery, &subject, ret_proof);
}

static err judge(struct vault *v, const struct vault_reissue *ask, struct vault_operator_row *row,
                 uint8_t *ret_verdict)
{
    CLEANUP(recovery_proof_wipe) struct recovery_proof proof = {0};
    struct last last;
    *ret_verdict = VAULT_REISSUE_REFUSED;
    err found = vault_operator_read(v, ask->operator_id, row);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    TRY(prove(v, ask, RECOVERY_REISSUE, &proof));
    TRY(read_last(v, ask->operator_id, &last));
    if (row->suspended || !secret_equal(ask->grant, BYTES_OF(proof.grant))) return OK;
    if (bytes_equal(ask->challenge, bytes_of(last.at, last.len)))
        *ret_verdict = VAULT_REISSUE_BEFORE;
    else if (is_later(ask->challenge, &last)) *ret_verdict = VAULT_REISSUE_TAKEN;
    return OK;
}

/* The row as provisioning would have made it, but for who it is. */
static err prepare(struct vault *v, const struct vault_reissue *ask, struct vault_operator_row *row)
{
    CLEANUP(recovery_proof_wipe) struct recovery_proof sheet = {0};
    struct vault_operator_name name = vault_operator_name(row->id);
    TRY(prove(v, ask, RECOVERY_SHEET, &sheet));
    TRY(password_hash(v->config.cost, &v->config.random, vault_owner(v, &name),
                      bytes_text(sheet.code), row->record[VAULT_SLOT_OWN]));
    row->one_time = true;
    row->forced = false;
    vault_duress_forget(row);
    row->attempts = attempts_fresh();
    row->set_ms = row->review_ms = 0;
    row->grace_used = 0;
    row->codes_wrong = 0;
    return OK;
}

/* Nobody stays in by what opens no more. */
static void end_session(struct vault *v, uint8_t operator_id)
{
    if (v->session.logged_in && v->session.operator_id == operator_id)
        v->session = (struct vault_session){0};
    if (v->right.operator_id == operator_id) v->right = (struct vault_right){0};
    if (v->pending.operator_id == operator_id) v->pending = (struct vault_pending){0};
}

static err take(struct vault *v, const struct vault_reissue *ask,
                const struct vault_operator_row *old)
{
    struct vault_operator_row row = *old;
    struct vault_operator_name name = vault_operator_name(row.id);
    struct policy policy = vault_policy_of(v, row.role);
    TRY(prepare(v, ask, &row));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_history_push(v, old, (uint8_t)(policy.history > 1 ? policy.history - 1 : 0)));
    TRY(vault_challenge_delete(v, row.id));
    TRY(vault_operator_put(v, &row));
    TRY(put_last(v, ask));
    TRY(vault_audit(v, &tx, NULL, "reissued", name.text, ""));
    TRY(store_commit(&tx));
    end_session(v, row.id);
    return OK;
}

err vault_run_reissue(struct vault *v, struct reader *request, struct writer *answer,
                      enum vault_status *status)
{
    struct vault_reissue ask;
    struct vault_operator_row row;
    uint8_t verdict = VAULT_REISSUE_REFUSED;
    if (FAILED(vault_read_reissue(request, &ask)) || ask.challenge.len != VAULT_CHALLENGE_MAX ||
        ask.operator_id > VAULT_ID_ADMINISTRATOR)
        return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->secrets->has_recovery) return vault_refuse(status, VAULT_NOT_READY);
    TRY(judge(v, &ask, &row, &verdict));
    struct vault_operator_name name = vault_operator_name(ask.operator_id);
    if (verdict == VAULT_REISSUE_TAKEN) TRY(take(v, &ask, &row));
    if (verdict == VAULT_REISSUE_REFUSED)
        TRY(vault_audit_note(v, NULL, "reissue_refused", name.text, ""));
    vault_write_byte(answer, verdict);
    return OK;
}
