/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 参数下载. The procedure leaves with a notice that says how it ended and shows no last screen of
 * its own: whoever called it does. REFUSED: the parameters are as they were, for a reason that
 * somebody should read.
 */
#include "terminal/download.h"

#include "payment/response_code.h"
#include "terminal/core.h"

enum {
    AGAIN_MAX = 3,       /* beginnings in one run: a host that publishes each second is wrong */
    PAUSE_US = 30000000, /* after a host that did not answer */
};

bool download_due(const struct terminal *t)
{
    const struct download *d = &t->download;
    return d->wanted && !d->barred && now_us(t) >= d->not_before_us && signed_in(t) && host_free(t);
}

const char *download_code(const struct download *d)
{
    static const char *const codes[] = {
        [DOWNLOAD_STATUS] = PAYMENT_CODE_STATUS,
        [DOWNLOAD_PART] = PAYMENT_CODE_PART,
        [DOWNLOAD_END] = PAYMENT_CODE_END,
    };
    ENSURE(d->step < DOWNLOAD_OVER);
    return codes[d->step];
}

static void show_wait(struct terminal *t)
{
    const struct download *d = &t->download;
    screen_begin(t, "download.wait", TEXT_DOWNLOAD_TITLE);
    if (d->step == DOWNLOAD_PART)
        SAY(t, SCREEN_NORMAL, TEXT_DOWNLOAD_PROGRESS, number_text(d->number).text,
            number_text(d->total == 0 ? 0 : (int64_t)d->offset * 100 / d->total).text);
    SAY(t, SCREEN_HINT, TEXT_DOWNLOAD_HINT);
    screen_wait(t, d->step == DOWNLOAD_PART ? TEXT_DOWNLOAD_PARTS : TEXT_DOWNLOAD_ASKING,
                t->host.deadline_us);
    screen_show(t);
}

/* ---- asking ---- */

static err ask_host(struct terminal *t)
{
    struct download *d = &t->download;
    struct payment_download_ask ask = {.number = d->number, .offset = d->offset};
    struct writer w = writer_over(d->ask, sizeof d->ask);
    enum vault_status status;
    if (d->step != DOWNLOAD_PART) ask.number = t->facts.parameters_number;
    memcpy(ask.digest, t->facts.parameters_digest, sizeof ask.digest);
    payment_download_write_ask(&w, download_code(d), &ask);
    d->ask_len = w.len;
    TRY(host_send_sign_in(t, HOST_DOWNLOAD, &status));
    if (status == VAULT_OK) return OK;
    d->step = DOWNLOAD_OVER;
    NOTICE(t, SCREEN_ERROR, TEXT_DOWNLOAD_VAULT, vault_status_text(status));
    return OK;
}

/* ---- what the vault says ---- */

static err loaded(struct terminal *t, uint32_t number)
{
    struct download *d = &t->download;
    struct number_text text = number_text(number);
    (void)secure_status(t); /* number and digest in force, for the host */
    *d = (struct download){.wanted = d->wanted, .step = DOWNLOAD_END, .loaded = true};
    NOTICE(t, SCREEN_SUCCESS, TEXT_DOWNLOAD_DONE, text.text);
    TRY(audit(t, "parameters_loaded", t->facts.tid, text.text));
    return manage_event(t, "parameters_loaded", t->operator_id, text.text);
}

