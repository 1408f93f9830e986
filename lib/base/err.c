/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of the errors, and the end of a process that has found itself wrong. */
#include "lib/base/err.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const names[ERR_CODES] = {
#define X(name, text) #name,
    ERR_LIST(X)
#undef X
};

static const char *const texts[ERR_CODES] = {
#define X(name, text) text,
    ERR_LIST(X)
#undef X
};

const char *err_text(err e)
{
    return e.code < ERR_CODES ? texts[e.code] : "unknown error";
}

const char *err_name(err e)
{
    return e.code < ERR_CODES ? names[e.code] : "UNKNOWN";
}

_Noreturn void ensure_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: ENSURE(%s)\n", file, line, condition);
    abort();
}
