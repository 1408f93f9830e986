/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox under a clock that the test moves (S185, S34, S39): when each try comes, what limits
 * and the ceiling refuse, what a restart finds, and that no code is ever in the file.
 */
#include "tests/unit/scratch.h"

#include "backoffice/messages/outbox.h"

enum { LETTERS_MAX = 64, MINUTE = 60000, HOUR = 60 * MINUTE };

#define CODE_TEXT "48291377"

struct sent {
    char id[OUTBOX_ID_LEN + 1];
    char contact[64];
    char text[TEMPLATE_TEXT_MAX + 1];
    int64_t at_ms;
};

struct rig {
    int64_t now_ms;
    struct random_seeded seed;
    struct store_anchor *anchor;
    struct store *store;
    struct outbox_config config;
    struct outbox *outbox;
    struct sent sent[LETTERS_MAX];
    unsigned count;
    err port; /* what it answers */
};

static struct rig rig;

static int64_t now(void *context)
{
    (void)context;
    return rig.now_ms;
}

static err take_letter(void *context, const struct outbox_letter *letter)
{
    struct rig *r = context;
    assert_true(r->count < LETTERS_MAX);
    struct sent *s = &r->sent[r->count++];
    snprintf(s->id, sizeof s->id, "%s", letter->id);
    snprintf(s->contact, sizeof s->contact, "%s", letter->contact);
    assert_ok(bytes_to_text(letter->text, s->text, sizeof s->text));
    s->at_ms = r->now_ms;
    assert_true((letter->subject.len > 0) == (letter->channel == CHANNEL_MAIL));
    return r->port;
}

static void open_outbox(void)
{
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("outbox", &options, NULL, &rig.store));
    assert_ok(store_migrate(rig.store, &audit_schema));
    assert_ok(store_migrate(rig.store, &outbox_schema));
    const struct outbox_ports ports = {&rig, take_letter};
    rig.config = (struct outbox_config){.store = rig.store,
                                        .clock = {now, now, NULL},
                                        .random = random_from_seed(&rig.seed),
                                        .in_flight_max = 4,
                                        .segment_fen = 5,
                                        .daily_ceiling_fen = 100000};
    assert_ok(outbox_open(&rig.config, &ports, &rig.outbox));
}

static void close_outbox(void)
{
    outbox_close(rig.outbox);
    store_close(rig.store);
}

static int set_up(void **state)
{
    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.now_ms = 1790000000123; /* 22:13 in China */
    random_seed(&rig.seed, 7);
    assert_ok(store_anchor_open("outbox", &rig.anchor));
    open_outbox();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    close_outbox();
    store_anchor_close(rig.anchor);
    return 0;
}

/* ---- messages ---- */

static const struct template_field code_fields[] = {{"terminal", BYTES("10000017")},
                                                    {"operator", BYTES("01")},
                                                    {"minutes", BYTES("5")},
                                                    {"code", BYTES(CODE_TEXT)}};
static const struct template_field notice_fields[] = {
    {"terminal", BYTES("10000017")}, {"operator", BYTES("01")}, {"at", BYTES("2026-09-21 22:13")}};

static struct outbox_message code_to(const char *contact)
{
    return (struct outbox_message){.channel =
                                       strchr(contact, '@') != NULL ? CHANNEL_MAIL : CHANNEL_SMS,
                                   .contact = contact,
                                   .template = TEMPLATE_RECOVERY_CODE,
                                   .language = LANGUAGE_ZH,
                                   .fields = code_fields,
                                   .field_count = ARRAY_LEN(code_fields),
                                   .purpose = "recovery 10000017 01",
                                   .not_after_ms = rig.now_ms + 5 * MINUTE};
}

static struct outbox_message notice_to(const char *contact)
{
    struct outbox_message message = code_to(contact);
    message.template = TEMPLATE_PASSWORD_CHANGED;
    message.fields = notice_fields;
    message.field_count = ARRAY_LEN(notice_fields);
    message.not_after_ms = rig.now_ms + 48 * HOUR;
    return message;
}

