/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * keyblock: a key at rest or on its way, as an ASC X9 TR-31 / ANSI X9.143 key block. One bit
 * changed anywhere and it does not open.
 *
 * Two levels. keyblock_open() and keyblock_make() take blocks of versions A, B, C (TDES), D
 * and E (AES) with any header: what other people's key management sends and wants
 * (lib/crypto/keyblock_binding.h has their differences). keyblock_wrap() and keyblock_unwrap()
 * speak of our own keys, in version D only, one spelling for each:
 *
 *   usage             block       usage      block      algorithm     block
 *   terminal-master   K0          zone-*     the same,  TDES          T
 *   pin               P0                     plus the   DES           D
 *   mac               M3 or M6               optional   AES           A
 *   data              D0                     block 10,  SM4           4 (numeric: proprietary)
 *   base-derivation   B0                     "ZONE"     HMAC-SHA-256  H
 *   token             M7 with optional block HM (21, SHA-256)
 *   recovery, pepper  the same, plus the optional block 10, "RECOVERY" or "PEPPER"
 *   initial           B1          card-verification C0    pvv V2    ibm-3624 V1
 *
 * MAC keys are M3 (ISO 9797-1 algorithm 3) for DES and TDES, and M6 (CMAC) for AES and SM4.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"
#include "lib/crypto/key.h"

enum {
    KEYBLOCK_HEADER_BYTES = 16,
    KEYBLOCK_MAX = 192,          /* what keyblock_wrap writes at most */
    KEYBLOCK_FOREIGN_MAX = 4096, /* what keyblock_open takes at most: an RSA key with certificate */
    KEYBLOCK_FOREIGN_KEY_MAX = 2048
};

struct keyblock_header {
    char version;   /* 'A' to 'E' */
    char usage[2];  /* "P0" */
    char algorithm; /* 'T' */
    char mode;      /* 'E' */
    char key_version[2];
    char exportability;
    unsigned optional_count;
    struct bytes optional; /* view of the optional blocks, in the block that was opened */
};

/*
 * Wraps `key` under `protection`, an AES-256 key of usage MASTER, and appends printable ASCII.
 * Errors: KEY (usage that is never wrapped, protection of another kind), FULL, CRYPTO.
 */
MUST_USE err keyblock_wrap(struct crypto *crypto, const struct key *protection,
                           const struct key *key, struct writer *w);

/*
 * Errors: SHORT, LENGTH, FORMAT (not a key block, or a spelling we do not write), UNSUPPORTED
 * (another version), MAC (altered, or under another protection key), KEY.
 */
MUST_USE err keyblock_unwrap(struct crypto *crypto, const struct key *protection,
                             struct bytes block, struct key *ret_key);

/*
 * The two keys that a version derives of its protection key. They do for blocks of that version
 * what the protection key does, and it need not be there: a token may hold it (hsm/token.h).
 * Declare it CLEANUP(keyblock_keys_wipe).
 */
struct keyblock_keys {
    struct key encryption, authentication;
};

void keyblock_keys_wipe(struct keyblock_keys *keys);

/* Those of version D. Errors: KEY (protection of another kind), CRYPTO. */
MUST_USE err keyblock_own_keys(struct crypto *crypto, const struct key *protection,
                               struct keyblock_keys *ret_keys);

/* keyblock_wrap and keyblock_unwrap with the keys of version D. Errors: as there. */
MUST_USE err keyblock_wrap_derived(struct crypto *crypto, const struct keyblock_keys *keys,
                                   const struct key *key, struct writer *w);
MUST_USE err keyblock_unwrap_derived(struct crypto *crypto, const struct keyblock_keys *keys,
                                     struct bytes block, struct key *ret_key);

/*
 * Header and value of a block. `protection` is of usage MASTER, ZONE_MASTER or TERMINAL_MASTER:
 * TDES for A, B and C, AES of any length for D and E. The value goes to `ret_value` of `max` bytes
 * and is secret: the caller wipes it. Errors: as keyblock_unwrap.
 */
MUST_USE err keyblock_open(struct crypto *crypto, const struct key *protection, struct bytes block,
                           struct keyblock_header *ret_header, uint8_t *ret_value, size_t max,
                           size_t *ret_len);

/*
 * Appends a block with this header, whose optional blocks are given as text with their count; a
 * padding block is added where they do not fill whole cipher blocks. The padding behind the key is
 * random. Errors: UNSUPPORTED (version), LENGTH (empty, or too long), KEY, FULL, CRYPTO.
 */
MUST_USE err keyblock_make(struct crypto *crypto, const struct key *protection,
                           const struct keyblock_header *header, struct bytes value,
                           struct writer *w);

/* The same with the length of the key hidden: as much data as a key of `masked` bytes has (TR-31,
 * 5.3.2.1). LENGTH when that is shorter than the key. */
MUST_USE err keyblock_make_masked(struct crypto *crypto, const struct key *protection,
                                  const struct keyblock_header *header, struct bytes value,
                                  size_t masked, struct writer *w);

/* The header alone, without any key: what `inspect` shows. Errors: SHORT, LENGTH, FORMAT. */
MUST_USE err keyblock_read_header(struct bytes block, struct keyblock_header *ret_header);

/* One optional block of a header: a view. */
struct keyblock_optional {
    char id[2]; /* "KS" */
    struct bytes data;
};

/* The next one of `r` over header.optional; what is none is a fault of the reader. */
struct keyblock_optional keyblock_read_optional(struct reader *r);
