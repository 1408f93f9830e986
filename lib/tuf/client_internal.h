/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What client.c (the top-level roles) and search.c (lists of targets, files) share. */

#include "lib/tuf/client.h"
#include "lib/tuf/delegation.h"
#include "lib/tuf/trusted.h"

/* A list of targets that this update has looked at; the first is the top-level one. */
struct tuf_list {
    char name[TUF_ROLE_NAME_BYTES + 1];
    struct tuf_metadata metadata;
};

struct tuf_client {
    struct tuf_ports ports;
    struct tuf_trusted trusted;
    bool refreshed;
    struct tuf_list list[TUF_VISITS_MAX];
    size_t list_count, list_bytes;
    uint8_t *block; /* TUF_METADATA_BYTES: one file of metadata */
    uint8_t *file;  /* the last download */
    char subject[TUF_PATH_BYTES + 32];
    err reason;
};

void tuf_client_about(struct tuf_client *client, const char *format, ...) PRINTF(2, 3);

/* Into the client's block. MISSING, TOO_LONG, UNREACHABLE. */
enum tuf_verdict tuf_client_fetch(struct tuf_client *client, enum tuf_source source,
                                  const char *name, size_t max, struct bytes *ret_text);

/* Metadata of a role: "ROLE.json", or "VERSION.ROLE.json" when version > 0. */
enum tuf_verdict tuf_client_fetch_role(struct tuf_client *client, const char *role, int64_t version,
                                       size_t max, struct bytes *ret_text);

/* What is kept of a role, into the client's block. False: there is nothing of use. */
bool tuf_client_kept(struct tuf_client *client, const char *role, size_t max,
                     struct bytes *ret_text);

enum tuf_verdict tuf_client_keep(struct tuf_client *client, const char *role, struct bytes text);

/* The version to ask for: 0 (none in the name) where the root wants no consistent snapshots. */
int64_t tuf_client_version(const struct tuf_client *client, int64_t version);

/* How much of a file to take: what is announced, within what its type may have. */
size_t tuf_client_room(const struct tuf_entry *entry, enum tuf_type type);

/* Loads the list of `name`, signed by `role`: the one that is kept, or the repository's. */
enum tuf_verdict tuf_client_load(struct tuf_client *client, const char *name,
                                 const struct tuf_role *role, const struct tuf_list **ret_list);

/* ---- a file (search.c) ---- */

/* Room in client->file for what is announced. NO_HASH, TOO_LONG, RESOURCES. */
enum tuf_verdict tuf_client_room_for(struct tuf_client *client, const struct tuf_target *target);
/* What is there already, into that room, when it is right. */
bool tuf_client_has_file(struct tuf_client *client, const struct tuf_target *target,
                         size_t *ret_len);
/* What the repository has, into that room, when it is right. */
enum tuf_verdict tuf_client_fetch_file(struct tuf_client *client, const struct tuf_target *target,
                                       size_t *ret_len);
/* Writes what is in that room. STORE. */
enum tuf_verdict tuf_client_keep_file(struct tuf_client *client, const struct tuf_target *target,
                                      size_t len);
