/* SPDX-License-Identifier: Apache-2.0 */
/* Campaigns in the store: versions, states, and the budgets that go with them. */
#include "loyalty/campaign.h"

#include "loyalty/campaign_internal.h"
#include "loyalty/programme.h"
#include "offer/encode.h"

/* clang-format off */
static const char *const campaign_migration[] = {
    "CREATE TABLE campaign(id TEXT PRIMARY KEY, merchant TEXT NOT NULL, version INTEGER NOT NULL,"
    " state INTEGER NOT NULL, body BLOB NOT NULL, changed_ms INTEGER NOT NULL,"
    " changed_by TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX campaign_merchant ON campaign(merchant, id);"
    "CREATE TABLE campaign_version(campaign TEXT NOT NULL, version INTEGER NOT NULL,"
    " state INTEGER NOT NULL, body BLOB NOT NULL, at_ms INTEGER NOT NULL, by TEXT NOT NULL,"
    " PRIMARY KEY(campaign, version)) STRICT, WITHOUT ROWID;",
};
/* clang-format on */

const struct store_schema loyalty_campaign_schema = {"loyalty_campaign", campaign_migration,
                                                     ARRAY_LEN(campaign_migration)};

static err read_body(struct store_statement *row, struct offer_campaign *out)
{
    return offer_campaign_read(store_read_blob(row), out);
}

static err read_budget(struct store *store, struct loyalty_campaign *c)
{
    struct account money, uses, given, times;
    const char *id = c->offer.id;
    TRY(loyalty_book_account(store, ACCOUNT_CAMPAIGN_BUDGET, id, LOYALTY_CURRENCY_CNY, &money));
    TRY(loyalty_book_account(store, ACCOUNT_CAMPAIGN_BUDGET, id, LOYALTY_CURRENCY_USES, &uses));
    TRY(loyalty_book_account(store, ACCOUNT_CAMPAIGN_DISCOUNT, id, LOYALTY_CURRENCY_CNY, &given));
    TRY(loyalty_book_account(store, ACCOUNT_CAMPAIGN_DISCOUNT, id, LOYALTY_CURRENCY_USES, &times));
    c->left_minor = book_free(&money);
    c->left_uses = book_free(&uses);
    c->given_minor = book_balance(&given);
    c->given_uses = book_balance(&times);
    return OK;
}

err loyalty_campaign(struct store *store, struct bytes merchant, struct bytes id,
                     enum loyalty_verdict *ret_verdict, struct loyalty_campaign *out)
{
    struct loyalty_campaign c = {.state = LOYALTY_DRAFT};
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT merchant, state, body, changed_ms, changed_by FROM campaign"
                        " WHERE id = ? AND merchant = ?",
                        &query));
    store_bind_text(query, id);
    store_bind_text(query, merchant);
    bool row = false;
    TRY(store_step(query, &row));
    if (!row) DECIDE(ret_verdict, LOYALTY_NO_CAMPAIGN);
    store_read_text_into(query, c.merchant, sizeof c.merchant);
    c.state = (enum loyalty_campaign_state)store_read_int(query);
    err e = read_body(query, &c.offer);
    c.changed_ms = store_read_int(query);
    store_read_text_into(query, c.changed_by, sizeof c.changed_by);
    TRY(loyalty_row_end(query));
    if (FAILED(e)) return store_refuse(store, ERR(CORRUPT), "a campaign cannot be read", NULL);
    TRY(read_budget(store, &c));
    *out = c;
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_campaign_version(struct store *store, struct bytes id, uint32_t version,
                             enum loyalty_verdict *ret_verdict, struct offer_campaign *out)
{
    struct store_statement *query;
    TRY(store_statement(
        store, "SELECT body FROM campaign_version WHERE campaign = ? AND version = ?", &query));
    store_bind_text(query, id);
    store_bind_int(query, version);
    bool row = false;
    TRY(store_step(query, &row));
    if (!row) DECIDE(ret_verdict, LOYALTY_NO_CAMPAIGN);
    err e = read_body(query, out);
    TRY(loyalty_row_end(query));
    if (FAILED(e)) return store_refuse(store, ERR(CORRUPT), "a campaign cannot be read", NULL);
    DECIDE(ret_verdict, LOYALTY_DONE);
}

