/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Endpoints as an owner sees those of his merchant, and an administrator those of the acquirer. The
 * URL of one never changes: another address is another endpoint, with another secret.
 */
#include "backoffice/webhooks/webhooks_http.h"

#include <stdio.h>
#include <stdlib.h>

#include "backoffice/events/events.h"
#include "backoffice/webhooks/webhooks.h"

/* ---- tables of fields ---- */

static const char *const states[] = {"active", "failing", "paused", NULL};
static const char *const delivery_states[] = {"waiting", "sending", "delivered", "dead", NULL};

static const struct api_field new_fields[] = {
    {"url", API_TEXT, .min = 1, .max = EGRESS_URL_MAX,
     .text = "Where to: https, port 443, a public name in plain small letters"},
    {"kinds", API_TEXTS, .min = 1, .max = WEBHOOK_KINDS_MAX,
     .text = "The kinds of events that are told, or * alone for all"},
    {"outlet", API_INT, .optional = true, .min = 1, .max = 9999,
     .text = "Only events of this outlet"},
};
API_SCHEMA(new_schema, "NewWebhook", new_fields);

static const struct api_field kinds_fields[] = {
    {"kinds", API_TEXTS, .min = 1, .max = WEBHOOK_KINDS_MAX,
     .text = "The kinds of events that are told, or * alone for all"},
};
API_SCHEMA(kinds_schema, "WebhookKinds", kinds_fields);

static const struct api_field webhook_fields[] = {
    {"id", API_INT, .min = 1, .max = INT64_MAX, .text = "Its number"},
    {"url", API_TEXT, .max = EGRESS_URL_MAX, .text = "Where events are sent"},
    {"kinds", API_TEXTS, .text = "The kinds that are told; * is all"},
    {"outlet", API_INT, .optional = true, .text = "Only events of this outlet"},
    {"state", API_WORD, .words = states,
     .text = "failing: the last try came to nothing; paused: nothing is sent"},
    {"why", API_TEXT, .optional = true, .max = 32,
     .text = "Why it is paused: asked, gone (it answered 410), failing (for three days)"},
    {"failing", API_TIME, .optional = true, .text = "Since when nothing has arrived"},
    {"old_secret_until", API_TIME, .optional = true,
     .text = "Until when the secret before signs too"},
    {"made", API_TIME, .text = "When it was made"},
    {"by", API_TEXT, .max = 64, .text = "Who made it"},
    {"public_key", API_TEXT, .optional = true, .max = WEBHOOK_PUBLIC_TEXT,
     .text = "What its v1a signatures are checked with; left out while the key store is away"},
    {"old_public_key", API_TEXT, .optional = true, .max = WEBHOOK_PUBLIC_TEXT,
     .text = "The one before, whose pair signs too"},
    {"old_public_key_until", API_TIME, .optional = true, .text = "Until when it does"},
    {"secret", API_TEXT, .optional = true, .max = WEBHOOK_SECRET_TEXT,
     .text = "What its messages are signed with: in this answer, and never again"},
};
API_SCHEMA(webhook_schema_out, "Webhook", webhook_fields);

