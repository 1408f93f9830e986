/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts of other people (S57): an administrator's, of staff and owners; an owner's, of those who
 * work in the shops; a manager's, of the cashiers of his shop. An account is made with an address
 * and begins with a link that goes there: whoever makes it sees no secret and chooses no password
 * (CR-15). What is somebody else's is not found, as if it were not there (HS-01).
 */
#include <stdio.h>

#include "backoffice/accounts/entrance.h"
#include "backoffice/parts.h"

enum { BODY_MAX = 1024 };

/* May the caller know of this account? A manager knows who works in his shop. */
static bool may_know(const struct caller *caller, const struct account *a)
{
    if (caller->account.kind == ACCOUNT_STAFF) return true;
    return a->kind == ACCOUNT_OWNER && caller_may_see(caller, a->mid, a->outlet);
}

/* May the caller change this account, as it is or as it is to be? */
static bool in_charge(const struct caller *caller, const struct account *a)
{
    if (!may_know(caller, a)) return false;
    bool whole = caller->account.kind == ACCOUNT_STAFF || (caller->roles & ROLE_OWNER) != 0;
    return whole || a->roles == ROLE_CASHIER;
}

/* ---- list ---- */

struct listing {
    struct json_out j;
    const struct caller *caller;
};

static err list_one(void *context, const struct account *a)
{
    struct listing *l = context;
    if (!may_know(l->caller, a)) return OK;
    struct json_out *j = &l->j;
    json_object_begin(j);
    json_member_int(j, "id", a->id);
    json_member_string(j, "kind", a->kind == ACCOUNT_STAFF ? "staff" : "owner");
    json_member_string(j, "login", a->login);
    json_member_string(j, "name", a->name);
    json_member_string(j, "status", account_status_word(a->status));
    json_member_array(j, "roles");
    for (unsigned role = 1; role <= ROLE_FINANCE; role <<= 1)
        if ((a->roles & role) != 0) json_element_text(j, bytes_text(account_role_word(role)));
    json_array_end(j);
    json_member_string(j, "mid", a->mid);
    json_member_int(j, "outlet", a->outlet);
    json_member_bool(j, "factor", a->has_totp || a->passkeys > 0);
    json_member_bool(j, "yours", in_charge(l->caller, a) && a->id != l->caller->account.id);
    json_object_end(j);
    return OK;
}

static err on_people(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct listing l = {json_out_over(&response->body), call->caller};
    const char *mid = call->caller->account.mid;
    bool staff = call->caller->account.kind == ACCOUNT_STAFF;
    json_object_begin(&l.j);
    json_member_array(&l.j, "people");
    if (staff) TRY(accounts_each(b->store, ACCOUNT_STAFF, BYTES(""), list_one, &l));
    TRY(accounts_each(b->store, ACCOUNT_OWNER, bytes_text(mid), list_one, &l));
    json_array_end(&l.j);
    json_object_end(&l.j);
    return OK;
}

/* ---- add ---- */

static err parse_roles(const struct json_t *root, unsigned *ret_roles)
{
    struct json_t *list;
    size_t count = 0;
    unsigned roles = 0;
    TRY(json_list(root, "roles", 4, &list, &count));
    for (size_t i = 0; i < count; i++) {
        struct bytes word;
        TRY(json_value_text(json_at(list, i), 16, &word));
        unsigned role = account_role_of(word);
        if (role == 0) return ERR(FORMAT);
        roles |= role;
    }
    *ret_roles = roles;
    return OK;
}

