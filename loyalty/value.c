/* SPDX-License-Identifier: Apache-2.0 */
/* Stored value: topped up, spent, given back, paid out, each an order with a key. */
#include "loyalty/value.h"

#include "loyalty/internal.h"

/* clang-format off */
static const char *const value_migration[] = {
    "CREATE TABLE value_order(id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE,"
    " original BLOB, member TEXT NOT NULL, merchant TEXT NOT NULL, kind INTEGER NOT NULL,"
    " state INTEGER NOT NULL, principal INTEGER NOT NULL CHECK(principal >= 0),"
    " bonus INTEGER NOT NULL CHECK(bonus >= 0),"
    " back_principal INTEGER NOT NULL CHECK(back_principal BETWEEN 0 AND principal),"
    " back_bonus INTEGER NOT NULL CHECK(back_bonus BETWEEN 0 AND bonus),"
    " at_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX value_member ON value_order(member, id);",
};
/* clang-format on */

const struct store_schema loyalty_value_schema = {"loyalty_value", value_migration,
                                                  ARRAY_LEN(value_migration)};

enum order_state { ORDER_HELD = 1, ORDER_DONE, ORDER_RELEASED }; /* on disk */

struct order {
    char member[LOYALTY_ID_LEN + 1], merchant[LOYALTY_MERCHANT_MAX + 1];
    struct bytes key, original; /* views of the caller's; the row's own are not read */
    enum loyalty_value_kind kind;
    enum order_state state;
    int64_t principal, bonus, back_principal, back_bonus, at_ms;
    bool original_same; /* when read: the original is the one that was asked for */
};

static err read_order(struct store *store, struct bytes key, struct bytes original, bool *ret_found,
                      struct order *out)
{
    struct store_statement *query;
    struct order o = {.key = key, .original = original};
    TRY(store_statement(store,
                        "SELECT member, merchant, kind, state, principal, bonus, back_principal,"
                        " back_bonus, at_ms, coalesce(original, x'') = ?2 FROM value_order"
                        " WHERE key = ?1",
                        &query));
    store_bind_blob(query, key);
    store_bind_blob(query, original);
    TRY(store_step(query, ret_found));
    if (!*ret_found) return OK;
    store_read_text_into(query, o.member, sizeof o.member);
    store_read_text_into(query, o.merchant, sizeof o.merchant);
    o.kind = (enum loyalty_value_kind)store_read_int(query);
    o.state = (enum order_state)store_read_int(query);
    o.principal = store_read_int(query);
    o.bonus = store_read_int(query);
    o.back_principal = store_read_int(query);
    o.back_bonus = store_read_int(query);
    o.at_ms = store_read_int(query);
    o.original_same = store_read_int(query) != 0;
    TRY(loyalty_row_end(query));
    *out = o;
    return OK;
}

static err insert_order(struct store *store, const struct order *o)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO value_order(key, original, member, merchant, kind, state,"
                        " principal, bonus, back_principal, back_bonus, at_ms)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?)",
                        &s));
    store_bind_blob(s, o->key);
    if (o->original.len == 0) store_bind_null(s);
    else store_bind_blob(s, o->original);
    store_bind_text(s, bytes_text(o->member));
    store_bind_text(s, bytes_text(o->merchant));
    store_bind_int(s, o->kind);
    store_bind_int(s, o->state);
    store_bind_int(s, o->principal);
    store_bind_int(s, o->bonus);
    store_bind_int(s, o->at_ms);
    return store_run(s);
}

/* The accounts on the other side of each kind: of the principal, of the bonus. */
static const struct {
    enum account_kind principal, bonus;
    bool to_member; /* the member's accounts are credited */
} side[] = {
    [LOYALTY_VALUE_TOP_UP] = {ACCOUNT_VALUE_TAKEN, ACCOUNT_VALUE_BONUS_COST, true},
    [LOYALTY_VALUE_PAYMENT] = {ACCOUNT_VALUE_SALES, ACCOUNT_VALUE_SALES, false},
    [LOYALTY_VALUE_PAY_OUT] = {ACCOUNT_VALUE_TAKEN, ACCOUNT_VALUE_BONUS_COST, false},
    [LOYALTY_VALUE_GIVEN_BACK] = {ACCOUNT_VALUE_SALES, ACCOUNT_VALUE_SALES, true},
};

static err book_one(struct store *store, enum book_step step, const struct order *o,
                    enum account_kind own, enum account_kind other, int64_t amount, int64_t at_ms)
{
    bool in = side[o->kind].to_member;
    struct book_entry entry = {.debit = in ? other : own,
                               .debit_owner = in ? o->merchant : o->member,
                               .credit = in ? own : other,
                               .credit_owner = in ? o->member : o->merchant,
                               .currency = LOYALTY_CURRENCY_CNY,
                               .amount = amount,
                               .at_ms = at_ms,
                               .key = o->key};
    return amount == 0 ? OK : loyalty_book_sure(store, step, &entry);
}

