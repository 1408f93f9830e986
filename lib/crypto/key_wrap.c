/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3394 and RFC 5649 by OpenSSL's wrap ciphers, lengths looked at before. */
#include "lib/crypto/key_wrap.h"

#include "lib/crypto/openssl.h"

enum { SEMIBLOCK = 8, FORMS = 2 };

static const char *const cipher_name[KEY_ALGORITHMS][FORMS] = {
    [KEY_AES128] = {"AES-128-WRAP", "AES-128-WRAP-PAD"},
    [KEY_AES192] = {"AES-192-WRAP", "AES-192-WRAP-PAD"},
    [KEY_AES256] = {"AES-256-WRAP", "AES-256-WRAP-PAD"},
};

static void cipher_free(EVP_CIPHER **cipher)
{
    EVP_CIPHER_free(*cipher);
}

static void context_free(EVP_CIPHER_CTX **context)
{
    EVP_CIPHER_CTX_free(*context); /* OpenSSL cleanses the key schedule */
}

static bool may_wrap(const struct key *kek)
{
    return kek->usage == KEY_USAGE_MASTER || kek->usage == KEY_USAGE_TERMINAL_MASTER ||
           kek->usage == KEY_USAGE_ZONE_MASTER;
}

/* A context with the cipher of this key and form, keyed. The form's own initial value is used. */
static err start(enum key_wrap_form form, const struct key *kek, bool wrap, EVP_CIPHER_CTX *context)
{
    ENSURE(kek->algorithm < KEY_ALGORITHMS && kek->value.len == key_size(kek->algorithm));
    const char *name = cipher_name[kek->algorithm][form];
    if (name == NULL || !may_wrap(kek)) return ERR(KEY);
    CLEANUP(cipher_free) EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, "provider=default");
    if (cipher == NULL || context == NULL) return ERR(CRYPTO);
    EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    if (!EVP_CipherInit_ex2(context, cipher, kek->value.at, NULL, wrap, NULL)) return ERR(CRYPTO);
    return OK;
}

/* SP 800-38F, 5.3.1. */
static bool length_fits(enum key_wrap_form form, size_t len)
{
    if (len > KEY_WRAP_VALUE_MAX) return false;
    return form == KEY_WRAP_PADDED ? len >= 1 : len >= 2 * SEMIBLOCK && len % SEMIBLOCK == 0;
}

err key_wrap(enum key_wrap_form form, const struct key *kek, struct bytes value, struct writer *w)
{
    CLEANUP(context_free) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    TRY(start(form, kek, true, context));
    if (!length_fits(form, value.len)) return ERR(LENGTH);
    uint8_t out[KEY_WRAP_VALUE_MAX + KEY_WRAP_OVERHEAD_MAX + SEMIBLOCK];
    int written = 0;
    if (!EVP_CipherUpdate(context, out, &written, value.at, (int)value.len)) return ERR(CRYPTO);
    ENSURE(written > 0 && (size_t)written <= value.len + KEY_WRAP_OVERHEAD_MAX);
    write_bytes(w, bytes_of(out, (size_t)written));
    return (err){w->fault};
}

/* What the cipher gave back before its length and padding were known to be right. Secret. */
struct clear {
    uint8_t at[KEY_WRAP_VALUE_MAX + 2 * SEMIBLOCK];
};

static void clear_wipe(struct clear *clear)
{
    secret_wipe_bytes(clear, sizeof *clear);
}

err key_unwrap(enum key_wrap_form form, const struct key *kek, struct bytes wrapped,
               uint8_t *ret_value, size_t max, size_t *ret_len)
{
    size_t least = form == KEY_WRAP_PADDED ? 2 * SEMIBLOCK : 3 * SEMIBLOCK;
    CLEANUP(context_free) EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    TRY(start(form, kek, false, context));
    if (wrapped.len < least || wrapped.len % SEMIBLOCK != 0 ||
        wrapped.len > KEY_WRAP_VALUE_MAX + SEMIBLOCK)
        return ERR(LENGTH);
    CLEANUP(clear_wipe) struct clear clear;
    int written = 0;
    if (!EVP_CipherUpdate(context, clear.at, &written, wrapped.at, (int)wrapped.len) ||
        written <= 0)
        return ERR(MAC);
    if ((size_t)written > max) return ERR(LENGTH);
    memcpy(ret_value, clear.at, (size_t)written);
    *ret_len = (size_t)written;
    return OK;
}
