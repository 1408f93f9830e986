/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One row for each thing that is asked, one small function for whether a policy keeps to it. What
 * holds for every policy by construction (normal form, blocklist, no hints) is a row too: the
 * matrix is read by people who look for their authority's number.
 */
#include "lib/auth/policy_lint.h"

static bool at_console(const struct policy *p)
{
    return p->role == POLICY_STAFF || p->role == POLICY_OWNER;
}

static enum policy_lint satisfied_if(bool kept)
{
    return kept ? POLICY_SATISFIED : POLICY_VIOLATED;
}

static enum policy_lint console_if(const struct policy *p, bool kept)
{
    return at_console(p) ? satisfied_if(kept) : POLICY_NOT_APPLICABLE;
}

static enum policy_lint terminal_if(const struct policy *p, bool kept)
{
    return at_console(p) ? POLICY_NOT_APPLICABLE : satisfied_if(kept);
}

static enum policy_lint by_construction(const struct policy *p)
{
    (void)p;
    return POLICY_SATISFIED;
}

static enum policy_lint n1(const struct policy *p)
{
    return console_if(p, p->min >= (p->second_factor ? 8 : 15));
}

/* Of numbers nobody needs sixty-four at a keypad. */
static enum policy_lint long_allowed(const struct policy *p)
{
    if (!at_console(p) && p->keyboard == POLICY_KEYS_DIGITS) return POLICY_NOT_APPLICABLE;
    return satisfied_if(p->max >= 64);
}

static enum policy_lint no_classes(const struct policy *p)
{
    return satisfied_if(p->classes == 0);
}

static enum policy_lint no_expiry(const struct policy *p)
{
    return satisfied_if(!p->expires);
}

static enum policy_lint hundred_tries(const struct policy *p)
{
    return satisfied_if(p->tries <= 100);
}

static enum policy_lint activation_least(const struct policy *p)
{
    return terminal_if(p, p->min >= 4 && p->tries <= 10);
}

static enum policy_lint activation_advised(const struct policy *p)
{
    return terminal_if(p, p->min >= 6);
}

static enum policy_lint inactive_an_hour(const struct policy *p)
{
    return console_if(p, p->auto_lock_s <= 3600);
}

static enum policy_lint eight(const struct policy *p)
{
    return console_if(p, p->min >= 8);
}

/* NFKC is the one thing that is done to a password: NIST asks for it, this asks for nothing. */
static enum policy_lint as_received(const struct policy *p)
{
    return p->keyboard == POLICY_KEYS_DIGITS ? POLICY_SATISFIED : POLICY_VIOLATED;
}

static enum policy_lint second_factor(const struct policy *p)
{
    return console_if(p, p->second_factor);
}

static enum policy_lint idle_fifteen(const struct policy *p)
{
    return console_if(p, p->auto_lock_s <= 900);
}

static enum policy_lint ten_tries(const struct policy *p)
{
    return satisfied_if(p->tries <= 10);
}

static enum policy_lint twelve_and_mixed(const struct policy *p)
{
    const unsigned both = POLICY_LETTER | POLICY_DIGIT;
    return console_if(p, p->min >= 12 && (p->classes & both) == both);
}

static enum policy_lint last_four(const struct policy *p)
{
    return satisfied_if(p->history >= 4);
}

static enum policy_lint ninety_days_alone(const struct policy *p)
{
    if (!at_console(p) || p->second_factor) return POLICY_NOT_APPLICABLE;
    return satisfied_if(p->expires && p->review_after_days <= 90);
}

static enum policy_lint complexity(const struct policy *p)
{
    const unsigned all = POLICY_LETTER | POLICY_DIGIT | POLICY_SPECIAL;
    return satisfied_if((p->classes & all) == all);
}

static enum policy_lint periodic_change(const struct policy *p)
{
    return satisfied_if(p->expires);
}

static enum policy_lint two_factors(const struct policy *p)
{
    return satisfied_if(p->second_factor || p->approval);
}

static enum policy_lint six_months(const struct policy *p)
{
    return satisfied_if(p->review_after_days <= 183);
}

static enum policy_lint any_length(const struct policy *p)
{
    return satisfied_if(p->max > p->min && (p->classes & ~POLICY_DIGIT) == 0);
}

static enum policy_lint four_six_eight(const struct policy *p)
{
    static const uint8_t digits[POLICY_ROLE_END] = {
        [POLICY_CASHIER] = 4, [POLICY_SUPERVISOR] = 6, [POLICY_ADMINISTRATOR] = 8};
    return terminal_if(p, p->keyboard == POLICY_KEYS_DIGITS && p->min == digits[p->role] &&
                              p->max == digits[p->role]);
}

