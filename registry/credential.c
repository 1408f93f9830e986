/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What accounts log in with. Whatever may be used once is taken by an UPDATE that names the state
 * before, and won by who changed the row: there is no moment between looking and taking.
 */
#include "registry/credential.h"

#include <assert.h>

#include "registry/account_internal.h"

/* ---- password ---- */

static err keep_old(struct store_tx *tx, int64_t account, int64_t now_ms)
{
    struct store_statement *keep, *drop;
    TRY(store_statement(tx->store,
                        "INSERT OR REPLACE INTO old_password(account, until_ms, record)"
                        " SELECT id, ?, password FROM account WHERE id = ? AND password <> ''",
                        &keep));
    store_bind_int(keep, now_ms);
    store_bind_int(keep, account);
    TRY(store_run(keep));
    TRY(store_statement(tx->store,
                        "DELETE FROM old_password WHERE account = ?1 AND until_ms NOT IN (SELECT"
                        " until_ms FROM old_password WHERE account = ?1 ORDER BY until_ms DESC"
                        " LIMIT ?2)",
                        &drop));
    store_bind_int(drop, account);
    store_bind_int(drop, OLD_PASSWORDS_MAX);
    return store_run(drop);
}

err credential_set_password(struct store_tx *tx, const struct registry_actor *actor,
                            int64_t account, struct bytes record, bool must_change)
{
    struct store_statement *update;
    ENSURE(record.len < PASSWORD_RECORD_MAX);
    TRY(keep_old(tx, account, actor->at_ms));
    TRY(store_statement(tx->store,
                        "UPDATE account SET password = ?, password_ms = ?, must_change = ?"
                        " WHERE id = ?",
                        &update));
    store_bind_text(update, record);
    store_bind_int(update, actor->at_ms);
    store_bind_int(update, must_change);
    TRY(account_run_on(tx, update, account));
    return account_record(tx, actor, record.len == 0 ? "password_removed" : "password_set", account,
                          must_change ? "to be changed" : "");
}

err credential_rehash(struct store_tx *tx, int64_t account, struct bytes record)
{
    struct store_statement *update;
    ENSURE(record.len > 0 && record.len < PASSWORD_RECORD_MAX);
    TRY(store_statement(tx->store, "UPDATE account SET password = ? WHERE id = ?", &update));
    store_bind_text(update, record);
    return account_run_on(tx, update, account);
}

err credential_old_passwords(struct store *store, int64_t account, size_t most,
                             char ret_records[][PASSWORD_RECORD_MAX], size_t *ret_count)
{
    struct store_statement *rows;
    bool row = false;
    *ret_count = 0;
    TRY(store_statement(store,
                        "SELECT record FROM old_password WHERE account = ? ORDER BY until_ms DESC"
                        " LIMIT ?",
                        &rows));
    store_bind_int(rows, account);
    store_bind_int(rows, (int64_t)most);
    for (;;) {
        TRY(store_step(rows, &row));
        if (!row) return OK;
        ENSURE(*ret_count < most);
        store_read_text_into(rows, ret_records[(*ret_count)++], PASSWORD_RECORD_MAX);
    }
}

err credential_allow_enrolment(struct store_tx *tx, int64_t account, int64_t until_ms)
{
    struct store_statement *update;
    TRY(store_statement(tx->store, "UPDATE account SET enrol_until_ms = ? WHERE id = ?", &update));
    store_bind_int(update, until_ms);
    return account_run_on(tx, update, account);
}

err credential_clear_factors(struct store_tx *tx, const struct registry_actor *actor,
                             int64_t account)
{
    struct store_statement *drop;
    TRY(credential_set_totp(tx, actor, account, BYTES("")));
    TRY(store_statement(tx->store, "DELETE FROM passkey WHERE account = ?", &drop));
    store_bind_int(drop, account);
    TRY(store_run(drop));
    TRY(store_statement(tx->store, "DELETE FROM recovery_code WHERE account = ?", &drop));
    store_bind_int(drop, account);
    TRY(store_run(drop));
    return account_record(tx, actor, "factors_cleared", account, "");
}

