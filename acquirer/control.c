/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands about money that is no payment: what each needs is a row of a table, then its judge says
 * whether it may be, then it is an order. Nothing here waits for anybody.
 */
#include "acquirer/control.h"

#include <assert.h>

#include <stdarg.h>
#include <stdio.h>

#include "journal/dispute.h"
#include "ledger/workday.h"
#include "lib/store/audit.h"
#include "registry/registry.h"

/* Members that a command cannot do without. */
enum {
    NEEDS_MID = 1,
    NEEDS_AMOUNT = 2,
    NEEDS_REASON = 4,
    NEEDS_EVIDENCE = 8,
    NEEDS_APPEAL = 16,
    NEEDS_DEADLINE = 32,
    NEEDS_ORIGINAL = 64,
    NEEDS_REFERENCE = 128,
    NEEDS_DAY = 256,
    NEEDS_WAY = 512,
};

void control_say(struct control *c, enum acquirer_status status, const char *format, ...)
{
    c->status = status;
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(c->detail, sizeof c->detail, format, arguments);
    va_end(arguments);
    ENSURE(len >= 0);
}

void control_unreadable(struct control *c, const char *which, err why)
{
    control_say(c, ACQUIRER_UNREADABLE, "%s: %s", which, err_text(why));
}

/* ---- judges ---- */

static err judge_merchant(struct acquirer *a, struct control *c)
{
    struct registry_merchant merchant;
    err found = registry_find_merchant(a->registry, c->request->mid, &merchant);
    if (found.code == ERR_NOT_FOUND) control_say(c, ACQUIRER_UNKNOWN, "merchant");
    else if (FAILED(found)) control_unreadable(c, "registry", found);
    return OK;
}

/* Reasons of holds are those of the table: a merchant is told them in his language. */
static err judge_hold(struct acquirer *a, struct control *c)
{
    if (order_reason_of(c->order.reason) == NULL)
        control_say(c, ACQUIRER_INCOMPLETE, "reason: not one of the table");
    else if (c->order.deadline_ms <= c->order.at_ms)
        control_say(c, ACQUIRER_INCOMPLETE, "deadline: it is over");
    else return judge_merchant(a, c);
    return OK;
}

/* The order it ends is there, of this kind, and has no end yet; its money is this one's. */
static err judge_end(struct acquirer *a, struct control *c, enum order_kind kind)
{
    struct journal_order original, end;
    err found = journal_order_find(a->store, c->request->original, &original);
    if (found.code == ERR_NOT_FOUND || (!FAILED(found) && original.kind != kind)) {
        control_say(c, ACQUIRER_UNKNOWN, "order %lld", (long long)c->request->original);
        return OK;
    }
    TRY(found);
    found = journal_order_end(a->store, original.number, &end);
    if (!FAILED(found)) {
        control_say(c, ACQUIRER_OVER, "%s", order_kind_name(end.kind));
        c->number = end.number;
        return OK;
    }
    if (found.code != ERR_NOT_FOUND) return found;
    memcpy(c->order.mid, original.mid, sizeof c->order.mid);
    c->order.currency = original.currency;
    c->order.amount_minor = original.amount_minor;
    c->order.fee_minor = original.fee_minor;
    c->order.rule = original.rule;
    c->order.day = original.day;
    c->order.way = original.way;
    c->order.account = original.account;
    return OK;
}

/* What a chargeback holds is decided with it, and not beside it. */
static err judge_end_of_hold(struct acquirer *a, struct control *c)
{
    int64_t dispute = 0;
    TRY(judge_end(a, c, ORDER_HOLD));
    if (c->status != ACQUIRER_OK) return OK;
    err found = journal_dispute_of_hold(a->store, c->request->original, &dispute);
    if (FAILED(found)) return found.code == ERR_NOT_FOUND ? OK : found;
    control_say(c, ACQUIRER_DISPUTED, "dispute %lld", (long long)dispute);
    return OK;
}

static err judge_end_of_payout(struct acquirer *a, struct control *c)
{
    return judge_end(a, c, ORDER_PAYOUT);
}

