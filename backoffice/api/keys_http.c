/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys as an owner sees those of his merchant, and an administrator those of the acquirer. People
 * make and take back keys, with a factor shown just now; a key makes no key.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/accounts/session.h"
#include "backoffice/api/keys.h"
#include "backoffice/events/events.h"

static const struct api_field made_fields[] = {
    {"name", API_TEXT, .min = 1, .max = KEY_NAME_MAX, .text = "What the key is for"},
    {"scopes", API_TEXTS, .min = 1, .max = API_SCOPES, .text = "What it may do"},
    {"days", API_INT, .min = 1, .max = KEY_DAYS_MAX, .text = "How long it lasts"},
    {"outlet", API_INT, .optional = true, .min = 1, .max = 99999,
     .text = "The only outlet it may see"},
};
API_SCHEMA(make_schema, "NewKey", made_fields);

static const struct api_field key_fields[] = {
    {"id", API_INT, .min = 1, .text = "Its number", .max = INT64_MAX},
    {"name", API_TEXT, .max = KEY_NAME_MAX, .text = "What the key is for"},
    {"scopes", API_TEXTS, .text = "What it may do"},
    {"outlet", API_INT, .optional = true, .text = "The only outlet it may see"},
    {"made", API_TIME, .text = "When it was made"},
    {"by", API_TEXT, .text = "Who made it"},
    {"ends", API_TIME, .text = "When it ends by itself"},
    {"used", API_TIME, .optional = true, .text = "When it was last used, to a minute"},
    {"revoked", API_TIME, .optional = true, .text = "When it was taken back"},
    {"secret", API_TEXT, .optional = true,
     .text = "The key itself: in the answer that made it, and never again"},
};
API_SCHEMA(key_schema, "Key", key_fields);

static const struct api_field list_fields[] = {
    {"keys", API_LIST, .of = &key_schema, .text = "By their numbers"},
    {"next", API_TEXT, .optional = true, .text = "What to send as `after`"},
};
API_SCHEMA(list_schema, "Keys", list_fields);

static const struct api_field none_fields[] = {
    {"done", API_BOOL, .text = "True"},
};
API_SCHEMA(done_schema, "Done", none_fields);

static void write_key(struct json_out *j, const struct api_key *key)
{
    json_member_int(j, "id", key->id);
    json_member_string(j, "name", key->name);
    json_member_array(j, "scopes");
    for (unsigned i = 0; i < API_SCOPES; i++)
        if (key->scopes & 1u << i) json_element_text(j, bytes_text(api_scope_word(1u << i)));
    json_array_end(j);
    if (key->outlet != 0) json_member_int(j, "outlet", key->outlet);
    json_member_int(j, "made", key->made_ms);
    json_member_string(j, "by", key->by);
    json_member_int(j, "ends", key->ends_ms);
    if (key->used_ms != 0) json_member_int(j, "used", key->used_ms);
    if (key->revoked_ms != 0) json_member_int(j, "revoked", key->revoked_ms);
}

struct listing {
    struct json_out *j;
    size_t count;
    int64_t last;
};

static err write_row(void *context, const struct api_key *key)
{
    struct listing *l = context;
    json_object_begin(l->j);
    write_key(l->j, key);
    json_object_end(l->j);
    l->count++;
    l->last = key->id;
    return OK;
}

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct listing listing = {.j = &j};
    char last[24] = "";
    int64_t after = strtoll(call->after, NULL, 10);
    json_object_begin(&j);
    json_member_array(&j, "keys");
    TRY(keys_each(b, call->caller->mid, call->caller->outlet, after, call->limit, write_row,
                  &listing));
    json_array_end(&j);
    if (listing.count == call->limit) snprintf(last, sizeof last, "%lld", (long long)listing.last);
    api_next(&j, last);
    json_object_end(&j);
    return OK;
}

/* The scopes by their words; false when one is none. */
static bool read_scopes(const struct json_t *body, unsigned *ret_scopes)
{
    struct json_t *list;
    size_t count;
    struct bytes word;
    *ret_scopes = 0;
    if (FAILED(json_list(body, "scopes", API_SCOPES, &list, &count))) return false;
    for (size_t i = 0; i < count; i++) {
        if (FAILED(json_value_text(json_at(list, i), 64, &word))) return false;
        unsigned scope = api_scope_of(word);
        if (scope == 0) return false;
        *ret_scopes |= scope;
    }
    return true;
}

