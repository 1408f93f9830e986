/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to WeChat Pay's interface, its answers and its notices. Pure. */
#include "wallets/wechatpay.h"

#include "lib/base/base64.h"
#include "lib/base/money.h"
#include "lib/base/reader.h"
#include "lib/wire/json.h"

enum { PATH_MAX_BYTES = 400, SIGN_MAX = (HSM_WALLET_SIGNATURE_MAX + 2) / 3 * 4 };

/* ---- requests ---- */

struct composed {
    const char *method;
    char path[PATH_MAX_BYTES + 1];
    uint8_t body[WALLET_BODY_MAX];
    size_t body_len;
};

static void write_amount(struct json_out *j, const char *name, int64_t minor, int64_t total)
{
    json_member_object(j, "amount");
    json_member_int(j, name, minor);
    if (total > 0) json_member_int(j, "total", total);
    json_member_string(j, "currency", "CNY");
    json_object_end(j);
}

static void write_sale(struct json_out *j, const struct wallet_ask *ask)
{
    json_member_string(j, "description", ask->account->subject);
    json_member_string(j, "out_trade_no", ask->order.number);
    if (ask->call == WALLET_SHOW) json_member_string(j, "notify_url", ask->account->notify);
    write_amount(j, "total", ask->order.amount_minor, 0);
    if (ask->call != WALLET_PAY) return;
    json_member_object(j, "payer");
    json_member_text(j, "auth_code", ask->order.code);
    json_object_end(j);
    json_member_object(j, "scene_info");
    json_member_string(j, "id", ask->order.terminal);
    json_object_end(j);
}

static void write_body(struct writer *w, const struct wallet_ask *ask)
{
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    if (ask->call == WALLET_REFUND) {
        json_member_string(&j, "out_trade_no", ask->order.number);
        json_member_string(&j, "out_refund_no", ask->order.part);
        if (ask->order.why != NULL) json_member_string(&j, "reason", ask->order.why);
        write_amount(&j, "refund", ask->order.amount_minor, ask->order.total_minor);
    } else {
        if (ask->call != WALLET_CLOSE) json_member_string(&j, "appid", ask->account->app_id);
        json_member_string(&j, "mchid", ask->account->mch_id);
        if (ask->call == WALLET_PAY || ask->call == WALLET_SHOW) write_sale(&j, ask);
    }
    json_object_end(&j);
}

/* Path and query; where the first character is '!', it is asked with GET. */
static const char *const paths[WALLET_CALLS] = {
    [WALLET_PAY] = "/v3/pay/transactions/codepay",
    [WALLET_QUERY] = "!/v3/pay/transactions/out-trade-no/%s?mchid=%s",
    [WALLET_CANCEL] = "/v3/pay/transactions/out-trade-no/%s/reverse",
    [WALLET_REFUND] = "/v3/refund/domestic/refunds",
    [WALLET_REFUND_QUERY] = "!/v3/refund/domestic/refunds/%s",
    [WALLET_SHOW] = "/v3/pay/transactions/native",
    [WALLET_CLOSE] = "/v3/pay/transactions/out-trade-no/%s/close",
    [WALLET_CERTIFICATES] = "!/v3/certificates",
};

/* What stands behind the host of the base: a proxy may have us begin there. It is signed too. */
static const char *base_path(const char *base)
{
    const char *host = strstr(base, "://");
    const char *path = host == NULL ? NULL : strchr(host + 3, '/');
    return path == NULL ? base + strlen(base) : path;
}

/* A path of the table with its %s filled in, one after the other. */
static void write_path(struct writer *w, const char *path, const char *const *values)
{
    for (; *path != '\0'; path++) {
        if (path[0] == '%' && path[1] == 's') {
            wallet_escape(w, bytes_text(*values++));
            path++;
            continue;
        }
        write_be(w, (uint8_t)*path, 1);
    }
}

