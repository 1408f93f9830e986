/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * renewal: another certificate for the key that a device has (S123). It asks for one on its own
 * line within a month of the end, and after the end as a stranger: the rescue channel, where a
 * question that is signed with the device's key is heard, and nothing else.
 *
 * The registry says which key that is: one that was replaced, or of a terminal that was closed,
 * gets nothing. The hsm checks the old certificate and the signature and issues the new one. Asked
 * again within a day, the same is given again. Taken over, this program can prolong what was
 * certified before, for devices that ask, and certify nothing else.
 */

#include "backoffice/desk/desk.h"
#include "lib/wire/device_protocol.h"

enum {
    RENEWAL_BEFORE_DAYS = 30,
    RENEWAL_DAYS = 397 /* unless said */,
    RENEWAL_AGAIN_MS = 24 * 3600 * 1000
};

extern const struct store_schema renewal_schema;

/*
 * The question on any line. `answer` is filled: ok with the certificate, a view of `block`, or
 * refused. `stranger`: it came without a certificate.
 */
MUST_USE err renewal_take(struct desk *desk, const struct device_message *question, bool stranger,
                          uint8_t block[DEVICE_CERTIFICATE_MAX], struct device_message *answer);
