/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S89: a card approves by itself while the line is cut. It is paid, kept, and told until the host
 * has heard it, over log-outs, restarts and a power cut at every call to the store; limits are
 * named at their edge; nothing else leaves the terminal by that door. S88 S90
 */
#include "tests/unit/terminal_fuse.h"
#include "tests/unit/terminal_rig_offline.h"

static void paid_and_delivered(void **state)
{
    (void)state;
    static const struct vault_chip *const scripts[] = {by_y1, by_y3};
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        struct rig *rig = ready();
        cut(rig);
        GOOD(pay(rig, "digit:1 digit:2 digit:8", scripts[i]));
        AT(rig, "sale.offline");
        assert_int_equal(rig->offline.host_use, VAULT_HOST_AWAY);
        assert_string_equal(rig->chip_said, i == 0 ? "" : "7");
        assert_non_null(rig_line(rig, "OFFLINE_LATER"));
        assert_non_null(rig_line(rig, "OFFLINE_LIABILITY"));
        assert_int_equal(rig->spoken, 1);
        assert_int_equal(rig->printed, 2);
        assert_non_null(strstr(rig->printed_all, "APPROVED OFFLINE"));
        assert_non_null(strstr(rig->printed_all, "TC 0102030405060708 ATC 0007"));
        assert_int_equal(terminal_screen(rig->terminal)->status.unsent, 1);
        struct payment p = stored(rig, 1);
        assert_int_equal(p.state, PAYMENT_OFFLINE);
        assert_string_equal(p.response_code, i == 0 ? "Y1" : "Y3");
        assert_int_equal(rig->sales_seen, 0);

        rig->reachable = true;
        GOOD(rig_advance(rig, 20000)); /* while it is still on the screen */
        AT(rig, "sale.offline");
        assert_non_null(rig_line(rig, "OFFLINE_DELIVERED"));
        assert_int_equal(rig->offline.heard, 1);
        p = stored(rig, 1);
        assert_int_equal(p.state, PAYMENT_APPROVED);
        assert_string_equal(p.response_code, "00");
        assert_string_equal(p.rrn, "042512000345");
        assert_true(payment_offline(&p));
        assert_int_equal(rig->terminal->records.offline, 0);
        assert_int_equal(rig->terminal->records.batch_approved, 1);
        assert_int_equal(rig->terminal->records.batch_minor, 12800);
        int64_t held;
        GOOD(store_query_int(rig->store, "SELECT sum(length(held)) FROM payment", &held));
        assert_int_equal(held, 0); /* nothing of the card is kept longer than it is needed (S64) */
        assert_int_equal(rig->spoken, 1);
        rig_check_books(rig);
        rig_free(rig);
    }
}

/* Silent, deaf, refusing: again until it is heard, over a log-out and a restart, and once only. */
static void told_until_it_is_heard(void **state)
{
    (void)state;
    struct rig *rig = ready();
    cut(rig);
    GOOD(pay(rig, "digit:5 digit:0", by_y1));
    home(rig);
    assert_non_null(rig_line(rig, "MAIN_OFFLINE"));
    rig->offline.deaf = true;
    mend(rig);
    assert_true(rig->offline.seen > 0);
    rig->offline.deaf = false;
    memcpy(rig->offline.code, "30", 3);
    GOOD(rig_advance(rig, 62000));
    assert_int_equal(rig->terminal->records.offline, 1);
    GOOD(rig_keys(rig, "cancel choice:log_out"));
    AT(rig, "login.operator");
    memset(rig->offline.code, 0, 3);
    rig->offline.mute = true;
    GOOD(rig_restart(rig));
    GOOD(rig_advance(rig, 62000));
    assert_int_equal(rig->offline.heard, 1);
    assert_int_equal(rig->terminal->records.offline, 1);
    rig->offline.mute = false;
    GOOD(rig_advance(rig, 62000));
    assert_int_equal(rig->terminal->records.offline, 0);
    assert_true(rig->offline.seen > 3);
    assert_int_equal(rig->offline.heard, 1);
    rig_check_books(rig);
    rig_free(rig);
}

/* 94 is how a host says that it has it. */
static void known_already_is_heard(void **state)
{
    (void)state;
    struct rig *rig = ready();
    cut(rig);
    GOOD(pay(rig, "digit:5 digit:0", by_y1));
    memcpy(rig->offline.code, "94", 3);
    mend(rig);
    assert_int_equal(stored(rig, 1).state, PAYMENT_APPROVED);
    rig_free(rig);
}

