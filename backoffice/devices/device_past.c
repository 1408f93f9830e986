/* SPDX-License-Identifier: Apache-2.0 */
/* The registered place of one device, and the hardware before it. */
#include "backoffice/devices/device_past.h"

#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/notices.h"
#include "backoffice/devices/device_places.h"
#include "backoffice/devices/devices.h"
#include "backoffice/stock/replacement.h"
#include "backoffice/upkeep/fence.h"

static const char *const policy_words[] = {"warn", "refuse", NULL};

static const struct api_field registered_fields[] = {
    {"latitude_e6", API_INT, .text = "Millionths of a degree, WGS 84", .min = -90000000,
     .max = 90000000},
    {"longitude_e6", API_INT, .text = "Millionths of a degree, WGS 84", .min = -180000000,
     .max = 180000000},
    {"radius_m", API_INT, .max = FENCE_RADIUS_MAX, .text = "How far from it it may be"},
    {"policy", API_WORD, .words = policy_words, .text = "Outside: told, or suspended"},
    {"away_m", API_INT, .text = "How far outside it is; 0: it is where it should be",
     .max = INT64_MAX},
    {"away_since", API_TIME, .optional = true, .text = "When it was first seen outside"},
    {"suspended", API_BOOL, .text = "Whether it was suspended for it"},
};
const struct api_schema device_registered_schema = {"DeviceRegisteredPlace", registered_fields,
                                                    ARRAY_LEN(registered_fields)};

static const struct api_field served_fields[] = {
    {"was", API_TEXT, .max = SERIAL_MAX, .text = "The serial number of the one that served"},
    {"now", API_TEXT, .max = SERIAL_MAX, .text = "The serial number of the one that took over"},
    {"at", API_TIME, .text = "When"},
    {"reason", API_TEXT, .max = ELEMENTS_REASON_MAX, .text = "Why"},
    {"unsent", API_INT, .optional = true, .max = INT32_MAX,
     .text = "Payments that the old one had not sent, by its last word"},
};
const struct api_schema device_served_schema = {"DeviceServed", served_fields,
                                                ARRAY_LEN(served_fields)};

static const struct api_field happened_fields[] = {
    {"at", API_TIME, .text = "When"},
    {"kind", API_TEXT, .max = NOTICE_KIND_MAX, .text = "What: first_login, tampered, ..."},
    {"operator", API_TEXT, .max = DESK_OPERATOR_LEN, .text = "Of which operator"},
};
const struct api_schema device_happened_schema = {"DeviceHappened", happened_fields,
                                                  ARRAY_LEN(happened_fields)};

/* Where it was last: `at_ms` 0 when it does not know. */
static err keep_newest(void *context, const struct device_stay *s)
{
    struct fence_position *at = context;
    if (s->positioned && at->at_ms == 0)
        *at = (struct fence_position){s->latitude_e6, s->longitude_e6, s->accuracy_m, s->until_ms};
    return OK;
}

/* How far outside: as it was found, or for a place that is newer than its last stay. */
static err find_away(struct backoffice *b, const char *tid, const struct fence *place,
                     struct fence_moved *moved)
{
    struct fence_position at = {0};
    err found = fence_moved_find(b->store, tid, moved);
    if (found.code != ERR_NOT_FOUND) return found;
    *moved = (struct fence_moved){0};
    TRY(place_list(b->desk, tid, keep_newest, &at));
    if (at.at_ms != 0) moved->metres = fence_outside_m(place, &at);
    return OK;
}

static err write_registered(struct backoffice *b, const struct fleet_device *d, struct json_out *j)
{
    struct fence place;
    struct fence_moved moved = {0};
    err found = fence_find(b->store, d->mid, d->outlet, d->tid, &place);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    TRY(find_away(b, d->tid, &place, &moved));
    json_member_object(j, "registered");
    json_member_int(j, "latitude_e6", place.latitude_e6);
    json_member_int(j, "longitude_e6", place.longitude_e6);
    json_member_int(j, "radius_m", place.radius_m);
    json_member_string(j, "policy", policy_words[place.policy - 1]);
    json_member_int(j, "away_m", moved.metres);
    if (moved.since_ms != 0) json_member_int(j, "away_since", moved.since_ms);
    json_member_bool(j, "suspended", moved.refused);
    json_object_end(j);
    return OK;
}

struct past {
    struct json_out *j;
    bool masked;
};

static err write_served(void *context, const struct replacement *r)
{
    const struct past *past = context;
    struct json_out *j = past->j;
    if (r->state != REPLACEMENT_DONE) return OK;
    json_object_begin(j);
    json_member_string(j, "was", past->masked ? "****" : r->old_serial);
    json_member_string(j, "now", past->masked ? "****" : r->serial);
    json_member_int(j, "at", r->decided_ms);
    json_member_string(j, "reason", r->reason);
    if (r->unsent >= 0) json_member_int(j, "unsent", r->unsent);
    json_object_end(j);
    return OK;
}

struct happened {
    struct json_out *j;
    const struct fleet_device *device;
};

/* But for what is the desk's alone: a duress alarm may be read on that very counter. */
static err write_happened(void *context, const struct notice *n)
{
    const struct happened *h = context;
    if (strcmp(n->tid, h->device->tid) != 0 || strcmp(n->kind, "duress") == 0) return OK;
    json_object_begin(h->j);
    json_member_int(h->j, "at", n->at_ms);
    json_member_string(h->j, "kind", n->kind);
    json_member_string(h->j, "operator", n->operator_id);
    json_object_end(h->j);
    return OK;
}

err device_past_write(struct backoffice *b, const struct api_caller *caller,
                      const struct fleet_device *device, struct json_out *j)
{
    struct past past = {.j = j, .masked = caller->outlet != 0};
    struct happened happened = {j, device};
    struct device_facts facts;
    TRY(device_facts_of(b->desk, device->tid, &facts));
    if (facts.first_login_ms != 0) json_member_int(j, "first_login", facts.first_login_ms);
    TRY(write_registered(b, device, j));
    json_member_array(j, "served");
    TRY(replacement_history(b->store, device->tid, write_served, &past));
    json_array_end(j);
    json_member_array(j, "happened");
    TRY(notice_list(b->desk, write_happened, &happened));
    json_array_end(j);
    return OK;
}
