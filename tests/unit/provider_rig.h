/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A merchant's end of the two wallets' interfaces, for tests: it writes requests and checks answers
 * and notices by itself, with nothing of the simulators' own code but the RSA operation. Time and
 * randomness are the test's; the book is a file that outlives a restart.
 */

#include "lib/base/base64.h"
#include "lib/wire/json.h"
#include "simulators/providers.h"
#include "tests/unit/scratch.h"

enum { RIG_NOTICES = 64, RIG_PARAMS = 32 };

struct rig_notice {
    enum provider provider;
    char id[NOTICE_ID_MAX + 1], url[TRADE_URL_MAX + 1];
    uint8_t body[8192];
    size_t body_len;
    struct provider_header header[PROVIDER_HEADERS_MAX];
    size_t header_count;
    bool twice;
    int64_t at_ms;
};

struct rig_param {
    const char *name, *value;
};

static struct {
    int64_t now_ms;
    struct scratch scratch;
    struct random_seeded seed;
    struct crypto crypto;
    struct store *store;
    struct phones phones;
    struct providers *providers;
    struct providers_config config;
    struct rsa_key app, merchant; /* the merchant's private keys */
    struct rig_notice notice[RIG_NOTICES];
    size_t notices;
    struct provider_answer answer;
    uint8_t body[PROVIDER_ANSWER_MAX];
    struct json_document document; /* of the last answer */
    unsigned nonce;
} rig;

static int64_t rig_now(void *context)
{
    (void)context;
    return rig.now_ms;
}

static void rig_notify(void *context, const struct provider_notice *n)
{
    (void)context;
    assert_true(rig.notices < RIG_NOTICES);
    struct rig_notice *kept = &rig.notice[rig.notices++];
    *kept = (struct rig_notice){.provider = n->provider,
                                .body_len = n->body.len,
                                .header_count = n->header_count,
                                .twice = n->twice,
                                .at_ms = rig.now_ms};
    snprintf(kept->id, sizeof kept->id, "%s", n->id);
    snprintf(kept->url, sizeof kept->url, "%s", n->url);
    assert_true(n->body.len <= sizeof kept->body);
    memcpy(kept->body, n->body.at, n->body.len);
    for (size_t i = 0; i < n->header_count; i++) kept->header[i] = n->header[i];
}

static inline void rig_open(void)
{
    const struct store_options options = {.mode = STORE_CREATE};
    const struct providers_ports ports = {NULL, rig_notify};
    assert_ok(store_open(scratch_path(&rig.scratch, "providers.db"), &options, NULL, &rig.store));
    memset(&rig.phones, 0, sizeof rig.phones);
    rig.phones.clock = rig.config.clock;
    rig.phones.random = rig.config.random;
    rig.config.store = rig.store;
    rig.config.phones = &rig.phones;
    assert_ok(providers_open(&rig.config, &ports, &rig.providers));
}

static inline void rig_close(void)
{
    json_free(&rig.document);
    rig.document.root = NULL;
    providers_close(rig.providers);
    store_close(rig.store);
}

/* Keys are made once for the whole program: they take a while. */
static inline void rig_make_keys(void)
{
    struct writer pem =
        writer_over(rig.config.wechat.certificate, sizeof rig.config.wechat.certificate - 1);
    struct rsa_certificate about;
    assert_ok(rsa_key_generate(2048, &rig.app));
    assert_ok(rsa_key_generate(2048, &rig.merchant));
    assert_ok(rsa_key_generate(2048, &rig.config.alipay.own));
    assert_ok(rsa_key_generate(2048, &rig.config.wechat.own));
    assert_ok(rsa_certificate_make(&rig.config.wechat.own, BYTES("platform"), 1700000000000,
                                   2000000000000, &pem));
    assert_ok(rsa_certificate_describe(writer_view(&pem), &about));
    memcpy(rig.config.wechat.serial, about.serial, sizeof about.serial);
}

