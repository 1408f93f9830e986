/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * goods: price lists by shop (S125). A merchant has one list of goods; a region or an outlet says
 * of some of them that they cost something else there, or are not sold. The nearest level counts:
 *
 *   merchant < region (from the outermost in) < outlet
 *
 * A level's set is whole and has numbered versions: who, when, why; nothing is ever changed, and to
 * go back an older version is made the newest. Whoever sets one says which version he has seen.
 *
 * What the terminals of an outlet have is the folded list (lib/wire/price_list.h). Its digest goes
 * with their parameters (parameters/given.c), for which their vault has the hsm's word; they fetch
 * it in pieces by that digest. A fold is kept by the versions that are in it, so that outlets which
 * set nothing of their own share one, and none is computed twice.
 */

#include "backoffice/parameters/parameters.h"
#include "lib/wire/price_list.h"

enum {
    GOODS_CHANGES_MAX = PRICE_GOODS_MAX,
    GOODS_KEY_MAX = 176, /* eight version numbers */
    GOODS_VERSIONS_LISTED = 20,
    GOODS_PIECE_ROOM = (DEVICE_PART_MAX + 2) / 3 * 4, /* in base64, as a backup's */
};

/* Whether something is sold; on disk. */
enum goods_sold { GOODS_INHERITED, GOODS_SOLD, GOODS_NOT_SOLD, GOODS_SOLDS };

/* What a region or an outlet says of one good. */
struct goods_change {
    char code[PRICE_CODE_MAX + 1];
    int64_t price_minor; /* 0: inherited */
    enum goods_sold sold;
};

struct goods_version {
    int64_t id; /* over all levels */
    enum parameters_level level;
    char subject[PARAMETERS_SUBJECT_MAX];
    int64_t version, count; /* count: goods of the list, or changes */
    int64_t at_ms;
    char actor[DESK_ACTOR_MAX], reason[PARAMETERS_REASON_MAX + 1];
};

struct goods_row {
    struct price_good good;    /* with the price that counts */
    int64_t above_minor;       /* the price without the last level */
    bool sold, sold_above;     /* likewise */
    bool price_here;           /* the last level says a price ... */
    enum goods_sold sold_here; /* ... or whether it is sold */
};

/* One at a time: the desk has room for one. */
struct goods_fold {
    struct goods_version newest; /* of the last level; id 0: nothing was ever set there */
    size_t count;
    struct goods_row row[PRICE_GOODS_MAX];
    uint8_t document[PRICE_LIST_MAX]; /* a version's, or the folded list's */
};

extern const struct store_schema goods_schema;

/* Merchants, regions and outlets have lists; other levels have none. */
bool goods_level(enum parameters_level level);

/* ---- documents of what a level says of goods of the merchant's list ---- */

void goods_changes_begin(struct writer *w);
void goods_changes_add(struct writer *w, const struct goods_change *change);

/* ---- versions (goods_versions.c) ---- */

/* `version` 0: the newest. NOT_FOUND. `document` may be NULL. */
MUST_USE err goods_find(struct desk *desk, enum parameters_level level, const char *subject,
                        int64_t version, struct goods_version *ret_version,
                        struct writer *document);

/* The next of its level and subject: uses level, subject, count and reason. With its audit record,
 * in the caller's transaction. STATE: `seen` is not the newest version. */
MUST_USE err goods_put(struct desk *desk, struct store_tx *tx, const struct goods_version *version,
                       struct bytes document, int64_t seen, const char *actor,
                       struct goods_version *ret_version);

typedef err (*goods_each)(void *context, const struct goods_version *version);
/* The newest first, at most GOODS_VERSIONS_LISTED below `before` (0: all). */
MUST_USE err goods_versions(struct desk *desk, enum parameters_level level, const char *subject,
                            int64_t before, goods_each each, void *context);

/* ---- folding (goods_fold.c) ---- */

/* What holds at a level, with what it says itself, into desk->goods. */
MUST_USE err goods_fold_at(struct desk *desk, const char *mid, enum parameters_level level,
                           const char *subject);

/* What a device of the outlet is to have; not set: the merchant keeps no list. */
MUST_USE err goods_of_outlet(struct desk *desk, const char *mid, uint32_t outlet,
                             struct device_goods *ret_goods);

/* DEVICE_GOODS_FETCH: a piece of a list of its merchant. */
MUST_USE err goods_asked(struct desk *desk, const char *mid, const struct device_message *question,
                         struct device_message *answer, uint8_t room[GOODS_PIECE_ROOM]);
