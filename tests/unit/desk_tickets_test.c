/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recovery desk (S41, S42, S43, S46, S184; CR-15, CR-16): one member of staff alone gets
 * nobody in whose risk is high, neither through the core nor through SQL; nobody at the desk ever
 * sees a grant; an offline code is shown once and is good for one device, operator and challenge.
 */
#include "tests/unit/desk_rig.h"

static const struct desk_staff anna = {7, "anna"}, bo = {8, "bo"};

static enum ticket_verdict verdict;

static int64_t call(const char *operator_id)
{
    int64_t ticket = 0;
    assert_ok(ticket_open(rig.desk, &anna, BYTES(RIG_TID), bytes_text(operator_id), TICKET_BY_CALL,
                          BYTES("says he is the owner"), &verdict, &ticket));
    assert_int_equal(verdict, TICKET_OK);
    return ticket;
}

static bool answer(int64_t ticket, enum ticket_question question, const char *said)
{
    bool right = false;
    assert_ok(ticket_answer(rig.desk, &anna, ticket, question, bytes_text(said), &verdict, &right));
    return right;
}

static void identify(int64_t ticket)
{
    assert_true(answer(ticket, QUESTION_OWNER, "Wang Xiaoming"));
    assert_true(answer(ticket, QUESTION_PHONE, "+86 138-0000-5678"));
    assert_true(answer(ticket, QUESTION_SERIAL, "tb1 2030 000017"));
}

static void note(int64_t ticket, const char *text)
{
    assert_ok(ticket_note(rig.desk, &anna, ticket, bytes_text(text), &verdict));
    assert_int_equal(verdict, TICKET_OK);
}

static enum ticket_verdict approve(const struct desk_staff *staff, int64_t ticket)
{
    assert_ok(ticket_approve(rig.desk, staff, ticket, &verdict));
    return verdict;
}

static struct ticket find(int64_t id)
{
    struct ticket ticket = {0};
    assert_ok(ticket_find(rig.desk, id, &ticket));
    return ticket;
}

/* The terminal's own request. */
static int64_t request(const char *operator_id, uint8_t number)
{
    const struct desk_challenge c = rig_challenge(RECOVERY_SERVICE, operator_id, number);
    struct recovery_answer asked = rig_ask(&c);
    assert_int_equal(asked.verdict, RECOVERY_TICKET);
    return asked.ticket;
}

/* A grant of this challenge as it would stand in a frame, a file or an answer. */
static void grant_hex(const char *operator_id, uint8_t number, char out[33])
{
    const struct desk_challenge c = rig_challenge(RECOVERY_SERVICE, operator_id, number);
    uint8_t grant[DESK_GRANT_LEN];
    struct writer w = writer_over(out, 32);
    rig_grant(&c, grant);
    write_hex_upper(&w, BYTES_OF(grant));
    out[32] = '\0';
}

/* ---- identity ---- */

static void the_desk_is_told_right_or_wrong(void **state)
{
    (void)state;
    struct ticket_asked asked;
    int64_t id = call("01");
    struct ticket ticket = find(id);
    assert_ok(ticket_asked(rig.desk, &ticket, QUESTION_PHONE, &asked));
    assert_string_equal(asked.mask, "138****5678");
    assert_false(answer(id, QUESTION_PHONE, "138****5678")); /* what the mask shows is no answer */
    assert_false(answer(id, QUESTION_PHONE, ""));
    assert_true(answer(id, QUESTION_PHONE, "86 13800005678"));
    assert_true(answer(id, QUESTION_OWNER, "王小明"));
    assert_true(answer(id, QUESTION_MAIL, "WANG@example.com"));
    assert_true(answer(id, QUESTION_MERCHANT, RIG_MID));
    assert_int_equal(find(id).right, 4);
    assert_int_equal(find(id).reasons & TICKET_WRONG_ANSWER, TICKET_WRONG_ANSWER);
    assert_int_equal(find(id).risk, TICKET_HIGH);
}

