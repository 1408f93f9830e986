/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 结算 (S104): says what the batch adds up to (0500); when the host has the same, the batch is
 * over; when it has not, uploads every payment (0320), and then it is over. What has been begun is
 * in the store: cancelled, without an answer, or after a power cut it goes on where it was, and
 * nothing is paid before it is finished. Every step may be repeated, at both ends.
 *
 * A batch that the host has left for another one, because a sign-in came late, is settled like one
 * that was begun. At a set time, or when the batch is full, it begins by itself (S105), also while
 * the screen is locked; then it asks nobody and, when it fails, tries again later.
 */
#include "payment/response_code.h"
#include "terminal/core.h"

enum { PAUSE_US = 300 * 1000000, RESTARTS = 3, DAY_MS = 86400000 };

/* ---- screens ---- */

static void say_totals(struct terminal *t, const struct payment_totals *totals)
{
    const struct payment_sum *debit = &totals->side[PAYMENT_SIDE_DEBIT];
    const struct payment_sum *credit = &totals->side[PAYMENT_SIDE_CREDIT];
    SAY(t, SCREEN_BIG, TEXT_SETTLE_DEBIT, number_text(debit->count).text,
        amount_text(debit->minor).text);
    SAY(t, SCREEN_BIG, TEXT_SETTLE_CREDIT, number_text(credit->count).text,
        amount_text(credit->minor).text);
}

static err show_ask(struct terminal *t)
{
    struct payment_totals totals;
    TRY(settlements_totals(&t->records, t->records.batch, &totals));
    screen_begin(t, "settle.ask", TEXT_SETTLE_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_SETTLE_BATCH, padded_text(t->records.batch, 6).text);
    say_totals(t, &totals);
    SAY(t, SCREEN_HINT, TEXT_SETTLE_ASK);
    screen_choice(t, "yes", TEXT_ENTRY_YES_SETTLE, SCREEN_PRIMARY, "check", true);
    screen_show(t);
    return OK;
}

static void show_wait(struct terminal *t)
{
    const struct settlement *s = &t->settle.now;
    bool uploading = s->stage == SETTLEMENT_UPLOADING;
    const struct payment_sum *side = s->totals.side;
    screen_begin(t, "settle.wait", TEXT_SETTLE_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_SETTLE_BATCH, padded_text(s->batch, 6).text);
    if (uploading)
        SAY(t, SCREEN_NORMAL, TEXT_SETTLE_PROGRESS, number_text(s->uploaded).text,
            number_text(side[PAYMENT_SIDE_DEBIT].count + side[PAYMENT_SIDE_CREDIT].count).text);
    SAY(t, SCREEN_HINT, TEXT_SETTLE_LEAVE);
    screen_wait(t, uploading ? TEXT_SETTLE_UPLOADING : TEXT_SETTLE_WAIT, t->host.deadline_us);
    screen_show(t);
}

static void show_failed(struct terminal *t)
{
    screen_begin(t, "settle.failed", TEXT_SETTLE_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_HINT, TEXT_SETTLE_LEAVE);
    screen_choice(t, "retry", TEXT_ENTRY_RETRY, SCREEN_PRIMARY, "fresh", true);
    screen_show(t);
}

static enum text_id result_text(enum payment_settle_flag flag)
{
    if (flag == PAYMENT_SETTLE_EQUAL) return TEXT_SETTLE_DONE;
    return flag == PAYMENT_SETTLE_DIFFERENT ? TEXT_SETTLE_DIFFERENT : TEXT_SETTLE_UNKNOWN;
}

