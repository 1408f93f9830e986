/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SMS gateway and the mail server without sockets (S176, S185): a script of lines and replies,
 * and who is let in, what is sent once, and what can be made to go wrong.
 */
#include "tests/unit/scratch.h"

#include "simulators/mail_server.h"
#include "simulators/sms_gateway.h"

static int64_t now_ms;
static struct mailbox mailbox;
static struct mail_server server;
static struct mail_session session;
static struct sms_gateway gateway;

static int64_t now(void *context)
{
    (void)context;
    return now_ms;
}

static int set_up(void **state)
{
    (void)state;
    now_ms = 1790000000123;
    const struct clock clock = {now, now, NULL};
    memset(&mailbox, 0, sizeof mailbox);
    server = (struct mail_server){.clock = clock, .mailbox = &mailbox};
    gateway = (struct sms_gateway){.clock = clock, .mailbox = &mailbox};
    memset(gateway.key.bearer, 'b', SMS_BEARER_LEN);
    memset(gateway.key.signing, 7, sizeof gateway.key.signing);
    return 0;
}

/* ---- mail ---- */

static char said[MAIL_REPLY_MAX + 1];

static struct mail_step feed(struct bytes line)
{
    struct writer reply = writer_over(said, MAIL_REPLY_MAX);
    struct mail_step step = mail_session_line(&session, line, &reply);
    assert_int_equal(reply.fault, ERR_OK);
    said[reply.len] = '\0';
    return step;
}

static void begin(void)
{
    struct writer reply = writer_over(said, MAIL_REPLY_MAX);
    struct mail_step step = mail_session_begin(&session, &server, &reply);
    assert_true(step.reply && !step.close);
}

/* A line and what the reply begins with; NULL: there is none. */
struct exchange {
    const char *line, *reply;
};

static void play(const struct exchange *rows, size_t count)
{
    begin();
    for (size_t i = 0; i < count; i++) {
        struct mail_step step = feed(bytes_text(rows[i].line));
        if (step.reply != (rows[i].reply != NULL) ||
            (step.reply && strncmp(said, rows[i].reply, strlen(rows[i].reply)) != 0))
            fail_msg("'%s' is answered '%s'", rows[i].line, said);
    }
}

static void a_session_delivers_once_to_each(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        {"MAIL FROM:<a@b>", "503"},
        {"ehlo client", "250-mail.example\r\n250-SIZE 65536\r\n250-8BITMIME\r\n250 SMTPUTF8"},
        {"RCPT TO:<x@y>", "503"},
        {"MAIL FROM:<a@b.example> SIZE=100 BODY=8BITMIME SMTPUTF8", "250"},
        {"MAIL FROM:<a@b.example>", "503"},
        {"DATA", "503"},
        {"RCPT TO:<x@y.example>", "250"},
        {"rcpt to:<店@商店.example>", "250"},
        {"NOOP", "250"},
        {"DATA", "354"},
        {"Subject: hello", NULL},
        {"", NULL},
        {"QUIT", NULL},
        {"..a dot", NULL},
        {"...", NULL},
        {".", "250"},
        {"DATA", "503"},
        {"QUIT", "221"},
    };
    play(rows, ARRAY_LEN(rows));
    assert_int_equal(server.taken, 1);
    assert_int_equal(mailbox.count, 2);
    assert_string_equal(mailbox.message[0].contact, "x@y.example");
    assert_string_equal(mailbox.message[1].contact, "店@商店.example");
    assert_string_equal(mailbox.message[0].subject, "hello");
    assert_string_equal(mailbox.message[0].text, "QUIT\n.a dot\n..");
}

static void what_is_no_command_is_refused(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        {"", "500"},
        {"EHLO", "501"},
        {"EHLOx", "500"},
        {"VRFY x", "500"},
        {"HELO x", "250"},
        {"MAIL FROM:a@b", "501"},
        {"MAIL FROM:<a@b", "501"},
        {"MAIL FROM:<a b@c>", "501"},
        {"MAIL FROM:<ab>", "501"},
        {"MAIL FROM:<a@b>x", "555"},
        {"MAIL FROM:<a@b> SIZE=", "555"},
        {"MAIL FROM:<a@b> SIZE=99999999999999999999", "552"},
        {"MAIL FROM:<a@b> SIZE=65537", "552"},
        {"MAIL FROM:<a@b> AUTH=x", "555"},
        {"MAIL FROM:<>", "250"},
        {"RCPT TO:<>", "501"},
        {"RCPT TO:<a@b> NOTIFY=x", "501"},
        {"DATA x", "503"},
        {"RSET", "250"},
        {"RCPT TO:<a@b>", "503"},
    };
    play(rows, ARRAY_LEN(rows));
    begin();
    struct mail_step step = {0};
    for (unsigned i = 0; i < MAIL_ERRORS_MAX; i++) step = feed(BYTES("nonsense"));
    assert_true(step.close);
    assert_memory_equal(said, "421", 3);
    assert_int_equal(mailbox.count, 0);
}

