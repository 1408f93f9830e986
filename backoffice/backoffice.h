/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * backoffice: accounts of people, and what they do in the staff and owner consoles. The core of
 * tongbao-backoffice: driven by calls, speaks through ports; no socket, clock or thread of its own.
 *
 * A request becomes a call of backoffice_on_request(), which answers at once, or says `later` and
 * answers through the port. Everything that an answer promises is committed before it is given. An
 * err means that the store is gone: the program says why (backoffice_error_text) and ends.
 */

#include "backoffice/desk/desk.h"
#include "backoffice/messages/outbox.h"
#include "lib/auth/blocklist_file.h"
#include "lib/auth/password.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/store/store.h"
#include "lib/wire/http.h"

struct backoffice;
struct check_ports;
struct courier_ports;
struct paper_ports;

enum { BACKOFFICE_FAULT_MAX = 256 };

/* Why it did not open, as a sentence. */
struct backoffice_fault {
    char text[BACKOFFICE_FAULT_MAX];
};

struct backoffice_config {
    struct clock clock;
    struct random random;
    const struct log *log;
    enum store_mode mode;
    const char *store_path;     /* backoffice.db */
    const char *journal_path;   /* the acquirer's journal.db, read only; NULL: not to be read */
    const char *ledger_path;    /* the acquirer's ledger.db, read only; NULL: not to be read */
    const char *figures_path;   /* figures.db, read only here; NULL: there are none */
    const char *registry_path;  /* registry.db, read only; NULL for none */
    const char *loyalty_path;   /* loyalty.db, ours; NULL: no members and campaigns */
    const char *origin;         /* "https://pay.example": what links begin with; https decides about
                                   the names of cookies */
    const char *documents_path; /* a directory of ours for documents; NULL for none */
    const char *backups_path;   /* a directory of ours for backups of devices; NULL for none */
    /* Where terminals are sent back to; NULL: the courier is not asked for labels of returns. */
    const char *returns_address, *returns_phone;
    const char *updates;  /* the directory of `tongbao updates`; NULL: there is none */
    int certificate_days; /* that another certificate of a terminal lasts; 0: as usual */
    int outdated_days;    /* of grace for software that is too old; 0: as usual */
    struct desk_expiry expiry[DESK_EXPIRIES_MAX]; /* the host's own certificates */
    int checkpoint_pages;                         /* 0: no checkpointer of its own (tests) */
    struct password_cost cost;                    /* of the hashes that are made */
    unsigned hash_threads;                        /* hashes that may run at one time */
};

/* One piece of work with Argon2id: is `password` that of `record`, and if so, is `chosen` new and
 * what is its record? Views live until the port has returned: who works on it copies. */
struct backoffice_hash {
    uint64_t id;
    const char *whose;     /* the person, as lib/auth/password.h wants it */
    struct bytes password; /* secret */
    const char *record;    /* empty: nothing to compare with, `chosen` is hashed at once */
    struct bytes chosen;   /* secret; empty: only compared */
    const char (*old)[PASSWORD_RECORD_MAX]; /* records that `chosen` may not match */
    size_t old_count;
};

struct backoffice_hashed {
    uint64_t id;
    err failure; /* the keyed step, or memory: says nothing of the password */
    bool right;
    bool reused;                      /* `chosen` is one of the old ones */
    char record[PASSWORD_RECORD_MAX]; /* of `chosen`; or of `password` when its cost was raised */
};

/* Does the work: pure but for `keyed`; takes 40 ms and 19 MiB and more at full cost. */
void backoffice_hash_run(const struct backoffice_hash *job, struct password_cost cost,
                         const struct random *random, struct password_keyed keyed,
                         struct backoffice_hashed *ret_result);

/*
 * What of an HTTP request the core looks at. `reader` finds cookies, headers and parameters by
 * name: NULL, or NOT_FOUND, when there is none.
 */
struct backoffice_reader {
    const char *(*cookie)(const void *context, const char *name);
    const char *(*header)(const void *context, const char *name);
    err (*query)(const void *context, const char *name, char *out, size_t size);
    const void *context;
};

struct backoffice_request {
    uint64_t ticket; /* for an answer that comes later */
    const char *method, *path;
    struct bytes body;
    const char *address; /* of the client, as text; "" when unknown */
    struct backoffice_reader reader;
};

