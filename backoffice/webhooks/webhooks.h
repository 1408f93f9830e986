/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * webhooks: events told to servers of merchants and of the acquirer (S177, HS-16).
 *
 * An endpoint is a URL, the kinds of events that it wants, and a secret. Each reads on in the table
 * of events by itself: what it wants becomes a delivery, which is tried until the server has it
 * (any 2xx), at growing distances, for two days; then it is dead, and can be seen and sent again.
 *
 *   at least once        a restart or a lost answer sends again, under the same webhook-id
 *   ordered per object   the next event of an object waits until the one before is there or dead
 *   bounded              WEBHOOK_WAITING deliveries wait for an endpoint; it reads on when one has
 *                        gone, and the events stay where they are meanwhile
 *
 * A delivery that begins is committed as begun before the port hears of it. The secret is sealed
 * under a key of the hsm; without the hsm nothing is signed, and nothing is sent.
 */

#include "backoffice/core.h"
#include "backoffice/events/events.h"
#include "lib/auth/webhook_signature.h"
#include "lib/wire/egress.h"

enum {
    WEBHOOKS_EACH = 10,         /* endpoints of one merchant, and of the acquirer */
    WEBHOOK_KINDS_MAX = 64,     /* of one endpoint */
    WEBHOOK_WAITING = 1000,     /* deliveries of one endpoint: 2.5 MB */
    WEBHOOK_IN_FLIGHT = 8,      /* processes at a time, 10 MB each */
    WEBHOOK_IN_FLIGHT_EACH = 2, /* of one endpoint: a slow server keeps nobody else waiting */
    WEBHOOK_BODY_MAX = EVENT_DATA_MAX + 512,
};

#define WEBHOOK_OLD_SECRET_MS INT64_C(86400000) /* how long the one before signs too */
/* The pair before signs too: for longer, because others than the owner may hold its public key. */
#define WEBHOOK_OLD_PAIR_MS (7 * INT64_C(86400000))
#define WEBHOOK_GIVE_UP_MS  (3 * INT64_C(86400000))  /* failing for so long: it is paused */
#define WEBHOOK_DONE_MS     (7 * INT64_C(86400000))  /* what was delivered is forgotten */
#define WEBHOOK_DEAD_MS     (30 * INT64_C(86400000)) /* what was not */

enum webhook_state { WEBHOOK_ACTIVE = 1, WEBHOOK_PAUSED, WEBHOOK_STATES };

enum delivery_state {
    DELIVERY_WAITING = 1,
    DELIVERY_SENDING,
    DELIVERY_DONE,
    DELIVERY_DEAD,
    DELIVERY_STATES,
};

const char *delivery_state_word(enum delivery_state state);

struct webhook {
    int64_t id;
    char mid[16]; /* "": the acquirer's own, who hears of everything */
    uint32_t outlet;
    char url[EGRESS_URL_MAX + 1];
    char kinds[WEBHOOK_KINDS_MAX * (EVENT_KIND_MAX + 1)]; /* with a space between; "*": all */
    enum webhook_state state;
    char why[32];              /* why it was paused: "asked", "gone", "failing" */
    int64_t failing_ms;        /* since when nothing has arrived; 0: it does */
    int64_t old_until_ms;      /* until when the secret before signs too; 0: there is none */
    int64_t pair;              /* which of its pairs signs "v1a": 0, the first, and on */
    int64_t old_pair_until_ms; /* until when the pair before signs too; 0: there is none */
    int64_t made_ms, position;
    char by[ACCOUNT_SUBJECT_MAX];
};

struct delivery {
    int64_t id, webhook, event;
    char kind[EVENT_KIND_MAX + 1], object[EVENT_OBJECT_MAX + 1];
    enum delivery_state state;
    int64_t attempts, made_ms, next_ms, ended_ms, status;
    char reason[32]; /* why the last try came to nothing; "" */
};

extern const struct store_schema webhook_schema;

/* ---- endpoints (endpoints.c) ---- */

/* Whose they are, as of an api_caller. */
struct webhook_owner {
    const char *mid;
    uint32_t outlet; /* 0: of all outlets */
};

