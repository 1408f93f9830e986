/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chip cards: what the reader reports goes to the kernel, what the kernel wants goes to the reader,
 * to a person, or to the host. The card's number, its PIN and its certificates stay here; what
 * leaves is a masked number, field 55, and questions.
 *
 *   reader: a card -> power -> kernel <-> card ... -> wants: choice, PIN, host -> kernel ... -> end
 *
 * One card at a time, in the slot or at the field (chip_kernel.h). The kernel says what a card that
 * is pulled means (docs/emv.md); here it is only reported. Power is taken from the card as soon as
 * it has said its last word. A card that has been used must leave the slot, or the field, before
 * it is taken again: a telephone that lies on the reader does not pay twice, a card that was left
 * in the slot not for the next customer, and a chip that cannot be read is no three that cannot.
 */
#include "lib/base/money.h"
#include "lib/emv/track.h"
#include "vault/state.h"

enum {
    CONNECT_MS = 3000,  /* answer to reset, protocol */
    COMMAND_MS = 10000, /* the longest that a card may think; cards of the demo need 1.5 s */
    TAG_LABEL = 0x50,
    TAG_AID = 0x4F,
    TAG_NAME = 0x84,
    TAG_TRACK_2 = 0x57,
    TAG_EXPIRY = 0x5F24,
    TAG_SEQUENCE = 0x5F34,
    TAG_TSI = 0x9B,
    TRIES_UNKNOWN = 255,
};

static struct vault_chip_card *chip_of(struct vault *v)
{
    return &v->secrets->chip;
}

static struct chip_sight sight_of(const struct vault_chip_card *chip)
{
    return chip->kernel->look(&chip->machine);
}

/* ---- what the kernel needs of the world ---- */

static void say_now(void *context, uint8_t date[3], uint8_t time[3])
{
    const struct vault *v = context;
    struct civil c = civil_from_ms(clock_now_ms(&v->config.clock) + CLOCK_CHINA_OFFSET_MS);
    const int part[6] = {c.year % 100, c.month, c.day, c.hour, c.minute, c.second};
    for (int i = 0; i < 6; i++) {
        uint8_t packed = (uint8_t)(part[i] / 10 << 4 | part[i] % 10);
        if (i < 3) date[i] = packed;
        else time[i - 3] = packed;
    }
}

static void put_currency(uint16_t number, uint8_t out[2])
{
    out[0] = (uint8_t)(number / 100);
    out[1] = (uint8_t)(number / 10 % 10 << 4 | number % 10);
}

/* An attended terminal that pays online only, with a reader, a PIN pad and paper (Book 4, annex
 * A): type 21; chip and stripe; every way of verification; SDA, DDA, CDA. An application's own
 * parameters may make it more, for payments that may be approved without the host. */
static struct emv_terminal describe(struct vault *v)
{
    struct emv_terminal t = {
        .type = 0x21,
        .capabilities = {0x60, 0xF8, 0xC8},
        .additional = {0x60, 0x00, 0xF0, 0xA0, 0x01},
        .category = {0x59, 0x99},
        .merchant = bytes_text(v->device.merchant_en),
        .merchant_id = bytes_text(v->device.mid),
        .terminal_id = bytes_text(v->device.tid),
        .t0 = chip_of(v)->protocol == CARD_T0,
        .choice = true,
        .pin_bypass = true,
        .document = true,
    };
    put_currency(CURRENCY_CNY, t.country); /* of China, as its currency: 156 */
    memcpy(t.serial, v->device.tid, sizeof t.serial);
    return t;
}

/* Without the host only within the limits of the signed parameters, whatever the terminal says. */
static enum emv_host host_of(const struct vault *v)
{
    static const enum emv_host hosts[] = {
        [VAULT_HOST_ALWAYS] = EMV_HOST_ALWAYS,
        [VAULT_HOST_FIRST] = EMV_HOST_FIRST,
        [VAULT_HOST_AWAY] = EMV_HOST_AWAY,
    };
    const struct emv_limits *limits = &v->parameters->parsed.limits;
    bool may = limits->offline_days > 0 && (int64_t)v->shown_minor <= limits->offline_each_minor;
    return may ? hosts[v->card_host] : EMV_HOST_ALWAYS;
}

