/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secure entry: PIN, password or code on a keypad or keyboard that only the page and the vault
 * can read. The terminal relays what is sealed and learns how many characters there are and when it
 * is finished; what is typed has no message here, and neither has how good it is.
 */
#include "terminal/core.h"

static void begin(struct terminal *t)
{
    struct screen_entry *entry = &t->screen.entry;
    /* A PIN is typed where others look on: its digits stand in another place each time, but where
     * the shop wants all keys fixed. Passwords do so where it wants privacy (S73). */
    enum keypad_mode keypad = t->records.keypad;
    bool pin = t->ask.purpose == VAULT_ENTRY_PIN;
    bool shuffled = keypad == KEYPAD_PRIVATE || (pin && keypad == KEYPAD_STANDARD);
    entry->shade = keypad == KEYPAD_PRIVATE && !guide_entry(t);
    entry->purpose = t->ask.purpose;
    entry->min = 4;
    entry->max = 12;
    entry->text = entry->too_long = false;
    entry->strength_len = 0;
    enum vault_keypad places = guide_entry(t) ? VAULT_KEYPAD_GUIDED
                               : shuffled     ? VAULT_KEYPAD_SHUFFLED
                                              : VAULT_KEYPAD_FIXED;
    enum vault_status status =
        secure_entry_begin(t, t->ask.purpose, (uint8_t)places, t->ask.operator_number);
    /* Without a channel there is no layout yet: the page opens one. Any other refusal is final: a
     * vault that was restarted has forgotten the card or who had logged in. */
    t->ask.refusal = status == VAULT_BAD_SEAL ? VAULT_OK : status;
}

void entry_answer(struct terminal *t, const struct vault_entry_answer *answer)
{
    struct screen_entry *entry = &t->screen.entry;
    unsigned before = entry->count;
    entry->count = answer->count;
    if (guide_entry(t)) guide_entry_answer(t, before, answer);
    entry->too_long = answer->state == VAULT_ENTRY_TOO_LONG;
    entry->strength_len = 0;
    if (answer->strength.len == 0 || answer->strength.len > sizeof entry->strength) return;
    memcpy(entry->strength, answer->strength.at, answer->strength.len);
    entry->strength_len = answer->strength.len;
}

static bool refused(struct terminal *t)
{
    if (t->ask.refusal == VAULT_OK) return false;
    enum text_id said = t->ask.purpose == VAULT_ENTRY_PIN        ? TEXT_SALE_VAULT_FAULT
                        : t->ask.purpose == VAULT_ENTRY_PASSWORD ? TEXT_LOGIN_FAULT
                        : t->ask.purpose == VAULT_ENTRY_APPROVER ? TEXT_LOGIN_FAULT
                        : t->ask.purpose == VAULT_ENTRY_CODE     ? TEXT_RECOVER_FAULT
                                                                 : TEXT_PASSWORD_FAULT;
    if (t->ask.refusal == VAULT_TOO_MANY_PINS) NOTICE(t, SCREEN_WARNING, TEXT_PIN_TOO_MANY);
    else NOTICE(t, SCREEN_WARNING, said, vault_status_text(t->ask.refusal));
    return true;
}

void entry_again(struct terminal *t)
{
    ENSURE(t->screen.entry.purpose != 0);
    begin(t);
}

/* The policy's own lines, as many as leave room for the keypad; the help has all of them. */
static void say_rules(struct terminal *t)
{
    enum { SHOWN = 3 };
    const char *at = t->rules.lines;
    for (int i = 0; i < SHOWN && *at != '\0'; i++) {
        char line[SCREEN_TEXT];
        size_t len = strcspn(at, "\n");
        err fits = bytes_to_text(bytes_of(at, len), line, sizeof line);
        if (!FAILED(fits)) SAY(t, SCREEN_HINT, TEXT_PASSWORD_RULE, line);
        at += len + (at[len] == '\n');
    }
}