static const struct api_field list_fields[] = {
    {"webhooks", API_LIST, .of = &webhook_schema_out, .text = "By their numbers"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(list_schema, "Webhooks", list_fields);

static const struct api_field delivery_fields[] = {
    {"id", API_INT, .min = 1, .max = INT64_MAX, .text = "Its number"},
    {"event", API_INT, .optional = true, .text = "The event's number; none for a test"},
    {"kind", API_TEXT, .max = EVENT_KIND_MAX, .text = "What happened"},
    {"object", API_TEXT, .max = EVENT_OBJECT_MAX, .text = "What it is about, as a path"},
    {"state", API_WORD, .words = delivery_states, .text = "dead: tried for two days, in vain"},
    {"attempts", API_INT, .text = "How often it was tried"},
    {"made", API_TIME, .text = "When it was made"},
    {"next", API_TIME, .optional = true, .text = "When it is tried next"},
    {"ended", API_TIME, .optional = true, .text = "When it was delivered or given up"},
    {"status", API_INT, .optional = true, .text = "What the server answered last"},
    {"reason", API_TEXT, .optional = true, .max = 32,
     .text = "Why the last try came to nothing: status, TIMEOUT, IDENTITY, internal ..."},
};
API_SCHEMA(delivery_schema, "Delivery", delivery_fields);

static const struct api_field deliveries_fields[] = {
    {"deliveries", API_LIST, .of = &delivery_schema, .text = "By their numbers"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(deliveries_schema, "Deliveries", deliveries_fields);

static const struct api_field search_fields[] = {
    {"state", API_WORD, .optional = true, .words = delivery_states,
     .text = "Only deliveries of this state"},
};
API_SCHEMA(search_schema, "DeliverySearch", search_fields);

static const struct api_field made_fields[] = {
    {"id", API_INT, .min = 1, .max = INT64_MAX, .text = "The number of the delivery"},
};
API_SCHEMA(made_schema, "DeliveryMade", made_fields);

static const struct api_field done_fields[] = {
    {"done", API_BOOL, .text = "True"},
};
API_SCHEMA(done_schema, "WebhookDone", done_fields);

/* ---- writing ---- */

/* The pair before is shown for as long as it signs. */
static void write_public_keys(struct backoffice *b, struct json_out *j, const struct webhook *w)
{
    char text[WEBHOOK_PUBLIC_TEXT + 1];
    if (!FAILED(webhook_public(b, w->id, w->pair, text))) json_member_string(j, "public_key", text);
    if (w->old_pair_until_ms <= backoffice_now_ms(b)) return;
    if (!FAILED(webhook_public(b, w->id, w->pair - 1, text)))
        json_member_string(j, "old_public_key", text);
    json_member_int(j, "old_public_key_until", w->old_pair_until_ms);
}

static void write_webhook(struct backoffice *b, struct json_out *j, const struct webhook *w)
{
    bool failing = w->state == WEBHOOK_ACTIVE && w->failing_ms != 0;
    json_member_int(j, "id", w->id);
    json_member_string(j, "url", w->url);
    json_member_array(j, "kinds");
    for (const char *at = w->kinds; *at != '\0';) {
        size_t len = strcspn(at, " ");
        json_element_text(j, bytes_of(at, len));
        at += len + (at[len] == ' ');
    }
    json_array_end(j);
    if (w->outlet != 0) json_member_int(j, "outlet", w->outlet);
    json_member_string(j, "state",
                       failing                      ? "failing"
                       : w->state == WEBHOOK_ACTIVE ? "active"
                                                    : "paused");
    if (w->state == WEBHOOK_PAUSED) json_member_string(j, "why", w->why);
    if (w->failing_ms != 0) json_member_int(j, "failing", w->failing_ms);
    if (w->old_until_ms != 0) json_member_int(j, "old_secret_until", w->old_until_ms);
    json_member_int(j, "made", w->made_ms);
    json_member_string(j, "by", w->by);
    write_public_keys(b, j, w);
}

static void write_delivery(struct json_out *j, const struct delivery *d)
{
    json_member_int(j, "id", d->id);
    if (d->event != 0) json_member_int(j, "event", d->event);
    json_member_string(j, "kind", d->kind);
    json_member_string(j, "object", d->object);
    json_member_string(j, "state", delivery_state_word(d->state));
    json_member_int(j, "attempts", d->attempts);
    json_member_int(j, "made", d->made_ms);
    if (d->state == DELIVERY_WAITING) json_member_int(j, "next", d->next_ms);
    if (d->ended_ms != 0) json_member_int(j, "ended", d->ended_ms);
    if (d->status != 0) json_member_int(j, "status", d->status);
    if (d->reason[0] != '\0') json_member_string(j, "reason", d->reason);
}

static void write_done(struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_bool(&j, "done", true);
    json_object_end(&j);
}

/* ---- what handlers share ---- */

static struct webhook_owner owner_of(const struct api_call *call)
{
    return (struct webhook_owner){call->caller->mid, call->caller->outlet};
}

/* A number as it is written and no other way; 0 is nobody's. */
static int64_t number_of(const char *text)
{
    size_t len = strlen(text);
    if (len == 0 || len > 18 || text[0] == '0' || !bytes_all_digits(bytes_text(text))) return 0;
    return strtoll(text, NULL, 10);
}

/* False, and 404 is written, when it is not there or somebody else's. */
static err find(struct backoffice *b, const struct api_call *call, struct webhook *ret_webhook,
                struct http_response *response, bool *ret_found)
{
    const struct webhook_owner owner = owner_of(call);
    err found = webhook_find(b->store, &owner, number_of(call->value[0]), ret_webhook);
    *ret_found = !FAILED(found);
    if (found.code != ERR_NOT_FOUND) return found;
    api_missing(response);
    return OK;
}

static err note(struct store_tx *tx, const struct api_call *call, const char *event, int64_t id,
                const char *detail)
{
    char subject[32];
    snprintf(subject, sizeof subject, "webhook %lld", (long long)id);
    return audit_append(tx, &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                                  bytes_text(event), bytes_text(subject),
                                                  bytes_text(detail)});
}

/* May this caller hear of this kind? A merchant's own kinds; the acquirer, all. */
static bool may_hear(const struct api_call *call, struct bytes kind)
{
    const struct event_kind *row = event_kind_find(kind);
    return row != NULL && (row->audience == EVENT_MERCHANT || call->caller->mid[0] == '\0');
}

/* The kinds with a space between; false, and 422 is written, when one is none. */
static bool read_kinds(const struct api_call *call, char *out, size_t size,
                       struct http_response *response)
{
    struct writer w = writer_over(out, size - 1);
    struct json_t *list = NULL;
    size_t count = 0;
    bool good = !FAILED(json_list(call->body, "kinds", WEBHOOK_KINDS_MAX, &list, &count));
    for (size_t i = 0; good && i < count; i++) {
        struct bytes kind;
        good = !FAILED(json_value_text(json_at(list, i), EVENT_KIND_MAX, &kind));
        bool all = good && bytes_equal(kind, BYTES("*"));
        good = good && (all ? count == 1 : may_hear(call, kind));
        if (i > 0) write_bytes(&w, BYTES(" "));
        if (good) write_bytes(&w, kind);
    }
    if (good && w.fault == ERR_OK) {
        out[w.len] = '\0';
        return true;
    }
    api_refuse(response, 422, "kinds",
               "a kind is none of those of /events/kinds | 事件种类不在 /events/kinds 之列");
    return false;
}

/* ---- endpoints ---- */

struct listing {
    struct backoffice *b;
    struct json_out *j;
    size_t count;
    int64_t last;
};

static err write_row(void *context, const struct webhook *webhook)
{
    struct listing *l = context;
    json_object_begin(l->j);
    write_webhook(l->b, l->j, webhook);
    json_object_end(l->j);
    l->count++;
    l->last = webhook->id;
    return OK;
}

static void end_list(const struct listing *l, const struct api_call *call)
{
    char last[24] = "";
    json_array_end(l->j);
    if (l->count == call->limit) snprintf(last, sizeof last, "%lld", (long long)l->last);
    api_next(l->j, last);
    json_object_end(l->j);
}

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.b = b, .j = &j};
    const struct webhook_owner owner = owner_of(call);
    json_object_begin(&j);
    json_member_array(&j, "webhooks");
    TRY(webhooks_each(b->store, &owner, number_of(call->after), call->limit, write_row, &listing));
    end_list(&listing, call);
    return OK;
}

static err on_one(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    struct webhook webhook;
    bool found;
    TRY(find(b, call, &webhook, response, &found));
    if (!found) return OK;
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    write_webhook(b, &j, &webhook);
    json_object_end(&j);
    return OK;
}

/* URL, kinds and outlet of the body; false, and the answer is written, when one cannot be. */
static bool read_new(const struct backoffice *b, const struct api_call *call, struct webhook *w,
                     struct http_response *response)
{
    int64_t outlet = call->caller->outlet;
    err read = json_text_copy(call->body, "url", w->url, sizeof w->url);
    if (!FAILED(read) && json_has(call->body, "outlet"))
        read = json_int(call->body, "outlet", 1, 9999, &outlet);
    if (FAILED(read)) {
        backoffice_malformed(response, read);
        return false;
    }
    enum egress_fault fault = egress_check_url(w->url, b->ports.webhooks.loopback, NULL);
    if (fault != EGRESS_NONE) {
        char text[400];
        snprintf(text, sizeof text, "%s | %s", egress_fault_text(fault, true),
                 egress_fault_text(fault, false));
        api_refuse(response, 422, egress_fault_word(fault), text);
        return false;
    }
    bool elsewhere = call->caller->outlet != 0 && outlet != call->caller->outlet;
    if (elsewhere || (call->caller->mid[0] == '\0' && outlet != 0)) {
        api_refuse(response, 422, "outlet",
                   "an endpoint cannot hear of more than who makes it | 不可超出自己的门店范围");
        return false;
    }
    w->outlet = (uint32_t)outlet;
    return read_kinds(call, w->kinds, sizeof w->kinds, response);
}

/* Without the hsm there is no secret: nothing was done. */
static bool made_or_refused(struct http_response *response, err made)
{
    if (made.code == ERR_FULL)
        api_refuse(response, 409, "too_many",
                   "there are as many endpoints as there may be: take one back | "
                   "接收地址已达上限，请先删除一个");
    if (made.code == ERR_REFUSED) backoffice_unavailable(response, made);
    return made.code != ERR_FULL && made.code != ERR_REFUSED;
}

static err answer_with_secret(struct backoffice *b, const struct api_call *call,
                              struct store_tx *tx, int64_t id, char *secret,
                              struct http_response *response)
{
    const struct webhook_owner owner = owner_of(call);
    struct webhook webhook;
    TRY(webhook_find(b->store, &owner, id, &webhook));
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    write_webhook(b, &j, &webhook);
    json_member_string(&j, "secret", secret);
    json_object_end(&j);
    explicit_bzero(secret, WEBHOOK_SECRET_TEXT);
    return api_commit(b, call, tx, response);
}

static err on_make(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct webhook webhook = {.made_ms = call->now_ms};
    char secret[WEBHOOK_SECRET_TEXT + 1];
    int64_t id = 0;
    if (!read_new(b, call, &webhook, response)) return OK;
    snprintf(webhook.mid, sizeof webhook.mid, "%s", call->caller->mid);
    snprintf(webhook.by, sizeof webhook.by, "%s", call->caller->subject);
    TRY(store_begin(b->store, &tx));
    err made = webhook_make(b, &tx, &webhook, secret, &id);
    if (!made_or_refused(response, made)) return OK;
    TRY(made);
    TRY(note(&tx, call, "webhook_made", id, webhook.url));
    return answer_with_secret(b, call, &tx, id, secret, response);
}

static err on_secret(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct webhook webhook;
    char secret[WEBHOOK_SECRET_TEXT + 1];
    bool found;
    TRY(find(b, call, &webhook, response, &found));
    if (!found) return OK;
    TRY(store_begin(b->store, &tx));
    err made = webhook_change_secret(b, &tx, webhook.id, call->now_ms, secret);
    if (!made_or_refused(response, made)) return OK;
    TRY(made);
    TRY(note(&tx, call, "webhook_secret_changed", webhook.id, ""));
    return answer_with_secret(b, call, &tx, webhook.id, secret, response);
}

static err on_pair(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct webhook webhook;
    bool found;
    TRY(find(b, call, &webhook, response, &found));
    if (!found) return OK;
    TRY(store_begin(b->store, &tx));
    err changed = webhook_change_pair(b, &tx, &webhook, call->now_ms);
    if (changed.code == ERR_STATE) {
        api_refuse(response, 409, "changing",
                   "the key before this one still signs: change it again when that has ended | "
                   "上一个密钥仍在有效期内，到期后方可再次更换");
        return OK;
    }
    if (!made_or_refused(response, changed)) return OK;
    TRY(changed);
    TRY(note(&tx, call, "webhook_pair_changed", webhook.id, ""));
    TRY(find(b, call, &webhook, response, &found));
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    write_webhook(b, &j, &webhook);
    json_object_end(&j);
    return api_commit(b, call, &tx, response);
}

/* One change of an endpoint that answers "done". */
typedef err (*webhook_change)(struct store_tx *tx, const struct api_call *call, int64_t id);

static err change_one(struct backoffice *b, const struct api_call *call,
                      struct http_response *response, webhook_change change, const char *event)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct webhook webhook;
    bool found;
    TRY(find(b, call, &webhook, response, &found));
    if (!found) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(change(&tx, call, webhook.id));
    TRY(note(&tx, call, event, webhook.id, webhook.url));
    write_done(response);
    return api_commit(b, call, &tx, response);
}

