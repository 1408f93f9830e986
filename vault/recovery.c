/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A forgotten password (S38 to S43, S46). The vault makes a challenge for one operator and one way,
 * somebody brings the host's proof of it, and then that operator chooses a new password: the old
 * one verifies until the new one is committed, nobody is logged in, nobody else ever knows either.
 *
 * Limits, all durable: five tries a challenge, spent before the comparison; five challenges an
 * hour; fifty wrong codes in all until one is right. A new challenge replaces the old, a proof is
 * good once. Time: a challenge whose code is typed lives as long as its way says and no longer than
 * this run of the vault, by a clock that nobody can set; the desk's grant, which no person sees,
 * may come after a restart, by the wall clock, and a clock before its beginning ends it.
 */
#include "vault/state.h"

enum { HOUR_MS = 3600 * 1000 };

static const struct {
    const char *word;
    uint32_t valid_s;
    bool outlives_run;
} ways[VAULT_WAYS] = {
    [VAULT_BY_SMS] = {"sms", 300, false},
    [VAULT_BY_MAIL] = {"mail", 1800, false},
    [VAULT_BY_SERVICE] = {"service", 86400, true},
    [VAULT_BY_OFFLINE] = {"offline", 900, false},
};

static_assert((int)VAULT_BY_SMS == (int)RECOVERY_SMS && (int)VAULT_BY_MAIL == (int)RECOVERY_MAIL &&
                  (int)VAULT_BY_SERVICE == (int)RECOVERY_SERVICE &&
                  (int)VAULT_BY_OFFLINE == (int)RECOVERY_OFFLINE &&
                  (int)VAULT_GRANT_BYTES == (int)RECOVERY_PROOF_BYTES &&
                  (int)VAULT_CHALLENGE_MAX == (int)RECOVERY_CHALLENGE_MAX,
              "the protocol's numbers are those of lib/crypto");

struct challenge {
    uint8_t operator_id, way;
    uint8_t at[VAULT_CHALLENGE_MAX];
    size_t len;
    int64_t made_ms, made_us;
    bool this_run;
    uint8_t tries_used;
};

static bool known_way(uint8_t way)
{
    return way >= VAULT_BY_SMS && way < VAULT_WAYS;
}

/* ---- rows ---- */

err vault_challenge_delete(struct vault *v, uint8_t operator_id)
{
    struct store_statement *s;
    TRY(store_statement(v->store, "DELETE FROM challenge WHERE operator = ?", &s));
    store_bind_int(s, operator_id);
    return store_run(s);
}

/* `run` names the run of the vault and holds the moment on its clock that nobody can set. */
static void write_run(const struct vault *v, int64_t made_us, struct writer *w)
{
    write_bytes(w, BYTES_OF(v->run));
    write_be(w, (uint64_t)made_us, 8);
}