static void show_done(struct terminal *t)
{
    const struct settlement *s = &t->settle.now;
    bool equal = s->flag == PAYMENT_SETTLE_EQUAL;
    screen_begin(t, "settle.done", TEXT_SETTLE_TITLE);
    SAY(t, equal ? SCREEN_SUCCESS : SCREEN_WARNING, result_text(s->flag));
    screen_notice(t);
    SAY(t, SCREEN_NORMAL, TEXT_SETTLE_NEXT);
    t->screen.receipt = &t->sheet;
    t->screen.receipt_number = 0; /* of no payment */
    screen_choice(t, "detail", TEXT_ENTRY_SETTLE_DETAIL, SCREEN_PLAIN, "print",
                  t->devices.paper != SCREEN_PAPER_OUT);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, TERMINAL_RESULT_S);
    screen_show(t);
}

/* ---- paper ---- */

static struct receipt_settlement slip_of(const struct terminal *t, const struct settlement *s)
{
    return (struct receipt_settlement){
        .merchant_name = shop_name_at(t, s->closed_ms),
        .mid = t->facts.mid,
        .tid = t->facts.tid,
        .operator_id = s->operator_id,
        .batch = s->batch,
        .local_ms = s->closed_ms + CLOCK_CHINA_OFFSET_MS,
        .flag = s->flag,
        .totals = s->totals,
        .columns = t->config.paper_columns,
    };
}

/* The settlement slip (结算总计单) into t->sheet. */
static err make_slip(struct terminal *t, const struct settlement *s, bool reprint)
{
    struct receipt_settlement slip = slip_of(t, s);
    slip.reprint = reprint;
    TRY(settlements_kinds(&t->records, s->batch, slip.kind, ARRAY_LEN(slip.kind), &slip.kinds));
    err e = receipt_settlement(&slip, &t->sheet);
    if (!FAILED(e)) return OK;
    log_event(t->config.log, LOG_ERROR, "settlement_slip_not_made", LOG_ERR(e));
    t->sheet.count = 0;
    return OK;
}

/* 结算明细单: every payment that counts, on as many sheets as they need. */
static err print_details(struct terminal *t, const struct settlement *s)
{
    struct settlement_row rows[RECEIPT_DETAILS];
    const struct payment *payments[RECEIPT_DETAILS];
    struct receipt_settlement slip = slip_of(t, s);
    int64_t above = 0;
    size_t count = 0;
    do {
        TRY(settlements_rows(&t->records, s->batch, above, rows, ARRAY_LEN(rows), &count));
        for (size_t i = 0; i < count; i++) payments[i] = &rows[i].payment;
        if (count > 0) above = rows[count - 1].number;
        err e = receipt_details(&slip, payments, count, &t->sheet);
        if (FAILED(e)) log_event(t->config.log, LOG_ERROR, "details_not_made", LOG_ERR(e));
        else queue_sheet(t, false);
    } while (count == ARRAY_LEN(rows));
    NOTICE(t, SCREEN_SUCCESS, TEXT_SETTLE_PRINTED);
    return make_slip(t, s, false);
}

/* ---- asking ---- */

/* The rows of the next 0320, or that there are no more. */
static err next_rows(struct terminal *t, struct payment_settlement *m)
{
    struct settle *settle = &t->settle;
    struct settlement_row rows[PAYMENT_UPLOAD_ROWS];
    size_t count = 0;
    TRY(settlements_rows(&t->records, settle->now.batch, settle->now.uploaded_to, rows,
                         ARRAY_LEN(rows), &count));
    for (size_t i = 0; i < count; i++) {
        const struct payment *p = &rows[i].payment;
        m->row[i] = (struct payment_upload_row){p->type, p->key.stan, "", p->amount_minor};
        payment_shown_digits(p->pan_masked, m->row[i].shown);
    }
    m->end = count == 0;
    m->rows = m->end ? settle->now.uploaded : (uint32_t)count;
    settle->sent_end = m->end;
    settle->sent_rows = (uint32_t)count;
    settle->sent_to = m->end ? settle->now.uploaded_to : rows[count - 1].number;
    return OK;
}