static struct emv_setup set_up(struct vault *v)
{
    enum { TYPE_INQUIRY = 0x31 /* 9C: the first two digits of field 3 */ };
    struct emv_setup setup = {
        .parameters = &v->parameters->parsed,
        .terminal = describe(v),
        .payment = {.amount_minor = (int64_t)v->shown_minor,
                    .type = v->shown_minor == 0 ? TYPE_INQUIRY : 0,
                    .force_online = v->shown_minor == 0,
                    .exponent = 2,
                    .sequence = ++v->chip_sequence,
                    .host = host_of(v)},
        .ports = {.context = v, .random = v->config.random, .now = say_now},
    };
    put_currency(CURRENCY_CNY, setup.payment.currency);
    return setup;
}

/* ---- the card's own data, for envelope and PIN block ---- */

/* Track 2 equivalent data, and the service code in it. */
static err track_of(struct bytes packed, struct card_data *out)
{
    TRY(track_of_packed(packed, out->track2));
    const char *service = strchr(out->track2, '=');
    if (service != NULL && strlen(service) >= 8) memcpy(out->service_code, service + 5, 3);
    return OK;
}

/* From what the kernel has read, as soon as there is a number; once. */
static err take_card(struct vault *v)
{
    CLEANUP(card_data_wipe) struct card_data card = {0};
    const struct emv_data *data = sight_of(chip_of(v)).data;
    struct bytes value;
    size_t digits;
    TRY(emv_data_pan(data, card.pan, &digits));
    if (digits < CARD_PAN_MIN || digits > CARD_PAN_MAX) return ERR(LENGTH);
    if (!emv_data_get_exact(data, TAG_EXPIRY, 3, &value)) return ERR(MISSING);
    TRY(emv_digits(bytes_of(value.at, 2), card.expiry, 4, &digits));
    if (emv_data_get(data, TAG_TRACK_2, &value)) TRY(track_of(value, &card));
    if (emv_data_get_exact(data, TAG_SEQUENCE, 1, &value)) {
        card.sequence[0] = '0';
        TRY(emv_digits(value, card.sequence + 1, 2, &digits));
    }
    v->secrets->card = card;
    return OK;
}

/* ---- driving ---- */

static void power_off(struct vault *v)
{
    struct vault_chip_card *chip = chip_of(v);
    if (chip->phase == VAULT_CHIP_CARD_NONE) return;
    if (chip->powered) v->config.card.disconnect(v->config.card.context, chip->slot);
    chip->powered = false;
}

static void end(struct vault *v, enum vault_chip_reason reason)
{
    struct vault_chip_card *chip = chip_of(v);
    power_off(v);
    chip->phase = VAULT_CHIP_CARD_ENDED;
    chip->reason = (uint8_t)reason;
}

static bool approved(const struct emv_outcome *outcome)
{
    return outcome->result == EMV_APPROVED_ONLINE || outcome->result == EMV_APPROVED_OFFLINE;
}

/* Hands the kernel's command to the reader, or stops where somebody else has to answer. */
static void drive(struct vault *v)
{
    struct vault_chip_card *chip = chip_of(v);
    struct chip_sight sight = sight_of(chip);
    if (sight.want == EMV_DONE) {
        if (sight.outcome->fallback) v->chip_unreadable++;
        chip->phase = VAULT_CHIP_CARD_DECIDED;
        power_off(v);
    }
    if (sight.want != EMV_WANT_APDU) {
        /* The number is read before anything is asked, and by a tap all at once; a card without one
         * is the kernel's to judge. */
        bool read = sight.want != EMV_DONE || approved(sight.outcome);
        if (read && !vault_has_card(v) && FAILED(take_card(v))) card_data_wipe(&v->secrets->card);
        if (chip->kernel->entry == ENTRY_TAP) power_off(v); /* it has said everything */
        return;
    }
    const struct card_reader_calls *reader = &v->config.card;
    err sent = reader->transmit(reader->context, chip->slot, chip->kernel->command(&chip->machine),
                                COMMAND_MS);
    if (!FAILED(sent)) return;
    struct emv_event gone = {.kind = EMV_EVENT_REMOVED};
    chip->kernel->next(&chip->machine, &gone);
    drive(v); /* a removal never wants a command again: it ends */
}

