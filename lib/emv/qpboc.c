/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card's part of a tap (protocol facts 2.4): GET PROCESSING OPTIONS, in whose answer the
 * cryptogram is already, and the records. With the last record the card has done all it has to do.
 */
#include "lib/emv/tap.h"

enum {
    COMMAND_OPTIONS = 0x80A80000,
    COMMAND_READ_RECORD = 0x00B20004,
    SW_OTHER_INTERFACE = 0x6984,
    SW_NOT_SATISFIED = 0x6985,
    SW_ON_DEVICE = 0x6986,
    CVR_AT = 4,             /* in 9F10: second byte of the card verification results */
    CRYPTOGRAM_BITS = 0xC0, /* of 9F27 */
};

/* What belongs to the chosen application, and what nothing has been noticed yet about. */
static void put_application_data(struct emv_tap *k)
{
    static const uint8_t nothing[5];
    const struct emv_tap_candidate *c = &k->candidate[0];
    emv_data_set(&k->data, 0x9F06, bytes_of(c->aid, c->aid_len));
    emv_data_set(&k->data, 0x9F09, BYTES_OF(k->chosen->application->version));
    emv_data_set(&k->data, 0x9F66, BYTES_OF(k->chosen->ttq));
    emv_data_set(&k->data, 0x95, BYTES_OF(nothing));
    emv_data_set(&k->data, 0x9B, bytes_of(nothing, 2));
}

/* A card of another kind of kernel does not ask for 9F66. */
void tap_enter_options(struct emv_tap *k)
{
    uint8_t values[EMV_DOL_FILLED_MAX], block[EMV_DOL_FILLED_MAX + 3];
    struct writer v = writer_over(values, sizeof values), w = writer_over(block, sizeof block);
    struct bytes pdol = {0};
    if (!emv_data_get(&k->data, 0x9F38, &pdol) || !emv_dol_lists(pdol, 0x9F66)) {
        tap_select_next(k);
        return;
    }
    put_application_data(k);
    if (FAILED(emv_dol_fill_from(pdol, &k->data, &v))) {
        tap_terminate(k, EMV_REASON_BAD_DATA);
        return;
    }
    tlv_write(&w, 0x83, writer_view(&v));
    ENSURE(w.fault == ERR_OK);
    tap_command(k, COMMAND_OPTIONS, writer_view(&w));
}

/*
 * TC, ARQC or AAC: by 9F27, and by the card verification results, which the issuer's cryptogram
 * covers. A card that has both says the same in both.
 */
static enum emv_reason take_cryptogram(struct emv_tap *k)
{
    static const enum emv_cryptogram by_cvr[] = {EMV_AAC, EMV_TC, EMV_ARQC};
    struct bytes value, information;
    if (!emv_data_get_exact(&k->data, 0x9F26, 8, &value) ||
        !emv_data_get_exact(&k->data, 0x9F36, 2, &value) ||
        !emv_data_get_exact(&k->data, 0x82, 2, &value) || !emv_data_get(&k->data, 0x9F10, &value) ||
        value.len <= CVR_AT)
        return EMV_REASON_MISSING_DATA;
    unsigned said = value.at[CVR_AT] >> 4 & 3;
    if (said >= ARRAY_LEN(by_cvr)) return EMV_REASON_BAD_DATA;
    k->given = by_cvr[said];
    if (!emv_data_get_exact(&k->data, 0x9F27, 1, &information)) {
        emv_data_set_number(&k->data, 0x9F27, k->given, 1);
        return EMV_REASON_NONE;
    }
    bool same = (information.at[0] & CRYPTOGRAM_BITS) == (uint8_t)k->given;
    return same ? EMV_REASON_NONE : EMV_REASON_BAD_DATA;
}

static void take_options(struct emv_tap *k)
{
    bool plain;
    struct bytes value, afl;
    enum emv_reason reason = EMV_REASON_BAD_DATA;
    if (kernel_template(emv_apdu_data(&k->apdu), &plain, &value) && !plain &&
        kernel_keep_objects(&k->data, 0, value))
        reason = take_cryptogram(k);
    k->options_end = k->data.count;
    bool listed = emv_data_get(&k->data, 0x94, &afl);
    if (listed && !kernel_locator_good(afl)) reason = EMV_REASON_BAD_DATA;
    if (reason != EMV_REASON_NONE) {
        tap_terminate(k, reason);
        return;
    }
    k->place = 0;
    k->record = listed ? afl.at[1] : 0;
    tap_go(k, EMV_TAP_RECORD);
}

void tap_answer_options(struct emv_tap *k)
{
    switch (k->apdu.sw) {
    case EMV_SW_OK:
        take_options(k);
        break;
    case SW_OTHER_INTERFACE:
        tap_insert(k, EMV_REASON_INSERT);
        break;
    case SW_NOT_SATISFIED:
        tap_select_next(k);
        break;
    case SW_ON_DEVICE:
        k->tap.see_phone = true;
        k->tap.field_off_ms = EMV_FIELD_OFF_PHONE_MS;
        tap_again(k, EMV_REASON_ON_DEVICE, EMV_MESSAGE_SEE_PHONE);
        break;
    default:
        tap_terminate(k, EMV_REASON_BAD_STATUS);
    }
}

void tap_enter_record(struct emv_tap *k)
{
    struct bytes afl = {0};
    (void)emv_data_get(&k->data, 0x94, &afl);
    if (k->place >= afl.len) {
        tap_go(k, EMV_TAP_JUDGE);
        return;
    }
    tap_command(k, COMMAND_READ_RECORD | (uint32_t)k->record << 8 | afl.at[k->place],
                (struct bytes){0});
}

void tap_answer_record(struct emv_tap *k)
{
    struct bytes afl = {0};
    (void)emv_data_get(&k->data, 0x94, &afl);
    if (k->apdu.sw != EMV_SW_OK) {
        tap_terminate(k, EMV_REASON_BAD_STATUS);
        return;
    }
    if (!kernel_keep_record(&k->data, k->options_end, &k->statics, afl.at + k->place, k->record,
                            emv_apdu_data(&k->apdu))) {
        tap_terminate(k, EMV_REASON_BAD_DATA);
        return;
    }
    kernel_next_record(afl, &k->place, &k->record);
    tap_go(k, EMV_TAP_RECORD);
}
