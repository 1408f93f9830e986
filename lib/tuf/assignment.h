/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * assignment: which version one device is to have, as the director says it who is online, in the
 * manner of Uptane: a device takes a file only when the director has named it for this device and
 * the targets of the repository, whose keys are not online, announce the same file. Whoever has the
 * director's key can choose among what was announced, and can make nothing; whoever has the
 * targets' keys cannot choose who gets it.
 *
 *   {"signatures": [...], "signed": {"_type": "targets", "assignment": {"serial": "..."},
 *    "expires", "spec_version", "targets": {PATH: {hashes, length}}, "version": N}}
 *
 * The director's keys stand in the trusted list of targets, as a delegation "director" that hands
 * on no path. N grows with every assignment of a device: an older one is refused.
 */

#include "lib/tuf/client.h"

enum { TUF_ASSIGNMENT_BYTES = 8 * 1024, TUF_SERIAL_BYTES = 32 };

/*
 * After a refresh that was accepted: what `text` names for the device `serial`, found in the lists,
 * with the same length and hashes. What was taken is kept, as "director.json"; no assignment before
 * it is taken from then on. Verdicts, beside those of tuf_client_find: NO_TARGET (for another
 * device, or more than one file), UNKNOWN_ROLE (the list knows no director), UNSIGNED, EXPIRED,
 * OLDER, HASH (the lists announce another file under this name).
 */
enum tuf_verdict tuf_client_assign(struct tuf_client *client, struct bytes text, const char *serial,
                                   struct tuf_target *ret_target, int64_t *ret_number);
