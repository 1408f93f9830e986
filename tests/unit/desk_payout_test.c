/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The payout account (S44, S59): one member of staff alone changes nothing, neither through the
 * core nor through SQL; after a recovery nothing changes until the cooling-off is over; every
 * contact hears of every step; the number is nowhere but in its seal.
 */
#include "backoffice/desk/payout_change.h"
#include "registry/account.h"
#include "tests/unit/desk_rig.h"

#define NUMBER "6222 0212 3456 7890 128"
#define DIGITS "6222021234567890128"

static struct desk_staff anna = {0, "anna"}, bo = {0, "bo"}, owner_as_staff;
static struct desk_owner owner = {0, RIG_MID, "chen"};
static const uint8_t key[SMALL_SEAL_KEY_BYTES] = {7, 7, 7};

static int64_t add(enum account_kind kind, const char *login, unsigned roles)
{
    struct account account = {.kind = kind, .roles = roles};
    int64_t id = 0;
    snprintf(account.login, sizeof account.login, "%s", login);
    snprintf(account.name, sizeof account.name, "%s", login);
    if (kind == ACCOUNT_OWNER) snprintf(account.mid, sizeof account.mid, RIG_MID);
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(rig.store, &tx));
    assert_ok(account_add(&tx, &rig_admin, &account, &id));
    assert_ok(account_set_status(&tx, &rig_admin, id, ACCOUNT_ACTIVE));
    assert_ok(store_commit(&tx));
    return id;
}

static int make(void **state)
{
    rig_make(state);
    assert_ok(store_migrate(rig.store, &accounts_schema));
    anna.id = add(ACCOUNT_STAFF, "anna", ROLE_AGENT);
    bo.id = add(ACCOUNT_STAFF, "bo", ROLE_APPROVER);
    owner.id = owner_as_staff.id = add(ACCOUNT_OWNER, "chen", ROLE_OWNER);
    return 0;
}

static struct payout_answer ask_for(const char *number)
{
    const struct payout_form form = {BYTES("上海开源茶馆餐饮管理有限公司"),
                                     BYTES("招商银行上海分行"), bytes_text(number)};
    struct payout_answer answer;
    assert_ok(payout_change_ask(rig.desk, &owner, &form, key, &answer));
    return answer;
}

static int64_t ask(void)
{
    struct payout_answer answer = ask_for(NUMBER);
    assert_int_equal(answer.verdict, PAYOUT_OK);
    return answer.request;
}

static enum payout_verdict approve(const struct desk_staff *staff, int64_t request)
{
    struct payout_answer answer;
    assert_ok(payout_change_approve(rig.desk, staff, request, &answer));
    return answer.verdict;
}

static int64_t version(void)
{
    struct payout_account account;
    err found = payout_find(rig.store, RIG_MID, rig.now_ms, &account);
    return found.code == ERR_NOT_FOUND ? 0 : account.version;
}

/* Messages so far of one kind: the rig's merchant has one contact with two addresses. */
static size_t told(const char *event)
{
    size_t count = 0;
    for (size_t i = 0; i < rig.messages; i++) count += strcmp(rig.message[i].event, event) == 0;
    return count;
}

static void recover(const char *operator_id, uint8_t number)
{
    const struct desk_challenge c = rig_challenge(RECOVERY_SMS, operator_id, number);
    assert_int_equal(rig_ask(&c).verdict, RECOVERY_SENT);
    rig_event(RIG_TID, number, "recovered", operator_id);
}

/* ---- two ---- */

static void two_different_staff_and_not_one(void **state)
{
    (void)state;
    struct payout_account account;
    uint8_t digits[sizeof DIGITS - 1];
    int64_t id = ask();
    assert_int_equal(told("payout_asked"), 2);
    assert_int_equal(version(), 0);
    assert_int_equal(approve(&anna, id), PAYOUT_NEEDS_SECOND);
    assert_int_equal(approve(&anna, id), PAYOUT_SAME_PERSON);
    assert_int_equal(version(), 0);
    assert_int_equal(told("payout_taken"), 0);
    assert_int_equal(approve(&bo, id), PAYOUT_OK);
    assert_int_equal(told("payout_taken"), 2);
    assert_ok(payout_find(rig.store, RIG_MID, rig.now_ms, &account));
    assert_int_equal(account.version, 1);
    assert_string_equal(account.details.last4, "0128");
    assert_ok(small_open(key, BYTES("payout." RIG_MID),
                         bytes_of(account.details.sealed, account.details.sealed_len), digits,
                         sizeof digits));
    assert_memory_equal(digits, DIGITS, sizeof digits);
    assert_err(small_open(key, BYTES("payout.898310153110002"),
                          bytes_of(account.details.sealed, account.details.sealed_len), digits,
                          sizeof digits),
               MAC);
    assert_int_equal(approve(&bo, id), PAYOUT_OVER);
    rig_audit_is_whole();
}

