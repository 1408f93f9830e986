/* SPDX-License-Identifier: Apache-2.0 */
/* One small table; every function is one statement or one transaction. The schema is in records.c.
 */
#include "terminal/commands.h"

static err run_alone(struct store *store, struct store_statement *s)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(store_run(s));
    return store_commit(&tx);
}

err command_take(struct store *store, const struct command *command, int64_t at_ms, bool *ret_new)
{
    struct store_statement *s;
    ENSURE(command->number > 0 && command->kind > 0 && command->kind < DEVICE_COMMANDS);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(store_statement(store,
                        "INSERT OR IGNORE INTO command(number, kind, text, at_ms, state, told,"
                        " opened) VALUES(?, ?, ?, ?, 1, 0, 0)",
                        &s));
    store_bind_int(s, command->number);
    store_bind_int(s, command->kind);
    store_bind_text(s, bytes_text(command->text));
    store_bind_int(s, at_ms);
    TRY(store_run(s));
    *ret_new = store_changes(store) == 1;
    /* Never what still waits, is untold, or is the last word about the lock. */
    TRY(store_statement(store,
                        "DELETE FROM command WHERE state = 2 AND told = 2 AND number <="
                        " (SELECT max(number) FROM command) - ?1 AND number <> ifnull((SELECT"
                        " max(number) FROM command WHERE kind IN (2, 3) AND state = 2), 0)"
                        " AND kind <> 10",
                        &s));
    store_bind_int(s, COMMANDS_KEPT);
    TRY(store_run(s));
    return store_commit(&tx);
}

_Static_assert(DEVICE_LOCK == 2 && DEVICE_UNLOCK == 3 && DEVICE_RESTART == 5 && DEVICE_LOSE == 10 &&
                   DEVICE_VERIFIED == 2 && DEVICE_ACKNOWLEDGED == 1,
               "the statements say so");

/* The row that `s` finds. */
static err read_command(struct store_statement *s, struct command *out)
{
    struct command command = {0};
    bool row = false;
    TRY(store_step(s, &row));
    if (!row) return ERR(NOT_FOUND);
    command.number = store_read_int(s);
    command.kind = (uint8_t)store_read_int(s);
    store_read_text_into(s, command.text, sizeof command.text);
    command.state = (uint8_t)store_read_int(s);
    err e = store_read_finish(s);
    store_reset(s);
    if (FAILED(e)) return e;
    *out = command;
    return OK;
}

#define COMMAND "SELECT number, kind, text, state FROM command"

err command_waiting(struct store *store, unsigned kinds, struct command *out)
{
    struct store_statement *s;
    TRY(store_statement(
        store, COMMAND " WHERE state = 1 AND (1 << kind) & ? ORDER BY number LIMIT 1", &s));
    store_bind_int(s, kinds);
    return read_command(s, out);
}

err command_done(struct store *store, int64_t number)
{
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE command SET state = 2 WHERE number = ?", &s));
    store_bind_int(s, number);
    return run_alone(store, s);
}

err command_untold(struct store *store, struct command *out)
{
    struct store_statement *s;
    TRY(store_statement(store, COMMAND " WHERE told < state ORDER BY number LIMIT 1", &s));
    return read_command(s, out);
}

err command_told(struct store *store, int64_t number, uint8_t state)
{
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE command SET told = max(told, ?) WHERE number = ?", &s));
    store_bind_int(s, state);
    store_bind_int(s, number);
    return run_alone(store, s);
}

err command_lost(struct store *store, struct command *out)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        COMMAND " WHERE kind = 10 AND state = 2 AND opened = 0 AND number >"
                                " ifnull((SELECT max(number) FROM command WHERE kind = 3 AND"
                                " state = 2), 0) ORDER BY number DESC LIMIT 1",
                        &s));
    return read_command(s, out);
}

err command_kinds(struct store *store, unsigned *ret_kinds)
{
    struct store_statement *s;
    bool row = true;
    unsigned kinds = 0;
    TRY(store_statement(store, "SELECT DISTINCT kind FROM command WHERE state = 1", &s));
    while (row) {
        TRY(store_step(s, &row));
        if (row) kinds |= 1u << store_read_int(s);
    }
    *ret_kinds = kinds;
    return OK;
}

err command_known(struct store *store, int64_t number, bool *ret_known)
{
    struct store_statement *s;
    TRY(store_statement(store, "SELECT 1 FROM command WHERE number = ?", &s));
    store_bind_int(s, number);
    TRY(store_step(s, ret_known));
    store_reset(s);
    return OK;
}

err command_begun(struct store *store, int64_t number)
{
    return command_lock_open(store, number); /* the same mark */
}

err command_restarted(struct store *store)
{
    struct store_statement *s;
    TRY(store_statement(
        store, "UPDATE command SET state = 2 WHERE kind = 5 AND state = 1 AND opened = 1", &s));
    return run_alone(store, s);
}

err command_lock(struct store *store, struct command *out)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        COMMAND " WHERE kind = 2 AND opened = 0 AND number = (SELECT max(number)"
                                " FROM command WHERE kind IN (2, 3) AND state = 2)",
                        &s));
    return read_command(s, out);
}

err command_lock_open(struct store *store, int64_t number)
{
    struct store_statement *s;
    TRY(store_statement(store, "UPDATE command SET opened = 1 WHERE number = ?", &s));
    store_bind_int(s, number);
    return run_alone(store, s);
}
