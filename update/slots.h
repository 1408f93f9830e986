/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * slots: two places for software, of which one runs while the other is written. A new image is
 * tried a few times; it stays when its health check has said so, otherwise the one before runs
 * again. The power may go at any moment: there is always one that starts, it is signed, and it is
 * never older than the newest that was ever found healthy.
 *
 * The record is replaced in one step and says what a slot is worth before the slot is believed:
 *
 *   install   verify; record "nothing in B"; write B; read it back, verify; record "B: to be tried"
 *   start     record one try less; only then start B. No tries left: B is refused, A starts
 *   confirm   record "B is good, nothing below its version starts any more"
 *
 * A record that is lost or damaged costs the counts and the floor, never the start: of two slots
 * that verify the newer one is tried, the older one stands behind it. Whoever can write the record
 * can take the floor away; who cannot sign an image cannot start one all the same.
 */

#include "lib/tuf/image.h"

enum slot { SLOT_A, SLOT_B, SLOT_COUNT };

enum {
    SLOTS_TRIES = 3,        /* a start may fail for the power's sake; three in a row do not */
    SLOTS_RECORD_BYTES = 96 /* room for a record */
};

/* Appended to, never changed: on disk. */
enum slot_state { SLOT_EMPTY = 0, SLOT_NEW = 1, SLOT_GOOD = 2, SLOT_REFUSED = 3 };

struct slots_record {
    enum slot active; /* what was healthy last */
    uint64_t floor;   /* no version below it starts */
    struct {
        enum slot_state state;
        unsigned tries; /* left, while SLOT_NEW */
        uint64_t version;
    } slot[SLOT_COUNT];
    uint64_t refused; /* the newest version whose health check failed: it is not taken again */
};

struct slots_ports {
    /* All that was written into a slot. NOT_FOUND, LENGTH, IO. */
    MUST_USE err (*read)(void *context, enum slot slot, void *block, size_t max, size_t *ret_len);
    MUST_USE err (*write)(void *context, enum slot slot,
                          struct bytes content); /* durable; may tear */
    MUST_USE err (*load)(void *context, void *block, size_t max, size_t *ret_len);
    MUST_USE err (*store)(void *context, struct bytes record); /* in one step, and durable */
    void *context;
};

struct slots {
    struct slots_ports ports;
    const struct document_key *key;
    const char *model;
    uint8_t *block; /* of `max` bytes: an image that is looked at */
    size_t max;
    struct slots_record record;
};

/* Reads the record, or makes one of what stands in the slots. Errors: IO. */
MUST_USE err slots_open(const struct slots_ports *ports, const struct document_key *key,
                        const char *model, void *block, size_t max, struct slots *ret_slots);

/*
 * Takes an image into the slot that does not run. Errors, after which nothing has changed: those of
 * image_check(), RANGE (not newer than what was ever healthy), EXISTS (it is there, to be tried),
 * BUSY (the other slot is being tried: confirm or refuse it first), DENIED (its health check has
 * failed before), LENGTH. After the others the other slot is empty: CORRUPT (what was written is
 * not what is read), IO, FULL.
 */
MUST_USE err slots_install(struct slots *slots, struct bytes content);

/*
 * Which slot to start, verified now; its image is in the block. One try is taken from a new one
 * before this returns; where that cannot be recorded, the active one starts. When the active one
 * does not verify any more, whatever verifies in the other and is not older starts, as a last
 * resort a refused one, too. Errors: NOT_FOUND (no slot has an image that may start).
 */
MUST_USE err slots_start(struct slots *slots, enum slot *ret_slot, struct image *ret_image);

/* What runs in `slot` is healthy. STATE when that slot holds nothing that was started. IO. */
MUST_USE err slots_confirm(struct slots *slots, enum slot slot);

/* It is not: it is not started again, nor taken again. STATE (only a new one can fail), IO. */
MUST_USE err slots_refuse(struct slots *slots, enum slot slot);

/* Two files and a record in a directory, which outlives it. */
struct slots_ports slots_of_directory(const char *directory);
