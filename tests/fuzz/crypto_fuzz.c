/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parsers of lib/crypto, chosen by the first byte: card data, deliveries, clear PIN blocks,
 * sealed files. What is taken must be written back as the same bytes. Key blocks have a target of
 * their own.
 */
#include "lib/crypto/delivery.h"
#include "lib/crypto/envelope.h"
#include "lib/crypto/pin.h"
#include "lib/crypto/sealed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct crypto crypto;
static struct key protection, master;

static void open_once(void)
{
    static bool opened;
    static struct random_seeded source;
    if (opened) return;
    random_seed(&source, 1); /* the corpus was made with the keys of this seed */
    ENSURE(!FAILED(crypto_open(random_from_seed(&source), &crypto)));
    key_generate(&crypto, KEY_AES256, KEY_USAGE_MASTER, &protection);
    key_generate(&crypto, KEY_TDES, KEY_USAGE_TERMINAL_MASTER, &master);
    opened = true;
}

static void fuzz_card_data(struct bytes input)
{
    struct card_data card = {0};
    if (FAILED(card_data_decode(input, &card))) return;
    uint8_t block[CARD_PLAIN_MAX];
    struct writer w = writer_over(block, sizeof block);
    ENSURE(!FAILED(card_data_encode(&card, &w)));
    ENSURE(bytes_equal(writer_view(&w), input)); /* one value, one encoding */
}

static void fuzz_delivery(struct bytes input)
{
    struct working_keys keys = {0};
    if (FAILED(delivery_unwrap(&crypto, &master, input, &keys))) return;
    uint8_t block[DELIVERY_MAX];
    struct writer w = writer_over(block, sizeof block);
    ENSURE(!FAILED(delivery_wrap(&crypto, &master, &keys, &w)));
    ENSURE(bytes_equal(writer_view(&w), input));
}

static void fuzz_pin_block(struct bytes input)
{
    for (enum pin_format f = 0; f < PIN_FORMATS; f++) {
        struct pin pin = {0};
        struct pin_block block;
        size_t len = pin_block_length(f);
        if (input.len < len) continue;
        struct bytes pan = bytes_of(input.at + len, input.len - len);
        if (FAILED(pin_block_decode_clear(f, bytes_of(input.at, len), pan, &pin))) continue;
        ENSURE(pin.len >= PIN_DIGITS_MIN && pin.len <= PIN_DIGITS_MAX);
        ENSURE(!FAILED(pin_block_encode_clear(&crypto.random, f, &pin, pan, &block)));
        /* Formats 1 and 3 have random filler: there only the first byte must be the same. */
        size_t same = f == PIN_ISO3 || f == PIN_ISO1 ? 1 : len;
        ENSURE(bytes_equal(bytes_of(block.at, same), bytes_of(input.at, same)));
    }
}

static void fuzz_sealed(struct bytes input)
{
    static uint8_t out[SEALED_PLAIN_MAX];
    struct writer w = writer_over(out, sizeof out);
    const struct sealed_secret secret = {SEALED_BY_KEY, secret_view(&protection.value)};
    err e = sealed_read(&crypto, &secret, BYTES("fuzz"), input, &w);
    ENSURE(FAILED(e) ? w.len == 0 : w.len + SEALED_OVERHEAD == input.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const target[])(struct bytes) = {fuzz_card_data, fuzz_delivery, fuzz_pin_block,
                                                   fuzz_sealed};
    open_once();
    if (size == 0) return 0;
    target[data[0] % ARRAY_LEN(target)](bytes_of(data + 1, size - 1));
    return 0;
}
