/* SPDX-License-Identifier: Apache-2.0 */
/* WeChat Pay's orders: by the customer's code, by one that is shown; query, close, reverse. */
#include "simulators/wechat.h"

#include "lib/base/money.h"

enum {
    PAYING_MS = 5 * 60 * 1000,  /* a customer who has not typed by then has not paid */
    SHOWN_MS = 2 * 3600 * 1000, /* a code that nobody scans is good for two hours */
    REVERSE_MS = 7 * 24 * 3600 * 1000,
};

/* ---- what a trade says ---- */

struct state_text {
    const char *state, *description;
};

static struct state_text state_of(const struct trade *t)
{
    switch (t->state) {
    case TRADE_WAITING:
        if (t->shown && t->phone < 0) return (struct state_text){"NOTPAY", "订单未支付"};
        return (struct state_text){"USERPAYING", "用户支付中，需要输入密码"};
    case TRADE_PAID:
        if (t->refunded_minor > 0) return (struct state_text){"REFUND", "订单发生过退款"};
        return (struct state_text){"SUCCESS", "支付成功"};
    case TRADE_CLOSED:
        return (struct state_text){"CLOSED", "订单已关闭"};
    case TRADE_REVOKED:
    case TRADE_TAKEN_BACK:
        return (struct state_text){"REVOKED", "订单已撤销"};
    case TRADE_FAILED:
        break;
    }
    return (struct state_text){"PAYERROR", "支付失败"};
}

static void write_amount(struct json_out *j, const struct trade *t, int64_t wrong_minor)
{
    json_member_object(j, "amount");
    json_member_int(j, "total", t->amount_minor + wrong_minor);
    json_member_string(j, "currency", "CNY");
    if (t->paid_ms > 0) {
        json_member_int(j, "payer_total", t->amount_minor + wrong_minor);
        json_member_string(j, "payer_currency", "CNY");
    }
    json_object_end(j);
}

static void write_payer(struct json_out *j, const struct trade *t)
{
    char openid[32];
    struct writer w = writer_over(openid, sizeof openid);
    write_format(&w, "oPhone0000000000000000000%03d", t->phone + 1);
    json_member_object(j, "payer");
    json_member_text(j, "openid", writer_view(&w));
    json_object_end(j);
}

void wechat_write_trade(struct json_out *j, const struct providers *p, const struct trade *t,
                        int64_t wrong_minor)
{
    struct state_text state = state_of(t);
    char time[32];
    struct writer w = writer_over(time, sizeof time);
    json_object_begin(j);
    json_member_string(j, "appid", p->config.wechat.appid);
    json_member_string(j, "mchid", p->config.wechat.mchid);
    json_member_string(j, "out_trade_no", t->out_no);
    if (!t->shown || t->phone >= 0) json_member_string(j, "transaction_id", t->number);
    json_member_string(j, "trade_type", t->shown ? "NATIVE" : "MICROPAY");
    json_member_string(j, "trade_state", state.state);
    json_member_string(j, "trade_state_desc", state.description);
    if (t->attach[0] != '\0') json_member_string(j, "attach", t->attach);
    write_amount(j, t, wrong_minor);
    if (t->paid_ms > 0) {
        provider_time_zoned(&w, t->paid_ms);
        json_member_string(j, "bank_type", "OTHERS");
        json_member_text(j, "success_time", writer_view(&w));
    }
    if (t->phone >= 0) write_payer(j, t);
    json_object_end(j);
}

/* ---- what is asked ---- */

struct order {
    char out_no[TRADE_OUT_NO_MAX + 1];
    char description[TRADE_SUBJECT_MAX + 1];
    char attach[TRADE_ATTACH_MAX + 1];
    char url[TRADE_URL_MAX + 1];
    int64_t amount_minor, expires_ms;
};

static err optional_text(const struct json_t *object, const char *name, char *out, size_t size)
{
    out[0] = '\0';
    return json_has(object, name) ? json_text_copy(object, name, out, size) : OK;
}

static err read_amount(const struct json_t *biz, int64_t *ret_minor)
{
    struct json_t *amount;
    char currency[4];
    TRY(json_member(biz, "amount", &amount));
    TRY(json_int(amount, "total", 1, MONEY_FIELD_MAX, ret_minor));
    TRY(optional_text(amount, "currency", currency, sizeof currency));
    return currency[0] == '\0' || strcmp(currency, "CNY") == 0 ? OK : ERR(FORMAT);
}

/* "2026-11-29T08:15:00+08:00": the zone is China's, as the interface's examples have it. */
static err read_expiry(const struct json_t *biz, int64_t *ret_ms)
{
    struct bytes text;
    if (!json_has(biz, "time_expire")) return OK;
    TRY(json_text(biz, "time_expire", 32, &text));
    if (!provider_has_form(text, "dddd-dd-ddTdd:dd:dd+08:00")) return ERR(FORMAT);
    return provider_civil((struct civil){.year = provider_number_at(text, 0, 4),
                                         .month = provider_number_at(text, 5, 2),
                                         .day = provider_number_at(text, 8, 2),
                                         .hour = provider_number_at(text, 11, 2),
                                         .minute = provider_number_at(text, 14, 2),
                                         .second = provider_number_at(text, 17, 2)},
                          ret_ms);
}

