/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The activation lock (S139): what was active once stays bound to its shop. Lost, wiped, taken back
 * or scrapped, it is refused with whatever code, the desk is alarmed once a day, and its own shop
 * gets another code when the acquirer has released it, and nobody else.
 */
#include "backoffice/devices/device_commands.h"
#include "tests/unit/activation_scene.h"

static struct scene open_active(void)
{
    struct scene s = open_shipped();
    ask(&s, s.code, DEVICE_STEP_BIND);
    assert_int_equal(s.status, DEVICE_OK);
    assert_ok(store_exec(s.rig->b->store,
                         "INSERT INTO terminal(tid, epoch, policy, version, first_login_ms,"
                         " seen_ms, certificate_end_ms) VALUES('10000001', 9, 0, '', 0, 1, 0)"));
    return s;
}

static void wants(struct scene *s, enum device_command kind)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(s->rig->b->store, &tx));
    assert_ok(command_add(s->rig->b->desk, "10000001", kind, BYTES(""), "owner li", 0, NULL));
    assert_ok(store_commit(&tx));
}

static void the_lost_and_the_wiped_stay_bound(void **state)
{
    (void)state;
    static const enum device_command kinds[] = {DEVICE_LOSE, DEVICE_WIPE};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct scene s = open_active();
        wants(&s, kinds[i]);
        ask(&s, s.code, DEVICE_STEP_SHOW);
        refused(&s, "bound");
        ask(&s, "00000000", DEVICE_STEP_BIND);
        refused(&s, "bound");
        assert_int_equal(alarms(&s, "serial_bound"), 1); /* one a day */
        assert_int_equal(alarms(&s, "serial_again"), 0);
        assert_int_equal(count_of(&s, "SELECT count(*) FROM event WHERE kind = 'serial.bound'"), 1);
        wants(&s, DEVICE_UNLOCK); /* found: it is at work, and no less bound */
        ask(&s, s.code, DEVICE_STEP_BIND);
        refused(&s, "active");
        close_scene(&s);
    }
}

/* Wherever it has got to: taken back, and scrapped. */
static void what_was_active_is_never_anybodys(void **state)
{
    (void)state;
    struct scene s = open_active();
    step(&s, "return", "{\"reason\":\"shop closed\"}");
    ask(&s, s.code, DEVICE_STEP_BIND);
    refused(&s, "bound");
    assert_int_equal(alarms(&s, "serial_bound"), 1);
    step(&s, "scrap", "{\"reason\":\"old\"}");
    s.rig->now_ms += INT64_C(86400000);
    ask(&s, s.code, DEVICE_STEP_BIND);
    refused(&s, "bound");
    assert_int_equal(alarms(&s, "serial_bound"), 2);
    close_scene(&s);
}

static void the_acquirer_releases_it_for_its_own_shop(void **state)
{
    (void)state;
    const char release[] = "terminals/" SERIAL "/release", why[] = "{\"reason\":\"found\"}";
    struct scene s = open_active();
    char old[ACTIVATION_DIGITS + 1];
    memcpy(old, s.code, sizeof old);
    wants(&s, DEVICE_LOSE);
    assert_int_equal(post(&s, &s.keeper, release, why), 403);
    s.rig->now_ms += SESSION_STEP_UP_MS + 1000; /* the factor of the log-in is an old one */
    assert_int_equal(post(&s, &s.admin, release, why), 403);
    assert_true(rig_says(s.rig, "\"error\":\"step_up\""));
    (void)rig_known(s.rig, &s.admin, "admin2", ROLE_ADMIN | ROLE_APPROVER);
    assert_int_equal(post(&s, &s.admin, release, why), 200);
    assert_int_equal(state_of(&s), STOCK_DELIVERED);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM audit WHERE event = 'stock_released'"), 1);
    /* An older vault would be refused as one that was put back: this is another life. */
    assert_int_equal(count_of(&s, "SELECT count(*) FROM terminal WHERE tid = '10000001'"), 0);
    read_code(&s); /* to the shop's own telephone */
    ask(&s, old, DEVICE_STEP_BIND);
    refused(&s, "code");
    ask(&s, s.code, DEVICE_STEP_SHOW);
    assert_non_null(strstr(s.document, "\"mid\":\"" RIG_MID "\""));
    ask(&s, s.code, DEVICE_STEP_BIND);
    assert_int_equal(s.status, DEVICE_OK);
    assert_int_equal(state_of(&s), STOCK_ACTIVE);
    ask(&s, old, DEVICE_STEP_SHOW);
    refused(&s, "active"); /* and bound again */
    assert_int_equal(post(&s, &s.admin, "terminals/" SERIAL "/restock", ""), 409);
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lost_and_the_wiped_stay_bound),
        cmocka_unit_test(what_was_active_is_never_anybodys),
        cmocka_unit_test(the_acquirer_releases_it_for_its_own_shop),
    };
    return cmocka_run_group_tests_name("stock_lock", tests, NULL, NULL);
}
