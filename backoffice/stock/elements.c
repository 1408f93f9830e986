/* SPDX-License-Identifier: Apache-2.0 */
/* The five elements of a binding: their form, their table, and what is sealed of them. */
#include "backoffice/stock/elements.h"

#include <assert.h>
#include <stdio.h>

#include "lib/auth/small_seal.h"
#include "lib/auth/token.h"
#include "registry/contact.h"

static const char *const migration[] = {
    "CREATE TABLE stock_binding(id INTEGER PRIMARY KEY AUTOINCREMENT, serial TEXT NOT NULL,"
    " mid TEXT NOT NULL, subject_tail TEXT NOT NULL, subject BLOB NOT NULL, id_tail BLOB NOT NULL,"
    " account_tail TEXT NOT NULL, account BLOB NOT NULL, address TEXT NOT NULL,"
    " phone TEXT NOT NULL, english INTEGER NOT NULL, made_ms INTEGER NOT NULL,"
    " bound_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, reason TEXT NOT NULL) STRICT;"
    /* One device, one shop. */
    "CREATE UNIQUE INDEX stock_binding_open ON stock_binding(serial) WHERE ended_ms = 0;"
    "CREATE INDEX stock_binding_serial ON stock_binding(serial, id);"
    "CREATE TRIGGER stock_binding_kept BEFORE DELETE ON stock_binding"
    " BEGIN SELECT RAISE(ABORT, 'bindings are kept'); END;"
    "CREATE TRIGGER stock_binding_stays BEFORE UPDATE ON stock_binding"
    " WHEN OLD.ended_ms <> 0 OR NEW.serial <> OLD.serial OR NEW.mid <> OLD.mid"
    " OR NEW.subject <> OLD.subject OR NEW.subject_tail <> OLD.subject_tail"
    " OR NEW.id_tail <> OLD.id_tail OR NEW.account <> OLD.account"
    " OR NEW.account_tail <> OLD.account_tail OR NEW.address <> OLD.address"
    " OR NEW.phone <> OLD.phone OR (OLD.bound_ms <> 0 AND NEW.bound_ms <> OLD.bound_ms)"
    " BEGIN SELECT RAISE(ABORT, 'a binding does not change'); END;",

    /* One that has ended may lose what is personal, all of it at once, and nothing else. */
    "DROP TRIGGER stock_binding_stays;"
    "CREATE TRIGGER stock_binding_stays BEFORE UPDATE ON stock_binding"
    " WHEN (OLD.ended_ms <> 0 OR NEW.serial <> OLD.serial OR NEW.mid <> OLD.mid"
    " OR NEW.subject <> OLD.subject OR NEW.subject_tail <> OLD.subject_tail"
    " OR NEW.id_tail <> OLD.id_tail OR NEW.account <> OLD.account"
    " OR NEW.account_tail <> OLD.account_tail OR NEW.address <> OLD.address"
    " OR NEW.phone <> OLD.phone OR (OLD.bound_ms <> 0 AND NEW.bound_ms <> OLD.bound_ms))"
    " AND NOT (OLD.ended_ms <> 0 AND NEW.ended_ms = OLD.ended_ms AND NEW.serial = OLD.serial"
    " AND NEW.mid = OLD.mid AND NEW.bound_ms = OLD.bound_ms AND NEW.made_ms = OLD.made_ms"
    " AND NEW.subject = x'' AND NEW.account = x'' AND NEW.id_tail = x'' AND NEW.subject_tail = ''"
    " AND NEW.account_tail = '' AND NEW.address = '' AND NEW.phone = '')"
    " BEGIN SELECT RAISE(ABORT, 'a binding does not change'); END;",
};

const struct store_schema elements_schema = {"stock_binding", migration, ARRAY_LEN(migration)};

/* ---- form ---- */

