/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The point of sale, without its hardware: procedures, queue and screens.
 *
 *   keys, card, code, host's answers, time  ->  terminal  ->  screens, frames, receipts, speech
 *
 * It is driven by calls and speaks through function pointers, never waits, and takes time and
 * storage from what it is given, so that the program (main.c), the tests and the simulator run the
 * same code. Nothing here may call back into the terminal from inside a port.
 *
 * Money  a payment is committed as PENDING before the first byte of it leaves; what has no
 *        definitive answer becomes REVERSING in the same store and is reversed before anything else
 *        is paid, after a restart too.
 * Secrets  no clear card number, PIN, password or key ever reaches this part: it relays what the
 *        vault and the page have sealed.
 * Memory  taken in terminal_open(), none later (but inside SQLite and the device drivers).
 *
 * Errors: every function returns OK unless the store is gone for good in a simulation (CRASHED):
 * then the terminal is dead and can only be closed. Other failures of the store show a screen of
 * their own and stop payments until the operator has it started again.
 */

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/store/store.h"
#include "payment/message.h"
#include "payment/receipt.h"
#include "terminal/backup.h"
#include "terminal/network.h"
#include "terminal/screen.h"

struct terminal;

/* An announcement: the clips to play, in order (device/speaker.h), and the same as text. */
enum { SPEECH_CLIPS = 64 };
struct speech {
    int64_t number; /* of the payment; a payment is announced once */
    enum language language;
    size_t count;
    uint8_t clip[SPEECH_CLIPS]; /* enum speaker_clip */
    char text[SCREEN_SPEECH];
};

/* A receipt that is to come out of the printer, one call for each copy. */
struct terminal_receipt {
    int64_t number; /* of the payment; of a whole order below nothing; 0: a report */
    bool reprint;
    enum receipt_copy copy;
    const struct receipt *receipt; /* view, ends with the call */
};

/* What the hardware says of itself (S6). */
struct terminal_devices {
    unsigned battery; /* per cent */
    enum screen_paper paper;
    bool printer_fault;
};

/* The two lines that leave the device. */
enum terminal_line { TERMINAL_LINE_HOST, TERMINAL_LINE_OFFICE, TERMINAL_LINES };

struct terminal_ports {
    void *context;
    /* One request to the vault, waited for. Errors mean that the vault cannot be reached. */
    err (*vault)(void *context, struct bytes request, struct writer *response);
    /* Begin to connect; terminal_on_host_state() tells how it went, not from inside this call. */
    void (*host_connect)(void *context);
    /* Forget the connection; no terminal_on_host_state() about it any more. */
    void (*host_close)(void *context);
    /* TPDU, header and message, without the length in front. */
    void (*host_send)(void *context, struct bytes frame);
    void (*show)(void *context, const struct screen *screen);
    void (*speak)(void *context, const struct speech *speech);
    void (*receipt)(void *context, const struct terminal_receipt *receipt);
    /* The device channel, as the three of the host; a frame without the length. All NULL: there is
     * no back office, and everything else works. */
    void (*manage_connect)(void *context);
    void (*manage_close)(void *context);
    void (*manage_send)(void *context, struct bytes frame);
    /* The same without a certificate, for a device whose key is gone or whose certificate has
     * ended; NULL: it cannot be done. */
    void (*manage_connect_bare)(void *context);
    /* The vault has another certificate for the next connections. May be NULL. */
    void (*certificate_renewed)(void *context);
    void (*drawer)(void *context); /* opens the cash drawer; NULL: there is none */
    /* What started this program and brings it new versions (update.h); all NULL: nobody does. */
    void (*update_assign)(void *context, struct bytes assignment);
    void (*update_healthy)(void *context);
    void (*update_restart)(void *context); /* nothing is lost by it now */
    struct backup_ports backup;
    struct backup_ports spool; /* on its way to the back office; all NULL: nothing goes there */
    /* Ends the program and has it started again, not from inside this call. NULL: nobody would. */
    void (*restart)(void *context);
    /* The next connections go by this path (paths.h). NULL: there is only one. */
    void (*use_path)(void *context, size_t path);
};

struct terminal_config {
    struct clock clock;
    const struct log *log; /* NULL: silent */
    struct store *store;   /* open for writing; the caller's, must outlive the terminal */
    enum payment_profile profile;
    const char *version;
    /* Zero takes the default of limits.h. */
    unsigned answer_ms, connect_ms, keep_alive_ms, batch_max;
    unsigned watch_ms;  /* how often the vault is asked whether it was tampered with; 0: never */
    bool no_keep_alive; /* the simulator has no use for echoes */
    const char *receipt_url; /* of the page that shows e-receipts; NULL: there is none */
    const char *support;     /* telephone number of customer service; NULL: the one of limits.h */
    unsigned paper_columns;  /* of the printer: payment/receipt.h; 0: 58 mm */
    size_t paths;            /* networks it may go by: paths.h; 0: one */
    bool printer_tells; /* the printer says of each slip how it ended: terminal_on_..._slip() */
};

/* Takes memory, brings the store's schema up, reads what was going on. The store's errors. */
MUST_USE err terminal_open(const struct terminal_config *config, const struct terminal_ports *ports,
                           struct terminal **ret_terminal);
void terminal_close(struct terminal *terminal); /* NULL is allowed */

/* Self-check, connect, first screen (S1). Call once. */
MUST_USE err terminal_boot(struct terminal *terminal);

