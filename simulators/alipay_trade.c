/* SPDX-License-Identifier: Apache-2.0 */
/* Alipay's methods: pay, query, cancel, close, refund, refund query, precreate, and the bill. */
#include "simulators/alipay.h"

#include "lib/base/base64.h"
#include "simulators/provider_certificates.h"

#include "lib/base/money.h"

enum {
    CANCEL_MS = 24 * 3600 * 1000, /* a trade can be cancelled for a day */
    SHOWN_MS = 2 * 3600 * 1000,   /* a code that nobody scans is good for two hours */
    BARCODE_MS = 15 * 24 * 3600 * 1000,
};
#define FINISHED_MS   (INT64_C(365) * 24 * 3600 * 1000) /* after which nothing is refunded */
#define ALIPAY_AMOUNT INT64_C(10000000000)              /* 100,000,000.00 */

/* ---- what a trade says ---- */

const char *alipay_trade_status(const struct trade *t, int64_t now_ms)
{
    switch (t->state) {
    case TRADE_WAITING:
    case TRADE_FAILED:
        return "WAIT_BUYER_PAY";
    case TRADE_PAID:
        if (t->refunded_minor == t->amount_minor) return "TRADE_CLOSED";
        return now_ms - t->paid_ms > FINISHED_MS ? "TRADE_FINISHED" : "TRADE_SUCCESS";
    case TRADE_CLOSED:
    case TRADE_REVOKED:
    case TRADE_TAKEN_BACK:
        break;
    }
    return "TRADE_CLOSED";
}

void alipay_buyer(const struct trade *t, char id[ALIPAY_BUYER_MAX], char logon[ALIPAY_BUYER_MAX])
{
    struct writer a = writer_over(id, ALIPAY_BUYER_MAX - 1);
    struct writer b = writer_over(logon, ALIPAY_BUYER_MAX - 1);
    write_format(&a, "20880000000000%02d", t->phone + 1);
    write_format(&b, "pho***%d@wallet.example", t->phone + 1);
    id[a.len] = logon[b.len] = '\0';
}

static void member_money(struct json_out *j, const char *name, int64_t minor)
{
    char text[MONEY_TEXT_MAX];
    struct writer w = writer_over(text, sizeof text);
    money_write(&w, minor);
    json_member_text(j, name, writer_view(&w));
}

static void member_time(struct json_out *j, const char *name, int64_t ms)
{
    char text[24];
    struct writer w = writer_over(text, sizeof text);
    provider_time_plain(&w, ms);
    json_member_text(j, name, writer_view(&w));
}

static void write_numbers(struct alipay_call *c, const struct trade *t)
{
    json_member_string(&c->j, "out_trade_no", t->out_no);
    json_member_string(&c->j, "trade_no", t->number);
}

/* What pay and query say alike of a trade that somebody pays. */
static void write_trade(struct alipay_call *c, const struct trade *t)
{
    char id[ALIPAY_BUYER_MAX], logon[ALIPAY_BUYER_MAX];
    int64_t amount = t->amount_minor + c->wrong_minor;
    int64_t paid = t->paid_ms > 0 ? amount : 0;
    write_numbers(c, t);
    member_money(&c->j, "total_amount", amount);
    member_money(&c->j, "receipt_amount", paid);
    member_money(&c->j, "buyer_pay_amount", paid);
    member_money(&c->j, "invoice_amount", paid);
    member_money(&c->j, "point_amount", 0);
    if (t->store[0] != '\0') json_member_string(&c->j, "store_id", t->store);
    if (t->phone < 0) return;
    alipay_buyer(t, id, logon);
    json_member_string(&c->j, "buyer_user_id", id);
    json_member_string(&c->j, "buyer_logon_id", logon);
}

/* ---- what is asked ---- */

struct asked {
    char out_no[TRADE_OUT_NO_MAX + 1];
    char subject[TRADE_SUBJECT_MAX + 1];
    char store[TRADE_STORE_MAX + 1];
    char url[TRADE_URL_MAX + 1];
    int64_t amount_minor, lasts_ms;
};