/* GB 32100-2015: 31 characters, weights 3^i mod 31. */
static bool is_credit_code(struct bytes text)
{
    static const char set[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    unsigned sum = 0, weight = 1;
    for (size_t i = 0; i < ELEMENTS_SUBJECT - 1; i++) {
        const char *at = text.at[i] == '\0' ? NULL : strchr(set, text.at[i]);
        if (at == NULL) return false;
        sum += (unsigned)(at - set) * weight;
        weight = weight * 3 % 31;
    }
    return set[(31 - sum % 31) % 31] == (char)text.at[ELEMENTS_SUBJECT - 1];
}

/* GB 11643-1999: seventeen digits, and a check character of ISO 7064 MOD 11-2. */
static bool is_identity(struct bytes text)
{
    unsigned sum = 0;
    if (!bytes_all_digits(bytes_of(text.at, ELEMENTS_SUBJECT - 1))) return false;
    for (size_t i = 0; i < ELEMENTS_SUBJECT - 1; i++)
        sum += (unsigned)(text.at[i] - '0') * ((1u << (ELEMENTS_SUBJECT - 1 - i)) % 11);
    return "10X98765432"[sum % 11] == (char)text.at[ELEMENTS_SUBJECT - 1];
}

bool elements_subject_valid(struct bytes subject)
{
    return subject.len == ELEMENTS_SUBJECT && (is_identity(subject) || is_credit_code(subject));
}

/* Characters of UTF-8 that the gate has found to be such; control characters are none. */
static bool is_address(struct bytes text)
{
    size_t characters = 0;
    if (text.len > ELEMENTS_ADDRESS_BYTES) return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < 0x20 || text.at[i] == 0x7f) return false;
        if ((text.at[i] & 0xC0) != 0x80) characters++;
    }
    return characters >= ELEMENTS_ADDRESS_MIN && characters <= ELEMENTS_ADDRESS_MAX;
}

const char *elements_wrong(const struct elements_form *form)
{
    char phone[ELEMENTS_PHONE_MAX];
    bool account = bytes_all_digits(form->account) && form->account.len >= ELEMENTS_ACCOUNT_MIN &&
                   form->account.len <= ELEMENTS_ACCOUNT_MAX;
    if (!elements_subject_valid(form->subject)) return "subject";
    if (!account) return "account";
    if (!is_address(form->address)) return "address";
    bool reachable =
        !FAILED(bytes_to_text(form->phone, phone, sizeof phone)) && contact_phone_valid(phone);
    return reachable ? NULL : "phone";
}

/* ---- what is sealed ---- */

enum { LABEL_MAX = 64, SEALED_MAX = ELEMENTS_ACCOUNT_MAX + SMALL_SEAL_OVERHEAD };

static err make_key(struct backoffice *b, const char *what, const char *mid,
                    uint8_t key[SMALL_SEAL_KEY_BYTES])
{
    char whose[LABEL_MAX];
    uint8_t digest[PASSWORD_DIGEST_BYTES];
    const struct password_keyed *port = &b->ports.keyed;
    static_assert((int)PASSWORD_KEYED_BYTES == (int)SMALL_SEAL_KEY_BYTES, "a key of the hsm seals");
    snprintf(whose, sizeof whose, "binding.%s", mid);
    token_digest(what, bytes_text(whose), digest);
    return FAILED(port->make(port->context, bytes_text(whose), digest, key)) ? ERR(REFUSED) : OK;
}

/* Keyed, so that the million of them cannot be tried on a copy of the file. */
static err hash_tail(struct backoffice *b, const char *serial, struct bytes tail,
                     uint8_t hash[TOKEN_HASH_BYTES])
{
    uint8_t digest[PASSWORD_DIGEST_BYTES];
    char whose[LABEL_MAX];
    const struct password_keyed *port = &b->ports.keyed;
    snprintf(whose, sizeof whose, "idtail.%s", serial);
    token_digest("tail of an identity number", tail, digest);
    return FAILED(port->make(port->context, bytes_text(whose), digest, hash)) ? ERR(REFUSED) : OK;
}

static void seal(struct backoffice *b, const uint8_t key[SMALL_SEAL_KEY_BYTES], const char *serial,
                 const char *what, struct bytes plain, struct writer *w)
{
    char label[LABEL_MAX];
    snprintf(label, sizeof label, "binding.%s.%s", serial, what);
    small_seal(&b->config.random, key, bytes_text(label), plain, w);
}

static struct bytes tail_of(struct bytes text, size_t len)
{
    ENSURE(text.len >= len);
    return bytes_of(text.at + text.len - len, len);
}

/* ---- rows ---- */

