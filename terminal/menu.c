/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The main screen and the menus behind it. Every entry of the finished product stands on it; what
 * this version cannot do is grey.
 */
#include "terminal/menu.h"

#include "payment/response_code.h"
#include "terminal/owed.h"
#include "terminal/split.h"

static err records_menu(struct terminal *t, struct procedure *p);
static err manage_menu(struct terminal *t, struct procedure *p);

enum {
    TRADE = NEED_PROVISION | NEED_CASHIER | NEED_CAUGHT_UP | NEED_SETTLED | NEED_SIGN_IN |
            NEED_BATCH | NEED_PAPER,
    SETTLE = NEED_PROVISION | NEED_CASHIER | NEED_CAUGHT_UP | NEED_OPEN_BATCH | NEED_IDLE |
             NEED_DELIVERED | NEED_ORDER,
    PRINT = NEED_RECORD | NEED_PAPER,
    ASK = NEED_PROVISION | NEED_CASHIER | NEED_CAUGHT_UP | NEED_SETTLED | NEED_SIGN_IN,
};

/* clang-format off */
static const struct menu_entry main_entries[] = {
    {"sale",     TEXT_ENTRY_SALE,     "card",     TRADE | NEED_ORDER, sale},
    {"void",     TEXT_ENTRY_VOID,     "void",     TRADE, void_sale},
    {"refund",   TEXT_ENTRY_REFUND,   "refund",   TRADE, refund},
    {"preauth",  TEXT_ENTRY_PREAUTH,  "preauth",  TRADE, preauth},
    {"records",  TEXT_ENTRY_RECORDS,  "print",    0,     records_menu},
    {"member",   TEXT_ENTRY_MEMBER,   "member",   0,     NULL},
    {"campaign", TEXT_ENTRY_CAMPAIGN, "campaign", 0,     NULL},
    {"figures",  TEXT_ENTRY_FIGURES,  "figures",  0,     NULL},
    {"manage",   TEXT_ENTRY_MANAGE,   "manage",   0,     manage_menu},
    {"settings", TEXT_ENTRY_SETTINGS, "settings", 0,     settings},
};

static const struct menu_entry records_entries[] = {
    {"query",        TEXT_ENTRY_QUERY,        "query", 0,     query},
    {"search",       TEXT_ENTRY_SEARCH,       "query", 0,     search},
    {"reprint_last", TEXT_ENTRY_REPRINT_LAST, "print", PRINT, reprint_last},
    {"reprint_any",  TEXT_ENTRY_REPRINT_ANY,  "print", PRINT, reprint_any},
    {"report",       TEXT_ENTRY_REPORT,       "figures", 0,   report},
    {"balance",      TEXT_ENTRY_BALANCE,      "card",  ASK,   balance},
    {"reprint_settle", TEXT_ENTRY_REPRINT_SETTLE, "print", NEED_SETTLEMENT | NEED_PAPER, settle_reprint},
};

static const struct menu_entry manage_entries[] = {
    {"sign_in",  TEXT_ENTRY_SIGN_IN,  "signin",  NEED_PROVISION | NEED_CASHIER,                sign_in},
    {"settle",   TEXT_ENTRY_SETTLE,   "check",   SETTLE,                                           settle_batch},
    {"shift",    TEXT_ENTRY_SHIFT,    "operator", 0,                                              shift},
    {"sign_out", TEXT_ENTRY_SIGN_OUT, "signout", NEED_CASHIER | NEED_SIGN_IN | NEED_IDLE | NEED_DELIVERED, sign_out},
    {"operators", TEXT_ENTRY_OPERATORS, "operator", NEED_MANAGER,                              operators},
    {"goods", TEXT_ENTRY_GOODS, "figures", NEED_MANAGER,                                       goods_list},
    {"training", TEXT_ENTRY_TRAINING, "member", NEED_PROVISION | NEED_CASHIER | NEED_IDLE | NEED_DELIVERED, training},
    {"parameters", TEXT_ENTRY_PARAMETERS, "settings", NEED_ADMINISTRATOR,                       parameters},
    {"download", TEXT_ENTRY_DOWNLOAD, "settings", NEED_PROVISION | NEED_ADMINISTRATOR | NEED_SIGN_IN, download_by_hand},
    {"backup",   TEXT_ENTRY_BACKUP,   "settings", NEED_PROVISION | NEED_SUPERVISOR,              backup_menu},
    {"lock",     TEXT_ENTRY_LOCK,     "lock",    0,                                            lock_now},
    {"log_out",  TEXT_ENTRY_LOG_OUT,  "signout", 0,                                            log_out},
};

