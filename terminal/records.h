/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * records: what the terminal keeps: one row of state, a row for every payment, and the audit chain.
 *
 * A payment costs two commits: one before it is sent (its row, and the STAN that it used), one with
 * its result. Receipts are not stored: they are made anew from the row, which is all they are made
 * of. The fields of this struct mirror the row of state and change only after the commit has.
 */

#include "lib/store/store.h"
#include "lib/wire/device_parameters.h"
#include "payment/basket.h"
#include "payment/payment.h"
#include "payment/receipt.h"
#include "terminal/screen.h"

/* How digits stand on the keypad of a secret entry, and how much others see of it (S73). */
enum keypad_mode {
    KEYPAD_STANDARD, /* PINs in another place each time, passwords in fixed ones */
    KEYPAD_PRIVATE,  /* all in another place each time; the screen is dim, keys do not light up */
    KEYPAD_FIXED,    /* all in fixed places: for the blind, and for readers of the screen */
    KEYPAD_MODES
};

/* SQL: of an approved payment by its type, as payment/kind.c says: 2, 3, 9, 11 give back, 4 to 6
 * hold.
 */
#define RECORDS_SIGN \
    " * CASE WHEN type IN (2, 3, 9, 11) THEN -1 WHEN type IN (4, 5, 6, 13, 14, 15) THEN 0 ELSE 1 END"
/* Of an order, which is paid with points as well. */
#define RECORDS_ORDER_SIGN \
    " * CASE WHEN type IN (2, 3, 9, 11, 14, 15) THEN -1 WHEN type IN (4, 5, 6) THEN 0 ELSE 1 END"

/* A slip that no payment has to show for itself: the one that takes an earlier one back, of a
 * payment that was told and has been refused, or the one of a whole order. On disk. */
enum records_paper {
    RECORDS_NOTHING,
    RECORDS_OWED,  /* nobody has begun it: it is printed by itself */
    RECORDS_BEGUN, /* on its way to the printer: after a restart nobody knows whether it came out */
};

struct records_slip {
    int64_t number; /* of the payment; that of an order is below nothing; 0: there is none */
    uint32_t said;  /* by which people know it: voucher of the payment, number of the order */
    int64_t minor;
};

struct records {
    struct store *store;
    enum language language;
    uint32_t batch;      /* 0 before the first sign-in */
    uint32_t stan;       /* the last one used */
    uint32_t batch_used; /* STANs used since the batch began: none may be used twice in it */
    int64_t clock_offset_ms;
    bool signed_in;
    int64_t signed_in_ms; /* since then */
    enum keypad_mode keypad;
    char locked_by[3];   /* operator who has locked the terminal, or empty */
    int64_t seen_ms;     /* latest time that a commit has seen: a clock before it is wrong */
    int64_t last_number; /* newest payment; 0: none */
    unsigned batch_count, batch_approved;
    int64_t batch_minor;    /* approved in this batch */
    int64_t batch_since_ms; /* its first payment; 0: there is none */
    unsigned unsent;        /* payments in REVERSING */
    /* Payments in OFFLINE, which the host has not heard of: how many, how much, since when. */
    unsigned offline;
    int64_t offline_minor, offline_since_ms;
    unsigned notices; /* of them, completions: the host may refuse one of these */
    /* Payments in DISPUTED, which the host will not take: how many, how much, and of how many the
     * card data is kept, so that they can be told again. */
    unsigned disputed, disputed_kept;
    int64_t disputed_minor;
    int64_t printing;            /* the owed slip that the printer has now; not in the store */
    struct records_slip doubted; /* the oldest that is RECORDS_BEGUN otherwise */
    /* What the back office has set (afar.h): it holds before what is in the store. NULL: nothing.
     */
    const struct device_parameters *afar;
};

/* Brings the schema up and reads the state. */
MUST_USE err records_open(struct records *r, struct store *store);

/* Reads it anew, after somebody else's transaction. */
MUST_USE err records_reload(struct records *r);

/* The STAN that the next message takes; STANs are used up by the commit of who uses them. */
uint32_t records_next_stan(const struct records *r);

/* Every STAN of this batch is used up, or as good as. */
bool records_stans_used_up(const struct records *r);

/* Commits a new payment with the next STAN, which must be in its key: PENDING, or OFFLINE with the
 * card data that the vault has sealed for its advice. With what was bought, which may be nothing.
 */
