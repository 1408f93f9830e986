/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S75: candidates, selection, processing options and records against the published exchanges of
 * another kernel's tests: the same commands in the same order, and the end that each is named for.
 */
#include "tests/unit/crypto_vectors.h"
#include "tests/unit/emv_rig.h"

static struct rig rig;

static const json_t *find_test(const json_t *json, const char *suite, const char *name)
{
    const json_t *tests = json_object_get(json_object_get(json, "suites"), suite);
    json_t *test;
    size_t i;
    json_array_foreach(tests, i, test)
    {
        if (strcmp(text_at(test, "name"), name) == 0) return json_object_get(test, "exchanges");
    }
    fail_msg("no test %s", name);
    return NULL;
}

static void terminal_of_five(void)
{
    rig_start(&rig);
    rig.setup.terminal.t0 = true;
    static const struct rig_application a[] = {{.aid = "A0000000031010"},
                                               {.aid = "A0000000032010", .exact = true},
                                               {.aid = "A0000000032020", .exact = true},
                                               {.aid = "A0000000041010"},
                                               {.aid = "A0000000043060", .exact = true}};
    for (size_t i = 0; i < ARRAY_LEN(a); i++) rig_add_application(&rig, &a[i]);
    (void)rig_begin(&rig);
}

static void expect_candidates(const char *const *aid, size_t count)
{
    assert_int_equal(rig.k.candidates, count);
    for (size_t i = 0; i < count; i++)
        assert_bytes(bytes_of(rig.k.candidate[i].aid, rig.k.candidate[i].aid_len), hex(aid[i]));
}

static const struct {
    const char *name;
    enum emv_reason reason; /* NONE: candidates */
    const char *aid[8];
} lists[] = {
    {"test_pse_card_blocked", EMV_REASON_CARD_BLOCKED, {NULL}},
    {"test_aid_card_blocked", EMV_REASON_CARD_BLOCKED, {NULL}},
    {"test_nothing_found", EMV_REASON_NO_APPLICATION, {NULL}},
    {"test_pse_blocked", EMV_REASON_NO_APPLICATION, {NULL}},
    {"test_aid_blocked", EMV_REASON_APPLICATION_BLOCKED, {NULL}},
    {"test_pse_app_not_supported", EMV_REASON_NO_APPLICATION, {NULL}},
    {"test_pse_app_supported", EMV_REASON_NONE, {"A0000000031010"}},
    {"test_pse_multi_app_supported", EMV_REASON_NONE, {"A0000000032020", "A0000000032010"}},
    {"test_aid_multi_exact_match_app_supported",
     EMV_REASON_NONE,
     {"A0000000032020", "A0000000032010"}},
    {"test_aid_multi_partial_match_app_supported",
     EMV_REASON_NONE,
     {"A000000004101010", "A000000004101020"}},
    {"test_sorted_app_priority",
     EMV_REASON_NONE,
     {"A000000003101001", "A000000003101002", "A000000003101003", "A000000003101004",
      "A000000003101005", "A000000003101006", "A0000000041010"}},
    {"test_app_cardholder_confirmation", EMV_REASON_NONE, {"A0000000031010"}},
};

static void candidate_lists(void **state)
{
    (void)state;
    json_t *json = vectors("emv/apdu_transcripts_contact.json");
    const char *suite = "emv_build_candidate_list_test";
    assert_int_equal(json_array_size(json_object_get(json_object_get(json, "suites"), suite)),
                     ARRAY_LEN(lists));
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const json_t *rows = find_test(json, suite, lists[i].name);
        size_t count = 0;
        while (lists[i].aid[count] != NULL) count++;
        terminal_of_five();
        assert_int_equal(rig_play(&rig, rows, 0), json_array_size(rows));
        if (lists[i].reason != EMV_REASON_NONE) {
            rig_assert_end(&rig, EMV_TERMINATED, lists[i].reason);
            bool fallback = lists[i].reason == EMV_REASON_NO_APPLICATION;
            assert_int_equal(rig.k.outcome.fallback, fallback);
            continue;
        }
        expect_candidates(lists[i].aid, count);
        bool asks = count > 1 || strstr(lists[i].name, "confirmation") != NULL;
        assert_int_equal(rig.k.want, asks ? EMV_WANT_CHOICE : EMV_WANT_APDU);
    }
    assert_string_equal(rig.k.candidate[0].label, "VISA CREDIT");
    assert_true(rig.k.candidate[0].confirm);
    vector_file_end(json);
}

