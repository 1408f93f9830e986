/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of cards and sessions, cryptograms and script MACs, as issuer and card compute them. */
#include "lib/emv/cryptogram.h"

#include "lib/base/writer.h"
#include "lib/crypto/cipher.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/mac_padding.h"
#include "lib/crypto/rsa.h"
#include "lib/emv/pan.h"

void cryptogram_key_wipe(struct cryptogram_key *key)
{
    secret_wipe_bytes(key, sizeof *key);
}

void cryptogram_odd_parity(struct cryptogram_key *key)
{
    for (size_t i = 0; i < sizeof key->value; i++) {
        unsigned byte = key->value[i] & 0xFEu;
        key->value[i] = (uint8_t)(byte | (__builtin_parity(byte) == 0));
    }
}

static size_t block_of(const struct cryptogram_key *key)
{
    return key->algorithm == CRYPTOGRAM_SM4 ? 16 : 8;
}

/* The cipher and MAC functions of lib/crypto want a key with a usage; this one leaves no trace. */
static err as_key(const struct cryptogram_key *from, struct key *ret_key)
{
    enum key_algorithm algorithm = from->algorithm == CRYPTOGRAM_SM4 ? KEY_SM4 : KEY_TDES;
    return key_make(algorithm, KEY_USAGE_MAC, BYTES_OF(from->value), ret_key);
}

err cryptogram_encrypt(struct crypto *crypto, const struct cryptogram_key *with, struct bytes in,
                       uint8_t *out)
{
    CLEANUP(key_wipe) struct key key = {0};
    TRY(as_key(with, &key));
    return cipher_ecb_encrypt(crypto, &key, in, out);
}

/* Both halves of a derived key: two blocks of TDES or one of SM4. */
static err derive(struct crypto *crypto, const struct cryptogram_key *from,
                  const uint8_t input[CRYPTOGRAM_KEY_BYTES], struct cryptogram_key *ret_key)
{
    struct cryptogram_key made = {.algorithm = from->algorithm};
    err e = cryptogram_encrypt(crypto, from, bytes_of(input, CRYPTOGRAM_KEY_BYTES), made.value);
    if (!FAILED(e)) *ret_key = made;
    cryptogram_key_wipe(&made);
    return e;
}

/* Y and its complement (A1.4.1 step 2). */
static err derive_from_half(struct crypto *crypto, const struct cryptogram_key *issuer,
                            const uint8_t half[8], struct cryptogram_key *ret_key)
{
    uint8_t input[CRYPTOGRAM_KEY_BYTES];
    for (size_t i = 0; i < 8; i++) {
        input[i] = half[i];
        input[8 + i] = (uint8_t)~half[i];
    }
    return derive(crypto, issuer, input, ret_key);
}

enum { DIGITS_MAX = PAN_MAX + 2 };

/* Card number and sequence number as one row of digits; an odd count gets a zero in front when
 * `even`. */
static err card_digits(struct bytes pan, unsigned sequence, uint8_t digits[DIGITS_MAX + 1],
                       size_t *ret_count)
{
    if (!pan_well_formed(pan)) return ERR(FORMAT);
    if (sequence > 99) return ERR(RANGE);
    memcpy(digits, pan.at, pan.len);
    digits[pan.len] = (uint8_t)('0' + sequence / 10);
    digits[pan.len + 1] = (uint8_t)('0' + sequence % 10);
    *ret_count = pan.len + 2;
    return OK;
}

/* The last sixteen digits, packed, zeros in front. */
static void last_sixteen(const uint8_t *digits, size_t count, uint8_t packed[8])
{
    memset(packed, 0, 8);
    for (size_t i = 0; i < 16 && i < count; i++) {
        unsigned nibble = digits[count - 1 - i] - '0';
        packed[7 - i / 2] |= (uint8_t)(i % 2 == 0 ? nibble : nibble << 4);
    }
}

err cryptogram_card_key(struct crypto *crypto, const struct cryptogram_key *issuer,
                        struct bytes pan, unsigned sequence, struct cryptogram_key *ret_key)
{
    uint8_t digits[DIGITS_MAX + 1], packed[8];
    size_t count;
    TRY(card_digits(pan, sequence, digits, &count));
    last_sixteen(digits, count, packed);
    return derive_from_half(crypto, issuer, packed, ret_key);
}

/* A1.4.2: the hash's decimal digits in order, then its letters as digits (A is 0), sixteen. */
static void decimalise(const uint8_t digest[RSA_SHA1_BYTES], uint8_t digits[16])
{
    size_t count = 0;
    for (unsigned pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < 2 * RSA_SHA1_BYTES && count < 16; i++) {
            unsigned nibble = i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 15u;
            if ((nibble > 9) == (pass == 1))
                digits[count++] = (uint8_t)('0' + (pass == 0 ? nibble : nibble - 10));
        }
    ENSURE(count == 16);
}