static struct outbox_answer enqueue(struct outbox_message message)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct outbox_answer answer;
    assert_ok(store_begin(rig.store, &tx));
    assert_ok(outbox_enqueue(rig.outbox, &tx, &message, &answer));
    assert_ok(store_commit(&tx));
    return answer;
}

static void taken(struct outbox_message message)
{
    struct outbox_answer answer = enqueue(message);
    assert_int_equal(answer.verdict, OUTBOX_TAKEN);
    assert_int_equal(strlen(answer.id), OUTBOX_ID_LEN);
}

static void answer_last(enum outbound_outcome outcome, err reason, int64_t cost_fen)
{
    const struct outbound_result result = {outcome, reason, 0, cost_fen};
    assert_ok(outbox_on_result(rig.outbox, rig.sent[rig.count - 1].id, &result));
}

static err keep_first(void *context, const struct outbox_row *row)
{
    struct outbox_row *first = context;
    if (first->id[0] == '\0') *first = *row;
    return OK;
}

static struct outbox_row newest(void)
{
    struct outbox_row row = {.id = ""};
    assert_ok(outbox_list(rig.outbox, 1, keep_first, &row));
    return row;
}

struct audited {
    const char *event;
    int64_t count;
};

static err count_event(void *context, const struct audit_record *record)
{
    struct audited *a = context;
    a->count += bytes_equal(record->entry.event, bytes_text(a->event));
    return OK;
}

static int64_t audits(const char *event)
{
    struct audited a = {event, 0};
    assert_ok(audit_read(rig.store, 1, count_event, &a));
    return a.count;
}

/* Moves the clock to where the outbox wants it, and runs. */
static void run_next(void)
{
    int64_t next_ms;
    assert_ok(outbox_next_ms(rig.outbox, &next_ms));
    assert_true(next_ms != INT64_MAX);
    if (next_ms > rig.now_ms) rig.now_ms = next_ms;
    assert_ok(outbox_run(rig.outbox));
}

static bool on_disk(const char *what)
{
    struct bytes image;
    assert_ok(store_anchor_image(rig.anchor, &image));
    bool found = memmem(image.at, image.len, what, strlen(what)) != NULL;
    store_image_free(image);
    return found;
}

/* ---- tests ---- */

static void a_message_is_sent_once_and_recorded(void **state)
{
    (void)state;
    taken(code_to("13800138000"));
    assert_int_equal(rig.count, 0); /* nothing is sent from inside a transaction */
    assert_ok(outbox_run(rig.outbox));
    assert_int_equal(rig.count, 1);
    assert_string_equal(rig.sent[0].contact, "+8613800138000");
    assert_non_null(strstr(rig.sent[0].text, CODE_TEXT));
    assert_ok(outbox_run(rig.outbox));
    assert_int_equal(rig.count, 1); /* it is being sent */
    answer_last(OUTBOUND_TAKEN, OK, 10);
    assert_int_equal(newest().state, OUTBOX_SENT);
    assert_int_equal(newest().cost_fen, 10);
    assert_int_equal(newest().attempts, 1);
    assert_string_equal(newest().contact, "+86138****8000");
    assert_int_equal(audits("message_sent"), 1);
    answer_last(OUTBOUND_LATER, ERR(TIMEOUT), 0); /* a late echo changes nothing */
    assert_int_equal(newest().state, OUTBOX_SENT);
    int64_t next_ms;
    assert_ok(outbox_next_ms(rig.outbox, &next_ms));
    assert_true(next_ms == INT64_MAX);
}

/* S185: a mail server is down. The times of all tries, to the millisecond, with one id. */
static void tries_come_at_growing_distances(void **state)
{
    (void)state;
    static const int64_t after_ms[] = {0,      2000,   5000,    15000,   45000,  120000,
                                       300000, 900000, 1800000, 1800000, 1800000};
    int64_t at_ms = rig.now_ms;
    taken(notice_to("owner@shop.example"));
    for (size_t i = 0; i < ARRAY_LEN(after_ms); i++) {
        run_next();
        assert_int_equal(rig.count, i + 1);
        at_ms += after_ms[i];
        assert_int_equal(rig.sent[i].at_ms, at_ms);
        assert_string_equal(rig.sent[i].id, rig.sent[0].id);
        answer_last(OUTBOUND_LATER, ERR(REFUSED), 0);
        assert_string_equal(newest().reason, "REFUSED");
    }
    run_next();
    answer_last(OUTBOUND_TAKEN, OK, 0);
    assert_int_equal(newest().state, OUTBOX_SENT);
    assert_int_equal(newest().attempts, ARRAY_LEN(after_ms) + 1);
    assert_int_equal(audits("message_sent"), 1);
}

