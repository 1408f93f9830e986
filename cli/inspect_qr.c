/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao inspect qr`: a PNG picture is read first; then the text is a payment code, a code of
 * EMVCo (merchant- or consumer-presented), or something else, which is shown as it is.
 */
#include "cli/inspect.h"
#include "lib/base/base64.h"
#include "lib/qr/emvco.h"
#include "lib/qr/image.h"
#include "lib/qr/payment_code.h"

#define PNG_START "\x89PNG"

static const char *object_name(unsigned id)
{
    static const struct {
        unsigned id;
        const char *name;
    } names[] = {
        {0, "payload format"},
        {1, "point of initiation"},
        {52, "merchant category code"},
        {53, "currency"},
        {54, "amount"},
        {55, "tip or convenience fee"},
        {56, "fee, fixed"},
        {57, "fee, percent"},
        {58, "country"},
        {59, "merchant name"},
        {60, "merchant city"},
        {61, "postal code"},
        {62, "additional data"},
        {63, "CRC"},
        {64, "name in another language"},
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].id == id) return names[i].name;
    return id >= EMVCO_MERCHANT_FIRST && id <= EMVCO_MERCHANT_LAST ? "merchant account" : NULL;
}

static void write_objects(struct json_out *j, const struct emvco_code *code, bool top,
                          bool show_pan)
{
    for (size_t i = 0; i < code->count; i++) {
        const struct emvco_object *object = &code->object[i];
        char id[4];
        snprintf(id, sizeof id, "%02u", object->id % 100);
        json_object_begin(j);
        json_member_string(j, "id", id);
        const char *name = top ? object_name(object->id) : NULL;
        if (name != NULL) json_member_string(j, "name", name);
        inspect_member_masked(j, "value", object->value, show_pan);

        struct emvco_code below;
        struct emvco_fault fault;
        if (top && emvco_is_template(object->id) &&
            !FAILED(emvco_parse_template(object->value, &below, &fault))) {
            json_member_array(j, "objects");
            write_objects(j, &below, false, show_pan);
            json_array_end(j);
        }
        json_object_end(j);
    }
}

static int merchant_presented(const struct inspect_options *o, struct bytes text,
                              struct json_out *j)
{
    struct emvco_code code;
    struct emvco_fault fault = {0};
    err e = emvco_parse(text, &code, &fault);
    if (FAILED(e)) {
        const char *what = e.code == ERR_MAC ? "the CRC does not agree: a character was changed"
                           : e.code == ERR_MISSING ? "the code must have this object"
                           : e.code == ERR_SHORT
                               ? "a length counts characters, not bytes; or it was cut"
                               : "see EMVCo's merchant-presented mode, table 3.1";
        const char *name = object_name(fault.id);
        return inspect_refuse(o, "object %02u (%s) at offset %zu: %s; %s", fault.id,
                              name != NULL ? name : "unknown", fault.offset, err_text(e), what);
    }
    json_object_begin(j);
    json_member_string(j, "kind", "emvco merchant-presented");
    json_member_array(j, "objects");
    write_objects(j, &code, true, o->show_pan);
    json_array_end(j);
    json_object_end(j);
    return INSPECT_DONE;
}

/* Base64 of BER-TLV whose first object is 85 "CPV01" (EMVCo consumer-presented mode, 4.1). */
static int consumer_presented(const struct inspect_options *o, struct bytes text,
                              struct json_out *j)
{
    uint8_t block[QR_TEXT_MAX];
    size_t len = 0, offset = 0;
    err fault = OK;
    if (FAILED(base64_decode(text, block, sizeof block, &len)))
        return inspect_refuse(
            o, "it begins like a consumer-presented code but is no base64; was it cut?");
    json_object_begin(j);
    json_member_string(j, "kind", "emvco consumer-presented");
    bool good =
        inspect_member_tlv(j, "objects", bytes_of(block, len), o->show_pan, &offset, &fault);
    json_object_end(j);
    explicit_bzero(block, sizeof block);
    if (good) return INSPECT_DONE;
    return inspect_refuse(o, "object at offset %zu of the decoded bytes: %s; was it cut?", offset,
                          err_text(fault));
}

static int payment_code(const struct inspect_options *o, struct bytes text, struct json_out *j)
{
    uint8_t shown[QR_TEXT_MAX];
    enum payment_code_wallet wallet = payment_code_wallet(text);
    memcpy(shown, text.at, text.len);
    /* A payment code is money for a minute: it is masked as a card number is. */
    if (!o->show_pan && text.len > 10) memset(shown + 6, '*', text.len - 10);
    json_object_begin(j);
    json_member_string(j, "kind", "payment code");
    json_member_string(j, "wallet", payment_code_wallet_name(wallet));
    json_member_int(j, "digits", (int64_t)text.len);
    json_member_text(j, "code", bytes_of(shown, text.len));
    json_object_end(j);
    explicit_bzero(shown, sizeof shown);
    return INSPECT_DONE;
}

static int other_text(const struct inspect_options *o, struct bytes text, struct json_out *j)
{
    json_object_begin(j);
    json_member_string(j, "kind", "text");
    if (json_utf8_valid(text)) inspect_member_masked(j, "text", text, o->show_pan);
    else json_member_hex(j, "bytes", text);
    json_object_end(j);
    return INSPECT_DONE;
}

static bool begins(struct bytes b, const char *start, size_t len)
{
    return b.len >= len && memcmp(b.at, start, len) == 0;
}

static int refuse_picture(const struct inspect_options *o, err e)
{
    const char *what = e.code == ERR_NOT_FOUND  ? "no QR code in it: the whole code and a white "
                                                  "margin must be visible"
                       : e.code == ERR_CONFLICT ? "more than one code in it: show one"
                       : e.code == ERR_LENGTH   ? "at most 4,000,000 pixels, 4096 on a side, 2 MB"
                                                : "is it a whole PNG file?";
    return inspect_refuse(o, "the picture: %s; %s", err_text(e), what);
}

int inspect_qr(const struct inspect_options *o, struct bytes input, struct json_out *j)
{
    static uint8_t text_block[QR_TEXT_MAX], raw_block[QR_PNG_MAX];
    struct bytes text = inspect_trim(input), raw = input;
    size_t len = 0;
    bool hex = !FAILED(inspect_unhex(text, raw_block, sizeof raw_block, &len));
    if (hex && begins(bytes_of(raw_block, len), PNG_START, 4)) raw = bytes_of(raw_block, len);
    if (hex && begins(bytes_of(raw_block, len), "000201", 6)) text = bytes_of(raw_block, len);
    if (begins(raw, PNG_START, 4)) {
        err e = qr_image_read(raw, text_block, sizeof text_block, &len);
        if (FAILED(e)) return refuse_picture(o, e);
        text = bytes_of(text_block, len);
    }
    if (text.len > QR_TEXT_MAX)
        return inspect_refuse(o, "%zu bytes are more than a code of %d holds", text.len,
                              QR_TEXT_MAX);
    if (begins(text, "000201", 6)) return merchant_presented(o, text, j);
    if (begins(text, "hQVDUFYw", 8)) return consumer_presented(o, text, j);
    if (bytes_all_digits(text)) return payment_code(o, text, j);
    return other_text(o, text, j);
}
