/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao inspect track`: text from a reader, one track without its sentinels, or track 2 as it
 * stands in messages and in chip tag 57, in hexadecimal with D between the parts and F behind.
 */
#include "cli/inspect.h"
#include "lib/emv/track.h"

static void write_service(struct json_out *j, struct bytes code)
{
    struct track_service s;
    if (FAILED(track_service_code(code, &s))) return;
    json_member_object(j, "service");
    json_member_bool(j, "international", s.international);
    json_member_bool(j, "national", s.national);
    json_member_bool(j, "private_use", s.private_use);
    json_member_bool(j, "test", s.test);
    json_member_bool(j, "chip", s.chip);
    json_member_bool(j, "online", s.online);
    json_member_bool(j, "pin_required", s.pin_required);
    json_member_bool(j, "pin_prompt", s.pin_prompt);
    json_member_bool(j, "cash_only", s.cash_only);
    json_member_bool(j, "goods_only", s.goods_only);
    json_object_end(j);
}

static void write_track(struct json_out *j, const struct track *t, bool show_pan)
{
    json_object_begin(j);
    json_member_int(j, "track", t->number);
    json_member_int(j, "length", (int64_t)t->data.len);
    inspect_member_pan(j, t->pan, show_pan);
    if (t->name.len > 0) json_member_text(j, "name", t->name);
    if (t->expiry.len > 0) json_member_text(j, "expiry", t->expiry);
    if (t->service_code.len > 0) {
        json_member_text(j, "service_code", t->service_code);
        write_service(j, t->service_code);
    }
    /* Card verification values stand here: not shown with the card number hidden. */
    if (show_pan) json_member_text(j, "discretionary", t->discretionary);
    else json_member_int(j, "discretionary_length", (int64_t)t->discretionary.len);
    json_object_end(j);
}

static int refuse(const struct inspect_options *o, const struct track_fault *f, err e)
{
    const char *what = e.code == ERR_CONFLICT ? "two cards in one swipe? Swipe again"
                       : e.code == ERR_MAC
                           ? "its check character (LRC) does not agree: read it again"
                       : e.code == ERR_MISSING ? "the reader could read no track: swipe again"
                                               : "is it this track? --track says which";
    return inspect_refuse(o, "track %u at offset %zu: %s; %s", f->track, f->offset, err_text(e),
                          what);
}

static bool begins_track(struct bytes text)
{
    return text.len > 0 && (text.at[0] == '%' || text.at[0] == ';' || text.at[0] == '+');
}

/* D becomes the separator and F at the end is filler. False when it is no such text. */
static bool from_packed(struct bytes text, uint8_t *out, size_t max, size_t *ret_len)
{
    size_t len = 0, separators = 0;
    for (size_t i = 0; i < text.len && len < max; i++) {
        uint8_t c = text.at[i];
        if (c == 'D' || c == 'd') separators++;
        out[len++] = c == 'D' || c == 'd' ? '=' : c;
    }
    while (len > 0 && (out[len - 1] == 'F' || out[len - 1] == 'f')) len--;
    *ret_len = len;
    return separators > 0 && text.len <= max;
}

/* The text of the input, whichever way it was given; what is no hexadecimal is the text itself. */
static struct bytes take_text(struct bytes input, uint8_t *block, size_t max)
{
    struct bytes text = inspect_trim(input);
    size_t len = 0;
    if (FAILED(inspect_unhex(text, block, max, &len))) return text;
    if (begins_track(bytes_of(block, len))) return inspect_trim(bytes_of(block, len));
    return from_packed(text, block, max, &len) ? bytes_of(block, len) : text;
}

int inspect_track(const struct inspect_options *o, struct bytes input, struct json_out *j)
{
    uint8_t block[2 * TRACK_SWIPE_MAX];
    struct bytes text = take_text(input, block, sizeof block);
    struct track_swipe swipe = {0};
    struct track_fault fault = {0};
    unsigned number = o->track != 0 ? o->track : text.at[0] == 'B' ? 1 : 2;
    err e = begins_track(text) && o->track == 0
                ? track_swipe_parse(text, &swipe, &fault)
                : track_parse(text, number, &swipe.track[number - 1], &fault);
    if (FAILED(e)) return refuse(o, &fault, e);

    json_object_begin(j);
    json_member_array(j, "tracks");
    for (size_t i = 0; i < TRACK_COUNT; i++)
        if (swipe.track[i].number != 0) write_track(j, &swipe.track[i], o->show_pan);
    json_array_end(j);
    json_member_array(j, "unreadable");
    for (size_t i = 0; i < TRACK_COUNT; i++)
        if (swipe.unreadable[i]) json_element_int(j, (int64_t)i + 1);
    json_array_end(j);
    json_object_end(j);
    explicit_bzero(block, sizeof block);
    return INSPECT_DONE;
}
