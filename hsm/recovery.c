/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands for passwords: the proof that gives back a forgotten one, the keyed step of a console
 * password's hash, the word about spent tries, what is wanted of a device. None of them sees a
 * password; whether somebody may have a proof is decided by who asks, and every proof that is made
 * leaves a line in the log.
 */
#include "lib/crypto/recovery.h"

#include <assert.h>

#include "hsm/internal.h"
#include "lib/crypto/pepper.h"

static_assert((int)HSM_PROOF_BYTES == (int)RECOVERY_PROOF_BYTES &&
                  (int)HSM_CHALLENGE_MAX == (int)RECOVERY_CHALLENGE_MAX &&
                  (int)HSM_TID_LEN == (int)RECOVERY_TID_BYTES &&
                  (int)HSM_PEPPER_BYTES == (int)PEPPER_BYTES &&
                  (int)HSM_PEPPER_DATA_MAX == (int)PEPPER_DATA_MAX &&
                  (int)HSM_ANCHOR_FROM_VAULT == (int)RECOVERY_FROM_VAULT &&
                  (int)HSM_ANCHOR_FROM_HOST == (int)RECOVERY_FROM_HOST,
              "the protocol's numbers are those of lib/crypto");

/* What a request may have got wrong, as a status; a cipher that fails is the hsm's own fault. */
static enum hsm_status request_status(err e)
{
    if (!FAILED(e)) return HSM_OK;
    return e.code == ERR_RANGE || e.code == ERR_LENGTH ? HSM_BAD_REQUEST : HSM_FAILED;
}

enum hsm_status hsm_do_recovery(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                struct writer *response)
{
    struct hsm_recovery m;
    const struct key *key;
    if (FAILED(hsm_read_recovery(r, &m))) return HSM_BAD_REQUEST;
    HSM_TRY(hsm_take_key(hsm, m.key, KEY_USAGE_RECOVERY, KEY_HMAC_SHA256, &key));
    CLEANUP(recovery_proof_wipe) struct recovery_proof proof = {0};
    const struct recovery_subject subject = {m.way, m.operator_id, m.tid, m.challenge};
    HSM_TRY(request_status(recovery_prove(&hsm->crypto, key, &subject, &proof)));
    const struct hsm_recovery_answer answer = {BYTES_OF(proof.grant), bytes_text(proof.code)};
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_recovery_answer(response, &answer);
    log_event(hsm->log, LOG_INFO, "recovery_proved", LOG_BYTES("tid", m.tid),
              LOG_INT("operator", m.operator_id), LOG_INT("way", m.way));
    return HSM_OK;
}

enum hsm_status hsm_do_pepper(struct hsm *hsm, struct reader *r, struct hsm_header header,
                              struct writer *response)
{
    struct hsm_pepper m;
    const struct key *key;
    uint8_t mac[PEPPER_BYTES];
    if (FAILED(hsm_read_pepper(r, &m))) return HSM_BAD_REQUEST;
    HSM_TRY(hsm_take_key(hsm, m.key, KEY_USAGE_PEPPER, KEY_HMAC_SHA256, &key));
    HSM_TRY(request_status(pepper_apply(&hsm->crypto, key, m.context, m.data, mac)));
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_bytes(response, BYTES_OF(mac));
    secret_wipe_bytes(mac, sizeof mac);
    return HSM_OK;
}

enum hsm_status hsm_do_anchor(struct hsm *hsm, struct reader *r, struct hsm_header header,
                              struct writer *response)
{
    struct hsm_anchor m;
    const struct key *key;
    uint8_t mac[RECOVERY_PROOF_BYTES];
    if (FAILED(hsm_read_anchor(r, &m))) return HSM_BAD_REQUEST;
    bool check = m.direction == HSM_ANCHOR_FROM_VAULT;
    if (check != (m.mac.len > 0)) return HSM_BAD_REQUEST; /* a vault's word is never made here */
    HSM_TRY(hsm_take_key(hsm, m.key, KEY_USAGE_RECOVERY, KEY_HMAC_SHA256, &key));
    HSM_TRY(request_status(recovery_epoch_mac(
        &hsm->crypto, key, (enum recovery_direction)m.direction, m.tid, m.epoch, mac)));
    if (check && !secret_equal(BYTES_OF(mac), m.mac)) return HSM_BAD_MAC;
    hsm_write_answer(response, header, HSM_OK);
    if (!check) hsm_write_bytes(response, BYTES_OF(mac));
    return HSM_OK;
}

enum hsm_status hsm_do_command_mac(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                   struct writer *response)
{
    struct hsm_command_mac m;
    const struct key *key;
    uint8_t mac[RECOVERY_PROOF_BYTES];
    if (FAILED(hsm_read_command_mac(r, &m))) return HSM_BAD_REQUEST;
    HSM_TRY(hsm_take_key(hsm, m.key, KEY_USAGE_RECOVERY, KEY_HMAC_SHA256, &key));
    const struct recovery_command command = {m.tid, m.serial, m.kind, m.text, m.nonce, m.number};
    HSM_TRY(request_status(recovery_command_mac(&hsm->crypto, key, &command, mac)));
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_bytes(response, BYTES_OF(mac));
    return HSM_OK;
}
