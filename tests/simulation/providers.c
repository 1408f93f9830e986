/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wallets' own interfaces: requests in, answers out, notices. What each gets wrong is planned
 * by chance before a request; what the line between gets wrong comes on top.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/simulation/gate.h"

enum { WRONG_ONE_IN = 12, LINE_ONE_IN = 25, WRONG_NOTICE_ONE_IN = 6, SLOW_MS = 15000 };

void gate_raw(const struct provider_header *header, size_t count, struct wallet_raw *raw)
{
    for (size_t i = 0; i < count; i++) {
        const struct provider_header *h = &header[i];
        if (strcmp(h->name, "Wechatpay-Timestamp") == 0)
            snprintf(raw->timestamp, sizeof raw->timestamp, "%.20s", h->value);
        if (strcmp(h->name, "Wechatpay-Nonce") == 0)
            snprintf(raw->nonce, sizeof raw->nonce, "%.60s", h->value);
        if (strcmp(h->name, "Wechatpay-Serial") == 0)
            snprintf(raw->serial, sizeof raw->serial, "%.60s", h->value);
        if (strcmp(h->name, "Wechatpay-Signature") == 0)
            snprintf(raw->signature, sizeof raw->signature, "%.600s", h->value);
    }
}

/* ---- life and death ---- */

static void on_notify(void *context, const struct provider_notice *n);

static err fault(void *context, enum store_call call)
{
    struct world *w = context;
    uint64_t least = w->payments_started;
    (void)call;
    uint32_t one_in = w->faults.network_kill > least ? w->faults.network_kill : (uint32_t)least;
    return gate_chance(w, one_in) ? ERR(CRASHED) : OK;
}

void providers_side_start(struct world *w)
{
    struct gate *g = w->gate;
    const struct store_options options = {.mode = STORE_MEMORY};
    const struct providers_ports ports = {w, on_notify};
    if (g == NULL) return;
    err opened = store_open("sim-providers", &options, NULL, &g->store);
    struct providers_config config = {.clock = w->clock,
                                      .random = w->secret,
                                      .log = &w->log,
                                      .crypto = &w->crypto,
                                      .store = g->store,
                                      .phones = network_phones(w->network),
                                      .alipay = g->keys->alipay,
                                      .wechat = g->keys->wechat,
                                      .payee = "EXAMPLE SHOP"};
    if (!FAILED(opened)) opened = providers_open(&config, &ports, &g->providers);
    if (FAILED(opened)) {
        world_fail(w, "the providers do not start: %s", err_name(opened));
        return;
    }
    store_set_fault(g->store, fault, w);
    g->providers_tick_at = INT64_MAX;
    event_push(w, w->now_ms + 1, EVENT_PROVIDERS_TICK, 0, 0, (struct bytes){0});
}

void providers_side_stop(struct world *w)
{
    struct gate *g = w->gate;
    if (g == NULL) return;
    providers_close(g->providers);
    store_close(g->store);
    g->providers = NULL;
    g->store = NULL;
}

/* After every call: an err kills both, and what is due later is down for later. */
static bool did(struct world *w, err result)
{
    struct gate *g = w->gate;
    int64_t next_ms = INT64_MAX;
    if (!FAILED(result)) result = providers_next(g->providers, &next_ms);
    if (FAILED(result)) {
        side_network_did(w, result);
        return false;
    }
    if (next_ms == INT64_MAX) return true;
    if (next_ms <= w->now_ms) next_ms = w->now_ms + 1;
    if (g->providers_tick_at > w->now_ms && g->providers_tick_at <= next_ms) return true;
    g->providers_tick_at = next_ms;
    event_push(w, next_ms, EVENT_PROVIDERS_TICK, 0, 0, (struct bytes){0});
    return true;
}

void providers_side_tick(struct world *w)
{
    if (w->gate->providers != NULL) (void)did(w, providers_tick(w->gate->providers));
}

/* ---- requests ---- */

static const char *header_of(const struct wallet_request *request, const char *name)
{
    for (size_t i = 0; i < request->headers; i++)
        if (strcmp(request->header[i].name, name) == 0) return request->header[i].value;
    return NULL;
}

static enum provider side_of(enum wallet_provider provider)
{
    return provider == WALLET_ALIPAY ? PROVIDER_ALIPAY : PROVIDER_WECHAT;
}

static enum fault plan(struct world *w, enum wallet_provider provider, bool notices,
                       uint32_t one_in)
{
    if (!gate_chance(w, one_in)) return FAULT_NONE;
    struct fault_plan plan = {.fault = (enum fault)(1 + random_below(&w->chance, FAULTS - 1)),
                              .count = 1,
                              .delay_ms = 1 + random_below(&w->chance, SLOW_MS)};
    w->counts.provider_faults++;
    providers_plan(w->gate->providers, side_of(provider), notices, plan);
    return plan.fault;
}

/*
 * A merchant who is not allowed something is not allowed it a moment later either: the same call a
 * second time, by the proxy, gets nothing that the first has not got.
 */
static bool refused_before(const struct gate *g, const struct gate_ask *ask)
{
    for (size_t i = 0; ask->again && i < GATE_REFUSED; i++)
        if (strcmp(g->refused[i], ask->id) == 0) return true;
    return false;
}

