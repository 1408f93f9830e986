/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of applications, their reading, and the one function that changes a state. */
#include "backoffice/applications/application.h"

#include <assert.h>
#include <stdio.h>

#include "backoffice/applications/application_internal.h"
#include "backoffice/applications/due.h"
#include "backoffice/events/events.h"
#include "lib/base/reader.h"

#define DAY_MS INT64_C(86400000)

static const char *const migration[] = {
    "CREATE TABLE application(id INTEGER PRIMARY KEY AUTOINCREMENT, secret BLOB NOT NULL UNIQUE,"
    " state INTEGER NOT NULL, version INTEGER NOT NULL, begun_ms INTEGER NOT NULL,"
    " changed_ms INTEGER NOT NULL, sent_ms INTEGER NOT NULL, erased_ms INTEGER NOT NULL,"
    " due_ms INTEGER NOT NULL, ends_ms INTEGER NOT NULL, phone_ms INTEGER NOT NULL,"
    " english INTEGER NOT NULL, product INTEGER NOT NULL, offered INTEGER NOT NULL,"
    " rules INTEGER NOT NULL, outcome INTEGER NOT NULL, findings INTEGER NOT NULL,"
    " first_by INTEGER NOT NULL, first_opinion INTEGER NOT NULL, reason INTEGER NOT NULL,"
    " appealed INTEGER NOT NULL, agent TEXT NOT NULL, entered_by INTEGER NOT NULL,"
    " mark BLOB NOT NULL DEFAULT x'') STRICT;"
    "CREATE INDEX application_state ON application(state, due_ms, id);"
    "CREATE INDEX application_mark ON application(mark) WHERE mark <> x'';"
    "CREATE TABLE application_event(application INTEGER NOT NULL REFERENCES application(id),"
    " number INTEGER NOT NULL, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, staff INTEGER NOT NULL,"
    " event INTEGER NOT NULL, from_state INTEGER NOT NULL, to_state INTEGER NOT NULL,"
    " reason INTEGER NOT NULL, rules INTEGER NOT NULL, outcome INTEGER NOT NULL,"
    " findings INTEGER NOT NULL, digest BLOB NOT NULL, PRIMARY KEY(application, number)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE TRIGGER application_event_stands BEFORE UPDATE ON application_event"
    " BEGIN SELECT RAISE(ABORT, 'an event stands'); END;"
    "CREATE TRIGGER application_event_stays BEFORE DELETE ON application_event"
    " BEGIN SELECT RAISE(ABORT, 'an event stands'); END;"
    /* 14 and 15: approved and rejected */
    "CREATE TRIGGER application_four_eyes BEFORE INSERT ON application_event"
    " WHEN NEW.event IN (14, 15) AND EXISTS(SELECT 1 FROM application a WHERE a.id ="
    " NEW.application AND (a.first_by = 0 OR a.first_by = NEW.staff OR a.entered_by = NEW.staff))"
    " BEGIN SELECT RAISE(ABORT, 'two different people decide'); END;"
    "CREATE TRIGGER application_moves BEFORE UPDATE ON application WHEN NEW.state <> OLD.state AND"
    " NOT EXISTS(SELECT 1 FROM application_event e WHERE e.application = NEW.id AND"
    " e.number = NEW.version AND e.to_state = NEW.state AND e.from_state = OLD.state)"
    " BEGIN SELECT RAISE(ABORT, 'a state changes by an event'); END;"
    "CREATE TABLE application_note(application INTEGER NOT NULL, number INTEGER NOT NULL,"
    " text TEXT NOT NULL, PRIMARY KEY(application, number)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE application_value(application INTEGER NOT NULL REFERENCES application(id),"
    " field INTEGER NOT NULL, text TEXT NOT NULL, sealed BLOB NOT NULL, born INTEGER NOT NULL,"
    " PRIMARY KEY(application, field)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE application_listed(mark BLOB PRIMARY KEY, since_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE application_code(application INTEGER NOT NULL, purpose INTEGER NOT NULL,"
    " hash BLOB NOT NULL, tries INTEGER NOT NULL, ends_ms INTEGER NOT NULL,"
    " PRIMARY KEY(application, purpose)) STRICT, WITHOUT ROWID;",

    "CREATE TABLE application_reviewer(account INTEGER PRIMARY KEY, mark BLOB NOT NULL) STRICT;",
};

