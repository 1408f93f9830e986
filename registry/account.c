/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of accounts and credentials, and everything about who somebody is. */
#include "registry/account.h"

#include <stdio.h>

#include "lib/base/writer.h"
#include "registry/account_internal.h"
#include "registry/internal.h"

static const char *const accounts_migration[] = {
    "CREATE TABLE account(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, status INTEGER NOT NULL,"
    " login TEXT NOT NULL, name TEXT NOT NULL, roles INTEGER NOT NULL, mid TEXT NOT NULL,"
    " outlet INTEGER NOT NULL, phone TEXT NOT NULL, mail TEXT NOT NULL, english INTEGER NOT NULL,"
    " password TEXT NOT NULL, password_ms INTEGER NOT NULL, must_change INTEGER NOT NULL,"
    " totp BLOB NOT NULL, totp_step INTEGER NOT NULL, enrol_until_ms INTEGER NOT NULL,"
    " added_ms INTEGER NOT NULL, UNIQUE(kind, login)) STRICT;"
    "CREATE UNIQUE INDEX account_phone ON account(kind, phone) WHERE phone <> '';"
    "CREATE UNIQUE INDEX account_mail ON account(kind, mail) WHERE mail <> '';"
    "CREATE TABLE passkey(id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account(id),"
    " credential BLOB NOT NULL UNIQUE, public_key BLOB NOT NULL, counter INTEGER NOT NULL,"
    " label TEXT NOT NULL, added_ms INTEGER NOT NULL, used_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX passkey_account ON passkey(account);"
    "CREATE TABLE recovery_code(account INTEGER NOT NULL REFERENCES account(id),"
    " hash BLOB NOT NULL, used_ms INTEGER NOT NULL, PRIMARY KEY(account, hash))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE link(hash BLOB PRIMARY KEY, account INTEGER NOT NULL REFERENCES account(id),"
    " kind INTEGER NOT NULL, made_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,"
    " used_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX link_account ON link(account, kind);"
    "CREATE TABLE old_password(account INTEGER NOT NULL REFERENCES account(id),"
    " until_ms INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY(account, until_ms))"
    " STRICT, WITHOUT ROWID;",
};

const struct store_schema accounts_schema = {"accounts", accounts_migration,
                                             ARRAY_LEN(accounts_migration)};

/* ---- words ---- */

static const struct {
    unsigned role;
    const char *word;
} roles[] = {
    {ROLE_AGENT, "agent"},     {ROLE_APPROVER, "approver"}, {ROLE_AUDITOR, "auditor"},
    {ROLE_ADMIN, "admin"},     {ROLE_OWNER, "owner"},       {ROLE_MANAGER, "manager"},
    {ROLE_CASHIER, "cashier"}, {ROLE_FINANCE, "finance"},
};

const char *account_role_word(unsigned role)
{
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        if (roles[i].role == role) return roles[i].word;
    return NULL;
}

unsigned account_role_of(struct bytes word)
{
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        if (bytes_equal(word, bytes_text(roles[i].word))) return roles[i].role;
    return 0;
}

unsigned account_roles_of(enum account_kind kind)
{
    return kind == ACCOUNT_STAFF ? ROLES_STAFF : ROLES_CONSOLE;
}

const char *account_status_word(enum account_status status)
{
    static const char *const words[ACCOUNT_STATUSES] = {[ACCOUNT_INVITED] = "invited",
                                                        [ACCOUNT_ACTIVE] = "active",
                                                        [ACCOUNT_SUSPENDED] = "suspended",
                                                        [ACCOUNT_CLOSED] = "closed"};
    ENSURE(status >= ACCOUNT_INVITED && status < ACCOUNT_STATUSES);
    return words[status];
}

void account_subject(const struct account *account, char out[static ACCOUNT_SUBJECT_MAX])
{
    snprintf(out, ACCOUNT_SUBJECT_MAX, "%s %s", account->kind == ACCOUNT_STAFF ? "staff" : "owner",
             account->login);
}

err account_record(struct store_tx *tx, const struct registry_actor *actor, const char *event,
                   int64_t id, const char *detail)
{
    struct account account;
    char subject[ACCOUNT_SUBJECT_MAX];
    ENSURE(actor->name.len > 0 && actor->name.len <= REGISTRY_ACTOR_MAX);
    TRY(account_find(tx->store, id, &account));
    account_subject(&account, subject);
    return audit_append(tx, &(struct audit_entry){actor->at_ms, actor->name, bytes_text(event),
                                                  bytes_text(subject), bytes_text(detail)});
}

/* ---- read ---- */

#define COLUMNS                                                                          \
    "id, kind, status, login, name, roles, mid, outlet, phone, mail, english, password," \
    " password_ms, must_change, length(totp), totp_step, enrol_until_ms, added_ms,"      \
    " (SELECT count(*) FROM passkey p WHERE p.account = account.id),"                    \
    " (SELECT count(*) FROM recovery_code r WHERE r.account = account.id AND r.used_ms = 0)"

