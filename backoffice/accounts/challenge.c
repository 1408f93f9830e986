/* SPDX-License-Identifier: Apache-2.0 */
/* Challenges that carry their own proof, and a ring of those that were answered. */
#include "backoffice/accounts/challenge.h"

#include <assert.h>
#include <stdlib.h>

#include "lib/auth/token.h"
#include "lib/base/reader.h"

enum { TIME_BYTES = 8, CHANCE_BYTES = 8, MAC_BYTES = 16, KEY_BYTES = 32 };

struct challenges {
    uint8_t key[KEY_BYTES];
    uint8_t used[CHALLENGES_USED][WEBAUTHN_CHALLENGE_BYTES]; /* a ring; zero time: free */
    size_t next;
};

err challenges_open(struct backoffice *b)
{
    b->challenges = calloc(1, sizeof *b->challenges);
    if (b->challenges == NULL) return ERR(NO_MEMORY);
    random_fill(&b->config.random, b->challenges->key, KEY_BYTES);
    return OK;
}

void challenges_close(struct backoffice *b)
{
    if (b->challenges == NULL) return;
    explicit_bzero(b->challenges, sizeof *b->challenges);
    free(b->challenges);
    b->challenges = NULL;
}

/* The key goes first and has a fixed length, and so has all behind it: SHA-256 of it is a MAC that
 * is cut to half its length, which leaves nothing to extend. */
static void make_mac(const struct backoffice *b, const struct challenge *what,
                     const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES], uint8_t ret_mac[MAC_BYTES])
{
    uint8_t block[KEY_BYTES + 2 + 8 + TIME_BYTES + CHANCE_BYTES], hash[TOKEN_HASH_BYTES];
    struct writer w = writer_over(block, sizeof block);
    write_bytes(&w, BYTES_OF(b->challenges->key));
    write_be(&w, what->purpose, 1);
    write_be(&w, what->realm, 1);
    write_be(&w, (uint64_t)what->session, 8);
    write_bytes(&w, bytes_of(challenge, TIME_BYTES + CHANCE_BYTES));
    token_digest("challenge", writer_view(&w), hash);
    memcpy(ret_mac, hash, MAC_BYTES);
    explicit_bzero(block, sizeof block);
}

void challenge_make(struct backoffice *b, const struct challenge *what, int64_t now_ms,
                    uint8_t ret[WEBAUTHN_CHALLENGE_BYTES])
{
    static_assert(TIME_BYTES + CHANCE_BYTES + MAC_BYTES == WEBAUTHN_CHALLENGE_BYTES, "whole");
    struct writer w = writer_over(ret, TIME_BYTES);
    write_be(&w, (uint64_t)(now_ms + CHALLENGE_MS), TIME_BYTES);
    random_fill(&b->config.random, ret + TIME_BYTES, CHANCE_BYTES);
    make_mac(b, what, ret, ret + TIME_BYTES + CHANCE_BYTES);
}

static int64_t expires_ms(const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES])
{
    struct reader r = reader_over(bytes_of(challenge, TIME_BYTES));
    return (int64_t)read_be(&r, TIME_BYTES);
}

bool challenge_good(struct backoffice *b, const struct challenge *what, int64_t now_ms,
                    const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES])
{
    uint8_t right[TOKEN_HASH_BYTES] = {0}, said[TOKEN_HASH_BYTES] = {0};
    make_mac(b, what, challenge, right);
    memcpy(said, challenge + TIME_BYTES + CHANCE_BYTES, MAC_BYTES);
    int64_t expires = expires_ms(challenge);
    if (!token_same(right, said) || now_ms >= expires || now_ms < expires - CHALLENGE_MS)
        return false;
    for (size_t i = 0; i < CHALLENGES_USED; i++)
        if (memcmp(b->challenges->used[i], challenge, WEBAUTHN_CHALLENGE_BYTES) == 0) return false;
    return true;
}

err challenge_spend(struct backoffice *b, int64_t now_ms,
                    const uint8_t challenge[WEBAUTHN_CHALLENGE_BYTES])
{
    struct challenges *c = b->challenges;
    if (expires_ms(c->used[c->next]) > now_ms) return ERR(FULL);
    memcpy(c->used[c->next], challenge, WEBAUTHN_CHALLENGE_BYTES);
    c->next = (c->next + 1) % CHALLENGES_USED;
    return OK;
}
