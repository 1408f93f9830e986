/* SPDX-License-Identifier: Apache-2.0 */
/* The page that says how the house is, and who may say so. */
#include "backoffice/upkeep/service.h"

#include "backoffice/api/api.h"
#include "backoffice/devices/device_house.h"
#include "backoffice/events/events.h"
#include "backoffice/messages/templates.h"
#include "backoffice/parts.h"

static const struct service_part parts[] = {
    {"payments", "收款", "payments"},           {"cards", "银行卡网络", "card network"},
    {"wallets", "扫码支付", "wallets"},         {"consoles", "商户后台", "consoles"},
    {"messages", "短信和邮件", "SMS and mail"},
};

const struct service_part *service_part_at(size_t index)
{
    return index < ARRAY_LEN(parts) ? &parts[index] : NULL;
}

static const struct {
    const char *word, *zh, *en;
} states[SERVICE_STATES] = {
    [SERVICE_OK] = {"ok", "正常", "works"},
    [SERVICE_DEGRADED] = {"degraded", "部分受影响", "works in part"},
    [SERVICE_DOWN] = {"down", "中断", "does not work"},
};

/* What was said, in order; the newest of a part is how it is. */
static const char *const migration[] = {
    "CREATE TABLE service(id INTEGER PRIMARY KEY AUTOINCREMENT, part INTEGER NOT NULL,"
    " state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 3), zh TEXT NOT NULL, en TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL, actor TEXT NOT NULL) STRICT;"
    "CREATE INDEX service_part ON service(part, id);",
};

const struct store_schema service_schema = {"service", migration, ARRAY_LEN(migration)};

struct said {
    size_t part;
    enum service_state state;
    char zh[SERVICE_TEXT_MAX + 1], en[SERVICE_TEXT_MAX + 1];
    int64_t at_ms; /* 0: nothing was ever said of it */
};

static err read_said(struct store_statement *row, struct said *s)
{
    s->part = (size_t)store_read_int(row);
    s->state = (enum service_state)store_read_int(row);
    store_read_text_into(row, s->zh, sizeof s->zh);
    store_read_text_into(row, s->en, sizeof s->en);
    s->at_ms = store_read_int(row);
    err read = store_read_finish(row);
    if (!FAILED(read) && s->part >= ARRAY_LEN(parts)) return ERR(CORRUPT);
    return read;
}

/* How each part is. */
static err current(struct store *store, struct said out[ARRAY_LEN(parts)])
{
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct store_statement *query;
        bool row = false;
        out[i] = (struct said){.part = i, .state = SERVICE_OK};
        TRY(store_statement(store,
                            "SELECT part, state, zh, en, at_ms FROM service WHERE part = ?"
                            " ORDER BY id DESC LIMIT 1",
                            &query));
        store_bind_int(query, (int64_t)i);
        TRY(store_step(query, &row));
        if (!row) continue;
        err read = read_said(query, &out[i]);
        store_reset(query);
        TRY(read);
    }
    return OK;
}

static err lately(struct store *store, struct said out[SERVICE_LISTED], size_t *ret_count)
{
    struct store_statement *rows;
    TRY(store_statement(
        store, "SELECT part, state, zh, en, at_ms FROM service ORDER BY id DESC LIMIT ?", &rows));
    store_bind_int(rows, SERVICE_LISTED);
    for (*ret_count = 0;; ++*ret_count) {
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err read = read_said(rows, &out[*ret_count]);
        if (FAILED(read)) {
            store_reset(rows);
            return read;
        }
    }
}

/* ---- the page ---- */

/* People have written it: nothing of it is markup. */
static void write_text(struct writer *w, const char *text)
{
    for (; *text != '\0'; text++) {
        const char *as = *text == '<'   ? "&lt;"
                         : *text == '>' ? "&gt;"
                         : *text == '&' ? "&amp;"
                         : *text == '"' ? "&quot;"
                                        : NULL;
        if (as != NULL) write_bytes(w, bytes_text(as));
        else write_bytes(w, bytes_of(text, 1));
    }
}

