/* SPDX-License-Identifier: Apache-2.0 */
/* Limits: the sums of a merchant, the judgement over a payment, and the notice of a refusal. */
#include "payment/quota.h"

#include <assert.h>

#include "lib/base/clock.h"

#define DAY_MS INT64_C(86400000)

/* ---- days ---- */

int32_t quota_day(int64_t at_ms)
{
    return (int32_t)((at_ms + CLOCK_CHINA_OFFSET_MS) / DAY_MS);
}

int32_t quota_month(int32_t day)
{
    struct civil civil = civil_from_ms(day * DAY_MS);
    return civil.year * 12 + civil.month - 1;
}

int32_t quota_day_of(const struct quota_sums *sums, int32_t day)
{
    return day > sums->day ? day : sums->day;
}

/* ---- places ---- */

enum quota_card quota_card_of(enum payment_card_class class)
{
    switch (class) {
    case PAYMENT_CLASS_DEBIT:
        return QUOTA_CARD_DEBIT;
    case PAYMENT_CLASS_CREDIT:
        return QUOTA_CARD_CREDIT;
    case PAYMENT_CLASS_WALLET:
        return QUOTA_CARD_WALLET;
    case PAYMENT_CLASS_FOREIGN:
        return QUOTA_CARD_FOREIGN;
    case PAYMENT_CLASS_UNKNOWN:
    case PAYMENT_CLASSES:
        break;
    }
    return QUOTA_CARD_ANY;
}

enum quota_entry quota_entry_of(const struct payment *payment)
{
    if (payment->means == PAYMENT_SHOWN && payment->entry != PAYMENT_ENTRY_PLATE)
        return QUOTA_ENTRY_SHOWN;
    switch (payment->entry) {
    case PAYMENT_ENTRY_MANUAL:
        return QUOTA_ENTRY_MANUAL;
    case PAYMENT_ENTRY_SWIPE:
    case PAYMENT_ENTRY_FALLBACK:
        return QUOTA_ENTRY_SWIPE;
    case PAYMENT_ENTRY_CODE:
        return QUOTA_ENTRY_CODE;
    case PAYMENT_ENTRY_PLATE:
        return QUOTA_ENTRY_STATIC;
    case PAYMENT_ENTRY_CHIP:
        return QUOTA_ENTRY_CHIP;
    case PAYMENT_ENTRY_CONTACTLESS:
        return QUOTA_ENTRY_CONTACTLESS;
    case PAYMENT_ENTRY_UNKNOWN:
        break;
    }
    return QUOTA_ENTRY_ANY;
}

/* ---- sums ---- */

static void turn_page(struct quota_sums *sums, int32_t day)
{
    int32_t month = quota_month(day);
    memset(sums->in[QUOTA_DAY - 1], 0, sizeof sums->in[QUOTA_DAY - 1]);
    if (month != sums->month) memset(sums->in[QUOTA_MONTH - 1], 0, sizeof sums->in[0]);
    sums->day = day;
    sums->month = month;
}

static void add_in(struct quota_sum in[QUOTA_CARDS][QUOTA_ENTRIES], const struct quota_place *place,
                   int sign, int64_t minor)
{
    const enum quota_card cards[] = {QUOTA_CARD_ANY, place->card};
    const enum quota_entry entries[] = {QUOTA_ENTRY_ANY, place->entry};
    for (size_t c = 0; c < (place->card == QUOTA_CARD_ANY ? 1 : 2); c++)
        for (size_t e = 0; e < (place->entry == QUOTA_ENTRY_ANY ? 1 : 2); e++) {
            struct quota_sum *sum = &in[cards[c]][entries[e]];
            sum->minor += sign * minor;
            sum->count += sign;
        }
}