const struct menu menu_main = {"main.menu", TEXT_MAIN_TITLE, SCREEN_TILE, ARRAY_LEN(main_entries), main_entries};
const struct menu menu_records = {"records.menu", TEXT_RECORDS_TITLE, SCREEN_LIST, ARRAY_LEN(records_entries), records_entries};
const struct menu menu_manage = {"manage.menu", TEXT_MANAGE_TITLE, SCREEN_LIST, ARRAY_LEN(manage_entries), manage_entries};
/* clang-format on */

void menu_choices(struct terminal *t, const struct menu *menu)
{
    for (size_t i = 0; i < menu->count; i++) {
        const struct menu_entry *entry = &menu->entry[i];
        /* Without a place for one there are none. */
        bool place = t->ports.backup.create != NULL || cloud_possible(t);
        if (entry->run == backup_menu && !place) continue;
        screen_choice(t, entry->key, entry->text, menu->style, entry->icon, entry->run != NULL);
    }
}

const struct menu_entry *menu_taken(const struct terminal *t, const struct menu *menu)
{
    for (size_t i = 0; i < menu->count; i++)
        if (menu->entry[i].run != NULL && choice_is(t, menu->entry[i].key)) return &menu->entry[i];
    return NULL;
}

static const struct menu_entry *entry_of(const struct procedure *p)
{
    return (const struct menu_entry *)(intptr_t)p->local[0];
}

err menu_start(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    ENSURE(t->entry != NULL);
    p->local[0] = (intptr_t)t->entry;
    for (;;) {
        if ((entry_of(p)->needs & NEED_SETTLED) && settle_due(t))
            PROCEDURE_CALL(t, p, settle_by_itself);
        t->need = need_missing(t, entry_of(p)->needs);
        if (t->need == 0) break;
        PROCEDURE_CALL(t, p, need_screen);
        if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    }
    PROCEDURE_CALL(t, p, entry_of(p)->run);
    PROCEDURE_END(t, p);
}

static void show(struct terminal *t, const struct menu *menu)
{
    screen_begin(t, menu->id, menu->title);
    menu_choices(t, menu);
    screen_show(t);
}

static const struct menu *menu_of(const struct procedure *p)
{
    return (const struct menu *)(intptr_t)p->local[0];
}

err menu_run(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = (intptr_t)t->menu;
    for (;;) {
        show(t, menu_of(p));
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        t->entry = menu_taken(t, menu_of(p));
        if (t->entry != NULL) PROCEDURE_CALL(t, p, menu_start);
    }
    PROCEDURE_END(t, p);
}

static err records_menu(struct terminal *t, struct procedure *p)
{
    t->menu = &menu_records;
    return menu_run(t, p);
}

static err manage_menu(struct terminal *t, struct procedure *p)
{
    t->menu = &menu_manage;
    return menu_run(t, p);
}

/* ---- the main screen ---- */

/* How the payment before the last start ended: nobody may have seen it. */
static void say_last(struct terminal *t)
{
    static const enum text_id what[PAYMENT_STATES] = {
        [PAYMENT_APPROVED] = TEXT_MAIN_LAST_APPROVED,
        [PAYMENT_DECLINED] = TEXT_MAIN_LAST_DECLINED,
        [PAYMENT_REVERSING] = TEXT_MAIN_LAST_REVERSING,
        [PAYMENT_REVERSED] = TEXT_MAIN_LAST_REVERSED,
        [PAYMENT_OFFLINE] = TEXT_MAIN_LAST_OFFLINE,
    };
    const struct payment *last = &t->last;
    bool notice = last->type == PAYMENT_COMPLETION_ADVICE;
    if (notice && last->state == PAYMENT_DECLINED) {
        const struct response_code *why = response_code(last->response_code);
        SAY(t, SCREEN_WARNING, TEXT_MAIN_NOTICE_REFUSED, amount_text(last->amount_minor).text,
            t->records.language == LANGUAGE_ZH ? why->reason_zh : why->reason_en);
        return;
    }
    if (last->state == PAYMENT_NONE || what[last->state] == 0) return;
    SAY(t, payment_state_paid(last->state) ? SCREEN_SUCCESS : SCREEN_WARNING,
        payment_kept(last)                         ? TEXT_MAIN_LAST_KEPT
        : notice && last->state == PAYMENT_OFFLINE ? TEXT_MAIN_LAST_NOTICE
                                                   : what[last->state],
        amount_text(last->amount_minor).text);
}

