/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 忘记密码 (S38): the ways back that the policy of this model and role has, no more and no less.
 * The operator is the one of t->setting. On a network that is not trusted the ways that go over it
 * are refused with the reason and what else there is (S170). DONE: there is a new password.
 */
#include "terminal/core.h"

struct way {
    uint8_t bit; /* of rules.ways */
    uint8_t way; /* enum vault_way; 0: the supervisor */
    const char *key;
    enum text_id text;
    const char *icon;
    bool over_network;
};

/* In the order in which they help fastest. */
static const struct way ways[] = {
    {1, 0, "supervisor", TEXT_WAY_SUPERVISOR, "operator", false},
    {1 << VAULT_BY_SMS, VAULT_BY_SMS, "sms", TEXT_WAY_SMS, "phone", true},
    {1 << VAULT_BY_MAIL, VAULT_BY_MAIL, "mail", TEXT_WAY_MAIL, "mail", true},
    {1 << VAULT_BY_SERVICE, VAULT_BY_SERVICE, "service", TEXT_WAY_SERVICE, "support", true},
    {1 << VAULT_BY_OFFLINE, VAULT_BY_OFFLINE, "offline", TEXT_WAY_OFFLINE, "lock", false},
};

static void show_ways(struct terminal *t)
{
    struct notes_recovery waiting;
    screen_begin(t, "forgot.ways", TEXT_FORGOT_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_NORMAL, TEXT_FORGOT_WAYS, t->setting.operator_id);
    if (!FAILED(notes_recovery_of(t->config.store, t->setting.operator_id, now_ms(t), &waiting)) &&
        waiting.way == VAULT_BY_SERVICE && waiting.ticket[0] != '\0') {
        SAY(t, SCREEN_SUCCESS, TEXT_FORGOT_TICKET, waiting.ticket);
        screen_choice(t, "ticket", TEXT_ENTRY_TICKET, SCREEN_PRIMARY, "support", true);
    }
    for (size_t i = 0; i < ARRAY_LEN(ways); i++)
        if (t->rules.ways & ways[i].bit)
            screen_choice(t, ways[i].key, ways[i].text, SCREEN_LIST, ways[i].icon, true);
    if (t->rules.ways == 0) SAY(t, SCREEN_WARNING, TEXT_FORGOT_NONE, t->config.support);
    screen_show(t);
}

/* What a person can read and do; OK and Cancel go back to the ways. */
static void show_page(struct terminal *t, const char *id, enum screen_line_style style,
                      enum text_id what, enum text_id advice)
{
    screen_begin(t, id, TEXT_FORGOT_TITLE);
    SAY(t, style, what, t->setting.operator_id);
    SAY(t, SCREEN_NORMAL, advice, t->config.support);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

static err forgot_supervisor(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        show_page(t, "forgot.supervisor", SCREEN_NORMAL, TEXT_FORGOT_SUPERVISOR,
                  TEXT_FORGOT_SUPERVISOR_STEPS);
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok") && !key_is(t, "cancel"));
    PROCEDURE_END(t, p);
}

static err forgot_network(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    TRY(audit(t, "recovery_refused", t->setting.operator_id, "network"));
    while (!network_trusted(t)) {
        screen_begin(t, "forgot.network", TEXT_FORGOT_TITLE);
        network_warn(t);
        SAY(t, SCREEN_ERROR, TEXT_FORGOT_NETWORK);
        SAY(t, SCREEN_NORMAL, TEXT_FORGOT_NETWORK_ADVICE, t->config.support);
        screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
        screen_show(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "ok") || key_is(t, "cancel")) PROCEDURE_BACK(t, p);
    }
    PROCEDURE_END(t, p);
}

/* The way that was chosen, or NULL. */
static const struct way *chosen(const struct terminal *t)
{
    for (size_t i = 0; i < ARRAY_LEN(ways); i++)
        if (t->rules.ways & ways[i].bit && choice_is(t, ways[i].key)) return &ways[i];
    return NULL;
}

err forgotten(struct terminal *t, struct procedure *p)
{
    const struct way *way;

    PROCEDURE_BEGIN(p);
    p->local[0] = operator_number(t->setting.operator_id);
    for (;;) {
        if (!rules_of(t, operator_role((uint8_t)p->local[0])))
            NOTICE(t, SCREEN_ERROR, TEXT_RECOVER_FAULT, vault_status_text(VAULT_FAILED));
        operator_text((uint8_t)p->local[0], t->setting.operator_id);
        show_ways(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        way = chosen(t);
        if (choice_is(t, "ticket")) way = &ways[3];
        if (way == NULL) continue;
        p->local[1] = choice_is(t, "ticket") ? -1 : way->way;
        if (way->way == 0) {
            PROCEDURE_CALL(t, p, forgot_supervisor);
        } else if (way->over_network && !network_trusted(t)) {
            PROCEDURE_CALL(t, p, forgot_network);
        } else {
            t->chosen = p->local[1];
            PROCEDURE_CALL(t, p, recovery);
            if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
        }
    }
    PROCEDURE_END(t, p);
}
