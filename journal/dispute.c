/* SPDX-License-Identifier: Apache-2.0 */
/* Disputes and their steps: appended, and refused by the tables where they must be. */
#include "journal/dispute.h"

#include <assert.h>

static const char *const migration[] = {
    "CREATE TABLE dispute(number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,"
    " kind INTEGER NOT NULL CHECK(kind IN (1, 2)), rrn TEXT NOT NULL CHECK(length(rrn) = 12),"
    " row INTEGER NOT NULL, mid TEXT NOT NULL CHECK(mid <> ''), currency INTEGER NOT NULL,"
    " amount_minor INTEGER NOT NULL CHECK(amount_minor > 0),"
    " deadline_ms INTEGER NOT NULL CHECK(deadline_ms > at_ms),"
    " reason TEXT NOT NULL CHECK(reason <> ''),"
    " network_case TEXT NOT NULL UNIQUE CHECK(network_case <> ''),"
    " actor TEXT NOT NULL CHECK(actor <> '')) STRICT;"
    "CREATE INDEX dispute_deadline ON dispute(deadline_ms);"
    "CREATE TABLE dispute_step(number INTEGER PRIMARY KEY, dispute INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL, action INTEGER NOT NULL CHECK(action BETWEEN 1 AND 6),"
    " actor TEXT NOT NULL CHECK(actor <> ''), text TEXT NOT NULL CHECK(text <> ''),"
    " digest TEXT NOT NULL, money_order INTEGER NOT NULL,"
    " CHECK((action = 1) = (length(digest) = 64)), CHECK((action > 3) = (money_order > 0))) STRICT;"
    "CREATE INDEX dispute_step_of ON dispute_step(dispute);"
    "CREATE TRIGGER dispute_step_there BEFORE INSERT ON dispute_step"
    " WHEN NOT EXISTS(SELECT 1 FROM dispute WHERE number = NEW.dispute)"
    " BEGIN SELECT RAISE(ABORT, 'there is no such dispute'); END;"
    "CREATE TRIGGER dispute_step_open BEFORE INSERT ON dispute_step"
    " WHEN EXISTS(SELECT 1 FROM dispute_step WHERE dispute = NEW.dispute AND action > 2)"
    " BEGIN SELECT RAISE(ABORT, 'the dispute is over'); END;"
    "CREATE TRIGGER dispute_step_answer BEFORE INSERT ON dispute_step WHEN NEW.action = 2"
    " AND NOT EXISTS(SELECT 1 FROM dispute_step WHERE dispute = NEW.dispute AND action = 1)"
    " BEGIN SELECT RAISE(ABORT, 'an answer needs evidence'); END;"
    "CREATE TRIGGER dispute_step_answered BEFORE INSERT ON dispute_step"
    " WHEN NEW.action IN (1, 2, 5, 6)"
    " AND EXISTS(SELECT 1 FROM dispute_step WHERE dispute = NEW.dispute AND action = 2)"
    " BEGIN SELECT RAISE(ABORT, 'the dispute is answered'); END;"
    "CREATE TRIGGER dispute_step_decision BEFORE INSERT ON dispute_step WHEN NEW.action IN (3, 4)"
    " AND NOT EXISTS(SELECT 1 FROM dispute_step WHERE dispute = NEW.dispute AND action = 2)"
    " BEGIN SELECT RAISE(ABORT, 'a decision follows an answer'); END;"
    "CREATE TRIGGER dispute_step_order BEFORE INSERT ON dispute_step WHEN NEW.action > 3"
    " AND NOT EXISTS(SELECT 1 FROM money_order o JOIN dispute d ON d.number = NEW.dispute"
    " WHERE o.number = NEW.money_order AND o.kind = 9 AND o.mid = d.mid"
    " AND o.amount_minor = d.amount_minor)"
    " BEGIN SELECT RAISE(ABORT, 'its money order is not that of the dispute'); END;"
    "CREATE TRIGGER dispute_no_update BEFORE UPDATE ON dispute"
    " BEGIN SELECT RAISE(ABORT, 'disputes are append-only'); END;"
    "CREATE TRIGGER dispute_no_delete BEFORE DELETE ON dispute"
    " BEGIN SELECT RAISE(ABORT, 'disputes are append-only'); END;"
    "CREATE TRIGGER dispute_step_no_update BEFORE UPDATE ON dispute_step"
    " BEGIN SELECT RAISE(ABORT, 'disputes are append-only'); END;"
    "CREATE TRIGGER dispute_step_no_delete BEFORE DELETE ON dispute_step"
    " BEGIN SELECT RAISE(ABORT, 'disputes are append-only'); END;",

    "ALTER TABLE dispute ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;"
    "CREATE UNIQUE INDEX dispute_hold ON dispute(hold) WHERE hold > 0;"
    "CREATE TRIGGER dispute_holds BEFORE INSERT ON dispute"
    " WHEN (NEW.kind = 2) <> EXISTS(SELECT 1 FROM money_order WHERE number = NEW.hold"
    " AND kind = 1 AND mid = NEW.mid AND amount_minor = NEW.amount_minor)"
    " BEGIN SELECT RAISE(ABORT, 'a chargeback, and nothing else, holds its money'); END;"
    "CREATE TRIGGER dispute_hold_stays BEFORE INSERT ON money_order WHEN NEW.kind IN (2, 4)"
    " AND EXISTS(SELECT 1 FROM dispute d WHERE d.hold = NEW.original AND d.hold > 0 AND NOT"
    " EXISTS(SELECT 1 FROM dispute_step WHERE dispute = d.number AND action > 2))"
    " BEGIN SELECT RAISE(ABORT, 'a dispute decides about this hold'); END;"
    "DROP TRIGGER dispute_step_order;"
    "CREATE TRIGGER dispute_step_order BEFORE INSERT ON dispute_step WHEN NEW.action > 3"
    " AND NOT EXISTS(SELECT 1 FROM money_order o JOIN dispute d ON d.number = NEW.dispute"
    " WHERE o.number = NEW.money_order AND o.kind IN (9, 12, 13) AND o.mid = d.mid"
    " AND o.amount_minor = d.amount_minor)"
    " BEGIN SELECT RAISE(ABORT, 'its money order is not that of the dispute'); END;",

    /* Those whose deadline counts still: what is over is not looked at again every ten seconds. */
    "CREATE TABLE dispute_due(dispute INTEGER PRIMARY KEY, deadline_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX dispute_due_deadline ON dispute_due(deadline_ms);"
    "INSERT INTO dispute_due SELECT number, deadline_ms FROM dispute WHERE NOT EXISTS(SELECT 1"
    " FROM dispute_step WHERE dispute = dispute.number AND action > 1);"
    "CREATE TRIGGER dispute_due_from AFTER INSERT ON dispute"
    " BEGIN INSERT INTO dispute_due VALUES(NEW.number, NEW.deadline_ms); END;"
    "CREATE TRIGGER dispute_due_until AFTER INSERT ON dispute_step WHEN NEW.action > 1"
    " BEGIN DELETE FROM dispute_due WHERE dispute = NEW.dispute; END;"
    "DROP INDEX dispute_deadline;",

    /* Whoever gives a payment back looks for those about it. */
    "CREATE INDEX dispute_rrn ON dispute(rrn);",
};

