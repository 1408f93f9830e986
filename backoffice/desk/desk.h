/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * desk: the host's end of a terminal's passwords. Terminals talk to it (devices.h), people who
 * have forgotten a password are helped by it (recovery.h: code by SMS, link by mail; tickets.h:
 * the recovery desk), and it tells those who must know (notices.h).
 *
 * The vault alone verifies; the hsm alone can answer a vault's challenge; the desk decides whether
 * the hsm is asked. Nothing secret is kept here: a code or a grant is asked for when it is sent,
 * sent, and wiped. So a copy of backoffice.db resets nobody.
 *
 * A core without sockets, time or threads: calls in, ports out. Its tables are a schema of their
 * own in the back office's store, and what it does stands in the audit chain of the same file.
 * Persist, then act: every effect may be repeated, and a terminal that was told twice does the same
 * thing once.
 */

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/random.h"
#include "lib/store/audit.h"
#include "registry/account.h"

enum {
    DESK_TID_LEN = 8,
    DESK_OPERATOR_LEN = 2,
    DESK_CHALLENGE_MAX = 16,
    DESK_CODE_MAX = 10, /* digits of the longest code */
    DESK_GRANT_LEN = 16,
    DESK_FRAME_MAX = 8192,               /* of the device channel, both ways */
    DESK_DEVICES_MAX = 16384,            /* connected at one time */
    DESK_DOCUMENT_MAX = 6000,            /* a signed policy; it travels in one frame */
    DESK_NAME_MAX = 64,                  /* of a member of staff */
    DESK_ACTOR_MAX = DESK_NAME_MAX + 24, /* number and name, as they stand in a record */
};

/* The ways of recovery; numbers are the vault's and the hsm's. */
enum recovery_way {
    RECOVERY_SMS = 1,     /* 6 digits, 5 minutes */
    RECOVERY_MAIL = 2,    /* a link that shows 8 digits, 30 minutes */
    RECOVERY_SERVICE = 3, /* a grant through the device channel, 24 hours */
    RECOVERY_OFFLINE = 4, /* 10 digits read out, 15 minutes */
    RECOVERY_REISSUE = 5, /* a lost sheet is printed anew: an order to the vault, 24 hours */
    RECOVERY_WAYS = 6,
};

/* What the vault has asked: bytes for all ways but OFFLINE, where it is 11 ASCII digits. */
struct desk_challenge {
    char tid[DESK_TID_LEN + 1];
    char operator_id[DESK_OPERATOR_LEN + 1];
    enum recovery_way way;
    uint8_t len;
    uint8_t at[DESK_CHALLENGE_MAX];
};

/* What the hsm answers. Wiped by whoever asked: desk_proof_wipe(), also by CLEANUP. */
struct desk_proof {
    char code[DESK_CODE_MAX + 1];  /* empty for SERVICE and REISSUE */
    uint8_t grant[DESK_GRANT_LEN]; /* for SERVICE and REISSUE */
};
void desk_proof_wipe(struct desk_proof *proof);

/* A member of staff who acts; the account and its rights are accounts.h's matter. */
struct desk_staff {
    int64_t id;
    char name[DESK_NAME_MAX + 1];
};

/* What is to be written to somebody. The texts are made by the outbox, in the contact's language.
 */
enum desk_template {
    DESK_CODE = 1, /* `secret` is the code; `minutes` is how long it holds */
    DESK_LINK,     /* `secret` is the address to open */
    DESK_NOTICE,   /* `event` names what has happened */
    DESK_TEMPLATES,
};

struct desk_message {
    enum desk_template template;
    bool by_mail; /* otherwise by SMS */
    const struct registry_contact *contact;
    const char *mid, *tid, *operator_id;
    bool first;                   /* this operator's first password there (S34) */
    const char *event;            /* DESK_NOTICE: a kind of notices.h, or of an account's ticket */
    const char *account, *ticket; /* of an account's ticket: login and number; otherwise NULL */
    const char *ending;           /* of a payout account: its last four digits; otherwise NULL */
    int64_t until_ms;             /* a payout account stands still until then */
    const char *secret;
    int minutes;
    int64_t at_ms;
};

struct desk_anchor {
    uint64_t epoch;
    uint8_t mac[16];
};

/* Another certificate for a device: what it has shown, and what the registry means by it. */
struct desk_renewal {
    struct bytes certificate, request; /* PEM: the one that it has, and what it asks with */
    char tid[DESK_TID_LEN + 1];
    uint8_t print[32]; /* of its key */
    int64_t not_before_ms, not_after_ms;
};

/* What the pages of the staff console read again. */
enum desk_topic { DESK_TICKETS, DESK_NOTICES, DESK_DEVICES, DESK_APPROVALS };

/* What is wanted of a device, for its vault; `kind` is a word of the device channel. */
struct desk_command {
    const char *tid, *serial, *kind, *text;
    int64_t number;
    uint8_t nonce[16];
};

enum { DESK_COMMANDS_MAX = 64 };

/* A backup that is to be opened for another device: of its head, and what that device's vault says.
 */
struct desk_restore {
    const char *tid;
    struct bytes serial; /* of the device that has written it */
    uint64_t number;
    struct bytes sender, wrapped;
    struct bytes public_key, nonce, mac;
    const char *first, *second; /* who has said yes */
};

