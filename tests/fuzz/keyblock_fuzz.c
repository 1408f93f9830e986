/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a TR-31 key block: the parts of the header lie inside it; a block of version A, B or
 * C is opened under a TDES key and one of D under an AES key; a header that reads well can be made
 * into a block again, which opens to what went in; one of our own that opens has one spelling.
 */
#include "lib/crypto/keyblock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct crypto crypto;
static struct key protection, master, zone;

/* The seeds were made with the keys of this seed, drawn in this order. */
static void open_once(void)
{
    static bool opened;
    static struct random_seeded source;
    if (opened) return;
    random_seed(&source, 1);
    ENSURE(!FAILED(crypto_open(random_from_seed(&source), &crypto)));
    key_generate(&crypto, KEY_AES256, KEY_USAGE_MASTER, &protection);
    key_generate(&crypto, KEY_TDES, KEY_USAGE_TERMINAL_MASTER, &master);
    key_generate(&crypto, KEY_TDES, KEY_USAGE_ZONE_MASTER, &zone);
    opened = true;
}

static void check_header(const struct keyblock_header *header, struct bytes input)
{
    struct reader r = reader_over(header->optional);
    unsigned blocks = 0;
    ENSURE(header->optional.len + KEYBLOCK_HEADER_BYTES <= input.len);
    for (; r.left.len > 0; blocks++) {
        struct keyblock_optional one = keyblock_read_optional(&r);
        ENSURE(r.fault == ERR_OK && one.data.len < header->optional.len);
    }
    ENSURE(blocks == header->optional_count);
}

static void check_made(const struct keyblock_header *header, const struct key *under)
{
    static uint8_t block[KEYBLOCK_FOREIGN_MAX], value[KEYBLOCK_FOREIGN_KEY_MAX];
    static const uint8_t key[] = "seventeen bytes..";
    struct writer w = writer_over(block, sizeof block);
    struct keyblock_header again;
    size_t len;
    if (FAILED(keyblock_make(&crypto, under, header, BYTES_OF(key), &w))) return;
    err e = keyblock_open(&crypto, under, writer_view(&w), &again, value, sizeof value, &len);
    ENSURE(!FAILED(e) && again.version == header->version);
    ENSURE(bytes_equal(bytes_of(value, len), BYTES_OF(key)));
}

/* Our own keys: what is taken is written again as the same header and the same value. */
static void check_own(struct bytes input)
{
    CLEANUP(key_wipe) struct key key = {0}, again = {0};
    uint8_t block[KEYBLOCK_MAX];
    struct writer w = writer_over(block, sizeof block);
    if (FAILED(keyblock_unwrap(&crypto, &protection, input, &key))) return;
    ENSURE(key.value.len == key_size(key.algorithm));
    ENSURE(!FAILED(keyblock_wrap(&crypto, &protection, &key, &w)) && w.len == input.len);
    ENSURE(memcmp(block, input.at, KEYBLOCK_HEADER_BYTES) == 0);
    ENSURE(!FAILED(keyblock_unwrap(&crypto, &protection, writer_view(&w), &again)));
    ENSURE(bytes_equal(secret_view(&again.value), secret_view(&key.value)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t value[KEYBLOCK_FOREIGN_KEY_MAX];
    struct keyblock_header header;
    struct bytes input = bytes_of(data, size);
    size_t len;
    open_once();
    if (FAILED(keyblock_read_header(input, &header))) return 0;
    check_header(&header, input);
    const struct key *under = header.version == 'D' ? &protection : &zone;
    check_made(&header, under);
    err e = keyblock_open(&crypto, under, input, &header, value, sizeof value, &len);
    if (!FAILED(e)) ENSURE(len > 0 && len <= sizeof value);
    if (header.version == 'D') check_own(input);
    return 0;
}
