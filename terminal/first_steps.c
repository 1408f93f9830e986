/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 开机引导: what is still to be done until the first customer may come. Each step is a procedure
 * that exists without it; what is done follows from the store, so it may be left and begun again at
 * every point. The sale of one yuan and its void are real payments: the host, the network and the
 * ledger see them like any others.
 */
#include "terminal/first_start.h"

#include "terminal/core.h"
#include "terminal/follow.h"
#include "terminal/menu.h"

/* Marks in the table of what was shown. */
static const char active_mark[] = "first_active", over_mark[] = "first_over";
static const char supervisor_mark[] = "first_supervisor", cashier_mark[] = "first_cashier";
static const char restore_mark[] = "first_restore"; /* there was something to restore: not wanted */

enum step { SUPERVISOR, RESTORE, CASHIER, LOGIN, SIGN_IN, SALE, VOID, STEPS };

static const enum text_id names[STEPS] = {
    [SUPERVISOR] = TEXT_FIRST_STEP_SUPERVISOR,
    [RESTORE] = TEXT_FIRST_STEP_RESTORE,
    [CASHIER] = TEXT_FIRST_STEP_CASHIER,
    [LOGIN] = TEXT_FIRST_STEP_LOGIN,
    [SIGN_IN] = TEXT_FIRST_STEP_SIGN_IN,
    [SALE] = TEXT_FIRST_STEP_SALE,
    [VOID] = TEXT_FIRST_STEP_VOID,
};

static const struct menu_entry entries[] = {
    {"sign_in", TEXT_ENTRY_SIGN_IN, NULL, NEED_PROVISION | NEED_CASHIER, sign_in},
    {"sale", TEXT_ENTRY_SALE, NULL,
     NEED_PROVISION | NEED_CASHIER | NEED_CAUGHT_UP | NEED_SETTLED | NEED_SIGN_IN | NEED_BATCH |
         NEED_PAPER,
     sale},
    {"void", TEXT_ENTRY_VOID, NULL,
     NEED_PROVISION | NEED_CASHIER | NEED_CAUGHT_UP | NEED_SETTLED | NEED_SIGN_IN | NEED_BATCH |
         NEED_PAPER,
     void_given},
};

static err marked(struct terminal *t, const char *mark, bool *ret_marked)
{
    int64_t at_ms = 0;
    TRY(notes_shown(t->config.store, mark, &at_ms));
    *ret_marked = at_ms != 0;
    return OK;
}

err first_steps_wait(struct terminal *t, bool *ret_wait)
{
    bool active = false, over = false;
    TRY(marked(t, active_mark, &active));
    if (active) TRY(marked(t, over_mark, &over));
    *ret_wait = active && !over;
    return OK;
}

/* ---- what is done ---- */

/* The newest approved sale of one yuan: its voucher, and whether it was voided. 0: none. */
static err find_sale(struct terminal *t, uint32_t *ret_stan, bool *ret_voided)
{
    struct store_statement *s;
    bool row = false;
    *ret_stan = 0;
    *ret_voided = false;
    TRY(store_statement(t->config.store,
                        "SELECT stan, EXISTS(SELECT 1 FROM payment v WHERE v.type = ? AND v.state ="
                        " 3 AND v.original_batch = p.batch AND v.original_stan = p.stan)"
                        " FROM payment p WHERE p.type = ? AND p.state = 3 AND p.amount_minor = ?"
                        " ORDER BY number DESC LIMIT 1",
                        &s));
    store_bind_int(s, PAYMENT_VOID);
    store_bind_int(s, PAYMENT_SALE);
    store_bind_int(s, FIRST_SALE_MINOR);
    TRY(store_step(s, &row));
    if (!row) return OK;
    *ret_stan = (uint32_t)store_read_int(s);
    *ret_voided = store_read_int(s) != 0;
    err read = store_read_finish(s);
    store_reset(s);
    return read;
}

struct done {
    bool step[STEPS];
    bool offered;  /* another device served here, and its backup is there */
    uint32_t stan; /* of the test sale; 0: there is none */
};

static err look(struct terminal *t, struct done *done)
{
    *done = (struct done){.stan = 0};
    TRY(find_sale(t, &done->stan, &done->step[VOID]));
    done->step[SALE] = done->stan != 0;
    TRY(marked(t, supervisor_mark, &done->step[SUPERVISOR]));
    TRY(marked(t, restore_mark, &done->step[RESTORE]));
    done->offered = done->step[RESTORE] || cloud_offers(t);
    done->step[RESTORE] = done->step[RESTORE] || !cloud_offers(t);
    TRY(marked(t, cashier_mark, &done->step[CASHIER]));
    done->step[LOGIN] = t->operator_id[0] != '\0' && t->role == VAULT_ROLE_CASHIER;
    done->step[SIGN_IN] = signed_in(t);
    return OK;
}

