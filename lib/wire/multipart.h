/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * multipart: the body of a form with files (RFC 7578 over RFC 2046), read strictly and in place:
 * what browsers send, and nothing else. A part is a name and its content, both views of the body.
 *
 *   TRY(multipart_open(content_type, body, &form));
 *   while (multipart_next(&form, &part)) ...
 *   TRY(multipart_finish(&form));
 *
 * Refused (FORMAT): another content type, a boundary that is not of RFC 2046's alphabet, anything
 * before the first boundary or after the last, a part without a name, a header that forms do not
 * have, a name of other characters than a-z, 0-9 and low line. LENGTH: more than
 * MULTIPART_PARTS_MAX parts, or headers longer than MULTIPART_HEADERS_MAX.
 */

#include "lib/base/bytes.h"

enum {
    MULTIPART_PARTS_MAX = 40,
    MULTIPART_HEADERS_MAX = 1024,
    MULTIPART_NAME_MAX = 40,
    MULTIPART_BOUNDARY_MAX = 70,
};

struct multipart {
    struct bytes left;
    char delimiter[4 + MULTIPART_BOUNDARY_MAX + 1]; /* with its CRLF and two hyphens */
    size_t delimiter_len;
    unsigned parts;
    enum err_code fault;
    bool ended;
};

struct multipart_part {
    struct bytes name, content;
    bool file; /* it has a file name, which says nothing and is passed over */
};

MUST_USE err multipart_open(struct bytes content_type, struct bytes body, struct multipart *ret);

/* False at the end, and at a fault. */
bool multipart_next(struct multipart *form, struct multipart_part *ret_part);

/* OK when it was read to a proper end. */
MUST_USE err multipart_finish(const struct multipart *form);