/* S185: a megabyte is read past, refused by its name, and nothing of it is kept. */
static void a_megabyte_is_552(void **state)
{
    (void)state;
    static const struct exchange rows[] = {
        {"EHLO x", "250"}, {"MAIL FROM:<a@b>", "250"}, {"RCPT TO:<x@y>", "250"}, {"DATA", "354"}};
    char line[MAIL_LINE_MAX];
    memset(line, 'a', sizeof line);
    play(rows, ARRAY_LEN(rows));
    for (size_t sent = 0; sent < 1 << 20; sent += sizeof line)
        assert_false(feed(BYTES_OF(line)).reply);
    assert_true(feed(BYTES(".")).reply);
    assert_memory_equal(said, "552", 3);
    assert_int_equal(mailbox.count, 0);
    static const struct exchange after[] = {{"MAIL FROM:<a@b>", "250"}};
    assert_true(feed(bytes_text(after[0].line)).reply);
    assert_memory_equal(said, "250", 3);
}

static void a_mail_server_goes_wrong_as_told(void **state)
{
    (void)state;
    struct writer reply = writer_over(said, MAIL_REPLY_MAX);
    server.plan = (struct fault_plan){FAULT_DOWN, 1, 0};
    struct mail_step step = mail_session_begin(&session, &server, &reply);
    assert_true(step.close && !step.reply && reply.len == 0);

    server.plan = (struct fault_plan){FAULT_TEMPORARY, 1, 0};
    static const struct exchange temporary[] = {
        {"EHLO x", "250"}, {"MAIL FROM:<a@b>", "451"}, {"MAIL FROM:<a@b>", "250"}};
    play(temporary, ARRAY_LEN(temporary));
    server.plan = (struct fault_plan){FAULT_REFUSED, 1, 0};
    static const struct exchange none[] = {
        {"EHLO x", "250"}, {"MAIL FROM:<a@b>", "250"}, {"RCPT TO:<x@y>", "550"}};
    play(none, ARRAY_LEN(none));
    server.plan = (struct fault_plan){FAULT_BROKEN, 1, 0};
    static const struct exchange broken[] = {{"EHLO x", "250"},
                                             {"MAIL FROM:<a@b>", "250"},
                                             {"RCPT TO:<x@y>", "250"},
                                             {"DATA", "354"},
                                             {"", NULL},
                                             {".", "554"}};
    play(broken, ARRAY_LEN(broken));
    assert_int_equal(mailbox.count, 0);

    server.plan = (struct fault_plan){FAULT_SLOW, 1, 700};
    play(broken, ARRAY_LEN(broken) - 1);
    assert_int_equal(feed(BYTES(".")).delay_ms, 700);
    assert_int_equal(mailbox.count, 1);
}

/* ---- SMS ---- */

static uint8_t answer_block[1024];
static struct bytes answer_body;

static struct sms_gateway_answer ask(const char *bearer, int64_t at_s, struct bytes body,
                                     const char *signature)
{
    char authorization[80], timestamp[24], own[SMS_SIGNATURE_MAX + 1];
    snprintf(authorization, sizeof authorization, "Bearer %s", bearer);
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)at_s);
    assert_ok(sms_sign(&gateway.key, at_s, body, own));
    const struct sms_gateway_request request = {authorization, timestamp,
                                                signature != NULL ? signature : own, body};
    struct writer w = writer_over(answer_block, sizeof answer_block);
    struct sms_gateway_answer answer;
    sms_gateway_answer(&gateway, &request, &w, &answer);
    assert_ok(writer_finish(&w, &answer_body));
    return answer;
}

#define MESSAGE(id) "{\"id\":\"" id "\",\"to\":\"+8613800138000\",\"text\":\"hello\"}"

