/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that change: each row says who may sign a version, how many it takes and who did sign. A
 * root is signed by the keys before it and by its own; the rows are those of the published
 * conformance suite, and some of ours. S119.
 */
#include "tests/unit/tuf_repository.h"

enum { VERSIONS = 5, SIGNERS = 8, NOBODY = -1, FIRST_KEY = 8 };

struct version {
    int keys[SIGNERS], threshold, signers[SIGNERS]; /* -1 ends them */
};

#define KEYS(...)           \
    {                       \
        __VA_ARGS__, NOBODY \
    }

struct row {
    const char *name;
    struct version versions[VERSIONS]; /* threshold 0 ends them */
    enum tuf_verdict last;             /* of the last version; those before are taken */
};

/* clang-format off */
static const struct row roots[] = {
    {"1 of 1 rotates", {
        {KEYS(1), 1, KEYS(1)}, {KEYS(2), 1, KEYS(2, 1)}, {KEYS(2), 1, KEYS(2)}}},
    {"1 of 1 rotates, others sign as well", {
        {KEYS(1), 1, KEYS(3, 1, 4)}, {KEYS(2), 1, KEYS(3, 2, 1, 4)}, {KEYS(2), 1, KEYS(3, 2, 4)}}},
    {"3 of 5, each time others", {
        {KEYS(0, 1, 2, 3, 4), 3, KEYS(0, 2, 4)}, {KEYS(0, 1, 2, 3, 4), 3, KEYS(0, 4, 1)},
        {KEYS(0, 1, 2, 3, 4), 3, KEYS(0, 1, 3)}, {KEYS(0, 1, 2, 3, 4), 3, KEYS(0, 1, 3)}}},
    {"3 of 5, one rotates", {
        {KEYS(0, 1, 2, 3, 4), 3, KEYS(0, 2, 4)}, {KEYS(0, 1, 3, 4, 5), 3, KEYS(0, 4, 1)}}},
    {"3 of 5, one rotates by a step between", {
        {KEYS(0, 1, 2, 3, 4), 3, KEYS(0, 2, 4)}, {KEYS(0, 1, 3, 4, 5), 3, KEYS(0, 2, 4, 5)},
        {KEYS(0, 1, 3, 4, 5), 3, KEYS(0, 4, 5)}}},
    {"3 of 5, all rotate by a step between", {
        {KEYS(0, 1, 2, 3, 4), 3, KEYS(0, 2, 4)}, {KEYS(5, 6, 7, 8, 9), 3, KEYS(0, 2, 4, 5, 6, 7)},
        {KEYS(5, 6, 7, 8, 9), 3, KEYS(5, 6, 7)}}},
    {"1 of 3 becomes 2 of 3", {
        {KEYS(1, 2, 3), 1, KEYS(1)}, {KEYS(1, 2, 3), 2, KEYS(1, 2)}}},
    {"2 of 3 becomes 1 of 3", {
        {KEYS(1, 2, 3), 2, KEYS(1, 2)}, {KEYS(1, 2, 3), 1, KEYS(1, 2)}, {KEYS(1, 2, 3), 1, KEYS(1)}}},
    {"1 of 2 becomes 2 of 2", {
        {KEYS(1), 1, KEYS(1)}, {KEYS(1, 2), 2, KEYS(1, 2)}}},
    {"1 of 1, not signed by the old key", {
        {KEYS(1), 1, KEYS(1)}, {KEYS(2), 1, KEYS(2, 3, 4)}}, TUF_UNSIGNED},
    {"1 of 1, not signed by the new key", {
        {KEYS(1), 1, KEYS(1)}, {KEYS(2), 1, KEYS(1, 3, 4)}}, TUF_UNSIGNED},
    {"3 of 5, not signed by three new keys", {
        {KEYS(0, 1, 2, 3, 4), 3, KEYS(0, 2, 4)}, {KEYS(0, 1, 3, 4, 5), 3, KEYS(0, 2, 4)}}, TUF_UNSIGNED},
    {"3 of 5, not signed by three old keys", {
        {KEYS(0, 1, 2, 3, 4), 3, KEYS(0, 2, 4)}, {KEYS(0, 1, 3, 4, 5), 3, KEYS(0, 4, 5)}}, TUF_UNSIGNED},
    {"1 of 3 becomes 2 of 3, signed by one", {
        {KEYS(1, 2, 3), 1, KEYS(1)}, {KEYS(1, 2, 3), 2, KEYS(2)}}, TUF_UNSIGNED},
    {"2 of 3 becomes 1 of 3, signed by one", {
        {KEYS(1, 2, 3), 2, KEYS(1, 2)}, {KEYS(1, 2, 3), 1, KEYS(1)}}, TUF_UNSIGNED},
    {"one key that was taken out, and two that nobody knows", {
        {KEYS(0, 1, 2), 2, KEYS(0, 1)}, {KEYS(1, 2, 3), 2, KEYS(0, 1, 2)},
        {KEYS(1, 2, 3), 2, KEYS(0, 1, 8, 9)}}, TUF_UNSIGNED},
};

