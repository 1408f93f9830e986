/* SPDX-License-Identifier: Apache-2.0 */
/* A change of a zone's keys in the registry (S120): by two people, one at a time, on record. */
#include "lib/store/audit.h"
#include "registry/rotation.h"
#include "tests/unit/scratch.h"

#define BLOCK "D0097P0AE00E0000"
#define NIL   "0000000000000000"

#define ZONE REGISTRY_CARD_NETWORK

enum { DAY_MS = 86400000 };

static struct store_anchor *anchor;
static struct registry *registry;
static const struct registry_actor admin = {BYTES("admin"), 1000}, anna = {BYTES("anna"), 2000},
                                   bo = {BYTES("bo"), 3000};

/* A block as long as one is; which one its last character says. */
static void block_of(char which, char out[REGISTRY_KEY_BLOCK_MAX + 1])
{
    snprintf(out, REGISTRY_KEY_BLOCK_MAX + 1, "%s%s%s%s%s%s%c", BLOCK, NIL, NIL, NIL, NIL, NIL,
             which);
}

static int set_up(void **state)
{
    (void)state;
    struct registry_zone_keys keys = {.zone = ZONE};
    assert_ok(store_anchor_open("rotation", &anchor));
    assert_ok(registry_open("rotation", STORE_MEMORY, NULL, &registry));
    block_of('1', keys.pin_block);
    block_of('2', keys.mac_block);
    block_of('3', keys.data_block);
    block_of('4', keys.token_block);
    assert_ok(registry_set_zone_keys(registry, &admin, &keys));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    registry_close(registry);
    store_anchor_close(anchor);
    return 0;
}

static int64_t age(int64_t *ret_number)
{
    int64_t since_ms = -1;
    assert_ok(registry_zone_age(registry, ZONE, ret_number, &since_ms));
    return since_ms;
}

static struct registry_rotation found(void)
{
    struct registry_rotation r;
    assert_ok(registry_find_rotation(registry, ZONE, &r));
    return r;
}

static struct registry_rotation with_keys(void)
{
    struct registry_rotation r = found();
    block_of('5', r.pin_block);
    block_of('6', r.mac_block);
    block_of('7', r.data_block);
    memcpy(r.told, "sealed", 6);
    r.told_len = 6;
    return r;
}

static err count_event(void *context, const struct audit_record *record)
{
    int *count = context;
    *count += record->entry.event.len > 5 && memcmp(record->entry.event.at, "zone_", 5) == 0;
    return OK;
}

static void by_two_people(void **state)
{
    (void)state;
    int64_t number;
    int events = 0;
    struct registry_zone_keys keys;
    struct registry_rotation r;
    assert_int_equal(age(&number), admin.at_ms);
    assert_int_equal(number, 1);
    assert_err(registry_find_rotation(registry, ZONE, &r), NOT_FOUND);
    assert_err(registry_finish_rotation(registry, &anna, ZONE), NOT_FOUND);
    assert_ok(registry_propose_rotation(registry, &anna, ZONE, DAY_MS));
    assert_err(registry_propose_rotation(registry, &bo, ZONE, DAY_MS), EXISTS);
    assert_err(registry_finish_rotation(registry, &bo, ZONE), STATE);
    r = found();
    assert_int_equal(r.number, 2);
    assert_string_equal(r.proposed_by, "anna");
    assert_string_equal(r.approved_by, "");
    struct registry_rotation given = with_keys();
    assert_err(registry_approve_rotation(registry, &anna, &given), DENIED);
    given.number = 3;
    assert_err(registry_approve_rotation(registry, &bo, &given), CONFLICT);
    given.number = 2;
    given.told_len = 0;
    assert_err(registry_approve_rotation(registry, &bo, &given), FORMAT);
    given.told_len = 6;
    given.mac_block[0] = '\0';
    assert_true(FAILED(registry_approve_rotation(registry, &bo, &given)));
    given = with_keys();
    assert_ok(registry_approve_rotation(registry, &bo, &given));
    assert_err(registry_approve_rotation(registry, &bo, &given), STATE);
    assert_err(registry_withdraw_rotation(registry, &anna, ZONE), STATE);
    /* Both sets lie here; the old one is the zone's. */
    r = found();
    assert_string_equal(r.approved_by, "bo");
    assert_string_equal(r.mac_block, given.mac_block);
    assert_int_equal(r.told_len, 6);
    assert_ok(registry_find_zone_keys(registry, ZONE, &keys));
    assert_string_not_equal(keys.mac_block, given.mac_block);
    assert_ok(registry_finish_rotation(registry, &anna, ZONE));
    assert_ok(registry_find_zone_keys(registry, ZONE, &keys));
    assert_string_equal(keys.pin_block, given.pin_block);
    assert_string_equal(keys.mac_block, given.mac_block);
    assert_string_equal(keys.data_block, given.data_block);
    assert_int_equal(keys.token_block[strlen(keys.token_block) - 1], '4'); /* never changes */
    assert_int_equal(age(&number), bo.at_ms);
    assert_int_equal(number, 2);
    assert_err(registry_find_rotation(registry, ZONE, &r), NOT_FOUND);
    assert_ok(audit_read(registry_store(registry), 1, count_event, &events));
    assert_int_equal(events, 4); /* set, proposed, approved, destroyed */
}

