/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the open platform and its answers. Pure. */
#include "wallets/alipay.h"

#include <stdio.h>

#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/base/money.h"
#include "lib/wire/json.h"
#include "wallets/alipay_raw.h"

enum {
    BIZ_MAX = 1024,
    HIDDEN_MAX = (BIZ_MAX + 16 + 2) / 3 * 4,
    PARAMETERS = 12,
    RESPONSE_KEY_MAX = 64
};

static const char *const methods[WALLET_CALLS] = {
    [WALLET_PAY] = "alipay.trade.pay",
    [WALLET_QUERY] = "alipay.trade.query",
    [WALLET_CANCEL] = "alipay.trade.cancel",
    [WALLET_REFUND] = "alipay.trade.refund",
    [WALLET_REFUND_QUERY] = "alipay.trade.fastpay.refund.query",
    [WALLET_SHOW] = "alipay.trade.precreate",
    [WALLET_CLOSE] = "alipay.trade.close",
    [WALLET_CERTIFICATES] = "alipay.open.app.alipaycert.download",
};

const char *alipay_method(enum wallet_call call)
{
    ENSURE((unsigned)call < WALLET_CALLS);
    return methods[call];
}

/* ---- requests ---- */

struct parameter {
    const char *name;
    struct bytes value;
};

/* What the values are views of. */
struct composed {
    char timestamp[20];
    uint8_t biz[HIDDEN_MAX];
    struct parameter parameter[PARAMETERS];
    size_t count;
};

static void member_yuan(struct json_out *j, const char *name, int64_t minor)
{
    char text[MONEY_TEXT_MAX];
    struct writer w = writer_over(text, sizeof text);
    money_write(&w, minor);
    json_member_text(j, name, writer_view(&w));
}

static void write_sale(struct json_out *j, const struct wallet_ask *ask)
{
    if (ask->call == WALLET_PAY) {
        json_member_string(j, "scene", "bar_code");
        json_member_text(j, "auth_code", ask->order.code);
        json_member_string(j, "product_code", "FACE_TO_FACE_PAYMENT");
    }
    json_member_string(j, "subject", ask->account->subject);
    member_yuan(j, "total_amount", ask->order.amount_minor);
    json_member_string(j, "terminal_id", ask->order.terminal);
    if (ask->call == WALLET_SHOW) json_member_string(j, "qr_code_timeout_express", "10m");
    if (ask->call == WALLET_SHOW) json_member_string(j, "timeout_express", "10m");
}

static void write_biz(struct writer *w, const struct wallet_ask *ask)
{
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    bool certificate = ask->call == WALLET_CERTIFICATES;
    json_member_string(&j, certificate ? "alipay_cert_sn" : "out_trade_no", ask->order.number);
    switch (ask->call) {
    case WALLET_PAY:
    case WALLET_SHOW:
        write_sale(&j, ask);
        break;
    case WALLET_REFUND:
        member_yuan(&j, "refund_amount", ask->order.amount_minor);
        json_member_string(&j, "out_request_no", ask->order.part);
        if (ask->order.why != NULL) json_member_string(&j, "refund_reason", ask->order.why);
        break;
    case WALLET_REFUND_QUERY:
        json_member_string(&j, "out_request_no", ask->order.part);
        break;
    case WALLET_QUERY:
    case WALLET_CANCEL:
    case WALLET_CLOSE:
    case WALLET_CERTIFICATES:
    case WALLET_CALLS:
        break;
    }
    json_object_end(&j);
}

/* By name, because that is their order in the text; what is empty is left out. */
static err compose(const struct wallet_ask *ask, struct composed *c)
{
    struct writer w = writer_over(c->biz, sizeof c->biz);
    struct bytes biz;
    bool hidden = ask->content.len > 0;
    if (ask->order.amount_minor < 0 || ask->order.amount_minor > MONEY_FIELD_MAX) return ERR(RANGE);
    if (hidden) base64_write(&w, ask->content);
    else write_biz(&w, ask);
    TRY(writer_finish(&w, &biz));
    struct civil t = civil_from_ms(ask->now_ms + CLOCK_CHINA_OFFSET_MS);
    struct writer time_w = writer_over(c->timestamp, sizeof c->timestamp);
    write_format(&time_w, "%04d-%02d-%02d %02d:%02d:%02d", t.year, t.month, t.day, t.hour, t.minute,
                 t.second);
    bool told = ask->call == WALLET_PAY || ask->call == WALLET_SHOW;
    const struct parameter all[PARAMETERS] = {
        {"alipay_root_cert_sn", bytes_text(ask->account->root_sn)},
        {"app_cert_sn", bytes_text(ask->account->app_sn)},
        {"app_id", bytes_text(ask->account->app_id)},
        {"biz_content", biz},
        {"charset", BYTES("utf-8")},
        {"encrypt_type", hidden ? BYTES("AES") : (struct bytes){0}},
        {"format", BYTES("JSON")},
        {"method", bytes_text(alipay_method(ask->call))},
        {"notify_url", told ? bytes_text(ask->account->notify) : (struct bytes){0}},
        {"sign_type", BYTES("RSA2")},
        {"timestamp", writer_view(&time_w)},
        {"version", BYTES("1.0")},
    };
    c->count = 0;
    for (size_t i = 0; i < PARAMETERS; i++)
        if (all[i].value.len > 0) c->parameter[c->count++] = all[i];
    return OK;
}