err cryptogram_card_key_b(struct crypto *crypto, const struct cryptogram_key *issuer,
                          struct bytes pan, unsigned sequence, struct cryptogram_key *ret_key)
{
    if (pan.len <= 16) return cryptogram_card_key(crypto, issuer, pan, sequence, ret_key);
    if (issuer->algorithm != CRYPTOGRAM_TDES) return ERR(UNSUPPORTED);
    uint8_t digits[DIGITS_MAX + 1], packed[(DIGITS_MAX + 1) / 2] = {0};
    uint8_t digest[RSA_SHA1_BYTES], chosen[16], half[8];
    size_t count;
    TRY(card_digits(pan, sequence, digits, &count));
    size_t odd = count % 2;
    for (size_t i = 0; i < count; i++) {
        size_t place = i + odd;
        packed[place / 2] |= (uint8_t)((digits[i] - '0') << (place % 2 == 0 ? 4 : 0));
    }
    struct bytes hashed = bytes_of(packed, (count + 1) / 2);
    TRY(rsa_sha1(&hashed, 1, digest));
    decimalise(digest, chosen);
    last_sixteen(chosen, 16, half);
    return derive_from_half(crypto, issuer, half, ret_key);
}

err cryptogram_session_key(struct crypto *crypto, const struct cryptogram_key *card, uint16_t atc,
                           struct cryptogram_key *ret_key)
{
    uint8_t input[CRYPTOGRAM_KEY_BYTES] = {0};
    input[6] = (uint8_t)(atc >> 8);
    input[7] = (uint8_t)atc;
    input[14] = (uint8_t)~input[6];
    input[15] = (uint8_t)~input[7];
    return derive(crypto, card, input, ret_key);
}

err cryptogram_session_key_common(struct crypto *crypto, const struct cryptogram_key *card,
                                  const uint8_t diversifier[CRYPTOGRAM_BYTES],
                                  struct cryptogram_key *ret_key)
{
    if (card->algorithm != CRYPTOGRAM_TDES) return ERR(UNSUPPORTED);
    uint8_t input[CRYPTOGRAM_KEY_BYTES];
    memcpy(input, diversifier, CRYPTOGRAM_BYTES);
    memcpy(input + 8, diversifier, CRYPTOGRAM_BYTES);
    input[2] = 0xF0;
    input[10] = 0x0F;
    return derive(crypto, card, input, ret_key);
}

/* CBC-MAC with blocks of sixteen bytes; ECB block by block, because the messages are short. */
static err cbc_mac_sm4(struct crypto *crypto, const struct key *key, struct bytes padded,
                       uint8_t ret_mac[CRYPTOGRAM_BYTES])
{
    uint8_t chain[16] = {0};
    for (size_t at = 0; at < padded.len; at += 16) {
        for (size_t i = 0; i < 16; i++) chain[i] ^= padded.at[at + i];
        TRY(cipher_ecb_encrypt(crypto, key, BYTES_OF(chain), chain));
    }
    memcpy(ret_mac, chain, CRYPTOGRAM_BYTES);
    return OK;
}

static err mac_padded(struct crypto *crypto, const struct cryptogram_key *session,
                      struct bytes data, enum mac_padding method, uint8_t ret_mac[CRYPTOGRAM_BYTES])
{
    uint8_t block[CRYPTOGRAM_DATA_MAX + MAC_PADDING_BLOCK_MAX], whole[MAC_MAX];
    if (data.len > CRYPTOGRAM_DATA_MAX) return ERR(LENGTH);
    struct writer padded = writer_over(block, sizeof block);
    TRY(mac_pad(method, block_of(session), data, &padded));
    CLEANUP(key_wipe) struct key key = {0};
    TRY(as_key(session, &key));
    if (session->algorithm == CRYPTOGRAM_SM4)
        return cbc_mac_sm4(crypto, &key, writer_view(&padded), ret_mac);
    TRY(mac_generate(crypto, MAC_X9_19, &key, writer_view(&padded), whole));
    memcpy(ret_mac, whole, CRYPTOGRAM_BYTES);
    return OK;
}

err cryptogram_mac(struct crypto *crypto, const struct cryptogram_key *session, struct bytes data,
                   uint8_t ret_mac[CRYPTOGRAM_BYTES])
{
    return mac_padded(crypto, session, data, MAC_PADDING_2, ret_mac);
}

err cryptogram_mac_zeros(struct crypto *crypto, const struct cryptogram_key *session,
                         struct bytes data, uint8_t ret_mac[CRYPTOGRAM_BYTES])
{
    return mac_padded(crypto, session, data, MAC_PADDING_1, ret_mac);
}

