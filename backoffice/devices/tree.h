/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tree: how a merchant's outlets are ordered (S125). A merchant has regions, a region has regions
 * and outlets, an outlet has terminals. An outlet that is in no region is directly beneath its
 * merchant; what is removed leaves its outlets to whoever was above it, so nothing is ever outside
 * the tree. Merchants, outlets and terminals are the registry's; regions are ours.
 *
 * Writes are in the caller's transaction. A refusal is a verdict, in the order of the enum; an err
 * is the store's.
 */

#include "lib/store/store.h"
#include "registry/registry.h"

enum {
    REGION_NAME_MAX = REGISTRY_NAME_MAX, /* one line of a phone, as an outlet's */
    REGIONS_MAX = 512,    /* of one merchant: provinces and cities of a chain, on a few pages */
    REGION_DEPTH_MAX = 6, /* country, province, city, district, street, mall */
    OUTLETS_BITS = 10000, /* outlets have numbers of 1 to 9999 within their merchant */
};

enum tree_verdict {
    TREE_OK,
    TREE_MISSING,   /* no such region, parent or outlet of this merchant */
    TREE_BAD_NAME,  /* empty, too long, with control characters or blanks at an end */
    TREE_TAKEN,     /* another one beside it has the name */
    TREE_TOO_MANY,  /* REGIONS_MAX */
    TREE_TOO_DEEP,  /* REGION_DEPTH_MAX */
    TREE_CIRCLE,    /* into itself, or into what is in it */
    TREE_NOT_EMPTY, /* there are regions in it */
};

struct tree_region {
    int64_t id, parent; /* 0: directly beneath the merchant */
    char mid[16];
    char name[REGION_NAME_MAX + 1];
    int64_t outlets; /* that are directly in it */
};

/* A set of outlets of one merchant. */
struct tree_outlets {
    uint8_t bit[OUTLETS_BITS / 8];
};

static inline bool tree_outlets_has(const struct tree_outlets *set, uint32_t outlet)
{
    return outlet < OUTLETS_BITS && (set->bit[outlet / 8] & 1u << outlet % 8) != 0;
}

extern const struct store_schema tree_schema;

/* A name of people for a region or a group. */
bool tree_name_is_good(struct bytes name);

/* NOT_FOUND. */
MUST_USE err region_find(struct store *store, int64_t id, struct tree_region *ret_region);

/* The numbers of a region and of those that it stands in, from the outermost in; 0, or one that is
 * not there, has none. */
MUST_USE err region_path(struct store *store, int64_t id, int64_t out[static REGION_DEPTH_MAX],
                         size_t *ret_count);

typedef err (*region_each)(void *context, const struct tree_region *region);
/* Of one merchant, or of all (""), by their numbers. */
MUST_USE err regions_each(struct store *store, const char *mid, int64_t after, size_t limit,
                          region_each each, void *context);

/* Every outlet that is in the region or in what is in it. */
MUST_USE err region_outlets(struct store *store, int64_t id, struct tree_outlets *ret_set);

/* The region of an outlet; 0: none. */
MUST_USE err tree_outlet_region(struct store *store, const char *mid, uint32_t outlet,
                                int64_t *ret_region);

/* Uses mid, parent and name. */
MUST_USE err region_add(struct store_tx *tx, const struct tree_region *region, int64_t *ret_id,
                        enum tree_verdict *ret_verdict);
MUST_USE err region_rename(struct store_tx *tx, int64_t id, struct bytes name,
                           enum tree_verdict *ret_verdict);
MUST_USE err region_move(struct store_tx *tx, int64_t id, int64_t parent,
                         enum tree_verdict *ret_verdict);
/* Its outlets go to whatever was above it. */
MUST_USE err region_remove(struct store_tx *tx, int64_t id, enum tree_verdict *ret_verdict);
/* The outlet exists; `region` 0: directly beneath the merchant. */
MUST_USE err region_place(struct store_tx *tx, const char *mid, uint32_t outlet, int64_t region,
                          enum tree_verdict *ret_verdict);