static err ask_host(struct terminal *t)
{
    const struct settlement *now = &t->settle.now;
    enum host_task task = now->stage == SETTLEMENT_ASKED ? HOST_SETTLE : HOST_UPLOAD;
    struct payment_settlement m = {.batch = now->batch, .totals = now->totals};
    enum vault_status status;
    memcpy(m.operator_id, now->operator_id, sizeof m.operator_id);
    notice_clear(t);
    if (task == HOST_UPLOAD) TRY(next_rows(t, &m));
    TRY(host_send_settlement(t, task, &m, &status));
    if (status != VAULT_OK)
        NOTICE(t, SCREEN_ERROR, TEXT_SALE_VAULT_FAULT, vault_status_text(status));
    return OK;
}

/* ---- what the answer means ---- */

static err save(struct terminal *t, const struct settlement *next)
{
    TRY(settlements_save(&t->records, next));
    t->settle.now = *next;
    return OK;
}

static err close_batch(struct terminal *t, enum payment_settle_flag flag)
{
    struct settlement next = t->settle.now;
    next.stage = SETTLEMENT_CLOSED;
    next.flag = flag;
    next.closed_ms = now_ms(t);
    TRY(settlements_close(&t->records, &next,
                          next.operator_id[0] != '\0' ? next.operator_id : "terminal"));
    t->settle.now = next;
    t->settle.not_before_us = 0;
    TRY(settlements_forsaken(&t->records, &t->settle.forsaken)); /* there may be more than one */
    log_event(t->config.log, LOG_INFO, "settled", LOG_INT("batch", next.batch),
              LOG_INT("flag", flag));
    TRY(make_slip(t, &next, false));
    queue_sheet(t, false);
    return OK;
}

static err take_totals(struct terminal *t, enum payment_settle_flag flag)
{
    struct settlement next = t->settle.now;
    if (flag != PAYMENT_SETTLE_DIFFERENT) return close_batch(t, flag);
    next.stage = SETTLEMENT_UPLOADING;
    next.flag = flag;
    next.uploaded = 0;
    next.uploaded_to = 0;
    return save(t, &next);
}

static err take_rows(struct terminal *t)
{
    struct settlement next = t->settle.now;
    if (t->settle.sent_end) return close_batch(t, PAYMENT_SETTLE_DIFFERENT);
    next.uploaded += t->settle.sent_rows;
    next.uploaded_to = t->settle.sent_to;
    return save(t, &next);
}

/* The host has not all of it (95), or does not know any more what it was told first (12). */
static err begin_again(struct terminal *t, bool from_totals)
{
    struct settlement next = t->settle.now;
    next.uploaded = 0;
    next.uploaded_to = 0;
    if (from_totals) next.stage = SETTLEMENT_ASKED;
    if (++t->settle.restarts >= RESTARTS) NOTICE(t, SCREEN_ERROR, TEXT_SETTLE_MISCOUNTED);
    return save(t, &next);
}

static err conclude(struct terminal *t)
{
    const struct payment_settlement *m = &t->host.settlement;
    const char *code = m->response_code;
    bool uploading = t->settle.now.stage == SETTLEMENT_UPLOADING;
    if (t->host.outcome != HOST_ANSWERED) {
        NOTICE(t, SCREEN_ERROR, TEXT_SETTLE_NO_ANSWER);
        return OK;
    }
    if (strcmp(code, "00") == 0 && m->flag != PAYMENT_SETTLE_ASKED && !uploading)
        return take_totals(t, m->flag);
    if (strcmp(code, "00") == 0 && uploading) return take_rows(t);
    if (strcmp(code, "77") == 0) return close_batch(t, PAYMENT_SETTLE_ERROR);
    if (uploading && (strcmp(code, "95") == 0 || strcmp(code, "12") == 0))
        return begin_again(t, code[0] == '1');
    const struct response_code *row = response_code(code);
    bool zh = t->records.language == LANGUAGE_ZH;
    NOTICE(t, SCREEN_ERROR, TEXT_SETTLE_REFUSED, code, zh ? row->reason_zh : row->reason_en);
    return audit(t, "settlement_refused", padded_text(t->settle.now.batch, 6).text, code);
}

