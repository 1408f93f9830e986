/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cryptograms and signatures: GENERATE AC, the tap (GPO of a contactless card), INTERNAL and
 * EXTERNAL AUTHENTICATE.
 */
#include "lib/crypto/rsa.h"
#include "lib/crypto/secret.h"
#include "lib/emv/dol.h"
#include "simulators/cards/card_internal.h"

enum { HASH = 20, SIGNED_MAX = 128, CDA = 0x10, DYNAMIC_MAX = 64 };

/* ---- lists ---- */

struct bytes chip_listed(struct bytes list, struct bytes data, uint32_t tag)
{
    struct reader names = reader_over(list), values = reader_over(data);
    struct emv_dol_entry entry;
    while (emv_dol_next(&names, &entry)) {
        struct bytes value = read_bytes(&values, entry.len);
        if (values.fault != ERR_OK) break;
        if (entry.tag == tag) return value;
    }
    return (struct bytes){0};
}

static size_t listed_length(struct bytes list)
{
    size_t len = 0;
    err done = emv_dol_length(list, &len);
    ENSURE(!FAILED(done)); /* our own list */
    return len;
}

static void take(struct bytes list, struct bytes data, uint32_t tag, uint8_t *out, size_t len)
{
    struct bytes value = chip_listed(list, data, tag);
    ENSURE(value.len == len); /* our own lists, and their lengths have been looked at */
    memcpy(out, value.at, len);
}

static int64_t amount_of(struct bytes list, struct bytes data)
{
    uint8_t bcd[6];
    int64_t amount = 0;
    take(list, data, 0x9F02, bcd, sizeof bcd);
    for (size_t i = 0; i < sizeof bcd; i++)
        amount = amount * 100 + (bcd[i] >> 4) * 10 + (bcd[i] & 15);
    return amount;
}

/* ---- cryptograms ---- */

/* Two bits of what the second, then the first GENERATE AC gave: 00 AAC, 01 TC, 10 ARQC or none. */
static void set_results(struct chip_card *card, enum chip_cryptogram given, bool second)
{
    uint8_t bits = given == CHIP_AAC ? 0 : given == CHIP_TC ? 1 : 2;
    uint8_t flags = (uint8_t)(card->authentication_failed << 3 | card->pin_tried << 2 |
                              (card->pin_tried && !card->pin_right) << 1 | card->offline);
    card->cvr[0] = 3;
    card->cvr[1] = (uint8_t)((second ? bits << 6 | 2 << 4 : 2 << 6 | bits << 4) | flags);
    card->cvr[2] = card->is->tries > 0 && card->tries == 0 ? 0x40 : 0x00;
    card->cvr[3] = 0;
}

static err compute(struct chip_card *card, struct bytes list, struct bytes data,
                   uint8_t out[CRYPTOGRAM_BYTES])
{
    struct cryptogram_input in = {.cvr = bytes_of(card->cvr, sizeof card->cvr)};
    CLEANUP(cryptogram_key_wipe) struct cryptogram_key session;
    take(list, data, 0x9F02, in.amount, sizeof in.amount);
    take(list, data, 0x9F03, in.amount_other, sizeof in.amount_other);
    take(list, data, 0x9F1A, in.terminal_country, sizeof in.terminal_country);
    take(list, data, 0x95, in.tvr, sizeof in.tvr);
    take(list, data, 0x5F2A, in.currency, sizeof in.currency);
    take(list, data, 0x9A, in.date, sizeof in.date);
    take(list, data, 0x9C, &in.type, 1);
    take(list, data, 0x9F37, in.unpredictable, sizeof in.unpredictable);
    const struct chip_application *a =
        card->interface == CHIP_CONTACT ? &card->issued.contact : &card->issued.contactless;
    memcpy(in.aip, a->aip, sizeof in.aip);
    in.atc[0] = (uint8_t)(card->atc >> 8);
    in.atc[1] = (uint8_t)card->atc;
    TRY(cryptogram_session_key(card->crypto, &card->issued.cryptogram, card->atc, &session));
    return cryptogram_generate(card->crypto, &session, &in, out);
}

/* 9F10: key index, version, results, algorithm. */
static void write_issuer_data(const struct chip_card *card, struct writer *w)
{
    write_be(w, 0x070101, 3);
    write_bytes(w, BYTES_OF(card->cvr));
    write_be(w, 0x01, 1);
}

static void write_plain(const struct chip_card *card, enum chip_cryptogram given,
                        const uint8_t ac[CRYPTOGRAM_BYTES], struct writer *w)
{
    uint8_t value[32];
    struct writer v = writer_over(value, sizeof value);
    write_be(&v, given, 1);
    write_be(&v, card->atc, 2);
    write_bytes(&v, bytes_of(ac, CRYPTOGRAM_BYTES));
    write_issuer_data(card, &v);
    tlv_write(w, 0x80, writer_view(&v));
}

