/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers by rule (S137): fifteen digits of four parts, eight digits of terminals; given once, in
 * order, past what was taken by hand; the same reference gets the same number; killed at every call
 * to the store, nobody has two and no two have one.
 */
#include "registry/numbers.h"
#include "registry/place.h"
#include "tests/unit/scratch.h"

static struct registry *registry;
static struct store_anchor *anchor;
static const struct registry_actor actor = {BYTES("test"), 1790000000000};
static const struct registry_numbering tea = {"898", "3101", "5812"};

static int set_up(void **state)
{
    (void)state;
    assert_ok(store_anchor_open("registry-numbers", &anchor));
    assert_ok(registry_open("registry-numbers", STORE_MEMORY, NULL, &registry));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    registry_close(registry);
    store_anchor_close(anchor);
    return 0;
}

static struct registry_merchant shop(void)
{
    return (struct registry_merchant){
        .name_zh = "通宝茶馆", .name_en = "TONGBAO TEA", .fee_plan = 1, .status = REGISTRY_ACTIVE};
}

static err number(const struct registry_numbering *n, const char *reference,
                  struct registry_merchant *m)
{
    *m = shop();
    return registry_number_merchant(registry, &actor, n, bytes_text(reference), m);
}

static void a_merchant_has_fifteen_digits_of_four_parts(void **state)
{
    (void)state;
    struct registry_merchant m, found;
    const struct registry_numbering hotel = {"898", "3101", "7011"};
    assert_ok(number(&tea, "application 1", &m));
    assert_string_equal(m.mid, "898310158120001");
    assert_ok(registry_find_merchant(registry, bytes_text(m.mid), &found));
    assert_string_equal(found.name_en, "TONGBAO TEA");
    assert_ok(number(&tea, "application 2", &m));
    assert_string_equal(m.mid, "898310158120002");
    assert_ok(number(&hotel, "application 3", &m));
    assert_string_equal(m.mid, "898310170110001");
    /* Who did not hear the answer asks again. */
    assert_ok(number(&tea, "application 1", &m));
    assert_string_equal(m.mid, "898310158120001");
}

static void what_was_taken_by_hand_is_passed_over(void **state)
{
    (void)state;
    struct registry_merchant m = shop();
    memcpy(m.mid, "898310158120001", 16);
    assert_ok(registry_add_merchant(registry, &actor, &m));
    memcpy(m.mid, "898310158120003", 16);
    assert_ok(registry_add_merchant(registry, &actor, &m));
    assert_ok(number(&tea, "a", &m));
    assert_string_equal(m.mid, "898310158120002");
    assert_ok(number(&tea, "b", &m));
    assert_string_equal(m.mid, "898310158120004");
}

static void a_gap_is_never_filled(void **state)
{
    (void)state;
    struct registry_merchant m;
    struct store *store = registry_store(registry);
    assert_ok(number(&tea, "a", &m));
    assert_ok(number(&tea, "b", &m));
    assert_int_equal(store_exec(store, "DELETE FROM number_given").code, ERR_DENIED);
    assert_int_equal(store_exec(store, "UPDATE number_last SET last = 0").code, ERR_DENIED);
    assert_int_equal(store_exec(store, "DELETE FROM number_last").code, ERR_DENIED);
    assert_ok(store_exec(store, "UPDATE number_last SET last = 7")); /* of which nothing came */
    assert_ok(number(&tea, "c", &m));
    assert_string_equal(m.mid, "898310158120008");
}

static void all_of_them_are_given_once(void **state)
{
    (void)state;
    struct registry_merchant m;
    char reference[24];
    assert_ok(store_exec(registry_store(registry),
                         "INSERT INTO number_last(kind, last) VALUES('89831015812', 9990)"));
    for (int i = 9991; i <= 9999; i++) {
        char serial[8];
        snprintf(reference, sizeof reference, "application %d", i);
        snprintf(serial, sizeof serial, "%04d", i);
        assert_ok(number(&tea, reference, &m));
        assert_string_equal(m.mid + 11, serial);
    }
    assert_int_equal(number(&tea, "one more", &m).code, ERR_RANGE);
    assert_non_null(strstr(registry_error_text(registry), "all merchant numbers are given"));
}

