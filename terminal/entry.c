/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secure entry: PIN or password on a keypad that only the page and the vault can read. The
 * terminal relays what is sealed and learns how many digits there are and when it is finished.
 */
#include "terminal/core.h"

/* Whose secret is being entered: at log-in and on the lock screen it is whose number was typed. */
static uint8_t whose(const struct terminal *t)
{
    const char *id = t->operator_id[0] != '\0' ? t->operator_id : t->typed;
    if (t->ask.purpose == VAULT_ENTRY_PIN || strlen(id) != 2) return 0;
    return (uint8_t)((id[0] - '0') * 10 + (id[1] - '0'));
}

static void begin(struct terminal *t)
{
    /* A PIN is typed where others look on: its digits stand in another place each time. */
    bool shuffled = t->ask.purpose == VAULT_ENTRY_PIN;
    t->screen.entry.purpose = t->ask.purpose;
    t->screen.entry.min = 4;
    t->screen.entry.max = 12;
    enum vault_status status = secure_entry_begin(t, t->ask.purpose, shuffled, whose(t));
    /* Without a channel there is no layout yet: the page opens one. Any other refusal is final: a
     * vault that was restarted has forgotten the card or who had logged in. */
    t->ask.refusal = status == VAULT_BAD_SEAL ? VAULT_OK : status;
}

static bool refused(struct terminal *t)
{
    if (t->ask.refusal == VAULT_OK) return false;
    enum text_id said = t->ask.purpose == VAULT_ENTRY_PIN        ? TEXT_SALE_VAULT_FAULT
                        : t->ask.purpose == VAULT_ENTRY_PASSWORD ? TEXT_LOGIN_FAULT
                                                                 : TEXT_PASSWORD_FAULT;
    NOTICE(t, SCREEN_WARNING, said, vault_status_text(t->ask.refusal));
    return true;
}

void entry_again(struct terminal *t)
{
    ENSURE(t->screen.entry.purpose != 0);
    begin(t);
}

static void show(struct terminal *t)
{
    struct screen_entry *entry = &t->screen.entry;
    screen_begin(t, t->ask.id, t->ask.title);
    ENSURE(entry->purpose == t->ask.purpose);
    screen_notice(t);
    if (t->work.payment.amount_minor > 0 && entry->purpose == VAULT_ENTRY_PIN) {
        SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
        SAY(t, SCREEN_NORMAL, TEXT_SALE_CARD, t->work.payment.pan_masked);
    }
    SAY(t, SCREEN_HINT, t->ask.hint, number_text(entry->min).text, number_text(entry->max).text);
    text_fill(t->ask.label, t->records.language, (const char *const[]){t->ask.label_value, NULL},
              entry->label, sizeof entry->label);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

err entry_take(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->shown_id = NULL; /* even after an entry of the same name this is a new screen */
    begin(t);
    for (;;) {
        if (refused(t)) PROCEDURE_BACK(t, p);
        show(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (t->event.kind != EVENT_ENTRY) continue;
        if (t->event.entry_state == VAULT_ENTRY_CANCELLED) PROCEDURE_BACK(t, p);
        if (t->event.entry_state == VAULT_ENTRY_DONE) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}
