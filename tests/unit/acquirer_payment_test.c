/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payments through the host: approved, declined, repeated, altered, refused. The network and the
 * terminals are played by the test, the hsm is the real one. Capabilities: S60 S63 S64 S65 S87.
 */
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

/* Envelope in, envelope out: the host's stores and log have the masked number only. S64 S65 */
static void card_is_approved(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CARD, 12800);
    rig_expect_state(&sale, PAYMENT_PENDING, 1);
    assert_int_equal(rig.to_terminal.count, 0); /* no answer before there is one */
    struct payment asked = rig_issuer(&rig, "00");
    assert_int_equal(asked.route, PAYMENT_ROUTE_CARD_NETWORK);
    assert_int_equal(asked.amount_minor, 12800);

    struct iso8583_message m;
    struct payment mine = sale;
    rig_answer_to(&rig, &t, &m);
    assert_ok(payment_apply_response(&m, 0x0210, &mine));
    assert_string_equal(mine.response_code, "00");
    assert_string_equal(mine.rrn, asked.rrn);
    assert_string_equal(mine.auth_code, "A12345");
    assert_string_equal(mine.local_date, "0101");
    assert_false(iso8583_has(&m, 57));
    rig_expect_state(&sale, PAYMENT_APPROVED, 2);
    assert_true(acquirer_quiet(rig.a));
    assert_false(rig_logged(&rig, RIG_PAN));
}

/*
 * DV-15: a terminal program that asks for another amount than its vault has shown. It can have a
 * MAC over anything, but card data is bound to the amount: refused, journaled, and no network
 * asked.
 */
static void another_amount_than_shown_is_refused(void **state)
{
    (void)state;
    static const int64_t asked[] = {1, 12801, 128000, MONEY_FIELD_MAX};
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        struct payment sale = rig_payment(&t, PAYMENT_CARD, 12800);
        uint8_t out[RIG_FRAME], envelope[ENVELOPE_MAX], block[PAYMENT_MESSAGE_ARENA];
        struct arena arena = arena_over(block, sizeof block);
        struct iso8583_message message;
        struct writer sealed = writer_over(envelope, sizeof envelope);
        rig_envelope(&rig, &t, &sale, RIG_PAN, &sealed);
        struct payment_sensitive sensitive = {.envelope = writer_view(&sealed)};
        sale.amount_minor = asked[i];
        assert_ok(payment_request_message(t.profile, &sale, &sensitive, &arena, &message));
        rig_send(&rig, &t, rig_frame(&rig, &t, &message, true, out));
        rig_expect(&rig, &t, 0x0210, "A7");
        assert_int_equal(rig.to_route.count, 0);
        rig_expect_state(&sale, PAYMENT_DECLINED, 1);
    }
}

/* What the card says reaches its issuer, the issuer's answer the card, and a repeat hears the same
 * also from the journal. S75 */
static void chip_data_goes_both_ways(void **state)
{
    (void)state;
    static const uint8_t said[] = {0x82, 2, 0x7C, 0, 0x9F, 0x36, 2, 0, 9};
    static const uint8_t issuer[] = {0x91, 4, 1, 2, '0', '0'};
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_payment(&t, PAYMENT_CARD, 100), mine = sale;
    uint8_t out[RIG_FRAME];
    sale.entry = PAYMENT_ENTRY_CHIP;
    memcpy(sale.card_sequence, "001", 4);
    assert_ok(payment_chip_take(BYTES_OF(said), &sale.chip));
    rig_send(&rig, &t, rig_sale_frame(&rig, &t, &sale, RIG_PAN, out));
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    assert_true(bytes_equal(payment_chip_view(&asked.chip), BYTES_OF(said)));
    assert_string_equal(asked.card_sequence, "001");
    assert_ok(payment_chip_take(BYTES_OF(issuer), &asked.chip_answer));
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00");

    struct iso8583_message m;
    for (int again = 0; again < 2; again++) {
        rig_answer_to(&rig, &t, &m);
        assert_ok(payment_apply_response(&m, 0x0210, &mine));
        assert_true(bytes_equal(payment_chip_view(&mine.chip_answer), BYTES_OF(issuer)));
        assert_true(bytes_equal(iso8583_get(&m, 55), BYTES_OF(issuer)));
        rig_took(&rig.to_terminal);
        if (again == 1) break;
        rig_restart(&rig);
        assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
        rig_send(&rig, &t, rig_sale_frame(&rig, &t, &sale, RIG_PAN, out));
    }
    rig_expect_state(&sale, PAYMENT_APPROVED, 2);
}