static err text(const struct wallet_ask *ask, struct writer *w)
{
    struct composed c;
    err done = compose(ask, &c);
    for (size_t i = 0; !FAILED(done) && i < c.count; i++) {
        write_bytes(w, i == 0 ? (struct bytes){0} : BYTES("&"));
        write_bytes(w, bytes_text(c.parameter[i].name));
        write_bytes(w, BYTES("="));
        write_bytes(w, c.parameter[i].value);
    }
    explicit_bzero(&c, sizeof c); /* a payment code */
    return FAILED(done) ? done : (err){w->fault};
}

static void write_pair(struct writer *w, const char *name, struct bytes value)
{
    write_bytes(w, bytes_text(name));
    write_bytes(w, BYTES("="));
    wallet_escape(w, value);
}

/* The business is in the body, and so are the names of certificates: of four roots they are long.
 */
static bool in_body(const char *name)
{
    return strcmp(name, "biz_content") == 0 || strcmp(name, "app_cert_sn") == 0 ||
           strcmp(name, "alipay_root_cert_sn") == 0;
}

/* As the platform's own kits do: common parameters in the address, the business in the body. */
static err write_request(const struct composed *c, const char *base, struct bytes signature,
                         struct wallet_request *out)
{
    char sign[(HSM_WALLET_SIGNATURE_MAX + 2) / 3 * 4];
    struct writer url = writer_over(out->url, WALLET_URL_MAX);
    struct writer body = writer_over(out->body, sizeof out->body);
    struct writer sign_w = writer_over(sign, sizeof sign);
    base64_write(&sign_w, signature);
    write_format(&url, "%s?", base);
    for (size_t i = 0; i < c->count; i++) {
        if (in_body(c->parameter[i].name)) {
            if (body.len > 0) write_bytes(&body, BYTES("&"));
            write_pair(&body, c->parameter[i].name, c->parameter[i].value);
            continue;
        }
        write_pair(&url, c->parameter[i].name, c->parameter[i].value);
        write_bytes(&url, BYTES("&"));
    }
    write_pair(&url, "sign", writer_view(&sign_w));
    if (url.fault != ERR_OK || body.fault != ERR_OK || sign_w.fault != ERR_OK) return ERR(FULL);
    out->url[url.len] = '\0';
    out->body_len = body.len;
    out->method = "POST";
    wallet_add_header(out, "Content-Type", "application/x-www-form-urlencoded;charset=utf-8");
    return OK;
}

static err request(const struct wallet_ask *ask, struct bytes signature, struct wallet_request *out)
{
    struct composed c;
    out->headers = 0;
    err done = compose(ask, &c);
    if (!FAILED(done)) done = write_request(&c, ask->account->base, signature, out);
    explicit_bzero(&c, sizeof c);
    return done;
}

/* ---- answers ---- */

#define SAYS(word, code) WALLET_##word, code

/* The first code of an answer, when it is not 10000. Whatever stands in no table is UNKNOWN. */
static const struct wallet_verdict codes[] = {
    {"10003", SAYS(WAITING, "")},   {"20000", SAYS(UNKNOWN, "")},   {"20001", SAYS(REFUSED, "03")},
    {"40001", SAYS(REFUSED, "30")}, {"40002", SAYS(REFUSED, "30")}, {"40003", SAYS(REFUSED, "57")},
    {"40006", SAYS(REFUSED, "03")}, {"", SAYS(UNKNOWN, "")},
};