static err refused(struct terminal *t, uint8_t verdict)
{
    static const struct {
        enum text_id text;
        const char *why;
    } row[] = {
        [VAULT_PARAMETERS_BAD_SIGNATURE] = {TEXT_DOWNLOAD_BAD_SIGNATURE, "bad signature"},
        [VAULT_PARAMETERS_OLDER] = {TEXT_DOWNLOAD_OLDER, "older"},
        [VAULT_PARAMETERS_REFUSED] = {TEXT_DOWNLOAD_MALFORMED, "malformed"},
        [VAULT_PARAMETERS_OTHER_MODEL] = {TEXT_DOWNLOAD_OTHER_MODEL, "another model's"},
    };
    struct download *d = &t->download;
    struct number_text text = number_text(d->number);
    if (verdict >= ARRAY_LEN(row) || row[verdict].why == NULL) verdict = VAULT_PARAMETERS_REFUSED;
    *d = (struct download){.wanted = d->wanted, .barred = true, .step = DOWNLOAD_OVER};
    NOTICE(t, SCREEN_ERROR, row[verdict].text, text.text);
    TRY(audit(t, "parameters_refused", text.text, row[verdict].why));
    return manage_event(t, "parameters_refused", t->operator_id, row[verdict].why);
}

/* From the first byte; over after a few times. */
static void again(struct terminal *t, enum text_id why)
{
    struct download *d = &t->download;
    d->number = d->total = d->offset = 0;
    d->step = ++d->again < AGAIN_MAX ? DOWNLOAD_STATUS : DOWNLOAD_OVER;
    if (d->step == DOWNLOAD_STATUS) return;
    d->barred = true;
    NOTICE(t, SCREEN_ERROR, why);
}

/* ---- what the host says ---- */

static void take_status(struct terminal *t, const struct payment_download_answer *answer)
{
    struct download *d = &t->download;
    if (!answer->there) {
        /* It reminds us until it knows what we have. */
        d->step = t->facts.parameters_number == 0 ? DOWNLOAD_OVER : DOWNLOAD_END;
        d->number = 0;
        if (d->loaded) return;
        NOTICE(t, SCREEN_SUCCESS,
               t->facts.parameters_number == 0 ? TEXT_DOWNLOAD_NONE : TEXT_DOWNLOAD_NEWEST,
               number_text(t->facts.parameters_number).text);
        return;
    }
    bool goes_on = d->number == answer->number && d->total == answer->len;
    d->step = DOWNLOAD_PART;
    if (goes_on) return;
    d->number = answer->number;
    d->total = answer->len;
    d->offset = 0;
}

static err take_part(struct terminal *t, const struct payment_download_answer *answer)
{
    struct download *d = &t->download;
    struct vault_parameters_loaded said = {0};
    if (!answer->there) {
        again(t, TEXT_DOWNLOAD_CHANGED);
        return OK;
    }
    bool fits = answer->part.len <= d->total - d->offset &&
                answer->last == (answer->part.len == d->total - d->offset);
    if (!fits) {
        again(t, TEXT_DOWNLOAD_BAD_ANSWER);
        return OK;
    }
    const struct vault_parameters_part part = {d->total, d->offset, answer->part};
    enum vault_status status = secure_parameters_load(t, &part, &said);
    /* A vault that has started anew has lost the parts before; one that wants no first part finds
     * the whole too long. */
    if (status == VAULT_BAD_REQUEST && d->offset == 0) return refused(t, VAULT_PARAMETERS_REFUSED);
    if (status == VAULT_BAD_REQUEST) {
        again(t, TEXT_DOWNLOAD_BAD_ANSWER);
        return OK;
    }
    if (status != VAULT_OK) {
        d->step = DOWNLOAD_OVER;
        NOTICE(t, SCREEN_ERROR, TEXT_DOWNLOAD_VAULT, vault_status_text(status));
        return OK;
    }
    d->offset += (uint32_t)answer->part.len;
    if (said.verdict == VAULT_PARAMETERS_MORE) return OK;
    return said.verdict == VAULT_PARAMETERS_OK ? loaded(t, said.number) : refused(t, said.verdict);
}

static err take_refusal(struct terminal *t, const char *answered)
{
    const struct response_code *code = response_code(answered);
    bool zh = t->records.language == LANGUAGE_ZH;
    t->download.step = DOWNLOAD_OVER;
    t->download.barred = true;
    NOTICE(t, SCREEN_ERROR, TEXT_DOWNLOAD_REFUSED, answered,
           zh ? code->reason_zh : code->reason_en);
    if (strcmp(answered, "77") == 0) return host_keys_useless(t, answered);
    return OK;
}

