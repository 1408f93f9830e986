/* SPDX-License-Identifier: Apache-2.0 */
/* The work: what has run out, what is due, what became of a try, and what a restart finds. */
#include "backoffice/messages/outbox_internal.h"

#include <stdlib.h>

enum { DAY_MS = 24 * 3600 * 1000 };
/* What has ended is kept that long, for questions; the audit chain keeps its record for ever. */
static const int64_t keep_ms = (int64_t)30 * DAY_MS;

/*
 * How long after a try that came to nothing the next one is, by how many there were. A code lives
 * five minutes: most of its tries are in the first. A notice goes on for as long as it may, every
 * half hour.
 */
static const int64_t waits_ms[] = {2000, 5000, 15000, 45000, 120000, 300000, 900000, 1800000};

/* ---- secrets ---- */

struct outbox_secret *outbox_secret_of(struct outbox *outbox, const char *id)
{
    for (size_t i = 0; i < OUTBOX_SECRETS_MAX; i++)
        if (strcmp(outbox->secret[i].id, id) == 0) return &outbox->secret[i];
    return NULL;
}

/* A free place, or that of one whose time is over: its row has ended, or was never committed. */
struct outbox_secret *outbox_secret_place(struct outbox *outbox)
{
    int64_t now_ms = outbox_now_ms(outbox);
    for (size_t i = 0; i < OUTBOX_SECRETS_MAX; i++) {
        struct outbox_secret *place = &outbox->secret[i];
        if (place->id[0] != '\0' && place->not_after_ms > now_ms) continue;
        explicit_bzero(place, sizeof *place);
        return place;
    }
    return NULL;
}

void outbox_forget(struct outbox *outbox, const char *id)
{
    struct outbox_secret *secret = outbox_secret_of(outbox, id);
    if (secret != NULL) explicit_bzero(secret, sizeof *secret);
}

/* Those of transactions that were rolled back have no row that would end them. */
static void forget_overdue(struct outbox *outbox)
{
    int64_t now_ms = outbox_now_ms(outbox);
    for (size_t i = 0; i < OUTBOX_SECRETS_MAX; i++)
        if (outbox->secret[i].id[0] != '\0' && outbox->secret[i].not_after_ms <= now_ms)
            explicit_bzero(&outbox->secret[i], sizeof outbox->secret[i]);
}

/* ---- ends ---- */

/* Ends a message in the caller's transaction, with its record. */
static err end_message(struct outbox *outbox, struct store_tx *tx, struct outbox_job *job,
                       enum outbox_state state, int64_t cost_fen, const char *reason)
{
    static const char *const events[OUTBOX_STATES] = {[OUTBOX_SENT] = "message_sent",
                                                      [OUTBOX_FAILED] = "message_failed",
                                                      [OUTBOX_EXPIRED] = "message_expired"};
    if (cost_fen >= 0) job->cost_fen = cost_fen;
    TRY(outbox_end(outbox->config.store, job->id, state, cost_fen, reason, outbox_now_ms(outbox)));
    return outbox_audit(outbox, tx, events[state], job, reason);
}

/* What was never tried has cost nothing; of what was tried nobody knows, so the estimate stays. */
static err expire(struct outbox *outbox, struct store_tx *tx, struct outbox_job *job,
                  const char *reason)
{
    return end_message(outbox, tx, job, OUTBOX_EXPIRED, job->attempts == 0 ? 0 : -1, reason);
}

static err expire_overdue(struct outbox *outbox)
{
    struct outbox_job jobs[OUTBOX_BATCH];
    size_t count = OUTBOX_BATCH;
    while (count == OUTBOX_BATCH) {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        TRY(outbox_overdue(outbox->config.store, outbox_now_ms(outbox), OUTBOX_BATCH, jobs,
                           &count));
        if (count == 0) break;
        TRY(store_begin(outbox->config.store, &tx));
        for (size_t i = 0; i < count; i++) TRY(expire(outbox, &tx, &jobs[i], "its time is over"));
        TRY(store_commit(&tx));
        for (size_t i = 0; i < count; i++) outbox_forget(outbox, jobs[i].id);
    }
    forget_overdue(outbox);
    return OK;
}

/* ---- results ---- */

static int64_t wait_after(int64_t attempts)
{
    size_t last = ARRAY_LEN(waits_ms) - 1;
    ENSURE(attempts >= 1);
    return waits_ms[(size_t)attempts - 1 < last ? (size_t)attempts - 1 : last];
}

static err conclude(struct outbox *outbox, struct store_tx *tx, struct outbox_job *job,
                    const struct outbound_result *result)
{
    switch (result->outcome) {
    case OUTBOUND_TAKEN:
        return end_message(outbox, tx, job, OUTBOX_SENT, result->cost_fen, "");
    case OUTBOUND_REFUSED:
        return end_message(outbox, tx, job, OUTBOX_FAILED, 0, err_name(result->reason));
    case OUTBOUND_LATER:
        break;
    }
    return outbox_try_again(outbox->config.store, job->id,
                            outbox_now_ms(outbox) + wait_after(job->attempts), result->reason);
}