static void what_has_not_its_form_is_named(void **state)
{
    (void)state;
    static const struct {
        struct registry_numbering n;
        const char *reference, *named;
    } rows[] = {
        {{"89", "3101", "5812"}, "a", "acquirer"},  {{"89x", "3101", "5812"}, "a", "acquirer"},
        {{"898", "310", "5812"}, "a", "region"},    {{"898", "31-1", "5812"}, "a", "region"},
        {{"898", "3101", ""}, "a", "category"},     {{"898", "3101", "581A"}, "a", "category"},
        {{"898", "3101", "5812"}, "", "reference"}, {{"898", "3101", "5812"}, "\n", "reference"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct registry_merchant m;
        assert_int_equal(number(&rows[i].n, rows[i].reference, &m).code, ERR_FORMAT);
        assert_non_null(strstr(registry_error_text(registry), rows[i].named));
    }
    struct registry_merchant m = shop();
    m.name_en[0] = '\0';
    assert_int_equal(
        registry_number_merchant(registry, &actor, &tea, BYTES("application 9"), &m).code,
        ERR_FORMAT);
    /* What was refused has cost no number. */
    assert_ok(number(&tea, "application 9", &m));
    assert_string_equal(m.mid, "898310158120001");
}

static void terminals_count_upwards(void **state)
{
    (void)state;
    char tid[9];
    assert_ok(registry_number_terminal(registry, &actor, BYTES("stock 1"), tid));
    assert_string_equal(tid, "10000001");
    assert_ok(registry_number_terminal(registry, &actor, BYTES("stock 2"), tid));
    assert_string_equal(tid, "10000002");
    assert_ok(registry_number_terminal(registry, &actor, BYTES("stock 1"), tid));
    assert_string_equal(tid, "10000001");
    assert_int_equal(registry_number_terminal(registry, &actor, BYTES(""), tid).code, ERR_FORMAT);
}

struct reaper {
    int left;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    return reaper->left-- == 0 ? ERR(IO) : OK;
}

/* The first cut that is not reached ends the walk. */
static void killed_anywhere_nobody_has_two(void **state)
{
    (void)state;
    for (int cut = 0;; cut++) {
        struct registry_merchant m, again;
        struct reaper reaper = {cut};
        char name[32];
        int64_t merchants = 0, given = 0;
        snprintf(name, sizeof name, "registry-cut-%d", cut);
        registry_close(registry);
        store_anchor_close(anchor);
        assert_ok(store_anchor_open(name, &anchor));
        assert_ok(registry_open(name, STORE_MEMORY, NULL, &registry));
        store_set_fault(registry_store(registry), reap, &reaper);
        bool heard = !FAILED(number(&tea, "application 1", &m));
        bool over = reaper.left >= 0;
        registry_close(registry);
        assert_ok(registry_open(name, STORE_MEMORY, NULL, &registry));
        assert_ok(number(&tea, "application 1", &again));
        assert_string_equal(again.mid, "898310158120001");
        if (heard) assert_string_equal(m.mid, again.mid);
        struct store *store = registry_store(registry);
        assert_ok(store_query_int(store, "SELECT count(*) FROM merchant", &merchants));
        assert_ok(store_query_int(store, "SELECT count(*) FROM number_given", &given));
        assert_int_equal(merchants, 1);
        assert_int_equal(given, 1);
        if (over) {
            assert_true(cut > 5);
            return;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_merchant_has_fifteen_digits_of_four_parts, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_was_taken_by_hand_is_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_gap_is_never_filled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_of_them_are_given_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_has_not_its_form_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(terminals_count_upwards, set_up, tear_down),
        cmocka_unit_test_setup_teardown(killed_anywhere_nobody_has_two, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("registry_numbers", tests, NULL, NULL);
}
