/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* secure_backup: the vault's commands of backup and restore, as secure.h has the others. Views live
 * until the next command. */

#include "lib/wire/vault_protocol.h"
#include "lib/wire/vault_protocol_backup.h"

struct terminal;

/* secure.c: a request is begun, and sent. */
struct writer secure_begin(struct terminal *t, uint8_t command);
enum vault_status secure_ask(struct terminal *t, const struct writer *w, uint8_t command,
                             struct reader *body);

enum vault_status secure_backup_begin(struct terminal *t, const struct vault_backup_begin *in,
                                      struct bytes *ret_head);
enum vault_status secure_backup_piece(struct terminal *t, const struct vault_backup_piece *in,
                                      struct vault_backup_part *out);
enum vault_status secure_backup_end(struct terminal *t, struct vault_backup_part *out);
enum vault_status secure_restore_begin(struct terminal *t, const struct vault_restore_begin *in,
                                       struct vault_restored *out);
/* A piece, or with `end` the tail. */
enum vault_status secure_restore_part(struct terminal *t, bool end, struct bytes part,
                                      struct vault_restored *out);
/* What the office needs to have it opened for this vault. The vault has judged its lengths. */
enum vault_status secure_restore_ask(struct terminal *t, struct bytes head,
                                     struct vault_restore_asked *out);
enum vault_status secure_backup_owner(struct terminal *t, bool make,
                                      struct vault_backup_owner *out);
