/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that sign published documents: RFC 8032, a key of each kind, and what is refused. S119. */
#include "tests/unit/scratch.h"

#include "lib/base/hex.h"
#include "lib/crypto/document_key.h"

/* RFC 8032, 7.1, test 3. */
static void ed25519_of_the_standard(void **state)
{
    (void)state;
    CLEANUP(document_key_free) struct document_key key = {0};
    uint8_t signature[64];
    size_t len = 0;
    assert_ok(document_key_read_public(
        DOCUMENT_ED25519, BYTES("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"),
        &key));
    assert_ok(hex_decode(BYTES("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                               "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
                         signature, sizeof signature, &len));
    assert_ok(document_key_check(&key, BYTES("\xaf\x82"), BYTES_OF(signature)));
    assert_err(document_key_check(&key, BYTES("\xaf\x83"), BYTES_OF(signature)), IDENTITY);
    for (size_t bit = 0; bit < 512; bit++) {
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_err(document_key_check(&key, BYTES("\xaf\x82"), BYTES_OF(signature)), IDENTITY);
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_err(document_key_check(&key, BYTES("\xaf\x82"), bytes_of(signature, 63)), IDENTITY);
    assert_err(document_key_check(&key, BYTES("\xaf\x82"), bytes_of(signature, 0)), IDENTITY);
}

static void each_kind(void **state)
{
    (void)state;
    for (enum document_scheme scheme = 0; scheme < DOCUMENT_SCHEMES; scheme++) {
        CLEANUP(document_key_free) struct document_key pair = {0}, public = {0}, other = {0};
        uint8_t signature[DOCUMENT_SIGNATURE_MAX], one[32], two[32], block[DOCUMENT_KEY_TEXT_MAX];
        size_t len = 0;
        struct writer w = writer_over(block, sizeof block);
        assert_ok(document_key_generate(scheme, &pair));
        assert_ok(document_key_generate(scheme, &other));
        assert_ok(document_key_write_public(&pair, &w));
        assert_ok(document_key_read_public(scheme, writer_view(&w), &public));
        assert_ok(document_key_fingerprint(&pair, one));
        assert_ok(document_key_fingerprint(&public, two));
        assert_memory_equal(one, two, sizeof one);
        assert_ok(document_key_sign(&pair, BYTES("a document"), signature, &len));
        assert_ok(document_key_check(&public, BYTES("a document"), bytes_of(signature, len)));
        assert_err(document_key_check(&public, BYTES("a documents"), bytes_of(signature, len)),
                   IDENTITY);
        assert_err(document_key_check(&other, BYTES("a document"), bytes_of(signature, len)),
                   IDENTITY);
        signature[len - 1] ^= 1;
        assert_err(document_key_check(&public, BYTES("a document"), bytes_of(signature, len)),
                   IDENTITY);
        assert_err(document_key_sign(&public, BYTES("a document"), signature, &len), KEY);
        /* The scheme that is said decides: no key is taken for another kind. */
        for (enum document_scheme said = 0; said < DOCUMENT_SCHEMES; said++) {
            CLEANUP(document_key_free) struct document_key wrong = {0};
            if (said == scheme) continue;
            assert_true(FAILED(document_key_read_public(said, writer_view(&w), &wrong)));
            assert_null(wrong.pkey);
        }
    }
}

static void what_is_no_key(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "00", "zz51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb91154890802500",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        for (enum document_scheme scheme = 0; scheme < DOCUMENT_SCHEMES; scheme++) {
            CLEANUP(document_key_free) struct document_key key = {0};
            assert_err(document_key_read_public(scheme, bytes_text(texts[i]), &key), FORMAT);
        }
    /* RSA of 1024 bits. */
    CLEANUP(document_key_free) struct document_key key = {0};
    assert_err(document_key_read_public(
                   DOCUMENT_RSA_PSS,
                   BYTES("-----BEGIN PUBLIC KEY-----\n"
                         "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDhV4HVpnMAX6ing5uV7+TC4WIW\n"
                         "owVTVLkIAzSemBfBMMOpmNqIh2mM4G0DmONm24y/1WDZqFeXvWyPKeKyjSe+KfUX\n"
                         "s0TVznBQ0ehldpHKnBAdbgzfZLal02LjZqWC16Is+9fo/6uYgqcnsAr6unDOeF8T\n"
                         "G+KZi67vvijZaj743QIDAQAB\n"
                         "-----END PUBLIC KEY-----\n"),
                   &key),
               KEY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ed25519_of_the_standard),
        cmocka_unit_test(each_kind),
        cmocka_unit_test(what_is_no_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
