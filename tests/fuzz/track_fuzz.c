/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a track and as a swipe: its parts lie inside it, have their shapes, and read again
 * from the bare data they are the same; the tracks of a swipe are one card; faults lie inside the
 * text.
 */
#include "lib/emv/track.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct bytes part, struct bytes text)
{
    ENSURE(part.len == 0 || (part.at >= text.at && part.at + part.len <= text.at + text.len));
}

static void check_track(const struct track *t, struct bytes text)
{
    struct track bare;
    struct track_fault fault;
    struct track_service service;
    char masked[PAN_TEXT];
    inside(t->data, text);
    inside(t->pan, t->data);
    inside(t->name, t->data);
    inside(t->expiry, t->data);
    inside(t->service_code, t->data);
    inside(t->discretionary, t->data);
    ENSURE(pan_well_formed(t->pan));
    ENSURE(t->expiry.len == 0 || (t->expiry.len == 4 && bytes_all_digits(t->expiry)));
    ENSURE(t->service_code.len == 0 || t->service_code.len == 3);
    if (t->expiry.len == 4) (void)pan_expired(t->expiry, 2026, 1);
    if (t->service_code.len == 3) (void)FAILED(track_service_code(t->service_code, &service));
    ENSURE(!FAILED(pan_mask(t->pan, masked)));
    ENSURE(strlen(masked) == t->pan.len && memchr(masked, '*', t->pan.len) != NULL);
    ENSURE(!FAILED(track_parse(t->data, t->number, &bare, &fault)));
    ENSURE(bytes_equal(bare.pan, t->pan) && bytes_equal(bare.discretionary, t->discretionary));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_of(data, size);
    struct track_fault fault = {0};
    for (unsigned number = 1; number <= TRACK_COUNT; number++) {
        struct track t;
        err e = track_parse(text, number, &t, &fault);
        if (FAILED(e)) ENSURE(fault.track == number && fault.offset <= size);
        else check_track(&t, text);
    }
    struct track_swipe swipe;
    err e = track_swipe_parse(text, &swipe, &fault);
    if (FAILED(e)) {
        ENSURE(fault.track >= 1 && fault.track <= TRACK_COUNT && fault.offset <= size);
        return 0;
    }
    const struct track *seen = NULL;
    for (size_t i = 0; i < TRACK_COUNT; i++) {
        const struct track *t = &swipe.track[i];
        if (t->number == 0) continue;
        check_track(t, text);
        ENSURE(!swipe.unreadable[i] && t->number == i + 1);
        ENSURE(seen == NULL || bytes_equal(seen->pan, t->pan));
        seen = t;
    }
    ENSURE(seen != NULL);
    return 0;
}
