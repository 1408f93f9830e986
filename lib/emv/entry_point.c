/* SPDX-License-Identifier: Apache-2.0 */
/* The machine of a tap: events in, wants out, and the applications of the card (Book B, 3.3). */
#include "lib/emv/entry_point.h"

#include "lib/crypto/secret.h"
#include "lib/emv/tap.h"

struct step {
    void (*enter)(struct emv_tap *k);
    void (*answer)(struct emv_tap *k); /* NULL: this step sends no command */
};

static const struct step steps[EMV_TAP_STEPS] = {
    [EMV_TAP_PPSE] = {tap_enter_ppse, tap_answer_ppse},
    [EMV_TAP_SELECT] = {tap_enter_select, tap_answer_select},
    [EMV_TAP_OPTIONS] = {tap_enter_options, tap_answer_options},
    [EMV_TAP_RECORD] = {tap_enter_record, tap_answer_record},
    [EMV_TAP_JUDGE] = {tap_enter_judge, NULL},
    [EMV_TAP_PIN] = {tap_enter_pin, NULL},
    [EMV_TAP_ONLINE] = {tap_enter_online, NULL},
};

enum {
    WANT_STEP = EMV_DONE + 1, /* not for the caller: enter the step that was gone to */
    COMMAND_SELECT = 0x00A40400,
    SW_CARD_BLOCKED = 0x6A81,
    SW_BLOCKED = 0x6283,
    TAG_ENTRY = 0x61,
    TAG_KERNEL = 0x9F2A,
    TAG_EXTENDED = 0x9F29,
};

void tap_go(struct emv_tap *k, enum emv_tap_step step)
{
    k->step = step;
    k->want = (enum emv_want)WANT_STEP;
}

void tap_command(struct emv_tap *k, uint32_t header, struct bytes data)
{
    emv_apdu_begin(&k->apdu, header, data, true);
    k->want = EMV_WANT_APDU;
}

/* ---- ends ---- */

void tap_end(struct emv_tap *k, enum emv_result result, enum emv_reason reason,
             enum emv_message message)
{
    bool approved = result == EMV_APPROVED_OFFLINE || result == EMV_APPROVED_ONLINE;
    k->outcome.result = result;
    k->outcome.reason = reason;
    k->outcome.reverse = !approved && k->online_asked && !(k->host_reached && !k->host_approved);
    k->outcome.signature = approved && k->tap.cvm == EMV_TAP_CVM_SIGNATURE;
    k->tap.message = message;
    emv_apdu_wipe(&k->apdu);
    secret_wipe_bytes(&k->statics, sizeof k->statics);
    k->want = EMV_DONE;
}

void tap_terminate(struct emv_tap *k, enum emv_reason reason)
{
    if (reason == EMV_REASON_BAD_STATUS) k->outcome.sw = k->apdu.sw;
    tap_end(k, EMV_TERMINATED, reason, EMV_MESSAGE_OTHER_CARD);
}

void tap_again(struct emv_tap *k, enum emv_reason reason, enum emv_message message)
{
    k->outcome.try_again = true;
    k->tap.start = EMV_START_B;
    tap_end(k, EMV_TERMINATED, reason, message);
}

void tap_insert(struct emv_tap *k, enum emv_reason reason)
{
    enum { CAN_CONTACT = KERNEL_BIT(0, 0x20) };
    k->tap.insert = (k->terminal.capabilities[0] & (uint8_t)CAN_CONTACT) != 0;
    tap_end(k, EMV_TERMINATED, reason, k->tap.insert ? EMV_MESSAGE_INSERT : EMV_MESSAGE_OTHER_CARD);
}

/* ---- applications ---- */

void tap_enter_ppse(struct emv_tap *k)
{
    tap_command(k, COMMAND_SELECT, BYTES("2PAY.SYS.DDF01"));
}

/*
 * 3.3.2.5, steps C and D: without 9F2A, or with one that names none, the scheme's own kernel. A
 * kernel of 10 or 11 in its first bits is a domestic one of a country, which there is none of here.
 */
static bool asks_for_unionpay(struct bytes aid, struct bytes kernel)
{
    static const uint8_t rid[EMV_RID_BYTES] = {0xA0, 0x00, 0x00, 0x03, 0x33};
    bool named = kernel.len > 0 && kernel.at[0] != 0;
    if (named) return kernel.at[0] == EMV_KERNEL_UNIONPAY;
    return memcmp(aid.at, rid, sizeof rid) == 0;
}

