/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backup of the device is written (S164): the terminal program says what it has and brings it
 * piece by piece; here it is sealed under a key of its own, wrapped to this device, to the owner
 * and to the acquirer's hsm, and signed. Keys of messages, the master key and card numbers are not
 * in it, because nobody puts them there: of the vault's own store it has the people alone.
 *
 * Anybody may have one made: who has only the device gets bytes that he cannot open.
 */
#include "vault/backup.h"

#include "lib/crypto/identity.h"
#include "vault/state.h"

/* ---- the head ---- */

/* What stays of it while the head is written. */
struct opening {
    struct backup_key key;
    struct transport_pair sender;
    uint8_t stream[BACKUP_STREAM_HEADER];
    uint8_t name[BACKUP_WRAPS_MAX][BACKUP_RECIPIENT_BYTES];
    uint8_t wrapped[BACKUP_WRAPS_MAX][BACKUP_WRAPPED_BYTES];
    char certificate[BACKUP_CERTIFICATE_MAX];
};

static void opening_wipe(struct opening *opening)
{
    secret_wipe_bytes(opening, sizeof *opening);
}

/* Committed before anything is written: no two bundles have one number. */
static err next_number(struct vault *v, uint64_t *ret_number)
{
    int64_t number = 0;
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(store_statement(v->store, "UPDATE device SET backup_begun = backup_begun + 1", &s));
    TRY(store_run(s));
    TRY(store_query_int(v->store, "SELECT backup_begun FROM device", &number));
    TRY(store_commit(&tx));
    *ret_number = (uint64_t)number;
    return OK;
}

static err wrap_to(struct vault *v, uint8_t kind, const uint8_t recipient[TRANSPORT_KEY_BYTES],
                   struct bytes label, struct opening *o, struct backup_head *head)
{
    size_t at = head->wraps;
    struct writer w = writer_over(o->wrapped[at], sizeof o->wrapped[at]);
    backup_recipient_name(recipient, o->name[at]);
    TRY(backup_key_wrap(&v->crypto, &o->sender, recipient, label, &o->key, &w));
    head->wrap[head->wraps++] = (struct backup_wrap){kind, BYTES_OF(o->name[at]), writer_view(&w)};
    return OK;
}

err vault_backup_owner(struct vault *v, uint8_t ret_public[TRANSPORT_KEY_BYTES], bool *ret_has)
{
    struct store_statement *s;
    bool found = false, has = false;
    TRY(store_statement(v->store, "SELECT backup_owner FROM device", &s));
    TRY(store_step(s, &found));
    if (found) {
        struct bytes stored = store_read_blob(s);
        has = stored.len == TRANSPORT_KEY_BYTES;
        if (has) memcpy(ret_public, stored.at, stored.len);
        err read = store_read_finish(s);
        store_reset(s);
        TRY(read);
    }
    *ret_has = has;
    return OK;
}

static err wrap_to_all(struct vault *v, struct opening *o, struct backup_head *head)
{
    char block[BACKUP_LABEL_MAX];
    struct writer label = writer_over(block, sizeof block);
    uint8_t owner[TRANSPORT_KEY_BYTES];
    bool has_owner = false;
    backup_label(head->serial, head->number, &label);
    ENSURE(label.fault == ERR_OK);
    struct bytes named = writer_view(&label);
    TRY(vault_backup_owner(v, owner, &has_owner));
    TRY(wrap_to(v, BACKUP_FOR_DEVICE, v->secrets->transport.public_key, named, o, head));
    if (has_owner) TRY(wrap_to(v, BACKUP_FOR_OWNER, owner, named, o, head));
    if (v->device.has_hsm)
        TRY(wrap_to(v, BACKUP_FOR_ACQUIRER, v->device.hsm_public, named, o, head));
    return OK;
}

static err read_certificate(struct vault *v, struct opening *o, struct bytes *ret_pem)
{
    struct store_statement *s;
    bool found = false;
    TRY(store_statement(v->store, "SELECT certificate FROM device", &s));
    TRY(store_step(s, &found));
    if (!found) return ERR(CORRUPT);
    store_read_text_into(s, o->certificate, sizeof o->certificate);
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    *ret_pem = bytes_text(o->certificate);
    return OK;
}

/* The sections that the terminal has said, behind the people. False: not in order, or unknown. */
static bool fill_sections(const struct vault_backup_begin *m, uint32_t people,
                          struct backup_head *head)
{
    head->section[head->sections++] = (struct backup_section){BACKUP_PEOPLE, 0, people};
    for (size_t i = 0; i < m->sections; i++) {
        uint8_t before = head->section[head->sections - 1].kind;
        if (m->section[i].kind <= before || m->section[i].kind >= BACKUP_SECTIONS ||
            head->sections == BACKUP_SECTIONS_MAX)
            return false;
        head->section[head->sections++] = m->section[i];
    }
    return true;
}

