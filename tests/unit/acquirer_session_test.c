/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who talks to the host: unknown and wrong identities, two devices with one, sign-in and sign-out,
 * batches, malformed bytes. Capabilities: S60 S62.
 */
#include "registry/replacement.h"
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

/* A management message without keys. */
static void manage(struct rig_terminal *t, const char *tid, const char *code)
{
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct payment_sign_in in = {.mid = RIG_MID, .operator_id = "01", .stan = ++t->stan};
    memcpy(in.tid, tid, 9);
    memcpy(in.code, code, 4);
    in.batch = t->batch;
    assert_ok(payment_sign_in_request(t->profile, &in, &arena, &m));
    rig_send(&rig, t, rig_frame(&rig, t, &m, false, out));
}

static void unknown_terminal_gets_97(void **state)
{
    (void)state;
    struct rig_terminal t = rig_connect(&rig, "10009999", PAYMENT_PROFILE_TONGBAO);
    manage(&t, t.tid, "006");
    rig_expect(&rig, &t, 0x0810, "97");
    assert_int_equal(rig_audited("unknown_terminal"), 1);
}

static void a_certificate_without_terminal_id_is_closed(void **state)
{
    (void)state;
    assert_ok(acquirer_session_opened(rig.a, 5, BYTES("somebody else")));
    rig_settle(&rig);
    assert_int_equal(rig.closed.count, 1);
    assert_int_equal(rig.closed.item[0].target, 5);
}

/* The certificate says one terminal, the message another. */
static void borrowed_terminal_id_is_refused(void **state)
{
    (void)state;
    struct rig_terminal t = rig_connect(&rig, RIG_TID, PAYMENT_PROFILE_TONGBAO);
    manage(&t, RIG_CUP, "006");
    rig_expect(&rig, &t, 0x0810, "97");
    assert_int_equal(rig_audited("wrong_identity"), 1);
}

/* S124: a device whose place another one has is refused by its key, on the connection that it has
 * and on every new one; its successor's connection stands, and batch and STAN go on. */
static void a_replaced_device_is_closed_by_its_key(void **state)
{
    (void)state;
    static const uint8_t old_key[32] = {1}, new_key[32] = {2};
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    struct registry_terminal row;
    assert_ok(registry_find_terminal(rig.registry, BYTES(RIG_TID), &row));
    assert_ok(registry_set_terminal_keys(
        rig.registry, &actor, BYTES(RIG_TID),
        BYTES("0100000000000000000000000000000000000000000000000000000000000000"),
        bytes_text(row.master_block), BYTES("")));
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    assert_ok(acquirer_session_closed(rig.a, t.session));
    assert_ok(acquirer_session_opened_by(rig.a, t.session, BYTES(RIG_TID), old_key));
    rig_sell(&rig, &t, PAYMENT_CARD, 100);
    rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    uint32_t batch = t.batch;
    assert_int_equal(rig.closed.count, 0);

    assert_ok(registry_replace_terminal(rig.registry, &actor, BYTES(RIG_TID),
                                        bytes_text(row.serial), BYTES("SN-SPARE"), BYTES("TB-1")));
    assert_ok(acquirer_tick(rig.a));
    manage(&t, t.tid, "301"); /* an echo, on the connection that stood */
    rig_settle(&rig);
    assert_int_equal(rig.closed.count, 1);
    assert_ok(acquirer_session_opened_by(rig.a, 70, BYTES(RIG_TID), new_key));
    assert_ok(acquirer_session_opened_by(rig.a, 71, BYTES(RIG_TID), old_key));
    rig_settle(&rig);
    assert_int_equal(rig.closed.count, 2);
    assert_int_equal(rig.closed.item[1].target, 71);
    assert_int_equal(rig_audited("wrong_certificate"), 2);
    assert_int_equal(rig_audited("identity_replaced"), 0); /* it has taken nothing away */

    /* The spare is activated, comes restored, and is in the same batch. */
    assert_ok(registry_set_terminal_keys(
        rig.registry, &actor, BYTES(RIG_TID),
        BYTES("0200000000000000000000000000000000000000000000000000000000000000"),
        bytes_text(row.master_block), BYTES("")));
    t.session = 70;
    rig_sign_in(&rig, &t);
    assert_int_equal(t.batch, batch);
}

