/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Activation (S139, DV-01): a device that has only its factory's key asks with a code, hears the
 * five elements, and is bound. Limited tries, an end, used once; by the code or by the tail of the
 * identity number; another key with the same serial number, and a serial number that is active, are
 * refused and alarm the desk; killed at every call to the store there is one binding or none.
 */
#include "tests/unit/activation_scene.h"

/* ---- the way it should go ---- */

static void a_person_sees_to_whom_and_says_yes(void **state)
{
    (void)state;
    struct scene s = open_shipped();
    ask(&s, s.code, DEVICE_STEP_SHOW);
    assert_int_equal(s.status, DEVICE_OK);
    assert_string_equal(s.document,
                        "{\"merchant_zh\":\"开源茶馆\",\"merchant_en\":\"Tea House\",\"acquirer\":"
                        "\"898\",\"mid\":\"" RIG_MID "\",\"subject\":\"**** A062\","
                        "\"account\":\"**** 1234\",\"address\":\"中山东一路17号\"}");
    assert_int_equal(state_of(&s), STOCK_SHIPPED); /* looking binds nothing */
    ask(&s, s.code, DEVICE_STEP_BIND);
    assert_int_equal(s.status, DEVICE_OK);
    assert_string_equal(s.document, "{\"tid\":\"10000001\",\"issue\":1}");
    assert_int_equal(state_of(&s), STOCK_ACTIVE);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_binding WHERE bound_ms > 0"), 1);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM event WHERE kind = 'stock.shipped' OR"
                                  " (kind = 'device.activated' AND mid = '" RIG_MID "' AND object"
                                  " = 'stock/terminals/" SERIAL "')"),
                     2);
    assert_int_equal(rig_ask(s.rig, &s.keeper, "GET", "/api/v1/stock/terminals/" SERIAL, ""), 200);
    assert_true(rig_says(s.rig, "\"by\":\"device channel\""));
    close_scene(&s);
}

