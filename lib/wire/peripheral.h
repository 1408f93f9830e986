/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * peripheral: bytes to and from a device beside us: a printer, a scanner, a customer's display.
 *
 * Where it is stands in a text of configuration:
 *
 *   tcp:192.168.1.50:9100     a printer with a network plug; an address, no name to look up
 *   serial:/dev/ttyS0         9600 baud, 8N1, no flow control; serial:/dev/ttyUSB0,115200
 *   usb:/dev/usb/lp0          a device file that bytes are written to and read from as they are
 *   keys:/dev/input/event3    a scanner that plays a keyboard: taken for us alone (EVIOCGRAB), so
 *                             that what it reads is typed nowhere else; see keyboard.h
 *   hid:/dev/hidraw0          a scanner or stripe reader of the point of sale's own HID pages: each
 *                             read is one report; see hid_pos.h
 *
 * It is opened when it is there, and again and again while it is not: people pull plugs. What could
 * not be written when it went is gone, and `lost` says so: whoever sends decides what to do about
 * it. A queue of PERIPHERAL_QUEUE bytes stands before the device; what has no room is refused
 * whole.
 *
 * The struct is the caller's: zero it first, keep it until peripheral_close().
 */

#include "lib/base/bytes.h"
#include "lib/wire/hid_device.h"
#include "lib/wire/loop.h"

enum {
    PERIPHERAL_PATH_MAX = 108,
    PERIPHERAL_QUEUE = 32 * 1024, /* four receipts with a picture of a signature on each */
    PERIPHERAL_READ = 4096 + 1,   /* a report of HID is never cut */
    PERIPHERAL_AGAIN_MS = 2000,
};

enum peripheral_kind {
    PERIPHERAL_TCP,
    PERIPHERAL_SERIAL,
    PERIPHERAL_FILE,
    PERIPHERAL_KEYS,
    PERIPHERAL_HID,
    PERIPHERAL_KINDS
};

struct peripheral_address {
    enum peripheral_kind kind;
    char path[PERIPHERAL_PATH_MAX]; /* or the address of a host */
    uint16_t port;
    uint32_t baud;
};

/* Errors: CONFIG (none of the forms above, or a rate that serial lines do not have). */
MUST_USE err peripheral_parse(const char *text, struct peripheral_address *out);

struct peripheral_events {
    void (*opened)(void *context);
    void (*taken)(void *context, struct bytes bytes); /* a view that ends with the call */
    /* It is gone, or was never there; once each time, with the reason in words. */
    void (*lost)(void *context, const char *why);
    void *context;
    /* HID only, before `opened`: what the device says it is. NULL: it is taken; otherwise why not,
     * and it is lost for that reason, and looked at again as one that is not there. */
    const char *(*described)(void *context, struct bytes descriptor);
};

struct peripheral {
    struct loop *loop;
    struct peripheral_address address;
    struct peripheral_events events;
    struct loop_watch watch;
    struct loop_timer again;
    const struct hid_calls *hid; /* NULL: the kernel's */
    int fd;                      /* -1: not open */
    bool in_use, connecting, said_lost;
    size_t queued;
    uint8_t queue[PERIPHERAL_QUEUE];
};

/* Begins to open it: the events tell how that went, never from inside this call. Errors: CONFIG (a
 * HID device that nobody would look at), FULL (the loop has no timer left). */
MUST_USE err peripheral_open(struct loop *loop, const struct peripheral_address *address,
                             const struct peripheral_events *events, struct peripheral *p);

/* Errors: CLOSED (it is not open), FULL (no room for all of it; nothing of it was taken). */
MUST_USE err peripheral_send(struct peripheral *p, struct bytes bytes);

/* It is open, and everything has been written. */
bool peripheral_idle(const struct peripheral *p);
bool peripheral_is_open(const struct peripheral *p);

/* No events any more. One that was never opened is fine. */
void peripheral_close(struct peripheral *p);
