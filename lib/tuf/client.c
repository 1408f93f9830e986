/* SPDX-License-Identifier: Apache-2.0 */
/* The workflow for root, timestamp and snapshot; each is kept before the next is asked for. */
#include "lib/tuf/client.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/tuf/client_internal.h"
#include "lib/tuf/name.h"

/* ---- one client ---- */

err tuf_client_create(const struct tuf_ports *ports, struct tuf_client **ret_client)
{
    struct tuf_client *c = calloc(1, sizeof *c);
    uint8_t *block = malloc(TUF_METADATA_BYTES);
    if (c == NULL || block == NULL) {
        free(block);
        free(c);
        return ERR(NO_MEMORY);
    }
    c->ports = *ports;
    c->block = block;
    *ret_client = c;
    return OK;
}

/* What an update before this one has read. */
static void forget(struct tuf_client *c)
{
    tuf_trusted_free(&c->trusted);
    for (size_t i = 0; i < c->list_count; i++) tuf_metadata_free(&c->list[i].metadata);
    c->list_count = 0;
    c->list_bytes = 0;
    c->refreshed = false;
}

void tuf_client_destroy(struct tuf_client *client)
{
    if (client == NULL) return;
    forget(client);
    free(client->file);
    free(client->block);
    free(client);
}

void tuf_client_about(struct tuf_client *client, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(client->subject, sizeof client->subject, format, arguments);
    va_end(arguments);
    client->reason = OK;
}

const char *tuf_client_subject(const struct tuf_client *client)
{
    return client->subject;
}

err tuf_client_reason(const struct tuf_client *client)
{
    return client->reason;
}

/* ---- ports ---- */

enum tuf_verdict tuf_client_fetch(struct tuf_client *client, enum tuf_source source,
                                  const char *name, size_t max, struct bytes *ret_text)
{
    size_t len = 0;
    ENSURE(max <= TUF_METADATA_BYTES);
    err e = client->ports.fetch(client->ports.context, source, name, client->block, max, &len);
    client->reason = e;
    if (e.code == ERR_NOT_FOUND) return TUF_MISSING;
    if (e.code == ERR_LENGTH) return TUF_TOO_LONG;
    if (FAILED(e)) return TUF_UNREACHABLE;
    ENSURE(len <= max);
    *ret_text = bytes_of(client->block, len);
    return TUF_ACCEPTED;
}

enum tuf_verdict tuf_client_fetch_role(struct tuf_client *client, const char *role, int64_t version,
                                       size_t max, struct bytes *ret_text)
{
    char name[TUF_FETCH_NAME_BYTES];
    struct writer w = writer_over(name, sizeof name - 1);
    if (version > 0) write_format(&w, "%" PRId64 ".", version);
    tuf_name_escape(&w, bytes_text(role), false);
    write_bytes(&w, BYTES(".json"));
    ENSURE(w.fault == ERR_OK); /* a role's name has TUF_ROLE_NAME_BYTES */
    name[w.len] = '\0';
    return tuf_client_fetch(client, TUF_FROM_METADATA, name, max, ret_text);
}

bool tuf_client_kept(struct tuf_client *client, const char *role, size_t max,
                     struct bytes *ret_text)
{
    char name[TUF_LOCAL_NAME_BYTES];
    size_t len = 0;
    tuf_local_role_name(role, name);
    const struct tuf_local *local = &client->ports.metadata;
    if (FAILED(local->read(local->context, name, client->block, max, &len))) return false;
    *ret_text = bytes_of(client->block, len);
    return true;
}

enum tuf_verdict tuf_client_keep(struct tuf_client *client, const char *role, struct bytes text)
{
    char name[TUF_LOCAL_NAME_BYTES];
    tuf_local_role_name(role, name);
    const struct tuf_local *local = &client->ports.metadata;
    client->reason = local->write(local->context, name, text);
    return FAILED(client->reason) ? TUF_STORE : TUF_ACCEPTED;
}

int64_t tuf_client_version(const struct tuf_client *client, int64_t version)
{
    return tuf_root_consistent(&client->trusted.root) ? version : 0;
}

size_t tuf_client_room(const struct tuf_entry *entry, enum tuf_type type)
{
    size_t max = tuf_type_max(type);
    return entry->length >= 0 && (uint64_t)entry->length < max ? (size_t)entry->length : max;
}

