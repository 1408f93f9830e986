/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Papers of what is asked for (S142), below /api/v1/papers: a change of a contract, or another
 * account. The body is the file itself. Who asked, or the staff for him, sends them while it waits;
 * the staff looks at them, and every look is on record.
 */
#include "backoffice/accounts/choice.h"
#include "backoffice/contracts/change.h"
#include "backoffice/contracts/contracts_http.h"
#include "backoffice/desk/desk_internal.h"
#include "backoffice/desk/payout_change.h"
#include "backoffice/parts.h"
#include "backoffice/uploads/uploads_http.h"

#include <assert.h>
#include <stdio.h>

static_assert((int)API_FILE_MAX == (int)UPLOAD_BYTES_MAX, "a file is a body of its length");

static const struct api_field papers_fields[] = {
    {"uploads", API_LIST, .max = UPLOADS_MAX, .of = &paper_slot, .text = "What is taken, or there"},
};
API_SCHEMA(papers_schema, "Papers", papers_fields);

/* What a call is about: of the path. */
struct request {
    enum upload_owner owner;
    int64_t id;
    bool waits;
    struct paper_wants wants;
    enum paper paper;
    char detail[48]; /* of the audit record */
};

static err find_change(struct backoffice *b, const char *mid, struct request *r)
{
    struct change c;
    TRY(change_find(b->store, r->id, &c));
    if (strcmp(c.mid, mid) != 0) return ERR(NOT_FOUND);
    r->waits = c.state == CHANGE_WAITS;
    r->wants = change_papers(c.kind);
    return OK;
}

static err find_payout(struct backoffice *b, const char *mid, struct request *r)
{
    struct payout_request p;
    TRY(payout_request_find(b->store, r->id, &p));
    if (strcmp(p.details.mid, mid) != 0) return ERR(NOT_FOUND);
    r->waits = p.state == PAYOUT_WAITS && p.expires_ms > backoffice_now_ms(b);
    r->wants = PAPERS_OF_PAYOUT;
    return OK;
}

static err find_request(struct backoffice *b, const struct api_call *call, struct request *r)
{
    if (FAILED(contract_number(call->value[1], &r->id))) return ERR(NOT_FOUND);
    if (r->owner == UPLOAD_OF_CHANGE) TRY(find_change(b, call->value[0], r));
    else TRY(find_payout(b, call->value[0], r));
    r->paper = paper_of(bytes_text(call->value[2]));
    if (r->paper == 0 || !(r->wants.takes & 1u << r->paper)) return ERR(NOT_FOUND);
    snprintf(r->detail, sizeof r->detail, "%s %lld, %s",
             r->owner == UPLOAD_OF_CHANGE ? "change" : "account", (long long)r->id,
             paper_word(r->paper));
    return OK;
}

/* False, and the answer is written, when there is none of this merchant. */
static err of_path(struct backoffice *b, const struct api_call *call, enum upload_owner owner,
                   struct request *ret, struct http_response *response, bool *ret_there)
{
    bool may = false;
    *ret = (struct request){.owner = owner};
    *ret_there = false;
    TRY(contract_of_path(b, call, response, &may));
    if (!may) return OK;
    err found = find_request(b, call, ret);
    if (found.code == ERR_NOT_FOUND) {
        api_missing(response);
        return OK;
    }
    *ret_there = !FAILED(found);
    return found;
}

/* ---- sending ---- */

static const struct {
    const char *word, *zh, *en;
} refusals[] = {
    [UPLOAD_NONE_TAKEN] = {"no_uploads", "这里不收电子资料，请向工作人员出示原件。",
                           "No files are taken here: show the originals to our staff."},
    [UPLOAD_TOO_LARGE] = {"too_large", "文件太大：最多5MB，请重新拍照。",
                          "The file is too large: 5 MB at most."},
    [UPLOAD_NOT_PICTURE] = {"not_picture", "这不是照片或PDF：请上传JPEG、PNG或PDF。",
                            "This is no photo and no PDF: send a JPEG, PNG or PDF."},
    [UPLOAD_TOO_SMALL] = {"too_small", "照片太小，看不清：每边至少480像素。",
                          "The photo is too small to be read: 480 pixels a side at least."},
};

static void refuse(const struct api_call *call, enum upload_verdict verdict,
                   struct http_response *response)
{
    bool english = choice_english(call->request);
    api_refuse(response, verdict == UPLOAD_NONE_TAKEN ? 409 : 422, refusals[verdict].word,
               english ? refusals[verdict].en : refusals[verdict].zh);
}

