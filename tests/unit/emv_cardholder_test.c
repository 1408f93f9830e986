/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S75 S80: cardholder verification: every method, condition and failure of the card's list as one
 * table; PINs that the card checks, plain and enciphered; and no PIN left in memory.
 */
#include "lib/emv/cvm_list.h"
#include "tests/unit/emv_fake_card.h"

static struct rig rig;
static struct fake_card card;
static const struct rig_application application = {.aid = "A000000333010101"};

static void start(const char *cvm)
{
    fake_start(&card);
    card.cvm = cvm;
    card.pin = "1234";
    fake_build(&card);
    fake_rig(&card, &rig, &application);
    rig.setup.terminal.capabilities[1] = 0xF8;
    rig.setup.terminal.pin_bypass = true;
    rig.setup.payment.amount_minor = 500;
}

static enum emv_want begin(void)
{
    fake_build(&card);
    (void)rig_begin(&rig);
    return fake_run(&card, &rig);
}

static enum emv_want enter(const char *digits)
{
    struct emv_event event = {.kind = EMV_EVENT_PIN, .bytes = bytes_text(digits)};
    (void)emv_contact_next(&rig.k, &event);
    return fake_run(&card, &rig);
}

enum { ALL = 0xF8, NO_SIGNATURE = 0xD8, NO_PIN = 0x28, NO_ONLINE = 0xB8, NO_NONE = 0xF0 };

/* amount 500; X is 1000 and Y is 100 where they matter */
static const struct {
    const char *list;
    uint8_t can, type;
    const char *currency, *results;
    uint8_t tvr; /* byte 3 */
} table[] = {
    {"00000000000000001F00", ALL, 0, NULL, "1F0002", 0x00},
    {"00000000000000001F00", NO_NONE, 0, NULL, "1F0001", 0x80},
    {"00000000000000001E03", ALL, 0, NULL, "1E0300", 0x00},
    {"00000000000000001E00", NO_SIGNATURE, 0, NULL, "1E0001", 0x80},
    {"00000000000000001E03", NO_SIGNATURE, 0, NULL, "3F0001", 0x80}, /* no condition held */
    {"00000000000000005E001F00", NO_SIGNATURE, 0, NULL, "1F0002", 0x00},
    {"00000000000000001E001F00", NO_SIGNATURE, 0, NULL, "1E0001", 0x80}, /* no next allowed */
    {"00000000000000000000", ALL, 0, NULL, "000001", 0x80},
    {"000000000000000040001F00", ALL, 0, NULL, "1F0002", 0x00},
    {"00000000000000004000", ALL, 0, NULL, "400001", 0x80}, /* the last one that was tried */
    {"00000000000000002A00", ALL, 0, NULL, "2A0001", 0xC0}, /* a method that nobody knows */
    {"00000000000000006A001F00", ALL, 0, NULL, "1F0002", 0x40},
    {"00000000000000001E0A", ALL, 0, NULL, "3F0001", 0x80}, /* a condition that nobody knows */
    {"00000000000000000100", NO_PIN, 0, NULL, "010001", 0x90},
    {"00000000000000000200", NO_PIN, 0, NULL, "020001", 0x90},
    {"00000000000000000400", NO_PIN, 0, NULL, "040001", 0x90},
    {"000000000000000042031F00", NO_ONLINE, 0, NULL, "1F0002", 0x00},
    {"000003E8000000641F061E00", ALL, 0, "0156", "1F0602", 0x00}, /* below X */
    {"000003E8000000641F071E00", ALL, 0, "0156", "1E0000", 0x00}, /* above X */
    {"000003E8000000641F081E00", ALL, 0, "0156", "1E0000", 0x00}, /* below Y */
    {"000003E8000000641F091E00", ALL, 0, "0156", "1F0902", 0x00}, /* above Y */
    {"000003E8000000641F061E00", ALL, 0, "0840", "1E0000", 0x00}, /* another currency */
    {"000003E8000000641F061E00", ALL, 0, NULL, "1E0000", 0x00},
    {"000001F4000001F41F061F071F081F091E00", ALL, 0, "0156", "1E0000", 0x00}, /* equal is neither */
    {"00000000000000001F011E00", ALL, 1, NULL, "1E0000", 0x00}, /* cash, but attended */
    {"00000000000000001F041E00", ALL, 1, NULL, "1F0402", 0x00},
    {"00000000000000001F041E00", ALL, 0, NULL, "1E0000", 0x00},
    {"00000000000000001F021E00", ALL, 0, NULL, "1F0202", 0x00},
    {"00000000000000001F021E00", ALL, 1, NULL, "1E0000", 0x00},
    {"00000000000000001F021E00", ALL, 9, NULL, "1E0000", 0x00},
    {"00000000000000001F051E00", ALL, 9, NULL, "1F0502", 0x00},
    {"00000000000000001F051E00", ALL, 0, NULL, "1E0000", 0x00},
    {"00000000000000002000", ALL, 0, NULL, "200001", 0x80}, /* no document here */
};

