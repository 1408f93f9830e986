/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys: too few, doubled, under two names, of each kind, wrong beside right; and what a rotation of
 * keys makes good. Rows of the published conformance suite, and some of ours. S119.
 */
#include "tests/unit/tuf_repository.h"

static struct repository r;
static struct repository_device d;

static int begin(void **state)
{
    (void)state;
    repository_begin(&r, &d);
    assert_verdict(device_init(&d), TUF_ACCEPTED);
    return 0;
}

static int end(void **state)
{
    (void)state;
    repository_end(&r, &d);
    return 0;
}

static void assert_trusted(int64_t root, int64_t timestamp, int64_t snapshot, int64_t targets)
{
    assert_int_equal(device_version(&d, "root"), root);
    assert_int_equal(device_version(&d, "timestamp"), timestamp);
    assert_int_equal(device_version(&d, "snapshot"), snapshot);
    assert_int_equal(device_version(&d, "targets"), targets);
}

static struct repository_role *role(const char *name)
{
    return repository_role(&r, name);
}

/* ---- recovery after a fast-forward: with the keys go the versions that they have signed ---- */

static void targets_after_a_fast_forward(void **state)
{
    (void)state;
    role("targets")->version = 99;
    repository_publish_all(&r);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_int_equal(device_version(&d, "targets"), 100);
    repository_set_keys(role("snapshot"), (size_t[]){6}, 1);
    repository_set_signers(role("snapshot"), (size_t[]){6}, 1);
    role("targets")->version = 1;
    repository_publish_all(&r);
    repository_publish(&r, "root");
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_trusted(2, 3, 3, 2);
}

static void snapshot_after_a_fast_forward(void **state)
{
    (void)state;
    role("snapshot")->version = 99998;
    repository_publish_all(&r);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_int_equal(device_version(&d, "snapshot"), 99999);
    repository_set_keys(role("snapshot"), (size_t[]){6}, 1);
    repository_set_signers(role("snapshot"), (size_t[]){6}, 1);
    repository_set_keys(role("timestamp"), (size_t[]){7}, 1);
    repository_set_signers(role("timestamp"), (size_t[]){7}, 1);
    role("snapshot")->version = 1;
    repository_publish_again(&r, "snapshot");
    repository_publish(&r, "timestamp");
    repository_publish(&r, "root");
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_trusted(2, 3, 1, 2);
}

static void timestamp_after_a_fast_forward(void **state)
{
    (void)state;
    role("timestamp")->version = 99;
    repository_publish(&r, "timestamp");
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_int_equal(device_version(&d, "timestamp"), 100);
    repository_set_keys(role("timestamp"), (size_t[]){7}, 1);
    repository_set_signers(role("timestamp"), (size_t[]){7}, 1);
    role("timestamp")->version = 1;
    repository_publish_again(&r, "timestamp");
    repository_publish(&r, "root");
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_int_equal(device_version(&d, "timestamp"), 1);
}

/* ---- keys ---- */

static void fewer_signatures_than_keys(void **state)
{
    (void)state;
    role("snapshot")->threshold = 3;
    repository_set_keys(role("snapshot"), (size_t[]){2, 8, 9}, 3);
    repository_set_signers(role("snapshot"), (size_t[]){2, 8, 9}, 3);
    repository_publish(&r, "root");
    repository_publish_all(&r);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    role("snapshot")->signer_count = 2;
    repository_publish_all(&r);
    assert_verdict(device_refresh(&d), TUF_UNSIGNED);
    assert_trusted(2, 3, 2, 2);
}

static void fewer_keys_than_signatures(void **state)
{
    (void)state;
    role("snapshot")->threshold = 6;
    repository_set_keys(role("snapshot"), (size_t[]){2, 8, 9, 10, 11}, 5);
    repository_set_signers(role("snapshot"), (size_t[]){2, 8, 9, 10, 11}, 5);
    repository_publish(&r, "root");
    repository_publish_all(&r);
    assert_verdict(device_refresh(&d), TUF_UNSIGNED);
    assert_trusted(2, 2, 0, 0);
}

/* One key under two names signs twice: it counts once. */
static void a_key_under_two_names_counts_once(void **state)
{
    (void)state;
    r.aliased = true;
    r.alias = 2;
    role("snapshot")->threshold = 2;
    repository_publish(&r, "root");
    repository_publish(&r, "snapshot");
    repository_publish(&r, "timestamp");
    assert_non_null(strstr(repository_served(&r, "2.snapshot.json")->text, "zalias"));
    assert_verdict(device_refresh(&d), TUF_UNSIGNED);
    assert_trusted(2, 2, 0, 0);
    role("snapshot")->threshold = 1;
    repository_publish(&r, "root");
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
}

static void a_name_of_a_key_stands_once(void **state)
{
    (void)state;
    repository_set_signers(role("snapshot"), (size_t[]){2, 2}, 2);
    repository_publish_again(&r, "snapshot");
    assert_verdict(device_refresh(&d), TUF_MALFORMED);
    assert_trusted(1, 1, 0, 0);
    repository_set_signers(role("snapshot"), (size_t[]){2}, 1);
    repository_publish_again(&r, "snapshot");
    repository_set_keys(role("snapshot"), (size_t[]){2, 2}, 2);
    repository_publish(&r, "root");
    assert_verdict(device_refresh(&d), TUF_MALFORMED);
    assert_trusted(1, 1, 0, 0);
}