void quota_add(struct quota_sums *sums, const struct quota_place *place, int sign, int64_t minor)
{
    ENSURE(place->card < QUOTA_CARDS && place->entry < QUOTA_ENTRIES);
    ENSURE((sign == 1 || sign == -1) && minor >= 0 && minor <= MONEY_FIELD_MAX);
    if (place->day > sums->day) turn_page(sums, place->day);
    if (place->day == sums->day) add_in(sums->in[QUOTA_DAY - 1], place, sign, minor);
    bool month = place->day == sums->day || quota_month(place->day) == sums->month;
    if (month) add_in(sums->in[QUOTA_MONTH - 1], place, sign, minor);
}

void quota_merge(struct quota_sums *into, const struct quota_sums *from)
{
    if (from->day > into->day) turn_page(into, from->day);
    for (enum quota_period p = QUOTA_DAY; p < QUOTA_PERIODS; p++) {
        if (p == QUOTA_DAY ? from->day != into->day : from->month != into->month) continue;
        for (size_t c = 0; c < QUOTA_CARDS; c++)
            for (size_t e = 0; e < QUOTA_ENTRIES; e++) {
                into->in[p - 1][c][e].minor += from->in[p - 1][c][e].minor;
                into->in[p - 1][c][e].count += from->in[p - 1][c][e].count;
            }
    }
}

/* ---- judging ---- */

/* Is the rule about what is paid there? A card of which nothing is known is no credit card yet. */
static bool concerns(const struct quota_rule *rule, const struct quota_place *place)
{
    bool card = rule->card == QUOTA_CARD_ANY || rule->card == place->card;
    return card && (rule->entry == QUOTA_ENTRY_ANY || rule->entry == place->entry);
}

static bool same_subject(const struct quota_rule *a, const struct quota_rule *b)
{
    return a->card == b->card && a->entry == b->entry && a->period == b->period &&
           a->unit == b->unit && a->person == b->person;
}

/* Has the class a rule of its own in the place of this one for every merchant? */
static bool replaced(const struct quota_table *table, size_t class, const struct quota_rule *rule)
{
    for (size_t i = 0; rule->class == QUOTA_EVERY && i < table->rules; i++)
        if (table->rule[i].class == class && same_subject(&table->rule[i], rule)) return true;
    return false;
}

bool quota_holds(const struct quota_table *table, size_t class, const struct quota_rule *rule)
{
    if (rule->class != class && rule->class != QUOTA_EVERY) return false;
    return !replaced(table, class, rule);
}

static int64_t taken_under(const struct quota_rule *rule, const struct quota_sums *sums,
                           int32_t day)
{
    if (sums == NULL || rule->period == QUOTA_PAYMENT) return 0;
    bool now = rule->period == QUOTA_DAY ? day == sums->day : quota_month(day) == sums->month;
    if (!now) return 0;
    const struct quota_sum *sum = &sums->in[rule->period - 1][rule->card][rule->entry];
    return rule->unit == QUOTA_AMOUNT ? sum->minor : sum->count;
}

/* A limit of nothing holds for ever, a month's longer than a day's. */
static bool holds_longer(const struct quota_notice *a, const struct quota_notice *b)
{
    if ((a->most == 0) != (b->most == 0)) return a->most == 0;
    return a->period > b->period;
}

/* Is there room under this rule? If not, what a refusal says. */
static bool fits(const struct quota_rule *rule, const struct quota_sums *sums, int32_t day,
                 int64_t minor, struct quota_notice *ret)
{
    int64_t left = rule->most - taken_under(rule, sums, day);
    if ((rule->unit == QUOTA_AMOUNT ? minor : 1) <= left) return true;
    *ret = (struct quota_notice){.card = rule->card,
                                 .entry = rule->entry,
                                 .period = rule->period,
                                 .unit = rule->unit,
                                 .person = rule->person,
                                 .most = rule->most,
                                 .left = left > 0 ? left : 0};
    return false;
}

static const struct quota_sums *taken_by(const struct quota_rule *rule,
                                         const struct quota_taken *taken)
{
    return rule->person ? taken->person : taken->shop;
}