static void the_number_is_nowhere_but_in_its_seal(void **state)
{
    (void)state;
    int64_t id = ask();
    assert_int_equal(approve(&anna, id), PAYOUT_NEEDS_SECOND);
    assert_int_equal(approve(&bo, id), PAYOUT_OK);
    assert_true(rig_stored("0128")); /* so the search sees what is kept */
    assert_false(rig_stored(DIGITS));
    assert_false(rig_stored(NUMBER));
    assert_false(rig_stored("1234567890128"));
}

static void versions_follow_one_another(void **state)
{
    (void)state;
    int64_t first = ask();
    approve(&anna, first);
    approve(&bo, first);
    struct payout_answer answer = ask_for("12345678");
    assert_int_equal(answer.verdict, PAYOUT_OK);
    assert_int_equal(ask_for("87654321").verdict, PAYOUT_PENDING);
    approve(&bo, answer.request);
    assert_int_equal(version(), 1);
    assert_int_equal(approve(&anna, answer.request), PAYOUT_OK);
    assert_int_equal(version(), 2);
    assert_int_equal(rig_count("SELECT count(*) FROM payout_account"), 2);
}

/* ---- SQL ---- */

static void refused(const char *const *attempts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        err e = store_exec(rig.store, attempts[i]);
        if (e.code != ERR_DENIED) fail_msg("%s: %s", attempts[i], err_name(e));
    }
}

/* S59: whoever reaches the tables with SQL is held by the same rules. */
static void one_alone_is_refused_by_the_tables(void **state)
{
    (void)state;
    char forged[256], suspended[128];
    int64_t id = ask();
    assert_int_equal(approve(&anna, id), PAYOUT_NEEDS_SECOND);
    snprintf(forged, sizeof forged, "INSERT INTO payout_approval VALUES(1, %lld, 0)",
             (long long)owner.id);
    const char *const attempts[] = {
        "UPDATE payout_request SET state = 2, settled_ms = asked_ms",
        "UPDATE payout_request SET state = 3, holder = 'me'",
        "UPDATE payout_request SET holder = 'me'",
        "UPDATE payout_request SET sealed = x'00'",
        "UPDATE payout_request SET expires_ms = expires_ms + 1",
        "INSERT OR REPLACE INTO payout_request SELECT id, mid, 'me', bank, last4, sealed, asked_by,"
        " asked_ms, expires_ms, 1, '', 0 FROM payout_request",
        "INSERT OR REPLACE INTO payout_request SELECT 99, mid, 'me', bank, last4, sealed, asked_by,"
        " asked_ms, expires_ms, 1, '', 0 FROM payout_request",
        "INSERT INTO payout_request SELECT 99, '898310153110009', 'me', bank, last4, sealed,"
        " asked_by, asked_ms, expires_ms, 2, '', 5 FROM payout_request",
        "DELETE FROM payout_request",
        forged,                                           /* the owner is no staff */
        "INSERT INTO payout_approval VALUES(1, 4711, 0)", /* nobody */
        "INSERT OR REPLACE INTO payout_approval SELECT request, staff, 0 FROM payout_approval",
        "UPDATE payout_approval SET staff = staff + 1",
        "DELETE FROM payout_approval",
        "INSERT INTO payout_account SELECT mid, 1, holder, bank, last4, sealed, asked_ms, id"
        " FROM payout_request",
    };
    refused(attempts, ARRAY_LEN(attempts));
    snprintf(suspended, sizeof suspended, "UPDATE account SET status = 3 WHERE id = %lld",
             (long long)bo.id);
    assert_ok(store_exec(rig.store, suspended));
    assert_err(payout_change_approve(rig.desk, &bo, id, &(struct payout_answer){0}), DENIED);
    assert_int_equal(version(), 0);
    rig_audit_is_whole();
}

