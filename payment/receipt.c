/* SPDX-License-Identifier: Apache-2.0 */
/* A receipt as lines of a printer's columns. The layout is read off receipt_make(): a call a line.
 */
#include "payment/receipt.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/clock.h"
#include "payment/columns.h"
#include "payment/kind.h"
#include "payment/response_code.h"

/* "128.00", "-128.00" */
struct money_text {
    char text[MONEY_TEXT_MAX + 1];
};

static struct money_text money_text(int64_t minor)
{
    struct money_text out = {""};
    struct writer w = writer_over(out.text, sizeof out.text - 1);
    money_write(&w, minor);
    return out;
}

struct builder {
    struct receipt *receipt;
    enum err_code fault;
};

static struct builder begin(struct receipt *receipt, unsigned columns)
{
    ENSURE(columns == 0 || columns == RECEIPT_COLUMNS || columns == RECEIPT_COLUMNS_WIDE);
    receipt->columns = columns == 0 ? RECEIPT_COLUMNS : columns;
    return (struct builder){receipt, ERR_OK};
}

static bool wide_paper(const struct builder *b)
{
    return b->receipt->columns == RECEIPT_COLUMNS_WIDE;
}

static void add(struct builder *b, enum receipt_style style, const char *format, ...) PRINTF(3, 4);

static void add(struct builder *b, enum receipt_style style, const char *format, ...)
{
    if (b->receipt->count == RECEIPT_LINES) b->fault = ERR_FULL;
    if (b->fault != ERR_OK) return;
    struct receipt_line *line = &b->receipt->line[b->receipt->count];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line->text, sizeof line->text, format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= sizeof line->text ||
        receipt_columns(line->text) > b->receipt->columns) {
        b->fault = ERR_FULL;
        return;
    }
    line->style = style;
    b->receipt->count++;
}

static void rule(struct builder *b)
{
    static const char line[] = "------------------------------------------------";
    add(b, RECEIPT_RULE, "%.*s", (int)b->receipt->columns, line);
}

/* Label on the left, value on the right edge. */
static void pair(struct builder *b, enum receipt_style style, const char *label, const char *value)
{
    size_t used = receipt_columns(label) + receipt_columns(value);
    if (used >= b->receipt->columns) {
        add(b, style, "%s", label);
        add(b, style, "  %s", value);
        return;
    }
    add(b, style, "%s%*s%s", label, (int)(b->receipt->columns - used), "", value);
}

/*
 * A text of any length over as many lines as it needs, each indented by two columns. Characters of
 * four bytes and one column fill a line's bytes before its columns.
 */
static void wrapped(struct builder *b, const char *text)
{
    enum { ROOM = RECEIPT_LINE_BYTES - sizeof "  " };
    char line[ROOM];
    size_t len = 0, columns = 2;
    uint32_t code;
    for (size_t i = 0; text[i] != '\0';) {
        size_t step = columns_point(text + i, &code);
        if (columns + columns_of_point(code) > b->receipt->columns || len + step > ROOM) {
            add(b, RECEIPT_NORMAL, "  %.*s", (int)len, line);
            len = 0;
            columns = 2;
        }
        memcpy(line + len, text + i, step);
        len += step;
        columns += columns_of_point(code);
        i += step;
    }
    if (len > 0) add(b, RECEIPT_NORMAL, "  %.*s", (int)len, line);
}

/* A value that has a line of its own on narrow paper, and stands at the right edge on wide paper.
 */
static void field(struct builder *b, const char *label, const char *value)
{
    if (wide_paper(b)) {
        pair(b, RECEIPT_NORMAL, label, value);
        return;
    }
    add(b, RECEIPT_NORMAL, "%s", label);
    wrapped(b, value);
}

static const char *entry_suffix(enum payment_entry entry)
{
    switch (entry) {
    case PAYMENT_ENTRY_SWIPE:
        return " /S";
    case PAYMENT_ENTRY_FALLBACK:
        return " /F";
    case PAYMENT_ENTRY_CHIP:
        return " /I";
    case PAYMENT_ENTRY_CONTACTLESS:
        return " /C";
    case PAYMENT_ENTRY_MANUAL:
        return " /M";
    case PAYMENT_ENTRY_CODE:
    case PAYMENT_ENTRY_UNKNOWN:
        return "";
    }
    return "";
}

