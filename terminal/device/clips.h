/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every clip of speech, once: its file name and the words in it. tools/speech reads this table and
 * makes DIR/<name>.wav from each row with the voice of its language; the rows have that one form. A
 * row of "tone" has what sox is told to synthesise, and no words. From ZH_GUIDE on: what a customer
 * is told who does not see the screen (terminal/guide.h); a row of each language under one name.
 */

/* clang-format off */
#define SPEAKER_CLIPS(X) \
    X(ZH_RECEIVED, "zh", "收款到账") \
    X(ZH_0, "zh", "零") \
    X(ZH_1, "zh", "一") \
    X(ZH_2, "zh", "二") \
    X(ZH_3, "zh", "三") \
    X(ZH_4, "zh", "四") \
    X(ZH_5, "zh", "五") \
    X(ZH_6, "zh", "六") \
    X(ZH_7, "zh", "七") \
    X(ZH_8, "zh", "八") \
    X(ZH_9, "zh", "九") \
    X(ZH_TWO, "zh", "两") \
    X(ZH_TEN, "zh", "十") \
    X(ZH_HUNDRED, "zh", "百") \
    X(ZH_THOUSAND, "zh", "千") \
    X(ZH_MYRIAD, "zh", "万") \
    X(ZH_100M, "zh", "亿") \
    X(ZH_POINT, "zh", "点") \
    X(ZH_YUAN, "zh", "元") \
    X(EN_RECEIVED, "en", "received") \
    X(EN_0, "en", "zero") \
    X(EN_1, "en", "one") \
    X(EN_2, "en", "two") \
    X(EN_3, "en", "three") \
    X(EN_4, "en", "four") \
    X(EN_5, "en", "five") \
    X(EN_6, "en", "six") \
    X(EN_7, "en", "seven") \
    X(EN_8, "en", "eight") \
    X(EN_9, "en", "nine") \
    X(EN_10, "en", "ten") \
    X(EN_11, "en", "eleven") \
    X(EN_12, "en", "twelve") \
    X(EN_13, "en", "thirteen") \
    X(EN_14, "en", "fourteen") \
    X(EN_15, "en", "fifteen") \
    X(EN_16, "en", "sixteen") \
    X(EN_17, "en", "seventeen") \
    X(EN_18, "en", "eighteen") \
    X(EN_19, "en", "nineteen") \
    X(EN_20, "en", "twenty") \
    X(EN_30, "en", "thirty") \
    X(EN_40, "en", "forty") \
    X(EN_50, "en", "fifty") \
    X(EN_60, "en", "sixty") \
    X(EN_70, "en", "seventy") \
    X(EN_80, "en", "eighty") \
    X(EN_90, "en", "ninety") \
    X(EN_HUNDRED, "en", "hundred") \
    X(EN_THOUSAND, "en", "thousand") \
    X(EN_MILLION, "en", "million") \
    X(EN_BILLION, "en", "billion") \
    X(EN_POINT, "en", "point") \
    X(EN_YUAN, "en", "yuan") \
    X(ZH_HERE, "zh", "设备在这里") \
    X(EN_HERE, "en", "the device is here") \
    X(ZH_GUIDE, "zh", "语音输密码。") \
    X(EN_GUIDE, "en", "Spoken PIN entry.") \
    X(ZH_AMOUNT, "zh", "付款金额") \
    X(EN_AMOUNT, "en", "The amount is") \
    X(ZH_PRESENT, "zh", "请插卡，挥卡，或刷卡。") \
    X(EN_PRESENT, "en", "Insert, tap or swipe the card.") \
    X(ZH_CORNERS, "zh", "屏幕四角是功能键。") \
    X(EN_CORNERS, "en", "The four corners of the screen are keys.") \
    X(ZH_TOUCH, "zh", "碰一下听名称，连碰两下才执行。") \
    X(EN_TOUCH, "en", "Touch once to hear the name, twice to do it.") \
    X(ZH_START_TOP, "zh", "左上角重听，右上角练习。") \
    X(EN_START_TOP, "en", "Top left repeats. Top right is practice.") \
    X(ZH_START_FOOT, "zh", "左下角取消，右下角开始输密码。") \
    X(EN_START_FOOT, "en", "Bottom left cancels. Bottom right goes on to the PIN.") \
    X(ZH_START_MIDDLE, "zh", "中间是大按键，给看得见大字的人。") \
    X(EN_START_MIDDLE, "en", "In the middle are large keys, for who can see them.") \
    X(ZH_REAL_KEYS, "zh", "用实体按键时，有凸点的是五，直接按。") \
    X(EN_REAL_KEYS, "en", "On real keys the dot is on the five. Press them as always.") \
    X(ZH_PIN, "zh", "现在请输入密码。") \
    X(EN_PIN, "en", "Enter your PIN now.") \
    X(ZH_DOWN, "zh", "手指放在屏幕中间任何地方，那里就是五。") \
    X(EN_DOWN, "en", "Put a finger down anywhere in the middle. That is the five.") \
    X(ZH_SLIDE, "zh", "向要的数字滑动，停住，听到一声再抬手。") \
    X(EN_SLIDE, "en", "Slide towards your digit, stop, wait for the click, then let go.") \
    X(ZH_FIVE_ZERO, "zh", "五就原地停住，零向下滑两格。") \
    X(EN_FIVE_ZERO, "en", "For the five stay where you are. For the zero slide down twice as far.") \
    X(ZH_SAME, "zh", "每输一位响一声，声音都一样。") \
    X(EN_SAME, "en", "Each digit gives one tone, always the same.") \
    X(ZH_PIN_TOP, "zh", "左上角重听，右上角清除。") \
    X(EN_PIN_TOP, "en", "Top left repeats. Top right clears.") \
    X(ZH_PIN_FOOT, "zh", "左下角取消，右下角确认。") \
    X(EN_PIN_FOOT, "en", "Bottom left cancels. Bottom right is enter.") \
    X(ZH_BYPASS_KEY, "zh", "最上边中间是不输密码。") \
    X(EN_BYPASS_KEY, "en", "At the top in the middle you go on without a PIN.") \
    X(ZH_KEYS, "zh", "大按键，位置固定，五在中间。") \
    X(EN_KEYS, "en", "Large keys in fixed places, the five in the middle.") \
    X(ZH_ENTERED, "zh", "已输入") \
    X(EN_ENTERED, "en", "So far") \
    X(ZH_DIGITS, "zh", "位。") \
    X(EN_DIGITS, "en", "digits entered.") \
    X(ZH_CLEARED, "zh", "已清除。") \
    X(EN_CLEARED, "en", "Cleared.") \
    X(ZH_AT_LEAST, "zh", "至少要") \
    X(EN_AT_LEAST, "en", "At least") \
    X(ZH_AT_MOST, "zh", "最多") \
    X(EN_AT_MOST, "en", "At most") \
    X(ZH_NEEDED, "zh", "位，请继续。") \
    X(EN_NEEDED, "en", "digits are needed. Go on.") \
    X(ZH_TAKEN, "zh", "位，多的没有输入。") \
    X(EN_TAKEN, "en", "digits are taken. The last one was not.") \
    X(ZH_WRONG_PIN, "zh", "密码不对，请再输一次。") \
    X(EN_WRONG_PIN, "en", "Wrong PIN. Enter it once more.") \
    X(ZH_TRIES, "zh", "还可以试") \
    X(EN_TRIES, "en", "Tries left:") \
    X(ZH_TIMES, "zh", "次。") \
    X(ZH_HURRY, "zh", "还有二十秒，双击左上角重新计时。") \
    X(EN_HURRY, "en", "Twenty seconds left. Touch the top left corner twice for more.") \
    X(ZH_TIME_OVER, "zh", "时间到，已取消，没有扣款。") \
    X(EN_TIME_OVER, "en", "Time is up. Cancelled, nothing was charged.") \
    X(ZH_TAKE_CARD, "zh", "请取走卡片。") \
    X(EN_TAKE_CARD, "en", "Take your card.") \
    X(ZH_DECLINED, "zh", "交易没有成功。") \
    X(EN_DECLINED, "en", "The payment was declined.") \
    X(ZH_REVERSED, "zh", "交易已撤销，不会扣款。") \
    X(EN_REVERSED, "en", "The payment is taken back. You pay nothing.") \
    X(ZH_PRACTICE, "zh", "练习，什么也不会输入。") \
    X(EN_PRACTICE, "en", "Practice. Nothing is entered.") \
    X(ZH_NOT_YOURS, "zh", "请不要用自己的密码练习。") \
    X(EN_NOT_YOURS, "en", "Do not practise with your own PIN.") \
    X(ZH_PLEASE, "zh", "请输入") \
    X(EN_PLEASE, "en", "Please enter") \
    X(ZH_RIGHT, "zh", "对了。") \
    X(EN_RIGHT, "en", "Right.") \
    X(ZH_WRONG, "zh", "不对，刚才是") \
    X(EN_WRONG, "en", "No, that was") \
    X(ZH_PRACTISED, "zh", "练习完了。") \
    X(EN_PRACTISED, "en", "That was all.") \
    X(ZH_KEY_REPEAT, "zh", "重听") \
    X(EN_KEY_REPEAT, "en", "repeat") \
    X(ZH_KEY_PRACTICE, "zh", "练习") \
    X(EN_KEY_PRACTICE, "en", "practice") \
    X(ZH_KEY_CANCEL, "zh", "取消") \
    X(EN_KEY_CANCEL, "en", "cancel") \
    X(ZH_KEY_BEGIN, "zh", "开始输密码") \
    X(EN_KEY_BEGIN, "en", "enter the PIN") \
    X(ZH_KEY_END, "zh", "结束练习") \
    X(EN_KEY_END, "en", "end practice") \
    X(ZH_KEY_CLEAR, "zh", "清除") \
    X(EN_KEY_CLEAR, "en", "clear") \
    X(ZH_KEY_ENTER, "zh", "确认") \
    X(EN_KEY_ENTER, "en", "enter") \
    X(ZH_KEY_LARGE, "zh", "大按键") \
    X(EN_KEY_LARGE, "en", "large keys") \
    X(ZH_KEY_BYPASS, "zh", "不输密码") \
    X(EN_KEY_BYPASS, "en", "go on without a PIN") \
    X(EN_FOR_ENGLISH, "en", "For English, touch the lower middle twice.") \
    X(ZH_FOR_CHINESE, "zh", "要用中文，请连碰两下屏幕中间偏下。") \
    X(EN_KEY_LANGUAGE, "en", "English") \
    X(ZH_KEY_LANGUAGE, "zh", "中文") \
    X(TONE_DIGIT, "tone", "0.14 sine 880") \
    X(TONE_CLICK, "tone", "0.03 sine 1500")
/* clang-format on */
