/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S95 S108: money goes back once, by a refund or by a dispute: a dispute asks for what refunds have
 * left, and neither a refund nor a void nor a reversal gives back what a dispute may take.
 */
#include "journal/dispute.h"
#include "tests/unit/acquirer_money_rig.h"

#include "tests/unit/acquirer_following.h" /* which has a rig of its own */

static struct money_answer disputes(const struct payment *sale, const char *network_case,
                                    int64_t amount_minor)
{
    const struct acquirer_request r = {.actor = BYTES("wang"),
                                       .reference = bytes_text(sale->rrn),
                                       .evidence = bytes_text(network_case),
                                       .reason = BYTES("not_refunded"),
                                       .way = DISPUTE_CHARGEBACK,
                                       .amount_minor = amount_minor};
    return money(&rig, ACQUIRER_DISPUTE_OPEN, &r);
}

static void decided(int64_t dispute, enum dispute_action how)
{
    struct acquirer_request r = {.actor = BYTES("li"),
                                 .original = dispute,
                                 .reason = BYTES("slip.png"),
                                 .way = (uint8_t)how};
    if (how != DISPUTE_ACCEPTED) {
        r.reference = BYTES("21a2300250575ae167beea03d697e307699a1be491bab9415d2527e4f4e2d116");
        assert_int_equal(money(&rig, ACQUIRER_DISPUTE_EVIDENCE, &r).status, ACQUIRER_OK);
        assert_int_equal(money(&rig, ACQUIRER_DISPUTE_ANSWER, &r).status, ACQUIRER_OK);
    }
    assert_int_equal(money(&rig, ACQUIRER_DISPUTE_DECIDE, &r).status, ACQUIRER_OK);
}

static void of_what_refunds_have_left(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = approved(&t, PAYMENT_SALE, 10000);
    struct payment r = following(&t, PAYMENT_REFUND, &sale, 3000);
    ends(&t, &r, "00");
    r = following(&t, PAYMENT_REFUND, &sale, 1000);
    rig_again(&rig, &t, &r); /* not decided yet: it may be given back */
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    struct money_answer answer = disputes(&sale, "CB-1", 6001);
    assert_int_equal(answer.status, ACQUIRER_INCOMPLETE);
    assert_string_equal(answer.detail, "amount: 60.00 of it are left");
    answer = disputes(&sale, "CB-1", 2000);
    assert_int_equal(answer.status, ACQUIRER_OK);
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "51"); /* it was not */
    rig_took(&rig.to_terminal);
    answer = disputes(&sale, "CB-2", 0); /* all that is left */
    assert_int_equal(answer.status, ACQUIRER_OK);
    assert_int_equal(answer.said.amount_minor, 5000);
    answer = disputes(&sale, "CB-3", 1);
    assert_int_equal(answer.status, ACQUIRER_OVER);
    assert_string_equal(answer.detail + strlen("nothing is left of payment "), sale.rrn);
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_HELD), 7000);

    struct payment whole = approved(&t, PAYMENT_SALE, 500);
    struct payment v = following(&t, PAYMENT_VOID, &whole, 500);
    ends(&t, &v, "00");
    assert_int_equal(disputes(&whole, "CB-4", 0).status, ACQUIRER_OVER);
}

static void nothing_goes_back_beside_a_dispute(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = approved(&t, PAYMENT_SALE, 10000);
    assert_int_equal(disputes(&sale, "CB-1", 6000).status, ACQUIRER_OK);
    struct payment r = following(&t, PAYMENT_REFUND, &sale, 4001);
    refused(&t, &r, "BE");
    r = following(&t, PAYMENT_REFUND, &sale, 10001);
    refused(&t, &r, "B2");
    struct payment v = following(&t, PAYMENT_VOID, &sale, 10000);
    refused(&t, &v, "BE");
    rig_reverse(&rig, &t, &sale); /* of an answer that its terminal never heard */
    rig_expect(&rig, &t, 0x0410, "12");
    rig_expect_state(&sale, PAYMENT_APPROVED, 2);
    r = following(&t, PAYMENT_REFUND, &sale, 4000);
    ends(&t, &r, "00");
    rig_restart(&rig);
    t = rig_connect(&rig, RIG_TID, PAYMENT_PROFILE_TONGBAO);
    t.batch = sale.key.batch;
    t.stan = 500;
    rig_sign_in(&rig, &t);
    r = following(&t, PAYMENT_REFUND, &sale, 1);
    refused(&t, &r, "BE");
    decided(1, DISPUTE_WON); /* the merchant has it still, and may give it back */
    r = following(&t, PAYMENT_REFUND, &sale, 6000);
    ends(&t, &r, "00");
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_NETWORK_RECEIVABLE), 0);
    assert_int_equal(money_on(ACCOUNT_MERCHANT_PAYABLE), 0);

    sale = approved(&t, PAYMENT_SALE, 800);
    assert_int_equal(disputes(&sale, "CB-2", 0).status, ACQUIRER_OK);
    decided(2, DISPUTE_ACCEPTED);
    r = following(&t, PAYMENT_REFUND, &sale, 1); /* it is the cardholder's already */
    refused(&t, &r, "BE");
    money_fold(&rig);
    assert_int_equal(money_on(ACCOUNT_NETWORK_RECEIVABLE), 0);
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_RIG(of_what_refunds_have_left),
        WITH_RIG(nothing_goes_back_beside_a_dispute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
