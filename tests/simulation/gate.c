/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's life, its link to the acquirer, its hsm, and its transfers. */
#include "tests/simulation/gate.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/wire/hsm_protocol_wallets.h"
#include "payment/kind.h"
#include "wallets/limits.h"

enum { KILL_ONE_IN = 200, OTHERS_ONE_IN = 200, SIGNED_BY_HSM = 16, DOWN_MS = 20000 };

bool gate_chance(struct world *w, uint32_t one_in)
{
    return !w->healing && !w->options.calm && world_chance(w, one_in);
}

/* ---- which way ---- */

/* The place of a reference; a free one when it does not go this way. */
static char *place_of(struct gate *g, const char *rrn)
{
    uint64_t hash = 0;
    for (const char *at = rrn; *at != '\0'; at++) hash = hash * 1000003 + (uint8_t)*at;
    size_t i = (size_t)(hash ^ hash >> 17) % GATE_RRNS;
    for (size_t looks = 0; looks < GATE_RRNS; looks++, i = (i + 1) % GATE_RRNS)
        if (g->rrn[i][0] == '\0' || strcmp(g->rrn[i], rrn) == 0) return g->rrn[i];
    ensure_failed(__FILE__, __LINE__, "room for every reference");
}

bool gate_goes(struct gate *g, const char *rrn)
{
    return strlen(rrn) == 12 && place_of(g, rrn)[0] != '\0';
}

static bool drawn_code(const struct gate *g, struct bytes code)
{
    for (size_t i = 0; i < GATE_CODES && code.len > 0; i++)
        if (bytes_equal(code, bytes_text(g->code[i]))) return true;
    return false;
}

/* By the code that was drawn, then by the reference of the payment or of what it follows. */
static bool chosen(struct world *w, struct bytes message)
{
    struct gate *g = w->gate;
    uint8_t block[ISO8583_ARENA_MAX];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct iso8583_fault fault;
    struct payment p;
    struct payment_sensitive s;
    enum payment_network_kind kind;
    if (FAILED(iso8583_decode(&iso8583_dialect_ascii87, message, &arena, &m, &fault)) ||
        (m.mti & 0x0010) != 0 || FAILED(payment_from_network(&m, &p, &s, &kind)) ||
        strlen(p.rrn) != 12)
        return false;
    if (gate_goes(g, p.rrn)) return true;
    bool first = kind == PAYMENT_NETWORK_REQUEST && !payment_linked(p.type);
    bool ours = drawn_code(g, s.payment_code) || gate_goes(g, p.original.rrn) ||
                (first && payment_by_code(p.means) && world_chance(w, OTHERS_ONE_IN));
    if (!ours) return false;
    memcpy(place_of(g, p.rrn), p.rrn, sizeof p.rrn);
    return true;
}

void gate_route(struct world *w, struct bytes message)
{
    bool ours = w->gate != NULL && chosen(w, message);
    /* What is on its way to a gateway that dies is gone with the connection. */
    if (ours) link_send(w, EVENT_TO_GATE, (uint32_t)PAYMENT_ROUTE_WALLET, w->gate->life, message);
    else link_send(w, EVENT_TO_NETWORK, (uint32_t)PAYMENT_ROUTE_WALLET, 0, message);
}

void gate_code(struct world *w, uint8_t phone, char out[static 20])
{
    struct gate *g = w->gate;
    char code[PAYMENT_CODE_MAX + 1];
    enum payment_code_wallet wallet =
        random_below(&w->chance, 2) == 0 ? PAYMENT_CODE_ALIPAY : PAYMENT_CODE_WECHAT;
    phones_code(network_phones(w->network), phone, wallet, code);
    snprintf(out, 20, "%.18s", code);
    memcpy(g->code[g->codes++ % GATE_CODES], out, 20);
}

/* ---- the gateway's ports ---- */

static void on_answer(void *context, struct bytes message)
{
    link_send(context, EVENT_FROM_NETWORK, (uint32_t)PAYMENT_ROUTE_WALLET, 0, message);
}

