/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the tests of the wallets' gateway share: the gateway's core, a real hsm behind it, an
 * acquirer that asks as the real one does, and providers whose answers are signed by keys of their
 * own. Time stands still until a test moves it.
 */

#include "tests/unit/hsm_fixture.h"

#include "lib/base/base64.h"
#include "lib/wire/hsm_protocol_wallets.h"
#include "lib/wire/outbound.h"
#include "payment/kind.h"
#include "payment/shown.h"
#include "wallets/task.h"

enum { ASKED_MAX = 64, SAID_MAX = 64, HSM_QUEUE_MAX = 64, PROVIDER_TEXT_MAX = 4096 };

#define APP_ID      "2016000000000001"
#define WX_APP_ID   "wx0123456789abcdef"
#define WX_MCH_ID   "1900000001"
#define WX_SERIAL   "PUB_KEY_ID_0119000000012024"
#define OPEN_KEY    "0123456789abcdef0123456789ABCDEF"
#define ALIPAY_CODE "281234567890123456"
#define WECHAT_CODE "134567890123456789"
#define OTHER_CODE  "6212345678901234567"
#define START_MS    INT64_C(1790000000000)

/* A request that a provider has got. */
struct asked {
    char id[OUTBOUND_ID_MAX + 1];
    enum wallet_provider provider;
    struct wallet_request request;
};

/* What the acquirer has heard. */
struct said {
    struct payment_network_answer answer;
    struct payment payment; /* of a question: a plate's */
    char text[PAYMENT_SHOWN_MAX + 1], customer[17];
};

struct rig {
    struct fixture *f;
    struct gateway *g;
    struct wallet_accounts accounts;
    struct text zone_mac;
    char provider_blob[WALLET_PROVIDERS][HSM_WALLET_BLOB_MAX]; /* they sign with it */
    size_t provider_blob_len[WALLET_PROVIDERS];
    int64_t now_ms;
    struct {
        uint8_t at[HSM_FRAME_MAX];
        size_t len;
    } command[HSM_QUEUE_MAX];
    unsigned commands, asks, saids, handed_on, noticed, noticed_good, room;
    bool hsm_deaf;
    enum payment_means means; /* of what the acquirer sends */
    struct asked asked[ASKED_MAX];
    struct said said[SAID_MAX];
};

static struct rig rig;

static inline int64_t rig_now(void *context)
{
    (void)context;
    return rig.now_ms;
}

static inline int64_t rig_monotonic(void *context)
{
    (void)context;
    return (rig.now_ms - START_MS + 1000000) * 1000;
}

/* Nobody remembers what was asked before, and nothing of it is on its way any more: what comes is
 * new. */
static inline void rig_forget(void)
{
    memset(rig.g->memory.place, 0, sizeof rig.g->memory.place);
    rig.now_ms += GATEWAY_SETTLE_MS;
}

/* ---- ports ---- */

static inline void rig_hsm(void *context, struct bytes command)
{
    (void)context;
    assert_true(rig.commands < HSM_QUEUE_MAX);
    memcpy(rig.command[rig.commands].at, command.at, command.len);
    rig.command[rig.commands++].len = command.len;
}

