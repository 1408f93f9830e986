/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * form: what an applicant fills in, field by field, as a table: the question, what a value must
 * look like, and what to do when it does not (S129). What was typed is brought into one spelling
 * (spaces and full-width digits away, "360,000" to "360000.00"); what cannot be is refused with the
 * field's own sentence. A draft may lack fields; what is sent may not.
 *
 * Two fields are secrets: identity and account. A form that was read from the store has them
 * masked ("110***********2316", "****5678").
 *
 * Lengths and rules are the defaults of the trade (docs/applications.md).
 */

#include "backoffice/applications/eligibility.h"

enum {
    APPLY_TEXT_MAX = 120, /* bytes of UTF-8 */
    APPLY_IDENTITY_CHARS = 18,
    APPLY_STEPS = 4, /* pages of the form that have fields */
};

enum apply_kind {
    APPLY_IS_TEXT, /* min and max characters, no controls */
    APPLY_IS_TYPE,
    APPLY_IS_NEEDS, /* words of needs, a space between them, in their own order */
    APPLY_IS_MONEY,
    APPLY_IS_IDENTITY, /* GB 11643: 18 characters with their check digit and a real date */
    APPLY_IS_UNTIL,    /* "2030-01-31", or "long-term" */
    APPLY_IS_CREDIT,   /* GB 32100: 18 characters with their check character */
    APPLY_IS_PHONE,    /* 11 digits of a mobile phone in China */
    APPLY_IS_DIGITS,   /* min to max of them */
    APPLY_IS_TRADE,    /* a code of trades.h */
    APPLY_IS_REGION,   /* six digits, of a city of regions.h or of a district in it */
};

/* number (stored), name, word, kind, min, max, page of the form, secret, questions and rules in
 * both languages */
#define APPLY_FIELD_LIST(X)                                                                       \
    X(1, TYPE, "type", APPLY_IS_TYPE, 0, 0, 1, false, "申请人类型", "Who applies",                \
      "请选择申请人类型。", "Choose who applies.")                                                \
    X(2, NEEDS, "needs", APPLY_IS_NEEDS, 0, 0, 1, false, "使用场景（可多选）",                    \
      "What is the terminal for?", "请至少选择一项使用场景。", "Choose at least one.")            \
    X(3, TURNOVER, "turnover", APPLY_IS_MONEY, 0, 0, 1, false, "预计年营业额（元）",              \
      "Expected turnover of a year (yuan)", "请填写金额，例如 360000。",                          \
      "Give an amount, such as 360000.")                                                          \
    X(4, SHOP, "shop", APPLY_IS_TEXT, 2, 13, 2, false, "店铺名称", "Name of the shop",            \
      "地区+字号+行业，7至13个字，例如“海淀区开源茶馆”。",                                        \
      "Region, name and trade in 7 to 13 characters, such as 海淀区开源茶馆.")                    \
    X(5, TRADE, "trade", APPLY_IS_TRADE, 4, 4, 2, false, "行业", "Trade", "请从列表中选择行业。", \
      "Choose the trade from the list.")                                                          \
    X(6, REGION, "region", APPLY_IS_REGION, 6, 6, 2, false, "所在城市", "City",                   \
      "请从列表中选择所在城市。", "Choose the city from the list.")                               \
    X(7, ADDRESS, "address", APPLY_IS_TEXT, 6, 30, 2, false, "详细地址", "Address",               \
      "地址为6至30个字，请写到门牌号。", "6 to 30 characters, down to the house number.")         \
    X(8, OWNER, "owner", APPLY_IS_TEXT, 2, 30, 3, false, "负责人或法定代表人姓名",                \
      "Name of the owner or representative", "请填写身份证上的姓名。",                            \
      "Give the name on the identity card.")                                                      \
    X(9, IDENTITY, "identity", APPLY_IS_IDENTITY, 0, 0, 3, true, "身份证号", "Identity number",   \
      "身份证号应为18位，请逐位核对。", "18 characters: compare them with the card one by one.")  \
    X(10, IDENTITY_ENDS, "identity_ends", APPLY_IS_UNTIL, 0, 0, 3, false, "身份证有效期至",       \
      "Identity card is valid until", "请按“2030-01-31”填写，长期有效填“长期”。",                 \
      "Write it as 2030-01-31, or \"long-term\".")                                                \
    X(11, LICENCE, "licence", APPLY_IS_CREDIT, 0, 0, 3, false, "统一社会信用代码",                \
      "Unified social credit code", "统一社会信用代码应为18位，请与营业执照逐位核对。",           \
      "18 characters: compare them with the business licence one by one.")                        \
    X(12, LICENCE_ENDS, "licence_ends", APPLY_IS_UNTIL, 0, 0, 3, false, "营业执照有效期至",       \
      "Business licence is valid until", "请按“2030-01-31”填写，长期有效填“长期”。",              \
      "Write it as 2030-01-31, or \"long-term\".")                                                \
    X(13, PHONE, "phone", APPLY_IS_PHONE, 0, 0, 3, false, "手机号", "Mobile telephone",           \
      "请填写11位手机号。", "Give the 11 digits of a mobile telephone.")                          \
    X(14, BANK, "bank", APPLY_IS_TEXT, 4, 40, 4, false, "开户银行", "Bank",                       \
      "请填写开户银行全称。", "Give the bank's whole name.")                                      \
    X(15, HOLDER, "holder", APPLY_IS_TEXT, 2, 40, 4, false, "账户名", "Account holder",           \
      "请填写账户名，应与申请人一致。", "Give the holder's name: the applicant's own.")           \
    X(16, ACCOUNT, "account", APPLY_IS_DIGITS, 8, 32, 4, true, "结算账号", "Account number",      \
      "账号为8至32位数字。", "8 to 32 digits.")

