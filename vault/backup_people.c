/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The people who work here, in a backup and out of it. Their hashes mean something only with the
 * pepper, so it travels with them, sealed as they are, and comes back with all of them or not at
 * all. None of it is ever seen by the terminal program.
 *
 *   0  pepper 32, the owner's public key behind its length (of the digits that open backups), which
 * may be none 1  id 1, role 1, flags 1 (1 one-time, 2 forced, 4 suspended), tries 1 and time of the
 * last 8, last log-in 8, chosen 8, reviewed 8, grace 1, wrong codes 2, three records behind their
 * length (own, duress, decoy), count 1 and so many records of history, oldest first
 *
 * While a bundle is read, nobody knows yet whether its signature will be right. So what is read is
 * staged, each sealed under the device key, and is put in the place of what is here by the
 * transaction that follows the signature.
 */
#include "vault/backup.h"
#include "vault/state.h"

enum { TAG_PEPPER = 0, TAG_PERSON = 1, HISTORY_MAX = 24 };
enum { ONE_TIME = 1, FORCED = 2, SUSPENDED = 4 };

static const char staged_label[] = "vault.db restored";

/* ---- writing ---- */

static err next_id(struct vault *v, unsigned from, int *ret_id)
{
    struct store_statement *s;
    bool found = false;
    TRY(store_statement(v->store, "SELECT id FROM operator WHERE id >= ? ORDER BY id LIMIT 1", &s));
    store_bind_int(s, from);
    TRY(store_step(s, &found));
    *ret_id = found ? (int)store_read_int(s) : -1;
    err read = found ? store_read_finish(s) : OK;
    store_reset(s);
    return read;
}

/* The newest of them, as many as a piece has room for. */
static err write_history(struct vault *v, uint8_t id, struct writer *plain)
{
    struct store_statement *s;
    bool found = false;
    uint8_t block[HISTORY_MAX * PASSWORD_RECORD_MAX];
    struct writer records = writer_over(block, sizeof block);
    unsigned count = 0;
    TRY(store_statement(v->store,
                        "SELECT record FROM (SELECT id, record FROM history WHERE operator = ?"
                        " ORDER BY id DESC LIMIT 24) ORDER BY id",
                        &s));
    store_bind_int(s, id);
    for (;;) {
        TRY(store_step(s, &found));
        if (!found) break;
        write_prefixed(&records, 1, store_read_text(s));
        count++;
    }
    write_be(plain, count, 1);
    write_bytes(plain, writer_view(&records));
    secret_wipe_bytes(block, sizeof block);
    return (err){records.fault};
}

static err write_person(struct vault *v, uint8_t id, struct writer *plain)
{
    struct vault_operator_row row;
    TRY(vault_operator_read(v, id, &row));
    write_be(plain, TAG_PERSON, 1);
    write_be(plain, row.id, 1);
    write_be(plain, row.role, 1);
    write_be(plain,
             (row.one_time ? ONE_TIME : 0u) | (row.forced ? FORCED : 0u) |
                 (row.suspended ? SUSPENDED : 0u),
             1);
    write_be(plain, row.attempts.used, 1);
    write_be(plain, (uint64_t)row.attempts.last_ms, 8);
    write_be(plain, (uint64_t)row.last_login_ms, 8);
    write_be(plain, (uint64_t)row.set_ms, 8);
    write_be(plain, (uint64_t)row.review_ms, 8);
    write_be(plain, row.grace_used, 1);
    write_be(plain, row.codes_wrong, 2);
    for (size_t i = 0; i < VAULT_SLOTS; i++) write_prefixed(plain, 1, bytes_text(row.record[i]));
    secret_wipe_bytes(&row, sizeof row);
    TRY(write_history(v, id, plain));
    return (err){plain->fault};
}

err vault_people_write(struct vault *v, struct writer *plain, bool *ret_more)
{
    struct vault_backup *b = &v->backup;
    uint8_t owner[TRANSPORT_KEY_BYTES];
    bool has_owner = false;
    int id = 0;
    if (b->next_person == 0) {
        write_be(plain, TAG_PEPPER, 1);
        write_bytes(plain, BYTES_OF(v->secrets->pepper));
        TRY(vault_backup_owner(v, owner, &has_owner));
        write_prefixed(plain, 1, bytes_of(owner, has_owner ? sizeof owner : 0));
        b->next_person = 1;
    } else {
        TRY(next_id(v, b->next_person - 1u, &id));
        if (id < 0) return ERR(CORRUPT); /* `more` has promised one */
        TRY(write_person(v, (uint8_t)id, plain));
        b->next_person = (uint16_t)(id + 2);
    }
    TRY(next_id(v, b->next_person - 1u, &id));
    *ret_more = id >= 0;
    return (err){plain->fault};
}

