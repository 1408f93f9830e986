/* SPDX-License-Identifier: Apache-2.0 */
/* Cards in telephones, and the codes that they show. */
#include "simulators/card_phones.h"

#include <assert.h>

#include "lib/base/base64.h"
#include "lib/base/tlv.h"
#include "lib/crypto/secret.h"
#include "lib/emv/pan.h"
#include "simulators/cards/keys.h"

#define DEBIT   BYTES("\xA0\x00\x00\x03\x33\x01\x01\x01")
#define FOREIGN BYTES("\xA0\x00\x00\x09\x99\x10\x10")

/* clang-format off */
static const struct card_phone phones[] = {
    {"card", "good", 41, DEBIT, "UnionPay Debit", 0, false,
     {"手机里的银行卡", "Bank card in a phone"},
     {"银行卡付款码；小额免密，否则密码 246810", "a card as a code; small amounts without PIN, else 246810"}},
    {"cardpoor", "poor", 42, DEBIT, "UnionPay Debit", 0, false,
     {"手机里的卡没钱", "Its card is empty"}, {"余额 1.00 元，密码 246810", "balance 1.00, PIN 246810"}},
    {"stale", "good", 43, DEBIT, "UnionPay Debit", 300, false,
     {"旧的卡码截图", "An old picture"}, {"五分钟前的银行卡码", "the code of a card, five minutes old"}},
    {"abroad", "credit", 44, FOREIGN, "Elsewhere", 0, false,
     {"外国卡组织的码", "Another scheme"}, {"本机不受理的应用", "an application that is not taken here"}},
    {"cut", "good", 45, DEBIT, "UnionPay Debit", 0, true,
     {"残缺的卡码", "A torn code"}, {"只有一半的银行卡码", "half of the code of a card"}},
};
/* clang-format on */

const struct card_phone *card_phones(size_t *ret_count)
{
    static_assert(ARRAY_LEN(phones) <= CARD_PHONES_MAX, "a counter for each");
    *ret_count = ARRAY_LEN(phones);
    return phones;
}

const struct card_phone *card_phone_named(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(phones); i++)
        if (bytes_equal(name, bytes_text(phones[i].name))) return &phones[i];
    return NULL;
}

static const struct virtual_card *card_of(const struct card_phone *phone)
{
    const struct virtual_card *card = virtual_card_named(bytes_text(phone->account));
    ENSURE(card != NULL);
    return card;
}

const struct card_phone *card_phone_of(struct bytes pan, unsigned sequence)
{
    for (size_t i = 0; i < ARRAY_LEN(phones); i++)
        if (phones[i].sequence == sequence &&
            bytes_equal(pan, bytes_text(card_of(&phones[i])->pan)))
            return &phones[i];
    return NULL;
}

/* ---- the code ---- */

/* 9F10: length, key index, version, the card's results (it has asked for the host), algorithm. */
static const uint8_t issuer_data[] = {0x07, 0x01, 0x01, 0x03, 0xA0, 0x00, 0x00, 0x01};

static err compute(struct crypto *crypto, const struct card_phone *phone, uint16_t atc,
                   struct cryptogram_input *in, uint8_t out[CRYPTOGRAM_BYTES])
{
    CLEANUP(cryptogram_key_wipe) struct cryptogram_key card, session;
    TRY(cryptogram_card_key(crypto, &chip_keys.cryptogram, bytes_text(card_of(phone)->pan),
                            phone->sequence, &card));
    TRY(cryptogram_session_key(crypto, &card, atc, &session));
    return cryptogram_generate(crypto, &session, in, out);
}

/* 57: packed digits with D, and F behind an odd one. */
static void write_track(const struct virtual_card *card, int64_t now_ms, struct writer *w)
{
    char expiry[5], text[64];
    struct writer t = writer_over(text, sizeof text);
    virtual_card_expiry(card, now_ms, expiry);
    write_format(&t, "%sD%s%s00000000", card->pan, expiry, card->service_code);
    if (t.len % 2 == 1) write_bytes(&t, BYTES("F"));
    ENSURE(t.fault == ERR_OK);
    uint8_t packed[sizeof text / 2];
    for (size_t i = 0; i < t.len; i += 2) {
        unsigned high = text[i] >= 'A' ? text[i] - 'A' + 10u : text[i] - '0' + 0u;
        unsigned low = text[i + 1] >= 'A' ? text[i + 1] - 'A' + 10u : text[i + 1] - '0' + 0u;
        packed[i / 2] = (uint8_t)(high << 4 | low);
    }
    tlv_write(w, 0x57, bytes_of(packed, t.len / 2));
    secret_wipe_bytes(text, sizeof text);
    secret_wipe_bytes(packed, sizeof packed);
}

/* 63: what the issuer judges. */
static err write_transparent(struct crypto *crypto, const struct card_phone *phone, uint16_t atc,
                             int64_t now_ms, struct writer *w)
{
    struct cryptogram_input in = {.aip = {0x7C, 0x00},
                                  .atc = {(uint8_t)(atc >> 8), (uint8_t)atc},
                                  .cvr = bytes_of(issuer_data + 3, 4)};
    uint8_t cryptogram[CRYPTOGRAM_BYTES], block[128];
    struct writer second = writer_over(in.unpredictable, sizeof in.unpredictable);
    struct writer t = writer_over(block, sizeof block);
    uint8_t sequence = (uint8_t)((phone->sequence / 10) << 4 | phone->sequence % 10);
    write_be(&second, (uint64_t)(now_ms / 1000 - phone->age_s) & UINT32_MAX, 4);
    TRY(compute(crypto, phone, atc, &in, cryptogram));
    tlv_write(&t, 0x9F26, BYTES_OF(cryptogram));
    tlv_write(&t, 0x9F27, BYTES("\x80"));
    tlv_write(&t, 0x9F10, BYTES_OF(issuer_data));
    tlv_write(&t, 0x9F36, BYTES_OF(in.atc));
    tlv_write(&t, 0x9F37, BYTES_OF(in.unpredictable));
    tlv_write(&t, 0x82, BYTES_OF(in.aip));
    tlv_write(&t, 0x5F34, bytes_of(&sequence, 1));
    tlv_write(w, 0x63, writer_view(&t));
    return (err){t.fault};
}

err card_phone_code(struct crypto *crypto, const struct card_phone *phone, uint16_t atc,
                    int64_t now_ms, struct writer *text)
{
    uint8_t block[384], inner[256];
    struct writer w = writer_over(block, sizeof block), a = writer_over(inner, sizeof inner);
    size_t from = text->len;
    tlv_write(&a, 0x4F, phone->aid);
    tlv_write(&a, 0x50, bytes_text(phone->label));
    write_track(card_of(phone), now_ms, &a);
    TRY(write_transparent(crypto, phone, atc, now_ms, &a));
    tlv_write(&w, 0x85, BYTES("CPV01"));
    tlv_write(&w, 0x61, writer_view(&a));
    ENSURE(a.fault == ERR_OK && w.fault == ERR_OK);
    base64_write(text, writer_view(&w));
    secret_wipe_bytes(block, sizeof block);
    secret_wipe_bytes(inner, sizeof inner);
    if (text->fault == ERR_OK && phone->cut) text->len = from + (text->len - from) / 2;
    return (err){text->fault};
}
