/* SPDX-License-Identifier: Apache-2.0 */
/* A receipt as lines of a printer's columns. The layout is read off receipt_make(): a call a line.
 */
#include <stdio.h>

#include "lib/base/clock.h"
#include "payment/kind.h"
#include "payment/lines.h"
#include "payment/response_code.h"

static const char *entry_suffix(const struct payment *p)
{
    switch (p->entry) {
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
        return p->means == PAYMENT_CARD ? " /Q" : "";
    case PAYMENT_ENTRY_PLATE:
    case PAYMENT_ENTRY_UNKNOWN:
        return "";
    }
    return "";
}

static const char *title(const struct payment *p, const struct receipt_context *c)
{
    static const char sale[] = "POS 签购单 SALES SLIP", back[] = "撤销单 VOID SLIP",
                      hold[] = "预授权单 PRE-AUTH SLIP",
                      completion[] = "预授权完成单 COMPLETION SLIP"; /* money is taken */
    static const char *const titles[PAYMENT_TYPES] = {
        [PAYMENT_SALE] = sale,
        [PAYMENT_VOID] = back,
        [PAYMENT_REFUND] = "退货单 REFUND SLIP",
        [PAYMENT_PREAUTH] = hold,
        [PAYMENT_PREAUTH_ADD] = hold,
        [PAYMENT_PREAUTH_CANCEL] = back,
        [PAYMENT_COMPLETION] = completion,
        [PAYMENT_COMPLETION_ADVICE] = completion,
        [PAYMENT_COMPLETION_VOID] = back,
        [PAYMENT_INSTALMENT] = sale,
        [PAYMENT_INSTALMENT_VOID] = back,
        [PAYMENT_REDEEM] = "积分抵扣单 POINTS SLIP",
        [PAYMENT_REDEEM_VOID] = back,
        [PAYMENT_REDEEM_REFUND] = "积分退还单 POINTS BACK",
    };
    if (c->declined) return "交易失败凭条 NOT PAID";
    if (p->means == PAYMENT_CASH && p->type == PAYMENT_SALE) return "现金收款单 CASH RECEIPT";
    ENSURE(titles[p->type] != NULL);
    return titles[p->type];
}

static void head(struct lines *b, const struct payment *p, const struct receipt_context *c)
{
    lines_add(b, RECEIPT_CENTRE, "%s", title(p, c));
    lines_pair(b, RECEIPT_NORMAL, c->copy == RECEIPT_MERCHANT_COPY ? "商户存根" : "持卡人存根",
               c->copy == RECEIPT_MERCHANT_COPY ? "MERCHANT COPY" : "CARDHOLDER COPY");
    if (c->training) {
        lines_strong_centre(b, "*** 演示 TRAINING ***");
        lines_strong_centre(b, "不是付款凭证 NO PROOF OF PAYMENT");
    }
    if (c->reprint) lines_add(b, RECEIPT_CENTRE, "*** 重打印 DUPLICATE ***");
    if (c->restored) lines_add(b, RECEIPT_CENTRE, "据主机记录恢复 FROM HOST RECORD");
    lines_rule(b);
    lines_add(b, RECEIPT_NORMAL, "商户名称 MERCHANT NAME");
    lines_wrapped(b, c->merchant_name);
    lines_add(b, RECEIPT_NORMAL, "商户编号 %s", p->mid);
    lines_add(b, RECEIPT_NORMAL, "终端编号 %s   操作员 %s", p->key.tid, p->operator_id);
    lines_rule(b);
}

/* What it is. */
static void type(struct lines *b, const struct payment *p)
{
    const struct payment_type_row *row = payment_type_row(p->type);
    char both[RECEIPT_LINE_BYTES];
    bool scanned = p->type == PAYMENT_SALE && payment_by_code(p->means);
    snprintf(both, sizeof both, "%s%s/%s", scanned ? "扫码" : "", row->zh, row->en);
    if (receipt_columns(both) > b->receipt->columns) { /* too long even for a line of its own */
        lines_pair(b, RECEIPT_NORMAL, "交易类型", row->zh);
        lines_pair(b, RECEIPT_NORMAL, "TXN TYPE", row->en);
        return;
    }
    lines_pair(b, RECEIPT_NORMAL, "交易类型 TXN TYPE", both);
}

/* The payment that it is about, as far as it is known. */
static void original(struct lines *b, const struct payment *p)
{
    const struct payment_original *o = &p->original;
    if (!payment_linked(p->type)) return;
    if (o->stan > 0) lines_add(b, RECEIPT_NORMAL, "原批次 %06u 原凭证号 %06u", o->batch, o->stan);
    if (o->rrn[0] != '\0') lines_add(b, RECEIPT_NORMAL, "原参考号 ORIG REF %s", o->rrn);
    if (o->auth_code[0] != '\0')
        lines_add(b, RECEIPT_NORMAL, "原授权码 ORIG AUTH %s", o->auth_code);
    if (o->date[0] != '\0') lines_add(b, RECEIPT_NORMAL, "原交易日期 ORIG DATE %s", o->date);
}