static const struct {
    const char *name;
    size_t left; /* candidates after it; 0: the end, 7: selected */
} selections[] = {
    {"test_select_app1", 6}, {"test_select_app7", 6},        {"test_select_app4", 0},
    {"test_select_app3", 6}, {"test_select_app5", 6},        {"test_select_app2", 6},
    {"test_select_app6", 6}, {"test_select_app_success", 7}, {"test_repeat_select_app_success", 7},
};

static void choose_by_command(struct bytes command)
{
    struct bytes aid = bytes_of(command.at + 5, command.at[4]);
    struct emv_event event = {.kind = EMV_EVENT_CHOSEN};
    while (!bytes_equal(
        aid, bytes_of(rig.k.candidate[event.index].aid, rig.k.candidate[event.index].aid_len)))
        if (++event.index == rig.k.candidates) fail_msg("no such candidate");
    (void)emv_contact_next(&rig.k, &event);
}

static void selection(void **state)
{
    (void)state;
    json_t *json = vectors("emv/apdu_transcripts_contact.json");
    const char *suite = "emv_select_application_test";
    assert_int_equal(json_array_size(json_object_get(json_object_get(json, "suites"), suite)),
                     ARRAY_LEN(selections) + 1);
    const json_t *directory = find_test(json, suite, "test_pse");
    for (size_t i = 0; i < ARRAY_LEN(selections); i++) {
        const json_t *rows = find_test(json, suite, selections[i].name);
        terminal_of_five();
        assert_int_equal(rig_play(&rig, directory, 0), json_array_size(directory));
        assert_int_equal(rig.k.want, EMV_WANT_CHOICE);
        assert_int_equal(rig.k.candidates, 7);
        choose_by_command(hex_at(json_array_get(rows, 0), "c"));
        assert_int_equal(rig_play(&rig, rows, 0), json_array_size(rows));
        if (selections[i].left == 0) {
            rig_assert_end(&rig, EMV_TERMINATED, EMV_REASON_BAD_DATA);
            assert_true(rig.k.outcome.fallback);
        } else if (selections[i].left == 6) {
            assert_int_equal(rig.k.want, EMV_WANT_CHOICE);
            assert_int_equal(rig.k.candidates, 6);
        } else {
            rig_assert_data(&rig, 0x50, "5620504159"); /* V PAY */
            rig_expect(&rig, hex("80A8000002830000"));
        }
    }
    vector_file_end(json);
}

/* A card without a directory that has one application with this FCI. */
static void select_one(const char *fci)
{
    char answer[200];
    snprintf(answer, sizeof answer, "%s9000", fci);
    rig_start(&rig);
    memcpy(rig.setup.terminal.capabilities, "\x60\xF0\xC8", 3);
    rig_add_application(&rig, &(struct rig_application){.aid = "A0000000031003", .exact = true});
    (void)rig_begin(&rig);
    (void)rig_answer(&rig, hex("6A82"));
    (void)rig_answer(&rig, hex(answer));
    (void)rig_answer(&rig, hex(answer));
}

