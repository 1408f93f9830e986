/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a repository: read, drafted, signed. Publishing is updates_publish.c. */
#include "cli/updates_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/hex.h"

/* ---- files ---- */

err updates_path(const struct updates_repository *r, const char *folder, const char *name,
                 char out[FILE_PATH_MAX])
{
    struct writer w = writer_over(out, FILE_PATH_MAX - 1);
    write_format(&w, "%s/%s%s%s", r->directory, folder, folder[0] != '\0' ? "/" : "", name);
    if (w.fault != ERR_OK) return ERR(CONFIG);
    out[w.len] = '\0';
    return OK;
}

static err read_text(const struct updates_repository *r, const char *folder, const char *name,
                     struct updates_text *ret)
{
    char path[FILE_PATH_MAX];
    TRY(updates_path(r, folder, name, path));
    return file_read(path, FILE_PUBLIC, ret->at, sizeof ret->at, &ret->len);
}

err updates_write(const struct updates_repository *r, const char *folder, const char *name,
                  struct bytes text)
{
    char path[FILE_PATH_MAX];
    TRY(updates_path(r, folder, name, path));
    return file_write(path, FILE_PUBLIC, text);
}

struct bytes updates_view(const struct updates_text *text)
{
    return bytes_of(text->at, text->len);
}

void updates_name(char out[64], int64_t version, const char *role)
{
    snprintf(out, 64, "%" PRId64 ".%s.json", version, role);
}

/* ---- keys of the hsm ---- */

static const char *const online_names[HSM_DOCUMENT_ROLES] = {
    [HSM_DOCUMENT_SNAPSHOT] = "snapshot",
    [HSM_DOCUMENT_TIMESTAMP] = "timestamp",
    [HSM_DOCUMENT_DIRECTOR] = "director",
};

static err write_online(const struct updates_repository *r, const char *folder,
                        const struct updates_online *online)
{
    uint8_t block[2048];
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    for (uint8_t role = 1; role < HSM_DOCUMENT_ROLES; role++) {
        const struct updates_online_key *key = &online->key[role];
        json_member_object(&j, online_names[role]);
        json_member_hex(&j, "blob", bytes_of(key->blob, key->len));
        json_member_string(&j, "public", key->name.public_hex);
        json_object_end(&j);
    }
    json_object_end(&j);
    TRY((err){w.fault});
    return updates_write(r, folder, "online.keys", writer_view(&w));
}

static err read_online(const struct updates_repository *r, const char *folder,
                       struct updates_online *ret)
{
    static struct updates_text text;
    CLEANUP(json_free) struct json_document document = {0};
    TRY(read_text(r, folder, "online.keys", &text));
    TRY(json_parse(updates_view(&text), sizeof text.at, &document));
    for (uint8_t role = 1; role < HSM_DOCUMENT_ROLES; role++) {
        struct updates_online_key *key = &ret->key[role];
        struct json_t *row = NULL;
        struct bytes hex;
        TRY(json_member(document.root, online_names[role], &row));
        TRY(json_text(row, "blob", 2 * sizeof key->blob, &hex));
        TRY(hex_decode(hex, key->blob, sizeof key->blob, &key->len));
        TRY(json_text(row, "public", TUF_PUBLIC_TEXT, &hex));
        TRY(tuf_author_key_read(hex, &key->name));
    }
    return OK;
}

err updates_online_make(struct hsm_client *hsm, enum hsm_document_role role,
                        struct updates_online *online, struct process_fault *fault)
{
    struct hsm_document_key_answer answer;
    struct updates_online_key *key = &online->key[role];
    char hex[TUF_PUBLIC_TEXT];
    TRY(hsm_client_document_key(hsm, (uint8_t)role, &answer, fault));
    memcpy(key->blob, answer.blob.at, answer.blob.len);
    key->len = answer.blob.len;
    struct writer w = writer_over(hex, sizeof hex);
    write_hex(&w, answer.public_key);
    return tuf_author_key_read(writer_view(&w), &key->name);
}

/* ---- opening ---- */

static err parse_root(const struct updates_text *text, struct tuf_author_root *ret)
{
    CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
    if (tuf_metadata_parse(TUF_ROOT, updates_view(text), &m) != TUF_ACCEPTED) return ERR(CORRUPT);
    return tuf_author_root_read(&m, ret);
}

static err parse_targets(const struct updates_text *text, struct tuf_author_targets *ret)
{
    CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
    if (tuf_metadata_parse(TUF_TARGETS, updates_view(text), &m) != TUF_ACCEPTED)
        return ERR(CORRUPT);
    return tuf_author_targets_read(&m, ret);
}

/* The highest root that follows its predecessor. */
static err find_root(struct updates_repository *r)
{
    char name[64];
    for (int64_t version = 1;; version++) {
        updates_name(name, version, "root");
        err e = read_text(r, "metadata", name, &r->now.root_text);
        if (e.code == ERR_NOT_FOUND && version == 1) return OK;
        if (e.code == ERR_NOT_FOUND) {
            updates_name(name, version - 1, "root");
            return read_text(r, "metadata", name, &r->now.root_text);
        }
        TRY(e);
        TRY(parse_root(&r->now.root_text, &r->now.root));
        if (r->now.root.version != version) return ERR(CORRUPT);
    }
}