static void show_main(struct terminal *t)
{
    screen_begin(t, menu_main.id, menu_main.title);
    network_warn(t);
    afar_say(t);
    catch_up_say(t);
    if (!signed_in(t) && permission_of(t->role, PERMISSION_SIGN_IN) == PERMISSION_YES) {
        SAY(t, SCREEN_WARNING,
            t->records.signed_in ? TEXT_MAIN_SIGN_IN_DAY : TEXT_MAIN_NOT_SIGNED_IN);
        screen_choice(t, "sign_in", TEXT_ENTRY_SIGN_IN, SCREEN_PRIMARY, "signin", true);
    }
    if (split_say(t)) screen_choice(t, "order", TEXT_ENTRY_ORDER, SCREEN_PRIMARY, "card", true);
    settle_say(t);
    if (t->records.unsent > 0)
        SAY(t, SCREEN_WARNING, TEXT_MAIN_UNSENT, number_text(t->records.unsent).text);
    if (t->records.offline > 0)
        SAY(t, SCREEN_WARNING, TEXT_MAIN_OFFLINE, number_text(t->records.offline).text,
            amount_text(t->records.offline_minor).text);
    if (t->records.disputed_kept > 0)
        SAY(t, SCREEN_WARNING, TEXT_MAIN_DISPUTED, number_text(t->records.disputed).text,
            amount_text(t->records.disputed_minor).text);
    say_last(t);
    backup_say(t);
    if (t->unsure.is && t->unsure.stan > 0)
        SAY(t, SCREEN_WARNING, TEXT_MAIN_UNSURE_SLIP, padded_text(t->unsure.stan, 6).text);
    else if (t->unsure.is) SAY(t, SCREEN_WARNING, TEXT_MAIN_UNSURE_REPORT);
    owed_say(t);
    menu_choices(t, &menu_main);
    SAY(t, SCREEN_HINT, TEXT_MAIN_LATER);
    screen_idle(t, 0);
    screen_show(t);
}

static void show_leave(struct terminal *t)
{
    screen_begin(t, "session.leave", TEXT_LEAVE_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_LEAVE_HINT);
    screen_choice(t, "lock", TEXT_ENTRY_LOCK, SCREEN_PRIMARY, "lock", true);
    screen_choice(t, "log_out", TEXT_ENTRY_LOG_OUT, SCREEN_PLAIN, "signout", true);
    screen_show(t);
}

/* Cancel on the main screen: who steps away locks, who goes hands over. */
static err leave(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        show_leave(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "lock")) PROCEDURE_CALL(t, p, lock_now);
        if (choice_is(t, "log_out")) PROCEDURE_CALL(t, p, log_out);
    }
    PROCEDURE_END(t, p);
}

err log_out(struct terminal *t, struct procedure *p)
{
    (void)p;
    TRY(audit(t, "logout", t->operator_id, ""));
    secure_forget(t);
    (void)secure_logout(t);
    operator_forget(t);
    procedure_restart(t);
    return OK;
}

static const struct menu_entry sign_in_entry = {"sign_in", TEXT_ENTRY_SIGN_IN, "signin",
                                                NEED_PROVISION | NEED_CASHIER, sign_in};

static const struct menu_entry order_entry = {"order", TEXT_ENTRY_ORDER, "card", TRADE,
                                              split_resume};

/* What was touched on the main screen, or NULL. */
static const struct menu_entry *main_taken(const struct terminal *t)
{
    if (choice_is(t, "sign_in")) return &sign_in_entry;
    if (choice_is(t, "order")) return &order_entry;
    return menu_taken(t, &menu_main);
}

err main_menu(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->home = true;
    for (;;) {
        if (diagnose_waits(t)) PROCEDURE_CALL(t, p, diagnose);
        if (catch_up_news(t)) PROCEDURE_CALL(t, p, catch_up);
        if (download_due(t)) PROCEDURE_CALL(t, p, download_by_itself);
        if (settle_due(t)) PROCEDURE_CALL(t, p, settle_by_itself);
        TRY(split_look(t));
        if (split_due(t)) PROCEDURE_CALL(t, p, split_resume);
        show_main(t);
        PROCEDURE_AWAIT(t, p);
        t->entry = main_taken(t);
        if (t->entry != NULL) PROCEDURE_CALL(t, p, menu_start);
        else if (choice_is(t, "refusal")) TRY(owed_print_doubted(t));
        else if (key_is(t, "cancel")) PROCEDURE_CALL(t, p, leave);
    }
    PROCEDURE_END(t, p);
}
