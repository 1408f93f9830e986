/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and signatures of cards: recovered by the public operation, then checked step by
 * step in the order of EMV Book 2. */
#include "lib/emv/certificate.h"

#include "lib/emv/pan.h"

enum {
    HEADER = 0x6A,
    TRAILER = 0xBC,
    PADDING = 0xBB,
    CERTIFICATE_ISSUER = 2,
    SIGNED_STATIC = 3,
    CERTIFICATE_CARD = 4,
    SIGNED_DYNAMIC = 5,
    HASH_SHA1 = 1,
    ALGORITHM_RSA = 1,
    PARTS_MAX = 8,
};

/* A recovered block between header and trailer, and where its hash stands. */
struct recovered {
    struct bytes body; /* from the format number to the byte before the hash */
    struct bytes hash;
};

/* Steps 1 to 4 of every recovery: length, operation, trailer, header, format. */
static err recover(struct bytes modulus, struct bytes exponent, struct bytes signature,
                   uint8_t format, uint8_t *block, struct recovered *out)
{
    if (signature.len != modulus.len) return ERR(LENGTH);
    err e = rsa_public_raw(modulus, exponent, signature, block);
    if (e.code == ERR_RANGE || e.code == ERR_KEY) return ERR(FORMAT);
    TRY(e);
    size_t len = modulus.len;
    if (block[0] != HEADER || block[len - 1] != TRAILER || block[1] != format) return ERR(FORMAT);
    out->body = bytes_of(block + 1, len - 2 - RSA_SHA1_BYTES);
    out->hash = bytes_of(block + len - 1 - RSA_SHA1_BYTES, RSA_SHA1_BYTES);
    return OK;
}

static err check_hash(const struct recovered *r, const struct bytes *part, size_t parts)
{
    struct bytes all[PARTS_MAX] = {r->body};
    uint8_t digest[RSA_SHA1_BYTES];
    ENSURE(parts < PARTS_MAX);
    for (size_t i = 0; i < parts; i++) all[1 + i] = part[i];
    TRY(rsa_sha1(all, 1 + parts, digest));
    return bytes_equal(BYTES_OF(digest), r->hash) ? OK : ERR(MAC);
}

/* MMYY, packed, is valid up to the end of its month (5.3 step 8). */
static err check_expiry(struct bytes mmyy, const uint8_t date[3])
{
    unsigned month = mmyy.at[0], year = mmyy.at[1];
    if (month < 0x01 || month > 0x12 || (month & 15) > 9 || (year & 15) > 9 || year > 0x99)
        return ERR(FORMAT);
    /* Cards of 1950 to 1999 have all expired. */
    if (year >= 0x50 || year < date[0] || (year == date[0] && month < date[1])) return ERR(RANGE);
    return OK;
}

/*
 * The key inside a certificate: its lengths, the leftmost digits, and the remainder (92, 9F48,
 * 9F2F) that did not fit.
 */
struct carried {
    size_t modulus_len, exponent_len;
    struct bytes leftmost;
    struct bytes remainder, exponent;
};

static err check_leftmost(const struct carried *c)
{
    if (c->modulus_len <= c->leftmost.len) {
        for (size_t i = c->modulus_len; i < c->leftmost.len; i++)
            if (c->leftmost.at[i] != PADDING) return ERR(FORMAT);
        return c->remainder.len == 0 ? OK : ERR(LENGTH);
    }
    if (c->remainder.len == 0) return ERR(MISSING);
    return c->remainder.len == c->modulus_len - c->leftmost.len ? OK : ERR(LENGTH);
}

static err build_key(const struct carried *c, size_t signer_len, struct emv_key *ret_key)
{
    struct emv_key key = {0};
    /* N_IC <= N_I <= N_CA (Book 2, annex D1). */
    if (c->modulus_len > signer_len || c->modulus_len > EMV_KEY_BYTES_MAX) return ERR(LENGTH);
    TRY(check_leftmost(c));
    if (c->exponent.len != c->exponent_len) return ERR(LENGTH);
    size_t left = c->modulus_len < c->leftmost.len ? c->modulus_len : c->leftmost.len;
    memcpy(key.modulus, c->leftmost.at, left);
    if (c->modulus_len > left) memcpy(key.modulus + left, c->remainder.at, c->remainder.len);
    memcpy(key.exponent, c->exponent.at, c->exponent.len);
    key.modulus_len = (uint8_t)c->modulus_len;
    key.exponent_len = (uint8_t)c->exponent.len;
    if (!rsa_public_valid(emv_key_modulus(&key), c->exponent)) return ERR(FORMAT);
    *ret_key = key;
    return OK;
}

/* An object that may be absent, because the key fits without it. */
static struct bytes optional(const struct emv_data *data, uint32_t tag)
{
    struct bytes value = {0};
    (void)emv_data_get(data, tag, &value);
    return value;
}