/* S62: two terminals have different keys, and a new sign-in makes the old ones useless. */
static void each_sign_in_has_its_own_keys(void **state)
{
    (void)state;
    uint8_t out[RIG_FRAME];
    struct rig_terminal t = rig_terminal(&rig, RIG_TID), old = t;
    struct rig_terminal other = rig_terminal(&rig, RIG_CUP);
    assert_memory_not_equal(t.keys.mac.value.at, other.keys.mac.value.at, 16);
    rig_sign_in(&rig, &t);
    assert_memory_not_equal(t.keys.mac.value.at, old.keys.mac.value.at, 16);
    struct payment p = rig_payment(&old, PAYMENT_CODE, 100);
    p.key.stan = 50;
    rig_send(&rig, &t, rig_sale_frame(&rig, &old, &p, "", out)); /* replay under the old key */
    struct iso8583_message m;
    rig_answer_to(&rig, &t, &m);
    assert_memory_equal(iso8583_get(&m, 39).at, "A0", 2);
    assert_int_equal(rig.to_route.count, 0);
    assert_int_equal(rig_audited("sign_in"), 3);
}

static void sign_in_survives_a_restart(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    rig_sell(&rig, &t, PAYMENT_CARD, 100);
    rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
}

static void sign_out_takes_the_keys(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    manage(&t, t.tid, "002");
    rig_expect(&rig, &t, 0x0830, "00");
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    uint8_t out[RIG_FRAME];
    struct payment p = rig_payment(&t, PAYMENT_CODE, 100);
    rig_send(&rig, &t, rig_sale_frame(&rig, &t, &p, "", out));
    rig_expect(&rig, &t, 0x0210, "77");
}

static void echo_is_answered(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    manage(&t, t.tid, "301");
    rig_expect(&rig, &t, 0x0830, "00");
}

/* The batch goes on with a terminal that goes on, and changes for one that has lost its place. */
static void batch_follows_the_terminal(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    assert_int_equal(t.batch, 1);
    rig_sell(&rig, &t, PAYMENT_CODE, 100);
    rig_issuer(&rig, "00");
    rig.to_terminal.count = 0;
    rig_sign_in(&rig, &t);
    assert_int_equal(t.batch, 1);
    t.stan = 0; /* a fresh device under the same identity begins again at 1 (F-04) */
    rig_sign_in(&rig, &t);
    assert_int_equal(t.batch, 2);
    rig_sign_in(&rig, &t); /* nothing was sold in it: no new one */
    assert_int_equal(t.batch, 2);
    rig_sell(&rig, &t, PAYMENT_CODE, 100); /* STAN 3 again, in another batch: a new payment */
    rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    rig_sign_in(&rig, &t);
    assert_int_equal(t.batch, 2);
}

static void newer_connection_replaces_the_older(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    uint32_t older = t.session;
    t.session = 7001;
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    rig_settle(&rig);
    assert_int_equal(rig.closed.count, 1);
    assert_int_equal(rig.closed.item[0].target, older);
    assert_int_equal(rig_audited("identity_replaced"), 1);
    rig_sell(&rig, &t, PAYMENT_CODE, 100); /* its keys are still good */
    rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
}

static void two_devices_with_one_identity_are_noticed(void **state)
{
    (void)state;
    uint8_t out[RIG_FRAME];
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    for (uint32_t i = 0; i < 3; i++) {
        rig_pass(&rig, 5000);
        t.session = 7000 + i;
        assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    }
    rig_settle(&rig);
    assert_int_equal(rig_audited("identity_contested"), 1);
    struct payment p = rig_payment(&t, PAYMENT_CODE, 100);
    rig_send(&rig, &t, rig_sale_frame(&rig, &t, &p, "", out));
    rig_expect(&rig, &t, 0x0210, "77"); /* whoever it is must sign in again */
}

/* Slowly, it is a bad line and no alarm. */
static void a_bad_line_is_no_alarm(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    for (uint32_t i = 0; i < 6; i++) {
        rig_pass(&rig, 40000);
        t.session = 7000 + i;
        assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    }
    rig_settle(&rig);
    assert_int_equal(rig_audited("identity_contested"), 0);
}

