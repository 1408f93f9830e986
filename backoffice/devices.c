/* SPDX-License-Identifier: Apache-2.0 */
/* Who is connected, and what terminals ask, as one table: how a question is read, what is done. */
#include "backoffice/devices.h"

#include <stdio.h>

#include "backoffice/desk_internal.h"
#include "backoffice/device_events.h"
#include "backoffice/pairs.h"
#include "backoffice/recovery.h"
#include "lib/base/hex.h"
#include "lib/base/reader.h"
#include "lib/wire/json.h"
#include "registry/policy.h"

enum {
    SERIAL_MAX = REGISTRY_SERIAL_MAX,
    ANCHOR_LEN = 24,
    REFUSED_A_MINUTE = 10,
    APPROVAL_CHALLENGE_MAX = 32
};

/* ---- who is connected ---- */

static struct desk_device *find_session(struct desk *desk, uint32_t session)
{
    for (uint32_t i = 0; i < desk->devices; i++)
        if (desk->device[i].session == session) return &desk->device[i];
    return NULL;
}

static struct desk_device *find_tid(const struct desk *desk, const char *tid)
{
    for (uint32_t i = 0; i < desk->devices; i++)
        if (desk->device[i].session != 0 && strcmp(desk->device[i].tid, tid) == 0)
            return &desk->device[i];
    return NULL;
}

uint32_t desk_session_of(const struct desk *desk, const char *tid)
{
    const struct desk_device *device = find_tid(desk, tid);
    return device != NULL && device->greeted ? device->session : 0;
}

void desk_tell(struct desk *desk, uint32_t session, const struct writer *w)
{
    ENSURE(w->fault == ERR_OK && w->at == desk->out);
    if (session != 0) desk->ports.to_device(desk->ports.context, session, writer_view(w));
    explicit_bzero(desk->out, w->len); /* it may have been a grant */
}

/* An audit record of its own: nothing else changes. */
static err note(struct desk *desk, const char *event, struct bytes subject, const char *detail)
{
    return audit_note(desk->config.store,
                      &(struct audit_entry){desk_now_ms(desk), BYTES("device channel"),
                                            bytes_text(event), subject, bytes_text(detail)});
}

static err refuse(struct desk *desk, uint32_t session, const char *why, struct bytes name)
{
    log_event(desk->config.log, LOG_WARN, "device_refused", LOG_BYTES("name", name),
              LOG_TEXT("why", why));
    desk->ports.close_device(desk->ports.context, session);
    return note(desk, "device_refused", name, why);
}

err devices_peer_refused(struct desk *desk, struct bytes address, const char *why)
{
    int64_t minute = desk_now_ms(desk) / MINUTE_MS;
    if (minute != desk->refused_minute) desk->refused = 0;
    desk->refused_minute = minute;
    if (++desk->refused > REFUSED_A_MINUTE) return OK;
    log_event(desk->config.log, LOG_WARN, "device_peer_refused", LOG_BYTES("address", address),
              LOG_TEXT("why", why));
    return note(desk, "device_peer_refused", address, why);
}

static struct desk_device *free_place(struct desk *desk)
{
    struct desk_device *place = find_session(desk, 0);
    if (place != NULL || desk->devices == desk->config.devices_max) return place;
    return &desk->device[desk->devices++];
}

err devices_opened(struct desk *desk, uint32_t session, struct bytes name, int64_t end_ms)
{
    struct registry_terminal terminal;
    ENSURE(session != 0 && find_session(desk, session) == NULL);
    err found = registry_find_terminal(desk->config.registry, name, &terminal);
    if (found.code == ERR_NOT_FOUND) return refuse(desk, session, "not registered", name);
    TRY(found);
    if (terminal.status == REGISTRY_CLOSED) return refuse(desk, session, "closed", name);
    struct desk_device *device = find_tid(desk, terminal.tid);
    if (device != NULL) desk->ports.close_device(desk->ports.context, device->session);
    else device = free_place(desk);
    if (device == NULL) return refuse(desk, session, "full", name);
    *device = (struct desk_device){
        .session = session, .minute = desk_now_ms(desk) / MINUTE_MS, .certificate_end_ms = end_ms};
    memcpy(device->tid, terminal.tid, sizeof device->tid);
    return OK;
}