static void tell(struct vault *v, const struct emv_event *event)
{
    struct vault_chip_card *chip = chip_of(v);
    chip->kernel->next(&chip->machine, event);
    drive(v);
}

/* A tap that did not come about is tried once more; it is no chip that could not be read. */
static enum vault_chip_reason unread(const struct vault_chip_card *chip,
                                     enum vault_chip_reason reason)
{
    bool tap = chip->kernel->entry == ENTRY_TAP && reason != VAULT_CHIP_UNPLUGGED;
    return tap ? VAULT_CHIP_TAP_AGAIN : reason;
}

static bool at_work(const struct vault *v)
{
    return v->secrets->chip.phase == VAULT_CHIP_CARD_KERNEL;
}

/* ---- notices ---- */

static uint8_t state_of(const struct vault_chip_card *chip)
{
    static const uint8_t wanted[] = {
        [EMV_WANT_APDU] = VAULT_CHIP_WORKING,  [EMV_WANT_CHOICE] = VAULT_CHIP_CHOOSE,
        [EMV_WANT_PIN] = VAULT_CHIP_PIN,       [EMV_WANT_DOCUMENT] = VAULT_CHIP_DOCUMENT,
        [EMV_WANT_ONLINE] = VAULT_CHIP_ONLINE, [EMV_DONE] = VAULT_CHIP_DONE,
    };
    switch (chip->phase) {
    case VAULT_CHIP_CARD_POWERING:
        return VAULT_CHIP_WORKING;
    case VAULT_CHIP_CARD_KERNEL:
        return wanted[sight_of(chip).want];
    default:
        return VAULT_CHIP_DONE;
    }
}

enum { TOLD_NONE = 0x80, TOLD_SEVERAL };

/* What the terminal would be told now: of the state, as much as tells whether asking is worth it.
 */
static uint8_t seen_of(const struct vault *v)
{
    if (vault_chip_found(v)) return state_of(&v->secrets->chip);
    return vault_chip_several(v) ? TOLD_SEVERAL : TOLD_NONE;
}

void vault_use_notice(struct vault *v, struct vault_notice notice)
{
    v->notice = notice;
}

void vault_chip_told(struct vault *v)
{
    v->chip_told = seen_of(v);
    v->chip_noticeable = true;
}

/* After everything that a reader reports: one notice for what the terminal does not know. */
static void give_notice(struct vault *v)
{
    bool wanted = v->notice.tell != NULL && (v->card_ways & VAULT_WAY_NOTICE) != 0;
    if (!wanted || !v->chip_noticeable || seen_of(v) == v->chip_told) return;
    v->chip_noticeable = false;
    v->notice.tell(v->notice.context);
}

/* ---- what the reader reports ---- */

void vault_use_card_reader(struct vault *v, struct card_reader_calls reader)
{
    v->config.card = reader;
}

static void begin(struct vault *v, unsigned slot)
{
    struct vault_chip_card *chip = chip_of(v);
    const struct card_reader_calls *reader = &v->config.card;
    chip->slot = slot;
    chip->phase = VAULT_CHIP_CARD_POWERING;
    chip->reason = VAULT_CHIP_NO_REASON;
    chip->noted = false;
    chip->kernel = chip_kernel_for(v->slot[slot].contactless ? CARD_CONTACTLESS : CARD_CONTACT);
    v->slot[slot].used = true;
    if (v->parameters == NULL) {
        end(v, VAULT_CHIP_NO_PARAMETERS);
        return;
    }
    chip->powered = true;
    if (FAILED(reader->connect(reader->context, slot, CONNECT_MS)))
        end(v, unread(chip, VAULT_CHIP_SILENT));
}

/* Whether a card is there in a way that is allowed. */
static bool offered(const struct vault *v, unsigned slot)
{
    const struct vault_slot_card *card = &v->slot[slot];
    unsigned way = card->contactless ? VAULT_WAY_TAP : VAULT_WAY_INSERT;
    return card->present && !card->used && (v->card_ways & way) != 0;
}

static unsigned cards_offered(const struct vault *v)
{
    unsigned cards = 0;
    for (unsigned slot = 0; slot < CARD_READER_SLOTS; slot++) cards += offered(v, slot);
    return cards;
}

