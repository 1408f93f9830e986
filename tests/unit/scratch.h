/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the tests of everything that is kept in a store share: cmocka, comparison of an err by its
 * name, CPU time, and a directory of its own for a test that needs files, gone with them
 * afterwards.
 */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/base/err.h"

#define assert_ok(call)         assert_string_equal(err_name(call), "OK")
#define assert_err(call, error) assert_string_equal(err_name(call), #error)

/*
 * CPU time of this thread. What a test holds against a limit is CPU, because the machine may be
 * busy with something else, and by a factor of ten, because a sanitizer may be at work.
 */
static inline int64_t scratch_cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

struct scratch {
    char directory[64];
    char path[128]; /* of the last scratch_path() */
};

static inline void scratch_make(struct scratch *scratch)
{
    snprintf(scratch->directory, sizeof scratch->directory, "/tmp/tongbao-test-XXXXXX");
    if (mkdtemp(scratch->directory) == NULL) abort();
}

static inline const char *scratch_path(struct scratch *scratch, const char *name)
{
    snprintf(scratch->path, sizeof scratch->path, "%s/%s", scratch->directory, name);
    return scratch->path;
}

static inline void scratch_remove(struct scratch *scratch)
{
    char path[512];
    DIR *directory = opendir(scratch->directory);
    if (directory == NULL) return;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", scratch->directory, entry->d_name);
        unlink(path);
    }
    closedir(directory);
    rmdir(scratch->directory);
}
