/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * token: secrets that a program hands out and only remembers as hashes: sessions, device cookies,
 * links. 256 random bits, so one pass of SHA-256 is hash enough; the label goes into the hash, and
 * a token of one kind is therefore never taken for one of another.
 */

#include "lib/base/bytes.h"
#include "lib/base/random.h"

enum {
    TOKEN_BYTES = 32,
    TOKEN_TEXT = 43, /* of base64url without padding */
    TOKEN_HASH_BYTES = 32,
    TOKEN_LABEL_MAX = 32,
};

struct token {
    char text[TOKEN_TEXT + 1]; /* the secret: give it away, then wipe it */
    uint8_t hash[TOKEN_HASH_BYTES];
};

void token_make(const struct random *random, const char *label, struct token *ret_token);
void token_wipe(struct token *token); /* for CLEANUP */

/* The hash of what somebody brings. FORMAT when it cannot be a token: one value, one spelling. */
MUST_USE err token_hash(const char *label, struct bytes text, uint8_t ret_hash[TOKEN_HASH_BYTES]);

/* SHA-256 of `label`, a zero byte, and `value`. */
void token_digest(const char *label, struct bytes value, uint8_t ret_hash[TOKEN_HASH_BYTES]);

/* The start of that hash as `count` letters, digits, - and _, six bits of each byte: a mark that is
 * compared, not decoded. At most TOKEN_HASH_BYTES, and a zero byte after them. */
void token_digest_text(const char *label, struct bytes value, char *ret_text, size_t count);

/* Equal in a time that does not depend on where they differ. */
bool token_same(const uint8_t a[TOKEN_HASH_BYTES], const uint8_t b[TOKEN_HASH_BYTES]);
