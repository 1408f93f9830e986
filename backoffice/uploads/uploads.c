/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads: on record first, then on disk; off the disk first, then off the record. */
#include "backoffice/uploads/uploads.h"

#include "lib/base/file.h"
#include "lib/base/writer.h"

enum { SWEPT_AT_ONCE = 32 };

/* They were an application's alone, once: the first names are those. */
static const char *const migration[] = {
    "CREATE TABLE application_file(digest BLOB PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT,"
    " WITHOUT ROWID;"
    "CREATE TABLE application_document(application INTEGER NOT NULL REFERENCES application(id),"
    " kind INTEGER NOT NULL, digest BLOB NOT NULL REFERENCES application_file(digest),"
    " type INTEGER NOT NULL, bytes INTEGER NOT NULL, width INTEGER NOT NULL,"
    " height INTEGER NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY(application, kind)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE INDEX application_document_digest ON application_document(digest);",
    "CREATE TABLE upload_file(digest BLOB PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT,"
    " WITHOUT ROWID;"
    "CREATE TABLE upload(owner INTEGER NOT NULL, id INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " digest BLOB NOT NULL REFERENCES upload_file(digest), type INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL, PRIMARY KEY(owner, id, kind)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX upload_digest ON upload(digest);"
    "INSERT INTO upload_file SELECT digest, at_ms FROM application_file;"
    "INSERT INTO upload SELECT 1, application, kind, digest, type, bytes, width, height, at_ms"
    " FROM application_document;"
    "DROP TABLE application_document;"
    "DROP TABLE application_file;",
};

const struct store_schema uploads_schema = {"application_files", migration, ARRAY_LEN(migration)};

static err path_of(const struct uploads *u, const uint8_t digest[TOKEN_HASH_BYTES],
                   char out[FILE_PATH_MAX])
{
    char name[2 * TOKEN_HASH_BYTES + 1];
    struct writer w = writer_over(name, sizeof name - 1);
    write_hex(&w, bytes_of(digest, TOKEN_HASH_BYTES));
    name[w.len] = '\0';
    return file_path(u->directory, name, out, FILE_PATH_MAX);
}

/* ---- taking ---- */

static err put_file(struct store_tx *tx, const uint8_t digest[TOKEN_HASH_BYTES], int64_t now_ms)
{
    struct store_statement *insert;
    TRY(store_statement(tx->store, "INSERT OR IGNORE INTO upload_file VALUES(?, ?)", &insert));
    store_bind_blob(insert, bytes_of(digest, TOKEN_HASH_BYTES));
    store_bind_int(insert, now_ms);
    return store_run(insert);
}

static enum upload_verdict look(const struct uploads *u, struct bytes content, struct picture *ret)
{
    if (u->directory == NULL) return UPLOAD_NONE_TAKEN;
    if (content.len > UPLOAD_BYTES_MAX) return UPLOAD_TOO_LARGE;
    if (FAILED(picture_look(content, ret))) return UPLOAD_NOT_PICTURE;
    bool small =
        ret->type != PICTURE_PDF && (ret->width < UPLOAD_SIDE_MIN || ret->height < UPLOAD_SIDE_MIN);
    return small ? UPLOAD_TOO_SMALL : UPLOAD_OK;
}

static err announce(const struct uploads *u, const struct upload *d)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(u->store, &tx));
    TRY(put_file(&tx, d->digest, d->at_ms));
    return store_commit(&tx);
}

err upload_keep(const struct uploads *u, unsigned kind, struct bytes content, struct upload *ret,
                enum upload_verdict *ret_verdict)
{
    struct upload d = {
        .kind = kind, .bytes = (int64_t)content.len, .at_ms = clock_now_ms(&u->clock)};
    char path[FILE_PATH_MAX];
    *ret_verdict = look(u, content, &d.picture);
    if (*ret_verdict != UPLOAD_OK) return OK;
    token_digest("document", content, d.digest);
    TRY(path_of(u, d.digest, path));
    TRY(announce(u, &d));
    TRY(file_write(path, FILE_PRIVATE, content));
    *ret = d;
    return OK;
}