bool vault_chip_several(const struct vault *v)
{
    return v->card_armed && !vault_chip_found(v) && cards_offered(v) > 1;
}

bool vault_chip_left(const struct vault *v)
{
    bool left = false;
    for (unsigned slot = 0; slot < CARD_READER_SLOTS; slot++)
        left |= v->slot[slot].present && v->slot[slot].left && !v->slot[slot].contactless;
    return v->card_armed && left && !vault_chip_found(v) && cards_offered(v) == 0;
}

void vault_chip_leave(struct vault *v)
{
    for (unsigned slot = 0; slot < CARD_READER_SLOTS; slot++)
        v->slot[slot].left = v->slot[slot].used;
}

/* When a card is awaited, the one that is there; of several none is chosen for the customer. */
static void look(struct vault *v)
{
    if (!v->card_armed || vault_chip_found(v) || cards_offered(v) != 1) return;
    unsigned slot = 0;
    while (!offered(v, slot)) slot++;
    begin(v, slot);
}

/* Another card comes to the field while one is being read there: neither is. */
static void disturb(struct vault *v, unsigned slot)
{
    const struct vault_chip_card *chip = chip_of(v);
    if (!at_work(v) || chip->slot == slot || !v->slot[slot].contactless) return;
    if (chip->kernel->entry != ENTRY_TAP || sight_of(chip).want != EMV_WANT_APDU) return;
    tell(v, &(struct emv_event){.kind = EMV_EVENT_SEVERAL});
    v->slot[chip->slot].used = false; /* it may be the one that stays */
}

void vault_on_card(struct vault *v, unsigned slot, struct bytes atr, enum card_interface interface)
{
    ENSURE(slot < CARD_READER_SLOTS);
    v->slot[slot] = (struct vault_slot_card){
        .present = true, .mute = atr.len == 0, .contactless = interface == CARD_CONTACTLESS};
    disturb(v, slot);
    look(v);
    give_notice(v);
}

static void card_gone(struct vault *v)
{
    struct vault_chip_card *chip = chip_of(v);
    chip->powered = false;
    if (chip->phase == VAULT_CHIP_CARD_POWERING) end(v, unread(chip, VAULT_CHIP_REMOVED));
    /* While a command is under way the reader answers it with REMOVED. */
    if (at_work(v) && sight_of(chip).want != EMV_WANT_APDU)
        tell(v, &(struct emv_event){.kind = EMV_EVENT_REMOVED});
}

void vault_on_removed(struct vault *v, unsigned slot)
{
    ENSURE(slot < CARD_READER_SLOTS);
    struct vault_chip_card *chip = chip_of(v);
    v->slot[slot] = (struct vault_slot_card){0};
    if (chip->phase == VAULT_CHIP_CARD_NONE) look(v); /* of two, one is left */
    else if (chip->slot == slot) card_gone(v);
    give_notice(v);
}

void vault_on_reader(struct vault *v, bool there)
{
    v->reader_there = there;
    if (there) return;
    for (unsigned slot = 0; slot < CARD_READER_SLOTS; slot++)
        if (v->slot[slot].present) vault_on_removed(v, slot);
}

void vault_on_connected(struct vault *v, unsigned slot, enum card_result result,
                        enum card_protocol protocol)
{
    struct vault_chip_card *chip = chip_of(v);
    if (chip->phase != VAULT_CHIP_CARD_POWERING || chip->slot != slot) return;
    if (result != CARD_DONE) {
        enum vault_chip_reason reason = result == CARD_REMOVED     ? VAULT_CHIP_REMOVED
                                        : result == CARD_UNPLUGGED ? VAULT_CHIP_UNPLUGGED
                                                                   : VAULT_CHIP_SILENT;
        if (chip->kernel->entry != ENTRY_TAP) v->chip_unreadable++;
        end(v, unread(chip, reason));
        give_notice(v);
        return;
    }
    chip->phase = VAULT_CHIP_CARD_KERNEL;
    chip->protocol = protocol;
    struct emv_setup setup = set_up(v);
    chip->kernel->begin(&chip->machine, &setup);
    drive(v);
    give_notice(v);
}

