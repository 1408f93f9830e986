/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of targets, the search through them, and the file that was searched for. */
#include <inttypes.h>
#include <stdlib.h>

#include "lib/tuf/client_internal.h"
#include "lib/tuf/name.h"

/* ---- lists ---- */

/* What is kept, when the snapshot still names it; otherwise what the repository has. */
static enum tuf_verdict read_list(struct tuf_client *c, const char *name,
                                  const struct tuf_role *role, struct tuf_metadata *ret)
{
    struct bytes text;
    struct tuf_entry entry;
    const struct tuf_trusted *trusted = &c->trusted;
    if (!tuf_metadata_entry(&trusted->snapshot, name, &entry)) return TUF_UNKNOWN_ROLE;
    if (tuf_client_kept(c, name, TUF_TARGETS_BYTES, &text) &&
        tuf_trusted_targets(trusted, name, role, text, ret) == TUF_ACCEPTED)
        return TUF_ACCEPTED;
    TUF_TRY(tuf_client_fetch_role(c, name, tuf_client_version(c, entry.version),
                                  tuf_client_room(&entry, TUF_TARGETS), &text));
    CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
    TUF_TRY(tuf_trusted_targets(trusted, name, role, text, &m));
    TUF_TRY(tuf_client_keep(c, name, text));
    *ret = m;
    m = (struct tuf_metadata){0};
    return TUF_ACCEPTED;
}

enum tuf_verdict tuf_client_load(struct tuf_client *client, const char *name,
                                 const struct tuf_role *role, const struct tuf_list **ret_list)
{
    tuf_client_about(client, "%s", name);
    if (client->list_count == TUF_VISITS_MAX) return TUF_TOO_MANY;
    struct tuf_list *list = &client->list[client->list_count];
    if (FAILED(bytes_to_text(bytes_text(name), list->name, sizeof list->name))) return TUF_NAME;
    TUF_TRY(read_list(client, name, role, &list->metadata));
    client->list_count++;
    client->list_bytes += list->metadata.len;
    if (client->list_bytes > TUF_VISITED_BYTES) return TUF_TOO_MANY;
    *ret_list = list;
    return TUF_ACCEPTED;
}

/* ---- search ---- */

/* Who is asked next stands last. */
struct pending {
    struct tuf_delegation next[TUF_PENDING_MAX];
    size_t count;
};

static bool was_asked(const struct tuf_client *c, const char *name)
{
    for (size_t i = 0; i < c->list_count; i++)
        if (strcmp(c->list[i].name, name) == 0) return true;
    return false;
}

/* Those that `list` delegates the path to, the first of them last; a terminating one ends the list
 * and forgets who else could have been asked. */
static enum tuf_verdict add_delegations(const struct tuf_list *list, const char *path,
                                        struct pending *pending)
{
    size_t index = 0, begin = pending->count;
    struct tuf_delegation d;
    while (tuf_delegation_next(&list->metadata, path, &index, &d)) {
        if (pending->count == TUF_PENDING_MAX) return TUF_TOO_MANY;
        pending->next[pending->count++] = d;
        if (!d.terminating) continue;
        size_t own = pending->count - begin;
        memmove(pending->next, pending->next + begin, own * sizeof pending->next[0]);
        pending->count = own;
        begin = 0;
        break;
    }
    for (size_t i = begin, j = pending->count; i + 1 < j; i++) {
        j--;
        d = pending->next[i];
        pending->next[i] = pending->next[j];
        pending->next[j] = d;
    }
    return TUF_ACCEPTED;
}

static bool write_custom(const struct json_t *custom, char *out, size_t size)
{
    struct writer w = writer_over(out, size - 1);
    out[0] = '\0';
    if (custom == NULL) return true;
    if (FAILED(json_canonical_write(custom, &w))) return false;
    out[w.len] = '\0';
    return true;
}

static enum tuf_verdict describe(const struct tuf_list *list, const char *path,
                                 const struct tuf_entry *entry, struct tuf_target *ret)
{
    struct tuf_target t = {.entry = *entry, .role_version = list->metadata.version};
    t.entry.custom = NULL;
    if (FAILED(bytes_to_text(bytes_text(path), t.path, sizeof t.path)) ||
        FAILED(bytes_to_text(bytes_text(list->name), t.role, sizeof t.role)))
        return TUF_NAME;
    if (!write_custom(entry->custom, t.custom, sizeof t.custom)) return TUF_TOO_LONG;
    *ret = t;
    return TUF_ACCEPTED;
}

static enum tuf_verdict search(struct tuf_client *c, const char *path, struct pending *pending,
                               struct tuf_target *ret)
{
    const struct tuf_list *list = &c->list[0];
    for (;;) {
        struct tuf_entry entry;
        if (tuf_target_entry(&list->metadata, path, &entry))
            return describe(list, path, &entry, ret);
        TUF_TRY(add_delegations(list, path, pending));
        struct tuf_delegation d;
        do {
            if (pending->count == 0) {
                tuf_client_about(c, "%s", path);
                return TUF_NO_TARGET;
            }
            d = pending->next[--pending->count];
        } while (was_asked(c, d.name)); /* once, by whoever came first: circles end */
        TUF_TRY(tuf_client_load(c, d.name, &d.role, &list));
    }
}

