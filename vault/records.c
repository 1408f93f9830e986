/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of vault.db that are no secrets: the device, its operators, and who did what. */
#include <stdio.h>

#include "vault/state.h"

static const char *const migration[] = {
    "CREATE TABLE device("
    "  one INTEGER PRIMARY KEY CHECK(one = 1),"
    "  serial TEXT NOT NULL, model TEXT NOT NULL,"
    "  tid TEXT NOT NULL DEFAULT '', mid TEXT NOT NULL DEFAULT '',"
    "  merchant_zh TEXT NOT NULL DEFAULT '', merchant_en TEXT NOT NULL DEFAULT '',"
    "  certificate TEXT NOT NULL DEFAULT '', authority TEXT NOT NULL DEFAULT '',"
    "  certificate_expiry_ms INTEGER NOT NULL DEFAULT 0,"
    "  first_login_ms INTEGER NOT NULL DEFAULT 0,"
    "  tampered INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE secret(name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT;"
    "CREATE TABLE operator("
    "  id INTEGER PRIMARY KEY CHECK(id BETWEEN 0 AND 99),"
    "  role INTEGER NOT NULL CHECK(role BETWEEN 1 AND 3),"
    "  record TEXT NOT NULL DEFAULT '', one_time INTEGER NOT NULL DEFAULT 0,"
    "  tries_used INTEGER NOT NULL DEFAULT 0 CHECK(tries_used BETWEEN 0 AND 255),"
    "  tries_last_ms INTEGER NOT NULL DEFAULT 0,"
    "  last_login_ms INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE pin_entry(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX pin_entry_at ON pin_entry(at_ms);",
    "ALTER TABLE device ADD COLUMN policy TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE device ADD COLUMN policy_signer BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE device ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE device ADD COLUMN rollback INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE operator ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE operator ADD COLUMN forced INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE operator ADD COLUMN set_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE operator ADD COLUMN review_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE operator ADD COLUMN grace_used INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE operator ADD COLUMN duress TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE operator ADD COLUMN codes_wrong INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE history(id INTEGER PRIMARY KEY, operator INTEGER NOT NULL,"
    "  record TEXT NOT NULL) STRICT;"
    "CREATE INDEX history_of ON history(operator, id);"
    "CREATE TABLE challenge(operator INTEGER PRIMARY KEY, way INTEGER NOT NULL,"
    "  challenge BLOB NOT NULL, made_ms INTEGER NOT NULL, run BLOB NOT NULL,"
    "  tries_used INTEGER NOT NULL) STRICT;"
    "CREATE TABLE challenge_made(id INTEGER PRIMARY KEY, operator INTEGER NOT NULL,"
    "  at_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX challenge_made_of ON challenge_made(operator, at_ms);"
    "CREATE TABLE pair(id INTEGER PRIMARY KEY, label TEXT NOT NULL, public_key BLOB NOT NULL,"
    "  added_ms INTEGER NOT NULL) STRICT;",
};

const struct store_schema vault_schema = {"vault", migration, ARRAY_LEN(migration)};

err vault_device_read(struct vault *v, struct vault_device *ret_device)
{
    struct vault_device device = {0};
    struct store_statement *s;
    bool found = false;
    TRY(store_statement(v->store,
                        "SELECT serial, model, tid, mid, merchant_zh, certificate_expiry_ms,"
                        " first_login_ms, tampered, policy_signer, epoch, rollback FROM device",
                        &s));
    TRY(store_step(s, &found));
    if (found) {
        store_read_text_into(s, device.serial, sizeof device.serial);
        store_read_text_into(s, device.model, sizeof device.model);
        store_read_text_into(s, device.tid, sizeof device.tid);
        store_read_text_into(s, device.mid, sizeof device.mid);
        store_read_text_into(s, device.merchant_zh, sizeof device.merchant_zh);
        device.certificate_expiry_ms = store_read_int(s);
        device.first_login_ms = store_read_int(s);
        device.tampered = store_read_int(s) != 0;
        struct bytes signer = store_read_blob(s);
        device.has_signer = signer.len == sizeof device.policy_signer;
        if (device.has_signer) memcpy(device.policy_signer, signer.at, signer.len);
        device.epoch = (uint64_t)store_read_int(s);
        device.rollback = store_read_int(s) != 0;
        err read = store_read_finish(s);
        store_reset(s);
        TRY(read);
        device.initialised = true;
        device.provisioned = device.tid[0] != '\0';
    }
    *ret_device = device;
    return OK;
}

