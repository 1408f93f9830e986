/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 余额查询 at the host (S101): told on and kept nowhere; what is refused; and no reversal, whatever
 * does not come.
 */
#include "payment/kind.h"
#include "tests/unit/acquirer_peers.h"

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

static struct payment asks(struct rig_terminal *t)
{
    struct payment p = rig_payment(t, PAYMENT_CARD, 0);
    p.type = PAYMENT_BALANCE;
    rig_again(&rig, t, &p);
    return p;
}

/* The issuer's answer with this field 54, or none. */
static void told(const struct payment *asked, const char *code, const char *field_54)
{
    uint8_t block[PAYMENT_MESSAGE_ARENA], out[RIG_FRAME], mac[8];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct iso8583_fault fault;
    struct payment p = *asked;
    memcpy(p.response_code, code, 3);
    p.card_class = PAYMENT_CLASS_DEBIT;
    assert_ok(payment_network_response(PAYMENT_NETWORK_REQUEST, &p, &arena, &m));
    if (field_54 != NULL) iso8583_set(&m, 54, bytes_text(field_54));
    struct writer w = writer_over(out, RIG_FRAME);
    assert_ok(iso8583_encode(&iso8583_dialect_ascii87, &m, &w, &fault));
    rig_mac(&rig, HSM_SUITE_TONGBAO, bytes_of(rig.zone_mac, rig.zone_mac_len),
            iso8583_mac_input(&iso8583_dialect_ascii87, writer_view(&w)), mac);
    iso8583_seal(&iso8583_dialect_ascii87, out, w.len, mac);
    assert_ok(acquirer_on_route(rig.a, asked->route, writer_view(&w)));
    rig_settle(&rig);
}

/* What the terminal hears: its code, and the balance when there is one. */
static void hears(struct rig_terminal *t, const char *code, const int64_t *minor)
{
    struct iso8583_message m;
    int64_t said = 0;
    rig_answer_to(&rig, t, &m);
    assert_true(bytes_equal(iso8583_get(&m, 39), bytes_text(code)));
    assert_true(m.mac_input > 0);
    err e = payment_balance_get(&m, &said);
    assert_int_equal(e.code, minor == NULL ? ERR_MISSING : ERR_OK);
    if (minor != NULL) assert_int_equal(said, *minor);
    rig_took(&rig.to_terminal);
}

static void nothing_is_kept(const struct payment *p)
{
    size_t rows = 0;
    (void)rig_state(&p->key, &rows);
    assert_int_equal(rows, 0);
    assert_int_equal(rig.to_route.count, 0);
    assert_int_equal(acquirer_counts(rig.a).pending, 0);
    assert_int_equal(acquirer_counts(rig.a).tasks, 0);
}

static void told_on_and_kept_nowhere(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    const int64_t left = 9876543, over = -120;
    struct payment p = asks(&t), asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    assert_int_equal(asked.type, PAYMENT_BALANCE);
    assert_int_equal(asked.amount_minor, 0);
    told(&asked, "00", "0002156C000009876543");
    hears(&t, "00", &left);
    nothing_is_kept(&p);
    p = asks(&t);
    asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    told(&asked, "00", "0002156D000000000120");
    hears(&t, "00", &over);
    nothing_is_kept(&p);
    /* A restart and a sale behind it: as if nobody had asked. */
    rig_restart(&rig);
    t = rig_terminal(&rig, RIG_TID);
    (void)rig_sell(&rig, &t, PAYMENT_CARD, 100);
    rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
}

static void refused_by_its_issuer(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = asks(&t), asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    told(&asked, "55", NULL);
    hears(&t, "55", NULL);
    nothing_is_kept(&p);
    p = asks(&t); /* a kind of balance that is not the available one is none */
    asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    told(&asked, "00", "0001156C000000000120");
    hears(&t, "00", NULL);
    nothing_is_kept(&p);
}

static void without_an_answer(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = asks(&t), asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    rig_pass(&rig, 31000);
    hears(&t, "98", NULL);
    nothing_is_kept(&p);
    told(&asked, "00", "0002156C000009876543"); /* too late: nobody hears it */
    assert_int_equal(rig.to_terminal.count, 0);
    p = asks(&t);
    (void)rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    assert_ok(acquirer_on_route_state(rig.a, PAYMENT_ROUTE_CARD_NETWORK, false));
    rig_settle(&rig);
    hears(&t, "98", NULL);
    nothing_is_kept(&p);
    p = asks(&t);
    hears(&t, "91", NULL);
    nothing_is_kept(&p);
}

/* "09" is of wallets: nobody asks again for a balance. */
static void what_is_no_answer(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = asks(&t), asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    told(&asked, "09", NULL);
    hears(&t, "98", NULL);
    nothing_is_kept(&p);
    /* A reversal of one is refused: there is nothing that could be taken back. */
    rig_reverse(&rig, &t, &p);
    rig_expect(&rig, &t, 0x0410, "40");
    nothing_is_kept(&p);
}

/* With an amount it is no inquiry, and a sale without one is no sale. */
static void amounts(void **state)
{
    (void)state;
    uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct iso8583_message m;
    struct payment p = rig_payment(&t, PAYMENT_CARD, 0), out;
    struct payment_sensitive s = {.envelope = BYTES("sealed")}, read;
    p.type = PAYMENT_BALANCE;
    assert_ok(payment_request_message(t.profile, &p, &s, &arena, &m));
    assert_false(iso8583_has(&m, 4));
    iso8583_set(&m, 4, BYTES("000000000100"));
    assert_int_equal(payment_from_request(t.profile, &m, &out, &read).code, ERR_CONFLICT);
    p.type = PAYMENT_SALE;
    p.amount_minor = 100;
    assert_ok(payment_request_message(t.profile, &p, &s, &arena, &m));
    iso8583_unset(&m, 4);
    assert_int_equal(payment_from_request(t.profile, &m, &out, &read).code, ERR_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(told_on_and_kept_nowhere, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_by_its_issuer, setup, teardown),
        cmocka_unit_test_setup_teardown(without_an_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(amounts, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
