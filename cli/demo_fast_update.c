/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another build for the first terminal, as in the field: signed by its custodian, rolled out from
 * the office in stages of a day, taken by the device when it is its turn. Each morning the
 * repository says anew that this is the newest (its timestamp is good for three days), and the
 * office is asked how far it has come.
 */
#include <stdio.h>

#include "cli/demo_fast.h"
#include "cli/stage_updates.h"

enum { STATUS_OK = 200, STATUS_MADE = 201, IMAGE = 2, FROM = 1, LISTED = 50 };

err fast_update_begin(struct fast *f)
{
    CLEANUP(json_free) struct json_document answer = {0};
    struct process_fault fault = {""};
    err made = stage_updates_next(f->stage, "tongbao-terminal-next", IMAGE, FROM, &fault);
    if (FAILED(made)) return fast_failed(f, made, "%.200s", fault.text);
    TRY(fast_call(f, f->program, "/api/v1/updates/rollouts",
                  "{\"name\":\"TB-1.image\",\"stage_hours\":24}", STATUS_MADE, &answer));
    TRY(json_int(answer.root, "stage", 1, 100, &f->stage_percent));
    f->updating = true;
    fast_say(f, FAST_ROLLOUT, "another build is signed by its custodian: %lld %% of the devices",
             (long long)f->stage_percent);
    return OK;
}

/* Says when it has become wider. */
static err look_at_rollout(struct fast *f)
{
    CLEANUP(json_free) struct json_document answer = {0};
    struct json_t *list;
    int64_t percent = 0;
    size_t count = 0;
    char state[16];
    TRY(fast_call(f, f->program, "/api/v1/updates/rollouts", NULL, STATUS_OK, &answer));
    TRY(json_list(answer.root, "rollouts", LISTED, &list, &count));
    TRY(json_int(json_at(list, 0), "stage", 1, 100, &percent));
    TRY(json_text_copy(json_at(list, 0), "state", state, sizeof state));
    if (strcmp(state, "running") != 0)
        return fast_failed(f, ERR(STATE), "the roll-out has %s", state);
    if (percent == f->stage_percent) return OK;
    f->stage_percent = percent;
    fast_say(f, FAST_ROLLOUT, "nothing went wrong: %lld %% of the devices", (long long)percent);
    return OK;
}

/* The device itself has said that it runs and is healthy. */
static err look_at_device(struct fast *f)
{
    CLEANUP(json_free) struct json_document answer = {0};
    struct json_t *list;
    struct bytes tid, state;
    int64_t image = 0, bytes = 0, of = 0;
    size_t count = 0;
    TRY(fast_call(f, f->program, "/api/v1/updates/devices", NULL, STATUS_OK, &answer));
    TRY(json_list(answer.root, "devices", LISTED, &list, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(json_text(json_at(list, i), "tid", 8, &tid));
        /* One that is not chosen has no state yet. */
        if (!bytes_equal(tid, bytes_text(f->stage->tid)) || !json_has(json_at(list, i), "state"))
            continue;
        TRY(json_text(json_at(list, i), "state", 16, &state));
        TRY(json_int(json_at(list, i), "image", 0, INT64_MAX, &image));
        if (bytes_equal(state, BYTES("rolled_back")))
            return fast_failed(f, ERR(STATE), "the terminal has gone back to its old build");
        if (!bytes_equal(state, BYTES("confirmed")) || image != IMAGE) continue;
        f->updating = false;
        TRY(stage_updates_travelled(f->stage, &bytes, &of));
        fast_say(f, FAST_UPDATED,
                 "%s runs image %lld from its other slot, and is healthy; %lld bytes travelled"
                 " instead of %lld",
                 f->stage->tid, (long long)image, (long long)bytes, (long long)of);
        return fast_counter_again(f);
    }
    return OK;
}

err fast_update_morning(struct fast *f)
{
    struct process_fault fault = {""};
    if (!f->updating) return OK;
    TRY(look_at_rollout(f));
    TRY(look_at_device(f));
    if (!f->updating) return OK;
    err renewed = stage_updates_renew(f->stage, &fault);
    return FAILED(renewed) ? fast_failed(f, renewed, "%.200s", fault.text) : OK;
}
