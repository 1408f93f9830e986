/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * peripherals: the devices beside the terminal: printer, drawer, scanner, camera, customer's
 * display, speaker box.
 *
 *   receipts, screens, announcements -> bytes     bytes -> paper, codes, acknowledgements
 *
 * Each is where a text of configuration says (lib/wire/peripheral.h), or does not exist. What they
 * are told is decided in device/ and in the core; here are lines, and events that go to the core
 * from the loop, never from inside one of its ports. A device that is not there stops no payment:
 * the printer's state is on the screen, and everything else is logged.
 */

#include "lib/base/log.h"
#include "lib/wire/hid_device.h"
#include "lib/wire/loop.h"
#include "terminal/camera_codes.h"
#include "terminal/terminal.h"

/* Addresses; NULL: there is none. */
struct peripherals_options {
    const char *printer, *scanner, *display, *box;
    unsigned paper_mm;                /* 58 or 80 */
    const char *camera;               /* as in camera_codes.h */
    const struct hid_calls *hid;      /* NULL: the kernel's */
    const struct camera_calls *video; /* NULL: the kernel's */
    /* What reads codes in the camera's pictures, as pictures_read(). */
    err (*read)(void *context, enum pictures_kind kind, struct bytes picture, uint8_t *out,
                size_t max, size_t *ret_len);
    void *read_context;
    struct loop *loop;
    struct clock clock;
    const struct log *log;
    void (*done)(void *context, err e); /* what a call of the terminal returned */
    void *context;
};

struct peripherals;

/* `ret_bad` is the address that is none when the error is CONFIG. Errors: CONFIG, NO_MEMORY,
 * UNSUPPORTED (no GB18030), FULL. */
MUST_USE err peripherals_open(const struct peripherals_options *options, const char **ret_bad,
                              struct peripherals **ret_peripherals);
void peripherals_close(struct peripherals *p); /* NULL is allowed; before its loop */

/* Events go to this terminal from now on. */
void peripherals_serve(struct peripherals *p, struct terminal *terminal);

/* What the core says through its ports. */
void peripherals_print(struct peripherals *p, const struct terminal_receipt *receipt);
void peripherals_show(struct peripherals *p, const struct screen *screen);
void peripherals_speak(struct peripherals *p, const struct speech *speech, int64_t amount_minor);
void peripherals_drawer(struct peripherals *p);

/* Columns of the paper (payment/receipt.h), and whether there is a drawer. */
unsigned peripherals_columns(const struct peripherals *p);
bool peripherals_have_printer(const struct peripherals *p);