static err compose(const struct wallet_ask *ask, struct composed *c)
{
    ENSURE((unsigned)ask->call < WALLET_CALLS);
    if (ask->order.amount_minor < 0 || ask->order.amount_minor > MONEY_FIELD_MAX) return ERR(RANGE);
    bool refund = ask->call == WALLET_REFUND;
    if (refund && ask->order.total_minor < ask->order.amount_minor) return ERR(RANGE);
    const char *path = paths[ask->call];
    bool get = path[0] == '!';
    bool part = ask->call == WALLET_REFUND_QUERY;
    const char *const values[] = {part ? ask->order.part : ask->order.number, ask->account->mch_id};
    struct writer path_w = writer_over(c->path, PATH_MAX_BYTES);
    struct writer body_w = writer_over(c->body, sizeof c->body);
    write_bytes(&path_w, bytes_text(base_path(ask->account->base)));
    write_path(&path_w, get ? path + 1 : path, values);
    if (!get) write_body(&body_w, ask);
    if (path_w.fault != ERR_OK || body_w.fault != ERR_OK) return ERR(FULL);
    c->method = get ? "GET" : "POST";
    c->path[path_w.len] = '\0';
    c->body_len = body_w.len;
    return OK;
}

static int64_t seconds(const struct wallet_ask *ask)
{
    return ask->now_ms / 1000;
}

static err text(const struct wallet_ask *ask, struct writer *w)
{
    struct composed c;
    TRY(compose(ask, &c));
    write_format(w, "%s\n%s\n%lld\n%s\n", c.method, c.path, (long long)seconds(ask), ask->nonce);
    write_bytes(w, bytes_of(c.body, c.body_len));
    write_bytes(w, BYTES("\n"));
    explicit_bzero(&c, sizeof c); /* a payment code */
    return (err){w->fault};
}

static err request(const struct wallet_ask *ask, struct bytes signature, struct wallet_request *out)
{
    struct composed c;
    char sign[SIGN_MAX + 1];
    struct writer url = writer_over(out->url, WALLET_URL_MAX), sign_w = writer_over(sign, SIGN_MAX);
    TRY(compose(ask, &c));
    base64_write(&sign_w, signature);
    const char *base = ask->account->base;
    write_format(&url, "%.*s%s", (int)(base_path(base) - base), base, c.path);
    if (url.fault != ERR_OK || sign_w.fault != ERR_OK) return ERR(FULL);
    out->url[url.len] = '\0';
    sign[sign_w.len] = '\0';
    out->method = c.method;
    memcpy(out->body, c.body, c.body_len);
    out->body_len = c.body_len;
    explicit_bzero(&c, sizeof c);
    out->headers = 0;
    wallet_add_header(out, "Authorization",
                      "WECHATPAY2-SHA256-RSA2048 mchid=\"%s\",nonce_str=\"%s\",signature=\"%s\","
                      "timestamp=\"%lld\",serial_no=\"%s\"",
                      ask->account->mch_id, ask->nonce, sign, (long long)seconds(ask),
                      ask->account->serial);
    wallet_add_header(out, "Content-Type", "application/json");
    wallet_add_header(out, "Accept", "application/json");
    wallet_add_header(out, "User-Agent", "tongbao-wallets"); /* without one it is refused */
    if (ask->account->public_count > 0) /* under which of its keys it is to answer */
        wallet_add_header(out, "Wechatpay-Serial", "%s", ask->account->public[0].serial);
    return OK;
}

/* ---- answers ---- */

#define SAYS(word, code) WALLET_##word, code

