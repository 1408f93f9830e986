/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * backup_signature: who has signed a device's backup, for those who have no key to open it
 * (docs/backup.md). ECDSA on P-256, DER, over
 *
 *   SHA-256("tongbao backup v1" | every byte before the tail)
 */

#include "lib/base/bytes.h"

enum {
    BACKUP_SIGNER_CERTIFICATE_MAX = 4096,
    BACKUP_SIGNER_SIGNATURE_MAX = 80,
    BACKUP_SIGNER_PRINT = 32
};

/* The bytes that were signed; `read` as in lib/wire/backup_source.h. */
struct backup_signed {
    err (*read)(void *context, uint64_t offset, void *block, size_t max, size_t *ret_len);
    void *context;
    uint64_t len;
};

/*
 * Is this signature of `certificate` (PEM), and of these bytes? *ret_print is the SHA-256 of its
 * public key: whose certificate it is, the caller knows by that. Errors: FORMAT (no certificate of
 * a P-256 key), LENGTH, MAC (not so signed), NO_MEMORY, those of `read`.
 */
MUST_USE err backup_signature_check(struct bytes certificate, struct bytes signature,
                                    const struct backup_signed *text,
                                    uint8_t ret_print[BACKUP_SIGNER_PRINT]);
