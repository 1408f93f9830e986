/* SPDX-License-Identifier: Apache-2.0 */
/* Commands and answers, and what T=0 asks for in between. */
#include "lib/emv/apdu.h"

#include "lib/base/writer.h"
#include "lib/crypto/secret.h"

static void start(struct emv_apdu *apdu)
{
    apdu->corrected = false;
    apdu->follow_ups = 0;
    apdu->warning = 0;
    apdu->sw = 0;
    apdu->answer_len = 0;
}

void emv_apdu_begin(struct emv_apdu *apdu, uint32_t header, struct bytes data, bool expects)
{
    ENSURE(data.len <= 255);
    struct writer w = writer_over(apdu->command, sizeof apdu->command);
    write_be(&w, header, 4);
    if (data.len > 0) write_prefixed(&w, 1, data);
    if (expects) write_be(&w, 0, 1);
    ENSURE(w.fault == ERR_OK);
    apdu->command_len = (uint16_t)w.len;
    apdu->expects = expects;
    start(apdu);
}

err emv_apdu_begin_raw(struct emv_apdu *apdu, struct bytes command)
{
    if (command.len < 4 || command.len > EMV_COMMAND_MAX) return ERR(FORMAT);
    size_t lc = command.len > 5 ? command.at[4] : 0;
    bool expects = command.len == 5 || (command.len > 5 && command.len == 6 + lc);
    if (command.len > 5 && (lc == 0 || (!expects && command.len != 5 + lc))) return ERR(FORMAT);
    memcpy(apdu->command, command.at, command.len);
    apdu->command_len = (uint16_t)command.len;
    apdu->expects = expects;
    start(apdu);
    return OK;
}

struct bytes emv_apdu_wire(const struct emv_apdu *apdu)
{
    return bytes_of(apdu->command, apdu->command_len);
}

static bool append(struct emv_apdu *apdu, struct bytes data)
{
    if (data.len > sizeof apdu->answer - apdu->answer_len) return false;
    if (data.len > 0) memcpy(apdu->answer + apdu->answer_len, data.at, data.len);
    apdu->answer_len = (uint16_t)(apdu->answer_len + data.len);
    return true;
}

static enum emv_apdu_state get_response(struct emv_apdu *apdu, uint8_t le)
{
    static const uint8_t header[4] = {0x00, 0xC0, 0x00, 0x00};
    if (apdu->follow_ups++ == EMV_FOLLOW_UPS) return EMV_APDU_BAD;
    secret_wipe_bytes(apdu->command, sizeof apdu->command);
    memcpy(apdu->command, header, sizeof header);
    apdu->command[4] = le;
    apdu->command_len = 5;
    apdu->expects = true;
    apdu->corrected = false;
    return EMV_APDU_AGAIN;
}

static enum emv_apdu_state correct_length(struct emv_apdu *apdu, uint8_t le)
{
    if (apdu->follow_ups++ == EMV_FOLLOW_UPS) return EMV_APDU_BAD;
    apdu->command[apdu->command_len - 1] = le;
    apdu->corrected = true;
    return EMV_APDU_AGAIN;
}

static bool is_warning(uint8_t sw1)
{
    return sw1 == 0x62 || sw1 == 0x63;
}

/* A warning without data to a command that has data and expects some: T=0 keeps it back. */
static bool keeps_data_back(const struct emv_apdu *apdu, uint8_t sw1)
{
    return apdu->t0 && is_warning(sw1) && apdu->answer_len == 0 && apdu->expects &&
           apdu->command_len > 5;
}

enum emv_apdu_state emv_apdu_answer(struct emv_apdu *apdu, struct bytes answer)
{
    if (answer.len < 2) return EMV_APDU_BAD;
    struct bytes data = {answer.at, answer.len - 2};
    uint8_t sw1 = answer.at[data.len], sw2 = answer.at[data.len + 1];
    if (sw1 == 0x6C && data.len == 0 && apdu->expects && !apdu->corrected)
        return correct_length(apdu, sw2);
    if (!append(apdu, data)) return EMV_APDU_BAD;
    if (sw1 == 0x61) return get_response(apdu, sw2);
    if (keeps_data_back(apdu, sw1)) {
        apdu->warning = (uint16_t)(sw1 << 8 | sw2);
        return get_response(apdu, 0);
    }
    apdu->sw = apdu->warning != 0 ? apdu->warning : (uint16_t)(sw1 << 8 | sw2);
    return EMV_APDU_DONE;
}

void emv_apdu_wipe(struct emv_apdu *apdu)
{
    bool t0 = apdu->t0;
    secret_wipe_bytes(apdu, sizeof *apdu);
    apdu->t0 = t0;
}
