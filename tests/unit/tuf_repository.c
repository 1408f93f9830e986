/* SPDX-License-Identifier: Apache-2.0 */
/* Publishes, and plays a device with its files. */
#include <inttypes.h>

#include "lib/tuf/name.h"
#include "tests/unit/tuf_repository_text.h"

/* ---- what is served, and what is kept: names with texts ---- */

static struct repository_published *find(struct repository_published *list, size_t count,
                                         const char *wanted)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, wanted) == 0) return &list[i];
    return NULL;
}

static void put(struct repository_published *list, size_t *count, size_t max, const char *key,
                const void *text, size_t len)
{
    struct repository_published *p = find(list, *count, key);
    if (p == NULL) {
        assert_true(*count < max);
        p = &list[(*count)++];
        *p = (struct repository_published){.text = NULL};
        snprintf(p->name, sizeof p->name, "%s", key);
    }
    char *copy = malloc(len + 1);
    assert_non_null(copy);
    if (len > 0) memcpy(copy, text, len);
    copy[len] = '\0'; /* tests look for words in it */
    free(p->text);
    p->text = copy;
    p->len = len;
}

static void drop(struct repository_published *list, size_t *count)
{
    while (*count > 0) free(list[--*count].text);
}

struct repository_published *repository_served(struct repository *r, const char *key)
{
    return find(r->published, r->published_count, key);
}

void repository_serve(struct repository *r, const char *key, const char *text, size_t len)
{
    put(r->published, &r->published_count, REPOSITORY_FILES, key, text, len);
}

void repository_withdraw(struct repository *r, const char *key)
{
    struct repository_published *p = repository_served(r, key);
    assert_non_null(p);
    free(p->text);
    *p = r->published[--r->published_count];
}

/* ---- the repository ---- */

struct repository_role *repository_role(struct repository *r, const char *wanted)
{
    for (size_t i = 0; i < r->role_count; i++)
        if (strcmp(r->roles[i].name, wanted) == 0) return &r->roles[i];
    fail_msg("no role %s", wanted);
    return NULL;
}

static struct repository_role *add_role(struct repository *r, const char *called, size_t key)
{
    assert_true(r->role_count < REPOSITORY_ROLES);
    struct repository_role *role = &r->roles[r->role_count++];
    *role = (struct repository_role){.threshold = 1, .version = 1, .type = "targets"};
    snprintf(role->name, sizeof role->name, "%s", called);
    repository_set_keys(role, &key, 1);
    repository_set_signers(role, &key, 1);
    return role;
}

void repository_set_keys(struct repository_role *role, const size_t *list, size_t count)
{
    memcpy(role->keys, list, count * sizeof *list);
    role->key_count = count;
}

void repository_set_signers(struct repository_role *role, const size_t *list, size_t count)
{
    memcpy(role->signers, list, count * sizeof *list);
    role->signer_count = count;
}

static void set_entry(struct repository *r, const struct repository_role *role, const char *text,
                      size_t len)
{
    struct repository_entry e = {.version = role->version, .length = -1};
    snprintf(e.name, sizeof e.name, "%s", role->name);
    if (r->hashes) {
        char hex[129];
        repository_hash(text, len, false, hex);
        memcpy(e.sha256, hex, sizeof e.sha256);
        e.length = (int64_t)len;
    }
    size_t index = (size_t)(role - r->roles), i = 0;
    if (index == 2) r->snapshot = e;
    if (index < 3) return;
    while (i < r->meta_count && strcmp(r->meta[i].name, e.name) != 0) i++;
    if (i == r->meta_count) r->meta_count++;
    r->meta[i] = e;
}

static void publish(struct repository *r, struct repository_role *role, bool next)
{
    static char text[REPOSITORY_TEXT];
    char file[256], escaped[240];
    if (next && role->published) role->version++;
    role->published = true;
    size_t len = repository_write(r, role, text);
    struct writer w = writer_over(escaped, sizeof escaped - 1);
    tuf_name_escape(&w, bytes_text(role->name), false);
    escaped[w.len] = '\0';
    bool plain = role == &r->roles[1] || (!r->consistent && role != &r->roles[0]);
    if (plain) snprintf(file, sizeof file, "%s.json", escaped);
    else snprintf(file, sizeof file, "%" PRId64 ".%s.json", role->version, escaped);
    repository_serve(r, file, text, len);
    set_entry(r, role, text, len);
}

