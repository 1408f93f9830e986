/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ACCEPT and ACCEPT_SERIAL: what a financial request of a terminal needs of its keys, in one
 * command. The MAC comes first: of a message that is not the terminal's nothing else is looked at.
 */
#include "hsm/internal.h"
#include "lib/crypto/envelope.h"
#include "lib/crypto/token.h"

enum { BIN_DIGITS = 8, MASK_FIRST = 6, MASK_LAST = 4 };

static bool has_card(const struct hsm_accept *m)
{
    return m->envelope.len > 0 || m->clear_pan.len > 0 || m->clear_track2.len > 0;
}

static bool is_clear(const struct hsm_accept *m)
{
    return m->clear_pan.len > 0 || m->clear_expiry.len > 0 || m->clear_track2.len > 0;
}

/* An envelope with its key and data, only where the suite has envelopes; clear data only elsewhere.
 */
static bool card_parts_fit(const struct hsm_accept *m, const struct hsm_suite_row *suite)
{
    bool envelope = m->envelope.len > 0;
    if (envelope != (m->data_key.len > 0) || envelope != (m->aad.len > 0)) return false;
    if (is_clear(m) && !has_card(m)) return false; /* an expiry without a card */
    return suite->has_data ? !is_clear(m) : !envelope;
}

/* A card needs what seals it again, a PIN needs a card and the keys of both sides. */
static bool zone_parts_fit(const struct hsm_accept *m)
{
    bool zone = m->token_key.len > 0 && m->zone_data_key.len > 0 && m->zone_aad.len > 0;
    bool pin = m->pin_block.len > 0;
    if (has_card(m) && !zone) return false;
    if (pin != (m->pin_key.len > 0)) return false;
    return !pin || (has_card(m) && m->zone_pin_key.len > 0);
}

/* The terminal's side of a message with this key. */
static struct hsm_side side_of(const struct hsm_accept_serial *s, struct bytes key)
{
    return (struct hsm_side){s->accept.suite, key, s->ksn};
}

static enum hsm_status check_mac(struct hsm *hsm, const struct hsm_accept_serial *s,
                                 const struct hsm_suite_row *suite)
{
    const struct hsm_accept *m = &s->accept;
    const struct hsm_side side = side_of(s, m->mac_key);
    CLEANUP(key_wipe) struct key room = {0};
    const struct key *key;
    HSM_TRY(hsm_terminal_key(hsm, &side, DUKPT_MAC_REQUEST, &room, &key));
    err verdict = mac_verify(&hsm->crypto, suite->mac_algorithm, key, m->mac_data, m->mac);
    if (verdict.code == ERR_MAC) return HSM_BAD_MAC;
    return hsm_cipher_status(verdict);
}

/*
 * The plain profile carries the card in fields 2, 14 and 35. Track 2 has nibble D as separator on
 * the wire, and what the other fields leave out stands in it: number, expiry, service code.
 */
static err card_from_clear(const struct hsm_accept *m, struct card_data *ret_card)
{
    CLEANUP(card_data_wipe) struct card_data card = {0};
    TRY(bytes_to_text(m->clear_pan, card.pan, sizeof card.pan));
    TRY(bytes_to_text(m->clear_expiry, card.expiry, sizeof card.expiry));
    TRY(bytes_to_text(m->clear_track2, card.track2, sizeof card.track2));
    for (char *c = card.track2; *c != '\0'; c++)
        if (*c == 'D') *c = '=';
    const char *separator = strchr(card.track2, '=');
    if (separator != NULL) {
        struct bytes number = bytes_of(card.track2, (size_t)(separator - card.track2));
        struct bytes rest = bytes_text(separator + 1);
        if (card.pan[0] == '\0') TRY(bytes_to_text(number, card.pan, sizeof card.pan));
        if (card.expiry[0] == '\0' && rest.len >= 4 && bytes_all_digits(bytes_of(rest.at, 4)))
            memcpy(card.expiry, rest.at, 4);
        if (rest.len >= 7 && bytes_all_digits(bytes_of(rest.at, 7)))
            memcpy(card.service_code, rest.at + 4, 3);
    }
    *ret_card = card;
    return OK;
}

static enum hsm_status take_card(struct hsm *hsm, const struct hsm_accept_serial *s,
                                 struct card_data *ret_card)
{
    const struct hsm_accept *m = &s->accept;
    if (m->envelope.len == 0)
        return FAILED(card_from_clear(m, ret_card)) ? HSM_BAD_ENVELOPE : HSM_OK;
    const struct hsm_side side = side_of(s, m->data_key);
    CLEANUP(key_wipe) struct key room = {0};
    const struct key *key;
    HSM_TRY(hsm_terminal_key(hsm, &side, DUKPT_DATA_REQUEST, &room, &key));
    err opened = envelope_open(&hsm->crypto, key, m->aad, m->envelope, ret_card);
    return FAILED(opened) ? HSM_BAD_ENVELOPE : HSM_OK;
}

/* Room for the parts of the answer. Only `pan` is clear, and it is a view of the card data. */
struct accepted {
    char masked[CARD_PAN_MAX], token[TOKEN_CHARS];
    uint8_t envelope[ENVELOPE_MAX];
    struct pin_block pin_block;
};

