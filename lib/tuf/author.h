/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * author: the other side of the client: what a repository publishes, as the canonical JSON that is
 * signed, and signatures around it. For whoever publishes; a terminal never calls it. What is
 * published by others is read by metadata.h; what we have published before is read back into the
 * same structs, so that a new version is the old one with something changed.
 *
 * Keys are Ed25519. A key's name is the SHA-256 of its public half as hex.
 */

#include "lib/tuf/metadata.h"

enum {
    TUF_AUTHOR_KEYS = 8,     /* of one role */
    TUF_AUTHOR_FILES = 128,  /* in a list of targets */
    TUF_AUTHOR_CUSTOM = 256, /* bytes of JSON about one file; with its NUL */
    TUF_AUTHOR_PATH = 128,
    TUF_AUTHOR_TEXT = 96 * 1024, /* one document of these limits */
    TUF_PUBLIC_TEXT = 65,        /* 64 digits; with the NUL */
    TUF_EXPIRES_TEXT = 21
};

struct tuf_author_key {
    char public_hex[TUF_PUBLIC_TEXT], id[TUF_PUBLIC_TEXT];
};

struct tuf_author_role {
    struct tuf_author_key key[TUF_AUTHOR_KEYS];
    size_t count;
    int64_t threshold;
};

struct tuf_author_root {
    int64_t version, expires_ms;
    struct tuf_author_role role[TUF_TYPES];
};

struct tuf_author_file {
    char path[TUF_AUTHOR_PATH], custom[TUF_AUTHOR_CUSTOM]; /* custom: canonical JSON, or empty */
    int64_t length;
    uint8_t sha256[TUF_SHA256_BYTES];
};

struct tuf_author_targets {
    int64_t version, expires_ms;
    struct tuf_author_file file[TUF_AUTHOR_FILES]; /* sorted by path */
    size_t count;
    struct tuf_author_role director; /* who signs assignments; count 0: nobody */
};

/* What a snapshot says of the list, or a timestamp of the snapshot. */
struct tuf_author_entry {
    int64_t version;
    struct bytes text; /* the whole file that is published */
};

/* Which version one device is to have: see assignment.h. */
struct tuf_author_assignment {
    const char *serial;
    int64_t number, expires_ms; /* number: grows with every assignment of this device */
    const struct tuf_author_file *file;
};

/* 64 hexadecimal digits, lower case, that are a key. FORMAT. */
MUST_USE err tuf_author_key_read(struct bytes public_hex, struct tuf_author_key *ret_key);

/* Adds a key that the role does not have. Errors: EXISTS, FULL. */
MUST_USE err tuf_author_role_add(struct tuf_author_role *role, const struct tuf_author_key *key);

/* The key of this name, or NULL. */
const struct tuf_author_key *tuf_author_role_find(const struct tuf_author_role *role,
                                                  const char *id);

/* Adds a file, or takes the place of the one of this path. Errors: FULL. */
MUST_USE err tuf_author_targets_set(struct tuf_author_targets *targets,
                                    const struct tuf_author_file *file);
/* NOT_FOUND. */
MUST_USE err tuf_author_targets_remove(struct tuf_author_targets *targets, const char *path);
const struct tuf_author_file *tuf_author_targets_find(const struct tuf_author_targets *targets,
                                                      const char *path);

/* Of what we have written: FORMAT when there is more in it than these structs hold, FULL. */
MUST_USE err tuf_author_root_read(const struct tuf_metadata *root, struct tuf_author_root *ret);
MUST_USE err tuf_author_targets_read(const struct tuf_metadata *targets,
                                     struct tuf_author_targets *ret);

/*
 * Append the canonical form of "signed". Errors: FULL, RANGE (a version below 1, a role without the
 * keys that its threshold takes), FORMAT (a path or serial with what JSON would escape).
 */
MUST_USE err tuf_author_root_write(const struct tuf_author_root *root, struct writer *w);
MUST_USE err tuf_author_targets_write(const struct tuf_author_targets *targets, struct writer *w);
MUST_USE err tuf_author_snapshot_write(int64_t version, int64_t expires_ms,
                                       const struct tuf_author_entry *targets, struct writer *w);
MUST_USE err tuf_author_timestamp_write(int64_t version, int64_t expires_ms,
                                        const struct tuf_author_entry *snapshot, struct writer *w);
MUST_USE err tuf_author_assignment_write(const struct tuf_author_assignment *assignment,
                                         struct writer *w);

struct tuf_author_signature {
    char id[TUF_PUBLIC_TEXT];
    uint8_t at[64];
};

/* Appends the whole file: signatures around what is signed. FULL. */
MUST_USE err tuf_author_envelope(struct bytes signed_text,
                                 const struct tuf_author_signature *signatures, size_t count,
                                 struct writer *w);

/* The parts of a file that tuf_author_envelope() has written: appends what is signed. FORMAT; FULL
 * (more signatures than `max`, or too long). */
MUST_USE err tuf_author_open(struct bytes text, struct writer *ret_signed,
                             struct tuf_author_signature *signatures, size_t max,
                             size_t *ret_count);