static const char *title(const struct payment *p, const struct receipt_context *c)
{
    if (c->declined) return "交易失败凭条 NOT PAID";
    if (p->means == PAYMENT_CASH && p->type == PAYMENT_SALE) return "现金收款单 CASH RECEIPT";
    switch (p->type) {
    case PAYMENT_SALE:
        return "POS 签购单 SALES SLIP";
    case PAYMENT_VOID:
    case PAYMENT_PREAUTH_CANCEL:
    case PAYMENT_COMPLETION_VOID:
        return "撤销单 VOID SLIP";
    case PAYMENT_REFUND:
        return "退货单 REFUND SLIP";
    case PAYMENT_PREAUTH:
    case PAYMENT_PREAUTH_ADD:
    case PAYMENT_COMPLETION:
    case PAYMENT_COMPLETION_ADVICE:
        return "预授权单 PRE-AUTH SLIP";
    case PAYMENT_TYPE_NONE:
    case PAYMENT_TYPES:
        break;
    }
    return "POS 签购单";
}

static void head(struct builder *b, const struct payment *p, const struct receipt_context *c)
{
    add(b, RECEIPT_CENTRE, "%s", title(p, c));
    pair(b, RECEIPT_NORMAL, c->copy == RECEIPT_MERCHANT_COPY ? "商户存根" : "持卡人存根",
         c->copy == RECEIPT_MERCHANT_COPY ? "MERCHANT COPY" : "CARDHOLDER COPY");
    if (c->reprint) add(b, RECEIPT_CENTRE, "*** 重打印 DUPLICATE ***");
    rule(b);
    add(b, RECEIPT_NORMAL, "商户名称 MERCHANT NAME");
    wrapped(b, c->merchant_name);
    add(b, RECEIPT_NORMAL, "商户编号 %s", p->mid);
    add(b, RECEIPT_NORMAL, "终端编号 %s   操作员 %s", p->key.tid, p->operator_id);
    rule(b);
}

/* What it is, when it is no sale. */
static void type(struct builder *b, const struct payment *p)
{
    const struct payment_type_row *row = payment_type_row(p->type);
    char both[RECEIPT_LINE_BYTES];
    if (p->type == PAYMENT_SALE) {
        add(b, RECEIPT_NORMAL, "交易类型 TXN TYPE %s",
            payment_by_code(p->means) ? "扫码消费/SALE" : "  消费/SALE");
        return;
    }
    snprintf(both, sizeof both, "%s/%s", row->zh, row->en);
    pair(b, RECEIPT_NORMAL, "交易类型 TXN TYPE", both);
}

/* The payment that it is about, as far as it is known. */
static void original(struct builder *b, const struct payment *p)
{
    const struct payment_original *o = &p->original;
    if (!payment_linked(p->type)) return;
    if (o->stan > 0) add(b, RECEIPT_NORMAL, "原批次 %06u 原凭证号 %06u", o->batch, o->stan);
    if (o->rrn[0] != '\0') add(b, RECEIPT_NORMAL, "原参考号 ORIG REF %s", o->rrn);
    if (o->auth_code[0] != '\0') add(b, RECEIPT_NORMAL, "原授权码 ORIG AUTH %s", o->auth_code);
    if (o->date[0] != '\0') add(b, RECEIPT_NORMAL, "原交易日期 ORIG DATE %s", o->date);
}

static void means(struct builder *b, const struct payment *p)
{
    if (p->means == PAYMENT_CASH) {
        pair(b, RECEIPT_NORMAL, "付款方式 PAID BY", "现金 CASH");
        type(b, p);
        return;
    }
    if (p->issuer[0] != '\0')
        pair(b, RECEIPT_NORMAL, payment_by_code(p->means) ? "付款方式" : "发卡行", p->issuer);
    if (p->means == PAYMENT_SHOWN) { /* the customer's account is known to his wallet alone */
        add(b, RECEIPT_NORMAL, "收款码 CODE SHOWN BY MERCHANT");
        type(b, p);
    } else if (p->means == PAYMENT_CODE) {
        field(b, "付款码 PAYMENT CODE", p->pan_masked);
        type(b, p);
    } else {
        char shown[sizeof p->pan_masked + sizeof " /C"];
        snprintf(shown, sizeof shown, "%s%s", p->pan_masked, entry_suffix(p->entry));
        field(b, "卡号 CARD NO", shown);
        type(b, p);
        if (p->card_sequence[0] != '\0')
            add(b, RECEIPT_NORMAL, "有效期 EXP ****   卡序号 %s", p->card_sequence);
        else add(b, RECEIPT_NORMAL, "有效期 EXP ****");
    }
}

