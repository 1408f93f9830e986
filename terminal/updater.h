/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * updater: the line to whoever has started this program out of a slot and brings it new versions:
 * tongbao-update, whose update/runner.h has its few words. Without it the program is what it is.
 */

#include "lib/base/log.h"
#include "lib/wire/loop.h"
#include "terminal/terminal.h"

enum {
    UPDATER_LINE_MAX = 512,
    UPDATER_AGAIN = 75 /* exit status: start what waits */
};

struct updater {
    struct loop *loop;
    struct terminal *terminal;
    const struct log *log;
    void (*done)(void *context, err e); /* what a call of the terminal returned */
    void *context;
    int fd; /* -1: nobody */
    /* its own */
    struct loop_watch watch;
    char said[UPDATER_LINE_MAX];
    size_t said_len;
};

/* The fields above `its own` are set. Errors: those of loop_watch. */
MUST_USE err updater_start(struct updater *updater);

/* An assignment to be fetched; what runs is healthy. What cannot be said is logged. */
void updater_assign(struct updater *updater, struct bytes assignment);
void updater_healthy(struct updater *updater);

/* "facts IMAGE STATE WAITING REFUSED WHY". FORMAT. */
MUST_USE err updater_read(struct bytes line, struct terminal_software *ret_software);
