/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logging in (S49): two digits of operator number, then the password on the secure keypad. The
 * vault judges; it needs no network. What must be changed is changed before anything else (S33);
 * where the policy wants a paired phone to agree, it is asked; who has forgotten is helped (S38).
 */
#include "terminal/core.h"

void operator_forget(struct terminal *t)
{
    t->operator_id[0] = '\0';
    t->role = 0;
    t->duress = false;
    t->typed[0] = '\0';
    t->greeting = (struct greeting){0};
    notice_clear(t);
    explicit_bzero(&t->work, sizeof t->work);
}

err audit(struct terminal *t, const char *event, const char *subject, const char *detail)
{
    char actor[16] = "terminal";
    if (t->operator_id[0] != '\0') {
        struct writer w = writer_over(actor, sizeof actor - 1);
        write_format(&w, "operator %s", t->operator_id);
        ENSURE(w.fault == ERR_OK); /* an act is somebody's */
        actor[w.len] = '\0';
    }
    if (now_ms(t) > t->records.seen_ms) t->records.seen_ms = now_ms(t);
    return records_audit(&t->records, actor, event, subject, detail);
}

/* ---- numbers of operators ---- */

uint8_t operator_number(const char *operator_id)
{
    ENSURE(strlen(operator_id) == 2 && bytes_all_digits(bytes_text(operator_id)));
    return (uint8_t)((operator_id[0] - '0') * 10 + (operator_id[1] - '0'));
}

void operator_text(uint8_t number, char out[3])
{
    ENSURE(number <= 99);
    memcpy(out, (char[]){(char)('0' + number / 10), (char)('0' + number % 10), '\0'}, 3);
}

uint8_t operator_role(uint8_t number)
{
    return number == 0    ? VAULT_ROLE_SUPERVISOR
           : number == 99 ? VAULT_ROLE_ADMINISTRATOR
                          : VAULT_ROLE_CASHIER;
}

/* ---- what the vault says of a password ---- */

static void say_verdict(struct terminal *t, const char *operator_id,
                        const struct vault_login_answer *answer)
{
    switch (answer->verdict) {
    case VAULT_LOGIN_WRONG:
        NOTICE(t, SCREEN_ERROR, TEXT_LOGIN_WRONG, number_text(answer->tries_left).text);
        break;
    case VAULT_LOGIN_LOCKED:
        NOTICE(t, SCREEN_ERROR, TEXT_LOGIN_LOCKED, operator_id);
        break;
    case VAULT_LOGIN_WAIT:
        NOTICE(t, SCREEN_WARNING, TEXT_LOGIN_WAIT, number_text(answer->wait_s).text);
        break;
    default:
        NOTICE(t, SCREEN_ERROR, TEXT_LOGIN_NO_OPERATOR, operator_id);
    }
}

bool login_judge(struct terminal *t, const char *operator_id, enum vault_status status,
                 const struct vault_login_answer *answer)
{
    if (status != VAULT_OK) {
        NOTICE(t, SCREEN_ERROR, TEXT_LOGIN_FAULT, vault_status_text(status));
        return false;
    }
    if (answer->verdict == VAULT_LOGIN_OK || answer->verdict == VAULT_LOGIN_MUST_CHANGE ||
        answer->verdict == VAULT_LOGIN_NEEDS_APPROVAL)
        return true;
    say_verdict(t, operator_id, answer);
    return false;
}

/* The last try is gone: others must hear that somebody has guessed. */
static err refused(struct terminal *t, const char *operator_id)
{
    TRY(audit(t, t->ask.refused, operator_id, ""));
    bool last = t->login.verdict == VAULT_LOGIN_WRONG && t->login.tries_left == 0;
    return last ? manage_event(t, "login_locked", operator_id, "") : OK;
}

/* Asks the vault; the answer stays in t->login, its challenge in t->challenge. */
static bool ask_vault(struct terminal *t, const char *operator_id)
{
    struct vault_login_answer answer = {0};
    enum vault_status status = secure_login(t, t->ask.operator_number, &answer);
    if (answer.approval.len == sizeof t->challenge)
        memcpy(t->challenge, answer.approval.at, sizeof t->challenge);
    answer.approval = (struct bytes){0};
    t->login = answer;
    return login_judge(t, operator_id, status, &answer);
}

err identify(struct terminal *t, struct procedure *p)
{
    char operator_id[3];

    PROCEDURE_BEGIN(p);
    PROCEDURE_CALL(t, p, entry_take);
    if (t->outcome != OUTCOME_DONE) PROCEDURE_LEAVE(t, p, t->outcome);
    operator_text(t->ask.operator_number, operator_id);
    if (!ask_vault(t, operator_id)) {
        TRY(refused(t, operator_id));
        PROCEDURE_LEAVE(t, p, OUTCOME_REFUSED);
    }
    /* S37: known outside at once, also when whoever it is goes no further. */
    if (t->login.first_login_ms == 0) TRY(manage_event(t, "first_login", operator_id, ""));
    if (t->login.verdict == VAULT_LOGIN_NEEDS_APPROVAL) {
        PROCEDURE_CALL(t, p, phone_approval);
        PROCEDURE_LEAVE(t, p, t->outcome);
    }
    PROCEDURE_END(t, p);
}

