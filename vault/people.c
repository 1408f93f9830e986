/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of the operators, and the passwords they had before. A row is read whole, changed in
 * memory, and put back whole: what a change may touch is seen where it is made.
 */
#include "vault/state.h"

#define OPERATOR_COLUMNS                                                    \
    "role, record, one_time, forced, suspended, duress, decoy, tries_used," \
    " tries_last_ms, last_login_ms, set_ms, review_ms, grace_used, codes_wrong"

static void read_row(struct store_statement *s, struct vault_operator_row *row)
{
    row->role = (uint8_t)store_read_int(s);
    store_read_text_into(s, row->record[VAULT_SLOT_OWN], PASSWORD_RECORD_MAX);
    row->one_time = store_read_int(s) != 0;
    row->forced = store_read_int(s) != 0;
    row->suspended = store_read_int(s) != 0;
    store_read_text_into(s, row->record[VAULT_SLOT_DURESS], PASSWORD_RECORD_MAX);
    store_read_text_into(s, row->record[VAULT_SLOT_DECOY], PASSWORD_RECORD_MAX);
    row->attempts.used = (uint8_t)store_read_int(s);
    row->attempts.last_ms = store_read_int(s);
    row->last_login_ms = store_read_int(s);
    row->set_ms = store_read_int(s);
    row->review_ms = store_read_int(s);
    row->grace_used = (uint8_t)store_read_int(s);
    row->codes_wrong = (uint16_t)store_read_int(s);
}

err vault_operator_read(struct vault *v, uint8_t id, struct vault_operator_row *ret_row)
{
    struct vault_operator_row row = {.id = id};
    struct store_statement *s;
    bool found = false;
    TRY(store_statement(v->store, "SELECT " OPERATOR_COLUMNS " FROM operator WHERE id = ?", &s));
    store_bind_int(s, id);
    TRY(store_step(s, &found));
    if (!found) return ERR(NOT_FOUND);
    read_row(s, &row);
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    *ret_row = row;
    return OK;
}

err vault_operator_add(struct vault *v, uint8_t id, uint8_t role)
{
    struct store_statement *s;
    v->backup.changes++;
    TRY(store_statement(v->store, "INSERT INTO operator(id, role) VALUES(?, ?)", &s));
    store_bind_int(s, id);
    store_bind_int(s, role);
    return store_run(s);
}

err vault_operator_put(struct vault *v, const struct vault_operator_row *row)
{
    struct store_statement *s;
    v->backup.changes++;
    TRY(store_statement(
        v->store,
        "UPDATE operator SET record = ?, one_time = ?, forced = ?, suspended = ?,"
        " duress = ?, decoy = ?, tries_used = ?, tries_last_ms = ?,"
        " last_login_ms = ?, set_ms = ?, review_ms = ?, grace_used = ?, codes_wrong = ? WHERE id = ?",
        &s));
    store_bind_text(s, bytes_text(row->record[VAULT_SLOT_OWN]));
    store_bind_int(s, row->one_time);
    store_bind_int(s, row->forced);
    store_bind_int(s, row->suspended);
    store_bind_text(s, bytes_text(row->record[VAULT_SLOT_DURESS]));
    store_bind_text(s, bytes_text(row->record[VAULT_SLOT_DECOY]));
    store_bind_int(s, row->attempts.used);
    store_bind_int(s, row->attempts.last_ms);
    store_bind_int(s, row->last_login_ms);
    store_bind_int(s, row->set_ms);
    store_bind_int(s, row->review_ms);
    store_bind_int(s, row->grace_used);
    store_bind_int(s, row->codes_wrong);
    store_bind_int(s, row->id);
    TRY(store_run(s));
    return store_changes(v->store) == 1 ? OK : ERR(CORRUPT);
}

static err delete_of(struct vault *v, const char *sql, uint8_t id)
{
    struct store_statement *s;
    TRY(store_statement(v->store, sql, &s));
    store_bind_int(s, id);
    return store_run(s);
}

err vault_operator_delete(struct vault *v, uint8_t id)
{
    v->backup.changes++;
    TRY(delete_of(v, "DELETE FROM history WHERE operator = ?", id));
    TRY(vault_challenge_delete(v, id));
    TRY(delete_of(v, "DELETE FROM operator WHERE id = ?", id));
    return store_changes(v->store) == 1 ? OK : ERR(CORRUPT);
}

