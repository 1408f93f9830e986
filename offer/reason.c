/* SPDX-License-Identifier: Apache-2.0 */
/* Why a campaign was taken or not, as the screen and the receipt say it. */
#include "offer/benefit.h"

/* clang-format off */
static const char *const reason_text[OFFER_REASONS][2] = {
    [OFFER_TAKEN]           = {"Taken off.", "已优惠。"},
    [OFFER_NOT_STARTED]     = {"The campaign has not begun.", "活动尚未开始。"},
    [OFFER_ENDED]           = {"The campaign is over.", "活动已结束。"},
    [OFFER_NOT_THIS_DAY]    = {"Not on this day of the week.", "今天不在活动日内。"},
    [OFFER_NOT_THIS_HOUR]   = {"Not at this hour.", "当前不在活动时段内。"},
    [OFFER_NOT_THIS_SHOP]   = {"Not in this shop.", "本门店不参加活动。"},
    [OFFER_FOR_MEMBERS]     = {"For members only. Find or enrol the member first.", "仅限会员，请先查找会员或办理入会。"},
    [OFFER_FOR_OTHER_TIERS] = {"For members of another tier.", "会员等级不符。"},
    [OFFER_BELOW_MINIMUM]   = {"The purchase is below the minimum.", "未达到起用金额。"},
    [OFFER_NO_COUPON]       = {"No valid coupon is held. Scan one.", "没有可用的优惠券，请扫码。"},
    [OFFER_NO_BIRTHDAY]     = {"It is not the member's birthday, or it was not told.", "不在会员生日期间，或未登记生日。"},
    [OFFER_NOT_FIRST]       = {"Only at the first purchase.", "仅限首次消费。"},
    [OFFER_STAMPS_MISSING]  = {"The stamp card is not full yet.", "集点未满。"},
    [OFFER_USED_TODAY]      = {"Used today as often as a member may.", "会员今日已达使用次数。"},
    [OFFER_USED_UP]         = {"Used as often as a member may.", "会员已达使用次数。"},
    [OFFER_NOT_WITH_POINTS] = {"Not together with points. Pay without points.", "不可与积分同时使用，请不用积分支付。"},
    [OFFER_GIVES_NOTHING]   = {"The purchase is too small for a reduction.", "金额过小，优惠不足一分。"},
    [OFFER_BUDGET_SPENT]    = {"The campaign's budget is spent.", "活动预算已用完。"},
    [OFFER_GROUP_BETTER]    = {"A better offer of the same group was taken.", "同组已使用更优惠的活动。"},
    [OFFER_OTHERS_BETTER]   = {"Cannot be combined; the better offer was taken.", "不可叠加，已选择更优惠的方案。"},
    [OFFER_NOTHING_LEFT]    = {"Nothing is left to take off.", "已无可优惠的金额。"},
};
/* clang-format on */

const char *offer_reason_text(enum offer_reason reason, bool chinese)
{
    ENSURE(reason < OFFER_REASONS);
    return reason_text[reason][chinese];
}