static void note_refusal(struct gate *g, const struct gate_ask *ask)
{
    memcpy(g->refused[g->refusals++ % GATE_REFUSED], ask->id, sizeof g->refused[0]);
}

static void give(struct world *w, const struct gate_ask *ask, const struct provider_answer *answer)
{
    static uint8_t block[sizeof(struct gate_end) + GATE_BODY_MAX];
    struct gate_end end = {.raw = {.status = (int)answer->status}};
    struct bytes body = writer_view(&answer->body);
    bool lost = answer->silent || gate_chance(w, LINE_ONE_IN);
    if (ask->again || lost) return; /* the gateway gives up waiting */
    memcpy(end.id, ask->id, sizeof end.id);
    if (answer->hang_up || answer->cut) end.reason = ERR(CLOSED);
    gate_raw(answer->header, answer->header_count, &end.raw);
    if (gate_chance(w, LINE_ONE_IN)) { /* of a proxy that has lost its patience */
        end.raw = (struct wallet_raw){.status = 502};
        body.len = 0;
    }
    if (body.len > GATE_BODY_MAX || FAILED(end.reason)) body.len = 0;
    memcpy(block, &end, sizeof end);
    if (body.len > 0) memcpy(block + sizeof end, body.at, body.len);
    int64_t late_ms = gate_chance(w, LINE_ONE_IN) ? random_below(&w->chance, SLOW_MS) : 0;
    event_push(w, w->now_ms + 1 + answer->delay_ms + late_ms, EVENT_GATE_END, 0, w->gate->life,
               bytes_of(block, sizeof end + body.len));
}

static void refuse_connection(struct world *w, const struct gate_ask *ask)
{
    struct gate_end end = {.reason = ERR(REFUSED)};
    memcpy(end.id, ask->id, sizeof end.id);
    if (!ask->again)
        event_push(w, w->now_ms + 1, EVENT_GATE_END, 0, w->gate->life,
                   bytes_of((const uint8_t *)&end, sizeof end));
}

void providers_side_ask(struct world *w, struct bytes payload)
{
    static uint8_t body[PROVIDER_ANSWER_MAX];
    static struct gate_ask ask;
    char path[WALLET_URL_MAX + 1];
    struct gate *g = w->gate;
    memcpy(&ask, payload.at, sizeof ask);
    if (g->providers == NULL) {
        refuse_connection(w, &ask);
        return;
    }
    if (refused_before(g, &ask)) return;
    const char *host = strstr(ask.request.url, "://");
    ENSURE(host != NULL && strchr(host + 3, '/') != NULL);
    snprintf(path, sizeof path, "%s", strchr(host + 3, '/'));
    char *query = strchr(path, '?');
    if (query != NULL) *query++ = '\0';
    const struct provider_request request = {
        .method = ask.request.method,
        .path = path,
        .query = query != NULL ? query : "",
        .body = bytes_of(ask.request.body, ask.request.body_len),
        .content_type = header_of(&ask.request, "Content-Type"),
        .authorization = header_of(&ask.request, "Authorization"),
        .accept = header_of(&ask.request, "Accept"),
        .user_agent = header_of(&ask.request, "User-Agent"),
        .serial = header_of(&ask.request, "Wechatpay-Serial")};
    static struct provider_answer answer;
    answer = (struct provider_answer){.body = writer_over(body, sizeof body)};
    if (plan(w, ask.provider, false, WRONG_ONE_IN) == FAULT_REFUSED) note_refusal(g, &ask);
    if (did(w, providers_answer(g->providers, side_of(ask.provider), &request, &answer)))
        give(w, &ask, &answer);
    explicit_bzero(&ask, sizeof ask); /* a code of the customer's */
}

/* ---- notices ---- */

/* Lost, late, or twice. */
static void on_notify(void *context, const struct provider_notice *n)
{
    static uint8_t block[sizeof(struct gate_notice) + GATE_BODY_MAX];
    struct world *w = context;
    struct gate_notice notice = {.provider = n->provider == PROVIDER_ALIPAY ? WALLET_ALIPAY
                                                                            : WALLET_WECHATPAY};
    snprintf(notice.id, sizeof notice.id, "%s", n->id);
    gate_raw(n->header, n->header_count, &notice.raw);
    if (n->body.len > GATE_BODY_MAX || gate_chance(w, LINE_ONE_IN)) return;
    memcpy(block, &notice, sizeof notice);
    memcpy(block + sizeof notice, n->body.at, n->body.len);
    struct bytes payload = bytes_of(block, sizeof notice + n->body.len);
    for (int i = 0; i < (n->twice ? 2 : 1); i++)
        event_push(w, w->now_ms + 1 + random_below(&w->chance, 2000), EVENT_GATE_NOTICE, 0, 0,
                   payload);
    (void)plan(w, notice.provider, true, WRONG_NOTICE_ONE_IN);
}

void providers_side_heard(struct world *w, struct bytes payload)
{
    struct gate_heard heard;
    memcpy(&heard, payload.at, sizeof heard);
    if (w->gate->providers != NULL)
        (void)did(w, providers_heard(w->gate->providers, heard.id, heard.heard));
}