static void processing_options(void **state)
{
    (void)state;
    json_t *json = vectors("emv/apdu_transcripts_contact.json");
    const char *suite = "emv_initiate_application_processing_test";
    const json_t *expected = json_object_get(json_object_get(json, "expected"), suite);
    static const enum emv_reason reason[] = {EMV_REASON_NONE,           EMV_REASON_NONE,
                                             EMV_REASON_NO_APPLICATION, EMV_REASON_NONE,
                                             EMV_REASON_BAD_DATA,       EMV_REASON_BAD_STATUS};
    for (unsigned i = 0; i < ARRAY_LEN(reason); i++) {
        char name[64], key[32];
        snprintf(name, sizeof name, "test%u_apdu_list", i + 1);
        const json_t *rows = find_test(json, suite, name);
        snprintf(key, sizeof key, "test%u_fci", i + 1);
        select_one(text_at(expected, key));
        assert_int_equal(rig_play(&rig, rows, 0), json_array_size(rows));
        if (reason[i] != EMV_REASON_NONE) {
            rig_assert_end(&rig, EMV_TERMINATED, reason[i]);
            continue;
        }
        snprintf(key, sizeof key, "test%u_aip_verify", i + 1);
        rig_assert_data(&rig, 0x82, text_at(expected, key));
        snprintf(key, sizeof key, "test%u_afl_verify", i + 1);
        rig_assert_data(&rig, 0x94, text_at(expected, key));
    }
    vector_file_end(json);
}

/* The command and the answer of the row before, and then a byte that is no answer. */
static void answer_that_is_none(const json_t *list, const json_t *rows)
{
    const json_t *row = json_array_get(rows, 0);
    assert_int_equal(json_array_size(list), 3);
    assert_string_equal(json_string_value(json_array_get(list, 0)), text_at(row, "c"));
    assert_string_equal(json_string_value(json_array_get(list, 1)), text_at(row, "r"));
    assert_string_equal(json_string_value(json_array_get(list, 2)), "00");
    (void)rig_answer(&rig, hex("00"));
}

static void records(void **state)
{
    (void)state;
    json_t *json = vectors("emv/apdu_transcripts_contact.json");
    const char *suite = "emv_read_application_data_test";
    const json_t *expected = json_object_get(json_object_get(json, "expected"), suite);
    static const enum emv_reason reason[] = {
        EMV_REASON_BAD_DATA, EMV_REASON_BAD_STATUS, EMV_REASON_BAD_DATA, EMV_REASON_BAD_DATA,
        EMV_REASON_BAD_DATA, EMV_REASON_BAD_DATA,   EMV_REASON_BAD_DATA, EMV_REASON_MISSING_DATA,
        EMV_REASON_NONE,     EMV_REASON_NONE};
    for (unsigned i = 0; i < ARRAY_LEN(reason); i++) {
        char name[64], key[32], options[64] = "8009780000";
        snprintf(name, sizeof name, "test%u_apdu_list", i + 2);
        snprintf(key, sizeof key, "test%u_afl", i + 2);
        const json_t *rows = find_test(json, suite, name);
        const json_t *list = json_object_get(expected, key);
        const char *afl = json_string_value(list);
        /* Two are lists: of a single byte, and of what is exchanged, with the others' AFL. */
        if (i == 0) {
            afl = json_string_value(json_array_get(list, 0));
            assert_string_equal(afl, "00");
        }
        if (afl == NULL) afl = "080202001001040018010201";
        snprintf(options, sizeof options, "80%02zX7800%s9000", 2 + strlen(afl) / 2, afl);
        select_one("6F128407A0000000031003A50750054465626974");
        (void)rig_answer(&rig, hex(options));
        assert_int_equal(rig_play(&rig, rows, 0), json_array_size(rows));
        if (i == 5) answer_that_is_none(list, rows);
        if (reason[i] != EMV_REASON_NONE) {
            rig_assert_end(&rig, EMV_TERMINATED, reason[i]);
            assert_true(rig.k.outcome.fallback);
            continue;
        }
        rig_assert_data(&rig, 0x5A, "4761739001010119");
        rig_assert_data(&rig, 0x5F20, "455850495245442F43415244"); /* EXPIRED/CARD */
        rig_assert_data(&rig, 0x8C, "9F02069F03069F1A0295055F2A029A039C019F3704");
        assert_int_equal(rig.k.statics.bad, i == 8);
        assert_int_equal(rig.k.want, EMV_WANT_APDU); /* GENERATE AC */
        assert_int_equal(emv_contact_command(&rig.k).at[1], 0xAE);
    }
    vector_file_end(json);
}

/*
 * Constructed objects in a record: what is within one is nobody's number, neither where there is no
 * other nor beside the true one; and one that is longer than what it stands in is malformed.
 */