/* The second code, under 40004, of a payment. */
static const struct wallet_verdict sale_codes[] = {
    {"ACQ.SYSTEM_ERROR", SAYS(UNKNOWN, "")},
    {"ACQ.TRADE_HAS_SUCCESS", SAYS(UNKNOWN, "")}, /* paid before: the query says how much */
    {"ACQ.CONTEXT_INCONSISTENT", SAYS(UNKNOWN, "")},
    {"ACQ.TRADE_HAS_CLOSE", SAYS(CLOSED, "")},
    {"ACQ.PAYMENT_AUTH_CODE_INVALID", SAYS(REFUSED, "14")},
    {"ACQ.BUYER_BALANCE_NOT_ENOUGH", SAYS(REFUSED, "51")},
    {"ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH", SAYS(REFUSED, "51")},
    {"ACQ.ERROR_BALANCE_PAYMENT_DISABLE", SAYS(REFUSED, "57")},
    {"ACQ.BUYER_SELLER_EQUAL", SAYS(REFUSED, "57")},
    {"ACQ.TRADE_BUYER_NOT_MATCH", SAYS(REFUSED, "57")},
    {"ACQ.BUYER_ENABLE_STATUS_FORBID", SAYS(REFUSED, "62")},
    {"ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE", SAYS(REFUSED, "57")},
    {"ACQ.PULL_MOBILE_CASHIER_FAIL", SAYS(REFUSED, "05")},
    {"ACQ.PAYMENT_FAIL", SAYS(REFUSED, "05")},
    {"ACQ.PAYMENT_REQUEST_HAS_RISK", SAYS(REFUSED, "59")},
    {"ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", SAYS(REFUSED, "61")},
    {"ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR", SAYS(REFUSED, "61")},
    {"ACQ.BEYOND_PAY_RESTRICTION", SAYS(REFUSED, "61")},
    {"ACQ.BEYOND_PER_RECEIPT_RESTRICTION", SAYS(REFUSED, "61")},
    {"ACQ.TOTAL_FEE_EXCEED", SAYS(REFUSED, "61")},
    {"ACQ.SELLER_BEEN_BLOCKED", SAYS(REFUSED, "03")},
    {"ACQ.PARTNER_ERROR", SAYS(REFUSED, "03")},
    {"ACQ.ACCESS_FORBIDDEN", SAYS(REFUSED, "03")},
    {"ACQ.INVALID_PARAMETER", SAYS(REFUSED, "30")},
    {"ACQ.INVALID_STORE_ID", SAYS(REFUSED, "30")},
    {"ACQ.EXIST_FORBIDDEN_WORD", SAYS(REFUSED, "30")},
    {"", SAYS(UNKNOWN, "")},
};

/* And of everything that is about a payment. */
static const struct wallet_verdict about_codes[] = {
    {"ACQ.SYSTEM_ERROR", SAYS(UNKNOWN, "")},
    {"ACQ.TRADE_NOT_EXIST", SAYS(ABSENT, "")},
    {"ACQ.TRADE_HAS_CLOSE", SAYS(CLOSED, "")},
    {"ACQ.TRADE_HAS_FINISHED", SAYS(REFUSED, "22")},
    {"ACQ.TRADE_STATUS_ERROR", SAYS(REFUSED, "12")},
    {"ACQ.TRADE_CANCEL_TIME_OUT", SAYS(REFUSED, "12")}, /* older than a day */
    {"ACQ.DISCORDANT_REPEAT_REQUEST", SAYS(UNKNOWN, "")},
    {"ACQ.SELLER_BALANCE_NOT_ENOUGH", SAYS(REFUSED, "51")},
    {"ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", SAYS(REFUSED, "61")},
    {"ACQ.REASON_TRADE_BEEN_FREEZEN", SAYS(REFUSED, "57")},
    {"ACQ.REASON_TRADE_REFUND_FEE_ERR", SAYS(REFUSED, "61")},
    {"ACQ.REFUND_CHARGE_ERROR", SAYS(UNKNOWN, "")},
    {"ACQ.BUYER_NOT_EXIST", SAYS(REFUSED, "57")},
    {"ACQ.BUYER_ENABLE_STATUS_FORBID", SAYS(REFUSED, "62")},
    {"ACQ.INVALID_PARAMETER", SAYS(REFUSED, "30")},
    {"", SAYS(UNKNOWN, "")},
};

static const struct wallet_verdict trade_states[] = {
    {"WAIT_BUYER_PAY", SAYS(WAITING, "")},
    {"TRADE_SUCCESS", SAYS(PAID, "")},
    {"TRADE_FINISHED", SAYS(PAID, "")},
    {"TRADE_CLOSED", SAYS(CLOSED, "")},
    {"", SAYS(UNKNOWN, "")},
};

static bool says_yuan(const struct json_t *row, const char *name, int64_t minor)
{
    int64_t found;
    return !FAILED(money_parse(wallet_member(row, name), &found)) && found == minor;
}