static void three_tries_a_question(void **state)
{
    (void)state;
    int64_t id = call("01");
    for (int i = 0; i < 3; i++) {
        assert_false(answer(id, QUESTION_OWNER, "li si"));
        assert_int_equal(verdict, TICKET_OK);
    }
    assert_false(answer(id, QUESTION_OWNER, "wang xiaoming"));
    assert_int_equal(verdict, TICKET_NO_TRIES);
    assert_int_equal(find(id).right, 0);
    assert_true(rig_stored("says he is the owner")); /* so the search sees what is kept */
    assert_false(rig_stored("li si"));               /* what a caller answers is not kept */
}

/* ---- approving ---- */

static void a_low_risk_needs_one(void **state)
{
    (void)state;
    int64_t id = request("01", 1);
    rig_connect(5);
    assert_int_equal(find(id).risk, TICKET_LOW);
    assert_int_equal(approve(&anna, id), TICKET_NEEDS_ANSWERS);
    assert_true(answer(id, QUESTION_OWNER, "王小明"));
    assert_true(answer(id, QUESTION_SERIAL, RIG_SERIAL));
    assert_int_equal(approve(&anna, id), TICKET_OK);
    assert_int_equal(find(id).state, TICKET_APPROVED);
    assert_int_equal(find(id).delivery, TICKET_SENT);
    char grant[33];
    grant_hex("01", 1, grant);
    assert_non_null(strstr(rig_heard(), "\"tell\":\"grant\""));
    assert_non_null(strstr(rig_heard(), grant));
}

static void a_high_risk_needs_two_and_evidence(void **state)
{
    (void)state;
    int64_t id = request("00", 1);
    rig_connect(5);
    struct ticket ticket = find(id);
    assert_int_equal(ticket.risk, TICKET_HIGH);
    assert_int_equal(ticket.reasons, TICKET_ROLE);
    assert_int_equal(approve(&anna, id), TICKET_NEEDS_ANSWERS);
    identify(id);
    assert_int_equal(approve(&anna, id), TICKET_NEEDS_NOTE);
    note(id, "called back at the registered number");
    assert_int_equal(approve(&anna, id), TICKET_NEEDS_SECOND);
    assert_int_equal(approve(&anna, id), TICKET_SAME_PERSON);
    assert_int_equal(find(id).state, TICKET_OPEN);
    assert_false(rig_heard_any("grant"));
    assert_int_equal(approve(&bo, id), TICKET_OK);
    assert_int_equal(find(id).approvals, 2);
    assert_true(rig_heard_any("\"tell\":\"grant\""));
}

/* S59, CR-15: whoever reaches the tables with SQL is held by the same rule. */
static void one_alone_is_refused_by_the_tables(void **state)
{
    (void)state;
    int64_t id = request("00", 1);
    identify(id);
    note(id, "called back");
    assert_int_equal(approve(&anna, id), TICKET_NEEDS_SECOND);
    static const char *const attempts[] = {
        "UPDATE ticket SET state = 2",
        "UPDATE ticket SET state = 3, delivery = 5",
        "UPDATE ticket SET delivery = 1",
        "UPDATE ticket SET risk = 1",
        "UPDATE ticket SET operator = '01'",
        "UPDATE ticket_approval SET staff = 8",
        "DELETE FROM ticket_approval",
        "DELETE FROM ticket_event",
        "UPDATE ticket_event SET actor = '8 bo'",
        "DELETE FROM ticket",
        "INSERT INTO ticket SELECT 99, mid, tid, operator, origin, 2, way, challenge, challenge_ms,"
        " expires_ms, 1, reasons, 0, opened_ms, changed_ms, account FROM ticket",
        "INSERT OR REPLACE INTO ticket SELECT id, mid, tid, '01', origin, 1, way, challenge,"
        " challenge_ms, expires_ms, 1, 0, 0, opened_ms, changed_ms, account FROM ticket",
        "INSERT OR REPLACE INTO ticket_event SELECT ticket, number, at_ms, '8 bo', kind, detail"
        " FROM ticket_event",
    };
    for (size_t i = 0; i < ARRAY_LEN(attempts); i++) {
        err refused = store_exec(rig.store, attempts[i]);
        if (refused.code != ERR_DENIED) fail_msg("%s: %s", attempts[i], err_name(refused));
    }
    err twice =
        store_exec(rig.store, "INSERT INTO ticket_approval SELECT ticket, challenge, staff, 'bo', 0"
                              " FROM ticket_approval");
    assert_string_equal(err_name(twice), "EXISTS");
    assert_int_equal(find(id).state, TICKET_OPEN);
    rig_audit_is_whole();
}

