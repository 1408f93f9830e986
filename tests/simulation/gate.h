/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * gate: the gateway to the wallets between acquirer and providers, with a real hsm behind it and
 * the providers' simulated cores in front. Signatures are of RSA and cost more than a payment does
 * otherwise, so a part of the payments by code goes this way: those of codes that were drawn for
 * it, and now and then another, which it hands on.
 *
 *   acquirer -> link -> gateway -> HTTP -> provider
 *                          |  \-> the wallet on the ISO 8583 link
 *                         hsm
 */

#include "payment/clearing.h"
#include "simulators/providers.h"
#include "tests/simulation/world.h"
#include "wallets/gateway.h"

struct census;
struct gate_keys;

/* Once for all worlds: keys of gateway and providers. The hsm of this world is up. */
MUST_USE err gate_keys_make(struct world *w, struct gate_keys **ret_keys);
void gate_keys_free(struct gate_keys *keys);

MUST_USE err gate_open(struct world *w, const struct gate_keys *keys);
void gate_close(struct world *w);

/* One message of the acquirer to the wallets: which way it goes. */
void gate_route(struct world *w, struct bytes message);
/* A fresh code of this phone, by a wallet of its own interface. */
void gate_code(struct world *w, uint8_t phone, char out[static 20]);

void gate_deliver(struct world *w, const struct event *e);
void gate_hsm_state(struct world *w, bool up);
bool gate_at_rest(const struct world *w);

/* providers.c: they live and die with the networks, in one process. */
void providers_side_start(struct world *w);
void providers_side_stop(struct world *w);
void providers_side_ask(struct world *w, struct bytes payload);
void providers_side_heard(struct world *w, struct bytes payload);
void providers_side_tick(struct world *w);

/* Does this payment go this way? */
bool gate_goes(struct gate *gate, const char *rrn);

/* providers_check.c: what the providers have, as rows of their files of all days */
MUST_USE err providers_read(struct census *c);
void providers_forget(struct census *c);
/* What stands under this reference; NULL: nothing. */
const struct clearing_row *providers_row(const struct census *c, const char *rrn);
int64_t providers_sum(const struct census *c);
/* Whose telephone has paid it. NOT_FOUND: nobody's. */
MUST_USE err providers_phone(const struct census *c, const struct payment *p, uint8_t *ret_phone);
/* Adds those of a day to a file's rows, in the order of their references. */
void providers_add(const struct census *c, int32_t day, struct clearing_row *rows, size_t *count);

/* ---- what the two files share ---- */

enum {
    GATE_REFUSED = 32,
    GATE_FLIGHTS = 16,
    GATE_RRNS = 1 << 13,
    GATE_CODES = 64,
    GATE_NOTICES = 32,
    GATE_BODY_MAX = 16 << 10,
};

/* A request on its way to a provider. */
struct gate_ask {
    char id[16];
    bool again; /* a second copy of it: nobody waits for its answer */
    enum wallet_provider provider;
    struct wallet_request request;
};

/* How one ended; the body follows. */
struct gate_end {
    char id[16];
    err reason;
    struct wallet_raw raw;
    size_t len;
};

/* Something that a provider tells; the body follows. */
struct gate_notice {
    enum wallet_provider provider;
    char id[NOTICE_ID_MAX + 1];
    struct wallet_raw raw;
    size_t len;
};

struct gate_heard {
    char id[NOTICE_ID_MAX + 1];
    bool heard;
};

struct gate {
    const struct gate_keys *keys;
    struct gateway *gateway; /* NULL: dead */
    uint32_t life;
    bool used[GATE_FLIGHTS];
    char flight[GATE_FLIGHTS][16];
    int64_t tick_at;
    char rrn[GATE_RRNS][13]; /* that go this way; by hash */
    char code[GATE_CODES][20];
    size_t codes;
    char notice[GATE_NOTICES][NOTICE_ID_MAX + 1]; /* by ticket */
    uint64_t tickets, signatures;
    struct store_anchor *anchor;
    struct store *store;
    struct providers *providers; /* NULL: dead */
    int64_t providers_tick_at;
    char refused[GATE_REFUSED][16]; /* the last calls that were not allowed */
    size_t refusals;
};

struct gate_keys {
    struct wallet_accounts accounts;
    struct rsa_key signer[WALLET_PROVIDERS]; /* as they are sealed in the accounts */
    struct alipay_config alipay;
    struct wechat_config wechat;
};

/* The headers that a driver reads. */
void gate_raw(const struct provider_header *header, size_t count, struct wallet_raw *raw);
/* A fault of this moment, one in so many. */
bool gate_chance(struct world *w, uint32_t one_in);
