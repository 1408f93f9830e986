/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * connected: the terminals that hold a connection, found by its number and by their own in one
 * step, however many there are. Memory is taken at the start. A place stays where it is until it is
 * left.
 */

#include "lib/base/bytes.h"

enum { CONNECTED_TID = 8, CONNECTED_ADDRESS = 48 };

/* A connected terminal. Frames are counted by the minute: one that floods is disconnected. */
struct desk_device {
    uint32_t session; /* 0: a free place */
    char tid[CONNECTED_TID + 1];
    char address[CONNECTED_ADDRESS]; /* that it comes from, as far as we are told */
    int64_t certificate_end_ms;
    bool greeted;    /* has said hello: it may be told something */
    uint32_t policy; /* that it has, or has been told */
    int64_t minute;
    unsigned frames, fetched;
    /* its own: places by their number and one more, 0 ends a chain */
    uint32_t next_session, next_tid, next_free;
};

struct connected {
    struct desk_device *device;
    uint32_t max, used, free, buckets; /* used: places that were ever taken */
    uint32_t *by_session, *by_tid;
};

/* Errors: NO_MEMORY. */
MUST_USE err connected_open(struct connected *c, uint32_t max);
void connected_close(struct connected *c); /* a zeroed one is fine */

/* NULL when there is none; session 0 is none. */
struct desk_device *connected_session(const struct connected *c, uint32_t session);
struct desk_device *connected_tid(const struct connected *c, const char *tid);

/* Neither is there yet. NULL: all places are taken. */
struct desk_device *connected_take(struct connected *c, uint32_t session, const char *tid);
void connected_leave(struct connected *c, struct desk_device *device);