const struct store_schema application_schema = {"applications", migration, ARRAY_LEN(migration)};

static const struct {
    const char *word, *zh, *en;
} verdicts[APPLY_VERDICTS] = {
#define X(number, name, word, zh, en) [number] = {word, zh, en},
    APPLICATION_VERDICT_LIST(X)
#undef X
};

const char *application_verdict_word(enum application_verdict verdict)
{
    ENSURE(verdict < APPLY_VERDICTS);
    return verdicts[verdict].word;
}

const char *application_verdict_text(enum application_verdict verdict, bool english)
{
    ENSURE(verdict < APPLY_VERDICTS);
    return english ? verdicts[verdict].en : verdicts[verdict].zh;
}

/* ---- actors ---- */

struct application_actor application_actor_named(const char *text, unsigned who, int64_t staff)
{
    struct application_actor actor = {.who = who, .staff = staff};
    snprintf(actor.text, sizeof actor.text, "%.*s", APPLICATION_ACTOR_MAX, text);
    return actor;
}

struct application_actor application_actor_applicant(void)
{
    return application_actor_named("applicant", WHO_APPLICANT, 0);
}

/* ---- reading ---- */

#define COLUMNS                                                                      \
    "id, state, version, begun_ms, changed_ms, sent_ms, erased_ms, due_ms, ends_ms," \
    " phone_ms, english, product, offered, rules, outcome, findings, first_by,"      \
    " first_opinion, reason, appealed, agent, entered_by"

static err read_row(struct store_statement *row, struct application *a)
{
    a->id = store_read_int(row);
    a->state = (enum application_state)store_read_int(row);
    a->version = store_read_int(row);
    a->begun_ms = store_read_int(row);
    a->changed_ms = store_read_int(row);
    a->sent_ms = store_read_int(row);
    a->erased_ms = store_read_int(row);
    a->due_ms = store_read_int(row);
    a->ends_ms = store_read_int(row);
    a->phone_ms = store_read_int(row);
    a->english = store_read_int(row) != 0;
    a->product = (enum application_product)store_read_int(row);
    a->offered = store_read_int(row) != 0;
    a->decision.version = (uint32_t)store_read_int(row);
    a->decision.outcome = (enum eligibility_outcome)store_read_int(row);
    a->decision.findings = (uint32_t)store_read_int(row);
    a->first_by = store_read_int(row);
    a->first_opinion = (enum application_opinion)store_read_int(row);
    a->reason = (enum application_reason)store_read_int(row);
    a->appealed = store_read_int(row) != 0;
    store_read_text_into(row, a->agent, sizeof a->agent);
    a->entered_by = store_read_int(row);
    snprintf(a->number, sizeof a->number, "SQ%08lld", (long long)(a->id % 100000000));
    return store_read_finish(row);
}

static err find(struct store_statement *query, struct application *ret)
{
    bool row = false;
    struct application a = {.id = 0};
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    err read = read_row(query, &a);
    store_reset(query);
    TRY(read);
    *ret = a;
    return OK;
}

err application_find(struct store *store, int64_t id, struct application *ret)
{
    struct store_statement *query;
    TRY(store_statement(store, "SELECT " COLUMNS " FROM application WHERE id = ?", &query));
    store_bind_int(query, id);
    return find(query, ret);
}

err application_find_number(struct store *store, struct bytes number, struct application *ret)
{
    bool form = number.len == 10 && number.at[0] == 'S' && number.at[1] == 'Q' &&
                bytes_all_digits(bytes_of(number.at + 2, 8));
    if (!form) return ERR(NOT_FOUND);
    struct reader r = reader_over(bytes_of(number.at + 2, 8));
    return application_find(store, read_digits(&r, 8), ret);
}

err application_find_secret(struct store *store, struct bytes secret, struct application *ret)
{
    struct store_statement *query;
    uint8_t hash[TOKEN_HASH_BYTES];
    TRY(token_hash(APPLICATION_SECRET_LABEL, secret, hash));
    TRY(store_statement(store, "SELECT " COLUMNS " FROM application WHERE secret = ?", &query));
    store_bind_blob(query, BYTES_OF(hash));
    return find(query, ret);
}

