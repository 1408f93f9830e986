/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * eligibility: may this applicant have the free terminal? (S130, S131, S144)
 *
 * A decision table in versions. A version is a set of numbers (the cap, ages, how many merchants a
 * micro-merchant may be) and is never changed; the rows of the table are below. All rows are asked
 * and every finding is kept: an applicant learns everything at once that he can mend, and a
 * reviewer sees why. What is above the cap gets another offer and no refusal.
 *
 * Pure: what has to be looked up (the black list, other merchants of the same person) is part of
 * the question. Source of the numbers: docs/applications.md names each.
 */

#include "lib/base/bytes.h"
#include "lib/base/err.h"

/* Who applies. Stored: numbers are added and never used again. */
enum applicant_type {
    APPLICANT_INDIVIDUAL = 1, /* 个体工商户: an individual business with a licence */
    APPLICANT_MICRO = 2,      /* 小微商户: a person who trades without one */
    APPLICANT_COMPANY = 3,    /* 企业 */
    APPLICANT_PERSON = 4,     /* 个人: who does not trade */
    APPLICANT_TYPES = 5,
};

/* What the terminal is for: several may be said. Stored as a set. */
enum applicant_need {
    NEED_COUNTER = 1 << 0, /* at a counter */
    NEED_MOBILE = 1 << 1,  /* on the way, at the door */
    NEED_PRINT = 1 << 2,   /* slips on paper */
    NEED_CARDS = 1 << 3,   /* bank cards, not codes alone */
    NEED_CATERING = 1 << 4,
    NEED_HOTEL = 1 << 5,  /* holds */
    NEED_VOLUME = 1 << 6, /* more than 200 payments a day */
    NEED_TILL = 1 << 7,   /* driven by a till */
    NEEDS_ALL = (1 << 8) - 1,
};

struct eligibility_rules {
    uint32_t version;
    int64_t cap_minor; /* of a year's turnover, for the free terminal; itself still under it */
    unsigned types;    /* a set of 1 << enum applicant_type that may have it */
    int32_t age_min, age_max;     /* years; whoever is age_max still may */
    uint32_t micro_merchants_max; /* merchants that one micro-merchant may be with us */
};

/* Newest last; a version is there for ever. */
const struct eligibility_rules *eligibility_versions(size_t *ret_count);
/* NULL: there is no such version. */
const struct eligibility_rules *eligibility_version(uint32_t version);

enum { ELIGIBILITY_LONG_TERM = 99991231, ELIGIBILITY_NONE = 0 };

/* Dates are 20261129, of the calendar of China: owners were born before 1970. */
struct eligibility_question {
    int32_t today;
    enum applicant_type type;
    unsigned needs;
    int64_t turnover_minor;   /* expected, a year; -1: not said */
    int32_t born;             /* of the owner or legal representative */
    int32_t identity_ends;    /* of his identity card; ELIGIBILITY_LONG_TERM, or _NONE: missing */
    int32_t licence_ends;     /* of the business licence, likewise */
    bool black_listed;        /* by a list that may be appealed against */
    uint32_t micro_merchants; /* that the same person already is with us */
};

/* How far a finding goes; the decision is the furthest. Stored. */
enum eligibility_outcome {
    ELIGIBLE = 1,       /* yes */
    ELIGIBLE_OTHER = 2, /* another offer */
    ELIGIBLE_LOOK = 3,  /* a person must look */
    ELIGIBLE_MEND = 4,  /* the applicant can mend it and send again */
    ELIGIBLE_NO = 5,    /* no, with a way of appeal */
    ELIGIBLE_OUTCOMES = 6,
};

/* number (stored), name, word, outcome when it fails, Chinese and English: what happened and what
 * to do */
#define ELIGIBILITY_RULE_LIST(X)                                                                 \
    X(1, TYPE, "type", ELIGIBLE_OTHER,                                                           \
      "免费终端面向个体工商户、小微商户和企业；个人可以申请收款码。",                            \
      "The free terminal is for businesses; a person can have a payment code instead.")          \
    X(2, NEED, "need", ELIGIBLE_MEND, "请选择至少一项使用场景，我们才能推荐合适的终端。",        \
      "Say at least one thing that the terminal is for, so that we can recommend one.")          \
    X(3, TURNOVER, "turnover", ELIGIBLE_MEND, "请填写预计年营业额。",                            \
      "Say how much a year will bring.")                                                         \
    X(4, CAP, "cap", ELIGIBLE_OTHER,                                                             \
      "预计年营业额超过免费终端的上限；您可以购买或租用终端，费率另议。",                        \
      "Above the limit of the free terminal: buy or rent one, with fees that are agreed apart.") \
    X(5, YOUNG, "young", ELIGIBLE_NO,                                                            \
      "负责人未满规定年龄；可由成年的法定代表人重新申请，或拨打客服申诉。",                      \
      "The owner is too young; an adult representative may apply, or call us to appeal.")        \
    X(6, OLD, "old", ELIGIBLE_LOOK, "负责人超过自动审核的年龄，由工作人员联系您。",              \
      "Above the age up to which this is decided by itself: somebody will call.")                \
    X(7, IDENTITY, "identity", ELIGIBLE_MEND, "身份证缺失或已到期，请上传有效期内的身份证。",    \
      "The identity card is missing or ends: send one that is valid.")                           \
    X(8, LICENCE, "licence", ELIGIBLE_MEND, "营业执照缺失或已到期，请上传有效期内的营业执照。",  \
      "The business licence is missing or ends: send one that is valid.")                        \
    X(9, LISTED, "listed", ELIGIBLE_NO,                                                          \
      "该主体在风险名单中，不能受理；如有异议，请在30天内提交申诉材料。",                        \
      "On a list of risks; if that is wrong, send what proves it within 30 days.")               \
    X(10, MICRO, "micro", ELIGIBLE_NO,                                                           \
      "同一身份证的小微商户数量已达上限；可先注销不用的商户，或办理营业执照后申请。",            \
      "As many micro-merchants as one person may be: close one, or apply with a licence.")

enum eligibility_rule {
#define X(number, name, word, outcome, zh, en) ELIGIBILITY_##name = number,
    ELIGIBILITY_RULE_LIST(X)
#undef X
        ELIGIBILITY_RULES,
};

struct eligibility_decision {
    uint32_t version;
    enum eligibility_outcome outcome;
    uint32_t findings; /* a set of 1 << enum eligibility_rule that failed */
};

/* Asks every row. Errors: RANGE (a type or need that there is not). */
MUST_USE err eligibility_decide(const struct eligibility_rules *rules,
                                const struct eligibility_question *question,
                                struct eligibility_decision *ret_decision);

/* "cap" */
const char *eligibility_rule_word(enum eligibility_rule rule);
const char *eligibility_rule_text(enum eligibility_rule rule, bool english);
enum eligibility_outcome eligibility_rule_outcome(enum eligibility_rule rule);
/* "other_offer" */
const char *eligibility_outcome_word(enum eligibility_outcome outcome);
const char *applicant_type_word(enum applicant_type type);

/* Whole years between two dates: who is born on 29 February has his birthday on 1 March of other
 * years. */
int32_t eligibility_age(int32_t born, int32_t today);