void vault_on_answer(struct vault *v, unsigned slot, enum card_result result, struct bytes answer)
{
    struct vault_chip_card *chip = chip_of(v);
    if (!at_work(v) || chip->slot != slot) return;
    if (result == CARD_UNPLUGGED) chip->reason = VAULT_CHIP_UNPLUGGED;
    struct emv_event event = {.kind = result == CARD_DONE   ? EMV_EVENT_RESPONSE
                                      : result == CARD_LATE ? EMV_EVENT_TIMEOUT
                                                            : EMV_EVENT_REMOVED,
                              .bytes = answer};
    tell(v, &event);
    give_notice(v);
}

/* ---- beginning and end, as the terminal wishes ---- */

void vault_chip_await(struct vault *v)
{
    look(v);
}

void vault_chip_forget(struct vault *v)
{
    struct vault_chip_card *chip = chip_of(v);
    power_off(v);
    chip_machine_wipe(&chip->machine);
    *chip = (struct vault_chip_card){.phase = VAULT_CHIP_CARD_NONE};
    v->chip_noticeable = false;
}

bool vault_chip_approved_alone(const struct vault *v)
{
    const struct vault_chip_card *chip = &v->secrets->chip;
    return chip->phase == VAULT_CHIP_CARD_DECIDED &&
           sight_of(chip).outcome->result == EMV_APPROVED_OFFLINE;
}

bool vault_chip_found(const struct vault *v)
{
    return v->secrets->chip.phase != VAULT_CHIP_CARD_NONE;
}

/* ---- what the terminal is told ---- */

static void say_result(const struct vault_chip_card *chip, struct vault_chip *out)
{
    const struct chip_sight sight = sight_of(chip);
    const struct emv_outcome *outcome = sight.outcome;
    out->reason = chip->reason != VAULT_CHIP_NO_REASON ? chip->reason : (uint8_t)sight.reason;
    if (chip->phase == VAULT_CHIP_CARD_ENDED) { /* before the kernel began */
        out->result = VAULT_CHIP_FAILED;
        out->again = 1;
        return;
    }
    out->result = approved(outcome)                 ? VAULT_CHIP_APPROVED
                  : outcome->result == EMV_DECLINED ? VAULT_CHIP_DECLINED
                                                    : VAULT_CHIP_FAILED;
    out->fallback = outcome->fallback;
    out->again = outcome->try_again;
    out->reverse = outcome->reverse;
    out->signature = outcome->signature;
}

static void say_wanted(const struct vault_chip_card *chip, struct vault_chip *out)
{
    const struct chip_sight k = sight_of(chip);
    for (size_t i = 0; out->state == VAULT_CHIP_CHOOSE && i < k.candidates; i++)
        out->label[out->labels++] = bytes_text(k.candidate[i].label);
    if (out->state != VAULT_CHIP_PIN) return;
    out->pin_offline = k.pin->kind != EMV_PIN_ONLINE;
    out->pin_tries = k.pin->tries_left < 0 ? TRIES_UNKNOWN : (uint8_t)k.pin->tries_left;
    out->pin_again = k.pin->again;
    out->pin_bypass = k.pin->bypass;
}

static err say(struct vault *v, struct writer *answer)
{
    const struct vault_chip_card *chip = chip_of(v);
    const struct emv_data *data = sight_of(chip).data;
    struct vault_chip out = {.state = state_of(chip), .entry = chip->kernel->entry};
    uint8_t block[VAULT_CHIP_FIELD_MAX];
    struct writer field = writer_over(block, sizeof block);
    char masked[PAN_TEXT];
    say_wanted(chip, &out);
    if (out.state == VAULT_CHIP_DONE) {
        say_result(chip, &out);
        TRY(vault_chip_note(v));
    }
    if (vault_has_card(v)) {
        TRY(pan_mask(bytes_text(v->secrets->card.pan), masked));
        out.pan_masked = bytes_text(masked);
        out.card_sequence = bytes_text(v->secrets->card.sequence);
        out.pin_entered = vault_entry_text(v, VAULT_ENTRY_PIN).len > 0;
    }
    bool read = out.state == VAULT_CHIP_ONLINE || chip->phase == VAULT_CHIP_CARD_DECIDED;
    if (read) {
        enum emv_field55 kind =
            vault_chip_approved_alone(v) ? EMV_FIELD55_ADVICE : EMV_FIELD55_REQUEST;
        TRY(emv_data_field55(data, kind, &field));
        (void)emv_data_get(data, TAG_LABEL, &out.name);
        (void)(emv_data_get(data, TAG_NAME, &out.aid) || emv_data_get(data, TAG_AID, &out.aid));
        out.field55 = writer_view(&field);
    }
    vault_chip_told(v);
    vault_write_chip(answer, &out);
    return OK;
}

