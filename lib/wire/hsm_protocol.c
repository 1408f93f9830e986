/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hsm's commands as bytes. Every message is a short list of one-byte numbers and of byte
 * strings behind a two-byte length, so a message is its table row: the offsets of its members in
 * order.
 */
#include "lib/wire/hsm_protocol.h"

#include <stddef.h>

static void put(struct writer *w, struct bytes b)
{
    write_prefixed(w, 2, b);
}

static struct bytes get(struct reader *r)
{
    return read_prefixed(r, 2, HSM_FRAME_MAX);
}

void hsm_write_header(struct writer *w, uint8_t command, uint32_t id)
{
    write_be(w, HSM_PROTOCOL_VERSION, 1);
    write_be(w, command, 1);
    write_be(w, id, 4);
}

err hsm_read_header(struct reader *r, struct hsm_header *out)
{
    uint64_t version = read_be(r, 1);
    struct hsm_header header = {(uint8_t)read_be(r, 1), (uint32_t)read_be(r, 4)};
    if (r->fault != ERR_OK) return (err){r->fault};
    if (version != HSM_PROTOCOL_VERSION) return ERR(UNSUPPORTED);
    *out = header;
    return OK;
}

void hsm_write_answer(struct writer *w, struct hsm_header header, enum hsm_status status)
{
    hsm_write_header(w, header.command, header.id);
    write_be(w, (uint64_t)status, 1);
}

err hsm_read_answer(struct reader *r, struct hsm_header *out, enum hsm_status *ret_status)
{
    struct hsm_header header;
    TRY(hsm_read_header(r, &header));
    uint64_t status = read_be(r, 1);
    if (r->fault != ERR_OK) return (err){r->fault};
    if (status >= HSM_STATUSES) return ERR(RANGE);
    *out = header;
    *ret_status = (enum hsm_status)status;
    return OK;
}

/* The byte strings of each message, in the order in which they travel. */
/* clang-format off */
#define MAKE_KEY_STRINGS(X)       X(label) X(recipient) X(clear)
#define KEY_ANSWER_STRINGS(X)     X(block) X(kcv) X(hsm_public) X(sealed)
#define SIGN_IN_STRINGS(X)        X(master_block)
#define SIGN_IN_ANSWER_STRINGS(X) X(delivery) X(pin_block) X(mac_block) X(data_block)
#define ACCEPT_STRINGS(X)                                                                  \
    X(mac_key)                                                                             \
    X(mac_data) X(mac) X(pin_key) X(pin_block) X(data_key) X(envelope) X(aad) X(clear_pan) \
        X(clear_expiry) X(clear_track2) X(token_key) X(zone_pin_key) X(zone_data_key) X(zone_aad)
#define ACCEPT_ANSWER_STRINGS(X) X(pan_masked) X(token) X(bin) X(zone_pin_block) X(zone_envelope)
#define MAC_STRINGS(X)           X(key) X(data) X(mac)
#define RECOVERY_STRINGS(X)      X(key) X(tid) X(challenge)
#define RECOVERY_ANSWER_STRINGS(X) X(mac) X(code)
#define PEPPER_STRINGS(X)        X(key) X(context) X(data)
#define ANCHOR_STRINGS(X)        X(key) X(tid) X(mac)
#define COMMAND_STRINGS(X)       X(key) X(tid) X(serial) X(kind) X(nonce) X(text)
/* clang-format on */

#define PUT(member) put(w, m->member);
#define GET(member) message.member = get(r);

void hsm_write_make_key(struct writer *w, const struct hsm_make_key *m)
{
    write_be(w, m->usage, 1);
    write_be(w, m->suite, 1);
    MAKE_KEY_STRINGS(PUT)
}

err hsm_read_make_key(struct reader *r, struct hsm_make_key *out)
{
    struct hsm_make_key message = {.usage = (uint8_t)read_be(r, 1),
                                   .suite = (uint8_t)read_be(r, 1)};
    MAKE_KEY_STRINGS(GET)
    TRY(reader_finish(r));
    *out = message;
    return OK;
}

void hsm_write_key_answer(struct writer *w, const struct hsm_key_answer *m){KEY_ANSWER_STRINGS(PUT)}

err hsm_read_key_answer(struct reader *r, struct hsm_key_answer *out)
{
    struct hsm_key_answer message = {0};
    KEY_ANSWER_STRINGS(GET)
    TRY(reader_finish(r));
    *out = message;
    return OK;
}

void hsm_write_sign_in(struct writer *w, const struct hsm_sign_in *m)
{
    write_be(w, m->suite, 1);
    SIGN_IN_STRINGS(PUT)
}

err hsm_read_sign_in(struct reader *r, struct hsm_sign_in *out)
{
    struct hsm_sign_in message = {.suite = (uint8_t)read_be(r, 1)};
    SIGN_IN_STRINGS(GET)
    TRY(reader_finish(r));
    *out = message;
    return OK;
}

void hsm_write_sign_in_answer(struct writer *w,
                              const struct hsm_sign_in_answer *m){SIGN_IN_ANSWER_STRINGS(PUT)}

err hsm_read_sign_in_answer(struct reader *r, struct hsm_sign_in_answer *out)
{
    struct hsm_sign_in_answer message = {0};
    SIGN_IN_ANSWER_STRINGS(GET)
    TRY(reader_finish(r));
    *out = message;
    return OK;
}

