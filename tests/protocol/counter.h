/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * counter: a shop's counter with everything behind it (cli/stage.h) and a cashier at the terminal's
 * page. Each step fails the test with what is shown instead.
 */

#include "cli/page.h"
#include "cli/stage.h"
#include "tests/protocol/host.h"

struct counter {
    struct scratch place;
    struct children gathered;
    struct stage stage;
    struct page *page;
};

/* The PIN of the tray's card "good", and what operator 01 has chosen: no run, repeat or date. */
#define COUNTER_PIN      "246810"
#define COUNTER_PASSWORD "7093185264"

/* Starts all of it. */
void counter_open(struct counter *c);
/* With a terminal that starts out of a slot. */
void counter_open_updating(struct counter *c);
/* Fails the test when a sanitizer has spoken. */
void counter_close(struct counter *c);

/* The same host for host.h and pos.h; not to be stopped by host_stop(). */
void counter_host(const struct counter *c, struct host *ret_host);

/* What a vault has told of its initial passwords: those of a device that was provisioned again. */
void counter_passwords(struct counter *c, const char *said);

/* Looks anew at a terminal that was started again. */
void counter_look(struct counter *c);

/* Starts a program again, as it was, after a kill. */
void counter_restart(struct counter *c, struct child *child);

/* Does this to the back office's store while the program is down, and starts it again. */
void counter_office_does(struct counter *c, const char *sql);

/* Waits for one of these screens ("sale.approved|sale.declined"). */
void counter_shows(struct counter *c, const char *id);
/* Touches a key, and waits for a screen. */
void counter_key(struct counter *c, const char *key, const char *then);
/* A line of the screen at hand has this id ("BOOT_TAMPER_CALL"). */
bool counter_says(const struct counter *c, const char *id);

/* Operator 01, from "login.operator" to the main menu; first with the password of the sheet. */
void counter_log_in_first(struct counter *c);
void counter_log_in(struct counter *c);
/* From the main menu, back to it. */
void counter_sign_in(struct counter *c);
/* A swipe of the card "good" with its PIN; approved. From the main menu, back to it. */
void counter_sells(struct counter *c);

/* How many records of this event an audit log has; `detail` may be NULL: any, or a part of it. */
int64_t counter_audits(const char *directory, const char *file, const char *event,
                       const char *detail);
