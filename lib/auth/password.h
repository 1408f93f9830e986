/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * password: from a password to what may be stored of it, and back to yes or no.
 *
 *   keyed = HMAC-SHA-256(pepper, length of context (1) | context | password)      at the vault
 *   keyed = what the hsm makes of context and SHA-256(password)                   at the host
 *   hash  = Argon2id(keyed, salt, memory, passes, one lane)            RFC 9106
 *
 * The pepper is a random key that is kept apart from the records (the vault: sealed under the
 * device's own key), so that a copied database verifies nothing, not even by trying every number.
 * The context names whose password it is; a record moved to another person's row verifies nothing
 * either.
 *
 * Record: PHC text "$argon2id$v=19$m=19456,t=2,p=1,keyid=1$salt$hash", base64 without padding. It
 * carries its own cost, so costs can be raised later and old records still verify; keyid tells
 * which pepper, for the day when there is a second one.
 *
 * Cost: OWASP's minimum for Argon2id, 19 MiB and two passes: about 25 ms of one core. Programs
 * always take password_cost_full(); the simulator and the tests choose password_cost_quick(), which
 * is no protection.
 */

#include "lib/base/bytes.h"
#include "lib/base/random.h"

enum {
    PASSWORD_PEPPER_BYTES = 32,
    PASSWORD_CONTEXT_MAX = 64,
    PASSWORD_MAX = 512, /* bytes; a longer one is refused, never cut */
    PASSWORD_SALT_BYTES = 16,
    PASSWORD_HASH_BYTES = 32,
    PASSWORD_RECORD_MAX = 128, /* with its NUL */
};

struct password_cost {
    uint32_t memory_kib;
    uint32_t passes;
};

static inline struct password_cost password_cost_full(void)
{
    return (struct password_cost){.memory_kib = 19456, .passes = 2};
}

static inline struct password_cost password_cost_quick(void)
{
    return (struct password_cost){.memory_kib = 8, .passes = 1};
}

enum { PASSWORD_DIGEST_BYTES = 32, PASSWORD_KEYED_BYTES = 32 };

/*
 * The keyed step where the pepper is in another process: gets whose password it is and the digest
 * of it, never the password. Its errors are passed on.
 */
struct password_keyed {
    err (*make)(void *context, struct bytes whose, const uint8_t digest[PASSWORD_DIGEST_BYTES],
                uint8_t ret_keyed[PASSWORD_KEYED_BYTES]);
    void *context;
};

/* The same with a pepper that is at hand: where there is no hsm, and in tests. */
struct password_keyed password_keyed_by(const uint8_t pepper[PASSWORD_PEPPER_BYTES]);

/* One pepper and the person: what every call below needs besides the password. */
struct password_owner {
    struct bytes pepper;  /* PASSWORD_PEPPER_BYTES; empty when `keyed` makes that step */
    struct bytes context; /* at most PASSWORD_CONTEXT_MAX, as "operator 01" */
    struct password_keyed keyed;
};

/*
 * Writes the record with a NUL. Errors: those of `keyed`; LENGTH (empty or above PASSWORD_MAX),
 * RANGE (the cost is below the least or above the most that a record may ask for), NO_MEMORY (none
 * for Argon2id).
 */
MUST_USE err password_hash(struct password_cost cost, const struct random *random,
                           struct password_owner owner, struct bytes password,
                           char ret_record[PASSWORD_RECORD_MAX]);

/*
 * Is it the password of this record? Compared in constant time; a wrong length is simply wrong.
 * Errors: CORRUPT (not a record), KEY (made with another pepper's keyid), NO_MEMORY.
 */
MUST_USE err password_verify(struct password_owner owner, struct bytes password,
                             struct bytes record, bool *ret_right);

/*
 * Writes a record of any hash, without a NUL: with random bytes, one that no password has, to stand
 * in for a person that does not exist. Its comparison takes as long as any other of this cost.
 */
struct writer;
void password_write_record(struct password_cost cost, const uint8_t salt[PASSWORD_SALT_BYTES],
                           const uint8_t hash[PASSWORD_HASH_BYTES], struct writer *w);

/* The record is cheaper than `cost`: hash again while the password is at hand. Not a record: true.
 */
bool password_outdated(struct bytes record, struct password_cost cost);

/* Argon2id gives the answer that the reference implementation gives. Errors: CRYPTO, NO_MEMORY. */
MUST_USE err password_self_test(void);