static void numbers(struct builder *b, const struct payment *p, const struct receipt_context *c)
{
    struct civil when = civil_from_ms(c->local_ms);
    add(b, RECEIPT_NORMAL, "批次号 %06u  凭证号 %06u", p->key.batch, p->key.stan);
    if (p->auth_code[0] != '\0') add(b, RECEIPT_NORMAL, "授权码 %s", p->auth_code);
    if (p->rrn[0] != '\0') add(b, RECEIPT_NORMAL, "参考号 %s", p->rrn);
    add(b, RECEIPT_NORMAL, "日期/时间 %04d/%02d/%02d %02d:%02d:%02d", when.year, when.month,
        when.day, when.hour, when.minute, when.second);
}

/* What the card has said, for it is the only proof until the host has heard of it. */
static void offline(struct builder *b, const struct payment *p)
{
    enum { TAG_CRYPTOGRAM = 0x9F26, TAG_COUNTER = 0x9F36 };
    struct bytes tc = payment_chip_get(&p->chip, TAG_CRYPTOGRAM);
    struct bytes counter = payment_chip_get(&p->chip, TAG_COUNTER);
    if (!payment_offline(p)) return;
    add(b, RECEIPT_NORMAL, "卡片脱机批准 APPROVED OFFLINE");
    if (tc.len != 8 || counter.len != 2) return;
    add(b, RECEIPT_NORMAL, "TC %02X%02X%02X%02X%02X%02X%02X%02X ATC %02X%02X", tc.at[0], tc.at[1],
        tc.at[2], tc.at[3], tc.at[4], tc.at[5], tc.at[6], tc.at[7], counter.at[0], counter.at[1]);
}

/* Number and price of more than one are told; a single one has its price at the right edge. */
static void item(struct builder *b, const struct basket_line *line)
{
    char label[RECEIPT_LINE_BYTES];
    struct money_text sum = money_text(basket_line_minor(line));
    if (line->quantity == 1 &&
        receipt_columns(line->name) + strlen(sum.text) < b->receipt->columns) {
        pair(b, RECEIPT_NORMAL, line->name, sum.text);
        return;
    }
    snprintf(label, sizeof label, "  %lld x %s", (long long)line->quantity,
             money_text(line->price_minor).text);
    add(b, RECEIPT_NORMAL, "%s", line->name);
    pair(b, RECEIPT_NORMAL, label, sum.text);
}

static void items(struct builder *b, const struct basket *basket)
{
    if (basket == NULL || basket->count == 0) return;
    rule(b);
    for (size_t i = 0; i < basket->count; i++) item(b, &basket->line[i]);
    rule(b);
}

/* What was asked for, the tip, and both; what goes back has its sign, on a slip of whatever name.
 */
static void amounts(struct builder *b, const struct payment *p)
{
    bool gives = payment_type_row(p->type)->direction == PAYMENT_GIVES;
    const char *total = p->tip_minor > 0 ? "总计 TOTAL   RMB" : "金额 AMOUNT  RMB";
    if (p->tip_minor > 0) {
        pair(b, RECEIPT_NORMAL, "金额 AMOUNT  RMB",
             money_text(p->amount_minor - p->tip_minor).text);
        pair(b, RECEIPT_NORMAL, "小费 TIPS", money_text(p->tip_minor).text);
    }
    pair(b, RECEIPT_STRONG, total, money_text(gives ? -p->amount_minor : p->amount_minor).text);
}