/* The question is answered, or never will be. */
static err conclude(struct terminal *t)
{
    struct download *d = &t->download;
    const struct payment_sign_in *in = &t->host.sign_in;
    struct payment_download_answer answer;
    if (d->step == DOWNLOAD_END) { /* if it did not hear us it will ask again */
        d->step = DOWNLOAD_OVER;
        d->wanted = false;
        return OK;
    }
    if (t->host.outcome != HOST_ANSWERED) {
        d->step = DOWNLOAD_OVER;
        d->not_before_us = now_us(t) + PAUSE_US;
        NOTICE(t, SCREEN_ERROR, TEXT_DOWNLOAD_NO_ANSWER);
        return OK;
    }
    if (strcmp(in->response_code, "00") != 0) return take_refusal(t, in->response_code);
    if (FAILED(payment_download_read_answer(download_code(d), in->delivery, &answer))) {
        again(t, TEXT_DOWNLOAD_BAD_ANSWER);
        return OK;
    }
    if (d->step == DOWNLOAD_PART) return take_part(t, &answer);
    take_status(t, &answer);
    return OK;
}

/* ---- the procedures ---- */

static bool failed(const struct terminal *t)
{
    return t->notice.set && t->notice.style == SCREEN_ERROR;
}

err download(struct terminal *t, struct procedure *p)
{
    struct download *d = &t->download;

    PROCEDURE_BEGIN(p);
    notice_clear(t);
    d->step = DOWNLOAD_STATUS;
    d->again = 0;
    d->loaded = false;
    while (d->step != DOWNLOAD_OVER) {
        PROCEDURE_CALL(t, p, host_ready);
        if (t->outcome == OUTCOME_BACK) {
            d->barred = true;
            PROCEDURE_BACK(t, p);
        }
        TRY(ask_host(t));
        while (t->host.task == HOST_DOWNLOAD) {
            show_wait(t);
            PROCEDURE_AWAIT(t, p);
            if (key_is(t, "cancel")) {
                host_forget(t);
                d->barred = true;
                PROCEDURE_BACK(t, p);
            }
            if (t->event.kind == EVENT_ANSWER) TRY(conclude(t));
        }
    }
    if (failed(t)) PROCEDURE_LEAVE(t, p, OUTCOME_REFUSED);
    PROCEDURE_END(t, p);
}

static void show_refused(struct terminal *t)
{
    screen_begin(t, "download.refused", TEXT_DOWNLOAD_TITLE);
    screen_notice(t);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, TERMINAL_RESULT_S);
    screen_show(t);
}

err download_by_itself(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    PROCEDURE_CALL(t, p, download);
    if (t->outcome == OUTCOME_REFUSED) {
        do {
            show_refused(t);
            PROCEDURE_AWAIT(t, p);
        } while (!key_is(t, "ok") && !key_is(t, "cancel"));
    }
    notice_clear(t);
    PROCEDURE_END(t, p);
}

static void show_menu(struct terminal *t)
{
    uint32_t number = t->facts.parameters_number;
    screen_begin(t, "download.menu", TEXT_DOWNLOAD_TITLE);
    screen_notice(t);
    if (number == 0) SAY(t, SCREEN_NORMAL, TEXT_DOWNLOAD_NOTHING);
    else SAY(t, SCREEN_NORMAL, TEXT_DOWNLOAD_IN_FORCE, number_text(number).text);
    SAY(t, SCREEN_HINT, TEXT_DOWNLOAD_ABOUT);
    screen_choice(t, "fetch", TEXT_ENTRY_FETCH, SCREEN_PRIMARY, "settings", true);
    screen_show(t);
}

err download_by_hand(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    notice_clear(t);
    for (;;) {
        show_menu(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "fetch")) PROCEDURE_CALL(t, p, download);
    }
    PROCEDURE_END(t, p);
}