static void card_is_declined(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CARD, 100);
    rig_issuer(&rig, "51");
    rig_expect(&rig, &t, 0x0210, "51");
    rig_expect_state(&sale, PAYMENT_DECLINED, 2);
}

/* The issuer does not believe the card: on record, beside the row of the journal. */
static void a_suspicion_is_on_record(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CARD, 100);
    rig_issuer(&rig, "59");
    rig_expect(&rig, &t, 0x0210, "59");
    rig_expect_state(&sale, PAYMENT_DECLINED, 2);
    assert_int_equal(rig_audited("fraud_suspected"), 1);
}

/* A foreign terminal with the plain profile: TDES keys, ECB MAC, card number in field 2. */
static void plain_profile_pays(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_CUP);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CARD, 4200);
    rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    rig_expect_state(&sale, PAYMENT_APPROVED, 2);
    assert_false(rig_logged(&rig, RIG_PAN));
}

static void code_goes_to_the_wallet(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    rig_sell(&rig, &t, PAYMENT_CODE, 900);
    assert_int_equal(rig_issuer(&rig, "00").route, PAYMENT_ROUTE_WALLET);
    rig_expect(&rig, &t, 0x0210, "00");
}

/* S87: a repeat gets the same bytes, and the network hears nothing of it. */
static void repeat_gets_the_same_bytes(void **state)
{
    (void)state;
    static struct rig_item first;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CARD, 100);
    rig_issuer(&rig, "00");
    first = rig.to_terminal.item[0];
    rig_took(&rig.to_terminal);
    rig_pass(&rig, 90000);
    for (int again = 0; again < 3; again++) {
        if (again == 2) { /* also after a restart, from the journal */
            rig_restart(&rig);
            assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
        }
        rig_again(&rig, &t, &sale);
        assert_int_equal(rig.to_terminal.count, 1);
        assert_int_equal(rig.to_terminal.item[0].len, first.len);
        assert_memory_equal(rig.to_terminal.item[0].at, first.at, first.len);
        rig_took(&rig.to_terminal);
        assert_int_equal(rig.to_route.count, 0);
    }
    rig_expect_state(&sale, PAYMENT_APPROVED, 2);
}

static void repeat_while_under_way_waits(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CODE, 100);
    rig_again(&rig, &t, &sale);
    rig_again(&rig, &t, &sale);
    assert_int_equal(rig.to_route.count, 1);
    assert_int_equal(rig.to_terminal.count, 0);
    rig_issuer(&rig, "00");
    assert_int_equal(rig.to_terminal.count, 3);
    for (int i = 0; i < 3; i++) rig_expect(&rig, &t, 0x0210, "00");
    rig_expect_state(&sale, PAYMENT_APPROVED, 2);
}

/* The connection broke, the terminal is back on another one and asks again. */
static void repeat_on_a_new_connection_is_answered_there(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CODE, 100);
    assert_ok(acquirer_session_closed(rig.a, t.session));
    t.session = 9000;
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    rig_again(&rig, &t, &sale);
    rig_issuer(&rig, "00");
    assert_int_equal(rig.to_terminal.count, 1);
    rig_expect(&rig, &t, 0x0210, "00");
}

