/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * paths: the networks that a device may go by, in the order in which its owner wants them (cable,
 * Wi-Fi, mobile), and which of them is in use (S172). Both lines, to the host and to the back
 * office, go by the same one.
 *
 * What moves it: a connection to the host that fails or ends, silence that the host has no excuse
 * for, and a driver that says that the link is down. The next path is tried at once, as long as
 * there is one that has not failed since the last success; after all of them the pauses of the line
 * count. A path that is wanted more is tried again after five minutes, twice as long each time that
 * it fails, at most an hour, and only while nothing is outstanding.
 *
 * A payment that was outstanding when its path went is like any other without an answer: it is
 * reversed, over the path that is left (S88). It is never sent twice.
 */

#include <stdint.h>

#include "lib/base/file.h"
#include "terminal/network.h"

enum { PATHS_MAX = 3, PATH_FROM_MAX = 45 /* of an IPv6 address; an interface has 15 */ };
enum { PATH_BACK_MS = 300000, PATH_BACK_MAX_MS = 3600000 };

struct paths {
    size_t count, at;
    struct network_facts facts[PATHS_MAX];
    bool failed[PATHS_MAX]; /* since the last success */
    int64_t back_at_us;     /* when a path that is wanted more is tried; INT64_MAX: none is */
    int64_t back_ms;
    bool going_back; /* one that is wanted more is being tried */
};

/* `count` of 1 to PATHS_MAX; all of them cables, until a driver says more. */
void paths_begin(struct paths *paths, size_t count);

/* What the driver of one says. Whether the path in use has to be left, because its link is down and
 * another one's is not. */
bool paths_learn(struct paths *paths, size_t path, const struct network_facts *facts,
                 int64_t now_us);

/* The path in use has failed: the next one is in use. Whether it is worth trying at once. */
bool paths_failed(struct paths *paths, int64_t now_us);

/* The host has answered over the path in use. */
void paths_worked(struct paths *paths, int64_t now_us);

/* Goes back to the path that is wanted most, where one is due; whether another is in use now. */
bool paths_back(struct paths *paths, int64_t now_us);

static inline const struct network_facts *paths_facts(const struct paths *paths)
{
    return &paths->facts[paths->at];
}

/* A way out: what its driver writes, and which interface or address of the device it is. */
struct network_path {
    char file[FILE_PATH_MAX];
    char from[PATH_FROM_MAX + 1]; /* "": as the machine's routes say */
};

/*
 * FILE[@WHERE][,FILE@WHERE...], the one that is wanted most first, at most PATHS_MAX; where there
 * is more than one, each says WHERE. Errors: CONFIG.
 */
MUST_USE err network_paths_parse(const char *text, struct network_path ret_paths[PATHS_MAX],
                                 size_t *ret_count);
