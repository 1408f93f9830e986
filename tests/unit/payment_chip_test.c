/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Field 55: what is taken, what is refused by name, and that it goes round on every leg. S64 S65
 * S75
 */
#include "tests/unit/payment_rig.h"

/* 9F26, 9F10, 95, 9F36, 9F1E and 9F02: as a card and its terminal say them. */
static const uint8_t said[] = {
    0x9F, 0x26, 8,   1,    2,   3,   4,   5,   6,    7,    8,    0x9F, 0x10, 7, 7,    1,    1,    3,
    0xA0, 0,    0,   0x95, 5,   0,   0,   0,   0x80, 0,    0x9F, 0x36, 2,    0, 0x1C, 0x9F, 0x1E, 8,
    'T',  'E',  'S', 'T',  '0', '0', '0', '1', 0x9F, 0x02, 6,    0,    0,    0, 1,    0x28, 0};
static const uint8_t issuer_said[] = {0x91, 10, 1, 2, 3, 4, 5, 6, 7, 8, '0', '0'};

static struct payment chip_sale(enum payment_entry entry)
{
    struct payment p = rig_sale(PAYMENT_CARD);
    p.entry = entry;
    memcpy(p.card_sequence, "001", 4);
    assert_int_equal(payment_chip_take(BYTES_OF(said), &p.chip).code, ERR_OK);
    return p;
}

static struct payment_sensitive sealed(void)
{
    static const uint8_t block[16] = {1};
    return (struct payment_sensitive){.pin_block = BYTES_OF(block), .envelope = BYTES("sealed")};
}

static void objects_are_found(void **state)
{
    (void)state;
    struct payment p = chip_sale(PAYMENT_ENTRY_CHIP);
    static const uint8_t counter[] = {0, 0x1C};
    assert_true(bytes_equal(payment_chip_get(&p.chip, 0x9F36), BYTES_OF(counter)));
    assert_int_equal(payment_chip_get(&p.chip, 0x9F37).len, 0);
    assert_int_equal(payment_chip_get(&(struct payment_chip){0}, 0x9F36).len, 0);
}

static void refused(struct bytes field, enum err_code why)
{
    struct payment_chip chip = {0};
    assert_int_equal(payment_chip_take(field, &chip).code, why);
    assert_int_equal(chip.len, 0);
}

/* What may not be stored is refused wherever it stands; so is what a strict reader cannot read. */
static void card_data_and_nonsense_are_refused(void **state)
{
    (void)state;
    static const uint8_t track[] = {0x95, 5, 0, 0, 0, 0, 0, 0x57, 2, 0x62, 0x22};
    static const uint8_t pan[] = {0x5A, 1, 0x62}, name[] = {0x5F, 0x20, 1, 'A'};
    static const uint8_t hidden[] = {0x71, 3, 0x5A, 1, 0x62};
    static const uint8_t twice[] = {0x82, 1, 0, 0x82, 1, 1};
    static const uint8_t cut[] = {0x9F, 0x26, 8, 1}, endless[] = {0x95, 0x80, 0, 0};
    static const uint8_t deep[] = {0x72, 6, 0x71, 4, 0x70, 2, 0x61, 0};
    refused(BYTES_OF(track), ERR_DENIED);
    refused(BYTES_OF(pan), ERR_DENIED);
    refused(BYTES_OF(name), ERR_DENIED);
    refused(BYTES_OF(hidden), ERR_DENIED);
    refused(BYTES_OF(twice), ERR_EXISTS);
    refused(BYTES_OF(cut), ERR_SHORT);
    refused(BYTES_OF(endless), ERR_FORMAT);
    refused(BYTES_OF(deep), ERR_FORMAT);
    refused((struct bytes){0}, ERR_LENGTH);

    static uint8_t full[PAYMENT_CHIP_MAX + 1] = {0x9F, 0x10, 0x81, 252};
    refused(BYTES_OF(full), ERR_LENGTH);
    full[3] = 251;
    struct payment_chip chip;
    assert_int_equal(payment_chip_take(bytes_of(full, PAYMENT_CHIP_MAX), &chip).code, ERR_OK);
    assert_int_equal(chip.len, PAYMENT_CHIP_MAX);
}

