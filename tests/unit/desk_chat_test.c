/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Online customer service (S42, S65): a chat is a ticket with the same tool and one timeline; what
 * looks like a password is not taken, what looks like a card number is masked before it is
 * stored, and there is only so much of it.
 */
#include "backoffice/desk/chat.h"
#include "tests/unit/desk_rig.h"

static const struct desk_staff anna = {7, "anna"}, bo = {8, "bo"};
static const struct chat_owner chen = {3, "chen", RIG_MID, 0};
static const struct chat_owner manager = {4, "li", RIG_MID, 2}; /* of an outlet without terminals */
static const struct chat_owner stranger = {5, "wu", "898310153110002", 0};

static enum chat_verdict verdict;

static int64_t begin(const char *text)
{
    int64_t ticket = 0;
    assert_ok(chat_open(rig.desk, &chen, BYTES(RIG_TID), BYTES("00"), bytes_text(text), &verdict,
                        &ticket));
    return ticket;
}

static enum chat_verdict says(const struct chat_owner *owner, int64_t ticket, const char *text)
{
    assert_ok(chat_owner_says(rig.desk, owner, ticket, bytes_text(text), &verdict));
    return verdict;
}

static enum chat_verdict answers(int64_t ticket, const char *text)
{
    assert_ok(chat_desk_says(rig.desk, &anna, ticket, bytes_text(text), &verdict));
    return verdict;
}

static struct ticket find(int64_t id)
{
    struct ticket ticket = {0};
    assert_ok(ticket_find(rig.desk, id, &ticket));
    return ticket;
}

/* The kinds of a ticket's events in their order: "opened_chat owner_says ". */
static char timeline[2048], last[TICKET_TEXT_MAX + 1];

static err add_event(void *context, const struct ticket_event *event)
{
    (void)context;
    size_t len = strlen(timeline);
    snprintf(timeline + len, sizeof timeline - len, "%s ", event->kind);
    snprintf(last, sizeof last, "%s", event->detail);
    return OK;
}

static const char *read_timeline(int64_t ticket)
{
    timeline[0] = '\0';
    assert_ok(ticket_timeline(rig.desk, ticket, add_event, NULL));
    return timeline;
}

/* ---- one ticket ---- */

static void a_chat_is_a_ticket_with_the_same_tool(void **state)
{
    (void)state;
    bool right = false;
    enum ticket_verdict v;
    int64_t id = begin("忘记主管密码了，终端不能登录");
    assert_int_equal(verdict, CHAT_OK);
    struct ticket ticket = find(id);
    assert_int_equal(ticket.origin, TICKET_BY_CHAT);
    assert_int_equal(ticket.chat, TICKET_CHAT_WAITS);
    assert_int_equal(answers(id, "请在终端上选“忘记密码”→“联系客服”"), CHAT_OK);
    assert_int_equal(find(id).chat, TICKET_CHAT_ANSWERED);

    const struct desk_challenge c = rig_challenge(RECOVERY_SERVICE, "00", 1);
    assert_int_equal(rig_ask(&c).ticket, id); /* the terminal's request joins it */
    assert_ok(ticket_answer(rig.desk, &anna, id, QUESTION_OWNER, BYTES("王小明"), &v, &right));
    assert_ok(ticket_answer(rig.desk, &anna, id, QUESTION_PHONE, BYTES("13800005678"), &v, &right));
    assert_ok(ticket_answer(rig.desk, &anna, id, QUESTION_SERIAL, BYTES(RIG_SERIAL), &v, &right));
    assert_ok(ticket_note(rig.desk, &anna, id, BYTES("called back"), &v));
    assert_ok(ticket_approve(rig.desk, &anna, id, &v));
    assert_int_equal(v, TICKET_NEEDS_SECOND);
    assert_ok(ticket_approve(rig.desk, &bo, id, &v));
    assert_int_equal(v, TICKET_OK);
    rig_connect(5);
    rig_event(RIG_TID, 1, "recovered", "00");
    assert_string_equal(read_timeline(id),
                        "opened_chat owner_says desk_says asked answer_right answer_right"
                        " answer_right note approved approved queued sent verified ");
    assert_int_equal(find(id).state, TICKET_DONE);
    assert_int_equal(says(&chen, id, "谢谢"), CHAT_OVER);
    assert_int_equal(answers(id, "不客气"), CHAT_OVER);
    rig_audit_is_whole();
}

static void it_joins_the_ticket_that_is_open(void **state)
{
    (void)state;
    const struct desk_challenge c = rig_challenge(RECOVERY_SERVICE, "00", 1);
    int64_t id = rig_ask(&c).ticket;
    assert_int_equal(answers(id, "hello"), CHAT_NOT_FOUND); /* nobody would read it */
    assert_int_equal(begin("I have asked at the terminal"), id);
    assert_int_equal(begin("are you there?"), id);
    assert_string_equal(read_timeline(id), "opened_terminal asked chat owner_says owner_says ");
}

static void it_is_the_merchants_own(void **state)
{
    (void)state;
    struct ticket ticket;
    int64_t other = 0, id = begin("hello");
    assert_int_equal(says(&stranger, id, "hello"), CHAT_NOT_FOUND);
    assert_int_equal(says(&manager, id, "hello"), CHAT_NOT_FOUND);
    assert_err(chat_find(rig.desk, &stranger, id, &ticket), NOT_FOUND);
    assert_err(chat_find(rig.desk, &manager, id, &ticket), NOT_FOUND);
    assert_ok(chat_find(rig.desk, &chen, id, &ticket));
    assert_ok(chat_open(rig.desk, &stranger, BYTES(RIG_TID), BYTES("00"), BYTES("hello"), &verdict,
                        &other));
    assert_int_equal(verdict, CHAT_NOT_FOUND);
    /* A call that nobody has written in is the desk's alone. */
    enum ticket_verdict v;
    assert_ok(ticket_open(rig.desk, &anna, BYTES(RIG_OTHER), BYTES("01"), TICKET_BY_CALL,
                          BYTES("hm"), &v, &other));
    assert_err(chat_find(rig.desk, &chen, other, &ticket), NOT_FOUND);
}

