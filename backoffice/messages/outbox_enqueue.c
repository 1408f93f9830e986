/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a message: is it whole, may this contact have one more, and is there money for it. */
#include <stdio.h>

#include "backoffice/messages/outbox_internal.h"
#include "lib/base/clock.h"
#include "lib/wire/json.h"
#include "lib/wire/mail.h"
#include "lib/wire/sms.h"

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };

/*
 * How many messages a contact gets (CR-13, S39). Somebody may ask for codes in another's name:
 * three mails and five SMS an hour are a nuisance and no flood. Notices are of what has happened;
 * their limit only keeps a machine that has gone wild from filling a telephone.
 */
static const struct {
    enum channel channel;
    bool notice;
    int64_t window_ms, most;
} limits[] = {
    {CHANNEL_SMS, false, HOUR_MS, 5},  {CHANNEL_SMS, false, DAY_MS, 10},
    {CHANNEL_MAIL, false, HOUR_MS, 3}, {CHANNEL_MAIL, false, DAY_MS, 10},
    {CHANNEL_SMS, true, HOUR_MS, 20},  {CHANNEL_SMS, true, DAY_MS, 60},
    {CHANNEL_MAIL, true, HOUR_MS, 20}, {CHANNEL_MAIL, true, DAY_MS, 60},
};

/* ---- texts ---- */

static err write_fields(const struct outbox_message *message, const char *secret,
                        char out[OUTBOX_FIELDS_TEXT_MAX + 1])
{
    struct writer w = writer_over(out, OUTBOX_FIELDS_TEXT_MAX);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    for (size_t i = 0; i < message->field_count; i++)
        if (secret == NULL || strcmp(message->fields[i].name, secret) != 0)
            json_member_text(&j, message->fields[i].name, message->fields[i].value);
    json_object_end(&j);
    if (w.fault != ERR_OK) return ERR(LENGTH);
    out[w.len] = '\0';
    return OK;
}

err outbox_render(const struct outbox_job *job, struct bytes secret, struct writer *subject,
                  struct writer *text)
{
    CLEANUP(json_free) struct json_document document = {0};
    const struct template *template = template_of(job->template);
    struct template_field fields[TEMPLATE_FIELDS_MAX];
    size_t count = 0;
    if (template == NULL) return ERR(UNSUPPORTED);
    const struct template_field_type *hidden = template_secret(template);
    TRY(json_parse(bytes_text(job->fields), OUTBOX_FIELDS_TEXT_MAX, &document));
    for (; count < TEMPLATE_FIELDS_MAX && template->field[count].name != NULL; count++) {
        fields[count].name = template->field[count].name;
        fields[count].value = secret;
        if (hidden != &template->field[count])
            TRY(json_text(document.root, fields[count].name, TEMPLATE_VALUE_MAX,
                          &fields[count].value));
    }
    return template_render(job->template, job->channel, job->language, fields, count, subject,
                           text);
}

/* Renders once, so that what cannot be sent is refused at once; says what an SMS will cost. */
static err check_message(const struct outbox *outbox, const struct outbox_message *message,
                         struct outbox_job *job)
{
    uint8_t subject_block[TEMPLATE_SUBJECT_MAX], text_block[TEMPLATE_TEXT_MAX];
    struct writer subject = writer_over(subject_block, sizeof subject_block);
    struct writer text = writer_over(text_block, sizeof text_block);
    err rendered = template_render(message->template, message->channel, message->language,
                                   message->fields, message->field_count, &subject, &text);
    if (!FAILED(rendered) && message->channel == CHANNEL_SMS) {
        job->cost_fen = template_segments(writer_view(&text)) * outbox->config.segment_fen;
        if (text.len > SMS_TEXT_MAX) rendered = ERR(LENGTH);
    }
    explicit_bzero(text_block, text.len);
    return rendered;
}

/* ---- contacts ---- */

/* As the registry has them, or with a plus: "13800138000" is a number of this country. */
static err lay_number(const char *contact, char out[OUTBOX_CONTACT_MAX + 1])
{
    size_t len = strlen(contact);
    bool whole = contact[0] == '+', local = len == 11 && contact[0] == '1';
    if (len > SMS_NUMBER_MAX) return ERR(FORMAT);
    snprintf(out, OUTBOX_CONTACT_MAX + 1, "%s%s", whole ? "" : local ? "+86" : "+", contact);
    return sms_number_valid(bytes_text(out)) ? OK : ERR(FORMAT);
}

