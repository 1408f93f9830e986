/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tray: what a demo's customer holds. It asks the tray of tongbao-simulators over its socket on
 * behalf of the page, which may only talk to its own origin. A terminal without --tray has none.
 */

#include "lib/base/writer.h"
#include "lib/wire/rpc.h"

enum { TRAY_ANSWER_MAX = 256 * 1024, TRAY_NAME_MAX = 40 };

struct tray {
    struct rpc rpc;
    uint8_t answer[TRAY_ANSWER_MAX];
};

/* CONFIG when the path is too long; a tray that is not there yet is asked again each time. */
MUST_USE err tray_connect(struct tray *tray, const char *path);
void tray_disconnect(struct tray *tray);

/* The cards and phones as JSON; view of the tray's own memory until the next call. */
MUST_USE err tray_list(struct tray *tray, struct bytes *ret_json);

/* The chip cards, and which is where, as JSON; a view like that of tray_list(). NOT_FOUND: none. */
MUST_USE err tray_chips(struct tray *tray, struct bytes *ret_json);

/* `how` is "insert", "tap" or "remove"; `card` is NULL for the last. NOT_FOUND: it cannot. */
MUST_USE err tray_chip(struct tray *tray, const char *how, const char *card);

/* What the owner's telephone and mailbox have received, as JSON; a view like that of tray_list().
 */
MUST_USE err tray_messages(struct tray *tray, struct bytes *ret_json);

/* Wipes the last answer: a message may hold a code or a link. */
void tray_forget(struct tray *tray);

/* Holds a card to the reader of this serial number. NOT_FOUND: no such card. */
MUST_USE err tray_present(struct tray *tray, const char *card, const char *reader);

/* Somebody tampers with the terminal of this serial number; `kind` is a word of enum vault_tamper.
 * NOT_FOUND: no such kind. */
MUST_USE err tray_harm(struct tray *tray, const char *kind, const char *reader);

/* A phone scans this text: what it shows then, as JSON (simulators/tray.h); a view like that of
 * tray_list(). */
MUST_USE err tray_scan(struct tray *tray, const char *phone, const char *text,
                       struct bytes *ret_json);

/* A fresh payment code as a picture, appended to `png`. NOT_FOUND: no such phone. */
MUST_USE err tray_phone(struct tray *tray, const char *phone, struct writer *png);
