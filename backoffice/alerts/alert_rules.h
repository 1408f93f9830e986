/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * alert_rules: what becomes an alert, as a table (S126). A row is a condition by its name, which is
 * the kind of an event where an event tells of it: how grave it is, who hears of it and by which
 * way, after how many minutes without an answer the next person is told, and its text in both
 * languages. A merchant, or the acquirer for its own people, may set a row's ways and minutes
 * (alerts.h); how grave it is stays the table's.
 */

#include "lib/base/bytes.h"

enum alert_severity {                    /* on disk */
                      ALERT_INFO = 1,    /* by mail, never at night */
                      ALERT_WARNING = 2, /* waits for the end of quiet hours */
                      ALERT_URGENT = 3,  /* breaks quiet hours, and cannot be switched off */
                      ALERT_SEVERITIES = 4,
};

enum alert_who {
    ALERT_OF_MERCHANT = 1, /* the merchant's people, and after the last of them the acquirer's */
    ALERT_OF_ACQUIRER = 2, /* the acquirer's alone: a merchant neither hears nor sees of it */
};

enum { ALERT_BY_SMS = 1 << 0, ALERT_BY_MAIL = 1 << 1, ALERT_RULE_MAX = 32 };

struct alert_rule {
    const char *name;
    enum alert_severity severity;
    enum alert_who who;
    unsigned ways;
    int escalate_min; /* 0: nobody further is told */
    const char *zh, *en;
};

/* The rows in order; NULL past the end. */
const struct alert_rule *alert_rule_at(size_t index);
/* NULL when there is none. */
const struct alert_rule *alert_rule_named(struct bytes name);

/* "info", "warning", "urgent". */
const char *alert_severity_word(enum alert_severity severity);
/* Why an urgent one cannot be switched off, for people. */
const char *alert_urgent_why(bool english);
const char *alert_severity_text(enum alert_severity severity, bool english);
