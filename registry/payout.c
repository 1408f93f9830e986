/* SPDX-License-Identifier: Apache-2.0 */
/* Payout accounts and the requests to change them: their tables and what these refuse. */
#include "registry/payout.h"

#include <stdio.h>

#include "registry/account.h"
#include "registry/internal.h"

/* clang-format off */
static const char *const payout_migration[] = {
    /* state: 1 waits 2 taken 3 rejected 4 withdrawn 5 expired */
    "CREATE TABLE payout_request(id INTEGER PRIMARY KEY, mid TEXT NOT NULL, holder TEXT NOT NULL,"
    " bank TEXT NOT NULL, last4 TEXT NOT NULL, sealed BLOB NOT NULL, asked_by TEXT NOT NULL,"
    " asked_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    " state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 5), reason TEXT NOT NULL,"
    " settled_ms INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX payout_one_waits ON payout_request(mid) WHERE state = 1;"
    "CREATE TABLE payout_approval(request INTEGER NOT NULL REFERENCES payout_request(id),"
    " staff INTEGER NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY(request, staff))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE payout_account(mid TEXT NOT NULL, version INTEGER NOT NULL,"
    " holder TEXT NOT NULL, bank TEXT NOT NULL, last4 TEXT NOT NULL, sealed BLOB NOT NULL,"
    " since_ms INTEGER NOT NULL, request INTEGER NOT NULL UNIQUE REFERENCES payout_request(id),"
    " PRIMARY KEY(mid, version)) STRICT, WITHOUT ROWID;"

    "CREATE TRIGGER payout_begins_waiting BEFORE INSERT ON payout_request"
    " WHEN NEW.state <> 1 OR NEW.settled_ms <> 0"
    " BEGIN SELECT RAISE(ABORT, 'a request begins waiting'); END;"
    /* INSERT OR REPLACE would take a row away without asking the triggers of deletion. */
    "CREATE TRIGGER payout_new BEFORE INSERT ON payout_request WHEN EXISTS(SELECT 1"
    " FROM payout_request WHERE id = NEW.id OR (mid = NEW.mid AND state = 1))"
    " BEGIN SELECT RAISE(ABORT, 'the number is taken, or a request of this merchant waits'); END;"
    "CREATE TRIGGER payout_approval_new BEFORE INSERT ON payout_approval WHEN EXISTS(SELECT 1"
    " FROM payout_approval WHERE request = NEW.request AND staff = NEW.staff)"
    " BEGIN SELECT RAISE(ABORT, 'an approval stands'); END;"
    "CREATE TRIGGER payout_over BEFORE UPDATE ON payout_request WHEN OLD.state <> 1"
    " BEGIN SELECT RAISE(ABORT, 'the request is over'); END;"
    "CREATE TRIGGER payout_as_asked BEFORE UPDATE ON payout_request WHEN NEW.id <> OLD.id"
    " OR NEW.mid <> OLD.mid OR NEW.holder <> OLD.holder OR NEW.bank <> OLD.bank"
    " OR NEW.last4 <> OLD.last4 OR NEW.sealed <> OLD.sealed OR NEW.asked_by <> OLD.asked_by"
    " OR NEW.asked_ms <> OLD.asked_ms OR NEW.expires_ms <> OLD.expires_ms"
    " BEGIN SELECT RAISE(ABORT, 'a request stays as it was asked for'); END;"
    "CREATE TRIGGER payout_staff BEFORE UPDATE ON payout_request WHEN NEW.state = 2"
    " AND (SELECT count(*) FROM payout_approval WHERE request = NEW.id) < 2"
    " BEGIN SELECT RAISE(ABORT, 'not approved by two different members of staff'); END;"
    "CREATE TRIGGER payout_in_time BEFORE UPDATE ON payout_request WHEN NEW.state = 2"
    " AND (NEW.settled_ms < OLD.asked_ms OR NEW.settled_ms >= OLD.expires_ms)"
    " BEGIN SELECT RAISE(ABORT, 'the request has expired'); END;"
    "CREATE TRIGGER payout_stays BEFORE DELETE ON payout_request"
    " BEGIN SELECT RAISE(ABORT, 'requests are kept'); END;"

    /* kind 1 is staff, status 2 is active, roles 1 and 2 are agent and approver: account.h */
    "CREATE TRIGGER payout_approval_of_staff BEFORE INSERT ON payout_approval"
    " WHEN NOT EXISTS(SELECT 1 FROM account WHERE id = NEW.staff AND kind = 1 AND status = 2"
    " AND (roles & 3) <> 0)"
    " BEGIN SELECT RAISE(ABORT, 'only active staff of the desk approves'); END;"
    "CREATE TRIGGER payout_approval_waits BEFORE INSERT ON payout_approval"
    " WHEN NOT EXISTS(SELECT 1 FROM payout_request WHERE id = NEW.request AND state = 1)"
    " BEGIN SELECT RAISE(ABORT, 'the request is over'); END;"
    "CREATE TRIGGER payout_approval_stands BEFORE UPDATE ON payout_approval"
    " BEGIN SELECT RAISE(ABORT, 'an approval stands'); END;"
    "CREATE TRIGGER payout_approval_stays BEFORE DELETE ON payout_approval"
    " BEGIN SELECT RAISE(ABORT, 'an approval stands'); END;"

    "CREATE TRIGGER payout_version_of_request BEFORE INSERT ON payout_account"
    " WHEN NOT EXISTS(SELECT 1 FROM payout_request r WHERE r.id = NEW.request AND r.state = 2"
    " AND r.mid = NEW.mid AND r.holder = NEW.holder AND r.bank = NEW.bank AND r.last4 = NEW.last4"
    " AND r.sealed = NEW.sealed AND r.settled_ms = NEW.since_ms)"
    " BEGIN SELECT RAISE(ABORT, 'a version comes from an approved request'); END;"
    "CREATE TRIGGER payout_version_next BEFORE INSERT ON payout_account WHEN NEW.version <>"
    " (SELECT ifnull(max(version), 0) + 1 FROM payout_account WHERE mid = NEW.mid)"
    " BEGIN SELECT RAISE(ABORT, 'versions follow one another'); END;"
    "CREATE TRIGGER payout_version_stands BEFORE UPDATE ON payout_account"
    " BEGIN SELECT RAISE(ABORT, 'a version stands'); END;"
    "CREATE TRIGGER payout_version_stays BEFORE DELETE ON payout_account"
    " BEGIN SELECT RAISE(ABORT, 'a version stands'); END;",
};
/* clang-format on */