static void a_code_that_is_useless_is_never_sent(void **state)
{
    (void)state;
    const int64_t not_after_ms = rig.now_ms + 5 * MINUTE;
    taken(code_to("+8613800138000"));
    for (;;) {
        int64_t next_ms;
        assert_ok(outbox_next_ms(rig.outbox, &next_ms));
        if (next_ms >= not_after_ms) break;
        run_next();
        answer_last(OUTBOUND_LATER, ERR(TIMEOUT), 0);
    }
    unsigned tries = rig.count;
    rig.now_ms = not_after_ms - 1;
    assert_ok(outbox_run(rig.outbox));
    assert_int_equal(newest().state, OUTBOX_QUEUED);
    rig.now_ms = not_after_ms;
    assert_ok(outbox_run(rig.outbox));
    assert_int_equal(newest().state, OUTBOX_EXPIRED);
    assert_int_equal(rig.count, tries);
    assert_int_equal(tries, 6); /* at 0, 2, 7, 22, 67 and 187 s */
    assert_int_equal(audits("message_expired"), 1);
    /* One that comes too late is not taken at all. */
    struct outbox_message message = code_to("13800138001");
    message.not_after_ms = rig.now_ms;
    assert_int_equal(enqueue(message).verdict, OUTBOX_LATE);
}

static void a_refusal_is_final(void **state)
{
    (void)state;
    taken(notice_to("nobody@shop.example"));
    assert_ok(outbox_run(rig.outbox));
    answer_last(OUTBOUND_REFUSED, ERR(DENIED), 0);
    assert_int_equal(newest().state, OUTBOX_FAILED);
    assert_string_equal(newest().reason, "DENIED");
    assert_int_equal(audits("message_failed"), 1);
    rig.now_ms += 24 * (int64_t)HOUR;
    assert_ok(outbox_run(rig.outbox));
    assert_int_equal(rig.count, 1);
}

/* The port has no room, or its configuration is wrong: a try like any other. */
static void a_port_that_cannot_is_tried_again(void **state)
{
    (void)state;
    rig.port = ERR(FULL);
    taken(code_to("13800138000"));
    assert_ok(outbox_run(rig.outbox));
    assert_int_equal(newest().state, OUTBOX_QUEUED);
    assert_string_equal(newest().reason, "FULL");
    rig.port = OK;
    run_next();
    assert_int_equal(rig.sent[1].at_ms - rig.sent[0].at_ms, 2000);
    answer_last(OUTBOUND_TAKEN, OK, 5);
    assert_int_equal(newest().state, OUTBOX_SENT);
}

static void no_more_are_under_way_than_may_be(void **state)
{
    (void)state;
    char contact[40];
    for (int i = 0; i < 10; i++) {
        snprintf(contact, sizeof contact, "owner%d@shop.example", i);
        taken(notice_to(contact));
    }
    assert_ok(outbox_run(rig.outbox));
    assert_ok(outbox_run(rig.outbox));
    assert_int_equal(rig.count, 4);
    int64_t next_ms;
    assert_ok(outbox_next_ms(rig.outbox, &next_ms));
    assert_true(next_ms == INT64_MAX);
    taken(code_to("13800138000")); /* a full channel does not hold up the other */
    assert_ok(outbox_next_ms(rig.outbox, &next_ms));
    assert_int_equal(next_ms, rig.now_ms);
    assert_ok(outbox_run(rig.outbox));
    assert_int_equal(rig.count, 5);
    assert_string_equal(rig.sent[4].contact, "+8613800138000");
    const struct outbound_result taken_now = {OUTBOUND_TAKEN, OK, 250, 0};
    assert_ok(outbox_on_result(rig.outbox, rig.sent[0].id, &taken_now));
    assert_ok(outbox_run(rig.outbox));
    assert_int_equal(rig.count, 6);
}

