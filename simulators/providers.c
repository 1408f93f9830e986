/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What both wallets do alike: a request in one transaction, customers who type, notices that are
 * sent again until they are heard, and what is told to go wrong.
 */
#include "simulators/providers.h"

#include <stdlib.h>

#include "simulators/providers_core.h"

err providers_open(const struct providers_config *config, const struct providers_ports *ports,
                   struct providers **ret_providers)
{
    struct providers *p = calloc(1, sizeof *p);
    if (p == NULL) return ERR(NO_MEMORY);
    p->config = *config;
    p->ports = *ports;
    err opened = provider_book_open(config->store, config->phones);
    if (FAILED(opened)) {
        providers_close(p);
        return opened;
    }
    *ret_providers = p;
    return OK;
}

void providers_close(struct providers *p)
{
    if (p == NULL) return;
    for (unsigned i = 0; i < PROVIDERS; i++) rsa_key_free(&p->next[i].key);
    explicit_bzero(p, sizeof *p); /* the API key */
    free(p);
}

void providers_plan(struct providers *p, enum provider provider, bool notices,
                    struct fault_plan plan)
{
    ENSURE(provider < PROVIDERS);
    *(notices ? &p->notices[provider] : &p->answers[provider]) = plan;
}

void providers_deposit_alipay(struct providers *p, const struct alipay_config *deposited)
{
    struct alipay_config *c = &p->config.alipay;
    c->app = deposited->app;
    c->app_certified = deposited->app_certified;
    memcpy(c->app_sn, deposited->app_sn, sizeof c->app_sn);
}

void providers_deposit_wechat(struct providers *p, struct rsa_key merchant, const char *serial)
{
    struct wechat_config *c = &p->config.wechat;
    err fits = bytes_to_text(bytes_text(serial), c->merchant_serial, sizeof c->merchant_serial);
    ENSURE(!FAILED(fits));
    c->merchant = merchant;
}

err providers_total(struct providers *p, enum provider provider, int64_t *ret_minor,
                    int64_t *ret_count)
{
    return provider_book_total(p->config.store, provider, ret_minor, ret_count);
}

/* ---- numbers and times ---- */

int64_t provider_now(const struct providers *p)
{
    return clock_now_ms(&p->config.clock);
}

void provider_digits(struct providers *p, char *out, size_t digits)
{
    for (size_t i = 0; i < digits; i++) out[i] = (char)('0' + random_below(&p->config.random, 10));
    out[digits] = '\0';
}

void provider_letters(struct providers *p, char *out, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    for (size_t i = 0; i < len; i++)
        out[i] = letters[random_below(&p->config.random, sizeof letters - 1)];
    out[len] = '\0';
}

void provider_time_plain(struct writer *w, int64_t ms)
{
    struct civil c = civil_from_ms(ms + CLOCK_CHINA_OFFSET_MS);
    write_format(w, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
                 c.second);
}

void provider_time_zoned(struct writer *w, int64_t ms)
{
    struct civil c = civil_from_ms(ms + CLOCK_CHINA_OFFSET_MS);
    write_format(w, "%04d-%02d-%02dT%02d:%02d:%02d+08:00", c.year, c.month, c.day, c.hour, c.minute,
                 c.second);
}

bool provider_has_form(struct bytes text, const char *form)
{
    if (text.len != strlen(form)) return false;
    for (size_t i = 0; i < text.len; i++) {
        bool digit = text.at[i] >= '0' && text.at[i] <= '9';
        if (form[i] == 'd' ? !digit : text.at[i] != (uint8_t)form[i]) return false;
    }
    return true;
}

int provider_number_at(struct bytes text, size_t at, size_t digits)
{
    int number = 0;
    ENSURE(digits < 10 && at + digits <= text.len);
    for (size_t i = at; i < at + digits; i++) number = number * 10 + (text.at[i] - '0');
    return number;
}

