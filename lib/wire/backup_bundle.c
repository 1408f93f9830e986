/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a device's backup: cut, written and, of the head, read. */
#include "lib/wire/backup_bundle.h"

static const char magic[] = "TBBACKUP";

enum { MAGIC = sizeof magic - 1, FRONT = MAGIC + 2 + 2 };

const char *backup_section_name(uint8_t kind)
{
    static const char *const names[] = {
#define X(name, number, text) [number] = text,
        BACKUP_SECTION_LIST(X)
#undef X
    };
    return kind < ARRAY_LEN(names) ? names[kind] : NULL;
}

const char *backup_wrap_name(uint8_t kind)
{
    static const char *const names[] = {NULL, "device", "owner", "acquirer"};
    return kind < ARRAY_LEN(names) ? names[kind] : NULL;
}

/* ---- the head ---- */

static void write_body(struct writer *w, const struct backup_head *head)
{
    write_be(w, head->number, 8);
    write_be(w, (uint64_t)head->made_ms, 8);
    const struct bytes texts[] = {head->serial, head->model, head->tid, head->mid, head->program};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) write_prefixed(w, 1, texts[i]);
    write_be(w, head->sections, 1);
    for (size_t i = 0; i < head->sections; i++) {
        write_be(w, head->section[i].kind, 1);
        write_be(w, head->section[i].columns, 1);
        write_be(w, head->section[i].rows, 4);
    }
    write_be(w, head->wraps, 1);
    for (size_t i = 0; i < head->wraps; i++) {
        write_be(w, head->wrap[i].kind, 1);
        write_bytes(w, head->wrap[i].name);
        write_prefixed(w, 1, head->wrap[i].sealed);
    }
    write_bytes(w, head->sender);
    write_bytes(w, head->stream);
    write_prefixed(w, 2, head->certificate);
}

void backup_write_head(struct writer *w, const struct backup_head *head)
{
    uint8_t block[BACKUP_HEAD_MAX - FRONT];
    struct writer body = writer_over(block, sizeof block);
    ENSURE(head->sections <= BACKUP_SECTIONS_MAX && head->wraps <= BACKUP_WRAPS_MAX);
    ENSURE(head->sender.len == BACKUP_PUBLIC_BYTES && head->stream.len == BACKUP_STREAM_BYTES);
    write_body(&body, head);
    if (body.fault != ERR_OK) writer_fail(w, body.fault);
    write_bytes(w, bytes_text(magic));
    write_be(w, BACKUP_VERSION, 2);
    write_prefixed(w, 2, writer_view(&body));
}

/* Printable ASCII: what names of devices, terminals and programs are made of. */
static struct bytes read_name(struct reader *r, size_t max)
{
    struct bytes name = read_prefixed(r, 1, max);
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] <= ' ' || name.at[i] > '~') reader_fail(r, ERR_FORMAT);
    return name;
}

static void read_names(struct reader *r, struct backup_head *head)
{
    head->serial = read_name(r, BACKUP_SERIAL_MAX);
    head->model = read_name(r, BACKUP_MODEL_MAX);
    head->tid = read_name(r, BACKUP_TID_LEN);
    head->mid = read_name(r, BACKUP_MID_LEN);
    head->program = read_name(r, BACKUP_PROGRAM_MAX);
    if (head->serial.len == 0 || head->tid.len != BACKUP_TID_LEN || head->mid.len != BACKUP_MID_LEN)
        reader_fail(r, ERR_FORMAT);
}

/* In rising order, so that no section is there twice. */
static void read_sections(struct reader *r, struct backup_head *head)
{
    head->sections = (size_t)read_be(r, 1);
    if (head->sections > BACKUP_SECTIONS_MAX) reader_fail(r, ERR_LENGTH);
    for (size_t i = 0; i < head->sections && r->fault == ERR_OK; i++) {
        struct backup_section *section = &head->section[i];
        section->kind = (uint8_t)read_be(r, 1);
        section->columns = (uint8_t)read_be(r, 1);
        section->rows = (uint32_t)read_be(r, 4);
        if (section->kind <= (i > 0 ? head->section[i - 1].kind : BACKUP_END))
            reader_fail(r, ERR_FORMAT);
    }
}

