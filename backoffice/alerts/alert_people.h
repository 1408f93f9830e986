/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * alert_people: who is told of alerts, in order: the first at once, the next when nobody has
 * acknowledged. A merchant without a list of its own has the contacts of its registry, with quiet
 * hours from 22:00 to 07:00; the acquirer's list is its people on call.
 */

#include "backoffice/alerts/alerts.h"
#include "registry/contact.h"

enum {
    ALERT_PEOPLE_MAX = CONTACTS_MAX,
    ALERT_NAME_MAX = 40,
    ALERT_QUIET_FROM = 22 * 60,
    ALERT_QUIET_TO = 7 * 60,
};

struct alert_person {
    char name[ALERT_NAME_MAX + 1], phone[CONTACT_PHONE_MAX], mail[CONTACT_MAIL_MAX + 1];
    bool english;
    int quiet_from, quiet_to; /* minutes of the day in China; the same: none */
};

/* `registry` may be NULL. */
MUST_USE err alert_people_of(struct store *store, struct registry *registry, const char *mid,
                             struct alert_person ret_people[ALERT_PEOPLE_MAX], size_t *ret_count);

/* How often the list was replaced: 0 until somebody has. */
MUST_USE err alert_people_version(struct store *store, const char *mid, int64_t *ret_version);

/* Replaces the list; none: the contacts of the registry again. STATE: `seen` is not the newest
 * version any more, and the list stays as it is. */
MUST_USE err alert_people_set(struct store_tx *tx, const char *mid, int64_t seen,
                              const struct alert_person *people, size_t count);

/* When quiet hours in which `now_ms` lies end; 0 when it lies in none. */
int64_t alert_quiet_until(const struct alert_person *person, int64_t now_ms);
