/* SPDX-License-Identifier: Apache-2.0 */
/* The alert centre as calls: what is open, acknowledging and closing, who is told, how rules are
 * set; and the part. */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/accounts/choice.h"
#include "backoffice/alerts/alert_letters.h"
#include "backoffice/api/api.h"
#include "backoffice/parts.h"

enum { ESCALATE_MAX = 7 * 24 * 60, MINUTES_A_DAY = 24 * 60, FORGET_MS = 3600 * 1000 };

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

static const struct api_field rule_fields[] = {
    {"name", API_TEXT, .text = "Its name: the kind of an event"},
    {"severity", API_WORD, .words = severities, .text = "How grave it is"},
    {"text_zh", API_TEXT, .text = "What it says, in Chinese"},
    {"text_en", API_TEXT, .text = "What it says, in English"},
    {"sms", API_BOOL, .text = "Whether people are told by SMS"},
    {"mail", API_BOOL, .text = "Whether people are told by mail"},
    {"escalate_min", API_INT, .text = "Minutes until the next person is told; 0: nobody further"},
};
API_SCHEMA(rule_schema, "AlertRule", rule_fields);

static const struct api_field rules_fields[] = {
    {"rules", API_LIST, .of = &rule_schema, .text = "In the order of the table"},
};
API_SCHEMA(rules_schema, "AlertRules", rules_fields);

static const struct api_field set_fields[] = {
    {"sms", API_BOOL, .text = "Whether people are told by SMS"},
    {"mail", API_BOOL, .text = "Whether people are told by mail"},
    {"escalate_min", API_INT, .max = ESCALATE_MAX,
     .text = "Minutes until the next person is told; 0: nobody further"},
};
API_SCHEMA(set_schema, "AlertRuleSetting", set_fields);

static const struct api_field person_fields[] = {
    {"name", API_TEXT, .min = 1, .max = ALERT_NAME_MAX, .text = "What the person is called"},
    {"phone", API_TEXT, .optional = true, .max = CONTACT_PHONE_MAX - 1, .text = "Digits"},
    {"mail", API_TEXT, .optional = true, .max = CONTACT_MAIL_MAX, .text = "A mail address"},
    {"english", API_BOOL, .text = "Whether the person is written to in English"},
    {"quiet_from", API_INT, .max = MINUTES_A_DAY - 1,
     .text = "Minute of the day from which only urgent alerts are sent"},
    {"quiet_to", API_INT, .max = MINUTES_A_DAY - 1,
     .text = "Minute of the day until which; the same as quiet_from: no quiet hours"},
};
API_SCHEMA(person_schema, "AlertPerson", person_fields);

static const struct api_field people_fields[] = {
    {"people", API_LIST, .max = ALERT_PEOPLE_MAX, .of = &person_schema,
     .text = "In the order in which they are told; none: the contacts of the contract"},
};
API_SCHEMA(people_schema, "AlertPeople", people_fields);

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

/* ---- rules ---- */

static bool is_for(const struct alert_rule *rule, const struct api_call *call)
{
    return call->caller->mid[0] == '\0' || rule->who == ALERT_OF_MERCHANT;
}

static err write_rule(struct backoffice *b, struct json_out *j, const struct api_call *call,
                      const struct alert_rule *rule)
{
    struct alert_setting setting;
    TRY(alert_setting_of(b->store, call->caller->mid, rule, &setting));
    json_object_begin(j);
    json_member_string(j, "name", rule->name);
    json_member_string(j, "severity", alert_severity_word(rule->severity));
    json_member_string(j, "text_zh", rule->zh);
    json_member_string(j, "text_en", rule->en);
    json_member_bool(j, "sms", (setting.ways & ALERT_BY_SMS) != 0);
    json_member_bool(j, "mail", (setting.ways & ALERT_BY_MAIL) != 0);
    json_member_int(j, "escalate_min", setting.escalate_min);
    json_object_end(j);
    return OK;
}

static err on_rules(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    const struct alert_rule *rule;
    json_object_begin(&j);
    json_member_array(&j, "rules");
    for (size_t i = 0; (rule = alert_rule_at(i)) != NULL; i++)
        if (is_for(rule, call)) TRY(write_rule(b, &j, call, rule));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

static err on_set_rule(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct alert_rule *rule = alert_rule_named(bytes_text(call->value[0]));
    struct alert_setting setting = {0};
    int64_t minutes = 0;
    bool sms = false, mail = false;
    if (rule == NULL || !is_for(rule, call)) {
        api_missing(response);
        return OK;
    }
    TRY(json_bool(call->body, "sms", &sms));
    TRY(json_bool(call->body, "mail", &mail));
    TRY(json_int(call->body, "escalate_min", 0, ESCALATE_MAX, &minutes));
    setting.ways = (sms ? ALERT_BY_SMS : 0u) | (mail ? ALERT_BY_MAIL : 0u);
    setting.escalate_min = (int)minutes;
    if (setting.ways == 0 && rule->severity == ALERT_URGENT) {
        api_refuse(response, 422, "urgent",
                   "an urgent alert must reach somebody: leave one way on");
        return OK;
    }
    TRY(store_begin(b->store, &tx));
    TRY(alert_setting_set(&tx, call->caller->mid, rule, &setting));
    TRY(audit_append(&tx, &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                                BYTES("alert_rule_set"), bytes_text(rule->name),
                                                bytes_text(call->caller->mid)}));
    struct json_out j = json_out_over(&response->body);
    TRY(write_rule(b, &j, call, rule));
    return api_commit(b, call, &tx, response);
}

