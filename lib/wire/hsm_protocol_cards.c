/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of hsm_protocol_cards.h as bytes: for each its one-byte numbers, then its byte
 * strings behind two-byte lengths, in the order of its row here.
 */
#include "lib/wire/hsm_protocol_cards.h"

#define PUT_NUMBER(member) write_be(w, m->member, 1);
#define PUT_BYTES(member)  write_prefixed(w, 2, m->member);
#define GET_NUMBER(member) message.member = (uint8_t)read_be(r, 1);
#define GET_BYTES(member)  message.member = read_prefixed(r, 2, HSM_FRAME_MAX);

/* clang-format off */
#define TRANSLATE_PIN(N, B) \
    N(from.suite) N(to.suite) B(from.key) B(from.ksn) B(to.key) B(to.ksn) B(pan) B(block)
#define VERIFY_PIN(N, B) \
    N(from.suite) N(method) N(key_index) N(first) N(count) N(pad) B(from.key) B(from.ksn) \
    B(pan) B(block) B(verification_key) B(reference) B(table)
#define CMAC(N, B) \
    B(key) B(data) B(mac)
#define DUKPT_DERIVE(N, B) \
    N(from.suite) N(purpose) B(from.key) B(from.ksn)
#define BLOCK_ANSWER(N, B) \
    B(block) B(kcv)
#define DUKPT_MAC(N, B) \
    N(from.suite) B(from.key) B(from.ksn) B(data) B(mac)
#define DUKPT_CARD(N, B) \
    N(from.suite) B(from.key) B(from.ksn) B(data) B(token_key) B(zone_data_key) \
    B(zone_aad)
#define INITIAL_KEY(N, B) \
    N(from.suite) B(from.key) B(from.ksn) B(label) B(recipient)
#define INITIAL_BLOCK(N, B) \
    N(from.suite) B(from.key) B(from.ksn) B(master)
#define CVV_CHECK(N, B) \
    B(key) B(pan) B(expiry) B(service) B(cvv)
#define BLOCK_IMPORT(N, B) \
    B(zone_master) B(block)
/* clang-format on */

/* Writer and reader of one message. */
#define CODEC(name, row)                                                                          \
    void hsm_write_##name(struct writer *w, const struct hsm_##name *m){                          \
        row(PUT_NUMBER, PUT_BYTES)} err hsm_read_##name(struct reader *r, struct hsm_##name *out) \
    {                                                                                             \
        struct hsm_##name message = {0};                                                          \
        row(GET_NUMBER, GET_BYTES) TRY(reader_finish(r));                                         \
        *out = message;                                                                           \
        return OK;                                                                                \
    }

CODEC(translate_pin, TRANSLATE_PIN)
CODEC(verify_pin, VERIFY_PIN)
CODEC(cmac, CMAC)
CODEC(dukpt_derive, DUKPT_DERIVE)
CODEC(block_answer, BLOCK_ANSWER)
CODEC(dukpt_mac, DUKPT_MAC)
CODEC(dukpt_card, DUKPT_CARD)
CODEC(initial_key, INITIAL_KEY)
CODEC(initial_block, INITIAL_BLOCK)
CODEC(cvv_check, CVV_CHECK)
CODEC(block_import, BLOCK_IMPORT)

void hsm_write_accept_serial(struct writer *w, const struct hsm_accept_serial *m)
{
    write_prefixed(w, 2, m->ksn);
    hsm_write_accept(w, &m->accept);
}

err hsm_read_accept_serial(struct reader *r, struct hsm_accept_serial *out)
{
    struct hsm_accept_serial message = {.ksn = read_prefixed(r, 2, HSM_FRAME_MAX)};
    TRY(hsm_read_accept(r, &message.accept));
    *out = message;
    return OK;
}

void hsm_write_audit_answer(struct writer *w, const struct hsm_audit_answer *m)
{
    write_be(w, m->entries, 8);
    write_prefixed(w, 2, m->hash);
}

err hsm_read_audit_answer(struct reader *r, struct hsm_audit_answer *out)
{
    struct hsm_audit_answer message = {.entries = read_be(r, 8)};
    message.hash = read_prefixed(r, 2, HSM_FRAME_MAX);
    TRY(reader_finish(r));
    *out = message;
    return OK;
}