static err pause_it(struct store_tx *tx, const struct api_call *call, int64_t id)
{
    (void)call;
    return webhook_set_state(tx, id, WEBHOOK_PAUSED, "asked");
}

static err resume_it(struct store_tx *tx, const struct api_call *call, int64_t id)
{
    (void)call;
    return webhook_set_state(tx, id, WEBHOOK_ACTIVE, "");
}

static err drop_it(struct store_tx *tx, const struct api_call *call, int64_t id)
{
    (void)call;
    return webhook_drop(tx, id);
}

static err on_pause(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    return change_one(b, call, response, pause_it, "webhook_paused");
}

static err on_resume(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    return change_one(b, call, response, resume_it, "webhook_resumed");
}

static err on_drop(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    return change_one(b, call, response, drop_it, "webhook_dropped");
}

static err on_kinds(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct webhook webhook;
    bool found;
    TRY(find(b, call, &webhook, response, &found));
    if (!found || !read_kinds(call, webhook.kinds, sizeof webhook.kinds, response)) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(webhook_set_kinds(&tx, webhook.id, webhook.kinds));
    TRY(note(&tx, call, "webhook_kinds_changed", webhook.id, webhook.kinds));
    write_done(response);
    return api_commit(b, call, &tx, response);
}

/* ---- deliveries ---- */

