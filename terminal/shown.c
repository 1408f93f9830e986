/* SPDX-License-Identifier: Apache-2.0 */
/* A code that this terminal shows: chosen as the means, told by the host, put on the screen. */
#include "terminal/shown.h"

#include <assert.h>

static_assert(sizeof(((struct screen *)0)->qr) > PAYMENT_SHOWN_MAX, "every code can be drawn");

err shown_take(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    secure_forget(t); /* a card that lies near must not be read meanwhile */
    t->work.payment.means = PAYMENT_SHOWN;
    t->work.payment.entry = PAYMENT_ENTRY_CODE;
    PROCEDURE_END(t, p);
}

void shown_forget(struct host *host)
{
    host->shown[0] = '\0';
    host->shown_until_us = 0;
}

err shown_told(struct terminal *t, const struct iso8583_message *message)
{
    struct host *h = &t->host;
    unsigned seconds;
    err e = payment_shown_parse(message, &seconds, h->shown);
    if (FAILED(e)) { /* nothing that can be shown: it runs into its time-out, and is reversed */
        log_event(t->config.log, LOG_WARN, "code_not_shown", LOG_INT("stan", h->stan), LOG_ERR(e));
        return OK;
    }
    h->shown_until_us = now_us(t) + (int64_t)seconds * 1000000;
    h->deadline_us = h->shown_until_us + (int64_t)TERMINAL_SHOWN_GRACE_MS * 1000;
    return terminal_event(t, (struct event){.kind = EVENT_NONE}, false);
}

bool shown_there(const struct terminal *t)
{
    return t->work.payment.means == PAYMENT_SHOWN && t->host.shown[0] != '\0';
}

bool shown_over(const struct payment *payment)
{
    return payment->means == PAYMENT_SHOWN && strcmp(payment->response_code, "98") == 0;
}

void shown_show(struct terminal *t)
{
    const struct host *h = &t->host;
    bool over = now_us(t) >= h->shown_until_us;
    screen_begin(t, "sale.shown", TEXT_SHOWN_TITLE);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    if (over) {
        screen_wait(t, TEXT_SHOWN_CHECKING, h->deadline_us);
    } else {
        memcpy(t->screen.qr, h->shown, sizeof h->shown);
        SAY(t, SCREEN_HINT, TEXT_SHOWN_HINT);
        screen_wait(t, TEXT_SHOWN_WAIT, h->shown_until_us);
        screen_until(t, h->shown_until_us);
    }
    screen_show(t);
}
