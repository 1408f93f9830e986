/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tickets for the staff console. A page says what somebody did, and shows what the core answers;
 * every rule is in tickets.c. There is no route that tells a grant, and one that tells an offline
 * code, once.
 */
#include "backoffice/accounts/session.h"
#include "backoffice/desk/desk_part.h"
#include "backoffice/desk/recovery.h"
#include "backoffice/desk/tickets.h"
#include "backoffice/parts.h"
#include "registry/sheet.h"

static const char *const origins[] = {"", "terminal", "call", "chat"};
static const char *const states[] = {"", "open", "approved", "done", "rejected", "closed"};
static const char *const kinds[] = {"", "staff", "owner"};
static const char *const risks[] = {"", "low", "high"};
static const char *const deliveries[] = {"none",         "queued",   "sent",
                                         "acknowledged", "read_out", "verified"};
static const char *const chats[] = {"", "answered", "waits"};
static const char *const questions[] = {"", "owner", "phone", "mail", "merchant", "serial"};
static const struct {
    enum ticket_reason reason;
    const char *name;
} reasons[] = {
    {TICKET_ROLE, "role"},     {TICKET_NEW_CONTACT, "new_contact"},   {TICKET_REPEATED, "repeated"},
    {TICKET_PAYOUT, "payout"}, {TICKET_WRONG_ANSWER, "wrong_answer"}, {TICKET_ACCOUNT, "account"},
    {TICKET_SHEET, "sheet"}};

/* ---- reading ---- */

struct listing {
    struct backoffice *b;
    struct json_out *j;
};

/* Names are public in the shop; the number of the merchant is one of the questions. */
static void write_merchant(struct backoffice *b, struct json_out *j, const char *mid)
{
    struct registry_merchant merchant = {.name_zh = "", .name_en = ""};
    err found = registry_find_merchant(b->registry, bytes_text(mid), &merchant);
    if (FAILED(found)) merchant.name_zh[0] = merchant.name_en[0] = '\0';
    json_member_string(j, "merchant_zh", merchant.name_zh);
    json_member_string(j, "merchant_en", merchant.name_en);
}

static void write_facts(struct backoffice *b, struct json_out *j, const struct ticket *t)
{
    json_member_int(j, "id", t->id);
    json_member_string(j, "number", t->number);
    json_member_string(j, "tid", t->tid);
    json_member_string(j, "operator", t->operator_id);
    json_member_string(j, "account", t->login);
    json_member_string(j, "kind", kinds[t->account_kind]);
    write_merchant(b, j, t->mid);
    json_member_string(j, "origin", origins[t->origin]);
    json_member_string(j, "state", states[t->state]);
    json_member_string(j, "way", t->challenge.len == 0 ? "" : recovery_way_name(t->challenge.way));
    json_member_string(j, "risk", risks[t->risk]);
    json_member_string(j, "delivery", deliveries[t->delivery]);
    json_member_int(j, "opened", t->opened_ms);
    json_member_int(j, "changed", t->changed_ms);
    json_member_int(j, "expires", t->challenge.len == 0 ? 0 : t->expires_ms);
    json_member_int(j, "approvals", t->approvals);
    json_member_int(j, "needed", t->needed);
    json_member_int(j, "right", t->right);
    json_member_int(j, "right_needed", t->right_needed);
    json_member_bool(j, "evidence", t->evidence);
    json_member_string(j, "chat", chats[t->chat]);
    json_member_array(j, "reasons");
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (t->reasons & reasons[i].reason) json_element_text(j, bytes_text(reasons[i].name));
    json_array_end(j);
}

static err list_one(void *context, const struct ticket *ticket)
{
    const struct listing *list = context;
    json_object_begin(list->j);
    write_facts(list->b, list->j, ticket);
    json_object_end(list->j);
    return OK;
}

static err on_list(struct backoffice *b, const struct call *call, struct http_response *response)
{
    char which[8] = "";
    if (!desk_is_there(b, response)) return OK;
    err asked =
        call->request->reader.query(call->request->reader.context, "show", which, sizeof which);
    bool all = !FAILED(asked) && strcmp(which, "all") == 0;
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_int(&j, "now", b->desk_room->changes);
    json_member_int(&j, "clock", call->now_ms);
    json_member_array(&j, "tickets");
    struct listing list = {b, &j};
    TRY(ticket_list(b->desk, !all, list_one, &list));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

static err event_one(void *context, const struct ticket_event *event)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_int(j, "at", event->at_ms);
    json_member_string(j, "actor", event->actor);
    json_member_string(j, "kind", event->kind);
    json_member_string(j, "detail", event->detail);
    json_object_end(j);
    return OK;
}

