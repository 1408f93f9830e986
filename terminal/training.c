/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a payment ends here is chosen by the fen of its amount: they are the response code. 12.51 is
 * declined for want of funds, 12.55 for a wrong PIN, 12.98 has no answer and is reversed; fen that
 * are no code, and 00, are approved. Cash is always taken. What follows another payment names it by
 * the voucher on its slip, and is judged by the rules of the host (payment/follow.h).
 */
#include "terminal/training.h"

#include "payment/response_code.h"
#include "terminal/follow.h"

enum {
    TRAINING_IDLE_S = 300, /* nobody learns any more: the shop takes money again */
    TRAINING_WAIT_MS = 1500,
    NO_ANSWER = 98,
};

/* Cards and codes of nobody. */
/* clang-format off */
static const struct {
    const char *key;
    enum text_id text;
    const char *icon;
    enum payment_means means;
    enum payment_entry entry;
    bool pin;
} presented[] = {
    {"tap",   TEXT_TRAINING_TAP,   "card", PAYMENT_CARD, PAYMENT_ENTRY_CONTACTLESS, false},
    {"chip",  TEXT_TRAINING_CHIP,  "card", PAYMENT_CARD, PAYMENT_ENTRY_CHIP,        true},
    {"swipe", TEXT_TRAINING_SWIPE, "card", PAYMENT_CARD, PAYMENT_ENTRY_SWIPE,       false},
    {"code",  TEXT_TRAINING_CODE,  "code", PAYMENT_CODE, PAYMENT_ENTRY_CODE,        false},
    {"cash",  TEXT_ENTRY_CASH,     "cash", PAYMENT_CASH, PAYMENT_ENTRY_UNKNOWN,     false},
};

/* What is practised beside a sale; each is of what its kind says (payment/kind.h). */
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
static struct payment_trail trail_of(const struct terminal *t, const struct payment *original)
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

static void keep(struct terminal *t)
{
    struct training_book *b = &t->training;
    if (b->count == TRAINING_KEPT)
        memmove(b->payment, b->payment + 1, --b->count * sizeof b->payment[0]);
    b->payment[b->count++] = t->work.payment;
}