/* ---- reading ---- */

/* A person with his history, as he was read. Secret. */
struct person {
    struct vault_operator_row row;
    size_t history_count;
    char history[HISTORY_MAX][PASSWORD_RECORD_MAX];
};

static void person_wipe(struct person *person)
{
    secret_wipe_bytes(person, sizeof *person);
}

static void read_record(struct reader *r, char out[PASSWORD_RECORD_MAX])
{
    struct bytes record = read_prefixed(r, 1, PASSWORD_RECORD_MAX - 1);
    for (size_t i = 0; i < record.len; i++)
        if (record.at[i] <= ' ' || record.at[i] > '~') reader_fail(r, ERR_FORMAT);
    if (r->fault == ERR_OK) (void)!FAILED(bytes_to_text(record, out, PASSWORD_RECORD_MAX));
}

static int64_t read_ms(struct reader *r)
{
    uint64_t ms = read_be(r, 8);
    if (ms > INT64_MAX) reader_fail(r, ERR_RANGE);
    return (int64_t)(ms & INT64_MAX);
}

/* What follows the tag. */
static err read_person(struct reader *r, struct person *out)
{
    struct vault_operator_row *row = &out->row;
    row->id = (uint8_t)read_be(r, 1);
    row->role = (uint8_t)read_be(r, 1);
    uint8_t flags = (uint8_t)read_be(r, 1);
    row->one_time = flags & ONE_TIME;
    row->forced = flags & FORCED;
    row->suspended = flags & SUSPENDED;
    row->attempts.used = (uint8_t)read_be(r, 1);
    row->attempts.last_ms = read_ms(r);
    row->last_login_ms = read_ms(r);
    row->set_ms = read_ms(r);
    row->review_ms = read_ms(r);
    row->grace_used = (uint8_t)read_be(r, 1);
    row->codes_wrong = (uint16_t)read_be(r, 2);
    for (size_t i = 0; i < VAULT_SLOTS; i++) read_record(r, row->record[i]);
    out->history_count = (size_t)read_be(r, 1);
    if (out->history_count > HISTORY_MAX) reader_fail(r, ERR_LENGTH);
    for (size_t i = 0; i < out->history_count && r->fault == ERR_OK; i++)
        read_record(r, out->history[i]);
    TRY(reader_finish(r));
    bool known = row->id <= VAULT_ID_ADMINISTRATOR && row->role >= VAULT_ROLE_CASHIER &&
                 row->role <= VAULT_ROLE_ADMINISTRATOR && flags <= (ONE_TIME | FORCED | SUSPENDED);
    return known ? OK : ERR(RANGE);
}

static err stage(struct vault *v, int position, struct bytes content)
{
    uint8_t block[BACKUP_PLAIN_MAX + SEALED_OVERHEAD];
    struct writer w = writer_over(block, sizeof block);
    struct sealed_secret key = vault_device_secret(v);
    struct store_statement *s;
    TRY(sealed_write(&v->crypto, &key, bytes_text(staged_label), content, &w));
    TRY(store_statement(v->store, "INSERT INTO restored(position, sealed) VALUES(?, ?)", &s));
    store_bind_int(s, position);
    store_bind_blob(s, writer_view(&w));
    return store_run(s);
}

/* What follows the tag. */
static err read_pepper(struct reader *r, struct bytes *ret_pepper, struct bytes *ret_owner)
{
    *ret_pepper = read_bytes(r, PASSWORD_PEPPER_BYTES);
    *ret_owner = read_prefixed(r, 1, TRANSPORT_KEY_BYTES);
    TRY(reader_finish(r));
    return ret_owner->len == 0 || ret_owner->len == TRANSPORT_KEY_BYTES ? OK : ERR(FORMAT);
}

/* The pepper once and first, then people with rising numbers. */
err vault_people_read(struct vault *v, struct bytes content)
{
    struct vault_backup *b = &v->backup;
    struct reader r = reader_over(content);
    uint64_t tag = read_be(&r, 1);
    int position = 0;
    if (tag == TAG_PEPPER) {
        struct bytes pepper, owner;
        TRY(read_pepper(&r, &pepper, &owner));
        if (b->pepper_read) return ERR(FORMAT);
        b->pepper_read = true;
    } else {
        CLEANUP(person_wipe) struct person person = {.row = {0}};
        if (tag != TAG_PERSON || !b->pepper_read) return ERR(FORMAT);
        TRY(read_person(&r, &person));
        if (person.row.id <= b->last_person) return ERR(FORMAT);
        b->last_person = person.row.id;
        position = person.row.id + 1;
        b->people++;
    }
    return b->take ? stage(v, position, content) : OK;
}