static void an_approval_is_of_one_challenge(void **state)
{
    (void)state;
    int64_t id = request("00", 1);
    identify(id);
    note(id, "called back");
    assert_int_equal(approve(&anna, id), TICKET_NEEDS_SECOND);
    assert_int_equal(request("00", 2), id); /* asked again at the terminal */
    assert_int_equal(find(id).approvals, 0);
    assert_int_equal(approve(&bo, id), TICKET_NEEDS_SECOND);
    assert_int_equal(approve(&anna, id), TICKET_OK);
    assert_int_equal(request("00", 3), id); /* after the approval, too */
    assert_int_equal(find(id).state, TICKET_OPEN);
    assert_int_equal(find(id).delivery, TICKET_UNDELIVERED);
}

static void nothing_to_approve_is_said(void **state)
{
    (void)state;
    int64_t id = call("00");
    identify(id);
    note(id, "called back");
    assert_int_equal(approve(&anna, id), TICKET_NO_CHALLENGE);
    assert_int_equal(request("00", 1), id); /* one person, one ticket */
    rig.now_ms += RECOVERY_SERVICE_MS;
    assert_int_equal(approve(&anna, id), TICKET_EXPIRED);
    assert_int_equal(approve(&anna, id + 1), TICKET_NOT_FOUND);
}

/* ---- risk ---- */

static void risk_has_its_reasons(void **state)
{
    (void)state;
    int64_t id = request("01", 1);
    assert_int_equal(find(id).risk, TICKET_LOW);
    struct store_tx tx = {0};
    assert_ok(store_begin(rig.store, &tx));
    assert_ok(cooling_change_asked(&tx, RIG_MID, rig.now_ms));
    assert_ok(store_commit(&tx));
    identify(id);
    assert_int_equal(approve(&anna, id), TICKET_NEEDS_NOTE); /* weighed again when it matters */
    assert_int_equal(find(id).reasons, TICKET_PAYOUT);
    assert_int_equal(find(id).risk, TICKET_HIGH);

    const struct registry_actor now = {rig_admin.name, rig.now_ms};
    struct registry_contact owner = rig_owner();
    assert_ok(registry_set_contact(rig.registry, &now, &owner));
    int64_t other = request("02", 2);
    assert_int_equal(find(other).reasons & TICKET_NEW_CONTACT, TICKET_NEW_CONTACT);
}

static void repeated_recoveries_are_a_risk(void **state)
{
    (void)state;
    for (uint8_t i = 1; i <= 2; i++) {
        const struct desk_challenge c = rig_challenge(RECOVERY_SMS, "03", i);
        rig.now_ms += 6 * RIG_DAY_MS; /* beyond the cooling-off of three days */
        assert_int_equal(rig_ask(&c).verdict, RECOVERY_SENT);
        rig_event(RIG_TID, i, "recovered", "03");
    }
    rig.now_ms += 6 * RIG_DAY_MS;
    assert_int_equal(find(request("01", 9)).reasons, TICKET_REPEATED);
    rig.now_ms += 25 * RIG_DAY_MS;
    assert_int_equal(find(request("02", 10)).reasons, 0);
}

