/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail_server: an SMTP server for everybody's mailboxes, as a subset of RFC 5321: EHLO HELO MAIL
 * RCPT DATA RSET NOOP QUIT, with SIZE (RFC 1870), 8BITMIME (RFC 6152) and SMTPUTF8 (RFC 6531).
 * Pure: a line in, a reply out; whoever has the socket cuts lines at CRLF (FRAME_LINES of
 * lib/wire/frame.h).
 *
 * It relays nothing: every address is one of its mailboxes.
 */

#include "lib/base/clock.h"
#include "lib/base/writer.h"
#include "simulators/faults.h"
#include "simulators/mailbox.h"

enum {
    MAIL_LINE_MAX = 1000,     /* RFC 5321, 4.5.3.1.6; its CRLF not counted */
    MAIL_REPLY_MAX = 200,     /* the longest reply is EHLO's */
    MAIL_MESSAGE_MAX = 65536, /* announced with SIZE; beyond it is 552 */
    MAIL_PATH_MAX = 256,      /* RFC 5321, 4.5.3.1.3 */
    MAIL_RECIPIENTS_MAX = 16, /* beyond it is 452; RFC 5321 asks for a hundred of a real server */
    MAIL_ERRORS_MAX = 20,     /* refused commands after which a session is ended with 421 */
};

struct mail_server {
    struct clock clock;
    struct mailbox *mailbox;
    struct fault_plan plan;
    uint64_t taken; /* messages, each once however many recipients it had */
};

enum mail_phase { MAIL_START, MAIL_GREETED, MAIL_SENDER, MAIL_RECIPIENT, MAIL_DATA };

struct mail_session {
    struct mail_server *server;
    enum mail_phase phase;
    enum fault fault; /* of this message */
    unsigned errors, recipients;
    char sender[MAIL_PATH_MAX + 1];
    char recipient[MAIL_RECIPIENTS_MAX][MAIL_PATH_MAX + 1];
    bool overflow; /* more than MAIL_MESSAGE_MAX has come */
    size_t len;
    uint8_t message[MAIL_MESSAGE_MAX];
};

/* What is to be done with the reply: none while a message comes; later, and the end after it. */
struct mail_step {
    bool reply, close;
    unsigned delay_ms;
};

/* The greeting, or nothing and the end when the server is to be down. */
struct mail_step mail_session_begin(struct mail_session *session, struct mail_server *server,
                                    struct writer *reply);

/* A line without its CRLF. The reply has no CRLF at its end, and may have some inside. */
struct mail_step mail_session_line(struct mail_session *session, struct bytes line,
                                   struct writer *reply);

/* Forgets and wipes. */
void mail_session_end(struct mail_session *session);
