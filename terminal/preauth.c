/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 预授权 and what becomes of it (S96 to S99): a hold; then, by its authorisation code and date, an
 * addition, a completion of at most 115 %, or a cancellation; and the void of a completion by its
 * reference. What this terminal knows of the original is shown; the host has the last word.
 *
 * A completion is asked of the host (请求), or told to it (通知): a notice is taken at once, with
 * or without a line and without the card, when the hold is one of this terminal's and covers it;
 * the host is told until it has heard (advice.c).
 */
#include "payment/response_code.h"
#include "terminal/follow.h"
#include "terminal/menu.h"

enum {
    NOTICE_NEEDS =
        NEED_PROVISION | NEED_CASHIER | NEED_CAUGHT_UP | NEED_SIGN_IN | NEED_BATCH | NEED_SETTLED
};

/* Which of the six is under way, and what it says. */
static enum text_id title(const struct terminal *t)
{
    static const enum text_id titles[PAYMENT_TYPES] = {
        [PAYMENT_PREAUTH] = TEXT_HOLD_TITLE,
        [PAYMENT_PREAUTH_ADD] = TEXT_HOLD_ADD_TITLE,
        [PAYMENT_PREAUTH_CANCEL] = TEXT_HOLD_CANCEL_TITLE,
        [PAYMENT_COMPLETION] = TEXT_HOLD_COMPLETE_TITLE,
        [PAYMENT_COMPLETION_ADVICE] = TEXT_HOLD_NOTICE_TITLE,
        [PAYMENT_COMPLETION_VOID] = TEXT_HOLD_UNDO_TITLE,
    };
    return titles[t->work.payment.type];
}

/* ---- which one ---- */

static bool by_reference(const struct terminal *t)
{
    return t->work.payment.type == PAYMENT_COMPLETION_VOID;
}

static void show_number(struct terminal *t)
{
    bool reference = by_reference(t);
    screen_begin(t, reference ? "preauth.reference" : "preauth.code", title(t));
    screen_notice(t);
    SAY(t, SCREEN_HINT, reference ? TEXT_HOLD_UNDO_HINT : TEXT_HOLD_AUTH_HINT);
    if (reference) follow_number_field(t, TEXT_REFUND_RRN, 12);
    else follow_number_field(t, TEXT_HOLD_AUTH, 6);
    screen_show(t);
}

/* Twelve digits are a reference; fewer, of a completion, the voucher of one of this batch. */
static bool number_there(const struct terminal *t)
{
    size_t len = strlen(t->typed);
    return by_reference(t) ? len == 12 || (len >= 1 && len <= 6) : len == 6;
}

