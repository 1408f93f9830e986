/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a telephone does without an account: open the link of a mail, and be an approver. Nobody is
 * logged in here; a token says who it is, and a wrong one gets the same answer whatever is wrong.
 */
#include "backoffice/desk/desk_part.h"
#include "backoffice/desk/pairs.h"
#include "backoffice/desk/recovery.h"
#include "backoffice/parts.h"
#include "lib/base/hex.h"

enum { TOKEN_TEXT_MAX = 64, BODY = 512 };

/* ---- links ---- */

static void write_code(struct http_response *response, const struct redeem_answer *answer)
{
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_string(&j, "verdict", "ok");
    json_member_string(&j, "code", answer->code);
    json_member_string(&j, "tid", answer->tid);
    json_member_string(&j, "operator", answer->operator_id);
    json_member_int(&j, "seconds", answer->seconds);
    json_object_end(&j);
}

/* POST, so that a mail filter that opens every link does nothing. */
static err on_redeem(struct backoffice *b, const struct call *call, struct http_response *response)
{
    static const char *const names[] = {"token", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    CLEANUP(redeem_answer_wipe) struct redeem_answer answer;
    struct bytes token;
    if (!desk_body(b, call, names, &document, response)) return OK;
    err read = json_text(document.root, "token", TOKEN_TEXT_MAX, &token);
    if (FAILED(read)) {
        backoffice_malformed(response, read);
        return OK;
    }
    TRY(recovery_redeem(b->desk, token, &answer));
    if (answer.verdict == REDEEM_OK) write_code(response, &answer);
    else if (answer.verdict == REDEEM_AWAY)
        http_response_error(response, 503, "away", "not able just now; press again in a minute");
    else
        http_response_error(response, 410, "dead",
                            "this link has been used, or is too old: ask for a new one");
    return OK;
}

/* ---- pairing ---- */

static const char *const pair_verdicts[] = {"ok", "unknown", "malformed", "away"};

static void pair_refused(struct http_response *response, enum pair_verdict verdict)
{
    static const unsigned statuses[] = {200, 403, 400, 503};
    http_response_error(response, statuses[verdict], pair_verdicts[verdict],
                        "the terminal does not wait for this");
}

static err read_offer(const struct json_t *root, uint8_t token[PAIR_TOKEN_LEN],
                      uint8_t key[PAIR_KEY_LEN], struct bytes *label)
{
    struct bytes token_hex, key_hex;
    size_t token_len = 0, key_len = 0;
    TRY(json_text(root, "token", PAIR_TOKEN_LEN * 2, &token_hex));
    TRY(json_text(root, "key", PAIR_KEY_LEN * 2, &key_hex));
    TRY(json_text(root, "label", PAIR_LABEL_MAX, label));
    TRY(hex_decode(token_hex, token, PAIR_TOKEN_LEN, &token_len));
    TRY(hex_decode(key_hex, key, PAIR_KEY_LEN, &key_len));
    return token_len == PAIR_TOKEN_LEN && key_len == PAIR_KEY_LEN ? OK : ERR(LENGTH);
}

static err on_offer(struct backoffice *b, const struct call *call, struct http_response *response)
{
    static const char *const names[] = {"token", "key", "label", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    uint8_t token[PAIR_TOKEN_LEN], key[PAIR_KEY_LEN];
    char bearer[PAIR_BEARER_MAX] = "";
    enum pair_verdict verdict;
    struct bytes label;
    if (!desk_body(b, call, names, &document, response)) return OK;
    err read = read_offer(document.root, token, key, &label);
    if (FAILED(read)) {
        backoffice_malformed(response, read);
        return OK;
    }
    TRY(pair_offer(b->desk, BYTES_OF(token), BYTES_OF(key), label, &verdict, bearer));
    if (verdict != PAIR_OK) {
        pair_refused(response, verdict);
        return OK;
    }
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_string(&j, "bearer", bearer);
    json_object_end(&j);
    explicit_bzero(bearer, sizeof bearer);
    return OK;
}

/* The phone's pair by "Authorization: Bearer ...". False, and the answer is written, without. */
static err find_phone(struct backoffice *b, const struct call *call, struct pair *pair,
                      struct http_response *response, bool *ret_found)
{
    static const char scheme[] = "Bearer ";
    enum pair_verdict verdict = PAIR_UNKNOWN;
    *ret_found = false;
    if (!desk_is_there(b, response)) return OK;
    const char *said = call->request->reader.header(call->request->reader.context, "Authorization");
    if (said != NULL && strncmp(said, scheme, sizeof scheme - 1) == 0)
        TRY(pair_of_phone(b->desk, bytes_text(said + sizeof scheme - 1), &verdict, pair));
    *ret_found = verdict == PAIR_OK;
    if (!*ret_found) pair_refused(response, PAIR_UNKNOWN);
    return OK;
}

static err write_approval(void *context, const struct approval *a)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_int(j, "id", a->id);
    json_member_string(j, "operator", a->operator_id);
    json_member_hex(j, "challenge", bytes_of(a->challenge, a->challenge_len));
    json_member_int(j, "asked", a->asked_ms);
    json_member_int(j, "expires", a->expires_ms);
    json_object_end(j);
    return OK;
}

static err on_phone(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct pair pair;
    struct registry_terminal terminal;
    struct registry_merchant merchant;
    bool found = false;
    TRY(find_phone(b, call, &pair, response, &found));
    if (!found) return OK;
    TRY(registry_find_terminal(b->registry, bytes_text(pair.tid), &terminal));
    TRY(registry_find_merchant(b->registry, bytes_text(terminal.mid), &merchant));
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_int(&j, "now", b->desk_room->changes);
    json_member_int(&j, "clock", call->now_ms);
    json_member_string(&j, "state", pair.state == PAIR_PAIRED ? "paired" : "waits");
    json_member_string(&j, "tid", pair.tid);
    json_member_string(&j, "label", pair.label);
    json_member_string(&j, "merchant_zh", merchant.name_zh);
    json_member_string(&j, "merchant_en", merchant.name_en);
    json_member_array(&j, "approvals");
    TRY(approval_list(b->desk, &pair, write_approval, &j));
    json_array_end(&j);
    json_object_end(&j);
    return OK;
}

static err on_wait(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct pair pair;
    bool found = false;
    char text[16] = "";
    int64_t since = 0;
    TRY(find_phone(b, call, &pair, response, &found));
    if (!found) return OK;
    err asked =
        call->request->reader.query(call->request->reader.context, "since", text, sizeof text);
    if (FAILED(asked) || !bytes_all_digits(bytes_text(text))) {
        backoffice_malformed(response, ERR(FORMAT));
        return OK;
    }
    for (const char *c = text; *c != '\0'; c++) since = since * 10 + (*c - '0');
    desk_wait(b, call, since, response);
    return OK;
}

static err read_answer(const struct json_t *root, int64_t *approval,
                       uint8_t signature[PAIR_SIGNATURE_LEN])
{
    struct bytes hex;
    size_t len = 0;
    TRY(json_int(root, "approval", 1, INT64_MAX, approval));
    TRY(json_text(root, "signature", PAIR_SIGNATURE_LEN * 2, &hex));
    TRY(hex_decode(hex, signature, PAIR_SIGNATURE_LEN, &len));
    return len == PAIR_SIGNATURE_LEN ? OK : ERR(LENGTH);
}

static err on_answer(struct backoffice *b, const struct call *call, struct http_response *response)
{
    static const char *const names[] = {"approval", "signature", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    uint8_t signature[PAIR_SIGNATURE_LEN];
    enum pair_verdict verdict;
    struct pair pair;
    int64_t approval = 0;
    bool found = false;
    TRY(find_phone(b, call, &pair, response, &found));
    if (!found || !desk_body(b, call, names, &document, response)) return OK;
    err read = read_answer(document.root, &approval, signature);
    if (FAILED(read)) {
        backoffice_malformed(response, read);
        return OK;
    }
    TRY(approval_answer(b->desk, &pair, approval, BYTES_OF(signature), &verdict));
    if (verdict == PAIR_OK) desk_verdict(response, "ok", true);
    else pair_refused(response, verdict);
    return OK;
}

static err on_forget(struct backoffice *b, const struct call *call, struct http_response *response)
{
    struct pair pair;
    bool found = false, done = false;
    TRY(find_phone(b, call, &pair, response, &found));
    if (!found) return OK;
    TRY(pair_forget(b->desk, pair.id, "phone", &done));
    desk_verdict(response, "ok", true);
    return OK;
}

/* clang-format off */
#define PHONE_ROUTES(X)                                                      \
    X(POST, "/code",          PUBLIC, ROLES_CONSOLE, 256, on_redeem)          \
    X(POST, "/phone/offer",   PUBLIC, ROLES_CONSOLE, BODY, on_offer)          \
    X(GET,  "/phone",         PUBLIC, ROLES_CONSOLE, 0, on_phone)             \
    X(GET,  "/phone/changes", PUBLIC, ROLES_CONSOLE, 0, on_wait)              \
    X(POST, "/phone/answer",  PUBLIC, ROLES_CONSOLE, BODY, on_answer)         \
    X(POST, "/phone/forget",  PUBLIC, ROLES_CONSOLE, 64, on_forget)
/* clang-format on */

static const struct route rows[] = {PHONE_ROUTES(ROUTE_ROW)};

const struct backoffice_part phone_part = {
    .name = "phone", .routes = rows, .route_count = ARRAY_LEN(rows)};
