/* SPDX-License-Identifier: Apache-2.0 */
/* The machine around the steps: events in, wants out, and what a card that is taken away means. */
#include "lib/emv/contact.h"

#include "lib/crypto/secret.h"
#include "lib/emv/kernel.h"

struct step {
    void (*enter)(struct emv_contact *k);
    void (*answer)(struct emv_contact *k); /* NULL: this step sends no command */
};

/* clang-format off */
static const struct step steps[EMV_STEPS] = {
    [EMV_STEP_PSE]           = {kernel_enter_pse, kernel_answer_pse},
    [EMV_STEP_DIRECTORY]     = {kernel_enter_directory, kernel_answer_directory},
    [EMV_STEP_LIST]          = {kernel_enter_list, kernel_answer_list},
    [EMV_STEP_CHOOSE]        = {kernel_enter_choose, NULL},
    [EMV_STEP_SELECT]        = {kernel_enter_select, kernel_answer_select},
    [EMV_STEP_OPTIONS]       = {kernel_enter_options, kernel_answer_options},
    [EMV_STEP_RECORD]        = {kernel_enter_record, kernel_answer_record},
    [EMV_STEP_AUTHENTICATE]  = {kernel_enter_authenticate, kernel_answer_authenticate},
    [EMV_STEP_RESTRICTIONS]  = {kernel_enter_restrictions, NULL},
    [EMV_STEP_CARDHOLDER]    = {kernel_enter_cardholder, NULL},
    [EMV_STEP_PIN_COUNTER]   = {kernel_enter_pin_counter, kernel_answer_pin_counter},
    [EMV_STEP_CHALLENGE]     = {kernel_enter_challenge, kernel_answer_challenge},
    [EMV_STEP_PIN]           = {kernel_enter_pin, NULL},
    [EMV_STEP_VERIFY]        = {NULL, kernel_answer_verify},
    [EMV_STEP_DOCUMENT]      = {kernel_enter_document, NULL},
    [EMV_STEP_RISK]          = {kernel_enter_risk, NULL},
    [EMV_STEP_COUNTER]       = {kernel_enter_counter, kernel_answer_counter},
    [EMV_STEP_LAST_ONLINE]   = {kernel_enter_last_online, kernel_answer_last_online},
    [EMV_STEP_ACTION]        = {kernel_enter_action, NULL},
    [EMV_STEP_GENERATE_1]    = {kernel_enter_generate_1, kernel_answer_generate_1},
    [EMV_STEP_ONLINE]        = {kernel_enter_online, NULL},
    [EMV_STEP_ISSUER]        = {kernel_enter_issuer, kernel_answer_issuer},
    [EMV_STEP_SCRIPT_BEFORE] = {kernel_enter_script_before, kernel_answer_script_before},
    [EMV_STEP_GENERATE_2]    = {kernel_enter_generate_2, kernel_answer_generate_2},
    [EMV_STEP_SCRIPT_AFTER]  = {kernel_enter_script_after, kernel_answer_script_after},
    [EMV_STEP_CONCLUDE]      = {kernel_enter_conclude, NULL},
};
/* clang-format on */

enum {
    WANT_STEP = EMV_DONE + 1, /* not for the caller: enter the step that was gone to */
    STEPS_A_TURN = 256,       /* steps without a want in between; the longest way has about 40 */
};

bool kernel_aip(const struct emv_contact *k, uint8_t bit)
{
    struct bytes aip;
    return emv_data_get_exact(&k->data, 0x82, 2, &aip) && (aip.at[0] & bit) != 0;
}

void kernel_go(struct emv_contact *k, enum emv_step step)
{
    k->step = step;
    k->want = (enum emv_want)WANT_STEP;
}

void kernel_command(struct emv_contact *k, uint32_t header, struct bytes data, bool expects)
{
    emv_apdu_begin(&k->apdu, header, data, expects);
    k->want = EMV_WANT_APDU;
}

void kernel_publish(struct emv_contact *k)
{
    emv_data_set(&k->data, 0x95, BYTES_OF(k->tvr));
    emv_data_set(&k->data, 0x9B, BYTES_OF(k->tsi));
}

bool kernel_fill(struct emv_contact *k, struct bytes dol, struct emv_sent *sent)
{
    struct writer w = writer_over(sent->at, sizeof sent->at);
    kernel_publish(k);
    if (FAILED(emv_dol_fill_from(dol, &k->data, &w))) {
        kernel_terminate(k, EMV_REASON_BAD_DATA);
        return false;
    }
    sent->len = (uint8_t)w.len;
    return true;
}

struct emv_trust kernel_trust(const struct emv_contact *k)
{
    struct emv_trust trust = {.parameters = k->parameters, .data = &k->data};
    (void)emv_data_get(&k->data, 0x9F06, &trust.aid);
    memcpy(trust.date, k->date, sizeof trust.date);
    return trust;
}

