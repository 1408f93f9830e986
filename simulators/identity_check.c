/* SPDX-License-Identifier: Apache-2.0 */
/* The provider of checks: who asks, whether it is a repeat, and what the register says. */
#include "simulators/identity_check.h"

#include <stdio.h>

#include "lib/crypto/secret.h"
#include "lib/wire/json.h"

/* ---- who asks ---- */

static bool same_secret(const char *came, const char *expected, size_t len)
{
    return came != NULL && strlen(came) == len &&
           secret_equal(bytes_of(came, len), bytes_of(expected, len));
}

static bool bearer_right(const struct identity_provider *p, const char *authorization)
{
    static const char scheme[] = "Bearer ";
    const size_t skip = sizeof scheme - 1;
    return authorization != NULL && strncmp(authorization, scheme, skip) == 0 &&
           same_secret(authorization + skip, p->key.bearer, SMS_BEARER_LEN);
}

static bool signed_now(const struct identity_provider *p, const struct identity_request *request)
{
    int64_t at_s = 0, now_s = clock_now_ms(&p->clock) / 1000;
    char expected[SMS_SIGNATURE_MAX + 1];
    struct bytes digits = bytes_text(request->timestamp != NULL ? request->timestamp : "");
    if (digits.len != 10 || !bytes_all_digits(digits)) return false;
    for (size_t i = 0; i < digits.len; i++) at_s = at_s * 10 + (digits.at[i] - '0');
    if (at_s < now_s - SMS_TOLERANCE_S || at_s > now_s + SMS_TOLERANCE_S) return false;
    if (FAILED(sms_sign(&p->key, at_s, request->body, expected))) return false;
    return same_secret(request->signature, expected, SMS_SIGNATURE_MAX);
}

/* ---- the register: test data ---- */

enum element { NAME, IDENTITY, LICENCE, PHONE, ACCOUNT };

/* `skip`: characters behind the ending that do not count, as the check digit of an identity. */
static const struct {
    enum element element;
    const char *ending;
    size_t skip;
    enum identity_result result;
} endings[] = {
    {NAME, "不符", 0, IDENTITY_WRONG},    {NAME, "查无", 0, IDENTITY_UNKNOWN},
    {IDENTITY, "404", 1, IDENTITY_WRONG}, {IDENTITY, "503", 1, IDENTITY_UNKNOWN},
    {LICENCE, "404", 1, IDENTITY_WRONG},  {LICENCE, "503", 1, IDENTITY_UNKNOWN},
    {PHONE, "0404", 0, IDENTITY_WRONG},   {PHONE, "0503", 0, IDENTITY_UNKNOWN},
    {ACCOUNT, "0404", 0, IDENTITY_WRONG}, {ACCOUNT, "0503", 0, IDENTITY_UNKNOWN},
};

static bool ends_so(const char *text, const char *ending, size_t skip)
{
    size_t len = strlen(text), wanted = strlen(ending);
    return len >= wanted + skip && memcmp(text + len - skip - wanted, ending, wanted) == 0;
}

enum identity_result identity_register(const struct identity_question *q)
{
    const bool company = q->licence != NULL, account = company || q->elements == IDENTITY_FOUR;
    const char *const value[] = {[NAME] = q->name,
                                 [IDENTITY] = company ? "" : q->identity,
                                 [LICENCE] = company ? q->licence : "",
                                 [PHONE] = company ? "" : q->phone,
                                 [ACCOUNT] = account ? q->account : ""};
    enum identity_result worst = IDENTITY_RIGHT;
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        if (!ends_so(value[endings[i].element], endings[i].ending, endings[i].skip)) continue;
        if (endings[i].result == IDENTITY_WRONG) return IDENTITY_WRONG;
        worst = endings[i].result;
    }
    return worst;
}

/* ---- questions ---- */

struct asked {
    char id[OUTBOUND_ID_MAX + 1], name[IDENTITY_CHECK_NAME_MAX + 1];
    char identity[IDENTITY_CHECK_IDENTITY_LEN + 1], phone[IDENTITY_CHECK_PHONE_LEN + 1];
    char account[IDENTITY_CHECK_ACCOUNT_MAX + 1], licence[IDENTITY_CHECK_LICENCE_LEN + 1];
    struct identity_question question;
};

static void asked_wipe(struct asked *asked)
{
    explicit_bzero(asked, sizeof *asked);
}

/* A company by its licence, or a person; nobody is both. */
static err read_whom(const struct json_t *root, bool company, struct asked *a)
{
    if (company) {
        if (json_has(root, "identity") || json_has(root, "phone")) return ERR(FORMAT);
        return json_text_copy(root, "licence", a->licence, sizeof a->licence);
    }
    TRY(json_text_copy(root, "identity", a->identity, sizeof a->identity));
    return json_text_copy(root, "phone", a->phone, sizeof a->phone);
}