static void the_tail_of_the_identity_number_does_as_well(void **state)
{
    (void)state;
    struct scene s = open_shipped();
    static const struct {
        const char *code, *reason;
    } rows[] = {{"0A0621", "code"}, {"A062", "code"}, {"", "code"}, {"FL0A062", "code"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct device_message m = question_of(&s.device, rows[i].code, DEVICE_STEP_SHOW);
        m.proof_way = DEVICE_BY_TAIL;
        sign(&s.device, &m);
        send(&s, &m);
        refused(&s, rows[i].reason);
        assert_int_equal(s.seconds, ACTIVATION_TRIES - 1 - (int)i);
    }
    struct device_message m = question_of(&s.device, "L0A062", DEVICE_STEP_BIND);
    m.proof_way = DEVICE_BY_TAIL;
    sign(&s.device, &m);
    send(&s, &m);
    assert_int_equal(s.status, DEVICE_OK);
    assert_int_equal(state_of(&s), STOCK_ACTIVE);
    close_scene(&s);
}

/* ---- codes ---- */

static void wrong_codes_are_counted_and_then_it_is_dead(void **state)
{
    (void)state;
    struct scene s = open_shipped();
    char wrong[ACTIVATION_DIGITS + 1];
    snprintf(wrong, sizeof wrong, "%s", s.code);
    wrong[7] = wrong[7] == '0' ? '1' : '0';
    for (int i = 1; i <= ACTIVATION_TRIES; i++) {
        ask(&s, wrong, DEVICE_STEP_SHOW);
        refused(&s, "code");
        assert_int_equal(s.seconds, ACTIVATION_TRIES - i);
    }
    ask(&s, s.code, DEVICE_STEP_SHOW);
    refused(&s, "ended");
    /* Another one is sent, and the old one opens nothing. */
    char old[ACTIVATION_DIGITS + 1];
    memcpy(old, s.code, sizeof old);
    s.rig->now_ms += 10 * 60 * 1000;
    step(&s, "code", "");
    assert_true(rig_says(s.rig, "\"sent\":true") && !rig_says(s.rig, old));
    read_code(&s);
    ask(&s, old, DEVICE_STEP_SHOW);
    refused(&s, "code");
    ask(&s, s.code, DEVICE_STEP_BIND);
    assert_int_equal(s.status, DEVICE_OK);
    close_scene(&s);
}

/* A right code costs no try, however often it is looked with. */
static void looking_costs_nothing(void **state)
{
    (void)state;
    struct scene s = open_shipped();
    for (int i = 0; i < 3 * ACTIVATION_TRIES; i++) {
        ask(&s, s.code, DEVICE_STEP_SHOW);
        assert_int_equal(s.status, DEVICE_OK);
    }
    assert_int_equal(count_of(&s, "SELECT tries FROM stock_activation"), 0);
    close_scene(&s);
}

static void a_code_ends(void **state)
{
    (void)state;
    struct scene s = open_shipped();
    s.rig->now_ms += ACTIVATION_MS - 1;
    ask(&s, s.code, DEVICE_STEP_SHOW);
    assert_int_equal(s.status, DEVICE_OK);
    s.rig->now_ms += 1;
    ask(&s, s.code, DEVICE_STEP_BIND);
    refused(&s, "ended");
    assert_int_equal(s.rig->issued, 0);
    close_scene(&s);
}

static void only_a_parcel_on_its_way_is_activated(void **state)
{
    (void)state;
    struct scene s = open_scene();
    ask(&s, "12345678", DEVICE_STEP_SHOW);
    refused(&s, "not_sent");
    close_scene(&s);
    s = open_shipped();
    step(&s, "return", "{\"reason\":\"refused at the door\"}");
    ask(&s, s.code, DEVICE_STEP_BIND);
    refused(&s, "not_sent");
    step(&s, "restock", "");
    ask(&s, s.code, DEVICE_STEP_BIND);
    refused(&s, "not_sent");
    assert_int_equal(s.rig->issued, 0);
    close_scene(&s);
}

static void what_is_away_costs_no_try(void **state)
{
    (void)state;
    struct scene s = open_shipped();
    s.rig->hsm_away = true;
    ask(&s, "00000000", DEVICE_STEP_SHOW);
    refused(&s, "busy");
    s.rig->hsm_away = false;
    s.rig->b->ports.issue = issue_nothing;
    ask(&s, s.code, DEVICE_STEP_BIND);
    refused(&s, "busy");
    s.rig->b->ports.issue = NULL;
    ask(&s, s.code, DEVICE_STEP_BIND);
    refused(&s, "busy");
    assert_int_equal(state_of(&s), STOCK_SHIPPED);
    assert_int_equal(count_of(&s, "SELECT tries FROM stock_activation"), 0);
    s.rig->b->ports.issue = issue;
    ask(&s, s.code, DEVICE_STEP_BIND);
    assert_int_equal(s.status, DEVICE_OK);
    close_scene(&s);
}

/* ---- somebody else ---- */

static void another_key_with_this_serial_number_is_a_clone(void **state)
{
    (void)state;
    struct scene s = open_shipped();
    struct device clone = device_make();
    struct device_message m = question_of(&clone, s.code, DEVICE_STEP_BIND);
    sign(&clone, &m);
    for (int i = 0; i < 3; i++) {
        send(&s, &m);
        refused(&s, "device"); /* although the code is right */
    }
    assert_int_equal(alarms(&s, "serial_cloned"), 1); /* one a day */
    assert_int_equal(count_of(&s, "SELECT count(*) FROM event WHERE kind = 'serial.cloned'"), 1);
    s.rig->now_ms += 24 * 3600 * 1000;
    send(&s, &m);
    assert_int_equal(alarms(&s, "serial_cloned"), 2);
    /* It has used up none of the tries, and the device itself is not kept from anything. */
    assert_int_equal(count_of(&s, "SELECT tries FROM stock_activation"), 0);
    ask(&s, s.code, DEVICE_STEP_BIND);
    assert_int_equal(s.status, DEVICE_OK);
    identity_key_free(&clone.key);
    close_scene(&s);
}

static void words_that_were_changed_are_nobodys(void **state)
{
    (void)state;
    struct scene s = open_shipped();
    struct device_message right = question_of(&s.device, s.code, DEVICE_STEP_SHOW), m;
    sign(&s.device, &right);
    for (int i = 0; i < 7; i++) {
        m = right;
        if (i == 0) m.step = DEVICE_STEP_BIND;
        if (i == 1) m.proof_way = DEVICE_BY_TAIL;
        if (i == 2) m.code[0] = m.code[0] == '0' ? '1' : '0';
        if (i == 3) m.transport[31] ^= 1; /* somebody would have the keys sealed to himself */
        if (i == 4) m.words[10] = m.words[10] == '0' ? '1' : '0';
        if (i == 5) m.words[0] = '\0';
        if (i == 6) m.policy = BYTES("no request");
        send(&s, &m);
        refused(&s, "device");
    }
    m = question_of(&s.device, s.code, DEVICE_STEP_SHOW);
    memcpy(m.model, "TB-2", 5);
    sign(&s.device, &m);
    send(&s, &m);
    refused(&s, "device");
    m = question_of(&s.device, s.code, DEVICE_STEP_SHOW);
    memcpy(m.serial, "TB1-2030-O00017", 16); /* looks like it, and is not */
    sign(&s.device, &m);
    send(&s, &m);
    refused(&s, "device");
    assert_int_equal(count_of(&s, "SELECT tries FROM stock_activation"), 0);
    close_scene(&s);
}

static void one_device_one_shop(void **state)
{
    (void)state;
    struct scene s = open_shipped();
    ask(&s, s.code, DEVICE_STEP_BIND);
    assert_int_equal(s.status, DEVICE_OK);
    /* The answer was lost: the device that was bound asks again, and is told anew. */
    ask(&s, s.code, DEVICE_STEP_BIND);
    assert_int_equal(s.status, DEVICE_OK);
    assert_string_equal(s.document, "{\"tid\":\"10000001\",\"issue\":2}");
    assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_event WHERE became = 6"), 1);
    ask(&s, "00000000", DEVICE_STEP_BIND);
    refused(&s, "code");
    assert_int_equal(alarms(&s, "serial_again"), 0);
    /* It has come with what it was given: from now on nobody is told again. */
    assert_ok(store_exec(s.rig->b->store,
                         "INSERT INTO terminal(tid, epoch, policy, version, first_login_ms,"
                         " seen_ms, certificate_end_ms) VALUES('10000001', 0, 0, '', 0, 1, 0)"));
    ask(&s, s.code, DEVICE_STEP_BIND);
    refused(&s, "active");
    assert_int_equal(alarms(&s, "serial_again"), 1);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM event WHERE kind = 'serial.again'"), 1);
    assert_int_equal(s.rig->issued, 2);
    /* A second shop cannot have it. */
    assert_int_equal(post(&s, &s.admin, "terminals/" SERIAL "/assign_contract",
                          "{\"application\":\"A-18\",\"merchant\":\"" RIG_MID
                          "\",\"subject\":\"" SUBJECT "\",\"account\":\"6222020000001234\","
                          "\"address\":\"中山东一路18号\",\"phone\":\"13800005678\"}"),
                     409);
    s.rig->now_ms += 1000;
    step(&s, "return", "{\"reason\":\"shop closed\"}");
    assert_int_equal(post(&s, &s.keeper, "terminals/" SERIAL "/restock", ""), 409);
    assert_true(rig_says(s.rig, "\"error\":\"used\""));
    assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_binding WHERE ended_ms > bound_ms"),
                     1);
    close_scene(&s);
}