static err money_of(const struct json_t *object, const char *name, int64_t *ret_minor)
{
    struct bytes text;
    TRY(json_text(object, name, MONEY_TEXT_MAX, &text));
    TRY(money_parse(text, ret_minor));
    return *ret_minor > 0 ? OK : ERR(RANGE);
}

/* "90m", "2h", "1d"; "1c" is until midnight, and taken for a day. */
static err lasts_of(const struct json_t *object, const char *name, int64_t *ret_ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'m', 60000}, {'h', 3600000}, {'d', 86400000}, {'c', 86400000}};
    struct bytes text;
    int64_t number = 0;
    if (!json_has(object, name)) return OK;
    TRY(json_text(object, name, 6, &text));
    if (text.len < 2 || text.len > 5) return ERR(FORMAT);
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') return ERR(FORMAT);
        number = number * 10 + (text.at[i] - '0');
    }
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (text.at[text.len - 1] == units[i].unit && number > 0) {
            *ret_ms = number * units[i].ms;
            return OK;
        }
    return ERR(FORMAT);
}

static err optional_text(const struct json_t *object, const char *name, char *out, size_t size)
{
    out[0] = '\0';
    return json_has(object, name) ? json_text_copy(object, name, out, size) : OK;
}

/* Letters, digits, '_' and '-': what a merchant may number orders and refunds with. */
static bool is_out_no(const char *text)
{
    if (text[0] == '\0') return false;
    for (; *text != '\0'; text++) {
        bool letter = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z');
        if (!letter && (*text < '0' || *text > '9') && *text != '_' && *text != '-') return false;
    }
    return true;
}

static err read_order(const struct alipay_call *c, struct asked *a, int64_t lasts_ms)
{
    a->lasts_ms = lasts_ms;
    TRY(json_text_copy(c->biz, "out_trade_no", a->out_no, sizeof a->out_no));
    TRY(json_text_copy(c->biz, "subject", a->subject, sizeof a->subject));
    TRY(money_of(c->biz, "total_amount", &a->amount_minor));
    TRY(optional_text(c->biz, "store_id", a->store, sizeof a->store));
    TRY(lasts_of(c->biz, "timeout_express", &a->lasts_ms));
    TRY(lasts_of(c->biz, "qr_code_timeout_express", &a->lasts_ms));
    TRY(bytes_to_text(c->notify_url, a->url, sizeof a->url));
    return is_out_no(a->out_no) && a->subject[0] != '\0' ? OK : ERR(FORMAT);
}

/* Why an order that is there already cannot be paid or shown again; NULL: it can. */
static const char *repeat_refusal(const struct asked *a, const struct trade *t, bool shown)
{
    if (t->amount_minor != a->amount_minor || strcmp(t->subject, a->subject) != 0 ||
        strcmp(t->store, a->store) != 0 || t->shown != shown)
        return "ACQ.CONTEXT_INCONSISTENT";
    if (t->state == TRADE_PAID) return "ACQ.TRADE_HAS_SUCCESS";
    return t->state == TRADE_WAITING ? NULL : "ACQ.TRADE_HAS_CLOSE";
}

static void fill(struct trade *t, const struct asked *a)
{
    memcpy(t->out_no, a->out_no, sizeof t->out_no);
    memcpy(t->subject, a->subject, sizeof t->subject);
    memcpy(t->store, a->store, sizeof t->store);
    memcpy(t->notify_url, a->url, sizeof t->notify_url);
    t->amount_minor = a->amount_minor;
    t->expires_ms = t->created_ms + a->lasts_ms;
}

/* The order that this number has, or a new one. *ret_refusal: why there can be none. */
static err order_of(struct alipay_call *c, const struct asked *a, bool shown, struct trade *t,
                    const char **ret_refusal)
{
    err found = trade_find(c->p->config.store, PROVIDER_ALIPAY, bytes_text(a->out_no), t);
    *ret_refusal = NULL;
    if (found.code != ERR_NOT_FOUND) {
        TRY(found);
        *ret_refusal = repeat_refusal(a, t, shown);
        return OK;
    }
    if (a->amount_minor > ALIPAY_AMOUNT) *ret_refusal = "ACQ.TOTAL_FEE_EXCEED";
    *t = provider_trade(c->p, PROVIDER_ALIPAY);
    t->shown = shown;
    fill(t, a);
    return OK;
}

