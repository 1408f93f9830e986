/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata written twice, as it is signed and as it is served; the keys of a test program. */
#include "tests/unit/tuf_repository_text.h"

#include <inttypes.h>
#include <sodium.h>

static struct {
    struct document_key key;
    char id[65], public[DOCUMENT_KEY_TEXT_MAX];
} keys[REPOSITORY_KEYS];
static size_t by_id[REPOSITORY_KEYS]; /* sorted, as canonical JSON wants members */

static int compare_ids(const void *a, const void *b)
{
    return strcmp(keys[*(const size_t *)a].id, keys[*(const size_t *)b].id);
}

int repository_open(void **state)
{
    (void)state;
    for (size_t i = 0; i < REPOSITORY_KEYS; i++) {
        uint8_t digest[CRYPTO_SHA256_BYTES];
        enum document_scheme scheme = i == REPOSITORY_RSA    ? DOCUMENT_RSA_PSS
                                      : i == REPOSITORY_P256 ? DOCUMENT_ECDSA_P256
                                                             : DOCUMENT_ED25519;
        struct writer w = writer_over(keys[i].public, sizeof keys[i].public - 1);
        assert_ok(document_key_generate(scheme, &keys[i].key));
        assert_ok(document_key_write_public(&keys[i].key, &w));
        assert_ok(document_key_fingerprint(&keys[i].key, digest));
        struct writer id = writer_over(keys[i].id, 64);
        write_hex(&id, BYTES_OF(digest));
        by_id[i] = i;
    }
    qsort(by_id, REPOSITORY_KEYS, sizeof by_id[0], compare_ids);
    return 0;
}

int repository_close(void **state)
{
    (void)state;
    for (size_t i = 0; i < REPOSITORY_KEYS; i++) document_key_free(&keys[i].key);
    return 0;
}

const struct document_key *repository_key(size_t index)
{
    return &keys[index].key;
}

void repository_keyid(size_t index, char out[65])
{
    snprintf(out, 65, "%s", keys[index].id);
}

/* ---- writing: twice, once as it is signed and once as it is served ---- */

struct text {
    struct writer w;
    bool canonical;
};

static void raw(struct text *t, const char *piece)
{
    write_bytes(&t->w, bytes_text(piece));
}

/* ":" and "," are followed by white space where it is served. */
static void mark(struct text *t, const char *piece)
{
    raw(t, piece);
    if (!t->canonical) raw(t, *piece == ',' ? "\n  " : " ");
}

static void quoted(struct text *t, const char *value)
{
    raw(t, "\"");
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\') write_format(&t->w, "\\%c", *value);
        else if ((uint8_t)*value < 0x20 && !t->canonical)
            write_format(&t->w, "\\u%04x", (unsigned)(uint8_t)*value);
        else write_format(&t->w, "%c", *value);
    }
    raw(t, "\"");
}

static void name(struct text *t, const char *member)
{
    quoted(t, member);
    mark(t, ":");
}

static void number(struct text *t, const char *member, int64_t value)
{
    name(t, member);
    write_format(&t->w, "%" PRId64, value);
}

static void word(struct text *t, const char *member, const char *value)
{
    name(t, member);
    quoted(t, value);
}

/* A member of older clients, with what no client should care for (it is signed all the same). */
static void write_strange(struct text *t)
{
    name(t, "keyid_hash_algorithms");
    raw(t, "[");
    quoted(t, "md5");
    raw(t, "]");
    mark(t, ",");
}

static void write_key(const struct repository *r, struct text *t, const char *id, size_t i)
{
    static const char *const types[] = {"ed25519", "ecdsa", "rsa"};
    static const char *const schemes[] = {"ed25519", "ecdsa-sha2-nistp256", "rsassa-pss-sha256"};
    name(t, id);
    raw(t, "{");
    if (r->strange) write_strange(t);
    word(t, "keytype", types[keys[i].key.scheme]);
    mark(t, ",");
    name(t, "keyval");
    raw(t, "{");
    word(t, "public", keys[i].public);
    raw(t, "}");
    mark(t, ",");
    word(t, "scheme", schemes[keys[i].key.scheme]);
    raw(t, "}");
}

/* All keys in each list of keys: who may sign is said by roles. */
static void write_keys(const struct repository *r, struct text *t)
{
    name(t, "keys");
    raw(t, "{");
    for (size_t i = 0; i < REPOSITORY_KEYS; i++) {
        if (i > 0) mark(t, ",");
        write_key(r, t, keys[by_id[i]].id, by_id[i]);
    }
    if (r->aliased) {
        mark(t, ",");
        write_key(r, t, "zalias", r->alias);
    }
    raw(t, "}");
}