err provider_civil(struct civil c, int64_t *ret_ms)
{
    if (c.year < 1970 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31) return ERR(FORMAT);
    if (c.hour > 23 || c.minute > 59 || c.second > 59) return ERR(FORMAT);
    int64_t local_ms = civil_to_ms(c);
    struct civil again = civil_from_ms(local_ms); /* the 30th of February is another day */
    if (again.month != c.month || again.day != c.day) return ERR(FORMAT);
    *ret_ms = local_ms - CLOCK_CHINA_OFFSET_MS;
    return OK;
}

/* Twenty-eight digits with the day in them, as either wallet numbers its trades. */
static void number_of(struct providers *p, enum provider provider, char out[TRADE_NUMBER_MAX + 1])
{
    struct civil c = civil_from_ms(provider_now(p) + CLOCK_CHINA_OFFSET_MS);
    char tail[16];
    struct writer w = writer_over(out, TRADE_NUMBER_MAX);
    provider_digits(p, tail, 15);
    if (provider == PROVIDER_ALIPAY)
        write_format(&w, "%04d%02d%02d22001%s", c.year, c.month, c.day, tail);
    else write_format(&w, "42000%04d%02d%02d%s", c.year, c.month, c.day, tail);
    ENSURE(w.fault == ERR_OK);
    out[w.len] = '\0';
}

struct trade provider_trade(struct providers *p, enum provider provider)
{
    struct trade t = {
        .provider = provider, .state = TRADE_WAITING, .phone = -1, .created_ms = provider_now(p)};
    number_of(p, provider, t.number);
    return t;
}

/* ---- money ---- */

err provider_tell(struct providers *p, const struct trade *trade, const struct refund *refund)
{
    struct notice n = {.provider = trade->provider, .due_ms = provider_now(p)};
    const char *url = refund != NULL ? refund->notify_url : trade->notify_url;
    if (url[0] == '\0') return OK;
    memcpy(n.out_no, trade->out_no, sizeof n.out_no);
    if (refund != NULL) memcpy(n.refund_no, refund->refund_no, sizeof n.refund_no);
    if (trade->provider == PROVIDER_ALIPAY) {
        provider_digits(p, n.id, 34);
    } else {
        memcpy(n.id, "EV-", 3);
        provider_digits(p, n.id + 3, 20);
    }
    return notice_put(p->config.store, &n);
}

/* Takes the money, or says that there is none. */
static err charge(struct providers *p, struct trade *t, bool *ret_paid)
{
    ENSURE(t->state == TRADE_WAITING && t->phone >= 0);
    t->due_ms = 0;
    *ret_paid = phones_pay(p->config.phones, (uint8_t)t->phone, t->amount_minor);
    if (*ret_paid) {
        t->state = TRADE_PAID;
        t->paid_ms = provider_now(p);
        TRY(provider_tell(p, t, NULL));
    }
    return trade_put(p->config.store, t);
}

static enum behaviour behaviour_of(uint8_t phone)
{
    size_t count;
    const struct virtual_phone *first = virtual_phones(&count);
    ENSURE(phone < count);
    return first[phone].behaviour;
}

err provider_pay(struct providers *p, struct trade *t, uint8_t phone,
                 enum payer_outcome *ret_outcome)
{
    enum behaviour behaviour = behaviour_of(phone);
    bool paid = false;
    t->phone = phone;
    t->touched = true;
    if (behaviour == BEHAVES_ASKS || behaviour == BEHAVES_NEVER_PAYS) {
        t->due_ms = behaviour == BEHAVES_ASKS ? provider_now(p) + PHONES_ASKS_MS : 0;
        *ret_outcome = PAYER_TYPES;
        return trade_put(p->config.store, t);
    }
    TRY(charge(p, t, &paid));
    *ret_outcome = !paid                         ? PAYER_HAS_NONE
                   : behaviour == BEHAVES_SILENT ? PAYER_PAID_MUTE
                   : behaviour == BEHAVES_SLOW   ? PAYER_PAID_SLOW
                                                 : PAYER_PAID;
    return OK;
}

err provider_refund(struct providers *p, struct trade *t, struct refund *r)
{
    ENSURE(t->phone >= 0 && r->amount_minor > 0);
    ENSURE(r->amount_minor <= t->amount_minor - t->refunded_minor);
    t->refunded_minor += r->amount_minor;
    phones_give_back(p->config.phones, (uint8_t)t->phone, r->amount_minor);
    if (r->number[0] == '\0') number_of(p, t->provider, r->number);
    TRY(trade_put(p->config.store, t));
    return refund_put(p->config.store, r);
}

