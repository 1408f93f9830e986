/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox with the real mail and SMS of lib/wire against the real tongbao-simulators (S185, S34,
 * S39): outages of either channel, late and doubled answers, and a gateway that dies and comes
 * back. What the telephones and mailboxes have received is asked of the tray.
 */
#include "tests/protocol/host.h"

#include "backoffice/messages/outbox_wire.h"
#include "lib/wire/json.h"
#include "lib/wire/rpc.h"

enum { ANSWER_MAX = 65536, ASK_WAIT_MS = 5000, TURN_MS = 20, TURNS_MAX = 1500, MINUTE = 60000 };

#define PHONE "13800138000"
#define E164  "+8613800138000"
#define OWNER "owner@shop.example"
#define CODE  "48291377"

static struct host host;
static struct {
    int64_t ahead_ms; /* of the machine's clock: what is to be waited for is skipped */
    struct loop *loop;
    struct store *store;
    struct outbox *outbox;
    struct outbox_wire *wire;
    char key[160], url[80];
} place;

static int64_t wall_ms(void *context)
{
    struct clock machine = clock_system();
    (void)context;
    return clock_now_ms(&machine) + place.ahead_ms;
}

static void store_is_gone(void *context, err why)
{
    (void)context;
    fail_msg("%s", err_text(why));
}

static void open_outbox(void)
{
    struct process_fault fault = {""};
    const struct store_options options = {.mode = STORE_CREATE};
    assert_ok(store_open(host_path(host.directory, "outbox.db"), &options, NULL, &place.store));
    assert_ok(store_migrate(place.store, &audit_schema));
    assert_ok(store_migrate(place.store, &outbox_schema));
    snprintf(place.key, sizeof place.key, "%s", host_path(host.networks, "sms.key"));
    snprintf(place.url, sizeof place.url, "http://127.0.0.1:%ld/v1/messages", host.sms_port);
    const struct outbox_wire_options wire = {
        .loop = place.loop,
        .clock = clock_system(), /* what signs has the machine's time */
        .relay = {.host = "127.0.0.1", .port = (uint16_t)host.smtp_port, .timeout_ms = 10000},
        .from = "no-reply@tongbao.example",
        .from_name = "通宝",
        .sms_url = place.url,
        .sms_key_file = place.key,
        .sms_timeout_ms = 1000,
        .failed = store_is_gone};
    assert_ok(outbox_wire_open(&wire, &fault, &place.wire));
    const struct outbox_ports ports = outbox_wire_ports(place.wire);
    const struct outbox_config config = {.store = place.store,
                                         .clock = {wall_ms, NULL, NULL},
                                         .random = random_system(),
                                         .in_flight_max = OUTBOX_WIRE_IN_FLIGHT,
                                         .segment_fen = 5,
                                         .daily_ceiling_fen = 10000};
    assert_ok(outbox_open(&config, &ports, &place.outbox));
    outbox_wire_attach(place.wire, place.outbox);
}

static void close_outbox(void)
{
    outbox_wire_close(place.wire);
    outbox_close(place.outbox);
    store_close(place.store);
}

static int open_all(void **state)
{
    (void)state;
    host_prepare(&host);
    assert_ok(loop_create(&(struct loop_options){.clock = clock_system()}, &place.loop));
    open_outbox();
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    close_outbox();
    loop_destroy(place.loop);
    host_stop(&host);
    return 0;
}

/* ---- the tray ---- */

static void ask(const char *question, struct json_document *ret_document)
{
    static uint8_t block[ANSWER_MAX];
    struct rpc rpc;
    struct bytes answer;
    assert_ok(rpc_connect(&rpc, host.tray, ASK_WAIT_MS, sizeof block));
    assert_ok(rpc_call(&rpc, bytes_text(question), block, sizeof block, &answer));
    assert_ok(json_parse(answer, sizeof block, ret_document));
    assert_false(json_has(ret_document->root, "error"));
    rpc_close(&rpc);
}

static void go_wrong(const char *channel, const char *fault, int count, int delay_ms)
{
    CLEANUP(json_free) struct json_document document = {0};
    char question[160];
    snprintf(question, sizeof question,
             "{\"ask\":\"fault\",\"channel\":\"%s\",\"fault\":\"%s\",\"count\":%d,"
             "\"delay_ms\":%d}",
             channel, fault, count, delay_ms);
    ask(question, &document);
}

