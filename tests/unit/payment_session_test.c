/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A day's session that an independent codec packed (tests/vectors): sale, reversal, sign-in and
 * sign-out are built and read field by field, the sale byte for byte up to its MAC. S50 S74 S88
 */
#include "tests/unit/payment_rig.h"

#include <jansson.h>

#include "lib/base/hex.h"
#include "lib/iso8583/frame.h"

#define SESSIONS "tests/vectors/iso8583/derived_sessions.json"

static uint8_t vector_bytes[ISO8583_FRAME_MAX], vector_digits[ISO8583_ARENA_MAX];

/* One message of the session by its step, decoded; `ret_mab` is what its MAC is computed over. */
static struct iso8583_message vector_message(const char *step, struct bytes *ret_mab)
{
    static uint8_t mab[ISO8583_FRAME_MAX];
    json_error_t why;
    json_t *root = json_load_file(SESSIONS, JSON_ALLOW_NUL, &why), *row;
    if (root == NULL) print_error("%s: %s\n", SESSIONS, why.text);
    assert_non_null(root);
    json_t *session = json_array_get(json_object_get(root, "sessions"), 0);
    static struct iso8583_message m;
    size_t i, len = 0;
    bool found = false;
    json_array_foreach(json_object_get(session, "messages"), i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "step")), step) != 0) continue;
        const char *hex = json_string_value(json_object_get(row, "hex"));
        assert_int_equal(hex_decode(bytes_text(hex), vector_bytes, sizeof vector_bytes, &len).code,
                         ERR_OK);
        struct iso8583_frame_header header;
        struct bytes message;
        struct bytes frame = {vector_bytes + 2, len - 2}; /* behind its length */
        assert_int_equal(iso8583_frame_split(frame, &header, &message).code, ERR_OK);
        struct arena arena = arena_over(vector_digits, sizeof vector_digits);
        struct iso8583_fault fault;
        assert_int_equal(iso8583_decode(&iso8583_dialect_cup, message, &arena, &m, &fault).code,
                         ERR_OK);
        const char *input = json_string_value(json_object_get(row, "mab"));
        if (input != NULL)
            assert_int_equal(hex_decode(bytes_text(input), mab, sizeof mab, &len).code, ERR_OK);
        if (ret_mab != NULL) *ret_mab = bytes_of(mab, len);
        found = true;
    }
    json_decref(root);
    assert_true(found);
    return m;
}

/* `fields` (ending with 0) are the same in both. */
static void same_in_both(const struct iso8583_message *ours, const struct iso8583_message *theirs,
                         const unsigned *fields)
{
    for (; *fields != 0; fields++) {
        assert_true(iso8583_has(theirs, *fields));
        struct bytes a = iso8583_get(ours, *fields), b = iso8583_get(theirs, *fields);
        if (!bytes_equal(a, b))
            print_error("field %u: %.*s, not %.*s\n", *fields, (int)a.len, a.at, (int)b.len, b.at);
        assert_true(bytes_equal(a, b));
    }
}

static struct payment session_sale(void)
{
    struct payment p = rig_sale(PAYMENT_CARD);
    p.key = (struct payment_key){.tid = "00000001", .batch = 1, .stan = 2};
    memcpy(p.mid, "898310058120001", 16);
    p.operator_id[0] = '\0';
    p.amount_minor = 12345;
    return p;
}

/* The whole sale, byte for byte up to the MAC. */
static void the_sale_of_the_session(void **state)
{
    (void)state;
    struct bytes mab;
    struct iso8583_message theirs = vector_message("mag sale request with PIN", &mab);
    struct payment p = session_sale(), got;
    struct payment_sensitive s = {
        .pin_block = iso8583_get(&theirs, 52),
        .pan = iso8583_get(&theirs, 2),
        .expiry = iso8583_get(&theirs, 14),
        .track2 = iso8583_get(&theirs, 35),
    };
    struct arena arena = rig_arena();
    struct iso8583_message ours;
    assert_int_equal(payment_request_message(PAYMENT_PROFILE_CUP, &p, &s, &arena, &ours).code,
                     ERR_OK);
    struct writer w = writer_over(rig_frame, sizeof rig_frame);
    struct iso8583_fault fault;
    assert_int_equal(iso8583_encode(&iso8583_dialect_cup, &ours, &w, &fault).code, ERR_OK);
    struct bytes input = iso8583_mac_input(&iso8583_dialect_cup, writer_view(&w));
    assert_true(bytes_equal(input, mab));

    struct payment_sensitive read;
    assert_int_equal(payment_from_request(PAYMENT_PROFILE_CUP, &theirs, &got, &read).code, ERR_OK);
    assert_same_payment(&p, &got);
    assert_true(bytes_equal(read.track2, s.track2) && bytes_equal(read.pin_block, s.pin_block));
}

