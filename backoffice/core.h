/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of the back office share. */

#include "backoffice/limits.h"
#include "backoffice/routes.h"
#include "lib/store/audit.h"
#include "lib/wire/json.h"
#include "registry/registry.h"

/*
 * A part is what one or more files bring: tables, routes, work at the end of an iteration and by
 * the clock. parts.c lists them; nothing else has to know of a new one. Any member may be NULL.
 */
struct backoffice_part {
    const char *name;
    const struct store_schema *schema;
    const struct route *routes;
    size_t route_count;
    const struct api_route *api_routes; /* api/api.h */
    size_t api_route_count;
    err (*open)(struct backoffice *backoffice); /* after all schemas are there */
    void (*close)(struct backoffice *backoffice);
    err (*flush)(struct backoffice *backoffice);
    err (*tick)(struct backoffice *backoffice, int64_t now_ms);
};

extern const struct backoffice_part *const backoffice_parts[];
extern const size_t backoffice_part_count;

struct backoffice {
    struct backoffice_config config;
    struct backoffice_ports ports;
    struct store *store;
    struct store_checkpointer *checkpointer, *loyalty_checkpointer;
    struct registry *registry;   /* NULL when there is none */
    struct store *loyalty;       /* loyalty.db; NULL when there is none */
    struct blocklist *blocklist; /* additions that were loaded; NULL: none */
    bool https;
    struct desk *desk;                 /* desk.h; NULL without a registry or an hsm */
    struct desk_room *desk_room;       /* desk_part.h: pages that wait */
    struct outbox *outbox;             /* outbox.h; NULL when nothing is sent */
    struct hashing *hashing;           /* hashing.h: who waits for a password's hash */
    struct challenges *challenges;     /* challenge.h */
    struct resets *resets;             /* setup.c: who has asked for a link */
    struct rates *rates;               /* api/rates.h */
    struct figures_room *figures_room; /* figures/figures_room.h */
    struct funds_room *funds_room;     /* funds/funds_http.c: the books, to be read */
    struct event_room *event_room;     /* events/events_http.c: who waits for events */
    struct fleet_watch *fleet_watch;   /* devices/fleet_changes_http.c: who waits for devices */
    struct {
        unsigned out;        /* deliveries that are on their way */
        int64_t seen_event;  /* up to which every endpoint has read */
        bool wake;           /* there may be something to send */
    } webhooks;              /* webhooks/deliveries.c */
    struct uploads *uploads; /* uploads/uploads.h: photos and papers */
    struct applications *applications;
    int64_t swept;         /* when what has ended was last taken out of the store, in minutes */
    struct upkeep *upkeep; /* upkeep/idle.h */
    struct loyalty_clock *loyalty_clock;
    int64_t expiry_hour;                    /* upkeep/expiry.h: when it was last looked at */
    int64_t alerts_swept;                   /* the hour in which old alerts were last forgotten */
    uint8_t later[BACKOFFICE_RESPONSE_MAX]; /* where an answer that comes later is written */
};

static inline int64_t backoffice_now_ms(const struct backoffice *b)
{
    return clock_now_ms(&b->config.clock);
}

/* ---- answers ---- */

/* A response over `later`, for ports.answer. One at a time. */
struct http_response backoffice_later(struct backoffice *backoffice);
void backoffice_answer(struct backoffice *backoffice, uint64_t ticket,
                       const struct http_response *response);

/* 400 for a body that could not be read: says which rule of lib/wire/json.h it broke. */
void backoffice_malformed(struct http_response *response, err why);

/* 503 when a part that we need does not answer; our own state is as it was. */
void backoffice_unavailable(struct http_response *response, err why);

/* 404, the same for what is not there and for what is somebody else's. */
void backoffice_not_found(struct http_response *response);

/* The gate: everything that a route's row says, checked in one place. */
MUST_USE err gate_request(struct backoffice *backoffice, const struct backoffice_request *request,
                          struct http_response *response);
