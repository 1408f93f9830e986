/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts about what the back office sets, and of its own house. A part of the table in texts.h,
 * which says how they are written. */

/* clang-format off */
#define TEXT_LIST_AFAR(X) \
    X(AFAR_HELD, LINE, "此项由管理后台设置，本机不能更改。", "This is set by the back office and cannot be changed here.") \
    X(AFAR_GOODS, LINE, "价目表由商户在后台维护，本机只能查看。", "The list is kept at the merchant's console; here it is only shown.") \
    X(AFAR_SLOW, LINE, "收单系统部分受影响，收款可能较慢。", "The host works in part: payments may take longer.") \
    X(AFAR_DOWN, LINE, "收单系统正在恢复，暂时可能无法收款。", "The host is being repaired: payments may not work for now.") \
    X(AFAR_CARDS, LINE, "银行卡网络正在恢复，刷卡可能失败，可改用扫码。", "The card network is being repaired: cards may fail, codes work.") \
    X(AFAR_WALLETS, LINE, "扫码支付正在恢复，扫码可能失败，可改用银行卡。", "Wallets are being repaired: codes may fail, cards work.")
/* clang-format on */
