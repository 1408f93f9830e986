/* SPDX-License-Identifier: Apache-2.0 */
/* Campaigns in words: the tables of /api/v1, and struct offer_campaign. */
#include "backoffice/loyalty/campaign_json.h"

#include <assert.h>

#include "lib/base/reader.h"

static const char *const kinds[] = {"amount_off", "percent_off", "coupon",      "random",
                                    "stamps",     "birthday",    "first_order", NULL};
static const char *const measures[] = {"amount", "rate", "draw", NULL};
static const char *const roundings[] = {"down", "up", "half_even", NULL};
static const char *const birthdays[] = {"the_day", "three_days_around", "the_month", NULL};
static const char *const stackings[] = {"alone", "with_points", "with_others", NULL};
const char *const campaign_states[] = {"draft", "running", "paused", "ended", NULL};

static_assert(ARRAY_LEN(kinds) == OFFER_KINDS && ARRAY_LEN(measures) == OFFER_MEASURES &&
                  ARRAY_LEN(roundings) == OFFER_ROUNDINGS &&
                  ARRAY_LEN(birthdays) == OFFER_BIRTHDAYS &&
                  ARRAY_LEN(stackings) == OFFER_STACKINGS &&
                  ARRAY_LEN(campaign_states) == LOYALTY_CAMPAIGN_STATES,
              "a word for each, in their order");

#define MONEY .max = OFFER_MINOR_MAX
#define FREE  .optional = true

/* clang-format off */
#define BODY_FIELDS \
    {"name_zh", API_TEXT, .min = 1, .max = OFFER_NAME_MAX, .text = "What it is called in Chinese"}, \
    {"name_en", API_TEXT, .min = 1, .max = OFFER_NAME_MAX, .text = "What it is called in English"}, \
    {"kind", API_WORD, .words = kinds, .text = "What it is about"}, \
    {"measure", API_WORD, .words = measures, .text = "How the reduction is reckoned"}, \
    {"off_minor", API_MONEY, FREE, MONEY, .text = "Of an amount: what is taken off"}, \
    {"each_minimum", API_BOOL, FREE, .text = "Of an amount: for every whole minimum"}, \
    {"rate_ppm", API_INT, FREE, .max = OFFER_RATE_WHOLE, .text = "Of a rate: parts of a million of the price"}, \
    {"rounding", API_WORD, FREE, .words = roundings, .text = "Of a rate: to the fen"}, \
    {"low_minor", API_MONEY, FREE, MONEY, .text = "Of a draw: the least"}, \
    {"high_minor", API_MONEY, FREE, MONEY, .text = "Of a draw: the most"}, \
    {"cap_minor", API_MONEY, FREE, MONEY, .text = "The most for one sale; 0: no cap"}, \
    {"minimum_minor", API_MONEY, FREE, MONEY, .text = "The price from which it is given"}, \
    {"stamps_every", API_INT, FREE, .max = OFFER_STAMPS_MAX, .text = "Of stamps: given at every so manieth purchase"}, \
    {"birthday", API_WORD, FREE, .words = birthdays, .text = "Of birthdays: on which days"}, \
    {"from_ms", API_TIME, .text = "When it begins"}, \
    {"until_ms", API_TIME, .text = "When it ends"}, \
    {"weekdays", API_INT, FREE, .min = 1, .max = 127, .text = "1 is Monday, 2 Tuesday, 4 Wednesday ... added up; left out: all"}, \
    {"from_minute", API_INT, FREE, .max = OFFER_DAY_MINUTES - 1, .text = "From this minute of the shop's day"}, \
    {"until_minute", API_INT, FREE, .min = 1, .max = OFFER_DAY_MINUTES, .text = "To this minute; below the first: over midnight"}, \
    {"shops", API_TEXTS, FREE, .max = OFFER_SHOPS_MAX, .text = "Numbers of outlets, rising; left out: all"}, \
    {"members_only", API_BOOL, FREE, .text = "For members only"}, \
    {"tiers", API_INT, FREE, .max = 255, .text = "1 is tier 0, 2 tier 1, 4 tier 2 ... added up; 0: all"}, \
    {"per_member_day", API_INT, FREE, .max = OFFER_USES_MAX, .text = "How often a member may use it in a day; 0: no limit"}, \
    {"per_member", API_INT, FREE, .max = OFFER_USES_MAX, .text = "How often a member may use it at all; 0: no limit"}, \
    {"budget_minor", API_MONEY, MONEY, .text = "What it may cost altogether"}, \
    {"budget_count", API_INT, FREE, MONEY, .text = "How often it may be given; 0: as long as the money lasts"}, \
    {"group", API_INT, FREE, .max = 255, .text = "At most one of a group in a sale; 0: a group of its own"}, \
    {"stacking", API_WORD, .words = stackings, .text = "What may be given beside it"}, \
    {"version", API_INT, FREE, .max = UINT32_MAX, .text = "The one that was seen; of a new one left out"}