static void same_key_with_other_content_is_refused(void **state)
{
    (void)state;
    uint8_t out[RIG_FRAME];
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CARD, 100);
    rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    struct payment altered = sale;
    altered.amount_minor = 101;
    rig_again(&rig, &t, &altered);
    rig_expect(&rig, &t, 0x0210, "94");
    /* Another card under the same key. */
    rig_send(&rig, &t, rig_sale_frame(&rig, &t, &sale, "6217001234567890124", out));
    rig_expect(&rig, &t, 0x0210, "94");
    assert_int_equal(rig.to_route.count, 0);
    assert_int_equal(rig_audited("key_reused"), 2);
    rig_expect_state(&sale, PAYMENT_APPROVED, 2);
}

/* S63: whichever bit of a request is turned, it is not accepted. */
static void no_turned_bit_is_accepted(void **state)
{
    (void)state;
    uint8_t out[RIG_FRAME], turned[RIG_FRAME];
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = rig_payment(&t, PAYMENT_CODE, 12800);
    struct bytes frame = rig_sale_frame(&rig, &t, &p, RIG_PAN, out);
    for (size_t bit = 8 * ISO8583_FRAME_HEADER_SIZE; bit < 8 * frame.len; bit++) {
        memcpy(turned, frame.at, frame.len);
        turned[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_ok(acquirer_on_terminal(rig.a, t.session, bytes_of(turned, frame.len)));
        rig_settle(&rig);
        assert_int_equal(rig.to_route.count, 0);
        /* Three bad MACs cost the keys, eight malformed frames the connection: as before. */
        if (bit % 2 == 1) {
            assert_ok(acquirer_session_closed(rig.a, t.session));
            assert_ok(acquirer_session_opened(rig.a, ++t.session, bytes_text(t.tid)));
            rig.to_terminal.count = 0;
            rig_sign_in(&rig, &t);
            frame = rig_sale_frame(&rig, &t, &p, RIG_PAN, out);
        }
        rig.to_terminal.count = rig.closed.count = 0;
    }
    size_t rows;
    assert_int_equal(rig_state(&p.key, &rows), PAYMENT_NONE);
    rig_send(&rig, &t, frame);
    assert_int_equal(rig.to_route.count, 1); /* the right one is */
}

static void three_bad_macs_force_a_sign_in(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    uint8_t out[RIG_FRAME], spoilt[RIG_FRAME];
    struct payment p = rig_payment(&t, PAYMENT_CODE, 100);
    struct bytes frame = rig_sale_frame(&rig, &t, &p, RIG_PAN, out);
    memcpy(spoilt, frame.at, frame.len);
    spoilt[frame.len - 1] ^= 1;
    for (int i = 0; i < 2; i++) {
        rig_send(&rig, &t, bytes_of(spoilt, frame.len));
        rig_expect(&rig, &t, 0x0210, "A0");
    }
    rig_send(&rig, &t, bytes_of(spoilt, frame.len));
    rig_expect(&rig, &t, 0x0210, "A0");
    rig_send(&rig, &t, frame); /* right, but the keys are gone */
    struct iso8583_frame_header header;
    struct bytes rest;
    assert_ok(iso8583_frame_split(bytes_of(rig.to_terminal.item[0].at, rig.to_terminal.item[0].len),
                                  &header, &rest));
    assert_int_equal(iso8583_frame_request(&header), ISO8583_REQUEST_SIGN_IN);
    rig_expect(&rig, &t, 0x0210, "77");
    assert_int_equal(rig_audited("mac_failed"), 3);
    assert_int_equal(rig_audited("keys_dropped"), 1);
    rig_restart(&rig); /* and stay gone */
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    rig_send(&rig, &t, frame);
    rig_expect(&rig, &t, 0x0210, "77");
    rig_sign_in(&rig, &t);
    rig_again(&rig, &t, &p);
    assert_int_equal(rig.to_route.count, 1);
}

static void message_without_mac_is_refused(void **state)
{
    (void)state;
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = rig_payment(&t, PAYMENT_CODE, 100);
    struct payment_sensitive sensitive = {.payment_code = BYTES(RIG_CODE)};
    struct iso8583_message m;
    assert_ok(payment_request_message(t.profile, &p, &sensitive, &arena, &m));
    iso8583_unset(&m, 64);
    rig_send(&rig, &t, rig_frame(&rig, &t, &m, false, out));
    rig_expect(&rig, &t, 0x0210, "A0");
    assert_int_equal(rig_audited("mac_failed"), 1);
}

/* S60: our own profile has no place for a card number in clear. */
static void clear_card_data_is_refused(void **state)
{
    (void)state;
    uint8_t out[RIG_FRAME];
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct rig_terminal plain = t;
    plain.profile = PAYMENT_PROFILE_CUP; /* speaks the plain dialect under our identity */
    struct payment p = rig_payment(&t, PAYMENT_CARD, 100);
    uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct payment_sensitive sensitive = {.pan = BYTES(RIG_PAN), .expiry = BYTES("3012")};
    struct iso8583_message m;
    assert_ok(payment_request_message(plain.profile, &p, &sensitive, &arena, &m));
    rig_send(&rig, &t, rig_frame(&rig, &plain, &m, false, out));
    rig_expect(&rig, &t, 0x0210, "30");
    assert_int_equal(rig_audited("card_data_in_clear"), 1);
    assert_false(rig_logged(&rig, RIG_PAN));
}

static void wrong_batch_says_sign_in(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    t.batch++;
    rig_sell(&rig, &t, PAYMENT_CODE, 100);
    rig_expect(&rig, &t, 0x0210, "77");
    assert_int_equal(rig.to_route.count, 0);
}

static void before_sign_in_nothing_is_taken(void **state)
{
    (void)state;
    struct rig_terminal t = rig_connect(&rig, RIG_TID, PAYMENT_PROFILE_TONGBAO);
    struct rig_terminal other = rig_terminal(&rig, RIG_CUP);
    memcpy(t.mac_block, other.mac_block, other.mac_block_len);
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct payment p = rig_payment(&t, PAYMENT_CODE, 100);
    struct payment_sensitive sensitive = {.payment_code = BYTES(RIG_CODE)};
    struct iso8583_message m;
    assert_ok(payment_request_message(t.profile, &p, &sensitive, &arena, &m));
    rig_send(&rig, &t, rig_frame(&rig, &t, &m, false, out));
    rig_expect(&rig, &t, 0x0210, "77");
}

static void route_down_is_said_and_recorded(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    assert_ok(acquirer_on_route_state(rig.a, PAYMENT_ROUTE_WALLET, false));
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CODE, 100);
    rig_expect(&rig, &t, 0x0210, "91");
    rig_expect_state(&sale, PAYMENT_DECLINED, 1);
    assert_ok(acquirer_on_route_state(rig.a, PAYMENT_ROUTE_WALLET, true));
    rig_again(&rig, &t, &sale); /* a late copy is not approved behind the terminal's back */
    rig_expect(&rig, &t, 0x0210, "91");
    assert_int_equal(rig.to_route.count, 0);
}

