/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hid_pos: scanners and magnetic stripe readers as HID devices of the point of sale (HID Point of
 * Sale Usage Tables 1.02): bar code scanners of usage page 0x8C, stripe readers of page 0x8E, by
 * /dev/hidrawN. What stands where in a report is read from the device's own descriptor.
 *
 *   scanner  Decoded Data (FE), how many bytes of it count (Byte Count, 01:3B; without it they end
 *            at the first NUL), the three characters of the AIM symbology identifier (FB to FD),
 *            and whether the next report goes on with the same code (FF)
 *   stripe   Track 1 to 3 Data (21 to 23) and their lengths (11 to 13) in one report. The tables
 *            have no usage for "could not be decoded"; where FF00:20 to FF00:22 stand beside the
 *            tracks, as common readers have them, bit 0 of such a value says so.
 *
 * A report that makes no sense is dropped whole, and with it what it continued: each reason is
 * counted. A code whose end does not come within HID_GAP_MS is given up. Pure; what was read is
 * wiped as soon as it was told.
 */

#include "lib/wire/hid_descriptor.h"

enum {
    HID_CODE_MAX = 512, /* as SERIAL_LINE_MAX */
    HID_GAP_MS = 500,
    HID_TRACKS = 3,
    HID_TRACK_MAX = 112, /* of track 3 with its sentinels: 107 */
    HID_AIM = 3,
};

enum hid_reader {
    HID_NO_READER, /* a keyboard, a mouse, a printer ... */
    HID_SCANNER,
    HID_STRIPE,
};

enum hid_fault {
    HID_TAKEN,
    HID_OTHER_REPORT, /* a status, a setting: nothing to us, and no fault */
    HID_UNKNOWN_REPORT,
    HID_SHORT_REPORT,
    HID_BAD_COUNT, /* more bytes than there is room for, or none */
    HID_BAD_SYMBOLOGY,
    HID_BAD_CHARACTER,
    HID_TOO_LONG,
    HID_CUT, /* another code began, or too much time passed, before its end */
    HID_FAULTS
};

/* For the log: "count", NULL for what is none. */
const char *hid_fault_word(enum hid_fault fault);

/* What kind the descriptor says the device is, and whether it can be read: *ret_why is NULL, or
 * says what is missing. */
enum hid_reader hid_reader_of(const struct hid_descriptor *d, const char **ret_why);

struct hid_scanner {
    struct hid_descriptor device;
    struct hid_place count, data, more, aim[HID_AIM];
    unsigned dropped[HID_FAULTS];
    int64_t last_ms;
    bool spoiled; /* what comes until the end of this code is dropped */
    bool begun;
    char said_aim[HID_AIM]; /* "]Q1"; NULs: the device says none */
    size_t len;
    char code[HID_CODE_MAX];
};

/* `code` and `aim` (HID_AIM characters, or NULs) are views that end with the call. */
typedef void (*hid_code)(void *context, struct bytes code, const char *aim);

/* `why` is NULL, or what it is refused for, in words for the log. */
MUST_USE err hid_scanner_begin(struct hid_scanner *s, struct bytes descriptor,
                               const char **ret_why);

/* One report, as a read of the device gives it. */
enum hid_fault hid_scanner_take(struct hid_scanner *s, struct bytes report, int64_t now_ms,
                                hid_code taken, void *context);

struct hid_stripe {
    struct hid_descriptor device;
    struct hid_place data[HID_TRACKS], length[HID_TRACKS], status[HID_TRACKS];
    unsigned dropped[HID_FAULTS];
};

/* The tracks of one swipe with their sentinels; "" where there was none or it could not be
 * decoded. Secret: who has it wipes it. */
struct hid_swipe {
    char track[HID_TRACKS][HID_TRACK_MAX + 1];
};

/* Errors of both: what hid_descriptor_read() says, UNSUPPORTED (it is no such device, or lacks what
 * is needed). */
MUST_USE err hid_stripe_begin(struct hid_stripe *s, struct bytes descriptor, const char **ret_why);

/* HID_TAKEN: `out` is a swipe, which may be an unreadable one. Otherwise it is as it was. */
enum hid_fault hid_stripe_take(struct hid_stripe *s, struct bytes report, struct hid_swipe *out);

/* A reason that was counted so often is worth a line in the log: the 1st, 2nd, 4th, 8th ... time.
 */
bool hid_worth_a_line(unsigned count);
