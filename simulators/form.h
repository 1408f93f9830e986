/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * form: parameters as application/x-www-form-urlencoded has them, in a query or a body, and the one
 * text that Alipay signs of them: sorted by name, without what is empty, "name=value" joined by
 * '&', in clear.
 */

#include "lib/base/writer.h"

enum {
    FORM_PARAMETERS_MAX = 64,
    FORM_NAME_MAX = 64,
    FORM_BYTES_MAX = 32 << 10, /* a query and a body together, in clear */
};

struct form_parameter {
    struct bytes name, value; /* in clear, UTF-8 */
};

/* Set to zeros, it is empty. Some 32 kB: not for the stack. */
struct form {
    size_t count, used;
    struct form_parameter parameter[FORM_PARAMETERS_MAX];
    uint8_t block[FORM_BYTES_MAX];
};

/*
 * Adds the parameters of `text`; an empty text has none. Errors: FORMAT (an escape that is none, no
 * name, no UTF-8, a NUL), LENGTH (a name), EXISTS (a name that is there already, here or in what
 * was added before), FULL. What was added before the fault stays.
 */
MUST_USE err form_add(struct form *form, struct bytes text);

/* The value, or an empty view. */
struct bytes form_get(const struct form *form, const char *name);

/* Adds one in clear, as it is. Errors: FULL, EXISTS, LENGTH. */
MUST_USE err form_set(struct form *form, const char *name, struct bytes value);

/* What is signed: without the parameters that are named in `without` (NULL ends them). */
void form_signed_text(const struct form *form, const char *const *without, struct writer *w);

/* As a body: escaped, in the order in which they were added. */
void form_write(const struct form *form, struct writer *w);