err outbox_on_result(struct outbox *outbox, const char *id, const struct outbound_result *result)
{
    struct outbox_job job;
    bool found = false;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(outbox->config.store, &tx));
    TRY(outbox_being_sent(outbox->config.store, id, &job, &found));
    if (!found) return OK;
    ENSURE(outbox->in_flight[job.channel] > 0);
    TRY(conclude(outbox, &tx, &job, result));
    TRY(store_commit(&tx));
    outbox->in_flight[job.channel]--;
    if (result->outcome != OUTBOUND_LATER) outbox_forget(outbox, id);
    return OK;
}

/* ---- tries ---- */

/* Renders and hands over. What comes of it is told later, but for an err of the port. */
static err send_one(struct outbox *outbox, const struct outbox_job *job)
{
    uint8_t subject_block[TEMPLATE_SUBJECT_MAX], text_block[TEMPLATE_TEXT_MAX];
    struct writer subject = writer_over(subject_block, sizeof subject_block);
    struct writer text = writer_over(text_block, sizeof text_block);
    const struct outbox_secret *secret = outbox_secret_of(outbox, job->id);
    struct bytes hidden = secret != NULL ? bytes_of(secret->value, secret->len) : BYTES("");
    outbox->in_flight[job->channel]++;
    err sent = outbox_render(job, hidden, &subject, &text);
    const struct outbox_letter letter = {.id = job->id,
                                         .channel = job->channel,
                                         .contact = job->contact,
                                         .subject = writer_view(&subject),
                                         .text = writer_view(&text),
                                         .created_ms = job->created_ms};
    bool rendered = !FAILED(sent);
    if (rendered) sent = outbox->ports.send(outbox->ports.context, &letter);
    explicit_bzero(text_block, text.len);
    if (!FAILED(sent)) return OK;
    /* A row that cannot be rendered was taken by a version that could: it will never be sent. */
    const struct outbound_result result = {rendered ? OUTBOUND_LATER : OUTBOUND_REFUSED, sent, 0,
                                           0};
    return outbox_on_result(outbox, job->id, &result);
}

static err purge_daily(struct outbox *outbox)
{
    int64_t now_ms = outbox_now_ms(outbox);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    if (now_ms < outbox->purge_ms) return OK;
    TRY(store_begin(outbox->config.store, &tx));
    TRY(outbox_purge(outbox->config.store, now_ms - keep_ms));
    TRY(store_commit(&tx));
    outbox->purge_ms = now_ms + DAY_MS;
    return OK;
}

static err run_channel(struct outbox *outbox, enum channel channel)
{
    struct outbox_job jobs[OUTBOX_BATCH];
    size_t count = 0, room = outbox->config.in_flight_max - outbox->in_flight[channel];
    if (room > OUTBOX_BATCH) room = OUTBOX_BATCH;
    TRY(outbox_due(outbox->config.store, channel, outbox_now_ms(outbox), room, jobs, &count));
    if (count == 0) return OK;

    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(outbox->config.store, &tx));
    for (size_t i = 0; i < count; i++) TRY(outbox_begin_try(outbox->config.store, jobs[i].id));
    TRY(store_commit(&tx));
    for (size_t i = 0; i < count; i++) TRY(send_one(outbox, &jobs[i]));
    return OK;
}

err outbox_run(struct outbox *outbox)
{
    ENSURE(!store_in_tx(outbox->config.store));
    TRY(purge_daily(outbox));
    TRY(expire_overdue(outbox));
    TRY(run_channel(outbox, CHANNEL_SMS));
    return run_channel(outbox, CHANNEL_MAIL);
}

/* ---- a start ---- */

/* What was being sent is tried again under its id; what waits for a secret waits for nothing. */
static err recover(struct outbox *outbox)
{
    int64_t now_ms = outbox_now_ms(outbox);
    bool found = true;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(outbox->config.store, &tx));
    TRY(outbox_requeue_all(outbox->config.store, now_ms));
    while (found) {
        struct outbox_job job;
        TRY(outbox_waiting_with_secret(outbox->config.store, &job, &found));
        if (found) TRY(expire(outbox, &tx, &job, "a restart lost the code"));
    }
    return store_commit(&tx);
}

err outbox_open(const struct outbox_config *config, const struct outbox_ports *ports,
                struct outbox **ret_outbox)
{
    ENSURE(config->store != NULL && config->in_flight_max >= 1);
    struct outbox *outbox = calloc(1, sizeof *outbox);
    if (outbox == NULL) return ERR(NO_MEMORY);
    outbox->config = *config;
    outbox->ports = *ports;
    err recovered = recover(outbox);
    if (FAILED(recovered)) {
        outbox_close(outbox);
        return recovered;
    }
    *ret_outbox = outbox;
    return OK;
}

void outbox_close(struct outbox *outbox)
{
    if (outbox == NULL) return;
    explicit_bzero(outbox, sizeof *outbox);
    free(outbox);
}
