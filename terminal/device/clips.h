/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every clip of speech, once: its file name and the words in it. tools/speech reads this table and
 * makes DIR/<name>.wav from each row with the voice of its language; the rows have that one form.
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
    X(EN_HERE, "en", "the device is here")
/* clang-format on */
