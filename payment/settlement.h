/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The messages of a settlement (结算): totals 0500/0510, batch upload 0320/0330. Pure, as
 * message.h.
 *
 *   0500  11 41 42 48 49 60 63          field 48: totals, flag 0
 *   0510  11 12 13 39 41 42 48 49 60    field 48: the terminal's totals, the host's flag
 *   0320  11 41 42 48 60                field 48: how many (2 digits) and as many rows of 40 digits
 *   0320  the same, 60.3 = 202          field 48: how many rows there were in all (4 digits)
 *   0330  11 12 13 39 41 42 60
 *
 * Totals are twelve digits of amount and some of count for debit and credit and one of flag, for
 * domestic and then for foreign cards; ours are all domestic. The plain profile has three digits
 * of count, ours six, because a batch of ours may be larger. A row of the upload is kind (2), STAN
 * (6), card (20), amount (12): the plain profile says 00 or 01 and the card number, ours says the
 * kind of payment and the ten digits of the card that may be shown. No MAC: sections 1.7, 1.10 and
 * 1.11 of the protocol notes; the line is mutual TLS.
 */

#include "payment/batch.h"
#include "payment/message.h"

enum payment_settle_flag {
    PAYMENT_SETTLE_ASKED = 0,
    PAYMENT_SETTLE_EQUAL = 1,
    PAYMENT_SETTLE_DIFFERENT = 2,
    PAYMENT_SETTLE_ERROR = 3, /* the host does not know this batch: nothing to compare with */
};

enum {
    PAYMENT_UPLOAD_ROWS = 8,   /* in one 0320: field 48 has 322 digits */
    PAYMENT_UPLOAD_MAX = 9999, /* rows of a batch: four digits in its end record */
    PAYMENT_SHOWN_DIGITS = 10, /* of a card: first six and last four */
};

struct payment_upload_row {
    enum payment_type type; /* NONE: the plain profile does not say */
    uint32_t stan;
    char shown[PAYMENT_SHOWN_DIGITS + 1]; /* empty: no card */
    int64_t amount_minor;
};

struct payment_settlement {
    char tid[9], mid[16];
    uint32_t stan, batch;
    char operator_id[3];
    bool end;                      /* of an upload: 60.3 is 202, no row but `rows` */
    struct payment_totals totals;  /* 0500, 0510 */
    enum payment_settle_flag flag; /* 0510 */
    uint32_t rows;                 /* 0320: how many in `row`; at the end, how many in all */
    struct payment_upload_row row[PAYMENT_UPLOAD_ROWS];
    char response_code[3]; /* 0510, 0330; as are the times */
    char local_time[7], local_date[5];
};

/* 0500. Errors: RANGE, totals that the profile has no digits for. */
MUST_USE err payment_settle_request(enum payment_profile profile,
                                    const struct payment_settlement *in, struct arena *arena,
                                    struct iso8583_message *out);

/* 0320: rows, or the end. */
MUST_USE err payment_upload_request(enum payment_profile profile,
                                    const struct payment_settlement *in, struct arena *arena,
                                    struct iso8583_message *out);

/* 0510 or 0330, by `mti`. */
MUST_USE err payment_settlement_response(enum payment_profile profile, uint16_t mti,
                                         const struct payment_settlement *in, struct arena *arena,
                                         struct iso8583_message *out);

/*
 * Any of the four. Of a card number in a row of the plain profile only the shown digits are kept.
 * Errors: UNSUPPORTED (another MTI), MISSING, LENGTH, DIGIT, RANGE, FORMAT (a flag, kind or number
 * of rows that there is not).
 */
MUST_USE err payment_settlement_parse(enum payment_profile profile,
                                      const struct iso8583_message *message,
                                      struct payment_settlement *out);

/* The ten shown digits of a masked number into `out`, which is empty when it has none. */
void payment_shown_digits(const char *pan_masked, char out[static PAYMENT_SHOWN_DIGITS + 1]);
