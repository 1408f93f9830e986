/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Console accounts at the recovery desk (S41, CR-14, CR-15): who has lost every factor gets in
 * again by two members of staff other than himself, whatever is tried through the routes or in SQL.
 * Nobody at the desk sees the link; everything old ends; every contact is told; the payout account
 * stands still.
 */
#include "backoffice/desk/cooling.h"
#include "backoffice/desk/tickets.h"
#include "tests/unit/backoffice_rig.h"

#define HOUR INT64_C(3600000)

struct scene {
    struct rig *rig;
    struct browser agent_at, chief_at, owner_at;
    struct person agent, chief, owner;
};

static struct scene scene_open(bool outbox)
{
    struct scene s = {.rig = rig_open_desk(outbox)};
    s.agent = rig_known(s.rig, &s.agent_at, "anna", ROLE_AGENT);
    s.chief = rig_known(s.rig, &s.chief_at, "bo", ROLE_APPROVER);
    s.owner = rig_known(s.rig, &s.owner_at, "wang", ROLE_OWNER);
    return s;
}

static unsigned desk(struct scene *s, struct browser *b, const char *path, const char *format, ...)
    PRINTF(4, 5);
static unsigned desk(struct scene *s, struct browser *b, const char *path, const char *format, ...)
{
    char full[64], body[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(body, sizeof body, format, arguments);
    va_end(arguments);
    snprintf(full, sizeof full, "/api/staff/desk/%s", path);
    unsigned status = rig_ask(s->rig, b, "POST", full, body);
    /* Nothing that anybody at the desk is answered holds a link or its token. */
    assert_null(strstr(s->rig->answer, "setup#"));
    return status;
}

static unsigned open_account(struct scene *s, struct browser *b, const char *kind, const char *name)
{
    return desk(s, b, "open-account",
                "{\"kind\":\"%s\",\"account\":\"%s\",\"origin\":\"call\",\"note\":\"lost phone\"}",
                kind, name);
}

static void answer(struct scene *s, struct browser *b, int ticket, const char *question,
                   const char *said)
{
    assert_int_equal(desk(s, b, "answer", "{\"ticket\":%d,\"question\":\"%s\",\"said\":\"%s\"}",
                          ticket, question, said),
                     200);
    assert_true(rig_says(s->rig, "\"right\""));
}

/* Everything but the approvals, by one member of staff. */
static void identify_owner(struct scene *s, struct browser *b, int ticket)
{
    answer(s, b, ticket, "owner", "person WANG");
    answer(s, b, ticket, "mail", "wang@example.com");
    answer(s, b, ticket, "merchant", RIG_MID);
    assert_int_equal(
        desk(s, b, "note", "{\"ticket\":%d,\"text\":\"called back, saw the licence\"}", ticket),
        200);
}

static unsigned approve(struct scene *s, struct browser *b, int ticket)
{
    return desk(s, b, "approve", "{\"ticket\":%d}", ticket);
}

/* Letters of which the text has this in it; the last one's text and contact. */
static unsigned letters_with(const struct rig *rig, const char *part, const char **ret_text,
                             const char **ret_contact)
{
    unsigned count = 0;
    for (unsigned i = 0; i < rig->letters; i++) {
        if (strstr(rig->letter[i].text, part) == NULL) continue;
        count++;
        *ret_text = rig->letter[i].text;
        *ret_contact = rig->letter[i].contact;
    }
    return count;
}

static bool told(const struct rig *rig, unsigned from, const char *contact, const char *part)
{
    for (unsigned i = from; i < rig->letters; i++)
        if (strcmp(rig->letter[i].contact, contact) == 0 && strstr(rig->letter[i].text, part))
            return true;
    return false;
}

static int64_t count_of(const struct scene *s, const char *sql)
{
    int64_t count = -1;
    assert_ok(store_query_int(s->rig->b->store, sql, &count));
    return count;
}

static void audit_is_whole(const struct scene *s)
{
    struct audit_report report;
    assert_ok(audit_verify(s->rig->b->store, &report));
    assert_int_equal(report.verdict, AUDIT_INTACT);
}

/* The link of the last letter that has one. */
static struct token mailed_link(const struct scene *s)
{
    struct token link = {0};
    const char *text = NULL, *contact = NULL;
    assert_true(letters_with(s->rig, "/setup#", &text, &contact) > 0);
    assert_string_equal(contact, "wang@example.com");
    snprintf(link.text, sizeof link.text, "%s", strstr(text, "/setup#") + 7);
    return link;
}

static void two_members_of_staff_give_an_account_back(void **state)
{
    (void)state;
    struct scene s = scene_open(true);
    struct rig *rig = s.rig;
    unsigned before = rig->letters;
    assert_int_equal(open_account(&s, &s.agent_at, "owner", "wang"), 200);
    assert_true(rig_says(rig, "\"ticket\":1"));
    /* The true owner, and the shop, hear of it before anything has happened. */
    assert_true(told(rig, before, "wang@example.com", "R-000001"));
    assert_true(told(rig, before, "shop@example.com", "R-000001"));
    assert_true(told(rig, before, "+8613800005678", "R-000001"));
    assert_int_equal(approve(&s, &s.agent_at, 1), 409);
    assert_true(rig_says(rig, "needs_answers"));
    identify_owner(&s, &s.agent_at, 1);
    /* What is registered is masked, and the ticket says that two are needed. */
    assert_int_equal(rig_ask(rig, &s.agent_at, "GET", "/api/staff/desk/tickets/1", ""), 200);
    assert_true(rig_says(rig, "\"account\":\"wang\",\"kind\":\"owner\""));
    assert_true(rig_says(rig, "\"risk\":\"high\"") && rig_says(rig, "\"needed\":2"));
    assert_false(rig_says(rig, "wang@example.com") || rig_says(rig, RIG_MID));
    assert_int_equal(approve(&s, &s.agent_at, 1), 200);
    assert_true(rig_says(rig, "needs_second"));
    assert_int_equal(approve(&s, &s.agent_at, 1), 409);
    assert_true(rig_says(rig, "same_person"));
    rig_state(rig, &s.owner_at, &s.owner, "in"); /* one alone has changed nothing */

    before = rig->letters;
    assert_int_equal(approve(&s, &s.chief_at, 1), 200);
    assert_true(rig_says(rig, "\"verdict\":\"ok\""));
    rig_state(rig, &s.owner_at, &s.owner, "out");
    assert_int_equal(count_of(&s, "SELECT count(*) FROM device WHERE account = 3"), 0);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM recovery_code WHERE account = 3"), 0);
    assert_int_equal(count_of(&s, "SELECT length(totp) + length(password) FROM account"
                                  " WHERE id = 3"),
                     0);
    assert_int_equal(rig_login(rig, &s.owner_at, &s.owner, RIG_PASSWORD), 401);
    struct cooling_verdict cooling;
    assert_ok(cooling_check(rig->b->store, RIG_MID, rig->now_ms, &cooling));
    assert_int_equal(cooling.until_ms, rig->now_ms + 7 * 24 * HOUR);
    assert_true(told(rig, before, "wang@example.com", "was reset"));
    assert_true(told(rig, before, "shop@example.com", "重置"));
    assert_true(told(rig, before, "+8613800005678", "重置"));
    assert_false(told(rig, before, "shop@example.com", "setup#"));
    assert_false(told(rig, before, "+8613800005678", "setup#"));

    /* The link goes once, and asks for a new password and a new second step. */
    struct token link = mailed_link(&s);
    struct browser again = {0}, other = {0};
    assert_int_equal(rig_post(rig, &again, "/api/console/setup",
                              "{\"token\":\"%s\",\"password\":\"" RIG_PASSWORD "\"}", link.text),
                     422); /* the old password is one of the old ones */
    rig_post(rig, &again, "/api/console/setup", "{\"token\":\"%s\",\"password\":\"" RIG_OTHER "\"}",
             link.text);
    assert_true(rig_says(rig, "\"state\":\"enrol\""));
    assert_int_equal(rig_post(rig, &other, "/api/console/setup",
                              "{\"token\":\"%s\",\"password\":\"" RIG_OTHER "\"}", link.text),
                     410);
    assert_int_equal(count_of(&s, "SELECT state FROM ticket WHERE id = 1"), TICKET_DONE);
    assert_true(count_of(&s, "SELECT count(*) FROM audit WHERE event IN ('ticket_opened_call',"
                             " 'ticket_approved', 'ticket_link_sent', 'ticket_cooling',"
                             " 'factors_cleared', 'ticket_account_in')") >= 7);
    audit_is_whole(&s);
    rig_close(rig);
}

static void nobody_gives_himself_an_account(void **state)
{
    (void)state;
    struct scene s = scene_open(true);
    struct rig *rig = s.rig;
    assert_int_equal(open_account(&s, &s.agent_at, "staff", "anna"), 409);
    assert_true(rig_says(rig, "\"own\""));
    assert_int_equal(open_account(&s, &s.chief_at, "staff", "anna"), 200);
    answer(&s, &s.chief_at, 1, "owner", "Person anna");
    answer(&s, &s.chief_at, 1, "mail", "anna@example.com"); /* no more is registered of staff */
    assert_int_equal(desk(&s, &s.chief_at, "note", "{\"ticket\":1,\"text\":\"seen at the door\"}"),
                     200);
    static const char *const own[] = {"approve", "note", "answer", "end", "challenge"};
    static const char *const bodies[] = {
        "{\"ticket\":1}", "{\"ticket\":1,\"text\":\"x\"}",
        "{\"ticket\":1,\"question\":\"owner\",\"said\":\"Person anna\"}",
        "{\"ticket\":1,\"state\":\"closed\",\"reason\":\"\"}",
        "{\"ticket\":1,\"digits\":\"79927398713\"}"};
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        assert_int_equal(desk(&s, &s.agent_at, own[i], "%s", bodies[i]), 409);
        assert_true(rig_says(rig, "\"own\""));
    }
    assert_int_equal(
        desk(&s, &s.chief_at, "challenge", "{\"ticket\":1,\"digits\":\"79927398713\"}"),
        409); /* there is no offline code for a console */
    assert_int_equal(approve(&s, &s.chief_at, 1), 200);
    assert_true(rig_says(rig, "needs_second"));
    rig_state(rig, &s.agent_at, &s.agent, "in");

    /* A third one: the second approval. */
    struct browser third_at = {0};
    rig_known(rig, &third_at, "third", ROLE_AGENT);
    assert_int_equal(approve(&s, &third_at, 1), 200);
    rig_state(rig, &s.agent_at, &s.agent, "out");
    audit_is_whole(&s);
    rig_close(rig);
}

