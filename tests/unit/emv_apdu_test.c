/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S75: commands and answers: what T=0 makes of them, against the published exchanges, and the cards
 * that never come to an end.
 */
#include "lib/emv/apdu.h"
#include "tests/unit/crypto_vectors.h"

/* ---- the published exchanges ---- */

#define PSE    "315041592E5359532E4444463031"
#define RECORD "701A61184F07A0000000031010500A56495341204445424954870101"
#define FCI    "6F24840E315041592E5359532E4444463031A5128801015F2D08656E6573667264659F110101"

/* The command of each case of ISO/IEC 7816-3, as our encoder takes it. */
static const struct {
    uint32_t header;
    const char *data;
    bool expects;
} command_of_case[] = {
    {0x12345678, "", false},
    {0x00B2010C, "", true},
    {0x00820000, "DEADBEEF", false},
    {0x00A40400, PSE, true},
};

/* What an exchange comes to, whether a reader shows it or T=0 below one. */
static const struct outcome {
    const char *name; /* behind test_pcsc_ and test_tpdu_ */
    uint16_t sw;
    const char *data;
} outcomes[] = {
    {"case_1_normal", 0x9000, ""},
    {"case_1_error", 0x6A81, ""},
    {"case_2_normal", 0x9000, RECORD},
    {"case_2_error_early", 0x6A81, ""},
    {"case_2_error_late", 0x6581, ""},
    {"case_3_normal", 0x9000, ""},
    {"case_3_error", 0x6A81, ""},
    {"case_3_error_early", 0x6A81, ""},
    {"case_3_error_late", 0x6581, ""},
    {"case_4_normal", 0x9000, FCI},
    {"case_4_error_late", 0x6581, ""},
    {"case_4_error_early2", 0x6A82, ""},
    {"case_2_normal_advanced", 0x9000, RECORD},
    {"case_4_normal_advanced", 0x9000, FCI},
    {"case_4_warning1", 0x6286, FCI},
    {"case_4_warning2", 0x6286, FCI},
};

/* SELECT fails at once with one status through a reader, and with another in T=0. */
static const struct outcome early[] = {
    {"case_4_error_early", 0x6A82, ""},
    {"case_4_error_early", 0x6A81, ""},
};

static const struct outcome *outcome_of(const char *name, bool below)
{
    name += strlen("test_pcsc_");
    if (strcmp(name, early[below].name) == 0) return &early[below];
    for (size_t i = 0; i < ARRAY_LEN(outcomes); i++)
        if (strcmp(name, outcomes[i].name) == 0) return &outcomes[i];
    fail_msg("no outcome of %s is known", name);
    return NULL;
}

/* A card that has one exchange recorded, and knows no other. */
struct recorded_card {
    const json_t *rows;
    size_t at;
};

/* One transmission, which must be the recorded one to the byte, and what the card answered. */
static struct bytes transmit(struct recorded_card *card, struct bytes sent)
{
    const json_t *row = json_array_get(card->rows, card->at++);
    assert_non_null(row);
    assert_bytes(sent, hex_at(row, "c"));
    return hex_at(row, "r");
}

/*
 * What a reader makes of a command in T=0 (ISO/IEC 7816-3, 10.3 and 12.2.1): five bytes, P3 being
 * Lc, Le or 00; the data when the card has named the instruction; and data from the card stands
 * behind that name.
 */
static struct bytes transmit_below(struct recorded_card *card, struct bytes command)
{
    uint8_t header[5] = {0};
    memcpy(header, command.at, command.len < 5 ? command.len : 5);
    struct bytes said = transmit(card, BYTES_OF(header));
    if (command.len > 5 && said.len == 1) {
        assert_int_equal(said.at[0], header[1]);
        said = transmit(card, bytes_of(command.at + 5, header[4]));
    }
    if (said.len <= 2) return said;
    assert_int_equal(said.at[0], header[1]);
    return bytes_of(said.at + 1, said.len - 1);
}

