/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cardholder verification (EMV Book 3, 10.5): down the card's list of rules until one is fulfilled,
 * or one fails that does not let the next be tried. The result stands in 9F34 and in the TVR.
 */
#include "lib/emv/kernel.h"

enum {
    LIST_HEAD = 8, /* amounts X and Y */
    TRY_NEXT = 0x40,
    METHOD = 0x3F,

    METHOD_FAIL = 0x00,
    METHOD_PIN_PLAIN = 0x01,
    METHOD_PIN_ONLINE = 0x02,
    METHOD_PIN_PLAIN_SIGN = 0x03,
    METHOD_PIN_ENCIPHERED = 0x04,
    METHOD_PIN_ENCIPHERED_SIGN = 0x05,
    METHOD_SIGNATURE = 0x1E,
    METHOD_NONE = 0x1F,
    METHOD_DOCUMENT = 0x20, /* PBOC */

    RESULT_UNKNOWN = 0,
    RESULT_FAILED = 1,
    RESULT_SUCCESSFUL = 2,
};

static struct bytes rules_of(const struct emv_contact *k)
{
    struct bytes list = {0};
    if (!emv_data_get(&k->data, 0x8E, &list) || list.len <= LIST_HEAD) return (struct bytes){0};
    return bytes_of(list.at + LIST_HEAD, list.len - LIST_HEAD);
}

static bool online_pin_possible(const struct emv_contact *k)
{
    return kernel_can(k, CAN_PIN_ONLINE) && k->application->online_pin;
}

/* Whether the terminal can do it at all. `ret_known` is false for a method nobody has defined. */
static bool supported(const struct emv_contact *k, unsigned method, bool *ret_known)
{
    *ret_known = true;
    switch (method) {
    case METHOD_FAIL:
        return true;
    case METHOD_PIN_PLAIN:
        return kernel_can(k, CAN_PIN_PLAIN);
    case METHOD_PIN_ONLINE:
        return online_pin_possible(k);
    case METHOD_PIN_PLAIN_SIGN:
        return kernel_can(k, CAN_PIN_PLAIN) && kernel_can(k, CAN_SIGNATURE);
    case METHOD_PIN_ENCIPHERED:
        return kernel_can(k, CAN_PIN_ENCIPHERED);
    case METHOD_PIN_ENCIPHERED_SIGN:
        return kernel_can(k, CAN_PIN_ENCIPHERED) && kernel_can(k, CAN_SIGNATURE);
    case METHOD_SIGNATURE:
        return kernel_can(k, CAN_SIGNATURE);
    case METHOD_NONE:
        return kernel_can(k, CAN_NO_CVM);
    case METHOD_DOCUMENT:
        return k->terminal.document;
    default:
        *ret_known = false;
        return false;
    }
}

static uint32_t amount_in_list(const struct emv_contact *k, size_t at)
{
    struct bytes list = {0};
    (void)emv_data_get(&k->data, 0x8E, &list);
    struct reader r = reader_over(list);
    (void)read_bytes(&r, at);
    return (uint32_t)read_be(&r, 4);
}

/* Conditions 06 to 09 hold only in the application's own currency. */
static bool amount_condition(const struct emv_contact *k, unsigned condition)
{
    struct bytes currency;
    if (!emv_data_get_exact(&k->data, 0x9F42, 2, &currency) ||
        !bytes_equal(currency, BYTES_OF(k->payment.currency)))
        return false;
    int64_t limit = amount_in_list(k, condition <= 0x07 ? 0 : 4);
    return condition % 2 == 0 ? k->payment.amount_minor < limit : k->payment.amount_minor > limit;
}

/* Table 40 of Book 3. What nobody has defined is not fulfilled. */
static bool condition_holds(const struct emv_contact *k, unsigned condition, unsigned method)
{
    bool cash = k->payment.type == TYPE_CASH;
    bool cashback = k->payment.type == TYPE_CASHBACK || k->payment.other_minor > 0;
    bool unattended = (k->terminal.type & 0x0F) >= 4;
    bool known;
    switch (condition) {
    case 0x00:
        return true;
    case 0x01:
        return cash && unattended;
    case 0x02:
        return !cash && !cashback;
    case 0x03:
        return supported(k, method, &known) && known;
    case 0x04:
        return cash && !unattended;
    case 0x05:
        return cashback;
    default:
        return condition <= 0x09 && amount_condition(k, condition);
    }
}

static void finish(struct emv_contact *k, uint8_t code, uint8_t condition, uint8_t result)
{
    const uint8_t results[3] = {code, condition, result};
    emv_data_set(&k->data, 0x9F34, BYTES_OF(results));
    kernel_tsi(k, TSI_CARDHOLDER);
    if (result == RESULT_FAILED) kernel_tvr(k, TVR_CVM_FAILED);
    kernel_go(k, EMV_STEP_RISK);
}

static bool signs_too(unsigned method)
{
    return method == METHOD_SIGNATURE || method == METHOD_PIN_PLAIN_SIGN ||
           method == METHOD_PIN_ENCIPHERED_SIGN;
}