/* The event of a key: its number, and nothing of what it opens. */
static err tell(struct store_tx *tx, const struct api_call *call, const char *kind, int64_t id,
                uint32_t outlet)
{
    char object[32];
    snprintf(object, sizeof object, "keys/%lld", (long long)id);
    return event_append(tx,
                        &(struct event){.mid = call->caller->mid,
                                        .outlet = outlet,
                                        .kind = kind,
                                        .object = object,
                                        .at_ms = call->now_ms},
                        NULL);
}

static err on_make(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct api_key key = {.made_ms = call->now_ms};
    char text[KEY_TEXT + 1];
    int64_t days = 0, outlet = call->caller->outlet;
    TRY(json_text_copy(call->body, "name", key.name, sizeof key.name));
    TRY(json_int(call->body, "days", 1, KEY_DAYS_MAX, &days));
    if (json_has(call->body, "outlet")) TRY(json_int(call->body, "outlet", 1, 99999, &outlet));
    if (!read_scopes(call->body, &key.scopes)) {
        api_refuse(response, 422, "scope", "a scope is none of the published ones");
        return OK;
    }
    bool elsewhere = call->caller->outlet != 0 && outlet != call->caller->outlet;
    if (elsewhere || (call->caller->mid[0] == '\0' && outlet != 0)) {
        api_refuse(response, 422, "outlet", "a key cannot see more than who makes it");
        return OK;
    }
    key.outlet = (uint32_t)outlet;
    key.ends_ms = call->now_ms + days * INT64_C(86400000);
    snprintf(key.mid, sizeof key.mid, "%s", call->caller->mid);
    snprintf(key.by, sizeof key.by, "%s", call->caller->subject);
    TRY(store_begin(b->store, &tx));
    err made = key_make(b, &tx, &key, text, &key.id);
    if (made.code == ERR_FULL) {
        api_refuse(response, 409, "too_many",
                   "there are as many keys as there may be: take one back");
        return OK;
    }
    TRY(made);
    TRY(audit_append(&tx, &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                                BYTES("api_key_made"), bytes_text(key.name),
                                                bytes_text(key.mid)}));
    TRY(tell(&tx, call, "key.made", key.id, key.outlet));
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    write_key(&j, &key);
    json_member_string(&j, "secret", text);
    json_object_end(&j);
    explicit_bzero(text, sizeof text);
    return api_commit(b, call, &tx, response);
}

static err on_revoke(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    int64_t id = strtoll(call->value[0], NULL, 10);
    TRY(store_begin(b->store, &tx));
    err done = key_revoke(&tx, call->caller->mid, id, call->now_ms);
    if (done.code == ERR_NOT_FOUND) {
        api_missing(response);
        return OK;
    }
    TRY(done);
    TRY(audit_append(&tx,
                     &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                           BYTES("api_key_revoked"), bytes_text(call->value[0]),
                                           bytes_text(call->caller->mid)}));
    TRY(tell(&tx, call, "key.revoked", id, 0));
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_bool(&j, "done", true);
    json_object_end(&j);
    return api_commit(b, call, &tx, response);
}

#define KEY_ROUTES(X)                                                                          \
    X(GET, "/keys", SESSION, ROLE_OWNER | ROLE_ADMIN | ROLE_AUDITOR, KEYS_READ, 1, API_PAGED,  \
      NULL, &list_schema, on_list, "Keys of programs")                                         \
    X(POST, "/keys", STEP_UP, ROLE_OWNER | ROLE_ADMIN, NONE, 10, API_CREATES | API_SECRET,     \
      &make_schema, &key_schema, on_make, "Make a key")                                        \
    X(DELETE, "/keys/{key}", STEP_UP, ROLE_OWNER | ROLE_ADMIN, NONE, 2, 0, NULL, &done_schema, \
      on_revoke, "Take a key back, at once")

const struct api_route api_key_rows[API_KEY_ROWS] = {KEY_ROUTES(API_ROUTE_ROW)};
