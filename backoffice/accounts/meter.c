/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How strong is what is being typed? (S28) Only for who is in, or has a good link in hand: the
 * estimate takes some milliseconds of the loop, and nobody else has a password to choose.
 */
#include "backoffice/accounts/choice.h"
#include "backoffice/parts.h"
#include "lib/auth/strength.h"

enum { BODY_MAX = 4096 };

static err tell(struct backoffice *b, const struct call *call, const struct account *account,
                struct bytes typed, struct http_response *response)
{
    struct policy_person person;
    struct registry_merchant merchant;
    const struct policy policy = choice_policy(account->kind);
    enum policy_language language = choice_english(call->request) ? POLICY_EN : POLICY_ZH;
    TRY(choice_person(b, account, &merchant, &person));
    struct strength s = strength_of(&policy, &person, choice_blocklist(b), typed);
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_int(&j, "score", s.score);
    json_member_string(&j, "text", strength_text(s, language));
    json_object_end(&j);
    return OK;
}

/* Views live as long as the document. */
static err parse(struct bytes body, bool by_link, struct json_document *d, struct bytes *ret_typed,
                 struct bytes *ret_token)
{
    static const char *const names[] = {"password", "token", NULL};
    static const char *const alone[] = {"password", NULL};
    TRY(json_parse(body, BODY_MAX, d));
    TRY(json_only(d->root, by_link ? names : alone));
    TRY(json_text(d->root, "password", PASSWORD_TEXT_BYTES * 2, ret_typed));
    return by_link ? json_text(d->root, "token", TOKEN_TEXT, ret_token) : OK;
}

static err on_strength(struct backoffice *b, const struct call *call,
                       struct http_response *response)
{
    CLEANUP(json_free) struct json_document d = {0};
    struct bytes typed, token;
    err e = parse(call->request->body, false, &d, &typed, &token);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    return tell(b, call, &call->caller->account, typed, response);
}

/* Whose link it is, of either kind. */
static err find_link(struct backoffice *b, struct bytes token, int64_t now_ms, int64_t *ret_account)
{
    err found = ERR(NOT_FOUND);
    for (int kind = LINK_SETUP; kind <= LINK_RESET && found.code == ERR_NOT_FOUND; kind++) {
        uint8_t hash[TOKEN_HASH_BYTES];
        if (FAILED(token_hash(link_label((enum link_kind)kind), token, hash))) break;
        found = link_find(b->store, (enum link_kind)kind, hash, now_ms, ret_account);
    }
    return found;
}

static err on_by_link(struct backoffice *b, const struct call *call, struct http_response *response)
{
    CLEANUP(json_free) struct json_document d = {0};
    struct bytes typed, token;
    struct account account;
    int64_t id = 0;
    err e = parse(call->request->body, true, &d, &typed, &token);
    if (FAILED(e)) {
        backoffice_malformed(response, e);
        return OK;
    }
    e = find_link(b, token, call->now_ms, &id);
    if (!FAILED(e)) e = account_find(b->store, id, &account);
    if (e.code == ERR_NOT_FOUND) {
        http_response_error(response, 410, "link", "the link was used, replaced, or is too old");
        return OK;
    }
    TRY(e);
    return tell(b, call, &account, typed, response);
}

#define METER_ROUTES(X)                                                   \
    X(POST, "/strength/by-link", PUBLIC, ROLES_ALL, BODY_MAX, on_by_link) \
    X(POST, "/login/strength", HALF, ROLES_ALL, BODY_MAX, on_strength)    \
    X(POST, "/security/strength", SESSION, ROLES_ALL, BODY_MAX, on_strength)

static const struct route rows[] = {METER_ROUTES(ROUTE_ROW)};

const struct backoffice_part meter_part = {
    .name = "meter", .routes = rows, .route_count = ARRAY_LEN(rows)};
