/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 恢复后补取: page by page from the host, behind the sign-in that a restored terminal needs anyway.
 * A page is believed when its MAC is right and it begins where it was asked to; what it tells is
 * committed together with the place behind it. So a power cut, a lost answer and a page that comes
 * twice change nothing: the terminal asks again from where its store says.
 *
 * What the host never had went with the old device: cash, and what cards had approved and nobody
 * had told. Nothing can bring that back, so the last screen says it, and for which time.
 */
#include "terminal/catch_up.h"

#include "payment/response_code.h"
#include "terminal/core.h"

enum { LATER_US = 3000000 /* the host waits for its network, as for any payment */ };

bool catch_up_due(const struct terminal *t)
{
    return t->catch_up.stage == CATCH_UP_DUE;
}

bool catch_up_news(const struct terminal *t)
{
    return t->catch_up.stage == CATCH_UP_OVER;
}

void catch_up_say(struct terminal *t)
{
    if (catch_up_due(t)) SAY(t, SCREEN_WARNING, TEXT_MAIN_CATCH_UP);
}

/* ---- screens ---- */

static struct number_text until(const struct terminal *t)
{
    return time_text(t->catch_up.until_ms + CLOCK_CHINA_OFFSET_MS);
}

static void show_wait(struct terminal *t, int64_t until_us)
{
    screen_begin(t, "catch_up.wait", TEXT_CATCH_UP_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_CATCH_UP_GOT, number_text(t->catch_up.payments).text);
    SAY(t, SCREEN_HINT, TEXT_CATCH_UP_HINT);
    screen_wait(t, TEXT_CATCH_UP_WAIT, until_us);
    screen_show(t);
}

static void show_failed(struct terminal *t)
{
    screen_begin(t, "catch_up.failed", TEXT_CATCH_UP_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_HINT, TEXT_CATCH_UP_HINT);
    screen_choice(t, "retry", TEXT_ENTRY_RETRY, SCREEN_PRIMARY, "fresh", true);
    screen_show(t);
}

static void show_done(struct terminal *t)
{
    const struct catch_up *c = &t->catch_up;
    screen_begin(t, "catch_up.done", TEXT_CATCH_UP_TITLE);
    SAY(t, SCREEN_SUCCESS, TEXT_CATCH_UP_DONE, number_text(c->payments).text,
        number_text(c->batches).text);
    SAY(t, SCREEN_WARNING, TEXT_CATCH_UP_LOST, until(t).text);
    if (c->aside > 0) SAY(t, SCREEN_WARNING, TEXT_CATCH_UP_ASIDE, number_text(c->aside).text);
    if (t->order.state != ORDER_NONE) SAY(t, SCREEN_WARNING, TEXT_CATCH_UP_ORDER);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, 0);
    screen_show(t);
}

/* ---- asking ---- */

static void refuse(struct terminal *t, enum text_id text, const char *value)
{
    t->catch_up.failed = true;
    NOTICE(t, SCREEN_ERROR, text, value);
}

static err send(struct terminal *t, struct bytes field)
{
    struct arena arena = arena_over(t->arena, sizeof t->arena);
    struct iso8583_message message;
    struct bytes frame;
    struct payment_catch_up m = {
        .stan = records_next_stan(&t->records), .batch = t->records.batch, .field = field};
    memcpy(m.tid, t->facts.tid, sizeof m.tid);
    memcpy(m.mid, t->facts.mid, sizeof m.mid);
    err built = payment_catch_up_request(&m, &arena, &message);
    enum vault_status status = FAILED(built) ? VAULT_BAD_REQUEST : host_encode(t, &message, &frame);
    if (status != VAULT_OK) {
        refuse(t, TEXT_SALE_VAULT_FAULT, vault_status_text(status));
        return OK;
    }
    struct records next = t->records;
    next.stan = m.stan;
    next.batch_used++;
    TRY(records_save(&t->records, &next, "", NULL, "", ""));
    host_request(t, HOST_CATCH_UP, 0x0310, m.stan, frame);
    return OK;
}

static err ask_host(struct terminal *t)
{
    const struct catch_up *c = &t->catch_up;
    uint8_t block[64];
    struct writer w = writer_over(block, sizeof block);
    struct payment_catch_up_ask ask = {
        .at = c->at, .until_ms = c->until_ms, .payments = c->payments, .batches = c->batches};
    if (c->at.step == CATCH_UP_BEGIN) memcpy(ask.rrn, c->rrn, sizeof ask.rrn);
    payment_catch_up_write_ask(&w, &ask);
    ENSURE(w.fault == ERR_OK);
    t->catch_up.failed = false;
    notice_clear(t);
    return send(t, writer_view(&w));
}

/* ---- what the answer means ---- */

