/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 签到: asks the host for working keys, hands them to the vault, which compares their check values,
 * and adopts the host's batch number and clock (S50). From the moment the request leaves until all
 * of that is done the terminal is not signed in.
 */
#include "payment/response_code.h"
#include "terminal/core.h"

static void show_wait(struct terminal *t)
{
    screen_begin(t, "sign_in.wait", TEXT_SIGN_IN_TITLE);
    screen_wait(t, TEXT_SIGN_IN_WAIT, t->host.deadline_us);
    screen_show(t);
}

static void show_done(struct terminal *t)
{
    screen_begin(t, "sign_in.done", TEXT_SIGN_IN_TITLE);
    SAY(t, SCREEN_SUCCESS, TEXT_SIGN_IN_DONE);
    screen_notice(t); /* how the download went that the host asked for */
    SAY(t, SCREEN_NORMAL, TEXT_SIGN_IN_BATCH, padded_text(t->records.batch, 6).text);
    SAY(t, SCREEN_NORMAL, TEXT_SIGN_IN_CLOCK, time_text(now_local_ms(t)).text);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, TERMINAL_RESULT_S);
    screen_show(t);
}

static void show_failed(struct terminal *t)
{
    screen_begin(t, "sign_in.failed", TEXT_SIGN_IN_TITLE);
    screen_notice(t);
    screen_choice(t, "retry", TEXT_ENTRY_RETRY, SCREEN_PRIMARY, "signin", true);
    screen_show(t);
}

/* The host's local time as UTC, or ours when the answer does not tell. */
static int64_t host_clock_ms(const struct terminal *t, const struct payment_sign_in *in)
{
    int64_t own = clock_now_ms(&t->config.clock);
    struct civil at = civil_from_ms(own + CLOCK_CHINA_OFFSET_MS);
    struct reader year = reader_over(bytes_text(in->local_year));
    if (in->local_year[0] != '\0') at.year = (int)read_digits(&year, 4);
    bool told = host_clock_read(in->local_date, in->local_time, &at);
    if (!told || FAILED(reader_finish(&year)) || at.year < 2000)
        return own + t->records.clock_offset_ms;
    return civil_to_ms(at) - CLOCK_CHINA_OFFSET_MS;
}

/* Keys first: a batch without keys is of no use. */
static err adopt(struct terminal *t, const struct payment_sign_in *in, bool *ret_done)
{
    struct records next = t->records;
    enum vault_status status = secure_keys_load(t, in->delivery);
    (void)secure_status(t);
    if (status != VAULT_OK || !t->facts.working_keys || in->batch == 0) {
        NOTICE(t, SCREEN_ERROR,
               status == VAULT_OK && in->batch == 0 ? TEXT_SIGN_IN_BAD_ANSWER
                                                    : TEXT_SIGN_IN_BAD_KEYS);
        return audit(t, "sign_in_failed", t->facts.tid, vault_status_text(status));
    }
    next.signed_in = true;
    next.clock_offset_ms = host_clock_ms(t, in) - clock_now_ms(&t->config.clock);
    if (next.batch != in->batch) next.batch_used = 0;
    next.batch = in->batch;
    next.seen_ms = next.signed_in_ms = clock_now_ms(&t->config.clock) + next.clock_offset_ms;
    TRY(records_save(&t->records, &next, t->operator_id, "sign_in", t->facts.tid,
                     padded_text(in->batch, 6).text));
    TRY(settle_load(t)); /* another batch may have begun than the one that is not settled */
    t->host.bad_macs = 0;
    t->download.barred = false;
    t->download.not_before_us = 0;
    t->reverse.next_us = t->advice.next_us = 0; /* what had to wait for keys can go now */
    advice_again(t);
    t->refresh = true;
    *ret_done = true;
    return OK;
}

/* What the answer, or its absence, means. */
static err conclude(struct terminal *t, bool *ret_done)
{
    const struct payment_sign_in *in = &t->host.sign_in;
    if (t->host.outcome != HOST_ANSWERED) {
        NOTICE(t, SCREEN_ERROR, TEXT_SIGN_IN_NO_ANSWER);
        return OK;
    }
    if (strcmp(in->response_code, "00") == 0) return adopt(t, in, ret_done);
    const struct response_code *code = response_code(in->response_code);
    bool zh = t->records.language == LANGUAGE_ZH;
    NOTICE(t, SCREEN_ERROR, TEXT_SIGN_IN_REFUSED, in->response_code,
           zh ? code->reason_zh : code->reason_en);
    return audit(t, "sign_in_refused", t->facts.tid, in->response_code);
}

/* Sends; false with a notice when the vault or the message cannot be had. */
static err ask_host(struct terminal *t, bool *ret_sent)
{
    enum vault_status status;
    notice_clear(t);
    TRY(host_send_sign_in(t, HOST_SIGN_IN, &status));
    if (status != VAULT_OK)
        NOTICE(t, SCREEN_ERROR, TEXT_SALE_VAULT_FAULT, vault_status_text(status));
    *ret_sent = status == VAULT_OK;
    return OK;
}

/* What the host has for it. BACK: without that nothing can be paid. */
static err fetch(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (catch_up_due(t)) PROCEDURE_CALL(t, p, catch_up);
    if (catch_up_due(t)) PROCEDURE_BACK(t, p);
    if (download_due(t)) PROCEDURE_CALL(t, p, download);
    PROCEDURE_END(t, p);
}

err sign_in(struct terminal *t, struct procedure *p)
{
    bool sent = false, done = false;

    PROCEDURE_BEGIN(p);
    for (;;) {
        PROCEDURE_CALL(t, p, host_ready);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        TRY(ask_host(t, &sent));
        while (t->host.task == HOST_SIGN_IN) {
            show_wait(t);
            PROCEDURE_AWAIT(t, p);
            if (key_is(t, "cancel")) {
                host_forget(t);
                PROCEDURE_BACK(t, p);
            }
            if (t->event.kind == EVENT_ANSWER) TRY(conclude(t, &done));
        }
        if (done) break;
        do {
            show_failed(t);
            PROCEDURE_AWAIT(t, p);
            if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        } while (!choice_is(t, "retry"));
    }
    notice_clear(t);
    TRY(reverse_drive(t));
    TRY(advice_drive(t));
    PROCEDURE_CALL(t, p, fetch);
    if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    do {
        show_done(t);
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok") && !key_is(t, "cancel"));
    PROCEDURE_END(t, p);
}
