/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * keyblock_binding: how each version of a key block binds header and key together, for keyblock.c,
 * for what derives its keys in a token, and for tests.
 *
 *   version   protection   two keys by              MAC over           IV       MAC
 *   A, C      TDES         variants (XOR 45, 4D)    header|ciphertext  header   CBC, 4 bytes
 *   B         TDES         CMAC in counter mode     header|clear       the MAC  CMAC, 8 bytes
 *   D         AES          CMAC in counter mode     header|clear       the MAC  CMAC, 16 bytes
 *   E         AES          the same                 header|clear       the MAC  CMAC, 16 bytes
 *
 * A to D encrypt in CBC and fill whole blocks; E (ISO 20038, annex B) encrypts in CTR from the MAC
 * on, and fills nothing.
 *
 * A is withdrawn (X9.143 dropped it) and C is weak: both are opened and made for those who have
 * nothing else, and nothing of our own is kept in them.
 */

#include "lib/crypto/key.h"

struct keyblock_binding {
    char version;
    uint8_t block;   /* bytes of the cipher's block */
    uint8_t unit;    /* header and payload are whole ones of this many bytes */
    uint8_t mac_len; /* bytes; twice as many characters */
    bool variant;    /* keys by variants, MAC over ciphertext; otherwise derived, over clear */
    bool counter;    /* payload in CTR instead of CBC */
    bool (*takes)(enum key_algorithm protection);
};

enum keyblock_purpose { KEYBLOCK_ENCRYPTION = 0, KEYBLOCK_AUTHENTICATION = 1 };

/* NULL for a version that is not here. */
const struct keyblock_binding *keyblock_binding_of(char version);

/* One of the two keys of a protection key (usage MASTER or ZONE_MASTER). Errors: KEY, CRYPTO. */
MUST_USE err keyblock_derive(struct crypto *crypto, const struct keyblock_binding *binding,
                             const struct key *protection, enum keyblock_purpose purpose,
                             struct key *ret_key);

enum { KEYBLOCK_DERIVATION_BYTES = 8 };

/*
 * What CMAC runs over for the `number`th block (from 1) of a derived key, in the versions that
 * derive; `algorithm` is the protection key's.
 */
void keyblock_derivation_data(const struct keyblock_binding *binding, enum key_algorithm algorithm,
                              enum keyblock_purpose purpose, unsigned number,
                              uint8_t ret_data[KEYBLOCK_DERIVATION_BYTES]);

/* The MAC of `body` (header, then clear or encrypted key data by the binding) under the derived
 * authentication key. */
MUST_USE err keyblock_mac(struct crypto *crypto, const struct keyblock_binding *binding,
                          const struct key *authentication, struct bytes body, uint8_t ret_mac[16]);

/*
 * Key data under the encryption key, from `iv` of one block: in.len bytes, whole units, into `out`
 * (may be in.at). Errors: LENGTH, CRYPTO.
 */
MUST_USE err keyblock_crypt(struct crypto *crypto, const struct keyblock_binding *binding,
                            const struct key *key, const uint8_t iv[16], bool encrypt,
                            struct bytes in, uint8_t *out);
