/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the alert centre is set, as calls (S126): the rules and their ways, who is told in which
 * order, and a trial of one person. What is set says which version was seen, so that of two people
 * who edit the second is told, and nothing is written over in silence.
 */
#include <stdio.h>

#include "backoffice/accounts/choice.h"
#include "backoffice/alerts/alert_people.h"
#include "backoffice/api/api.h"
#include "backoffice/events/events.h"
#include "backoffice/messages/outbox.h"
#include "backoffice/parts.h"

enum {
    ESCALATE_MAX = 7 * 24 * 60,
    MINUTES_A_DAY = 24 * 60,
    TRIAL_LIFE_MS = 15 * 60 * 1000, /* who tries looks at his phone now */
};

static const char *const severities[] = {"info", "warning", "urgent", NULL};

#define VERSION_SEEN                                                                \
    {                                                                               \
        "version", API_INT, .max = INT64_MAX,                                       \
                            .text = "The version that was seen: another is refused" \
    }

static const struct api_field rule_fields[] = {
    {"name", API_TEXT, .text = "Its name: the kind of an event"},
    {"severity", API_WORD, .words = severities, .text = "How grave it is"},
    {"severity_zh", API_TEXT, .text = "The same as a text"},
    {"severity_en", API_TEXT, .text = "The same in English"},
    {"text_zh", API_TEXT, .text = "What it says, in Chinese"},
    {"text_en", API_TEXT, .text = "What it says, in English"},
    {"sms", API_BOOL, .text = "Whether people are told by SMS"},
    {"mail", API_BOOL, .text = "Whether people are told by mail"},
    {"escalate_min", API_INT, .text = "Minutes until the next person is told; 0: nobody further"},
    {"always_zh", API_TEXT, .optional = true, .text = "Why one way stays on, in Chinese"},
    {"always_en", API_TEXT, .optional = true, .text = "The same in English"},
    {"version", API_INT, .text = "Grows with each change; 0: as delivered"},
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
    VERSION_SEEN,
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
     .text = "In the order in which they are told"},
    {"contract", API_BOOL, .text = "Whether they are the contacts of the contract"},
    {"most", API_INT, .text = "How many there may be"},
    {"version", API_INT, .text = "Grows with each change; 0: nobody has set them"},
};
API_SCHEMA(people_schema, "AlertPeople", people_fields);

static const struct api_field list_fields[] = {
    {"people", API_LIST, .max = ALERT_PEOPLE_MAX, .of = &person_schema,
     .text = "In the order in which they are told; none: the contacts of the contract"},
    VERSION_SEEN,
};
API_SCHEMA(list_schema, "AlertPeopleSetting", list_fields);

static const struct api_field trial_fields[] = {
    {"phone", API_TEXT, .max = CONTACT_PHONE_MAX - 1, .text = "As it stands in the list; or empty"},
    {"mail", API_TEXT, .max = CONTACT_MAIL_MAX, .text = "As it stands in the list; or empty"},
};
API_SCHEMA(trial_schema, "AlertTrial", trial_fields);

static const struct api_field tried_fields[] = {
    {"name", API_TEXT, .text = "Who is written to"},
    {"sms", API_BOOL, .text = "Whether an SMS was taken for sending"},
    {"mail", API_BOOL, .text = "Whether a mail was taken for sending"},
};
API_SCHEMA(tried_schema, "AlertTried", tried_fields);

/* ---- what both have in common ---- */

static err changed_meanwhile(const struct api_call *call, struct http_response *response)
{
    api_refuse(response, 409, "changed",
               choice_english(call->request)
                   ? "somebody has changed this meanwhile: load it again and look before you save"
                   : "刚才有人改过，没有保存您的修改。请重新加载，看过之后再改。");
    return OK;
}