void hsm_write_accept(struct writer *w, const struct hsm_accept *m)
{
    write_be(w, m->suite, 1);
    ACCEPT_STRINGS(PUT)
}

err hsm_read_accept(struct reader *r, struct hsm_accept *out)
{
    struct hsm_accept message = {.suite = (uint8_t)read_be(r, 1)};
    ACCEPT_STRINGS(GET)
    TRY(reader_finish(r));
    *out = message;
    return OK;
}

void hsm_write_accept_answer(struct writer *w,
                             const struct hsm_accept_answer *m){ACCEPT_ANSWER_STRINGS(PUT)}

err hsm_read_accept_answer(struct reader *r, struct hsm_accept_answer *out)
{
    struct hsm_accept_answer message = {0};
    ACCEPT_ANSWER_STRINGS(GET)
    TRY(reader_finish(r));
    *out = message;
    return OK;
}

void hsm_write_mac(struct writer *w, const struct hsm_mac *m)
{
    write_be(w, m->suite, 1);
    MAC_STRINGS(PUT)
}

err hsm_read_mac(struct reader *r, struct hsm_mac *out)
{
    struct hsm_mac message = {.suite = (uint8_t)read_be(r, 1)};
    MAC_STRINGS(GET)
    TRY(reader_finish(r));
    *out = message;
    return OK;
}

void hsm_write_recovery(struct writer *w, const struct hsm_recovery *m)
{
    write_be(w, m->operator_id, 1);
    write_be(w, m->way, 1);
    RECOVERY_STRINGS(PUT)
}

err hsm_read_recovery(struct reader *r, struct hsm_recovery *out)
{
    struct hsm_recovery message = {.operator_id = (uint8_t)read_be(r, 1)};
    message.way = (uint8_t)read_be(r, 1);
    RECOVERY_STRINGS(GET)
    TRY(reader_finish(r));
    *out = message;
    return OK;
}

void hsm_write_recovery_answer(struct writer *w,
                               const struct hsm_recovery_answer *m){RECOVERY_ANSWER_STRINGS(PUT)}

err hsm_read_recovery_answer(struct reader *r, struct hsm_recovery_answer *out)
{
    struct hsm_recovery_answer message = {0};
    RECOVERY_ANSWER_STRINGS(GET)
    TRY(reader_finish(r));
    *out = message;
    return OK;
}

void hsm_write_pepper(struct writer *w, const struct hsm_pepper *m){PEPPER_STRINGS(PUT)}

err hsm_read_pepper(struct reader *r, struct hsm_pepper *out)
{
    struct hsm_pepper message = {0};
    PEPPER_STRINGS(GET)
    TRY(reader_finish(r));
    *out = message;
    return OK;
}

void hsm_write_anchor(struct writer *w, const struct hsm_anchor *m)
{
    write_be(w, m->direction, 1);
    write_be(w, m->epoch, 8);
    ANCHOR_STRINGS(PUT)
}

err hsm_read_anchor(struct reader *r, struct hsm_anchor *out)
{
    struct hsm_anchor message = {.direction = (uint8_t)read_be(r, 1)};
    message.epoch = read_be(r, 8);
    ANCHOR_STRINGS(GET)
    TRY(reader_finish(r));
    *out = message;
    return OK;
}

void hsm_write_command_mac(struct writer *w, const struct hsm_command_mac *m)
{
    write_be(w, m->number, 8);
    COMMAND_STRINGS(PUT)
}

err hsm_read_command_mac(struct reader *r, struct hsm_command_mac *out)
{
    struct hsm_command_mac message = {.number = read_be(r, 8)};
    COMMAND_STRINGS(GET)
    TRY(reader_finish(r));
    *out = message;
    return OK;
}

void hsm_write_status_answer(struct writer *w, const struct hsm_status_answer *m)
{
    write_be(w, m->development, 1);
    put(w, m->master_kcv);
    put(w, m->hsm_public);
    write_be(w, m->commands, 8);
}

err hsm_read_status_answer(struct reader *r, struct hsm_status_answer *out)
{
    struct hsm_status_answer message = {.development = read_be(r, 1) != 0};
    message.master_kcv = get(r);
    message.hsm_public = get(r);
    message.commands = read_be(r, 8);
    TRY(reader_finish(r));
    *out = message;
    return OK;
}

void hsm_write_bytes(struct writer *w, struct bytes b)
{
    put(w, b);
}

err hsm_read_bytes(struct reader *r, struct bytes *out)
{
    struct bytes b = get(r);
    TRY(reader_finish(r));
    *out = b;
    return OK;
}

const char *hsm_status_text(enum hsm_status status)
{
    switch (status) {
    case HSM_OK:
        return "ok";
    case HSM_BAD_REQUEST:
        return "command is malformed";
    case HSM_BAD_KEY_BLOCK:
        return "key block is altered or under another master key";
    case HSM_WRONG_USAGE:
        return "key is for another use";
    case HSM_BAD_MAC:
        return "MAC does not verify";
    case HSM_BAD_PIN_BLOCK:
        return "PIN block is malformed";
    case HSM_BAD_ENVELOPE:
        return "card data envelope does not open";
    case HSM_NOT_ALLOWED:
        return "command is not allowed in this mode";
    case HSM_FAILED:
        return "hsm failed";
    case HSM_BAD_VALUE:
        return "PIN or card verification value is not the card's";
    case HSM_STATUSES:
        break;
    }
    return "unknown status";
}
