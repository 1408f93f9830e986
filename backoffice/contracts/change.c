/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of changes, and the steps from asking to what holds. */
#include "backoffice/contracts/change.h"

#include <stdio.h>

#include "backoffice/events/events.h"

#define DAY_MS INT64_C(86400000)

static const char *const migration[] = {
    "CREATE TABLE contract_change(id INTEGER PRIMARY KEY AUTOINCREMENT, mid TEXT NOT NULL,"
    " kind INTEGER NOT NULL, state INTEGER NOT NULL, name_zh TEXT NOT NULL, name_en TEXT NOT NULL,"
    " pinyin TEXT NOT NULL, phone TEXT NOT NULL, mail TEXT NOT NULL, address TEXT NOT NULL,"
    " plan INTEGER NOT NULL, reason TEXT NOT NULL, papers TEXT NOT NULL, asked_by TEXT NOT NULL,"
    " by_staff INTEGER NOT NULL, asked_ms INTEGER NOT NULL, decided_by TEXT NOT NULL,"
    " decided_ms INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX contract_change_open ON contract_change(mid, kind) WHERE state = 1;"
    "CREATE INDEX contract_change_of ON contract_change(mid, id);"
    /* Four eyes, whoever writes; and what is over stays as it was, but for what is personal, which
     * is erased in its time. */
    "CREATE TRIGGER contract_change_eyes BEFORE UPDATE OF mid, kind, state, plan, asked_by, decided_by,"
    " by_staff ON contract_change WHEN OLD.state <> 1 OR"
    " (NEW.state = 2 AND NEW.decided_by = NEW.asked_by) OR (NEW.state = 2 AND NEW.kind = 4 AND"
    " NEW.by_staff = 0) BEGIN SELECT raise(ABORT, 'denied'); END;"
    "CREATE TRIGGER contract_change_stays BEFORE DELETE ON contract_change"
    " BEGIN SELECT raise(ABORT, 'denied'); END;",
};

const struct store_schema changes_schema = {"contract_changes", migration, ARRAY_LEN(migration)};

static const char *const kinds[CHANGE_KINDS] = {"", "name", "contact", "address", "fees"};
static const char *const states[CHANGE_STATES] = {"",        "waits",     "taken",
                                                  "refused", "withdrawn", "expired"};
static const struct {
    const char *word, *zh, *en;
} verdicts[CHANGE_VERDICTS] = {
#define X(name, word, zh, en) {word, zh, en},
    CHANGE_VERDICT_LIST(X)
#undef X
};

const char *change_kind_word(enum change_kind kind)
{
    ENSURE(kind > 0 && kind < CHANGE_KINDS);
    return kinds[kind];
}

enum change_kind change_kind_of(struct bytes word)
{
    for (enum change_kind k = CHANGE_NAME; k < CHANGE_KINDS; k++)
        if (bytes_equal(word, bytes_text(kinds[k]))) return k;
    return (enum change_kind)0;
}

const char *change_state_word(enum change_state state)
{
    ENSURE(state > 0 && state < CHANGE_STATES);
    return states[state];
}

const char *change_verdict_word(enum change_verdict verdict)
{
    ENSURE(verdict < CHANGE_VERDICTS);
    return verdicts[verdict].word;
}

const char *change_verdict_text(enum change_verdict verdict, bool english)
{
    ENSURE(verdict < CHANGE_VERDICTS);
    return english ? verdicts[verdict].en : verdicts[verdict].zh;
}

struct paper_wants change_papers(enum change_kind kind)
{
    static const struct paper_wants wants[CHANGE_KINDS] = {
        [CHANGE_NAME] = {1u << PAPER_LICENCE | 1u << PAPER_IDENTITY, 1u << PAPER_LICENCE},
        [CHANGE_CONTACT] = {1u << PAPER_LICENCE | 1u << PAPER_IDENTITY, 0},
        [CHANGE_ADDRESS] = {1u << PAPER_LICENCE | 1u << PAPER_PREMISES, 0},
    };
    ENSURE(kind > 0 && kind < CHANGE_KINDS);
    return wants[kind];
}

/* ---- rows ---- */

#define COLUMNS                                                                           \
    "id, mid, kind, state, name_zh, name_en, pinyin, phone, mail, address, plan, reason," \
    " papers, asked_by, by_staff, asked_ms, decided_by, decided_ms"

static err read_row(struct store_statement *row, struct change *c)
{
    struct change_values *v = &c->values;
    c->id = store_read_int(row);
    store_read_text_into(row, c->mid, sizeof c->mid);
    c->kind = (enum change_kind)store_read_int(row);
    c->state = (enum change_state)store_read_int(row);
    store_read_text_into(row, v->name_zh, sizeof v->name_zh);
    store_read_text_into(row, v->name_en, sizeof v->name_en);
    store_read_text_into(row, v->pinyin, sizeof v->pinyin);
    store_read_text_into(row, v->phone, sizeof v->phone);
    store_read_text_into(row, v->mail, sizeof v->mail);
    store_read_text_into(row, v->address, sizeof v->address);
    v->plan = (uint32_t)store_read_int(row);
    store_read_text_into(row, c->reason, sizeof c->reason);
    store_read_text_into(row, c->papers, sizeof c->papers);
    store_read_text_into(row, c->asked_by, sizeof c->asked_by);
    c->by_staff = store_read_int(row) != 0;
    c->asked_ms = store_read_int(row);
    store_read_text_into(row, c->decided_by, sizeof c->decided_by);
    c->decided_ms = store_read_int(row);
    return store_read_finish(row);
}

