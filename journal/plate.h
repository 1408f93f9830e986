/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * plate: what was paid by plates (S79): per plate and day, for who asks what a plate takes, and per
 * customer, plate and day, for the limit of a customer's day. Beside the journal and in its
 * transactions. Random-keyed rows, which the journal avoids: a plate is asked now and then, not 300
 * times a second, and its limits must be right over a restart without reading a day again.
 *
 * Days are YYMMDD in China, 6 digits. A customer is whom his wallet's token names.
 */

#include "lib/store/migrate.h"

extern const struct store_schema journal_plate_schema;

/* The next number of this plate on this day, from 1. */
MUST_USE err journal_plate_number(struct store *store, const char *plate, uint32_t day,
                                  uint32_t *ret_number);

/* It has been given. */
MUST_USE err journal_plate_take_number(struct store *store, const char *plate, uint32_t day);

/* Adds (or, less than nothing, takes back) `minor` and `count` payments. */
MUST_USE err journal_plate_add(struct store *store, const char *plate, uint32_t day,
                               const char *customer, int class, int64_t minor, int count);

/* What this customer has paid on this day by all plates of the class. */
MUST_USE err journal_plate_customer(struct store *store, const char *customer, int class,
                                    uint32_t day, int64_t *ret_minor);

struct journal_plate_day {
    char plate[9];
    uint32_t day;
    int64_t count, minor, asked;
};

/* What this plate has taken on this day; zeros when nothing. */
MUST_USE err journal_plate_day(struct store *store, const char *plate, uint32_t day,
                               struct journal_plate_day *out);

/* Days from `from` on, by day and plate; fewer than `max`: those are all. */
MUST_USE err journal_plate_days(struct store *store, uint32_t from, const char *after_plate,
                                struct journal_plate_day *rows, size_t max, size_t *ret_count);