static void suspended_merchant_is_refused(void **state)
{
    (void)state;
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    assert_ok(
        registry_set_merchant_status(rig.registry, &actor, BYTES(RIG_MID), REGISTRY_SUSPENDED));
    rig_pass(&rig, 1100); /* the registry is looked at every second */
    rig_sell(&rig, &t, PAYMENT_CODE, 100);
    rig_expect(&rig, &t, 0x0210, "03");
    assert_ok(registry_set_merchant_status(rig.registry, &actor, BYTES(RIG_MID), REGISTRY_ACTIVE));
    rig_pass(&rig, 1100);
    rig_sell(&rig, &t, PAYMENT_CODE, 100);
    rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
}

/* A forged answer of the network changes nothing; the true one does. */
static void forged_answer_is_ignored(void **state)
{
    (void)state;
    uint8_t out[RIG_FRAME], forged[RIG_FRAME];
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = rig_sell(&rig, &t, PAYMENT_CODE, 100);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    struct bytes frame = rig_answer_frame(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00", out);
    memcpy(forged, frame.at, frame.len);
    forged[frame.len - 1] = forged[frame.len - 1] == '0' ? '1' : '0';
    assert_ok(acquirer_on_route(rig.a, asked.route, bytes_of(forged, frame.len)));
    rig_settle(&rig);
    assert_int_equal(rig.to_terminal.count, 0);
    rig_expect_state(&sale, PAYMENT_PENDING, 1);
    assert_int_equal(rig_audited("network_mac_failed"), 1);
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "51");
    rig_expect(&rig, &t, 0x0210, "51");
}

