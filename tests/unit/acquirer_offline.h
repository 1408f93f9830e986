/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a card has approved by itself, as its terminal tells it to the host: 0220. */

#include "tests/unit/acquirer_peers.h"

/* 9F26, 9F27 (TC), 9F36 and 8A. */
static const uint8_t rig_card_said[] = {0x9F, 0x26, 8,    1,    2,    3, 4, 5, 6,    7, 8,   0x9F,
                                        0x27, 1,    0x40, 0x9F, 0x36, 2, 0, 9, 0x8A, 2, 'Y', '3'};

static inline struct payment rig_offline(struct rig_terminal *t, int64_t amount_minor)
{
    struct payment p = rig_payment(t, PAYMENT_CARD, amount_minor);
    p.entry = PAYMENT_ENTRY_CHIP;
    memcpy(p.card_sequence, "001", 4);
    assert_ok(payment_chip_take(BYTES_OF(rig_card_said), &p.chip));
    return p;
}

static inline struct bytes rig_advice_frame(struct rig *rig, struct rig_terminal *t,
                                            const struct payment *p, const char *pan, uint8_t *out)
{
    uint8_t block[PAYMENT_MESSAGE_ARENA], envelope[ENVELOPE_MAX];
    struct arena arena = arena_over(block, sizeof block);
    struct payment_sensitive sensitive = {0};
    struct iso8583_message message;
    struct writer w = writer_over(envelope, sizeof envelope);
    if (t->profile == PAYMENT_PROFILE_CUP) {
        sensitive.pan = bytes_text(pan);
        sensitive.expiry = BYTES("3012");
    } else {
        rig_envelope(rig, t, p, pan, &w);
        sensitive.envelope = writer_view(&w);
    }
    assert_ok(payment_advice_message(t->profile, p, &sensitive, &arena, &message));
    return rig_frame(rig, t, &message, true, out);
}
