/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every queue of the host, full: messages under way, reversals that are owed, payments in memory,
 * terminals, frames that wait for their commit. What has no place is refused by a code or left
 * without an answer, which its terminal turns back; nothing that has a place is lost; and with room
 * there is again all goes on. S87 S88
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

enum {
    HELD = 8 * 1024, /* a dozen of commands to the hsm */
    AT_ONCE = 48,    /* messages of one iteration */
};

/* The messages of one iteration, without a commit in between. */
static err all_at_once(struct rig_terminal *t, struct payment sale[static AT_ONCE])
{
    uint8_t out[RIG_FRAME];
    for (int i = 0; i < AT_ONCE; i++) {
        sale[i] = rig_payment(t, PAYMENT_CARD, 100 + i);
        struct bytes frame = rig_sale_frame(&rig, t, &sale[i], RIG_PAN, out);
        TRY(acquirer_on_terminal(rig.a, t->session, frame));
    }
    return OK;
}

static struct rig_terminal begin_to_fill(void)
{
    rig.limits.held = HELD;
    rig_restart(&rig);
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    rig.fills = true;
    return t;
}

/* More leaves in one iteration than there is room for until the commit: the group is committed
 * early, in order, nothing leaves before its rows are on disk (the rig looks at every frame), and
 * every payment is paid once. */
static void frames_held(void **state)
{
    (void)state;
    struct payment sale[AT_ONCE];
    struct rig_terminal t = begin_to_fill();
    assert_ok(all_at_once(&t, sale));
    assert_in_range(rig.to_hsm.count, 1, AT_ONCE - 1); /* some have left, some wait */
    struct acquirer_counts before = acquirer_counts(rig.a);
    rig_settle(&rig);
    struct acquirer_counts after = acquirer_counts(rig.a);
    assert_true(after.commits - before.commits > 2); /* of one turn; with room it is one commit */
    assert_int_equal(rig.to_route.count, AT_ONCE);
    for (int i = 0; i < AT_ONCE; i++) {
        struct payment asked = rig_issuer(&rig, "00");
        assert_int_equal(asked.amount_minor, 100 + i); /* none has overtaken another */
        rig_expect(&rig, &t, 0x0210, "00");
        rig_expect_state(&sale[i], PAYMENT_APPROVED, 2);
    }
    assert_int_equal(rig.to_route.count + rig.to_terminal.count, 0);
    for (int i = 0; i < AT_ONCE; i++) { /* all the answers at once as well: recorded ones */
        uint8_t out[RIG_FRAME];
        assert_ok(acquirer_on_terminal(rig.a, t.session,
                                       rig_sale_frame(&rig, &t, &sale[i], RIG_PAN, out)));
    }
    rig_settle(&rig);
    assert_int_equal(rig.to_terminal.count, AT_ONCE);
    for (int i = 0; i < AT_ONCE; i++) rig_expect(&rig, &t, 0x0210, "00");
    assert_true(acquirer_quiet(rig.a));
}

/* Each is reversed by its terminal: nothing of any stays. */
static void take_back_all(struct rig_terminal *t, const struct payment sale[static AT_ONCE])
{
    size_t rows;
    rig.to_terminal.count = 0;
    for (int i = 0; i < AT_ONCE; i++) {
        if (sale[i].key.stan == 0) continue;
        rig_reverse(&rig, t, &sale[i]);
        while (rig.to_route.count > 0) rig_undo(&rig, "00");
    }
    rig_pass(&rig, 500);
    while (rig.to_route.count > 0) {
        rig_undo(&rig, "00");
        rig_pass(&rig, 200);
    }
    for (int i = 0; i < AT_ONCE; i++) {
        enum payment_state is = rig_state(&sale[i].key, &rows);
        assert_true(rows == 0 || is == PAYMENT_REVERSED || is == PAYMENT_DECLINED);
    }
    assert_true(acquirer_quiet(rig.a));
}

/* The disk is full, or the host is killed, at each call of the store while what is held fills: what
 * had left is on disk, and the rest has never been. */
static void a_commit_that_comes_early_fails(void **state)
{
    (void)state;
    static const enum err_code with[] = {ERR_CRASHED, ERR_FULL};
    int cuts = 0;
    for (size_t k = 0; k < ARRAY_LEN(with); k++)
        for (int at = 0;; at += 5) {
            struct payment sale[AT_ONCE] = {0};
            rig_end(&rig);
            rig_make(&rig);
            struct rig_terminal t = begin_to_fill();
            rig.with = with[k];
            rig.left = at;
            err e = all_at_once(&t, sale);
            if (!FAILED(e)) e = rig_settle_err(&rig);
            size_t asked = rig.to_route.count, rows = 0, on_disk = 0;
            rig_restart(&rig);
            assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
            for (int i = 0; i < AT_ONCE; i++)
                on_disk += rig_state(&sale[i].key, &rows) != PAYMENT_NONE;
            assert_true(asked <= on_disk); /* what the network was asked has its row */
            rig_settle(&rig);
            take_back_all(&t, sale);
            if (!FAILED(e)) break;
            assert_int_equal(e.code, with[k]);
            cuts++;
        }
    print_message("%d cuts\n", cuts);
    assert_true(cuts > 20);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(messages_under_way), CASE(reversals_owed), CASE(payments_in_memory),
        CASE(terminals),          CASE(frames_held),    CASE(a_commit_that_comes_early_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
