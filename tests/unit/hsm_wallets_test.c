/* SPDX-License-Identifier: Apache-2.0 */
/* The hsm's commands for the interfaces of wallets: who may do what with which key. S77, S120. */
#include "tests/unit/hsm_fixture.h"

#include "lib/base/base64.h"
#include "lib/base/hex.h"
#include "lib/crypto/cipher.h"
#include "lib/wire/hsm_protocol_wallets.h"
#include "tests/unit/vector_file.h"

/* A blob or a public key that outlives the answer it came in. */
struct kept {
    uint8_t at[HSM_FRAME_MAX];
    size_t len;
};

static struct kept keep_long(struct bytes b)
{
    struct kept kept = {.len = b.len};
    assert_true(b.len <= sizeof kept.at);
    memcpy(kept.at, b.at, b.len);
    return kept;
}

static struct bytes kept_view(const struct kept *kept)
{
    return bytes_of(kept->at, kept->len);
}

static enum hsm_status wallet_key(struct fixture *f, uint8_t use, struct bytes clear,
                                  struct kept *ret_blob, struct kept *ret_public)
{
    const struct hsm_wallet_key m = {use, BYTES("test wallet"), clear};
    struct hsm_wallet_key_answer answer;
    hsm_write_wallet_key(begin(f, HSM_WALLET_KEY), &m);
    enum hsm_status status = execute(f);
    if (status != HSM_OK) return status;
    assert_ok(hsm_read_wallet_key_answer(&f->answer, &answer));
    *ret_blob = keep_long(answer.blob);
    *ret_public = keep_long(answer.public_pem);
    return HSM_OK;
}

static enum hsm_status sign_text(struct fixture *f, struct bytes blob, struct bytes text,
                                 struct kept *ret_signature)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct bytes signature;
    crypto_sha256(text, digest);
    const struct hsm_wallet_sign m = {blob, BYTES_OF(digest)};
    hsm_write_wallet_sign(begin(f, HSM_WALLET_SIGN), &m);
    enum hsm_status status = execute(f);
    if (status != HSM_OK) return status;
    assert_ok(hsm_read_bytes(&f->answer, &signature));
    *ret_signature = keep_long(signature);
    return HSM_OK;
}

static enum hsm_status check_text(struct fixture *f, struct bytes pem, struct bytes text,
                                  struct bytes signature)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    crypto_sha256(text, digest);
    const struct hsm_wallet_check m = {pem, BYTES_OF(digest), signature};
    hsm_write_wallet_check(begin(f, HSM_WALLET_CHECK), &m);
    return execute(f);
}

static void a_key_that_is_made_signs_and_its_public_part_checks(void **state)
{
    struct fixture *f = *state;
    struct kept blob, public, other_blob, other_public, signature;
    assert_status(wallet_key(f, HSM_WALLET_SIGNS, (struct bytes){0}, &blob, &public), HSM_OK);
    assert_status(wallet_key(f, HSM_WALLET_SIGNS, (struct bytes){0}, &other_blob, &other_public),
                  HSM_OK);
    assert_status(sign_text(f, kept_view(&blob), BYTES("app_id=1&method=m"), &signature), HSM_OK);
    assert_int_equal(signature.len, 256);
    struct bytes made = kept_view(&signature);
    assert_status(check_text(f, kept_view(&public), BYTES("app_id=1&method=m"), made), HSM_OK);
    assert_status(check_text(f, kept_view(&public), BYTES("app_id=1&method=n"), made),
                  HSM_BAD_VALUE);
    assert_status(check_text(f, kept_view(&other_public), BYTES("app_id=1&method=m"), made),
                  HSM_BAD_VALUE);
    assert_status(check_text(f, kept_view(&public), BYTES("app_id=1&method=m"),
                             bytes_of(made.at, made.len - 1)),
                  HSM_BAD_VALUE);
    signature.at[17] ^= 1;
    assert_status(check_text(f, kept_view(&public), BYTES("app_id=1&method=m"), made),
                  HSM_BAD_VALUE);
    /* The private key is in no answer and in no log. */
    assert_null(memmem(f->logged, f->logged_len, "PRIVATE", 7));
}

