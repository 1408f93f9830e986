/* SPDX-License-Identifier: Apache-2.0 */
/* Challenges, proofs and epochs: the same few lines run in the vault and in the hsm. */
#include "lib/crypto/recovery.h"

#include "lib/base/writer.h"
#include "lib/crypto/keyed_mac.h"

enum { OPERATOR_MAX = 99, INPUT_MAX = 64, COMMAND_MAX = 384 };

static const uint8_t digits_of[] = {
#define X(name, number, digits) [number] = digits,
    RECOVERY_WAY_LIST(X)
#undef X
};

static bool is_way(uint8_t way)
{
    return way >= RECOVERY_SMS && way <= RECOVERY_SHEET;
}

uint8_t recovery_code_digits(uint8_t way)
{
    return is_way(way) ? digits_of[way] : 0;
}

void recovery_proof_wipe(struct recovery_proof *proof)
{
    secret_wipe_bytes(proof, sizeof *proof);
}

static bool is_recovery_key(const struct key *key)
{
    return key->usage == KEY_USAGE_RECOVERY && key->algorithm == KEY_HMAC_SHA256;
}

/* The first 8 bytes as a number, its last digits as text. */
static void write_code(const uint8_t mac[CRYPTO_SHA256_BYTES], uint8_t digits,
                       char code[RECOVERY_CODE_MAX + 1])
{
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof number; i++) number = number << 8 | mac[i];
    for (size_t i = digits; i > 0; i--) {
        code[i - 1] = (char)('0' + number % 10);
        number /= 10;
    }
    code[digits] = '\0';
}

err recovery_prove(struct crypto *crypto, const struct key *key,
                   const struct recovery_subject *subject, struct recovery_proof *ret_proof)
{
    if (!is_recovery_key(key)) return ERR(KEY);
    if (!is_way(subject->way) || subject->operator_id > OPERATOR_MAX) return ERR(RANGE);
    if (subject->tid.len != RECOVERY_TID_BYTES || subject->challenge.len == 0 ||
        subject->challenge.len > RECOVERY_CHALLENGE_MAX)
        return ERR(LENGTH);
    uint8_t input[INPUT_MAX], mac[CRYPTO_SHA256_BYTES];
    struct writer w = writer_over(input, sizeof input);
    write_bytes(&w, BYTES("tongbao recovery v1"));
    write_be(&w, subject->way, 1);
    write_be(&w, subject->operator_id, 1);
    write_bytes(&w, subject->tid);
    write_bytes(&w, subject->challenge);
    ENSURE(w.fault == ERR_OK);
    TRY(keyed_mac(crypto, CRYPTO_HMAC_SHA256, secret_view(&key->value), writer_view(&w), mac));
    memcpy(ret_proof->grant, mac, RECOVERY_PROOF_BYTES);
    write_code(mac, recovery_code_digits(subject->way), ret_proof->code);
    secret_wipe_bytes(mac, sizeof mac);
    return OK;
}

err recovery_epoch_mac(struct crypto *crypto, const struct key *key,
                       enum recovery_direction direction, struct bytes tid, uint64_t epoch,
                       uint8_t ret_mac[RECOVERY_PROOF_BYTES])
{
    if (!is_recovery_key(key)) return ERR(KEY);
    if (direction != RECOVERY_FROM_VAULT && direction != RECOVERY_FROM_HOST) return ERR(RANGE);
    if (tid.len != RECOVERY_TID_BYTES) return ERR(LENGTH);
    uint8_t input[INPUT_MAX], mac[CRYPTO_SHA256_BYTES];
    struct writer w = writer_over(input, sizeof input);
    write_bytes(&w, BYTES("tongbao epoch v1"));
    write_be(&w, (uint64_t)direction, 1);
    write_bytes(&w, tid);
    write_be(&w, epoch, 8);
    ENSURE(w.fault == ERR_OK);
    TRY(keyed_mac(crypto, CRYPTO_HMAC_SHA256, secret_view(&key->value), writer_view(&w), mac));
    memcpy(ret_mac, mac, RECOVERY_PROOF_BYTES);
    return OK;
}

