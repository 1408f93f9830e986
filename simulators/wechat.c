/* SPDX-License-Identifier: Apache-2.0 */
/*
 * APIv3: the Authorization header over method, URL, time, nonce and body; the route; and answers
 * signed in their headers, refusals too.
 */
#include "simulators/wechat.h"

#include "lib/base/base64.h"
#include "simulators/provider_certificates.h"

enum { SKEW_MS = 300000, NONCE_MAX = 32 };

static const char scheme[] = "WECHATPAY2-SHA256-RSA2048";

/* ---- what is said ---- */

static const struct {
    const char *code;
    unsigned status;
    const char *message;
} failures[] = {
    {"APPID_MCHID_NOT_MATCH", 400, "appid和mchid不匹配"},
    {"AUTH_CODE_INVALID", 400, "付款码无效，请重新扫码"},
    {"INVALID_REQUEST", 400, "请求不符合当前状态或规则"},
    {"NO_STATEMENT_EXIST", 400, "账单文件不存在"},
    {"NOT_ENOUGH", 403, "余额不足"},
    {"NOT_FOUND", 404, "没有这个接口"},
    {"NO_AUTH", 403, "商户无权限"},
    {"ORDER_CLOSED", 400, "订单已关闭"},
    {"ORDER_NOT_EXIST", 404, "订单不存在"},
    {"ORDER_PAID", 400, "订单已支付"},
    {"ORDER_REVERSED", 400, "订单已撤销"},
    {"OUT_TRADE_NO_USED", 403, "商户订单号重复"},
    {"PARAM_ERROR", 400, "参数错误"},
    {"RESOURCE_NOT_EXISTS", 404, "查询的资源不存在"},
    {"SIGN_ERROR", 401, "验证不通过"},
    {"SYSTEM_ERROR", 500, "系统异常，请稍后重试"},
};

void wechat_failure(struct wechat_call *c, const char *code)
{
    struct writer *w = c->j.w;
    for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
        if (strcmp(failures[i].code, code) != 0) continue;
        w->len = 0; /* what was begun is dropped */
        c->j = json_out_over(w);
        c->answer->status = failures[i].status;
        json_object_begin(&c->j);
        json_member_string(&c->j, "code", code);
        json_member_string(&c->j, "message", failures[i].message);
        json_object_end(&c->j);
        return;
    }
    ensure_failed(__FILE__, __LINE__, "a failure of the table");
}

/* 401, and which part of the header is to blame. */
static void sign_error(struct wechat_call *c, const char *field, const char *issue)
{
    c->answer->status = 401;
    json_object_begin(&c->j);
    json_member_string(&c->j, "code", "SIGN_ERROR");
    json_member_string(&c->j, "message", "验证不通过");
    json_member_object(&c->j, "detail");
    json_member_string(&c->j, "location", "authorization");
    json_member_string(&c->j, "field", field);
    json_member_string(&c->j, "issue", issue);
    json_object_end(&c->j);
    json_object_end(&c->j);
}

/* ---- who asks ---- */

struct authorization {
    struct bytes mchid, nonce_str, signature, timestamp, serial_no;
    int64_t at_ms;
};

static struct bytes *slot_of(struct authorization *a, struct bytes name)
{
    const struct {
        const char *name;
        struct bytes *slot;
    } slots[] = {
        {"mchid", &a->mchid},         {"nonce_str", &a->nonce_str}, {"signature", &a->signature},
        {"timestamp", &a->timestamp}, {"serial_no", &a->serial_no},
    };
    for (size_t i = 0; i < ARRAY_LEN(slots); i++)
        if (bytes_equal(name, bytes_text(slots[i].name))) return slots[i].slot;
    return NULL;
}

