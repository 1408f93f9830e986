/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's end of the device channel: who is let in, what each question is answered, what ends
 * a connection; events taken once (S49), policies per model (S20), the anti-rollback counter, and
 * telephones as approvers (S173).
 */
#include "registry/policy.h"
#include "tests/unit/desk_rig.h"

#define TOKEN "000102030405060708090A0B0C0D0E0F"

static uint8_t token[PAIR_TOKEN_LEN];
static uint8_t key[PAIR_KEY_LEN];

static void heard(const char *text)
{
    if (strcmp(rig_heard(), text) != 0) fail_msg("%s is not %s", rig_heard(), text);
}

/* ---- who is let in ---- */

static void only_registered_terminals_are_let_in(void **state)
{
    (void)state;
    assert_ok(devices_opened(rig.desk, 1, BYTES("99999999"), RIG_CERTIFICATE_END));
    assert_int_equal(rig.closes, 1);
    assert_int_equal(rig.closed[0], 1);
    assert_ok(
        registry_set_terminal_status(rig.registry, &rig_admin, BYTES(RIG_OTHER), REGISTRY_CLOSED));
    assert_ok(devices_opened(rig.desk, 2, BYTES(RIG_OTHER), RIG_CERTIFICATE_END));
    assert_int_equal(rig.closed[1], 2);
    rig_connect(3);
    heard("{\"id\":1,\"status\":\"ok\"}");
    assert_int_equal(rig.closes, 2);
    assert_int_equal(rig_count("SELECT count(*) FROM audit WHERE event = 'device_refused'"), 2);
}

static void a_new_connection_takes_over(void **state)
{
    (void)state;
    struct device_facts facts;
    rig_connect(3);
    rig_connect(4);
    assert_int_equal(rig.closes, 1);
    assert_int_equal(rig.closed[0], 3);
    assert_ok(devices_closed(rig.desk, 3)); /* the old one is gone, the new one stays */
    assert_ok(device_facts_of(rig.desk, RIG_TID, &facts));
    assert_true(facts.known && facts.connected);
    assert_string_equal(facts.version, "0.1.0");
    assert_int_equal(facts.first_login_ms, 5);
    assert_ok(devices_closed(rig.desk, 4));
    assert_ok(device_facts_of(rig.desk, RIG_TID, &facts));
    assert_false(facts.connected);
    assert_ok(device_facts_of(rig.desk, RIG_OTHER, &facts));
    assert_false(facts.known);
}

static void another_device_is_found_out(void **state)
{
    (void)state;
    assert_ok(devices_opened(rig.desk, 3, BYTES(RIG_TID), RIG_CERTIFICATE_END));
    rig_say(3, RIG_HELLO("TB1-2030-000018", "TB-1"));
    heard("{\"id\":1,\"status\":\"refused\"}");
    assert_int_equal(rig.closed[0], 3);
}

static void a_full_house_refuses(void **state)
{
    (void)state;
    char tid[9], serial[20];
    for (unsigned i = 0; i < 5; i++) {
        snprintf(tid, sizeof tid, "2000000%u", i);
        snprintf(serial, sizeof serial, "S-%u", i);
        rig_terminal(tid, serial, "TB-1");
        assert_ok(devices_opened(rig.desk, i + 1, bytes_text(tid), RIG_CERTIFICATE_END));
    }
    assert_int_equal(rig.closes, 1); /* the rig has four places */
    assert_int_equal(rig.closed[0], 5);
    assert_ok(devices_closed(rig.desk, 2));
    assert_ok(devices_opened(rig.desk, 6, BYTES("20000004"), RIG_CERTIFICATE_END));
    assert_int_equal(rig.closes, 1);
}

/* ---- what ends a connection ---- */

