/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Issuer authentication (EMV Book 3, 10.9): the issuer's answer (91) goes to the card by EXTERNAL
 * AUTHENTICATE when the card has that, and otherwise inside CDOL2, if the card lists it there.
 */
#include "lib/emv/kernel.h"

enum { COMMAND_EXTERNAL_AUTHENTICATE = 0x00820000, ANSWER_MIN = 8, ANSWER_MAX = 16 };

/* 91 in the host's answer; templates of scripts beside it are walked over. */
static bool issuer_answer(const struct emv_contact *k, struct bytes *ret_value)
{
    struct bytes answer = bytes_of(k->host_answer, k->host_len);
    return !FAILED(tlv_find(answer, 0x91, ret_value)) && ret_value->len > 0;
}

void kernel_enter_issuer(struct emv_contact *k)
{
    struct bytes value;
    bool given = issuer_answer(k, &value);
    if (given && (value.len < ANSWER_MIN || value.len > ANSWER_MAX)) {
        kernel_tvr(k, TVR_ISSUER_FAILED);
        given = false;
    }
    if (given) emv_data_set(&k->data, 0x91, value);
    if (given && kernel_aip(k, AIP_ISSUER)) {
        kernel_tsi(k, TSI_ISSUER);
        kernel_command(k, COMMAND_EXTERNAL_AUTHENTICATE, value, false);
    } else {
        kernel_go(k, EMV_STEP_SCRIPT_BEFORE);
    }
}

void kernel_answer_issuer(struct emv_contact *k)
{
    if (k->apdu.sw != EMV_SW_OK) kernel_tvr(k, TVR_ISSUER_FAILED);
    kernel_go(k, EMV_STEP_SCRIPT_BEFORE);
}
