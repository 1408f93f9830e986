/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The published tables of limits, the class of risk that each merchant is in (S86), and which
 * merchants are of one person (S144). The text is
 * payment/quota.h's, which the registry does not read: `tongbao admin limits set` checks it before
 * it is published, and the acquirer takes the newest within a second. A version is never changed
 * or taken back; another one takes its place, and all of them stay readable.
 */

#include "lib/base/writer.h"
#include "registry/registry.h"

enum {
    REGISTRY_LIMITS_MAX = 32768,
    REGISTRY_RISK_MAX = 16,
    REGISTRY_PERSON_MAX = 64,
    REGISTRY_MATES_MAX = 7, /* other merchants of one person; the rules of the trade know of two */
};

/* STATE when the version is not above all that were published; FORMAT without text or version. */
MUST_USE err registry_publish_limits(struct registry *registry, const struct registry_actor *actor,
                                     uint32_t version, struct bytes text);

/* Appends the newest text. NOT_FOUND when none is published. */
MUST_USE err registry_find_limits(struct registry *registry, uint32_t *ret_version,
                                  struct writer *out);

/* `risk`: 1 to 16 small letters, digits, '_'; that the table knows the class is for the caller to
 * see to. NOT_FOUND: there is no such merchant. */
MUST_USE err registry_set_risk(struct registry *registry, const struct registry_actor *actor,
                               struct bytes mid, struct bytes risk);

/* Empty when the merchant was put in none. */
MUST_USE err registry_find_risk(struct registry *registry, struct bytes mid,
                                char ret_risk[REGISTRY_RISK_MAX + 1]);

/*
 * Says whose the merchant is: by a word that is the same for all merchants of that person, 1 to 64
 * small letters, digits, '_', and tells nothing of him (the back office's keyed mark; never an
 * identity number). An empty one: nobody's that is known. Errors: FORMAT, NOT_FOUND, FULL (the
 * person has eight already).
 */
MUST_USE err registry_set_person(struct registry *registry, const struct registry_actor *actor,
                                 struct bytes mid, struct bytes person);

/* The other merchants of the same person, closed ones too: what they took this month was his. */
MUST_USE err registry_find_mates(struct registry *registry, struct bytes mid,
                                 char ret_mids[REGISTRY_MATES_MAX][16], size_t *ret_count);