static void tlv_number(struct writer *w, uint32_t tag, unsigned value, size_t width)
{
    const uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    tlv_write(w, tag, bytes_of(bytes + 2 - width, width));
}

err chip_sign(struct bytes dynamic, const struct bytes *more, size_t parts, uint8_t *out)
{
    const struct chip_key *key = &chip_keys.card;
    uint8_t plain[SIGNED_MAX];
    struct bytes hashed[6];
    ENSURE(key->modulus.len == SIGNED_MAX && parts < ARRAY_LEN(hashed));
    ENSURE(dynamic.len <= SIGNED_MAX - 25);
    memset(plain, 0xBB, sizeof plain);
    const uint8_t head[] = {0x6A, 0x05, 0x01, (uint8_t)dynamic.len};
    memcpy(plain, head, sizeof head);
    memcpy(plain + sizeof head, dynamic.at, dynamic.len);
    hashed[0] = bytes_of(plain + 1, sizeof plain - HASH - 2);
    for (size_t i = 0; i < parts; i++) hashed[i + 1] = more[i];
    TRY(rsa_sha1(hashed, parts + 1, plain + sizeof plain - HASH - 1));
    plain[sizeof plain - 1] = 0xBC;
    return rsa_private_raw(key->modulus, key->private_exponent, BYTES_OF(plain), out);
}

/* Combined: the signature covers the cryptogram, and a hash of all that went both ways. Book 2,
 * 6.6.1. The card has no PDOL. */
static err write_combined(const struct chip_card *card, enum chip_cryptogram given,
                          const uint8_t ac[CRYPTOGRAM_BYTES], struct bytes cdol2,
                          struct bytes unpredictable, struct writer *w)
{
    uint8_t before[16], after[16], value[CHIP_ANSWER_MAX], issuer[8], hash[HASH];
    uint8_t dynamic[DYNAMIC_MAX], signature[SIGNED_MAX];
    struct writer b = writer_over(before, sizeof before), a = writer_over(after, sizeof after);
    struct writer i = writer_over(issuer, sizeof issuer);
    tlv_number(&b, 0x9F27, given, 1);
    tlv_number(&b, 0x9F36, card->atc, 2);
    write_issuer_data(card, &i);
    tlv_write(&a, 0x9F10, writer_view(&i));
    const struct bytes exchanged[] = {bytes_of(card->cdol1, card->cdol1_len), cdol2,
                                      writer_view(&b), writer_view(&a)};
    TRY(rsa_sha1(exchanged, ARRAY_LEN(exchanged), hash));

    struct writer d = writer_over(dynamic, sizeof dynamic);
    write_prefixed(&d, 1, BYTES_OF(card->dynamic_number));
    write_be(&d, given, 1);
    write_bytes(&d, bytes_of(ac, CRYPTOGRAM_BYTES));
    write_bytes(&d, BYTES_OF(hash));
    TRY(chip_sign(writer_view(&d), &unpredictable, 1, signature));
    if (card->is->lie == CHIP_LIES_FDDA) signature[1] ^= 1;

    struct writer v = writer_over(value, sizeof value);
    write_bytes(&v, writer_view(&b));
    tlv_write(&v, 0x9F4B, BYTES_OF(signature));
    write_bytes(&v, writer_view(&a));
    tlv_write(w, 0x77, writer_view(&v));
    return (err){v.fault != ERR_OK ? v.fault : w->fault};
}

/* ---- what it grants ---- */

/* Never more than was asked for: TC > ARQC > AAC. */
static enum chip_cryptogram first_answer(struct chip_card *card, const struct chip_command *c)
{
    const struct personality *is = card->is;
    unsigned asked = c->p1 & 0xC0;
    int64_t amount = amount_of(chip_cdol1, c->data);
    ENSURE(c->data.len <= sizeof card->cdol1);
    memcpy(card->cdol1, c->data.at, c->data.len);
    card->cdol1_len = c->data.len;
    if (is->lie == CHIP_LIES_UPGRADE) return CHIP_TC;
    if (asked == CHIP_AAC || is->declines) return CHIP_AAC;
    if (asked == CHIP_TC && amount <= is->contact_offline_minor) return CHIP_TC;
    return CHIP_ARQC;
}

static enum chip_cryptogram second_answer(struct chip_card *card, const struct chip_command *c)
{
    unsigned asked = c->p1 & 0xC0;
    struct bytes arc = chip_listed(chip_cdol2, c->data, 0x8A);
    card->offline = arc.at[0] == 'Y' || arc.at[0] == 'Z';
    if (card->is->lie == CHIP_LIES_UPGRADE) return CHIP_TC;
    /* Its issuer was not heard: the amount must be one that it may approve by itself. */
    bool alone = card->offline && amount_of(chip_cdol2, c->data) > card->is->contact_offline_minor;
    if (alone) return CHIP_AAC;
    return asked == CHIP_TC && !card->authentication_failed ? CHIP_TC : CHIP_AAC;
}