enum apply_field {
#define X(number, name, ...) APPLY_##name = number,
    APPLY_FIELD_LIST(X)
#undef X
        APPLY_FIELDS,
};

struct apply_field_row {
    const char *word;
    enum apply_kind kind;
    size_t min, max;
    unsigned step; /* 1 to APPLY_STEPS */
    bool secret;
    const char *zh, *en, *rule_zh, *rule_en;
};

const struct apply_field_row *apply_field_row(enum apply_field field);
/* 0 when there is no such word. */
enum apply_field apply_field_of(struct bytes word);

/* Texts are NUL-terminated; empty: not filled in. */
struct apply_form {
    char text[APPLY_FIELDS][APPLY_TEXT_MAX + 1];
    int32_t born; /* 19900101, from the identity number; 0: not known */
};

/* What was typed, in its one spelling. Errors: FORMAT, LENGTH (see the field's rule), RANGE (an
 * amount). Empty stays empty. */
MUST_USE err apply_normalise(enum apply_field field, struct bytes typed,
                             char out[static APPLY_TEXT_MAX + 1]);

/* What may be shown of a value: all of it, or of a secret its mask. */
void apply_mask(enum apply_field field, const char *text, char out[static APPLY_TEXT_MAX + 1]);

/* The date of birth in an identity number that was normalised. */
int32_t apply_born(const char *identity);

/* Fields that are missing before it can be sent, as a set of 1 << enum apply_field. A licence is
 * not asked of who trades without one. */
uint32_t apply_missing(const struct apply_form *form);
bool apply_is_asked(const struct apply_form *form, enum apply_field field);

/*
 * A shop's name says where it is and what it does, in APPLY_NAME_MIN characters or more: its city
 * or province, or a place that its address names, and a word of its trade. What is lacking is a
 * set; nothing is as long as name, trade or region are not filled in.
 */
enum { APPLY_NAME_MIN = 7 };
enum { NAME_LACKS_REGION = 1, NAME_LACKS_TRADE = 2, NAME_LACKS_LENGTH = 4 };
unsigned apply_name_lacks(const struct apply_form *form);

/* A micro-merchant's shop may not be called a company. */
bool apply_name_fits(const struct apply_form *form);

enum applicant_type apply_type(const struct apply_form *form);       /* 0: not said */
const char *apply_type_text(enum applicant_type type, bool english); /* 0: "" */
unsigned apply_needs(const struct apply_form *form);
int64_t apply_turnover(const struct apply_form *form);                      /* -1: not said */
int32_t apply_until(const struct apply_form *form, enum apply_field field); /* 20300131 ... */