/* How many messages a contact has received, and the text and subject of the newest. */
struct seen {
    size_t count;
    char text[2048], subject[200], sender[200];
};

static struct seen look(const char *contact)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct seen seen = {0};
    struct json_t *list;
    char question[160];
    snprintf(question, sizeof question, "{\"ask\":\"messages\",\"contact\":\"%s\"}", contact);
    ask(question, &document);
    assert_ok(json_list(document.root, "messages", 100, &list, &seen.count));
    if (seen.count == 0) return seen;
    const struct json_t *newest = json_at(list, 0);
    assert_ok(json_text_copy(newest, "text", seen.text, sizeof seen.text));
    assert_ok(json_text_copy(newest, "subject", seen.subject, sizeof seen.subject));
    assert_ok(json_text_copy(newest, "from", seen.sender, sizeof seen.sender));
    return seen;
}

/* ---- messages ---- */

static const struct template_field fields[] = {{"terminal", BYTES("10000017")},
                                               {"operator", BYTES("01")},
                                               {"minutes", BYTES("5")},
                                               {"code", BYTES(CODE)}};

static void enqueue(const char *contact)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct outbox_answer answer;
    const struct outbox_message message = {.channel = strchr(contact, '@') != NULL ? CHANNEL_MAIL
                                                                                   : CHANNEL_SMS,
                                           .contact = contact,
                                           .template = TEMPLATE_RECOVERY_CODE,
                                           .language = LANGUAGE_ZH,
                                           .fields = fields,
                                           .field_count = ARRAY_LEN(fields),
                                           .purpose = "recovery 10000017 01",
                                           .not_after_ms = wall_ms(NULL) + 5 * MINUTE};
    assert_ok(store_begin(place.store, &tx));
    assert_ok(outbox_enqueue(place.outbox, &tx, &message, &answer));
    assert_int_equal(answer.verdict, OUTBOX_TAKEN);
    assert_ok(store_commit(&tx));
}

static err keep(void *context, const struct outbox_row *row)
{
    *(struct outbox_row *)context = *row;
    return OK;
}

static struct outbox_row newest(void)
{
    struct outbox_row row = {.id = ""};
    assert_ok(outbox_list(place.outbox, 1, keep, &row));
    return row;
}

/* Turns the loop until the try that is under way has ended. */
static struct outbox_row end_of_try(void)
{
    struct outbox_row row = newest();
    for (int i = 0; row.state == OUTBOX_SENDING && i < TURNS_MAX; i++) {
        assert_ok(loop_once(place.loop, TURN_MS));
        row = newest();
    }
    return row;
}

/* The next try, at once: our clock goes forward to its time. */
static struct outbox_row next_try(void)
{
    int64_t next_ms, now_ms = wall_ms(NULL);
    assert_ok(outbox_next_ms(place.outbox, &next_ms));
    assert_true(next_ms != INT64_MAX);
    if (next_ms > now_ms) place.ahead_ms += next_ms - now_ms;
    assert_ok(outbox_run(place.outbox));
    return end_of_try();
}

static void ends(struct outbox_row row, enum outbox_state state, int64_t attempts,
                 const char *reason)
{
    assert_string_equal(row.reason, reason);
    assert_int_equal(row.state, state);
    assert_int_equal(row.attempts, attempts);
}

/* Each test has an hour of its own: limits per contact are the outbox's own test. */
static int next_day(void **state)
{
    (void)state;
    place.ahead_ms += 25LL * 60 * MINUTE;
    return 0;
}

/* ---- tests ---- */

static void both_channels_reach_the_owner(void **state)
{
    (void)state;
    enqueue(PHONE);
    ends(next_try(), OUTBOX_SENT, 1, "");
    assert_int_equal(newest().cost_fen, 10); /* two segments, as the gateway says */
    struct seen seen = look(E164);
    assert_int_equal(seen.count, 1);
    assert_non_null(strstr(seen.text, "【通宝】" CODE));
    enqueue(OWNER);
    ends(next_try(), OUTBOX_SENT, 1, "");
    seen = look(OWNER);
    assert_int_equal(seen.count, 1);
    assert_string_equal(seen.subject, "通宝：重设密码的验证码");
    assert_string_equal(seen.sender, "通宝 <no-reply@tongbao.example>");
    assert_non_null(strstr(seen.text, "验证码：" CODE "\n"));
    /* S34: nothing of it is on our disk, nor in the networks' book. */
    assert_false(host_stored(host.directory, BYTES(CODE)));
}

