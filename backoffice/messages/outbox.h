/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * outbox: every message that the host sends to a person goes through here. A table of the back
 * office's store, and the order in which it is worked off. No socket, clock or thread of its own.
 *
 *   struct outbox_answer answer;
 *   TRY(outbox_enqueue(outbox, &tx, &message, &answer));   in the caller's transaction
 *   ... the caller commits ...
 *   TRY(outbox_run(outbox));                               at the end of the iteration, and at
 *                                                          outbox_next_ms()
 *   TRY(outbox_on_result(outbox, id, &result));            when the port has an end of it
 *
 * Persist, then act: that a try has begun is committed before the port hears of it. Each try of a
 * message has the same id, so that a gateway that took it and answered too late sends nothing the
 * second time. Tries come at growing distances (outbox.c has the table) until it is taken, refused,
 * or its time is over: a code that nobody could use any more is never sent.
 *
 * Secrets    the field that is a code or a link is in memory only, until the message has ended, and
 *            is wiped then. Nothing of it is ever in the file. A restart loses it: its message is
 *            then expired, and the person asks again.
 * Limits     per contact: outbox.c has the table. A stranger can ask for codes in somebody's name,
 *            so what was asked for is counted apart from notices: whoever uses up the one cannot
 * keep the other from being sent. Per day: what SMS may cost in all. Audit      each end and each
 * refusal is in the store's audit chain, with a masked contact.
 *
 * An err is of the store, and ends the program; what is wrong with a message is a verdict.
 */

#include "backoffice/messages/templates.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "lib/store/audit.h"
#include "lib/wire/outbound.h"

struct outbox;

enum {
    OUTBOX_ID_LEN = OUTBOUND_ID_MAX, /* 128 random bits as hex */
    OUTBOX_CONTACT_MAX = 254,        /* a mail address; RFC 5321 */
    OUTBOX_PURPOSE_MAX = 64,
    OUTBOX_SECRETS_MAX = 1024, /* codes that wait: at one a second, all of a code's life */
    OUTBOX_MASKED_MAX = OUTBOX_CONTACT_MAX + 8,
};

enum outbox_state { /* on disk */
                    OUTBOX_QUEUED = 1,
                    OUTBOX_SENDING,
                    OUTBOX_SENT,
                    OUTBOX_FAILED,  /* the server will never take it */
                    OUTBOX_EXPIRED, /* its time was over, or its secret was lost with a restart */
                    OUTBOX_STATES,
};

extern const struct store_schema outbox_schema;

struct outbox_config {
    struct store *store; /* migrated with outbox_schema and audit_schema; the caller's */
    struct clock clock;
    struct random random;
    unsigned in_flight_max;    /* of each channel: a slow mail server keeps no code waiting */
    int64_t segment_fen;       /* what an SMS costs as far as we know before the gateway says it */
    int64_t daily_ceiling_fen; /* of all SMS of a day in China; 0: no SMS at all */
};

/* Views that end with the call; the text has the secret in it. */
struct outbox_letter {
    const char *id;
    enum channel channel;
    const char *contact; /* "+8613800138000", "owner@shop.example" */
    struct bytes subject, text;
    int64_t created_ms;
};

struct outbox_ports {
    void *context;
    /*
     * Begins to send. On OK exactly one outbox_on_result() follows, and never from inside. An err
     * (no room, wrong configuration) is a try that came to nothing.
     */
    err (*send)(void *context, const struct outbox_letter *letter);
};

/* Queues what was being sent when the program ended; expires what has lost its secret. */
MUST_USE err outbox_open(const struct outbox_config *config, const struct outbox_ports *ports,
                         struct outbox **ret_outbox);
void outbox_close(struct outbox *outbox); /* NULL is allowed; wipes all secrets */

struct outbox_message {
    enum channel channel;
    /* A mail address; or digits as the registry has them: "13800138000", or with a country's code,
     * or with '+' before it. */
    const char *contact;
    enum template_number template;
    enum language language;
    const struct template_field *fields;
    size_t field_count;
    const char *purpose;  /* for the audit record: "recovery 10000017 01"; no secrets */
    int64_t not_after_ms; /* it is not sent then or later */
};

enum outbox_verdict {
    OUTBOX_TAKEN = 1,
    OUTBOX_LIMIT,     /* this contact has had enough; again after `wait_ms` */
    OUTBOX_CEILING,   /* SMS of today have cost enough */
    OUTBOX_CROWDED,   /* OUTBOX_SECRETS_MAX codes are waiting */
    OUTBOX_MALFORMED, /* contact, fields or purpose; `why` says what */
    OUTBOX_LATE,      /* not_after_ms has passed */
};

struct outbox_answer {
    enum outbox_verdict verdict;
    char id[OUTBOX_ID_LEN + 1]; /* when taken */
    int64_t wait_ms;            /* LIMIT */
    err why;                    /* MALFORMED: of template_render(); FORMAT for a contact */
};

/* A refusal is audited too; commit in either case. When the caller rolls back, nothing was queued.
 */
MUST_USE err outbox_enqueue(struct outbox *outbox, struct store_tx *tx,
                            const struct outbox_message *message, struct outbox_answer *ret_answer);

/* Expires and sends what has come to its time. Outside of any transaction. */
MUST_USE err outbox_run(struct outbox *outbox);

/* The end of one try. An id that is not being sent is passed over: a late echo. */
MUST_USE err outbox_on_result(struct outbox *outbox, const char *id,
                              const struct outbound_result *result);

/* When outbox_run() has something to do next; INT64_MAX when only an answer is waited for. */
MUST_USE err outbox_next_ms(struct outbox *outbox, int64_t *ret_next_ms);

/* For consoles: what became of messages, the newest first. Texts live until `each` returns. */
struct outbox_row {
    char id[OUTBOX_ID_LEN + 1];
    enum channel channel;
    enum outbox_state state;
    enum template_number template;
    char contact[OUTBOX_MASKED_MAX + 1]; /* masked */
    char purpose[OUTBOX_PURPOSE_MAX + 1];
    char reason[32]; /* why the last try came to nothing (a name of lib/base/err.h), or why it ended
                        unsent; empty when it was sent */
    int64_t created_ms, not_after_ms, next_ms, ended_ms, attempts, cost_fen;
};
typedef err (*outbox_each)(void *context, const struct outbox_row *row);
MUST_USE err outbox_list(struct outbox *outbox, int64_t most, outbox_each each, void *context);

/* What SMS have cost today, estimates of those that wait included. */
MUST_USE err outbox_spent_today(struct outbox *outbox, int64_t *ret_fen);

/* "+86138****8000", "o***@shop.example". */
void outbox_mask(enum channel channel, const char *contact, char out[OUTBOX_MASKED_MAX + 1]);