err devices_closed(struct desk *desk, uint32_t session)
{
    struct desk_device *device = session == 0 ? NULL : find_session(desk, session);
    if (device == NULL) return OK; /* refused, or taken over by a newer connection */
    *device = (struct desk_device){0};
    desk_changed(desk, DESK_DEVICES);
    return OK;
}

/* ---- questions ---- */

/* A question, read. Views live as long as its document. */
struct asked {
    struct desk *desk;
    struct desk_device *device;
    struct registry_terminal terminal;
    struct json_out *answer; /* an open object with its id */
    struct bytes serial, model;
    char version[DEVICE_VERSION_MAX + 1];
    int64_t policy, first_login_ms, pair;
    struct desk_challenge challenge;
    uint8_t anchor[ANCHOR_LEN];
    uint8_t token[APPROVAL_CHALLENGE_MAX];
    size_t token_len;
    struct device_event event;
    const char *refused; /* not NULL: the answer is the last that it hears */
};

static void status(struct asked *a, const char *text)
{
    json_member_string(a->answer, "status", text);
}

static err read_hex(const struct json_t *root, const char *name, uint8_t *out, size_t max,
                    size_t *ret_len)
{
    struct bytes text;
    TRY(json_text(root, name, max * 2, &text));
    TRY(hex_decode(text, out, max, ret_len));
    return *ret_len > 0 ? OK : ERR(SHORT);
}

static err read_operator(const struct json_t *root, char out[DESK_OPERATOR_LEN + 1])
{
    TRY(json_text_copy(root, "operator", out, DESK_OPERATOR_LEN + 1));
    bool two = strlen(out) == DESK_OPERATOR_LEN && bytes_all_digits(bytes_text(out));
    return two ? OK : ERR(FORMAT);
}

static err read_hello(const struct json_t *root, struct asked *a)
{
    size_t len;
    TRY(json_text(root, "serial", SERIAL_MAX, &a->serial));
    TRY(json_text(root, "model", REGISTRY_MODEL_MAX, &a->model));
    TRY(json_text_copy(root, "version", a->version, sizeof a->version));
    TRY(json_int(root, "policy", 0, UINT32_MAX, &a->policy));
    TRY(json_int(root, "first_login_ms", 0, INT64_MAX, &a->first_login_ms));
    TRY(read_hex(root, "epoch", a->anchor, sizeof a->anchor, &len));
    return len == sizeof a->anchor ? OK : ERR(LENGTH);
}

static err read_challenge(const struct json_t *root, struct asked *a)
{
    size_t len;
    TRY(read_operator(root, a->challenge.operator_id));
    TRY(read_hex(root, "challenge", a->challenge.at, sizeof a->challenge.at, &len));
    a->challenge.len = (uint8_t)len;
    memcpy(a->challenge.tid, a->device->tid, sizeof a->challenge.tid);
    return OK;
}

static err read_recover(const struct json_t *root, struct asked *a)
{
    struct bytes way;
    TRY(read_challenge(root, a));
    TRY(json_text(root, "way", 8, &way));
    a->challenge.way = recovery_way_named(way);
    return a->challenge.way != 0 ? OK : ERR(FORMAT);
}

static err read_event(const struct json_t *root, struct asked *a)
{
    struct device_event *e = &a->event;
    TRY(json_text_copy(root, "kind", e->kind, sizeof e->kind));
    TRY(json_text_copy(root, "operator", e->operator_id, sizeof e->operator_id));
    TRY(json_text_copy(root, "detail", e->detail, sizeof e->detail));
    if (e->operator_id[0] != '\0') TRY(read_operator(root, e->operator_id));
    if (json_has(root, "at_ms")) TRY(json_int(root, "at_ms", 0, INT64_MAX, &e->at_ms));
    if (!json_has(root, "number")) return OK;
    return json_int(root, "number", 1, INT64_MAX, &e->number);
}

static err read_token(const struct json_t *root, struct asked *a)
{
    TRY(read_hex(root, "token", a->token, PAIR_TOKEN_LEN, &a->token_len));
    return a->token_len == PAIR_TOKEN_LEN ? OK : ERR(LENGTH);
}

static err read_pair_end(const struct json_t *root, struct asked *a)
{
    if (!json_has(root, "token")) return OK; /* given up before there was one */
    TRY(read_token(root, a));
    return json_int(root, "pair", 0, UINT8_MAX, &a->pair);
}

