/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of limits of the host. A part of the table in texts.h, which says how they are written.
 * A subject begins a sentence; of a card and a way in which it was read it is both. */

/* clang-format off */
#define TEXT_LIST_LIMITS(X) \
    X(QUOTA_BOTH, LINE, "{1}（{2}）", "{1} ({2})") \
    X(QUOTA_CARD_ANY, LINE, "收款", "Payments") \
    X(QUOTA_CARD_DEBIT, LINE, "借记卡收款", "Debit cards") \
    X(QUOTA_CARD_CREDIT, LINE, "信用卡收款", "Credit cards") \
    X(QUOTA_CARD_FOREIGN, LINE, "境外卡收款", "Foreign cards") \
    X(QUOTA_CARD_WALLET, LINE, "钱包收款", "Wallets") \
    X(QUOTA_ENTRY_MANUAL, LINE, "手输卡号", "typed numbers") \
    X(QUOTA_ENTRY_SWIPE, LINE, "刷卡", "swiped") \
    X(QUOTA_ENTRY_CHIP, LINE, "插卡", "inserted") \
    X(QUOTA_ENTRY_CONTACTLESS, LINE, "挥卡", "tapped") \
    X(QUOTA_ENTRY_CODE, LINE, "扫码", "scanned codes") \
    X(QUOTA_ENTRY_STATIC, LINE, "静态收款码", "printed codes") \
    X(QUOTA_ENTRY_SHOWN, LINE, "顾客扫本机的码", "codes on this screen") \
    X(QUOTA_PAYMENT, LINE, "本店{1}每笔最多 {2} 元。请减少金额，或换一种方式付款。", "{1}: at most {2} yuan a payment at this shop. Lower the amount, or ask for another way to pay.") \
    X(QUOTA_DAY, LINE, "本店{1}每天最多 {2} 元，今天还可收 {3} 元，明天 0 点恢复。", "{1}: at most {2} yuan a day at this shop. {3} are left today; it is free again tomorrow at 00:00.") \
    X(QUOTA_MONTH, LINE, "本店{1}每月最多 {2} 元，本月还可收 {3} 元，下月 1 日 0 点恢复。", "{1}: at most {2} yuan a month at this shop. {3} are left; it is free again on the 1st of next month at 00:00.") \
    X(QUOTA_DAY_COUNT, LINE, "本店{1}每天最多 {2} 笔，今天还可收 {3} 笔，明天 0 点恢复。", "{1}: at most {2} a day at this shop. {3} are left today; it is free again tomorrow at 00:00.") \
    X(QUOTA_MONTH_COUNT, LINE, "本店{1}每月最多 {2} 笔，本月还可收 {3} 笔，下月 1 日 0 点恢复。", "{1}: at most {2} a month at this shop. {3} are left; it is free again on the 1st of next month at 00:00.") \
    X(QUOTA_PERSON_DAY, LINE, "同一经营者名下各店{1}合计每天最多 {2} 元，今天还可收 {3} 元，明天 0 点恢复。", "{1}: at most {2} yuan a day in all shops of one owner together. {3} are left today; it is free again tomorrow at 00:00.") \
    X(QUOTA_PERSON_MONTH, LINE, "同一经营者名下各店{1}合计每月最多 {2} 元，本月还可收 {3} 元，下月 1 日 0 点恢复。", "{1}: at most {2} yuan a month in all shops of one owner together. {3} are left; it is free again on the 1st of next month at 00:00.") \
    X(QUOTA_PERSON_DAY_COUNT, LINE, "同一经营者名下各店{1}合计每天最多 {2} 笔，今天还可收 {3} 笔，明天 0 点恢复。", "{1}: at most {2} a day in all shops of one owner together. {3} are left today; it is free again tomorrow at 00:00.") \
    X(QUOTA_PERSON_MONTH_COUNT, LINE, "同一经营者名下各店{1}合计每月最多 {2} 笔，本月还可收 {3} 笔，下月 1 日 0 点恢复。", "{1}: at most {2} a month in all shops of one owner together. {3} are left; it is free again on the 1st of next month at 00:00.") \
    X(QUOTA_NEVER, LINE, "本店不能办理{1}。请换一种方式付款。", "{1}: not taken at this shop. Ask for another way to pay.") \
    X(QUOTA_RAISE, LINE, "要提高限额，请联系收单机构。", "To have a limit raised, call your acquirer.")
/* clang-format on */
