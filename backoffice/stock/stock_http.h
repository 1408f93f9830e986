/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files with rows of the stock share. */

#include "backoffice/api/api.h"
#include "backoffice/stock/activation.h"

extern const struct api_schema stock_terminal_schema;

/* 404, or 409 and 422 with the code and the sentence of the verdict, in the page's language. */
void stock_refuse(const struct api_call *call, enum stock_verdict verdict,
                  struct http_response *response);

/* The terminal of the path, when the caller may see it; otherwise 404 is written and *ret_there is
 * false. What only looks like one that is there is refused as such, to the acquirer's own. */
MUST_USE err stock_of_path(struct backoffice *backoffice, const struct api_call *call,
                           struct http_response *response, struct stock_terminal *ret,
                           bool *ret_there);

/* The members of `stock_terminal_schema`. */
void stock_write(struct json_out *j, const struct stock_terminal *terminal);

/* Ends a step: refuses, or commits with the terminal as the answer. */
MUST_USE err stock_answer(struct backoffice *backoffice, const struct api_call *call,
                          struct store_tx *tx, const struct stock_terminal *terminal,
                          enum stock_verdict verdict, struct http_response *response);
