/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hsm's command for backups of devices (S124). The rules of hsm_protocol.h hold; numbers stand
 * there. It opens the key of one bundle for the one vault that has asked for it, which that vault
 * has proved: whoever has taken over the program that asks learns no key, and can hand none to a
 * device that is not the terminal's of the recovery key.
 */

#include "lib/wire/hsm_protocol.h"

enum { HSM_RESTORE_WHO_MAX = 96 };

/*
 * RESTORE: the answer is the grant, as by hsm_write_bytes: the data key wrapped by the hsm to
 * `public_key`, under the label of the bundle and the nonce (lib/crypto/backup_seal.h). BAD_MAC: no
 * vault of this key has asked so; BAD_ENVELOPE: the wrap does not open, or is of another bundle;
 * NOT_ALLOWED: not two people.
 */
struct hsm_restore {
    uint64_t number;                     /* of the bundle */
    struct bytes key, tid;               /* the recovery key of the device that asks */
    struct bytes serial;                 /* of the device that has written the bundle */
    struct bytes sender, wrapped;        /* of its head */
    struct bytes public_key, nonce, mac; /* what the vault has said */
    struct bytes first, second;          /* who has approved: for the log */
};

void hsm_write_restore(struct writer *w, const struct hsm_restore *m);
MUST_USE err hsm_read_restore(struct reader *r, struct hsm_restore *out);