const struct store_schema journal_dispute_schema = {"disputes", migration, ARRAY_LEN(migration)};

static const char *const kinds[DISPUTE_KINDS] = {"?", "retrieval", "chargeback"};
static const char *const actions[DISPUTE_ACTIONS] = {"?",    "evidence", "answered", "won",
                                                     "lost", "accepted", "missed"};

/* clang-format off */
static const struct dispute_reason reasons[] = {
    {"slip_wanted",     "调取签购单",               "the slip is asked for"},
    {"not_recognised",  "持卡人不认此笔交易",       "the cardholder does not recognise the payment"},
    {"fraud",           "持卡人称非本人交易",       "the cardholder says that somebody else paid"},
    {"not_received",    "未收到商品或服务",         "goods or service were not received"},
    {"not_as_described", "商品或服务与约定不符",    "goods or service were not what was agreed"},
    {"duplicate",       "重复扣款",                 "it was charged twice"},
    {"amount",          "金额不符",                 "the amount is another one"},
    {"not_refunded",    "已取消或退货但未退款",     "it was cancelled or given back and not refunded"},
};
/* clang-format on */

const struct dispute_reason *dispute_reasons(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(reasons);
    return reasons;
}

const struct dispute_reason *dispute_reason_of(const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (strcmp(reasons[i].code, code) == 0) return &reasons[i];
    return NULL;
}

