/* SPDX-License-Identifier: Apache-2.0 */
/* Agreements about fees (S69): which holds when, and that none is ever changed or backdated. */
#include "registry/agreement.h"

#include "tests/unit/scratch.h"

#define MID "898310153110001"

static struct store_anchor *anchor;
static struct registry *registry;
static const struct registry_actor actor = {.at_ms = 1000, .name = {(const uint8_t *)"wang", 4}};

static int make(void **state)
{
    (void)state;
    const struct registry_merchant merchant = {.mid = MID,
                                               .name_zh = "通宝茶馆",
                                               .name_en = "TONGBAO TEA",
                                               .fee_plan = 2,
                                               .status = REGISTRY_ACTIVE};
    if (FAILED(store_anchor_open("agreements", &anchor))) return -1;
    if (FAILED(registry_open("agreements", STORE_MEMORY, NULL, &registry))) return -1;
    return FAILED(registry_add_merchant(registry, &actor, &merchant));
}

static int drop(void **state)
{
    (void)state;
    registry_close(registry);
    store_anchor_close(anchor);
    return 0;
}

static void holds(int64_t at_ms, int64_t version, uint32_t plan, int64_t until_ms)
{
    struct registry_agreement found;
    assert_ok(registry_find_agreement(registry, MID, at_ms, &found));
    assert_int_equal(found.version, version);
    assert_int_equal(found.fee_plan, plan);
    assert_int_equal(found.until_ms, until_ms);
}

static void the_first_is_what_he_was_registered_with(void **state)
{
    (void)state;
    struct registry_agreement found;
    holds(0, 1, 2, INT64_MAX);
    holds(INT64_MAX - 1, 1, 2, INT64_MAX);
    assert_err(registry_find_agreement(registry, "898310153110009", 5, &found), NOT_FOUND);
}

static void each_holds_from_its_moment(void **state)
{
    (void)state;
    assert_ok(registry_add_agreement(registry, &actor, MID, 1, 0, 5000));
    assert_ok(registry_add_agreement(registry, &actor, MID, 3, 0, 9000));
    holds(4999, 1, 2, 5000);
    holds(5000, 2, 1, 9000);
    holds(8999, 2, 1, 9000);
    holds(9000, 3, 3, INT64_MAX);
}

/* D+0 is nobody's by itself, and is kept or given up with each version (S109). */
static void the_same_day_is_agreed(void **state)
{
    (void)state;
    static const int64_t moments[] = {4999, 5000, 9000};
    static const uint32_t rules[] = {0, 802, 0};
    assert_ok(registry_add_agreement(registry, &actor, MID, 2, 802, 5000));
    assert_ok(registry_add_agreement(registry, &actor, MID, 2, 0, 9000));
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        struct registry_agreement found;
        assert_ok(registry_find_agreement(registry, MID, moments[i], &found));
        assert_int_equal(found.same_day_rule, rules[i]);
    }
}

/* S135: which fees were signed is the moment of the signature, and of a later one its beginning. */
static void each_says_which_fees_were_signed(void **state)
{
    (void)state;
    struct registry_agreement found;
    struct registry_merchant m = {.mid = "898310153110002",
                                  .name_zh = "二",
                                  .name_en = "TWO",
                                  .fee_plan = 2,
                                  .status = REGISTRY_ACTIVE,
                                  .signed_ms = 77};
    assert_ok(registry_find_agreement(registry, MID, 0, &found));
    assert_int_equal(found.signed_ms, actor.at_ms);
    assert_ok(registry_add_merchant(registry, &actor, &m));
    assert_ok(registry_find_agreement(registry, m.mid, 0, &found));
    assert_int_equal(found.signed_ms, 77);
    assert_ok(registry_add_agreement(registry, &actor, MID, 1, 0, 5000));
    assert_ok(registry_find_agreement(registry, MID, 5000, &found));
    assert_int_equal(found.signed_ms, 5000);
}

static void none_is_backdated_or_changed(void **state)
{
    (void)state;
    struct store *store = registry_store(registry);
    assert_err(registry_add_agreement(registry, &actor, MID, 1, 0, 999), RANGE);
    assert_ok(registry_add_agreement(registry, &actor, MID, 1, 0, 5000));
    assert_err(registry_add_agreement(registry, &actor, MID, 2, 0, 5000), RANGE);
    assert_err(registry_add_agreement(registry, &actor, MID, 2, 0, 4000), RANGE);
    assert_err(registry_add_agreement(registry, &actor, MID, 0, 0, 6000), FORMAT);
    assert_err(registry_add_agreement(registry, &actor, "898310153110009", 1, 0, 6000), NOT_FOUND);
    assert_err(store_exec(store, "UPDATE agreement SET fee_plan = 3"), DENIED);
    assert_err(store_exec(store, "DELETE FROM agreement"), DENIED);
    assert_err(store_exec(store, "INSERT INTO agreement VALUES('" MID "', 4, 1, 9000, 0, 0)"),
               DENIED);
    assert_err(store_exec(store, "INSERT INTO agreement VALUES('" MID "', 3, 1, 4000, 0, 0)"),
               DENIED);
    holds(6000, 2, 1, INT64_MAX);
}

#define WITH_REGISTRY(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_REGISTRY(the_first_is_what_he_was_registered_with),
        WITH_REGISTRY(each_holds_from_its_moment),
        WITH_REGISTRY(the_same_day_is_agreed),
        WITH_REGISTRY(each_says_which_fees_were_signed),
        WITH_REGISTRY(none_is_backdated_or_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
