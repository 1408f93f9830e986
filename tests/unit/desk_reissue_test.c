/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lost sheet at the desk (S36, S59): ordered in a ticket, approved by two, carried to the
 * terminal as often as it takes, written down as printable when its vault has taken it, and printed
 * once.
 */
#include "registry/sheet.h"
#include "tests/unit/desk_rig.h"

static const struct desk_staff anna = {7, "anna"}, bo = {8, "bo"};
static enum ticket_verdict verdict;

static struct ticket find(int64_t id)
{
    struct ticket ticket = {0};
    assert_ok(ticket_find(rig.desk, id, &ticket));
    return ticket;
}

/* A call about operator 01, who is known to be who he says. */
static int64_t call(void)
{
    int64_t id = 0;
    bool right = false;
    assert_ok(ticket_open(rig.desk, &anna, BYTES(RIG_TID), BYTES("01"), TICKET_BY_CALL,
                          BYTES("the manual is lost"), &verdict, &id));
    assert_ok(
        ticket_answer(rig.desk, &anna, id, QUESTION_OWNER, BYTES("王小明"), &verdict, &right));
    assert_ok(
        ticket_answer(rig.desk, &anna, id, QUESTION_PHONE, BYTES("13800005678"), &verdict, &right));
    assert_ok(
        ticket_answer(rig.desk, &anna, id, QUESTION_SERIAL, BYTES(RIG_SERIAL), &verdict, &right));
    assert_ok(ticket_note(rig.desk, &anna, id, BYTES("called back"), &verdict));
    return id;
}

static void order(int64_t id)
{
    assert_ok(ticket_reissue(rig.desk, &anna, id, &verdict));
    assert_int_equal(verdict, TICKET_OK);
}

static enum ticket_verdict approve(const struct desk_staff *staff, int64_t id)
{
    assert_ok(ticket_approve(rig.desk, staff, id, &verdict));
    return verdict;
}

static int64_t approved(void)
{
    int64_t id = call();
    order(id);
    assert_int_equal(approve(&anna, id), TICKET_NEEDS_SECOND);
    assert_int_equal(approve(&bo, id), TICKET_OK);
    return id;
}

static void two_approve_and_the_vault_takes_it(void **state)
{
    (void)state;
    struct sheet sheet;
    char hex[33];
    int64_t id = call();
    assert_int_equal(find(id).risk, TICKET_LOW);
    order(id);
    assert_int_equal(find(id).risk, TICKET_HIGH); /* though operator 01 alone would not be */
    assert_int_equal(find(id).reasons, TICKET_SHEET);
    rig_connect(5);
    assert_int_equal(approve(&anna, id), TICKET_NEEDS_SECOND);
    assert_int_equal(approve(&anna, id), TICKET_SAME_PERSON);
    assert_false(rig_heard_any("reissue"));
    assert_int_equal(approve(&bo, id), TICKET_OK);
    assert_true(rig_heard_any("\"tell\":\"reissue\",\"operator\":\"01\""));
    struct ticket ticket = find(id);
    uint8_t grant[DESK_GRANT_LEN];
    struct writer w = writer_over(hex, 32);
    rig_grant(&ticket.challenge, grant);
    write_hex_upper(&w, BYTES_OF(grant));
    hex[32] = '\0';
    assert_true(rig_heard_any(hex));
    assert_false(rig_stored(hex));
    assert_int_equal(ticket.delivery, TICKET_SENT);
    assert_err(sheet_find(rig.store, id, &sheet), NOT_FOUND); /* nothing to print yet */
    rig_event(RIG_TID, 1, "reissued", "01");
    assert_int_equal(find(id).state, TICKET_DONE);
    assert_int_equal(find(id).delivery, TICKET_VERIFIED);
    assert_ok(sheet_find(rig.store, id, &sheet));
    assert_memory_equal(sheet.challenge, ticket.challenge.at, 16);
    assert_int_equal(rig.messages, 2); /* every address of the contact */
    assert_string_equal(rig.message[0].event, "reissued");
    rig_event(RIG_TID, 2, "reissued", "01"); /* told again: the same */
    assert_int_equal(rig_count("SELECT count(*) FROM sheet"), 1);
    rig_audit_is_whole();
}

