/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device channel's messages as tables: what each question writes, which members each answer and
 * each tell may and must have. A member that is not in the row is an error, as everywhere.
 */
#include "lib/base/hex.h"
#include "lib/wire/json.h"
#include "lib/wire/vault_protocol.h"
#include "terminal/manage.h"

enum member {
    SERIAL = 1 << 0,
    MODEL = 1 << 1,
    VERSION = 1 << 2,
    POLICY = 1 << 3,
    FIRST_LOGIN = 1 << 4,
    EPOCH = 1 << 5,
    OPERATOR = 1 << 6,
    WAY = 1 << 7,
    CHALLENGE = 1 << 8,
    KIND = 1 << 9,
    DETAIL = 1 << 10,
    TOKEN = 1 << 11,
    PAIR = 1 << 12,
    NUMBER = 1 << 13, /* of an event, and its time */
};

static const struct {
    const char *name;
    unsigned members;
    const char *const *answer; /* what its answer may have */
} questions[MANAGE_ASKS] = {
    [MANAGE_HELLO] = {"hello", SERIAL | MODEL | VERSION | POLICY | FIRST_LOGIN | EPOCH,
                      (const char *const[]){"id", "status", "policy", "anchor", NULL}},
    [MANAGE_RECOVER] = {"recover", OPERATOR | WAY | CHALLENGE,
                        (const char *const[]){"id", "status", "contact", "seconds", "number",
                                              NULL}},
    [MANAGE_RECOVER_END] = {"recover_end", OPERATOR | CHALLENGE,
                            (const char *const[]){"id", "status", NULL}},
    [MANAGE_EVENT] = {"event", KIND | OPERATOR | DETAIL | NUMBER,
                      (const char *const[]){"id", "status", NULL}},
    [MANAGE_PAIR] = {"pair", TOKEN, (const char *const[]){"id", "status", "url", NULL}},
    [MANAGE_PAIR_END] = {"pair_end", TOKEN | PAIR, (const char *const[]){"id", "status", NULL}},
    [MANAGE_APPROVE] = {"approve", CHALLENGE | OPERATOR,
                        (const char *const[]){"id", "status", "seconds", NULL}},
};

static const char *const ways[] = {[VAULT_BY_SMS] = "sms",
                                   [VAULT_BY_MAIL] = "mail",
                                   [VAULT_BY_SERVICE] = "service",
                                   [VAULT_BY_OFFLINE] = "offline"};

static const char *const statuses[MANAGE_STATUSES] = {
    [MANAGE_STATUS_OK] = "ok",           [MANAGE_STATUS_SENT] = "sent",
    [MANAGE_STATUS_TICKET] = "ticket",   [MANAGE_STATUS_ASKED] = "asked",
    [MANAGE_STATUS_LIMIT] = "limit",     [MANAGE_STATUS_NO_CONTACT] = "no_contact",
    [MANAGE_STATUS_REFUSED] = "refused",
};

/* ---- writing ---- */

/* Who is there: what only hello has. */
static void write_device(struct json_out *j, unsigned members, const struct manage_question *q)
{
    if (members & SERIAL) json_member_string(j, "serial", q->serial);
    if (members & MODEL) json_member_string(j, "model", q->model);
    if (members & VERSION) json_member_string(j, "version", q->version);
    if (members & POLICY) json_member_int(j, "policy", q->policy);
    if (members & FIRST_LOGIN) json_member_int(j, "first_login_ms", q->first_login_ms);
    if (members & EPOCH) json_member_hex(j, "epoch", BYTES_OF(q->anchor));
}

static void write_person(struct json_out *j, unsigned members, const struct manage_question *q)
{
    const struct notes_event *event = q->event;
    struct bytes challenge = bytes_of(q->challenge, q->challenge_len);
    if (members & KIND) json_member_string(j, "kind", event->kind);
    if (members & OPERATOR)
        json_member_string(j, "operator", event != NULL ? event->operator_id : q->operator_id);
    if (members & WAY) json_member_string(j, "way", ways[q->way]);
    if (members & CHALLENGE) json_member_hex(j, "challenge", challenge);
    if (members & TOKEN) json_member_hex(j, "token", challenge);
    if (members & DETAIL) json_member_string(j, "detail", event->detail);
    if (members & NUMBER) {
        json_member_int(j, "number", event->number);
        json_member_int(j, "at_ms", event->at_ms);
    }
    if (members & PAIR) json_member_int(j, "pair", q->pair);
}

void manage_write(struct writer *w, int64_t id, const struct manage_question *question)
{
    ENSURE(question->ask > MANAGE_NOTHING && question->ask < MANAGE_ASKS);
    ENSURE(question->way < ARRAY_LEN(ways) &&
           (question->event != NULL) == (question->ask == MANAGE_EVENT));
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_int(&j, "id", id);
    json_member_string(&j, "ask", questions[question->ask].name);
    write_device(&j, questions[question->ask].members, question);
    write_person(&j, questions[question->ask].members, question);
    json_object_end(&j);
}

/* ---- reading ---- */

/* Hex of exactly `len` bytes. */
static err read_hex(const struct json_t *object, const char *name, uint8_t *out, size_t len)
{
    struct bytes text;
    size_t got;
    TRY(json_text(object, name, len * 2, &text));
    TRY(hex_decode(text, out, len, &got));
    return got == len ? OK : ERR(LENGTH);
}

