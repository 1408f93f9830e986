/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao inspect keyblock`: what a TR-31 / X9.143 key block says of itself. The header is in
 * clear and is put into words; with a test key on a descriptor the MAC is checked and the key
 * inside shown by its check value. The value itself only with --show-key.
 */
#include "cli/inspect.h"

#include <unistd.h>

#include "lib/crypto/keyblock.h"

enum { TEST_KEY_TEXT_MAX = 256, TEST_KEY_MAX = 32 };

struct meaning {
    const char *code, *text;
};

/* X9.143, 6.3: what the letters stand for. */
static const struct meaning versions[] = {
    {"A", "TDES, key variants, 4-byte MAC over the ciphertext; withdrawn"},
    {"B", "TDES, derived keys, 8-byte CMAC"},
    {"C", "TDES, key variants, 4-byte MAC over the ciphertext"},
    {"D", "AES, derived keys, 16-byte CMAC"},
    {"E", "AES in counter mode (ISO 20038)"},
    {NULL, NULL},
};

static const struct meaning usages[] = {
    {"B0", "base derivation key (BDK)"},
    {"B1", "initial DUKPT key"},
    {"B2", "base key variant key"},
    {"B3", "key derivation key"},
    {"C0", "card verification key (CVV)"},
    {"D0", "data encryption"},
    {"D1", "data encryption, asymmetric"},
    {"E0", "EMV issuer master key: application cryptograms"},
    {"E1", "EMV issuer master key: secure messaging for confidentiality"},
    {"E2", "EMV issuer master key: secure messaging for integrity"},
    {"E3", "EMV issuer master key: data authentication code"},
    {"E4", "EMV issuer master key: dynamic numbers"},
    {"E5", "EMV issuer master key: card personalisation"},
    {"E6", "EMV issuer master key: other"},
    {"I0", "initialisation vector"},
    {"K0", "key encryption or wrapping"},
    {"K1", "TR-31 key block protection key"},
    {"K2", "TR-34 asymmetric key"},
    {"K3", "asymmetric key for key agreement"},
    {"M0", "MAC: ISO 16609 algorithm 1 with TDES"},
    {"M1", "MAC: ISO 9797-1 algorithm 1"},
    {"M2", "MAC: ISO 9797-1 algorithm 2"},
    {"M3", "MAC: ISO 9797-1 algorithm 3 (X9.19)"},
    {"M4", "MAC: ISO 9797-1 algorithm 4"},
    {"M5", "MAC: ISO 9797-1:1999 algorithm 5"},
    {"M6", "MAC: CMAC"},
    {"M7", "HMAC"},
    {"M8", "MAC: ISO 9797-1 algorithm 6"},
    {"P0", "PIN encryption"},
    {"S0", "asymmetric key for signatures"},
    {"S1", "asymmetric key of a certificate authority"},
    {"S2", "asymmetric key, other"},
    {"V0", "PIN verification, other algorithm"},
    {"V1", "PIN verification: IBM 3624"},
    {"V2", "PIN verification: Visa PVV"},
    {"V3", "PIN verification: X9.132 algorithm 1"},
    {"V4", "PIN verification: X9.132 algorithm 2"},
    {NULL, NULL},
};

static const struct meaning algorithms[] = {
    {"A", "AES"}, {"D", "DES"}, {"E", "elliptic curve"}, {"H", "HMAC"},
    {"R", "RSA"}, {"S", "DSA"}, {"T", "TDES"},           {"4", "SM4 (this product's own number)"},
    {NULL, NULL},
};

static const struct meaning modes[] = {
    {"B", "encrypt and decrypt"}, {"C", "generate and verify"}, {"D", "decrypt only"},
    {"E", "encrypt only"},        {"G", "generate only"},       {"N", "no restriction"},
    {"S", "sign only"},           {"T", "sign and decrypt"},    {"V", "verify only"},
    {"X", "derive other keys"},   {"Y", "create key variants"}, {NULL, NULL},
};

static const struct meaning exports[] = {
    {"E", "may leave, in a key block"},
    {"N", "may not leave"},
    {"S", "may leave under any key encryption key"},
    {NULL, NULL},
};

static const struct meaning optionals[] = {
    {"AL", "asymmetric key life"},
    {"BI", "base derivation key identifier"},
    {"CT", "public key certificate"},
    {"DA", "derivations allowed"},
    {"FL", "flags"},
    {"HM", "hash algorithm of an HMAC key"},
    {"IK", "initial key identifier of AES DUKPT"},
    {"KC", "check value of the key"},
    {"KP", "check value of the key that protects the block"},
    {"KS", "key set identifier: initial key serial number of TDES DUKPT"},
    {"KV", "key block values version"},
    {"LB", "label"},
    {"PB", "padding"},
    {"PK", "protection key check value"},
    {"TC", "time of creation"},
    {"TS", "time stamp"},
    {"WP", "wrapping pedigree"},
    {"10", "this product's own: whose key it is"},
    {NULL, NULL},
};

static void member_meaning(struct json_out *j, const char *name, const char *text_name,
                           const struct meaning *table, struct bytes code)
{
    const char *text = "not a value of the standard";
    for (; table->code != NULL; table++)
        if (bytes_equal(code, bytes_text(table->code))) text = table->text;
    json_member_text(j, name, code);
    json_member_string(j, text_name, text);
}

/* "00": none is kept. "c1".."c9": a component (X9.143, 6.3.5). */
static const char *key_version_text(const char version[2])
{
    if (memcmp(version, "00", 2) == 0) return "versions are not used";
    return version[0] == 'c' ? "a component of a key" : "version of the key";
}

static void member_optionals(struct json_out *j, const struct keyblock_header *header)
{
    struct reader r = reader_over(header->optional);
    json_member_array(j, "optional");
    for (unsigned i = 0; i < header->optional_count; i++) {
        struct keyblock_optional block = keyblock_read_optional(&r);
        ENSURE(r.fault == ERR_OK); /* keyblock_read_header has read them before */
        json_object_begin(j);
        member_meaning(j, "id", "meaning", optionals, BYTES_OF(block.id));
        json_member_text(j, "data", block.data);
        json_object_end(j);
    }
    json_array_end(j);
}

static void member_header(struct json_out *j, const struct keyblock_header *h, struct bytes block)
{
    member_meaning(j, "version", "binding", versions, bytes_of(&h->version, 1));
    json_member_int(j, "length", (int64_t)block.len);
    member_meaning(j, "usage", "usage_meaning", usages, BYTES_OF(h->usage));
    member_meaning(j, "algorithm", "algorithm_meaning", algorithms, bytes_of(&h->algorithm, 1));
    member_meaning(j, "mode", "mode_meaning", modes, bytes_of(&h->mode, 1));
    json_member_text(j, "key_version", BYTES_OF(h->key_version));
    json_member_string(j, "key_version_meaning", key_version_text(h->key_version));
    member_meaning(j, "exportability", "exportability_meaning", exports,
                   bytes_of(&h->exportability, 1));
    member_optionals(j, h);
}

err inspect_read_key(const struct inspect_options *o, uint8_t *out, size_t *ret_len)
{
    uint8_t text[TEST_KEY_TEXT_MAX];
    size_t len = 0, got = 0;
    ssize_t part;
    while (len < sizeof text && (part = read(o->key_fd, text + len, sizeof text - len)) != 0) {
        if (part < 0) return ERR(IO);
        len += (size_t)part;
    }
    err e = inspect_unhex(bytes_of(text, len), out, TEST_KEY_MAX, &got);
    secret_wipe_bytes(text, sizeof text);
    if (FAILED(e) || (got != 16 && got != 24 && got != 32)) return ERR(FORMAT);
    *ret_len = got;
    return OK;
}

err inspect_member_key(const struct inspect_options *o, struct crypto *crypto,
                       const struct key *key, struct json_out *j)
{
    uint8_t kcv[KEY_CHECK_BYTES];
    TRY(key_check_value(crypto, key, kcv));
    json_member_string(j, "cipher", key_algorithm_text(key->algorithm));
    json_member_hex(j, "kcv", BYTES_OF(kcv));
    if (o->show_key) json_member_hex(j, "value", secret_view(&key->value));
    return OK;
}

/* A test key for a version: the cipher by the version, the size by the key. */
static err protection_of(char version, struct bytes value, struct key *ret_key)
{
    bool aes = version == 'D' || version == 'E';
    enum key_algorithm algorithm = value.len == 16   ? (aes ? KEY_AES128 : KEY_TDES)
                                   : value.len == 24 ? (aes ? KEY_AES192 : KEY_TDES3)
                                                     : KEY_AES256;
    return key_make(algorithm, KEY_USAGE_MASTER, value, ret_key);
}

/* A key that is not of a cipher here (RSA, EC) is told by its length only. */
static err member_inside(const struct inspect_options *o, struct crypto *crypto,
                         const struct keyblock_header *header, struct bytes value,
                         struct json_out *j)
{
    static const struct {
        char letter;
        enum key_algorithm algorithm;
    } rows[] = {{'T', KEY_TDES},   {'T', KEY_TDES3}, {'A', KEY_AES128},      {'A', KEY_AES192},
                {'A', KEY_AES256}, {'D', KEY_DES},   {'H', KEY_HMAC_SHA256}, {'4', KEY_SM4}};
    json_member_int(j, "bits", (int64_t)(8 * value.len));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(key_wipe) struct key key = {0};
        if (rows[i].letter != header->algorithm || key_size(rows[i].algorithm) != value.len)
            continue;
        TRY(key_make(rows[i].algorithm, KEY_USAGE_DATA, value, &key));
        return inspect_member_key(o, crypto, &key, j);
    }
    if (o->show_key) json_member_hex(j, "value", value);
    return OK;
}

static err open_block(const struct inspect_options *o, const struct keyblock_header *header,
                      struct bytes block, struct json_out *j)
{
    uint8_t test_key[TEST_KEY_MAX];
    static uint8_t value[KEYBLOCK_FOREIGN_KEY_MAX];
    size_t len = 0, test_len = 0;
    struct keyblock_header again;
    struct crypto crypto = {0};
    CLEANUP(key_wipe) struct key protection = {0};
    TRY(inspect_read_key(o, test_key, &test_len));
    TRY(protection_of(header->version, bytes_of(test_key, test_len), &protection));
    secret_wipe_bytes(test_key, sizeof test_key);
    err e = crypto_open(random_system(), &crypto);
    if (!FAILED(e))
        e = keyblock_open(&crypto, &protection, block, &again, value, sizeof value, &len);
    if (!FAILED(e)) {
        json_member_string(j, "mac", "right");
        e = member_inside(o, &crypto, header, bytes_of(value, len), j);
    }
    secret_wipe_bytes(value, sizeof value);
    crypto_close(&crypto);
    return e;
}

static int refuse(const struct inspect_options *o, err e)
{
    const char *advice =
        e.code == ERR_MAC   ? "another key protects it, or a character was changed"
        : e.code == ERR_KEY ? "versions A, B and C take a TDES key of 16 or 24 bytes, D an AES key"
        : e.code == ERR_FORMAT || e.code == ERR_IO
            ? "--key-fd takes 16, 24 or 32 bytes in hexadecimal; or the block is malformed"
        : e.code == ERR_UNSUPPORTED ? "versions A to D are opened"
                                    : "was it cut off?";
    return inspect_refuse(o, "this block does not open: %s; %s", err_text(e), advice);
}

int inspect_keyblock(const struct inspect_options *o, struct bytes input, struct json_out *j)
{
    struct keyblock_header header;
    struct bytes block = inspect_trim(input);
    err e = keyblock_read_header(block, &header);
    if (FAILED(e))
        return inspect_refuse(o,
                              "this is no TR-31 key block: %s; it begins with its version and its "
                              "length in four digits, and %zu characters came",
                              err_text(e), block.len);
    json_object_begin(j);
    member_header(j, &header, block);
    if (o->key_fd >= 0) e = open_block(o, &header, block, j);
    else json_member_string(j, "mac", "not checked: no key was given");
    if (FAILED(e)) return refuse(o, e);
    json_object_end(j);
    return INSPECT_DONE;
}
