/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terminal risk management (EMV Book 3, 10.6): exception list, floor limit with split sales, random
 * selection, velocity. It is done for every card, whether or not its AIP asks for it: a floor limit
 * that a card can switch off is none.
 */
#include "lib/emv/kernel.h"

enum {
    COMMAND_GET_DATA_COUNTER = 0x80CA9F36,
    COMMAND_GET_DATA_LAST = 0x80CA9F13,
    UNKNOWN_COUNTER = -1,
};

bool kernel_excepted(const struct emv_parameters *parameters, const struct emv_ports *ports,
                     const struct emv_data *data)
{
    struct bytes pan;
    if (!emv_data_get(data, 0x5A, &pan)) return false;
    int sequence = (int)emv_data_number(data, 0x5F34, UINT32_MAX);
    if (sequence > 0x99) sequence = -1;
    if (sequence >= 0) sequence = (sequence >> 4) * 10 + (sequence & 15);
    if (emv_parameters_excepted(parameters, pan, sequence)) return true;
    return ports->excepted != NULL && ports->excepted(ports->context, pan, sequence);
}

/* 10.6.2: certain selection below the threshold, rising chances from there to the floor limit. */
static bool selected_at_random(const struct emv_contact *k)
{
    const struct emv_application *a = k->application;
    int64_t amount_minor = k->payment.amount_minor;
    uint32_t drawn = 1 + random_below(&k->ports.random, 99);
    if (amount_minor < a->threshold) return drawn <= a->target_percent;
    ENSURE(a->floor_limit > a->threshold); /* the amount is below the one and not the other */
    int64_t span = (int64_t)a->maximum_percent - a->target_percent;
    int64_t above = amount_minor - a->threshold;
    int64_t percent =
        a->target_percent + span * above / ((int64_t)a->floor_limit - (int64_t)a->threshold);
    return drawn <= percent;
}

static void check_amount(struct emv_contact *k, struct bytes pan)
{
    int64_t logged_minor = 0;
    if (k->ports.logged_minor != NULL) logged_minor = k->ports.logged_minor(k->ports.context, pan);
    bool offline = k->application->floor_limit > 0 &&
                   k->payment.amount_minor < k->application->floor_limit && logged_minor >= 0 &&
                   logged_minor < k->application->floor_limit - k->payment.amount_minor;
    if (!offline) kernel_tvr(k, TVR_FLOOR);
    else if (selected_at_random(k)) kernel_tvr(k, TVR_RANDOM);
}

void kernel_enter_risk(struct emv_contact *k)
{
    struct bytes pan = {0}, limit;
    (void)emv_data_get(&k->data, 0x5A, &pan);
    kernel_tsi(k, TSI_RISK);
    if (kernel_excepted(k->parameters, &k->ports, &k->data)) kernel_tvr(k, TVR_EXCEPTION);
    if (k->payment.force_online) kernel_tvr(k, TVR_FORCED);
    check_amount(k, pan);
    /* Velocity only where the card gives both limits (10.6.3). */
    bool both = emv_data_get_exact(&k->data, 0x9F14, 1, &limit) &&
                emv_data_get_exact(&k->data, 0x9F23, 1, &limit);
    kernel_go(k, both ? EMV_STEP_COUNTER : EMV_STEP_ACTION);
}

void kernel_enter_counter(struct emv_contact *k)
{
    kernel_command(k, COMMAND_GET_DATA_COUNTER, (struct bytes){0}, true);
}

void kernel_enter_last_online(struct emv_contact *k)
{
    kernel_command(k, COMMAND_GET_DATA_LAST, (struct bytes){0}, true);
}

static void keep_counter(struct emv_contact *k, uint32_t tag)
{
    struct bytes value;
    if (k->apdu.sw == EMV_SW_OK && !FAILED(tlv_find(emv_apdu_data(&k->apdu), tag, &value)) &&
        value.len == 2)
        emv_data_set(&k->data, tag, value);
}

static int64_t counter(const struct emv_contact *k, uint32_t tag)
{
    uint32_t value = emv_data_number(&k->data, tag, UINT32_MAX);
    return value == UINT32_MAX ? UNKNOWN_COUNTER : (int64_t)value;
}

void kernel_answer_counter(struct emv_contact *k)
{
    keep_counter(k, 0x9F36);
    kernel_go(k, EMV_STEP_LAST_ONLINE);
}

void kernel_answer_last_online(struct emv_contact *k)
{
    keep_counter(k, 0x9F13);
    int64_t now = counter(k, 0x9F36), last = counter(k, 0x9F13);
    if (last == 0) kernel_tvr(k, TVR_NEW_CARD);
    bool known = now != UNKNOWN_COUNTER && last != UNKNOWN_COUNTER && now > last;
    if (!known || now - last > emv_data_number(&k->data, 0x9F14, 0)) kernel_tvr(k, TVR_LOWER);
    if (!known || now - last > emv_data_number(&k->data, 0x9F23, 0)) kernel_tvr(k, TVR_UPPER);
    kernel_go(k, EMV_STEP_ACTION);
}