/* May it follow, with this amount? If not, the notice says why not. */
static bool may_follow(struct terminal *t, const struct payment *original, int64_t amount_minor)
{
    struct payment p = t->work.payment;
    struct payment_trail trail = trail_of(t, original);
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
    if (!may_follow(t, original, 1)) return false;
    struct payment_trail trail = trail_of(t, original);
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

/* ---- a payment ---- */

/* What is no sale is of a card. */
static bool offered(const struct terminal *t, size_t at)
{
    return t->work.payment.type == PAYMENT_SALE || presented[at].means == PAYMENT_CARD;
}

static void show_present(struct terminal *t)
{
    screen_begin(t, "training.present", TEXT_TRAINING_PRESENT);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    items_say(t);
    SAY(t, SCREEN_HINT, TEXT_TRAINING_PRESENT_HINT);
    for (size_t i = 0; i < ARRAY_LEN(presented); i++)
        if (offered(t, i))
            screen_choice(t, presented[i].key, presented[i].text, SCREEN_LIST, presented[i].icon,
                          true);
    screen_show(t);
}

static bool take_means(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    for (size_t i = 0; i < ARRAY_LEN(presented); i++) {
        if (!choice_is(t, presented[i].key) || !offered(t, i)) continue;
        p->means = presented[i].means;
        p->entry = presented[i].entry;
        p->pin_entered = presented[i].pin;
        memcpy(p->pan_masked, "000000******0000", sizeof "000000******0000");
        return true;
    }
    return false;
}

static err present(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        show_present(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (take_means(t)) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

static void show_wait(struct terminal *t, int64_t until_us)
{
    screen_begin(t, "training.wait", TEXT_SALE_WAIT_TITLE);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    screen_wait(t, TEXT_TRAINING_WAIT, until_us);
    screen_until(t, until_us);
    screen_keys(t, 0);
    screen_show(t);
}

/* What the fen say, into the payment. */
static void conclude(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    int fen = (int)(p->amount_minor % 100);
    struct number_text code = padded_text(fen, 2);
    const struct response_code *row = response_code(code.text);
    bool known = strcmp(row->code, code.text) == 0;
    memcpy(p->key.tid, t->facts.tid, sizeof p->key.tid);
    memcpy(p->mid, t->facts.mid, sizeof p->mid);
    memcpy(p->operator_id, t->operator_id, sizeof p->operator_id);
    p->currency = CURRENCY_CNY;
    p->created_ms = now_ms(t);
    if (p->means == PAYMENT_CASH) fen = 0; /* nobody is asked */
    if (fen == NO_ANSWER) {
        p->state = PAYMENT_REVERSED;
        return;
    }
    code = padded_text(fen, 2);
    p->key.stan = ++t->training.stan; /* all of it is of this training */
    memcpy(p->auth_code, padded_text(p->key.stan, 6).text, sizeof p->auth_code);
    memcpy(p->rrn, padded_text(p->key.stan, 12).text, sizeof p->rrn);
    if (p->means == PAYMENT_CASH) p->given_minor = p->amount_minor;
    memcpy(p->response_code, known ? code.text : "00", 3);
    p->state = response_approved(p->response_code) ? PAYMENT_APPROVED : PAYMENT_DECLINED;
}

/* Both slips, marked; nothing is stored that could print them again. */
static void print(struct terminal *t)
{
    struct receipt_context context = {.merchant_name = t->facts.merchant,
                                      .training = true,
                                      .local_ms = now_local_ms(t),
                                      .columns = t->config.paper_columns,
                                      .basket = &t->work.basket,
                                      .signature_free = signature_free(t, &t->work.payment)};
    static const enum receipt_copy copies[] = {RECEIPT_CARDHOLDER_COPY, RECEIPT_MERCHANT_COPY};
    for (size_t i = 0; i < ARRAY_LEN(copies); i++) {
        context.copy = copies[i];
        if (FAILED(receipt_make(&t->work.payment, &context, &t->receipt))) t->receipt.count = 0;
        struct terminal_receipt out = {0, false, copies[i], &t->receipt};
        if (t->ports.receipt != NULL) t->ports.receipt(t->ports.context, &out);
    }
}

static void show_result(struct terminal *t)
{
    const struct payment *p = &t->work.payment;
    const struct response_code *code = response_code(p->response_code);
    bool zh = t->records.language == LANGUAGE_ZH, paid = p->state == PAYMENT_APPROVED;
    screen_begin(t, "training.result", paid ? TEXT_TRAINING_PAID : TEXT_TRAINING_NOT_PAID);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(p->amount_minor).text);
    if (p->state == PAYMENT_REVERSED) {
        SAY(t, SCREEN_ERROR, TEXT_SALE_NO_ANSWER);
        SAY(t, SCREEN_NORMAL, TEXT_SALE_REVERSED);
        SAY(t, SCREEN_HINT, TEXT_SALE_REVERSED_HINT);
    } else if (!paid) {
        SAY(t, SCREEN_ERROR, TEXT_SALE_DECLINED, zh ? code->reason_zh : code->reason_en,
            code->code);
        SAY(t, SCREEN_NORMAL, TEXT_SALE_ADVICE, zh ? code->advice_zh : code->advice_en);
    } else {
        SAY(t, SCREEN_SUCCESS, TEXT_TRAINING_APPROVED);
        t->screen.receipt = &t->receipt;
        t->screen.receipt_number = 0;
    }
    screen_choice(t, "next", TEXT_TRAINING_AGAIN, SCREEN_PRIMARY, NULL, true);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

static err result(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        show_result(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "ok") || key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "next")) PROCEDURE_DONE(t, p);
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
        PROCEDURE_CALL(t, p, present);
        if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

/* The answer that its fen are, the slips, and a place in the book. */
static void end(struct terminal *t)
{
    conclude(t);
    if (t->work.payment.state != PAYMENT_APPROVED) return;
    print(t);
    keep(t);
}

static err practise(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        work_begin(t, PAYMENT_SALE);
        PROCEDURE_CALL(t, p, begin);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        p->local[0] = now_us(t) + TRAINING_WAIT_MS * INT64_C(1000);
        do {
            show_wait(t, p->local[0]);
            PROCEDURE_AWAIT(t, p);
        } while (t->event.kind != EVENT_TIME);
        end(t);
        PROCEDURE_CALL(t, p, result);
    } while (t->outcome == OUTCOME_DONE);
    PROCEDURE_END(t, p);
}

/* Which payment, how much of it, and the card, as far as its kind asks for them. */
static err prepare(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
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
    PROCEDURE_CALL(t, p, present);
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
        p->local[0] = now_us(t) + TRAINING_WAIT_MS * INT64_C(1000);
        do {
            show_wait(t, p->local[0]);
            PROCEDURE_AWAIT(t, p);
        } while (t->event.kind != EVENT_TIME);
        end(t);
        PROCEDURE_CALL(t, p, result);
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
    const struct receipt_settlement slip = {.merchant_name = t->facts.merchant,
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