static void mask(struct bytes pan, char masked[CARD_PAN_MAX])
{
    for (size_t i = 0; i < pan.len; i++)
        masked[i] = i >= MASK_FIRST && i + MASK_LAST < pan.len ? '*' : (char)pan.at[i];
}

static enum hsm_status give_card(struct hsm *hsm, const struct hsm_accept *m,
                                 const struct card_data *card, struct accepted *room,
                                 struct hsm_accept_answer *answer)
{
    const struct key *token_key, *zone_key;
    struct bytes pan = bytes_text(card->pan);
    HSM_TRY(hsm_take_key(hsm, m->token_key, KEY_USAGE_TOKEN, KEY_HMAC_SHA256, &token_key));
    HSM_TRY(hsm_take_key(hsm, m->zone_data_key, KEY_USAGE_ZONE_DATA, KEY_AES128, &zone_key));
    struct writer w = writer_over(room->envelope, sizeof room->envelope);
    /* Sealing checks the card data: in the plain profile they come from the wire as they are. */
    err sealed = envelope_seal(&hsm->crypto, zone_key, m->zone_aad, card, &w);
    if (FAILED(sealed)) return sealed.code == ERR_CRYPTO ? HSM_FAILED : HSM_BAD_ENVELOPE;
    HSM_TRY(hsm_cipher_status(token_of_pan(&hsm->crypto, token_key, pan, room->token)));
    mask(pan, room->masked);
    answer->pan_masked = bytes_of(room->masked, pan.len);
    answer->token = BYTES_OF(room->token);
    answer->bin = bytes_of(pan.at, BIN_DIGITS);
    answer->zone_envelope = writer_view(&w);
    return HSM_OK;
}

enum hsm_status hsm_answer_clear_card(struct hsm *hsm, struct hsm_header header,
                                      const struct hsm_accept *m, struct writer *response)
{
    CLEANUP(card_data_wipe) struct card_data card = {0};
    struct accepted room;
    struct hsm_accept_answer answer = {0};
    if (FAILED(card_from_clear(m, &card))) return HSM_BAD_ENVELOPE;
    HSM_TRY(give_card(hsm, m, &card, &room, &answer));
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_accept_answer(response, &answer);
    return HSM_OK;
}

static enum hsm_status give_pin(struct hsm *hsm, const struct hsm_accept_serial *s,
                                const struct hsm_suite_row *suite, struct bytes pan,
                                struct accepted *room, struct hsm_accept_answer *answer)
{
    const struct hsm_accept *m = &s->accept;
    const struct hsm_side side = side_of(s, m->pin_key);
    CLEANUP(key_wipe) struct key from_room = {0};
    const struct key *from, *to;
    HSM_TRY(hsm_terminal_key(hsm, &side, DUKPT_PIN, &from_room, &from));
    HSM_TRY(hsm_take_key(hsm, m->zone_pin_key, KEY_USAGE_ZONE_PIN, KEY_AES128, &to));
    err done = pin_block_translate(&hsm->crypto, from, suite->pin_format, m->pin_block, to,
                                   PIN_ISO4, pan, &room->pin_block);
    if (FAILED(done)) return done.code == ERR_CRYPTO ? HSM_FAILED : HSM_BAD_PIN_BLOCK;
    answer->zone_pin_block = bytes_of(room->pin_block.at, room->pin_block.len);
    return HSM_OK;
}

static enum hsm_status accept(struct hsm *hsm, const struct hsm_accept_serial *s,
                              struct hsm_header header, struct writer *response)
{
    const struct hsm_accept *m = &s->accept;
    const struct hsm_suite_row *suite = hsm_suite_row(m->suite);
    if (suite == NULL) return HSM_BAD_REQUEST;
    if (!card_parts_fit(m, suite) || !zone_parts_fit(m)) return HSM_BAD_REQUEST;
    HSM_TRY(check_mac(hsm, s, suite));

    CLEANUP(card_data_wipe) struct card_data card = {0};
    struct accepted room;
    struct hsm_accept_answer answer = {0};
    if (has_card(m)) {
        HSM_TRY(take_card(hsm, s, &card));
        HSM_TRY(give_card(hsm, m, &card, &room, &answer));
    }
    if (m->pin_block.len > 0)
        HSM_TRY(give_pin(hsm, s, suite, bytes_text(card.pan), &room, &answer));
    hsm_write_answer(response, header, HSM_OK);
    hsm_write_accept_answer(response, &answer);
    return HSM_OK;
}

enum hsm_status hsm_do_accept(struct hsm *hsm, struct reader *r, struct hsm_header header,
                              struct writer *response)
{
    struct hsm_accept_serial s = {.ksn = {0}};
    if (FAILED(hsm_read_accept(r, &s.accept))) return HSM_BAD_REQUEST;
    return accept(hsm, &s, header, response);
}

enum hsm_status hsm_do_accept_serial(struct hsm *hsm, struct reader *r, struct hsm_header header,
                                     struct writer *response)
{
    struct hsm_accept_serial s;
    if (FAILED(hsm_read_accept_serial(r, &s)) || s.ksn.len == 0) return HSM_BAD_REQUEST;
    return accept(hsm, &s, header, response);
}
