/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 分期 (S85): whose card, how many periods; the fee and what is paid back each month stand beside
 * each plan, to the fen, before the card is taken. The host compares the plan with its own table.
 */
#include "terminal/instalment.h"

/* The row of an issuer's plan for t->work.payment's amount, by its place among those; NULL. */
static const struct instalment_row *row_at(const struct terminal *t, uint8_t issuer, size_t place)
{
    size_t count;
    const struct instalment_row *rows = instalment_rows(&count);
    int64_t amount = t->work.payment.amount_minor;
    for (size_t i = 0; i < count; i++) {
        bool offered = amount >= rows[i].least_minor && amount <= rows[i].most_minor;
        bool holds = instalment_holds(&rows[i], now_ms(t));
        if (rows[i].issuer == issuer && holds && offered && place-- == 0) return &rows[i];
    }
    return NULL;
}

bool instalment_offered(const struct terminal *t)
{
    size_t count;
    (void)instalment_issuers(&count);
    for (uint8_t i = 0; i < count; i++)
        if (row_at(t, i, 0) != NULL) return true;
    return false;
}

/* ---- screens ---- */

static void numbered(struct terminal *t, size_t number, enum text_id id, const char *const *values)
{
    struct screen *s = &t->screen;
    char key[24];
    struct writer w = writer_over(key, sizeof key - 1);
    write_format(&w, "n_%zu", number);
    key[w.len] = '\0';
    screen_choice(t, key, TEXT_ENTRY_BACK, SCREEN_LIST, "card", true);
    struct screen_choice *choice = &s->choice[s->choice_count - 1];
    text_fill(id, s->language, values, choice->text, sizeof choice->text);
}

/* Which of `count` was touched, or -1. */
static int64_t touched(const struct terminal *t, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char key[24];
        struct writer w = writer_over(key, sizeof key - 1);
        write_format(&w, "n_%zu", i);
        key[w.len] = '\0';
        if (choice_is(t, key)) return (int64_t)i;
    }
    return -1;
}

static void show_issuers(struct terminal *t)
{
    size_t count;
    const struct instalment_issuer *issuer = instalment_issuers(&count);
    screen_begin(t, "instalment.issuer", TEXT_INSTALMENT_TITLE);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    SAY(t, SCREEN_HINT, TEXT_INSTALMENT_ISSUER);
    for (size_t i = 0; i < count; i++) {
        bool zh = t->records.language == LANGUAGE_ZH;
        if (row_at(t, (uint8_t)i, 0) == NULL) continue;
        numbered(t, i, TEXT_INSTALMENT_ISSUER_ROW,
                 (const char *const[]){zh ? issuer[i].zh : issuer[i].en, issuer[i].bin, NULL});
    }
    timeout_of(t, TIMEOUT_PRESENT);
    screen_show(t);
}

static void show_plans(struct terminal *t, uint8_t issuer)
{
    const struct instalment_row *row;
    int64_t amount = t->work.payment.amount_minor;
    screen_begin(t, "instalment.plan", TEXT_INSTALMENT_TITLE);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(amount).text);
    SAY(t, SCREEN_HINT, TEXT_INSTALMENT_PLAN);
    for (size_t i = 0; (row = row_at(t, issuer, i)) != NULL; i++) {
        struct payment_plan plan = instalment_plan(row, amount);
        struct instalment_months months = instalment_months(&plan, amount);
        numbered(t, i,
                 plan.by_merchant ? TEXT_INSTALMENT_ROW_MERCHANT : TEXT_INSTALMENT_ROW_CUSTOMER,
                 (const char *const[]){
                     number_text(plan.months).text, amount_text(months.first_minor).text,
                     amount_text(months.each_minor).text, amount_text(plan.fee_minor).text, NULL});
    }
    timeout_of(t, TIMEOUT_PRESENT);
    screen_show(t);
}

void instalment_say(struct terminal *t, const struct payment *p)
{
    if (p->plan.months == 0) return;
    struct instalment_months months = instalment_months(&p->plan, p->amount_minor);
    SAY(t, SCREEN_NORMAL, TEXT_INSTALMENT_MONTHS, number_text(p->plan.months).text,
        amount_text(months.first_minor).text, amount_text(months.each_minor).text);
    SAY(t, SCREEN_NORMAL,
        p->plan.by_merchant ? TEXT_INSTALMENT_FEE_MERCHANT : TEXT_INSTALMENT_FEE_CUSTOMER,
        amount_text(p->plan.fee_minor).text);
}

/* ---- choosing ---- */

static void take(struct terminal *t, const struct instalment_row *row)
{
    struct payment *p = &t->work.payment;
    p->type = PAYMENT_INSTALMENT;
    p->plan = instalment_plan(row, p->amount_minor);
    size_t count;
    const struct instalment_issuer *issuer = &instalment_issuers(&count)[row->issuer];
    memcpy(t->work.plan_bin, issuer->bin, sizeof t->work.plan_bin);
}

static err choose_plan(struct terminal *t, struct procedure *p)
{
    enum { PERIODS = 8 };

    PROCEDURE_BEGIN(p);
    p->local[0] = t->chosen;
    for (;;) {
        show_plans(t, (uint8_t)p->local[0]);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        p->local[1] = touched(t, PERIODS);
        if (p->local[1] < 0) continue;
        if (row_at(t, (uint8_t)p->local[0], (size_t)p->local[1]) != NULL) break;
    }
    take(t, row_at(t, (uint8_t)p->local[0], (size_t)p->local[1]));
    PROCEDURE_END(t, p);
}

err instalment_choose(struct terminal *t, struct procedure *p)
{
    size_t count;
    (void)instalment_issuers(&count);

    PROCEDURE_BEGIN(p);
    secure_forget(t); /* the reader is armed anew for what is chosen */
    for (;;) {
        show_issuers(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        t->chosen = touched(t, count);
        if (t->chosen < 0 || row_at(t, (uint8_t)t->chosen, 0) == NULL) continue;
        PROCEDURE_CALL(t, p, choose_plan);
        if (t->outcome == OUTCOME_DONE) PROCEDURE_BACK(t, p); /* to the card */
    }
    PROCEDURE_END(t, p);
}

bool instalment_undo(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    if (p->type != PAYMENT_INSTALMENT) return false;
    p->type = PAYMENT_SALE;
    p->plan = (struct payment_plan){0};
    secure_forget(t);
    return true;
}

bool instalment_fits(struct terminal *t)
{
    const struct payment *p = &t->work.payment;
    if (p->plan.months == 0 || strncmp(p->pan_masked, t->work.plan_bin, 6) == 0) return true;
    NOTICE(t, SCREEN_WARNING, TEXT_INSTALMENT_OTHER_CARD, t->work.plan_bin);
    return false;
}