static void write_line(struct writer *w, const struct said *s, bool english)
{
    char at[TEMPLATE_MOMENT_LEN + 1] = "";
    if (s->at_ms != 0) template_moment(s->at_ms, at);
    write_format(w, "<li><strong>%s</strong>: %s", english ? parts[s->part].en : parts[s->part].zh,
                 english ? states[s->state].en : states[s->state].zh);
    if (at[0] != '\0') write_format(w, " (%s)", at);
    if ((english ? s->en : s->zh)[0] != '\0') write_format(w, "<br>");
    write_text(w, english ? s->en : s->zh);
    write_format(w, "</li>\n");
}

static void write_list(struct writer *w, const char *title, const struct said *said, size_t count,
                       bool english)
{
    write_format(w, "<h2>%s</h2>\n<ul>\n", title);
    for (size_t i = 0; i < count; i++) write_line(w, &said[i], english);
    write_format(w, "</ul>\n");
}

err service_page(struct backoffice *b, struct http_response *response)
{
    struct said now[ARRAY_LEN(parts)], past[SERVICE_LISTED];
    size_t count = 0;
    struct writer *w = &response->body;
    TRY(current(b->store, now));
    TRY(lately(b->store, past, &count));
    response->content_type = "text/html; charset=utf-8";
    write_format(w, "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                    "<title>通宝 服务状态 · Tongbao status</title></head><body>\n"
                    "<main><section lang=\"zh-CN\"><h1>通宝 服务状态</h1>\n");
    write_list(w, "现在", now, ARRAY_LEN(now), false);
    if (count > 0) write_list(w, "最近", past, count, false);
    write_format(w, "</section>\n<section lang=\"en\"><h1>Tongbao status</h1>\n");
    write_list(w, "Now", now, ARRAY_LEN(now), true);
    if (count > 0) write_list(w, "Lately", past, count, true);
    write_format(w, "</section></main></body></html>\n");
    return OK;
}

/* ---- calls ---- */

static const char *const part_words[] = {"payments", "cards",    "wallets",
                                         "consoles", "messages", NULL};
static const char *const state_words[] = {"ok", "degraded", "down", NULL};

static const struct api_field said_fields[] = {
    {"part", API_WORD, .words = part_words, .text = "Of what"},
    {"state", API_WORD, .words = state_words, .text = "How it is"},
    {"text_zh", API_TEXT, .max = SERVICE_TEXT_MAX, .text = "What is known, in Chinese"},
    {"text_en", API_TEXT, .max = SERVICE_TEXT_MAX, .text = "What is known, in English"},
    {"since", API_TIME, .optional = true, .text = "Since when; not there: always"},
};
API_SCHEMA(said_schema, "ServiceState", said_fields);

static const struct api_field all_fields[] = {
    {"parts", API_LIST, .of = &said_schema, .text = "Each part of the service"},
};
API_SCHEMA(all_schema, "ServiceStates", all_fields);

static const struct api_field say_fields[] = {
    {"part", API_WORD, .words = part_words, .text = "Of what"},
    {"state", API_WORD, .words = state_words, .text = "How it is"},
    {"text_zh", API_TEXT, .max = SERVICE_TEXT_MAX, .text = "What is known, in Chinese"},
    {"text_en", API_TEXT, .max = SERVICE_TEXT_MAX, .text = "What is known, in English"},
};
API_SCHEMA(say_schema, "ServiceSaid", say_fields);

static void write_said(struct json_out *j, const struct said *s)
{
    json_object_begin(j);
    json_member_string(j, "part", parts[s->part].name);
    json_member_string(j, "state", states[s->state].word);
    json_member_string(j, "text_zh", s->zh);
    json_member_string(j, "text_en", s->en);
    if (s->at_ms != 0) json_member_int(j, "since", s->at_ms);
    json_object_end(j);
}

