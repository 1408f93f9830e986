/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy in plain lines, the same ones for the manual, the help screen and `policy show`: what to
 * choose, what is refused, when it is looked at again, and how to get back in. Every sentence is
 * here in both languages, side by side, so that neither is forgotten.
 */
#include "lib/auth/policy.h"

/* One line in the language that is wanted. */
#define SAY(w, language, en, zh, ...)                                                       \
    do {                                                                                    \
        if ((language) == POLICY_ZH) write_format((w), zh "\n" __VA_OPT__(, ) __VA_ARGS__); \
        else write_format((w), en "\n" __VA_OPT__(, ) __VA_ARGS__);                         \
    } while (0)

static void say_length(const struct policy *p, enum policy_language language, struct writer *w)
{
    if (p->keyboard == POLICY_KEYS_TEXT) {
        SAY(w, language, "%u to %u characters: letters, digits, signs, spaces.",
            "%u 到 %u 个字符，可用字母、数字、符号和空格。", p->min, p->max);
        if (p->digits_only_min > p->min)
            SAY(w, language, "Digits alone are fine too, when there are %u or more.",
                "也可以只用数字，但至少 %u 位。", p->digits_only_min);
        return;
    }
    const char *keys = p->digit_keys == 10 ? "0-9" : "1-6";
    if (p->min == p->max)
        SAY(w, language, "Exactly %u digits (%s).", "正好 %u 位数字（%s）。", p->min, keys);
    else
        SAY(w, language, "%u to %u digits (%s), as many as you like.",
            "%u 到 %u 位数字（%s），位数自定。", p->min, p->max, keys);
}

static void say_classes(const struct policy *p, enum policy_language language, struct writer *w)
{
    bool special = (p->classes & POLICY_SPECIAL) != 0;
    if (p->classes != 0 && special)
        SAY(w, language, "At least one letter, one digit and one sign.",
            "至少包含一个字母、一个数字和一个符号。");
    else if (p->classes != 0)
        SAY(w, language, "At least one letter and one digit.", "至少包含一个字母和一个数字。");
    else if (p->keyboard == POLICY_KEYS_TEXT)
        SAY(w, language, "No kind of character is prescribed; several words are good.",
            "不限定字符种类，几个词连用更好。");
}

static void say_refusals(const struct policy *p, enum policy_language language, struct writer *w)
{
    SAY(w, language, "Refused: repeats (888888), runs (123456), neighbouring keys, dates.",
        "不接受：重复（888888）、连号（123456）、相邻按键、日期。");
    SAY(w, language, "Refused: defaults of makers and what is guessed first (5201314).",
        "不接受：厂家默认密码和最容易猜到的密码（如 5201314）。");
    SAY(w, language, "Refused: names, phone, licence, shop and device numbers.",
        "不接受：姓名、店名、手机号、证件号、商户号、设备号。");
    SAY(w, language, "The last %u passwords cannot be used again.",
        "最近 %u 次用过的密码不能再用。", p->history);
    if (p->min_age_s > 0)
        SAY(w, language, "After a change, wait %u hours before the next.",
            "修改后 %u 小时内不能再次修改。", p->min_age_s / 3600);
}

static void say_age(const struct policy *p, enum policy_language language, struct writer *w)
{
    if (p->expires)
        SAY(w, language,
            "It must be changed after %u days; %u more log-ins are possible, then only a change.",
            "每 %u 天必须修改；到期后还可登录 %u 次，之后只能修改密码。", p->review_after_days,
            p->grace);
    else
        SAY(w, language, "After %u days you are reminded to review it; it never stops working.",
            "满 %u 天会提醒检查密码，但密码不会失效。", p->review_after_days);
    SAY(w, language, "Change it at once when somebody may have seen it, or leaves.",
        "密码可能被看到或有人离职时，请立即修改。");
}

static void say_tries(const struct policy *p, enum policy_language language, struct writer *w)
{
    SAY(w, language, "%u wrong tries lock it; after %u the waits grow.",
        "输错 %u 次锁定；连续输错 %u 次后等待时间逐次加长。", p->tries, p->quick);
    if (p->approval)
        SAY(w, language, "Each log-in is also approved on a paired phone.",
            "每次登录还需在已配对的手机上确认。");
    if (p->second_factor)
        SAY(w, language, "A second factor (passkey or code) is asked for besides it.",
            "除密码外还需第二因素（通行密钥或动态码）。");
    SAY(w, language, "The screen locks after %u seconds without a touch.", "%u 秒无操作自动锁屏。",
        p->auto_lock_s);
}

static void say_recovery(const struct policy *p, enum policy_language language, struct writer *w)
{
    static const char *const ways[][2] = {
        {"the supervisor", "主管"},
        {"a code by SMS", "短信验证码"},
        {"a link by e-mail", "邮件链接"},
        {"customer service", "客服"},
        {"an offline unlock code", "离线解锁码"},
    };
    bool zh = language == POLICY_ZH, first = true;
    if (p->recovery == 0) {
        SAY(w, language, "Forgotten: the device is set up anew.", "忘记密码：需重新初始化设备。");
        return;
    }
    write_format(w, "%s", zh ? "忘记密码：" : "Forgotten: ");
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        if ((p->recovery >> i & 1) == 0) continue;
        write_format(w, "%s%s", first ? "" : zh ? "、" : ", ", ways[i][language]);
        first = false;
    }
    SAY(w, language, ".", "。");
}

void policy_describe(const struct policy *policy, enum policy_language language, struct writer *w)
{
    ENSURE(language == POLICY_EN || language == POLICY_ZH);
    say_length(policy, language, w);
    say_classes(policy, language, w);
    say_refusals(policy, language, w);
    say_age(policy, language, w);
    say_tries(policy, language, w);
    say_recovery(policy, language, w);
}