static inline int rig_set_up(void **state)
{
    (void)state;
    rig.now_ms = 1790000000000;
    rig.notices = 0;
    rig.nonce = 0;
    random_seed(&rig.seed, 11);
    scratch_make(&rig.scratch);
    assert_ok(crypto_open(random_system(), &rig.crypto));
    rig.config.clock = (struct clock){rig_now, rig_now, NULL};
    rig.config.random = random_from_seed(&rig.seed);
    rig.config.crypto = &rig.crypto;
    if (rig.app.pkey == NULL) rig_make_keys();
    struct alipay_config *a = &rig.config.alipay;
    struct wechat_config *w = &rig.config.wechat;
    a->app = rig.app;
    w->merchant = rig.merchant;
    w->public_key_mode = false;
    snprintf(rig.config.payee, sizeof rig.config.payee, "示例商店");
    snprintf(a->app_id, sizeof a->app_id, "2026000000000001");
    snprintf(a->seller_id, sizeof a->seller_id, "2088000000000011");
    snprintf(w->mchid, sizeof w->mchid, "1900000001");
    snprintf(w->appid, sizeof w->appid, "wx0123456789abcdef");
    snprintf(w->key_id, sizeof w->key_id, "PUB_KEY_ID_0119000000012026");
    snprintf(w->merchant_serial, sizeof w->merchant_serial, "5157F09EFDC096DE15EBE81A47057A72");
    memcpy(w->api_key, "0123456789abcdef0123456789ABCDEF", PROVIDER_KEY_BYTES);
    rig_open();
    return 0;
}

static inline int rig_tear_down(void **state)
{
    (void)state;
    rig_close();
    crypto_close(&rig.crypto);
    scratch_remove(&rig.scratch);
    return 0;
}

static inline uint8_t rig_phone(const char *name)
{
    size_t count;
    const struct virtual_phone *phone = virtual_phone_named(bytes_text(name));
    assert_non_null(phone);
    return (uint8_t)(phone - virtual_phones(&count));
}

/* A fresh payment code of this phone's wallet; lives until the next call. */
static inline const char *rig_code(const char *phone, enum payment_code_wallet wallet)
{
    static char code[PAYMENT_CODE_MAX + 1];
    phones_code(&rig.phones, rig_phone(phone), wallet, code);
    return code;
}

static inline void rig_tick(int64_t later_ms)
{
    rig.now_ms += later_ms;
    assert_ok(providers_tick(rig.providers));
}

static inline void rig_go_wrong(enum provider provider, bool notices, enum fault fault,
                                int64_t count, unsigned delay_ms)
{
    providers_plan(rig.providers, provider, notices, (struct fault_plan){fault, count, delay_ms});
}

static inline void rig_ask(enum provider provider, const struct provider_request *request)
{
    rig.answer.body = writer_over(rig.body, sizeof rig.body - 1);
    assert_ok(providers_answer(rig.providers, provider, request, &rig.answer));
    assert_int_equal(rig.answer.body.fault, ERR_OK);
    rig.body[rig.answer.body.len] = '\0';
}

/* A text of the answer, or of an object in it; "" when it is not there. Rotates four places. */
static inline const char *rig_text(const struct json_t *object, const char *name)
{
    static char text[4][1024];
    static unsigned next;
    char *out = text[next++ % 4];
    struct bytes found;
    out[0] = '\0';
    if (FAILED(json_text(object, name, sizeof text[0] - 1, &found))) return out;
    memcpy(out, found.at, found.len);
    out[found.len] = '\0';
    return out;
}

/* ---- Alipay ---- */

static inline int rig_by_name(const void *a, const void *b)
{
    return strcmp(((const struct rig_param *)a)->name, ((const struct rig_param *)b)->name);
}

/* The text that is signed of parameters: sorted, without empty ones and without `sign`. */
static inline size_t rig_alipay_text(const struct rig_param *param, size_t count, char *out,
                                     size_t size)
{
    struct rig_param sorted[RIG_PARAMS];
    size_t len = 0;
    memcpy(sorted, param, count * sizeof *param);
    qsort(sorted, count, sizeof *sorted, rig_by_name);
    for (size_t i = 0; i < count; i++) {
        if (sorted[i].value[0] == '\0' || strcmp(sorted[i].name, "sign") == 0) continue;
        len += (size_t)snprintf(out + len, size - len, "%s%s=%s", len > 0 ? "&" : "",
                                sorted[i].name, sorted[i].value);
        assert_true(len < size);
    }
    return len;
}

static inline size_t rig_escape(const char *text, char *out, size_t size)
{
    size_t len = 0;
    for (; *text != '\0'; text++) {
        bool plain = (*text >= '0' && *text <= '9') || (*text >= 'a' && *text <= 'z') ||
                     (*text >= 'A' && *text <= 'Z');
        len += (size_t)snprintf(out + len, size - len, plain ? "%c" : "%%%02X", (uint8_t)*text);
        assert_true(len < size);
    }
    return len;
}

