/* SPDX-License-Identifier: Apache-2.0 */
/* The director's word, held against the lists. Nothing is kept before all of it was checked. */
#include "lib/tuf/assignment.h"

#include "lib/tuf/client_internal.h"
#include "lib/tuf/shape.h"

static const char director[] = "director";

/* Who may sign, by the top-level list. */
static bool find_director(const struct tuf_metadata *targets, struct tuf_role *ret_role)
{
    struct json_t *owner = NULL, *list = NULL;
    size_t count = 0;
    if (FAILED(json_member(targets->body, "delegations", &owner)) ||
        FAILED(json_list(owner, "roles", TUF_ROLES_MAX, &list, &count)))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct bytes name;
        const struct json_t *role = json_at(list, i);
        if (!FAILED(json_text(role, "name", TUF_ROLE_NAME_BYTES, &name)) &&
            bytes_equal(name, bytes_text(director)))
            return tuf_shape_role(owner, role, ret_role);
    }
    return false;
}

static bool is_for(const struct tuf_metadata *m, const char *serial)
{
    struct json_t *assignment = NULL;
    struct bytes text;
    return !FAILED(json_member(m->body, "assignment", &assignment)) &&
           !FAILED(json_text(assignment, "serial", TUF_SERIAL_BYTES, &text)) &&
           bytes_equal(text, bytes_text(serial));
}

/* The one path that it names. */
static bool find_path(const struct tuf_metadata *m, const char **ret_path)
{
    struct json_t *list = NULL, *entry = NULL;
    const char *path = NULL, *more = NULL;
    void *cursor = NULL;
    if (FAILED(json_member(m->body, "targets", &list)) || !json_next(list, &cursor, &path, &entry))
        return false;
    if (json_next(list, &cursor, &more, &entry)) return false;
    *ret_path = path;
    return true;
}

/* What was taken last, by who may sign today: 0 when there is nothing of the kind. */
static int64_t kept_number(struct tuf_client *c, const struct tuf_role *role, const char *serial)
{
    struct bytes text;
    CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
    if (!tuf_client_kept(c, director, TUF_ASSIGNMENT_BYTES, &text) ||
        tuf_metadata_parse(TUF_TARGETS, text, &m) != TUF_ACCEPTED ||
        tuf_metadata_signed(&m, role) != TUF_ACCEPTED || !is_for(&m, serial))
        return 0;
    return m.version;
}

static bool same_file(const struct tuf_entry *a, const struct tuf_entry *b)
{
    return a->length == b->length && a->sha256 && b->sha256 &&
           memcmp(a->hash256, b->hash256, TUF_SHA256_BYTES) == 0;
}

/* Signed, in force, for this device, and not older than what it had. */
static enum tuf_verdict judge(struct tuf_client *c, const struct tuf_metadata *m,
                              const char *serial)
{
    struct tuf_role role;
    if (!find_director(&c->list[0].metadata, &role)) return TUF_UNKNOWN_ROLE;
    TUF_TRY(tuf_metadata_signed(m, &role));
    if (m->expires_ms <= c->trusted.now_ms) return TUF_EXPIRED;
    if (!is_for(m, serial)) return TUF_NO_TARGET;
    return m->version < kept_number(c, &role, serial) ? TUF_OLDER : TUF_ACCEPTED;
}

enum tuf_verdict tuf_client_assign(struct tuf_client *client, struct bytes text, const char *serial,
                                   struct tuf_target *ret_target, int64_t *ret_number)
{
    const char *path = NULL;
    struct tuf_target target;
    struct tuf_entry entry;
    CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
    ENSURE(client->refreshed && client->list_count > 0);
    tuf_client_about(client, "assignment");
    if (text.len > TUF_ASSIGNMENT_BYTES) return TUF_TOO_LONG;
    TUF_TRY(tuf_metadata_parse(TUF_TARGETS, text, &m));
    TUF_TRY(judge(client, &m, serial));
    if (!find_path(&m, &path) || !tuf_target_entry(&m, path, &entry)) return TUF_NO_TARGET;
    TUF_TRY(tuf_client_find(client, path, &target));
    if (!same_file(&entry, &target.entry)) return TUF_HASH;
    TUF_TRY(tuf_client_keep(client, director, text));
    *ret_target = target;
    *ret_number = m.version;
    return TUF_ACCEPTED;
}
