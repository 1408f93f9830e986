/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * updates: which terminal is to have which software (S119, S118's stages). A roll-out is one file
 * of the published repository (`tongbao updates`), of which the custodians' lists say what it is;
 * here it is only chosen who gets it, and the hsm signs that for one device at a time, in the
 * manner of Uptane's director (lib/tuf/assignment.h).
 *
 *   1 % of the model's devices, then 10 %, then all: by a mix of serial and roll-out, so a device
 *   that is in a stage is in every later one, and another one next time.
 *   The next stage begins when every device of this one is confirmed and its hours have passed.
 *   It stops by itself when more have failed than it allows: went back, or have not been heard of
 *   for as long as it says. A person resumes or aborts it.
 *
 * A device that still says an older version runs, days after its model's roll-out has come to all,
 * is outdated: an alert (outdated.c).
 *
 * A device's state is what it has told itself, never more: assigned, told, downloaded, started,
 * confirmed, rolled back; unknown: told, and not heard of in time. The newest roll-out of a model
 * that runs is the one that counts.
 */

#include "backoffice/desk/desk.h"
#include "lib/tuf/author.h"
#include "lib/wire/device_protocol.h"

enum {
    ROLLOUT_HOURS = 12,       /* "02:00-05:00" */
    ROLLOUT_FAIL_PERCENT = 5, /* usual */
    ROLLOUT_UNKNOWN_HOURS = 72,
    ROLLOUT_STAGE_HOURS = 24,
    ROLLOUT_MODEL = 17,
    ROLLOUT_LISTED_MAX = 50,
    UPDATES_SLICE = 32,   /* devices that are told in one tick: each costs a signature */
    UPDATES_ROUND_S = 60, /* in which all that are connected are looked at, told ones aside */
    UPDATES_DAYS = 30,    /* that an assignment is good for */
    OUTDATED_DAYS = 14,   /* of grace, unless said: a shop on holiday is back by then */
    OUTDATED_DAYS_MAX = 365
};

/* On disk: append only. */
enum rollout_state { ROLLOUT_RUNNING = 1, ROLLOUT_STOPPED, ROLLOUT_ABORTED, ROLLOUT_STATES };
enum update_state {
    UPDATE_NONE, /* taken back before it was told */
    UPDATE_ASSIGNED,
    UPDATE_TOLD,
    UPDATE_DOWNLOADED,
    UPDATE_STARTED,
    UPDATE_CONFIRMED,
    UPDATE_ROLLED_BACK,
    UPDATE_UNKNOWN,
    UPDATE_STATES
};

const char *rollout_state_word(enum rollout_state state);
const char *update_state_word(enum update_state state);

struct rollout {
    int64_t id;
    char name[TUF_AUTHOR_PATH]; /* of the file */
    char model[ROLLOUT_MODEL];
    int64_t image; /* its version */
    int64_t stage; /* per cent */
    enum rollout_state state;
    char hours[ROLLOUT_HOURS]; /* of the shop's day in which it may start; empty: at any time */
    int64_t fail_percent, unknown_hours, stage_hours;
    int64_t made_ms, stage_ms;
    char actor[DESK_ACTOR_MAX];
    int64_t forgiven;               /* failures that somebody has resumed it in spite of */
    char turned_by[DESK_ACTOR_MAX]; /* who stopped it or let it go on; "desk": by itself */
    int64_t count[UPDATE_STATES];   /* devices */
};

struct update_device {
    char tid[DESK_TID_LEN + 1];
    int64_t rollout, wanted; /* the version it is to have */
    enum update_state state;
    int64_t image, waiting, refused; /* as it has told */
    char why[DEVICE_TEXT_MAX];
    int64_t assigned_ms, told_ms, changed_ms; /* 0: not yet */
};

extern const struct store_schema updates_schema;

/* ---- what is published (published.c) ---- */

/* The list that is announced now. NOT_FOUND: there is no repository, or nothing in it. CORRUPT. */
MUST_USE err updates_published(const char *directory, struct tuf_author_targets *ret_targets);

/* The version and model that a file's `custom` names; false: it is no image. */
bool updates_image_of(const struct tuf_author_file *file, int64_t *ret_image,
                      char ret_model[ROLLOUT_MODEL]);

struct updates_director {
    struct tuf_author_key name;
    uint8_t blob[256];
    size_t len;
};

/* The key that signs assignments, as a blob of the hsm's. NOT_FOUND, CORRUPT. */
MUST_USE err updates_director_read(const char *directory, struct updates_director *ret_director);

/* ---- roll-outs (rollouts.c) ---- */

enum rollout_verdict {
    ROLLOUT_OK,
    ROLLOUT_NO_FILE, /* the repository announces no such file, or it is no image */
    ROLLOUT_OLDER,   /* the model has a roll-out of this version or a newer one */
    ROLLOUT_BAD_HOURS,
    ROLLOUT_NOT_NOW, /* it is not in a state for this */
    ROLLOUT_MISSING
};

/* From `wish`: name, hours, and the three limits; the rest is looked up. In the caller's
 * transaction, with its audit record and event. */
MUST_USE err rollout_make(struct desk *desk, struct store_tx *tx, const struct rollout *wish,
                          const char *actor, int64_t *ret_id, enum rollout_verdict *ret_verdict);

/* To RUNNING (resumes one that has stopped), STOPPED, or ABORTED. */
MUST_USE err rollout_turn(struct desk *desk, struct store_tx *tx, int64_t id,
                          enum rollout_state state, const char *actor,
                          enum rollout_verdict *ret_verdict);

MUST_USE err rollout_find(struct desk *desk, int64_t id, struct rollout *ret_rollout);
typedef err (*rollout_each)(void *context, const struct rollout *rollout);
/* The newest first, those with a number below `before` (0: all). */
MUST_USE err rollout_list(struct desk *desk, int64_t before, size_t limit, rollout_each each,
                          void *context);

/* Whether a device is among the first `percent` of a roll-out's. */
bool rollout_chooses(int64_t id, const char *serial, int64_t percent);

/* Devices that went back or were not heard of; of how many that were told. */
int64_t rollout_failed(const struct rollout *rollout, int64_t *ret_told);

/* What the counts ask for: stops it, or begins the next stage. */
MUST_USE err rollouts_judge(struct desk *desk);

/* The newest that runs of this model; NOT_FOUND. */
MUST_USE err rollout_running(struct desk *desk, const char *model, struct rollout *ret_rollout);

/* ---- devices (assignments.c) ---- */

/* It has said hello: it is assigned what is due, and told what it does not have. */
MUST_USE err updates_hello(struct desk *desk, const char *tid);

/* It says what runs. */
MUST_USE err updates_installed(struct desk *desk, const char *tid,
                               const struct device_message *said);

/* outdated.c: a slice of all devices is looked at for software that is too old. */
MUST_USE err outdated_tick(struct desk *desk);

/* A slice of those that are connected; and the roll-outs. */
MUST_USE err updates_tick(struct desk *desk);

typedef err (*update_each)(void *context, const struct update_device *device);
/* By their numbers, after `after`; of one roll-out, or all (0); in one state, or all (0). */
MUST_USE err updates_list(struct desk *desk, const char *after, int64_t rollout,
                          enum update_state state, size_t limit, update_each each, void *context);