static inline enum hsm_status rig_execute(struct bytes command, struct bytes *ret_body)
{
    static uint8_t block[HSM_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    assert_ok(hsm_execute(rig.f->hsm, command, &w));
    struct reader r = reader_over(writer_view(&w));
    struct hsm_header header;
    enum hsm_status status;
    assert_ok(hsm_read_answer(&r, &header, &status));
    *ret_body = r.left;
    return status;
}

static inline enum hsm_status rig_mac(uint8_t command, struct bytes data, struct bytes mac,
                                      uint8_t ret_mac[8])
{
    uint8_t block[HSM_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct bytes body, made;
    const struct hsm_mac m = {HSM_SUITE_TONGBAO, view(&rig.zone_mac), data, mac};
    hsm_write_header(&w, command, 1);
    hsm_write_mac(&w, &m);
    enum hsm_status status = rig_execute(writer_view(&w), &body);
    if (status != HSM_OK || command == HSM_MAC_CHECK) return status;
    struct reader r = reader_over(body);
    assert_ok(hsm_read_bytes(&r, &made));
    assert_int_equal(made.len, 8);
    memcpy(ret_mac, made.at, 8);
    return status;
}

static inline void rig_question(struct said *said, const struct iso8583_message *m)
{
    struct payment_sensitive s;
    enum payment_network_kind kind;
    *said = (struct said){.answer = {.mti = m->mti}};
    assert_ok(payment_from_network(m, &said->payment, &s, &kind));
    if (m->mti == 0x0400) return;
    assert_ok(payment_shown_copy(iso8583_get(m, 62), said->text));
    assert_ok(bytes_to_text(iso8583_get(m, 60), said->customer, sizeof said->customer));
    if (iso8583_has(m, 15))
        assert_ok(bytes_to_text(iso8583_get(m, 15), said->answer.settlement_date,
                                sizeof said->answer.settlement_date));
}

static inline void rig_answer(void *context, struct bytes message)
{
    (void)context;
    uint8_t room[ISO8583_ARENA_MAX];
    struct arena arena = arena_over(room, sizeof room);
    struct iso8583_message m;
    struct iso8583_fault fault;
    assert_true(rig.saids < SAID_MAX);
    assert_ok(iso8583_decode(&iso8583_dialect_ascii87, message, &arena, &m, &fault));
    unsigned field = iso8583_has(&m, 128) ? 128 : 64;
    assert_status(rig_mac(HSM_MAC_CHECK, bytes_of(message.at, m.mac_input), m.field[field], NULL),
                  HSM_OK);
    struct said *said = &rig.said[rig.saids++];
    if (m.mti == 0x0200 || m.mti == 0x0400) rig_question(said, &m);
    else if (m.mti == 0x0810) said->answer = (struct payment_network_answer){.mti = m.mti};
    else assert_ok(payment_network_answer_parse(&m, &said->answer));
}

static inline void rig_hand_on(void *context, struct bytes message)
{
    (void)context, (void)message;
    rig.handed_on++;
}

static inline err rig_ask(void *context, const char *id, const struct wallet_account *account,
                          const struct wallet_request *request)
{
    (void)context;
    assert_true(rig.asks < ASKED_MAX);
    if (rig.room == 0) return ERR(FULL);
    rig.room--;
    struct asked *a = &rig.asked[rig.asks++];
    snprintf(a->id, sizeof a->id, "%s", id);
    a->provider =
        account == &rig.accounts.account[WALLET_ALIPAY] ? WALLET_ALIPAY : WALLET_WECHATPAY;
    a->request = *request;
    return OK;
}

static inline void rig_noticed(void *context, uint64_t ticket, bool good)
{
    (void)context;
    assert_int_equal(ticket, 77);
    rig.noticed++;
    if (good) rig.noticed_good++;
}

/* Everything that the hsm has been asked, in order. */
static inline void rig_pump(void)
{
    while (rig.commands > 0 && !rig.hsm_deaf) {
        uint8_t request[HSM_FRAME_MAX], block[HSM_FRAME_MAX];
        size_t len = rig.command[0].len;
        memcpy(request, rig.command[0].at, len);
        memmove(&rig.command[0], &rig.command[1], --rig.commands * sizeof rig.command[0]);
        struct writer w = writer_over(block, sizeof block);
        assert_ok(hsm_execute(rig.f->hsm, bytes_of(request, len), &w));
        gateway_on_hsm(rig.g, writer_view(&w));
    }
}

static inline void rig_wait(int64_t ms)
{
    rig.now_ms += ms;
    gateway_tick(rig.g);
    rig_pump();
}

/* ---- keys and accounts ---- */

static inline void rig_key(uint8_t use, struct bytes clear, uint8_t *blob, size_t *ret_len,
                           char *ret_public)
{
    uint8_t block[HSM_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct bytes body;
    struct hsm_wallet_key_answer answer;
    const struct hsm_wallet_key m = {use, BYTES("test"), clear};
    hsm_write_header(&w, HSM_WALLET_KEY, 1);
    hsm_write_wallet_key(&w, &m);
    assert_status(rig_execute(writer_view(&w), &body), HSM_OK);
    struct reader r = reader_over(body);
    assert_ok(hsm_read_wallet_key_answer(&r, &answer));
    memcpy(blob, answer.blob.at, answer.blob.len);
    *ret_len = answer.blob.len;
    if (ret_public != NULL) assert_ok(bytes_to_text(answer.public_pem, ret_public, WALLET_PEM_MAX));
}

static inline void rig_accounts(void)
{
    struct wallet_account *ali = &rig.accounts.account[WALLET_ALIPAY];
    struct wallet_account *wx = &rig.accounts.account[WALLET_WECHATPAY];
    rig.accounts = (struct wallet_accounts){.shown = WALLET_PROVIDERS};
    assert_ok(
        bytes_to_text(view(&rig.zone_mac), rig.accounts.zone_mac, sizeof rig.accounts.zone_mac));
    *ali = (struct wallet_account){.there = true,
                                   .name = "wallet A",
                                   .base = "https://alipay.example/gateway.do",
                                   .app_id = APP_ID,
                                   .notify = "https://pay.example/notify/alipay",
                                   .subject = "虹桥小馆"};
    *wx = (struct wallet_account){.there = true,
                                  .name = "wallet W",
                                  .base = "https://wechat.example",
                                  .app_id = WX_APP_ID,
                                  .mch_id = WX_MCH_ID,
                                  .serial = "F5765756002FDD77",
                                  .notify = "https://pay.example/notify/wechatpay",
                                  .subject = "虹桥小馆"};
    char none[WALLET_PEM_MAX];
    for (unsigned i = 0; i < WALLET_PROVIDERS; i++) {
        struct wallet_account *a = &rig.accounts.account[i];
        rig_key(HSM_WALLET_SIGNS, (struct bytes){0}, a->key.at, &a->key.len, none);
        rig_key(HSM_WALLET_SIGNS, (struct bytes){0}, (uint8_t *)rig.provider_blob[i],
                &rig.provider_blob_len[i], a->public[0].pem);
        a->public_count = 1;
    }
    snprintf(wx->public[0].serial, sizeof wx->public[0].serial, "%s", WX_SERIAL);
    rig_key(HSM_WALLET_OPENS, BYTES(OPEN_KEY), wx->open.at, &wx->open.len, NULL);
}

static inline void rig_open(bool other)
{
    const struct gateway_config config = {.clock = {rig_now, rig_monotonic, NULL},
                                          .random = random_system(),
                                          .log = &rig.f->log,
                                          .accounts = &rig.accounts,
                                          .other = other};
    const struct gateway_ports ports = {NULL,    rig_answer, rig_hand_on,
                                        rig_hsm, rig_ask,    rig_noticed};
    assert_ok(gateway_open(&config, &ports, &rig.g));
    gateway_on_hsm_state(rig.g, true);
}

/* One hsm and its keys for all tests of a program: an RSA key takes a while to make. */
static inline int rig_make(void **state)
{
    void *fixture;
    (void)state;
    rig = (struct rig){.now_ms = START_MS};
    open_hsm(&fixture);
    rig.f = fixture;
    rig.zone_mac = make_key(rig.f, HSM_KEY_ZONE_MAC, HSM_SUITE_TONGBAO);
    rig_accounts();
    return 0;
}

static inline int rig_unmake(void **state)
{
    (void)state;
    void *fixture = rig.f;
    return close_hsm(&fixture);
}

static inline int rig_begin(void **state)
{
    (void)state;
    rig.now_ms = START_MS;
    rig.commands = rig.asks = rig.saids = rig.handed_on = rig.noticed = rig.noticed_good = 0;
    rig.room = GATEWAY_TRANSFERS_MAX;
    rig.hsm_deaf = false;
    rig.means = PAYMENT_CODE;
    rig.accounts.shown = WALLET_PROVIDERS;
    rig_open(true);
    return 0;
}

static inline int rig_end(void **state)
{
    (void)state;
    for (unsigned i = 0; i < GATEWAY_TASKS_MAX; i++)
        assert_int_equal(rig.g->task[i].phase, TASK_FREE); /* nothing is left behind */
    gateway_close(rig.g);
    rig.g = NULL;
    return 0;
}

/* ---- the acquirer ---- */

static inline struct payment rig_payment(enum payment_type type, const char *rrn,
                                         int64_t amount_minor)
{
    struct payment p = {.key = {"10000017", 12, 345},
                        .type = type,
                        .means = rig.means,
                        .entry = PAYMENT_ENTRY_CODE,
                        .mid = "104110058120001",
                        .amount_minor = amount_minor,
                        .currency = 156};
    snprintf(p.rrn, sizeof p.rrn, "%s", rrn);
    return p;
}

static inline void rig_send(enum payment_network_kind kind, const struct payment *p,
                            const char *code)
{
    uint8_t block[TASK_MESSAGE_MAX], texts[PAYMENT_MESSAGE_ARENA], mac[8];
    struct arena arena = arena_over(texts, sizeof texts);
    struct iso8583_message m;
    struct iso8583_fault fault;
    struct writer w = writer_over(block, sizeof block);
    const struct payment_sensitive sensitive = {.payment_code = code == NULL ? (struct bytes){0}
                                                                             : bytes_text(code)};
    assert_ok(payment_network_message(kind, p, &sensitive, rig.now_ms, &arena, &m));
    assert_ok(iso8583_encode(&iso8583_dialect_ascii87, &m, &w, &fault));
    assert_status(rig_mac(HSM_MAC_MAKE,
                          iso8583_mac_input(&iso8583_dialect_ascii87, writer_view(&w)),
                          (struct bytes){0}, mac),
                  HSM_OK);
    iso8583_seal(&iso8583_dialect_ascii87, block, w.len, mac);
    gateway_on_message(rig.g, writer_view(&w));
    rig_pump();
}

static inline void rig_pay(const char *rrn, int64_t amount_minor, const char *code)
{
    struct payment p = rig_payment(PAYMENT_SALE, rrn, amount_minor);
    rig_send(PAYMENT_NETWORK_REQUEST, &p, code);
}

static inline void rig_look(const char *rrn, int64_t amount_minor)
{
    struct payment p = rig_payment(PAYMENT_SALE, rrn, amount_minor);
    rig_send(PAYMENT_NETWORK_QUERY, &p, NULL);
}

static inline void rig_take_back(enum payment_type type, const char *rrn, int64_t amount_minor)
{
    struct payment p = rig_payment(type, rrn, amount_minor);
    snprintf(p.reversal_reason, sizeof p.reversal_reason, "98");
    rig_send(PAYMENT_NETWORK_REVERSAL, &p, NULL);
}

static inline void rig_give_back(enum payment_type type, const char *rrn, const char *original,
                                 int64_t amount_minor)
{
    struct payment p = rig_payment(type, rrn, amount_minor);
    snprintf(p.original.rrn, sizeof p.original.rrn, "%s", original);
    p.original.stan = 344;
    rig_send(PAYMENT_NETWORK_REQUEST, &p, NULL);
}

/* The acquirer has heard exactly this, and nothing since the last time it was looked at. */
static inline void rig_hears(const char *rrn, const char *code)
{
    assert_int_equal(rig.saids, 1);
    assert_string_equal(rig.said[0].answer.rrn, rrn);
    assert_string_equal(rig.said[0].answer.response_code, code);
    rig.saids = 0;
}

static inline void rig_hears_nothing(void)
{
    assert_int_equal(rig.saids, 0);
}

/* ---- the providers ---- */

/* The only request that is there; it is taken away. */
static inline struct asked rig_asked(enum wallet_provider provider, const char *path)
{
    assert_int_equal(rig.asks, 1);
    struct asked a = rig.asked[0];
    rig.asks = 0;
    assert_int_equal(a.provider, provider);
    if (strstr(a.request.url, path) == NULL) fail_msg("%s is not in %s", path, a.request.url);
    return a;
}

static inline bool rig_request_has(const struct asked *a, const char *text)
{
    return memmem(a->request.body, a->request.body_len, text, strlen(text)) != NULL;
}

/* A signature of the provider's in base64. */
static inline void rig_sign(enum wallet_provider provider, struct bytes text, char out[400])
{
    uint8_t block[HSM_FRAME_MAX], digest[HSM_WALLET_DIGEST_BYTES];
    struct writer w = writer_over(block, sizeof block), base64 = writer_over(out, 399);
    struct bytes body, signature;
    hsm_wallet_digest(text, digest);
    const struct hsm_wallet_sign m = {
        bytes_of(rig.provider_blob[provider], rig.provider_blob_len[provider]), BYTES_OF(digest)};
    hsm_write_header(&w, HSM_WALLET_SIGN, 1);
    hsm_write_wallet_sign(&w, &m);
    assert_status(rig_execute(writer_view(&w), &body), HSM_OK);
    struct reader r = reader_over(body);
    assert_ok(hsm_read_bytes(&r, &signature));
    base64_write(&base64, signature);
    out[base64.len] = '\0';
}

static inline void rig_came(const struct asked *a, const struct wallet_raw *raw)
{
    rig.room++;
    gateway_on_answer(rig.g, a->id, OK, raw);
    rig_pump();
    gateway_tick(rig.g);
}

static inline void rig_failed(const struct asked *a, err reason)
{
    static const struct wallet_raw none;
    rig.room++;
    gateway_on_answer(rig.g, a->id, reason, &none);
    rig_pump();
}

/* "alipay.trade.pay" and the value of its response. */
static inline void rig_alipay_says(const struct asked *a, const char *method, const char *value)
{
    char text[PROVIDER_TEXT_MAX], key[64], sign[400];
    snprintf(key, sizeof key, "%s", method);
    for (char *c = key; *c != '\0'; c++)
        if (*c == '.') *c = '_';
    rig_sign(WALLET_ALIPAY, bytes_text(value), sign);
    snprintf(text, sizeof text, "{\"%s_response\":%s,\"sign\":\"%s\"}", key, value, sign);
    rig_came(a, &(struct wallet_raw){.status = 200, .body = bytes_text(text)});
}

static inline struct wallet_raw rig_wechat_raw(int status, const char *body)
{
    struct wallet_raw raw = {.status = status, .body = bytes_text(body), .nonce = "n0nce"};
    char text[PROVIDER_TEXT_MAX];
    snprintf(raw.timestamp, sizeof raw.timestamp, "%lld", (long long)(rig.now_ms / 1000));
    snprintf(raw.serial, sizeof raw.serial, "%s", WX_SERIAL);
    snprintf(text, sizeof text, "%s\n%s\n%s\n", raw.timestamp, raw.nonce, body);
    char sign[400];
    rig_sign(WALLET_WECHATPAY, bytes_text(text), sign);
    snprintf(raw.signature, sizeof raw.signature, "%s", sign);
    return raw;
}

static inline void rig_wechat_says(const struct asked *a, int status, const char *body)
{
    struct wallet_raw raw = rig_wechat_raw(status, body);
    rig_came(a, &raw);
}
