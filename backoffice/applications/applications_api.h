/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files share that put applications below /api/v1. */

#include "backoffice/api/api.h"
#include "backoffice/applications/review.h"

enum { APPLICATION_ROWS = 10, REVIEW_ROWS = 7, DESK_ROWS = 2 };

extern const struct api_route application_rows[APPLICATION_ROWS]; /* applications_http.c */
extern const struct api_route review_rows[REVIEW_ROWS];           /* review_http.c */
extern const struct api_route desk_rows[DESK_ROWS];               /* review_desk.c */

extern const struct api_schema application_values, application_row, application_whole;

/* The one that the path names. 404 for somebody else's as for none; `ret_found` is false then, and
 * the answer is written. */
MUST_USE err applications_load(struct backoffice *backoffice, const struct api_call *call,
                               struct application *ret, struct http_response *response,
                               bool *ret_found);

void applications_write_row(struct json_out *j, const struct application *application,
                            const char *shop);
MUST_USE err applications_write_whole(struct backoffice *backoffice, const struct api_call *call,
                                      const struct application *application,
                                      struct http_response *response);
/* 409 or 422 in the language of who asks, in both when none is named, with the fields (a set) that
 * it is about. */
void applications_refuse(const struct api_call *call, struct http_response *response,
                         enum application_verdict verdict, uint32_t fields);

/* The end of a change: refused and nothing done, or committed and the application shown. */
MUST_USE err applications_end(struct backoffice *backoffice, const struct api_call *call,
                              struct store_tx *tx, const struct application *application,
                              enum application_verdict verdict, struct http_response *response);