static err write_delivery_row(void *context, const struct delivery *delivery)
{
    struct listing *l = context;
    json_object_begin(l->j);
    write_delivery(l->j, delivery);
    json_object_end(l->j);
    l->count++;
    l->last = delivery->id;
    return OK;
}

static err on_deliveries(struct backoffice *b, const struct api_call *call,
                         struct http_response *response)
{
    const char *wanted = api_query(call, "state");
    struct webhook webhook;
    unsigned state = 0;
    bool found;
    TRY(find(b, call, &webhook, response, &found));
    if (!found) return OK;
    for (unsigned i = DELIVERY_WAITING; i < DELIVERY_STATES; i++)
        if (strcmp(wanted, delivery_state_word((enum delivery_state)i)) == 0) state = i;
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.j = &j};
    json_object_begin(&j);
    json_member_array(&j, "deliveries");
    TRY(deliveries_each(b->store, webhook.id, (enum delivery_state)state, number_of(call->after),
                        call->limit, write_delivery_row, &listing));
    end_list(&listing, call);
    return OK;
}

static err answer_made(struct backoffice *b, const struct api_call *call, struct store_tx *tx,
                       int64_t id, struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_int(&j, "id", id);
    json_object_end(&j);
    return api_commit(b, call, tx, response);
}

