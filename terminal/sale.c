/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 消费: the amount (sale_amount.c), the means, the connection, the payment, its result.
 *
 * Until queue_submit() nothing has happened and Cancel goes back one step. After it the payment is
 * in the store: it ends approved, declined or reversed, whatever is pressed and whatever breaks.
 */
#include "payment/response_code.h"
#include "terminal/cash.h"
#include "terminal/instalment.h"
#include "terminal/manual.h"
#include "terminal/points.h"
#include "terminal/shown.h"
#include "terminal/split.h"
#include "terminal/words.h"

enum { SALE_NEEDS = NEED_PROVISION | NEED_CASHIER | NEED_SIGN_IN | NEED_BATCH };

/* ---- card or code ---- */

/* The words of the payment under way. */
static const struct type_words *words(const struct terminal *t)
{
    return type_words(t->work.payment.type);
}

/* It goes back to the card that paid, and to no other. */
static bool follows(const struct terminal *t)
{
    return payment_linked(t->work.payment.type);
}

/* What a sale can be paid with beside a card and the customer's code; each a procedure. DONE: the
 * payment has its means, and may be paid already. SKIPPED: it became an order. BACK: neither. */
static const struct {
    const char *key;
    enum text_id text;
    const char *icon;
    procedure_function run;
} others[] = {
    {"show_code", TEXT_ENTRY_SHOW_CODE, "code", shown_take},
    {"cash", TEXT_ENTRY_CASH, "cash", cash_take},
    {"points", TEXT_ENTRY_POINTS, "card", points_take},
    {"split", TEXT_ENTRY_SPLIT, "split", split_begin},
    {"instalment", TEXT_ENTRY_INSTALMENT, "instalment", instalment_choose},
    {"manual", TEXT_ENTRY_MANUAL, "keypad", manual_take},
};

/* A part of an order is not split again, small amounts are paid in one sum, and a card is typed
 * only where the shop wants that. */
static bool offered(const struct terminal *t, size_t other)
{
    if (others[other].run == points_take) return points_offered(t);
    if (others[other].run == manual_take) return manual_offered(t);
    if (others[other].run == instalment_choose) return instalment_offered(t);
    return others[other].run != split_begin || t->work.payment.order == 0;
}

static void show_present(struct terminal *t)
{
    screen_begin(t, "sale.present", words(t)->present_title);
    bool moves = payment_moves(t->work.payment.type);
    if (moves)
        SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    items_say(t);
    instalment_say(t, &t->work.payment);
    screen_notice(t);
    bool known = follows(t) && t->work.original_masked[0] != '\0';
    if (!moves) SAY(t, SCREEN_HINT, TEXT_BALANCE_PRESENT);
    else if (known) SAY(t, SCREEN_HINT, TEXT_AFTER_SAME_CARD, t->work.original_masked);
    else if (t->work.payment.type != PAYMENT_SALE) SAY(t, SCREEN_HINT, TEXT_AFTER_CARD_ONLY);
    else SAY(t, SCREEN_HINT, TEXT_SALE_PRESENT);
    t->screen.card = true;
    enum payment_type type = t->work.payment.type;
    bool sale = type == PAYMENT_SALE;
    /* The card that paid may be one that a telephone shows as a code, and no hold is made of it. */
    t->screen.scan = sale || type == PAYMENT_VOID || type == PAYMENT_REFUND;
    t->screen.shown = t->work.shown;
    for (size_t i = 0; sale && i < ARRAY_LEN(others); i++)
        if (offered(t, i))
            screen_choice(t, others[i].key, others[i].text, SCREEN_CHIP, others[i].icon, true);
    screen_choice(t, "guide", t->work.guide.on ? TEXT_GUIDE_CHOICE_OFF : TEXT_GUIDE_CHOICE,
                  SCREEN_PLAIN, "sound", true);
    timeout_of(t, TIMEOUT_PRESENT);
    guide_tell(t, GUIDE_ON);
    screen_show(t);
}