/* The world beyond. */
struct desk_ports {
    void *context;
    /* HSM_RECOVERY, answered at once. Errors: REFUSED, TIMEOUT (the hsm is away), KEY. */
    err (*prove)(void *context, const struct desk_challenge *challenge, struct desk_proof *ret);
    /* HSM_ANCHOR: checks what a terminal says (MAC when it does not hold), makes what we say. */
    err (*anchor_check)(void *context, const char *tid, const struct desk_anchor *said);
    err (*anchor_make)(void *context, const char *tid, struct desk_anchor *anchor);
    /* HSM_RENEW: writes the certificate, in PEM. Errors: DENIED (it is not so signed, or not by our
     * authority), REFUSED, TIMEOUT, KEY (there is no sealed authority). May be NULL: none are. */
    err (*renew)(void *context, const struct desk_renewal *renewal, struct writer *certificate);
    /* HSM_COMMAND_MAC. NULL, or an error: commands wait. */
    err (*command_mac)(void *context, const struct desk_command *command, uint8_t ret_mac[16]);
    /* The same for at most DESK_COMMANDS_MAX at a time: all or none. NULL: one after the other. */
    err (*command_macs)(void *context, const struct desk_command *commands, size_t count,
                        uint8_t (*ret_macs)[16]);
    /* HSM_RESTORE: writes the grant. Errors: REFUSED, TIMEOUT (the hsm is away), MAC, KEY, DENIED,
     * FORMAT (it does not believe it). NULL: nothing is opened here. */
    err (*open_backup)(void *context, const struct desk_restore *restore, struct writer *grant);
    /* One frame to a terminal, or the end of its connection. */
    void (*to_device)(void *context, uint32_t session, struct bytes frame);
    void (*close_device)(void *context, uint32_t session);
    /* HSM_DOCUMENT_SIGN as the director: which device is to have what. NULL: nobody signs. */
    err (*sign_assignment)(void *context, struct bytes key, struct bytes text,
                           uint8_t ret_signature[64]);
};

/* What of the back office around it the desk uses. */
struct device_message;

struct desk_house {
    void *context;
    /* Takes one message for sending, inside the caller's transaction; copies what it keeps. BUSY:
     * not taken (this contact has had enough, or all of today's texts are sent). */
    err (*send)(void *context, struct store_tx *tx, const struct desk_message *message);
    /* Everything that lets this console account in ends: password, factors, sessions, devices; a
     * set-up link, good for `valid_ms`, goes to its own mail address and to nobody else. BUSY:
     * the link was not taken, and the caller rolls back. NULL: there are no accounts here. */
    err (*reset_account)(void *context, struct store_tx *tx, const struct registry_actor *actor,
                         const struct account *account, int64_t valid_ms);
    /* Somebody may be looking at this. May be NULL. */
    void (*changed)(void *context, enum desk_topic topic);
    /* A device that has only its factory's key asks (stock/activation.h). NULL: nobody is
     * activated here. */
    err (*activate)(void *context, struct bytes address, const struct device_message *question,
                    struct device_message *answer, struct writer *document);
};

/* A certificate of the host's own, and when it ends. */
struct desk_expiry {
    const char *kind; /* "server_certificate", "authority" */
    int64_t end_ms;
};

enum { DESK_EXPIRIES_MAX = 4 };

struct desk_config {
    struct store *store;       /* the back office's, writing; migrated by desk_open() */
    struct registry *registry; /* read only */
    const struct log *log;
    struct clock clock;
    struct random random;
    const char *origin; /* where people reach the console: "https://host"; links begin with it */
    uint32_t devices_max;
    const char *updates;  /* the directory of `tongbao updates`; NULL: there is none */
    const char *backups;  /* the directory where bundles of devices lie; NULL: none are taken */
    bool papers;          /* photos and papers are taken (uploads/): what needs one waits for it */
    int certificate_days; /* that another certificate lasts; 0: RENEWAL_DAYS */
    int outdated_days;    /* of grace for old software; 0: OUTDATED_DAYS */
    bool grouped;         /* what was told and answered leaves only after desk_flush() */
    struct desk_expiry expiry[DESK_EXPIRIES_MAX]; /* `kind` NULL ends them */
};

struct desk;

/* Errors: those of the store; NO_MEMORY. Borrows store, registry and origin until desk_close(). */
MUST_USE err desk_open(const struct desk_config *config, const struct desk_ports *ports,
                       const struct desk_house *house, struct desk **ret_desk);
void desk_close(struct desk *desk); /* NULL is allowed */

/*
 * At the end of an iteration, before anything leaves: the next slice of what is wanted of many, and
 * what devices have said becomes durable. Also whenever somebody else is to read or write the
 * store: nobody is told what a power cut could take back. An err: nothing of the iteration may
 * leave.
 */
MUST_USE err desk_flush(struct desk *desk);
bool desk_busy(const struct desk *desk); /* something is done in slices and is not through */
MUST_USE err desk_settle(struct desk *desk);

/* What time alone does: forgets what has expired, and tells terminals of a policy that was
 * published meanwhile. Cheap; once a second or so. */
MUST_USE err desk_tick(struct desk *desk);
