/* SPDX-License-Identifier: Apache-2.0 */
/* The history of who served a terminal, and the one act that adds to it. */
#include "registry/replacement.h"

#include "lib/base/hex.h"
#include "lib/base/writer.h"
#include "registry/delivery.h"
#include "registry/internal.h"

static const char *const replacement_migration[] = {
    "CREATE TABLE terminal_served(number INTEGER PRIMARY KEY AUTOINCREMENT, tid TEXT NOT NULL,"
    " serial TEXT NOT NULL UNIQUE, model TEXT NOT NULL, fingerprint TEXT NOT NULL,"
    " until_ms INTEGER NOT NULL, actor TEXT NOT NULL) STRICT;"
    "CREATE INDEX terminal_served_tid ON terminal_served(tid, number);"
    "CREATE INDEX terminal_served_fingerprint ON terminal_served(fingerprint);"
    "CREATE TRIGGER terminal_served_kept BEFORE DELETE ON terminal_served"
    " BEGIN SELECT RAISE(ABORT, 'who served is kept'); END;"
    "CREATE TRIGGER terminal_served_stays BEFORE UPDATE ON terminal_served"
    " BEGIN SELECT RAISE(ABORT, 'who served is kept'); END;"
    /* Whoever writes: a device that was replaced comes back nowhere. */
    "CREATE TRIGGER terminal_served_never_new BEFORE INSERT ON terminal"
    " WHEN EXISTS(SELECT 1 FROM terminal_served WHERE serial = NEW.serial"
    " OR (fingerprint = NEW.fingerprint AND fingerprint <> ''))"
    " BEGIN SELECT RAISE(ABORT, 'this device was replaced'); END;"
    "CREATE TRIGGER terminal_served_never_again BEFORE UPDATE ON terminal"
    " WHEN EXISTS(SELECT 1 FROM terminal_served WHERE serial = NEW.serial"
    " OR (fingerprint = NEW.fingerprint AND fingerprint <> ''))"
    " BEGIN SELECT RAISE(ABORT, 'this device was replaced'); END;",
};

const struct store_schema registry_replacement_schema = {
    "registry_replacement", replacement_migration, ARRAY_LEN(replacement_migration)};

/* Is or was this serial number a terminal's? */
static err must_be_new(struct registry *registry, struct bytes serial)
{
    struct store_statement *query;
    bool taken = false;
    TRY(store_statement(registry->store,
                        "SELECT 1 FROM terminal WHERE serial = ?1 UNION ALL"
                        " SELECT 1 FROM terminal_served WHERE serial = ?1 LIMIT 1",
                        &query));
    store_bind_text(query, serial);
    TRY(store_step(query, &taken));
    store_reset(query);
    return taken ? store_refuse(registry->store, ERR(EXISTS), "serial number", NULL) : OK;
}

static err check(struct registry *registry, const struct registry_terminal *was,
                 struct bytes old_serial, const struct registry_terminal *now)
{
    if (!bytes_equal(bytes_text(was->serial), old_serial))
        return store_refuse(registry->store, ERR(CONFLICT), "another device serves", was->tid);
    if (was->status == REGISTRY_CLOSED)
        return store_refuse(registry->store, ERR(STATE), "closed for good", was->tid);
    if (was->suite != REGISTRY_TONGBAO)
        return store_refuse(registry->store, ERR(UNSUPPORTED), "of another make", was->tid);
    TRY(must_be_new(registry, bytes_text(now->serial)));
    return registry_check_device(registry, now);
}

static err put_history(struct registry *registry, const struct registry_actor *actor,
                       const struct registry_terminal *was)
{
    struct store_statement *put;
    TRY(store_statement(registry->store,
                        "INSERT INTO terminal_served(tid, serial, model, fingerprint, until_ms,"
                        " actor) VALUES(?, ?, ?, ?, ?, ?)",
                        &put));
    store_bind_text(put, bytes_text(was->tid));
    store_bind_text(put, bytes_text(was->serial));
    store_bind_text(put, bytes_text(was->model));
    store_bind_text(put, bytes_text(was->fingerprint));
    store_bind_int(put, actor->at_ms);
    store_bind_text(put, actor->name);
    return store_run(put);
}

static err put_place(struct registry *registry, const struct registry_terminal *now)
{
    struct store_statement *update;
    TRY(store_statement(registry->store,
                        "UPDATE terminal SET serial = ?, model = ?, fingerprint = '',"
                        " master_block = '', recovery_block = '' WHERE tid = ?",
                        &update));
    store_bind_text(update, bytes_text(now->serial));
    store_bind_text(update, bytes_text(now->model));
    store_bind_text(update, bytes_text(now->tid));
    return store_run(update);
}

err registry_replace_terminal(struct registry *registry, const struct registry_actor *actor,
                              struct bytes tid, struct bytes old_serial, struct bytes serial,
                              struct bytes model)
{
    struct registry_terminal was, now;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_find_terminal(registry, tid, &was));
    if (bytes_equal(bytes_text(was.serial), serial)) return OK;
    now = was;
    if (FAILED(bytes_to_text(serial, now.serial, sizeof now.serial)) ||
        FAILED(bytes_to_text(model, now.model, sizeof now.model)))
        return store_refuse(registry->store, ERR(FORMAT), "serial number or model", NULL);
    TRY(check(registry, &was, old_serial, &now));
    /* The place first: a row of the history forbids the serial number that is in it. */
    TRY(put_place(registry, &now));
    TRY(put_history(registry, actor, &was));
    TRY(registry_forget_delivery(registry, tid));
    TRY(audit_append(&tx,
                     &(struct audit_entry){actor->at_ms, actor->name, BYTES("terminal_replaced"),
                                           bytes_text(was.serial), bytes_text(now.serial)}));
    return store_commit(&tx);
}

err registry_was_replaced(struct registry *registry, const uint8_t print[REGISTRY_PRINT_BYTES],
                          bool *ret_was)
{
    struct store_statement *query;
    char hex[2 * REGISTRY_PRINT_BYTES];
    struct writer w = writer_over(hex, sizeof hex);
    write_hex(&w, bytes_of(print, REGISTRY_PRINT_BYTES));
    TRY(store_statement(registry->store, "SELECT 1 FROM terminal_served WHERE fingerprint = ?",
                        &query));
    store_bind_text(query, writer_view(&w));
    TRY(store_step(query, ret_was));
    store_reset(query);
    return OK;
}

err registry_served(struct registry *registry, struct bytes tid, registry_each_served each,
                    void *context)
{
    struct store_statement *query;
    TRY(store_statement(registry->store,
                        "SELECT serial, model, until_ms FROM terminal_served WHERE tid = ?"
                        " ORDER BY number",
                        &query));
    store_bind_text(query, tid);
    for (;;) {
        struct registry_served served;
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) return OK;
        store_read_text_into(query, served.serial, sizeof served.serial);
        store_read_text_into(query, served.model, sizeof served.model);
        served.until_ms = store_read_int(query);
        err done = store_read_finish(query);
        if (!FAILED(done)) done = each(context, &served);
        if (!FAILED(done)) continue;
        store_reset(query);
        return done;
    }
}
