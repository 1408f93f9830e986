/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 操作员报表 (S56): what each operator has taken since the terminal signed in, by kind, on the
 * screen and on paper. Every figure is a sum over the rows of payments in the store, made when it
 * is asked for: there is no second account of them that could differ.
 */
#include "payment/receipt.h"
#include "terminal/core.h"

/* As "01\n3 笔  384.00 元". */
static void add_operator(struct terminal *t, const struct records_operator *row)
{
    struct screen *s = &t->screen;
    char key[] = "id_00";
    memcpy(key + 3, row->operator_id, sizeof row->operator_id);
    screen_choice(t, key, TEXT_ENTRY_BACK, SCREEN_LIST, "operator", true);
    struct screen_choice *choice = &s->choice[s->choice_count - 1];
    text_fill(TEXT_REPORT_ROW, s->language,
              (const char *const[]){row->operator_id, number_text(row->count).text,
                                    amount_text(row->minor).text, NULL},
              choice->text, sizeof choice->text);
}

/* The operators above number local[0]; local[1] remembers the last one on the page. */
static err show_list(struct terminal *t, struct procedure *p)
{
    struct records_operator rows[TERMINAL_LIST_ROWS + 1], all = {""};
    size_t count = 0;
    TRY(records_operators(&t->records, (int)p->local[0], rows, ARRAY_LEN(rows), &count));
    TRY(records_operators_total(&t->records, &all));
    bool more = count > TERMINAL_LIST_ROWS;
    if (more) count = TERMINAL_LIST_ROWS;
    screen_begin(t, "report.list", TEXT_REPORT_TITLE);
    int64_t since_ms = t->records.signed_in_ms;
    if (since_ms > 0)
        SAY(t, SCREEN_HINT, TEXT_REPORT_SINCE, time_text(since_ms + CLOCK_CHINA_OFFSET_MS).text);
    if (all.count == 0 && count == 0) SAY(t, SCREEN_NORMAL, TEXT_REPORT_EMPTY);
    else
        SAY(t, SCREEN_BIG, TEXT_REPORT_TOTAL, number_text(all.count).text,
            amount_text(all.minor).text);
    for (size_t i = 0; i < count; i++) add_operator(t, &rows[i]);
    if (p->local[0] >= 0) screen_choice(t, "first", TEXT_ENTRY_FIRST, SCREEN_PLAIN, NULL, true);
    if (more) screen_choice(t, "more", TEXT_ENTRY_MORE, SCREEN_PLAIN, NULL, true);
    p->local[1] = count > 0 ? operator_number(rows[count - 1].operator_id) : 0;
    screen_show(t);
    return OK;
}

/* One operator's figures as a sheet in t->sheet. */
static err make_sheet(struct terminal *t, const char *operator_id)
{
    struct receipt_report report = {
        .merchant_name = shop_name(t),
        .mid = t->facts.mid,
        .tid = t->facts.tid,
        .operator_id = operator_id,
        .batch = t->records.batch,
        .from_local_ms = t->records.signed_in_ms + CLOCK_CHINA_OFFSET_MS,
        .to_local_ms = now_local_ms(t),
        .columns = t->config.paper_columns,
    };
    TRY(records_kinds(&t->records, operator_id, &report));
    err e = receipt_report(&report, &t->sheet);
    if (!FAILED(e)) return OK;
    log_event(t->config.log, LOG_ERROR, "report_not_made", LOG_ERR(e));
    t->sheet.count = 0;
    return OK;
}

static err show_one(struct terminal *t, const char *operator_id)
{
    TRY(make_sheet(t, operator_id));
    screen_begin(t, "report.operator", TEXT_REPORT_TITLE);
    screen_notice(t);
    t->screen.receipt = &t->sheet;
    t->screen.receipt_number = 0; /* of no payment */
    screen_choice(t, "print", TEXT_ENTRY_PRINT, SCREEN_PRIMARY, "print",
                  t->devices.paper != SCREEN_PAPER_OUT);
    screen_show(t);
    return OK;
}

static err print(struct terminal *t, const char *operator_id)
{
    TRY(make_sheet(t, operator_id));
    queue_sheet(t, false);
    NOTICE(t, SCREEN_SUCCESS, TEXT_REPORT_PRINTED);
    return audit(t, "report_printed", operator_id, "");
}

static err report_operator(struct terminal *t, struct procedure *p)
{
    char operator_id[3];

    PROCEDURE_BEGIN(p);
    p->local[0] = t->number;
    notice_clear(t);
    for (;;) {
        operator_text((uint8_t)p->local[0], operator_id);
        TRY(show_one(t, operator_id));
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        operator_text((uint8_t)p->local[0], operator_id);
        if (choice_is(t, "print")) TRY(print(t, operator_id));
    }
    PROCEDURE_END(t, p);
}

err report(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = -1;
    for (;;) {
        TRY(show_list(t, p));
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "first")) p->local[0] = -1;
        if (choice_is(t, "more")) p->local[0] = p->local[1];
        if (t->event.kind != EVENT_KEY || strncmp(t->event.key, "choice:id_", 10) != 0) continue;
        t->number = operator_number(t->event.key + 10);
        PROCEDURE_CALL(t, p, report_operator);
    }
    PROCEDURE_END(t, p);
}
