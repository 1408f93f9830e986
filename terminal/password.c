/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Setting a password: the new one, once more, and the verdict of the vault, which names the rule
 * that was broken. password_new serves who has just logged in with a one-time password;
 * password_change asks for the current one first.
 */
#include "terminal/core.h"

static void ask(struct terminal *t, const char *id, enum text_id label, uint8_t purpose)
{
    t->ask = (struct entry_ask){.id = id,
                                .title = TEXT_PASSWORD_TITLE,
                                .label = label,
                                .hint = purpose == VAULT_ENTRY_PASSWORD ? TEXT_PASSWORD_CURRENT_HINT
                                                                        : TEXT_PASSWORD_RULES,
                                .purpose = purpose};
}

/* The operator who sets it: at log-in he is not in yet, and his number is what he typed. */
static const char *who(const struct terminal *t)
{
    return t->operator_id[0] != '\0' ? t->operator_id : t->typed;
}

static bool set(struct terminal *t)
{
    struct vault_password_answer answer = {0};
    const char *operator_id = who(t);
    uint8_t number = (uint8_t)((operator_id[0] - '0') * 10 + (operator_id[1] - '0'));
    enum vault_status status = secure_password_set(t, number, &answer);
    char text[SCREEN_TEXT];
    if (status != VAULT_OK) {
        NOTICE(t, SCREEN_ERROR, TEXT_PASSWORD_FAULT, vault_status_text(status));
    } else if (answer.verdict == VAULT_PASSWORD_MISMATCH) {
        NOTICE(t, SCREEN_ERROR, TEXT_PASSWORD_MISMATCH);
    } else if (answer.verdict != VAULT_PASSWORD_OK) {
        if (FAILED(bytes_to_text(answer.text, text, sizeof text))) text[0] = '\0';
        NOTICE(t, SCREEN_ERROR, TEXT_PASSWORD_REFUSED, text);
    } else {
        notice_clear(t);
    }
    return status == VAULT_OK && answer.verdict == VAULT_PASSWORD_OK;
}

static void show_saved(struct terminal *t)
{
    screen_begin(t, "password.saved", TEXT_PASSWORD_SAVED_TITLE);
    SAY(t, SCREEN_SUCCESS, TEXT_PASSWORD_SAVED_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_PASSWORD_SAVED);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, 0); /* at log-in an idle time-out would lose that he is let in */
    screen_until(t, now_us(t) + (int64_t)TERMINAL_RESULT_S * 1000000);
    screen_show(t);
}

err password_new(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        ask(t, "password.new", TEXT_PASSWORD_NEW, VAULT_ENTRY_NEW);
        PROCEDURE_CALL(t, p, entry_take);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        notice_clear(t);

        ask(t, "password.repeat", TEXT_PASSWORD_REPEAT, VAULT_ENTRY_REPEAT);
        PROCEDURE_CALL(t, p, entry_take);
    } while (t->outcome == OUTCOME_BACK || !set(t));

    TRY(audit(t, "password_set", who(t), ""));
    do {
        show_saved(t);
        PROCEDURE_AWAIT(t, p);
    } while (t->event.kind != EVENT_TIME && !key_is(t, "ok") && !key_is(t, "cancel"));
    PROCEDURE_END(t, p);
}

err password_change(struct terminal *t, struct procedure *p)
{
    struct vault_login_answer answer = {0};

    PROCEDURE_BEGIN(p);
    for (;;) {
        ask(t, "password.current", TEXT_PASSWORD_CURRENT, VAULT_ENTRY_PASSWORD);
        PROCEDURE_CALL(t, p, entry_take);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
        if (login_check(t, t->operator_id, &answer)) break;
        TRY(audit(t, "password_refused", t->operator_id, ""));
    }
    PROCEDURE_CALL(t, p, password_new);
    if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    PROCEDURE_END(t, p);
}
