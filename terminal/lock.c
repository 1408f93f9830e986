/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 锁屏 (S53): who locked the terminal unlocks it and goes on; the supervisor unlocks it too, but
 * then somebody has to log in. The lock is in the store: switching off and on does not open it.
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

err lock_now(struct terminal *t, struct procedure *p)
{
    (void)p;
    ENSURE(t->operator_id[0] != '\0');
    char locked_by[3];
    memcpy(locked_by, t->operator_id, sizeof locked_by);
    TRY(save_lock(t, locked_by, locked_by, "lock"));
    secure_forget(t);
    operator_forget(t);
    procedure_restart(t);
    return OK;
}

static void show_locked(struct terminal *t)
{
    screen_begin(t, "lock.locked", TEXT_LOCK_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_BIG, TEXT_LOCK_BY, t->records.locked_by);
    screen_choice(t, "unlock", TEXT_ENTRY_UNLOCK, SCREEN_PRIMARY, "lock", true);
    screen_choice(t, "supervisor", TEXT_ENTRY_SUPERVISOR, SCREEN_PLAIN, "lock", true);
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
                                .purpose = VAULT_ENTRY_PASSWORD};
    memcpy(t->ask.label_value, t->typed, 3);
}

/* The password was right: the locking operator is in again; after the supervisor somebody logs in.
 */
static err unlock(struct terminal *t, const struct vault_login_answer *answer)
{
    char who[3];
    bool same = strcmp(t->typed, t->records.locked_by) == 0;
    memcpy(who, t->typed, sizeof who);
    ENSURE(same || answer->role == VAULT_ROLE_SUPERVISOR);
    TRY(save_lock(t, "", who, "unlock"));
    operator_forget(t);
    if (same && answer->verdict == VAULT_LOGIN_OK) {
        memcpy(t->operator_id, who, sizeof who);
        t->role = answer->role;
    }
    (void)secure_status(t);
    return OK;
}

err locked(struct terminal *t, struct procedure *p)
{
    struct vault_login_answer answer = {0};

    PROCEDURE_BEGIN(p);
    p->home = true;
    for (;;) {
        show_locked(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (choice_is(t, "unlock")) memcpy(t->typed, t->records.locked_by, 3);
        else if (choice_is(t, "supervisor")) memcpy(t->typed, "00", 3);
        else continue;
        ask(t);
        PROCEDURE_CALL(t, p, entry_take);
        if (t->outcome == OUTCOME_BACK) continue;
        if (login_check(t, t->typed, &answer)) break;
        TRY(audit(t, "unlock_refused", t->typed, ""));
    }
    TRY(unlock(t, &answer));
    PROCEDURE_END(t, p);
}
