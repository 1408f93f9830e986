/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * backups: what devices keep of themselves here (S164, S167), sealed: nobody here could open it.
 * A bundle (lib/wire/backup_bundle.h) comes over the device channel in pieces of DEVICE_PART_MAX
 * bytes, one after the other; what has come waits in the store, so that a connection, or this
 * program, may break at any point. When all of it is there it is looked at as far as anybody can
 * without a key: its digest, its head, and that the device which serves the terminal number now has
 * signed it. Then it is a file under its digest, and stays: the newest of each week, of the last
 * BACKUPS_KEPT weeks that have one.
 *
 * A file is on record before it is written and taken off it after it is removed: a crash leaves
 * none that nobody knows of. Without a directory nothing is taken.
 */

#include "backoffice/desk/desk.h"
#include "lib/wire/device_protocol.h"

enum {
    BACKUPS_KEPT = DEVICE_BACKUPS,
    BACKUPS_STALE_DAYS = 14, /* an alert then: two have failed to come */
    BACKUPS_SERIAL_MAX = 32,
};

struct backup_kept {
    uint8_t digest[DEVICE_DIGEST];
    char tid[DESK_TID_LEN + 1], mid[16], serial[BACKUPS_SERIAL_MAX + 1];
    uint32_t outlet;
    int64_t number, made_ms, taken_ms, bytes, payments;
};

extern const struct store_schema backups_schema;

/* The four questions of the device channel about backups. `room` holds what the answer's view is
 * of. Errors: the store's. */
enum { BACKUPS_ROOM = (DEVICE_PART_MAX + 2) / 3 * 4 };
MUST_USE err backups_asked(struct desk *desk, const struct registry_terminal *terminal,
                           const struct device_message *question, struct device_message *answer,
                           uint8_t room[BACKUPS_ROOM]);

/* Those of a terminal number, the newest first; an err of `each` ends it. */
typedef err (*backups_each)(void *context, const struct backup_kept *kept);
MUST_USE err backups_of(struct store *store, const char *tid, backups_each each, void *context);
/* NOT_FOUND: this terminal number has none of this digest. */
MUST_USE err backups_find(struct store *store, const char *tid, const uint8_t digest[DEVICE_DIGEST],
                          struct backup_kept *out);
/* Up to `max` bytes from `offset` on. Errors: those of lib/base/file_stream.h. */
MUST_USE err backups_read(struct desk *desk, const struct backup_kept *kept, uint64_t offset,
                          void *block, size_t max, size_t *ret_len);
/* In the caller's transaction: not to be had any more; the file goes by the clock. */
MUST_USE err backups_remove(struct store_tx *tx, const struct backup_kept *kept);

/* Another device will serve this terminal number: what the old one was sending is nobody's. */
MUST_USE err backups_replaced(struct store_tx *tx, const char *tid);

/* By the hour: files that nobody has, and shops whose backup is old. */
MUST_USE err backups_sweep(struct desk *desk);

/* ---- backup_pieces.c: what has come so far ---- */

struct backup_upload {
    uint8_t digest[DEVICE_DIGEST];
    int64_t bytes;
    int64_t have; /* pieces, from the first on */
};
int64_t backup_pieces(int64_t bytes); /* of so many bytes */
/* NOT_FOUND: nothing is being sent. */
MUST_USE err backup_upload_of(struct store *store, const char *tid, struct backup_upload *out);
/* In place of what was being sent before. */
MUST_USE err backup_upload_begin(struct store *store, const char *tid,
                                 const struct backup_upload *upload, int64_t now_ms);
MUST_USE err backup_piece_put(struct store *store, const char *tid, int64_t part,
                              struct bytes content);
/* In the caller's transaction. */
MUST_USE err backup_upload_end(struct store_tx *tx, const char *tid);

/* Reads what has come like a file: the `read` of a backup_source. */
struct backup_pieces_source {
    struct store *store;
    const char *tid;
};
MUST_USE err backup_pieces_read(void *context, uint64_t offset, void *block, size_t max,
                                size_t *ret_len);
