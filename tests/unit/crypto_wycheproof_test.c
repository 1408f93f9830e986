/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CC-11: Wycheproof through our wrappers, every case of every file with the result it must have,
 * and counted. Each case is run a second time with one digit of it changed (a valid one) or its
 * verdict turned (an invalid one): the runner must then say that the file is wrong. S63.
 */
#include "lib/crypto/cipher.h"
#include "lib/crypto/identity.h"
#include "lib/crypto/key_wrap.h"
#include "lib/crypto/keyed_mac.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/rsa_scheme.h"
#include "lib/crypto/rsa_signature.h"
#include "lib/crypto/sm4_ccm.h"
#include "lib/crypto/sm4_gcm.h"
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

/* What a case must do, and what it did. */
enum outcome { TAKEN, REFUSED, UNSUPPORTED, OUTCOMES };

typedef enum outcome run_case(const json_t *group, const json_t *row);

struct counts {
    size_t of[OUTCOMES];
};

/* A valid case is taken, an invalid one refused; "acceptable" is decided, and counted, by us. */
static bool as_said(const json_t *row, enum outcome got)
{
    const char *result = text_at(row, "result");
    return got == UNSUPPORTED || strcmp(result, "acceptable") == 0 ||
           (got == TAKEN) == (strcmp(result, "valid") == 0);
}

/* The members of a case that are hex, and not empty. */
static const char *hex_member(const json_t *row, size_t turn)
{
    static const char *const names[] = {"key", "iv", "aad", "msg", "ct", "tag", "sig", "label"};
    const char *found[ARRAY_LEN(names)];
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *text = json_string_value(json_object_get(row, names[i]));
        if (text != NULL && *text != '\0') found[count++] = names[i];
    }
    assert_true(count > 0);
    return found[turn % count];
}

/* The case with one thing of it changed is not as the file says any more. */
static void assert_change_is_seen(const char *name, run_case *run, const json_t *group,
                                  const json_t *row, enum outcome got)
{
    json_t *spoiled = json_deep_copy(row);
    bool valid = strcmp(text_at(row, "result"), "valid") == 0;
    size_t id = (size_t)json_integer_value(json_object_get(row, "tcId"));
    const char *member = valid ? hex_member(row, id) : "result";
    if (valid) {
        json_object_set_new(spoiled, member, vector_other_text(text_at(row, member)));
        got = run(group, spoiled);
    } else {
        json_object_set_new(spoiled, "result", json_string(got == TAKEN ? "invalid" : "valid"));
    }
    if (got != UNSUPPORTED && as_said(spoiled, got))
        fail_msg("%s case %zu: nobody sees that %s was changed", name, id, member);
    json_decref(spoiled);
}

/* Runs a file. */
static struct counts run_file(const char *name, run_case *run)
{
    char path[128];
    snprintf(path, sizeof path, "../shared/vectors/keymgmt/wycheproof/%s.json", name);
    json_t *json = vector_file_whole(path), *group, *row;
    size_t g, i, total = 0;
    struct counts counts = {0};
    json_array_foreach(json_object_get(json, "testGroups"), g, group)
    {
        json_array_foreach(json_object_get(group, "tests"), i, row)
        {
            enum outcome got = run(group, row);
            if (!as_said(row, got))
                fail_msg("%s case %d (%s): %s", name,
                         (int)json_integer_value(json_object_get(row, "tcId")),
                         text_at(row, "comment"), got == TAKEN ? "taken" : "refused");
            assert_change_is_seen(name, run, group, row, got);
            counts.of[got]++;
            total++;
        }
    }
    /* The shared copies of some files are shorter than their own count says. */
    assert_true(total <= (size_t)json_integer_value(json_object_get(json, "numberOfTests")));
    print_message("%s: %zu taken, %zu refused, %zu not supported\n", name, counts.of[TAKEN],
                  counts.of[REFUSED], counts.of[UNSUPPORTED]);
    json_decref(json);
    return counts;
}

static void assert_counts(struct counts got, size_t taken, size_t refused, size_t unsupported)
{
    assert_int_equal(got.of[TAKEN], taken);
    assert_int_equal(got.of[REFUSED], refused);
    assert_int_equal(got.of[UNSUPPORTED], unsupported);
}

static bool aes_key(const json_t *row, enum key_usage usage, struct key *ret_key)
{
    struct bytes value = hex_at(row, "key");
    static const enum key_algorithm all[] = {KEY_AES128, KEY_AES192, KEY_AES256};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (!FAILED(key_make(all[i], usage, value, ret_key))) return true;
    return false;
}