/* ---- diagnostics ---- */

static char kinds[512], heard[TICKET_TEXT_MAX + 1];

static err add_kind(void *context, const struct ticket_event *event)
{
    (void)context;
    size_t len = strlen(kinds);
    snprintf(kinds + len, sizeof kinds - len, "%s ", event->kind);
    snprintf(heard, sizeof heard, "%s", event->detail);
    return OK;
}

/* S184: asked of a terminal that is there; its answer, or the refusal, stands in the ticket. */
static void diagnostics_are_asked_and_answered_in_the_ticket(void **state)
{
    (void)state;
    int64_t id = call("01");
    rig_event(RIG_TID, 1, "diagnostics", "01"); /* nobody has asked */
    assert_ok(ticket_diagnose(rig.desk, &anna, id, &verdict));
    assert_int_equal(verdict, TICKET_AWAY);
    rig_connect(5);
    assert_ok(ticket_diagnose(rig.desk, &anna, id, &verdict));
    assert_int_equal(verdict, TICKET_OK);
    assert_string_equal(rig_heard(), "{\"tell\":\"diagnose\",\"challenge\":\"0000000000000001\"}");
    assert_ok(ticket_diagnose(rig.desk, &bo, id, &verdict));
    assert_int_equal(verdict, TICKET_LIMIT);
    rig_event(RIG_OTHER, 1, "diagnostics", ""); /* another terminal's is no answer */
    struct registry_terminal terminal = rig_find(RIG_TID);
    struct device_event event = {.number = 2, .at_ms = rig.now_ms};
    snprintf(event.kind, sizeof event.kind, "diagnostics");
    snprintf(event.detail, sizeof event.detail, "0.1.0 wifi trusted online paper-ok check-ok");
    assert_ok(device_event_take(rig.desk, &terminal, &event));
    kinds[0] = '\0';
    assert_ok(ticket_timeline(rig.desk, id, add_kind, NULL));
    assert_string_equal(kinds, "opened_call diagnostics_asked diagnostics ");
    assert_string_equal(heard, event.detail);
    rig.now_ms += 60000;
    assert_ok(ticket_diagnose(rig.desk, &anna, id, &verdict));
    assert_int_equal(verdict, TICKET_OK);
    rig_event(RIG_TID, 3, "diagnostics_refused", "01");
    rig_event(RIG_TID, 4, "diagnostics_refused", "01"); /* answered already */
    kinds[0] = '\0';
    assert_ok(ticket_timeline(rig.desk, id, add_kind, NULL));
    assert_string_equal(kinds, "opened_call diagnostics_asked diagnostics diagnostics_asked"
                               " diagnostics_refused ");
    rig_audit_is_whole();
}

/* ---- delivery ---- */

static int64_t approved(const char *operator_id, uint8_t number)
{
    int64_t id = request(operator_id, number);
    identify(id);
    note(id, "called back");
    if (find(id).risk == TICKET_HIGH) assert_int_equal(approve(&bo, id), TICKET_NEEDS_SECOND);
    assert_int_equal(approve(&anna, id), TICKET_OK);
    return id;
}