/* What `text` says of another file. */
static err read_entry(enum tuf_type type, const struct updates_text *text, const char *about,
                      int64_t *ret_version, int64_t *ret_expires_ms, int64_t *ret_about)
{
    struct tuf_entry entry;
    CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
    if (tuf_metadata_parse(type, updates_view(text), &m) != TUF_ACCEPTED ||
        !tuf_metadata_entry(&m, about, &entry))
        return ERR(CORRUPT);
    *ret_version = m.version;
    *ret_expires_ms = m.expires_ms;
    *ret_about = entry.version;
    return OK;
}

/* Timestamp, snapshot, targets: one says which the next is. */
static err find_targets(struct updates_repository *r)
{
    static struct updates_text text;
    char name[64];
    int64_t snapshot = 0, targets = 0;
    err e = read_text(r, "metadata", "timestamp.json", &text);
    if (e.code == ERR_NOT_FOUND) return OK; /* cut off while the first was published */
    TRY(e);
    TRY(read_entry(TUF_TIMESTAMP, &text, "snapshot", &r->timestamp_version,
                   &r->timestamp_expires_ms, &snapshot));
    updates_name(name, snapshot, "snapshot");
    TRY(read_text(r, "metadata", name, &text));
    TRY(read_entry(TUF_SNAPSHOT, &text, "targets", &r->snapshot_version, &r->snapshot_expires_ms,
                   &targets));
    updates_name(name, targets, "targets");
    TRY(read_text(r, "metadata", name, &r->now.targets_text));
    TRY(parse_targets(&r->now.targets_text, &r->now.targets));
    return r->now.targets.version == targets ? OK : ERR(CORRUPT);
}

/* Nothing of a file is nothing. */
static err may_lack(err e)
{
    return e.code == ERR_NOT_FOUND ? OK : e;
}

static err find_pending(struct updates_repository *r)
{
    struct updates_state *next = &r->next;
    TRY(may_lack(read_text(r, "pending", "root.json", &next->root_text)));
    TRY(may_lack(read_text(r, "pending", "targets.json", &next->targets_text)));
    if (next->root_text.len > 0) TRY(parse_root(&next->root_text, &next->root));
    if (next->targets_text.len > 0) TRY(parse_targets(&next->targets_text, &next->targets));
    err e = read_online(r, "pending", &next->online);
    next->has_online = !FAILED(e);
    return may_lack(e);
}

static err make_folders(const struct updates_repository *r, struct process_fault *fault)
{
    static const char *const folders[] = {"metadata", "files", "pending"};
    char path[FILE_PATH_MAX];
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        TRY(updates_path(r, folders[i], "", path));
        TRY(process_state_directory(path, fault));
    }
    return OK;
}

err updates_open(const char *directory, bool create, struct updates_repository *r,
                 struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    memset(r, 0, sizeof *r);
    r->lock = -1;
    TRY(bytes_to_text(bytes_text(directory), r->directory, sizeof r->directory));
    TRY(updates_path(r, "metadata", "", path));
    if (!create && access(path, F_OK) != 0) {
        snprintf(fault->text, sizeof fault->text,
                 "%.150s is no repository: begin with init (不是仓库，请先 init)", directory);
        return ERR(NOT_FOUND);
    }
    TRY(make_folders(r, fault));
    TRY(process_lock(r->directory, &r->lock, fault));
    err done = find_root(r);
    if (!FAILED(done)) done = find_targets(r);
    if (!FAILED(done)) {
        err e = read_online(r, "", &r->now.online);
        r->now.has_online = !FAILED(e);
        done = may_lack(e);
    }
    if (!FAILED(done)) done = find_pending(r);
    if (FAILED(done) && fault->text[0] == '\0')
        snprintf(fault->text, sizeof fault->text,
                 "%.120s: what is there was not written by this program, or is damaged "
                 "(仓库内容损坏或不是本程序所写)",
                 directory);
    return done;
}

void updates_close(struct updates_repository *r)
{
    if (r->lock >= 0) (void)close(r->lock);
    r->lock = -1;
}

/* ---- drafts ---- */

struct tuf_author_root updates_next_root(const struct updates_repository *r)
{
    struct tuf_author_root root = r->next.root_text.len > 0 ? r->next.root : r->now.root;
    root.version = r->now.root.version + 1;
    return root;
}

const struct tuf_author_targets *updates_next_targets(const struct updates_repository *r)
{
    return r->next.targets_text.len > 0 ? &r->next.targets : &r->now.targets;
}

const struct updates_online *updates_next_online(const struct updates_repository *r)
{
    return r->next.has_online ? &r->next.online : &r->now.online;
}

static err store_draft(const struct updates_repository *r, const char *name, struct bytes body,
                       struct updates_text *ret)
{
    struct writer w = writer_over(ret->at, sizeof ret->at);
    TRY(tuf_author_envelope(body, NULL, 0, &w));
    ret->len = w.len;
    return updates_write(r, "pending", name, updates_view(ret));
}

