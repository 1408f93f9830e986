/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hid_descriptor: what a HID device says of its input reports: which usage stands at which bit of
 * which report (Device Class Definition for HID 1.11, 6.2.2; usages from the HID Usage Tables). So
 * that a reader is understood by what it says of itself, and not by who has made it.
 *
 * Every number in a descriptor is bounded before it is used. What is no descriptor is refused; what
 * is one and means nothing to us (outputs, features, physical units, strings) is passed over.
 * Delimiters, which give a control two usages, are not understood: readers have none. Pure.
 */

#include "lib/base/bytes.h"

enum {
    HID_DESCRIPTOR_MAX = 4096, /* HID_MAX_DESCRIPTOR_SIZE of the kernel */
    HID_REPORT_MAX = 4096,     /* bytes of a report; three tracks are below 400 */
    HID_FIELDS_MAX = 96,       /* of a keyboard with every extra: 40 */
    HID_REPORTS_MAX = 32,
};

/* Usages of one kind that stand one behind another: `count` values of `size` bits from `bit` on,
 * counted from behind the report's number. The first has the usage `first`, the next the one above
 * it, up to `last`, which all that follow have. */
struct hid_field {
    uint32_t first, last; /* page in the upper 16 bits, as in 0x008C00FE */
    uint32_t application; /* usage of the outermost collection around it */
    uint32_t bit, size, count;
    uint8_t report; /* its number; 0: reports have none */
};

struct hid_descriptor {
    bool numbered; /* a report begins with a byte that is its number */
    size_t field_count, report_count;
    struct hid_field field[HID_FIELDS_MAX];
    struct {
        uint8_t report;
        uint32_t bits; /* without the number */
    } report[HID_REPORTS_MAX];
};

/*
 * Errors: SHORT (it ends within an item), FORMAT (collections that do not close, a report of number
 * 0, values of no size), LENGTH (itself or a report above its limit), FULL (more fields, reports
 * or nesting than there is room for), UNSUPPORTED (delimiters). `out` is then as it was.
 */
MUST_USE err hid_descriptor_read(struct bytes descriptor, struct hid_descriptor *out);

/* Where one usage stands: `count` values of `size` bits from `bit` on. count 0: nowhere. */
struct hid_place {
    uint32_t bit, size, count;
    uint8_t report;
};

/* The first place of `usage` in a report of `application`; in report `report` only, unless that is
 * HID_ANY_REPORT. */
enum { HID_ANY_REPORT = 256 };
struct hid_place hid_find(const struct hid_descriptor *d, uint32_t application, uint32_t usage,
                          unsigned report);

/* The usage of the next collection of this page that has fields, from field *at on, which is moved
 * behind it (begin with 0); 0: there is no more. */
uint32_t hid_next_application(const struct hid_descriptor *d, uint16_t page, size_t *at);

/* Bytes of this report without its number; 0: there is no such report. */
size_t hid_report_bytes(const struct hid_descriptor *d, uint8_t report);

/* Value `index` of a place in a report without its number. The report must be as long as
 * hid_report_bytes() says, the place of it and at most 32 bits a value. */
uint32_t hid_value(struct bytes report, const struct hid_place *place, uint32_t index);