err vault_device_first_login(struct vault *v, int64_t at_ms)
{
    struct store_statement *s;
    TRY(store_statement(v->store, "UPDATE device SET first_login_ms = ? WHERE first_login_ms = 0",
                        &s));
    store_bind_int(s, at_ms);
    return store_run(s);
}

err vault_operator_read(struct vault *v, uint8_t id, struct vault_operator_row *ret_row)
{
    struct vault_operator_row row = {.id = id};
    struct store_statement *s;
    bool found = false;
    TRY(store_statement(v->store,
                        "SELECT role, record, one_time, tries_used, tries_last_ms, last_login_ms "
                        "FROM operator WHERE id = ?",
                        &s));
    store_bind_int(s, id);
    TRY(store_step(s, &found));
    if (!found) return ERR(NOT_FOUND);
    row.role = (uint8_t)store_read_int(s);
    store_read_text_into(s, row.record, sizeof row.record);
    row.one_time = store_read_int(s) != 0;
    row.attempts.used = (uint8_t)store_read_int(s);
    row.attempts.last_ms = store_read_int(s);
    row.last_login_ms = store_read_int(s);
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    *ret_row = row;
    return OK;
}

err vault_operator_add(struct vault *v, uint8_t id, uint8_t role)
{
    struct store_statement *s;
    TRY(store_statement(v->store, "INSERT INTO operator(id, role) VALUES(?, ?)", &s));
    store_bind_int(s, id);
    store_bind_int(s, role);
    return store_run(s);
}

/* Runs an UPDATE of one operator, who must be there. */
static err run_on_one(struct vault *v, struct store_statement *s)
{
    TRY(store_run(s));
    return store_changes(v->store) == 1 ? OK : ERR(CORRUPT);
}

err vault_operator_attempts(struct vault *v, uint8_t id, struct attempts attempts)
{
    struct store_statement *s;
    TRY(store_statement(v->store,
                        "UPDATE operator SET tries_used = ?, tries_last_ms = ? WHERE id = ?", &s));
    store_bind_int(s, attempts.used);
    store_bind_int(s, attempts.last_ms);
    store_bind_int(s, id);
    return run_on_one(v, s);
}

err vault_operator_login(struct vault *v, uint8_t id, int64_t at_ms)
{
    struct store_statement *s;
    TRY(store_statement(v->store, "UPDATE operator SET last_login_ms = ? WHERE id = ?", &s));
    store_bind_int(s, at_ms);
    store_bind_int(s, id);
    return run_on_one(v, s);
}

err vault_operator_record(struct vault *v, uint8_t id, const char *record, bool one_time)
{
    struct store_statement *s;
    TRY(store_statement(v->store,
                        "UPDATE operator SET record = ?, one_time = ?, tries_used = 0, "
                        "tries_last_ms = 0 WHERE id = ?",
                        &s));
    store_bind_text(s, bytes_text(record));
    store_bind_int(s, one_time);
    store_bind_int(s, id);
    return run_on_one(v, s);
}

struct vault_operator_name vault_operator_name(uint8_t id)
{
    struct vault_operator_name name;
    snprintf(name.text, sizeof name.text, "operator %02u", id);
    return name;
}

static struct audit_entry entry_of(struct vault *v, const char *actor, const char *event,
                                   const char *subject, const char *detail)
{
    return (struct audit_entry){
        .at_ms = clock_now_ms(&v->config.clock),
        .actor = bytes_text(actor == NULL ? "vault" : actor),
        .event = bytes_text(event),
        .subject = bytes_text(subject),
        .detail = bytes_text(detail),
    };
}

err vault_audit(struct vault *v, struct store_tx *tx, const char *actor, const char *event,
                const char *subject, const char *detail)
{
    struct audit_entry entry = entry_of(v, actor, event, subject, detail);
    return audit_append(tx, &entry);
}

err vault_audit_note(struct vault *v, const char *actor, const char *event, const char *subject,
                     const char *detail)
{
    struct audit_entry entry = entry_of(v, actor, event, subject, detail);
    return audit_note(v->store, &entry);
}