static_assert(ACCOUNT_STAFF == 1 && ACCOUNT_ACTIVE == 2 && (ROLE_AGENT | ROLE_APPROVER) == 3,
              "what the tables name by number");

const struct store_schema payout_schema = {"payout", payout_migration, ARRAY_LEN(payout_migration)};

void payout_seal_label(const char *mid, char out[static PAYOUT_LABEL_MAX])
{
    snprintf(out, PAYOUT_LABEL_MAX, "payout.%s", mid);
}

const char *payout_state_word(enum payout_state state)
{
    static const char *const words[PAYOUT_STATES] = {
        [PAYOUT_WAITS] = "waits",       [PAYOUT_TAKEN] = "taken",
        [PAYOUT_REJECTED] = "rejected", [PAYOUT_WITHDRAWN] = "withdrawn",
        [PAYOUT_EXPIRED] = "expired",
    };
    ENSURE(state >= PAYOUT_WAITS && state < PAYOUT_STATES);
    return words[state];
}

/* ---- read ---- */

static void read_details(struct store_statement *row, struct payout_details *d)
{
    store_read_text_into(row, d->mid, sizeof d->mid);
    store_read_text_into(row, d->holder, sizeof d->holder);
    store_read_text_into(row, d->bank, sizeof d->bank);
    store_read_text_into(row, d->last4, sizeof d->last4);
    struct bytes sealed = store_read_blob(row);
    d->sealed_len = sealed.len <= sizeof d->sealed ? sealed.len : 0;
    if (d->sealed_len > 0) memcpy(d->sealed, sealed.at, d->sealed_len);
}

err payout_find(struct store *store, const char *mid, int64_t now_ms,
                struct payout_account *ret_account)
{
    struct store_statement *query;
    struct payout_account found = {.version = 0};
    bool row = false;
    TRY(store_statement(store,
                        "SELECT mid, holder, bank, last4, sealed, version, since_ms, request"
                        " FROM payout_account WHERE mid = ? AND since_ms <= ?"
                        " ORDER BY version DESC LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(mid));
    store_bind_int(query, now_ms);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    read_details(query, &found.details);
    found.version = store_read_int(query);
    found.since_ms = store_read_int(query);
    found.request = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    if (FAILED(read)) return read;
    if (found.details.sealed_len == 0) return ERR(CORRUPT);
    *ret_account = found;
    return OK;
}

#define REQUEST_SELECT                                                                      \
    "SELECT mid, holder, bank, last4, sealed, id, asked_ms, expires_ms, settled_ms, state," \
    " asked_by, reason, (SELECT count(*) FROM payout_approval a WHERE a.request = r.id)"    \
    " FROM payout_request r "

static err read_request(struct store_statement *row, struct payout_request *ret)
{
    struct payout_request r = {.id = 0};
    read_details(row, &r.details);
    r.id = store_read_int(row);
    r.asked_ms = store_read_int(row);
    r.expires_ms = store_read_int(row);
    r.settled_ms = store_read_int(row);
    r.state = (enum payout_state)store_read_int(row);
    store_read_text_into(row, r.asked_by, sizeof r.asked_by);
    store_read_text_into(row, r.reason, sizeof r.reason);
    r.approvals = store_read_int(row);
    TRY(store_read_finish(row));
    if (r.details.sealed_len == 0) return ERR(CORRUPT);
    *ret = r;
    return OK;
}

/* The first row of a bound query. */
static err read_first(struct store_statement *query, struct payout_request *ret)
{
    bool row = false;
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_request(query, ret);
    store_reset(query);
    return read;
}

err payout_request_find(struct store *store, int64_t id, struct payout_request *ret)
{
    struct store_statement *query;
    TRY(store_statement(store, REQUEST_SELECT "WHERE id = ?", &query));
    store_bind_int(query, id);
    return read_first(query, ret);
}

err payout_request_latest(struct store *store, const char *mid, struct payout_request *ret)
{
    struct store_statement *query;
    TRY(store_statement(store, REQUEST_SELECT "WHERE mid = ? ORDER BY id DESC LIMIT 1", &query));
    store_bind_text(query, bytes_text(mid));
    return read_first(query, ret);
}

err payout_requests(struct store *store, int64_t most, payout_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(store, REQUEST_SELECT "ORDER BY state <> 1, id DESC LIMIT ?", &rows));
    store_bind_int(rows, most);
    for (;;) {
        bool row = false;
        struct payout_request request;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_request(rows, &request);
        if (!FAILED(done)) done = each(context, &request);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

err payout_approved_by(struct store *store, int64_t id, int64_t staff, bool *ret_has)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT 1 FROM payout_approval WHERE request = ? AND staff = ?",
                        &query));
    store_bind_int(query, id);
    store_bind_int(query, staff);
    err read = store_step(query, ret_has);
    store_reset(query);
    return read;
}

