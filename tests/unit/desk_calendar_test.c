/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calendar (S123): what ends and what is to be reviewed is said to the desk in time, once each,
 * under a clock that goes on to the end and past it.
 */
#include "backoffice/desk/calendar.h"

#include "registry/credential.h"
#include "registry/policy.h"
#include "registry/registry.h"
#include "tests/unit/desk_rig.h"

static int64_t expiry_notices(void)
{
    assert_ok(desk_tick(rig.desk));
    return rig_count("SELECT count(*) FROM notice WHERE kind IN ('expires', 'expired')");
}

static void to_days_before(int64_t days)
{
    rig.now_ms = RIG_CERTIFICATE_END - days * RIG_DAY_MS;
}

/* S123: warnings at -90, -30 and -7 days and at the end, each once, for terminal and host. */
static void what_ends_is_said_in_time(void **state)
{
    (void)state;
    static const struct {
        int64_t days, notices; /* before the terminal's end; the server's is ten days earlier */
    } steps[] = {{101, 0}, {100, 1}, {91, 1}, {90, 2}, {41, 2}, {40, 3}, {30, 4},
                 {18, 4},  {17, 5},  {10, 6}, {7, 7},  {1, 7},  {0, 8},  {-5, 8}};
    rig_connect(3);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        to_days_before(steps[i].days);
        assert_int_equal(expiry_notices(), steps[i].notices);
        assert_int_equal(expiry_notices(), steps[i].notices);
    }
    assert_int_equal(rig_count("SELECT count(*) FROM notice WHERE alarm = 1"), 4);
    assert_int_equal(rig.messages, 0);
    /* A renewed certificate begins anew. */
    assert_ok(devices_opened(rig.desk, 4, BYTES(RIG_TID), rig.now_ms + 20 * RIG_DAY_MS));
    rig_say(4, RIG_HELLO(RIG_SERIAL, "TB-1"));
    rig.now_ms += RIG_DAY_MS;
    assert_int_equal(expiry_notices(), 9);
}

#define REVIEWS(kind) \
    "SELECT count(*) FROM notice WHERE kind IN ('review', 'review_due') AND detail LIKE '" kind "%'"
#define OF_PASSWORDS REVIEWS("password_review")
#define OF_POLICIES  REVIEWS("policy_review")
#define OF_KEYS      REVIEWS("zone_keys")

/* The calendar is looked at once an hour. */
static int64_t an_hour_later(const char *sql)
{
    rig.now_ms += 3600 * 1000;
    assert_ok(desk_tick(rig.desk));
    return rig_count(sql);
}

static void set_password(int64_t account)
{
    const struct registry_actor actor = {BYTES("rig"), rig.now_ms};
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(rig.store, &tx));
    assert_ok(credential_set_password(&tx, &actor, account, BYTES("a record"), false));
    assert_ok(store_commit(&tx));
}

static int64_t account_in_use(const char *login, enum account_kind kind, unsigned roles)
{
    struct account a = {.kind = kind, .roles = roles};
    int64_t id = 0;
    snprintf(a.login, sizeof a.login, "%s", login);
    snprintf(a.name, sizeof a.name, "%s", login);
    if (kind == ACCOUNT_OWNER) snprintf(a.mid, sizeof a.mid, RIG_MID);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(rig.store, &tx));
    assert_ok(account_add(&tx, &rig_admin, &a, &id));
    assert_ok(account_set_status(&tx, &rig_admin, id, ACCOUNT_ACTIVE));
    assert_ok(store_commit(&tx));
    set_password(id);
    return id;
}

static err take_review(void *context, const struct calendar_entry *entry)
{
    int *seen = context;
    *seen += entry->review;
    return OK;
}

/* S123: passwords of consoles and published policies, at -30, -7, 0 and +7 days, once each; the
 * last stays until somebody has looked, and a new password begins anew. */
