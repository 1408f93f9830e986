/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the vault keeps of a backup that is being written and of one that is being read, and the
 * calls between the files of it: backup.c seals, restore.c opens, restore_ask.c asks the host for
 * the key, backup_people.c has the people.
 */

#include "lib/crypto/backup_seal.h"
#include "lib/wire/vault_protocol.h"
#include "lib/wire/vault_protocol_backup.h"

struct vault;

/* In guarded memory. */
struct vault_backup_secrets {
    struct backup_stream writing, reading;
};

struct vault_backup {
    bool writing, people_said;
    uint64_t number;
    uint16_t next_person;    /* 0: the pepper; one more than the last id that was written */
    bool people_moved;       /* somebody has changed among them while they were written */
    uint64_t changes;        /* of the people, ever in this run */
    uint64_t changes_before; /* when their section was begun */

    bool reading, take;
    bool granted; /* the hsm has opened it */
    uint64_t read_number;
    char serial[BACKUP_SERIAL_MAX + 1]; /* of the device that wrote it */
    struct backup_section section[BACKUP_SECTIONS_MAX];
    size_t sections;
    uint8_t kind; /* of the last piece */
    bool pepper_read;
    int last_person; /* -1: none */
    uint32_t people; /* so far */
    size_t certificate_len;
    char certificate[BACKUP_CERTIFICATE_MAX];
};

/* The owner's public key; *ret_has false when he has none yet. */
MUST_USE err vault_backup_owner(struct vault *v, uint8_t ret_public[TRANSPORT_KEY_BYTES],
                                bool *ret_has);

/* Who was read or written is forgotten, and what was staged. */
MUST_USE err vault_restore_drop(struct vault *v);

/* Writes the next person, or the pepper, behind the kind of the piece. *ret_more: there is another.
 */
MUST_USE err vault_people_write(struct vault *v, struct writer *plain, bool *ret_more);
/* One piece of them. FORMAT and others: no such person. Staged, sealed, when it is to be taken. */
MUST_USE err vault_people_read(struct vault *v, struct bytes content);
/* All of those who were staged in place of those who are here; in the caller's transaction. */
MUST_USE err vault_people_take(struct vault *v);

err vault_run_backup_begin(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_backup_piece(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_backup_end(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_backup_owner(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_restore_begin(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_restore_piece(struct vault *, struct reader *, struct writer *, enum vault_status *);
err vault_run_restore_end(struct vault *, struct reader *, struct writer *, enum vault_status *);

/* restore_ask.c */
err vault_run_restore_ask(struct vault *, struct reader *, struct writer *, enum vault_status *);
/* The label under which a grant for the bundle of `label` is sealed. NOT_FOUND: none was asked for.
 */
MUST_USE err vault_restore_asked(struct vault *v, struct bytes label, struct writer *ret_label);
/* It was used; in the caller's transaction. */
MUST_USE err vault_restore_asked_ends(struct vault *v);

/* restore.c: is it of this terminal, by a device of our acquirer? *ret_verdict says why not. */
MUST_USE err vault_restore_judge(struct vault *v, const struct backup_head *head,
                                 uint8_t *ret_verdict);
