/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as BER-TLV: objects lie inside the input and in order; written again without the
 * padding they are the same bytes; what is found is what was walked.
 */
#include "lib/base/tlv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* True when `input` is `written` with 00 and FF between its objects left out. */
static bool same_but_padding(struct bytes input, struct bytes written)
{
    size_t at = 0;
    struct tlv_walk walk = tlv_walk_over(written);
    struct tlv object;
    while (tlv_next(&walk, &object)) {
        size_t end = (size_t)(object.value.at - written.at) + object.value.len;
        while (at < input.len && input.at[at] == 0) at++;
        size_t len = end - object.offset;
        if (len > input.len - at || memcmp(input.at + at, written.at + object.offset, len) != 0)
            return false;
        at += len;
    }
    for (; at < input.len; at++)
        if (input.at[at] != 0 && input.at[at] != 0xFF) return false;
    return !FAILED(tlv_finish(&walk));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t again[4096];
    struct writer w = writer_over(again, sizeof again);
    struct bytes input = bytes_of(data, size), found;
    struct tlv_walk walk = tlv_walk_over(input);
    struct tlv object, first = {0};
    size_t objects = 0, end = 0;
    if (size > sizeof again) return 0;
    while (tlv_next(&walk, &object)) {
        size_t value_at = (size_t)(object.value.at - data);
        ENSURE(object.offset >= end && value_at > object.offset);
        ENSURE(object.value.len <= size && value_at <= size - object.value.len);
        ENSURE(object.tag > 0 && object.tag <= 0xFFFFFF);
        end = value_at + object.value.len;
        tlv_write(&w, object.tag, object.value);
        if (objects++ == 0) first = object;
    }
    bool good = !FAILED(tlv_finish(&walk));
    if (good) ENSURE(w.fault == ERR_OK && same_but_padding(input, writer_view(&w)));
    else ENSURE(walk.offset <= size);
    if (objects > 0) {
        err e = tlv_find(input, first.tag, &found);
        ENSURE(FAILED(e) != good);
        if (good) ENSURE(found.at == first.value.at && found.len == first.value.len);
    }
    err deep = tlv_find_deep(input, 0x5A, &found);
    if (good && deep.code == ERR_NOT_FOUND)
        ENSURE(tlv_find(input, 0x5A, &found).code == ERR_NOT_FOUND);
    return 0;
}
