/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4226 section 5.3 (truncation) and RFC 6238 section 4 (steps), over OpenSSL's HMAC. */
#include "lib/auth/openssl.h" /* first */

#include "lib/auth/totp.h"

enum { SHA1_BYTES = 20, STEP_BYTES = 8 };

static const uint32_t power_of_ten[] = {1,      10,      100,      1000,     10000,
                                        100000, 1000000, 10000000, 100000000};

err totp_code(struct bytes secret, uint64_t step, unsigned digits, uint32_t *ret_code)
{
    ENSURE(digits >= 6 && digits <= 8);
    uint8_t counter[STEP_BYTES], mac[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    struct writer w = writer_over(counter, sizeof counter);
    write_be(&w, step, sizeof counter);
    if (HMAC(EVP_sha1(), secret.at, (int)secret.len, counter, sizeof counter, mac, &len) == NULL ||
        len != SHA1_BYTES)
        return ERR(CRYPTO);
    const uint8_t *at = mac + (mac[SHA1_BYTES - 1] & 15);
    uint32_t word = (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
                    (uint32_t)at[3];
    *ret_code = word % power_of_ten[digits];
    explicit_bzero(mac, sizeof mac);
    return OK;
}

err totp_check(struct bytes secret, struct bytes code, int64_t now_ms, int64_t last_step,
               bool *ret_right, int64_t *ret_step)
{
    const int64_t now_step = now_ms / TOTP_STEP_MS;
    uint32_t said = 0;
    int64_t found = 0;
    *ret_right = false;
    if (code.len != TOTP_DIGITS || !bytes_all_digits(code)) return OK;
    for (size_t i = 0; i < code.len; i++) said = said * 10 + (uint32_t)(code.at[i] - '0');
    for (int64_t step = now_step - TOTP_DRIFT_STEPS; step <= now_step + TOTP_DRIFT_STEPS; step++) {
        uint32_t right = 0;
        TRY(totp_code(secret, (uint64_t)step, TOTP_DIGITS, &right));
        if (said == right && step > last_step && found == 0) found = step;
    }
    if (found == 0) return OK;
    *ret_right = true;
    *ret_step = found;
    return OK;
}

void totp_write_base32(struct writer *w, const uint8_t secret[TOTP_SECRET_BYTES])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint8_t *space = write_space(w, TOTP_BASE32_CHARS);
    if (space == NULL) return;
    for (size_t i = 0; i < TOTP_BASE32_CHARS; i++) {
        size_t bit = i * 5, byte = bit / 8;
        unsigned pair = (unsigned)secret[byte] << 8;
        if (byte + 1 < TOTP_SECRET_BYTES) pair |= secret[byte + 1];
        space[i] = (uint8_t)alphabet[pair >> (11 - bit % 8) & 31];
    }
}

static void write_encoded(struct writer *w, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        bool plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (plain) write_be(w, c, 1);
        else write_format(w, "%%%02X", c);
    }
}

void totp_write_uri(struct writer *w, const uint8_t secret[TOTP_SECRET_BYTES], struct bytes issuer,
                    struct bytes account)
{
    write_bytes(w, BYTES("otpauth://totp/"));
    write_encoded(w, issuer);
    write_bytes(w, BYTES(":"));
    write_encoded(w, account);
    write_bytes(w, BYTES("?secret="));
    totp_write_base32(w, secret);
    write_bytes(w, BYTES("&issuer="));
    write_encoded(w, issuer);
}