bool quota_allows(const struct quota_table *table, size_t class, const struct quota_taken *taken,
                  const struct quota_place *place, int64_t minor, bool whole,
                  struct quota_notice *ret)
{
    bool allowed = true;
    struct quota_notice worst = {.period = QUOTA_PAYMENT}, notice;
    for (size_t i = 0; i < table->rules; i++) {
        const struct quota_rule *rule = &table->rule[i];
        if (rule->class != class && rule->class != QUOTA_EVERY) continue;
        if (!concerns(rule, place) || (rule->period != QUOTA_PAYMENT && !whole)) continue;
        if (fits(rule, taken_by(rule, taken), place->day, minor, &notice) ||
            replaced(table, class, rule))
            continue;
        if (allowed || holds_longer(&notice, &worst)) worst = notice;
        allowed = false;
    }
    if (!allowed) *ret = worst;
    return allowed;
}

/* ---- notices ---- */

const char *quota_code(const struct quota_notice *notice)
{
    if (notice->most == 0) return "57";
    return notice->unit == QUOTA_COUNT ? "65" : "61";
}

static const char period_letter[] = "PDM", card_letter[] = "ADCFW", entry_letter[] = "AMSICQXT",
                  unit_letter[] = "ANan"; /* the small ones: of a person */
static_assert(sizeof period_letter == QUOTA_PERIODS + 1, "a letter each");
static_assert(sizeof card_letter == QUOTA_CARDS + 1, "a letter each");
static_assert(sizeof entry_letter == QUOTA_ENTRIES + 1, "a letter each");
static_assert(sizeof unit_letter == 2 * QUOTA_UNITS + 1, "two letters each");

void quota_notice_write(const struct quota_notice *notice, char out[static PAYMENT_NOTICE_MAX + 1])
{
    struct writer w = writer_over(out, PAYMENT_NOTICE_MAX);
    ENSURE(notice->most >= 0 && notice->most <= QUOTA_MOST_MAX);
    ENSURE(notice->left >= 0 && notice->left <= QUOTA_MOST_MAX);
    const char letters[] = {period_letter[notice->period], card_letter[notice->card],
                            entry_letter[notice->entry],
                            unit_letter[notice->unit + (notice->person ? QUOTA_UNITS : 0)]};
    write_bytes(&w, BYTES_OF(letters));
    write_decimal(&w, (uint64_t)notice->most, 10);
    write_decimal(&w, (uint64_t)notice->left, 10);
    ENSURE(w.fault == ERR_OK && w.len == PAYMENT_NOTICE_MAX);
    out[w.len] = '\0';
}

/* The place of a letter, or a fault. */
static unsigned letter_place(struct reader *r, const char *letters)
{
    struct bytes one = read_bytes(r, 1);
    const char *found = one.len == 1 && one.at[0] != '\0' ? strchr(letters, one.at[0]) : NULL;
    if (found != NULL) return (unsigned)(found - letters);
    reader_fail(r, ERR_FORMAT);
    return 0;
}

static int64_t ten_digits(struct reader *r)
{
    int64_t high = read_digits(r, 5);
    return high * 100000 + read_digits(r, 5);
}

err quota_notice_read(const char *text, struct quota_notice *out)
{
    struct reader r = reader_over(bytes_text(text));
    struct quota_notice n = {.period = (enum quota_period)letter_place(&r, period_letter)};
    n.card = (enum quota_card)letter_place(&r, card_letter);
    n.entry = (enum quota_entry)letter_place(&r, entry_letter);
    unsigned unit = letter_place(&r, unit_letter);
    n.unit = (enum quota_unit)(unit % QUOTA_UNITS);
    n.person = unit >= QUOTA_UNITS;
    n.most = ten_digits(&r);
    n.left = ten_digits(&r);
    if (FAILED(reader_finish(&r)) || n.left > n.most) return ERR(FORMAT);
    *out = n;
    return OK;
}