static const struct command {
    enum order_kind kind; /* 0: there is no such command */
    unsigned needs;
    err (*judge)(struct acquirer *a, struct control *c);
} commands[ACQUIRER_COMMANDS] = {
    [ACQUIRER_HOLD] = {ORDER_HOLD,
                       NEEDS_MID | NEEDS_AMOUNT | NEEDS_REASON | NEEDS_EVIDENCE | NEEDS_APPEAL |
                           NEEDS_DEADLINE,
                       judge_hold},
    [ACQUIRER_RELEASE] = {ORDER_RELEASE, NEEDS_ORIGINAL | NEEDS_REASON, judge_end_of_hold},
    [ACQUIRER_CONVERT] = {ORDER_CONVERT, NEEDS_ORIGINAL | NEEDS_REASON, judge_end_of_hold},
    [ACQUIRER_PAYOUT] = {ORDER_PAYOUT, NEEDS_MID | NEEDS_DAY | NEEDS_WAY, payout_judge},
    [ACQUIRER_PAYOUT_CONFIRM] = {ORDER_PAYOUT_CONFIRMED, NEEDS_ORIGINAL | NEEDS_REFERENCE,
                                 judge_end_of_payout},
    [ACQUIRER_PAYOUT_RETURN] = {ORDER_PAYOUT_RETURNED, NEEDS_ORIGINAL | NEEDS_REASON,
                                judge_end_of_payout},
    [ACQUIRER_CREDIT] = {ORDER_CREDIT, NEEDS_MID | NEEDS_AMOUNT | NEEDS_REASON, judge_merchant},
    [ACQUIRER_DEBIT] = {ORDER_DEBIT, NEEDS_MID | NEEDS_AMOUNT | NEEDS_REASON, judge_merchant},
};

/* ---- the order ---- */

err control_order(struct acquirer *a, struct journal_order *order)
{
    char subject[24], detail[WATCH_DETAIL_MAX];
    TRY(group_tx(a));
    TRY(journal_order_append(&a->tx, order));
    snprintf(subject, sizeof subject, "order %lld", (long long)order->number);
    snprintf(detail, sizeof detail, "merchant %s, %lld fen, fee %lld, of order %lld: %s %s",
             order->mid, (long long)order->amount_minor, (long long)order->fee_minor,
             (long long)order->original, order->reason, order->reference);
    const struct audit_entry entry = {
        .at_ms = order->at_ms,
        .actor = bytes_text(order->actor),
        .event = bytes_text(order_kind_name(order->kind)),
        .subject = bytes_text(subject),
        .detail = bytes_text(detail),
    };
    /* In the same file and transaction: no order without its record. */
    return audit_append(&a->tx, &entry);
}

/* The first member that is needed and not there, or a text too long for its place. */
static const char *lacking(const struct command *command, const struct acquirer_request *r)
{
    const struct {
        unsigned need;
        bool there;
        const char *name;
    } members[] = {
        {NEEDS_MID, r->mid.len == 15 && bytes_all_digits(r->mid), "mid"},
        {NEEDS_AMOUNT, r->amount_minor > 0 && r->amount_minor <= MONEY_FIELD_MAX, "amount"},
        {NEEDS_REASON, r->reason.len > 0, "reason"},
        {NEEDS_EVIDENCE, r->evidence.len > 0, "evidence"},
        {NEEDS_APPEAL, r->appeal.len > 0, "appeal"},
        {NEEDS_DEADLINE, r->deadline_ms > 0, "deadline"},
        {NEEDS_ORIGINAL, r->original > 0, "order"},
        {NEEDS_REFERENCE, r->reference.len > 0, "reference"},
        {NEEDS_DAY, r->day > 0 && r->day <= WORKDAY_LAST, "day"},
        {NEEDS_WAY, r->way > 0 && r->way < ORDER_WAYS, "way"},
    };
    if (r->actor.len == 0) return "actor";
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if ((command->needs & members[i].need) != 0 && !members[i].there) return members[i].name;
    return NULL;
}

/* From the request into the order; false when a text does not fit or is no line of text. */
static bool fill(struct journal_order *order, const struct acquirer_request *r)
{
    const struct {
        struct bytes from;
        char *to;
        size_t size;
    } texts[] = {
        {r->mid, order->mid, sizeof order->mid},
        {r->actor, order->actor, sizeof order->actor},
        {r->reason, order->reason, sizeof order->reason},
        {r->evidence, order->evidence, sizeof order->evidence},
        {r->appeal, order->appeal, sizeof order->appeal},
        {r->reference, order->reference, sizeof order->reference},
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        for (size_t k = 0; k < texts[i].from.len; k++)
            if (texts[i].from.at[k] < 0x20 || texts[i].from.at[k] == 0x7f) return false;
        if (FAILED(bytes_to_text(texts[i].from, texts[i].to, texts[i].size))) return false;
    }
    order->currency = r->currency != 0 ? r->currency : CURRENCY_CNY;
    order->amount_minor = r->amount_minor;
    order->original = r->original;
    order->day = r->day;
    order->way = (enum order_way)(r->way < ORDER_WAYS ? r->way : 0);
    order->deadline_ms = r->deadline_ms;
    return true;
}

