/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sales whose code the terminal shows, at the host: the wallet gets a signed code, the terminal is
 * told of it when the wallet has the order, and the payment ends paid, refused, cancelled or, when
 * nobody scans it, reversed; whatever is lost, repeated or killed on the way. S78 S87 S88
 */
#include "lib/qr/order_code.h"
#include "registry/place.h"
#include "tests/unit/acquirer_peers.h"

static struct rig rig;

enum { LIFE_MS = 120000, GRACE_MS = 6000, QUERY_MS = 3000 };

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

/* Field 62 of the oldest message to the wallet. */
static void ordered(char out[PAYMENT_SHOWN_MAX + 1])
{
    static uint8_t block[ISO8583_ARENA_MAX];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct iso8583_fault fault;
    assert_true(rig.to_route.count > 0);
    const struct rig_item *item = &rig.to_route.item[0];
    assert_int_equal(item->target, PAYMENT_ROUTE_WALLET);
    assert_ok(iso8583_decode(&iso8583_dialect_ascii87, bytes_of(item->at, item->len), &arena, &m,
                             &fault));
    assert_true(bytes_equal(iso8583_get(&m, 3), BYTES("460000")));
    assert_ok(payment_shown_copy(iso8583_get(&m, 62), out));
}

/* The oldest frame to the terminal tells this text, and that it may be scanned for so long. */
static void told(struct rig_terminal *t, const char *text, unsigned seconds)
{
    struct iso8583_message m;
    char shown[PAYMENT_SHOWN_MAX + 1];
    unsigned left = 0;
    rig_answer_to(&rig, t, &m); /* and its MAC is good */
    assert_true(m.mac_input > 0);
    assert_true(bytes_equal(iso8583_get(&m, 39), BYTES("09")));
    assert_ok(payment_shown_parse(&m, &left, shown));
    assert_string_equal(shown, text);
    assert_int_equal(left, seconds);
    rig_took(&rig.to_terminal);
}

/* The wallet answers 09, with a text of its own when there is one. */
static void waits(enum payment_network_kind kind, const struct payment *asked, const char *own)
{
    uint8_t plain[RIG_FRAME], out[RIG_FRAME], block[ISO8583_ARENA_MAX], mac[8];
    struct bytes frame = rig_answer_frame(&rig, kind, asked, "09", plain);
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct iso8583_fault fault;
    if (own != NULL) {
        assert_ok(iso8583_decode(&iso8583_dialect_ascii87, frame, &arena, &m, &fault));
        payment_shown_set(&m, bytes_text(own));
        struct writer w = writer_over(out, sizeof out);
        assert_ok(iso8583_encode(&iso8583_dialect_ascii87, &m, &w, &fault));
        frame = writer_view(&w);
        rig_mac(&rig, HSM_SUITE_TONGBAO, bytes_of(rig.zone_mac, rig.zone_mac_len),
                iso8583_mac_input(&iso8583_dialect_ascii87, frame), mac);
        iso8583_seal(&iso8583_dialect_ascii87, out, w.len, mac);
    }
    assert_ok(acquirer_on_route(rig.a, asked->route, frame));
    rig_settle(&rig);
}

/* A sale whose code is on the screen; what the wallet was asked. */
static struct payment shown(struct rig_terminal *t, struct payment *ret_asked, char *text)
{
    struct payment sale = rig_sell(&rig, t, PAYMENT_SHOWN, 12800);
    rig_expect_state(&sale, PAYMENT_PENDING, 1);
    assert_int_equal(rig.to_terminal.count, 0); /* no code before the wallet has the order */
    ordered(text);
    *ret_asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    waits(PAYMENT_NETWORK_REQUEST, ret_asked, NULL);
    told(t, text, LIFE_MS / 1000);
    rig_expect_state(&sale, PAYMENT_PENDING, 1); /* telling is no state */
    return sale;
}

