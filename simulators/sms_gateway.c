/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway: who asks, is it signed, was it here before, and what it costs. */
#include "simulators/sms_gateway.h"

#include "lib/crypto/secret.h"
#include "lib/wire/json.h"

/* ---- who asks ---- */

static bool same_secret(const char *came, const char *expected, size_t len)
{
    return came != NULL && strlen(came) == len &&
           secret_equal(bytes_of(came, len), bytes_of(expected, len));
}

static bool bearer_right(const struct sms_gateway *g, const char *authorization)
{
    static const char scheme[] = "Bearer ";
    const size_t skip = sizeof scheme - 1;
    return authorization != NULL && strncmp(authorization, scheme, skip) == 0 &&
           same_secret(authorization + skip, g->key.bearer, SMS_BEARER_LEN);
}

/* Ten digits until the year 2286. */
static bool read_timestamp(const char *text, int64_t *ret_seconds)
{
    struct bytes digits = text != NULL ? bytes_text(text) : BYTES("");
    int64_t seconds = 0;
    if (digits.len != 10 || !bytes_all_digits(digits)) return false;
    for (size_t i = 0; i < digits.len; i++) seconds = seconds * 10 + (digits.at[i] - '0');
    *ret_seconds = seconds;
    return true;
}

static bool signed_now(const struct sms_gateway *g, const struct sms_gateway_request *request)
{
    int64_t at_s, now_s = clock_now_ms(&g->clock) / 1000;
    char expected[SMS_SIGNATURE_MAX + 1];
    if (!read_timestamp(request->timestamp, &at_s)) return false;
    if (at_s < now_s - SMS_TOLERANCE_S || at_s > now_s + SMS_TOLERANCE_S) return false;
    if (FAILED(sms_sign(&g->key, at_s, request->body, expected))) return false;
    return same_secret(request->signature, expected, SMS_SIGNATURE_MAX);
}

/* ---- what it costs ---- */

unsigned sms_segments(struct bytes text)
{
    size_t units = 0;
    bool ascii = true;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (c >= 0x80) ascii = false;
        if ((c & 0xc0) != 0x80) units += c >= 0xf0 ? 2 : 1; /* beyond the BMP: a surrogate pair */
    }
    size_t one = ascii ? 160 : 70, each = ascii ? 153 : 67;
    return units <= one ? 1 : (unsigned)((units + each - 1) / each);
}

/* ---- the request ---- */

struct asked {
    char id[OUTBOUND_ID_MAX + 1];
    char to[SMS_NUMBER_MAX + 1];
    struct bytes text;
};

static err read_request(const struct json_t *root, struct asked *asked)
{
    static const char *const names[] = {"id", "to", "text", NULL};
    TRY(json_only(root, names));
    TRY(json_text_copy(root, "id", asked->id, sizeof asked->id));
    TRY(json_text_copy(root, "to", asked->to, sizeof asked->to));
    TRY(json_text(root, "text", SMS_TEXT_MAX, &asked->text));
    bool right = outbound_id_valid(asked->id) && sms_number_valid(bytes_text(asked->to)) &&
                 asked->text.len > 0;
    return right ? OK : ERR(FORMAT);
}

static const int64_t *cost_of(const struct sms_gateway *g, const char *id)
{
    for (size_t i = 0; i < SMS_GATEWAY_IDS; i++)
        if (strcmp(g->taken[i].id, id) == 0) return &g->taken[i].cost_fen;
    return NULL;
}

static int64_t deliver(struct sms_gateway *g, const struct asked *asked)
{
    size_t place = g->count++ % SMS_GATEWAY_IDS;
    int64_t cost_fen = (int64_t)sms_segments(asked->text) * SMS_GATEWAY_PRICE_FEN;
    struct received *m = mailbox_next(g->mailbox, MAILBOX_SMS, clock_now_ms(&g->clock));
    mailbox_lay(m->contact, sizeof m->contact, bytes_text(asked->to));
    mailbox_lay(m->text, sizeof m->text, asked->text);
    memcpy(g->taken[place].id, asked->id, sizeof asked->id);
    g->taken[place].cost_fen = cost_fen;
    return cost_fen;
}

static void write_answer(struct writer *w, const char *id, const char *status, int64_t cost_fen)
{
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "id", id);
    json_member_string(&j, "status", status);
    json_member_int(&j, "cost", cost_fen);
    json_object_end(&j);
}

/* What was asked rightly, with what is to go wrong. */
static void serve(struct sms_gateway *g, const struct asked *asked, enum fault fault,
                  struct writer *body, struct sms_gateway_answer *answer)
{
    if (fault == FAULT_TEMPORARY || fault == FAULT_REFUSED) {
        write_answer(body, asked->id, fault == FAULT_REFUSED ? "refused" : "later", 0);
        return;
    }
    const int64_t *before = cost_of(g, asked->id);
    const char *status = before != NULL ? "duplicate" : "accepted";
    int64_t cost_fen = before != NULL ? *before : deliver(g, asked);
    if (fault == FAULT_BROKEN) answer->status = 500;
    if (fault == FAULT_SLOW) answer->delay_ms = g->plan.delay_ms;
    write_answer(body, fault == FAULT_WRONG ? "another" : asked->id, status, cost_fen);
    if (fault == FAULT_DOUBLED) write_answer(body, asked->id, status, cost_fen);
}

void sms_gateway_answer(struct sms_gateway *g, const struct sms_gateway_request *request,
                        struct writer *body, struct sms_gateway_answer *ret_answer)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct asked asked;
    enum fault fault = fault_take(&g->plan);
    *ret_answer = (struct sms_gateway_answer){.status = 200};
    if (fault == FAULT_DOWN) {
        ret_answer->drop = true;
        return;
    }
    if (!bearer_right(g, request->authorization) || !signed_now(g, request)) {
        ret_answer->status = 401;
        return;
    }
    err read = json_parse(request->body, SMS_GATEWAY_BODY_MAX, &document);
    if (!FAILED(read)) read = read_request(document.root, &asked);
    if (FAILED(read)) {
        ret_answer->status = 400;
        return;
    }
    serve(g, &asked, fault, body, ret_answer);
}