static void what_is_malformed_ends_it(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "[]",
        "{\"id\":2}",
        "{\"ask\":\"recover\"}",
        "{\"id\":0,\"ask\":\"pair_end\"}",
        "{\"id\":2,\"ask\":\"nothing\"}",
        "{\"id\":2,\"ask\":\"recover\",\"operator\":\"01\",\"way\":\"sms\"}",
        "{\"id\":2,\"ask\":\"recover\",\"operator\":\"1\",\"way\":\"sms\",\"challenge\":\"00\"}",
        "{\"id\":2,\"ask\":\"recover\",\"operator\":\"01\",\"way\":\"fax\",\"challenge\":\"00\"}",
        "{\"id\":2,\"ask\":\"recover\",\"operator\":\"01\",\"way\":\"sms\",\"challenge\":\"\"}",
        "{\"id\":2,\"ask\":\"recover\",\"operator\":\"01\",\"way\":\"sms\",\"challenge\":\"0\"}",
        "{\"id\":2,\"ask\":\"recover\",\"operator\":\"01\",\"way\":\"sms\",\"challenge\":\"00\","
        "\"to\":\"13900000000\"}",
        "{\"id\":2,\"ask\":\"recover\",\"operator\":\"01\",\"way\":\"sms\",\"challenge\":"
        "\"0000000000000000000000000000000000\"}",
        "{\"id\":2,\"id\":3,\"ask\":\"pair_end\"}",
        "{\"id\":2,\"ask\":\"pair\",\"token\":\"00\"}",
        "{\"id\":2,\"ask\":\"event\",\"kind\":\"recovered\",\"operator\":\"ab\",\"detail\":\"\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        rig.closes = 0;
        rig.frames = 0;
        rig_connect(10 + (uint32_t)i);
        rig_say(10 + (uint32_t)i, bad[i]);
        if (rig.closes != 1 || rig.frames != 1) fail_msg("not refused: %s", bad[i]);
        assert_ok(devices_closed(rig.desk, 10 + (uint32_t)i));
    }
    assert_int_equal(rig.messages, 0);
}

static void hello_comes_first(void **state)
{
    (void)state;
    assert_ok(devices_opened(rig.desk, 3, BYTES(RIG_TID), RIG_CERTIFICATE_END));
    rig_say(3, "{\"id\":1,\"ask\":\"pair_end\"}");
    assert_int_equal(rig.closed[0], 3);
}

static void a_flood_is_cut_off(void **state)
{
    (void)state;
    rig_connect(3);
    for (int i = 1; i < DEVICE_FRAMES_A_MINUTE; i++) {
        rig.frames = 0;
        rig_say(3, "{\"id\":2,\"ask\":\"pair_end\"}");
    }
    assert_int_equal(rig.closes, 0);
    rig_say(3, "{\"id\":2,\"ask\":\"pair_end\"}");
    assert_int_equal(rig.closes, 1);
}

/* ---- recovery and events ---- */

static void recovery_is_answered_in_words(void **state)
{
    (void)state;
#define RECOVER(way, number)                                                               \
    "{\"id\":2,\"ask\":\"recover\",\"operator\":\"00\",\"way\":\"" way "\",\"challenge\":" \
    "\"000000000000000000000000000000" number "\"}"
    rig_connect(3);
    rig_say(3, RECOVER("sms", "01"));
    heard("{\"id\":2,\"status\":\"sent\",\"contact\":\"138****5678\",\"seconds\":300}");
    rig_say(3, RECOVER("sms", "02"));
    heard("{\"id\":2,\"status\":\"limit\",\"seconds\":60}");
    rig_say(3, RECOVER("service", "03"));
    heard("{\"id\":2,\"status\":\"ticket\",\"number\":\"R-000001\",\"seconds\":86400}");
    rig_say(3, RECOVER("offline", "04"));
    heard("{\"id\":2,\"status\":\"refused\"}");
    assert_ok(
        registry_set_terminal_status(rig.registry, &rig_admin, BYTES(RIG_TID), REGISTRY_SUSPENDED));
    rig_say(3, RECOVER("mail", "05"));
    heard("{\"id\":2,\"status\":\"refused\"}");
    rig_say(3, "{\"id\":3,\"ask\":\"recover_end\",\"operator\":\"00\",\"challenge\":\"01\"}");
    heard("{\"id\":3,\"status\":\"ok\"}");
    assert_int_equal(rig_count("SELECT count(*) FROM recovery WHERE state = 1"), 0);
}