static err book_order(struct store *store, enum book_step step, const struct order *o,
                      int64_t at_ms)
{
    TRY(book_one(store, step, o, ACCOUNT_VALUE_PRINCIPAL, side[o->kind].principal, o->principal,
                 at_ms));
    return book_one(store, step, o, ACCOUNT_VALUE_BONUS, side[o->kind].bonus, o->bonus, at_ms);
}

err loyalty_value(struct store *store, struct bytes member, struct loyalty_value *out)
{
    char id[LOYALTY_ID_LEN + 1];
    struct account principal, bonus;
    if (FAILED(bytes_to_text(member, id, sizeof id)) || id[0] == '\0') return ERR(NOT_FOUND);
    TRY(loyalty_book_account(store, ACCOUNT_VALUE_PRINCIPAL, id, LOYALTY_CURRENCY_CNY, &principal));
    TRY(loyalty_book_account(store, ACCOUNT_VALUE_BONUS, id, LOYALTY_CURRENCY_CNY, &bonus));
    *out = (struct loyalty_value){book_free(&principal), book_free(&bonus),
                                  principal.debits_pending + bonus.debits_pending};
    return OK;
}

/* ---- top-ups and payments ---------------------------------------------------------------------
 */

/* A key that is known: the same order, or another. `total` is its principal, or all of it. */
static enum loyalty_verdict known(const struct order *now, const struct loyalty_value_order *asked,
                                  enum loyalty_value_kind kind)
{
    int64_t total = now->principal + (kind == LOYALTY_VALUE_TOP_UP ? 0 : now->bonus);
    bool same = now->kind == kind && total == asked->amount_minor &&
                bytes_equal(bytes_text(now->member), asked->member) &&
                bytes_equal(bytes_text(now->merchant), asked->merchant);
    return same ? LOYALTY_REPEATED : LOYALTY_OTHER_CONTENT;
}

static bool amount_ok(int64_t amount_minor)
{
    return amount_minor > 0 && amount_minor <= LOYALTY_AMOUNT_MAX;
}

/* What is common to both: known already, possible, a member. `o` gets who, what and when. */
static err prepare(struct store *store, const struct loyalty_value_order *asked,
                   enum loyalty_value_kind kind, struct order *o, enum loyalty_verdict *ret_verdict)
{
    struct loyalty_member member = {{0}};
    bool found = false, counts = false;
    if (!amount_ok(asked->amount_minor)) DECIDE(ret_verdict, LOYALTY_AMOUNT);
    TRY(read_order(store, asked->key, (struct bytes){0}, &found, o));
    if (found) DECIDE(ret_verdict, known(o, asked, kind));
    TRY(loyalty_member_counts(store, asked->merchant, asked->member, &counts, &member));
    if (!counts) DECIDE(ret_verdict, LOYALTY_WITHOUT_MEMBER);
    *o = (struct order){.key = asked->key, .kind = kind, .at_ms = asked->at_ms};
    memcpy(o->member, member.id, sizeof o->member);
    memcpy(o->merchant, member.merchant, sizeof o->merchant);
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_value_top_up(struct store *store, const struct loyalty_value_order *asked,
                         enum loyalty_verdict *ret_verdict, int64_t *ret_bonus_minor)
{
    ENSURE(loyalty_key_ok(asked->key));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct loyalty_programme programme;
    struct order o = {{0}};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(loyalty_programme(store, asked->merchant, &verdict, &programme));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    TRY(prepare(store, asked, LOYALTY_VALUE_TOP_UP, &o, &verdict));
    if (verdict == LOYALTY_REPEATED) *ret_bonus_minor = o.bonus;
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    o.state = ORDER_DONE;
    o.principal = asked->amount_minor;
    o.bonus = loyalty_bonus_of(&programme, asked->amount_minor);
    TRY(book_order(store, BOOK_MOVE, &o, asked->at_ms));
    TRY(insert_order(store, &o));
    TRY(store_commit(&tx));
    *ret_bonus_minor = o.bonus;
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_value_hold(struct store *store, const struct loyalty_value_order *asked,
                       enum loyalty_verdict *ret_verdict)
{
    ENSURE(loyalty_key_ok(asked->key));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct order o = {{0}};
    struct loyalty_value value;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(prepare(store, asked, LOYALTY_VALUE_PAYMENT, &o, &verdict));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    TRY(loyalty_value(store, asked->member, &value));
    if (value.principal_minor + value.bonus_minor < asked->amount_minor)
        DECIDE(ret_verdict, LOYALTY_VALUE_SHORT);
    o.state = ORDER_HELD;
    o.principal =
        value.principal_minor < asked->amount_minor ? value.principal_minor : asked->amount_minor;
    o.bonus = asked->amount_minor - o.principal;
    TRY(book_order(store, BOOK_HOLD, &o, asked->at_ms));
    TRY(insert_order(store, &o));
    TRY(store_commit(&tx));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

static err set_state(struct store *store, struct bytes key, enum order_state state)
{
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE value_order SET state = ? WHERE key = ?", &s));
    store_bind_int(s, state);
    store_bind_blob(s, key);
    return store_run(s);
}

static err conclude(struct store *store, struct bytes key, int64_t at_ms, enum order_state state,
                    enum loyalty_verdict *ret_verdict)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct order o = {{0}};
    bool found = false;
    TRY(read_order(store, key, (struct bytes){0}, &found, &o));
    if (!found || o.kind != LOYALTY_VALUE_PAYMENT) DECIDE(ret_verdict, LOYALTY_NO_PAYMENT);
    if (o.state == state) DECIDE(ret_verdict, LOYALTY_REPEATED);
    if (o.state != ORDER_HELD) DECIDE(ret_verdict, LOYALTY_DECIDED);
    TRY(book_order(store, state == ORDER_DONE ? BOOK_POST : BOOK_RELEASE, &o, at_ms));
    TRY(set_state(store, key, state));
    TRY(store_commit(&tx));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_value_commit(struct store *store, struct bytes key, int64_t at_ms,
                         enum loyalty_verdict *ret_verdict)
{
    return conclude(store, key, at_ms, ORDER_DONE, ret_verdict);
}

err loyalty_value_release(struct store *store, struct bytes key, int64_t at_ms,
                          enum loyalty_verdict *ret_verdict)
{
    return conclude(store, key, at_ms, ORDER_RELEASED, ret_verdict);
}

/* ---- back -------------------------------------------------------------------------------------
 */

static err note_back(struct store *store, const struct order *back)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "UPDATE value_order SET back_principal = back_principal + ?,"
                        " back_bonus = back_bonus + ? WHERE key = ?",
                        &s));
    store_bind_int(s, back->principal);
    store_bind_int(s, back->bonus);
    store_bind_blob(s, back->original);
    TRY(store_run(s));
    return insert_order(store, back);
}

