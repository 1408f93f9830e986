/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * place: in which trade, town and country a merchant is, as codes that are presented to customers
 * say it (EMVCo MPM, objects 52, 58, 60, 61). In registry.db beside the merchants, written by
 * `tongbao admin place`; a merchant without one is in the trade 0000, in CHINA.
 */

#include "registry/registry.h"

enum {
    REGISTRY_CITY_MAX = 15,   /* EMVCo MPM 4.7: object 60 */
    REGISTRY_POSTAL_MAX = 10, /* object 61 */
};

/* Texts are NUL-terminated. */
struct registry_place {
    char mid[16];
    char category[5];                 /* MCC of ISO 18245: four digits */
    char city[REGISTRY_CITY_MAX + 1]; /* 1 to 15 characters of printable ASCII */
    char
        postal[REGISTRY_POSTAL_MAX + 1]; /* digits, capital letters, '-' and spaces; may be empty */
    char country[3];                     /* ISO 3166-1: two capital letters */
};

/* Sets or replaces it. Errors: those of the writes. */
MUST_USE err registry_set_place(struct registry *registry, const struct registry_actor *actor,
                                const struct registry_place *place);

/* What was set, or what holds without it. Errors: those of lib/store. */
MUST_USE err registry_find_place(struct registry *registry, struct bytes mid,
                                 struct registry_place *ret_place);
