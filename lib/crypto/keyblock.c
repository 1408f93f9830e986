/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TR-31 (ASC X9 TR-31:2018, ANSI X9.143-2022): the header as it reads, blocks of any version, and
 * our own keys as blocks of version D.
 */
#include "lib/crypto/keyblock.h"

#include <assert.h>

#include "lib/base/hex.h"
#include "lib/crypto/cipher.h"
#include "lib/crypto/keyblock_binding.h"

enum {
    BLOCK = 16, /* of version D */
    BLOCK_MAX = 16,
    MAC_CHARS = 32,
    OPTIONAL_MAX = 2 * BLOCK + 1, /* and the NUL of a format */
    PAD_BLOCK_MIN = 4             /* id and length */
};

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
struct keyblock_optional keyblock_read_optional(struct reader *r)
{
    static const struct keyblock_optional none;
    size_t before = r->left.len;
    struct bytes id = read_bytes(r, 2);
    unsigned len = read_hex_digits(r, 2);
    if (len == 0) {
        unsigned digits = read_hex_digits(r, 2);
        if (digits == 0 || digits > 4) reader_fail(r, ERR_FORMAT);
        len = read_hex_digits(r, digits > 4 ? 0 : digits);
    }
    if (r->fault != ERR_OK) return none;
    size_t taken = before - r->left.len;
    if (len < taken) reader_fail(r, ERR_FORMAT);
    struct keyblock_optional found = {.data = read_bytes(r, len < taken ? 0 : len - taken)};
    if (r->fault != ERR_OK) return none;
    memcpy(found.id, id.at, sizeof found.id);
    return found;
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
    for (unsigned i = 0; i < header.optional_count && r.fault == ERR_OK; i++)
        (void)keyblock_read_optional(&r);
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

/* Header and clear key data together, as the MAC runs over them. Secret. */
struct body {
    uint8_t at[KEYBLOCK_FOREIGN_MAX];
    size_t len;
};

static void body_wipe(struct body *body)
{
    secret_wipe_bytes(body->at, body->len);
}

/* Upper-case hex only: a block has one spelling. */
static err read_hex(struct bytes text, uint8_t *out, size_t max, size_t *ret_len)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] >= 'a') return ERR(FORMAT);
    return hex_decode(text, out, max, ret_len);
}

/* The parts of a block as they lie in the text. */
struct layout {
    const struct keyblock_binding *binding;
    size_t head, mac_chars;
    struct bytes data_text, mac_text;
};

static err lay_out(struct bytes block, const struct keyblock_header *header,
                   struct layout *ret_layout)
{
    const struct keyblock_binding *binding = keyblock_binding_of(header->version);
    if (binding == NULL) return ERR(UNSUPPORTED);
    size_t head = KEYBLOCK_HEADER_BYTES + header->optional.len, mac_chars = 2u * binding->mac_len;
    enum { LEAST = 2 + 1 }; /* a length, and a key of one byte */
    size_t least = binding->unit < LEAST ? LEAST : binding->unit;
    if (block.len < head + mac_chars + 2u * least) return ERR(SHORT);
    size_t data_chars = block.len - head - mac_chars;
    if (head % binding->unit != 0 || data_chars % (2u * binding->unit) != 0) return ERR(FORMAT);
    *ret_layout = (struct layout){binding, head, mac_chars, bytes_of(block.at + head, data_chars),
                                  bytes_of(block.at + head + data_chars, mac_chars)};
    return OK;
}

void keyblock_keys_wipe(struct keyblock_keys *keys)
{
    secret_wipe_bytes(keys, sizeof *keys);
}

static err derive_keys(struct crypto *crypto, const struct keyblock_binding *binding,
                       const struct key *protection, struct keyblock_keys *ret_keys)
{
    TRY(keyblock_derive(crypto, binding, protection, KEYBLOCK_ENCRYPTION, &ret_keys->encryption));
    return keyblock_derive(crypto, binding, protection, KEYBLOCK_AUTHENTICATION,
                           &ret_keys->authentication);
}

