/* SPDX-License-Identifier: Apache-2.0 */
/* The store of data objects: a table of tags over one arena. A walk over at most 160 entries costs
 * less than the byte that comes next from a card. */
#include "lib/emv/data.h"

#include "lib/crypto/secret.h"
#include "lib/emv/pan.h"

_Static_assert(EMV_DATA_BYTES <= UINT16_MAX, "places are 16 bits");

/* 9F26, 9F27, 9F36, 9F10, 91, 8A, 9F45, 9F4C, 98, 9F17, 9F13 and eight growing DF31: 400 bytes. */
enum { RESERVED_OBJECTS = 32, RESERVED_BYTES = 1024 };

void emv_data_wipe(struct emv_data *data)
{
    secret_wipe_bytes(data, sizeof *data);
}

static size_t find(const struct emv_data *data, uint32_t tag)
{
    size_t i = 0;
    while (i < data->count && data->object[i].tag != tag) i++;
    return i;
}

static err add(struct emv_data *data, uint32_t tag, struct bytes value, enum emv_source source)
{
    if (value.len > EMV_DATA_VALUE_MAX) return ERR(LENGTH);
    if (data->count == EMV_DATA_OBJECTS || value.len > EMV_DATA_BYTES - data->used)
        return ERR(FULL);
    data->object[data->count++] = (struct emv_object){tag, (uint16_t)data->used, (uint8_t)value.len,
                                                      (uint8_t)value.len, (uint8_t)source};
    memcpy(data->arena + data->used, value.at, value.len);
    data->used += value.len;
    return OK;
}

err emv_data_put(struct emv_data *data, uint32_t tag, struct bytes value)
{
    if (find(data, tag) < data->count) return ERR(EXISTS);
    if (value.len == 0) return OK;
    /* What the kernel itself adds later must fit, whatever a card has filled the store with. */
    if (data->count >= EMV_DATA_OBJECTS - RESERVED_OBJECTS ||
        data->used + value.len > EMV_DATA_BYTES - RESERVED_BYTES)
        return ERR(FULL);
    return add(data, tag, value, EMV_CARD);
}

void emv_data_set(struct emv_data *data, uint32_t tag, struct bytes value)
{
    size_t i = find(data, tag);
    if (i < data->count && value.len <= data->object[i].room) {
        struct emv_object *o = &data->object[i];
        if (value.len > 0) memmove(data->arena + o->at, value.at, value.len);
        o->len = (uint8_t)value.len;
        o->source = EMV_TERMINAL;
        return;
    }
    if (i < data->count) data->object[i].tag = 0; /* too small: its place stays behind, unnamed */
    err e = value.len == 0 ? OK : add(data, tag, value, EMV_TERMINAL);
    ENSURE(!FAILED(e));
}

void emv_data_set_number(struct emv_data *data, uint32_t tag, uint64_t value, size_t width)
{
    uint8_t block[8];
    struct writer w = writer_over(block, sizeof block);
    write_be(&w, value, width);
    emv_data_set(data, tag, writer_view(&w));
}

bool emv_data_get(const struct emv_data *data, uint32_t tag, struct bytes *ret_value)
{
    size_t i = find(data, tag);
    if (i == data->count || data->object[i].len == 0) return false;
    *ret_value = bytes_of(data->arena + data->object[i].at, data->object[i].len);
    return true;
}

bool emv_data_get_exact(const struct emv_data *data, uint32_t tag, size_t len,
                        struct bytes *ret_value)
{
    struct bytes value;
    if (!emv_data_get(data, tag, &value) || value.len != len) return false;
    *ret_value = value;
    return true;
}

void emv_data_forget_card(struct emv_data *data)
{
    size_t kept = 0, used = 0;
    for (size_t i = 0; i < data->count; i++) {
        struct emv_object o = data->object[i];
        if (o.source == EMV_CARD || o.tag == 0) continue;
        memmove(data->arena + used, data->arena + o.at, o.len);
        o.at = (uint16_t)used;
        o.room = o.len;
        used += o.len;
        data->object[kept++] = o;
    }
    secret_wipe_bytes(data->arena + used, data->used - used);
    data->count = kept;
    data->used = used;
}

uint32_t emv_data_number(const struct emv_data *data, uint32_t tag, uint32_t otherwise)
{
    struct bytes value;
    if (!emv_data_get(data, tag, &value) || value.len > 4) return otherwise;
    uint32_t number = 0;
    for (size_t i = 0; i < value.len; i++) number = number << 8 | value.at[i];
    return number;
}