/* Authorisation code or reference of the original; or its voucher, which stays in t->typed. */
static err hold_number(struct terminal *t, struct procedure *p)
{
    struct payment_original *o = &t->work.payment.original;

    PROCEDURE_BEGIN(p);
    t->typed[0] = '\0';
    do {
        show_number(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        (void)typed_key(t, by_reference(t) ? 12 : 6);
    } while (!key_is(t, "ok") || !number_there(t));
    if (!by_reference(t)) memcpy(o->auth_code, t->typed, sizeof o->auth_code);
    else if (strlen(t->typed) == 12) memcpy(o->rrn, t->typed, sizeof o->rrn);
    PROCEDURE_END(t, p);
}

/* Is it a payment that this one may follow? Then it becomes the original. */
static bool take(struct terminal *t, int64_t number, const struct payment *original)
{
    unsigned originals = payment_type_row(t->work.payment.type)->originals;
    if ((originals & 1u << original->type) == 0) return false;
    follow_original(t, original);
    t->work.original_number = number;
    return true;
}

/* The completion with the voucher that was typed: the slip of a notice has no reference yet. */
static err find_voucher(struct terminal *t, bool *ret_waits)
{
    struct payment original;
    int64_t number = 0;
    struct reader typed = reader_over(bytes_text(t->typed));
    uint32_t stan = read_digits(&typed, strlen(t->typed));
    err e = records_by_voucher(&t->records, stan, &number, &original);
    if (FAILED(e) && e.code != ERR_NOT_FOUND) return e;
    *ret_waits = !FAILED(e) && original.state == PAYMENT_OFFLINE;
    bool stands = !FAILED(e) && (original.state == PAYMENT_APPROVED || *ret_waits);
    if (!stands || !take(t, number, &original))
        NOTICE(t, SCREEN_WARNING, TEXT_AFTER_NOT_FOUND, padded_text(stan, 6).text);
    return OK;
}

/* The completion that is to be voided, by its voucher. The host must have heard of it first. */
static err hold_voucher(struct terminal *t, struct procedure *p)
{
    bool waits = false;

    PROCEDURE_BEGIN(p);
    TRY(find_voucher(t, &waits));
    if (t->work.original_number == 0) PROCEDURE_BACK(t, p);
    if (!waits) PROCEDURE_DONE(t, p);
    PROCEDURE_CALL(t, p, advice_first);
    if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    t->work.original_number = 0;
    TRY(find_voucher(t, &waits)); /* it has its reference, or was refused */
    PROCEDURE_LEAVE(t, p, t->work.original_number != 0 ? OUTCOME_DONE : OUTCOME_BACK);
    PROCEDURE_END(t, p);
}

/* What this terminal knows of it. */
static err find(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    struct payment original;
    int64_t number = 0;
    err e = by_reference(t) ? records_by_reference(&t->records, p->original.rrn, &number, &original)
                            : records_hold(&t->records, p->original.auth_code, p->original.date,
                                           &number, &original);
    p->means = PAYMENT_CARD;
    if (e.code == ERR_NOT_FOUND) return OK;
    TRY(e);
    if (strcmp(original.local_date, p->original.date) == 0) (void)take(t, number, &original);
    return OK;
}

/* Number and date, and what is known of it. */
static err hold_which(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        PROCEDURE_CALL(t, p, hold_number);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        if (by_reference(t) && t->work.payment.original.rrn[0] == '\0') {
            PROCEDURE_CALL(t, p, hold_voucher);
            if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
            continue;
        }
        PROCEDURE_CALL(t, p, refund_date);
        if (t->outcome == OUTCOME_DONE) break;
        t->work.payment.original.rrn[0] = '\0';
    }
    TRY(find(t));
    PROCEDURE_END(t, p);
}

/* ---- how much ---- */

/* Of one that is known here: what it is, and the whole of it; 0 when it is not. */
static err known(struct terminal *t, struct payment *ret_original, int64_t *ret_whole)
{
    struct payment_trail trail;
    *ret_whole = 0;
    if (t->work.original_number == 0) return OK;
    TRY(records_get(&t->records, t->work.original_number, ret_original));
    TRY(records_trail(&t->records, &ret_original->key, &trail));
    *ret_whole = payment_trail_whole(&trail, ret_original);
    return OK;
}

static int64_t most(const struct terminal *t, int64_t whole_minor)
{
    return whole_minor * payment_type_row(t->work.payment.type)->per_cent / 100;
}

static err show_amount(struct terminal *t)
{
    struct payment original;
    int64_t whole_minor = 0;
    TRY(known(t, &original, &whole_minor));
    screen_begin(t, "preauth.amount", title(t));
    screen_notice(t);
    if (whole_minor > 0) {
        follow_say_which(t, &original);
        SAY(t, SCREEN_NORMAL, TEXT_HOLD_WHOLE, amount_text(whole_minor).text);
        if (most(t, whole_minor) > 0)
            SAY(t, SCREEN_NORMAL, TEXT_HOLD_MOST, amount_text(most(t, whole_minor)).text);
    } else {
        SAY(t, SCREEN_HINT, TEXT_HOLD_AMOUNT_HINT);
    }
    amount_field(t, TEXT_SALE_AMOUNT);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
    return OK;
}

