/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A memory database that has its tables already. A test that makes its world anew for each of a
 * thousand ends spent most of its time on migrations: they run once in a program, and what they
 * left is copied into every database after that.
 */

#include "lib/store/store.h"

/* What the migrations left; zeroed: they have not run yet. Kept until the program ends. */
struct migrated {
    struct bytes image;
};

/*
 * Opens the anchor of `name`; where nothing was kept yet, `migrate` is to open that name, migrate
 * it, and close it again, without another row in it. The caller ends the anchor with
 * store_anchor_close().
 */
static inline void migrated_open(struct migrated *kept, const char *name,
                                 err (*migrate)(const char *name), struct store_anchor **ret_anchor)
{
    assert_ok(store_anchor_open(name, ret_anchor));
    if (kept->image.at != NULL) {
        assert_ok(store_anchor_fill(*ret_anchor, kept->image));
        return;
    }
    assert_ok(migrate(name));
    assert_ok(store_anchor_image(*ret_anchor, &kept->image));
}