err vault_operators_spend_all(struct vault *v)
{
    struct store_statement *s;
    v->backup.changes++;
    TRY(store_statement(v->store, "UPDATE operator SET tries_used = ? WHERE record <> ''", &s));
    store_bind_int(s, VAULT_TRIES_ROLLED_BACK);
    return store_run(s);
}

err vault_operators_unlock(struct vault *v, uint8_t role)
{
    struct store_statement *s;
    v->backup.changes++;
    TRY(store_statement(
        v->store, "UPDATE operator SET tries_used = 0, tries_last_ms = 0 WHERE role = ?", &s));
    store_bind_int(s, role);
    return store_run(s);
}

err vault_operators_count(struct vault *v, int64_t *ret_count)
{
    return store_query_int(v->store, "SELECT count(*) FROM operator", ret_count);
}

err vault_operators_wrong(struct vault *v, int64_t *ret_count)
{
    static_assert(VAULT_TRIES_ROLLED_BACK == 255, "as in the statement");
    return store_query_int(v->store, "SELECT sum(tries_used) FROM operator WHERE tries_used <> 255",
                           ret_count);
}

err vault_operators_list(struct vault *v, struct vault_operator *list, size_t max,
                         size_t *ret_count)
{
    struct store_statement *s;
    size_t count = 0;
    bool found = false;
    TRY(store_statement(v->store, "SELECT " OPERATOR_COLUMNS ", id FROM operator ORDER BY id", &s));
    for (;;) {
        struct vault_operator_row row = {.id = 0};
        TRY(store_step(s, &found));
        if (!found) break;
        ENSURE(count < max); /* ids are 0..99 by the table's own check */
        read_row(s, &row);
        row.id = (uint8_t)store_read_int(s);
        list[count++] = (struct vault_operator){
            .id = row.id,
            .role = row.role,
            .has_password = row.record[VAULT_SLOT_OWN][0] == '\0' ? 0
                            : row.one_time                        ? 1
                                                                  : 2,
            .locked = row.attempts.used >= vault_policy_of(v, row.role).tries,
            .suspended = row.suspended,
            .last_login_ms = (uint64_t)row.last_login_ms,
        };
    }
    *ret_count = count;
    return OK;
}

/* ---- history (S25, CR-19) ---- */

static err trim(struct vault *v, uint8_t id, uint8_t keep)
{
    struct store_statement *s;
    TRY(store_statement(v->store,
                        "DELETE FROM history WHERE operator = ? AND id NOT IN"
                        " (SELECT id FROM history WHERE operator = ? ORDER BY id DESC LIMIT ?)",
                        &s));
    store_bind_int(s, id);
    store_bind_int(s, id);
    store_bind_int(s, keep);
    return store_run(s);
}

err vault_history_push(struct vault *v, const struct vault_operator_row *row, uint8_t keep)
{
    struct store_statement *s;
    v->backup.changes++;
    /* A one-time password was nobody's own, and works no more. */
    if (row->record[VAULT_SLOT_OWN][0] != '\0' && !row->one_time) {
        TRY(store_statement(v->store, "INSERT INTO history(operator, record) VALUES(?, ?)", &s));
        store_bind_int(s, row->id);
        store_bind_text(s, bytes_text(row->record[VAULT_SLOT_OWN]));
        TRY(store_run(s));
    }
    return trim(v, row->id, keep);
}

err vault_history_has(struct vault *v, struct password_owner owner, uint8_t id,
                      struct bytes password, uint8_t count, bool *ret_has)
{
    struct store_statement *s;
    bool found = false, has = false;
    TRY(store_statement(
        v->store, "SELECT record FROM history WHERE operator = ? ORDER BY id DESC LIMIT ?", &s));
    store_bind_int(s, id);
    store_bind_int(s, count);
    for (;;) {
        bool same = false;
        TRY(store_step(s, &found));
        if (!found) break;
        err verified = password_verify(owner, password, store_read_text(s), &same);
        if (FAILED(verified)) {
            store_reset(s);
            return verified;
        }
        has = has || same;
    }
    *ret_has = has;
    return OK;
}