static err read_approve(const struct json_t *root, struct asked *a)
{
    TRY(read_operator(root, a->challenge.operator_id));
    return read_hex(root, "challenge", a->token, sizeof a->token, &a->token_len);
}

/* ---- what is done ---- */

/*
 * The anti-rollback counter. A terminal that comes with a lower one than it had has an old copy of
 * its vault; it learns that from our MACed answer, and its vault locks (contract of ANCHOR).
 * Without the hsm nothing is compared: the next connection does.
 */
static err exchange_anchor(struct asked *a, int64_t *epoch)
{
    struct desk *desk = a->desk;
    struct reader r = reader_over(BYTES_OF(a->anchor));
    struct desk_anchor said = {.epoch = read_be(&r, 8)}, own;
    memcpy(said.mac, r.left.at, sizeof said.mac);
    if (said.epoch <= INT64_MAX && said.epoch > 0) {
        err checked = desk->ports.anchor_check(desk->ports.context, a->device->tid, &said);
        if (checked.code == ERR_MAC)
            return note(desk, "anchor_mac_failed", bytes_text(a->device->tid), "");
        if (FAILED(checked)) return OK;
        if ((int64_t)said.epoch < *epoch)
            TRY(note(desk, "rollback", bytes_text(a->device->tid), "an older vault has come"));
        else *epoch = (int64_t)said.epoch;
    }
    if (*epoch == 0) return OK;
    own.epoch = (uint64_t)*epoch;
    err made = desk->ports.anchor_make(desk->ports.context, a->device->tid, &own);
    if (FAILED(made)) return OK;
    uint8_t block[ANCHOR_LEN];
    struct writer w = writer_over(block, sizeof block);
    write_be(&w, own.epoch, 8);
    write_bytes(&w, BYTES_OF(own.mac));
    json_member_hex(a->answer, "anchor", writer_view(&w));
    return OK;
}

static err read_epoch(struct desk *desk, const char *tid, int64_t *ret_epoch)
{
    struct store_statement *query;
    bool row = false;
    *ret_epoch = 0;
    TRY(store_statement(desk->config.store, "SELECT epoch FROM terminal WHERE tid = ?", &query));
    store_bind_text(query, bytes_text(tid));
    TRY(store_step(query, &row));
    if (!row) return OK;
    *ret_epoch = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

static err write_device(struct asked *a, int64_t epoch)
{
    struct store_statement *put;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(a->desk->config.store, &tx));
    TRY(store_statement(
        a->desk->config.store,
        "INSERT INTO terminal(tid, epoch, policy, version, first_login_ms, seen_ms,"
        " certificate_end_ms) VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT(tid) DO UPDATE SET epoch ="
        " max(epoch, excluded.epoch), policy = excluded.policy, version ="
        " excluded.version, first_login_ms = CASE WHEN first_login_ms = 0 THEN"
        " excluded.first_login_ms ELSE first_login_ms END, seen_ms ="
        " excluded.seen_ms, certificate_end_ms = excluded.certificate_end_ms",
        &put));
    store_bind_text(put, bytes_text(a->device->tid));
    store_bind_int(put, epoch);
    store_bind_int(put, a->policy);
    store_bind_text(put, bytes_text(a->version));
    store_bind_int(put, a->first_login_ms);
    store_bind_int(put, desk_now_ms(a->desk));
    store_bind_int(put, a->device->certificate_end_ms);
    TRY(store_run(put));
    return store_commit(&tx);
}

/* The published policy of its model when that is newer; version 0 otherwise. */
static err newer_policy(struct desk *desk, const char *model, uint32_t than,
                        struct registry_policy *policy)
{
    err found = registry_find_policy(desk->config.registry, bytes_text(model), policy);
    if (found.code == ERR_NOT_FOUND || (!FAILED(found) && policy->version <= than))
        policy->version = 0;
    return found.code == ERR_NOT_FOUND ? OK : found;
}

static err add_policy(struct asked *a)
{
    struct registry_policy policy;
    a->device->policy = (uint32_t)a->policy;
    TRY(newer_policy(a->desk, a->terminal.model, a->device->policy, &policy));
    if (policy.version == 0) return OK;
    a->device->policy = policy.version;
    json_member_text(a->answer, "policy", bytes_of(policy.document, policy.document_len));
    return OK;
}

