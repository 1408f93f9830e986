/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * apply_http: the public form behind /apply, as HTML (S128, S129, S141). An applicant is known by a
 * secret in a cookie that no script can read and no log has; at another device by the number of the
 * application and a code to its telephone. The server in front has checked Host and Origin.
 */

#include "backoffice/core.h"

enum {
    APPLY_FIELDS_BODY_MAX = 16 * 1024,
    APPLY_FILES_BODY_MAX = 5 * 1024 * 1024 + 16 * 1024, /* documents.h, and the form around it */
};

MUST_USE err apply_request(struct backoffice *backoffice, const struct backoffice_request *request,
                           struct http_response *response);

/* What the server in front has turned away with `status`, as a page that says what to do. */
MUST_USE err apply_refused(struct backoffice *backoffice, const struct backoffice_request *request,
                           unsigned status, struct http_response *response);