bool kernel_template(struct bytes answer, bool *ret_plain, struct bytes *ret_value)
{
    struct tlv_walk walk = tlv_walk_over(answer);
    struct tlv template, more;
    if (!tlv_next(&walk, &template) || tlv_next(&walk, &more)) return false;
    if (FAILED(tlv_finish(&walk)) || (template.tag != 0x80 && template.tag != 0x77)) return false;
    *ret_plain = template.tag == 0x80;
    *ret_value = template.value;
    return true;
}

/* Nothing of the card that the caller has no use for is left behind. */
static void clear_workings(struct emv_contact *k)
{
    emv_apdu_wipe(&k->apdu);
    secret_wipe_bytes(&k->statics, sizeof k->statics);
    secret_wipe_bytes(k->challenge, sizeof k->challenge);
    secret_wipe_bytes(&k->cdol1_sent, sizeof k->cdol1_sent);
    secret_wipe_bytes(&k->cdol2_sent, sizeof k->cdol2_sent);
}

void kernel_end(struct emv_contact *k, enum emv_result result, enum emv_reason reason)
{
    bool approved = result == EMV_APPROVED_OFFLINE || result == EMV_APPROVED_ONLINE;
    k->outcome.result = result;
    k->outcome.reason = reason;
    /* A host that was asked may have booked the payment, whatever it answered or did not. */
    k->outcome.reverse = !approved && k->online_asked && !(k->host_reached && !k->host_approved);
    if (!approved) k->outcome.signature = false;
    kernel_publish(k);
    clear_workings(k);
    k->want = EMV_DONE;
}

/* Before the records are read nothing has been decided: the card may be swiped where the rules
 * allow it. A card or application that is blocked stays blocked when it is swiped. */
static bool fallback_allowed(const struct emv_contact *k, enum emv_reason reason)
{
    if (k->step > EMV_STEP_RECORD) return false;
    return reason == EMV_REASON_BAD_DATA || reason == EMV_REASON_BAD_STATUS ||
           reason == EMV_REASON_TIMEOUT || reason == EMV_REASON_MISSING_DATA ||
           reason == EMV_REASON_NO_APPLICATION;
}

void kernel_terminate(struct emv_contact *k, enum emv_reason reason)
{
    k->outcome.fallback = fallback_allowed(k, reason);
    k->outcome.try_again = k->step < EMV_STEP_GENERATE_1 &&
                           (reason == EMV_REASON_REMOVED || reason == EMV_REASON_TIMEOUT);
    if (reason == EMV_REASON_BAD_STATUS) k->outcome.sw = k->apdu.sw;
    kernel_end(k, EMV_TERMINATED, reason);
}

/*
 * The card is away, or silent. When its final cryptogram has been given, the payment stands as it
 * is, and only scripts are lost. Before that there is no payment.
 */
static void card_lost(struct emv_contact *k, enum emv_reason reason)
{
    if (k->step != EMV_STEP_SCRIPT_AFTER) {
        kernel_terminate(k, reason);
        return;
    }
    kernel_scripts_abandoned(k);
    k->want = EMV_DONE;
    kernel_enter_conclude(k);
}

static void run_steps(struct emv_contact *k)
{
    for (unsigned turn = 0; k->want == (enum emv_want)WANT_STEP; turn++) {
        ENSURE(turn < STEPS_A_TURN);
        ENSURE(steps[k->step].enter != NULL);
        steps[k->step].enter(k);
    }
}

static bool response(struct emv_contact *k, const struct emv_event *event)
{
    if (event->kind != EMV_EVENT_RESPONSE) return false;
    enum emv_apdu_state state = emv_apdu_answer(&k->apdu, event->bytes);
    ENSURE(steps[k->step].answer != NULL);
    if (state == EMV_APDU_BAD) card_lost(k, EMV_REASON_BAD_DATA);
    if (state == EMV_APDU_DONE) steps[k->step].answer(k);
    return true;
}

static bool dispatch(struct emv_contact *k, const struct emv_event *event)
{
    switch (k->want) {
    case EMV_WANT_APDU:
        return response(k, event);
    case EMV_WANT_CHOICE:
        return kernel_choice_event(k, event);
    case EMV_WANT_PIN:
        return kernel_pin_event(k, event);
    case EMV_WANT_DOCUMENT:
        return kernel_document_event(k, event);
    case EMV_WANT_ONLINE:
        return kernel_online_event(k, event);
    case EMV_DONE:
        break;
    }
    return false;
}

enum emv_want emv_contact_next(struct emv_contact *k, const struct emv_event *event)
{
    if (k->want == EMV_DONE) return k->want;
    if (event->kind == EMV_EVENT_REMOVED) card_lost(k, EMV_REASON_REMOVED);
    else if (event->kind == EMV_EVENT_TIMEOUT) card_lost(k, EMV_REASON_TIMEOUT);
    else if (!dispatch(k, event)) return k->want;
    run_steps(k);
    return k->want;
}

