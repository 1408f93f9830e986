/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recovery by SMS and mail at the host (S34, S39, S40, S44): only registered contacts, limits on a
 * simulated clock, a link that is good once, nothing secret kept, and what follows from a recovery.
 */
#include "tests/unit/desk_rig.h"

static struct recovery_answer by(enum recovery_way way, const char *operator_id, uint8_t number)
{
    const struct desk_challenge c = rig_challenge(way, operator_id, number);
    return rig_ask(&c);
}

static void a_code_goes_to_the_registered_contact_only(void **state)
{
    (void)state;
    char code[DESK_CODE_MAX + 1];
    const struct desk_challenge c = rig_challenge(RECOVERY_SMS, "00", 1);
    struct recovery_answer answer = rig_ask(&c);
    assert_int_equal(answer.verdict, RECOVERY_SENT);
    assert_string_equal(answer.contact, "138****5678");
    assert_int_equal(answer.seconds, 300);
    assert_int_equal(rig.messages, 1);
    rig_code(&c, code);
    assert_int_equal(strlen(code), 6);
    assert_string_equal(rig.message[0].address, "13800005678");
    assert_string_equal(rig.message[0].secret, code);
    assert_int_equal(rig.message[0].template, DESK_CODE);
    assert_int_equal(rig.message[0].minutes, 5);
    assert_false(rig_stored(code)); /* nothing secret is kept at the host */
    rig_audit_is_whole();
}

static void a_repeat_sends_nothing(void **state)
{
    (void)state;
    assert_int_equal(by(RECOVERY_SMS, "00", 1).verdict, RECOVERY_SENT);
    rig.now_ms += 10000;
    struct recovery_answer again = by(RECOVERY_SMS, "00", 1);
    assert_int_equal(again.verdict, RECOVERY_SENT);
    assert_int_equal(again.seconds, 290);
    assert_int_equal(rig.messages, 1);
}

static void waits_grow(void **state)
{
    (void)state;
    static const int64_t waits_s[] = {60, 120, 300, 900};
    assert_int_equal(by(RECOVERY_SMS, "01", 0).verdict, RECOVERY_SENT);
    for (uint8_t i = 0; i < ARRAY_LEN(waits_s); i++) {
        uint8_t number = (uint8_t)(i + 1);
        rig.now_ms += 1000;
        struct recovery_answer early = by(RECOVERY_SMS, "01", number);
        assert_int_equal(early.verdict, RECOVERY_LIMIT);
        assert_int_equal(early.seconds, waits_s[i] - 1);
        rig.now_ms += waits_s[i] * 1000 - 1001;
        assert_int_equal(by(RECOVERY_SMS, "01", number).verdict, RECOVERY_LIMIT);
        rig.now_ms += 1;
        assert_int_equal(by(RECOVERY_SMS, "01", number).verdict, RECOVERY_SENT);
    }
    assert_int_equal(rig.messages, 5);
}

/* The contact is protected whoever asks: five texts and three mails an hour. */
static void a_contact_is_not_flooded(void **state)
{
    (void)state;
    char operator_id[3];
    for (uint8_t i = 0; i < 5; i++) {
        snprintf(operator_id, sizeof operator_id, "0%u", i + 1u);
        assert_int_equal(by(RECOVERY_SMS, operator_id, i).verdict, RECOVERY_SENT);
    }
    rig.now_ms += 60000;
    struct recovery_answer sixth = by(RECOVERY_SMS, "06", 6);
    assert_int_equal(sixth.verdict, RECOVERY_LIMIT);
    assert_int_equal(sixth.seconds, 3540);
    for (uint8_t i = 0; i < 3; i++) {
        snprintf(operator_id, sizeof operator_id, "1%u", i);
        assert_int_equal(by(RECOVERY_MAIL, operator_id, i).verdict, RECOVERY_SENT);
    }
    assert_int_equal(by(RECOVERY_MAIL, "13", 9).verdict, RECOVERY_LIMIT);
    rig.now_ms -= 3600000; /* a clock that was set back makes nothing free */
    assert_int_equal(by(RECOVERY_SMS, "06", 6).verdict, RECOVERY_LIMIT);
    assert_int_equal(rig.messages, 8);
}

static void a_device_asks_ten_times_a_day(void **state)
{
    (void)state;
    char operator_id[3];
    for (uint8_t i = 0; i < 10; i++) {
        snprintf(operator_id, sizeof operator_id, "2%u", i);
        rig.now_ms += 3600000;
        assert_int_equal(by(RECOVERY_SMS, operator_id, i).verdict, RECOVERY_SENT);
    }
    rig.now_ms += 3600000;
    assert_int_equal(by(RECOVERY_SMS, "30", 40).verdict, RECOVERY_LIMIT);
    rig.now_ms += 14 * 3600000;
    assert_int_equal(by(RECOVERY_SMS, "30", 40).verdict, RECOVERY_SENT);
}

