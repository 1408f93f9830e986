/* SPDX-License-Identifier: Apache-2.0 */
/* Signed codes of orders and plates: a struct to the text of an EMVCo code and back. */
#include "lib/qr/order_code.h"

#include "lib/base/hex.h"
#include "lib/base/money.h"
#include "lib/qr/emvco.h"

enum { TEMPLATE = 26, GUID = 0, REFERENCE = 1, EXPIRY = 2, MAC_ID = 3, MERCHANT = 4 };
enum { EXPIRY_DIGITS = 10, MAC_DIGITS = 2 * ORDER_CODE_MAC, CRC_OBJECT = 8 };

static const int64_t expiry_max_s = INT64_C(9999999999);

static bool letters_and_digits(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z'))
            return false;
    }
    return text.len > 0;
}

static bool ascii(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < 0x20 || text.at[i] > 0x7e) return false;
    return text.len > 0;
}

/* What an order has and a plate has not, and the other way round. */
static err check_kind(const struct order_code *code)
{
    bool amount = code->amount_minor > 0 && code->amount_minor <= MONEY_FIELD_MAX;
    bool expiry = code->expires_s > 0 && code->expires_s <= expiry_max_s;
    if (!code->plate) {
        if (!amount || !expiry) return ERR(RANGE);
        return code->merchant[0] == '\0' ? OK : ERR(FORMAT);
    }
    if (code->amount_minor != 0 || code->expires_s != 0) return ERR(RANGE);
    return letters_and_digits(bytes_text(code->merchant)) ? OK : ERR(FORMAT);
}

static err check(const struct order_code *code)
{
    TRY(check_kind(code));
    if (!letters_and_digits(bytes_text(code->reference))) return ERR(FORMAT);
    const char *country = code->country;
    if (strlen(country) != 2 || country[0] < 'A' || country[0] > 'Z' || country[1] < 'A' ||
        country[1] > 'Z')
        return ERR(FORMAT);
    if (code->postal[0] != '\0' && !ascii(bytes_text(code->postal))) return ERR(FORMAT);
    return ascii(bytes_text(code->name)) && ascii(bytes_text(code->city)) ? OK : ERR(FORMAT);
}

static void write_template(const struct order_code *code, struct writer *w)
{
    char expiry[EXPIRY_DIGITS], mac[MAC_DIGITS];
    struct writer expiry_w = writer_over(expiry, sizeof expiry);
    struct writer mac_w = writer_over(mac, sizeof mac);
    write_decimal(&expiry_w, (uint64_t)code->expires_s, EXPIRY_DIGITS);
    write_hex_upper(&mac_w, BYTES_OF(code->mac));
    emvco_write_object(w, GUID, BYTES(ORDER_CODE_GUID));
    emvco_write_object(w, REFERENCE, bytes_text(code->reference));
    if (!code->plate) emvco_write_object(w, EXPIRY, writer_view(&expiry_w));
    emvco_write_object(w, MAC_ID, writer_view(&mac_w));
    if (code->plate) emvco_write_object(w, MERCHANT, bytes_text(code->merchant));
}

err order_code_write(const struct order_code *code, struct writer *w)
{
    char template[99], currency[3], amount[MONEY_TEXT_MAX];
    struct emvco_object object[9];
    size_t count = 0;
    struct bytes made;
    TRY(check(code));
    struct writer template_w = writer_over(template, sizeof template);
    struct writer currency_w = writer_over(currency, sizeof currency);
    struct writer amount_w = writer_over(amount, sizeof amount);
    write_template(code, &template_w);
    write_decimal(&currency_w, code->currency, 3);
    money_write(&amount_w, code->amount_minor);
    TRY(writer_finish(&template_w, &made));
    object[count++] = (struct emvco_object){EMVCO_METHOD, code->plate ? BYTES("11") : BYTES("12")};
    object[count++] = (struct emvco_object){TEMPLATE, made};
    object[count++] = (struct emvco_object){EMVCO_CATEGORY, bytes_text(code->category)};
    object[count++] = (struct emvco_object){EMVCO_CURRENCY, writer_view(&currency_w)};
    if (!code->plate) object[count++] = (struct emvco_object){EMVCO_AMOUNT, writer_view(&amount_w)};
    object[count++] = (struct emvco_object){EMVCO_COUNTRY, bytes_text(code->country)};
    object[count++] = (struct emvco_object){EMVCO_NAME, bytes_text(code->name)};
    object[count++] = (struct emvco_object){EMVCO_CITY, bytes_text(code->city)};
    if (code->postal[0] != '\0')
        object[count++] = (struct emvco_object){EMVCO_POSTAL, bytes_text(code->postal)};
    ENSURE(count <= ARRAY_LEN(object));
    return emvco_build(object, count, w);
}

