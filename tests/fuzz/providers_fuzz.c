/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes to the wallets' interfaces. As parameters: what is read can be written and is read
 * again as the same. As a request: it is answered, signed, and nothing of it is done, for nobody
 * has signed it. As the content of a request that the merchant has signed: whatever it asks for,
 * what all phones have spent is what the wallets say they were paid.
 */
#include "lib/base/base64.h"
#include "simulators/form.h"
#include "simulators/providers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 64 << 10 };

#define MCHID  "1900000001"
#define SERIAL "5157F09EFDC096DE15EBE81A47057A72"

static struct {
    int64_t now_ms;
    uint64_t nonce;
    struct crypto crypto;
    struct random_seeded seed;
    struct store_anchor *anchor;
    struct store *store;
    struct phones phones;
    struct providers *providers;
    struct rsa_key app;
    struct provider_answer answer;
    uint8_t body[PROVIDER_ANSWER_MAX];
} place;

static int64_t now(void *context)
{
    (void)context;
    return place.now_ms;
}

static void notify(void *context, const struct provider_notice *notice)
{
    (void)context;
    ENSURE(notice->body.len > 0);
}

static void must(err e)
{
    ENSURE(!FAILED(e));
}

/* Once: keys take a while. */
static void make_place(void)
{
    static struct providers_config config;
    struct writer pem =
        writer_over(config.wechat.certificate, sizeof config.wechat.certificate - 1);
    const struct store_options memory = {.mode = STORE_MEMORY};
    const struct providers_ports ports = {NULL, notify};
    place.now_ms = 1790000000000;
    random_seed(&place.seed, 1);
    must(crypto_open(random_system(), &place.crypto));
    must(rsa_key_generate(2048, &place.app));
    must(rsa_key_generate(2048, &config.alipay.own));
    must(rsa_certificate_make(&config.alipay.own, BYTES("x"), 0, 1000, &pem));
    config.wechat.own = config.alipay.own;
    config.alipay.app = config.wechat.merchant = place.app;
    memcpy(config.alipay.app_id, "1", 2);
    memcpy(config.wechat.mchid, MCHID, sizeof MCHID);
    memcpy(config.wechat.appid, "wx", 3);
    memcpy(config.wechat.serial, SERIAL, sizeof SERIAL);
    memcpy(config.wechat.merchant_serial, SERIAL, sizeof SERIAL);
    config.clock = place.phones.clock = (struct clock){now, now, NULL};
    config.random = place.phones.random = random_from_seed(&place.seed);
    config.crypto = &place.crypto;
    config.phones = &place.phones;
    must(store_anchor_open("providers", &place.anchor));
    must(store_open("providers", &memory, NULL, &place.store));
    config.store = place.store;
    must(providers_open(&config, &ports, &place.providers));
}

static int64_t spent(void)
{
    int64_t sum = 0;
    for (size_t i = 0; i < PHONES_MAX; i++) sum += place.phones.spent_minor[i];
    return sum;
}

static void ask(enum provider provider, const struct provider_request *request)
{
    int64_t alipay, wechat, count;
    place.answer.body = writer_over(place.body, sizeof place.body);
    must(providers_answer(place.providers, provider, request, &place.answer));
    ENSURE(place.answer.status >= 200 && place.answer.status < 600);
    ENSURE(place.answer.body.fault == ERR_OK);
    must(providers_total(place.providers, PROVIDER_ALIPAY, &alipay, &count));
    must(providers_total(place.providers, PROVIDER_WECHAT, &wechat, &count));
    ENSURE(alipay + wechat == spent());
}

/* ---- parameters ---- */

static void check_form(struct bytes input)
{
    static struct form first, second;
    static uint8_t text[TEXT_MAX * 3];
    first.count = first.used = second.count = second.used = 0;
    if (FAILED(form_add(&first, input))) return;
    struct writer w = writer_over(text, sizeof text);
    form_write(&first, &w);
    if (w.fault != ERR_OK) return;
    must(form_add(&second, writer_view(&w)));
    ENSURE(second.count == first.count);
    for (size_t i = 0; i < first.count; i++)
        ENSURE(bytes_equal(first.parameter[i].name, second.parameter[i].name) &&
               bytes_equal(first.parameter[i].value, second.parameter[i].value));
}

/* ---- requests that nobody has signed ---- */

/* The text up to a line end, without NULs; what is behind it stays. */
static const char *line(struct bytes *input, char *out, size_t size)
{
    size_t len = 0;
    while (input->len > 0 && input->at[0] != '\n') {
        if (input->at[0] != '\0' && len + 1 < size) out[len++] = (char)input->at[0];
        *input = bytes_of(input->at + 1, input->len - 1);
    }
    if (input->len > 0) *input = bytes_of(input->at + 1, input->len - 1);
    out[len] = '\0';
    return out;
}

static void check_unsigned(struct bytes input)
{
    static char query[4096], authorization[4096], path[4096];
    int64_t before = spent();
    struct provider_request request = {.method = "POST", .path = "/gateway.do", .query = ""};
    request.body = input;
    ask(PROVIDER_ALIPAY, &request);
    request.query = line(&input, query, sizeof query);
    request.body = input;
    ask(PROVIDER_ALIPAY, &request);
    request.authorization = line(&input, authorization, sizeof authorization);
    request.path = line(&input, path, sizeof path);
    request.accept = request.user_agent = "*/*";
    request.body = input;
    ask(PROVIDER_WECHAT, &request);
    ENSURE(place.answer.status == 401 && spent() == before);
}

/* ---- what the merchant has signed ---- */