static err read_challenge(const struct json_t *object, const char *name, struct manage_heard *h)
{
    struct bytes text;
    TRY(json_text(object, name, sizeof h->challenge * 2, &text));
    return hex_decode(text, h->challenge, sizeof h->challenge, &h->challenge_len);
}

static err read_operator(const struct json_t *object, struct manage_heard *h)
{
    TRY(json_text_copy(object, "operator", h->operator_id, sizeof h->operator_id));
    bool two = strlen(h->operator_id) == 2 && bytes_all_digits(bytes_text(h->operator_id));
    return two ? OK : ERR(FORMAT);
}

static err read_grant(const struct json_t *object, struct manage_heard *h)
{
    TRY(read_operator(object, h));
    TRY(read_challenge(object, "challenge", h));
    return read_hex(object, "grant", h->grant, sizeof h->grant);
}

static err read_refused(const struct json_t *object, struct manage_heard *h)
{
    TRY(read_operator(object, h));
    TRY(read_challenge(object, "challenge", h));
    return json_text_copy(object, "reason", h->reason, sizeof h->reason);
}

static err read_policy(const struct json_t *object, struct manage_heard *h)
{
    return json_text(object, "document", MANAGE_FRAME_MAX, &h->policy);
}

static err read_pair_key(const struct json_t *object, struct manage_heard *h)
{
    TRY(read_challenge(object, "token", h));
    TRY(read_hex(object, "key", h->phone_key, sizeof h->phone_key));
    return json_text_copy(object, "label", h->label, sizeof h->label);
}

static err read_approval(const struct json_t *object, struct manage_heard *h)
{
    TRY(read_challenge(object, "challenge", h));
    TRY(json_int(object, "pair", 0, UINT8_MAX, &h->pair));
    return read_hex(object, "signature", h->signature, sizeof h->signature);
}

static const struct {
    const char *name;
    const char *const *members;
    err (*read)(const struct json_t *object, struct manage_heard *h);
} tells[MANAGE_TELLS] = {
    [MANAGE_GRANT_TOLD] = {"grant",
                           (const char *const[]){"tell", "operator", "challenge", "grant", NULL},
                           read_grant},
    [MANAGE_REFUSED_TOLD] = {"refused",
                             (const char *const[]){"tell", "operator", "challenge", "reason", NULL},
                             read_refused},
    [MANAGE_POLICY_TOLD] = {"policy", (const char *const[]){"tell", "document", NULL}, read_policy},
    [MANAGE_PAIR_KEY_TOLD] = {"pair_key",
                              (const char *const[]){"tell", "token", "key", "label", NULL},
                              read_pair_key},
    [MANAGE_APPROVAL_TOLD] = {"approval",
                              (const char *const[]){"tell", "challenge", "pair", "signature", NULL},
                              read_approval},
};

static err read_tell(const struct json_t *object, struct manage_heard *h)
{
    struct bytes name;
    TRY(json_text(object, "tell", MANAGE_REASON_MAX, &name));
    for (enum manage_tell tell = MANAGE_GRANT_TOLD; tell < MANAGE_TELLS; tell++) {
        if (!bytes_equal(name, bytes_text(tells[tell].name))) continue;
        h->tell = tell;
        TRY(json_only(object, tells[tell].members));
        return tells[tell].read(object, h);
    }
    return ERR(UNSUPPORTED);
}

/* Optional members of an answer: those that its question's row allows. */
static err read_details(const struct json_t *object, struct manage_heard *h)
{
    if (json_has(object, "contact"))
        TRY(json_text_copy(object, "contact", h->contact, sizeof h->contact));
    if (json_has(object, "number"))
        TRY(json_text_copy(object, "number", h->ticket, sizeof h->ticket));
    if (json_has(object, "url")) TRY(json_text_copy(object, "url", h->url, sizeof h->url));
    if (json_has(object, "seconds"))
        TRY(json_int(object, "seconds", 0, 7 * 86400, &h->seconds)); /* a week is "never" */
    if (json_has(object, "policy")) TRY(json_text(object, "policy", MANAGE_FRAME_MAX, &h->policy));
    h->has_anchor = json_has(object, "anchor");
    return h->has_anchor ? read_hex(object, "anchor", h->anchor, sizeof h->anchor) : OK;
}

static err read_answer(const struct json_t *object, enum manage_ask asked, struct manage_heard *h)
{
    TRY(json_only(object, questions[asked].answer));
    TRY(json_int(object, "id", 1, INT64_MAX, &h->id));
    TRY(json_text_copy(object, "status", h->reason, sizeof h->reason));
    h->status = MANAGE_STATUS_REFUSED;
    for (enum manage_status at = 0; at < MANAGE_STATUSES; at++)
        if (strcmp(h->reason, statuses[at]) == 0) h->status = at;
    return read_details(object, h);
}

err manage_read(struct bytes frame, enum manage_ask asked, struct json_document *document,
                struct manage_heard *out)
{
    struct manage_heard heard = {0};
    TRY(json_parse(frame, MANAGE_FRAME_MAX, document));
    if (json_has(document->root, "tell")) TRY(read_tell(document->root, &heard));
    else if (asked != MANAGE_NOTHING) TRY(read_answer(document->root, asked, &heard));
    else return ERR(STATE);
    *out = heard;
    return OK;
}