/* Resets `rows` also where `each` fails, which ends it. */
static err each_row(struct store_statement *rows, application_each each, void *context)
{
    for (;;) {
        bool row = false;
        struct application a;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_row(rows, &a);
        if (!FAILED(done)) done = each(context, &a);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

err application_list(struct store *store, const struct application_query *q, application_each each,
                     void *context)
{
    struct store_statement *rows;
    TRY(store_statement(store,
                        "SELECT " COLUMNS " FROM application WHERE (?1 = 0 OR state = ?1) AND"
                        " (?2 = '' OR agent = ?2) AND id > ?3 ORDER BY id LIMIT ?4",
                        &rows));
    store_bind_int(rows, (int64_t)q->state);
    store_bind_text(rows, bytes_text(q->agent));
    store_bind_int(rows, q->after);
    store_bind_int(rows, (int64_t)q->most);
    return each_row(rows, each, context);
}

err application_queue(struct store *store, size_t most, application_each each, void *context)
{
    struct store_statement *rows;
    static_assert(APPLICATION_SENT == 2 && APPLICATION_CHECKING == 3 && APPLICATION_REVIEW == 4,
                  "in the text below");
    TRY(store_statement(store,
                        "SELECT " COLUMNS " FROM application WHERE state IN (2, 3, 4)"
                        " ORDER BY due_ms, id LIMIT ?",
                        &rows));
    store_bind_int(rows, (int64_t)most);
    return each_row(rows, each, context);
}

static err read_line(struct store_statement *row, struct application_line *l)
{
    l->number = store_read_int(row);
    l->at_ms = store_read_int(row);
    store_read_text_into(row, l->actor, sizeof l->actor);
    l->event = (enum application_event)store_read_int(row);
    l->from = (enum application_state)store_read_int(row);
    l->to = (enum application_state)store_read_int(row);
    l->reason = (enum application_reason)store_read_int(row);
    l->decision.version = (uint32_t)store_read_int(row);
    l->decision.outcome = (enum eligibility_outcome)store_read_int(row);
    l->decision.findings = (uint32_t)store_read_int(row);
    size_t digest = store_read_blob_up_to(row, l->digest, sizeof l->digest);
    l->has_digest = digest == sizeof l->digest;
    store_read_text_into(row, l->note, sizeof l->note);
    return store_read_finish(row);
}

err application_timeline(struct store *store, int64_t id, application_each_line each, void *context)
{
    struct store_statement *rows;
    TRY(store_statement(store,
                        "SELECT e.number, at_ms, actor, event, from_state, to_state, reason, rules,"
                        " outcome, findings, digest, ifnull(n.text, '') FROM application_event e"
                        " LEFT JOIN application_note n ON n.application = e.application AND"
                        " n.number = e.number WHERE e.application = ? ORDER BY e.number",
                        &rows));
    store_bind_int(rows, id);
    for (;;) {
        bool row = false;
        struct application_line line = {.number = 0};
        TRY(store_step(rows, &row));
        if (!row) return OK;
        err done = read_line(rows, &line);
        if (!FAILED(done)) done = each(context, &line);
        if (FAILED(done)) {
            store_reset(rows);
            return done;
        }
    }
}

/* ---- moving ---- */

static err add_event(struct store_tx *tx, const struct application *a, enum application_event event,
                     enum application_state to, const struct application_actor *actor,
                     const struct application_fact *fact, int64_t now_ms)
{
    struct store_statement *insert;
    TRY(store_statement(tx->store,
                        "INSERT INTO application_event(application, number, at_ms, actor, staff,"
                        " event, from_state, to_state, reason, rules, outcome, findings, digest)"
                        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        &insert));
    store_bind_int(insert, a->id);
    store_bind_int(insert, a->version + 1);
    store_bind_int(insert, now_ms);
    store_bind_text(insert, bytes_text(actor->text));
    store_bind_int(insert, actor->staff);
    store_bind_int(insert, (int64_t)event);
    store_bind_int(insert, (int64_t)a->state);
    store_bind_int(insert, (int64_t)to);
    store_bind_int(insert, (int64_t)fact->reason);
    store_bind_int(insert, fact->decision.version);
    store_bind_int(insert, (int64_t)fact->decision.outcome);
    store_bind_int(insert, fact->decision.findings);
    store_bind_blob(insert, bytes_of(fact->digest, fact->digest == NULL ? 0 : TOKEN_HASH_BYTES));
    TRY(store_run(insert));
    if (fact->note.len == 0) return OK;
    TRY(store_statement(tx->store, "INSERT INTO application_note VALUES(?, ?, ?)", &insert));
    store_bind_int(insert, a->id);
    store_bind_int(insert, a->version + 1);
    store_bind_text(insert, fact->note);
    return store_run(insert);
}

/* States that the applicant must leave within their time. */
static bool waits(enum application_state state)
{
    return state == APPLICATION_DRAFT || state == APPLICATION_MEND ||
           state == APPLICATION_APPROVED || state == APPLICATION_REJECTED;
}

static void follow_times(struct application *a, enum application_event event,
                         enum application_state to, int64_t now_ms)
{
    bool writes = event == LIFE_SAVE || event == LIFE_PHONE || event == LIFE_DOCUMENT;
    a->changed_ms = now_ms;
    if (!waits(to)) a->ends_ms = 0;
    else if (to != a->state || writes) a->ends_ms = now_ms + APPLICATION_DAYS * DAY_MS;
    if (event == LIFE_SEND) a->sent_ms = now_ms;
    if (event == LIFE_SEND || event == LIFE_APPEAL) a->due_ms = application_due_ms(now_ms);
    if (event == LIFE_PHONE) a->phone_ms = now_ms;
}

/* Who had the first look, and why it is as it is. */
static void follow_look(struct application *a, enum application_event event,
                        enum application_state to, const struct application_actor *actor,
                        const struct application_fact *fact)
{
    bool first = event == LIFE_PROPOSE_APPROVE || event == LIFE_PROPOSE_REJECT;
    bool over = event == LIFE_DISAGREE || event == LIFE_RECHECK || to != a->state;
    if (first || to != a->state) a->reason = fact->reason;
    if (first) {
        a->first_by = actor->staff;
        a->first_opinion = event == LIFE_PROPOSE_APPROVE ? OPINION_APPROVE : OPINION_REJECT;
    } else if (over) {
        a->first_by = 0;
        a->first_opinion = OPINION_NONE;
    }
}

/* The record after the event: pure. */
static void follow(struct application *a, enum application_event event, enum application_state to,
                   const struct application_actor *actor, const struct application_fact *fact,
                   int64_t now_ms)
{
    follow_times(a, event, to, now_ms);
    follow_look(a, event, to, actor, fact);
    if (event == LIFE_APPEAL) a->appealed = true;
    if (event == LIFE_OFFER) a->offered = true;
    if (fact->decision.version != 0) a->decision = fact->decision;
    a->version++;
    a->state = to;
}

err application_write(struct store_tx *tx, const struct application *a)
{
    struct store_statement *update;
    TRY(store_statement(
        tx->store,
        "UPDATE application SET state = ?, version = ?, changed_ms = ?, sent_ms = ?,"
        " erased_ms = ?, due_ms = ?, ends_ms = ?, phone_ms = ?, product = ?,"
        " offered = ?, rules = ?, outcome = ?, findings = ?, first_by = ?,"
        " first_opinion = ?, reason = ?, appealed = ? WHERE id = ?",
        &update));
    store_bind_int(update, (int64_t)a->state);
    store_bind_int(update, a->version);
    store_bind_int(update, a->changed_ms);
    store_bind_int(update, a->sent_ms);
    store_bind_int(update, a->erased_ms);
    store_bind_int(update, a->due_ms);
    store_bind_int(update, a->ends_ms);
    store_bind_int(update, a->phone_ms);
    store_bind_int(update, (int64_t)a->product);
    store_bind_int(update, a->offered);
    store_bind_int(update, a->decision.version);
    store_bind_int(update, (int64_t)a->decision.outcome);
    store_bind_int(update, a->decision.findings);
    store_bind_int(update, a->first_by);
    store_bind_int(update, (int64_t)a->first_opinion);
    store_bind_int(update, (int64_t)a->reason);
    store_bind_int(update, a->appealed);
    store_bind_int(update, a->id);
    return store_run(update);
}

static err note_audit(struct store_tx *tx, const struct application *a,
                      enum application_event event, const struct application_actor *actor,
                      int64_t now_ms)
{
    char name[40];
    snprintf(name, sizeof name, "application_%s", application_event_word(event));
    return audit_append(tx, &(struct audit_entry){now_ms, bytes_text(actor->text), bytes_text(name),
                                                  bytes_text(a->number),
                                                  bytes_text(application_state_word(a->state))});
}

/* For whoever wants to know: how far it is, and nothing of what it says. */
static err publish(struct store_tx *tx, const struct application *a, int64_t now_ms)
{
    char object[32], data[64];
    int len = snprintf(data, sizeof data, "{\"state\":\"%s\"}", application_state_word(a->state));
    snprintf(object, sizeof object, "applications/%s", a->number);
    const struct event event = {.mid = a->agent,
                                .kind = "application.changed",
                                .object = object,
                                .data = bytes_of(data, (size_t)len),
                                .at_ms = now_ms};
    return event_append(tx, &event, NULL);
}

err application_move(const struct applications *as, struct store_tx *tx, struct application *a,
                     enum application_event event, const struct application_actor *actor,
                     const struct application_fact *fact, enum application_verdict *ret_verdict)
{
    static const struct application_fact nothing;
    int64_t now_ms = clock_now_ms(&as->clock);
    enum application_state to = application_next(a->state, event);
    if (fact == NULL) fact = &nothing;
    ENSURE(fact->note.len <= APPLICATION_NOTE_MAX);
    *ret_verdict = !application_may(event, actor->who) ? APPLY_VERDICT_NOT_YOU
                   : to == 0                           ? APPLY_VERDICT_NOT_NOW
                                                       : APPLY_VERDICT_OK;
    if (*ret_verdict != APPLY_VERDICT_OK) return OK;
    TRY(add_event(tx, a, event, to, actor, fact, now_ms));
    bool further = to != a->state;
    follow(a, event, to, actor, fact, now_ms);
    TRY(application_write(tx, a));
    TRY(note_audit(tx, a, event, actor, now_ms));
    if (further) TRY(publish(tx, a, now_ms));
    if (application_is_told(event)) TRY(application_tell(as, tx, a));
    return OK;
}

err application_begin(const struct applications *as, struct store_tx *tx,
                      const struct application_actor *actor, bool english, const char *agent,
                      const struct token *secret, struct application *ret)
{
    struct application a = {.english = english, .product = PRODUCT_FREE};
    struct store_statement *insert;
    enum application_verdict verdict;
    int64_t now_ms = clock_now_ms(&as->clock);
    TRY(store_statement(tx->store,
                        "INSERT INTO application(secret, state, version, begun_ms, changed_ms,"
                        " sent_ms, erased_ms, due_ms, ends_ms, phone_ms, english, product, offered,"
                        " rules, outcome, findings, first_by, first_opinion, reason, appealed,"
                        " agent, entered_by) VALUES(?, 0, 0, ?, ?, 0, 0, 0, 0, 0, ?, 1, 0, 0, 0, 0,"
                        " 0, 0, 0, 0, ?, ?)",
                        &insert));
    store_bind_blob(insert, BYTES_OF(secret->hash));
    store_bind_int(insert, now_ms);
    store_bind_int(insert, now_ms);
    store_bind_int(insert, english);
    store_bind_text(insert, bytes_text(agent));
    store_bind_int(insert, actor->staff);
    TRY(store_run(insert));
    a.id = store_last_id(tx->store);
    a.begun_ms = now_ms;
    a.entered_by = actor->staff;
    TRY(bytes_to_text(bytes_text(agent), a.agent, sizeof a.agent));
    snprintf(a.number, sizeof a.number, "SQ%08lld", (long long)(a.id % 100000000));
    TRY(application_move(as, tx, &a, LIFE_BEGIN, actor, NULL, &verdict));
    ENSURE(verdict == APPLY_VERDICT_OK);
    *ret = a;
    return OK;
}

err application_set_secret(struct store_tx *tx, int64_t id, const struct token *secret)
{
    struct store_statement *update;
    TRY(store_statement(tx->store, "UPDATE application SET secret = ? WHERE id = ?", &update));
    store_bind_blob(update, BYTES_OF(secret->hash));
    store_bind_int(update, id);
    return store_run(update);
}
