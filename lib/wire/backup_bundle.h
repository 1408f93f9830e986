/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * backup_bundle: the backup of a device as bytes (docs/backup.md): a head that anybody may read,
 * sealed pieces, and a tail with the device's signature. Here is how they are cut, and nothing that
 * could open them: lib/crypto/backup_seal.h does that, in a vault.
 *
 *   head    "TBBACKUP" version(2) length(2) body
 *   piece   'P' index(4) length(2) sealed          1 to BACKUP_SEALED_MAX bytes; indices count from
 * 0 tail    'T' length(2) signature                nothing comes after it
 *
 * Numbers are big-endian, texts stand behind one byte of length, the certificate behind two.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"

enum {
    BACKUP_VERSION = 1,
    BACKUP_HEAD_MAX = 4096,  /* with a certificate of 2 kB */
    BACKUP_PLAIN_MAX = 4096, /* of a piece, its kind included: fits a frame of either channel */
    BACKUP_SEALED_MAX = BACKUP_PLAIN_MAX + 17,
    BACKUP_PIECE_HEAD = 7,
    BACKUP_PART_MAX = BACKUP_PIECE_HEAD + BACKUP_SEALED_MAX, /* the longest part there is */
    BACKUP_SIGNATURE_MAX = 80,
    BACKUP_SERIAL_MAX = 32,
    BACKUP_MODEL_MAX = 16,
    BACKUP_PROGRAM_MAX = 32,
    BACKUP_TID_LEN = 8,
    BACKUP_MID_LEN = 15,
    BACKUP_SECTIONS_MAX = 24,
    BACKUP_WRAPS_MAX = 4,
    BACKUP_NAME_BYTES = 8,
    BACKUP_WRAPPED_MAX = 128,
    BACKUP_PUBLIC_BYTES = 32,
    BACKUP_STREAM_BYTES = 24,
    BACKUP_CERTIFICATE_MAX = 2048,
};

/* What is in a bundle. On disk: append only. number, name for people who read heads */
#define BACKUP_SECTION_LIST(X)       \
    X(PEOPLE, 1, "operators")        \
    X(STATE, 2, "settings")          \
    X(PARAMETER, 3, "parameters")    \
    X(GOOD, 4, "goods")              \
    X(ORDER, 5, "orders")            \
    X(PAYMENT, 6, "payments")        \
    X(BASKET, 7, "baskets")          \
    X(SIGNATURE, 8, "signatures")    \
    X(SHIFT, 9, "shifts")            \
    X(FLOAT, 10, "cash_floats")      \
    X(SETTLEMENT, 11, "settlements") \
    X(SHOWN, 12, "shown_texts")      \
    X(OWED, 13, "owed_slips")        \
    X(SHOP, 14, "shop_names")

enum backup_section_kind {
    BACKUP_END = 0, /* of the last piece, which is empty */
#define X(name, number, text) BACKUP_##name = number,
    BACKUP_SECTION_LIST(X)
#undef X
        BACKUP_SECTIONS
};

/* Whose key opens it. On disk: append only. */
enum backup_wrap_kind { BACKUP_FOR_DEVICE = 1, BACKUP_FOR_OWNER = 2, BACKUP_FOR_ACQUIRER = 3 };

struct backup_section {
    uint8_t kind, columns; /* of each row; 0: not rows of columns */
    uint32_t rows;
};

struct backup_wrap {
    uint8_t kind;
    struct bytes name; /* of the recipient: BACKUP_NAME_BYTES */
    struct bytes sealed;
};

/* Views into what was read. */
struct backup_head {
    uint64_t number; /* of this device's backups, from 1: a higher one is later */
    int64_t made_ms;
    struct bytes serial, model, tid, mid, program;
    size_t sections, wraps;
    struct backup_section section[BACKUP_SECTIONS_MAX];
    struct backup_wrap wrap[BACKUP_WRAPS_MAX];
    struct bytes sender; /* BACKUP_PUBLIC_BYTES: who has wrapped the key, for this bundle alone */
    struct bytes stream; /* BACKUP_STREAM_BYTES: where the sealed pieces begin */
    struct bytes certificate; /* PEM: of whose signature is in the tail */
};

/* Appends a whole head. Errors are the writer's. */
void backup_write_head(struct writer *w, const struct backup_head *head);

/* Reads a whole head. Errors: FORMAT (no bundle, or a value that is none), NEWER (of a later
 * version), the reader's. */
MUST_USE err backup_read_head(struct bytes whole, struct backup_head *out);

void backup_write_piece(struct writer *w, uint32_t index, struct bytes sealed);
void backup_write_tail(struct writer *w, struct bytes signature);

enum backup_part_kind { BACKUP_HEAD_PART, BACKUP_PIECE_PART, BACKUP_TAIL_PART };

/* One part, as it lies in the file. Views. */
struct backup_part {
    enum backup_part_kind kind;
    struct bytes whole;
    uint32_t index;       /* of a piece */
    struct bytes content; /* of a piece or tail */
};

/*
 * The part that `block` begins with; `block` has BACKUP_PART_MAX bytes of the file, or all that is
 * left of it. A head is cut here, not read. Errors: SHORT (it ends too early), FORMAT, LENGTH,
 * NEWER.
 */
MUST_USE err backup_cut(struct bytes block, struct backup_part *out);

/* "payments"; NULL for a number that is none. */
const char *backup_section_name(uint8_t kind);
const char *backup_wrap_name(uint8_t kind);