static void where_the_grant_is_is_said_truthfully(void **state)
{
    (void)state;
    int64_t id = approved("00", 1);
    assert_int_equal(find(id).delivery, TICKET_QUEUED); /* the terminal is not connected */
    rig_connect(5);
    assert_int_equal(find(id).delivery, TICKET_SENT);
    assert_int_equal(rig.frames, 2); /* the answer to hello, then the grant */
    assert_ok(devices_closed(rig.desk, 5));
    rig_connect(6); /* nobody knows whether it arrived: told again */
    assert_int_equal(rig.frames, 4);
    assert_string_equal(rig.frame[1], rig.frame[3]);
    rig_event(RIG_TID, 1, "granted", "00");
    assert_int_equal(find(id).delivery, TICKET_ACKNOWLEDGED);
    assert_ok(devices_closed(rig.desk, 6));
    rig_connect(7); /* it may have been switched off with it */
    assert_int_equal(rig.frames, 6);
    assert_int_equal(find(id).delivery, TICKET_ACKNOWLEDGED);
    rig_event(RIG_TID, 2, "recovered", "00");
    assert_ok(devices_closed(rig.desk, 7));
    rig_connect(8);
    assert_int_equal(rig.frames, 7);
    assert_int_equal(find(id).delivery, TICKET_VERIFIED);
    assert_int_equal(find(id).state, TICKET_DONE);
    note(request("00", 2), "a new one");
    assert_ok(ticket_note(rig.desk, &anna, id, BYTES("late"), &verdict));
    assert_int_equal(verdict, TICKET_OVER);
}

static void an_hsm_that_is_away_keeps_it_queued(void **state)
{
    (void)state;
    rig_connect(5);
    rig.hsm_away = true;
    int64_t id = approved("00", 1);
    assert_int_equal(find(id).delivery, TICKET_QUEUED);
    rig.hsm_away = false;
    assert_ok(devices_closed(rig.desk, 5));
    rig_connect(6);
    assert_int_equal(find(id).delivery, TICKET_SENT);
}

/* CR-15: no secret that staff could see: not in a ticket, a timeline, a file, a log line. */
static err no_secret(void *context, const struct ticket_event *event)
{
    assert_null(strstr(event->detail, context));
    return OK;
}

static void nobody_at_the_desk_sees_a_grant(void **state)
{
    (void)state;
    char grant[33];
    uint8_t raw[DESK_GRANT_LEN + 1] = {0};
    rig_connect(5);
    int64_t id = approved("00", 1);
    grant_hex("00", 1, grant);
    assert_true(rig_heard_any(grant)); /* it went to the terminal, and is nowhere else */
    assert_ok(ticket_timeline(rig.desk, id, no_secret, grant));
    assert_false(rig_stored(grant));
    const struct desk_challenge c = rig_challenge(RECOVERY_SERVICE, "00", 1);
    rig_grant(&c, raw);
    assert_false(rig_stored((const char *)raw));
}

static void a_refusal_is_told(void **state)
{
    (void)state;
    int64_t id = request("00", 1);
    rig_connect(5);
    assert_ok(ticket_end(rig.desk, &anna, id, TICKET_REJECTED, BYTES("not the owner"), &verdict));
    assert_int_equal(verdict, TICKET_OK);
    assert_non_null(strstr(rig_heard(), "\"tell\":\"refused\""));
    assert_null(strstr(rig_heard(), "not the owner")); /* what the desk thinks stays here */
    assert_int_equal(approve(&bo, id), TICKET_OVER);
    assert_err(store_exec(rig.store, "UPDATE ticket SET state = 1"), DENIED);
    rig.frames = 0;
    rig_say(5, "{\"id\":2,\"ask\":\"recover\",\"operator\":\"00\",\"way\":\"service\","
               "\"challenge\":\"A0A0A0A0A0A0A0A0A0A0A0A0A0A0A001\"}");
    assert_non_null(strstr(rig.frame[0], "R-000001")); /* how does it stand? as before */
    assert_non_null(strstr(rig_heard(), "\"tell\":\"refused\""));
    assert_int_not_equal(request("00", 2), id);
}

static void giving_up_takes_the_approval_back(void **state)
{
    (void)state;
    int64_t id = approved("00", 1);
    assert_ok(recovery_end(rig.desk, RIG_TID, "00"));
    assert_int_equal(find(id).state, TICKET_OPEN);
    assert_int_equal(find(id).challenge.len, 0);
    rig_connect(5);
    assert_false(rig_heard_any("grant"));
    int64_t untouched = request("02", 2);
    assert_ok(recovery_end(rig.desk, RIG_TID, "02"));
    assert_int_equal(find(untouched).state, TICKET_CLOSED);
}