static bool well_asked(const struct chip_card *card, const struct chip_command *c, bool second)
{
    unsigned asked = c->p1 & 0xC0;
    if (c->p2 != 0 || asked == 0xC0 || (c->p1 & 0x2F) != 0) return false;
    if (second && asked == CHIP_ARQC) return false;
    return (c->p1 & CDA) == 0 || card->is->auth == CHIP_AUTH_CDA;
}

static err answer_ac(struct chip_card *card, const struct chip_command *c, bool second,
                     enum chip_cryptogram given, struct writer *w)
{
    uint8_t ac[CRYPTOGRAM_BYTES];
    struct bytes list = second ? chip_cdol2 : chip_cdol1;
    set_results(card, given, second);
    TRY(compute(card, list, c->data, ac));
    if (given == CHIP_ARQC) memcpy(card->arqc, ac, sizeof ac);
    if ((c->p1 & CDA) == 0 || given == CHIP_AAC) {
        write_plain(card, given, ac, w);
        return (err){w->fault};
    }
    return write_combined(card, given, ac, second ? c->data : (struct bytes){0},
                          chip_listed(list, c->data, 0x9F37), w);
}

unsigned chip_generate_ac(struct chip_card *card, const struct chip_command *c, struct writer *w)
{
    bool second = card->state == CHIP_ASKED;
    struct bytes list = second ? chip_cdol2 : chip_cdol1;
    if (card->interface != CHIP_CONTACT || (card->state != CHIP_BEGUN && !second)) return SW_STATE;
    if (!well_asked(card, c, second)) return SW_PARAMETERS;
    if (c->data.len != listed_length(list)) return SW_LENGTH;
    enum chip_cryptogram given = second ? second_answer(card, c) : first_answer(card, c);
    if (FAILED(answer_ac(card, c, second, given, w))) return SW_BROKEN;
    if (second && card->authenticated) card->last_online_atc = card->atc;
    card->state = given == CHIP_ARQC ? CHIP_ASKED : CHIP_ENDED;
    return SW_OK;
}

/* ---- the tap ---- */

/* Offline up to its limit, unless the terminal wants a cryptogram for its host. */
static enum chip_cryptogram tap_answer(const struct chip_card *card, struct bytes data)
{
    uint8_t qualifiers[4];
    take(chip_pdol, data, 0x9F66, qualifiers, sizeof qualifiers);
    if (card->is->declines) return CHIP_AAC;
    bool online = (qualifiers[1] & 0x80) != 0;
    if (!online && amount_of(chip_pdol, data) <= card->is->contactless_offline_minor)
        return CHIP_TC;
    return (qualifiers[0] & 0x08) != 0 ? CHIP_AAC : CHIP_ARQC; /* a terminal without a host */
}

/* 9F6C: online when the signature fails; a PIN or the telephone's own check when one is wanted. */
static void card_qualifiers(const struct chip_card *card, struct bytes data, uint8_t out[2])
{
    uint8_t qualifiers[4];
    take(chip_pdol, data, 0x9F66, qualifiers, sizeof qualifiers);
    bool wanted = (qualifiers[1] & 0x40) != 0;
    out[0] = 0x20;
    out[1] = 0;
    if (wanted && card->is->online_pin && !card->is->on_device) out[0] |= 0x80;
    if (card->is->on_device) out[1] |= 0x80;
}

static err sign_tap(struct chip_card *card, struct bytes data, const uint8_t qualifiers[2],
                    uint8_t signature[SIGNED_MAX])
{
    struct writer v = writer_over(card->signed_version, sizeof card->signed_version);
    uint8_t own[4];
    random_fill(&card->random, own, sizeof own);
    write_be(&v, 1, 1);
    write_bytes(&v, BYTES_OF(own));
    write_bytes(&v, bytes_of(qualifiers, 2));
    write_be(&v, 0, 1);
    const uint8_t dynamic[] = {2, (uint8_t)(card->atc >> 8), (uint8_t)card->atc};
    const struct bytes vouched[] = {chip_listed(chip_pdol, data, 0x9F37),
                                    chip_listed(chip_pdol, data, 0x9F02),
                                    chip_listed(chip_pdol, data, 0x5F2A), writer_view(&v)};
    TRY(chip_sign(BYTES_OF(dynamic), vouched, ARRAY_LEN(vouched), signature));
    if (card->is->lie == CHIP_LIES_FDDA) signature[1] ^= 1;
    if (card->is->lie == CHIP_LIES_VERSION) card->signed_version[0] = 0;
    return OK;
}