static err read_account(struct store *store, struct store_statement *row, struct account *out)
{
    struct account a = {.id = store_read_int(row)};
    int64_t kind = store_read_int(row), status = store_read_int(row);
    store_read_text_into(row, a.login, sizeof a.login);
    store_read_text_into(row, a.name, sizeof a.name);
    a.roles = (unsigned)store_read_int(row);
    store_read_text_into(row, a.mid, sizeof a.mid);
    a.outlet = (uint32_t)store_read_int(row);
    store_read_text_into(row, a.phone, sizeof a.phone);
    store_read_text_into(row, a.mail, sizeof a.mail);
    a.english = store_read_int(row) != 0;
    store_read_text_into(row, a.password, sizeof a.password);
    a.password_ms = store_read_int(row);
    a.must_change = store_read_int(row) != 0;
    a.has_totp = store_read_int(row) > 0;
    a.totp_step = store_read_int(row);
    a.enrol_until_ms = store_read_int(row);
    a.added_ms = store_read_int(row);
    a.passkeys = (uint32_t)store_read_int(row);
    a.recovery_codes = (uint32_t)store_read_int(row);
    TRY(store_read_finish(row));
    if (kind < ACCOUNT_STAFF || kind >= ACCOUNT_KINDS || status < ACCOUNT_INVITED ||
        status >= ACCOUNT_STATUSES)
        return store_refuse(store, ERR(CORRUPT), "account's kind or status", a.login);
    a.kind = (enum account_kind)kind;
    a.status = (enum account_status)status;
    *out = a;
    return OK;
}

static err read_one(struct store *store, struct store_statement *query, struct account *ret_account)
{
    bool row = false;
    TRY(store_step(query, &row));
    if (!row) return store_refuse(store, ERR(NOT_FOUND), "account", NULL);
    err failure = read_account(store, query, ret_account);
    store_reset(query);
    return failure;
}

err account_find(struct store *store, int64_t id, struct account *ret_account)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT " COLUMNS " FROM account WHERE id = ?", &query));
    store_bind_int(query, id);
    return read_one(store, query, ret_account);
}

err account_find_login(struct store *store, enum account_kind kind, struct bytes name,
                       struct account *ret_account)
{
    struct store_statement *query;
    /* The kind stands in each part: outside of them SQLite looks at every account of the kind. */
    TRY(store_statement(store,
                        "SELECT " COLUMNS " FROM account WHERE (kind = ?1 AND login = lower(?2))"
                        " OR (kind = ?1 AND phone = ?2 AND phone <> '')"
                        " OR (kind = ?1 AND mail = lower(?2) AND mail <> '')",
                        &query));
    store_bind_int(query, (int64_t)kind);
    store_bind_text(query, name);
    return read_one(store, query, ret_account);
}

err accounts_each(struct store *store, enum account_kind kind, struct bytes mid, account_each each,
                  void *context)
{
    struct store_statement *rows;
    TRY(store_statement(store,
                        "SELECT " COLUMNS " FROM account WHERE kind = ?1 AND (?2 = '' OR mid = ?2)"
                        " ORDER BY login",
                        &rows));
    store_bind_int(rows, (int64_t)kind);
    store_bind_text(rows, mid);
    for (;;) {
        bool row = false;
        struct account account;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err failure = read_account(store, rows, &account);
        if (!FAILED(failure)) failure = each(context, &account);
        if (FAILED(failure)) {
            store_reset(rows);
            return failure;
        }
    }
}

/* ---- form ---- */

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static bool is_login(const char *login)
{
    size_t len = strlen(login);
    return len >= ACCOUNT_LOGIN_MIN && len <= ACCOUNT_LOGIN_MAX && strspn(login, LOWER) > 0 &&
           strspn(login, LOWER DIGITS ".-_") == len;
}