/* Decrypts the key data behind the header and checks the MAC, in the order the version has. */
static err open_body(struct crypto *crypto, const struct keyblock_keys *keys,
                     const struct layout *layout, struct bytes mac, struct body *body)
{
    const struct keyblock_binding *binding = layout->binding;
    const struct key *authentication = &keys->authentication;
    uint8_t expected[BLOCK_MAX], iv[BLOCK_MAX] = {0};
    struct bytes whole = bytes_of(body->at, body->len);
    struct bytes data = bytes_of(body->at + layout->head, body->len - layout->head);
    memcpy(iv, binding->variant ? body->at : mac.at, binding->block);
    if (binding->variant) {
        TRY(keyblock_mac(crypto, binding, authentication, whole, expected));
        if (!secret_equal(bytes_of(expected, mac.len), mac)) return ERR(MAC);
    }
    TRY(keyblock_crypt(crypto, binding, &keys->encryption, iv, false, data,
                       body->at + layout->head));
    if (binding->variant) return OK;
    TRY(keyblock_mac(crypto, binding, authentication, whole, expected));
    return secret_equal(bytes_of(expected, mac.len), mac) ? OK : ERR(MAC);
}

/* Opens with the protection key, or with keys that were derived of it before: one of both. */
static err open_block(struct crypto *crypto, const struct key *protection,
                      const struct keyblock_keys *derived, struct bytes block,
                      struct keyblock_header *ret_header, uint8_t *ret_value, size_t max,
                      size_t *ret_len)
{
    struct keyblock_header header;
    struct layout layout;
    TRY(keyblock_read_header(block, &header));
    TRY(lay_out(block, &header, &layout));

    CLEANUP(body_wipe) struct body body = {.len = 0};
    CLEANUP(keyblock_keys_wipe) struct keyblock_keys keys = {0};
    uint8_t mac[BLOCK_MAX];
    size_t mac_len, data_len;
    memcpy(body.at, block.at, layout.head);
    TRY(read_hex(layout.mac_text, mac, sizeof mac, &mac_len));
    TRY(read_hex(layout.data_text, body.at + layout.head, sizeof body.at - layout.head, &data_len));
    body.len = layout.head + data_len;
    if (derived == NULL) TRY(derive_keys(crypto, layout.binding, protection, &keys));
    TRY(open_body(crypto, derived == NULL ? &keys : derived, &layout, bytes_of(mac, mac_len),
                  &body));

    struct bytes data = bytes_of(body.at + layout.head, data_len);
    size_t bits = (size_t)data.at[0] << 8 | data.at[1];
    if (bits == 0 || bits % 8 != 0 || bits / 8 > data_len - 2) return ERR(FORMAT);
    if (bits / 8 > max) return ERR(LENGTH);
    memcpy(ret_value, data.at + 2, bits / 8);
    *ret_len = bits / 8;
    *ret_header = header;
    return OK;
}

err keyblock_open(struct crypto *crypto, const struct key *protection, struct bytes block,
                  struct keyblock_header *ret_header, uint8_t *ret_value, size_t max,
                  size_t *ret_len)
{
    return open_block(crypto, protection, NULL, block, ret_header, ret_value, max, ret_len);
}

static size_t round_up(size_t len, size_t block)
{
    return (len + block - 1) / block * block;
}

/* The header as text; a padding block (PB) makes it whole units (X9.143, 6.3.7). */
static void write_foreign_header(struct writer *w, const struct keyblock_header *header,
                                 const struct keyblock_binding *binding, size_t data_len)
{
    size_t head = KEYBLOCK_HEADER_BYTES + header->optional.len;
    size_t pad = round_up(head, binding->unit) - head;
    if (pad > 0 && pad < PAD_BLOCK_MIN) pad += binding->unit;
    size_t length = head + pad + 2 * data_len + 2u * binding->mac_len;
    if (length > KEYBLOCK_FOREIGN_MAX || header->optional_count + (pad > 0) > 99) {
        writer_fail(w, ERR_LENGTH);
        return;
    }
    write_format(w, "%c%04zu%.2s%c%c%.2s%c%02u00", header->version, length, header->usage,
                 header->algorithm, header->mode, header->key_version, header->exportability,
                 header->optional_count + (pad > 0));
    write_bytes(w, header->optional);
    if (pad == 0) return;
    write_format(w, "PB%02zX", pad);
    for (size_t i = PAD_BLOCK_MIN; i < pad; i++) write_bytes(w, BYTES("0"));
}

