/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory databases for the simulator, on SQLite's own shared memory VFS: the anchor is a connection
 * that does nothing but keep the database alive while the stores of killed processes come and go.
 */
#include <stdlib.h>

#include "lib/store/sqlite.h"

struct store_anchor {
    sqlite3 *db;
};

err store_memory_uri(const char *name, char uri[static STORE_PATH_MAX])
{
    for (const char *c = name; *c != '\0'; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || *c == '-' || *c == '_' || *c == '.';
        if (!plain) return ERR(FORMAT); /* it would mean something in a URI */
    }
    struct writer w = writer_over(uri, STORE_PATH_MAX - 1);
    write_format(&w, "file:/%s?vfs=memdb", name);
    if (w.fault != ERR_OK) return ERR(LENGTH);
    uri[w.len] = '\0';
    return OK;
}

err store_anchor_open(const char *name, struct store_anchor **ret_anchor)
{
    char uri[STORE_PATH_MAX];
    TRY(store_memory_uri(name, uri));
    struct store_anchor *anchor = calloc(1, sizeof *anchor);
    if (anchor == NULL) return ERR(NO_MEMORY);
    store_set_up();
    int result = sqlite3_open_v2(
        uri, &anchor->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI, NULL);
    if (result != SQLITE_OK) {
        store_anchor_close(anchor);
        return ERR(NO_MEMORY);
    }
    *ret_anchor = anchor;
    return OK;
}

void store_anchor_close(struct store_anchor *anchor)
{
    if (anchor == NULL) return;
    sqlite3_close(anchor->db);
    free(anchor);
}

err store_anchor_image(struct store_anchor *anchor, struct bytes *ret_image)
{
    sqlite3_int64 size = 0;
    unsigned char *image = sqlite3_serialize(anchor->db, "main", &size, 0);
    if (image == NULL) return ERR(NO_MEMORY);
    *ret_image = bytes_of(image, (size_t)size);
    return OK;
}

void store_image_free(struct bytes image)
{
    if (image.at == NULL) return;
    explicit_bzero((uint8_t *)image.at, image.len);
    sqlite3_free((uint8_t *)image.at);
}

static int copy_all(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *copy = sqlite3_backup_init(to, "main", from, "main");
    if (copy == NULL) return SQLITE_NOMEM;
    (void)sqlite3_backup_step(copy, -1);
    return sqlite3_backup_finish(copy);
}

err store_anchor_fill(struct store_anchor *anchor, struct bytes image)
{
    ENSURE(image.len > 0);
    sqlite3 *source = NULL;
    int result = sqlite3_open(":memory:", &source);
    if (result == SQLITE_OK)
        result = sqlite3_deserialize(source, "main", (uint8_t *)image.at, (int64_t)image.len,
                                     (int64_t)image.len, SQLITE_DESERIALIZE_READONLY);
    if (result == SQLITE_OK) result = copy_all(source, anchor->db);
    sqlite3_close(source);
    return result == SQLITE_OK ? OK : ERR(NO_MEMORY);
}
