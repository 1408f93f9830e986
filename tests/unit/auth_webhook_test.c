/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of webhooks (S177, HS-16), held against the example of the published specification. */
#include "lib/auth/webhook_signature.h"

#include "lib/base/base64.h"
#include "tests/unit/scratch.h"

/* The example that the specification's libraries test themselves with. */
static const char secret_text[] = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                  id[] = "msg_p5jXN8AQM9LWM0D4loKWxJek", body[] = "{\"test\": 2432232314}",
                  signature[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
enum { AT = 1614265330 };

static struct bytes secret_of(uint8_t out[64])
{
    size_t len = 0;
    assert_ok(base64_decode(bytes_text(secret_text), out, 64, &len));
    return bytes_of(out, len);
}

static void the_published_example_comes_out(void **state)
{
    (void)state;
    uint8_t key[64];
    char text[128];
    struct writer w = writer_over(text, sizeof text - 1);
    webhook_sign(secret_of(key), id, AT, bytes_text(body), &w);
    text[w.len] = '\0';
    assert_string_equal(text, signature);
}

static void a_receiver_takes_what_is_right_and_of_now(void **state)
{
    (void)state;
    uint8_t key[64], other[WEBHOOK_SECRET_BYTES];
    struct bytes secret = secret_of(key);
    struct random_seeded source;
    random_seed(&source, 7);
    const struct random random = random_from_seed(&source);
    webhook_secret_make(&random, other);
    const struct bytes said = bytes_text(body);
    assert_ok(webhook_verify(secret, id, AT, signature, said, AT));
    assert_ok(webhook_verify(secret, id, AT, signature, said, AT + WEBHOOK_TOLERANCE_S));
    assert_ok(webhook_verify(secret, id, AT, signature, said, AT - WEBHOOK_TOLERANCE_S));
    assert_err(webhook_verify(secret, id, AT, signature, said, AT + WEBHOOK_TOLERANCE_S + 1),
               TIMEOUT);
    assert_err(webhook_verify(secret, id, AT, signature, said, AT - WEBHOOK_TOLERANCE_S - 1),
               TIMEOUT);
    assert_err(webhook_verify(secret, "msg_other", AT, signature, said, AT), MAC);
    assert_err(webhook_verify(secret, id, AT + 1, signature, said, AT), MAC);
    assert_err(webhook_verify(secret, id, AT, signature, BYTES("{\"test\": 2432232315}"), AT), MAC);
    assert_err(webhook_verify(BYTES_OF(other), id, AT, signature, said, AT), MAC);
    static const char *const none[] = {"", "v1", "v2,abc", "v1a,abcd", "garbage and more"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_err(webhook_verify(secret, id, AT, none[i], said, AT), FORMAT);
    for (size_t i = 3; i < sizeof signature - 1; i++) {
        char spoilt[sizeof signature];
        memcpy(spoilt, signature, sizeof spoilt);
        spoilt[i] = spoilt[i] == 'A' ? 'B' : 'A';
        assert_err(webhook_verify(secret, id, AT, spoilt, said, AT), MAC);
    }
}

/* While a secret is changed both sign, and each receiver finds the one that it knows. */
static void both_secrets_sign_while_one_is_changed(void **state)
{
    (void)state;
    uint8_t old[WEBHOOK_SECRET_BYTES], new[WEBHOOK_SECRET_BYTES];
    char text[128], shown[WEBHOOK_SECRET_TEXT + 1];
    struct random_seeded source;
    random_seed(&source, 8);
    const struct random random = random_from_seed(&source);
    webhook_secret_make(&random, old);
    webhook_secret_make(&random, new);
    assert_memory_not_equal(old, new, sizeof old);
    webhook_secret_text(new, shown);
    assert_int_equal(strncmp(shown, "whsec_", 6), 0);
    struct writer w = writer_over(text, sizeof text - 1);
    webhook_sign(BYTES_OF(new), "evt_1", AT, bytes_text(body), &w);
    webhook_sign(BYTES_OF(old), "evt_1", AT, bytes_text(body), &w);
    assert_int_equal(w.fault, ERR_OK);
    text[w.len] = '\0';
    assert_ok(webhook_verify(BYTES_OF(old), "evt_1", AT, text, bytes_text(body), AT));
    assert_ok(webhook_verify(BYTES_OF(new), "evt_1", AT, text, bytes_text(body), AT));
}

/* HS-16: by a public key. The pair is of RFC 8032, 7.1, test 1. */
static void by_a_public_key(void **state)
{
    (void)state;
    static const uint8_t seed[WEBHOOK_SEED_BYTES] = {
        0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a,
        0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
        0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
    uint8_t key[64], other[WEBHOOK_SEED_BYTES] = {1};
    char public[WEBHOOK_PUBLIC_TEXT + 1], foreign[WEBHOOK_PUBLIC_TEXT + 1], text[256];
    struct writer w = writer_over(text, sizeof text - 1);
    const struct bytes said = bytes_text(body);
    webhook_public_text(seed, public);
    assert_string_equal(public, "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    webhook_public_text(other, foreign);
    webhook_sign(secret_of(key), id, AT, said, &w);
    webhook_sign_public(seed, id, AT, said, &w);
    assert_int_equal(w.fault, ERR_OK);
    assert_true(w.len <= WEBHOOK_SIGNATURES_MAX);
    text[w.len] = '\0';
    assert_ok(
        webhook_verify(secret_of(key), id, AT, text, said, AT)); /* each passes over the other */
    assert_ok(webhook_verify_public(public, id, AT, text, said, AT));
    assert_err(webhook_verify_public(foreign, id, AT, text, said, AT), MAC);
    assert_err(webhook_verify_public(public, "msg_other", AT, text, said, AT), MAC);
    assert_err(webhook_verify_public(public, id, AT + 1, text, said, AT), MAC);
    assert_err(webhook_verify_public(public, id, AT, text, BYTES("{}"), AT), MAC);
    assert_err(webhook_verify_public(public, id, AT, signature, said, AT), FORMAT);
    assert_err(webhook_verify_public(public, id, AT, text, said, AT + WEBHOOK_TOLERANCE_S + 1),
               TIMEOUT);
    assert_err(webhook_verify_public("whpk_short", id, AT, text, said, AT), FORMAT);
    char *begin = strstr(text, "v1a,") + 4;
    for (char *at = begin; *at != '\0' && *at != '='; at++) {
        char was = *at;
        *at = was == 'A' ? 'B' : 'A';
        assert_true(FAILED(webhook_verify_public(public, id, AT, text, said, AT)));
        *at = was;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_example_comes_out),
        cmocka_unit_test(a_receiver_takes_what_is_right_and_of_now),
        cmocka_unit_test(both_secrets_sign_while_one_is_changed),
        cmocka_unit_test(by_a_public_key),
    };
    return cmocka_run_group_tests_name("auth_webhook", tests, NULL, NULL);
}