static void every_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        start(table[i].list);
        card.currency = table[i].currency;
        rig.setup.terminal.capabilities[1] = table[i].can;
        rig.setup.payment.type = table[i].type;
        if (begin() != EMV_DONE) fail_msg("row %zu wants something", i);
        struct bytes results;
        assert_true(emv_data_get_exact(&rig.k.data, 0x9F34, 3, &results));
        if (!bytes_equal(results, hex(table[i].results)) || rig.k.tvr[2] != table[i].tvr)
            fail_msg("row %zu, %s: %02X%02X%02X, TVR %02X", i, table[i].list, results.at[0],
                     results.at[1], results.at[2], rig.k.tvr[2]);
        assert_int_equal(rig.k.tsi[0] & 0x40, 0x40);
        assert_int_equal(rig.k.outcome.signature,
                         table[i].results[1] == 'E' && table[i].results[5] == '0');
    }
}

static void no_list(void **state)
{
    (void)state;
    start(NULL);
    assert_int_equal(begin(), EMV_DONE);
    rig_assert_data(&rig, 0x9F34, "3F0000");
    assert_int_equal(rig.k.tvr[0], 0x20);
    start("0000000000000000"); /* amounts and no rule */
    assert_int_equal(begin(), EMV_DONE);
    assert_int_equal(rig.k.tvr[0], 0x20);
    start("00000000000000001F"); /* half a rule */
    assert_int_equal(begin(), EMV_DONE);
    rig_assert_end(&rig, EMV_TERMINATED, EMV_REASON_BAD_DATA);
    start("00000000000000000100"); /* a card that does not ask for verification */
    card.aip[0] = 0x6C;
    assert_int_equal(begin(), EMV_DONE);
    rig_assert_data(&rig, 0x9F34, "3F0000");
    assert_int_equal(rig.k.tsi[0] & 0x40, 0);
    assert_int_equal(rig.k.tvr[0], 0x00);
}

static void online_pin(void **state)
{
    (void)state;
    start("00000000000000000200");
    assert_int_equal(begin(), EMV_WANT_PIN);
    assert_int_equal(rig.k.pin.kind, EMV_PIN_ONLINE);
    assert_int_equal(rig_event(&rig, EMV_EVENT_HOST), EMV_WANT_PIN); /* does not fit */
    (void)enter("");
    rig_assert_data(&rig, 0x9F34, "020000");
    assert_int_equal(rig.k.tvr[2], 0x04);
    assert_int_equal(card.verified, 0);

    start("00000000000000000200");
    assert_int_equal(begin(), EMV_WANT_PIN);
    (void)rig_event(&rig, EMV_EVENT_BYPASS);
    (void)fake_run(&card, &rig);
    rig_assert_data(&rig, 0x9F34, "020001");
    assert_int_equal(rig.k.tvr[2], 0x88);

    start("000000000000000042001F00"); /* what was bypassed once is not asked for again */
    assert_int_equal(begin(), EMV_WANT_PIN);
    (void)rig_event(&rig, EMV_EVENT_BYPASS);
    (void)fake_run(&card, &rig);
    rig_assert_data(&rig, 0x9F34, "1F0002");

    start("0000000000000000"
          "420041001F00"); /* not even by the other way */
    assert_int_equal(begin(), EMV_WANT_PIN);
    (void)rig_event(&rig, EMV_EVENT_BYPASS);
    assert_int_equal(fake_run(&card, &rig), EMV_DONE);
    rig_assert_data(&rig, 0x9F34, "1F0002");
    assert_int_equal(card.verified, 0);

    start("00000000000000000200");
    rig.setup.terminal.pin_bypass = false;
    assert_int_equal(begin(), EMV_WANT_PIN);
    assert_false(rig.k.pin.bypass);
    assert_int_equal(rig_event(&rig, EMV_EVENT_BYPASS), EMV_WANT_PIN);
    (void)rig_event(&rig, EMV_EVENT_CANCEL);
    rig_assert_end(&rig, EMV_TERMINATED, EMV_REASON_CANCELLED);
}

static void assert_no_pin_left(void)
{
    assert_null(memmem(&rig.k, sizeof rig.k, hex("241234FFFFFFFFFF").at, 8));
    assert_null(memmem(&rig.k, sizeof rig.k, hex("249999FFFFFFFFFF").at, 8));
}