static enum loyalty_verdict judge_back(const struct order *o, bool found, int64_t amount_minor)
{
    if (!found || o->kind != LOYALTY_VALUE_PAYMENT || o->state != ORDER_DONE)
        return LOYALTY_NO_PAYMENT;
    int64_t left = o->principal + o->bonus - o->back_principal - o->back_bonus;
    return amount_minor > left ? LOYALTY_TOO_MUCH : LOYALTY_DONE;
}

static err still_there(struct store *store, const struct order *o, bool *ret)
{
    struct loyalty_member member = {{0}};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(loyalty_member(store, bytes_text(o->merchant), bytes_text(o->member), &verdict, &member));
    *ret = verdict == LOYALTY_DONE && member.state != LOYALTY_ERASED;
    return OK;
}

err loyalty_value_give_back(struct store *store, struct bytes key, struct bytes refund_key,
                            int64_t amount_minor, int64_t at_ms, enum loyalty_verdict *ret_verdict)
{
    ENSURE(loyalty_key_ok(key) && loyalty_key_ok(refund_key));
    if (!amount_ok(amount_minor)) DECIDE(ret_verdict, LOYALTY_AMOUNT);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct order before = {{0}}, o = {{0}};
    bool found = false, there = false;
    TRY(read_order(store, refund_key, key, &found, &before));
    if (found) {
        bool same = before.kind == LOYALTY_VALUE_GIVEN_BACK && before.original_same &&
                    before.principal + before.bonus == amount_minor;
        DECIDE(ret_verdict, same ? LOYALTY_REPEATED : LOYALTY_OTHER_CONTENT);
    }
    TRY(read_order(store, key, (struct bytes){0}, &found, &o));
    enum loyalty_verdict verdict = judge_back(&o, found, amount_minor);
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    TRY(still_there(store, &o, &there));
    if (!there) DECIDE(ret_verdict, LOYALTY_WITHOUT_MEMBER);
    struct order back = o;
    int64_t bonus_left = o.bonus - o.back_bonus;
    back.key = refund_key;
    back.original = key;
    back.kind = LOYALTY_VALUE_GIVEN_BACK;
    back.state = ORDER_DONE;
    back.at_ms = at_ms;
    back.bonus = bonus_left < amount_minor ? bonus_left : amount_minor;
    back.principal = amount_minor - back.bonus;
    TRY(book_order(store, BOOK_MOVE, &back, at_ms));
    TRY(note_back(store, &back));
    TRY(store_commit(&tx));
    DECIDE(ret_verdict, LOYALTY_DONE);
}

