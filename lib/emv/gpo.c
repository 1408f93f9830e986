/* SPDX-License-Identifier: Apache-2.0 */
/* GET PROCESSING OPTIONS: the card is told what it asks for in its PDOL and says what it can do and
 * where its records are (EMV Book 3, 10.1 and 6.5.8). */
#include "lib/emv/kernel.h"

enum { COMMAND_OPTIONS = 0x80A80000, SW_NOT_SATISFIED = 0x6985 };

/* What belongs to the chosen application. */
static void put_application_data(struct emv_contact *k)
{
    const struct emv_candidate *c = &k->candidate[k->place];
    const struct emv_application *a = k->application;
    emv_data_set(&k->data, 0x9F06, bytes_of(c->aid, c->aid_len));
    emv_data_set(&k->data, 0x9F09, BYTES_OF(a->version));
    emv_data_set_number(&k->data, 0x9F1B, a->floor_limit, 4);
}

void kernel_enter_options(struct emv_contact *k)
{
    uint8_t block[EMV_DOL_FILLED_MAX + 3];
    struct writer w = writer_over(block, sizeof block);
    struct bytes pdol = {0};
    put_application_data(k);
    (void)emv_data_get(&k->data, 0x9F38, &pdol);
    if (!kernel_fill(k, pdol, &k->pdol_sent)) return;
    tlv_write(&w, 0x83, emv_sent_view(&k->pdol_sent));
    ENSURE(w.fault == ERR_OK);
    kernel_command(k, COMMAND_OPTIONS, writer_view(&w), true);
}

/* AIP and AFL out of template 80 (plain) or 77. */
static err read_options(struct emv_contact *k, struct bytes *ret_aip, struct bytes *ret_afl)
{
    bool plain;
    struct bytes value;
    if (!kernel_template(emv_apdu_data(&k->apdu), &plain, &value)) return ERR(FORMAT);
    if (!plain) {
        TRY(tlv_find(value, 0x82, ret_aip));
        return tlv_find(value, 0x94, ret_afl);
    }
    struct reader r = reader_over(value);
    *ret_aip = read_bytes(&r, 2);
    *ret_afl = read_rest(&r);
    return reader_finish(&r);
}

bool kernel_locator_good(struct bytes afl)
{
    unsigned records = 0;
    if (afl.len == 0 || afl.len % 4 != 0 || afl.len > EMV_DATA_VALUE_MAX) return false;
    for (size_t i = 0; i < afl.len; i += 4) {
        unsigned sfi = afl.at[i] >> 3, first = afl.at[i + 1], last = afl.at[i + 2];
        if ((afl.at[i] & 7) != 0 || sfi < 1 || sfi > 30) return false;
        if (first == 0 || last < first || afl.at[i + 3] > last - first + 1) return false;
        records += last - first + 1;
    }
    return records <= EMV_RECORDS_MAX;
}

void kernel_answer_options(struct emv_contact *k)
{
    struct bytes aip = {0}, afl = {0};
    if (k->apdu.sw == SW_NOT_SATISFIED) { /* this application cannot be used now: the next one */
        emv_data_forget_card(&k->data);
        kernel_drop_candidate(k, k->place);
        kernel_go(k, EMV_STEP_CHOOSE);
        return;
    }
    if (k->apdu.sw != EMV_SW_OK) {
        kernel_terminate(k, EMV_REASON_BAD_STATUS);
        return;
    }
    if (FAILED(read_options(k, &aip, &afl)) || aip.len != 2 || !kernel_locator_good(afl) ||
        FAILED(emv_data_put(&k->data, 0x82, aip)) || FAILED(emv_data_put(&k->data, 0x94, afl))) {
        kernel_terminate(k, EMV_REASON_BAD_DATA);
        return;
    }
    k->place = 0;
    k->record = afl.at[1];
    kernel_go(k, EMV_STEP_RECORD);
}