static void says(const char *text)
{
    if (!bytes_equal(answer_body, bytes_text(text)))
        fail_msg("%.*s", (int)answer_body.len, answer_body.at);
}

static void who_does_not_sign_is_not_heard(void **state)
{
    (void)state;
    const int64_t now_s = now_ms / 1000;
    const char *right = gateway.key.bearer;
    const struct bytes body = BYTES(MESSAGE("a1"));
    char wrong[SMS_BEARER_LEN + 1];
    memcpy(wrong, right, sizeof wrong);
    wrong[7] = 'c';
    assert_int_equal(ask(wrong, now_s, body, NULL).status, 401);
    assert_int_equal(ask("", now_s, body, NULL).status, 401);
    assert_int_equal(ask(right, now_s - SMS_TOLERANCE_S - 1, body, NULL).status, 401);
    assert_int_equal(ask(right, now_s + SMS_TOLERANCE_S + 1, body, NULL).status, 401);
    assert_int_equal(ask(right, now_s, body, "v1,AAAA").status, 401);
    assert_int_equal(ask(right, now_s, body, "").status, 401);
    char other[SMS_SIGNATURE_MAX + 1];
    assert_ok(sms_sign(&gateway.key, now_s, BYTES(MESSAGE("a2")), other));
    assert_int_equal(ask(right, now_s, body, other).status, 401);
    const struct sms_gateway_request bare = {NULL, NULL, NULL, body};
    struct writer w = writer_over(answer_block, sizeof answer_block);
    struct sms_gateway_answer answer;
    sms_gateway_answer(&gateway, &bare, &w, &answer);
    assert_int_equal(answer.status, 401);
    assert_int_equal(mailbox.count, 0);
    assert_int_equal(ask(right, now_s - SMS_TOLERANCE_S, body, NULL).status, 200);
    assert_int_equal(mailbox.count, 1);
}

static void an_id_is_sent_once(void **state)
{
    (void)state;
    const int64_t now_s = now_ms / 1000;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(gateway.key.bearer, now_s + i, BYTES(MESSAGE("a1")), NULL).status,
                         200);
        says(i == 0 ? "{\"id\":\"a1\",\"status\":\"accepted\",\"cost\":5}"
                    : "{\"id\":\"a1\",\"status\":\"duplicate\",\"cost\":5}");
    }
    assert_int_equal(gateway.count, 1);
    assert_int_equal(mailbox.count, 1);
    assert_string_equal(mailbox.message[0].contact, "+8613800138000");
    assert_string_equal(mailbox.message[0].text, "hello");
    static const char *const wrong[] = {
        "",
        "{}",
        "[]",
        MESSAGE(""),
        MESSAGE("a b"),
        "{\"id\":\"a2\",\"to\":\"1\",\"text\":\"x\"}",
        "{\"id\":\"a2\",\"to\":\"+8613800138000\",\"text\":\"\"}",
        "{\"id\":\"a2\",\"to\":\"+8613800138000\",\"text\":\"x\",\"more\":1}"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(ask(gateway.key.bearer, now_s, bytes_text(wrong[i]), NULL).status, 400);
    assert_int_equal(mailbox.count, 1);
}

