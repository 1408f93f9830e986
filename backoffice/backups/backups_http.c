/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backups of a device below /api/v1 (S167): which there are, one of them piece by piece, and one
 * that is not to be kept. What comes out is as sealed as it came in; who took it is on record all
 * the same.
 */
#include <stdio.h>

#include "backoffice/accounts/session.h"
#include "backoffice/api/api.h"
#include "backoffice/backups/backups.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/devices/device_of_path.h"
#include "backoffice/events/events.h"
#include "backoffice/parts.h"
#include "lib/base/base64.h"
#include "lib/base/hex.h"

enum {
    PIECE = 96 * 1024, /* in base64 it fits an answer */
    PIECES_MAX = DEVICE_BACKUP_MAX / PIECE + 1,
};

/* ---- shapes ---- */

static const struct api_field kept_fields[] = {
    {"backup", API_TEXT, .min = 64, .max = 64, .text = "The SHA-256 of its bytes, in hex"},
    {"serial", API_TEXT, .max = BACKUPS_SERIAL_MAX, .text = "Of the device that has made it"},
    {"number", API_INT, .min = 1, .max = INT64_MAX, .text = "Of that device's backups, from 1"},
    {"made", API_TIME, .text = "When the device has made it"},
    {"kept", API_TIME, .text = "When all of it was here"},
    {"bytes", API_INT, .min = 1, .max = DEVICE_BACKUP_MAX, .text = "Its length"},
    {"payments", API_INT, .max = UINT32_MAX, .text = "How many payments are in it"},
    {"pieces", API_INT, .min = 1, .max = PIECES_MAX, .text = "In how many it is downloaded"},
};
API_SCHEMA(kept_schema, "Backup", kept_fields);

static const struct api_field list_fields[] = {
    {"backups", API_LIST, .of = &kept_schema, .text = "The newest first; one of each week"},
};
API_SCHEMA(list_schema, "Backups", list_fields);

static const struct api_field piece_query[] = {
    {"piece", API_INT, .optional = true, .min = 1, .max = PIECES_MAX,
     .text = "Which; 1 unless given"},
};
API_SCHEMA(query_schema, "BackupQuery", piece_query);

static const struct api_field piece_fields[] = {
    {"backup", API_TEXT, .min = 64, .max = 64, .text = "The SHA-256 of all its bytes, in hex"},
    {"piece", API_INT, .min = 1, .max = PIECES_MAX, .text = "Which this is"},
    {"pieces", API_INT, .min = 1, .max = PIECES_MAX, .text = "Of so many"},
    {"content", API_TEXT, .text = "Its bytes, in base64: sealed, and signed as a whole"},
};
API_SCHEMA(piece_schema, "BackupPiece", piece_fields);

/* ---- writing ---- */

static int64_t pieces_of(const struct backup_kept *kept)
{
    return (kept->bytes + PIECE - 1) / PIECE;
}

static void write_digest(struct json_out *j, const struct backup_kept *kept)
{
    char hex[2 * DEVICE_DIGEST + 1];
    struct writer w = writer_over(hex, sizeof hex - 1);
    write_hex(&w, BYTES_OF(kept->digest));
    hex[w.len] = '\0';
    json_member_string(j, "backup", hex);
}

static err write_kept(void *context, const struct backup_kept *kept)
{
    struct json_out *j = context;
    json_object_begin(j);
    write_digest(j, kept);
    json_member_string(j, "serial", kept->serial);
    json_member_int(j, "number", kept->number);
    json_member_int(j, "made", kept->made_ms);
    json_member_int(j, "kept", kept->taken_ms);
    json_member_int(j, "bytes", kept->bytes);
    json_member_int(j, "payments", kept->payments);
    json_member_int(j, "pieces", pieces_of(kept));
    json_object_end(j);
    return OK;
}

/* ---- finding ---- */

/* *ret_there false: the answer is written. */
static err backup_of(struct backoffice *b, const struct api_call *call,
                     struct http_response *response, struct backup_kept *kept, bool *ret_there)
{
    uint8_t digest[DEVICE_DIGEST];
    size_t len = 0;
    const struct fleet_device *d = device_of_path(b, call, response);
    *ret_there = false;
    if (d == NULL) return OK;
    err found = hex_decode(bytes_text(call->value[1]), digest, sizeof digest, &len);
    found = FAILED(found) || len != sizeof digest ? ERR(NOT_FOUND)
                                                  : backups_find(b->store, d->tid, digest, kept);
    *ret_there = !FAILED(found) && api_may_see(call->caller, kept->mid, kept->outlet);
    if (*ret_there) return OK;
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    api_missing(response);
    return OK;
}