static err read_ids(struct store_statement *query, struct loyalty_campaign_ids *out)
{
    out->count = 0;
    for (;;) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) return OK;
        ENSURE(out->count < OFFER_CANDIDATES_MAX);
        store_read_text_into(query, out->id[out->count++], LOYALTY_ID_LEN + 1);
        TRY(store_read_finish(query));
    }
}

err loyalty_campaigns(struct store *store, struct bytes merchant, struct bytes after,
                      struct loyalty_campaign_ids *out)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT id FROM campaign WHERE merchant = ? AND id > ? ORDER BY id"
                        " LIMIT 32",
                        &query));
    static_assert(OFFER_CANDIDATES_MAX == 32, "in the statements");
    store_bind_text(query, merchant);
    store_bind_text(query, after);
    return read_ids(query, out);
}

err loyalty_campaigns_running(struct store *store, struct bytes merchant,
                              struct loyalty_campaign_ids *out)
{
    struct store_statement *query;
    TRY(store_statement(store,
                        "SELECT id FROM campaign WHERE merchant = ? AND state = 2 ORDER BY id"
                        " LIMIT 32",
                        &query));
    static_assert((int)LOYALTY_RUNNING == 2, "in the statement");
    store_bind_text(query, merchant);
    return read_ids(query, out);
}

/* ---- budgets ----------------------------------------------------------------------------------
 */

static int64_t uses_of(const struct offer_campaign *c)
{
    return c->budget_count > 0 ? c->budget_count : OFFER_MINOR_MAX;
}

/* Grants `amount` to the campaign, or takes -amount of what is free back. */
static err grant(struct store *store, const struct loyalty_campaign *c, uint16_t currency,
                 int64_t amount, int64_t at_ms, bool *ret_fits)
{
    enum transfer_verdict verdict = TRANSFER_OK;
    bool back = amount < 0;
    struct book_entry entry = {
        .debit = back ? ACCOUNT_CAMPAIGN_BUDGET : ACCOUNT_CAMPAIGN_GRANT,
        .debit_owner = back ? c->offer.id : c->merchant,
        .credit = back ? ACCOUNT_CAMPAIGN_GRANT : ACCOUNT_CAMPAIGN_BUDGET,
        .credit_owner = back ? c->merchant : c->offer.id,
        .currency = currency,
        .amount = back ? -amount : amount,
        .at_ms = at_ms,
        .key = bytes_text(c->offer.id),
    };
    *ret_fits = true;
    if (amount == 0) return OK;
    TRY(loyalty_book(store, BOOK_MOVE, &entry, &verdict));
    *ret_fits = verdict == TRANSFER_OK;
    return OK;
}

static err grant_both(struct store *store, const struct loyalty_campaign *c, int64_t minor,
                      int64_t uses, int64_t at_ms, bool *ret_fit)
{
    bool money = false, times = false;
    TRY(grant(store, c, LOYALTY_CURRENCY_CNY, minor, at_ms, &money));
    TRY(grant(store, c, LOYALTY_CURRENCY_USES, uses, at_ms, &times));
    *ret_fit = money && times;
    return OK;
}

err loyalty_campaign_sweep(struct store *store, const char *id, int64_t at_ms)
{
    struct loyalty_campaign c = {{{0}}};
    struct store_statement *query;
    ENSURE(store_in_tx(store));
    TRY(store_statement(store, "SELECT merchant, state FROM campaign WHERE id = ?", &query));
    store_bind_text(query, bytes_text(id));
    bool row = false, fits = false;
    TRY(store_step(query, &row));
    if (!row) return store_refuse(store, ERR(CORRUPT), "a budget without a campaign", NULL);
    store_read_text_into(query, c.merchant, sizeof c.merchant);
    bool ended = store_read_int(query) == LOYALTY_ENDED;
    TRY(loyalty_row_end(query));
    if (!ended) return OK;
    TRY(bytes_to_text(bytes_text(id), c.offer.id, sizeof c.offer.id));
    TRY(read_budget(store, &c));
    TRY(grant_both(store, &c, -c.left_minor, -c.left_uses, at_ms, &fits));
    ENSURE(fits);
    return OK;
}

