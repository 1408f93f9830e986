/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TR-31 version D (ANSI X9.143-2022, clause 7): the header as it reads, the two derived keys, and
 * our own keys as blocks.
 */
#include "lib/crypto/keyblock.h"

#include <assert.h>

#include "lib/base/hex.h"
#include "lib/base/reader.h"
#include "lib/crypto/cipher.h"
#include "lib/crypto/keyed_mac.h"

enum { BLOCK = 16, MAC_CHARS = 32, OPTIONAL_MAX = 2 * BLOCK + 1 /* and the NUL of a format */ };

/* Upper-case hex digits as a number. */
static unsigned read_hex_digits(struct reader *r, size_t count)
{
    struct bytes b = read_bytes(r, count);
    unsigned value = 0;
    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.at[i];
        if ((c < '0' || c > '9') && (c < 'A' || c > 'F')) reader_fail(r, ERR_FORMAT);
        value = value << 4 | (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
    }
    return value;
}

/*
 * One optional block: id, two hex digits of length that count everything; 00 means that the
 * length follows in as many digits as the next two say (X9.143, 6.3.6).
 */
static void skip_optional(struct reader *r)
{
    size_t before = r->left.len;
    (void)read_bytes(r, 2);
    unsigned len = read_hex_digits(r, 2);
    if (len == 0) {
        unsigned digits = read_hex_digits(r, 2);
        if (digits == 0 || digits > 4) reader_fail(r, ERR_FORMAT);
        len = read_hex_digits(r, digits > 4 ? 0 : digits);
    }
    if (r->fault != ERR_OK) return;
    size_t taken = before - r->left.len;
    if (len < taken) reader_fail(r, ERR_FORMAT);
    else (void)read_bytes(r, len - taken);
}

static bool printable(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (b.at[i] < 0x20 || b.at[i] > 0x7e) return false;
    return true;
}

err keyblock_read_header(struct bytes block, struct keyblock_header *ret_header)
{
    if (block.len > KEYBLOCK_FOREIGN_MAX) return ERR(LENGTH);
    if (!printable(block)) return ERR(FORMAT);
    struct reader r = reader_over(block);
    struct keyblock_header header = {0};
    struct bytes version = read_bytes(&r, 1);
    unsigned length = read_digits(&r, 4);
    struct bytes usage = read_bytes(&r, 2), algorithm = read_bytes(&r, 1);
    struct bytes mode = read_bytes(&r, 1), key_version = read_bytes(&r, 2);
    struct bytes exportability = read_bytes(&r, 1);
    header.optional_count = read_digits(&r, 2);
    struct bytes reserved = read_bytes(&r, 2);
    const uint8_t *optional = r.left.at;
    for (unsigned i = 0; i < header.optional_count && r.fault == ERR_OK; i++) skip_optional(&r);
    if (r.fault != ERR_OK) return (err){r.fault == ERR_DIGIT ? ERR_FORMAT : r.fault};
    if (length != block.len || !bytes_equal(reserved, BYTES("00"))) return ERR(FORMAT);

    header.version = (char)version.at[0];
    memcpy(header.usage, usage.at, 2);
    header.algorithm = (char)algorithm.at[0];
    header.mode = (char)mode.at[0];
    memcpy(header.key_version, key_version.at, 2);
    header.exportability = (char)exportability.at[0];
    header.optional = bytes_of(optional, (size_t)(r.left.at - optional));
    *ret_header = header;
    return OK;
}

/*
 * Encryption key (purpose 0) or authentication key (purpose 1) of a protection key: CMAC in
 * counter mode over eight bytes (X9.143, 7.3.2.2).
 */
