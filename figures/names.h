/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * names: shops (merchant numbers) and devices (terminal ids) by small numbers of our own, which are
 * given in the order in which they are first met and never change.
 */

#include "figures/cell.h"
#include "lib/store/store.h"

enum figure_name { FIGURE_SHOP = 1, FIGURE_DEVICE = 2 }; /* on disk */

enum { FIGURE_NAME_MAX = 15, FIGURE_NAMES_MAX = 1 << 18 /* of both: four of each shop */ };

/* ---- for the fold: all of them in memory ---- */

struct figure_names;
/* NULL: no memory. */
struct figure_names *figure_names_new(void);
void figure_names_free(struct figure_names *names); /* NULL is allowed */
/* Forgets all, and reads what stands in the store. */
MUST_USE err figure_names_load(struct figure_names *names, struct store *store);
/* Its number; a new one gets the next, and is written by figure_names_save(). NO_MEMORY: too many
 * names, or devices. */
MUST_USE err figure_names_number(struct figure_names *names, enum figure_name what,
                                 const char *name, uint32_t *ret_number);
/* The highest number that was given, 0: none; and the name of a number. */
uint32_t figure_names_last(const struct figure_names *names, enum figure_name what);
const char *figure_names_text(const struct figure_names *names, enum figure_name what,
                              uint32_t number);
MUST_USE err figure_names_save(struct figure_names *names, struct store_tx *tx);

/* ---- for readers: one by one ---- */

/* NOT_FOUND: nothing was ever paid there. */
MUST_USE err figure_number_of(struct store *store, enum figure_name what, const char *name,
                              uint32_t *ret_number);
MUST_USE err figure_name_of(struct store *store, enum figure_name what, uint32_t number,
                            char ret_name[static FIGURE_NAME_MAX + 1]);
