/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cardholder verification (EMV Book 3, 10.5): down the card's list of rules until one is fulfilled,
 * or one fails that does not let the next be tried. The result stands in 9F34 and in the TVR.
 */
#include "lib/emv/cvm_list.h"
#include "lib/emv/kernel.h"

enum { RESULT_UNKNOWN = 0, RESULT_FAILED = 1, RESULT_SUCCESSFUL = 2 };

/* The card's list; none when it has no rules. What is malformed was refused with its record. */
static bool list_of(const struct emv_contact *k, struct emv_cvm_list *ret_list)
{
    struct bytes value;
    return emv_data_get(&k->data, 0x8E, &value) && !FAILED(emv_cvm_list_parse(value, ret_list));
}

/* The rule that is being tried. */
static struct emv_cvm_rule present_rule(const struct emv_contact *k)
{
    struct emv_cvm_list list;
    ENSURE(list_of(k, &list));
    return emv_cvm_rule(&list, k->rule);
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
    case EMV_CVM_FAIL:
        return true;
    case EMV_CVM_PIN_PLAIN:
        return kernel_can(k, CAN_PIN_PLAIN);
    case EMV_CVM_PIN_ONLINE:
        return online_pin_possible(k);
    case EMV_CVM_PIN_PLAIN_SIGN:
        return kernel_can(k, CAN_PIN_PLAIN) && kernel_can(k, CAN_SIGNATURE);
    case EMV_CVM_PIN_ENCIPHERED:
        return kernel_can(k, CAN_PIN_ENCIPHERED);
    case EMV_CVM_PIN_ENCIPHERED_SIGN:
        return kernel_can(k, CAN_PIN_ENCIPHERED) && kernel_can(k, CAN_SIGNATURE);
    case EMV_CVM_SIGNATURE:
        return kernel_can(k, CAN_SIGNATURE);
    case EMV_CVM_NONE:
        return kernel_can(k, CAN_NO_CVM);
    case EMV_CVM_DOCUMENT:
        return k->terminal.document;
    default:
        *ret_known = false;
        return false;
    }
}

/* Conditions 06 to 09 hold only in the application's own currency. */
static bool amount_condition(const struct emv_contact *k, unsigned condition)
{
    struct bytes currency;
    struct emv_cvm_list list;
    if (!emv_data_get_exact(&k->data, 0x9F42, 2, &currency) ||
        !bytes_equal(currency, BYTES_OF(k->payment.currency)))
        return false;
    if (!list_of(k, &list)) return false;
    int64_t limit = condition <= 0x07 ? list.x : list.y;
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
    return method == EMV_CVM_SIGNATURE || method == EMV_CVM_PIN_PLAIN_SIGN ||
           method == EMV_CVM_PIN_ENCIPHERED_SIGN;
}

void kernel_rule_done(struct emv_contact *k, uint8_t result)
{
    struct emv_cvm_rule rule = present_rule(k);
    /* A signature beside a PIN is still to come: the whole is not known yet (Book 4, 6.3.4.5). */
    k->outcome.signature = signs_too(rule.code & EMV_CVM_METHOD);
    finish(k, rule.code, rule.condition, k->outcome.signature ? RESULT_UNKNOWN : result);
}

/* On to the next rule when this one allows it, otherwise it is the result. */
void kernel_rule_failed(struct emv_contact *k)
{
    struct emv_cvm_rule rule = present_rule(k);
    const uint8_t results[3] = {rule.code, rule.condition, RESULT_FAILED};
    emv_data_set(&k->data, 0x9F34, BYTES_OF(results));
    k->rule_failed = true;
    if ((rule.code & EMV_CVM_TRY_NEXT) != 0) {
        k->rule++;
        kernel_go(k, EMV_STEP_CARDHOLDER);
    } else {
        finish(k, rule.code, rule.condition, RESULT_FAILED);
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
    case EMV_CVM_PIN_PLAIN:
    case EMV_CVM_PIN_PLAIN_SIGN:
        kernel_offline_pin(k, false);
        return;
    case EMV_CVM_PIN_ENCIPHERED:
    case EMV_CVM_PIN_ENCIPHERED_SIGN:
        kernel_offline_pin(k, true);
        return;
    case EMV_CVM_PIN_ONLINE:
        ask_online_pin(k);
        return;
    case EMV_CVM_SIGNATURE:
        kernel_rule_done(k, RESULT_UNKNOWN);
        return;
    case EMV_CVM_NONE:
        kernel_rule_done(k, RESULT_SUCCESSFUL);
        return;
    case EMV_CVM_DOCUMENT:
        kernel_go(k, EMV_STEP_DOCUMENT);
        return;
    default: /* 00: this cardholder cannot be verified */
        kernel_rule_failed(k);
        return;
    }
}

static bool is_pin(unsigned method)
{
    return method >= EMV_CVM_PIN_PLAIN && method <= EMV_CVM_PIN_ENCIPHERED_SIGN;
}

static void try_rule(struct emv_contact *k, struct emv_cvm_rule rule)
{
    unsigned method = rule.code & EMV_CVM_METHOD;
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
    struct emv_cvm_list list;
    if (k->terminal.ask_counter && !k->counter_read) {
        kernel_go(k, EMV_STEP_PIN_COUNTER);
        return;
    }
    if (!kernel_aip(k, AIP_CARDHOLDER)) {
        kernel_go(k, EMV_STEP_RISK); /* 9F34 stays 3F 00 00 */
        return;
    }
    if (!list_of(k, &list)) {
        kernel_tvr(k, TVR_DATA_MISSING);
        kernel_go(k, EMV_STEP_RISK);
        return;
    }
    for (; k->rule < emv_cvm_rules(&list); k->rule++) {
        struct emv_cvm_rule rule = emv_cvm_rule(&list, k->rule);
        if (!condition_holds(k, rule.condition, rule.code & EMV_CVM_METHOD)) continue;
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