static err put_challenge(struct vault *v, const struct challenge *c)
{
    struct store_statement *s;
    uint8_t run[VAULT_RUN_BYTES + 8];
    struct writer w = writer_over(run, sizeof run);
    write_run(v, c->made_us, &w);
    TRY(vault_challenge_delete(v, c->operator_id));
    TRY(store_statement(v->store,
                        "INSERT INTO challenge(operator, way, challenge, made_ms, run, tries_used)"
                        " VALUES(?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_int(s, c->operator_id);
    store_bind_int(s, c->way);
    store_bind_blob(s, bytes_of(c->at, c->len));
    store_bind_int(s, c->made_ms);
    store_bind_blob(s, writer_view(&w));
    store_bind_int(s, c->tries_used);
    return store_run(s);
}

/* NOT_FOUND: none is open. */
static err get_challenge(struct vault *v, uint8_t operator_id, struct challenge *ret)
{
    struct challenge c = {.operator_id = operator_id};
    struct store_statement *s;
    uint8_t run[VAULT_RUN_BYTES + 8];
    bool found = false;
    TRY(store_statement(v->store,
                        "SELECT way, challenge, made_ms, run, tries_used FROM challenge"
                        " WHERE operator = ?",
                        &s));
    store_bind_int(s, operator_id);
    TRY(store_step(s, &found));
    if (!found) return ERR(NOT_FOUND);
    c.way = (uint8_t)store_read_int(s);
    struct bytes challenge = store_read_blob(s);
    bool fits = challenge.len > 0 && challenge.len <= sizeof c.at && known_way(c.way);
    if (fits) memcpy(c.at, challenge.at, challenge.len);
    c.len = challenge.len;
    c.made_ms = store_read_int(s);
    store_read_blob_into(s, run, sizeof run);
    c.tries_used = (uint8_t)store_read_int(s);
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    if (!fits) return ERR(CORRUPT);
    struct reader r = reader_over(BYTES_OF(run));
    c.this_run = bytes_equal(read_bytes(&r, VAULT_RUN_BYTES), BYTES_OF(v->run));
    c.made_us = (int64_t)read_be(&r, 8);
    *ret = c;
    return OK;
}

/* ---- begin ---- */

/* Counts a challenge, in the caller's transaction, when the hour has room for it. */
static err take_one_of_hour(struct vault *v, uint8_t operator_id, int64_t now_ms, bool *ret_taken)
{
    struct store_statement *s;
    int64_t count = 0;
    bool row = false;
    /* A time that lies ahead is from a clock that has since been set back: it counts as now. */
    TRY(store_statement(v->store, "UPDATE challenge_made SET at_ms = ? WHERE at_ms > ?", &s));
    store_bind_int(s, now_ms);
    store_bind_int(s, now_ms);
    TRY(store_run(s));
    TRY(store_statement(v->store, "DELETE FROM challenge_made WHERE at_ms <= ?", &s));
    store_bind_int(s, now_ms - HOUR_MS);
    TRY(store_run(s));
    TRY(store_statement(v->store, "SELECT count(*) FROM challenge_made WHERE operator = ?", &s));
    store_bind_int(s, operator_id);
    TRY(store_step(s, &row));
    if (row) count = store_read_int(s);
    store_reset(s);
    *ret_taken = count < VAULT_CHALLENGES_AN_HOUR;
    if (!*ret_taken) return OK;
    TRY(store_statement(v->store, "INSERT INTO challenge_made(operator, at_ms) VALUES(?, ?)", &s));
    store_bind_int(s, operator_id);
    store_bind_int(s, now_ms);
    return store_run(s);
}

static struct challenge draw(struct vault *v, const struct vault_recovery_ask *ask, int64_t now_ms)
{
    struct challenge c = {.operator_id = ask->operator_id,
                          .way = ask->way,
                          .made_ms = now_ms,
                          .made_us = clock_monotonic_us(&v->config.clock)};
    if (ask->way == VAULT_BY_OFFLINE) {
        char digits[RECOVERY_OFFLINE_DIGITS + 1];
        recovery_spoken_challenge(&v->config.random, digits);
        memcpy(c.at, digits, RECOVERY_OFFLINE_DIGITS);
        c.len = RECOVERY_OFFLINE_DIGITS;
    } else {
        random_fill(&v->config.random, c.at, sizeof c.at);
        c.len = sizeof c.at;
    }
    return c;
}

/* What the operator and his policy allow. */
static uint8_t admit(const struct vault *v, const struct vault_recovery_ask *ask, bool found,
                     const struct vault_operator_row *row)
{
    if (!found || row->suspended) return VAULT_RECOVERY_NO_OPERATOR;
    if (!known_way(ask->way) || (vault_policy_of(v, row->role).recovery & 1u << ask->way) == 0)
        return VAULT_RECOVERY_NO_WAY;
    bool typed = recovery_code_digits(ask->way) > 0;
    if (typed && row->codes_wrong >= VAULT_CODES_WRONG_MAX) return VAULT_RECOVERY_TOO_MANY;
    return VAULT_RECOVERY_BEGUN;
}

static err begin(struct vault *v, const struct vault_recovery_ask *ask, struct challenge *ret,
                 uint8_t *ret_verdict)
{
    struct vault_operator_row row;
    struct vault_operator_name name = vault_operator_name(ask->operator_id);
    int64_t now_ms = clock_now_ms(&v->config.clock);
    bool taken = false;
    err found = vault_operator_read(v, ask->operator_id, &row);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    *ret_verdict = admit(v, ask, !FAILED(found), &row);
    if (*ret_verdict != VAULT_RECOVERY_BEGUN) return OK;
    struct challenge c = draw(v, ask, now_ms);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(take_one_of_hour(v, ask->operator_id, now_ms, &taken));
    if (taken) TRY(put_challenge(v, &c));
    TRY(vault_audit(v, &tx, NULL, taken ? "recovery_begun" : "recovery_too_many", name.text,
                    ways[ask->way].word));
    TRY(store_commit(&tx));
    if (!taken) *ret_verdict = VAULT_RECOVERY_TOO_MANY;
    if (taken) *ret = c;
    return OK;
}

err vault_run_recovery_begin(struct vault *v, struct reader *request, struct writer *answer,
                             enum vault_status *status)
{
    struct vault_recovery_ask ask;
    struct challenge c = {.len = 0};
    struct vault_recovery_begun said = {.verdict = VAULT_RECOVERY_BEGUN};
    if (FAILED(vault_read_recovery_ask(request, &ask)))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->secrets->has_recovery) return vault_refuse(status, VAULT_NOT_READY);
    TRY(begin(v, &ask, &c, &said.verdict));
    if (said.verdict == VAULT_RECOVERY_BEGUN) {
        said.challenge = bytes_of(c.at, c.len);
        said.valid_s = ways[c.way].valid_s;
    }
    vault_write_recovery_begun(answer, &said);
    return OK;
}

/* ---- finish ---- */

static bool expired(const struct vault *v, const struct challenge *c)
{
    int64_t gone_ms = clock_now_ms(&v->config.clock) - c->made_ms;
    int64_t gone_us = clock_monotonic_us(&v->config.clock) - c->made_us;
    int64_t valid_ms = (int64_t)ways[c->way].valid_s * 1000;
    if (!c->this_run && !ways[c->way].outlives_run) return true;
    if (c->this_run && gone_us > valid_ms * 1000) return true;
    return gone_ms < 0 || gone_ms > valid_ms;
}

/* Ends a challenge that is over, and says why. */
static err end(struct vault *v, const struct challenge *c, const char *event)
{
    struct vault_operator_name name = vault_operator_name(c->operator_id);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_challenge_delete(v, c->operator_id));
    TRY(vault_audit(v, &tx, NULL, event, name.text, ways[c->way].word));
    return store_commit(&tx);
}