/* What the tables refuse, whoever writes. */
static void sql_alone_gives_no_account(void **state)
{
    (void)state;
    struct scene s = scene_open(true);
    struct store *store = s.rig->b->store;
    assert_int_equal(open_account(&s, &s.agent_at, "owner", "wang"), 200);
    assert_int_equal(open_account(&s, &s.chief_at, "staff", "anna"), 200);
    identify_owner(&s, &s.agent_at, 1);
    assert_int_equal(approve(&s, &s.agent_at, 1), 200);
    static const char *const refused[] = {
        "UPDATE ticket SET state = 2 WHERE id = 1",
        "UPDATE ticket SET delivery = 2 WHERE id = 1",
        "UPDATE ticket SET risk = 1 WHERE id = 1",
        "UPDATE ticket SET account = 1 WHERE id = 1",
        "INSERT INTO ticket_approval SELECT ticket, challenge, staff, name, at_ms FROM"
        " ticket_approval",
        /* an owner, himself, nobody, and the agent for the own account */
        "INSERT INTO ticket_approval SELECT 1, challenge, 3, 'wang', 1 FROM ticket WHERE id = 1",
        "INSERT INTO ticket_approval SELECT 1, challenge, 99, 'x', 1 FROM ticket WHERE id = 1",
        "INSERT INTO ticket_approval SELECT 2, challenge, 1, 'anna', 1 FROM ticket WHERE id = 2",
        "INSERT INTO ticket(mid, tid, operator, origin, state, way, challenge, challenge_ms,"
        " expires_ms, risk, reasons, delivery, opened_ms, changed_ms, account) VALUES('', '', '',"
        " 2, 1, 2, x'00', 0, 0, 1, 0, 0, 0, 0, 3)",
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        struct store_statement *statement;
        assert_ok(store_begin(store, &tx));
        assert_ok(store_statement(store, refused[i], &statement));
        if (!FAILED(store_run(statement))) fail_msg("the tables take: %s", refused[i]);
    }
    rig_state(s.rig, &s.owner_at, &s.owner, "in");
    rig_close(s.rig);
}