/* What is issued to a device that was activated (backoffice/stock/activation.h). Views. */
struct backoffice_issue {
    const char *tid, *mid, *serial, *model;
    struct bytes request;     /* certificate request, PEM */
    const uint8_t *transport; /* the 32 bytes of the key that the hsm seals to */
};

struct webhook_letter;

/* Sends events to servers of others (webhooks/webhooks.h); `send` NULL: nothing is sent. On OK one
 * webhooks_on_result() follows, and never from inside. */
struct webhook_ports {
    void *context;
    err (*send)(void *context, const struct webhook_letter *letter);
    bool loopback; /* for the demo and tests: this machine too, and without TLS */
};

struct backoffice_ports {
    void *context;
    /* The answer to a request that was put off. The requester may be gone by now. */
    void (*answer)(void *context, uint64_t ticket, const struct http_response *response);
    /* Begins a job; backoffice_on_hashed() tells its end, never from inside this call. At most
     * `hash_threads` are out at a time. */
    void (*hash)(void *context, const struct backoffice_hash *job);
    /* The keyed step (lib/auth/password.h), answered at once: for codes and for sealing. Errors:
     * REFUSED, TIMEOUT: the hsm is away. */
    struct password_keyed keyed;
    /* Sends messages (outbox.h); `send` NULL: nothing is sent to anybody. */
    struct outbox_ports outbox;
    struct desk_ports desk; /* `prove` NULL: there is no desk */
    struct webhook_ports webhooks;
    /*
     * Registers the terminal and appends what its vault takes, as `tongbao admin provision` writes
     * it. The same device may be issued again: it has not heard the first answer. NULL: nothing is
     * issued here. Errors: BUSY (another program writes the registry), CONFLICT (the number is
     * another device's), those of the hsm: all are "again later" for the device.
     */
    err (*issue)(void *context, const struct backoffice_issue *issue, struct writer *document);
    const struct check_ports *checks;    /* applications/application.h; NULL: people check */
    const struct courier_ports *courier; /* stock/shipment.h; NULL: parcels go another way */
    const struct paper_ports *paper;     /* stock/papers.h; NULL: nothing is drawn */
};

/* Errors: those of store_open and store_migrate, CONFIG (origin), NO_MEMORY. */
MUST_USE err backoffice_open(const struct backoffice_config *config,
                             const struct backoffice_ports *ports, struct backoffice_fault *fault,
                             struct backoffice **ret_backoffice);
void backoffice_close(struct backoffice *backoffice); /* NULL is allowed */

/*
 * Additions to the blocklist, as BLOCKLIST_FILE_NAME in the operator's directory holds them; empty
 * when there is no such file. What is refused is named, audited, and changes nothing; a file that
 * is missing where one has been is refused as END. Errors: NO_MEMORY, the store's.
 */
MUST_USE err backoffice_take_blocklist(struct backoffice *backoffice, struct bytes file,
                                       const uint8_t signer[POLICY_SIGNER_BYTES],
                                       enum blocklist_fault *ret_fault);

/* For the program's end of the outbox; NULL when there is none. */
struct outbox *backoffice_outbox(struct backoffice *backoffice);

/* For the device channel; NULL when there is no desk. */
struct desk *backoffice_desk(struct backoffice *backoffice);

/* One line for the operator: what failed, why, what to do. */
const char *backoffice_error_text(const struct backoffice *backoffice);

MUST_USE err backoffice_on_request(struct backoffice *backoffice,
                                   const struct backoffice_request *request,
                                   struct http_response *response);

/* What the server in front has turned away (lib/wire/http.h, `refuse`): a page where people read
 * it, and else nothing is written. */
MUST_USE err backoffice_on_refused(struct backoffice *backoffice,
                                   const struct backoffice_request *request, unsigned status,
                                   struct http_response *response);

MUST_USE err backoffice_on_hashed(struct backoffice *backoffice,
                                  const struct backoffice_hashed *result);

/* At the end of every iteration: what was taken in is worked on. */
MUST_USE err backoffice_flush(struct backoffice *backoffice);
/* Something is done in slices and is not through: flush again soon. */
bool backoffice_busy(const struct backoffice *backoffice);

/* About once a second: what has come to its time. */
MUST_USE err backoffice_tick(struct backoffice *backoffice);

/* The longest body that any route takes: for the server in front. */
size_t backoffice_body_max(void);
