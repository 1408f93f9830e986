/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * restores: a device in the place of another asks that a backup is opened for it, because the shop
 * has lost the owner's digits (S124). Its vault has said which backup, with a proof that only the
 * hsm can check; two different people of the desk say yes, each with a factor and a note of how
 * they know that it is the shop; then the hsm wraps the backup's key for that vault, and the device
 * fetches what it has wrapped.
 *
 *   waits      asked for; nobody, or one of the desk, has said yes
 *   granted    by two: what the hsm has made lies here, sealed to that one vault
 *   done       the device says that it was restored
 *   refused    by one of the desk
 *   over       nobody has decided within RESTORE_DAYS, or the device has asked anew
 *
 * Asked again with the same nonce, it is the same question, and gets what became of it. From a
 * grant on the payout account stands still for a while, as after any help of the desk: who works
 * there, with which passwords, has come back with the backup.
 */

#include "backoffice/backups/backups.h"

enum {
    RESTORE_DAYS = 3,
    RESTORES_A_DAY = 5, /* questions of a terminal number */
    RESTORES_SHOWN = 50,
    RESTORE_NOTE_MAX = 200, /* bytes */
    RESTORE_GRANT_MAX = 160,
    RESTORE_WHO_MAX = 96,
};

enum restore_state { /* stored */
                     RESTORE_WAITS = 1,
                     RESTORE_GRANTED,
                     RESTORE_DONE,
                     RESTORE_REFUSED,
                     RESTORE_OVER,
                     RESTORE_STATES
};

struct restore {
    int64_t id;
    char tid[DESK_TID_LEN + 1], mid[16];
    char serial[BACKUPS_SERIAL_MAX + 1];     /* of the device that asks */
    char old_serial[BACKUPS_SERIAL_MAX + 1]; /* of the device that has made the backup */
    uint8_t digest[DEVICE_DIGEST], nonce[DEVICE_NONCE], mac[DEVICE_MAC];
    uint8_t public_key[DEVICE_TRANSPORT];
    int64_t number, made_ms, payments; /* of the backup */
    enum restore_state state;
    int64_t asked_ms;
    char first[RESTORE_WHO_MAX + 1], second[RESTORE_WHO_MAX + 1]; /* who said yes; "": nobody yet */
    char first_note[RESTORE_NOTE_MAX + 1], second_note[RESTORE_NOTE_MAX + 1]; /* or why not */
    int64_t first_ms, second_ms;
    bool heard; /* the device knows that it was refused */
    size_t grant_len;
    uint8_t grant[RESTORE_GRANT_MAX];
};

extern const struct store_schema restores_schema;

/* DEVICE_RESTORE_ASK: how its question stands. `room` as in backups.h. */
MUST_USE err restores_asked(struct desk *desk, const struct registry_terminal *terminal,
                            const struct device_message *question, struct device_message *answer,
                            uint8_t room[BACKUPS_ROOM]);
/* The device says that it was restored, in the caller's transaction. */
MUST_USE err restores_done(struct desk *desk, struct store_tx *tx,
                           const struct registry_terminal *terminal);
/* By the hour. */
MUST_USE err restores_sweep(struct desk *desk);

/* NOT_FOUND. */
MUST_USE err restore_find(struct store *store, int64_t id, struct restore *out);
/* Those that wait, then the others, the newest first. */
typedef err (*restores_each)(void *context, const struct restore *restore);
MUST_USE err restores_list(struct store *store, restores_each each, void *context);

enum restore_verdict {
    RESTORE_OK,
    RESTORE_NEEDS_SECOND, /* one has said yes */
    RESTORE_DECIDED,      /* it does not wait any more */
    RESTORE_SAME_PERSON,
    RESTORE_GONE,     /* the backup is not there any more, or nobody's key fits it */
    RESTORE_NOT_ITS,  /* the hsm does not believe that this device has asked */
    RESTORE_HSM_AWAY, /* try again */
    RESTORE_VERDICTS
};
/* "same_person", and a sentence for people. */
const char *restore_verdict_word(enum restore_verdict verdict);
const char *restore_verdict_text(enum restore_verdict verdict, bool english);

/* May this person say yes? OK or NEEDS_SECOND (he is the first), or why not. */
enum restore_verdict restore_may(const struct restore *restore, const char *who);
/*
 * `who` says yes. The hsm is asked before anything is written, so `restore` may be decided
 * meanwhile by nobody: the back office does one thing at a time. Afterwards: restore_approved() in
 * a transaction.
 */
MUST_USE err restore_open(struct desk *desk, const char *who, struct restore *restore,
                          enum restore_verdict *ret_verdict);
MUST_USE err restore_approved(struct desk *desk, struct store_tx *tx, const char *who,
                              const char *note, struct restore *restore);
MUST_USE err restore_refuse(struct desk *desk, struct store_tx *tx, const char *who,
                            const char *note, struct restore *restore,
                            enum restore_verdict *ret_verdict);
/* After the commit: the device asks again, when it is there. */
void restore_tell(struct desk *desk, const struct restore *restore);
