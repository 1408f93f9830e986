/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work items over the control socket: what people do about them, the differences that a network's
 * file brings, and that a day is reconciled. Each leaves its record in the audit chain of
 * journal.db, in the same transaction.
 */
#include "journal/work.h"
#include "acquirer/control.h"
#include "journal/close.h"
#include "journal/reconcile.h"
#include "journal/trail.h"
#include "lib/store/audit.h"
#include "lib/wire/acquirer_work.h"
#include "payment/kind.h"

err control_audit(struct acquirer *a, struct bytes actor, const char *event, const char *subject,
                  const char *detail)
{
    const struct audit_entry entry = {host_now_ms(a), actor, bytes_text(event), bytes_text(subject),
                                      bytes_text(detail)};
    return audit_append(&a->tx, &entry);
}

/* A line of text that fits: into `to`, otherwise said to be missing. */
bool control_line(struct control *c, const char *name, struct bytes from, char *to, size_t size)
{
    bool line = from.len > 0;
    for (size_t i = 0; i < from.len; i++) line = line && from.at[i] >= 0x20 && from.at[i] != 0x7f;
    if (line && !FAILED(bytes_to_text(from, to, size))) return true;
    control_say(c, ACQUIRER_INCOMPLETE, "%s: must be a line of 1 to %zu bytes", name, size - 1);
    return false;
}

/* ---- steps ---- */

static enum work_action action_of(uint8_t command)
{
    if (command == ACQUIRER_ITEM_ASSIGN) return WORK_ASSIGN;
    return command == ACQUIRER_ITEM_NOTE ? WORK_NOTE : WORK_CLOSE;
}

/* It is there and open; otherwise that is said. */
static err judge_item(struct acquirer *a, struct control *c, int64_t number)
{
    struct journal_item item;
    struct work_state at;
    size_t count = 0;
    TRY(journal_item_read(a->store, number, &item, 1, &count));
    if (number <= 0 || count == 0 || item.number != number) {
        control_say(c, ACQUIRER_UNKNOWN, "work item %lld", (long long)number);
        return OK;
    }
    TRY(journal_work_state(a->store, number, &at));
    if (at.closed) control_say(c, ACQUIRER_OVER, "closed: %.100s", at.reason);
    return OK;
}

static err take_step(struct acquirer *a, uint8_t command, struct control *c)
{
    const struct acquirer_request *r = c->request;
    struct journal_work step = {
        .item = r->original, .at_ms = host_now_ms(a), .action = action_of(command)};
    bool assign = step.action == WORK_ASSIGN;
    if (!control_line(c, "actor", r->actor, step.actor, sizeof step.actor)) return OK;
    if (!control_line(c, assign ? "to whom" : "reason", assign ? r->reference : r->reason,
                      step.text, sizeof step.text))
        return OK;
    TRY(judge_item(a, c, step.item));
    if (c->status != ACQUIRER_OK) return OK;
    char subject[32];
    struct writer w = writer_over(subject, sizeof subject - 1);
    write_format(&w, "work item %lld", (long long)step.item);
    subject[w.len] = '\0';
    TRY(group_tx(a));
    TRY(journal_work_append(&a->tx, &step));
    c->number = step.item;
    return control_audit(a, r->actor, work_action_name(step.action), subject, step.text);
}

/* ---- differences ---- */

static bool sensible(const struct acquirer_difference *d)
{
    return d->actor.len > 0 && d->rrn.len == 12 && d->day > 0 &&
           d->kind >= JOURNAL_ITEM_NETWORK_LACKS && d->kind <= JOURNAL_ITEM_NETWORK_FEE &&
           d->network > PAYMENT_ROUTE_NONE && d->network < PAYMENT_ROUTES && d->type > 0 &&
           d->type < PAYMENT_TYPES;
}