/*
 * CBC of ours is of whole blocks and knows no padding: the case's own is laid on here. A ciphertext
 * is right when it is what encrypting message and padding gives.
 */
static enum outcome cbc_case(const json_t *group, const json_t *row)
{
    (void)group;
    struct key key;
    uint8_t padded[HEX_MAX], out[HEX_MAX];
    struct bytes message = hex_at(row, "msg"), expected = hex_at(row, "ct");
    struct bytes iv = hex_at(row, "iv");
    assert_true(aes_key(row, KEY_USAGE_DATA, &key));
    size_t pad = 16 - message.len % 16, len = message.len + pad;
    if (message.len > 0) memcpy(padded, message.at, message.len);
    memset(padded + message.len, (int)pad, pad);
    assert_ok(cipher_cbc_encrypt(&crypto, &key, iv.at, bytes_of(padded, len), out));
    if (bytes_equal(bytes_of(out, len), expected)) {
        assert_ok(cipher_cbc_decrypt(&crypto, &key, iv.at, expected, out));
        assert_same(out, padded, len);
        return TAKEN;
    }
    return REFUSED;
}

static void cbc(void **state)
{
    (void)state;
    assert_counts(run_file("aes_cbc_pkcs5_test", cbc_case), 72, 144, 0);
}

/* A shorter tag is the first bytes of the whole one. */
static enum outcome hmac_case(enum crypto_mac which, const json_t *row)
{
    uint8_t mac[32];
    struct bytes key = hex_at(row, "key"), tag = hex_at(row, "tag");
    assert_ok(keyed_mac(&crypto, which, key, hex_at(row, "msg"), mac));
    return secret_equal(bytes_of(mac, tag.len), tag) ? TAKEN : REFUSED;
}

static enum outcome hmac_sha256_case(const json_t *group, const json_t *row)
{
    (void)group;
    return hmac_case(CRYPTO_HMAC_SHA256, row);
}

static enum outcome hmac_sm3_case(const json_t *group, const json_t *row)
{
    (void)group;
    return hmac_case(CRYPTO_HMAC_SM3, row);
}

static void hmac(void **state)
{
    (void)state;
    assert_counts(run_file("hmac_sha256_test", hmac_sha256_case), 66, 108, 0);
    assert_counts(run_file("hmac_sm3_test", hmac_sm3_case), 66, 108, 0);
}

static enum outcome ecdsa_case(const json_t *group, const json_t *row)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    crypto_sha256(hex_at(row, "msg"), digest);
    err e = identity_check(bytes_text(text_at(group, "publicKeyPem")), digest, hex_at(row, "sig"));
    return FAILED(e) ? REFUSED : TAKEN;
}

static void ecdsa(void **state)
{
    (void)state;
    assert_counts(run_file("ecdsa_secp256r1_sha256_test", ecdsa_case), 174, 310, 0);
}

/* PKCS1-v1_5. The one acceptable case leaves NULL out of the encoding, and is refused. An RSA key
 * is no identity. A handle of the same key must say what rsa_signature_check says. */
static enum outcome rsa_signature_case(const json_t *group, const json_t *row)
{
    struct bytes pem = bytes_text(text_at(group, "publicKeyPem")), signature = hex_at(row, "sig");
    uint8_t digest[CRYPTO_SHA256_BYTES];
    crypto_sha256(hex_at(row, "msg"), digest);
    assert_true(FAILED(identity_check(pem, digest, signature)));
    err e = rsa_signature_check(pem, RSA_SIGNATURE_PKCS1, digest, signature);
    if (FAILED(e)) assert_err(e, IDENTITY);
    CLEANUP(rsa_key_free) struct rsa_key key = {NULL, false};
    assert_ok(rsa_key_read_public(pem, &key));
    err e_key = rsa_key_check(&key, hex_at(row, "msg"), signature);
    assert_string_equal(err_name(e_key), err_name(e));
    /* Of the three that are PSS signatures, one has our hash and salt. */
    bool is_pss = json_integer_value(json_object_get(row, "tcId")) == 257;
    err e_pss = rsa_signature_check(pem, RSA_SIGNATURE_PSS, digest, signature);
    assert_string_equal(err_name(e_pss), is_pss ? "OK" : "IDENTITY");
    return FAILED(e) ? REFUSED : TAKEN;
}

static enum outcome decrypted(err e, const json_t *row, struct bytes plain)
{
    if (FAILED(e)) return REFUSED;
    return bytes_equal(plain, hex_at(row, "msg")) ? TAKEN : REFUSED;
}

