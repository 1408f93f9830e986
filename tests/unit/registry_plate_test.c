/* SPDX-License-Identifier: Apache-2.0 */
/* Plates in the registry (S79): what is printed is never changed, each class has its limit, an id
 * is nobody else's, and a closed plate stays closed. */
#include "registry/plate.h"
#include "tests/unit/scratch.h"

#define MID "898310153110001"

static struct registry *registry;
static struct store_anchor *anchor;
static const struct registry_actor actor = {BYTES("test"), 1790000000000};

static int set_up(void **state)
{
    (void)state;
    const struct registry_merchant merchant = {.mid = MID,
                                               .name_zh = "通宝茶馆",
                                               .name_en = "TONGBAO TEA",
                                               .fee_plan = 1,
                                               .status = REGISTRY_ACTIVE};
    assert_ok(store_anchor_open("registry-plates", &anchor));
    assert_ok(registry_open("registry-plates", STORE_MEMORY, NULL, &registry));
    assert_ok(registry_add_merchant(registry, &actor, &merchant));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    registry_close(registry);
    store_anchor_close(anchor);
    return 0;
}

static const struct registry_plate good = {
    .id = "P0000001", .mid = MID, .class = REGISTRY_PLATE_D, .text = "000201...6304ABCD"};

static void it_is_kept_as_it_was_printed(void **state)
{
    (void)state;
    struct registry_plate read;
    char id[REGISTRY_PLATE_LEN + 1];
    assert_ok(registry_next_plate(registry, id));
    assert_string_equal(id, "P0000001");
    assert_ok(registry_add_plate(registry, &actor, &good));
    assert_ok(registry_find_plate(registry, BYTES("P0000001"), &read));
    assert_string_equal(read.text, good.text);
    assert_string_equal(read.mid, MID);
    assert_int_equal(read.status, REGISTRY_ACTIVE);
    assert_ok(registry_next_plate(registry, id));
    assert_string_equal(id, "P0000002");
    assert_int_equal(registry_add_plate(registry, &actor, &good).code, ERR_EXISTS);
    struct store_statement *change;
    assert_ok(store_statement(registry_store(registry), "UPDATE plate SET text = 'x'", &change));
    assert_true(FAILED(store_run(change)));
    assert_ok(
        store_statement(registry_store(registry), "DELETE FROM plate WHERE id > ''", &change));
    assert_true(FAILED(store_run(change)));
}

static void what_has_not_its_form_is_refused(void **state)
{
    (void)state;
    struct registry_plate bad = good;
    memcpy(bad.id, "Q0000001", 9);
    assert_int_equal(registry_add_plate(registry, &actor, &bad).code, ERR_FORMAT);
    bad = good, bad.class = REGISTRY_PLATE_CLASSES;
    assert_int_equal(registry_add_plate(registry, &actor, &bad).code, ERR_FORMAT);
    bad = good, bad.class = REGISTRY_PLATE_A; /* nothing was agreed */
    assert_int_equal(registry_add_plate(registry, &actor, &bad).code, ERR_FORMAT);
    bad = good, bad.agreed_minor = 1; /* of class D nothing is agreed */
    assert_int_equal(registry_add_plate(registry, &actor, &bad).code, ERR_FORMAT);
    bad = good, bad.text[0] = '\0';
    assert_int_equal(registry_add_plate(registry, &actor, &bad).code, ERR_FORMAT);
    bad = good, bad.text[0] = '\n';
    assert_int_equal(registry_add_plate(registry, &actor, &bad).code, ERR_FORMAT);
    bad = good, memcpy(bad.mid, "898310153110009", 16);
    assert_int_equal(registry_add_plate(registry, &actor, &bad).code, ERR_NOT_FOUND);
}

/* 500, 1,000, 5,000 yuan, or as agreed (market facts, chapter 7). */
static void each_class_has_its_limit(void **state)
{
    (void)state;
    static const int64_t limits[] = {0, 777, 500000, 100000, 50000};
    for (unsigned class = REGISTRY_PLATE_A; class < REGISTRY_PLATE_CLASSES; class ++) {
        struct registry_plate plate = good;
        plate.class = (enum registry_plate_class) class;
        plate.agreed_minor = class == REGISTRY_PLATE_A ? 777 : 0;
        assert_int_equal(registry_plate_limit(&plate), limits[class]);
    }
}

static void a_closed_one_stays_closed(void **state)
{
    (void)state;
    struct registry_plate rows[2];
    size_t count = 9;
    assert_ok(registry_add_plate(registry, &actor, &good));
    const struct bytes id = BYTES("P0000001");
    assert_ok(registry_set_plate_status(registry, &actor, id, REGISTRY_SUSPENDED));
    assert_ok(registry_set_plate_status(registry, &actor, id, REGISTRY_ACTIVE));
    assert_ok(registry_set_plate_status(registry, &actor, id, REGISTRY_CLOSED));
    assert_int_equal(registry_set_plate_status(registry, &actor, id, REGISTRY_ACTIVE).code,
                     ERR_STATE);
    assert_int_equal(
        registry_set_plate_status(registry, &actor, BYTES("P0000009"), REGISTRY_ACTIVE).code,
        ERR_NOT_FOUND);
    assert_ok(registry_list_plates(registry, "", rows, 2, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].status, REGISTRY_CLOSED);
    assert_ok(registry_list_plates(registry, "P0000001", rows, 2, &count));
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_kept_as_it_was_printed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_has_not_its_form_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_class_has_its_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_closed_one_stays_closed, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("registry_plate", tests, NULL, NULL);
}