err emv_digits(struct bytes packed, char *text, size_t max, size_t *ret_digits)
{
    size_t count = 0;
    bool ended = false;
    for (size_t i = 0; i < 2 * packed.len; i++) {
        unsigned nibble = i % 2 == 0 ? packed.at[i / 2] >> 4 : packed.at[i / 2] & 15u;
        if (nibble == 15) ended = true;
        else if (nibble > 9 || ended || count == max) return ERR(FORMAT);
        else text[count++] = (char)('0' + nibble);
    }
    text[count] = '\0';
    *ret_digits = count;
    return OK;
}

err emv_data_pan(const struct emv_data *data, char ret_pan[20], size_t *ret_digits)
{
    struct bytes packed;
    char text[20];
    size_t count;
    if (!emv_data_get(data, 0x5A, &packed)) return ERR(MISSING);
    if (FAILED(emv_digits(packed, text, PAN_MAX, &count)) || count < PAN_MIN) return ERR(FORMAT);
    memcpy(ret_pan, text, count + 1);
    *ret_digits = count;
    secret_wipe_bytes(text, sizeof text);
    return OK;
}

bool emv_data_track_agrees(const struct emv_data *data)
{
    struct bytes track;
    char pan[20];
    size_t digits;
    if (!emv_data_get(data, 0x57, &track)) return true;
    if (FAILED(emv_data_pan(data, pan, &digits))) return false;
    bool same = 2 * track.len > digits;
    for (size_t i = 0; same && i <= digits; i++) {
        unsigned nibble = i % 2 == 0 ? track.at[i / 2] >> 4 : track.at[i / 2] & 15u;
        same = i < digits ? nibble == (unsigned)(pan[i] - '0') : nibble == 0xD;
    }
    secret_wipe_bytes(pan, sizeof pan);
    return same;
}

void emv_amount(int64_t amount_minor, uint8_t out[6])
{
    ENSURE(amount_minor >= 0 && amount_minor <= 999999999999);
    for (size_t i = 6; i > 0; i--) {
        unsigned pair = (unsigned)(amount_minor % 100);
        out[i - 1] = (uint8_t)(pair / 10 << 4 | pair % 10);
        amount_minor /= 100;
    }
}

int64_t emv_amount_of(struct bytes n12)
{
    int64_t amount_minor = 0;
    if (n12.len != 6) return -1;
    for (size_t i = 0; i < 6; i++) {
        unsigned high = n12.at[i] >> 4, low = n12.at[i] & 15u;
        if (high > 9 || low > 9) return -1;
        amount_minor = amount_minor * 100 + (int64_t)(high * 10 + low);
    }
    return amount_minor;
}

enum { FIELD55_MAX = 26 };

/* Protocol facts 1.8, in their order; a list ends with 0. */
static const uint32_t field55_tags[EMV_FIELD55_KINDS][FIELD55_MAX] = {
    [EMV_FIELD55_REQUEST] = {0x9F26, 0x9F27, 0x9F10, 0x9F37, 0x9F36, 0x95,   0x9A,
                             0x9C,   0x9F02, 0x5F2A, 0x82,   0x9F1A, 0x9F03, 0x9F33,
                             0x9F34, 0x9F35, 0x9F1E, 0x84,   0x9F09, 0x9F41, 0x9F63},
    [EMV_FIELD55_ADVICE] = {0x9F26, 0x9F27, 0x9F10, 0x9F37, 0x9F36, 0x95,   0x9A,
                            0x9C,   0x9F02, 0x5F2A, 0x82,   0x9F1A, 0x9F03, 0x9F33,
                            0x9F34, 0x9F35, 0x9F1E, 0x84,   0x9F09, 0x9F41, 0x8A},
    [EMV_FIELD55_REVERSAL] = {0x95, 0x9F1E, 0x9F10, 0x9F36, 0xDF31},
    [EMV_FIELD55_SCRIPT] = {0x9F33, 0x95, 0x9F37, 0x9F1E, 0x9F10, 0x9F26, 0x9F36, 0x82, 0xDF31,
                            0x9F1A, 0x9A},
};

err emv_data_field55(const struct emv_data *data, enum emv_field55 kind, struct writer *w)
{
    ENSURE(kind < EMV_FIELD55_KINDS);
    for (size_t i = 0; i < FIELD55_MAX && field55_tags[kind][i] != 0; i++) {
        struct bytes value;
        if (emv_data_get(data, field55_tags[kind][i], &value))
            tlv_write(w, field55_tags[kind][i], value);
    }
    return (err){w->fault};
}
