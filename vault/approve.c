/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody else's yes: a supervisor at the terminal who approves one thing (S48), or a phone that
 * was paired with it (S173). Neither logs anybody in; what was approved, by whom and for whom, is
 * on record (S56).
 */
#include "lib/crypto/approval.h"
#include "vault/state.h"

static_assert((int)APPROVAL_KEY_BYTES == (int)VAULT_PHONE_KEY_BYTES &&
                  (int)APPROVAL_SIGNATURE_BYTES == (int)VAULT_PHONE_SIGNATURE_BYTES &&
                  (int)APPROVAL_CHECK_DIGITS == (int)VAULT_PAIR_CHECK_DIGITS,
              "the protocol's numbers are those of lib/crypto");

enum {
    BY_SUPERVISOR = 1 << VAULT_ROLE_SUPERVISOR,
    BY_ADMINISTRATOR = 1 << VAULT_ROLE_ADMINISTRATOR
};

/* Who may approve what. The log names an action by its word. */
static const struct {
    const char *word;
    unsigned by;
} actions[VAULT_APPROVED_ACTIONS] = {
    [0] = {"login", 0},
    [VAULT_APPROVE_VOID] = {"void", BY_SUPERVISOR},
    [VAULT_APPROVE_REFUND] = {"refund", BY_SUPERVISOR},
    [VAULT_APPROVE_RECOVERY] = {"recovery", BY_SUPERVISOR},
    [VAULT_APPROVE_UNLOCK] = {"unlock", BY_SUPERVISOR | BY_ADMINISTRATOR},
    [VAULT_APPROVE_PAIRING] = {"pairing", BY_SUPERVISOR},
    [VAULT_APPROVE_SETTINGS] = {"settings", BY_SUPERVISOR | BY_ADMINISTRATOR},
    [VAULT_APPROVE_SALE] = {"sale", BY_SUPERVISOR},
    [VAULT_APPROVE_MANUAL] = {"manual entry", BY_SUPERVISOR},
    [VAULT_APPROVE_DISCOUNT] = {"discount", BY_SUPERVISOR},
    [VAULT_APPROVE_TRAINING] = {"training", BY_SUPERVISOR},
};

/* The role whose passwords an approver of `role` looks after. */
static uint8_t looks_after(uint8_t role)
{
    return role == VAULT_ROLE_ADMINISTRATOR ? VAULT_ROLE_SUPERVISOR : VAULT_ROLE_CASHIER;
}

/* UNLOCK: the tries again of the operator whose two digits are the subject, or of all of the role.
 */
static err unlock(struct vault *v, uint8_t approver_role, const char *subject)
{
    uint8_t role = looks_after(approver_role);
    struct bytes digits = bytes_text(subject);
    if (digits.len == 0) return vault_operators_unlock(v, role);
    struct vault_operator_row row;
    if (digits.len != 2 || !bytes_all_digits(digits)) return OK;
    err found = vault_operator_read(v, (uint8_t)((subject[0] - '0') * 10 + subject[1] - '0'), &row);
    if (found.code == ERR_NOT_FOUND || (!FAILED(found) && row.role != role)) return OK;
    TRY(found);
    row.attempts = attempts_fresh();
    return vault_operator_put(v, &row);
}

/* The act of approving, whole, in one transaction. */
static err settle(struct vault *v, struct vault_operator_row *approver, bool duress, uint8_t action,
                  const char *subject, struct vault_login_answer *answer)
{
    struct vault_operator_name name = vault_operator_name(approver->id);
    struct vault_operator_name asked = vault_operator_name(v->session.operator_id);
    char detail[64];
    struct writer w = writer_over(detail, sizeof detail - 1);
    write_format(&w, "%s for %s%s", actions[action].word,
                 v->session.logged_in ? asked.text : "nobody logged in", duress ? ", duress" : "");
    detail[w.len] = '\0';
    approver->attempts = attempts_fresh();
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_operator_put(v, approver));
    if (action == VAULT_APPROVE_UNLOCK) TRY(unlock(v, approver->role, subject));
    TRY(vault_audit(v, &tx, name.text, "approved", subject, detail));
    TRY(store_commit(&tx));
    if (action == VAULT_APPROVE_RECOVERY) {
        v->recovery_approved = true;
        v->recovery_approved_us = clock_monotonic_us(&v->config.clock);
    }
    answer->verdict = VAULT_LOGIN_OK;
    answer->tries_left = vault_policy_of(v, approver->role).tries;
    answer->duress = duress;
    return OK;
}

static err approve(struct vault *v, const struct vault_approve *ask, const char *subject,
                   struct bytes typed, struct vault_login_answer *answer)
{
    struct vault_operator_row row;
    struct vault_verified seen;
    bool phone = false;
    *answer = (struct vault_login_answer){.verdict = VAULT_LOGIN_NO_OPERATOR};
    err found = vault_operator_read(v, ask->approver, &row);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if ((actions[ask->action].by & 1u << row.role) == 0) return OK; /* no try is spent on it */
    TRY(vault_verify(v, ask->approver, typed, &seen));
    *answer = (struct vault_login_answer){.verdict = seen.verdict,
                                          .role = row.role,
                                          .tries_left = seen.tries_left,
                                          .wait_s = seen.wait_s};
    if (seen.verdict != VAULT_LOGIN_OK) return OK;
    answer->reason = vault_age_of(v, &seen.row).reason;
    if (answer->reason != VAULT_CHANGE_NONE) { /* a password that may nothing approves nothing */
        answer->verdict = VAULT_LOGIN_MUST_CHANGE;
        return OK;
    }
    TRY(vault_approval_wanted(v, seen.row.role, &phone));
    if (!phone)
        return settle(v, &seen.row, seen.slot != VAULT_SLOT_OWN, ask->action, subject, answer);
    vault_approval_ask(v, ask->approver, seen.slot, ask->action, ask->subject, answer);
    return OK;
}

