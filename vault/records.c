/* SPDX-License-Identifier: Apache-2.0 */
/* The schema of vault.db; the row of the device, and who did what. people.c has the operators. */
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
    "ALTER TABLE operator ADD COLUMN decoy TEXT NOT NULL DEFAULT '';",
    "ALTER TABLE device ADD COLUMN blocklist INTEGER NOT NULL DEFAULT 0;",
    "CREATE TABLE reissue(operator INTEGER PRIMARY KEY, challenge BLOB NOT NULL) STRICT;",
    "ALTER TABLE device ADD COLUMN parameters BLOB NOT NULL DEFAULT x'';",
    "ALTER TABLE device ADD COLUMN hsm_public BLOB NOT NULL DEFAULT x'';",
    "ALTER TABLE device ADD COLUMN suite TEXT NOT NULL DEFAULT 'tongbao';",
    "CREATE TABLE master_replaced(digest BLOB PRIMARY KEY, at_ms INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;",
    "ALTER TABLE device ADD COLUMN last_words BLOB NOT NULL DEFAULT x'';",
    /* Backups: the owner's public key, the highest number that was begun, the highest that was
     * finished or taken; and who was read of one, sealed, until its signature was looked at. */
    "ALTER TABLE device ADD COLUMN backup_owner BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE device ADD COLUMN backup_begun INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE device ADD COLUMN backup_kept INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE restored(position INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;",
    "ALTER TABLE device ADD COLUMN command_number INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE device ADD COLUMN command_mac BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE device ADD COLUMN wipe INTEGER NOT NULL DEFAULT 0;",
    "ALTER TABLE device ADD COLUMN parameters_number INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE device ADD COLUMN parameters_mac BLOB NOT NULL DEFAULT x'';",
    /* A bundle that the hsm was asked to open: the nonce of the question, and which it is. */
    "ALTER TABLE device ADD COLUMN restore_nonce BLOB NOT NULL DEFAULT x'';"
    "ALTER TABLE device ADD COLUMN restore_label TEXT NOT NULL DEFAULT '';",
    /* The version below which no software of the terminal starts (epoch.c). */
    "ALTER TABLE device ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;",
};

const struct store_schema vault_schema = {"vault", migration, ARRAY_LEN(migration)};

err vault_device_read(struct vault *v, struct vault_device *ret_device)
{
    struct vault_device device = {0};
    struct store_statement *s;
    bool found = false;
    TRY(store_statement(
        v->store,
        "SELECT serial, model, tid, mid, merchant_zh, merchant_en, certificate_expiry_ms,"
        " first_login_ms, tampered, policy_signer, epoch, rollback, hsm_public, suite, floor"
        " FROM device",
        &s));
    TRY(store_step(s, &found));
    if (found) {
        store_read_text_into(s, device.serial, sizeof device.serial);
        store_read_text_into(s, device.model, sizeof device.model);
        store_read_text_into(s, device.tid, sizeof device.tid);
        store_read_text_into(s, device.mid, sizeof device.mid);
        store_read_text_into(s, device.merchant_zh, sizeof device.merchant_zh);
        store_read_text_into(s, device.merchant_en, sizeof device.merchant_en);
        device.certificate_expiry_ms = store_read_int(s);
        device.first_login_ms = store_read_int(s);
        device.tampered = (uint8_t)store_read_int(s);
        struct bytes signer = store_read_blob(s);
        device.has_signer = signer.len == sizeof device.policy_signer;
        if (device.has_signer) memcpy(device.policy_signer, signer.at, signer.len);
        device.epoch = (uint64_t)store_read_int(s);
        device.rollback = store_read_int(s) != 0;
        struct bytes hsm = store_read_blob(s);
        device.has_hsm = hsm.len == sizeof device.hsm_public;
        if (device.has_hsm) memcpy(device.hsm_public, hsm.at, hsm.len);
        device.suite = vault_suite_named(store_read_text(s));
        device.floor = (uint64_t)store_read_int(s);
        err read = store_read_finish(s);
        store_reset(s);
        TRY(read);
        if (device.suite == NULL) return ERR(NEWER);
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

err vault_device_rollback(struct vault *v, bool rollback)
{
    struct store_statement *s;
    TRY(store_statement(v->store, "UPDATE device SET rollback = ?", &s));
    store_bind_int(s, rollback);
    return store_run(s);
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