static err derive(struct crypto *crypto, const struct key *protection, uint8_t purpose,
                  struct key *ret_key)
{
    static const struct {
        enum crypto_mac mac;
        uint8_t algorithm;
    } row[KEY_ALGORITHMS] = {
        [KEY_AES128] = {CRYPTO_CMAC_AES128, 2},
        [KEY_AES192] = {CRYPTO_CMAC_AES192, 3},
        [KEY_AES256] = {CRYPTO_CMAC_AES256, 4},
    };
    ENSURE(protection->algorithm < KEY_ALGORITHMS);
    if (protection->usage != KEY_USAGE_MASTER || row[protection->algorithm].algorithm == 0)
        return ERR(KEY);
    unsigned bits = 8u * protection->value.len;
    CLEANUP(secret_wipe) struct secret derived = {.len = protection->value.len};
    for (uint8_t i = 0; i * BLOCK < protection->value.len; i++) {
        uint8_t input[8] = {(uint8_t)(i + 1),
                            0,
                            purpose,
                            0,
                            0,
                            row[protection->algorithm].algorithm,
                            (uint8_t)(bits >> 8),
                            (uint8_t)bits};
        TRY(keyed_mac(crypto, row[protection->algorithm].mac, secret_view(&protection->value),
                      BYTES_OF(input), derived.at + i * BLOCK));
    }
    return key_make(protection->algorithm, KEY_USAGE_MASTER, secret_view(&derived), ret_key);
}

/* Header and clear key data together, as the MAC runs over them. Secret. */
struct body {
    uint8_t at[KEYBLOCK_FOREIGN_MAX];
    size_t len;
};

static void body_wipe(struct body *body)
{
    secret_wipe_bytes(body->at, body->len);
}

static err body_mac(struct crypto *crypto, const struct key *protection, const struct body *body,
                    uint8_t ret_mac[BLOCK])
{
    CLEANUP(key_wipe) struct key key = {0};
    TRY(derive(crypto, protection, 1, &key));
    enum crypto_mac which = key.algorithm == KEY_AES128   ? CRYPTO_CMAC_AES128
                            : key.algorithm == KEY_AES192 ? CRYPTO_CMAC_AES192
                                                          : CRYPTO_CMAC_AES256;
    return keyed_mac(crypto, which, secret_view(&key.value), bytes_of(body->at, body->len),
                     ret_mac);
}

/* Upper-case hex only: a block has one spelling. */
static err read_hex(struct bytes text, uint8_t *out, size_t max, size_t *ret_len)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] >= 'a') return ERR(FORMAT);
    return hex_decode(text, out, max, ret_len);
}

err keyblock_open(struct crypto *crypto, const struct key *protection, struct bytes block,
                  struct keyblock_header *ret_header, uint8_t *ret_value, size_t max,
                  size_t *ret_len)
{
    struct keyblock_header header;
    TRY(keyblock_read_header(block, &header));
    if (header.version != 'D') return ERR(UNSUPPORTED);
    size_t head = KEYBLOCK_HEADER_BYTES + header.optional.len;
    if (block.len < head + MAC_CHARS + 2 * BLOCK) return ERR(SHORT);
    if (block.len % BLOCK != 0 || head % BLOCK != 0) return ERR(FORMAT);

    CLEANUP(body_wipe) struct body body = {.len = 0};
    uint8_t mac[BLOCK], expected[CRYPTO_SHA256_BYTES];
    size_t mac_len, data_len;
    struct bytes data_text = bytes_of(block.at + head, block.len - head - MAC_CHARS);
    memcpy(body.at, block.at, head);
    TRY(read_hex(bytes_of(block.at + block.len - MAC_CHARS, MAC_CHARS), mac, BLOCK, &mac_len));
    TRY(read_hex(data_text, body.at + head, sizeof body.at - head, &data_len));
    body.len = head + data_len;

    CLEANUP(key_wipe) struct key encryption = {0};
    TRY(derive(crypto, protection, 0, &encryption));
    struct bytes data = bytes_of(body.at + head, data_len);
    TRY(cipher_cbc_decrypt(crypto, &encryption, mac, data, body.at + head));
    TRY(body_mac(crypto, protection, &body, expected));
    if (!secret_equal(bytes_of(expected, BLOCK), BYTES_OF(mac))) return ERR(MAC);

    size_t bits = (size_t)data.at[0] << 8 | data.at[1];
    if (bits == 0 || bits % 8 != 0 || bits / 8 > data_len - 2) return ERR(FORMAT);
    if (bits / 8 > max) return ERR(LENGTH);
    memcpy(ret_value, data.at + 2, bits / 8);
    *ret_len = bits / 8;
    *ret_header = header;
    return OK;
}