static void a_mail_server_that_is_down_delays_and_loses_nothing(void **state)
{
    (void)state;
    size_t before = look(OWNER).count;
    go_wrong("mail", "down", 2, 0);
    enqueue(OWNER);
    ends(next_try(), OUTBOX_QUEUED, 1, "CLOSED");
    ends(next_try(), OUTBOX_QUEUED, 2, "CLOSED");
    go_wrong("mail", "temporary", 1, 0);
    ends(next_try(), OUTBOX_QUEUED, 3, "DENIED");
    ends(next_try(), OUTBOX_SENT, 4, "");
    assert_int_equal(look(OWNER).count, before + 1);
}

/* The whole process is gone, and comes back where it was. */
static void an_outage_of_both_ends(void **state)
{
    (void)state;
    child_kill(host.process_networks);
    enqueue(OWNER);
    ends(next_try(), OUTBOX_QUEUED, 1, "REFUSED");
    host_start_networks(&host);
    ends(next_try(), OUTBOX_SENT, 2, "");
    assert_int_equal(look(OWNER).count, 1);
    child_kill(host.process_networks);
    enqueue(PHONE);
    ends(next_try(), OUTBOX_QUEUED, 1, "REFUSED");
    host_start_networks(&host);
    ends(next_try(), OUTBOX_SENT, 2, "");
    assert_int_equal(look(E164).count, 1);
}

/* The gateway has sent it and says so too late, wrongly or twice: one SMS in all. */
static void an_answer_that_does_not_help_sends_nothing_twice(void **state)
{
    (void)state;
    static const struct {
        const char *fault, *reason;
    } rows[] = {{"broken", "IO"}, {"wrong", "FORMAT"}, {"doubled", "FORMAT"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t before = look(E164).count;
        go_wrong("sms", rows[i].fault, 1, 0);
        enqueue(PHONE);
        ends(next_try(), OUTBOX_QUEUED, 1, rows[i].reason);
        assert_int_equal(look(E164).count, before + 1);
        ends(next_try(), OUTBOX_SENT, 2, "");
        assert_int_equal(look(E164).count, before + 1);
        assert_int_equal(newest().cost_fen, 10);
    }
    size_t before = look(E164).count;
    go_wrong("sms", "slow", 1, 5000); /* we wait one second */
    enqueue(PHONE);
    ends(next_try(), OUTBOX_QUEUED, 1, "TIMEOUT");
    ends(next_try(), OUTBOX_SENT, 2, "");
    assert_int_equal(look(E164).count, before + 1);
}

static void a_refusal_is_not_tried_again(void **state)
{
    (void)state;
    go_wrong("sms", "refused", 1, 0);
    enqueue(PHONE);
    ends(next_try(), OUTBOX_FAILED, 1, "DENIED");
    go_wrong("mail", "refused", 1, 0);
    enqueue(OWNER);
    ends(next_try(), OUTBOX_FAILED, 1, "DENIED");
    int64_t next_ms;
    assert_ok(outbox_next_ms(place.outbox, &next_ms));
    assert_true(next_ms == INT64_MAX);
}

static void a_restart_of_ours_asks_the_person_again(void **state)
{
    (void)state;
    size_t before = look(OWNER).count;
    enqueue(OWNER);
    close_outbox();
    open_outbox();
    ends(newest(), OUTBOX_EXPIRED, 0, "a restart lost the code");
    assert_ok(outbox_run(place.outbox));
    assert_int_equal(look(OWNER).count, before);
    struct audit_report report;
    assert_ok(audit_verify(place.store, &report));
    assert_int_equal(report.verdict, AUDIT_INTACT);
}

int main(void)
{
#define ON_A_DAY(test) cmocka_unit_test_setup(test, next_day)
    const struct CMUnitTest tests[] = {
        ON_A_DAY(both_channels_reach_the_owner),
        ON_A_DAY(a_mail_server_that_is_down_delays_and_loses_nothing),
        ON_A_DAY(an_outage_of_both_ends),
        ON_A_DAY(an_answer_that_does_not_help_sends_nothing_twice),
        ON_A_DAY(a_refusal_is_not_tried_again),
        ON_A_DAY(a_restart_of_ours_asks_the_person_again),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
