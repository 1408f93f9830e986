/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * blocklist_file: additions to the blocklist, as a file that is signed and versioned (CR-07).
 *
 *   tongbao-blocklist 1
 *   version 3
 *   entries 1200
 *   seed 9f3c55d201aa07be     16 hexadecimal digits
 *   segment 64
 *   starts 1088
 *                             an empty line, then starts + 2 * segment fingerprints of two bytes,
 *                             the low one first (blocklist_filter.h)
 *   signature 9f3c...         Ed25519 over all bytes before this line, by the key that signs
 * policies
 *
 * What is compiled in is the floor: a word is refused when either has it, so a file can add and can
 * take nothing away. Vault and back office load the same file and keep its version with a decision.
 */

#include "lib/auth/blocklist.h"
#include "lib/auth/policy_document.h"

enum { BLOCKLIST_FILE_MAX = 1 << 20 };

#define BLOCKLIST_FILE_NAME "blocklist.signed"

/* Why a file is refused: a word for logs and audit, and a clause. */
#define BLOCKLIST_FAULT_LIST(X)                                                 \
    X(NONE, "none", "nothing is wrong")                                         \
    X(SIZE, "size", "is larger than a megabyte")                                \
    X(END, "end", "ends too early: it was cut off on its way")                  \
    X(SIGNATURE, "signature", "is not signed by the key that signs policies")   \
    X(FORMAT, "format", "is signed, and is no blocklist that can be used here") \
    X(OLDER, "older", "is older than the blocklist that was here before")

enum blocklist_fault {
#define X(name, word, text) BLOCKLIST_FAULT_##name,
    BLOCKLIST_FAULT_LIST(X)
#undef X
        BLOCKLIST_FAULTS
};

const char *blocklist_fault_word(enum blocklist_fault fault);
const char *blocklist_fault_text(enum blocklist_fault fault);

/*
 * Verifies the signature before it looks at anything else, then makes a blocklist of the file and
 * of what is compiled in; it views nothing of `file`. Errors, each with *ret_fault: LENGTH (SIZE),
 * SHORT (END), MAC (SIGNATURE), FORMAT (FORMAT), CONFLICT (OLDER: below `version_least`),
 * NO_MEMORY.
 */
MUST_USE err blocklist_file_open(struct bytes file, const uint8_t signer[POLICY_SIGNER_BYTES],
                                 uint32_t version_least, struct blocklist **ret_blocklist,
                                 enum blocklist_fault *ret_fault);

/* One that blocklist_file_open() made; NULL is allowed. */
void blocklist_file_close(struct blocklist *blocklist);

/* Writes a file; `out` must have room for BLOCKLIST_FILE_MAX. RANGE when it would be larger. */
MUST_USE err blocklist_file_sign(const struct blocklist *filter, uint32_t version,
                                 const uint8_t secret[POLICY_SIGNER_SECRET_BYTES],
                                 struct writer *out);
