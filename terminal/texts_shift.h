/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of shifts and of the search in the history. A part of the table in texts.h, which says
 * how they are written. */

/* clang-format off */
#define TEXT_LIST_SHIFT(X) \
    X(ENTRY_SHIFT, CHOICE, "交接班", "Shift") \
    X(ENTRY_SHIFT_X, CHOICE, "打印读数（X）", "Print reading (X)") \
    X(ENTRY_SHIFT_Z, CHOICE, "交班结账（Z）", "Close shift (Z)") \
    X(ENTRY_SHIFT_YES, CHOICE, "确认交班", "Close it now") \
    X(ENTRY_SHIFT_OLD, CHOICE, "以前的交班单", "Earlier Z reports") \
    X(ENTRY_SHIFT_HAND_OVER, CHOICE, "换下一位操作员", "Hand over") \
    X(SHIFT_TITLE, TITLE, "交接班", "Shift") \
    X(SHIFT_OPERATOR, LINE, "操作员\t{1}", "Operator\t{1}") \
    X(SHIFT_SINCE, LINE, "自 {1} 起", "Since {1}") \
    X(SHIFT_TOTAL, LINE, "本班\t{1} 笔，{2} 元", "This shift\t{1} payments, RMB {2}") \
    X(SHIFT_EMPTY, LINE, "本班还没有交易，不需要交班。", "There is no payment in this shift yet: nothing to close.") \
    X(SHIFT_NOBODY, LINE, "没有未交的班。", "No shift is open.") \
    X(SHIFT_ASK, LINE, "交班后本班归零，编号的 Z 报表只出一次，不能重做。", "Closing begins a new shift from zero. A Z report has a number, is made once and cannot be undone.") \
    X(SHIFT_CLOSED, LINE, "已交班，Z 报表编号 {1}", "Shift closed: Z report {1}") \
    X(SHIFT_PRINTED, LINE, "已打印", "Printed") \
    X(SHIFT_ROW, LINE, "Z{1}  操作员 {2}\n{3}  {4} 元", "Z{1}  Operator {2}\n{3}  RMB {4}") \
    X(SHIFT_NONE, LINE, "还没有交过班。", "No shift was closed yet.") \
    X(ENTRY_SEARCH, CHOICE, "查找交易", "Search") \
    X(ENTRY_SEARCH_AMOUNT, CHOICE, "按金额", "By amount") \
    X(ENTRY_SEARCH_CARD, CHOICE, "按卡号后四位", "By last four digits") \
    X(ENTRY_SEARCH_VOUCHER, CHOICE, "按凭证号", "By voucher number") \
    X(ENTRY_SEARCH_DATE, CHOICE, "按日期", "By date") \
    X(SEARCH_TITLE, TITLE, "查找交易", "Search") \
    X(SEARCH_ABOUT, LINE, "在本机全部交易中查找，包括以前的批次。", "Searches every payment on this terminal, earlier batches too.") \
    X(SEARCH_AMOUNT, TITLE, "金额（元）", "Amount (yuan)") \
    X(SEARCH_CARD, TITLE, "卡号或付款码后四位", "Last four digits") \
    X(SEARCH_VOUCHER, TITLE, "凭证号（六位以内）", "Voucher number") \
    X(SEARCH_DATE, TITLE, "月日，例如 0425", "Month and day, e.g. 0425") \
    X(SEARCH_BAD, LINE, "请输入要查找的内容，按确认。日期是四位月日。", "Enter what to look for and press OK. A date is four digits: month, day.") \
    X(SEARCH_NOTHING, LINE, "没有找到。请核对后再查。", "Nothing was found. Check what you entered.") \
    X(HELP_SHIFT, HELP, "X 是读数，可随时打印，不影响任何数字。Z 是交班：出一张编号的报表，本班归零，之后的交易算下一班。", "X reads the shift as often as you like and changes nothing. Z closes it: one numbered report, and later payments belong to the next shift.")
/* clang-format on */
