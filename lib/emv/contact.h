/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * contact: the kernel for chip cards with contacts (EMV Books 1, 3 and 4), as a machine that can be
 * resumed. It never waits and touches nothing outside itself: it says what it wants, the caller
 * does that and comes back with what happened.
 *
 *     want = emv_contact_begin(&k, &setup);
 *     while (want != EMV_DONE) want = emv_contact_next(&k, &event);
 *     ... k.outcome, k.data ...
 *     emv_contact_wipe(&k);
 *
 *     it wants         the caller                          and comes back with
 *     EMV_WANT_APDU    sends emv_contact_command(&k)       RESPONSE, REMOVED, TIMEOUT
 *     EMV_WANT_CHOICE  shows k.candidate[0 .. candidates)  CHOSEN, CANCEL
 *     EMV_WANT_PIN     asks as k.pin says                  PIN, BYPASS, CANCEL
 *     EMV_WANT_DOCUMENT asks the cashier for a document    DOCUMENT, CANCEL
 *     EMV_WANT_ONLINE  sends the payment to the host       HOST, NO_HOST
 *     EMV_DONE         reads k.outcome                     nothing
 *
 * REMOVED and TIMEOUT may come at any time and always end in a definite outcome. An event that does
 * not fit what is wanted changes nothing: the same want is given again.
 *
 * Which step is in which file: docs/emv.md. The struct is about 16 kB, holds the card number and is
 * wiped by its owner. A clear PIN is in it only inside the command that carries it to the card, and
 * that is wiped with the answer.
 */

#include "lib/base/random.h"
#include "lib/emv/apdu.h"
#include "lib/emv/certificate.h"
#include "lib/emv/dol.h"
#include "lib/emv/fci.h"

enum {
    EMV_CANDIDATES = 16,        /* cards have one to four applications */
    EMV_LABEL_TEXT = 17,        /* 16 characters (Book 1, table 43) and NUL */
    EMV_STATIC_MAX = 2048,      /* bytes under offline authentication (Book 3, 10.3) */
    EMV_RECORDS_MAX = 64,       /* records of one AFL: a list that goes on is endless */
    EMV_DIRECTORY_MAX = 32,     /* records of a payment system directory */
    EMV_HOST_MAX = 255,         /* field 55 of the answer */
    EMV_SCRIPTS = 8,            /* scripts in one answer */
    EMV_SCRIPT_BYTES_MAX = 128, /* of all scripts together (Book 3, 10.10) */
};

enum emv_want {
    EMV_WANT_APDU,
    EMV_WANT_CHOICE,
    EMV_WANT_PIN,
    EMV_WANT_DOCUMENT,
    EMV_WANT_ONLINE,
    EMV_DONE,
};

enum emv_event_kind {
    EMV_EVENT_RESPONSE, /* bytes: data and status */
    EMV_EVENT_REMOVED,
    EMV_EVENT_TIMEOUT, /* the card does not answer */
    EMV_EVENT_CHOSEN,  /* index */
    EMV_EVENT_CANCEL,
    EMV_EVENT_PIN, /* bytes: 4 to 12 ASCII digits; none for an online PIN, which the vault keeps */
    EMV_EVENT_BYPASS,   /* the cardholder has no PIN to enter */
    EMV_EVENT_DOCUMENT, /* accepted */
    EMV_EVENT_HOST,     /* arc, and bytes: field 55 of the answer */
    EMV_EVENT_NO_HOST,
    EMV_EVENT_SEVERAL, /* more than one card at the field; means nothing to this kernel */
};

struct emv_event {
    enum emv_event_kind kind;
    struct bytes bytes;
    size_t index;
    bool accepted;
    char arc[2]; /* response code of the host, "00" */
};

/* What the terminal is and can do. Views live as long as the transaction. */
struct emv_terminal {
    uint8_t type;             /* 9F35: 0x22 attended, online and offline */
    uint8_t capabilities[3];  /* 9F33 */
    uint8_t additional[5];    /* 9F40 */
    uint8_t country[2];       /* 9F1A */
    uint8_t serial[8];        /* 9F1E */
    struct bytes merchant;    /* 9F4E, may be empty */
    struct bytes merchant_id; /* 9F16, 15 characters, may be empty */
    struct bytes terminal_id; /* 9F1C, 8 characters, may be empty */
    uint8_t category[2];      /* 9F15 */
    bool t0;                  /* the reader shows T=0 as it is */
    bool choice;              /* somebody can choose among applications */
    bool pin_bypass;          /* a cardholder may go on without a PIN */
    bool document;            /* the cashier can check a document (PBOC) */
    bool extended_selection;  /* by tap: what a card says in 9F29 goes behind its name */
    bool ask_counter;         /* read the PIN try counter of every card, not only before a PIN */
};

/*
 * What the caller knows of its host. Only when it is not the one that has to be asked, an
 * application's own terminal type (9F35 in the parameters) counts, and its own capabilities (9F33)
 * while the host is away: nobody can judge an online PIN then.
 */