const char *dispute_kind_name(enum dispute_kind kind)
{
    return kind < DISPUTE_KINDS ? kinds[kind] : "?";
}

const char *dispute_action_name(enum dispute_action action)
{
    return action < DISPUTE_ACTIONS ? actions[action] : "?";
}

const char *dispute_state_name(const struct dispute_state *state)
{
    if (state->end != 0) return dispute_action_name(state->end);
    return state->answered ? "answered" : "open";
}

/* ---- appending ---- */

err journal_dispute_append(struct store_tx *tx, const struct journal_dispute *d,
                           int64_t *ret_number)
{
    struct store_statement *s;
    ENSURE(tx->store != NULL && dispute_reason_of(d->reason) != NULL);
    TRY(store_statement(
        tx->store, "INSERT INTO dispute VALUES(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", &s));
    store_bind_int(s, d->at_ms);
    store_bind_int(s, d->kind);
    store_bind_text(s, bytes_text(d->rrn));
    store_bind_int(s, d->row);
    store_bind_text(s, bytes_text(d->mid));
    store_bind_int(s, d->currency);
    store_bind_int(s, d->amount_minor);
    store_bind_int(s, d->deadline_ms);
    store_bind_text(s, bytes_text(d->reason));
    store_bind_text(s, bytes_text(d->network_case));
    store_bind_text(s, bytes_text(d->actor));
    store_bind_int(s, d->hold);
    TRY(store_run(s));
    return store_query_int(tx->store, "SELECT max(number) FROM dispute", ret_number);
}

err journal_dispute_step(struct store_tx *tx, const struct dispute_step *step)
{
    struct store_statement *s;
    ENSURE(tx->store != NULL && step->action > 0 && step->action < DISPUTE_ACTIONS);
    TRY(store_statement(tx->store, "INSERT INTO dispute_step VALUES(NULL, ?, ?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_int(s, step->dispute);
    store_bind_int(s, step->at_ms);
    store_bind_int(s, step->action);
    store_bind_text(s, bytes_text(step->actor));
    store_bind_text(s, bytes_text(step->text));
    store_bind_text(s, bytes_text(step->digest));
    store_bind_int(s, step->order);
    return store_run(s);
}

/* ---- reading ---- */

static err read_dispute(struct store *store, struct store_statement *s, void *row)
{
    struct journal_dispute d = {.number = store_read_int(s)};
    d.at_ms = store_read_int(s);
    int64_t kind = store_read_int(s);
    store_read_text_into(s, d.rrn, sizeof d.rrn);
    d.row = store_read_int(s);
    store_read_text_into(s, d.mid, sizeof d.mid);
    d.currency = (uint16_t)store_read_int(s);
    d.amount_minor = store_read_int(s);
    d.deadline_ms = store_read_int(s);
    store_read_text_into(s, d.reason, sizeof d.reason);
    store_read_text_into(s, d.network_case, sizeof d.network_case);
    store_read_text_into(s, d.actor, sizeof d.actor);
    d.hold = store_read_int(s);
    TRY(store_read_finish(s));
    if (kind < DISPUTE_RETRIEVAL || kind >= DISPUTE_KINDS)
        return store_refuse(store, ERR(CORRUPT), "a dispute makes no sense", NULL);
    d.kind = (enum dispute_kind)kind;
    *(struct journal_dispute *)row = d;
    return OK;
}

static err read_step(struct store *store, struct store_statement *s, void *row)
{
    struct dispute_step step = {.number = store_read_int(s)};
    step.dispute = store_read_int(s);
    step.at_ms = store_read_int(s);
    int64_t action = store_read_int(s);
    store_read_text_into(s, step.actor, sizeof step.actor);
    store_read_text_into(s, step.text, sizeof step.text);
    store_read_text_into(s, step.digest, sizeof step.digest);
    step.order = store_read_int(s);
    TRY(store_read_finish(s));
    if (action < DISPUTE_EVIDENCE || action >= DISPUTE_ACTIONS)
        return store_refuse(store, ERR(CORRUPT), "a step of a dispute makes no sense", NULL);
    step.action = (enum dispute_action)action;
    *(struct dispute_step *)row = step;
    return OK;
}

/* The rows of `s`, which is bound, into `rows` of `size` bytes each. */
static err read_rows(struct store *store, struct store_statement *s,
                     err (*read)(struct store *, struct store_statement *, void *), void *rows,
                     size_t size, size_t max, size_t *ret_count)
{
    size_t count = 0;
    for (;;) {
        bool there = false;
        TRY(store_step(s, &there));
        if (!there) break;
        ENSURE(count < max);
        err failure = read(store, s, (uint8_t *)rows + count * size);
        if (FAILED(failure)) {
            store_reset(s);
            return failure;
        }
        count++;
    }
    *ret_count = count;
    return OK;
}

err journal_dispute_read(struct store *store, int64_t from, struct journal_dispute *rows,
                         size_t max, size_t *ret_count)
{
    struct store_statement *s;
    TRY(store_statement(store, "SELECT * FROM dispute WHERE number >= ? ORDER BY number LIMIT ?",
                        &s));
    store_bind_int(s, from);
    store_bind_int(s, (int64_t)max);
    return read_rows(store, s, read_dispute, rows, sizeof *rows, max, ret_count);
}

err journal_dispute_find(struct store *store, int64_t number, struct journal_dispute *out)
{
    struct journal_dispute found;
    size_t count = 0;
    TRY(journal_dispute_read(store, number, &found, 1, &count));
    if (count == 0 || found.number != number) return ERR(NOT_FOUND);
    *out = found;
    return OK;
}

err journal_dispute_steps(struct store *store, int64_t dispute, int64_t from,
                          struct dispute_step *rows, size_t max, size_t *ret_count)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "SELECT * FROM dispute_step WHERE dispute = ? AND number >= ?"
                        " ORDER BY number LIMIT ?",
                        &s));
    store_bind_int(s, dispute);
    store_bind_int(s, from);
    store_bind_int(s, (int64_t)max);
    return read_rows(store, s, read_step, rows, sizeof *rows, max, ret_count);
}