/* ---- changing ---------------------------------------------------------------------------------
 */

static err write_version(struct store *store, const struct loyalty_campaign *c, struct bytes body)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO campaign_version(campaign, version, state, body, at_ms, by)"
                        " VALUES(?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_text(s, bytes_text(c->offer.id));
    store_bind_int(s, c->offer.version);
    store_bind_int(s, c->state);
    store_bind_blob(s, body);
    store_bind_int(s, c->changed_ms);
    store_bind_text(s, bytes_text(c->changed_by));
    return store_run(s);
}

static err write_campaign(struct store *store, const struct loyalty_campaign *c)
{
    uint8_t block[OFFER_ENCODED_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct store_statement *s;
    offer_campaign_write(&w, &c->offer);
    ENSURE(w.fault == ERR_OK);
    TRY(store_statement(store,
                        "INSERT OR REPLACE INTO campaign(id, merchant, version, state, body,"
                        " changed_ms, changed_by) VALUES(?, ?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_text(s, bytes_text(c->offer.id));
    store_bind_text(s, bytes_text(c->merchant));
    store_bind_int(s, c->offer.version);
    store_bind_int(s, c->state);
    store_bind_blob(s, writer_view(&w));
    store_bind_int(s, c->changed_ms);
    store_bind_text(s, bytes_text(c->changed_by));
    TRY(store_run(s));
    return write_version(store, c, writer_view(&w));
}

static err sign(const struct loyalty_act *act, struct loyalty_campaign *c)
{
    TRY(bytes_to_text(act->merchant, c->merchant, sizeof c->merchant));
    TRY(bytes_to_text(act->by, c->changed_by, sizeof c->changed_by));
    c->changed_ms = act->at_ms;
    return OK;
}

static bool has_budget(enum loyalty_campaign_state state)
{
    return state == LOYALTY_RUNNING || state == LOYALTY_PAUSED;
}

/* The new version over the old one, inside the transaction. */
static err save_over(struct store *store, const struct loyalty_campaign *now,
                     struct loyalty_campaign *c, enum loyalty_verdict *ret_verdict)
{
    if (now->offer.version != c->offer.version) DECIDE(ret_verdict, LOYALTY_CHANGED);
    if (now->state == LOYALTY_ENDED) DECIDE(ret_verdict, LOYALTY_CAMPAIGN_STATE);
    c->offer.version++;
    c->state = now->state;
    bool fits = true;
    if (has_budget(now->state))
        TRY(grant_both(store, c, c->offer.budget_minor - now->offer.budget_minor,
                       uses_of(&c->offer) - uses_of(&now->offer), c->changed_ms, &fits));
    if (!fits) DECIDE(ret_verdict, LOYALTY_BUDGET_GIVEN);
    TRY(write_campaign(store, c));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

static enum loyalty_verdict judge(const struct offer_campaign *campaign, bool is_new,
                                  enum offer_fault *ret_fault)
{
    struct offer_campaign c = *campaign;
    if (is_new) {
        memcpy(c.id, "new", sizeof "new");
        c.version = 1;
    }
    if (c.budget_minor == 0) return LOYALTY_BUDGET_ZERO;
    enum offer_fault fault = offer_campaign_check(&c);
    if (fault == OFFER_SOUND) return LOYALTY_DONE;
    *ret_fault = fault;
    return LOYALTY_CAMPAIGN_FAULT;
}

static err save_new(struct store *store, const struct random *random, struct loyalty_campaign *c,
                    enum loyalty_verdict *ret_verdict)
{
    loyalty_id(random, 'c', c->offer.id);
    c->offer.version = 1;
    c->state = LOYALTY_DRAFT;
    TRY(write_campaign(store, c));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_campaign_save(struct store *store, const struct random *random,
                          const struct loyalty_act *act, struct offer_campaign *campaign,
                          enum loyalty_verdict *ret_verdict, enum offer_fault *ret_fault)
{
    bool is_new = campaign->id[0] == '\0';
    enum loyalty_verdict verdict = judge(campaign, is_new, ret_fault);
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_programme programme;
    TRY(loyalty_programme(store, act->merchant, &verdict, &programme));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    struct loyalty_campaign c = {.offer = *campaign}, now = {.state = LOYALTY_DRAFT};
    struct loyalty_made made;
    TRY(loyalty_made(store, act->merchant, act->key, &made));
    if (made.found) {
        memcpy(campaign->id, made.id, sizeof made.id);
        campaign->version = (uint32_t)made.version;
        DECIDE(ret_verdict, LOYALTY_REPEATED);
    }
    TRY(sign(act, &c));
    if (is_new) {
        TRY(save_new(store, random, &c, &verdict));
    } else {
        TRY(loyalty_campaign(store, act->merchant, bytes_text(campaign->id), &verdict, &now));
        if (verdict == LOYALTY_DONE) TRY(save_over(store, &now, &c, &verdict));
    }
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    TRY(loyalty_made_note(store, act->merchant, act->key, c.offer.id, c.offer.version));
    TRY(store_commit(&tx));
    *campaign = c.offer;
    DECIDE(ret_verdict, LOYALTY_DONE);
}

static bool may_move(enum loyalty_campaign_state from, enum loyalty_campaign_state to)
{
    switch (from) {
    case LOYALTY_DRAFT:
        return to == LOYALTY_RUNNING || to == LOYALTY_ENDED;
    case LOYALTY_RUNNING:
        return to == LOYALTY_PAUSED || to == LOYALTY_ENDED;
    case LOYALTY_PAUSED:
        return to == LOYALTY_RUNNING || to == LOYALTY_ENDED;
    case LOYALTY_ENDED:
    case LOYALTY_CAMPAIGN_STATES:
        break;
    }
    return false;
}

static err count_live(struct store *store, struct bytes merchant, int64_t *ret_count)
{
    struct store_statement *query;
    TRY(store_statement(
        store, "SELECT count(*) FROM campaign WHERE merchant = ? AND state IN (2, 3)", &query));
    store_bind_text(query, merchant);
    bool row = false;
    TRY(store_step(query, &row));
    *ret_count = store_read_int(query);
    return loyalty_row_end(query);
}

/* The state, its budget, and the version that says so. */
static err move_to(struct store *store, struct loyalty_campaign *c, enum loyalty_campaign_state to,
                   enum loyalty_verdict *ret_verdict)
{
    int64_t live = 0;
    bool starts = c->state == LOYALTY_DRAFT && to == LOYALTY_RUNNING, fits = true;
    TRY(count_live(store, bytes_text(c->merchant), &live));
    if (starts && live >= OFFER_CANDIDATES_MAX) DECIDE(ret_verdict, LOYALTY_TOO_MANY);
    if (starts)
        TRY(grant_both(store, c, c->offer.budget_minor, uses_of(&c->offer), c->changed_ms, &fits));
    ENSURE(fits);
    c->state = to;
    c->offer.version++;
    TRY(write_campaign(store, c));
    if (to == LOYALTY_ENDED) TRY(loyalty_campaign_sweep(store, c->offer.id, c->changed_ms));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_campaign_move(struct store *store, const struct loyalty_act *act, struct bytes id,
                          uint32_t version, enum loyalty_campaign_state to,
                          enum loyalty_verdict *ret_verdict, uint32_t *ret_version)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_campaign c = {.state = LOYALTY_DRAFT};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    struct loyalty_made made;
    TRY(loyalty_made(store, act->merchant, act->key, &made));
    if (made.found) *ret_version = (uint32_t)made.version;
    if (made.found) DECIDE(ret_verdict, LOYALTY_REPEATED);
    TRY(loyalty_campaign(store, act->merchant, id, &verdict, &c));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    if (c.offer.version != version) DECIDE(ret_verdict, LOYALTY_CHANGED);
    if (!may_move(c.state, to)) DECIDE(ret_verdict, LOYALTY_CAMPAIGN_STATE);
    TRY(sign(act, &c));
    TRY(move_to(store, &c, to, &verdict));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    TRY(loyalty_made_note(store, act->merchant, act->key, c.offer.id, c.offer.version));
    TRY(store_commit(&tx));
    *ret_version = c.offer.version;
    DECIDE(ret_verdict, LOYALTY_DONE);
}
