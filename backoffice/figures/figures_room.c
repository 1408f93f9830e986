/* SPDX-License-Identifier: Apache-2.0 */
/* figures.db to read, and who may ask for what of it. */
#include "backoffice/figures/figures_room.h"

#include <stdio.h>
#include <stdlib.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/devices/fleet.h"
#include "figures/fold.h"

enum { AGAIN_MS = 2000 /* until a store that cannot be opened is tried again */ };

struct figures_room {
    struct store *store; /* NULL: none, or not yet */
    int64_t tried_ms;
    struct figures_waiters *waiters;
};

err figures_room_open(struct backoffice *b)
{
    b->figures_room = calloc(1, sizeof *b->figures_room);
    return b->figures_room == NULL ? ERR(NO_MEMORY) : OK;
}

void figures_room_close(struct backoffice *b)
{
    if (b->figures_room == NULL) return;
    store_close(b->figures_room->store);
    free(b->figures_room->waiters);
    free(b->figures_room);
    b->figures_room = NULL;
}

struct figures_waiters **figures_room_waiters(struct backoffice *b)
{
    return &b->figures_room->waiters;
}

/* ---- the store ---- */

static void let_go(struct backoffice *b, const char *why)
{
    struct figures_room *room = b->figures_room;
    log_event(b->config.log, LOG_WARN, "no_figures", LOG_TEXT("why", why));
    store_close(room->store);
    room->store = NULL;
}

static void open_store(struct backoffice *b)
{
    struct figures_room *room = b->figures_room;
    struct store_fault why = {""};
    const struct store_options options = {
        .mode = b->config.mode == STORE_MEMORY ? STORE_MEMORY : STORE_READ_ONLY, .busy_ms = 100};
    int64_t now_ms = backoffice_now_ms(b);
    if (b->config.figures_path == NULL || now_ms - room->tried_ms < AGAIN_MS) return;
    room->tried_ms = now_ms;
    if (FAILED(store_open(b->config.figures_path, &options, &why, &room->store))) {
        room->store = NULL; /* the fold makes it when there is a journal */
        return;
    }
    if (FAILED(store_migrate(room->store, &figures_schema)))
        let_go(b, store_error_text(room->store));
}

static void write_away(struct http_response *response)
{
    http_response_error(response, 503, "unavailable",
                        "There are no figures yet; try again in a moment");
}

struct store *figures_room_store(struct backoffice *b, struct http_response *response)
{
    if (b->figures_room->store == NULL) open_store(b);
    if (b->figures_room->store == NULL && response != NULL) write_away(response);
    return b->figures_room->store;
}

void figures_room_failed(struct backoffice *b, err why, struct http_response *response)
{
    const char *text = store_error_text(b->figures_room->store);
    let_go(b, text[0] != '\0' ? text : err_text(why));
    if (response != NULL) write_away(response);
}

/* ---- sums ---- */

#define MONEY_MOST INT64_C(9000000000000000)

static const struct api_field sums_fields[] = {
    {"payments", API_INT, .max = INT64_MAX, .text = "How many were paid"},
    {"gross", API_MONEY, .max = MONEY_MOST, .text = "What was paid with them"},
    {"net", API_MONEY, .min = -MONEY_MOST, .max = MONEY_MOST,
     .text = "Less what was voided, refunded and turned back"},
    {"voids", API_INT, .max = INT64_MAX, .text = "How many were taken back whole"},
    {"voided", API_MONEY, .max = MONEY_MOST, .text = "What they gave back"},
    {"refunds", API_INT, .max = INT64_MAX, .text = "How many refunds there were"},
    {"refunded", API_MONEY, .max = MONEY_MOST, .text = "What they gave back"},
    {"turns", API_INT, .max = INT64_MAX, .text = "How many were undone after they were booked"},
    {"turned", API_MONEY, .min = -MONEY_MOST, .max = MONEY_MOST,
     .text = "What was undone: payments, less what had been given back"},
    {"tips", API_MONEY, .min = -MONEY_MOST, .max = MONEY_MOST, .text = "Tips, a part of net"},
    {"fees", API_MONEY, .min = -MONEY_MOST, .max = MONEY_MOST,
     .text = "Fees that were taken, less those that went back"},
    {"instalment_fees", API_MONEY, .min = -MONEY_MOST, .max = MONEY_MOST,
     .text = "Issuers' fees for instalments that the shop bears"},
    {"declined", API_INT, .max = INT64_MAX, .text = "How many were declined"},
    {"holds", API_INT, .max = INT64_MAX, .text = "How many pre-authorisations there were"},
    {"points", API_INT, .max = INT64_MAX, .text = "How many were paid by points"},
};
const struct api_schema figures_sums_schema = {"FiguresSums", sums_fields, ARRAY_LEN(sums_fields)};

