/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * keys: the test keys of all virtual cards and of their issuer. Every card has the same RSA key:
 * what makes cards differ is in their certificates and in the keys that are derived from their
 * numbers.
 */

#include "lib/emv/cryptogram.h"

/* An RSA key, big-endian. */
struct chip_key {
    struct bytes modulus, private_exponent, exponent;
};

struct chip_keys {
    struct bytes rid; /* of the certification authority's key, whose index is not one in use */
    uint8_t index;
    struct chip_key authority, issuer, card;
    struct cryptogram_key cryptogram, script_mac, script_secret; /* the issuer's, underived */
};

extern const struct chip_keys chip_keys;