static void what_is_to_be_reviewed_is_said_in_time(void **state)
{
    (void)state;
    static const struct {
        int64_t days, notices; /* since it was set; 180 days are the policy's, 365 a policy's */
    } passwords[] = {{0, 0},   {149, 0}, {150, 1}, {172, 1}, {173, 2},
                     {179, 2}, {180, 3}, {186, 3}, {187, 4}, {300, 4}},
      policies[] = {{334, 0}, {335, 1}, {358, 2}, {364, 2}, {365, 3}, {372, 4}, {500, 4}};
    int seen = 0;
    int64_t began_ms = rig.now_ms, owner = account_in_use("wang", ACCOUNT_OWNER, ROLE_OWNER);
    account_in_use("anna", ACCOUNT_STAFF, ROLE_AGENT);
    for (size_t i = 0; i < ARRAY_LEN(passwords); i++) {
        rig.now_ms = began_ms + passwords[i].days * RIG_DAY_MS;
        assert_int_equal(an_hour_later(OF_PASSWORDS), 2 * passwords[i].notices);
        assert_int_equal(an_hour_later(OF_PASSWORDS), 2 * passwords[i].notices);
    }
    assert_int_equal(
        rig_count("SELECT count(*) FROM notice WHERE alarm = 1 AND kind = 'review_due'"), 2);
    assert_int_equal(rig_count("SELECT count(*) FROM notice WHERE detail LIKE '%owner wang'"), 4);
    assert_ok(calendar_list(rig.desk, take_review, &seen));
    assert_int_equal(seen, 2);
    set_password(owner);
    rig.now_ms += 151 * RIG_DAY_MS;
    assert_int_equal(an_hour_later(OF_PASSWORDS), 9);

    struct registry_policy policy = {.model = "TB-1", .version = 2, .document_len = 1};
    const struct registry_actor actor = {BYTES("rig"), rig.now_ms};
    began_ms = rig.now_ms;
    assert_ok(registry_publish_policy(rig.registry, &actor, &policy));
    for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
        rig.now_ms = began_ms + policies[i].days * RIG_DAY_MS;
        assert_int_equal(an_hour_later(OF_POLICIES), policies[i].notices);
    }
    assert_int_equal(rig.messages, 0); /* the desk alone */
}

/* S123: the keys shared with the card network are due after a year; other keys begin anew, and keys
 * whose age nobody knows are due at once. */
static void keys_of_the_network_are_due(void **state)
{
    (void)state;
    static const struct {
        int64_t days, notices;
    } steps[] = {{0, 0}, {334, 0}, {335, 1}, {358, 2}, {364, 2}, {365, 3}, {372, 4}, {500, 4}};
    static const char block[] = "D0032P0AE00E00000000000000000000";
    struct registry_zone_keys keys = {.zone = REGISTRY_CARD_NETWORK};
    int64_t began_ms = rig.now_ms;
    memcpy(keys.pin_block, block, sizeof block);
    memcpy(keys.mac_block, block, sizeof block);
    memcpy(keys.data_block, block, sizeof block);
    memcpy(keys.token_block, block, sizeof block);
    assert_int_equal(an_hour_later(OF_KEYS), 0); /* there are none */
    began_ms = rig.now_ms;
    const struct registry_actor actor = {BYTES("rig"), began_ms};
    assert_ok(registry_set_zone_keys(rig.registry, &actor, &keys));
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        rig.now_ms = began_ms + steps[i].days * RIG_DAY_MS;
        assert_int_equal(an_hour_later(OF_KEYS), steps[i].notices);
    }
    const struct registry_actor later = {BYTES("rig"), rig.now_ms};
    assert_ok(registry_set_zone_keys(rig.registry, &later, &keys));
    rig.now_ms += 336 * RIG_DAY_MS;
    assert_int_equal(an_hour_later(OF_KEYS), 5);
    assert_ok(store_exec(registry_store(rig.registry), "DELETE FROM zone_age"));
    assert_int_equal(an_hour_later(OF_KEYS), 6);
    assert_int_equal(rig_count("SELECT count(*) FROM notice WHERE alarm = 1 AND detail LIKE"
                               " 'zone_keys%card network'"),
                     2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_ends_is_said_in_time, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(what_is_to_be_reviewed_is_said_in_time, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(keys_of_the_network_are_due, rig_make, rig_drop),
    };
    return cmocka_run_group_tests_name("desk_calendar", tests, NULL, NULL);
}
