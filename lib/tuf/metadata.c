/* SPDX-License-Identifier: Apache-2.0 */
/* Reading metadata: the envelope and what is in every type; a check for each type in shape.c. */
#include "lib/tuf/metadata.h"

#include <sodium.h>

#include "lib/base/clock.h"
#include "lib/base/hex.h"
#include "lib/crypto/crypto.h"
#include "lib/tuf/shape.h"

static const struct {
    const char *name;
    size_t max;
} types[TUF_TYPES] = {
    [TUF_ROOT] = {"root", TUF_ROOT_BYTES},
    [TUF_TIMESTAMP] = {"timestamp", TUF_TIMESTAMP_BYTES},
    [TUF_SNAPSHOT] = {"snapshot", TUF_SNAPSHOT_BYTES},
    [TUF_TARGETS] = {"targets", TUF_TARGETS_BYTES},
};

const char *tuf_type_name(enum tuf_type type)
{
    ENSURE(type < TUF_TYPES);
    return types[type].name;
}

size_t tuf_type_max(enum tuf_type type)
{
    ENSURE(type < TUF_TYPES);
    return types[type].max;
}

/* Two digits at `at`. */
static int pair(struct bytes text, size_t at)
{
    return (text.at[at] - '0') * 10 + text.at[at + 1] - '0';
}

/* "2030-01-31T23:59:59Z" and nothing else (section 4.1: ISO 8601 in UTC, whole seconds). */
static bool has_form(struct bytes text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";
    if (text.len != sizeof form - 1) return false;
    for (size_t i = 0; i < text.len; i++) {
        bool digit = text.at[i] >= '0' && text.at[i] <= '9';
        if (form[i] == 'd' ? !digit : text.at[i] != (uint8_t)form[i]) return false;
    }
    return true;
}

/* The 31st of a month of 30 days comes back as another day. */
static bool read_time(struct bytes text, int64_t *ret_ms)
{
    if (!has_form(text)) return false;
    struct civil c = {pair(text, 0) * 100 + pair(text, 2),
                      pair(text, 5),
                      pair(text, 8),
                      pair(text, 11),
                      pair(text, 14),
                      pair(text, 17)};
    bool in_range = c.year >= 1970 && c.month >= 1 && c.month <= 12 && c.day >= 1 && c.day <= 31;
    if (!in_range || c.hour > 23 || c.minute > 59 || c.second > 59) return false;
    int64_t ms = civil_to_ms(c);
    if (civil_from_ms(ms).day != c.day) return false;
    *ret_ms = ms;
    return true;
}

/* What every type has. */
static enum tuf_verdict read_common(struct tuf_metadata *m)
{
    struct bytes type, specification, expires;
    if (FAILED(json_text(m->body, "_type", 32, &type)) ||
        FAILED(json_text(m->body, "spec_version", 32, &specification)))
        return TUF_MALFORMED;
    if (!bytes_equal(type, bytes_text(types[m->type].name))) return TUF_WRONG_TYPE;
    /* Section 4.1: another major version is another format. */
    if (specification.len < 2 || memcmp(specification.at, "1.", 2) != 0) return TUF_SPECIFICATION;
    if (FAILED(json_int(m->body, "version", 1, INT64_MAX, &m->version)) ||
        FAILED(json_text(m->body, "expires", 32, &expires)) || !read_time(expires, &m->expires_ms))
        return TUF_MALFORMED;
    return TUF_ACCEPTED;
}

static enum tuf_verdict read_all(struct tuf_metadata *m)
{
    if (FAILED(json_member(m->document.root, "signed", &m->body))) return TUF_MALFORMED;
    if (!tuf_shape_signatures(m->document.root)) return TUF_MALFORMED;
    TUF_TRY(read_common(m));
    return tuf_shape(m->type, m->body) ? TUF_ACCEPTED : TUF_MALFORMED;
}

enum tuf_verdict tuf_metadata_parse(enum tuf_type type, struct bytes text,
                                    struct tuf_metadata *ret_metadata)
{
    ENSURE(type < TUF_TYPES);
    if (text.len > types[type].max) return TUF_TOO_LONG;
    struct tuf_metadata m = {.type = type, .len = text.len};
    if (FAILED(json_parse(text, types[type].max, &m.document))) return TUF_MALFORMED;
    enum tuf_verdict verdict = read_all(&m);
    if (verdict == TUF_ACCEPTED) *ret_metadata = m;
    else tuf_metadata_free(&m);
    return verdict;
}

void tuf_metadata_free(struct tuf_metadata *metadata)
{
    json_free(&metadata->document);
    *metadata = (struct tuf_metadata){0};
}

struct tuf_role tuf_root_role(const struct tuf_metadata *root, enum tuf_type type)
{
    struct json_t *roles = NULL, *role = NULL;
    struct tuf_role found = {0};
    ENSURE(root->type == TUF_ROOT && type < TUF_TYPES);
    ENSURE(!FAILED(json_member(root->body, "roles", &roles)) &&
           !FAILED(json_member(roles, types[type].name, &role)));
    ENSURE(tuf_shape_role(root->body, role, &found));
    return found;
}

bool tuf_root_consistent(const struct tuf_metadata *root)
{
    bool consistent = false;
    ENSURE(root->type == TUF_ROOT);
    return !FAILED(json_bool(root->body, "consistent_snapshot", &consistent)) && consistent;
}

static bool find_entry(const struct json_t *list, const char *name, struct tuf_entry *ret_entry)
{
    struct json_t *entry = NULL;
    return !FAILED(json_member(list, name, &entry)) && tuf_shape_entry(entry, ret_entry);
}

bool tuf_metadata_entry(const struct tuf_metadata *metadata, const char *role,
                        struct tuf_entry *ret_entry)
{
    char name[TUF_ROLE_NAME_BYTES + sizeof ".json"];
    struct json_t *list = NULL;
    struct writer w = writer_over(name, sizeof name - 1);
    write_bytes(&w, bytes_text(role));
    write_bytes(&w, BYTES(".json"));
    if (w.fault != ERR_OK) return false;
    name[w.len] = '\0';
    return !FAILED(json_member(metadata->body, "meta", &list)) && find_entry(list, name, ret_entry);
}

bool tuf_target_entry(const struct tuf_metadata *targets, const char *path,
                      struct tuf_entry *ret_entry)
{
    struct json_t *list = NULL;
    return !FAILED(json_member(targets->body, "targets", &list)) &&
           find_entry(list, path, ret_entry);
}

enum tuf_verdict tuf_entry_matches(const struct tuf_entry *entry, struct bytes content)
{
    uint8_t digest[TUF_SHA512_BYTES];
    if (entry->length >= 0 && content.len != (size_t)entry->length) return TUF_HASH;
    if (entry->sha256) {
        crypto_sha256(content, digest);
        if (memcmp(digest, entry->hash256, TUF_SHA256_BYTES) != 0) return TUF_HASH;
    }
    if (entry->sha512) {
        crypto_hash_sha512(digest, content.at, content.len);
        if (memcmp(digest, entry->hash512, TUF_SHA512_BYTES) != 0) return TUF_HASH;
    }
    return entry->others && !entry->sha256 && !entry->sha512 ? TUF_NO_HASH : TUF_ACCEPTED;
}