/* The trade that is named, by either number. False, and refused, when there is none. */
static err named_trade(struct alipay_call *c, struct trade *t, bool *ret_found)
{
    struct bytes number = {0}, out_no = {0};
    *ret_found = false;
    bool by_number = json_has(c->biz, "trade_no");
    err read = by_number ? json_text(c->biz, "trade_no", TRADE_OUT_NO_MAX, &number)
                         : json_text(c->biz, "out_trade_no", TRADE_OUT_NO_MAX, &out_no);
    if (FAILED(read)) {
        alipay_failure(c, "ACQ.INVALID_PARAMETER");
        return OK;
    }
    err found = by_number ? trade_find_number(c->p->config.store, PROVIDER_ALIPAY, number, t)
                          : trade_find(c->p->config.store, PROVIDER_ALIPAY, out_no, t);
    if (found.code == ERR_NOT_FOUND) {
        alipay_failure(c, "ACQ.TRADE_NOT_EXIST");
        return OK;
    }
    TRY(found);
    *ret_found = true;
    return OK;
}

/* The same, of a trade that the wallet has: a code that nobody has scanned is none yet. */
static err begun_trade(struct alipay_call *c, struct trade *t, bool *ret_found)
{
    TRY(named_trade(c, t, ret_found));
    if (!*ret_found || !t->shown || t->touched) return OK;
    *ret_found = false;
    alipay_failure(c, "ACQ.TRADE_NOT_EXIST");
    return OK;
}

/* ---- pay ---- */

static void say_paid(struct alipay_call *c, const struct trade *t)
{
    alipay_success(c);
    write_trade(c, t);
    member_time(&c->j, "gmt_payment", t->paid_ms);
    json_member_array(&c->j, "fund_bill_list");
    json_object_begin(&c->j);
    member_money(&c->j, "amount", t->amount_minor + c->wrong_minor);
    json_member_string(&c->j, "fund_channel", "ALIPAYACCOUNT");
    json_object_end(&c->j);
    json_array_end(&c->j);
}

static void say_waiting(struct alipay_call *c, const struct trade *t)
{
    alipay_waiting(c);
    write_trade(c, t);
}

static err charge(struct alipay_call *c, struct trade *t, struct bytes code)
{
    uint8_t phone;
    enum payer_outcome outcome;
    bool ours = payment_code_wallet(code) == PAYMENT_CODE_ALIPAY;
    if (!ours || !phones_take(c->p->config.phones, code, &phone)) {
        alipay_failure(c, "ACQ.PAYMENT_AUTH_CODE_INVALID");
        return OK;
    }
    err fits = bytes_to_text(code, t->code, sizeof t->code);
    ENSURE(!FAILED(fits));
    TRY(provider_pay(c->p, t, phone, &outcome));
    switch (outcome) {
    case PAYER_TYPES:
        say_waiting(c, t);
        return OK;
    case PAYER_HAS_NONE:
        alipay_failure(c, "ACQ.BUYER_BALANCE_NOT_ENOUGH");
        return OK;
    case PAYER_PAID_SLOW:
        c->answer->delay_ms = PHONES_SLOW_MS;
        break;
    case PAYER_PAID_MUTE:
        c->answer->silent = true;
        break;
    case PAYER_PAID:
        break;
    }
    say_paid(c, t);
    return OK;
}

static err trade_pay(struct alipay_call *c)
{
    struct asked a;
    struct trade t;
    struct bytes code, scene;
    const char *refusal;
    err read = read_order(c, &a, BARCODE_MS);
    if (!FAILED(read)) read = json_text(c->biz, "scene", 32, &scene);
    if (!FAILED(read)) read = json_text(c->biz, "auth_code", 64, &code);
    if (FAILED(read) || !bytes_equal(scene, BYTES("bar_code"))) {
        alipay_failure(c, "ACQ.INVALID_PARAMETER");
        return OK;
    }
    TRY(order_of(c, &a, false, &t, &refusal));
    if (refusal != NULL) {
        alipay_failure(c, refusal);
        return OK;
    }
    if (t.code[0] != '\0' && bytes_equal(code, bytes_text(t.code))) { /* he is still typing */
        say_waiting(c, &t);
        return OK;
    }
    return charge(c, &t, code);
}