/* CR-13: three mails an hour, five SMS an hour, ten a day; notices are counted apart. */
static void a_contact_gets_so_many_and_no_more(void **state)
{
    (void)state;
    const int64_t began_ms = rig.now_ms;
    for (int i = 0; i < 3; i++) {
        taken(code_to("owner@shop.example"));
        rig.now_ms += MINUTE;
    }
    struct outbox_answer answer = enqueue(code_to("owner@shop.example"));
    assert_int_equal(answer.verdict, OUTBOX_LIMIT);
    assert_int_equal(answer.wait_ms, HOUR - 3 * MINUTE);
    assert_string_equal(answer.id, "");
    assert_int_equal(audits("message_refused"), 1);
    taken(code_to("other@shop.example"));
    taken(notice_to("owner@shop.example")); /* nobody can keep a notice from him by asking */
    rig.now_ms = began_ms + HOUR - 1;
    assert_int_equal(enqueue(code_to("owner@shop.example")).verdict, OUTBOX_LIMIT);
    rig.now_ms = began_ms + HOUR;
    taken(code_to("owner@shop.example"));

    rig.now_ms = began_ms;
    for (int i = 0; i < 10; i++) {
        if (i == 5) {
            assert_int_equal(enqueue(code_to("13800138000")).verdict, OUTBOX_LIMIT);
            /* A number in another spelling is the same telephone. */
            assert_int_equal(enqueue(code_to("+8613800138000")).verdict, OUTBOX_LIMIT);
            rig.now_ms += 2 * HOUR;
        }
        taken(code_to("13800138000"));
    }
    rig.now_ms += 2 * HOUR;
    answer = enqueue(code_to("13800138000"));
    assert_int_equal(answer.verdict, OUTBOX_LIMIT);
    assert_int_equal(answer.wait_ms, 20 * HOUR);
    rig.now_ms = began_ms + 24 * (int64_t)HOUR;
    taken(code_to("13800138000"));
    /* A clock that is set back frees nobody. */
    rig.now_ms = began_ms - HOUR;
    assert_int_equal(enqueue(code_to("owner@shop.example")).verdict, OUTBOX_LIMIT);
}

static void a_day_costs_at_most_so_much(void **state)
{
    (void)state;
    char contact[20];
    rig.config.daily_ceiling_fen = 35; /* a code in Chinese is two segments: 10 fen */
    const struct outbox_ports ports = {&rig, take_letter};
    outbox_close(rig.outbox);
    assert_ok(outbox_open(&rig.config, &ports, &rig.outbox));
    for (int i = 0; i < 3; i++) {
        snprintf(contact, sizeof contact, "1380013800%d", i);
        taken(code_to(contact));
    }
    assert_int_equal(enqueue(code_to("13800138009")).verdict, OUTBOX_CEILING);
    taken(code_to("owner@shop.example")); /* mail costs nothing */
    int64_t fen;
    assert_ok(outbox_spent_today(rig.outbox, &fen));
    assert_int_equal(fen, 30);
    /* What the gateway says counts, and what was refused costs nothing. */
    assert_ok(outbox_run(rig.outbox));
    assert_int_equal(rig.count, 4);
    const struct outbound_result cheaper = {OUTBOUND_TAKEN, OK, 200, 5};
    const struct outbound_result refused = {OUTBOUND_REFUSED, ERR(DENIED), 200, 0};
    assert_ok(outbox_on_result(rig.outbox, rig.sent[0].id, &cheaper));
    assert_ok(outbox_on_result(rig.outbox, rig.sent[1].id, &refused));
    assert_ok(outbox_spent_today(rig.outbox, &fen));
    assert_int_equal(fen, 15);
    taken(code_to("13800138009"));
    taken(code_to("13800138008"));
    assert_int_equal(enqueue(code_to("13800138007")).verdict, OUTBOX_CEILING);
    /* It is 22:13 in China: in two hours there is another day. */
    rig.now_ms += 2 * HOUR;
    taken(code_to("13800138007"));
}