/* The next name="value" and what follows it; each name once. */
static err take_pair(struct bytes *text, struct authorization *a)
{
    const uint8_t *equals = memchr(text->at, '=', text->len);
    if (equals == NULL) return ERR(FORMAT);
    struct bytes name = bytes_of(text->at, (size_t)(equals - text->at));
    struct bytes rest = bytes_of(equals + 1, text->len - name.len - 1);
    if (rest.len < 2 || rest.at[0] != '"') return ERR(FORMAT);
    const uint8_t *end = memchr(rest.at + 1, '"', rest.len - 1);
    struct bytes *slot = slot_of(a, name);
    if (end == NULL || slot == NULL || slot->at != NULL) return ERR(FORMAT);
    *slot = bytes_of(rest.at + 1, (size_t)(end - rest.at) - 1);
    *text = bytes_of(end + 1, rest.len - (size_t)(end - rest.at) - 1);
    return OK;
}

/* Each of them is there, and could be what it says. */
static err check_authorization(struct authorization *a)
{
    bool whole = a->mchid.len > 0 && a->nonce_str.len > 0 && a->signature.len > 0 &&
                 a->timestamp.len > 0 && a->serial_no.len > 0;
    if (!whole || a->nonce_str.len > NONCE_MAX) return ERR(FORMAT);
    if (!provider_has_form(a->timestamp, "dddddddddd")) return ERR(FORMAT);
    for (size_t i = 0; i < 10; i++) a->at_ms = a->at_ms * 10 + (a->timestamp.at[i] - '0');
    a->at_ms *= 1000;
    return OK;
}

static err read_authorization(const char *header, struct authorization *a)
{
    size_t skip = sizeof scheme - 1;
    if (header == NULL || strncmp(header, scheme, skip) != 0 || header[skip] != ' ')
        return ERR(FORMAT);
    struct bytes text = bytes_text(header + skip + 1);
    for (;;) {
        while (text.len > 0 && text.at[0] == ' ') text = bytes_of(text.at + 1, text.len - 1);
        TRY(take_pair(&text, a));
        if (text.len == 0) return check_authorization(a);
        if (text.at[0] != ',') return ERR(FORMAT);
        text = bytes_of(text.at + 1, text.len - 1);
    }
}

/* True the first time within ten minutes: its time is good for five, either way. */
static bool nonce_is_new(struct providers *p, struct bytes nonce)
{
    int64_t now = provider_now(p);
    for (size_t i = 0; i < PROVIDER_NONCES; i++)
        if (p->nonce[i].until_ms >= now && bytes_equal(nonce, bytes_text(p->nonce[i].text)))
            return false;
    struct provider_nonce *place = &p->nonce[p->next_nonce];
    p->next_nonce = (p->next_nonce + 1) % PROVIDER_NONCES;
    err fits = bytes_to_text(nonce, place->text, sizeof place->text);
    ENSURE(!FAILED(fits));
    place->until_ms = now + (int64_t)2 * SKEW_MS;
    return true;
}

/* METHOD, URL with its query, time, nonce, body: a line each. */
static void write_message(const struct provider_request *r, const struct authorization *a,
                          struct writer *w)
{
    write_format(w, "%s\n%s%s%s\n", r->method, r->path, r->query[0] != '\0' ? "?" : "", r->query);
    write_bytes(w, a->timestamp);
    write_bytes(w, BYTES("\n"));
    write_bytes(w, a->nonce_str);
    write_bytes(w, BYTES("\n"));
    write_bytes(w, r->body);
    write_bytes(w, BYTES("\n"));
}

/* False, and refused, when it is not the merchant who has signed just this, just now. */
static bool authorized(struct wechat_call *c)
{
    struct authorization a = {0};
    struct providers *p = c->p;
    const struct wechat_config *w = &p->config.wechat;
    if (FAILED(read_authorization(c->request->authorization, &a))) {
        sign_error(c, "authorization", "header is malformed");
        return false;
    }
    int64_t off_ms = provider_now(p) - a.at_ms;
    struct writer message = writer_over(p->scratch, sizeof p->scratch);
    write_message(c->request, &a, &message);
    if (!bytes_equal(a.mchid, bytes_text(w->mchid))) sign_error(c, "mchid", "no such merchant");
    else if (w->merchant.pkey == NULL || !bytes_equal(a.serial_no, bytes_text(w->merchant_serial)))
        sign_error(c, "serial_no", "no such certificate");
    else if (off_ms > SKEW_MS || off_ms < -SKEW_MS)
        sign_error(c, "timestamp", "timestamp is expired");
    else if (message.fault != ERR_OK ||
             FAILED(rsa_key_check_base64(&w->merchant, writer_view(&message), a.signature)))
        sign_error(c, "signature", "sign not match");
    else if (!nonce_is_new(p, a.nonce_str)) sign_error(c, "nonce_str", "nonce is used");
    else return true;
    return false;
}