static void on_hand_on(void *context, struct bytes message)
{
    struct world *w = context;
    w->counts.handed_on++;
    link_send(w, EVENT_TO_NETWORK, (uint32_t)PAYMENT_ROUTE_WALLET, 0, message);
}

static void on_hsm(void *context, struct bytes command)
{
    struct world *w = context;
    event_push(w, w->now_ms, EVENT_GATE_HSM, 0, w->gate->life, command);
}

static void ended(struct world *w, int64_t after_ms, const char *id, err reason)
{
    struct gate_end end = {.reason = reason};
    snprintf(end.id, sizeof end.id, "%s", id);
    event_push(w, w->now_ms + after_ms, EVENT_GATE_END, 0, w->gate->life,
               bytes_of((const uint8_t *)&end, sizeof end));
}

/* Lost, late (after its end, too), and twice, as a proxy in between repeats it. */
static err on_ask(void *context, const char *id, const struct wallet_account *account,
                  const struct wallet_request *request)
{
    struct world *w = context;
    struct gate *g = w->gate;
    size_t place = 0;
    struct gate_ask ask = {.again = false, .request = *request};
    while (place < GATE_FLIGHTS && g->used[place]) place++;
    if (place == GATE_FLIGHTS) return ERR(FULL);
    g->used[place] = true;
    snprintf(g->flight[place], sizeof g->flight[place], "%s", id);
    snprintf(ask.id, sizeof ask.id, "%s", id);
    bool alipay = account == &g->keys->accounts.account[WALLET_ALIPAY];
    ask.provider = alipay ? WALLET_ALIPAY : WALLET_WECHATPAY;
    ended(w, GATEWAY_HTTP_MS, id, ERR(TIMEOUT));
    int64_t at_ms = w->now_ms + 1 + random_below(&w->chance, 40);
    if (gate_chance(w, 20)) at_ms += random_below(&w->chance, GATEWAY_HTTP_MS + 2000);
    struct bytes payload = bytes_of((const uint8_t *)&ask, sizeof ask);
    if (!gate_chance(w, 20)) event_push(w, at_ms, EVENT_GATE_ASK, 0, 0, payload);
    ask.again = true;
    if (gate_chance(w, 20)) event_push(w, at_ms + 1, EVENT_GATE_ASK, 0, 0, payload);
    w->counts.provider_asks++;
    return OK;
}

static void on_noticed(void *context, uint64_t ticket, bool good)
{
    struct world *w = context;
    struct gate_heard heard = {.heard = good};
    memcpy(heard.id, w->gate->notice[ticket % GATE_NOTICES], sizeof heard.id);
    event_push(w, w->now_ms + 1, EVENT_GATE_HEARD, 0, 0,
               bytes_of((const uint8_t *)&heard, sizeof heard));
}

/* A clock that does not jump: how long something is on its way. */
static int64_t steady(void *context)
{
    const struct world *w = context;
    return (w->now_ms - w->jumped_ms) * 1000;
}

/* ---- life and death ---- */

static void start(struct world *w)
{
    struct gate *g = w->gate;
    const struct gateway_config config = {.clock = {w->clock.now_ms, steady, w},
                                          .random = w->secret,
                                          .log = &w->log,
                                          .accounts = &g->keys->accounts,
                                          .other = true};
    const struct gateway_ports ports = {w, on_answer, on_hand_on, on_hsm, on_ask, on_noticed};
    err opened = gateway_open(&config, &ports, &g->gateway);
    if (FAILED(opened)) world_fail(w, "the gateway does not start: %s", err_name(opened));
    g->life++;
    g->tick_at = INT64_MAX;
    memset(g->used, 0, sizeof g->used);
    if (w->hsm != NULL && g->gateway != NULL) gateway_on_hsm_state(g->gateway, true);
}

static void kill_gateway(struct world *w)
{
    struct gate *g = w->gate;
    gateway_close(g->gateway);
    g->gateway = NULL;
    w->counts.gateway_kills++;
    event_push(w, w->now_ms + 1 + random_below(&w->chance, DOWN_MS), EVENT_START_GATE, 0, 0,
               (struct bytes){0});
}

