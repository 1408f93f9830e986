/* SPDX-License-Identifier: Apache-2.0 */
/* One function for each thing that section 4 describes; lists are walked to their end. */
#include "lib/tuf/shape.h"

#include "lib/base/hex.h"

/* A short list: at most 64 or 256 names, compared each with each. */
static bool all_differ(const struct json_t *array, size_t count, const char *member)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++) {
            struct bytes a = {0}, b = {0};
            const struct json_t *x = json_at(array, i), *y = json_at(array, j);
            bool read = member == NULL ? !FAILED(json_value_text(x, TUF_KEYID_BYTES, &a)) &&
                                             !FAILED(json_value_text(y, TUF_KEYID_BYTES, &b))
                                       : !FAILED(json_text(x, member, TUF_KEYID_BYTES, &a)) &&
                                             !FAILED(json_text(y, member, TUF_KEYID_BYTES, &b));
            if (!read || bytes_equal(a, b)) return false;
        }
    return true;
}

bool tuf_shape_signatures(const struct json_t *root)
{
    struct json_t *list = NULL;
    size_t count = 0;
    if (FAILED(json_list(root, "signatures", TUF_SIGNATURES_MAX, &list, &count))) return false;
    for (size_t i = 0; i < count; i++) {
        struct bytes text;
        if (FAILED(json_text(json_at(list, i), "keyid", TUF_KEYID_BYTES, &text)) ||
            FAILED(json_text(json_at(list, i), "sig", TUF_SIGNATURE_BYTES, &text)))
            return false;
    }
    return all_differ(list, count, "keyid");
}

/* Keys of an unknown kind are let through: they sign for nobody (section 4.2). */
static bool keys_are_right(const struct json_t *owner)
{
    struct json_t *keys = NULL, *key = NULL, *value = NULL;
    const char *name = NULL;
    void *cursor = NULL;
    size_t count = 0;
    if (FAILED(json_member(owner, "keys", &keys))) return false;
    while (json_next(keys, &cursor, &name, &key)) {
        struct bytes text;
        if (++count > TUF_KEYS_MAX || strlen(name) > TUF_KEYID_BYTES) return false;
        if (FAILED(json_text(key, "keytype", 64, &text)) ||
            FAILED(json_text(key, "scheme", 64, &text)) ||
            FAILED(json_member(key, "keyval", &value)))
            return false;
    }
    return true;
}

bool tuf_shape_role(const struct json_t *owner, const struct json_t *role,
                    struct tuf_role *ret_role)
{
    struct json_t *keys = NULL, *keyids = NULL;
    size_t count = 0;
    int64_t threshold = 0;
    if (FAILED(json_member(owner, "keys", &keys)) ||
        FAILED(json_list(role, "keyids", TUF_KEYS_MAX, &keyids, &count)) ||
        FAILED(json_int(role, "threshold", 1, TUF_KEYS_MAX, &threshold)))
        return false;
    if (count == 1) {
        struct bytes text;
        if (FAILED(json_value_text(json_at(keyids, 0), TUF_KEYID_BYTES, &text))) return false;
    }
    if (!all_differ(keyids, count, NULL)) return false;
    *ret_role = (struct tuf_role){keys, keyids, count, threshold};
    return true;
}

static bool root_is_right(const struct json_t *body)
{
    struct json_t *roles = NULL, *role = NULL;
    struct tuf_role read;
    bool consistent = false;
    if (json_has(body, "consistent_snapshot") &&
        FAILED(json_bool(body, "consistent_snapshot", &consistent)))
        return false;
    if (!keys_are_right(body) || FAILED(json_member(body, "roles", &roles))) return false;
    for (enum tuf_type type = 0; type < TUF_TYPES; type++)
        if (FAILED(json_member(roles, tuf_type_name(type), &role)) ||
            !tuf_shape_role(body, role, &read))
            return false;
    return true;
}

static bool read_hash(const struct json_t *hashes, const char *name, uint8_t *out, size_t size,
                      bool *ret_said)
{
    struct bytes text;
    size_t len = 0;
    if (!json_has(hashes, name)) return true;
    *ret_said = true;
    return !FAILED(json_text(hashes, name, 2 * size, &text)) &&
           !FAILED(hex_decode(text, out, size, &len)) && len == size;
}

static bool read_hashes(const struct json_t *entry, struct tuf_entry *e)
{
    struct json_t *hashes = NULL, *value = NULL;
    const char *name = NULL;
    void *cursor = NULL;
    size_t count = 0;
    struct bytes text;
    if (!json_has(entry, "hashes")) return true;
    if (FAILED(json_member(entry, "hashes", &hashes))) return false;
    while (json_next(hashes, &cursor, &name, &value))
        if (++count > 16 || FAILED(json_value_text(value, 512, &text))) return false;
    if (count == 0) return false;
    if (!read_hash(hashes, "sha256", e->hash256, sizeof e->hash256, &e->sha256) ||
        !read_hash(hashes, "sha512", e->hash512, sizeof e->hash512, &e->sha512))
        return false;
    e->others = count > (size_t)e->sha256 + (size_t)e->sha512;
    return true;
}