/* ---- people ---- */

static void write_people(struct json_out *j, const struct alert_person *people, size_t count)
{
    json_object_begin(j);
    json_member_array(j, "people");
    for (size_t i = 0; i < count; i++) {
        json_object_begin(j);
        json_member_string(j, "name", people[i].name);
        json_member_string(j, "phone", people[i].phone);
        json_member_string(j, "mail", people[i].mail);
        json_member_bool(j, "english", people[i].english);
        json_member_int(j, "quiet_from", people[i].quiet_from);
        json_member_int(j, "quiet_to", people[i].quiet_to);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static err on_people(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    struct alert_person people[ALERT_PEOPLE_MAX];
    size_t count = 0;
    TRY(alert_people_of(b->store, b->registry, call->caller->mid, people, &count));
    struct json_out j = json_out_over(&response->body);
    write_people(&j, people, count);
    return OK;
}

/* The gate has checked the form of each; NULL, or why it can be written to by nobody. */
static err read_person(const struct json_t *o, struct alert_person *p, const char **ret_why)
{
    int64_t from = 0, to = 0;
    *p = (struct alert_person){.name = ""};
    TRY(json_text_copy(o, "name", p->name, sizeof p->name));
    if (json_has(o, "phone")) TRY(json_text_copy(o, "phone", p->phone, sizeof p->phone));
    if (json_has(o, "mail")) TRY(json_text_copy(o, "mail", p->mail, sizeof p->mail));
    TRY(json_bool(o, "english", &p->english));
    TRY(json_int(o, "quiet_from", 0, MINUTES_A_DAY - 1, &from));
    TRY(json_int(o, "quiet_to", 0, MINUTES_A_DAY - 1, &to));
    p->quiet_from = (int)from;
    p->quiet_to = (int)to;
    *ret_why = NULL;
    if (p->phone[0] == '\0' && p->mail[0] == '\0')
        *ret_why = "a person has a phone or a mail address";
    if (p->phone[0] != '\0' && !contact_phone_valid(p->phone))
        *ret_why = "a phone is digits, as it is dialled";
    if (p->mail[0] != '\0' && !contact_mail_valid(p->mail)) *ret_why = "that is no mail address";
    return OK;
}

static err on_set_people(struct backoffice *b, const struct api_call *call,
                         struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct alert_person people[ALERT_PEOPLE_MAX];
    struct json_t *array;
    size_t count = 0;
    TRY(json_list(call->body, "people", ALERT_PEOPLE_MAX, &array, &count));
    for (size_t i = 0; i < count; i++) {
        const char *why;
        TRY(read_person(json_at(array, i), &people[i], &why));
        if (why != NULL) {
            api_refuse(response, 422, "person", why);
            return OK;
        }
    }
    TRY(store_begin(b->store, &tx));
    TRY(alert_people_set(&tx, call->caller->mid, people, count));
    TRY(audit_append(&tx, &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                                BYTES("alert_people_set"),
                                                bytes_text(call->caller->mid), BYTES("")}));
    TRY(alert_people_of(b->store, b->registry, call->caller->mid, people, &count));
    struct json_out j = json_out_over(&response->body);
    write_people(&j, people, count);
    return api_commit(b, call, &tx, response);
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
      &alert_schema_out, on_close, "It is over; the same condition is a new alert from now on")    \
    X(GET, "/alerts/rules", SESSION, ROLES_STAFF | ROLE_OWNER, ALERTS_READ, 1, 0, NULL,            \
      &rules_schema, on_rules, "What becomes an alert, and how people are told")                   \
    X(POST, "/alerts/rules/{rule}", SESSION, ROLE_ADMIN | ROLE_OWNER, ALERTS_WRITE, 2, 0,          \
      &set_schema, &rule_schema, on_set_rule, "How people are told of a rule")                     \
    X(GET, "/alerts/people", SESSION, ROLES_STAFF | ROLE_OWNER, ALERTS_READ, 1, 0, NULL,           \
      &people_schema, on_people, "Who is told, in order")                                          \
    X(POST, "/alerts/people", SESSION, ROLE_ADMIN | ROLE_OWNER, ALERTS_WRITE, 2, 0,                \
      &people_schema, &people_schema, on_set_people, "Say who is told, in order")

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