/* The block of a header and a value, its length and keys being settled. */
static err make_block(struct crypto *crypto, const struct keyblock_keys *keys,
                      const struct keyblock_header *header, struct bytes value, size_t masked,
                      struct writer *w)
{
    const struct keyblock_binding *binding = keyblock_binding_of(header->version);
    CLEANUP(body_wipe) struct body body = {.len = 0};
    struct writer clear = writer_over(body.at, sizeof body.at);
    size_t data_len = round_up(2 + masked, binding->unit);
    write_foreign_header(&clear, header, binding, data_len);
    size_t head = clear.len;
    write_be(&clear, 8u * value.len, 2);
    write_bytes(&clear, value);
    if (clear.fault != ERR_OK) return (err){clear.fault};
    if (head + data_len > sizeof body.at) return ERR(LENGTH);
    body.len = head + data_len;
    random_fill(&crypto->random, body.at + clear.len, body.len - clear.len);

    uint8_t mac[BLOCK_MAX], iv[BLOCK_MAX] = {0};
    const struct key *authentication = &keys->authentication;
    struct bytes whole = bytes_of(body.at, body.len), data = bytes_of(body.at + head, data_len);
    if (!binding->variant) TRY(keyblock_mac(crypto, binding, authentication, whole, mac));
    memcpy(iv, binding->variant ? body.at : mac, binding->block);
    TRY(keyblock_crypt(crypto, binding, &keys->encryption, iv, true, data, body.at + head));
    if (binding->variant) TRY(keyblock_mac(crypto, binding, authentication, whole, mac));
    write_bytes(w, bytes_of(body.at, head));
    write_hex_upper(w, data);
    write_hex_upper(w, bytes_of(mac, binding->mac_len));
    return (err){w->fault};
}

err keyblock_make(struct crypto *crypto, const struct key *protection,
                  const struct keyblock_header *header, struct bytes value, struct writer *w)
{
    return keyblock_make_masked(crypto, protection, header, value, value.len, w);
}

