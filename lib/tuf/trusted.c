/* SPDX-License-Identifier: Apache-2.0 */
/* The client workflow's decisions. Nothing is taken over before everything about it was checked. */
#include "lib/tuf/trusted.h"

void tuf_trusted_free(struct tuf_trusted *trusted)
{
    tuf_metadata_free(&trusted->root);
    tuf_metadata_free(&trusted->timestamp);
    tuf_metadata_free(&trusted->snapshot);
    *trusted = (struct tuf_trusted){0};
}

/* Moves `from` into `to`, whose old content goes. */
static void take(struct tuf_metadata *to, struct tuf_metadata *from)
{
    tuf_metadata_free(to);
    *to = *from;
    *from = (struct tuf_metadata){0};
}

static enum tuf_verdict fresh(const struct tuf_trusted *t, const struct tuf_metadata *m)
{
    return m->expires_ms > t->now_ms ? TUF_ACCEPTED : TUF_EXPIRED;
}

/* Parsed, and signed by the root's role of that type. */
static enum tuf_verdict read_signed(const struct tuf_metadata *root, enum tuf_type type,
                                    struct bytes text, struct tuf_metadata *ret)
{
    CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
    TUF_TRY(tuf_metadata_parse(type, text, &m));
    struct tuf_role role = tuf_root_role(root, type);
    TUF_TRY(tuf_metadata_signed(&m, &role));
    take(ret, &m);
    return TUF_ACCEPTED;
}

/* ---- root ---- */

enum tuf_verdict tuf_trusted_begin(int64_t now_ms, struct bytes root,
                                   struct tuf_trusted *ret_trusted)
{
    CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
    TUF_TRY(tuf_metadata_parse(TUF_ROOT, root, &m));
    struct tuf_role role = tuf_root_role(&m, TUF_ROOT);
    TUF_TRY(tuf_metadata_signed(&m, &role));
    *ret_trusted = (struct tuf_trusted){.now_ms = now_ms};
    take(&ret_trusted->root, &m);
    return TUF_ACCEPTED;
}

enum tuf_verdict tuf_trusted_root(struct tuf_trusted *trusted, struct bytes text)
{
    CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
    ENSURE(!trusted->has_timestamp);
    TUF_TRY(read_signed(&trusted->root, TUF_ROOT, text, &m));
    struct tuf_role own = tuf_root_role(&m, TUF_ROOT);
    TUF_TRY(tuf_metadata_signed(&m, &own));
    if (m.version <= trusted->root.version) return TUF_OLDER;
    if (m.version != trusted->root.version + 1) return TUF_NOT_ANNOUNCED;
    take(&trusted->root, &m);
    return TUF_ACCEPTED;
}

enum tuf_verdict tuf_trusted_root_fresh(const struct tuf_trusted *trusted)
{
    return fresh(trusted, &trusted->root);
}

/* ---- timestamp ---- */

static struct tuf_entry snapshot_entry(const struct tuf_metadata *timestamp)
{
    struct tuf_entry entry;
    ENSURE(tuf_metadata_entry(timestamp, "snapshot", &entry)); /* as its shape was checked */
    return entry;
}

struct tuf_entry tuf_trusted_snapshot_entry(const struct tuf_trusted *trusted)
{
    ENSURE(trusted->has_timestamp);
    return snapshot_entry(&trusted->timestamp);
}

enum tuf_verdict tuf_trusted_timestamp(struct tuf_trusted *trusted, struct bytes text, bool kept)
{
    CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
    ENSURE(!trusted->has_snapshot);
    TUF_TRY(read_signed(&trusted->root, TUF_TIMESTAMP, text, &m));
    if (trusted->has_timestamp) {
        if (m.version < trusted->timestamp.version) return TUF_OLDER;
        if (m.version == trusted->timestamp.version) return TUF_UNCHANGED;
        if (snapshot_entry(&m).version < snapshot_entry(&trusted->timestamp).version)
            return TUF_OLDER;
    }
    if (!kept) TUF_TRY(fresh(trusted, &m));
    take(&trusted->timestamp, &m);
    trusted->has_timestamp = true;
    return TUF_ACCEPTED;
}

enum tuf_verdict tuf_trusted_timestamp_fresh(const struct tuf_trusted *trusted)
{
    ENSURE(trusted->has_timestamp);
    return fresh(trusted, &trusted->timestamp);
}

/* ---- snapshot ---- */

/* Each file that `before` names is named by `after`, in no older version. */
static enum tuf_verdict none_older(const struct tuf_metadata *before,
                                   const struct tuf_metadata *after)
{
    struct json_t *old = NULL, *new = NULL, *entry = NULL, *same = NULL;
    const char *name = NULL;
    void *cursor = NULL;
    ENSURE(!FAILED(json_member(before->body, "meta", &old)));
    ENSURE(!FAILED(json_member(after->body, "meta", &new)));
    while (json_next(old, &cursor, &name, &entry)) {
        int64_t was = 0, is = 0;
        ENSURE(!FAILED(json_int(entry, "version", 1, INT64_MAX, &was)));
        if (FAILED(json_member(new, name, &same))) return TUF_OLDER;
        ENSURE(!FAILED(json_int(same, "version", 1, INT64_MAX, &is)));
        if (is < was) return TUF_OLDER;
    }
    return TUF_ACCEPTED;
}

bool tuf_trusted_snapshot_current(const struct tuf_trusted *trusted)
{
    return trusted->has_snapshot &&
           trusted->snapshot.version == tuf_trusted_snapshot_entry(trusted).version &&
           fresh(trusted, &trusted->snapshot) == TUF_ACCEPTED;
}

enum tuf_verdict tuf_trusted_snapshot(struct tuf_trusted *trusted, struct bytes text, bool kept)
{
    CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
    struct tuf_entry entry = tuf_trusted_snapshot_entry(trusted);
    if (!kept) TUF_TRY(tuf_entry_matches(&entry, text));
    TUF_TRY(read_signed(&trusted->root, TUF_SNAPSHOT, text, &m));
    if (!kept) {
        if (m.version != entry.version) return TUF_NOT_ANNOUNCED;
        if (trusted->has_snapshot) TUF_TRY(none_older(&trusted->snapshot, &m));
        TUF_TRY(fresh(trusted, &m));
    }
    take(&trusted->snapshot, &m);
    trusted->has_snapshot = true;
    return TUF_ACCEPTED;
}

/* ---- targets ---- */

enum tuf_verdict tuf_trusted_targets(const struct tuf_trusted *trusted, const char *name,
                                     const struct tuf_role *role, struct bytes text,
                                     struct tuf_metadata *ret_targets)
{
    CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
    struct tuf_entry entry;
    ENSURE(tuf_trusted_snapshot_current(trusted));
    if (!tuf_metadata_entry(&trusted->snapshot, name, &entry)) return TUF_UNKNOWN_ROLE;
    TUF_TRY(tuf_entry_matches(&entry, text));
    TUF_TRY(tuf_metadata_parse(TUF_TARGETS, text, &m));
    TUF_TRY(tuf_metadata_signed(&m, role));
    if (m.version != entry.version) return TUF_NOT_ANNOUNCED;
    TUF_TRY(fresh(trusted, &m));
    *ret_targets = m;
    m = (struct tuf_metadata){0};
    return TUF_ACCEPTED;
}