static void write_keyids(const struct repository *r, const struct repository_role *role,
                         struct text *t)
{
    name(t, "keyids");
    raw(t, "[");
    for (size_t i = 0; i < role->key_count; i++) {
        if (i > 0) mark(t, ",");
        quoted(t, keys[role->keys[i]].id);
        if (r->aliased && role->keys[i] == r->alias) {
            mark(t, ",");
            quoted(t, "zalias");
        }
    }
    raw(t, "]");
}

static void write_root(const struct repository *r, struct text *t)
{
    static const size_t order[] = {0, 2, 3, 1}; /* root, snapshot, targets, timestamp */
    name(t, "roles");
    raw(t, "{");
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        const struct repository_role *role = &r->roles[order[i]];
        if (i > 0) mark(t, ",");
        name(t, role->name);
        raw(t, "{");
        if (r->strange) {
            word(t, "another-field", "value");
            mark(t, ",");
        }
        write_keyids(r, role, t);
        mark(t, ",");
        number(t, "threshold", role->threshold);
        raw(t, "}");
    }
    raw(t, "}");
}

static void write_entry(const struct repository_entry *e, struct text *t)
{
    char file[TUF_ROLE_NAME_BYTES + 8];
    snprintf(file, sizeof file, "%s.json", e->name);
    name(t, file);
    raw(t, "{");
    if (e->sha256[0] != '\0') {
        name(t, "hashes");
        raw(t, "{");
        word(t, "sha256", e->sha256);
        raw(t, "}");
        mark(t, ",");
    }
    if (e->length >= 0) {
        number(t, "length", e->length);
        mark(t, ",");
    }
    number(t, "version", e->version);
    raw(t, "}");
}

static int compare_entries(const void *a, const void *b)
{
    char x[TUF_ROLE_NAME_BYTES + 8], y[TUF_ROLE_NAME_BYTES + 8];
    snprintf(x, sizeof x, "%s.json", ((const struct repository_entry *)a)->name);
    snprintf(y, sizeof y, "%s.json", ((const struct repository_entry *)b)->name);
    return strcmp(x, y);
}

static void write_meta(const struct repository *r, const struct repository_role *role,
                       struct text *t)
{
    struct repository_entry sorted[REPOSITORY_ROLES];
    size_t count = role == &r->roles[1] ? 1 : r->meta_count;
    memcpy(sorted, role == &r->roles[1] ? &r->snapshot : r->meta, count * sizeof sorted[0]);
    qsort(sorted, count, sizeof sorted[0], compare_entries);
    name(t, "meta");
    raw(t, "{");
    for (size_t i = 0; i < count; i++) {
        if (i > 0) mark(t, ",");
        write_entry(&sorted[i], t);
    }
    raw(t, "}");
}

static void write_patterns(const struct repository_delegation *d, struct text *t)
{
    name(t, d->prefixes ? "path_hash_prefixes" : "paths");
    raw(t, "[");
    for (size_t i = 0; i < ARRAY_LEN(d->patterns) && d->patterns[i] != NULL; i++) {
        if (i > 0) mark(t, ",");
        quoted(t, d->patterns[i]);
    }
    raw(t, "]");
}

static void write_delegation(struct repository *r, const struct repository_delegation *d,
                             struct text *t)
{
    const struct repository_role *to = repository_role(r, d->name);
    raw(t, "{");
    write_keyids(r, to, t);
    mark(t, ",");
    word(t, "name", d->name);
    mark(t, ",");
    write_patterns(d, t);
    mark(t, ",");
    name(t, "terminating");
    raw(t, d->terminating ? "true" : "false");
    mark(t, ",");
    number(t, "threshold", to->threshold);
    raw(t, "}");
}

static void write_delegations(struct repository *r, const struct repository_role *role,
                              struct text *t)
{
    name(t, "delegations");
    raw(t, "{");
    write_keys(r, t);
    mark(t, ",");
    if (role->bits > 0) {
        name(t, "succinct_roles");
        raw(t, "{");
        number(t, "bit_length", role->bits);
        mark(t, ",");
        write_keyids(r, &r->roles[3], t);
        mark(t, ",");
        word(t, "name_prefix", "bin");
        mark(t, ",");
        number(t, "threshold", 1);
        raw(t, "}");
    } else {
        name(t, "roles");
        raw(t, "[");
        for (size_t i = 0; i < role->to_count; i++) {
            if (i > 0) mark(t, ",");
            write_delegation(r, &role->to[i], t);
        }
        raw(t, "]");
    }
    raw(t, "}");
    mark(t, ",");
}

