/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S85: payments with points at the host: asked of who keeps them, once by terminal, batch and STAN,
 * taken back without a definitive answer, given back in parts and no more than was taken, and in
 * no ledger and no settlement, because they are the shop's own promise. S87 S88 S95
 */
#include "payment/batch.h"
#include "simulators/loyalty.h"
#include "tests/unit/acquirer_following.h"

static struct payment redeem(struct rig_terminal *t, int64_t amount_minor)
{
    struct payment p = rig_payment(t, PAYMENT_POINTS, amount_minor);
    p.type = PAYMENT_REDEEM;
    p.entry = PAYMENT_ENTRY_CODE;
    p.pin_entered = false;
    return p;
}

static void send_points(struct rig_terminal *t, const struct payment *p)
{
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct payment_sensitive s = {0};
    struct iso8583_message m;
    if (!payment_linked(p->type)) s.payment_code = bytes_text(loyalty_member(0)->number);
    assert_ok(payment_request_message(t->profile, p, &s, &arena, &m));
    rig_send(&rig, t, rig_frame(&rig, t, &m, true, out));
}

static struct payment taken(struct rig_terminal *t, int64_t amount_minor)
{
    struct payment p = redeem(t, amount_minor);
    struct iso8583_message m;
    send_points(t, &p);
    struct payment asked = rig_issuer(&rig, "00");
    assert_int_equal(asked.type, PAYMENT_REDEEM);
    assert_int_equal(asked.route, PAYMENT_ROUTE_WALLET);
    rig_answer_to(&rig, t, &m);
    assert_ok(payment_apply_response(&m, 0x0210, &p));
    assert_string_equal(p.response_code, "00");
    rig_took(&rig.to_terminal);
    return p;
}

static struct payment back(struct rig_terminal *t, enum payment_type type,
                           const struct payment *original, int64_t amount_minor)
{
    struct payment p = following(t, type, original, amount_minor);
    p.entry = PAYMENT_ENTRY_CODE;
    p.pin_entered = false;
    return p;
}

static void ends_with(struct rig_terminal *t, const struct payment *p, const char *code)
{
    send_points(t, p);
    if (rig.to_route.count > 0) rig_issuer(&rig, code);
    rig_expect(&rig, t, (uint16_t)(payment_kind_of(p)->mti + 0x10), code);
}

/* Once, whatever is repeated; and no fen of it is anywhere in the books. */
static void taken_once_and_in_no_book(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = taken(&t, 5000);
    rig_expect_state(&p, PAYMENT_APPROVED, 2);
    send_points(&t, &p); /* the answer was lost: the recorded one */
    assert_int_equal(rig.to_route.count, 0);
    rig_expect(&rig, &t, 0x0210, "00");
    struct payment other = p;
    other.amount_minor = 5001;
    send_points(&t, &other);
    rig_expect(&rig, &t, 0x0210, "94");
    struct sums s = books();
    assert_int_equal(s.payable, 0);
    assert_int_equal(s.income, 0);
    assert_int_equal(s.receivable, 0);
    assert_false(payment_counted(PAYMENT_REDEEM, PAYMENT_APPROVED));
    assert_false(rig_logged(&rig, loyalty_member(0)->number));
}

/* S95: parts of it, no fen more than was taken; a void of the whole, and then nothing more. */
static void given_back(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = taken(&t, 5000), r;
    r = back(&t, PAYMENT_REDEEM_REFUND, &p, 3000);
    ends_with(&t, &r, "00");
    r = back(&t, PAYMENT_REDEEM_REFUND, &p, 2001);
    ends_with(&t, &r, "B2");
    r = back(&t, PAYMENT_REDEEM_REFUND, &p, 2000);
    ends_with(&t, &r, "00");
    struct payment q = taken(&t, 700);
    r = back(&t, PAYMENT_REDEEM_VOID, &q, 700);
    ends_with(&t, &r, "00");
    r = back(&t, PAYMENT_REDEEM_REFUND, &q, 1);
    ends_with(&t, &r, "B1");
    struct payment sale = approved(&t, PAYMENT_SALE, 900); /* money does not go back as points */
    r = back(&t, PAYMENT_REDEEM_REFUND, &sale, 900);
    r.means = PAYMENT_POINTS;
    ends_with(&t, &r, "12");
}

/* No points, too few, a silent keeper, another amount, an answer twice. */
static void no_definitive_answer(void **state)
{
    (void)state;
    static const char *const codes[] = {"14", "51"};
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        struct payment p = redeem(&t, 100);
        ends_with(&t, &p, codes[i]);
        rig_expect_state(&p, PAYMENT_DECLINED, 2);
    }
    struct payment silent = redeem(&t, 200);
    send_points(&t, &silent);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    rig_pass(&rig, 31000);
    rig_expect(&rig, &t, 0x0210, "98");
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00"); /* too late */
    rig_pass(&rig, 200);
    struct payment undone = rig_undo(&rig, "00");
    assert_int_equal(undone.type, PAYMENT_REDEEM);
    assert_string_equal(undone.rrn, asked.rrn);
    rig_expect_state(&silent, PAYMENT_REVERSED, 3);
    struct payment wrong = redeem(&t, 300);
    send_points(&t, &wrong);
    asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    asked.amount_minor = 299;
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00");
    rig_expect(&rig, &t, 0x0210, "98");
    rig_pass(&rig, 200);
    (void)rig_undo(&rig, "00");
    rig_expect_state(&wrong, PAYMENT_REVERSED, 3);
    struct payment twice = redeem(&t, 400);
    send_points(&t, &twice);
    asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00");
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "51");
    rig_expect(&rig, &t, 0x0210, "00");
    rig_expect_state(&twice, PAYMENT_APPROVED, 2);
    assert_true(acquirer_quiet(rig.a));
}

/* The terminal has heard nothing and takes it back: so does the host, a refund as well. */
static void reversed_by_its_terminal(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = taken(&t, 5000);
    struct payment r = back(&t, PAYMENT_REDEEM_REFUND, &p, 5000);
    ends_with(&t, &r, "00");
    rig_reverse(&rig, &t, &r);
    rig_expect(&rig, &t, 0x0410, "00");
    rig_pass(&rig, 200);
    (void)rig_undo(&rig, "00");
    rig_expect_state(&r, PAYMENT_REVERSED, 4);
    rig_reverse(&rig, &t, &p);
    rig_expect(&rig, &t, 0x0410, "00");
    rig_pass(&rig, 200);
    (void)rig_undo(&rig, "00");
    rig_expect_state(&p, PAYMENT_REVERSED, 4);
}

/* The simulated keeper: what points are worth is his to say. */
static void worth(void **state)
{
    (void)state;
    uint8_t place;
    assert_int_equal(loyalty_worth(loyalty_member(1)), 1250); /* a hundred to the yuan */
    assert_ok(loyalty_find(bytes_text(loyalty_member(3)->number), &place));
    assert_int_equal(place, 3);
    assert_int_equal(loyalty_find(BYTES("8699999999999"), &place).code, ERR_NOT_FOUND);
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_RIG(taken_once_and_in_no_book), WITH_RIG(given_back), WITH_RIG(no_definitive_answer),
        WITH_RIG(reversed_by_its_terminal),  WITH_RIG(worth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
