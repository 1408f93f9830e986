/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an applicant is sent: news of each state that he has to know of, and codes. To the telephone
 * that was verified; a code also to the one that is to be.
 */
#include "backoffice/applications/codes.h"

#include <stdio.h>

#include "backoffice/applications/application_internal.h"

enum { NEWS_MS = 24 * 3600 * 1000, CODE_DIGITS = 6 };

static err send(const struct applications *as, struct store_tx *tx, const struct application *a,
                enum template_number template, const struct template_field *fields, size_t count,
                int64_t lasts_ms, enum outbox_verdict *ret)
{
    struct apply_form form;
    struct outbox_answer answer;
    char purpose[OUTBOX_PURPOSE_MAX + 1];
    TRY(application_form(tx->store, a->id, &form));
    snprintf(purpose, sizeof purpose, "application %s", a->number);
    const struct outbox_message message = {
        .channel = CHANNEL_SMS,
        .contact = form.text[APPLY_PHONE],
        .template = template,
        .language = a->english ? LANGUAGE_EN : LANGUAGE_ZH,
        .fields = fields,
        .field_count = count,
        .purpose = purpose,
        .not_after_ms = clock_now_ms(&as->clock) + lasts_ms,
    };
    TRY(outbox_enqueue(as->outbox, tx, &message, &answer));
    *ret = answer.verdict;
    return OK;
}

err application_tell(const struct applications *as, struct store_tx *tx,
                     const struct application *a)
{
    enum outbox_verdict verdict;
    const struct template_field fields[] = {
        {"number", bytes_text(a->number)},
        {"state", bytes_text(application_state_text(a->state, a->english))},
        {"next", bytes_text(application_state_next(a->state, a->english))}};
    if (as->outbox == NULL || a->phone_ms == 0) return OK;
    return send(as, tx, a, TEMPLATE_APPLICATION_NEWS, fields, ARRAY_LEN(fields), NEWS_MS, &verdict);
}

/* ---- codes ---- */

err application_code_hash(const struct applications *as, int64_t id, enum code_purpose purpose,
                          struct bytes code, uint8_t ret_hash[TOKEN_HASH_BYTES])
{
    uint8_t digest[PASSWORD_DIGEST_BYTES];
    char whose[64];
    snprintf(whose, sizeof whose, "application.%lld.code.%d", (long long)id, (int)purpose);
    token_digest("code of application", code, digest);
    return as->keyed.make(as->keyed.context, bytes_text(whose), digest, ret_hash);
}

err application_code_make(const struct applications *as, int64_t id, enum code_purpose purpose,
                          struct application_code *ret)
{
    struct application_code code = {.purpose = purpose};
    snprintf(code.digits, sizeof code.digits, "%06u", random_below(&as->random, 1000000));
    TRY(application_code_hash(as, id, purpose, bytes_text(code.digits), code.hash));
    *ret = code;
    return OK;
}

err application_code_send(const struct applications *as, struct store_tx *tx,
                          const struct application *a, const struct application_code *code,
                          enum application_verdict *ret)
{
    static const enum template_number templates[CODE_PURPOSES] = {
        [CODE_PHONE] = TEMPLATE_APPLICATION_CODE,
        [CODE_SIGN] = TEMPLATE_APPLICATION_SIGN,
        [CODE_RETURN] = TEMPLATE_APPLICATION_CODE};
    enum outbox_verdict verdict = 0;
    struct store_statement *insert;
    struct apply_form form;
    char minutes[8];
    snprintf(minutes, sizeof minutes, "%d", APPLICATION_CODE_MINUTES);
    const struct template_field fields[] = {{"number", bytes_text(a->number)},
                                            {"minutes", bytes_text(minutes)},
                                            {"code", bytes_text(code->digits)}};
    TRY(application_form(tx->store, a->id, &form));
    *ret = form.text[APPLY_PHONE][0] == '\0' ? APPLY_VERDICT_LACKS : APPLY_VERDICT_TOO_OFTEN;
    if (*ret == APPLY_VERDICT_LACKS || as->outbox == NULL) return OK;
    int64_t lasts_ms = APPLICATION_CODE_MINUTES * INT64_C(60000);
    TRY(send(as, tx, a, templates[code->purpose], fields, ARRAY_LEN(fields), lasts_ms, &verdict));
    if (verdict != OUTBOX_TAKEN) return OK;
    TRY(store_statement(tx->store,
                        "INSERT INTO application_code VALUES(?, ?, ?, 0, ?) ON CONFLICT DO UPDATE"
                        " SET hash = excluded.hash, tries = 0, ends_ms = excluded.ends_ms",
                        &insert));
    store_bind_int(insert, a->id);
    store_bind_int(insert, (int64_t)code->purpose);
    store_bind_blob(insert, BYTES_OF(code->hash));
    store_bind_int(insert, clock_now_ms(&as->clock) + lasts_ms);
    TRY(store_run(insert));
    *ret = APPLY_VERDICT_OK;
    return OK;
}

static err use_up(struct store_tx *tx, int64_t id, enum code_purpose purpose, bool right)
{
    struct store_statement *update;
    TRY(store_statement(tx->store,
                        "UPDATE application_code SET tries = tries + 1, ends_ms = iif(?, 0,"
                        " ends_ms) WHERE application = ? AND purpose = ?",
                        &update));
    store_bind_int(update, right);
    store_bind_int(update, id);
    store_bind_int(update, (int64_t)purpose);
    return store_run(update);
}

err application_code_take(const struct applications *as, struct store_tx *tx, int64_t id,
                          enum code_purpose purpose, const uint8_t said[TOKEN_HASH_BYTES],
                          enum application_verdict *ret)
{
    struct store_statement *query;
    uint8_t hash[TOKEN_HASH_BYTES] = {0};
    int64_t tries = APPLICATION_CODE_TRIES, ends_ms = 0;
    bool row = false;
    TRY(store_statement(tx->store,
                        "SELECT hash, tries, ends_ms FROM application_code WHERE application = ?"
                        " AND purpose = ?",
                        &query));
    store_bind_int(query, id);
    store_bind_int(query, (int64_t)purpose);
    TRY(store_step(query, &row));
    if (row) {
        store_read_blob_into(query, hash, sizeof hash);
        tries = store_read_int(query);
        ends_ms = store_read_int(query);
        err read = store_read_finish(query);
        store_reset(query);
        TRY(read);
    }
    *ret = APPLY_VERDICT_CODE_ENDED;
    if (tries >= APPLICATION_CODE_TRIES || clock_now_ms(&as->clock) >= ends_ms) return OK;
    bool right = token_same(hash, said);
    *ret = right ? APPLY_VERDICT_OK : APPLY_VERDICT_CODE;
    return use_up(tx, id, purpose, right);
}