/* clang-format off */
static const struct {
    struct policy_lint_rule rule;
    enum policy_lint (*holds)(const struct policy *);
} rules[] = {
    {{"NIST N1", "15 characters alone, 8 with a second factor", "单独使用至少 15 位，有第二重验证时至少 8 位"}, n1},
    {{"NIST N2", "64 characters or more are allowed", "允许 64 位或更长"}, long_allowed},
    {{"NIST N3", "no rules about classes of characters", "不强制混用字符种类"}, no_classes},
    {{"NIST N4", "no change by the calendar", "不因到期强制修改"}, no_expiry},
    {{"NIST N5", "no hints, no security questions", "没有密码提示，没有密保问题"}, by_construction},
    {{"NIST N6", "the whole password, in NFKC", "整个密码参与校验，按 NFKC 归一"}, by_construction},
    {{"NIST N7", "held against a blocklist and the person's own data", "与常见密码表和本人资料比对"}, by_construction},
    {{"NIST N8", "at most 100 failures in a row", "连续输错最多 100 次"}, hundred_tries},
    {{"NIST N10", "salted, costly hash with a key kept apart", "加盐慢哈希，密钥另行保管"}, by_construction},
    {{"NIST N11", "activation secret: 4 or more, at most 10 failures", "设备密码：至少 4 位，最多输错 10 次"}, activation_least},
    {{"NIST N11a", "activation secret: 6 or more, as advised", "设备密码：建议至少 6 位"}, activation_advised},
    {{"NIST N17", "one hour without a touch at the most", "闲置最多一小时"}, inactive_an_hour},
    {{"ASVS 6.2.1", "8 or more", "至少 8 位"}, eight},
    {{"ASVS 6.2.4", "the commonest 3,000 of that length are refused", "拒绝该长度最常见的 3000 个密码"}, by_construction},
    {{"ASVS 6.2.5", "no rules about classes of characters", "不强制混用字符种类"}, no_classes},
    {{"ASVS 6.2.8", "verified exactly as received", "按收到的原样校验"}, as_received},
    {{"ASVS 6.2.9", "64 characters or more are allowed", "允许 64 位或更长"}, long_allowed},
    {{"ASVS 6.2.10", "no periodic rotation", "不要求定期更换"}, no_expiry},
    {{"ASVS 6.2.11", "context words are refused", "拒绝与本店有关的词"}, by_construction},
    {{"ASVS 6.3.3", "a second factor is asked for", "要求第二重验证"}, second_factor},
    {{"PCI 8.2.8", "locked after 15 minutes", "15 分钟后锁定"}, idle_fifteen},
    {{"PCI 8.3.4", "locked after at most 10 tries", "最多 10 次后锁定"}, ten_tries},
    {{"PCI 8.3.6", "12 or more, letters and digits", "至少 12 位，含字母和数字"}, twelve_and_mixed},
    {{"PCI 8.3.7", "none of the last 4", "不能与最近 4 次相同"}, last_four},
    {{"PCI 8.3.9", "90 days where there is no second factor", "没有第二重验证时 90 天更换"}, ninety_days_alone},
    {{"GB 8.1.4.1 a", "complexity", "复杂度要求"}, complexity},
    {{"GB 8.1.4.1 a2", "changed periodically", "定期更换"}, periodic_change},
    {{"GB 8.1.4.1 b", "failed log-ins are limited", "限制登录失败次数"}, ten_tries},
    {{"GB 8.1.4.1 d", "two factors", "两种鉴别方式"}, two_factors},
    {{"guide G1", "looked at every six months", "每六个月检查一次"}, six_months},
    {{"guide G3", "digits of any length", "任意位数的数字"}, any_length},
    {{"guide G11", "nothing of one's own data", "不含本人资料"}, by_construction},
    {{"guide G14", "changed, never removed", "只能修改，不能取消"}, by_construction},
    {{"UnionPay", "4, 6 and 8 digits by role", "按角色 4、6、8 位数字"}, four_six_eight},
};
/* clang-format on */

struct policy_lint_rule policy_lint_rule(size_t rule)
{
    return rule < ARRAY_LEN(rules) ? rules[rule].rule : (struct policy_lint_rule){0};
}

enum policy_lint policy_lint(size_t rule, const struct policy *policy)
{
    ENSURE(rule < ARRAY_LEN(rules));
    return rules[rule].holds(policy);
}

const char *policy_lint_word(enum policy_lint lint)
{
    switch (lint) {
    case POLICY_SATISFIED:
        return "satisfied";
    case POLICY_VIOLATED:
        return "violated";
    case POLICY_NOT_APPLICABLE:
        break;
    }
    return "n.a.";
}

size_t policy_lint_columns(enum policy_rules set,
                           struct policy_lint_column ret_column[POLICY_LINT_COLUMNS_MAX])
{
    size_t count = 0;
    for (unsigned n = 0; n < POLICY_LINT_COLUMNS_MAX; n++) {
        bool console = n >= POLICY_PROFILES;
        struct policy_choice choice = {
            .profile = n % POLICY_PROFILES,
            .rules = set,
            .role = console ? POLICY_OWNER : POLICY_CASHIER,
            .second_factor = console,
        };
        if (!policy_make(choice, &ret_column[count].policy)) continue;
        ret_column[count++].place = console ? "console" : "terminal";
    }
    return count;
}

void policy_lint_write(enum policy_rules set, struct writer *w)
{
    struct policy_lint_column column[POLICY_LINT_COLUMNS_MAX];
    size_t columns = policy_lint_columns(set, column);
    write_format(w, "rules %s\n%-14s", policy_rules_word(set), "");
    for (size_t i = 0; i < columns; i++) write_format(w, " %-13s", column[i].place);
    write_format(w, "\n%-14s", "");
    for (size_t i = 0; i < columns; i++)
        write_format(w, " %-13s", policy_profile_word(column[i].policy.profile));
    write_format(w, "\n");
    for (size_t rule = 0; rule < ARRAY_LEN(rules); rule++) {
        write_format(w, "%-14s", rules[rule].rule.id);
        for (size_t i = 0; i < columns; i++)
            write_format(w, " %-13s", policy_lint_word(policy_lint(rule, &column[i].policy)));
        write_format(w, " %s\n", rules[rule].rule.text);
    }
}
