/* SPDX-License-Identifier: Apache-2.0 */
/* The budget of tries (S26): the wait grows, the tenth wrong one is the last, clocks do not help.
 */
#include "lib/auth/attempts.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct attempts_limits limits = {.tries = 10, .quick = 3, .first_wait_ms = 1000};

static void test_default_limits(void **state)
{
    (void)state;
    struct attempts_limits own = attempts_limits_default();
    assert_int_equal(own.tries, limits.tries);
    assert_int_equal(own.quick, limits.quick);
    assert_int_equal(own.first_wait_ms, limits.first_wait_ms);
}

/* S26: three at once, then 1, 2, 4 ... 64 seconds, then locked for good. */
static void test_waits_grow_and_end_in_a_lock(void **state)
{
    (void)state;
    static const uint32_t expected_ms[] = {0, 0, 0, 1000, 2000, 4000, 8000, 16000, 32000, 64000};
    struct attempts stored = attempts_fresh(), next;
    int64_t now = 1000000;
    uint32_t wait;
    for (uint8_t i = 0; i < 10; i++) {
        assert_int_equal(attempts_left(&limits, &stored), 10 - i);
        if (expected_ms[i] > 0) {
            assert_int_equal(attempts_begin(&limits, &stored, now, &next, &wait), ATTEMPTS_WAIT);
            assert_int_equal(wait, expected_ms[i]);
            assert_int_equal(next.used, stored.used); /* waiting costs nothing */
            now += expected_ms[i] - 1;
            assert_int_equal(attempts_begin(&limits, &stored, now, &next, &wait), ATTEMPTS_WAIT);
            assert_int_equal(wait, 1);
            now += 1;
        }
        assert_int_equal(attempts_begin(&limits, &stored, now, &next, &wait), ATTEMPTS_GO);
        assert_int_equal(wait, 0);
        assert_int_equal(next.used, i + 1);
        assert_int_equal(next.last_ms, now);
        stored = next;
    }
    for (int i = 0; i < 5; i++) {
        now += 1000000000;
        assert_int_equal(attempts_begin(&limits, &stored, now, &next, &wait), ATTEMPTS_LOCKED);
        assert_int_equal(next.used, 10);
        assert_int_equal(attempts_left(&limits, &next), 0);
    }
}

/* A clock that was set back begins one wait anew and never makes a longer one. */
static void test_clock_set_back(void **state)
{
    (void)state;
    struct attempts stored = {.used = 5, .last_ms = 900000000}, next;
    uint32_t wait;
    assert_int_equal(attempts_begin(&limits, &stored, 5000, &next, &wait), ATTEMPTS_WAIT);
    assert_int_equal(wait, 4000);
    assert_int_equal(next.used, 5);
    assert_int_equal(next.last_ms, 5000);
    stored = next;
    assert_int_equal(attempts_begin(&limits, &stored, 9000, &next, &wait), ATTEMPTS_GO);
    assert_int_equal(next.used, 6);
}

/* No configuration makes a wait overflow. */
static void test_wait_is_bounded(void **state)
{
    (void)state;
    struct attempts_limits many = {.tries = 255, .quick = 1, .first_wait_ms = UINT32_MAX};
    assert_int_equal(attempts_wait_ms(&many, 255), UINT32_MAX);
    assert_int_equal(attempts_wait_ms(&many, 0), 0);
    many.first_wait_ms = 1;
    assert_int_equal(attempts_wait_ms(&many, 255), 1u << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default_limits),
        cmocka_unit_test(test_waits_grow_and_end_in_a_lock),
        cmocka_unit_test(test_clock_set_back),
        cmocka_unit_test(test_wait_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
