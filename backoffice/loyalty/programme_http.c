/* SPDX-License-Identifier: Apache-2.0 */
/* A merchant's member programme below /api/v1: tiers, points, bonuses, quiet hours. */
#include "backoffice/loyalty/loyalty_room.h"
#include "backoffice/parts.h"
#include "loyalty/programme.h"

/* ---- shapes ---- */

static const struct api_field tier_fields[] = {
    {"from_minor", API_MONEY, .max = LOYALTY_AMOUNT_MAX,
     .text = "Turnover of the last 365 days; of the first tier 0"},
    {"per_100_yuan", API_INT, .max = LOYALTY_RATE_MAX, .text = "Points for 100 yuan"},
};
API_SCHEMA(tier_schema, "MemberTier", tier_fields);

static const struct api_field bonus_fields[] = {
    {"from_minor", API_MONEY, .max = LOYALTY_AMOUNT_MAX, .text = "A top-up of so much or more"},
    {"bonus_minor", API_MONEY, .max = LOYALTY_AMOUNT_MAX, .text = "What is given on top"},
};
API_SCHEMA(bonus_schema, "TopUpBonus", bonus_fields);

static const struct api_field programme_fields[] = {
    {"version", API_INT, .max = INT64_MAX, .text = "The one that was seen; 0: never saved"},
    {"tiers", API_LIST, .max = LOYALTY_TIERS, .of = &tier_schema, .text = "Rising"},
    {"bonuses", API_LIST, .max = LOYALTY_BONUSES, .of = &bonus_schema, .text = "Rising, or none"},
    {"points_per_yuan", API_INT, .max = LOYALTY_RATE_MAX,
     .text = "Points that pay one yuan; 0: they do not pay"},
    {"expiry_months", API_INT, .min = 1, .max = LOYALTY_MONTHS_MAX,
     .text = "Points run out after so many months of 30 days"},
    {"quiet_from_minute", API_INT, .max = 1439, .text = "No messages from this minute of the day"},
    {"quiet_until_minute", API_INT, .max = 1439, .text = "To this one; the same: never quiet"},
    {"messages_a_week", API_INT, .max = LOYALTY_WEEK_MAX, .text = "To one member at most"},
    {"may_be_free", API_BOOL, .text = "Reductions may leave nothing to pay"},
};
API_SCHEMA(programme_schema, "MemberProgramme", programme_fields);

static void write_programme(struct json_out *j, const struct loyalty_programme *p)
{
    json_object_begin(j);
    json_member_int(j, "version", p->version);
    json_member_array(j, "tiers");
    for (int64_t i = 0; i < p->tiers; i++) {
        json_object_begin(j);
        json_member_int(j, "from_minor", p->tier[i].from_minor);
        json_member_int(j, "per_100_yuan", p->tier[i].per_100_yuan);
        json_object_end(j);
    }
    json_array_end(j);
    json_member_array(j, "bonuses");
    for (size_t i = 0; i < LOYALTY_BONUSES && p->bonus[i].from_minor > 0; i++) {
        json_object_begin(j);
        json_member_int(j, "from_minor", p->bonus[i].from_minor);
        json_member_int(j, "bonus_minor", p->bonus[i].bonus_minor);
        json_object_end(j);
    }
    json_array_end(j);
    json_member_int(j, "points_per_yuan", p->points_per_yuan);
    json_member_int(j, "expiry_months", p->expiry_months);
    json_member_int(j, "quiet_from_minute", p->quiet_from_minute);
    json_member_int(j, "quiet_until_minute", p->quiet_until_minute);
    json_member_int(j, "messages_a_week", p->messages_a_week);
    json_member_bool(j, "may_be_free", p->may_be_free);
    json_object_end(j);
}

/* ---- calls ---- */

/* What an owner who has none is shown to begin with. */
static const struct loyalty_programme suggestion = {.tiers = 1,
                                                    .tier = {{0, 100}},
                                                    .points_per_yuan = 100,
                                                    .expiry_months = 24,
                                                    .quiet_from_minute = 21 * 60,
                                                    .quiet_until_minute = 9 * 60,
                                                    .messages_a_week = 1};

static err on_read(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct loyalty_programme p;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    if (!loyalty_is_there(b, call, response)) return OK;
    TRY(loyalty_programme(b->loyalty, bytes_text(call->caller->mid), &verdict, &p));
    write_programme(&j, verdict == LOYALTY_DONE ? &p : &suggestion);
    return OK;
}

static err read_steps(const struct json_t *body, struct loyalty_programme *p)
{
    struct json_t *list;
    size_t count = 0;
    TRY(json_list(body, "tiers", LOYALTY_TIERS, &list, &count));
    p->tiers = (int64_t)count;
    for (size_t i = 0; i < count; i++) {
        TRY(json_int(json_at(list, i), "from_minor", 0, INT64_MAX, &p->tier[i].from_minor));
        TRY(json_int(json_at(list, i), "per_100_yuan", 0, INT64_MAX, &p->tier[i].per_100_yuan));
    }
    TRY(json_list(body, "bonuses", LOYALTY_BONUSES, &list, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(json_int(json_at(list, i), "from_minor", 0, INT64_MAX, &p->bonus[i].from_minor));
        TRY(json_int(json_at(list, i), "bonus_minor", 0, INT64_MAX, &p->bonus[i].bonus_minor));
    }
    return OK;
}

static err read_body(const struct api_call *call, struct loyalty_programme *p)
{
    const struct json_t *body = call->body;
    TRY(bytes_to_text(bytes_text(call->caller->mid), p->merchant, sizeof p->merchant));
    TRY(json_int(body, "version", 0, INT64_MAX, &p->version));
    TRY(json_int(body, "points_per_yuan", 0, INT64_MAX, &p->points_per_yuan));
    TRY(json_int(body, "expiry_months", 0, INT64_MAX, &p->expiry_months));
    TRY(json_int(body, "quiet_from_minute", 0, INT64_MAX, &p->quiet_from_minute));
    TRY(json_int(body, "quiet_until_minute", 0, INT64_MAX, &p->quiet_until_minute));
    TRY(json_int(body, "messages_a_week", 0, INT64_MAX, &p->messages_a_week));
    TRY(json_bool(body, "may_be_free", &p->may_be_free));
    return read_steps(body, p);
}

static err on_save(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct loyalty_programme p = {{0}}, now = {{0}};
    enum loyalty_verdict verdict = LOYALTY_DONE, read = LOYALTY_DONE;
    if (!loyalty_is_there(b, call, response)) return OK;
    TRY(read_body(call, &p));
    TRY(loyalty_programme_save(b->loyalty, &p, &verdict));
    TRY(loyalty_programme(b->loyalty, bytes_text(p.merchant), &read, &now));
    if (loyalty_refused(verdict, response)) return OK;
    write_programme(&j, &now);
    return loyalty_answered(b, call, "programme_saved", p.merchant, response);
}

/* clang-format off */
static const struct api_route rows[] = {
    API_ROUTE_ROW(GET, "/programme", SESSION, ROLE_OWNER | ROLE_MANAGER, NONE, 1, 0, NULL, &programme_schema, on_read,
                  "A merchant's member programme; version 0: a suggestion")
    API_ROUTE_ROW(POST, "/programme", SESSION, ROLE_OWNER, NONE, 2, 0, &programme_schema, &programme_schema, on_save,
                  "Save the member programme over the version that was seen")
};
/* clang-format on */

const struct backoffice_part programme_part = {
    .name = "programme", .api_routes = rows, .api_route_count = ARRAY_LEN(rows)};