/* What the vault says of a card that cannot be used. */
static void refuse_card(struct terminal *t)
{
    static const enum text_id why[] = {
        [VAULT_CARD_USE_CHIP] = TEXT_SALE_USE_CHIP,
        [VAULT_CARD_EXPIRED] = TEXT_SALE_EXPIRED,
        [VAULT_CARD_SEVERAL] = TEXT_CHIP_SEVERAL,
        [VAULT_CARD_LEFT] = TEXT_CHIP_LEFT,
        [VAULT_CODE_TOO_LONG] = TEXT_CODE_TOO_LONG,
        [VAULT_CODE_UNREADABLE] = TEXT_CODE_UNREADABLE,
        [VAULT_CODE_FOREIGN] = TEXT_CODE_FOREIGN,
        [VAULT_CODE_EMPTY] = TEXT_CODE_EMPTY,
        [VAULT_CODE_USED] = TEXT_CODE_USED,
        [VAULT_CODE_REFUSED] = TEXT_CODE_REFUSED,
        [VAULT_CODE_NOT_TAKEN] = TEXT_CODE_NOT_TAKEN,
        [VAULT_CARD_UNREADABLE] = TEXT_SALE_UNREADABLE,
    };
    unsigned state = t->work.card.state;
    bool named = state < ARRAY_LEN(why) && state != VAULT_CARD_NONE && state != VAULT_CARD_CHIP;
    NOTICE(t, SCREEN_WARNING, named ? why[state] : TEXT_SALE_UNREADABLE);
}

static void arm(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    chip_forget(t);
    points_undo(t);
    p->chip.len = 0;
    p->means = PAYMENT_MEANS_NONE;
    p->pin_entered = false;
    p->pan_masked[0] = p->card_sequence[0] = '\0';
    /* What follows another payment, or holds money, is the host's to allow. */
    t->work.host_use =
        p->type == PAYMENT_SALE ? offline_host(t, p->amount_minor) : VAULT_HOST_ALWAYS;
    enum vault_status status = secure_card_arm(t, p->amount_minor, t->work.host_use);
    if (status != VAULT_OK)
        NOTICE(t, SCREEN_WARNING, TEXT_SALE_READER_FAULT, vault_status_text(status));
}

/* As far as both are known: the host compares the whole number. */
static bool same_card(struct terminal *t)
{
    const char *wanted = t->work.original_masked;
    if (!instalment_fits(t)) return false;
    if (!follows(t) || wanted[0] == '\0' || strcmp(wanted, t->work.payment.pan_masked) == 0)
        return true;
    NOTICE(t, SCREEN_WARNING, TEXT_AFTER_OTHER_CARD, wanted);
    return false;
}

static bool take_card(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    if (t->work.card.state != VAULT_CARD_READ) {
        refuse_card(t);
        return false;
    }
    if (!same_card(t)) return false;
    p->means = PAYMENT_CARD;
    p->entry = (enum payment_entry)t->work.card.entry;
    return true;
}

static bool take_code(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    if (p->type != PAYMENT_SALE) { /* what follows a payment by code needs no code */
        NOTICE(t, SCREEN_WARNING, TEXT_AFTER_CARD_ONLY);
        return false;
    }
    struct bytes code = bytes_of(t->work.code, t->work.code_len);
    if (code.len == 0 || FAILED(payment_mask(code, p->pan_masked))) {
        NOTICE(t, SCREEN_WARNING, TEXT_SALE_BAD_CODE);
        return false;
    }
    p->means = PAYMENT_CODE;
    p->entry = PAYMENT_ENTRY_CODE;
    secure_forget(t); /* the card reader is not needed any more */
    return true;
}

static err pin_of_a_stripe(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    ask_pin(t, false);
    PROCEDURE_CALL(t, p, pin_take);
    t->work.payment.pin_entered = t->outcome == OUTCOME_DONE;
    PROCEDURE_LEAVE(t, p, t->outcome);
    PROCEDURE_END(t, p);
}

/* The card has been read to its end, and is the one that is wanted. */
static bool read_well(struct terminal *t)
{
    return t->outcome == OUTCOME_DONE && same_card(t);
}

err sale_by_card(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (t->work.card.state == VAULT_CARD_CHIP) PROCEDURE_CALL(t, p, chip_read);
    else if (!take_card(t)) PROCEDURE_BACK(t, p);
    else if (!t->work.card.pin_required) PROCEDURE_DONE(t, p);
    else PROCEDURE_CALL(t, p, pin_of_a_stripe);
    PROCEDURE_LEAVE(t, p, read_well(t) ? OUTCOME_DONE : OUTCOME_BACK);
    PROCEDURE_END(t, p);
}

/* How it is to be paid, by what has just happened; NULL: that was something else. */
static procedure_function way(const struct terminal *t)
{
    if (t->event.kind == EVENT_CARD) return sale_by_card;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (choice_is(t, others[i].key)) return others[i].run;
    return NULL;
}

/* Cancel takes a plan of instalments away first. */
static bool in_one_sum(struct terminal *t)
{
    if (!instalment_undo(t)) return false;
    arm(t);
    return true;
}