/* ---- root ---- */

static enum tuf_verdict begin(struct tuf_client *c)
{
    struct bytes text;
    forget(c);
    tuf_client_about(c, "root");
    if (!tuf_client_kept(c, "root", TUF_ROOT_BYTES, &text)) return TUF_NO_ROOT;
    return tuf_trusted_begin(clock_now_ms(&c->ports.clock), text, &c->trusted);
}

enum tuf_verdict tuf_client_init(struct tuf_client *client, struct bytes root)
{
    CLEANUP(tuf_trusted_free) struct tuf_trusted given = {0};
    bool had = begin(client) == TUF_ACCEPTED;
    tuf_client_about(client, "root");
    TUF_TRY(tuf_trusted_begin(0, root, &given));
    if (had && given.root.version < client->trusted.root.version) return TUF_OLDER;
    return tuf_client_keep(client, "root", root);
}

/* 5.3: one root after the other, until there is no next one. */
static enum tuf_verdict update_root(struct tuf_client *c)
{
    for (size_t i = 0; i < TUF_ROTATIONS_MAX; i++) {
        struct bytes text;
        if (c->trusted.root.version == INT64_MAX) return TUF_TOO_MANY;
        int64_t next = c->trusted.root.version + 1;
        tuf_client_about(c, "root %" PRId64, next);
        enum tuf_verdict fetched = tuf_client_fetch_role(c, "root", next, TUF_ROOT_BYTES, &text);
        if (fetched == TUF_MISSING) {
            tuf_client_about(c, "root %" PRId64, c->trusted.root.version);
            return tuf_trusted_root_fresh(&c->trusted);
        }
        TUF_TRY(fetched);
        TUF_TRY(tuf_trusted_root(&c->trusted, text));
        TUF_TRY(tuf_client_keep(c, "root", text));
    }
    return TUF_TOO_MANY;
}

/* ---- timestamp ---- */

static enum tuf_verdict update_timestamp(struct tuf_client *c)
{
    struct bytes text;
    tuf_client_about(c, "timestamp");
    if (tuf_client_kept(c, "timestamp", TUF_TIMESTAMP_BYTES, &text))
        (void)tuf_trusted_timestamp(&c->trusted, text, true); /* refused: as if it were not there */
    TUF_TRY(tuf_client_fetch_role(c, "timestamp", 0, TUF_TIMESTAMP_BYTES, &text));
    enum tuf_verdict verdict = tuf_trusted_timestamp(&c->trusted, text, false);
    if (verdict == TUF_UNCHANGED) return tuf_trusted_timestamp_fresh(&c->trusted);
    TUF_TRY(verdict);
    return tuf_client_keep(c, "timestamp", text);
}

/* ---- snapshot ---- */

static enum tuf_verdict update_snapshot(struct tuf_client *c)
{
    struct bytes text;
    struct tuf_entry entry = tuf_trusted_snapshot_entry(&c->trusted);
    tuf_client_about(c, "snapshot");
    if (tuf_client_kept(c, "snapshot", TUF_SNAPSHOT_BYTES, &text))
        (void)tuf_trusted_snapshot(&c->trusted, text, true);
    if (tuf_trusted_snapshot_current(&c->trusted)) return TUF_ACCEPTED;
    TUF_TRY(tuf_client_fetch_role(c, "snapshot", tuf_client_version(c, entry.version),
                                  tuf_client_room(&entry, TUF_SNAPSHOT), &text));
    TUF_TRY(tuf_trusted_snapshot(&c->trusted, text, false));
    return tuf_client_keep(c, "snapshot", text);
}

enum tuf_verdict tuf_client_refresh(struct tuf_client *client)
{
    const struct tuf_list *targets;
    TUF_TRY(begin(client));
    TUF_TRY(update_root(client));
    TUF_TRY(update_timestamp(client));
    TUF_TRY(update_snapshot(client));
    struct tuf_role role = tuf_root_role(&client->trusted.root, TUF_TARGETS);
    TUF_TRY(tuf_client_load(client, "targets", &role, &targets));
    client->refreshed = true;
    return TUF_ACCEPTED;
}
