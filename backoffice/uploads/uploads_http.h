/* SPDX-License-Identifier: Apache-2.0 */
/* What the calls that show uploads share: tables of fields, and answers. */
#pragma once

#include "backoffice/api/api.h"
#include "backoffice/uploads/papers.h"

/* ?from=N, and a piece of the file in base64 from there on. */
extern const struct api_schema upload_from, upload_piece;
/* A paper that may be, or is, there. */
extern const struct api_schema paper_slot;

/* The piece that the call asks for, or 503 when the disk does not give it. */
MUST_USE err upload_answer(struct backoffice *backoffice, const struct api_call *call,
                           const struct upload *upload, struct http_response *response);

/* "uploads": every paper that is taken, and of those that are there what they are; of a house that
 * takes none an empty list. */
MUST_USE err papers_write(struct backoffice *backoffice, struct json_out *j,
                          enum upload_owner owner, int64_t id, struct paper_wants wants);