/* ---- write ---- */

static bool has_form(const struct payout_details *d)
{
    return registry_line_valid(bytes_text(d->holder), PAYOUT_NAME_MAX) &&
           registry_line_valid(bytes_text(d->bank), PAYOUT_NAME_MAX) && strlen(d->last4) == 4 &&
           bytes_all_digits(bytes_text(d->last4)) && d->sealed_len > 0 &&
           d->sealed_len <= sizeof d->sealed;
}

err payout_request_add(struct store_tx *tx, const struct payout_request *r, int64_t *ret_id)
{
    struct store_statement *insert;
    const struct payout_details *d = &r->details;
    ENSURE(strlen(d->mid) == 15 && r->asked_by[0] != '\0' && r->expires_ms > r->asked_ms);
    if (!has_form(d)) return ERR(FORMAT);
    TRY(store_statement(tx->store,
                        "INSERT INTO payout_request(mid, holder, bank, last4, sealed, asked_by,"
                        " asked_ms, expires_ms, state, reason, settled_ms)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, 1, '', 0)",
                        &insert));
    store_bind_text(insert, bytes_text(d->mid));
    store_bind_text(insert, bytes_text(d->holder));
    store_bind_text(insert, bytes_text(d->bank));
    store_bind_text(insert, bytes_text(d->last4));
    store_bind_blob(insert, bytes_of(d->sealed, d->sealed_len));
    store_bind_text(insert, bytes_text(r->asked_by));
    store_bind_int(insert, r->asked_ms);
    store_bind_int(insert, r->expires_ms);
    TRY(store_run(insert));
    *ret_id = store_last_id(tx->store);
    return OK;
}

err payout_approve(struct store_tx *tx, int64_t id, int64_t staff, int64_t now_ms)
{
    struct store_statement *insert;
    ENSURE(staff > 0);
    TRY(store_statement(
        tx->store, "INSERT INTO payout_approval(request, staff, at_ms) VALUES(?, ?, ?)", &insert));
    store_bind_int(insert, id);
    store_bind_int(insert, staff);
    store_bind_int(insert, now_ms);
    return store_run(insert);
}

err payout_settle(struct store_tx *tx, int64_t id, enum payout_state state, struct bytes reason,
                  int64_t now_ms)
{
    struct store_statement *update;
    ENSURE(state > PAYOUT_WAITS && state < PAYOUT_STATES && reason.len <= PAYOUT_REASON_MAX);
    TRY(store_statement(tx->store,
                        "UPDATE payout_request SET state = ?, reason = ?, settled_ms = ?"
                        " WHERE id = ? AND state = 1",
                        &update));
    store_bind_int(update, state);
    store_bind_text(update, reason);
    store_bind_int(update, now_ms);
    store_bind_int(update, id);
    TRY(store_run(update));
    return store_changes(tx->store) == 1 ? OK : ERR(NOT_FOUND);
}

err payout_take(struct store_tx *tx, int64_t id, int64_t now_ms)
{
    struct store_statement *insert;
    TRY(payout_settle(tx, id, PAYOUT_TAKEN, BYTES(""), now_ms));
    TRY(store_statement(tx->store,
                        "INSERT INTO payout_account(mid, version, holder, bank, last4, sealed,"
                        " since_ms, request) SELECT mid, (SELECT ifnull(max(version), 0) + 1 FROM"
                        " payout_account a WHERE a.mid = r.mid), holder, bank, last4, sealed,"
                        " settled_ms, id FROM payout_request r WHERE id = ?",
                        &insert));
    store_bind_int(insert, id);
    return store_run(insert);
}
