/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an answer to reset says, and the fake reader that other tests use: it has to behave as the
 * real one does in tests/protocol/card_reader_test.c.
 */
#include "tests/unit/fake_card_reader.h"
#include "tests/unit/scratch.h"

static void contactless_cards_are_told_by_their_answer_to_reset(void **state)
{
    (void)state;
    static const struct {
        struct bytes atr;
        enum card_interface interface;
    } cases[] = {
        {BYTES("\x3B\x88\x80\x01TONGBAO2\x65"), CARD_CONTACTLESS},
        {BYTES("\x3B\x80\x80\x01\x01"), CARD_CONTACTLESS},     /* no historical bytes */
        {BYTES("\x3B\x88\x80\x01TONGBAO2\x64"), CARD_CONTACT}, /* check byte */
        {BYTES("\x3B\x87\x80\x01TONGBAO2\x65"), CARD_CONTACT}, /* one byte too many */
        {BYTES("\x3B\x68\x00\x00TONGBAO0"), CARD_CONTACT},     /* T=0 */
        {BYTES("\x3B\xE8\x00\x00\x81\x31\x20\x45TONGBAO1\x52"), CARD_CONTACT}, /* T=1 */
        {BYTES("\x3F\x88\x80\x01TONGBAO2\x65"), CARD_CONTACT}, /* inverse convention */
        {BYTES("\x3B"), CARD_CONTACT},
        {BYTES(""), CARD_CONTACT},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(card_atr_interface(cases[i].atr), cases[i].interface);
}

static struct {
    unsigned came, gone, connected, answered;
    enum card_interface interface;
    enum card_result result;
    enum card_protocol protocol;
    unsigned status;
} seen;

static void on_reader(void *context, bool there)
{
    (void)context;
    (void)there;
}

static void on_card(void *context, unsigned slot, struct bytes atr, enum card_interface interface)
{
    (void)context;
    (void)slot;
    (void)atr;
    seen.came++;
    seen.interface = interface;
}

static void on_removed(void *context, unsigned slot)
{
    (void)context;
    (void)slot;
    seen.gone++;
}

static void on_connected(void *context, unsigned slot, enum card_result result,
                         enum card_protocol protocol)
{
    (void)context;
    (void)slot;
    seen.connected++;
    seen.result = result;
    seen.protocol = protocol;
}

static void on_answer(void *context, unsigned slot, enum card_result result, struct bytes answer)
{
    (void)context;
    (void)slot;
    seen.answered++;
    seen.result = result;
    seen.status =
        answer.len < 2 ? 0 : (unsigned)answer.at[answer.len - 2] << 8 | answer.at[answer.len - 1];
}

#define SELECT BYTES("\x00\xA4\x04\x00\x08\xA0\x00\x00\x03\x33\x01\x01\x01\x00")
enum { MS = 1000 };

static struct crypto crypto;
static struct chip_card card;

static struct fake_card_reader open_fake(const char *name)
{
    const struct personality *is = personality_named(bytes_text(name));
    assert_non_null(is);
    assert_ok(chip_card_make(&crypto, random_system(), is, NULL, 1764374400000, &card));
    memset(&seen, 0, sizeof seen);
    return (struct fake_card_reader){
        .events = {NULL, on_reader, on_card, on_removed, on_connected, on_answer}};
}

static void a_fake_card_comes_answers_and_goes(void **state)
{
    (void)state;
    struct fake_card_reader fake = open_fake("debit");
    struct card_reader_calls calls = fake_card_reader_calls(&fake);
    assert_err(calls.connect(calls.context, 0, MS), STATE);
    fake_card_reader_insert(&fake, 0, &card);
    assert_int_equal(seen.came, 1);
    assert_int_equal(seen.interface, CARD_CONTACT);
    assert_err(calls.transmit(calls.context, 0, SELECT, MS), STATE);
    assert_ok(calls.connect(calls.context, 0, MS));
    assert_int_equal(seen.connected, 0); /* never from inside a call */
    assert_true(fake_card_reader_turn(&fake));
    assert_int_equal(seen.connected, 1);
    assert_int_equal(seen.protocol, CARD_T1);
    assert_ok(calls.transmit(calls.context, 0, SELECT, MS));
    assert_err(calls.transmit(calls.context, 0, SELECT, MS), BUSY);
    assert_true(fake_card_reader_turn(&fake));
    assert_int_equal(seen.status, 0x9000);
    assert_false(fake_card_reader_turn(&fake));
    assert_ok(calls.transmit(calls.context, 0, SELECT, MS));
    fake_card_reader_remove(&fake, 0);
    assert_int_equal(seen.answered, 2);
    assert_int_equal(seen.result, CARD_REMOVED);
    assert_int_equal(seen.gone, 1);
    assert_err(calls.transmit(calls.context, 0, SELECT, MS), STATE);
}

static void a_fake_card_may_be_late_or_held_to_the_field(void **state)
{
    (void)state;
    struct fake_card_reader fake = open_fake("phone");
    struct card_reader_calls calls = fake_card_reader_calls(&fake);
    fake_card_reader_insert(&fake, 1, &card);
    assert_int_equal(seen.interface, CARD_CONTACTLESS);
    assert_ok(calls.connect(calls.context, 1, MS));
    assert_true(fake_card_reader_turn(&fake));
    fake_card_reader_fail(&fake, 1, CARD_LATE);
    assert_ok(calls.transmit(calls.context, 1, SELECT, MS));
    assert_true(fake_card_reader_turn(&fake));
    assert_int_equal(seen.result, CARD_LATE);
    assert_err(calls.transmit(calls.context, 1, SELECT, MS), STATE);
    assert_ok(calls.connect(calls.context, 1, MS));
    calls.disconnect(calls.context, 1); /* what is under way ends unheard */
    assert_false(fake_card_reader_turn(&fake));
    assert_int_equal(seen.connected, 1);
}

static int open_crypto(void **state)
{
    (void)state;
    assert_ok(crypto_open(random_system(), &crypto));
    return 0;
}

static int close_crypto(void **state)
{
    (void)state;
    crypto_close(&crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contactless_cards_are_told_by_their_answer_to_reset),
        cmocka_unit_test(a_fake_card_comes_answers_and_goes),
        cmocka_unit_test(a_fake_card_may_be_late_or_held_to_the_field),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
