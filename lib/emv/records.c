/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card's records along the AFL (EMV Book 3, 10.2), what of them is under offline
 * authentication (10.3), and what must be among them (7.2). Each object is looked at once, here:
 * a wrong length ends the transaction, and so does an object that is said twice.
 */
#include "lib/emv/kernel.h"

enum { COMMAND_READ_RECORD = 0x00B20004, LAST_EMV_SFI = 10 };

/* Bytes an object may have, and what it must be. Tags that are not here are the card's business. */
static const struct shape {
    uint32_t tag;
    uint8_t min, max;
    enum { ANY, DAY, LIST, CVM_LIST } kind;
} shapes[] = {
    {0x57, 1, 19, ANY},   {0x5A, 4, 10, ANY},       {0x5F24, 3, 3, DAY}, {0x5F25, 3, 3, DAY},
    {0x5F28, 2, 2, ANY},  {0x5F30, 2, 2, ANY},      {0x5F34, 1, 1, ANY}, {0x8C, 1, 252, LIST},
    {0x8D, 1, 252, LIST}, {0x8E, 8, 252, CVM_LIST}, {0x8F, 1, 1, ANY},   {0x90, 64, 248, ANY},
    {0x93, 64, 248, ANY}, {0x97, 1, 252, LIST},     {0x9F07, 2, 2, ANY}, {0x9F08, 2, 2, ANY},
    {0x9F0D, 5, 5, ANY},  {0x9F0E, 5, 5, ANY},      {0x9F0F, 5, 5, ANY}, {0x9F14, 1, 1, ANY},
    {0x9F23, 1, 1, ANY},  {0x9F2D, 64, 248, ANY},   {0x9F2E, 1, 3, ANY}, {0x9F32, 1, 3, ANY},
    {0x9F42, 2, 2, ANY},  {0x9F46, 64, 248, ANY},   {0x9F47, 1, 3, ANY}, {0x9F49, 1, 252, LIST},
};

static bool is_day(struct bytes day)
{
    for (size_t i = 0; i < 3; i++)
        if (day.at[i] >> 4 > 9 || (day.at[i] & 15) > 9) return false;
    return day.at[1] >= 0x01 && day.at[1] <= 0x12 && day.at[2] >= 0x01 && day.at[2] <= 0x31;
}

static bool object_good(uint32_t tag, struct bytes value)
{
    size_t i = 0, len;
    while (i < ARRAY_LEN(shapes) && shapes[i].tag != tag) i++;
    if (i == ARRAY_LEN(shapes) || value.len == 0) return true;
    if (value.len < shapes[i].min || value.len > shapes[i].max) return false;
    switch (shapes[i].kind) {
    case ANY:
        return true;
    case DAY:
        return is_day(value);
    case LIST:
        return !FAILED(emv_dol_length(value, &len));
    case CVM_LIST:
        return value.len % 2 == 0;
    }
    return false;
}

/* Fills up between objects may be 00 (annex B1); FF is what a card without contents gives. */
static bool padded_with_ff(struct bytes value, size_t end)
{
    for (size_t i = end; i < value.len; i++)
        if (value.at[i] == 0xFF) return true;
    return false;
}

/* Said before, with the same value, among the first `before` objects. */
static bool said_before(const struct emv_data *data, size_t before, const struct tlv *object)
{
    for (size_t i = 0; i < before; i++) {
        const struct emv_object *o = &data->object[i];
        if (o->tag == object->tag && o->source == EMV_CARD)
            return bytes_equal(bytes_of(data->arena + o->at, o->len), object->value);
    }
    return false;
}

bool kernel_keep_objects(struct emv_data *data, size_t before, struct bytes template)
{
    struct tlv_walk walk = tlv_walk_over(template);
    struct tlv object;
    size_t end = 0;
    while (tlv_next(&walk, &object)) {
        end = (size_t)(object.value.at - template.at) + object.value.len;
        if (!object_good(object.tag, object.value)) return false;
        err e = emv_data_put(data, object.tag, object.value);
        if (FAILED(e) && !(e.code == ERR_EXISTS && said_before(data, before, &object)))
            return false;
    }
    return !FAILED(tlv_finish(&walk)) && !padded_with_ff(template, end);
}