err elements_prepare(struct backoffice *b, struct store_tx *tx, const char *serial, const char *mid,
                     const struct elements_form *form, int64_t now_ms)
{
    uint8_t key[SMALL_SEAL_KEY_BYTES], tail[TOKEN_HASH_BYTES];
    uint8_t subject[SEALED_MAX], account[SEALED_MAX];
    struct store_statement *put;
    struct writer s = writer_over(subject, sizeof subject),
                  a = writer_over(account, sizeof account);
    ENSURE(elements_wrong(form) == NULL);
    TRY(make_key(b, "seal of binding", mid, key));
    TRY(hash_tail(b, serial, tail_of(form->subject, ELEMENTS_ID_TAIL), tail));
    seal(b, key, serial, "subject", form->subject, &s);
    seal(b, key, serial, "account", form->account, &a);
    explicit_bzero(key, sizeof key);
    TRY(store_statement(tx->store,
                        "INSERT INTO stock_binding(serial, mid, subject_tail, subject, id_tail,"
                        " account_tail, account, address, phone, english, made_ms, bound_ms,"
                        " ended_ms, reason) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, '')",
                        &put));
    store_bind_text(put, bytes_text(serial));
    store_bind_text(put, bytes_text(mid));
    store_bind_text(put, tail_of(form->subject, ELEMENTS_TAIL));
    store_bind_blob(put, writer_view(&s));
    store_bind_blob(put, BYTES_OF(tail));
    store_bind_text(put, tail_of(form->account, ELEMENTS_TAIL));
    store_bind_blob(put, writer_view(&a));
    store_bind_text(put, form->address);
    store_bind_text(put, form->phone);
    store_bind_int(put, form->english);
    store_bind_int(put, now_ms);
    return store_run(put);
}

#define COLUMNS                                                                                \
    "id, serial, mid, subject_tail, account_tail, address, phone, english, made_ms, bound_ms," \
    " ended_ms, reason FROM stock_binding"

static err read_row(struct store_statement *row, struct elements *e,
                    char reason[ELEMENTS_REASON_MAX + 1])
{
    *e = (struct elements){.id = store_read_int(row)};
    store_read_text_into(row, e->serial, sizeof e->serial);
    store_read_text_into(row, e->mid, sizeof e->mid);
    store_read_text_into(row, e->subject_tail, sizeof e->subject_tail);
    store_read_text_into(row, e->account_tail, sizeof e->account_tail);
    store_read_text_into(row, e->address, sizeof e->address);
    store_read_text_into(row, e->phone, sizeof e->phone);
    e->english = store_read_int(row) != 0;
    e->made_ms = store_read_int(row);
    e->bound_ms = store_read_int(row);
    e->ended_ms = store_read_int(row);
    store_read_text_into(row, reason, ELEMENTS_REASON_MAX + 1);
    return store_read_finish(row);
}

err elements_find(struct store *store, const char *serial, struct elements *ret)
{
    struct store_statement *query;
    char reason[ELEMENTS_REASON_MAX + 1];
    bool row = false;
    TRY(store_statement(store, "SELECT " COLUMNS " WHERE serial = ? AND ended_ms = 0", &query));
    store_bind_text(query, bytes_text(serial));
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_row(query, ret, reason);
    store_reset(query);
    return read;
}

err elements_history(struct store *store, const char *serial, elements_each each, void *context)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT " COLUMNS " WHERE serial = ? ORDER BY id", &query));
    store_bind_text(query, bytes_text(serial));
    for (;;) {
        struct elements e;
        char reason[ELEMENTS_REASON_MAX + 1];
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) return OK;
        err done = read_row(query, &e, reason);
        if (!FAILED(done)) done = each(context, &e, reason);
        if (!FAILED(done)) continue;
        store_reset(query);
        return done;
    }
}

err elements_bind(struct store_tx *tx, int64_t id, int64_t now_ms)
{
    struct store_statement *update;
    TRY(store_statement(
        tx->store, "UPDATE stock_binding SET bound_ms = ? WHERE id = ? AND bound_ms = 0", &update));
    store_bind_int(update, now_ms);
    store_bind_int(update, id);
    return store_run(update);
}

err elements_end(struct store_tx *tx, const char *serial, const char *reason, int64_t now_ms)
{
    struct store_statement *update;
    TRY(store_statement(tx->store,
                        "UPDATE stock_binding SET ended_ms = ?, reason = ? WHERE serial = ?"
                        " AND ended_ms = 0",
                        &update));
    store_bind_int(update, now_ms);
    store_bind_text(update, bytes_text(reason));
    store_bind_text(update, bytes_text(serial));
    return store_run(update);
}

