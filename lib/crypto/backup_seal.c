/* SPDX-License-Identifier: Apache-2.0 */
/* A backup's data key, its stream, and the owner's key: see backup_seal.h. */
#include "lib/crypto/backup_seal.h"

#include <assert.h>
#include <sodium.h>

#include "lib/base/hex.h"
#include "lib/base/reader.h"
#include "lib/crypto/secret.h"

static_assert(BACKUP_KEY_BYTES == crypto_secretstream_xchacha20poly1305_KEYBYTES, "key");
static_assert(BACKUP_STREAM_HEADER == crypto_secretstream_xchacha20poly1305_HEADERBYTES, "header");
static_assert(BACKUP_OVERHEAD == crypto_secretstream_xchacha20poly1305_ABYTES, "overhead");

typedef crypto_secretstream_xchacha20poly1305_state cipher_state;
static_assert(sizeof((struct backup_stream *)0)->cipher >= sizeof(cipher_state), "room");
static_assert(sizeof((struct backup_stream *)0)->hash >= sizeof(crypto_hash_sha256_state), "room");

static const char wrap_magic[] = "TBB1", purpose[] = "tongbao backup v1",
                  owner_purpose[] = "tongbao backup owner v1";

enum {
    WRAP_MAGIC = sizeof wrap_magic - 1,
    WRAP_PLAIN = WRAP_MAGIC + CRYPTO_SHA256_BYTES + BACKUP_KEY_BYTES
};

void backup_key_wipe(struct backup_key *key)
{
    secret_wipe_bytes(key, sizeof *key);
}

void backup_stream_wipe(struct backup_stream *stream)
{
    secret_wipe_bytes(stream, sizeof *stream);
}

void backup_code_wipe(struct backup_code *code)
{
    secret_wipe_bytes(code, sizeof *code);
}

/* ---- the data key ---- */

struct wrap_plain {
    uint8_t at[WRAP_PLAIN];
};

static void wrap_plain_wipe(struct wrap_plain *plain)
{
    secret_wipe_bytes(plain, sizeof *plain);
}

err backup_key_wrap(const struct crypto *crypto, const struct transport_pair *sender,
                    const uint8_t recipient[TRANSPORT_KEY_BYTES], struct bytes label,
                    const struct backup_key *key, struct writer *w)
{
    CLEANUP(wrap_plain_wipe) struct wrap_plain plain;
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct writer p = writer_over(plain.at, sizeof plain.at);
    crypto_sha256(label, digest);
    write_bytes(&p, bytes_text(wrap_magic));
    write_bytes(&p, BYTES_OF(digest));
    write_bytes(&p, BYTES_OF(key->at));
    ENSURE(p.fault == ERR_OK && p.len == WRAP_PLAIN);
    return transport_seal(crypto, sender, recipient, writer_view(&p), w);
}

err backup_key_unwrap(const struct transport_pair *recipient, struct bytes sender,
                      struct bytes label, struct bytes wrapped, struct backup_key *ret_key)
{
    CLEANUP(wrap_plain_wipe) struct wrap_plain plain;
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct writer p = writer_over(plain.at, sizeof plain.at);
    if (sender.len != TRANSPORT_KEY_BYTES || wrapped.len != BACKUP_WRAPPED_BYTES)
        return ERR(LENGTH);
    TRY(transport_open(recipient, sender.at, wrapped, &p));
    crypto_sha256(label, digest);
    struct reader r = reader_over(writer_view(&p));
    struct bytes begin = read_bytes(&r, WRAP_MAGIC);
    struct bytes named = read_bytes(&r, CRYPTO_SHA256_BYTES);
    struct bytes value = read_bytes(&r, BACKUP_KEY_BYTES);
    TRY(reader_finish(&r));
    if (!bytes_equal(begin, bytes_text(wrap_magic)) || !bytes_equal(named, BYTES_OF(digest)))
        return ERR(IDENTITY);
    memcpy(ret_key->at, value.at, value.len);
    return OK;
}

void backup_label(struct bytes serial, uint64_t number, struct writer *w)
{
    write_bytes(w, serial);
    write_format(w, "|%llu", (unsigned long long)number);
}

void backup_grant_label(struct bytes label, struct bytes nonce, struct writer *w)
{
    write_bytes(w, label);
    write_bytes(w, BYTES("|"));
    write_hex(w, nonce);
}

void backup_recipient_name(const uint8_t public_key[TRANSPORT_KEY_BYTES],
                           uint8_t ret_name[BACKUP_RECIPIENT_BYTES])
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    crypto_sha256(bytes_of(public_key, TRANSPORT_KEY_BYTES), digest);
    memcpy(ret_name, digest, BACKUP_RECIPIENT_BYTES);
}

/* ---- the stream ---- */

static cipher_state *cipher_of(struct backup_stream *stream)
{
    return (cipher_state *)stream->cipher;
}

