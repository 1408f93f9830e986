/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * documents: photos and papers of an application (S132): kinds, sizes, whether one can be read. A
 * file lies in the directory of documents under the digest of its content, and under no name that
 * somebody else chose; the table says which application has which. A file is on record before it
 * is written and taken off it after it is removed, so that a crash leaves none that nobody knows
 * of. A file that no application has any more is removed by the clock.
 *
 * Without a directory nothing is taken and nothing is asked for.
 */

#include "backoffice/applications/application.h"
#include "backoffice/applications/picture.h"

enum {
    DOCUMENT_BYTES_MAX = 5 * 1024 * 1024,
    DOCUMENT_SIDE_MIN = 480, /* pixels: below that, print of an identity card cannot be read */
};

/* number (stored), name, word, Chinese, English */
#define DOCUMENT_LIST(X)                                                                         \
    X(1, IDENTITY_FRONT, "identity_front", "身份证人像面", "Identity card, side with the photo") \
    X(2, IDENTITY_BACK, "identity_back", "身份证国徽面", "Identity card, side with the emblem")  \
    X(3, LICENCE, "licence", "营业执照", "Business licence")                                     \
    X(4, SHOP_FRONT, "shop_front", "店铺门头", "Front of the shop")                              \
    X(5, SHOP_INSIDE, "shop_inside", "店内环境", "Inside of the shop")                           \
    X(6, SHOP_COUNTER, "shop_counter", "收银台", "Counter")

enum document_kind {
#define X(number, name, ...) DOCUMENT_##name = number,
    DOCUMENT_LIST(X)
#undef X
        DOCUMENT_KINDS,
};

const char *document_word(enum document_kind kind);
const char *document_text(enum document_kind kind, bool english);
enum document_kind document_of(struct bytes word); /* 0: none */

struct document {
    enum document_kind kind;
    struct picture picture;
    int64_t bytes, at_ms;
    uint8_t digest[TOKEN_HASH_BYTES];
};

extern const struct store_schema documents_schema;

/* In transactions of its own. NOT_PICTURE, TOO_SMALL, TOO_LARGE: nothing was taken. Errors: those
 * of lib/base/file.h for a disk that is full or gone, and the store's. */
MUST_USE err document_take(const struct applications *applications, int64_t application,
                           const struct application_actor *actor, enum document_kind kind,
                           struct bytes content, enum application_verdict *ret_verdict);

MUST_USE err documents_of(struct store *store, int64_t application,
                          struct document ret_documents[DOCUMENT_KINDS], size_t *ret_count);

/* The content into `block` of DOCUMENT_BYTES_MAX bytes. */
MUST_USE err document_read(const struct applications *applications, const struct document *document,
                           void *block, size_t *ret_len);

/*
 * Somebody of the staff is about to see it: a record in the audit log, before a byte of it leaves.
 * Pieces of one look are one record: another one is written after DOCUMENT_VIEW_MS, or after a
 * restart.
 */
enum { DOCUMENT_VIEW_MS = 10 * 60 * 1000 };
MUST_USE err document_viewed(struct applications *applications, const struct application *whose,
                             enum document_kind kind, int64_t account, const char *subject);

/* Kinds that are still to come before it can be sent, as a set of 1 << enum document_kind. */
MUST_USE err documents_missing(const struct applications *applications, int64_t application,
                               const struct apply_form *form, uint32_t *ret_missing);

/* Removes files that no application has. */
MUST_USE err documents_sweep(const struct applications *applications);
