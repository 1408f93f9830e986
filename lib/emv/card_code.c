/* SPDX-License-Identifier: Apache-2.0 */
/* A card's code from a telephone: what is in it, and what of it may leave. */
#include "lib/emv/card_code.h"

#include "lib/base/base64.h"
#include "lib/base/tlv.h"
#include "lib/crypto/secret.h"
#include "lib/emv/parameters.h"
#include "lib/emv/track.h"

enum {
    TAG_AID = 0x4F,
    TAG_TRACK_2 = 0x57,
    TAG_PAN = 0x5A,
    TAG_EXPIRY = 0x5F24,
    TAG_SEQUENCE = 0x5F34,
    TAG_APPLICATION = 0x61,
    TAG_COMMON = 0x62,
    TAG_TRANSPARENT = 0x63,
    TAG_COMMON_TRANSPARENT = 0x64,
    TAG_NAME = 0x84,
    TAG_FORMAT = 0x85,
    TAG_CRYPTOGRAM = 0x9F26,
    TAG_INFORMATION = 0x9F27,
    OBJECTS_MAX = 40, /* of one level: all that the standard has are 25 */
};

void card_code_wipe(struct card_code *code)
{
    secret_wipe_bytes(code, sizeof *code);
}

/* Every object of a level once, and those below `inner` too. */
static err check_level(struct bytes level, uint32_t inner)
{
    uint32_t seen[OBJECTS_MAX];
    size_t count = 0;
    struct tlv_walk walk = tlv_walk_over(level);
    struct tlv object;
    while (tlv_next(&walk, &object)) {
        for (size_t i = 0; i < count; i++)
            if (seen[i] == object.tag) return ERR(EXISTS);
        if (count == OBJECTS_MAX) return ERR(FULL);
        seen[count++] = object.tag;
        if (inner != 0 && object.tag == inner) TRY(check_level(object.value, 0));
    }
    return tlv_finish(&walk);
}

static struct bytes find(struct bytes level, uint32_t tag)
{
    struct bytes value = {0};
    err found = tlv_find(level, tag, &value);
    return FAILED(found) ? (struct bytes){0} : value;
}

static err take_application(struct bytes value, struct card_code *out)
{
    if (out->applications == CARD_CODE_APPLICATIONS) return ERR(FULL);
    TRY(check_level(value, TAG_TRANSPARENT));
    struct card_code_application *a = &out->application[out->applications];
    *a = (struct card_code_application){find(value, TAG_AID), value, find(value, TAG_TRANSPARENT)};
    if (a->aid.len == 0) return ERR(MISSING);
    if (a->aid.len < EMV_AID_MIN || a->aid.len > EMV_AID_MAX) return ERR(FORMAT);
    out->applications++;
    return OK;
}

static err take_common(struct bytes value, struct card_code *out)
{
    if (out->common.len > 0) return ERR(EXISTS);
    TRY(check_level(value, TAG_COMMON_TRANSPARENT));
    out->common = value;
    out->common_transparent = find(value, TAG_COMMON_TRANSPARENT);
    return OK;
}

static err read_version(struct tlv_walk *walk)
{
    struct tlv object;
    if (!tlv_next(walk, &object)) {
        TRY(tlv_finish(walk));
        return ERR(MISSING);
    }
    if (object.tag != TAG_FORMAT) return ERR(FORMAT);
    return bytes_equal(object.value, BYTES("CPV01")) ? OK : ERR(NEWER);
}

static err read_all(struct bytes content, struct card_code *out)
{
    struct tlv_walk walk = tlv_walk_over(content);
    struct tlv object;
    TRY(read_version(&walk));
    while (tlv_next(&walk, &object)) {
        if (object.tag == TAG_FORMAT) return ERR(EXISTS);
        if (object.tag == TAG_APPLICATION) TRY(take_application(object.value, out));
        if (object.tag == TAG_COMMON) TRY(take_common(object.value, out));
    }
    TRY(tlv_finish(&walk));
    return out->applications > 0 ? OK : ERR(MISSING);
}

err card_code_parse(struct bytes text, struct card_code *out)
{
    size_t len = 0;
    *out = (struct card_code){.applications = 0};
    if (text.len > CARD_CODE_TEXT_MAX) return ERR(LENGTH);
    err read = base64_decode(text, out->block, sizeof out->block, &len);
    if (!FAILED(read)) read = read_all(bytes_of(out->block, len), out);
    if (FAILED(read)) card_code_wipe(out);
    return read;
}

struct bytes card_code_get(const struct card_code *code, size_t application, uint32_t tag)
{
    ENSURE(application < code->applications);
    const struct card_code_application *a = &code->application[application];
    const struct bytes levels[] = {a->own, a->transparent, code->common, code->common_transparent};
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        struct bytes value = find(levels[i], tag);
        if (value.len > 0) return value;
    }
    return (struct bytes){0};
}

/* ---- whose card ---- */

