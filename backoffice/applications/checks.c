/* SPDX-License-Identifier: Apache-2.0 */
/* Checks as rows that are worked off, one at a time. */
#include "backoffice/applications/checks.h"

#include <stdio.h>

#include "lib/base/reader.h"

enum { CHECKS_A_TURN = 16, CHECK_ROOM_MS = 1000 };

static const char *const migration[] = {
    "CREATE TABLE application_check(application INTEGER NOT NULL REFERENCES application(id),"
    " kind INTEGER NOT NULL, state INTEGER NOT NULL, tries INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL, next_ms INTEGER NOT NULL, PRIMARY KEY(application, kind)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE INDEX application_check_next ON application_check(next_ms) WHERE state < 3;",
};

const struct store_schema checks_schema = {"application_checks", migration, ARRAY_LEN(migration)};

const char *check_kind_word(enum check_kind kind)
{
    ENSURE(kind == CHECK_IDENTITY || kind == CHECK_ACCOUNT);
    return kind == CHECK_IDENTITY ? "identity" : "account";
}

const char *check_state_word(enum check_state state)
{
    static const char *const words[CHECK_STATES] = {[CHECK_WAITS] = "waits",
                                                    [CHECK_ASKED] = "asked",
                                                    [CHECK_RIGHT] = "right",
                                                    [CHECK_WRONG] = "wrong",
                                                    [CHECK_UNKNOWN] = "unknown"};
    ENSURE(state >= CHECK_WAITS && state < CHECK_STATES);
    return words[state];
}

const char *check_kind_text(enum check_kind kind, bool english)
{
    ENSURE(kind == CHECK_IDENTITY || kind == CHECK_ACCOUNT);
    if (kind == CHECK_IDENTITY)
        return english ? "Name, identity number and telephone" : "姓名、身份证号、手机号三要素";
    return english ? "The same and the account" : "结算账户四要素";
}

const char *check_state_text(enum check_state state, bool english)
{
    static const char *const zh[CHECK_STATES] = {"",     "等待核验", "核验中",
                                                 "一致", "不一致",   "无法核验，请人工核实"};
    static const char *const en[CHECK_STATES] = {
        "",      "Waits to be asked",       "Asked",
        "Right", "They do not go together", "Nobody could say: look into it yourself"};
    ENSURE(state >= CHECK_WAITS && state < CHECK_STATES);
    return english ? en[state] : zh[state];
}

err checks_of(struct store *store, int64_t application, struct check_row ret[CHECK_KINDS],
              size_t *ret_count)
{
    struct store_statement *rows;
    *ret_count = 0;
    TRY(store_statement(store,
                        "SELECT kind, state, tries, at_ms FROM application_check WHERE"
                        " application = ? ORDER BY kind LIMIT 2",
                        &rows));
    store_bind_int(rows, application);
    for (;;) {
        bool row = false;
        struct check_row *c = &ret[*ret_count];
        TRY(store_step(rows, &row));
        if (!row) return OK;
        c->kind = (enum check_kind)store_read_int(rows);
        c->state = (enum check_state)store_read_int(rows);
        c->tries = store_read_int(rows);
        c->at_ms = store_read_int(rows);
        err read = store_read_finish(rows);
        if (FAILED(read)) {
            store_reset(rows);
            return read;
        }
        ++*ret_count;
    }
}

static err put(struct store_tx *tx, int64_t application, enum check_kind kind,
               enum check_state state, int64_t tries, int64_t now_ms, int64_t next_ms)
{
    struct store_statement *insert;
    TRY(store_statement(tx->store,
                        "INSERT INTO application_check VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO"
                        " UPDATE SET state = excluded.state, tries = excluded.tries,"
                        " at_ms = excluded.at_ms, next_ms = excluded.next_ms",
                        &insert));
    store_bind_int(insert, application);
    store_bind_int(insert, (int64_t)kind);
    store_bind_int(insert, (int64_t)state);
    store_bind_int(insert, tries);
    store_bind_int(insert, now_ms);
    store_bind_int(insert, next_ms);
    return store_run(insert);
}