void repository_publish(struct repository *r, const char *called)
{
    publish(r, repository_role(r, called), true);
}

void repository_publish_again(struct repository *r, const char *called)
{
    publish(r, repository_role(r, called), false);
}

void repository_publish_all(struct repository *r)
{
    repository_publish(r, "targets");
    repository_publish(r, "snapshot");
    repository_publish(r, "timestamp");
}

struct repository_role *repository_delegate(struct repository *r, const char *from,
                                            const char *called, size_t key, const char *pattern,
                                            bool terminating)
{
    struct repository_role *role = NULL;
    for (size_t i = 0; i < r->role_count; i++)
        if (strcmp(r->roles[i].name, called) == 0) role = &r->roles[i];
    if (role == NULL) role = add_role(r, called, key);
    role->expires_ms = r->roles[0].expires_ms;
    struct repository_role *delegator = repository_role(r, from);
    struct repository_delegation *d = &delegator->to[delegator->to_count++];
    *d = (struct repository_delegation){.patterns = {pattern}, .terminating = terminating};
    snprintf(d->name, sizeof d->name, "%s", called);
    return role;
}

/* With each hash that a list may announce in front of its name, and without. */
static void serve_file(struct repository *r, const char *path, struct bytes content)
{
    char hex[129], file[512];
    const char *text = (const char *)content.at, *slash = strrchr(path, '/');
    size_t directory = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    for (int sha512 = 0; sha512 < 2; sha512++) {
        repository_hash(text, content.len, sha512, hex);
        snprintf(file, sizeof file, "%.*s%s.%s", (int)directory, path, hex, path + directory);
        repository_serve(r, file, text, content.len);
    }
    repository_serve(r, path, text, content.len);
}

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const struct repository_file *)a)->path,
                  ((const struct repository_file *)b)->path);
}

void repository_add_bytes(struct repository *r, const char *role, const char *path,
                          struct bytes content)
{
    struct repository_role *list = repository_role(r, role);
    size_t i = 0;
    while (i < list->file_count && strcmp(list->files[i].path, path) != 0) i++;
    if (i == list->file_count) list->file_count++;
    list->files[i] = (struct repository_file){
        .path = path, .content = (const char *)content.at, .size = content.len, .length = -1};
    qsort(list->files, list->file_count, sizeof list->files[0], compare_files);
    serve_file(r, path, content);
}

void repository_add_file(struct repository *r, const char *role, const char *path,
                         const char *content)
{
    repository_add_bytes(r, role, path, bytes_text(content));
}

/* ---- the device ---- */

static err fetch(void *context, enum tuf_source source, const char *key, void *block, size_t max,
                 size_t *ret_len)
{
    struct repository_device *d = context;
    struct repository *r = d->repository;
    (void)source;
    size_t len = strlen(key);
    assert_true(r->log_len + len + 2 < sizeof r->log);
    r->log_len += (size_t)snprintf(r->log + r->log_len, sizeof r->log - r->log_len, "%s%s",
                                   r->log_len > 0 ? " " : "", key);
    if (d->dead) return ERR(CRASHED);
    if (FAILED(r->failure)) return r->failure;
    const struct repository_published *p = repository_served(r, key);
    if (p == NULL) return ERR(NOT_FOUND);
    if (p->len > max) return ERR(LENGTH);
    memcpy(block, p->text, p->len);
    r->fetched += p->len;
    *ret_len = p->len;
    return OK;
}

static err read_list(struct repository_published *list, size_t count, const char *key, void *block,
                     size_t max, size_t *ret_len)
{
    const struct repository_published *p = find(list, count, key);
    if (p == NULL) return ERR(NOT_FOUND);
    if (p->len > max) return ERR(LENGTH);
    memcpy(block, p->text, p->len);
    *ret_len = p->len;
    return OK;
}

static err read_kept(void *context, const char *key, void *block, size_t max, size_t *ret_len)
{
    struct repository_device *d = context;
    return read_list(d->kept, d->kept_count, key, block, max, ret_len);
}

