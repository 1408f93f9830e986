/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cashier: a person at the real terminal while everything is being killed, through its page
 * (cli/page.h), in a process of its own. He looks at the screen that is there and does what it
 * offers; when there is no page he opens it again.
 */

#include <stdatomic.h>

#include "cli/stage.h"

struct cashier_report {
    atomic_llong screens, sales;
    atomic_bool settled; /* the menu is there and nothing waits to be sent */
    char last[64];       /* the last screen he saw */
};

struct cashier {
    const struct stage *stage;
    const char *password; /* his own */
    const char *pin;      /* of the card that he presents */
    const atomic_bool *stop;
    struct cashier_report *report;
};

/* Logs in with the one-time password and chooses `password`. */
MUST_USE err cashier_begin(const struct cashier *cashier, const char *initial);

/* Sells until `stop`, then until nothing waits to be sent. Returns the exit status. */
int cashier_run(const struct cashier *cashier);