static void who_has_no_contact_gets_none(void **state)
{
    (void)state;
    struct registry_contact owner = rig_owner();
    owner.phone[0] = '\0';
    assert_ok(registry_set_contact(rig.registry, &rig_admin, &owner));
    assert_int_equal(by(RECOVERY_SMS, "00", 1).verdict, RECOVERY_NO_CONTACT);
    assert_int_equal(by(RECOVERY_MAIL, "00", 1).verdict, RECOVERY_SENT);
    assert_ok(registry_remove_contact(rig.registry, &rig_admin, BYTES(RIG_MID), 1));
    assert_int_equal(by(RECOVERY_MAIL, "01", 2).verdict, RECOVERY_NO_CONTACT);
    assert_int_equal(rig.messages, 1);
}

/* S46: the administrator's password is never a matter of a telephone alone. */
static void the_administrator_is_refused(void **state)
{
    (void)state;
    assert_int_equal(by(RECOVERY_SMS, "99", 1).verdict, RECOVERY_REFUSED);
    assert_int_equal(by(RECOVERY_MAIL, "99", 1).verdict, RECOVERY_REFUSED);
    assert_int_equal(by(RECOVERY_SERVICE, "99", 1).verdict, RECOVERY_TICKET);
    assert_int_equal(rig.messages, 0);
}

static void without_the_hsm_nothing_has_happened(void **state)
{
    (void)state;
    rig.hsm_away = true;
    assert_int_equal(by(RECOVERY_SMS, "00", 1).verdict, RECOVERY_REFUSED);
    assert_int_equal(rig_count("SELECT count(*) FROM recovery"), 0);
    rig.hsm_away = false;
    assert_int_equal(by(RECOVERY_SMS, "00", 1).verdict, RECOVERY_SENT);
}

static void an_outbox_that_is_full_is_a_limit(void **state)
{
    (void)state;
    rig.outbox_full = true;
    assert_int_equal(by(RECOVERY_SMS, "00", 1).verdict, RECOVERY_LIMIT);
    assert_int_equal(rig_count("SELECT count(*) FROM recovery"), 0);
    rig_event(RIG_TID, 1, "recovered", "00"); /* a notice that is not taken stops nothing */
    assert_int_equal(rig_count("SELECT count(*) FROM notice"), 1);
}

/* S34: the message says that it is the first one, until this very operator has had one. */
static void the_first_password_is_named(void **state)
{
    (void)state;
    by(RECOVERY_SMS, "00", 1);
    assert_false(rig.message[0].first);
    assert_ok(
        store_exec(rig.store, "INSERT INTO terminal VALUES('" RIG_TID "', 0, 1, '', 0, 0, 0)"));
    by(RECOVERY_SMS, "01", 2);
    assert_true(rig.message[1].first);
    rig_event(RIG_OTHER, 1, "first_login", "99"); /* of another terminal */
    assert_int_equal(rig_count("SELECT first_login_ms FROM terminal"), 0);
    rig_event(RIG_TID, 1, "first_login",
              "99"); /* without a new hello: it stays connected all day */
    int64_t first_ms = rig_count("SELECT first_login_ms FROM terminal");
    assert_true(first_ms > 0);
    size_t told = rig.messages;
    by(RECOVERY_MAIL, "02", 3);
    assert_int_equal(rig.messages, told + 1);
    assert_true(rig.message[told].first); /* the administrator's is not this one's */
    assert_string_equal(rig.message[told].operator_id, "02");
    rig_event(RIG_TID, 2, "first_login", "99"); /* there is one first time */
    assert_int_equal(rig_count("SELECT first_login_ms FROM terminal"), first_ms);
    rig_event(RIG_OTHER, 2, "password_set", "02");
    rig.now_ms += RIG_DAY_MS;
    told = rig.messages;
    by(RECOVERY_SMS, "02", 4);
    assert_true(rig.message[told].first);
    rig_event(RIG_TID, 3, "password_set", "02");
    rig.now_ms += RIG_DAY_MS;
    told = rig.messages;
    by(RECOVERY_SMS, "02", 5);
    assert_false(rig.message[told].first);
    by(RECOVERY_SMS, "03", 6);
    assert_true(rig.message[told + 1].first);
}

/* ---- links ---- */

/* The token of the newest message, which is a link of the configured origin. */
static struct bytes link_token(void)
{
    const char *link = rig.message[rig.messages - 1].secret;
    assert_int_equal(strncmp(link, "https://pay.example/code#", 25), 0);
    return bytes_text(link + 25);
}

