/* SPDX-License-Identifier: Apache-2.0 */
/* Names and texts of verdicts, from one list. */
#include "lib/tuf/verdict.h"

static const struct {
    const char *name, *english, *chinese;
} rows[TUF_VERDICT_COUNT] = {
#define X(name, english, chinese) [TUF_##name] = {#name, english, chinese},
    TUF_VERDICTS(X)
#undef X
};

const char *tuf_verdict_text(enum tuf_verdict verdict, bool chinese)
{
    ENSURE(verdict < TUF_VERDICT_COUNT);
    return chinese ? rows[verdict].chinese : rows[verdict].english;
}

const char *tuf_verdict_name(enum tuf_verdict verdict)
{
    ENSURE(verdict < TUF_VERDICT_COUNT);
    return rows[verdict].name;
}
