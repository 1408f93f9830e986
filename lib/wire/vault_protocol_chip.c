/* SPDX-License-Identifier: Apache-2.0 */
/* Chip cards on the way between vault and terminal. */
#include "lib/wire/vault_protocol_chip.h"

static const uint8_t notice[] = {VAULT_PROTOCOL_VERSION, VAULT_NOTICE, VAULT_OK};
const struct bytes vault_notice = {notice, sizeof notice};

/* clang-format off */
/* One-byte members and byte strings of struct vault_chip, in the order in which they travel. */
#define CHIP_BYTES(X)                                                                        \
    X(state)                                                                                 \
    X(entry) X(pin_offline) X(pin_tries) X(pin_again) X(pin_bypass) X(pin_entered) X(result) \
        X(reason) X(fallback) X(again) X(reverse) X(signature)
#define CHIP_STRINGS(X) X(pan_masked) X(card_sequence) X(field55) X(name) X(aid)
/* clang-format on */

void vault_write_chip(struct writer *w, const struct vault_chip *m)
{
    ENSURE(m->labels <= VAULT_CHIP_LABELS_MAX);
#define PUT_BYTE(member)   write_be(w, m->member, 1);
#define PUT_STRING(member) write_prefixed(w, 2, m->member);
    CHIP_BYTES(PUT_BYTE)
    CHIP_STRINGS(PUT_STRING)
    write_be(w, m->labels, 1);
    for (size_t i = 0; i < m->labels; i++) write_prefixed(w, 2, m->label[i]);
}

err vault_read_chip(struct reader *r, struct vault_chip *out)
{
    struct vault_chip m = {0};
#define GET_BYTE(member)   m.member = (uint8_t)read_be(r, 1);
#define GET_STRING(member) m.member = read_prefixed(r, 2, VAULT_FRAME_MAX);
    CHIP_BYTES(GET_BYTE)
    CHIP_STRINGS(GET_STRING)
    m.labels = (uint8_t)read_be(r, 1);
    if (m.labels > VAULT_CHIP_LABELS_MAX) return ERR(RANGE);
    for (size_t i = 0; i < m.labels; i++) m.label[i] = read_prefixed(r, 2, VAULT_FRAME_MAX);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}
