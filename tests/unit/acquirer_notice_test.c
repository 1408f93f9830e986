/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The notice of a completion (0220, 24) at the host: journaled before it is told to the network,
 * told again until that has it, refused by name when its hold does not cover it, never reversed.
 * S87 S98 S99
 */
#include "tests/unit/acquirer_following.h"

/* The network has heard of it and says this. */
static struct payment hears(const char *code)
{
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    assert_int_equal(asked.type, PAYMENT_COMPLETION_ADVICE);
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, code);
    return asked;
}

/* No answer that a terminal would believe. */
static void unheard(struct rig_terminal *t)
{
    struct iso8583_message m;
    rig_answer_to(&rig, t, &m);
    assert_int_equal(m.mti, 0x0230);
    assert_int_equal(m.mac_input, 0);
    rig_took(&rig.to_terminal);
}

/* S98: on disk before the network hears of it, once, of the hold's card, and voided like another.
 */
static void a_completion_is_told(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct iso8583_message m;
    struct payment hold = approved(&t, PAYMENT_PREAUTH, 10000);
    struct payment n = following(&t, PAYMENT_COMPLETION_ADVICE, &hold, 11500);
    n.entry = PAYMENT_ENTRY_UNKNOWN;
    rig_again(&rig, &t, &n);
    rig_expect_state(&n, PAYMENT_OFFLINE, 1);
    assert_int_equal(rig.to_terminal.count, 0);
    struct payment asked = hears("00");
    assert_string_equal(asked.original.rrn, hold.rrn);
    rig_answer_to(&rig, &t, &m);
    assert_ok(payment_apply_response(&m, 0x0230, &n));
    assert_string_equal(n.rrn, asked.rrn);
    rig_took(&rig.to_terminal);
    rig_expect_state(&n, PAYMENT_APPROVED, 2);
    ends(&t, &n, "00"); /* its answer was lost: the recorded one */
    rig_expect_state(&n, PAYMENT_APPROVED, 2);
    assert_int_equal(books().receivable, 11500);
    struct payment v = following(&t, PAYMENT_COMPLETION_VOID, &n, 11500);
    ends(&t, &v, "00");
    assert_int_equal(books().receivable, 0);
    assert_true(acquirer_quiet(rig.a));
}

/* The network is silent, or has troubles: told again under one number, and nothing is reversed. Of
 * the hold nothing else happens meanwhile. */
static void told_until_the_network_has_it(void **state)
{
    (void)state;
    static const char *const troubles[] = {"96", "91", "09"};
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment hold = approved(&t, PAYMENT_PREAUTH, 10000);
    struct payment n = following(&t, PAYMENT_COMPLETION_ADVICE, &hold, 9000);
    rig_again(&rig, &t, &n);
    struct payment first = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    struct payment c = following(&t, PAYMENT_PREAUTH_CANCEL, &hold, 10000);
    refused(&t, &c, "BA");
    rig_pass(&rig, 31000);
    unheard(&t);
    for (size_t i = 0; i < ARRAY_LEN(troubles); i++) {
        rig_again(&rig, &t, &n);
        struct payment asked = hears(troubles[i]);
        assert_string_equal(asked.rrn, first.rrn);
        unheard(&t);
        rig_expect_state(&n, PAYMENT_OFFLINE, 1);
        assert_int_equal(rig.to_route.count, 0); /* nothing is reversed */
    }
    rig_restart(&rig);
    t = rig_terminal(&rig, RIG_TID);
    t.batch = n.key.batch;
    rig_again(&rig, &t, &n);
    struct payment again = hears("00");
    assert_string_equal(again.rrn, first.rrn);
    assert_string_equal(again.original.rrn, hold.rrn);
    rig_expect(&rig, &t, 0x0230, "00");
    rig_expect_state(&n, PAYMENT_APPROVED, 2);
}

/* What its hold does not cover is refused for good, with the same words to a repeat. */
static void a_notice_is_refused_by_name(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment hold = approved(&t, PAYMENT_PREAUTH, 10000);
    struct payment over = following(&t, PAYMENT_COMPLETION_ADVICE, &hold, 11501);
    refused(&t, &over, "B8"); /* S98: 115.01 % */
    refused(&t, &over, "B8");
    struct payment n = following(&t, PAYMENT_COMPLETION_ADVICE, &hold, 11500);
    ends(&t, &n, "00");
    struct payment second = following(&t, PAYMENT_COMPLETION_ADVICE, &hold, 1);
    refused(&t, &second, "B6");
    struct payment late = approved(&t, PAYMENT_PREAUTH, 10000);
    struct payment l = following(&t, PAYMENT_COMPLETION_ADVICE, &late, 1);
    memcpy(l.original.auth_code, "ZZZZZZ", 7);
    refused(&t, &l, "25");
    assert_true(rig_audited("advice_refused") >= 3);
}

/* Its issuer will not honour its own hold: for a person, and the terminal has done its part. */
static void a_notice_that_its_issuer_refuses(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment hold = approved(&t, PAYMENT_PREAUTH, 10000);
    struct payment n = following(&t, PAYMENT_COMPLETION_ADVICE, &hold, 10000);
    rig_again(&rig, &t, &n);
    (void)hears("05");
    rig_expect(&rig, &t, 0x0230, "A4");
    rig_expect_state(&n, PAYMENT_DISPUTED, 2);
    struct payment again = following(&t, PAYMENT_COMPLETION, &hold, 10000);
    refused(&t, &again, "B6");
}

/* Days later, when its batch is settled and another one is open: still a duty. */
static void a_notice_of_an_earlier_batch(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment hold = approved(&t, PAYMENT_PREAUTH, 10000);
    struct payment n = following(&t, PAYMENT_COMPLETION_ADVICE, &hold, 10000);
    t.stan = 0; /* another batch begins */
    rig_sign_in(&rig, &t);
    assert_int_not_equal(t.batch, n.key.batch);
    ends(&t, &n, "00");
    rig_expect_state(&n, PAYMENT_APPROVED, 2);
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_completion_is_told),         WITH_RIG(told_until_the_network_has_it),
        WITH_RIG(a_notice_is_refused_by_name),  WITH_RIG(a_notice_that_its_issuer_refuses),
        WITH_RIG(a_notice_of_an_earlier_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
