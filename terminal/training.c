/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is practised: sales, also in instalments and in parts (training_order.c), and what follows
 * them. What follows another payment names it by the voucher on its slip, and is judged by the
 * rules of the host (payment/follow.h).
 */
#include "terminal/training_pay.h"

#include "payment/response_code.h"
#include "terminal/follow.h"
#include "terminal/instalment.h"

enum { TRAINING_IDLE_S = 300 }; /* nobody learns any more: the shop takes money again */

/* What is practised beside a sale; each is of what its kind says (payment/kind.h). */
/* clang-format off */
static const struct {
    const char *key;
    enum text_id text;
    const char *icon;
    enum payment_type type;
} lessons[] = {
    {"void",     TEXT_ENTRY_VOID,          "void",    PAYMENT_VOID},
    {"refund",   TEXT_ENTRY_REFUND,        "refund",  PAYMENT_REFUND},
    {"hold",     TEXT_ENTRY_HOLD,          "preauth", PAYMENT_PREAUTH},
    {"add",      TEXT_ENTRY_HOLD_ADD,      "preauth", PAYMENT_PREAUTH_ADD},
    {"complete", TEXT_ENTRY_HOLD_COMPLETE, "card",    PAYMENT_COMPLETION},
    {"notice",   TEXT_ENTRY_HOLD_NOTICE,   "card",    PAYMENT_COMPLETION_ADVICE},
    {"cancel",   TEXT_ENTRY_HOLD_CANCEL,   "void",    PAYMENT_PREAUTH_CANCEL},
    {"undo",     TEXT_ENTRY_HOLD_UNDO,     "void",    PAYMENT_COMPLETION_VOID},
    {"instalment", TEXT_ENTRY_INSTALMENT,  "card",    PAYMENT_INSTALMENT},
    {"split",    TEXT_ENTRY_SPLIT,         "card",    PAYMENT_TYPE_NONE},
    {"settle",   TEXT_ENTRY_SETTLE,        "check",   PAYMENT_TYPE_NONE},
};
/* clang-format on */

static err room(struct terminal *t, struct procedure *p);

bool training_on(const struct terminal *t)
{
    for (size_t i = 0; i < t->depth; i++)
        if (t->stack[i].run == room) return true;
    return false;
}

/* ---- what was practised ---- */

static const struct payment *practised(const struct terminal *t, uint32_t stan)
{
    const struct training_book *b = &t->training;
    for (size_t i = 0; i < b->count; i++)
        if (b->payment[i].key.stan == stan) return &b->payment[i];
    return NULL;
}

/* What has followed it; what took a completion back has opened its hold again. */
struct payment_trail training_trail(const struct terminal *t, const struct payment *original)
{
    const struct training_book *b = &t->training;
    struct payment_trail trail = {0};
    for (size_t i = 0; i < b->count; i++) {
        const struct payment *p = &b->payment[i];
        bool voided = false;
        if (p->original.stan != original->key.stan) continue;
        for (size_t k = 0; k < b->count; k++)
            voided = voided || (b->payment[k].type == PAYMENT_COMPLETION_VOID &&
                                b->payment[k].original.stan == p->key.stan);
        if (!voided) payment_trail_add(&trail, p->type, p->state, p->amount_minor);
    }
    return trail;
}

/* May it follow, with this amount? If not, the notice says why not. */
static bool may_follow(struct terminal *t, const struct payment *original, int64_t amount_minor)
{
    struct payment p = t->work.payment;
    struct payment_trail trail = training_trail(t, original);
    p.amount_minor =
        payment_type_row(p.type)->whole ? payment_trail_whole(&trail, original) : amount_minor;
    memcpy(p.key.tid, t->facts.tid, sizeof p.key.tid);
    memcpy(p.mid, t->facts.mid, sizeof p.mid);
    p.currency = CURRENCY_CNY;
    p.means = original->means;
    const char *code = payment_follow_refusal(&p, original, &trail, 0, now_ms(t));
    if (code == NULL) return true;
    const struct response_code *why = response_code(code);
    bool zh = t->records.language == LANGUAGE_ZH;
    NOTICE(t, SCREEN_WARNING, TEXT_HOLD_NOTICE_REFUSED, zh ? why->reason_zh : why->reason_en,
           zh ? why->advice_zh : why->advice_en);
    return false;
}

