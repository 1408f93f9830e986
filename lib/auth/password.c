/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of passwords. The record is parsed by a reader of its own, strictly: one spelling for
 * each record, numbers without leading zeros, costs within limits, so that a damaged database can
 * neither ask for a terabyte of memory nor for a hash that costs nothing.
 */
#include "lib/auth/password.h"

#include <assert.h>
#include <sodium.h>

#include "lib/base/reader.h"
#include "lib/base/writer.h"

enum {
    MEMORY_KIB_MIN = 8, /* the least that RFC 9106 allows for one lane */
    MEMORY_KIB_MAX = 1 << 20,
    PASSES_MAX = 16,
    KEY_ID = 1, /* the only pepper there is */
    SALT_CHARS = 22,
    HASH_CHARS = 43,
};

static_assert(PASSWORD_SALT_BYTES == crypto_pwhash_argon2id_SALTBYTES, "salt of libsodium");
static_assert(PASSWORD_PEPPER_BYTES == crypto_auth_hmacsha256_KEYBYTES, "key of HMAC-SHA-256");
static_assert(PASSWORD_KEYED_BYTES == crypto_auth_hmacsha256_BYTES, "HMAC-SHA-256");
static_assert(PASSWORD_DIGEST_BYTES == crypto_hash_sha256_BYTES, "SHA-256");

struct record {
    struct password_cost cost;
    uint32_t key_id;
    uint8_t salt[PASSWORD_SALT_BYTES];
    uint8_t hash[PASSWORD_HASH_BYTES];
};

static bool cost_allowed(struct password_cost cost)
{
    return cost.memory_kib >= MEMORY_KIB_MIN && cost.memory_kib <= MEMORY_KIB_MAX &&
           cost.passes >= 1 && cost.passes <= PASSES_MAX;
}

/* The keyed step with a pepper of our own; wipes what it leaves behind. */
static void add_pepper(struct password_owner owner, struct bytes password,
                       uint8_t ret_keyed[PASSWORD_KEYED_BYTES])
{
    ENSURE(owner.pepper.len == PASSWORD_PEPPER_BYTES);
    crypto_auth_hmacsha256_state state;
    const uint8_t len = (uint8_t)owner.context.len;
    crypto_auth_hmacsha256_init(&state, owner.pepper.at, owner.pepper.len);
    crypto_auth_hmacsha256_update(&state, &len, 1);
    crypto_auth_hmacsha256_update(&state, owner.context.at, owner.context.len);
    crypto_auth_hmacsha256_update(&state, password.at, password.len);
    crypto_auth_hmacsha256_final(&state, ret_keyed);
    sodium_memzero(&state, sizeof state);
}

static err keyed_by(void *context, struct bytes whose, const uint8_t digest[PASSWORD_DIGEST_BYTES],
                    uint8_t ret_keyed[PASSWORD_KEYED_BYTES])
{
    const struct password_owner owner = {bytes_of(context, PASSWORD_PEPPER_BYTES), whose, {0}};
    add_pepper(owner, bytes_of(digest, PASSWORD_DIGEST_BYTES), ret_keyed);
    return OK;
}

struct password_keyed password_keyed_by(const uint8_t pepper[PASSWORD_PEPPER_BYTES])
{
    return (struct password_keyed){keyed_by, (void *)(uintptr_t)pepper};
}

static err make_keyed(struct password_owner owner, struct bytes password,
                      uint8_t ret_keyed[PASSWORD_KEYED_BYTES])
{
    ENSURE(owner.context.len <= PASSWORD_CONTEXT_MAX);
    if (owner.keyed.make == NULL) {
        add_pepper(owner, password, ret_keyed);
        return OK;
    }
    ENSURE(owner.pepper.len == 0);
    uint8_t digest[PASSWORD_DIGEST_BYTES];
    crypto_hash_sha256(digest, password.at, password.len);
    err made = owner.keyed.make(owner.keyed.context, owner.context, digest, ret_keyed);
    sodium_memzero(digest, sizeof digest);
    return made;
}