/* ---- procedures ---- */

static err begin(struct terminal *t, uint32_t batch, const char *operator_id)
{
    ENSURE(!catch_up_due(t)); /* what the batch adds up to is not known */
    struct settlement s = {.batch = batch, .begun_ms = now_ms(t)};
    memcpy(s.operator_id, operator_id, strlen(operator_id) + 1);
    TRY(settlements_totals(&t->records, s.batch, &s.totals));
    TRY(settlements_begin(&t->records, &s));
    t->settle.now = s;
    t->settle.forsaken = 0;
    return OK;
}

static bool begun(const struct terminal *t)
{
    enum settlement_stage stage = t->settle.now.stage;
    return stage == SETTLEMENT_ASKED || stage == SETTLEMENT_UPLOADING;
}

/* One stage after the other until it is closed. REFUSED: the notice says why not. BACK: left. */
static err go_on(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->settle.restarts = 0;
    t->settle.not_before_us = now_us(t) + PAUSE_US; /* whoever leaves it is not called back */
    while (t->settle.now.stage != SETTLEMENT_CLOSED) {
        PROCEDURE_CALL(t, p, host_ready);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        TRY(ask_host(t));
        while (t->host.task == HOST_SETTLE || t->host.task == HOST_UPLOAD) {
            show_wait(t);
            PROCEDURE_AWAIT(t, p);
            if (key_is(t, "cancel")) {
                host_forget(t);
                PROCEDURE_BACK(t, p);
            }
            if (t->event.kind == EVENT_ANSWER) TRY(conclude(t));
        }
        if (t->notice.set) PROCEDURE_LEAVE(t, p, OUTCOME_REFUSED);
    }
    PROCEDURE_END(t, p);
}

/* Begins one when a person says so. The queue is emptied first: what is undecided cannot be
 * counted.
 */
static err confirm(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (t->records.unsent > 0) PROCEDURE_CALL(t, p, reverse_first);
    if (t->records.unsent == 0 && t->records.offline > 0) PROCEDURE_CALL(t, p, advice_first);
    if (t->records.unsent > 0 || t->records.offline > 0) PROCEDURE_BACK(t, p);
    if (t->settle.forsaken != 0) {
        TRY(begin(t, t->settle.forsaken, t->operator_id));
        PROCEDURE_DONE(t, p);
    }
    do {
        TRY(show_ask(t));
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
    } while (!choice_is(t, "yes"));
    TRY(begin(t, t->records.batch, t->operator_id));
    PROCEDURE_END(t, p);
}

