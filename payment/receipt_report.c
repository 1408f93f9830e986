/* SPDX-License-Identifier: Apache-2.0 */
/* Sheets of several payments: reports of operators and shifts, orders, settlements. */
#include <stdio.h>

#include "payment/kind.h"
#include "payment/lines.h"

/* ---- an operator's report ---- */

static void counted(struct lines *b, const char *label, int64_t count)
{
    if (count > 0) lines_add(b, RECEIPT_NORMAL, "%s  %lld 笔", label, (long long)count);
}

/* Names that are too long together go without the English one. */
static void kind_line(struct lines *b, const struct payment_type_row *row, const char *means)
{
    size_t columns = receipt_columns(row->zh) + receipt_columns(row->en) + receipt_columns(means);
    if (columns + 2 > b->receipt->columns) lines_add(b, RECEIPT_NORMAL, "%s %s", row->zh, means);
    else lines_add(b, RECEIPT_NORMAL, "%s %s %s", row->zh, row->en, means);
}

static void report_title(struct lines *b, const struct receipt_report *r)
{
    switch (r->kind_of) {
    case RECEIPT_REPORT_SIGN_IN:
        lines_add(b, RECEIPT_CENTRE, "操作员报表 OPERATOR REPORT");
        break;
    case RECEIPT_REPORT_X:
        lines_add(b, RECEIPT_CENTRE, "本班读数 X REPORT");
        break;
    case RECEIPT_REPORT_Z:
        lines_add(b, RECEIPT_CENTRE, "交班单 Z REPORT %06lld", (long long)r->number);
        break;
    }
    if (r->reprint) lines_add(b, RECEIPT_CENTRE, "*** 重打印 DUPLICATE ***");
}

/* Money that has come or gone: what the total is of. */
static bool in_total(const struct receipt_kind *k)
{
    return payment_side_of(k->type) != PAYMENT_SIDE_NONE;
}

static void kind(struct lines *b, const struct receipt_kind *k)
{
    char label[RECEIPT_LINE_BYTES];
    const struct payment_type_row *row = payment_type_row(k->type);
    snprintf(label, sizeof label, "  %lld 笔", (long long)k->count);
    kind_line(b, row, lines_means(k->means));
    lines_pair(b, RECEIPT_NORMAL, label,
               lines_sum(payment_returns(k->type) ? -k->minor : k->minor).text);
}

/* What is only held is no money yet, and points are none: they stand below, and in no sum. */
static void held(struct lines *b, const struct receipt_report *r)
{
    bool some = false;
    for (size_t i = 0; i < r->kinds; i++) {
        if (in_total(&r->kind[i])) continue;
        if (!some) lines_add(b, RECEIPT_NORMAL, "不计入合计 NOT IN TOTAL");
        some = true;
        kind(b, &r->kind[i]);
    }
}

static void kinds(struct lines *b, const struct receipt_report *r)
{
    int64_t count = 0, minor = 0;
    for (size_t i = 0; i < r->kinds; i++) {
        const struct receipt_kind *k = &r->kind[i];
        if (!in_total(k)) continue;
        bool credit = payment_side_of(k->type) == PAYMENT_SIDE_CREDIT;
        kind(b, k);
        count += k->count;
        if (FAILED(money_add(minor, credit ? -k->minor : k->minor, &minor))) b->fault = ERR_FULL;
    }
    lines_rule(b);
    char total[RECEIPT_LINE_BYTES];
    snprintf(total, sizeof total, "合计 TOTAL  %lld 笔", (long long)count);
    lines_pair(b, RECEIPT_STRONG, total, lines_sum(minor).text);
    if (r->tip_minor != 0)
        lines_pair(b, RECEIPT_NORMAL, "其中小费 TIPS IN IT", lines_sum(r->tip_minor).text);
    if (r->disputed > 0) {
        lines_add(b, RECEIPT_NORMAL, "其中主机拒收 REFUSED BY HOST");
        snprintf(total, sizeof total, "  %lld 笔", (long long)r->disputed);
        lines_pair(b, RECEIPT_NORMAL, total, lines_sum(r->disputed_minor).text);
    }
    held(b, r);
    counted(b, "失败 DECLINED", r->declined);
    counted(b, "冲正 REVERSED", r->reversed);
    counted(b, "处理中 OPEN", r->open);
}

/* What should be in the drawer, and what is. */
static void cash_count(struct lines *b, const struct receipt_report *r)
{
    int64_t expected = r->float_minor + r->cash_minor;
    if (!r->cash) return;
    lines_rule(b);
    lines_pair(b, RECEIPT_NORMAL, "备用金 FLOAT", lines_sum(r->float_minor).text);
    lines_pair(b, RECEIPT_NORMAL, "现金净收 CASH IN", lines_sum(r->cash_minor).text);
    lines_pair(b, RECEIPT_NORMAL, "应有现金 EXPECTED", lines_sum(expected).text);
    if (r->kind_of != RECEIPT_REPORT_Z || r->counted_minor < 0) return;
    lines_pair(b, RECEIPT_NORMAL, "清点现金 COUNTED", lines_sum(r->counted_minor).text);
    const char *label = r->counted_minor > expected   ? "长款 OVER"
                        : r->counted_minor < expected ? "短款 SHORT"
                                                      : "差额 DIFFERENCE";
    lines_pair(b, RECEIPT_STRONG, label, lines_sum(r->counted_minor - expected).text);
}