err vault_run_chip_poll(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!vault_chip_found(v)) return vault_refuse(status, VAULT_NO_CARD);
    return say(v, answer);
}

/* Which answer is one to which want. */
static bool fits(const struct chip_sight *k, const struct vault_chip_answer *m)
{
    switch (m->kind) {
    case VAULT_CHIP_IS_CHOSEN:
        return k->want == EMV_WANT_CHOICE && m->index < k->candidates;
    case VAULT_CHIP_IS_CANCELLED: /* not while card or host are under way */
        return k->want != EMV_WANT_APDU && k->want != EMV_WANT_ONLINE;
    case VAULT_CHIP_IS_PIN:
        return k->want == EMV_WANT_PIN;
    case VAULT_CHIP_IS_BYPASSED:
        return k->want == EMV_WANT_PIN && k->pin->bypass;
    case VAULT_CHIP_IS_SEEN:
        return k->want == EMV_WANT_DOCUMENT;
    case VAULT_CHIP_IS_HOST:
        return k->want == EMV_WANT_ONLINE && m->response_code.len == 2;
    case VAULT_CHIP_IS_OFFLINE:
        return k->want == EMV_WANT_ONLINE;
    default:
        return false;
    }
}

static struct emv_event event_of(const struct vault *v, const struct vault_chip_answer *m)
{
    static const enum emv_event_kind kind[] = {
        [VAULT_CHIP_IS_CHOSEN] = EMV_EVENT_CHOSEN,   [VAULT_CHIP_IS_CANCELLED] = EMV_EVENT_CANCEL,
        [VAULT_CHIP_IS_PIN] = EMV_EVENT_PIN,         [VAULT_CHIP_IS_BYPASSED] = EMV_EVENT_BYPASS,
        [VAULT_CHIP_IS_SEEN] = EMV_EVENT_DOCUMENT,   [VAULT_CHIP_IS_HOST] = EMV_EVENT_HOST,
        [VAULT_CHIP_IS_OFFLINE] = EMV_EVENT_NO_HOST,
    };
    struct emv_event event = {
        .kind = kind[m->kind], .index = m->index, .accepted = m->index == 1, .bytes = m->field55};
    if (m->kind == VAULT_CHIP_IS_HOST) memcpy(event.arc, m->response_code.at, sizeof event.arc);
    if (m->kind == VAULT_CHIP_IS_PIN)
        event.bytes = sight_of(&v->secrets->chip).pin->kind == EMV_PIN_ONLINE
                          ? (struct bytes){0}
                          : vault_entry_text(v, VAULT_ENTRY_PIN);
    return event;
}

err vault_run_chip_answer(struct vault *v, struct reader *request, struct writer *answer,
                          enum vault_status *status)
{
    struct vault_chip_answer m;
    if (FAILED(vault_read_chip_answer(request, &m))) return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!at_work(v)) return vault_refuse(status, VAULT_NO_CARD);
    const struct chip_sight sight = sight_of(chip_of(v));
    if (!fits(&sight, &m)) return vault_refuse(status, VAULT_NOT_ALLOWED);
    bool pin = m.kind == VAULT_CHIP_IS_PIN;
    if (pin && vault_entry_text(v, VAULT_ENTRY_PIN).len == 0)
        return vault_refuse(status, VAULT_NO_ENTRY);
    bool offline = pin && sight.pin->kind != EMV_PIN_ONLINE;
    struct emv_event event = event_of(v, &m);
    tell(v, &event);
    if (offline) vault_entry_wipe(v, VAULT_ENTRY_PIN); /* on its way to the card, or refused */
    return say(v, answer);
}
