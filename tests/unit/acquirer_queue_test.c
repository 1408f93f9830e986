/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every queue of the host, full: messages under way, reversals that are owed, payments in memory,
 * terminals. What has no place is refused by a code or left without an answer, which its terminal
 * turns back; nothing that has a place is lost; and with room there is again all goes on. S87 S88
 */
#include "tests/unit/acquirer_peers.h"

enum { TASKS = 4, REVERSALS = 3 };

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

/* An approved sale, as its terminal has it then. */
static struct payment approved(struct rig_terminal *t)
{
    struct payment p = rig_sell(&rig, t, PAYMENT_CARD, 100);
    rig_issuer(&rig, "00");
    rig_expect(&rig, t, 0x0210, "00");
    return p;
}

/* The hsm is slow and all places are taken: silence, which leaves no trace; its copy is new later.
 */
static void messages_under_way(void **state)
{
    (void)state;
    struct payment sale[TASKS + 1];
    rig.limits.tasks = TASKS;
    rig_restart(&rig);
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    for (int i = 0; i < TASKS; i++) sale[i] = rig_sell(&rig, &t, PAYMENT_CODE, 100 + i);
    sale[TASKS] = rig_sell(&rig, &t, PAYMENT_CODE, 900);
    assert_int_equal(rig.to_route.count, TASKS);
    assert_int_equal(rig.to_terminal.count, 0); /* no answer: its terminal will take it back */
    size_t rows;
    (void)rig_state(&sale[TASKS].key, &rows);
    assert_int_equal(rows, 0);
    for (int i = 0; i < TASKS; i++) {
        rig_issuer(&rig, "00");
        rig_expect(&rig, &t, 0x0210, "00");
        rig_expect_state(&sale[i], PAYMENT_APPROVED, 2);
    }
    rig_reverse(&rig, &t, &sale[TASKS]);
    rig_expect(&rig, &t, 0x0410, "25");
    (void)approved(&t);
}

/* The network acknowledges nothing, and the list of what it is owed is full: 96 for what would be
 * owed next, payment or reversal; the reversal is asked for again, and is done when there is room.
 */
static void reversals_owed(void **state)
{
    (void)state;
    rig.limits.reversals = REVERSALS;
    rig_restart(&rig);
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment before = approved(&t), lost[REVERSALS];
    for (int i = 0; i < REVERSALS; i++) {
        lost[i] = rig_sell(&rig, &t, PAYMENT_CARD, 200);
        (void)rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    }
    struct payment more = rig_sell(&rig, &t, PAYMENT_CARD, 300); /* each of those may be owed */
    rig_expect(&rig, &t, 0x0210, "96");
    rig_reverse(&rig, &t, &before);
    rig_expect(&rig, &t, 0x0410, "96");
    rig_expect_state(&before, PAYMENT_APPROVED, 2);
    rig_pass(&rig, 31000);
    for (int i = 0; i < REVERSALS; i++) rig_expect(&rig, &t, 0x0210, "98");
    more = rig_sell(&rig, &t, PAYMENT_CARD, 300);
    rig_expect(&rig, &t, 0x0210, "96");
    for (int again = 0; again < 3; again++) {
        rig_reverse(&rig, &t, &before);
        rig_expect(&rig, &t, 0x0410, "96");
    }
    rig_reverse(&rig, &t, &lost[0]); /* it has its place: that is acknowledged all the same */
    rig_expect(&rig, &t, 0x0410, "00");
    rig_restart(&rig); /* as full as before */
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    rig_reverse(&rig, &t, &before);
    rig_expect(&rig, &t, 0x0410, "96");
    rig_expect_state(&before, PAYMENT_APPROVED, 2);

    rig_pass(&rig, 200);
    for (int i = 0; i < REVERSALS; i++) rig_undo(&rig, "00");
    for (int i = 0; i < REVERSALS; i++) rig_expect_state(&lost[i], PAYMENT_REVERSED, 3);
    rig_reverse(&rig, &t, &before);
    rig_expect(&rig, &t, 0x0410, "00");
    rig_pass(&rig, 200);
    rig_undo(&rig, "00");
    rig_expect_state(&before, PAYMENT_REVERSED, 4);
    rig_reverse(&rig, &t, &more); /* refused with 96, it was nothing */
    rig_expect(&rig, &t, 0x0410, "25");
    (void)approved(&t);
    assert_true(acquirer_quiet(rig.a));
}

/* All that is remembered is undecided, so nothing can be forgotten for another: 96. */
static void payments_in_memory(void **state)
{
    (void)state;
    rig.limits.recent = REVERSALS;
    rig_restart(&rig);
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale[REVERSALS];
    for (int i = 0; i < REVERSALS; i++) sale[i] = rig_sell(&rig, &t, PAYMENT_CARD, 100);
    struct payment more = rig_sell(&rig, &t, PAYMENT_CARD, 300);
    rig_expect(&rig, &t, 0x0210, "96");
    for (int i = 0; i < REVERSALS; i++) {
        rig_issuer(&rig, "00");
        rig_expect(&rig, &t, 0x0210, "00");
    }
    rig_reverse(&rig, &t, &more);
    rig_expect(&rig, &t, 0x0410, "25");
    (void)approved(&t);
    rig_again(&rig, &t, &sale[0]); /* forgotten, and found in the journal */
    rig_expect(&rig, &t, 0x0210, "00");
    assert_int_equal(rig.to_route.count, 0);
}

/* One terminal more than there is room for is told nothing and noted by that name; the others go
 * on, and with a larger table it is a terminal as any. */
static void terminals(void **state)
{
    (void)state;
    rig.limits.terminals = 1;
    rig_restart(&rig);
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    (void)rig_connect(&rig, RIG_CUP, PAYMENT_PROFILE_CUP);
    rig_settle(&rig);
    assert_int_equal(rig.closed.count, 1);
    assert_int_equal(rig_audited("terminals_full"), 1);
    assert_int_equal(rig_audited("unknown_terminal"), 0);
    rig_took(&rig.closed);
    (void)approved(&t);
    rig.limits.terminals = 2;
    rig_restart(&rig);
    (void)rig_terminal(&rig, RIG_CUP);
    assert_int_equal(rig.closed.count, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(messages_under_way),
        CASE(reversals_owed),
        CASE(payments_in_memory),
        CASE(terminals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