err gate_open(struct world *w, const struct gate_keys *keys)
{
    w->gate = calloc(1, sizeof *w->gate);
    if (w->gate == NULL) return ERR(NO_MEMORY);
    w->gate->keys = keys;
    TRY(store_anchor_open("sim-providers", &w->gate->anchor));
    start(w);
    return OK;
}

void gate_close(struct world *w)
{
    if (w->gate == NULL) return;
    providers_side_stop(w);
    gateway_close(w->gate->gateway);
    store_anchor_close(w->gate->anchor);
    free(w->gate);
    w->gate = NULL;
}

void gate_hsm_state(struct world *w, bool up)
{
    if (w->gate != NULL && w->gate->gateway != NULL) gateway_on_hsm_state(w->gate->gateway, up);
}

bool gate_at_rest(const struct world *w)
{
    for (size_t i = 0; i < GATE_FLIGHTS; i++)
        if (w->gate->used[i]) return false;
    return w->gate->gateway != NULL;
}

/* ---- events ---- */

static void tick(struct world *w)
{
    struct gate *g = w->gate;
    int64_t next_ms = gateway_next_ms(g->gateway);
    if (next_ms == INT64_MAX) return;
    int64_t at_ms = next_ms + w->jumped_ms; /* it counts by the steady clock */
    if (at_ms <= w->now_ms) at_ms = w->now_ms + 1;
    if (g->tick_at > w->now_ms && g->tick_at <= at_ms) return;
    g->tick_at = at_ms;
    event_push(w, at_ms, EVENT_GATE_TICK, 0, g->life, (struct bytes){0});
}

/*
 * A signature of the hsm's own key, without the hsm: to open and check the key again for each takes
 * five times as long as to sign. One in so many goes there all the same.
 */
static bool signs(struct world *w, struct bytes command, struct writer *out)
{
    struct reader r = reader_over(command);
    struct hsm_header header;
    struct hsm_wallet_sign m;
    uint8_t signature[RSA_KEY_SIGNATURE_MAX];
    size_t len = 0;
    const struct gate_keys *k = w->gate->keys;
    if (FAILED(hsm_read_header(&r, &header)) || header.command != HSM_WALLET_SIGN ||
        w->gate->signatures++ % SIGNED_BY_HSM == 0 || FAILED(hsm_read_wallet_sign(&r, &m)) ||
        m.digest.len != RSA_KEY_DIGEST_BYTES)
        return false;
    const struct wallet_blob *alipay = &k->accounts.account[WALLET_ALIPAY].key;
    bool first = bytes_equal(m.key, bytes_of(alipay->at, alipay->len));
    err done = rsa_key_sign_digest(&k->signer[first ? WALLET_ALIPAY : WALLET_WECHATPAY],
                                   m.digest.at, signature, &len);
    if (FAILED(done)) return false;
    hsm_write_answer(out, header, HSM_OK);
    hsm_write_bytes(out, bytes_of(signature, len));
    return true;
}

static void ask_hsm(struct world *w, struct bytes command)
{
    uint8_t block[HSM_FRAME_MAX];
    struct writer out = writer_over(block, sizeof block);
    if (w->hsm == NULL) return;
    if (gate_chance(w, w->faults.hsm_kill)) {
        side_kill_hsm(w);
        return;
    }
    err done = signs(w, command, &out) ? OK : hsm_execute(w->hsm, command, &out);
    if (FAILED(done)) world_fail(w, "hsm for the gateway: %s", err_name(done));
    else gateway_on_hsm(w->gate->gateway, writer_view(&out));
}

static void end_transfer(struct world *w, struct bytes payload)
{
    struct gate *g = w->gate;
    struct gate_end end;
    memcpy(&end, payload.at, sizeof end);
    end.raw.body = bytes_of(payload.at + sizeof end, payload.len - sizeof end);
    for (size_t i = 0; i < GATE_FLIGHTS; i++) {
        if (!g->used[i] || strcmp(g->flight[i], end.id) != 0) continue;
        g->used[i] = false;
        gateway_on_answer(g->gateway, end.id, end.reason, &end.raw);
        gateway_tick(g->gateway);
        return;
    }
}