MUST_USE err records_insert(struct records *r, const struct payment *payment, struct bytes held,
                            const struct basket *basket, int64_t *ret_number);

/* Commits what has become of it, and the slip that is owed when it was told and is refused.
 * `before` is its state until now. */
MUST_USE err records_update(struct records *r, int64_t number, enum payment_state before,
                            const struct payment *payment);

/* Commits the state as in `next` (language, batch, stan, clock, signed_in, locked_by). With an
 * audit record when `event` is not NULL. */
MUST_USE err records_save(struct records *r, const struct records *next, const char *actor,
                          const char *event, const char *subject, const char *detail);

MUST_USE err records_audit(struct records *r, const char *actor, const char *event,
                           const char *subject, const char *detail);

/* NOT_FOUND when there is none. */
MUST_USE err records_get(struct records *r, int64_t number, struct payment *out);
MUST_USE err records_by_voucher(struct records *r, uint32_t stan, int64_t *ret_number,
                                struct payment *out);
/* The newest cash sale with this voucher, of whatever batch: it has no reference. */
MUST_USE err records_cash_sale(struct records *r, uint32_t stan, int64_t *ret_number,
                               struct payment *out);
/* The newest one with this reference that brought money: a sale, or a completion. */
MUST_USE err records_by_reference(struct records *r, const char *rrn, int64_t *ret_number,
                                  struct payment *out);
/* The newest approved pre-authorisation with this code and date. */
MUST_USE err records_hold(struct records *r, const char *auth_code, const char *date,
                          int64_t *ret_number, struct payment *out);
MUST_USE err records_last_approved(struct records *r, int64_t *ret_number, struct payment *out);

/* What has followed the payment of this key at this terminal (records_trail.c). */
struct payment_trail;
MUST_USE err records_trail(struct records *r, const struct payment_key *key,
                           struct payment_trail *ret_trail);

/* The oldest payment in `state`. NOT_FOUND. */
MUST_USE err records_oldest(struct records *r, enum payment_state state, int64_t *ret_number,
                            struct payment *out);

/* ---- records_offline.c ---- */

/*
 * The oldest OFFLINE payment with a number above `after`, or, when there is none, the oldest of
 * all, with its sealed card data in `held` (at most VAULT_HELD_MAX). NOT_FOUND.
 */
MUST_USE err records_undelivered(struct records *r, int64_t after, int64_t *ret_number,
                                 struct payment *out, struct writer *held);
/* The oldest DISPUTED payment with a number above `above` and card data that is kept; the same.
 * NOT_FOUND. */
MUST_USE err records_disputed(struct records *r, int64_t above, int64_t *ret_number,
                              struct payment *out, struct writer *held);
/* Counts both anew. */
MUST_USE err records_load_offline(struct records *r);

/* ---- records_owed.c ---- */

/* The oldest slip that is RECORDS_OWED. */
MUST_USE err records_owed(struct records *r, struct records_slip *out);
/* Commits how far the slip of this number is. */
MUST_USE err records_owe(struct records *r, int64_t number, enum records_paper paper);
/* Looks for the one in doubt anew. */
MUST_USE err records_load_owed(struct records *r);

/* A row of a list, newest first: at most `max` of this batch with a number below `below`. */
struct records_row {
    int64_t number;
    struct payment payment;
};
MUST_USE err records_page(struct records *r, int64_t below, struct records_row *rows, size_t max,
                          size_t *ret_count);
/* What an operator has taken since the terminal signed in (S56): approved payments. */
struct records_operator {
    char operator_id[3];
    int64_t count, minor;
};
/* Those with a number above `above` who have tried to take any, at most `max` of them. */
MUST_USE err records_operators(struct records *r, int above, struct records_operator *rows,
                               size_t max, size_t *ret_count);
MUST_USE err records_operators_total(struct records *r, struct records_operator *ret_all);
/* The kinds and counts of one of them into `report`. FULL: more kinds than it has room for. */
MUST_USE err records_kinds(struct records *r, const char *operator_id,
                           struct receipt_report *report);

/* What the back office or the administrator has set; *value stays when neither has. */
MUST_USE err records_parameter(struct records *r, const char *name, int64_t *value);
/* With its audit record; `detail` is the value in words. */
MUST_USE err records_parameter_set(struct records *r, const char *name, int64_t value,
                                   const char *actor, const char *detail);

MUST_USE err records_each(struct records *r,
                          err (*each)(void *context, int64_t number, const struct payment *payment),
                          void *context);
