/* SPDX-License-Identifier: Apache-2.0 */
/* D1: what makers have printed is nobody's password. The list is words/defaults.txt as it stands.
 */
#include "lib/auth/policy_published.h"

/* Made by meson: the one text. */
extern const char *const policy_defaults_texts[];
extern const size_t policy_defaults_count;

static uint8_t lower(uint8_t c)
{
    return (uint8_t)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool equal_but_for_case(struct bytes a, struct bytes b)
{
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.at[i]) != lower(b.at[i])) return false;
    return true;
}

struct bytes policy_published_next(struct bytes before)
{
    const char *line =
        before.len == 0 ? policy_defaults_texts[0] : (const char *)before.at + before.len + 1;
    while (*line == '#') line = strchr(line, '\n') + 1;
    const char *end = strchr(line, '\n');
    return end == NULL ? (struct bytes){0} : bytes_of(line, (size_t)(end - line));
}

bool policy_is_published(struct bytes candidate)
{
    for (struct bytes one = {0}; (one = policy_published_next(one)).len > 0;)
        if (equal_but_for_case(candidate, one)) return true;
    return false;
}
