/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever signs the list signs the deltas with it; what they make is checked all the same. */
#include "cli/updates_delta.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/updates_internal.h"
#include "lib/tuf/delta.h"
#include "lib/tuf/image.h"
#include "lib/wire/json.h"

/* Two images and what leads from the one to the other: owns three blocks of IMAGE_BYTES_MAX. */
struct work {
    uint8_t *before, *after, *delta;
    size_t before_len, after_len, delta_len;
};

static void done(struct work *work)
{
    free(work->before);
    free(work->after);
    free(work->delta);
}

static err failed(struct process_fault *fault, err why, const char *text)
{
    snprintf(fault->text, sizeof fault->text, "%s", text);
    return why;
}

/* What is served as this file. */
static err read_served(const struct updates_repository *r, const struct tuf_author_file *file,
                       uint8_t *block, size_t *ret_len)
{
    char name[TUF_AUTHOR_PATH + 72], path[FILE_PATH_MAX];
    updates_file_name(file, name);
    TRY(updates_path(r, "files", name, path));
    return file_read(path, FILE_PUBLIC, block, IMAGE_BYTES_MAX, ret_len);
}

static err read_before(const struct updates_repository *r, const char *name, const char *from,
                       struct work *work, struct process_fault *fault)
{
    const struct tuf_author_file *file = tuf_author_targets_find(&r->now.targets, name);
    if (from == NULL && file == NULL)
        return failed(fault, ERR(NOT_FOUND),
                      "no image of this name is published: say --from (该名称尚无已发布的镜像，"
                      "请用 --from 指定)");
    err read = from == NULL
                   ? read_served(r, file, work->before, &work->before_len)
                   : file_read(from, FILE_PUBLIC, work->before, IMAGE_BYTES_MAX, &work->before_len);
    if (FAILED(read))
        snprintf(fault->text, sizeof fault->text,
                 "cannot read the image before: %s (无法读取旧镜像)", err_text(read));
    return read;
}

/* One that nobody could use is not published. */
static err judge(const struct work *work, struct process_fault *fault)
{
    char before_model[IMAGE_MODEL_BYTES + 1], after_model[IMAGE_MODEL_BYTES + 1];
    uint64_t before = 0, after = 0;
    if (image_peek(bytes_of(work->before, work->before_len), &before, before_model) &&
        image_peek(bytes_of(work->after, work->after_len), &after, after_model) && before < after &&
        strcmp(before_model, after_model) == 0)
        return OK;
    return failed(fault, ERR(CONFLICT),
                  "a delta leads from an older image to a newer one of the same model "
                  "(增量更新须由同型号的旧镜像指向新镜像)");
}

static err make_delta(struct work *work, struct process_fault *fault)
{
    struct writer w = writer_over(work->delta, work->after_len - 1);
    err made = delta_write(bytes_of(work->before, work->before_len),
                           bytes_of(work->after, work->after_len), &w);
    if (made.code == ERR_FULL)
        return failed(fault, made,
                      "the delta would not be shorter than the image: none is needed "
                      "(增量不小于完整镜像，无需发布)");
    work->delta_len = w.len;
    return made;
}

static err describe(const struct work *work, struct tuf_author_file *file)
{
    struct delta delta;
    struct writer w = writer_over(file->custom, sizeof file->custom - 1);
    struct json_out j = json_out_over(&w);
    TRY(delta_read(bytes_of(work->delta, work->delta_len), &delta));
    json_object_begin(&j);
    json_member_object(&j, "delta");
    json_member_hex(&j, "from", BYTES_OF(delta.from));
    json_member_hex(&j, "to", BYTES_OF(delta.to));
    json_object_end(&j);
    json_object_end(&j);
    file->custom[w.fault == ERR_OK ? w.len : 0] = '\0';
    return (err){w.fault};
}

static err publish(struct updates_repository *r, const char *name, const struct work *work,
                   struct tuf_author_targets *targets)
{
    char path[TUF_AUTHOR_PATH];
    struct delta delta;
    struct tuf_author_file file;
    TRY(delta_read(bytes_of(work->delta, work->delta_len), &delta));
    TRY(delta_path(name, delta.from, path, sizeof path));
    TRY(updates_add_file(r, path, bytes_of(work->delta, work->delta_len), &file));
    TRY(describe(work, &file));
    TRY(tuf_author_targets_set(targets, &file));
    printf("%s: %zu of %zu bytes\n", path, work->delta_len, work->after_len);
    return OK;
}

err updates_delta_add(struct updates_repository *r, const char *name, const char *from,
                      struct tuf_author_targets *targets, struct process_fault *fault)
{
    const struct tuf_author_file *file = tuf_author_targets_find(targets, name);
    CLEANUP(done)
    struct work work = {
        malloc(IMAGE_BYTES_MAX), malloc(IMAGE_BYTES_MAX), malloc(IMAGE_BYTES_MAX), 0, 0, 0};
    if (work.before == NULL || work.after == NULL || work.delta == NULL) return ERR(NO_MEMORY);
    if (file == NULL)
        return failed(
            fault, ERR(NOT_FOUND),
            "there is no file of this name: add the image first (没有该文件，请先添加镜像)");
    TRY(read_before(r, name, from, &work, fault));
    TRY(read_served(r, file, work.after, &work.after_len));
    TRY(judge(&work, fault));
    TRY(make_delta(&work, fault));
    return publish(r, name, &work, targets);
}

/* Is it a delta of `name` that leads elsewhere? */
static bool is_stale(const struct tuf_author_file *file, const char *name,
                     const uint8_t to[TUF_SHA256_BYTES])
{
    char hex[2 * TUF_SHA256_BYTES + 1] = "";
    size_t len = strlen(name);
    const char *behind = file->path + len;
    if (strncmp(file->path, name, len) != 0 || strlen(behind) != DELTA_PATH_ADDS ||
        behind[0] != '.' || strcmp(behind + DELTA_PATH_ADDS - 6, ".delta") != 0)
        return false;
    if (to == NULL) return true;
    struct writer w = writer_over(hex, sizeof hex - 1);
    write_hex(&w, bytes_of(to, TUF_SHA256_BYTES));
    return strstr(file->custom, hex) == NULL;
}

void updates_delta_drop(struct tuf_author_targets *targets, const char *name,
                        const uint8_t to[TUF_SHA256_BYTES])
{
    for (size_t i = targets->count; i-- > 0;) {
        if (!is_stale(&targets->file[i], name, to)) continue;
        char path[TUF_AUTHOR_PATH];
        memcpy(path, targets->file[i].path, sizeof path);
        ENSURE(!FAILED(tuf_author_targets_remove(targets, path)));
    }
}