/* The value of a record that is one template 70 and nothing else. */
static bool record_template(struct bytes record, struct bytes *ret_value)
{
    struct tlv_walk walk = tlv_walk_over(record);
    struct tlv template;
    if (!tlv_next(&walk, &template) || template.tag != 0x70) return false;
    size_t end = (size_t)(template.value.at - record.at) + template.value.len;
    if (end != record.len) return false;
    *ret_value = template.value;
    return true;
}

/* 10.3: of SFI 1 to 10 what is inside the template, of others the whole record, template and all.
 */
static void keep_static(struct emv_static *statics, struct bytes covered)
{
    if (covered.len > EMV_STATIC_MAX - statics->len) {
        statics->bad = true;
        return;
    }
    memcpy(statics->at + statics->len, covered.at, covered.len);
    statics->len += covered.len;
}

bool kernel_keep_record(struct emv_data *data, size_t before, struct emv_static *statics,
                        const uint8_t entry[4], uint8_t number, struct bytes record)
{
    struct bytes value = {0};
    bool emv_file = entry[0] >> 3 <= LAST_EMV_SFI;
    bool template = record_template(record, &value);
    bool covered = number < entry[1] + entry[3];
    if (emv_file && (!template || !kernel_keep_objects(data, before, value))) return false;
    if (covered && !template) statics->bad = true;
    else if (covered) keep_static(statics, emv_file ? value : record);
    return true;
}

/* The card's number, its day, and both lists; and track 2 is of the same card. */
static enum emv_reason judge_all(const struct emv_contact *k)
{
    static const uint32_t mandatory[] = {0x5F24, 0x5A, 0x8C, 0x8D};
    struct bytes value;
    char pan[20];
    size_t digits;
    for (size_t i = 0; i < ARRAY_LEN(mandatory); i++)
        if (!emv_data_get(&k->data, mandatory[i], &value)) return EMV_REASON_MISSING_DATA;
    if (FAILED(emv_data_pan(&k->data, pan, &digits))) return EMV_REASON_BAD_DATA;
    return emv_data_track_agrees(&k->data) ? EMV_REASON_NONE : EMV_REASON_BAD_DATA;
}

void kernel_enter_record(struct emv_contact *k)
{
    struct bytes afl = {0};
    (void)emv_data_get(&k->data, 0x94, &afl);
    if (k->place >= afl.len) {
        enum emv_reason reason = judge_all(k);
        if (reason != EMV_REASON_NONE) kernel_terminate(k, reason);
        else kernel_go(k, EMV_STEP_AUTHENTICATE);
        return;
    }
    kernel_command(k, COMMAND_READ_RECORD | (uint32_t)k->record << 8 | afl.at[k->place],
                   (struct bytes){0}, true);
}

void kernel_next_record(struct bytes afl, size_t *place, uint8_t *record)
{
    if (*record < afl.at[*place + 2]) {
        (*record)++;
        return;
    }
    *place += 4;
    if (*place < afl.len) *record = afl.at[*place + 1];
}

void kernel_answer_record(struct emv_contact *k)
{
    struct bytes afl = {0};
    (void)emv_data_get(&k->data, 0x94, &afl);
    if (k->apdu.sw != EMV_SW_OK) {
        kernel_terminate(k, EMV_REASON_BAD_STATUS);
        return;
    }
    if (!kernel_keep_record(&k->data, 0, &k->statics, afl.at + k->place, k->record,
                            emv_apdu_data(&k->apdu))) {
        kernel_terminate(k, EMV_REASON_BAD_DATA);
        return;
    }
    kernel_next_record(afl, &k->place, &k->record);
    kernel_go(k, EMV_STEP_RECORD);
}
