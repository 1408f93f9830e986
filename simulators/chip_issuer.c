/* SPDX-License-Identifier: Apache-2.0 */
/* Field 55 as its issuer sees it. */
#include "simulators/chip_issuer.h"

#include "lib/base/tlv.h"
#include "lib/crypto/secret.h"
#include "simulators/card_phones.h"
#include "simulators/cards/keys.h"

enum {
    AAC = 0x00,
    TC = 0x40,
    ISSUER_DATA_MIN = 7, /* 9F10: length, key index, version, results with their length */
    COMMAND_MAX = 16,
    SCRIPT_MAX = 40,
};

/* What the card has said, with the keys that it was said under. */
struct read_claim {
    struct cryptogram_input input;
    uint8_t cryptogram[CRYPTOGRAM_BYTES];
    uint8_t information; /* 9F27 */
    uint16_t atc;
    struct cryptogram_key session;
    const struct personality *card;
};

static void read_claim_wipe(struct read_claim *claim)
{
    explicit_bzero(claim, sizeof *claim);
}

static bool take(const struct payment_chip *chip, uint32_t tag, uint8_t *out, size_t len)
{
    struct bytes value = payment_chip_get(chip, tag);
    if (value.len != len) return false;
    memcpy(out, value.at, len);
    return true;
}