static err put(struct backoffice *b, const struct api_call *call, const struct request *r,
               const struct upload *d, struct http_response *response)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct json_out j = json_out_over(&response->body);
    TRY(store_begin(b->store, &tx));
    TRY(upload_put(&tx, r->owner, r->id, d));
    TRY(audit_append(&tx, &(struct audit_entry){call->now_ms, bytes_text(call->caller->subject),
                                                BYTES("paper_sent"), bytes_text(call->value[0]),
                                                bytes_text(r->detail)}));
    json_object_begin(&j);
    TRY(papers_write(b, &j, r->owner, r->id, r->wants));
    json_object_end(&j);
    return api_commit(b, call, &tx, response);
}

static err take(struct backoffice *b, const struct api_call *call, enum upload_owner owner,
                struct http_response *response)
{
    struct request r;
    struct upload d;
    enum upload_verdict verdict;
    bool there = false;
    TRY(of_path(b, call, owner, &r, response, &there));
    if (!there) return OK;
    if (!r.waits) {
        api_refuse(response, 409, change_verdict_word(CHANGE_VERDICT_NONE),
                   change_verdict_text(CHANGE_VERDICT_NONE, choice_english(call->request)));
        return OK;
    }
    err kept = upload_keep(b->uploads, r.paper, call->request->body, &d, &verdict);
    if (kept.code == ERR_IO || kept.code == ERR_FULL) { /* the disk, and not our store */
        backoffice_unavailable(response, kept);
        return OK;
    }
    TRY(kept);
    if (verdict != UPLOAD_OK) {
        refuse(call, verdict, response);
        return OK;
    }
    return put(b, call, &r, &d, response);
}

static err on_change_paper(struct backoffice *b, const struct api_call *call,
                           struct http_response *response)
{
    return take(b, call, UPLOAD_OF_CHANGE, response);
}

static err on_payout_paper(struct backoffice *b, const struct api_call *call,
                           struct http_response *response)
{
    TRY(take(b, call, UPLOAD_OF_PAYOUT, response));
    if (b->desk != NULL) desk_changed(b->desk, DESK_APPROVALS);
    return OK;
}

/* ---- looking ---- */

static err show(struct backoffice *b, const struct api_call *call, enum upload_owner owner,
                struct http_response *response)
{
    struct request r;
    struct upload d;
    bool there = false;
    TRY(of_path(b, call, owner, &r, response, &there));
    if (!there) return OK;
    err found = upload_find(b->store, owner, r.id, r.paper, &d);
    if (found.code == ERR_NOT_FOUND || b->uploads->directory == NULL) {
        api_missing(response);
        return OK;
    }
    TRY(found);
    TRY(upload_viewed(b->uploads, owner, r.id, r.paper, call->caller->number,
                      (struct audit_entry){0, bytes_text(call->caller->subject),
                                           BYTES("paper_viewed"), bytes_text(call->value[0]),
                                           bytes_text(r.detail)}));
    return upload_answer(b, call, &d, response);
}

static err on_look_change(struct backoffice *b, const struct api_call *call,
                          struct http_response *response)
{
    return show(b, call, UPLOAD_OF_CHANGE, response);
}

static err on_look_payout(struct backoffice *b, const struct api_call *call,
                          struct http_response *response)
{
    return show(b, call, UPLOAD_OF_PAYOUT, response);
}

/* clang-format off */
#define SENDS (ROLE_OWNER | ROLE_AGENT | ROLE_APPROVER)
#define LOOKS (ROLE_AGENT | ROLE_APPROVER)
static const struct api_route rows[] = {
    API_ROUTE_ROW(POST, "/papers/{merchant}/changes/{id}/{paper}", SESSION, SENDS, NONE, 10, API_FILE, NULL,
                  &papers_schema, on_change_paper, "Send a paper of a change that waits: the body is a JPEG, PNG or PDF")
    API_ROUTE_ROW(POST, "/papers/{merchant}/payouts/{id}/{paper}", SESSION, SENDS, NONE, 10, API_FILE, NULL,
                  &papers_schema, on_payout_paper, "Send a paper of a request for another account: the body is a JPEG, PNG or PDF")
    API_SEARCH_ROW(GET, "/papers/{merchant}/changes/{id}/{paper}", SESSION, LOOKS, NONE, 4, 0, NULL,
                   &upload_piece, on_look_change, "A paper of a change, in pieces; the look is on record", &upload_from)
    API_SEARCH_ROW(GET, "/papers/{merchant}/payouts/{id}/{paper}", SESSION, LOOKS, NONE, 4, 0, NULL,
                   &upload_piece, on_look_payout, "A paper of a request for another account, in pieces; the look is on record", &upload_from)
};
/* clang-format on */

const struct backoffice_part change_papers_part = {
    .name = "change_papers", .api_routes = rows, .api_route_count = ARRAY_LEN(rows)};
