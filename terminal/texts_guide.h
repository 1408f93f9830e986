/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Texts of the customer's side: what has run out of time, and the spoken way to enter a PIN. Rows
 * as in texts.h, which has them in its list. What is said aloud stands in device/clips.h.
 */

/* clang-format off */
#define TEXT_LIST_GUIDE(X) \
    X(TIMED_OUT_TITLE, TITLE, "超时，已取消", "Time is up: cancelled") \
    X(TIMED_OUT_AMOUNT, LINE, "{1} 秒内没有输入金额。", "No amount was entered within {1} seconds.") \
    X(TIMED_OUT_PRESENT, LINE, "{1} 秒内没有出示卡或付款码。", "No card or code was presented within {1} seconds.") \
    X(TIMED_OUT_CHOICE, LINE, "{1} 秒内没有选择。", "Nothing was chosen within {1} seconds.") \
    X(TIMED_OUT_PIN_PAUSE, LINE, "密码没有输完：{1} 秒没有按键。", "The PIN was not finished: no key for {1} seconds.") \
    X(TIMED_OUT_PIN, LINE, "密码在 {1} 秒内没有输完。", "The PIN was not finished within {1} seconds.") \
    X(TIMED_OUT_NOTHING, LINE, "没有扣款。要再收请重新输入金额。", "Nothing was charged. To try again, enter the amount anew.") \
    X(TIMED_OUT_CARD, LINE, "请提醒顾客取走卡片。", "Remind the customer to take the card.") \
    X(TIMEOUTS_TITLE, TITLE, "顾客时限", "Time for the customer") \
    X(TIMEOUTS_ABOUT, LINE, "超过时限，交易取消，不扣款", "When a time is over, the payment is cancelled and nothing is charged") \
    X(TIMEOUTS_ROW, LINE, "顾客时限\n刷卡、选择、输密码各等多久", "Time for the customer\ncard, choices, PIN") \
    X(TIMEOUTS_NOW, LINE, "当前\t{1} 秒", "Now\t{1} seconds") \
    X(TIMEOUTS_BOUNDS, LINE, "可设 {1} 到 {2} 秒", "From {1} to {2} seconds") \
    X(TIMEOUTS_FIELD, TITLE, "新的时限（秒）", "New time, seconds") \
    X(TIMEOUTS_SAVED, LINE, "已保存，立即生效", "Saved, and in force at once") \
    X(TIME_AMOUNT, LINE, "输入金额\n{1} 秒", "Amount\n{1} seconds") \
    X(TIME_PRESENT, LINE, "出示卡或付款码\n{1} 秒", "Card or code\n{1} seconds") \
    X(TIME_CHOICE, LINE, "选择应用、查看证件\n{1} 秒", "Choice of application, document\n{1} seconds") \
    X(TIME_PIN_PAUSE, LINE, "密码：两键之间\n{1} 秒", "PIN: from key to key\n{1} seconds") \
    X(TIME_PIN, LINE, "密码：全部\n{1} 秒", "PIN: all of it\n{1} seconds") \
    X(TIME_GUIDED_PAUSE, LINE, "语音输密码：两键之间\n{1} 秒", "Spoken PIN: from key to key\n{1} seconds") \
    X(TIME_GUIDED, LINE, "语音输密码：全部\n{1} 秒", "Spoken PIN: all of it\n{1} seconds") \
    X(PIN_TOO_MANY, LINE, "本机一小时内输密码的次数已满，没有扣款。请过一会儿再试，或改用付款码、不需密码的卡。", "This terminal has taken as many PINs as it may in an hour; nothing was charged. Try later, or pay by code or with a card that needs no PIN.") \
    X(GUIDE_CHOICE, CHOICE, "语音输密码", "Spoken PIN entry") \
    X(GUIDE_CHOICE_OFF, CHOICE, "不用语音", "Without speech") \
    X(GUIDE_IS_ON, LINE, "语音输密码已打开，只管这一笔", "Spoken PIN entry is on, for this payment") \
    X(GUIDE_IS_OFF, LINE, "语音输密码已关闭", "Spoken PIN entry is off") \
    X(GUIDE_TITLE, TITLE, "语音输密码", "Spoken PIN entry") \
    X(GUIDE_PRACTICE_TITLE, TITLE, "练习", "Practice") \
    X(GUIDE_REPEAT, CHOICE, "重听", "Repeat") \
    X(GUIDE_PRACTICE, CHOICE, "练习", "Practice") \
    X(GUIDE_LARGE, CHOICE, "大按键", "Large keys") \
    X(GUIDE_LANGUAGE, CHOICE, "English", "中文") \
    X(GUIDE_CANCEL, CHOICE, "取消", "Cancel") \
    X(GUIDE_BEGIN, CHOICE, "开始", "Begin") \
    X(GUIDE_END, CHOICE, "结束", "End") \
    X(GUIDE_CLEAR, CHOICE, "清除", "Clear") \
    X(GUIDE_ENTER, CHOICE, "确认", "Enter") \
    X(HELP_GUIDE, HELP, "语音输密码给看不见屏幕的顾客：收银员按“语音输密码”，或顾客两指按住屏幕。四角的键碰一下读名称，碰两下执行；密码不会读出来。", "For customers who cannot see the screen: the cashier chooses Spoken PIN entry, or the customer rests two fingers on the glass. Corners say their names at one touch, act at two; a PIN is never spoken.") \
    X(HELP_TIMEOUTS, HELP, "顾客在每一步可以用多久。超时自动取消，不扣款，记入审计。语音输密码的时限更长，给看不见屏幕的顾客。", "How long a customer may take over each step. When it is over the payment is cancelled, nothing is charged, and it is on record. Spoken PIN entry has longer times, for who cannot see the screen.")
/* clang-format on */