/* A code of a phone wherever the content has an '@', so that something can be paid. */
static struct bytes with_codes(struct bytes input, enum payment_code_wallet wallet,
                               uint8_t block[TEXT_MAX])
{
    struct writer w = writer_over(block, TEXT_MAX);
    for (size_t i = 0; i < input.len; i++) {
        char code[PAYMENT_CODE_MAX + 1];
        if (input.at[i] != '@') {
            write_bytes(&w, bytes_of(&input.at[i], 1));
            continue;
        }
        phones_code(&place.phones, (uint8_t)(i % 4), wallet, code);
        write_bytes(&w, bytes_text(code));
    }
    ENSURE(w.fault == ERR_OK || w.fault == ERR_FULL);
    return writer_view(&w);
}

static void ask_alipay(const char *method, struct bytes biz)
{
    static struct form form;
    static uint8_t text[TEXT_MAX], body[TEXT_MAX * 3];
    static const char *const without[] = {"sign", NULL};
    char sign[RSA_KEY_SIGNATURE_TEXT_MAX];
    struct writer w = writer_over(text, sizeof text), s = writer_over(sign, sizeof sign);
    form.count = form.used = 0;
    must(form_set(&form, "app_id", BYTES("1")));
    must(form_set(&form, "charset", BYTES("utf-8")));
    must(form_set(&form, "method", bytes_text(method)));
    must(form_set(&form, "sign_type", BYTES("RSA2")));
    must(form_set(&form, "timestamp", BYTES("2026-11-29 08:15:00")));
    must(form_set(&form, "version", BYTES("1.0")));
    must(form_set(&form, "notify_url", BYTES("http://127.0.0.1:1/")));
    if (FAILED(form_set(&form, "biz_content", biz))) return;
    form_signed_text(&form, without, &w);
    must(rsa_key_sign_base64(&place.app, writer_view(&w), &s));
    must(form_set(&form, "sign", writer_view(&s)));
    w = writer_over(body, sizeof body);
    form_write(&form, &w);
    const struct provider_request request = {
        .method = "POST", .path = "/gateway.do", .query = "", .body = writer_view(&w)};
    ask(PROVIDER_ALIPAY, &request);
}

static void ask_wechat(const char *method, const char *path, const char *query, struct bytes body)
{
    static uint8_t text[TEXT_MAX];
    static char header[2048];
    char sign[RSA_KEY_SIGNATURE_TEXT_MAX];
    struct writer w = writer_over(text, sizeof text), s = writer_over(sign, sizeof sign);
    long long at_s = place.now_ms / 1000, nonce = (long long)++place.nonce;
    write_format(&w, "%s\n%s%s%s\n%lld\n%lld\n", method, path, query[0] != '\0' ? "?" : "", query,
                 at_s, nonce);
    write_bytes(&w, body);
    write_bytes(&w, BYTES("\n"));
    if (w.fault != ERR_OK) return;
    must(rsa_key_sign_base64(&place.app, writer_view(&w), &s));
    w = writer_over(header, sizeof header - 1);
    write_format(&w,
                 "WECHATPAY2-SHA256-RSA2048 mchid=\"" MCHID "\",nonce_str=\"%lld\","
                 "signature=\"%.*s\",timestamp=\"%lld\",serial_no=\"" SERIAL "\"",
                 nonce, (int)s.len, sign, at_s);
    header[w.len] = '\0';
    const struct provider_request request = {.method = method,
                                             .path = path,
                                             .query = query,
                                             .body = body,
                                             .content_type = "application/json",
                                             .authorization = header,
                                             .accept = "*/*",
                                             .user_agent = "x"};
    ask(PROVIDER_WECHAT, &request);
    ENSURE(place.answer.status != 401);
}

static const char *const methods[] = {
    "alipay.trade.pay",       "alipay.trade.query",     "alipay.trade.cancel",
    "alipay.trade.close",     "alipay.trade.refund",    "alipay.trade.fastpay.refund.query",
    "alipay.trade.precreate", "alipay.trade.precreate", /* */
};

static const struct {
    const char *method, *path;
} calls[] = {
    {"POST", "/v3/pay/transactions/codepay"},
    {"POST", "/v3/pay/transactions/native"},
    {"POST", "/v3/pay/transactions/out-trade-no/ORDER-1/reverse"},
    {"POST", "/v3/pay/transactions/out-trade-no/ORDER-1/close"},
    {"POST", "/v3/refund/domestic/refunds"},
    {"GET", "/v3/pay/transactions/out-trade-no/ORDER-1"},
    {"GET", "/v3/bill/tradebill"},
    {"GET", "/v3/billdownload/file"},
};

static void check_signed(uint8_t which, struct bytes input)
{
    static uint8_t block[TEXT_MAX];
    static char query[4096];
    if (which < 8) {
        ask_alipay(methods[which], with_codes(input, PAYMENT_CODE_ALIPAY, block));
        return;
    }
    if (calls[which - 8].method[0] == 'P') {
        struct bytes body = with_codes(input, PAYMENT_CODE_WECHAT, block);
        ask_wechat("POST", calls[which - 8].path, "", body);
        return;
    }
    ask_wechat("GET", calls[which - 8].path, line(&input, query, sizeof query), (struct bytes){0});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (place.providers == NULL) make_place();
    if (size == 0) return 0;
    struct bytes input = bytes_of(data + 1, size - 1);
    place.now_ms += (data[0] >> 5) * 1000;
    must(providers_tick(place.providers));
    if ((data[0] & 16) == 0) {
        check_form(input);
        check_unsigned(input);
        return 0;
    }
    check_signed(data[0] & 15, input);
    return 0;
}
