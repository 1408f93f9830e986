/* SPDX-License-Identifier: Apache-2.0 */
/* Packing, walking, and drawing into dots; all in whole numbers, the same on every machine. */
#include "terminal/device/strokes.h"

#include <stdlib.h>

enum { LIFT = 0xffff, POINT_BYTES = 4 };

/* ---- numbers of seven bits a byte ---- */

static void write_number(struct writer *w, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) write_be(w, 0x80 | (value & 0x7f), 1);
    write_be(w, value, 1);
}

static void write_step(struct writer *w, int step)
{
    write_number(w, step < 0 ? (uint64_t)-step * 2 - 1 : (uint64_t)step * 2);
}

static uint64_t read_number(struct reader *r)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 21; shift += 7) {
        uint64_t byte = read_be(r, 1);
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
    r->fault = ERR_FORMAT; /* longer than anything on this grid */
    return 0;
}

static int read_step(struct reader *r)
{
    uint64_t value = read_number(r);
    return value & 1 ? -(int)((value + 1) / 2) : (int)(value / 2);
}

/* ---- what the page has sent ---- */

struct point {
    int x, y;
};

static struct point point_at(struct bytes points, size_t index)
{
    const uint8_t *at = points.at + index * POINT_BYTES;
    return (struct point){at[0] << 8 | at[1], at[2] << 8 | at[3]};
}

static bool lifts(struct point p)
{
    return p.x == LIFT && p.y == LIFT;
}

static int far(struct point a, struct point b)
{
    int x = abs(a.x - b.x), y = abs(a.y - b.y);
    return x > y ? x : y;
}

/* Every point is on the grid, and the pen has gone some way. */
static err check_points(struct bytes points)
{
    int way = 0;
    bool down = false;
    struct point before = {0, 0};
    if (points.len % POINT_BYTES != 0) return ERR(FORMAT);
    if (points.len / POINT_BYTES > STROKES_POINTS_MAX) return ERR(LENGTH);
    for (size_t i = 0; i < points.len / POINT_BYTES; i++) {
        struct point p = point_at(points, i);
        bool lift = lifts(p);
        if (!lift && (p.x >= STROKES_WIDTH || p.y >= STROKES_HEIGHT)) return ERR(RANGE);
        if (down && !lift) way += far(p, before);
        down = !lift;
        before = p;
    }
    return way >= STROKES_LEAST ? OK : ERR(SHORT);
}

/* One stroke from `from` on without points nearer than `near` to the one before, but with its last
 * one; returns where it ends. */
static size_t pack_stroke(struct bytes points, size_t from, int near, struct writer *out)
{
    size_t end = from, kept = 0, count = points.len / POINT_BYTES;
    while (end < count && !lifts(point_at(points, end))) end++;
    for (int pass = 0; pass < 2 && end > from; pass++) {
        struct point before = point_at(points, from);
        if (pass == 1) {
            write_number(out, kept);
            write_be(out, (uint64_t)before.x, 2);
            write_be(out, (uint64_t)before.y, 2);
        }
        kept = 1;
        for (size_t i = from + 1; i < end; i++) {
            struct point p = point_at(points, i);
            if (far(p, before) == 0 || (far(p, before) < near && i + 1 < end)) continue;
            kept++;
            if (pass == 1) {
                write_step(out, p.x - before.x);
                write_step(out, p.y - before.y);
            }
            before = p;
        }
    }
    return end + 1;
}

err strokes_pack(struct bytes points, struct writer *out)
{
    enum { NEAR_MAX = 40 };
    TRY(check_points(points));
    for (int near = 2; near <= NEAR_MAX; near *= 2) {
        uint8_t block[STROKES_MAX];
        struct writer w = writer_over(block, sizeof block);
        for (size_t i = 0; i < points.len / POINT_BYTES;) i = pack_stroke(points, i, near, &w);
        if (w.fault != ERR_OK) continue;
        if (out->max - out->len < w.len) return ERR(LENGTH);
        write_bytes(out, writer_view(&w));
        return OK;
    }
    return ERR(LENGTH);
}

/* ---- walking ---- */

struct strokes_walk strokes_walk_over(struct bytes packed)
{
    return (struct strokes_walk){.reader = reader_over(packed)};
}

bool strokes_next(struct strokes_walk *walk)
{
    struct reader *r = &walk->reader;
    walk->begins = walk->left == 0;
    if (walk->begins) {
        if (r->left.len == 0) return false;
        walk->left = read_number(r);
        walk->x = (int)read_be(r, 2);
        walk->y = (int)read_be(r, 2);
        if (walk->left == 0) r->fault = ERR_FORMAT;
    } else {
        walk->x += read_step(r);
        walk->y += read_step(r);
    }
    bool on = walk->x >= 0 && walk->x < STROKES_WIDTH && walk->y >= 0 && walk->y < STROKES_HEIGHT;
    if (r->fault != ERR_OK || !on) {
        r->fault = ERR_FORMAT;
        return false;
    }
    walk->left--;
    return true;
}

err strokes_check(struct bytes packed)
{
    struct strokes_walk walk = strokes_walk_over(packed);
    if (packed.len == 0 || packed.len > STROKES_MAX) return ERR(FORMAT);
    while (strokes_next(&walk)) continue;
    bool whole = walk.reader.fault == ERR_OK && walk.left == 0 && walk.reader.left.len == 0;
    return whole ? OK : ERR(FORMAT);
}

/* ---- dots ---- */

static void dot(uint8_t *bits, int x, int y)
{
    for (int dy = 0; dy < 2; dy++)
        for (int dx = 0; dx < 2; dx++) {
            int at_x = x + dx, at_y = y + dy;
            if (at_x >= STROKES_DOTS || at_y >= STROKES_ROWS) continue;
            bits[at_y * (STROKES_DOTS / 8) + at_x / 8] |= (uint8_t)(0x80 >> at_x % 8);
        }
}

static void line(uint8_t *bits, struct point a, struct point b)
{
    int steps = far(a, b);
    dot(bits, a.x, a.y);
    for (int i = 1; i <= steps; i++)
        dot(bits, a.x + (b.x - a.x) * i / steps, a.y + (b.y - a.y) * i / steps);
}

void strokes_draw(struct bytes packed, uint8_t bits[static STROKES_ROWS * STROKES_DOTS / 8])
{
    struct strokes_walk walk = strokes_walk_over(packed);
    struct point before = {0, 0};
    memset(bits, 0, STROKES_ROWS * STROKES_DOTS / 8);
    while (strokes_next(&walk)) {
        struct point at = {walk.x * STROKES_DOTS / STROKES_WIDTH,
                           walk.y * STROKES_DOTS / STROKES_WIDTH};
        line(bits, walk.begins ? at : before, at);
        before = at;
    }
}
