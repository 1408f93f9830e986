/* SPDX-License-Identifier: Apache-2.0 */
/* Reading canonical CBOR: RFC 8949 section 3, restricted as CTAP2 section 8 says. */
#include "lib/auth/cbor.h"

enum major { UNSIGNED, NEGATIVE, BYTE_STRING, TEXT_STRING, ARRAY, MAP, TAG, SIMPLE };

enum {
    WIDTH_1 = 24,
    WIDTH_4 = 26,
    ITEMS_MAX = 64,
    FALSE_TO_NULL_FIRST = 20,
    FALSE_TO_NULL_LAST = 22
};

struct head {
    enum major major;
    uint64_t value;
};

/* One head: a major type and its number, which must have the shortest form. 8 bytes never occur. */
static struct head read_head(struct reader *r)
{
    uint8_t first = (uint8_t)read_be(r, 1);
    struct head head = {(enum major)(first >> 5), first & 31u};
    if (head.value < WIDTH_1) return head;
    if (head.value > WIDTH_4) {
        reader_fail(r, ERR_FORMAT);
        return head;
    }
    size_t width = (size_t)1 << (head.value - WIDTH_1);
    static const uint64_t least[] = {0, WIDTH_1, 0x100, 0, 0x10000};
    head.value = read_be(r, width);
    if (head.value < least[width]) reader_fail(r, ERR_FORMAT);
    return head;
}

static uint64_t read_of(struct reader *r, enum major wanted)
{
    struct head head = read_head(r);
    if (head.major == wanted) return head.value;
    reader_fail(r, ERR_FORMAT);
    return 0;
}

uint32_t cbor_read_map(struct reader *r)
{
    return (uint32_t)read_of(r, MAP);
}

int64_t cbor_read_int(struct reader *r)
{
    struct head head = read_head(r);
    if (head.major == UNSIGNED) return (int64_t)head.value;
    if (head.major == NEGATIVE) return -1 - (int64_t)head.value;
    reader_fail(r, ERR_FORMAT);
    return 0;
}

static struct bytes read_string(struct reader *r, enum major kind, size_t max)
{
    uint64_t len = read_of(r, kind);
    if (len > max) {
        reader_fail(r, ERR_LENGTH);
        return (struct bytes){0};
    }
    return read_bytes(r, (size_t)len);
}

struct bytes cbor_read_bytes(struct reader *r, size_t max)
{
    return read_string(r, BYTE_STRING, max);
}

struct bytes cbor_read_text(struct reader *r, size_t max)
{
    return read_string(r, TEXT_STRING, max);
}

void cbor_expect_text(struct reader *r, const char *text)
{
    if (!bytes_equal(cbor_read_text(r, strlen(text)), bytes_text(text))) reader_fail(r, ERR_FORMAT);
}

void cbor_expect_int(struct reader *r, int64_t number)
{
    if (cbor_read_int(r) != number) reader_fail(r, ERR_FORMAT);
}

/* How many values follow that belong to this head. */
static uint64_t values_below(struct reader *r, struct head head)
{
    switch (head.major) {
    case ARRAY:
        return head.value;
    case MAP:
        return 2 * head.value;
    case BYTE_STRING:
    case TEXT_STRING:
        (void)read_bytes(r, (size_t)head.value);
        return 0;
    case UNSIGNED:
    case NEGATIVE:
        return 0;
    case SIMPLE:
        if (head.value >= FALSE_TO_NULL_FIRST && head.value <= FALSE_TO_NULL_LAST) return 0;
        break;
    case TAG:
        break;
    }
    reader_fail(r, ERR_FORMAT);
    return 0;
}

void cbor_skip(struct reader *r)
{
    uint64_t left[CBOR_DEPTH_MAX + 1] = {1};
    size_t depth = 0;
    for (;;) {
        while (left[depth] == 0) {
            if (depth == 0) return;
            depth--;
        }
        left[depth]--;
        uint64_t below = values_below(r, read_head(r));
        if (r->fault != ERR_OK) return;
        if (below == 0) continue;
        if (depth == CBOR_DEPTH_MAX || below > ITEMS_MAX) {
            reader_fail(r, ERR_FORMAT);
            return;
        }
        left[++depth] = below;
    }
}
