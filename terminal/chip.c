/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chip card, as far as people are concerned. The kernel is in the vault; this asks it how far it
 * is, shows what it wants to be shown, and takes its answers back.
 *
 *   chip_read      from the card in the reader to a payment that is ready to be sent
 *   chip_finish    from the host's answer to the card's last word
 *
 * Between the two the payment is sent like any other, and the card stays in the reader.
 */
#include "lib/wire/vault_protocol_chip.h"
#include "terminal/core.h"

bool chip_open(const struct terminal *t)
{
    return t->work.chip.open;
}

void chip_forget(struct terminal *t)
{
    t->work.chip = (struct chip){.open = false};
}

/* ---- how it ended ---- */

static enum text_id text_of(const struct chip *chip)
{
    static const enum text_id why[] = {
        [VAULT_CHIP_NO_REASON] = TEXT_CHIP_REFUSED,
        [VAULT_CHIP_REMOVED] = TEXT_CHIP_REMOVED,
        [VAULT_CHIP_SILENT] = TEXT_CHIP_SILENT,
        [VAULT_CHIP_CANCELLED] = TEXT_CHIP_CANCELLED,
        [VAULT_CHIP_BLOCKED] = TEXT_CHIP_BLOCKED,
        [VAULT_CHIP_NOT_TAKEN] = TEXT_CHIP_NOT_TAKEN,
        [VAULT_CHIP_BAD] = TEXT_CHIP_BAD,
        [VAULT_CHIP_REFUSES] = TEXT_CHIP_REFUSED,
        [VAULT_CHIP_UNPLUGGED] = TEXT_CHIP_UNPLUGGED,
        [VAULT_CHIP_NO_PARAMETERS] = TEXT_CHIP_NO_PARAMETERS,
        [VAULT_CHIP_INSERT] = TEXT_CHIP_INSERT,
        [VAULT_CHIP_TAP_AGAIN] = TEXT_CHIP_TAP_AGAIN,
        [VAULT_CHIP_SEE_PHONE] = TEXT_CHIP_SEE_PHONE,
        [VAULT_CHIP_NO_HOST] = TEXT_CHIP_NO_HOST,
    };
    return chip->reason < ARRAY_LEN(why) ? why[chip->reason] : TEXT_CHIP_REFUSED;
}

void chip_say_why(struct terminal *t)
{
    const struct chip *chip = &t->work.chip;
    if (chip->fallback && chip->reason == VAULT_CHIP_BAD)
        NOTICE(t, SCREEN_WARNING, TEXT_CHIP_UNREADABLE);
    else NOTICE(t, SCREEN_WARNING, text_of(chip));
}

enum text_id chip_ending(const struct terminal *t)
{
    return t->work.chip.reason == VAULT_CHIP_REMOVED ? TEXT_CHIP_PULLED : TEXT_CHIP_OVERRULED;
}

/* ---- from the card to the payment ---- */

static void show_working(struct terminal *t)
{
    screen_begin(t, "sale.chip", TEXT_CHIP_TITLE);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    SAY(t, SCREEN_HINT,
        t->work.chip.entry == PAYMENT_ENTRY_CONTACTLESS ? TEXT_CHIP_HOLD : TEXT_CHIP_LEAVE);
    t->screen.shown = t->work.shown;
    screen_wait(t, TEXT_CHIP_WORKING, 0);
    screen_keys(t, 0);
    screen_idle(t, 0); /* the vault ends it: no card may think for ever */
    screen_show(t);
}

static void show_choice(struct terminal *t)
{
    const struct chip *chip = &t->work.chip;
    screen_begin(t, "sale.application", TEXT_CHIP_CHOOSE_TITLE);
    SAY(t, SCREEN_HINT, TEXT_CHIP_CHOOSE);
    for (size_t i = 0; i < chip->labels; i++)
        screen_choice_named(t, padded_text((int64_t)i, 1).text, chip->label[i], SCREEN_LIST);
    screen_keys(t, SCREEN_KEY_CANCEL);
    timeout_of(t, TIMEOUT_CHOICE);
    screen_show(t);
}

static void show_document(struct terminal *t)
{
    screen_begin(t, "sale.document", TEXT_CHIP_DOCUMENT_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_CHIP_DOCUMENT);
    screen_choice(t, "yes", TEXT_CHIP_DOCUMENT_YES, SCREEN_PRIMARY, NULL, true);
    screen_choice(t, "no", TEXT_CHIP_DOCUMENT_NO, SCREEN_PLAIN, NULL, true);
    screen_keys(t, SCREEN_KEY_CANCEL);
    timeout_of(t, TIMEOUT_CHOICE);
    screen_show(t);
}

void ask_pin(struct terminal *t, bool bypass)
{
    t->ask = (struct entry_ask){.id = "sale.pin",
                                .title = TEXT_SALE_PIN_TITLE,
                                .label = TEXT_SALE_PIN,
                                .hint = TEXT_SALE_PIN_HINT,
                                .purpose = VAULT_ENTRY_PIN,
                                .bypass = bypass};
}

static void ask_chip_pin(struct terminal *t)
{
    const struct chip *chip = &t->work.chip;
    ask_pin(t, chip->pin_bypass);
    if (!chip->pin_again) return;
    if (chip->pin_tries <= 3)
        NOTICE(t, SCREEN_WARNING, TEXT_CHIP_PIN_WRONG_LEFT, number_text(chip->pin_tries).text);
    else NOTICE(t, SCREEN_WARNING, TEXT_CHIP_PIN_WRONG);
}

