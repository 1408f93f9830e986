/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSA keys of partners' interfaces: their forms, their signatures, their certificates. What makers
 * of the interfaces have signed is checked, and signed again to the same bytes: this scheme has no
 * chance in it. Wycheproof is in crypto_wycheproof_test.
 */
#include "lib/crypto/rsa_certificate.h"

#include "lib/base/base64.h"
#include "lib/crypto/openssl.h"
#include "tests/unit/crypto_vectors.h"

struct text {
    uint8_t at[RSA_KEY_TEXT_MAX];
    size_t len;
};

static struct bytes view(const struct text *t)
{
    return bytes_of(t->at, t->len);
}

static struct text public_text(const struct rsa_key *key)
{
    struct text t;
    struct writer w = writer_over(t.at, sizeof t.at);
    assert_ok(rsa_key_write_public(key, &w));
    t.len = w.len;
    return t;
}

static struct text private_text(const struct rsa_key *key)
{
    struct text t;
    struct writer w = writer_over(t.at, sizeof t.at);
    assert_ok(rsa_key_write_private(key, &w));
    t.len = w.len;
    return t;
}

/* The lines between the marks, without their ends: how Alipay hands keys out. */
static struct text bare(const struct text *pem)
{
    struct text out = {.len = 0};
    size_t at = 0;
    while (pem->at[at] != '\n') at++;
    for (; at < pem->len && pem->at[at] != '-'; at++)
        if (pem->at[at] != '\n') out.at[out.len++] = pem->at[at];
    return out;
}

static void keys_in_each_form(void **state)
{
    (void)state;
    CLEANUP(rsa_key_free) struct rsa_key key = {NULL, false};
    assert_err(rsa_key_generate(1024, &key), RANGE);
    assert_err(rsa_key_generate(4104, &key), RANGE);
    assert_ok(rsa_key_generate(2048, &key));
    uint8_t signature[RSA_KEY_SIGNATURE_MAX];
    size_t len = 0;
    assert_ok(rsa_key_sign(&key, BYTES("text"), signature, &len));
    assert_int_equal(len, 256);

    struct text forms[] = {public_text(&key), bare(&forms[0])};
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        CLEANUP(rsa_key_free) struct rsa_key reader = {NULL, false};
        assert_ok(rsa_key_read_public(view(&forms[i]), &reader));
        assert_false(reader.secret);
        assert_ok(rsa_key_check(&reader, BYTES("text"), bytes_of(signature, len)));
        assert_err(rsa_key_check(&reader, BYTES("texT"), bytes_of(signature, len)), IDENTITY);
        assert_err(rsa_key_check(&reader, BYTES("text"), bytes_of(signature, len - 1)), IDENTITY);
        assert_err(rsa_key_sign(&reader, BYTES("text"), signature, &len), KEY);
        struct writer w = writer_over(forms[0].at, sizeof forms[0].at);
        assert_err(rsa_key_write_private(&reader, &w), KEY);
    }
    struct text secrets[] = {private_text(&key), bare(&secrets[0])};
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
        CLEANUP(rsa_key_free) struct rsa_key signer = {NULL, false};
        uint8_t again[RSA_KEY_SIGNATURE_MAX];
        assert_ok(rsa_key_read_private(view(&secrets[i]), &signer));
        assert_ok(rsa_key_sign(&signer, BYTES("text"), again, &len));
        assert_memory_equal(again, signature, len);
    }
    CLEANUP(rsa_key_free) struct rsa_key none = {NULL, false};
    assert_err(rsa_key_read_public(view(&secrets[0]), &none), FORMAT);
    assert_err(rsa_key_read_public(view(&secrets[1]), &none), FORMAT);
    assert_err(rsa_key_read_private(view(&forms[0]), &none), FORMAT);
    assert_null(none.pkey);
}

/* A key as PEM that OpenSSL has made, of any kind. */
static struct text foreign(EVP_PKEY *key, bool secret)
{
    struct text t;
    BIO *bio = BIO_new(BIO_s_mem());
    assert_non_null(key);
    assert_true(secret ? PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)
                       : PEM_write_bio_PUBKEY(bio, key));
    t.len = (size_t)BIO_read(bio, t.at, sizeof t.at);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return t;
}

