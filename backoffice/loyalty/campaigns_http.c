/* SPDX-License-Identifier: Apache-2.0 */
/* A merchant's campaigns below /api/v1 (S150, S153): for its owner and managers. */
#include "backoffice/loyalty/campaign_json.h"
#include "backoffice/loyalty/loyalty_room.h"
#include "backoffice/parts.h"
#include "loyalty/effect.h"

/* ---- shapes ---- */

static const struct api_field list_fields[] = {
    {"campaigns", API_LIST, .of = &campaign_schema, .text = "By their numbers"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(list_schema, "Campaigns", list_fields);

static const struct api_field state_fields[] = {
    {"state", API_WORD, .words = campaign_states, .text = "What it does from now on"},
    {"version", API_INT, .min = 1, .max = UINT32_MAX, .text = "The one that was seen"},
};
API_SCHEMA(state_schema, "CampaignState", state_fields);

static const struct api_field query_fields[] = {
    {"from_day", API_INT, .max = 4000000, .text = "The first day, since 1970 in Beijing"},
    {"days", API_INT, .min = 1, .max = LOYALTY_EFFECT_DAYS_MAX, .text = "How many; else 7"},
};
API_SCHEMA(query_schema, "CampaignEffectQuery", query_fields);

#define SUM .min = -LOYALTY_AMOUNT_MAX * 1000, .max = LOYALTY_AMOUNT_MAX * 1000
static const struct api_field effect_fields[] = {
    {"from_day", API_INT, .max = INT64_MAX, .text = "The first day, since 1970 in Beijing"},
    {"days", API_INT, .max = LOYALTY_EFFECT_DAYS_MAX, .text = "How many"},
    {"times", API_INT, .max = INT64_MAX, .text = "How often it was given"},
    {"cost_minor", API_MONEY, SUM, .text = "What it cost"},
    {"with_minor", API_MONEY, SUM, .text = "The purchases that had it, less refunds"},
    {"members", API_INT, .max = INT64_MAX, .text = "Different members who used it"},
    {"members_again", API_INT, .max = INT64_MAX, .text = "Of them: bought again later"},
    {"again_ppm", API_INT, .max = 1000000, .text = "That in parts of a million"},
    {"sales_minor", API_MONEY, SUM, .text = "All purchases of these days, less refunds"},
    {"sales", API_INT, .max = INT64_MAX, .text = "How many"},
    {"before_day", API_INT, .max = INT64_MAX, .text = "The first of the days before"},
    {"before_minor", API_MONEY, SUM, .text = "All purchases of the days before"},
    {"before", API_INT, .max = INT64_MAX, .text = "How many"},
    {"extra_minor", API_MONEY, SUM, .text = "Sales less those before: a comparison, not a proof"},
};
API_SCHEMA(effect_schema, "CampaignEffect", effect_fields);

/* ---- calls ---- */

static err write_one(struct backoffice *b, const char *mid, const char *id, struct json_out *j)
{
    struct loyalty_campaign c;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(loyalty_campaign(b->loyalty, bytes_text(mid), bytes_text(id), &verdict, &c));
    ENSURE(verdict == LOYALTY_DONE);
    campaign_to_json(j, &c);
    return OK;
}

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct loyalty_campaign_ids ids;
    if (!loyalty_is_there(b, call, response)) return OK;
    TRY(loyalty_campaigns(b->loyalty, bytes_text(call->caller->mid), bytes_text(call->after),
                          &ids));
    size_t count = ids.count < call->limit ? ids.count : call->limit;
    json_object_begin(&j);
    json_member_array(&j, "campaigns");
    for (size_t i = 0; i < count; i++) TRY(write_one(b, call->caller->mid, ids.id[i], &j));
    json_array_end(&j);
    bool more = count < ids.count || count == OFFER_CANDIDATES_MAX;
    api_next(&j, more && count > 0 ? ids.id[count - 1] : "");
    json_object_end(&j);
    return OK;
}

static struct loyalty_act act_of(const struct api_call *call, struct bytes key)
{
    size_t len = strlen(call->caller->subject);
    return (struct loyalty_act){
        .merchant = bytes_text(call->caller->mid),
        .by = bytes_of(call->caller->subject, len < LOYALTY_BY_MAX ? len : LOYALTY_BY_MAX),
        .at_ms = call->now_ms,
        .key = key};
}

/* Answers with the campaign as it now stands. */
static err answer(struct backoffice *b, const struct api_call *call, const char *event,
                  const char *id, struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    TRY(write_one(b, call->caller->mid, id, &j));
    return loyalty_answered(b, call, event, id, response);
}

static err save(struct backoffice *b, const struct api_call *call, const char *id,
                const char *event, struct http_response *response)
{
    char asker[LOYALTY_ASKER_MAX + 1];
    struct loyalty_act act = act_of(call, loyalty_asking(call, asker));
    struct offer_campaign campaign;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    enum offer_fault fault = OFFER_SOUND;
    TRY(campaign_from_json(call->body, &campaign));
    if (FAILED(bytes_to_text(bytes_text(id), campaign.id, sizeof campaign.id))) {
        api_missing(response);
        return OK;
    }
    TRY(loyalty_campaign_save(b->loyalty, &b->config.random, &act, &campaign, &verdict, &fault));
    if (verdict == LOYALTY_CAMPAIGN_FAULT)
        api_refuse(response, 422, loyalty_verdict_name(verdict), offer_fault_text(fault, false));
    else if (!loyalty_refused(verdict, response))
        return answer(b, call, event, campaign.id, response);
    return OK;
}

static err on_make(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    if (!loyalty_is_there(b, call, response)) return OK;
    return save(b, call, "", "campaign_made", response);
}

/* The campaign of the path; false, and 404 is written, when the caller's merchant has none. */
static err of_path(struct backoffice *b, const struct api_call *call,
                   struct http_response *response, struct loyalty_campaign *out, bool *ret_found)
{
    enum loyalty_verdict verdict = LOYALTY_DONE;
    *ret_found = false;
    if (!loyalty_is_there(b, call, response)) return OK;
    TRY(loyalty_campaign(b->loyalty, bytes_text(call->caller->mid), bytes_text(call->value[0]),
                         &verdict, out));
    *ret_found = !loyalty_refused(verdict, response);
    return OK;
}

static err on_one(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct loyalty_campaign c;
    bool found = false;
    TRY(of_path(b, call, response, &c, &found));
    if (found) campaign_to_json(&j, &c);
    return OK;
}

static err on_change(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    struct loyalty_campaign c;
    bool found = false;
    TRY(of_path(b, call, response, &c, &found));
    return found ? save(b, call, c.offer.id, "campaign_changed", response) : OK;
}

static err on_state(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    char asker[LOYALTY_ASKER_MAX + 1];
    struct loyalty_campaign c;
    bool found = false;
    int state = 0;
    int64_t version = 0;
    uint32_t now = 0;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(of_path(b, call, response, &c, &found));
    if (!found) return OK;
    TRY(campaign_word(call->body, "state", campaign_states, &state));
    TRY(json_int(call->body, "version", 1, UINT32_MAX, &version));
    struct loyalty_act act = act_of(call, loyalty_asking(call, asker));
    TRY(loyalty_campaign_move(b->loyalty, &act, bytes_text(c.offer.id), (uint32_t)version,
                              (enum loyalty_campaign_state)state, &verdict, &now));
    if (loyalty_refused(verdict, response)) return OK;
    return answer(b, call, "campaign_state", c.offer.id, response);
}

static void write_effect(struct json_out *j, const struct loyalty_effect *e, int64_t from_day,
                         int64_t days)
{
    json_object_begin(j);
    json_member_int(j, "from_day", from_day);
    json_member_int(j, "days", days);
    json_member_int(j, "times", e->times);
    json_member_int(j, "cost_minor", e->cost_minor);
    json_member_int(j, "with_minor", e->with_minor);
    json_member_int(j, "members", e->members);
    json_member_int(j, "members_again", e->members_again);
    json_member_int(j, "again_ppm", e->again_ppm);
    json_member_int(j, "sales_minor", e->sales_minor);
    json_member_int(j, "sales", e->sales);
    json_member_int(j, "before_day", e->before_day);
    json_member_int(j, "before_minor", e->before_minor);
    json_member_int(j, "before", e->before);
    json_member_int(j, "extra_minor", e->extra_minor);
    json_object_end(j);
}

/* Without a day: the week that ends today. */
static err on_effect(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct loyalty_campaign c;
    struct loyalty_effect effect;
    bool found = false;
    enum loyalty_verdict verdict = LOYALTY_DONE;
    int64_t days = api_query_int(call, "days"), from = api_query_int(call, "from_day");
    TRY(of_path(b, call, response, &c, &found));
    if (!found) return OK;
    if (days == 0) days = 7;
    if (api_query(call, "from_day")[0] == '\0')
        from = (call->now_ms + CLOCK_CHINA_OFFSET_MS) / 86400000 - days + 1;
    TRY(loyalty_effect(b->loyalty, bytes_text(call->caller->mid), bytes_text(c.offer.id), from,
                       days, &verdict, &effect));
    ENSURE(verdict == LOYALTY_DONE);
    write_effect(&j, &effect, from, days);
    return OK;
}

/* clang-format off */
#define WHO (ROLE_OWNER | ROLE_MANAGER)
static const struct api_route rows[] = {
    API_ROUTE_ROW(GET, "/campaigns", SESSION, WHO, NONE, 2, API_PAGED, NULL, &list_schema, on_list,
                  "A merchant's campaigns, with their budgets")
    API_ROUTE_ROW(POST, "/campaigns", SESSION, WHO, NONE, 2, API_CREATES, &campaign_body_schema, &campaign_schema, on_make,
                  "Write a campaign: a draft, which gives nothing yet")
    API_ROUTE_ROW(GET, "/campaigns/{campaign}", SESSION, WHO, NONE, 1, 0, NULL, &campaign_schema, on_one,
                  "One campaign")
    API_ROUTE_ROW(POST, "/campaigns/{campaign}", SESSION, WHO, NONE, 2, 0, &campaign_body_schema, &campaign_schema, on_change,
                  "Change a campaign over the version that was seen")
    API_ROUTE_ROW(POST, "/campaigns/{campaign}/state", SESSION, WHO, NONE, 2, 0, &state_schema, &campaign_schema, on_state,
                  "Start, pause, resume or end a campaign")
    API_SEARCH_ROW(GET, "/campaigns/{campaign}/effect", SESSION, WHO, NONE, 5, 0, NULL, &effect_schema, on_effect,
                  "What a campaign cost and what came of it", &query_schema)
};
/* clang-format on */

const struct backoffice_part campaigns_part = {
    .name = "campaigns", .api_routes = rows, .api_route_count = ARRAY_LEN(rows)};