err receipt_report(const struct receipt_report *report, struct receipt *out)
{
    struct receipt made = {0};
    struct lines b = lines_begin(&made, report->columns);
    ENSURE(report->kinds <= RECEIPT_KINDS);
    report_title(&b, report);
    lines_rule(&b);
    lines_wrapped(&b, report->merchant_name);
    lines_add(&b, RECEIPT_NORMAL, "商户编号 %s", report->mid);
    lines_add(&b, RECEIPT_NORMAL, "终端编号 %s   操作员 %s", report->tid, report->operator_id);
    lines_add(&b, RECEIPT_NORMAL, "批次号 %06u", report->batch);
    lines_moment(&b, "从 FROM ", report->from_local_ms);
    lines_moment(&b, "到 TO   ", report->to_local_ms);
    lines_rule(&b);
    kinds(&b, report);
    cash_count(&b, report);
    if (b.fault != ERR_OK) return (err){b.fault};
    *out = made;
    return OK;
}

/* ---- an order that was paid in parts ---- */

err receipt_order(const struct receipt_order *order, const struct payment *const *parts,
                  size_t count, struct receipt *out)
{
    struct receipt made = {0};
    struct lines b = lines_begin(&made, order->columns);
    lines_add(&b, RECEIPT_CENTRE, "订单结清单 ORDER %06lld", (long long)order->number);
    if (order->training) {
        lines_strong_centre(&b, "*** 演示 TRAINING ***");
        lines_strong_centre(&b, "不是付款凭证 NO PROOF OF PAYMENT");
    }
    if (order->reprint) lines_add(&b, RECEIPT_CENTRE, "*** 重打印 DUPLICATE ***");
    lines_rule(&b);
    lines_wrapped(&b, order->merchant_name);
    lines_add(&b, RECEIPT_NORMAL, "商户编号 %s", order->mid);
    lines_add(&b, RECEIPT_NORMAL, "终端编号 %s   操作员 %s", order->tid, order->operator_id);
    lines_moment(&b, "时间", order->local_ms);
    if (order->basket == NULL || order->basket->count == 0) lines_rule(&b);
    lines_items(&b, order->basket);
    for (size_t i = 0; i < count; i++) {
        char label[RECEIPT_LINE_BYTES];
        snprintf(label, sizeof label, "%06u %s", parts[i]->key.stan, lines_means(parts[i]->means));
        lines_pair(&b, RECEIPT_NORMAL, label, lines_sum(parts[i]->amount_minor).text);
    }
    lines_rule(&b);
    if (order->tip_minor > 0)
        lines_pair(&b, RECEIPT_NORMAL, "其中小费 TIP", lines_sum(order->tip_minor).text);
    lines_pair(&b, RECEIPT_STRONG, "合计 TOTAL", lines_sum(order->total_minor).text);
    lines_add(&b, RECEIPT_CENTRE, "已付清 PAID IN FULL");
    if (b.fault != ERR_OK) return (err){b.fault};
    *out = made;
    return OK;
}

/* ---- a settlement ---- */

static const char *class_text(const struct receipt_kind *k)
{
    if (payment_cardless(k->means)) return lines_means(k->means);
    switch (k->card_class) {
    case PAYMENT_CLASS_DEBIT:
        return "借记卡 DEBIT";
    case PAYMENT_CLASS_CREDIT:
        return "贷记卡 CREDIT";
    case PAYMENT_CLASS_FOREIGN:
        return "境外卡 FOREIGN";
    case PAYMENT_CLASS_WALLET:
    case PAYMENT_CLASS_UNKNOWN:
    case PAYMENT_CLASSES:
        break;
    }
    return "银行卡 CARD";
}

static const char *flag_text(enum payment_settle_flag flag)
{
    switch (flag) {
    case PAYMENT_SETTLE_EQUAL:
        return "对账平 BALANCED";
    case PAYMENT_SETTLE_DIFFERENT:
        return "对账不平 NOT BALANCED";
    case PAYMENT_SETTLE_ERROR:
    case PAYMENT_SETTLE_ASKED:
        break;
    }
    return "对账错 NOT COMPARED";
}

