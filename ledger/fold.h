/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fold: entries, numbered as the journal rows they come from, into transfers and balances; and
 * money orders, which are numbered for themselves and count after a journal row.
 *
 * A ledger is a file of its own (ledger.db) that can be thrown away and rebuilt. Entries are folded
 * in bulk; how far it has come stands in it and moves in the same transaction, so a crash repeats
 * nothing and loses nothing. Folding an entry again changes nothing; a gap in the numbers is an
 * error.
 *
 * The ledger knows money and accounts, not cards: whoever reads the journal makes an entry of EVERY
 * row, in order, by this table (event of the row, state after it):
 *
 *   SUBMIT        -> PENDING     LEDGER_HOLD     merchant = mid, network = route, amount
 *   APPROVE       -> APPROVED    LEDGER_POST     class = card class, at_ms of the row, plan
 *   DECLINE       -> DECLINED    LEDGER_UNDO
 *   REVERSAL_ACK  -> REVERSED    LEDGER_UNDO
 *   REVERSE       -> REVERSED    LEDGER_UNDO     (of a declined one: nothing is left to undo)
 *   ADVISE        -> OFFLINE     LEDGER_HOLD     a card has approved it; the network does not know
 *   DECLINE       -> DISPUTED    LEDGER_DISPUTE  its issuer will not pay what the card approved
 *   anything else                LEDGER_NOTHING  (TIMEOUT, late answers: the money is undecided or
 *                                                 decided already)
 *
 * What gives money back (reason VOIDED or REFUNDED) is held, posted and undone the other way round:
 * debit merchant, credit network; its fee is the share of the original's that goes back with it.
 *
 * With its fee a payment books what issuer and network get of it, and gives it back with the fee.
 * One that was disputed and is approved after all is paid by the acquirer: the fee of the
 * merchant's plan is booked, and neither issuer nor network gets a share.
 *
 * A sale in instalments whose merchant bears the issuer's fee takes that fee from him as well, as a
 * transfer of its own: a void gives it back whole, a refund its share.
 *
 * An order (LEDGER_ORDER) is up to LEDGER_MOVES_MAX moves of posted money between accounts: which,
 * is for whoever makes the entries to say.
 *
 * What is posted is added up for each account and business day as well (ledger/workday.h), by the
 * time of the entry: from that, statements and payouts know what a balance was.
 *
 * LEDGER_DISPUTE turns what the network was to owe into what a person has to look at: the hold of
 * the merchant stays, against suspense. LEDGER_UNDO releases what is held and turns back what was
 * posted, fee included; of a payment that is undone already it is a repeat. Plan and agreement
 * come from the row: a fold may depend on nothing that can change later.
 *
 * Memory: every open hold, and the last LEDGER_RECENT decided payments, by their key; an older one
 * is found by reading the transfers backwards, which is slow and right.
 */

#include "ledger/fee.h"
#include "ledger/transfer.h"
#include "lib/store/migrate.h"

enum {
    LEDGER_KEY_LEN = 16, /* TID (8), batch and STAN (4 each, big-endian): exact, no digest */
    LEDGER_RECENT = 1 << 18,
    LEDGER_OPEN_MAX =
        1 << 18, /* holds at one time: payments under way and reversals unacknowledged */
    LEDGER_ACCOUNTS_MAX = 1 << 17,
    LEDGER_BATCH_MAX = 1 << 13, /* entries in one transaction */
};

enum ledger_kind {
    LEDGER_NOTHING,
    LEDGER_HOLD,
    LEDGER_POST,
    LEDGER_UNDO,
    LEDGER_DISPUTE,
    LEDGER_ORDER,
    LEDGER_KINDS
};

/* On disk: added to, never renumbered. */
enum ledger_network { LEDGER_CARD_NETWORK = 1, LEDGER_WALLET = 2, LEDGER_NETWORKS };

enum { LEDGER_MOVES_MAX = 3 };

/* From the debit of one account to the credit of another; each is its owner's by its kind: the
 * entry's merchant, the entry's network, or nobody's. */
struct ledger_move {
    enum account_kind debit, credit; /* NONE: there is no such move */
    int64_t amount_minor;
    uint32_t rule; /* 0: none */
};

/* How far a ledger has come: journal rows, and orders after the last of them. */
struct ledger_position {
    int64_t seq, order;
};

