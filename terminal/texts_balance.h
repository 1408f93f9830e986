/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of 余额查询. A part of the table in texts.h, which says how they are written. */

/* clang-format off */
#define TEXT_LIST_BALANCE(X) \
    X(ENTRY_BALANCE, CHOICE, "余额查询", "Card balance") \
    X(BALANCE_TITLE, TITLE, "余额查询", "Card balance") \
    X(BALANCE_PRESENT, LINE, "请客户插卡、挥卡或刷卡，并输入密码。不扣款。", "The customer inserts, taps or swipes the card and enters the PIN. Nothing is charged.") \
    X(BALANCE_WAIT, LINE, "正在向发卡行查询", "The issuer is being asked") \
    X(BALANCE_AVAILABLE, LINE, "可用余额\t￥{1}", "Available\tRMB {1}") \
    X(BALANCE_OVERDRAWN, LINE, "已透支\t￥{1}", "Overdrawn\tRMB {1}") \
    X(BALANCE_CARD, LINE, "卡号\t{1}", "Card\t{1}") \
    X(BALANCE_PRIVATE, LINE, "只给持卡人看。不打印，不保存，离开本页即消失。", "For the cardholder alone. It is not printed and not kept, and goes with this screen.") \
    X(BALANCE_NONE, LINE, "发卡行没有告知余额。", "The issuer did not say a balance.") \
    X(BALANCE_REFUSED, LINE, "查不到：{1}（{2}）", "Not told: {1} ({2})") \
    X(BALANCE_NO_ANSWER, LINE, "发卡行没有回应，没有扣款。请稍后再查。", "The issuer did not answer. Nothing was charged. Try again later.") \
    X(BALANCE_CANCELLED, LINE, "已取消，没有扣款。", "Cancelled. Nothing was charged.") \
    X(BALANCE_AGAIN, CHOICE, "再查一张", "Another card") \
    X(HELP_BALANCE, HELP, "客户用自己的卡和密码查可用余额。余额只在屏幕上显示片刻，本机、收单机构都不保存。", "A customer asks what his card has left, with card and PIN. It stands on the screen for a moment; neither this terminal nor the acquirer keeps it.")
/* clang-format on */