static err read_order(const struct wechat_call *c, struct order *o)
{
    TRY(json_text_copy(c->biz, "out_trade_no", o->out_no, sizeof o->out_no));
    TRY(json_text_copy(c->biz, "description", o->description, sizeof o->description));
    TRY(optional_text(c->biz, "attach", o->attach, sizeof o->attach));
    TRY(optional_text(c->biz, "notify_url", o->url, sizeof o->url));
    TRY(read_amount(c->biz, &o->amount_minor));
    TRY(read_expiry(c->biz, &o->expires_ms));
    return wechat_is_number(bytes_text(o->out_no)) && o->description[0] != '\0' ? OK : ERR(FORMAT);
}

/* The order of a body whose merchant and app are ours. False, and refused, when it is none. */
static bool asked_order(struct wechat_call *c, struct order *o)
{
    struct bytes appid;
    *o = (struct order){.amount_minor = 0};
    if (!wechat_mchid_right(c)) return false;
    bool read =
        !FAILED(json_text(c->biz, "appid", PROVIDER_ID_MAX, &appid)) && !FAILED(read_order(c, o));
    if (!read) wechat_failure(c, "PARAM_ERROR");
    else if (!bytes_equal(appid, bytes_text(c->p->config.wechat.appid)))
        wechat_failure(c, "APPID_MCHID_NOT_MATCH");
    else return true;
    return false;
}

static struct trade new_trade(struct wechat_call *c, const struct order *o, bool shown)
{
    struct trade t = provider_trade(c->p, PROVIDER_WECHAT);
    memcpy(t.out_no, o->out_no, sizeof t.out_no);
    memcpy(t.subject, o->description, sizeof t.subject);
    memcpy(t.attach, o->attach, sizeof t.attach);
    memcpy(t.notify_url, o->url, sizeof t.notify_url);
    t.amount_minor = o->amount_minor;
    t.shown = shown;
    t.expires_ms =
        o->expires_ms > 0 ? o->expires_ms : t.created_ms + (shown ? SHOWN_MS : PAYING_MS);
    return t;
}

static bool same_order(const struct order *o, const struct trade *t, bool shown)
{
    return t->amount_minor == o->amount_minor && strcmp(t->subject, o->description) == 0 &&
           strcmp(t->attach, o->attach) == 0 && t->shown == shown;
}

/* Why an order that is there already cannot go on; NULL: it can, while it waits. */
static const char *repeat_refusal(const struct order *o, const struct trade *t, bool shown)
{
    if (!same_order(o, t, shown)) return "OUT_TRADE_NO_USED";
    if (t->state == TRADE_PAID) return "ORDER_PAID";
    if (t->state == TRADE_REVOKED || t->state == TRADE_TAKEN_BACK) return "ORDER_REVERSED";
    return t->state == TRADE_WAITING ? NULL : "ORDER_CLOSED";
}

/* ---- by the customer's code ---- */

static err charge(struct wechat_call *c, struct trade *t, struct bytes code)
{
    uint8_t phone;
    enum payer_outcome outcome;
    bool ours = payment_code_wallet(code) == PAYMENT_CODE_WECHAT;
    if (!ours || !phones_take(c->p->config.phones, code, &phone)) {
        wechat_failure(c, "AUTH_CODE_INVALID");
        return OK;
    }
    err fits = bytes_to_text(code, t->code, sizeof t->code);
    ENSURE(!FAILED(fits));
    TRY(provider_pay(c->p, t, phone, &outcome));
    if (outcome == PAYER_HAS_NONE) { /* another code needs another order */
        t->state = TRADE_FAILED;
        t->ended_ms = provider_now(c->p);
        TRY(trade_put(c->p->config.store, t));
        wechat_failure(c, "NOT_ENOUGH");
        return OK;
    }
    if (outcome == PAYER_PAID_SLOW) c->answer->delay_ms = PHONES_SLOW_MS;
    if (outcome == PAYER_PAID_MUTE) c->answer->silent = true;
    wechat_write_trade(&c->j, c->p, t, c->wrong_minor);
    return OK;
}

static err pay_again(struct wechat_call *c, const struct order *o, const struct trade *t,
                     struct bytes code)
{
    const char *refusal = repeat_refusal(o, t, false);
    bool same_code = bytes_equal(code, bytes_text(t->code));
    if (refusal == NULL && !same_code) refusal = "OUT_TRADE_NO_USED";
    if (refusal != NULL) wechat_failure(c, refusal);
    else wechat_write_trade(&c->j, c->p, t, c->wrong_minor);
    return OK;
}