static void tail(struct builder *b, const struct payment *p, const struct receipt_context *c)
{
    rule(b);
    if (c->declined) {
        const struct response_code *why = response_code(p->response_code);
        add(b, RECEIPT_NORMAL, "应答码 %s", p->response_code);
        wrapped(b, why->reason_zh);
        wrapped(b, why->reason_en);
        return;
    }
    if (c->copy == RECEIPT_CARDHOLDER_COPY) {
        add(b, RECEIPT_CENTRE, "请妥善保管 PLEASE KEEP");
        return;
    }
    if (p->means == PAYMENT_CASH) {
        add(b, RECEIPT_CENTRE, "现金交易 无需签名");
        return;
    }
    if (payment_by_code(p->means) || p->pin_entered) {
        add(b, RECEIPT_NORMAL, "%s",
            payment_by_code(p->means) ? "扫码付款 无需签名" : "已凭密码确认");
        add(b, RECEIPT_NORMAL, "NO SIGNATURE REQUIRED");
        return;
    }
    add(b, RECEIPT_NORMAL, "持卡人签名 CARDHOLDER SIGNATURE");
    add(b, RECEIPT_NORMAL, "%s", "");
    add(b, RECEIPT_NORMAL, "%s", "");
    add(b, RECEIPT_NORMAL, "本人确认以上交易,同意记入本卡");
    add(b, RECEIPT_NORMAL, "I ACKNOWLEDGE THIS PAYMENT");
}

/* "RMB 128.00" */
struct sum_text {
    char text[MONEY_TEXT_MAX + sizeof "RMB "];
};

static struct sum_text sum_text(int64_t minor)
{
    struct sum_text out = {""};
    struct writer w = writer_over(out.text, sizeof out.text - 1);
    write_bytes(&w, BYTES("RMB "));
    money_write(&w, minor);
    out.text[w.len] = '\0';
    return out;
}

/* What the customer put down in cash, and what he got back. */
static void put_down(struct builder *b, const struct payment *p)
{
    if (p->means != PAYMENT_CASH || p->given_minor == 0) return;
    pair(b, RECEIPT_NORMAL, "实收 RECEIVED", sum_text(p->given_minor).text);
    pair(b, RECEIPT_NORMAL, "找零 CHANGE", sum_text(p->given_minor - p->amount_minor).text);
}

err receipt_make(const struct payment *payment, const struct receipt_context *context,
                 struct receipt *out)
{
    ENSURE(context->merchant_name != NULL);
    struct receipt made = {0};
    struct builder b = begin(&made, context->columns);
    head(&b, payment, context);
    means(&b, payment);
    numbers(&b, payment, context);
    original(&b, payment);
    offline(&b, payment);
    items(&b, context->basket);
    amounts(&b, payment);
    put_down(&b, payment);
    tail(&b, payment, context);
    if (b.fault != ERR_OK) return (err){b.fault};
    *out = made;
    return OK;
}

/* ---- an operator's report ---- */

static void moment(struct builder *b, const char *label, int64_t local_ms)
{
    struct civil at = civil_from_ms(local_ms);
    add(b, RECEIPT_NORMAL, "%s %04d/%02d/%02d %02d:%02d:%02d", label, at.year, at.month, at.day,
        at.hour, at.minute, at.second);
}

static void counted(struct builder *b, const char *label, int64_t count)
{
    if (count > 0) add(b, RECEIPT_NORMAL, "%s  %lld 笔", label, (long long)count);
}

/* Names that are too long together go without the English one. */
static void kind_line(struct builder *b, const struct payment_type_row *row, const char *means)
{
    size_t columns = receipt_columns(row->zh) + receipt_columns(row->en) + receipt_columns(means);
    if (columns + 2 > b->receipt->columns) add(b, RECEIPT_NORMAL, "%s %s", row->zh, means);
    else add(b, RECEIPT_NORMAL, "%s %s %s", row->zh, row->en, means);
}

static void report_title(struct builder *b, const struct receipt_report *r)
{
    switch (r->kind_of) {
    case RECEIPT_REPORT_SIGN_IN:
        add(b, RECEIPT_CENTRE, "操作员报表 OPERATOR REPORT");
        break;
    case RECEIPT_REPORT_X:
        add(b, RECEIPT_CENTRE, "本班读数 X REPORT");
        break;
    case RECEIPT_REPORT_Z:
        add(b, RECEIPT_CENTRE, "交班单 Z REPORT %06lld", (long long)r->number);
        break;
    }
    if (r->reprint) add(b, RECEIPT_CENTRE, "*** 重打印 DUPLICATE ***");
}