static err write_questions(struct backoffice *b, struct json_out *j, const struct ticket *ticket)
{
    json_member_array(j, "questions");
    for (enum ticket_question q = QUESTION_OWNER; q < QUESTIONS; q++) {
        struct ticket_asked asked;
        TRY(ticket_asked(b->desk, ticket, q, &asked));
        if (asked.mask[0] == '\0') continue; /* nothing is registered */
        json_object_begin(j);
        json_member_string(j, "question", questions[q]);
        json_member_string(j, "mask", asked.mask);
        json_member_bool(j, "right", asked.right);
        json_member_int(j, "tries_left",
                        asked.tries > TICKET_ANSWER_TRIES ? 0 : TICKET_ANSWER_TRIES - asked.tries);
        json_object_end(j);
    }
    json_array_end(j);
    return OK;
}

/* "": none; "ready": it may be printed; "printed". */
static err write_sheet(struct backoffice *b, struct json_out *j, int64_t ticket)
{
    struct sheet sheet;
    int64_t printed_ms = 0;
    err found = sheet_find(b->store, ticket, &sheet);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    if (!FAILED(found)) TRY(registry_sheet_printed(b->registry, &sheet, &printed_ms));
    json_member_string(j, "sheet", FAILED(found) ? "" : printed_ms > 0 ? "printed" : "ready");
    json_member_int(j, "printed", printed_ms);
    return OK;
}

/* The number behind the path; 0 when it is none. */
static int64_t number_of(struct bytes text)
{
    int64_t number = 0;
    if (!bytes_all_digits(text) || text.len > 15) return 0;
    for (size_t i = 0; i < text.len; i++) number = number * 10 + (text.at[i] - '0');
    return number;
}