/* What we know of the payment, when we do. */
static err complete(struct acquirer *a, struct journal_item *item)
{
    struct journal_row last;
    err found = journal_last_of(a->store, item->rrn, &last);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    const struct payment *p = &last.payment;
    memcpy(item->tid, p->key.tid, sizeof item->tid);
    memcpy(item->mid, p->mid, sizeof item->mid);
    memcpy(item->shown, p->pan_masked, sizeof item->shown);
    item->batch = p->key.batch;
    item->stan = p->key.stan;
    item->type = p->type;
    return OK;
}

static err take_difference(struct acquirer *a, struct reader *r, struct control *c)
{
    struct acquirer_difference d;
    err read = acquirer_read_difference(r, &d);
    if (FAILED(read) || !sensible(&d)) {
        control_say(c, ACQUIRER_BAD_REQUEST, "a difference makes no sense");
        return OK;
    }
    struct journal_item item = {.at_ms = host_now_ms(a),
                                .kind = (enum journal_item_kind)d.kind,
                                .type = (enum payment_type)d.type,
                                .network = (enum payment_route)d.network,
                                .day = d.day,
                                .host_minor = d.host_minor,
                                .network_minor = d.network_minor};
    TRY(bytes_to_text(d.rrn, item.rrn, sizeof item.rrn));
    err known = journal_item_cleared(a->store, &item);
    if (!FAILED(known)) return OK; /* asked again, after an answer that was lost: each once */
    if (known.code != ERR_NOT_FOUND) return known;
    TRY(complete(a, &item));
    return record_item(a, &item);
}

static err take_reconciled(struct acquirer *a, struct reader *r, struct control *c)
{
    struct acquirer_reconciled d;
    struct journal_reconciled before, done = {.at_ms = host_now_ms(a)};
    char subject[48], detail[160];
    err read = acquirer_read_reconciled(r, &d);
    if (FAILED(read) || d.network == 0 || d.network >= PAYMENT_ROUTES || d.day == 0) {
        control_say(c, ACQUIRER_BAD_REQUEST, "a reconciled day makes no sense");
        return OK;
    }
    if (!control_line(c, "actor", d.actor, done.actor, sizeof done.actor)) return OK;
    if (!control_line(c, "digest", d.digest, done.digest, sizeof done.digest)) return OK;
    done.network = (enum payment_route)d.network;
    done.day = d.day;
    done.rows = d.rows;
    done.matched = d.matched;
    done.differences = d.differences;
    err found = journal_reconciled_find(a->store, done.network, done.day, &before);
    if (!FAILED(found)) {
        c->number = before.number;
        control_say(c, ACQUIRER_RECONCILED_BEFORE, "file %.16s", before.digest);
        return OK;
    }
    if (found.code != ERR_NOT_FOUND) return found;
    struct writer w = writer_over(subject, sizeof subject - 1);
    write_format(&w, "%s, day %d", clearing_network_name(done.network), done.day);
    subject[w.len] = '\0';
    w = writer_over(detail, sizeof detail - 1);
    write_format(&w, "file %s: %lld rows, %lld differences", done.digest, (long long)done.rows,
                 (long long)done.differences);
    detail[w.len] = '\0';
    TRY(group_tx(a));
    TRY(journal_reconciled_append(&a->tx, &done));
    return control_audit(a, d.actor, "reconciled", subject, detail);
}

bool work_knows(uint8_t command)
{
    return (command >= ACQUIRER_ITEM_ASSIGN && command <= ACQUIRER_RECONCILED) ||
           command == ACQUIRER_NETWORK_SETTLED;
}

err work_asked(struct acquirer *a, uint8_t command, struct reader *r, struct control *c)
{
    struct acquirer_request request = {.day = 0};
    if (command == ACQUIRER_DIFFERENCE) return take_difference(a, r, c);
    if (command == ACQUIRER_RECONCILED) return take_reconciled(a, r, c);
    if (command == ACQUIRER_NETWORK_SETTLED) return network_settled(a, r, c);
    err read = acquirer_read_request(r, &request);
    if (FAILED(read)) {
        control_say(c, ACQUIRER_BAD_REQUEST, "%s", err_text(read));
        return OK;
    }
    c->request = &request;
    err taken = take_step(a, command, c);
    c->request = NULL;
    return taken;
}
