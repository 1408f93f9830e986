/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transfers, and the fee that goes with a payment: taken from the merchant by the rule of his plan,
 * and beside it what issuer and network get, by a rule of their own; and the issuer's fee for
 * instalments, when the merchant bears it. All go back together.
 */
#include "ledger/internal.h"
#include "lib/base/writer.h"

static const char *const network_owner[LEDGER_NETWORKS] = {
    [LEDGER_CARD_NETWORK] = "card-network",
    [LEDGER_WALLET] = "wallet",
};

err ledger_conflict(struct ledger *ledger, const struct ledger_entry *entry, const char *why)
{
    char what[48];
    bool order = entry->kind == LEDGER_ORDER;
    struct writer w = writer_over(what, sizeof what - 1);
    write_format(&w, "%s %lld cannot be folded", order ? "money order" : "journal row",
                 (long long)(order ? entry->order : entry->seq));
    what[w.len] = '\0';
    return store_refuse(ledger->store, ERR(CONFLICT), what, why);
}

err ledger_book_of(struct ledger *ledger, const struct ledger_entry *entry, enum account_kind kind,
                   uint32_t *ret_place)
{
    enum account_owner owner = account_row(kind)->owner;
    const char *name = owner == ACCOUNT_OWNER_MERCHANT  ? entry->merchant
                       : owner == ACCOUNT_OWNER_NETWORK ? network_owner[entry->network]
                                                        : "";
    return ledger_book(ledger, kind, name, entry->currency, ret_place);
}

/* The columns that every row has. */
static err bind_row(struct ledger *ledger, const struct ledger_entry *entry,
                    enum transfer_kind kind, uint32_t debit, uint32_t credit, int64_t amount_minor,
                    struct store_statement *insert)
{
    ENSURE(amount_minor > 0 && debit != credit && kind < TRANSFER_KINDS);
    int64_t id = transfer_id(ledger->at.seq, ledger->sub, kind);
    TRY(ledger_day_note(ledger, entry->at_ms, id));
    store_bind_int(insert, id);
    store_bind_int(insert, entry->at_ms);
    store_bind_int(insert, (int64_t)kind);
    store_bind_blob(insert, BYTES_OF(entry->key));
    store_bind_int(insert, (int64_t)debit + 1);
    store_bind_int(insert, (int64_t)credit + 1);
    store_bind_int(insert, amount_minor);
    return OK;
}

err ledger_write(struct ledger *ledger, const struct ledger_entry *entry, enum transfer_kind kind,
                 uint32_t debit, uint32_t credit, int64_t amount_minor, uint32_t rule)
{
    ENSURE(transfer_is_order(kind) || rule == 0);
    struct store_statement *insert;
    TRY(store_statement(ledger->store,
                        "INSERT INTO booking(id, at_ms, kind, key, debit, credit, amount_minor,"
                        " rule, agreement) VALUES(?, ?, ?, ?, ?, ?, ?, ?, 0)",
                        &insert));
    TRY(bind_row(ledger, entry, kind, debit, credit, amount_minor, insert));
    store_bind_int(insert, rule);
    return store_run(insert);
}

