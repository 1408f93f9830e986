/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hid_device: the calls of the kernel's hidraw that peripheral.c makes for a `hid:` device, as a
 * table, so that a test can be the kernel: a device is then a socket that keeps the bounds of its
 * messages, as hidraw keeps those of reports.
 */

#include "lib/base/bytes.h"

struct hid_calls {
    /* Non-blocking, for reading. Errors: DENIED, NOT_FOUND. */
    err (*open)(void *context, const char *path, int *ret_fd);
    /* The report descriptor. Errors: UNSUPPORTED (no HID device), LENGTH (more than `max`), IO. */
    err (*describe)(void *context, int fd, uint8_t *out, size_t max, size_t *ret_len);
    void *context;
};

/* The kernel's. */
extern const struct hid_calls hid_kernel;
