/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 柜员管理 (S17, S55): who works at this terminal, since when not, and what the supervisor does
 * about it: add, delete, suspend, let in again, reset, have the password changed. The administrator
 * does the same for the supervisor. The vault decides who may, and makes the one-time password: it
 * goes to the page sealed, and this program never has it.
 */
#include "terminal/core.h"

enum { ROWS = 6 /* on a page of the list: what 640 pixels show with the buttons below */ };

struct people {
    size_t count;
    struct vault_operator who[VAULT_OPERATORS_MAX];
};

/* ---- what the vault says of them ---- */

static bool load(struct terminal *t, struct people *out)
{
    out->count = 0;
    enum vault_status status = secure_operators(t, out->who, ARRAY_LEN(out->who), &out->count);
    if (status == VAULT_OK) return true;
    NOTICE(t, SCREEN_ERROR, TEXT_OPERATORS_FAULT, vault_status_text(status));
    return false;
}

static const struct vault_operator *find(const struct people *people, uint8_t id)
{
    for (size_t i = 0; i < people->count; i++)
        if (people->who[i].id == id) return &people->who[i];
    return NULL;
}

static enum text_id role_text(uint8_t role)
{
    return role == VAULT_ROLE_SUPERVISOR      ? TEXT_OPERATOR_SUPERVISOR
           : role == VAULT_ROLE_ADMINISTRATOR ? TEXT_OPERATOR_ADMINISTRATOR
                                              : TEXT_OPERATOR_CASHIER;
}

static enum text_id state_text(const struct vault_operator *who)
{
    return who->suspended           ? TEXT_OPERATOR_SUSPENDED
           : who->locked            ? TEXT_OPERATOR_LOCKED
           : who->has_password == 0 ? TEXT_OPERATOR_EMPTY
           : who->has_password == 1 ? TEXT_OPERATOR_ONE_TIME
                                    : TEXT_OPERATOR_FINE;
}

static struct number_text last_login(const struct terminal *t, const struct vault_operator *who)
{
    struct number_text never = {""};
    if (who->last_login_ms > 0)
        return time_text((int64_t)who->last_login_ms + CLOCK_CHINA_OFFSET_MS);
    text_fill(TEXT_OPERATOR_NEVER, t->records.language, NULL, never.text, sizeof never.text);
    return never;
}

/* Whose operators these are: the supervisor's cashiers, the administrator's supervisor. */
static bool is_mine(const struct terminal *t, uint8_t role)
{
    enum permission needed = role == VAULT_ROLE_CASHIER      ? PERMISSION_CASHIERS
                             : role == VAULT_ROLE_SUPERVISOR ? PERMISSION_SUPERVISOR
                                                             : PERMISSIONS;
    return needed < PERMISSIONS && permission_of(t->role, needed) == PERMISSION_YES;
}

/* ---- the list ---- */

static void show_row(struct terminal *t, const struct vault_operator *who)
{
    enum language language = t->records.language;
    char key[] = "id_00";
    operator_text(who->id, key + 3);
    screen_choice(t, key, role_text(who->role), SCREEN_LIST, "operator", true);
    struct screen_choice *row = &t->screen.choice[t->screen.choice_count - 1];
    struct number_text last = last_login(t, who);
    text_fill(TEXT_OPERATOR_ROW, language,
              (const char *const[]){key + 3, text(role_text(who->role), language),
                                    text(state_text(who), language), last.text, NULL},
              row->text, sizeof row->text);
}

static void show_list(struct terminal *t, const struct people *people, size_t from)
{
    screen_begin(t, "operators.list", TEXT_OPERATORS_TITLE);
    screen_notice(t);
    for (size_t i = from; i < people->count && i < from + ROWS; i++) show_row(t, &people->who[i]);
    if (from + ROWS < people->count)
        screen_choice(t, "more", TEXT_ENTRY_MORE, SCREEN_LIST, "forth", true);
    if (from > 0) screen_choice(t, "before", TEXT_ENTRY_BEFORE, SCREEN_LIST, "back", true);
    if (is_mine(t, VAULT_ROLE_CASHIER))
        screen_choice(t, "add", TEXT_ENTRY_ADD_OPERATOR, SCREEN_PRIMARY, "operator", true);
    screen_show(t);
}

/* ---- one operator and what can be done ---- */