/* Headers that the interface wants beside the signature. */
static bool headers_right(struct wechat_call *c)
{
    const struct provider_request *r = c->request;
    bool json = r->accept != NULL &&
                (strstr(r->accept, "application/json") != NULL || strstr(r->accept, "*/*") != NULL);
    bool named = r->user_agent != NULL && r->user_agent[0] != '\0';
    bool typed = r->body.len == 0 ||
                 (r->content_type != NULL && strncmp(r->content_type, "application/json", 16) == 0);
    if (json && named && typed) return true;
    wechat_failure(c, "PARAM_ERROR");
    return false;
}

bool wechat_is_number(struct bytes text)
{
    if (text.len < 6 || text.len > 32) return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t ch = text.at[i];
        bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
        bool digit = ch >= '0' && ch <= '9';
        if (!letter && !digit && ch != '_' && ch != '-' && ch != '|' && ch != '*') return false;
    }
    return true;
}

bool wechat_mchid_right(struct wechat_call *c)
{
    struct bytes mchid;
    if (c->biz != NULL && !FAILED(json_text(c->biz, "mchid", PROVIDER_ID_MAX, &mchid)) &&
        bytes_equal(mchid, bytes_text(c->p->config.wechat.mchid)))
        return true;
    wechat_failure(c, "PARAM_ERROR");
    return false;
}

bool wechat_query_mchid_right(struct wechat_call *c)
{
    struct form *form = &c->p->form;
    form->count = form->used = 0;
    if (!FAILED(form_add(form, bytes_text(c->request->query))) &&
        bytes_equal(form_get(form, "mchid"), bytes_text(c->p->config.wechat.mchid)))
        return true;
    wechat_failure(c, "PARAM_ERROR");
    return false;
}

/* ---- routes ---- */

static const struct {
    const char *method, *before; /* the path, or what stands before the part that names something */
    const char *behind;          /* NULL: the whole path is `before` */
    err (*run)(struct wechat_call *c);
} routes[] = {
    {"POST", "/v3/pay/transactions/codepay", NULL, wechat_codepay},
    {"POST", "/v3/pay/transactions/native", NULL, wechat_native},
    {"POST", "/v3/pay/transactions/out-trade-no/", "/close", wechat_close},
    {"POST", "/v3/pay/transactions/out-trade-no/", "/reverse", wechat_reverse},
    {"GET", "/v3/pay/transactions/out-trade-no/", "", wechat_query},
    {"GET", "/v3/pay/transactions/id/", "", wechat_query_id},
    {"POST", "/v3/refund/domestic/refunds", NULL, wechat_refund},
    {"GET", "/v3/refund/domestic/refunds/", "", wechat_refund_query},
    {"GET", "/v3/certificates", NULL, wechat_certificates},
    {"GET", "/v3/bill/tradebill", NULL, wechat_bill},
    {"GET", "/v3/billdownload/file", NULL, wechat_bill_file},
};

static bool route_matches(size_t i, const struct provider_request *r, struct bytes *ret_id)
{
    size_t len = strlen(r->path), before = strlen(routes[i].before);
    size_t behind = routes[i].behind != NULL ? strlen(routes[i].behind) : 0;
    *ret_id = (struct bytes){0};
    if (strcmp(r->method, routes[i].method) != 0) return false;
    if (routes[i].behind == NULL) return strcmp(r->path, routes[i].before) == 0;
    if (len <= before + behind || strncmp(r->path, routes[i].before, before) != 0 ||
        strcmp(r->path + len - behind, routes[i].behind) != 0)
        return false;
    *ret_id = bytes_of(r->path + before, len - before - behind);
    return memchr(ret_id->at, '/', ret_id->len) == NULL;
}