static err judge(struct acquirer *a, const struct command *command, struct control *c)
{
    const char *lacks = lacking(command, c->request);
    c->order.kind = command->kind;
    c->order.at_ms = host_now_ms(a);
    if (lacks != NULL) control_say(c, ACQUIRER_INCOMPLETE, "%s", lacks);
    else if (!fill(&c->order, c->request))
        control_say(c, ACQUIRER_INCOMPLETE, "a text is too long, or no line of text");
    else TRY(command->judge(a, c));
    if (c->status != ACQUIRER_OK) return OK;
    TRY(control_order(a, &c->order));
    c->number = c->order.number;
    c->amount_minor = c->order.amount_minor;
    c->fee_minor = c->order.fee_minor;
    return OK;
}

static err answer(struct acquirer *a, uint32_t client, struct acquirer_header header,
                  const struct control *c)
{
    uint8_t block[ACQUIRER_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    const struct acquirer_answer said = {c->number, c->amount_minor, c->fee_minor,
                                         bytes_text(c->detail)};
    acquirer_write_answer(&w, header, c->status, &said);
    ENSURE(w.fault == ERR_OK);
    return group_hold(a, HELD_CONTROL, client, writer_view(&w), (struct bytes){0});
}

err acquirer_on_control(struct acquirer *a, uint32_t client, struct bytes frame)
{
    ENSURE(a->ports.to_control != NULL);
    struct reader r = reader_over(frame);
    struct acquirer_header header = {0};
    struct acquirer_request request = {.day = 0};
    struct control c = {.request = &request};
    err read = acquirer_read_header(&r, &header);
    bool work = !FAILED(read) && work_knows(header.command);
    if (!FAILED(read) && !work) read = acquirer_read_request(&r, &request);
    bool known =
        !FAILED(read) && header.command < ACQUIRER_COMMANDS && commands[header.command].kind != 0;
    if (work) TRY(work_asked(a, header.command, &r, &c));
    else if (!FAILED(read) && dispute_knows(header.command))
        TRY(dispute_asked(a, header.command, &c));
    else if (known) TRY(judge(a, &commands[header.command], &c));
    else control_say(&c, ACQUIRER_BAD_REQUEST, "%s", FAILED(read) ? err_text(read) : "command");
    log_event(a->config.log, LOG_INFO, "control", LOG_INT("command", header.command),
              LOG_TEXT("status", acquirer_status_text(c.status)), LOG_INT("order", c.number),
              LOG_TEXT("detail", c.detail));
    return answer(a, client, header, &c);
}

/* ---- deadlines ---- */

enum { EXPIRE_AT_ONCE = 32, EXPIRE_EVERY_MS = 10000 };

static err expire_due(struct acquirer *a, int64_t now_ms)
{
    static_assert(EXPIRE_AT_ONCE <= 64, "on the stack, in the loop of payments");
    struct journal_order due[EXPIRE_AT_ONCE];
    size_t count = 0;
    TRY(journal_order_overdue(a->store, host_now_ms(a), due, EXPIRE_AT_ONCE, &count));
    for (size_t i = 0; i < count; i++) {
        struct journal_order end = {.kind = ORDER_EXPIRE,
                                    .at_ms = host_now_ms(a),
                                    .currency = due[i].currency,
                                    .amount_minor = due[i].amount_minor,
                                    .original = due[i].number,
                                    .actor = "acquirer",
                                    .reason = "deadline"};
        memcpy(end.mid, due[i].mid, sizeof end.mid);
        TRY(control_order(a, &end));
    }
    TRY(dispute_expire(a));
    a->overdue_due_ms = count == EXPIRE_AT_ONCE ? now_ms : now_ms + EXPIRE_EVERY_MS;
    return OK;
}

/* Asked at every tick: the orders above, which the compiler clears, are touched only when due. */
err control_expire(struct acquirer *a, int64_t now_ms)
{
    return now_ms < a->overdue_due_ms ? OK : expire_due(a, now_ms);
}

void control_close(struct acquirer *a)
{
    store_close(a->books);
    store_close(a->accounts);
    a->books = a->accounts = NULL;
}