err provider_take_back(struct providers *p, struct trade *t)
{
    int64_t now = provider_now(p);
    bool paid = t->state == TRADE_PAID;
    t->state = paid ? TRADE_TAKEN_BACK : TRADE_REVOKED;
    t->ended_ms = now;
    t->due_ms = 0;
    if (!paid || t->refunded_minor == t->amount_minor) return trade_put(p->config.store, t);
    struct refund r = {.provider = t->provider,
                       .state = REFUND_DONE,
                       .amount_minor = t->amount_minor - t->refunded_minor,
                       .created_ms = now,
                       .done_ms = now,
                       .refund_no = "cancel"};
    memcpy(r.out_no, t->out_no, sizeof r.out_no);
    return provider_refund(p, t, &r);
}

/* ---- what is due ---- */

/* The customer has typed, or the trade has waited long enough. */
static err settle_trade(struct providers *p, struct trade *t)
{
    int64_t now = provider_now(p);
    bool paid = false;
    if (t->due_ms > 0 && t->due_ms <= now) {
        TRY(charge(p, t, &paid));
        if (paid || t->provider != PROVIDER_WECHAT) return OK;
        t->state = TRADE_FAILED; /* Alipay's customers may show another code */
    } else {
        t->state = TRADE_CLOSED;
    }
    t->ended_ms = now;
    return trade_put(p->config.store, t);
}

static err settle_trades(struct providers *p)
{
    for (;;) {
        struct trade t;
        err found = trade_find_due(p->config.store, provider_now(p), &t);
        if (found.code == ERR_NOT_FOUND) return OK;
        TRY(found);
        TRY(settle_trade(p, &t));
    }
}

static err settle_refunds(struct providers *p)
{
    for (;;) {
        struct refund r;
        struct trade t;
        err found = refund_find_due(p->config.store, provider_now(p), &r);
        if (found.code == ERR_NOT_FOUND) return OK;
        TRY(found);
        r.state = REFUND_DONE;
        r.done_ms = provider_now(p);
        TRY(refund_put(p->config.store, &r));
        TRY(trade_find(p->config.store, r.provider, bytes_text(r.out_no), &t));
        TRY(provider_tell(p, &t, &r));
    }
}

static err settle(struct providers *p)
{
    TRY(settle_trades(p));
    return settle_refunds(p);
}

/* ---- requests ---- */

static void write_garbage(struct providers *p, struct writer *w)
{
    uint8_t noise[64];
    random_fill(&p->config.random, noise, sizeof noise);
    w->len = 0;
    write_bytes(w, BYTES("{\"\xff\xfe"));
    write_bytes(w, BYTES_OF(noise));
}

/* What is wrong with an answer whatever it says. */
static void spoil(struct providers *p, enum fault fault, unsigned delay_ms,
                  struct provider_answer *answer)
{
    struct bytes whole = writer_view(&answer->body);
    if (fault == FAULT_SLOW) answer->delay_ms = delay_ms;
    if (fault == FAULT_SILENT) answer->silent = true;
    if (fault == FAULT_CUT) answer->cut = true;
    if (fault == FAULT_DOUBLED) write_bytes(&answer->body, whole);
    if (fault == FAULT_GARBAGE) write_garbage(p, &answer->body);
    if (fault == FAULT_BROKEN) answer->body.len = 0;
    if (fault != FAULT_BROKEN && answer->body.fault == ERR_OK) return;
    answer->body.fault = ERR_OK;
    answer->body.len = answer->header_count = 0;
    answer->status = 500;
    answer->content_type = "text/html";
    write_bytes(&answer->body, BYTES("<html><body>500 Internal Server Error</body></html>"));
}