err sale_means(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    arm(t);
    for (;;) {
        show_present(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel") && !in_one_sum(t)) PROCEDURE_BACK(t, p);
        if (choice_is(t, "guide")) guide_toggle(t);
        if (t->event.kind == EVENT_CODE && take_code(t)) PROCEDURE_DONE(t, p);
        if (way(t) == NULL) continue;
        PROCEDURE_CALL(t, p, way(t));
        if (t->outcome == OUTCOME_DONE || t->outcome == OUTCOME_SKIPPED)
            PROCEDURE_LEAVE(t, p, t->outcome);
        arm(t); /* the reader too, for another card */
    }
    PROCEDURE_END(t, p);
}

/* ---- everything that must be so before a payment may be sent ---- */

err sale_clear(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        if (payment_offline(&t->work.payment)) PROCEDURE_DONE(t, p);
        if (offline_may_decide(t)) {
            PROCEDURE_CALL(t, p, offline_decide);
            PROCEDURE_LEAVE(t, p, t->outcome);
        }
        t->need = need_missing(t, SALE_NEEDS);
        if (t->need != 0) {
            PROCEDURE_CALL(t, p, need_screen);
            if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
            continue;
        }
        if (t->records.unsent > 0) {
            PROCEDURE_CALL(t, p, reverse_first);
            if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
            continue;
        }
        if (host_free(t)) PROCEDURE_DONE(t, p);
        PROCEDURE_CALL(t, p, host_ready);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    }
    PROCEDURE_END(t, p);
}

/* The vault would not: nothing was stored, nothing was sent. */
err sale_refused_by_vault(struct terminal *t, enum vault_status status)
{
    if (status == VAULT_KEYS_SPENT) {
        NOTICE(t, SCREEN_ERROR, TEXT_SALE_KEYS_SPENT);
        return OK;
    }
    if (status != VAULT_NOT_READY && status != VAULT_BAD_KEYS) {
        NOTICE(t, SCREEN_ERROR, TEXT_SALE_VAULT_FAULT, vault_status_text(status));
        return OK;
    }
    NOTICE(t, SCREEN_ERROR, TEXT_SALE_SIGN_IN_AGAIN);
    t->facts.working_keys = false;
    return host_keys_useless(t, "no keys");
}

/* ---- the host's answer ---- */

static void show_wait(struct terminal *t)
{
    enum payment_means means = t->work.payment.means;
    enum text_id what = means == PAYMENT_CARD     ? TEXT_SALE_WAIT_CARD
                        : means == PAYMENT_SHOWN  ? TEXT_SHOWN_ASKING
                        : means == PAYMENT_POINTS ? TEXT_POINTS_WAIT
                                                  : TEXT_SALE_WAIT_CODE;
    if (shown_there(t)) {
        shown_show(t);
        return;
    }
    screen_begin(t, "sale.wait", TEXT_SALE_WAIT_TITLE);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    SAY(t, SCREEN_HINT, words(t)->wait_hint);
    screen_wait(t, what, t->host.deadline_us);
    screen_show(t);
}

/* A late answer changes nothing any more. */
static err stop(struct terminal *t, enum text_id why)
{
    host_forget(t);
    return queue_reverse(t, "06", why);
}

/* Host and card have spoken, as far as they will. */
static err conclude(struct terminal *t)
{
    switch (t->work.host_outcome) {
    case HOST_ANSWERED:
        /* What the card does not agree to is taken back, whatever the host has said. */
        if (chip_open(t) && response_approved(t->work.answer.response_code) &&
            t->work.chip.result != VAULT_CHIP_APPROVED) {
            t->work.payment.chip = t->work.answer.chip;
            return queue_reverse(t, "06", chip_ending(t));
        }
        return queue_conclude(t);
    case HOST_BAD_MAC:
        return queue_reverse(t, "A0", TEXT_SALE_BAD_ANSWER);
    case HOST_LOST:
        return queue_reverse(t, "98", TEXT_SALE_LINK_LOST);
    default:
        return queue_reverse(t, "98", TEXT_SALE_NO_ANSWER);
    }
}

err sale_wait(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        show_wait(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) TRY(stop(t, TEXT_SALE_CANCELLED));
        else if (t->event.kind == EVENT_CHIP) TRY(stop(t, TEXT_CHIP_PULLED));
        if (t->work.payment.state != PAYMENT_PENDING) PROCEDURE_DONE(t, p);
        if (t->event.kind == EVENT_ANSWER) break;
    }
    t->work.answer = t->host.payment; /* while the card is told, the host may be asked else */
    t->work.host_outcome = t->host.outcome;
    if (chip_open(t)) PROCEDURE_CALL(t, p, chip_finish);
    TRY(conclude(t));
    PROCEDURE_END(t, p);
}

