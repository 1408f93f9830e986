/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a payment, checked whole: every event in every state either does exactly what this
 * file says or is refused with nothing touched. Whatever happens, a payment ends in one of three
 * ways, and one on its way back never becomes an approved one. S87 S88 S192
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "payment/lifecycle.h"

/* clang-format off */
static const struct {
    enum payment_state from;
    enum payment_event event;
    enum payment_state next;
    enum payment_effect effect;
} allowed[] = {
    {PAYMENT_CREATED,   PAYMENT_SUBMIT,       PAYMENT_PENDING,   PAYMENT_EFFECT_SEND_REQUEST},
    {PAYMENT_PENDING,   PAYMENT_APPROVE,      PAYMENT_APPROVED,  PAYMENT_EFFECT_TELL},
    {PAYMENT_PENDING,   PAYMENT_DECLINE,      PAYMENT_DECLINED,  PAYMENT_EFFECT_TELL},
    {PAYMENT_PENDING,   PAYMENT_TIMEOUT,      PAYMENT_REVERSING, PAYMENT_EFFECT_SEND_REVERSAL},
    {PAYMENT_PENDING,   PAYMENT_REVERSE,      PAYMENT_REVERSING, PAYMENT_EFFECT_SEND_REVERSAL},
    {PAYMENT_APPROVED,  PAYMENT_REVERSE,      PAYMENT_REVERSING, PAYMENT_EFFECT_SEND_REVERSAL},
    {PAYMENT_APPROVED,  PAYMENT_CAPTURE,      PAYMENT_CAPTURED,  PAYMENT_EFFECT_NONE},
    {PAYMENT_DECLINED,  PAYMENT_REVERSE,      PAYMENT_REVERSED,  PAYMENT_EFFECT_TELL},
    {PAYMENT_REVERSING, PAYMENT_APPROVE,      PAYMENT_REVERSING, PAYMENT_EFFECT_NONE},
    {PAYMENT_REVERSING, PAYMENT_DECLINE,      PAYMENT_REVERSING, PAYMENT_EFFECT_NONE},
    {PAYMENT_REVERSING, PAYMENT_REVERSE,      PAYMENT_REVERSING, PAYMENT_EFFECT_TELL},
    {PAYMENT_REVERSING, PAYMENT_TIMEOUT,      PAYMENT_REVERSING, PAYMENT_EFFECT_SEND_REVERSAL},
    {PAYMENT_REVERSING, PAYMENT_REVERSAL_ACK, PAYMENT_REVERSED,  PAYMENT_EFFECT_TELL},
    {PAYMENT_REVERSED,  PAYMENT_APPROVE,      PAYMENT_REVERSED,  PAYMENT_EFFECT_NONE},
    {PAYMENT_REVERSED,  PAYMENT_DECLINE,      PAYMENT_REVERSED,  PAYMENT_EFFECT_NONE},
    {PAYMENT_REVERSED,  PAYMENT_REVERSE,      PAYMENT_REVERSED,  PAYMENT_EFFECT_TELL},
    {PAYMENT_REVERSED,  PAYMENT_REVERSAL_ACK, PAYMENT_REVERSED,  PAYMENT_EFFECT_NONE},
    {PAYMENT_CAPTURED,  PAYMENT_SETTLE,       PAYMENT_SETTLED,   PAYMENT_EFFECT_NONE},
    {PAYMENT_CREATED,   PAYMENT_ADVISE,       PAYMENT_OFFLINE,   PAYMENT_EFFECT_SEND_ADVICE},
    {PAYMENT_CREATED,   PAYMENT_COLLECT,      PAYMENT_APPROVED,  PAYMENT_EFFECT_TELL},
    {PAYMENT_OFFLINE,   PAYMENT_ADVISE,       PAYMENT_OFFLINE,   PAYMENT_EFFECT_SEND_ADVICE},
    {PAYMENT_OFFLINE,   PAYMENT_TIMEOUT,      PAYMENT_OFFLINE,   PAYMENT_EFFECT_SEND_ADVICE},
    {PAYMENT_OFFLINE,   PAYMENT_APPROVE,      PAYMENT_APPROVED,  PAYMENT_EFFECT_TELL},
    {PAYMENT_OFFLINE,   PAYMENT_DECLINE,      PAYMENT_DISPUTED,  PAYMENT_EFFECT_TELL},
    {PAYMENT_OFFLINE,   PAYMENT_REFUSE,       PAYMENT_DECLINED,  PAYMENT_EFFECT_TELL},
    {PAYMENT_DISPUTED,  PAYMENT_APPROVE,      PAYMENT_APPROVED,  PAYMENT_EFFECT_TELL},
    {PAYMENT_DISPUTED,  PAYMENT_REVERSE,      PAYMENT_REVERSED,  PAYMENT_EFFECT_TELL},
};
/* clang-format on */

static int row_of(enum payment_state from, enum payment_event event)
{
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        if (allowed[i].from == from && allowed[i].event == event) return (int)i;
    return -1;
}

static void every_event_in_every_state(void **state)
{
    (void)state;
    size_t seen = 0;
    for (unsigned from = PAYMENT_CREATED; from < PAYMENT_STATES; from++) {
        for (unsigned event = 0; event < PAYMENT_EVENTS; event++) {
            const struct payment_step before = {PAYMENT_SETTLED, PAYMENT_EFFECT_SEND_REQUEST};
            struct payment_step step = before;
            err e = payment_step((enum payment_state)from, (enum payment_event)event, &step);
            int row = row_of((enum payment_state)from, (enum payment_event)event);
            if (row < 0) {
                assert_int_equal(e.code, ERR_STATE);
                assert_memory_equal(&step, &before, sizeof step);
                continue;
            }
            assert_int_equal(e.code, ERR_OK);
            assert_int_equal(step.next, allowed[row].next);
            assert_int_equal(step.effect, allowed[row].effect);
            seen++;
        }
    }
    assert_int_equal(seen, ARRAY_LEN(allowed));
}