static inline size_t rig_form(const struct rig_param *param, size_t count, char *out, size_t size)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        len += (size_t)snprintf(out + len, size - len, "%s%s=", i > 0 ? "&" : "", param[i].name);
        len += rig_escape(param[i].value, out + len, size - len);
    }
    return len;
}

/* Posts parameters as they are, biz_content in the body and the rest in the query. */
static inline void rig_alipay_post(const struct rig_param *param, size_t count)
{
    static char query[16384], body[16384];
    struct rig_param in_query[RIG_PARAMS], in_body[RIG_PARAMS];
    size_t a = 0, b = 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(param[i].name, "biz_content") == 0) in_body[b++] = param[i];
        else in_query[a++] = param[i];
    rig_form(in_query, a, query, sizeof query);
    size_t len = rig_form(in_body, b, body, sizeof body);
    const struct provider_request request = {.method = "POST",
                                             .path = "/gateway.do",
                                             .query = query,
                                             .body = bytes_of(body, len),
                                             .content_type = "application/x-www-form-urlencoded"};
    rig_ask(PROVIDER_ALIPAY, &request);
}

/*
 * What is said in the answer's object: its bytes as they stand, which must be signed by the
 * wallet unless `may_be_forged`. `member` is "alipay_trade_pay_response".
 */
static inline bool rig_alipay_object(const char *member, struct bytes *ret_object)
{
    const char *from = strstr((const char *)rig.body, member);
    const char *to = strstr((const char *)rig.body, ",\"sign\":\"");
    if (from == NULL || to == NULL) return false;
    from += strlen(member) + 2;
    *ret_object = bytes_of(from, (size_t)(to - from));
    const char *sign = to + strlen(",\"sign\":\"");
    size_t len = strcspn(sign, "\"");
    return !FAILED(rsa_key_check_base64(&rig.config.alipay.own, *ret_object, bytes_of(sign, len)));
}

static inline void rig_alipay_sign(struct rig_param *param, size_t count, char *sign, size_t size)
{
    static char text[16384];
    size_t len = rig_alipay_text(param, count, text, sizeof text);
    struct writer w = writer_over(sign, size - 1);
    assert_ok(rsa_key_sign_base64(&rig.app, bytes_of(text, len), &w));
    sign[w.len] = '\0';
}

/* A method called rightly; the object of its answer, whose signature has been checked. */
static inline const struct json_t *rig_alipay(const char *method, const char *biz,
                                              const char *notify_url)
{
    char sign[RSA_KEY_SIGNATURE_TEXT_MAX + 1] = "", member[80];
    struct rig_param param[] = {
        {"method", method},    {"app_id", rig.config.alipay.app_id},
        {"charset", "utf-8"},  {"format", "JSON"},
        {"sign_type", "RSA2"}, {"timestamp", "2026-11-29 08:15:00"},
        {"version", "1.0"},    {"notify_url", notify_url != NULL ? notify_url : ""},
        {"biz_content", biz},  {"sign", sign},
    };
    struct bytes object;
    rig_alipay_sign(param, ARRAY_LEN(param), sign, sizeof sign);
    rig_alipay_post(param, ARRAY_LEN(param));
    snprintf(member, sizeof member, "%s_response", method);
    for (char *at = member; *at != '\0'; at++)
        if (*at == '.') *at = '_';
    assert_true(rig_alipay_object(member, &object));
    json_free(&rig.document);
    assert_ok(json_parse(object, object.len, &rig.document));
    return rig.document.root;
}

static inline void assert_code(const struct json_t *object, const char *code, const char *sub_code)
{
    assert_string_equal(rig_text(object, "sub_code"), sub_code);
    assert_string_equal(rig_text(object, "code"), code);
}

/* ---- WeChat Pay ---- */

/* One header of the answer, or NULL. */
static inline const char *rig_header(const struct provider_header *header, size_t count,
                                     const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(header[i].name, name) == 0) return header[i].value;
    return NULL;
}