/* ---- the result ---- */

/* The slip, the voice, and what comes next. */
static enum text_id again(const struct terminal *t)
{
    bool part = t->order.state != ORDER_NONE && t->work.payment.order == t->order.number;
    return part ? TEXT_SPLIT_GO_ON : words(t)->again;
}

static void show_paid(struct terminal *t)
{
    t->screen.receipt = &t->receipt;
    t->screen.receipt_number = t->work.number;
    if (t->speech.number == t->work.number) {
        t->screen.speech_number = t->speech.number;
        memcpy(t->screen.speech, t->speech.text, sizeof t->screen.speech);
    }
    if (ereceipt_offered(t))
        screen_choice(t, "ereceipt", TEXT_ENTRY_ERECEIPT, SCREEN_CHIP, "code", true);
    if (signature_wanted(t, &t->work.payment))
        screen_choice(t, "sign_again", TEXT_ENTRY_SIGN_AGAIN, SCREEN_CHIP, NULL, true);
    screen_choice(t, "next", again(t), SCREEN_PRIMARY, NULL, true);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, TERMINAL_RESULT_S);
    screen_show(t);
}

/* By the card alone, or by the hold; and when it has been told meanwhile, that too. */
static void show_offline(struct terminal *t)
{
    const struct payment *p = &t->work.payment;
    bool card = payment_offline(p);
    screen_begin(t, "sale.offline", card ? TEXT_OFFLINE_TITLE : words(t)->approved_title);
    SAY(t, SCREEN_SUCCESS, card ? TEXT_OFFLINE_APPROVED : words(t)->approved);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(p->amount_minor).text);
    if (p->state == PAYMENT_OFFLINE) {
        SAY(t, SCREEN_NORMAL, TEXT_OFFLINE_LATER);
        if (card) SAY(t, SCREEN_WARNING, TEXT_OFFLINE_LIABILITY);
    } else {
        SAY(t, SCREEN_NORMAL, TEXT_OFFLINE_DELIVERED, p->rrn);
    }
    show_paid(t);
}

static void show_approved(struct terminal *t)
{
    const struct payment *p = &t->work.payment;
    const struct response_code *code = response_code(p->response_code);
    bool zh = t->records.language == LANGUAGE_ZH;
    screen_begin(t, "sale.approved", words(t)->approved_title);
    SAY(t, SCREEN_SUCCESS, words(t)->approved);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(p->amount_minor).text);
    instalment_say(t, p);
    if (p->means == PAYMENT_CASH) cash_say(t);
    else if (strcmp(p->response_code, "00") != 0)
        SAY(t, SCREEN_WARNING, TEXT_SALE_NOTE, zh ? code->reason_zh : code->reason_en,
            zh ? code->advice_zh : code->advice_en);
    show_paid(t);
}

static void show_declined(struct terminal *t)
{
    const struct payment *p = &t->work.payment;
    const struct response_code *code = response_code_by(p);
    bool zh = t->records.language == LANGUAGE_ZH;
    screen_begin(t, "sale.declined", words(t)->declined_title);
    guide_tell(t, GUIDE_DECLINED);
    bool over = shown_over(p);
    if (over) SAY(t, SCREEN_ERROR, TEXT_SHOWN_OVER);
    else
        SAY(t, SCREEN_ERROR, TEXT_SALE_DECLINED, zh ? code->reason_zh : code->reason_en,
            p->response_code);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(p->amount_minor).text);
    if (over) SAY(t, SCREEN_NORMAL, TEXT_SHOWN_OVER_ADVICE);
    else if (!quota_say(t, p->notice))
        SAY(t, SCREEN_NORMAL, TEXT_SALE_ADVICE, zh ? code->advice_zh : code->advice_en);
    if (signed_in(t)) screen_choice(t, "next", again(t), SCREEN_PRIMARY, NULL, true);
    else screen_choice(t, "sign_in", TEXT_ENTRY_SIGN_IN, SCREEN_PRIMARY, "signin", true);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, TERMINAL_RESULT_S);
    screen_show(t);
}

