/* SPDX-License-Identifier: Apache-2.0 */
/* Leases of budgets and coupons to devices, and the reports of what devices did with them. */
#include "loyalty/escrow.h"

#include "loyalty/campaign_internal.h"

/* clang-format off */
static const char *const escrow_migration[] = {
    "CREATE TABLE lease(id TEXT PRIMARY KEY, merchant TEXT NOT NULL, campaign TEXT NOT NULL,"
    " device TEXT NOT NULL, key BLOB NOT NULL, minor INTEGER NOT NULL, uses INTEGER NOT NULL,"
    " from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, returned INTEGER NOT NULL,"
    " UNIQUE(merchant, key)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX lease_out ON lease(merchant, until_ms) WHERE returned = 0;"
    "CREATE TABLE device(id TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE device_report(device TEXT NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " lease TEXT NOT NULL, key BLOB, minor INTEGER NOT NULL, coupon TEXT, at_ms INTEGER NOT NULL,"
    " over INTEGER NOT NULL, PRIMARY KEY(device, seq)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX report_over ON device_report(lease) WHERE over = 1;",
};
/* clang-format on */

const struct store_schema loyalty_escrow_schema = {"loyalty_escrow", escrow_migration,
                                                   ARRAY_LEN(escrow_migration)};

/* Fen and uses from one account of a campaign to another. */
static err move_share(struct store *store, enum account_kind from, const char *from_owner,
                      enum account_kind to, const char *to_owner, int64_t minor, int64_t uses,
                      int64_t at_ms, enum transfer_verdict *ret_verdict)
{
    struct book_entry entry = {.debit = from,
                               .debit_owner = from_owner,
                               .credit = to,
                               .credit_owner = to_owner,
                               .currency = LOYALTY_CURRENCY_CNY,
                               .amount = minor,
                               .at_ms = at_ms,
                               .key = BYTES("lease")};
    *ret_verdict = TRANSFER_OK;
    if (minor > 0) TRY(loyalty_book(store, BOOK_MOVE, &entry, ret_verdict));
    if (*ret_verdict != TRANSFER_OK || uses == 0) return OK;
    entry.currency = LOYALTY_CURRENCY_USES;
    entry.amount = uses;
    return loyalty_book(store, BOOK_MOVE, &entry, ret_verdict);
}

/* ---- leases -----------------------------------------------------------------------------------
 */

static err asked_before(struct store *store, const struct loyalty_lease_ask *ask, char *ret_lease,
                        enum loyalty_verdict *ret_verdict)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT id, campaign = ? AND device = ? AND minor = ? AND uses = ?"
                        " FROM lease WHERE merchant = ? AND key = ?",
                        &query));
    store_bind_text(query, ask->campaign);
    store_bind_text(query, ask->device);
    store_bind_int(query, ask->minor);
    store_bind_int(query, ask->uses);
    store_bind_text(query, ask->merchant);
    store_bind_blob(query, ask->key);
    bool row = false;
    TRY(store_step(query, &row));
    if (!row) DECIDE(ret_verdict, LOYALTY_DONE);
    char id[LOYALTY_ID_LEN + 1] = "";
    store_read_text_into(query, id, sizeof id);
    bool same = store_read_int(query) != 0;
    TRY(loyalty_row_end(query));
    if (same) memcpy(ret_lease, id, sizeof id);
    DECIDE(ret_verdict, same ? LOYALTY_REPEATED : LOYALTY_OTHER_CONTENT);
}

static err insert_lease(struct store *store, const struct loyalty_lease_ask *ask, const char *id)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO lease(id, merchant, campaign, device, key, minor, uses,"
                        " from_ms, until_ms, returned) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                        &s));
    store_bind_text(s, bytes_text(id));
    store_bind_text(s, ask->merchant);
    store_bind_text(s, ask->campaign);
    store_bind_text(s, ask->device);
    store_bind_blob(s, ask->key);
    store_bind_int(s, ask->minor);
    store_bind_int(s, ask->uses);
    store_bind_int(s, ask->at_ms);
    store_bind_int(s, ask->until_ms);
    return store_run(s);
}

/* Coupons of anybody may be kept for a device: who shows one is asked for there. */
static err keep_coupons(struct store *store, const struct loyalty_lease_ask *ask, const char *id,
                        enum loyalty_verdict *ret_verdict)
{
    *ret_verdict = LOYALTY_DONE;
    for (size_t i = 0; i < ask->coupons; i++) {
        struct loyalty_coupon coupon = {{0}};
        TRY(loyalty_coupon(store, ask->merchant, ask->coupon[i], ret_verdict, &coupon));
        if (*ret_verdict != LOYALTY_DONE) return OK;
        TRY(loyalty_coupon_judge(store, ask->coupon[i], ask->campaign, bytes_text(coupon.member),
                                 ask->at_ms, ret_verdict));
        if (*ret_verdict != LOYALTY_DONE) return OK;
        TRY(loyalty_coupon_set(store, ask->coupon[i], LOYALTY_COUPON_LEASED, bytes_text(id)));
    }
    return OK;
}