err upload_put(struct store_tx *tx, enum upload_owner owner, int64_t id, const struct upload *d)
{
    struct store_statement *insert;
    TRY(put_file(tx, d->digest, d->at_ms)); /* the clock may have come between */
    TRY(store_statement(tx->store,
                        "INSERT INTO upload VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"
                        " ON CONFLICT DO UPDATE SET digest = excluded.digest, type = excluded.type,"
                        " bytes = excluded.bytes, width = excluded.width, height = excluded.height,"
                        " at_ms = excluded.at_ms",
                        &insert));
    store_bind_int(insert, (int64_t)owner);
    store_bind_int(insert, id);
    store_bind_int(insert, (int64_t)d->kind);
    store_bind_blob(insert, BYTES_OF(d->digest));
    store_bind_int(insert, (int64_t)d->picture.type);
    store_bind_int(insert, d->bytes);
    store_bind_int(insert, d->picture.width);
    store_bind_int(insert, d->picture.height);
    store_bind_int(insert, d->at_ms);
    return store_run(insert);
}

/* ---- reading ---- */

err uploads_of(struct store *store, enum upload_owner owner, int64_t id,
               struct upload ret[UPLOADS_MAX], size_t *ret_count)
{
    struct store_statement *rows;
    *ret_count = 0;
    TRY(store_statement(store,
                        "SELECT kind, digest, type, bytes, width, height, at_ms FROM upload"
                        " WHERE owner = ? AND id = ? ORDER BY kind LIMIT 8",
                        &rows));
    store_bind_int(rows, (int64_t)owner);
    store_bind_int(rows, id);
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        struct upload *d = &ret[*ret_count];
        d->kind = (unsigned)store_read_int(rows);
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

err upload_find(struct store *store, enum upload_owner owner, int64_t id, unsigned kind,
                struct upload *ret)
{
    struct upload d[UPLOADS_MAX];
    size_t count = 0;
    TRY(uploads_of(store, owner, id, d, &count));
    for (size_t i = 0; i < count; i++) {
        if (d[i].kind != kind) continue;
        *ret = d[i];
        return OK;
    }
    return ERR(NOT_FOUND);
}

err upload_read(const struct uploads *u, const struct upload *d, void *block, size_t *ret_len)
{
    char path[FILE_PATH_MAX];
    ENSURE(u->directory != NULL);
    TRY(path_of(u, d->digest, path));
    return file_read(path, FILE_PRIVATE, block, UPLOAD_BYTES_MAX, ret_len);
}

/* ---- who has looked ---- */

err upload_viewed(struct uploads *u, enum upload_owner owner, int64_t id, unsigned kind,
                  int64_t account, struct audit_entry entry)
{
    const struct upload_view now = {account, id, clock_now_ms(&u->clock), owner, kind};
    for (size_t i = 0; i < UPLOAD_VIEWS; i++) {
        const struct upload_view *v = &u->view[i];
        bool same = v->account == account && v->owner == owner && v->id == id && v->kind == kind;
        if (same && now.at_ms >= v->at_ms && now.at_ms - v->at_ms < UPLOAD_VIEW_MS) return OK;
    }
    entry.at_ms = now.at_ms;
    TRY(audit_note(u->store, &entry));
    u->view[u->views++ % UPLOAD_VIEWS] = now;
    return OK;
}

/* ---- the clock ---- */

static err forget(const struct uploads *u, const uint8_t digest[TOKEN_HASH_BYTES])
{
    struct store_statement *remove;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(u->store, &tx));
    TRY(store_statement(u->store, "DELETE FROM upload_file WHERE digest = ?", &remove));
    store_bind_blob(remove, bytes_of(digest, TOKEN_HASH_BYTES));
    TRY(store_run(remove));
    return store_commit(&tx);
}

err uploads_sweep(const struct uploads *u)
{
    for (int i = 0; u->directory != NULL && i < SWEPT_AT_ONCE; i++) {
        struct store_statement *query;
        uint8_t digest[TOKEN_HASH_BYTES];
        char path[FILE_PATH_MAX];
        bool row = false;
        TRY(store_statement(u->store,
                            "SELECT digest FROM upload_file f WHERE NOT EXISTS(SELECT 1 FROM"
                            " upload d WHERE d.digest = f.digest) LIMIT 1",
                            &query));
        TRY(store_step(query, &row));
        if (!row) return OK;
        store_read_blob_into(query, digest, sizeof digest);
        err read = store_read_finish(query);
        store_reset(query);
        TRY(read);
        TRY(path_of(u, digest, path));
        err removed = file_remove(path);
        if (FAILED(removed) && removed.code != ERR_NOT_FOUND) return OK; /* the next time */
        TRY(forget(u, digest));
    }
    return OK;
}
