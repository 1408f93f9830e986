/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Plates: codes that stand in a shop (静态码, S79). The payer types the amount. What each says is
 * its text, byte for byte as it was printed: whatever else is scanned is not that plate.
 *
 * How much a customer may pay so on one day depends on how well the code knows him (market facts,
 * chapter 7: classes A to D; a code that stands still and knows nobody is D).
 */

#include "registry/registry.h"

enum { REGISTRY_PLATE_LEN = 8, REGISTRY_PLATE_TEXT_MAX = 255 };

enum registry_plate_class {
    REGISTRY_PLATE_A = 1, /* as it was agreed */
    REGISTRY_PLATE_B = 2,
    REGISTRY_PLATE_C = 3,
    REGISTRY_PLATE_D = 4,
    REGISTRY_PLATE_CLASSES
};

struct registry_plate {
    char id[REGISTRY_PLATE_LEN + 1]; /* "P0000001" */
    char mid[16];
    enum registry_plate_class class;
    int64_t agreed_minor; /* of class A: a customer's day; 0 for the others */
    int64_t
        merchant_minor; /* all customers of this plate on one day; 0: as the merchant's limits */
    enum registry_status status;
    char text[REGISTRY_PLATE_TEXT_MAX + 1];
};

/* What a customer may pay on a day by a plate of this class, in fen; of A what was agreed. */
int64_t registry_plate_limit(const struct registry_plate *plate);

/* The id that the next plate gets. FULL after P9999999. */
MUST_USE err registry_next_plate(struct registry *registry,
                                 char ret_id[static REGISTRY_PLATE_LEN + 1]);

/* FORMAT, EXISTS; NOT_FOUND: there is no such merchant. */
MUST_USE err registry_add_plate(struct registry *registry, const struct registry_actor *actor,
                                const struct registry_plate *plate);

/* Suspended, active again, closed for good. STATE: it is closed. */
MUST_USE err registry_set_plate_status(struct registry *registry,
                                       const struct registry_actor *actor, struct bytes id,
                                       enum registry_status status);

MUST_USE err registry_find_plate(struct registry *registry, struct bytes id,
                                 struct registry_plate *ret_plate);

/* In the order of their ids, after `after` ("" for the first); fewer than `max`: those are all. */
MUST_USE err registry_list_plates(struct registry *registry, const char *after,
                                  struct registry_plate *rows, size_t max, size_t *ret_count);