static void events_are_taken_once(void **state)
{
    (void)state;
    rig_connect(3);
    static const char once[] =
        "{\"id\":9,\"ask\":\"event\",\"kind\":\"login_locked\",\"operator\":\"01\",\"detail\":\"\","
        "\"number\":7,\"at_ms\":1}";
    for (int i = 0; i < 3; i++) {
        rig_say(3, once);
        heard("{\"id\":9,\"status\":\"ok\"}");
    }
    assert_int_equal(rig_count("SELECT count(*) FROM notice WHERE alarm = 1"), 1);
    assert_int_equal(rig.messages, 2);
    for (int i = 0; i < 2; i++) /* one that counts nothing cannot be told from a repeat */
        rig_say(3, "{\"id\":9,\"ask\":\"event\",\"kind\":\"rollback\",\"operator\":\"\","
                   "\"detail\":\"\"}");
    assert_int_equal(rig_count("SELECT count(*) FROM notice WHERE kind = 'rollback'"), 2);
}

/* A crash between our commit and the answer: the terminal tells it again to the next process. */
static void events_survive_a_restart(void **state)
{
    (void)state;
    rig_event(RIG_TID, 7, "duress", "01");
    rig_close_desk();
    rig_open_desk();
    rig_event(RIG_TID, 7, "duress", "01");
    assert_int_equal(rig_count("SELECT count(*) FROM notice"), 1);
}

static err take_notice(void *context, const struct notice *notice)
{
    struct notice *first = context;
    if (first->id == 0) *first = *notice;
    return OK;
}

static void an_alarm_stays_until_somebody_looks(void **state)
{
    (void)state;
    const struct desk_staff anna = {7, "anna"};
    struct notice first = {0};
    bool done = false;
    rig_event(RIG_TID, 1, "duress", "01");
    rig_event(RIG_TID, 2, "password_set", "02");
    assert_ok(notice_list(rig.desk, take_notice, &first));
    assert_string_equal(first.kind, "duress"); /* before what is newer */
    assert_true(first.alarm && !first.seen);
    assert_ok(notice_seen(rig.desk, &anna, first.id, &done));
    assert_true(done);
    assert_ok(notice_seen(rig.desk, &anna, first.id, &done));
    assert_false(done);
    first.id = 0;
    assert_ok(notice_list(rig.desk, take_notice, &first));
    assert_string_equal(first.kind, "password_set");
}

/* S16: who changes a password at a terminal is told at every registered address, once for each. */
static void a_changed_password_is_told_to_every_address(void **state)
{
    (void)state;
    rig_event(RIG_TID, 1, "password_set", "02");
    assert_int_equal(rig.messages, 2);
    for (size_t i = 0; i < rig.messages; i++) {
        const struct rig_message *m = &rig.message[i];
        assert_int_equal(m->template, DESK_NOTICE);
        assert_string_equal(m->event, "password_set");
        assert_string_equal(m->tid, RIG_TID);
        assert_string_equal(m->operator_id, "02");
        assert_string_equal(m->address, m->by_mail ? "wang@example.com" : "13800005678");
    }
    assert_true(rig.message[0].by_mail != rig.message[1].by_mail);
    rig_event(RIG_TID, 1, "password_set", "02"); /* the terminal has not heard: nothing again */
    assert_int_equal(rig.messages, 2);
}

/* ---- policies and the counter ---- */

static void publish(const char *model, uint32_t version, const char *text)
{
    struct registry_policy policy = {.version = version, .document_len = strlen(text)};
    snprintf(policy.model, sizeof policy.model, "%s", model);
    memcpy(policy.document, text, policy.document_len);
    assert_ok(registry_publish_policy(rig.registry, &rig_admin, &policy));
}

