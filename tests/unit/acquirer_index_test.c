/* SPDX-License-Identifier: Apache-2.0 */
/* The index against a plain array: whatever is added, moved and removed, it finds the same. */
#include "acquirer/index.h"
#include "lib/base/random.h"
#include "tests/unit/scratch.h"

enum { KEYS = 500, STEPS = 200000 };

/* Neighbours share a block of slots, and keys that differ in high bits only share none. */
static uint64_t key_of(uint64_t k)
{
    return k % 2 == 0 ? k << 20 | 7 : UINT64_C(1) << 50 | k;
}

static void agrees_with_an_array(void **state)
{
    (void)state;
    static uint32_t place[KEYS];
    struct random_seeded seed;
    struct index index;
    random_seed(&seed, 1);
    struct random random = random_from_seed(&seed);
    assert_ok(index_open(&index, KEYS));
    for (int i = 0; i < KEYS; i++) place[i] = INDEX_NONE;
    for (int step = 0; step < STEPS; step++) {
        uint32_t k = random_below(&random, KEYS);
        uint64_t key = key_of(k);
        assert_int_equal(index_find(&index, key), place[k]);
        if (place[k] == INDEX_NONE) {
            place[k] = random_below(&random, 1000000);
            index_add(&index, key, place[k]);
        } else if (random_below(&random, 3) == 0) {
            place[k] = random_below(&random, 1000000);
            index_move(&index, key, place[k]);
        } else {
            place[k] = INDEX_NONE;
            index_remove(&index, key);
        }
    }
    uint32_t there = 0;
    for (int i = 0; i < KEYS; i++) {
        assert_int_equal(index_find(&index, key_of((uint64_t)i)), place[i]);
        there += place[i] != INDEX_NONE;
    }
    assert_int_equal(index.count, there);
    index_close(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_an_array)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
