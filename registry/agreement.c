/* SPDX-License-Identifier: Apache-2.0 */
/* The versions of a merchant's agreement about fees. */
#include "registry/agreement.h"

#include "lib/base/writer.h"
#include "registry/internal.h"

static const char *const migration[] = {
    "CREATE TABLE agreement(mid TEXT NOT NULL REFERENCES merchant(mid), version INTEGER NOT NULL,"
    " fee_plan INTEGER NOT NULL CHECK(fee_plan > 0), since_ms INTEGER NOT NULL,"
    " PRIMARY KEY(mid, version)) STRICT, WITHOUT ROWID;"
    "INSERT INTO agreement SELECT mid, 1, fee_plan, 0 FROM merchant;"
    "CREATE TRIGGER agreement_first AFTER INSERT ON merchant"
    " BEGIN INSERT INTO agreement VALUES(NEW.mid, 1, NEW.fee_plan, 0); END;"
    "CREATE TRIGGER agreement_next BEFORE INSERT ON agreement WHEN NEW.version <>"
    " (SELECT ifnull(max(version), 0) + 1 FROM agreement WHERE mid = NEW.mid) OR EXISTS(SELECT 1"
    " FROM agreement WHERE mid = NEW.mid AND since_ms >= NEW.since_ms)"
    " BEGIN SELECT RAISE(ABORT, 'agreements follow one another'); END;"
    "CREATE TRIGGER agreement_stands BEFORE UPDATE ON agreement"
    " BEGIN SELECT RAISE(ABORT, 'an agreement stands'); END;"
    "CREATE TRIGGER agreement_stays BEFORE DELETE ON agreement"
    " BEGIN SELECT RAISE(ABORT, 'an agreement stands'); END;",

    "ALTER TABLE agreement ADD COLUMN same_day_rule INTEGER NOT NULL DEFAULT 0"
    " CHECK(same_day_rule >= 0);"
    "DROP TRIGGER agreement_first;"
    "CREATE TRIGGER agreement_first AFTER INSERT ON merchant"
    " BEGIN INSERT INTO agreement VALUES(NEW.mid, 1, NEW.fee_plan, 0, 0); END;",

    /* The first one is written with its merchant, which alone knows when it was signed. Those of
     * before have the rules of their beginning: later ones there were none. */
    "ALTER TABLE agreement ADD COLUMN signed_ms INTEGER NOT NULL DEFAULT 0;"
    "DROP TRIGGER agreement_first;",
};

const struct store_schema registry_agreement_schema = {"agreement", migration,
                                                       ARRAY_LEN(migration)};

err registry_agreements(struct registry *registry, const char *mid, registry_each_agreement each,
                        void *context)
{
    struct store_statement *rows;
    TRY(store_statement(
        registry->store,
        "SELECT version, fee_plan, same_day_rule, since_ms, signed_ms, (SELECT ifnull(min(n.since_ms), ?)"
        " FROM agreement n WHERE n.mid = a.mid AND n.version = a.version + 1)"
        " FROM agreement a WHERE mid = ? ORDER BY version",
        &rows));
    store_bind_int(rows, INT64_MAX);
    store_bind_text(rows, bytes_text(mid));
    for (;;) {
        bool row = false;
        struct registry_agreement agreement;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        agreement.version = store_read_int(rows);
        agreement.fee_plan = (uint32_t)store_read_int(rows);
        agreement.same_day_rule = (uint32_t)store_read_int(rows);
        agreement.since_ms = store_read_int(rows);
        agreement.signed_ms = store_read_int(rows);
        agreement.until_ms = store_read_int(rows);
        err done = store_read_finish(rows);
        if (!FAILED(done)) done = each(context, &agreement);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

struct search {
    int64_t at_ms;
    struct registry_agreement found, last;
};

static err take(void *context, const struct registry_agreement *agreement)
{
    struct search *search = context;
    search->last = *agreement;
    if (agreement->since_ms <= search->at_ms) search->found = *agreement;
    return OK;
}

err registry_find_agreement(struct registry *registry, const char *mid, int64_t at_ms,
                            struct registry_agreement *ret_agreement)
{
    struct search search = {.at_ms = at_ms};
    TRY(registry_agreements(registry, mid, take, &search));
    if (search.found.version == 0) return ERR(NOT_FOUND);
    *ret_agreement = search.found;
    return OK;
}

static err put(struct registry *registry, const char *mid, const struct registry_agreement *g)
{
    struct store_statement *insert;
    TRY(store_statement(registry->store,
                        "INSERT INTO agreement(mid, version, fee_plan, since_ms, same_day_rule,"
                        " signed_ms) VALUES(?, ?, ?, ?, ?, ?)",
                        &insert));
    store_bind_text(insert, bytes_text(mid));
    store_bind_int(insert, g->version);
    store_bind_int(insert, g->fee_plan);
    store_bind_int(insert, g->since_ms);
    store_bind_int(insert, g->same_day_rule);
    store_bind_int(insert, g->signed_ms);
    return store_run(insert);
}

err registry_put_first_agreement(struct registry *registry,
                                 const struct registry_merchant *merchant, int64_t signed_ms)
{
    const struct registry_agreement first = {
        .version = 1, .fee_plan = merchant->fee_plan, .signed_ms = signed_ms};
    return put(registry, merchant->mid, &first);
}

err registry_add_agreement(struct registry *registry, const struct registry_actor *actor,
                           const char *mid, uint32_t fee_plan, uint32_t same_day_rule,
                           int64_t since_ms)
{
    struct search search = {.at_ms = since_ms};
    char detail[64];
    struct writer w = writer_over(detail, sizeof detail);
    if (fee_plan < 1 || fee_plan > 9999)
        return store_refuse(registry->store, ERR(FORMAT), "fee plan", "1 to 9999");
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(registry->store, &tx));
    TRY(registry_agreements(registry, mid, take, &search));
    if (search.last.version == 0)
        return store_refuse(registry->store, ERR(NOT_FOUND), "merchant", mid);
    if (since_ms < actor->at_ms || since_ms <= search.last.since_ms)
        return store_refuse(registry->store, ERR(RANGE), "beginning of an agreement",
                            "after the last one's, and not in the past");
    TRY(put(registry, mid,
            &(struct registry_agreement){.version = search.last.version + 1,
                                         .fee_plan = fee_plan,
                                         .same_day_rule = same_day_rule,
                                         .since_ms = since_ms,
                                         .signed_ms = since_ms}));
    write_format(&w, "version %lld, plan %u, same day %u", (long long)search.last.version + 1,
                 fee_plan, same_day_rule);
    const struct audit_entry entry = {actor->at_ms, actor->name, BYTES("agreement_added"),
                                      bytes_text(mid), writer_view(&w)};
    TRY(audit_append(&tx, &entry));
    return store_commit(&tx);
}
