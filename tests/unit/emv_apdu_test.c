/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S75: commands and answers: what T=0 makes of them, against the published exchanges, and the cards
 * that never come to an end.
 */
#include "lib/emv/apdu.h"
#include "tests/unit/crypto_vectors.h"

/* Plays the rows after the first command; the answer's data must be what they add up to. */
static void play(const json_t *test, bool t0)
{
    const json_t *rows = json_object_get(test, "exchanges");
    static struct emv_apdu apdu;
    uint8_t expected[256];
    size_t expected_len = 0, i = 0;
    enum emv_apdu_state state = EMV_APDU_AGAIN;
    apdu.t0 = t0;
    assert_ok(emv_apdu_begin_raw(&apdu, hex_at(json_array_get(rows, 0), "c")));
    for (; i < json_array_size(rows) && state == EMV_APDU_AGAIN; i++) {
        const json_t *row = json_array_get(rows, i);
        struct bytes answer = hex_at(row, "r");
        assert_bytes(emv_apdu_wire(&apdu), hex_at(row, "c"));
        memcpy(expected + expected_len, answer.at, answer.len - 2);
        expected_len += answer.len - 2;
        state = emv_apdu_answer(&apdu, answer);
    }
    assert_int_equal(i, json_array_size(rows));
    assert_int_equal(state, EMV_APDU_DONE);
    assert_bytes(emv_apdu_data(&apdu), bytes_of(expected, expected_len));
    const json_t *last = json_array_get(rows, i - 1), *first = json_array_get(rows, 0);
    struct bytes end = hex_at(last, "r");
    unsigned sw = (unsigned)end.at[end.len - 2] << 8 | end.at[end.len - 1];
    struct bytes said = hex_at(first, "r"); /* a warning is what stays of an answer */
    if (said.at[said.len - 2] == 0x62 && json_array_size(rows) > 1) sw = 0x6286;
    assert_int_equal(apdu.sw, sw);
}

/* The suite as a PC/SC reader shows it. The suite of bare T=0 units is below the reader's surface:
 * its procedure bytes never reach this code. */
static void published_exchanges(void **state)
{
    (void)state;
    json_t *json = vectors("emv/apdu_transcripts_contact.json");
    const json_t *tests = json_object_get(json_object_get(json, "suites"), "emv_ttl_pcsc_test");
    json_t *test;
    size_t i;
    assert_int_equal(json_array_size(tests), 14);
    json_array_foreach(tests, i, test)
    {
        play(test, true);
    }
    vector_file_end(json);
}

static void forms_of_commands(void **state)
{
    (void)state;
    struct emv_apdu apdu = {0};
    emv_apdu_begin(&apdu, 0x00A40400, BYTES("1PAY.SYS.DDF01"), true);
    assert_bytes(emv_apdu_wire(&apdu), hex("00A404000E315041592E5359532E444446303100"));
    emv_apdu_begin(&apdu, 0x00B2010C, (struct bytes){0}, true);
    assert_bytes(emv_apdu_wire(&apdu), hex("00B2010C00"));
    emv_apdu_begin(&apdu, 0x00820000, hex("DEADBEEF"), false);
    assert_bytes(emv_apdu_wire(&apdu), hex("0082000004DEADBEEF"));
    emv_apdu_begin(&apdu, 0x00820000, (struct bytes){0}, false);
    assert_bytes(emv_apdu_wire(&apdu), hex("00820000"));
    static const char *const good[] = {"84180000", "8418000008", "841E0000049A8DC64A",
                                       "841E0000049A8DC64A00"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++) assert_ok(emv_apdu_begin_raw(&apdu, hex(good[i])));
    static const char *const bad[] = {"", "841800", "841E0000059A8DC64A", "841E0000039A8DC64A00",
                                      "841E0000009A"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_err(emv_apdu_begin_raw(&apdu, hex(bad[i])), FORMAT);
}

static enum emv_apdu_state answer(struct emv_apdu *apdu, const char *text)
{
    return emv_apdu_answer(apdu, hex(text));
}

static void lengths_are_corrected_once(void **state)
{
    (void)state;
    struct emv_apdu apdu = {0};
    emv_apdu_begin(&apdu, 0x00B2010C, (struct bytes){0}, true);
    assert_int_equal(answer(&apdu, "6C1C"), EMV_APDU_AGAIN);
    assert_bytes(emv_apdu_wire(&apdu), hex("00B2010C1C"));
    assert_int_equal(answer(&apdu, "6C1D"), EMV_APDU_DONE);
    assert_int_equal(apdu.sw, 0x6C1D);
    /* A command that expects no data has no length to correct. */
    emv_apdu_begin(&apdu, 0x00820000, hex("DEADBEEF"), false);
    assert_int_equal(answer(&apdu, "6C1D"), EMV_APDU_DONE);
}

static void warnings_keep_data_back_only_in_t0(void **state)
{
    (void)state;
    struct emv_apdu apdu = {.t0 = true};
    emv_apdu_begin(&apdu, 0x00A40400, BYTES("12345"), true);
    assert_int_equal(answer(&apdu, "6283"), EMV_APDU_AGAIN);
    assert_bytes(emv_apdu_wire(&apdu), hex("00C0000000"));
    assert_int_equal(answer(&apdu, "6D00"), EMV_APDU_DONE);
    assert_int_equal(apdu.sw, 0x6283);
    apdu.t0 = false;
    emv_apdu_begin(&apdu, 0x00A40400, BYTES("12345"), true);
    assert_int_equal(answer(&apdu, "6283"), EMV_APDU_DONE);
    /* A wrong PIN is no warning that has data behind it. */
    apdu.t0 = true;
    emv_apdu_begin(&apdu, 0x00200080, hex("241234FFFFFFFFFF"), false);
    assert_int_equal(answer(&apdu, "63C2"), EMV_APDU_DONE);
    assert_int_equal(apdu.sw, 0x63C2);
}

static void cards_without_an_end(void **state)
{
    (void)state;
    struct emv_apdu apdu = {0};
    emv_apdu_begin(&apdu, 0x00B2010C, (struct bytes){0}, true);
    unsigned turns = 0;
    while (answer(&apdu, "AA6101") == EMV_APDU_AGAIN) turns++;
    assert_int_equal(turns, EMV_FOLLOW_UPS);
    uint8_t large[EMV_ANSWER_MAX + 3] = {0};
    emv_apdu_begin(&apdu, 0x00B2010C, (struct bytes){0}, true);
    assert_int_equal(emv_apdu_answer(&apdu, BYTES_OF(large)), EMV_APDU_BAD);
    assert_int_equal(answer(&apdu, ""), EMV_APDU_BAD);
    assert_int_equal(answer(&apdu, "90"), EMV_APDU_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_exchanges),
        cmocka_unit_test(forms_of_commands),
        cmocka_unit_test(lengths_are_corrected_once),
        cmocka_unit_test(warnings_keep_data_back_only_in_t0),
        cmocka_unit_test(cards_without_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
