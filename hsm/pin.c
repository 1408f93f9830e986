/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PINs between suites, and the check that a card's issuer makes. A PIN is clear only inside these
 * functions; what a refusal was about is in the status and nowhere else.
 */
#include "hsm/internal.h"
#include "lib/crypto/card_value.h"

/* The PIN key of one side: derived into `room`, or a working key of a terminal or a zone. */
static enum hsm_status pin_key(struct hsm *hsm, const struct hsm_side *side, struct key *room,
                               const struct key **ret_key, enum pin_format *ret_format)
{
    const struct hsm_suite_row *suite = hsm_suite_row(side->suite);
    if (suite == NULL) return HSM_BAD_REQUEST;
    *ret_format = suite->pin_format;
    *ret_key = room;
    if (suite->ksn_len > 0) return hsm_dukpt_key(hsm, side, DUKPT_PIN, room);
    if (side->ksn.len > 0) return HSM_BAD_REQUEST;
    enum hsm_status status = hsm_take_key(hsm, side->key, KEY_USAGE_PIN, suite->pin, ret_key);
    if (status != HSM_WRONG_USAGE) return status;
    return hsm_take_key(hsm, side->key, KEY_USAGE_ZONE_PIN, suite->pin, ret_key);
}

static enum hsm_status pin_status(err e)
{
    if (!FAILED(e)) return HSM_OK;
    return e.code == ERR_CRYPTO ? HSM_FAILED : HSM_BAD_PIN_BLOCK;
}

enum hsm_status hsm_do_translate_pin(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                     struct writer *response)
{
    struct hsm_translate_pin m;
    if (FAILED(hsm_read_translate_pin(r, &m))) return HSM_BAD_REQUEST;
    CLEANUP(key_wipe) struct key from_room = {0}, to_room = {0};
    const struct key *from, *to;
    enum pin_format from_format, to_format;
    struct pin_block block = {0};
    HSM_TRY(pin_key(hsm, &m.from, &from_room, &from, &from_format));
    HSM_TRY(pin_key(hsm, &m.to, &to_room, &to, &to_format));
    HSM_TRY(pin_status(pin_block_translate(&hsm->crypto, from, from_format, m.block, to, to_format,
                                           m.pan, &block)));
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_bytes(response, bytes_of(block.at, block.len));
    return HSM_OK;
}

/* What an issuer's numbers may get wrong. */
static enum hsm_status value_status(err e)
{
    if (!FAILED(e)) return HSM_OK;
    if (e.code == ERR_MAC) return HSM_BAD_VALUE;
    return e.code == ERR_CRYPTO ? HSM_FAILED : HSM_BAD_REQUEST;
}

static enum hsm_status check_pvv(struct hsm *hsm, const struct hsm_verify_pin *m,
                                 const struct pin *pin)
{
    const struct key *key;
    char pvv[CARD_VALUE_PVV_DIGITS];
    if (m->table.len > 0) return HSM_BAD_REQUEST;
    HSM_TRY(hsm_take_key(hsm, m->verification_key, KEY_USAGE_PVV, KEY_TDES, &key));
    HSM_TRY(value_status(card_value_pvv(&hsm->crypto, key, m->key_index, m->pan, pin, pvv)));
    return secret_equal(BYTES_OF(pvv), m->reference) ? HSM_OK : HSM_BAD_VALUE;
}

static enum hsm_status check_ibm3624(struct hsm *hsm, const struct hsm_verify_pin *m,
                                     const struct pin *pin)
{
    const struct key *key;
    CLEANUP(pin_wipe) struct pin expected = {0};
    const struct card_value_ibm3624 how = {m->table, m->first, m->count, m->pad};
    HSM_TRY(hsm_take_key(hsm, m->verification_key, KEY_USAGE_IBM3624, KEY_TDES, &key));
    HSM_TRY(value_status(
        card_value_ibm3624_pin(&hsm->crypto, key, &how, m->pan, m->reference, &expected)));
    bool same =
        secret_equal(bytes_of(pin->digit, pin->len), bytes_of(expected.digit, expected.len));
    return same ? HSM_OK : HSM_BAD_VALUE;
}

enum hsm_status hsm_do_verify_pin(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                  struct writer *response)
{
    struct hsm_verify_pin m;
    if (FAILED(hsm_read_verify_pin(r, &m))) return HSM_BAD_REQUEST;
    if (m.method != HSM_PIN_BY_PVV && m.method != HSM_PIN_BY_IBM3624) return HSM_BAD_REQUEST;
    CLEANUP(key_wipe) struct key room = {0};
    CLEANUP(pin_wipe) struct pin pin = {0};
    const struct key *key;
    enum pin_format format;
    HSM_TRY(pin_key(hsm, &m.from, &room, &key, &format));
    HSM_TRY(pin_status(pin_block_decrypt(&hsm->crypto, key, format, m.block, m.pan, &pin)));
    if (m.method == HSM_PIN_BY_PVV) HSM_TRY(check_pvv(hsm, &m, &pin));
    else HSM_TRY(check_ibm3624(hsm, &m, &pin));
    hsm_write_answer(response, header, HSM_OK);
    return HSM_OK;
}

enum hsm_status hsm_do_cvv_check(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                 struct writer *response)
{
    struct hsm_cvv_check m;
    const struct key *key;
    if (FAILED(hsm_read_cvv_check(r, &m))) return HSM_BAD_REQUEST;
    HSM_TRY(hsm_take_key(hsm, m.key, KEY_USAGE_CARD_VERIFICATION, KEY_TDES, &key));
    HSM_TRY(
        value_status(card_value_check_cvv(&hsm->crypto, key, m.pan, m.expiry, m.service, m.cvv)));
    hsm_write_answer(response, header, HSM_OK);
    return HSM_OK;
}