/* In the order in which they stand on the screen. */
static const struct action {
    enum vault_operator_action action;
    const char *key, *event; /* of the choice; for the back office */
    enum text_id text, ask;
    enum screen_choice_style style;
    bool cashiers_only;
} actions[] = {
    {VAULT_OPERATOR_RESET, "reset", "reset", TEXT_ENTRY_RESET, TEXT_ASK_RESET, SCREEN_LIST, false},
    {VAULT_OPERATOR_FORCE, "force", "force", TEXT_ENTRY_FORCE, TEXT_ASK_FORCE, SCREEN_LIST, false},
    {VAULT_OPERATOR_SUSPEND, "suspend", "suspend", TEXT_ENTRY_SUSPEND, TEXT_ASK_SUSPEND,
     SCREEN_LIST, true},
    {VAULT_OPERATOR_RESUME, "resume", "resume", TEXT_ENTRY_RESUME, TEXT_ASK_RESUME, SCREEN_LIST,
     true},
    {VAULT_OPERATOR_DELETE, "delete", "delete", TEXT_ENTRY_DELETE, TEXT_ASK_DELETE, SCREEN_DANGER,
     true},
    {VAULT_OPERATOR_ADD, NULL, "add", TEXT_ENTRY_ADD_OPERATOR, TEXT_ASK_ADD, SCREEN_LIST, true},
};

static const struct action *action_of(int64_t number)
{
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        if ((int64_t)actions[i].action == number) return &actions[i];
    ensure_failed(__FILE__, __LINE__, "every action has a row");
}

static bool offered(const struct terminal *t, const struct vault_operator *who,
                    const struct action *action)
{
    if (action->key == NULL || !is_mine(t, who->role)) return false;
    if (action->cashiers_only && who->role != VAULT_ROLE_CASHIER) return false;
    if (action->action == VAULT_OPERATOR_SUSPEND) return !who->suspended;
    if (action->action == VAULT_OPERATOR_RESUME) return who->suspended;
    return true;
}

static void show_one(struct terminal *t, const struct vault_operator *who)
{
    enum language language = t->records.language;
    char id[3];
    operator_text(who->id, id);
    screen_begin(t, "operators.one", TEXT_OPERATORS_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_BIG, TEXT_OPERATOR_ONE, id, text(role_text(who->role), language));
    SAY(t, SCREEN_NORMAL, TEXT_OPERATOR_STATE, text(state_text(who), language));
    SAY(t, SCREEN_NORMAL, TEXT_OPERATOR_LAST, last_login(t, who).text);
    if (!is_mine(t, who->role)) SAY(t, SCREEN_HINT, TEXT_OPERATOR_NOT_YOURS);
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        if (offered(t, who, &actions[i]))
            screen_choice(t, actions[i].key, actions[i].text, actions[i].style, NULL, true);
    screen_show(t);
}

static void show_ask(struct terminal *t, const struct action *action, uint8_t operator_number)
{
    char id[3];
    operator_text(operator_number, id);
    screen_begin(t, "operators.ask", TEXT_OPERATORS_TITLE);
    SAY(t, action->style == SCREEN_DANGER ? SCREEN_WARNING : SCREEN_NORMAL, action->ask, id);
    screen_choice(t, "yes", TEXT_ENTRY_YES,
                  action->style == SCREEN_DANGER ? SCREEN_DANGER : SCREEN_PRIMARY, NULL, true);
    screen_show(t);
}

/* ---- the vault does it ---- */

static enum text_id verdict_text(uint8_t verdict)
{
    static const enum text_id texts[] = {
        [VAULT_OPERATOR_OK] = TEXT_OPERATORS_DONE,
        [VAULT_OPERATOR_NOT_FOUND] = TEXT_OPERATORS_NOT_FOUND,
        [VAULT_OPERATOR_EXISTS] = TEXT_OPERATORS_EXISTS,
        [VAULT_OPERATOR_PROTECTED] = TEXT_OPERATORS_PROTECTED,
        [VAULT_OPERATOR_FULL] = TEXT_OPERATORS_FULL,
        [VAULT_OPERATOR_NOT_YOURS] = TEXT_OPERATOR_NOT_YOURS,
    };
    return verdict < ARRAY_LEN(texts) ? texts[verdict] : TEXT_OPERATOR_NOT_YOURS;
}

/* The sealed one-time password, when there is one, waits in t->screen.secret. */
static err carry_out(struct terminal *t, const struct action *action, uint8_t number)
{
    struct vault_operator_set_answer answer = {0};
    const struct vault_operator_set in = {(uint8_t)action->action, number, operator_role(number)};
    char id[3];
    operator_text(number, id);
    t->secret_len = 0;
    enum vault_status status = secure_operator_set(t, &in, &answer);
    if (status != VAULT_OK) {
        NOTICE(t, SCREEN_ERROR, TEXT_OPERATORS_FAULT, vault_status_text(status));
        return OK;
    }
    if (answer.verdict != VAULT_OPERATOR_OK) {
        NOTICE(t, SCREEN_ERROR, verdict_text(answer.verdict), id);
        return audit(t, "operator_refused", id, action->event);
    }
    if (answer.sealed.len > 0 && answer.sealed.len <= sizeof t->secret) {
        memcpy(t->secret, answer.sealed.at, answer.sealed.len);
        t->secret_len = answer.sealed.len;
    }
    NOTICE(t, SCREEN_SUCCESS, TEXT_OPERATORS_DONE, id);
    TRY(audit(t, "operator_changed", id, action->event));
    return manage_event(t, "operator_changed", id, action->event);
}