/* The record and the event of a change. */
static err note(struct store_tx *tx, const struct api_call *call, const char *action,
                const char *kind, const char *object, struct bytes detail)
{
    const struct api_caller *caller = call->caller;
    const struct event event = {
        .mid = caller->mid, .kind = kind, .object = object, .at_ms = call->now_ms};
    TRY(event_append(tx, &event, NULL));
    return audit_append(tx, &(struct audit_entry){call->now_ms, bytes_text(caller->subject),
                                                  bytes_text(action), bytes_text(object), detail});
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
    json_member_string(j, "severity_zh", alert_severity_text(rule->severity, false));
    json_member_string(j, "severity_en", alert_severity_text(rule->severity, true));
    json_member_string(j, "text_zh", rule->zh);
    json_member_string(j, "text_en", rule->en);
    json_member_bool(j, "sms", (setting.ways & ALERT_BY_SMS) != 0);
    json_member_bool(j, "mail", (setting.ways & ALERT_BY_MAIL) != 0);
    json_member_int(j, "escalate_min", setting.escalate_min);
    if (rule->severity == ALERT_URGENT) {
        json_member_string(j, "always_zh", alert_urgent_why(false));
        json_member_string(j, "always_en", alert_urgent_why(true));
    }
    json_member_int(j, "version", setting.version);
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

static err read_setting(const struct api_call *call, struct alert_setting *ret_setting)
{
    struct alert_setting setting = {0};
    int64_t minutes = 0;
    bool sms = false, mail = false;
    TRY(json_bool(call->body, "sms", &sms));
    TRY(json_bool(call->body, "mail", &mail));
    TRY(json_int(call->body, "escalate_min", 0, ESCALATE_MAX, &minutes));
    TRY(json_int(call->body, "version", 0, INT64_MAX, &setting.version));
    setting.ways = (sms ? ALERT_BY_SMS : 0u) | (mail ? ALERT_BY_MAIL : 0u);
    setting.escalate_min = (int)minutes;
    *ret_setting = setting;
    return OK;
}

static err put_rule(struct store_tx *tx, const struct api_call *call, const struct alert_rule *rule,
                    const struct alert_setting *setting)
{
    char object[ALERT_RULE_MAX + 16], detail[64];
    TRY(alert_setting_set(tx, call->caller->mid, rule, setting));
    snprintf(object, sizeof object, "alerts/rules/%s", rule->name);
    int len = snprintf(detail, sizeof detail, "sms=%d mail=%d next=%d version=%lld",
                       (setting->ways & ALERT_BY_SMS) != 0, (setting->ways & ALERT_BY_MAIL) != 0,
                       setting->escalate_min, (long long)setting->version + 1);
    return note(tx, call, "alert_rule_set", "alerts.rule_set", object,
                bytes_of(detail, (size_t)len));
}

static err on_set_rule(struct backoffice *b, const struct api_call *call,
                       struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct alert_rule *rule = alert_rule_named(bytes_text(call->value[0]));
    struct alert_setting setting;
    if (rule == NULL || !is_for(rule, call)) {
        api_missing(response);
        return OK;
    }
    TRY(read_setting(call, &setting));
    if (setting.ways == 0 && rule->severity == ALERT_URGENT) {
        api_refuse(response, 422, "urgent", alert_urgent_why(choice_english(call->request)));
        return OK;
    }
    TRY(store_begin(b->store, &tx));
    err set = put_rule(&tx, call, rule, &setting);
    if (set.code == ERR_STATE) return changed_meanwhile(call, response);
    TRY(set);
    struct json_out j = json_out_over(&response->body);
    TRY(write_rule(b, &j, call, rule));
    return api_commit(b, call, &tx, response);
}

/* ---- people ---- */

static void write_person(struct json_out *j, const struct alert_person *p)
{
    json_object_begin(j);
    json_member_string(j, "name", p->name);
    json_member_string(j, "phone", p->phone);
    json_member_string(j, "mail", p->mail);
    json_member_bool(j, "english", p->english);
    json_member_int(j, "quiet_from", p->quiet_from);
    json_member_int(j, "quiet_to", p->quiet_to);
    json_object_end(j);
}

static err write_people(struct backoffice *b, const struct api_call *call,
                        struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct alert_person people[ALERT_PEOPLE_MAX];
    const char *mid = call->caller->mid;
    size_t own = 0, count = 0;
    int64_t version = 0;
    TRY(alert_people_of(b->store, NULL, mid, people, &own));
    TRY(alert_people_of(b->store, b->registry, mid, people, &count));
    TRY(alert_people_version(b->store, mid, &version));
    json_object_begin(&j);
    json_member_array(&j, "people");
    for (size_t i = 0; i < count; i++) write_person(&j, &people[i]);
    json_array_end(&j);
    json_member_bool(&j, "contract", count > 0 && own == 0);
    json_member_int(&j, "most", ALERT_PEOPLE_MAX);
    json_member_int(&j, "version", version);
    json_object_end(&j);
    return OK;
}

static err on_people(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    return write_people(b, call, response);
}

/* NULL, or why nobody can be written to like that. */
static const char *why_not(const struct alert_person *p, bool english)
{
    if (p->phone[0] == '\0' && p->mail[0] == '\0')
        return english ? "a person has a phone or a mail address" : "请填写手机号或邮箱。";
    if (p->phone[0] != '\0' && !contact_phone_valid(p->phone))
        return english ? "a phone is digits, as it is dialled" : "手机号只写数字，按拨打的顺序。";
    if (p->mail[0] != '\0' && !contact_mail_valid(p->mail))
        return english ? "that is no mail address" : "邮箱地址不正确。";
    return NULL;
}

/* The gate has checked the form of each. */
static err read_person(const struct json_t *o, struct alert_person *p)
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
    return OK;
}

