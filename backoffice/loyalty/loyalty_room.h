/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * loyalty_room: loyalty.db in the back office, and what its routes share. What a route changes is
 * committed in loyalty.db first, and its answer in backoffice.db then: whoever lost the answer asks
 * again with the same Idempotency-Key, which is the key of the asking in loyalty.db too, so nothing
 * is done twice between the two.
 */

#include "backoffice/api/api.h"
#include "loyalty/loyalty.h"

enum { LOYALTY_ASKER_MAX = 320 };

/* What belongs to all of a merchant: its people without an outlet of their own may see it. False,
 * and 404 is written, for others, and when there is no loyalty.db. */
bool loyalty_is_there(struct backoffice *b, const struct api_call *call,
                      struct http_response *response);

/* Who asks, and his Idempotency-Key for this route; empty without one. View of `text`. */
struct bytes loyalty_asking(const struct api_call *call, char text[static LOYALTY_ASKER_MAX + 1]);

/* DONE and REPEATED are none. Writes what was decided otherwise: 404 for what is not there, 409
 * for what has changed meanwhile, 422. */
bool loyalty_refused(enum loyalty_verdict verdict, struct http_response *response);

/* Audit record and answer, after loyalty.db has committed. */
MUST_USE err loyalty_answered(struct backoffice *b, const struct api_call *call, const char *event,
                              const char *subject, struct http_response *response);
