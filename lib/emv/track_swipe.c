/* SPDX-License-Identifier: Apache-2.0 */
/* One swipe: the line that a keyboard-wedge reader types, cut into tracks that must agree. */
#include "lib/base/reader.h"
#include "lib/emv/track.h"

/* Which track begins with this character, given what has been; 0 for none. */
static unsigned track_of(uint8_t start, const bool seen[TRACK_COUNT])
{
    if (start == '%' && !seen[0] && !seen[1] && !seen[2]) return 1;
    if (start == ';' && !seen[1] && !seen[2]) return 2;
    if ((start == ';' || start == '+') && !seen[2]) return 3;
    return 0;
}

static bool begins_track(uint8_t c)
{
    return c == ';' || c == '+';
}

/* From a start sentinel to '?' and the LRC behind it; 0 when there is no '?'. */
static size_t track_size(struct bytes left)
{
    size_t len = 1;
    while (len < left.len && left.at[len] != '?') len++;
    if (len == left.len) return 0;
    len++;
    if (len == left.len || !begins_track(left.at[len])) return len == left.len ? len : len + 1;
    /* An LRC may look like a sentinel: it is one when the next track or nothing is right behind. */
    bool lrc = len + 1 == left.len || begins_track(left.at[len + 1]);
    return lrc ? len + 1 : len;
}

static bool reader_error(struct bytes text)
{
    return text.len >= 3 && text.at[1] == 'E' && text.at[2] == '?';
}

/* The PAN of every track is one card; track 3 has no expiry to compare. */
static bool tracks_agree(const struct track_swipe *swipe)
{
    const struct track *first = NULL;
    for (size_t i = 0; i < TRACK_COUNT; i++) {
        const struct track *t = &swipe->track[i];
        if (t->number == 0) continue;
        if (first == NULL) {
            first = t;
            continue;
        }
        if (!bytes_equal(first->pan, t->pan)) return false;
        bool both = first->expiry.len > 0 && t->expiry.len > 0;
        if (both && !bytes_equal(first->expiry, t->expiry)) return false;
    }
    return true;
}

static struct bytes without_line_end(struct bytes line)
{
    while (line.len > 0 && (line.at[line.len - 1] == '\r' || line.at[line.len - 1] == '\n'))
        line.len--;
    return line;
}

static err fail_at(struct track_fault *fault, unsigned track, size_t offset, enum err_code code)
{
    *fault = (struct track_fault){track, offset};
    return (err){code};
}

err track_swipe_parse(struct bytes line, struct track_swipe *out, struct track_fault *fault)
{
    ENSURE(out != NULL && fault != NULL);
    struct track_swipe swipe = {0};
    bool seen[TRACK_COUNT] = {false}, any = false;
    if (line.len > TRACK_SWIPE_MAX) return fail_at(fault, 1, 0, ERR_LENGTH);

    struct reader r = reader_over(without_line_end(line));
    while (r.left.len > 0) {
        size_t offset = reader_offset(&r), size = track_size(r.left);
        unsigned number = track_of(r.left.at[0], seen);
        if (number == 0) return fail_at(fault, 1, offset, ERR_FORMAT);
        if (size == 0) return fail_at(fault, number, offset, ERR_SHORT);

        struct bytes text = read_bytes(&r, size);
        seen[number - 1] = true;
        if (reader_error(text)) {
            swipe.unreadable[number - 1] = true;
            continue;
        }
        struct track_fault inner;
        err e = track_parse(text, number, &swipe.track[number - 1], &inner);
        if (FAILED(e)) return fail_at(fault, number, offset + inner.offset, e.code);
        any = true;
    }
    if (!any) return fail_at(fault, 1, 0, ERR_MISSING);
    if (!tracks_agree(&swipe)) return fail_at(fault, 2, 0, ERR_CONFLICT);
    *out = swipe;
    return OK;
}
