/* SPDX-License-Identifier: Apache-2.0 */
/* The hsm's keys for documents about updates: each signs its own kind, and nothing else. S119. */
#include "tests/unit/hsm_fixture.h"

#include "lib/base/hex.h"
#include "lib/crypto/document_key.h"
#include "lib/wire/hsm_protocol_documents.h"
#include "lib/wire/hsm_protocol_wallets.h"

struct made {
    uint8_t blob[HSM_DOCUMENT_BLOB_MAX], public_key[HSM_DOCUMENT_PUBLIC_BYTES];
    size_t len;
};

static enum hsm_status make(struct fixture *f, uint8_t role, struct made *ret_made)
{
    struct hsm_document_key_answer answer;
    hsm_write_document_key(begin(f, HSM_DOCUMENT_KEY), &(struct hsm_document_key){role});
    enum hsm_status status = execute(f);
    if (status != HSM_OK) return status;
    assert_ok(hsm_read_document_key_answer(&f->answer, &answer));
    assert_int_equal(answer.public_key.len, HSM_DOCUMENT_PUBLIC_BYTES);
    memcpy(ret_made->blob, answer.blob.at, answer.blob.len);
    memcpy(ret_made->public_key, answer.public_key.at, HSM_DOCUMENT_PUBLIC_BYTES);
    ret_made->len = answer.blob.len;
    return HSM_OK;
}

static enum hsm_status sign(struct fixture *f, uint8_t role, const struct made *made,
                            struct bytes text, uint8_t out[HSM_DOCUMENT_SIGNATURE_BYTES])
{
    struct bytes signature;
    const struct hsm_document_sign m = {role, bytes_of(made->blob, made->len), text};
    hsm_write_document_sign(begin(f, HSM_DOCUMENT_SIGN), &m);
    enum hsm_status status = execute(f);
    if (status != HSM_OK) return status;
    assert_ok(hsm_read_bytes(&f->answer, &signature));
    assert_int_equal(signature.len, HSM_DOCUMENT_SIGNATURE_BYTES);
    memcpy(out, signature.at, HSM_DOCUMENT_SIGNATURE_BYTES);
    return HSM_OK;
}

static const char *const texts[HSM_DOCUMENT_ROLES] = {
    [HSM_DOCUMENT_SNAPSHOT] = "{\"_type\":\"snapshot\",\"expires\":\"...\"}",
    [HSM_DOCUMENT_TIMESTAMP] = "{\"_type\":\"timestamp\",\"expires\":\"...\"}",
    [HSM_DOCUMENT_DIRECTOR] = "{\"_type\":\"targets\",\"assignment\":{}}"};

static void each_key_signs_documents_of_its_role_only(void **state)
{
    struct fixture *f = *state;
    static const char *const others[] = {"", "{\"_type\":\"targets\",\"expires\":\"...\"}",
                                         "{\"_type\":\"root\",", " {\"_type\":\"snapshot\","};
    uint8_t signature[HSM_DOCUMENT_SIGNATURE_BYTES];
    for (uint8_t role = 1; role < HSM_DOCUMENT_ROLES; role++) {
        struct made made;
        assert_status(make(f, role, &made), HSM_OK);
        for (uint8_t other = 1; other < HSM_DOCUMENT_ROLES; other++) {
            assert_status(sign(f, role, &made, bytes_text(texts[other]), signature),
                          other == role ? HSM_OK : HSM_WRONG_USAGE);
            /* A key of one role is no key of another. */
            if (other != role)
                assert_status(sign(f, other, &made, bytes_text(texts[other]), signature),
                              HSM_BAD_KEY_BLOCK);
        }
        for (size_t i = 0; i < ARRAY_LEN(others); i++)
            assert_status(sign(f, role, &made, bytes_text(others[i]), signature), HSM_WRONG_USAGE);
    }
}

static void what_is_signed_checks_with_the_public_half(void **state)
{
    struct fixture *f = *state;
    struct made made;
    uint8_t signature[HSM_DOCUMENT_SIGNATURE_BYTES], hex[2 * HSM_DOCUMENT_PUBLIC_BYTES];
    CLEANUP(document_key_free) struct document_key key = {0};
    assert_status(make(f, HSM_DOCUMENT_TIMESTAMP, &made), HSM_OK);
    struct bytes text = bytes_text(texts[HSM_DOCUMENT_TIMESTAMP]);
    assert_status(sign(f, HSM_DOCUMENT_TIMESTAMP, &made, text, signature), HSM_OK);
    struct writer w = writer_over(hex, sizeof hex);
    write_hex(&w, BYTES_OF(made.public_key));
    assert_ok(document_key_read_public(DOCUMENT_ED25519, writer_view(&w), &key));
    assert_ok(document_key_check(&key, text, BYTES_OF(signature)));
    signature[0] ^= 1;
    assert_string_equal(err_name(document_key_check(&key, text, BYTES_OF(signature))), "IDENTITY");
}

static void every_bit_of_a_blob_counts(void **state)
{
    struct fixture *f = *state;
    struct made made;
    uint8_t signature[HSM_DOCUMENT_SIGNATURE_BYTES];
    assert_status(make(f, HSM_DOCUMENT_SNAPSHOT, &made), HSM_OK);
    struct bytes text = bytes_text(texts[HSM_DOCUMENT_SNAPSHOT]);
    for (size_t bit = 0; bit < 8 * made.len; bit++) {
        struct made changed = made;
        changed.blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_status(sign(f, HSM_DOCUMENT_SNAPSHOT, &changed, text, signature), HSM_BAD_KEY_BLOCK);
    }
    struct made cut = made;
    for (cut.len = 0; cut.len < made.len; cut.len++)
        assert_status(sign(f, HSM_DOCUMENT_SNAPSHOT, &cut, text, signature), HSM_BAD_KEY_BLOCK);
}

static void requests_that_are_wrong(void **state)
{
    struct fixture *f = *state;
    struct made made;
    assert_status(make(f, 0, &made), HSM_BAD_REQUEST);
    assert_status(make(f, HSM_DOCUMENT_ROLES, &made), HSM_BAD_REQUEST);
    /* The commands of wallets make no such key. */
    hsm_write_wallet_key(begin(f, HSM_WALLET_KEY), &(struct hsm_wallet_key){4, BYTES("x"), {0}});
    assert_status(execute(f), HSM_BAD_REQUEST);
    /* The longest text fits, and one byte more is none. */
    static uint8_t text[HSM_DOCUMENT_TEXT_MAX];
    uint8_t signature[HSM_DOCUMENT_SIGNATURE_BYTES];
    const char *start = hsm_document_start(HSM_DOCUMENT_SNAPSHOT);
    memcpy(text, start, strlen(start));
    assert_status(make(f, HSM_DOCUMENT_SNAPSHOT, &made), HSM_OK);
    assert_status(sign(f, HSM_DOCUMENT_SNAPSHOT, &made, BYTES_OF(text), signature), HSM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_key_signs_documents_of_its_role_only, open_hsm,
                                        close_hsm),
        cmocka_unit_test_setup_teardown(what_is_signed_checks_with_the_public_half, open_hsm,
                                        close_hsm),
        cmocka_unit_test_setup_teardown(every_bit_of_a_blob_counts, open_hsm, close_hsm),
        cmocka_unit_test_setup_teardown(requests_that_are_wrong, open_hsm, close_hsm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