/* ---- who is in ---- */

bool rules_of(struct terminal *t, uint8_t role)
{
    struct vault_policy_shown shown = {0};
    t->rules = (struct rules){.role = role};
    if (secure_policy_show(t, role, &shown) != VAULT_OK) return false;
    t->rules.ways = shown.ways;
    t->rules.min = shown.min;
    t->rules.max = shown.max;
    t->rules.keyboard = shown.keyboard;
    t->rules.lock_s = shown.lock_s;
    err fits = bytes_to_text(shown.lines, t->rules.lines, sizeof t->rules.lines);
    if (FAILED(fits)) t->rules.lines[0] = '\0';
    return true;
}

void person_policy(struct terminal *t)
{
    if (t->role == 0) return;
    t->lock_s = rules_of(t, t->role) ? t->rules.lock_s : TERMINAL_LOCK_S;
    unsigned afar_s = (unsigned)afar_number(t, DEVICE_PARAMETER_lock_s);
    if (afar_s > 0 && (t->lock_s == 0 || afar_s < t->lock_s)) t->lock_s = afar_s;
}

err person_in(struct terminal *t, const char *operator_id, const struct vault_login_answer *answer)
{
    ENSURE(strlen(operator_id) == 2);
    memcpy(t->operator_id, operator_id, 3);
    t->role = answer->role;
    t->duress = answer->duress != 0;
    t->greeting = (struct greeting){.last_login_ms = (int64_t)answer->last_login_ms,
                                    .first_login_ms = (int64_t)answer->first_login_ms,
                                    .review = answer->review,
                                    .review_days = answer->review_days};
    t->typed[0] = '\0';
    person_policy(t);
    (void)secure_status(t); /* the time of the first log-in may be known now */
    /* The alarm is silent: nothing on the screen, in the log or in the audit tells it from others.
     */
    return t->duress ? manage_event(t, "duress", t->operator_id, "") : OK;
}

/* ---- the screens ---- */

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
    network_warn(t);
    afar_say(t);
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
                                .purpose = VAULT_ENTRY_PASSWORD,
                                .operator_number = operator_number(t->typed),
                                .refused = "login_refused",
                                .forgotten = true};
    memcpy(t->ask.label_value, t->typed, 3);
}

/* Two digits into t->typed. */
static err login_operator(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->typed[0] = '\0';
    do {
        if (diagnose_waits(t)) PROCEDURE_CALL(t, p, diagnose);
        show_operator(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) t->typed[0] = '\0';
        (void)typed_key(t, 2);
        if (key_is(t, "ok") && strlen(t->typed) != 2)
            NOTICE(t, SCREEN_WARNING, TEXT_LOGIN_TWO_DIGITS);
    } while (!key_is(t, "ok") || strlen(t->typed) != 2);
    PROCEDURE_END(t, p);
}

static err enter(struct terminal *t, const char *operator_id)
{
    TRY(person_in(t, operator_id, &t->login));
    log_event(t->config.log, LOG_INFO, "login", LOG_TEXT("operator", t->operator_id));
    return audit(t, "login", t->operator_id, t->host.state == SCREEN_ONLINE ? "" : "offline");
}

err login(struct terminal *t, struct procedure *p)
{
    char operator_id[3];

    PROCEDURE_BEGIN(p);
    p->home = true;
    for (;;) {
        PROCEDURE_CALL(t, p, login_operator);
        p->local[0] = operator_number(t->typed);
        ask_password(t);
        PROCEDURE_CALL(t, p, identify);
        operator_text((uint8_t)p->local[0], operator_id);
        t->setting = (struct setting){0};
        memcpy(t->setting.operator_id, operator_id, sizeof operator_id);
        if (t->outcome == OUTCOME_FORGOTTEN) PROCEDURE_CALL(t, p, forgotten);
        else if (t->outcome == OUTCOME_DONE && t->login.verdict == VAULT_LOGIN_OK) break;
        else if (t->outcome == OUTCOME_DONE) {
            PROCEDURE_CALL(t, p, first_login);
            if (t->outcome == OUTCOME_DONE) break;
        }
    }
    operator_text((uint8_t)p->local[0], operator_id);
    TRY(enter(t, operator_id));
    PROCEDURE_CALL(t, p, greet);
    PROCEDURE_END(t, p);
}