void repository_hash(const char *text, size_t len, bool sha512, char out[129])
{
    uint8_t digest[64];
    if (sha512) crypto_hash_sha512(digest, (const uint8_t *)text, len);
    else crypto_sha256(bytes_of(text, len), digest);
    struct writer w = writer_over(out, 128);
    write_hex(&w, bytes_of(digest, sha512 ? 64 : 32));
    out[w.len] = '\0';
}

static void write_file(const struct repository_file *f, struct text *t)
{
    char hex[129];
    bool first = true;
    name(t, f->path);
    raw(t, "{");
    if (f->custom != NULL) {
        name(t, "custom");
        raw(t, f->custom);
        mark(t, ",");
    }
    name(t, "hashes");
    raw(t, "{");
    for (int which = 0; which < 3; which++) {
        if (which == 0 ? f->no_sha256 : which == 1 ? !f->sha512 : !f->unknown_hash) continue;
        if (!first) mark(t, ",");
        first = false;
        repository_hash(f->content, f->size, which == 1, hex);
        word(t, which == 0 ? "sha256" : which == 1 ? "sha512" : "unknown-hash", hex);
    }
    raw(t, "}");
    mark(t, ",");
    number(t, "length", f->length >= 0 ? f->length : (int64_t)f->size);
    raw(t, "}");
}

static void write_targets(const struct repository_role *role, struct text *t)
{
    name(t, "targets");
    raw(t, "{");
    for (size_t i = 0; i < role->file_count; i++) {
        if (i > 0) mark(t, ",");
        write_file(&role->files[i], t);
    }
    raw(t, "}");
}

/* Members in the order of their names. */
static void write_signed(struct repository *r, const struct repository_role *role, struct text *t)
{
    size_t index = (size_t)(role - r->roles);
    struct civil c = civil_from_ms(role->expires_ms);
    char when[32];
    snprintf(when, sizeof when, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour,
             c.minute, c.second);
    raw(t, "{");
    word(t, "_type", role->type);
    mark(t, ",");
    if (index == 0) {
        name(t, "consistent_snapshot");
        raw(t, r->consistent ? "true" : "false");
        mark(t, ",");
    }
    if (index >= 3 && (role->to_count > 0 || role->bits > 0)) write_delegations(r, role, t);
    word(t, "expires", when);
    mark(t, ",");
    if (index == 0) write_keys(r, t);
    else if (index < 3) write_meta(r, role, t);
    if (index < 3) mark(t, ",");
    if (index == 0) {
        write_root(r, t);
        mark(t, ",");
    }
    word(t, "spec_version", "1.0.31");
    mark(t, ",");
    if (index >= 3) {
        write_targets(role, t);
        mark(t, ",");
    }
    number(t, "version", role->version);
    if (role->extra != NULL) {
        mark(t, ",");
        name(t, "zextra");
        raw(t, role->extra);
    }
    raw(t, "}");
}

static void write_signature(size_t signer, const char *id, struct bytes canonical, struct text *t)
{
    uint8_t signature[DOCUMENT_SIGNATURE_MAX];
    size_t len = 0;
    char hex[2 * DOCUMENT_SIGNATURE_MAX + 1];
    assert_ok(document_key_sign(&keys[signer].key, canonical, signature, &len));
    struct writer w = writer_over(hex, sizeof hex - 1);
    write_hex(&w, bytes_of(signature, len));
    hex[w.len] = '\0';
    raw(t, "{");
    word(t, "keyid", id);
    mark(t, ",");
    word(t, "sig", hex);
    raw(t, "}");
}

size_t repository_write(struct repository *r, const struct repository_role *role, char *out)
{
    static char block[REPOSITORY_TEXT];
    struct text canonical = {writer_over(block, sizeof block), true};
    struct text served = {writer_over(out, REPOSITORY_TEXT), false};
    write_signed(r, role, &canonical);
    raw(&served, "{");
    name(&served, "signatures");
    raw(&served, "[");
    for (size_t i = 0; i < role->signer_count; i++) {
        if (i > 0) mark(&served, ",");
        write_signature(role->signers[i], keys[role->signers[i]].id, writer_view(&canonical.w),
                        &served);
        if (!r->aliased || role->signers[i] != r->alias) continue;
        mark(&served, ",");
        write_signature(r->alias, "zalias", writer_view(&canonical.w), &served);
    }
    raw(&served, "]");
    mark(&served, ",");
    name(&served, "signed");
    write_signed(r, role, &served);
    raw(&served, "}\n");
    assert_int_equal(canonical.w.fault, ERR_OK);
    assert_int_equal(served.w.fault, ERR_OK);
    return served.w.len;
}
