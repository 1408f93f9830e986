/* SPDX-License-Identifier: Apache-2.0 */
/* When a card may approve by itself, and its decision: see offline.h. */
#include "terminal/core.h"

#define DAY_MS INT64_C(86400000)

/* Longer than the parameters allow since the host was heard, or since something waits for it. */
static bool too_long(const struct terminal *t)
{
    const struct records *r = &t->records;
    int64_t least_ms = now_ms(t) - t->facts.offline_days * DAY_MS;
    return r->signed_in_ms < least_ms || (r->offline > 0 && r->offline_since_ms < least_ms);
}

enum offline_refusal offline_refusal(const struct terminal *t, int64_t amount_minor)
{
    const struct records *r = &t->records;
    const struct secure_facts *f = &t->facts;
    if (f->offline_days == 0) return OFFLINE_NOT_SET;
    if (clock_behind(t)) return OFFLINE_CLOCK;
    if (!r->signed_in || catch_up_due(t) ||
        need_missing(t, NEED_PROVISION | NEED_CASHIER | NEED_SETTLED | NEED_BATCH) != 0)
        return OFFLINE_SIGN_IN;
    if (too_long(t)) return OFFLINE_DAYS;
    if (r->offline >= f->offline_count) return OFFLINE_COUNT;
    if (amount_minor > f->offline_each_minor) return OFFLINE_EACH;
    if (amount_minor > f->offline_total_minor - r->offline_minor) return OFFLINE_TOTAL;
    return OFFLINE_OK;
}

bool offline_instead(const struct terminal *t)
{
    return t->host.state != SCREEN_ONLINE && offline_refusal(t, 1) == OFFLINE_OK;
}

uint8_t offline_host(const struct terminal *t, int64_t amount_minor)
{
    if (offline_refusal(t, amount_minor) != OFFLINE_OK) return VAULT_HOST_ALWAYS;
    return t->host.state == SCREEN_ONLINE ? VAULT_HOST_FIRST : VAULT_HOST_AWAY;
}

void offline_say_why(struct terminal *t)
{
    const struct records *r = &t->records;
    const struct secure_facts *f = &t->facts;
    int64_t amount_minor = t->work.payment.amount_minor;
    if (amount_minor == 0) amount_minor = 1;
    switch (offline_refusal(t, amount_minor)) {
    case OFFLINE_OK:
    case OFFLINE_NOT_SET:
        return;
    case OFFLINE_CLOCK:
        SAY(t, SCREEN_WARNING, TEXT_OFFLINE_CLOCK);
        return;
    case OFFLINE_SIGN_IN:
        SAY(t, SCREEN_WARNING, TEXT_OFFLINE_SIGN_IN);
        return;
    case OFFLINE_DAYS:
        SAY(t, SCREEN_WARNING, TEXT_OFFLINE_DAYS, number_text(f->offline_days).text);
        return;
    case OFFLINE_COUNT:
        SAY(t, SCREEN_WARNING, TEXT_OFFLINE_COUNT, number_text(r->offline).text);
        return;
    case OFFLINE_EACH:
        SAY(t, SCREEN_WARNING, TEXT_OFFLINE_EACH, amount_text(f->offline_each_minor).text);
        return;
    case OFFLINE_TOTAL:
        SAY(t, SCREEN_WARNING, TEXT_OFFLINE_TOTAL, amount_text(r->offline_minor).text,
            amount_text(f->offline_total_minor).text);
        return;
    }
}

bool offline_may_decide(const struct terminal *t)
{
    return chip_open(t) && t->work.chip.state == VAULT_CHIP_ONLINE &&
           t->work.host_use != VAULT_HOST_ALWAYS && t->host.state != SCREEN_ONLINE &&
           offline_refusal(t, t->work.payment.amount_minor) == OFFLINE_OK;
}

err offline_decide(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->work.host_outcome = HOST_LOST;
    PROCEDURE_CALL(t, p, chip_finish);
    if (t->work.chip.result != VAULT_CHIP_APPROVED) {
        chip_say_why(t);
        PROCEDURE_BACK(t, p);
    }
    t->work.payment.chip = t->work.chip.field55;
    PROCEDURE_END(t, p);
}