static void a_link_shows_the_code_once(void **state)
{
    (void)state;
    char code[DESK_CODE_MAX + 1];
    struct redeem_answer answer;
    const struct desk_challenge c = rig_challenge(RECOVERY_MAIL, "00", 1);
    struct recovery_answer asked = rig_ask(&c);
    assert_string_equal(asked.contact, "w***@example.com");
    struct bytes token = link_token();
    assert_int_equal(token.len, 43);
    assert_false(rig_stored((const char *)token.at)); /* its hash is, it is not */
    int won = 0;
    for (int i = 0; i < 64; i++) {
        assert_ok(recovery_redeem(rig.desk, token, &answer));
        if (answer.verdict == REDEEM_OK) {
            won++;
            rig_code(&c, code);
            assert_int_equal(strlen(code), 8);
            assert_string_equal(answer.code, code);
            assert_string_equal(answer.tid, RIG_TID);
            assert_string_equal(answer.operator_id, "00");
            assert_int_equal(answer.seconds, 1800);
        } else {
            assert_int_equal(answer.verdict, REDEEM_DEAD);
            assert_string_equal(answer.code, "");
        }
    }
    assert_int_equal(won, 1);
    rig_code(&c, code);
    assert_false(rig_stored(code));
    assert_err(store_exec(rig.store, "UPDATE recovery SET link_used_ms = NULL"), DENIED);
}

static void a_link_ends_to_the_second(void **state)
{
    (void)state;
    struct redeem_answer answer;
    by(RECOVERY_MAIL, "00", 1);
    rig.now_ms += RECOVERY_MAIL_MS;
    assert_ok(recovery_redeem(rig.desk, link_token(), &answer));
    assert_int_equal(answer.verdict, REDEEM_DEAD);
    rig.now_ms -= 1;
    assert_ok(recovery_redeem(rig.desk, link_token(), &answer));
    assert_int_equal(answer.verdict, REDEEM_OK);
}

static void the_newest_request_kills_the_older(void **state)
{
    (void)state;
    struct redeem_answer answer;
    char first[44];
    by(RECOVERY_MAIL, "00", 1);
    assert_ok(bytes_to_text(link_token(), first, sizeof first));
    rig.now_ms += 61000;
    by(RECOVERY_SMS, "00", 2);
    assert_ok(recovery_redeem(rig.desk, bytes_text(first), &answer));
    assert_int_equal(answer.verdict, REDEEM_DEAD);
    rig.now_ms += 121000;
    by(RECOVERY_MAIL, "00", 3);
    assert_ok(recovery_end(rig.desk, RIG_TID, "00")); /* given up at the terminal */
    assert_ok(recovery_redeem(rig.desk, link_token(), &answer));
    assert_int_equal(answer.verdict, REDEEM_DEAD);
}

static void what_is_no_token_is_dead(void **state)
{
    (void)state;
    struct redeem_answer answer;
    char other[44];
    by(RECOVERY_MAIL, "00", 1);
    assert_ok(bytes_to_text(link_token(), other, sizeof other));
    other[10] = other[10] == '0' ? '1' : '0';
    const char *const tokens[] = {
        "", "x", other, "0000000000000000000000000000000000000000000000000000000000000000"};
    for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
        assert_ok(recovery_redeem(rig.desk, bytes_text(tokens[i]), &answer));
        assert_int_equal(answer.verdict, REDEEM_DEAD);
    }
}

static void a_link_survives_an_hsm_that_is_away(void **state)
{
    (void)state;
    struct redeem_answer answer;
    by(RECOVERY_MAIL, "00", 1);
    rig.hsm_away = true;
    assert_ok(recovery_redeem(rig.desk, link_token(), &answer));
    assert_int_equal(answer.verdict, REDEEM_AWAY);
    rig.hsm_away = false;
    assert_ok(recovery_redeem(rig.desk, link_token(), &answer));
    assert_int_equal(answer.verdict, REDEEM_OK);
}

/* ---- afterwards ---- */

static struct cooling_verdict cooling(void)
{
    struct cooling_verdict verdict;
    assert_ok(cooling_check(rig.store, RIG_MID, rig.now_ms, &verdict));
    return verdict;
}

