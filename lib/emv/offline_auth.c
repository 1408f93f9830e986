/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Offline data authentication (EMV Book 3, 10.3; Book 2, 5 and 6): the best that card and terminal
 * both can: CDA, then DDA, then SDA. What fails is said in the TVR; whether that matters is decided
 * by the action codes.
 *
 * A CA key that the terminal does not have makes the authentication failed, not left out (Book 2,
 * 5.2 step 1): it was selected. "Not performed" means that there was nothing in common.
 */
#include "lib/emv/kernel.h"

enum { COMMAND_INTERNAL_AUTHENTICATE = 0x00880000 };

static enum emv_oda best_method(const struct emv_contact *k)
{
    if (kernel_aip(k, AIP_CDA) && kernel_can(k, CAN_CDA)) return EMV_ODA_CDA;
    if (kernel_aip(k, AIP_DDA) && kernel_can(k, CAN_DDA)) return EMV_ODA_DDA;
    if (kernel_aip(k, AIP_SDA) && kernel_can(k, CAN_SDA)) return EMV_ODA_SDA;
    return EMV_ODA_NONE;
}

static void failed(struct emv_contact *k, err why)
{
    static const unsigned bit[] = {[EMV_ODA_NONE] = TVR_ODA_NOT_PERFORMED,
                                   [EMV_ODA_SDA] = TVR_SDA_FAILED,
                                   [EMV_ODA_DDA] = TVR_DDA_FAILED,
                                   [EMV_ODA_CDA] = TVR_CDA_FAILED};
    if (why.code == ERR_MISSING) kernel_tvr(k, TVR_DATA_MISSING);
    kernel_tvr(k, bit[k->oda]);
}

static struct bytes static_data(const struct emv_contact *k)
{
    return bytes_of(k->statics.at, k->statics.len);
}

static err authenticate_static(struct emv_contact *k, const struct emv_trust *trust)
{
    uint8_t code[2];
    TRY(emv_issuer_key(trust, &k->issuer_key));
    if (k->statics.bad) return ERR(FORMAT);
    TRY(emv_static_signature(trust, &k->issuer_key, static_data(k), code));
    emv_data_set(&k->data, 0x9F45, BYTES_OF(code));
    return OK;
}

static err recover_keys(struct emv_contact *k, const struct emv_trust *trust)
{
    TRY(emv_issuer_key(trust, &k->issuer_key));
    if (k->statics.bad) return ERR(FORMAT);
    return emv_card_key(trust, &k->issuer_key, static_data(k), &k->card_key);
}

/* The list for DDA: the card's, or the application's default; it must ask for the random number. */
static err ddol_of(const struct emv_contact *k, struct bytes *ret_ddol)
{
    struct bytes ddol = k->application->ddol;
    (void)emv_data_get(&k->data, 0x9F49, &ddol);
    if (ddol.len == 0) return ERR(NOT_FOUND);
    if (!emv_dol_lists(ddol, 0x9F37)) return ERR(FORMAT);
    *ret_ddol = ddol;
    return OK;
}

static void begin_dynamic(struct emv_contact *k, const struct emv_trust *trust)
{
    struct bytes ddol;
    err e = recover_keys(k, trust);
    if (!FAILED(e)) e = ddol_of(k, &ddol);
    if (FAILED(e)) {
        failed(k, e);
        kernel_go(k, EMV_STEP_RESTRICTIONS);
        return;
    }
    if (!kernel_fill(k, ddol, &k->ddol_sent)) return;
    kernel_command(k, COMMAND_INTERNAL_AUTHENTICATE, emv_sent_view(&k->ddol_sent), true);
}

void kernel_enter_authenticate(struct emv_contact *k)
{
    struct emv_trust trust = kernel_trust(k);
    k->oda = best_method(k);
    if (k->oda != EMV_ODA_NONE) kernel_tsi(k, TSI_ODA);
    if (k->oda == EMV_ODA_DDA) {
        begin_dynamic(k, &trust);
        return;
    }
    err e = OK;
    if (k->oda == EMV_ODA_NONE) kernel_tvr(k, TVR_ODA_NOT_PERFORMED);
    if (k->oda == EMV_ODA_SDA) {
        kernel_tvr(k, TVR_SDA_SELECTED);
        e = authenticate_static(k, &trust);
    }
    if (k->oda == EMV_ODA_CDA) e = recover_keys(k, &trust);
    if (FAILED(e)) failed(k, e);
    kernel_go(k, EMV_STEP_RESTRICTIONS);
}

/* The signature of INTERNAL AUTHENTICATE, and the card's own number in it (6.5.2). */
static err verify_dynamic(struct emv_contact *k)
{
    uint8_t block[EMV_KEY_BYTES_MAX];
    bool plain;
    struct bytes value, signature, dynamic;
    const struct bytes sent = emv_sent_view(&k->ddol_sent);
    if (k->apdu.sw != EMV_SW_OK) return ERR(DENIED);
    if (!kernel_template(emv_apdu_data(&k->apdu), &plain, &value)) return ERR(FORMAT);
    signature = value;
    if (!plain) {
        err e = tlv_find(value, 0x9F4B, &signature);
        if (FAILED(e)) return e.code == ERR_NOT_FOUND ? ERR(MISSING) : e;
    }
    TRY(emv_dynamic_signature(&k->card_key, signature, &sent, 1, block, &dynamic));
    struct reader r = reader_over(dynamic);
    struct bytes number = read_prefixed(&r, 1, 8);
    if (r.fault != ERR_OK || number.len < 2) return ERR(FORMAT);
    emv_data_set(&k->data, 0x9F4C, number);
    return OK;
}

void kernel_answer_authenticate(struct emv_contact *k)
{
    err e = verify_dynamic(k);
    if (FAILED(e)) failed(k, e);
    kernel_go(k, EMV_STEP_RESTRICTIONS);
}