void figures_write_sums(struct json_out *j, const char *name, const struct figure_sums *s)
{
    json_member_object(j, name);
    json_member_int(j, "payments", s->gross.count);
    json_member_int(j, "gross", s->gross.minor);
    json_member_int(j, "net", figure_net_minor(s));
    json_member_int(j, "voids", s->voided.count);
    json_member_int(j, "voided", s->voided.minor);
    json_member_int(j, "refunds", s->refunded.count);
    json_member_int(j, "refunded", s->refunded.minor);
    json_member_int(j, "turns", s->turned.count);
    json_member_int(j, "turned", s->turned.minor);
    json_member_int(j, "tips", s->tip_minor);
    json_member_int(j, "fees", s->fee_minor);
    json_member_int(j, "instalment_fees", s->instalment_minor);
    json_member_int(j, "declined", s->declined.count);
    json_member_int(j, "holds", s->held.count);
    json_member_int(j, "points", s->points.count);
    json_object_end(j);
}

/* ---- who may ask ---- */

static err keep_device(void *context, const struct fleet_device *device)
{
    struct figures_scope *scope = context;
    if (scope->devices < FIGURES_DEVICES_MAX)
        memcpy(scope->tid[scope->devices], device->tid, sizeof scope->tid[0]);
    scope->devices++;
    return OK;
}

/* The devices that stand in the outlet now. */
static err find_devices(struct backoffice *b, struct figures_scope *scope, int64_t now_ms,
                        bool *ret_found, struct http_response *response)
{
    struct fleet_query query = {.outlet = scope->outlet, .limit = FIGURES_DEVICES_MAX + 1};
    if (!desk_is_there(b, response)) {
        *ret_found = false;
        return OK;
    }
    snprintf(query.mid, sizeof query.mid, "%s", scope->mid);
    TRY(fleet_search(b->desk->fleet, &query, now_ms, keep_device, scope));
    *ret_found = scope->devices <= FIGURES_DEVICES_MAX;
    if (!*ret_found)
        api_refuse(response, 422, "too_many", "this outlet has more devices than can be added up");
    return OK;
}

err figures_scope_find(struct backoffice *b, const struct api_call *call, const char *merchant,
                       uint32_t outlet, struct figures_scope *ret, bool *ret_found,
                       struct http_response *response)
{
    const struct api_caller *caller = call->caller;
    *ret = (struct figures_scope){.mid = caller->mid[0] != '\0' ? caller->mid : merchant,
                                  .outlet = caller->outlet != 0 ? caller->outlet : outlet};
    bool others = (merchant[0] != '\0' && strcmp(merchant, ret->mid) != 0) ||
                  (outlet != 0 && outlet != ret->outlet);
    *ret_found = !others;
    if (others) {
        api_missing(response);
        return OK;
    }
    if (ret->outlet == 0) return OK;
    if (ret->mid[0] != '\0') return find_devices(b, ret, call->now_ms, ret_found, response);
    *ret_found = false;
    api_refuse(response, 422, "merchant", "an outlet is one of a merchant: name it as well");
    return OK;
}

void figures_scope_apply(const struct figures_scope *scope, struct figures_query *query)
{
    struct figures_filter *f = &query->filter;
    query->mids = scope->mid[0] != '\0';
    query->mid[0] = scope->mid;
    if (scope->outlet == 0) return;
    for (f->devices = 0; f->devices < scope->devices; f->devices++)
        f->device[f->devices] = scope->tid[f->devices];
    /* Without a device in it an outlet has nothing, and not everything. */
    if (f->devices == 0) f->device[f->devices++] = "-";
}