static err dispatch(struct wechat_call *c)
{
    CLEANUP(json_free) struct json_document body = {0};
    if (c->request->body.len > 0 &&
        FAILED(json_parse(c->request->body, PROVIDER_BODY_MAX, &body))) {
        wechat_failure(c, "PARAM_ERROR");
        return OK;
    }
    c->biz = body.root;
    for (size_t i = 0; i < ARRAY_LEN(routes); i++)
        if (route_matches(i, c->request, &c->id)) return routes[i].run(c);
    wechat_failure(c, "NOT_FOUND");
    return OK;
}

static err run(struct wechat_call *c, enum fault fault)
{
    if (!authorized(c) || !headers_right(c)) return OK;
    if (fault == FAULT_TEMPORARY) wechat_failure(c, "SYSTEM_ERROR");
    else if (fault == FAULT_REFUSED) wechat_failure(c, "NO_AUTH");
    else TRY(dispatch(c));
    if (fault == FAULT_UNKNOWN) wechat_failure(c, "SYSTEM_ERROR");
    return OK;
}

/* ---- the answer ---- */

static struct provider_header *next_header(struct provider_header *header, size_t *count,
                                           const char *name)
{
    ENSURE(*count < PROVIDER_HEADERS_MAX && strlen(name) < sizeof header->name);
    struct provider_header *h = &header[(*count)++];
    memcpy(h->name, name, strlen(name) + 1);
    return h;
}

static void add_header(struct provider_header *header, size_t *count, const char *name,
                       const char *value)
{
    struct provider_header *h = next_header(header, count, name);
    err fits = bytes_to_text(bytes_text(value), h->value, sizeof h->value);
    ENSURE(!FAILED(fits));
}

/* Which name the answer is signed under: the public key when the request asks for it or that is
 * usual, otherwise the certificate that signs now, whatever was asked for. */
static const struct rsa_key *signed_under(const struct providers *p, const char *asked,
                                          const char **ret_name)
{
    const struct wechat_config *w = &p->config.wechat;
    const struct rsa_key *key = provider_signs(p, PROVIDER_WECHAT, ret_name);
    bool public = asked != NULL && strcmp(asked, w->key_id) == 0;
    bool certificate = asked != NULL && strcmp(asked, *ret_name) == 0;
    if (!public && (certificate || !w->public_key_mode)) return key;
    *ret_name = w->key_id;
    return &w->own;
}

/* Time, nonce and body: a line each; the signature and what goes with it into headers. */
static err sign(struct providers *p, struct bytes body, const char *asked, enum fault fault,
                struct provider_header *header, size_t *count)
{
    const char *under;
    const struct rsa_key *key = signed_under(p, asked, &under);
    char time[24], nonce[NONCE_MAX + 1];
    struct writer t = writer_over(time, sizeof time - 1);
    struct writer message = writer_over(p->scratch, sizeof p->scratch);
    write_format(&t, "%lld", (long long)(provider_now(p) / 1000));
    time[t.len] = '\0';
    provider_letters(p, nonce, NONCE_MAX);
    write_format(&message, "%s\n%s\n", time, nonce);
    write_bytes(&message, body);
    write_bytes(&message, fault == FAULT_FORGED ? BYTES("\nforged") : BYTES("\n"));
    add_header(header, count, "Wechatpay-Timestamp", time);
    add_header(header, count, "Wechatpay-Nonce", nonce);
    add_header(header, count, "Wechatpay-Serial", under);
    add_header(header, count, "Wechatpay-Signature-Type", scheme);
    struct provider_header *h = next_header(header, count, "Wechatpay-Signature");
    struct writer signature = writer_over(h->value, sizeof h->value - 1);
    TRY(rsa_key_sign_base64(key, writer_view(&message), &signature));
    h->value[signature.len] = '\0';
    return (err){message.fault};
}