bool tuf_shape_entry(const struct json_t *entry, struct tuf_entry *ret_entry)
{
    struct tuf_entry e = {.length = -1};
    if (json_has(entry, "version") && FAILED(json_int(entry, "version", 1, INT64_MAX, &e.version)))
        return false;
    if (json_has(entry, "length") && FAILED(json_int(entry, "length", 0, INT64_MAX, &e.length)))
        return false;
    struct json_t *custom = NULL;
    if (!FAILED(json_member(entry, "custom", &custom))) e.custom = custom;
    if (!read_hashes(entry, &e)) return false;
    *ret_entry = e;
    return true;
}

/* Every entry of "meta" has a version; `only` says which one there must be, and no other. */
static bool meta_is_right(const struct json_t *body, const char *needed, bool alone)
{
    struct json_t *list = NULL, *entry = NULL;
    const char *name = NULL;
    void *cursor = NULL;
    size_t count = 0;
    struct tuf_entry read;
    if (FAILED(json_member(body, "meta", &list)) || !json_has(list, needed)) return false;
    while (json_next(list, &cursor, &name, &entry)) {
        bool right =
            ++count <= TUF_ENTRIES_MAX && tuf_shape_entry(entry, &read) && read.version > 0;
        if (!right || (alone && count > 1)) return false;
    }
    return true;
}

bool tuf_shape_role_name(struct bytes name)
{
    if (name.len == 0 || name.len > TUF_ROLE_NAME_BYTES) return false;
    for (enum tuf_type type = 0; type < TUF_TYPES; type++)
        if (bytes_equal(name, bytes_text(tuf_type_name(type)))) return false;
    return true;
}

static bool texts_are_right(const struct json_t *role, const char *name, size_t max)
{
    struct json_t *list = NULL;
    struct bytes text;
    size_t count = 0;
    if (FAILED(json_list(role, name, TUF_PATHS_MAX, &list, &count))) return false;
    for (size_t i = 0; i < count; i++)
        if (FAILED(json_value_text(json_at(list, i), max, &text))) return false;
    return true;
}

/* One of "paths" and "path_hash_prefixes" (section 4.5.1). */
static bool delegation_is_right(const struct json_t *owner, const struct json_t *role)
{
    struct tuf_role read;
    struct bytes name;
    bool terminating = false;
    if (FAILED(json_text(role, "name", TUF_ROLE_NAME_BYTES, &name)) || !tuf_shape_role_name(name) ||
        !tuf_shape_role(owner, role, &read))
        return false;
    if (json_has(role, "terminating") && FAILED(json_bool(role, "terminating", &terminating)))
        return false;
    bool paths = json_has(role, "paths"), prefixes = json_has(role, "path_hash_prefixes");
    if (paths == prefixes) return false;
    return paths ? texts_are_right(role, "paths", TUF_PATH_BYTES)
                 : texts_are_right(role, "path_hash_prefixes", 2 * TUF_SHA256_BYTES);
}

static bool bins_are_right(const struct json_t *owner)
{
    struct json_t *bins = NULL;
    struct tuf_role read;
    struct bytes prefix;
    int64_t bits = 0;
    return !FAILED(json_member(owner, "succinct_roles", &bins)) &&
           tuf_shape_role(owner, bins, &read) &&
           !FAILED(json_int(bins, "bit_length", 1, 32, &bits)) &&
           !FAILED(json_text(bins, "name_prefix", TUF_ROLE_NAME_BYTES - 9, &prefix));
}

static bool delegations_are_right(const struct json_t *body)
{
    struct json_t *owner = NULL, *list = NULL;
    size_t count = 0;
    if (!json_has(body, "delegations")) return true;
    if (FAILED(json_member(body, "delegations", &owner)) || !keys_are_right(owner)) return false;
    bool roles = json_has(owner, "roles"), bins = json_has(owner, "succinct_roles");
    if (roles == bins) return false;
    if (bins) return bins_are_right(owner);
    if (FAILED(json_list(owner, "roles", TUF_ROLES_MAX, &list, &count))) return false;
    for (size_t i = 0; i < count; i++)
        if (!delegation_is_right(owner, json_at(list, i))) return false;
    return true;
}

static bool targets_are_right(const struct json_t *body)
{
    struct json_t *list = NULL, *entry = NULL;
    const char *path = NULL;
    void *cursor = NULL;
    size_t count = 0;
    struct tuf_entry read;
    if (FAILED(json_member(body, "targets", &list))) return false;
    while (json_next(list, &cursor, &path, &entry)) {
        bool right = ++count <= TUF_ENTRIES_MAX && tuf_shape_entry(entry, &read) &&
                     read.length >= 0 && (read.sha256 || read.sha512 || read.others);
        if (!right) return false;
    }
    return delegations_are_right(body);
}

bool tuf_shape(enum tuf_type type, const struct json_t *body)
{
    switch (type) {
    case TUF_ROOT:
        return root_is_right(body);
    case TUF_TIMESTAMP:
        return meta_is_right(body, "snapshot.json", true);
    case TUF_SNAPSHOT:
        return meta_is_right(body, "targets.json", false);
    case TUF_TARGETS:
        return targets_are_right(body);
    case TUF_TYPES:
        break;
    }
    return false;
}