static enum vault_status say(struct terminal *t, uint8_t kind, uint8_t index)
{
    const struct vault_chip_answer answer = {.kind = kind, .index = index};
    t->poll_at_us = now_us(t);
    return secure_chip_answer(t, &answer);
}

static enum vault_status say_pin(struct terminal *t)
{
    if (t->outcome == OUTCOME_DONE) return say(t, VAULT_CHIP_IS_PIN, 0);
    return say(t, t->outcome == OUTCOME_SKIPPED ? VAULT_CHIP_IS_BYPASSED : VAULT_CHIP_IS_CANCELLED,
               0);
}

/* Which of the applications, as the choice on the screen says. */
static bool chosen(const struct terminal *t, uint8_t *ret_index)
{
    for (uint8_t i = 0; i < t->work.chip.labels; i++) {
        if (!choice_is(t, padded_text(i, 1).text)) continue;
        *ret_index = i;
        return true;
    }
    return false;
}

static void take(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    p->means = PAYMENT_CARD;
    p->entry = (enum payment_entry)t->work.chip.entry;
    p->pin_entered = t->work.chip.pin_entered;
    p->chip = t->work.chip.field55;
}

/* Only when it was allowed to: what a card says unasked is nothing. */
static bool approved_alone(const struct terminal *t)
{
    const struct chip *chip = &t->work.chip;
    const struct payment said = {.chip = chip->field55};
    return chip->state == VAULT_CHIP_DONE && chip->result == VAULT_CHIP_APPROVED &&
           t->work.host_use != VAULT_HOST_ALWAYS && payment_offline(&said);
}

static void show_wanted(struct terminal *t)
{
    if (t->work.chip.state == VAULT_CHIP_CHOOSE) show_choice(t);
    else if (t->work.chip.state == VAULT_CHIP_DOCUMENT) show_document(t);
    else show_working(t);
}

/* What was touched on one of these screens. */
static enum vault_status say_touched(struct terminal *t)
{
    uint8_t index = 0;
    bool document = t->work.chip.state == VAULT_CHIP_DOCUMENT;
    if (t->work.chip.state == VAULT_CHIP_CHOOSE && chosen(t, &index))
        return say(t, VAULT_CHIP_IS_CHOSEN, index);
    if (document && choice_is(t, "yes")) return say(t, VAULT_CHIP_IS_SEEN, 1);
    if (document && choice_is(t, "no")) return say(t, VAULT_CHIP_IS_SEEN, 0);
    return key_is(t, "cancel") ? say(t, VAULT_CHIP_IS_CANCELLED, 0) : VAULT_OK;
}

/* DONE: the payment may be sent, or the card has approved it by itself. BACK: it may not, and the
 * notice says why. */
err chip_read(struct terminal *t, struct procedure *p)
{
    enum vault_status status = VAULT_OK;

    PROCEDURE_BEGIN(p);
    t->work.chip.open = true;
    t->poll_at_us = now_us(t);
    for (;;) {
        if (t->work.chip.state == VAULT_CHIP_ONLINE || approved_alone(t)) {
            take(t);
            PROCEDURE_DONE(t, p);
        }
        if (t->work.chip.state == VAULT_CHIP_DONE) {
            chip_say_why(t);
            PROCEDURE_BACK(t, p);
        }
        if (t->work.chip.state == VAULT_CHIP_PIN) {
            ask_chip_pin(t);
            PROCEDURE_CALL(t, p, pin_take);
            if (t->work.chip.state != VAULT_CHIP_PIN) continue; /* it was pulled meanwhile */
            status = say_pin(t);
        } else {
            show_wanted(t);
            PROCEDURE_AWAIT(t, p);
            status = say_touched(t);
        }
        if (status != VAULT_OK) {
            NOTICE(t, SCREEN_ERROR, TEXT_SALE_VAULT_FAULT, vault_status_text(status));
            PROCEDURE_BACK(t, p);
        }
    }
    PROCEDURE_END(t, p);
}

/* ---- from the host's answer to the card's last word ---- */

static void tell_host(struct terminal *t)
{
    const struct payment *answer = &t->work.answer;
    bool answered = t->work.host_outcome == HOST_ANSWERED;
    const struct vault_chip_answer said = {
        .kind = answered ? VAULT_CHIP_IS_HOST : VAULT_CHIP_IS_OFFLINE,
        .response_code = answered ? bytes_text(answer->response_code) : (struct bytes){0},
        .field55 = answered ? payment_chip_view(&answer->chip_answer) : (struct bytes){0}};
    t->poll_at_us = now_us(t);
    /* A vault that fails now has ended the card: as if it had been pulled. */
    if (secure_chip_answer(t, &said) != VAULT_OK)
        t->work.chip = (struct chip){.open = true,
                                     .state = VAULT_CHIP_DONE,
                                     .result = VAULT_CHIP_FAILED,
                                     .reason = VAULT_CHIP_REMOVED};
}

err chip_finish(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (t->work.chip.state == VAULT_CHIP_ONLINE) tell_host(t);
    while (t->work.chip.state != VAULT_CHIP_DONE) {
        show_working(t);
        PROCEDURE_AWAIT(t, p);
    }
    if (t->work.chip.field55.len > 0) t->work.answer.chip = t->work.chip.field55;
    PROCEDURE_END(t, p);
}
