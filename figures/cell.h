/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cell: what was paid, added up over everything that is alike.
 *
 * A cell is what payments have in common (hour, terminal, operator, method, class, type, what
 * became of them) and their sums. The cells of one shop and one period are kept as one row: packed
 * one after the other in the order of their keys, about ten bytes each, and read from the first to
 * the last. So every question about a shop is answered from what it has in a range of periods,
 * however it is to be grouped and whatever is left out, and a fold writes one row for each shop and
 * period that it touches.
 *
 * Sums are magnitudes; which way the money went follows from type and outcome (sums.h).
 *
 * Tried: a table for each pair of dimensions, a row a cell. A small shop's cells are nearly as many
 * as its payments, so that was ten times the rows, and questions nobody had thought of had no
 * table.
 */

#include "lib/base/bytes.h"
#include "lib/base/err.h"
#include "lib/base/writer.h"
#include "payment/payment.h"

enum figure_outcome { /* on disk */
                      FIGURE_PAID,
                      FIGURE_TURNED, /* it was paid, and was undone afterwards (冲正) */
                      FIGURE_DECLINED,
                      FIGURE_OUTCOMES
};

enum {
    FIGURE_NUMBER_MAX = (1 << 24) - 1, /* of terminals and of shops */
    FIGURE_OPERATORS = 101,            /* none, and 00 to 99 */
    FIGURE_CELL_BYTES_MAX = 60,        /* packed: six numbers of at most ten bytes */
};

/* On disk, as bits of a key, from the top: hour 5, device 24, operator 7, means 3, entry 7, class
 * 3, type 5, outcome 2. */
struct figure_key {
    unsigned hour;    /* by the clock in China, 0 to 23 */
    uint32_t device;  /* number of a terminal (names.h); 0: of all of them */
    unsigned cashier; /* the operator: 0: none; otherwise his number and one */
    enum payment_means means;
    enum payment_entry entry;
    enum payment_card_class class;
    enum payment_type type;
    enum figure_outcome outcome;
};

uint64_t figure_key_pack(const struct figure_key *key);
/* CORRUPT: no key of ours. */
MUST_USE err figure_key_unpack(uint64_t packed, struct figure_key *ret_key);

struct figure_amounts {
    int64_t count, minor, tip_minor, fee_minor, instalment_minor; /* none below zero */
};

void figure_amounts_add(struct figure_amounts *to, const struct figure_amounts *what);

struct figure_cell {
    uint64_t key;
    struct figure_amounts amounts;
};

/* A cell, and the row that it is of (period.h). */
struct figure_entry {
    int64_t row;
    struct figure_cell cell;
};

/* Where an entry is, for sorting. */
struct figure_place {
    int64_t row;
    uint64_t key;
    const struct figure_amounts *amounts;
};

/* Cells in ascending order of their keys; `last` is the key of the one before, 0 at the first. */
void figure_cell_write(struct writer *w, uint64_t *last, const struct figure_cell *cell);

struct figure_reader {
    struct bytes left;
    uint64_t last;
};

struct figure_reader figure_reader_over(struct bytes cells);
/* *ret_more is false at the end. CORRUPT: not what figure_cell_write() has written. */
MUST_USE err figure_cell_next(struct figure_reader *reader, struct figure_cell *ret_cell,
                              bool *ret_more);

/*
 * Writes the cells of `old` and the `count` cells of `fresh` (of one row, ascending) as one row;
 * what has the same key is added. CORRUPT, FULL (`out`).
 */
MUST_USE err figure_cells_merge(struct bytes old, const struct figure_place *fresh, size_t count,
                                struct writer *out);
