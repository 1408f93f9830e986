/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of texts as a table, and the one function that puts values into them. */
#include "terminal/texts.h"

struct text_row {
    const char *name;
    enum text_kind kind;
    const char *in[LANGUAGES];
};

static const struct text_row rows[TEXTS] = {
#define X(name, kind, zh, en) {#name, TEXT_KIND_##kind, {zh, en}},
    TEXT_LIST(X)
#undef X
};

const char *text(enum text_id id, enum language language)
{
    ENSURE(id < TEXTS && language < LANGUAGES);
    return rows[id].in[language];
}

const char *text_name(enum text_id id)
{
    ENSURE(id < TEXTS);
    return rows[id].name;
}

enum text_kind text_kind(enum text_id id)
{
    ENSURE(id < TEXTS);
    return rows[id].kind;
}

/* Appends as much of `from` as fits, never half of a character. */
static size_t append(char *out, size_t len, size_t size, const char *from, size_t count)
{
    if (count > size - 1 - len) {
        count = size - 1 - len;
        while (count > 0 && ((uint8_t)from[count] & 0xc0) == 0x80) count--;
    }
    memcpy(out + len, from, count);
    return len + count;
}

void text_fill(enum text_id id, enum language language, const char *const *values, char *out,
               size_t size)
{
    ENSURE(size > 0);
    size_t len = 0, given = 0;
    while (values != NULL && values[given] != NULL) given++;
    for (const char *at = text(id, language); *at != '\0';) {
        size_t plain = strcspn(at, "{");
        len = append(out, len, size, at, plain);
        at += plain;
        if (*at == '\0') break;
        ENSURE(at[1] >= '1' && at[1] <= '4' && at[2] == '}');
        size_t place = (size_t)(at[1] - '1');
        ENSURE(place < given); /* every text is shown with the values it has places for */
        len = append(out, len, size, values[place], strlen(values[place]));
        at += 3;
    }
    out[len] = '\0';
}
