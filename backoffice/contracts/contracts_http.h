/* SPDX-License-Identifier: Apache-2.0 */
/* What the calls below /api/v1/contracts/{merchant} share. */
#pragma once

#include "backoffice/api/api.h"

/* A merchant that there is, and that the caller may see whole: `*ret_may`; otherwise the answer is
 * written (404, the same for what is not there and for what is somebody else's). */
MUST_USE err contract_of_path(struct backoffice *backoffice, const struct api_call *call,
                              struct http_response *response, bool *ret_may);

/* The number in a path. FORMAT: it is none. */
MUST_USE err contract_number(const char *digits, int64_t *ret_number);
