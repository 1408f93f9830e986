/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of response codes. Classes follow section 1.13 of the protocol notes; the sentences are
 * ours and say two things: what happened, and what the cashier does now.
 */
#include "payment/response_code.h"

#include <string.h>

#define OTHER_WAY_ZH "请换一张卡或换一种方式付款"
#define OTHER_WAY_EN "ask for another card or another way to pay"
#define LATER_ZH     "请稍后再试，或换一种方式付款"
#define LATER_EN     "try again later or ask for another way to pay"
#define ISSUER_ZH    "请持卡人联系发卡行"
#define ISSUER_EN    "ask the cardholder to call the issuer"
#define KEEP_ZH      "请保留卡片并致电客服"
#define KEEP_EN      "keep the card and call support"
#define AGAIN_ZH     "请检查后重新输入"
#define AGAIN_EN     "check it and enter it again"
#define SIGN_IN_ZH   "请重新签到后再试"
#define SIGN_IN_EN   "sign in again, then retry"
#define DONE_ZH      "交易完成"
#define DONE_EN      "done"

/* clang-format off */
static const struct response_code table[] = {
    {"00", 'A', "交易成功", "approved", DONE_ZH, DONE_EN},
    {"01", 'C', "发卡行要求联系持卡人", "the issuer wants to speak to the cardholder", ISSUER_ZH, ISSUER_EN},
    {"03", 'C', "商户未开通或已停用", "the merchant is unknown or inactive", "请联系收单机构", "call your acquirer"},
    {"04", 'D', "发卡行要求没收此卡", "the issuer wants the card kept", KEEP_ZH, KEEP_EN},
    {"05", 'C', "发卡行拒绝付款", "the issuer does not honour the card", OTHER_WAY_ZH, OTHER_WAY_EN},
    {"09", 'E', "付款尚未完成", "the payment is still under way", "请等待结果", "wait for the result"},
    {"10", 'A', "部分金额已批准", "approved in part", "请按批准金额收款", "collect the rest in another way"},
    {"11", 'A', "交易成功", "approved", DONE_ZH, DONE_EN},
    {"12", 'C', "此交易无效", "the transaction is not valid", OTHER_WAY_ZH, OTHER_WAY_EN},
    {"13", 'B', "金额无效", "the amount is not valid", AGAIN_ZH, AGAIN_EN},
    {"14", 'B', "卡号无效", "there is no such card number", OTHER_WAY_ZH, OTHER_WAY_EN},
    {"15", 'C', "找不到发卡行", "no issuer is known for this card", OTHER_WAY_ZH, OTHER_WAY_EN},
    {"21", 'C', "此卡尚未激活", "the card is not active", ISSUER_ZH, ISSUER_EN},
    {"22", 'C', "操作有误或已过期限", "the operation is wrong or too late", "请核对原交易", "check the original payment"},
    {"25", 'C', "找不到原交易", "the original payment is unknown", "请核对原交易", "check the original payment"},
    {"30", 'C', "报文格式错误", "the message is malformed", "请重试；仍失败请致电客服", "retry; if it fails again call support"},
    {"34", 'D', "疑似作弊卡", "the card is suspected of fraud", KEEP_ZH, KEEP_EN},
    {"38", 'D', "密码错误次数超限", "too many wrong PINs", ISSUER_ZH, ISSUER_EN},
    {"40", 'C', "发卡行不支持此交易", "the issuer does not support this", OTHER_WAY_ZH, OTHER_WAY_EN},
    {"41", 'D', "此卡已挂失", "the card is reported lost", KEEP_ZH, KEEP_EN},
    {"43", 'D', "此卡已报失窃", "the card is reported stolen", KEEP_ZH, KEEP_EN},
    {"45", 'C', "请使用芯片，不允许刷卡", "use the chip: the stripe is not allowed", "请插卡或挥卡", "insert or tap the card"},
    {"51", 'C', "可用余额不足", "insufficient funds", OTHER_WAY_ZH, OTHER_WAY_EN},
    {"54", 'C', "此卡已过期", "the card has expired", OTHER_WAY_ZH, OTHER_WAY_EN},
    {"55", 'C', "密码错误", "wrong PIN", "请持卡人重新输入密码", "ask the cardholder to enter the PIN again"},
    {"57", 'C', "此卡不允许此交易", "the card may not do this", OTHER_WAY_ZH, OTHER_WAY_EN},
    {"58", 'C', "此卡不能在本终端交易", "the card may not be used at this terminal", OTHER_WAY_ZH, OTHER_WAY_EN},
    {"59", 'C', "卡片校验未通过", "the card failed its check", OTHER_WAY_ZH, OTHER_WAY_EN},
    {"61", 'C', "金额超过限额", "the amount is above a limit", "请减少金额或换一种方式付款", "lower the amount or ask for another way to pay"},
    {"62", 'C', "此卡受限制", "the card is restricted", OTHER_WAY_ZH, OTHER_WAY_EN},
    {"64", 'C', "金额与原交易不符", "the amount differs from the original", "请核对原交易", "check the original payment"},
    {"65", 'C', "超过消费次数限制", "too many payments with this card", OTHER_WAY_ZH, OTHER_WAY_EN},
    {"68", 'C', "交易超时", "it took too long", LATER_ZH, LATER_EN},
    {"75", 'C', "密码错误次数超限", "too many wrong PINs", ISSUER_ZH, ISSUER_EN},
    {"77", 'D', "批次号与主机不符", "the batch number differs from the host's", SIGN_IN_ZH, SIGN_IN_EN},
    {"79", 'C', "主机要求重传脱机交易", "the host asks for the offline payments again", LATER_ZH, LATER_EN},
    {"90", 'C', "系统正在日切", "the system is changing its day", LATER_ZH, LATER_EN},
    {"91", 'C', "发卡行暂时无法应答", "the issuer cannot be reached", LATER_ZH, LATER_EN},
    {"92", 'C', "发卡行线路异常", "the line to the issuer is down", LATER_ZH, LATER_EN},
    {"94", 'C', "重复的交易号", "this payment number was used before", "请重新发起交易", "start the payment again"},
    {"96", 'C', "主机系统异常", "the host has a fault", LATER_ZH, LATER_EN},
    {"97", 'D', "终端未登记", "the terminal is not registered", "请联系收单机构", "call your acquirer"},
    {"98", 'E', "发卡行未在时限内应答，款项已撤回", "the issuer did not answer in time; nothing was charged", LATER_ZH, LATER_EN},
    {"99", 'B', "密码格式错误", "the PIN block is malformed", SIGN_IN_ZH, SIGN_IN_EN},
    {"A0", 'B', "报文校验错误", "the message failed its check", SIGN_IN_ZH, SIGN_IN_EN},
    {"A1", 'C', "货币不一致", "the currencies differ", OTHER_WAY_ZH, OTHER_WAY_EN},
    {"A2", 'A', "交易成功，请向发卡行确认", "approved; the issuer is to confirm", DONE_ZH, DONE_EN},
    {"A3", 'C', "账户不正确", "the account is wrong", OTHER_WAY_ZH, OTHER_WAY_EN},
    {"A4", 'A', "交易成功，请向发卡行确认", "approved; the issuer is to confirm", DONE_ZH, DONE_EN},
    {"A5", 'A', "交易成功，请向发卡行确认", "approved; the issuer is to confirm", DONE_ZH, DONE_EN},
    {"A6", 'A', "交易成功，请向发卡行确认", "approved; the issuer is to confirm", DONE_ZH, DONE_EN},
    {"A7", 'C', "安全处理失败", "security processing failed", SIGN_IN_ZH, SIGN_IN_EN},
    {"B1", 'C', "原交易已撤销", "the original payment is already voided", "无需再次操作，请核对交易记录", "nothing is left to do; check the records"},
    {"B2", 'C', "金额超过可退余额", "the amount is above what is left of the original", "请减少金额", "lower the amount"},
    {"B3", 'C', "原交易不是本终端的交易", "the original payment was made at another terminal", "请在原终端撤销，或做退货", "void it at that terminal, or make a refund"},
    {"B4", 'C', "原交易批次已结算", "the original payment's batch is settled", "请改做退货", "make a refund instead"},
    {"B5", 'C', "预授权已超过有效期", "the pre-authorisation has expired", "请重新做预授权或消费", "take a new pre-authorisation or a sale"},
    {"B6", 'C', "预授权已完成", "the pre-authorisation is already completed", "请核对交易记录", "check the records"},
    {"B7", 'C', "不是原交易的卡", "this is not the card of the original payment", "请使用原交易的卡", "use the card of the original payment"},
    {"B8", 'C', "完成金额超过预授权金额的 115%", "the amount is above 115 % of the pre-authorisation", "请减少金额", "lower the amount"},
    {"B9", 'C', "原交易已有退货", "part of the original payment is already refunded", "请对余额做退货", "refund what is left of it"},
    {"BA", 'B', "原交易正在处理中", "the original payment is being worked on", "请稍后再试", "try again in a minute"},
    {"BB", 'C', "发卡行没有这个分期方案", "the issuer has no such plan", "请换期数，或换一种方式付款", "choose other periods, or another way to pay"},
    {"BC", 'C', "有多笔预授权符合此授权码和日期", "several pre-authorisations have this code and date", "请刷原预授权的卡并核对金额，否则改做消费", "present the card of that hold and check the amount, or make a sale"},
    {"BD", 'C', "原交易的后续交易过多", "too many payments have followed the original", "请联系收单机构处理", "ask the acquirer to see to it"},
    {"BE", 'C', "原交易正在拒付处理中或已拒付", "the original payment is in dispute, or was charged back", "要退款请联系收单机构，由其认赔此笔拒付", "to give it back, have the acquirer accept the dispute"},
};
/* clang-format on */

