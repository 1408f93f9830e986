/* SPDX-License-Identifier: Apache-2.0 */
/* WeChat Pay's refunds, which are under way first, its certificates, and the day's bill. */
#include "simulators/wechat.h"

#include "simulators/provider_certificates.h"

#include "lib/base/money.h"

enum { REFUNDS_MAX_DAYS = 365 };

/* ---- what a refund says ---- */

static void member_time(struct json_out *j, const char *name, int64_t ms)
{
    char text[32];
    struct writer w = writer_over(text, sizeof text);
    provider_time_zoned(&w, ms);
    json_member_text(j, name, writer_view(&w));
}

static void write_numbers(struct json_out *j, const struct trade *t, const struct refund *r)
{
    json_member_string(j, "refund_id", r->number);
    json_member_string(j, "out_refund_no", r->refund_no);
    json_member_string(j, "transaction_id", t->number);
    json_member_string(j, "out_trade_no", t->out_no);
    json_member_string(j, "user_received_account", "零钱");
    if (r->done_ms > 0) member_time(j, "success_time", r->done_ms);
}

static const char *status_of(const struct refund *r)
{
    return r->state == REFUND_DONE ? "SUCCESS" : "PROCESSING";
}

void wechat_write_refund(struct json_out *j, const struct trade *t, const struct refund *r,
                         int64_t wrong_minor)
{
    int64_t refund = r->amount_minor + wrong_minor;
    json_object_begin(j);
    write_numbers(j, t, r);
    json_member_string(j, "channel", "ORIGINAL");
    json_member_string(j, "funds_account", "AVAILABLE");
    member_time(j, "create_time", r->created_ms);
    json_member_string(j, "status", status_of(r));
    json_member_object(j, "amount");
    json_member_int(j, "total", t->amount_minor);
    json_member_int(j, "refund", refund);
    json_member_int(j, "payer_total", t->amount_minor);
    json_member_int(j, "payer_refund", refund);
    json_member_int(j, "settlement_total", t->amount_minor);
    json_member_int(j, "settlement_refund", refund);
    json_member_int(j, "discount_refund", 0);
    json_member_string(j, "currency", "CNY");
    json_object_end(j);
    json_object_end(j);
}

void wechat_write_refund_notice(struct json_out *j, const struct providers *p,
                                const struct trade *t, const struct refund *r, int64_t wrong_minor)
{
    int64_t refund = r->amount_minor + wrong_minor;
    json_object_begin(j);
    json_member_string(j, "mchid", p->config.wechat.mchid);
    write_numbers(j, t, r);
    json_member_string(j, "refund_status", status_of(r));
    json_member_object(j, "amount");
    json_member_int(j, "total", t->amount_minor);
    json_member_int(j, "refund", refund);
    json_member_int(j, "payer_total", t->amount_minor);
    json_member_int(j, "payer_refund", refund);
    json_object_end(j);
    json_object_end(j);
}

/* ---- what is asked ---- */

static err optional_text(const struct json_t *object, const char *name, char *out, size_t size)
{
    out[0] = '\0';
    return json_has(object, name) ? json_text_copy(object, name, out, size) : OK;
}

/* Digits, letters and _-|*@. */
static bool is_refund_no(const char *text)
{
    static const char also[] = "_-|*@";
    if (text[0] == '\0') return false;
    for (; *text != '\0'; text++) {
        bool letter = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z');
        if (!letter && (*text < '0' || *text > '9') && strchr(also, *text) == NULL) return false;
    }
    return true;
}

static err read_refund(const struct wechat_call *c, struct refund *r, int64_t *ret_total)
{
    struct json_t *amount;
    char currency[4];
    TRY(json_text_copy(c->biz, "out_refund_no", r->refund_no, sizeof r->refund_no));
    TRY(optional_text(c->biz, "reason", r->reason, sizeof r->reason));
    TRY(optional_text(c->biz, "notify_url", r->notify_url, sizeof r->notify_url));
    TRY(json_member(c->biz, "amount", &amount));
    TRY(json_int(amount, "refund", 1, MONEY_FIELD_MAX, &r->amount_minor));
    TRY(json_int(amount, "total", 1, MONEY_FIELD_MAX, ret_total));
    TRY(json_text_copy(amount, "currency", currency, sizeof currency));
    return is_refund_no(r->refund_no) && strcmp(currency, "CNY") == 0 ? OK : ERR(FORMAT);
}

/* The trade that is to be refunded, by either number. */
static err asked_trade(struct wechat_call *c, struct trade *t)
{
    struct bytes number;
    struct store *store = c->p->config.store;
    if (json_has(c->biz, "transaction_id")) {
        if (FAILED(json_text(c->biz, "transaction_id", 64, &number))) return ERR(NOT_FOUND);
        return trade_find_number(store, PROVIDER_WECHAT, number, t);
    }
    if (FAILED(json_text(c->biz, "out_trade_no", 64, &number))) return ERR(NOT_FOUND);
    return trade_find(store, PROVIDER_WECHAT, number, t);
}

static bool refundable(struct wechat_call *c, const struct trade *t, const struct refund *r,
                       int64_t total_minor)
{
    int64_t age_ms = provider_now(c->p) - t->paid_ms;
    return t->state == TRADE_PAID && total_minor == t->amount_minor &&
           r->amount_minor <= t->amount_minor - t->refunded_minor &&
           age_ms <= (int64_t)REFUNDS_MAX_DAYS * 24 * 3600 * 1000;
}

