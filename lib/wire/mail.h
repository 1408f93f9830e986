/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail: one message of plain text to one mailbox, by SMTP (RFC 5321) over outbound.h.
 *
 * The message is RFC 5322 with MIME (RFC 2045 to 2047): UTF-8, quoted-printable when it is ASCII
 * and base64 otherwise. Nothing that a person has typed can add a header or a recipient: addresses
 * are of a narrow form, names and subjects have no control characters, and a body is always
 * encoded.
 *
 * A server that has the message says 250. When nobody knows whether it has (no reply in time), the
 * outcome is LATER, and the next try carries the same Message-ID: readers show such mail once.
 */

#include "lib/base/writer.h"
#include "lib/wire/outbound.h"

enum {
    MAIL_ADDRESS_MAX = 254,    /* RFC 5321, 4.5.3.1.3 */
    MAIL_NAME_MAX = 120,       /* bytes of UTF-8, of a sender's name */
    MAIL_SUBJECT_MAX = 200,    /* bytes of UTF-8 */
    MAIL_TEXT_MAX = 16 * 1024, /* bytes of UTF-8 */
    MAIL_HOST_MAX = 253,
    MAIL_PASSWORD_MAX = 128,
};

/* On no account "TLS when there is some": who sits between would see to it that there is none. */
enum mail_security {
    MAIL_PLAIN,    /* to this machine only, CONFIG elsewhere */
    MAIL_STARTTLS, /* a server that does not offer it gets nothing */
    MAIL_TLS,      /* from the first byte */
};

/* Texts are the caller's and outlive the call that they are given to. */
struct mail_relay {
    const char *host; /* a name or a numeric address; the name that its certificate carries */
    uint16_t port;
    enum mail_security security;
    const char *ca_file;       /* PEM; NULL: the system's */
    const char *user;          /* NULL: no log-in */
    const char *password_file; /* of this user only; its first line */
    unsigned timeout_ms;       /* of one message; 0 means 30,000 */
};

struct mail_message {
    const char *id; /* as in outbound.h; becomes the Message-ID */
    const char *from, *from_name;
    const char *to;
    struct bytes subject, text; /* lines of text end with LF */
    int64_t date_ms;
};

/*
 * local@domain: atoms with dots, at most 64 bytes; labels of letters, digits and hyphens. No
 * quotes, no comments, no address literals, ASCII only.
 */
bool mail_address_valid(struct bytes address);

/* The whole message, lines ended by CRLF. Errors: FORMAT (address, control character, UTF-8),
 * LENGTH, FULL. Pure. */
MUST_USE err mail_write(struct writer *w, const struct mail_message *message);

/*
 * Begins to send. Errors, after which `done` is not called: those of mail_write, FULL (no transfer
 * is free), CONFIG (plain to another machine, server, CA file), NO_MEMORY, and of file_read for the
 * password.
 */
MUST_USE err mail_send(struct outbound *outbound, const struct mail_relay *relay,
                       const struct mail_message *message, outbound_done done, void *context);