static void scripts_may_come_several_at_once(void **state)
{
    (void)state;
    static const uint8_t scripts[] = {0x72, 4, 0x86, 2, 0x84, 0x24, 0x72, 4, 0x86, 2, 0x84, 0x18};
    struct payment_chip chip;
    assert_int_equal(payment_chip_take(BYTES_OF(scripts), &chip).code, ERR_OK);
}

static void it_goes_round_to_the_acquirer(void **state)
{
    (void)state;
    static const enum payment_entry entry[] = {PAYMENT_ENTRY_CHIP, PAYMENT_ENTRY_CONTACTLESS};
    for (size_t i = 0; i < ARRAY_LEN(entry); i++) {
        struct payment sent = chip_sale(entry[i]), got;
        struct payment_sensitive in = sealed(), s;
        struct arena arena = rig_arena();
        struct iso8583_message m;
        assert_int_equal(
            payment_request_message(PAYMENT_PROFILE_TONGBAO, &sent, &in, &arena, &m).code, ERR_OK);
        m = rig_sent(&iso8583_dialect_tongbao, &m);
        rig_has(&m, 22, entry[i] == PAYMENT_ENTRY_CHIP ? "051" : "071");
        rig_has(&m, 23, "001");
        assert_int_equal(payment_from_request(PAYMENT_PROFILE_TONGBAO, &m, &got, &s).code, ERR_OK);
        assert_int_equal(got.chip.len, sizeof said);
        assert_memory_equal(got.chip.at, said, sizeof said);
    }
}

/* An entry by chip without field 55, and field 55 where no chip was read. */
static void entry_and_field_belong_together(void **state)
{
    (void)state;
    struct payment p = chip_sale(PAYMENT_ENTRY_CHIP), got;
    struct payment_sensitive in = sealed(), s;
    struct arena arena = rig_arena();
    struct iso8583_message m;
    assert_int_equal(payment_request_message(PAYMENT_PROFILE_TONGBAO, &p, &in, &arena, &m).code,
                     ERR_OK);
    iso8583_unset(&m, 55);
    assert_int_equal(payment_from_request(PAYMENT_PROFILE_TONGBAO, &m, &got, &s).code, ERR_MISSING);
    iso8583_set(&m, 55, BYTES_OF(said));
    iso8583_set(&m, 22, BYTES("021"));
    assert_int_equal(payment_from_request(PAYMENT_PROFILE_TONGBAO, &m, &got, &s).code, ERR_FORMAT);
    iso8583_set(&m, 22, BYTES("031")); /* a card that a telephone has shown as a code: S77 */
    assert_int_equal(payment_from_request(PAYMENT_PROFILE_TONGBAO, &m, &got, &s).code, ERR_OK);
    assert_int_equal(got.entry, PAYMENT_ENTRY_CODE);
    assert_int_equal(got.means, PAYMENT_CARD);
    assert_true(payment_chip_due(&got));
    got.means = PAYMENT_CODE; /* a wallet's has no card in it */
    assert_false(payment_chip_due(&got));
    iso8583_unset(&m, 55);
    assert_int_equal(payment_from_request(PAYMENT_PROFILE_TONGBAO, &m, &got, &s).code, ERR_MISSING);
}

/* Only five objects of it, and those that are there: protocol facts 1.8. */
static void a_reversal_repeats_five_objects(void **state)
{
    (void)state;
    struct payment p = chip_sale(PAYMENT_ENTRY_CHIP), got;
    struct payment_sensitive s;
    struct arena arena = rig_arena();
    struct iso8583_message m;
    static const uint8_t want[] = {0x95, 5,   0,   0,    0,   0x80, 0,    0x9F, 0x1E, 8, 'T',
                                   'E',  'S', 'T', '0',  '0', '0',  '1',  0x9F, 0x10, 7, 7,
                                   1,    1,   3,   0xA0, 0,   0,    0x9F, 0x36, 2,    0, 0x1C};
    memcpy(p.reversal_reason, "98", 3);
    assert_int_equal(payment_reversal_message(PAYMENT_PROFILE_TONGBAO, &p, &arena, &m).code,
                     ERR_OK);
    m = rig_sent(&iso8583_dialect_tongbao, &m);
    assert_true(bytes_equal(iso8583_get(&m, 55), BYTES_OF(want)));
    assert_int_equal(payment_from_request(PAYMENT_PROFILE_TONGBAO, &m, &got, &s).code, ERR_OK);
    assert_string_equal(got.reversal_reason, "98");
}

