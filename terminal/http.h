/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * http: the page's line to the terminal, and nothing else: each address becomes one call of
 * terminal.h, and each screen one event.
 */

#include "lib/base/log.h"
#include "lib/wire/http.h"
#include "lib/wire/loop.h"
#include "terminal/device/printer.h"
#include "terminal/terminal.h"
#include "terminal/tray.h"

struct terminal_page;

struct terminal_page_options {
    struct loop *loop;
    uint16_t port;         /* 0: a free one */
    const char *directory; /* of the page's files; NULL: none */
    const char *programs;  /* where tongbao-pictures is; NULL: beside this program */
    const char *speech;    /* directory of the clips; NULL: no sound */
    struct tray *tray;     /* NULL: no tray */
    const struct log *log;
    /* What a call of terminal.h returned: an error means that the store is gone. */
    void (*done)(void *context, err e);
    void *context;
};

/* Errors: BUSY (the port is taken), CONFIG (no such directory), UNSUPPORTED (no GB18030),
 * NO_MEMORY. */
MUST_USE err terminal_page_open(const struct terminal_page_options *options,
                                struct terminal_page **ret_page);

/* The terminal is opened after the page, because it shows a screen as soon as it starts. */
void terminal_page_serve(struct terminal_page *page, struct terminal *terminal);
void terminal_page_close(struct terminal_page *page); /* NULL is allowed */
uint16_t terminal_page_port(const struct terminal_page *page);

/* Pushes a screen to the pages that are open. Errors: those of screen_write_json, LENGTH. */
MUST_USE err terminal_page_show(struct terminal_page *page, const struct screen *screen);