static void a_gateway_goes_wrong_as_told(void **state)
{
    (void)state;
    const int64_t now_s = now_ms / 1000;
    const struct {
        enum fault fault;
        unsigned status, delay_ms;
        bool drop;
        int64_t delivered;
        const char *answer;
    } rows[] = {
        {FAULT_DOWN, 200, 0, true, 0, ""},
        {FAULT_TEMPORARY, 200, 0, false, 0, "{\"id\":\"a1\",\"status\":\"later\",\"cost\":0}"},
        {FAULT_REFUSED, 200, 0, false, 0, "{\"id\":\"a1\",\"status\":\"refused\",\"cost\":0}"},
        {FAULT_BROKEN, 500, 0, false, 1, "{\"id\":\"a1\",\"status\":\"accepted\",\"cost\":5}"},
        {FAULT_WRONG, 200, 0, false, 1, "{\"id\":\"another\",\"status\":\"accepted\",\"cost\":5}"},
        {FAULT_SLOW, 200, 900, false, 1, "{\"id\":\"a1\",\"status\":\"accepted\",\"cost\":5}"},
        {FAULT_DOUBLED, 200, 0, false, 1,
         "{\"id\":\"a1\",\"status\":\"accepted\",\"cost\":5}"
         "{\"id\":\"a1\",\"status\":\"accepted\",\"cost\":5}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        (void)set_up(NULL);
        gateway.plan = (struct fault_plan){rows[i].fault, 1, 900};
        struct sms_gateway_answer answer =
            ask(gateway.key.bearer, now_s, BYTES(MESSAGE("a1")), NULL);
        assert_int_equal(answer.status, rows[i].status);
        assert_int_equal(answer.delay_ms, rows[i].delay_ms);
        assert_int_equal(answer.drop, rows[i].drop);
        assert_int_equal(mailbox.count, rows[i].delivered);
        says(rows[i].answer);
        /* The fault is over, and the same id again is sent once in all. */
        assert_int_equal(ask(gateway.key.bearer, now_s, BYTES(MESSAGE("a1")), NULL).status, 200);
        assert_int_equal(mailbox.count, 1);
    }
}

static void a_text_costs_by_its_segments(void **state)
{
    (void)state;
    char text[400];
    memset(text, 'a', sizeof text);
    assert_int_equal(sms_segments(bytes_of(text, 160)), 1);
    assert_int_equal(sms_segments(bytes_of(text, 161)), 2);
    assert_int_equal(sms_segments(bytes_of(text, 306)), 2);
    assert_int_equal(sms_segments(bytes_of(text, 307)), 3);
    for (size_t i = 0; i < 71; i++) memcpy(text + 3 * i, "通", 3);
    assert_int_equal(sms_segments(bytes_of(text, 210)), 1);
    assert_int_equal(sms_segments(bytes_of(text, 213)), 2);
    for (size_t i = 0; i < 36; i++) memcpy(text + 4 * i, "\xf0\x9f\x91\xa9", 4);
    assert_int_equal(sms_segments(bytes_of(text, 140)), 1); /* 35 pairs */
    assert_int_equal(sms_segments(bytes_of(text, 144)), 2);
}

static void mailboxes_list_the_newest_first(void **state)
{
    (void)state;
    static uint8_t block[65536];
    for (int i = 0; i < MAILBOX_MESSAGES + 3; i++) {
        struct received *m = mailbox_next(&mailbox, MAILBOX_SMS, i);
        mailbox_lay(m->contact, sizeof m->contact, i % 2 == 0 ? BYTES("+861") : BYTES("+862"));
        mailbox_lay(m->text, sizeof m->text, BYTES("x"));
    }
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    mailbox_list(&mailbox, BYTES(""), sizeof block, &j);
    json_object_end(&j);
    CLEANUP(json_free) struct json_document document = {0};
    struct json_t *list;
    size_t count;
    int64_t number;
    assert_ok(json_parse(writer_view(&w), sizeof block, &document));
    assert_ok(json_list(document.root, "messages", 100, &list, &count));
    assert_int_equal(count, MAILBOX_MESSAGES);
    assert_ok(json_int(json_at(list, 0), "number", 0, 1000, &number));
    assert_int_equal(number, MAILBOX_MESSAGES + 3);
    assert_ok(json_int(json_at(list, count - 1), "number", 0, 1000, &number));
    assert_int_equal(number, 4);

    /* Cut at a whole character, and never more than there is room for. */
    char cut[6];
    mailbox_lay(cut, sizeof cut, BYTES("通宝"));
    assert_string_equal(cut, "通");
    w = writer_over(block, 2000);
    j = json_out_over(&w);
    json_object_begin(&j);
    mailbox_list(&mailbox, BYTES("+862"), 1900, &j);
    json_object_end(&j);
    assert_int_equal(w.fault, ERR_OK);
    assert_null(memmem(block, w.len, "+861", 4));
    assert_non_null(memmem(block, w.len, "+862", 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_session_delivers_once_to_each, set_up),
        cmocka_unit_test_setup(what_is_no_command_is_refused, set_up),
        cmocka_unit_test_setup(a_megabyte_is_552, set_up),
        cmocka_unit_test_setup(a_mail_server_goes_wrong_as_told, set_up),
        cmocka_unit_test_setup(who_does_not_sign_is_not_heard, set_up),
        cmocka_unit_test_setup(an_id_is_sent_once, set_up),
        cmocka_unit_test_setup(a_gateway_goes_wrong_as_told, set_up),
        cmocka_unit_test_setup(a_text_costs_by_its_segments, set_up),
        cmocka_unit_test_setup(mailboxes_list_the_newest_first, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
