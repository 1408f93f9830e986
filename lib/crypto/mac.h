/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mac: message authentication codes. Which one stands in field 64 is a parameter of the terminal
 * or of the network link, never of the message.
 */

#include "lib/crypto/key.h"

/* name, text, bytes of the result */
#define MAC_ALGORITHM_LIST(X)                                                            \
    X(CUP_ECB, "cup-ecb", 8)       /* protocol facts 1.7: eight upper-case hex digits */ \
    X(SM4_ECB, "sm4-ecb", 8)       /* the same over SM4: eight upper-case hex digits */  \
    X(X9_19, "x9.19", 8)           /* ANSI X9.19 retail MAC, eight raw bytes */          \
    X(AES_CMAC, "aes-cmac", 16)    /* NIST SP 800-38B */                                 \
    X(AES_CMAC_8, "aes-cmac-8", 8) /* its first eight bytes: fits field 64 */

enum mac_algorithm {
#define X(name, text, len) MAC_##name,
    MAC_ALGORITHM_LIST(X)
#undef X
        MAC_ALGORITHMS
};

enum { MAC_MAX = 16, MAC_FIELD_BYTES = 8 };

size_t mac_length(enum mac_algorithm algorithm);
const char *mac_algorithm_text(enum mac_algorithm algorithm);

/*
 * The MAC of `data` (any length, also none) into mac_length(algorithm) bytes.
 * Errors: KEY (usage is not MAC or ZONE_MAC, or the cipher does not fit the algorithm: CUP_ECB
 * takes DES and TDES, X9_19 takes TDES, SM4_ECB takes SM4, CMAC takes AES), CRYPTO.
 */
MUST_USE err mac_generate(struct crypto *crypto, enum mac_algorithm algorithm,
                          const struct key *key, struct bytes data, uint8_t ret_mac[MAC_MAX]);

/* OK, or MAC when `mac` is not exactly the one of `data`; compared in constant time. */
MUST_USE err mac_verify(struct crypto *crypto, enum mac_algorithm algorithm, const struct key *key,
                        struct bytes data, struct bytes mac);
