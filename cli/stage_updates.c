/* SPDX-License-Identifier: Apache-2.0 */
/* A repository and two slots, by the programs that a host has for them. */
#include "cli/stage_updates.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/wire/json.h"

#define FILE_NAME "TB-1.image"

static err failed(struct process_fault *fault, const char *what, err why)
{
    snprintf(fault->text, sizeof fault->text, "%s: %s", what, err_text(why));
    return why;
}

/* ---- the programs ---- */

/* With the custodian's passphrase on a descriptor. */
static err with_passphrase(struct stage *s, const char *const *arguments)
{
    return children_feed(&s->children, "tongbao", arguments, bytes_text(s->updates->passphrase));
}

static err make_key(struct stage *s, const char *file, char out[65])
{
    const char *const arguments[] = {"updates", "--out", file, "--passphrase-fd", "@", "key", NULL};
    char path[180], printed[128];
    size_t len = 0;
    snprintf(path, sizeof path, "%.159s.public", file);
    TRY(with_passphrase(s, arguments));
    TRY(file_read(path, FILE_PUBLIC, printed, sizeof printed, &len));
    return bytes_to_text(bytes_of((const uint8_t *)printed, len), out, 65);
}

static err sign(struct stage *s)
{
    const struct stage_updates *u = s->updates;
    const char *const arguments[] = {"updates", "--repository", u->repository,
                                     "--key",   u->custodian,   "--passphrase-fd",
                                     "@",       "sign",         NULL};
    return with_passphrase(s, arguments);
}

/* "publish" what is signed, or "refresh": the hsm signs snapshot and timestamp. */
static err by_hsm(struct stage *s, const char *what)
{
    const char *const arguments[] = {
        "updates", "--repository", s->updates->repository, "--hsm", s->hsm_socket, what, NULL};
    return children_run(&s->children, "tongbao", arguments, NULL, 0);
}

static err publish(struct stage *s)
{
    TRY(sign(s));
    return by_hsm(s, "publish");
}

/* An image of a program, and a list with it that waits to be signed. */
static void name_image(const struct stage *s, unsigned image, char out[180])
{
    snprintf(out, 180, "%.120s/image.%u", s->directory, image);
}

static err add_image(struct stage *s, const char *program, unsigned image)
{
    const struct stage_updates *u = s->updates;
    char link[320], in[PATH_MAX], out[180], number[16];
    snprintf(link, sizeof link, "%.250s/%.40s", s->children.programs, program);
    if (realpath(link, in) == NULL) return ERR(NOT_FOUND); /* it is the file that is signed */
    name_image(s, image, out);
    snprintf(number, sizeof number, "%u", image);
    const char *const make[] = {
        "updates", "--key",     u->image_key, "--passphrase-fd", "@",    "--in",  in,  "--out",
        out,       "--version", number,       "--model",         "TB-1", "image", NULL};
    const char *const add[] = {
        "updates", "--repository", u->repository, "--name", FILE_NAME, "--in", out, "add", NULL};
    TRY(with_passphrase(s, make));
    return children_run(&s->children, "tongbao", add, NULL, 0);
}

/* From an image that devices have to the one that waits to be signed. */
static err add_delta(struct stage *s, unsigned from)
{
    char before[180];
    name_image(s, from, before);
    const char *const delta[] = {"updates", "--repository", s->updates->repository,
                                 "--name",  FILE_NAME,      "--from",
                                 before,    "delta",        NULL};
    return children_run(&s->children, "tongbao", delta, NULL, 0);
}

/* ---- steps ---- */

static void choose_passphrase(char out[STAGE_PASSPHRASE + 2])
{
    const struct random random = random_system();
    for (int i = 0; i < STAGE_PASSPHRASE; i++) out[i] = (char)('a' + random_below(&random, 26));
    out[STAGE_PASSPHRASE] = '\n';
    out[STAGE_PASSPHRASE + 1] = '\0';
}

static err make_places(struct stage *s)
{
    struct stage_updates *u = s->updates;
    const struct {
        char *path;
        const char *name;
        bool make;
    } places[] = {{u->repository, "updates", false},      {u->metadata, "update-metadata", true},
                  {u->targets, "update-files", true},     {u->slots, "update-slots", true},
                  {u->custodian, "custodian.key", false}, {u->image_key, "image.key", false}};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        snprintf(places[i].path, sizeof u->repository, "%.120s/%s", s->directory, places[i].name);
        if (places[i].make && mkdir(places[i].path, 0700) != 0) return ERR(IO);
    }
    return OK;
}

