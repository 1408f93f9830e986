/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * notices: what has happened at a terminal and who must know (S44, CR-33): the merchant's contacts,
 * each at every address, and the desk. Each kind is a row of a table. A duress alarm goes to the
 * desk alone: the telephone that a message would reach may lie on that very counter.
 */

#include "backoffice/desk/desk.h"

enum { NOTICE_KIND_MAX = 24, NOTICE_DETAIL_MAX = 64, NOTICES_LISTED_MAX = 100 };

struct notice_kind {
    const char *name;
    bool contacts; /* every contact is written to */
    bool alarm;    /* the desk must look: it stays until somebody has */
};

/* NULL for a kind that is none. */
const struct notice_kind *notice_kind_named(struct bytes name);

struct notice {
    int64_t id, at_ms;
    char mid[16], tid[DESK_TID_LEN + 1], operator_id[DESK_OPERATOR_LEN + 1];
    char kind[NOTICE_KIND_MAX], detail[NOTICE_DETAIL_MAX + 1];
    bool alarm, seen;
    char seen_by[DESK_ACTOR_MAX];
};

/* Writes it down and hands the messages to the outbox, in the caller's transaction. */
MUST_USE err notice_give(struct desk *desk, struct store_tx *tx, const struct notice_kind *kind,
                         const struct registry_terminal *terminal, const char *operator_id,
                         const char *detail);

/*
 * The same of a merchant's payout account: `ending` is its last four digits, `until_ms` when it may
 * be changed again (0 when that is not the matter). Contacts and desk hear of it; the audit record
 * is the caller's.
 */
MUST_USE err notice_payout(struct desk *desk, struct store_tx *tx, const char *kind,
                           const char *mid, const char *ending, int64_t until_ms);

/* For the desk alone, of something that is no terminal's: a certificate that ends. */
MUST_USE err notice_desk(struct desk *desk, const char *kind, const char *tid, const char *detail,
                         bool alarm);

typedef err (*notice_each)(void *context, const struct notice *notice);

/* Alarms that nobody has seen first, then the newest. */
MUST_USE err notice_list(struct desk *desk, notice_each each, void *context);

/* Somebody has looked. *ret_done is false when it was seen before, or is none. */
MUST_USE err notice_seen(struct desk *desk, const struct desk_staff *staff, int64_t notice,
                         bool *ret_done);