void kernel_rule_done(struct emv_contact *k, uint8_t result)
{
    struct bytes rules = rules_of(k);
    const uint8_t *rule = rules.at + 2 * k->rule;
    /* A signature beside a PIN is still to come: the whole is not known yet (Book 4, 6.3.4.5). */
    k->outcome.signature = signs_too(rule[0] & METHOD);
    finish(k, rule[0], rule[1], k->outcome.signature ? RESULT_UNKNOWN : result);
}

/* On to the next rule when this one allows it, otherwise it is the result. */
void kernel_rule_failed(struct emv_contact *k)
{
    struct bytes rules = rules_of(k);
    const uint8_t *rule = rules.at + 2 * k->rule;
    const uint8_t results[3] = {rule[0], rule[1], RESULT_FAILED};
    emv_data_set(&k->data, 0x9F34, BYTES_OF(results));
    k->rule_failed = true;
    if ((rule[0] & TRY_NEXT) != 0) {
        k->rule++;
        kernel_go(k, EMV_STEP_CARDHOLDER);
    } else {
        finish(k, rule[0], rule[1], RESULT_FAILED);
    }
}

static void ask_online_pin(struct emv_contact *k)
{
    if (k->bypassed) {
        kernel_tvr(k, TVR_PIN_NOT_ENTERED);
        kernel_rule_failed(k);
        return;
    }
    k->pin = (struct emv_pin_wanted){EMV_PIN_ONLINE, -1, false, k->terminal.pin_bypass};
    kernel_go(k, EMV_STEP_PIN);
}

/* A rule whose condition holds and whose method the terminal has. */
static void perform(struct emv_contact *k, unsigned method)
{
    switch (method) {
    case METHOD_PIN_PLAIN:
    case METHOD_PIN_PLAIN_SIGN:
        kernel_offline_pin(k, false);
        return;
    case METHOD_PIN_ENCIPHERED:
    case METHOD_PIN_ENCIPHERED_SIGN:
        kernel_offline_pin(k, true);
        return;
    case METHOD_PIN_ONLINE:
        ask_online_pin(k);
        return;
    case METHOD_SIGNATURE:
        kernel_rule_done(k, RESULT_UNKNOWN);
        return;
    case METHOD_NONE:
        kernel_rule_done(k, RESULT_SUCCESSFUL);
        return;
    case METHOD_DOCUMENT:
        kernel_go(k, EMV_STEP_DOCUMENT);
        return;
    default: /* 00: this cardholder cannot be verified */
        kernel_rule_failed(k);
        return;
    }
}

static bool is_pin(unsigned method)
{
    return method >= METHOD_PIN_PLAIN && method <= METHOD_PIN_ENCIPHERED_SIGN;
}

static void try_rule(struct emv_contact *k, const uint8_t rule[2])
{
    unsigned method = rule[0] & METHOD;
    bool known;
    if (supported(k, method, &known)) {
        perform(k, method);
        return;
    }
    if (!known) kernel_tvr(k, TVR_CVM_UNKNOWN);
    if (is_pin(method)) kernel_tvr(k, TVR_PIN_NO_PAD);
    kernel_rule_failed(k);
}

void kernel_enter_cardholder(struct emv_contact *k)
{
    struct bytes rules = rules_of(k);
    if (k->terminal.ask_counter && !k->counter_read) {
        kernel_go(k, EMV_STEP_PIN_COUNTER);
        return;
    }
    if (!kernel_aip(k, AIP_CARDHOLDER)) {
        kernel_go(k, EMV_STEP_RISK); /* 9F34 stays 3F 00 00 */
        return;
    }
    if (rules.len == 0) {
        kernel_tvr(k, TVR_DATA_MISSING);
        kernel_go(k, EMV_STEP_RISK);
        return;
    }
    for (; 2 * k->rule < rules.len; k->rule++) {
        const uint8_t *rule = rules.at + 2 * k->rule;
        if (!condition_holds(k, rule[1], rule[0] & METHOD)) continue;
        try_rule(k, rule);
        return;
    }
    /* No rule left. The last one tried is the result; none tried is 3F 00 (Book 4, 6.3.4.5). */
    uint8_t code = 0x3F, condition = 0;
    struct bytes results;
    if (k->rule_failed && emv_data_get_exact(&k->data, 0x9F34, 3, &results)) {
        code = results.at[0];
        condition = results.at[1];
    }
    finish(k, code, condition, RESULT_FAILED);
}

void kernel_enter_document(struct emv_contact *k)
{
    k->want = EMV_WANT_DOCUMENT;
}

bool kernel_document_event(struct emv_contact *k, const struct emv_event *event)
{
    if (event->kind == EMV_EVENT_CANCEL) kernel_terminate(k, EMV_REASON_CANCELLED);
    else if (event->kind != EMV_EVENT_DOCUMENT) return false;
    else if (event->accepted) kernel_rule_done(k, RESULT_SUCCESSFUL);
    else kernel_rule_failed(k);
    return true;
}
