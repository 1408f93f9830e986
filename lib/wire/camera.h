/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * camera: grey pictures from a camera of Linux (V4L2, streaming into buffers that are mapped), for
 * who looks for codes in them.
 *
 * It is open from camera_start() to camera_stop() and not a moment longer: a camera that looks is a
 * camera whose light is on. A frame is handed over at most every CAMERA_PACE_MS; those in between
 * go back to the driver unseen. Of YUYV and GREY the luminance is taken, without padding; MJPEG is
 * handed over as the JPEG it is. One frame is held at a time, in a block of the caller's; nothing
 * else keeps one.
 *
 * What the driver says is bounded before it is used: sizes, lines, buffers, what is in them. A
 * frame that makes no sense is dropped and counted; a device that cannot be used is lost, with the
 * reason in words, and tried again every CAMERA_AGAIN_MS, for people pull plugs.
 *
 * The calls of the kernel are a table, so that a test can be the driver.
 */

#include "lib/base/bytes.h"
#include "lib/wire/loop.h"

enum {
    CAMERA_WIDTH = 640, /* that is asked for; a code fills a third of it */
    CAMERA_HEIGHT = 480,
    CAMERA_PIXELS_MAX = 1920 * 1080,     /* a driver may insist on its own */
    CAMERA_BUFFER_MAX = 8 * 1024 * 1024, /* bytes that a driver may have mapped for one */
    CAMERA_BLOCK = CAMERA_PIXELS_MAX,    /* bytes of a frame as it is handed over */
    CAMERA_BUFFERS = 4,
    CAMERA_PACE_MS = 250,
    CAMERA_SILENT_MS = 5000, /* no frame for so long: the driver hangs */
    CAMERA_AGAIN_MS = 2000,
};

/* As the system calls of these names: -1 and errno, or not. `map` returns NULL when it fails. */
struct camera_calls {
    int (*open)(void *context, const char *path); /* for reading and writing, non-blocking */
    int (*close)(void *context, int fd);
    int (*control)(void *context, int fd, unsigned long request, void *argument);
    void *(*map)(void *context, int fd, size_t len, uint32_t offset);
    int (*unmap)(void *context, void *at, size_t len);
    void *context;
};

extern const struct camera_calls camera_kernel;

enum camera_format { CAMERA_GREY, CAMERA_YUYV, CAMERA_MJPEG, CAMERA_FORMATS };

enum camera_fault {
    CAMERA_DAMAGED, /* the driver says so */
    CAMERA_SHORT,
    CAMERA_LONG,
    CAMERA_NO_JPEG,
    CAMERA_FAULTS
};

/* A JPEG, or width x height bytes from dark (0) to light; a view that ends with the call. */
struct camera_frame {
    bool jpeg;
    unsigned width, height;
    struct bytes data;
};

struct camera_events {
    void (*opened)(void *context);
    void (*frame)(void *context, const struct camera_frame *frame);
    void (*dropped)(void *context, const char *why, unsigned count); /* the 1st, 2nd, 4th, ... */
    void (*lost)(void *context, const char *why); /* once for as long as it lasts */
    void *context;
};

struct camera_buffer {
    void *at;
    size_t len;
};

/* Zero it first; the caller's. */
struct camera {
    struct loop *loop;
    const char *path; /* must outlive it */
    const struct camera_calls *calls;
    struct camera_events events;
    uint8_t *block; /* CAMERA_BLOCK bytes, the caller's */

    bool running, said_lost, streaming;
    int fd;
    enum camera_format format;
    unsigned width, height, line;
    unsigned buffers;
    struct camera_buffer buffer[CAMERA_BUFFERS];
    unsigned dropped[CAMERA_FAULTS];
    int64_t handed_us; /* when a frame was handed over last */
    struct loop_watch watch;
    struct loop_timer timer; /* to try again, or until a frame must have come */
};

/* Begins to open it; the events tell how that went, never from inside this call. loop, path, calls,
 * events and block are set before. Of one that runs, nothing. Errors: FULL (no timer is left). */
MUST_USE err camera_start(struct camera *camera);

/* Off, at once; no events any more. One that does not run is fine. */
void camera_stop(struct camera *camera);
