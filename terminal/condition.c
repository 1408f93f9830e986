/* SPDX-License-Identifier: Apache-2.0 */
/* What a device says of itself, and when that is due. */
#include "terminal/condition.h"

#include "terminal/core.h"

#define GAP_US   ((int64_t)DEVICE_STATE_GAP_MS * 1000)
#define FIRST_US INT64_C(3000000)
#define BEAT_US  ((int64_t)DEVICE_BEAT_MS * 1000)

_Static_assert((int)SCREEN_PAPER_OUT == (int)DEVICE_PAPER_OUT, "the same words in one order");

void condition_begin(struct terminal *t)
{
    t->manage.condition.told_us = 0;
    t->manage.condition.first_us = now_us(t) + FIRST_US;
}

/* All but the time of the last payment, which costs a look into the store. */
static void look(const struct terminal *t, struct device_message *m)
{
    _Static_assert(sizeof m->operator_id == sizeof t->operator_id, "copied whole");
    m->battery = t->devices.battery > 100 ? 100 : t->devices.battery;
    m->paper = t->devices.printer_fault ? (uint8_t)DEVICE_PRINTER_FAULT : (uint8_t)t->devices.paper;
    m->hold = t->remote.lost ? DEVICE_LOST : t->remote.locked ? DEVICE_LOCKED : DEVICE_FREE;
    m->link = (uint8_t)paths_facts(&t->paths)->kind;
    m->signed_in = t->records.signed_in ? 1 : 0;
    m->parameters = t->afar.number;
    m->unsent = t->records.unsent + t->records.offline;
    memcpy(m->operator_id, t->operator_id, sizeof m->operator_id);
}

/* A battery that goes down by a point is no news: the beat tells it. */
static bool same(const struct terminal *t)
{
    const struct condition *c = &t->manage.condition;
    struct device_message now = {0};
    look(t, &now);
    bool battery = (now.battery < 20) == (c->told.battery < 20);
    return battery && now.paper == c->told.paper && now.hold == c->told.hold &&
           now.link == c->told.link && now.signed_in == c->told.signed_in &&
           now.unsent == c->told.unsent && now.parameters == c->told.parameters &&
           strcmp(now.operator_id, c->told.operator_id) == 0 &&
           t->records.last_number == c->last_number;
}

int64_t condition_next_us(const struct terminal *t)
{
    const struct condition *c = &t->manage.condition;
    if (c->told_us == 0) return c->first_us;
    return c->told_us + (same(t) ? BEAT_US : GAP_US);
}

/* When the newest payment was made; and where, which is told behind it (S122): a terminal that was
 * carried off is found out by the next payment at the latest. */
static err find_last(struct terminal *t)
{
    struct condition *c = &t->manage.condition;
    struct payment payment;
    if (t->records.last_number == c->last_number) return OK;
    TRY(records_get(&t->records, t->records.last_number, &payment));
    c->last_number = t->records.last_number;
    c->last_ms = payment.created_ms;
    t->manage.place = true;
    return OK;
}

err condition_tell(struct terminal *t, struct device_message *ret_question)
{
    struct condition *c = &t->manage.condition;
    struct device_message m = {.ask = DEVICE_STATE, .at_ms = now_ms(t)};
    TRY(find_last(t));
    look(t, &m);
    m.last_payment_ms = c->last_ms;
    TRY(bytes_to_text(bytes_text(t->config.version), m.version, sizeof m.version));
    c->told = m;
    c->told_us = now_us(t);
    *ret_question = m;
    return OK;
}
