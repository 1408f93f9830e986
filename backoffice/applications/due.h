/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * due: until when somebody should have looked at what was sent (S133). What comes on a working day
 * before 17:30 is looked at within 30 minutes; what comes later, or on another day, on the next
 * working morning. Working days are those of ledger/workday.h; in a year that was not announced,
 * Monday to Friday.
 */

#include "lib/base/err.h"

enum {
    DUE_MINUTES = 30,
    DUE_OPENS_MINUTE = 9 * 60,        /* of the day: the desk begins */
    DUE_CLOSES_MINUTE = 17 * 60 + 30, /* what comes then or later waits for the morning */
};

/* UTC. */
int64_t application_due_ms(int64_t sent_ms);
