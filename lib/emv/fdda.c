/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fast DDA (protocol facts 2.4): the card signs in its answer to GET PROCESSING OPTIONS already, so
 * that the tap is over before anything is checked. The keys are those of DDA; what is signed is
 * 9F37 9F02 5F2A 9F69, and inside the signature stands the card's transaction counter. Nobody has
 * published that order where we could read it; the derived card has it so.
 */
#include "lib/emv/tap.h"

enum { VERSION = 1, QUALIFIERS_AT = 5 };

bool tap_qualifiers_agree(const struct emv_tap *k)
{
    struct bytes said, authentic;
    if (!emv_data_get(&k->data, 0x9F69, &authentic)) return true;
    if (authentic.len < QUALIFIERS_AT + 2) return true; /* it has none */
    return emv_data_get_exact(&k->data, 0x9F6C, 2, &said) &&
           bytes_equal(said, bytes_of(authentic.at + QUALIFIERS_AT, 2));
}

/* The value, of at least `min` bytes. */
static err needed(const struct emv_tap *k, uint32_t tag, size_t min, struct bytes *ret_value)
{
    if (!emv_data_get(&k->data, tag, ret_value)) return ERR(MISSING);
    return ret_value->len >= min ? OK : ERR(LENGTH);
}

static err verify(const struct emv_tap *k, const struct emv_key *key, struct bytes signature,
                  const struct bytes *part, size_t parts)
{
    uint8_t block[EMV_KEY_BYTES_MAX];
    struct bytes dynamic, counter;
    TRY(needed(k, 0x9F36, 2, &counter));
    TRY(emv_dynamic_signature(key, signature, part, parts, block, &dynamic));
    struct reader r = reader_over(dynamic);
    struct bytes number = read_prefixed(&r, 1, 8);
    TRY(reader_finish(&r));
    return bytes_equal(number, counter) ? OK : ERR(IDENTITY);
}

err tap_fdda(const struct emv_tap *k)
{
    struct emv_trust trust = {.parameters = k->parameters, .data = &k->data};
    struct emv_key issuer, card;
    struct bytes profile, signature, part[4];
    TRY(needed(k, 0x82, 2, &profile));
    if ((profile.at[0] & AIP_DDA) == 0) return ERR(UNSUPPORTED);
    TRY(needed(k, 0x9F4B, 1, &signature));
    TRY(needed(k, 0x9F37, 4, &part[0]));
    TRY(needed(k, 0x9F02, 6, &part[1]));
    TRY(needed(k, 0x5F2A, 2, &part[2]));
    TRY(needed(k, 0x9F69, QUALIFIERS_AT, &part[3]));
    if (part[3].at[0] != VERSION) return ERR(UNSUPPORTED);
    if (!tap_qualifiers_agree(k)) return ERR(IDENTITY);
    TRY(needed(k, 0x9F06, EMV_AID_MIN, &trust.aid));
    memcpy(trust.date, k->date, sizeof trust.date);
    TRY(emv_issuer_key(&trust, &issuer));
    if (k->statics.bad) return ERR(FORMAT);
    TRY(emv_card_key(&trust, &issuer, bytes_of(k->statics.at, k->statics.len), &card));
    return verify(k, &card, signature, part, ARRAY_LEN(part));
}
