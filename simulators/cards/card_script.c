/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands of the issuer (EMV Book 2, 9; Book 3, 6.5): each ends with four bytes of MAC, and is
 * taken only between or after the cryptograms of one online transaction.
 */
#include "lib/crypto/secret.h"
#include "simulators/cards/card_internal.h"

enum instruction {
    CARD_BLOCK = 0x16,
    APPLICATION_UNBLOCK = 0x18,
    APPLICATION_BLOCK = 0x1E,
    PIN_CHANGE = 0x24,
    PUT_DATA = 0xDA,
};

enum { WITH_MAC = 0x84, UNBLOCK_ONLY = 0x00, NEW_PIN = 0x02, MAC = CRYPTOGRAM_SCRIPT_MAC };

bool chip_is_script(const struct chip_command *c)
{
    if (c->cla != WITH_MAC && c->cla != 0x04) return false;
    switch (c->ins) {
    case CARD_BLOCK:
    case APPLICATION_UNBLOCK:
    case APPLICATION_BLOCK:
    case PIN_CHANGE:
    case PUT_DATA:
        return true;
    default:
        return false;
    }
}

static bool mac_right(const struct chip_card *card, const struct chip_command *c, struct bytes data)
{
    CLEANUP(cryptogram_key_wipe) struct cryptogram_key session;
    uint8_t mac[MAC];
    err done = cryptogram_session_key(card->crypto, &card->issued.script_mac, card->atc, &session);
    if (!FAILED(done))
        done = cryptogram_script_mac(card->crypto, &session, c->header, card->atc, card->arqc, data,
                                     mac);
    return !FAILED(done) && secret_equal(BYTES_OF(mac), bytes_of(c->data.at + data.len, MAC));
}

/* The new PIN comes as a block of format 2, enciphered. */
static unsigned change_pin(struct chip_card *card, struct bytes secret)
{
    CLEANUP(cryptogram_key_wipe) struct cryptogram_key session;
    uint8_t block[16];
    size_t len = 0;
    err done =
        cryptogram_session_key(card->crypto, &card->issued.script_secret, card->atc, &session);
    if (!FAILED(done))
        done = cryptogram_decipher(card->crypto, &session, secret, block, sizeof block, &len);
    if (FAILED(done) || len != 8 || block[0] >> 4 != 2) return SW_DATA_INVALID;
    size_t digits = block[0] & 0x0F;
    if (digits < 4 || digits > 12) return SW_DATA_INVALID;
    char *pin = card->issued.identity.pin;
    explicit_bzero(pin, sizeof card->issued.identity.pin);
    for (size_t i = 0; i < digits; i++)
        pin[i] = (char)('0' + ((block[1 + i / 2] >> (i % 2 == 0 ? 4 : 0)) & 0x0F));
    explicit_bzero(block, sizeof block);
    card->tries = card->is->tries;
    return SW_OK;
}

static unsigned put_data(struct chip_card *card, const struct chip_command *c, struct bytes data)
{
    uint16_t tag = (uint16_t)(c->p1 << 8 | c->p2);
    if (tag == 0 || data.len == 0 || data.len > CHIP_STORED_BYTES) return SW_DATA_INVALID;
    struct chip_stored *place = NULL;
    for (size_t i = 0; i < CHIP_STORED; i++) {
        struct chip_stored *s = &card->stored[i];
        if (s->tag == tag) place = s;
        if (s->tag == 0 && place == NULL) place = s;
    }
    if (place == NULL) return SW_NO_DATA;
    *place = (struct chip_stored){.tag = tag, .len = (uint8_t)data.len};
    memcpy(place->value, data.at, data.len);
    return SW_OK;
}

static unsigned obey(struct chip_card *card, const struct chip_command *c, struct bytes data)
{
    switch ((enum instruction)c->ins) {
    case CARD_BLOCK:
        card->card_blocked = true;
        return SW_OK;
    case APPLICATION_BLOCK:
        card->application_blocked = true;
        return SW_OK;
    case APPLICATION_UNBLOCK:
        card->application_blocked = false;
        return SW_OK;
    case PIN_CHANGE:
        if (c->p2 == NEW_PIN) return change_pin(card, data);
        if (c->p2 != UNBLOCK_ONLY) return SW_PARAMETERS;
        card->tries = card->is->tries;
        return SW_OK;
    case PUT_DATA:
        return put_data(card, c, data);
    }
    return SW_INSTRUCTION;
}

unsigned chip_script(struct chip_card *card, const struct chip_command *c)
{
    /* Nothing was asked of an issuer: there is no cryptogram that a MAC could be bound to. */
    bool online = card->state == CHIP_ASKED || (card->state == CHIP_ENDED && card->authenticated);
    if (!online) return SW_STATE;
    if (c->data.len < MAC) return SW_LENGTH;
    struct bytes data = bytes_of(c->data.at, c->data.len - MAC);
    if (!mac_right(card, c, data)) return SW_MAC;
    return obey(card, c, data);
}