static err parse_new(struct bytes body, struct account *a)
{
    static const char *const names[] = {"login", "name",  "roles",   "mid", "outlet",
                                        "mail",  "phone", "english", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    int64_t outlet = 0;
    TRY(json_parse(body, BODY_MAX, &d));
    TRY(json_only(d.root, names));
    TRY(json_text_copy(d.root, "login", a->login, sizeof a->login));
    TRY(json_text_copy(d.root, "name", a->name, sizeof a->name));
    TRY(json_text_copy(d.root, "mail", a->mail, sizeof a->mail));
    TRY(json_text_copy(d.root, "phone", a->phone, sizeof a->phone));
    TRY(json_text_copy(d.root, "mid", a->mid, sizeof a->mid));
    TRY(json_int(d.root, "outlet", 0, 9999, &outlet));
    TRY(json_bool(d.root, "english", &a->english));
    a->outlet = (uint32_t)outlet;
    TRY(parse_roles(d.root, &a->roles));
    a->kind = (a->roles & ROLES_STAFF) != 0 ? ACCOUNT_STAFF : ACCOUNT_OWNER;
    return a->mail[0] == '\0' ? ERR(MISSING) : OK; /* the link must have somewhere to go */
}

/* A decision of the registry about a value: told by its sentence. */
static bool told(const struct backoffice *b, err e, struct http_response *response)
{
    if (e.code != ERR_FORMAT && e.code != ERR_EXISTS && e.code != ERR_STATE) return false;
    http_response_error(response, e.code == ERR_EXISTS ? 409 : 400, err_name(e),
                        store_error_text(b->store));
    return true;
}

static err on_add(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct account a = {0};
    int64_t id = 0;
    const struct registry_actor actor = caller_actor(call->caller, call->now_ms);
    err e = parse_new(call->request->body, &a);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    if (!in_charge(call->caller, &a)) {
        backoffice_not_found(response);
        return OK;
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    e = account_add(&tx, &actor, &a, &id);
    if (told(b, e, response)) return OK;
    TRY(e);
    a.id = id;
    TRY(link_send(b, &tx, &actor, &a, LINK_SETUP));
    TRY(store_commit(&tx));
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_int(&j, "id", id);
    json_object_end(&j);
    return OK;
}

/* ---- change ---- */

/* The account that a request names; NOT_FOUND, answered, when it is none of the caller's. */
static err find(struct backoffice *b, const struct call *call, int64_t id, struct account *ret,
                bool *ret_found, struct http_response *response)
{
    err found = account_find(b->store, id, ret);
    *ret_found = !FAILED(found) && in_charge(call->caller, ret);
    if (!*ret_found) backoffice_not_found(response);
    return found.code == ERR_NOT_FOUND ? OK : found;
}

/* Nobody takes the own account away: there would be nobody left to give it back. */
static bool is_own(const struct call *call, int64_t id, struct http_response *response)
{
    if (call->caller->account.id != id) return false;
    http_response_error(response, 409, "own", "somebody else must do this to your account");
    return true;
}

static err parse_status(struct bytes body, int64_t *ret_id, enum account_status *ret_status)
{
    static const char *const names[] = {"id", "status", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    struct bytes word;
    TRY(json_parse(body, BODY_MAX, &d));
    TRY(json_only(d.root, names));
    TRY(json_int(d.root, "id", 1, INT64_MAX, ret_id));
    TRY(json_text(d.root, "status", 16, &word));
    for (int s = ACCOUNT_ACTIVE; s < ACCOUNT_STATUSES; s++)
        if (bytes_equal(word, bytes_text(account_status_word((enum account_status)s)))) {
            *ret_status = (enum account_status)s;
            return OK;
        }
    return ERR(FORMAT);
}

/* A suspended or closed account has no sessions, devices or links from this moment on (CR-34). */
static err on_status(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct account a;
    int64_t id = 0;
    bool found = false;
    enum account_status status = ACCOUNT_ACTIVE;
    const struct registry_actor actor = caller_actor(call->caller, call->now_ms);
    err e = parse_status(call->request->body, &id, &status);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    TRY(find(b, call, id, &a, &found, response));
    if (!found || is_own(call, id, response)) return OK;
    /* Active again only who has been: an invited one sets the account up. */
    if (status == ACCOUNT_ACTIVE && !a.has_totp && a.passkeys == 0) status = ACCOUNT_INVITED;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    e = account_set_status(&tx, &actor, id, status);
    if (told(b, e, response)) return OK;
    TRY(e);
    if (status != ACCOUNT_ACTIVE) TRY(session_end_others(&tx, id, 0, true, SESSION_RIGHTS));
    TRY(entrance_notify(b, &tx, &a, NOTICE_CHANGED, "", call->now_ms));
    response->status = 204;
    return store_commit(&tx);
}

static err parse_change(struct bytes body, int64_t *ret_id, unsigned *ret_roles,
                        int64_t *ret_outlet)
{
    static const char *const names[] = {"id", "roles", "outlet", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    TRY(json_parse(body, BODY_MAX, &d));
    TRY(json_only(d.root, names));
    TRY(json_int(d.root, "id", 1, INT64_MAX, ret_id));
    TRY(json_int(d.root, "outlet", 0, 9999, ret_outlet));
    return parse_roles(d.root, ret_roles);
}

/* Other roles are other sessions (HS-11): the person logs in again. */
static err on_roles(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct account a;
    int64_t id = 0, outlet = 0;
    unsigned roles = 0;
    bool found = false;
    const struct registry_actor actor = caller_actor(call->caller, call->now_ms);
    err e = parse_change(call->request->body, &id, &roles, &outlet);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    TRY(find(b, call, id, &a, &found, response));
    if (!found || is_own(call, id, response)) return OK;
    a.roles = roles;
    a.outlet = (uint32_t)outlet;
    if (!in_charge(call->caller, &a)) {
        backoffice_not_found(response);
        return OK;
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    e = account_set_roles(&tx, &actor, id, roles, (uint32_t)outlet);
    if (told(b, e, response)) return OK;
    TRY(e);
    TRY(session_end_others(&tx, id, 0, false, SESSION_RIGHTS));
    response->status = 204;
    return store_commit(&tx);
}

static err parse_id(struct bytes body, int64_t *ret_id)
{
    static const char *const names[] = {"id", NULL};
    CLEANUP(json_free) struct json_document d = {0};
    TRY(json_parse(body, BODY_MAX, &d));
    TRY(json_only(d.root, names));
    return json_int(d.root, "id", 1, INT64_MAX, ret_id);
}

/* What can be sent to this account now: 0 for nothing. A reset leaves the second factor as it is.
 */
static err link_for(struct backoffice *b, const struct account *a, int64_t now_ms,
                    enum link_kind *ret_kind)
{
    int64_t recent = 0;
    *ret_kind = 0;
    if (a->mail[0] == '\0') return OK;
    if (a->status == ACCOUNT_INVITED) *ret_kind = LINK_SETUP;
    if (a->status != ACCOUNT_ACTIVE) return OK;
    TRY(links_in_hour(b->store, a->id, LINK_RESET, now_ms, &recent));
    if (recent < RESET_LINKS_IN_HOUR) *ret_kind = LINK_RESET;
    return OK;
}

/* Another set-up link for who has not used the first; a reset link for who is active. It goes to
 * the registered address: whoever sends it does not see it (CR-15). */
static err on_link(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct account a;
    int64_t id = 0;
    bool found = false;
    enum link_kind kind = 0;
    const struct registry_actor actor = caller_actor(call->caller, call->now_ms);
    err e = parse_id(call->request->body, &id);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    TRY(find(b, call, id, &a, &found, response));
    if (!found || is_own(call, id, response)) return OK;
    TRY(link_for(b, &a, call->now_ms, &kind));
    if (kind == 0) {
        http_response_error(response, 409, "no_link",
                            "the account is suspended, has no address, or was sent three links");
        return OK;
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(b->store, &tx));
    TRY(link_send(b, &tx, &actor, &a, kind));
    response->status = 204;
    return store_commit(&tx);
}

#define IN_CHARGE (ROLE_ADMIN | ROLE_OWNER | ROLE_MANAGER)
#define PEOPLE_ROUTES(X)                                               \
    X(GET, "/people", SESSION, IN_CHARGE | ROLE_AUDITOR, 0, on_people) \
    X(POST, "/people/add", STEP_UP, IN_CHARGE, BODY_MAX, on_add)       \
    X(POST, "/people/status", STEP_UP, IN_CHARGE, 128, on_status)      \
    X(POST, "/people/roles", STEP_UP, IN_CHARGE, 256, on_roles)        \
    X(POST, "/people/link", STEP_UP, IN_CHARGE, 64, on_link)

static const struct route rows[] = {PEOPLE_ROUTES(ROUTE_ROW)};

const struct backoffice_part people_part = {
    .name = "people", .routes = rows, .route_count = ARRAY_LEN(rows)};