/* ---- query ---- */

static err trade_query(struct alipay_call *c)
{
    struct trade t;
    bool found;
    TRY(begun_trade(c, &t, &found));
    if (!found) return OK;
    alipay_success(c);
    write_trade(c, &t);
    json_member_string(&c->j, "trade_status", alipay_trade_status(&t, provider_now(c->p)));
    if (t.paid_ms > 0) member_time(&c->j, "send_pay_date", t.paid_ms);
    return OK;
}

/* ---- cancel and close ---- */

/* A trade that is not there is no error: there is nothing to take back, and no action. */
static err trade_cancel(struct alipay_call *c)
{
    struct trade t;
    struct bytes out_no = {0}, number = {0};
    bool by_number = json_has(c->biz, "trade_no");
    err read = by_number ? json_text(c->biz, "trade_no", TRADE_OUT_NO_MAX, &number)
                         : json_text(c->biz, "out_trade_no", TRADE_OUT_NO_MAX, &out_no);
    if (FAILED(read)) {
        alipay_failure(c, "ACQ.INVALID_PARAMETER");
        return OK;
    }
    err found = by_number ? trade_find_number(c->p->config.store, PROVIDER_ALIPAY, number, &t)
                          : trade_find(c->p->config.store, PROVIDER_ALIPAY, out_no, &t);
    if (found.code == ERR_NOT_FOUND) {
        alipay_success(c);
        if (!by_number) json_member_text(&c->j, "out_trade_no", out_no);
        json_member_string(&c->j, "retry_flag", "N");
        return OK;
    }
    TRY(found);
    bool open = t.state == TRADE_WAITING || t.state == TRADE_PAID;
    if (open && provider_now(c->p) - t.created_ms > CANCEL_MS) {
        alipay_failure(c, "ACQ.TRADE_CANCEL_TIME_OUT");
        json_member_string(&c->j, "retry_flag", "N");
        return OK;
    }
    if (open) TRY(provider_take_back(c->p, &t));
    alipay_success(c);
    write_numbers(c, &t);
    json_member_string(&c->j, "retry_flag", "N");
    json_member_string(&c->j, "action", t.state == TRADE_TAKEN_BACK ? "refund" : "close");
    return OK;
}

static err trade_close(struct alipay_call *c)
{
    struct trade t;
    bool found;
    TRY(begun_trade(c, &t, &found));
    if (!found) return OK;
    if (t.state != TRADE_WAITING) {
        alipay_failure(c, t.state == TRADE_PAID ? "ACQ.REASON_TRADE_STATUS_INVALID"
                                                : "ACQ.TRADE_STATUS_ERROR");
        return OK;
    }
    t.state = TRADE_CLOSED;
    t.ended_ms = provider_now(c->p);
    TRY(trade_put(c->p->config.store, &t));
    alipay_success(c);
    write_numbers(c, &t);
    return OK;
}

/* ---- refund ---- */

static void say_refund(struct alipay_call *c, const struct trade *t, const struct refund *r,
                       bool first)
{
    char id[ALIPAY_BUYER_MAX], logon[ALIPAY_BUYER_MAX];
    alipay_buyer(t, id, logon);
    alipay_success(c);
    write_numbers(c, t);
    json_member_string(&c->j, "buyer_user_id", id);
    json_member_string(&c->j, "buyer_logon_id", logon);
    json_member_string(&c->j, "fund_change", first ? "Y" : "N");
    member_money(&c->j, "refund_fee", t->refunded_minor + c->wrong_minor);
    member_money(&c->j, "send_back_fee", r->amount_minor + c->wrong_minor);
    member_time(&c->j, "gmt_refund_pay", r->done_ms);
}

/* Why nothing is given back of a trade; NULL: it can be. */
static const char *refund_refusal(struct alipay_call *c, const struct trade *t, int64_t amount)
{
    if (t->state == TRADE_TAKEN_BACK) return "ACQ.TRADE_HAS_CLOSE";
    if (t->state != TRADE_PAID) return "ACQ.TRADE_STATUS_ERROR";
    if (provider_now(c->p) - t->paid_ms > FINISHED_MS) return "ACQ.TRADE_HAS_FINISHED";
    return amount > t->amount_minor - t->refunded_minor ? "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL" : NULL;
}

