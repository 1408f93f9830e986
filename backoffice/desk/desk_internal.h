/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the desk share. */

#include <assert.h>

#include "backoffice/desk/desk.h"
#include "backoffice/devices/connected.h"
#include "backoffice/devices/fleet.h"
#include "lib/wire/device_protocol.h"

enum {
    MINUTE_MS = 60 * 1000,
    HOUR_MS = 60 * MINUTE_MS,
};
#define DAY_MS (24 * (int64_t)HOUR_MS)

/* How far a command has come, on its way to the store. */
struct desk_progress {
    int64_t id, at_ms;
    char tid[DESK_TID_LEN + 1], reason[DEVICE_REASON_MAX];
    uint8_t state; /* enum command_state */
};

struct desk {
    struct desk_config config;
    struct desk_ports ports;
    struct desk_house house;
    struct connected connected;
    struct fleet *fleet;
    struct fleet_set group_set;         /* groups.h: the devices of ... */
    int64_t group_loaded;               /* ... this group; 0: of none */
    uint32_t updates_at;                /* whose software is looked at next */
    char outdated_at[DESK_TID_LEN + 1]; /* behind which device old software is looked for next */
    int64_t swept_hour;                 /* when what is old was forgotten last */
    int64_t calendar_hour;              /* when the calendar was looked at last */
    int64_t refused_minute;             /* peers without a certificate, recorded this minute */
    unsigned refused;
    struct desk_progress progress[1024];
    size_t progress_count;
    bool policies_wait; /* a policy was published: who is connected is told of it in slices */
    uint32_t policies_at;
    uint8_t device_house;     /* device_house.h: what all terminals know, or are to hear */
    uint32_t parameters_at;   /* parameters.h: whose are looked at next ... */
    bool parameters_wait;     /* ... while there are some to look at */
    struct goods_fold *goods; /* goods.h: room for one */
    bool orders_wait;         /* there may be a command for many that is not with all of them */
    uint8_t out[DESK_FRAME_MAX];
};

extern const struct store_schema desk_schema;

static inline int64_t desk_now_ms(const struct desk *desk)
{
    return clock_now_ms(&desk->config.clock);
}

static inline void desk_changed(const struct desk *desk, enum desk_topic topic)
{
    if (desk->house.changed != NULL) desk->house.changed(desk->house.context, topic);
}

/* Between these two transactions are parts of the group that desk_flush() makes durable: what many
 * devices say in one iteration costs one sync. `done` is handed back. */
void desk_group_enter(struct desk *desk);
MUST_USE err desk_group_leave(struct desk *desk, err done);

/* One line of the audit chain, in the caller's transaction. */
MUST_USE err desk_audit(struct desk *desk, struct store_tx *tx, const char *actor,
                        const char *event, const char *subject, const char *detail);

/* ---- devices.c ---- */

/* The session of a terminal that has said hello, or 0. */
uint32_t desk_session_of(const struct desk *desk, const char *tid);

/* Tells the terminals whose model has a newer policy than they have. */
MUST_USE err devices_tell_policies(struct desk *desk); /* begins; a small fleet at once */
MUST_USE err devices_policies_on(struct desk *desk);

/* Tells a terminal; session 0 is one that is not connected. */
void desk_tell(struct desk *desk, uint32_t session, const struct device_message *message);

/* ---- recovery.c ---- */

/* The desk has let somebody in: a row without a contact, for the limits and for cooling. */
MUST_USE err recovery_issue(struct desk *desk, const char *mid,
                            const struct desk_challenge *challenge, int64_t expires_ms);

/* Marks what is open for this operator: it recovered, or gave up. *ret_way is 0 when nothing was.
 */
MUST_USE err recovery_settle(struct desk *desk, const char *tid, const char *operator_id,
                             bool recovered, enum recovery_way *ret_way);

/* How many recoveries of this merchant were begun or done since. */
MUST_USE err recovery_count(struct desk *desk, const char *mid, int64_t since_ms,
                            int64_t *ret_count);

/* ---- tickets.c ---- */

/* A terminal asks for service: a new ticket, or the one that is open for this operator. */
MUST_USE err ticket_request(struct desk *desk, const struct registry_terminal *terminal,
                            const struct desk_challenge *challenge, int64_t *ret_ticket);
/* The person gave up, or is in again. */
MUST_USE err ticket_settle(struct desk *desk, struct store_tx *tx, const char *tid,
                           const char *operator_id, bool recovered);
/* The terminal says that it has the grant. */
MUST_USE err ticket_acknowledge(struct desk *desk, struct store_tx *tx, const char *tid,
                                const char *operator_id);
/* Somebody at the terminal (`who`: operator, or empty) has sent diagnostics, or refused. */
MUST_USE err ticket_diagnosed(struct desk *desk, struct store_tx *tx, const char *tid,
                              const char *who, const char *kind, const char *detail);
/* Approved twice: the order for another sheet is on its way. */
struct ticket;
MUST_USE err ticket_reissue_begins(struct desk *desk, struct store_tx *tx,
                                   const struct ticket *ticket);
/* Its vault has taken the order, or has refused it. */
MUST_USE err ticket_reissued(struct desk *desk, struct store_tx *tx, const char *tid,
                             const char *operator_id, bool taken);
/* Tells a terminal what was decided about it, when it is connected; a repeat changes nothing. */
MUST_USE err ticket_deliver(struct desk *desk, const char *tid);
