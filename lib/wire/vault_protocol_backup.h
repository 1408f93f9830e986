/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Backup and restore (S164, S165): the terminal program brings what is in its own store and keeps
 * the sealed parts; the vault seals, signs, opens and checks them, adds the people who work here
 * when it seals, and keeps them to itself when it opens.
 *
 *   BACKUP_BEGIN   backup_begin      the head of a bundle
 *   BACKUP_PIECE   backup_piece      how many of the section are left (1: more), a sealed part. Of
 *                                    the section of people the vault knows the content
 *   BACKUP_END     -                 0, the last sealed part and the tail; NOT_READY when somebody
 *                                    has changed among the people meanwhile: begin again
 *   RESTORE_BEGIN  restore_begin     restored
 *   RESTORE_PIECE  part              restored
 *   RESTORE_END    tail              restored: with `take`, the people are those of the bundle now
 *   BACKUP_OWNER   make (1)          backup_owner: makes the owner's key, or says which it is
 *   RESTORE_ASK    head              restore_asked: what the host needs to open it for this device
 *
 * A bundle that is refused has ended: it begins again with its head.
 */

#include "lib/wire/backup_bundle.h"

/* Why a bundle is refused. Numbers of the protocol: append only. */
#define VAULT_RESTORE_LIST(X)                                                          \
    X(OK, "ok")                                                                        \
    X(NO_BUNDLE, "no_bundle")       /* not a backup of ours, or not in its form */     \
    X(NEWER, "newer_version")       /* written by a later program */                   \
    X(OTHER_TERMINAL, "other_shop") /* of another terminal or merchant number */       \
    X(NOT_SIGNED, "not_signed")     /* no signature of a device of our acquirer */     \
    X(NO_KEY, "no_key")             /* it was not sealed for the key that was given */ \
    X(WRONG_KEY, "wrong_key")       /* the key is mistyped, or does not open it */     \
    X(ALTERED, "altered")           /* a part does not open */                         \
    X(REORDERED, "reordered")       /* a part is not in its place, or comes twice */   \
    X(TRUNCATED, "truncated")       /* it ends before its last part */                 \
    X(OLDER, "older")               /* this device has made or taken a later one */    \
    X(NOT_BEGUN, "not_begun")       /* a part without its head */

enum vault_restore_verdict {
#define X(name, text) VAULT_RESTORE_##name,
    VAULT_RESTORE_LIST(X)
#undef X
        VAULT_RESTORE_VERDICTS
};

struct vault_backup_begin {
    struct bytes program; /* version of the program that writes */
    size_t sections;      /* without the people: the vault puts those first */
    struct backup_section section[BACKUP_SECTIONS_MAX];
};

struct vault_backup_piece {
    uint8_t kind; /* enum backup_section_kind; PEOPLE: no content */
    struct bytes content;
};

struct vault_backup_part {
    uint8_t more;
    struct bytes part;
};

/* Which key is to open it. */
enum vault_restore_key {
    VAULT_RESTORE_BY_DEVICE = 1,
    VAULT_RESTORE_BY_OWNER = 2, /* the finished OWNER entry; it is consumed by a wrong one only */
    VAULT_RESTORE_BY_GRANT = 3, /* the hsm has sealed it to this device: `grant` */
};

struct vault_restore_begin {
    uint8_t key;
    uint8_t take; /* 1: to be taken, by a supervisor; 0: only looked at */
    struct bytes head, grant;
};

struct vault_restored {
    uint8_t verdict;
    uint8_t kind;         /* of a piece: enum backup_section_kind */
    uint64_t number;      /* OLDER: the least that is taken */
    struct bytes content; /* of a piece that is the terminal's; empty for people and the last */
};

struct vault_restore_asked {
    uint8_t verdict;                     /* OK, or why it cannot be asked for */
    struct bytes nonce, public_key, mac; /* 16, 32, 16 bytes: see lib/crypto/recovery.h */
};

struct vault_backup_owner {
    uint8_t has;
    struct bytes name;   /* of the key: BACKUP_NAME_BYTES, or empty */
    struct bytes sealed; /* for the page: its digits, this once; empty when none was made */
};

void vault_write_backup_begin(struct writer *w, const struct vault_backup_begin *m);
MUST_USE err vault_read_backup_begin(struct reader *r, struct vault_backup_begin *out);
void vault_write_backup_piece(struct writer *w, const struct vault_backup_piece *m);
MUST_USE err vault_read_backup_piece(struct reader *r, struct vault_backup_piece *out);
void vault_write_backup_part(struct writer *w, const struct vault_backup_part *m);
MUST_USE err vault_read_backup_part(struct reader *r, struct vault_backup_part *out);
void vault_write_restore_begin(struct writer *w, const struct vault_restore_begin *m);
MUST_USE err vault_read_restore_begin(struct reader *r, struct vault_restore_begin *out);
void vault_write_restored(struct writer *w, const struct vault_restored *m);
MUST_USE err vault_read_restored(struct reader *r, struct vault_restored *out);
void vault_write_restore_asked(struct writer *w, const struct vault_restore_asked *m);
MUST_USE err vault_read_restore_asked(struct reader *r, struct vault_restore_asked *out);
void vault_write_backup_owner(struct writer *w, const struct vault_backup_owner *m);
MUST_USE err vault_read_backup_owner(struct reader *r, struct vault_backup_owner *out);

/* "truncated": for logs and audit records. */
const char *vault_restore_text(uint8_t verdict);