static err on_states(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    struct said now[ARRAY_LEN(parts)];
    (void)call;
    TRY(current(b->store, now));
    json_object_begin(&j);
    json_member_array(&j, "parts");
    for (size_t i = 0; i < ARRAY_LEN(now); i++) write_said(&j, &now[i]);
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

static err put(struct store_tx *tx, const struct said *s, const char *actor)
{
    struct store_statement *insert;
    TRY(store_statement(tx->store,
                        "INSERT INTO service(part, state, zh, en, at_ms, actor)"
                        " VALUES(?, ?, ?, ?, ?, ?)",
                        &insert));
    store_bind_int(insert, (int64_t)s->part);
    store_bind_int(insert, (int64_t)s->state);
    store_bind_text(insert, bytes_text(s->zh));
    store_bind_text(insert, bytes_text(s->en));
    store_bind_int(insert, s->at_ms);
    store_bind_text(insert, bytes_text(actor));
    TRY(store_run(insert));
    if (s->state != SERVICE_DOWN) return OK;
    return event_append(
        tx, &(struct event){.mid = "", .kind = "host.down", .object = "status", .at_ms = s->at_ms},
        NULL);
}

static err read_body(const struct api_call *call, struct said *s)
{
    struct bytes part, state;
    *s = (struct said){.at_ms = call->now_ms};
    TRY(json_text(call->body, "part", 16, &part));
    TRY(json_text(call->body, "state", 16, &state));
    TRY(json_text_copy(call->body, "text_zh", s->zh, sizeof s->zh));
    TRY(json_text_copy(call->body, "text_en", s->en, sizeof s->en));
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (bytes_equal(part, bytes_text(parts[i].name))) s->part = i;
    for (enum service_state at = SERVICE_OK; at < SERVICE_STATES; at++)
        if (bytes_equal(state, bytes_text(states[at].word))) s->state = at;
    ENSURE(s->state != 0); /* the row's schema names them */
    return OK;
}

static err on_say(struct backoffice *b, const struct api_call *call, struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct said s;
    TRY(read_body(call, &s));
    TRY(store_begin(b->store, &tx));
    TRY(put(&tx, &s, call->caller->subject));
    TRY(audit_append(&tx,
                     &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                           BYTES("service_said"), bytes_text(parts[s.part].name),
                                           bytes_text(states[s.state].word)}));
    struct json_out j = json_out_over(&response->body);
    write_said(&j, &s);
    return api_commit(b, call, &tx, response);
}

/* ---- terminals ---- */

enum { PAYMENTS, CARDS, WALLETS }; /* of `parts` */

/* What a cashier can do something about; consoles and messages are not his. */
static enum device_house house_of(const struct said now[ARRAY_LEN(parts)])
{
    bool cards = now[CARDS].state != SERVICE_OK, wallets = now[WALLETS].state != SERVICE_OK;
    bool both = now[CARDS].state == SERVICE_DOWN && now[WALLETS].state == SERVICE_DOWN;
    if (now[PAYMENTS].state == SERVICE_DOWN || both) return DEVICE_HOUSE_DOWN;
    if (now[PAYMENTS].state == SERVICE_DEGRADED || (cards && wallets)) return DEVICE_HOUSE_SLOW;
    return cards ? DEVICE_HOUSE_CARDS : wallets ? DEVICE_HOUSE_WALLETS : DEVICE_HOUSE_OK;
}

static err tick(struct backoffice *b, int64_t now_ms)
{
    struct said now[ARRAY_LEN(parts)];
    (void)now_ms;
    if (b->desk == NULL) return OK;
    TRY(current(b->store, now));
    device_house_set(b->desk, house_of(now));
    return OK;
}

#define SERVICE_ROUTES(X)                                                                         \
    X(GET, "/status", PUBLIC, 0, NONE, 1, 0, NULL, &all_schema, on_states,                        \
      "How the parts of the service are")                                                         \
    X(POST, "/status", SESSION, ROLE_AGENT | ROLE_APPROVER | ROLE_ADMIN, NONE, 2, 0, &say_schema, \
      &said_schema, on_say, "Say how a part of the service is")

static const struct api_route service_rows[] = {SERVICE_ROUTES(API_ROUTE_ROW)};

const struct backoffice_part service_part = {
    .name = "service",
    .schema = &service_schema,
    .api_routes = service_rows,
    .api_route_count = ARRAY_LEN(service_rows),
    .tick = tick,
};
