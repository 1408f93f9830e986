/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 设置密码, 修改密码: the seven steps of the guide (S9 to S14). The current password where there is
 * one, the new one, once more, then a screen whose button is 保存并退出: before it nothing is
 * saved, and Cancel on any step changes nothing. The vault judges and commits; its sentence names
 * the rule that was broken. The duress password (CR-37) is set the same way, and given up with the
 * current one. None of its screens says whether there is one: somebody may be looking over the
 * shoulder of who was forced to open them.
 */
#include "terminal/core.h"

static enum text_id title(const struct terminal *t)
{
    return t->setting.duress   ? TEXT_DURESS_TITLE
           : t->setting.change ? TEXT_PASSWORD_CHANGE_TITLE
                               : TEXT_PASSWORD_TITLE;
}

static void ask(struct terminal *t, const char *id, enum text_id label, uint8_t purpose)
{
    t->ask = (struct entry_ask){.id = id,
                                .title = title(t),
                                .label = label,
                                .hint = purpose == VAULT_ENTRY_PASSWORD ? TEXT_PASSWORD_CURRENT_HINT
                                        : purpose == VAULT_ENTRY_NEW    ? TEXT_PASSWORD_RULES
                                                                        : TEXT_PASSWORD_REPEAT_HINT,
                                .purpose = purpose,
                                .operator_number = operator_number(t->setting.operator_id),
                                .refused = "password_refused"};
}

/* The vault takes NEW and REPEAT, or says in words why not. */
static bool save(struct terminal *t)
{
    struct vault_password_answer answer = {0};
    char why[SCREEN_TEXT];
    uint8_t number = operator_number(t->setting.operator_id);
    enum vault_status status = t->setting.duress
                                   ? secure_duress_set(t, number, VAULT_DURESS_CHOOSE, &answer)
                                   : secure_password_set(t, number, &answer);
    if (status != VAULT_OK) {
        NOTICE(t, SCREEN_ERROR, TEXT_PASSWORD_FAULT, vault_status_text(status));
    } else if (answer.verdict != VAULT_PASSWORD_OK) {
        err fits = bytes_to_text(answer.text, why, sizeof why);
        if (answer.verdict == VAULT_PASSWORD_MISMATCH || FAILED(fits) || why[0] == '\0')
            NOTICE(t, SCREEN_ERROR, TEXT_PASSWORD_MISMATCH);
        else NOTICE(t, SCREEN_ERROR, TEXT_PASSWORD_REFUSED, why);
    } else {
        notice_clear(t);
        return true;
    }
    return false;
}

static void show_review(struct terminal *t)
{
    bool duress = t->setting.duress;
    screen_begin(t, "password.review", title(t));
    SAY(t, SCREEN_BIG, duress ? TEXT_DURESS_REVIEW : TEXT_PASSWORD_REVIEW, t->setting.operator_id);
    SAY(t, SCREEN_NORMAL, TEXT_PASSWORD_REVIEW_HINT);
    screen_choice(t, "save", TEXT_ENTRY_SAVE, SCREEN_PRIMARY, "lock", true);
    screen_choice(t, "again", TEXT_ENTRY_AGAIN, SCREEN_PLAIN, NULL, true);
    screen_show(t);
}

static void show_saved(struct terminal *t)
{
    bool duress = t->setting.duress;
    screen_begin(t, "password.saved", TEXT_PASSWORD_SAVED_TITLE);
    SAY(t, SCREEN_SUCCESS, TEXT_PASSWORD_SAVED_TITLE);
    SAY(t, SCREEN_NORMAL, duress ? TEXT_DURESS_SAVED : TEXT_PASSWORD_SAVED);
    if (!duress) SAY(t, SCREEN_NORMAL, TEXT_PASSWORD_SESSIONS);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, 0); /* at log-in an idle time-out would lose that he is let in */
    screen_until(t, now_us(t) + (int64_t)TERMINAL_RESULT_S * 1000000);
    screen_show(t);
}

/* New, repeat, review. DONE: the person wants it saved. */
static err password_enter(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        (void)rules_of(t, operator_role(operator_number(t->setting.operator_id)));
        ask(t, "password.new", t->setting.duress ? TEXT_DURESS_NEW : TEXT_PASSWORD_NEW,
            VAULT_ENTRY_NEW);
        PROCEDURE_CALL(t, p, entry_take);
        if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
        notice_clear(t);

        ask(t, "password.repeat", TEXT_PASSWORD_REPEAT, VAULT_ENTRY_REPEAT);
        PROCEDURE_CALL(t, p, entry_take);
        if (t->outcome != OUTCOME_DONE) continue;
        do {
            show_review(t);
            PROCEDURE_AWAIT(t, p);
            if (key_is(t, "cancel")) {
                secure_forget(t); /* what was typed is gone */
                PROCEDURE_BACK(t, p);
            }
            if (choice_is(t, "save")) PROCEDURE_DONE(t, p);
        } while (!choice_is(t, "again"));
    }
    PROCEDURE_END(t, p);
}