err updates_draft_root(struct updates_repository *r, const struct tuf_author_root *root)
{
    static struct updates_text body;
    struct writer w = writer_over(body.at, sizeof body.at);
    TRY(tuf_author_root_write(root, &w));
    TRY(store_draft(r, "root.json", writer_view(&w), &r->next.root_text));
    r->next.root = *root;
    return OK;
}

err updates_draft_targets(struct updates_repository *r, const struct tuf_author_targets *targets)
{
    static struct updates_text body;
    struct writer w = writer_over(body.at, sizeof body.at);
    TRY(tuf_author_targets_write(targets, &w));
    TRY(store_draft(r, "targets.json", writer_view(&w), &r->next.targets_text));
    r->next.targets = *targets;
    return OK;
}

err updates_draft_online(struct updates_repository *r, const struct updates_online *online)
{
    TRY(write_online(r, "pending", online));
    r->next.online = *online;
    r->next.has_online = true;
    return OK;
}

err updates_keep_online(struct updates_repository *r)
{
    TRY(write_online(r, "", &r->next.online));
    r->now.online = r->next.online;
    r->now.has_online = true;
    return OK;
}

err updates_discard(struct updates_repository *r)
{
    static const char *const names[] = {"root.json", "targets.json", "online.keys"};
    char path[FILE_PATH_MAX];
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        TRY(updates_path(r, "pending", names[i], path));
        TRY(may_lack(file_remove(path)));
    }
    memset(&r->next, 0, sizeof r->next);
    return OK;
}

/* ---- signatures ---- */

err updates_sign_text(struct updates_text *text, const struct document_key *key,
                      const struct tuf_author_key *name)
{
    static struct updates_text body;
    struct tuf_author_signature signatures[TUF_SIGNATURES_MAX];
    uint8_t signature[DOCUMENT_SIGNATURE_MAX];
    size_t count = 0, len = 0, at = 0;
    struct writer w = writer_over(body.at, sizeof body.at);
    TRY(tuf_author_open(updates_view(text), &w, signatures, ARRAY_LEN(signatures) - 1, &count));
    while (at < count && strcmp(signatures[at].id, name->id) != 0) at++;
    if (at == count) count++;
    TRY(document_key_sign(key, writer_view(&w), signature, &len));
    ENSURE(len == sizeof signatures[at].at);
    memcpy(signatures[at].at, signature, len);
    TRY(bytes_to_text(bytes_text(name->id), signatures[at].id, sizeof signatures[at].id));
    struct writer out = writer_over(text->at, sizeof text->at);
    TRY(tuf_author_envelope(writer_view(&w), signatures, count, &out));
    text->len = out.len;
    return OK;
}

/* Who may sign a draft: the role as it will be, and as it is. */
static bool may_sign(const struct updates_repository *r, enum tuf_type type, const char *id)
{
    const struct tuf_author_root *next = r->next.root_text.len > 0 ? &r->next.root : &r->now.root;
    return tuf_author_role_find(&next->role[type], id) != NULL ||
           tuf_author_role_find(&r->now.root.role[type], id) != NULL;
}

err updates_sign(struct updates_repository *r, const struct document_key *key,
                 const struct tuf_author_key *name, unsigned *ret_signed)
{
    *ret_signed = 0;
    if (r->next.root_text.len > 0 && may_sign(r, TUF_ROOT, name->id)) {
        TRY(updates_sign_text(&r->next.root_text, key, name));
        TRY(updates_write(r, "pending", "root.json", updates_view(&r->next.root_text)));
        ++*ret_signed;
    }
    if (r->next.targets_text.len > 0 && may_sign(r, TUF_TARGETS, name->id)) {
        TRY(updates_sign_text(&r->next.targets_text, key, name));
        TRY(updates_write(r, "pending", "targets.json", updates_view(&r->next.targets_text)));
        ++*ret_signed;
    }
    return *ret_signed > 0 ? OK : ERR(NOT_FOUND);
}

/* ---- files that are announced ---- */

static bool name_is_plain(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(name);
    return len > 0 && len < TUF_AUTHOR_PATH && name[0] != '.' && strspn(name, allowed) == len;
}

void updates_file_name(const struct tuf_author_file *file, char out[TUF_AUTHOR_PATH + 72])
{
    struct writer w = writer_over(out, TUF_AUTHOR_PATH + 71);
    write_hex(&w, BYTES_OF(file->sha256));
    write_format(&w, ".%s", file->path);
    ENSURE(w.fault == ERR_OK);
    out[w.len] = '\0';
}

err updates_add_file(struct updates_repository *r, const char *path, struct bytes content,
                     struct tuf_author_file *ret_file)
{
    char name[TUF_AUTHOR_PATH + 72];
    struct tuf_author_file file = {.length = (int64_t)content.len};
    if (!name_is_plain(path)) return ERR(FORMAT);
    TRY(bytes_to_text(bytes_text(path), file.path, sizeof file.path));
    TRY(document_digest(content, file.sha256));
    updates_file_name(&file, name);
    TRY(updates_write(r, "files", name, content));
    *ret_file = file;
    return OK;
}