static void show_secret(struct terminal *t, uint8_t number)
{
    struct screen *s = &t->screen;
    char id[3];
    operator_text(number, id);
    screen_begin(t, "operators.secret", TEXT_OPERATORS_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_SECRET_FOR, id);
    SAY(t, SCREEN_WARNING, TEXT_SECRET_ONCE);
    memcpy(s->secret.sealed, t->secret, t->secret_len);
    s->secret.len = t->secret_len;
    text_fill(TEXT_SECRET_LABEL, s->language, NULL, s->secret.label, sizeof s->secret.label);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

/* Asks first, then does t->chosen to the operator of p->local[0] in t->number. */
static err operator_act(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->number;
    p->local[1] = t->chosen;
    do {
        show_ask(t, action_of(p->local[1]), (uint8_t)p->local[0]);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
    } while (!choice_is(t, "yes"));
    TRY(carry_out(t, action_of(p->local[1]), (uint8_t)p->local[0]));
    while (t->secret_len > 0) {
        show_secret(t, (uint8_t)p->local[0]);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "ok") || key_is(t, "cancel")) t->secret_len = 0;
    }
    PROCEDURE_END(t, p);
}

static err operator_one(struct terminal *t, struct procedure *p)
{
    struct people people;
    const struct vault_operator *who;

    PROCEDURE_BEGIN(p);
    p->local[0] = t->number;
    for (;;) {
        if (!load(t, &people)) PROCEDURE_BACK(t, p);
        who = find(&people, (uint8_t)p->local[0]);
        if (who == NULL) PROCEDURE_BACK(t, p); /* deleted */
        show_one(t, who);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        t->chosen = 0;
        for (size_t i = 0; i < ARRAY_LEN(actions); i++)
            if (actions[i].key != NULL && choice_is(t, actions[i].key))
                t->chosen = actions[i].action;
        t->number = (uint8_t)p->local[0];
        if (t->chosen != 0) PROCEDURE_CALL(t, p, operator_act);
    }
    PROCEDURE_END(t, p);
}

/* ---- a new one ---- */

static void show_add(struct terminal *t)
{
    struct screen *s = &t->screen;
    screen_begin(t, "operators.add", TEXT_OPERATORS_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_HINT, TEXT_OPERATORS_ADD_HINT);
    s->field.kind = SCREEN_FIELD_DIGITS;
    s->field.max = 2;
    text_fill(TEXT_LOGIN_OPERATOR, s->language, NULL, s->field.label, sizeof s->field.label);
    memcpy(s->field.value, t->typed, sizeof t->typed);
    s->keypad = SCREEN_KEYPAD_DIGITS;
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

static err operator_add(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->typed[0] = '\0';
    for (;;) {
        show_add(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        (void)typed_key(t, 2);
        if (!key_is(t, "ok")) continue;
        if (strlen(t->typed) == 2) break;
        NOTICE(t, SCREEN_WARNING, TEXT_LOGIN_TWO_DIGITS);
    }
    t->number = operator_number(t->typed);
    t->chosen = VAULT_OPERATOR_ADD;
    t->typed[0] = '\0';
    PROCEDURE_CALL(t, p, operator_act);
    PROCEDURE_END(t, p);
}

err operators(struct terminal *t, struct procedure *p)
{
    struct people people;

    PROCEDURE_BEGIN(p);
    notice_clear(t);
    for (;;) {
        (void)load(t, &people);
        if ((size_t)p->local[0] >= people.count) p->local[0] = 0;
        show_list(t, &people, (size_t)p->local[0]);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "more")) p->local[0] += ROWS;
        if (choice_is(t, "before")) p->local[0] -= ROWS;
        if (choice_is(t, "add")) PROCEDURE_CALL(t, p, operator_add);
        if (t->event.kind == EVENT_KEY && strncmp(t->event.key, "choice:id_", 10) == 0) {
            t->number = operator_number(t->event.key + 10);
            PROCEDURE_CALL(t, p, operator_one);
        }
    }
    PROCEDURE_END(t, p);
}
