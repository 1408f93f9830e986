/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clearing: the file in which a network says what it charged on a day (S111): text, a line each.
 *
 *   clearing 1 card_network 2026-01-01 156
 *   C 600100000001 sale debit 12800 49
 *   R 600100000002 sale credit 500 0
 *   end 2 1 12800 0 0 49 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
 *
 * The head names network, business day and currency. A row has C (charged and stands) or R (was
 * charged and taken back), the reference, what it was, the kind of card, the amount and what the
 * network and its issuer keep of it, both in fen; rows are in the order of their references, so
 * none is there twice. The end has the number of rows, then count and sum of what stands and was
 * taken, count and sum of what stands and was given back, the sum of the fees of what stands, and
 * the SHA-256 of every byte before its line.
 *
 * A file that is cut short, of another day or network, with a row twice or an end that does not
 * agree is refused whole, by name: nothing of it counts. Pure; the digest is the caller's, since
 * this folder knows no cryptography. A business day ends at 23:00 in Beijing.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"
#include "payment/payment.h"

enum { CLEARING_DIGEST_BYTES = 32 };

struct clearing_head {
    enum payment_route network;
    int32_t day; /* days since 1970-01-01 */
    uint16_t currency;
};

struct clearing_row {
    char rrn[13];
    bool stands;
    enum payment_type type; /* one that moves money */
    enum payment_card_class class;
    int64_t amount_minor, fee_minor;
};

typedef void (*clearing_digest)(struct bytes data, uint8_t ret_digest[CLEARING_DIGEST_BYTES]);

struct clearing_sums {
    int64_t rows, taken_count, taken_minor, given_count, given_minor, fee_minor;
};

/* ---- writing: head, rows in the order of their references, end ---- */

void clearing_write_head(struct writer *w, const struct clearing_head *head);
void clearing_write_row(struct writer *w, const struct clearing_row *row);
/* `w` holds everything before the end, and nothing else. */
void clearing_write_end(struct writer *w, const struct clearing_sums *sums, clearing_digest digest);

/* Adds a row to the sums of a file. RANGE when they do not fit. */
MUST_USE err clearing_add(struct clearing_sums *sums, const struct clearing_row *row);

/* ---- reading ---- */

/* Where a file is wrong, and why; line 0: as a whole. */
struct clearing_fault {
    uint32_t line;
    const char *why;
};

/*
 * All rows of a file, at most `max`, into `rows`; it must be of this network, day and currency.
 * CORRUPT: it is cut short, or its end does not agree; CONFLICT: of another day, network or
 * currency; EXISTS: a reference twice; FORMAT; RANGE: more than `max` rows. `fault` says it for a
 * person. What `rows` holds after an error means nothing.
 */
MUST_USE err clearing_parse(struct bytes file, const struct clearing_head *wanted,
                            clearing_digest digest, struct clearing_row *rows, size_t max,
                            size_t *ret_count, struct clearing_sums *ret_sums,
                            struct clearing_fault *fault);

/* The digest that the end of a parsed file names, as 64 hexadecimal digits. */
void clearing_file_digest(struct bytes file, char out[static 2 * CLEARING_DIGEST_BYTES + 1]);

/* How many rows a file can have, at most, by its length. */
size_t clearing_rows_max(struct bytes file);

/* "card_network", "wallet"; the business day of a moment; "2026-01-01". */
const char *clearing_network_name(enum payment_route network);
int32_t clearing_day(int64_t at_ms);
void clearing_day_text(int32_t day, char out[static 11]);
/* FORMAT when it is no date from 1970 to 9999. */
MUST_USE err clearing_day_parse(struct bytes text, int32_t *ret_day);