/* An amount that this kind may have, and what a supervisor has to be asked for it. */
static err amount_there(struct terminal *t, bool *ret_there)
{
    const struct payment_type_row *row = payment_type_row(t->work.payment.type);
    struct payment original;
    int64_t amount_minor = amount_typed(t), whole_minor = 0;
    TRY(known(t, &original, &whole_minor));
    int64_t limit_minor = most(t, whole_minor);
    bool over = limit_minor > 0 && amount_minor > limit_minor;
    bool part = row->whole && whole_minor > 0 && amount_minor != whole_minor;
    enum limit limit = limit_of_type(t->work.payment.type);
    t->work.payment.amount_minor = amount_minor;
    t->asked = (struct asked){limit, limit == LIMIT_VOID ? 1 : amount_minor};
    *ret_there = amount_minor > 0 && !over && !part;
    if (amount_minor == 0) NOTICE(t, SCREEN_WARNING, TEXT_SALE_AMOUNT_ZERO);
    else if (over) NOTICE(t, SCREEN_WARNING, TEXT_HOLD_OVER, amount_text(limit_minor).text);
    else if (part) NOTICE(t, SCREEN_WARNING, TEXT_HOLD_NOT_ALL, amount_text(whole_minor).text);
    return OK;
}

static err hold_amount(struct terminal *t, struct procedure *p)
{
    bool there = false;

    PROCEDURE_BEGIN(p);
    for (;;) {
        TRY(show_amount(t));
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        amount_key(t);
        if (!key_is(t, "ok")) continue;
        TRY(amount_there(t, &there));
        if (!there) continue;
        PROCEDURE_CALL(t, p, allow);
        if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}

/* ---- a completion that is told ---- */

/* Why it cannot be taken here and now; NULL when it can. The rules are the host's. */
static err notice_refusal(struct terminal *t, const char **ret_code)
{
    struct payment original, p = t->work.payment;
    struct payment_trail trail;
    TRY(records_get(&t->records, t->work.original_number, &original));
    TRY(records_trail(&t->records, &original.key, &trail));
    memcpy(p.mid, t->facts.mid, sizeof p.mid);
    p.currency = CURRENCY_CNY;
    if (p.amount_minor == 0) p.amount_minor = 1; /* the amount is not known yet */
    *ret_code = payment_follow_refusal(&p, &original, &trail, t->records.batch, now_ms(t));
    return OK;
}

/* The hold is one of ours and may be completed; otherwise says why not. */
static err notice_may(struct terminal *t, bool *ret_may)
{
    const char *code = NULL;
    *ret_may = false;
    if (t->work.original_number == 0) {
        NOTICE(t, SCREEN_WARNING, TEXT_HOLD_NOTICE_UNKNOWN);
        return OK;
    }
    if (clock_behind(t)) {
        NOTICE(t, SCREEN_WARNING, TEXT_HOLD_NOTICE_CLOCK);
        return OK;
    }
    TRY(notice_refusal(t, &code));
    *ret_may = code == NULL;
    if (code == NULL) return OK;
    const struct response_code *why = response_code(code);
    bool zh = t->records.language == LANGUAGE_ZH;
    NOTICE(t, SCREEN_WARNING, TEXT_HOLD_NOTICE_REFUSED, zh ? why->reason_zh : why->reason_en,
           zh ? why->advice_zh : why->advice_en);
    return OK;
}

/* It is taken; then nothing of it waits for anybody. */
static err notice_take(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    while ((t->need = need_missing(t, NOTICE_NEEDS)) != 0) {
        PROCEDURE_CALL(t, p, need_screen);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    }
    memcpy(t->work.payment.pan_masked, t->work.original_masked, sizeof t->work.original_masked);
    TRY(queue_notice(t));
    PROCEDURE_CALL(t, p, sale_result);
    PROCEDURE_LEAVE(t, p, t->outcome);
    PROCEDURE_END(t, p);
}

static err hold_notice(struct terminal *t, struct procedure *p)
{
    bool may = false;

    PROCEDURE_BEGIN(p);
    do {
        work_begin(t, PAYMENT_COMPLETION_ADVICE);
        do {
            PROCEDURE_CALL(t, p, hold_which);
            if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
            TRY(notice_may(t, &may));
        } while (!may);
        PROCEDURE_CALL(t, p, hold_amount);
        if (t->outcome == OUTCOME_BACK) continue;
        PROCEDURE_CALL(t, p, notice_take);
    } while (t->outcome != OUTCOME_BACK || t->work.number == 0);
    PROCEDURE_END(t, p);
}

/* ---- the six ---- */

static err hold(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        work_begin(t, PAYMENT_PREAUTH);
        PROCEDURE_CALL(t, p, hold_amount);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        PROCEDURE_CALL(t, p, follow_send);
    } while (t->outcome != OUTCOME_BACK || t->work.number == 0);
    PROCEDURE_END(t, p);
}

