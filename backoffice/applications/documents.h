/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * documents: photos and papers of an application (S132): which there are, when one is taken, who
 * has looked at it. They are uploads (uploads/uploads.h), which says what one may be and where it
 * lies. Without a directory for those nothing is taken and nothing is asked for.
 */

#include "backoffice/applications/application.h"
#include "backoffice/uploads/uploads.h"

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

/* In transactions of its own. NOT_PICTURE, TOO_SMALL, TOO_LARGE: nothing was taken. Errors: those
 * of lib/base/file.h for a disk that is full or gone, and the store's. */
MUST_USE err document_take(const struct applications *applications, int64_t application,
                           const struct application_actor *actor, enum document_kind kind,
                           struct bytes content, enum application_verdict *ret_verdict);

/* Somebody of the staff is about to see it: upload_viewed(). */
MUST_USE err document_viewed(const struct applications *applications,
                             const struct application *whose, enum document_kind kind,
                             int64_t account, const char *subject);

/* Kinds that are still to come before it can be sent, as a set of 1 << enum document_kind. */
MUST_USE err documents_missing(const struct applications *applications, int64_t application,
                               const struct apply_form *form, uint32_t *ret_missing);
