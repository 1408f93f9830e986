/* SPDX-License-Identifier: Apache-2.0 */
/* The versions of the rules, and the rows of the table in the order in which they are told. */
#include "backoffice/applications/eligibility.h"

static const struct eligibility_rules versions[] = {
    {.version = 1,
     .cap_minor = 100000000,
     .types = 1 << APPLICANT_INDIVIDUAL | 1 << APPLICANT_MICRO | 1 << APPLICANT_COMPANY,
     .age_min = 18,
     .age_max = 65,
     .micro_merchants_max = 2},
};

const struct eligibility_rules *eligibility_versions(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(versions);
    return versions;
}

const struct eligibility_rules *eligibility_version(uint32_t version)
{
    for (size_t i = 0; i < ARRAY_LEN(versions); i++)
        if (versions[i].version == version) return &versions[i];
    return NULL;
}

static const struct {
    const char *word, *zh, *en;
    enum eligibility_outcome outcome;
} rules[ELIGIBILITY_RULES] = {
#define X(number, name, word, outcome, zh, en) [number] = {word, zh, en, outcome},
    ELIGIBILITY_RULE_LIST(X)
#undef X
};

int32_t eligibility_age(int32_t born, int32_t today)
{
    return (today - born) / 10000;
}

/* A document that ends today ends before the terminal comes. */
static bool lasts(int32_t ends, int32_t today)
{
    return ends > today;
}

/* Does the row let this applicant pass? */
static bool passes(enum eligibility_rule rule, const struct eligibility_rules *r,
                   const struct eligibility_question *q)
{
    bool licensed = q->type == APPLICANT_INDIVIDUAL || q->type == APPLICANT_COMPANY;
    switch (rule) {
    case ELIGIBILITY_TYPE:
        return (r->types & 1u << q->type) != 0;
    case ELIGIBILITY_NEED:
        return q->needs != 0;
    case ELIGIBILITY_TURNOVER:
        return q->turnover_minor >= 0;
    case ELIGIBILITY_CAP:
        return q->turnover_minor <= r->cap_minor;
    case ELIGIBILITY_YOUNG:
        return eligibility_age(q->born, q->today) >= r->age_min;
    case ELIGIBILITY_OLD:
        return eligibility_age(q->born, q->today) <= r->age_max;
    case ELIGIBILITY_IDENTITY:
        return lasts(q->identity_ends, q->today);
    case ELIGIBILITY_LICENCE:
        return !licensed || lasts(q->licence_ends, q->today);
    case ELIGIBILITY_LISTED:
        return !q->black_listed;
    case ELIGIBILITY_MICRO:
        return q->type != APPLICANT_MICRO || q->micro_merchants < r->micro_merchants_max;
    case ELIGIBILITY_RULES:
        break;
    }
    ENSURE(!"a row of the table");
    return false;
}

err eligibility_decide(const struct eligibility_rules *r, const struct eligibility_question *q,
                       struct eligibility_decision *ret_decision)
{
    struct eligibility_decision d = {r->version, ELIGIBLE, 0};
    bool known = q->type > 0 && q->type < APPLICANT_TYPES && (q->needs & ~(unsigned)NEEDS_ALL) == 0;
    if (!known || q->turnover_minor < -1) return ERR(RANGE);
    for (enum eligibility_rule rule = ELIGIBILITY_TYPE; rule < ELIGIBILITY_RULES; rule++) {
        if (passes(rule, r, q)) continue;
        d.findings |= 1u << rule;
        if (rules[rule].outcome > d.outcome) d.outcome = rules[rule].outcome;
    }
    *ret_decision = d;
    return OK;
}

const char *eligibility_rule_word(enum eligibility_rule rule)
{
    ENSURE(rule > 0 && rule < ELIGIBILITY_RULES);
    return rules[rule].word;
}

const char *eligibility_rule_text(enum eligibility_rule rule, bool english)
{
    ENSURE(rule > 0 && rule < ELIGIBILITY_RULES);
    return english ? rules[rule].en : rules[rule].zh;
}

enum eligibility_outcome eligibility_rule_outcome(enum eligibility_rule rule)
{
    ENSURE(rule > 0 && rule < ELIGIBILITY_RULES);
    return rules[rule].outcome;
}

const char *eligibility_outcome_word(enum eligibility_outcome outcome)
{
    static const char *const words[ELIGIBLE_OUTCOMES] = {[ELIGIBLE] = "eligible",
                                                         [ELIGIBLE_OTHER] = "other_offer",
                                                         [ELIGIBLE_LOOK] = "look",
                                                         [ELIGIBLE_MEND] = "mend",
                                                         [ELIGIBLE_NO] = "no"};
    ENSURE(outcome > 0 && outcome < ELIGIBLE_OUTCOMES);
    return words[outcome];
}

const char *applicant_type_word(enum applicant_type type)
{
    static const char *const words[APPLICANT_TYPES] = {[APPLICANT_INDIVIDUAL] = "individual",
                                                       [APPLICANT_MICRO] = "micro",
                                                       [APPLICANT_COMPANY] = "company",
                                                       [APPLICANT_PERSON] = "person"};
    ENSURE(type > 0 && type < APPLICANT_TYPES);
    return words[type];
}
