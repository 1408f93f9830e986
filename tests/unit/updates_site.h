/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * updates_site: what `tongbao updates` would have published, as far as the back office reads it: an
 * image of each version for the model TB-1, a file that is none, and the director's key.
 */

#include <sys/stat.h>

#include "backoffice/updates/updates.h"
#include "lib/base/file.h"

#define UPDATES_SITE_DAY INT64_C(86400000)

static inline void updates_site_put(const char *directory, const char *name, struct bytes body)
{
    char path[FILE_PATH_MAX];
    static uint8_t block[32768];
    struct writer w = writer_over(block, sizeof block);
    assert_ok(tuf_author_envelope(body, NULL, 0, &w));
    assert_ok(file_path(directory, name, path, sizeof path));
    assert_ok(file_write(path, FILE_PUBLIC, writer_view(&w)));
}

/* A list with one image of each version up to `image`. */
static inline void updates_site_publish(const char *directory, int64_t image, int64_t now_ms)
{
    static uint8_t block[16384];
    static struct tuf_author_targets targets;
    targets =
        (struct tuf_author_targets){.version = image, .expires_ms = now_ms + UPDATES_SITE_DAY};
    for (int64_t i = 1; i <= image; i++) {
        struct tuf_author_file file = {.length = 100 + i};
        snprintf(file.path, sizeof file.path, "TB-1.%lld", (long long)i);
        snprintf(file.custom, sizeof file.custom, "{\"image\":%lld,\"model\":\"TB-1\"}",
                 (long long)i);
        assert_ok(tuf_author_targets_set(&targets, &file));
    }
    struct tuf_author_file other = {.path = "notes.txt", .length = 5};
    assert_ok(tuf_author_targets_set(&targets, &other));
    char name[64];
    const struct tuf_author_entry entry = {image, BYTES("x")};
    struct writer w = writer_over(block, sizeof block);
    assert_ok(tuf_author_targets_write(&targets, &w));
    snprintf(name, sizeof name, "metadata/%lld.targets.json", (long long)image);
    updates_site_put(directory, name, writer_view(&w));
    w = writer_over(block, sizeof block);
    assert_ok(tuf_author_snapshot_write(image, now_ms + UPDATES_SITE_DAY, &entry, &w));
    snprintf(name, sizeof name, "metadata/%lld.snapshot.json", (long long)image);
    updates_site_put(directory, name, writer_view(&w));
    w = writer_over(block, sizeof block);
    assert_ok(tuf_author_timestamp_write(image, now_ms + UPDATES_SITE_DAY, &entry, &w));
    updates_site_put(directory, "metadata/timestamp.json", writer_view(&w));
}

/* A directory with nothing but the director's key and versions 1 and 2. */
static inline void updates_site_make(const char *directory, int64_t now_ms)
{
    static const char keys[] = "{\"director\":{\"blob\":\"00112233\",\"public\":"
                               "\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
                               "\"}}";
    char path[FILE_PATH_MAX];
    snprintf(path, sizeof path, "%s/metadata", directory);
    assert_int_equal(mkdir(directory, 0700), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_ok(file_path(directory, "online.keys", path, sizeof path));
    assert_ok(file_write(path, FILE_PUBLIC, bytes_text(keys)));
    updates_site_publish(directory, 2, now_ms);
}