/* Sixteen characters each, so that the header stays whole cipher blocks. */
static const char zone_name[] = "1010ZONE--------", recovery_name[] = "1010RECOVERY----",
                  pepper_name[] = "1010PEPPER------", hmac_optional[] = "HM0621PB0A000000";
static_assert(sizeof zone_name == BLOCK + 1 && sizeof recovery_name == BLOCK + 1 &&
                  sizeof pepper_name == BLOCK + 1 && sizeof hmac_optional == BLOCK + 1,
              "one block");

/* Our keys: which usages have which block, and what may be done with it. */
static const struct {
    char usage[3];    /* empty: never leaves as a block */
    char mode;        /* B both ways, C generate and verify, X derive */
    bool hmac;        /* an HMAC key, and no other usage has one */
    const char *name; /* an optional block that tells it from others of its usage; may be NULL */
} usage_row[KEY_USAGES] = {
    [KEY_USAGE_TERMINAL_MASTER] = {"K0", 'B', false, NULL},
    [KEY_USAGE_PIN] = {"P0", 'B', false, NULL},
    [KEY_USAGE_MAC] = {"M6", 'C', false, NULL}, /* M3 for DES, see usage_chars */
    [KEY_USAGE_DATA] = {"D0", 'B', false, NULL},
    [KEY_USAGE_ZONE_MASTER] = {"K0", 'B', false, zone_name},
    [KEY_USAGE_ZONE_PIN] = {"P0", 'B', false, zone_name},
    [KEY_USAGE_ZONE_MAC] = {"M6", 'C', false, zone_name},
    [KEY_USAGE_ZONE_DATA] = {"D0", 'B', false, zone_name},
    [KEY_USAGE_TOKEN] = {"M7", 'C', true, NULL},
    [KEY_USAGE_BASE_DERIVATION] = {"B0", 'X', false, NULL},
    [KEY_USAGE_RECOVERY] = {"M7", 'C', true, recovery_name},
    [KEY_USAGE_PEPPER] = {"M7", 'C', true, pepper_name},
};

static const char algorithm_char[KEY_ALGORITHMS] = {
    [KEY_DES] = 'D',    [KEY_TDES] = 'T',   [KEY_TDES3] = 'T', [KEY_AES128] = 'A',
    [KEY_AES192] = 'A', [KEY_AES256] = 'A', [KEY_SM4] = '4',   [KEY_HMAC_SHA256] = 'H',
};

static bool is_des(enum key_algorithm algorithm)
{
    return algorithm == KEY_DES || algorithm == KEY_TDES || algorithm == KEY_TDES3;
}

/* Does this usage go with this algorithm? */
static bool wrappable(enum key_usage usage, enum key_algorithm algorithm)
{
    if (usage_row[usage].usage[0] == '\0') return false;
    return usage_row[usage].hmac == (algorithm == KEY_HMAC_SHA256);
}

