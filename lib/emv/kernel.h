/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * kernel: what the steps of the contact kernel share, and what the contactless one shares with
 * them; for the files of this folder only.
 *
 * A step has up to two functions: `enter` runs when the machine arrives there, and `answer` when
 * the card has answered the command that `enter` began. Each ends in exactly one of: another step
 * (kernel_go), a command (kernel_command), a want, or the end (kernel_end).
 */

#include "lib/emv/contact.h"

/* Bits of TVR (95), TSI (9B) and others: byte from 0, then the bit. Book 3, annex C. */
#define KERNEL_BIT(byte, bit) ((byte) << 8 | (bit))

enum {
    TVR_ODA_NOT_PERFORMED = KERNEL_BIT(0, 0x80),
    TVR_SDA_FAILED = KERNEL_BIT(0, 0x40),
    TVR_DATA_MISSING = KERNEL_BIT(0, 0x20),
    TVR_EXCEPTION = KERNEL_BIT(0, 0x10),
    TVR_DDA_FAILED = KERNEL_BIT(0, 0x08),
    TVR_CDA_FAILED = KERNEL_BIT(0, 0x04),
    TVR_SDA_SELECTED = KERNEL_BIT(0, 0x02),
    TVR_VERSION = KERNEL_BIT(1, 0x80),
    TVR_EXPIRED = KERNEL_BIT(1, 0x40),
    TVR_NOT_EFFECTIVE = KERNEL_BIT(1, 0x20),
    TVR_NOT_ALLOWED = KERNEL_BIT(1, 0x10),
    TVR_NEW_CARD = KERNEL_BIT(1, 0x08),
    TVR_CVM_FAILED = KERNEL_BIT(2, 0x80),
    TVR_CVM_UNKNOWN = KERNEL_BIT(2, 0x40),
    TVR_PIN_TRIES = KERNEL_BIT(2, 0x20),
    TVR_PIN_NO_PAD = KERNEL_BIT(2, 0x10),
    TVR_PIN_NOT_ENTERED = KERNEL_BIT(2, 0x08),
    TVR_PIN_ONLINE = KERNEL_BIT(2, 0x04),
    TVR_FLOOR = KERNEL_BIT(3, 0x80),
    TVR_LOWER = KERNEL_BIT(3, 0x40),
    TVR_UPPER = KERNEL_BIT(3, 0x20),
    TVR_RANDOM = KERNEL_BIT(3, 0x10),
    TVR_FORCED = KERNEL_BIT(3, 0x08),
    TVR_DEFAULT_TDOL = KERNEL_BIT(4, 0x80),
    TVR_ISSUER_FAILED = KERNEL_BIT(4, 0x40),
    TVR_SCRIPT_BEFORE = KERNEL_BIT(4, 0x20),
    TVR_SCRIPT_AFTER = KERNEL_BIT(4, 0x10),

    TSI_ODA = 0x80,
    TSI_CARDHOLDER = 0x40,
    TSI_CARD_RISK = 0x20,
    TSI_ISSUER = 0x10,
    TSI_RISK = 0x08,
    TSI_SCRIPT = 0x04,

    AIP_SDA = 0x40,
    AIP_DDA = 0x20,
    AIP_CARDHOLDER = 0x10,
    AIP_RISK = 0x08,
    AIP_ISSUER = 0x04,
    AIP_CDA = 0x01,

    /* 9F33, terminal capabilities */
    CAN_PIN_PLAIN = KERNEL_BIT(1, 0x80),
    CAN_PIN_ONLINE = KERNEL_BIT(1, 0x40),
    CAN_SIGNATURE = KERNEL_BIT(1, 0x20),
    CAN_PIN_ENCIPHERED = KERNEL_BIT(1, 0x10),
    CAN_NO_CVM = KERNEL_BIT(1, 0x08),
    CAN_SDA = KERNEL_BIT(2, 0x80),
    CAN_DDA = KERNEL_BIT(2, 0x40),
    CAN_CDA = KERNEL_BIT(2, 0x08),