static err needed(const struct emv_data *data, uint32_t tag, struct bytes *ret_value)
{
    return emv_data_get(data, tag, ret_value) ? OK : ERR(MISSING);
}

/* Leftmost three to eight digits of the card number, padded with F (5.3 step 6). */
static err check_issuer_number(const struct emv_data *data, struct bytes number)
{
    char pan[PAN_TEXT], issuer[9];
    size_t digits, count;
    TRY(emv_data_pan(data, pan, &digits));
    if (FAILED(emv_digits(number, issuer, 8, &count)) || count < 3) return ERR(FORMAT);
    return digits >= count && memcmp(pan, issuer, count) == 0 ? OK : ERR(IDENTITY);
}

static err find_ca_key(const struct emv_trust *trust, struct bytes index,
                       const struct emv_ca_key **ret_key)
{
    if (index.len != 1 || trust->aid.len < EMV_RID_BYTES) return ERR(FORMAT);
    struct bytes rid = {trust->aid.at, EMV_RID_BYTES};
    const struct emv_ca_key *key = emv_parameters_ca_key(trust->parameters, rid, index.at[0]);
    if (key == NULL || memcmp(key->expiry, trust->date, 3) < 0) return ERR(NOT_FOUND);
    *ret_key = key;
    return OK;
}

err emv_issuer_key(const struct emv_trust *trust, struct emv_key *ret_key)
{
    uint8_t block[RSA_BYTES_MAX];
    struct recovered r;
    struct bytes index, certificate, exponent;
    const struct emv_ca_key *ca;
    TRY(needed(trust->data, 0x8F, &index));
    TRY(needed(trust->data, 0x90, &certificate));
    TRY(needed(trust->data, 0x9F32, &exponent));
    TRY(find_ca_key(trust, index, &ca));
    TRY(recover(ca->modulus, ca->exponent, certificate, CERTIFICATE_ISSUER, block, &r));

    struct reader in = reader_over(r.body);
    (void)read_bytes(&in, 1);
    struct bytes number = read_bytes(&in, 4), expiry = read_bytes(&in, 2);
    struct bytes serial = read_bytes(&in, 3);
    uint64_t hash = read_be(&in, 1), algorithm = read_be(&in, 1);
    struct carried c = {.modulus_len = (size_t)read_be(&in, 1),
                        .exponent_len = (size_t)read_be(&in, 1),
                        .remainder = optional(trust->data, 0x92),
                        .exponent = exponent};
    c.leftmost = read_rest(&in);
    TRY(reader_finish(&in));
    if (hash != HASH_SHA1) return ERR(FORMAT);
    const struct bytes part[] = {c.remainder, exponent};
    /* A remainder that is needed and missing is said before the hash that cannot match then. */
    if (c.modulus_len > c.leftmost.len && c.remainder.len == 0) return ERR(MISSING);
    TRY(check_hash(&r, part, ARRAY_LEN(part)));
    TRY(check_issuer_number(trust->data, number));
    TRY(check_expiry(expiry, trust->date));
    struct bytes rid = {trust->aid.at, EMV_RID_BYTES};
    if (emv_parameters_revoked(trust->parameters, rid, ca->index, serial)) return ERR(DENIED);
    if (algorithm != ALGORITHM_RSA) return ERR(FORMAT);
    return build_key(&c, ca->modulus.len, ret_key);
}

/* The values named in 9F4A. Only 82 may be named (Book 3, 10.3). */
static err named_static(const struct emv_data *data, struct bytes *ret_value)
{
    struct bytes list;
    *ret_value = (struct bytes){0};
    if (!emv_data_get(data, 0x9F4A, &list)) return OK;
    if (list.len != 1 || list.at[0] != 0x82) return ERR(FORMAT);
    return needed(data, 0x82, ret_value);
}

/* The whole card number, ten bytes, padded with F on the right. */
static err check_card_number(const struct emv_data *data, struct bytes number)
{
    char pan[PAN_TEXT], certified[21];
    size_t digits, count;
    TRY(emv_data_pan(data, pan, &digits));
    if (FAILED(emv_digits(number, certified, 20, &count))) return ERR(FORMAT);
    return count == digits && memcmp(pan, certified, count) == 0 ? OK : ERR(IDENTITY);
}

