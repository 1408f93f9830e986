/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What outbox.c, outbox_rows.c and outbox_enqueue.c share. */

#include "backoffice/messages/outbox.h"

enum {
    OUTBOX_FIELDS_TEXT_MAX = 1024, /* all fields but the secret, as JSON */
    OUTBOX_BATCH = 16,             /* rows that one run looks at, at most what may be in flight */
};

/* The one value that is not in the file. */
struct outbox_secret {
    char id[OUTBOX_ID_LEN + 1]; /* empty: the place is free */
    int64_t not_after_ms;
    size_t len;
    uint8_t value[TEMPLATE_LINK_MAX];
};

struct outbox {
    struct outbox_config config;
    struct outbox_ports ports;
    unsigned in_flight[CHANNELS];
    int64_t purge_ms; /* when old rows are looked for next */
    struct outbox_secret secret[OUTBOX_SECRETS_MAX];
};

/* A row as the work needs it. */
struct outbox_job {
    char id[OUTBOX_ID_LEN + 1];
    enum channel channel;
    enum language language;
    enum template_number template;
    char contact[OUTBOX_CONTACT_MAX + 1];
    char purpose[OUTBOX_PURPOSE_MAX + 1];
    char fields[OUTBOX_FIELDS_TEXT_MAX + 1]; /* JSON */
    int64_t created_ms, not_after_ms, attempts, cost_fen;
};

static inline int64_t outbox_now_ms(const struct outbox *outbox)
{
    return clock_now_ms(&outbox->config.clock);
}

/* ---- outbox.c: secrets ---- */

struct outbox_secret *outbox_secret_of(struct outbox *outbox, const char *id); /* NULL: none */
struct outbox_secret *outbox_secret_place(struct outbox *outbox);              /* NULL: no room */
void outbox_forget(struct outbox *outbox, const char *id);

/* ---- outbox_rows.c: the table ---- */

MUST_USE err outbox_insert(struct store *store, const struct outbox_job *job, bool notice,
                           int64_t now_ms);

/* Queued rows of a channel that are due at `now_ms`, the longest waiting first. */
MUST_USE err outbox_due(struct store *store, enum channel channel, int64_t now_ms, size_t most,
                        struct outbox_job *jobs, size_t *ret_count);
/* Queued rows whose time is over. */
MUST_USE err outbox_overdue(struct store *store, int64_t now_ms, size_t most,
                            struct outbox_job *jobs, size_t *ret_count);
/* The row when it is being sent; *ret_found tells. */
MUST_USE err outbox_being_sent(struct store *store, const char *id, struct outbox_job *job,
                               bool *ret_found);
MUST_USE err outbox_waiting_with_secret(struct store *store, struct outbox_job *job,
                                        bool *ret_found);

MUST_USE err outbox_begin_try(struct store *store, const char *id);
MUST_USE err outbox_try_again(struct store *store, const char *id, int64_t next_ms, err reason);
/* Fields are taken out of the row: nobody needs them any more. `cost_fen` -1 leaves it. */
MUST_USE err outbox_end(struct store *store, const char *id, enum outbox_state state,
                        int64_t cost_fen, const char *reason, int64_t now_ms);
MUST_USE err outbox_requeue_all(struct store *store, int64_t now_ms);
MUST_USE err outbox_purge(struct store *store, int64_t before_ms);

/* How many messages of this kind the contact has been given since then, and when the
 * `most`-th newest of them was (0 when there are fewer). */
MUST_USE err outbox_count_since(struct store *store, const struct outbox_job *job, bool notice,
                                int64_t since_ms, int64_t most, int64_t *ret_oldest_ms);
MUST_USE err outbox_spent_since(struct store *store, int64_t since_ms, int64_t *ret_fen);

/* ---- outbox_enqueue.c ---- */

/* Text and subject of a row, with its secret. Errors: those of template_render, FORMAT (fields). */
MUST_USE err outbox_render(const struct outbox_job *job, struct bytes secret,
                           struct writer *subject, struct writer *text);

/* An audit record about a message: its subject is the id, or the template when it got none. */
MUST_USE err outbox_audit(struct outbox *outbox, struct store_tx *tx, const char *event,
                          const struct outbox_job *job, const char *reason);
int64_t outbox_day_start_ms(int64_t now_ms); /* midnight in China */
