/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * last_words: a device that has been tampered with and has no key any more to come with. It is let
 * in without a certificate, says one thing, and is let go: that it was tampered with, signed while
 * it could (lib/auth/last_words.h). Whose words they are is told by the print of the key that the
 * registry has for this terminal: those of a device that was replaced since are nobody's.
 *
 * The other thing that is heard of one without a certificate is that it wants another: renewal.h.
 */

#include "backoffice/desk/desk.h"
#include "lib/wire/device_protocol.h"

/* A frame of somebody without a certificate. What is to be said to him goes to `answer`, nothing
 * when he is only to be let go; a frame has room for a certificate. A few audit records a minute
 * tell of those who were not believed.
 */
MUST_USE err last_words_from_stranger(struct desk *desk, struct bytes address, struct bytes frame,
                                      struct writer *answer);

/* The question on any connection: an alarm, once for each number of an event. */
MUST_USE err last_words_take(struct desk *desk, const struct device_message *question,
                             bool *ret_believed);
