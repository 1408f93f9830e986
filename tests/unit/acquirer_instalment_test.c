/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instalments through the host: the plan against the host's own table, told to the network, kept in
 * the journal, charged to the merchant who bears its fee, reversed with its content, voided. And a
 * tip, which a reversal has to name too. S82 S85
 */
#include "ledger/fold.h"
#include "payment/kind.h"
#include "tests/unit/acquirer_peers.h"

#define CREDIT   "6200010000000012"
#define CO_BRAND "6200040010000009" /* its merchants bear the fee */

static struct rig rig;

static int setup(void **state)
{
    (void)state;
    rig_make(&rig);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_end(&rig);
    return 0;
}

static struct payment in_six(struct rig_terminal *t)
{
    struct payment p = rig_payment(t, PAYMENT_CARD, 100000);
    p.type = PAYMENT_INSTALMENT;
    p.plan = instalment_plan(instalment_find(BYTES(CREDIT), 6, rig.now_ms), p.amount_minor);
    return p;
}

static void send_with(struct rig_terminal *t, const struct payment *p, const char *pan)
{
    uint8_t out[RIG_FRAME];
    rig_send(&rig, t, rig_sale_frame(&rig, t, p, pan, out));
}

/* Approved, and the network was told the plan; the journal has it; a void takes it back. */
static void a_plan_of_the_table(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = in_six(&t);
    struct iso8583_message m;
    size_t rows;
    send_with(&t, &p, CREDIT);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    assert_int_equal(asked.type, PAYMENT_INSTALMENT);
    assert_int_equal(asked.plan.months, 6);
    assert_int_equal(asked.plan.fee_minor, 4500);
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00");
    rig_answer_to(&rig, &t, &m);
    assert_ok(payment_apply_response(&m, 0x0210, &p));
    rig_took(&rig.to_terminal);
    assert_string_equal(p.response_code, "00");
    assert_int_equal(rig_state(&p.key, &rows), PAYMENT_APPROVED);

    struct payment v = rig_payment(&t, PAYMENT_CARD, p.amount_minor);
    v.type = PAYMENT_INSTALMENT_VOID;
    v.original = (struct payment_original){.batch = p.key.batch, .stan = p.key.stan};
    send_with(&t, &v, CREDIT);
    asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    assert_int_equal(asked.type, PAYMENT_INSTALMENT_VOID);
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    rig_expect_state(&v, PAYMENT_APPROVED, 2);
}

static err take_owed(void *context, const struct account *account)
{
    int64_t *owed = context; /* to the merchant, to issuers for instalments, our income */
    int64_t net = account->credits_posted - account->debits_posted;
    if (account->kind == ACCOUNT_MERCHANT_PAYABLE) owed[0] += net;
    if (account->kind == ACCOUNT_INSTALMENT_FEE) owed[1] += net;
    if (account->kind == ACCOUNT_FEE_INCOME) owed[2] += net;
    return OK;
}

static void owes(int64_t merchant, int64_t instalments)
{
    struct ledger *ledger = NULL;
    int64_t owed[3] = {0};
    size_t rows = 1;
    while (rows > 0) assert_ok(acquirer_fold(rig.a, 1024, &rows));
    assert_ok(ledger_open("ledger", STORE_MEMORY, NULL, &ledger));
    assert_ok(ledger_accounts(ledger, take_owed, owed));
    ledger_close(ledger);
    assert_int_equal(owed[0] + owed[2], merchant);
    assert_int_equal(owed[1], instalments);
}

static void gives_back(struct rig_terminal *t, enum payment_type type, const struct payment *sale,
                       int64_t amount_minor)
{
    struct payment p = rig_payment(t, PAYMENT_CARD, amount_minor);
    p.type = type;
    p.original = (struct payment_original){.batch = sale->key.batch, .stan = sale->key.stan};
    memcpy(p.original.rrn, sale->rrn, sizeof sale->rrn);
    memcpy(p.original.auth_code, sale->auth_code, sizeof sale->auth_code);
    memcpy(p.original.date, sale->local_date, sizeof sale->local_date);
    send_with(t, &p, CO_BRAND);
    rig_issuer(&rig, "00");
    rig_took(&rig.to_terminal);
    rig_expect_state(&p, PAYMENT_APPROVED, 2);
}

/* What the merchant bears is charged to him, by the journal alone, and goes back: whole with a
 * void, with refunds by their share. Before our own fee he is owed the amount less it. */
static void the_merchant_bears_it(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct iso8583_message m;
    for (int voided = 0; voided < 2; voided++) {
        struct payment p = rig_payment(&t, PAYMENT_CARD, 100000);
        p.type = PAYMENT_INSTALMENT;
        p.plan = instalment_plan(instalment_find(BYTES(CO_BRAND), 3, rig.now_ms), p.amount_minor);
        assert_true(p.plan.by_merchant);
        send_with(&t, &p, CO_BRAND);
        rig_issuer(&rig, "00");
        rig_answer_to(&rig, &t, &m);
        assert_ok(payment_apply_response(&m, 0x0210, &p));
        rig_took(&rig.to_terminal);
        owes(100000 - 1800, 1800);
        if (voided) gives_back(&t, PAYMENT_INSTALMENT_VOID, &p, 100000);
        else {
            gives_back(&t, PAYMENT_REFUND, &p, 25000);
            owes(75000 - 1350, 1350);
            rig_restart(&rig);
            t = rig_terminal(&rig, RIG_TID);
            gives_back(&t, PAYMENT_REFUND, &p, 75000);
        }
        owes(0, 0);
    }
}

/* A fee of an older table, another bearer, a card of nobody's plan: refused here, asked nowhere. */
static void another_plan(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    for (int i = 0; i < 3; i++) {
        struct payment p = in_six(&t);
        if (i == 0) p.plan.fee_minor += 1;
        if (i == 1) p.plan.by_merchant = true;
        send_with(&t, &p, i == 2 ? RIG_PAN : CREDIT);
        assert_int_equal(rig.to_route.count, 0);
        rig_expect(&rig, &t, 0x0210, "BB");
        rig_expect_state(&p, PAYMENT_DECLINED, 1);
    }
}

/* S88: a sale with a plan, and one with a tip, that nobody has answered is turned back. */
static void reversed_with_its_content(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    for (int i = 0; i < 2; i++) {
        struct payment p = i == 0 ? in_six(&t) : rig_payment(&t, PAYMENT_CARD, 12800);
        if (i == 1) p.tip_minor = 1280;
        send_with(&t, &p, i == 0 ? CREDIT : RIG_PAN);
        rig_issuer(&rig, "00");
        rig_took(&rig.to_terminal);
        memcpy(p.reversal_reason, "98", 3);
        rig_reverse(&rig, &t, &p);
        rig_expect(&rig, &t, 0x0410, "00");
    }
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_plan_of_the_table),
        WITH_RIG(the_merchant_bears_it),
        WITH_RIG(another_plan),
        WITH_RIG(reversed_with_its_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
