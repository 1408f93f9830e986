/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payout accounts behind HTTP: the owner sees and asks, two members of staff approve. An account's
 * number comes in once, to be sealed; what goes out is its last four digits.
 */
#include <assert.h>
#include <stdio.h>

#include "backoffice/accounts/session.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/desk/payout_change.h"
#include "backoffice/parts.h"
#include "backoffice/uploads/uploads_http.h"
#include "lib/auth/token.h"

enum { PAYOUT_BODY_MAX = 1024, PAYOUT_LISTED_MAX = 50, NUMBER_TYPED_MAX = 64 };

/* ---- answers ---- */

static void write_cooling(struct json_out *j, const struct cooling_verdict *cooling)
{
    static const char *const reasons[] = {"", "recovered", "under_way"};
    json_member_object(j, "cooling");
    json_member_string(j, "reason", reasons[cooling->reason]);
    json_member_string(j, "text_zh", cooling_reason_text(cooling->reason, false));
    json_member_string(j, "text_en", cooling_reason_text(cooling->reason, true));
    json_member_int(j, "until", cooling->until_ms);
    json_object_end(j);
}

static void write_answer(struct http_response *response, const struct payout_answer *a)
{
    bool ok = a->verdict == PAYOUT_OK || a->verdict == PAYOUT_NEEDS_SECOND;
    response->status = ok ? 200 : a->verdict == PAYOUT_NONE ? 404 : 409;
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_string(&j, "verdict", payout_verdict_name(a->verdict));
    if (!ok) json_member_string(&j, "error", payout_verdict_name(a->verdict));
    json_member_int(&j, "request", a->request);
    if (a->verdict == PAYOUT_COOLS) {
        json_member_string(&j, "message", cooling_reason_text(a->cooling.reason, true));
        write_cooling(&j, &a->cooling);
    }
    json_object_end(&j);
}

static void write_details(struct json_out *j, const struct payout_details *d)
{
    json_member_string(j, "holder", d->holder);
    json_member_string(j, "bank", d->bank);
    json_member_string(j, "last4", d->last4);
}

static err write_request(struct backoffice *b, struct json_out *j, const struct payout_request *r)
{
    json_member_int(j, "id", r->id);
    write_details(j, &r->details);
    json_member_string(j, "state", payout_state_word(r->state));
    json_member_string(j, "asked_by", r->asked_by);
    json_member_int(j, "asked", r->asked_ms);
    json_member_int(j, "expires", r->expires_ms);
    json_member_int(j, "settled", r->settled_ms);
    json_member_string(j, "reason", r->reason);
    json_member_int(j, "approvals", r->approvals);
    json_member_int(j, "needed", PAYOUT_STAFF);
    return papers_write(b, j, UPLOAD_OF_PAYOUT, r->id, PAPERS_OF_PAYOUT);
}

/* The version that holds, and whether it may change now: for one merchant. */
static err write_merchant(struct backoffice *b, struct json_out *j, const char *mid)
{
    struct payout_account account = {.version = 0};
    struct cooling_verdict cooling;
    int64_t now_ms = backoffice_now_ms(b);
    err found = payout_find(b->store, mid, now_ms, &account);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    TRY(cooling_check(b->store, mid, now_ms, &cooling));
    json_member_object(j, "account");
    json_member_int(j, "version", account.version);
    write_details(j, &account.details);
    json_member_int(j, "since", account.since_ms);
    json_object_end(j);
    write_cooling(j, &cooling);
    return OK;
}

/* ---- the owner ---- */

