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
 * can take its floor away, and whoever puts back the whole disk takes everything back at once: so
 * the floor that counts is the vault's (lib/wire/vault_floor.h), which only goes upwards. It is
 * raised behind the record, and once more whenever what was healthy starts, so that a power cut
 * between the two, or another vault, leaves it low for one start and nothing without a start.
 *
 * A vault that does not answer: nothing is installed and nothing new is tried, but what was healthy
 * last starts. A shop whose vault comes up late, or is broken, must see a screen that says so, and
 * without the vault no card, key or password is there for an older program to use. Whoever has
 * started it asks again until the vault has answered (slots_keep), and ends what is too old.
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
    /* The vault's floor, raised to `version` first where it is lower; 0 asks. NULL: there is no
     * vault, and the record's floor is all. REFUSED: it does not answer. */
    MUST_USE err (*floor)(void *context, uint64_t version, uint64_t *ret_floor);
    void *floor_context;
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
    bool heard;     /* the vault has answered */
    uint64_t floor; /* what it said */
};

/* Reads the record, or makes one of what stands in the slots. Errors: IO. */
MUST_USE err slots_open(const struct slots_ports *ports, const struct document_key *key,
                        const char *model, void *block, size_t max, struct slots *ret_slots);

/*
 * Takes an image into the slot that does not run. Errors, after which nothing has changed: those of
 * image_check(), RANGE (not newer than what was healthy, or older than the vault's floor, which may
 * be installed again), REFUSED (the vault does not answer), EXISTS (it is there, to be tried), BUSY
 * (the other slot is being tried: confirm or refuse it first), DENIED (its health check has failed
 * before), LENGTH. After the others the other slot is empty: CORRUPT (what was written is not what
 * is read), IO, FULL.
 */
MUST_USE err slots_install(struct slots *slots, struct bytes content);

/*
 * Which slot to start, verified now; its image is in the block. One try is taken from a new one
 * before this returns; where that cannot be recorded, the active one starts. When the active one
 * does not verify any more, whatever verifies in the other and is not older starts, as a last
 * resort a refused one, too. Errors: NOT_FOUND (no slot has an image that may start), RANGE (what
 * stands in them would start, but the vault knows of a newer one that was healthy).
 */
MUST_USE err slots_start(struct slots *slots, enum slot *ret_slot, struct image *ret_image);

/* What runs in `slot` is healthy. STATE when that slot holds nothing that was started. IO. After
 * the errors of slots_keep() it is confirmed, and the vault does not know it yet. */
MUST_USE err slots_confirm(struct slots *slots, enum slot slot);

/*
 * Asks the vault, and tells it what `slot` has when that was healthy: for who has started it, until
 * there was an answer. Errors: REFUSED (no answer), RANGE (what is in `slot` is too old to run).
 */
MUST_USE err slots_keep(struct slots *slots, enum slot slot, uint64_t version);

/* It is not: it is not started again, nor taken again. STATE (only a new one can fail), IO. */
MUST_USE err slots_refuse(struct slots *slots, enum slot slot);

/* Two files and a record in a directory, and the vault's socket (NULL: none); both outlive it. */
struct slots_ports slots_of_directory(const char *directory, const char *vault);