/* Error codes of every call. Names without underscores are of older answers. */
static const struct wallet_verdict codes[] = {
    {"USERPAYING", SAYS(WAITING, "")},
    {"USER_PAYING", SAYS(WAITING, "")},
    {"SYSTEM_ERROR", SAYS(UNKNOWN, "")},
    {"SYSTEMERROR", SAYS(UNKNOWN, "")},
    {"BANK_ERROR", SAYS(UNKNOWN, "")},
    {"BANKERROR", SAYS(UNKNOWN, "")},
    {"FREQUENCY_LIMITED", SAYS(UNKNOWN, "")},
    {"OUT_TRADE_NO_USED", SAYS(UNKNOWN, "")}, /* asked before: the query says how it stands */
    {"ORDERPAID", SAYS(UNKNOWN, "")},
    {"ORDER_PAID", SAYS(UNKNOWN, "")},
    {"ORDER_CLOSED", SAYS(CLOSED, "")},
    {"ORDERCLOSED", SAYS(CLOSED, "")},
    {"ORDER_REVERSED", SAYS(CLOSED, "")},
    {"ORDERREVERSED", SAYS(CLOSED, "")},
    {"ORDER_NOT_EXIST", SAYS(ABSENT, "")},
    {"ORDERNOTEXIST", SAYS(ABSENT, "")},
    {"RESOURCE_NOT_EXISTS", SAYS(ABSENT, "")},
    {"AUTH_CODE_INVALID", SAYS(REFUSED, "14")},
    {"AUTH_CODE_ERROR", SAYS(REFUSED, "14")},
    {"AUTH_CODE_EXPIRED", SAYS(REFUSED, "14")},
    {"AUTHCODEEXPIRE", SAYS(REFUSED, "14")},
    {"AUTH_CODE_EXPIRE", SAYS(REFUSED, "14")},
    {"NOT_ENOUGH", SAYS(REFUSED, "51")},
    {"NOTENOUGH", SAYS(REFUSED, "51")},
    {"ACCOUNT_ERROR", SAYS(REFUSED, "62")},
    {"ACCOUNTERROR", SAYS(REFUSED, "62")},
    {"USER_ACCOUNT_ABNORMAL", SAYS(REFUSED, "62")},
    {"BUYER_MISMATCH", SAYS(REFUSED, "57")},
    {"RULE_LIMIT", SAYS(REFUSED, "61")},
    {"RULELIMIT", SAYS(REFUSED, "61")},
    {"TRADE_ERROR", SAYS(REFUSED, "05")},
    {"NO_AUTH", SAYS(REFUSED, "03")},
    {"NOAUTH", SAYS(REFUSED, "03")},
    {"MCH_NOT_EXISTS", SAYS(REFUSED, "03")},
    {"APPID_MCHID_NOT_MATCH", SAYS(REFUSED, "03")},
    {"SIGN_ERROR", SAYS(REFUSED, "96")},
    {"PARAM_ERROR", SAYS(REFUSED, "30")},
    {"INVALID_REQUEST", SAYS(REFUSED, "30")},
    {"", SAYS(UNKNOWN, "")},
};

static const struct wallet_verdict trade_states[] = {
    {"SUCCESS", SAYS(PAID, "")},   {"REFUND", SAYS(CLOSED, "")},
    {"NOTPAY", SAYS(WAITING, "")}, {"USERPAYING", SAYS(WAITING, "")},
    {"ACCEPT", SAYS(WAITING, "")}, {"CLOSED", SAYS(CLOSED, "")},
    {"REVOKED", SAYS(CLOSED, "")}, {"PAYERROR", SAYS(REFUSED, "05")},
    {"", SAYS(UNKNOWN, "")},
};

/* A refund that was accepted is carried out: that is its provider's promise. */
static const struct wallet_verdict refund_states[] = {
    {"SUCCESS", SAYS(DONE, "")},     {"PROCESSING", SAYS(DONE, "")},
    {"CLOSED", SAYS(REFUSED, "12")}, {"ABNORMAL", SAYS(UNKNOWN, "")},
    {"", SAYS(UNKNOWN, "")},
};

/* A number of the member "amount"; 0 where there is none. Another currency is another amount. */
static int64_t amount(const struct json_t *row, const char *name)
{
    struct json_t *object;
    int64_t minor;
    if (FAILED(json_member(row, "amount", &object))) return 0;
    if (json_has(object, "currency") && !wallet_says(object, "currency", "CNY")) return 0;
    if (FAILED(json_int(object, name, 1, MONEY_FIELD_MAX, &minor))) return 0;
    return minor;
}

static void read_trade(const struct wallet_ask *ask, const struct json_t *row,
                       struct wallet_said *said)
{
    if (!wallet_says(row, "out_trade_no", ask->order.number) ||
        !wallet_says(row, "mchid", ask->account->mch_id))
        return;
    (void)wallet_judge(trade_states, wallet_member(row, "trade_state"), said);
    said->total_minor = amount(row, "total");
    said->at_ms = wallet_moment(wallet_member(row, "success_time"));
    struct bytes transaction = wallet_member(row, "transaction_id");
    if (FAILED(bytes_to_text(transaction, said->transaction, sizeof said->transaction)))
        said->transaction[0] = '\0';
    bool right = ask->order.amount_minor == 0 || said->total_minor == ask->order.amount_minor;
    if (said->word == WALLET_PAID && (!right || said->total_minor == 0)) {
        said->word = WALLET_UNKNOWN;
        said->total_minor = 0;
    }
}

