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

static bool is_fee(enum transfer_kind kind)
{
    return kind == TRANSFER_FEE || kind == TRANSFER_FEE_BACK ||
           (kind >= TRANSFER_ISSUER && kind <= TRANSFER_NETWORK_BACK);
}

err ledger_write(struct ledger *ledger, const struct ledger_entry *entry, enum transfer_kind kind,
                 uint32_t debit, uint32_t credit, int64_t amount_minor, struct transfer_by by)
{
    ENSURE(amount_minor > 0 && debit != credit && kind < TRANSFER_KINDS);
    ENSURE(transfer_is_order(kind) || (by.rule != 0) == is_fee(kind));
    struct store_statement *insert;
    int64_t id = transfer_id(ledger->at.seq, ledger->sub, kind);
    TRY(ledger_day_note(ledger, entry->at_ms, id));
    TRY(store_statement(ledger->store,
                        "INSERT INTO transfer(id, at_ms, kind, key, debit, credit, amount_minor,"
                        " rule, agreement) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &insert));
    store_bind_int(insert, id);
    store_bind_int(insert, entry->at_ms);
    store_bind_int(insert, (int64_t)kind);
    store_bind_blob(insert, BYTES_OF(entry->key));
    store_bind_int(insert, (int64_t)debit + 1);
    store_bind_int(insert, (int64_t)credit + 1);
    store_bind_int(insert, amount_minor);
    store_bind_int(insert, by.rule);
    store_bind_int(insert, by.agreement);
    return store_run(insert);
}

err ledger_move_posted(struct ledger *ledger, const struct ledger_entry *entry,
                       enum transfer_kind kind, uint32_t debit, uint32_t credit,
                       int64_t amount_minor, struct transfer_by by)
{
    enum transfer_verdict verdict =
        ledger_move(ledger_touch(ledger, debit), ledger_touch(ledger, credit), amount_minor);
    if (verdict != TRANSFER_OK)
        return ledger_conflict(ledger, entry, transfer_verdict_text(verdict));
    TRY(ledger_day(ledger, entry->at_ms, debit, credit, amount_minor));
    return ledger_write(ledger, entry, kind, debit, credit, amount_minor, by);
}

bool ledger_note_fee(struct position_fee *fee, enum transfer_kind kind, int64_t amount_minor,
                     struct transfer_by by)
{
    if (kind == TRANSFER_INSTALMENT || kind == TRANSFER_INSTALMENT_BACK) {
        fee->instalment_minor = amount_minor;
        return true;
    }
    if (!is_fee(kind)) return false;
    if (kind == TRANSFER_FEE || kind == TRANSFER_FEE_BACK) {
        fee->fee_minor = amount_minor;
        fee->rule = by.rule;
        fee->agreement = by.agreement;
        return true;
    }
    fee->share_rule = by.rule;
    bool issuer = kind == TRANSFER_ISSUER || kind == TRANSFER_ISSUER_BACK;
    *(issuer ? &fee->issuer_minor : &fee->network_minor) = amount_minor;
    return true;
}

/* Books a fee and its shares, in the direction of one that is taken or of one that goes back. */
static err book_fee(struct ledger *ledger, const struct ledger_entry *entry, uint32_t merchant,
                    const struct position_fee *fee, bool back)
{
    const struct {
        enum account_kind payer, taker;
        enum transfer_kind take, back;
        int64_t minor;
        struct transfer_by by;
    } parts[] = {
        {ACCOUNT_MERCHANT_PAYABLE,
         ACCOUNT_FEE_INCOME,
         TRANSFER_FEE,
         TRANSFER_FEE_BACK,
         fee->fee_minor,
         {fee->rule, fee->agreement}},
        {ACCOUNT_NETWORK_COST,
         ACCOUNT_ISSUER_FEE,
         TRANSFER_ISSUER,
         TRANSFER_ISSUER_BACK,
         fee->issuer_minor,
         {fee->share_rule, 0}},
        {ACCOUNT_NETWORK_COST,
         ACCOUNT_NETWORK_FEE,
         TRANSFER_NETWORK,
         TRANSFER_NETWORK_BACK,
         fee->network_minor,
         {fee->share_rule, 0}},
        {ACCOUNT_MERCHANT_PAYABLE,
         ACCOUNT_INSTALMENT_FEE,
         TRANSFER_INSTALMENT,
         TRANSFER_INSTALMENT_BACK,
         fee->instalment_minor,
         {0, 0}},
    };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        uint32_t payer = merchant, taker = 0;
        if (parts[i].minor == 0) continue;
        if (parts[i].payer != ACCOUNT_MERCHANT_PAYABLE)
            TRY(ledger_book_of(ledger, entry, parts[i].payer, &payer));
        TRY(ledger_book_of(ledger, entry, parts[i].taker, &taker));
        TRY(ledger_move_posted(ledger, entry, back ? parts[i].back : parts[i].take,
                               back ? taker : payer, back ? payer : taker, parts[i].minor,
                               parts[i].by));
    }
    return OK;
}

static struct position_fee fee_of(const struct ledger_entry *entry)
{
    const struct fee_rule *rule = fee_rule_for(entry->plan, entry->class, entry->at_ms);
    const struct fee_share_rule *share_rule = fee_share_rule_for(entry->class, entry->at_ms);
    struct position_fee fee = {.fee_minor = fee_amount(rule, entry->amount_minor),
                               .instalment_minor = entry->instalment_minor};
    struct fee_shares shares = fee_shares_of(share_rule, entry->amount_minor, fee.fee_minor);
    fee.issuer_minor = shares.issuer_minor;
    fee.network_minor = shares.network_minor;
    if (fee.fee_minor > 0) {
        fee.rule = rule->version;
        fee.agreement = entry->agreement;
    }
    if (fee.issuer_minor + fee.network_minor > 0) fee.share_rule = share_rule->version;
    return fee;
}

err ledger_charge(struct ledger *ledger, const struct ledger_entry *entry,
                  struct position *position)
{
    bool gives = ledger_gives(entry);
    if (gives) TRY(ledger_give_fee(ledger, entry, &position->fee));
    else position->fee = fee_of(entry);
    return book_fee(ledger, entry, gives ? position->debit : position->credit, &position->fee,
                    gives);
}

err ledger_uncharge(struct ledger *ledger, const struct ledger_entry *entry,
                    const struct position *position)
{
    bool gives = ledger_gives(entry);
    if (gives) TRY(ledger_take_fee_again(ledger, entry, &position->fee));
    return book_fee(ledger, entry, gives ? position->debit : position->credit, &position->fee,
                    !gives);
}
