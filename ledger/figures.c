/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the ledger for one merchant: balances, balances of a day, and the lines of a day. */
#include "ledger/figures.h"

#include "ledger/internal.h"
#include "ledger/workday.h"

struct sums {
    int64_t id; /* 0: there is no such account */
    int64_t debits_pending, debits_posted, credits_pending, credits_posted;
};

static err read_sums(struct store *store, enum account_kind kind, const char *owner,
                     uint16_t currency, struct sums *out)
{
    struct store_statement *select;
    bool row = false;
    *out = (struct sums){0};
    TRY(store_statement(store,
                        "SELECT id, debits_pending, debits_posted, credits_pending, credits_posted"
                        " FROM account WHERE kind = ? AND owner = ? AND currency = ?",
                        &select));
    store_bind_int(select, (int64_t)kind);
    store_bind_text(select, bytes_text(owner));
    store_bind_int(select, currency);
    TRY(store_step(select, &row));
    if (!row) return OK;
    out->id = store_read_int(select);
    out->debits_pending = store_read_int(select);
    out->debits_posted = store_read_int(select);
    out->credits_pending = store_read_int(select);
    out->credits_posted = store_read_int(select);
    err read = store_read_finish(select);
    store_reset(select);
    return read;
}

err ledger_figures(struct store *store, const char *mid, uint16_t currency,
                   struct ledger_figures *ret_figures)
{
    struct sums payable, held, transit;
    TRY(read_sums(store, ACCOUNT_MERCHANT_PAYABLE, mid, currency, &payable));
    TRY(read_sums(store, ACCOUNT_MERCHANT_HELD, mid, currency, &held));
    TRY(read_sums(store, ACCOUNT_MERCHANT_TRANSIT, mid, currency, &transit));
    *ret_figures = (struct ledger_figures){
        .payable_minor = payable.credits_posted - payable.debits_posted,
        .coming_minor = payable.credits_pending,
        .going_minor = payable.debits_pending,
        .held_minor = held.credits_posted - held.debits_posted,
        .transit_minor = transit.credits_posted - transit.debits_posted,
    };
    return OK;
}

err ledger_balance_on(struct store *store, enum account_kind kind, const char *owner,
                      uint16_t currency, int32_t day, int64_t *ret_minor)
{
    struct store_statement *select;
    struct sums account;
    bool row = false;
    TRY(read_sums(store, kind, owner, currency, &account));
    TRY(store_statement(store,
                        "SELECT ifnull(sum(credits), 0) - ifnull(sum(debits), 0) FROM account_day"
                        " WHERE account = ? AND day <= ?",
                        &select));
    store_bind_int(select, account.id);
    store_bind_int(select, day);
    TRY(store_step(select, &row));
    ENSURE(row);
    int64_t minor = store_read_int(select);
    err read = store_read_finish(select);
    store_reset(select);
    TRY(read);
    *ret_minor = account_row(kind)->side == ACCOUNT_CREDIT ? minor : -minor;
    return OK;
}

err ledger_shares_of(struct store *store, int64_t seq, struct ledger_shares *ret_shares)
{
    struct store_statement *select;
    struct ledger_shares shares;
    bool row = false;
    TRY(store_statement(
        store, "SELECT issuer_minor, network_minor, instalment_minor FROM booking WHERE id = ?",
        &select));
    store_bind_int(select, transfer_id(seq, 0, TRANSFER_POST));
    TRY(store_step(select, &row));
    if (!row) return ERR(NOT_FOUND);
    shares.issuer_minor = store_read_int(select);
    shares.network_minor = store_read_int(select);
    shares.instalment_minor = store_read_int(select);
    err read = store_read_finish(select);
    store_reset(select);
    TRY(read);
    *ret_shares = shares;
    return OK;
}

err ledger_position_of(struct store *store, struct ledger_position *ret_position)
{
    struct ledger_position at;
    TRY(store_query_int(store, "SELECT seq FROM ledger_state", &at.seq));
    TRY(store_query_int(store, "SELECT ord FROM ledger_state", &at.order));
    *ret_position = at;
    return OK;
}

err ledger_days(struct store *store, int32_t *ret_first, int32_t *ret_last)
{
    int64_t days, first, last;
    TRY(store_query_int(store, "SELECT count(*) FROM day_range", &days));
    TRY(store_query_int(store, "SELECT min(day) FROM day_range", &first));
    TRY(store_query_int(store, "SELECT max(day) FROM day_range", &last));
    *ret_first = (int32_t)first;
    *ret_last = days == 0 ? (int32_t)first - 1 : (int32_t)last;
    return OK;
}