/* G5: the code is in memory only. */
static void no_code_is_ever_in_the_file(void **state)
{
    (void)state;
    taken(code_to("13800138000"));
    assert_false(on_disk(CODE_TEXT));
    assert_true(on_disk("recovery 10000017 01")); /* the search finds what is there */
    assert_ok(outbox_run(rig.outbox));
    assert_non_null(strstr(rig.sent[0].text, CODE_TEXT));
    assert_false(on_disk(CODE_TEXT));
    answer_last(OUTBOUND_LATER, ERR(IO), 0);
    run_next();
    assert_non_null(strstr(rig.sent[1].text, CODE_TEXT));
    answer_last(OUTBOUND_TAKEN, OK, 5);
    assert_false(on_disk(CODE_TEXT));
}

static void a_restart_sends_notices_and_expires_codes(void **state)
{
    (void)state;
    taken(notice_to("owner@shop.example"));
    assert_ok(outbox_run(rig.outbox));
    assert_int_equal(rig.count, 1); /* being sent, and nobody will tell how it ended */
    taken(code_to("13800138000"));
    taken(code_to("13800138001"));
    close_outbox();
    rig.now_ms += 1000;
    open_outbox();
    assert_int_equal(newest().state, OUTBOX_EXPIRED);
    assert_int_equal(newest().cost_fen, 0);
    assert_int_equal(audits("message_expired"), 2);
    assert_ok(outbox_run(rig.outbox));
    assert_int_equal(rig.count, 2);
    assert_string_equal(rig.sent[1].id, rig.sent[0].id);
    answer_last(OUTBOUND_TAKEN, OK, 0);
    assert_int_equal(audits("message_sent"), 1);
}

/* A code that was under way at the restart may have been charged: its estimate stays. */
static void a_restart_keeps_what_may_have_been_charged(void **state)
{
    (void)state;
    int64_t fen;
    taken(code_to("13800138000"));
    assert_ok(outbox_run(rig.outbox));
    close_outbox();
    open_outbox();
    assert_int_equal(newest().state, OUTBOX_EXPIRED);
    assert_ok(outbox_spent_today(rig.outbox, &fen));
    assert_int_equal(fen, 10);
}

static void what_is_rolled_back_was_never_there(void **state)
{
    (void)state;
    struct outbox_answer answer;
    {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        const struct outbox_message message = code_to("13800138000");
        assert_ok(store_begin(rig.store, &tx));
        assert_ok(outbox_enqueue(rig.outbox, &tx, &message, &answer));
    }
    assert_int_equal(answer.verdict, OUTBOX_TAKEN);
    assert_ok(outbox_run(rig.outbox));
    assert_int_equal(rig.count, 0);
}

static void malformed_messages_are_named_and_take_nothing(void **state)
{
    (void)state;
    static char megabyte[(1 << 20) + 1];
    memset(megabyte, 'a', sizeof megabyte - 1);
    struct template_field fields[ARRAY_LEN(code_fields)];
    memcpy(fields, code_fields, sizeof fields);
    struct outbox_message rows[8];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) rows[i] = code_to("13800138000");
    rows[0].contact = "138001380001380013800138000";
    rows[1].contact = "1380013800x";
    rows[2].contact = megabyte;
    rows[3].channel = CHANNEL_MAIL;
    rows[3].contact = "a@b\r\nBcc: c@d";
    rows[4].field_count--;
    rows[5].purpose = megabyte;
    fields[0].value = bytes_of(megabyte, sizeof megabyte - 1);
    rows[6].fields = fields;
    rows[7].template = TEMPLATE_RECOVERY_LINK;
    static const char *const why[] = {"FORMAT",  "FORMAT", "FORMAT", "FORMAT",
                                      "MISSING", "LENGTH", "LENGTH", "UNSUPPORTED"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct outbox_answer answer = enqueue(rows[i]);
        assert_int_equal(answer.verdict, OUTBOX_MALFORMED);
        if (strcmp(err_name(answer.why), why[i]) != 0)
            fail_msg("row %zu: %s", i, err_name(answer.why));
    }
    assert_int_equal(audits("message_refused"), ARRAY_LEN(rows));
    assert_string_equal(newest().id, "");
}

