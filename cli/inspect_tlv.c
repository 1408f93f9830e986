/* SPDX-License-Identifier: Apache-2.0 */
/* `tongbao inspect tlv`, and BER-TLV inside other inputs. Objects that hold a card are masked. */
#include "cli/inspect.h"
#include "lib/base/tlv.h"
#include "lib/emv/pan.h"
#include "lib/emv/tag_name.h"

enum {
    TAG_TRACK_1_DATA = 0x56,
    TAG_TRACK_2_DATA = 0x57,
    TAG_PAN = 0x5A,
    TAG_PIN_DATA = 0x99,
    TAG_TRACK_1_REST = 0x9F1F,
    TAG_TRACK_2_REST = 0x9F20,
    VALUE_HEX_MAX = 8192,
};

/* All but the first six and the last four of the digits at the start; nothing behind them. */
static void star_card(uint8_t *hex, size_t len)
{
    size_t run = 0;
    while (run < len && hex[run] >= '0' && hex[run] <= '9') run++;
    size_t head = run >= 13 ? 6 : 0, tail = run >= 5 ? 4 : 0;
    for (size_t i = 0; i < len; i++) {
        bool visible = i < head || (i >= run - tail && i < run);
        if (!visible) hex[i] = '*';
    }
}

static void write_value(struct json_out *j, const struct tlv *object, bool show_pan)
{
    uint8_t hex[VALUE_HEX_MAX];
    struct writer w = writer_over(hex, sizeof hex);
    write_hex_upper(&w, object->value);
    if (w.fault != ERR_OK) {
        json_member_string(j, "value", "too long to show");
        return;
    }
    bool card = object->tag == TAG_PAN || object->tag == TAG_TRACK_2_DATA;
    bool rest = object->tag == TAG_TRACK_1_DATA || object->tag == TAG_TRACK_1_REST ||
                object->tag == TAG_TRACK_2_REST;
    bool pin = object->tag == TAG_PIN_DATA;
    bool hidden = pin || ((card || rest) && !show_pan);
    if (card && hidden) star_card(hex, w.len);
    else if (hidden) memset(hex, '*', w.len);
    if (hidden) {
        json_member_text(j, "value", writer_view(&w));
        json_member_bool(j, "masked", true);
    } else {
        inspect_member_masked(j, "value", writer_view(&w), show_pan);
    }
    explicit_bzero(hex, sizeof hex);
}

static bool write_objects(struct json_out *j, struct bytes input, bool show_pan, unsigned depth,
                          size_t base, size_t *ret_offset, err *ret_fault)
{
    struct tlv_walk walk = tlv_walk_over(input);
    struct tlv object;
    bool good = true;
    while (good && tlv_next(&walk, &object)) {
        char tag[8];
        snprintf(tag, sizeof tag, "%02X", object.tag);
        json_object_begin(j);
        json_member_string(j, "tag", tag);
        const char *name = tlv_tag_name(object.tag);
        if (name != NULL) json_member_string(j, "name", name);
        json_member_int(j, "offset", (int64_t)(base + object.offset));
        json_member_int(j, "length", (int64_t)object.value.len);
        if (object.constructed && depth > 0) {
            size_t inner = base + (size_t)(object.value.at - input.at);
            json_member_array(j, "objects");
            good =
                write_objects(j, object.value, show_pan, depth - 1, inner, ret_offset, ret_fault);
            json_array_end(j);
        } else {
            write_value(j, &object, show_pan);
        }
        json_object_end(j);
    }
    err e = tlv_finish(&walk);
    if (!good || !FAILED(e)) return good;
    *ret_offset = base + walk.offset;
    *ret_fault = e;
    return false;
}

bool inspect_member_tlv(struct json_out *j, const char *name, struct bytes input, bool show_pan,
                        size_t *ret_offset, err *ret_fault)
{
    json_member_array(j, name);
    /* A JSON document has 16 levels and each object takes two of them. */
    bool good = write_objects(j, input, show_pan, TLV_DEPTH_MAX - 3, 0, ret_offset, ret_fault);
    json_array_end(j);
    return good;
}

int inspect_tlv(const struct inspect_options *o, struct bytes input, struct json_out *j)
{
    static uint8_t block[TLV_VALUE_MAX];
    size_t len = 0, offset = 0;
    err e = inspect_unhex(input, block, sizeof block, &len), fault = OK;
    if (e.code == ERR_LENGTH || input.len > 3 * sizeof block)
        return inspect_refuse(o, "more than %d bytes; no card or message has so many",
                              TLV_VALUE_MAX);
    struct bytes raw = FAILED(e) ? input : bytes_of(block, len);
    json_object_begin(j);
    bool good = inspect_member_tlv(j, "objects", raw, o->show_pan, &offset, &fault);
    json_object_end(j);
    if (good) return INSPECT_DONE;
    return inspect_refuse(
        o, "object at offset %zu: %s; its tag or length is wrong or the input was cut%s", offset,
        err_text(fault), FAILED(e) ? inspect_no_hex(input) : "");
}
