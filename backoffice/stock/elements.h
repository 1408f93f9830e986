/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * elements: the five things that a terminal's serial number is bound to (259, section 8 of the
 * market's rules; DV-01): acquirer code, merchant code, social credit code (or the owner's identity
 * number), settlement account, placement address. One device, one shop: what is bound does not
 * change; another shop is another binding, after the first has ended, and all of them stay.
 *
 *   prepared   when the terminal is assigned: for whom it will be
 *   bound      when it is activated
 *   ended      when it was returned, or was never activated
 *
 * Identity number and account are sealed at rest (lib/auth/small_seal.h, under a key that the hsm
 * makes); what may be shown is their last four characters.
 */

#include "backoffice/core.h"

enum {
    ELEMENTS_SUBJECT = 18, /* GB 32100 or GB 11643 */
    ELEMENTS_ACCOUNT_MIN = 8,
    ELEMENTS_ACCOUNT_MAX = 32,
    ELEMENTS_ADDRESS_MIN = 6, /* characters; "5" is what a lazy form has */
    ELEMENTS_ADDRESS_MAX = 30,
    ELEMENTS_ADDRESS_BYTES = 120,
    ELEMENTS_PHONE_MAX = 16,
    ELEMENTS_TAIL = 4,    /* that may be shown */
    ELEMENTS_ID_TAIL = 6, /* that somebody at the device has to know */
    ELEMENTS_REASON_MAX = 40,
};

/* What somebody has typed. Views. */
struct elements_form {
    struct bytes subject, account, address, phone;
    bool english; /* the language that they are written to in */
};

struct elements {
    int64_t id;
    char serial[33], mid[16];
    char subject_tail[ELEMENTS_TAIL + 1], account_tail[ELEMENTS_TAIL + 1];
    char address[ELEMENTS_ADDRESS_BYTES + 1], phone[ELEMENTS_PHONE_MAX];
    bool english;
    int64_t made_ms, bound_ms, ended_ms; /* 0: not yet */
};

extern const struct store_schema elements_schema;

/* Is it a social credit code or an identity number, check character included? */
bool elements_subject_valid(struct bytes subject);

/* What has not its form, by its name ("address"); NULL: all of it is good. */
const char *elements_wrong(const struct elements_form *form);

/* PREPARED, for the terminal `serial` of this merchant. The one that was open must have ended.
 * Errors: REFUSED (the hsm is away, nothing is written), the store's. */
MUST_USE err elements_prepare(struct backoffice *backoffice, struct store_tx *tx,
                              const char *serial, const char *mid, const struct elements_form *form,
                              int64_t now_ms);
/* The open one of a serial number. NOT_FOUND when there is none. */
MUST_USE err elements_find(struct store *store, const char *serial, struct elements *ret);
MUST_USE err elements_bind(struct store_tx *tx, int64_t id, int64_t now_ms);
MUST_USE err elements_end(struct store_tx *tx, const char *serial, const char *reason,
                          int64_t now_ms);
/* To the device that takes another one's place: `from`'s end with `reason`, and the same five are
 * PREPARED for `to`. Errors: NOT_FOUND (nothing was bound), REFUSED (the hsm), the store's. */
MUST_USE err elements_move(struct backoffice *backoffice, struct store_tx *tx, const char *from,
                           const char *to, const char *reason, int64_t now_ms);
/* At another address from now on: the binding ends, and the same of it is bound again with that. */
MUST_USE err elements_readdress(struct backoffice *backoffice, struct store_tx *tx,
                                const char *serial, const char *address, int64_t now_ms);
/* What is personal of all ended bindings of a merchant: that they were, from when to when, stays.
 */
MUST_USE err elements_erase(struct store_tx *tx, const char *mid);
typedef err (*elements_each)(void *context, const struct elements *elements, const char *reason);
/* All of a serial number, oldest first. */
MUST_USE err elements_history(struct store *store, const char *serial, elements_each each,
                              void *context);

/* Are these the last ELEMENTS_ID_TAIL characters of the subject? Errors: REFUSED (the hsm). */
MUST_USE err elements_tail_is(struct backoffice *backoffice, const struct elements *elements,
                              struct bytes tail, bool *ret_right);