static void other_keys_are_refused(void **state)
{
    (void)state;
    CLEANUP(rsa_key_free) struct rsa_key key = {NULL, false};
    struct text small = foreign(EVP_RSA_gen(1024), true),
                curve = foreign(EVP_EC_gen("P-256"), true);
    struct text small_public = foreign(EVP_RSA_gen(1024), false);
    assert_err(rsa_key_read_private(view(&small), &key), KEY);
    assert_err(rsa_key_read_private(view(&curve), &key), KEY);
    assert_err(rsa_key_read_public(view(&small_public), &key), KEY);
    assert_err(rsa_key_read_public((struct bytes){NULL, 0}, &key), FORMAT);
    assert_err(rsa_key_read_public(BYTES(" \n"), &key), FORMAT);
    assert_err(rsa_key_read_public(BYTES("MIIB"), &key), FORMAT);
    assert_err(rsa_key_read_public(BYTES("-----BEGIN PUBLIC KEY-----"), &key), FORMAT);

    CLEANUP(rsa_key_free) struct rsa_key good = {NULL, false};
    assert_ok(rsa_key_generate(2048, &good));
    struct text pem = public_text(&good), behind = bare(&pem);
    uint8_t der[512];
    size_t len = 0;
    assert_ok(base64_decode(view(&behind), der, sizeof der - 1, &len));
    der[len++] = 0; /* something goes on behind the key */
    struct writer w = writer_over(behind.at, sizeof behind.at);
    base64_write(&w, bytes_of(der, len));
    behind.len = w.len;
    assert_err(rsa_key_read_public(view(&behind), &key), FORMAT);
    assert_null(key.pkey);
}

static void base64_signatures(void **state)
{
    (void)state;
    CLEANUP(rsa_key_free) struct rsa_key key = {NULL, false};
    assert_ok(rsa_key_generate(2048, &key));
    uint8_t room[RSA_KEY_SIGNATURE_TEXT_MAX];
    struct writer w = writer_over(room, sizeof room), narrow = writer_over(room, 100);
    assert_err(rsa_key_sign_base64(&key, BYTES("text"), &narrow), FULL);
    assert_ok(rsa_key_sign_base64(&key, BYTES("text"), &w));
    assert_int_equal(w.len, 344);
    assert_ok(rsa_key_check_base64(&key, BYTES("text"), writer_view(&w)));
    assert_err(rsa_key_check_base64(&key, BYTES("other"), writer_view(&w)), IDENTITY);
    assert_err(rsa_key_check_base64(&key, BYTES("text"), BYTES("AAAA")), IDENTITY);
    assert_err(rsa_key_check_base64(&key, BYTES("text"), bytes_of(room, 343)), FORMAT);
    assert_err(rsa_key_check_base64(&key, BYTES("text"), (struct bytes){NULL, 0}), FORMAT);
}

static void certificates(void **state)
{
    (void)state;
    CLEANUP(rsa_key_free) struct rsa_key key = {NULL, false}, reader = {NULL, false};
    struct text pem, other;
    struct writer w = writer_over(pem.at, sizeof pem.at), v = writer_over(other.at, 4096);
    int64_t from = 1764374400000, to = from + INT64_C(157680000000);
    assert_ok(rsa_key_generate(2048, &key));
    assert_ok(rsa_certificate_make(&key, bytes_text("支付平台"), from, to + 999, &w));
    assert_ok(rsa_certificate_make(&key, bytes_text("支付平台"), from, to, &v));
    pem.len = w.len, other.len = v.len;
    struct rsa_certificate first, second;
    assert_ok(rsa_certificate_describe(view(&pem), &first));
    assert_ok(rsa_certificate_describe(view(&other), &second));
    assert_string_equal(first.common_name, "支付平台");
    assert_int_equal(first.not_before_ms, from);
    assert_int_equal(first.not_after_ms, to);
    assert_int_equal(strlen(first.serial), 40);
    assert_string_not_equal(first.serial, second.serial);

    uint8_t signature[RSA_KEY_SIGNATURE_MAX];
    size_t len = 0;
    assert_ok(rsa_key_sign(&key, BYTES("text"), signature, &len));
    assert_ok(rsa_key_read_public(view(&pem), &reader));
    assert_ok(rsa_key_check(&reader, BYTES("text"), bytes_of(signature, len)));
    assert_err(rsa_certificate_make(&reader, BYTES("x"), from, to, &w), KEY);
    assert_err(rsa_certificate_make(&key, BYTES(""), from, to, &w), LENGTH);
    assert_err(rsa_certificate_make(&key, BYTES("a\nb"), from, to, &w), FORMAT);
    assert_err(rsa_certificate_make(&key, BYTES("\xff\xfe"), from, to, &w), FORMAT);
    struct text public = public_text(&key);
    assert_err(rsa_certificate_describe(view(&public), &first), FORMAT);
    assert_err(rsa_certificate_describe((struct bytes){NULL, 0}, &first), FORMAT);
}

