/* SPDX-License-Identifier: Apache-2.0 */
/* A number in the place of a token (S162): the published vector, and the file of the key. */
#include "lib/auth/pseudonym.h"

#include <sys/stat.h>

#include "tests/unit/scratch.h"

/* The last row of the table that SipHash was published with: key 00..0f, text 00..0e. */
static void it_is_siphash(void **state)
{
    (void)state;
    uint8_t key[PSEUDONYM_KEY_BYTES], text[15];
    for (uint8_t i = 0; i < sizeof key; i++) key[i] = i;
    for (uint8_t i = 0; i < sizeof text; i++) text[i] = i;
    uint64_t number = pseudonym_of(key, bytes_of(text, sizeof text));
    assert_true(number ==
                UINT64_C(0xE545BE4961CA29A1)); /* a129ca6149be45e5, its first byte first */
    key[0] = 1;
    assert_true(pseudonym_of(key, bytes_of(text, sizeof text)) != number);
}

static void the_key_is_made_once_and_is_nobody_elses(void **state)
{
    (void)state;
    struct scratch scratch;
    struct stat about;
    const struct random random = random_system();
    uint8_t made[PSEUDONYM_KEY_BYTES], again[PSEUDONYM_KEY_BYTES] = {0};
    scratch_make(&scratch);
    const char *path = scratch_path(&scratch, "figures.key");
    assert_err(pseudonym_key_load(path, NULL, made), NOT_FOUND);
    assert_ok(pseudonym_key_load(path, &random, made));
    assert_ok(pseudonym_key_load(path, NULL, again));
    assert_memory_equal(made, again, sizeof made);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(truncate(path, 15), 0);
    assert_err(pseudonym_key_load(path, &random, again), FORMAT);
    assert_int_equal(chmod(path, 0644), 0);
    assert_err(pseudonym_key_load(path, &random, again), DENIED);
    assert_memory_equal(made, again, sizeof made);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_siphash),
        cmocka_unit_test(the_key_is_made_once_and_is_nobody_elses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
