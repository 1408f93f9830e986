/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Issuer scripts (EMV Book 3, 10.10): commands of the issuer to its card, in template 71 before the
 * final GENERATE AC and 72 behind it. They go to the card as they came; each script ends with the
 * first command that the card refuses.
 *
 * What came of each is five bytes of DF31 (protocol facts 1.8): a nibble that says not performed
 * (0), failed (1) or successful (2), a nibble with the number of the command that failed, and the
 * script's identifier (9F18) or zeros.
 */
#include "lib/emv/kernel.h"

enum {
    NOT_PERFORMED = 0x00,
    FAILED_AT = 0x10,
    SUCCESSFUL = 0x20,
    COMMAND_NUMBER_MAX = 15,
    IDENTIFIER = 4,
};

struct phase {
    uint32_t tag;
    unsigned failed_bit;
    enum emv_step self, next;
};

static const struct phase before = {0x71, TVR_SCRIPT_BEFORE, EMV_STEP_SCRIPT_BEFORE,
                                    EMV_STEP_GENERATE_2};
static const struct phase after = {0x72, TVR_SCRIPT_AFTER, EMV_STEP_SCRIPT_AFTER,
                                   EMV_STEP_CONCLUDE};

/* The script of this number among those of the phase. */
static bool nth_script(const struct emv_contact *k, const struct phase *p, struct bytes *ret_script)
{
    struct tlv_walk walk = tlv_walk_over(bytes_of(k->host_answer, k->host_len));
    struct tlv object;
    size_t seen = 0, bytes = 0;
    while (tlv_next(&walk, &object)) {
        if (object.tag != 0x71 && object.tag != 0x72) continue;
        bytes += object.value.len;
        if (object.tag != p->tag || seen++ != k->script) continue;
        *ret_script = object.value;
        return bytes <= EMV_SCRIPT_BYTES_MAX && k->scripts_run < EMV_SCRIPTS;
    }
    return false;
}

/* A script is an optional 9F18 and commands 86; `ret_command` is the one to run next. */
static err look(const struct emv_contact *k, struct bytes script, uint8_t identifier[IDENTIFIER],
                struct bytes *ret_command)
{
    struct tlv_walk walk = tlv_walk_over(script);
    struct tlv object;
    size_t seen = 0;
    memset(identifier, 0, IDENTIFIER);
    *ret_command = (struct bytes){0};
    while (tlv_next(&walk, &object)) {
        if (object.tag == 0x9F18 && object.value.len == IDENTIFIER)
            memcpy(identifier, object.value.at, IDENTIFIER);
        if (object.tag == 0x86 && seen++ == k->script_command) *ret_command = object.value;
    }
    TRY(tlv_finish(&walk));
    return seen == 0 ? ERR(MISSING) : OK;
}

static void record_result(struct emv_contact *k, const struct phase *p, uint8_t result,
                          const uint8_t identifier[IDENTIFIER])
{
    uint8_t *to = k->script_results + k->script_results_len;
    to[0] = result;
    memcpy(to + 1, identifier, IDENTIFIER);
    k->script_results_len += 1 + IDENTIFIER;
    emv_data_set(&k->data, 0xDF31, bytes_of(k->script_results, k->script_results_len));
    if ((result & 0xF0) != SUCCESSFUL) kernel_tvr(k, p->failed_bit);
    k->scripts_run++;
    k->script++;
    k->script_command = 0;
    kernel_go(k, p->self);
}

static uint8_t failed_at(const struct emv_contact *k)
{
    size_t number = k->script_command + 1;
    return (uint8_t)(FAILED_AT | (number > COMMAND_NUMBER_MAX ? COMMAND_NUMBER_MAX : number));
}

static void enter(struct emv_contact *k, const struct phase *p)
{
    struct bytes script, command;
    uint8_t identifier[IDENTIFIER];
    if (!nth_script(k, p, &script)) {
        k->script = 0;
        k->script_command = 0;
        kernel_go(k, p->next);
        return;
    }
    kernel_tsi(k, TSI_SCRIPT);
    if (FAILED(look(k, script, identifier, &command))) {
        record_result(k, p, NOT_PERFORMED, identifier);
    } else if (command.len == 0) { /* behind the last command */
        record_result(k, p, SUCCESSFUL, identifier);
    } else if (FAILED(emv_apdu_begin_raw(&k->apdu, command))) {
        record_result(k, p, failed_at(k), identifier);
    } else {
        k->want = EMV_WANT_APDU;
    }
}

static void answer(struct emv_contact *k, const struct phase *p, bool answered)
{
    struct bytes script, command;
    uint8_t identifier[IDENTIFIER];
    if (answered && emv_sw_proceeds(k->apdu.sw)) {
        k->script_command++;
        kernel_go(k, p->self);
        return;
    }
    if (!nth_script(k, p, &script) || FAILED(look(k, script, identifier, &command)))
        kernel_go(k, p->next);
    else record_result(k, p, failed_at(k), identifier);
}

void kernel_enter_script_before(struct emv_contact *k)
{
    enter(k, &before);
}

void kernel_answer_script_before(struct emv_contact *k)
{
    answer(k, &before, true);
}

void kernel_enter_script_after(struct emv_contact *k)
{
    enter(k, &after);
}

void kernel_answer_script_after(struct emv_contact *k)
{
    answer(k, &after, true);
}

/* The one that was on its way has failed, those behind it were not performed. */
void kernel_scripts_abandoned(struct emv_contact *k)
{
    struct bytes script, command;
    uint8_t identifier[IDENTIFIER];
    bool first = true;
    while (nth_script(k, &after, &script)) {
        (void)FAILED(look(k, script, identifier, &command));
        record_result(k, &after, first ? failed_at(k) : NOT_PERFORMED, identifier);
        first = false;
    }
}