static void tell(struct world *w, struct bytes payload)
{
    struct gate *g = w->gate;
    struct gate_notice n;
    memcpy(&n, payload.at, sizeof n);
    n.raw.body = bytes_of(payload.at + sizeof n, payload.len - sizeof n);
    uint64_t ticket = g->tickets++;
    memcpy(g->notice[ticket % GATE_NOTICES], n.id, sizeof n.id);
    w->counts.notices++;
    gateway_on_notice(g->gateway, n.provider, &n.raw, ticket);
}

static void to_gateway(struct world *w, const struct event *e)
{
    struct bytes payload = {e->payload, e->len};
    bool of_life = e->kind != EVENT_GATE_NOTICE;
    if (w->gate->gateway == NULL || (of_life && e->generation != w->gate->life)) return;
    if (gate_chance(w, KILL_ONE_IN)) {
        kill_gateway(w);
        return;
    }
    if (e->kind == EVENT_TO_GATE) gateway_on_message(w->gate->gateway, payload);
    if (e->kind == EVENT_GATE_HSM) ask_hsm(w, payload);
    if (e->kind == EVENT_GATE_END) end_transfer(w, payload);
    if (e->kind == EVENT_GATE_NOTICE) tell(w, payload);
    if (e->kind == EVENT_GATE_TICK) gateway_tick(w->gate->gateway);
    if (w->gate->gateway != NULL) tick(w);
}

void gate_deliver(struct world *w, const struct event *e)
{
    if (e->kind == EVENT_START_GATE) start(w);
    else if (e->kind == EVENT_GATE_ASK) providers_side_ask(w, (struct bytes){e->payload, e->len});
    else if (e->kind == EVENT_GATE_HEARD)
        providers_side_heard(w, (struct bytes){e->payload, e->len});
    else if (e->kind == EVENT_PROVIDERS_TICK) providers_side_tick(w);
    else to_gateway(w, e);
}

/* ---- keys ---- */

static err make_key(struct world *w, uint8_t use, struct bytes clear, struct wallet_blob *ret_blob,
                    struct rsa_key *ret_public)
{
    uint8_t request[HSM_FRAME_MAX], block[HSM_FRAME_MAX];
    struct writer out = writer_over(request, sizeof request),
                  answer = writer_over(block, sizeof block);
    struct hsm_header header;
    enum hsm_status status;
    struct hsm_wallet_key_answer made;
    const struct hsm_wallet_key m = {use, BYTES("simulation"), clear};
    hsm_write_header(&out, HSM_WALLET_KEY, 1);
    hsm_write_wallet_key(&out, &m);
    TRY(hsm_execute(w->hsm, writer_view(&out), &answer));
    struct reader r = reader_over(writer_view(&answer));
    TRY(hsm_read_answer(&r, &header, &status));
    if (status != HSM_OK) return ERR(DENIED);
    TRY(hsm_read_wallet_key_answer(&r, &made));
    ENSURE(made.blob.len <= sizeof ret_blob->at);
    memcpy(ret_blob->at, made.blob.at, made.blob.len);
    ret_blob->len = made.blob.len;
    return ret_public == NULL ? OK : rsa_key_read_public(made.public_pem, ret_public);
}

/* A key that signs, made here, and its blob. */
static err make_signer(struct world *w, struct rsa_key *signer, struct wallet_blob *ret_blob,
                       struct rsa_key *ret_public)
{
    uint8_t block[RSA_KEY_TEXT_MAX];
    struct writer pem = writer_over(block, sizeof block);
    TRY(rsa_key_generate(2048, signer));
    TRY(rsa_key_write_private(signer, &pem));
    err made = make_key(w, HSM_WALLET_SIGNS, writer_view(&pem), ret_blob, ret_public);
    explicit_bzero(block, sizeof block);
    return made;
}

