/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clearing: the file in which a network says what it charged on a day (S111): text, a line each.
 *
 *   clearing 2 card_network 2026-01-01 156
 *   C 600100000001 instalment credit 100000 482 1800
 *   C 600100000003 refund credit 50000 241 900
 *   R 600100000004 sale debit 500 2 0
 *   end 3 1 100000 1 50000 482 241 1800 900 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd1...
 *
 * The head names network, business day and currency. A row has C (charged and stands) or R (was
 * charged and taken back), the reference, what it was, the kind of card, the amount, what the
 * network and its issuer keep of it, and what the issuer keeps for instalments that the merchant
 * bears; of what gives money back, what they give back with it; all in fen. Rows are in the order
 * of their references, so none is there twice. The end has the number of rows, then count and sum
 * of what stands and was taken, count and sum of what stands and was given back, the sums of the
 * fees of what stands, kept and given back, and of those for instalments, and the SHA-256 of every
 * byte before its line.
 *
 * Version 1 has neither fees for instalments, which the network then does not keep, nor what goes
 * back of fees: its rows end with the fee, its end has one sum of fees. It is read, not written.
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
    int64_t amount_minor, fee_minor, instalment_minor;
};

typedef void (*clearing_digest)(struct bytes data, uint8_t ret_digest[CLEARING_DIGEST_BYTES]);

struct clearing_sums {
    int64_t rows, taken_count, taken_minor, given_count, given_minor;
    int64_t fee_minor, fee_back_minor, instalment_minor, instalment_back_minor;
    int version; /* of the file that was read */
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
/* "0101": as field 15 has it. */
void clearing_day_mmdd(int32_t day, char out[static 5]);
/* FORMAT when it is no date from 1970 to 9999. */
MUST_USE err clearing_day_parse(struct bytes text, int32_t *ret_day);