static void the_code_says_what_is_to_be_paid(void **state)
{
    (void)state;
    char text[PAYMENT_SHOWN_MAX + 1];
    uint8_t covered[ORDER_CODE_MAX], mac[8];
    struct payment asked;
    struct order_code code;
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    const struct registry_place place = {RIG_MID, "5812", "SHANGHAI", "200000", "CN"};
    assert_ok(registry_set_place(rig.registry, &actor, &place));
    rig_pass(&rig, 1000);
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = shown(&t, &asked, text);
    assert_ok(order_code_parse(bytes_text(text), &code));
    assert_false(code.plate);
    assert_string_equal(code.category, "5812");
    assert_string_equal(code.city, "SHANGHAI");
    assert_string_equal(code.postal, "200000");
    assert_string_equal(code.country, "CN");
    assert_string_equal(code.reference, asked.rrn);
    assert_string_equal(code.name, "TONGBAO TEA");
    assert_int_equal(code.amount_minor, 12800);
    assert_int_equal(code.currency, CURRENCY_CNY);
    assert_int_equal(code.expires_s, (rig.now_ms + LIFE_MS) / 1000);
    struct writer w = writer_over(covered, sizeof covered);
    assert_ok(order_code_signed(&code, bytes_text(text), &w));
    rig_mac(&rig, HSM_SUITE_TONGBAO, bytes_of(rig.zone_mac, rig.zone_mac_len), writer_view(&w),
            mac);
    assert_memory_equal(mac, code.mac, sizeof mac);

    rig_pass(&rig, QUERY_MS);
    struct payment query = rig_asked(&rig, PAYMENT_NETWORK_QUERY);
    assert_int_equal(query.means, PAYMENT_SHOWN);
    waits(PAYMENT_NETWORK_QUERY, &query, NULL);
    assert_int_equal(rig.to_terminal.count, 0); /* it has been told */
    rig_pass(&rig, QUERY_MS);
    query = rig_asked(&rig, PAYMENT_NETWORK_QUERY);
    rig_network(&rig, PAYMENT_NETWORK_QUERY, &query, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    rig_expect_state(&sale, PAYMENT_APPROVED, 2);
    rig_again(&rig, &t, &sale); /* a repeat gets the recorded answer, and no code */
    rig_expect(&rig, &t, 0x0210, "00");
    assert_int_equal(rig.to_route.count, 0);
}

/* A wallet with codes of its own: the first text that it gives is the one. */
static void a_wallet_may_have_its_own_code(void **state)
{
    (void)state;
    static const char own[] = "https://qr.example.com/bax08861";
    struct rig_terminal t = rig_terminal(&rig, RIG_CUP); /* and in every dialect */
    rig_sell(&rig, &t, PAYMENT_SHOWN, 100);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    waits(PAYMENT_NETWORK_REQUEST, &asked, own);
    told(&t, own, LIFE_MS / 1000);
    rig_pass(&rig, QUERY_MS);
    asked = rig_asked(&rig, PAYMENT_NETWORK_QUERY);
    waits(PAYMENT_NETWORK_QUERY, &asked, "another");
    assert_int_equal(rig.to_terminal.count, 0);
}

static void a_repeat_is_told_again(void **state)
{
    (void)state;
    char text[PAYMENT_SHOWN_MAX + 1];
    struct payment asked;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_SHOWN, 12800);
    rig_again(&rig, &t, &sale); /* before the wallet has said anything: it waits */
    assert_int_equal(rig.to_terminal.count, 0);
    ordered(text);
    asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    assert_int_equal(rig.to_route.count, 0);
    waits(PAYMENT_NETWORK_REQUEST, &asked, NULL);
    told(&t, text, LIFE_MS / 1000);
    told(&t, text, LIFE_MS / 1000);

    rig_pass(&rig, 1500);
    assert_ok(acquirer_session_closed(rig.a, t.session));
    t.session = 9001; /* its connection broke, and it asks on another one */
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    rig_again(&rig, &t, &sale);
    assert_int_equal(rig.to_terminal.count, 1);
    told(&t, text, (LIFE_MS - 1500) / 1000);
    rig_pass(&rig, QUERY_MS);
    asked = rig_asked(&rig, PAYMENT_NETWORK_QUERY);
    rig_network(&rig, PAYMENT_NETWORK_QUERY, &asked, "00");
    assert_int_equal(rig.to_terminal.count, 1);
    rig_expect(&rig, &t, 0x0210, "00");
    rig_expect_state(&sale, PAYMENT_APPROVED, 2);
}

/* Who scans in the last second is heard of; who does not, pays nothing. */
static void nobody_scans_it(void **state)
{
    (void)state;
    char text[PAYMENT_SHOWN_MAX + 1];
    struct payment asked;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = shown(&t, &asked, text);
    for (int64_t at = QUERY_MS; at < LIFE_MS + GRACE_MS; at += QUERY_MS) {
        rig_pass(&rig, QUERY_MS);
        asked = rig_asked(&rig, PAYMENT_NETWORK_QUERY);
        waits(PAYMENT_NETWORK_QUERY, &asked, NULL);
        assert_int_equal(rig.to_terminal.count, 0);
    }
    rig_expect_state(&sale, PAYMENT_PENDING, 1);
    rig_pass(&rig, QUERY_MS);
    rig_expect(&rig, &t, 0x0210, "98");
    rig_expect_state(&sale, PAYMENT_REVERSING, 2);
    rig_network(&rig, PAYMENT_NETWORK_QUERY, &asked, "00"); /* too late */
    rig_undo(&rig, "00");
    rig_expect_state(&sale, PAYMENT_REVERSED, 3);
    assert_int_equal(rig.to_terminal.count, 0);
}

