/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * quota: how much a merchant may take, as a table of rules (S86), what it has taken, and the words
 * in which a refusal names its limit. Pure: the acquirer keeps the sums and has the table from the
 * registry; the terminal reads the notice.
 *
 * A rule limits one payment, a day or a calendar month of a merchant, for every card or one kind of
 * card, and for every way or one way in which it was read, by amount or by count. It holds for the
 * merchants of one risk class or for every merchant; a rule of a class takes the place of one for
 * every merchant that limits the same. A rule of a person is held against what all merchants of one
 * person have taken together (S144: 1,000 a day and 10,000 a month of each identity, however many
 * shops). Market facts 7, 8 and 9; all of it is data.
 *
 * Days and months are Beijing's. A day is the number of days since 1970-01-01 there.
 */

#include "payment/payment.h"

/* What a rule may be about; 0 is everything. The letters stand in notices: added to, never changed.
 */
enum quota_card {
    QUOTA_CARD_ANY,
    QUOTA_CARD_DEBIT,
    QUOTA_CARD_CREDIT,
    QUOTA_CARD_FOREIGN,
    QUOTA_CARD_WALLET,
    QUOTA_CARDS,
};

enum quota_entry {
    QUOTA_ENTRY_ANY,
    QUOTA_ENTRY_MANUAL,
    QUOTA_ENTRY_SWIPE,
    QUOTA_ENTRY_CHIP,
    QUOTA_ENTRY_CONTACTLESS,
    QUOTA_ENTRY_CODE,
    QUOTA_ENTRY_STATIC, /* a code printed once that customers scan */
    QUOTA_ENTRY_SHOWN,  /* one that the terminal shows for this payment */
    QUOTA_ENTRIES,
};

enum quota_period { QUOTA_PAYMENT, QUOTA_DAY, QUOTA_MONTH, QUOTA_PERIODS };

enum quota_unit { QUOTA_AMOUNT, QUOTA_COUNT, QUOTA_UNITS };

enum {
    QUOTA_RULES_MAX = 256,
    QUOTA_CLASSES_MAX = 32, /* of risk, in one table */
    QUOTA_CLASS_MAX = 16,   /* characters of a name: small letters, digits, '_' */
    QUOTA_EVERY = 0xff,     /* the class of a rule for every merchant */
};

#define QUOTA_MOST_MAX INT64_C(9999999999) /* ten digits in a notice: 99,999,999.99 yuan */

struct quota_rule {
    uint8_t class; /* place among the classes, or QUOTA_EVERY */
    enum quota_card card;
    enum quota_entry entry;
    enum quota_period period;
    enum quota_unit unit;
    bool person;  /* over all merchants of one person */
    int64_t most; /* fen or payments, inclusive; 0: not at all */
};

struct quota_table {
    uint32_t version; /* 0: the one that the program was built with */
    size_t classes, rules;
    char class[QUOTA_CLASSES_MAX][QUOTA_CLASS_MAX + 1]; /* the first is for who has none */
    struct quota_rule rule[QUOTA_RULES_MAX];
};

/* ---- what was taken ---- */

struct quota_sum {
    int64_t minor, count;
};

/* Of one merchant. Rows and columns 0 are over all of the others. All zero: nothing yet. */
struct quota_sums {
    int32_t day, month;                                 /* of `in`; month: year * 12 + month - 1 */
    struct quota_sum in[2][QUOTA_CARDS][QUOTA_ENTRIES]; /* QUOTA_DAY, QUOTA_MONTH minus one */
};

/* Under what a payment counts. ANY: of that nothing is known. */
struct quota_place {
    enum quota_card card;
    enum quota_entry entry;
    int32_t day;
};

int32_t quota_day(int64_t at_ms);
int32_t quota_month(int32_t day);

enum quota_card quota_card_of(enum payment_card_class class);
enum quota_entry quota_entry_of(const struct payment *payment);

/*
 * The day on which something that happens now counts: `day`, but never one before the last, so that
 * a clock which is put back gives nobody a second day.
 */
int32_t quota_day_of(const struct quota_sums *sums, int32_t day);

/* Counts `minor` there, or with sign -1 takes it out. What is of a day or a month that is over has
 * gone with it; one that is new begins at zero. */
void quota_add(struct quota_sums *sums, const struct quota_place *place, int sign, int64_t minor);

/* Adds what `from` has of the day and the month of `into`, or turns `into` to the later day. */
void quota_merge(struct quota_sums *into, const struct quota_sums *from);

/* ---- judging ---- */

/* What was taken before: by the merchant, and by all merchants of his person. */
struct quota_taken {
    const struct quota_sums *shop, *person; /* NULL: nothing */
};

/* What a refusal says. */
struct quota_notice {
    enum quota_card card;
    enum quota_entry entry;
    enum quota_period period;
    enum quota_unit unit;
    bool person;        /* of all his shops together */
    int64_t most, left; /* `left`: of the period, before this payment */
};

/*
 * May a merchant of this class take `minor` more there? False when a limit says no, into *ret: of
 * several the one that holds longest. `whole`: days and months are asked for too, and not only the
 * limit of one payment.
 */
bool quota_allows(const struct quota_table *table, size_t class, const struct quota_taken *taken,
                  const struct quota_place *place, int64_t minor, bool whole,
                  struct quota_notice *ret);

/* Does this rule hold for merchants of that class, and none of the class's own in its place? */
bool quota_holds(const struct quota_table *table, size_t class, const struct quota_rule *rule);

/* "57" not at all, "61" amount, "65" count. */
const char *quota_code(const struct quota_notice *notice);

/* Field 44 of our own profile, PAYMENT_NOTICE_MAX characters: letters of period, card, entry and
 * unit (a small one: of a person), ten digits of `most`, ten of `left`. */
void quota_notice_write(const struct quota_notice *notice, char out[static PAYMENT_NOTICE_MAX + 1]);
/* FORMAT when it is none. */
MUST_USE err quota_notice_read(const char *text, struct quota_notice *out);

/* ---- the table as text ---- */

/* Where a text is wrong, and why. */
struct quota_fault {
    unsigned line;
    const char *why;
};

/*
 * Lines of words; '#' begins a comment. First "limits VERSION", then "class NAME" for each class of
 * risk, then the rules: CLASS|every, any|debit|credit|foreign|wallet, any|manual|swipe|chip|
 * contactless|code|static|shown, payment|day|month, amount YUAN | count NUMBER, and "person" behind
 * it when it is over all merchants of one person. Errors: FORMAT, with where and why; `out` is
 * untouched then.
 */
MUST_USE err quota_table_parse(struct bytes text, struct quota_table *out,
                               struct quota_fault *fault);
/* The same text again, without its comments. */
void quota_table_write(const struct quota_table *table, struct writer *w);
/* The table that holds where none is published. ENSURE: it parses. */
void quota_table_default(struct quota_table *out);
struct bytes quota_default_text(void);

/* The place of a class; 0, the first, for a name that there is not. */
size_t quota_class(const struct quota_table *table, const char *name);
bool quota_class_known(const struct quota_table *table, struct bytes name);

/* "credit", "contactless", "day", "amount": the words of the text. Never NULL. */
const char *quota_card_name(enum quota_card card);
const char *quota_entry_name(enum quota_entry entry);
const char *quota_period_name(enum quota_period period);
const char *quota_unit_name(enum quota_unit unit);