/* `secret` is shown once. Errors: FULL (WEBHOOKS_EACH), REFUSED (the hsm is away), the store's. */
MUST_USE err webhook_make(struct backoffice *backoffice, struct store_tx *tx,
                          const struct webhook *webhook, char ret_secret[WEBHOOK_SECRET_TEXT + 1],
                          int64_t *ret_id);
/* NOT_FOUND also when it is somebody else's. */
MUST_USE err webhook_find(struct store *store, const struct webhook_owner *owner, int64_t id,
                          struct webhook *ret_webhook);
typedef err (*webhook_each)(void *context, const struct webhook *webhook);
MUST_USE err webhooks_each(struct store *store, const struct webhook_owner *owner, int64_t after,
                           size_t limit, webhook_each each, void *context);
/* A new one; the one before signs too for WEBHOOK_OLD_SECRET_MS. REFUSED: the hsm is away. */
MUST_USE err webhook_change_secret(struct backoffice *backoffice, struct store_tx *tx, int64_t id,
                                   int64_t now_ms, char ret_secret[WEBHOOK_SECRET_TEXT + 1]);
MUST_USE err webhook_set_kinds(struct store_tx *tx, int64_t id, const char *kinds);
/* `why` as in struct webhook. Active again, it is no longer failing. */
MUST_USE err webhook_set_state(struct store_tx *tx, int64_t id, enum webhook_state state,
                               const char *why);
MUST_USE err webhook_drop(struct store_tx *tx, int64_t id); /* with its deliveries */
/* What signatures of version "v1a" by one of its pairs are checked with. REFUSED: the hsm is away.
 */
MUST_USE err webhook_public(struct backoffice *backoffice, int64_t id, int64_t pair,
                            char ret_text[WEBHOOK_PUBLIC_TEXT + 1]);
/* The next pair signs; the one before too for WEBHOOK_OLD_PAIR_MS. REFUSED: the hsm is away. STATE:
 * the one before still signs, and three at a time are never needed. */
MUST_USE err webhook_change_pair(struct backoffice *backoffice, struct store_tx *tx,
                                 const struct webhook *webhook, int64_t now_ms);
/* The header of signatures. REFUSED: the hsm is away. */
MUST_USE err webhook_signatures(struct backoffice *backoffice, int64_t id, const char *message,
                                int64_t at_ms, struct bytes body, struct writer *w);
/* Does it want this kind? Events about webhooks themselves go to none. */
bool webhook_wants(const struct webhook *webhook, const char *kind);

/* ---- deliveries (deliveries.c) ---- */

/* Views, for as long as the call lasts. */
struct webhook_letter {
    int64_t delivery;
    const char *url, *id, *signatures;
    int64_t at_s;
    struct bytes body;
};

/* Every endpoint reads on, and what has come to its time is sent. Outside of any transaction. */
MUST_USE err webhooks_run(struct backoffice *backoffice, int64_t now_ms);

/* The end of one try. One that is not being sent is passed over: a late echo. */
MUST_USE err webhooks_on_result(struct backoffice *backoffice, int64_t delivery,
                                const struct egress_answer *answer);

/* A message of the kind "webhook.test", to try an endpoint. FULL: WEBHOOK_WAITING wait. */
MUST_USE err webhook_try(struct store_tx *tx, int64_t webhook, int64_t now_ms, int64_t *ret_id);

/* `state` 0: all. By their numbers. */
typedef err (*delivery_each)(void *context, const struct delivery *delivery);
MUST_USE err deliveries_each(struct store *store, int64_t webhook, enum delivery_state state,
                             int64_t after, size_t limit, delivery_each each, void *context);
/* From the beginning, as if it were new. NOT_FOUND; STATE: it waits already. */
MUST_USE err delivery_again(struct store_tx *tx, int64_t webhook, int64_t id, int64_t now_ms);

/* For how long after try number `attempts`; 0: that was the last. Spread by up to a fifth. */
int64_t delivery_wait_ms(const struct random *random, int64_t attempts);
