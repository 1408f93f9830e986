/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * parameters: what terminals are to have (S118), set at levels, of which a later one goes before an
 * earlier one:
 *
 *   model < merchant < region (from the outermost in) < group (the acquirer's first, then the
 *   merchant's, by their numbers) < outlet < terminal
 *
 * Over all of them lies what follows the contract and nobody sets: the name of a shop that was
 * called something else before (S142).
 *
 * A level's set is whole and has numbered versions: who, when, why. Nothing is ever changed; to go
 * back, an older version is made the newest. A version may begin with a part of the devices, and
 * stops by itself when too many refuse it; the others have the version before meanwhile.
 *
 * What one device is to have is computed here and given to it as a document
 * (lib/wire/device_parameters.h) under a number that only grows, with the hsm's proof. What it says
 * is what is shown: waiting (it has not said that it has it), taken (in its store), in force,
 * refused.
 */

#include "backoffice/desk/desk.h"
#include "lib/wire/device_parameters.h"
#include "lib/wire/device_protocol.h"

enum {
    PARAMETERS_SUBJECT_MAX = 24, /* "898310153110001-9999" */
    PARAMETERS_REASON_MAX = 120,
    PARAMETERS_LEVELS_MAX = 28, /* of one device: 16 groups, 6 regions, 4 others, with room */
    PARAMETERS_VERSIONS_LISTED = 20,
    PARAMETERS_LOOKED_AT = 2000, /* sets in one call, of which a merchant may see few: 40 ms */
    PARAMETERS_SLICE = 64,       /* devices that are looked at at once: each may cost a proof */
    PARAMETERS_FAIL_PERCENT = 5, /* more than this of those that have answered: it stops */
    PARAMETERS_STAGE_HOURS = 24, /* a part has so long to be in force before all others follow */
};

/* On disk: append only. */
enum parameters_level {
    PARAMETERS_MODEL = 1,
    PARAMETERS_MERCHANT,
    PARAMETERS_REGION,
    PARAMETERS_GROUP,
    PARAMETERS_OUTLET,
    PARAMETERS_TERMINAL,
    PARAMETERS_LEVELS
};

enum parameters_state { PARAMETERS_RUNNING = 1, PARAMETERS_STOPPED, PARAMETERS_STATES };

/* How far a device is; on disk. */
enum parameters_progress {
    PARAMETERS_NONE,
    PARAMETERS_WAITING,
    PARAMETERS_TAKEN,
    PARAMETERS_IN_FORCE,
    PARAMETERS_REFUSED,
    PARAMETERS_PROGRESSES
};

const char *parameters_level_word(enum parameters_level level); /* "models", ... of a path */
/* 0: none. */
enum parameters_level parameters_level_named(const char *word);
const char *parameters_state_word(enum parameters_state state);
const char *parameters_progress_word(enum parameters_progress progress);

struct parameters_version {
    int64_t id; /* over all levels */
    enum parameters_level level;
    char subject[PARAMETERS_SUBJECT_MAX]; /* model, mid, number of region or group, mid-outlet, tid
                                           */
    int64_t version;                      /* of its level and subject, from 1 */
    struct device_parameters set;
    int64_t at_ms, stage_ms;
    char actor[DESK_ACTOR_MAX], reason[PARAMETERS_REASON_MAX + 1];
    int64_t stage; /* per cent of the devices */
    enum parameters_state state;
    int64_t forgiven;                     /* refusals that somebody has resumed it in spite of */
    char turned_by[DESK_ACTOR_MAX];       /* who stopped it or let it go on; "desk": by itself */
    int64_t count[PARAMETERS_PROGRESSES]; /* devices whose document it has changed last */
};

extern const struct store_schema parameters_schema;

/* ---- versions (versions.c) ---- */

/* The next of its level and subject: uses set, stage and reason. In the caller's transaction, with
 * its audit record. */
MUST_USE err parameters_put(struct desk *desk, struct store_tx *tx,
                            const struct parameters_version *version, const char *actor,
                            int64_t *ret_version);

/* `version` 0: the newest. NOT_FOUND. */
MUST_USE err parameters_find(struct desk *desk, enum parameters_level level, const char *subject,
                             int64_t version, struct parameters_version *ret_version);

typedef err (*parameters_each)(void *context, const struct parameters_version *version);
/* The newest first, at most PARAMETERS_VERSIONS_LISTED below `before` (0: all). */
MUST_USE err parameters_versions(struct desk *desk, enum parameters_level level,
                                 const char *subject, int64_t before, parameters_each each,
                                 void *context);

/* The newest version of some level and subject, of those the one last set with an id below `before`
 * (0: of all). *ret_id 0: there is none. */
MUST_USE err parameters_newest(struct desk *desk, int64_t before, int64_t *ret_id,
                               struct parameters_version *ret_version);

/* The newest version stops, or goes on. *ret_done false: it is not in a state for this. */
MUST_USE err parameters_turn(struct desk *desk, struct store_tx *tx, enum parameters_level level,
                             const char *subject, enum parameters_state state, const char *actor,
                             bool *ret_done);

/* What the counts ask for: stops a version, or gives it to all. About once a second. */
MUST_USE err parameters_judge(struct desk *desk);

/* ---- one device (effective.c) ---- */

/* Where a value comes from. */
struct parameters_source {
    enum parameters_level level; /* 0: as delivered */
    char subject[PARAMETERS_SUBJECT_MAX];
    int64_t version;
};

struct parameters_effective {
    struct device_parameters set;
    struct parameters_source from[DEVICE_PARAMETERS];
    int64_t newest; /* id of the newest version that is in it; 0: none is */
    bool any;       /* there is something, of a version or of the contract */
};

struct fleet_device;
MUST_USE err parameters_effective_of(struct desk *desk, const struct fleet_device *device,
                                     struct parameters_effective *ret_effective);

/* ---- giving them (given.c) ---- */

struct parameters_given {
    int64_t number; /* 0: nothing was ever given */
    enum parameters_progress progress;
    char why[DEVICE_REASON_MAX];
    int64_t changed_ms;
    bool current; /* it is what the device is to have now */
};
MUST_USE err parameters_given_of(struct desk *desk, const char *tid,
                                 const struct parameters_effective *wanted,
                                 struct parameters_given *ret_given);

/* Something was set, or somebody is in another group: every connected device is looked at. */
void parameters_changed(struct desk *desk);
/* The next slice of those, when there is one. */
MUST_USE err parameters_step(struct desk *desk);
bool parameters_busy(const struct desk *desk);

/* It has said hello: it is told what it may not have. */
MUST_USE err parameters_hello(struct desk *desk, const char *tid);
/* DEVICE_APPLIED: how far it is with a number. */
MUST_USE err parameters_applied(struct desk *desk, const char *tid,
                                const struct device_message *said);
/* DEVICE_STATE says which number is in force: another device may stand there now, or an older
 * copy of ours. */
MUST_USE err parameters_in_force(struct desk *desk, const char *tid, int64_t number);
