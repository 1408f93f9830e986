/* SPDX-License-Identifier: Apache-2.0 */
/* A file by its delta. Nothing that travelled is believed: what comes out is. */
#include <assert.h>
#include <stdlib.h>

#include "lib/base/hex.h"
#include "lib/crypto/document_key.h"
#include "lib/tuf/client_internal.h"
#include "lib/tuf/delta.h"

static_assert((int)DELTA_FILE_MAX == (int)TUF_FILE_BYTES, "a delta makes any file");

static bool says(const struct json_t *delta, const char *member, const uint8_t digest[32])
{
    struct bytes text;
    uint8_t said[CRYPTO_SHA256_BYTES];
    size_t len = 0;
    return !FAILED(json_text(delta, member, 2 * sizeof said, &text)) &&
           !FAILED(hex_decode(text, said, sizeof said, &len)) && len == sizeof said &&
           memcmp(said, digest, sizeof said) == 0;
}

/* Is it announced as what leads from the one to the other? */
static bool leads(const char *custom, const uint8_t from[32], const uint8_t to[32])
{
    CLEANUP(json_free) struct json_document document = {0};
    struct json_t *delta = NULL;
    return !FAILED(json_parse(bytes_text(custom), TUF_CUSTOM_BYTES, &document)) &&
           !FAILED(json_member(document.root, "delta", &delta)) && says(delta, "from", from) &&
           says(delta, "to", to);
}

/* The delta, when the lists have one that is worth its way. */
static enum tuf_verdict find_delta(struct tuf_client *c, const struct tuf_target *target,
                                   struct bytes before, struct tuf_target *ret_delta)
{
    uint8_t from[CRYPTO_SHA256_BYTES];
    char path[TUF_PATH_BYTES + 1];
    if (!target->entry.sha256 || FAILED(document_digest(before, from)) ||
        FAILED(delta_path(target->path, from, path, sizeof path)))
        return TUF_NO_TARGET;
    TUF_TRY(tuf_client_find(c, path, ret_delta));
    bool serves = leads(ret_delta->custom, from, target->entry.hash256) &&
                  ret_delta->entry.length < target->entry.length;
    return serves ? TUF_ACCEPTED : TUF_NO_TARGET;
}

/* What comes out, when it is the file that is announced. The caller frees it. */
static enum tuf_verdict make_file(const struct tuf_target *target, struct bytes delta,
                                  struct bytes before, uint8_t **ret_file)
{
    size_t max = (size_t)target->entry.length, len = 0;
    uint8_t *file = malloc(max);
    if (file == NULL) return TUF_RESOURCES;
    err made = delta_apply(delta, before, file, max, &len);
    enum tuf_verdict verdict = made.code == ERR_NO_MEMORY ? TUF_RESOURCES
                               : FAILED(made)
                                   ? TUF_HASH
                                   : tuf_entry_matches(&target->entry, bytes_of(file, len));
    if (verdict == TUF_ACCEPTED) *ret_file = file;
    else free(file);
    return verdict;
}

enum tuf_verdict tuf_client_patch(struct tuf_client *client, const struct tuf_target *target,
                                  struct bytes before, struct bytes *ret_content,
                                  size_t *ret_travelled)
{
    struct tuf_target delta;
    uint8_t *file = NULL;
    size_t len = 0;
    *ret_travelled = 0;
    TUF_TRY(tuf_client_room_for(client, target));
    if (tuf_client_has_file(client, target, &len)) {
        *ret_content = bytes_of(client->file, len);
        return TUF_UNCHANGED;
    }
    TUF_TRY(find_delta(client, target, before, &delta));
    TUF_TRY(tuf_client_room_for(client, &delta));
    enum tuf_verdict fetched = tuf_client_fetch_file(client, &delta, &len);
    *ret_travelled = len;
    TUF_TRY(fetched);
    TUF_TRY(make_file(target, bytes_of(client->file, len), before, &file));
    free(client->file);
    client->file = file;
    tuf_client_about(client, "%s", target->path);
    len = (size_t)target->entry.length;
    TUF_TRY(tuf_client_keep_file(client, target, len));
    *ret_content = bytes_of(client->file, len);
    return TUF_ACCEPTED;
}