/* When the last one has ended, a person's turn comes. */
static err end_if_all(const struct applications *as, struct store_tx *tx, struct application *a)
{
    const struct application_actor actor = application_actor_named("checks", WHO_CHECK, 0);
    struct check_row row[CHECK_KINDS];
    enum application_verdict verdict;
    size_t count = 0;
    TRY(checks_of(tx->store, a->id, row, &count));
    for (size_t i = 0; i < count; i++)
        if (row[i].state < CHECK_RIGHT) return OK;
    return application_move(as, tx, a, LIFE_CHECKED, &actor, NULL, &verdict);
}

/*
 * Tries go on counting when it is asked anew, from the next round of CHECK_TRIES: a number names
 * one try for ever, so that whoever keeps numbers never answers with what he said of older values.
 */
static int64_t rounded(const struct check_row *row, size_t count, enum check_kind kind)
{
    for (size_t i = 0; i < count; i++)
        if (row[i].kind == kind)
            return (row[i].tries + CHECK_TRIES - 1) / CHECK_TRIES * CHECK_TRIES;
    return 0;
}

err checks_begin(const struct applications *as, struct store_tx *tx, struct application *a)
{
    const struct application_actor actor = application_actor_named("checks", WHO_CHECK, 0);
    enum application_verdict verdict = APPLY_VERDICT_OK;
    int64_t now_ms = clock_now_ms(&as->clock);
    bool driver = as->checks.ask != NULL;
    struct check_row row[CHECK_KINDS];
    size_t count = 0;
    if (a->state == APPLICATION_SENT)
        TRY(application_move(as, tx, a, LIFE_CHECK, &actor, NULL, &verdict));
    ENSURE(verdict == APPLY_VERDICT_OK && a->state == APPLICATION_CHECKING);
    TRY(checks_of(tx->store, a->id, row, &count));
    for (enum check_kind kind = CHECK_IDENTITY; kind < CHECK_KINDS; kind++)
        TRY(put(tx, a->id, kind, driver ? CHECK_WAITS : CHECK_UNKNOWN, rounded(row, count, kind),
                now_ms, now_ms));
    return end_if_all(as, tx, a);
}

/* ---- answers ---- */

static err settle(const struct applications *as, int64_t application, enum check_kind kind,
                  int64_t tries, enum check_state outcome)
{
    struct application a;
    struct check_row row[CHECK_KINDS];
    size_t count = 0;
    int64_t now_ms = clock_now_ms(&as->clock);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(as->store, &tx));
    TRY(checks_of(as->store, application, row, &count));
    bool asked = false;
    for (size_t i = 0; i < count; i++)
        asked =
            asked || (row[i].kind == kind && row[i].state == CHECK_ASKED && row[i].tries == tries);
    if (!asked) return OK; /* a late echo */
    TRY(application_find(as->store, application, &a));
    TRY(put(&tx, application, kind, outcome, tries, now_ms, 0));
    if (a.state == APPLICATION_CHECKING) TRY(end_if_all(as, &tx, &a));
    return store_commit(&tx);
}

/* "17-1-2": application, kind, try; false when it is none of ours. */
static bool read_number(const char *text, int64_t value[3])
{
    for (size_t i = 0; i < 3; i++) {
        size_t digits = strspn(text, "0123456789");
        if (digits < 1 || digits > 9 || text[digits] != (i < 2 ? '-' : '\0')) return false;
        struct reader r = reader_over(bytes_of(text, digits));
        value[i] = read_digits(&r, digits);
        text += digits + 1;
    }
    return true;
}

err checks_on_answer(const struct applications *as, const char *number, enum check_state outcome)
{
    int64_t value[3];
    ENSURE(outcome == CHECK_RIGHT || outcome == CHECK_WRONG || outcome == CHECK_UNKNOWN);
    if (!read_number(number, value)) return OK;
    return settle(as, value[0], (enum check_kind)value[1], value[2], outcome);
}

