/* SPDX-License-Identifier: Apache-2.0 */
/* Escaping, and which paths are paths. */
#include "lib/tuf/name.h"

#include "lib/tuf/metadata.h"

static bool is_unreserved(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void tuf_name_escape(struct writer *w, struct bytes text, bool slashes)
{
    for (size_t i = 0; i < text.len; i++) {
        struct bytes one = bytes_of(text.at + i, 1);
        bool kept = is_unreserved(*one.at) || (slashes && *one.at == '/');
        if (!kept) write_bytes(w, BYTES("%"));
        if (kept) write_bytes(w, one);
        else write_hex_upper(w, one);
    }
}

static bool part_valid(struct bytes part)
{
    if (part.len == 0 || bytes_equal(part, BYTES(".")) || bytes_equal(part, BYTES("..")))
        return false;
    for (size_t i = 0; i < part.len; i++)
        if (part.at[i] < 0x20 || part.at[i] == 0x7f) return false;
    return true;
}

bool tuf_path_valid(const char *path)
{
    if (strlen(path) > TUF_PATH_BYTES) return false;
    for (;;) {
        size_t len = strcspn(path, "/");
        if (!part_valid(bytes_of(path, len))) return false;
        if (path[len] == '\0') return true;
        path += len + 1;
    }
}
