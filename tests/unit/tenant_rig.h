/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Two merchants and their people and programs, for the test that nobody sees what is somebody
 * else's (backoffice_tenants_test.c). A maker makes one object of a merchant's outlet; it carries
 * the tenant's mark wherever a text is free, so that a leak shows. See tenant_makers.h.
 */

#include "backoffice/api/api.h"
#include "backoffice/api/rates.h"
#include "tests/unit/backoffice_rig.h"

#define TENANT_MARK  "apricot" /* of the outlet that everybody else looks for */
#define TENANT_OTHER "898310153110002"

/* An outlet of a merchant, and who acts for it. */
struct tenant {
    const char *mid, *tid; /* a terminal of the outlet */
    uint32_t outlet;
    const char *mark;      /* stands in its free texts */
    struct browser *owner; /* of the merchant, with a factor shown just now */
    struct browser *staff; /* of the acquirer, likewise: an administrator and approver */
};

enum tenant_kind {
    TENANT_OWNED,  /* an object of a merchant, or of the acquirer's own house */
    TENANT_SHARED, /* a name that all merchants use, as a rule's or a kind's: no object */
    TENANT_BEARER, /* whoever has it may: at least 22 characters that nobody guesses */
};

/*
 * Writes the id of a new object of `tenant`, as it stands in a path. `parent` is what stands in
 * the brace before it, "" when there is none.
 */
typedef void (*tenant_make)(struct rig *rig, const struct tenant *tenant, const char *parent,
                            char id[API_PARAM_MAX + 1]);

struct tenant_maker {
    const char *path; /* up to and with its brace: "/keys/{key}" */
    tenant_make make;
    enum tenant_kind kind;
};

/* The caller pays nothing any more: prices are another test's matter. */
static inline void tenant_rest(struct rig *rig)
{
    const struct random random = random_from_seed(&rig->source);
    rates_close(rig->b->rates);
    assert_ok(rates_open(&random, &rig->b->rates));
}
