/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * page: what a browser does at a terminal, without a browser: it follows the screens, touches keys,
 * and enters secrets through the panel channel, so that `tongbao demo --once` walks the very road
 * that a person walks. docs/screens.md describes the endpoints.
 */

#include "lib/crypto/agreement.h"
#include "lib/wire/json.h"

struct page;

/* `url` ends with a slash: "http://127.0.0.1:8080/". Errors: NO_MEMORY. */
MUST_USE err page_open(const char *url, struct page **ret_page);
void page_close(struct page *page);

/*
 * Follows the screens until one has this id ("sale.approved"; several may be given, separated by
 * '|'; "*" is whatever is shown). Errors: TIMEOUT (page_describe() says what is shown instead),
 * REFUSED (nobody answers).
 */
MUST_USE err page_wait(struct page *page, const char *id, int wait_ms);

/* The id of the screen at hand, and the screen itself. Never NULL after page_wait(). */
const char *page_id(const struct page *page);
const struct json_t *page_screen(const struct page *page);

/* One line about the screen at hand: its id and its texts. */
void page_describe(const struct page *page, struct writer *w);

/* Touches a key: "ok", "choice:sale", "digit:5". Errors: those of HTTP as IO. */
MUST_USE err page_key(struct page *page, const char *key);

/* Touches the digits of a number on the plain keypad, then nothing more. */
MUST_USE err page_digits(struct page *page, const char *digits);

/*
 * Enters `digits` on the secure keypad of the screen at hand and presses ok.
 * Errors: STATE (the screen has no secure keypad), CRYPTO, IO.
 */
MUST_USE err page_secret(struct page *page, const char *digits);

/* GET or POST of a path below the page's address. The answer's body goes to `out`. */
MUST_USE err page_get(struct page *page, const char *path, struct writer *out);
MUST_USE err page_post(struct page *page, const char *path, const char *type, struct bytes body,
                       long *ret_status);
