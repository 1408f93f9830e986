/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 签退 (S51): refused while a reversal is unfinished (the menu's precondition), asked for once, and
 * true only when the host has confirmed it. A settlement may end with it.
 */
#include "payment/response_code.h"
#include "terminal/core.h"

static void show_ask(struct terminal *t)
{
    screen_begin(t, "sign_out.ask", TEXT_SIGN_OUT_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_SIGN_OUT_ASK);
    SAY(t, SCREEN_NORMAL, TEXT_SIGN_OUT_COUNT, number_text(t->records.batch_approved).text,
        amount_text(t->records.batch_minor).text);
    screen_choice(t, "yes", TEXT_ENTRY_YES_SIGN_OUT, SCREEN_DANGER, "signout", true);
    screen_show(t);
}

static void show_wait(struct terminal *t)
{
    screen_begin(t, "sign_out.wait", TEXT_SIGN_OUT_TITLE);
    screen_wait(t, TEXT_SIGN_OUT_WAIT, t->host.deadline_us);
    screen_show(t);
}

static void show_failed(struct terminal *t)
{
    screen_begin(t, "sign_out.failed", TEXT_SIGN_OUT_TITLE);
    screen_notice(t);
    screen_choice(t, "retry", TEXT_ENTRY_RETRY, SCREEN_PRIMARY, "signout", true);
    screen_show(t);
}

static void show_done(struct terminal *t)
{
    screen_begin(t, "sign_out.done", TEXT_SIGN_OUT_TITLE);
    SAY(t, SCREEN_SUCCESS, TEXT_SIGN_OUT_DONE);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, TERMINAL_RESULT_S);
    screen_show(t);
}

static err conclude(struct terminal *t)
{
    const char *code = t->host.sign_in.response_code;
    if (t->host.outcome != HOST_ANSWERED) {
        NOTICE(t, SCREEN_ERROR, TEXT_SIGN_OUT_FAILED);
        return OK;
    }
    if (strcmp(code, "00") != 0) {
        const struct response_code *row = response_code(code);
        bool zh = t->records.language == LANGUAGE_ZH;
        NOTICE(t, SCREEN_ERROR, TEXT_SIGN_OUT_REFUSED, code, zh ? row->reason_zh : row->reason_en);
        return audit(t, "sign_out_refused", t->facts.tid, code);
    }
    struct records next = t->records;
    next.signed_in = false;
    return records_save(&t->records, &next, t->operator_id, "sign_out", t->facts.tid,
                        padded_text(next.batch, 6).text);
}

static err ask_host(struct terminal *t)
{
    enum vault_status status;
    notice_clear(t);
    TRY(host_send_sign_in(t, HOST_SIGN_OUT, &status));
    if (status != VAULT_OK)
        NOTICE(t, SCREEN_ERROR, TEXT_SALE_VAULT_FAULT, vault_status_text(status));
    return OK;
}

/* One attempt. BACK: given up; otherwise records.signed_in says how it went. */
static err attempt(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    PROCEDURE_CALL(t, p, host_ready);
    if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    TRY(ask_host(t));
    while (t->host.task == HOST_SIGN_OUT) {
        show_wait(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) {
            host_forget(t);
            PROCEDURE_BACK(t, p);
        }
        if (t->event.kind == EVENT_ANSWER) TRY(conclude(t));
    }
    while (t->records.signed_in) {
        show_failed(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "retry")) break;
    }
    PROCEDURE_END(t, p);
}

/*
 * Behind a settlement that is to sign out, too. The terminal takes no payment before the next
 * sign-in anyway, so a host that does not answer is not asked again.
 */
err sign_out_after(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (!host_free(t)) PROCEDURE_BACK(t, p);
    TRY(ask_host(t));
    while (t->host.task == HOST_SIGN_OUT) {
        show_wait(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) host_forget(t);
        if (t->event.kind == EVENT_ANSWER) TRY(conclude(t));
    }
    notice_clear(t);
    PROCEDURE_END(t, p);
}

err sign_out(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        show_ask(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
    } while (!choice_is(t, "yes"));

    while (t->records.signed_in) {
        PROCEDURE_CALL(t, p, attempt);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    }
    notice_clear(t);
    do {
        show_done(t);
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok") && !key_is(t, "cancel"));
    PROCEDURE_END(t, p);
}
