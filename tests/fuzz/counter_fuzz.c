/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What pages and people hand to the counter: where a pen went, packed strokes, keys of the
 * calculator, e-receipts. What is taken is within its bounds and comes back as it was; what is
 * refused changes nothing.
 */
#include "payment/ereceipt.h"
#include "terminal/calculate.h"
#include "terminal/device/strokes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t bits[STROKES_ROWS * STROKES_DOTS / 8];

static void points(struct bytes input)
{
    uint8_t block[STROKES_MAX];
    struct writer w = writer_over(block, sizeof block);
    err e = strokes_pack(input, &w);
    ENSURE(w.fault == ERR_OK);
    if (FAILED(e)) {
        ENSURE(w.len == 0);
        return;
    }
    e = strokes_check(writer_view(&w));
    ENSURE(!FAILED(e));
    strokes_draw(writer_view(&w), bits);
}

static void packed(struct bytes input)
{
    struct strokes_walk walk = strokes_walk_over(input);
    while (strokes_next(&walk))
        ENSURE(walk.x >= 0 && walk.x < STROKES_WIDTH && walk.y >= 0 && walk.y < STROKES_HEIGHT);
    (void)strokes_check(input).code;
    strokes_draw(input, bits);
}

static void keys(struct bytes input)
{
    static const char all[] = "0123456789.+-*";
    char sum[CALCULATE_MAX + 1] = "";
    for (size_t i = 0; i < input.len; i++) {
        int64_t minor = -1;
        calculate_key(sum, all[input.at[i] % (sizeof all - 1)]);
        enum calculate_verdict verdict = calculate(sum, &minor);
        ENSURE(verdict != CALCULATE_MALFORMED && strlen(sum) <= CALCULATE_MAX);
        ENSURE(verdict == CALCULATE_GOOD ? minor >= 1 && minor <= 999999999 : minor == -1);
    }
}

static void expression(struct bytes input)
{
    char text[64];
    int64_t minor = -1;
    if (FAILED(bytes_to_text(input, text, sizeof text))) return;
    if (calculate(text, &minor) == CALCULATE_GOOD) ENSURE(minor >= 1 && minor <= 999999999);
    else ENSURE(minor == -1);
}

static void receipt(struct bytes input)
{
    uint8_t joined_block[ERECEIPT_MAX], body_block[ERECEIPT_BODY_MAX];
    struct writer joined = writer_over(joined_block, sizeof joined_block);
    struct writer body = writer_over(body_block, sizeof body_block);
    struct ereceipt_parts parts;
    struct payment payment;
    char merchant[ERECEIPT_MERCHANT];
    int64_t local_ms;
    if (FAILED(ereceipt_split(input, &parts))) return;
    struct ereceipt_more more;
    err e = ereceipt_join(parts.version, parts.body, parts.signature, parts.certificate, &joined);
    ENSURE(!FAILED(e) && bytes_equal(writer_view(&joined), input));
    if (FAILED(ereceipt_read(parts.version, parts.body, &payment, merchant, &local_ms, &more)))
        return;
    e = ereceipt_write(&payment, merchant, local_ms, &body);
    if (!FAILED(e) && parts.version == ERECEIPT_WITH_MORE) e = ereceipt_write_more(&more, &body);
    ENSURE(!FAILED(e) && bytes_equal(writer_view(&body), parts.body));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const read[])(struct bytes input) = {points, packed, keys, expression, receipt};
    if (size == 0) return 0;
    read[data[0] % ARRAY_LEN(read)](bytes_of(data + 1, size - 1));
    return 0;
}
