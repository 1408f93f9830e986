/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * backup: the terminal's part of a backup of the device (docs/backup.md; the vault's is
 * vault/backup.c). backup.c writes one, restore.c reads one, backup_screens.c is what a person
 * sees.
 *
 * Writing goes on beside everything else, a few pieces at a time, from a snapshot of the store that
 * payments do not touch. It begins when no payment is under way: what is in doubt at that moment
 * would be taken back by a device that was restored from it, and may be approved by then.
 *
 * Reading is done at once: nobody pays meanwhile. A restore is one transaction of the store, given
 * up unless the vault says that the whole was signed, after it was read once into nothing.
 */

#include "lib/store/store.h"
#include "lib/wire/vault_protocol.h"
#include "lib/wire/vault_protocol_backup.h"
#include "terminal/cloud.h"

struct terminal;

enum {
    BACKUP_NAME_MAX = CLOUD_NAME_MAX,
    BACKUP_FOUND_MAX = 5, /* what a screen has room for */
};

/* Where backups lie: a directory of a medium. All NULL: there is none. */
struct backup_ports {
    void *context;
    /* The store as it is now, for reading, until store_close(). */
    err (*snapshot)(void *context, struct store **ret_store);
    err (*create)(void *context, const char *name); /* one at a time */
    err (*append)(void *context, struct bytes b);
    err (*finish)(void *context, bool whole); /* durable under its name, or gone */
    /* Fewer than `max` bytes at its end. */
    err (*read)(void *context, const char *name, uint64_t offset, void *block, size_t max,
                size_t *ret_len);
    err (*each)(void *context, err (*found)(void *found_context, const char *name),
                void *found_context);
    err (*remove)(void *context, const char *name); /* of the spool alone */
};

enum backup_outcome {
    BACKUP_NOTHING, /* none was tried yet */
    BACKUP_WRITTEN,
    BACKUP_NO_PLACE, /* the medium is not there, or refuses */
    BACKUP_MEDIUM_FULL,
    BACKUP_VAULT,      /* it has refused, or failed */
    BACKUP_UNREADABLE, /* written, and it did not open again */
    BACKUP_ON_ITS_WAY, /* written and opened again; the back office has not all of it yet */
    BACKUP_REFUSED,    /* by the back office */
};

/* One that was found on the medium. */
struct backup_found {
    char name[BACKUP_NAME_MAX];
    uint64_t number;
    int64_t made_ms;
    char serial[BACKUP_SERIAL_MAX + 1];
    uint32_t payments;
    bool for_device, for_owner, for_acquirer;
};

/* One that is being written. */
struct backup_job {
    bool open;
    const struct backup_ports *to;
    bool copying; /* it is whole in the spool, and goes to the medium from there */
    uint64_t copied;
    struct store *snapshot;
    struct store_statement *rows; /* of the table that is at hand; NULL: not begun */
    size_t table;
    uint8_t piece[BACKUP_PLAIN_MAX], row[BACKUP_PLAIN_MAX];
    size_t piece_len, row_len; /* of the row that had no room in the piece before */
    char name[BACKUP_NAME_MAX];
    uint64_t number;
};

struct backup {
    struct backup_job job;
    struct cloud cloud;
    bool from_spool;             /* what is looked for and read lies there, not on the medium */
    enum backup_outcome outcome; /* of the last one in this run */
    /* The last one that was opened again and lies on the medium or at the back office; and the
     * last that the office has. 0: never. */
    int64_t made_ms, office_ms;
    int64_t retry_us;                            /* not before */
    int64_t restored_ms;                         /* of when the one is that was taken */
    bool warned;                                 /* the back office knows that it is old */
    struct backup_found found[BACKUP_FOUND_MAX]; /* on the screen */
    size_t found_count;
};

/* Why a restore ended. */
enum restore_outcome {
    RESTORE_DONE,
    RESTORE_REFUSED,  /* `verdict` says why */
    RESTORE_VAULT,    /* `status` does */
    RESTORE_GONE,     /* the medium cannot be read */
    RESTORE_HAS_DATA, /* this terminal has records that would be lost, or has these already */
    RESTORE_NEWER,    /* rows of a later version */
    RESTORE_BAD_ROWS, /* rows that are none: nothing of ours has written them */
};

struct restore_result {
    enum restore_outcome outcome;
    uint8_t verdict; /* enum vault_restore_verdict */
    enum vault_status status;
    uint64_t number; /* OLDER: the least that is taken */
    int64_t payments, last_payment;
    unsigned sealed; /* payments whose card data another device has sealed: they cannot be told */
    bool known;      /* some of its payments are in this store */
};

/* At the start. */
MUST_USE err backup_load(struct terminal *t);
/* At the end: what was being written is given up. */
void backup_close(struct terminal *t);
bool backup_possible(const struct terminal *t);
/* More than a week old, or never made. */
bool backup_stale(const struct terminal *t);
/* Whole days since the last; -1: never. */
int64_t backup_age_days(const struct terminal *t);
/* Begins one; what went wrong at once is in t->backup.outcome. */
MUST_USE err backup_start(struct terminal *t);
/* cloud.c: the back office has all of number `number`, which was made then; or it will not. */
MUST_USE err backup_kept(struct terminal *t, int64_t number, int64_t made_ms);
MUST_USE err backup_refused(struct terminal *t, const char *why);
/* Where backups are read from now: the medium, or the spool. */
const struct backup_ports *backup_from(const struct terminal *t);
/* Goes on with it; begins one that is due. */
MUST_USE err backup_tick(struct terminal *t);
int64_t backup_next_us(const struct terminal *t);
/* On the main screen, to who can do something about it. */
void backup_say(struct terminal *t);

/* Those of this terminal number that are on the medium, the newest first. */
MUST_USE err backup_find(struct terminal *t, struct backup_found *list, size_t max,
                         size_t *ret_count);
/*
 * Reads it with this key, whole. Not `take`: into nothing. `take`: people and rows are those of the
 * bundle, in one transaction each, and whoever was logged in is not any more; the caller then
 * starts the terminal anew. Errors: the store's.
 */
MUST_USE err restore_read(struct terminal *t, const char *name, enum vault_restore_key key,
                          bool take, struct restore_result *out);

/* Asks the office for its key: what went wrong at once is in `out`, whose outcome is DONE when it
 * is asked. restore.c */
void restore_ask(struct terminal *t, const char *name, struct restore_result *out);

/* backup_screens.c, restore_offer.c: the backups of the medium; the one at t->chosen of those that
 * were found; that of the back office; and, of a device in the place of another, which of them. */
struct procedure;
err restore_list(struct terminal *t, struct procedure *p);
err restore_one(struct terminal *t, struct procedure *p);
err restore_from_office(struct terminal *t, struct procedure *p);
err restore_offered(struct terminal *t, struct procedure *p);
err restore_by_desk(struct terminal *t, struct procedure *p); /* DONE: the key is here */

/* After one that was taken: the store is read as at a start, and nobody is logged in. In a
 * procedure, which has ended with it. terminal.c */
MUST_USE err restore_begin_anew(struct terminal *t);