/* The provider's published test key and signature: what another implementation made. */
static void an_imported_key_signs_as_its_provider_does(void **state)
{
    struct fixture *f = *state;
    json_t *file = vector_file("../shared/vectors/provider_api/wechatpay_v3.json");
    const char *pem = json_string_value(json_object_get(file, "test_private_key_pem"));
    json_t *sdk = json_object_get(json_object_get(file, "sdk"), "request_sign");
    struct kept blob, public, signature;
    assert_status(wallet_key(f, HSM_WALLET_SIGNS, bytes_text(pem), &blob, &public), HSM_OK);
    const char *message = json_string_value(json_object_get(sdk, "message"));
    const char *expected = json_string_value(json_object_get(sdk, "signature_b64"));
    char base64[512];
    struct writer w = writer_over(base64, sizeof base64);
    assert_status(sign_text(f, kept_view(&blob), bytes_text(message), &signature), HSM_OK);
    base64_write(&w, kept_view(&signature));
    assert_true(bytes_equal(writer_view(&w), bytes_text(expected)));

    json_t *requests = json_object_get(json_object_get(file, "derived"), "requests"), *row;
    size_t i;
    assert_true(json_array_size(requests) > 0);
    json_array_foreach(requests, i, row)
    {
        message = json_string_value(json_object_get(row, "message_to_sign"));
        expected = json_string_value(json_object_get(row, "signature"));
        uint8_t raw[512];
        size_t len;
        assert_ok(base64_decode(bytes_text(expected), raw, sizeof raw, &len));
        assert_status(check_text(f, kept_view(&public), bytes_text(message), bytes_of(raw, len)),
                      HSM_OK);
    }
    vector_file_end(file);
}

static enum hsm_status open_sealed(struct fixture *f, struct bytes blob, struct bytes associated,
                                   struct bytes sealed, struct bytes *ret_text)
{
    const struct hsm_wallet_open m = {blob, BYTES("wCq51qZv4Yfg"), associated, sealed};
    hsm_write_wallet_open(begin(f, HSM_WALLET_OPEN), &m);
    enum hsm_status status = execute(f);
    if (status == HSM_OK) assert_ok(hsm_read_bytes(&f->answer, ret_text));
    return status;
}

static void a_sealed_notification_opens_under_its_key_alone(void **state)
{
    struct fixture *f = *state;
    struct bytes text = BYTES("{\"out_trade_no\":\"633300000001\"}");
    uint8_t sealed[31 + CIPHER_TAG_BYTES];
    struct key key = {0};
    struct kept blob, other, public;
    assert_int_equal(text.len, 31);
    struct bytes out = {0};
    struct bytes clear = BYTES("0123456789abcdef0123456789ABCDEF");
    assert_ok(key_make(KEY_AES256, KEY_USAGE_DATA, clear, &key));
    assert_ok(cipher_gcm_seal(&f->crypto, &key, BYTES("wCq51qZv4Yfg").at, BYTES("transaction"),
                              text, sealed));
    assert_status(wallet_key(f, HSM_WALLET_OPENS, clear, &blob, &public), HSM_OK);
    assert_int_equal(public.len, 0);
    assert_null(memmem(blob.at, blob.len, clear.at, 8));
    assert_status(open_sealed(f, kept_view(&blob), BYTES("transaction"), BYTES_OF(sealed), &out),
                  HSM_OK);
    assert_true(bytes_equal(out, text));

    assert_status(open_sealed(f, kept_view(&blob), BYTES("certificate"), BYTES_OF(sealed), &out),
                  HSM_BAD_ENVELOPE);
    assert_status(
        wallet_key(f, HSM_WALLET_OPENS, BYTES("0123456789abcdef0123456789ABCDEG"), &other, &public),
        HSM_OK);
    assert_status(open_sealed(f, kept_view(&other), BYTES("transaction"), BYTES_OF(sealed), &out),
                  HSM_BAD_ENVELOPE);
    sealed[3] ^= 1;
    assert_status(open_sealed(f, kept_view(&blob), BYTES("transaction"), BYTES_OF(sealed), &out),
                  HSM_BAD_ENVELOPE);
}

