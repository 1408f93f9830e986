/* SPDX-License-Identifier: Apache-2.0 */
/* Names of files, and files. */
#include "lib/tuf/local.h"

#include "lib/base/file.h"
#include "lib/crypto/crypto.h"
#include "lib/tuf/name.h"

enum { READABLE_BYTES = 200 }; /* with ".json" and file_write()'s ".new": below NAME_MAX, 255 */

static err read_file(void *context, const char *name, void *block, size_t max, size_t *ret_len)
{
    char path[FILE_PATH_MAX];
    TRY(file_path(context, name, path, sizeof path));
    return file_read(path, FILE_PUBLIC, block, max, ret_len);
}

static err write_file(void *context, const char *name, struct bytes content)
{
    char path[FILE_PATH_MAX];
    TRY(file_path(context, name, path, sizeof path));
    return file_write(path, FILE_PUBLIC, content);
}

struct tuf_local tuf_local_directory(const char *directory)
{
    return (struct tuf_local){read_file, write_file, (void *)(uintptr_t)directory};
}

/* What is escaped, or the digest where that is too long; then `end`. */
static void name_file(const char *name, const char *end, char ret_name[TUF_LOCAL_NAME_BYTES])
{
    struct writer w = writer_over(ret_name, READABLE_BYTES);
    tuf_name_escape(&w, bytes_text(name), false);
    if (w.fault != ERR_OK) {
        uint8_t digest[CRYPTO_SHA256_BYTES];
        crypto_sha256(bytes_text(name), digest);
        w = writer_over(ret_name, READABLE_BYTES);
        write_hex(&w, BYTES_OF(digest));
    }
    size_t len = strlen(end);
    memcpy(ret_name + w.len, end, len + 1);
}

void tuf_local_role_name(const char *role, char ret_name[TUF_LOCAL_NAME_BYTES])
{
    name_file(role, ".json", ret_name);
}

void tuf_local_target_name(const char *path, char ret_name[TUF_LOCAL_NAME_BYTES])
{
    static const char beside[] = ".new"; /* what file_write() calls a file that is not whole yet */
    name_file(path, "", ret_name);
    size_t len = strlen(ret_name), tail = sizeof beside - 1;
    if (len >= tail && strcmp(ret_name + len - tail, beside) == 0)
        memcpy(ret_name + len - tail, "%2Enew", sizeof "%2Enew");
}
