/* SPDX-License-Identifier: Apache-2.0 */
/* The alert centre as calls: what is open, acknowledging and closing; and the part. */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/accounts/choice.h"
#include "backoffice/alerts/alert_letters.h"
#include "backoffice/api/api.h"
#include "backoffice/parts.h"

enum { FORGET_MS = 3600 * 1000 };

static const char *const severities[] = {"info", "warning", "urgent", NULL};
static const char *const states[] = {"open", "acknowledged", "closed", NULL};
static const char *const states_zh[] = {"待处理", "处理中", "已关闭"};
static const char *const states_en[] = {"open", "looked after", "closed"};

static const struct api_field alert_fields[] = {
    {"id", API_INT, .min = 1, .max = INT64_MAX, .text = "Its number"},
    {"rule", API_TEXT, .text = "The rule that it comes from"},
    {"severity", API_WORD, .words = severities, .text = "How grave it is"},
    {"severity_zh", API_TEXT, .text = "The same as a text"},
    {"severity_en", API_TEXT, .text = "The same in English"},
    {"text_zh", API_TEXT, .text = "What has happened, in Chinese"},
    {"text_en", API_TEXT, .text = "What has happened, in English"},
    {"merchant", API_TEXT, .text = "Whose it is; empty: the acquirer's own"},
    {"outlet", API_INT, .optional = true, .text = "The outlet that it is of"},
    {"object", API_TEXT, .text = "What it is about: a path below /api/v1, or empty"},
    {"detail", API_TEXT, .text = "What was seen last"},
    {"state", API_WORD, .words = states, .text = "Whether somebody has looked"},
    {"state_zh", API_TEXT, .text = "The same as a text"},
    {"state_en", API_TEXT, .text = "The same in English"},
    {"count", API_INT, .text = "How often it came while it was open"},
    {"first", API_TIME, .text = "When it came first"},
    {"last", API_TIME, .text = "When it came last"},
    {"told", API_INT, .text = "How many people have been written to"},
    {"acknowledged_by", API_TEXT, .optional = true, .text = "Who has acknowledged it"},
    {"acknowledged", API_TIME, .optional = true, .text = "When it was acknowledged"},
    {"closed_by", API_TEXT, .optional = true, .text = "Who has closed it, or `system`"},
    {"closed", API_TIME, .optional = true, .text = "When it was closed"},
};
API_SCHEMA(alert_schema_out, "Alert", alert_fields);

static const struct api_field list_fields[] = {
    {"alerts", API_LIST, .of = &alert_schema_out, .text = "The newest first"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(list_schema, "Alerts", list_fields);

/* ---- alerts ---- */

static struct alert_reader reader_of(const struct api_call *call)
{
    return (struct alert_reader){call->caller->mid, call->caller->outlet};
}

static void write_alert(struct json_out *j, const struct alert *a)
{
    json_object_begin(j);
    json_member_int(j, "id", a->id);
    json_member_string(j, "rule", a->rule->name);
    json_member_string(j, "severity", alert_severity_word(a->rule->severity));
    json_member_string(j, "severity_zh", alert_severity_text(a->rule->severity, false));
    json_member_string(j, "severity_en", alert_severity_text(a->rule->severity, true));
    json_member_string(j, "text_zh", a->rule->zh);
    json_member_string(j, "text_en", a->rule->en);
    json_member_string(j, "merchant", a->mid);
    if (a->outlet != 0) json_member_int(j, "outlet", a->outlet);
    json_member_string(j, "object", a->object);
    json_member_string(j, "detail", a->detail);
    json_member_string(j, "state", states[a->state - 1]);
    json_member_string(j, "state_zh", states_zh[a->state - 1]);
    json_member_string(j, "state_en", states_en[a->state - 1]);
    json_member_int(j, "count", a->count);
    json_member_int(j, "first", a->first_ms);
    json_member_int(j, "last", a->last_ms);
    json_member_int(j, "told", a->told);
    if (a->seen_ms != 0) {
        json_member_string(j, "acknowledged_by", a->seen_by);
        json_member_int(j, "acknowledged", a->seen_ms);
    }
    if (a->closed_ms != 0) {
        json_member_string(j, "closed_by", a->closed_by);
        json_member_int(j, "closed", a->closed_ms);
    }
    json_object_end(j);
}

struct listing {
    struct json_out *j;
    size_t count;
    int64_t last;
};

static err write_row(void *context, const struct alert *alert)
{
    struct listing *l = context;
    write_alert(l->j, alert);
    l->count++;
    l->last = alert->id;
    return OK;
}

static err list(struct backoffice *b, const struct api_call *call, struct http_response *response,
                bool closed)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.j = &j};
    const struct alert_reader reader = reader_of(call);
    char last[24] = "";
    json_object_begin(&j);
    json_member_array(&j, "alerts");
    TRY(alerts_list(b->store, &reader, closed, strtoll(call->after, NULL, 10), call->limit,
                    write_row, &listing));
    json_array_end(&j);
    if (listing.count == call->limit) snprintf(last, sizeof last, "%lld", (long long)listing.last);
    api_next(&j, last);
    json_object_end(&j);
    return OK;
}

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    return list(b, call, response, false);
}

