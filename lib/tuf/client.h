/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * client: the workflow of The Update Framework (specification 1.0, section 5) on a device: brings
 * the trusted metadata up to date, finds who names a file, fetches the file. Where bytes come from,
 * where they are kept and what time it is are the caller's: ports.
 *
 * Every step is committed to the local files before the next begins, and an update that is refused
 * half way leaves what was proved until then: newer roots, a newer timestamp. It is simply begun
 * again. What is refused is never written.
 *
 * Limits     sizes: metadata.h; TUF_ROTATIONS_MAX roots, TUF_VISITS_MAX lists of targets,
 *            TUF_VISITED_BYTES of them, in one update; a file of TUF_FILE_BYTES
 * Source     theupdateframework.github.io/specification, 1.0.33; succinct hash bins: TAP 15.
 *            Names of keys are taken as names, not as digests of keys (TAP 12); a key that has two
 *            of them counts once.
 */

#include "lib/base/clock.h"
#include "lib/tuf/local.h"
#include "lib/tuf/metadata.h"

enum {
    TUF_ROTATIONS_MAX = 256,             /* a root a week for five years */
    TUF_VISITS_MAX = 32,                 /* lists that one search asks */
    TUF_PENDING_MAX = 256,               /* lists that one search could still ask */
    TUF_VISITED_BYTES = 8 * 1024 * 1024, /* a parsed list takes about five times its text */
    TUF_FILE_BYTES = 64 * 1024 * 1024,   /* an image of a slot */
    TUF_CUSTOM_BYTES = 1024,
    TUF_FETCH_NAME_BYTES = 2048
};

enum tuf_source { TUF_FROM_METADATA, TUF_FROM_FILES };

struct tuf_ports {
    /*
     * All of `name`, a relative URL that is escaped already, at most `max` bytes. Errors: NOT_FOUND
     * (the repository says that it is not there), LENGTH (it is longer); any other: unreachable.
     */
    MUST_USE err (*fetch)(void *context, enum tuf_source source, const char *name, void *block,
                          size_t max, size_t *ret_len);
    void *context;
    struct tuf_local metadata, files;
    struct clock clock;
};

struct tuf_client;

/* What a list of targets says of a file that was searched for. */
struct tuf_target {
    char path[TUF_PATH_BYTES + 1];
    char role[TUF_ROLE_NAME_BYTES + 1]; /* who names it */
    int64_t role_version;
    struct tuf_entry entry;            /* without `custom`, whose canonical form is: */
    char custom[TUF_CUSTOM_BYTES + 1]; /* empty: there is none */
};

/* Errors: NO_MEMORY. */
MUST_USE err tuf_client_create(const struct tuf_ports *ports, struct tuf_client **ret_client);
void tuf_client_destroy(struct tuf_client *client); /* NULL is allowed */

/*
 * Begins with `root`, from a source that is trusted otherwise. It must be signed by its own keys;
 * OLDER when a newer one is trusted already: that would undo what keys were taken back for.
 */
enum tuf_verdict tuf_client_init(struct tuf_client *client, struct bytes root);

/* Brings root, timestamp, snapshot and the first list of targets up to date. */
enum tuf_verdict tuf_client_refresh(struct tuf_client *client);

/* After a refresh that was accepted: who names `path`, by delegations in the order of their lists,
 * depth first (5.6.7). NO_TARGET, NAME, TOO_MANY, or why a list was refused, which ends it. */
enum tuf_verdict tuf_client_find(struct tuf_client *client, const char *path,
                                 struct tuf_target *ret_target);

/*
 * Fetches what was found into the files, unless it is there and right: UNCHANGED. Whatever does not
 * have every announced hash is not written. `ret_content` (may be NULL) is a view of it until the
 * next call.
 */
enum tuf_verdict tuf_client_download(struct tuf_client *client, const struct tuf_target *target,
                                     struct bytes *ret_content);

/*
 * The same file, made of `before` (a file that is here) and of a delta that the lists announce for
 * just these two: a target of its own, at delta_path(), with {"delta": {"from", "to"}} as its
 * custom member. What comes out is held against the announced hashes like a file that was fetched,
 * and only then written. Any verdict but ACCEPTED and UNCHANGED: nothing was written, and the whole
 * file is to be had with tuf_client_download(). NO_TARGET: there is no delta for it; HASH: what
 * came is not right; otherwise as tuf_client_find() and tuf_client_download() say it of the delta.
 * `ret_travelled`: bytes that were fetched for it, also in vain; lists not counted.
 */
enum tuf_verdict tuf_client_patch(struct tuf_client *client, const struct tuf_target *target,
                                  struct bytes before, struct bytes *ret_content,
                                  size_t *ret_travelled);

/* What the last verdict was about: "root 3", "targets", a path. Never NULL. */
const char *tuf_client_subject(const struct tuf_client *client);

/* Why a port failed, when the verdict is UNREACHABLE or STORE. */
err tuf_client_reason(const struct tuf_client *client);