static err stretch(struct password_cost cost, const uint8_t salt[PASSWORD_SALT_BYTES],
                   struct bytes keyed, uint8_t ret_hash[PASSWORD_HASH_BYTES])
{
    ENSURE(cost_allowed(cost));
    if (sodium_init() < 0) return ERR(CRYPTO); /* chooses the quickest code for this processor */
    /* The only failure that is left is memory: all lengths and costs have been checked. */
    if (crypto_pwhash_argon2id(ret_hash, PASSWORD_HASH_BYTES, (const char *)keyed.at, keyed.len,
                               salt, cost.passes, (size_t)cost.memory_kib * 1024,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
        return ERR(NO_MEMORY);
    return OK;
}

static void write_base64(struct writer *w, struct bytes b)
{
    char text[HASH_CHARS + 2];
    ENSURE(sodium_base64_ENCODED_LEN(b.len, sodium_base64_VARIANT_ORIGINAL_NO_PADDING) <=
           sizeof text);
    sodium_bin2base64(text, sizeof text, b.at, b.len, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
    write_bytes(w, bytes_text(text));
}

void password_write_record(struct password_cost cost, const uint8_t salt[PASSWORD_SALT_BYTES],
                           const uint8_t hash[PASSWORD_HASH_BYTES], struct writer *w)
{
    ENSURE(cost_allowed(cost));
    write_format(w, "$argon2id$v=%d$m=%u,t=%u,p=1,keyid=%d$", 0x13, cost.memory_kib, cost.passes,
                 KEY_ID);
    write_base64(w, bytes_of(salt, PASSWORD_SALT_BYTES));
    write_bytes(w, BYTES("$"));
    write_base64(w, bytes_of(hash, PASSWORD_HASH_BYTES));
}

err password_hash(struct password_cost cost, const struct random *random,
                  struct password_owner owner, struct bytes password,
                  char ret_record[PASSWORD_RECORD_MAX])
{
    if (password.len == 0 || password.len > PASSWORD_MAX) return ERR(LENGTH);
    if (!cost_allowed(cost)) return ERR(RANGE);
    uint8_t salt[PASSWORD_SALT_BYTES], hash[PASSWORD_HASH_BYTES];
    uint8_t keyed[PASSWORD_KEYED_BYTES];
    TRY(make_keyed(owner, password, keyed));
    random_fill(random, salt, sizeof salt);
    err stretched = stretch(cost, salt, BYTES_OF(keyed), hash);
    sodium_memzero(keyed, sizeof keyed);
    TRY(stretched);

    char text[PASSWORD_RECORD_MAX];
    struct writer w = writer_over(text, sizeof text - 1);
    password_write_record(cost, salt, hash, &w);
    struct bytes written;
    TRY(writer_finish(&w, &written));
    return bytes_to_text(written, ret_record, PASSWORD_RECORD_MAX);
}

static void expect(struct reader *r, struct bytes literal)
{
    if (!bytes_equal(read_bytes(r, literal.len), literal)) reader_fail(r, ERR_CORRUPT);
}

/* A decimal number up to the character `end`, which is taken too. */
static uint32_t read_number(struct reader *r, uint8_t end)
{
    uint64_t value = 0;
    for (unsigned digits = 0; digits <= 9; digits++) {
        uint8_t c = (uint8_t)read_be(r, 1);
        if (c == end && digits > 0) return (uint32_t)value;
        bool leading_zero = digits == 1 && value == 0;
        if (c < '0' || c > '9' || leading_zero) break;
        value = value * 10 + (uint64_t)(c - '0');
    }
    reader_fail(r, ERR_CORRUPT);
    return 0;
}

static void read_base64(struct reader *r, size_t chars, uint8_t *out, size_t size)
{
    struct bytes text = read_bytes(r, chars);
    size_t len = 0;
    if (text.len != chars ||
        sodium_base642bin(out, size, (const char *)text.at, text.len, NULL, &len, NULL,
                          sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0 ||
        len != size)
        reader_fail(r, ERR_CORRUPT);
}

static err parse_record(struct bytes text, struct record *ret_record)
{
    struct record record;
    struct reader r = reader_over(text);
    expect(&r, BYTES("$argon2id$v=19$m="));
    record.cost.memory_kib = read_number(&r, ',');
    expect(&r, BYTES("t="));
    record.cost.passes = read_number(&r, ',');
    expect(&r, BYTES("p=1,keyid="));
    record.key_id = read_number(&r, '$');
    read_base64(&r, SALT_CHARS, record.salt, sizeof record.salt);
    expect(&r, BYTES("$"));
    read_base64(&r, HASH_CHARS, record.hash, sizeof record.hash);
    if (FAILED(reader_finish(&r)) || !cost_allowed(record.cost)) return ERR(CORRUPT);
    *ret_record = record;
    return OK;
}

err password_verify(struct password_owner owner, struct bytes password, struct bytes record,
                    bool *ret_right)
{
    struct record known;
    TRY(parse_record(record, &known));
    if (known.key_id != KEY_ID) return ERR(KEY);
    uint8_t keyed[PASSWORD_KEYED_BYTES], hash[PASSWORD_HASH_BYTES];
    TRY(make_keyed(owner, password, keyed));
    err stretched = stretch(known.cost, known.salt, BYTES_OF(keyed), hash);
    sodium_memzero(keyed, sizeof keyed);
    TRY(stretched);
    *ret_right = sodium_memcmp(hash, known.hash, sizeof hash) == 0;
    sodium_memzero(hash, sizeof hash);
    return OK;
}

bool password_outdated(struct bytes record, struct password_cost cost)
{
    struct record known;
    if (FAILED(parse_record(record, &known))) return true;
    return known.cost.memory_kib < cost.memory_kib || known.cost.passes < cost.passes;
}

err password_self_test(void)
{
    /* The reference command: printf 'tongbao known answer' |
     * argon2 'sixteen byte sal' -id -t 1 -k 8 -p 1 -l 32 -r */
    static const uint8_t expected[PASSWORD_HASH_BYTES] = {
        0x6f, 0xa1, 0x82, 0x83, 0xc1, 0x13, 0xbb, 0x02, 0x6f, 0xc0, 0x8a,
        0x26, 0xc8, 0x10, 0xf2, 0x44, 0x7f, 0xd7, 0xc3, 0x3f, 0xc6, 0xbd,
        0xfc, 0x54, 0xc4, 0xdc, 0xae, 0xba, 0x4d, 0xa1, 0x53, 0xf0,
    };
    uint8_t hash[PASSWORD_HASH_BYTES];
    static const uint8_t salt[] = "sixteen byte sal";
    TRY(stretch(password_cost_quick(), salt, BYTES("tongbao known answer"), hash));
    return sodium_memcmp(hash, expected, sizeof hash) == 0 ? OK : ERR(CRYPTO);
}
