/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * verdicts: every reason for which a password may be refused, by number, name and in two languages.
 * Only a list: who shows a refusal needs no code of the policy.
 *
 * The numbers travel in answers of the vault and stand in audit logs: rows are added at the end and
 * never moved. Which rule is told first is not the order here; policy.c has that.
 *
 * A text is one clause for the rule and one for what to do instead, without a full stop.
 */

/* clang-format off */
/* name, word for logs and JSON, English, Chinese */
#define POLICY_VERDICT_LIST(X)                                                                         \
    X(OK, "ok", "accepted", "可以使用")                                                                 \
    X(NOT_TEXT, "not_text", "is not text; type it again", "不是有效的文字，请重新输入")                     \
    X(CONTROL, "control", "has characters that cannot be seen; use letters, digits and signs",         \
      "含有不可见字符，请使用字母、数字和符号")                                                              \
    X(NOT_DIGITS, "not_digits", "has more than digits; use only the digits of the keypad",             \
      "只能使用按键上的数字")                                                                             \
    X(TOO_SHORT, "too_short", "is too short for this role; add characters", "长度不够，请加长")            \
    X(TOO_LONG, "too_long", "is too long; use fewer characters", "太长，请缩短")                          \
    X(DIGITS_SHORT, "digits_short", "is digits only and too short for that; add digits or letters",    \
      "纯数字时长度不够，请加长或加入字母")                                                                \
    X(NO_LETTER, "no_letter", "has no letter; add one", "没有字母，请加入字母")                           \
    X(NO_DIGIT, "no_digit", "has no digit; add one", "没有数字，请加入数字")                              \
    X(NO_SPECIAL, "no_special", "has no sign such as # or %; add one", "没有符号（如 # %），请加入符号")     \
    X(REPEATS, "repeats", "repeats a character or a group; use different ones",                        \
      "有重复的字符或组合，请换成不同的字符")                                                              \
    X(RUN, "run", "counts up or down; mix the order", "是连续的数字或字母，请打乱顺序")                    \
    X(WALK, "walk", "follows neighbouring keys; choose keys that lie apart",                           \
      "是键盘上相邻的按键，请选择不相邻的按键")                                                            \
    X(DATE, "date", "is a date; leave dates out", "是日期，请不要使用日期")                               \
    X(PUBLISHED, "published", "is a default that makers have printed; choose your own",                \
      "是厂家公开的默认密码，请自己另设")                                                                  \
    X(COMMON, "common", "is among those that are guessed first; choose a rarer one",                   \
      "太常见，容易被猜到，请换一个少见的")                                                                 \
    X(OWN_NUMBER, "own_number", "is from a phone, plate, licence, shop or device number; use others",  \
      "与手机号、车牌号、证件号、商户号或设备号有关，请换别的")                                                  \
    X(OWN_NAME, "own_name", "is from a person's or the shop's name; leave names out",                  \
      "与姓名或店名有关，请不要使用名字")                                                                  \
    X(SAME, "same", "is the present password; choose a new one", "与当前密码相同，请换一个新的")           \
    X(HISTORY, "history", "was used before; choose one that is new", "以前用过，请换一个没用过的")         \
    X(MISMATCH, "mismatch", "was typed differently the second time; type both again",                  \
      "两次输入不一致，请重新输入两次")                                                                    \
    X(TOO_YOUNG, "too_young", "was changed only just now; wait before changing it again",              \
      "刚刚修改过，请稍后再改")
/* clang-format on */

enum policy_verdict {
#define X(name, word, en, zh) POLICY_##name,
    POLICY_VERDICT_LIST(X)
#undef X
        POLICY_VERDICTS
};