/* Who wants to pay does not wait for an advice that is under way; it is told again. */
static void a_sale_goes_first(void **state)
{
    (void)state;
    struct rig *rig = ready();
    cut(rig);
    GOOD(pay(rig, "digit:5 digit:0", by_y1));
    home(rig);
    rig->offline.mute = true;
    rig->reachable = true;
    GOOD(rig_advance(rig, 32000));
    assert_int_equal(rig->terminal->host.task, HOST_ADVICE);
    GOOD(rig_sale(rig));
    AT(rig, "sale.approved");
    rig->offline.mute = false;
    GOOD(rig_advance(rig, 62000));
    assert_int_equal(rig->terminal->records.offline, 0);
    assert_int_equal(rig->offline.heard, 1);
    rig_check_books(rig);
    rig_free(rig);
}

/* The host is not there for this payment, and the screen says which limit is reached. */
static void refused(struct rig *rig, const char *amount, const char *why)
{
    unsigned holds = rig->offline.holds;
    GOOD(pay(rig, amount, by_y3));
    assert_int_equal(rig->offline.host_use, VAULT_HOST_ALWAYS);
    GOOD(rig_advance(rig, 20000));
    AT(rig, "host.unreachable");
    if (rig_line(rig, why) == NULL) fail_msg("%s is not said", why);
    assert_int_equal(rig->offline.holds, holds);
    for (int i = 0; i < 5 && strcmp(rig_id(rig), "main.menu") != 0; i++)
        GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
}

static void each_limit_is_named(void **state)
{
    (void)state;
    struct rig *rig = ready();
    cut(rig);
    GOOD(pay(rig, "digit:2 digit:0 digit:0", by_y1)); /* exactly the limit of one */
    AT(rig, "sale.offline");
    home(rig);
    refused(rig, "digit:2 digit:0 digit:0 point digit:0 digit:1", "OFFLINE_EACH");
    GOOD(pay(rig, "digit:2 digit:0 digit:0", by_y3));
    home(rig);
    refused(rig, "digit:1 digit:0 digit:0 point digit:0 digit:1", "OFFLINE_TOTAL");
    GOOD(pay(rig, "digit:1 digit:0 digit:0", by_y1)); /* exactly the total */
    AT(rig, "sale.offline");
    home(rig);
    refused(rig, "digit:1", "OFFLINE_COUNT");
    mend(rig);
    assert_int_equal(rig->offline.heard, 3);
    cut(rig);
    GOOD(pay(rig, "digit:1", by_y1)); /* there is room again */
    AT(rig, "sale.offline");
    mend(rig);
    rig_check_books(rig);
    rig_free(rig);
}

/* A terminal without such limits has no such payments. */
static void nothing_without_parameters(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    cut(rig);
    GOOD(pay(rig, "digit:1", by_y1)); /* a card that says so unasked */
    assert_int_equal(rig->offline.host_use, VAULT_HOST_ALWAYS);
    AT(rig, "sale.present");
    assert_int_equal(rig_count_rows(rig), 0);
    rig_free(rig);
}

/* Seven days without a host: then no more, by name, and what was taken is delivered whole. */
static void seven_days(void **state)
{
    (void)state;
    const int64_t day_us = INT64_C(86400000000);
    struct rig *rig = ready();
    cut(rig);
    GOOD(pay(rig, "digit:5 digit:0", by_y1));
    rig_off(rig); /* it is put away, and the clock goes on */
    rig->now_us += 7 * day_us - INT64_C(3600000000);
    GOOD(rig_restart(rig));
    GOOD(pay(rig, "digit:6 digit:0", by_y3));
    AT(rig, "sale.offline");
    rig_off(rig);
    rig->now_us += INT64_C(2) * 3600000000;
    GOOD(rig_restart(rig));
    GOOD(rig_key(rig, "choice:sale"));
    AT(rig, "need.sign_in");
    assert_non_null(rig_line(rig, "OFFLINE_DAYS"));
    assert_int_equal(rig->terminal->records.offline, 2); /* nothing is lost */
    GOOD(rig_key(rig, "cancel"));
    mend(rig);
    assert_int_equal(rig->offline.heard, 2);
    assert_int_equal(rig->terminal->records.offline, 0);
    rig_check_books(rig);
    rig_free(rig);
}

/* A payment a day without a host, with a restart or a power cut each night: on the eighth day no
 * more, by name; then the host hears each of them once, and the batch settles equal. */
