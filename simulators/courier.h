/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * courier: a courier as lib/wire/courier.h describes it, from its own side: it checks bearer,
 * timestamp and signature, keeps ids so that a repeat sends no second parcel, and tells of each
 * parcel what has happened to it by the clock: a step every `pace_ms`, from collected to delivered.
 * Faithful, and wrong on demand. Pure: a request in, an answer out.
 */

#include "lib/base/clock.h"
#include "lib/wire/courier.h"
#include "lib/wire/sms.h"

enum { COURIER_PARCELS = 128, COURIER_STEPS = 4, COURIER_PACE_MS = 3600 * 1000 };

enum courier_fault {
    COURIER_FAULT_NONE,
    COURIER_FAULT_DOWN,     /* closed without a word; nothing is taken */
    COURIER_FAULT_LATER,    /* "later"; nothing is taken */
    COURIER_FAULT_REFUSED,  /* "refused"; nothing is taken */
    COURIER_FAULT_BROKEN,   /* taken, and 500 */
    COURIER_FAULT_WRONG,    /* taken, and an answer about another parcel */
    COURIER_FAULT_NONSENSE, /* bytes that are nothing */
    COURIER_FAULT_DOUBLED,  /* each event twice */
    COURIER_FAULT_LATE,     /* the newest events first, and the first of all not yet */
    COURIER_FAULTS,
};

static const char *const courier_fault_names[COURIER_FAULTS] = {
    "none", "down", "later", "refused", "broken", "wrong", "nonsense", "doubled", "late"};

struct courier_parcel {
    char id[OUTBOUND_ID_MAX + 1], label[COURIER_LABEL_MAX + 1];
    char phone[COURIER_PHONE_MAX + 1], address[COURIER_ADDRESS_MAX + 1];
    char contents[COURIER_CONTENTS_MAX + 1];
    int64_t ordered_ms, lost_ms; /* lost_ms 0: it is not */
};

struct courier {
    struct clock clock;
    struct sms_key key;
    int64_t pace_ms;
    enum courier_fault fault;
    int64_t fault_count; /* requests it still holds for */
    struct courier_parcel parcel[COURIER_PARCELS];
    size_t count; /* ever taken */
};

enum courier_path { COURIER_ORDERS, COURIER_TRACK };

/* Headers as they came; NULL for one that did not. */
struct courier_request {
    enum courier_path path;
    const char *authorization, *timestamp, *signature;
    struct bytes body;
};

struct courier_answer {
    unsigned status;
    bool drop; /* close without an answer */
};

void courier_answer(struct courier *courier, const struct courier_request *request,
                    struct writer *body, struct courier_answer *ret_answer);

/* The parcel is lost from now on; false: there is none with this label. */
bool courier_lose(struct courier *courier, const char *label);
