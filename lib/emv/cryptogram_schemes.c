/* SPDX-License-Identifier: Apache-2.0 */
/* Issuer's computations of other schemes, over the block cipher of cryptogram.c. */
#include "lib/emv/cryptogram_schemes.h"

#include "lib/crypto/mac_padding.h"

enum { HALF = 8 };

/* EMV 2000 Book 2, A1.3: a child from its parent, its grandparent and its own number. */
static err tree_child(struct crypto *crypto, const struct cryptogram_key *parent,
                      const struct cryptogram_key *grandparent, unsigned number,
                      struct cryptogram_key *ret_key)
{
    struct cryptogram_key child = {.algorithm = CRYPTOGRAM_TDES};
    uint8_t input[CRYPTOGRAM_KEY_BYTES];
    memcpy(input, grandparent->value, sizeof input);
    input[HALF - 1] ^= (uint8_t)number;
    input[2 * HALF - 1] ^= (uint8_t)(number ^ 0xF0);
    err e = cryptogram_encrypt(crypto, parent, BYTES_OF(input), child.value);
    if (!FAILED(e)) *ret_key = child;
    cryptogram_key_wipe(&child);
    secret_wipe_bytes(input, sizeof input);
    return e;
}

/* How many leaves a tree has, no more than counters there are; 0 for what is no tree. */
static uint32_t tree_leaves(const struct cryptogram_tree *tree)
{
    uint32_t leaves = 1;
    if (tree->branch < 2 || tree->branch > 15 || tree->height < 2) return 0;
    for (unsigned i = 0; i < tree->height && leaves <= UINT16_MAX; i++) leaves *= tree->branch;
    return leaves;
}

err cryptogram_session_key_tree(struct crypto *crypto, const struct cryptogram_key *card,
                                const struct cryptogram_tree *tree, uint16_t atc,
                                struct cryptogram_key *ret_key)
{
    if (card->algorithm != CRYPTOGRAM_TDES) return ERR(UNSUPPORTED);
    if (atc >= tree_leaves(tree)) return ERR(RANGE);
    CLEANUP(cryptogram_key_wipe) struct cryptogram_key parent = *card, child = {0};
    CLEANUP(cryptogram_key_wipe) struct cryptogram_key grandparent = {.algorithm = CRYPTOGRAM_TDES};
    memcpy(grandparent.value, tree->initial, sizeof grandparent.value);
    for (unsigned level = 1; level <= tree->height; level++) {
        unsigned node = atc;
        for (unsigned up = level; up < tree->height; up++) node /= tree->branch;
        TRY(tree_child(crypto, &parent, &grandparent, node % tree->branch, &child));
        if (level == tree->height) break;
        grandparent = parent;
        parent = child;
    }
    for (size_t i = 0; i < sizeof child.value; i++) child.value[i] ^= grandparent.value[i];
    *ret_key = child;
    return OK;
}

err cryptogram_session_key_visa(const struct cryptogram_key *card, uint16_t atc,
                                struct cryptogram_key *ret_key)
{
    if (card->algorithm != CRYPTOGRAM_TDES) return ERR(UNSUPPORTED);
    *ret_key = *card;
    ret_key->value[HALF - 2] ^= (uint8_t)(atc >> 8);
    ret_key->value[HALF - 1] ^= (uint8_t)atc;
    ret_key->value[2 * HALF - 2] ^= (uint8_t) ~(atc >> 8);
    ret_key->value[2 * HALF - 1] ^= (uint8_t)~atc;
    return OK;
}

static void add_nibble(uint8_t block[HALF], size_t at, unsigned nibble)
{
    block[at / 2] ^= (uint8_t)(at % 2 == 0 ? nibble << 4 : nibble);
}

err cryptogram_visa_pin_block(const struct cryptogram_key *card, const struct pin *pin,
                              const struct pin *current, uint8_t ret_block[8])
{
    ENSURE(pin->len >= PIN_DIGITS_MIN && pin->len <= PIN_DIGITS_MAX);
    if (card->algorithm != CRYPTOGRAM_TDES) return ERR(UNSUPPORTED);
    uint8_t block[HALF] = {pin->len};
    for (size_t i = 2; i < 2 * HALF; i++)
        add_nibble(block, i, i - 2 < pin->len ? pin->digit[i - 2] - (unsigned)'0' : 15u);
    for (size_t i = HALF / 2; i < HALF; i++) block[i] ^= card->value[i];
    for (size_t i = 0; current != NULL && i < current->len; i++)
        add_nibble(block, i, current->digit[i] - (unsigned)'0');
    memcpy(ret_block, block, sizeof block);
    secret_wipe_bytes(block, sizeof block);
    return OK;
}

err cryptogram_cvc3(struct crypto *crypto, const struct cryptogram_key *key,
                    struct bytes track_template, const uint8_t unpredictable[4], uint16_t atc,
                    uint16_t *ret_cvc3)
{
    if (key->algorithm != CRYPTOGRAM_TDES) return ERR(UNSUPPORTED);
    uint8_t mac[CRYPTOGRAM_BYTES], block[HALF];
    TRY(cryptogram_mac(crypto, key, track_template, mac));
    struct writer w = writer_over(block, sizeof block);
    write_bytes(&w, bytes_of(mac + HALF - 2, 2));
    write_bytes(&w, bytes_of(unpredictable, 4));
    write_be(&w, atc, 2);
    TRY(cryptogram_encrypt(crypto, key, writer_view(&w), block));
    *ret_cvc3 = (uint16_t)(block[HALF - 2] << 8 | block[HALF - 1]);
    return OK;
}

err cryptogram_encipher_bare(struct crypto *crypto, const struct cryptogram_key *session,
                             enum cryptogram_fill fill, struct bytes plain, struct writer *w)
{
    if (session->algorithm != CRYPTOGRAM_TDES) return ERR(UNSUPPORTED);
    if (plain.len == 0 || plain.len > CRYPTOGRAM_DATA_MAX) return ERR(LENGTH);
    uint8_t block[CRYPTOGRAM_DATA_MAX + HALF], chain[HALF] = {0};
    struct writer padded = writer_over(block, sizeof block);
    bool whole = fill == CRYPTOGRAM_FILL_NEEDED && plain.len % HALF == 0;
    err e = mac_pad(whole ? MAC_PADDING_1 : MAC_PADDING_2, HALF, plain, &padded);
    for (size_t at = 0; !FAILED(e) && at < padded.len; at += HALF) {
        for (size_t i = 0; i < HALF; i++) chain[i] ^= block[at + i];
        e = cryptogram_encrypt(crypto, session, BYTES_OF(chain), chain);
        memcpy(block + at, chain, HALF);
    }
    if (!FAILED(e)) write_bytes(w, writer_view(&padded));
    secret_wipe_bytes(block, sizeof block);
    return FAILED(e) ? e : (err){w->fault};
}