static void read_query(const struct wallet_ask *ask, const struct json_t *row,
                       struct wallet_said *said)
{
    int64_t total;
    if (FAILED(money_parse(wallet_member(row, "total_amount"), &total))) return;
    if (ask->order.amount_minor != 0 && total != ask->order.amount_minor) return;
    said->total_minor = total;
    said->at_ms = wallet_moment(wallet_member(row, "send_pay_date"));
    (void)wallet_judge(trade_states, wallet_member(row, "trade_status"), said);
}

static void read_refund_query(const struct wallet_ask *ask, const struct json_t *row,
                              struct wallet_said *said)
{
    if (!json_has(row, "refund_status") && !json_has(row, "refund_amount")) {
        said->word = WALLET_ABSENT;
        return;
    }
    if (wallet_says(row, "out_request_no", ask->order.part) &&
        wallet_says(row, "refund_status", "REFUND_SUCCESS") &&
        says_yuan(row, "refund_amount", ask->order.amount_minor)) {
        said->word = WALLET_DONE;
        said->at_ms = wallet_moment(wallet_member(row, "gmt_refund_pay"));
    }
}

static err read_shown(const struct json_t *row, struct wallet_said *said)
{
    TRY(bytes_to_text(wallet_member(row, "qr_code"), said->shown, sizeof said->shown));
    if (said->shown[0] != '\0') said->word = WALLET_DONE;
    return OK;
}

/* What 10000 says. Of another payment or amount it says nothing. */
static err read_success(const struct wallet_ask *ask, const struct json_t *row,
                        struct wallet_said *said)
{
    bool absent_refund = ask->call == WALLET_REFUND_QUERY && !json_has(row, "out_trade_no");
    if (!absent_refund && !wallet_says(row, "out_trade_no", ask->order.number)) return OK;
    if (wallet_member(row, "trade_no").len < sizeof said->transaction)
        TRY(bytes_to_text(wallet_member(row, "trade_no"), said->transaction,
                          sizeof said->transaction));
    switch (ask->call) {
    case WALLET_PAY:
        if (says_yuan(row, "total_amount", ask->order.amount_minor)) said->word = WALLET_PAID;
        said->at_ms = wallet_moment(wallet_member(row, "gmt_payment"));
        return OK;
    case WALLET_QUERY:
        read_query(ask, row, said);
        return OK;
    case WALLET_CANCEL:
        if (wallet_says(row, "retry_flag", "N")) said->word = WALLET_DONE;
        return OK;
    case WALLET_CLOSE:
        said->word = WALLET_DONE;
        return OK;
    case WALLET_REFUND: /* without a change of funds it was made before, or not at all: ask */
        if (wallet_says(row, "fund_change", "Y")) said->word = WALLET_DONE;
        said->at_ms = wallet_moment(wallet_member(row, "gmt_refund_pay"));
        return OK;
    case WALLET_REFUND_QUERY:
        read_refund_query(ask, row, said);
        return OK;
    case WALLET_SHOW:
        return read_shown(row, said);
    case WALLET_CERTIFICATES: /* certificates() reads it */
    case WALLET_CALLS:
        break;
    }
    return OK;
}

static err judge(const struct wallet_ask *ask, const struct json_t *row, struct wallet_said *said)
{
    bool sale = ask->call == WALLET_PAY || ask->call == WALLET_SHOW;
    said->word = WALLET_UNKNOWN;
    if (wallet_says(row, "code", "10000")) return read_success(ask, row, said);
    if (wallet_says(row, "code", "40004"))
        (void)wallet_judge(sale ? sale_codes : about_codes, wallet_member(row, "sub_code"), said);
    else (void)wallet_judge(codes, wallet_member(row, "code"), said);
    wallet_only_asked(ask, said);
    return OK;
}

/* "alipay_trade_pay_response". */
static struct bytes response_key(enum wallet_call call, char out[RESPONSE_KEY_MAX])
{
    int len = snprintf(out, RESPONSE_KEY_MAX, "%s_response", alipay_method(call));
    ENSURE(len > 0 && len < RESPONSE_KEY_MAX);
    for (char *c = out; *c != '\0'; c++)
        if (*c == '.') *c = '_';
    return bytes_of(out, (size_t)len);
}

/* Errors are answered under a name of their own, and signed in the same way. */
static err find_response(enum wallet_call call, struct bytes body, struct bytes *ret_response)
{
    char key[RESPONSE_KEY_MAX];
    err found = alipay_raw_member(body, response_key(call, key), ret_response);
    if (found.code != ERR_NOT_FOUND) return found;
    return alipay_raw_member(body, BYTES("error_response"), ret_response);
}

