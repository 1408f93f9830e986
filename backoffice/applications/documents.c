/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of an application: their kinds, and what its state and its form say about them. */
#include "backoffice/applications/documents.h"

#include <assert.h>

static_assert(DOCUMENT_KINDS - 1 <= UPLOADS_MAX, "one of each kind");

static const struct {
    const char *word, *zh, *en;
} kinds[DOCUMENT_KINDS] = {
#define X(number, name, word, zh, en) [number] = {word, zh, en},
    DOCUMENT_LIST(X)
#undef X
};

const char *document_word(enum document_kind kind)
{
    ENSURE(kind > 0 && kind < DOCUMENT_KINDS);
    return kinds[kind].word;
}

const char *document_text(enum document_kind kind, bool english)
{
    ENSURE(kind > 0 && kind < DOCUMENT_KINDS);
    return english ? kinds[kind].en : kinds[kind].zh;
}

enum document_kind document_of(struct bytes word)
{
    for (enum document_kind k = DOCUMENT_IDENTITY_FRONT; k < DOCUMENT_KINDS; k++)
        if (bytes_equal(word, bytes_text(kinds[k].word))) return k;
    return 0;
}

/* What is wrong with a file, as the form says it. */
static enum application_verdict verdict_of(enum upload_verdict verdict)
{
    switch (verdict) {
    case UPLOAD_OK:
        return APPLY_VERDICT_OK;
    case UPLOAD_TOO_LARGE:
        return APPLY_VERDICT_TOO_LARGE;
    case UPLOAD_NOT_PICTURE:
        return APPLY_VERDICT_NOT_PICTURE;
    case UPLOAD_TOO_SMALL:
        return APPLY_VERDICT_TOO_SMALL;
    case UPLOAD_NONE_TAKEN:
        break;
    }
    return APPLY_VERDICT_NOT_NOW;
}

err document_take(const struct applications *as, int64_t application,
                  const struct application_actor *actor, enum document_kind kind,
                  struct bytes content, enum application_verdict *ret)
{
    struct application a;
    struct upload d;
    enum upload_verdict verdict;
    TRY(application_find(as->store, application, &a));
    *ret = APPLY_VERDICT_NOT_NOW;
    if (application_next(a.state, LIFE_DOCUMENT) == APPLICATION_NONE) return OK;
    TRY(upload_keep(as->uploads, kind, content, &d, &verdict));
    *ret = verdict_of(verdict);
    if (*ret != APPLY_VERDICT_OK) return OK;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(as->store, &tx));
    TRY(upload_put(&tx, UPLOAD_OF_APPLICATION, application, &d));
    TRY(application_move(as, &tx, &a, LIFE_DOCUMENT, actor, NULL, ret));
    if (*ret != APPLY_VERDICT_OK) return OK;
    return store_commit(&tx);
}

err documents_missing(const struct applications *as, int64_t application,
                      const struct apply_form *form, uint32_t *ret_missing)
{
    struct upload d[UPLOADS_MAX];
    size_t count = 0;
    uint32_t missing = (1u << DOCUMENT_KINDS) - 2;
    *ret_missing = 0;
    if (as->uploads->directory == NULL) return OK;
    if (!apply_is_asked(form, APPLY_LICENCE)) missing &= ~(1u << DOCUMENT_LICENCE);
    TRY(uploads_of(as->store, UPLOAD_OF_APPLICATION, application, d, &count));
    for (size_t i = 0; i < count; i++) missing &= ~(1u << d[i].kind);
    *ret_missing = missing;
    return OK;
}

err document_viewed(const struct applications *as, const struct application *whose,
                    enum document_kind kind, int64_t account, const char *subject)
{
    return upload_viewed(as->uploads, UPLOAD_OF_APPLICATION, whose->id, kind, account,
                         (struct audit_entry){0, bytes_text(subject), BYTES("document_viewed"),
                                              bytes_text(whose->number),
                                              bytes_text(document_word(kind))});
}