static void means(struct lines *b, const struct payment *p)
{
    if (p->means == PAYMENT_CASH) {
        lines_pair(b, RECEIPT_NORMAL, "付款方式 PAID BY", "现金 CASH");
        type(b, p);
        return;
    }
    if (p->issuer[0] != '\0')
        lines_pair(b, RECEIPT_NORMAL, payment_cardless(p->means) ? "付款方式" : "发卡行",
                   p->issuer);
    if (p->means == PAYMENT_SHOWN) { /* the customer's account is known to his wallet alone */
        lines_add(b, RECEIPT_NORMAL, "收款码 CODE SHOWN BY MERCHANT");
        type(b, p);
    } else if (p->means == PAYMENT_POINTS) {
        lines_field(b, "会员号 MEMBER NO", p->pan_masked);
        type(b, p);
    } else if (p->means == PAYMENT_CODE) {
        lines_field(b, "付款码 PAYMENT CODE", p->pan_masked);
        type(b, p);
    } else {
        char shown[sizeof p->pan_masked + sizeof " /C"];
        snprintf(shown, sizeof shown, "%s%s", p->pan_masked, entry_suffix(p));
        lines_field(b, "卡号 CARD NO", shown);
        type(b, p);
        if (p->card_sequence[0] != '\0')
            lines_add(b, RECEIPT_NORMAL, "有效期 EXP ****   卡序号 %s", p->card_sequence);
        else lines_add(b, RECEIPT_NORMAL, "有效期 EXP ****");
    }
}

static void numbers(struct lines *b, const struct payment *p, const struct receipt_context *c)
{
    struct civil when = civil_from_ms(c->local_ms);
    lines_add(b, RECEIPT_NORMAL, "批次号 %06u  凭证号 %06u", p->key.batch, p->key.stan);
    if (p->auth_code[0] != '\0') lines_add(b, RECEIPT_NORMAL, "授权码 %s", p->auth_code);
    if (p->rrn[0] != '\0') lines_add(b, RECEIPT_NORMAL, "参考号 %s", p->rrn);
    lines_add(b, RECEIPT_NORMAL, "日期/时间 %04d/%02d/%02d %02d:%02d:%02d", when.year, when.month,
              when.day, when.hour, when.minute, when.second);
}

/* What the card has said, for it is the only proof until the host has heard of it. */
static void offline(struct lines *b, const struct payment *p)
{
    enum { TAG_CRYPTOGRAM = 0x9F26, TAG_COUNTER = 0x9F36 };
    struct bytes tc = payment_chip_get(&p->chip, TAG_CRYPTOGRAM);
    struct bytes counter = payment_chip_get(&p->chip, TAG_COUNTER);
    if (!payment_offline(p)) return;
    lines_add(b, RECEIPT_NORMAL, "卡片脱机批准 APPROVED OFFLINE");
    if (tc.len != 8 || counter.len != 2) return;
    lines_add(b, RECEIPT_NORMAL, "TC %02X%02X%02X%02X%02X%02X%02X%02X ATC %02X%02X", tc.at[0],
              tc.at[1], tc.at[2], tc.at[3], tc.at[4], tc.at[5], tc.at[6], tc.at[7], counter.at[0],
              counter.at[1]);
}

/* What was asked for, the tip, and both; what goes back has its sign, on a slip of whatever name.
 */
static void amounts(struct lines *b, const struct payment *p)
{
    bool gives = payment_returns(p->type);
    const char *total = p->tip_minor > 0 ? "总计 TOTAL   RMB" : "金额 AMOUNT  RMB";
    if (p->tip_minor > 0) {
        lines_pair(b, RECEIPT_NORMAL, "金额 AMOUNT  RMB",
                   lines_money(p->amount_minor - p->tip_minor).text);
        lines_pair(b, RECEIPT_NORMAL, "小费 TIPS", lines_money(p->tip_minor).text);
    }
    lines_pair(b, RECEIPT_STRONG, total,
               lines_money(gives ? -p->amount_minor : p->amount_minor).text);
}

/* In front of the line that follows. */
static void sign(struct lines *b, struct bytes strokes)
{
    struct receipt *r = b->receipt;
    if (strokes.len > sizeof r->strokes) b->fault = ERR_FULL;
    if (b->fault != ERR_OK) return;
    memcpy(r->strokes, strokes.at, strokes.len);
    r->strokes_len = strokes.len;
    r->strokes_at = r->count;
}