static void offline_pin_right(void **state)
{
    (void)state;
    static const struct {
        const char *list, *results;
        bool enciphered, sign;
    } row[] = {
        {"00000000000000000100", "010002", false, false},
        {"00000000000000000300", "030000", false, true},
        {"00000000000000000400", "040002", true, false},
        {"00000000000000000500", "050000", true, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start(row[i].list);
        assert_int_equal(begin(), EMV_WANT_PIN);
        assert_int_equal(rig.k.pin.kind, row[i].enciphered ? EMV_PIN_ENCIPHERED : EMV_PIN_PLAIN);
        assert_int_equal(rig.k.pin.tries_left, 3);
        assert_false(rig.k.pin.again);
        assert_int_equal(enter("123"), EMV_WANT_PIN); /* no PIN at all */
        assert_int_equal(enter("12x4"), EMV_WANT_PIN);
        assert_int_equal(card.verified, 0);
        assert_int_equal(enter("1234"), EMV_DONE);
        assert_int_equal(card.verified, 1);
        rig_assert_data(&rig, 0x9F34, row[i].results);
        assert_int_equal(rig.k.tvr[2], 0);
        assert_int_equal(rig.k.outcome.signature, row[i].sign);
        rig_assert_end(&rig, EMV_APPROVED_OFFLINE, EMV_REASON_NONE);
        assert_no_pin_left();
    }
    /* Twelve digits fit, thirteen do not. */
    start("00000000000000000100");
    card.pin = "123456789012";
    assert_int_equal(begin(), EMV_WANT_PIN);
    assert_int_equal(enter("1234567890123"), EMV_WANT_PIN);
    assert_int_equal(card.verified, 0);
    assert_int_equal(enter("123456789012"), EMV_DONE);
    rig_assert_data(&rig, 0x9F34, "010002");
}

static void offline_pin_wrong(void **state)
{
    (void)state;
    static const char *const list[] = {"00000000000000000100", "00000000000000000400"};
    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        start(list[i]);
        assert_int_equal(begin(), EMV_WANT_PIN);
        assert_int_equal(enter("9999"), EMV_WANT_PIN);
        assert_int_equal(rig.k.pin.tries_left, 2);
        assert_true(rig.k.pin.again);
        assert_no_pin_left();
        assert_int_equal(enter("1234"), EMV_DONE);
        assert_int_equal(rig.k.tvr[2], 0);

        start(list[i]);
        assert_int_equal(begin(), EMV_WANT_PIN);
        assert_int_equal(enter("9999"), EMV_WANT_PIN);
        assert_int_equal(enter("9999"), EMV_WANT_PIN);
        assert_int_equal(rig.k.pin.tries_left, 1);
        assert_int_equal(enter("9999"), EMV_DONE);
        assert_int_equal(rig.k.tvr[2], 0xA0);
        assert_int_equal(card.verified, 3);

        start(list[i]); /* no try left from the start: the card is not asked */
        card.tries = 0;
        assert_int_equal(begin(), EMV_DONE);
        assert_int_equal(rig.k.tvr[2], 0xA0);
        assert_int_equal(card.verified, 0);

        start(list[i]); /* a card that does not tell */
        card.tries = -1;
        assert_int_equal(begin(), EMV_WANT_PIN);
        assert_int_equal(rig.k.pin.tries_left, -1);
        (void)rig_event(&rig, EMV_EVENT_BYPASS);
        (void)fake_run(&card, &rig);
        assert_int_equal(rig.k.tvr[2], 0x88);
    }
}

static void enciphered_pin_without_a_key(void **state)
{
    (void)state;
    start("00000000000000004400"
          "1F00");
    card.card_fault = FAKE_HASH;
    assert_int_equal(begin(), EMV_DONE); /* nobody is asked for a PIN that cannot be sent */
    rig_assert_data(&rig, 0x9F34, "1F0002");
    start("00000000000000000400");
    card.challenge_sw = 0x6D00;
    assert_int_equal(begin(), EMV_DONE);
    rig_assert_data(&rig, 0x9F34, "040001");
    assert_int_equal(rig.k.tvr[2], 0x80);
}

/* Terminals have online PINs for some applications and not for others (DF18). */
static void no_online_pin_for_this_application(void **state)
{
    (void)state;
    static const struct {
        const char *list, *results;
        uint8_t tvr;
    } row[] = {{"000000000000000042031F00", "1F0002", 0x00},
               {"00000000000000000200", "020001", 0x90}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start(row[i].list);
        fake_build(&card);
        fake_rig(&card, &rig,
                 &(struct rig_application){.aid = "A000000333010101", .no_online_pin = true});
        rig.setup.terminal.capabilities[1] = ALL;
        rig.setup.payment.amount_minor = 500;
        assert_int_equal(begin(), EMV_DONE);
        rig_assert_data(&rig, 0x9F34, row[i].results);
        assert_int_equal(rig.k.tvr[2], row[i].tvr);
    }
}