static void a_version_stands(void **state)
{
    (void)state;
    int64_t id = ask();
    approve(&anna, id);
    approve(&bo, id);
    static const char *const attempts[] = {
        "UPDATE payout_account SET holder = 'me'",
        "DELETE FROM payout_account",
        "INSERT OR REPLACE INTO payout_account SELECT mid, 1, 'me', bank, last4, sealed, since_ms,"
        " request FROM payout_account",
        "INSERT INTO payout_account SELECT mid, 2, 'me', bank, last4, sealed, since_ms, request"
        " FROM payout_account",
        "UPDATE payout_request SET state = 1",
    };
    refused(attempts, ARRAY_LEN(attempts));
    assert_int_equal(version(), 1);
}

/* ---- cooling-off ---- */

static void after_a_recovery_it_may_not_be_asked_for(void **state)
{
    (void)state;
    recover("00", 1);
    struct payout_answer answer = ask_for(NUMBER);
    assert_int_equal(answer.verdict, PAYOUT_COOLS);
    assert_int_equal(answer.cooling.reason, COOLING_RECOVERED);
    assert_int_equal(answer.cooling.until_ms, rig.now_ms + 7 * RIG_DAY_MS);
    assert_int_equal(rig_count("SELECT count(*) FROM payout_request"), 0);
    assert_int_equal(told("payout_cools"), 2);
    assert_int_equal(ask_for(NUMBER).verdict, PAYOUT_COOLS);
    assert_int_equal(told("payout_cools"), 2); /* once a day, that it drowns nothing else */
    rig.now_ms += 7 * RIG_DAY_MS - 1;
    assert_int_equal(ask_for(NUMBER).verdict, PAYOUT_COOLS);
    rig.now_ms += 1;
    assert_int_equal(ask_for(NUMBER).verdict, PAYOUT_OK);
    rig_audit_is_whole();
}

static void a_recovery_that_is_under_way_counts(void **state)
{
    (void)state;
    const struct desk_challenge c = rig_challenge(RECOVERY_SMS, "01", 1);
    assert_int_equal(rig_ask(&c).verdict, RECOVERY_SENT);
    struct payout_answer answer = ask_for(NUMBER);
    assert_int_equal(answer.verdict, PAYOUT_COOLS);
    assert_int_equal(answer.cooling.reason, COOLING_UNDER_WAY);
    rig.now_ms += RECOVERY_SMS_MS;
    assert_int_equal(ask_for(NUMBER).verdict, PAYOUT_OK);
}

static void a_recovery_stops_what_was_asked_before(void **state)
{
    (void)state;
    int64_t id = ask();
    assert_int_equal(approve(&anna, id), PAYOUT_NEEDS_SECOND);
    recover("01", 1);
    assert_int_equal(approve(&bo, id), PAYOUT_COOLS);
    assert_int_equal(version(), 0);
    /* Two approvals that were slipped in, a clock that is wrong: the tables know of it too. */
    char slip[128];
    snprintf(slip, sizeof slip, "INSERT INTO payout_approval VALUES(1, %lld, 0)", (long long)bo.id);
    assert_ok(store_exec(rig.store, slip));
    static const char *const attempts[] = {
        "UPDATE payout_request SET state = 2, settled_ms = asked_ms",
        "UPDATE payout_request SET state = 2, settled_ms = 5",
        "UPDATE cooling SET until_ms = 5",
        "DELETE FROM cooling",
    };
    refused(attempts, ARRAY_LEN(attempts));
    assert_ok(store_exec(
        rig.store, "INSERT OR REPLACE INTO cooling SELECT mid, tid, operator, 5 FROM cooling"));
    assert_int_equal(rig_count("SELECT until_ms FROM cooling"), rig.now_ms + 3 * RIG_DAY_MS);
    assert_int_equal(version(), 0);
    rig_audit_is_whole();
}

static void it_goes_on_when_the_cooling_off_is_over(void **state)
{
    (void)state;
    int64_t id = ask();
    recover("01", 1);
    assert_int_equal(approve(&anna, id), PAYOUT_COOLS);
    rig.now_ms += 3 * RIG_DAY_MS;
    assert_int_equal(approve(&anna, id), PAYOUT_NEEDS_SECOND);
    assert_int_equal(approve(&bo, id), PAYOUT_OK);
    assert_int_equal(version(), 1);
}

/* ---- its ends ---- */