static err lay_contact(const struct outbox_message *message, struct outbox_job *job)
{
    if (message->channel == CHANNEL_SMS) return lay_number(message->contact, job->contact);
    if (!mail_address_valid(bytes_text(message->contact))) return ERR(FORMAT);
    return bytes_to_text(bytes_text(message->contact), job->contact, sizeof job->contact);
}

void outbox_mask(enum channel channel, const char *contact, char out[OUTBOX_MASKED_MAX + 1])
{
    int len = (int)strlen(contact);
    if (channel == CHANNEL_SMS && len > 8) {
        snprintf(out, OUTBOX_MASKED_MAX + 1, "%.*s****%s", len - 8, contact, contact + len - 4);
        return;
    }
    const char *at = strchr(contact, '@');
    snprintf(out, OUTBOX_MASKED_MAX + 1, "%.1s***%s", contact, at != NULL ? at : "");
}

/* ---- audit ---- */

err outbox_audit(struct outbox *outbox, struct store_tx *tx, const char *event,
                 const struct outbox_job *job, const char *reason)
{
    char masked[OUTBOX_MASKED_MAX + 1], detail[AUDIT_TEXT_MAX];
    const struct template *template = template_of(job->template);
    const char *name = template != NULL ? template->name : "?";
    outbox_mask(job->channel, job->contact, masked);
    snprintf(detail, sizeof detail, "%s %s to %.80s for %s, tries %lld, fen %lld%s%s", name,
             job->channel == CHANNEL_SMS ? "by SMS" : "by mail", masked, job->purpose,
             (long long)job->attempts, (long long)job->cost_fen, reason[0] != '\0' ? ": " : "",
             reason);
    const struct audit_entry entry = {.at_ms = outbox_now_ms(outbox),
                                      .actor = BYTES("outbox"),
                                      .event = bytes_text(event),
                                      .subject = bytes_text(job->id[0] != '\0' ? job->id : name),
                                      .detail = bytes_text(detail)};
    return audit_append(tx, &entry);
}

/* ---- limits ---- */

static err check_limits(const struct outbox *outbox, const struct outbox_job *job, bool notice,
                        int64_t *ret_wait_ms)
{
    int64_t now_ms = outbox_now_ms(outbox), wait_ms = 0;
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        int64_t oldest_ms;
        if (limits[i].channel != job->channel || limits[i].notice != notice) continue;
        TRY(outbox_count_since(outbox->config.store, job, notice, now_ms - limits[i].window_ms,
                               limits[i].most, &oldest_ms));
        if (oldest_ms == 0) continue;
        int64_t free_ms = oldest_ms + limits[i].window_ms - now_ms;
        if (free_ms > wait_ms) wait_ms = free_ms;
    }
    *ret_wait_ms = wait_ms;
    return OK;
}

int64_t outbox_day_start_ms(int64_t now_ms)
{
    int64_t local_ms = now_ms + CLOCK_CHINA_OFFSET_MS;
    return local_ms - local_ms % DAY_MS - CLOCK_CHINA_OFFSET_MS;
}

err outbox_spent_today(struct outbox *outbox, int64_t *ret_fen)
{
    return outbox_spent_since(outbox->config.store, outbox_day_start_ms(outbox_now_ms(outbox)),
                              ret_fen);
}

static err above_ceiling(struct outbox *outbox, const struct outbox_job *job, bool *ret_above)
{
    int64_t spent_fen = 0;
    if (job->channel == CHANNEL_SMS) TRY(outbox_spent_today(outbox, &spent_fen));
    *ret_above =
        job->channel == CHANNEL_SMS && spent_fen + job->cost_fen > outbox->config.daily_ceiling_fen;
    return OK;
}

/* ---- taking ---- */