static err saved(struct terminal *t)
{
    const char *who = t->setting.operator_id;
    TRY(audit(t, t->setting.duress ? "duress_set" : "password_set", who,
              t->setting.recovered ? "recovered" : ""));
    if (t->setting.duress) return OK; /* that there is one is nobody's business */
    return manage_event(t, "password_set", who, "");
}

err password_new(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        PROCEDURE_CALL(t, p, password_enter);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    } while (!save(t));
    TRY(saved(t));
    do {
        show_saved(t);
        PROCEDURE_AWAIT(t, p);
    } while (t->event.kind != EVENT_TIME && !key_is(t, "ok") && !key_is(t, "cancel"));
    if (!t->setting.duress) {
        t->tip = TIP_AFTER_PASSWORD;
        PROCEDURE_CALL(t, p, tip_show);
    }
    PROCEDURE_END(t, p);
}

/* Forced in the middle of a session: the same alarm, and the same cap, as at a log-in (CR-37). */
static err forced(struct terminal *t)
{
    if (t->login.duress == 0 || t->duress) return OK;
    t->duress = true;
    return manage_event(t, "duress", t->operator_id, "");
}

/* The current password, until it is right or he gives up. */
static err password_current(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        ask(t, "password.current", TEXT_PASSWORD_CURRENT, VAULT_ENTRY_PASSWORD);
        PROCEDURE_CALL(t, p, identify);
        if (t->outcome == OUTCOME_BACK || t->outcome == OUTCOME_FORGOTTEN) PROCEDURE_BACK(t, p);
    } while (t->outcome != OUTCOME_DONE);
    TRY(forced(t));
    PROCEDURE_END(t, p);
}

static void begin(struct terminal *t, bool duress)
{
    t->setting = (struct setting){.change = true, .duress = duress};
    memcpy(t->setting.operator_id, t->operator_id, sizeof t->operator_id);
}

err password_change(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    begin(t, false);
    PROCEDURE_CALL(t, p, password_current);
    if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    PROCEDURE_CALL(t, p, password_new);
    PROCEDURE_LEAVE(t, p, t->outcome);
    PROCEDURE_END(t, p);
}

/* ---- the duress password ---- */

static void show_duress(struct terminal *t)
{
    const struct role_limits delivered = limits_delivered();
    screen_begin(t, "duress.about", TEXT_DURESS_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_NORMAL, TEXT_DURESS_ABOUT,
        amount_text(limit_of(&delivered, VAULT_ROLE_CASHIER, true, LIMIT_SALE)).text);
    SAY(t, SCREEN_HINT, TEXT_DURESS_ABOUT_HINT);
    SAY(t, SCREEN_HINT, TEXT_DURESS_SILENT);
    screen_choice(t, "set", TEXT_ENTRY_DURESS_SET, SCREEN_PRIMARY, "shield", true);
    screen_choice(t, "remove", TEXT_ENTRY_DURESS_REMOVE, SCREEN_PLAIN, NULL, true);
    screen_show(t);
}

static void show_removed(struct terminal *t)
{
    screen_begin(t, "duress.removed", TEXT_DURESS_TITLE);
    SAY(t, SCREEN_SUCCESS, TEXT_DURESS_REMOVED);
    SAY(t, SCREEN_NORMAL, TEXT_DURESS_REMOVED_HINT);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, TERMINAL_RESULT_S);
    screen_show(t);
}

/* Whoever came in by whatever password, and whether there was one or not: the same answer. */
static err remove_it(struct terminal *t, bool *ret_removed)
{
    struct vault_password_answer answer = {0};
    enum vault_status status =
        secure_duress_set(t, operator_number(t->operator_id), VAULT_DURESS_REMOVE, &answer);
    *ret_removed = status == VAULT_OK;
    if (status == VAULT_OK) return audit(t, "duress_removed", t->operator_id, "");
    NOTICE(t, SCREEN_ERROR, TEXT_PASSWORD_FAULT, vault_status_text(status));
    return OK;
}

static err duress_remove(struct terminal *t, struct procedure *p)
{
    bool removed = false;

    PROCEDURE_BEGIN(p);
    begin(t, true);
    PROCEDURE_CALL(t, p, password_current);
    if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    TRY(remove_it(t, &removed));
    if (!removed) PROCEDURE_BACK(t, p);
    do {
        show_removed(t);
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok") && !key_is(t, "cancel"));
    PROCEDURE_END(t, p);
}

err duress_set(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        show_duress(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (!choice_is(t, "remove")) continue;
        PROCEDURE_CALL(t, p, duress_remove);
        if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
    } while (!choice_is(t, "set"));
    begin(t, true);
    PROCEDURE_CALL(t, p, password_current);
    if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    PROCEDURE_CALL(t, p, password_new);
    PROCEDURE_LEAVE(t, p, t->outcome);
    PROCEDURE_END(t, p);
}
