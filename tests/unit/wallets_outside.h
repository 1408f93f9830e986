/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The gateway of wallets_rig.h against the simulators of both interfaces, which check every
 * signature of a request, sign every answer by themselves, and can be slow, silent, doubled or
 * wrong. Keys are made once for a program.
 */

#include "tests/unit/wallets_rig.h"

#include "lib/crypto/rsa_signature.h"
#include "simulators/providers.h"
#include "tests/unit/scratch.h"

static struct {
    struct scratch scratch;
    struct store *store;
    struct crypto crypto;
    struct phones phones;
    struct providers *providers;
    struct providers_config config;
    struct rsa_key app, merchant;
    uint8_t body[PROVIDER_ANSWER_MAX];
    unsigned notices, fetches;      /* of certificates */
    char notice[NOTICE_ID_MAX + 1]; /* the last one */
} outside;

/* ---- the providers' end ---- */

static inline void on_notify(void *context, const struct provider_notice *n)
{
    (void)context;
    struct wallet_raw raw = {.body = n->body};
    for (size_t i = 0; i < n->header_count; i++) {
        const struct provider_header *h = &n->header[i];
        if (strcmp(h->name, "Wechatpay-Timestamp") == 0)
            snprintf(raw.timestamp, sizeof raw.timestamp, "%.20s", h->value);
        if (strcmp(h->name, "Wechatpay-Nonce") == 0)
            snprintf(raw.nonce, sizeof raw.nonce, "%.60s", h->value);
        if (strcmp(h->name, "Wechatpay-Serial") == 0)
            snprintf(raw.serial, sizeof raw.serial, "%.60s", h->value);
        if (strcmp(h->name, "Wechatpay-Signature") == 0)
            snprintf(raw.signature, sizeof raw.signature, "%.600s", h->value);
    }
    outside.notices++;
    memcpy(outside.notice, n->id, strlen(n->id) + 1);
    if (n->twice)
        gateway_on_notice(rig.g, n->provider == PROVIDER_ALIPAY ? WALLET_ALIPAY : WALLET_WECHATPAY,
                          &raw, 77);
    gateway_on_notice(rig.g, n->provider == PROVIDER_ALIPAY ? WALLET_ALIPAY : WALLET_WECHATPAY,
                      &raw, 77);
}

static inline const char *request_header(const struct asked *a, const char *name)
{
    for (size_t i = 0; i < a->request.headers; i++)
        if (strcmp(a->request.header[i].name, name) == 0) return a->request.header[i].value;
    return NULL;
}

/* Path and query of a URL, cut in two. */
static inline void cut_url(const char *url, char path[1100], char **ret_query)
{
    const char *host = strstr(url, "://");
    assert_non_null(host);
    snprintf(path, 1100, "%s", strchr(host + 3, '/'));
    char *query = strchr(path, '?');
    if (query != NULL) *query++ = '\0';
    *ret_query = query != NULL ? query : path + strlen(path);
}

static inline void take_answer(const struct asked *a, const struct provider_answer *answer)
{
    struct wallet_raw raw = {.status = (int)answer->status, .body = writer_view(&answer->body)};
    for (size_t i = 0; i < answer->header_count; i++) {
        const struct provider_header *h = &answer->header[i];
        if (strcmp(h->name, "Wechatpay-Timestamp") == 0)
            snprintf(raw.timestamp, sizeof raw.timestamp, "%.20s", h->value);
        if (strcmp(h->name, "Wechatpay-Nonce") == 0)
            snprintf(raw.nonce, sizeof raw.nonce, "%.60s", h->value);
        if (strcmp(h->name, "Wechatpay-Serial") == 0)
            snprintf(raw.serial, sizeof raw.serial, "%.60s", h->value);
        if (strcmp(h->name, "Wechatpay-Signature") == 0)
            snprintf(raw.signature, sizeof raw.signature, "%.600s", h->value);
    }
    bool lost = answer->silent || answer->hang_up || answer->cut;
    if (lost || answer->delay_ms > GATEWAY_HTTP_MS) {
        rig.now_ms += answer->silent || answer->delay_ms > 0 ? GATEWAY_HTTP_MS : 0;
        rig_failed(a, answer->hang_up || answer->cut ? ERR(CLOSED) : ERR(TIMEOUT));
        return;
    }
    rig.now_ms += answer->delay_ms;
    rig_came(a, &raw);
}