static void settlement_head(struct lines *b, const struct receipt_settlement *s, const char *title)
{
    lines_add(b, RECEIPT_CENTRE, "%s", title);
    if (s->reprint) lines_add(b, RECEIPT_CENTRE, "*** 重打印 DUPLICATE ***");
    if (s->training) lines_add(b, RECEIPT_CENTRE, "*** 演示 TRAINING ***");
    lines_rule(b);
    lines_wrapped(b, s->merchant_name);
    lines_add(b, RECEIPT_NORMAL, "商户编号 %s", s->mid);
    lines_add(b, RECEIPT_NORMAL, "终端编号 %s   操作员 %s", s->tid,
              s->operator_id[0] != '\0' ? s->operator_id : "--");
    lines_add(b, RECEIPT_NORMAL, "批次号 %06u", s->batch);
    lines_moment(b, "时间", s->local_ms);
    lines_rule(b);
}

static void settlement_sum(struct lines *b, const char *name, const struct payment_sum *sum)
{
    char label[RECEIPT_LINE_BYTES];
    snprintf(label, sizeof label, "%s  %lld 笔", name, (long long)sum->count);
    lines_pair(b, RECEIPT_STRONG, label, lines_sum(sum->minor).text);
}

/* What cards of issuers abroad are of it; the rest is of here. */
static struct payment_sum foreign(const struct receipt_settlement *s)
{
    struct payment_sum sum = {0};
    for (size_t i = 0; i < s->kinds; i++) {
        const struct receipt_kind *k = &s->kind[i];
        enum payment_side side = payment_side_of(k->type);
        if (k->card_class != PAYMENT_CLASS_FOREIGN || side == PAYMENT_SIDE_NONE) continue;
        sum.count += k->count;
        sum.minor += side == PAYMENT_SIDE_CREDIT ? -k->minor : k->minor;
    }
    return sum;
}

/* Cards of here (内卡) and of abroad (外卡) apart. The host compares one total of both, so there is
 * one verdict, and it says of what. */
static void by_origin(struct lines *b, const struct receipt_settlement *s)
{
    const struct payment_sum *in = &s->totals.side[PAYMENT_SIDE_DEBIT],
                             *out = &s->totals.side[PAYMENT_SIDE_CREDIT];
    struct payment_sum abroad = foreign(s);
    struct payment_sum here = {in->count + out->count - abroad.count,
                               in->minor - out->minor - abroad.minor};
    if (abroad.count == 0) {
        lines_add(b, RECEIPT_CENTRE, "内卡 %s", flag_text(s->flag));
        return;
    }
    settlement_sum(b, "内卡 DOMESTIC", &here);
    settlement_sum(b, "外卡 FOREIGN", &abroad);
    lines_rule(b);
    lines_add(b, RECEIPT_CENTRE, "内卡+外卡 %s", flag_text(s->flag));
}

err receipt_settlement(const struct receipt_settlement *settlement, struct receipt *out)
{
    struct receipt made = {0};
    struct lines b = lines_begin(&made, settlement->columns);
    ENSURE(settlement->kinds <= RECEIPT_KINDS);
    settlement_head(&b, settlement, "结算总计单 SETTLEMENT");
    for (size_t i = 0; i < settlement->kinds; i++) {
        const struct receipt_kind *k = &settlement->kind[i];
        char label[RECEIPT_LINE_BYTES];
        const struct payment_type_row *type = payment_type_row(k->type);
        snprintf(label, sizeof label, "  %s  %lld 笔", type->en, (long long)k->count);
        lines_add(&b, RECEIPT_NORMAL, "%s %s", type->zh, class_text(k));
        lines_pair(&b, RECEIPT_NORMAL, label, lines_sum(k->minor).text);
    }
    lines_rule(&b);
    settlement_sum(&b, "收款 TAKEN", &settlement->totals.side[PAYMENT_SIDE_DEBIT]);
    settlement_sum(&b, "退还 GIVEN BACK", &settlement->totals.side[PAYMENT_SIDE_CREDIT]);
    lines_rule(&b);
    by_origin(&b, settlement);
    if (b.fault != ERR_OK) return (err){b.fault};
    *out = made;
    return OK;
}

err receipt_details(const struct receipt_settlement *settlement,
                    const struct payment *const *payments, size_t count, struct receipt *out)
{
    struct receipt made = {0};
    struct lines b = lines_begin(&made, settlement->columns);
    ENSURE(count <= RECEIPT_DETAILS);
    settlement_head(&b, settlement, "结算明细单 DETAILS");
    for (size_t i = 0; i < count; i++) {
        const struct payment *p = payments[i];
        char label[RECEIPT_LINE_BYTES];
        snprintf(label, sizeof label, "%06u %s", p->key.stan, payment_type_row(p->type)->zh);
        lines_pair(&b, RECEIPT_NORMAL, label, lines_sum(p->amount_minor).text);
        lines_pair(&b, RECEIPT_NORMAL,
                   p->pan_masked[0] != '\0' ? p->pan_masked : lines_means(p->means), p->auth_code);
    }
    if (count == 0) lines_add(&b, RECEIPT_NORMAL, "无交易 NO PAYMENTS");
    lines_rule(&b);
    if (b.fault != ERR_OK) return (err){b.fault};
    *out = made;
    return OK;
}