static void seven_days_and_a_settlement(void **state)
{
    (void)state;
    const int64_t day_us = INT64_C(86400000000);
    struct rig *rig = rig_new();
    rig->offline =
        (struct rig_offline){.count = 10, .each = EACH, .total = 10 * EACH, .days = DAYS};
    rig_make_ready(rig);
    cut(rig);
    rig->reachable = false;
    for (int i = 0; i < DAYS; i++) {
        GOOD(pay(rig, "digit:5 digit:0", i % 2 == 0 ? by_y1 : by_y3));
        AT(rig, "sale.offline");
        if (i % 2 == 0) home(rig);
        rig_off(rig); /* at the main screen, and in the middle of it all */
        rig->now_us += day_us;
        GOOD(rig_restart(rig));
        AT(rig, "main.menu");
        assert_int_equal(rig->terminal->records.offline, i + 1);
        assert_int_equal(rig->terminal->records.offline_minor, (i + 1) * 5000);
    }
    rig->now_us += INT64_C(3600000000);
    GOOD(rig_key(rig, "choice:sale"));
    AT(rig, "need.sign_in");
    assert_non_null(rig_line(rig, "OFFLINE_DAYS"));
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_keys(rig, "choice:manage choice:settle")); /* nor is a batch closed without them */
    AT(rig, "need.delivered");
    GOOD(rig_keys(rig, "cancel cancel"));
    rig->offline.mute = true; /* the first answers are lost */
    mend(rig);
    assert_true(rig->offline.heard >= 1);
    rig->offline.mute = false;
    GOOD(rig_advance(rig, 62000));
    assert_int_equal(rig->offline.heard, DAYS);
    assert_int_equal(rig->terminal->records.offline, 0);
    assert_int_equal(rig->terminal->records.batch_approved, DAYS);
    if (strcmp(rig_id(rig), "main.menu") != 0) GOOD(rig_key(rig, "cancel"));
    GOOD(rig_keys(rig, "choice:manage choice:settle choice:yes"));
    AT(rig, "settle.done");
    assert_non_null(rig_line(rig, "SETTLE_DONE"));
    assert_int_equal(rig->settling.closings, 1);
    assert_int_equal(rig->settling.said.side[PAYMENT_SIDE_DEBIT].count, DAYS);
    assert_int_equal(rig->settling.said.side[PAYMENT_SIDE_DEBIT].minor, DAYS * 5000);
    rig_check_books(rig);
    rig_free(rig);
}

/* The line is there when the card comes and gone when the host is to be asked. */
static void the_line_is_cut_in_between(void **state)
{
    (void)state;
    static const struct vault_chip script[] = {
        {.state = VAULT_CHIP_PIN, CARD, .pin_tries = 255, .pin_offline = 1},
        asks,
        alone_y3,
        alone_y3};
    struct rig *rig = ready();
    GOOD(pay(rig, "digit:5 digit:0", script));
    assert_int_equal(rig->offline.host_use, VAULT_HOST_FIRST);
    AT(rig, "sale.pin");
    cut(rig);
    GOOD(rig_enter(rig, "2468"));
    AT(rig, "sale.offline");
    assert_int_equal(rig->sales_seen, 0);
    mend(rig);
    rig_check_books(rig);
    rig_free(rig);
}

/* S107: what a card has approved is in the shift of who took it, told or not: when the host has
 * heard of it the shift may be closed for long, and no later one would have it. */
static void a_closed_shift_has_what_is_not_told(void **state)
{
    (void)state;
    struct rig *rig = ready();
    int64_t count, minor;
    cut(rig);
    GOOD(pay(rig, "digit:5 digit:0", by_y1));
    home(rig);
    GOOD(rig_keys(rig, "choice:manage choice:shift"));
    assert_string_equal(rig_line(rig, "SHIFT_TOTAL"), "本班\t1 笔，50.00 元");
    GOOD(rig_keys(rig, "choice:z choice:yes"));
    AT(rig, "shift.closed");
    assert_non_null(strstr(rig->printed_all, "RMB 50.00"));
    GOOD(store_query_int(rig->store, "SELECT count FROM shift", &count));
    GOOD(store_query_int(rig->store, "SELECT minor FROM shift", &minor));
    assert_int_equal(count, 1);
    assert_int_equal(minor, 5000);
    rig_free(rig);
}

/* A void, a refund and a hold are the host's to allow: the card is told that it is asked, so that
 * none of them is approved by a card and sent as if the host had been asked. */
static void only_a_sale_is_approved_alone(void **state)
{
    (void)state;
    for (int online = 0; online < 2; online++) {
        struct rig *rig = ready();
        if (!online) cut(rig);
        rig->chip = by_y1;
        GOOD(rig_keys(rig, "choice:preauth choice:hold digit:5 digit:0 ok"));
        AT(rig, "sale.present");
        assert_int_equal(rig->offline.host_use, VAULT_HOST_ALWAYS);
        rig_card(rig, VAULT_CARD_CHIP, false);
        GOOD(rig_advance(rig, 300));
        AT(rig, "sale.present"); /* what a card says unasked is nothing */
        assert_int_equal(rig->sales_seen, 0);
        assert_int_equal(rig->terminal->records.offline, 0);
        rig_free(rig);
    }
}

