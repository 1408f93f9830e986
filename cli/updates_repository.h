/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * updates_repository: a repository of The Update Framework as files, and how it comes from one
 * version to the next without anybody ever seeing half of it.
 *
 *   DIR/metadata/N.root.json N.targets.json N.snapshot.json timestamp.json   served
 *   DIR/files/HASH.NAME                                                      served
 *   DIR/pending/root.json targets.json online.keys   what waits for signatures
 *   DIR/online.keys    the roles that sign online, as blobs of the hsm
 *   DIR/lock           one process at a time
 *
 * A change is drafted into pending/, signed there by one custodian after the other, wherever they
 * are, and published when there are enough signatures. Everything but timestamp.json and the next
 * root has a name that nothing refers to yet: those two are what publishes, each in one step.
 * Whatever is published together is signed by yesterday's keys and by today's, so the state between
 * the two steps is as good as the one after them; the timestamp goes first. Where yesterday's keys
 * are lost the root goes first, and until the timestamp follows clients refuse and try again. A
 * publication that was cut off is finished by publishing again.
 *
 * Before anything is written, it is judged by the client's own code, as a device that knows the
 * last root and as one that knows the new one.
 */

#include "cli/hsm_client.h"
#include "lib/base/clock.h"
#include "lib/crypto/document_key.h"
#include "lib/tuf/author.h"

enum {
    UPDATES_DAYS_ROOT = 365,
    UPDATES_DAYS_TARGETS = 90,
    UPDATES_DAYS_SNAPSHOT = 30,
    UPDATES_DAYS_TIMESTAMP = 3
};

struct updates_online_key {
    uint8_t blob[HSM_DOCUMENT_BLOB_MAX];
    size_t len;
    struct tuf_author_key name;
};

struct updates_online {
    struct updates_online_key key[HSM_DOCUMENT_ROLES]; /* by enum hsm_document_role */
};

/* One file of metadata. */
struct updates_text {
    uint8_t at[TUF_AUTHOR_TEXT];
    size_t len; /* 0: none */
};

/* What is published, or what waits. Versions 0: nothing. */
struct updates_state {
    struct updates_text root_text, targets_text;
    struct tuf_author_root root;
    struct tuf_author_targets targets;
    struct updates_online online;
    bool has_online;
};

struct updates_repository {
    char directory[256];
    int lock;
    struct updates_state now, next; /* of `next`, texts and has_online say what waits */
    int64_t snapshot_version, timestamp_version;
    int64_t snapshot_expires_ms, timestamp_expires_ms;
};

/* Takes the repository for this process and reads it. `create`: makes the directories. Errors:
 * NOT_FOUND, BUSY, CORRUPT (`fault` says which file). */
MUST_USE err updates_open(const char *directory, bool create, struct updates_repository *ret,
                          struct process_fault *fault);
void updates_close(struct updates_repository *r);

/* What a change begins with: what waits already, otherwise a copy of what is published. */
struct tuf_author_root updates_next_root(const struct updates_repository *r);
const struct tuf_author_targets *updates_next_targets(const struct updates_repository *r);
const struct updates_online *updates_next_online(const struct updates_repository *r);

/* Drafts, without signatures: those of a draft before are gone. */
MUST_USE err updates_draft_root(struct updates_repository *r, const struct tuf_author_root *root);
MUST_USE err updates_draft_targets(struct updates_repository *r,
                                   const struct tuf_author_targets *targets);
MUST_USE err updates_draft_online(struct updates_repository *r,
                                  const struct updates_online *online);

/* Adds a signature to each draft whose role has this key. NOT_FOUND: none has. */
MUST_USE err updates_sign(struct updates_repository *r, const struct document_key *key,
                          const struct tuf_author_key *name, unsigned *ret_signed);

/* Drops what waits. */
MUST_USE err updates_discard(struct updates_repository *r);

/* Publishes what waits (`refresh` false; NOT_FOUND: nothing does), or only says anew that what is
 * published is the newest. DENIED: `fault` says what is missing. */
MUST_USE err updates_publish(struct updates_repository *r, struct hsm_client *hsm, bool refresh,
                             int64_t now_ms, struct process_fault *fault);

/* Copies a file to where it will be served, and describes it. */
MUST_USE err updates_add_file(struct updates_repository *r, const char *path, struct bytes content,
                              struct tuf_author_file *ret_file);

/* A key of the hsm's. */
MUST_USE err updates_online_make(struct hsm_client *hsm, enum hsm_document_role role,
                                 struct updates_online *online, struct process_fault *fault);
