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
    X(AES_CMAC_8, "aes-cmac-8", 8) /* its first eight bytes: fits field 64 */            \
    X(X9_9, "x9.9", 8)             /* ISO 9797-1 algorithm 1: CBC, eight raw bytes */    \
    X(TDES_CMAC, "tdes-cmac", 8)   /* NIST SP 800-38B over TDES */                       \
    X(SM4_CMAC, "sm4-cmac", 16)    /* the same over SM4 (GB/T 15852.1, algorithm 5) */   \
    X(SM4_CBC, "sm4-cbc", 16)      /* CBC over SM4, zeros at the end */                  \
    X(HMAC_SM3, "hmac-sm3", 16)    /* the first half of HMAC over SM3 (GB/T 15852.2) */  \
    X(SM4_CMAC_8, "sm4-cmac-8", 8) /* the first eight bytes of SM4_CMAC: fits field 64 */

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
 * and X9_9 take DES and TDES, X9_19 and TDES_CMAC take TDES (TDES_CMAC of three parts too),
 * AES_CMAC takes AES, those of SM4 take SM4, HMAC_SM3 its own), CRYPTO.
 */
MUST_USE err mac_generate(struct crypto *crypto, enum mac_algorithm algorithm,
                          const struct key *key, struct bytes data, uint8_t ret_mac[MAC_MAX]);

/* OK, or MAC when `mac` is not exactly the one of `data`; compared in constant time. */
MUST_USE err mac_verify(struct crypto *crypto, enum mac_algorithm algorithm, const struct key *key,
                        struct bytes data, struct bytes mac);