static inline bool rig_wechat_signed(const struct provider_header *header, size_t count,
                                     struct bytes body)
{
    static char text[65536];
    const char *time = rig_header(header, count, "Wechatpay-Timestamp");
    const char *nonce = rig_header(header, count, "Wechatpay-Nonce");
    const char *signature = rig_header(header, count, "Wechatpay-Signature");
    if (time == NULL || nonce == NULL || signature == NULL) return false;
    int len = snprintf(text, sizeof text, "%s\n%s\n%.*s\n", time, nonce, (int)body.len,
                       body.len > 0 ? (const char *)body.at : "");
    return !FAILED(rsa_key_check_base64(&rig.config.wechat.own, bytes_of(text, (size_t)len),
                                        bytes_text(signature)));
}

/* What goes into a request's Authorization; a test changes one of it. */
struct rig_authorization {
    const char *mchid, *serial, *nonce, *method, *target;
    int64_t at_s;
};

static inline void rig_wechat_authorize(const struct rig_authorization *a, const char *body,
                                        char *out, size_t size)
{
    static char message[16384];
    char sign[RSA_KEY_SIGNATURE_TEXT_MAX];
    struct writer w = writer_over(sign, sizeof sign);
    int len = snprintf(message, sizeof message, "%s\n%s\n%lld\n%s\n%s\n", a->method, a->target,
                       (long long)a->at_s, a->nonce, body);
    assert_ok(rsa_key_sign_base64(&rig.merchant, bytes_of(message, (size_t)len), &w));
    snprintf(out, size,
             "WECHATPAY2-SHA256-RSA2048 mchid=\"%s\",nonce_str=\"%s\",signature=\"%.*s\","
             "timestamp=\"%lld\",serial_no=\"%s\"",
             a->mchid, a->nonce, (int)w.len, sign, (long long)a->at_s, a->serial);
}

/* Sends with this header; `target` may have a query. */
static inline void rig_wechat_send(const char *method, const char *target, const char *body,
                                   const char *authorization, const char *serial)
{
    static char path[512];
    snprintf(path, sizeof path, "%s", target);
    char *query = strchr(path, '?');
    if (query != NULL) *query++ = '\0';
    const struct provider_request request = {.method = method,
                                             .path = path,
                                             .query = query != NULL ? query : "",
                                             .body = bytes_text(body),
                                             .content_type = "application/json",
                                             .authorization = authorization,
                                             .accept = "application/json",
                                             .user_agent = "test",
                                             .serial = serial};
    rig_ask(PROVIDER_WECHAT, &request);
}

/* Signed rightly, and the signature of the answer checked. The status; rig.document has the body.
 */
static inline unsigned rig_wechat(const char *method, const char *target, const char *body)
{
    char nonce[33], authorization[1024];
    snprintf(nonce, sizeof nonce, "NONCE%027u", ++rig.nonce);
    const struct rig_authorization a = {
        rig.config.wechat.mchid, rig.config.wechat.merchant_serial, nonce, method, target,
        rig.now_ms / 1000};
    rig_wechat_authorize(&a, body, authorization, sizeof authorization);
    rig_wechat_send(method, target, body, authorization, NULL);
    struct bytes said = writer_view(&rig.answer.body);
    assert_true(rig_wechat_signed(rig.answer.header, rig.answer.header_count, said));
    json_free(&rig.document);
    rig.document.root = NULL;
    if (said.len > 0) assert_ok(json_parse(said, said.len, &rig.document));
    return rig.answer.status;
}

/* What is sealed under the APIv3 key in an object with nonce, associated_data and ciphertext. */
static inline struct bytes rig_open_sealed(const struct json_t *object)
{
    static uint8_t sealed[8192], plain[8192];
    CLEANUP(key_wipe) struct key key;
    size_t len = 0;
    struct bytes text, nonce, associated;
    assert_string_equal(rig_text(object, "algorithm"), "AEAD_AES_256_GCM");
    assert_ok(json_text(object, "ciphertext", sizeof sealed * 2, &text));
    assert_ok(json_text(object, "nonce", 12, &nonce));
    assert_ok(json_text(object, "associated_data", 16, &associated));
    assert_int_equal(nonce.len, CIPHER_NONCE_BYTES);
    assert_ok(base64_decode(text, sealed, sizeof sealed, &len));
    assert_ok(key_make(KEY_AES256, KEY_USAGE_DATA, BYTES_OF(rig.config.wechat.api_key), &key));
    assert_ok(
        cipher_gcm_open(&rig.crypto, &key, nonce.at, associated, bytes_of(sealed, len), plain));
    return bytes_of(plain, len - CIPHER_TAG_BYTES);
}
