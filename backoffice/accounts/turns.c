/* SPDX-License-Identifier: Apache-2.0 */
/* Debts of networks, in sets of eight. */
#include "backoffice/accounts/turns.h"

#include <stdlib.h>
#include <string.h>

#include "lib/auth/token.h"
#include "lib/base/writer.h"

enum { WAYS = 8, SETS = TURNS_NETWORKS / WAYS, SALT = 16 };

struct network {
    uint64_t id;    /* 0: a free place */
    int64_t due_ms; /* when its debt is paid */
};

struct turns {
    uint8_t salt[SALT]; /* nobody outside can choose who shares a place */
    struct network set[SETS][WAYS];
};

err turns_open(const struct random *random, struct turns **ret_turns)
{
    struct turns *turns = calloc(1, sizeof *turns);
    if (turns == NULL) return ERR(NO_MEMORY);
    random_fill(random, turns->salt, sizeof turns->salt);
    *ret_turns = turns;
    return OK;
}

void turns_close(struct turns *turns)
{
    free(turns);
}

/* "203.0.113." of an IPv4 address, also within an IPv6 one; "2001:db8:1:" of an IPv6 address. */
static struct bytes network_of(const char *address)
{
    const char *dot = strrchr(address, '.'), *end = address;
    if (dot != NULL) return bytes_of(address, (size_t)(dot - address) + 1);
    for (int groups = 0; *end != '\0' && groups < 3; end++) {
        if (*end != ':') continue;
        groups = end[1] == ':' ? 3 : groups + 1;
    }
    return bytes_of(address, (size_t)(end - address));
}

uint64_t turns_network(const struct turns *turns, const char *address)
{
    uint8_t text[SALT + 64], hash[TOKEN_HASH_BYTES];
    uint64_t id = 0;
    struct bytes network = network_of(address);
    struct writer w = writer_over(text, sizeof text);
    write_bytes(&w, BYTES_OF(turns->salt));
    write_bytes(&w, bytes_of(network.at, network.len < 64 ? network.len : 64));
    token_digest("network", writer_view(&w), hash);
    memcpy(&id, hash, sizeof id);
    return id == 0 ? 1 : id;
}

/* Its place, or the one of its set that owes least. */
static struct network *place_of(struct turns *turns, uint64_t id)
{
    struct network *set = turns->set[id % SETS], *least = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].id == id) return &set[i];
        if (set[i].due_ms < least->due_ms) least = &set[i];
    }
    *least = (struct network){.id = id};
    return least;
}

static int64_t owed(const struct network *n, int64_t now_ms)
{
    int64_t debt_ms = n->due_ms > now_ms ? n->due_ms - now_ms : 0;
    return debt_ms > TURNS_DEBT_MS ? TURNS_DEBT_MS : debt_ms; /* a clock that was set back */
}

void turns_ask(struct turns *turns, uint64_t network, int64_t now_ms)
{
    struct network *n = place_of(turns, network);
    int64_t then_ms = owed(n, now_ms) + TURNS_ASK_MS;
    n->due_ms = now_ms + (then_ms > TURNS_DEBT_MS ? TURNS_DEBT_MS : then_ms);
}

int64_t turns_debt(const struct turns *turns, uint64_t network, int64_t now_ms)
{
    const struct network *set = turns->set[network % SETS];
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].id == network) return owed(&set[i], now_ms);
    return 0;
}