void kernel_check_setup(const struct emv_setup *setup)
{
    ENSURE(setup->parameters != NULL && setup->ports.now != NULL);
    ENSURE(setup->ports.random.fill != NULL);
    ENSURE(setup->payment.amount_minor >= 0 && setup->payment.other_minor >= 0);
    ENSURE(setup->payment.other_minor <= setup->payment.amount_minor);
    ENSURE(setup->payment.sequence <= 99999999);
}

struct emv_terminal kernel_terminal_for(const struct emv_terminal *as_set_up,
                                        const struct emv_payment *payment,
                                        const struct emv_application *application)
{
    static const uint8_t none[3];
    struct emv_terminal t = *as_set_up;
    if (payment->host == EMV_HOST_ALWAYS) return t;
    if (application->type != 0) t.type = application->type;
    bool given = memcmp(application->capabilities, none, sizeof none) != 0;
    if (payment->host == EMV_HOST_AWAY && given)
        memcpy(t.capabilities, application->capabilities, sizeof t.capabilities);
    return t;
}

void kernel_put_kind(struct emv_data *d, const struct emv_terminal *t)
{
    emv_data_set_number(d, 0x9F35, t->type, 1);
    emv_data_set(d, 0x9F33, BYTES_OF(t->capabilities));
}

void kernel_put_terminal(struct emv_data *d, const struct emv_setup *setup, uint8_t ret_date[3])
{
    const struct emv_terminal *t = &setup->terminal;
    const struct emv_payment *p = &setup->payment;
    uint8_t amount[6], time[3], zero[3] = {0x3F, 0, 0};
    setup->ports.now(setup->ports.context, ret_date, time);
    emv_data_set(d, 0x9A, bytes_of(ret_date, 3));
    emv_data_set(d, 0x9F21, BYTES_OF(time));
    emv_amount(p->amount_minor, amount);
    emv_data_set(d, 0x9F02, BYTES_OF(amount));
    emv_data_set_number(d, 0x81, (uint64_t)p->amount_minor & 0xFFFFFFFF, 4);
    emv_amount(p->other_minor, amount);
    emv_data_set(d, 0x9F03, BYTES_OF(amount));
    emv_data_set_number(d, 0x9F04, (uint64_t)p->other_minor & 0xFFFFFFFF, 4);
    emv_data_set(d, 0x5F2A, BYTES_OF(p->currency));
    emv_data_set_number(d, 0x5F36, p->exponent, 1);
    emv_data_set_number(d, 0x9C, p->type, 1);
    emv_amount(p->sequence, amount);
    emv_data_set(d, 0x9F41, bytes_of(amount + 2, 4));
    kernel_put_kind(d, t);
    emv_data_set(d, 0x9F40, BYTES_OF(t->additional));
    emv_data_set(d, 0x9F1A, BYTES_OF(t->country));
    emv_data_set(d, 0x9F1E, BYTES_OF(t->serial));
    emv_data_set(d, 0x9F15, BYTES_OF(t->category));
    emv_data_set(d, 0x9F4E, t->merchant);
    emv_data_set(d, 0x9F16, t->merchant_id);
    emv_data_set(d, 0x9F1C, t->terminal_id);
    emv_data_set(d, 0x9F34, BYTES_OF(zero));
    uint8_t number[4];
    random_fill(&setup->ports.random, number, sizeof number);
    emv_data_set(d, 0x9F37, BYTES_OF(number));
}

enum emv_want emv_contact_begin(struct emv_contact *k, const struct emv_setup *setup)
{
    kernel_check_setup(setup);
    emv_contact_wipe(k);
    k->parameters = setup->parameters;
    k->as_set_up = k->terminal = setup->terminal;
    k->payment = setup->payment;
    k->ports = setup->ports;
    k->apdu.t0 = setup->terminal.t0;
    kernel_put_terminal(&k->data, setup, k->date);
    kernel_go(k, EMV_STEP_PSE);
    run_steps(k);
    return k->want;
}

struct bytes emv_contact_command(const struct emv_contact *k)
{
    ENSURE(k->want == EMV_WANT_APDU);
    return emv_apdu_wire(&k->apdu);
}

void emv_contact_wipe(struct emv_contact *k)
{
    secret_wipe_bytes(k, sizeof *k);
    k->want = EMV_DONE;
}

const char *emv_result_text(enum emv_result result)
{
    static const char *const text[] = {
#define X(name, words) words,
        EMV_RESULT_LIST(X)
#undef X
    };
    return (size_t)result < ARRAY_LEN(text) ? text[result] : "unknown";
}

const char *emv_reason_text(enum emv_reason reason)
{
    static const char *const text[] = {
#define X(name, words) words,
        EMV_REASON_LIST(X)
#undef X
    };
    return reason < EMV_REASONS ? text[reason] : "unknown";
}

const char *emv_step_text(enum emv_step step)
{
    static const char *const text[] = {
#define X(name, file, clause) #name,
        EMV_STEP_LIST(X)
#undef X
    };
    return step < EMV_STEPS ? text[step] : "unknown";
}
