/* SPDX-License-Identifier: Apache-2.0 */
/* Card data as bytes, and those bytes sealed. */
#include "lib/crypto/envelope.h"

#include <assert.h>

#include "lib/base/reader.h"

void card_data_wipe(struct card_data *card)
{
    secret_wipe_bytes(card, sizeof *card);
}

/* The text of a NUL-terminated member; one without a NUL has `size` characters and is refused. */
static struct bytes member(const char *text, size_t size)
{
    return bytes_of(text, strnlen(text, size));
}

static err check_track2(struct bytes track2, struct bytes pan)
{
    if (track2.len == 0) return OK;
    if (track2.len > CARD_TRACK2_MAX) return ERR(LENGTH);
    for (size_t i = 0; i < track2.len; i++)
        if ((track2.at[i] < '0' || track2.at[i] > '9') && track2.at[i] != '=') return ERR(DIGIT);
    /* It says the same card, or somebody has mixed two cards. */
    if (track2.len <= pan.len || track2.at[pan.len] != '=' ||
        !secret_equal(bytes_of(track2.at, pan.len), pan))
        return ERR(FORMAT);
    return OK;
}

static err check_card(struct bytes pan, struct bytes track2)
{
    if (pan.len < CARD_PAN_MIN || pan.len > CARD_PAN_MAX) return ERR(LENGTH);
    if (!bytes_all_digits(pan)) return ERR(DIGIT);
    return check_track2(track2, pan);
}

/* Exactly `len` digits, or that many spaces for a text that is absent. */
static void write_fixed(struct writer *w, struct bytes text, size_t len)
{
    ENSURE(len <= 4);
    if (text.len == 0) {
        write_bytes(w, bytes_of("    ", len));
        return;
    }
    if (text.len != len || !bytes_all_digits(text)) writer_fail(w, ERR_FORMAT);
    write_bytes(w, text);
}

err card_data_encode(const struct card_data *card, struct writer *w)
{
    struct bytes pan = member(card->pan, sizeof card->pan);
    struct bytes track2 = member(card->track2, sizeof card->track2);
    TRY(check_card(pan, track2));
    write_prefixed(w, 1, pan);
    write_fixed(w, member(card->expiry, sizeof card->expiry), 4);
    write_fixed(w, member(card->service_code, sizeof card->service_code), 3);
    write_prefixed(w, 1, track2);
    write_fixed(w, member(card->sequence, sizeof card->sequence), 3);
    return (err){w->fault};
}

static void read_fixed(struct reader *r, size_t len, char *ret_text)
{
    struct bytes text = read_bytes(r, len);
    if (r->fault != ERR_OK || bytes_equal(text, bytes_of("    ", len))) return;
    if (!bytes_all_digits(text)) reader_fail(r, ERR_FORMAT);
    memcpy(ret_text, text.at, len);
}

static void read_text(struct reader *r, size_t max, char *ret_text)
{
    struct bytes text = read_prefixed(r, 1, max);
    if (text.len > 0) memcpy(ret_text, text.at, text.len);
}

err card_data_decode(struct bytes plain, struct card_data *ret_card)
{
    CLEANUP(card_data_wipe) struct card_data card = {0};
    struct reader r = reader_over(plain);
    read_text(&r, CARD_PAN_MAX, card.pan);
    read_fixed(&r, 4, card.expiry);
    read_fixed(&r, 3, card.service_code);
    read_text(&r, CARD_TRACK2_MAX, card.track2);
    read_fixed(&r, 3, card.sequence);
    TRY(reader_finish(&r));
    /* Whatever stands behind a NUL would be lost without a word. */
    struct bytes pan = member(card.pan, sizeof card.pan);
    struct bytes track2 = member(card.track2, sizeof card.track2);
    if (pan.len + track2.len + 1 + 4 + 3 + 1 + 3 != plain.len) return ERR(FORMAT);
    TRY(check_card(pan, track2));
    *ret_card = card;
    return OK;
}

/* The version of an envelope under this key; 0: no such key seals one. */
static uint8_t version_of(const struct key *key)
{
    static const uint8_t versions[KEY_ALGORITHMS] = {
        [KEY_AES128] = ENVELOPE_VERSION, [KEY_SM4] = 2, [KEY_TDES] = 3};
    bool usage = key->usage == KEY_USAGE_DATA || key->usage == KEY_USAGE_ZONE_DATA;
    ENSURE(key->algorithm < KEY_ALGORITHMS);
    return usage ? versions[key->algorithm] : 0;
}

enum {
    TDES_BLOCK = 8,
    BINDING_BYTES = 8, /* of the digest of the associated data */
    FILL_FIRST = 0x80,
    SEALED_MAX = CARD_PLAIN_MAX + CIPHER_TAG_BYTES, /* what stands behind nonce or vector */
    PLAIN_MAX = BINDING_BYTES + CARD_PLAIN_MAX + TDES_BLOCK
};
static_assert(PLAIN_MAX <= SEALED_MAX + TDES_BLOCK, "version 03 is no longer than the others");