static void a_silent_wallet_has_no_order(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_SHOWN, 100);
    rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    rig_pass(&rig, 30100);
    rig_expect(&rig, &t, 0x0210, "98");
    rig_undo(&rig, "25");
    rig_expect_state(&sale, PAYMENT_REVERSED, 3);
}

/* The cashier gives up while the code is on the screen; the customer pays in that moment. */
static void cancelled_while_it_is_scanned(void **state)
{
    (void)state;
    char text[PAYMENT_SHOWN_MAX + 1];
    struct payment asked;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = shown(&t, &asked, text);
    rig_pass(&rig, QUERY_MS);
    struct payment query = rig_asked(&rig, PAYMENT_NETWORK_QUERY);
    rig_reverse(&rig, &t, &sale);
    rig_expect(&rig, &t, 0x0410, "00");
    rig_network(&rig, PAYMENT_NETWORK_QUERY, &query, "00");
    assert_int_equal(rig.to_terminal.count, 0);
    rig_pass(&rig, 200);
    struct payment undo = rig_undo(&rig, "00");
    assert_int_equal(undo.means, PAYMENT_SHOWN);
    rig_expect_state(&sale, PAYMENT_REVERSED, 3);
}

/* What the wallet says can be lost, and is asked for again: a payment must not end in silence. */
static void a_lost_answer_is_asked_for_again(void **state)
{
    (void)state;
    char text[PAYMENT_SHOWN_MAX + 1];
    struct payment asked;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = shown(&t, &asked, text);
    rig_pass(&rig, QUERY_MS);
    rig_asked(&rig, PAYMENT_NETWORK_QUERY); /* lost */
    rig_pass(&rig, QUERY_MS);
    asked = rig_asked(&rig, PAYMENT_NETWORK_QUERY);
    rig_network(&rig, PAYMENT_NETWORK_QUERY, &asked, "00");
    rig_network(&rig, PAYMENT_NETWORK_QUERY, &asked, "00"); /* twice: the second is late */
    rig_expect(&rig, &t, 0x0210, "00");
    assert_int_equal(rig.to_terminal.count, 0);
    rig_expect_state(&sale, PAYMENT_APPROVED, 2);
}

/* A forged 09 shows nothing, and a text with control characters is no answer. */
static void a_bad_answer_shows_nothing(void **state)
{
    (void)state;
    uint8_t out[RIG_FRAME];
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    rig_sell(&rig, &t, PAYMENT_SHOWN, 100);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    struct bytes frame = rig_answer_frame(&rig, PAYMENT_NETWORK_REQUEST, &asked, "09", out);
    out[frame.len - 1] ^= 1;
    assert_ok(acquirer_on_route(rig.a, asked.route, frame));
    rig_settle(&rig);
    assert_int_equal(rig.to_terminal.count, 0);
    waits(PAYMENT_NETWORK_REQUEST, &asked, "\x1b[2J");
    assert_int_equal(rig.to_terminal.count, 0);
    waits(PAYMENT_NETWORK_REQUEST, &asked, "still in time");
    told(&t, "still in time", LIFE_MS / 1000);
}

static void back(struct rig_terminal *t, const struct payment *sale)
{
    rig_pass(&rig, 1000);
    rig_expect(&rig, t, 0x0210, "98");
    rig_undo(&rig, "00");
    rig_expect_state(sale, PAYMENT_REVERSED, 3);
}

/* The hsm dies while it signs the code (1), or the message (2); and while it makes the MAC of what
 * the terminal is told (4): then the terminal is told as soon as it is back. */