err elements_tail_is(struct backoffice *b, const struct elements *elements, struct bytes tail,
                     bool *ret_right)
{
    struct store_statement *query;
    uint8_t said[TOKEN_HASH_BYTES], kept[TOKEN_HASH_BYTES];
    bool row = false;
    *ret_right = false;
    TRY(hash_tail(b, elements->serial, tail, said));
    TRY(store_statement(b->store, "SELECT id_tail FROM stock_binding WHERE id = ?", &query));
    store_bind_int(query, elements->id);
    TRY(store_step(query, &row));
    if (!row) return OK;
    store_read_blob_into(query, kept, sizeof kept);
    err read = store_read_finish(query);
    store_reset(query);
    TRY(read);
    *ret_right = token_same(said, kept);
    return OK;
}

/* ---- to another device ---- */

/* What was sealed, in clear for as long as it is sealed anew. */
struct opened {
    uint8_t key[SMALL_SEAL_KEY_BYTES];
    char subject[ELEMENTS_SUBJECT], account[ELEMENTS_ACCOUNT_MAX];
    size_t account_len;
};

static void opened_wipe(struct opened *opened)
{
    explicit_bzero(opened, sizeof *opened);
}

static err open_one(const struct opened *o, const char *serial, const char *what,
                    struct bytes sealed, void *out, size_t max, size_t *ret_len)
{
    char label[LABEL_MAX];
    snprintf(label, sizeof label, "binding.%s.%s", serial, what);
    if (sealed.len < SMALL_SEAL_OVERHEAD || sealed.len - SMALL_SEAL_OVERHEAD > max)
        return ERR(CORRUPT);
    *ret_len = sealed.len - SMALL_SEAL_OVERHEAD;
    return small_open(o->key, bytes_text(label), sealed, out, *ret_len);
}

static err open_sealed(struct store *store, const struct elements *e, struct opened *o)
{
    struct store_statement *query;
    bool row = false;
    size_t len = 0;
    TRY(store_statement(store, "SELECT subject, account FROM stock_binding WHERE id = ?", &query));
    store_bind_int(query, e->id);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err done = open_one(o, e->serial, "subject", store_read_blob(query), o->subject,
                        sizeof o->subject, &len);
    if (!FAILED(done) && len != sizeof o->subject) done = ERR(CORRUPT);
    if (!FAILED(done))
        done = open_one(o, e->serial, "account", store_read_blob(query), o->account,
                        sizeof o->account, &o->account_len);
    err read = store_read_finish(query);
    store_reset(query);
    TRY(done);
    return read;
}

/* `address`: NULL for the one that it has. */
static err carry(struct backoffice *b, struct store_tx *tx, const struct elements *e,
                 const char *to, const char *address, const char *reason, int64_t now_ms)
{
    CLEANUP(opened_wipe) struct opened opened = {.account_len = 0};
    TRY(make_key(b, "seal of binding", e->mid, opened.key));
    TRY(open_sealed(tx->store, e, &opened));
    const struct elements_form form = {
        .subject = bytes_of(opened.subject, sizeof opened.subject),
        .account = bytes_of(opened.account, opened.account_len),
        .address = bytes_text(address != NULL ? address : e->address),
        .phone = bytes_text(e->phone),
        .english = e->english,
    };
    TRY(elements_end(tx, e->serial, reason, now_ms));
    return elements_prepare(b, tx, to, e->mid, &form, now_ms);
}

err elements_move(struct backoffice *b, struct store_tx *tx, const char *from, const char *to,
                  const char *reason, int64_t now_ms)
{
    struct elements e;
    TRY(elements_find(tx->store, from, &e));
    return carry(b, tx, &e, to, NULL, reason, now_ms);
}

err elements_readdress(struct backoffice *b, struct store_tx *tx, const char *serial,
                       const char *address, int64_t now_ms)
{
    struct elements was, now;
    TRY(elements_find(tx->store, serial, &was));
    TRY(carry(b, tx, &was, serial, address, "another address", now_ms));
    if (was.bound_ms == 0) return OK;
    TRY(elements_find(tx->store, serial, &now));
    return elements_bind(tx, now.id, now_ms);
}

err elements_erase(struct store_tx *tx, const char *mid)
{
    struct store_statement *change;
    TRY(store_statement(tx->store,
                        "UPDATE stock_binding SET subject = x'', account = x'', id_tail = x'',"
                        " subject_tail = '', account_tail = '', address = '', phone = ''"
                        " WHERE mid = ? AND ended_ms <> 0",
                        &change));
    store_bind_text(change, bytes_text(mid));
    return store_run(change);
}
