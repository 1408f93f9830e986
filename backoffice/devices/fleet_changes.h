/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fleet_changes: of which devices something is new, so that pages need not ask (S112, S113). A ring
 * of numbers in memory: each change takes the next place, and who has seen the first n asks for
 * those behind them. What has left the ring is "anything may be new", which is never wrong. Nothing
 * is stored: what has changed is read where it stands.
 *
 * Numbers begin with the time at which the program started, so that a page that has waited through
 * a restart is behind, and not ahead.
 */

#include "lib/base/bytes.h"

enum {
    FLEET_CHANGES_KEPT = 1024, /* of a busy second of ten thousand devices */
    FLEET_CHANGES_TOLD = 50,   /* at a time: a page of a list */
};

struct fleet_changes {
    int64_t first, next; /* the number of the first change that there was, and of the next one */
    char tid[FLEET_CHANGES_KEPT][9];
};

void fleet_changes_begin(struct fleet_changes *changes, int64_t now_ms);
void fleet_changes_add(struct fleet_changes *changes, const char *tid);
/* Who exists has changed: nothing that was seen before counts. */
void fleet_changes_all(struct fleet_changes *changes);

/* The change behind `*at`, which moves on; NULL at the end. Only while fleet_changes_has(). */
const char *fleet_changes_next(const struct fleet_changes *changes, int64_t *at);
/* Is everything behind `since` still there? */
bool fleet_changes_has(const struct fleet_changes *changes, int64_t since);