static void read_refund(const struct wallet_ask *ask, const struct json_t *row,
                        struct wallet_said *said)
{
    if (!wallet_says(row, "out_refund_no", ask->order.part) ||
        !wallet_says(row, "out_trade_no", ask->order.number) ||
        amount(row, "refund") != ask->order.amount_minor)
        return;
    (void)wallet_judge(refund_states, wallet_member(row, "status"), said);
    said->at_ms = wallet_moment(wallet_member(row, "success_time"));
}

static err read_success(const struct wallet_ask *ask, const struct json_t *row,
                        struct wallet_said *said)
{
    switch (ask->call) {
    case WALLET_PAY:
    case WALLET_QUERY:
        read_trade(ask, row, said);
        return OK;
    case WALLET_CANCEL: /* "Y": it has to be asked once more */
        if (!wallet_says(row, "recall", "Y")) said->word = WALLET_DONE;
        return OK;
    case WALLET_CLOSE:
        said->word = WALLET_DONE;
        return OK;
    case WALLET_REFUND:
    case WALLET_REFUND_QUERY:
        read_refund(ask, row, said);
        return OK;
    case WALLET_SHOW:
        TRY(bytes_to_text(wallet_member(row, "code_url"), said->shown, sizeof said->shown));
        if (said->shown[0] != '\0') said->word = WALLET_DONE;
        return OK;
    case WALLET_CERTIFICATES: /* certificates() reads it */
    case WALLET_CALLS:
        break;
    }
    return OK;
}

static err judge(const struct wallet_ask *ask, const struct wallet_raw *raw,
                 struct wallet_said *said)
{
    bool good = raw->status >= 200 && raw->status < 300;
    said->word = WALLET_UNKNOWN;
    if (raw->status == 204 && raw->body.len == 0) {
        if (ask->call == WALLET_CANCEL || ask->call == WALLET_CLOSE) said->word = WALLET_DONE;
        return OK;
    }
    CLEANUP(json_free) struct json_document document = {0};
    TRY(json_parse(raw->body, WALLET_ANSWER_MAX, &document));
    if (good && !json_has(document.root, "code")) return read_success(ask, document.root, said);
    (void)wallet_judge(codes, wallet_member(document.root, "code"), said);
    wallet_only_asked(ask, said);
    return OK;
}

static err check_moment(const char *timestamp, int64_t now_ms)
{
    struct bytes digits = bytes_text(timestamp);
    if (!bytes_all_digits(digits) || digits.len > 12) return ERR(FORMAT);
    int64_t then_ms = 0;
    for (size_t i = 0; i < digits.len; i++) then_ms = then_ms * 10 + (digits.at[i] - '0');
    then_ms *= 1000;
    int64_t apart = then_ms > now_ms ? then_ms - now_ms : now_ms - then_ms;
    return apart <= WECHATPAY_SKEW_MS ? OK : ERR(RANGE);
}

/* What the signature of an answer or a notice covers, and the name of whose it must be. */
static err read_signature(int64_t now_ms, const struct wallet_raw *raw, struct writer *scratch,
                          struct wallet_reading *out)
{
    TRY(check_moment(raw->timestamp, now_ms));
    if (raw->nonce[0] == '\0' || raw->serial[0] == '\0') return ERR(MISSING);
    TRY(wallet_take_signature(bytes_text(raw->signature), out));
    memcpy(out->serial, raw->serial, sizeof out->serial);
    struct bytes text;
    write_format(scratch, "%s\n%s\n", raw->timestamp, raw->nonce);
    write_bytes(scratch, raw->body);
    write_bytes(scratch, BYTES("\n"));
    TRY(writer_finish(scratch, &text));
    hsm_wallet_digest(text, out->digest);
    return OK;
}

static err read(const struct wallet_ask *ask, const struct wallet_raw *raw, struct writer *scratch,
                struct wallet_reading *out)
{
    TRY(read_signature(ask->now_ms, raw, scratch, out));
    out->public_pem = wallet_public_pem(ask->account, ask->held, out->serial, ask->now_ms);
    if (out->public_pem == NULL) return ERR(KEY);
    return judge(ask, raw, &out->said);
}

/* ---- what is sealed ---- */

