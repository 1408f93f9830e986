/* SPDX-License-Identifier: Apache-2.0 */
/* 交易查询: the payments of the batch, newest first, a page at a time, and one of them in full. */
#include "terminal/follow.h"
#include "terminal/instalment.h"

static enum text_id state_text(enum payment_state state)
{
    switch (state) {
    case PAYMENT_OFFLINE:
        return TEXT_QUERY_OFFLINE;
    case PAYMENT_DISPUTED:
        return TEXT_QUERY_DISPUTED;
    case PAYMENT_APPROVED:
        return TEXT_STATE_APPROVED;
    case PAYMENT_DECLINED:
        return TEXT_STATE_DECLINED;
    case PAYMENT_REVERSING:
        return TEXT_STATE_REVERSING;
    case PAYMENT_REVERSED:
        return TEXT_STATE_REVERSED;
    default:
        return TEXT_STATE_PENDING;
    }
}

void query_row(struct terminal *t, const struct records_row *row)
{
    const struct payment *p = &row->payment;
    struct screen *s = &t->screen;
    char key[24];
    struct writer w = writer_over(key, sizeof key - 1);
    write_format(&w, "row_%lld", (long long)row->number);
    key[w.len] = '\0';
    static const char *const icons[] = {"card", "card", "code",
                                        "code", "cash", "card"}; /* by means */
    screen_choice(t, key, TEXT_ENTRY_BACK, SCREEN_LIST, icons[p->means], true);
    struct screen_choice *choice = &s->choice[s->choice_count - 1];
    text_fill(TEXT_QUERY_ROW, s->language,
              (const char *const[]){
                  amount_text(p->amount_minor).text, text(state_text(p->state), s->language),
                  padded_text(p->key.stan, 6).text,
                  time_text(p->created_ms + CLOCK_CHINA_OFFSET_MS).text + 5, NULL},
              choice->text, sizeof choice->text);
}

/* The page of payments below local[0]; local[1] remembers the last number on it. */
static err show_list(struct terminal *t, struct procedure *p)
{
    struct records_row rows[TERMINAL_LIST_ROWS + 1];
    size_t count;
    TRY(records_page(&t->records, p->local[0], rows, ARRAY_LEN(rows), &count));
    bool more = count > TERMINAL_LIST_ROWS;
    if (more) count = TERMINAL_LIST_ROWS;
    screen_begin(t, "query.list", TEXT_QUERY_TITLE);
    if (count == 0) SAY(t, SCREEN_NORMAL, TEXT_QUERY_EMPTY);
    else
        SAY(t, SCREEN_NORMAL, TEXT_QUERY_TOTAL, number_text(t->records.batch_approved).text,
            amount_text(t->records.batch_minor).text);
    for (size_t i = 0; i < count; i++) query_row(t, &rows[i]);
    if (p->local[0] != INT64_MAX)
        screen_choice(t, "newer", TEXT_ENTRY_NEWER, SCREEN_PLAIN, NULL, true);
    if (more) screen_choice(t, "older", TEXT_ENTRY_OLDER, SCREEN_PLAIN, NULL, true);
    p->local[1] = count > 0 ? rows[count - 1].number : 0;
    screen_show(t);
    return OK;
}

/* The number of the row that was chosen, or 0. */
int64_t query_chosen(const struct terminal *t)
{
    static const char prefix[] = "choice:row_";
    int64_t number = 0;
    if (t->event.kind != EVENT_KEY || strncmp(t->event.key, prefix, sizeof prefix - 1) != 0)
        return 0;
    for (const char *at = t->event.key + sizeof prefix - 1; *at >= '0' && *at <= '9'; at++)
        number = number * 10 + (*at - '0');
    return number;
}

err query(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = INT64_MAX;
    for (;;) {
        TRY(show_list(t, p));
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "older")) p->local[0] = p->local[1];
        if (choice_is(t, "newer")) p->local[0] = INT64_MAX;
        t->chosen = query_chosen(t);
        if (t->chosen > 0) PROCEDURE_CALL(t, p, query_detail);
    }
    PROCEDURE_END(t, p);
}

static void say_if(struct terminal *t, enum text_id id, const char *value)
{
    if (value[0] != '\0') SAY(t, SCREEN_NORMAL, id, value);
}

static err show_detail(struct terminal *t, int64_t number)
{
    struct payment payment;
    TRY(records_get(&t->records, number, &payment));
    bool approved = payment_state_paid(payment.state);
    screen_begin(t, "query.detail", TEXT_QUERY_DETAIL_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_QUERY_STATE, text(state_text(payment.state), t->records.language));
    SAY(t, SCREEN_NORMAL, TEXT_QUERY_AMOUNT, amount_text(payment.amount_minor).text);
    if (payment.tip_minor > 0)
        SAY(t, SCREEN_NORMAL, TEXT_GRATUITY_WITHIN, amount_text(payment.tip_minor).text);
    follow_say_means(t, &payment);
    instalment_say(t, &payment);
    SAY(t, SCREEN_NORMAL, TEXT_QUERY_VOUCHER, padded_text(payment.key.stan, 6).text);
    SAY(t, SCREEN_NORMAL, TEXT_QUERY_TIME,
        time_text(payment.created_ms + CLOCK_CHINA_OFFSET_MS).text);
    SAY(t, SCREEN_NORMAL, TEXT_QUERY_OPERATOR, payment.operator_id);
    say_if(t, TEXT_QUERY_APPROVER, payment.approver_id);
    say_if(t, TEXT_QUERY_ISSUER, payment.issuer);
    say_if(t, TEXT_QUERY_RRN, payment.rrn);
    say_if(t, TEXT_QUERY_AUTH, payment.auth_code);
    screen_notice(t);
    if (approved) {
        TRY(queue_receipt(t, number, &payment, RECEIPT_MERCHANT_COPY, false));
        t->screen.receipt = &t->receipt;
        t->screen.receipt_number = number;
        if (ereceipt_offered(t))
            screen_choice(t, "ereceipt", TEXT_ENTRY_ERECEIPT, SCREEN_CHIP, "code", true);
        screen_choice(t, "reprint", TEXT_ENTRY_REPRINT, SCREEN_PRIMARY, "print",
                      t->devices.paper != SCREEN_PAPER_OUT);
    }
    screen_show(t);
    return OK;
}

static err print_again(struct terminal *t, int64_t number)
{
    struct payment payment;
    TRY(records_get(&t->records, number, &payment));
    NOTICE(t, SCREEN_SUCCESS, TEXT_REPRINT_DONE);
    return queue_print(t, number, &payment, true);
}

err query_detail(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->chosen;
    notice_clear(t);
    for (;;) {
        TRY(show_detail(t, p->local[0]));
        PROCEDURE_AWAIT(t, p);
        notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "reprint")) TRY(print_again(t, p->local[0]));
        t->chosen = p->local[0];
        if (choice_is(t, "ereceipt")) PROCEDURE_CALL(t, p, ereceipt);
    }
    PROCEDURE_END(t, p);
}