static void read_wraps(struct reader *r, struct backup_head *head)
{
    head->wraps = (size_t)read_be(r, 1);
    if (head->wraps > BACKUP_WRAPS_MAX) reader_fail(r, ERR_LENGTH);
    for (size_t i = 0; i < head->wraps && r->fault == ERR_OK; i++) {
        struct backup_wrap *wrap = &head->wrap[i];
        wrap->kind = (uint8_t)read_be(r, 1);
        wrap->name = read_bytes(r, BACKUP_NAME_BYTES);
        wrap->sealed = read_prefixed(r, 1, BACKUP_WRAPPED_MAX);
        if (wrap->kind <= (i > 0 ? head->wrap[i - 1].kind : 0)) reader_fail(r, ERR_FORMAT);
    }
}

err backup_read_head(struct bytes whole, struct backup_head *out)
{
    struct backup_head head = {0};
    struct backup_part part;
    TRY(backup_cut(whole, &part));
    if (part.kind != BACKUP_HEAD_PART) return ERR(FORMAT);
    if (part.whole.len != whole.len) return ERR(TRAILING);
    struct reader r = reader_over(part.content);
    head.number = read_be(&r, 8);
    uint64_t made = read_be(&r, 8);
    if (head.number == 0 || head.number > INT64_MAX || made > INT64_MAX) reader_fail(&r, ERR_RANGE);
    head.made_ms = (int64_t)made;
    read_names(&r, &head);
    read_sections(&r, &head);
    read_wraps(&r, &head);
    head.sender = read_bytes(&r, BACKUP_PUBLIC_BYTES);
    head.stream = read_bytes(&r, BACKUP_STREAM_BYTES);
    head.certificate = read_prefixed(&r, 2, BACKUP_CERTIFICATE_MAX);
    TRY(reader_finish(&r));
    *out = head;
    return OK;
}

/* ---- pieces and tail ---- */

void backup_write_piece(struct writer *w, uint32_t index, struct bytes sealed)
{
    ENSURE(sealed.len > 0 && sealed.len <= BACKUP_SEALED_MAX);
    write_be(w, 'P', 1);
    write_be(w, index, 4);
    write_prefixed(w, 2, sealed);
}

void backup_write_tail(struct writer *w, struct bytes signature)
{
    ENSURE(signature.len > 0 && signature.len <= BACKUP_SIGNATURE_MAX);
    write_be(w, 'T', 1);
    write_prefixed(w, 2, signature);
}

static err cut_head(struct bytes block, struct backup_part *part)
{
    struct reader r = reader_over(block);
    struct bytes begin = read_bytes(&r, MAGIC);
    uint64_t version = read_be(&r, 2);
    part->kind = BACKUP_HEAD_PART;
    if (r.fault == ERR_OK && !bytes_equal(begin, bytes_text(magic))) return ERR(FORMAT);
    if (r.fault == ERR_OK && version != BACKUP_VERSION)
        return version > BACKUP_VERSION ? ERR(NEWER) : ERR(FORMAT);
    part->content = read_prefixed(&r, 2, BACKUP_HEAD_MAX - FRONT);
    part->whole = bytes_of(block.at, reader_offset(&r));
    return (err){r.fault};
}

static err cut_behind(struct bytes block, struct backup_part *part)
{
    struct reader r = reader_over(block);
    bool piece = read_be(&r, 1) == 'P';
    part->kind = piece ? BACKUP_PIECE_PART : BACKUP_TAIL_PART;
    if (piece) part->index = (uint32_t)read_be(&r, 4);
    part->content = read_prefixed(&r, 2, piece ? BACKUP_SEALED_MAX : BACKUP_SIGNATURE_MAX);
    if (r.fault == ERR_OK && part->content.len == 0) return ERR(FORMAT);
    part->whole = bytes_of(block.at, reader_offset(&r));
    return (err){r.fault};
}

/* A tail begins with the letter of a head, whose second one is no length of a signature. */
err backup_cut(struct bytes block, struct backup_part *out)
{
    struct backup_part part = {0};
    if (block.len == 0) return ERR(SHORT);
    bool head = block.at[0] == (uint8_t)magic[0] && block.len > 1 && block.at[1] != 0;
    if (!head && block.at[0] != 'P' && block.at[0] != 'T') return ERR(FORMAT);
    TRY(head ? cut_head(block, &part) : cut_behind(block, &part));
    *out = part;
    return OK;
}