/* Highest priority first, none last, equals in the order they came (3.3.2.5, step 3). */
static void add_candidate(struct emv_tap *k, const struct emv_tap_candidate *c)
{
    if (k->candidates == EMV_TAP_CANDIDATES) return;
    size_t at = k->candidates++;
    unsigned rank = c->priority == 0 ? 16 : c->priority;
    while (at > 0) {
        unsigned above = k->candidate[at - 1].priority == 0 ? 16 : k->candidate[at - 1].priority;
        if (above <= rank) break;
        k->candidate[at] = k->candidate[at - 1];
        at--;
    }
    k->candidate[at] = *c;
}

/* The combination for a name: the parameters' application, if the amount may be tapped with it. */
static const struct emv_combination *combination_of(const struct emv_tap *k, struct bytes aid)
{
    const struct emv_application *a = emv_parameters_application(k->parameters, aid);
    if (a == NULL) return NULL;
    const struct emv_combination *c = &k->combination[a - k->parameters->application];
    return c->allowed ? c : NULL;
}

struct entry {
    struct bytes aid, kernel, extended;
    uint8_t priority;
};

/* Errors: TLV's. */
static err read_entry(struct bytes value, struct entry *out)
{
    struct tlv_walk walk = tlv_walk_over(value);
    struct tlv object;
    while (tlv_next(&walk, &object)) {
        if (object.tag == 0x4F) out->aid = object.value;
        if (object.tag == 0x87 && object.value.len == 1) out->priority = object.value.at[0] & 0x0F;
        if (object.tag == TAG_KERNEL) out->kernel = object.value;
        if (object.tag == TAG_EXTENDED) out->extended = object.value;
    }
    return tlv_finish(&walk);
}

/* One entry 61. What names nothing that is taken here is passed over. */
static err add_entry(struct emv_tap *k, struct bytes value)
{
    struct entry entry = {0};
    TRY(read_entry(value, &entry));
    if (entry.aid.len < EMV_AID_MIN || entry.aid.len > EMV_AID_MAX) return OK;
    if (!asks_for_unionpay(entry.aid, entry.kernel)) return OK;
    struct emv_tap_candidate c = {.aid_len = (uint8_t)entry.aid.len,
                                  .priority = entry.priority,
                                  .combination = combination_of(k, entry.aid)};
    if (c.combination == NULL) return OK;
    memcpy(c.aid, entry.aid.at, entry.aid.len);
    /* Both together are a name, and no name is longer than sixteen bytes. */
    if (k->terminal.extended_selection && entry.extended.len > 0 &&
        entry.extended.len <= EMV_AID_MAX - entry.aid.len) {
        memcpy(c.extended, entry.extended.at, entry.extended.len);
        c.extended_len = (uint8_t)entry.extended.len;
    }
    add_candidate(k, &c);
    return OK;
}

static err add_entries(struct emv_tap *k, struct bytes answer)
{
    struct emv_fci fci;
    struct tlv object;
    TRY(emv_fci_parse(answer, &fci));
    struct tlv_walk walk = tlv_walk_over(fci.discretionary);
    while (tlv_next(&walk, &object))
        if (object.tag == TAG_ENTRY) TRY(add_entry(k, object.value));
    return tlv_finish(&walk);
}

void tap_answer_ppse(struct emv_tap *k)
{
    if (k->apdu.sw == SW_CARD_BLOCKED) {
        tap_terminate(k, EMV_REASON_CARD_BLOCKED);
        return;
    }
    if (k->apdu.sw != EMV_SW_OK || FAILED(add_entries(k, emv_apdu_data(&k->apdu))))
        k->candidates = 0;
    if (k->candidates == 0) tap_insert(k, EMV_REASON_NO_APPLICATION);
    else tap_go(k, EMV_TAP_SELECT);
}

void tap_enter_select(struct emv_tap *k)
{
    const struct emv_tap_candidate *c = &k->candidate[0];
    uint8_t name[EMV_AID_MAX + EMV_EXTENDED_MAX];
    struct writer w = writer_over(name, sizeof name);
    write_bytes(&w, bytes_of(c->aid, c->aid_len));
    write_bytes(&w, bytes_of(c->extended, c->extended_len));
    k->chosen = c->combination;
    k->terminal = kernel_terminal_for(&k->as_set_up, &k->payment, k->chosen->application);
    kernel_put_kind(&k->data, &k->terminal);
    tap_command(k, COMMAND_SELECT, writer_view(&w));
}

void tap_answer_select(struct emv_tap *k)
{
    const struct emv_tap_candidate *c = &k->candidate[0];
    struct emv_fci fci;
    bool good = k->apdu.sw == EMV_SW_OK && !FAILED(emv_fci_parse(emv_apdu_data(&k->apdu), &fci)) &&
                fci.name.len >= c->aid_len && memcmp(fci.name.at, c->aid, c->aid_len) == 0 &&
                !FAILED(kernel_keep_fci(&k->data, &fci));
    k->application_blocked |= k->apdu.sw == SW_BLOCKED;
    if (good) tap_go(k, EMV_TAP_OPTIONS);
    else tap_select_next(k);
}

