/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * host: the terminal's one conversation with its host. At most one request is outstanding; its
 * answer is matched by message type, STAN and terminal (and, for payments, batch and amount); what
 * matches nothing is logged and dropped. The connection is kept, tried again with growing pauses,
 * and kept alive by an echo.
 */

#include "lib/wire/vault_protocol.h"
#include "payment/catch_up.h"
#include "payment/kind.h"
#include "payment/message.h"
#include "payment/settlement.h"
#include "payment/shown.h"
#include "terminal/screen.h"

enum host_task {
    HOST_NOTHING,
    HOST_SALE,
    HOST_REVERSAL,
    HOST_SIGN_IN,
    HOST_SIGN_OUT,
    HOST_ECHO,
    HOST_DOWNLOAD,
    HOST_SETTLE, /* 0500 */
    HOST_UPLOAD, /* 0320 */
    HOST_ADVICE,
    HOST_CATCH_UP, /* 0300 */
    HOST_INQUIRY,  /* 0200 that moves nothing */
};

enum host_outcome {
    HOST_WAITING,
    HOST_ANSWERED,  /* host.message or, for payments, host.payment; the MAC is good */
    HOST_BAD_MAC,   /* the right message, but nobody vouches for it */
    HOST_TIMED_OUT, /* no answer in time */
    HOST_LOST,      /* the connection ended first */
};

struct host {
    enum screen_network state;
    bool wanted; /* false before the device is activated */
    enum host_task task;
    enum host_outcome outcome;
    uint16_t mti; /* of the answer */
    uint32_t stan;
    int64_t deadline_us;
    int64_t retry_at_us; /* when to connect again; 0: not waiting for that */
    unsigned retry_ms;
    int64_t heard_us; /* last sign of life */
    unsigned bad_macs;
    struct payment
        payment; /* sale, reversal, advice, inquiry: with the answer applied, once ANSWERED */
    char shown[PAYMENT_SHOWN_MAX + 1]; /* what the customer is to scan, once it is told; or empty */
    int64_t shown_until_us;
    bool has_balance; /* inquiry: what the issuer says that is left */
    int64_t balance_minor;
    struct payment_sign_in sign_in; /* sign-in and sign-out: the answer; delivery is a view of it */
    struct payment_catch_up catch_up;      /* 0310: the answer; its field is a view of it */
    struct payment_settlement settlement;  /* settlement and upload: the answer */
    uint8_t ksn_len, ksn[PAYMENT_KSN_MAX]; /* of the message that is being made: host_keys() */
    uint8_t arena[ISO8583_ARENA_MAX];
};

struct terminal;

void host_start(struct terminal *t);

/* What a card has left is nobody's any more, as soon as its screen goes. */
static inline void host_forget_balance(struct host *h)
{
    h->has_balance = false;
    h->balance_minor = 0;
}

/* Sends `frame` (encoded, sealed) of `task` and waits for `mti` with this STAN. */
void host_request(struct terminal *t, enum host_task task, uint16_t mti, uint32_t stan,
                  struct bytes frame);

/* First of all for a message that carries more than a MAC: where its profile has keys for each
 * message, the vault gets the next ones ready. `fresh`: a new payment. */
enum vault_status host_keys(struct terminal *t, bool fresh);

/* Encodes behind TPDU and header, and has field 64 made by the vault when the message has one. */
enum vault_status host_encode(struct terminal *t, struct iso8583_message *message,
                              struct bytes *ret_frame);

/* 0800 or 0820: sign-in, sign-out, echo or t->download's question, with the next STAN, which is
 * committed first. */
MUST_USE err host_send_sign_in(struct terminal *t, enum host_task task,
                               enum vault_status *ret_status);

/* 0500 or 0320, by the task, with the next STAN, which is committed first; terminal, merchant and
 * STAN of `m` are filled in. */
MUST_USE err host_send_settlement(struct terminal *t, enum host_task task,
                                  struct payment_settlement *m, enum vault_status *ret_status);

/* The keys or the batch do not fit: no payment before the next sign-in. */
MUST_USE err host_keys_useless(struct terminal *t, const char *why);

/* How long what was not acknowledged waits after so many failures: 1 s, twice as long with each,
 * at most TERMINAL_RETRY_MAX_MS. Microseconds. */
int64_t host_pause_us(unsigned failures);

/* The way on where the host has not acknowledged: "retry", or "sign_in" when that has to come
 * first. */
void host_again_choice(struct terminal *t);

/* Connects at once if it is not connected. */
void host_hurry(struct terminal *t);

/* The link of the path in use is down: to the next one. The store's errors. */
MUST_USE err host_leave(struct terminal *t);

/* Nobody waits any more: a late answer is dropped. */
void host_forget(struct terminal *t);

/* Connected, and nothing outstanding but perhaps an echo or an advice, which can be asked again. */
bool host_free(const struct terminal *t);

/* By the clock: reconnect, time out, echo. Next time there is something to do, or INT64_MAX. */
MUST_USE err host_tick(struct terminal *t);
int64_t host_next_us(const struct terminal *t);

MUST_USE err host_state(struct terminal *t, bool connected, const char *reason);
MUST_USE err host_frame(struct terminal *t, struct bytes frame);