static err on_own(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct payout_request r;
    const char *mid = call->caller->account.mid;
    if (!desk_is_there(b, response)) return OK;
    err found = payout_request_latest(b->store, mid, &r);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_int(&j, "now", b->desk_room->changes);
    json_member_int(&j, "clock", call->now_ms);
    TRY(write_merchant(b, &j, mid));
    json_member_array(&j, "requests"); /* the newest, when there is one */
    if (!FAILED(found)) {
        json_object_begin(&j);
        TRY(write_request(b, &j, &r));
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

static struct desk_owner owner_of(const struct call *call)
{
    const struct account *a = &call->caller->account;
    struct desk_owner owner = {.id = a->id};
    static_assert(sizeof owner.login >= sizeof a->login && sizeof owner.mid == sizeof a->mid,
                  "copied whole");
    memcpy(owner.mid, a->mid, sizeof a->mid);
    memcpy(owner.login, a->login, sizeof a->login);
    return owner;
}

/* The key that seals the numbers of this merchant; false when the hsm is away. */
static bool seal_key(struct backoffice *b, const char *mid, uint8_t key[SMALL_SEAL_KEY_BYTES])
{
    char whose[PAYOUT_LABEL_MAX];
    uint8_t digest[PASSWORD_DIGEST_BYTES];
    const struct password_keyed *port = &b->ports.keyed;
    static_assert((int)PASSWORD_KEYED_BYTES == (int)SMALL_SEAL_KEY_BYTES, "a key of the hsm seals");
    payout_seal_label(mid, whose);
    token_digest("seal of payout", bytes_text(whose), digest);
    return !FAILED(port->make(port->context, bytes_text(whose), digest, key));
}

static err on_ask(struct backoffice *b, const struct call *call, struct http_response *response)
{
    static const char *const names[] = {"holder", "bank", "number", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct desk_owner owner = owner_of(call);
    struct payout_form form = {{0}};
    struct payout_answer answer;
    uint8_t key[SMALL_SEAL_KEY_BYTES];
    if (!desk_body(b, call, names, &document, response)) return OK;
    err read = json_text(document.root, "holder", PAYOUT_NAME_MAX, &form.holder);
    if (!FAILED(read)) read = json_text(document.root, "bank", PAYOUT_NAME_MAX, &form.bank);
    if (!FAILED(read)) read = json_text(document.root, "number", NUMBER_TYPED_MAX, &form.number);
    if (FAILED(read)) {
        backoffice_malformed(response, read);
        return OK;
    }
    if (!seal_key(b, owner.mid, key)) {
        backoffice_unavailable(response, ERR(REFUSED));
        return OK;
    }
    err asked = payout_change_ask(b->desk, &owner, &form, key, &answer);
    explicit_bzero(key, sizeof key);
    TRY(asked);
    write_answer(response, &answer);
    return OK;
}

/* {"request":N} and `reason`, when it is asked for. */
static bool read_request(struct backoffice *b, const struct call *call, int64_t *id,
                         char reason[static PAYOUT_REASON_MAX + 1], bool with_reason,
                         struct http_response *response)
{
    static const char *const plain[] = {"request", NULL}, *const both[] = {"request", "reason",
                                                                           NULL};
    CLEANUP(json_free) struct json_document document = {0};
    if (!desk_body(b, call, with_reason ? both : plain, &document, response)) return false;
    err read = json_int(document.root, "request", 1, INT64_MAX, id);
    if (!FAILED(read) && with_reason)
        read = json_text_copy(document.root, "reason", reason, PAYOUT_REASON_MAX + 1);
    if (FAILED(read)) backoffice_malformed(response, read);
    return !FAILED(read);
}

static err on_withdraw(struct backoffice *b, const struct call *call,
                       struct http_response *response)
{
    struct desk_owner owner = owner_of(call);
    struct payout_answer answer;
    char none[PAYOUT_REASON_MAX + 1];
    int64_t id = 0;
    if (!read_request(b, call, &id, none, false, response)) return OK;
    TRY(payout_change_withdraw(b->desk, &owner, id, &answer));
    write_answer(response, &answer);
    return OK;
}

/* ---- the desk ---- */

struct listing {
    struct backoffice *b;
    struct json_out *j;
};

static err list_one(void *context, const struct payout_request *r)
{
    const struct listing *list = context;
    struct registry_merchant merchant = {.name_zh = "", .name_en = ""};
    err found = registry_find_merchant(list->b->registry, bytes_text(r->details.mid), &merchant);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    json_object_begin(list->j);
    TRY(write_request(list->b, list->j, r));
    json_member_string(list->j, "mid", r->details.mid);
    json_member_string(list->j, "merchant_zh", merchant.name_zh);
    json_member_string(list->j, "merchant_en", merchant.name_en);
    json_member_object(list->j, "merchant");
    TRY(write_merchant(list->b, list->j, r->details.mid));
    json_object_end(list->j);
    json_object_end(list->j);
    return OK;
}

static err on_list(struct backoffice *b, const struct call *call, struct http_response *response)
{
    if (!desk_is_there(b, response)) return OK;
    struct json_out j = json_out_over(&response->body);
    struct listing list = {b, &j};
    json_object_begin(&j);
    json_member_int(&j, "now", b->desk_room->changes);
    json_member_int(&j, "clock", call->now_ms);
    json_member_array(&j, "requests");
    TRY(payout_requests(b->store, PAYOUT_LISTED_MAX, list_one, &list));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

static err on_approve(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct desk_staff staff = desk_staff_of(call);
    struct payout_answer answer;
    char none[PAYOUT_REASON_MAX + 1];
    int64_t id = 0;
    if (!read_request(b, call, &id, none, false, response)) return OK;
    TRY(payout_change_approve(b->desk, &staff, id, &answer));
    write_answer(response, &answer);
    return OK;
}

static err on_reject(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct desk_staff staff = desk_staff_of(call);
    struct payout_answer answer;
    char reason[PAYOUT_REASON_MAX + 1] = "";
    int64_t id = 0;
    if (!read_request(b, call, &id, reason, true, response)) return OK;
    TRY(payout_change_reject(b->desk, &staff, id, bytes_text(reason), &answer));
    write_answer(response, &answer);
    return OK;
}

/* clang-format off */
#define DESK (ROLE_AGENT | ROLE_APPROVER)
#define PAYOUT_ROUTES(X)                                                                 \
    X(GET,  "/payout",          SESSION, ROLE_OWNER | ROLE_FINANCE, 0, on_own)            \
    X(POST, "/payout/ask",      STEP_UP, ROLE_OWNER, PAYOUT_BODY_MAX, on_ask)             \
    X(POST, "/payout/withdraw", SESSION, ROLE_OWNER, 64, on_withdraw)                     \
    X(GET,  "/payout/requests", SESSION, DESK | ROLE_AUDITOR, 0, on_list)                 \
    X(POST, "/payout/approve",  STEP_UP, DESK, 64, on_approve)                            \
    X(POST, "/payout/reject",   SESSION, DESK, PAYOUT_BODY_MAX, on_reject)
/* clang-format on */

static const struct route rows[] = {PAYOUT_ROUTES(ROUTE_ROW)};

const struct backoffice_part payout_part = {
    .name = "payout", .routes = rows, .route_count = ARRAY_LEN(rows)};