/* ---- which one, and how much ---- */

static void show_number(struct terminal *t)
{
    screen_begin(t, "training.number", TEXT_TRAINING_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_HINT, TEXT_TRAINING_NUMBER_HINT);
    follow_number_field(t, TEXT_AFTER_VOUCHER, 6);
    screen_show(t);
}

/* A void and a refund are of the kind that fits what they are of: points go back as points. */
static enum payment_type kind_for(enum payment_type wanted, enum payment_type original)
{
    bool whole = wanted == payment_void_of(PAYMENT_SALE) ||
                 wanted == payment_void_of(PAYMENT_INSTALMENT) ||
                 wanted == payment_void_of(PAYMENT_REDEEM);
    bool parts = wanted == PAYMENT_REFUND || wanted == PAYMENT_REDEEM_REFUND;
    enum payment_type fits = whole   ? payment_void_of(original)
                             : parts ? payment_refund_of(original)
                                     : PAYMENT_TYPE_NONE;
    return fits != PAYMENT_TYPE_NONE ? fits : wanted;
}

static bool take_number(struct terminal *t)
{
    struct reader typed = reader_over(bytes_text(t->typed));
    uint32_t stan = read_digits(&typed, strlen(t->typed));
    const struct payment *original = practised(t, stan);
    t->typed[0] = '\0';
    if (original == NULL) {
        NOTICE(t, SCREEN_WARNING, TEXT_AFTER_NOT_FOUND, padded_text(stan, 6).text);
        return false;
    }
    t->work.payment.type = kind_for(t->work.payment.type, original->type);
    if (!may_follow(t, original, 1)) return false;
    struct payment_trail trail = training_trail(t, original);
    follow_original(t, original);
    if (payment_type_row(t->work.payment.type)->whole)
        t->work.payment.amount_minor = payment_trail_whole(&trail, original);
    return true;
}

