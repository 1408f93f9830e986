/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a courier and when, what its answers move, and who is told that nothing moves.
 */
#include <stdio.h>

#include "backoffice/events/events.h"
#include "backoffice/messages/outbox.h"
#include "backoffice/stock/shipment_rows.h"
#include "lib/base/hex.h"

static bool is_back(const struct shipment *s)
{
    return s->assignment < 0;
}

static err begin(struct backoffice *b, struct store_tx *tx, const struct stock_terminal *terminal,
                 int64_t assignment, int64_t now_ms)
{
    struct shipment s = {.assignment = assignment, .moved_ms = now_ms, .next_ms = now_ms};
    uint8_t drawn[SHIPMENT_ID_LEN / 2];
    struct writer w = writer_over(s.id, SHIPMENT_ID_LEN);
    random_fill(&b->config.random, drawn, sizeof drawn);
    write_hex(&w, BYTES_OF(drawn));
    memcpy(s.serial, terminal->serial, sizeof s.serial);
    return shipment_insert(tx, &s);
}

err shipment_begin(struct backoffice *b, struct store_tx *tx, const struct stock_terminal *terminal,
                   int64_t now_ms)
{
    return b->ports.courier == NULL ? OK : begin(b, tx, terminal, terminal->assignment, now_ms);
}

static bool is_with_shop(const struct stock_terminal *t)
{
    return t->assignment != 0 && (t->state == STOCK_DELIVERED || t->state == STOCK_ACTIVE);
}

err shipment_return(struct backoffice *b, struct store_tx *tx,
                    const struct stock_terminal *terminal, int64_t now_ms,
                    enum stock_verdict *ret_verdict)
{
    struct shipment before;
    const struct backoffice_config *c = &b->config;
    err found = shipment_of_return(b->store, terminal->assignment, &before);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    *ret_verdict = STOCK_STATE;
    if (!is_with_shop(terminal) || !FAILED(found)) return OK;
    *ret_verdict = STOCK_PARCEL;
    if (b->ports.courier == NULL || c->returns_address == NULL || c->returns_phone == NULL)
        return OK;
    *ret_verdict = STOCK_OK;
    return begin(b, tx, terminal, -terminal->assignment, now_ms);
}

/* ---- asking ---- */

static err read_terminal(struct backoffice *b, const struct shipment *s,
                         struct stock_terminal *terminal, bool *ret_under_way)
{
    TRY(stock_find(b->store, bytes_text(s->serial), terminal));
    if (is_back(s))
        *ret_under_way = is_with_shop(terminal) && terminal->assignment == -s->assignment;
    else *ret_under_way = terminal->state == STOCK_SHIPPED && terminal->assignment == s->assignment;
    return OK;
}

static int64_t poll_ms(const struct backoffice *b)
{
    int64_t asked_ms = b->ports.courier == NULL ? 0 : b->ports.courier->poll_ms;
    return asked_ms != 0 ? asked_ms : SHIPMENT_POLL_MS;
}

static int64_t retry_ms(const struct backoffice *b, int64_t tries)
{
    const int64_t most_ms = poll_ms(b);
    int64_t wait_ms = SHIPMENT_RETRY_MS;
    for (int64_t i = 1; i < tries && wait_ms < most_ms; i++) wait_ms *= 2;
    return wait_ms < most_ms ? wait_ms : most_ms;
}

static err keep(struct backoffice *b, const struct shipment *s)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(shipment_put(&tx, s));
    return store_commit(&tx);
}

/* A port that fails is a try that came to nothing: the next one is written down already. */
static err call(struct backoffice *b, const struct shipment *s)
{
    const struct courier_ports *port = b->ports.courier;
    struct elements elements;
    struct courier_order order = {s->id, b->config.returns_phone, b->config.returns_address,
                                  s->serial};
    err asked;
    if (!is_back(s)) {
        TRY(elements_find(b->store, s->serial, &elements));
        order.phone = elements.phone;
        order.address = elements.address;
    }
    asked = s->state == SHIPMENT_WANTED ? port->order(port->context, &order)
                                        : port->track(port->context, s->id, s->label);
    if (FAILED(asked))
        log_event(b->config.log, LOG_WARN, "courier_not_asked", LOG_TEXT("serial", s->serial),
                  LOG_ERR(asked));
    return OK;
}

