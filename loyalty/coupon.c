/* SPDX-License-Identifier: Apache-2.0 */
/* Coupons: issued once, and where each of them is. */
#include "loyalty/coupon.h"

#include "loyalty/campaign_internal.h"

/* clang-format off */
static const char *const coupon_migration[] = {
    "CREATE TABLE coupon(code TEXT PRIMARY KEY, merchant TEXT NOT NULL, campaign TEXT NOT NULL,"
    " member TEXT, issue_key BLOB NOT NULL, state INTEGER NOT NULL, lease TEXT,"
    " issued_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    " UNIQUE(merchant, issue_key)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX coupon_member ON coupon(member, campaign, expires_ms) WHERE member IS NOT NULL;"
    "CREATE INDEX coupon_lease ON coupon(lease) WHERE lease IS NOT NULL;",
};
/* clang-format on */

const struct store_schema loyalty_coupon_schema = {"loyalty_coupon", coupon_migration,
                                                   ARRAY_LEN(coupon_migration)};

err loyalty_coupon(struct store *store, struct bytes merchant, struct bytes code,
                   enum loyalty_verdict *ret_verdict, struct loyalty_coupon *out)
{
    struct loyalty_coupon c = {{0}};
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT code, campaign, coalesce(member, ''), coalesce(lease, ''), state,"
                        " issued_ms, expires_ms FROM coupon WHERE code = ? AND merchant = ?",
                        &query));
    store_bind_text(query, code);
    store_bind_text(query, merchant);
    bool row = false;
    TRY(store_step(query, &row));
    if (!row) DECIDE(ret_verdict, LOYALTY_NO_COUPON);
    store_read_text_into(query, c.code, sizeof c.code);
    store_read_text_into(query, c.campaign, sizeof c.campaign);
    store_read_text_into(query, c.member, sizeof c.member);
    store_read_text_into(query, c.lease, sizeof c.lease);
    c.state = (enum loyalty_coupon_state)store_read_int(query);
    c.issued_ms = store_read_int(query);
    c.expires_ms = store_read_int(query);
    TRY(loyalty_row_end(query));
    *out = c;
    DECIDE(ret_verdict, LOYALTY_DONE);
}

static err issued_before(struct store *store, const struct loyalty_coupon_issue *issue,
                         bool *ret_found, char *ret_code)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT code FROM coupon WHERE merchant = ? AND issue_key = ?",
                        &query));
    store_bind_text(query, issue->merchant);
    store_bind_blob(query, issue->key);
    TRY(store_step(query, ret_found));
    if (!*ret_found) return OK;
    store_read_text_into(query, ret_code, LOYALTY_COUPON_LEN + 1);
    return loyalty_row_end(query);
}

static err insert_coupon(struct store *store, const struct loyalty_coupon_issue *issue,
                         const char *code)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO coupon(code, merchant, campaign, member, issue_key, state,"
                        " issued_ms, expires_ms) VALUES(?, ?, ?, ?, ?, 1, ?, ?)",
                        &s));
    store_bind_text(s, bytes_text(code));
    store_bind_text(s, issue->merchant);
    store_bind_text(s, issue->campaign);
    if (issue->member.len == 0) store_bind_null(s);
    else store_bind_text(s, issue->member);
    store_bind_blob(s, issue->key);
    store_bind_int(s, issue->at_ms);
    store_bind_int(s, issue->expires_ms);
    return store_run(s);
}

static err judge_issue(struct store *store, const struct loyalty_coupon_issue *issue,
                       enum loyalty_verdict *ret_verdict)
{
    struct loyalty_campaign campaign = {.state = LOYALTY_DRAFT};
    struct loyalty_member member = {{0}};
    bool counts = true;
    if (issue->expires_ms <= issue->at_ms) DECIDE(ret_verdict, LOYALTY_COUPON_EXPIRED);
    TRY(loyalty_campaign(store, issue->merchant, issue->campaign, ret_verdict, &campaign));
    if (*ret_verdict != LOYALTY_DONE) return OK;
    if (campaign.state == LOYALTY_ENDED || campaign.offer.kind != OFFER_COUPON)
        DECIDE(ret_verdict, LOYALTY_CAMPAIGN_STATE);
    if (issue->member.len > 0)
        TRY(loyalty_member_counts(store, issue->merchant, issue->member, &counts, &member));
    DECIDE(ret_verdict, counts ? LOYALTY_DONE : LOYALTY_WITHOUT_MEMBER);
}