static err act_hello(struct asked *a)
{
    int64_t epoch = 0;
    if (!bytes_equal(a->serial, bytes_text(a->terminal.serial)) ||
        !bytes_equal(a->model, bytes_text(a->terminal.model))) {
        status(a, "refused");
        a->refused = "another device";
        return OK;
    }
    status(a, "ok");
    TRY(read_epoch(a->desk, a->device->tid, &epoch));
    TRY(exchange_anchor(a, &epoch));
    TRY(write_device(a, epoch));
    TRY(add_policy(a));
    a->device->greeted = true;
    desk_changed(a->desk, DESK_DEVICES);
    return OK;
}

static err act_recover(struct asked *a)
{
    static const char *const names[] = {[RECOVERY_SENT] = "sent",
                                        [RECOVERY_TICKET] = "ticket",
                                        [RECOVERY_LIMIT] = "limit",
                                        [RECOVERY_NO_CONTACT] = "no_contact",
                                        [RECOVERY_REFUSED] = "refused"};
    struct recovery_answer answer = {.verdict = RECOVERY_REFUSED};
    char number[24];
    if (a->terminal.status == REGISTRY_ACTIVE)
        TRY(recovery_ask(a->desk, &a->terminal, &a->challenge, &answer));
    status(a, names[answer.verdict]);
    if (answer.verdict == RECOVERY_SENT) json_member_string(a->answer, "contact", answer.contact);
    snprintf(number, sizeof number, "R-%06lld", (long long)answer.ticket);
    if (answer.verdict == RECOVERY_TICKET) json_member_string(a->answer, "number", number);
    if (answer.seconds > 0) json_member_int(a->answer, "seconds", answer.seconds);
    return OK;
}

static err act_recover_end(struct asked *a)
{
    status(a, "ok");
    return recovery_end(a->desk, a->device->tid, a->challenge.operator_id);
}

static err act_event(struct asked *a)
{
    status(a, "ok");
    return device_event_take(a->desk, &a->terminal, &a->event);
}

static err act_pair(struct asked *a)
{
    char url[PAIR_URL_MAX];
    TRY(pair_begin(a->desk, &a->terminal, bytes_of(a->token, a->token_len), url));
    status(a, "ok");
    json_member_string(a->answer, "url", url);
    return OK;
}

static err act_pair_end(struct asked *a)
{
    status(a, "ok");
    if (a->token_len == 0) return OK;
    return pair_end(a->desk, a->device->tid, bytes_of(a->token, a->token_len), a->pair);
}

static err act_approve(struct asked *a)
{
    unsigned phones = 0;
    TRY(approval_ask(a->desk, a->device->tid, a->challenge.operator_id,
                     bytes_of(a->token, a->token_len), &phones));
    status(a, phones > 0 ? "asked" : "no_contact");
    if (phones > 0) json_member_int(a->answer, "seconds", PAIR_APPROVAL_MS / 1000);
    return OK;
}

/* clang-format off */
static const struct question {
    const char *name;
    const char *const *members;
    err (*read)(const struct json_t *root, struct asked *asked); /* an err: malformed */
    err (*act)(struct asked *asked);                             /* an err: the store is gone */
} questions[] = {
#define MEMBERS(...) (const char *const[]){"id", "ask", __VA_ARGS__, NULL}
    {"hello", MEMBERS("serial", "model", "version", "policy", "first_login_ms", "epoch"), read_hello, act_hello},
    {"recover", MEMBERS("operator", "way", "challenge"), read_recover, act_recover},
    {"recover_end", MEMBERS("operator", "challenge"), read_challenge, act_recover_end},
    {"event", MEMBERS("kind", "operator", "detail", "number", "at_ms"), read_event, act_event},
    {"pair", MEMBERS("token"), read_token, act_pair},
    {"pair_end", MEMBERS("token", "pair"), read_pair_end, act_pair_end},
    {"approve", MEMBERS("challenge", "operator"), read_approve, act_approve},
#undef MEMBERS
};
/* clang-format on */

static const struct question *question_named(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(questions); i++)
        if (bytes_equal(name, bytes_text(questions[i].name))) return &questions[i];
    return NULL;
}

/* ---- frames ---- */