/* The row, and whether it has all that a row needs; no question about the store yet. */
static err lay_job(const struct outbox *outbox, const struct outbox_message *message,
                   struct outbox_job *job)
{
    *job = (struct outbox_job){.channel = message->channel,
                               .language = message->language,
                               .template = message->template,
                               .not_after_ms = message->not_after_ms};
    TRY(bytes_to_text(bytes_text(message->purpose), job->purpose, sizeof job->purpose));
    if (!json_utf8_valid(bytes_text(job->purpose))) return ERR(FORMAT);
    TRY(lay_contact(message, job));
    TRY(check_message(outbox, message, job));
    const struct template_field_type *secret = template_secret(template_of(message->template));
    return write_fields(message, secret != NULL ? secret->name : NULL, job->fields);
}

static void keep_secret(struct outbox_secret *place, const struct outbox_message *message,
                        const struct outbox_job *job)
{
    const char *name = template_secret(template_of(message->template))->name;
    for (size_t i = 0; i < message->field_count; i++) {
        if (strcmp(message->fields[i].name, name) != 0) continue;
        ENSURE(message->fields[i].value.len <= sizeof place->value);
        memcpy(place->id, job->id, sizeof place->id);
        place->not_after_ms = job->not_after_ms;
        place->len = message->fields[i].value.len;
        memcpy(place->value, message->fields[i].value.at, place->len);
    }
}

/* Everything that may stand against it, in this order; TAKEN when nothing does. */
static err judge(struct outbox *outbox, const struct outbox_message *message,
                 struct outbox_job *job, struct outbox_answer *answer)
{
    bool above = false;
    answer->why = lay_job(outbox, message, job);
    if (FAILED(answer->why)) {
        answer->verdict = OUTBOX_MALFORMED;
        return OK;
    }
    const struct template *template = template_of(message->template);
    TRY(check_limits(outbox, job, template->notice, &answer->wait_ms));
    TRY(above_ceiling(outbox, job, &above));
    bool crowded = template_secret(template) != NULL && outbox_secret_place(outbox) == NULL;
    answer->verdict = job->not_after_ms <= outbox_now_ms(outbox) ? OUTBOX_LATE
                      : answer->wait_ms > 0                      ? OUTBOX_LIMIT
                      : above                                    ? OUTBOX_CEILING
                      : crowded                                  ? OUTBOX_CROWDED
                                                                 : OUTBOX_TAKEN;
    return OK;
}

static const char *verdict_name(enum outbox_verdict verdict)
{
    switch (verdict) {
    case OUTBOX_TAKEN:
        return "";
    case OUTBOX_LIMIT:
        return "limit of the contact";
    case OUTBOX_CEILING:
        return "ceiling of the day";
    case OUTBOX_CROWDED:
        return "too many codes wait";
    case OUTBOX_MALFORMED:
        return "malformed";
    case OUTBOX_LATE:
        return "too late";
    }
    return "";
}

static void make_id(const struct outbox *outbox, char id[OUTBOX_ID_LEN + 1])
{
    uint8_t drawn[OUTBOX_ID_LEN / 2];
    struct writer w = writer_over(id, OUTBOX_ID_LEN);
    random_fill(&outbox->config.random, drawn, sizeof drawn);
    write_hex(&w, BYTES_OF(drawn));
    ENSURE(w.len == OUTBOX_ID_LEN);
    id[w.len] = '\0';
}

err outbox_enqueue(struct outbox *outbox, struct store_tx *tx, const struct outbox_message *message,
                   struct outbox_answer *ret_answer)
{
    struct outbox_job job;
    struct outbox_answer answer = {.verdict = OUTBOX_TAKEN};
    ENSURE(tx->store == outbox->config.store);
    TRY(judge(outbox, message, &job, &answer));
    if (answer.verdict != OUTBOX_TAKEN) {
        TRY(outbox_audit(outbox, tx, "message_refused", &job, verdict_name(answer.verdict)));
        *ret_answer = answer;
        return OK;
    }
    make_id(outbox, job.id);
    const struct template *template = template_of(job.template);
    TRY(outbox_insert(outbox->config.store, &job, template->notice, outbox_now_ms(outbox)));
    /* Last: when the insert fails, or the caller rolls back, a secret without a row is overwritten
     * once its time is over. */
    if (template_secret(template) != NULL) keep_secret(outbox_secret_place(outbox), message, &job);
    memcpy(answer.id, job.id, sizeof answer.id);
    *ret_answer = answer;
    return OK;
}
