/* SPDX-License-Identifier: Apache-2.0 */
/* Words and texts of the lists of policy.h and verdicts.h, and back. */
#include "lib/auth/policy_document.h"

static const char *const profiles[] = {
#define X(name, word) word,
    POLICY_PROFILE_LIST(X)
#undef X
};

static const char *const rules[] = {
#define X(name, word) word,
    POLICY_RULES_LIST(X)
#undef X
};

static const struct {
    const char *word, *text[2];
} roles[POLICY_ROLE_END] = {
    [0] = {"nobody", {"Nobody", "无"}},
    [POLICY_CASHIER] = {"cashier", {"Cashier", "收银员"}},
    [POLICY_SUPERVISOR] = {"supervisor", {"Supervisor", "主管"}},
    [POLICY_ADMINISTRATOR] = {"administrator", {"Administrator", "管理员"}},
    [POLICY_STAFF] = {"staff", {"Staff", "工作人员"}},
    [POLICY_OWNER] = {"owner", {"Owner", "商户所有者"}},
};

static const struct {
    const char *word, *text[2];
} verdicts[POLICY_VERDICTS] = {
#define X(name, word, en, zh) {word, {en, zh}},
    POLICY_VERDICT_LIST(X)
#undef X
};

const char *policy_verdict_text(enum policy_verdict verdict, enum policy_language language)
{
    ENSURE(language == POLICY_EN || language == POLICY_ZH);
    if (verdict >= POLICY_VERDICTS) return language == POLICY_ZH ? "不能使用" : "is refused";
    return verdicts[verdict].text[language];
}

const char *policy_verdict_word(enum policy_verdict verdict)
{
    return verdict < POLICY_VERDICTS ? verdicts[verdict].word : "unknown";
}

const char *policy_profile_word(enum policy_profile profile)
{
    ENSURE(profile < POLICY_PROFILES);
    return profiles[profile];
}

const char *policy_rules_word(enum policy_rules set)
{
    ENSURE(set < POLICY_RULE_SETS);
    return rules[set];
}

const char *policy_role_word(enum policy_role role)
{
    ENSURE(role > 0 && role < POLICY_ROLE_END);
    return roles[role].word;
}

const char *policy_role_text(enum policy_role role, enum policy_language language)
{
    ENSURE(role > 0 && role < POLICY_ROLE_END);
    ENSURE(language == POLICY_EN || language == POLICY_ZH);
    return roles[role].text[language];
}

bool policy_profile_of(struct bytes word, enum policy_profile *ret_profile)
{
    for (size_t i = 0; i < POLICY_PROFILES; i++) {
        if (!bytes_equal(word, bytes_text(profiles[i]))) continue;
        *ret_profile = (enum policy_profile)i;
        return true;
    }
    return false;
}

bool policy_rules_of(struct bytes word, enum policy_rules *ret_rules)
{
    for (size_t i = 0; i < POLICY_RULE_SETS; i++) {
        if (!bytes_equal(word, bytes_text(rules[i]))) continue;
        *ret_rules = (enum policy_rules)i;
        return true;
    }
    return false;
}

bool policy_role_of(struct bytes word, enum policy_role *ret_role)
{
    for (size_t i = 1; i < POLICY_ROLE_END; i++) {
        if (!bytes_equal(word, bytes_text(roles[i].word))) continue;
        *ret_role = (enum policy_role)i;
        return true;
    }
    return false;
}

static const struct {
    const char *word, *text[2];
} kinds[POLICY_KINDS] = {
#define X(name, word, en, zh) {word, {en, zh}},
    POLICY_KIND_LIST(X)
#undef X
};

static const struct {
    const char *word, *text;
} faults[POLICY_FAULTS] = {
#define X(name, word, text) {word, text},
    POLICY_FAULT_LIST(X)
#undef X
};

static const char *const keys[POLICY_KEYS] = {
#define X(name, word) word,
    POLICY_KEY_LIST(X)
#undef X
};

const char *policy_kind_word(enum policy_kind kind)
{
    ENSURE(kind < POLICY_KINDS);
    return kinds[kind].word;
}

const char *policy_kind_text(enum policy_kind kind, enum policy_language language)
{
    ENSURE(kind < POLICY_KINDS);
    ENSURE(language == POLICY_EN || language == POLICY_ZH);
    return kinds[kind].text[language];
}

const char *policy_fault_word(enum policy_fault_kind kind)
{
    ENSURE(kind < POLICY_FAULTS);
    return faults[kind].word;
}

const char *policy_fault_text(enum policy_fault_kind kind)
{
    ENSURE(kind < POLICY_FAULTS);
    return faults[kind].text;
}

const char *policy_key_word(enum policy_key key)
{
    ENSURE(key < POLICY_KEYS);
    return keys[key];
}
