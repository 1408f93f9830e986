/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway.do: parameters from the query and the body, the signature over all of them, the method,
 * and the answer, signed over exactly the bytes of its object.
 */
#include "simulators/alipay.h"

#include "lib/base/base64.h"
#include "lib/crypto/wallet_content.h"
#include "simulators/provider_certificates.h"

enum { ALIPAY_BIZ_MAX = 16 << 10 };

/* ---- what is said ---- */

static const struct {
    const char *code, *msg;
} codes[] = {
    {"10000", "Success"},
    {"10003", "order success pay inprocess"},
    {"20000", "Service Currently Unavailable"},
    {"40001", "Missing Required Arguments"},
    {"40002", "Invalid Arguments"},
    {"40004", "Business Failed"},
    {"40006", "Insufficient Permissions"},
};

static const struct {
    const char *sub_code, *sub_msg;
} reasons[] = {
    {"isp.bill_not_exist", "账单不存在"},
    {"isp.unknow-error", "系统繁忙"},
    {"isv.decryption-error-unknown", "解密出错，未知异常"},
    {"isv.insufficient-isv-permissions", "ISV权限不足"},
    {"isv.invalid-alipay-cert-sn", "没有这个支付宝公钥证书序列号"},
    {"isv.invalid-alipay-root-cert-sn", "无效的支付宝根证书序列号"},
    {"isv.invalid-app-cert-sn", "无效的应用公钥证书序列号"},
    {"isv.invalid-app-id", "无效的AppID参数"},
    {"isv.invalid-charset", "字符集错误，仅支持utf-8"},
    {"isv.invalid-encrypt-type", "无效的加密类型"},
    {"isv.invalid-format", "无效的数据格式"},
    {"isv.invalid-method", "不存在的方法名"},
    {"isv.invalid-parameter", "参数无效"},
    {"isv.invalid-signature", "验签出错，请检查签名内容、密钥与签名类型"},
    {"isv.invalid-signature-type", "无效的签名类型"},
    {"isv.invalid-timestamp", "非法的时间戳参数"},
    {"isv.missing-app-cert-sn", "缺少应用公钥证书序列号"},
    {"isv.missing-app-id", "缺少AppID参数"},
    {"isv.missing-method", "缺少方法名参数"},
    {"isv.missing-signature", "缺少签名参数"},
    {"isv.missing-signature-config", "应用未配置对应签名算法的公钥或者证书"},
    {"isv.missing-signature-type", "缺少签名类型参数"},
    {"isv.missing-timestamp", "缺少时间戳参数"},
    {"isv.missing-version", "缺少版本参数"},
    {"ACQ.BUYER_BALANCE_NOT_ENOUGH", "买家余额不足"},
    {"ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改"},
    {"ACQ.DISCORDANT_REPEAT_REQUEST", "不一致的请求：同一退款请求号的金额不同"},
    {"ACQ.INVALID_PARAMETER", "参数无效"},
    {"ACQ.PAYMENT_AUTH_CODE_INVALID", "支付失败，获取顾客账户信息失败，请顾客刷新付款码后重新收款"},
    {"ACQ.REASON_TRADE_STATUS_INVALID", "交易状态不允许此操作"},
    {"ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"},
    {"ACQ.SYSTEM_ERROR", "系统错误"},
    {"ACQ.TOTAL_FEE_EXCEED", "订单总金额超过限额"},
    {"ACQ.TRADE_CANCEL_TIME_OUT", "超过撤销时间范围"},
    {"ACQ.TRADE_HAS_CLOSE", "交易已经关闭"},
    {"ACQ.TRADE_HAS_FINISHED", "交易已完结"},
    {"ACQ.TRADE_HAS_SUCCESS", "交易已被支付"},
    {"ACQ.TRADE_NOT_EXIST", "交易不存在"},
    {"ACQ.TRADE_STATUS_ERROR", "交易状态不合法"},
};

static void begin(struct alipay_call *c, const char *code)
{
    const char *msg = NULL;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (strcmp(codes[i].code, code) == 0) msg = codes[i].msg;
    ENSURE(msg != NULL);
    json_object_begin(&c->j);
    json_member_string(&c->j, "code", code);
    json_member_string(&c->j, "msg", msg);
}

