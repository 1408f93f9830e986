/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * shifts: what each operator has taken since his last shift was closed, and the shifts that were.
 *
 * A shift is a range of payments of one operator: all behind his last closed one. Closing it (Z) is
 * one row, numbered 1, 2, 3 ... over the terminal, and the next shift begins behind it; so every
 * payment is in one shift, and none can be closed twice. Reading it (X) changes nothing.
 */

#include "terminal/records.h"

struct shift {
    int64_t number; /* of the Z report; 0: still open */
    char operator_id[3], closer_id[3];
    int64_t above, upto;    /* payments with numbers above one, up to the other */
    int64_t from_ms, to_ms; /* its first payment; when it was closed, or looked at */
    int64_t count, minor;   /* approved, and what is left of them: taken less given back */
    int64_t cash_minor;     /* of them in cash */
    int64_t float_minor;    /* in the drawer when the shift began */
    bool cash;              /* something was paid in cash, or there is a float: it is counted */
    int64_t counted_minor;  /* in the drawer at the end; -1: not counted */
};

/* Apply it with store_migrate() behind that of the records. */
extern const struct store_schema shifts_schema;

/* The open shift of this operator; upto equals above when there is no payment in it. */
MUST_USE err shifts_now(struct records *r, const char *operator_id, int64_t now_ms,
                        struct shift *out);

/* Kinds and counts of a shift into `report`. FULL: more kinds than it has room for. */
MUST_USE err shifts_kinds(struct records *r, const struct shift *shift,
                          struct receipt_report *report);

/* What should be in the drawer. */
static inline int64_t shift_expected(const struct shift *s)
{
    return s->float_minor + s->cash_minor;
}

/* Commits the float of an operator's open shift, with its audit record; the next one begins with
 * none. */
MUST_USE err shifts_float(struct records *r, const char *operator_id, int64_t minor,
                          const char *actor);

/* Commits the open shift `s` as closed by `closer`, with its audit record; its number is filled in
 * then. EXISTS when it has been closed meanwhile. */
MUST_USE err shifts_close(struct records *r, struct shift *s, const char *closer);

/* NOT_FOUND. */
MUST_USE err shifts_get(struct records *r, int64_t number, struct shift *out);

/* Closed shifts of this operator (NULL: of all) with numbers below `below`, newest first. */
MUST_USE err shifts_page(struct records *r, const char *operator_id, int64_t below,
                         struct shift *rows, size_t max, size_t *ret_count);

/* Who has an open shift with payments in it: numbers above `above`, in their order. */
MUST_USE err shifts_operators(struct records *r, int above, char (*ids)[3], size_t max,
                              size_t *ret_count);
