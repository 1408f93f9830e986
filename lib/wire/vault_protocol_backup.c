/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of backup and restore as bytes. */
#include "lib/wire/vault_protocol_backup.h"

#include "lib/wire/vault_protocol.h"

static void put(struct writer *w, struct bytes b)
{
    write_prefixed(w, 2, b);
}

static struct bytes get(struct reader *r)
{
    return read_prefixed(r, 2, VAULT_FRAME_MAX);
}

static uint8_t get_byte(struct reader *r)
{
    return (uint8_t)read_be(r, 1);
}

const char *vault_restore_text(uint8_t verdict)
{
    static const char *const texts[] = {
#define X(name, text) text,
        VAULT_RESTORE_LIST(X)
#undef X
    };
    return verdict < ARRAY_LEN(texts) ? texts[verdict] : "unknown";
}

void vault_write_backup_begin(struct writer *w, const struct vault_backup_begin *m)
{
    ENSURE(m->sections <= BACKUP_SECTIONS_MAX);
    put(w, m->program);
    write_be(w, m->sections, 1);
    for (size_t i = 0; i < m->sections; i++) {
        write_be(w, m->section[i].kind, 1);
        write_be(w, m->section[i].columns, 1);
        write_be(w, m->section[i].rows, 4);
    }
}

err vault_read_backup_begin(struct reader *r, struct vault_backup_begin *out)
{
    struct vault_backup_begin m = {.program = get(r)};
    m.sections = get_byte(r);
    if (m.sections > BACKUP_SECTIONS_MAX) return ERR(LENGTH);
    for (size_t i = 0; i < m.sections; i++) {
        m.section[i].kind = get_byte(r);
        m.section[i].columns = get_byte(r);
        m.section[i].rows = (uint32_t)read_be(r, 4);
    }
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_backup_piece(struct writer *w, const struct vault_backup_piece *m)
{
    write_be(w, m->kind, 1);
    put(w, m->content);
}

err vault_read_backup_piece(struct reader *r, struct vault_backup_piece *out)
{
    struct vault_backup_piece m = {.kind = get_byte(r)};
    m.content = get(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_backup_part(struct writer *w, const struct vault_backup_part *m)
{
    write_be(w, m->more, 1);
    put(w, m->part);
}

err vault_read_backup_part(struct reader *r, struct vault_backup_part *out)
{
    struct vault_backup_part m = {.more = get_byte(r)};
    m.part = get(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_restore_begin(struct writer *w, const struct vault_restore_begin *m)
{
    write_be(w, m->key, 1);
    write_be(w, m->take, 1);
    put(w, m->head);
    put(w, m->grant);
}

err vault_read_restore_begin(struct reader *r, struct vault_restore_begin *out)
{
    struct vault_restore_begin m = {.key = get_byte(r)};
    m.take = get_byte(r);
    m.head = get(r);
    m.grant = get(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_restored(struct writer *w, const struct vault_restored *m)
{
    write_be(w, m->verdict, 1);
    write_be(w, m->kind, 1);
    write_be(w, m->number, 8);
    put(w, m->content);
}

err vault_read_restored(struct reader *r, struct vault_restored *out)
{
    struct vault_restored m = {.verdict = get_byte(r)};
    m.kind = get_byte(r);
    m.number = read_be(r, 8);
    m.content = get(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_restore_asked(struct writer *w, const struct vault_restore_asked *m)
{
    write_be(w, m->verdict, 1);
    put(w, m->nonce);
    put(w, m->public_key);
    put(w, m->mac);
}

err vault_read_restore_asked(struct reader *r, struct vault_restore_asked *out)
{
    struct vault_restore_asked m = {.verdict = get_byte(r)};
    m.nonce = get(r);
    m.public_key = get(r);
    m.mac = get(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_backup_owner(struct writer *w, const struct vault_backup_owner *m)
{
    write_be(w, m->has, 1);
    put(w, m->name);
    put(w, m->sealed);
}

err vault_read_backup_owner(struct reader *r, struct vault_backup_owner *out)
{
    struct vault_backup_owner m = {.has = get_byte(r)};
    m.name = get(r);
    m.sealed = get(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}