err providers_answer(struct providers *p, enum provider provider,
                     const struct provider_request *request, struct provider_answer *answer)
{
    ENSURE(provider == PROVIDER_ALIPAY || provider == PROVIDER_WECHAT);
    struct writer body = answer->body;
    unsigned delay_ms = p->answers[provider].delay_ms;
    enum fault fault = fault_take(&p->answers[provider]);
    *answer = (struct provider_answer){.status = 200, .body = body};
    if (fault == FAULT_DOWN) {
        answer->hang_up = true;
        return OK;
    }
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(p->config.store, &tx));
    TRY(settle(p));
    TRY(provider == PROVIDER_ALIPAY ? alipay_answer(p, request, fault, answer)
                                    : wechat_answer(p, request, fault, answer));
    TRY(store_commit(&tx));
    spoil(p, fault, delay_ms, answer);
    return OK;
}

/* ---- notices ---- */

/* After each attempt: how long until the next. Alipay says so of its notices, and WeChat Pay. */
static const int64_t alipay_waits_s[] = {240, 600, 600, 3600, 7200, 21600, 54000};
static const int64_t wechat_waits_s[] = {15,   15,   30,    180,   600,   1200,  1800, 1800,
                                         1800, 3600, 10800, 10800, 10800, 21600, 21600};

/* Milliseconds until the next attempt, or -1: that was the last. */
static int64_t wait_after(enum provider provider, int64_t attempts)
{
    bool alipay = provider == PROVIDER_ALIPAY;
    int64_t count =
        alipay ? (int64_t)ARRAY_LEN(alipay_waits_s) : (int64_t)ARRAY_LEN(wechat_waits_s);
    if (attempts < 1 || attempts > count) return -1;
    if (alipay) return alipay_waits_s[attempts - 1] * 1000;
    return wechat_waits_s[attempts - 1] * 1000;
}

/* A row that another row names is there. */
static err must_be_there(err found)
{
    return found.code == ERR_NOT_FOUND ? ERR(CORRUPT) : found;
}

/* One that is due, counted as sent before it is: a crash sends it again later, never too often. */
static err take_notice(struct providers *p, struct notice *n, struct trade *t, struct refund *r,
                       enum fault *ret_fault)
{
    struct store *store = p->config.store;
    int64_t now = provider_now(p);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(store, &tx));
    TRY(notice_find_due(store, now, n));
    struct bytes out_no = bytes_text(n->out_no), refund_no = bytes_text(n->refund_no);
    TRY(must_be_there(trade_find(store, n->provider, out_no, t)));
    if (refund_no.len > 0)
        TRY(must_be_there(refund_find_of(store, n->provider, out_no, refund_no, r)));
    unsigned delay_ms = p->notices[n->provider].delay_ms;
    *ret_fault = fault_take(&p->notices[n->provider]);
    struct notice next = *n;
    if (*ret_fault != FAULT_SLOW) next.attempt++;
    int64_t wait = *ret_fault == FAULT_SLOW ? delay_ms : wait_after(n->provider, next.attempt);
    next.due_ms = now + wait;
    TRY(wait < 0 ? notice_drop(store, bytes_text(n->id)) : notice_put(store, &next));
    return store_commit(&tx);
}

static err send_notice(struct providers *p, const struct notice *n, const struct trade *t,
                       const struct refund *r, enum fault fault)
{
    struct provider_header header[PROVIDER_HEADERS_MAX];
    struct provider_notice out = {
        .provider = n->provider,
        .id = n->id,
        .url = r != NULL ? r->notify_url : t->notify_url,
        .twice = fault == FAULT_DOUBLED,
    };
    err made = n->provider == PROVIDER_ALIPAY ? alipay_notice(p, n, t, r, fault, &out, header)
                                              : wechat_notice(p, n, t, r, fault, &out, header);
    if (FAILED(made) && p->config.log != NULL)
        log_event(p->config.log, LOG_WARN, "notice_failed", LOG_ERR(made));
    if (FAILED(made)) return OK;
    if (fault == FAULT_GARBAGE) {
        struct writer w = writer_over(p->notice_body, sizeof p->notice_body);
        write_garbage(p, &w);
        out.body = writer_view(&w);
    }
    p->ports.notify(p->ports.context, &out);
    return OK;
}