/*
 * A key of the screen with this serial; 0 is "the screen that is shown". Names: digit:0 .. digit:9,
 * digit:00, point, backspace, clear, ok, cancel, choice:<key>, language, help. A key for another
 * serial or one that the screen does not have does nothing.
 */
struct terminal_key {
    uint32_t serial;
    char name[32];
};
MUST_USE err terminal_on_key(struct terminal *terminal, const struct terminal_key *key);

/*
 * One sealed key of a secure entry. *ret_reopen: the vault could not open it, the page must agree
 * on a new channel (terminal_on_panel) first.
 */
MUST_USE err terminal_on_entry(struct terminal *terminal, uint32_t serial, struct bytes sealed,
                               bool *ret_reopen);

/* The page's public key; the vault's goes to `answer`. Errors: FORMAT (not a key), IO (vault). */
MUST_USE err terminal_on_panel(struct terminal *terminal, struct bytes public_key,
                               struct writer *answer);

/* Digits that the scanner has read. Ignored unless the screen has the scanner on. */
MUST_USE err terminal_on_code(struct terminal *terminal, struct bytes digits);

/*
 * What was written into the field of text of the screen with this serial: UTF-8 without NUL, at
 * most GOODS_TEXT_MAX bytes. Anything else, and a text that no screen wants, does nothing.
 */
MUST_USE err terminal_on_text(struct terminal *terminal, uint32_t serial, struct bytes text);

/* Where the pen went on the screen with this serial, as strokes.h has it; otherwise as above. */
MUST_USE err terminal_on_strokes(struct terminal *terminal, uint32_t serial, struct bytes points);

/* `reason` of a lost or failed connection in words for the log, NULL when connected. */
MUST_USE err terminal_on_host_state(struct terminal *terminal, bool connected, const char *reason);
MUST_USE err terminal_on_host(struct terminal *terminal, struct bytes frame);

/* The vault has said that a card has got further: it is asked at once, not when it is due. */
MUST_USE err terminal_on_notice(struct terminal *terminal);

MUST_USE err terminal_on_devices(struct terminal *terminal, const struct terminal_devices *devices);

/* A slip of this number is on paper. */
MUST_USE err terminal_on_printed_slip(struct terminal *terminal, int64_t number);

/*
 * Nobody knows whether the last slip of this payment (0: of a report, below 0: of an order) is
 * whole: paper or plug were lost under it. The main screen says so until it is printed again, or
 * another payment is.
 */
MUST_USE err terminal_on_unsure_slip(struct terminal *terminal, int64_t number);

/* What network a path (0 and up, paths.h) is on; until it is told, a cable. */
MUST_USE err terminal_on_network(struct terminal *terminal, size_t path,
                                 const struct network_facts *facts);

/* Where the device is, as far as a driver can say; until it is told, nobody knows. */
MUST_USE err terminal_on_place(struct terminal *terminal, const struct network_place *place);

/*
 * Who answered on this line has not proved to be who he must be, and was sent nothing; `why` in the
 * words of TLS. Once for as long as it lasts: a line that comes up ends it (S171).
 */
MUST_USE err terminal_on_impostor(struct terminal *terminal, enum terminal_line line,
                                  const char *why);

/* What is known of the software: from whoever has started it. */
enum { TERMINAL_WHY = 161 };
struct terminal_software {
    int64_t image;            /* the version that runs */
    int64_t waiting, refused; /* installed, to be started; the newest that was refused; 0: none */
    bool trying;              /* it has not been found healthy yet */
    char why[TERMINAL_WHY];   /* the last assignment was not taken; or empty */
};
MUST_USE err terminal_on_software(struct terminal *terminal,
                                  const struct terminal_software *software);

/* The device channel, as terminal_on_host_state() and terminal_on_host(). */
MUST_USE err terminal_on_manage_state(struct terminal *terminal, bool connected,
                                      const char *reason);
MUST_USE err terminal_on_manage(struct terminal *terminal, struct bytes frame);

/* Whatever is due by the clock: time-outs, the card reader, reconnecting, reversing again. */
MUST_USE err terminal_tick(struct terminal *terminal);

/* Milliseconds until terminal_tick() has something to do; 0 is now, -1 is nothing at all. */
int64_t terminal_next_ms(const struct terminal *terminal);

/* ---- for drivers, tests and the simulator ---- */

/* The screen that was shown last. Lives as long as the terminal; changes with every call. */
const struct screen *terminal_screen(const struct terminal *terminal);

/* The serial number that the vault told; empty before it did. */
const char *terminal_serial(const struct terminal *terminal);

/* The payment that is under way or was finished last; state NONE when there was none. */
const struct payment *terminal_payment(const struct terminal *terminal);

/* Nothing is left to settle: no settlement is under way, and the batch is over or has no payment.
 */
bool terminal_settled(const struct terminal *terminal);

/* The receipt of payment `number` as it would be printed. NOT_FOUND, and the store's errors. */
MUST_USE err terminal_receipt_text(struct terminal *terminal, int64_t number,
                                   enum receipt_copy copy, struct receipt *out);
/* The announcement of payment `number`. NOT_FOUND when there was nothing to announce. */
MUST_USE err terminal_speech(struct terminal *terminal, int64_t number, struct speech *out);

/* The acquirer's public certificate, PEM, appended; false when the vault does not say. */
bool terminal_authority(struct terminal *terminal, struct writer *pem);

/* Calls `each` for every payment in the store, oldest first. */
MUST_USE err terminal_each_payment(struct terminal *terminal,
                                   err (*each)(void *context, int64_t number,
                                               const struct payment *payment),
                                   void *context);