err journal_dispute_state(struct store *store, int64_t number, struct dispute_state *out)
{
    struct dispute_state state = {.evidence = 0};
    struct dispute_step step;
    size_t count = 1;
    for (int64_t from = 1; count == 1; from = step.number + 1) {
        TRY(journal_dispute_steps(store, number, from, &step, 1, &count));
        if (count == 0) break;
        state.evidence += step.action == DISPUTE_EVIDENCE;
        state.answered = state.answered || step.action == DISPUTE_ANSWERED;
        if (step.action <= DISPUTE_ANSWERED) continue;
        state.end = step.action;
        state.order = step.order;
    }
    *out = state;
    return OK;
}

err journal_dispute_of_hold(struct store *store, int64_t hold, int64_t *ret_number)
{
    struct store_statement *s;
    bool there = false;
    TRY(store_statement(store,
                        "SELECT number FROM dispute WHERE hold = ? AND hold > 0 AND NOT EXISTS("
                        "SELECT 1 FROM dispute_step WHERE dispute = dispute.number AND action > 2)",
                        &s));
    store_bind_int(s, hold);
    TRY(store_step(s, &there));
    if (!there) return ERR(NOT_FOUND);
    int64_t number = store_read_int(s);
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    *ret_number = number;
    return OK;
}

err journal_disputed(struct store *store, const char *rrn, int64_t *ret_minor)
{
    struct store_statement *s;
    bool row = false;
    static_assert(DISPUTE_WON == 3, "in the text below");
    TRY(store_statement(store,
                        "SELECT coalesce(sum(amount_minor), 0) FROM dispute INDEXED BY dispute_rrn"
                        " WHERE rrn = ? AND NOT EXISTS(SELECT 1 FROM dispute_step"
                        " WHERE dispute = dispute.number AND action = 3)",
                        &s));
    store_bind_text(s, bytes_text(rrn));
    TRY(store_step(s, &row));
    ENSURE(row);
    int64_t minor = store_read_int(s);
    err read = store_read_finish(s);
    store_reset(s);
    TRY(read);
    *ret_minor = minor;
    return OK;
}

err journal_dispute_overdue(struct store *store, int64_t at_ms, struct journal_dispute *rows,
                            size_t max, size_t *ret_count)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "SELECT d.* FROM dispute_due u JOIN dispute d ON d.number = u.dispute"
                        " WHERE u.deadline_ms <= ? ORDER BY u.deadline_ms LIMIT ?",
                        &s));
    store_bind_int(s, at_ms);
    store_bind_int(s, (int64_t)max);
    return read_rows(store, s, read_dispute, rows, sizeof *rows, max, ret_count);
}