static bool printable(struct bytes text, size_t max)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] <= ' ' || text.at[i] > '~') return false;
    return text.len <= max;
}

static err begin(struct vault *v, struct backup_head *head, struct writer *answer)
{
    CLEANUP(opening_wipe) struct opening o = {0};
    uint8_t block[BACKUP_HEAD_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct vault_backup *b = &v->backup;
    TRY(read_certificate(v, &o, &head->certificate));
    TRY(next_number(v, &head->number));
    head->made_ms = clock_now_ms(&v->config.clock);
    head->serial = bytes_text(v->device.serial);
    head->model = bytes_text(v->device.model);
    head->tid = bytes_text(v->device.tid);
    head->mid = bytes_text(v->device.mid);
    random_fill(&v->config.random, o.key.at, sizeof o.key.at);
    random_fill(&v->config.random, o.stream, sizeof o.stream);
    transport_generate(&v->crypto, &o.sender);
    TRY(wrap_to_all(v, &o, head));
    head->sender = BYTES_OF(o.sender.public_key);
    head->stream = BYTES_OF(o.stream);
    backup_write_head(&w, head);
    TRY((err){w.fault});
    backup_stream_begin(&v->secrets->backup.writing, &o.key, o.stream, writer_view(&w));
    b->writing = true;
    b->people_said = false;
    b->number = head->number;
    b->next_person = 0;
    vault_write_bytes(answer, writer_view(&w));
    return OK;
}

err vault_run_backup_begin(struct vault *v, struct reader *request, struct writer *answer,
                           enum vault_status *status)
{
    struct vault_backup_begin m;
    struct backup_head head = {0};
    int64_t people = 0;
    if (FAILED(vault_read_backup_begin(request, &m)) || !printable(m.program, BACKUP_PROGRAM_MAX))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    TRY(vault_operators_count(v, &people));
    head.program = m.program;
    if (!fill_sections(&m, (uint32_t)people, &head)) return vault_refuse(status, VAULT_BAD_REQUEST);
    return begin(v, &head, answer);
}

/* ---- pieces ---- */

struct plain {
    uint8_t at[BACKUP_PLAIN_MAX];
};

static void plain_wipe(struct plain *plain)
{
    secret_wipe_bytes(plain, sizeof *plain);
}

/* Seals `plain` and appends the part to `w`. */
static err seal(struct vault *v, struct bytes plain, bool last, struct writer *w)
{
    struct backup_stream *stream = &v->secrets->backup.writing;
    uint8_t block[BACKUP_SEALED_MAX];
    struct writer sealed = writer_over(block, sizeof block);
    uint32_t index = stream->index;
    size_t before = w->len;
    TRY(backup_stream_seal(stream, plain, last, &sealed));
    backup_write_piece(w, index, writer_view(&sealed));
    TRY((err){w->fault});
    backup_stream_hash(stream, bytes_of(w->at + before, w->len - before));
    return OK;
}

static void end_writing(struct vault *v)
{
    backup_stream_wipe(&v->secrets->backup.writing);
    v->backup.writing = false;
}

/* The people come first, from one state: their section is void when somebody changes in between. */
static err add_people(struct vault *v, struct writer *plain, bool *ret_more)
{
    struct vault_backup *b = &v->backup;
    if (b->next_person == 0) b->changes_before = b->changes;
    TRY(vault_people_write(v, plain, ret_more));
    b->people_said = !*ret_more;
    b->people_moved = b->changes != b->changes_before;
    return OK;
}

err vault_run_backup_piece(struct vault *v, struct reader *request, struct writer *answer,
                           enum vault_status *status)
{
    CLEANUP(plain_wipe) struct plain block;
    struct writer plain = writer_over(block.at, sizeof block.at);
    struct vault_backup_piece m;
    uint8_t part[BACKUP_PART_MAX];
    struct writer w = writer_over(part, sizeof part);
    bool more = false;
    if (FAILED(vault_read_backup_piece(request, &m)) || m.kind == BACKUP_END ||
        m.kind >= BACKUP_SECTIONS || m.content.len > BACKUP_PLAIN_MAX - 1)
        return vault_refuse(status, VAULT_BAD_REQUEST);
    bool people = m.kind == BACKUP_PEOPLE;
    if (people != (m.content.len == 0)) return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->backup.writing || people == v->backup.people_said)
        return vault_refuse(status, VAULT_NOT_READY);
    write_be(&plain, m.kind, 1);
    write_bytes(&plain, m.content);
    if (people) TRY(add_people(v, &plain, &more));
    TRY((err){plain.fault});
    TRY(seal(v, writer_view(&plain), false, &w));
    vault_write_backup_part(answer, &(struct vault_backup_part){more, writer_view(&w)});
    return OK;
}