static bool take_all(const struct payment_chip *chip, struct read_claim *out)
{
    struct cryptogram_input *in = &out->input;
    const struct {
        uint32_t tag;
        uint8_t *at;
        size_t len;
    } wanted[] = {
        {0x9F02, in->amount, sizeof in->amount},
        {0x9F03, in->amount_other, sizeof in->amount_other},
        {0x9F1A, in->terminal_country, sizeof in->terminal_country},
        {0x95, in->tvr, sizeof in->tvr},
        {0x5F2A, in->currency, sizeof in->currency},
        {0x9A, in->date, sizeof in->date},
        {0x9C, &in->type, 1},
        {0x9F37, in->unpredictable, sizeof in->unpredictable},
        {0x82, in->aip, sizeof in->aip},
        {0x9F36, in->atc, sizeof in->atc},
        {0x9F26, out->cryptogram, sizeof out->cryptogram},
        {0x9F27, &out->information, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        if (!take(chip, wanted[i].tag, wanted[i].at, wanted[i].len)) return false;
    struct bytes issuer = payment_chip_get(chip, 0x9F10);
    if (issuer.len < ISSUER_DATA_MIN || issuer.at[3] != 3) return false;
    in->cvr = bytes_of(issuer.at + 3, 4);
    out->atc = (uint16_t)(in->atc[0] << 8 | in->atc[1]);
    return true;
}

static err session_key(struct crypto *crypto, const struct cryptogram_key *issuer,
                       const struct chip_claim *claim, uint16_t atc, struct cryptogram_key *out)
{
    CLEANUP(cryptogram_key_wipe) struct cryptogram_key card;
    TRY(cryptogram_card_key(crypto, issuer, claim->pan, claim->sequence, &card));
    return cryptogram_session_key(crypto, &card, atc, out);
}

/* NULL: all is there, and the cryptogram is the card's. */
static const char *read_claim(struct crypto *crypto, const struct chip_claim *claim,
                              struct read_claim *out)
{
    uint8_t expected[CRYPTOGRAM_BYTES];
    out->card = personality_of(claim->pan, claim->sequence);
    if (out->card == NULL) return "14";
    if (!take_all(claim->chip, out)) return "30";
    err done = session_key(crypto, &chip_keys.cryptogram, claim, out->atc, &out->session);
    if (!FAILED(done)) done = cryptogram_generate(crypto, &out->session, &out->input, expected);
    if (FAILED(done)) return "96";
    return secret_equal(BYTES_OF(expected), BYTES_OF(out->cryptogram)) ? NULL : "59";
}

static int64_t amount_of(const uint8_t bcd[6])
{
    int64_t amount = 0;
    for (size_t i = 0; i < 6; i++) amount = amount * 100 + (bcd[i] >> 4) * 10 + (bcd[i] & 0x0F);
    return amount;
}

const char *chip_judge(struct crypto *crypto, const struct chip_claim *claim, uint16_t last_atc,
                       uint16_t *ret_atc)
{
    CLEANUP(read_claim_wipe) struct read_claim read = {0};
    const char *refused = read_claim(crypto, claim, &read);
    if (refused != NULL) return refused;
    if (read.atc <= last_atc) return "59";
    *ret_atc = read.atc;
    if (amount_of(read.input.amount) != claim->amount_minor) return "13";
    return (read.information & 0xC0) == AAC ? "05" : NULL;
}

const char *chip_judge_advice(struct crypto *crypto, const struct chip_claim *claim,
                              uint16_t *ret_atc)
{
    CLEANUP(read_claim_wipe) struct read_claim read = {0};
    const char *refused = read_claim(crypto, claim, &read);
    if (refused != NULL) return refused;
    *ret_atc = read.atc;
    if (amount_of(read.input.amount) != claim->amount_minor) return "13";
    return (read.information & 0xC0) == TC ? NULL : "05";
}

/* ---- a code ---- */

/* 9F27 may be left out of a code: what has no other meaning need not be said. */
static bool take_code(const struct payment_chip *chip, struct read_claim *out)
{
    struct cryptogram_input *in = &out->input;
    struct bytes issuer = payment_chip_get(chip, 0x9F10);
    if (!take(chip, 0x9F37, in->unpredictable, sizeof in->unpredictable) ||
        !take(chip, 0x82, in->aip, sizeof in->aip) ||
        !take(chip, 0x9F36, in->atc, sizeof in->atc) ||
        !take(chip, 0x9F26, out->cryptogram, sizeof out->cryptogram))
        return false;
    if (issuer.len < ISSUER_DATA_MIN || issuer.at[3] != 3) return false;
    in->cvr = bytes_of(issuer.at + 3, 4);
    out->atc = (uint16_t)(in->atc[0] << 8 | in->atc[1]);
    return true;
}

/* Seconds since the code was made; less than nothing: it is from the future. */
static int64_t age_s(const struct read_claim *read, int64_t now_ms)
{
    struct reader r = reader_over(BYTES_OF(read->input.unpredictable));
    uint32_t made = (uint32_t)read_be(&r, 4);
    return (int32_t)((uint32_t)(now_ms / 1000) - made);
}

const char *chip_judge_code(struct crypto *crypto, const struct chip_claim *claim,
                            uint16_t last_atc, int64_t now_ms, uint16_t *ret_atc)
{
    CLEANUP(read_claim_wipe) struct read_claim read = {0};
    uint8_t expected[CRYPTOGRAM_BYTES];
    if (card_phone_of(claim->pan, claim->sequence) == NULL) return "14";
    if (!take_code(claim->chip, &read)) return "30";
    err done = session_key(crypto, &chip_keys.cryptogram, claim, read.atc, &read.session);
    if (!FAILED(done)) done = cryptogram_generate(crypto, &read.session, &read.input, expected);
    if (FAILED(done)) return "96";
    if (!secret_equal(BYTES_OF(expected), BYTES_OF(read.cryptogram))) return "59";
    if (read.atc <= last_atc) return "14";
    *ret_atc = read.atc;
    int64_t age = age_s(&read, now_ms);
    return age < -CARD_PHONE_AHEAD_S || age > CARD_PHONE_LIFE_S ? "14" : NULL;
}

/* ---- the answer ---- */

/* 71 or 72: identifier and one command with its MAC. */
static err write_script(struct crypto *crypto, const struct chip_claim *claim,
                        const struct read_claim *read, struct writer *w)
{
    static const struct {
        uint8_t header[5], template;
    } scripts[] = {
        [CHIP_SCRIPT_UNBLOCK_PIN] = {{0x84, 0x24, 0x00, 0x00, CRYPTOGRAM_SCRIPT_MAC}, 0x71},
        [CHIP_SCRIPT_BLOCK_APPLICATION] = {{0x84, 0x1E, 0x00, 0x00, CRYPTOGRAM_SCRIPT_MAC}, 0x72},
    };
    CLEANUP(cryptogram_key_wipe) struct cryptogram_key session;
    uint8_t command[COMMAND_MAX], content[SCRIPT_MAX], mac[CRYPTOGRAM_SCRIPT_MAC];
    const uint8_t *header = scripts[read->card->script].header;
    TRY(session_key(crypto, &chip_keys.script_mac, claim, read->atc, &session));
    TRY(cryptogram_script_mac(crypto, &session, header, read->atc, read->cryptogram,
                              (struct bytes){0}, mac));
    struct writer c = writer_over(command, sizeof command);
    write_bytes(&c, bytes_of(header, sizeof scripts[0].header));
    write_bytes(&c, BYTES_OF(mac));
    struct writer s = writer_over(content, sizeof content);
    tlv_write(&s, 0x9F18, BYTES("\0\0\0\x01"));
    tlv_write(&s, 0x86, writer_view(&c));
    tlv_write(w, scripts[read->card->script].template, writer_view(&s));
    ENSURE(c.fault == ERR_OK && s.fault == ERR_OK);
    return (err){w->fault};
}

err chip_reply(struct crypto *crypto, const struct chip_claim *claim, const char response_code[3],
               struct payment_chip *out)
{
    CLEANUP(read_claim_wipe) struct read_claim read = {0};
    uint8_t authentication[CRYPTOGRAM_BYTES + 2];
    struct payment_chip reply = {0};
    const char *refused = read_claim(crypto, claim, &read);
    if (refused != NULL && strcmp(refused, "96") == 0) return ERR(CRYPTO);
    if (refused != NULL) {
        *out = reply;
        return OK;
    }
    memcpy(authentication + CRYPTOGRAM_BYTES, response_code, 2);
    TRY(cryptogram_arpc(crypto, &read.session, read.cryptogram, authentication + CRYPTOGRAM_BYTES,
                        authentication));
    struct writer w = writer_over(reply.at, sizeof reply.at);
    tlv_write(&w, 0x91, BYTES_OF(authentication));
    bool approved = strcmp(response_code, "00") == 0;
    if (approved && read.card->script != CHIP_SCRIPT_NONE)
        TRY(write_script(crypto, claim, &read, &w));
    TRY((err){w.fault});
    reply.len = (uint8_t)w.len;
    *out = reply;
    return OK;
}