/* Who is told, as an audit record keeps it: how many, no names and numbers. */
static err put_people(struct store_tx *tx, const struct api_call *call, int64_t seen,
                      const struct alert_person *people, size_t count)
{
    char detail[64];
    TRY(alert_people_set(tx, call->caller->mid, seen, people, count));
    int len =
        snprintf(detail, sizeof detail, "people=%zu version=%lld", count, (long long)seen + 1);
    return note(tx, call, "alert_people_set", "alerts.people_set", "alerts/people",
                bytes_of(detail, (size_t)len));
}

static err on_set_people(struct backoffice *b, const struct api_call *call,
                         struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct alert_person people[ALERT_PEOPLE_MAX];
    struct json_t *array;
    size_t count = 0;
    int64_t seen = 0;
    TRY(json_list(call->body, "people", ALERT_PEOPLE_MAX, &array, &count));
    TRY(json_int(call->body, "version", 0, INT64_MAX, &seen));
    for (size_t i = 0; i < count; i++) {
        TRY(read_person(json_at(array, i), &people[i]));
        const char *why = why_not(&people[i], choice_english(call->request));
        if (why == NULL) continue;
        api_refuse(response, 422, "person", why);
        return OK;
    }
    TRY(store_begin(b->store, &tx));
    err set = put_people(&tx, call, seen, people, count);
    if (set.code == ERR_STATE) return changed_meanwhile(call, response);
    TRY(set);
    TRY(write_people(b, call, response));
    return api_commit(b, call, &tx, response);
}

/* ---- a trial ---- */

static err try_by(struct backoffice *b, struct store_tx *tx, const struct alert_person *person,
                  enum channel channel, int64_t now_ms, bool *ret_taken)
{
    char at[TEMPLATE_MOMENT_LEN + 1];
    struct outbox_answer answer;
    const char *contact = channel == CHANNEL_MAIL ? person->mail : person->phone;
    *ret_taken = false;
    if (contact[0] == '\0') return OK;
    template_moment(now_ms, at);
    const struct template_field field = {"at", bytes_text(at)};
    const struct outbox_message message = {
        .channel = channel,
        .contact = contact,
        .template = TEMPLATE_ALERT_TRIAL,
        .language = person->english ? LANGUAGE_EN : LANGUAGE_ZH,
        .fields = &field,
        .field_count = 1,
        .purpose = "alert trial",
        .not_after_ms = now_ms + TRIAL_LIFE_MS,
    };
    TRY(outbox_enqueue(b->outbox, tx, &message, &answer));
    *ret_taken = answer.verdict == OUTBOX_TAKEN;
    return OK;
}