/* Two persons (S59): nobody approves what he asks for himself. */
static bool himself(const struct vault *v, uint8_t approver)
{
    return v->session.logged_in && v->session.operator_id == approver;
}

err vault_run_approve(struct vault *v, struct reader *request, struct writer *answer,
                      enum vault_status *status)
{
    struct vault_approve ask;
    struct vault_login_answer said;
    char subject[VAULT_SUBJECT_MAX + 1];
    if (FAILED(vault_read_approve(request, &ask)) || ask.action == 0 ||
        ask.action >= VAULT_APPROVED_ACTIONS ||
        FAILED(bytes_to_text(ask.subject, subject, sizeof subject)))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    struct bytes typed = vault_entry_text(v, VAULT_ENTRY_APPROVER);
    if (typed.len == 0) return vault_refuse(status, VAULT_NO_ENTRY);
    if (himself(v, ask.approver)) {
        vault_entry_wipe(v, VAULT_ENTRY_APPROVER);
        return vault_refuse(status, VAULT_NOT_ALLOWED);
    }
    v->pending = (struct vault_pending){0};
    err done = approve(v, &ask, subject, typed, &said);
    vault_entry_wipe(v, VAULT_ENTRY_APPROVER);
    TRY(done);
    vault_write_login_answer(answer, &said);
    return OK;
}

/* ---- phones ---- */

err vault_approval_wanted(struct vault *v, uint8_t role, bool *ret_wanted)
{
    int64_t pairs = 0;
    *ret_wanted = false;
    if (!vault_policy_of(v, role).approval) return OK;
    TRY(vault_pair_count(v, &pairs));
    *ret_wanted = pairs > 0; /* before the first phone there is none to ask: pairing begins so */
    return OK;
}

void vault_approval_ask(struct vault *v, uint8_t operator_id, enum vault_slot slot, uint8_t action,
                        struct bytes subject, struct vault_login_answer *answer)
{
    v->pending = (struct vault_pending){
        .open = true,
        .slot = slot,
        .operator_id = operator_id,
        .action = action,
        .since_us = clock_monotonic_us(&v->config.clock),
    };
    ENSURE(!FAILED(bytes_to_text(subject, v->pending.subject, sizeof v->pending.subject)));
    random_fill(&v->config.random, v->pending.challenge, sizeof v->pending.challenge);
    answer->verdict = VAULT_LOGIN_NEEDS_APPROVAL;
    answer->approval = BYTES_OF(v->pending.challenge);
}

static bool within(const struct vault *v, int64_t since_us, int seconds)
{
    return clock_monotonic_us(&v->config.clock) - since_us <= (int64_t)seconds * 1000000;
}

/* Good for one signature; a wrong one is not asked again. */
static err finish(struct vault *v, const struct vault_pending *pending,
                  const struct vault_approval *said, struct vault_login_answer *answer)
{
    uint8_t key[VAULT_PHONE_KEY_BYTES];
    struct vault_operator_row row;
    struct vault_operator_name name = vault_operator_name(pending->operator_id);
    err found = vault_pair_key(v, said->pair_id, key);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    err verified = FAILED(found) ? found
                                 : approval_verify(BYTES_OF(key), BYTES_OF(pending->challenge),
                                                   said->signature);
    if (verified.code == ERR_CRYPTO) return verified;
    if (FAILED(verified)) {
        answer->verdict = VAULT_LOGIN_WRONG;
        return vault_audit_note(v, name.text, "approval_refused", name.text,
                                actions[pending->action].word);
    }
    TRY(vault_operator_read(v, pending->operator_id, &row));
    if (pending->action == 0) return vault_login_settle(v, &row, pending->slot, answer);
    return settle(v, &row, pending->slot != VAULT_SLOT_OWN, pending->action, pending->subject,
                  answer);
}

err vault_run_approval_finish(struct vault *v, struct reader *request, struct writer *answer,
                              enum vault_status *status)
{
    struct vault_approval said;
    struct vault_login_answer out = {.verdict = VAULT_LOGIN_WRONG};
    if (FAILED(vault_read_approval(request, &said))) return vault_refuse(status, VAULT_BAD_REQUEST);
    const struct vault_pending pending = v->pending;
    v->pending = (struct vault_pending){0};
    if (!pending.open || !within(v, pending.since_us, VAULT_APPROVAL_WITHIN_S))
        return vault_refuse(status, VAULT_NO_ENTRY);
    TRY(finish(v, &pending, &said, &out));
    vault_write_login_answer(answer, &out);
    return OK;
}