/* ---- taking ---- */

struct staged {
    uint8_t at[BACKUP_PLAIN_MAX];
    size_t len;
};

static void staged_wipe(struct staged *staged)
{
    secret_wipe_bytes(staged, sizeof *staged);
}

/* The next one from `position` on; *ret_position -1: there is none. */
static err unstage(struct vault *v, int from, struct staged *out, int *ret_position)
{
    uint8_t sealed[BACKUP_PLAIN_MAX + SEALED_OVERHEAD];
    struct writer w = writer_over(out->at, sizeof out->at);
    struct sealed_secret key = vault_device_secret(v);
    struct store_statement *s;
    bool found = false;
    TRY(store_statement(v->store,
                        "SELECT position, sealed FROM restored WHERE position >= ?"
                        " ORDER BY position LIMIT 1",
                        &s));
    store_bind_int(s, from);
    TRY(store_step(s, &found));
    *ret_position = -1;
    if (!found) return OK;
    int position = (int)store_read_int(s);
    size_t len = store_read_blob_up_to(s, sealed, sizeof sealed);
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    TRY(sealed_read(&v->crypto, &key, bytes_text(staged_label), bytes_of(sealed, len), &w));
    out->len = w.len;
    *ret_position = position;
    return OK;
}

static err put_history(struct vault *v, const struct person *person)
{
    struct store_statement *s;
    for (size_t i = 0; i < person->history_count; i++) {
        TRY(store_statement(v->store, "INSERT INTO history(operator, record) VALUES(?, ?)", &s));
        store_bind_int(s, person->row.id);
        store_bind_text(s, bytes_text(person->history[i]));
        TRY(store_run(s));
    }
    return OK;
}

/* Tries that were spent here stay spent: a backup gives nobody a guess back. */
static err put_person(struct vault *v, struct person *person,
                      const uint8_t spent[VAULT_PEOPLE_MAX + 1])
{
    if (person->row.attempts.used < spent[person->row.id])
        person->row.attempts.used = spent[person->row.id];
    TRY(vault_operator_add(v, person->row.id, person->row.role));
    TRY(vault_operator_put(v, &person->row));
    return put_history(v, person);
}

/* The owner's digits go on: he has them from the device before. */
static err take_pepper(struct vault *v, struct reader *r)
{
    struct bytes pepper, owner;
    struct store_statement *s;
    TRY(read_pepper(r, &pepper, &owner));
    TRY(vault_secret_put(v, VAULT_SECRET_PEPPER, pepper));
    if (owner.len == 0) return OK;
    TRY(store_statement(v->store, "UPDATE device SET backup_owner = ?", &s));
    store_bind_blob(s, owner);
    return store_run(s);
}

static err take_one(struct vault *v, struct bytes content,
                    const uint8_t spent[VAULT_PEOPLE_MAX + 1])
{
    struct reader r = reader_over(content);
    uint64_t tag = read_be(&r, 1);
    if (tag == TAG_PEPPER) return take_pepper(v, &r);
    CLEANUP(person_wipe) struct person person = {.row = {0}};
    TRY(read_person(&r, &person));
    return put_person(v, &person, spent);
}

static err read_spent(struct vault *v, uint8_t spent[VAULT_PEOPLE_MAX + 1])
{
    struct store_statement *s;
    bool found = false;
    TRY(store_statement(v->store, "SELECT id, tries_used FROM operator", &s));
    for (;;) {
        TRY(store_step(s, &found));
        if (!found) return OK;
        int64_t id = store_read_int(s), used = store_read_int(s);
        if (id >= 0 && id <= VAULT_PEOPLE_MAX) spent[id] = (uint8_t)used;
    }
}

err vault_people_take(struct vault *v)
{
    uint8_t spent[VAULT_PEOPLE_MAX + 1] = {0};
    ENSURE(store_in_tx(v->store));
    TRY(read_spent(v, spent));
    TRY(store_exec(v->store, "DELETE FROM history; DELETE FROM challenge; DELETE FROM operator"));
    for (int from = 0;;) {
        CLEANUP(staged_wipe) struct staged staged = {.len = 0};
        int position = -1;
        TRY(unstage(v, from, &staged, &position));
        if (position < 0) break;
        TRY(take_one(v, bytes_of(staged.at, staged.len), spent));
        from = position + 1;
    }
    return store_exec(v->store, "DELETE FROM restored");
}