err wechat_answer(struct providers *p, const struct provider_request *request, enum fault fault,
                  struct provider_answer *answer)
{
    struct wechat_call c = {.p = p,
                            .request = request,
                            .wrong_minor = fault == FAULT_WRONG ? 1 : 0,
                            .other_key = fault == FAULT_SEALED,
                            .j = json_out_over(&answer->body),
                            .answer = answer};
    char id[PROVIDER_ID_MAX + 1];
    TRY(run(&c, fault));
    answer->content_type = answer->body.len > 0 ? "application/json; charset=utf-8" : NULL;
    provider_letters(p, id, PROVIDER_ID_MAX);
    add_header(answer->header, &answer->header_count, "Request-ID", id);
    if (c.plain) {
        answer->content_type = "text/plain; charset=utf-8";
        return OK;
    }
    err done = sign(p, writer_view(&answer->body), request->serial, fault, answer->header,
                    &answer->header_count);
    if (FAILED(done)) writer_fail(&answer->body, done.code);
    return OK;
}

/* ---- what is sealed ---- */

err wechat_write_sealed(struct json_out *j, struct providers *p, const char *associated,
                        struct bytes plain, bool other)
{
    enum { SEALED_MAX = 6 << 10 };
    CLEANUP(key_wipe) struct key key;
    uint8_t sealed[SEALED_MAX], text[(SEALED_MAX + 2) / 3 * 4];
    char nonce[CIPHER_NONCE_BYTES + 1];
    struct writer w = writer_over(text, sizeof text);
    uint8_t text_key[PROVIDER_KEY_BYTES];
    if (plain.len > sizeof sealed - CIPHER_TAG_BYTES) return ERR(LENGTH);
    memcpy(text_key, p->config.wechat.api_key, sizeof text_key);
    if (other) text_key[0] ^= 1;
    err made = key_make(KEY_AES256, KEY_USAGE_DATA, BYTES_OF(text_key), &key);
    explicit_bzero(text_key, sizeof text_key);
    TRY(made);
    provider_letters(p, nonce, CIPHER_NONCE_BYTES);
    TRY(cipher_gcm_seal(p->config.crypto, &key, (const uint8_t *)nonce, bytes_text(associated),
                        plain, sealed));
    base64_write(&w, bytes_of(sealed, plain.len + CIPHER_TAG_BYTES));
    json_member_string(j, "algorithm", "AEAD_AES_256_GCM");
    json_member_string(j, "nonce", nonce);
    json_member_string(j, "associated_data", associated);
    json_member_text(j, "ciphertext", writer_view(&w));
    return (err){w.fault};
}

err wechat_notice(struct providers *p, const struct notice *n, const struct trade *t,
                  const struct refund *r, enum fault fault, struct provider_notice *out,
                  struct provider_header *header)
{
    uint8_t plain[4 << 10];
    char time[32];
    const char *type = r == NULL ? "transaction" : "refund";
    struct writer inner = writer_over(plain, sizeof plain), at = writer_over(time, sizeof time);
    struct json_out j = json_out_over(&inner);
    int64_t wrong = fault == FAULT_WRONG ? 1 : 0;
    provider_time_zoned(&at, provider_now(p));
    if (r == NULL) wechat_write_trade(&j, p, t, wrong);
    else wechat_write_refund_notice(&j, p, t, r, wrong);

    struct writer body = writer_over(p->notice_body, sizeof p->notice_body);
    j = json_out_over(&body);
    json_object_begin(&j);
    json_member_string(&j, "id", n->id);
    json_member_text(&j, "create_time", writer_view(&at));
    json_member_string(&j, "resource_type", "encrypt-resource");
    json_member_string(&j, "event_type", r == NULL ? "TRANSACTION.SUCCESS" : "REFUND.SUCCESS");
    json_member_string(&j, "summary", r == NULL ? "支付成功" : "退款成功");
    json_member_object(&j, "resource");
    json_member_string(&j, "original_type", type);
    TRY(writer_finish(&inner, &out->body));
    TRY(wechat_write_sealed(&j, p, type, out->body, fault == FAULT_SEALED));
    json_object_end(&j);
    json_object_end(&j);
    TRY(writer_finish(&body, &out->body));
    out->content_type = "application/json";
    out->header = header;
    return sign(p, out->body, NULL, fault, header, &out->header_count);
}
