/* SPDX-License-Identifier: Apache-2.0 */
/* Two accounts and an amount: decide first, then change both sides, so that no sum is ever alone.
 */
#include "ledger/transfer.h"

/* True when every later sum of this side, pending and posted together, still fits. */
static bool fits(int64_t pending, int64_t posted, int64_t amount_minor)
{
    int64_t total;
    return !__builtin_add_overflow(pending, posted, &total) &&
           !__builtin_add_overflow(total, amount_minor, &total);
}

static bool is_sound(const struct account *account)
{
    return account->debits_pending >= 0 && account->debits_posted >= 0 &&
           account->credits_pending >= 0 && account->credits_posted >= 0;
}

static enum transfer_verdict judge(const struct account *debit, const struct account *credit,
                                   int64_t amount_minor)
{
    ENSURE(amount_minor >= 0);
    ENSURE(is_sound(debit) && is_sound(credit));
    if (amount_minor == 0) return TRANSFER_AMOUNT_ZERO;
    if (debit == credit) return TRANSFER_SAME_ACCOUNT;
    if (debit->currency != credit->currency) return TRANSFER_CURRENCY;
    if (!fits(debit->debits_pending, debit->debits_posted, amount_minor)) return TRANSFER_OVERFLOW;
    if (!fits(credit->credits_pending, credit->credits_posted, amount_minor))
        return TRANSFER_OVERFLOW;
    int64_t debits = debit->debits_pending + debit->debits_posted + amount_minor;
    if (debit->debits_limited && debits > debit->credits_posted) return TRANSFER_OVER_LIMIT;
    return TRANSFER_OK;
}

enum transfer_verdict ledger_hold(struct account *debit, struct account *credit,
                                  int64_t amount_minor)
{
    enum transfer_verdict verdict = judge(debit, credit, amount_minor);
    if (verdict != TRANSFER_OK) return verdict;
    debit->debits_pending += amount_minor;
    credit->credits_pending += amount_minor;
    return TRANSFER_OK;
}

void ledger_release(struct account *debit, struct account *credit, int64_t amount_minor)
{
    ENSURE(debit != credit && debit->currency == credit->currency && amount_minor > 0);
    ENSURE(debit->debits_pending >= amount_minor);
    ENSURE(credit->credits_pending >= amount_minor);
    debit->debits_pending -= amount_minor;
    credit->credits_pending -= amount_minor;
}

void ledger_post(struct account *debit, struct account *credit, int64_t amount_minor)
{
    ledger_release(debit, credit, amount_minor);
    debit->debits_posted += amount_minor;
    credit->credits_posted += amount_minor;
}

enum transfer_verdict ledger_shift(struct account *to, struct account *from, int64_t amount_minor)
{
    enum transfer_verdict verdict = judge(to, from, amount_minor);
    if (verdict != TRANSFER_OK) return verdict;
    ENSURE(from->debits_pending >= amount_minor);
    to->debits_pending += amount_minor;
    from->debits_pending -= amount_minor;
    return TRANSFER_OK;
}

enum transfer_verdict ledger_move(struct account *debit, struct account *credit,
                                  int64_t amount_minor)
{
    enum transfer_verdict verdict = judge(debit, credit, amount_minor);
    if (verdict != TRANSFER_OK) return verdict;
    debit->debits_posted += amount_minor;
    credit->credits_posted += amount_minor;
    return TRANSFER_OK;
}

const char *transfer_verdict_text(enum transfer_verdict verdict)
{
    static const char *const text[TRANSFER_VERDICTS] = {
        [TRANSFER_OK] = "accepted",
        [TRANSFER_AMOUNT_ZERO] = "amount is zero",
        [TRANSFER_SAME_ACCOUNT] = "both sides are one account",
        [TRANSFER_CURRENCY] = "the accounts are of different currencies",
        [TRANSFER_OVERFLOW] = "a sum would not fit",
        [TRANSFER_OVER_LIMIT] = "more than the account may be debited",
    };
    ENSURE(verdict < TRANSFER_VERDICTS);
    return text[verdict];
}