static void it_is_told_until_it_is_taken(void **state)
{
    (void)state;
    int64_t id = approved();
    assert_int_equal(find(id).delivery, TICKET_QUEUED);
    rig_connect(5);
    assert_int_equal(find(id).delivery, TICKET_SENT);
    assert_ok(devices_closed(rig.desk, 5));
    rig_connect(6);
    assert_string_equal(rig.frame[1], rig.frame[3]);
    assert_ok(recovery_end(rig.desk, RIG_TID, "01")); /* another way, given up at the terminal */
    assert_int_equal(find(id).state, TICKET_APPROVED);
    rig_event(RIG_TID, 1, "reissued", "01");
    assert_ok(devices_closed(rig.desk, 6));
    size_t frames = rig.frames;
    rig_connect(7);
    assert_int_equal(rig.frames, frames + 1); /* the answer to hello, and no order any more */
}

static void a_vault_that_refuses_ends_it(void **state)
{
    (void)state;
    struct sheet sheet;
    int64_t id = approved();
    rig_connect(5);
    rig_event(RIG_TID, 1, "reissue_refused", "01");
    assert_int_equal(find(id).state, TICKET_CLOSED);
    assert_err(sheet_find(rig.store, id, &sheet), NOT_FOUND);
    rig_event(RIG_TID, 2, "reissued", "01"); /* nothing waits for it */
    assert_err(sheet_find(rig.store, id, &sheet), NOT_FOUND);
}

static void orders_count_upwards(void **state)
{
    (void)state;
    int64_t id = call();
    order(id);
    struct ticket first = find(id);
    rig.now_ms += 1;
    order(id);
    struct ticket second = find(id);
    assert_true(memcmp(second.challenge.at, first.challenge.at, 8) > 0);
    assert_int_equal(second.approvals, 0);
    assert_memory_not_equal(second.challenge.at + 8, first.challenge.at + 8, 8);
}

/* S44: the second approval begins the cooling-off; a person at a terminal can ask for none of it.
 */
static void it_is_a_recovery_with_help(void **state)
{
    (void)state;
    struct cooling_verdict cooling;
    (void)approved();
    assert_ok(cooling_check(rig.store, RIG_MID, rig.now_ms, &cooling));
    assert_int_equal(cooling.reason, COOLING_RECOVERED);
    assert_int_equal(cooling.until_ms, rig.now_ms + 7 * RIG_DAY_MS);
    const struct desk_challenge c = rig_challenge(RECOVERY_REISSUE, "01", 1);
    assert_int_equal(rig_ask(&c).verdict, RECOVERY_REFUSED);
}

static void it_is_printed_once(void **state)
{
    (void)state;
    struct sheet sheet, other;
    int64_t at_ms = -1, id = approved();
    rig_event(RIG_TID, 1, "reissued", "01");
    assert_ok(sheet_find(rig.store, id, &sheet));
    assert_ok(registry_sheet_printed(rig.registry, &sheet, &at_ms));
    assert_int_equal(at_ms, 0);
    assert_ok(registry_print_sheet(rig.registry, &rig_admin, &sheet));
    assert_err(registry_print_sheet(rig.registry, &rig_admin, &sheet), EXISTS);
    other = sheet;
    other.ticket = 99; /* the order counts, and not the number that is written beside it */
    assert_err(registry_print_sheet(rig.registry, &rig_admin, &other), EXISTS);
    assert_ok(registry_sheet_printed(rig.registry, &sheet, &at_ms));
    assert_int_equal(at_ms, rig_admin.at_ms);
    struct store *store = registry_store(rig.registry);
    assert_err(store_exec(store, "DELETE FROM printed_sheet"), DENIED);
    assert_err(store_exec(store, "UPDATE printed_sheet SET challenge = x'00'"), DENIED);
    static const char *const attempts[] = {
        "DELETE FROM sheet", "UPDATE sheet SET operator = '00'",
        "INSERT OR REPLACE INTO sheet SELECT ticket, tid, '00', challenge, 0 FROM sheet"};
    for (size_t i = 0; i < ARRAY_LEN(attempts); i++)
        assert_err(store_exec(rig.store, attempts[i]), DENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_approve_and_the_vault_takes_it, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(it_is_told_until_it_is_taken, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(a_vault_that_refuses_ends_it, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(orders_count_upwards, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(it_is_a_recovery_with_help, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(it_is_printed_once, rig_make, rig_drop),
    };
    return cmocka_run_group_tests_name("desk_reissue", tests, NULL, NULL);
}
