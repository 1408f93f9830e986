/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mailbox: the telephones and mailboxes of everybody, as what they have received: short messages
 * from the gateway (sms_gateway.h) and mail from the server (mail_server.h). In memory only, since
 * codes are in them; the oldest makes room for the newest.
 */

#include "lib/base/bytes.h"
#include "lib/wire/json.h"

enum {
    MAILBOX_MESSAGES = 64, /* what a demo or a test looks back at */
    MAILBOX_TEXT_MAX = 4096,
    MAILBOX_LINE_MAX = 400, /* of a contact, a sender, a subject */
};

enum mailbox_kind { MAILBOX_SMS = 1, MAILBOX_MAIL };

/* Texts are UTF-8 and NUL-terminated; longer ones were cut at a character. */
struct received {
    int64_t number; /* 1, 2, 3 ...; 0 when the place is empty */
    int64_t at_ms;
    enum mailbox_kind kind;
    char contact[MAILBOX_LINE_MAX + 1], sender[MAILBOX_LINE_MAX + 1], subject[MAILBOX_LINE_MAX + 1];
    char text[MAILBOX_TEXT_MAX + 1];
};

struct mailbox {
    struct received message[MAILBOX_MESSAGES];
    int64_t count; /* ever received */
};

/* A cleared place for the next message, with its number and kind; the caller fills the rest. */
struct received *mailbox_next(struct mailbox *mailbox, enum mailbox_kind kind, int64_t at_ms);

/* Copies what fits, whole characters only; what is not UTF-8 is an empty text. */
void mailbox_lay(char *to, size_t size, struct bytes text);

/*
 * The member "messages" of the open object: the newest first, as many as `room` bytes hold; only
 * those of `contact` when it is not empty. Each is {"number","kind":"sms"|"mail","to","from",
 * "subject","text","at_ms"}.
 */
void mailbox_list(const struct mailbox *mailbox, struct bytes contact, size_t room,
                  struct json_out *j);
