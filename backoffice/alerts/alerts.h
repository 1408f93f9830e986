/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * alerts: the rows of the alert centre (S126). A condition of a rule (alert_rules.h) is an alert
 * until somebody closes it, or what it was about ends; the same condition again is the same alert
 * with a higher count. Open alerts wait for somebody: the first person is told, then, when nobody
 * has acknowledged within the rule's minutes, the next (alert_letters.h).
 *
 * Everything is in the back office's store, in transactions of the caller.
 */

#include "backoffice/alerts/alert_rules.h"
#include "lib/store/audit.h"

extern const struct store_schema alert_schema;

enum alert_state { /* on disk */
                   ALERT_OPEN = 1,
                   ALERT_ACKNOWLEDGED = 2,
                   ALERT_CLOSED = 3,
                   ALERT_STATES = 4,
};

enum { ALERT_OBJECT_MAX = 64, ALERT_DETAIL_MAX = 96, ALERT_ACTOR_MAX = 88, ALERT_KEPT_DAYS = 400 };

struct alert_condition {
    const char *rule;   /* of the table */
    const char *mid;    /* whose; "" for what is no merchant's */
    uint32_t outlet;    /* 0: of the whole merchant */
    const char *object; /* "terminals/10000001": with rule and mid what makes it the same */
    const char *detail; /* what was seen, for who looks; the last one is kept */
    int64_t at_ms;
};

/* ENSUREs that the rule is one. Longer texts are cut at the end of a character. */
MUST_USE err alert_raise(struct store_tx *tx, const struct alert_condition *condition);

/* What it was about has ended: closes it, when it is there. */
MUST_USE err alert_end(struct store_tx *tx, const char *rule, const char *mid, const char *object,
                       int64_t at_ms);

struct alert {
    int64_t id;
    const struct alert_rule *rule;
    char mid[16], object[ALERT_OBJECT_MAX + 1], detail[ALERT_DETAIL_MAX + 1];
    uint32_t outlet;
    enum alert_state state;
    int64_t count, first_ms, last_ms, told;
    char seen_by[ALERT_ACTOR_MAX + 1], closed_by[ALERT_ACTOR_MAX + 1];
    int64_t seen_ms, closed_ms;
};

/* Who looks: a merchant's person, perhaps of one outlet, sees of the merchant's rules alone. */
struct alert_reader {
    const char *mid; /* "": the acquirer */
    uint32_t outlet; /* 0: all */
};

typedef err (*alert_each)(void *context, const struct alert *alert);

/* The newest first, with ids below `before` (0: from the newest); `closed`: those, or the others.
 */
MUST_USE err alerts_list(struct store *store, const struct alert_reader *reader, bool closed,
                         int64_t before, size_t most, alert_each each, void *context);

/* NOT_FOUND: there is none, or it is somebody else's. */
MUST_USE err alert_find(struct store *store, const struct alert_reader *reader, int64_t id,
                        struct alert *ret_alert);

/* From open to acknowledged, or from either to closed. STATE: it is not so any more. */
MUST_USE err alert_step(struct store_tx *tx, const struct alert *alert, enum alert_state to,
                        const char *actor, int64_t at_ms);

/* How a rule is set for the people of `mid`. */
struct alert_setting {
    unsigned ways; /* 0: nobody is written to; the row in the list stays */
    int escalate_min;
    int64_t version; /* grows with each change; 0: as the table has it */
};
MUST_USE err alert_setting_of(struct store *store, const char *mid, const struct alert_rule *rule,
                              struct alert_setting *ret_setting);
/* STATE: `setting->version`, which is the one that was seen, is not the newest: nothing is set. */
MUST_USE err alert_setting_set(struct store_tx *tx, const char *mid, const struct alert_rule *rule,
                               const struct alert_setting *setting);

enum { ALERT_EVENTS_AT_ONCE = 500 };

/* Reads on in the events: each of a kind that is a rule is a condition, once. One transaction. */
MUST_USE err alerts_take_events(struct store *store, bool *ret_more);

/* Forgets what was closed long ago. */
MUST_USE err alerts_sweep(struct store *store, int64_t now_ms);