err stage_updates_publish(struct stage *s, struct process_fault *fault)
{
    struct stage_updates *u = s->updates;
    if (u == NULL) return OK;
    choose_passphrase(u->passphrase);
    const char *const init[] = {"updates",
                                "--repository",
                                u->repository,
                                "--hsm",
                                s->hsm_socket,
                                "--root-publics",
                                u->custodian_public,
                                "--root-threshold",
                                "1",
                                "--targets-publics",
                                u->custodian_public,
                                "--targets-threshold",
                                "1",
                                "init",
                                NULL};
    err done = make_places(s);
    if (!FAILED(done)) done = make_key(s, u->custodian, u->custodian_public);
    if (!FAILED(done)) done = make_key(s, u->image_key, u->image_public);
    if (!FAILED(done)) done = children_run(&s->children, "tongbao", init, NULL, 0);
    if (!FAILED(done)) done = add_image(s, "tongbao-terminal", 1);
    if (!FAILED(done)) done = publish(s);
    return FAILED(done) ? failed(fault, "tongbao updates", done) : OK;
}

/* What the updater is told whatever it is to do; returns how many there are. */
static size_t put_options(const struct stage *s, const char *all[static CHILD_ARGUMENTS_MAX])
{
    const struct stage_updates *u = s->updates;
    const char *const options[] = {"--plain-http-here",
                                   "--metadata-dir",
                                   u->metadata,
                                   "--metadata-url",
                                   u->metadata_url,
                                   "--target-base-url",
                                   u->files_url,
                                   "--target-dir",
                                   u->targets,
                                   "--slots-dir",
                                   u->slots,
                                   "--floor",
                                   s->floor_socket,
                                   "--image-key",
                                   u->image_public,
                                   "--model",
                                   "TB-1"};
    memcpy(all, options, sizeof options);
    return ARRAY_LEN(options);
}

err stage_updates_install(struct stage *s, struct process_fault *fault)
{
    struct stage_updates *u = s->updates;
    char root[180];
    if (u == NULL) return OK;
    snprintf(root, sizeof root, "%.150s/metadata/1.root.json", u->repository);
    snprintf(u->metadata_url, sizeof u->metadata_url, "http://localhost:%ld/updates/metadata/",
             s->backoffice_port);
    snprintf(u->files_url, sizeof u->files_url, "http://localhost:%ld/updates/files/",
             s->backoffice_port);
    const char *const init[] = {"--metadata-dir", u->metadata, "init", root, NULL};
    const char *install[CHILD_ARGUMENTS_MAX] = {NULL};
    size_t count = put_options(s, install);
    install[count++] = "--target-name";
    install[count++] = FILE_NAME;
    install[count] = "install";
    err done = children_run(&s->children, "tongbao-update", init, NULL, 0);
    if (!FAILED(done)) done = children_run(&s->children, "tongbao-update", install, NULL, 0);
    return FAILED(done) ? failed(fault, "tongbao-update install", done) : OK;
}

err stage_updates_start(struct stage *s, const char *const *arguments)
{
    const char *all[CHILD_ARGUMENTS_MAX] = {NULL};
    size_t count = put_options(s, all);
    all[count++] = "--serial";
    all[count++] = s->serial;
    all[count++] = "run";
    for (size_t i = 0; arguments[i] != NULL; i++) {
        if (count + 4 > ARRAY_LEN(all)) return ERR(FULL);
        all[count++] = arguments[i];
    }
    all[count++] = "--programs";
    all[count] = s->children.programs;
    return children_start(&s->children, "tongbao-update", all, true, &s->process_terminal);
}

err stage_updates_next(struct stage *s, const char *program, unsigned image, unsigned from,
                       struct process_fault *fault)
{
    err done = add_image(s, program, image);
    if (!FAILED(done) && from != 0) done = add_delta(s, from);
    if (!FAILED(done)) done = publish(s);
    return FAILED(done) ? failed(fault, program, done) : OK;
}

/* One line of a log: what was fetched, when it says that. */
static bool read_fetched(const char *line, int64_t *ret_bytes, int64_t *ret_of)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes event;
    return strstr(line, "downloaded") != NULL &&
           !FAILED(json_parse(bytes_text(line), LOG_LINE_MAX, &document)) &&
           !FAILED(json_text(document.root, "event", 32, &event)) &&
           bytes_equal(event, BYTES("downloaded")) &&
           !FAILED(json_int(document.root, "bytes", 0, INT64_MAX, ret_bytes)) &&
           !FAILED(json_int(document.root, "of", 0, INT64_MAX, ret_of));
}

err stage_updates_travelled(const struct stage *s, int64_t *ret_bytes, int64_t *ret_of)
{
    char line[LOG_LINE_MAX + 1];
    bool found = false;
    FILE *log = s->process_terminal == NULL ? NULL : fopen(s->process_terminal->log, "r");
    if (log == NULL) return ERR(NOT_FOUND);
    while (fgets(line, sizeof line, log) != NULL)
        if (read_fetched(line, ret_bytes, ret_of)) found = true;
    (void)fclose(log);
    return found ? OK : ERR(NOT_FOUND);
}

err stage_updates_renew(struct stage *s, struct process_fault *fault)
{
    err done = by_hsm(s, "refresh");
    return FAILED(done) ? failed(fault, "tongbao updates refresh", done) : OK;
}

void stage_updates_drop(struct stage *s)
{
    if (s->updates == NULL) return;
    explicit_bzero(s->updates, sizeof *s->updates);
    free(s->updates);
    s->updates = NULL;
}
