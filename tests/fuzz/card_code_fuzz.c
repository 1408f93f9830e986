/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a card's code, and any bytes as what stands in one: its parts lie inside it, what
 * comes out of it is a card that an envelope can be made of, and field 55 has no card data in it.
 */
#include "lib/base/base64.h"
#include "lib/base/tlv.h"
#include "lib/emv/card_code.h"
#include "lib/emv/pan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct bytes part, const struct card_code *code)
{
    ENSURE(part.len == 0 ||
           (part.at >= code->block && part.at + part.len <= code->block + sizeof code->block));
}

static void check_field55(const struct card_code *code, size_t application)
{
    uint8_t block[255];
    struct writer w = writer_over(block, sizeof block);
    struct bytes found;
    if (FAILED(card_code_field55(code, application, &w))) return;
    ENSURE(!FAILED(tlv_find(writer_view(&w), 0x9F26, &found)) && found.len == CARD_CODE_CRYPTOGRAM);
    ENSURE(!FAILED(tlv_find(writer_view(&w), 0x84, &found)));
    ENSURE(tlv_find_deep(writer_view(&w), 0x57, &found).code == ERR_NOT_FOUND);
    ENSURE(tlv_find_deep(writer_view(&w), 0x5A, &found).code == ERR_NOT_FOUND);
}

static void check(struct bytes text)
{
    static struct card_code code;
    CLEANUP(card_data_wipe) struct card_data card = {0};
    if (FAILED(card_code_parse(text, &code))) {
        ENSURE(code.applications == 0 && code.block[0] == 0);
        return;
    }
    ENSURE(code.applications >= 1 && code.applications <= CARD_CODE_APPLICATIONS);
    inside(code.common, &code);
    inside(code.common_transparent, &code);
    for (size_t i = 0; i < code.applications; i++) {
        uint8_t plain[CARD_PLAIN_MAX];
        struct writer w = writer_over(plain, sizeof plain);
        inside(code.application[i].aid, &code);
        inside(code.application[i].own, &code);
        inside(code.application[i].transparent, &code);
        check_field55(&code, i);
        if (FAILED(card_code_card(&code, i, &card))) continue;
        ENSURE(pan_luhn(bytes_text(card.pan)) && strlen(card.expiry) == 4);
        ENSURE(!FAILED(card_data_encode(&card, &w)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t text[CARD_CODE_TEXT_MAX + 8];
    struct writer w = writer_over(text, sizeof text);
    check(bytes_of(data, size));
    base64_write(&w, bytes_of(data, size < CARD_CODE_BYTES_MAX ? size : CARD_CODE_BYTES_MAX));
    ENSURE(w.fault == ERR_OK);
    check(writer_view(&w));
    return 0;
}