/* Answers what the gateway has asked first. */
static inline void serve_one(void)
{
    struct asked a = rig.asked[0];
    memmove(&rig.asked[0], &rig.asked[1], --rig.asks * sizeof rig.asked[0]);
    char path[1100], *query;
    cut_url(a.request.url, path, &query);
    if (strstr(a.request.url, "certificates") != NULL ||
        strstr(a.request.url, "alipaycert") != NULL)
        outside.fetches++;
    const struct provider_request request = {.method = a.request.method,
                                             .path = path,
                                             .query = query,
                                             .body = bytes_of(a.request.body, a.request.body_len),
                                             .content_type = request_header(&a, "Content-Type"),
                                             .authorization = request_header(&a, "Authorization"),
                                             .accept = request_header(&a, "Accept"),
                                             .user_agent = request_header(&a, "User-Agent"),
                                             .serial = request_header(&a, "Wechatpay-Serial")};
    struct provider_answer answer = {.body = writer_over(outside.body, sizeof outside.body)};
    assert_ok(providers_answer(outside.providers,
                               a.provider == WALLET_ALIPAY ? PROVIDER_ALIPAY : PROVIDER_WECHAT,
                               &request, &answer));
    take_answer(&a, &answer);
}

/* Answers everything that it asks, until it asks no more. */
static inline void serve(void)
{
    while (rig.asks > 0) serve_one();
}

static inline void read_public(const char *pem, struct rsa_key *ret_key)
{
    assert_ok(rsa_key_read_public(bytes_text(pem), ret_key));
}

/* Our key is made again here: its public half is what is deposited with the provider. */
static inline void write_accounts(void)
{
    char public[WALLET_PEM_MAX];
    struct wallet_account *ali = &rig.accounts.account[WALLET_ALIPAY];
    struct wallet_account *wx = &rig.accounts.account[WALLET_WECHATPAY];
    rig_key(HSM_WALLET_SIGNS, (struct bytes){0}, ali->key.at, &ali->key.len, public);
    read_public(public, &outside.app);
    rig_key(HSM_WALLET_SIGNS, (struct bytes){0}, wx->key.at, &wx->key.len, public);
    read_public(public, &outside.merchant);
    struct providers_config *c = &outside.config;
    struct writer ali_pem = writer_over(ali->public[0].pem, WALLET_PEM_MAX);
    struct writer wx_pem = writer_over(wx->public[0].pem, WALLET_PEM_MAX);
    assert_ok(rsa_key_write_public(&c->alipay.own, &ali_pem));
    ali->public[0].pem[ali_pem.len] = '\0';
    assert_ok(rsa_key_write_public(&c->wechat.own, &wx_pem));
    wx->public[0].pem[wx_pem.len] = '\0';
    snprintf(wx->public[0].serial, sizeof wx->public[0].serial, "%s", c->wechat.key_id);
}