static bool floods(struct desk *desk, struct desk_device *device)
{
    int64_t minute = desk_now_ms(desk) / MINUTE_MS;
    if (minute != device->minute) device->frames = 0;
    device->minute = minute;
    return ++device->frames > DEVICE_FRAMES_A_MINUTE;
}

/* The question in `root`, read into `asked`; NULL when it is malformed, unknown or too early. */
static const struct question *read_question(const struct json_t *root, struct asked *asked,
                                            int64_t *ret_id)
{
    struct bytes name;
    if (FAILED(json_int(root, "id", 1, INT64_MAX, ret_id))) return NULL;
    if (FAILED(json_text(root, "ask", 16, &name))) return NULL;
    const struct question *q = question_named(name);
    if (q == NULL || FAILED(json_only(root, q->members))) return NULL;
    if (!asked->device->greeted && q->act != act_hello) return NULL;
    return FAILED(q->read(root, asked)) ? NULL : q;
}

static err answer(struct desk *desk, struct desk_device *device, const struct json_t *root)
{
    struct asked asked = {.desk = desk, .device = device};
    struct bytes tid = bytes_text(device->tid);
    uint8_t block[DESK_FRAME_MAX]; /* desk->out may carry a tell meanwhile */
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    uint32_t session = device->session;
    int64_t id = 0;
    TRY(registry_find_terminal(desk->config.registry, tid, &asked.terminal));
    const struct question *q = read_question(root, &asked, &id);
    if (q == NULL) return refuse(desk, session, "malformed", tid);
    asked.answer = &j;
    json_object_begin(&j);
    json_member_int(&j, "id", id);
    TRY(q->act(&asked));
    json_object_end(&j);
    ENSURE(w.fault == ERR_OK);
    desk->ports.to_device(desk->ports.context, session, writer_view(&w));
    if (asked.refused != NULL) return refuse(desk, session, asked.refused, tid);
    bool wants = q->act == act_hello || asked.challenge.way == RECOVERY_SERVICE;
    return wants ? ticket_deliver(desk, device->tid) : OK;
}

err devices_on_frame(struct desk *desk, uint32_t session, struct bytes frame)
{
    struct desk_device *device = session == 0 ? NULL : find_session(desk, session);
    if (device == NULL) return OK; /* it is being closed */
    if (floods(desk, device))
        return refuse(desk, session, "too many questions", bytes_text(device->tid));
    CLEANUP(json_free) struct json_document document = {0};
    if (FAILED(json_parse(frame, DESK_FRAME_MAX, &document)))
        return refuse(desk, session, "malformed", bytes_text(device->tid));
    return answer(desk, device, document.root);
}

/* ---- policies ---- */

static err tell_policy(struct desk *desk, struct desk_device *device)
{
    struct registry_terminal terminal;
    struct registry_policy policy;
    TRY(registry_find_terminal(desk->config.registry, bytes_text(device->tid), &terminal));
    TRY(newer_policy(desk, terminal.model, device->policy, &policy));
    if (policy.version == 0) return OK;
    device->policy = policy.version;
    struct writer w = writer_over(desk->out, sizeof desk->out);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_string(&j, "tell", "policy");
    json_member_text(&j, "document", bytes_of(policy.document, policy.document_len));
    json_object_end(&j);
    desk_tell(desk, device->session, &w);
    return OK;
}

err devices_tell_policies(struct desk *desk)
{
    for (uint32_t i = 0; i < desk->devices; i++)
        if (desk->device[i].session != 0 && desk->device[i].greeted)
            TRY(tell_policy(desk, &desk->device[i]));
    return OK;
}

err device_facts_of(struct desk *desk, const char *tid, struct device_facts *ret_facts)
{
    struct store_statement *query;
    struct device_facts facts = {.connected = desk_session_of(desk, tid) != 0};
    TRY(store_statement(desk->config.store,
                        "SELECT policy, first_login_ms, seen_ms, version FROM terminal"
                        " WHERE tid = ?",
                        &query));
    store_bind_text(query, bytes_text(tid));
    TRY(store_step(query, &facts.known));
    if (facts.known) {
        facts.policy = store_read_int(query);
        facts.first_login_ms = store_read_int(query);
        facts.seen_ms = store_read_int(query);
        store_read_text_into(query, facts.version, sizeof facts.version);
        err read = store_read_finish(query);
        store_reset(query);
        if (FAILED(read)) return read;
    }
    *ret_facts = facts;
    return OK;
}