/* The same number again: the same refund, however often; with other amounts it is refused. */
static err again(struct wechat_call *c, const struct refund *before, const struct trade *t,
                 const struct refund *r)
{
    bool same = strcmp(before->out_no, t->out_no) == 0 && before->amount_minor == r->amount_minor;
    if (same) wechat_write_refund(&c->j, t, before, c->wrong_minor);
    else wechat_failure(c, "PARAM_ERROR");
    return OK;
}

err wechat_refund(struct wechat_call *c)
{
    struct trade t;
    struct refund r = {.provider = PROVIDER_WECHAT, .state = REFUND_UNDER_WAY}, before;
    int64_t total_minor;
    if (c->biz == NULL || FAILED(read_refund(c, &r, &total_minor))) {
        wechat_failure(c, "PARAM_ERROR");
        return OK;
    }
    err found = asked_trade(c, &t);
    if (found.code == ERR_NOT_FOUND) {
        wechat_failure(c, "RESOURCE_NOT_EXISTS");
        return OK;
    }
    TRY(found);
    err known = refund_find(c->p->config.store, PROVIDER_WECHAT, bytes_text(r.refund_no), &before);
    if (!FAILED(known)) return again(c, &before, &t, &r);
    if (known.code != ERR_NOT_FOUND) return known;
    if (!refundable(c, &t, &r, total_minor)) {
        wechat_failure(c, "INVALID_REQUEST");
        return OK;
    }
    memcpy(r.out_no, t.out_no, sizeof r.out_no);
    r.created_ms = provider_now(c->p);
    r.due_ms = r.created_ms + PROVIDER_REFUND_MS;
    TRY(provider_refund(c->p, &t, &r));
    wechat_write_refund(&c->j, &t, &r, c->wrong_minor);
    return OK;
}

err wechat_refund_query(struct wechat_call *c)
{
    struct refund r;
    struct trade t;
    err found = refund_find(c->p->config.store, PROVIDER_WECHAT, c->id, &r);
    if (found.code == ERR_NOT_FOUND) {
        wechat_failure(c, "RESOURCE_NOT_EXISTS");
        return OK;
    }
    TRY(found);
    TRY(trade_find(c->p->config.store, PROVIDER_WECHAT, bytes_text(r.out_no), &t));
    wechat_write_refund(&c->j, &t, &r, c->wrong_minor);
    return OK;
}

/* ---- certificates ---- */

/* One of them, sealed. What goes wrong with it is that it stands under another's name. */
static err write_certificate(struct wechat_call *c, const char *pem)
{
    struct rsa_certificate about;
    TRY(rsa_certificate_describe(bytes_text(pem), &about));
    if (c->wrong_minor != 0) about.serial[0] = about.serial[0] == '7' ? '6' : '7';
    json_object_begin(&c->j);
    json_member_string(&c->j, "serial_no", about.serial);
    member_time(&c->j, "effective_time", about.not_before_ms);
    member_time(&c->j, "expire_time", about.not_after_ms);
    json_member_object(&c->j, "encrypt_certificate");
    err sealed = wechat_write_sealed(&c->j, c->p, "certificate", bytes_text(pem), c->other_key);
    json_object_end(&c->j);
    json_object_end(&c->j);
    return sealed;
}

/* The new one and the old one, while one replaces the other. */
err wechat_certificates(struct wechat_call *c)
{
    const char *pem[2];
    size_t count = provider_told(c->p, PROVIDER_WECHAT, pem);
    err written = OK;
    json_object_begin(&c->j);
    json_member_array(&c->j, "data");
    for (size_t i = 0; i < count && !FAILED(written); i++) written = write_certificate(c, pem[i]);
    json_array_end(&c->j);
    json_object_end(&c->j);
    if (FAILED(written)) wechat_failure(c, "SYSTEM_ERROR");
    return OK;
}

/* ---- the bill ---- */

/* A parameter of the query, which must have nothing wrong in it. */
static struct bytes asked_for(struct wechat_call *c, const char *name)
{
    struct form *form = &c->p->form;
    form->count = form->used = 0;
    if (FAILED(form_add(form, bytes_text(c->request->query)))) return (struct bytes){0};
    return form_get(form, name);
}

err wechat_bill(struct wechat_call *c)
{
    char url[PROVIDER_BILL_URL_MAX + 1];
    uint8_t sha1[RSA_SHA1_BYTES];
    struct bytes date = asked_for(c, "bill_date");
    err made =
        provider_bill_address(c->p, PROVIDER_WECHAT, date, "/v3/billdownload/file", url, sha1);
    const char *refusal = made.code == ERR_FORMAT      ? "PARAM_ERROR"
                          : made.code == ERR_NOT_FOUND ? "NO_STATEMENT_EXIST"
                          : made.code == ERR_LENGTH    ? "SYSTEM_ERROR"
                                                       : NULL;
    if (refusal != NULL) {
        wechat_failure(c, refusal);
        return OK;
    }
    TRY(made);
    json_object_begin(&c->j);
    json_member_string(&c->j, "hash_type", "SHA1");
    json_member_hex(&c->j, "hash_value", BYTES_OF(sha1));
    json_member_string(&c->j, "download_url", url);
    json_object_end(&c->j);
    return OK;
}

err wechat_bill_file(struct wechat_call *c)
{
    err read = provider_bill_fetch(c->p, PROVIDER_WECHAT, asked_for(c, "token"), &c->answer->body);
    c->plain = !FAILED(read);
    if (c->plain) return OK;
    if (read.code != ERR_NOT_FOUND && read.code != ERR_LENGTH) return read;
    c->answer->body.fault = ERR_OK;
    wechat_failure(c, "NO_STATEMENT_EXIST");
    return OK;
}
