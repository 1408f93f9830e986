/* SPDX-License-Identifier: Apache-2.0 */
/* The table of limits as text: a word for everything, a line for each rule. */
#include "payment/quota.h"

static const char *const cards[QUOTA_CARDS] = {"any", "debit", "credit", "foreign", "wallet"};
static const char *const entries[QUOTA_ENTRIES] = {"any",         "manual", "swipe",  "chip",
                                                   "contactless", "code",   "static", "shown"};
static const char *const periods[QUOTA_PERIODS] = {"payment", "day", "month"};
static const char *const units[QUOTA_UNITS] = {"amount", "count"};

/*
 * Market facts 8: micro merchants take 1,000 a day and 10,000 a month from credit cards, counted by
 * the identity of the owner: a second shop brings nobody a second limit. What a
 * customer may pay at a plate is said by the plate's class (registry/plate.h). The other
 * two are ours, for merchants of whom little is known yet, and of whom something is.
 */
static const char default_text[] = "limits 0\n"
                                   "class standard\n"
                                   "class micro\n"
                                   "class new\n"
                                   "class watched\n"
                                   "micro credit any day amount 1000.00 person\n"
                                   "micro credit any month amount 10000.00 person\n"
                                   "new any any day amount 50000.00\n"
                                   "new any any month amount 500000.00\n"
                                   "new any manual day count 10\n"
                                   "watched any any payment amount 2000.00\n"
                                   "watched any any day amount 10000.00\n"
                                   "watched any any day count 50\n"
                                   "watched any manual payment amount 0.00\n"
                                   "watched foreign any payment amount 0.00\n";

const char *quota_card_name(enum quota_card card)
{
    ENSURE(card < QUOTA_CARDS);
    return cards[card];
}

const char *quota_entry_name(enum quota_entry entry)
{
    ENSURE(entry < QUOTA_ENTRIES);
    return entries[entry];
}

const char *quota_period_name(enum quota_period period)
{
    ENSURE(period < QUOTA_PERIODS);
    return periods[period];
}

const char *quota_unit_name(enum quota_unit unit)
{
    ENSURE(unit < QUOTA_UNITS);
    return units[unit];
}

/* ---- reading ---- */

enum { WORDS_MAX = 7 };

struct line {
    size_t words;
    struct bytes word[WORDS_MAX];
};

/* Up to the next `stop` byte, which is taken and not given. */
static struct bytes take_until(struct reader *r, const char *stop)
{
    struct bytes rest = r->left;
    size_t len = 0;
    while (len < rest.len && strchr(stop, rest.at[len]) == NULL) len++;
    struct bytes taken = read_bytes(r, len);
    if (r->left.len > 0) (void)read_bytes(r, 1);
    return taken;
}

/* False: it has more words than any line may have. */
static bool split(struct bytes text, struct line *out)
{
    struct reader whole = reader_over(text);
    struct reader r = reader_over(take_until(&whole, "#"));
    *out = (struct line){0};
    while (r.left.len > 0) {
        struct bytes word = take_until(&r, " \t");
        if (word.len == 0) continue;
        if (out->words == WORDS_MAX) return false;
        out->word[out->words++] = word;
    }
    return true;
}

static bool is(const struct line *line, size_t place, const char *word)
{
    return bytes_equal(line->word[place], bytes_text(word));
}

static bool number(struct bytes digits, int64_t *ret)
{
    int64_t value = 0;
    if (!bytes_all_digits(digits) || digits.len > 10) return false;
    for (size_t i = 0; i < digits.len; i++) value = value * 10 + (digits.at[i] - '0');
    *ret = value;
    return true;
}

static bool among(const char *const *names, size_t count, struct bytes word, unsigned *ret)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_equal(word, bytes_text(names[i]))) {
            *ret = (unsigned)i;
            return true;
        }
    return false;
}

static const char *read_version(const struct line *line, struct quota_table *table)
{
    int64_t version = 0;
    if (line->words != 2 || !is(line, 0, "limits") || !number(line->word[1], &version) ||
        version > UINT32_MAX)
        return "the first line must be: limits VERSION";
    table->version = (uint32_t)version;
    return NULL;
}

static bool is_class_name(struct bytes name)
{
    if (name.len == 0 || name.len > QUOTA_CLASS_MAX) return false;
    for (size_t i = 0; i < name.len; i++)
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_", name.at[i]) == NULL ||
            name.at[i] == '\0')
            return false;
    return true;
}

static const char *read_class(const struct line *line, struct quota_table *table)
{
    if (table->rules > 0) return "classes stand before the rules";
    if (line->words != 2 || !is_class_name(line->word[1]) || is(line, 1, "every") ||
        is(line, 1, "class"))
        return "a class is named by 1 to 16 small letters, digits or '_'";
    if (quota_class_known(table, line->word[1])) return "this class is named twice";
    if (table->classes == QUOTA_CLASSES_MAX) return "more than 32 classes";
    char *name = table->class[table->classes++];
    memcpy(name, line->word[1].at, line->word[1].len);
    return NULL;
}

/* The value behind "amount" or "count". */
static bool read_most(const struct line *line, struct quota_rule *rule)
{
    if (rule->unit == QUOTA_COUNT)
        return number(line->word[5], &rule->most) && rule->period != QUOTA_PAYMENT;
    return !FAILED(money_parse(line->word[5], &rule->most)) && rule->most <= QUOTA_MOST_MAX;
}

