/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 锁屏 (S53): who locked the terminal unlocks it and goes on; the supervisor unlocks it too, but
 * then somebody has to log in. The lock is in the store: switching off and on does not open it. A
 * main screen that nobody touches for the policy's time locks itself (S54); nothing that is under
 * way does, for it does not stand on the main screen.
 */
#include "terminal/core.h"

static err save_lock(struct terminal *t, const char *locked_by, const char *actor,
                     const char *event)
{
    struct records next = t->records;
    memset(next.locked_by, 0, sizeof next.locked_by);
    memcpy(next.locked_by, locked_by, strlen(locked_by));
    return records_save(&t->records, &next, actor, event, t->records.locked_by, "");
}

static err lock(struct terminal *t, const char *actor, const char *event)
{
    char locked_by[3];
    ENSURE(t->operator_id[0] != '\0');
    memcpy(locked_by, t->operator_id, sizeof locked_by);
    TRY(save_lock(t, locked_by, actor, event));
    secure_forget(t);
    (void)secure_logout(t); /* a vault that cannot be reached has nobody logged in for long */
    operator_forget(t);
    procedure_restart(t);
    return OK;
}

err lock_now(struct terminal *t, struct procedure *p)
{
    (void)p;
    return lock(t, t->operator_id, "lock");
}

/* ---- by itself ---- */

static bool stands_idle(const struct terminal *t)
{
    return t->operator_id[0] != '\0' && t->lock_s > 0 && t->depth > 0 &&
           t->stack[t->depth - 1].run == main_menu;
}

int64_t lock_at_us(const struct terminal *t)
{
    return stands_idle(t) ? t->touched_us + (int64_t)t->lock_s * 1000000 : 0;
}

err lock_when_idle(struct terminal *t)
{
    int64_t at_us = lock_at_us(t);
    if (at_us == 0 || now_us(t) < at_us) return OK;
    TRY(lock(t, "terminal", "auto_lock"));
    return terminal_event(t, (struct event){.kind = EVENT_NONE}, false);
}

/* ---- locked ---- */

static void show_locked(struct terminal *t)
{
    screen_begin(t, "lock.locked", TEXT_LOCK_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_BIG, TEXT_LOCK_BY, t->records.locked_by);
    screen_choice(t, "unlock", TEXT_ENTRY_UNLOCK, SCREEN_PRIMARY, "lock", true);
    screen_choice(t, "supervisor", TEXT_ENTRY_SUPERVISOR, SCREEN_PLAIN, "lock", true);
    screen_choice(t, "forgotten", TEXT_ENTRY_FORGOTTEN, SCREEN_PLAIN, "help", true);
    screen_keys(t, 0); /* there is nothing to go back to (S4) */
    screen_idle(t, 0);
    screen_show(t);
}

static void ask(struct terminal *t)
{
    t->ask = (struct entry_ask){.id = "lock.password",
                                .title = TEXT_LOCK_TITLE,
                                .label = TEXT_LOGIN_PASSWORD,
                                .hint = TEXT_LOGIN_PASSWORD_HINT,
                                .purpose = VAULT_ENTRY_PASSWORD,
                                .operator_number = operator_number(t->records.locked_by),
                                .refused = "unlock_refused"};
    memcpy(t->ask.label_value, t->records.locked_by, 3);
}

/* The locking operator is in again; one who must change his password first logs in. */
static err unlock_own(struct terminal *t)
{
    char who[3];
    memcpy(who, t->records.locked_by, sizeof who);
    TRY(save_lock(t, "", who, "unlock"));
    operator_forget(t);
    if (t->login.verdict != VAULT_LOGIN_OK) return OK;
    return person_in(t, who, &t->login);
}

/* The supervisor opens it and is not in. */
static err unlock_by_supervisor(struct terminal *t)
{
    TRY(save_lock(t, "", "supervisor", "unlock"));
    operator_forget(t);
    (void)secure_status(t);
    return OK;
}

static void ask_supervisor(struct terminal *t)
{
    t->approval = (struct approval){.action = VAULT_APPROVE_UNLOCK, .what = TEXT_APPROVE_UNLOCK};
    memcpy(t->approval.subject, t->records.locked_by, sizeof t->records.locked_by);
}

err locked(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->home = true;
    for (;;) {
        if (settle_due(t)) PROCEDURE_CALL(t, p, settle_by_itself);
        show_locked(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (choice_is(t, "supervisor")) {
            ask_supervisor(t);
            PROCEDURE_CALL(t, p, approve);
            if (t->outcome != OUTCOME_DONE) continue;
            TRY(unlock_by_supervisor(t));
            PROCEDURE_DONE(t, p);
        }
        if (choice_is(t, "forgotten")) {
            t->setting = (struct setting){0};
            memcpy(t->setting.operator_id, t->records.locked_by, sizeof t->records.locked_by);
            PROCEDURE_CALL(t, p, forgotten);
            continue;
        }
        if (!choice_is(t, "unlock")) continue;
        ask(t);
        PROCEDURE_CALL(t, p, identify);
        if (t->outcome == OUTCOME_DONE) break;
    }
    TRY(unlock_own(t));
    PROCEDURE_END(t, p);
}