/* Who has this phone and mail address in the list. NOT_FOUND: nobody, or somebody has changed it.
 */
static err person_like(struct backoffice *b, const struct api_call *call,
                       struct alert_person *ret_person)
{
    struct alert_person people[ALERT_PEOPLE_MAX];
    char phone[CONTACT_PHONE_MAX], mail[CONTACT_MAIL_MAX + 1];
    size_t count = 0;
    TRY(json_text_copy(call->body, "phone", phone, sizeof phone));
    TRY(json_text_copy(call->body, "mail", mail, sizeof mail));
    TRY(alert_people_of(b->store, b->registry, call->caller->mid, people, &count));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(people[i].phone, phone) != 0 || strcmp(people[i].mail, mail) != 0) continue;
        *ret_person = people[i];
        return OK;
    }
    return ERR(NOT_FOUND);
}

static err send_trial(struct backoffice *b, const struct api_call *call,
                      const struct alert_person *person, struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    bool sms = false, mail = false;
    TRY(store_begin(b->store, &tx));
    TRY(try_by(b, &tx, person, CHANNEL_SMS, call->now_ms, &sms));
    TRY(try_by(b, &tx, person, CHANNEL_MAIL, call->now_ms, &mail));
    TRY(audit_append(&tx, &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                                BYTES("alert_trial"), BYTES("alerts/people"),
                                                BYTES("")}));
    if (!sms && !mail) { /* what the outbox has noted of its refusal stays */
        api_refuse(response, 409, "limit",
                   choice_english(call->request)
                       ? "this person has been sent enough for now: try again in an hour"
                       : "这位联系人刚收到过太多消息，请一小时后再试。");
        return store_commit(&tx);
    }
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_string(&j, "name", person->name);
    json_member_bool(&j, "sms", sms);
    json_member_bool(&j, "mail", mail);
    json_object_end(&j);
    return api_commit(b, call, &tx, response);
}

static err on_trial(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    struct alert_person person;
    err found = person_like(b, call, &person);
    if (found.code == ERR_NOT_FOUND) {
        api_missing(response);
        return OK;
    }
    TRY(found);
    if (b->outbox != NULL) return send_trial(b, call, &person, response);
    api_refuse(response, 409, "no_messages",
               choice_english(call->request) ? "this host sends no messages: tell its operator"
                                             : "系统没有开通短信和邮件，请联系系统管理员。");
    return OK;
}

#define READS (ROLES_STAFF | ROLE_OWNER)
#define SETS  (ROLE_ADMIN | ROLE_OWNER)

#define ALERT_PEOPLE_ROUTES(X)                                                                    \
    X(GET, "/alerts/rules", SESSION, READS, ALERTS_READ, 1, 0, NULL, &rules_schema, on_rules,     \
      "What becomes an alert, and how people are told")                                           \
    X(POST, "/alerts/rules/{rule}", SESSION, SETS, ALERTS_WRITE, 2, 0, &set_schema, &rule_schema, \
      on_set_rule, "How people are told of a rule")                                               \
    X(GET, "/alerts/people", SESSION, READS, ALERTS_READ, 1, 0, NULL, &people_schema, on_people,  \
      "Who is told, in order")                                                                    \
    X(POST, "/alerts/people", SESSION, SETS, ALERTS_WRITE, 2, 0, &list_schema, &people_schema,    \
      on_set_people, "Say who is told, in order")                                                 \
    X(POST, "/alerts/trial", SESSION, SETS, NONE, 20, 0, &trial_schema, &tried_schema, on_trial,  \
      "Send one of the people a trial")

static const struct api_route rows[] = {ALERT_PEOPLE_ROUTES(API_ROUTE_ROW)};

const struct backoffice_part alert_people_part = {
    .name = "alert_people",
    .api_routes = rows,
    .api_route_count = ARRAY_LEN(rows),
};