static const struct api_field body_fields[] = {BODY_FIELDS};
const struct api_schema campaign_body_schema = {"CampaignBody", body_fields, ARRAY_LEN(body_fields)};

static const struct api_field campaign_fields[] = {
    {"campaign", API_TEXT, .min = 1, .max = LOYALTY_ID_LEN, .text = "Its number"},
    {"state", API_WORD, .words = campaign_states, .text = "What it does"},
    {"changed_ms", API_TIME, .text = "When it was last changed"},
    {"changed_by", API_TEXT, .max = LOYALTY_BY_MAX, .text = "By whom"},
    {"left_minor", API_MONEY, MONEY, .text = "What is free of its budget"},
    {"given_minor", API_MONEY, MONEY, .text = "What it has given"},
    {"given_times", API_INT, MONEY, .text = "How often"},
    BODY_FIELDS,
};
/* clang-format on */
const struct api_schema campaign_schema = {"Campaign", campaign_fields, ARRAY_LEN(campaign_fields)};

/* ---- reading ---- */

err campaign_word(const struct json_t *body, const char *name, const char *const *words,
                  int *ret_number)
{
    struct bytes word;
    *ret_number = 0;
    if (!json_has(body, name)) return OK;
    TRY(json_text(body, name, API_PARAM_MAX, &word));
    for (int i = 0; words[i] != NULL; i++)
        if (bytes_equal(bytes_text(words[i]), word)) *ret_number = i + 1;
    return OK;
}

/* 0 when it is left out. The table has bounded it. */
static err number(const struct json_t *body, const char *name, int64_t *ret)
{
    *ret = 0;
    return json_has(body, name) ? json_int(body, name, 0, INT64_MAX, ret) : OK;
}

static err truth(const struct json_t *body, const char *name, bool *ret)
{
    *ret = false;
    return json_has(body, name) ? json_bool(body, name, ret) : OK;
}

static err read_benefit(const struct json_t *body, struct offer_campaign *c)
{
    int kind, measure, rounding, birthday, stacking;
    int64_t rate, stamps;
    TRY(campaign_word(body, "kind", kinds, &kind));
    TRY(campaign_word(body, "measure", measures, &measure));
    TRY(campaign_word(body, "rounding", roundings, &rounding));
    TRY(campaign_word(body, "birthday", birthdays, &birthday));
    TRY(campaign_word(body, "stacking", stackings, &stacking));
    TRY(number(body, "off_minor", &c->off_minor));
    TRY(truth(body, "each_minimum", &c->each_minimum));
    TRY(number(body, "rate_ppm", &rate));
    TRY(number(body, "low_minor", &c->low_minor));
    TRY(number(body, "high_minor", &c->high_minor));
    TRY(number(body, "cap_minor", &c->cap_minor));
    TRY(number(body, "minimum_minor", &c->minimum_minor));
    TRY(number(body, "stamps_every", &stamps));
    c->kind = (enum offer_kind)kind;
    c->measure = (enum offer_measure)measure;
    c->rounding = (enum offer_rounding)rounding;
    c->birthday = (enum offer_birthday)birthday;
    c->stacking = (enum offer_stacking)stacking;
    c->rate_ppm = (uint32_t)rate;
    c->stamps_every = (uint32_t)stamps;
    return OK;
}

/* A number that is none is 0, which no outlet has: the check names the list. */
static err read_shops(const struct json_t *body, struct offer_campaign *c)
{
    struct json_t *list;
    size_t count = 0;
    if (!json_has(body, "shops")) return OK;
    TRY(json_list(body, "shops", OFFER_SHOPS_MAX, &list, &count));
    for (size_t i = 0; i < count; i++) {
        struct bytes text = {0};
        bool good = !FAILED(json_value_text(json_at(list, i), 9, &text)) && bytes_all_digits(text);
        struct reader r = reader_over(text);
        c->shop[i] = good ? read_digits(&r, text.len) : 0;
    }
    c->shop_count = (uint16_t)count;
    return OK;
}

