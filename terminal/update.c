/* SPDX-License-Identifier: Apache-2.0 */
/* What is told about software, and when it may start anew. */
#include "terminal/update.h"

#include "terminal/core.h"

enum { MINUTES = 24 * 60 };

/* ---- hours ---- */

void update_hours(struct bytes text, unsigned *ret_from_min, unsigned *ret_to_min)
{
    struct reader r = reader_over(text);
    *ret_from_min = *ret_to_min = 0;
    unsigned from = 60 * read_digits(&r, 2);
    bool marks = bytes_equal(read_bytes(&r, 1), BYTES(":"));
    from += read_digits(&r, 2);
    marks = bytes_equal(read_bytes(&r, 1), BYTES("-")) && marks;
    unsigned to = 60 * read_digits(&r, 2);
    marks = bytes_equal(read_bytes(&r, 1), BYTES(":")) && marks;
    to += read_digits(&r, 2);
    if (FAILED(reader_finish(&r)) || !marks || from >= MINUTES || to > MINUTES) return;
    *ret_from_min = from;
    *ret_to_min = to;
}

bool update_in_hours(unsigned from_min, unsigned to_min, unsigned minute)
{
    if (from_min == to_min) return true;
    if (from_min < to_min) return minute >= from_min && minute < to_min;
    return minute >= from_min || minute < to_min; /* over midnight */
}

/* ---- told ---- */

void update_told(struct terminal *t, const struct device_message *heard)
{
    struct update *u = &t->update;
    update_hours(bytes_text(heard->text), &u->from_min, &u->to_min);
    log_event(t->config.log, LOG_INFO, "update_told", LOG_TEXT("hours", heard->text));
    if (t->ports.update_assign != NULL) t->ports.update_assign(t->ports.context, heard->policy);
}

err terminal_on_software(struct terminal *terminal, const struct terminal_software *software)
{
    struct update *u = &terminal->update;
    ENSURE(software->image > 0);
    u->software = *software;
    u->known = u->untold = true;
    return terminal_tick(terminal);
}

void update_begin(struct terminal *t)
{
    t->update.untold = t->update.known;
}

void update_tell(struct terminal *t, struct device_message *ret_question)
{
    struct update *u = &t->update;
    *ret_question =
        (struct device_message){.ask = DEVICE_INSTALLED,
                                .number = u->software.image,
                                .waiting = u->software.waiting,
                                .refused = u->software.refused,
                                .software = u->software.trying ? DEVICE_TRYING : DEVICE_HEALTHY};
    _Static_assert(sizeof ret_question->text == sizeof u->software.why, "copied whole");
    memcpy(ret_question->text, u->software.why, sizeof u->software.why);
    u->untold = false;
}

/* ---- due ---- */

static bool answered(const struct terminal *t)
{
    return t->facts.provisioned && at_home(t) &&
           (t->host.state == SCREEN_ONLINE || t->manage.greeted);
}

static bool healthy_is_due(const struct terminal *t)
{
    const struct update *u = &t->update;
    return u->known && u->software.trying && !u->healthy && t->ports.update_healthy != NULL &&
           answered(t);
}

static bool restart_is_due(const struct terminal *t)
{
    const struct update *u = &t->update;
    unsigned minute = (unsigned)(now_local_ms(t) / 60000 % MINUTES);
    return u->known && u->software.waiting > 0 && !u->software.trying && !u->asked &&
           t->ports.update_restart != NULL && t->order.state == ORDER_NONE && at_home(t) &&
           update_in_hours(u->from_min, u->to_min, minute);
}

void update_tick(struct terminal *t)
{
    if (healthy_is_due(t)) {
        t->update.healthy = true;
        t->ports.update_healthy(t->ports.context);
    }
    /* What runs and what waits is told before it changes, when somebody listens. */
    if (restart_is_due(t) && !(t->manage.greeted && t->update.untold)) {
        t->update.asked = true;
        log_event(t->config.log, LOG_INFO, "update_start",
                  LOG_INT("image", t->update.software.waiting));
        t->ports.update_restart(t->ports.context);
    }
}

int64_t update_next_us(const struct terminal *t)
{
    bool told = !(t->manage.greeted && t->update.untold);
    return healthy_is_due(t) || (restart_is_due(t) && told) ? now_us(t) : INT64_MAX;
}
