/* SPDX-License-Identifier: Apache-2.0 */
/* Documents: on record first, then on disk; off the disk first, then off the record. */
#include "backoffice/applications/documents.h"

#include <stdio.h>

#include "lib/base/file.h"

enum { SWEPT_AT_ONCE = 32 };

static const char *const migration[] = {
    "CREATE TABLE application_file(digest BLOB PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT,"
    " WITHOUT ROWID;"
    "CREATE TABLE application_document(application INTEGER NOT NULL REFERENCES application(id),"
    " kind INTEGER NOT NULL, digest BLOB NOT NULL REFERENCES application_file(digest),"
    " type INTEGER NOT NULL, bytes INTEGER NOT NULL, width INTEGER NOT NULL,"
    " height INTEGER NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY(application, kind)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE INDEX application_document_digest ON application_document(digest);",
};

const struct store_schema documents_schema = {"application_files", migration, ARRAY_LEN(migration)};

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

static err path_of(const struct applications *as, const uint8_t digest[TOKEN_HASH_BYTES],
                   char out[FILE_PATH_MAX])
{
    char name[2 * TOKEN_HASH_BYTES + 1];
    struct writer w = writer_over(name, sizeof name - 1);
    write_hex(&w, bytes_of(digest, TOKEN_HASH_BYTES));
    name[w.len] = '\0';
    return file_path(as->documents, name, out, FILE_PATH_MAX);
}

/* ---- taking ---- */

static err put_file(struct store_tx *tx, const uint8_t digest[TOKEN_HASH_BYTES], int64_t now_ms)
{
    struct store_statement *insert;
    TRY(store_statement(tx->store, "INSERT OR IGNORE INTO application_file VALUES(?, ?)", &insert));
    store_bind_blob(insert, bytes_of(digest, TOKEN_HASH_BYTES));
    store_bind_int(insert, now_ms);
    return store_run(insert);
}

static err put_document(struct store_tx *tx, int64_t application, const struct document *d)
{
    struct store_statement *insert;
    TRY(store_statement(tx->store,
                        "INSERT INTO application_document VALUES(?, ?, ?, ?, ?, ?, ?, ?)"
                        " ON CONFLICT DO UPDATE SET digest = excluded.digest, type = excluded.type,"
                        " bytes = excluded.bytes, width = excluded.width, height = excluded.height,"
                        " at_ms = excluded.at_ms",
                        &insert));
    store_bind_int(insert, application);
    store_bind_int(insert, (int64_t)d->kind);
    store_bind_blob(insert, BYTES_OF(d->digest));
    store_bind_int(insert, (int64_t)d->picture.type);
    store_bind_int(insert, d->bytes);
    store_bind_int(insert, d->picture.width);
    store_bind_int(insert, d->picture.height);
    store_bind_int(insert, d->at_ms);
    return store_run(insert);
}

static enum application_verdict look(struct bytes content, struct picture *ret)
{
    if (content.len > DOCUMENT_BYTES_MAX) return APPLY_VERDICT_TOO_LARGE;
    if (FAILED(picture_look(content, ret))) return APPLY_VERDICT_NOT_PICTURE;
    bool small = ret->type != PICTURE_PDF &&
                 (ret->width < DOCUMENT_SIDE_MIN || ret->height < DOCUMENT_SIDE_MIN);
    return small ? APPLY_VERDICT_TOO_SMALL : APPLY_VERDICT_OK;
}

static err announce(const struct applications *as, const struct document *d)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(as->store, &tx));
    TRY(put_file(&tx, d->digest, d->at_ms));
    return store_commit(&tx);
}

err document_take(const struct applications *as, int64_t application,
                  const struct application_actor *actor, enum document_kind kind,
                  struct bytes content, enum application_verdict *ret)
{
    struct application a;
    struct document d = {
        .kind = kind, .bytes = (int64_t)content.len, .at_ms = clock_now_ms(&as->clock)};
    char path[FILE_PATH_MAX];
    TRY(application_find(as->store, application, &a));
    bool now = application_next(a.state, LIFE_DOCUMENT) != APPLICATION_NONE;
    *ret = as->documents != NULL && now ? look(content, &d.picture) : APPLY_VERDICT_NOT_NOW;
    if (*ret != APPLY_VERDICT_OK) return OK;
    token_digest("document", content, d.digest);
    TRY(path_of(as, d.digest, path));
    TRY(announce(as, &d));
    TRY(file_write(path, FILE_PRIVATE, content));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(as->store, &tx));
    TRY(put_file(&tx, d.digest, d.at_ms));
    TRY(put_document(&tx, application, &d));
    TRY(application_move(as, &tx, &a, LIFE_DOCUMENT, actor, NULL, ret));
    if (*ret != APPLY_VERDICT_OK) return OK;
    return store_commit(&tx);
}