static err read_time(const struct json_t *body, struct offer_campaign *c)
{
    int64_t weekdays, from, until;
    TRY(json_int(body, "from_ms", 0, INT64_MAX, &c->from_ms));
    TRY(json_int(body, "until_ms", 0, INT64_MAX, &c->until_ms));
    TRY(number(body, "weekdays", &weekdays));
    TRY(number(body, "from_minute", &from));
    TRY(number(body, "until_minute", &until));
    c->weekdays = weekdays == 0 ? 0x7f : (uint8_t)weekdays;
    c->from_minute = (uint16_t)from;
    c->until_minute = until == 0 ? OFFER_DAY_MINUTES : (uint16_t)until;
    return read_shops(body, c);
}

static err read_limits(const struct json_t *body, struct offer_campaign *c)
{
    int64_t tiers, day, all, group, version;
    TRY(truth(body, "members_only", &c->members_only));
    TRY(number(body, "tiers", &tiers));
    TRY(number(body, "per_member_day", &day));
    TRY(number(body, "per_member", &all));
    TRY(number(body, "budget_minor", &c->budget_minor));
    TRY(number(body, "budget_count", &c->budget_count));
    TRY(number(body, "group", &group));
    TRY(number(body, "version", &version));
    c->tiers = (uint8_t)tiers;
    c->per_member_day = (uint32_t)day;
    c->per_member = (uint32_t)all;
    c->group = (uint8_t)group;
    c->version = (uint32_t)version;
    return OK;
}

err campaign_from_json(const struct json_t *body, struct offer_campaign *out)
{
    struct offer_campaign c = {{0}};
    TRY(json_text_copy(body, "name_zh", c.name_zh, sizeof c.name_zh));
    TRY(json_text_copy(body, "name_en", c.name_en, sizeof c.name_en));
    TRY(read_benefit(body, &c));
    TRY(read_time(body, &c));
    TRY(read_limits(body, &c));
    *out = c;
    return OK;
}

/* ---- writing ---- */

static void write_word(struct json_out *j, const char *name, const char *const *words,
                       unsigned value)
{
    if (value > 0) json_member_string(j, name, words[value - 1]);
}

static void write_benefit(struct json_out *j, const struct offer_campaign *c)
{
    write_word(j, "kind", kinds, c->kind);
    write_word(j, "measure", measures, c->measure);
    json_member_int(j, "off_minor", c->off_minor);
    json_member_bool(j, "each_minimum", c->each_minimum);
    json_member_int(j, "rate_ppm", c->rate_ppm);
    write_word(j, "rounding", roundings, c->rounding);
    json_member_int(j, "low_minor", c->low_minor);
    json_member_int(j, "high_minor", c->high_minor);
    json_member_int(j, "cap_minor", c->cap_minor);
    json_member_int(j, "minimum_minor", c->minimum_minor);
    json_member_int(j, "stamps_every", c->stamps_every);
    write_word(j, "birthday", birthdays, c->birthday);
}

static void write_where(struct json_out *j, const struct offer_campaign *c)
{
    json_member_int(j, "from_ms", c->from_ms);
    json_member_int(j, "until_ms", c->until_ms);
    json_member_int(j, "weekdays", c->weekdays);
    json_member_int(j, "from_minute", c->from_minute);
    json_member_int(j, "until_minute", c->until_minute);
    json_member_array(j, "shops");
    for (size_t i = 0; i < c->shop_count; i++) {
        char text[12];
        struct writer w = writer_over(text, sizeof text);
        write_decimal(&w, c->shop[i], 1);
        json_element_text(j, writer_view(&w));
    }
    json_array_end(j);
}

void campaign_to_json(struct json_out *j, const struct loyalty_campaign *campaign)
{
    const struct offer_campaign *c = &campaign->offer;
    json_object_begin(j);
    json_member_string(j, "campaign", c->id);
    write_word(j, "state", campaign_states, campaign->state);
    json_member_int(j, "changed_ms", campaign->changed_ms);
    json_member_string(j, "changed_by", campaign->changed_by);
    json_member_int(j, "left_minor", campaign->left_minor);
    json_member_int(j, "given_minor", campaign->given_minor);
    json_member_int(j, "given_times", campaign->given_uses);
    json_member_string(j, "name_zh", c->name_zh);
    json_member_string(j, "name_en", c->name_en);
    write_benefit(j, c);
    write_where(j, c);
    json_member_bool(j, "members_only", c->members_only);
    json_member_int(j, "tiers", c->tiers);
    json_member_int(j, "per_member_day", c->per_member_day);
    json_member_int(j, "per_member", c->per_member);
    json_member_int(j, "budget_minor", c->budget_minor);
    json_member_int(j, "budget_count", c->budget_count);
    json_member_int(j, "group", c->group);
    write_word(j, "stacking", stackings, c->stacking);
    json_member_int(j, "version", c->version);
    json_object_end(j);
}