/* ---- TOTP ---- */

err credential_set_totp(struct store_tx *tx, const struct registry_actor *actor, int64_t account,
                        struct bytes sealed)
{
    struct store_statement *update;
    ENSURE(sealed.len <= TOTP_SEALED_MAX);
    TRY(store_statement(tx->store, "UPDATE account SET totp = ?, totp_step = 0 WHERE id = ?",
                        &update));
    store_bind_blob(update, sealed.at == NULL ? BYTES("") : sealed);
    TRY(account_run_on(tx, update, account));
    return account_record(tx, actor, sealed.len == 0 ? "totp_removed" : "totp_set", account, "");
}

err credential_totp(struct store *store, int64_t account, uint8_t ret_sealed[TOTP_SEALED_MAX],
                    size_t *ret_len)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, "SELECT totp FROM account WHERE id = ?", &query));
    store_bind_int(query, account);
    TRY(store_step(query, &row));
    struct bytes sealed = row ? store_read_blob(query) : BYTES("");
    err failure = row ? store_read_finish(query) : ERR(NOT_FOUND);
    if (sealed.len > TOTP_SEALED_MAX) failure = ERR(CORRUPT);
    if (!FAILED(failure) && sealed.len > 0) memcpy(ret_sealed, sealed.at, sealed.len);
    if (!FAILED(failure)) *ret_len = sealed.len;
    store_reset(query);
    return failure;
}

err credential_take_totp(struct store_tx *tx, int64_t account, int64_t step, bool *ret_won)
{
    struct store_statement *update;
    TRY(store_statement(
        tx->store, "UPDATE account SET totp_step = ?1 WHERE id = ?2 AND totp_step < ?1", &update));
    store_bind_int(update, step);
    store_bind_int(update, account);
    TRY(store_run(update));
    *ret_won = store_changes(tx->store) == 1;
    return OK;
}

/* ---- passkeys ---- */

err passkey_add(struct store_tx *tx, const struct registry_actor *actor, int64_t account,
                const struct webauthn_key *key, struct bytes label, int64_t *ret_id)
{
    struct store_statement *insert;
    struct account whose;
    TRY(account_find(tx->store, account, &whose));
    if (whose.passkeys >= PASSKEYS_MAX)
        return store_refuse(tx->store, ERR(FULL), "passkeys", "remove one that is not used");
    if (label.len == 0 || label.len > PASSKEY_LABEL_MAX)
        return store_refuse(tx->store, ERR(FORMAT), "passkey's name", "must be 1 to 40 bytes");
    TRY(store_statement(tx->store,
                        "INSERT INTO passkey(account, credential, public_key, counter, label,"
                        " added_ms, used_ms) VALUES(?, ?, ?, ?, ?, ?, 0)",
                        &insert));
    store_bind_int(insert, account);
    store_bind_blob(insert, bytes_of(key->credential, key->credential_len));
    store_bind_blob(insert, BYTES_OF(key->public_key));
    store_bind_int(insert, key->counter);
    store_bind_text(insert, label);
    store_bind_int(insert, actor->at_ms);
    TRY(store_run(insert));
    *ret_id = store_last_id(tx->store);
    return account_record(tx, actor, "passkey_added", account, "");
}

#define PASSKEY_COLUMNS "id, account, credential, public_key, counter, label, added_ms, used_ms"

static err read_passkey(struct store_statement *row, struct passkey *out)
{
    struct passkey p = {.id = store_read_int(row), .account = store_read_int(row)};
    struct bytes credential = store_read_blob(row);
    if (credential.len > sizeof p.key.credential) return ERR(CORRUPT);
    memcpy(p.key.credential, credential.at, credential.len);
    p.key.credential_len = credential.len;
    store_read_blob_into(row, p.key.public_key, sizeof p.key.public_key);
    p.key.counter = (uint32_t)store_read_int(row);
    store_read_text_into(row, p.label, sizeof p.label);
    p.added_ms = store_read_int(row);
    p.used_ms = store_read_int(row);
    TRY(store_read_finish(row));
    *out = p;
    return OK;
}

