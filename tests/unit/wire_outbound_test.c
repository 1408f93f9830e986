/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mail and SMS over real sockets, by the real curl, to the simulators' servers in this loop (S185):
 * what is taken, what is not, what each fault is called, and that the loop never waits.
 */
#include "tests/unit/outbound_rig.h"

/* ---- the simulators' servers ---- */

static void a_message_arrives_whole(void **state)
{
    (void)state;
    const struct mail_relay relay = own_relay();
    ends(mail_to(&relay), OUTBOUND_TAKEN, "OK");
    assert_string_equal(newest()->contact, "owner@shop.example");
    assert_string_equal(newest()->subject, "重置");
    assert_string_equal(newest()->text, "打开\n.\n链接");
    struct heard heard = sms_to(own_url(), NULL, &key);
    ends(heard, OUTBOUND_TAKEN, "OK");
    assert_int_equal(heard.result.cost_fen, SMS_GATEWAY_PRICE_FEN);
    assert_string_equal(newest()->contact, "+8613800138000");
    assert_string_equal(newest()->text, "验证码 482913");
    assert_int_equal(outbound_room(outbound), 2);
}

static void each_fault_has_its_name(void **state)
{
    (void)state;
    const struct mail_relay relay = own_relay();
    const struct {
        enum mailbox_kind kind;
        enum fault fault;
        enum outbound_outcome outcome;
        const char *reason;
        int reply;
    } rows[] = {
        {MAILBOX_MAIL, FAULT_DOWN, OUTBOUND_LATER, "CLOSED", 0},
        {MAILBOX_MAIL, FAULT_TEMPORARY, OUTBOUND_LATER, "DENIED", 451},
        {MAILBOX_MAIL, FAULT_REFUSED, OUTBOUND_REFUSED, "DENIED", 550},
        {MAILBOX_MAIL, FAULT_BROKEN, OUTBOUND_REFUSED, "DENIED", 554},
        {MAILBOX_SMS, FAULT_DOWN, OUTBOUND_LATER, "IO", 503},
        {MAILBOX_SMS, FAULT_TEMPORARY, OUTBOUND_LATER, "BUSY", 200},
        {MAILBOX_SMS, FAULT_REFUSED, OUTBOUND_REFUSED, "DENIED", 200},
        {MAILBOX_SMS, FAULT_BROKEN, OUTBOUND_LATER, "IO", 500},
        {MAILBOX_SMS, FAULT_WRONG, OUTBOUND_LATER, "FORMAT", 200},
        {MAILBOX_SMS, FAULT_DOUBLED, OUTBOUND_LATER, "FORMAT", 200},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        channels_plan(channels, rows[i].kind, (struct fault_plan){rows[i].fault, 1, 0});
        struct heard heard =
            rows[i].kind == MAILBOX_MAIL ? mail_to(&relay) : sms_to(own_url(), NULL, &key);
        if (heard.result.outcome != rows[i].outcome || heard.result.reply != rows[i].reply)
            fail_msg("fault %s of %s: outcome %d, reply %d, %s", fault_names[rows[i].fault],
                     rows[i].kind == MAILBOX_MAIL ? "mail" : "sms", heard.result.outcome,
                     heard.result.reply, err_name(heard.result.reason));
        assert_string_equal(err_name(heard.result.reason), rows[i].reason);
    }
    struct sms_key wrong = key;
    wrong.signing[0] ^= 1;
    ends(sms_to(own_url(), NULL, &wrong), OUTBOUND_LATER, "DENIED");
}

static void nobody_there_is_refused_and_comes_again(void **state)
{
    (void)state;
    int fd;
    uint16_t port;
    assert_ok(socket_listen_tcp("127.0.0.1", 0, &fd, &port));
    close(fd); /* nobody listens there now */
    struct mail_relay relay = own_relay();
    relay.port = port;
    ends(mail_to(&relay), OUTBOUND_LATER, "REFUSED");
    char url[80];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/v1/messages", port);
    ends(sms_to(url, NULL, &key), OUTBOUND_LATER, "REFUSED");
}

static void on_tick(void *context)
{
    struct {
        struct loop_timer timer;
        unsigned ticks;
    } *tick = context;
    tick->ticks++;
    assert_ok(loop_timer_set(loop, &tick->timer, 10));
}

/* The server is in the same loop: were it to wait for its own answer, this would never end well. */
static void a_slow_mail_server_does_not_stop_the_loop(void **state)
{
    (void)state;
    struct {
        struct loop_timer timer;
        unsigned ticks;
    } tick = {{.run = on_tick, .context = &tick}, 0};
    channels_plan(channels, MAILBOX_MAIL, (struct fault_plan){FAULT_SLOW, 1, 600});
    assert_ok(loop_timer_set(loop, &tick.timer, 10));
    const struct mail_relay relay = own_relay();
    ends(mail_to(&relay), OUTBOUND_TAKEN, "OK");
    loop_timer_cancel(loop, &tick.timer);
    assert_true(tick.ticks >= 10);
}

static void no_answer_in_time_is_later(void **state)
{
    (void)state;
    int64_t before = channels_mailbox(channels)->count;
    channels_plan(channels, MAILBOX_MAIL, (struct fault_plan){FAULT_SLOW, 1, 20000});
    struct mail_relay relay = own_relay();
    relay.timeout_ms = 300;
    ends(mail_to(&relay), OUTBOUND_LATER, "TIMEOUT");
    assert_int_equal(channels_mailbox(channels)->count, before + 1); /* nobody knew */
}