/* ---- reading ---- */

err documents_of(struct store *store, int64_t application, struct document ret[DOCUMENT_KINDS],
                 size_t *ret_count)
{
    struct store_statement *rows;
    *ret_count = 0;
    TRY(store_statement(store,
                        "SELECT kind, digest, type, bytes, width, height, at_ms FROM"
                        " application_document WHERE application = ? ORDER BY kind LIMIT 6",
                        &rows));
    store_bind_int(rows, application);
    for (;;) {
        bool row = false;
        struct document *d = &ret[*ret_count];
        TRY(store_step(rows, &row));
        if (!row) return OK;
        d->kind = (enum document_kind)store_read_int(rows);
        store_read_blob_into(rows, d->digest, sizeof d->digest);
        d->picture.type = (enum picture_type)store_read_int(rows);
        d->bytes = store_read_int(rows);
        d->picture.width = (uint32_t)store_read_int(rows);
        d->picture.height = (uint32_t)store_read_int(rows);
        d->at_ms = store_read_int(rows);
        err read = store_read_finish(rows);
        if (FAILED(read)) {
            store_reset(rows);
            return read;
        }
        ++*ret_count;
    }
}

err document_read(const struct applications *as, const struct document *d, void *block,
                  size_t *ret_len)
{
    char path[FILE_PATH_MAX];
    TRY(path_of(as, d->digest, path));
    return file_read(path, FILE_PRIVATE, block, DOCUMENT_BYTES_MAX, ret_len);
}

err documents_missing(const struct applications *as, int64_t application,
                      const struct apply_form *form, uint32_t *ret_missing)
{
    struct document d[DOCUMENT_KINDS];
    size_t count = 0;
    uint32_t missing = (1u << DOCUMENT_KINDS) - 2;
    *ret_missing = 0;
    if (as->documents == NULL) return OK;
    if (!apply_is_asked(form, APPLY_LICENCE)) missing &= ~(1u << DOCUMENT_LICENCE);
    TRY(documents_of(as->store, application, d, &count));
    for (size_t i = 0; i < count; i++) missing &= ~(1u << d[i].kind);
    *ret_missing = missing;
    return OK;
}

/* ---- the clock ---- */

static err forget(const struct applications *as, const uint8_t digest[TOKEN_HASH_BYTES])
{
    struct store_statement *remove;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(as->store, &tx));
    TRY(store_statement(as->store, "DELETE FROM application_file WHERE digest = ?", &remove));
    store_bind_blob(remove, bytes_of(digest, TOKEN_HASH_BYTES));
    TRY(store_run(remove));
    return store_commit(&tx);
}

err documents_sweep(const struct applications *as)
{
    for (int i = 0; as->documents != NULL && i < SWEPT_AT_ONCE; i++) {
        struct store_statement *query;
        uint8_t digest[TOKEN_HASH_BYTES];
        char path[FILE_PATH_MAX];
        bool row = false;
        TRY(store_statement(as->store,
                            "SELECT digest FROM application_file f WHERE NOT EXISTS(SELECT 1 FROM"
                            " application_document d WHERE d.digest = f.digest) LIMIT 1",
                            &query));
        TRY(store_step(query, &row));
        if (!row) return OK;
        store_read_blob_into(query, digest, sizeof digest);
        err read = store_read_finish(query);
        store_reset(query);
        TRY(read);
        TRY(path_of(as, digest, path));
        err removed = file_remove(path);
        if (FAILED(removed) && removed.code != ERR_NOT_FOUND) return OK; /* the next time */
        TRY(forget(as, digest));
    }
    return OK;
}

/* ---- who has looked ---- */

err document_viewed(struct applications *as, const struct application *whose,
                    enum document_kind kind, int64_t account, const char *subject)
{
    const struct application_view now = {account, whose->id, clock_now_ms(&as->clock), kind};
    for (size_t i = 0; i < APPLICATION_VIEWS; i++) {
        const struct application_view *v = &as->view[i];
        bool same = v->account == account && v->application == whose->id && v->kind == kind;
        if (same && now.at_ms >= v->at_ms && now.at_ms - v->at_ms < DOCUMENT_VIEW_MS) return OK;
    }
    TRY(audit_note(as->store, &(struct audit_entry){
                                  now.at_ms, bytes_text(subject), BYTES("document_viewed"),
                                  bytes_text(whose->number), bytes_text(document_word(kind))}));
    as->view[as->views++ % APPLICATION_VIEWS] = now;
    return OK;
}
