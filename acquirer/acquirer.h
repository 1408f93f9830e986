/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * acquirer: the host of a payment, without sockets, time or threads of its own.
 *
 *   terminal -> accept.c -> hsm -> journal row PENDING -> commit -> route.c -> network
 *   network  -> conclude.c -> hsm -> journal row -> commit -> terminal
 *
 * It is driven by calls and speaks through ports. Everything it sends is held until
 * acquirer_flush() has committed the journal rows that it depends on: nothing leaves before what it
 * says is on disk, and a loop iteration costs one commit, however many payments it carried.
 *
 * Ports are called only from inside acquirer_flush() (which another call makes early when the block
 * of held frames is full), in the order in which things were sent, and must not call back into the
 * acquirer. Views passed to them end with the call.
 *
 * An err from any call means that a store is gone: the program must stop without sending anything
 * more. A restart rebuilds what is in memory from the journal, and reverses what is undecided.
 * What a peer does wrong is never an err.
 */

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/writer.h"
#include "lib/store/store.h"
#include "payment/payment.h"

struct acquirer;

struct acquirer_ports {
    void *context;
    /* TPDU, header and message, without the two-byte length. */
    void (*to_terminal)(void *context, uint32_t session, struct bytes frame);
    /* No more frames follow for it; acquirer_session_closed() is not needed but allowed. */
    void (*close_terminal)(void *context, uint32_t session);
    void (*to_hsm)(void *context, struct bytes request);
    void (*to_route)(void *context, enum payment_route route, struct bytes message);
    /* An answer to acquirer_on_control(), which needs it. */
    void (*to_control)(void *context, uint32_t client, struct bytes frame);
};

/* 0 takes the default of limits.h. */
struct acquirer_limits {
    uint32_t terminals, sessions, tasks, recent, reversals;
    uint32_t held; /* bytes of frames that wait for the commit; room for the longest of them */
};

struct acquirer_config {
    struct clock clock;
    const struct log *log; /* outlives the acquirer */
    enum store_mode mode;  /* STORE_CREATE, or STORE_MEMORY: then the paths are names of anchors */
    const char *journal_path, *ledger_path, *audit_path, *registry_path;
    const char *payout_path; /* the back office's store: accounts that are paid to; may be NULL */
    bool fold_in_line;       /* acquirer_fold() will be called; otherwise fold.h runs elsewhere */
    int64_t shown_ms;        /* life of a code that a terminal shows; 0: ACQUIRER_SHOWN_MS */
    int checkpoint_pages;    /* a thread moves the journal's WAL when it is longer; 0: no thread */
    struct acquirer_limits limits;
    store_fault_function store_fault; /* for tests and the simulator; set on the journal store */
    void *store_fault_context;
};

/* Cause and remedy when acquirer_open() fails. */
struct acquirer_fault {
    char text[STORE_TEXT_MAX + 80];
};

/*
 * Opens the stores, rebuilds the memory from the journal and turns payments without an answer into
 * reversals. `fault` may be NULL. Errors: those of store.h; CONFIG (the registry lacks a zone key).
 */
MUST_USE err acquirer_open(const struct acquirer_config *config, const struct acquirer_ports *ports,
                           struct acquirer_fault *fault, struct acquirer **ret_acquirer);

/* Writes the audit line of an orderly stop and flushes. */
MUST_USE err acquirer_stop(struct acquirer *a);

/* Forgets what is not committed. NULL is allowed. */
void acquirer_close(struct acquirer *a);

/* ---- terminals: `session` is any number that is not in use by another open connection -------- */

/* `identity_cn` is the common name of the verified certificate: the terminal id. */
MUST_USE err acquirer_session_opened(struct acquirer *a, uint32_t session,
                                     struct bytes identity_cn);
/*
 * With the SHA-256 of the public half of its key: a device that was replaced (S124) is closed, and
 * is noticed; so is one that was replaced while its connection stood.
 */
MUST_USE err acquirer_session_opened_by(struct acquirer *a, uint32_t session,
                                        struct bytes identity_cn, const uint8_t print[32]);
MUST_USE err acquirer_session_closed(struct acquirer *a, uint32_t session);

/* A connection that never opened, because of its certificate or its handshake: for the audit log.
 */
void acquirer_peer_refused(struct acquirer *a, struct bytes address, const char *reason);

/* A connection that ends by a fault of the terminal's: a frame cut off, too long or never finished.
 * Before acquirer_session_closed(). */
void acquirer_session_fault(struct acquirer *a, uint32_t session, const char *reason);

/* One frame of a terminal. Frames of sessions that are not open are ignored. */
MUST_USE err acquirer_on_terminal(struct acquirer *a, uint32_t session, struct bytes frame);

/* ---- hsm: up when opened; answers come in the order of the commands ---------------------------
 */

MUST_USE err acquirer_on_hsm(struct acquirer *a, struct bytes answer);

/* Commands without an answer are lost; nothing is sent to it until acquirer_on_hsm_up(). */
MUST_USE err acquirer_on_hsm_lost(struct acquirer *a);
MUST_USE err acquirer_on_hsm_up(struct acquirer *a);

/* ---- routes: down when opened ------------------------------------------------------------------
 */

MUST_USE err acquirer_on_route(struct acquirer *a, enum payment_route route, struct bytes message);
MUST_USE err acquirer_on_route_state(struct acquirer *a, enum payment_route route, bool up);

/* ---- control: money that is no payment (lib/wire/acquirer_protocol.h) --------------------------
 */

/* One frame of a program of people's; `client` is any number, and comes back with the answer. */
MUST_USE err acquirer_on_control(struct acquirer *a, uint32_t client, struct bytes frame);

/* ---- group commit, time, folding ---------------------------------------------------------------
 */

/* Commits, then calls the ports with everything held. Once at the end of each loop iteration. */
MUST_USE err acquirer_flush(struct acquirer *a);

/* Time-outs, wallet queries, reversals, registry changes. Follow it by acquirer_flush(). */
MUST_USE err acquirer_tick(struct acquirer *a);

/* Milliseconds until acquirer_tick() has something to do, 0 .. 1000. */
int64_t acquirer_next_ms(const struct acquirer *a);

/* At most `max_rows` journal rows into the ledger; says how many there were. Needs fold_in_line and
 * is called after acquirer_flush(). */
MUST_USE err acquirer_fold(struct acquirer *a, size_t max_rows, size_t *ret_rows);

/* ---- what it says of itself ---------------------------------------------------------------------
 */

struct acquirer_counts {
    uint64_t frames, payments, approved, declined, refused, repeats, conflicts, malformed, bad_mac,
        reversals_asked, reversals_made, reversals_acknowledged, late_answers, time_outs, sign_ins,
        batches, commits, rows, hsm_commands, hsm_losses, replaced;
    uint32_t sessions, tasks, pending, reversals, recent; /* now */
    int64_t journal_seq;                                  /* the last row */
    bool hsm_up, card_network_up, wallet_up;
};

struct acquirer_counts acquirer_counts(const struct acquirer *a);

/* The counts as one JSON object on one line, without the newline. */
void acquirer_status(const struct acquirer *a, struct writer *w);

/* Nothing is under way, undecided or waiting for the network. For the simulator. */
bool acquirer_quiet(const struct acquirer *a);

/* The store of journal.db or of audit.db has failed: cause and remedy. Empty when none has. */
const char *acquirer_error_text(const struct acquirer *a);