err keyblock_make_masked(struct crypto *crypto, const struct key *protection,
                         const struct keyblock_header *header, struct bytes value, size_t masked,
                         struct writer *w)
{
    const struct keyblock_binding *binding = keyblock_binding_of(header->version);
    if (binding == NULL) return ERR(UNSUPPORTED);
    if (value.len == 0 || masked < value.len || masked > KEYBLOCK_FOREIGN_KEY_MAX)
        return ERR(LENGTH);
    CLEANUP(keyblock_keys_wipe) struct keyblock_keys keys = {0};
    TRY(derive_keys(crypto, binding, protection, &keys));
    return make_block(crypto, &keys, header, value, masked, w);
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
    [KEY_USAGE_INITIAL] = {"B1", 'X', false, NULL},
    [KEY_USAGE_CARD_VERIFICATION] = {"C0", 'C', false, NULL},
    [KEY_USAGE_PVV] = {"V2", 'C', false, NULL},
    [KEY_USAGE_IBM3624] = {"V1", 'C', false, NULL},
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

/* The header of a key and its optional blocks in `room`. The one spelling that unwrap accepts. */
static struct keyblock_header own_header(enum key_usage usage, enum key_algorithm algorithm,
                                         char room[OPTIONAL_MAX])
{
    const char *name = usage_row[usage].name == NULL ? "" : usage_row[usage].name;
    const char *hmac = usage_row[usage].hmac ? hmac_optional : "";
    const char *chars = usage_row[usage].usage;
    if (is_des(algorithm) && strcmp(chars, "M6") == 0) chars = "M3";
    struct writer w = writer_over(room, OPTIONAL_MAX);
    write_bytes(&w, bytes_text(name));
    write_bytes(&w, bytes_text(hmac));
    struct keyblock_header header = {
        .version = 'D',
        .algorithm = algorithm_char[algorithm],
        .mode = usage_row[usage].mode,
        .key_version = {'0', '0'},
        .exportability = 'N',
        /* HM and the PB that fills its block: two */
        .optional_count = (*name != '\0' ? 1u : 0u) + (*hmac != '\0' ? 2u : 0u),
        .optional = writer_view(&w),
    };
    memcpy(header.usage, chars, 2);
    return header;
}

err keyblock_own_keys(struct crypto *crypto, const struct key *protection,
                      struct keyblock_keys *ret_keys)
{
    if (protection->algorithm != KEY_AES256 || protection->usage != KEY_USAGE_MASTER)
        return ERR(KEY);
    return derive_keys(crypto, keyblock_binding_of('D'), protection, ret_keys);
}

/* Looked at before any key is derived. */
static err check_wrappable(const struct key *key)
{
    ENSURE(key->usage < KEY_USAGES && key->value.len == key_size(key->algorithm));
    return wrappable(key->usage, key->algorithm) ? OK : ERR(KEY);
}

err keyblock_wrap(struct crypto *crypto, const struct key *protection, const struct key *key,
                  struct writer *w)
{
    TRY(check_wrappable(key));
    CLEANUP(keyblock_keys_wipe) struct keyblock_keys keys = {0};
    TRY(keyblock_own_keys(crypto, protection, &keys));
    return keyblock_wrap_derived(crypto, &keys, key, w);
}

err keyblock_wrap_derived(struct crypto *crypto, const struct keyblock_keys *keys,
                          const struct key *key, struct writer *w)
{
    TRY(check_wrappable(key));
    char room[OPTIONAL_MAX];
    struct keyblock_header header = own_header(key->usage, key->algorithm, room);
    return make_block(crypto, keys, &header, secret_view(&key->value), key->value.len, w);
}

/* The algorithm of a header whose value has `len` bytes, or KEY_ALGORITHMS. */
static enum key_algorithm algorithm_of(char c, size_t len)
{
    for (enum key_algorithm i = 0; i < KEY_ALGORITHMS; i++)
        if (algorithm_char[i] == c && key_size(i) == len) return i;
    return KEY_ALGORITHMS;
}

static bool same_header(const struct keyblock_header *a, const struct keyblock_header *b)
{
    return memcmp(a->usage, b->usage, 2) == 0 && a->algorithm == b->algorithm &&
           a->mode == b->mode && memcmp(a->key_version, b->key_version, 2) == 0 &&
           a->exportability == b->exportability && a->optional_count == b->optional_count &&
           bytes_equal(a->optional, b->optional);
}

/* The key of a header in our own spelling. */
static err own_key(const struct keyblock_header *header, struct bytes value, struct key *ret_key)
{
    enum key_algorithm algorithm = algorithm_of(header->algorithm, value.len);
    if (algorithm == KEY_ALGORITHMS) return ERR(FORMAT);
    for (enum key_usage usage = 0; usage < KEY_USAGES; usage++) {
        char room[OPTIONAL_MAX];
        if (!wrappable(usage, algorithm)) continue;
        struct keyblock_header ours = own_header(usage, algorithm, room);
        if (same_header(&ours, header)) return key_make(algorithm, usage, value, ret_key);
    }
    return ERR(FORMAT);
}

err keyblock_unwrap(struct crypto *crypto, const struct key *protection, struct bytes block,
                    struct key *ret_key)
{
    CLEANUP(keyblock_keys_wipe) struct keyblock_keys keys = {0};
    TRY(keyblock_own_keys(crypto, protection, &keys));
    return keyblock_unwrap_derived(crypto, &keys, block, ret_key);
}

err keyblock_unwrap_derived(struct crypto *crypto, const struct keyblock_keys *keys,
                            struct bytes block, struct key *ret_key)
{
    if (block.len > KEYBLOCK_MAX) return ERR(LENGTH);
    struct keyblock_header header;
    CLEANUP(secret_wipe) struct secret value = {0};
    size_t len;
    TRY(keyblock_read_header(block, &header));
    if (header.version != 'D') return ERR(UNSUPPORTED); /* nothing of ours is in another */
    TRY(open_block(crypto, NULL, keys, block, &header, value.at, sizeof value.at, &len));
    size_t chars = KEYBLOCK_HEADER_BYTES + header.optional.len + 2 * round_up(2 + len, BLOCK);
    if (block.len != chars + MAC_CHARS) return ERR(FORMAT); /* more padding than we put in */
    return own_key(&header, bytes_of(value.at, len), ret_key);
}
