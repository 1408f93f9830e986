/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * uploads: photos and papers that people send us (S132, S142): what one may be, where it lies, and
 * whose it is. A file lies in one directory under the digest of its content, and under no name that
 * somebody else chose; the table says who has which. A file is on record before it is written and
 * taken off it after it is removed, so that a crash leaves none that nobody knows of. A file that
 * nobody has any more is removed by the clock.
 *
 * Without a directory nothing is taken and nothing is asked for.
 */

#include "backoffice/uploads/picture.h"
#include "lib/auth/token.h"
#include "lib/base/clock.h"
#include "lib/store/audit.h"

enum {
    UPLOAD_BYTES_MAX = 5 * 1024 * 1024,
    UPLOAD_SIDE_MIN = 480, /* pixels: below that, print of an identity card cannot be read */
    UPLOADS_MAX = 8,       /* of one owner: one of each kind */
    UPLOAD_VIEWS = 64,     /* looks that are remembered; one that is forgotten is recorded again */
    UPLOAD_VIEW_MS = 10 * 60 * 1000,
};

/* Whose it is, with a number of its own table. Stored. */
enum upload_owner {
    UPLOAD_OF_APPLICATION = 1,
    UPLOAD_OF_CHANGE = 2, /* of a contract: contracts/change.h */
    UPLOAD_OF_PAYOUT = 3, /* a request for another account: desk/payout_change.h */
};

struct upload {
    unsigned kind; /* its owner's matter: enum document_kind, enum paper */
    struct picture picture;
    int64_t bytes, at_ms;
    uint8_t digest[TOKEN_HASH_BYTES];
};

enum upload_verdict {
    UPLOAD_OK,
    UPLOAD_NONE_TAKEN, /* there is no directory */
    UPLOAD_TOO_LARGE,
    UPLOAD_NOT_PICTURE,
    UPLOAD_TOO_SMALL,
};

/* The store of them; the caller's, who sets the first three. */
struct uploads {
    struct store *store;
    struct clock clock;
    const char *directory; /* NULL: none */
    struct upload_view {
        int64_t account, id, at_ms;
        enum upload_owner owner;
        unsigned kind;
    } view[UPLOAD_VIEWS]; /* a ring */
    size_t views;         /* ever written */
};

extern const struct store_schema uploads_schema;

/* Looks at it and writes it to disk; on OK it belongs to nobody until upload_put(). Errors: those
 * of lib/base/file.h for a disk that is full or gone, and the store's. */
MUST_USE err upload_keep(const struct uploads *uploads, unsigned kind, struct bytes content,
                         struct upload *ret, enum upload_verdict *ret_verdict);
/* In the place of the one of its kind that was there. */
MUST_USE err upload_put(struct store_tx *tx, enum upload_owner owner, int64_t id,
                        const struct upload *upload);

MUST_USE err uploads_of(struct store *store, enum upload_owner owner, int64_t id,
                        struct upload ret[UPLOADS_MAX], size_t *ret_count);
/* NOT_FOUND. */
MUST_USE err upload_find(struct store *store, enum upload_owner owner, int64_t id, unsigned kind,
                         struct upload *ret);
/* The content into `block` of UPLOAD_BYTES_MAX bytes. */
MUST_USE err upload_read(const struct uploads *uploads, const struct upload *upload, void *block,
                         size_t *ret_len);

/*
 * Somebody of the staff is about to see it: `entry` goes into the audit log before a byte of it
 * leaves; its moment is set here. Pieces of one look are one record: another one is written after
 * UPLOAD_VIEW_MS, or after a restart.
 */
MUST_USE err upload_viewed(struct uploads *uploads, enum upload_owner owner, int64_t id,
                           unsigned kind, int64_t account, struct audit_entry entry);

/* Removes files that nobody has. */
MUST_USE err uploads_sweep(const struct uploads *uploads);