/* The official client of WeChat Pay signs with a published test key: ours gives the same bytes. */
static void wechat_pay_vectors(void **state)
{
    (void)state;
    json_t *json = vectors("provider_api/wechatpay_v3.json");
    CLEANUP(rsa_key_free) struct rsa_key key = {NULL, false};
    assert_ok(rsa_key_read_private(bytes_text(text_at(json, "test_private_key_pem")), &key));
    const json_t *sdk = json_object_get(json_object_get(json, "sdk"), "request_sign");
    uint8_t room[RSA_KEY_SIGNATURE_TEXT_MAX];
    struct writer w = writer_over(room, sizeof room);
    assert_ok(rsa_key_sign_base64(&key, bytes_text(text_at(sdk, "message")), &w));
    assert_bytes(writer_view(&w), bytes_text(text_at(sdk, "signature_b64")));
    json_t *requests = json_object_get(json_object_get(json, "derived"), "requests"), *row;
    size_t i;
    assert_int_equal(json_array_size(requests), 3);
    json_array_foreach(requests, i, row)
    {
        w = writer_over(room, sizeof room);
        assert_ok(rsa_key_sign_base64(&key, bytes_text(text_at(row, "message_to_sign")), &w));
        assert_bytes(writer_view(&w), bytes_text(text_at(row, "signature")));
    }
    vector_file_end(json);
}

/* The value of the first member, as it stands: what Alipay signs. The rows have no white space. */
static struct bytes signed_part(const char *raw)
{
    const char *from = strstr(raw, "_response\":"), *to = strstr(raw, ",\"sign\":");
    assert_non_null(from);
    assert_non_null(to);
    from += strlen("_response\":");
    return bytes_of(from, (size_t)(to - from));
}

/* Answers of Alipay, one of them tampered with, and its public key as it hands it out. */
static void alipay_vectors(void **state)
{
    (void)state;
    json_t *json = vectors("provider_api/alipay.json"), *row, *first;
    json_t *rows = json_object_get(json, "response_sign");
    size_t i;
    assert_int_equal(json_array_size(rows), 2);
    first = json_array_get(rows, 0);
    struct bytes signature = bytes_text(text_at(first, "sign"));
    json_array_foreach(rows, i, row)
    {
        CLEANUP(rsa_key_free) struct rsa_key key = {NULL, false};
        assert_ok(rsa_key_read_public(bytes_text(text_at(row, "alipay_public_key")), &key));
        err e = rsa_key_check_base64(&key, signed_part(text_at(row, "raw_response")), signature);
        const json_t *expect = json_object_get(row, "expect");
        assert_true(json_is_boolean(expect));
        assert_string_equal(err_name(e), json_is_true(expect) ? "OK" : "IDENTITY");
    }
    assert_bytes(signed_part(text_at(first, "raw_response")),
                 bytes_text(text_at(first, "signed_substring")));
    vector_file_end(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_in_each_form),  cmocka_unit_test(other_keys_are_refused),
        cmocka_unit_test(base64_signatures),  cmocka_unit_test(certificates),
        cmocka_unit_test(wechat_pay_vectors), cmocka_unit_test(alipay_vectors),
    };
    return cmocka_run_group_tests_name("crypto_rsa_signature", tests, NULL, NULL);
}