static err lease_new(struct store *store, const struct loyalty_lease_ask *ask, const char *id,
                     enum loyalty_verdict *ret_verdict)
{
    struct loyalty_campaign c = {.state = LOYALTY_DRAFT};
    enum transfer_verdict verdict = TRANSFER_OK;
    if (ask->minor <= 0 || ask->uses <= 0 || ask->until_ms <= ask->at_ms)
        DECIDE(ret_verdict, LOYALTY_AMOUNT);
    TRY(loyalty_campaign(store, ask->merchant, ask->campaign, ret_verdict, &c));
    if (*ret_verdict != LOYALTY_DONE) return OK;
    if (c.state != LOYALTY_RUNNING) DECIDE(ret_verdict, LOYALTY_CAMPAIGN_STATE);
    TRY(move_share(store, ACCOUNT_CAMPAIGN_BUDGET, c.offer.id, ACCOUNT_CAMPAIGN_ESCROW, id,
                   ask->minor, ask->uses, ask->at_ms, &verdict));
    if (verdict != TRANSFER_OK) DECIDE(ret_verdict, LOYALTY_BUDGET_SPENT);
    TRY(insert_lease(store, ask, id));
    return keep_coupons(store, ask, id, ret_verdict);
}

err loyalty_lease(struct store *store, const struct random *random,
                  const struct loyalty_lease_ask *ask, enum loyalty_verdict *ret_verdict,
                  char ret_lease[static LOYALTY_ID_LEN + 1])
{
    ENSURE(loyalty_key_ok(ask->key) && ask->coupons <= LOYALTY_LEASE_COUPONS_MAX);
    ENSURE(ask->device.len > 0 && ask->device.len <= LOYALTY_DEVICE_MAX);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(asked_before(store, ask, ret_lease, &verdict));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    char id[LOYALTY_ID_LEN + 1];
    loyalty_id(random, 'l', id);
    TRY(lease_new(store, ask, id, &verdict));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    TRY(store_commit(&tx));
    memcpy(ret_lease, id, sizeof id);
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_lease_coupons(struct store *store, struct bytes lease,
                          char (*codes)[LOYALTY_COUPON_LEN + 1], size_t max, size_t *ret_count)
{
    struct store_statement *query;
    size_t count = 0;
    TRY(store_statement(store,
                        "SELECT code FROM coupon WHERE lease = ? AND state = 3 ORDER BY code"
                        " LIMIT ?",
                        &query));
    store_bind_text(query, lease);
    store_bind_int(query, (int64_t)max);
    for (;;) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) break;
        ENSURE(count < max);
        store_read_text_into(query, codes[count++], LOYALTY_COUPON_LEN + 1);
        TRY(store_read_finish(query));
    }
    *ret_count = count;
    return OK;
}

/* ---- reports ----------------------------------------------------------------------------------
 */

struct lease {
    char id[LOYALTY_ID_LEN + 1], campaign[LOYALTY_ID_LEN + 1];
    bool returned;
};

static err read_lease(struct store *store, const struct loyalty_report *r, bool *ret_found,
                      struct lease *out)
{
    struct store_statement *query;
    TRY(store_statement(
        store, "SELECT id, campaign, returned FROM lease WHERE id = ? AND device = ?", &query));
    store_bind_text(query, r->lease);
    store_bind_text(query, r->device);
    TRY(store_step(query, ret_found));
    if (!*ret_found) return OK;
    store_read_text_into(query, out->id, sizeof out->id);
    store_read_text_into(query, out->campaign, sizeof out->campaign);
    out->returned = store_read_int(query) != 0;
    return loyalty_row_end(query);
}

static err read_seq(struct store *store, struct bytes device, int64_t *ret_seq)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT seq FROM device WHERE id = ?", &query));
    store_bind_text(query, device);
    bool row = false;
    TRY(store_step(query, &row));
    *ret_seq = row ? store_read_int(query) : 0;
    return row ? loyalty_row_end(query) : OK;
}

/* A number that was taken before: the same report, or another. */
static err compare(struct store *store, const struct loyalty_report *r,
                   enum loyalty_verdict *ret_verdict)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT kind = ? AND lease = ? AND coalesce(key, x'') = ? AND minor = ? AND"
                        " coalesce(coupon, '') = ? FROM device_report WHERE device = ? AND seq = ?",
                        &query));
    store_bind_int(query, r->kind);
    store_bind_text(query, r->lease);
    store_bind_blob(query, r->key);
    store_bind_int(query, r->minor);
    store_bind_text(query, r->coupon);
    store_bind_text(query, r->device);
    store_bind_int(query, r->seq);
    bool row = false;
    TRY(store_step(query, &row));
    if (!row) return store_refuse(store, ERR(CORRUPT), "a report is missing", NULL);
    bool same = store_read_int(query) != 0;
    TRY(loyalty_row_end(query));
    DECIDE(ret_verdict, same ? LOYALTY_REPEATED : LOYALTY_OTHER_CONTENT);
}

