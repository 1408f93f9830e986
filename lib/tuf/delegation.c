/* SPDX-License-Identifier: Apache-2.0 */
/* Matching of paths; a false everywhere that a delegator could have meant something else. */
#include "lib/tuf/delegation.h"

#include <stdio.h>

#include "lib/crypto/crypto.h"
#include "lib/tuf/shape.h"

/* The length of the set that begins at `at` with its bracket, or 0: a bracket that nothing closes
 * stands for itself. A "]" that comes first is in the set. */
static size_t set_length(struct bytes pattern, size_t at)
{
    size_t i = at + 1;
    if (i < pattern.len && pattern.at[i] == '!') i++;
    if (i < pattern.len && pattern.at[i] == ']') i++;
    while (i < pattern.len && pattern.at[i] != ']') i++;
    return i < pattern.len ? i - at + 1 : 0;
}

static bool set_has(struct bytes set, uint8_t c)
{
    size_t i = 1;
    bool inverted = set.at[i] == '!', found = false;
    if (inverted) i++;
    while (i < set.len - 1) {
        bool range = i + 2 < set.len - 1 && set.at[i + 1] == '-';
        uint8_t last = range ? set.at[i + 2] : set.at[i];
        if (c >= set.at[i] && c <= last) found = true;
        i += range ? 3 : 1;
    }
    return found != inverted;
}

/* How many bytes of the pattern one character takes, or 0: it does not fit. */
static size_t one_matches(struct bytes pattern, size_t at, uint8_t c)
{
    if (at >= pattern.len) return 0;
    uint8_t p = pattern.at[at];
    if (p == '?') return c == '/' ? 0 : 1;
    if (p == '[') {
        size_t len = set_length(pattern, at);
        if (len > 0) return c != '/' && set_has(bytes_of(pattern.at + at, len), c) ? len : 0;
    }
    return p == c ? 1 : 0;
}

bool tuf_path_matches(struct bytes pattern, struct bytes path)
{
    size_t p = 0, i = 0, star = SIZE_MAX, resume = 0;
    while (i < path.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = p++; /* it stands for nothing, until what follows does not fit */
            resume = i;
            continue;
        }
        size_t taken = one_matches(pattern, p, path.at[i]);
        if (taken > 0) {
            p += taken;
            i++;
            continue;
        }
        /* The last star takes one character more; no star before it could do better. */
        if (star == SIZE_MAX || path.at[resume] == '/') return false;
        p = star + 1;
        i = ++resume;
    }
    while (p < pattern.len && pattern.at[p] == '*') p++;
    return p == pattern.len;
}

static void hash_path(const char *path, uint8_t digest[CRYPTO_SHA256_BYTES])
{
    crypto_sha256(bytes_text(path), digest);
}

/* Prefixes are lower-case digits, as section 4.5.1 spells digests. */
static bool prefix_matches(struct bytes prefix, const char *path)
{
    uint8_t digest[CRYPTO_SHA256_BYTES], text[2 * CRYPTO_SHA256_BYTES];
    hash_path(path, digest);
    struct writer w = writer_over(text, sizeof text);
    write_hex(&w, BYTES_OF(digest));
    return prefix.len <= sizeof text && memcmp(prefix.at, text, prefix.len) == 0;
}

static bool list_matches(const struct json_t *role, const char *path)
{
    struct json_t *list = NULL;
    struct bytes text;
    size_t count = 0;
    bool prefixes = json_has(role, "path_hash_prefixes");
    if (FAILED(json_list(role, prefixes ? "path_hash_prefixes" : "paths", TUF_PATHS_MAX, &list,
                         &count)))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (FAILED(json_value_text(json_at(list, i), TUF_PATH_BYTES, &text))) return false;
        if (prefixes ? prefix_matches(text, path) : tuf_path_matches(text, bytes_text(path)))
            return true;
    }
    return false;
}

/* Section 4.5.1: the first bits of the path's hash, as hexadecimal digits of one width. */
static bool bin_of(const struct json_t *owner, const char *path, struct tuf_delegation *ret)
{
    struct json_t *bins = NULL;
    struct bytes prefix;
    int64_t bits = 0;
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct tuf_delegation d = {.terminating = false};
    if (FAILED(json_member(owner, "succinct_roles", &bins)) ||
        FAILED(json_int(bins, "bit_length", 1, 32, &bits)) ||
        FAILED(json_text(bins, "name_prefix", TUF_ROLE_NAME_BYTES - 9, &prefix)) ||
        !tuf_shape_role(owner, bins, &d.role))
        return false;
    hash_path(path, digest);
    uint32_t first = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 |
                     (uint32_t)digest[2] << 8 | digest[3];
    int width = (int)(bits + 3) / 4;
    int len = snprintf(d.name, sizeof d.name, "%.*s-%0*x", (int)prefix.len, (const char *)prefix.at,
                       width, first >> (32 - bits));
    if (len < 0 || (size_t)len >= sizeof d.name) return false;
    *ret = d;
    return true;
}

static bool read_delegation(const struct json_t *owner, const struct json_t *role,
                            struct tuf_delegation *ret)
{
    struct tuf_delegation d = {.terminating = false};
    if (FAILED(json_text_copy(role, "name", d.name, sizeof d.name)) ||
        !tuf_shape_role(owner, role, &d.role))
        return false;
    (void)FAILED(json_bool(role, "terminating", &d.terminating));
    *ret = d;
    return true;
}

bool tuf_delegation_next(const struct tuf_metadata *targets, const char *path, size_t *index,
                         struct tuf_delegation *ret_delegation)
{
    struct json_t *owner = NULL, *list = NULL;
    size_t count = 0;
    if (!json_has(targets->body, "delegations") ||
        FAILED(json_member(targets->body, "delegations", &owner)))
        return false;
    if (json_has(owner, "succinct_roles"))
        return (*index)++ == 0 && bin_of(owner, path, ret_delegation);
    if (FAILED(json_list(owner, "roles", TUF_ROLES_MAX, &list, &count))) return false;
    while (*index < count) {
        const struct json_t *role = json_at(list, (*index)++);
        if (list_matches(role, path)) return read_delegation(owner, role, ret_delegation);
    }
    return false;
}
