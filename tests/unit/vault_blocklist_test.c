/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Additions to the blocklist in a vault (S22, CR-07): taken when they are signed by who signs the
 * device's policies, never an older one after a newer one, and kept with each decision.
 */
#include <stdlib.h>

#include "lib/auth/blocklist_build.h"
#include "tests/unit/vault_people_rig.h"

#define WORD "70514268" /* no rule of numbers knows it */

static uint8_t file[BLOCKLIST_FILE_MAX];

static struct bytes make_file(const uint8_t *secret, uint32_t version)
{
    struct blocklist_words words = {0};
    struct blocklist filter;
    uint16_t *fingerprint = NULL;
    struct writer w = writer_over(file, sizeof file);
    assert_ok(blocklist_words_add(&words, BYTES(WORD)));
    assert_ok(blocklist_build(&words, &filter, &fingerprint));
    assert_ok(blocklist_file_sign(&filter, version, secret, &w));
    free(fingerprint);
    blocklist_words_free(&words);
    return writer_view(&w);
}

static enum blocklist_fault take(struct rig *rig, struct bytes text)
{
    enum blocklist_fault fault = BLOCKLIST_FAULTS;
    assert_ok(vault_take_blocklist(rig->vault, text, &fault));
    return fault;
}

static void what_was_added_is_refused_and_recorded(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(81);
    assert_int_equal(rig_logged(rig, "password_set", NULL, "blocklist 0"), 3);
    assert_int_equal(take(rig, make_file(rig->policy_secret, 4)), BLOCKLIST_FAULT_NONE);
    assert_int_equal(rig_logged(rig, "blocklist_loaded", NULL, "blocklist 4"), 1);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
    assert_int_equal(rig_set(rig, 1, WORD, WORD), POLICY_COMMON);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
    assert_int_equal(rig_set(rig, 1, "123456", "123456"), POLICY_RUN); /* the floor is there */
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
    assert_int_equal(rig_set(rig, 1, "70514269", "70514269"), VAULT_PASSWORD_OK);
    assert_int_equal(rig_logged(rig, "password_set", NULL, "blocklist 4"), 1);
    rig_free(rig);
}

static void refusals_are_named_and_change_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(82);
    uint8_t signer[POLICY_SIGNER_BYTES], other[POLICY_SIGNER_SECRET_BYTES];
    struct random random = random_from_seed(&rig->source);
    policy_signer_make(&random, signer, other);
    assert_int_equal(take(rig, BYTES("")), BLOCKLIST_FAULT_NONE); /* there never was one */
    assert_int_equal(take(rig, make_file(other, 4)), BLOCKLIST_FAULT_SIGNATURE);
    struct bytes good = make_file(rig->policy_secret, 4);
    assert_int_equal(take(rig, bytes_of(good.at, good.len - 1)), BLOCKLIST_FAULT_END);
    static uint8_t large[BLOCKLIST_FILE_MAX + 1];
    assert_int_equal(take(rig, BYTES_OF(large)), BLOCKLIST_FAULT_SIZE);
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
    assert_int_equal(rig_set(rig, 1, WORD, WORD), VAULT_PASSWORD_OK);
    static const char *const words[] = {"signature", "end", "size"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        assert_int_equal(rig_logged(rig, "blocklist_refused", NULL, words[i]), 1);
    rig_free(rig);
}

/* Also over a restart, and also when the file is simply taken away. */
static void an_older_one_never_comes_back(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(83);
    assert_int_equal(take(rig, make_file(rig->policy_secret, 4)), BLOCKLIST_FAULT_NONE);
    rig_restart(rig);
    assert_int_equal(take(rig, make_file(rig->policy_secret, 3)), BLOCKLIST_FAULT_OLDER);
    assert_int_equal(take(rig, BYTES("")), BLOCKLIST_FAULT_END);
    assert_int_equal(take(rig, make_file(rig->policy_secret, 4)), BLOCKLIST_FAULT_NONE);
    assert_int_equal(take(rig, make_file(rig->policy_secret, 5)), BLOCKLIST_FAULT_NONE);
    assert_int_equal(rig_logged(rig, "blocklist_loaded", NULL, NULL), 2);
    assert_int_equal(rig_logged(rig, "blocklist_refused", NULL, "older"), 1);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_added_is_refused_and_recorded),
        cmocka_unit_test(refusals_are_named_and_change_nothing),
        cmocka_unit_test(an_older_one_never_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
