/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the tests of payment messages share: a sale, and a message sent through its dialect. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/iso8583/dialect.h"
#include "payment/message.h"

static uint8_t rig_texts[PAYMENT_MESSAGE_ARENA], rig_frame[ISO8583_FRAME_MAX];
static uint8_t rig_digits[ISO8583_ARENA_MAX];

/* Arena of one built message. */
static inline struct arena rig_arena(void)
{
    return arena_over(rig_texts, sizeof rig_texts);
}

/* The message as the other end sees it: encoded, and decoded again. */
static inline struct iso8583_message rig_sent(const struct iso8583_dialect *dialect,
                                              const struct iso8583_message *message)
{
    static struct iso8583_message received;
    struct iso8583_fault fault;
    struct writer w = writer_over(rig_frame, sizeof rig_frame);
    err e = iso8583_encode(dialect, message, &w, &fault);
    if (FAILED(e)) print_error("encode: field %u: %s\n", fault.field, err_text(e));
    assert_int_equal(e.code, ERR_OK);
    struct arena arena = arena_over(rig_digits, sizeof rig_digits);
    e = iso8583_decode(dialect, writer_view(&w), &arena, &received, &fault);
    if (FAILED(e)) print_error("decode: field %u: %s\n", fault.field, err_text(e));
    assert_int_equal(e.code, ERR_OK);
    return received;
}

/* A sale by card with a PIN, as the terminal has it before it sends. */
static inline struct payment rig_sale(enum payment_means means)
{
    struct payment p = {
        .key = {.tid = "10000017", .batch = 12, .stan = 345},
        .type = PAYMENT_SALE,
        .state = PAYMENT_CREATED,
        .means = means,
        .entry = means == PAYMENT_CARD ? PAYMENT_ENTRY_SWIPE : PAYMENT_ENTRY_CODE,
        .pin_entered = means == PAYMENT_CARD,
        .mid = "898310153110001",
        .operator_id = "01",
        .amount_minor = 12800,
        .currency = CURRENCY_CNY,
    };
    return p;
}

/* What the terminal adds where each message has its own keys: the first bytes of `ksn`. */
static inline void rig_add_ksn(enum payment_profile profile, struct iso8583_message *m,
                               const uint8_t ksn[static PAYMENT_KSN_MAX])
{
    size_t len = payment_profile(profile)->ksn_len;
    if (len > 0) payment_set_ksn(m, bytes_of(ksn, len));
}

static inline void rig_has(const struct iso8583_message *m, unsigned field, const char *value)
{
    if (!iso8583_has(m, field) || !bytes_equal(iso8583_get(m, field), bytes_text(value)))
        print_error("field %u is not %s\n", field, value);
    assert_true(iso8583_has(m, field));
    assert_true(bytes_equal(iso8583_get(m, field), bytes_text(value)));
}

/* The message has exactly these fields; the list ends with 0. */
static inline void rig_only(const struct iso8583_message *m, const unsigned *fields)
{
    for (unsigned id = ISO8583_FIELD_FIRST; id <= ISO8583_FIELD_LAST; id++) {
        bool wanted = false;
        for (const unsigned *f = fields; *f != 0; f++) wanted = wanted || *f == id;
        if (wanted != iso8583_has(m, id))
            print_error("field %u is %s\n", id, wanted ? "missing" : "too many");
        assert_int_equal(wanted, iso8583_has(m, id));
    }
}

static inline void assert_same_payment(const struct payment *a, const struct payment *b)
{
    assert_true(payment_key_equal(&a->key, &b->key));
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->means, b->means);
    assert_int_equal(a->entry, b->entry);
    assert_int_equal(a->pin_entered, b->pin_entered);
    assert_string_equal(a->mid, b->mid);
    assert_int_equal(a->amount_minor, b->amount_minor);
    assert_int_equal(a->currency, b->currency);
    assert_string_equal(a->card_sequence, b->card_sequence);
    assert_int_equal(payment_digest(a), payment_digest(b));
}