static void a_policy_goes_to_its_model_only(void **state)
{
    (void)state;
    publish("TB-1", 2, "signed \"policy\" 2");
    rig_connect(3);
    heard("{\"id\":1,\"status\":\"ok\",\"policy\":\"signed \\\"policy\\\" 2\"}");
    assert_ok(devices_opened(rig.desk, 4, BYTES(RIG_OTHER), RIG_CERTIFICATE_END));
    rig_say(4, RIG_HELLO("TB1-2030-000018", "TB-2"));
    heard("{\"id\":1,\"status\":\"ok\"}");
    rig.frames = 0;
    assert_ok(desk_tick(rig.desk));
    assert_int_equal(rig.frames, 0); /* everybody has the newest */
    publish("TB-1", 3, "signed 3");
    assert_ok(desk_tick(rig.desk));
    assert_ok(desk_tick(rig.desk));
    assert_int_equal(rig.frames, 1);
    assert_int_equal(rig.frame_session[0], 3);
    heard("{\"tell\":\"policy\",\"document\":\"signed 3\"}");
    struct registry_policy older = {.model = "TB-1", .version = 3, .document_len = 1};
    assert_err(registry_publish_policy(rig.registry, &rig_admin, &older), STATE);
    assert_err(store_exec(registry_store(rig.registry), "UPDATE policy SET version = 1"), DENIED);
    struct registry_terminal terminal = rig_find(RIG_TID);
    const struct device_event loaded = {.number = 1, .kind = "policy_loaded", .detail = "3"};
    struct device_facts facts;
    assert_ok(device_event_take(rig.desk, &terminal, &loaded));
    assert_ok(device_facts_of(rig.desk, RIG_TID, &facts));
    assert_int_equal(facts.policy, 3); /* the terminal reports the new version */
}

static void hello_with_epoch(uint32_t session, unsigned epoch, char first)
{
    char text[400], mac[33];
    assert_ok(devices_opened(rig.desk, session, BYTES(RIG_TID), RIG_CERTIFICATE_END));
    snprintf(mac, sizeof mac, "%02X%02X0000000000000000000000000000", (unsigned)first, epoch);
    snprintf(text, sizeof text,
             "{\"id\":1,\"ask\":\"hello\",\"serial\":\"" RIG_SERIAL "\",\"model\":\"TB-1\","
             "\"version\":\"0.1.0\",\"policy\":1,\"first_login_ms\":0,\"epoch\":"
             "\"%016X%s\"}",
             epoch, mac);
    rig_say(session, text);
    assert_ok(devices_closed(rig.desk, session));
}

static void an_old_vault_is_found_out(void **state)
{
    (void)state;
    hello_with_epoch(3, 9, 'T');
    assert_non_null(strstr(rig_heard(), "\"anchor\":\"0000000000000009480909"));
    hello_with_epoch(4, 4, 'T'); /* somebody has put yesterday's copy back */
    assert_non_null(strstr(rig_heard(), "\"anchor\":\"0000000000000009480909"));
    assert_int_equal(rig_count("SELECT count(*) FROM audit WHERE event = 'rollback'"), 1);
    hello_with_epoch(5, 200, 'X'); /* nobody but its vault makes it forget */
    assert_int_equal(rig_count("SELECT epoch FROM terminal"), 9);
    assert_int_equal(rig_count("SELECT count(*) FROM audit WHERE event = 'anchor_mac_failed'"), 1);
}

/* ---- phones ---- */

static enum pair_verdict offer(const char *label, char bearer[PAIR_BEARER_MAX])
{
    enum pair_verdict verdict;
    assert_ok(
        pair_offer(rig.desk, BYTES_OF(token), BYTES_OF(key), bytes_text(label), &verdict, bearer));
    return verdict;
}

static enum pair_verdict who(const char *bearer, struct pair *pair)
{
    enum pair_verdict verdict;
    assert_ok(pair_of_phone(rig.desk, bytes_text(bearer), &verdict, pair));
    return verdict;
}

static void begin_pairing(void)
{
    for (uint8_t i = 0; i < sizeof token; i++) token[i] = i;
    key[0] = 4;
    if (rig.frames == 0) rig_connect(3);
    rig_say(3, "{\"id\":2,\"ask\":\"pair\",\"token\":\"" TOKEN "\"}");
    heard("{\"id\":2,\"status\":\"ok\",\"url\":\"https://pay.example/pair#"
          "000102030405060708090a0b0c0d0e0f\"}");
}

static void pair_up(char bearer[PAIR_BEARER_MAX], struct pair *pair)
{
    begin_pairing();
    assert_int_equal(offer("Wang's phone", bearer), PAIR_OK);
    rig_say(3, "{\"id\":3,\"ask\":\"pair_end\",\"token\":\"" TOKEN "\",\"pair\":2}");
    assert_int_equal(who(bearer, pair), PAIR_OK);
    assert_int_equal(pair->state, PAIR_PAIRED);
    assert_int_equal(pair->number, 2);
}