/* Truncated and random bytes: no crash, no payment, and soon no connection. */
static void malformed_bytes_are_survived(void **state)
{
    (void)state;
    uint8_t out[RIG_FRAME], bytes[300];
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = rig_payment(&t, PAYMENT_CARD, 100);
    struct bytes frame = rig_sale_frame(&rig, &t, &p, RIG_PAN, out);
    for (size_t len = 0; len < frame.len; len++) {
        assert_ok(acquirer_session_opened(rig.a, 8000, bytes_text(t.tid)));
        assert_ok(acquirer_on_terminal(rig.a, 8000, bytes_of(out, len)));
        rig_settle(&rig);
        assert_ok(acquirer_session_closed(rig.a, 8000));
        rig.to_terminal.count = rig.closed.count = 0;
    }
    struct random random = random_from_seed(&rig.seed);
    for (int i = 0; i < 3000; i++) {
        size_t len = random_below(&random, sizeof bytes);
        random_fill(&random, bytes, len);
        if (len > 13 && i % 2 == 0) memcpy(bytes, out, 13); /* as far as the MTI it is right */
        assert_ok(acquirer_session_opened(rig.a, 8000, bytes_text(t.tid)));
        assert_ok(acquirer_on_terminal(rig.a, 8000, bytes_of(bytes, len)));
        assert_ok(acquirer_on_route(rig.a, PAYMENT_ROUTE_WALLET, bytes_of(bytes, len)));
        rig_settle(&rig);
        assert_ok(acquirer_session_closed(rig.a, 8000));
        rig.to_terminal.count = rig.closed.count = 0;
    }
    assert_int_equal(rig.to_route.count, 0);
    assert_true(acquirer_counts(rig.a).malformed > 1000);
    assert_in_range(rig_audited("malformed"), 1, 25); /* counted, not written one by one */
    rig_pass(&rig, 61000);
    assert_ok(acquirer_session_opened(rig.a, 8000, bytes_text(t.tid)));
    for (int i = 0; i < 8; i++) assert_ok(acquirer_on_terminal(rig.a, 8000, BYTES("nonsense")));
    rig_settle(&rig);
    assert_int_equal(rig.closed.count, 1); /* eight on one connection end it */
}

static void a_flood_is_cut_off(void **state)
{
    (void)state;
    uint8_t out[RIG_FRAME];
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    rig.hsm_holds = true;
    for (int i = 0; i < 80 && rig.closed.count == 0; i++) {
        struct payment p = rig_payment(&t, PAYMENT_CODE, 100);
        assert_ok(acquirer_on_terminal(rig.a, t.session, rig_sale_frame(&rig, &t, &p, "", out)));
        rig_settle(&rig);
    }
    rig.hsm_holds = false;
    rig_settle(&rig);
    /* The rig has 64 tasks: what does not fit is refused, and no payment is lost or doubled. */
    assert_true(acquirer_counts(rig.a).refused > 0 || rig.closed.count == 1);
    while (rig.to_route.count > 0) rig_issuer(&rig, "00");
    assert_true(acquirer_quiet(rig.a));
}

/* S188 */
static void status_is_one_line_of_json(void **state)
{
    (void)state;
    char text[4096];
    struct writer w = writer_over(text, sizeof text);
    acquirer_status(rig.a, &w);
    assert_int_equal(w.fault, ERR_OK);
    assert_int_equal(text[0], '{');
    assert_int_equal(text[w.len - 1], '}');
    assert_null(memchr(text, '\n', w.len));
    assert_non_null(memmem(text, w.len, "\"journal_seq\":0", 15));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(unknown_terminal_gets_97),
        CASE(a_certificate_without_terminal_id_is_closed),
        CASE(borrowed_terminal_id_is_refused),
        CASE(a_replaced_device_is_closed_by_its_key),
        CASE(each_sign_in_has_its_own_keys),
        CASE(sign_in_survives_a_restart),
        CASE(sign_out_takes_the_keys),
        CASE(echo_is_answered),
        CASE(batch_follows_the_terminal),
        CASE(newer_connection_replaces_the_older),
        CASE(two_devices_with_one_identity_are_noticed),
        CASE(a_bad_line_is_no_alarm),
        CASE(malformed_bytes_are_survived),
        CASE(a_flood_is_cut_off),
        CASE(status_is_one_line_of_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