static void the_payout_account_stands_still(void **state)
{
    (void)state;
    assert_int_equal(cooling().reason, COOLING_NONE);
    by(RECOVERY_SMS, "00", 1);
    assert_int_equal(cooling().reason, COOLING_UNDER_WAY);
    rig.now_ms += 60000;
    rig_event(RIG_TID, 1, "recovered", "00");
    struct cooling_verdict verdict = cooling();
    assert_int_equal(verdict.reason, COOLING_RECOVERED);
    assert_int_equal(verdict.until_ms, rig.now_ms + 7 * RIG_DAY_MS);
    assert_string_equal(verdict.operator_id, "00");
    assert_true(strlen(cooling_reason_text(verdict.reason, false)) > 10);
    rig.now_ms += 7 * RIG_DAY_MS - 1;
    assert_int_equal(cooling().reason, COOLING_RECOVERED);
    rig.now_ms += 1;
    assert_int_equal(cooling().reason, COOLING_NONE);
    assert_err(store_exec(rig.store, "UPDATE cooling SET until_ms = 1"), DENIED);
}

/* A cashier who recovered himself: 72 hours; it is never made shorter, and a repeat is none. */
static void a_cashier_takes_three_days(void **state)
{
    (void)state;
    by(RECOVERY_SMS, "01", 1);
    rig_event(RIG_TID, 1, "recovered", "01");
    int64_t until_ms = rig.now_ms + 3 * RIG_DAY_MS;
    assert_int_equal(cooling().until_ms, until_ms);
    rig.now_ms += RIG_DAY_MS;
    rig_event(RIG_TID, 1, "recovered", "01"); /* told again by a terminal that heard no answer */
    assert_int_equal(cooling().until_ms, until_ms);
    by(RECOVERY_SMS, "00", 2);
    rig_event(RIG_TID, 2, "recovered", "00");
    until_ms = rig.now_ms + 7 * RIG_DAY_MS;
    rig_event(RIG_TID, 3, "recovered", "01");
    assert_int_equal(cooling().until_ms, until_ms);
}

static void every_address_is_told(void **state)
{
    (void)state;
    struct registry_contact second = rig_owner();
    second.number = 2;
    second.phone[0] = '\0';
    memcpy(second.mail, "li@example.com", 15);
    assert_ok(registry_set_contact(rig.registry, &rig_admin, &second));
    rig_event(RIG_TID, 1, "recovered", "00");
    rig_event(RIG_TID, 1, "recovered", "00");
    assert_int_equal(rig.messages, 3);
    static const char *const addresses[] = {"13800005678", "wang@example.com", "li@example.com"};
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(rig.message[i].address, addresses[i]);
        assert_string_equal(rig.message[i].event, "recovered");
        assert_string_equal(rig.message[i].secret, "");
    }
    assert_int_equal(rig_count("SELECT count(*) FROM notice"), 1);
}

/* CR-37: the telephone that a message would reach may lie on that counter. */
static void duress_is_silent(void **state)
{
    (void)state;
    rig_event(RIG_TID, 1, "duress", "01");
    assert_int_equal(rig.messages, 0);
    assert_int_equal(rig_count("SELECT count(*) FROM notice WHERE alarm = 1"), 1);
}

static void first_log_in_is_told(void **state)
{
    (void)state;
    rig_event(RIG_TID, 1, "first_login", "01");
    assert_int_equal(rig.messages, 2);
    rig_event(RIG_OTHER, 1, "first_login", "01"); /* numbers are each terminal's own */
    assert_int_equal(rig.messages, 4);
    rig_event(RIG_TID, 2, "something_new", "01"); /* of a newer terminal: kept, told to nobody */
    assert_int_equal(rig.messages, 4);
    assert_int_equal(rig_count("SELECT count(*) FROM device_event"), 3);
    rig_audit_is_whole();
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_make, rig_drop)
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_code_goes_to_the_registered_contact_only),
        WITH_RIG(a_repeat_sends_nothing),
        WITH_RIG(waits_grow),
        WITH_RIG(a_contact_is_not_flooded),
        WITH_RIG(a_device_asks_ten_times_a_day),
        WITH_RIG(who_has_no_contact_gets_none),
        WITH_RIG(the_administrator_is_refused),
        WITH_RIG(without_the_hsm_nothing_has_happened),
        WITH_RIG(an_outbox_that_is_full_is_a_limit),
        WITH_RIG(the_first_password_is_named),
        WITH_RIG(a_link_shows_the_code_once),
        WITH_RIG(a_link_ends_to_the_second),
        WITH_RIG(the_newest_request_kills_the_older),
        WITH_RIG(what_is_no_token_is_dead),
        WITH_RIG(a_link_survives_an_hsm_that_is_away),
        WITH_RIG(the_payout_account_stands_still),
        WITH_RIG(a_cashier_takes_three_days),
        WITH_RIG(every_address_is_told),
        WITH_RIG(duress_is_silent),
        WITH_RIG(first_log_in_is_told),
    };
    return cmocka_run_group_tests_name("desk_recovery", tests, NULL, NULL);
}