static err on_test(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct webhook webhook;
    int64_t id = 0;
    bool found;
    TRY(find(b, call, &webhook, response, &found));
    if (!found) return OK;
    TRY(store_begin(b->store, &tx));
    err made = webhook_try(&tx, webhook.id, call->now_ms, &id);
    if (made.code == ERR_FULL) {
        api_refuse(response, 409, "waiting",
                   "as many messages wait as may: see what has become of them | 待发消息已达上限");
        return OK;
    }
    TRY(made);
    TRY(note(&tx, call, "webhook_tried", webhook.id, webhook.url));
    return answer_made(b, call, &tx, id, response);
}

static err on_again(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct webhook webhook;
    int64_t id = number_of(call->value[1]);
    bool found;
    TRY(find(b, call, &webhook, response, &found));
    if (!found) return OK;
    TRY(store_begin(b->store, &tx));
    err again = delivery_again(&tx, webhook.id, id, call->now_ms);
    if (again.code == ERR_NOT_FOUND) {
        api_missing(response);
        return OK;
    }
    if (again.code == ERR_STATE) {
        api_refuse(response, 409, "waiting", "it is on its way already | 该消息正在发送中");
        return OK;
    }
    TRY(again);
    TRY(note(&tx, call, "webhook_sent_again", webhook.id, call->value[1]));
    return answer_made(b, call, &tx, id, response);
}