/* ---- reading ---- */

static err parse_template(struct bytes value, struct order_code *code)
{
    struct emvco_code t;
    struct emvco_fault fault;
    size_t mac_len = 0;
    if (value.len == 0) return ERR(UNSUPPORTED);
    if (FAILED(emvco_parse_template(value, &t, &fault))) return ERR(UNSUPPORTED);
    if (!bytes_equal(emvco_get(&t, GUID), BYTES(ORDER_CODE_GUID))) return ERR(UNSUPPORTED);
    TRY(bytes_to_text(emvco_get(&t, REFERENCE), code->reference, sizeof code->reference));
    struct bytes expiry = emvco_get(&t, EXPIRY), mac = emvco_get(&t, MAC_ID);
    if (mac.len == 0 || (!code->plate && expiry.len == 0)) return ERR(MISSING);
    if (expiry.len > 0) {
        if (expiry.len != EXPIRY_DIGITS || !bytes_all_digits(expiry)) return ERR(FORMAT);
        for (size_t i = 0; i < expiry.len; i++)
            code->expires_s = code->expires_s * 10 + (expiry.at[i] - '0');
    }
    TRY(bytes_to_text(emvco_get(&t, MERCHANT), code->merchant, sizeof code->merchant));
    TRY(hex_decode(mac, code->mac, sizeof code->mac, &mac_len));
    return mac_len == sizeof code->mac ? OK : ERR(FORMAT);
}

/* What cannot even be the beginning of such a code is somebody else's, and not damaged. */
static bool begins_so(struct bytes text)
{
    static const char begin[] = "000201";
    return text.len >= sizeof begin - 1 && memcmp(text.at, begin, sizeof begin - 1) == 0;
}

err order_code_parse(struct bytes text, struct order_code *out)
{
    struct order_code code = {0};
    struct emvco_code parsed;
    struct emvco_fault fault;
    if (!begins_so(text)) return ERR(UNSUPPORTED);
    TRY(emvco_parse(text, &parsed, &fault));
    code.plate = bytes_equal(emvco_get(&parsed, EMVCO_METHOD), BYTES("11"));
    TRY(parse_template(emvco_get(&parsed, TEMPLATE), &code));
    TRY(bytes_to_text(emvco_get(&parsed, EMVCO_CATEGORY), code.category, sizeof code.category));
    TRY(bytes_to_text(emvco_get(&parsed, EMVCO_NAME), code.name, sizeof code.name));
    TRY(bytes_to_text(emvco_get(&parsed, EMVCO_CITY), code.city, sizeof code.city));
    TRY(bytes_to_text(emvco_get(&parsed, EMVCO_POSTAL), code.postal, sizeof code.postal));
    TRY(bytes_to_text(emvco_get(&parsed, EMVCO_COUNTRY), code.country, sizeof code.country));
    struct reader currency = reader_over(emvco_get(&parsed, EMVCO_CURRENCY));
    code.currency = (uint16_t)read_digits(&currency, 3);
    TRY(reader_finish(&currency));
    struct bytes amount = emvco_get(&parsed, EMVCO_AMOUNT);
    if (amount.len > 0) TRY(money_parse(amount, &code.amount_minor));
    TRY(check(&code));
    *out = code;
    return OK;
}

err order_code_signed(const struct order_code *code, struct bytes text, struct writer *w)
{
    uint8_t block[ORDER_CODE_MAX];
    struct writer again = writer_over(block, sizeof block);
    struct order_code unsigned_code = *code;
    TRY(order_code_write(code, &again));
    if (!bytes_equal(writer_view(&again), text)) return ERR(FORMAT); /* one code, one spelling */
    memset(unsigned_code.mac, 0, sizeof unsigned_code.mac);
    again.len = 0;
    TRY(order_code_write(&unsigned_code, &again));
    ENSURE(again.len > CRC_OBJECT);
    write_bytes(w, bytes_of(block, again.len - CRC_OBJECT));
    return w->fault == ERR_OK ? OK : (err){w->fault};
}