/* The first that is not done; STEPS: all are. */
static enum step next_of(const struct done *done)
{
    for (enum step s = SUPERVISOR; s < STEPS; s++)
        if (!done->step[s] && !(done->step[VOID] && s >= LOGIN)) return s;
    return STEPS;
}

/* ---- screens ---- */

static void show_steps(struct terminal *t, const struct done *done)
{
    char name[SCREEN_TEXT];
    screen_begin(t, "first.steps", TEXT_FIRST_STEPS_TITLE);
    screen_notice(t);
    text_fill(TEXT_FIRST_STEP_ACTIVE, t->records.language,
              (const char *const[]){t->facts.tid, NULL}, name, sizeof name);
    SAY(t, SCREEN_SUCCESS, TEXT_FIRST_DONE_STEP, name);
    for (enum step s = SUPERVISOR; s < STEPS; s++) {
        if (s == RESTORE && !done->offered) continue;
        text_fill(names[s], t->records.language, NULL, name, sizeof name);
        if (done->step[s]) SAY(t, SCREEN_SUCCESS, TEXT_FIRST_DONE_STEP, name);
        else SAY(t, SCREEN_NORMAL, TEXT_FIRST_OPEN_STEP, name);
    }
    SAY(t, SCREEN_HINT, TEXT_FIRST_STEPS_HINT);
    screen_choice(t, "next", TEXT_ENTRY_FIRST_NEXT, SCREEN_PRIMARY, NULL, true);
    screen_choice(t, "later", TEXT_ENTRY_FIRST_LATER, SCREEN_PLAIN, NULL, true);
    screen_keys(t, 0);
    screen_idle(t, 0);
    screen_show(t);
}

static void show_all(struct terminal *t)
{
    screen_begin(t, "first.all", TEXT_FIRST_ALL_TITLE);
    SAY(t, SCREEN_SUCCESS, TEXT_FIRST_ALL);
    SAY(t, SCREEN_NORMAL, TEXT_FIRST_ALL_HINT, t->facts.merchant);
    SAY(t, SCREEN_NORMAL, TEXT_ABOUT_TID, t->facts.tid);
    screen_choice(t, "begin", TEXT_ENTRY_FIRST_BEGIN, SCREEN_PRIMARY, "check", true);
    screen_keys(t, 0);
    screen_idle(t, 0);
    screen_show(t);
}

/* ---- the whole ---- */

/* Sets what the step's procedure wants, and says which that is. */
static procedure_function prepare(struct terminal *t, enum step s, uint32_t stan)
{
    switch (s) {
    case SUPERVISOR:
    case CASHIER:
        t->setting = (struct setting){0};
        operator_text(s == CASHIER, t->setting.operator_id);
        return forgotten;
    case RESTORE:
        return restore_offered;
    case LOGIN:
        operator_forget(t);
        return login;
    default:
        t->entry = &entries[s - SIGN_IN];
        t->chosen = stan;
        t->test_sale = s == SALE;
        return menu_start;
    }
}

static err finish_step(struct terminal *t, enum step s)
{
    t->test_sale = false;
    const char *mark = s == SUPERVISOR ? supervisor_mark
                       : s == RESTORE  ? restore_mark
                       : s == CASHIER  ? cashier_mark
                                       : NULL;
    if (mark == NULL || t->outcome != OUTCOME_DONE) return OK;
    return notes_show(t->config.store, mark, now_ms(t));
}

static err end(struct terminal *t, const char *how)
{
    TRY(audit(t, "first_steps", how, ""));
    return notes_show(t->config.store, over_mark, now_ms(t));
}

err first_steps_restored(struct terminal *t)
{
    bool wait = false;
    TRY(first_steps_wait(t, &wait));
    return wait ? end(t, "restored") : OK;
}

err first_steps(struct terminal *t, struct procedure *p)
{
    struct done done;

    PROCEDURE_BEGIN(p);
    p->home = true;
    for (;;) {
        TRY(look(t, &done));
        if (next_of(&done) == STEPS) break;
        show_steps(t, &done);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (choice_is(t, "later")) {
            TRY(end(t, "later"));
            PROCEDURE_BACK(t, p);
        }
        if (!choice_is(t, "next")) continue;
        TRY(look(t, &done));
        p->local[0] = next_of(&done);
        PROCEDURE_CALL(t, p, prepare(t, (enum step)p->local[0], done.stan));
        TRY(finish_step(t, (enum step)p->local[0]));
    }
    TRY(end(t, "done"));
    TRY(manage_event(t, "first_steps_done", t->operator_id, ""));
    do {
        show_all(t);
        PROCEDURE_AWAIT(t, p);
    } while (!choice_is(t, "begin"));
    PROCEDURE_END(t, p);
}