static void it_ends_without_a_version(void **state)
{
    (void)state;
    struct payout_answer answer;
    struct payout_request r;
    const struct desk_owner stranger = {9, "898310153110002", "li"};
    int64_t id = ask();
    assert_ok(payout_change_withdraw(rig.desk, &stranger, id, &answer));
    assert_int_equal(answer.verdict, PAYOUT_NONE);
    assert_ok(payout_change_withdraw(rig.desk, &owner, id, &answer));
    assert_int_equal(answer.verdict, PAYOUT_OK);
    assert_int_equal(told("payout_ended"), 2);
    assert_int_equal(approve(&anna, id), PAYOUT_OVER);

    id = ask();
    assert_ok(
        payout_change_reject(rig.desk, &bo, id, BYTES("the owner knows nothing of it"), &answer));
    assert_int_equal(answer.verdict, PAYOUT_OK);
    assert_ok(payout_request_find(rig.store, id, &r));
    assert_int_equal(r.state, PAYOUT_REJECTED);
    assert_string_equal(r.reason, "the owner knows nothing of it");

    id = ask();
    assert_int_equal(approve(&anna, id), PAYOUT_NEEDS_SECOND);
    rig.now_ms += PAYOUT_LASTS_DAYS * RIG_DAY_MS;
    assert_int_equal(approve(&bo, id), PAYOUT_OVER);
    assert_ok(desk_tick(rig.desk));
    assert_ok(payout_request_find(rig.store, id, &r));
    assert_int_equal(r.state, PAYOUT_EXPIRED);
    assert_int_equal(version(), 0);
    assert_int_equal(approve(&bo, id + 1), PAYOUT_NONE);
    rig_audit_is_whole();
}

static void while_it_waits_a_recovery_is_a_high_risk(void **state)
{
    (void)state;
    struct payout_answer answer;
    bool pending = false;
    int64_t id = ask();
    assert_ok(cooling_change_pending(rig.store, RIG_MID, &pending));
    assert_true(pending);
    assert_ok(payout_change_withdraw(rig.desk, &owner, id, &answer));
    assert_ok(cooling_change_pending(rig.store, RIG_MID, &pending));
    assert_false(pending);
}

static void what_is_typed_has_its_form(void **state)
{
    (void)state;
    struct payout_answer answer;
    assert_int_equal(ask_for("1234567").verdict, PAYOUT_BAD_NUMBER);
    assert_int_equal(ask_for("123456789012345678901234567890123").verdict, PAYOUT_BAD_NUMBER);
    assert_int_equal(ask_for("12345678x").verdict, PAYOUT_BAD_NUMBER);
    const struct payout_form nobody = {BYTES(""), BYTES("bank"), BYTES("12345678")};
    assert_ok(payout_change_ask(rig.desk, &owner, &nobody, key, &answer));
    assert_int_equal(answer.verdict, PAYOUT_BAD_HOLDER);
    const struct payout_form lines = {BYTES("me"), BYTES("a\nb"), BYTES("12345678")};
    assert_ok(payout_change_ask(rig.desk, &owner, &lines, key, &answer));
    assert_int_equal(answer.verdict, PAYOUT_BAD_BANK);
    assert_int_equal(rig.messages, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_different_staff_and_not_one, make, rig_drop),
        cmocka_unit_test_setup_teardown(the_number_is_nowhere_but_in_its_seal, make, rig_drop),
        cmocka_unit_test_setup_teardown(versions_follow_one_another, make, rig_drop),
        cmocka_unit_test_setup_teardown(one_alone_is_refused_by_the_tables, make, rig_drop),
        cmocka_unit_test_setup_teardown(a_version_stands, make, rig_drop),
        cmocka_unit_test_setup_teardown(after_a_recovery_it_may_not_be_asked_for, make, rig_drop),
        cmocka_unit_test_setup_teardown(a_recovery_that_is_under_way_counts, make, rig_drop),
        cmocka_unit_test_setup_teardown(a_recovery_stops_what_was_asked_before, make, rig_drop),
        cmocka_unit_test_setup_teardown(it_goes_on_when_the_cooling_off_is_over, make, rig_drop),
        cmocka_unit_test_setup_teardown(it_ends_without_a_version, make, rig_drop),
        cmocka_unit_test_setup_teardown(while_it_waits_a_recovery_is_a_high_risk, make, rig_drop),
        cmocka_unit_test_setup_teardown(what_is_typed_has_its_form, make, rig_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
