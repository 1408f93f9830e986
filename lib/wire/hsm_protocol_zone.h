/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hsm's command for new keys of a zone (S120). The rules of hsm_protocol.h hold; numbers stand
 * there. A zone has three keys that change together: PIN, MAC, data.
 */

#include "lib/wire/hsm_protocol.h"

enum { HSM_ZONE_KEYS_EACH = 3, HSM_ZONE_WHO_MAX = 64 };

/*
 * ZONE_KEYS: makes three new ones, as blocks and sealed to the network. Whoever asks shows the
 * blocks of the set that is in use, and names two people, whose names stand in the audit log.
 * NOT_ALLOWED: not two people. BAD_KEY_BLOCK, WRONG_USAGE: the blocks are not those of a zone.
 */
struct hsm_zone_keys {
    struct bytes first, second;             /* printable, without spaces */
    struct bytes label;                     /* bound into the sealed copies */
    struct bytes recipient;                 /* X25519, 32 bytes */
    struct bytes block[HSM_ZONE_KEYS_EACH]; /* in use: PIN, MAC, data */
};

struct hsm_zone_keys_answer {
    struct bytes hsm_public; /* 32 bytes: whose seal it is */
    struct bytes block[HSM_ZONE_KEYS_EACH], kcv[HSM_ZONE_KEYS_EACH], sealed[HSM_ZONE_KEYS_EACH];
};

void hsm_write_zone_keys(struct writer *w, const struct hsm_zone_keys *m);
MUST_USE err hsm_read_zone_keys(struct reader *r, struct hsm_zone_keys *out);
void hsm_write_zone_keys_answer(struct writer *w, const struct hsm_zone_keys_answer *m);
MUST_USE err hsm_read_zone_keys_answer(struct reader *r, struct hsm_zone_keys_answer *out);