static void a_phone_pairs_once(void **state)
{
    (void)state;
    char bearer[PAIR_BEARER_MAX] = "", second[PAIR_BEARER_MAX] = "";
    struct pair pair;
    begin_pairing();
    assert_int_equal(offer("", bearer), PAIR_MALFORMED);
    assert_int_equal(offer("a\nb", bearer), PAIR_MALFORMED);
    assert_int_equal(offer("Wang's phone", bearer), PAIR_OK);
    assert_non_null(
        strstr(rig_heard(), "{\"tell\":\"pair_key\",\"token\":\"" TOKEN "\",\"key\":\"04"));
    assert_non_null(strstr(rig_heard(), "\"label\":\"Wang's phone\"}"));
    assert_int_equal(offer("a thief's", second), PAIR_UNKNOWN); /* the first who came */
    assert_int_equal(who(bearer, &pair), PAIR_OK);
    assert_int_equal(pair.state, PAIR_WAITS_TERMINAL);
    assert_false(rig_stored(bearer));
    assert_int_equal(who("0", &pair), PAIR_UNKNOWN);
    rig_say(3, "{\"id\":3,\"ask\":\"pair_end\",\"token\":\"" TOKEN "\",\"pair\":0}");
    assert_int_equal(who(bearer, &pair), PAIR_UNKNOWN); /* not confirmed at the terminal */
}

/* S173, CR-34: the terminal says which phone it has removed; only this one is gone, and only its
 * own. */
static void what_the_terminal_removes_is_gone_here(void **state)
{
    (void)state;
#define REMOVED(id, number) \
    "{\"id\":" id           \
    ",\"ask\":\"event\",\"kind\":\"phone_removed\",\"operator\":\"\",\"detail\":\"" number "\"}"
    char bearer[PAIR_BEARER_MAX];
    struct pair pair;
    pair_up(bearer, &pair);
    assert_ok(devices_opened(rig.desk, 8, BYTES(RIG_OTHER), RIG_CERTIFICATE_END));
    rig_say(8, RIG_HELLO("TB1-2030-000018", "TB-2"));
    rig_say(8, REMOVED("2", "2")); /* another terminal's */
    rig_say(3, REMOVED("4", "1"));
    rig_say(3, REMOVED("5", "x"));
    assert_int_equal(who(bearer, &pair), PAIR_OK);
    rig_say(3, REMOVED("6", "2"));
    heard("{\"id\":6,\"status\":\"ok\"}");
    assert_int_equal(who(bearer, &pair), PAIR_UNKNOWN);
    rig_say(3, "{\"id\":7,\"ask\":\"approve\",\"challenge\":\"C0FFEE\",\"operator\":\"00\"}");
    heard("{\"id\":7,\"status\":\"no_contact\"}");
#undef REMOVED
}

static void a_pairing_ends_by_itself(void **state)
{
    (void)state;
    char bearer[PAIR_BEARER_MAX] = "";
    begin_pairing();
    rig.now_ms += PAIR_MS;
    assert_int_equal(offer("late", bearer), PAIR_UNKNOWN);
}

static err take_approval(void *context, const struct approval *approval)
{
    struct approval *out = context;
    *out = *approval;
    return OK;
}

static void an_approval_is_carried(void **state)
{
    (void)state;
    char bearer[PAIR_BEARER_MAX];
    struct pair pair;
    struct approval approval = {0};
    enum pair_verdict verdict;
    uint8_t signature[PAIR_SIGNATURE_LEN] = {0xAB};
#define APPROVE "{\"id\":4,\"ask\":\"approve\",\"challenge\":\"C0FFEE\",\"operator\":\"00\"}"
    rig_connect(3);
    rig_say(3, APPROVE);
    heard("{\"id\":4,\"status\":\"no_contact\"}");
    pair_up(bearer, &pair);
    rig_say(3, APPROVE);
    heard("{\"id\":4,\"status\":\"asked\",\"seconds\":120}");
    assert_ok(approval_list(rig.desk, &pair, take_approval, &approval));
    assert_int_equal(approval.challenge_len, 3);
    assert_string_equal(approval.operator_id, "00");
    assert_ok(approval_answer(rig.desk, &pair, approval.id, bytes_of(signature, 3), &verdict));
    assert_int_equal(verdict, PAIR_MALFORMED);
    assert_ok(approval_answer(rig.desk, &pair, approval.id, BYTES_OF(signature), &verdict));
    assert_int_equal(verdict, PAIR_OK);
    assert_non_null(strstr(rig_heard(),
                           "{\"tell\":\"approval\",\"challenge\":\"C0FFEE\",\"pair\":2,"
                           "\"signature\":\"AB00"));
    assert_ok(approval_answer(rig.desk, &pair, approval.id, BYTES_OF(signature), &verdict));
    assert_int_equal(verdict, PAIR_UNKNOWN); /* answered */
}