/* ---- killed anywhere ---- */

struct reaper {
    int left;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    return reaper->left-- == 0 ? ERR(IO) : OK;
}

static void killed_anywhere_the_device_can_ask_again(void **state)
{
    (void)state;
    for (int cut = 0;; cut++) {
        struct scene s = open_shipped();
        struct reaper reaper = {cut};
        s.rig->may_end = true;
        store_set_fault(s.rig->b->store, reap, &reaper);
        ask(&s, s.code, DEVICE_STEP_BIND);
        bool over = !s.rig->ended, told = s.answered;
        rig_restart(s.rig);
        int64_t now = state_of(&s);
        if (told) assert_int_equal(now, STOCK_ACTIVE);
        assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_binding WHERE bound_ms > 0"),
                         now == STOCK_ACTIVE);
        assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_activation WHERE state = 2"),
                         now == STOCK_ACTIVE);
        ask(&s, s.code, DEVICE_STEP_BIND);
        assert_int_equal(s.status, DEVICE_OK);
        assert_int_equal(state_of(&s), STOCK_ACTIVE);
        assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_event WHERE became = 6"), 1);
        close_scene(&s);
        if (!over) continue;
        assert_true(cut > 10);
        return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_sees_to_whom_and_says_yes),
        cmocka_unit_test(the_tail_of_the_identity_number_does_as_well),
        cmocka_unit_test(wrong_codes_are_counted_and_then_it_is_dead),
        cmocka_unit_test(looking_costs_nothing),
        cmocka_unit_test(a_code_ends),
        cmocka_unit_test(only_a_parcel_on_its_way_is_activated),
        cmocka_unit_test(what_is_away_costs_no_try),
        cmocka_unit_test(another_key_with_this_serial_number_is_a_clone),
        cmocka_unit_test(words_that_were_changed_are_nobodys),
        cmocka_unit_test(one_device_one_shop),
        cmocka_unit_test(killed_anywhere_the_device_can_ask_again),
    };
    return cmocka_run_group_tests_name("stock_activation", tests, NULL, NULL);
}