static void write_tap(const struct chip_card *card, enum chip_cryptogram given,
                      const uint8_t ac[CRYPTOGRAM_BYTES], const uint8_t qualifiers[2],
                      const uint8_t signature[SIGNED_MAX], struct writer *w)
{
    const struct chip_application *a = &card->issued.contactless;
    unsigned sequence = card->issued.identity.sequence;
    uint8_t value[CHIP_ANSWER_MAX], issuer[8];
    struct writer v = writer_over(value, sizeof value), i = writer_over(issuer, sizeof issuer);
    write_issuer_data(card, &i);
    tlv_write(&v, 0x82, BYTES_OF(a->aip));
    tlv_write(&v, 0x94, bytes_of(a->afl, a->afl_len));
    tlv_write(&v, 0x57, bytes_of(card->issued.track2, card->issued.track2_len));
    tlv_number(&v, 0x5F34, sequence / 10 * 16 + sequence % 10, 1);
    tlv_write(&v, 0x9F10, writer_view(&i));
    tlv_write(&v, 0x9F26, bytes_of(ac, CRYPTOGRAM_BYTES));
    tlv_number(&v, 0x9F27, given, 1);
    tlv_number(&v, 0x9F36, card->atc, 2);
    tlv_write(&v, 0x9F6C, bytes_of(qualifiers, 2));
    tlv_write(&v, 0x9F4B, bytes_of(signature, SIGNED_MAX));
    tlv_write(w, 0x77, writer_view(&v));
    if (v.fault != ERR_OK) writer_fail(w, v.fault);
}

unsigned chip_tap(struct chip_card *card, struct bytes pdol_data, struct writer *w)
{
    uint8_t ac[CRYPTOGRAM_BYTES], qualifiers[2], signature[SIGNED_MAX];
    if (pdol_data.len != listed_length(chip_pdol)) return SW_LENGTH;
    enum chip_cryptogram given = tap_answer(card, pdol_data);
    card_qualifiers(card, pdol_data, qualifiers);
    set_results(card, given, false);
    if (FAILED(compute(card, chip_pdol, pdol_data, ac))) return SW_BROKEN;
    if (FAILED(sign_tap(card, pdol_data, qualifiers, signature))) return SW_BROKEN;
    if (given == CHIP_ARQC) memcpy(card->arqc, ac, sizeof ac);
    write_tap(card, given, ac, qualifiers, signature, w);
    card->state = given == CHIP_ARQC ? CHIP_ASKED : CHIP_ENDED;
    return SW_OK;
}

/* ---- authentication, both ways ---- */

unsigned chip_internal_authenticate(struct chip_card *card, const struct chip_command *c,
                                    struct writer *w)
{
    uint8_t dynamic[DYNAMIC_MAX], signature[SIGNED_MAX];
    if (card->state != CHIP_BEGUN || card->is->auth < CHIP_AUTH_DDA) return SW_STATE;
    if (c->p1 != 0 || c->p2 != 0) return SW_PARAMETERS;
    if (c->data.len != listed_length(chip_ddol)) return SW_LENGTH;
    struct writer d = writer_over(dynamic, sizeof dynamic);
    write_prefixed(&d, 1, BYTES_OF(card->dynamic_number));
    if (FAILED(chip_sign(writer_view(&d), &c->data, 1, signature))) return SW_BROKEN;
    if (card->is->lie == CHIP_LIES_FDDA) signature[1] ^= 1;
    tlv_write(w, 0x80, BYTES_OF(signature));
    return SW_OK;
}

/* Once, between the two cryptograms: what proves that the answer is the issuer's. */
unsigned chip_external_authenticate(struct chip_card *card, const struct chip_command *c)
{
    CLEANUP(cryptogram_key_wipe) struct cryptogram_key session;
    uint8_t arpc[CRYPTOGRAM_BYTES];
    if (card->state != CHIP_ASKED || card->authenticated || card->authentication_failed)
        return SW_STATE;
    if (c->p1 != 0 || c->p2 != 0) return SW_PARAMETERS;
    if (c->data.len != sizeof arpc + 2) return SW_LENGTH;
    const struct cryptogram_key *own = &card->issued.cryptogram;
    err done = cryptogram_session_key(card->crypto, own, card->atc, &session);
    if (!FAILED(done))
        done = cryptogram_arpc(card->crypto, &session, card->arqc, c->data.at + sizeof arpc, arpc);
    if (FAILED(done)) return SW_BROKEN;
    card->authenticated = secret_equal(BYTES_OF(arpc), bytes_of(c->data.at, sizeof arpc));
    card->authentication_failed = !card->authenticated;
    return card->authenticated ? SW_OK : SW_ISSUER_FAILED;
}