static enum outcome rsa_pkcs1_case(const json_t *group, const json_t *row)
{
    uint8_t plain[RSA_SCHEME_BYTES_MAX];
    size_t len = 0;
    struct bytes pem = bytes_text(text_at(group, "privateKeyPem"));
    err e = rsa_pkcs1_decrypt(pem, hex_at(row, "ct"), plain, sizeof plain, &len);
    return decrypted(e, row, bytes_of(plain, len));
}

static enum outcome rsa_oaep_case(const json_t *group, const json_t *row)
{
    uint8_t plain[RSA_SCHEME_BYTES_MAX];
    size_t len = 0;
    struct bytes pem = bytes_text(text_at(group, "privateKeyPem"));
    err e = rsa_oaep_decrypt(pem, RSA_SHA1, hex_at(row, "label"), hex_at(row, "ct"), plain,
                             sizeof plain, &len);
    return decrypted(e, row, bytes_of(plain, len));
}

static void rsa(void **state)
{
    (void)state;
    assert_counts(run_file("rsa_signature_2048_sha256_test", rsa_signature_case), 9, 250, 0);
    assert_counts(run_file("rsa_pkcs1_2048_test", rsa_pkcs1_case), 42, 25, 0);
    assert_counts(run_file("rsa_oaep_2048_sha1_mgf1sha1_test", rsa_oaep_case), 17, 19, 0);
}

/* Unwrapped it is the message, and wrapped again the same text: there is no chance in either form.
 */
static enum outcome wrap_case(enum key_wrap_form form, const json_t *row)
{
    struct key kek;
    uint8_t value[KEY_WRAP_VALUE_MAX], again[KEY_WRAP_VALUE_MAX];
    size_t len = 0;
    struct bytes message = hex_at(row, "msg"), wrapped = hex_at(row, "ct");
    struct writer w = writer_over(again, sizeof again);
    assert_true(aes_key(row, KEY_USAGE_ZONE_MASTER, &kek));
    if (FAILED(key_unwrap(form, &kek, wrapped, value, sizeof value, &len))) return REFUSED;
    if (!bytes_equal(bytes_of(value, len), message)) return REFUSED;
    assert_ok(key_wrap(form, &kek, message, &w));
    assert_bytes(writer_view(&w), wrapped);
    return TAKEN;
}

static enum outcome kw_case(const json_t *group, const json_t *row)
{
    (void)group;
    return wrap_case(KEY_WRAP_PLAIN, row);
}

static enum outcome kwp_case(const json_t *group, const json_t *row)
{
    (void)group;
    return wrap_case(KEY_WRAP_PADDED, row);
}

/* The three acceptable cases wrap a key of eight bytes: SP 800-38F does not, and neither do we. */
static void key_wraps(void **state)
{
    (void)state;
    assert_counts(run_file("aes_wrap_test", kw_case), 36, 129, 0);
    assert_counts(run_file("aes_kwp_test", kwp_case), 77, 177, 0);
}

/* Key lengths that AES has not cannot become a key. */
static enum outcome cmac_case(const json_t *group, const json_t *row)
{
    (void)group;
    struct key key;
    if (!aes_key(row, KEY_USAGE_MAC, &key)) return REFUSED;
    err e = mac_verify(&crypto, MAC_AES_CMAC, &key, hex_at(row, "msg"), hex_at(row, "tag"));
    if (FAILED(e)) assert_err(e, MAC);
    return FAILED(e) ? REFUSED : TAKEN;
}

static void cmac(void **state)
{
    (void)state;
    assert_counts(run_file("aes_cmac_test", cmac_case), 63, 248, 0);
}

/* A nonce of twelve bytes, keys of 128 and 256 bits: the file here has no other. */
static enum outcome gcm_case(const json_t *group, const json_t *row)
{
    (void)group;
    struct key key;
    struct bytes iv = hex_at(row, "iv"), aad = hex_at(row, "aad"), msg = hex_at(row, "msg");
    struct bytes ct = hex_at(row, "ct"), tag = hex_at(row, "tag");
    uint8_t sealed[HEX_MAX + 16], out[HEX_MAX + 16], expected[HEX_MAX + 16];
    assert_int_equal(iv.len, CIPHER_NONCE_BYTES);
    assert_true(aes_key(row, KEY_USAGE_DATA, &key));
    if (ct.len > 0) memcpy(expected, ct.at, ct.len);
    memcpy(expected + ct.len, tag.at, tag.len);
    struct bytes whole = bytes_of(expected, ct.len + tag.len);
    memset(out, 0x55, sizeof out);
    err e = cipher_gcm_open(&crypto, &key, iv.at, aad, whole, out);
    if (FAILED(e)) {
        assert_err(e, MAC);
        for (size_t k = 0; k < ct.len; k++) assert_int_equal(out[k], 0);
        return REFUSED;
    }
    assert_ok(cipher_gcm_seal(&crypto, &key, iv.at, aad, msg, sealed));
    if (!bytes_equal(bytes_of(sealed, msg.len + 16), whole)) return REFUSED;
    assert_bytes(bytes_of(out, ct.len), msg);
    return TAKEN;
}

