/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * console: what a browser does at the back office, without a browser: a cookie jar, the page's
 * token, and JSON both ways. For the story of the demo.
 */

#include "lib/wire/json.h"

struct console;

/* `origin` as "http://localhost:8090". Errors: NO_MEMORY. */
MUST_USE err console_open(const char *origin, struct console **ret_console);
void console_close(struct console *console); /* NULL is allowed */

/*
 * Sends `body` (NULL: a GET) to `path` and reads the answer. Errors: REFUSED, TIMEOUT, IO, and
 * those of json_parse(). What the status means is the caller's matter.
 */
MUST_USE err console_ask(struct console *console, const char *path, const char *body,
                         long *ret_status, struct json_document *ret_answer);

/*
 * Sets up an account of staff by its link ("http://.../staff/setup#TOKEN"): a password of its own
 * choice, and one-time codes. Afterwards somebody is logged in. Errors: STATE (refused).
 */
MUST_USE err console_set_up(struct console *console, const char *link);

/* Opens the link of a mail `count` times at once; *ret_won is how many were shown a code. */
enum { CONSOLE_CODE_MAX = 11 };
MUST_USE err console_redeem(const char *origin, const char *link, unsigned count, unsigned *ret_won,
                            char ret_code[CONSOLE_CODE_MAX]);