static err read_refund(const struct alipay_call *c, const struct trade *t, struct refund *r)
{
    TRY(money_of(c->biz, "refund_amount", &r->amount_minor));
    TRY(optional_text(c->biz, "refund_reason", r->reason, sizeof r->reason));
    TRY(optional_text(c->biz, "out_request_no", r->refund_no, sizeof r->refund_no));
    TRY(bytes_to_text(c->notify_url, r->notify_url, sizeof r->notify_url));
    memcpy(r->out_no, t->out_no, sizeof r->out_no);
    if (r->refund_no[0] != '\0') return is_out_no(r->refund_no) ? OK : ERR(FORMAT);
    /* Without a number of its own it can only be the whole, and is known by the trade's number. */
    if (r->amount_minor != t->amount_minor) return ERR(MISSING);
    memcpy(r->refund_no, t->out_no, sizeof r->refund_no);
    return OK;
}

/* A repeat of a request number: the same answer, and nothing is given back. */
static void say_again(struct alipay_call *c, const struct trade *t, const struct refund *before,
                      const struct refund *asked)
{
    if (before->amount_minor != asked->amount_minor)
        alipay_failure(c, "ACQ.DISCORDANT_REPEAT_REQUEST");
    else say_refund(c, t, before, false);
}

static err trade_refund(struct alipay_call *c)
{
    struct trade t;
    struct refund r = {.provider = PROVIDER_ALIPAY, .state = REFUND_DONE}, before;
    bool found;
    TRY(begun_trade(c, &t, &found));
    if (!found) return OK;
    if (FAILED(read_refund(c, &t, &r))) {
        alipay_failure(c, "ACQ.INVALID_PARAMETER");
        return OK;
    }
    err known = refund_find_of(c->p->config.store, PROVIDER_ALIPAY, bytes_text(t.out_no),
                               bytes_text(r.refund_no), &before);
    if (!FAILED(known)) {
        say_again(c, &t, &before, &r);
        return OK;
    }
    if (known.code != ERR_NOT_FOUND) return known;
    const char *refusal = refund_refusal(c, &t, r.amount_minor);
    if (refusal != NULL) {
        alipay_failure(c, refusal);
        return OK;
    }
    r.created_ms = r.done_ms = provider_now(c->p);
    TRY(provider_refund(c->p, &t, &r));
    TRY(provider_tell(c->p, &t, &r));
    say_refund(c, &t, &r, true);
    return OK;
}

/* A refund that is not there is no error either: the answer then says nothing of it. */
static err refund_query(struct alipay_call *c)
{
    struct trade t;
    struct refund r;
    struct bytes refund_no;
    bool found;
    TRY(begun_trade(c, &t, &found));
    if (!found) return OK;
    if (FAILED(json_text(c->biz, "out_request_no", TRADE_OUT_NO_MAX, &refund_no))) {
        alipay_failure(c, "ACQ.INVALID_PARAMETER");
        return OK;
    }
    err known =
        refund_find_of(c->p->config.store, PROVIDER_ALIPAY, bytes_text(t.out_no), refund_no, &r);
    if (FAILED(known) && known.code != ERR_NOT_FOUND) return known;
    alipay_success(c);
    if (FAILED(known)) return OK;
    write_numbers(c, &t);
    json_member_string(&c->j, "out_request_no", r.refund_no);
    json_member_string(&c->j, "refund_reason", r.reason);
    member_money(&c->j, "total_amount", t.amount_minor);
    member_money(&c->j, "refund_amount", r.amount_minor + c->wrong_minor);
    json_member_string(&c->j, "refund_status", "REFUND_SUCCESS");
    member_time(&c->j, "gmt_refund_pay", r.done_ms);
    return OK;
}

/* ---- precreate ---- */

