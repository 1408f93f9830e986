/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of CSV that are no formulas. */
#include "lib/base/csv.h"

#include <string.h>

static bool begins_a_formula(const char *text)
{
    static const char *const signs[] = {"=",  "+",  "-",  "@",  "\t", "\r",
                                        "\n", "＝", "＋", "－", "＠"};
    text += strspn(text, " ");
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (strncmp(text, signs[i], strlen(signs[i])) == 0) return true;
    return false;
}

void csv_text(struct writer *w, const char *text)
{
    write_bytes(w, BYTES("\""));
    if (begins_a_formula(text)) write_bytes(w, BYTES("'"));
    for (;;) {
        size_t plain = strcspn(text, "\"");
        write_bytes(w, bytes_of(text, plain));
        text += plain;
        if (*text == '\0') break;
        write_bytes(w, BYTES("\"\""));
        text++;
    }
    write_bytes(w, BYTES("\""));
}
