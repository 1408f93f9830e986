/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle that is on its way: a row for it, and one for each piece that has come. */
#include "backoffice/backups/backups.h"

#include "lib/store/store.h"

int64_t backup_pieces(int64_t bytes)
{
    return (bytes + DEVICE_PART_MAX - 1) / DEVICE_PART_MAX;
}

err backup_upload_of(struct store *store, const char *tid, struct backup_upload *out)
{
    struct store_statement *s;
    struct backup_upload upload;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT digest, bytes, (SELECT count(*) FROM backup_piece p WHERE p.tid ="
                        " u.tid) FROM backup_upload u WHERE tid = ?",
                        &s));
    store_bind_text(s, bytes_text(tid));
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    store_read_blob_into(s, upload.digest, sizeof upload.digest);
    upload.bytes = store_read_int(s);
    upload.have = store_read_int(s);
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    *out = upload;
    return OK;
}

err backup_upload_end(struct store_tx *tx, const char *tid)
{
    static const char *const ends[] = {
        "DELETE FROM backup_piece WHERE tid = ?",
        "DELETE FROM backup_upload WHERE tid = ?",
    };
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct store_statement *s;
        TRY(store_statement(tx->store, ends[i], &s));
        store_bind_text(s, bytes_text(tid));
        TRY(store_run(s));
    }
    return OK;
}

err backup_upload_begin(struct store *store, const char *tid, const struct backup_upload *upload,
                        int64_t now_ms)
{
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(backup_upload_end(&tx, tid));
    TRY(store_statement(
        store, "INSERT INTO backup_upload(tid, digest, bytes, at_ms) VALUES(?, ?, ?, ?)", &s));
    store_bind_text(s, bytes_text(tid));
    store_bind_blob(s, BYTES_OF(upload->digest));
    store_bind_int(s, upload->bytes);
    store_bind_int(s, now_ms);
    TRY(store_run(s));
    return store_commit(&tx);
}

err backup_piece_put(struct store *store, const char *tid, int64_t part, struct bytes content)
{
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(store_statement(store, "INSERT INTO backup_piece(tid, part, bytes) VALUES(?, ?, ?)", &s));
    store_bind_text(s, bytes_text(tid));
    store_bind_int(s, part);
    store_bind_blob(s, content);
    TRY(store_run(s));
    return store_commit(&tx);
}

static err read_piece(const struct backup_pieces_source *source, int64_t part,
                      uint8_t block[DEVICE_PART_MAX], size_t *ret_len)
{
    struct store_statement *s;
    bool row = false;
    *ret_len = 0;
    TRY(store_statement(source->store, "SELECT bytes FROM backup_piece WHERE tid = ? AND part = ?",
                        &s));
    store_bind_text(s, bytes_text(source->tid));
    store_bind_int(s, part);
    TRY(store_step(s, &row));
    if (!row) return OK;
    *ret_len = store_read_blob_up_to(s, block, DEVICE_PART_MAX);
    err read = store_read_finish(s);
    store_reset(s);
    return read;
}

err backup_pieces_read(void *context, uint64_t offset, void *block, size_t max, size_t *ret_len)
{
    uint8_t piece[DEVICE_PART_MAX];
    size_t done = 0;
    while (done < max) {
        uint64_t at = offset + done, inside = at % DEVICE_PART_MAX;
        size_t len = 0;
        TRY(read_piece(context, (int64_t)(at / DEVICE_PART_MAX) + 1, piece, &len));
        if (len <= inside) break;
        size_t some = len - (size_t)inside < max - done ? len - (size_t)inside : max - done;
        memcpy((uint8_t *)block + done, piece + inside, some);
        done += some;
    }
    *ret_len = done;
    return OK;
}