void backup_stream_begin(struct backup_stream *stream, const struct backup_key *key,
                         const uint8_t header[BACKUP_STREAM_HEADER], struct bytes head)
{
    *stream = (struct backup_stream){0};
    crypto_sha256(head, stream->head);
    crypto_hash_sha256_state *hash = (crypto_hash_sha256_state *)stream->hash;
    (void)crypto_hash_sha256_init(hash); /* the three have no way to fail */
    (void)crypto_hash_sha256_update(hash, (const uint8_t *)purpose, sizeof purpose - 1);
    (void)crypto_hash_sha256_update(hash, head.at, head.len);
    /* Both ways begin alike: init_push is this over a header that libsodium draws itself, and ours
     * comes from the program's own randomness. */
    int bad = crypto_secretstream_xchacha20poly1305_init_pull(cipher_of(stream), header, key->at);
    ENSURE(bad == 0);
}

err backup_stream_seal(struct backup_stream *stream, struct bytes plain, bool last,
                       struct writer *w)
{
    if (stream->ended) return ERR(STATE);
    struct writer trial = *w;
    uint8_t *out = write_space(&trial, plain.len + BACKUP_OVERHEAD);
    if (out == NULL) return (err){trial.fault};
    uint8_t tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0;
    int bad = crypto_secretstream_xchacha20poly1305_push(
        cipher_of(stream), out, NULL, plain.at, plain.len, stream->head, sizeof stream->head, tag);
    ENSURE(bad == 0);
    stream->index++;
    stream->ended = last;
    *w = trial;
    return OK;
}

err backup_stream_open(struct backup_stream *stream, struct bytes sealed, struct writer *w)
{
    uint8_t tag = 0;
    if (stream->ended) return ERR(STATE);
    if (sealed.len < BACKUP_OVERHEAD) return ERR(SHORT);
    struct writer trial = *w;
    uint8_t *out = write_space(&trial, sealed.len - BACKUP_OVERHEAD);
    if (out == NULL) return (err){trial.fault};
    if (crypto_secretstream_xchacha20poly1305_pull(cipher_of(stream), out, NULL, &tag, sealed.at,
                                                   sealed.len, stream->head,
                                                   sizeof stream->head) != 0)
        return ERR(MAC);
    stream->index++;
    stream->ended = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    *w = trial;
    return OK;
}

void backup_stream_hash(struct backup_stream *stream, struct bytes b)
{
    (void)crypto_hash_sha256_update((crypto_hash_sha256_state *)stream->hash, b.at, b.len);
}

void backup_stream_digest(const struct backup_stream *stream,
                          uint8_t ret_digest[CRYPTO_SHA256_BYTES])
{
    crypto_hash_sha256_state copy;
    memcpy(&copy, stream->hash, sizeof copy);
    (void)crypto_hash_sha256_final(&copy, ret_digest);
}

void backup_digest(struct bytes before_tail, uint8_t ret_digest[CRYPTO_SHA256_BYTES])
{
    crypto_hash_sha256_state hash;
    (void)crypto_hash_sha256_init(&hash);
    (void)crypto_hash_sha256_update(&hash, (const uint8_t *)purpose, sizeof purpose - 1);
    (void)crypto_hash_sha256_update(&hash, before_tail.at, before_tail.len);
    (void)crypto_hash_sha256_final(&hash, ret_digest);
}

/* ---- the owner's key ---- */

/* The digit that makes the sum of all fit (ISO/IEC 7812-1, annex B), which finds every single digit
 * that was misread. */
static char luhn_digit(const char *digits, size_t len)
{
    unsigned sum = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned value = (unsigned)(digits[len - 1 - i] - '0');
        if (i % 2 == 0) value = value * 2 > 9 ? value * 2 - 9 : value * 2;
        sum += value;
    }
    return (char)('0' + (10 - sum % 10) % 10);
}

void backup_code_draw(const struct random *random, struct backup_code *ret_code)
{
    struct backup_code code = {{0}};
    size_t len = BACKUP_CODE_DIGITS - 1;
    for (size_t i = 0; i < len; i++) code.digits[i] = (char)('0' + random_below(random, 10));
    code.digits[len] = luhn_digit(code.digits, len);
    *ret_code = code;
    backup_code_wipe(&code);
}

err backup_code_pair(struct bytes digits, struct transport_pair *ret_pair)
{
    uint8_t block[sizeof owner_purpose + BACKUP_CODE_DIGITS], secret[CRYPTO_SHA256_BYTES];
    struct writer w = writer_over(block, sizeof block);
    if (digits.len != BACKUP_CODE_DIGITS) return ERR(LENGTH);
    if (!bytes_all_digits(digits)) return ERR(DIGIT);
    if (luhn_digit((const char *)digits.at, digits.len - 1) != (char)digits.at[digits.len - 1])
        return ERR(FORMAT);
    write_bytes(&w, bytes_text(owner_purpose));
    write_bytes(&w, digits);
    ENSURE(w.fault == ERR_OK);
    crypto_sha256(writer_view(&w), secret);
    transport_from_secret(secret, ret_pair);
    secret_wipe_bytes(block, sizeof block);
    secret_wipe_bytes(secret, sizeof secret);
    return OK;
}
