/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox as a part of the back office, and what a person is told of the own account: a link to
 * the mail address and nowhere else, a notice to every address there is (CR-14, CR-33).
 */
#include <stdio.h>

#include "backoffice/accounts/entrance.h"
#include "backoffice/messages/outbox.h"
#include "backoffice/parts.h"

enum { NOTICE_MS = 24 * 3600 * 1000, MINUTE_MS = 60000, IN_FLIGHT = 4 };

/* A notice that cannot be sent (no such contact, too many) is the outbox's to audit. */
static err enqueue(struct backoffice *b, struct store_tx *tx, const struct account *account,
                   enum channel channel, enum template_number template,
                   const struct template_field *fields, size_t count, int64_t not_after_ms,
                   bool *ret_taken)
{
    char purpose[OUTBOX_PURPOSE_MAX + 1];
    struct outbox_answer answer;
    snprintf(purpose, sizeof purpose, "account %lld", (long long)account->id);
    const struct outbox_message message = {.channel = channel,
                                           .contact = channel == CHANNEL_SMS ? account->phone
                                                                             : account->mail,
                                           .template = template,
                                           .language = account->english ? LANGUAGE_EN : LANGUAGE_ZH,
                                           .fields = fields,
                                           .field_count = count,
                                           .purpose = purpose,
                                           .not_after_ms = not_after_ms};
    TRY(outbox_enqueue(b->outbox, tx, &message, &answer));
    *ret_taken = answer.verdict == OUTBOX_TAKEN;
    return OK;
}

err entrance_send_link(struct backoffice *b, struct store_tx *tx, const struct account *account,
                       const char *link, int64_t valid_ms, int64_t now_ms, bool *ret_taken)
{
    char minutes[24];
    *ret_taken = false;
    if (b->outbox == NULL || account->mail[0] == '\0') return OK;
    snprintf(minutes, sizeof minutes, "%lld", (long long)(valid_ms / MINUTE_MS));
    const struct template_field fields[] = {{"minutes", bytes_text(minutes)},
                                            {"link", bytes_text(link)}};
    return enqueue(b, tx, account, CHANNEL_MAIL, TEMPLATE_ACCOUNT_LINK, fields, ARRAY_LEN(fields),
                   now_ms + valid_ms, ret_taken);
}

err entrance_notify(struct backoffice *b, struct store_tx *tx, const struct account *account,
                    enum entrance_notice notice, const char *address, int64_t now_ms)
{
    char at[TEMPLATE_MOMENT_LEN + 1];
    bool taken = false; /* the others are told all the same */
    if (b->outbox == NULL) return OK;
    template_moment(now_ms, at);
    bool new_device = notice == NOTICE_NEW_DEVICE;
    const struct template_field changed[] = {{"account", bytes_text(account->login)},
                                             {"at", bytes_text(at)}};
    const struct template_field entered[] = {
        {"account", bytes_text(account->login)},
        {"device", bytes_text(address == NULL || *address == '\0' ? "?" : address)},
        {"at", bytes_text(at)}};
    const struct {
        enum channel channel;
        bool there;
    } ways[] = {{CHANNEL_MAIL, account->mail[0] != '\0'}, {CHANNEL_SMS, account->phone[0] != '\0'}};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        if (!ways[i].there) continue;
        TRY(enqueue(b, tx, account, ways[i].channel,
                    new_device ? TEMPLATE_NEW_LOGIN : TEMPLATE_ACCOUNT_CHANGED,
                    new_device ? entered : changed,
                    new_device ? ARRAY_LEN(entered) : ARRAY_LEN(changed), now_ms + NOTICE_MS,
                    &taken));
    }
    return OK;
}

/* ---- the part ---- */

static err open_outbox(struct backoffice *b)
{
    if (b->ports.outbox.send == NULL) return OK;
    const struct outbox_config config = {.store = b->store,
                                         .clock = b->config.clock,
                                         .random = b->config.random,
                                         .in_flight_max = IN_FLIGHT,
                                         .segment_fen = SMS_SEGMENT_FEN,
                                         .daily_ceiling_fen = SMS_CEILING_FEN};
    return outbox_open(&config, &b->ports.outbox, &b->outbox);
}

static void close_outbox(struct backoffice *b)
{
    outbox_close(b->outbox);
    b->outbox = NULL;
}

static err run_outbox(struct backoffice *b)
{
    return b->outbox == NULL ? OK : outbox_run(b->outbox);
}

static err tick_outbox(struct backoffice *b, int64_t now_ms)
{
    (void)now_ms;
    return run_outbox(b);
}

const struct backoffice_part outbox_part = {.name = "outbox",
                                            .schema = &outbox_schema,
                                            .open = open_outbox,
                                            .close = close_outbox,
                                            .flush = run_outbox,
                                            .tick = tick_outbox};