static bool fits(const struct recovery_command *c)
{
    return c->tid.len == RECOVERY_TID_BYTES && c->nonce.len == RECOVERY_NONCE_BYTES &&
           c->serial.len > 0 && c->serial.len <= RECOVERY_SERIAL_MAX && c->kind.len > 0 &&
           c->kind.len <= RECOVERY_KIND_MAX && c->text.len <= RECOVERY_TEXT_MAX;
}

err recovery_command_mac(struct crypto *crypto, const struct key *key,
                         const struct recovery_command *c, uint8_t ret_mac[RECOVERY_PROOF_BYTES])
{
    uint8_t input[COMMAND_MAX], mac[CRYPTO_SHA256_BYTES];
    if (!is_recovery_key(key)) return ERR(KEY);
    if (c->number == 0) return ERR(RANGE);
    if (!fits(c)) return ERR(LENGTH);
    struct writer w = writer_over(input, sizeof input);
    write_bytes(&w, BYTES("tongbao command v1"));
    write_bytes(&w, c->tid);
    write_be(&w, c->number, 8);
    write_bytes(&w, c->nonce);
    write_prefixed(&w, 1, c->serial);
    write_prefixed(&w, 1, c->kind);
    write_bytes(&w, c->text);
    ENSURE(w.fault == ERR_OK);
    TRY(keyed_mac(crypto, CRYPTO_HMAC_SHA256, secret_view(&key->value), writer_view(&w), mac));
    memcpy(ret_mac, mac, RECOVERY_PROOF_BYTES);
    return OK;
}

err recovery_restore_mac(struct crypto *crypto, const struct key *key,
                         const struct recovery_restore *m, uint8_t ret_mac[RECOVERY_PROOF_BYTES])
{
    uint8_t input[COMMAND_MAX], mac[CRYPTO_SHA256_BYTES];
    if (!is_recovery_key(key)) return ERR(KEY);
    if (m->tid.len != RECOVERY_TID_BYTES || m->nonce.len != RECOVERY_NONCE_BYTES ||
        m->public_key.len != RECOVERY_PUBLIC_BYTES || m->label.len == 0 ||
        m->label.len > RECOVERY_LABEL_MAX)
        return ERR(LENGTH);
    struct writer w = writer_over(input, sizeof input);
    write_bytes(&w, BYTES("tongbao restore v1"));
    write_bytes(&w, m->tid);
    write_bytes(&w, m->nonce);
    write_bytes(&w, m->public_key);
    write_bytes(&w, m->label);
    ENSURE(w.fault == ERR_OK);
    TRY(keyed_mac(crypto, CRYPTO_HMAC_SHA256, secret_view(&key->value), writer_view(&w), mac));
    memcpy(ret_mac, mac, RECOVERY_PROOF_BYTES);
    return OK;
}

/* The digit that makes the sum of the Luhn formula a multiple of ten (ISO/IEC 7812-1, annex B). */
static char luhn_digit(const char *digits, size_t count)
{
    unsigned sum = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned)(digits[count - 1 - i] - '0');
        if (i % 2 == 0) digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
        sum += digit;
    }
    return (char)('0' + (10 - sum % 10) % 10);
}

void recovery_spoken_challenge(const struct random *random,
                               char ret_digits[RECOVERY_OFFLINE_DIGITS + 1])
{
    const size_t drawn = RECOVERY_OFFLINE_DIGITS - 1;
    for (size_t i = 0; i < drawn; i++) ret_digits[i] = (char)('0' + random_below(random, 10));
    ret_digits[drawn] = luhn_digit(ret_digits, drawn);
    ret_digits[drawn + 1] = '\0';
}

bool recovery_spoken_valid(struct bytes digits)
{
    if (digits.len != RECOVERY_OFFLINE_DIGITS || !bytes_all_digits(digits)) return false;
    const char *text = (const char *)digits.at;
    return luhn_digit(text, RECOVERY_OFFLINE_DIGITS - 1) == text[RECOVERY_OFFLINE_DIGITS - 1];
}