err change_find(struct store *store, int64_t id, struct change *ret)
{
    struct store_statement *query;
    struct change c = {.id = 0};
    bool row = false;
    TRY(store_statement(store, "SELECT " COLUMNS " FROM contract_change WHERE id = ?", &query));
    store_bind_int(query, id);
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_row(query, &c);
    store_reset(query);
    TRY(read);
    *ret = c;
    return OK;
}

err change_list(struct store *store, const char *mid, bool waiting, int64_t before, size_t limit,
                change_each each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(store,
                        "SELECT " COLUMNS " FROM contract_change WHERE (?1 = '' OR mid = ?1) AND"
                        " (?2 = 0 OR state = 1) AND (?3 = 0 OR id < ?3) ORDER BY id DESC LIMIT ?4",
                        &rows));
    store_bind_text(rows, bytes_text(mid));
    store_bind_int(rows, waiting);
    store_bind_int(rows, before);
    store_bind_int(rows, (int64_t)limit);
    for (;;) {
        bool row = false;
        struct change c = {.id = 0};
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_row(rows, &c);
        if (!FAILED(done)) done = each(context, &c);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

static err insert(struct store_tx *tx, const struct change *c)
{
    struct store_statement *put;
    const struct change_values *v = &c->values;
    TRY(store_statement(tx->store,
                        "INSERT INTO contract_change VALUES(NULL, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?,"
                        " '', ?, ?, ?, '', 0)",
                        &put));
    store_bind_text(put, bytes_text(c->mid));
    store_bind_int(put, (int64_t)c->kind);
    store_bind_text(put, bytes_text(v->name_zh));
    store_bind_text(put, bytes_text(v->name_en));
    store_bind_text(put, bytes_text(v->pinyin));
    store_bind_text(put, bytes_text(v->phone));
    store_bind_text(put, bytes_text(v->mail));
    store_bind_text(put, bytes_text(v->address));
    store_bind_int(put, v->plan);
    store_bind_text(put, bytes_text(c->reason));
    store_bind_text(put, bytes_text(c->asked_by));
    store_bind_int(put, c->by_staff);
    store_bind_int(put, c->asked_ms);
    return store_run(put);
}

static err write_end(struct store_tx *tx, const struct change *c)
{
    struct store_statement *put;
    TRY(store_statement(tx->store,
                        "UPDATE contract_change SET state = ?, papers = ?, decided_by = ?,"
                        " decided_ms = ? WHERE id = ?",
                        &put));
    store_bind_int(put, (int64_t)c->state);
    store_bind_text(put, bytes_text(c->papers));
    store_bind_text(put, bytes_text(c->decided_by));
    store_bind_int(put, c->decided_ms);
    store_bind_int(put, c->id);
    return store_run(put);
}

/* The kind and the number, and no value: telephones and addresses are in no log. */
static err tell(struct store_tx *tx, const struct registry_actor *actor, const struct change *c,
                const char *kind)
{
    char object[64], detail[64];
    snprintf(object, sizeof object, "contracts/%s/changes/%lld", c->mid, (long long)c->id);
    snprintf(detail, sizeof detail, "change %lld, %s", (long long)c->id, kinds[c->kind]);
    TRY(event_append(
        tx, &(struct event){.mid = c->mid, .kind = kind, .object = object, .at_ms = actor->at_ms},
        NULL));
    return audit_append(tx, &(struct audit_entry){actor->at_ms, actor->name, bytes_text(kind),
                                                  bytes_text(c->mid), bytes_text(detail)});
}

static void set_actor(char out[CONTRACT_ACTOR_MAX + 1], const struct registry_actor *actor)
{
    ENSURE(!FAILED(bytes_to_text(actor->name, out, CONTRACT_ACTOR_MAX + 1)));
}

/* ---- steps ---- */

static err find_waiting(struct store *store, const struct change *c, bool *ret_waits)
{
    struct store_statement *query;
    TRY(store_statement(
        store, "SELECT 1 FROM contract_change WHERE mid = ? AND kind = ? AND state = 1", &query));
    store_bind_text(query, bytes_text(c->mid));
    store_bind_int(query, (int64_t)c->kind);
    TRY(store_step(query, ret_waits));
    if (*ret_waits) store_reset(query);
    return OK;
}

err change_ask(struct backoffice *b, struct store_tx *tx, const struct change_actor *by,
               const struct change *asked, int64_t *ret_id, enum change_verdict *ret)
{
    struct change c = *asked;
    bool waits = false, ending = false;
    TRY(contract_is_ending(tx->store, c.mid, &ending));
    TRY(find_waiting(tx->store, &c, &waits));
    *ret = ending                                ? CHANGE_VERDICT_ENDING
           : c.kind == CHANGE_FEES && !by->staff ? CHANGE_VERDICT_NOT_YOURS
           : waits                               ? CHANGE_VERDICT_PENDING
                                                 : CHANGE_VERDICT_OK;
    if (*ret == CHANGE_VERDICT_OK) TRY(change_judge(b, &c, ret));
    if (*ret != CHANGE_VERDICT_OK) return OK;
    c.by_staff = by->staff;
    c.asked_ms = by->actor->at_ms;
    set_actor(c.asked_by, by->actor);
    TRY(insert(tx, &c));
    TRY(store_query_int(tx->store, "SELECT last_insert_rowid()", &c.id));
    *ret_id = c.id;
    return tell(tx, by->actor, &c, "contract.change_asked");
}

static err end(struct store_tx *tx, const struct change_actor *by, struct change *c,
               enum change_state state, const char *kind)
{
    c->state = state;
    c->decided_ms = by->actor->at_ms;
    set_actor(c->decided_by, by->actor);
    TRY(write_end(tx, c));
    return tell(tx, by->actor, c, kind);
}

/* By its own side: the owner takes back what owners asked, the staff what the staff did. */
err change_withdraw(struct store_tx *tx, const struct change_actor *by, int64_t id,
                    enum change_verdict *ret)
{
    struct change c;
    err found = change_find(tx->store, id, &c);
    *ret = CHANGE_VERDICT_NONE;
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (c.state != CHANGE_WAITS) return OK;
    *ret = c.by_staff == by->staff ? CHANGE_VERDICT_OK : CHANGE_VERDICT_NOT_YOURS;
    if (*ret != CHANGE_VERDICT_OK) return OK;
    return end(tx, by, &c, CHANGE_WITHDRAWN, "contract.change_refused");
}

static err lacks_papers(const struct backoffice *b, const struct change *c, bool *ret)
{
    *ret = false;
    if (b->uploads->directory == NULL) return OK;
    return papers_lack(b->store, UPLOAD_OF_CHANGE, c->id, change_papers(c->kind).needs, ret);
}

err change_may_decide(struct backoffice *b, const struct change_actor *by, const struct change *c,
                      bool agrees, const char *papers, enum change_verdict *ret)
{
    bool ending = false, lacks = false;
    TRY(contract_is_ending(b->store, c->mid, &ending));
    TRY(lacks_papers(b, c, &lacks));
    if (c->state != CHANGE_WAITS) *ret = CHANGE_VERDICT_NONE;
    else if (by->staff == (c->kind == CHANGE_FEES)) *ret = CHANGE_VERDICT_NOT_YOURS;
    else if (bytes_equal(by->actor->name, bytes_text(c->asked_by)))
        *ret = CHANGE_VERDICT_SAME_PERSON;
    else if (agrees && ending) *ret = CHANGE_VERDICT_ENDING;
    else if (agrees && lacks) *ret = CHANGE_VERDICT_PAPERS_LACK;
    else if (agrees && papers[0] == '\0') *ret = CHANGE_VERDICT_NO_PAPERS;
    else *ret = CHANGE_VERDICT_OK;
    return OK;
}

err change_decide(struct backoffice *b, struct store_tx *tx, const struct change_actor *by,
                  struct change *c, bool agrees, const char *papers)
{
    snprintf(c->papers, sizeof c->papers, "%s", papers);
    if (agrees) TRY(change_apply_bindings(b, tx, c, by->actor->at_ms));
    return end(tx, by, c, agrees ? CHANGE_TAKEN : CHANGE_REFUSED,
               agrees ? "contract.changed" : "contract.change_refused");
}

err change_sweep(struct store *store, int64_t now_ms)
{
    const struct registry_actor actor = {BYTES("clock"), now_ms};
    const struct change_actor by = {&actor, true};
    for (;;) {
        struct store_statement *query;
        struct change c;
        bool row = false;
        CLEANUP(store_rollback) struct store_tx tx = {0};
        TRY(store_statement(store,
                            "SELECT id FROM contract_change WHERE state = 1 AND asked_ms <= ?"
                            " ORDER BY id LIMIT 1",
                            &query));
        store_bind_int(query, now_ms - CHANGE_LASTS_DAYS * DAY_MS);
        TRY(store_step(query, &row));
        if (!row) return OK;
        int64_t id = store_read_int(query);
        err read = store_read_finish(query);
        store_reset(query);
        TRY(read);
        TRY(store_begin(store, &tx));
        TRY(change_find(store, id, &c));
        TRY(end(&tx, &by, &c, CHANGE_EXPIRED, "contract.change_refused"));
        TRY(store_commit(&tx));
    }
}
