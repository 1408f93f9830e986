/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tuf_repository: a repository of The Update Framework that a test commands, a device that updates
 * from it, and what the device has kept, all in memory. It publishes what it is told to, right or
 * wrong; a test may replace what was published by anything.
 *
 * What is signed is written here in canonical form by hand; what is served has white space and
 * escapes. So a client that signs what it read proves that its canonical form is ours.
 *
 * Keys are made once for a test program: repository_open() of the group, repository_close().
 */

#include "tests/unit/scratch.h"

#include "lib/crypto/document_key.h"
#include "lib/tuf/client.h"

enum {
    REPOSITORY_KEYS = 24, /* Ed25519, but the two before the last: P-256, and the last: RSA */
    REPOSITORY_P256 = REPOSITORY_KEYS - 2,
    REPOSITORY_RSA = REPOSITORY_KEYS - 1,
    REPOSITORY_ROLES = 48,
    REPOSITORY_LISTED = 12,
    REPOSITORY_FILES = 1024,
    REPOSITORY_LOG = 4096
};

#define DAY INT64_C(86400000)

struct repository_delegation {
    char name[TUF_ROLE_NAME_BYTES + 1];
    const char *patterns[4]; /* NULL ends them */
    bool terminating, prefixes;
};

struct repository_file {
    const char *path, *content, *custom; /* custom: JSON that is canonical; NULL: none */
    bool sha512, unknown_hash, no_sha256;
    size_t size;    /* of the content */
    int64_t length; /* what is said; -1: the right one */
};

struct repository_entry {
    char name[TUF_ROLE_NAME_BYTES + 1];
    int64_t version, length; /* length -1: not said */
    char sha256[65];         /* empty: not said */
};

struct repository_role {
    char name[TUF_ROLE_NAME_BYTES + 1];
    size_t keys[REPOSITORY_LISTED], key_count;       /* who may sign */
    size_t signers[REPOSITORY_LISTED], signer_count; /* who does */
    int64_t threshold, version, expires_ms;
    const char *type;  /* what it says of itself */
    const char *extra; /* a member "zextra" that nobody knows; canonical JSON */
    bool published;
    struct repository_delegation to[8];
    size_t to_count;
    int64_t bits; /* succinct hash bins "bin-..", when not 0 */
    struct repository_file files[8];
    size_t file_count;
};

struct repository_published {
    char name[256];
    char *text;
    size_t len;
};

struct repository {
    struct repository_role roles[REPOSITORY_ROLES]; /* 0..3: root, timestamp, snapshot, targets */
    size_t role_count;
    struct repository_entry meta[REPOSITORY_ROLES], snapshot;
    size_t meta_count;
    bool consistent, hashes;
    bool strange; /* keys and roles have members that nobody knows */
    bool aliased; /* key `alias` is also listed, and signs, under a second name, "zalias" */
    size_t alias;
    struct repository_published published[REPOSITORY_FILES];
    size_t published_count;
    char log[REPOSITORY_LOG]; /* "2.root.json timestamp.json ..." */
    size_t log_len;
    err failure;      /* when not OK, every fetch fails with it */
    uint64_t fetched; /* bytes */
};

/* The device. */
struct repository_device {
    struct repository *repository;
    struct repository_published kept[64], files[32];
    size_t kept_count, file_count;
    int64_t now_ms;
    struct tuf_client *client;
    /* The power goes at this write (from 0): before it, or after it. -1: never. */
    int cut_at;
    bool cut_after, dead;
    int writes;
};

int repository_open(void **state);
int repository_close(void **state);
const struct document_key *repository_key(size_t index);
void repository_keyid(size_t index, char out[65]);

/* One role of each kind with a key of its own (0 to 3), version 1, published; 30 days. */
void repository_begin(struct repository *r, struct repository_device *d);
void repository_end(struct repository *r, struct repository_device *d);

struct repository_role *repository_role(struct repository *r, const char *name);

/* Signs and publishes; the version goes up if there was one. Lists of targets get their entry in
 * the snapshot, the snapshot its own in the timestamp. */
void repository_publish(struct repository *r, const char *name);
/* "targets", "snapshot", "timestamp" one after the other. */
void repository_publish_all(struct repository *r);
/* The version stays. */
void repository_publish_again(struct repository *r, const char *name);

void repository_set_keys(struct repository_role *role, const size_t *keys, size_t count);
void repository_set_signers(struct repository_role *role, const size_t *keys, size_t count);

/* A role that `from` delegates to, signed by key `key`, not published. */
struct repository_role *repository_delegate(struct repository *r, const char *from,
                                            const char *name, size_t key, const char *pattern,
                                            bool terminating);
void repository_add_file(struct repository *r, const char *role, const char *path,
                         const char *content);

void repository_add_bytes(struct repository *r, const char *role, const char *path,
                          struct bytes content);

/* What is served under a name; NULL: nothing. */
struct repository_published *repository_served(struct repository *r, const char *name);
void repository_serve(struct repository *r, const char *name, const char *text, size_t len);
void repository_withdraw(struct repository *r, const char *name);

/* The device. A new client for each call, as after a restart. */
enum tuf_verdict device_init(struct repository_device *d);
enum tuf_verdict device_refresh(struct repository_device *d);
enum tuf_verdict device_download(struct repository_device *d, const char *path,
                                 struct tuf_target *ret_target);
/* Version of what is kept of a role; 0: nothing. */
int64_t device_version(const struct repository_device *d, const char *role);
struct repository_published *device_kept(struct repository_device *d, const char *file);
struct repository_published *device_file(struct repository_device *d, const char *path);

#define assert_verdict(call, expected) \
    assert_string_equal(tuf_verdict_name(call), tuf_verdict_name(expected))
