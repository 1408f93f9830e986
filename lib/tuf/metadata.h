/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * metadata: one file of The Update Framework (specification 1.0, section 4), read whole and looked
 * at whole before anything in it is used, and the signatures under it.
 *
 *   {"signatures": [{"keyid", "sig"}...], "signed": {"_type", "spec_version", "version", "expires",
 *    and what the type has}}
 *
 * Members that are not in the specification are kept, since signatures cover them, and ignored.
 * What is read is bounded by the length of its text, so that parsing takes memory in proportion.
 * Everything that a struct here points to lives as long as its tuf_metadata.
 */

#include "lib/base/bytes.h"
#include "lib/tuf/verdict.h"
#include "lib/wire/json.h"

enum tuf_type { TUF_ROOT, TUF_TIMESTAMP, TUF_SNAPSHOT, TUF_TARGETS, TUF_TYPES };

enum {
    TUF_ROOT_BYTES = 256 * 1024,      /* 64 RSA keys and as many signatures, twice over */
    TUF_TIMESTAMP_BYTES = 16 * 1024,  /* one entry; asked for without knowing its length */
    TUF_SNAPSHOT_BYTES = 1024 * 1024, /* some 10,000 roles */
    TUF_TARGETS_BYTES = 2048 * 1024,  /* some 10,000 files */
    TUF_METADATA_BYTES = TUF_TARGETS_BYTES,

    TUF_SIGNATURES_MAX = 64,    /* under one file: as many checks as a terminal does in a second */
    TUF_KEYS_MAX = 256,         /* in one file */
    TUF_ROLES_MAX = 4096,       /* delegated to by one file */
    TUF_PATHS_MAX = 4096,       /* of one delegation */
    TUF_ENTRIES_MAX = 65536,    /* in a snapshot, in a list of targets */
    TUF_KEYID_BYTES = 128,      /* SHA-512 as hex */
    TUF_KEY_BYTES = 4096,       /* as DOCUMENT_KEY_TEXT_MAX */
    TUF_SIGNATURE_BYTES = 2048, /* RSA of 4096 bits as hex has 1024 */
    TUF_ROLE_NAME_BYTES = 80,   /* escaped, it is still a file's name */
    TUF_PATH_BYTES = 512,       /* of a target, and of a pattern of such paths */
    TUF_SHA256_BYTES = 32,
    TUF_SHA512_BYTES = 64
};

struct tuf_metadata {
    enum tuf_type type;
    int64_t version, expires_ms; /* milliseconds since 1970 UTC */
    struct json_document document;
    struct json_t *body; /* "signed" */
    size_t len;          /* of its text */
};

/* "root", "timestamp", "snapshot", "targets". */
const char *tuf_type_name(enum tuf_type type);
size_t tuf_type_max(enum tuf_type type);

/*
 * Reads `text`. TOO_LONG, MALFORMED, WRONG_TYPE, SPECIFICATION. Says nothing about signatures,
 * versions or times.
 */
enum tuf_verdict tuf_metadata_parse(enum tuf_type type, struct bytes text,
                                    struct tuf_metadata *ret_metadata);
void tuf_metadata_free(struct tuf_metadata *metadata); /* for CLEANUP; an empty one is fine */

/* Who signs for a role: names of keys, and how many of them it takes. */
struct tuf_role {
    const struct json_t *keys, *keyids;
    size_t keyid_count;
    int64_t threshold;
};

/* A role of the root's own. The four are there in whatever was parsed. */
struct tuf_role tuf_root_role(const struct tuf_metadata *root, enum tuf_type type);

/* May only be asked of a root: whether files are asked for by their versions and hashes. */
bool tuf_root_consistent(const struct tuf_metadata *root);

/*
 * ACCEPTED when as many different keys of the role as it takes have signed the canonical form of
 * "signed". Two names of one key are one key. A signature that is wrong or of nobody counts for
 * nothing, and takes nothing away. UNSIGNED, MALFORMED (a number that is no integer), RESOURCES.
 */
enum tuf_verdict tuf_metadata_signed(const struct tuf_metadata *metadata,
                                     const struct tuf_role *role);

/* What one file says of another. */
struct tuf_entry {
    int64_t version;     /* of metadata */
    int64_t length;      /* -1: not said; always there of a target */
    bool sha256, sha512; /* said */
    bool others;         /* hashes are said that are not known here */
    uint8_t hash256[TUF_SHA256_BYTES], hash512[TUF_SHA512_BYTES];
    const struct json_t *custom; /* of a target; NULL: none */
};

/* Of "NAME.json" in a timestamp or snapshot. False: it is not in it. */
bool tuf_metadata_entry(const struct tuf_metadata *metadata, const char *role,
                        struct tuf_entry *ret_entry);

/* Of a path in a list of targets. */
bool tuf_target_entry(const struct tuf_metadata *targets, const char *path,
                      struct tuf_entry *ret_entry);

/* Whether `content` is what an entry announces: every hash that is known here, and the length. */
enum tuf_verdict tuf_entry_matches(const struct tuf_entry *entry, struct bytes content);