/* ---- offline ---- */

static enum ticket_verdict type(int64_t ticket, const char *digits)
{
    assert_ok(ticket_challenge(rig.desk, &anna, ticket, bytes_text(digits), &verdict));
    return verdict;
}

static enum ticket_verdict read_out(const struct desk_staff *staff, int64_t ticket, char code[11])
{
    int64_t seconds = 0;
    code[0] = '\0';
    assert_ok(ticket_read_out(rig.desk, staff, ticket, &verdict, code, &seconds));
    assert_true(verdict != TICKET_OK || (seconds > 0 && seconds <= 900));
    return verdict;
}

#define DIGITS "79927398713" /* the textbook example of the check digit */

static void an_offline_code_is_shown_once(void **state)
{
    (void)state;
    char code[11], expected[11];
    int64_t id = call("00");
    identify(id);
    note(id, "called back");
    assert_int_equal(type(id, "799 2739 871-3"), TICKET_OK);
    assert_int_equal(read_out(&anna, id, code), TICKET_NOT_APPROVED);
    assert_int_equal(approve(&anna, id), TICKET_NEEDS_SECOND);
    assert_int_equal(read_out(&anna, id, code), TICKET_NOT_APPROVED);
    assert_int_equal(approve(&bo, id), TICKET_OK);
    rig.hsm_away = true;
    assert_int_equal(read_out(&anna, id, code), TICKET_HSM_AWAY);
    rig.hsm_away = false;
    assert_int_equal(read_out(&anna, id, code), TICKET_OK);
    struct desk_challenge c = {
        .tid = RIG_TID, .operator_id = "00", .way = RECOVERY_OFFLINE, .len = 11};
    memcpy(c.at, DIGITS, 11);
    rig_code(&c, expected);
    assert_string_equal(code, expected);
    assert_int_equal(strlen(code), 10);
    assert_false(rig_stored(code));
    assert_int_equal(read_out(&anna, id, code), TICKET_SHOWN);
    assert_int_equal(read_out(&bo, id, code), TICKET_SHOWN);
    assert_string_equal(code, "");
}

static void what_is_misheard_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",           "7992739871", "799273987133", "79927398710", "7992739871x", "97927398713",
        "79927398731"};
    int64_t id = call("00");
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(type(id, wrong[i]), TICKET_BAD_CHALLENGE);
    assert_int_equal(type(id, DIGITS), TICKET_OK);
}

static void an_offline_code_ends_after_fifteen_minutes(void **state)
{
    (void)state;
    char code[11];
    int64_t id = call("01");
    identify(id);
    type(id, DIGITS);
    assert_int_equal(approve(&anna, id), TICKET_OK);
    rig.now_ms += RECOVERY_OFFLINE_MS;
    assert_int_equal(read_out(&anna, id, code), TICKET_EXPIRED);
    assert_int_equal(type(id, "18"), TICKET_BAD_CHALLENGE);
    assert_int_equal(type(id, "00000000018"), TICKET_OK); /* the caller reads out a new one */
    assert_int_equal(find(id).state, TICKET_OPEN);
    assert_int_equal(approve(&anna, id), TICKET_OK);
    assert_int_equal(read_out(&anna, id, code), TICKET_OK);
}

static void one_reads_out_twenty_a_day(void **state)
{
    (void)state;
    char code[11], operator_id[3];
    for (int i = 0; i <= 20; i++) {
        snprintf(operator_id, sizeof operator_id, "%02d", i + 10);
        int64_t id = call(operator_id);
        identify(id);
        type(id, DIGITS);
        assert_int_equal(approve(&anna, id), TICKET_OK);
        assert_int_equal(read_out(&anna, id, code), i < 20 ? TICKET_OK : TICKET_LIMIT);
    }
}

