/* SPDX-License-Identifier: Apache-2.0 */
/* What each suite of a terminal profile means in algorithms: one row each, and nothing else
 * decides. */
#include "hsm/internal.h"

#include "lib/crypto/dukpt_aes.h"
#include "lib/crypto/dukpt_tdes.h"

/* clang-format off */
static const struct hsm_suite_row suites[] = {
    /*                       master      pin         mac         data        MAC             PIN block      envelope ksn */
    [HSM_SUITE_TONGBAO]    = {KEY_AES128, KEY_AES128, KEY_AES128, KEY_AES128, MAC_AES_CMAC_8, PIN_ISO4,      true,    0},
    [HSM_SUITE_CUP]        = {KEY_TDES,   KEY_TDES,   KEY_DES,    KEY_TDES,   MAC_CUP_ECB,    PIN_ISO0,      false,   0},
    [HSM_SUITE_CUP_SINGLE] = {KEY_TDES,   KEY_DES,    KEY_DES,    KEY_DES,    MAC_CUP_ECB,    PIN_ISO0,      false,   0},
    [HSM_SUITE_CUP_DOUBLE] = {KEY_TDES,   KEY_TDES,   KEY_TDES,   KEY_TDES,   MAC_CUP_ECB,    PIN_ISO0,      false,   0},
    [HSM_SUITE_SM4]        = {KEY_SM4,    KEY_SM4,    KEY_SM4,    KEY_SM4,    MAC_SM4_ECB,    PIN_SM4_SHORT, false,   0},
    [HSM_SUITE_SM4_LONG]   = {KEY_SM4,    KEY_SM4,    KEY_SM4,    KEY_SM4,    MAC_SM4_ECB,    PIN_SM4_LONG,  false,   0},
    [HSM_SUITE_DUKPT_TDES] = {KEY_TDES,   KEY_TDES,   KEY_TDES,   KEY_TDES,   MAC_X9_19,      PIN_ISO0,      true,   DUKPT_TDES_KSN_BYTES},
    [HSM_SUITE_DUKPT_AES]  = {KEY_AES128, KEY_AES128, KEY_AES128, KEY_AES128, MAC_AES_CMAC_8, PIN_ISO4,      true,    DUKPT_AES_KSN_BYTES},
    [HSM_SUITE_TONGBAO_SM4] = {KEY_SM4,   KEY_SM4,    KEY_SM4,    KEY_SM4,    MAC_SM4_CMAC_8, PIN_SM4_LONG,  true,    0},
};
/* clang-format on */

const struct hsm_suite_row *hsm_suite_row(uint8_t suite)
{
    return suite == 0 || suite >= ARRAY_LEN(suites) ? NULL : &suites[suite];
}

/* What a DUKPT function of lib/crypto says of a request. */
static enum hsm_status dukpt_status(err e)
{
    if (!FAILED(e)) return HSM_OK;
    if (e.code == ERR_KEY) return HSM_WRONG_USAGE;
    return e.code == ERR_CRYPTO ? HSM_FAILED : HSM_BAD_REQUEST;
}

enum hsm_status hsm_dukpt_base(struct hsm *hsm, const struct hsm_side *side,
                               const struct hsm_suite_row **ret_suite, const struct key **ret_base)
{
    const struct hsm_suite_row *suite = hsm_suite_row(side->suite);
    if (suite == NULL || suite->ksn_len == 0 || side->ksn.len != suite->ksn_len)
        return HSM_BAD_REQUEST;
    *ret_suite = suite;
    return hsm_take_key(hsm, side->key, KEY_USAGE_BASE_DERIVATION, suite->master, ret_base);
}

enum hsm_status hsm_dukpt_key(struct hsm *hsm, const struct hsm_side *side,
                              enum dukpt_purpose purpose, struct key *ret_key)
{
    const struct hsm_suite_row *suite;
    const struct key *base;
    HSM_TRY(hsm_dukpt_base(hsm, side, &suite, &base));
    if (side->suite == HSM_SUITE_DUKPT_TDES)
        return dukpt_status(dukpt_tdes_derive(&hsm->crypto, base, side->ksn.at, purpose, ret_key));
    return dukpt_status(
        dukpt_aes_derive(&hsm->crypto, base, side->ksn.at, purpose, suite->pin, ret_key));
}

/* The algorithm of a suite's working key of this usage. */
static enum key_algorithm working_algorithm(const struct hsm_suite_row *suite, enum key_usage usage)
{
    if (usage == KEY_USAGE_PIN) return suite->pin;
    return usage == KEY_USAGE_MAC ? suite->mac : suite->data;
}

enum hsm_status hsm_terminal_key(struct hsm *hsm, const struct hsm_side *side,
                                 enum dukpt_purpose purpose, struct key *room,
                                 const struct key **ret_key)
{
    const struct hsm_suite_row *suite = hsm_suite_row(side->suite);
    if (suite == NULL || side->ksn.len != suite->ksn_len) return HSM_BAD_REQUEST;
    if (suite->ksn_len == 0) {
        enum key_usage usage = dukpt_purpose_usage(purpose);
        return hsm_take_key(hsm, side->key, usage, working_algorithm(suite, usage), ret_key);
    }
    HSM_TRY(hsm_dukpt_key(hsm, side, purpose, room));
    *ret_key = room;
    return HSM_OK;
}
