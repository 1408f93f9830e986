/* SPDX-License-Identifier: Apache-2.0 */
/* A change of a payout account from its request to the version that holds. */
#include "backoffice/desk/payout_change.h"

#include <stdio.h>

#include "backoffice/desk/notices.h"
#include "backoffice/desk/ticket_internal.h"
#include "backoffice/uploads/papers.h"

#define PAYOUT_LASTS_MS (PAYOUT_LASTS_DAYS * DAY_MS)

static const char *const verdict_name[PAYOUT_VERDICTS] = {
    [PAYOUT_OK] = "ok",
    [PAYOUT_NEEDS_SECOND] = "needs_second",
    [PAYOUT_SAME_PERSON] = "same_person",
    [PAYOUT_COOLS] = "cools",
    [PAYOUT_PENDING] = "pending",
    [PAYOUT_BAD_HOLDER] = "bad_holder",
    [PAYOUT_BAD_BANK] = "bad_bank",
    [PAYOUT_BAD_NUMBER] = "bad_number",
    [PAYOUT_OVER] = "over",
    [PAYOUT_NONE] = "not_found",
    [PAYOUT_PAPERS] = "papers_lack",
};

const char *payout_verdict_name(enum payout_verdict verdict)
{
    ENSURE(verdict < PAYOUT_VERDICTS);
    return verdict_name[verdict];
}

/* What stands in the audit chain: which request, and how the account ends. Never its number. */
static err record(struct desk *desk, struct store_tx *tx, const char *actor, const char *event,
                  const struct payout_request *r)
{
    char detail[48];
    snprintf(detail, sizeof detail, "request %lld, ending %s", (long long)r->id, r->details.last4);
    return desk_audit(desk, tx, actor, event, r->details.mid, detail);
}

static struct ticket_actor owner_actor(const struct desk_owner *owner)
{
    struct ticket_actor actor;
    snprintf(actor.text, sizeof actor.text, "owner %lld %s", (long long)owner->id, owner->login);
    return actor;
}

/* ---- asking ---- */

/* The digits of the number, and their count; 0 when they are none of an account. */
static size_t read_number(struct bytes typed, uint8_t digits[static PAYOUT_DIGITS_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < typed.len; i++) {
        uint8_t c = typed.at[i];
        if (c == ' ' || c == '-') continue;
        if (c < '0' || c > '9' || len == PAYOUT_DIGITS_MAX) return 0;
        digits[len++] = c;
    }
    return len >= PAYOUT_DIGITS_MIN ? len : 0;
}

/* A name without anything that a line may not have; json.h has seen to its UTF-8. */
static bool is_line(struct bytes text)
{
    if (text.len == 0 || text.len > PAYOUT_NAME_MAX) return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < 0x20 || text.at[i] == 0x7F) return false;
    return true;
}

static err fill(struct desk *desk, const struct desk_owner *owner, const struct payout_form *form,
                const uint8_t *key, struct payout_request *r, enum payout_verdict *verdict)
{
    uint8_t digits[PAYOUT_DIGITS_MAX];
    char label[PAYOUT_LABEL_MAX];
    struct payout_details *d = &r->details;
    size_t len = read_number(form->number, digits);
    *verdict = !is_line(form->holder) ? PAYOUT_BAD_HOLDER
               : !is_line(form->bank) ? PAYOUT_BAD_BANK
               : len == 0             ? PAYOUT_BAD_NUMBER
                                      : PAYOUT_OK;
    if (*verdict != PAYOUT_OK) return OK;
    memcpy(d->mid, owner->mid, sizeof d->mid);
    TRY(bytes_to_text(form->holder, d->holder, sizeof d->holder));
    TRY(bytes_to_text(form->bank, d->bank, sizeof d->bank));
    TRY(bytes_to_text(bytes_of(digits + len - 4, 4), d->last4, sizeof d->last4));
    struct writer w = writer_over(d->sealed, sizeof d->sealed);
    payout_seal_label(d->mid, label);
    small_seal(&desk->config.random, key, bytes_text(label), bytes_of(digits, len), &w);
    explicit_bzero(digits, sizeof digits);
    struct bytes sealed;
    TRY(writer_finish(&w, &sealed));
    d->sealed_len = sealed.len;
    return OK;
}