static void what_cannot_be_given_back_is_said(void **state)
{
    (void)state;
    struct scene s = scene_open(true);
    struct rig *rig = s.rig;
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms};
    assert_int_equal(open_account(&s, &s.agent_at, "owner", "nobody"), 404);
    assert_int_equal(open_account(&s, &s.agent_at, "staff", "wang"), 404);
    assert_int_equal(open_account(&s, &s.agent_at, "king", "wang"), 400);
    assert_int_equal(open_account(&s, &s.owner_at, "owner", "wang"), 401); /* not of staff */
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(rig->b->store, &tx));
    assert_ok(account_set_status(&tx, &actor, s.owner.id, ACCOUNT_SUSPENDED));
    assert_ok(store_commit(&tx));
    assert_int_equal(open_account(&s, &s.agent_at, "owner", "wang"), 409);
    assert_true(rig_says(rig, "not_active"));
    rig_close(rig);
}

/* Without an outbox the link could go nowhere: everything is as it was, and the ticket is open. */
static void a_link_that_cannot_be_sent_changes_nothing(void **state)
{
    (void)state;
    struct scene s = scene_open(false);
    struct rig *rig = s.rig;
    assert_int_equal(open_account(&s, &s.agent_at, "owner", "wang"), 200);
    identify_owner(&s, &s.agent_at, 1);
    assert_int_equal(approve(&s, &s.agent_at, 1), 200);
    assert_int_equal(approve(&s, &s.chief_at, 1), 409);
    assert_true(rig_says(rig, "letter_busy"));
    rig_state(rig, &s.owner_at, &s.owner, "in");
    assert_int_equal(count_of(&s, "SELECT state FROM ticket WHERE id = 1"), TICKET_OPEN);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM cooling"), 0);
    audit_is_whole(&s);
    rig_close(rig);
}