/* The answer has what the issuer says and nothing of what the card said. */
static void the_answer_is_the_issuers(void **state)
{
    (void)state;
    struct payment p = chip_sale(PAYMENT_ENTRY_CHIP), mine = p;
    struct arena arena = rig_arena();
    struct iso8583_message m;
    memcpy(p.response_code, "00", 3);
    assert_int_equal(payment_response_message(PAYMENT_PROFILE_TONGBAO, &p, 0x0210, &arena, &m).code,
                     ERR_OK);
    assert_false(iso8583_has(&m, 55));
    assert_int_equal(payment_chip_take(BYTES_OF(issuer_said), &p.chip_answer).code, ERR_OK);
    assert_int_equal(payment_response_message(PAYMENT_PROFILE_TONGBAO, &p, 0x0210, &arena, &m).code,
                     ERR_OK);
    m = rig_sent(&iso8583_dialect_tongbao, &m);
    assert_int_equal(payment_apply_response(&m, 0x0210, &mine).code, ERR_OK);
    assert_true(bytes_equal(payment_chip_view(&mine.chip_answer), BYTES_OF(issuer_said)));
    assert_true(bytes_equal(payment_chip_view(&mine.chip), BYTES_OF(said)));

    static const uint8_t bad[] = {0x91, 10, 1};
    iso8583_set(&m, 55, BYTES_OF(bad));
    assert_int_equal(payment_apply_response(&m, 0x0210, &mine).code, ERR_SHORT);
}

static void it_goes_round_to_the_network(void **state)
{
    (void)state;
    struct payment p = chip_sale(PAYMENT_ENTRY_CONTACTLESS), got;
    struct payment_sensitive in = sealed(), s;
    enum payment_network_kind kind;
    struct payment_network_answer answer;
    struct arena arena = rig_arena();
    struct iso8583_message m;
    memcpy(p.rrn, "633100000001", 13);
    assert_int_equal(payment_network_message(PAYMENT_NETWORK_REQUEST, &p, &in, 0, &arena, &m).code,
                     ERR_OK);
    m = rig_sent(&iso8583_dialect_ascii87, &m);
    assert_int_equal(payment_from_network(&m, &got, &s, &kind).code, ERR_OK);
    assert_true(bytes_equal(payment_chip_view(&got.chip), BYTES_OF(said)));
    assert_string_equal(got.card_sequence, "001");

    arena = rig_arena();
    memcpy(got.response_code, "00", 3);
    assert_int_equal(payment_chip_take(BYTES_OF(issuer_said), &got.chip_answer).code, ERR_OK);
    assert_int_equal(payment_network_response(kind, &got, &arena, &m).code, ERR_OK);
    m = rig_sent(&iso8583_dialect_ascii87, &m);
    assert_int_equal(payment_network_answer_parse(&m, &answer).code, ERR_OK);
    assert_true(bytes_equal(payment_chip_view(&answer.chip), BYTES_OF(issuer_said)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_found),
        cmocka_unit_test(card_data_and_nonsense_are_refused),
        cmocka_unit_test(scripts_may_come_several_at_once),
        cmocka_unit_test(it_goes_round_to_the_acquirer),
        cmocka_unit_test(entry_and_field_belong_together),
        cmocka_unit_test(a_reversal_repeats_five_objects),
        cmocka_unit_test(the_answer_is_the_issuers),
        cmocka_unit_test(it_goes_round_to_the_network),
    };
    return cmocka_run_group_tests_name("payment_chip", tests, NULL, NULL);
}