static void a_phone_of_another_terminal_sees_nothing(void **state)
{
    (void)state;
    char bearer[PAIR_BEARER_MAX];
    struct pair pair;
    struct approval approval = {0};
    enum pair_verdict verdict;
    uint8_t signature[PAIR_SIGNATURE_LEN] = {0};
    pair_up(bearer, &pair);
    rig_say(3, APPROVE);
    assert_ok(approval_list(rig.desk, &pair, take_approval, &approval));
    struct pair foreign = pair;
    memcpy(foreign.tid, RIG_OTHER, sizeof foreign.tid);
    int64_t seen = approval.id;
    approval.id = 0;
    assert_ok(approval_list(rig.desk, &foreign, take_approval, &approval));
    assert_int_equal(approval.id, 0);
    assert_ok(devices_opened(rig.desk, 8, BYTES(RIG_OTHER), RIG_CERTIFICATE_END));
    rig_say(8, RIG_HELLO("TB1-2030-000018", "TB-2"));
    assert_ok(approval_answer(rig.desk, &foreign, seen, BYTES_OF(signature), &verdict));
    assert_int_equal(verdict, PAIR_UNKNOWN);
}

static void who_is_let_go_is_gone_at_once(void **state)
{
    (void)state;
    char bearer[PAIR_BEARER_MAX];
    struct pair pair;
    bool done = false;
    pair_up(bearer, &pair);
    assert_ok(pair_forget(rig.desk, pair.id, "7 anna", &done));
    assert_true(done);
    assert_int_equal(who(bearer, &pair), PAIR_UNKNOWN);
    rig_say(3, APPROVE);
    heard("{\"id\":4,\"status\":\"no_contact\"}");
    assert_ok(pair_forget(rig.desk, pair.id, "7 anna", &done));
    assert_false(done);
}

static void what_is_old_is_forgotten(void **state)
{
    (void)state;
    char bearer[PAIR_BEARER_MAX];
    struct pair pair;
    pair_up(bearer, &pair);
    rig_say(3, APPROVE);
    rig.now_ms += 2 * RIG_DAY_MS;
    assert_ok(desk_tick(rig.desk));
    assert_int_equal(rig_count("SELECT count(*) FROM approval"), 0);
    assert_int_equal(rig_count("SELECT count(*) FROM pair"), 1); /* what is paired stays */
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_make, rig_drop)
    const struct CMUnitTest tests[] = {
        WITH_RIG(only_registered_terminals_are_let_in),
        WITH_RIG(a_new_connection_takes_over),
        WITH_RIG(another_device_is_found_out),
        WITH_RIG(a_full_house_refuses),
        WITH_RIG(what_is_malformed_ends_it),
        WITH_RIG(hello_comes_first),
        WITH_RIG(a_flood_is_cut_off),
        WITH_RIG(recovery_is_answered_in_words),
        WITH_RIG(events_are_taken_once),
        WITH_RIG(events_survive_a_restart),
        WITH_RIG(an_alarm_stays_until_somebody_looks),
        WITH_RIG(a_changed_password_is_told_to_every_address),
        WITH_RIG(a_policy_goes_to_its_model_only),
        WITH_RIG(an_old_vault_is_found_out),
        WITH_RIG(a_phone_pairs_once),
        WITH_RIG(a_pairing_ends_by_itself),
        WITH_RIG(what_the_terminal_removes_is_gone_here),
        WITH_RIG(an_approval_is_carried),
        WITH_RIG(a_phone_of_another_terminal_sees_nothing),
        WITH_RIG(who_is_let_go_is_gone_at_once),
        WITH_RIG(what_is_old_is_forgotten),
    };
    return cmocka_run_group_tests_name("desk_devices", tests, NULL, NULL);
}