/* Somebody tried in vain: the contacts hear of it once a day, and the audit chain every time. */
static err tell_refused(struct desk *desk, struct store_tx *tx, const char *actor,
                        const struct payout_request *r, int64_t until_ms)
{
    struct store_statement *query;
    bool told = false;
    TRY(store_statement(desk->config.store,
                        "SELECT 1 FROM notice WHERE kind = 'payout_cools' AND mid = ?"
                        " AND at_ms > ?",
                        &query));
    store_bind_text(query, bytes_text(r->details.mid));
    store_bind_int(query, desk_now_ms(desk) - DAY_MS);
    TRY(store_step(query, &told));
    store_reset(query);
    if (!told)
        TRY(notice_payout(desk, tx, "payout_cools", r->details.mid, r->details.last4, until_ms));
    return record(desk, tx, actor, "payout_refused", r);
}

static err check_cooling(struct desk *desk, const char *mid, struct payout_answer *answer)
{
    TRY(cooling_check(desk->config.store, mid, desk_now_ms(desk), &answer->cooling));
    if (answer->cooling.reason != COOLING_NONE) answer->verdict = PAYOUT_COOLS;
    return OK;
}

err payout_change_ask(struct desk *desk, const struct desk_owner *owner,
                      const struct payout_form *form, const uint8_t key[SMALL_SEAL_KEY_BYTES],
                      struct payout_answer *ret)
{
    struct ticket_actor actor = owner_actor(owner);
    struct payout_answer answer = {.verdict = PAYOUT_OK};
    struct payout_request r = {.asked_ms = desk_now_ms(desk)};
    bool pending = false;
    r.expires_ms = r.asked_ms + PAYOUT_LASTS_MS;
    TRY(bytes_to_text(bytes_text(actor.text), r.asked_by, sizeof r.asked_by));
    TRY(payout_change_sweep(desk));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(fill(desk, owner, form, key, &r, &answer.verdict));
    if (answer.verdict == PAYOUT_OK) TRY(check_cooling(desk, owner->mid, &answer));
    if (answer.verdict == PAYOUT_OK)
        TRY(cooling_change_pending(desk->config.store, owner->mid, &pending));
    if (pending) answer.verdict = PAYOUT_PENDING;
    if (answer.verdict == PAYOUT_OK) {
        TRY(payout_request_add(&tx, &r, &r.id));
        TRY(cooling_change_asked(&tx, owner->mid, r.asked_ms));
        TRY(notice_payout(desk, &tx, "payout_asked", owner->mid, r.details.last4, 0));
        TRY(record(desk, &tx, actor.text, "payout_asked", &r));
        answer.request = r.id;
    } else if (answer.verdict == PAYOUT_COOLS) {
        TRY(tell_refused(desk, &tx, actor.text, &r, answer.cooling.until_ms));
    }
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_APPROVALS);
    *ret = answer;
    return OK;
}

/* ---- settling ---- */

/* A request that waits, within a transaction. */
static err load(struct desk *desk, struct store_tx *tx, int64_t id, struct payout_request *r,
                struct payout_answer *answer)
{
    *answer = (struct payout_answer){.verdict = PAYOUT_NONE, .request = id};
    TRY(store_begin(desk->config.store, tx));
    err found = payout_request_find(desk->config.store, id, r);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    bool waits = r->state == PAYOUT_WAITS && r->expires_ms > desk_now_ms(desk);
    answer->verdict = waits ? PAYOUT_OK : PAYOUT_OVER;
    return OK;
}

/* It ends without a version. */
static err end(struct desk *desk, struct store_tx *tx, const struct payout_request *r,
               enum payout_state state, struct bytes reason, const char *actor)
{
    char event[24];
    TRY(payout_settle(tx, r->id, state, reason, desk_now_ms(desk)));
    TRY(cooling_change_settled(tx, r->details.mid));
    TRY(notice_payout(desk, tx, "payout_ended", r->details.mid, r->details.last4, 0));
    snprintf(event, sizeof event, "payout_%s", payout_state_word(state));
    return record(desk, tx, actor, event, r);
}