static err read_sealed(const struct json_t *root, const char *name, struct writer *room,
                       struct wallet_sealed *ret_sealed)
{
    struct json_t *resource;
    struct bytes nonce, associated = {0}, base64;
    TRY(json_member(root, name, &resource));
    TRY(json_text(resource, "nonce", HSM_WALLET_NONCE_BYTES, &nonce));
    if (json_has(resource, "associated_data"))
        TRY(json_text(resource, "associated_data", 64, &associated));
    TRY(json_text(resource, "ciphertext", (HSM_WALLET_SEALED_MAX + 2) / 3 * 4, &base64));
    size_t text_len;
    uint8_t *text = write_space(room, HSM_WALLET_SEALED_MAX);
    if (text == NULL) return ERR(FULL);
    TRY(base64_decode(base64, text, HSM_WALLET_SEALED_MAX, &text_len));
    uint8_t *rest = write_space(room, nonce.len + associated.len);
    if (rest == NULL) return ERR(FULL);
    memcpy(rest, nonce.at, nonce.len);
    if (associated.len > 0) memcpy(rest + nonce.len, associated.at, associated.len);
    *ret_sealed = (struct wallet_sealed){bytes_of(rest, nonce.len),
                                         bytes_of(rest + nonce.len, associated.len),
                                         bytes_of(text, text_len)};
    return OK;
}

/* The platform's certificates, each of them sealed. */
static err certificates(const struct wallet_ask *ask, const struct wallet_raw *raw,
                        struct writer *scratch, struct wallet_fetched *out,
                        struct wallet_reading *check)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct writer room = writer_over(out->room, sizeof out->room);
    struct json_t *list;
    TRY(read_signature(ask->now_ms, raw, scratch, check));
    TRY(json_parse(raw->body, WALLET_ANSWER_MAX, &document));
    TRY(json_list(document.root, "data", WALLET_PUBLIC_KEYS_MAX, &list, &out->rows));
    for (size_t i = 0; i < out->rows; i++) {
        const struct json_t *row = json_at(list, i);
        TRY(json_text_copy(row, "serial_no", out->row[i].serial, sizeof out->row[i].serial));
        TRY(read_sealed(row, "encrypt_certificate", &room, &out->row[i].sealed));
    }
    return out->rows > 0 ? OK : ERR(MISSING);
}

const struct wallet_driver wallet_wechatpay = {text, request, read, certificates, NULL, NULL};

/* ---- notices ---- */

err wechatpay_read_notice(const struct wallet_account *account, const struct wallet_held *held,
                          int64_t now_ms, const struct wallet_raw *raw, struct writer *scratch,
                          struct writer *room, struct wallet_sealed *ret_sealed,
                          struct wallet_reading *ret_check)
{
    TRY(read_signature(now_ms, raw, scratch, ret_check));
    ret_check->public_pem = wallet_public_pem(account, held, ret_check->serial, now_ms);
    if (ret_check->public_pem == NULL) return ERR(KEY);
    CLEANUP(json_free) struct json_document document = {0};
    TRY(json_parse(raw->body, WALLET_ANSWER_MAX, &document));
    return read_sealed(document.root, "resource", room, ret_sealed);
}

/* What the wallet was given with a payment; what does not fit is no plate's. */
static void read_plate(const struct json_t *root, struct wallet_notice *ret_notice)
{
    struct json_t *payer;
    struct bytes attached = wallet_member(root, "attach");
    if (FAILED(bytes_to_text(attached, ret_notice->plate, sizeof ret_notice->plate)) ||
        FAILED(json_member(root, "payer", &payer)) ||
        FAILED(bytes_to_text(wallet_member(payer, "openid"), ret_notice->customer,
                             sizeof ret_notice->customer)))
        ret_notice->plate[0] = '\0';
}

err wechatpay_open_notice(const struct wallet_account *account, struct bytes text,
                          struct wallet_notice *ret_notice)
{
    CLEANUP(json_free) struct json_document document = {0};
    TRY(json_parse(text, HSM_WALLET_SEALED_MAX, &document));
    if (!wallet_says(document.root, "mchid", account->mch_id)) return ERR(IDENTITY);
    TRY(json_text_copy(document.root, "out_trade_no", ret_notice->number,
                       sizeof ret_notice->number));
    ret_notice->amount_minor = amount(document.root, "total");
    if (wallet_says(document.root, "trade_state", "SUCCESS")) read_plate(document.root, ret_notice);
    return OK;
}
