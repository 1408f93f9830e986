/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers that must not stand in a block of memory, as digits. None is shorter than `least`, so
 * every one that is there covers a byte of each `least`: only those are looked at, and only a run
 * of digits long enough is searched.
 */
#include "tests/simulation/needles.h"

void needles_add(struct needles *n, struct bytes text, const char *what)
{
    ENSURE(n->count < NEEDLES_MAX && text.len >= 4);
    for (size_t i = 0; i < text.len; i++) ENSURE(text.at[i] >= '0' && text.at[i] <= '9');
    if (n->count == 0 || text.len < n->least) n->least = text.len;
    n->needle[n->count++] = (struct needle){text, what};
}

static bool digit_at(struct bytes block, size_t i)
{
    return (uint8_t)(block.at[i] - '0') < 10;
}

static const struct needle *in_run(const struct needles *n, struct bytes run)
{
    for (size_t i = 0; i < n->count; i++)
        if (memmem(run.at, run.len, n->needle[i].text.at, n->needle[i].text.len) != NULL)
            return &n->needle[i];
    return NULL;
}

const struct needle *needles_find(const struct needles *n, struct bytes block)
{
    ENSURE(n->count > 0);
    for (size_t i = n->least - 1; i < block.len; i += n->least) {
        if (!digit_at(block, i)) continue;
        size_t from = i, to = i + 1;
        while (from > 0 && digit_at(block, from - 1)) from--;
        while (to < block.len && digit_at(block, to)) to++;
        if (to - from >= n->least) {
            const struct needle *found = in_run(n, bytes_of(block.at + from, to - from));
            if (found != NULL) return found;
        }
        while (i + n->least < to) i += n->least; /* the next byte to look at is behind the run */
    }
    return NULL;
}