static void gcm(void **state)
{
    (void)state;
    assert_counts(run_file("aes_gcm_test", gcm_case), 79, 54, 0);
}

/* What both modes of SM4 are given: a key, and the ciphertext with its tag in one piece. */
struct sealed {
    struct key key;
    struct bytes nonce, associated, text, whole;
    size_t tag_len;
    uint8_t room[HEX_MAX];
};

static void read_sealed(const json_t *group, const json_t *row, struct sealed *out)
{
    struct bytes ciphertext = hex_at(row, "ct"), tag = hex_at(row, "tag");
    memcpy(out->room, ciphertext.at, ciphertext.len);
    memcpy(out->room + ciphertext.len, tag.at, tag.len);
    assert_ok(key_make(KEY_SM4, KEY_USAGE_DATA, hex_at(row, "key"), &out->key));
    out->nonce = hex_at(row, "iv");
    out->associated = hex_at(row, "aad");
    out->text = hex_at(row, "msg");
    out->whole = bytes_of(out->room, ciphertext.len + tag.len);
    out->tag_len = (size_t)json_integer_value(json_object_get(group, "tagSize")) / 8;
    assert_int_equal(tag.len, out->tag_len);
}

/* Opened to the text and sealed to the same bytes, or refused with nothing shown. */
static enum outcome judge(const struct sealed *c, err opened, const uint8_t *text, err sealed,
                          const uint8_t *whole)
{
    if (FAILED(opened)) {
        assert_true(opened.code == ERR_MAC || opened.code == ERR_LENGTH);
        for (size_t i = 0; opened.code == ERR_MAC && i < c->text.len; i++)
            assert_int_equal(text[i], 0);
        assert_int_equal(sealed.code, opened.code == ERR_MAC ? ERR_OK : ERR_LENGTH);
        return REFUSED;
    }
    assert_ok(sealed);
    bool same = bytes_equal(bytes_of(text, c->text.len), c->text) &&
                bytes_equal(bytes_of(whole, c->whole.len), c->whole);
    return same ? TAKEN : REFUSED;
}

static enum outcome sm4_gcm_case(const json_t *group, const json_t *row)
{
    struct sealed c;
    uint8_t text[HEX_MAX], whole[HEX_MAX];
    read_sealed(group, row, &c);
    err opened = sm4_gcm_open(&crypto, &c.key, c.nonce, c.associated, c.whole, text);
    err sealed = sm4_gcm_seal(&crypto, &c.key, c.nonce, c.associated, c.text, whole);
    return judge(&c, opened, text, sealed, whole);
}

static enum outcome sm4_ccm_case(const json_t *group, const json_t *row)
{
    struct sealed c;
    uint8_t text[HEX_MAX], whole[HEX_MAX];
    read_sealed(group, row, &c);
    err opened = sm4_ccm_open(&crypto, &c.key, c.nonce, c.tag_len, c.associated, c.whole, text);
    err sealed = sm4_ccm_seal(&crypto, &c.key, c.nonce, c.tag_len, c.associated, c.text, whole);
    return judge(&c, opened, text, sealed, whole);
}

static void sm4(void **state)
{
    (void)state;
    assert_counts(run_file("sm4_gcm_test", sm4_gcm_case), 75, 29, 0);
    assert_counts(run_file("sm4_ccm_test", sm4_ccm_case), 135, 49, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cbc),  cmocka_unit_test(hmac), cmocka_unit_test(ecdsa),
        cmocka_unit_test(rsa),  cmocka_unit_test(gcm),  cmocka_unit_test(key_wraps),
        cmocka_unit_test(cmac), cmocka_unit_test(sm4),
    };
    return cmocka_run_group_tests_name("crypto_wycheproof", tests, open_crypto, close_crypto);
}