/* Nothing of the old blocks is left in the store. */
static void the_old_blocks_are_gone(void **state)
{
    (void)state;
    struct registry_zone_keys before;
    assert_ok(registry_find_zone_keys(registry, ZONE, &before));
    assert_ok(registry_propose_rotation(registry, &anna, ZONE, DAY_MS));
    struct registry_rotation given = with_keys();
    assert_ok(registry_approve_rotation(registry, &bo, &given));
    assert_ok(registry_finish_rotation(registry, &anna, ZONE));
    struct bytes bytes = {0};
    assert_ok(store_anchor_image(anchor, &bytes));
    assert_non_null(memmem(bytes.at, bytes.len, given.mac_block, strlen(given.mac_block)));
    assert_null(memmem(bytes.at, bytes.len, before.mac_block, strlen(before.mac_block)));
    assert_null(memmem(bytes.at, bytes.len, before.pin_block, strlen(before.pin_block)));
    store_image_free(bytes);
}

static void a_proposal_is_withdrawn(void **state)
{
    (void)state;
    struct registry_rotation r;
    assert_err(registry_withdraw_rotation(registry, &anna, ZONE), NOT_FOUND);
    assert_ok(registry_propose_rotation(registry, &anna, ZONE, DAY_MS));
    assert_ok(registry_withdraw_rotation(registry, &bo, ZONE));
    assert_err(registry_find_rotation(registry, ZONE, &r), NOT_FOUND);
    assert_err(registry_propose_rotation(registry, &anna, REGISTRY_WALLET, DAY_MS), NOT_FOUND);
    /* A set that is put in by hand ends what was under way, and counts. */
    struct registry_zone_keys keys;
    int64_t number;
    assert_ok(registry_propose_rotation(registry, &anna, ZONE, DAY_MS));
    assert_ok(registry_find_zone_keys(registry, ZONE, &keys));
    assert_ok(registry_set_zone_keys(registry, &bo, &keys));
    assert_err(registry_find_rotation(registry, ZONE, &r), NOT_FOUND);
    assert_int_equal(age(&number), bo.at_ms);
    assert_int_equal(number, 2);
}

/* A registry from before the counting: its keys are of no known age, and the next set is 2. */
static void keys_of_an_unknown_age(void **state)
{
    (void)state;
    int64_t number;
    assert_ok(store_exec(registry_store(registry), "DELETE FROM zone_age"));
    assert_int_equal(age(&number), 0);
    assert_int_equal(number, 1);
    assert_ok(registry_propose_rotation(registry, &anna, ZONE, DAY_MS));
    struct registry_rotation given = with_keys();
    assert_int_equal(given.number, 2);
    assert_ok(registry_approve_rotation(registry, &bo, &given));
    assert_ok(registry_finish_rotation(registry, &anna, ZONE));
    assert_int_equal(age(&number), bo.at_ms);
    assert_int_equal(number, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(by_two_people, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_old_blocks_are_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_proposal_is_withdrawn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_of_an_unknown_age, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("registry_rotation", tests, NULL, NULL);
}
