/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One try at somebody's password (D5, S26). The order is what counts: the try is spent and on disk,
 * in the store and in the counter beside it, before anything is compared, so that neither a power
 * cut nor a killed process nor an old copy gives one back.
 *
 * Two budgets: each operator has the tries of his policy, with growing waits; and all together have
 * VAULT_TRIES_DEVICE wrong ones that nobody has made good by a right one, so that one password
 * cannot be tried on a hundred operators. The second does not bind 00 and 99, who must be able to
 * help.
 */
#include "vault/state.h"

struct password_owner vault_owner(const struct vault *v, const struct vault_operator_name *name)
{
    return (struct password_owner){BYTES_OF(v->secrets->pepper), bytes_text(name->text)};
}

static struct attempts_limits limits_of(const struct policy *policy)
{
    return (struct attempts_limits){
        .tries = policy->tries,
        .quick = policy->quick < policy->tries ? policy->quick : policy->tries,
        .first_wait_ms = policy->first_wait_ms,
    };
}

/* Writes the spent try, and nothing else, durably. */
static err spend_try(struct vault *v, const struct vault_operator_row *row, struct attempts next)
{
    struct vault_operator_row spent = *row;
    spent.attempts = next;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_operator_put(v, &spent));
    TRY(vault_epoch_advance(v));
    TRY(store_commit(&tx));
    return vault_epoch_seal(v);
}

/* A clock that was set back moves the record and nothing else. */
static err store_wait(struct vault *v, const struct vault_operator_row *row, struct attempts next)
{
    struct vault_operator_row moved = *row;
    moved.attempts = next;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(vault_operator_put(v, &moved));
    return store_commit(&tx);
}

static err note_wrong(struct vault *v, const struct vault_verified *seen)
{
    struct vault_operator_name name = vault_operator_name(seen->row.id);
    int64_t wrong = 0;
    TRY(vault_operators_wrong(v, &wrong));
    bool last = seen->tries_left == 0, device = wrong == VAULT_TRIES_DEVICE;
    v->right = (struct vault_right){0};
    return vault_audit_note(v, name.text, last || device ? "login_locked" : "login_wrong",
                            name.text, device ? "device" : "");
}

err vault_slot_find(struct password_owner owner, const struct vault_operator_row *row,
                    struct bytes password, bool *ret_found, enum vault_slot *ret_slot)
{
    bool found = false;
    enum vault_slot slot = VAULT_SLOT_OWN;
    for (enum vault_slot at = VAULT_SLOT_OWN; at < VAULT_SLOTS; at++) {
        bool empty = row->record[at][0] == '\0', same = false;
        const char *record = row->record[empty ? VAULT_SLOT_OWN : at];
        TRY(password_verify(owner, password, bytes_text(record), &same));
        if (!same || empty || found) continue;
        found = true;
        slot = at;
    }
    *ret_found = found;
    *ret_slot = slot;
    return OK;
}

/*
 * The try is spent; now compare. With each of the slots always, and where one is empty with the
 * own record again: how long it takes tells nobody whether there is one, or which it was (CR-37).
 */
static err compare(struct vault *v, struct bytes typed, struct vault_verified *seen)
{
    CLEANUP(password_text_wipe) struct password_text text = {.len = 0};
    struct vault_operator_name name = vault_operator_name(seen->row.id);
    struct password_owner owner = vault_owner(v, &name);
    bool right = false;
    /* What cannot be a password is hashed as it is, and is wrong. */
    bool good = password_normalise(typed, &text) == POLICY_OK;
    struct bytes password = good ? password_text_view(&text) : typed;
    TRY(vault_slot_find(owner, &seen->row, password, &right, &seen->slot));
    seen->verdict = right ? VAULT_LOGIN_OK : VAULT_LOGIN_WRONG;
    return seen->verdict == VAULT_LOGIN_OK ? OK : note_wrong(v, seen);
}

/* All wrong tries together bind everybody but the two who can help. */
static err device_allows(struct vault *v, uint8_t id, bool *ret_allowed)
{
    int64_t wrong = 0;
    TRY(vault_operators_wrong(v, &wrong));
    *ret_allowed =
        wrong < VAULT_TRIES_DEVICE || id == VAULT_ID_SUPERVISOR || id == VAULT_ID_ADMINISTRATOR;
    return OK;
}

err vault_verify(struct vault *v, uint8_t id, struct bytes typed,
                 struct vault_verified *ret_verified)
{
    struct vault_verified seen = {.verdict = VAULT_LOGIN_NO_OPERATOR};
    err found = vault_operator_read(v, id, &seen.row);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    *ret_verified = seen;
    if (FAILED(found) || seen.row.record[VAULT_SLOT_OWN][0] == '\0' || seen.row.suspended)
        return OK;

    struct policy policy = vault_policy_of(v, seen.row.role);
    struct attempts_limits limits = limits_of(&policy);
    struct attempts next = seen.row.attempts;
    uint32_t wait_ms = 0;
    bool allowed = false;
    enum attempts_verdict verdict = ATTEMPTS_LOCKED;
    TRY(device_allows(v, id, &allowed));
    if (allowed)
        verdict = attempts_begin(&limits, &seen.row.attempts, clock_now_ms(&v->config.clock), &next,
                                 &wait_ms);
    seen.tries_left = allowed ? attempts_left(&limits, &next) : 0;
    seen.wait_s = (wait_ms + 999) / 1000;
    if (verdict == ATTEMPTS_GO) {
        TRY(spend_try(v, &seen.row, next));
        TRY(compare(v, typed, &seen));
    } else {
        seen.verdict = verdict == ATTEMPTS_WAIT ? VAULT_LOGIN_WAIT : VAULT_LOGIN_LOCKED;
        if (next.last_ms != seen.row.attempts.last_ms) TRY(store_wait(v, &seen.row, next));
    }
    *ret_verified = seen;
    return OK;
}

static int16_t clamp_days(int32_t days)
{
    return (int16_t)(days > INT16_MAX ? INT16_MAX : days < INT16_MIN ? INT16_MIN : days);
}

struct vault_age vault_age_of(const struct vault *v, const struct vault_operator_row *row)
{
    static const uint8_t reviews[] = {VAULT_REVIEW_NONE, VAULT_REVIEW_SOON, VAULT_REVIEW_SOON,
                                      VAULT_REVIEW_DUE, VAULT_REVIEW_OVERDUE};
    struct policy policy = vault_policy_of(v, row->role);
    struct vault_age age = {.reason = VAULT_CHANGE_NONE};
    if (row->one_time) age.reason = VAULT_CHANGE_ONE_TIME;
    else if (row->forced) age.reason = VAULT_CHANGE_FORCED;
    /* Passwords of before ages were kept begin to count at their next log-in. */
    int64_t since_ms = policy.expires ? row->set_ms : row->review_ms;
    if (age.reason != VAULT_CHANGE_NONE || since_ms == 0) return age;
    struct policy_review review =
        policy_review(&policy, since_ms, clock_now_ms(&v->config.clock), row->grace_used);
    ENSURE(review.reminder < ARRAY_LEN(reviews));
    age.review = reviews[review.reminder];
    age.days = clamp_days(review.days_left);
    age.grace = review.age == POLICY_AGE_GRACE;
    if (policy.expires && age.review != VAULT_REVIEW_NONE) age.review = VAULT_REVIEW_ENDS;
    if (review.age == POLICY_AGE_MUST_CHANGE) age.reason = VAULT_CHANGE_EXPIRED;
    return age;
}