static void what_the_desk_notes_is_hidden(void **state)
{
    (void)state;
    static const struct {
        const char *kind;
        enum chat_side side;
    } rows[] = {{"owner_says", CHAT_OF_OWNER}, {"desk_says", CHAT_OF_DESK},
                {"verified", CHAT_STEP},       {"note", CHAT_HIDDEN},
                {"answer_wrong", CHAT_HIDDEN}, {"opened_chat", CHAT_HIDDEN}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct ticket_event event = {.number = 1};
        snprintf(event.kind, sizeof event.kind, "%s", rows[i].kind);
        assert_int_equal(chat_side_of(&event), rows[i].side);
    }
}

/* ---- what is said ---- */

static void a_card_number_is_masked_before_it_is_stored(void **state)
{
    (void)state;
    int64_t id = begin("the card 4111111111111111 was declined");
    assert_int_equal(verdict, CHAT_OK);
    read_timeline(id);
    assert_string_equal(last, "the card 411111******1111 was declined");
    assert_int_equal(answers(id, "was it 4111 1111-1111 1111?"), CHAT_OK);
    read_timeline(id);
    assert_string_equal(last, "was it 4111 11**-**** 1111?");
    assert_true(rig_stored("was declined")); /* so the search sees what is kept */
    assert_false(rig_stored("4111111111111111"));
    assert_false(rig_stored("4111 1111-1111 1111"));
}

static void what_looks_like_a_password_is_not_taken(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum chat_verdict verdict;
    } rows[] = {
        {"482913", CHAT_SECRET},
        {" 4829 1377 ", CHAT_SECRET},
        {"4829137755", CHAT_SECRET},
        {"482913775512", CHAT_SECRET}, /* a first password */
        {"我的密码是482913", CHAT_SECRET},
        {"The PASSWORD: 4829-1377", CHAT_SECRET},
        {"pin 4829", CHAT_SECRET},
        {"我忘记密码了", CHAT_OK},
        {"799 2739 8713", CHAT_OK}, /* eleven: the screen's challenge */
        {"error 5021 when I print", CHAT_OK},
        {"shopping 5021", CHAT_OK},
        {"   ", CHAT_EMPTY},
        {"", CHAT_EMPTY},
    };
    int64_t id = begin("hello");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        rig.now_ms += 60000;
        if (says(&chen, id, rows[i].text) != rows[i].verdict) fail_msg("%s", rows[i].text);
        if (answers(id, rows[i].text) != rows[i].verdict) fail_msg("desk: %s", rows[i].text);
    }
    assert_false(rig_stored("4829"));
}

static void a_message_is_a_line(void **state)
{
    (void)state;
    static char text[CHAT_TEXT_MAX + 2];
    int64_t id = begin("hello");
    assert_int_equal(says(&chen, id, " one\n\ttwo "), CHAT_OK);
    read_timeline(id);
    assert_string_equal(last, "one  two");
    memset(text, 'a', CHAT_TEXT_MAX + 1);
    assert_int_equal(says(&chen, id, text), CHAT_LONG);
    text[CHAT_TEXT_MAX] = '\0';
    assert_int_equal(says(&chen, id, text), CHAT_OK);
}

/* ---- how often ---- */

static void there_is_only_so_much_of_it(void **state)
{
    (void)state;
    int64_t id = begin("hello");
    for (int i = 1; i < CHAT_IN_MINUTE; i++) assert_int_equal(says(&chen, id, "hello"), CHAT_OK);
    assert_int_equal(says(&chen, id, "hello"), CHAT_TOO_FAST);
    assert_int_equal(answers(id, "the desk is counted for itself"), CHAT_OK);
    rig.now_ms += 60000;
    for (int i = CHAT_IN_MINUTE + 1; i < CHAT_IN_TICKET; i++, rig.now_ms += 6001)
        assert_int_equal(says(&chen, id, "hello"), CHAT_OK);
    assert_int_equal(says(&chen, id, "hello"), CHAT_TOO_MANY);

    for (int i = 1; i <= CHAT_NEW_IN_DAY; i++) {
        char operator_id[3];
        int64_t other = 0;
        snprintf(operator_id, sizeof operator_id, "%02d", i);
        assert_ok(chat_open(rig.desk, &chen, BYTES(RIG_TID), bytes_text(operator_id),
                            BYTES("hello"), &verdict, &other));
        assert_int_equal(verdict, i < CHAT_NEW_IN_DAY ? CHAT_OK : CHAT_TOO_MANY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_chat_is_a_ticket_with_the_same_tool, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(it_joins_the_ticket_that_is_open, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(it_is_the_merchants_own, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(what_the_desk_notes_is_hidden, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(a_card_number_is_masked_before_it_is_stored, rig_make,
                                        rig_drop),
        cmocka_unit_test_setup_teardown(what_looks_like_a_password_is_not_taken, rig_make,
                                        rig_drop),
        cmocka_unit_test_setup_teardown(a_message_is_a_line, rig_make, rig_drop),
        cmocka_unit_test_setup_teardown(there_is_only_so_much_of_it, rig_make, rig_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