/* ---- reading ---- */

static err count_one(void *context, const struct ticket *ticket)
{
    assert_true(ticket->number[0] == 'R');
    ++*(int *)context;
    return OK;
}

static err join(void *context, const struct ticket_event *event)
{
    char *text = context;
    size_t len = strlen(text);
    snprintf(text + len, 400 - len, "%s/%s ", event->actor, event->kind);
    return OK;
}

/* S42: what was said in a chat, and what was done, are one timeline. */
static void the_whole_chain_is_there(void **state)
{
    (void)state;
    char chain[400] = "";
    int64_t id = 0;
    assert_ok(ticket_open(rig.desk, &bo, BYTES(RIG_TID), BYTES("01"), TICKET_BY_CHAT,
                          BYTES("chat 17: forgot my password"), &verdict, &id));
    assert_int_equal(request("01", 1), id);
    assert_true(answer(id, QUESTION_OWNER, "王小明"));
    assert_true(answer(id, QUESTION_PHONE, "13800005678"));
    rig_connect(5);
    assert_int_equal(approve(&bo, id), TICKET_OK);
    rig_event(RIG_TID, 1, "recovered", "01");
    assert_ok(ticket_timeline(rig.desk, id, join, chain));
    assert_string_equal(chain, "8 bo/opened_chat terminal/asked 7 anna/answer_right 7"
                               " anna/answer_right 8 bo/approved desk/queued desk/sent"
                               " terminal/verified ");
    int open = 0, all = 0;
    request("02", 2);
    assert_ok(ticket_list(rig.desk, true, count_one, &open));
    assert_ok(ticket_list(rig.desk, false, count_one, &all));
    assert_int_equal(open, 1);
    assert_int_equal(all, 2);
    rig_audit_is_whole();
}

static void nobody_is_nobody(void **state)
{
    (void)state;
    int64_t id = 0;
    assert_ok(ticket_open(rig.desk, &anna, BYTES("10000099"), BYTES("01"), TICKET_BY_CALL,
                          BYTES(""), &verdict, &id));
    assert_int_equal(verdict, TICKET_NOT_FOUND);
    assert_ok(ticket_open(rig.desk, &anna, BYTES(RIG_TID), BYTES("1"), TICKET_BY_CALL, BYTES(""),
                          &verdict, &id));
    assert_int_equal(verdict, TICKET_NOT_FOUND);
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, rig_make, rig_drop)
    const struct CMUnitTest tests[] = {
        WITH_RIG(the_desk_is_told_right_or_wrong),
        WITH_RIG(three_tries_a_question),
        WITH_RIG(a_low_risk_needs_one),
        WITH_RIG(a_high_risk_needs_two_and_evidence),
        WITH_RIG(one_alone_is_refused_by_the_tables),
        WITH_RIG(an_approval_is_of_one_challenge),
        WITH_RIG(nothing_to_approve_is_said),
        WITH_RIG(risk_has_its_reasons),
        WITH_RIG(diagnostics_are_asked_and_answered_in_the_ticket),
        WITH_RIG(repeated_recoveries_are_a_risk),
        WITH_RIG(where_the_grant_is_is_said_truthfully),
        WITH_RIG(an_hsm_that_is_away_keeps_it_queued),
        WITH_RIG(nobody_at_the_desk_sees_a_grant),
        WITH_RIG(a_refusal_is_told),
        WITH_RIG(giving_up_takes_the_approval_back),
        WITH_RIG(an_offline_code_is_shown_once),
        WITH_RIG(what_is_misheard_is_refused),
        WITH_RIG(an_offline_code_ends_after_fifteen_minutes),
        WITH_RIG(one_reads_out_twenty_a_day),
        WITH_RIG(the_whole_chain_is_there),
        WITH_RIG(nobody_is_nobody),
    };
    return cmocka_run_group_tests_name("desk_tickets", tests, NULL, NULL);
}