/* In small letters, so that one address is one account's. */
static bool is_mail(const char *mail)
{
    return contact_mail_valid(mail) && strpbrk(mail, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == NULL;
}

static bool is_place(const struct account *a)
{
    bool staff = a->kind == ACCOUNT_STAFF;
    if (staff) return a->mid[0] == '\0' && a->outlet == 0;
    bool bound_owner = (a->roles & ROLE_OWNER) != 0 && a->outlet != 0;
    return strlen(a->mid) == 15 && strspn(a->mid, DIGITS) == 15 && a->outlet <= 9999 &&
           !bound_owner;
}

static bool are_roles(enum account_kind kind, unsigned some)
{
    return some != 0 && (some & ~account_roles_of(kind)) == 0;
}

static err check(struct store *store, const struct account *a)
{
    const struct {
        bool right;
        const char *what, *form;
    } checks[] = {
        {is_login(a->login), "login name",
         "must be 2 to 32 small letters, digits, '.', '-' or '_', and begin with a letter"},
        {registry_name_valid(bytes_text(a->name)), "name", "must be 1 to 40 bytes of UTF-8"},
        {are_roles(a->kind, a->roles), "roles", "must be one or more of this kind of account"},
        {is_place(a), "merchant and outlet",
         "staff have none; others a merchant of 15 digits, and an owner all its outlets"},
        {a->phone[0] == '\0' || contact_phone_valid(a->phone), "phone number",
         "must be 7 to 15 digits"},
        {a->mail[0] == '\0' || is_mail(a->mail), "mail address",
         "must look like name@example.com, in small letters"},
    };
    for (size_t i = 0; i < ARRAY_LEN(checks); i++)
        if (!checks[i].right)
            return store_refuse(store, ERR(FORMAT), checks[i].what, checks[i].form);
    return OK;
}

/* ---- write ---- */

static err taken(struct store *store, err failure)
{
    if (failure.code == ERR_EXISTS)
        return store_refuse(store, failure, "login name, phone number or mail address",
                            "another account has it");
    return failure;
}

err account_add(struct store_tx *tx, const struct registry_actor *actor, const struct account *a,
                int64_t *ret_id)
{
    struct store_statement *insert;
    TRY(check(tx->store, a));
    TRY(store_statement(tx->store,
                        "INSERT INTO account(kind, status, login, name, roles, mid, outlet, phone,"
                        " mail, english, password, password_ms, must_change, totp, totp_step,"
                        " enrol_until_ms, added_ms)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, 0, x'', 0, 0, ?)",
                        &insert));
    store_bind_int(insert, (int64_t)a->kind);
    store_bind_int(insert, ACCOUNT_INVITED);
    store_bind_text(insert, bytes_text(a->login));
    store_bind_text(insert, bytes_text(a->name));
    store_bind_int(insert, a->roles);
    store_bind_text(insert, bytes_text(a->mid));
    store_bind_int(insert, a->outlet);
    store_bind_text(insert, bytes_text(a->phone));
    store_bind_text(insert, bytes_text(a->mail));
    store_bind_int(insert, a->english);
    store_bind_int(insert, actor->at_ms);
    TRY(taken(tx->store, store_run(insert)));
    int64_t id = store_last_id(tx->store);
    char detail[64] = "";
    struct writer w = writer_over(detail, sizeof detail - 1);
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        if ((a->roles & roles[i].role) != 0) write_format(&w, "%s ", roles[i].word);
    TRY(account_record(tx, actor, "account_added", id, detail));
    *ret_id = id;
    return OK;
}

err account_run_on(struct store_tx *tx, struct store_statement *update, int64_t id)
{
    store_bind_int(update, id);
    TRY(store_run(update));
    if (store_changes(tx->store) == 1) return OK;
    return store_refuse(tx->store, ERR(NOT_FOUND), "account", NULL);
}

err account_set_status(struct store_tx *tx, const struct registry_actor *actor, int64_t id,
                       enum account_status status)
{
    struct account account;
    struct store_statement *update;
    ENSURE(status >= ACCOUNT_INVITED && status < ACCOUNT_STATUSES);
    TRY(account_find(tx->store, id, &account));
    if (account.status == ACCOUNT_CLOSED && status != ACCOUNT_CLOSED)
        return store_refuse(tx->store, ERR(STATE), "closed for good", account.login);
    TRY(store_statement(tx->store, "UPDATE account SET status = ? WHERE id = ?", &update));
    store_bind_int(update, (int64_t)status);
    TRY(account_run_on(tx, update, id));
    return account_record(tx, actor, "account_status", id, account_status_word(status));
}

err account_set_roles(struct store_tx *tx, const struct registry_actor *actor, int64_t id,
                      unsigned some, uint32_t outlet)
{
    struct account account;
    struct store_statement *update;
    TRY(account_find(tx->store, id, &account));
    account.roles = some;
    account.outlet = outlet;
    TRY(check(tx->store, &account));
    TRY(store_statement(tx->store, "UPDATE account SET roles = ?, outlet = ? WHERE id = ?",
                        &update));
    store_bind_int(update, some);
    store_bind_int(update, outlet);
    TRY(account_run_on(tx, update, id));
    char detail[64];
    snprintf(detail, sizeof detail, "roles %x outlet %u", some, outlet);
    return account_record(tx, actor, "account_roles", id, detail);
}

err account_set_contact(struct store_tx *tx, const struct registry_actor *actor, int64_t id,
                        struct bytes phone, struct bytes mail)
{
    struct account account;
    struct store_statement *update;
    TRY(account_find(tx->store, id, &account));
    TRY(bytes_to_text(phone, account.phone, sizeof account.phone));
    TRY(bytes_to_text(mail, account.mail, sizeof account.mail));
    TRY(check(tx->store, &account));
    TRY(store_statement(tx->store, "UPDATE account SET phone = ?, mail = ? WHERE id = ?", &update));
    store_bind_text(update, phone);
    store_bind_text(update, mail);
    TRY(taken(tx->store, account_run_on(tx, update, id)));
    return account_record(tx, actor, "account_contact", id, ""); /* never the address itself */
}