    TYPE_CASH = 0x01, /* 9C */
    TYPE_CASHBACK = 0x09,
};

static inline void kernel_tvr(struct emv_contact *k, unsigned bit)
{
    k->tvr[bit >> 8] |= (uint8_t)bit;
}

static inline bool kernel_has_tvr(const struct emv_contact *k, unsigned bit)
{
    return (k->tvr[bit >> 8] & (uint8_t)bit) != 0;
}

static inline void kernel_tsi(struct emv_contact *k, uint8_t bit)
{
    k->tsi[0] |= bit;
}

static inline bool kernel_can(const struct emv_contact *k, unsigned bit)
{
    return (k->terminal.capabilities[bit >> 8] & (uint8_t)bit) != 0;
}

/* Whether the card's AIP (82) has this bit in its first byte. */
bool kernel_aip(const struct emv_contact *k, uint8_t bit);

/* The machine arrives at a step. */
void kernel_go(struct emv_contact *k, enum emv_step step);

/* A command of the present step. */
void kernel_command(struct emv_contact *k, uint32_t header, struct bytes data, bool expects);

/* The end. `terminate` fills in what follows from how far things have gone. */
void kernel_end(struct emv_contact *k, enum emv_result result, enum emv_reason reason);
void kernel_terminate(struct emv_contact *k, enum emv_reason reason);

/* The data that follow from TVR, TSI: into the store, before a list is filled. */
void kernel_publish(struct emv_contact *k);

/* Fills a data object list from the store and keeps what was sent. Terminates and is false when the
 * list is malformed. */
bool kernel_fill(struct emv_contact *k, struct bytes dol, struct emv_sent *sent);

static inline struct bytes emv_sent_view(const struct emv_sent *sent)
{
    return bytes_of(sent->at, sent->len);
}

/* What certificates are judged by here. */
struct emv_trust kernel_trust(const struct emv_contact *k);

/* ---- what the contactless kernel does the same way ---- */

/* A setup that makes no sense is a caller's bug. */
void kernel_check_setup(const struct emv_setup *setup);

/* The terminal as it is for this application (9F35, 9F33), and that for the card to read. */
struct emv_terminal kernel_terminal_for(const struct emv_terminal *as_set_up,
                                        const struct emv_payment *payment,
                                        const struct emv_application *application);
void kernel_put_kind(struct emv_data *d, const struct emv_terminal *t);
/* What the terminal says of itself and of the payment (Book 3, annex A: source terminal). */
void kernel_put_terminal(struct emv_data *d, const struct emv_setup *setup, uint8_t ret_date[3]);

/* An answer in template 80 or 77: the value of 80 behind `plain`, or the objects of 77. False for
 * anything else, and when something stands behind it. */
bool kernel_template(struct bytes answer, bool *ret_plain, struct bytes *ret_value);

/* The application's own words: 50, 87, 9F38, 5F2D, 9F11, 9F12, and what stands in BF0C. */
MUST_USE err kernel_keep_fci(struct emv_data *data, const struct emv_fci *fci);

/* Each entry of an AFL names records that exist, and the list is not without end (10.2). */
bool kernel_locator_good(struct bytes afl);

/*
 * Objects of a template, in their shape and said once; what stands among the first `before` objects
 * of the store may be said again with the same value. False when that is not so.
 */
bool kernel_keep_objects(struct emv_data *data, size_t before, struct bytes template);

/* Record `number` of an AFL entry: its objects, and what of it is under offline authentication. */
bool kernel_keep_record(struct emv_data *data, size_t before, struct emv_static *statics,
                        const uint8_t entry[4], uint8_t number, struct bytes record);

/* The next record of this entry, or the first of the next one; then *place may be the end. */
void kernel_next_record(struct bytes afl, size_t *place, uint8_t *record);