err passkey_find(struct store *store, struct bytes credential, struct passkey *ret_passkey)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store, "SELECT " PASSKEY_COLUMNS " FROM passkey WHERE credential = ?",
                        &query));
    store_bind_blob(query, credential);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err failure = read_passkey(query, ret_passkey);
    store_reset(query);
    return failure;
}

err passkeys_of(struct store *store, int64_t account, struct passkey ret_passkeys[PASSKEYS_MAX],
                size_t *ret_count)
{
    struct store_statement *rows;
    bool row = false;
    *ret_count = 0;
    TRY(store_statement(store,
                        "SELECT " PASSKEY_COLUMNS " FROM passkey WHERE account = ?"
                        " ORDER BY id LIMIT 8",
                        &rows));
    static_assert(PASSKEYS_MAX == 8, "the limit in the query");
    store_bind_int(rows, account);
    for (;;) {
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err failure = read_passkey(rows, &ret_passkeys[*ret_count]);
        if (FAILED(failure)) {
            store_reset(rows);
            return failure;
        }
        ++*ret_count;
    }
}

err passkey_used(struct store_tx *tx, int64_t id, uint32_t counter, int64_t now_ms)
{
    struct store_statement *update;
    TRY(store_statement(tx->store, "UPDATE passkey SET counter = ?, used_ms = ? WHERE id = ?",
                        &update));
    store_bind_int(update, counter);
    store_bind_int(update, now_ms);
    store_bind_int(update, id);
    return store_run(update);
}

err passkey_remove(struct store_tx *tx, const struct registry_actor *actor, int64_t account,
                   int64_t id)
{
    struct store_statement *remove;
    TRY(store_statement(tx->store, "DELETE FROM passkey WHERE id = ? AND account = ?", &remove));
    store_bind_int(remove, id);
    store_bind_int(remove, account);
    TRY(store_run(remove));
    if (store_changes(tx->store) != 1) return ERR(NOT_FOUND);
    return account_record(tx, actor, "passkey_removed", account, "");
}

/* ---- recovery codes ---- */

err recovery_codes_set(struct store_tx *tx, const struct registry_actor *actor, int64_t account,
                       uint8_t hashes[RECOVERY_CODES][RECOVERY_CODE_HASH_BYTES])
{
    struct store_statement *clear, *insert;
    TRY(store_statement(tx->store, "DELETE FROM recovery_code WHERE account = ?", &clear));
    store_bind_int(clear, account);
    TRY(store_run(clear));
    for (size_t i = 0; i < RECOVERY_CODES; i++) {
        TRY(store_statement(tx->store,
                            "INSERT INTO recovery_code(account, hash, used_ms) VALUES(?, ?, 0)",
                            &insert));
        store_bind_int(insert, account);
        store_bind_blob(insert, bytes_of(hashes[i], RECOVERY_CODE_HASH_BYTES));
        TRY(store_run(insert));
    }
    return account_record(tx, actor, "recovery_codes_made", account, "");
}

err recovery_code_take(struct store_tx *tx, const struct registry_actor *actor, int64_t account,
                       const uint8_t hash[RECOVERY_CODE_HASH_BYTES], bool *ret_won)
{
    struct store_statement *update;
    TRY(store_statement(tx->store,
                        "UPDATE recovery_code SET used_ms = ? WHERE account = ? AND hash = ?"
                        " AND used_ms = 0",
                        &update));
    store_bind_int(update, actor->at_ms);
    store_bind_int(update, account);
    store_bind_blob(update, bytes_of(hash, RECOVERY_CODE_HASH_BYTES));
    TRY(store_run(update));
    *ret_won = store_changes(tx->store) == 1;
    return *ret_won ? account_record(tx, actor, "recovery_code_used", account, "") : OK;
}

/* ---- links ---- */

const char *link_label(enum link_kind kind)
{
    return kind == LINK_SETUP ? "setup link" : "reset link";
}