static void the_response_of_the_session(void **state)
{
    (void)state;
    struct iso8583_message theirs = vector_message("mag sale response", NULL);
    struct payment p = session_sale();
    assert_int_equal(payment_apply_response(&theirs, 0x0210, &p).code, ERR_OK);
    assert_string_equal(p.response_code, "00");
    assert_string_equal(p.rrn, "000002093120");
    assert_string_equal(p.auth_code, "654321");
    assert_string_equal(p.local_time, "093120");
    assert_string_equal(p.local_date, "1122");
    assert_string_equal(p.settlement_date, "1122");
    /* Field 63 is a scheme ("CUP") there: it tells no class of card. */
    assert_int_equal(p.card_class, PAYMENT_CLASS_UNKNOWN);
    assert_string_equal(p.issuer, "");

    struct arena arena = rig_arena();
    struct iso8583_message ours;
    assert_int_equal(payment_response_message(PAYMENT_PROFILE_CUP, &p, 0x0210, &arena, &ours).code,
                     ERR_OK);
    static const unsigned fields[] = {3, 4, 11, 12, 13, 15, 25, 37, 38, 39, 41, 42, 49, 60, 63, 0};
    same_in_both(&ours, &theirs, fields);
    assert_false(iso8583_has(&ours, 2) || iso8583_has(&ours, 14)); /* no card data, ever */
}

static void the_reversal_of_the_session(void **state)
{
    (void)state;
    struct iso8583_message theirs =
        vector_message("reversal of IC sale (no response received)", NULL);
    struct payment p = session_sale(), got;
    p.key.stan = 3;
    p.amount_minor = 10000;
    p.entry = PAYMENT_ENTRY_CONTACTLESS;
    memcpy(p.reversal_reason, "98", 3);
    struct arena arena = rig_arena();
    struct iso8583_message ours;
    assert_int_equal(payment_reversal_message(PAYMENT_PROFILE_CUP, &p, &arena, &ours).code, ERR_OK);
    static const unsigned fields[] = {3, 4, 11, 22, 25, 39, 41, 42, 49, 60, 61, 0};
    same_in_both(&ours, &theirs, fields);

    struct payment_sensitive s;
    assert_int_equal(payment_from_request(PAYMENT_PROFILE_CUP, &theirs, &got, &s).code, ERR_OK);
    assert_true(payment_key_equal(&p.key, &got.key));
    assert_int_equal(got.amount_minor, 10000);
    assert_string_equal(got.reversal_reason, "98");
    assert_string_equal(got.card_sequence, "001");

    struct iso8583_message answer = vector_message("reversal response", NULL);
    assert_int_equal(payment_apply_response(&answer, 0x0410, &p).code, ERR_OK);
    assert_string_equal(p.response_code, "00");
    assert_string_equal(p.rrn, "000003093301");
}

static void the_sign_in_of_the_session(void **state)
{
    (void)state;
    struct iso8583_message theirs = vector_message("sign-in request", NULL), ours;
    struct payment_sign_in in = {.tid = "00000001",
                                 .mid = "898310058120001",
                                 .stan = 1,
                                 .batch = 1,
                                 .code = "004",
                                 .operator_id = "01"};
    struct payment_sign_in got;
    struct arena arena = rig_arena();
    assert_int_equal(payment_sign_in_request(PAYMENT_PROFILE_CUP, &in, &arena, &ours).code, ERR_OK);
    static const unsigned asked[] = {11, 41, 42, 60, 63, 0};
    assert_int_equal(ours.mti, theirs.mti);
    same_in_both(&ours, &theirs, asked);
    assert_int_equal(payment_sign_in_parse(&theirs, &got).code, ERR_OK);
    assert_int_equal(got.stan, 1);
    assert_int_equal(got.batch, 1);
    assert_string_equal(got.tid, in.tid);
    assert_string_equal(got.mid, in.mid);
    assert_string_equal(got.code, "004");
    assert_string_equal(got.operator_id, "01");
    assert_int_equal(got.delivery.len, 0); /* field 62 of a request is no key */

    theirs = vector_message("sign-in response", NULL);
    assert_int_equal(payment_sign_in_parse(&theirs, &got).code, ERR_OK);
    assert_string_equal(got.response_code, "00");
    assert_string_equal(got.rrn, "000001093015");
    assert_string_equal(got.local_time, "093015");
    assert_string_equal(got.local_date, "1122");
    assert_int_equal(got.delivery.len, 60);
    arena = rig_arena();
    assert_int_equal(payment_sign_in_response(PAYMENT_PROFILE_CUP, &got, &arena, &ours).code,
                     ERR_OK);
    static const unsigned said[] = {11, 12, 13, 37, 39, 41, 42, 60, 62, 0};
    assert_int_equal(ours.mti, theirs.mti);
    same_in_both(&ours, &theirs, said);

    theirs = vector_message("sign-out", NULL);
    assert_int_equal(payment_sign_in_parse(&theirs, &got).code, ERR_OK);
    assert_string_equal(got.code, "002");
    arena = rig_arena();
    assert_int_equal(payment_sign_in_request(PAYMENT_PROFILE_CUP, &got, &arena, &ours).code,
                     ERR_OK);
    static const unsigned left[] = {11, 41, 42, 60, 0};
    assert_int_equal(ours.mti, 0x0820);
    rig_only(&ours, left);
    same_in_both(&ours, &theirs, left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sale_of_the_session),
        cmocka_unit_test(the_response_of_the_session),
        cmocka_unit_test(the_reversal_of_the_session),
        cmocka_unit_test(the_sign_in_of_the_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
