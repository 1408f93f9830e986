/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * entry_point: the kernel for taps: EMV Contactless Book B (what is allowed, which application) and
 * behind it a kernel of the kind 7 of UnionPay (qPBOC, QuICS). A machine like contact.h's, with the
 * same wants and events:
 *
 *     want = emv_tap_begin(&k, &setup);
 *     while (want != EMV_DONE) want = emv_tap_next(&k, &event);
 *     ... k.outcome, k.tap, k.data ...
 *     emv_tap_wipe(&k);
 *
 * EMV_WANT_APDU, EMV_WANT_PIN (online only), EMV_WANT_ONLINE and EMV_DONE are the wants there are.
 * The card has said its last word when the first want other than EMV_WANT_APDU comes: it may be
 * taken away and REMOVED changes nothing any more. Before that it leaves no payment: tap again, the
 * same amount (emv_tap_again). EMV_EVENT_SEVERAL says that more than one card is at the field.
 *
 * begin may be done at once when the amount is not allowed by tap; then no card is needed.
 *
 * Not here: a second tap for the issuer's answer (start D), refunds by tap, other kernels than 7.
 * Sources: EMV Contactless Book A 6 and 7 and Book B 3; protocol facts 2.4, where they say M the
 * choice that was made is in docs/emv.md.
 */

#include "lib/emv/contact.h"

enum {
    EMV_KERNEL_UNIONPAY = 7,
    EMV_TAP_CANDIDATES = 16,
    EMV_EXTENDED_MAX = 16,         /* 9F29 (Book B, annex A) */
    EMV_FIELD_OFF_PHONE_MS = 1300, /* a telephone needs to see the field go (Book C-3, 5.3.2) */
};

/* Where the next transaction begins (Book B, 2.2): A anew; B the field on again, nothing else; C
 * the next application; D the card once more for the issuer's answer, which is not done here. */
enum emv_start { EMV_START_NONE, EMV_START_A, EMV_START_B, EMV_START_C, EMV_START_D };

enum emv_tap_cvm {
    EMV_TAP_CVM_NONE,
    EMV_TAP_CVM_PIN,
    EMV_TAP_CVM_SIGNATURE,
    EMV_TAP_CVM_ON_DEVICE
};

/* Message identifiers of a user interface request (Book A, table 9-3). */
enum emv_message {
    EMV_MESSAGE_APPROVED = 0x03,
    EMV_MESSAGE_DECLINED = 0x07,
    EMV_MESSAGE_ENTER_PIN = 0x09,
    EMV_MESSAGE_PRESENT = 0x15,
    EMV_MESSAGE_CARD_READ = 0x17,
    EMV_MESSAGE_ONE_CARD = 0x19,
    EMV_MESSAGE_SIGN = 0x1A,
    EMV_MESSAGE_AUTHORISING = 0x1B,
    EMV_MESSAGE_OTHER_CARD = 0x1C,
    EMV_MESSAGE_INSERT = 0x1D,
    EMV_MESSAGE_SEE_PHONE = 0x20,
    EMV_MESSAGE_PRESENT_AGAIN = 0x21,
};

/* What there is about a tap beside struct emv_outcome (Book A, 6). */
struct emv_tap_outcome {
    bool insert;    /* try another interface: the slot with contacts */
    bool see_phone; /* the customer does something on his device, then taps again */
    enum emv_tap_cvm cvm;
    enum emv_start start;     /* where to go on; outcome.try_again is EMV_START_B */
    enum emv_message message; /* what to show */
    int field_off_ms;         /* how long the field must be off before the next tap */
};

/* One application of the parameters under this amount (Book B, 3.1). */
struct emv_combination {
    const struct emv_application *application;
    bool allowed;
    bool exempt;    /* no CVM, and there is a limit for domestic small amounts */
    uint8_t ttq[4]; /* 9F66 */
};

struct emv_tap_candidate {
    uint8_t aid[EMV_AID_MAX], aid_len;
    uint8_t extended[EMV_EXTENDED_MAX], extended_len;
    uint8_t priority;
    const struct emv_combination *combination;
};

#define EMV_TAP_STEP_LIST(X)                         \
    X(PPSE, "entry_point.c", "Book B, 3.3.2")        \
    X(SELECT, "entry_point.c", "Book B, 3.3.3")      \
    X(OPTIONS, "qpboc.c", "protocol facts 2.4")      \
    X(RECORD, "qpboc.c", "Book 3, 10.2")             \
    X(JUDGE, "qpboc_decide.c", "protocol facts 2.4") \
    X(PIN, "qpboc_decide.c", "Book A, 6.2")          \
    X(ONLINE, "qpboc_decide.c", "Book A, 6.2")

enum emv_tap_step {
#define X(name, file, clause) EMV_TAP_##name,
    EMV_TAP_STEP_LIST(X)
#undef X
        EMV_TAP_STEPS
};

struct emv_tap {
    /* what the caller reads */
    enum emv_want want;
    struct emv_data data;
    struct emv_pin_wanted pin;
    struct emv_outcome outcome;
    struct emv_tap_outcome tap;
    uint8_t tvr[5]; /* what was noticed; 95 in `data` stays as the card has signed it */

    /* set up */
    const struct emv_parameters *parameters;
    struct emv_terminal as_set_up, terminal; /* the second for the chosen application */
    struct emv_payment payment;
    struct emv_ports ports;
    uint8_t date[3];
    struct emv_combination combination[EMV_APPLICATIONS];

    /* where it is */
    enum emv_tap_step step;
    struct emv_apdu apdu;
    size_t candidates;
    struct emv_tap_candidate candidate[EMV_TAP_CANDIDATES];
    const struct emv_combination *chosen;
    bool application_blocked; /* one of the candidates was */
    size_t place;             /* in the AFL */
    uint8_t record;
    size_t options_end; /* objects up to here were said before the records */
    struct emv_static statics;
    enum emv_cryptogram given;
    bool online_asked, host_reached, host_approved;
};

/* Starts a transaction (start A) over whatever stood in `k`. */
enum emv_want emv_tap_begin(struct emv_tap *k, const struct emv_setup *setup);

/* After outcome.try_again: the same payment, another tap (start B). A caller's bug otherwise. */
enum emv_want emv_tap_again(struct emv_tap *k);

enum emv_want emv_tap_next(struct emv_tap *k, const struct emv_event *event);

/* The command to send while EMV_WANT_APDU; a view that lives until the next event. */
struct bytes emv_tap_command(const struct emv_tap *k);

void emv_tap_wipe(struct emv_tap *k);

const char *emv_tap_step_text(enum emv_tap_step step);
