/* SPDX-License-Identifier: Apache-2.0 */
/* BER-TLV: walking, finding, writing. Input comes from cards and peers and is trusted in nothing.
 */
#include "lib/base/tlv.h"

struct tlv_walk tlv_walk_over(struct bytes input)
{
    return (struct tlv_walk){reader_over(input), 0};
}

/* True when nothing but 00 and FF is left. */
static bool only_padding(struct bytes left)
{
    for (size_t i = 0; i < left.len; i++)
        if (left.at[i] != 0x00 && left.at[i] != 0xFF) return false;
    return true;
}

static void skip_padding(struct reader *r)
{
    while (r->left.len > 0 && r->left.at[0] == 0x00) (void)read_bytes(r, 1);
    if (r->left.len > 0 && r->left.at[0] == 0xFF && only_padding(r->left)) (void)read_rest(r);
}

/* A low part of 1F says that more bytes follow; each but the last has bit 8 set. */
static uint32_t read_tag(struct reader *r)
{
    uint32_t tag = (uint32_t)read_be(r, 1);
    if ((tag & 0x1F) != 0x1F) return tag;
    for (size_t bytes = 1; bytes < TLV_TAG_BYTES; bytes++) {
        uint32_t next = (uint32_t)read_be(r, 1);
        if (bytes == 1 && next == 0x80) break; /* a tag number with a leading zero */
        tag = tag << 8 | next;
        if ((next & 0x80) == 0) return tag;
    }
    reader_fail(r, ERR_FORMAT);
    return 0;
}

static size_t read_length(struct reader *r)
{
    size_t first = (size_t)read_be(r, 1);
    if (first < 0x80) return first;
    if (first != 0x81 && first != 0x82) {
        reader_fail(r, ERR_FORMAT);
        return 0;
    }
    size_t len = (size_t)read_be(r, first - 0x80);
    /* In the shortest form two bytes say at least 0x80 and three at least 0x100. */
    if (len < (first == 0x81 ? 0x80u : 0x100u)) reader_fail(r, ERR_FORMAT);
    return len;
}

bool tlv_next(struct tlv_walk *walk, struct tlv *out)
{
    struct reader *r = &walk->r;
    skip_padding(r);
    if (r->left.len == 0 || r->fault != ERR_OK) return false;

    walk->offset = reader_offset(r);
    bool constructed = (r->left.at[0] & 0x20) != 0;
    uint32_t tag = read_tag(r);
    struct bytes value = read_bytes(r, read_length(r));
    if (r->fault != ERR_OK) return false;
    *out = (struct tlv){tag, constructed, walk->offset, value};
    return true;
}

err tlv_finish(const struct tlv_walk *walk)
{
    return reader_finish(&walk->r);
}

static err find(struct bytes input, uint32_t tag, unsigned depth, struct bytes *ret_value)
{
    struct tlv_walk walk = tlv_walk_over(input);
    struct tlv object;
    struct bytes found = {0};
    bool seen = false;
    while (tlv_next(&walk, &object)) {
        if (seen) continue; /* the rest must be well-formed all the same */
        if (object.tag == tag) {
            found = object.value;
            seen = true;
        } else if (object.constructed && depth > 0) {
            err e = find(object.value, tag, depth - 1, &found);
            if (FAILED(e) && e.code != ERR_NOT_FOUND) return e;
            seen = !FAILED(e);
        }
    }
    TRY(tlv_finish(&walk));
    if (!seen) return ERR(NOT_FOUND);
    *ret_value = found;
    return OK;
}

err tlv_find(struct bytes input, uint32_t tag, struct bytes *ret_value)
{
    return find(input, tag, 0, ret_value);
}

err tlv_find_deep(struct bytes input, uint32_t tag, struct bytes *ret_value)
{
    return find(input, tag, TLV_DEPTH_MAX, ret_value);
}

void tlv_write(struct writer *w, uint32_t tag, struct bytes value)
{
    ENSURE(tag > 0 && tag <= 0xFFFFFF);
    if (value.len > TLV_VALUE_MAX) {
        writer_fail(w, ERR_LENGTH);
        return;
    }
    write_be(w, tag, tag > 0xFFFF ? 3 : tag > 0xFF ? 2 : 1);
    if (value.len >= 0x80) write_be(w, value.len > 0xFF ? 0x82 : 0x81, 1);
    write_be(w, value.len, value.len > 0xFF ? 2 : 1);
    write_bytes(w, value);
}
