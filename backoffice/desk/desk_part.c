/* SPDX-License-Identifier: Apache-2.0 */
/* The desk as a part of the back office: opened with the registry, driven by the clock, and pages
 * that wait for something to change. */
#include "backoffice/desk/desk_part.h"

#include <assert.h>
#include <stdlib.h>

#include "backoffice/accounts/session.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/desk_letters.h"
#include "backoffice/devices/fleet.h"
#include "backoffice/parts.h"
#include "backoffice/stock/activation.h"

/* ---- waiting ---- */

static void write_now(const struct backoffice *b, struct http_response *response)
{
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_int(&j, "now", b->desk_room->changes);
    json_object_end(&j);
}

static size_t waiting(const struct desk_room *room, enum realm realm)
{
    size_t count = 0;
    for (size_t i = 0; i < DESK_WAITERS_MAX; i++)
        count += room->waiter[i].ticket != 0 && room->waiter[i].realm == realm;
    return count;
}

void desk_wait(struct backoffice *b, const struct call *call, int64_t since,
               struct http_response *response)
{
    struct desk_room *room = b->desk_room;
    bool full =
        call->realm == REALM_CONSOLE && waiting(room, REALM_CONSOLE) >= DESK_WAITERS_CONSOLE;
    for (size_t i = 0; !full && since == room->changes && i < DESK_WAITERS_MAX; i++) {
        if (room->waiter[i].ticket != 0) continue;
        room->waiter[i] = (struct desk_waiter){call->request->ticket, call->now_ms + DESK_WAIT_MS,
                                               since, call->realm};
        response->later = true;
        return;
    }
    write_now(b, response);
}

static void answer_waiters(struct backoffice *b, int64_t now_ms)
{
    struct desk_room *room = b->desk_room;
    for (size_t i = 0; i < DESK_WAITERS_MAX; i++) {
        struct desk_waiter *w = &room->waiter[i];
        if (w->ticket == 0 || (w->since == room->changes && w->until_ms > now_ms)) continue;
        struct http_response response = backoffice_later(b);
        write_now(b, &response);
        backoffice_answer(b, w->ticket, &response);
        w->ticket = 0;
    }
}

static void on_changed(void *context, enum desk_topic topic)
{
    struct backoffice *b = context;
    (void)topic; /* a page that waits asks again for what it shows */
    b->desk_room->changes++;
}

/* ---- the part ---- */

/* Without an outbox nothing can be sent, and nothing is promised. */
static err send(void *context, struct store_tx *tx, const struct desk_message *message)
{
    const struct backoffice *b = context;
    return b->outbox == NULL ? ERR(BUSY) : desk_letter_send(b->outbox, tx, message);
}

static err activate(void *context, struct bytes address, const struct device_message *question,
                    struct device_message *answer, struct writer *document)
{
    return activation_ask(context, address, question, answer, document);
}

static err open(struct backoffice *b)
{
    if (b->registry == NULL || b->ports.desk.prove == NULL) return OK;
    b->desk_room = calloc(1, sizeof *b->desk_room);
    if (b->desk_room == NULL) return ERR(NO_MEMORY);
    struct desk_config config = {
        .store = b->store,
        .registry = b->registry,
        .log = b->config.log,
        .clock = b->config.clock,
        .random = b->config.random,
        .origin = b->config.origin,
        .devices_max = BACKOFFICE_TERMINALS,
        .updates = b->config.updates,
        .backups = b->config.backups_path,
        .papers = b->config.documents_path != NULL,
        .certificate_days = b->config.certificate_days,
        .outdated_days = b->config.outdated_days,
        .grouped = true,
    };
    memcpy(config.expiry, b->config.expiry, sizeof config.expiry);
    const struct desk_house house = {b, send, account_reset, on_changed, activate};
    return desk_open(&config, &b->ports.desk, &house, &b->desk);
}

static void close(struct backoffice *b)
{
    /* Without it states of a second would have to be told anew: nobody waits for them. */
    if (b->desk != NULL) (void)!FAILED(fleet_write(b->desk->fleet));
    desk_close(b->desk);
    free(b->desk_room);
}

static err flush(struct backoffice *b)
{
    if (b->desk == NULL) return OK;
    answer_waiters(b, backoffice_now_ms(b));
    return OK;
}

static err tick(struct backoffice *b, int64_t now_ms)
{
    (void)now_ms;
    return b->desk == NULL ? OK : desk_tick(b->desk);
}

struct desk *backoffice_desk(struct backoffice *b)
{
    return b->desk;
}

/* ---- what the handlers share ---- */

struct desk_staff desk_staff_of(const struct call *call)
{
    struct desk_staff staff = {.id = call->caller->account.id};
    static_assert(sizeof staff.name >= sizeof call->caller->account.name, "copied whole");
    memcpy(staff.name, call->caller->account.name, sizeof call->caller->account.name);
    return staff;
}

bool desk_is_there(const struct backoffice *b, struct http_response *response)
{
    if (b->desk != NULL) return true;
    http_response_error(response, 503, "no_desk", "this back office has no registry or no hsm");
    return false;
}

bool desk_body(struct backoffice *b, const struct call *call, const char *const *names,
               struct json_document *document, struct http_response *response)
{
    if (!desk_is_there(b, response)) return false;
    err read = json_parse(call->request->body, DESK_BODY_MAX, document);
    if (!FAILED(read)) read = json_only(document->root, names);
    if (FAILED(read)) backoffice_malformed(response, read);
    return !FAILED(read);
}

void desk_verdict(struct http_response *response, const char *verdict, bool counts)
{
    bool ok = counts || strcmp(verdict, "ok") == 0;
    response->status = ok ? 200 : strcmp(verdict, "not_found") == 0 ? 404 : 409;
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_string(&j, "verdict", verdict);
    if (!ok) json_member_string(&j, "error", verdict); /* as every refusal of the back office */
    json_object_end(&j);
}

const struct backoffice_part desk_part = {
    .name = "desk", .open = open, .close = close, .flush = flush, .tick = tick};