/* A notice of this hold waits: the host has to hear of it before it judges what follows. */
static err notice_waits(struct terminal *t, bool *ret_waits)
{
    struct payment original;
    struct payment_trail trail;
    *ret_waits = false;
    if (t->work.original_number == 0 || t->records.offline == 0) return OK;
    TRY(records_get(&t->records, t->work.original_number, &original));
    TRY(records_trail(&t->records, &original.key, &trail));
    *ret_waits = trail.captured && trail.under_way;
    return OK;
}

/* Of the type in p->local[0]. */
static err hold_follow(struct terminal *t, struct procedure *p)
{
    bool waits = false;

    PROCEDURE_BEGIN(p);
    do {
        work_begin(t, (enum payment_type)p->local[0]);
        PROCEDURE_CALL(t, p, hold_which);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        TRY(notice_waits(t, &waits));
        if (waits) PROCEDURE_CALL(t, p, advice_first);
        if (waits && t->outcome == OUTCOME_BACK) continue;
        PROCEDURE_CALL(t, p, hold_amount);
        if (t->outcome == OUTCOME_BACK) continue;
        PROCEDURE_CALL(t, p, follow_send);
    } while (t->outcome != OUTCOME_BACK || t->work.number == 0);
    PROCEDURE_END(t, p);
}

static err hold_add(struct terminal *t, struct procedure *p)
{
    p->local[0] = PAYMENT_PREAUTH_ADD;
    return hold_follow(t, p);
}

static err hold_complete(struct terminal *t, struct procedure *p)
{
    p->local[0] = PAYMENT_COMPLETION;
    return hold_follow(t, p);
}

static err hold_cancel(struct terminal *t, struct procedure *p)
{
    p->local[0] = PAYMENT_PREAUTH_CANCEL;
    return hold_follow(t, p);
}

static err hold_undo(struct terminal *t, struct procedure *p)
{
    p->local[0] = PAYMENT_COMPLETION_VOID;
    return hold_follow(t, p);
}

/* clang-format off */
static const struct menu_entry entries[] = {
    {"hold",     TEXT_ENTRY_HOLD,          "preauth", 0, hold},
    {"add",      TEXT_ENTRY_HOLD_ADD,      "preauth", 0, hold_add},
    {"complete", TEXT_ENTRY_HOLD_COMPLETE, "card",    0, hold_complete},
    {"notice",   TEXT_ENTRY_HOLD_NOTICE,   "card",    0, hold_notice},
    {"cancel",   TEXT_ENTRY_HOLD_CANCEL,   "void",    0, hold_cancel},
    {"undo",     TEXT_ENTRY_HOLD_UNDO,     "void",    0, hold_undo},
};
static const struct menu menu_preauth = {"preauth.menu", TEXT_HOLD_TITLE, SCREEN_LIST, ARRAY_LEN(entries), entries};
/* clang-format on */

err preauth(struct terminal *t, struct procedure *p)
{
    t->menu = &menu_preauth;
    return menu_run(t, p);
}
