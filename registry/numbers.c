/* SPDX-License-Identifier: Apache-2.0 */
/* The last number of each kind, and for whom each was given. */
#include "registry/numbers.h"

#include <stdio.h>

#include "registry/internal.h"

static const char *const numbers_migration[] = {
    "CREATE TABLE number_last(kind TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE number_given(reference TEXT PRIMARY KEY, number TEXT NOT NULL UNIQUE,"
    " at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER number_grows BEFORE UPDATE ON number_last WHEN NEW.last <= OLD.last"
    " BEGIN SELECT RAISE(ABORT, 'a number is never given again'); END;"
    "CREATE TRIGGER number_kept BEFORE DELETE ON number_last"
    " BEGIN SELECT RAISE(ABORT, 'a number is never given again'); END;"
    "CREATE TRIGGER number_given_kept BEFORE DELETE ON number_given"
    " BEGIN SELECT RAISE(ABORT, 'what was given is kept'); END;"
    "CREATE TRIGGER number_given_stays BEFORE UPDATE ON number_given"
    " BEGIN SELECT RAISE(ABORT, 'what was given is kept'); END;",
};

const struct store_schema registry_numbers_schema = {"registry_numbers", numbers_migration,
                                                     ARRAY_LEN(numbers_migration)};

enum { MERCHANT_LAST = 9999, TERMINAL_FIRST = 10000001, TERMINAL_LAST = 99999999 };

static bool is_reference(struct bytes text)
{
    if (text.len == 0 || text.len > REGISTRY_REFERENCE_MAX) return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < 0x20 || text.at[i] > 0x7e) return false;
    return true;
}

/* The number that was given for it; empty: none yet. */
static err find_given(struct registry *registry, struct bytes reference, char *out, size_t size)
{
    struct store_statement *query;
    bool row = false;
    out[0] = '\0';
    if (!is_reference(reference))
        return store_refuse(registry->store, ERR(FORMAT), "reference",
                            "must be 1 to 64 printable characters");
    TRY(store_statement(registry->store, "SELECT number FROM number_given WHERE reference = ?",
                        &query));
    store_bind_text(query, reference);
    TRY(store_step(query, &row));
    if (!row) return OK;
    store_read_text_into(query, out, size);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

static err read_last(struct registry *registry, const char *kind, int64_t *ret_last)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(registry->store, "SELECT last FROM number_last WHERE kind = ?", &query));
    store_bind_text(query, bytes_text(kind));
    TRY(store_step(query, &row));
    if (!row) return OK;
    *ret_last = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

static err write_given(struct registry *registry, const struct registry_actor *actor,
                       const char *kind, int64_t last, struct bytes reference, const char *number)
{
    struct store_statement *put;
    TRY(store_statement(registry->store,
                        "INSERT INTO number_last(kind, last) VALUES(?, ?)"
                        " ON CONFLICT(kind) DO UPDATE SET last = excluded.last",
                        &put));
    store_bind_text(put, bytes_text(kind));
    store_bind_int(put, last);
    TRY(store_run(put));
    TRY(store_statement(registry->store,
                        "INSERT INTO number_given(reference, number, at_ms) VALUES(?, ?, ?)",
                        &put));
    store_bind_text(put, reference);
    store_bind_text(put, bytes_text(number));
    store_bind_int(put, actor->at_ms);
    return store_run(put);
}

static bool digits(const char *text, size_t len)
{
    return strlen(text) == len && bytes_all_digits(bytes_text(text));
}

static err check_numbering(struct registry *registry, const struct registry_numbering *n)
{
    if (!digits(n->acquirer, 3))
        return store_refuse(registry->store, ERR(FORMAT), "acquirer", "must be three digits");
    if (!digits(n->region, 4))
        return store_refuse(registry->store, ERR(FORMAT), "region", "must be four digits");
    if (!digits(n->category, 4))
        return store_refuse(registry->store, ERR(FORMAT), "category", "must be four digits");
    return OK;
}

/* The first behind the last that nobody has taken by hand. */
static err next_mid(struct registry *registry, const char *prefix, int64_t *last, char mid[16])
{
    struct registry_merchant taken;
    for (;;) {
        if (++*last > MERCHANT_LAST)
            return store_refuse(registry->store, ERR(RANGE), "all merchant numbers are given",
                                prefix);
        snprintf(mid, 16, "%s%04d", prefix, (int)*last);
        err found = registry_find_merchant(registry, bytes_of(mid, 15), &taken);
        if (found.code == ERR_NOT_FOUND) return OK;
        TRY(found);
    }
}

err registry_number_merchant(struct registry *registry, const struct registry_actor *actor,
                             const struct registry_numbering *numbering, struct bytes reference,
                             struct registry_merchant *merchant)
{
    char given[16], prefix[12];
    int64_t last = 0;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(check_numbering(registry, numbering));
    TRY(store_begin(registry->store, &tx));
    TRY(find_given(registry, reference, given, sizeof given));
    if (given[0] != '\0') {
        memcpy(merchant->mid, given, sizeof given);
        return OK;
    }
    snprintf(prefix, sizeof prefix, "%s%s%s", numbering->acquirer, numbering->region,
             numbering->category);
    TRY(read_last(registry, prefix, &last));
    TRY(next_mid(registry, prefix, &last, merchant->mid));
    TRY(registry_check_merchant(registry, merchant));
    TRY(write_given(registry, actor, prefix, last, reference, merchant->mid));
    TRY(registry_put_merchant(registry, &tx, actor, merchant));
    return store_commit(&tx);
}

static err next_tid(struct registry *registry, int64_t *last, char tid[9])
{
    struct registry_terminal taken;
    for (;;) {
        if (++*last > TERMINAL_LAST)
            return store_refuse(registry->store, ERR(RANGE), "all terminal numbers are given",
                                NULL);
        snprintf(tid, 9, "%08d", (int)*last);
        err found = registry_find_terminal(registry, bytes_of(tid, 8), &taken);
        if (found.code == ERR_NOT_FOUND) return OK;
        TRY(found);
    }
}

err registry_number_terminal(struct registry *registry, const struct registry_actor *actor,
                             struct bytes reference, char ret_tid[9])
{
    char tid[9];
    int64_t last = TERMINAL_FIRST - 1;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(find_given(registry, reference, tid, sizeof tid));
    if (tid[0] == '\0') {
        TRY(read_last(registry, "terminal", &last));
        TRY(next_tid(registry, &last, tid));
        TRY(write_given(registry, actor, "terminal", last, reference, tid));
        TRY(audit_append(&tx, &(struct audit_entry){actor->at_ms, actor->name,
                                                    BYTES("terminal_numbered"), bytes_text(tid),
                                                    reference}));
        TRY(store_commit(&tx));
    }
    memcpy(ret_tid, tid, sizeof tid);
    return OK;
}

err registry_number_given(struct registry *registry, struct bytes reference, char ret[16])
{
    char number[16];
    TRY(find_given(registry, reference, number, sizeof number));
    if (number[0] == '\0') return ERR(NOT_FOUND);
    memcpy(ret, number, sizeof number);
    return OK;
}

err registry_reference_of(struct registry *registry, struct bytes number,
                          char ret[REGISTRY_REFERENCE_MAX + 1])
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(registry->store, "SELECT reference FROM number_given WHERE number = ?",
                        &query));
    store_bind_text(query, number);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    store_read_text_into(query, ret, REGISTRY_REFERENCE_MAX + 1);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}
