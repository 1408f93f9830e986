/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* census: every payment that the acquirer knows, by its key, in its last state of the journal. */

#include "journal/close.h"
#include "journal/order.h"
#include "ledger/account.h"
#include "payment/batch.h"
#include "tests/simulation/gate.h"

enum { CENSUS_SPOILT_MAX = 1 << 14 };

struct decided {
    struct payment payment;
    bool seen_at_terminal, reversed_at_terminal;
    bool was_approved;      /* in some row, whatever became of it */
    int64_t standing_minor; /* what it has brought the merchant up to the row that was read last */
    bool kept;              /* a work item says that its terminal wanted to reverse it, too late */
    bool late;              /* and that its wallet made it after its batch was closed */
};

/* A payment that was made wrong at its terminal, before a settlement. */
struct spoilt {
    struct payment_key key;
    uint8_t way;
    bool named; /* by a work item */
};

/* Every money order, counted in the one sequence of journal and orders. */
struct census_orders {
    struct journal_order *row;
    size_t count, counted;
    int64_t there_minor; /* what the merchant could be paid, fees aside */
    int64_t sum_minor[ORDER_KINDS], fee_minor[ORDER_KINDS];
};

struct census {
    struct world *w;
    struct side_terminal *terminal; /* whose payments are looked at */
    struct decided *row;            /* by the hash of the key; state NONE is free */
    size_t capacity;                /* a power of two */
    size_t approved;                /* of a kind that moves money */
    int64_t approved_minor;
    struct census_orders orders;
    struct provider_row { /* what the providers over HTTP have, of all days */
        struct clearing_row row;
        int32_t day;
    } * provider;
    size_t providers;
    size_t plates; /* of these, by plates: in no batch of a terminal */
    int64_t plates_minor;
    size_t disputed; /* approved by cards, and settled; paid by nobody yet */
    int64_t disputed_minor;
    size_t spoilt_count;
    struct spoilt spoilt[CENSUS_SPOILT_MAX];
};

/* Its place, or the free one where it belongs. */
struct decided *census_slot(struct census *c, const struct payment_key *key);

/* What the network has under this reference; NULL. */
const struct entry *census_entry(const struct census *c, const char *rrn);

/* explain.c: with --verbose, every journal row of this reference and of what has followed it */
void census_explain(const struct census *c, const char *rrn);

/* accounts.c: no original has been given back, completed or ended more than may be */
void census_check_followers(struct census *c);
/* accounts.c: what each customer's account says is what his payments add up to */
void census_check_accounts(struct census *c);

/* orders.c: all of them are read first; then every journal row is seen, in order. */
MUST_USE err orders_read(struct census *c);
void orders_free(struct census *c);
void orders_up_to(struct census *c, int64_t seq); /* those that count before this row */
void orders_see(struct census *c, const struct payment *p, int64_t *standing_minor);
int64_t orders_moved(const struct census *c); /* on what is owed to the merchant */
MUST_USE err orders_account(void *context, const struct account *account);
MUST_USE err orders_check(struct census *c);

/* plates.c: what customers have paid by plates is in their days' sums, and within the limits */
MUST_USE err plates_check(struct census *c);

/* clearing.c: the networks' files of each day and the journal agree */
MUST_USE err clearing_check(struct census *c);

/* replaced_check.c: of the terminal that is looked at. What stood in the backup, was told to nobody
 * and opens at no other device; and all that its device had when it was destroyed. */
bool replaced_aside(struct census *c, const struct payment *p);
MUST_USE err replaced_check(struct census *c);
/* Did a device want it back that was destroyed since? The one that was restored believes the host.
 */
bool replaced_took_back(const struct census *c, const struct payment_key *key);
/* Is this item of such a payment? */
bool replaced_item(struct census *c, const struct journal_item *item);

/* settlements.c */
MUST_USE err settlements_put_right(struct census *c);
MUST_USE err settlements_kept(struct census *c);
MUST_USE err settlements_check(struct census *c);