static void constructed_objects(void **state)
{
    (void)state;
#define REST "5F24032912318C039F37048D039F3704"
    static const struct {
        const char *record;
        enum emv_reason reason;
    } row[] = {
        {"701C730A5A084761739001010119" REST "9000", EMV_REASON_MISSING_DATA},
        {"70265A084761739001010119730A5A084761739001010127" REST "9000", EMV_REASON_NONE},
        {"701C73305A084761739001010119" REST "9000", EMV_REASON_BAD_DATA},
        {"701C73805A084761739001010119" REST "9000", EMV_REASON_BAD_DATA},
    };
#undef REST
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        select_one("6F128407A0000000031003A50750054465626974");
        (void)rig_answer(&rig, hex("80067800080101009000"));
        (void)rig_answer(&rig, hex(row[i].record));
        if (row[i].reason == EMV_REASON_NONE) {
            rig_assert_data(&rig, 0x5A, "4761739001010119");
            continue;
        }
        rig_assert_end(&rig, EMV_TERMINATED, row[i].reason);
        assert_true(rig.k.outcome.fallback);
    }
}

/* Card after card that goes on for ever: each has an end. */
static void endless_cards(void **state)
{
    (void)state;
    /* A directory without a last record. */
    terminal_of_five();
    (void)rig_answer(
        &rig, hex("6F20840E315041592E5359532E4444463031A50E8801015F2D046E6C656E9F1101019000"));
    unsigned turns = 0;
    while (emv_contact_command(&rig.k).at[1] == 0xB2 && turns++ < 1000)
        (void)rig_answer(&rig, hex("701161094F07A000000003101061044F0201029000"));
    assert_int_equal(turns, EMV_DIRECTORY_MAX);
    /* A list of applications without an end. */
    terminal_of_five();
    (void)rig_answer(&rig, hex("6A82"));
    for (turns = 0; rig.k.want == EMV_WANT_APDU && turns < 1000; turns++) {
        char fci[80];
        snprintf(fci, sizeof fci, "6F0C8408A0000000031010%02XA5009000", turns & 0xFF);
        (void)rig_answer(&rig, hex(fci));
    }
    assert_in_range(turns, EMV_CANDIDATES, 100);
    assert_int_equal(rig.k.want, EMV_WANT_CHOICE);
    assert_int_equal(rig.k.candidates, EMV_CANDIDATES);
    /* Lists of records that name too many, none, or the same again. */
    static const char *const afl[] = {"08010100"
                                      "10014000",
                                      "08000100",
                                      "08020100",
                                      "08010102",
                                      "09010100",
                                      "00010100",
                                      "F8010100",
                                      "080101",
                                      ""};
    for (size_t i = 0; i < ARRAY_LEN(afl); i++) {
        char options[64];
        select_one("6F128407A0000000031003A50750054465626974");
        snprintf(options, sizeof options, "80%02zX7800%s9000", 2 + strlen(afl[i]) / 2, afl[i]);
        (void)rig_answer(&rig, hex(options));
        rig_assert_end(&rig, EMV_TERMINATED, EMV_REASON_BAD_DATA);
    }
    select_one("6F128407A0000000031003A50750054465626974");
    (void)rig_answer(&rig, hex("800A78000801010008010100"
                               "9000"));
    (void)rig_answer(&rig, hex("700A5A0847617390010101199000"));
    (void)rig_answer(&rig, hex("700A5A0847617390010101199000"));
    rig_assert_end(&rig, EMV_TERMINATED, EMV_REASON_BAD_DATA); /* said twice */
}

/* A name that must match whole is not met by a longer one; what comes next may be. */
static void exact_names(void **state)
{
    (void)state;
    rig_start(&rig);
    rig_add_application(&rig, &(struct rig_application){.aid = "A0000000032010", .exact = true});
    (void)rig_begin(&rig);
    (void)rig_answer(&rig, hex("6A82"));
    (void)rig_answer(&rig, hex("6F0C8408A000000003201001A5009000"));
    rig_expect(&rig, hex("00A4040207A000000003201000"));
    (void)rig_answer(&rig, hex("6F0B8407A0000000032010A5009000"));
    assert_int_equal(rig.k.candidates, 1);
    assert_int_equal(rig.k.candidate[0].aid_len, 7);
    rig_expect(&rig, hex("00A4040007A000000003201000"));
}