static bool limits_the_same(const struct quota_rule *a, const struct quota_rule *b)
{
    return a->class == b->class && a->card == b->card && a->entry == b->entry &&
           a->period == b->period && a->unit == b->unit && a->person == b->person;
}

/* Whom it is about: the first word. */
static bool read_whom(const struct line *line, const struct quota_table *table,
                      struct quota_rule *rule)
{
    rule->class = QUOTA_EVERY;
    if (is(line, 0, "every")) return true;
    if (!quota_class_known(table, line->word[0])) return false;
    char name[QUOTA_CLASS_MAX + 1] = "";
    memcpy(name, line->word[0].at, line->word[0].len);
    rule->class = (uint8_t)quota_class(table, name);
    return true;
}

/* What it is about: the four words behind that. */
static const char *read_subject(const struct line *line, struct quota_rule *rule)
{
    unsigned card, entry, period, unit;
    if (!among(cards, QUOTA_CARDS, line->word[1], &card))
        return "a card is any, debit, credit, foreign or wallet";
    if (!among(entries, QUOTA_ENTRIES, line->word[2], &entry))
        return "an entry is any, manual, swipe, chip, contactless, code, static or shown";
    if (!among(periods, QUOTA_PERIODS, line->word[3], &period))
        return "a period is payment, day or month";
    if (!among(units, QUOTA_UNITS, line->word[4], &unit)) return "a limit is an amount or a count";
    rule->card = (enum quota_card)card;
    rule->entry = (enum quota_entry)entry;
    rule->period = (enum quota_period)period;
    rule->unit = (enum quota_unit)unit;
    return NULL;
}

/* One payment is one merchant's: it has no limit of a person. */
static bool read_person(const struct line *line, struct quota_rule *rule)
{
    rule->person = line->words == 7;
    return !rule->person || (is(line, 6, "person") && rule->period != QUOTA_PAYMENT);
}

static const char *read_rule(const struct line *line, struct quota_table *table)
{
    struct quota_rule rule = {0};
    if (line->words != 6 && line->words != 7)
        return "a rule is: CLASS CARD ENTRY PERIOD amount YUAN | count NUMBER [person]";
    if (!read_whom(line, table, &rule)) return "there is no such class";
    const char *why = read_subject(line, &rule);
    if (why != NULL) return why;
    if (!read_most(line, &rule))
        return "an amount is at most 99999999.99 yuan; a count is of a day or a month";
    if (!read_person(line, &rule))
        return "behind the limit stands \"person\" or nothing, and not of one payment";
    for (size_t i = 0; i < table->rules; i++)
        if (limits_the_same(&table->rule[i], &rule)) return "this is limited twice";
    if (table->rules == QUOTA_RULES_MAX) return "more than 256 rules";
    table->rule[table->rules++] = rule;
    return NULL;
}

static const char *read_line(const struct line *line, bool first, struct quota_table *table)
{
    if (first) return read_version(line, table);
    return is(line, 0, "class") ? read_class(line, table) : read_rule(line, table);
}

err quota_table_parse(struct bytes text, struct quota_table *out, struct quota_fault *fault)
{
    struct reader r = reader_over(text);
    static const struct quota_table empty;
    struct quota_table table = empty;
    bool first = true;
    unsigned at = 0;
    const char *why = NULL;
    while (why == NULL && r.left.len > 0) {
        struct line line;
        at++;
        if (!split(take_until(&r, "\n"), &line)) why = "a line has at most seven words";
        else if (line.words > 0) {
            why = read_line(&line, first, &table);
            first = false;
        }
    }
    if (why == NULL && table.classes == 0) why = "no class of risk is named";
    if (why != NULL) {
        *fault = (struct quota_fault){at, why};
        return ERR(FORMAT);
    }
    *out = table;
    return OK;
}

/* ---- writing ---- */

void quota_table_write(const struct quota_table *table, struct writer *w)
{
    write_format(w, "limits %u\n", table->version);
    for (size_t i = 0; i < table->classes; i++) write_format(w, "class %s\n", table->class[i]);
    for (size_t i = 0; i < table->rules; i++) {
        const struct quota_rule *rule = &table->rule[i];
        write_format(
            w, "%s %s %s %s %s ", rule->class == QUOTA_EVERY ? "every" : table->class[rule->class],
            cards[rule->card], entries[rule->entry], periods[rule->period], units[rule->unit]);
        if (rule->unit == QUOTA_AMOUNT) money_write(w, rule->most);
        else write_format(w, "%lld", (long long)rule->most);
        write_format(w, rule->person ? " person\n" : "\n");
    }
}

struct bytes quota_default_text(void)
{
    return bytes_text(default_text);
}

void quota_table_default(struct quota_table *out)
{
    struct quota_fault fault;
    if (FAILED(quota_table_parse(quota_default_text(), out, &fault)))
        ensure_failed(__FILE__, __LINE__, "the built-in limits parse");
}

/* ---- classes ---- */

bool quota_class_known(const struct quota_table *table, struct bytes name)
{
    for (size_t i = 0; i < table->classes; i++)
        if (bytes_equal(name, bytes_text(table->class[i]))) return true;
    return false;
}

size_t quota_class(const struct quota_table *table, const char *name)
{
    for (size_t i = 0; i < table->classes; i++)
        if (strcmp(name, table->class[i]) == 0) return i;
    return 0;
}