/* The try, and the wrong code that it may be, on disk before anything is compared. */
static err spend(struct vault *v, struct challenge *c, struct vault_operator_row *row)
{
    c->tries_used++;
    if (recovery_code_digits(c->way) > 0 && row->codes_wrong < UINT16_MAX) row->codes_wrong++;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    struct store_statement *s;
    TRY(store_statement(v->store, "UPDATE challenge SET tries_used = ? WHERE operator = ?", &s));
    store_bind_int(s, c->tries_used);
    store_bind_int(s, c->operator_id);
    TRY(store_run(s));
    TRY(vault_operator_put(v, row));
    TRY(vault_epoch_advance(v));
    TRY(store_commit(&tx));
    return vault_epoch_seal(v);
}

/* A way with a code takes the code, the other the grant: neither takes the other's. */
static err compare(struct vault *v, const struct challenge *c, struct bytes grant, bool *ret_right)
{
    CLEANUP(recovery_proof_wipe) struct recovery_proof proof = {0};
    const struct recovery_subject subject = {c->way, c->operator_id, bytes_text(v->device.tid),
                                             bytes_of(c->at, c->len)};
    TRY(recovery_prove(&v->crypto, &v->secrets->recovery, &subject, &proof));
    *ret_right = recovery_code_digits(c->way) == 0
                     ? secret_equal(grant, BYTES_OF(proof.grant))
                     : grant.len == 0 && secret_equal(vault_entry_text(v, VAULT_ENTRY_CODE),
                                                      bytes_text(proof.code));
    return OK;
}

/*
 * Who has lost a paired telephone has nothing that would approve his log-in. When the desk vouches
 * for the supervisor (two of its staff, S41), the telephones of before are taken off the list; a
 * code to the registered contact does not do that.
 */
static err let_phones_go(struct vault *v, struct store_tx *tx, const struct challenge *c,
                         const struct vault_operator_row *row)
{
    struct store_statement *s;
    bool desk = c->way == VAULT_BY_SERVICE || c->way == VAULT_BY_OFFLINE;
    if (row->role != VAULT_ROLE_SUPERVISOR || !desk) return OK;
    TRY(store_statement(v->store, "DELETE FROM pair", &s));
    TRY(store_run(s));
    int64_t gone = store_changes(v->store);
    char count[] = "0";
    count[0] = (char)('0' + gone % 10); /* at most VAULT_PAIRS_MAX */
    return gone == 0 ? OK : vault_audit(v, tx, NULL, "phones_removed", v->device.tid, count);
}

