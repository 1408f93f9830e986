/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao inspect pinblock`: for getting a PIN block right on a test link. It works with the keys
 * in the table below and no others: each is printed in a standard or made for test vectors, so
 * nothing that it opens was ever anybody's secret. A key that is not in the table is not even
 * tried.
 */
#include "cli/inspect.h"
#include "lib/crypto/pin.h"

struct test_key {
    const char *hex; /* upper case */
    enum key_algorithm algorithm;
    const char *source;
};

static const struct test_key test_keys[] = {
    {"0123456789ABCDEFFEDCBA9876543210", KEY_TDES, "the usual double-length test key"},
    {"0123456789ABCDEFFEDCBA9876543210", KEY_SM4, "GB/T 32907, appendix A"},
    {"11111111111111112222222222222222", KEY_TDES, "published sign-in example"},
    {"1C2A3B4C5D6E7F8091A2B3C4D5E6F708", KEY_TDES, "tests/vectors/iso8583/derived_sessions.json"},
    {"AF8CB133A78F8DC2D1359F18527593FB", KEY_AES128, "ANSI X9.24-3, supplement, format 4"},
    {"000102030405060708090A0B0C0D0E0F", KEY_AES128, "FIPS 197, appendix C"},
};

static enum key_algorithm algorithm_of(enum pin_format format)
{
    if (format == PIN_ISO4) return KEY_AES128;
    return format == PIN_SM4_SHORT || format == PIN_SM4_LONG ? KEY_SM4 : KEY_TDES;
}

/* By its text, or by the length of the block when none is given. PIN_FORMATS when unknown. */
static enum pin_format choose_format(const char *text, size_t block_len)
{
    if (text == NULL) return block_len == 16 ? PIN_ISO4 : PIN_ISO0;
    for (unsigned format = 0; format < PIN_FORMATS; format++)
        if (strcmp(pin_format_text((enum pin_format)format), text) == 0)
            return (enum pin_format)format;
    return PIN_FORMATS;
}

static const struct test_key *find_key(const char *hex, enum key_algorithm algorithm)
{
    uint8_t value[32], listed[32];
    size_t len = 0, listed_len = 0;
    if (FAILED(inspect_unhex(bytes_text(hex), value, sizeof value, &len))) return NULL;
    for (size_t i = 0; i < ARRAY_LEN(test_keys); i++) {
        err e = inspect_unhex(bytes_text(test_keys[i].hex), listed, sizeof listed, &listed_len);
        ENSURE(!FAILED(e));
        if (test_keys[i].algorithm == algorithm &&
            bytes_equal(bytes_of(value, len), bytes_of(listed, listed_len)))
            return &test_keys[i];
    }
    return NULL;
}

static err open_block(const struct test_key *listed, enum pin_format format, struct bytes block,
                      struct bytes pan, struct pin *ret_pin)
{
    uint8_t value[32];
    size_t len = 0;
    struct key key;
    struct crypto crypto = {0};
    TRY(inspect_unhex(bytes_text(listed->hex), value, sizeof value, &len));
    TRY(key_make(listed->algorithm, KEY_USAGE_PIN, bytes_of(value, len), &key));
    err e = crypto_open(random_system(), &crypto);
    if (!FAILED(e)) e = pin_block_decrypt(&crypto, &key, format, block, pan, ret_pin);
    crypto_close(&crypto);
    key_wipe(&key);
    return e;
}

static int refuse_block(const struct inspect_options *o, enum pin_format format, err e)
{
    const char *what = e.code == ERR_FORMAT
                           ? "wrong key, wrong card number, another format, or altered"
                       : e.code == ERR_LENGTH || e.code == ERR_DIGIT
                           ? "--pan must be the card number, 13 to 19 digits with its check digit"
                           : "is the installed OpenSSL complete?";
    return inspect_refuse(o, "not a PIN block of format %s at offset 0: %s; %s",
                          pin_format_text(format), err_text(e), what);
}

/* What the options must have; a listed key or NULL with the refusal printed and its status set. */
static const struct test_key *check_options(const struct inspect_options *o, enum pin_format format,
                                            size_t len, int *ret_status)
{
    *ret_status = INSPECT_BAD_USAGE;
    if (format == PIN_FORMATS || pin_block_length(format) != len) {
        inspect_refuse(
            o,
            "format %s does not go with %zu bytes; formats: iso-0 iso-3 no-pan (8), iso-4 "
            "sm4-short sm4-long (16)",
            o->format, len);
        return NULL;
    }
    if (o->key == NULL || (o->pan == NULL && format != PIN_NO_PAN)) {
        inspect_refuse(o, "--key and --pan are needed: the block is encrypted and bound to a card");
        return NULL;
    }
    const struct test_key *listed = find_key(o->key, algorithm_of(format));
    if (listed == NULL)
        *ret_status = inspect_refuse(
            o,
            "this is not one of the published test keys for %s; a PIN under any other "
            "key is not for anyone to see. Make the block again under a test key",
            key_algorithm_text(algorithm_of(format)));
    return listed;
}

int inspect_pinblock(const struct inspect_options *o, struct bytes input, struct json_out *j)
{
    uint8_t block[PIN_BLOCK_MAX];
    size_t len = 0;
    err e = inspect_unhex(input, block, sizeof block, &len);
    if (FAILED(e) || (len != 8 && len != 16))
        return inspect_refuse(o, "a PIN block is 16 or 32 hexadecimal characters (8 or 16 bytes)");
    enum pin_format format = choose_format(o->format, len);
    int status;
    const struct test_key *listed = check_options(o, format, len, &status);
    if (listed == NULL) return status;

    CLEANUP(pin_wipe) struct pin pin = {0};
    struct bytes pan = o->pan != NULL ? bytes_text(o->pan) : BYTES("0000000000000");
    e = open_block(listed, format, bytes_of(block, len), pan, &pin);
    if (FAILED(e)) return refuse_block(o, format, e);
    json_object_begin(j);
    json_member_string(j, "format", pin_format_text(format));
    json_member_string(j, "algorithm", key_algorithm_text(listed->algorithm));
    json_member_string(j, "key", listed->source);
    if (o->pan != NULL) inspect_member_pan(j, pan, o->show_pan);
    json_member_int(j, "pin_length", pin.len);
    json_member_text(j, "pin", bytes_of(pin.digit, pin.len));
    json_object_end(j);
    return INSPECT_DONE;
}