err cryptogram_generate(struct crypto *crypto, const struct cryptogram_key *session,
                        const struct cryptogram_input *input,
                        uint8_t ret_cryptogram[CRYPTOGRAM_BYTES])
{
    uint8_t block[CRYPTOGRAM_DATA_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct bytes data;
    write_bytes(&w, BYTES_OF(input->amount));
    write_bytes(&w, BYTES_OF(input->amount_other));
    write_bytes(&w, BYTES_OF(input->terminal_country));
    write_bytes(&w, BYTES_OF(input->tvr));
    write_bytes(&w, BYTES_OF(input->currency));
    write_bytes(&w, BYTES_OF(input->date));
    write_be(&w, input->type, 1);
    write_bytes(&w, BYTES_OF(input->unpredictable));
    write_bytes(&w, BYTES_OF(input->aip));
    write_bytes(&w, BYTES_OF(input->atc));
    write_bytes(&w, input->cvr);
    if (FAILED(writer_finish(&w, &data))) return ERR(LENGTH);
    return cryptogram_mac(crypto, session, data, ret_cryptogram);
}

err cryptogram_arpc(struct crypto *crypto, const struct cryptogram_key *session,
                    const uint8_t arqc[CRYPTOGRAM_BYTES], const uint8_t arc[2],
                    uint8_t ret_arpc[CRYPTOGRAM_BYTES])
{
    uint8_t block[16] = {0};
    memcpy(block, arqc, CRYPTOGRAM_BYTES);
    block[0] ^= arc[0];
    block[1] ^= arc[1];
    TRY(cryptogram_encrypt(crypto, session, bytes_of(block, block_of(session)), block));
    memcpy(ret_arpc, block, CRYPTOGRAM_BYTES);
    return OK;
}

err cryptogram_arpc_csu(struct crypto *crypto, const struct cryptogram_key *session,
                        const uint8_t arqc[CRYPTOGRAM_BYTES], const uint8_t csu[4],
                        struct bytes proprietary, uint8_t ret_arpc[CRYPTOGRAM_ARPC_CSU])
{
    uint8_t block[CRYPTOGRAM_BYTES + 4 + 8], mac[CRYPTOGRAM_BYTES];
    if (proprietary.len > 8) return ERR(LENGTH);
    struct writer w = writer_over(block, sizeof block);
    write_bytes(&w, bytes_of(arqc, CRYPTOGRAM_BYTES));
    write_bytes(&w, bytes_of(csu, 4));
    write_bytes(&w, proprietary);
    TRY(cryptogram_mac(crypto, session, writer_view(&w), mac));
    memcpy(ret_arpc, mac, CRYPTOGRAM_ARPC_CSU);
    return OK;
}

err cryptogram_script_mac(struct crypto *crypto, const struct cryptogram_key *session,
                          const uint8_t header[5], uint16_t atc,
                          const uint8_t arqc[CRYPTOGRAM_BYTES], struct bytes data,
                          uint8_t ret_mac[CRYPTOGRAM_SCRIPT_MAC])
{
    uint8_t block[CRYPTOGRAM_DATA_MAX], mac[CRYPTOGRAM_BYTES];
    struct writer w = writer_over(block, sizeof block);
    struct bytes input;
    write_bytes(&w, bytes_of(header, 5));
    write_be(&w, atc, 2);
    write_bytes(&w, bytes_of(arqc, CRYPTOGRAM_BYTES));
    write_bytes(&w, data);
    if (FAILED(writer_finish(&w, &input))) return ERR(LENGTH);
    TRY(cryptogram_mac(crypto, session, input, mac));
    memcpy(ret_mac, mac, CRYPTOGRAM_SCRIPT_MAC);
    return OK;
}

err cryptogram_encipher(struct crypto *crypto, const struct cryptogram_key *session,
                        struct bytes plain, uint8_t *out, size_t max, size_t *ret_len)
{
    size_t size = block_of(session);
    if (plain.len == 0 || plain.len > 0xFF - size) return ERR(LENGTH);
    size_t len = (1 + plain.len + size - 1) / size * size;
    if (len > max) return ERR(FULL);
    uint8_t block[0xFF + 16] = {(uint8_t)plain.len};
    memcpy(block + 1, plain.at, plain.len);
    if (1 + plain.len < len) block[1 + plain.len] = 0x80;
    err e = cryptogram_encrypt(crypto, session, bytes_of(block, len), out);
    secret_wipe_bytes(block, sizeof block);
    if (!FAILED(e)) *ret_len = len;
    return e;
}

err cryptogram_decipher(struct crypto *crypto, const struct cryptogram_key *session,
                        struct bytes secret, uint8_t *out, size_t max, size_t *ret_len)
{
    uint8_t block[0xFF + 16];
    if (secret.len > sizeof block) return ERR(LENGTH);
    CLEANUP(key_wipe) struct key key = {0};
    TRY(as_key(session, &key));
    TRY(cipher_ecb_decrypt(crypto, &key, secret, block));
    size_t len = block[0];
    bool good = len > 0 && len < secret.len && secret.len - 1 - len < block_of(session);
    for (size_t at = 1 + len; good && at < secret.len; at++)
        good = block[at] == (at == 1 + len ? 0x80 : 0);
    if (good && len <= max) memcpy(out, block + 1, len);
    secret_wipe_bytes(block, sizeof block);
    if (!good) return ERR(FORMAT);
    if (len > max) return ERR(FULL);
    *ret_len = len;
    return OK;
}
