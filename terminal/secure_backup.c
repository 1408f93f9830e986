/* SPDX-License-Identifier: Apache-2.0 */
/* The vault's commands of backup and restore: see secure_backup.h. */
#include "terminal/secure_backup.h"

#include "terminal/core.h"

/* A body that does not read as it must is a vault that has failed. */
static enum vault_status read_with(enum vault_status status, err e)
{
    return status == VAULT_OK && FAILED(e) ? VAULT_FAILED : status;
}

enum vault_status secure_backup_begin(struct terminal *t, const struct vault_backup_begin *in,
                                      struct bytes *ret_head)
{
    struct reader body;
    struct writer w = secure_begin(t, VAULT_BACKUP_BEGIN);
    vault_write_backup_begin(&w, in);
    enum vault_status status = secure_ask(t, &w, VAULT_BACKUP_BEGIN, &body);
    return status == VAULT_OK ? read_with(status, vault_read_bytes(&body, ret_head)) : status;
}

enum vault_status secure_backup_piece(struct terminal *t, const struct vault_backup_piece *in,
                                      struct vault_backup_part *out)
{
    struct reader body;
    struct writer w = secure_begin(t, VAULT_BACKUP_PIECE);
    vault_write_backup_piece(&w, in);
    enum vault_status status = secure_ask(t, &w, VAULT_BACKUP_PIECE, &body);
    return status == VAULT_OK ? read_with(status, vault_read_backup_part(&body, out)) : status;
}

enum vault_status secure_backup_end(struct terminal *t, struct vault_backup_part *out)
{
    struct reader body;
    struct writer w = secure_begin(t, VAULT_BACKUP_END);
    enum vault_status status = secure_ask(t, &w, VAULT_BACKUP_END, &body);
    return status == VAULT_OK ? read_with(status, vault_read_backup_part(&body, out)) : status;
}

enum vault_status secure_restore_begin(struct terminal *t, const struct vault_restore_begin *in,
                                       struct vault_restored *out)
{
    struct reader body;
    struct writer w = secure_begin(t, VAULT_RESTORE_BEGIN);
    vault_write_restore_begin(&w, in);
    enum vault_status status = secure_ask(t, &w, VAULT_RESTORE_BEGIN, &body);
    return status == VAULT_OK ? read_with(status, vault_read_restored(&body, out)) : status;
}

enum vault_status secure_restore_part(struct terminal *t, bool end, struct bytes part,
                                      struct vault_restored *out)
{
    struct reader body;
    uint8_t command = end ? VAULT_RESTORE_END : VAULT_RESTORE_PIECE;
    struct writer w = secure_begin(t, command);
    vault_write_bytes(&w, part);
    enum vault_status status = secure_ask(t, &w, command, &body);
    return status == VAULT_OK ? read_with(status, vault_read_restored(&body, out)) : status;
}

enum vault_status secure_restore_ask(struct terminal *t, struct bytes head,
                                     struct vault_restore_asked *out)
{
    struct reader body;
    struct writer w = secure_begin(t, VAULT_RESTORE_ASK);
    vault_write_bytes(&w, head);
    enum vault_status status = secure_ask(t, &w, VAULT_RESTORE_ASK, &body);
    return status == VAULT_OK ? read_with(status, vault_read_restore_asked(&body, out)) : status;
}

enum vault_status secure_backup_owner(struct terminal *t, bool make, struct vault_backup_owner *out)
{
    struct reader body;
    struct writer w = secure_begin(t, VAULT_BACKUP_OWNER);
    vault_write_byte(&w, make);
    enum vault_status status = secure_ask(t, &w, VAULT_BACKUP_OWNER, &body);
    return status == VAULT_OK ? read_with(status, vault_read_backup_owner(&body, out)) : status;
}