static void refuse(struct alipay_call *c, const char *code, const char *sub_code)
{
    const char *sub_msg = NULL;
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (strcmp(reasons[i].sub_code, sub_code) == 0) sub_msg = reasons[i].sub_msg;
    ENSURE(sub_msg != NULL);
    begin(c, code);
    json_member_string(&c->j, "sub_code", sub_code);
    json_member_string(&c->j, "sub_msg", sub_msg);
}

void alipay_success(struct alipay_call *c)
{
    begin(c, "10000");
}

void alipay_waiting(struct alipay_call *c)
{
    begin(c, "10003");
}

void alipay_failure(struct alipay_call *c, const char *sub_code)
{
    refuse(c, "40004", sub_code);
}

/* ---- what is asked ---- */

/* "2026-11-29 08:15:00". How far it may be off is not said by the interface, and not looked at. */
static bool is_timestamp(struct bytes text)
{
    return provider_has_form(text, "dddd-dd-dd dd:dd:dd");
}

static bool is_utf8(struct bytes text)
{
    return bytes_equal(text, BYTES("utf-8")) || bytes_equal(text, BYTES("UTF-8")) ||
           bytes_equal(text, BYTES("utf8"));
}

static bool is_format(struct bytes text)
{
    return text.len == 0 || bytes_equal(text, BYTES("JSON")) || bytes_equal(text, BYTES("json"));
}

static bool is_rsa2(struct bytes text)
{
    return bytes_equal(text, BYTES("RSA2"));
}

static bool is_version(struct bytes text)
{
    return bytes_equal(text, BYTES("1.0"));
}

static bool is_there(struct bytes text)
{
    return text.len > 0;
}

static bool is_aes(struct bytes text)
{
    return text.len == 0 || bytes_equal(text, BYTES("AES"));
}

/* The common parameters, in the order in which they are looked at. */
static const struct {
    const char *name;
    const char *missing; /* sub_code; NULL: it may be absent */
    bool (*valid)(struct bytes text);
    const char *invalid;
} common[] = {
    {"app_id", "isv.missing-app-id", is_there, "isv.invalid-app-id"},
    {"sign_type", "isv.missing-signature-type", is_rsa2, "isv.invalid-signature-type"},
    {"sign", "isv.missing-signature", is_there, "isv.invalid-signature"},
    {"timestamp", "isv.missing-timestamp", is_timestamp, "isv.invalid-timestamp"},
    {"version", "isv.missing-version", is_version, "isv.invalid-parameter"},
    {"charset", NULL, is_utf8, "isv.invalid-charset"},
    {"format", NULL, is_format, "isv.invalid-format"},
    {"encrypt_type", NULL, is_aes, "isv.invalid-encrypt-type"},
};

/* False, and refused, when one of them is not as it must be. */
static bool common_right(struct alipay_call *c)
{
    const struct form *form = &c->p->form;
    for (size_t i = 0; i < ARRAY_LEN(common); i++) {
        struct bytes value = form_get(form, common[i].name);
        if (value.len == 0 && common[i].missing != NULL) {
            refuse(c, "40001", common[i].missing);
            return false;
        }
        if (common[i].valid(value)) continue;
        refuse(c, "40002", common[i].invalid);
        return false;
    }
    if (bytes_equal(form_get(form, "app_id"), bytes_text(c->p->config.alipay.app_id))) return true;
    refuse(c, "40002", "isv.invalid-app-id");
    return false;
}

/* Certificate mode names both; who has deposited a certificate must be in it. */
static bool names_right(struct alipay_call *c)
{
    const struct alipay_config *a = &c->p->config.alipay;
    struct bytes app = form_get(&c->p->form, "app_cert_sn");
    struct bytes root = form_get(&c->p->form, "alipay_root_cert_sn");
    c->certified = a->sn[0] != '\0' && (app.len > 0 || root.len > 0 || a->app_certified);
    if (!c->certified) return true;
    if (app.len == 0) refuse(c, "40001", "isv.missing-app-cert-sn");
    else if (!bytes_equal(app, bytes_text(a->app_sn)))
        refuse(c, "40002", "isv.invalid-app-cert-sn");
    else if (!bytes_equal(root, bytes_text(a->root_sn)))
        refuse(c, "40002", "isv.invalid-alipay-root-cert-sn");
    else return true;
    return false;
}