/* Every state reachable from `from`, as a bit set. */
static unsigned reachable(enum payment_state from)
{
    unsigned seen = 1u << from, before;
    do {
        before = seen;
        for (unsigned s = PAYMENT_CREATED; s < PAYMENT_STATES; s++) {
            struct payment_step step;
            if (!(seen >> s & 1)) continue;
            for (unsigned e = 0; e < PAYMENT_EVENTS; e++) {
                err done = payment_step((enum payment_state)s, (enum payment_event)e, &step);
                if (!FAILED(done)) seen |= 1u << step.next;
            }
        }
    } while (seen != before);
    return seen;
}

static void no_payment_gets_stuck(void **state)
{
    (void)state;
    const unsigned ends = 1u << PAYMENT_DECLINED | 1u << PAYMENT_REVERSED | 1u << PAYMENT_SETTLED;
    for (unsigned s = PAYMENT_CREATED; s < PAYMENT_STATES; s++) {
        assert_true(reachable(PAYMENT_CREATED) >> s & 1);
        assert_true(reachable((enum payment_state)s) & ends);
    }
    assert_int_equal(reachable(PAYMENT_SETTLED), 1u << PAYMENT_SETTLED);
    assert_int_equal(reachable(PAYMENT_REVERSED), 1u << PAYMENT_REVERSED);
}

/* What went back, or was refused, is never charged by what comes later. */
static void nothing_comes_back_to_life(void **state)
{
    (void)state;
    const unsigned charged =
        1u << PAYMENT_APPROVED | 1u << PAYMENT_CAPTURED | 1u << PAYMENT_SETTLED;
    assert_false(reachable(PAYMENT_REVERSING) & charged);
    assert_false(reachable(PAYMENT_REVERSED) & charged);
    assert_false(reachable(PAYMENT_DECLINED) & charged);
}

/* Without a definitive answer the only effect is a reversal, as often as it takes. */
static void no_answer_means_reverse(void **state)
{
    (void)state;
    struct payment_step step;
    assert_int_equal(payment_step(PAYMENT_PENDING, PAYMENT_TIMEOUT, &step).code, ERR_OK);
    for (int again = 0; again < 3; again++) {
        assert_int_equal(step.next, PAYMENT_REVERSING);
        assert_int_equal(step.effect, PAYMENT_EFFECT_SEND_REVERSAL);
        assert_false(payment_state_final(step.next));
        assert_int_equal(payment_step(step.next, PAYMENT_TIMEOUT, &step).code, ERR_OK);
    }
    assert_int_equal(payment_step(step.next, PAYMENT_REVERSAL_ACK, &step).code, ERR_OK);
    assert_true(payment_state_final(step.next));
}

/* S89: what a card has approved by itself is told until it is heard, and never taken back by us. */
static void no_answer_to_an_advice_means_again(void **state)
{
    (void)state;
    struct payment_step step;
    assert_int_equal(payment_step(PAYMENT_CREATED, PAYMENT_ADVISE, &step).code, ERR_OK);
    for (int again = 0; again < 3; again++) {
        assert_int_equal(step.next, PAYMENT_OFFLINE);
        assert_int_equal(step.effect, PAYMENT_EFFECT_SEND_ADVICE);
        assert_false(payment_state_final(step.next));
        assert_int_equal(payment_step(step.next, PAYMENT_TIMEOUT, &step).code, ERR_OK);
    }
    assert_int_equal(payment_step(step.next, PAYMENT_REVERSE, &step).code, ERR_STATE);
    assert_int_equal(payment_step(step.next, PAYMENT_APPROVE, &step).code, ERR_OK);
    assert_true(payment_state_final(step.next));
}

static void money_is_decided_or_not(void **state)
{
    (void)state;
    const bool decided[PAYMENT_STATES] = {
        [PAYMENT_APPROVED] = true, [PAYMENT_DECLINED] = true, [PAYMENT_REVERSED] = true,
        [PAYMENT_CAPTURED] = true, [PAYMENT_SETTLED] = true,
    };
    for (unsigned s = 0; s < PAYMENT_STATES; s++)
        assert_int_equal(payment_state_final((enum payment_state)s), decided[s]);
}

static void every_state_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(payment_state_name(PAYMENT_NONE), "NONE");
    assert_string_equal(payment_state_name(PAYMENT_APPROVED), "APPROVED");
    assert_string_equal(payment_state_name(PAYMENT_SETTLED), "SETTLED");
    for (unsigned a = 0; a < PAYMENT_STATES; a++)
        for (unsigned b = 0; b < a; b++)
            assert_string_not_equal(payment_state_name((enum payment_state)a),
                                    payment_state_name((enum payment_state)b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_in_every_state),
        cmocka_unit_test(no_payment_gets_stuck),
        cmocka_unit_test(nothing_comes_back_to_life),
        cmocka_unit_test(no_answer_means_reverse),
        cmocka_unit_test(no_answer_to_an_advice_means_again),
        cmocka_unit_test(money_is_decided_or_not),
        cmocka_unit_test(every_state_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