static inline int make_all(void **state)
{
    rig_make(state);
    struct providers_config *c = &outside.config;
    struct rsa_certificate about;
    assert_ok(crypto_open(random_system(), &outside.crypto));
    assert_ok(rsa_key_generate(2048, &c->alipay.own));
    assert_ok(rsa_key_generate(2048, &c->wechat.own));
    struct writer pem = writer_over(c->wechat.certificate, sizeof c->wechat.certificate - 1);
    assert_ok(rsa_certificate_make(&c->wechat.own, BYTES("platform"), START_MS - 86400000,
                                   START_MS + 86400000, &pem));
    assert_ok(rsa_certificate_describe(writer_view(&pem), &about));
    memcpy(c->wechat.serial, about.serial, sizeof about.serial);
    snprintf(c->wechat.key_id, sizeof c->wechat.key_id, WX_SERIAL);
    snprintf(c->alipay.app_id, sizeof c->alipay.app_id, APP_ID);
    snprintf(c->alipay.seller_id, sizeof c->alipay.seller_id, "2088000000000001");
    snprintf(c->wechat.mchid, sizeof c->wechat.mchid, WX_MCH_ID);
    snprintf(c->wechat.appid, sizeof c->wechat.appid, WX_APP_ID);
    snprintf(c->wechat.merchant_serial, sizeof c->wechat.merchant_serial, "F5765756002FDD77");
    memcpy(c->wechat.api_key, OPEN_KEY, sizeof c->wechat.api_key);
    snprintf(c->payee, sizeof c->payee, "示例商店");
    write_accounts();
    c->alipay.app = outside.app;
    c->wechat.merchant = outside.merchant;
    return 0;
}

static inline int unmake_all(void **state)
{
    rsa_key_free(&outside.config.alipay.own);
    rsa_key_free(&outside.config.wechat.own);
    rsa_key_free(&outside.app);
    rsa_key_free(&outside.merchant);
    crypto_close(&outside.crypto);
    return rig_unmake(state);
}

static inline int begin_all(void **state)
{
    const struct store_options options = {.mode = STORE_CREATE};
    const struct providers_ports ports = {NULL, on_notify};
    scratch_make(&outside.scratch);
    outside.notices = outside.fetches = 0;
    outside.phones =
        (struct phones){.clock = {rig_now, rig_monotonic, NULL}, .random = random_system()};
    assert_ok(
        store_open(scratch_path(&outside.scratch, "providers.db"), &options, NULL, &outside.store));
    outside.config.clock = outside.phones.clock;
    outside.config.random = random_system();
    outside.config.crypto = &outside.crypto;
    outside.config.store = outside.store;
    outside.config.phones = &outside.phones;
    assert_ok(providers_open(&outside.config, &ports, &outside.providers));
    return rig_begin(state);
}

static inline int end_all(void **state)
{
    providers_close(outside.providers);
    store_close(outside.store);
    scratch_remove(&outside.scratch);
    return rig_end(state);
}

static inline uint8_t phone_of(const char *name)
{
    size_t count;
    return (uint8_t)(virtual_phone_named(bytes_text(name)) - virtual_phones(&count));
}

static inline const char *code_of(const char *phone, enum payment_code_wallet wallet)
{
    static char code[PAYMENT_CODE_MAX + 1];
    phones_code(&outside.phones, phone_of(phone), wallet, code);
    return code;
}

static inline int64_t spent(const char *phone)
{
    return outside.phones.spent_minor[phone_of(phone)];
}

static const enum payment_code_wallet both[] = {PAYMENT_CODE_ALIPAY, PAYMENT_CODE_WECHAT};
static const enum provider provider_of[] = {PROVIDER_ALIPAY, PROVIDER_WECHAT};

/* As the acquirer does: asks until it is decided, takes back what is not; true when it is paid. */
static inline bool conclude(const char *rrn, int64_t amount_minor)
{
    for (unsigned i = 0; i < 15; i++) {
        if (rig.saids > 0) {
            const struct payment_network_answer *answer = &rig.said[rig.saids - 1].answer;
            bool decided = strcmp(answer->response_code, "09") != 0 &&
                           strcmp(answer->response_code, "25") != 0;
            bool paid = strcmp(answer->response_code, "00") == 0;
            rig.saids = 0;
            if (decided) return paid;
        }
        rig_wait(3000);
        assert_ok(providers_tick(outside.providers));
        rig_pump();
        serve();
        rig_look(rrn, amount_minor);
        serve();
    }
    for (unsigned i = 0; i < 20; i++) {
        rig.saids = 0;
        rig_take_back(PAYMENT_SALE, rrn, amount_minor);
        serve();
        rig_wait(5000);
        if (rig.saids > 0) return false;
    }
    fail_msg("%s was never taken back", rrn);
    return false;
}
