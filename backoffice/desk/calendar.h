/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * calendar: what ends, and when (S123): the certificates of terminals as they were last shown to
 * us, the host's own, its authority. At 90, 30 and 7 days, and when it is over, the desk gets a
 * notice; the last two are alarms that stay until somebody has looked. Each is given once for each
 * certificate: a renewed one begins anew.
 *
 * And what is to be reviewed, which does not end by it: passwords of consoles by the days of their
 * policy, published policies and the card network's keys after a year. Of these the desk hears at
 * 30 and 7 days, on the day, and seven days after, which is the alarm. A new password, or version,
 * begins anew.
 */

#include "backoffice/desk/desk.h"

enum { CALENDAR_LISTED_MAX = 200, CALENDAR_POLICY_DAYS = 365 };

struct calendar_entry {
    const char *kind;    /* "terminal_certificate", "server_certificate", "authority",
                            "password_review", "policy_review", "zone_keys" */
    const char *subject; /* a terminal's number; "owner wang"; a model; empty for the host's own */
    bool review;
    int64_t end_ms;
    int level; /* 0: later; 90, 30, 7: within so many days; -1: over; -7: for seven days */
};

typedef err (*calendar_each)(void *context, const struct calendar_entry *entry);

/* The first to end first, at most CALENDAR_LISTED_MAX of each kind. */
MUST_USE err calendar_list(struct desk *desk, calendar_each each, void *context);

/* Gives the notices that are due; looks at most once an hour. */
MUST_USE err calendar_check(struct desk *desk);