enum emv_host {
    EMV_HOST_ALWAYS, /* nothing is approved without it, whatever the parameters say */
    EMV_HOST_FIRST,  /* the line is there: it is asked first, and is not the only one to approve */
    EMV_HOST_AWAY,   /* it cannot be reached: the kernel's rules decide */
};

struct emv_payment {
    int64_t amount_minor, other_minor; /* 9F02, 9F03 */
    uint8_t currency[2];               /* 5F2A */
    uint8_t exponent;                  /* 5F36 */
    uint8_t type;      /* 9C: 00 goods, 01 cash, 09 goods with cash, 20 refund, 31 inquiry */
    uint32_t sequence; /* 9F41, up to 99999999 */
    bool force_online; /* the merchant suspects something */
    enum emv_host host;
};

/* The world, as far as a transaction needs it. Each gets `context`. */
struct emv_ports {
    void *context;
    struct random random;
    void (*now)(void *context, uint8_t date[3], uint8_t time[3]); /* YYMMDD, HHMMSS, packed */
    /* Beyond the exception list of the parameters. NULL: nothing. */
    bool (*excepted)(void *context, struct bytes pan_packed, int sequence);
    /* Sum of the last logged amounts of this card, against split sales. NULL: nothing. */
    int64_t (*logged_minor)(void *context, struct bytes pan_packed);
};

struct emv_setup {
    const struct emv_parameters *parameters;
    struct emv_terminal terminal;
    struct emv_payment payment;
    struct emv_ports ports;
};

struct emv_candidate {
    uint8_t aid[EMV_AID_MAX];
    uint8_t aid_len;
    uint8_t priority; /* 1 first; 0 has none and is last */
    bool confirm;     /* the cardholder must agree */
    uint8_t code_table;
    char label[EMV_LABEL_TEXT];     /* of the alphabet every terminal has */
    char preferred[EMV_LABEL_TEXT]; /* in ISO/IEC 8859 part code_table; may be empty */
    const struct emv_application *application;
};

enum emv_pin_kind { EMV_PIN_ONLINE, EMV_PIN_PLAIN, EMV_PIN_ENCIPHERED };

struct emv_pin_wanted {
    enum emv_pin_kind kind;
    int tries_left; /* -1: the card does not say */
    bool again;     /* the last one was wrong */
    bool bypass;    /* may be bypassed */
};

#define EMV_RESULT_LIST(X)                  \
    X(APPROVED_OFFLINE, "approved offline") \
    X(APPROVED_ONLINE, "approved online")   \
    X(DECLINED, "declined")                 \
    X(TERMINATED, "terminated without a result")

enum emv_result {
#define X(name, text) EMV_##name,
    EMV_RESULT_LIST(X)
#undef X
};

#define EMV_REASON_LIST(X)                                       \
    X(NONE, "none")                                              \
    X(REMOVED, "the card was taken out")                         \
    X(TIMEOUT, "the card does not answer")                       \
    X(CANCELLED, "cancelled")                                    \
    X(CARD_BLOCKED, "the card is blocked")                       \
    X(APPLICATION_BLOCKED, "the application is blocked")         \
    X(NO_APPLICATION, "no application that this terminal takes") \
    X(BAD_STATUS, "the card refused a command")                  \
    X(BAD_DATA, "the card's data are malformed or contradict")   \
    X(MISSING_DATA, "the card lacks data that must be there")    \
    X(BY_TERMINAL, "the terminal's rules")                       \
    X(BY_CARD, "the card's decision")                            \
    X(BY_HOST, "the host's decision")                            \
    X(NOT_ALLOWED, "the card does not allow this service")       \
    X(SIGNATURE, "the card's signature is wrong")                \
    X(NO_HOST, "the host could not be reached")                  \
    X(SEVERAL, "more than one card at the field")                \
    X(LIMIT, "above the limit for a tap")                        \
    X(INSERT, "the card asks to be inserted")                    \
    X(ON_DEVICE, "the customer's device asks for its owner")

enum emv_reason {
#define X(name, text) EMV_REASON_##name,
    EMV_REASON_LIST(X)
#undef X
        EMV_REASONS
};

struct emv_outcome {
    enum emv_result result;
    enum emv_reason reason;
    uint16_t sw;    /* the status behind BAD_STATUS */
    bool fallback;  /* the chip could not be read: a swipe may be offered (protocol facts 2.3) */
    bool try_again; /* nothing has happened yet: insert again */
    bool reverse;   /* the host was asked or has approved, and the payment did not end approved */
    bool signature; /* the cardholder signs the slip */
    bool advice;    /* the card wants the issuer told */
};

