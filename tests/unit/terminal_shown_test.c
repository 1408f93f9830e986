/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sale whose code the terminal shows (主扫, S78): chosen, shown with its time, paid, refused, not
 * paid in time, cancelled, cut off; told again, told badly; and taken back afterwards without
 * anything being presented. After every case both sides agree about every payment.
 */
#include "tests/unit/terminal_rig_late.h"

#define CODE "00020101021226690015org.tongbao.pay"

static struct rig *begin(void)
{
    struct rig *rig = rig_ready();
    memcpy(rig->shown.text, CODE, sizeof CODE);
    rig->shown.seconds = 120;
    rig->transcript[0] = '\0';
    return rig;
}

static void end(struct rig *rig)
{
    rig_check_books(rig);
    rig_free(rig);
}

static err show(struct rig *rig)
{
    return rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok choice:show_code");
}

static const struct screen *screen_of(const struct rig *rig)
{
    return terminal_screen(rig->terminal);
}

static err count_commits(void *context, enum store_call call)
{
    if (call == STORE_CALL_COMMIT) ++*(int *)context;
    return OK;
}

/* Two commits as for any payment: before it is sent, and with its result. */
static void test_paid(void **state)
{
    (void)state;
    struct rig *rig = begin();
    int commits = 0;
    rig_set_fault(rig, count_commits, &commits);
    GOOD(show(rig));
    AT(rig, "sale.shown");
    assert_string_equal(screen_of(rig)->qr, CODE);
    assert_int_equal(screen_of(rig)->wait_seconds, 120);
    assert_int_equal(screen_of(rig)->countdown, 0);
    assert_int_equal(screen_of(rig)->keys, SCREEN_KEY_CANCEL);
    assert_false(screen_of(rig)->card || screen_of(rig)->scan);
    assert_string_equal(rig_line(rig, "SALE_TOTAL"), "￥128.00");
    assert_int_equal(rig->spoken, 0);
    assert_int_equal(rig->printed, 0);
    GOOD(rig_advance(rig, 47000));
    GOOD(rig_key(rig, "language")); /* shown anew: as it was, with the time that is left */
    assert_string_equal(screen_of(rig)->qr, CODE);
    assert_int_equal(screen_of(rig)->wait_seconds, 73);
    GOOD(rig_key(rig, "language"));
    GOOD(rig_scanned(rig));
    AT(rig, "sale.approved");
    assert_string_equal(screen_of(rig)->qr, "");
    assert_string_equal(rig->spoken_text, "收款到账 128 元");
    assert_int_equal(rig->printed, 2);
    assert_non_null(strstr(rig->printed_all, "收款码 CODE SHOWN BY MERCHANT"));
    assert_string_equal(rig->transcript,
                        "sale.amount sale.present sale.wait sale.shown sale.approved ");
    assert_int_equal(rig->envelopes, 0);
    assert_int_equal(commits, 2 + 2); /* and the language, twice */
    rig_set_fault(rig, NULL, NULL);
    end(rig);
}

/* A code that somebody had scanned before goes nowhere. */
static void test_no_other_code_is_sent(void **state)
{
    (void)state;
    struct rig *rig = begin();
    rig->silent_sign_in = true;
    GOOD(rig_keys(rig, "choice:sale digit:1 ok"));
    rig->online = rig->reachable = false;
    GOOD(terminal_on_host_state(rig->terminal, false, "cable"));
    GOOD(terminal_on_code(rig->terminal, BYTES("280000000000000000")));
    AT(rig, "host.wait");
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "sale.present");
    rig->reachable = true;
    GOOD(rig_advance(rig, 40000));
    GOOD(rig_key(rig, "choice:show_code"));
    AT(rig, "sale.shown"); /* the host of the rig would have refused a field 59 */
    GOOD(rig_scanned(rig));
    end(rig);
}

/* The host tells it again: with less time, or with another text. */
static void test_told_again(void **state)
{
    (void)state;
    struct rig *rig = begin();
    GOOD(show(rig));
    struct payment p = rig->terminal->work.payment;
    rig->shown.seconds = 90;
    memcpy(rig->shown.text, "https://qr.example.com/a", sizeof "https://qr.example.com/a");
    rig_tell_shown(rig, &p);
    GOOD(rig_pump(rig));
    AT(rig, "sale.shown");
    assert_string_equal(screen_of(rig)->qr, "https://qr.example.com/a");
    assert_int_equal(screen_of(rig)->wait_seconds, 90);
    p.key.stan++; /* of another payment: dropped */
    memcpy(rig->shown.text, CODE, sizeof CODE);
    rig_tell_shown(rig, &p);
    GOOD(rig_pump(rig));
    assert_string_equal(screen_of(rig)->qr, "https://qr.example.com/a");
    GOOD(rig_scanned(rig));
    AT(rig, "sale.approved");
    p.key.stan--; /* too late: the payment has ended */
    rig_tell_shown(rig, &p);
    GOOD(rig_pump(rig));
    AT(rig, "sale.approved");
    end(rig);
}