/* All parameters but the signature, whichever way they came. */
static bool signature_right(struct alipay_call *c)
{
    static const char *const without[] = {"sign", NULL};
    const struct providers *p = c->p;
    if (p->config.alipay.app.pkey == NULL) {
        refuse(c, "40002", "isv.missing-signature-config");
        return false;
    }
    struct writer w = writer_over(c->p->scratch, sizeof c->p->scratch);
    form_signed_text(&p->form, without, &w);
    err good = w.fault != ERR_OK ? (err){w.fault}
                                 : rsa_key_check_base64(&p->config.alipay.app, writer_view(&w),
                                                        form_get(&p->form, "sign"));
    if (!FAILED(good)) return true;
    refuse(c, "40002", "isv.invalid-signature");
    return false;
}

/* ---- content encryption ---- */

/* Its own key, or what goes wrong: another one. */
static err content_key(const struct providers *p, bool other, struct key *ret_key)
{
    const struct alipay_config *a = &p->config.alipay;
    uint8_t text[PROVIDER_KEY_BYTES];
    memcpy(text, a->content_key, sizeof text);
    if (other) text[0] ^= 1;
    err made = key_make(a->content_key_len == PROVIDER_KEY_BYTES ? KEY_AES256 : KEY_AES128,
                        KEY_USAGE_DATA, bytes_of(text, a->content_key_len), ret_key);
    explicit_bzero(text, sizeof text);
    return made;
}

/* biz_content in the clear, in `room` when it was hidden. False, and refused, when it cannot be. */
static bool content_right(struct alipay_call *c, struct writer *room, struct bytes *ret_biz)
{
    CLEANUP(key_wipe) struct key key = {0};
    uint8_t sealed[ALIPAY_BIZ_MAX];
    size_t len = 0;
    *ret_biz = form_get(&c->p->form, "biz_content");
    if (form_get(&c->p->form, "encrypt_type").len == 0) return true;
    if (c->p->config.alipay.content_key_len == 0) {
        refuse(c, "40002", "isv.invalid-encrypt-type");
        return false;
    }
    uint8_t *text = write_space(room, sizeof sealed);
    bool good =
        text != NULL && !FAILED(content_key(c->p, false, &key)) &&
        !FAILED(base64_decode(*ret_biz, sealed, sizeof sealed, &len)) &&
        !FAILED(wallet_content_open(c->p->config.crypto, &key, bytes_of(sealed, len), text, &len));
    if (!good) {
        refuse(c, "40002", "isv.decryption-error-unknown");
        return false;
    }
    *ret_biz = bytes_of(text, len);
    c->hidden = true;
    return true;
}

/* The object as a text in quotes, which are signed with it. */
static err hide(const struct alipay_call *c, struct bytes object, enum fault fault,
                struct writer *w)
{
    CLEANUP(key_wipe) struct key key = {0};
    uint8_t sealed[(8 << 10) + WALLET_CONTENT_BLOCK];
    size_t len = 0;
    if (object.len > sizeof sealed - WALLET_CONTENT_BLOCK) return ERR(LENGTH);
    TRY(content_key(c->p, fault == FAULT_SEALED, &key));
    TRY(wallet_content_seal(c->p->config.crypto, &key, object, sealed, &len));
    write_bytes(w, BYTES("\""));
    base64_write(w, bytes_of(sealed, len));
    write_bytes(w, BYTES("\""));
    return (err){w->fault};
}

/* Nothing is done. A cancellation says that it must be tried again. */
static void say_later(struct alipay_call *c, const struct alipay_method *method)
{
    if (strcmp(method->name, "alipay.trade.cancel") != 0) {
        refuse(c, "20000", "isp.unknow-error");
        return;
    }
    alipay_failure(c, "ACQ.SYSTEM_ERROR");
    json_member_string(&c->j, "retry_flag", "Y");
}

/* Runs the method, and begins its answer; what it says may then be told to be unknown. */
static err run(struct alipay_call *c, const struct alipay_method *method, enum fault fault)
{
    CLEANUP(json_free) struct json_document biz = {0};
    if (fault == FAULT_TEMPORARY) {
        say_later(c, method);
        return OK;
    }
    if (fault == FAULT_REFUSED) {
        refuse(c, "40006", "isv.insufficient-isv-permissions");
        return OK;
    }
    struct bytes text;
    struct writer room = writer_over(c->p->scratch, sizeof c->p->scratch);
    if (!content_right(c, &room, &text)) return OK;
    if (FAILED(json_parse(text, ALIPAY_BIZ_MAX, &biz))) {
        alipay_failure(c, "ACQ.INVALID_PARAMETER");
        return OK;
    }
    c->biz = biz.root;
    c->notify_url = form_get(&c->p->form, "notify_url");
    c->wrong_minor = fault == FAULT_WRONG ? 1 : 0;
    struct writer *w = c->j.w;
    TRY(method->run(c));
    if (fault != FAULT_UNKNOWN) return OK;
    w->len = 0;
    c->j = json_out_over(w);
    refuse(c, "20000", "isp.unknow-error");
    return OK;
}