struct plain {
    uint8_t at[PLAIN_MAX];
};

static void plain_wipe(struct plain *plain)
{
    secret_wipe_bytes(plain, sizeof *plain);
}

static err seal_gcm(struct crypto *crypto, const struct key *key, struct bytes associated,
                    const struct card_data *card, struct writer *w)
{
    CLEANUP(plain_wipe) struct plain plain;
    struct writer clear = writer_over(plain.at, CARD_PLAIN_MAX);
    TRY(card_data_encode(card, &clear));
    uint8_t nonce[CIPHER_NONCE_BYTES], sealed[SEALED_MAX];
    random_fill(&crypto->random, nonce, sizeof nonce);
    TRY(cipher_gcm_seal(crypto, key, nonce, associated, writer_view(&clear), sealed));
    write_be(w, version_of(key), 1);
    write_bytes(w, BYTES_OF(nonce));
    write_bytes(w, bytes_of(sealed, clear.len + CIPHER_TAG_BYTES));
    return (err){w->fault};
}

static err open_gcm(struct crypto *crypto, const struct key *key, struct bytes associated,
                    struct reader *r, struct card_data *ret_card)
{
    CLEANUP(plain_wipe) struct plain plain;
    struct bytes nonce = read_bytes(r, CIPHER_NONCE_BYTES), sealed = read_rest(r);
    TRY(reader_finish(r));
    if (sealed.len > SEALED_MAX) return ERR(LENGTH);
    TRY(cipher_gcm_open(crypto, key, nonce.at, associated, sealed, plain.at));
    return card_data_decode(bytes_of(plain.at, sealed.len - CIPHER_TAG_BYTES), ret_card);
}

static err seal_cbc(struct crypto *crypto, const struct key *key, struct bytes associated,
                    const struct card_data *card, struct writer *w)
{
    static const uint8_t fill[TDES_BLOCK] = {FILL_FIRST};
    CLEANUP(plain_wipe) struct plain plain;
    uint8_t vector[TDES_BLOCK], sealed[PLAIN_MAX], digest[CRYPTO_SHA256_BYTES];
    struct writer clear = writer_over(plain.at, sizeof plain.at);
    crypto_sha256(associated, digest);
    write_bytes(&clear, bytes_of(digest, BINDING_BYTES));
    TRY(card_data_encode(card, &clear));
    write_bytes(&clear, bytes_of(fill, TDES_BLOCK - clear.len % TDES_BLOCK));
    ENSURE(clear.fault == ERR_OK);
    random_fill(&crypto->random, vector, sizeof vector);
    TRY(cipher_cbc_encrypt(crypto, key, vector, writer_view(&clear), sealed));
    write_be(w, version_of(key), 1);
    write_bytes(w, BYTES_OF(vector));
    write_bytes(w, bytes_of(sealed, clear.len));
    return (err){w->fault};
}

static err open_cbc(struct crypto *crypto, const struct key *key, struct bytes associated,
                    struct reader *r, struct card_data *ret_card)
{
    CLEANUP(plain_wipe) struct plain plain;
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct bytes vector = read_bytes(r, TDES_BLOCK), sealed = read_rest(r);
    TRY(reader_finish(r));
    if (sealed.len > PLAIN_MAX) return ERR(LENGTH);
    TRY(cipher_cbc_decrypt(crypto, key, vector.at, sealed, plain.at));
    crypto_sha256(associated, digest);
    if (!secret_equal(bytes_of(plain.at, BINDING_BYTES), bytes_of(digest, BINDING_BYTES)))
        return ERR(MAC);
    size_t len = sealed.len;
    while (len > BINDING_BYTES && plain.at[len - 1] == 0) len--;
    if (len == BINDING_BYTES || plain.at[len - 1] != FILL_FIRST) return ERR(FORMAT);
    return card_data_decode(bytes_of(plain.at + BINDING_BYTES, len - 1 - BINDING_BYTES), ret_card);
}

err envelope_seal(struct crypto *crypto, const struct key *key, struct bytes associated,
                  const struct card_data *card, struct writer *w)
{
    if (version_of(key) == 0) return ERR(KEY);
    return key->algorithm == KEY_TDES ? seal_cbc(crypto, key, associated, card, w)
                                      : seal_gcm(crypto, key, associated, card, w);
}

err envelope_open(struct crypto *crypto, const struct key *key, struct bytes associated,
                  struct bytes envelope, struct card_data *ret_card)
{
    uint8_t version = version_of(key);
    if (version == 0) return ERR(KEY);
    if (envelope.len > ENVELOPE_MAX) return ERR(LENGTH);
    struct reader r = reader_over(envelope);
    uint64_t said = read_be(&r, 1);
    if (r.fault != ERR_OK) return (err){r.fault};
    if (said != version) return ERR(NEWER);
    return key->algorithm == KEY_TDES ? open_cbc(crypto, key, associated, &r, ret_card)
                                      : open_gcm(crypto, key, associated, &r, ret_card);
}
