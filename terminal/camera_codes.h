/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * camera_codes: codes out of what a camera sees, while a screen waits for one.
 *
 *   v4l2:/dev/video0         a camera of Linux (lib/wire/camera.h)
 *   files:/run/cam/frame     pictures that another program writes and renames to this name, PNG or
 *                            JPEG: each is read and removed; one that is older than the wait is
 *                            removed unread
 *
 * A picture is looked at by tongbao-pictures, in a process of its own. It is in one block of memory
 * for as long as that takes, and is stored nowhere.
 *
 * A code pays as if it was scanned, once: it is told again only when it has been out of sight for
 * CAMERA_GONE pictures. Whoever was refused and still holds his telephone before the camera must
 * not be charged, or refused, four times a second. Two different codes in one picture are none.
 *
 * Whoever looks at a picture is waited for, so a program that is not there or hangs is asked only
 * every CAMERA_REST pictures: the cashier's keys come in between.
 */

#include "lib/base/log.h"
#include "lib/wire/camera.h"
#include "terminal/pictures.h"

enum {
    CAMERA_GONE = 12, /* pictures: 3 s */
    CAMERA_REST = 40, /* pictures that are passed over when none could be looked at: 10 s */
};

struct camera_codes_options {
    const char *where;
    struct loop *loop;
    const struct log *log;
    const struct camera_calls *calls; /* NULL: the kernel's */
    /* As pictures_read(). */
    err (*read)(void *context, enum pictures_kind kind, struct bytes picture, uint8_t *out,
                size_t max, size_t *ret_len);
    void *read_context;
    void (*code)(void *context, struct bytes code); /* a view that ends with the call */
    void *context;
};

struct camera_codes;

/* Errors: CONFIG (neither of the two forms), NO_MEMORY. */
MUST_USE err camera_codes_open(const struct camera_codes_options *options,
                               struct camera_codes **ret_codes);
void camera_codes_close(struct camera_codes *codes); /* NULL is allowed; before its loop */

/* On while a code is waited for, off otherwise; of what is so already, nothing. Errors: FULL (the
 * loop has no timer left). */
MUST_USE err camera_codes_watch(struct camera_codes *codes, bool wanted);