/* ---- the answer ---- */

/* "alipay.trade.pay" is answered in "alipay_trade_pay_response". */
static void write_member_name(struct writer *w, const struct alipay_method *method)
{
    write_bytes(w, BYTES("\""));
    if (method == NULL) write_bytes(w, BYTES("error"));
    for (const char *at = method != NULL ? method->name : ""; *at != '\0'; at++)
        write_bytes(w, *at == '.' ? BYTES("_") : bytes_of(at, 1));
    write_bytes(w, BYTES("_response\":"));
}

static err write_signed(const struct alipay_call *c, const struct alipay_method *method,
                        struct bytes object, enum fault fault, struct writer *w)
{
    const char *name;
    const struct rsa_key *key = provider_signs(c->p, PROVIDER_ALIPAY, &name);
    struct writer hidden = writer_over(c->p->scratch, sizeof c->p->scratch);
    if (c->hidden) {
        TRY(hide(c, object, fault, &hidden));
        object = writer_view(&hidden);
    }
    struct bytes text = object;
    if (fault == FAULT_FORGED) text = BYTES("another text");
    write_bytes(w, BYTES("{"));
    write_member_name(w, method);
    write_bytes(w, object);
    if (c->certified) write_format(w, ",\"alipay_cert_sn\":\"%s\"", name);
    write_bytes(w, BYTES(",\"sign\":\""));
    TRY(rsa_key_sign_base64(key, text, w));
    write_bytes(w, BYTES("\"}"));
    return OK;
}

/* Whoever has the address gets the bill: it was signed when the address was asked for. */
static err answer_bill(struct providers *p, const struct provider_request *request,
                       struct provider_answer *answer)
{
    p->form.count = p->form.used = 0;
    err read = form_add(&p->form, bytes_text(request->query));
    if (!FAILED(read))
        read = provider_bill_fetch(p, PROVIDER_ALIPAY, form_get(&p->form, "token"), &answer->body);
    answer->content_type = "text/csv; charset=utf-8";
    if (!FAILED(read)) return OK;
    if (read.code != ERR_NOT_FOUND && read.code != ERR_LENGTH && read.code != ERR_FORMAT)
        return read;
    answer->status = 404;
    answer->body.fault = ERR_OK;
    answer->body.len = 0;
    answer->content_type = NULL;
    return OK;
}

static err answer_gateway(struct providers *p, const struct provider_request *request,
                          enum fault fault, struct provider_answer *answer)
{
    static uint8_t const no_object[] = "{}";
    uint8_t object[8 << 10];
    struct writer w = writer_over(object, sizeof object);
    struct alipay_call c = {.p = p, .j = json_out_over(&w), .answer = answer};
    const struct alipay_method *method = NULL;
    answer->content_type = "text/html;charset=utf-8"; /* as the gateway says, though it is JSON */
    p->form.count = p->form.used = 0;
    err read = form_add(&p->form, bytes_text(request->query));
    if (!FAILED(read)) read = form_add(&p->form, request->body);
    struct bytes name = form_get(&p->form, "method");
    if (!FAILED(read)) method = alipay_method_named(name);
    if (FAILED(read)) refuse(&c, "40002", "isv.invalid-parameter");
    else if (name.len == 0) refuse(&c, "40001", "isv.missing-method");
    else if (method == NULL) refuse(&c, "40002", "isv.invalid-method");
    else if (common_right(&c) && names_right(&c) && signature_right(&c))
        TRY(run(&c, method, fault));
    json_object_end(&c.j);
    struct bytes said = w.fault == ERR_OK ? writer_view(&w) : bytes_of(no_object, 2);
    err written = write_signed(&c, method, said, fault, &answer->body);
    if (FAILED(written)) writer_fail(&answer->body, written.code);
    return OK;
}

err alipay_answer(struct providers *p, const struct provider_request *request, enum fault fault,
                  struct provider_answer *answer)
{
    if (strcmp(request->path, "/gateway.do") == 0) return answer_gateway(p, request, fault, answer);
    if (strcmp(request->path, "/bill/download") == 0) return answer_bill(p, request, answer);
    answer->status = 404;
    return OK;
}

