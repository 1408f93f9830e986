/* SPDX-License-Identifier: Apache-2.0 */
/* What members agree to and take back; leaving, coming back, and being erased. */
#include "loyalty/internal.h"
#include "loyalty/member.h"

err loyalty_consent_insert(struct store *store, const struct loyalty_consent_change *c)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO consent(member, kind, text_version, given_ms, outlet)"
                        " VALUES(?, ?, ?, ?, ?)",
                        &s));
    store_bind_text(s, c->id);
    store_bind_int(s, c->consent);
    store_bind_text(s, c->text_version);
    store_bind_int(s, c->at_ms);
    store_bind_int(s, c->outlet);
    return store_run(s);
}

static err set_state(struct store *store, struct bytes id, enum loyalty_state state)
{
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE member SET state = ?, version = version + 1 WHERE id = ?",
                        &s));
    store_bind_int(s, state);
    store_bind_text(s, id);
    return store_run(s);
}

static err set_card(struct store *store, struct bytes id, struct bytes card_index)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "UPDATE member SET card_index = ?, version = version + 1"
                        " WHERE id = ?",
                        &s));
    if (card_index.len == 0) store_bind_null(s);
    else store_bind_blob(s, card_index);
    store_bind_text(s, id);
    return store_run(s);
}

/* One kind, or all with LOYALTY_CONSENTS. */
static err withdraw(struct store *store, struct bytes id, enum loyalty_consent kind, int64_t at_ms)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "UPDATE consent SET withdrawn_ms = ? WHERE member = ? AND"
                        " withdrawn_ms IS NULL AND (kind = ? OR ? = 4)",
                        &s));
    static_assert((int)LOYALTY_CONSENTS == 4, "in the statement");
    store_bind_int(s, at_ms);
    store_bind_text(s, id);
    store_bind_int(s, kind);
    store_bind_int(s, kind);
    TRY(store_run(s));
    if (kind == LOYALTY_CONSENT_CARD || kind == LOYALTY_CONSENTS)
        return set_card(store, id, (struct bytes){0});
    return OK;
}

static err card_of_another(struct store *store, const struct loyalty_consent_change *c, bool *ret)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT count(*) FROM member WHERE merchant = ? AND card_index = ? AND"
                        " id <> ?",
                        &query));
    store_bind_text(query, c->merchant);
    store_bind_blob(query, c->card_index);
    store_bind_text(query, c->id);
    bool row = false;
    TRY(store_step(query, &row));
    *ret = store_read_int(query) > 0;
    return loyalty_row_end(query);
}

static err give(struct store *store, const struct loyalty_consent_change *c,
                const struct loyalty_member *member, enum loyalty_verdict *ret_verdict)
{
    if (c->consent != LOYALTY_CONSENT_PROGRAMME && member->state != LOYALTY_ACTIVE)
        DECIDE(ret_verdict, LOYALTY_NO_CONSENT);
    if (c->consent == LOYALTY_CONSENT_CARD) {
        ENSURE(c->card_index.len == LOYALTY_INDEX_LEN);
        bool taken = false;
        TRY(card_of_another(store, c, &taken));
        if (taken) DECIDE(ret_verdict, LOYALTY_KNOWN);
        TRY(set_card(store, c->id, c->card_index));
    }
    TRY(loyalty_consent_insert(store, c));
    if (c->consent == LOYALTY_CONSENT_PROGRAMME) TRY(set_state(store, c->id, LOYALTY_ACTIVE));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

static err take_back(struct store *store, const struct loyalty_consent_change *c)
{
    if (c->consent != LOYALTY_CONSENT_PROGRAMME)
        return withdraw(store, c->id, c->consent, c->at_ms);
    TRY(withdraw(store, c->id, LOYALTY_CONSENTS, c->at_ms));
    return set_state(store, c->id, LOYALTY_LEFT);
}

err loyalty_consent_set(struct store *store, const struct loyalty_consent_change *c,
                        enum loyalty_verdict *ret_verdict)
{
    ENSURE(c->consent >= LOYALTY_CONSENT_PROGRAMME && c->consent < LOYALTY_CONSENTS);
    ENSURE(!c->given || (c->text_version.len > 0 && c->text_version.len <= LOYALTY_TEXT_MAX));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_member member = {{0}};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(loyalty_member(store, c->merchant, c->id, &verdict, &member));
    if (verdict != LOYALTY_DONE || member.state == LOYALTY_ERASED)
        DECIDE(ret_verdict, LOYALTY_NO_MEMBER);
    if (member.consent[c->consent] == c->given) DECIDE(ret_verdict, LOYALTY_REPEATED);
    if (c->given) TRY(give(store, c, &member, &verdict));
    else TRY(take_back(store, c));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    TRY(store_commit(&tx));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

/* ---- erasing ----------------------------------------------------------------------------------
 */

/* What stands in the way: money that is his, or a payment that is under way. */
static err judge_erase(struct store *store, const char *id, enum loyalty_verdict *ret_verdict)
{
    struct account points, principal, bonus;
    TRY(loyalty_book_account(store, ACCOUNT_POINTS, id, LOYALTY_CURRENCY_POINTS, &points));
    TRY(loyalty_book_account(store, ACCOUNT_VALUE_PRINCIPAL, id, LOYALTY_CURRENCY_CNY, &principal));
    TRY(loyalty_book_account(store, ACCOUNT_VALUE_BONUS, id, LOYALTY_CURRENCY_CNY, &bonus));
    if (points.debits_pending + principal.debits_pending + bonus.debits_pending > 0)
        DECIDE(ret_verdict, LOYALTY_UNDECIDED);
    if (book_balance(&principal) + book_balance(&bonus) > 0)
        DECIDE(ret_verdict, LOYALTY_OWED_TO_MEMBER);
    DECIDE(ret_verdict, LOYALTY_DONE);
}

static err forget(struct store *store, struct bytes id)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "UPDATE member SET state = 3, version = version + 1, code = NULL,"
                        " phone_index = NULL, tail_index = NULL, phone_sealed = NULL,"
                        " name_sealed = NULL, birthday = 0, card_index = NULL WHERE id = ?",
                        &s));
    static_assert((int)LOYALTY_ERASED == 3, "in the statement");
    store_bind_text(s, id);
    return store_run(s);
}

/* Why points were corrected was written freely, and may name him. */
static err forget_reasons(struct store *store, struct bytes id)
{
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE points_adjustment SET reason = '' WHERE member = ?", &s));
    store_bind_text(s, id);
    return store_run(s);
}

err loyalty_erase(struct store *store, struct bytes merchant, struct bytes id, int64_t at_ms,
                  enum loyalty_verdict *ret_verdict)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_member member = {{0}};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(loyalty_member(store, merchant, id, &verdict, &member));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    if (member.state == LOYALTY_ERASED) DECIDE(ret_verdict, LOYALTY_REPEATED);
    TRY(judge_erase(store, member.id, &verdict));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    TRY(loyalty_points_lapse(store, &member, at_ms));
    TRY(withdraw(store, id, LOYALTY_CONSENTS, at_ms));
    TRY(forget(store, id));
    TRY(forget_reasons(store, id));
    TRY(store_commit(&tx));
    DECIDE(ret_verdict, LOYALTY_DONE);
}