/* The header of a key whose data takes `data_chars`. The one spelling that unwrap accepts. */
static void write_header(struct writer *w, enum key_usage usage, enum key_algorithm algorithm,
                         size_t data_chars)
{
    const char *name = usage_row[usage].name == NULL ? "" : usage_row[usage].name;
    const char *hmac = usage_row[usage].hmac ? hmac_optional : "";
    unsigned count = (*name != '\0' ? 1u : 0u) + (*hmac != '\0' ? 2u : 0u);
    size_t length = KEYBLOCK_HEADER_BYTES + strlen(name) + strlen(hmac) + data_chars + MAC_CHARS;
    const char *chars = usage_row[usage].usage;
    if (is_des(algorithm) && usage_row[usage].mode == 'C') chars = "M3";
    write_format(w, "D%04zu%s%c%c00N%02u00%s%s", length, chars, algorithm_char[algorithm],
                 usage_row[usage].mode, count, name, hmac);
}

err keyblock_wrap(struct crypto *crypto, const struct key *protection, const struct key *key,
                  struct writer *w)
{
    ENSURE(key->usage < KEY_USAGES && key->value.len == key_size(key->algorithm));
    if (protection->algorithm != KEY_AES256 || !wrappable(key->usage, key->algorithm))
        return ERR(KEY);
    size_t data_len = (2u + key->value.len + BLOCK - 1) / BLOCK * BLOCK;

    CLEANUP(body_wipe) struct body body = {.len = 0};
    struct writer clear = writer_over(body.at, sizeof body.at);
    write_header(&clear, key->usage, key->algorithm, 2 * data_len);
    size_t head = clear.len;
    write_be(&clear, 8u * key->value.len, 2);
    write_bytes(&clear, secret_view(&key->value));
    body.len = head + data_len;
    ENSURE(clear.fault == ERR_OK && clear.len <= body.len);
    random_fill(&crypto->random, body.at + clear.len, body.len - clear.len);

    uint8_t mac[CRYPTO_SHA256_BYTES], under[2 + SECRET_MAX + BLOCK];
    CLEANUP(key_wipe) struct key encryption = {0};
    TRY(derive(crypto, protection, 0, &encryption));
    TRY(body_mac(crypto, protection, &body, mac));
    TRY(cipher_cbc_encrypt(crypto, &encryption, mac, bytes_of(body.at + head, data_len), under));
    write_bytes(w, bytes_of(body.at, head));
    write_hex_upper(w, bytes_of(under, data_len));
    write_hex_upper(w, bytes_of(mac, BLOCK));
    return (err){w->fault};
}

/* The algorithm of a header whose value has `len` bytes, or KEY_ALGORITHMS. */
static enum key_algorithm algorithm_of(char c, size_t len)
{
    for (enum key_algorithm i = 0; i < KEY_ALGORITHMS; i++)
        if (algorithm_char[i] == c && key_size(i) == len) return i;
    return KEY_ALGORITHMS;
}

err keyblock_unwrap(struct crypto *crypto, const struct key *protection, struct bytes block,
                    struct key *ret_key)
{
    if (protection->algorithm != KEY_AES256) return ERR(KEY);
    if (block.len > KEYBLOCK_MAX) return ERR(LENGTH);
    struct keyblock_header header;
    CLEANUP(secret_wipe) struct secret value = {0};
    size_t len;
    TRY(keyblock_open(crypto, protection, block, &header, value.at, sizeof value.at, &len));

    enum key_algorithm algorithm = algorithm_of(header.algorithm, len);
    if (algorithm == KEY_ALGORITHMS) return ERR(FORMAT);
    size_t head = KEYBLOCK_HEADER_BYTES + header.optional.len;
    for (enum key_usage usage = 0; usage < KEY_USAGES; usage++) {
        if (!wrappable(usage, algorithm)) continue;
        uint8_t text[KEYBLOCK_HEADER_BYTES + OPTIONAL_MAX];
        struct writer w = writer_over(text, sizeof text);
        write_header(&w, usage, algorithm, block.len - head - MAC_CHARS);
        if (w.fault == ERR_OK && bytes_equal(writer_view(&w), bytes_of(block.at, head)))
            return key_make(algorithm, usage, bytes_of(value.at, len), ret_key);
    }
    return ERR(FORMAT);
}
