/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * HID readers for tests: descriptors written from the HID Point of Sale Usage Tables 1.02, and a
 * kernel whose devices are sockets that keep the bounds of messages.
 */

#include <sys/socket.h>
#include <unistd.h>

#include "lib/wire/hid_device.h"

/* A scanner: report 2 has the symbology identifier, 16 bytes of data, their count, the mark of
 * continuation in bit 3 of the last byte; report 4 is a status. 22 bytes with the number. */
static const uint8_t hid_scanner_descriptor[] = {
    0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01,                   /* bar code scanner, application */
    0x85, 0x02, 0x09, 0x12, 0xa1, 0x02,                   /* report 2, scanned data, logical */
    0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08,             /* 0 .. 255, 8 bits */
    0x95, 0x03, 0x19, 0xfb, 0x29, 0xfd, 0x81, 0x02,       /* symbology identifier 1 to 3 */
    0x95, 0x10, 0x09, 0xfe, 0x82, 0x02, 0x01,             /* decoded data, buffered bytes */
    0x95, 0x01, 0x0b, 0x3b, 0x00, 0x01, 0x00, 0x81, 0x02, /* byte count, with its page */
    0x75, 0x03, 0x81, 0x03,                               /* three bits of padding */
    0x75, 0x01, 0x25, 0x01, 0x09, 0xff, 0x81, 0x02,       /* decoded data continued */
    0x75, 0x04, 0x81, 0x03, 0xc0,                         /* padding */
    0x85, 0x04, 0x09, 0x15, 0xa1, 0x02,                   /* report 4, a status */
    0x75, 0x08, 0x95, 0x01, 0x09, 0x61, 0x81, 0x02,       /* */
    0x09, 0x60, 0x91, 0x02, 0xc0, 0xc0,                   /* and an output: a trigger */
};

/* A stripe reader of one report without a number: three lengths, three of what is not in the tables
 * (bit 0: not decoded), three tracks of 79, 40 and 107 bytes; 232 bytes. */
static const uint8_t hid_stripe_descriptor[] = {
    0x05, 0x8e, 0x09, 0x01, 0xa1, 0x01, 0x15, 0x00,             /* read-only reader */
    0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x03,                   /* bytes, three of them */
    0x19, 0x11, 0x29, 0x13, 0x81, 0x02,                         /* lengths of track 1 to 3 */
    0xa4, 0x06, 0x00, 0xff, 0x19, 0x20, 0x29, 0x22, 0x81, 0x02, /* pushed, FF00:20 to 22 */
    0xb4, 0x95, 0x4f, 0x09, 0x21, 0x82, 0x02, 0x01,             /* popped, track 1 */
    0x95, 0x28, 0x09, 0x22, 0x82, 0x02, 0x01,                   /* track 2 */
    0x95, 0x6b, 0x09, 0x23, 0x82, 0x02, 0x01, 0xc0,             /* track 3 */
};

enum { HID_STRIPE_REPORT = 3 + 3 + 79 + 40 + 107, HID_SCANNER_REPORT = 1 + 3 + 16 + 1 + 1 };

/* A keyboard, as any. */
static const uint8_t hid_keyboard_descriptor[] = {
    0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x05, 0x07, 0x19, 0xe0, 0x29, 0xe7, 0x15,
    0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02, 0x75, 0x08, 0x95, 0x01,
    0x81, 0x03, 0x95, 0x06, 0x25, 0x65, 0x19, 0x00, 0x29, 0x65, 0x81, 0x00, 0xc0,
};

struct hid_port {
    struct bytes descriptor; /* of what is plugged in; nothing: nothing is */
    err describes;
    int device; /* the other end, -1: nobody has opened it */
    unsigned opened;
};

static inline err hid_port_open(void *context, const char *path, int *ret_fd)
{
    struct hid_port *port = context;
    int ends[2];
    (void)path;
    if (port->descriptor.at == NULL) return ERR(NOT_FOUND);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
        return ERR(IO);
    if (port->device > 0) (void)close(port->device);
    port->device = ends[1];
    port->opened++;
    *ret_fd = ends[0];
    return OK;
}

static inline err hid_port_describe(void *context, int fd, uint8_t *out, size_t max,
                                    size_t *ret_len)
{
    const struct hid_port *port = context;
    (void)fd;
    if (FAILED(port->describes)) return port->describes;
    if (port->descriptor.len > max) return ERR(LENGTH);
    memcpy(out, port->descriptor.at, port->descriptor.len);
    *ret_len = port->descriptor.len;
    return OK;
}

static inline struct hid_calls hid_port_calls(struct hid_port *port)
{
    return (struct hid_calls){hid_port_open, hid_port_describe, port};
}

static inline void hid_port_unplug(struct hid_port *port)
{
    if (port->device > 0) (void)close(port->device);
    port->device = -1;
    port->descriptor = (struct bytes){0};
}

static inline void hid_port_report(struct hid_port *port, const void *report, size_t len)
{
    ENSURE(write(port->device, report, len) == (ssize_t)len);
}

/* A report of hid_scanner_descriptor. */
static inline void hid_scanner_report(uint8_t out[HID_SCANNER_REPORT], const char *aim,
                                      const char *data, bool more)
{
    size_t len = strlen(data);
    memset(out, 0, HID_SCANNER_REPORT);
    out[0] = 2;
    memcpy(out + 1, aim, strlen(aim));
    memcpy(out + 4, data, len < 16 ? len : 16);
    out[20] = (uint8_t)len;
    out[21] = more ? 1 << 3 : 0;
}

/* A report of hid_stripe_descriptor. */
static inline void hid_stripe_report(uint8_t out[HID_STRIPE_REPORT], const char *track1,
                                     const char *track2, const char *track3)
{
    const char *const tracks[] = {track1, track2, track3};
    static const size_t at[] = {6, 6 + 79, 6 + 79 + 40};
    memset(out, 0, HID_STRIPE_REPORT);
    for (size_t i = 0; i < 3; i++) {
        out[i] = (uint8_t)strlen(tracks[i]);
        memcpy(out + at[i], tracks[i], strlen(tracks[i]));
    }
}
