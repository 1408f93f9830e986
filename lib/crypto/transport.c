/* SPDX-License-Identifier: Apache-2.0 */
/* agreement.h, first half: keys on their way from the hsm to another holder. */
#include <assert.h>
#include <sodium.h>

#include "lib/base/reader.h"
#include "lib/crypto/agreement.h"

static_assert(TRANSPORT_KEY_BYTES == crypto_box_PUBLICKEYBYTES, "X25519 public key");
static_assert(TRANSPORT_KEY_BYTES == crypto_box_SECRETKEYBYTES, "X25519 secret key");
static_assert(TRANSPORT_OVERHEAD == crypto_box_NONCEBYTES + crypto_box_MACBYTES, "overhead");

static const char magic[] = "TBK1";

void transport_from_secret(const uint8_t secret_key[TRANSPORT_KEY_BYTES],
                           struct transport_pair *ret_pair)
{
    memmove(ret_pair->secret_key, secret_key, TRANSPORT_KEY_BYTES);
    int bad = crypto_scalarmult_base(ret_pair->public_key, ret_pair->secret_key);
    ENSURE(bad == 0); /* it has no way to fail */
}

void transport_generate(const struct crypto *crypto, struct transport_pair *ret_pair)
{
    random_fill(&crypto->random, ret_pair->secret_key, TRANSPORT_KEY_BYTES);
    transport_from_secret(ret_pair->secret_key, ret_pair);
}

void transport_pair_wipe(struct transport_pair *pair)
{
    secret_wipe_bytes(pair, sizeof *pair);
}

err transport_seal(const struct crypto *crypto, const struct transport_pair *sender,
                   const uint8_t recipient[TRANSPORT_KEY_BYTES], struct bytes plain,
                   struct writer *w)
{
    if (plain.len > TRANSPORT_PLAIN_MAX) return ERR(LENGTH);
    uint8_t nonce[crypto_box_NONCEBYTES], sealed[TRANSPORT_PLAIN_MAX + crypto_box_MACBYTES];
    random_fill(&crypto->random, nonce, sizeof nonce);
    /* Fails for a public key of small order, with which everybody would know the secret. */
    if (crypto_box_easy(sealed, plain.at, plain.len, nonce, recipient, sender->secret_key) != 0)
        return ERR(CRYPTO);
    write_bytes(w, BYTES_OF(nonce));
    write_bytes(w, bytes_of(sealed, plain.len + crypto_box_MACBYTES));
    return (err){w->fault};
}

err transport_open(const struct transport_pair *recipient,
                   const uint8_t sender[TRANSPORT_KEY_BYTES], struct bytes sealed, struct writer *w)
{
    if (sealed.len < TRANSPORT_OVERHEAD) return ERR(SHORT);
    size_t plain_len = sealed.len - TRANSPORT_OVERHEAD;
    if (plain_len > TRANSPORT_PLAIN_MAX) return ERR(LENGTH);
    const uint8_t *nonce = sealed.at, *box = sealed.at + crypto_box_NONCEBYTES;
    uint8_t plain[TRANSPORT_PLAIN_MAX];
    if (crypto_box_open_easy(plain, box, sealed.len - crypto_box_NONCEBYTES, nonce, sender,
                             recipient->secret_key) != 0)
        return ERR(IDENTITY);
    write_bytes(w, bytes_of(plain, plain_len));
    secret_wipe_bytes(plain, plain_len);
    return (err){w->fault};
}

enum { KEY_PLAIN_MAX = sizeof magic - 1 + 1 + 1 + 1 + TRANSPORT_LABEL_MAX + SECRET_MAX };

struct key_plain {
    uint8_t at[KEY_PLAIN_MAX];
};

static void key_plain_wipe(struct key_plain *plain)
{
    secret_wipe_bytes(plain, sizeof *plain);
}

err transport_seal_key(const struct crypto *crypto, const struct transport_pair *sender,
                       const uint8_t recipient[TRANSPORT_KEY_BYTES], const struct key *key,
                       struct bytes label, struct writer *w)
{
    ENSURE(key->value.len == key_size(key->algorithm));
    if (label.len > TRANSPORT_LABEL_MAX) return ERR(LENGTH);
    CLEANUP(key_plain_wipe) struct key_plain plain;
    struct writer clear = writer_over(plain.at, sizeof plain.at);
    write_bytes(&clear, bytes_text(magic));
    write_be(&clear, key->usage, 1);
    write_be(&clear, key->algorithm, 1);
    write_prefixed(&clear, 1, label);
    write_bytes(&clear, secret_view(&key->value));
    ENSURE(clear.fault == ERR_OK);
    return transport_seal(crypto, sender, recipient, writer_view(&clear), w);
}

err transport_open_key(const struct transport_pair *recipient,
                       const uint8_t sender[TRANSPORT_KEY_BYTES], struct bytes sealed,
                       enum key_usage usage, struct bytes label, struct key *ret_key)
{
    CLEANUP(key_plain_wipe) struct key_plain plain;
    struct writer clear = writer_over(plain.at, sizeof plain.at);
    TRY(transport_open(recipient, sender, sealed, &clear));

    struct reader r = reader_over(writer_view(&clear));
    struct bytes start = read_bytes(&r, sizeof magic - 1);
    uint64_t found_usage = read_be(&r, 1), algorithm = read_be(&r, 1);
    struct bytes found_label = read_prefixed(&r, 1, TRANSPORT_LABEL_MAX);
    struct bytes value = read_rest(&r);
    TRY(reader_finish(&r));
    if (!bytes_equal(start, bytes_text(magic)) || algorithm >= KEY_ALGORITHMS) return ERR(FORMAT);
    if (found_usage != usage) return ERR(KEY);
    if (!bytes_equal(found_label, label)) return ERR(IDENTITY);
    return key_make((enum key_algorithm)algorithm, usage, value, ret_key);
}