static void tail(struct lines *b, const struct payment *p, const struct receipt_context *c)
{
    lines_rule(b);
    if (c->declined) {
        const struct response_code *why = response_code_by(p);
        lines_add(b, RECEIPT_NORMAL, "应答码 %s", p->response_code);
        lines_wrapped(b, why->reason_zh);
        lines_wrapped(b, why->reason_en);
        return;
    }
    if (c->copy == RECEIPT_CARDHOLDER_COPY) {
        lines_add(b, RECEIPT_CENTRE, "请妥善保管 PLEASE KEEP");
        return;
    }
    if (p->means == PAYMENT_POINTS) {
        lines_add(b, RECEIPT_CENTRE, "积分不是货款 NO MONEY CHARGED");
        return;
    }
    if (p->means == PAYMENT_CASH) {
        lines_add(b, RECEIPT_CENTRE, "现金交易 无需签名");
        return;
    }
    if (p->type == PAYMENT_COMPLETION_ADVICE && p->entry == PAYMENT_ENTRY_UNKNOWN) {
        lines_add(b, RECEIPT_CENTRE, "预授权时已由持卡人确认");
        lines_add(b, RECEIPT_CENTRE, "AGREED AT PRE-AUTHORISATION");
        return;
    }
    if (payment_by_code(p->means) || p->pin_entered) {
        lines_add(b, RECEIPT_NORMAL, "%s",
                  payment_by_code(p->means) ? "扫码付款 无需签名" : "已凭密码确认");
        lines_add(b, RECEIPT_NORMAL, "NO SIGNATURE REQUIRED");
        return;
    }
    if (c->signature_free) {
        lines_add(b, RECEIPT_NORMAL, "小额免密免签 SMALL TAP");
        lines_add(b, RECEIPT_NORMAL, "NO SIGNATURE REQUIRED");
        return;
    }
    lines_add(b, RECEIPT_NORMAL, "持卡人签名 CARDHOLDER SIGNATURE");
    if (c->strokes.len > 0) {
        sign(b, c->strokes);
    } else {
        lines_add(b, RECEIPT_NORMAL, "%s", "");
        lines_add(b, RECEIPT_NORMAL, "%s", "");
    }
    lines_add(b, RECEIPT_NORMAL, "本人确认以上交易,同意记入本卡");
    lines_add(b, RECEIPT_NORMAL, "I ACKNOWLEDGE THIS PAYMENT");
}

/* What the customer put down in cash, and what he got back. */
static void put_down(struct lines *b, const struct payment *p)
{
    if (p->means != PAYMENT_CASH || p->given_minor == 0) return;
    lines_pair(b, RECEIPT_NORMAL, "实收 RECEIVED", lines_sum(p->given_minor).text);
    lines_pair(b, RECEIPT_NORMAL, "找零 CHANGE", lines_sum(p->given_minor - p->amount_minor).text);
}

/* What the customer has agreed to, to the fen. */
static void plan(struct lines *b, const struct payment *p)
{
    char label[RECEIPT_LINE_BYTES];
    if (p->plan.months == 0) return;
    struct instalment_months months = instalment_months(&p->plan, p->amount_minor);
    snprintf(label, sizeof label, "分期 %u 期 首期 FIRST", p->plan.months);
    lines_pair(b, RECEIPT_NORMAL, label, lines_money(months.first_minor).text);
    lines_pair(b, RECEIPT_NORMAL, "以后每期 EACH", lines_money(months.each_minor).text);
    lines_pair(b, RECEIPT_NORMAL, "手续费 FEE", lines_money(p->plan.fee_minor).text);
    lines_add(b, RECEIPT_NORMAL, "%s",
              p->plan.by_merchant ? "  商户承担 BORNE BY MERCHANT"
                                  : "  持卡人承担 BORNE BY CARDHOLDER");
}

err receipt_make(const struct payment *payment, const struct receipt_context *context,
                 struct receipt *out)
{
    ENSURE(context->merchant_name != NULL);
    struct receipt made = {0};
    struct lines b = lines_begin(&made, context->columns);
    head(&b, payment, context);
    means(&b, payment);
    numbers(&b, payment, context);
    original(&b, payment);
    offline(&b, payment);
    lines_items(&b, context->basket);
    amounts(&b, payment);
    put_down(&b, payment);
    plan(&b, payment);
    tail(&b, payment, context);
    if (context->footer != NULL && context->footer[0] != '\0') {
        lines_rule(&b);
        lines_wrapped(&b, context->footer);
    }
    if (b.fault != ERR_OK) return (err){b.fault};
    *out = made;
    return OK;
}
