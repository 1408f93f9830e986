/* SPDX-License-Identifier: Apache-2.0 */
/* Recovery codes: five random bits a character, so every code is equally likely. */
#include "lib/auth/recovery_code.h"

#include <sodium.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void recovery_code_make(const struct random *random, char ret_text[RECOVERY_CODE_TEXT + 1])
{
    uint8_t draw[RECOVERY_CODE_CHARS];
    size_t at = 0;
    random_fill(random, draw, sizeof draw);
    for (size_t i = 0; i < sizeof draw; i++) {
        if (i == 5 || i == 10) ret_text[at++] = '-';
        ret_text[at++] = alphabet[draw[i] & 31];
    }
    ret_text[at] = '\0';
    sodium_memzero(draw, sizeof draw);
}

/* The alphabet's character that `c` stands for; NUL for none. */
static char canonical(uint8_t c)
{
    if (c >= 'a' && c <= 'z') c = (uint8_t)(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    return c != '\0' && strchr(alphabet, c) != NULL ? (char)c : '\0';
}

err recovery_code_hash(const uint8_t key[RECOVERY_CODE_KEY_BYTES], struct bytes text,
                       uint8_t ret_hash[RECOVERY_CODE_HASH_BYTES])
{
    uint8_t code[RECOVERY_CODE_CHARS];
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '-' || text.at[i] == ' ') continue;
        char c = canonical(text.at[i]);
        if (c == '\0' || len == sizeof code) return ERR(FORMAT);
        code[len++] = (uint8_t)c;
    }
    if (len != sizeof code) return ERR(FORMAT);
    crypto_auth_hmacsha256(ret_hash, code, sizeof code, key);
    sodium_memzero(code, sizeof code);
    return OK;
}