static const char *means_text(enum payment_means means)
{
    switch (means) {
    case PAYMENT_CODE:
        return "扫码 CODE";
    case PAYMENT_SHOWN:
        return "收款码 SHOWN";
    case PAYMENT_CASH:
        return "现金 CASH";
    case PAYMENT_CARD:
    case PAYMENT_MEANS_NONE:
        break;
    }
    return "银行卡 CARD";
}

static void kinds(struct builder *b, const struct receipt_report *r)
{
    int64_t count = 0, minor = 0;
    for (size_t i = 0; i < r->kinds; i++) {
        const struct receipt_kind *k = &r->kind[i];
        char label[RECEIPT_LINE_BYTES];
        snprintf(label, sizeof label, "  %lld 笔", (long long)k->count);
        const struct payment_type_row *row = payment_type_row(k->type);
        kind_line(b, row, means_text(k->means));
        bool gives = row->direction == PAYMENT_GIVES, holds = row->direction == PAYMENT_HOLDS;
        pair(b, RECEIPT_NORMAL, label, sum_text(gives ? -k->minor : k->minor).text);
        count += k->count;
        if (holds) continue; /* nobody has got it yet */
        if (FAILED(money_add(minor, gives ? -k->minor : k->minor, &minor))) b->fault = ERR_FULL;
    }
    rule(b);
    add(b, RECEIPT_STRONG, "合计 TOTAL  %lld 笔", (long long)count);
    pair(b, RECEIPT_STRONG, "", sum_text(minor).text);
    counted(b, "失败 DECLINED", r->declined);
    counted(b, "冲正 REVERSED", r->reversed);
    counted(b, "处理中 OPEN", r->open);
}

/* What should be in the drawer, and what is. */
static void cash_count(struct builder *b, const struct receipt_report *r)
{
    int64_t expected = r->float_minor + r->cash_minor;
    if (!r->cash) return;
    rule(b);
    pair(b, RECEIPT_NORMAL, "备用金 FLOAT", sum_text(r->float_minor).text);
    pair(b, RECEIPT_NORMAL, "现金净收 CASH IN", sum_text(r->cash_minor).text);
    pair(b, RECEIPT_NORMAL, "应有现金 EXPECTED", sum_text(expected).text);
    if (r->kind_of != RECEIPT_REPORT_Z || r->counted_minor < 0) return;
    pair(b, RECEIPT_NORMAL, "清点现金 COUNTED", sum_text(r->counted_minor).text);
    const char *label = r->counted_minor > expected   ? "长款 OVER"
                        : r->counted_minor < expected ? "短款 SHORT"
                                                      : "差额 DIFFERENCE";
    pair(b, RECEIPT_STRONG, label, sum_text(r->counted_minor - expected).text);
}

err receipt_report(const struct receipt_report *report, struct receipt *out)
{
    struct receipt made = {0};
    struct builder b = begin(&made, report->columns);
    ENSURE(report->kinds <= RECEIPT_KINDS);
    report_title(&b, report);
    rule(&b);
    wrapped(&b, report->merchant_name);
    add(&b, RECEIPT_NORMAL, "商户编号 %s", report->mid);
    add(&b, RECEIPT_NORMAL, "终端编号 %s   操作员 %s", report->tid, report->operator_id);
    add(&b, RECEIPT_NORMAL, "批次号 %06u", report->batch);
    moment(&b, "从 FROM ", report->from_local_ms);
    moment(&b, "到 TO   ", report->to_local_ms);
    rule(&b);
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
    struct builder b = begin(&made, order->columns);
    add(&b, RECEIPT_CENTRE, "订单结清单 ORDER %06lld", (long long)order->number);
    rule(&b);
    wrapped(&b, order->merchant_name);
    add(&b, RECEIPT_NORMAL, "商户编号 %s", order->mid);
    add(&b, RECEIPT_NORMAL, "终端编号 %s   操作员 %s", order->tid, order->operator_id);
    moment(&b, "时间", order->local_ms);
    rule(&b);
    for (size_t i = 0; i < count; i++) {
        char label[RECEIPT_LINE_BYTES];
        snprintf(label, sizeof label, "%06u %s", parts[i]->key.stan, means_text(parts[i]->means));
        pair(&b, RECEIPT_NORMAL, label, sum_text(parts[i]->amount_minor).text);
    }
    rule(&b);
    pair(&b, RECEIPT_STRONG, "合计 TOTAL", sum_text(order->total_minor).text);
    add(&b, RECEIPT_CENTRE, "已付清 PAID IN FULL");
    if (b.fault != ERR_OK) return (err){b.fault};
    *out = made;
    return OK;
}