err loyalty_coupon_issue(struct store *store, const struct random *random,
                         const struct loyalty_coupon_issue *issue,
                         enum loyalty_verdict *ret_verdict,
                         char ret_code[static LOYALTY_COUPON_LEN + 1])
{
    ENSURE(loyalty_key_ok(issue->key));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    bool found = false;
    TRY(issued_before(store, issue, &found, ret_code));
    if (found) DECIDE(ret_verdict, LOYALTY_REPEATED);
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(judge_issue(store, issue, &verdict));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    char code[LOYALTY_COUPON_LEN + 1];
    loyalty_random_text(random, code, LOYALTY_COUPON_LEN);
    TRY(insert_coupon(store, issue, code));
    TRY(store_commit(&tx));
    memcpy(ret_code, code, sizeof code);
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_coupon_of(struct store *store, struct bytes campaign, struct bytes member,
                      int64_t at_ms, char ret_code[static LOYALTY_COUPON_LEN + 1])
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT code FROM coupon WHERE member = ? AND campaign = ? AND state = 1"
                        " AND expires_ms > ? ORDER BY expires_ms, code LIMIT 1",
                        &query));
    store_bind_text(query, member);
    store_bind_text(query, campaign);
    store_bind_int(query, at_ms);
    bool row = false;
    TRY(store_step(query, &row));
    ret_code[0] = '\0';
    if (!row) return OK;
    store_read_text_into(query, ret_code, LOYALTY_COUPON_LEN + 1);
    return loyalty_row_end(query);
}

err loyalty_coupon_judge(struct store *store, struct bytes code, struct bytes campaign,
                         struct bytes member, int64_t at_ms, enum loyalty_verdict *ret_verdict)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT state, expires_ms, coalesce(member, '') FROM coupon"
                        " WHERE code = ? AND campaign = ?",
                        &query));
    store_bind_text(query, code);
    store_bind_text(query, campaign);
    bool row = false;
    TRY(store_step(query, &row));
    if (!row) DECIDE(ret_verdict, LOYALTY_NO_COUPON);
    enum loyalty_coupon_state state = (enum loyalty_coupon_state)store_read_int(query);
    int64_t expires_ms = store_read_int(query);
    char owner[LOYALTY_ID_LEN + 1] = "";
    store_read_text_into(query, owner, sizeof owner);
    TRY(loyalty_row_end(query));
    if (owner[0] != '\0' && !bytes_equal(bytes_text(owner), member))
        DECIDE(ret_verdict, LOYALTY_COUPON_OTHERS);
    if (state == LOYALTY_COUPON_LEASED) DECIDE(ret_verdict, LOYALTY_COUPON_ELSEWHERE);
    if (state != LOYALTY_COUPON_FREE) DECIDE(ret_verdict, LOYALTY_COUPON_SPENT);
    DECIDE(ret_verdict, expires_ms > at_ms ? LOYALTY_DONE : LOYALTY_COUPON_EXPIRED);
}

err loyalty_coupon_set(struct store *store, struct bytes code, enum loyalty_coupon_state state,
                       struct bytes lease)
{
    struct store_statement *s;
    ENSURE(store_in_tx(store));
    TRY(store_statement(store, "UPDATE coupon SET state = ?, lease = ? WHERE code = ?", &s));
    store_bind_int(s, state);
    if (lease.len == 0) store_bind_null(s);
    else store_bind_text(s, lease);
    store_bind_text(s, code);
    return store_run(s);
}
