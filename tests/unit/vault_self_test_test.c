/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The self-test (S1, DV-08): each part that computes something else stops the start, by its name;
 * and once in 24 hours, when nobody is at it, a vault that runs is tested as well.
 */
#include "tests/unit/vault_rig.h"

enum { PARTS_MAX = 40 };

/* Notes which parts there are, and spoils the answer of one. */
struct spoiler {
    const char *seen[PARTS_MAX];
    size_t count, tests;
    const char *spoil; /* NULL: none */
};

static void alter(void *context, const char *part, uint8_t *answer)
{
    struct spoiler *spoiler = context;
    bool known = false;
    for (size_t i = 0; i < spoiler->count; i++) known |= strcmp(spoiler->seen[i], part) == 0;
    assert_true(known || spoiler->count < PARTS_MAX);
    if (!known) spoiler->seen[spoiler->count++] = part;
    spoiler->tests += strcmp(part, "Argon2id") == 0;
    if (spoiler->spoil != NULL && strcmp(part, spoiler->spoil) == 0) answer[0] ^= 1;
}

static void test_each_part_stops_the_start(void **state)
{
    (void)state;
    struct spoiler all = {.count = 0};
    struct self_test_hook hook = {alter, &all};
    struct rig *rig = rig_new(1);
    rig->self_test = &hook;
    rig_restart(rig);
    assert_true(all.count >= 8); /* ciphers, MACs, AES-GCM, SHA-256, Argon2id */
    for (size_t i = 0; i < all.count; i++) {
        struct vault_fault fault = {{0}};
        struct spoiler one = {.spoil = all.seen[i]};
        hook.context = &one;
        vault_close(rig->vault);
        rig->vault = NULL;
        assert_err(rig_try_open(rig, &fault), CRYPTO);
        assert_non_null(strstr(fault.text, all.seen[i]));
        rig->self_test = NULL;
        rig_open(rig);
        rig->self_test = &hook;
    }
    rig_free(rig);
}

static const int64_t HOUR_MS = 3600000;

static void test_once_a_day_when_idle(void **state)
{
    (void)state;
    struct spoiler spoiler = {.count = 0};
    const struct self_test_hook hook = {alter, &spoiler};
    struct rig *rig = rig_new(2);
    rig->self_test = &hook;
    rig_provision(rig, KEY_AES128);
    rig_restart(rig);
    rig_panel(rig);
    spoiler.tests = 0;
    for (int hour = 0; hour < 23; hour++) {
        rig->now_ms += HOUR_MS;
        assert_ok(vault_watch(rig->vault));
    }
    assert_int_equal(spoiler.tests, 0);
    assert_status(rig_begin_for(rig, VAULT_ENTRY_PASSWORD, false, 1), VAULT_OK);
    rig->now_ms += 3 * HOUR_MS; /* somebody types: not now */
    assert_ok(vault_watch(rig->vault));
    assert_int_equal(spoiler.tests, 0);
    vault_forget_session(rig->vault);
    for (int look = 0; look < 5; look++) assert_ok(vault_watch(rig->vault));
    assert_int_equal(spoiler.tests, 1);
    rig->now_ms += 24 * HOUR_MS;
    for (int look = 0; look < 5; look++) assert_ok(vault_watch(rig->vault));
    assert_int_equal(spoiler.tests, 2);
    assert_int_equal(rig_status(rig).self_test, 1);
    rig_free(rig);
}

/* Found at work: on record, told as what it is, and nothing is computed until the next start. */
static void test_found_at_work(void **state)
{
    (void)state;
    struct spoiler spoiler = {.count = 0};
    const struct self_test_hook hook = {alter, &spoiler};
    int64_t count = 0;
    struct rig *rig = rig_new(3);
    rig->self_test = &hook;
    rig_provision(rig, KEY_AES128);
    rig_restart(rig);
    rig_panel(rig);
    assert_status(rig_sign_in(rig), VAULT_OK);
    spoiler.spoil = "sha-256";
    rig->now_ms += 25 * HOUR_MS;
    assert_ok(vault_watch(rig->vault));
    assert_int_equal(rig_status(rig).self_test, 0);
    assert_status(rig_bytes(rig, VAULT_MAC_MAKE, BYTES("x")), VAULT_FAILED);
    assert_status(rig_plain(rig, VAULT_PANEL_OPEN), VAULT_FAILED);
    assert_ok(store_query_int(vault_store(rig->vault),
                              "SELECT count(*) FROM audit WHERE event = 'self_test_failed'",
                              &count));
    assert_int_equal(count, 1);
    spoiler.spoil = NULL;
    rig_restart(rig);
    assert_int_equal(rig_status(rig).self_test, 1);
    assert_int_equal(rig_status(rig).working_keys, 1); /* no key was erased for it */
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_part_stops_the_start),
        cmocka_unit_test(test_once_a_day_when_idle),
        cmocka_unit_test(test_found_at_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