err payout_change_withdraw(struct desk *desk, const struct desk_owner *owner, int64_t request,
                           struct payout_answer *ret)
{
    struct payout_request r;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(load(desk, &tx, request, &r, ret));
    if (ret->verdict != PAYOUT_NONE && strcmp(r.details.mid, owner->mid) != 0)
        ret->verdict = PAYOUT_NONE; /* somebody else's is none */
    if (ret->verdict != PAYOUT_OK) return OK;
    TRY(end(desk, &tx, &r, PAYOUT_WITHDRAWN, BYTES(""), owner_actor(owner).text));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_APPROVALS);
    return OK;
}

err payout_change_reject(struct desk *desk, const struct desk_staff *staff, int64_t request,
                         struct bytes reason, struct payout_answer *ret)
{
    struct payout_request r;
    ENSURE(reason.len <= PAYOUT_REASON_MAX);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(load(desk, &tx, request, &r, ret));
    if (ret->verdict != PAYOUT_OK) return OK;
    TRY(end(desk, &tx, &r, PAYOUT_REJECTED, reason, ticket_actor_of(staff).text));
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_APPROVALS);
    return OK;
}

static err take(struct desk *desk, struct store_tx *tx, const struct payout_request *r)
{
    TRY(payout_take(tx, r->id, desk_now_ms(desk)));
    TRY(cooling_change_settled(tx, r->details.mid));
    TRY(notice_payout(desk, tx, "payout_taken", r->details.mid, r->details.last4, 0));
    return record(desk, tx, "desk", "payout_taken", r);
}

static err check_papers(struct desk *desk, int64_t request, struct payout_answer *answer)
{
    bool lack = false;
    if (answer->verdict != PAYOUT_OK || !desk->config.papers) return OK;
    TRY(papers_lack(desk->config.store, UPLOAD_OF_PAYOUT, request, PAPERS_OF_PAYOUT.needs, &lack));
    if (lack) answer->verdict = PAYOUT_PAPERS;
    return OK;
}

err payout_change_approve(struct desk *desk, const struct desk_staff *staff, int64_t request,
                          struct payout_answer *ret)
{
    struct ticket_actor actor = ticket_actor_of(staff);
    struct payout_request r;
    bool has = false;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(load(desk, &tx, request, &r, ret));
    if (ret->verdict != PAYOUT_OK) return OK;
    TRY(check_cooling(desk, r.details.mid, ret));
    TRY(payout_approved_by(desk->config.store, request, staff->id, &has));
    if (ret->verdict == PAYOUT_OK && has) ret->verdict = PAYOUT_SAME_PERSON;
    TRY(check_papers(desk, request, ret));
    if (ret->verdict != PAYOUT_OK) return OK;
    TRY(payout_approve(&tx, request, staff->id, desk_now_ms(desk)));
    TRY(record(desk, &tx, actor.text, "payout_approved", &r));
    if (r.approvals + 1 >= PAYOUT_STAFF) TRY(take(desk, &tx, &r));
    else ret->verdict = PAYOUT_NEEDS_SECOND;
    TRY(store_commit(&tx));
    desk_changed(desk, DESK_APPROVALS);
    return OK;
}

/* ---- the clock ---- */

/* The oldest that has waited too long; 0 when there is none. */
static err find_expired(struct desk *desk, int64_t *ret_id)
{
    struct store_statement *query;
    bool row = false;
    *ret_id = 0;
    TRY(store_statement(desk->config.store,
                        "SELECT id FROM payout_request WHERE state = 1 AND expires_ms <= ?"
                        " ORDER BY id LIMIT 1",
                        &query));
    store_bind_int(query, desk_now_ms(desk));
    TRY(store_step(query, &row));
    if (!row) return OK;
    *ret_id = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

err payout_change_sweep(struct desk *desk)
{
    for (;;) {
        struct payout_request r;
        int64_t id = 0;
        TRY(find_expired(desk, &id));
        if (id == 0) return OK;
        CLEANUP(store_rollback) struct store_tx tx = {0};
        TRY(store_begin(desk->config.store, &tx));
        TRY(payout_request_find(desk->config.store, id, &r));
        TRY(end(desk, &tx, &r, PAYOUT_EXPIRED, BYTES(""), "desk"));
        TRY(store_commit(&tx));
        desk_changed(desk, DESK_APPROVALS);
    }
}