/* ---- calls ---- */

static err on_list(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    const struct fleet_device *d = device_of_path(b, call, response);
    struct json_out j = json_out_over(&response->body);
    if (d == NULL) return OK;
    json_object_begin(&j);
    json_member_array(&j, "backups");
    TRY(backups_of(b->store, d->tid, write_kept, &j));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

static err note(struct backoffice *b, struct store_tx *tx, const struct api_call *call,
                const struct backup_kept *kept, const char *event, const char *kind)
{
    char object[24];
    snprintf(object, sizeof object, "devices/%s", kept->tid);
    TRY(desk_audit(b->desk, tx, call->caller->subject, event, kept->tid, kept->serial));
    return event_append(tx,
                        &(struct event){.mid = kept->mid,
                                        .outlet = kept->outlet,
                                        .kind = kind,
                                        .object = object,
                                        .at_ms = call->now_ms},
                        NULL);
}

static err note_reading(struct backoffice *b, const struct api_call *call,
                        const struct backup_kept *kept)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(note(b, &tx, call, kept, "backup_read", "backup.read"));
    return store_commit(&tx);
}

/* On record before anything of it leaves. */
static err on_read(struct backoffice *b, const struct api_call *call,
                   struct http_response *response)
{
    static uint8_t block[PIECE], text[(PIECE + 2) / 3 * 4];
    struct writer base64 = writer_over(text, sizeof text);
    struct json_out j = json_out_over(&response->body);
    struct backup_kept kept;
    bool there = false;
    size_t len = 0;
    TRY(backup_of(b, call, response, &kept, &there));
    if (!there) return OK;
    int64_t piece = api_query_int(call, "piece");
    if (piece == 0) piece = 1;
    uint64_t at = (uint64_t)(piece - 1) * PIECE;
    if (piece > pieces_of(&kept) ||
        FAILED(backups_read(b->desk, &kept, at, block, sizeof block, &len))) {
        api_missing(response);
        return OK;
    }
    if (piece == 1) TRY(note_reading(b, call, &kept));
    base64_write(&base64, bytes_of(block, len));
    json_object_begin(&j);
    write_digest(&j, &kept);
    json_member_int(&j, "piece", piece);
    json_member_int(&j, "pieces", pieces_of(&kept));
    json_member_text(&j, "content", writer_view(&base64));
    json_object_end(&j);
    return OK;
}

static err on_remove(struct backoffice *b, const struct api_call *call,
                     struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct json_out j = json_out_over(&response->body);
    struct backup_kept kept;
    bool there = false;
    TRY(backup_of(b, call, response, &kept, &there));
    if (!there) return OK;
    TRY(store_begin(b->store, &tx));
    TRY(backups_remove(&tx, &kept));
    TRY(note(b, &tx, call, &kept, "backup_removed", "backup.removed"));
    TRY(write_kept(&j, &kept));
    return api_commit(b, call, &tx, response);
}

/* clang-format off */
#define SEES  (ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER)
#define TAKES (ROLE_OWNER | ROLE_APPROVER | ROLE_ADMIN)
static const struct api_route rows[] = {
    API_ROUTE_ROW(GET, "/devices/{tid}/backups", SESSION, SEES, DEVICES_READ, 2, 0, NULL, &list_schema, on_list,
                  "Backups of a device that are kept here, sealed")
    API_SEARCH_ROW(GET, "/devices/{tid}/backups/{backup}", STEP_UP, TAKES, DEVICES_WRITE, 5, 0, NULL, &piece_schema, on_read,
                   "A piece of a backup, as sealed as it came", &query_schema)
    API_ROUTE_ROW(DELETE, "/devices/{tid}/backups/{backup}", STEP_UP, TAKES, DEVICES_WRITE, 5, 0, NULL, &kept_schema, on_remove,
                  "Keep a backup no longer")
};
/* clang-format on */

const struct backoffice_part backups_part = {.name = "backups",
                                             .schema = &backups_schema,
                                             .api_routes = rows,
                                             .api_route_count = ARRAY_LEN(rows)};