err ledger_merchants(struct store *store, uint16_t currency, ledger_each_merchant each,
                     void *context)
{
    struct store_statement *rows;
    TRY(store_statement(
        store, "SELECT owner FROM account WHERE kind = ? AND currency = ? ORDER BY owner", &rows));
    store_bind_int(rows, ACCOUNT_MERCHANT_PAYABLE);
    store_bind_int(rows, currency);
    for (;;) {
        bool row = false;
        char mid[ACCOUNT_OWNER_MAX + 1];
        TRY(store_step(rows, &row));
        if (!row) return OK;
        store_read_text_into(rows, mid, sizeof mid);
        err done = store_read_finish(rows);
        if (!FAILED(done)) done = each(context, mid);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

/* ---- lines of a day ---- */

static enum ledger_line_kind line_of(enum transfer_kind kind, bool credit)
{
    if (kind == TRANSFER_POST) return credit ? LEDGER_LINE_TAKEN : LEDGER_LINE_GIVEN;
    if (kind == TRANSFER_REVERSE) return LEDGER_LINE_TURNED;
    if (kind == TRANSFER_FEE) return LEDGER_LINE_FEE;
    if (kind == TRANSFER_FEE_BACK) return LEDGER_LINE_FEE_BACK;
    if (kind == TRANSFER_INSTALMENT) return LEDGER_LINE_INSTALMENT;
    if (kind == TRANSFER_INSTALMENT_BACK) return LEDGER_LINE_INSTALMENT_BACK;
    return transfer_is_order(kind) ? LEDGER_LINE_ORDER : LEDGER_LINES;
}

const char *ledger_line_name(enum ledger_line_kind kind)
{
    static const char *const names[LEDGER_LINES] = {
        "taken", "given", "turned", "fee", "fee_back", "instalment", "instalment_back", "order"};
    return kind < LEDGER_LINES ? names[kind] : "?";
}

/* What stands in a row: the line of its own, and those of what was charged with it. */
struct day_row {
    struct ledger_line line; /* LEDGER_LINES as its kind when it moved no posted money */
    enum charge_way way;
    struct position_fee fee;
};

static err read_row(struct store_statement *row, struct day_row *out)
{
    int64_t id = store_read_int(row);
    struct day_row r = {.line = {.at_ms = store_read_int(row)}};
    enum transfer_kind kind = (enum transfer_kind)store_read_int(row);
    int64_t debit = store_read_int(row);
    r.line.minor = store_read_int(row);
    struct bytes key = store_read_blob(row);
    for (size_t i = 8; transfer_is_order(kind) && i < key.len; i++)
        r.line.order = r.line.order << 8 | key.at[i];
    r.line.rule = (uint32_t)store_read_int(row);
    r.line.agreement = store_read_int(row);
    r.way = (enum charge_way)store_read_int(row);
    ledger_read_fee(row, &r.fee);
    int64_t account = store_read_int(row);
    store_read_text_into(row, r.line.mid, sizeof r.line.mid);
    r.line.kind = line_of(kind, debit != account);
    r.line.seq = id >> (TRANSFER_SUB_BITS + TRANSFER_KIND_BITS);
    if (debit == account) r.line.minor = -r.line.minor;
    TRY(store_read_finish(row));
    *out = r;
    return OK;
}

/* A part of a charge as a line beside that of its payment. */
static err give_part(const struct day_row *r, enum transfer_kind kind, int64_t minor, uint32_t rule,
                     int64_t agreement, ledger_each_line each, void *context)
{
    struct ledger_line part = r->line;
    if (minor == 0) return OK;
    part.kind = line_of(kind, false);
    part.minor = r->way == CHARGE_TAKEN ? -minor : minor;
    part.rule = rule;
    part.agreement = agreement;
    return each(context, &part);
}

static err give_lines(const struct day_row *r, ledger_each_line each, void *context)
{
    bool taken = r->way == CHARGE_TAKEN;
    struct ledger_line line = r->line;
    if (r->way != CHARGE_NONE) line.rule = 0, line.agreement = 0; /* they are the fee's */
    TRY(each(context, &line));
    if (r->way == CHARGE_NONE) return OK;
    TRY(give_part(r, taken ? TRANSFER_FEE : TRANSFER_FEE_BACK, r->fee.fee_minor, r->fee.rule,
                  r->fee.agreement, each, context));
    return give_part(r, taken ? TRANSFER_INSTALMENT : TRANSFER_INSTALMENT_BACK,
                     r->fee.instalment_minor, 0, 0, each, context);
}

/* The range of numbers in which transfers of this day are; others may be among them. */
static err read_range(struct store *store, int32_t day, int64_t *ret_first, int64_t *ret_last)
{
    struct store_statement *select;
    bool row = false;
    TRY(store_statement(store, "SELECT first, last FROM day_range WHERE day = ?", &select));
    store_bind_int(select, day);
    TRY(store_step(select, &row));
    *ret_first = 1;
    *ret_last = 0;
    if (!row) return OK;
    *ret_first = store_read_int(select);
    *ret_last = store_read_int(select);
    err read = store_read_finish(select);
    store_reset(select);
    return read;
}

err ledger_day_lines(struct store *store, const char *mid, uint16_t currency, int32_t day,
                     ledger_each_line each, void *context)
{
    struct store_statement *rows;
    int64_t first = 0, last = 0;
    TRY(read_range(store, day, &first, &last));
    /* One side of a transfer at most is a merchant's payable. */
    TRY(store_statement(store,
                        "SELECT t.id, at_ms, t.kind, debit, amount_minor, key, rule, agreement,"
                        " charge, " LEDGER_FEE_COLUMNS ", a.id, owner"
                        " FROM booking t JOIN account a ON a.id IN (debit, credit)"
                        " WHERE t.id BETWEEN ? AND ? AND a.kind = ? AND currency = ?"
                        " AND (? = '' OR owner = ?) ORDER BY t.id",
                        &rows));
    store_bind_int(rows, first);
    store_bind_int(rows, last);
    store_bind_int(rows, ACCOUNT_MERCHANT_PAYABLE);
    store_bind_int(rows, currency);
    store_bind_text(rows, bytes_text(mid != NULL ? mid : ""));
    store_bind_text(rows, bytes_text(mid != NULL ? mid : ""));
    for (;;) {
        bool row = false;
        struct day_row r;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_row(rows, &r);
        bool counts = !FAILED(done) && r.line.kind < LEDGER_LINES &&
                      workday_of(r.line.at_ms > 0 ? r.line.at_ms : 0) == day;
        if (counts) done = give_lines(&r, each, context);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}