static err read_fetched(void *context, const char *key, void *block, size_t max, size_t *ret_len)
{
    struct repository_device *d = context;
    return read_list(d->files, d->file_count, key, block, max, ret_len);
}

static bool cut(struct repository_device *d)
{
    bool now = d->cut_at == d->writes++;
    if (now) d->dead = true;
    return d->dead && !(now && d->cut_after);
}

static err write_kept(void *context, const char *key, struct bytes content)
{
    struct repository_device *d = context;
    if (!cut(d)) put(d->kept, &d->kept_count, 64, key, content.at, content.len);
    return d->dead ? ERR(CRASHED) : OK;
}

static err write_fetched(void *context, const char *key, struct bytes content)
{
    struct repository_device *d = context;
    if (!cut(d)) put(d->files, &d->file_count, 32, key, content.at, content.len);
    return d->dead ? ERR(CRASHED) : OK;
}

static int64_t now_ms(void *context)
{
    return ((struct repository_device *)context)->now_ms;
}

static void restart(struct repository_device *d)
{
    const struct tuf_ports ports = {.fetch = fetch,
                                    .context = d,
                                    .metadata = {read_kept, write_kept, d},
                                    .files = {read_fetched, write_fetched, d},
                                    .clock = {.now_ms = now_ms, .context = d}};
    tuf_client_destroy(d->client);
    assert_ok(tuf_client_create(&ports, &d->client));
}

enum tuf_verdict device_init(struct repository_device *d)
{
    const struct repository_published *root = repository_served(d->repository, "1.root.json");
    restart(d);
    return tuf_client_init(d->client, bytes_of(root->text, root->len));
}

enum tuf_verdict device_refresh(struct repository_device *d)
{
    d->repository->log_len = 0;
    d->repository->log[0] = '\0';
    restart(d);
    return tuf_client_refresh(d->client);
}

enum tuf_verdict device_download(struct repository_device *d, const char *path,
                                 struct tuf_target *ret_target)
{
    struct tuf_target target;
    TUF_TRY(device_refresh(d));
    TUF_TRY(tuf_client_find(d->client, path, &target));
    if (ret_target != NULL) *ret_target = target;
    return tuf_client_download(d->client, &target, NULL);
}

int64_t device_version(const struct repository_device *d, const char *role)
{
    char file[TUF_LOCAL_NAME_BYTES];
    int64_t version = 0;
    struct json_t *body = NULL;
    CLEANUP(json_free) struct json_document document = {0};
    tuf_local_role_name(role, file);
    for (size_t i = 0; i < d->kept_count; i++) {
        if (strcmp(d->kept[i].name, file) != 0) continue;
        assert_ok(
            json_parse(bytes_of(d->kept[i].text, d->kept[i].len), REPOSITORY_TEXT, &document));
        assert_ok(json_member(document.root, "signed", &body));
        assert_ok(json_int(body, "version", 1, INT64_MAX, &version));
    }
    return version;
}

struct repository_published *device_kept(struct repository_device *d, const char *file)
{
    return find(d->kept, d->kept_count, file);
}

struct repository_published *device_file(struct repository_device *d, const char *path)
{
    char file[TUF_LOCAL_NAME_BYTES];
    tuf_local_target_name(path, file);
    return find(d->files, d->file_count, file);
}

/* ---- beginning and end ---- */

void repository_begin(struct repository *r, struct repository_device *d)
{
    static const char *const names[] = {"root", "timestamp", "snapshot", "targets"};
    *r = (struct repository){.consistent = true};
    *d = (struct repository_device){.repository = r,
                                    .now_ms = civil_to_ms((struct civil){2026, 11, 29, 12, 0, 0}),
                                    .cut_at = -1};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct repository_role *role = add_role(r, names[i], i);
        role->type = names[i];
        role->expires_ms = d->now_ms + 30 * DAY;
    }
    repository_publish_all(r);
    repository_publish(r, "root");
}

void repository_end(struct repository *r, struct repository_device *d)
{
    tuf_client_destroy(d->client);
    drop(r->published, &r->published_count);
    drop(d->kept, &d->kept_count);
    drop(d->files, &d->file_count);
}
