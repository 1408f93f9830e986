/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logging in (S49): two digits of operator number, then the password on the secure keypad. The
 * vault judges; it needs no network. A one-time password must be replaced before anything else.
 */
#include "terminal/core.h"

void operator_forget(struct terminal *t)
{
    t->operator_id[0] = '\0';
    t->role = 0;
    t->typed[0] = '\0';
    notice_clear(t);
    explicit_bzero(&t->work, sizeof t->work);
}

err audit(struct terminal *t, const char *event, const char *subject, const char *detail)
{
    char actor[sizeof "operator 00"] = "terminal";
    if (t->operator_id[0] != '\0') {
        struct writer w = writer_over(actor, sizeof actor - 1);
        write_format(&w, "operator %s", t->operator_id);
        actor[w.len] = '\0';
    }
    if (now_ms(t) > t->records.seen_ms) t->records.seen_ms = now_ms(t);
    return records_audit(&t->records, actor, event, subject, detail);
}

bool login_check(struct terminal *t, const char *operator_id, struct vault_login_answer *out)
{
    ENSURE(strlen(operator_id) == 2);
    struct vault_login_answer answer = {0};
    uint8_t number = (uint8_t)((operator_id[0] - '0') * 10 + (operator_id[1] - '0'));
    enum vault_status status = secure_login(t, number, &answer);
    if (status != VAULT_OK) {
        NOTICE(t, SCREEN_ERROR, TEXT_LOGIN_FAULT, vault_status_text(status));
        return false;
    }
    *out = answer;
    switch (answer.verdict) {
    case VAULT_LOGIN_OK:
    case VAULT_LOGIN_MUST_CHANGE:
        return true;
    case VAULT_LOGIN_WRONG:
        NOTICE(t, SCREEN_ERROR, TEXT_LOGIN_WRONG, number_text(answer.tries_left).text);
        return false;
    case VAULT_LOGIN_LOCKED:
        NOTICE(t, SCREEN_ERROR, TEXT_LOGIN_LOCKED, operator_id);
        return false;
    case VAULT_LOGIN_WAIT:
        NOTICE(t, SCREEN_WARNING, TEXT_LOGIN_WAIT, number_text(answer.wait_s).text);
        return false;
    default:
        NOTICE(t, SCREEN_ERROR, TEXT_LOGIN_NO_OPERATOR, operator_id);
        return false;
    }
}

static void show_operator(struct terminal *t)
{
    struct screen *s = &t->screen;
    screen_begin(t, "login.operator", TEXT_LOGIN_TITLE);
    screen_notice(t);
    if (t->facts.first_login_ms > 0) {
        int64_t local_ms = t->facts.first_login_ms + CLOCK_CHINA_OFFSET_MS;
        SAY(t, SCREEN_HINT, TEXT_LOGIN_SINCE, time_text(local_ms).text);
    } else {
        SAY(t, SCREEN_HINT, TEXT_LOGIN_FIRST);
    }
    SAY(t, SCREEN_HINT, TEXT_LOGIN_OPERATOR_HINT);
    s->field.kind = SCREEN_FIELD_DIGITS;
    s->field.max = 2;
    text_fill(TEXT_LOGIN_OPERATOR, s->language, NULL, s->field.label, sizeof s->field.label);
    memcpy(s->field.value, t->typed, sizeof t->typed);
    s->keypad = SCREEN_KEYPAD_DIGITS;
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, 0);
    screen_show(t);
}

static void ask_password(struct terminal *t)
{
    t->ask = (struct entry_ask){.id = "login.password",
                                .title = TEXT_LOGIN_TITLE,
                                .label = TEXT_LOGIN_PASSWORD,
                                .hint = TEXT_LOGIN_PASSWORD_HINT,
                                .purpose = VAULT_ENTRY_PASSWORD};
    memcpy(t->ask.label_value, t->typed, 3);
}

/* The operator is in: everything from here on carries his number. */
static err enter(struct terminal *t, const char *operator_id, uint8_t role)
{
    memcpy(t->operator_id, operator_id, 3);
    t->role = role;
    t->typed[0] = '\0';
    (void)secure_status(t); /* the time of the first log-in may be known now */
    log_event(t->config.log, LOG_INFO, "login", LOG_TEXT("operator", t->operator_id));
    return audit(t, "login", t->operator_id, t->host.state == SCREEN_ONLINE ? "" : "offline");
}

err login(struct terminal *t, struct procedure *p)
{
    struct vault_login_answer answer = {0};

    PROCEDURE_BEGIN(p);
    p->home = true;
    for (;;) {
        t->typed[0] = '\0';
        do {
            show_operator(t);
            PROCEDURE_AWAIT(t, p);
            if (t->by_person) notice_clear(t);
            if (key_is(t, "cancel")) t->typed[0] = '\0';
            (void)typed_key(t, 2);
            if (key_is(t, "ok") && strlen(t->typed) != 2)
                NOTICE(t, SCREEN_WARNING, TEXT_LOGIN_TWO_DIGITS);
        } while (!key_is(t, "ok") || strlen(t->typed) != 2);

        ask_password(t);
        PROCEDURE_CALL(t, p, entry_take);
        if (t->outcome == OUTCOME_BACK) continue;
        if (!login_check(t, t->typed, &answer)) {
            TRY(audit(t, "login_refused", t->typed, ""));
            continue;
        }
        p->local[0] = answer.role;
        if (answer.verdict == VAULT_LOGIN_OK) break;
        NOTICE(t, SCREEN_WARNING, TEXT_PASSWORD_MUST_CHANGE);
        PROCEDURE_CALL(t, p, password_new);
        if (t->outcome == OUTCOME_DONE) break;
    }
    TRY(enter(t, t->typed, (uint8_t)p->local[0]));
    PROCEDURE_END(t, p);
}