/* A day for two approvals, two hours for the link; a second call begins anew, with both again. */
static void what_has_expired_asks_for_two_again(void **state)
{
    (void)state;
    struct scene s = scene_open(true);
    struct rig *rig = s.rig;
    assert_int_equal(open_account(&s, &s.agent_at, "owner", "wang@example.com"), 200);
    identify_owner(&s, &s.agent_at, 1);
    assert_int_equal(approve(&s, &s.agent_at, 1), 200);
    rig_pass(rig, 25 * HOUR);
    rig_enter(rig, &s.agent_at, &s.agent, RIG_PASSWORD);
    rig_enter(rig, &s.chief_at, &s.chief, RIG_PASSWORD);
    assert_int_equal(approve(&s, &s.chief_at, 1), 409);
    assert_true(rig_says(rig, "\"expired\""));
    assert_int_equal(open_account(&s, &s.chief_at, "owner", "wang"), 200);
    assert_true(rig_says(rig, "\"ticket\":1"));
    assert_int_equal(approve(&s, &s.chief_at, 1), 200);
    assert_true(rig_says(rig, "needs_second")); /* what was approved was the old one */
    assert_int_equal(approve(&s, &s.agent_at, 1), 200);
    struct token link = mailed_link(&s);
    rig_pass(rig, 2 * HOUR);
    struct browser late = {0};
    assert_int_equal(rig_post(rig, &late, "/api/console/setup",
                              "{\"token\":\"%s\",\"password\":\"" RIG_OTHER "\"}", link.text),
                     410);
    rig_enter(rig, &s.agent_at, &s.agent, RIG_PASSWORD);
    assert_int_equal(open_account(&s, &s.agent_at, "owner", "wang"), 200);
    assert_int_equal(count_of(&s, "SELECT state FROM ticket WHERE id = 1"), TICKET_OPEN);
    audit_is_whole(&s);
    rig_close(rig);
}

/* The true owner calls when he reads the notice: the link that was sent is void at once. */
static void a_rejected_ticket_takes_its_link_along(void **state)
{
    (void)state;
    struct scene s = scene_open(true);
    struct rig *rig = s.rig;
    assert_int_equal(open_account(&s, &s.agent_at, "owner", "wang"), 200);
    identify_owner(&s, &s.agent_at, 1);
    assert_int_equal(approve(&s, &s.agent_at, 1), 200);
    assert_int_equal(approve(&s, &s.chief_at, 1), 200);
    struct token link = mailed_link(&s);
    struct browser thief = {0}, own = {0};
    assert_int_equal(desk(&s, &s.agent_at, "end",
                          "{\"ticket\":1,\"state\":\"rejected\",\"reason\":\"it was not he\"}"),
                     200);
    assert_int_equal(rig_post(rig, &thief, "/api/console/setup",
                              "{\"token\":\"%s\",\"password\":\"" RIG_OTHER "\"}", link.text),
                     410);
    /* The account begins anew all the same, by the next ticket. */
    assert_int_equal(open_account(&s, &s.agent_at, "owner", "wang"), 200);
    identify_owner(&s, &s.agent_at, 2);
    assert_int_equal(approve(&s, &s.agent_at, 2), 200);
    assert_int_equal(approve(&s, &s.chief_at, 2), 200);
    link = mailed_link(&s);
    rig_post(rig, &own, "/api/console/setup", "{\"token\":\"%s\",\"password\":\"" RIG_OTHER "\"}",
             link.text);
    assert_true(rig_says(rig, "\"state\":\"enrol\""));
    audit_is_whole(&s);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_members_of_staff_give_an_account_back),
        cmocka_unit_test(nobody_gives_himself_an_account),
        cmocka_unit_test(sql_alone_gives_no_account),
        cmocka_unit_test(what_cannot_be_given_back_is_said),
        cmocka_unit_test(a_link_that_cannot_be_sent_changes_nothing),
        cmocka_unit_test(what_has_expired_asks_for_two_again),
        cmocka_unit_test(a_rejected_ticket_takes_its_link_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