static err on_closed(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    return list(b, call, response, true);
}

static err step(struct backoffice *b, const struct api_call *call, struct http_response *response,
                enum alert_state to)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct alert_reader reader = reader_of(call);
    struct alert alert;
    TRY(store_begin(b->store, &tx));
    err done = alert_find(b->store, &reader, strtoll(call->value[0], NULL, 10), &alert);
    if (done.code == ERR_NOT_FOUND) {
        api_missing(response);
        return OK;
    }
    TRY(done);
    done = alert_step(&tx, &alert, to, call->caller->subject, call->now_ms);
    if (done.code == ERR_STATE) {
        bool english = choice_english(call->request), closed = alert.state == ALERT_CLOSED;
        api_refuse(response, 409, "state",
                   closed    ? english ? "this alert is closed: a new one comes by itself"
                                       : "该告警已关闭；情况再次出现时会有新的告警。"
                   : english ? "somebody has acknowledged it before you"
                             : "已有同事在处理。");
        return OK;
    }
    TRY(done);
    TRY(alert_find(b->store, &reader, alert.id, &alert));
    struct json_out j = json_out_over(&response->body);
    write_alert(&j, &alert);
    return api_commit(b, call, &tx, response);
}

static err on_acknowledge(struct backoffice *b, const struct api_call *call,
                          struct http_response *response)
{
    return step(b, call, response, ALERT_ACKNOWLEDGED);
}

static err on_close(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    return step(b, call, response, ALERT_CLOSED);
}

#define ANSWERS (ROLE_AGENT | ROLE_APPROVER | ROLE_ADMIN | ROLE_OWNER | ROLE_MANAGER)

#define ALERT_ROUTES(X)                                                                            \
    X(GET, "/alerts", SESSION, ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER, ALERTS_READ, 1, API_PAGED, \
      NULL, &list_schema, on_list, "Alerts that are open or acknowledged")                         \
    X(GET, "/alerts/closed", SESSION, ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER, ALERTS_READ, 1,     \
      API_PAGED, NULL, &list_schema, on_closed, "Alerts that were closed")                         \
    X(POST, "/alerts/{alert}/acknowledge", SESSION, ANSWERS, ALERTS_WRITE, 2, 0, NULL,             \
      &alert_schema_out, on_acknowledge, "Somebody looks after it: nobody further is told")        \
    X(POST, "/alerts/{alert}/close", SESSION, ANSWERS, ALERTS_WRITE, 2, 0, NULL,                   \
      &alert_schema_out, on_close, "It is over; the same condition is a new alert from now on")

static const struct api_route rows[] = {ALERT_ROUTES(API_ROUTE_ROW)};

static err tick(struct backoffice *b, int64_t now_ms)
{
    if (now_ms / FORGET_MS != b->alerts_swept) {
        b->alerts_swept = now_ms / FORGET_MS;
        TRY(alerts_sweep(b->store, now_ms));
    }
    for (bool more = true; more;) TRY(alerts_take_events(b->store, &more));
    return alert_letters_send(b, now_ms);
}

const struct backoffice_part alerts_part = {
    .name = "alerts",
    .schema = &alert_schema,
    .api_routes = rows,
    .api_route_count = ARRAY_LEN(rows),
    .tick = tick,
};
