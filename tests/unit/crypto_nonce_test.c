/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CC-12, CC-13: where keys and nonces come from, and that none comes twice: not in many, not after
 * a fork, not after a cipher that failed between taking a nonce and using it. S63
 */
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/reader.h"
#include "lib/crypto/agreement.h"
#include "lib/crypto/envelope.h"
#include "tests/unit/crypto_vectors.h"

static struct crypto crypto;

static int open_crypto(void **state)
{
    (void)state;
    return FAILED(crypto_open(random_system(), &crypto));
}

static int close_crypto(void **state)
{
    (void)state;
    crypto_close(&crypto);
    return 0;
}

enum { NONCES = 1 << 18 };

static uint8_t nonces[NONCES][CIPHER_NONCE_BYTES];

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, CIPHER_NONCE_BYTES);
}

/* Envelopes under one key, more of them than a terminal sends in years: no nonce twice, and all
 * twelve bytes of each are random (a counter or a time in them would show in the bytes' spread). */
static void envelopes_have_nonces_of_their_own(void **state)
{
    (void)state;
    struct key key = {0};
    struct card_data card = {.pan = "6222020000000000017", .expiry = "3012"};
    unsigned seen[CIPHER_NONCE_BYTES][256] = {{0}};
    key_generate(&crypto, KEY_AES128, KEY_USAGE_DATA, &key);
    for (size_t i = 0; i < NONCES; i++) {
        uint8_t out[ENVELOPE_MAX];
        struct writer w = writer_over(out, sizeof out);
        assert_ok(envelope_seal(&crypto, &key, BYTES("aad"), &card, &w));
        memcpy(nonces[i], out + 1 /* the version */, CIPHER_NONCE_BYTES);
        for (size_t k = 0; k < CIPHER_NONCE_BYTES; k++) seen[k][nonces[i][k]]++;
    }
    qsort(nonces, NONCES, sizeof nonces[0], by_bytes);
    for (size_t i = 1; i < NONCES; i++)
        assert_true(memcmp(nonces[i - 1], nonces[i], CIPHER_NONCE_BYTES) != 0);
    /* Each value comes 1,024 times in each place, give or take six deviations of 32. */
    for (size_t k = 0; k < CIPHER_NONCE_BYTES; k++)
        for (size_t v = 0; v < 256; v++) assert_in_range(seen[k][v], 1024 - 6 * 32, 1024 + 6 * 32);
}

/* A cipher that fails after the counter was taken: the next message has the next counter, and the
 * lost one is never used. A page load after a crash has another key. */
static void a_counter_is_never_used_again(void **state)
{
    (void)state;
    struct panel_pair ours = {0}, theirs = {0};
    struct panel_channel vault;
    uint8_t sealed[3][64];
    struct writer w[3];
    for (int i = 0; i < 3; i++) w[i] = writer_over(sealed[i], sizeof sealed[i]);
    assert_ok(panel_pair_generate(&crypto, &ours));
    assert_ok(panel_pair_generate(&crypto, &theirs));
    assert_ok(panel_channel_open(&ours, BYTES_OF(theirs.public_key), PANEL_SIDE_VAULT, &vault));
    assert_ok(panel_seal(&crypto, &vault, BYTES("first"), &w[0]));
    struct crypto broken = crypto;
    broken.context[CRYPTO_AES256_GCM] = crypto.context[CRYPTO_SM4_ECB]; /* no AEAD: it fails */
    assert_true(FAILED(panel_seal(&broken, &vault, BYTES("lost"), &w[1])));
    assert_ok(panel_seal(&crypto, &vault, BYTES("third"), &w[2]));
    struct reader first = reader_over(bytes_of(sealed[0], 8));
    struct reader third = reader_over(bytes_of(sealed[2], 8));
    assert_int_equal(read_be(&first, 8), 1);
    assert_int_equal(read_be(&third, 8), 3);
}

/* A child and its parent draw different keys: nothing of the source is in the process's memory. */
static void a_fork_draws_other_keys(void **state)
{
    (void)state;
    int ends[2];
    struct key first = {0}, mine = {0};
    uint8_t theirs[32];
    key_generate(&crypto, KEY_AES256, KEY_USAGE_MASTER, &first);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct key key = {0};
        key_generate(&crypto, KEY_AES256, KEY_USAGE_MASTER, &key);
        _exit(write(ends[1], key.value.at, 32) == 32 ? 0 : 1);
    }
    key_generate(&crypto, KEY_AES256, KEY_USAGE_MASTER, &mine);
    assert_int_equal(read(ends[0], theirs, sizeof theirs), 32);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_memory_not_equal(theirs, mine.value.at, 32);
    assert_memory_not_equal(theirs, first.value.at, 32);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(envelopes_have_nonces_of_their_own),
        cmocka_unit_test(a_counter_is_never_used_again),
        cmocka_unit_test(a_fork_draws_other_keys),
    };
    return cmocka_run_group_tests_name("crypto_nonce", tests, open_crypto, close_crypto);
}