/* Many at once: one commit for all of them. */
static void a_group_is_one_commit(void **state)
{
    (void)state;
    enum { MANY = 20 };
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    uint8_t out[RIG_FRAME];
    rig.hsm_holds = true;
    for (int i = 0; i < MANY; i++) {
        struct payment p = rig_payment(&t, PAYMENT_CODE, 100 + i);
        assert_ok(acquirer_on_terminal(rig.a, t.session, rig_sale_frame(&rig, &t, &p, "", out)));
    }
    rig_settle(&rig);
    uint64_t before = acquirer_counts(rig.a).commits;
    rig.hsm_holds = false;
    rig_settle(&rig);
    assert_int_equal(acquirer_counts(rig.a).commits - before, 1);
    assert_int_equal(rig.to_route.count, MANY);
    for (int i = 0; i < MANY; i++) rig_issuer(&rig, "00");
    assert_int_equal(acquirer_counts(rig.a).approved, MANY);
}

/* The memory is small and the batch is long: what was forgotten is found in the journal, and is
 * never taken for new. S87 */
static void forgotten_payment_is_recalled(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment first[2] = {0};
    for (int i = 0; i < 600; i++) { /* more than limits.recent */
        struct payment sale = rig_sell(&rig, &t, PAYMENT_CODE, 100);
        if (i < 2) first[i] = sale;
        rig_issuer(&rig, "00");
        rig_expect(&rig, &t, 0x0210, "00");
    }
    for (int restarted = 0; restarted < 2; restarted++) {
        rig_again(&rig, &t, &first[0]);
        rig_expect(&rig, &t, 0x0210, "00");
        assert_int_equal(rig.to_route.count, 0);
        rig_restart(&rig);
        assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    }
    rig_reverse(&rig, &t, &first[1]);
    rig_expect(&rig, &t, 0x0410, "00");
    rig_pass(&rig, 100);
    rig_undo(&rig, "00");
    struct payment never = first[1];
    never.key.stan = 1; /* that was the sign-in's */
    rig_reverse(&rig, &t, &never);
    rig_expect(&rig, &t, 0x0410, "25");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(card_is_approved),
        CASE(another_amount_than_shown_is_refused),
        CASE(chip_data_goes_both_ways),
        CASE(card_is_declined),
        CASE(a_suspicion_is_on_record),
        CASE(plain_profile_pays),
        CASE(code_goes_to_the_wallet),
        CASE(repeat_gets_the_same_bytes),
        CASE(repeat_while_under_way_waits),
        CASE(repeat_on_a_new_connection_is_answered_there),
        CASE(same_key_with_other_content_is_refused),
        CASE(no_turned_bit_is_accepted),
        CASE(three_bad_macs_force_a_sign_in),
        CASE(message_without_mac_is_refused),
        CASE(clear_card_data_is_refused),
        CASE(wrong_batch_says_sign_in),
        CASE(before_sign_in_nothing_is_taken),
        CASE(route_down_is_said_and_recorded),
        CASE(suspended_merchant_is_refused),
        CASE(forged_answer_is_ignored),
        CASE(a_group_is_one_commit),
        CASE(forgotten_payment_is_recalled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