/* A gateway that answers late has sent it: the same id again is answered and sends nothing. */
static void a_late_gateway_is_asked_again_and_sends_once(void **state)
{
    (void)state;
    int64_t before = channels_mailbox(channels)->count;
    const struct sms_provider provider = {
        .url = own_url(), .key = &key, .clock = clock_system(), .timeout_ms = 300};
    const struct sms_message message = {"late", "+8613800138000", BYTES("once")};
    struct heard heard[2] = {{0}};
    channels_plan(channels, MAILBOX_SMS, (struct fault_plan){FAULT_SLOW, 1, 20000});
    for (int i = 0; i < 2; i++) {
        assert_ok(sms_send(outbound, &provider, &message, on_done, &heard[i]));
        for (int k = 0; heard[i].count == 0 && k < TURNS_MAX; k++)
            assert_ok(loop_once(loop, TURN_MS));
    }
    ends(heard[0], OUTBOUND_LATER, "TIMEOUT");
    ends(heard[1], OUTBOUND_TAKEN, "OK");
    assert_int_equal(heard[1].result.cost_fen, SMS_GATEWAY_PRICE_FEN);
    assert_int_equal(channels_mailbox(channels)->count, before + 1);

    /* One that is only slow is waited for, and the loop goes on. */
    channels_plan(channels, MAILBOX_SMS, (struct fault_plan){FAULT_SLOW, 1, 300});
    ends(sms_to(own_url(), NULL, &key), OUTBOUND_TAKEN, "OK");
}

static void what_is_configured_wrongly_sends_nothing(void **state)
{
    (void)state;
    struct heard heard = {0};
    int64_t before = channels_mailbox(channels)->count;
    const struct {
        struct mail_relay relay;
        const char *error;
    } relays[] = {
        {{.host = "mail.example", .port = 25}, "CONFIG"}, /* plain, and not here */
        {{.host = "127.0.0.1.example", .port = 25}, "CONFIG"},
        {{.host = "", .port = 25}, "CONFIG"},
        {{.host = "127.0.0.1/x", .port = 25}, "CONFIG"},
        {{.host = "127.0.0.1", .port = 0}, "CONFIG"},
        {{.host = "127.0.0.1", .port = 25, .user = "u"}, "CONFIG"},
        {{.host = "127.0.0.1", .port = 25, .user = "u", .password_file = "/nowhere"}, "NOT_FOUND"},
    };
    for (size_t i = 0; i < ARRAY_LEN(relays); i++)
        assert_string_equal(
            err_name(mail_send(outbound, &relays[i].relay, &letter, on_done, &heard)),
            relays[i].error);
    static const char *const urls[] = {"http://sms.example/",
                                       "ftp://127.0.0.1/",
                                       "http://127.0.0.1@evil.test/",
                                       "http://127.0.0.1.evil.test/",
                                       "http://localhost\\@evil/",
                                       "https://",
                                       "https://a\r\nb",
                                       "",
                                       "http://[::1"};
    const struct sms_message message = {ID, "+8613800138000", BYTES("x")};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        const struct sms_provider provider = {.url = urls[i], .key = &key, .clock = clock_system()};
        assert_err(sms_send(outbound, &provider, &message, on_done, &heard), CONFIG);
    }
    struct mail_message injected = letter;
    injected.to = "a@b.example>\r\nRCPT TO:<c@d.example";
    const struct mail_relay relay = own_relay();
    assert_err(mail_send(outbound, &relay, &injected, on_done, &heard), FORMAT);
    assert_int_equal(outbound_room(outbound), 2);
    assert_int_equal(heard.count, 0);
    assert_int_equal(channels_mailbox(channels)->count, before);
}

static void more_than_there_are_threads_for_is_full(void **state)
{
    (void)state;
    struct heard heard[3] = {{0}};
    const struct mail_relay relay = own_relay();
    assert_ok(mail_send(outbound, &relay, &letter, on_done, &heard[0]));
    assert_ok(mail_send(outbound, &relay, &letter, on_done, &heard[1]));
    assert_err(mail_send(outbound, &relay, &letter, on_done, &heard[2]), FULL);
    await(&heard[0]);
    await(&heard[1]);
    assert_int_equal(heard[2].count, 0);
}

static void an_end_does_not_wait_for_a_server(void **state)
{
    (void)state;
    struct outbound *own = NULL;
    struct heard heard = {0};
    struct clock clock = clock_system();
    assert_ok(outbound_create(&(struct outbound_options){loop, 1}, &own));
    channels_plan(channels, MAILBOX_MAIL, (struct fault_plan){FAULT_SLOW, 1, 30000});
    struct mail_relay relay = own_relay();
    int64_t before = channels_mailbox(channels)->count;
    assert_ok(mail_send(own, &relay, &letter, on_done, &heard));
    for (int i = 0; channels_mailbox(channels)->count == before && i < TURNS_MAX; i++)
        assert_ok(loop_once(loop, TURN_MS));
    int64_t began_us = clock_monotonic_us(&clock);
    outbound_destroy(own);
    assert_true(clock_monotonic_us(&clock) - began_us < 10000000);
    assert_int_equal(heard.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_arrives_whole),
        cmocka_unit_test(each_fault_has_its_name),
        cmocka_unit_test(nobody_there_is_refused_and_comes_again),
        cmocka_unit_test(a_slow_mail_server_does_not_stop_the_loop),
        cmocka_unit_test(no_answer_in_time_is_later),
        cmocka_unit_test(a_late_gateway_is_asked_again_and_sends_once),
        cmocka_unit_test(what_is_configured_wrongly_sends_nothing),
        cmocka_unit_test(more_than_there_are_threads_for_is_full),
        cmocka_unit_test(an_end_does_not_wait_for_a_server),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
