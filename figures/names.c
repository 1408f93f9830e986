/* SPDX-License-Identifier: Apache-2.0 */
/* Names by numbers: a table on disk, and for the fold a hash over all of it. */
#include "figures/names.h"

#include <assert.h>
#include <stdlib.h>

enum { FIRST_BITS = 12 /* a few shops stay near the processor; it doubles when it is half full */ };

struct name {
    char text[FIGURE_NAME_MAX + 1]; /* zeros to its end */
    enum figure_name what;
    uint32_t number;
};

struct figure_names {
    struct name name[FIGURE_NAMES_MAX];
    uint32_t *slot; /* place + 1, or 0 */
    unsigned bits;
    uint32_t count, saved;
    uint32_t last[FIGURE_DEVICE + 1];
};

struct figure_names *figure_names_new(void)
{
    struct figure_names *names = calloc(1, sizeof *names);
    if (names == NULL) return NULL;
    names->bits = FIRST_BITS;
    names->slot = calloc((size_t)1 << names->bits, sizeof *names->slot);
    if (names->slot != NULL) return names;
    free(names);
    return NULL;
}

void figure_names_free(struct figure_names *names)
{
    if (names == NULL) return;
    free(names->slot);
    free(names);
}

static struct name name_of(enum figure_name what, const char *text)
{
    struct name name = {.what = what};
    size_t len = strlen(text);
    ENSURE(len > 0 && len <= FIGURE_NAME_MAX);
    memcpy(name.text, text, len);
    return name;
}

static size_t slot_of(const struct figure_names *names, const struct name *name)
{
    uint64_t half[2];
    static_assert(sizeof half == sizeof name->text, "two halves");
    memcpy(half, name->text, sizeof half);
    uint64_t mixed = (half[0] + name->what) * UINT64_C(0x9E3779B97F4A7C15) ^ half[1];
    return (size_t)((mixed * UINT64_C(0xC2B2AE3D27D4EB4F)) >> (64 - names->bits));
}

/* The slot in which it is, or the free one in which it would be. */
static size_t find(const struct figure_names *names, const struct name *name)
{
    size_t at = slot_of(names, name), last = ((size_t)1 << names->bits) - 1;
    for (; names->slot[at] != 0; at = (at + 1) & last) {
        const struct name *there = &names->name[names->slot[at] - 1];
        if (there->what == name->what && memcmp(there->text, name->text, sizeof name->text) == 0)
            break;
    }
    return at;
}

static err grow(struct figure_names *names)
{
    uint32_t *slot = calloc((size_t)2 << names->bits, sizeof *slot);
    if (slot == NULL) return ERR(NO_MEMORY);
    free(names->slot);
    names->slot = slot;
    names->bits++;
    for (uint32_t i = 0; i < names->count; i++) slot[find(names, &names->name[i])] = i + 1;
    return OK;
}

/* A name that is not there yet. */
static err add(struct figure_names *names, const struct name *name)
{
    if (names->count == FIGURE_NAMES_MAX || name->number > FIGURE_NUMBER_MAX) return ERR(NO_MEMORY);
    if (names->count >= (size_t)1 << (names->bits - 1)) TRY(grow(names));
    size_t slot = find(names, name);
    names->name[names->count++] = *name;
    names->slot[slot] = names->count;
    if (name->number > names->last[name->what]) names->last[name->what] = name->number;
    return OK;
}

err figure_names_number(struct figure_names *names, enum figure_name what, const char *text,
                        uint32_t *ret_number)
{
    struct name name = name_of(what, text);
    uint32_t there = names->slot[find(names, &name)];
    if (there == 0) {
        name.number = names->last[what] + 1;
        TRY(add(names, &name));
        there = names->count;
    }
    *ret_number = names->name[there - 1].number;
    return OK;
}

uint32_t figure_names_last(const struct figure_names *names, enum figure_name what)
{
    return names->last[what];
}

const char *figure_names_text(const struct figure_names *names, enum figure_name what,
                              uint32_t number)
{
    for (uint32_t i = 0; i < names->count; i++)
        if (names->name[i].what == what && names->name[i].number == number)
            return names->name[i].text;
    return "?";
}

static err load_row(struct figure_names *names, struct store_statement *row)
{
    char text[FIGURE_NAME_MAX + 1];
    enum figure_name what = (enum figure_name)store_read_int(row);
    int64_t number = store_read_int(row);
    store_read_text_into(row, text, sizeof text);
    TRY(store_read_finish(row));
    bool known = what == FIGURE_SHOP || what == FIGURE_DEVICE;
    if (!known || number < 1 || number > FIGURE_NUMBER_MAX || text[0] == '\0') return ERR(CORRUPT);
    struct name name = name_of(what, text);
    name.number = (uint32_t)number;
    if (names->slot[find(names, &name)] != 0) return ERR(CORRUPT);
    return add(names, &name);
}

err figure_names_load(struct figure_names *names, struct store *store)
{
    struct store_statement *rows;
    memset(names->slot, 0, sizeof *names->slot << names->bits);
    memset(names->last, 0, sizeof names->last);
    names->count = 0;
    TRY(store_statement(store, "SELECT what, number, text FROM name ORDER BY what, number", &rows));
    for (;;) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) break;
        err loaded = load_row(names, rows);
        if (FAILED(loaded)) {
            store_reset(rows);
            return loaded;
        }
    }
    names->saved = names->count;
    return OK;
}

err figure_names_save(struct figure_names *names, struct store_tx *tx)
{
    struct store_statement *insert;
    TRY(store_statement(tx->store, "INSERT INTO name(what, number, text) VALUES(?, ?, ?)",
                        &insert));
    for (; names->saved < names->count; names->saved++) {
        const struct name *name = &names->name[names->saved];
        store_bind_int(insert, (int64_t)name->what);
        store_bind_int(insert, name->number);
        store_bind_text(insert, bytes_text(name->text));
        TRY(store_run(insert));
    }
    return OK;
}

err figure_number_of(struct store *store, enum figure_name what, const char *name,
                     uint32_t *ret_number)
{
    struct store_statement *select;
    bool row = false;
    TRY(store_statement(store, "SELECT number FROM name WHERE what = ? AND text = ?", &select));
    store_bind_int(select, (int64_t)what);
    store_bind_text(select, bytes_text(name));
    TRY(store_step(select, &row));
    if (!row) return ERR(NOT_FOUND);
    int64_t number = store_read_int(select);
    err read = store_read_finish(select);
    store_reset(select);
    TRY(read);
    *ret_number = (uint32_t)number;
    return OK;
}

err figure_name_of(struct store *store, enum figure_name what, uint32_t number,
                   char ret_name[static FIGURE_NAME_MAX + 1])
{
    struct store_statement *select;
    bool row = false;
    TRY(store_statement(store, "SELECT text FROM name WHERE what = ? AND number = ?", &select));
    store_bind_int(select, (int64_t)what);
    store_bind_int(select, number);
    TRY(store_step(select, &row));
    if (!row) return ERR(NOT_FOUND);
    store_read_text_into(select, ret_name, FIGURE_NAME_MAX + 1);
    err read = store_read_finish(select);
    store_reset(select);
    return read;
}
