/* SPDX-License-Identifier: Apache-2.0 */
/* VERIFY (EMV Book 3, 6.5.12; Book 2, 7): the try is spent before anything is compared. */
#include "lib/crypto/rsa.h"
#include "lib/crypto/secret.h"
#include "simulators/cards/card_internal.h"

enum { PLAIN = 0x80, ENCIPHERED = 0x88, BLOCK = 8, SECRET = 128, SECRET_HEAD = 0x7F };

/* 2L, digits, F to the end. */
static bool pin_of(struct bytes block, char out[13], size_t *ret_len)
{
    if (block.len != BLOCK || block.at[0] >> 4 != 2) return false;
    size_t len = block.at[0] & 0x0F;
    if (len < 4 || len > 12) return false;
    for (size_t i = 0; i < 14; i++) {
        unsigned digit = block.at[1 + i / 2] >> (i % 2 == 0 ? 4 : 0) & 0x0F;
        if (i < len ? digit > 9 : digit != 0xF) return false;
        if (i < len) out[i] = (char)('0' + digit);
    }
    *ret_len = len;
    return true;
}

/* Under the card's own key: 7F, the block, the challenge, padding. */
static bool decipher(struct chip_card *card, struct bytes secret, uint8_t block[BLOCK])
{
    uint8_t plain[SECRET];
    const struct chip_key *key = &chip_keys.card;
    ENSURE(key->modulus.len == SECRET);
    bool challenged = card->challenged;
    card->challenged = false;
    if (!challenged || secret.len != SECRET) return false;
    if (FAILED(rsa_private_raw(key->modulus, key->private_exponent, secret, plain))) return false;
    struct bytes echoed = bytes_of(plain + 1 + BLOCK, CHIP_CHALLENGE);
    bool well = plain[0] == SECRET_HEAD && secret_equal(echoed, BYTES_OF(card->challenge));
    memcpy(block, plain + 1, BLOCK);
    explicit_bzero(plain, sizeof plain);
    return well;
}

static unsigned compare(struct chip_card *card, struct bytes block)
{
    char pin[13];
    size_t len = 0;
    if (!pin_of(block, pin, &len)) return SW_DATA_INVALID;
    card->tries--;
    card->pin_tried = true;
    card->pin_right = secret_equal(bytes_of(pin, len), bytes_text(card->issued.identity.pin));
    explicit_bzero(pin, sizeof pin);
    if (!card->pin_right) return SW_TRIES_LEFT | card->tries;
    card->tries = card->is->tries;
    return SW_OK;
}

unsigned chip_verify(struct chip_card *card, const struct chip_command *c)
{
    uint8_t block[BLOCK];
    if (card->state != CHIP_BEGUN) return SW_STATE;
    if (c->p1 != 0 || (c->p2 != PLAIN && c->p2 != ENCIPHERED)) return SW_PARAMETERS;
    if (card->tries == 0) return SW_PIN_BLOCKED;
    if (c->p2 == PLAIN) return compare(card, c->data);
    if (!decipher(card, c->data, block)) return SW_DATA_INVALID;
    unsigned status = compare(card, BYTES_OF(block));
    explicit_bzero(block, sizeof block);
    return status;
}