static void the_hsm_dies_at(unsigned served)
{
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    uint8_t out[RIG_FRAME];
    struct payment sale = rig_payment(&t, PAYMENT_SHOWN, 100), asked = {0};
    rig.hsm_holds = true;
    assert_ok(acquirer_on_terminal(rig.a, t.session, rig_sale_frame(&rig, &t, &sale, "", out)));
    rig_settle(&rig);
    for (unsigned i = 0; i < served; i++) {
        static struct rig_item item;
        assert_int_equal(rig.to_hsm.count, 1);
        item = rig.to_hsm.item[0];
        rig_took(&rig.to_hsm);
        assert_ok(rig_serve(&rig, &item));
        rig_settle(&rig);
        if (rig.to_route.count == 0) continue;
        asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
        waits(PAYMENT_NETWORK_REQUEST, &asked, NULL);
    }
    assert_int_equal(rig.to_hsm.count, 1);
    rig.to_hsm.count = 0;
    assert_ok(acquirer_on_hsm_lost(rig.a));
    rig.hsm_holds = false;
    assert_ok(acquirer_on_hsm_up(rig.a));
    rig_settle(&rig);
    if (served < 4) {
        back(&t, &sale);
        return;
    }
    rig_pass(&rig, QUERY_MS);
    struct payment query = rig_asked(&rig, PAYMENT_NETWORK_QUERY);
    assert_int_equal(rig.to_terminal.count, 1);
    struct iso8583_message m;
    rig_answer_to(&rig, &t, &m);
    assert_true(payment_shown_is(&m, &sale));
    rig_took(&rig.to_terminal);
    rig_network(&rig, PAYMENT_NETWORK_QUERY, &query, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    rig_expect_state(&sale, PAYMENT_APPROVED, 2);
}

static void the_hsm_dies_at_each_point(void **state)
{
    for (unsigned served = 1; served <= 4; served++) {
        if (served > 1) setup(state);
        the_hsm_dies_at(served);
        if (served < 4) teardown(state);
    }
}

/* F-12: a start knows nothing of the code; the payment turns back. */
static void a_restart_reverses_it(void **state)
{
    (void)state;
    char text[PAYMENT_SHOWN_MAX + 1];
    struct payment asked;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = shown(&t, &asked, text);
    rig_restart(&rig);
    rig_expect_state(&sale, PAYMENT_REVERSING, 2);
    rig_pass(&rig, 200);
    struct payment undo = rig_undo(&rig, "00");
    assert_string_equal(undo.rrn, asked.rrn);
    rig_expect_state(&sale, PAYMENT_REVERSED, 3);
    t.session = 9002;
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    rig_again(&rig, &t, &sale);
    rig_expect(&rig, &t, 0x0210, "98");
    assert_int_equal(rig.to_route.count, 0);
}

static void the_link_to_the_wallet_breaks(void **state)
{
    (void)state;
    char text[PAYMENT_SHOWN_MAX + 1];
    struct payment asked;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = shown(&t, &asked, text);
    assert_ok(acquirer_on_route_state(rig.a, PAYMENT_ROUTE_WALLET, false));
    rig_settle(&rig);
    rig_expect(&rig, &t, 0x0210, "98");
    struct payment second = rig_sell(&rig, &t, PAYMENT_SHOWN, 100);
    rig_expect(&rig, &t, 0x0210, "91");
    rig_expect_state(&second, PAYMENT_DECLINED, 1);
    assert_ok(acquirer_on_route_state(rig.a, PAYMENT_ROUTE_WALLET, true));
    rig_pass(&rig, 2000);
    rig_undo(&rig, "00");
    rig_expect_state(&sale, PAYMENT_REVERSED, 3);
}

/* S94, S95: what was paid so is voided and refunded as any other, without a code. */
static void it_is_refunded(void **state)
{
    (void)state;
    char text[PAYMENT_SHOWN_MAX + 1];
    struct payment asked;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = shown(&t, &asked, text);
    rig_pass(&rig, QUERY_MS);
    asked = rig_asked(&rig, PAYMENT_NETWORK_QUERY);
    rig_network(&rig, PAYMENT_NETWORK_QUERY, &asked, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    struct payment refund = rig_payment(&t, PAYMENT_SHOWN, 800);
    refund.type = PAYMENT_REFUND;
    refund.original = (struct payment_original){.batch = sale.key.batch, .stan = sale.key.stan};
    memcpy(refund.original.rrn, asked.rrn, sizeof asked.rrn);
    memcpy(refund.original.date, "0101", 5);
    rig_again(&rig, &t, &refund);
    struct payment sent = rig_issuer(&rig, "00");
    assert_int_equal(sent.means, PAYMENT_SHOWN);
    assert_string_equal(sent.original.rrn, asked.rrn);
    rig_expect(&rig, &t, 0x0230, "00");
    rig_expect_state(&refund, PAYMENT_APPROVED, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_code_says_what_is_to_be_paid, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wallet_may_have_its_own_code, setup, teardown),
        cmocka_unit_test_setup_teardown(a_repeat_is_told_again, setup, teardown),
        cmocka_unit_test_setup_teardown(nobody_scans_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_silent_wallet_has_no_order, setup, teardown),
        cmocka_unit_test_setup_teardown(cancelled_while_it_is_scanned, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lost_answer_is_asked_for_again, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bad_answer_shows_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(the_hsm_dies_at_each_point, setup, teardown),
        cmocka_unit_test_setup_teardown(a_restart_reverses_it, setup, teardown),
        cmocka_unit_test_setup_teardown(the_link_to_the_wallet_breaks, setup, teardown),
        cmocka_unit_test_setup_teardown(it_is_refunded, setup, teardown),
    };
    return cmocka_run_group_tests_name("acquirer_shown", tests, NULL, NULL);
}