err wechat_codepay(struct wechat_call *c)
{
    struct order o;
    struct trade t;
    struct json_t *payer;
    struct bytes code;
    if (!asked_order(c, &o)) return OK;
    err read = json_member(c->biz, "payer", &payer);
    if (!FAILED(read)) read = json_text(payer, "auth_code", 32, &code);
    if (FAILED(read)) {
        wechat_failure(c, "PARAM_ERROR");
        return OK;
    }
    err found = trade_find(c->p->config.store, PROVIDER_WECHAT, bytes_text(o.out_no), &t);
    if (!FAILED(found)) return pay_again(c, &o, &t, code);
    if (found.code != ERR_NOT_FOUND) return found;
    t = new_trade(c, &o, false);
    return charge(c, &t, code);
}

/* ---- by a code that is shown ---- */

err wechat_native(struct wechat_call *c)
{
    struct order o;
    struct trade t;
    char url[64];
    if (!asked_order(c, &o)) return OK;
    if (o.url[0] == '\0') {
        wechat_failure(c, "PARAM_ERROR");
        return OK;
    }
    err found = trade_find(c->p->config.store, PROVIDER_WECHAT, bytes_text(o.out_no), &t);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    const char *refusal = FAILED(found) ? NULL : repeat_refusal(&o, &t, true);
    if (refusal != NULL) {
        wechat_failure(c, refusal);
        return OK;
    }
    if (FAILED(found)) {
        t = new_trade(c, &o, true);
        provider_letters(c->p, t.token, 9);
        TRY(trade_put(c->p->config.store, &t));
    }
    struct writer w = writer_over(url, sizeof url);
    write_format(&w, "weixin://wxpay/bizpayurl?pr=%s", t.token);
    json_object_begin(&c->j);
    json_member_text(&c->j, "code_url", writer_view(&w));
    json_object_end(&c->j);
    return OK;
}

/* ---- query, close, reverse ---- */

/* False, and refused, when there is no such order. */
static err named_trade(struct wechat_call *c, struct trade *t, bool *ret_found)
{
    err found = trade_find(c->p->config.store, PROVIDER_WECHAT, c->id, t);
    *ret_found = !FAILED(found);
    if (found.code == ERR_NOT_FOUND) wechat_failure(c, "ORDER_NOT_EXIST");
    return found.code == ERR_NOT_FOUND ? OK : found;
}

err wechat_query(struct wechat_call *c)
{
    struct trade t;
    bool found;
    if (!wechat_query_mchid_right(c)) return OK;
    TRY(named_trade(c, &t, &found));
    if (found) wechat_write_trade(&c->j, c->p, &t, c->wrong_minor);
    return OK;
}

err wechat_query_id(struct wechat_call *c)
{
    struct trade t;
    if (!wechat_query_mchid_right(c)) return OK;
    err found = trade_find_number(c->p->config.store, PROVIDER_WECHAT, c->id, &t);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    if (FAILED(found)) wechat_failure(c, "ORDER_NOT_EXIST");
    else wechat_write_trade(&c->j, c->p, &t, c->wrong_minor);
    return OK;
}

/* Only what is shown can be closed; of the others the money may be on its way. */
err wechat_close(struct wechat_call *c)
{
    struct trade t;
    bool found;
    if (!wechat_mchid_right(c)) return OK;
    TRY(named_trade(c, &t, &found));
    if (!found) return OK;
    if (!t.shown) wechat_failure(c, "INVALID_REQUEST");
    else if (t.state == TRADE_PAID) wechat_failure(c, "ORDER_PAID");
    else c->answer->status = 204;
    if (c->answer->status != 204 || t.state != TRADE_WAITING) return OK;
    t.state = TRADE_CLOSED;
    t.ended_ms = provider_now(c->p);
    t.due_ms = 0;
    return trade_put(c->p->config.store, &t);
}

/* NULL when it can be taken back, or has been. */
static const char *reverse_refusal(struct wechat_call *c, const struct trade *t)
{
    int64_t age_ms = provider_now(c->p) - t->created_ms;
    if (t->state == TRADE_REVOKED || t->state == TRADE_TAKEN_BACK) return NULL;
    if (t->shown || t->refunded_minor > 0 || age_ms > REVERSE_MS) return "INVALID_REQUEST";
    if (t->state == TRADE_WAITING && age_ms < WECHAT_SOON_MS) return "SYSTEM_ERROR";
    return NULL;
}

err wechat_reverse(struct wechat_call *c)
{
    struct trade t;
    bool found;
    if (!wechat_mchid_right(c)) return OK;
    TRY(named_trade(c, &t, &found));
    if (!found) return OK;
    const char *refusal = reverse_refusal(c, &t);
    if (refusal != NULL) {
        wechat_failure(c, refusal);
        return OK;
    }
    if (t.state != TRADE_REVOKED && t.state != TRADE_TAKEN_BACK) TRY(provider_take_back(c->p, &t));
    json_object_begin(&c->j);
    json_member_string(&c->j, "appid", c->p->config.wechat.appid);
    json_member_string(&c->j, "mchid", c->p->config.wechat.mchid);
    json_member_string(&c->j, "out_trade_no", t.out_no);
    json_object_end(&c->j);
    return OK;
}