static err note_report(struct store *store, const struct loyalty_report *r, bool over)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO device_report(device, seq, kind, lease, key, minor, coupon,"
                        " at_ms, over) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_text(s, r->device);
    store_bind_int(s, r->seq);
    store_bind_int(s, r->kind);
    store_bind_text(s, r->lease);
    if (r->key.len == 0) store_bind_null(s);
    else store_bind_blob(s, r->key);
    store_bind_int(s, r->minor);
    if (r->coupon.len == 0) store_bind_null(s);
    else store_bind_text(s, r->coupon);
    store_bind_int(s, r->at_ms);
    store_bind_int(s, over);
    TRY(store_run(s));
    TRY(store_statement(store,
                        "INSERT INTO device(id, seq) VALUES(?, ?) ON CONFLICT(id) DO UPDATE SET"
                        " seq = excluded.seq",
                        &s));
    store_bind_text(s, r->device);
    store_bind_int(s, r->seq);
    return store_run(s);
}

/* Whether the coupon is kept for this lease: no other place may have spent it. */
static err holds_coupon(struct store *store, const struct loyalty_report *r, bool *ret_holds)
{
    struct store_statement *query;
    *ret_holds = true;
    if (r->coupon.len == 0) return OK;
    TRY(store_statement(
        store, "SELECT count(*) FROM coupon WHERE code = ? AND lease = ? AND state = 3", &query));
    static_assert((int)LOYALTY_COUPON_LEASED == 3, "in the statement");
    store_bind_text(query, r->coupon);
    store_bind_text(query, r->lease);
    bool row = false;
    TRY(store_step(query, &row));
    *ret_holds = store_read_int(query) == 1;
    return loyalty_row_end(query);
}

static err given_before(struct store *store, struct bytes key, const char *campaign, bool *ret)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT count(*) FROM redemption WHERE key = ? AND campaign = ?",
                        &query));
    store_bind_blob(query, key);
    store_bind_text(query, bytes_text(campaign));
    bool row = false;
    TRY(store_step(query, &row));
    *ret = store_read_int(query) > 0;
    return loyalty_row_end(query);
}

/* Books what the share covers. What it does not cover is on record, and no budget pays for it. */
static err redeem(struct store *store, const struct loyalty_report *r, const struct lease *lease,
                  bool *ret_over)
{
    struct redemption redemption = {.key = r->key,
                                    .campaign = bytes_text(lease->campaign),
                                    .member = r->member,
                                    .coupon = r->coupon,
                                    .minor = r->minor,
                                    .at_ms = r->at_ms,
                                    .state = REDEMPTION_GIVEN};
    enum transfer_verdict verdict = TRANSFER_OK;
    bool before = false, holds = false;
    struct account uses;
    TRY(given_before(store, r->key, lease->campaign, &before));
    TRY(holds_coupon(store, r, &holds));
    TRY(loyalty_book_account(store, ACCOUNT_CAMPAIGN_ESCROW, lease->id, LOYALTY_CURRENCY_USES,
                             &uses));
    *ret_over = before || !holds || lease->returned || book_free(&uses) < 1;
    if (!*ret_over) {
        TRY(loyalty_redemption_book(store, BOOK_MOVE, &redemption, ACCOUNT_CAMPAIGN_ESCROW,
                                    lease->id, &verdict));
        *ret_over = verdict != TRANSFER_OK;
    }
    if (before) return OK;
    if (*ret_over) redemption.state = REDEMPTION_OVER;
    TRY(loyalty_redemption_insert(store, &redemption));
    if (*ret_over) return OK;
    if (r->coupon.len > 0) TRY(loyalty_coupon_set(store, r->coupon, LOYALTY_COUPON_USED, r->lease));
    return loyalty_redemption_day(store, redemption.campaign, r->at_ms, 1, r->minor);
}

static err free_coupons(struct store *store, struct bytes lease)
{
    struct store_statement *s;
    TRY(store_statement(
        store, "UPDATE coupon SET state = 1, lease = NULL WHERE lease = ? AND state = 3", &s));
    store_bind_text(s, lease);
    return store_run(s);
}

