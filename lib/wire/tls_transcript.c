/* SPDX-License-Identifier: Apache-2.0 */
/* The hash of handshake messages, by both digests, because the first message does not say which. */
#include "lib/wire/tls_transcript.h"

enum {
    CLIENT_HELLO = 1,
    SERVER_HELLO = 2,
    FINISHED = 20,
    MESSAGE_HASH = 254,
    HEADER = 4,  /* type, length of three bytes */
    VERSION = 2, /* before the random of a hello */
    RANDOM = 32,
};

/* The random of a ServerHello that asks for another ClientHello (RFC 8446, 4.1.3). */
static const uint8_t retry[RANDOM] = {
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

static const EVP_MD *digest_of(size_t which)
{
    return which == 0 ? EVP_sha256() : EVP_sha384();
}

static void forget(struct tls_transcript *t)
{
    for (size_t i = 0; i < ARRAY_LEN(t->hash); i++) EVP_MD_CTX_free(t->hash[i]);
    *t = (struct tls_transcript){.ssl = NULL};
}

void tls_transcripts_free(struct tls_transcripts *all)
{
    for (size_t i = 0; i < TLS_TRANSCRIPTS; i++) forget(&all->of[i]);
}

static struct tls_transcript *find(struct tls_transcripts *all, const SSL *ssl)
{
    for (size_t i = 0; i < TLS_TRANSCRIPTS; i++)
        if (all->of[i].ssl == ssl) return &all->of[i];
    return NULL;
}

/* A place for a handshake that begins; the oldest when all are taken: most of them have failed. */
static struct tls_transcript *begin(struct tls_transcripts *all, const SSL *ssl)
{
    struct tls_transcript *t = find(all, ssl);
    if (t == NULL) t = find(all, NULL);
    if (t == NULL) {
        t = &all->of[all->next];
        all->next = (all->next + 1) % TLS_TRANSCRIPTS;
    }
    forget(t);
    for (size_t i = 0; i < ARRAY_LEN(t->hash); i++) {
        t->hash[i] = EVP_MD_CTX_new();
        if (t->hash[i] != NULL && EVP_DigestInit_ex(t->hash[i], digest_of(i), NULL) == 1) continue;
        forget(t);
        return NULL;
    }
    t->ssl = ssl;
    return t;
}

/* The hash so far; the transcript goes on. */
static bool look(const EVP_MD_CTX *hash, uint8_t out[static TLS_TRANSCRIPT_MAX], size_t *ret_len)
{
    unsigned len = 0;
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    bool done = copy != NULL && EVP_MD_CTX_copy_ex(copy, hash) == 1 &&
                EVP_DigestFinal_ex(copy, out, &len) == 1;
    EVP_MD_CTX_free(copy);
    *ret_len = len;
    return done;
}

/* RFC 8446, 4.4.1: the first ClientHello is replaced by its hash. */
static bool begin_again(struct tls_transcript *t)
{
    for (size_t i = 0; i < ARRAY_LEN(t->hash); i++) {
        uint8_t first[TLS_TRANSCRIPT_MAX];
        size_t len;
        if (!look(t->hash[i], first, &len)) return false;
        const uint8_t header[HEADER] = {MESSAGE_HASH, 0, 0, (uint8_t)len};
        if (EVP_DigestInit_ex(t->hash[i], digest_of(i), NULL) != 1 ||
            EVP_DigestUpdate(t->hash[i], header, sizeof header) != 1 ||
            EVP_DigestUpdate(t->hash[i], first, len) != 1)
            return false;
    }
    t->retried = true;
    return true;
}

static bool asks_again(struct bytes message)
{
    if (message.len < HEADER + VERSION + RANDOM || message.at[0] != SERVER_HELLO) return false;
    return memcmp(message.at + HEADER + VERSION, retry, RANDOM) == 0;
}

/* False: there is nothing more to follow. */
static bool add(struct tls_transcript *t, bool written, struct bytes message)
{
    if (written && message.at[0] == FINISHED) return false;
    if (asks_again(message) && !t->retried && !begin_again(t)) return false;
    for (size_t i = 0; i < ARRAY_LEN(t->hash); i++)
        if (EVP_DigestUpdate(t->hash[i], message.at, message.len) != 1) return false;
    return true;
}

void tls_transcript_take(struct tls_transcripts *all, const SSL *ssl, bool written,
                         struct bytes message)
{
    if (message.len < HEADER) return;
    struct tls_transcript *t = find(all, ssl);
    bool hello = written && message.at[0] == CLIENT_HELLO;
    if (hello && (t == NULL || !t->retried)) t = begin(all, ssl);
    if (t != NULL && !add(t, written, message)) forget(t);
}

/* SHA-256 of 64 spaces, the context of a client, a zero byte and the hash. */
static bool verifies(const uint8_t *hash, size_t len, struct bytes digest)
{
    static const char context[] = "TLS 1.3, client CertificateVerify"; /* with its NUL */
    uint8_t content[64 + sizeof context + TLS_TRANSCRIPT_MAX], made[EVP_MAX_MD_SIZE];
    unsigned made_len = 0;
    memset(content, ' ', 64);
    memcpy(content + 64, context, sizeof context);
    memcpy(content + 64 + sizeof context, hash, len);
    return EVP_Digest(content, 64 + sizeof context + len, made, &made_len, EVP_sha256(), NULL) ==
               1 &&
           bytes_equal(bytes_of(made, made_len), digest);
}

bool tls_transcript_find(const struct tls_transcripts *all, struct bytes digest,
                         uint8_t hash[static TLS_TRANSCRIPT_MAX], size_t *ret_len)
{
    for (size_t i = 0; i < TLS_TRANSCRIPTS; i++) {
        const struct tls_transcript *t = &all->of[i];
        for (size_t j = 0; t->ssl != NULL && j < ARRAY_LEN(t->hash); j++)
            if (look(t->hash[j], hash, ret_len) && verifies(hash, *ret_len, digest)) return true;
    }
    return false;
}
