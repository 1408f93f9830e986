/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * verdict: what was decided about something that was asked of loyalty/. Each has a name for
 * programs, and words for people that say what happened and what to do.
 */

#include "lib/base/err.h"

/* clang-format off */
#define LOYALTY_VERDICT_LIST(X) \
    X(DONE,              "done", "Done.", "已完成。") \
    X(REPEATED,          "repeated", "Done before; nothing was done twice.", "此前已完成，未重复执行。") \
    X(OTHER_CONTENT,     "other_content", "The same number stands for something else already. Start again.", "同一编号已用于其他内容，请重新发起。") \
    X(CHANGED,           "changed_meanwhile", "Somebody else has changed it meanwhile. Look at the new version and change that.", "他人已修改，请查看最新版本后再修改。") \
    X(NO_PROGRAMME,      "no_programme", "The shop has no member programme. The owner can start one.", "本店尚未开通会员，请由店主开通。") \
    X(SETTINGS,          "settings", "The settings are not possible. Tiers and bonuses must rise, and nothing may be negative.", "设置无效，等级与赠额须递增且不得为负。") \
    X(KNOWN,             "known", "This telephone number or card is a member already.", "该手机号或卡已是会员。") \
    X(NO_MEMBER,         "no_member", "No such member. Search again, or enrol.", "未找到会员，请重新查找或办理入会。") \
    X(WITHOUT_MEMBER,    "without_member", "The member has left; the sale goes on without membership, and nothing is earned.", "会员已退出，本次按非会员继续，不累计积分。") \
    X(NO_CONSENT,        "no_consent", "The member has not agreed to this. Ask first.", "会员未同意，请先征得同意。") \
    X(AMOUNT,            "amount", "The amount is not possible. Enter another.", "金额无效，请重新输入。") \
    X(POINTS_SHORT,      "points_short", "The member has fewer points. Use fewer.", "积分不足，请减少使用。") \
    X(VALUE_SHORT,       "value_short", "The stored value is not enough. Top up, or pay the rest otherwise.", "储值余额不足，请充值或用其他方式支付余额。") \
    X(OWED_TO_MEMBER,    "owed_to_member", "Stored value is left. Pay it back first.", "仍有储值余额，请先退还。") \
    X(UNDECIDED,         "undecided", "A payment with it is not finished. Wait a moment and try again.", "仍有未完成的支付，请稍后重试。") \
    X(NO_PAYMENT,        "no_payment", "No such payment is known here.", "未找到该笔支付。") \
    X(DECIDED,           "decided", "That was decided the other way already.", "该操作已有相反的结果。") \
    X(TOO_MUCH,          "too_much", "More than was paid cannot go back.", "退回不能超过已支付的数额。") \
    X(NO_CAMPAIGN,       "no_campaign", "No such campaign.", "未找到该活动。") \
    X(CAMPAIGN_FAULT,    "campaign_fault", "The campaign cannot run as it is; what is wrong stands beside it.", "活动无法开始，原因见提示。") \
    X(BUDGET_ZERO,       "budget_zero", "The budget is zero, so nothing could be given. Enter what the campaign may cost.", "预算为零，活动无法发放优惠，请填写活动的最高花费。") \
    X(BUDGET_GIVEN,      "budget_given", "More has been given or lent to devices than the new budget. Enter a higher one.", "已发放或已分配给设备的金额超过新预算，请填写更高的预算。") \
    X(CAMPAIGN_STATE,    "campaign_state", "The campaign is not in a state for this.", "活动当前状态不允许此操作。") \
    X(TOO_MANY,          "too_many", "Too many campaigns run at once. End one first.", "同时进行的活动过多，请先结束一个。") \
    X(BUDGET_SPENT,      "budget_spent", "The campaign's budget is spent.", "活动预算已用完。") \
    X(OFFER_CHANGED,     "offer_changed", "The offer is another now. Compute it again.", "优惠已变化，请重新计算。") \
    X(USED_UP,           "used_up", "The member has used it as often as allowed.", "会员已达使用次数。") \
    X(NO_COUPON,         "no_coupon", "No such coupon.", "未找到该优惠券。") \
    X(COUPON_SPENT,      "coupon_spent", "The coupon has been used.", "优惠券已使用。") \
    X(COUPON_ELSEWHERE,  "coupon_elsewhere", "The coupon is kept for another device. Use it there, or have that device return it.", "优惠券已分配给其他设备，请在该设备使用或先由其归还。") \
    X(COUPON_EXPIRED,    "coupon_expired", "The coupon has run out.", "优惠券已过期。") \
    X(COUPON_OTHERS,     "coupon_others", "The coupon belongs to another member.", "优惠券属于其他会员。") \
    X(NO_LEASE,          "no_lease", "The device has no share of this campaign.", "该设备没有此活动的份额。") \
    X(LEASE_ENDED,       "lease_ended", "The device's share has been returned.", "该设备的份额已归还。") \
    X(REPORT_GAP,        "report_gap", "An earlier report is missing. Send from the number named on.", "缺少较早的记录，请从提示的编号起重新发送。") \
    X(REPORT_OVER,       "report_over", "The device has given more than its share. A person has to look at it.", "设备发放超过其份额，需人工核查。") \
    X(NOBODY,            "nobody", "Nobody matches who may be written to.", "没有符合条件且可接收消息的会员。")
/* clang-format on */

enum loyalty_verdict {
#define X(name, word, english, chinese) LOYALTY_##name,
    LOYALTY_VERDICT_LIST(X)
#undef X
        LOYALTY_VERDICTS
};

/* "points_short": stands in the API; never changed. */
const char *loyalty_verdict_name(enum loyalty_verdict verdict);
/* For people. Never NULL. */
const char *loyalty_verdict_text(enum loyalty_verdict verdict, bool chinese);