/* ---- the end ---- */

static err sign(struct vault *v, struct writer *w)
{
    CLEANUP(identity_key_free) struct identity_key key = {0};
    uint8_t digest[CRYPTO_SHA256_BYTES], signature[IDENTITY_SIGNATURE_MAX];
    size_t len = 0;
    backup_stream_digest(&v->secrets->backup.writing, digest);
    TRY(identity_key_read(bytes_of(v->secrets->identity, v->secrets->identity_len), &key));
    TRY(identity_sign(&key, digest, signature, &len));
    backup_write_tail(w, bytes_of(signature, len));
    return (err){w->fault};
}

/* The least that is taken from now on. */
static err keep_number(struct vault *v)
{
    char number[24];
    struct writer w = writer_over(number, sizeof number - 1);
    struct store_statement *s;
    write_format(&w, "%llu", (unsigned long long)v->backup.number);
    number[w.len] = '\0';
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(store_statement(v->store, "UPDATE device SET backup_kept = max(backup_kept, ?)", &s));
    store_bind_int(s, (int64_t)v->backup.number);
    TRY(store_run(s));
    TRY(vault_audit(v, &tx, NULL, "backup_made", v->device.tid, number));
    return store_commit(&tx);
}

err vault_run_backup_end(struct vault *v, struct reader *request, struct writer *answer,
                         enum vault_status *status)
{
    static const uint8_t last[1] = {BACKUP_END};
    uint8_t block[BACKUP_PART_MAX];
    struct writer w = writer_over(block, sizeof block);
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    bool whole =
        v->backup.writing && v->backup.people_said && v->backup.changes == v->backup.changes_before;
    if (!whole) {
        end_writing(v);
        return vault_refuse(status, VAULT_NOT_READY);
    }
    err sealed = seal(v, BYTES_OF(last), true, &w);
    if (!FAILED(sealed)) sealed = sign(v, &w);
    end_writing(v);
    TRY(sealed);
    TRY(keep_number(v));
    vault_write_backup_part(answer, &(struct vault_backup_part){0, writer_view(&w)});
    return OK;
}

/* ---- the owner's key ---- */

static err put_owner(struct vault *v, const uint8_t public_key[TRANSPORT_KEY_BYTES])
{
    struct vault_operator_name actor = vault_operator_name(v->session.operator_id);
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(store_statement(v->store, "UPDATE device SET backup_owner = ?", &s));
    store_bind_blob(s, bytes_of(public_key, TRANSPORT_KEY_BYTES));
    TRY(store_run(s));
    TRY(vault_audit(v, &tx, actor.text, "backup_owner_made", v->device.tid, ""));
    return store_commit(&tx);
}

/* Drawn, sealed for the page, and forgotten but for its public half: nothing here opens with it. */
static err make_owner(struct vault *v, struct writer *sealed)
{
    CLEANUP(backup_code_wipe) struct backup_code code = {{0}};
    CLEANUP(transport_pair_wipe) struct transport_pair pair = {0};
    backup_code_draw(&v->config.random, &code);
    TRY(backup_code_pair(bytes_text(code.digits), &pair));
    TRY(vault_panel_say(v, bytes_text(code.digits), sealed));
    return put_owner(v, pair.public_key);
}

err vault_run_backup_owner(struct vault *v, struct reader *request, struct writer *answer,
                           enum vault_status *status)
{
    uint8_t make = 0, block[BACKUP_CODE_DIGITS + PANEL_OVERHEAD], public[TRANSPORT_KEY_BYTES];
    uint8_t name[BACKUP_RECIPIENT_BYTES];
    struct writer sealed = writer_over(block, sizeof block);
    struct vault_backup_owner said = {0};
    bool has = false;
    if (FAILED(vault_read_byte(request, &make)) || make > 1)
        return vault_refuse(status, VAULT_BAD_REQUEST);
    bool supervisor = v->session.logged_in && v->session.role == VAULT_ROLE_SUPERVISOR;
    if (make && (!supervisor || v->session.must_change))
        return vault_refuse(status, VAULT_NOT_ALLOWED);
    if (make && !v->secrets->panel_open) return vault_refuse(status, VAULT_BAD_SEAL);
    if (make) TRY(make_owner(v, &sealed));
    TRY(vault_backup_owner(v, public, &has));
    said.has = has;
    said.sealed = writer_view(&sealed);
    if (has) {
        backup_recipient_name(public, name);
        said.name = BYTES_OF(name);
    }
    vault_write_backup_owner(answer, &said);
    return OK;
}