static err make_certificate(struct world *w, struct wechat_config *c)
{
    struct rsa_certificate about;
    struct writer pem = writer_over(c->certificate, sizeof c->certificate - 1);
    TRY(rsa_certificate_make(&c->own, BYTES("platform"), w->now_ms - 86400000,
                             w->now_ms + INT64_C(86400000) * 365, &pem));
    TRY(rsa_certificate_describe(writer_view(&pem), &about));
    memcpy(c->serial, about.serial, sizeof about.serial);
    return OK;
}

static err write_public(const struct rsa_key *key, struct wallet_account *account)
{
    struct writer pem = writer_over(account->public[0].pem, sizeof account->public[0].pem - 1);
    account->public_count = 1;
    return rsa_key_write_public(key, &pem);
}

static err make_alipay(struct world *w, struct gate_keys *k)
{
    struct wallet_account *a = &k->accounts.account[WALLET_ALIPAY];
    *a = (struct wallet_account){.there = true,
                                 .name = "wallet A",
                                 .base = "https://alipay.example/gateway.do",
                                 .app_id = "2026000000000001",
                                 .notify = "https://pay.example/notify/alipay",
                                 .subject = "EXAMPLE SHOP"};
    k->alipay =
        (struct alipay_config){.app_id = "2026000000000001", .seller_id = "2088000000000011"};
    TRY(rsa_key_generate(2048, &k->alipay.own));
    TRY(write_public(&k->alipay.own, a));
    return make_signer(w, &k->signer[WALLET_ALIPAY], &a->key, &k->alipay.app);
}

static err make_wechat(struct world *w, struct gate_keys *k)
{
    static const char serial[] = "F5765756002FDD77", api_key[] = "0123456789abcdef0123456789ABCDEF";
    struct wallet_account *a = &k->accounts.account[WALLET_WECHATPAY];
    struct wechat_config *c = &k->wechat;
    *a = (struct wallet_account){.there = true,
                                 .name = "wallet W",
                                 .base = "https://wechat.example",
                                 .app_id = "wx0123456789abcdef",
                                 .mch_id = "1900000001",
                                 .notify = "https://pay.example/notify/wechatpay",
                                 .subject = "EXAMPLE SHOP"};
    *c = (struct wechat_config){.mchid = "1900000001",
                                .appid = "wx0123456789abcdef",
                                .key_id = "PUB_KEY_ID_0119000000012026"};
    memcpy(a->serial, serial, sizeof serial);
    memcpy(c->merchant_serial, serial, sizeof serial);
    memcpy(c->api_key, api_key, sizeof c->api_key);
    memcpy(a->public[0].serial, c->key_id, sizeof c->key_id);
    TRY(rsa_key_generate(2048, &c->own));
    TRY(make_certificate(w, c));
    TRY(write_public(&c->own, a));
    TRY(make_key(w, HSM_WALLET_OPENS, bytes_text(api_key), &a->open, NULL));
    return make_signer(w, &k->signer[WALLET_WECHATPAY], &a->key, &c->merchant);
}

err gate_keys_make(struct world *w, struct gate_keys **ret_keys)
{
    struct gate_keys *k = calloc(1, sizeof *k);
    if (k == NULL) return ERR(NO_MEMORY);
    *ret_keys = k; /* also when it is not whole: it is freed by its owner */
    k->accounts.shown = WALLET_PROVIDERS;
    memcpy(k->accounts.zone_mac, w->zone.mac_block, sizeof w->zone.mac_block);
    TRY(make_alipay(w, k));
    return make_wechat(w, k);
}

void gate_keys_free(struct gate_keys *keys)
{
    if (keys == NULL) return;
    for (size_t i = 0; i < WALLET_PROVIDERS; i++) rsa_key_free(&keys->signer[i]);
    rsa_key_free(&keys->alipay.own);
    rsa_key_free(&keys->alipay.app);
    rsa_key_free(&keys->wechat.own);
    rsa_key_free(&keys->wechat.merchant);
    free(keys);
}