/* The card is pulled while the PIN is on its way: it is gone from memory at once. */
static void pulled_with_the_pin(void **state)
{
    (void)state;
    start("00000000000000000100");
    assert_int_equal(begin(), EMV_WANT_PIN);
    struct emv_event event = {.kind = EMV_EVENT_PIN, .bytes = BYTES("1234")};
    assert_int_equal(emv_contact_next(&rig.k, &event), EMV_WANT_APDU);
    assert_non_null(memmem(&rig.k, sizeof rig.k, hex("241234FFFFFFFFFF").at, 8));
    (void)rig_event(&rig, EMV_EVENT_REMOVED);
    rig_assert_end(&rig, EMV_TERMINATED, EMV_REASON_REMOVED);
    assert_no_pin_left();
}

static void document(void **state)
{
    (void)state;
    for (unsigned accepted = 0; accepted < 2; accepted++) {
        start("00000000000000002000");
        rig.setup.terminal.document = true;
        assert_int_equal(begin(), EMV_WANT_DOCUMENT);
        struct emv_event event = {.kind = EMV_EVENT_DOCUMENT, .accepted = accepted == 1};
        (void)emv_contact_next(&rig.k, &event);
        (void)fake_run(&card, &rig);
        rig_assert_data(&rig, 0x9F34, accepted == 1 ? "200002" : "200001");
        assert_int_equal(rig.k.tvr[2], accepted == 1 ? 0 : 0x80);
    }
}

/* The try counter before VERIFY is of the same transaction: VERIFY's other answers end it. */
static void verify_answers(void **state)
{
    (void)state;
    static const struct {
        const char *sw;
        bool ends;
        uint8_t tvr;
    } row[] = {
        {"6983", false, 0xA0}, {"6984", false, 0xA0}, {"63C0", false, 0xA0}, {"6D00", true, 0}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        start("00000000000000000100");
        assert_int_equal(begin(), EMV_WANT_PIN);
        struct emv_event event = {.kind = EMV_EVENT_PIN, .bytes = BYTES("1234")};
        assert_int_equal(emv_contact_next(&rig.k, &event), EMV_WANT_APDU);
        rig_expect(&rig, hex("0020008008241234FFFFFFFFFF"));
        (void)rig_answer(&rig, hex(row[i].sw));
        (void)fake_run(&card, &rig);
        if (row[i].ends) rig_assert_end(&rig, EMV_TERMINATED, EMV_REASON_BAD_STATUS);
        else assert_int_equal(rig.k.tvr[2], row[i].tvr);
        assert_no_pin_left();
    }
}

static void published_lists(void **state)
{
    (void)state;
    json_t *json = vectors("emv/dol_and_cvm.json");
    const json_t *lists = json_object_get(json, "cvm_list");
    json_t *row, *rule;
    size_t i, r;
    assert_int_equal(json_array_size(lists), 6);
    json_array_foreach(lists, i, row)
    {
        struct emv_cvm_list list;
        err e = emv_cvm_list_parse(hex_at(row, "cvmlist"), &list);
        assert_int_equal(FAILED(e), json_is_true(json_object_get(row, "error")));
        if (FAILED(e)) continue;
        assert_int_equal(list.x, json_integer_value(json_object_get(row, "X")));
        assert_int_equal(list.y, json_integer_value(json_object_get(row, "Y")));
        const json_t *rules = json_object_get(row, "rules");
        assert_int_equal(emv_cvm_rules(&list), json_array_size(rules));
        json_array_foreach(rules, r, rule)
        {
            struct emv_cvm_rule got = emv_cvm_rule(&list, r);
            assert_int_equal(got.code, hex(json_string_value(json_array_get(rule, 0))).at[0]);
            assert_int_equal(got.condition, hex(json_string_value(json_array_get(rule, 1))).at[0]);
        }
    }
    vector_file_end(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule),
        cmocka_unit_test(no_list),
        cmocka_unit_test(online_pin),
        cmocka_unit_test(offline_pin_right),
        cmocka_unit_test(offline_pin_wrong),
        cmocka_unit_test(enciphered_pin_without_a_key),
        cmocka_unit_test(no_online_pin_for_this_application),
        cmocka_unit_test(pulled_with_the_pin),
        cmocka_unit_test(document),
        cmocka_unit_test(verify_answers),
        cmocka_unit_test(published_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