/* When its time is over the code is gone from the screen, and the host still has a moment. */
static void test_not_paid_in_time(void **state)
{
    (void)state;
    struct rig *rig = begin();
    memcpy(rig->code, "98", 3);
    GOOD(show(rig));
    GOOD(rig_advance(rig, 119900));
    assert_string_equal(screen_of(rig)->qr, CODE);
    GOOD(rig_advance(rig, 200));
    AT(rig, "sale.shown");
    assert_string_equal(screen_of(rig)->qr, "");
    assert_non_null(strstr(screen_of(rig)->wait, "收款码已过期"));
    GOOD(rig_advance(rig, 6000));
    GOOD(rig_scanned(rig));
    AT(rig, "sale.declined");
    assert_non_null(rig_line(rig, "SHOWN_OVER"));
    assert_non_null(rig_line(rig, "SHOWN_OVER_ADVICE"));
    assert_int_equal(rig->spoken, 0);
    assert_int_equal(rig->reversals_seen, 0); /* the host has turned it back itself */
    end(rig);
}

static void test_no_end_is_told(void **state)
{
    (void)state;
    struct rig *rig = begin();
    GOOD(show(rig));
    GOOD(rig_advance(rig, 139900));
    AT(rig, "sale.shown");
    GOOD(rig_advance(rig, 1000));
    AT(rig, "sale.reversed");
    assert_string_equal(rig->last_reason, "98");
    GOOD(rig_scanned(rig)); /* late: nothing changes */
    AT(rig, "sale.reversed");
    assert_int_equal(rig->spoken, 0);
    end(rig);
}

static void test_cancelled(void **state)
{
    (void)state;
    struct rig *rig = begin();
    GOOD(show(rig));
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_advance(rig, 1000));
    AT(rig, "sale.reversed");
    assert_string_equal(rig->last_reason, "06");
    GOOD(rig_scanned(rig));
    AT(rig, "sale.reversed");
    GOOD(rig_keys(rig, "choice:next digit:1 ok choice:show_code")); /* a new payment, a new code */
    AT(rig, "sale.shown");
    GOOD(rig_scanned(rig));
    AT(rig, "sale.approved");
    end(rig);
}

static void test_cut_off(void **state)
{
    (void)state;
    struct rig *rig = begin();
    GOOD(show(rig));
    rig->online = false;
    GOOD(terminal_on_host_state(rig->terminal, false, "cable"));
    GOOD(rig_pump(rig));
    AT(rig, "sale.reversing");
    assert_string_equal(screen_of(rig)->qr, "");
    GOOD(rig_advance(rig, 40000));
    AT(rig, "sale.reversed");
    assert_string_equal(rig->last_reason, "98");
    end(rig);
}

static void test_restarted(void **state)
{
    (void)state;
    struct rig *rig = begin();
    GOOD(show(rig));
    GOOD(rig_restart(rig));
    GOOD(rig_advance(rig, 60000));
    assert_string_equal(rig->last_reason, "98");
    end(rig);
}

/* A code that nobody vouches for is not shown: who scanned it would pay somebody else. S63 */
static void test_told_without_a_mac(void **state)
{
    (void)state;
    struct rig *rig = begin();
    rig->shown.bad_mac = true;
    GOOD(show(rig));
    GOOD(rig_advance(rig, 2000));
    AT(rig, "sale.reversed");
    assert_string_equal(rig->last_reason, "A0");
    assert_null(strstr(rig->transcript, "sale.shown"));
    end(rig);
}

static void test_told_nonsense(void **state)
{
    (void)state;
    struct rig *rig = begin();
    rig->shown.nonsense = true;
    GOOD(show(rig));
    AT(rig, "sale.wait");
    assert_non_null(strstr(screen_of(rig)->wait, "收款码"));
    GOOD(rig_advance(rig, 61000));
    AT(rig, "sale.reversed");
    assert_string_equal(rig->last_reason, "98");
    end(rig);
}

static void test_refused_at_once(void **state)
{
    (void)state;
    struct rig *rig = begin();
    rig->shown.text[0] = '\0';
    memcpy(rig->code, "91", 3);
    GOOD(show(rig));
    AT(rig, "sale.declined");
    assert_non_null(rig_line(rig, "SALE_DECLINED"));
    end(rig);
}

/* S94: a void needs nothing from the customer; what is voided says how it was paid. */
static void test_voided(void **state)
{
    (void)state;
    struct rig *rig = begin();
    GOOD(show(rig));
    GOOD(rig_scanned(rig));
    uint32_t stan = rig->terminal->work.payment.key.stan;
    char keys[64];
    GOOD(rig_key(rig, "ok"));
    snprintf(keys, sizeof keys, "choice:void digit:%u ok", stan);
    GOOD(rig_keys(rig, keys));
    AT(rig, "void.confirm");
    assert_non_null(rig_line(rig, "SHOWN_MEANS"));
    GOOD(rig_key(rig, "ok"));
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, "246813"));
    AT(rig, "sale.approved"); /* nothing was presented */
    assert_int_equal(rig->last_type, PAYMENT_VOID);
    assert_int_equal(rig->last_entry, PAYMENT_ENTRY_CODE);
    assert_int_equal(rig->last_original.stan, stan);
    assert_int_equal(rig->envelopes, 0);
    end(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paid),
        cmocka_unit_test(test_no_other_code_is_sent),
        cmocka_unit_test(test_told_again),
        cmocka_unit_test(test_not_paid_in_time),
        cmocka_unit_test(test_no_end_is_told),
        cmocka_unit_test(test_cancelled),
        cmocka_unit_test(test_cut_off),
        cmocka_unit_test(test_restarted),
        cmocka_unit_test(test_told_without_a_mac),
        cmocka_unit_test(test_told_nonsense),
        cmocka_unit_test(test_refused_at_once),
        cmocka_unit_test(test_voided),
    };
    return cmocka_run_group_tests_name("terminal_shown", tests, NULL, NULL);
}