static err ask(struct backoffice *b, struct shipment *s, int64_t now_ms)
{
    struct stock_terminal terminal;
    bool under_way = false;
    TRY(read_terminal(b, s, &terminal, &under_way));
    if (!under_way) {
        s->state = SHIPMENT_OVER;
        return keep(b, s);
    }
    s->tries++;
    s->next_ms = now_ms + retry_ms(b, s->tries);
    TRY(keep(b, s));
    return call(b, s);
}

/* ---- telling ---- */

static err publish(struct store_tx *tx, const char *kind, const struct shipment *s, const char *mid,
                   int64_t now_ms)
{
    char object[EVENT_OBJECT_MAX + 1];
    snprintf(object, sizeof object, "stock/terminals/%s", s->serial);
    const struct event event = {.mid = mid, .kind = kind, .object = object, .at_ms = now_ms};
    return event_append(tx, &event, NULL);
}

/* The shop hears of what is still to come, and not of what is lost or comes back. */
static err tell_shop(struct backoffice *b, struct store_tx *tx, const struct shipment *s,
                     const struct elements *elements, int64_t now_ms)
{
    struct outbox_answer answer;
    char days[24], purpose[OUTBOX_PURPOSE_MAX + 1];
    if (b->outbox == NULL || s->label[0] == '\0' || s->rank >= COURIER_LOST) return OK;
    snprintf(days, sizeof days, "%lld", (long long)((now_ms - s->moved_ms) / 86400000));
    snprintf(purpose, sizeof purpose, "shipment %s", s->serial);
    const struct template_field fields[] = {{"serial", bytes_text(s->serial)},
                                            {"label", bytes_text(s->label)},
                                            {"days", bytes_text(days)}};
    const struct outbox_message message = {.channel = CHANNEL_SMS,
                                           .contact = elements->phone,
                                           .template = TEMPLATE_PARCEL_QUIET,
                                           .language =
                                               elements->english ? LANGUAGE_EN : LANGUAGE_ZH,
                                           .fields = fields,
                                           .field_count = ARRAY_LEN(fields),
                                           .purpose = purpose,
                                           .not_after_ms = now_ms + INT64_C(86400000)};
    return outbox_enqueue(b->outbox, tx, &message, &answer);
}

static err remind(struct backoffice *b, struct shipment *s, int64_t now_ms)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct stock_terminal terminal;
    struct elements elements;
    bool under_way = false;
    TRY(read_terminal(b, s, &terminal, &under_way));
    TRY(store_begin(b->store, &tx));
    if (under_way) {
        TRY(publish(&tx, "stock.quiet", s, terminal.mid, now_ms));
        if (!is_back(s)) TRY(elements_find(b->store, s->serial, &elements));
        if (!is_back(s)) TRY(tell_shop(b, &tx, s, &elements, now_ms));
        s->reminded_ms = now_ms;
    } else {
        s->state = SHIPMENT_OVER;
    }
    TRY(shipment_put(&tx, s));
    return store_commit(&tx);
}

err shipment_tick(struct backoffice *b, int64_t now_ms)
{
    struct shipment due[SHIPMENT_BATCH];
    size_t count = 0;
    if (b->ports.courier == NULL) return OK;
    TRY(shipment_due(b->store, now_ms, true, due, &count));
    for (size_t i = 0; i < count; i++) TRY(remind(b, &due[i], now_ms));
    TRY(shipment_due(b->store, now_ms, false, due, &count));
    for (size_t i = 0; i < count; i++) TRY(ask(b, &due[i], now_ms));
    return OK;
}

/* ---- answers ---- */

/* NOT_FOUND also for one that waits for nothing any more: a late echo. */
static err find_open(struct backoffice *b, const char *id, enum shipment_state state,
                     struct shipment *s)
{
    TRY(shipment_by_id(b->store, id, s));
    return s->state == state ? OK : ERR(NOT_FOUND);
}