err link_add(struct store_tx *tx, const struct registry_actor *actor, int64_t account,
             enum link_kind kind, const uint8_t hash[TOKEN_HASH_BYTES], int64_t expires_ms)
{
    struct store_statement *drop, *insert;
    ENSURE(expires_ms > actor->at_ms);
    /* 1 is "void": a time that no link was ever used at. */
    TRY(store_statement(
        tx->store, "UPDATE link SET used_ms = 1 WHERE account = ? AND kind = ? AND used_ms = 0",
        &drop));
    store_bind_int(drop, account);
    store_bind_int(drop, (int64_t)kind);
    TRY(store_run(drop));
    TRY(store_statement(tx->store,
                        "INSERT INTO link(hash, account, kind, made_ms, expires_ms, used_ms)"
                        " VALUES(?, ?, ?, ?, ?, 0)",
                        &insert));
    store_bind_blob(insert, bytes_of(hash, TOKEN_HASH_BYTES));
    store_bind_int(insert, account);
    store_bind_int(insert, (int64_t)kind);
    store_bind_int(insert, actor->at_ms);
    store_bind_int(insert, expires_ms);
    TRY(store_run(insert));
    return account_record(tx, actor, kind == LINK_SETUP ? "setup_link_made" : "reset_link_made",
                          account, "");
}

err link_find(struct store *store, enum link_kind kind, const uint8_t hash[TOKEN_HASH_BYTES],
              int64_t now_ms, int64_t *ret_account)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT account FROM link WHERE hash = ? AND kind = ? AND used_ms = 0"
                        " AND expires_ms > ?",
                        &query));
    store_bind_blob(query, bytes_of(hash, TOKEN_HASH_BYTES));
    store_bind_int(query, (int64_t)kind);
    store_bind_int(query, now_ms);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    *ret_account = store_read_int(query);
    err failure = store_read_finish(query);
    store_reset(query);
    return failure;
}

err link_take(struct store_tx *tx, const struct registry_actor *actor, enum link_kind kind,
              const uint8_t hash[TOKEN_HASH_BYTES], bool *ret_won, int64_t *ret_account)
{
    struct store_statement *update;
    int64_t account = 0;
    err found = link_find(tx->store, kind, hash, actor->at_ms, &account);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    TRY(store_statement(tx->store,
                        "UPDATE link SET used_ms = ?1 WHERE hash = ?2 AND kind = ?3 AND used_ms = 0"
                        " AND expires_ms > ?1",
                        &update));
    store_bind_int(update, actor->at_ms);
    store_bind_blob(update, bytes_of(hash, TOKEN_HASH_BYTES));
    store_bind_int(update, (int64_t)kind);
    TRY(store_run(update));
    *ret_won = store_changes(tx->store) == 1;
    if (!*ret_won) return OK;
    *ret_account = account;
    return account_record(tx, actor, kind == LINK_SETUP ? "setup_link_used" : "reset_link_used",
                          account, "");
}

err links_revoke(struct store_tx *tx, const struct registry_actor *actor, int64_t account)
{
    struct store_statement *revoke;
    TRY(store_statement(tx->store, "UPDATE link SET used_ms = ? WHERE account = ? AND used_ms = 0",
                        &revoke));
    store_bind_int(revoke, actor->at_ms);
    store_bind_int(revoke, account);
    TRY(store_run(revoke));
    return account_record(tx, actor, "links_revoked", account, "");
}

err links_in_hour(struct store *store, int64_t account, enum link_kind kind, int64_t now_ms,
                  int64_t *ret_count)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(
        store, "SELECT count(*) FROM link WHERE account = ? AND kind = ? AND made_ms > ?", &query));
    store_bind_int(query, account);
    store_bind_int(query, (int64_t)kind);
    store_bind_int(query, now_ms - 3600 * 1000);
    TRY(store_step(query, &row));
    *ret_count = row ? store_read_int(query) : 0;
    store_reset(query);
    return OK;
}