static err number(struct terminal *t, struct procedure *p)
{
    bool taken = false;

    PROCEDURE_BEGIN(p);
    t->typed[0] = '\0';
    notice_clear(t);
    while (!taken) {
        show_number(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        (void)typed_key(t, 6);
        if (key_is(t, "ok") && t->typed[0] != '\0') taken = take_number(t);
    }
    PROCEDURE_END(t, p);
}

static void show_amount(struct terminal *t)
{
    screen_begin(t, "training.amount", TEXT_TRAINING_TITLE);
    screen_notice(t);
    if (payment_linked(t->work.payment.type))
        SAY(t, SCREEN_NORMAL, TEXT_QUERY_VOUCHER,
            padded_text(t->work.payment.original.stan, 6).text);
    SAY(t, SCREEN_HINT, TEXT_HOLD_AMOUNT_HINT);
    amount_field(t, TEXT_SALE_AMOUNT);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

static bool take_amount(struct terminal *t)
{
    const struct payment *original = practised(t, t->work.payment.original.stan);
    int64_t amount_minor = amount_typed(t);
    if (amount_minor == 0) NOTICE(t, SCREEN_WARNING, TEXT_SALE_AMOUNT_ZERO);
    if (amount_minor == 0 || (original != NULL && !may_follow(t, original, amount_minor)))
        return false;
    t->work.payment.amount_minor = amount_minor;
    return true;
}

static err how_much(struct terminal *t, struct procedure *p)
{
    bool taken = false;

    PROCEDURE_BEGIN(p);
    t->work.amount[0] = '\0';
    while (!taken) {
        show_amount(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        amount_key(t);
        if (key_is(t, "ok")) taken = take_amount(t);
    }
    PROCEDURE_END(t, p);
}

/* The amount and how it is paid. */
static err begin(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        PROCEDURE_CALL(t, p, sale_amount);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        PROCEDURE_CALL(t, p, training_present);
        if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

static err practise(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        work_begin(t, PAYMENT_SALE);
        PROCEDURE_CALL(t, p, begin);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        PROCEDURE_CALL(t, p, training_carry_out);
    } while (t->outcome == OUTCOME_DONE);
    PROCEDURE_END(t, p);
}

/* How much, and whose plan: the table of the host's. */
static err plan(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        t->work.payment.type = PAYMENT_SALE; /* until a plan is chosen */
        PROCEDURE_CALL(t, p, sale_amount);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        if (!instalment_offered(t)) {
            NOTICE(t, SCREEN_WARNING, TEXT_TRAINING_NO_PLAN);
            continue;
        }
        PROCEDURE_CALL(t, p, instalment_choose);
        if (t->work.payment.type == PAYMENT_INSTALMENT) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

/* Which payment, how much of it, and the card, as far as its kind asks for them. */
static err prepare(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (t->work.payment.type == PAYMENT_INSTALMENT) {
        PROCEDURE_CALL(t, p, plan);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    }
    if (payment_linked(t->work.payment.type)) {
        PROCEDURE_CALL(t, p, number);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    }
    if (t->work.payment.amount_minor == 0) {
        PROCEDURE_CALL(t, p, how_much);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    }
    if (t->work.payment.type == PAYMENT_COMPLETION_ADVICE ||
        (payment_linked(t->work.payment.type) && t->work.payment.means != PAYMENT_CARD)) {
        memcpy(t->work.payment.pan_masked, t->work.original_masked, sizeof t->work.original_masked);
        PROCEDURE_DONE(t, p);
    }
    PROCEDURE_CALL(t, p, training_present);
    PROCEDURE_LEAVE(t, p, t->outcome);
    PROCEDURE_END(t, p);
}

/* Of the kind in t->chosen. */
static err lesson(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[1] = t->chosen;
    do {
        work_begin(t, (enum payment_type)p->local[1]);
        PROCEDURE_CALL(t, p, prepare);
        if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
        PROCEDURE_CALL(t, p, training_carry_out);
    } while (t->outcome == OUTCOME_DONE);
    PROCEDURE_END(t, p);
}

/* ---- a settlement ---- */

static struct payment_totals totals(const struct terminal *t)
{
    struct payment_totals sum = {0};
    for (size_t i = 0; i < t->training.count; i++) {
        const struct payment *p = &t->training.payment[i];
        if (p->means == PAYMENT_CASH || !payment_counted(p->type, p->state)) continue;
        if (FAILED(payment_totals_add(&sum, p->type, 1, p->amount_minor))) break;
    }
    return sum;
}

static void show_settle(struct terminal *t)
{
    struct payment_totals sum = totals(t);
    const struct payment_sum *debit = &sum.side[PAYMENT_SIDE_DEBIT];
    const struct payment_sum *credit = &sum.side[PAYMENT_SIDE_CREDIT];
    screen_begin(t, "training.settle", TEXT_TRAINING_TITLE);
    SAY(t, SCREEN_BIG, TEXT_SETTLE_DEBIT, number_text(debit->count).text,
        amount_text(debit->minor).text);
    SAY(t, SCREEN_BIG, TEXT_SETTLE_CREDIT, number_text(credit->count).text,
        amount_text(credit->minor).text);
    screen_choice(t, "yes", TEXT_ENTRY_SETTLE, SCREEN_PRIMARY, "check", true);
    screen_show(t);
}

/* The slip, and a new batch: nothing practised before can be voided. */
static void close_batch(struct terminal *t)
{
    const struct receipt_settlement slip = {.merchant_name = shop_name(t),
                                            .mid = t->facts.mid,
                                            .tid = t->facts.tid,
                                            .operator_id = t->operator_id,
                                            .local_ms = now_local_ms(t),
                                            .training = true,
                                            .flag = PAYMENT_SETTLE_EQUAL,
                                            .totals = totals(t),
                                            .columns = t->config.paper_columns};
    if (FAILED(receipt_settlement(&slip, &t->sheet))) t->sheet.count = 0;
    queue_sheet(t, false);
    t->training.count = 0;
    NOTICE(t, SCREEN_SUCCESS, TEXT_TRAINING_SETTLED);
}

static err settle_lesson(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        show_settle(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
    } while (!choice_is(t, "yes"));
    close_batch(t);
    PROCEDURE_END(t, p);
}

/* ---- the list ---- */

/* A kind of payment: into t->chosen. */
static bool chosen(struct terminal *t)
{
    for (size_t i = 0; i < ARRAY_LEN(lessons); i++) {
        if (!choice_is(t, lessons[i].key)) continue;
        t->chosen = lessons[i].type;
        return true;
    }
    return false;
}

static void show_list(struct terminal *t)
{
    screen_begin(t, "training.list", TEXT_TRAINING_TITLE);
    screen_notice(t);
    for (size_t i = 0; i < ARRAY_LEN(lessons); i++)
        screen_choice(t, lessons[i].key, lessons[i].text, SCREEN_LIST, lessons[i].icon, true);
    screen_show(t);
}

static err others(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    notice_clear(t);
    for (;;) {
        show_list(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "settle")) PROCEDURE_CALL(t, p, settle_lesson);
        else if (choice_is(t, "split")) PROCEDURE_CALL(t, p, training_order);
        else if (chosen(t)) PROCEDURE_CALL(t, p, lesson);
    }
    PROCEDURE_END(t, p);
}

/* ---- where it happens ---- */

static void show_menu(struct terminal *t, int64_t until_us)
{
    screen_begin(t, "training.menu", TEXT_TRAINING_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_TRAINING_ABOUT);
    SAY(t, SCREEN_NORMAL, TEXT_TRAINING_FEN_00);
    SAY(t, SCREEN_NORMAL, TEXT_TRAINING_FEN_51);
    SAY(t, SCREEN_NORMAL, TEXT_TRAINING_FEN_55);
    SAY(t, SCREEN_NORMAL, TEXT_TRAINING_FEN_98);
    SAY(t, SCREEN_HINT, TEXT_TRAINING_FEN);
    screen_choice(t, "leave", TEXT_TRAINING_LEAVE, SCREEN_PLAIN, NULL, true);
    screen_choice(t, "others", TEXT_TRAINING_OTHERS, SCREEN_PLAIN, "manage", true);
    screen_choice(t, "practise", TEXT_TRAINING_SALE, SCREEN_PRIMARY, "card", true);
    screen_idle(t, 0);
    screen_until(t, until_us);
    screen_show(t);
}

/* When nobody learns any more. */
static int64_t given_up_us(const struct terminal *t)
{
    return now_us(t) + TRAINING_IDLE_S * INT64_C(1000000);
}

/* Its own home: what idles comes back here, not to the screen where money is taken. */
static err room(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->home = true;
    p->local[0] = given_up_us(t);
    t->training = (struct training_book){.count = 0};
    for (;;) {
        show_menu(t, p->local[0]);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) p->local[0] = given_up_us(t);
        if (choice_is(t, "practise")) PROCEDURE_CALL(t, p, practise);
        else if (choice_is(t, "others")) PROCEDURE_CALL(t, p, others);
        else if (choice_is(t, "leave") || key_is(t, "cancel") || t->event.kind == EVENT_TIME) break;
    }
    t->training = (struct training_book){.count = 0};
    work_begin(t, PAYMENT_SALE); /* nothing of it is looked at any more */
    TRY(audit(t, "training_left", t->operator_id, ""));
    PROCEDURE_END(t, p);
}

err training(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->approval =
        (struct approval){.action = VAULT_APPROVE_TRAINING, .what = TEXT_APPROVE_TRAINING};
    PROCEDURE_CALL(t, p, approve);
    if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    TRY(audit(t, "training_begun", t->operator_id, t->approval.approver_id));
    PROCEDURE_CALL(t, p, room);
    PROCEDURE_END(t, p);
}