/* ---- asking ---- */

struct due_check {
    int64_t application, tries;
    enum check_kind kind;
    enum check_state state;
};

static err find_due(const struct applications *as, struct due_check *ret, bool *ret_any)
{
    struct store_statement *query;
    TRY(store_statement(as->store,
                        "SELECT application, kind, state, tries FROM application_check WHERE"
                        " state < 3 AND next_ms <= ? ORDER BY next_ms LIMIT 1",
                        &query));
    store_bind_int(query, clock_now_ms(&as->clock));
    TRY(store_step(query, ret_any));
    if (!*ret_any) return OK;
    ret->application = store_read_int(query);
    ret->kind = (enum check_kind)store_read_int(query);
    ret->state = (enum check_state)store_read_int(query);
    ret->tries = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    return read;
}

static err mark(const struct applications *as, const struct due_check *c, enum check_state state,
                int64_t tries, int64_t wait_ms)
{
    int64_t now_ms = clock_now_ms(&as->clock);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(as->store, &tx));
    TRY(put(&tx, c->application, c->kind, state, tries, now_ms, now_ms + wait_ms));
    return store_commit(&tx);
}

/* Is the account a business's own? What is called as the person is called is the person's. A
 * company's account is never a person's, so a name that is typed wrong stays a company's. */
static bool business_holds(const struct apply_form *form)
{
    if (!apply_is_asked(form, APPLY_LICENCE)) return false;
    return apply_type(form) == APPLICANT_COMPANY ||
           strcmp(form->text[APPLY_HOLDER], form->text[APPLY_OWNER]) != 0;
}

/* What cannot be read or sent is a try without an answer; where the driver has no room it was none.
 */
static err ask(const struct applications *as, const struct due_check *c, bool *ret_room)
{
    struct apply_form form;
    char identity[APPLY_TEXT_MAX + 1] = "", account[APPLY_TEXT_MAX + 1] = "";
    char number[3 * CHECK_NUMBER_MAX];
    bool account_too = c->kind == CHECK_ACCOUNT;
    TRY(application_form(as->store, c->application, &form));
    bool business = account_too && business_holds(&form);
    snprintf(number, sizeof number, "%lld-%d-%lld", (long long)c->application, (int)c->kind,
             (long long)c->tries + 1);
    err opened = OK;
    if (!business) opened = application_open_secret(as, c->application, APPLY_IDENTITY, identity);
    if (!FAILED(opened) && account_too)
        opened = application_open_secret(as, c->application, APPLY_ACCOUNT, account);
    const struct check_question question = {.number = number,
                                            .kind = c->kind,
                                            .name =
                                                form.text[account_too ? APPLY_HOLDER : APPLY_OWNER],
                                            .identity = identity,
                                            .phone = form.text[APPLY_PHONE],
                                            .account = account,
                                            .licence = business ? form.text[APPLY_LICENCE] : NULL};
    if (!FAILED(opened)) opened = as->checks.ask(as->checks.context, &question);
    *ret_room = opened.code != ERR_FULL;
    explicit_bzero(identity, sizeof identity);
    explicit_bzero(account, sizeof account);
    return OK;
}

err checks_run(const struct applications *as)
{
    for (int i = 0; i < CHECKS_A_TURN; i++) {
        struct due_check c;
        bool any = false;
        TRY(find_due(as, &c, &any));
        if (!any) return OK;
        bool last = c.tries > 0 && c.tries % CHECK_TRIES == 0;
        if (c.state == CHECK_ASKED && (last || as->checks.ask == NULL)) {
            TRY(settle(as, c.application, c.kind, c.tries, CHECK_UNKNOWN));
            continue;
        }
        bool room = true;
        TRY(mark(as, &c, CHECK_ASKED, c.tries + 1, CHECK_ANSWER_MS));
        if (as->checks.ask != NULL) TRY(ask(as, &c, &room));
        if (!room) return mark(as, &c, CHECK_WAITS, c.tries, CHECK_ROOM_MS);
    }
    return OK;
}
