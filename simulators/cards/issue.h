/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * issue: personalises a virtual card: its records, certificates, answers to SELECT, and the keys
 * that are its own. What EMV Book 2 (5.1, 6.1) and the derived test card say about the formats.
 */

#include "lib/base/random.h"
#include "simulators/cards/keys.h"
#include "simulators/cards/personality.h"

enum {
    CHIP_RECORD_MAX = 254, /* with its template it fits a short answer */
    CHIP_RECORDS_MAX = 6,
    CHIP_AFL_MAX = 24,
    CHIP_FCI_MAX = 160,
    CHIP_RSA_MAX = 144,
};

struct chip_record {
    uint8_t sfi, number;
    uint16_t len;
    uint8_t data[CHIP_RECORD_MAX];
};

/* What one interface shows. */
struct chip_application {
    uint8_t aip[2];
    size_t afl_len, records;
    uint8_t afl[CHIP_AFL_MAX];
    struct chip_record record[CHIP_RECORDS_MAX];
};

/* Who the card is. Times are as on the card: YYMM. */
struct chip_identity {
    char pan[20], expiry[5], service_code[4], pin[13], name[27];
    uint8_t sequence;
};

struct chip_issued {
    struct chip_identity identity;
    struct cryptogram_key cryptogram, script_mac, script_secret; /* derived for this card */
    struct chip_application contact, contactless;
    size_t track2_len;
    uint8_t track2[19]; /* 57 */
};

/* The card of a personality as it would be issued at `now_ms`. */
void chip_identity_of(const struct personality *personality, int64_t now_ms,
                      struct chip_identity *out);

/* Errors: those of lib/crypto; FULL when a record would not fit. */
MUST_USE err chip_issue(struct crypto *crypto, const struct personality *personality,
                        const struct chip_identity *identity, struct chip_issued *out);

/* Data object lists that are the same on all cards. */
extern const struct bytes chip_pdol, chip_cdol1, chip_cdol2, chip_ddol;

/* Answers to SELECT. `contactless` for PPSE and for an application with a PDOL. */
MUST_USE err chip_fci_directory(const struct personality *personality, bool contactless,
                                struct writer *w);
MUST_USE err chip_fci_application(const struct personality *personality, struct bytes aid,
                                  bool contactless, struct writer *w);
/* The record of the payment system environment. */
MUST_USE err chip_directory_record(const struct personality *personality, struct writer *w);

/* A number's digits, two a byte, F behind an odd one; at least `size` bytes when that is not 0. */
void chip_write_digits(struct writer *w, struct bytes digits, size_t size);