/* ---- rows ---- */

#define WHO (ROLE_OWNER | ROLE_ADMIN)

#define WEBHOOK_ROUTES(X, S)                                                                       \
    X(GET, "/webhooks", SESSION, WHO | ROLE_AUDITOR, WEBHOOKS_WRITE, 1, API_PAGED, NULL,           \
      &list_schema, on_list, "Where events are sent")                                              \
    X(POST, "/webhooks", STEP_UP, WHO, WEBHOOKS_WRITE, 10, API_CREATES | API_SECRET, &new_schema,  \
      &webhook_schema_out, on_make, "Have events sent to a server")                                \
    X(GET, "/webhooks/{webhook}", SESSION, WHO | ROLE_AUDITOR, WEBHOOKS_WRITE, 1, 0, NULL,         \
      &webhook_schema_out, on_one, "One endpoint")                                                 \
    X(PUT, "/webhooks/{webhook}/kinds", SESSION, WHO, WEBHOOKS_WRITE, 2, 0, &kinds_schema,         \
      &done_schema, on_kinds, "Choose what an endpoint is told")                                   \
    X(POST, "/webhooks/{webhook}/pause", SESSION, WHO, WEBHOOKS_WRITE, 2, 0, NULL, &done_schema,   \
      on_pause, "Send nothing for now; events wait")                                               \
    X(POST, "/webhooks/{webhook}/resume", SESSION, WHO, WEBHOOKS_WRITE, 2, 0, NULL, &done_schema,  \
      on_resume, "Go on where it was paused")                                                      \
    X(POST, "/webhooks/{webhook}/secret", STEP_UP, WHO, WEBHOOKS_WRITE, 10, API_SECRET, NULL,      \
      &webhook_schema_out, on_secret, "Change the secret; the one before signs too for a day")     \
    X(POST, "/webhooks/{webhook}/pair", STEP_UP, WHO, WEBHOOKS_WRITE, 10, 0, NULL,                 \
      &webhook_schema_out, on_pair, "Change the pair of v1a; the one before signs too for a week") \
    X(POST, "/webhooks/{webhook}/test", SESSION, WHO, WEBHOOKS_WRITE, 10, API_CREATES, NULL,       \
      &made_schema, on_test, "Send a message of the kind webhook.test")                            \
    X(DELETE, "/webhooks/{webhook}", STEP_UP, WHO, WEBHOOKS_WRITE, 2, 0, NULL, &done_schema,       \
      on_drop, "Send nothing there any more, and forget what waits")                               \
    S(GET, "/webhooks/{webhook}/deliveries", SESSION, WHO | ROLE_AUDITOR, WEBHOOKS_WRITE, 2,       \
      API_PAGED, NULL, &deliveries_schema, on_deliveries, "What became of messages",               \
      &search_schema)                                                                              \
    X(POST, "/webhooks/{webhook}/deliveries/{delivery}/again", SESSION, WHO, WEBHOOKS_WRITE, 5,    \
      API_CREATES, NULL, &made_schema, on_again, "Send a message again")

const struct api_route webhook_rows[WEBHOOK_ROWS] = {WEBHOOK_ROUTES(API_ROUTE_ROW, API_SEARCH_ROW)};