/* Two applications; `first` and `options` are what the first one answers to its final selection and
 * to the options. The second is taken, and nothing of the first is left. */
static void second_of_two(const char *first, const char *options)
{
    static const char fci[] = "6F148407A0000000031010A509500454455354870101"
                              "9000";
    static const char next[] = "6F148407A0000000041010A509500454455354870102"
                               "9000";
    terminal_of_five();
    rig.setup.terminal.choice = false;
    (void)rig_begin(&rig);
    (void)rig_answer(&rig, hex("6A82"));
    for (unsigned i = 0; i < 5; i++)
        (void)rig_answer(&rig, hex(i == 0 ? fci : i == 3 ? next : "6A82"));
    rig_expect(&rig, hex("00A4040007A000000003101000"));
    (void)rig_answer(&rig, hex(first));
    if (options != NULL) {
        rig_expect(&rig, hex("80A8000002830000"));
        (void)rig_answer(&rig, hex(options));
    }
    rig_expect(&rig, hex("00A4040007A000000004101000"));
    (void)rig_answer(&rig, hex(next));
    rig_expect(&rig, hex("80A8000002830000"));
    rig_assert_data(&rig, 0x9F06, "A0000000041010");
    rig_assert_data(&rig, 0x84, "A0000000041010");
}

static void the_next_application(void **state)
{
    (void)state;
    second_of_two("6F148407A0000000031010A5095004544553548701019000", "6985");
    second_of_two("6F198407A0000000031010A50E5004544553548701015003414243"
                  "9000",
                  NULL);
    second_of_two("6A82", NULL);
}

/* Without a person to ask, the first application that needs no consent; none is the end. */
static void nobody_to_ask(void **state)
{
    (void)state;
    for (unsigned both = 0; both < 2; both++) {
        terminal_of_five();
        rig.setup.terminal.choice = false;
        (void)rig_begin(&rig);
        (void)rig_answer(
            &rig, hex("6F20840E315041592E5359532E4444463031A50E8801015F2D046E6C656E9F1101019000"));
        if (both == 1) {
            (void)rig_answer(&rig, hex("701C610C4F07A0000000031010870181"
                                       "610C4F07A00000000410108701029000"));
            (void)rig_answer(&rig, hex("6A83"));
            rig_expect(&rig, hex("00A4040007A000000004101000"));
        } else {
            (void)rig_answer(&rig, hex("700E610C4F07A00000000310108701819000"));
            (void)rig_answer(&rig, hex("6A83"));
            rig_assert_end(&rig, EMV_TERMINATED, EMV_REASON_NO_APPLICATION);
        }
    }
    terminal_of_five();
    (void)rig_answer(
        &rig, hex("6F20840E315041592E5359532E4444463031A50E8801015F2D046E6C656E9F1101019000"));
    (void)rig_answer(&rig, hex("700E610C4F07A00000000310108701819000"));
    (void)rig_answer(&rig, hex("6A83"));
    assert_int_equal(rig.k.want, EMV_WANT_CHOICE);
    struct emv_event wrong = {.kind = EMV_EVENT_CHOSEN, .index = 1};
    assert_int_equal(emv_contact_next(&rig.k, &wrong), EMV_WANT_CHOICE); /* there is no such */
    assert_int_equal(rig_event(&rig, EMV_EVENT_NO_HOST), EMV_WANT_CHOICE);
    (void)rig_event(&rig, EMV_EVENT_CANCEL);
    rig_assert_end(&rig, EMV_TERMINATED, EMV_REASON_CANCELLED);
    assert_false(rig.k.outcome.fallback);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(candidate_lists),      cmocka_unit_test(selection),
        cmocka_unit_test(processing_options),   cmocka_unit_test(records),
        cmocka_unit_test(constructed_objects),  cmocka_unit_test(endless_cards),
        cmocka_unit_test(nobody_to_ask),        cmocka_unit_test(exact_names),
        cmocka_unit_test(the_next_application),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
