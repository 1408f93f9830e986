/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The virtual cards and phones: test data that belongs to nobody. This table is the only place in
 * the tree where card numbers stand that pass the Luhn check, besides the test vectors.
 */

#include "lib/base/clock.h"
#include "payment/payment.h"

/* How the issuer of a card or the wallet of a phone behaves. */
enum behaviour {
    BEHAVES_WELL,
    BEHAVES_SILENT,      /* charges, and never says so */
    BEHAVES_SLOW,        /* answers after twelve seconds */
    BEHAVES_BLACKLISTED, /* reported stolen */
    BEHAVES_WRONG_PIN,   /* whatever is entered is not its PIN */
    BEHAVES_ASKS,        /* wallet: the customer types a password first, for four seconds */
    BEHAVES_NEVER_PAYS,  /* wallet: the customer never finishes typing */
};

struct text2 {
    const char *zh, *en;
};

/* The BIN table: the first six digits say issuer, class and network. */
struct bin_row {
    const char *bin;
    const char *issuer; /* UTF-8, at most 24 bytes */
    enum payment_card_class class;
};

struct virtual_card {
    const char *name;
    const char *pan;
    const char *service_code;
    const char *pin;
    int expiry_years; /* from now; negative: expired */
    int64_t balance_minor;
    enum behaviour behaviour;
    const char *colour;
    struct text2 title, hint;
};

struct virtual_phone {
    const char *name;
    const char *prefix; /* of its payment codes: which wallet it is */
    int64_t balance_minor;
    enum behaviour behaviour;
    struct text2 title, hint;
};

const struct virtual_card *virtual_cards(size_t *ret_count);
const struct virtual_phone *virtual_phones(size_t *ret_count);
const struct virtual_card *virtual_card_named(struct bytes name);
const struct virtual_phone *virtual_phone_named(struct bytes name);

/* NULL when no issuer has this BIN. */
const struct bin_row *bin_find(struct bytes pan);
/* "微信钱包"-like name of the wallet whose codes begin so; never a brand's. */
const char *wallet_name(const struct virtual_phone *phone);

/* Expiry YYMM of a card seen at `now_ms`, into five bytes with NUL. */
void virtual_card_expiry(const struct virtual_card *card, int64_t now_ms, char out[static 5]);

/* Track 2 as a reader gives it: ";PAN=YYMMSSS...?" into `out`. Errors: FULL. */
MUST_USE err virtual_card_track2(const struct virtual_card *card, int64_t now_ms, struct writer *w);