/* What the PIN is for. */
static void show_payment(struct terminal *t)
{
    if (t->work.payment.amount_minor == 0) return;
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    SAY(t, SCREEN_NORMAL, TEXT_SALE_CARD, t->work.payment.pan_masked);
    t->screen.shown = t->work.shown;
}

/* What may be chosen instead of a PIN or for it, and how long it may take. */
static void offer_pin(struct terminal *t)
{
    bool guided = guide_entry(t);
    if (guided) guide_entry_screen(t);
    else screen_choice(t, "guide", TEXT_GUIDE_CHOICE, SCREEN_PLAIN, "sound", true);
    if (t->ask.bypass && !guided)
        screen_choice(t, "bypass", TEXT_CHIP_PIN_BYPASS, SCREEN_PLAIN, NULL, true);
    timeout_of_pin(t, guided);
}

static void show(struct terminal *t)
{
    struct screen_entry *entry = &t->screen.entry;
    screen_begin(t, t->ask.id, t->ask.title);
    ENSURE(entry->purpose == t->ask.purpose);
    screen_notice(t);
    if (entry->purpose == VAULT_ENTRY_PIN) show_payment(t);
    if (entry->purpose == VAULT_ENTRY_APPROVER)
        SAY(t, SCREEN_BIG, t->approval.what, t->approval.subject);
    if (entry->shade) SAY(t, SCREEN_HINT, TEXT_KEYPAD_SHADE);
    SAY(t, SCREEN_HINT, t->ask.hint, number_text(entry->min).text, number_text(entry->max).text);
    if (entry->purpose == VAULT_ENTRY_NEW) say_rules(t);
    if (entry->too_long) SAY(t, SCREEN_WARNING, TEXT_PASSWORD_PASTE_LONG);
    text_fill(t->ask.label, t->records.language, (const char *const[]){t->ask.label_value, NULL},
              entry->label, sizeof entry->label);
    if (t->ask.forgotten)
        screen_choice(t, "forgotten", TEXT_ENTRY_FORGOTTEN, SCREEN_PLAIN, "help", true);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    if (entry->purpose == VAULT_ENTRY_PIN) offer_pin(t);
    screen_show(t);
    if (guide_entry(t)) guide_entry_shown(t);
}

/* Does what has just happened end the entry, and how? */
static bool ended(struct terminal *t, enum outcome *ret_how)
{
    bool entry = t->event.kind == EVENT_ENTRY;
    if (key_is(t, "cancel") || t->event.kind == EVENT_CHIP || /* the card was pulled */
        (entry && t->event.entry_state == VAULT_ENTRY_CANCELLED))
        *ret_how = OUTCOME_BACK;
    else if (entry && t->event.entry_state == VAULT_ENTRY_DONE) *ret_how = OUTCOME_DONE;
    else if (choice_is(t, "bypass")) *ret_how = OUTCOME_SKIPPED;
    else if (choice_is(t, "forgotten")) *ret_how = OUTCOME_FORGOTTEN;
    else if (choice_is(t, "guide")) *ret_how = OUTCOME_GUIDED;
    else {
        if (guide_entry(t)) guide_entry_key(t);
        return false;
    }
    return true;
}

err entry_take(struct terminal *t, struct procedure *p)
{
    enum outcome how = OUTCOME_BACK;

    PROCEDURE_BEGIN(p);
    t->shown_id = NULL; /* even after an entry of the same name this is a new screen */
    begin(t);
    timeout_pin_begin(t, guide_entry(t));
    if (guide_entry(t)) guide_say(t, t->work.chip.pin_again ? GUIDE_PIN_AGAIN : GUIDE_PIN);
    for (;;) {
        if (refused(t)) PROCEDURE_BACK(t, p);
        show(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (ended(t, &how)) PROCEDURE_LEAVE(t, p, how);
    }
    PROCEDURE_END(t, p);
}