static err on_one(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct ticket ticket;
    if (!desk_is_there(b, response)) return OK;
    err found = ticket_find(b->desk, number_of(call->rest), &ticket);
    if (found.code == ERR_NOT_FOUND) {
        backoffice_not_found(response);
        return OK;
    }
    TRY(found);
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_int(&j, "now", b->desk_room->changes);
    json_member_int(&j, "clock", call->now_ms);
    json_member_object(&j, "ticket");
    write_facts(b, &j, &ticket);
    json_object_end(&j);
    TRY(write_sheet(b, &j, ticket.id));
    TRY(write_questions(b, &j, &ticket));
    json_member_array(&j, "timeline");
    TRY(ticket_timeline(b->desk, ticket.id, event_one, &j));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

/* ---- doing ---- */

struct input {
    int64_t ticket;
    struct bytes text;
};

static bool read_input(const struct json_t *root, const char *text, size_t max, struct input *in,
                       struct http_response *response)
{
    err read = json_int(root, "ticket", 1, INT64_MAX, &in->ticket);
    if (!FAILED(read) && text != NULL) read = json_text(root, text, max, &in->text);
    if (FAILED(read)) backoffice_malformed(response, read);
    return !FAILED(read);
}

static err read_open(const struct json_t *root, struct bytes *tid, struct bytes *operator_id,
                     struct bytes *origin, struct bytes *note)
{
    TRY(json_text(root, "tid", DESK_TID_LEN, tid));
    TRY(json_text(root, "operator", DESK_OPERATOR_LEN, operator_id));
    TRY(json_text(root, "origin", 8, origin));
    TRY(json_text(root, "note", TICKET_TEXT_MAX, note));
    bool known = bytes_equal(*origin, BYTES("call")) || bytes_equal(*origin, BYTES("chat"));
    return known ? OK : ERR(FORMAT);
}

static void write_opened(struct http_response *response, enum ticket_verdict verdict,
                         int64_t ticket)
{
    if (verdict != TICKET_OK) {
        desk_verdict(response, ticket_verdict_name(verdict), false);
        return;
    }
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_string(&j, "verdict", "ok");
    json_member_int(&j, "ticket", ticket);
    json_object_end(&j);
}

static err on_open(struct backoffice *b, const struct call *call, struct http_response *response)
{
    static const char *const names[] = {"tid", "operator", "origin", "note", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes tid, operator_id, origin, note;
    struct desk_staff staff = desk_staff_of(call);
    enum ticket_verdict verdict;
    int64_t ticket = 0;
    if (!desk_body(b, call, names, &document, response)) return OK;
    err read = read_open(document.root, &tid, &operator_id, &origin, &note);
    if (FAILED(read)) {
        backoffice_malformed(response, read);
        return OK;
    }
    TRY(ticket_open(b->desk, &staff, tid, operator_id,
                    bytes_equal(origin, BYTES("call")) ? TICKET_BY_CALL : TICKET_BY_CHAT, note,
                    &verdict, &ticket));
    write_opened(response, verdict, ticket);
    return OK;
}

static err read_open_account(const struct json_t *root, enum account_kind *kind,
                             struct bytes *account, struct bytes *origin, struct bytes *note)
{
    struct bytes word;
    TRY(json_text(root, "kind", 8, &word));
    TRY(json_text(root, "account", CONTACT_MAIL_MAX, account));
    TRY(json_text(root, "origin", 8, origin));
    TRY(json_text(root, "note", TICKET_TEXT_MAX, note));
    bool staff = bytes_equal(word, BYTES("staff"));
    bool known = bytes_equal(*origin, BYTES("call")) || bytes_equal(*origin, BYTES("chat"));
    if (!known || (!staff && !bytes_equal(word, BYTES("owner")))) return ERR(FORMAT);
    *kind = staff ? ACCOUNT_STAFF : ACCOUNT_OWNER;
    return OK;
}

/* For who has lost every factor of a console account. */
static err on_open_account(struct backoffice *b, const struct call *call,
                           struct http_response *response)
{
    static const char *const names[] = {"kind", "account", "origin", "note", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes account, origin, note;
    struct desk_staff staff = desk_staff_of(call);
    enum account_kind kind;
    enum ticket_verdict verdict;
    int64_t ticket = 0;
    if (!desk_body(b, call, names, &document, response)) return OK;
    err read = read_open_account(document.root, &kind, &account, &origin, &note);
    if (FAILED(read)) {
        backoffice_malformed(response, read);
        return OK;
    }
    TRY(ticket_open_account(b->desk, &staff, kind, account,
                            bytes_equal(origin, BYTES("call")) ? TICKET_BY_CALL : TICKET_BY_CHAT,
                            note, &verdict, &ticket));
    write_opened(response, verdict, ticket);
    return OK;
}

static err on_note(struct backoffice *b, const struct call *call, struct http_response *response)
{
    static const char *const names[] = {"ticket", "text", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct desk_staff staff = desk_staff_of(call);
    enum ticket_verdict verdict;
    struct input in;
    if (!desk_body(b, call, names, &document, response)) return OK;
    if (!read_input(document.root, "text", TICKET_TEXT_MAX, &in, response)) return OK;
    TRY(ticket_note(b->desk, &staff, in.ticket, in.text, &verdict));
    desk_verdict(response, ticket_verdict_name(verdict), false);
    return OK;
}

static enum ticket_question question_named(struct bytes name)
{
    for (enum ticket_question q = QUESTION_OWNER; q < QUESTIONS; q++)
        if (bytes_equal(name, bytes_text(questions[q]))) return q;
    return (enum ticket_question)0;
}

static err on_answer(struct backoffice *b, const struct call *call, struct http_response *response)
{
    static const char *const names[] = {"ticket", "question", "said", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct desk_staff staff = desk_staff_of(call);
    enum ticket_verdict verdict;
    struct bytes name = {0};
    struct input in;
    bool right = false;
    if (!desk_body(b, call, names, &document, response)) return OK;
    if (!read_input(document.root, "said", DESK_SAID_MAX, &in, response)) return OK;
    err read = json_text(document.root, "question", 12, &name);
    enum ticket_question question = question_named(name);
    if (FAILED(read) || question == 0) {
        backoffice_malformed(response, FAILED(read) ? read : ERR(FORMAT));
        return OK;
    }
    TRY(ticket_answer(b->desk, &staff, in.ticket, question, in.text, &verdict, &right));
    const char *said = right ? "right" : "wrong";
    desk_verdict(response, verdict == TICKET_OK ? said : ticket_verdict_name(verdict),
                 verdict == TICKET_OK);
    return OK;
}

static err on_challenge(struct backoffice *b, const struct call *call,
                        struct http_response *response)
{
    static const char *const names[] = {"ticket", "digits", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct desk_staff staff = desk_staff_of(call);
    enum ticket_verdict verdict;
    struct input in;
    if (!desk_body(b, call, names, &document, response)) return OK;
    if (!read_input(document.root, "digits", 32, &in, response)) return OK;
    TRY(ticket_challenge(b->desk, &staff, in.ticket, in.text, &verdict));
    desk_verdict(response, ticket_verdict_name(verdict), false);
    return OK;
}

static err on_approve(struct backoffice *b, const struct call *call, struct http_response *response)
{
    static const char *const names[] = {"ticket", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct desk_staff staff = desk_staff_of(call);
    enum ticket_verdict verdict;
    struct input in;
    if (!desk_body(b, call, names, &document, response)) return OK;
    if (!read_input(document.root, NULL, 0, &in, response)) return OK;
    TRY(ticket_approve(b->desk, &staff, in.ticket, &verdict));
    desk_verdict(response, ticket_verdict_name(verdict), verdict == TICKET_NEEDS_SECOND);
    return OK;
}

static err on_read_out(struct backoffice *b, const struct call *call,
                       struct http_response *response)
{
    static const char *const names[] = {"ticket", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct desk_staff staff = desk_staff_of(call);
    enum ticket_verdict verdict;
    struct input in;
    char code[DESK_CODE_MAX + 1] = "";
    int64_t seconds = 0;
    if (!desk_body(b, call, names, &document, response)) return OK;
    if (!read_input(document.root, NULL, 0, &in, response)) return OK;
    TRY(ticket_read_out(b->desk, &staff, in.ticket, &verdict, code, &seconds));
    if (verdict != TICKET_OK) {
        desk_verdict(response, ticket_verdict_name(verdict), false);
        return OK;
    }
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_string(&j, "verdict", "ok");
    json_member_string(&j, "code", code);
    json_member_int(&j, "seconds", seconds);
    json_object_end(&j);
    explicit_bzero(code, sizeof code);
    return OK;
}

static err on_end(struct backoffice *b, const struct call *call, struct http_response *response)
{
    static const char *const names[] = {"ticket", "state", "reason", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct desk_staff staff = desk_staff_of(call);
    enum ticket_verdict verdict;
    struct bytes state = {0};
    struct input in;
    if (!desk_body(b, call, names, &document, response)) return OK;
    if (!read_input(document.root, "reason", TICKET_TEXT_MAX, &in, response)) return OK;
    err read = json_text(document.root, "state", 8, &state);
    bool rejected = bytes_equal(state, BYTES("rejected"));
    if (FAILED(read) || (!rejected && !bytes_equal(state, BYTES("closed")))) {
        backoffice_malformed(response, FAILED(read) ? read : ERR(FORMAT));
        return OK;
    }
    TRY(ticket_end(b->desk, &staff, in.ticket, rejected ? TICKET_REJECTED : TICKET_CLOSED, in.text,
                   &verdict));
    desk_verdict(response, ticket_verdict_name(verdict), false);
    return OK;
}

static err on_reissue(struct backoffice *b, const struct call *call, struct http_response *response)
{
    static const char *const names[] = {"ticket", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct desk_staff staff = desk_staff_of(call);
    enum ticket_verdict verdict;
    struct input in;
    if (!desk_body(b, call, names, &document, response)) return OK;
    if (!read_input(document.root, NULL, 0, &in, response)) return OK;
    TRY(ticket_reissue(b->desk, &staff, in.ticket, &verdict));
    desk_verdict(response, ticket_verdict_name(verdict), false);
    return OK;
}

static err on_diagnose(struct backoffice *b, const struct call *call,
                       struct http_response *response)
{
    static const char *const names[] = {"ticket", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    struct desk_staff staff = desk_staff_of(call);
    enum ticket_verdict verdict;
    struct input in;
    if (!desk_body(b, call, names, &document, response)) return OK;
    if (!read_input(document.root, NULL, 0, &in, response)) return OK;
    TRY(ticket_diagnose(b->desk, &staff, in.ticket, &verdict));
    desk_verdict(response, ticket_verdict_name(verdict), false);
    return OK;
}

/* clang-format off */
#define DESK (ROLE_AGENT | ROLE_APPROVER)
#define TICKET_ROUTES(X)                                                        \
    X(GET,  "/desk/tickets",   SESSION, DESK | ROLE_AUDITOR, 0, on_list)         \
    X(GET,  "/desk/tickets/",  SESSION, DESK | ROLE_AUDITOR, 0, on_one)          \
    X(POST, "/desk/open",      SESSION, DESK, DESK_BODY_MAX, on_open)            \
    X(POST, "/desk/open-account", SESSION, DESK, DESK_BODY_MAX, on_open_account) \
    X(POST, "/desk/note",      SESSION, DESK, DESK_BODY_MAX, on_note)            \
    X(POST, "/desk/answer",    SESSION, DESK, DESK_BODY_MAX, on_answer)          \
    X(POST, "/desk/challenge", SESSION, DESK, DESK_BODY_MAX, on_challenge)       \
    X(POST, "/desk/diagnose",  SESSION, DESK, DESK_BODY_MAX, on_diagnose)        \
    X(POST, "/desk/reissue",   SESSION, DESK, DESK_BODY_MAX, on_reissue)         \
    X(POST, "/desk/approve",   STEP_UP, DESK, DESK_BODY_MAX, on_approve)         \
    X(POST, "/desk/read-out",  STEP_UP, DESK, DESK_BODY_MAX, on_read_out)        \
    X(POST, "/desk/end",       SESSION, DESK, DESK_BODY_MAX, on_end)
/* clang-format on */

static const struct route rows[] = {TICKET_ROUTES(ROUTE_ROW)};

const struct backoffice_part ticket_part = {
    .name = "tickets", .routes = rows, .route_count = ARRAY_LEN(rows)};