/* A text instead of an object: its bytes, hidden; the quotes are signed with it. */
static err read_hidden(const struct wallet_ask *ask, struct bytes body, struct writer *scratch,
                       struct bytes *response, struct wallet_reading *out)
{
    CLEANUP(json_free) struct json_document document = {0};
    char key[RESPONSE_KEY_MAX];
    struct bytes base64;
    size_t len = 0;
    if (ask->account->content.len == 0) return ERR(FORMAT);
    (void)response_key(ask->call, key);
    TRY(json_parse(body, WALLET_ANSWER_MAX, &document));
    TRY(json_text(document.root, key, WALLET_ANSWER_MAX, &base64));
    uint8_t *hidden = write_space(scratch, HSM_WALLET_SEALED_MAX);
    if (hidden == NULL) return ERR(FULL);
    TRY(base64_decode(base64, hidden, HSM_WALLET_SEALED_MAX, &len));
    if (len == 0) return ERR(MISSING);
    out->hidden = bytes_of(hidden, len);
    *response = bytes_of(response->at - 1, response->len + 2);
    return OK;
}

/* What is signed, and the name of whose signature it must be: in certificate mode the answer says
 * it beside what it is about. */
static err read_signed(const struct wallet_ask *ask, struct bytes body, struct writer *scratch,
                       struct bytes *ret_response, struct wallet_reading *out)
{
    struct bytes sign, sn = {0};
    TRY(find_response(ask->call, body, ret_response));
    if (ret_response->len == 0 || ret_response->at[0] != '{')
        TRY(read_hidden(ask, body, scratch, ret_response, out));
    TRY(alipay_raw_member(body, BYTES("sign"), &sign));
    TRY(wallet_take_signature(sign, out));
    hsm_wallet_digest(*ret_response, out->digest);
    if (ask->account->app_sn[0] != '\0') TRY(alipay_raw_member(body, BYTES("alipay_cert_sn"), &sn));
    return bytes_to_text(sn, out->serial, sizeof out->serial);
}

/* In the clear, or after it was shown. */
static err shown(const struct wallet_ask *ask, struct bytes text, struct wallet_said *said)
{
    CLEANUP(json_free) struct json_document document = {0};
    TRY(json_parse(text, WALLET_ANSWER_MAX, &document));
    return judge(ask, document.root, said);
}

static err read(const struct wallet_ask *ask, const struct wallet_raw *raw, struct writer *scratch,
                struct wallet_reading *out)
{
    struct bytes response;
    TRY(read_signed(ask, raw->body, scratch, &response, out));
    out->public_pem = wallet_public_pem(ask->account, ask->held, out->serial, ask->now_ms);
    if (out->public_pem == NULL) return ERR(KEY);
    return out->hidden.len > 0 ? OK : shown(ask, response, &out->said);
}

/* The certificate that was asked for, with what lies between it and the root. */
static err certificates(const struct wallet_ask *ask, const struct wallet_raw *raw,
                        struct writer *scratch, struct wallet_fetched *out,
                        struct wallet_reading *check)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct wallet_certificate found;
    struct wallet_public_key key;
    struct bytes response, base64;
    size_t len = 0;
    TRY(read_signed(ask, raw->body, scratch, &response, check));
    if (check->hidden.len > 0) return ERR(FORMAT); /* it was not asked for hidden */
    TRY(json_parse(response, WALLET_ANSWER_MAX, &document));
    if (!wallet_says(document.root, "code", "10000")) return ERR(REFUSED);
    TRY(json_text(document.root, "alipay_cert_content", WALLET_ANSWER_MAX, &base64));
    uint8_t *chain = write_space(scratch, WALLET_CERTIFICATE_CHAIN_MAX);
    if (chain == NULL) return ERR(FULL);
    TRY(base64_decode(base64, chain, WALLET_CERTIFICATE_CHAIN_MAX, &len));
    TRY(wallet_certificate_verify(bytes_text(ask->account->root), bytes_of(chain, len), ask->now_ms,
                                  &found));
    if (strcmp(found.sn, ask->order.number) != 0) return ERR(IDENTITY);
    wallet_public_key_of(&found, found.sn, &key);
    wallet_held_add(&out->found, &key);
    return OK;
}

static err content(const struct wallet_ask *ask, struct writer *w)
{
    if (ask->order.amount_minor < 0 || ask->order.amount_minor > MONEY_FIELD_MAX) return ERR(RANGE);
    write_biz(w, ask);
    return (err){w->fault};
}

const struct wallet_driver wallet_alipay = {text, request, read, certificates, content, shown};