static err trade_precreate(struct alipay_call *c)
{
    struct asked a;
    struct trade t;
    const char *refusal;
    char url[22 + TRADE_TOKEN_MAX + 1];
    if (FAILED(read_order(c, &a, SHOWN_MS))) {
        alipay_failure(c, "ACQ.INVALID_PARAMETER");
        return OK;
    }
    TRY(order_of(c, &a, true, &t, &refusal));
    if (refusal != NULL) {
        alipay_failure(c, refusal);
        return OK;
    }
    if (t.token[0] == '\0') {
        memcpy(t.token, "bax", 3);
        provider_letters(c->p, t.token + 3, 17);
        TRY(trade_put(c->p->config.store, &t));
    }
    struct writer w = writer_over(url, sizeof url);
    write_format(&w, "https://qr.alipay.com/%s", t.token);
    alipay_success(c);
    json_member_string(&c->j, "out_trade_no", t.out_no);
    json_member_text(&c->j, "qr_code", writer_view(&w));
    return OK;
}

/* ---- the bill ---- */

static err bill_address(struct alipay_call *c)
{
    struct bytes type, date;
    char url[PROVIDER_BILL_URL_MAX + 1];
    uint8_t sha1[RSA_SHA1_BYTES];
    if (FAILED(json_text(c->biz, "bill_type", 16, &type)) ||
        FAILED(json_text(c->biz, "bill_date", 10, &date)) || !bytes_equal(type, BYTES("trade"))) {
        alipay_failure(c, "isv.invalid-parameter");
        return OK;
    }
    err made = provider_bill_address(c->p, PROVIDER_ALIPAY, date, "/bill/download", url, sha1);
    if (made.code == ERR_FORMAT) {
        alipay_failure(c, "isv.invalid-parameter");
        return OK;
    }
    if (made.code == ERR_NOT_FOUND || made.code == ERR_LENGTH) {
        alipay_failure(c, "isp.bill_not_exist");
        return OK;
    }
    TRY(made);
    alipay_success(c);
    json_member_string(&c->j, "bill_download_url", url);
    return OK;
}

/* The certificate of this name with the root; what goes wrong with it is that it leads to none. */
static err certificate(struct alipay_call *c)
{
    const char *pem[2];
    size_t count = provider_told(c->p, PROVIDER_ALIPAY, pem), found = 0;
    struct wallet_certificate about;
    struct bytes sn;
    char alone[RSA_CERTIFICATE_PEM_MAX], text[2 * RSA_CERTIFICATE_PEM_MAX];
    if (FAILED(json_text(c->biz, "alipay_cert_sn", WALLET_CERTIFICATE_SN_LEN, &sn))) count = 0;
    for (; found < count; found++) {
        TRY(wallet_certificate_read(bytes_text(pem[found]), &about));
        if (bytes_equal(sn, bytes_text(about.sn))) break;
    }
    if (found >= count) {
        alipay_failure(c, "isv.invalid-alipay-cert-sn");
        return OK;
    }
    struct writer w = writer_over(alone, sizeof alone);
    if (c->wrong_minor == 0) write_format(&w, "%s%s", pem[found], c->p->config.alipay.root_pem);
    else
        TRY(rsa_certificate_make(&c->p->config.alipay.own, BYTES("nobody"), about.not_before_ms,
                                 about.not_after_ms, &w));
    struct writer base64 = writer_over(text, sizeof text);
    base64_write(&base64, writer_view(&w));
    alipay_success(c);
    json_member_text(&c->j, "alipay_cert_content", writer_view(&base64));
    return base64.fault == ERR_OK && w.fault == ERR_OK ? OK : ERR(FULL);
}

static const struct alipay_method methods[] = {
    {"alipay.open.app.alipaycert.download", certificate},
    {"alipay.data.dataservice.bill.downloadurl.query", bill_address},
    {"alipay.trade.pay", trade_pay},
    {"alipay.trade.query", trade_query},
    {"alipay.trade.cancel", trade_cancel},
    {"alipay.trade.close", trade_close},
    {"alipay.trade.refund", trade_refund},
    {"alipay.trade.fastpay.refund.query", refund_query},
    {"alipay.trade.precreate", trade_precreate},
};

const struct alipay_method *alipay_method_named(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (bytes_equal(name, bytes_text(methods[i].name))) return &methods[i];
    return NULL;
}