err shipment_on_ordered(struct backoffice *b, const char *id, enum courier_status status,
                        const char *label)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct stock_terminal terminal;
    struct shipment s;
    int64_t now_ms = backoffice_now_ms(b);
    err found = find_open(b, id, SHIPMENT_WANTED, &s);
    if (found.code == ERR_NOT_FOUND || status == COURIER_LATER) return OK;
    TRY(found);
    TRY(stock_find(b->store, bytes_text(s.serial), &terminal));
    TRY(store_begin(b->store, &tx));
    s.tries = 0;
    s.state = status == COURIER_ACCEPTED ? SHIPMENT_UNDER_WAY : SHIPMENT_REFUSED;
    s.next_ms = now_ms + poll_ms(b);
    if (status == COURIER_ACCEPTED) snprintf(s.label, sizeof s.label, "%s", label);
    else TRY(publish(&tx, "stock.refused", &s, terminal.mid, now_ms));
    TRY(shipment_put(&tx, &s));
    return store_commit(&tx);
}

/* DELIVERED, of terminal and application; *ret_done false: it cannot be now, and nothing stays. */
static err deliver(struct backoffice *b, struct store_tx *tx, struct shipment *s, int64_t now_ms,
                   bool *ret_done)
{
    const struct registry_actor actor = {BYTES("courier"), now_ms};
    struct stock_terminal terminal;
    enum stock_verdict verdict;
    bool under_way = false;
    TRY(read_terminal(b, s, &terminal, &under_way));
    s->state = SHIPMENT_OVER;
    *ret_done = true;
    if (!under_way || is_back(s))
        return OK; /* the shop has said so before, or has switched it on */
    TRY(stock_step(tx, &actor, STOCK_DOES_DELIVER, s->label, &terminal, &verdict));
    if (verdict == STOCK_OK)
        TRY(joint_follow(b, tx, &actor, STOCK_DOES_DELIVER, STOCK_SHIPPED, terminal.application,
                         s->serial, &verdict));
    *ret_done = verdict == STOCK_OK;
    return OK;
}

static err take_events(struct backoffice *b, struct store_tx *tx, struct shipment *s,
                       const struct courier_track *track, int64_t now_ms)
{
    struct stock_terminal terminal;
    const enum courier_event before = s->rank;
    for (size_t i = 0; i < track->count; i++) {
        const struct courier_happening *h = &track->happening[i];
        bool fresh = false;
        TRY(shipment_note(tx, s, h, now_ms, &fresh));
        if (!fresh) continue;
        s->moved_ms = now_ms;
        if (h->event > s->rank) s->rank = h->event;
    }
    if (before >= COURIER_LOST || s->rank != COURIER_LOST) return OK;
    TRY(stock_find(b->store, bytes_text(s->serial), &terminal));
    return publish(tx, "stock.lost", s, terminal.mid, now_ms);
}

err shipment_on_tracked(struct backoffice *b, const char *id, const struct courier_track *track)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct shipment s;
    bool delivered = false, back = false, done = true;
    int64_t now_ms = backoffice_now_ms(b);
    err found = find_open(b, id, SHIPMENT_UNDER_WAY, &s);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    TRY(store_begin(b->store, &tx));
    s.tries = 0;
    s.next_ms = now_ms + poll_ms(b);
    TRY(take_events(b, &tx, &s, track, now_ms));
    TRY(shipment_heard(b->store, &s, COURIER_DELIVERED, &delivered));
    TRY(shipment_heard(b->store, &s, COURIER_COMES_BACK, &back));
    if (delivered && !back) TRY(deliver(b, &tx, &s, now_ms, &done));
    if (!done) return OK;
    TRY(shipment_put(&tx, &s));
    return store_commit(&tx);
}

err shipment_on_answer(struct backoffice *b, const char *id, struct bytes answer)
{
    char label[COURIER_LABEL_MAX + 1];
    enum courier_status status;
    struct courier_track track;
    struct shipment s;
    err found = shipment_by_id(b->store, id, &s);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (s.state == SHIPMENT_WANTED) {
        if (FAILED(courier_read_ordered(answer, id, &status, label))) return OK;
        return shipment_on_ordered(b, id, status, label);
    }
    if (FAILED(courier_read_track(answer, s.label, &track))) return OK;
    return shipment_on_tracked(b, id, &track);
}