/* Used up, and its operator may choose a password now. */
static err accept(struct vault *v, const struct challenge *c, struct vault_operator_row *row)
{
    struct vault_operator_name name = vault_operator_name(c->operator_id);
    row->codes_wrong = 0;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_challenge_delete(v, c->operator_id));
    TRY(vault_operator_put(v, row));
    TRY(let_phones_go(v, &tx, c, row));
    TRY(vault_audit(v, &tx, name.text, "recovery_proved", name.text, ways[c->way].word));
    TRY(store_commit(&tx));
    v->recovery_approved = false;
    v->right = (struct vault_right){
        .open = true,
        .recovered = true,
        .operator_id = c->operator_id,
        .since_us = clock_monotonic_us(&v->config.clock),
    };
    return OK;
}

/* S46: for the administrator, besides the host's proof, a supervisor who is here. */
static bool approved(const struct vault *v, const struct vault_operator_row *row)
{
    int64_t gone_us = clock_monotonic_us(&v->config.clock) - v->recovery_approved_us;
    if (row->role != VAULT_ROLE_ADMINISTRATOR) return true;
    return v->recovery_approved && gone_us <= (int64_t)VAULT_RECOVERY_APPROVED_WITHIN_S * 1000000;
}

static err try_proof(struct vault *v, struct challenge *c, struct vault_operator_row *row,
                     struct bytes grant, struct vault_recovery_ended *said)
{
    struct vault_operator_name name = vault_operator_name(c->operator_id);
    bool right = false;
    TRY(spend(v, c, row));
    TRY(compare(v, c, grant, &right));
    said->tries_left = (uint8_t)(VAULT_CHALLENGE_TRIES - c->tries_used);
    said->verdict = right ? VAULT_PROOF_OK : VAULT_PROOF_WRONG;
    if (right) return accept(v, c, row);
    v->right = (struct vault_right){0};
    if (said->tries_left == 0) return end(v, c, "recovery_locked");
    return vault_audit_note(v, NULL, "recovery_wrong", name.text, ways[c->way].word);
}

static err finish(struct vault *v, const struct vault_recovery_proof *proof,
                  struct vault_recovery_ended *said)
{
    struct challenge c;
    struct vault_operator_row row;
    err found = get_challenge(v, proof->operator_id, &c);
    said->verdict = VAULT_PROOF_NONE;
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    TRY(vault_operator_read(v, proof->operator_id, &row));
    if (row.suspended) return OK;
    if (expired(v, &c)) {
        said->verdict = VAULT_PROOF_EXPIRED;
        return end(v, &c, "recovery_expired");
    }
    if (c.tries_used >= VAULT_CHALLENGE_TRIES) return end(v, &c, "recovery_locked");
    said->tries_left = (uint8_t)(VAULT_CHALLENGE_TRIES - c.tries_used);
    said->verdict = VAULT_PROOF_NEEDS_APPROVAL;
    if (!approved(v, &row)) return OK;
    return try_proof(v, &c, &row, proof->grant, said);
}

err vault_run_recovery_finish(struct vault *v, struct reader *request, struct writer *answer,
                              enum vault_status *status)
{
    struct vault_recovery_proof proof;
    struct vault_recovery_ended said = {.verdict = VAULT_PROOF_NONE};
    if (FAILED(vault_read_recovery_proof(request, &proof)) ||
        (proof.grant.len != 0 && proof.grant.len != VAULT_GRANT_BYTES))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->secrets->has_recovery) return vault_refuse(status, VAULT_NOT_READY);
    if (proof.grant.len == 0 && vault_entry_text(v, VAULT_ENTRY_CODE).len == 0)
        return vault_refuse(status, VAULT_NO_ENTRY);
    err done = finish(v, &proof, &said);
    /* What was typed waits for the approval, and for nothing else. */
    if (FAILED(done) || said.verdict != VAULT_PROOF_NEEDS_APPROVAL)
        vault_entry_wipe(v, VAULT_ENTRY_CODE);
    TRY(done);
    vault_write_recovery_ended(answer, &said);
    return OK;
}
