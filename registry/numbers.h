/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * numbers: merchant and terminal numbers by rule (S137).
 *
 *   merchant   15 digits: acquirer 3, region 4, merchant category 4, serial 4 (0001 to 9999 of the
 *              eleven digits before it)
 *   terminal   8 digits, 10000001 and upwards
 *
 * A number is given once. What was given, or was ever taken by hand, is passed over for ever, also
 * when nothing came of it: a gap is never filled, because slips with that number may exist.
 *
 * Each is given for a reference of the caller's ("application 17"): who asks again under the same
 * reference, because he did not live to hear the answer, gets the same number.
 */

#include "registry/registry.h"

enum { REGISTRY_REFERENCE_MAX = 64 };

/* Texts are NUL-terminated digits. */
struct registry_numbering {
    char acquirer[4]; /* 3: who acquires */
    char region[5];   /* 4: where the shop is, as the card association numbers towns */
    char category[5]; /* 4: MCC of ISO 18245 */
};

/*
 * Makes the merchant, its outlet 1 and its number, which is written into merchant->mid. With a
 * reference that was used before, only says the number. Errors: those of registry_add_merchant();
 * FORMAT (numbering or reference), RANGE (all 9999 of these are given).
 */
MUST_USE err registry_number_merchant(struct registry *registry, const struct registry_actor *actor,
                                      const struct registry_numbering *numbering,
                                      struct bytes reference, struct registry_merchant *merchant);

/* What was given under this reference, merchant or terminal. NOT_FOUND: nothing. */
/* For whom a number was given; NOT_FOUND when it was given to nobody. */
MUST_USE err registry_reference_of(struct registry *registry, struct bytes number,
                                   char ret_reference[REGISTRY_REFERENCE_MAX + 1]);
MUST_USE err registry_number_given(struct registry *registry, struct bytes reference, char ret[16]);

/* The next terminal number. Errors: FORMAT (reference), RANGE (all are given). */
MUST_USE err registry_number_terminal(struct registry *registry, const struct registry_actor *actor,
                                      struct bytes reference, char ret_tid[9]);