err loyalty_value_pay_out(struct store *store, struct bytes merchant, struct bytes member,
                          struct bytes key, int64_t at_ms, enum loyalty_verdict *ret_verdict,
                          int64_t *ret_minor)
{
    ENSURE(loyalty_key_ok(key));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    struct order o = {{0}};
    struct loyalty_member m = {{0}};
    struct loyalty_value value;
    bool found = false;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(read_order(store, key, (struct bytes){0}, &found, &o));
    if (found) {
        bool same = o.kind == LOYALTY_VALUE_PAY_OUT && bytes_equal(bytes_text(o.member), member);
        if (same) *ret_minor = o.principal;
        DECIDE(ret_verdict, same ? LOYALTY_REPEATED : LOYALTY_OTHER_CONTENT);
    }
    TRY(loyalty_member(store, merchant, member, &verdict, &m));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    TRY(loyalty_value(store, member, &value));
    if (value.held_minor > 0) DECIDE(ret_verdict, LOYALTY_UNDECIDED);
    o = (struct order){.key = key, .kind = LOYALTY_VALUE_PAY_OUT, .at_ms = at_ms};
    o.state = ORDER_DONE;
    o.principal = value.principal_minor;
    o.bonus = value.bonus_minor;
    memcpy(o.member, m.id, sizeof o.member);
    memcpy(o.merchant, m.merchant, sizeof o.merchant);
    TRY(book_order(store, BOOK_MOVE, &o, at_ms));
    TRY(insert_order(store, &o));
    TRY(store_commit(&tx));
    *ret_minor = o.principal;
    DECIDE(ret_verdict, LOYALTY_DONE);
}

/* ---- statements -------------------------------------------------------------------------------
 */

err loyalty_value_statement(struct store *store, struct bytes member, int64_t before,
                            struct loyalty_value_line *lines, size_t max, size_t *ret_count)
{
    struct store_statement *query;
    size_t count = 0;
    TRY(store_statement(store,
                        "SELECT id, kind, state, principal, bonus, at_ms FROM value_order WHERE"
                        " member = ?1 AND (?2 = 0 OR id < ?2) AND state <> 3 ORDER BY id DESC"
                        " LIMIT ?3",
                        &query));
    store_bind_text(query, member);
    store_bind_int(query, before);
    store_bind_int(query, (int64_t)max);
    for (;;) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) break;
        ENSURE(count < max);
        struct loyalty_value_line *line = &lines[count++];
        line->number = store_read_int(query);
        line->kind = (enum loyalty_value_kind)store_read_int(query);
        line->held = store_read_int(query) == ORDER_HELD;
        line->principal_minor = store_read_int(query);
        line->bonus_minor = store_read_int(query);
        line->at_ms = store_read_int(query);
        TRY(store_read_finish(query));
        if (side[line->kind].to_member) continue;
        line->principal_minor = -line->principal_minor;
        line->bonus_minor = -line->bonus_minor;
    }
    *ret_count = count;
    return OK;
}

err loyalty_value_owed(struct store *store, struct bytes merchant, int64_t *ret_minor,
                       int64_t *ret_difference)
{
    struct store_statement *query;
    char owner[LOYALTY_MERCHANT_MAX + 1];
    struct account taken, cost, sales;
    TRY(bytes_to_text(merchant, owner, sizeof owner));
    TRY(store_statement(store,
                        "SELECT coalesce(sum(a.credits_posted - a.debits_posted), 0) FROM member"
                        " AS m JOIN account AS a ON a.owner = m.id WHERE m.merchant = ? AND"
                        " a.kind IN (?, ?)",
                        &query));
    store_bind_text(query, merchant);
    store_bind_int(query, ACCOUNT_VALUE_PRINCIPAL);
    store_bind_int(query, ACCOUNT_VALUE_BONUS);
    bool row = false;
    TRY(store_step(query, &row));
    int64_t members = store_read_int(query);
    TRY(loyalty_row_end(query));
    TRY(loyalty_book_account(store, ACCOUNT_VALUE_TAKEN, owner, LOYALTY_CURRENCY_CNY, &taken));
    TRY(loyalty_book_account(store, ACCOUNT_VALUE_BONUS_COST, owner, LOYALTY_CURRENCY_CNY, &cost));
    TRY(loyalty_book_account(store, ACCOUNT_VALUE_SALES, owner, LOYALTY_CURRENCY_CNY, &sales));
    *ret_minor = members;
    *ret_difference = book_balance(&taken) + book_balance(&cost) - book_balance(&sales) - members;
    return OK;
}