/* ---- a settlement ---- */

static const char *class_text(const struct receipt_kind *k)
{
    if (payment_by_code(k->means)) return means_text(k->means);
    switch (k->card_class) {
    case PAYMENT_CLASS_DEBIT:
        return "借记卡 DEBIT";
    case PAYMENT_CLASS_CREDIT:
        return "贷记卡 CREDIT";
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

static void settlement_head(struct builder *b, const struct receipt_settlement *s,
                            const char *title)
{
    add(b, RECEIPT_CENTRE, "%s", title);
    if (s->reprint) add(b, RECEIPT_CENTRE, "*** 重打印 DUPLICATE ***");
    rule(b);
    wrapped(b, s->merchant_name);
    add(b, RECEIPT_NORMAL, "商户编号 %s", s->mid);
    add(b, RECEIPT_NORMAL, "终端编号 %s   操作员 %s", s->tid,
        s->operator_id[0] != '\0' ? s->operator_id : "--");
    add(b, RECEIPT_NORMAL, "批次号 %06u", s->batch);
    moment(b, "时间", s->local_ms);
    rule(b);
}

static void settlement_sum(struct builder *b, const char *name, const struct payment_sum *sum)
{
    add(b, RECEIPT_STRONG, "%s  %lld 笔", name, (long long)sum->count);
    pair(b, RECEIPT_STRONG, "", sum_text(sum->minor).text);
}

err receipt_settlement(const struct receipt_settlement *settlement, struct receipt *out)
{
    struct receipt made = {0};
    struct builder b = begin(&made, settlement->columns);
    ENSURE(settlement->kinds <= RECEIPT_KINDS);
    settlement_head(&b, settlement, "结算总计单 SETTLEMENT");
    for (size_t i = 0; i < settlement->kinds; i++) {
        const struct receipt_kind *k = &settlement->kind[i];
        char label[RECEIPT_LINE_BYTES];
        const struct payment_type_row *type = payment_type_row(k->type);
        snprintf(label, sizeof label, "  %s  %lld 笔", type->en, (long long)k->count);
        add(&b, RECEIPT_NORMAL, "%s %s", type->zh, class_text(k));
        pair(&b, RECEIPT_NORMAL, label, sum_text(k->minor).text);
    }
    rule(&b);
    settlement_sum(&b, "收款 TAKEN", &settlement->totals.side[PAYMENT_SIDE_DEBIT]);
    settlement_sum(&b, "退还 GIVEN BACK", &settlement->totals.side[PAYMENT_SIDE_CREDIT]);
    rule(&b);
    add(&b, RECEIPT_CENTRE, "内卡 %s", flag_text(settlement->flag));
    if (b.fault != ERR_OK) return (err){b.fault};
    *out = made;
    return OK;
}

err receipt_details(const struct receipt_settlement *settlement,
                    const struct payment *const *payments, size_t count, struct receipt *out)
{
    struct receipt made = {0};
    struct builder b = begin(&made, settlement->columns);
    ENSURE(count <= RECEIPT_DETAILS);
    settlement_head(&b, settlement, "结算明细单 DETAILS");
    for (size_t i = 0; i < count; i++) {
        const struct payment *p = payments[i];
        char label[RECEIPT_LINE_BYTES];
        snprintf(label, sizeof label, "%06u %s", p->key.stan, payment_type_row(p->type)->zh);
        pair(&b, RECEIPT_NORMAL, label, sum_text(p->amount_minor).text);
        pair(&b, RECEIPT_NORMAL, p->pan_masked, p->auth_code);
    }
    if (count == 0) add(&b, RECEIPT_NORMAL, "无交易 NO PAYMENTS");
    rule(&b);
    if (b.fault != ERR_OK) return (err){b.fault};
    *out = made;
    return OK;
}
