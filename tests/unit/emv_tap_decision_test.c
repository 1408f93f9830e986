/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S76: what the contactless kernel makes of a card: applications and their kernels, what the card
 * wants done (9F6C), how the cardholder is verified, dates and lists, and the host.
 */
#include "tests/unit/emv_tap_rig.h"

static struct tap_rig rig;
static struct tap_card card;

static void start(int64_t amount_minor)
{
    tap_start_usual(&rig, &card, amount_minor);
}

static enum emv_want tap(void)
{
    (void)tap_begin(&rig);
    return tap_run(&rig, &card);
}

#define CREDIT_2 "610D4F08A000000333010102870102"
#define DEBIT    "4F08A000000333010101"

static void which_application_is_selected(void **state)
{
    (void)state;
    static const struct {
        const char *entries, *selected; /* the second SELECT's data; NULL: none is */
    } row[] = {
        {"610D" DEBIT "870102"
         "610D4F08A000000333010102870101",
         "A000000333010102"},
        {"610D" DEBIT "870101" CREDIT_2, "A000000333010101"},
        {"610D" DEBIT "870100" CREDIT_2, "A000000333010102"}, /* 0 is last */
        {"610A" DEBIT CREDIT_2, "A000000333010102"},          /* and so is none */
        {"610D" DEBIT "870102" CREDIT_2, "A000000333010101"}, /* the first of equals */
        {"610E" DEBIT "9F2A0107", "A000000333010101"},
        {"610E" DEBIT "9F2A0100", "A000000333010101"},
        {"610D" DEBIT "9F2A00", "A000000333010101"},
        {"610E" DEBIT "9F2A0103", NULL},     /* another kernel */
        {"6110" DEBIT "9F2A03870156", NULL}, /* a domestic one */
        {"610A4F08A000000003101001", NULL},  /* Visa */
        {"61064F04A0000003", NULL},          /* no name */
        {"610D" DEBIT "9F2905", NULL},       /* cut */
        {"", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start(500);
        card.entries = row[i].entries;
        (void)tap_begin(&rig);
        (void)tap_respond(&rig, tap_card_answer(&card, emv_tap_command(&rig.k)));
        if (row[i].selected == NULL) {
            tap_assert_end(&rig, EMV_TERMINATED, EMV_REASON_NO_APPLICATION);
            assert_true(rig.k.tap.insert);
            continue;
        }
        struct bytes command = emv_tap_command(&rig.k);
        if (!bytes_equal(bytes_of(command.at + 5, command.at[4]), hex(row[i].selected)))
            fail_msg("row %zu", i);
    }
}

static void extended_selection(void **state)
{
    (void)state;
    for (int extends = 0; extends < 2; extends++) {
        start(500);
        card.entries = "6110" DEBIT "9F2903010203";
        rig.base.setup.terminal.extended_selection = extends == 1;
        (void)tap_begin(&rig);
        (void)tap_respond(&rig, tap_card_answer(&card, emv_tap_command(&rig.k)));
        assert_bytes(emv_tap_command(&rig.k), extends ? hex("00A404000BA00000033301010101020300")
                                                      : hex("00A4040008A00000033301010100"));
        card.name = extends ? "A000000333010101010203" : NULL;
        assert_int_equal(tap_run(&rig, &card), EMV_WANT_ONLINE);
    }
}

/* An amount that one application takes and the other does not. */
static void an_application_above_its_limit_is_not_there(void **state)
{
    (void)state;
    start(500);
    rig.base.document_len = 0;
    rig_append(&rig.base, 0xDF8101, hex("01"));
    rig_append(&rig.base, 0xDF8102, hex("00000001"));
    rig_add_application(&rig.base, &(struct rig_application){.aid = "A000000333010101",
                                                             .tap_floor = "000000000000",
                                                             .tap_limit = "000000000500",
                                                             .tap_cvm = "000000000500"});
    rig_add_application(&rig.base, &(struct rig_application){.aid = "A000000333010102",
                                                             .tap_floor = "000000000000",
                                                             .tap_limit = "000000000501",
                                                             .tap_cvm = "000000000501"});
    card.name = "A000000333010102";
    card.entries = "610D" DEBIT "870101" CREDIT_2;
    (void)tap();
    assert_ptr_equal(rig.k.chosen->application, &rig.base.parameters.application[1]);
}

static void the_next_application(void **state)
{
    (void)state;
    static const char *const pdol[] = {"", "9F0206", "9F66"};
    for (size_t i = 0; i < ARRAY_LEN(pdol); i++) { /* without 9F66 it is no qPBOC */
        start(500);
        card.entries = "610D" DEBIT "870101" CREDIT_2;
        card.pdol = pdol[i];
        (void)tap();
        tap_assert_end(&rig, EMV_TERMINATED, EMV_REASON_NO_APPLICATION);
        assert_int_equal(card.commands, 3); /* the second one has another name than was asked for */
    }
}

static void statuses_of_processing_options(void **state)
{
    (void)state;
    static const struct {
        const char *status;
        enum emv_reason reason;
        bool insert, again, phone;
    } row[] = {
        {"6984", EMV_REASON_INSERT, true, false, false},
        {"6985", EMV_REASON_NO_APPLICATION, true, false, false},
        {"6986", EMV_REASON_ON_DEVICE, false, true, true},
        {"6F00", EMV_REASON_BAD_STATUS, false, false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start(500);
        card.options_status = row[i].status;
        (void)tap();
        tap_assert_end(&rig, EMV_TERMINATED, row[i].reason);
        assert_int_equal(rig.k.tap.insert, row[i].insert);
        assert_int_equal(rig.k.outcome.try_again, row[i].again);
        assert_int_equal(rig.k.tap.see_phone, row[i].phone);
        assert_int_equal(rig.k.tap.start, row[i].again ? EMV_START_B : EMV_START_NONE);
        assert_int_equal(rig.k.tap.field_off_ms, row[i].phone ? 1300 : 0);
    }
    card.options_status = NULL; /* and with the owner's consent it goes on */
    start(500);
    card.options_status = "6986";
    (void)tap();
    card.options_status = NULL;
    (void)emv_tap_again(&rig.k);
    assert_int_equal(tap_run(&rig, &card), EMV_WANT_ONLINE);
}

/* Signature fails (this card cannot sign): what 9F6C says is done. */
static void what_the_card_wants_when_it_is_not_believed(void **state)
{
    (void)state;
    static const struct {
        const char *qualifiers;
        bool slot, online;
        enum emv_result result;
        enum emv_reason reason;
    } row[] = {
        {"2000", true, true, EMV_DECLINED, EMV_REASON_NONE},
        {"3000", true, true, EMV_DECLINED, EMV_REASON_NONE},
        {"1000", true, false, EMV_TERMINATED, EMV_REASON_INSERT},
        {"1000", false, false, EMV_DECLINED, EMV_REASON_SIGNATURE},
        {"0000", true, false, EMV_DECLINED, EMV_REASON_SIGNATURE},
        {"", true, false, EMV_DECLINED, EMV_REASON_SIGNATURE},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start(500);
        card.cryptogram = "40";
        card.results = "0701010390000001";
        card.qualifiers = row[i].qualifiers;
        if (!row[i].slot) rig.base.setup.terminal.capabilities[0] = 0xC0;
        assert_int_equal(tap(), row[i].online ? EMV_WANT_ONLINE : EMV_DONE);
        assert_int_equal(rig.k.tvr[0], 0x08);
        if (!row[i].online) tap_assert_end(&rig, row[i].result, row[i].reason);
        assert_int_equal(rig.k.tap.insert, row[i].reason == EMV_REASON_INSERT);
    }
}

static void verification(void **state)
{
    (void)state;
    static const struct {
        int64_t amount_minor;
        uint8_t methods; /* 9F33, byte 2 */
        const char *qualifiers;
        enum emv_tap_cvm cvm;
        const char *result;
    } row[] = {
        {99999, 0xF8, "8000", EMV_TAP_CVM_NONE, "1F0002"}, /* a small amount */
        {100000, 0xF8, "8000", EMV_TAP_CVM_PIN, "020000"},
        {100000, 0xF8, "C000", EMV_TAP_CVM_PIN, "020000"},
        {100000, 0xB8, "C000", EMV_TAP_CVM_SIGNATURE, "1E0000"},
        {100000, 0xF8, "4000", EMV_TAP_CVM_SIGNATURE, "1E0000"},
        {100000, 0xF8, "0080", EMV_TAP_CVM_ON_DEVICE, "3F0000"},
        {100000, 0xF8, "8080", EMV_TAP_CVM_ON_DEVICE, "3F0000"},
        {100000, 0xF8, "", EMV_TAP_CVM_SIGNATURE, "1E0000"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start(row[i].amount_minor);
        rig.base.setup.terminal.capabilities[1] = row[i].methods;
        card.qualifiers = row[i].qualifiers;
        enum emv_want want = tap();
        assert_int_equal(rig.k.tap.cvm, row[i].cvm);
        assert_int_equal(want, row[i].cvm == EMV_TAP_CVM_PIN ? EMV_WANT_PIN : EMV_WANT_ONLINE);
        if (want == EMV_WANT_PIN) {
            assert_int_equal(rig.k.pin.kind, EMV_PIN_ONLINE);
            assert_int_equal(tap_event(&rig, EMV_EVENT_BYPASS), EMV_WANT_PIN); /* not by tap */
            assert_int_equal(tap_event(&rig, EMV_EVENT_PIN), EMV_WANT_ONLINE);
        }
        tap_assert_data(&rig, 0x9F34, row[i].result);
        (void)tap_host(&rig, "00");
        tap_assert_end(&rig, EMV_APPROVED_ONLINE, EMV_REASON_NONE);
        assert_int_equal(rig.k.outcome.signature, row[i].cvm == EMV_TAP_CVM_SIGNATURE);
    }
}

static void nothing_in_common(void **state)
{
    (void)state;
    start(100000);
    card.qualifiers = "8000";
    rig.base.setup.terminal.capabilities[1] = 0xA8; /* signature, and the card wants a PIN */
    (void)tap();
    tap_assert_end(&rig, EMV_DECLINED, EMV_REASON_BY_TERMINAL);
    start(100000);
    card.qualifiers = "8000";
    assert_int_equal(tap(), EMV_WANT_PIN);
    (void)tap_event(&rig, EMV_EVENT_CANCEL);
    tap_assert_end(&rig, EMV_TERMINATED, EMV_REASON_CANCELLED);
    assert_false(rig.k.outcome.reverse);
    /* The device's word that is signed (9F69) is not the one that is not: it is not believed. */
    start(100000);
    card.qualifiers = "0080";
    card.more = "9F690801AABBCCDD000000";
    (void)tap();
    tap_assert_end(&rig, EMV_DECLINED, EMV_REASON_BY_TERMINAL);
}

/* Where small amounts are exempt, they are at home: a foreign card is verified, and without such a
 * limit it is like every other below the application's. */
static void foreign_cards(void **state)
{
    (void)state;
    start(500);
    card.record = "5F24033012315A0862000000000000055F3401015F28020840";
    assert_int_equal(tap(), EMV_WANT_ONLINE);
    assert_int_equal(rig.k.tap.cvm, EMV_TAP_CVM_NONE);
    rig_append(&rig.base, 0xE5, hex("DF810506000000050000"));
    assert_int_equal(tap(), EMV_WANT_PIN);
    card.qualifiers = "0080";
    assert_int_equal(tap(), EMV_WANT_ONLINE);
    assert_int_equal(rig.k.tap.cvm, EMV_TAP_CVM_ON_DEVICE);
    card.record = NULL;
    card.qualifiers = NULL;
    assert_int_equal(tap(), EMV_WANT_ONLINE);
    assert_int_equal(rig.k.tap.cvm, EMV_TAP_CVM_NONE);
}

static void lists_and_dates(void **state)
{
    (void)state;
    static const struct {
        const char *record, *cryptogram, *results, *qualifiers;
        enum emv_want want;
        enum emv_result result;
        enum emv_reason reason;
        uint8_t tvr[2];
    } row[] = {
        /* expired: the issuer decides, or the card's own approval is nothing */
        {"5F24032510315A086200000000000005",
         "80",
         "07010103A0000001",
         "0000",
         EMV_WANT_ONLINE,
         EMV_DECLINED,
         EMV_REASON_NONE,
         {0, 0x40}},
        {"5F24032510315A086200000000000005",
         "40",
         "0701010390000001",
         "0000",
         EMV_DONE,
         EMV_DECLINED,
         EMV_REASON_SIGNATURE,
         {0x08, 0x40}},
        {"5F24032511225A086200000000000005",
         "80",
         "07010103A0000001",
         "0000",
         EMV_WANT_ONLINE,
         EMV_DECLINED,
         EMV_REASON_NONE,
         {0, 0}}, /* its last day */
        {"5F25032511235F24033012315A086200000000000005",
         "80",
         "07010103A0000001",
         "0000",
         EMV_WANT_ONLINE,
         EMV_DECLINED,
         EMV_REASON_NONE,
         {0, 0x20}},
        {"5F24033012315A0862000000000000059F070200005F28020156",
         "80",
         "07010103A0000001",
         "0000",
         EMV_DONE,
         EMV_DECLINED,
         EMV_REASON_NOT_ALLOWED,
         {0, 0x10}},
        /* missing, malformed, contradicting */
        {"5F2403301231",
         "80",
         "07010103A0000001",
         "0000",
         EMV_WANT_ONLINE,
         EMV_DECLINED,
         EMV_REASON_NONE,
         {0, 0}}, /* its number is in track 2 */
        {"5A086200000000000005",
         "80",
         "07010103A0000001",
         "0000",
         EMV_DONE,
         EMV_TERMINATED,
         EMV_REASON_MISSING_DATA,
         {0, 0}},
        {"5F24033012315A086200000000000013",
         "80",
         "07010103A0000001",
         "0000",
         EMV_DONE,
         EMV_TERMINATED,
         EMV_REASON_BAD_DATA,
         {0, 0}},
        {"5F24033013315A086200000000000005",
         "80",
         "07010103A0000001",
         "0000",
         EMV_DONE,
         EMV_TERMINATED,
         EMV_REASON_BAD_DATA,
         {0, 0}},
        {"5F24033012315A0862000000000000055F340102",
         "80",
         "07010103A0000001",
         "0000",
         EMV_DONE,
         EMV_TERMINATED,
         EMV_REASON_BAD_DATA,
         {0, 0}}, /* another sequence number than before */
        {TAP_RECORD,
         "40",
         "07010103A0000001",
         "0000",
         EMV_DONE,
         EMV_TERMINATED,
         EMV_REASON_BAD_DATA,
         {0, 0}}, /* TC without, ARQC under the cryptogram */
        {TAP_RECORD,
         "C0",
         "07010103B0000001",
         "0000",
         EMV_DONE,
         EMV_TERMINATED,
         EMV_REASON_BAD_DATA,
         {0, 0}},
        {TAP_RECORD,
         "80",
         "07010103",
         "0000",
         EMV_DONE,
         EMV_TERMINATED,
         EMV_REASON_MISSING_DATA,
         {0, 0}},
        {TAP_RECORD,
         "",
         "07010103A0000001",
         "0000",
         EMV_WANT_ONLINE,
         EMV_DECLINED,
         EMV_REASON_NONE,
         {0, 0}}, /* no 9F27: the verification results say it */
        {TAP_RECORD,
         "",
         "0701010380000001",
         "0000",
         EMV_DONE,
         EMV_DECLINED,
         EMV_REASON_BY_CARD,
         {0, 0}},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start(500);
        card.record = row[i].record;
        card.cryptogram = row[i].cryptogram;
        card.results = row[i].results;
        card.qualifiers = row[i].qualifiers;
        if (tap() != row[i].want) fail_msg("row %zu wants %d", i, rig.k.want);
        if (row[i].want == EMV_DONE) tap_assert_end(&rig, row[i].result, row[i].reason);
        assert_memory_equal(rig.k.tvr, row[i].tvr, 2);
    }
    start(500);
    rig.base.excepted = true;
    (void)tap();
    tap_assert_end(&rig, EMV_DECLINED, EMV_REASON_BY_TERMINAL);
    assert_int_equal(rig.k.tvr[0], 0x10);
}

/* Cards that lie about lengths, number and end of their records, or say a thing twice. */
static void lying_cards(void **state)
{
    (void)state;
    static const struct tap_card row[] = {
        {.locator = "080101"},                   /* half an entry */
        {.locator = "08010200080103000801FF00"}, /* more records than any card has */
        {.locator = "0801FF00"},
        {.locator = "08020100"}, /* its end before its beginning */
        {.locator = "08000100"},
        {.locator = "F8010100"},         /* no such file */
        {.locator = "08010102"},         /* more under the signature than there are */
        {.locator = "0801010008010100"}, /* the same record twice */
        {.record = "5F24033012315A0862000000000000055A086200000000000005"},
        {.record = "5F24033012315A086200000000000005570D6200000000000005D30122200000"},
        {.record = "5F24033012315A08620000000000000595050000000000"}, /* ours to say */
        {.record = "5F240330123"
                   "15A0862000000000000059F3602FFFF"},       /* another counter */
        {.record = "5F240230125A086200000000000005"},        /* half a day */
        {.plain = "70115F24033012315A0862000000000000"},     /* shorter than it says */
        {.plain = "70105F24033012315A08620000000000000505"}, /* longer */
        {.plain = "7080"},
        {.plain = "77105F24033012315A086200000000000005"},
        {.plain = ""},
        {.more = "9F2608FFFFFFFFFFFFFFFF"}, /* two cryptograms */
        {.more = "9F4B"},
        {.pdol = "9F66049F02069F0206FF"},
        {.pdol = "9F6604DF01FF"}, /* more than a command can carry */
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start(500);
        card = row[i];
        (void)tap();
        if (rig.k.want != EMV_DONE || rig.k.outcome.result != EMV_TERMINATED ||
            (rig.k.outcome.reason != EMV_REASON_BAD_DATA &&
             rig.k.outcome.reason != EMV_REASON_NO_APPLICATION))
            fail_msg("row %zu: %d, %s, %s", i, rig.k.want, emv_result_text(rig.k.outcome.result),
                     emv_reason_text(rig.k.outcome.reason));
        assert_in_range(card.commands, 2, 80);
    }
}

/* A card that approves what the terminal wanted its host for; and one that wants a host where there
 * is none. */
static void a_card_that_does_not_do_as_it_is_told(void **state)
{
    (void)state;
    start(10001);
    card.cryptogram = "40";
    card.results = "0701010390000001";
    card.qualifiers = "2000";
    (void)tap();
    tap_assert_end(&rig, EMV_DECLINED, EMV_REASON_BY_TERMINAL);
    start(500);
    rig.base.setup.terminal.type = 0x23;
    (void)tap();
    tap_assert_end(&rig, EMV_DECLINED, EMV_REASON_NO_HOST);
    assert_false(rig.k.outcome.reverse);
}

static void what_the_host_says(void **state)
{
    (void)state;
    static const struct {
        const char *arc;
        enum emv_result result;
        bool reverse;
    } row[] = {{"00", EMV_APPROVED_ONLINE, false},
               {"11", EMV_APPROVED_ONLINE, false},
               {"51", EMV_DECLINED, false},
               {"", EMV_DECLINED, true}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start(500);
        assert_int_equal(tap(), EMV_WANT_ONLINE);
        if (row[i].arc[0] == '\0') (void)tap_event(&rig, EMV_EVENT_NO_HOST);
        else (void)tap_host(&rig, row[i].arc);
        assert_int_equal(rig.k.want, EMV_DONE);
        assert_int_equal(rig.k.outcome.result, row[i].result);
        assert_int_equal(rig.k.outcome.reverse, row[i].reverse);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_application_is_selected),
        cmocka_unit_test(extended_selection),
        cmocka_unit_test(an_application_above_its_limit_is_not_there),
        cmocka_unit_test(the_next_application),
        cmocka_unit_test(statuses_of_processing_options),
        cmocka_unit_test(what_the_card_wants_when_it_is_not_believed),
        cmocka_unit_test(verification),
        cmocka_unit_test(nothing_in_common),
        cmocka_unit_test(foreign_cards),
        cmocka_unit_test(lists_and_dates),
        cmocka_unit_test(lying_cards),
        cmocka_unit_test(a_card_that_does_not_do_as_it_is_told),
        cmocka_unit_test(what_the_host_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