/* Our record ends as reversed, and the host may have it as done: nobody is told that it is not. */
static void show_kept(struct terminal *t)
{
    screen_begin(t, "sale.kept", TEXT_AFTER_KEPT_TITLE);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    SAY(t, SCREEN_WARNING, TEXT_AFTER_KEPT);
    SAY(t, SCREEN_HINT, TEXT_AFTER_KEPT_HINT);
    screen_choice(t, "next", again(t), SCREEN_PRIMARY, NULL, true);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

static void show_reversing(struct terminal *t)
{
    bool done = t->work.payment.state == PAYMENT_REVERSED;
    if (payment_kept(&t->work.payment)) {
        show_kept(t);
        return;
    }
    screen_begin(t, done ? "sale.reversed" : "sale.reversing",
                 done ? TEXT_SALE_REVERSED_TITLE : TEXT_SALE_REVERSING_TITLE);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    if (done) {
        SAY(t, SCREEN_WARNING, words(t)->reversed);
        guide_tell(t, GUIDE_REVERSED);
        SAY(t, SCREEN_HINT, words(t)->reversed_hint);
        screen_choice(t, "next", again(t), SCREEN_PRIMARY, NULL, true);
        screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    } else {
        SAY(t, SCREEN_ERROR, t->work.ending);
        if (!t->records.signed_in) {
            SAY(t, SCREEN_NORMAL, TEXT_NEED_SIGN_IN);
            screen_choice(t, "sign_in", TEXT_ENTRY_SIGN_IN, SCREEN_PRIMARY, "signin", true);
        }
        SAY(t, SCREEN_HINT, words(t)->reversing_hint);
        screen_wait(t, TEXT_SALE_REVERSING_WAIT,
                    t->reverse.under_way ? t->host.deadline_us : t->reverse.next_us);
        screen_idle(t, TERMINAL_IDLE_S); /* it goes on behind the main screen */
    }
    screen_show(t);
}

static void show_result(struct terminal *t)
{
    enum payment_state state = t->work.payment.state;
    ENSURE(payment_state_paid(state) || state == PAYMENT_DECLINED || state == PAYMENT_REVERSING ||
           state == PAYMENT_REVERSED);
    if (payment_told(&t->work.payment) && state != PAYMENT_DECLINED) show_offline(t);
    else if (state == PAYMENT_APPROVED) show_approved(t);
    else if (state == PAYMENT_DECLINED) show_declined(t);
    else show_reversing(t);
}

/* DONE: one more sale. BACK: enough. */
err sale_result(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (signature_wanted(t, &t->work.payment)) PROCEDURE_CALL(t, p, signature);
    for (;;) {
        show_result(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "ok") || key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "next")) PROCEDURE_DONE(t, p);
        if (choice_is(t, "sign_in")) PROCEDURE_CALL(t, p, sign_in);
        else if (choice_is(t, "ereceipt")) PROCEDURE_CALL(t, p, ereceipt_of_work);
        else if (choice_is(t, "sign_again")) PROCEDURE_CALL(t, p, signature);
    }
    PROCEDURE_END(t, p);
}

/* ---- the whole ---- */

void work_begin(struct terminal *t, enum payment_type type)
{
    explicit_bzero(&t->work, sizeof t->work);
    t->work.payment.type = type;
    notice_clear(t);
}

err sale_pay(struct terminal *t, struct procedure *p)
{
    enum vault_status status;

    PROCEDURE_BEGIN(p);
    for (;;) {
        PROCEDURE_CALL(t, p, sale_means);
        if (t->outcome != OUTCOME_DONE) break;
        if (t->work.number != 0) PROCEDURE_DONE(t, p); /* paid already: cash */
        PROCEDURE_CALL(t, p, sale_clear);
        if (t->outcome == OUTCOME_BACK) continue;
        TRY(payment_offline(&t->work.payment) ? queue_offline(t, &status)
                                              : queue_submit(t, &status));
        if (status == VAULT_OK) PROCEDURE_DONE(t, p);
        TRY(sale_refused_by_vault(t, status));
    }
    secure_forget(t);
    PROCEDURE_LEAVE(t, p, t->outcome);
    PROCEDURE_END(t, p);
}

/* From the amount to a payment that is in the store and on its way. SKIPPED: it became an order. */
static err sale_begin(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        PROCEDURE_CALL(t, p, sale_amount);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        do {
            PROCEDURE_CALL(t, p, sale_pay);
            if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
            if (t->outcome == OUTCOME_BACK) break;
            PROCEDURE_CALL(t, p, split_run);
        } while (t->outcome == OUTCOME_BACK); /* not split after all */
        if (t->outcome == OUTCOME_DONE) PROCEDURE_LEAVE(t, p, OUTCOME_SKIPPED);
    }
    PROCEDURE_END(t, p);
}

err sale(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        work_begin(t, PAYMENT_SALE);
        PROCEDURE_CALL(t, p, sale_begin);
        if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
        if (t->work.payment.state == PAYMENT_PENDING) PROCEDURE_CALL(t, p, sale_wait);
        PROCEDURE_CALL(t, p, sale_result);
    } while (t->outcome == OUTCOME_DONE);
    PROCEDURE_END(t, p);
}
