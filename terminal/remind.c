/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of reminders, and who has seen which. */
#include "terminal/remind.h"

#include "terminal/core.h"

enum { DAY_MS = 86400000 };

int64_t remind_days(int64_t left_ms)
{
    return left_ms > 0 ? (left_ms + DAY_MS - 1) / DAY_MS : left_ms / DAY_MS;
}

/* The stage that `days` before the end have reached: 0 none, then one more for each row. */
static unsigned stage_of(int64_t days, const int *rows, unsigned count)
{
    unsigned stage = 0;
    while (stage < count && days <= rows[stage]) stage++;
    return stage;
}

/*
 * Once for each stage of each `what`. The stage that was shown is kept as a time of the Unix
 * epoch's first seconds: the table has one number a row and no use for another.
 */
static err once(struct terminal *t, const char *what, unsigned stage, bool *ret_due)
{
    int64_t shown;
    TRY(notes_shown(t->config.store, what, &shown));
    *ret_due = stage > 0 && (int64_t)stage > shown;
    return (int64_t)stage == shown ? OK : notes_show(t->config.store, what, stage);
}

static void name_of(const struct terminal *t, const char *what, char out[16])
{
    struct writer w = writer_over(out, 15);
    write_format(&w, "%s.%s", what, t->operator_id);
    ENSURE(w.fault == ERR_OK);
    out[w.len] = '\0';
}

err remind_review(struct terminal *t, bool *ret_due)
{
    static const int before[] = {30, 7, 0, -7};
    char review[16];
    bool due = t->greeting.review != VAULT_REVIEW_NONE;
    name_of(t, "review", review);
    unsigned stage = due ? stage_of(t->greeting.review_days, before, ARRAY_LEN(before)) : 0;
    TRY(once(t, review, stage, ret_due));
    /* A few log-ins are left: each of them says so. */
    if (t->greeting.review == VAULT_REVIEW_ENDS && t->greeting.review_days <= 0) *ret_due = true;
    return OK;
}

err remind_keep(struct terminal *t)
{
    enum vault_status status = secure_password_keep(t, operator_number(t->operator_id));
    if (status == VAULT_OK) return audit(t, "password_kept", t->operator_id, "");
    NOTICE(t, SCREEN_WARNING, TEXT_PASSWORD_FAULT, vault_status_text(status));
    return OK;
}

err remind_certificate(struct terminal *t, bool *ret_due)
{
    static const int before[] = {90, 30, 7, 0};
    int64_t expiry_ms = t->facts.certificate_expiry_ms;
    *ret_due = false;
    if (expiry_ms == 0 || permission_of(t->role, PERMISSION_OPERATORS) != PERMISSION_YES) return OK;
    unsigned stage = stage_of(remind_days(expiry_ms - now_ms(t)), before, ARRAY_LEN(before));
    return once(t, "certificate", stage, ret_due);
}

/* ---- tips ---- */

static const struct tip {
    const char *name; /* in the store */
    enum tip_trigger trigger;
    unsigned days; /* at most once in so many */
    enum text_id text;
} tips[] = {
    {"tip.secret", TIP_AFTER_PASSWORD, 180, TEXT_TIP_SECRET},
    {"tip.paper", TIP_AFTER_PASSWORD, 180, TEXT_TIP_PAPER},
    {"tip.cover", TIP_AFTER_LOGIN, 90, TEXT_TIP_COVER},
    {"tip.lock", TIP_AFTER_LOGIN, 90, TEXT_TIP_LOCK},
    {"tip.wifi", TIP_NETWORK, 7, TEXT_TIP_WIFI},
};

/* The first tip for this moment that was not shown in its period, or NULL; it then counts as shown.
 */
static err next_tip(struct terminal *t, const struct tip **ret_tip)
{
    *ret_tip = NULL;
    for (size_t i = 0; i < ARRAY_LEN(tips); i++) {
        int64_t shown_ms;
        if (tips[i].trigger != t->tip) continue;
        TRY(notes_shown(t->config.store, tips[i].name, &shown_ms));
        if (shown_ms > 0 && now_ms(t) - shown_ms < (int64_t)tips[i].days * DAY_MS) continue;
        TRY(notes_show(t->config.store, tips[i].name, now_ms(t)));
        *ret_tip = &tips[i];
        return OK;
    }
    return OK;
}

/* Who logs in for the first time has read enough already. */
static bool welcome(const struct terminal *t)
{
    return t->tip != TIP_AFTER_LOGIN || t->greeting.last_login_ms > 0;
}

static void show_tip(struct terminal *t, const struct tip *tip)
{
    screen_begin(t, "tip.show", TEXT_TIP_TITLE);
    SAY(t, SCREEN_BIG, tip->text);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, 0);
    screen_until(t, now_us(t) + (int64_t)TERMINAL_RESULT_S * 1000000);
    screen_show(t);
}

err tip_show(struct terminal *t, struct procedure *p)
{
    const struct tip *tip = NULL;

    PROCEDURE_BEGIN(p);
    if (welcome(t)) TRY(next_tip(t, &tip));
    if (tip == NULL) PROCEDURE_DONE(t, p);
    p->local[0] = tip - tips;
    do {
        show_tip(t, &tips[p->local[0]]);
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok") && !key_is(t, "cancel") && t->event.kind != EVENT_TIME);
    PROCEDURE_END(t, p);
}