/* Each kind of key, with a good signature and with one that only looks like it. */
static void kinds_of_keys(void **state)
{
    (void)state;
    static const size_t kinds[] = {5, REPOSITORY_P256, REPOSITORY_RSA};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        repository_end(&r, &d);
        repository_begin(&r, &d);
        assert_verdict(device_init(&d), TUF_ACCEPTED);
        role("root")->threshold = 2;
        repository_set_keys(role("root"), (size_t[]){0, kinds[i]}, 2);
        repository_set_signers(role("root"), (size_t[]){0, kinds[i]}, 2);
        repository_publish(&r, "root");
        assert_verdict(device_refresh(&d), TUF_ACCEPTED);
        assert_int_equal(device_version(&d, "root"), 2);
        repository_publish(&r, "root");
        /* The last digits of the last signature. */
        struct repository_published *p = repository_served(&r, "3.root.json");
        char *at = strstr(p->text, "\"signed\"");
        assert_non_null(at);
        while (*at != ']') at--;
        at -= 4;
        assert_true(at[2] == '"' || at[2] == '}');
        *at = *at == '0' ? '1' : '0';
        assert_verdict(device_refresh(&d), TUF_UNSIGNED);
        assert_int_equal(device_version(&d, "root"), 2);
    }
}

/* A second signature that is wrong, or empty, does no harm where one is enough. */
static void a_wrong_signature_beside_a_right_one(void **state)
{
    (void)state;
    repository_set_keys(role("timestamp"), (size_t[]){1, 9}, 2);
    repository_set_signers(role("timestamp"), (size_t[]){9, 1}, 2);
    repository_publish(&r, "root");
    repository_publish(&r, "timestamp");
    struct repository_published *p = repository_served(&r, "timestamp.json");
    char *at = strstr(p->text, "\"sig\"");
    at += sizeof "\"sig\": \"" - 1;
    *at = *at == '0' ? '1' : '0';
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    repository_publish(&r, "timestamp");
    p = repository_served(&r, "timestamp.json");
    at = strstr(p->text, "\"sig\"");
    at += sizeof "\"sig\": \"" - 1;
    memmove(at, at + 128, p->len - (size_t)(at + 128 - p->text));
    p->len -= 128;
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_int_equal(device_version(&d, "timestamp"), 3);
}

/* What nobody knows of a key or a role is no reason to refuse it, and is signed with the rest. */
static void members_of_keys_and_roles_that_nobody_knows(void **state)
{
    (void)state;
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    r.strange = true;
    role("snapshot")->threshold = 3;
    repository_set_keys(role("snapshot"), (size_t[]){2, 8, 9}, 3);
    repository_set_signers(role("snapshot"), (size_t[]){2, 8, 9}, 3);
    repository_publish(&r, "root");
    repository_publish_all(&r);
    assert_non_null(strstr(repository_served(&r, "2.root.json")->text, "keyid_hash_algorithms"));
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_trusted(2, 2, 2, 2);
    repository_publish(&r, "root");
    char *at = strstr(repository_served(&r, "3.root.json")->text, "md5");
    assert_non_null(at);
    at[2] = '6';
    assert_verdict(device_refresh(&d), TUF_UNSIGNED);
    assert_trusted(2, 2, 2, 2);
}

/* Keys that stand in the root and have signed nothing do not reach the threshold. */
static void keys_that_have_not_signed(void **state)
{
    (void)state;
    repository_set_keys(role("snapshot"), (size_t[]){2, 8, 9, 10}, 4);
    repository_set_signers(role("snapshot"), (size_t[]){2, 8, 9, 10}, 4);
    role("snapshot")->threshold = 3;
    repository_publish(&r, "root");
    repository_publish_all(&r);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_trusted(2, 2, 2, 2);
    role("snapshot")->threshold = 5;
    repository_publish(&r, "root");
    assert_verdict(device_refresh(&d), TUF_UNSIGNED);
    assert_trusted(3, 2, 2, 2);
    repository_set_keys(role("snapshot"), (size_t[]){2, 8, 9, 10, 11}, 5);
    repository_publish(&r, "root");
    assert_verdict(device_refresh(&d), TUF_UNSIGNED);
    assert_trusted(4, 2, 2, 2);
    repository_set_signers(role("snapshot"), (size_t[]){2, 8, 9, 10, 11}, 5);
    repository_publish_all(&r);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        ROW(targets_after_a_fast_forward),
        ROW(snapshot_after_a_fast_forward),
        ROW(timestamp_after_a_fast_forward),
        ROW(fewer_signatures_than_keys),
        ROW(fewer_keys_than_signatures),
        ROW(a_key_under_two_names_counts_once),
        ROW(a_name_of_a_key_stands_once),
        ROW(kinds_of_keys),
        ROW(a_wrong_signature_beside_a_right_one),
        ROW(members_of_keys_and_roles_that_nobody_knows),
        ROW(keys_that_have_not_signed),
    };
    return cmocka_run_group_tests(tests, repository_open, repository_close);
}