/* What the interface would not let us write it does not read either. */
static err read_asked(struct bytes body, struct asked *a)
{
    static const char *const names[] = {"id",    "elements", "name",    "identity",
                                        "phone", "account",  "licence", NULL};
    CLEANUP(json_free) struct json_document document = {0};
    uint8_t block[IDENTITY_CHECK_BODY_MAX];
    struct writer again = writer_over(block, sizeof block);
    int64_t elements;
    TRY(json_parse(body, IDENTITY_CHECK_BODY_MAX, &document));
    TRY(json_only(document.root, names));
    TRY(json_int(document.root, "elements", IDENTITY_THREE, IDENTITY_FOUR, &elements));
    TRY(json_text_copy(document.root, "id", a->id, sizeof a->id));
    TRY(json_text_copy(document.root, "name", a->name, sizeof a->name));
    bool company = json_has(document.root, "licence"), four = elements == IDENTITY_FOUR;
    TRY(read_whom(document.root, company, a));
    if (company && four) return ERR(FORMAT);
    if (company || four)
        TRY(json_text_copy(document.root, "account", a->account, sizeof a->account));
    else if (json_has(document.root, "account")) return ERR(FORMAT);
    a->question = (struct identity_question){.id = a->id,
                                             .elements = (enum identity_elements)elements,
                                             .name = a->name,
                                             .identity = a->identity,
                                             .phone = a->phone,
                                             .account = a->account,
                                             .licence = company ? a->licence : NULL};
    err whole = identity_check_write(&again, &a->question);
    explicit_bzero(block, sizeof block);
    return whole;
}

/* A repeat is answered as the first time. CONFLICT: its id with another content. */
static err look_up(struct identity_provider *p, const struct asked *a, struct bytes body,
                   enum identity_result *ret)
{
    char digest[SMS_SIGNATURE_MAX + 1];
    TRY(sms_sign(&p->key, 0, body, digest));
    for (size_t i = 0; i < IDENTITY_IDS; i++) {
        if (strcmp(p->taken[i].id, a->id) != 0) continue;
        *ret = p->taken[i].result;
        return strcmp(p->taken[i].digest, digest) == 0 ? OK : ERR(CONFLICT);
    }
    size_t place = p->count++ % IDENTITY_IDS;
    *ret = p->taken[place].result = identity_register(&a->question);
    memcpy(p->taken[place].id, a->id, sizeof a->id);
    memcpy(p->taken[place].digest, digest, sizeof digest);
    return OK;
}

/* ---- answers ---- */

static void write_result(struct writer *w, const char *id, enum identity_result result)
{
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "id", id);
    json_member_string(&j, "result", identity_result_word(result));
    json_object_end(&j);
}

static err sign(const struct identity_provider *p, enum identity_fault fault, struct bytes body,
                struct identity_reply *reply)
{
    struct sms_key key = p->key;
    int64_t at_s = clock_now_ms(&p->clock) / 1000;
    if (fault == IDENTITY_FAULT_STALE) at_s -= 3600;
    if (fault == IDENTITY_FAULT_FORGED) key.signing[0] ^= 1;
    snprintf(reply->timestamp, sizeof reply->timestamp, "%lld", (long long)at_s);
    err made = sms_sign(&key, at_s, body, reply->signature);
    sms_key_wipe(&key);
    return made;
}

static err answer(struct identity_provider *p, const struct identity_request *request,
                  enum identity_fault fault, struct writer *w, struct identity_reply *reply)
{
    CLEANUP(asked_wipe) struct asked a = {.id = ""};
    enum identity_result result = IDENTITY_LATER;
    const size_t before = w->len;
    TRY(read_asked(request->body, &a));
    if (fault != IDENTITY_FAULT_LATER) TRY(look_up(p, &a, request->body, &result));
    if (fault == IDENTITY_FAULT_GARBAGE) write_bytes(w, BYTES("<html>\xff{\"id\":"));
    else write_result(w, fault == IDENTITY_FAULT_ANOTHER ? "another" : a.id, result);
    if (fault == IDENTITY_FAULT_DOUBLED) write_result(w, a.id, result);
    if (fault == IDENTITY_FAULT_BROKEN) reply->status = 500;
    if (fault == IDENTITY_FAULT_SLOW) reply->delay_ms = p->delay_ms;
    if (fault == IDENTITY_FAULT_SILENT) reply->delay_ms = IDENTITY_NEVER;
    return sign(p, fault, bytes_of(w->at + before, w->len - before), reply);
}

static enum identity_fault take_fault(struct identity_provider *p)
{
    if (p->fault_count <= 0) return IDENTITY_FAULT_NONE;
    p->fault_count--;
    return p->fault;
}

void identity_provider_answer(struct identity_provider *p, const struct identity_request *request,
                              struct writer *body, struct identity_reply *ret_reply)
{
    const enum identity_fault fault = take_fault(p);
    *ret_reply = (struct identity_reply){.status = fault == IDENTITY_FAULT_BUSY ? 429 : 200,
                                         .drop = fault == IDENTITY_FAULT_DOWN};
    if (ret_reply->drop || fault == IDENTITY_FAULT_BUSY) return;
    if (!bearer_right(p, request->authorization) || !signed_now(p, request)) {
        ret_reply->status = 401;
        return;
    }
    err done = answer(p, request, fault, body, ret_reply);
    if (FAILED(done)) ret_reply->status = done.code == ERR_CONFLICT ? 409 : 400;
}
