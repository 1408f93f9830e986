/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * backup_rows: the tables of terminal.db that are in a backup (docs/backup.md), and their rows as
 * bytes. A table is a row here: what is selected, in which order, of which types, and how it is put
 * back. Columns are added at the end and never taken away; a bundle that has fewer is of before
 * them, and their defaults count.
 *
 *   row      length 2, then its columns
 *   integer  1 byte: how many follow; the number, zigzag, big-endian, without leading zeros
 *   text, blob   length 2, bytes
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"
#include "lib/store/store.h"
#include "lib/wire/backup_bundle.h"

enum { BACKUP_ROW_MAX = 3072 /* a signature has 2048 bytes; everything else is far smaller */ };

struct backup_table {
    uint8_t kind;      /* enum backup_section_kind */
    const char *types; /* of its columns: i, t, b */
    const char *count, *select, *insert;
};

/* In the order of a bundle; all sections but that of people. */
extern const struct backup_table backup_tables[];
extern const size_t backup_table_count;
/* NULL: none of ours. */
const struct backup_table *backup_table_of(uint8_t kind);

/* The row that `select` stands on. Errors: FULL, the store's. */
MUST_USE err backup_row_write(const struct backup_table *table, struct store_statement *select,
                              struct writer *w);

/* One row as it was read. Views. */
enum { BACKUP_COLUMNS_MAX = 48 };
struct backup_row {
    size_t columns;
    int64_t number[BACKUP_COLUMNS_MAX];
    struct bytes text[BACKUP_COLUMNS_MAX];
};

/* The next of a piece, whose rows have `columns` of them. Errors: FORMAT and the reader's: no row
 * of this table. */
MUST_USE err backup_row_read(const struct backup_table *table, size_t columns, struct reader *piece,
                             struct backup_row *out);
/* Puts it back; in the caller's transaction. The store's errors. */
MUST_USE err backup_row_insert(const struct backup_table *table, const struct backup_row *row,
                               struct store *store);

/* Places of columns that a restore looks at. */
enum {
    BACKUP_PAYMENT_NUMBER = 0,
    BACKUP_PAYMENT_BATCH = 1,
    BACKUP_PAYMENT_STAN = 2,
    BACKUP_PAYMENT_TID = 3,
    BACKUP_PAYMENT_STATE = 6,
    BACKUP_PAYMENT_AMOUNT = 11,
    BACKUP_PAYMENT_HELD = 38,
};
