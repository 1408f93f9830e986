/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 现金 (S83): what the customer puts down, the change, and it is paid: committed first, then the
 * slip. A void or a refund of it hands the money back. No message tells cash to the host.
 */
#include "terminal/cash.h"

#include "terminal/words.h"

enum {
    CASH_CHANGE_MAX = 100000, /* 1,000 yuan: who has typed more has typed wrong */
    CASH_PRESETS = 4,
};

/* Coins and notes that people round up to, in fen. */
static const int64_t notes[] = {500, 1000, 2000, 5000, 10000};

/* ---- taking it ---- */

/* Amounts above `due` that a customer is likely to put down, each once, smallest first. */
static size_t presets(int64_t due, int64_t out[static CASH_PRESETS])
{
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(notes) && count < CASH_PRESETS; i++) {
        int64_t rounded = (due / notes[i] + 1) * notes[i];
        if (count > 0 && rounded <= out[count - 1]) continue;
        out[count++] = rounded;
    }
    return count;
}

static void preset_key(int64_t minor, char out[static 24])
{
    struct writer w = writer_over(out, 23);
    write_format(&w, "given_%lld", (long long)minor);
    out[w.len] = '\0';
}

static void add_presets(struct terminal *t)
{
    int64_t minor[CASH_PRESETS];
    size_t count = presets(t->work.payment.amount_minor, minor);
    for (size_t i = 0; i < count; i++) {
        char key[24];
        preset_key(minor[i], key);
        screen_choice_named(t, key, amount_text(minor[i]).text, SCREEN_CHIP);
    }
}

static void show_given(struct terminal *t)
{
    int64_t due = t->work.payment.amount_minor, given = amount_typed(t);
    screen_begin(t, "cash.given", TEXT_CASH_TITLE);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(due).text);
    screen_notice(t);
    if (given > due) SAY(t, SCREEN_BIG, TEXT_CASH_CHANGE, amount_text(given - due).text);
    else SAY(t, SCREEN_HINT, TEXT_CASH_GIVEN_HINT);
    add_presets(t);
    amount_field(t, TEXT_CASH_GIVEN);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    timeout_of(t, TIMEOUT_AMOUNT);
    screen_show(t);
}

/* When it is on disk: a drawer that stands open for a payment that never was is found at the Z. */
static void open_drawer(const struct terminal *t)
{
    if (t->ports.drawer != NULL) t->ports.drawer(t->ports.context);
}

/* What was put down: what was typed or touched, or, where nothing was, just what is due. */
static int64_t given(const struct terminal *t)
{
    int64_t due = t->work.payment.amount_minor, minor[CASH_PRESETS];
    size_t count = presets(due, minor);
    if (key_is(t, "ok")) return t->work.amount[0] == '\0' ? due : amount_typed(t);
    for (size_t i = 0; i < count; i++) {
        char key[24];
        preset_key(minor[i], key);
        if (choice_is(t, key)) return minor[i];
    }
    return -1;
}

static bool enough(struct terminal *t, int64_t given_minor)
{
    int64_t due = t->work.payment.amount_minor;
    if (given_minor < due) {
        NOTICE(t, SCREEN_WARNING, TEXT_CASH_SHORT, amount_text(due - given_minor).text);
        return false;
    }
    if (given_minor - due <= CASH_CHANGE_MAX) return true;
    NOTICE(t, SCREEN_WARNING, TEXT_CASH_TOO_MUCH, amount_text(given_minor).text);
    return false;
}

static void become_cash(struct terminal *t, int64_t given_minor)
{
    struct payment *p = &t->work.payment;
    p->means = PAYMENT_CASH;
    p->entry = PAYMENT_ENTRY_UNKNOWN;
    p->given_minor = given_minor;
}

err cash_take(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    secure_forget(t); /* a card that lies near must not be read meanwhile */
    memcpy(t->work.amount_kept, t->work.amount, sizeof t->work.amount);
    t->work.amount[0] = '\0';
    for (;;) {
        show_given(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) {
            memcpy(t->work.amount, t->work.amount_kept, sizeof t->work.amount);
            PROCEDURE_BACK(t, p);
        }
        amount_key(t);
        p->local[0] = given(t);
        if (p->local[0] >= 0 && enough(t, p->local[0])) break;
    }
    become_cash(t, p->local[0]);
    TRY(queue_cash(t));
    open_drawer(t);
    PROCEDURE_END(t, p);
}

void cash_say(struct terminal *t)
{
    const struct payment *p = &t->work.payment;
    if (p->type != PAYMENT_SALE) return;
    SAY(t, SCREEN_BIG, TEXT_CASH_CHANGE, amount_text(p->given_minor - p->amount_minor).text);
    SAY(t, SCREEN_NORMAL, TEXT_CASH_RECEIVED, amount_text(p->given_minor).text);
}

/* ---- handing it back ---- */

err cash_give(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        screen_begin(t, "cash.give", TEXT_CASH_GIVE_TITLE);
        SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
        SAY(t, SCREEN_NORMAL, TEXT_CASH_GIVE);
        screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
        screen_show(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
    } while (!key_is(t, "ok"));
    become_cash(t, 0);
    TRY(queue_cash(t));
    open_drawer(t);
    PROCEDURE_END(t, p);
}