err providers_tick(struct providers *p)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(p->config.store, &tx));
    TRY(settle(p));
    TRY(store_commit(&tx));
    for (int i = 0; i < PROVIDER_NOTICES_MAX; i++) {
        struct notice n;
        struct trade t;
        struct refund r;
        enum fault fault;
        err taken = take_notice(p, &n, &t, &r, &fault);
        if (taken.code == ERR_NOT_FOUND) return OK;
        TRY(taken);
        if (fault == FAULT_DOWN || fault == FAULT_SLOW) continue;
        TRY(send_notice(p, &n, &t, n.refund_no[0] != '\0' ? &r : NULL, fault));
    }
    return OK;
}

err providers_next(struct providers *p, int64_t *ret_ms)
{
    return provider_book_next(p->config.store, ret_ms);
}

err providers_heard(struct providers *p, const char *id, bool heard)
{
    if (!heard) return OK; /* its next attempt is down already */
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(p->config.store, &tx));
    TRY(notice_drop(p->config.store, bytes_text(id)));
    return store_commit(&tx);
}

bool provider_notice_heard(enum provider provider, unsigned status, struct bytes body)
{
    if (provider == PROVIDER_WECHAT) return status == 200 || status == 204;
    return status == 200 && bytes_equal(body, BYTES("success"));
}

/* ---- phones that scan ---- */

static const struct {
    enum provider provider;
    const char *prefix;
} shown_codes[] = {
    {PROVIDER_ALIPAY, "https://qr.alipay.com/"},
    {PROVIDER_WECHAT, "weixin://wxpay/bizpayurl?pr="},
};

/* What stands behind the prefix. */
static bool token_of(struct bytes text, enum provider *ret_provider, struct bytes *ret_token)
{
    for (size_t i = 0; i < ARRAY_LEN(shown_codes); i++) {
        size_t len = strlen(shown_codes[i].prefix);
        if (text.len <= len || memcmp(text.at, shown_codes[i].prefix, len) != 0) continue;
        *ret_provider = shown_codes[i].provider;
        *ret_token = bytes_of(text.at + len, text.len - len);
        return true;
    }
    return false;
}

static struct text2 why_not(enum trade_state state)
{
    if (state == TRADE_PAID)
        return (struct text2){"这笔订单已经付过", "this order is paid already"};
    return (struct text2){"订单已关闭，请让商家重新出码",
                          "this order is closed; ask the shop for a new code"};
}

static err pay_shown(struct providers *p, struct trade *t, const struct scan *scan,
                     struct scan_result *result)
{
    static const struct text2 none = {"余额不足", "insufficient funds"};
    enum payer_outcome outcome;
    result->amount_minor = t->amount_minor;
    memcpy(result->payee, p->config.payee, sizeof result->payee);
    memcpy(result->reference, t->number, sizeof t->number);
    if (t->state != TRADE_WAITING || (t->phone >= 0 && t->phone != scan->phone)) {
        result->reason = why_not(t->state == TRADE_WAITING ? TRADE_PAID : t->state);
        return OK;
    }
    TRY(provider_pay(p, t, scan->phone, &outcome));
    if (outcome == PAYER_HAS_NONE) {
        t->phone = -1; /* another phone may pay */
        result->reason = none;
        return trade_put(p->config.store, t);
    }
    result->outcome = outcome == PAYER_TYPES ? SCAN_ASKED : SCAN_PAID;
    return OK;
}

err providers_scan(void *context, const struct scan *scan, struct scan_result *ret_result)
{
    struct providers *p = context;
    enum provider provider;
    struct bytes token;
    struct trade t;
    if (!token_of(scan->text, &provider, &token)) return provider_plate_scan(p, scan, ret_result);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(p->config.store, &tx));
    TRY(settle(p));
    struct scan_result result = {.outcome = SCAN_REFUSED};
    err found = trade_find_token(p->config.store, provider, token, &t);
    if (found.code == ERR_NOT_FOUND) {
        result.reason = (struct text2){"二维码无效", "the wallet does not know this code"};
    } else {
        TRY(found);
        TRY(pay_shown(p, &t, scan, &result));
    }
    TRY(store_commit(&tx));
    *ret_result = result;
    return OK;
}
