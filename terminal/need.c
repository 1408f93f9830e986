/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preconditions (S8): each with the text that says what is missing and the procedure that helps. An
 * entry of a menu names what it needs; the table test walks every entry against every row.
 */
#include "terminal/split.h"

struct need_row {
    enum need need;
    const char *id; /* of the screen */
    enum text_id what;
    const char *key; /* of the choice that helps; NULL: nothing here can */
    enum text_id action;
    const char *icon;
    procedure_function fix; /* NULL: looking again is all */
};

/* In the order in which they are said. */
static const struct need_row rows[] = {
    {NEED_PROVISION, "need.provision", TEXT_NEED_PROVISION, NULL, TEXT_ENTRY_BACK, NULL, NULL},
    {NEED_CASHIER, "need.cashier", TEXT_NEED_CASHIER, "log_out", TEXT_ENTRY_LOG_OUT, "signout",
     log_out},
    {NEED_MANAGER, "need.manager", TEXT_NEED_MANAGER, "log_out", TEXT_ENTRY_LOG_OUT, "signout",
     log_out},
    {NEED_SUPERVISOR, "need.supervisor", TEXT_NEED_SUPERVISOR, "log_out", TEXT_ENTRY_LOG_OUT,
     "signout", log_out},
    {NEED_ADMINISTRATOR, "need.administrator", TEXT_NEED_ADMINISTRATOR, "log_out",
     TEXT_ENTRY_LOG_OUT, "signout", log_out},
    {NEED_TRUSTED, "need.trusted", TEXT_NEED_TRUSTED, "retry", TEXT_ENTRY_RETRY, NULL, NULL},
    {NEED_CAUGHT_UP, "need.caught_up", TEXT_MAIN_CATCH_UP, "sign_in", TEXT_ENTRY_SIGN_IN, "signin",
     sign_in},
    {NEED_OPEN_BATCH, "need.open_batch", TEXT_NEED_OPEN_BATCH, "sign_in", TEXT_ENTRY_SIGN_IN,
     "signin", sign_in},
    {NEED_SETTLED, "need.settled", TEXT_NEED_SETTLED, "settle", TEXT_ENTRY_SETTLE_GO_ON, "check",
     settle_batch},
    {NEED_SIGN_IN, "need.sign_in", TEXT_NEED_SIGN_IN, "sign_in", TEXT_ENTRY_SIGN_IN, "signin",
     sign_in},
    {NEED_BATCH, "need.batch", TEXT_NEED_BATCH, "settle", TEXT_ENTRY_SETTLE, "check", settle_batch},
    {NEED_ORDER, "need.order", TEXT_NEED_ORDER, "order", TEXT_ENTRY_ORDER, "card", split_resume},
    {NEED_PAPER, "need.paper", TEXT_NEED_PAPER, "retry", TEXT_ENTRY_RETRY, "print", NULL},
    {NEED_RECORD, "need.record", TEXT_NEED_RECORD, NULL, TEXT_ENTRY_BACK, NULL, NULL},
    {NEED_SETTLEMENT, "need.settlement", TEXT_SETTLE_NONE, NULL, TEXT_ENTRY_BACK, NULL, NULL},
    {NEED_DELIVERED, "need.delivered", TEXT_NEED_DELIVERED, "deliver", TEXT_ENTRY_DELIVER, NULL,
     advice_first},
    {NEED_IDLE, "need.idle", TEXT_NEED_IDLE, "retry", TEXT_ENTRY_RETRY, NULL, reverse_first},
};

/* S52: the keys of an earlier day are as good as none; so are those of a clock that has gone back,
 * which cannot tell the day; and those of a terminal that has not caught up after a restore. */
bool signed_in(const struct terminal *t)
{
    const struct records *r = &t->records;
    const int64_t day_ms = 86400000;
    return r->signed_in && !clock_behind(t) && !catch_up_due(t) &&
           (r->signed_in_ms + CLOCK_CHINA_OFFSET_MS) / day_ms ==
               (now_ms(t) + CLOCK_CHINA_OFFSET_MS) / day_ms;
}

static bool may(const struct terminal *t, enum permission permission)
{
    return permission_of(t->role, permission) == PERMISSION_YES;
}

static bool missing(const struct terminal *t, enum need need)
{
    switch (need) {
    case NEED_PROVISION:
        return !t->facts.provisioned;
    case NEED_CASHIER:
        return !may(t, PERMISSION_SALE);
    case NEED_MANAGER:
        return !may(t, PERMISSION_OPERATORS);
    case NEED_SUPERVISOR:
        return !may(t, PERMISSION_PHONES);
    case NEED_ADMINISTRATOR:
        return !may(t, PERMISSION_PARAMETERS);
    case NEED_TRUSTED:
        return !network_trusted(t);
    case NEED_SIGN_IN:
        return (!signed_in(t) || !t->facts.working_keys) && !offline_instead(t);
    case NEED_CAUGHT_UP:
        return catch_up_due(t);
    case NEED_BATCH:
        if (settle_over(t)) return false; /* the next sign-in begins another */
        return t->records.batch_count >= t->config.batch_max || records_stans_used_up(&t->records);
    case NEED_PAPER:
        return t->devices.paper == SCREEN_PAPER_OUT;
    case NEED_RECORD:
        return t->records.batch_approved == 0;
    case NEED_IDLE:
        return t->records.unsent > 0;
    case NEED_ORDER:
        return t->order.state != ORDER_NONE;
    case NEED_SETTLED:
        return settle_open(t);
    case NEED_OPEN_BATCH:
        return !settle_open(t) && (t->records.batch == 0 || settle_over(t));
    case NEED_SETTLEMENT:
        return t->settle.now.stage != SETTLEMENT_CLOSED;
    case NEED_DELIVERED:
        return t->records.offline > 0;
    }
    return false;
}

enum need need_missing(const struct terminal *t, unsigned needs)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (needs & rows[i].need && missing(t, rows[i].need)) return rows[i].need;
    return (enum need)0;
}

static const struct need_row *row_of(enum need need)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].need == need) return &rows[i];
    ensure_failed(__FILE__, __LINE__, "every precondition has a row");
}

static void show(struct terminal *t, const struct need_row *row)
{
    int64_t number = row->need == NEED_IDLE        ? t->records.unsent
                     : row->need == NEED_DELIVERED ? t->records.offline
                                                   : t->records.batch_count;
    screen_begin(t, row->id, TEXT_NEED_TITLE);
    SAY(t, SCREEN_WARNING, row->what, number_text(number).text);
    if (row->need == NEED_SIGN_IN && clock_behind(t)) SAY(t, SCREEN_WARNING, TEXT_NEED_CLOCK);
    if (row->need == NEED_SIGN_IN && t->host.state != SCREEN_ONLINE) offline_say_why(t);
    if (row->key != NULL) screen_choice(t, row->key, row->action, SCREEN_PRIMARY, row->icon, true);
    screen_show(t);
}

err need_screen(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->need;
    for (;;) {
        show(t, row_of((enum need)p->local[0]));
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (t->event.kind != EVENT_KEY || row_of((enum need)p->local[0])->key == NULL) continue;
        if (!choice_is(t, row_of((enum need)p->local[0])->key)) continue;
        if (row_of((enum need)p->local[0])->fix == NULL) PROCEDURE_DONE(t, p);
        PROCEDURE_CALL(t, p, row_of((enum need)p->local[0])->fix);
        if (!missing(t, (enum need)p->local[0])) PROCEDURE_DONE(t, p);
    }
    PROCEDURE_END(t, p);
}