static const struct response_code unknown = {
    "--", 'C', "交易失败", "the payment failed", OTHER_WAY_ZH, OTHER_WAY_EN,
};

const struct response_code *response_code(const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (strcmp(table[i].code, code) == 0) return &table[i];
    return &unknown;
}

/* What a wallet says of a code that is not good (any more): a new one is a touch away. */
static const struct response_code spent = {"14",
                                           'B',
                                           "付款码已过期或已经用过",
                                           "the payment code has expired or was used before",
                                           "请顾客刷新付款码，再扫一次",
                                           "ask for a fresh code and scan again"};

/* What a keeper of points says of a member. */
static const struct response_code of_points[] = {
    {"14", 'B', "没有这个会员", "there is no such member", "请核对会员号",
     "check the member's number"},
    {"51", 'C', "积分不足", "not enough points", "请减少抵扣金额，或换一种方式付款",
     "take fewer points, or ask for another way to pay"},
    {"62", 'C', "该会员不能用积分", "the member may not use points", OTHER_WAY_ZH, OTHER_WAY_EN},
};

const struct response_code *response_code_by(const struct payment *payment)
{
    const char *code = payment->response_code;
    bool points = payment->means == PAYMENT_POINTS;
    bool scanned = payment->entry == PAYMENT_ENTRY_CODE && payment->means != PAYMENT_SHOWN;
    if (scanned && !points && strcmp(code, spent.code) == 0) return &spent;
    for (size_t i = 0; points && i < ARRAY_LEN(of_points); i++)
        if (strcmp(of_points[i].code, code) == 0) return &of_points[i];
    return response_code(code);
}

/* The nearest of the published codes. 77 would make a terminal sign in, so a settled batch is 22.
 */
static const struct {
    char ours[3], standard[3];
} standard[] = {
    {"B1", "12"}, {"B2", "61"}, {"B3", "25"}, {"B4", "22"}, {"B5", "22"},
    {"B6", "12"}, {"B7", "14"}, {"B8", "61"}, {"B9", "12"}, {"BA", "68"},
    {"BB", "57"}, {"BC", "25"}, {"BD", "12"}, {"BE", "12"},
};

const char *response_code_standard(const char *code)
{
    for (size_t i = 0; i < sizeof standard / sizeof standard[0]; i++)
        if (strcmp(standard[i].ours, code) == 0) return standard[i].standard;
    return code;
}

const struct response_code *response_code_table(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(table);
    return table;
}