static void a_blob_does_only_what_it_is_for(void **state)
{
    struct fixture *f = *state;
    struct kept signs, opens, public, signature;
    struct bytes out;
    struct bytes clear = BYTES("0123456789abcdef0123456789ABCDEF");
    uint8_t sealed[CIPHER_TAG_BYTES] = {0};
    assert_status(wallet_key(f, HSM_WALLET_SIGNS, (struct bytes){0}, &signs, &public), HSM_OK);
    assert_status(wallet_key(f, HSM_WALLET_OPENS, clear, &opens, &public), HSM_OK);
    assert_status(sign_text(f, kept_view(&opens), BYTES("x"), &signature), HSM_BAD_KEY_BLOCK);
    assert_status(open_sealed(f, kept_view(&signs), BYTES("x"), BYTES_OF(sealed), &out),
                  HSM_BAD_KEY_BLOCK);
    struct text mac = make_key(f, HSM_KEY_ZONE_MAC, HSM_SUITE_TONGBAO);
    assert_status(sign_text(f, view(&mac), BYTES("x"), &signature), HSM_BAD_KEY_BLOCK);
    /* One bit anywhere, and it is no key. */
    for (size_t i = 0; i < signs.len; i += 97) {
        signs.at[i] ^= 4;
        assert_status(sign_text(f, kept_view(&signs), BYTES("x"), &signature), HSM_BAD_KEY_BLOCK);
        signs.at[i] ^= 4;
    }
    assert_status(sign_text(f, kept_view(&signs), BYTES("x"), &signature), HSM_OK);
    /* Under another master key it is none either. */
    void *elsewhere = NULL;
    open_hsm(&elsewhere);
    assert_status(sign_text(elsewhere, kept_view(&signs), BYTES("x"), &signature),
                  HSM_BAD_KEY_BLOCK);
    close_hsm(&elsewhere);
}

static enum hsm_status content(struct fixture *f, uint8_t command, struct bytes blob,
                               struct bytes text, struct bytes *ret_text)
{
    const struct hsm_wallet_content m = {blob, text};
    hsm_write_wallet_content(begin(f, command), &m);
    enum hsm_status status = execute(f);
    if (status == HSM_OK) assert_ok(hsm_read_bytes(&f->answer, ret_text));
    return status;
}

