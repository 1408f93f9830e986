/* SPDX-License-Identifier: Apache-2.0 */
/* Backups in a directory: see backup_place.h. */
#include "terminal/backup_place.h"

#define SUFFIX ".tbbackup"

/* A name of ours, and no way into another directory. */
static err path_of(const struct backup_place *place, const char *name, char out[FILE_PATH_MAX])
{
    if (strchr(name, '/') != NULL || name[0] == '.') return ERR(CONFIG);
    return file_path(place->directory, name, out, FILE_PATH_MAX);
}

/* Another connection to the file: what it reads stays as it was when it began (WAL). */
static err snapshot(void *context, struct store **ret_store)
{
    const struct backup_place *place = context;
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    struct store_tx tx = {0};
    struct store *store;
    TRY(store_open(place->database, &options, NULL, &store));
    err begun = store_begin(store, &tx); /* until it is closed */
    if (FAILED(begun)) {
        store_close(store);
        return begun;
    }
    *ret_store = store;
    return OK;
}

static err create(void *context, const char *name)
{
    struct backup_place *place = context;
    char path[FILE_PATH_MAX];
    file_stream_abandon(&place->writing);
    TRY(path_of(place, name, path));
    return file_stream_begin(&place->writing, path);
}

static err append(void *context, struct bytes b)
{
    return file_stream_append(&((struct backup_place *)context)->writing, b);
}

static err finish(void *context, bool whole)
{
    struct backup_place *place = context;
    if (whole) return file_stream_finish(&place->writing);
    file_stream_abandon(&place->writing);
    return OK;
}

static err read_part(void *context, const char *name, uint64_t offset, void *block, size_t max,
                     size_t *ret_len)
{
    char path[FILE_PATH_MAX];
    TRY(path_of(context, name, path));
    return file_read_at(path, offset, block, max, ret_len);
}

static err each(void *context, err (*found)(void *found_context, const char *name),
                void *found_context)
{
    return file_each(((struct backup_place *)context)->directory, SUFFIX, found, found_context);
}

static err take_away(void *context, const char *name)
{
    char path[FILE_PATH_MAX];
    TRY(path_of(context, name, path));
    return file_remove(path);
}

void backup_place_ports(struct backup_place *place, struct backup_ports *out)
{
    *out =
        (struct backup_ports){place, snapshot, create, append, finish, read_part, each, take_away};
}
