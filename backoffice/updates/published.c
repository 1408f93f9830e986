/* SPDX-License-Identifier: Apache-2.0 */
/* What `tongbao updates` has published, read where it lies. Terminals check it; here it is chosen
 * from, so nothing is verified but that it can be read. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/updates/updates.h"
#include "lib/base/file.h"
#include "lib/base/hex.h"

static err read_metadata(const char *directory, enum tuf_type type, int64_t version,
                         struct tuf_metadata *ret_metadata)
{
    char path[FILE_PATH_MAX];
    size_t len = 0;
    int written = version > 0 ? snprintf(path, sizeof path, "%s/metadata/%" PRId64 ".%s.json",
                                         directory, version, tuf_type_name(type))
                              : snprintf(path, sizeof path, "%s/metadata/%s.json", directory,
                                         tuf_type_name(type));
    if (written <= 0 || (size_t)written >= sizeof path) return ERR(CONFIG);
    uint8_t *block = malloc(TUF_AUTHOR_TEXT);
    if (block == NULL) return ERR(NO_MEMORY);
    err e = file_read(path, FILE_PUBLIC, block, TUF_AUTHOR_TEXT, &len);
    if (!FAILED(e) && tuf_metadata_parse(type, bytes_of(block, len), ret_metadata) != TUF_ACCEPTED)
        e = ERR(CORRUPT);
    free(block);
    return e;
}

/* What a timestamp or snapshot says of the next. */
static err find_version(const char *directory, enum tuf_type type, int64_t version,
                        const char *about, int64_t *ret_version)
{
    struct tuf_entry entry;
    CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
    TRY(read_metadata(directory, type, version, &m));
    if (!tuf_metadata_entry(&m, about, &entry)) return ERR(CORRUPT);
    *ret_version = entry.version;
    return OK;
}

err updates_published(const char *directory, struct tuf_author_targets *ret_targets)
{
    int64_t snapshot = 0, targets = 0;
    CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
    if (directory == NULL) return ERR(NOT_FOUND);
    TRY(find_version(directory, TUF_TIMESTAMP, 0, "snapshot", &snapshot));
    TRY(find_version(directory, TUF_SNAPSHOT, snapshot, "targets", &targets));
    TRY(read_metadata(directory, TUF_TARGETS, targets, &m));
    err e = tuf_author_targets_read(&m, ret_targets);
    return FAILED(e) ? ERR(CORRUPT) : OK;
}

bool updates_image_of(const struct tuf_author_file *file, int64_t *ret_image,
                      char ret_model[ROLLOUT_MODEL])
{
    CLEANUP(json_free) struct json_document document = {0};
    return !FAILED(json_parse(bytes_text(file->custom), sizeof file->custom, &document)) &&
           !FAILED(json_int(document.root, "image", 1, INT64_MAX, ret_image)) &&
           !FAILED(json_text_copy(document.root, "model", ret_model, ROLLOUT_MODEL));
}

err updates_director_read(const char *directory, struct updates_director *ret_director)
{
    char path[FILE_PATH_MAX];
    uint8_t block[4096];
    size_t len = 0;
    struct updates_director d = {.len = 0};
    struct json_t *row = NULL;
    struct bytes hex;
    CLEANUP(json_free) struct json_document document = {0};
    if (directory == NULL) return ERR(NOT_FOUND);
    TRY(file_path(directory, "online.keys", path, sizeof path));
    TRY(file_read(path, FILE_PUBLIC, block, sizeof block, &len));
    if (FAILED(json_parse(bytes_of(block, len), sizeof block, &document)) ||
        FAILED(json_member(document.root, "director", &row)) ||
        FAILED(json_text(row, "blob", 2 * sizeof d.blob, &hex)) ||
        FAILED(hex_decode(hex, d.blob, sizeof d.blob, &d.len)) ||
        FAILED(json_text(row, "public", TUF_PUBLIC_TEXT, &hex)) ||
        FAILED(tuf_author_key_read(hex, &d.name)))
        return ERR(CORRUPT);
    *ret_director = d;
    return OK;
}