/* A certificate of the card: for signatures over the static data too, for PINs without them. */
static err recover_card_key(const struct emv_trust *trust, const struct emv_key *issuer,
                            const uint32_t tag[3], const struct bytes *part, size_t parts,
                            struct emv_key *ret_key)
{
    uint8_t block[EMV_KEY_BYTES_MAX];
    struct recovered r;
    struct bytes certificate, exponent;
    TRY(needed(trust->data, tag[0], &certificate));
    TRY(needed(trust->data, tag[1], &exponent));
    TRY(recover(emv_key_modulus(issuer), bytes_of(issuer->exponent, issuer->exponent_len),
                certificate, CERTIFICATE_CARD, block, &r));
    struct reader in = reader_over(r.body);
    (void)read_bytes(&in, 1);
    struct bytes number = read_bytes(&in, 10), expiry = read_bytes(&in, 2);
    (void)read_bytes(&in, 3); /* serial number: cards' certificates are not revoked by number */
    uint64_t hash = read_be(&in, 1), algorithm = read_be(&in, 1);
    struct carried c = {.modulus_len = (size_t)read_be(&in, 1),
                        .exponent_len = (size_t)read_be(&in, 1),
                        .remainder = optional(trust->data, tag[2]),
                        .exponent = exponent};
    c.leftmost = read_rest(&in);
    TRY(reader_finish(&in));
    if (hash != HASH_SHA1) return ERR(FORMAT);
    if (c.modulus_len > c.leftmost.len && c.remainder.len == 0) return ERR(MISSING);
    struct bytes hashed[PARTS_MAX - 1] = {c.remainder, exponent};
    ENSURE(parts <= 2);
    for (size_t i = 0; i < parts; i++) hashed[2 + i] = part[i];
    TRY(check_hash(&r, hashed, 2 + parts));
    TRY(check_card_number(trust->data, number));
    TRY(check_expiry(expiry, trust->date));
    if (algorithm != ALGORITHM_RSA) return ERR(FORMAT);
    return build_key(&c, issuer->modulus_len, ret_key);
}

err emv_card_key(const struct emv_trust *trust, const struct emv_key *issuer,
                 struct bytes static_data, struct emv_key *ret_key)
{
    static const uint32_t tag[3] = {0x9F46, 0x9F47, 0x9F48};
    struct bytes part[2] = {static_data};
    TRY(named_static(trust->data, &part[1]));
    return recover_card_key(trust, issuer, tag, part, 2, ret_key);
}

err emv_pin_key(const struct emv_trust *trust, const struct emv_key *issuer,
                struct bytes static_data, struct emv_key *ret_key)
{
    static const uint32_t tag[3] = {0x9F2D, 0x9F2E, 0x9F2F};
    struct bytes certificate;
    if (!emv_data_get(trust->data, tag[0], &certificate))
        return emv_card_key(trust, issuer, static_data, ret_key);
    return recover_card_key(trust, issuer, tag, NULL, 0, ret_key);
}

static err check_padding(struct bytes padding)
{
    for (size_t i = 0; i < padding.len; i++)
        if (padding.at[i] != PADDING) return ERR(FORMAT);
    return OK;
}

err emv_static_signature(const struct emv_trust *trust, const struct emv_key *issuer,
                         struct bytes static_data, uint8_t ret_code[2])
{
    uint8_t block[EMV_KEY_BYTES_MAX];
    struct recovered r;
    struct bytes signature, part[2] = {static_data};
    TRY(needed(trust->data, 0x93, &signature));
    TRY(named_static(trust->data, &part[1]));
    TRY(recover(emv_key_modulus(issuer), bytes_of(issuer->exponent, issuer->exponent_len),
                signature, SIGNED_STATIC, block, &r));
    struct reader in = reader_over(r.body);
    (void)read_bytes(&in, 1);
    uint64_t hash = read_be(&in, 1);
    struct bytes code = read_bytes(&in, 2);
    struct bytes padding = read_rest(&in);
    TRY(reader_finish(&in));
    if (hash != HASH_SHA1) return ERR(FORMAT);
    TRY(check_padding(padding));
    TRY(check_hash(&r, part, ARRAY_LEN(part)));
    memcpy(ret_code, code.at, 2);
    return OK;
}

err emv_dynamic_signature(const struct emv_key *card, struct bytes signed_data,
                          const struct bytes *part, size_t parts, uint8_t block[EMV_KEY_BYTES_MAX],
                          struct bytes *ret_dynamic)
{
    struct recovered r;
    TRY(recover(emv_key_modulus(card), bytes_of(card->exponent, card->exponent_len), signed_data,
                SIGNED_DYNAMIC, block, &r));
    struct reader in = reader_over(r.body);
    (void)read_bytes(&in, 1);
    uint64_t hash = read_be(&in, 1);
    struct bytes dynamic = read_prefixed(&in, 1, 255);
    struct bytes padding = read_rest(&in);
    if (in.fault != ERR_OK) return ERR(LENGTH);
    if (hash != HASH_SHA1) return ERR(FORMAT);
    TRY(check_padding(padding));
    TRY(check_hash(&r, part, parts));
    *ret_dynamic = dynamic;
    return OK;
}
