/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * last_words: what a device that has been tampered with can still prove. Its keys are gone, so it
 * can make no connection in its own name; but the vault signed one sentence while it had them:
 *
 *   "tongbao last words 1\n" number of the terminal "\n" serial number of the device "\n"
 *
 * with the key of its certificate (ECDSA on P-256 over SHA-256, DER). The sentence says nothing but
 * "I have been tampered with". It is kept in clear, because it must outlive every key; who reads
 * vault.db may say it, and should.
 */

#include "lib/base/bytes.h"
#include "lib/base/writer.h"

enum {
    LAST_WORDS_TEXT_MAX = 96,
    LAST_WORDS_SIGNATURE_MAX = 80,
    LAST_WORDS_CERTIFICATE_MAX = 4096,
    LAST_WORDS_PRINT = 32
};

/* The sentence itself. Errors: LENGTH. */
MUST_USE err last_words_write(struct bytes tid, struct bytes serial, struct writer *w);

/*
 * Is this signature of `certificate` (PEM), and of these words? *ret_print is the SHA-256 of its
 * public key: whose certificate it is, the caller knows by that. Errors: FORMAT (no certificate of
 * a P-256 key), LENGTH, MAC (not so signed).
 */
MUST_USE err last_words_check(struct bytes certificate, struct bytes signature, struct bytes tid,
                              struct bytes serial, uint8_t ret_print[LAST_WORDS_PRINT]);