/* It has told everything, and knows that we have it. */
static err finish(struct terminal *t, uint32_t last_stan)
{
    char detail[NOTES_DETAIL_MAX];
    struct writer w = writer_over(detail, sizeof detail - 1);
    TRY(catch_up_end(&t->records, &t->catch_up, last_stan, t->operator_id));
    TRY(settle_load(t));
    write_format(&w, "%s, %u, %u", until(t).text, t->catch_up.payments, t->catch_up.batches);
    detail[w.len] = '\0';
    log_event(t->config.log, LOG_INFO, "caught_up", LOG_INT("payments", t->catch_up.payments),
              LOG_INT("batches", t->catch_up.batches));
    TRY(manage_event(t, "caught_up", t->operator_id, detail));
    t->reverse.next_us = t->advice.next_us = 0; /* what had no answer is taken back now */
    TRY(reverse_drive(t));
    return advice_drive(t);
}

static bool same_place(const struct payment_catch_up_place *a,
                       const struct payment_catch_up_place *b)
{
    return a->step == b->step && a->floor == b->floor && a->after == b->after;
}

/* It answers the question, and leads onwards. */
static bool follows(const struct terminal *t, const struct payment_catch_up_page *page)
{
    const struct payment_catch_up_place *at = &t->catch_up.at, *next = &page->next;
    bool records = at->step == CATCH_UP_PAYMENTS || at->step == CATCH_UP_CLOSINGS;
    return same_place(at, &page->at) && next->step >= at->step && next->step <= at->step + 1 &&
           (next->step > at->step || next->after >= at->after) && (records || page->count == 0) &&
           (at->step == CATCH_UP_BEGIN || next->floor == at->floor);
}

static err take_page(struct terminal *t, bool *ret_later)
{
    struct payment_catch_up_page page;
    err read = payment_catch_up_read_page(t->host.catch_up.field, &page);
    if (FAILED(read) || !follows(t, &page)) {
        refuse(t, TEXT_CATCH_UP_BAD_ANSWER, "");
        return audit(t, "catch_up_refused", t->facts.tid, "no page that was asked for");
    }
    if (page.at.step == CATCH_UP_END) return finish(t, page.last_stan);
    *ret_later = same_place(&page.at, &page.next);
    err taken = catch_up_take(&t->records, &t->catch_up, t->facts.tid, &page);
    if (taken.code != ERR_FORMAT && taken.code != ERR_RANGE && taken.code != ERR_LENGTH &&
        taken.code != ERR_SHORT && taken.code != ERR_TRAILING)
        return taken;
    refuse(t, TEXT_CATCH_UP_BAD_ANSWER, "");
    return audit(t, "catch_up_refused", t->facts.tid, "records that are none");
}

static err conclude(struct terminal *t, bool *ret_later)
{
    const struct payment_catch_up *said = &t->host.catch_up;
    const struct response_code *code = response_code(said->response_code);
    if (t->host.outcome != HOST_ANSWERED) {
        refuse(t,
               t->host.outcome == HOST_BAD_MAC ? TEXT_CATCH_UP_BAD_ANSWER : TEXT_CATCH_UP_NO_ANSWER,
               "");
        return OK;
    }
    if (strcmp(said->response_code, "00") != 0) {
        refuse(t, TEXT_CATCH_UP_REFUSED,
               t->records.language == LANGUAGE_ZH ? code->reason_zh : code->reason_en);
        return OK;
    }
    if (said->batch == t->records.batch) return take_page(t, ret_later);
    refuse(t, TEXT_NEED_SIGN_IN, "");
    return host_keys_useless(t, "77"); /* somebody has signed in meanwhile */
}

/* ---- the procedure ---- */

/* One page. BACK: given up. */
static err fetch(struct terminal *t, struct procedure *p)
{
    bool later = false;

    PROCEDURE_BEGIN(p);
    TRY(ask_host(t));
    while (t->host.task == HOST_CATCH_UP) {
        show_wait(t, t->host.deadline_us);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) {
            host_forget(t);
            PROCEDURE_BACK(t, p);
        }
        if (t->event.kind == EVENT_ANSWER) TRY(conclude(t, &later));
    }
    p->local[0] = later ? now_us(t) + LATER_US : 0;
    while (p->local[0] > now_us(t)) {
        show_wait(t, p->local[0]);
        screen_until(t, p->local[0]);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
    }
    PROCEDURE_END(t, p);
}

/* DONE: once more. */
static err failed(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        show_failed(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
    } while (!choice_is(t, "retry"));
    PROCEDURE_END(t, p);
}

static err tell(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    while (catch_up_news(t)) {
        show_done(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "ok") || key_is(t, "cancel")) TRY(catch_up_known(&t->records, &t->catch_up));
    }
    PROCEDURE_END(t, p);
}

err catch_up(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    notice_clear(t);
    while (catch_up_due(t)) {
        PROCEDURE_CALL(t, p, host_ready);
        bool keys = t->records.signed_in && t->facts.working_keys;
        if (t->outcome == OUTCOME_BACK || !keys) PROCEDURE_BACK(t, p);
        PROCEDURE_CALL(t, p, fetch);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        if (!t->catch_up.failed) continue;
        PROCEDURE_CALL(t, p, failed);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    }
    PROCEDURE_CALL(t, p, tell);
    PROCEDURE_END(t, p);
}