/* Restrictions: what 9F07 allows (everything without one); 5F25 and 5F24 against the day. */
bool kernel_usage_allows(const struct emv_data *data, const struct emv_terminal *t,
                         const struct emv_payment *p);
bool kernel_too_early(const struct emv_data *data, const uint8_t today[3]);
bool kernel_expired(const struct emv_data *data, const uint8_t today[3]);

/* Whether the card stands on a list of cards that may not pay. */
bool kernel_excepted(const struct emv_parameters *parameters, const struct emv_ports *ports,
                     const struct emv_data *data);

/* 00, 10 and 11 approve (protocol facts 2.2). */
bool kernel_arc_approves(const char arc[2]);

/* ---- */

/* Candidates: adds one unless it is there or the list is full; takes one out. */
void kernel_add_candidate(struct emv_contact *k, const struct emv_fci *fci,
                          const struct emv_application *application);
void kernel_drop_candidate(struct emv_contact *k, size_t index);

/* Offline PIN, called by cardholder.c: begins with what the card must be asked first. */
void kernel_offline_pin(struct emv_contact *k, bool enciphered);
/* How a rule ended, called by offline_pin.c: on to the next rule, or out. */
void kernel_rule_done(struct emv_contact *k, uint8_t result);
void kernel_rule_failed(struct emv_contact *k);
bool kernel_pin_key(struct emv_contact *k);

/* Steps. */
#define KERNEL_ENTER(name)  void kernel_enter_##name(struct emv_contact *k)
#define KERNEL_ANSWER(name) void kernel_answer_##name(struct emv_contact *k)

KERNEL_ENTER(pse);
KERNEL_ANSWER(pse);
KERNEL_ENTER(directory);
KERNEL_ANSWER(directory);
KERNEL_ENTER(list);
KERNEL_ANSWER(list);
KERNEL_ENTER(choose);
KERNEL_ENTER(select);
KERNEL_ANSWER(select);
KERNEL_ENTER(options);
KERNEL_ANSWER(options);
KERNEL_ENTER(record);
KERNEL_ANSWER(record);
KERNEL_ENTER(authenticate);
KERNEL_ANSWER(authenticate);
KERNEL_ENTER(restrictions);
KERNEL_ENTER(cardholder);
KERNEL_ENTER(pin_counter);
KERNEL_ANSWER(pin_counter);
KERNEL_ENTER(challenge);
KERNEL_ANSWER(challenge);
KERNEL_ENTER(pin);
KERNEL_ANSWER(verify);
KERNEL_ENTER(document);
KERNEL_ENTER(risk);
KERNEL_ENTER(counter);
KERNEL_ANSWER(counter);
KERNEL_ENTER(last_online);
KERNEL_ANSWER(last_online);
KERNEL_ENTER(action);
KERNEL_ENTER(generate_1);
KERNEL_ANSWER(generate_1);
KERNEL_ENTER(online);
KERNEL_ENTER(issuer);
KERNEL_ANSWER(issuer);
KERNEL_ENTER(script_before);
KERNEL_ANSWER(script_before);
KERNEL_ENTER(generate_2);
KERNEL_ANSWER(generate_2);
KERNEL_ENTER(script_after);
KERNEL_ANSWER(script_after);
KERNEL_ENTER(conclude);

/* What is done with events other than an answer. False: it does not fit. */
bool kernel_choice_event(struct emv_contact *k, const struct emv_event *event);
bool kernel_pin_event(struct emv_contact *k, const struct emv_event *event);
bool kernel_document_event(struct emv_contact *k, const struct emv_event *event);
bool kernel_online_event(struct emv_contact *k, const struct emv_event *event);

/* The decision without a host: TC when nothing in the TVR speaks against it. action.c */
void kernel_decide_without_host(struct emv_contact *k);

/* A script that can go no further because the card is away. scripts.c */
void kernel_scripts_abandoned(struct emv_contact *k);
