/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choosing a password: the first one by a set-up link, another one by a reset link, by knowing the
 * present one, or because it must be changed.
 *
 * A link's token stands behind the '#' of its address, which browsers send to nobody; the page
 * hands it over in a body. It is looked at first, and taken with the new password in one
 * transaction, so of any number of takers one wins. A reset ends every session and forgets every
 * device; the second factor is asked for as always (S40, CR-12, CR-14).
 *
 * Who asks for a reset is answered before anybody has looked whether the account exists.
 */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/accounts/choice.h"
#include "backoffice/accounts/entrance.h"
#include "backoffice/desk/tickets.h"
#include "backoffice/parts.h"

enum { BODY_MAX = 8192, LINK_PATH_MAX = 64, RESETS_A_TURN = 4 };

/* ---- requests for a link ---- */

struct reset_asked {
    enum realm realm;
    char name[CONTACT_MAIL_MAX + 1];
};

struct resets {
    struct reset_asked asked[RESET_WAITING];
    size_t first, count;
};

static err on_reset_request(struct backoffice *b, const struct call *call,
                            struct http_response *response)
{
    static const char *const names[] = {"name", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    struct resets *r = b->resets;
    struct reset_asked asked = {.realm = call->realm};
    err e = json_parse(call->request->body, BODY_MAX, &d);
    if (!FAILED(e)) e = json_only(d.root, names);
    if (!FAILED(e)) e = json_text_copy(d.root, "name", asked.name, sizeof asked.name);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    if (r->count == RESET_WAITING) {
        http_response_error(response, 429, "busy", "too many at a time; try again in a moment");
        return OK;
    }
    r->asked[(r->first + r->count++) % RESET_WAITING] = asked;
    response->status = 202;
    write_bytes(&response->body, BYTES("{\"state\":\"sent\"}"));
    return OK;
}

/* "https://pay.example/staff/reset#TOKEN". */
static void link_address(const struct backoffice *b, const struct account *account,
                         enum link_kind kind, const struct token *token, char *out, size_t size)
{
    snprintf(out, size, "%s/%s%s#%s", b->config.origin,
             account->kind == ACCOUNT_STAFF ? "staff/" : "", kind == LINK_SETUP ? "setup" : "reset",
             token->text);
}

err link_send_for(struct backoffice *b, struct store_tx *tx, const struct registry_actor *actor,
                  const struct account *account, enum link_kind kind, int64_t valid_ms,
                  bool *ret_taken)
{
    char address[LINK_PATH_MAX + 256];
    CLEANUP(token_wipe) struct token token;
    token_make(&b->config.random, link_label(kind), &token);
    TRY(link_add(tx, actor, account->id, kind, token.hash, actor->at_ms + valid_ms));
    link_address(b, account, kind, &token, address, sizeof address);
    err sent = entrance_send_link(b, tx, account, address, valid_ms, actor->at_ms, ret_taken);
    explicit_bzero(address, sizeof address);
    return sent;
}

err link_send(struct backoffice *b, struct store_tx *tx, const struct registry_actor *actor,
              const struct account *account, enum link_kind kind)
{
    bool taken = false; /* who has not got it asks again */
    return link_send_for(b, tx, actor, account, kind,
                         kind == LINK_SETUP ? LINK_SETUP_MS : LINK_RESET_MS, &taken);
}

static err answer_reset(struct backoffice *b, const struct reset_asked *asked)
{
    struct account account;
    int64_t recent = 0, now_ms = backoffice_now_ms(b);
    err found =
        account_find_login(b->store, session_kind(asked->realm), bytes_text(asked->name), &account);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (account.status != ACCOUNT_ACTIVE) return OK;
    TRY(links_in_hour(b->store, account.id, LINK_RESET, now_ms, &recent));
    if (recent >= RESET_LINKS_IN_HOUR) return OK;
    const struct registry_actor actor = {BYTES("backoffice"), now_ms};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(link_send(b, &tx, &actor, &account, LINK_RESET));
    return store_commit(&tx);
}

/* After the answers have left; a few a turn, so that nobody waits behind them. */
static err flush_setup(struct backoffice *b)
{
    struct resets *r = b->resets;
    for (int i = 0; i < RESETS_A_TURN && r->count > 0; i++) {
        struct reset_asked asked = r->asked[r->first];
        r->first = (r->first + 1) % RESET_WAITING;
        r->count--;
        TRY(answer_reset(b, &asked));
    }
    return OK;
}

/* ---- links ---- */

struct by_link {
    uint8_t hash[TOKEN_HASH_BYTES];
    struct account account;
    struct bytes password; /* view into the document */
};

/* The account of the link in `token`; NOT_FOUND when it is good for nothing (any more). */
static err parse_link(struct backoffice *b, const struct json_t *root, enum link_kind kind,
                      const struct call *call, struct by_link *out)
{
    struct bytes text;
    int64_t account = 0;
    if (FAILED(json_text(root, "token", TOKEN_TEXT, &text)) ||
        FAILED(token_hash(link_label(kind), text, out->hash)))
        return ERR(NOT_FOUND);
    TRY(link_find(b->store, kind, out->hash, call->now_ms, &account));
    TRY(account_find(b->store, account, &out->account));
    bool open = out->account.status == ACCOUNT_ACTIVE || out->account.status == ACCOUNT_INVITED;
    return open && out->account.kind == session_kind(call->realm) ? OK : ERR(NOT_FOUND);
}

static void link_gone(struct http_response *response)
{
    http_response_error(response, 410, "link", "the link was used, replaced, or is too old");
}

static err look(struct backoffice *b, const struct call *call, struct http_response *response,
                enum link_kind kind)
{
    static const char *const names[] = {"token", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    struct by_link by;
    err e = json_parse(call->request->body, BODY_MAX, &d);
    if (!FAILED(e)) e = json_only(d.root, names);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    e = parse_link(b, d.root, kind, call, &by);
    if (e.code == ERR_NOT_FOUND) {
        link_gone(response);
        return OK;
    }
    TRY(e);
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_string(&j, "login", by.account.login);
    json_member_string(&j, "name", by.account.name);
    choice_describe(&j, by.account.kind, choice_english(call->request));
    json_object_end(&j);
    return OK;
}

static err on_setup_look(struct backoffice *b, const struct call *call,
                         struct http_response *response)
{
    return look(b, call, response, LINK_SETUP);
}

static err on_reset_look(struct backoffice *b, const struct call *call,
                         struct http_response *response)
{
    return look(b, call, response, LINK_RESET);
}

/* The present and the last few records: what a new password may not be. */
static err take_old(struct backoffice *b, const struct account *account, struct task *task)
{
    const struct policy policy = choice_policy(account->kind);
    size_t most = policy.history < HASH_OLD_PASSWORDS ? policy.history : HASH_OLD_PASSWORDS;
    if (most == 0) return OK;
    if (account->password[0] != '\0')
        memcpy(task->old[task->old_count++], account->password, PASSWORD_RECORD_MAX);
    size_t more = 0;
    TRY(credential_old_passwords(b->store, account->id, most - task->old_count,
                                 &task->old[task->old_count], &more));
    task->old_count += more;
    return OK;
}

/* Checks the choice and sends it to be hashed; 422 when it is refused. */
static err hash_choice(struct backoffice *b, const struct call *call, struct task *task,
                       const struct account *account, struct bytes typed,
                       struct http_response *response)
{
    bool accepted = false;
    TRY(choice_check(b, account, typed, choice_english(call->request), &task->chosen, &accepted,
                     response));
    if (!accepted) return OK;
    memcpy(task->present, account->password, sizeof task->present);
    task->account = account->id;
    task->trusted = true;
    task->english = choice_english(call->request);
    TRY(take_old(b, account, task));
    hashing_take(b, task, response);
    return OK;
}

static err choose_by_link(struct backoffice *b, const struct call *call,
                          struct http_response *response, enum link_kind kind)
{
    static const char *const names[] = {"token", "password", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    CLEANUP(task_wipe) struct task task;
    struct by_link by;
    struct bytes typed;
    err e = json_parse(call->request->body, BODY_MAX, &d);
    if (!FAILED(e)) e = json_only(d.root, names);
    if (!FAILED(e)) e = json_text(d.root, "password", PASSWORD_TEXT_BYTES * 2, &typed);
    task_from(call, kind == LINK_SETUP ? TASK_SETUP : TASK_RESET, &task);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    e = parse_link(b, d.root, kind, call, &by);
    if (e.code == ERR_NOT_FOUND) {
        link_gone(response);
        return OK;
    }
    TRY(e);
    memcpy(task.link, by.hash, sizeof task.link);
    return hash_choice(b, call, &task, &by.account, typed, response);
}

static err on_setup(struct backoffice *b, const struct call *call, struct http_response *response)
{
    return choose_by_link(b, call, response, LINK_SETUP);
}

static err on_reset(struct backoffice *b, const struct call *call, struct http_response *response)
{
    return choose_by_link(b, call, response, LINK_RESET);
}

static err start_nothing(struct backoffice *b, struct task *task)
{
    (void)b;
    (void)task;
    return OK;
}

/* Takes the link and sets the password, in this transaction; *ret_won is false for all but one. */
static err take_link(const struct backoffice *b, struct store_tx *tx, const struct task *task,
                     enum link_kind kind, const struct backoffice_hashed *result, int64_t now_ms,
                     bool *ret_won)
{
    int64_t whose = 0;
    struct account account;
    const struct registry_actor actor = {BYTES("backoffice"), now_ms};
    TRY(link_take(tx, &actor, kind, task->link, ret_won, &whose));
    if (!*ret_won) return OK;
    ENSURE(whose == task->account);
    TRY(credential_set_password(tx, &actor, whose, bytes_text(result->record), false));
    TRY(account_find(b->store, whose, &account));
    TRY(choice_note(b, tx, &account, now_ms));
    return session_end_others(tx, whose, 0, true, SESSION_PASSWORD);
}

static err done_setup(struct backoffice *b, struct task *task,
                      const struct backoffice_hashed *result, struct http_response *response)
{
    bool won = false;
    struct account account;
    const struct entrance from = {task->realm, task->address,       task->agent, 0,
                                  0,           backoffice_now_ms(b)};
    if (result->reused) {
        choice_refuse(POLICY_HISTORY, task->english, response);
        return OK;
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(take_link(b, &tx, task, LINK_SETUP, result, from.now_ms, &won));
    if (!won) {
        link_gone(response);
        return OK;
    }
    TRY(credential_allow_enrolment(&tx, task->account, from.now_ms + SESSION_ENROL_MS));
    if (b->desk != NULL) TRY(ticket_account_in(b->desk, &tx, task->account));
    TRY(account_find(b->store, task->account, &account));
    return entrance_half(b, &tx, &account, &from, response);
}

static err done_reset(struct backoffice *b, struct task *task,
                      const struct backoffice_hashed *result, struct http_response *response)
{
    bool won = false;
    struct account account;
    int64_t now_ms = backoffice_now_ms(b);
    if (result->reused) {
        choice_refuse(POLICY_HISTORY, task->english, response);
        return OK;
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(take_link(b, &tx, task, LINK_RESET, result, now_ms, &won));
    if (!won) {
        link_gone(response);
        return OK;
    }
    struct tries_key outside = tries_of_account(task->account),
                     inside = tries_of_inside(task->account);
    TRY(tries_give_back(&tx, &outside));
    TRY(tries_give_back(&tx, &inside));
    TRY(account_find(b->store, task->account, &account));
    TRY(entrance_notify(b, &tx, &account, NOTICE_CHANGED, task->address, now_ms));
    TRY(store_commit(&tx));
    session_drop_cookie(b, task->realm, response);
    write_bytes(&response->body, BYTES("{\"state\":\"out\"}"));
    return OK;
}

const struct task_rules setup_task = {start_nothing, done_setup};
const struct task_rules reset_task = {start_nothing, done_reset};

/* ---- by somebody who is in ---- */

static err on_change(struct backoffice *b, const struct call *call, struct http_response *response)
{
    static const char *const names[] = {"current", "password", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    CLEANUP(task_wipe) struct task task;
    struct bytes typed, current;
    const struct account *account = &call->caller->account;
    err e = json_parse(call->request->body, BODY_MAX, &d);
    if (!FAILED(e)) e = json_only(d.root, names);
    if (!FAILED(e)) e = json_text(d.root, "password", PASSWORD_TEXT_BYTES * 2, &typed);
    if (!FAILED(e)) e = json_text(d.root, "current", PASSWORD_TEXT_BYTES, &current);
    task_from(call, TASK_CHANGE, &task);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    (void)password_normalise(current, &task.password);
    memcpy(task.record, account->password, sizeof task.record);
    task.session = call->caller->session;
    task.tries = tries_of_inside(account->id);
    if (task.record[0] == '\0') {
        http_response_error(response, 409, "password",
                            "this account has no password; ask for a reset");
        return OK;
    }
    return hash_choice(b, call, &task, account, typed, response);
}

/* A wrong present password is a try like any other (CR-02). */
static err start_change(struct backoffice *b, struct task *task)
{
    bool last = false;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(tries_spend(&tx, &task->tries, backoffice_now_ms(b), &task->spent, &last));
    return store_commit(&tx);
}

/* Sets it, ends all other sessions and tells the person; `task->session` goes on under a new token.
 */
static err finish_change(struct backoffice *b, struct task *task,
                         const struct backoffice_hashed *result, enum session_stage stage,
                         struct http_response *response)
{
    struct account account;
    char csrf[SESSION_CSRF_TEXT + 1], subject[ACCOUNT_SUBJECT_MAX];
    int64_t now_ms = backoffice_now_ms(b);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(account_find(b->store, task->account, &account));
    account_subject(&account, subject);
    const struct registry_actor actor = {bytes_text(subject), now_ms};
    bool stale = strcmp(account.password, task->present) != 0;
    if (account.status != ACCOUNT_ACTIVE || stale) {
        http_response_error(response, 409, "changed", "the account was changed meanwhile");
        return OK;
    }
    TRY(credential_set_password(&tx, &actor, account.id, bytes_text(result->record), false));
    TRY(choice_note(b, &tx, &account, now_ms));
    TRY(tries_give_back(&tx, &task->tries));
    TRY(session_end_others(&tx, account.id, task->session, false, SESSION_PASSWORD));
    account.must_change = false;
    const struct session_start start = {
        &account,      SESSION_FULL, task->session, stage == SESSION_CHANGE,
        task->address, task->agent,  now_ms};
    TRY(session_begin(b, &tx, &start, response, csrf));
    TRY(entrance_notify(b, &tx, &account, NOTICE_CHANGED, task->address, now_ms));
    TRY(store_commit(&tx));
    entrance_write(&account, SESSION_FULL, csrf, 0, BYTES(""), &response->body);
    return OK;
}

static err done_change(struct backoffice *b, struct task *task,
                       const struct backoffice_hashed *result, struct http_response *response)
{
    if (!result->right || !task->spent) {
        http_response_error(response, 403, "current", "the present password is wrong");
        return OK;
    }
    if (result->reused) {
        choice_refuse(POLICY_HISTORY, task->english, response);
        return OK;
    }
    return finish_change(b, task, result, SESSION_FULL, response);
}

static err on_forced(struct backoffice *b, const struct call *call, struct http_response *response)
{
    static const char *const names[] = {"password", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    CLEANUP(task_wipe) struct task task;
    struct bytes typed;
    err e = json_parse(call->request->body, BODY_MAX, &d);
    if (!FAILED(e)) e = json_only(d.root, names);
    if (!FAILED(e)) e = json_text(d.root, "password", PASSWORD_TEXT_BYTES * 2, &typed);
    task_from(call, TASK_FORCED, &task);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    if (!entrance_at(call, SESSION_CHANGE, response)) return OK;
    task.session = call->caller->session;
    task.tries = tries_of_inside(call->caller->account.id);
    return hash_choice(b, call, &task, &call->caller->account, typed, response);
}

static err done_forced(struct backoffice *b, struct task *task,
                       const struct backoffice_hashed *result, struct http_response *response)
{
    if (result->reused) {
        choice_refuse(POLICY_HISTORY, task->english, response);
        return OK;
    }
    return finish_change(b, task, result, SESSION_CHANGE, response);
}

const struct task_rules change_task = {start_change, done_change};
const struct task_rules forced_task = {start_nothing, done_forced};

/* ---- the part ---- */

#define SETUP_ROUTES(X)                                                  \
    X(POST, "/setup/look", PUBLIC, ROLES_ALL, 256, on_setup_look)        \
    X(POST, "/setup", PUBLIC, ROLES_ALL, BODY_MAX, on_setup)             \
    X(POST, "/reset/request", PUBLIC, ROLES_ALL, 1024, on_reset_request) \
    X(POST, "/reset/look", PUBLIC, ROLES_ALL, 256, on_reset_look)        \
    X(POST, "/reset", PUBLIC, ROLES_ALL, BODY_MAX, on_reset)             \
    X(POST, "/login/change", HALF, ROLES_ALL, BODY_MAX, on_forced)       \
    X(POST, "/security/password", SESSION, ROLES_ALL, BODY_MAX, on_change)

static const struct route rows[] = {SETUP_ROUTES(ROUTE_ROW)};

static err open_setup(struct backoffice *b)
{
    b->resets = calloc(1, sizeof *b->resets);
    return b->resets == NULL ? ERR(NO_MEMORY) : OK;
}

static void close_setup(struct backoffice *b)
{
    free(b->resets);
    b->resets = NULL;
}

const struct backoffice_part setup_part = {.name = "setup",
                                           .routes = rows,
                                           .route_count = ARRAY_LEN(rows),
                                           .open = open_setup,
                                           .close = close_setup,
                                           .flush = flush_setup};