err ledger_write_beside(struct ledger *ledger, const struct ledger_entry *entry,
                        enum transfer_kind kind, uint32_t debit, uint32_t credit,
                        int64_t amount_minor, const struct beside *beside)
{
    const struct position_fee *fee = &beside->fee;
    struct store_statement *insert;
    if (beside->way == CHARGE_NONE && beside->hold_seq == 0)
        return ledger_write(ledger, entry, kind, debit, credit, amount_minor, 0);
    ENSURE((fee->fee_minor > 0) == (fee->rule != 0));
    ENSURE((fee->issuer_minor + fee->network_minor > 0) == (fee->share_rule != 0));
    TRY(store_statement(ledger->store,
                        "INSERT INTO booking(id, at_ms, kind, key, debit, credit, amount_minor,"
                        " rule, agreement, charge, fee_minor, income, share_rule, cost,"
                        " issuer_minor, issuer, network_minor, network, instalment_minor,"
                        " instalment, hold_seq, hold_ms)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &insert));
    TRY(bind_row(ledger, entry, kind, debit, credit, amount_minor, insert));
    store_bind_int(insert, fee->rule);
    store_bind_int(insert, fee->agreement);
    store_bind_int(insert, (int64_t)beside->way);
    store_bind_int(insert, fee->fee_minor);
    store_bind_int(insert, beside->income);
    store_bind_int(insert, fee->share_rule);
    store_bind_int(insert, beside->cost);
    store_bind_int(insert, fee->issuer_minor);
    store_bind_int(insert, beside->issuer);
    store_bind_int(insert, fee->network_minor);
    store_bind_int(insert, beside->network);
    store_bind_int(insert, fee->instalment_minor);
    store_bind_int(insert, beside->instalment);
    store_bind_int(insert, beside->hold_seq);
    store_bind_int(insert, beside->hold_ms);
    return store_run(insert);
}

err ledger_write_hold(struct ledger *ledger, const struct position *position)
{
    struct store_statement *insert;
    TRY(store_statement(ledger->store,
                        "INSERT INTO booking(id, at_ms, kind, key, debit, credit, amount_minor,"
                        " rule, agreement) VALUES(?, ?, 0, ?, ?, ?, ?, 0, 0)",
                        &insert));
    static_assert(TRANSFER_HOLD == 0, "in the text above");
    store_bind_int(insert, transfer_id(position->hold_seq, 0, TRANSFER_HOLD));
    store_bind_int(insert, position->hold_ms);
    store_bind_blob(insert, BYTES_OF(position->key));
    store_bind_int(insert, (int64_t)position->debit + 1);
    store_bind_int(insert, (int64_t)position->credit + 1);
    store_bind_int(insert, position->amount_minor);
    return store_run(insert);
}

err ledger_move_posted(struct ledger *ledger, const struct ledger_entry *entry, uint32_t debit,
                       uint32_t credit, int64_t amount_minor)
{
    enum transfer_verdict verdict =
        ledger_move(ledger_touch(ledger, debit), ledger_touch(ledger, credit), amount_minor);
    if (verdict != TRANSFER_OK)
        return ledger_conflict(ledger, entry, transfer_verdict_text(verdict));
    return ledger_day(ledger, entry->at_ms, debit, credit, amount_minor);
}

void ledger_read_fee(struct store_statement *row, struct position_fee *out)
{
    *out = (struct position_fee){.fee_minor = store_read_int(row)};
    out->issuer_minor = store_read_int(row);
    out->network_minor = store_read_int(row);
    out->instalment_minor = store_read_int(row);
    out->rule = (uint32_t)store_read_int(row);
    out->share_rule = (uint32_t)store_read_int(row);
    out->agreement = store_read_int(row);
}

/* Moves a fee and its shares, in the direction of one that is taken or of one that goes back. */
static err move_fee(struct ledger *ledger, const struct ledger_entry *entry, uint32_t merchant,
                    struct beside *beside)
{
    const struct {
        enum account_kind payer, taker;
        int64_t minor;
        int64_t *ret_payer, *ret_taker;
    } parts[] = {
        {ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_FEE_INCOME, beside->fee.fee_minor, NULL,
         &beside->income},
        {ACCOUNT_NETWORK_COST, ACCOUNT_ISSUER_FEE, beside->fee.issuer_minor, &beside->cost,
         &beside->issuer},
        {ACCOUNT_NETWORK_COST, ACCOUNT_NETWORK_FEE, beside->fee.network_minor, &beside->cost,
         &beside->network},
        {ACCOUNT_MERCHANT_PAYABLE, ACCOUNT_INSTALMENT_FEE, beside->fee.instalment_minor, NULL,
         &beside->instalment},
    };
    bool back = beside->way == CHARGE_BACK, any = false;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        uint32_t payer = merchant, taker = 0;
        if (parts[i].minor == 0) continue;
        if (parts[i].ret_payer != NULL) {
            TRY(ledger_book_of(ledger, entry, parts[i].payer, &payer));
            *parts[i].ret_payer = (int64_t)payer + 1;
        }
        TRY(ledger_book_of(ledger, entry, parts[i].taker, &taker));
        *parts[i].ret_taker = (int64_t)taker + 1;
        TRY(ledger_move_posted(ledger, entry, back ? taker : payer, back ? payer : taker,
                               parts[i].minor));
        any = true;
    }
    if (!any) beside->way = CHARGE_NONE;
    return OK;
}

/* Nothing where nothing was signed: a fee that is not agreed is nobody's to take. */
static int64_t agreed_fee(const struct fee_rule *rule, int64_t amount_minor)
{
    return rule == NULL ? 0 : fee_amount(rule, amount_minor);
}

/* `paid`: by its network, whose shares come out of that; what was refused brings it nothing, and
 * the merchant's fee, by the rule of his plan, is all ours. */
static struct position_fee fee_of(const struct ledger_entry *entry, bool paid)
{
    const struct fee_rule *rule =
        fee_rule_agreed(entry->plan, entry->class, entry->at_ms, entry->signed_ms);
    const struct fee_share_rule *share_rule = fee_share_rule_for(entry->class, entry->at_ms);
    struct position_fee fee = {.fee_minor = agreed_fee(rule, entry->amount_minor)};
    struct fee_shares shares = fee_shares_of(share_rule, entry->amount_minor, fee.fee_minor);
    if (paid) {
        fee.issuer_minor = shares.issuer_minor;
        fee.network_minor = shares.network_minor;
        fee.instalment_minor = entry->instalment_minor;
    }
    if (fee.fee_minor > 0) {
        fee.rule = rule->version;
        fee.agreement = entry->agreement;
    }
    if (fee.issuer_minor + fee.network_minor > 0) fee.share_rule = share_rule->version;
    return fee;
}

err ledger_charge(struct ledger *ledger, const struct ledger_entry *entry,
                  struct position *position, struct beside *beside)
{
    bool gives = ledger_gives(entry);
    if (gives) TRY(ledger_give_fee(ledger, entry, &position->fee));
    else position->fee = fee_of(entry, !position->shifted);
    beside->way = gives ? CHARGE_BACK : CHARGE_TAKEN;
    beside->fee = position->fee;
    return move_fee(ledger, entry, gives ? position->debit : position->credit, beside);
}

err ledger_uncharge(struct ledger *ledger, const struct ledger_entry *entry,
                    const struct position *position, struct beside *beside)
{
    bool gives = ledger_gives(entry);
    if (gives) TRY(ledger_take_fee_again(ledger, entry, &position->fee));
    beside->way = gives ? CHARGE_TAKEN : CHARGE_BACK;
    beside->fee = position->fee;
    return move_fee(ledger, entry, gives ? position->debit : position->credit, beside);
}
