/* SPDX-License-Identifier: Apache-2.0 */
/* Field 55: taken in, looked into, and the part of it that a reversal repeats. */
#include "payment/chip.h"

#include "lib/base/tlv.h"

enum {
    TAG_SCRIPT_BEFORE = 0x71, /* issuer scripts may come several at once (Book 3, 10.10) */
    TAG_SCRIPT_AFTER = 0x72,
    OBJECTS_MAX = 64, /* of two bytes at least each, and no field has nearly as many */
};

/* Objects with the card's number, its magnetic data, the holder's name or a PIN. */
static const uint32_t never[] = {0x56, 0x57, 0x5A, 0x5F20, 0x99, 0x9F0B, 0x9F1F, 0x9F20, 0x9F6B};

static bool forbidden(uint32_t tag)
{
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        if (never[i] == tag) return true;
    return false;
}

/* A constructed object is looked into as well: a template could carry what may not stand alone. */
static err check(struct bytes input, unsigned depth)
{
    uint32_t seen[OBJECTS_MAX];
    size_t count = 0;
    struct tlv_walk walk = tlv_walk_over(input);
    struct tlv object;
    while (tlv_next(&walk, &object)) {
        if (forbidden(object.tag)) return ERR(DENIED);
        bool script = object.tag == TAG_SCRIPT_BEFORE || object.tag == TAG_SCRIPT_AFTER;
        if (object.constructed && depth == 0) return ERR(FORMAT);
        if (object.constructed) TRY(check(object.value, depth - 1));
        for (size_t i = 0; i < count && !script; i++)
            if (seen[i] == object.tag) return ERR(EXISTS);
        if (count == OBJECTS_MAX) return ERR(FORMAT);
        seen[count++] = object.tag;
    }
    return tlv_finish(&walk);
}

struct bytes payment_chip_view(const struct payment_chip *chip)
{
    return bytes_of(chip->at, chip->len);
}

err payment_chip_take(struct bytes field, struct payment_chip *out)
{
    enum { SCRIPT_DEPTH = 2 };
    if (field.len == 0 || field.len > PAYMENT_CHIP_MAX) return ERR(LENGTH);
    TRY(check(field, SCRIPT_DEPTH));
    out->len = (uint8_t)field.len;
    memcpy(out->at, field.at, field.len);
    return OK;
}

struct bytes payment_chip_get(const struct payment_chip *chip, uint32_t tag)
{
    struct bytes value;
    err found = tlv_find(payment_chip_view(chip), tag, &value);
    return FAILED(found) ? (struct bytes){0} : value;
}

void payment_chip_reversal(const struct payment_chip *chip, struct writer *w)
{
    static const uint32_t repeated[] = {0x95, 0x9F1E, 0x9F10, 0x9F36, 0xDF31};
    for (size_t i = 0; i < ARRAY_LEN(repeated); i++) {
        struct bytes value = payment_chip_get(chip, repeated[i]);
        if (value.len > 0) tlv_write(w, repeated[i], value);
    }
}