enum tuf_verdict tuf_client_find(struct tuf_client *client, const char *path,
                                 struct tuf_target *ret_target)
{
    ENSURE(client->refreshed && client->list_count > 0);
    tuf_client_about(client, "%.*s", TUF_PATH_BYTES, path);
    if (!tuf_path_valid(path)) return TUF_NAME;
    /* Who delegated what for another path does not count for this one: begin with the first. */
    for (; client->list_count > 1; client->list_count--) {
        struct tuf_list *last = &client->list[client->list_count - 1];
        client->list_bytes -= last->metadata.len;
        tuf_metadata_free(&last->metadata);
    }
    struct pending *pending = calloc(1, sizeof *pending);
    if (pending == NULL) return TUF_RESOURCES;
    enum tuf_verdict verdict = search(client, path, pending, ret_target);
    free(pending);
    return verdict;
}

/* ---- the file ---- */

/* 5.7.3: with consistent snapshots "dir/HASH.name". */
static enum tuf_verdict name_file(const struct tuf_client *c, const struct tuf_target *target,
                                  char name[TUF_FETCH_NAME_BYTES])
{
    const char *slash = strrchr(target->path, '/');
    const char *last = slash == NULL ? target->path : slash + 1;
    struct writer w = writer_over(name, TUF_FETCH_NAME_BYTES - 1);
    tuf_name_escape(&w, bytes_of(target->path, (size_t)(last - target->path)), true);
    if (tuf_root_consistent(&c->trusted.root)) {
        if (target->entry.sha256) write_hex(&w, BYTES_OF(target->entry.hash256));
        else write_hex(&w, BYTES_OF(target->entry.hash512));
        write_bytes(&w, BYTES("."));
    }
    tuf_name_escape(&w, bytes_text(last), false);
    name[w.len] = '\0';
    return w.fault == ERR_OK ? TUF_ACCEPTED : TUF_NAME;
}

enum tuf_verdict tuf_client_room_for(struct tuf_client *c, const struct tuf_target *target)
{
    ENSURE(c->refreshed);
    tuf_client_about(c, "%s", target->path);
    if (!target->entry.sha256 && !target->entry.sha512) return TUF_NO_HASH;
    if (target->entry.length < 0 || target->entry.length > TUF_FILE_BYTES) return TUF_TOO_LONG;
    free(c->file);
    c->file = malloc((size_t)target->entry.length + 1); /* never of nothing */
    return c->file == NULL ? TUF_RESOURCES : TUF_ACCEPTED;
}

bool tuf_client_has_file(struct tuf_client *c, const struct tuf_target *target, size_t *ret_len)
{
    char local[TUF_LOCAL_NAME_BYTES];
    const struct tuf_local *files = &c->ports.files;
    size_t max = (size_t)target->entry.length;
    tuf_local_target_name(target->path, local);
    return !FAILED(files->read(files->context, local, c->file, max, ret_len)) &&
           tuf_entry_matches(&target->entry, bytes_of(c->file, *ret_len)) == TUF_ACCEPTED;
}

enum tuf_verdict tuf_client_keep_file(struct tuf_client *c, const struct tuf_target *target,
                                      size_t len)
{
    char local[TUF_LOCAL_NAME_BYTES];
    const struct tuf_local *files = &c->ports.files;
    tuf_local_target_name(target->path, local);
    c->reason = files->write(files->context, local, bytes_of(c->file, len));
    return FAILED(c->reason) ? TUF_STORE : TUF_ACCEPTED;
}

enum tuf_verdict tuf_client_fetch_file(struct tuf_client *c, const struct tuf_target *target,
                                       size_t *ret_len)
{
    char name[TUF_FETCH_NAME_BYTES];
    TUF_TRY(name_file(c, target, name));
    c->reason = c->ports.fetch(c->ports.context, TUF_FROM_FILES, name, c->file,
                               (size_t)target->entry.length, ret_len);
    if (c->reason.code == ERR_NOT_FOUND) return TUF_MISSING;
    if (c->reason.code == ERR_LENGTH) return TUF_HASH; /* longer than announced */
    if (FAILED(c->reason)) return TUF_UNREACHABLE;
    return tuf_entry_matches(&target->entry, bytes_of(c->file, *ret_len));
}

enum tuf_verdict tuf_client_download(struct tuf_client *client, const struct tuf_target *target,
                                     struct bytes *ret_content)
{
    size_t len = 0;
    enum tuf_verdict verdict = TUF_UNCHANGED;
    TUF_TRY(tuf_client_room_for(client, target));
    if (!tuf_client_has_file(client, target, &len)) {
        TUF_TRY(tuf_client_fetch_file(client, target, &len));
        TUF_TRY(tuf_client_keep_file(client, target, len));
        verdict = TUF_ACCEPTED;
    }
    if (ret_content != NULL) *ret_content = bytes_of(client->file, len);
    return verdict;
}