static err give_back(struct store *store, const struct loyalty_report *r, const struct lease *lease,
                     bool *ret_over)
{
    struct account money, uses;
    enum transfer_verdict verdict = TRANSFER_OK;
    *ret_over = lease->returned;
    if (lease->returned) return OK;
    TRY(loyalty_book_account(store, ACCOUNT_CAMPAIGN_ESCROW, lease->id, LOYALTY_CURRENCY_CNY,
                             &money));
    TRY(loyalty_book_account(store, ACCOUNT_CAMPAIGN_ESCROW, lease->id, LOYALTY_CURRENCY_USES,
                             &uses));
    TRY(move_share(store, ACCOUNT_CAMPAIGN_ESCROW, lease->id, ACCOUNT_CAMPAIGN_BUDGET,
                   lease->campaign, book_free(&money), book_free(&uses), r->at_ms, &verdict));
    ENSURE(verdict == TRANSFER_OK);
    TRY(free_coupons(store, r->lease));
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE lease SET returned = 1 WHERE id = ?", &s));
    store_bind_text(s, r->lease);
    TRY(store_run(s));
    return loyalty_campaign_sweep(store, lease->campaign, r->at_ms);
}

static err take(struct store *store, const struct loyalty_report *r,
                enum loyalty_verdict *ret_verdict)
{
    struct lease lease = {{0}};
    bool found = false, over = false;
    TRY(read_lease(store, r, &found, &lease));
    if (!found) DECIDE(ret_verdict, LOYALTY_NO_LEASE);
    if (r->kind == LOYALTY_REDEEMED) TRY(redeem(store, r, &lease, &over));
    else TRY(give_back(store, r, &lease, &over));
    TRY(note_report(store, r, over));
    DECIDE(ret_verdict, over ? LOYALTY_REPORT_OVER : LOYALTY_DONE);
}

err loyalty_report(struct store *store, const struct loyalty_report *r,
                   enum loyalty_verdict *ret_verdict, int64_t *ret_next)
{
    ENSURE(r->seq > 0 && r->kind >= LOYALTY_REDEEMED && r->kind < LOYALTY_REPORT_KINDS);
    ENSURE(r->kind != LOYALTY_REDEEMED || (loyalty_key_ok(r->key) && r->minor > 0));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    int64_t seq = 0;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(read_seq(store, r->device, &seq));
    *ret_next = seq + 1;
    if (r->seq > seq + 1) DECIDE(ret_verdict, LOYALTY_REPORT_GAP);
    if (r->seq <= seq) return compare(store, r, ret_verdict);
    TRY(take(store, r, &verdict));
    if (verdict == LOYALTY_NO_LEASE) DECIDE(ret_verdict, verdict);
    TRY(store_commit(&tx));
    *ret_next = r->seq + 1;
    DECIDE(ret_verdict, verdict);
}

/* ---- what people look at ----------------------------------------------------------------------
 */

err loyalty_leases_late(struct store *store, struct bytes merchant, int64_t at_ms,
                        struct loyalty_lease_row *rows, size_t max, size_t *ret_count)
{
    struct store_statement *query;
    size_t count = 0;
    TRY(store_statement(store,
                        "SELECT id, campaign, device, from_ms, until_ms FROM lease WHERE"
                        " merchant = ? AND until_ms <= ? AND returned = 0 ORDER BY until_ms, id"
                        " LIMIT ?",
                        &query));
    store_bind_text(query, merchant);
    store_bind_int(query, at_ms);
    store_bind_int(query, (int64_t)max);
    for (;;) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) break;
        ENSURE(count < max);
        struct loyalty_lease_row *r = &rows[count++];
        store_read_text_into(query, r->id, sizeof r->id);
        store_read_text_into(query, r->campaign, sizeof r->campaign);
        store_read_text_into(query, r->device, sizeof r->device);
        r->from_ms = store_read_int(query);
        r->until_ms = store_read_int(query);
        TRY(store_read_finish(query));
    }
    for (size_t i = 0; i < count; i++) {
        struct account money, uses;
        TRY(loyalty_book_account(store, ACCOUNT_CAMPAIGN_ESCROW, rows[i].id, LOYALTY_CURRENCY_CNY,
                                 &money));
        TRY(loyalty_book_account(store, ACCOUNT_CAMPAIGN_ESCROW, rows[i].id, LOYALTY_CURRENCY_USES,
                                 &uses));
        rows[i].left_minor = book_free(&money);
        rows[i].left_uses = book_free(&uses);
    }
    *ret_count = count;
    return OK;
}

err loyalty_over_count(struct store *store, struct bytes merchant, int64_t *ret_count)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT count(*) FROM device_report AS r JOIN lease AS l ON l.id = r.lease"
                        " WHERE r.over = 1 AND l.merchant = ?",
                        &query));
    store_bind_text(query, merchant);
    bool row = false;
    TRY(store_step(query, &row));
    *ret_count = store_read_int(query);
    return loyalty_row_end(query);
}