/* ---- notices ---- */

static void set(struct form *form, const char *name, struct bytes value)
{
    err done = form_set(form, name, value);
    ENSURE(!FAILED(done)); /* some twenty parameters, none of them long */
}

static void set_time(struct form *form, const char *name, int64_t ms)
{
    char text[24];
    struct writer w = writer_over(text, sizeof text);
    provider_time_plain(&w, ms);
    set(form, name, writer_view(&w));
}

static void set_money(struct form *form, const char *name, int64_t minor)
{
    char text[MONEY_TEXT_MAX];
    struct writer w = writer_over(text, sizeof text);
    money_write(&w, minor);
    set(form, name, writer_view(&w));
}

static void set_trade(struct form *form, const struct providers *p, const struct trade *t,
                      int64_t amount_minor)
{
    char id[ALIPAY_BUYER_MAX], logon[ALIPAY_BUYER_MAX], bills[80], amount[MONEY_TEXT_MAX + 1];
    struct writer w = writer_over(amount, sizeof amount), bill = writer_over(bills, sizeof bills);
    alipay_buyer(t, id, logon);
    money_write(&w, amount_minor);
    write_format(&bill, "[{\"amount\":\"%.*s\",\"fundChannel\":\"ALIPAYACCOUNT\"}]", (int)w.len,
                 amount);
    set(form, "trade_no", bytes_text(t->number));
    set(form, "out_trade_no", bytes_text(t->out_no));
    set(form, "trade_status", bytes_text(alipay_trade_status(t, provider_now(p))));
    set(form, "subject", bytes_text(t->subject));
    set(form, "buyer_id", bytes_text(id));
    set(form, "buyer_logon_id", bytes_text(logon));
    set(form, "seller_id", bytes_text(p->config.alipay.seller_id));
    static const char *const amounts[] = {"total_amount", "receipt_amount", "buyer_pay_amount",
                                          "invoice_amount"};
    for (size_t i = 0; i < ARRAY_LEN(amounts); i++) set_money(form, amounts[i], amount_minor);
    set_money(form, "point_amount", 0);
    set(form, "fund_bill_list", writer_view(&bill));
    set_time(form, "gmt_create", t->created_ms);
    if (t->paid_ms > 0) set_time(form, "gmt_payment", t->paid_ms);
    if (t->attach[0] != '\0') set(form, "passback_params", bytes_text(t->attach));
}

err alipay_notice(struct providers *p, const struct notice *n, const struct trade *t,
                  const struct refund *r, enum fault fault, struct provider_notice *out,
                  struct provider_header *header)
{
    static const char *const without[] = {"sign", "sign_type", NULL};
    struct form *form = &p->form;
    char signature[RSA_KEY_SIGNATURE_TEXT_MAX];
    struct writer text = writer_over(p->scratch, sizeof p->scratch);
    struct writer sign = writer_over(signature, sizeof signature);
    (void)header;
    form->count = form->used = 0;
    set(form, "notify_type", BYTES("trade_status_sync"));
    set(form, "notify_id", bytes_text(n->id));
    set_time(form, "notify_time", provider_now(p));
    set(form, "app_id", bytes_text(p->config.alipay.app_id));
    set(form, "charset", BYTES("utf-8"));
    set(form, "version", BYTES("1.0"));
    set_trade(form, p, t, t->amount_minor + (fault == FAULT_WRONG ? 1 : 0));
    if (r != NULL) {
        set(form, "out_biz_no", bytes_text(r->refund_no));
        set_money(form, "refund_fee", t->refunded_minor);
        set_time(form, "gmt_refund", r->done_ms);
    }
    const char *name;
    const struct rsa_key *key = provider_signs(p, PROVIDER_ALIPAY, &name);
    if (p->config.alipay.app_certified) set(form, "alipay_cert_sn", bytes_text(name));
    set(form, "sign_type", BYTES("RSA2"));
    form_signed_text(form, without, &text);
    if (fault == FAULT_FORGED) write_bytes(&text, BYTES("&forged=1"));
    TRY(rsa_key_sign_base64(key, writer_view(&text), &sign));
    set(form, "sign", writer_view(&sign));
    struct writer body = writer_over(p->notice_body, sizeof p->notice_body);
    form_write(form, &body);
    out->content_type = "application/x-www-form-urlencoded; charset=utf-8";
    return writer_finish(&body, &out->body);
}