/* What came of it, with the slip that is in t->sheet. */
static err result(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    notice_clear(t);
    do {
        show_done(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (choice_is(t, "detail")) TRY(print_details(t, &t->settle.now));
    } while (!key_is(t, "ok") && !key_is(t, "cancel"));
    PROCEDURE_END(t, p);
}

err settle_batch(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (!begun(t)) {
        PROCEDURE_CALL(t, p, confirm);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    }
    for (;;) {
        PROCEDURE_CALL(t, p, go_on);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        if (t->outcome == OUTCOME_DONE) break;
        do {
            show_failed(t);
            PROCEDURE_AWAIT(t, p);
            if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        } while (!choice_is(t, "retry"));
    }
    if (t->settle.sign_out) PROCEDURE_CALL(t, p, sign_out_after);
    PROCEDURE_CALL(t, p, result);
    PROCEDURE_END(t, p);
}

err settle_reprint(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    ENSURE(t->settle.now.stage == SETTLEMENT_CLOSED); /* the menu has looked */
    TRY(make_slip(t, &t->settle.now, true));
    queue_sheet(t, true);
    TRY(audit(t, "settlement_reprint", padded_text(t->settle.now.batch, 6).text, ""));
    PROCEDURE_CALL(t, p, result);
    PROCEDURE_END(t, p);
}

/* ---- by itself ---- */

bool settle_open(const struct terminal *t)
{
    return begun(t) || t->settle.forsaken != 0;
}

bool settle_over(const struct terminal *t)
{
    return t->settle.now.stage == SETTLEMENT_CLOSED && t->settle.now.batch == t->records.batch;
}

/* The set time has passed since the first payment of this batch. */
static bool time_has_come(const struct terminal *t)
{
    int64_t local = now_local_ms(t), since = t->records.batch_since_ms + CLOCK_CHINA_OFFSET_MS;
    if (t->settle.at_minute < 0 || t->records.batch_since_ms == 0) return false;
    int64_t due = local - local % DAY_MS + t->settle.at_minute * INT64_C(60000);
    if (due > local) due -= DAY_MS;
    return since < due;
}

/* They belong to the batch: what the host has not heard of, and an order's paid parts. */
static bool complete(const struct terminal *t)
{
    bool whole = t->settle.forsaken != 0 || t->order.state == ORDER_NONE;
    return begun(t) || (t->records.offline == 0 && whole);
}

bool settle_due(const struct terminal *t)
{
    if (catch_up_due(t)) return false;
    bool full = t->settle.when_full && t->records.batch_count >= t->config.batch_max;
    bool wanted =
        settle_open(t) || remote_settles(t) || ((full || time_has_come(t)) && !settle_over(t));
    return wanted && complete(t) && now_us(t) >= t->settle.not_before_us &&
           t->records.unsent == 0 && host_free(t) && t->records.batch != 0;
}

err settle_by_itself(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (!begun(t))
        TRY(begin(t, t->settle.forsaken != 0 ? t->settle.forsaken : t->records.batch, ""));
    PROCEDURE_CALL(t, p, go_on);
    notice_clear(t);
    if (t->settle.sign_out && settle_over(t)) PROCEDURE_CALL(t, p, sign_out_after);
    PROCEDURE_END(t, p);
}

void settle_say(struct terminal *t)
{
    const struct records *r = &t->records;
    unsigned room = t->config.batch_max > r->batch_count ? t->config.batch_max - r->batch_count : 0;
    if (settle_open(t)) {
        uint32_t batch = begun(t) ? t->settle.now.batch : t->settle.forsaken;
        SAY(t, SCREEN_WARNING, TEXT_MAIN_SETTLING, padded_text(batch, 6).text);
        return;
    }
    if (settle_over(t) || r->batch_since_ms == 0) return;
    if (room > 0 && room <= t->config.batch_max / 20)
        SAY(t, SCREEN_WARNING, TEXT_MAIN_BATCH_NEARLY, number_text(room).text);
    else if (now_ms(t) - r->batch_since_ms > DAY_MS) SAY(t, SCREEN_WARNING, TEXT_MAIN_BATCH_OLD);
}

err settle_load(struct terminal *t)
{
    int64_t at_minute = -1, when_full = 1, sign_out = 0;
    TRY(records_parameter(&t->records, "settle_at", &at_minute));
    TRY(records_parameter(&t->records, "settle_when_full", &when_full));
    TRY(records_parameter(&t->records, "settle_sign_out", &sign_out));
    if (at_minute < -1 || at_minute >= 24 * 60)
        return store_refuse(t->records.store, ERR(CORRUPT), "no such time of day", NULL);
    t->settle.at_minute = (int)at_minute;
    t->settle.when_full = when_full != 0;
    t->settle.sign_out = sign_out != 0;
    TRY(settlements_forsaken(&t->records, &t->settle.forsaken));
    TRY(settlements_open(&t->records, &t->settle.now));
    if (t->settle.now.stage != SETTLEMENT_NONE) return OK;
    err last = settlements_last(&t->records, &t->settle.now);
    if (last.code == ERR_NOT_FOUND) return OK;
    return last;
}