static const struct row others[] = {
    {"1 of 1 rotates", {{KEYS(2), 1, KEYS(2)}}},
    {"1 of 1, others sign as well", {{KEYS(1), 1, KEYS(3, 1, 4)}}},
    {"1 of 1, not signed by the new key", {{KEYS(2), 1, KEYS(1, 3, 4)}}, TUF_UNSIGNED},
    {"3 of 5, one of them is not there any more", {
        {KEYS(0, 1, 3, 4, 5), 3, KEYS(0, 2, 4)}}, TUF_UNSIGNED},
    {"3 of 5, two sign", {{KEYS(0, 1, 3, 4, 5), 3, KEYS(0, 4)}}, TUF_UNSIGNED},
    {"3 of 5, first", {{KEYS(0, 1, 2, 3, 4), 3, KEYS(0, 2, 4)}}},
    {"3 of 5, second", {{KEYS(0, 1, 2, 3, 4), 3, KEYS(0, 4, 1)}}},
    {"3 of 5, third", {{KEYS(0, 1, 2, 3, 4), 3, KEYS(0, 1, 3)}}},
    {"3 of 5, fourth", {{KEYS(0, 1, 2, 3, 4), 3, KEYS(1, 2, 3)}}},
    {"3 of 5, fifth", {{KEYS(0, 1, 2, 3, 4), 3, KEYS(2, 3, 4)}}},
};
/* clang-format on */

static struct repository r;
static struct repository_device d;

static void apply(struct repository_role *role, const struct version *v)
{
    size_t list[SIGNERS], count = 0;
    for (; v->keys[count] != NOBODY; count++) list[count] = (size_t)v->keys[count] + FIRST_KEY;
    repository_set_keys(role, list, count);
    for (count = 0; v->signers[count] != NOBODY; count++)
        list[count] = (size_t)v->signers[count] + FIRST_KEY;
    repository_set_signers(role, list, count);
    role->threshold = v->threshold;
}

static void roots_in_turn(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
        print_message("%s\n", roots[i].name);
        repository_begin(&r, &d);
        repository_withdraw(&r, "1.root.json");
        r.roles[0].published = false;
        size_t count = 0;
        for (; count < VERSIONS && roots[i].versions[count].threshold > 0; count++) {
            apply(&r.roles[0], &roots[i].versions[count]);
            repository_publish(&r, "root");
        }
        assert_true(count >= 2);
        assert_verdict(device_init(&d), TUF_ACCEPTED);
        assert_verdict(device_refresh(&d), roots[i].last);
        size_t kept = roots[i].last == TUF_ACCEPTED ? count : count - 1;
        assert_int_equal(device_version(&d, "root"), kept);
        char file[32];
        snprintf(file, sizeof file, "%zu.root.json", kept);
        const struct repository_published *served = repository_served(&r, file),
                                          *here = device_kept(&d, "root.json");
        assert_int_equal(here->len, served->len);
        assert_memory_equal(here->text, served->text, served->len);
        repository_end(&r, &d);
    }
}

static void other_roles(void **state)
{
    (void)state;
    static const char *const names[] = {"timestamp", "snapshot", "targets"};
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        for (size_t j = 0; j < ARRAY_LEN(names); j++) {
            print_message("%s, %s\n", names[j], others[i].name);
            repository_begin(&r, &d);
            assert_verdict(device_init(&d), TUF_ACCEPTED);
            assert_verdict(device_refresh(&d), TUF_ACCEPTED);
            apply(repository_role(&r, names[j]), &others[i].versions[0]);
            repository_publish(&r, "root");
            repository_publish_all(&r);
            assert_verdict(device_refresh(&d), others[i].last);
            assert_int_equal(device_version(&d, "root"), 2);
            assert_int_equal(device_version(&d, names[j]), others[i].last == TUF_ACCEPTED ? 2 : 1);
            repository_end(&r, &d);
        }
}

/* The next root is the next number: none is skipped, none comes twice. */
static void roots_have_no_gaps(void **state)
{
    (void)state;
    repository_begin(&r, &d);
    assert_verdict(device_init(&d), TUF_ACCEPTED);
    r.roles[0].version = 2;
    repository_publish(&r, "root");
    const struct repository_published *third = repository_served(&r, "3.root.json");
    repository_serve(&r, "2.root.json", third->text, third->len);
    assert_verdict(device_refresh(&d), TUF_NOT_ANNOUNCED);
    const struct repository_published *first = repository_served(&r, "1.root.json");
    repository_serve(&r, "2.root.json", first->text, first->len);
    assert_verdict(device_refresh(&d), TUF_OLDER);
    assert_int_equal(device_version(&d, "root"), 1);
    repository_end(&r, &d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_in_turn),
        cmocka_unit_test(other_roles),
        cmocka_unit_test(roots_have_no_gaps),
    };
    return cmocka_run_group_tests(tests, repository_open, repository_close);
}
