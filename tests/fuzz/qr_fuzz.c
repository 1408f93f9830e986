/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a payment code: whoever it belongs to is told by digits alone. Any text as a
 * merchant-presented code, once as it is and once with the CRC it should have (or nothing would
 * ever pass): what is read is built again byte for byte, and a changed CRC is noticed.
 */
#include "lib/qr/emvco.h"
#include "lib/qr/order_code.h"
#include "lib/qr/payment_code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_templates(const struct emvco_code *code)
{
    struct emvco_code below;
    struct emvco_fault fault = {0};
    for (size_t i = 0; i < code->count; i++) {
        const struct emvco_object *o = &code->object[i];
        ENSURE(o->id <= 99 && o->value.len > 0 && o->value.len <= 4 * EMVCO_VALUE_MAX);
        if (FAILED(emvco_parse_template(o->value, &below, &fault)))
            ENSURE(fault.offset <= o->value.len);
        else ENSURE(below.count <= EMVCO_OBJECTS_MAX);
    }
}

static void check_code(struct bytes payload)
{
    static struct emvco_code code;
    static uint8_t again[EMVCO_PAYLOAD_MAX];
    struct emvco_fault fault = {0};
    err e = emvco_parse(payload, &code, &fault);
    if (FAILED(e)) {
        ENSURE(fault.offset <= payload.len && fault.id <= 99);
        return;
    }
    check_templates(&code);
    ENSURE(code.count >= 7 && code.object[0].id == EMVCO_FORMAT);
    struct writer w = writer_over(again, sizeof again);
    /* Format and CRC are the builder's own. A read city may be longer than a built one. */
    e = emvco_build(code.object + 1, code.count - 2, &w);
    if (e.code == ERR_LENGTH) return;
    ENSURE(!FAILED(e) && bytes_equal(writer_view(&w), payload));
    again[w.len - 1] ^= 1;
    ENSURE(FAILED(emvco_parse(writer_view(&w), &code, &fault)));
}

/* What is read as one of ours is what would be written, or has another spelling and is refused. */
static void check_order(struct bytes text)
{
    static uint8_t again[ORDER_CODE_MAX], covered[ORDER_CODE_MAX];
    struct order_code code;
    if (FAILED(order_code_parse(text, &code))) return;
    struct writer w = writer_over(again, sizeof again), c = writer_over(covered, sizeof covered);
    bool same = !FAILED(order_code_write(&code, &w)) && bytes_equal(writer_view(&w), text);
    ENSURE(same == !FAILED(order_code_signed(&code, text, &c)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t block[EMVCO_PAYLOAD_MAX];
    struct bytes text = bytes_of(data, size);
    if (size > EMVCO_PAYLOAD_MAX - 8) return 0;
    if (payment_code_wallet(text) != PAYMENT_CODE_UNKNOWN)
        ENSURE(size >= 16 && size <= PAYMENT_CODE_MAX && bytes_all_digits(text));

    check_code(text);
    check_order(text);
    struct writer w = writer_over(block, sizeof block);
    write_bytes(&w, text);
    write_bytes(&w, BYTES("6304"));
    uint16_t value = emvco_crc(writer_view(&w));
    uint8_t crc[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    write_hex_upper(&w, BYTES_OF(crc));
    ENSURE(w.fault == ERR_OK);
    check_code(writer_view(&w));
    check_order(writer_view(&w));
    return 0;
}