/* Packed digits, F behind an odd one: exactly digits, and that many. */
static err digits_of(struct bytes packed, char *out, size_t max, size_t *ret_len)
{
    size_t len = 0;
    for (size_t i = 0; i < 2 * packed.len; i++) {
        uint8_t digit = i % 2 == 0 ? packed.at[i / 2] >> 4 : packed.at[i / 2] & 15;
        if (digit == 15 && i + 1 == 2 * packed.len) break;
        if (digit > 9) return ERR(DIGIT);
        if (len == max) return ERR(LENGTH);
        out[len++] = (char)('0' + digit);
    }
    out[len] = '\0';
    *ret_len = len;
    return OK;
}

static err read_track(struct bytes packed, struct card_data *card)
{
    struct track track;
    struct track_fault fault;
    TRY(track_of_packed(packed, card->track2));
    TRY(track_parse(bytes_text(card->track2), 2, &track, &fault));
    TRY(bytes_to_text(track.pan, card->pan, sizeof card->pan));
    TRY(bytes_to_text(track.expiry, card->expiry, sizeof card->expiry));
    return bytes_to_text(track.service_code, card->service_code, sizeof card->service_code);
}

/* 5A, which has to be the number of 57 when there are both. */
static err read_pan(struct bytes packed, struct card_data *card)
{
    char pan[CARD_PAN_MAX + 1];
    size_t len;
    err read = digits_of(packed, pan, CARD_PAN_MAX, &len);
    if (!FAILED(read) && card->pan[0] != '\0' && strcmp(card->pan, pan) != 0) read = ERR(CONFLICT);
    if (!FAILED(read)) memcpy(card->pan, pan, len + 1);
    secret_wipe_bytes(pan, sizeof pan);
    return read;
}

static err read_expiry(struct bytes packed, struct card_data *card)
{
    size_t len;
    if (packed.len != 3) return ERR(LENGTH);
    TRY(digits_of(bytes_of(packed.at, 2), card->expiry, 4, &len));
    int month = (card->expiry[2] - '0') * 10 + card->expiry[3] - '0';
    return len == 4 && month >= 1 && month <= 12 ? OK : ERR(FORMAT);
}

/* One byte of two digits, or none. */
static err read_sequence(struct bytes packed, struct card_data *card)
{
    size_t len;
    if (packed.len == 0) return OK;
    if (packed.len != 1) return ERR(LENGTH);
    card->sequence[0] = '0';
    TRY(digits_of(packed, card->sequence + 1, 2, &len));
    return len == 2 ? OK : ERR(DIGIT);
}

err card_code_card(const struct card_code *code, size_t application, struct card_data *ret_card)
{
    CLEANUP(card_data_wipe) struct card_data card = {0};
    struct bytes track = card_code_get(code, application, TAG_TRACK_2);
    struct bytes pan = card_code_get(code, application, TAG_PAN);
    struct bytes expiry = card_code_get(code, application, TAG_EXPIRY);
    if (track.len > 0) TRY(read_track(track, &card));
    if (pan.len > 0) TRY(read_pan(pan, &card));
    if (card.expiry[0] == '\0' && expiry.len > 0) TRY(read_expiry(expiry, &card));
    if (card.pan[0] == '\0' || card.expiry[0] == '\0') return ERR(MISSING);
    if (strlen(card.pan) < CARD_PAN_MIN) return ERR(LENGTH);
    if (!pan_luhn(bytes_text(card.pan))) return ERR(FORMAT);
    TRY(read_sequence(card_code_get(code, application, TAG_SEQUENCE), &card));
    *ret_card = card;
    return OK;
}

/* ---- what its issuer judges ---- */

err card_code_field55(const struct card_code *code, size_t application, struct writer *w)
{
    enum { ARQC = 0x80, KIND = 0xC0 };
    static const struct {
        uint32_t tag;
        size_t min, max;
        bool wanted;
    } objects[] = {
        {TAG_CRYPTOGRAM, CARD_CODE_CRYPTOGRAM, CARD_CODE_CRYPTOGRAM, true},
        {TAG_INFORMATION, 1, 1, false},
        {0x9F10, 1, 32, true},
        {0x9F37, 4, 4, true},
        {0x9F36, 2, 2, true},
        {0x82, 2, 2, false},
    };
    struct bytes information = card_code_get(code, application, TAG_INFORMATION);
    if (information.len == 1 && (information.at[0] & KIND) != ARQC) return ERR(DENIED);
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
        struct bytes value = card_code_get(code, application, objects[i].tag);
        if (value.len == 0 && !objects[i].wanted) continue;
        if (value.len == 0) return ERR(MISSING);
        if (value.len < objects[i].min || value.len > objects[i].max) return ERR(LENGTH);
        tlv_write(w, objects[i].tag, value);
    }
    tlv_write(w, TAG_NAME, code->application[application].aid);
    return (err){w->fault};
}