struct ledger_entry {
    int64_t seq;   /* of the journal row: 1, 2, 3 ...; of an order: the row after which it counts */
    int64_t order; /* LEDGER_ORDER: its number 1, 2, 3 ...; otherwise 0 */
    int64_t at_ms; /* of the journal row */
    enum ledger_kind kind;
    /* The rest is not looked at when the kind is LEDGER_NOTHING. */
    uint8_t key[LEDGER_KEY_LEN];
    char merchant[ACCOUNT_OWNER_MAX + 1];
    enum ledger_network network;
    int64_t amount_minor;
    uint16_t currency;
    enum fee_class class; /* LEDGER_POST only, as is the plan */
    uint32_t plan;
    int64_t agreement; /* the merchant's, by which he has that plan; 0: none was written down */
    int64_t signed_ms; /* of which moment the plan's rules are that he has signed (fee.h) */
    /* LEDGER_POST only: the issuer's fee for instalments as it was agreed, when the merchant bears
     * it; at most the amount. 0 otherwise, and for what gives money back. */
    int64_t instalment_minor;
    /* What gives money back says of which entry it is: the number of the LEDGER_POST. */
    enum fee_reason reason;
    int64_t original_seq;
    /* LEDGER_ORDER only, which uses neither key nor amount. */
    struct ledger_move move[LEDGER_MOVES_MAX];
};

/* Writes the key of an entry. `tid` has at most 8 bytes. */
void ledger_key(uint8_t key[static LEDGER_KEY_LEN], const char *tid, uint32_t batch, uint32_t stan);

/* ---- the ledger -------------------------------------------------------------------------------
 */

struct ledger;

extern const struct store_schema ledger_schema;

/*
 * Opens ledger.db and reads accounts, open holds and recent payments. `fault` may be NULL. The
 * caller owns it: ledger_close(). With STORE_READ_ONLY it can be looked at, not folded into.
 */
MUST_USE err ledger_open(const char *path, enum store_mode mode, struct store_fault *fault,
                         struct ledger **ret_ledger);
void ledger_close(struct ledger *ledger); /* NULL is allowed */

const char *ledger_error_text(const struct ledger *ledger);

/* The store beneath: for a checkpointer, for store_set_fault(). A view. */
struct store *ledger_store(struct ledger *ledger);

/* The number of the last journal row that was folded, 0 at the beginning; and with it the last
 * order. */
int64_t ledger_seq(const struct ledger *ledger);
struct ledger_position ledger_reached(const struct ledger *ledger);

/*
 * Folds `count` entries (at most LEDGER_BATCH_MAX) in one transaction. Entries that are folded
 * already are passed over; the others must follow one another and ledger_reached(): a row has the
 * next number, an order the next of its own and the row reached. Errors: CORRUPT (a gap), CONFLICT
 * (an entry that cannot follow what the ledger knows: a post without a hold, another amount under
 * the same key, a refused transfer), NO_MEMORY (a limit above) and those of lib/store. All or
 * nothing: after an error nothing of these entries is in the ledger.
 */
MUST_USE err ledger_fold(struct ledger *ledger, const struct ledger_entry *entries, size_t count);

/* ---- looking at it ----------------------------------------------------------------------------
 */

/* Calls `each` for every account in the order of the ids; an error it returns ends the walk. */
typedef err (*ledger_each_account)(void *context, const struct account *account);
MUST_USE err ledger_accounts(struct ledger *ledger, ledger_each_account each, void *context);

/* The sums of one currency, and whether they balance. */
struct ledger_balance {
    uint16_t currency;
    int64_t debits_pending, credits_pending;
    int64_t debits_posted, credits_posted;
    bool balanced;
};

enum { LEDGER_CURRENCIES_MAX = 16 };

struct ledger_trial {
    size_t currencies;
    struct ledger_balance balance[LEDGER_CURRENCIES_MAX];
    size_t accounts;
    size_t open_holds;
    int64_t transfers;
    int64_t seq, order;
    bool balanced;        /* every currency */
    bool transfers_agree; /* the accounts are what the transfers add up to */
};

/* Sums all accounts, and all transfers for comparison, in one snapshot. Reads the whole ledger. */
MUST_USE err ledger_trial_balance(struct ledger *ledger, struct ledger_trial *ret_trial);

/*
 * Reads the entries that follow `after` into `entries`, up to `max`; 0 is the end.
 * What a rebuild asks for; the acquirer gives it journal and orders.
 */
typedef err (*ledger_source)(void *context, struct ledger_position after,
                             struct ledger_entry *entries, size_t max, size_t *ret_count);

struct ledger_difference {
    bool same;
    int64_t seq, order; /* how far both were compared */
    char text[160];     /* the first difference: which account or which row */
};

/*
 * Folds everything from `source` again, as far as this ledger has come, into a fresh one in memory,
 * and compares every account and every transfer. CORRUPT when the source ends before this ledger
 * does.
 */
MUST_USE err ledger_rebuild_compare(struct ledger *ledger, ledger_source source, void *context,
                                    struct ledger_difference *ret_difference);