static void more_codes_than_there_is_room_for_are_refused(void **state)
{
    (void)state;
    char contact[40];
    for (int i = 0; i < OUTBOX_SECRETS_MAX; i++) {
        snprintf(contact, sizeof contact, "owner%d@shop.example", i);
        taken(code_to(contact));
    }
    assert_int_equal(enqueue(code_to("one-more@shop.example")).verdict, OUTBOX_CROWDED);
    taken(notice_to("one-more@shop.example"));
    rig.now_ms += 5 * MINUTE;
    taken(code_to("one-more@shop.example")); /* their time is over */
}

static void what_has_ended_is_forgotten_after_a_month(void **state)
{
    (void)state;
    taken(notice_to("owner@shop.example"));
    assert_ok(outbox_run(rig.outbox));
    answer_last(OUTBOUND_TAKEN, OK, 0);
    rig.now_ms += 29 * 24 * (int64_t)HOUR;
    assert_ok(outbox_run(rig.outbox));
    assert_int_equal(newest().state, OUTBOX_SENT);
    rig.now_ms += 2 * 24 * (int64_t)HOUR;
    assert_ok(outbox_run(rig.outbox));
    assert_string_equal(newest().id, "");
    assert_int_equal(audits("message_sent"), 1);
}

/* Wherever the store fails, a message is lost for nobody: after a restart it is sent, under its id.
 */
static err fail_at(void *context, enum store_call call)
{
    int *left = context;
    (void)call;
    return (*left)-- == 0 ? ERR(CRASHED) : OK;
}

static void a_crash_anywhere_loses_no_notice(void **state)
{
    for (int at = 0;; at++) {
        (void)set_up(state);
        taken(notice_to("owner@shop.example"));
        int left = at;
        store_set_fault(rig.store, fail_at, &left);
        err done = outbox_run(rig.outbox);
        if (!FAILED(done)) {
            const struct outbound_result result = {OUTBOUND_TAKEN, OK, 250, 0};
            done = outbox_on_result(rig.outbox, rig.sent[0].id, &result);
        }
        close_outbox();
        unsigned before = rig.count;
        open_outbox();
        assert_ok(outbox_run(rig.outbox));
        if (newest().state != OUTBOX_SENT) {
            assert_int_equal(rig.count, before + 1);
            if (before > 0) assert_string_equal(rig.sent[before].id, rig.sent[0].id);
            answer_last(OUTBOUND_TAKEN, OK, 0);
        }
        assert_int_equal(newest().state, OUTBOX_SENT);
        assert_int_equal(audits("message_sent"), 1);
        (void)tear_down(state);
        if (!FAILED(done)) break;
        assert_true(at < 100);
    }
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_message_is_sent_once_and_recorded),
        WITH_RIG(tries_come_at_growing_distances),
        WITH_RIG(a_code_that_is_useless_is_never_sent),
        WITH_RIG(a_refusal_is_final),
        WITH_RIG(a_port_that_cannot_is_tried_again),
        WITH_RIG(no_more_are_under_way_than_may_be),
        WITH_RIG(a_contact_gets_so_many_and_no_more),
        WITH_RIG(a_day_costs_at_most_so_much),
        WITH_RIG(no_code_is_ever_in_the_file),
        WITH_RIG(a_restart_sends_notices_and_expires_codes),
        WITH_RIG(a_restart_keeps_what_may_have_been_charged),
        WITH_RIG(what_is_rolled_back_was_never_there),
        WITH_RIG(malformed_messages_are_named_and_take_nothing),
        WITH_RIG(more_codes_than_there_is_room_for_are_refused),
        WITH_RIG(what_has_ended_is_forgotten_after_a_month),
        cmocka_unit_test(a_crash_anywhere_loses_no_notice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
