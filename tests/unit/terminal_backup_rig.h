/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A shop's till with its backups: the terminal trades with the scripted vault of terminal_rig.h,
 * and has its backups sealed and opened by a real one (terminal_bench.h). The medium is in memory;
 * it can be pulled out, or be full.
 */

#include "terminal/backup_rows.h"
#include "terminal/secure_backup.h"
#include "tests/unit/terminal_bench.h"
#include "tests/unit/terminal_rig.h"

enum { MEDIUM_FILES = 8, MEDIUM_FILE_MAX = 1 << 20 };

struct medium_file {
    char name[BACKUP_NAME_MAX];
    uint8_t *at;
    size_t len;
    bool whole;
};

struct medium {
    struct medium_file file[MEDIUM_FILES];
    size_t files, writing, room; /* room 0: as much as is wanted */
    bool gone;
    struct store_anchor *copy; /* behind the last snapshot */
};

static struct medium medium;

static err medium_snapshot(void *context, struct store **ret_store)
{
    struct rig *rig = context;
    static int made;
    char name[32];
    struct bytes image;
    snprintf(name, sizeof name, "backup_snapshot_%d", ++made);
    if (medium.copy != NULL) store_anchor_close(medium.copy);
    GOOD_CODE(store_anchor_image(rig->anchor, &image));
    GOOD_CODE(store_anchor_open(name, &medium.copy));
    GOOD_CODE(store_anchor_fill(medium.copy, image));
    store_image_free(image);
    const struct store_options options = {.mode = STORE_MEMORY};
    return store_open(name, &options, NULL, ret_store);
}

static err medium_create(void *context, const char *name)
{
    (void)context;
    if (medium.gone) return ERR(NOT_FOUND);
    assert_true(medium.files < MEDIUM_FILES);
    struct medium_file *file = &medium.file[medium.writing = medium.files++];
    *file = (struct medium_file){.at = calloc(1, MEDIUM_FILE_MAX)};
    assert_non_null(file->at);
    snprintf(file->name, sizeof file->name, "%s", name);
    return OK;
}

static err medium_append(void *context, struct bytes b)
{
    struct medium_file *file = &medium.file[medium.writing];
    (void)context;
    if (medium.gone) return ERR(IO);
    if (medium.room > 0 && file->len + b.len > medium.room) return ERR(FULL);
    assert_true(file->len + b.len <= MEDIUM_FILE_MAX);
    memcpy(file->at + file->len, b.at, b.len);
    file->len += b.len;
    return OK;
}

static err medium_finish(void *context, bool whole)
{
    (void)context;
    if (medium.files == 0 || medium.writing >= medium.files) return OK;
    struct medium_file *file = &medium.file[medium.writing];
    if (whole && !medium.gone) {
        file->whole = true;
        return OK;
    }
    if (!file->whole) {
        free(file->at);
        medium.files--;
    }
    return whole ? ERR(IO) : OK;
}

static struct medium_file *medium_named(const char *name)
{
    for (size_t i = 0; i < medium.files; i++)
        if (medium.file[i].whole && strcmp(medium.file[i].name, name) == 0) return &medium.file[i];
    return NULL;
}

static err medium_read(void *context, const char *name, uint64_t offset, void *block, size_t max,
                       size_t *ret_len)
{
    const struct medium_file *file = medium_named(name);
    (void)context;
    if (medium.gone || file == NULL) return ERR(NOT_FOUND);
    size_t left = offset < file->len ? file->len - (size_t)offset : 0;
    *ret_len = left < max ? left : max;
    if (*ret_len > 0) memcpy(block, file->at + offset, *ret_len);
    return OK;
}

static err medium_each(void *context, err (*found)(void *found_context, const char *name),
                       void *found_context)
{
    (void)context;
    if (medium.gone) return ERR(NOT_FOUND);
    for (size_t i = 0; i < medium.files; i++)
        if (medium.file[i].whole) TRY(found(found_context, medium.file[i].name));
    return OK;
}

static err medium_remove(void *context, const char *name)
{
    struct medium_file *file = medium_named(name);
    (void)context;
    if (medium.gone || file == NULL) return ERR(NOT_FOUND);
    free(file->at);
    *file = medium.file[--medium.files];
    return OK;
}

static inline void medium_clear(void)
{
    for (size_t i = 0; i < medium.files; i++) free(medium.file[i].at);
    if (medium.copy != NULL) store_anchor_close(medium.copy);
    medium = (struct medium){0};
}

/* The last file on it. */
static inline struct medium_file *medium_last(void)
{
    assert_true(medium.files > 0);
    return &medium.file[medium.files - 1];
}

/* Commands of backups go to the real vault, all others to the scripted one. */
static err till_vault(void *context, struct bytes request, struct writer *response)
{
    struct rig *rig = context;
    uint8_t command = request.at[1];
    bool backup = command >= VAULT_BACKUP_BEGIN && command <= VAULT_BACKUP_OWNER;
    if (!backup && command != VAULT_RESTORE_ASK) return rig_vault(rig, request, response);
    bench_set_now(rig->bench, rig_now_ms(rig));
    return bench_vault(rig->bench, request, response);
}

/* Not booted. */
static inline struct rig *till_new(const char *serial, const struct bench *elder)
{
    struct rig *rig = rig_new();
    rig->bench = bench_make("TB-1", RIG_START_MS, serial, elder);
    rig->vault_port = till_vault;
    rig->backup =
        (struct backup_ports){rig,           medium_snapshot, medium_create, medium_append,
                              medium_finish, medium_read,     medium_each,   medium_remove};
    return rig;
}

static inline void till_free(struct rig *rig)
{
    struct bench *bench = rig->bench;
    rig_free(rig);
    bench_free(bench);
}

/* The rows of every table that is in a backup, but the state, as bytes. */
struct till_rows {
    uint8_t at[1 << 18];
    size_t len;
};

static inline void till_dump(struct rig *rig, struct till_rows *out)
{
    struct writer w = writer_over(out->at, sizeof out->at);
    for (size_t i = 0; i < backup_table_count; i++) {
        const struct backup_table *table = &backup_tables[i];
        struct store_statement *s;
        bool row = false;
        if (table->kind == BACKUP_STATE || table->kind == BACKUP_SHOWN) continue;
        GOOD_CODE(store_statement(rig->store, table->select, &s));
        for (;;) {
            GOOD_CODE(store_step(s, &row));
            if (!row) break;
            GOOD_CODE(backup_row_write(table, s, &w));
        }
    }
    out->len = w.len;
}