/* Asked, and no answer: that payment is reversed, whatever the card would do now. */
static void what_was_asked_is_not_approved_alone(void **state)
{
    (void)state;
    struct rig *rig = ready();
    rig->mood = RIG_DROP;
    GOOD(pay(rig, "digit:5 digit:0", by_y3));
    rig->mood = RIG_ANSWER;
    GOOD(rig_advance(rig, 62000));
    assert_int_equal(stored(rig, 1).state, PAYMENT_REVERSED);
    assert_int_equal(rig->offline.holds, 0);
    rig_check_books(rig);
    rig_free(rig);
}

static void a_card_that_wants_its_issuer(void **state)
{
    (void)state;
    struct rig *rig = ready();
    cut(rig);
    GOOD(pay(rig, "digit:5 digit:0", by_z3));
    AT(rig, "sale.present");
    assert_non_null(rig_line(rig, "CHIP_NO_HOST"));
    assert_int_equal(rig_count_rows(rig), 0);
    rig_free(rig);
}

/* The vault seals nothing: then there is no payment, and it is said. */
static void no_payment_without_its_card_data(void **state)
{
    (void)state;
    struct rig *rig = ready();
    cut(rig);
    rig->offline.no_hold = true;
    GOOD(pay(rig, "digit:5 digit:0", by_y1));
    AT(rig, "sale.present");
    assert_non_null(rig_line(rig, "SALE_VAULT_FAULT"));
    assert_int_equal(rig_count_rows(rig), 0);
    assert_int_equal(rig->spoken, 0);
    rig_free(rig);
}

/* S51: nobody signs out before the host has heard of everything. */
static void signed_out_when_all_is_delivered(void **state)
{
    (void)state;
    struct rig *rig = ready();
    cut(rig);
    GOOD(pay(rig, "digit:5 digit:0", by_y1));
    home(rig);
    memcpy(rig->offline.code, "30", 3);
    mend(rig);
    GOOD(rig_keys(rig, "choice:manage choice:sign_out"));
    AT(rig, "need.delivered");
    GOOD(rig_key(rig, "choice:deliver"));
    AT(rig, "advice.failed");
    memset(rig->offline.code, 0, 3);
    GOOD(rig_key(rig, "choice:retry"));
    AT(rig, "sign_out.ask");
    assert_int_equal(rig->terminal->records.offline, 0);
    rig_free(rig);
}

/* ---- the power goes at every call to the store ---- */

static err story(struct rig *rig, const struct vault_chip *script)
{
    TRY(pay(rig, "digit:5 digit:0", script));
    rig->reachable = true;
    return rig_advance(rig, 62000);
}

/* Kept and delivered once, or never there; whether the customer has seen a slip decides which. */
static void the_power_goes(void **state)
{
    (void)state;
    static const struct vault_chip *const scripts[] = {by_y1, by_y3};
    int cuts = 0;
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        for (int at = 0;; at++) {
            struct rig *rig = ready();
            struct fuse fuse = {.left = at};
            cut(rig);
            rig->offline.mute = at % 2 == 1; /* heard, and its answer lost */
            rig_set_fault(rig, burn, &fuse);
            err e = story(rig, scripts[i]);
            assert_int_equal(FAILED(e), fuse.blown);
            rig_set_fault(rig, NULL, NULL);
            rig->offline.mute = false;
            rig->reachable = true;
            bool told = rig->printed > 0;
            GOOD(rig_restart(rig));
            GOOD(rig_advance(rig, 62000));
            assert_int_equal(rig->terminal->records.offline, 0);
            if (told) assert_int_equal(rig->offline.heard, 1);
            assert_int_equal(rig->offline.heard, rig_count_rows(rig));
            rig_check_books(rig);
            rig_free(rig);
            if (!fuse.blown) break;
            cuts++;
        }
    }
    print_message("%d power cuts\n", cuts);
    assert_true(cuts > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paid_and_delivered),
        cmocka_unit_test(told_until_it_is_heard),
        cmocka_unit_test(known_already_is_heard),
        cmocka_unit_test(a_sale_goes_first),
        cmocka_unit_test(each_limit_is_named),
        cmocka_unit_test(nothing_without_parameters),
        cmocka_unit_test(seven_days),
        cmocka_unit_test(seven_days_and_a_settlement),
        cmocka_unit_test(the_line_is_cut_in_between),
        cmocka_unit_test(a_closed_shift_has_what_is_not_told),
        cmocka_unit_test(only_a_sale_is_approved_alone),
        cmocka_unit_test(what_was_asked_is_not_approved_alone),
        cmocka_unit_test(a_card_that_wants_its_issuer),
        cmocka_unit_test(no_payment_without_its_card_data),
        cmocka_unit_test(signed_out_when_all_is_delivered),
        cmocka_unit_test(the_power_goes),
    };
    return cmocka_run_group_tests_name("terminal_offline", tests, NULL, NULL);
}
