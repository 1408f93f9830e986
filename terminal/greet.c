/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said to who has just logged in: at the first log-in, since when the device is in use
 * (S37: a device that somebody used on its way shows it) and that a password of one's own comes
 * first (S33); later, the review of the password and the end of the certificate, each at its time.
 */
#include "terminal/core.h"
#include "terminal/remind.h"

/* ---- the first log-in, and passwords that must be changed ---- */

static void show_first(struct terminal *t)
{
    screen_begin(t, "login.first", TEXT_FIRST_TITLE);
    if (t->login.first_login_ms == 0) {
        SAY(t, SCREEN_SUCCESS, TEXT_FIRST_NEVER);
        SAY(t, SCREEN_NORMAL, TEXT_LOGIN_SINCE, time_text(now_local_ms(t)).text);
    } else {
        int64_t first_ms = (int64_t)t->login.first_login_ms + CLOCK_CHINA_OFFSET_MS;
        SAY(t, SCREEN_NORMAL, TEXT_LOGIN_SINCE, time_text(first_ms).text);
        SAY(t, SCREEN_WARNING, TEXT_FIRST_BEFORE, t->config.support);
    }
    SAY(t, SCREEN_NORMAL, TEXT_FIRST_CHANGE);
    screen_choice(t, "continue", TEXT_ENTRY_SET_PASSWORD, SCREEN_PRIMARY, "lock", true);
    screen_show(t);
}

static enum text_id reason_text(uint8_t reason)
{
    return reason == VAULT_CHANGE_EXPIRED  ? TEXT_PASSWORD_EXPIRED
           : reason == VAULT_CHANGE_FORCED ? TEXT_PASSWORD_FORCED
                                           : TEXT_PASSWORD_MUST_CHANGE;
}

err first_login(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->login.reason;
    if (p->local[0] == VAULT_CHANGE_NONE || p->local[0] == VAULT_CHANGE_ONE_TIME) {
        do {
            show_first(t);
            PROCEDURE_AWAIT(t, p);
            if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        } while (!choice_is(t, "continue"));
    }
    NOTICE(t, SCREEN_WARNING, reason_text((uint8_t)p->local[0]));
    PROCEDURE_CALL(t, p, password_new);
    if (t->outcome == OUTCOME_DONE) t->login.review = VAULT_REVIEW_NONE; /* of the old one */
    PROCEDURE_LEAVE(t, p, t->outcome);
    PROCEDURE_END(t, p);
}

/* ---- reminders after the log-in ---- */

static void show_review(struct terminal *t)
{
    int days = t->greeting.review_days;
    screen_begin(t, "remind.review", TEXT_REVIEW_TITLE);
    bool ends = t->greeting.review == VAULT_REVIEW_ENDS; /* and is not to be kept */
    if (ends && days > 0) SAY(t, SCREEN_WARNING, TEXT_REVIEW_ENDS, number_text(days).text);
    else if (ends) SAY(t, SCREEN_ERROR, TEXT_REVIEW_ENDED);
    else if (days > 0) SAY(t, SCREEN_NORMAL, TEXT_REVIEW_SOON, number_text(days).text);
    else SAY(t, SCREEN_WARNING, TEXT_REVIEW_DUE, number_text(-days).text);
    SAY(t, SCREEN_HINT, ends ? TEXT_REVIEW_ENDS_HINT : TEXT_REVIEW_HINT);
    screen_choice(t, "change", TEXT_ENTRY_CHANGE_PASSWORD, SCREEN_PRIMARY, "lock", true);
    if (!ends) screen_choice(t, "keep", TEXT_ENTRY_KEEP, SCREEN_PLAIN, NULL, true);
    screen_idle(t, 0);
    screen_until(t, now_us(t) + (int64_t)TERMINAL_RESULT_S * 1000000);
    screen_show(t);
}

static err review(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        show_review(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel") || t->event.kind == EVENT_TIME) PROCEDURE_BACK(t, p);
        if (choice_is(t, "change")) {
            PROCEDURE_CALL(t, p, password_change);
            if (t->outcome == OUTCOME_DONE) PROCEDURE_DONE(t, p);
        }
    } while (!choice_is(t, "keep"));
    TRY(remind_keep(t));
    PROCEDURE_END(t, p);
}

static void show_certificate(struct terminal *t)
{
    int64_t expiry_ms = t->facts.certificate_expiry_ms;
    int64_t days = remind_days(expiry_ms - now_ms(t));
    screen_begin(t, "remind.certificate", TEXT_CERTIFICATE_TITLE);
    if (days > 0) SAY(t, SCREEN_WARNING, TEXT_CERTIFICATE_SOON, number_text(days).text);
    else SAY(t, SCREEN_ERROR, TEXT_CERTIFICATE_OVER);
    SAY(t, SCREEN_NORMAL, TEXT_CERTIFICATE_UNTIL,
        time_text(expiry_ms + CLOCK_CHINA_OFFSET_MS).text);
    SAY(t, SCREEN_HINT, TEXT_CERTIFICATE_ADVICE, t->config.support);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, 0);
    screen_until(t, now_us(t) + (int64_t)TERMINAL_RESULT_S * 1000000);
    screen_show(t);
}

static err certificate(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        show_certificate(t);
        PROCEDURE_AWAIT(t, p);
    } while (!key_is(t, "ok") && !key_is(t, "cancel") && t->event.kind != EVENT_TIME);
    PROCEDURE_END(t, p);
}

err greet(struct terminal *t, struct procedure *p)
{
    bool due = false;

    PROCEDURE_BEGIN(p);
    TRY(remind_certificate(t, &due));
    if (due) PROCEDURE_CALL(t, p, certificate);
    due = false;
    TRY(remind_review(t, &due));
    if (due) PROCEDURE_CALL(t, p, review);
    t->tip = network_trusted(t) ? TIP_AFTER_LOGIN : TIP_NETWORK;
    PROCEDURE_CALL(t, p, tip_show);
    PROCEDURE_END(t, p);
}
