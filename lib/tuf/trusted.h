/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * trusted: what a client trusts, and what metadata must be to be trusted next: the decisions of
 * the workflow (specification 1.0, section 5.3 to 5.6), without files and without a network.
 *
 * The order is root, timestamp, snapshot, targets. What this device has kept is shown first, with
 * `kept`: it has to be signed by who signs today, so that what a lost key has signed is forgotten
 * with the key (5.3.11), but may have expired: it still says what was there before.
 */

#include "lib/tuf/metadata.h"

/* Declare it CLEANUP(tuf_trusted_free). */
struct tuf_trusted {
    int64_t now_ms; /* the beginning of the update: one time for all of it (5.2) */
    struct tuf_metadata root, timestamp, snapshot;
    bool has_timestamp, has_snapshot;
};

void tuf_trusted_free(struct tuf_trusted *trusted);

/* The root that all begins with: signed by its own keys. It may have expired. */
enum tuf_verdict tuf_trusted_begin(int64_t now_ms, struct bytes root,
                                   struct tuf_trusted *ret_trusted);

/* The next root: the version after ours, signed by ours and by itself (5.3.3 to 5.3.5). */
enum tuf_verdict tuf_trusted_root(struct tuf_trusted *trusted, struct bytes text);

/* EXPIRED or ACCEPTED: after the last root (5.3.10). */
enum tuf_verdict tuf_trusted_root_fresh(const struct tuf_trusted *trusted);

/* UNCHANGED: we have this version and keep ours, whatever this one says (5.4.3). */
enum tuf_verdict tuf_trusted_timestamp(struct tuf_trusted *trusted, struct bytes text, bool kept);
enum tuf_verdict tuf_trusted_timestamp_fresh(const struct tuf_trusted *trusted);

/* What the timestamp says of the snapshot. */
struct tuf_entry tuf_trusted_snapshot_entry(const struct tuf_trusted *trusted);

/* Whether the snapshot that we have is the one of the timestamp, and has not expired. */
bool tuf_trusted_snapshot_current(const struct tuf_trusted *trusted);

/* A snapshot that takes the place of another names all that it named, none of it older (5.5.5). */
enum tuf_verdict tuf_trusted_snapshot(struct tuf_trusted *trusted, struct bytes text, bool kept);

/* A list of targets that the snapshot names, signed by `role`. What was kept is judged alike. */
enum tuf_verdict tuf_trusted_targets(const struct tuf_trusted *trusted, const char *name,
                                     const struct tuf_role *role, struct bytes text,
                                     struct tuf_metadata *ret_targets);