void tap_select_next(struct emv_tap *k)
{
    emv_data_forget_card(&k->data);
    k->candidates--;
    for (size_t i = 0; i < k->candidates; i++) k->candidate[i] = k->candidate[i + 1];
    if (k->candidates > 0) tap_go(k, EMV_TAP_SELECT);
    else if (k->application_blocked) tap_terminate(k, EMV_REASON_APPLICATION_BLOCKED);
    else tap_insert(k, EMV_REASON_NO_APPLICATION);
}

/* ---- the machine ---- */

static void run_steps(struct emv_tap *k)
{
    while (k->want == (enum emv_want)WANT_STEP) steps[k->step].enter(k);
}

static bool response(struct emv_tap *k, const struct emv_event *event)
{
    if (event->kind != EMV_EVENT_RESPONSE) return false;
    enum emv_apdu_state state = emv_apdu_answer(&k->apdu, event->bytes);
    ENSURE(steps[k->step].answer != NULL);
    if (state == EMV_APDU_BAD) tap_terminate(k, EMV_REASON_BAD_DATA);
    if (state == EMV_APDU_DONE) steps[k->step].answer(k);
    return true;
}

/* While commands are under way the card can go: nothing has been paid, and the same payment may be
 * tapped once more. */
static bool card_event(struct emv_tap *k, const struct emv_event *event)
{
    switch (event->kind) {
    case EMV_EVENT_REMOVED:
        tap_again(k, EMV_REASON_REMOVED, EMV_MESSAGE_PRESENT_AGAIN);
        return true;
    case EMV_EVENT_TIMEOUT:
        tap_again(k, EMV_REASON_TIMEOUT, EMV_MESSAGE_PRESENT_AGAIN);
        return true;
    case EMV_EVENT_SEVERAL:
        tap_again(k, EMV_REASON_SEVERAL, EMV_MESSAGE_ONE_CARD);
        return true;
    default:
        return response(k, event);
    }
}

static bool dispatch(struct emv_tap *k, const struct emv_event *event)
{
    switch (k->want) {
    case EMV_WANT_APDU:
        return card_event(k, event);
    case EMV_WANT_PIN:
        return tap_pin_event(k, event);
    case EMV_WANT_ONLINE:
        return tap_online_event(k, event);
    case EMV_WANT_CHOICE:
    case EMV_WANT_DOCUMENT:
    case EMV_DONE:
        break;
    }
    return false;
}

enum emv_want emv_tap_next(struct emv_tap *k, const struct emv_event *event)
{
    if (dispatch(k, event)) run_steps(k);
    return k->want;
}

/* From the field on (start B). */
static enum emv_want activate(struct emv_tap *k)
{
    const struct emv_setup setup = {k->parameters, k->terminal, k->payment, k->ports};
    bool allowed = false;
    kernel_put_terminal(&k->data, &setup, k->date);
    for (size_t i = 0; i < k->parameters->applications; i++) allowed |= k->combination[i].allowed;
    if (!allowed) tap_insert(k, EMV_REASON_LIMIT);
    else tap_go(k, EMV_TAP_PPSE);
    run_steps(k);
    return k->want;
}

enum emv_want emv_tap_begin(struct emv_tap *k, const struct emv_setup *setup)
{
    kernel_check_setup(setup);
    emv_tap_wipe(k);
    k->parameters = setup->parameters;
    k->as_set_up = k->terminal = setup->terminal;
    k->payment = setup->payment;
    k->ports = setup->ports;
    tap_preprocess(setup, k->combination);
    return activate(k);
}

enum emv_want emv_tap_again(struct emv_tap *k)
{
    ENSURE(k->want == EMV_DONE && k->outcome.try_again);
    const struct emv_setup setup = {k->parameters, k->as_set_up, k->payment, k->ports};
    return emv_tap_begin(k, &setup);
}

struct bytes emv_tap_command(const struct emv_tap *k)
{
    ENSURE(k->want == EMV_WANT_APDU);
    return emv_apdu_wire(&k->apdu);
}

void emv_tap_wipe(struct emv_tap *k)
{
    secret_wipe_bytes(k, sizeof *k);
    k->want = EMV_DONE;
}

const char *emv_tap_step_text(enum emv_tap_step step)
{
    static const char *const text[] = {
#define X(name, file, clause) #name,
        EMV_TAP_STEP_LIST(X)
#undef X
    };
    return step < EMV_TAP_STEPS ? text[step] : "unknown";
}
