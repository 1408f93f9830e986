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

/* The same with a file of `type` as the body. */
MUST_USE err console_send(struct console *console, const char *path, const char *type,
                          struct bytes file, long *ret_status, struct json_document *ret_answer);

/*
 * Sets up an account of staff ("http://.../staff/setup#TOKEN") or of an owner ("http://.../setup#")
 * by its link: a password of its own choice, and one-time codes. Afterwards somebody is logged in,
 * and the console knows both, until it is closed. Errors: STATE (refused).
 */
MUST_USE err console_set_up(struct console *console, const char *link);

/* Logs in again as whom the console was set up for, with a code of this moment: none counts twice,
 * so half a minute must have passed. Errors: STATE (refused). */
MUST_USE err console_log_in(struct console *console, const char *login);

/* From now on a program's key goes with every request instead of a session. */
void console_bear(struct console *console, const char *key);

/* "/api/staff" or "/api/console": below which this one's own paths are. */
const char *console_realm(const struct console *console);

/* Opens the link of a mail `count` times at once; *ret_won is how many were shown a code. */
enum { CONSOLE_CODE_MAX = 11 };
MUST_USE err console_redeem(const char *origin, const char *link, unsigned count, unsigned *ret_won,
                            char ret_code[CONSOLE_CODE_MAX]);