/* Against `openssl enc -aes-128-cbc` and -aes-256-cbc with an IV of zeros. */
static void content_is_hidden_as_others_hide_it(void **state)
{
    struct fixture *f = *state;
    static const uint8_t bytes[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                      11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                      22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
    static const struct {
        size_t key_len;
        const char *text, *sealed;
    } rows[] = {
        {16, "hello, content", "5b01fd5fa78416550b4ca21828953fbf"},
        {16, "", "954f64f2e4e86e9eee82d20216684899"},
        {32, "0123456789abcdef",
         "d8c95758e3353e530fa52bd10e73b9864f6ba30222074c4d477c3f294f12a82f"},
    };
    static uint8_t long_text[HSM_WALLET_SEALED_MAX + 1];
    struct kept blob, opens, signs, public;
    struct bytes out = {0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        uint8_t sealed[64];
        size_t len;
        assert_status(
            wallet_key(f, HSM_WALLET_HIDES, bytes_of(bytes, rows[i].key_len), &blob, &public),
            HSM_OK);
        assert_int_equal(public.len, 0);
        assert_ok(hex_decode(bytes_text(rows[i].sealed), sealed, sizeof sealed, &len));
        assert_status(content(f, HSM_WALLET_HIDE, kept_view(&blob), bytes_text(rows[i].text), &out),
                      HSM_OK);
        assert_true(bytes_equal(out, bytes_of(sealed, len)));
        assert_status(content(f, HSM_WALLET_SHOW, kept_view(&blob), bytes_of(sealed, len), &out),
                      HSM_OK);
        assert_true(bytes_equal(out, bytes_text(rows[i].text)));
        /* Half a block, none, and one whose end is another. */
        assert_status(content(f, HSM_WALLET_SHOW, kept_view(&blob), bytes_of(sealed, 8), &out),
                      HSM_BAD_ENVELOPE);
        assert_status(content(f, HSM_WALLET_SHOW, kept_view(&blob), bytes_of(sealed, 0), &out),
                      HSM_BAD_ENVELOPE);
        sealed[len - 1] ^= 1;
        assert_status(content(f, HSM_WALLET_SHOW, kept_view(&blob), bytes_of(sealed, len), &out),
                      HSM_BAD_ENVELOPE);
    }
    assert_status(content(f, HSM_WALLET_HIDE, kept_view(&blob), BYTES_OF(long_text), &out),
                  HSM_BAD_REQUEST);
    assert_status(content(f, HSM_WALLET_HIDE, kept_view(&blob),
                          bytes_of(long_text, HSM_WALLET_SEALED_MAX), &out),
                  HSM_BAD_ENVELOPE); /* there is no room for its padding */

    /* A key of another use hides nothing, and this one opens and signs nothing. */
    assert_status(wallet_key(f, HSM_WALLET_OPENS, BYTES_OF(bytes), &opens, &public), HSM_OK);
    assert_status(wallet_key(f, HSM_WALLET_SIGNS, (struct bytes){0}, &signs, &public), HSM_OK);
    assert_status(content(f, HSM_WALLET_HIDE, kept_view(&opens), BYTES("x"), &out),
                  HSM_BAD_KEY_BLOCK);
    assert_status(content(f, HSM_WALLET_SHOW, kept_view(&signs), BYTES_OF(bytes), &out),
                  HSM_BAD_KEY_BLOCK);
    assert_status(open_sealed(f, kept_view(&blob), BYTES("x"), BYTES_OF(bytes), &out),
                  HSM_BAD_KEY_BLOCK);
    assert_status(sign_text(f, kept_view(&blob), BYTES("x"), &signs), HSM_BAD_KEY_BLOCK);
}

static void what_is_no_key_is_refused(void **state)
{
    struct fixture *f = *state;
    struct kept blob, public, signature;
    static const struct {
        uint8_t use;
        const char *clear;
    } bad[] = {
        {0, ""},
        {4, ""},
        {HSM_WALLET_HIDES, ""},
        {HSM_WALLET_HIDES, "seventeen bytes ok"},
        {HSM_WALLET_OPENS, ""},
        {HSM_WALLET_OPENS, "sixteen bytes ok"},
        {HSM_WALLET_OPENS, "thirty-three bytes are one too many!"},
        {HSM_WALLET_SIGNS, "no key"},
        {HSM_WALLET_SIGNS, "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_status(wallet_key(f, bad[i].use, bytes_text(bad[i].clear), &blob, &public),
                      HSM_BAD_REQUEST);
    assert_status(wallet_key(f, HSM_WALLET_SIGNS, (struct bytes){0}, &blob, &public), HSM_OK);
    assert_status(sign_text(f, kept_view(&blob), BYTES("x"), &signature), HSM_OK);
    assert_status(check_text(f, BYTES("no key"), BYTES("x"), kept_view(&signature)),
                  HSM_BAD_REQUEST);
    const struct hsm_wallet_sign shorter = {kept_view(&blob), BYTES("a digest of another length")};
    hsm_write_wallet_sign(begin(f, HSM_WALLET_SIGN), &shorter);
    assert_status(execute(f), HSM_BAD_REQUEST);
    const struct hsm_wallet_key label = {HSM_WALLET_SIGNS, BYTES("line\nfeed"), {0}};
    hsm_write_wallet_key(begin(f, HSM_WALLET_KEY), &label);
    assert_status(execute(f), HSM_BAD_REQUEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_hsm, close_hsm)
        TEST(a_key_that_is_made_signs_and_its_public_part_checks),
        TEST(an_imported_key_signs_as_its_provider_does),
        TEST(a_sealed_notification_opens_under_its_key_alone),
        TEST(a_blob_does_only_what_it_is_for),
        TEST(content_is_hidden_as_others_hide_it),
        TEST(what_is_no_key_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