/* Every step, its file and its clause: docs/emv.md is written from this list. */
#define EMV_STEP_LIST(X)                                               \
    X(PSE, "candidates.c", "Book 1, 12.3.2")                           \
    X(DIRECTORY, "candidates.c", "Book 1, 12.3.2")                     \
    X(LIST, "candidates.c", "Book 1, 12.3.3")                          \
    X(CHOOSE, "select.c", "Book 1, 12.4")                              \
    X(SELECT, "select.c", "Book 1, 12.4")                              \
    X(OPTIONS, "gpo.c", "Book 3, 10.1")                                \
    X(RECORD, "records.c", "Book 3, 10.2")                             \
    X(AUTHENTICATE, "offline_auth.c", "Book 3, 10.3; Book 2, 5 and 6") \
    X(RESTRICTIONS, "restrictions.c", "Book 3, 10.4")                  \
    X(CARDHOLDER, "cardholder.c", "Book 3, 10.5")                      \
    X(PIN_COUNTER, "offline_pin.c", "Book 3, 10.5.1")                  \
    X(CHALLENGE, "offline_pin.c", "Book 2, 7.2")                       \
    X(PIN, "offline_pin.c", "Book 3, 10.5.1 and 10.5.2")               \
    X(VERIFY, "offline_pin.c", "Book 3, 6.5.12")                       \
    X(DOCUMENT, "cardholder.c", "PBOC 3.0 part 5")                     \
    X(RISK, "risk.c", "Book 3, 10.6")                                  \
    X(COUNTER, "risk.c", "Book 3, 10.6.3")                             \
    X(LAST_ONLINE, "risk.c", "Book 3, 10.6.3")                         \
    X(ACTION, "action.c", "Book 3, 10.7")                              \
    X(GENERATE_1, "generate_ac.c", "Book 3, 10.8 and 6.5.5")           \
    X(ONLINE, "online.c", "Book 3, 10.9")                              \
    X(ISSUER, "issuer_auth.c", "Book 3, 10.9")                         \
    X(SCRIPT_BEFORE, "scripts.c", "Book 3, 10.10")                     \
    X(GENERATE_2, "generate_ac.c", "Book 3, 10.11")                    \
    X(SCRIPT_AFTER, "scripts.c", "Book 3, 10.10")                      \
    X(CONCLUDE, "online.c", "Book 3, 10.11")

enum emv_step {
#define X(name, file, clause) EMV_STEP_##name,
    EMV_STEP_LIST(X)
#undef X
        EMV_STEPS
};

enum emv_cryptogram { EMV_AAC = 0x00, EMV_TC = 0x40, EMV_ARQC = 0x80 };
enum emv_oda { EMV_ODA_NONE, EMV_ODA_SDA, EMV_ODA_DDA, EMV_ODA_CDA };

/* What of the records is under offline authentication (Book 3, 10.3). */
struct emv_static {
    size_t len;
    bool bad; /* a record that cannot be authenticated */
    uint8_t at[EMV_STATIC_MAX];
};

/* Values of a data object list as they were sent: CDA signs them. */
struct emv_sent {
    uint8_t at[EMV_DOL_FILLED_MAX];
    uint8_t len;
};

struct emv_contact {
    /* what the caller reads */
    enum emv_want want;
    struct emv_data data;
    size_t candidates;
    struct emv_candidate candidate[EMV_CANDIDATES];
    struct emv_pin_wanted pin;
    struct emv_outcome outcome;

    /* set up */
    const struct emv_parameters *parameters;
    struct emv_terminal as_set_up, terminal; /* the second for the chosen application */
    struct emv_payment payment;
    struct emv_ports ports;
    uint8_t date[3];

    /* where it is */
    enum emv_step step;
    struct emv_apdu apdu;
    const struct emv_application *application;
    bool application_blocked; /* one of the candidates was */
    uint8_t directory;        /* SFI of the payment system directory */
    uint8_t record;           /* the next record to read */
    size_t place;             /* in the list of applications, or in the AFL */
    bool next_occurrence;     /* of a partial name */
    unsigned records_read;
    uint8_t tvr[5], tsi[2];

    /* offline authentication */
    enum emv_oda oda;
    struct emv_key issuer_key, card_key, pin_key;
    struct emv_static statics;
    struct emv_sent pdol_sent, cdol1_sent, cdol2_sent, ddol_sent;

    /* cardholder verification */
    size_t rule; /* the one that is tried */
    bool counter_read, bypassed, rule_failed;
    uint8_t challenge[8];

    /* decisions */
    enum emv_cryptogram asked, given;
    bool unsigned_answer; /* a signature over a cryptogram was wrong */
    bool cda_asked, host_approved, host_reached, online_asked, final_asked;
    char arc[2];
    size_t host_len;
    uint8_t host_answer[EMV_HOST_MAX];
    size_t script, script_command, scripts_run, script_results_len;
    uint8_t script_results[EMV_SCRIPTS * 5];
};

/* Starts a transaction over whatever stood in `k`. */
enum emv_want emv_contact_begin(struct emv_contact *k, const struct emv_setup *setup);

enum emv_want emv_contact_next(struct emv_contact *k, const struct emv_event *event);

/* The command to send while EMV_WANT_APDU; a view that lives until the next event. */
struct bytes emv_contact_command(const struct emv_contact *k);

/* Wipes everything. */
void emv_contact_wipe(struct emv_contact *k);

/* Text of a result and of a reason, for logs; never NULL. */
const char *emv_result_text(enum emv_result result);
const char *emv_reason_text(enum emv_reason reason);
const char *emv_step_text(enum emv_step step);