/* Our command of the case is sent, and whatever the answers ask for, until there is an outcome. */
static void play(const json_t *test, bool below)
{
    const char *name = text_at(test, "name");
    size_t which = (size_t)(name[strlen("test_pcsc_case_")] - '1');
    static struct emv_apdu apdu;
    struct recorded_card card = {json_object_get(test, "exchanges"), 0};
    enum emv_apdu_state state = EMV_APDU_AGAIN;
    assert_in_range(which, 0, ARRAY_LEN(command_of_case) - 1);
    const struct outcome *outcome = outcome_of(name, below);
    apdu.t0 = true;
    emv_apdu_begin(&apdu, command_of_case[which].header, hex(command_of_case[which].data),
                   command_of_case[which].expects);
    while (state == EMV_APDU_AGAIN) {
        struct bytes sent = emv_apdu_wire(&apdu);
        state = emv_apdu_answer(&apdu, below ? transmit_below(&card, sent) : transmit(&card, sent));
    }
    assert_int_equal(state, EMV_APDU_DONE);
    assert_int_equal(card.at, json_array_size(card.rows));
    assert_int_equal(apdu.sw, outcome->sw);
    assert_bytes(emv_apdu_data(&apdu), hex(outcome->data));
}

static void play_suite(const char *suite, size_t count, bool below)
{
    json_t *json = vectors("emv/apdu_transcripts_contact.json"), *test;
    const json_t *tests = json_object_get(json_object_get(json, "suites"), suite);
    size_t i;
    assert_int_equal(json_array_size(tests), count);
    json_array_foreach(tests, i, test)
    {
        play(test, below);
    }
    vector_file_end(json);
}

static void exchanges_through_a_reader(void **state)
{
    (void)state;
    play_suite("emv_ttl_pcsc_test", 14, false);
}

static void exchanges_in_t0(void **state)
{
    (void)state;
    play_suite("emv_ttl_tpdu_test", 16, true);
}

/* A status and its word go together (ISO/IEC 7816-4, tables 5 and 6). */
static bool is_called(const json_t *row)
{
    static const struct {
        uint16_t sw;
        const char *word;
    } words[] = {
        {0x6283, "Selected file deactivated"},
        {0x6286, "No input available from a sensor on the card"},
        {0x6581, "Memory failure"},
        {0x6985, "Conditions of use not satisfied"},
        {0x6A81, "Function not supported"},
        {0x6A82, "File or application not found"},
        {0x6A83, "Record not found"},
    };
    struct bytes said = hex_at(row, "r");
    unsigned sw = said.len < 2 ? 0 : (unsigned)said.at[said.len - 2] << 8 | said.at[said.len - 1];
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        bool called = strcmp(text_at(row, "r_note"), words[i].word) == 0;
        if (called != (sw == words[i].sw)) fail_msg("%04X is not that", sw);
        if (called) return true;
    }
    return false;
}

/* In every suite, those that the tests of selection and of records replay too: there a card that
 * refuses in another way is often treated alike. */
static void statuses_are_what_they_are_called(void **state)
{
    (void)state;
    json_t *json = vectors("emv/apdu_transcripts_contact.json"), *tests, *test, *row;
    const char *suite;
    size_t t, r, called = 0;
    json_object_foreach(json_object_get(json, "suites"), suite, tests)
    {
        json_array_foreach(tests, t, test)
        {
            json_array_foreach(json_object_get(test, "exchanges"), r, row)
            {
                called += is_called(row);
            }
        }
    }
    assert_int_equal(called, 66);
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
        cmocka_unit_test(exchanges_through_a_reader),
        cmocka_unit_test(exchanges_in_t0),
        cmocka_unit_test(statuses_are_what_they_are_called),
        cmocka_unit_test(forms_of_commands),
        cmocka_unit_test(lengths_are_corrected_once),
        cmocka_unit_test(warnings_keep_data_back_only_in_t0),
        cmocka_unit_test(cards_without_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
