/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cards in a real PC/SC service with a virtual reader: they come, answer, are late, are pulled out
 * in the middle, and the reader itself is unplugged. Where the machine does not permit a reader of
 * our own (no namespaces, nothing installed), all of it is skipped and the reason printed.
 */
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

#include "lib/wire/card_reader.h"
#include "tests/protocol/programs.h"
#include "tests/protocol/reader_process.h"

enum { WAIT_MS = 20000, ANSWER_MS = 5000, SHORT_MS = 300, NOBODY = 65534 };

static char directory[64];
static struct reader_process reader_process;

static struct seen {
    bool there;
    unsigned readers_gone;
    struct {
        bool present;
        unsigned came, went, connected, answered;
        enum card_interface interface;
        enum card_result connect, answer;
        enum card_protocol protocol;
        bool went_before_answer;
        size_t len;
        uint8_t data[CARD_RESPONSE_MAX];
    } slot[CARD_READER_SLOTS];
} seen;

static struct loop *loop;
static struct card_reader *reader;
static struct card_reader_calls calls;

static void on_reader(void *context, bool there)
{
    (void)context;
    seen.there = there;
    if (!there) seen.readers_gone++;
}

static void on_card(void *context, unsigned slot, struct bytes atr, enum card_interface interface)
{
    (void)context;
    assert_true(atr.len > 0);
    assert_false(seen.slot[slot].present);
    seen.slot[slot].present = true;
    seen.slot[slot].interface = interface;
    seen.slot[slot].came++;
}

static void on_removed(void *context, unsigned slot)
{
    (void)context;
    assert_true(seen.slot[slot].present);
    seen.slot[slot].present = false;
    seen.slot[slot].went++;
}

static void on_connected(void *context, unsigned slot, enum card_result result,
                         enum card_protocol protocol)
{
    (void)context;
    seen.slot[slot].connected++;
    seen.slot[slot].connect = result;
    seen.slot[slot].protocol = protocol;
}

static void on_answer(void *context, unsigned slot, enum card_result result, struct bytes answer)
{
    (void)context;
    seen.slot[slot].answered++;
    seen.slot[slot].answer = result;
    seen.slot[slot].went_before_answer = !seen.slot[slot].present;
    seen.slot[slot].len = answer.len;
    if (answer.len > 0) memcpy(seen.slot[slot].data, answer.at, answer.len);
}

/* Turns the loop until `*counter` has reached `count`. */
static void await(const unsigned *counter, unsigned count)
{
    struct clock clock = clock_system();
    int64_t until = clock_monotonic_us(&clock) + WAIT_MS * 1000;
    while (*counter < count) {
        if (clock_monotonic_us(&clock) > until) fail_msg("nothing happened for 20 s");
        assert_ok(loop_once(loop, 100));
    }
}

static void open_reader(uid_t uid)
{
    seen = (struct seen){0};
    reader_process_start(&reader_process, directory, uid);
    if (reader_process.why_not[0] != '\0') {
        print_message("skipped: %s\n", reader_process.why_not);
        reader_process_kill(&reader_process);
        skip();
    }
    assert_ok(loop_create(&(struct loop_options){.clock = clock_system()}, &loop));
    const struct card_reader_options options = {
        .loop = loop,
        .name = READER_HOST_NAME,
        .socket = reader_process.socket,
        .events = {NULL, on_reader, on_card, on_removed, on_connected, on_answer}};
    assert_ok(card_reader_open(&options, &reader));
    calls = card_reader_calls(reader);
}

static int close_reader(void **state)
{
    (void)state;
    card_reader_close(reader);
    reader = NULL;
    loop_destroy(loop);
    loop = NULL;
    reader_process_kill(&reader_process);
    programs_remove(directory);
    return mkdir(directory, 0700);
}

static void insert(unsigned slot)
{
    unsigned before = seen.slot[slot].came;
    reader_process_order(&reader_process, 'i', slot);
    await(&seen.slot[slot].came, before + 1);
}

static void connect_card(unsigned slot)
{
    unsigned before = seen.slot[slot].connected;
    assert_ok(calls.connect(calls.context, slot, ANSWER_MS));
    await(&seen.slot[slot].connected, before + 1);
    assert_int_equal(seen.slot[slot].connect, CARD_DONE);
}

static void send(unsigned slot, uint8_t what, unsigned deadline_ms)
{
    const uint8_t command[] = {0, what, 0, 0, 3, 'a', 'b', 'c'};
    assert_ok(calls.transmit(calls.context, slot, BYTES_OF(command), deadline_ms));
}

static void echo(unsigned slot)
{
    unsigned before = seen.slot[slot].answered;
    send(slot, READER_ECHO, ANSWER_MS);
    await(&seen.slot[slot].answered, before + 1);
    assert_int_equal(seen.slot[slot].answer, CARD_DONE);
    assert_int_equal(seen.slot[slot].len, 5);
    assert_memory_equal(seen.slot[slot].data, "abc\x90\x00", 5);
}

static void a_card_comes_answers_and_goes(void **state)
{
    (void)state;
    const uint8_t command[] = {0, READER_ECHO, 0, 0};
    open_reader(0);
    assert_err(calls.connect(calls.context, 0, ANSWER_MS), STATE); /* none is there */
    insert(0);
    assert_true(seen.there);
    assert_int_equal(seen.slot[0].interface, CARD_CONTACT);
    assert_err(calls.transmit(calls.context, 0, BYTES_OF(command), ANSWER_MS), STATE);
    connect_card(0);
    assert_int_equal(seen.slot[0].protocol, CARD_T1);
    echo(0);
    echo(0);
    calls.disconnect(calls.context, 0);
    connect_card(0); /* at once: a card may be tried again */
    echo(0);
    reader_process_order(&reader_process, 'r', 0);
    await(&seen.slot[0].went, 1);
    assert_err(calls.transmit(calls.context, 0, BYTES_OF(command), ANSWER_MS), STATE);
}

static void a_card_in_the_field_is_told_from_one_in_the_slot(void **state)
{
    (void)state;
    open_reader(0);
    insert(1);
    insert(0);
    assert_int_equal(seen.slot[0].interface, CARD_CONTACT);
    assert_int_equal(seen.slot[1].interface, CARD_CONTACTLESS);
    connect_card(1);
    connect_card(0);
    send(0, READER_SILENT, WAIT_MS); /* one that keeps its reader waiting does not keep the other */
    echo(1);
    assert_int_equal(seen.slot[0].answered, 0);
}

static void a_card_that_is_pulled_out_is_reported_as_that(void **state)
{
    (void)state;
    open_reader(0);
    insert(0);
    connect_card(0);
    send(0, READER_SILENT, WAIT_MS);
    reader_process_order(&reader_process, 'r', 0);
    await(&seen.slot[0].went, 1);
    assert_int_equal(seen.slot[0].answered, 1);
    assert_int_equal(seen.slot[0].answer, CARD_REMOVED);
    assert_false(seen.slot[0].went_before_answer);
    insert(0);
    connect_card(0);
    echo(0);
}

static void a_card_that_does_not_answer_is_late(void **state)
{
    (void)state;
    open_reader(0);
    insert(0);
    connect_card(0);
    send(0, READER_SILENT, SHORT_MS);
    const uint8_t command[] = {0, READER_ECHO, 0, 0};
    assert_err(calls.transmit(calls.context, 0, BYTES_OF(command), ANSWER_MS), BUSY);
    await(&seen.slot[0].answered, 1);
    assert_int_equal(seen.slot[0].answer, CARD_LATE);
    assert_true(seen.slot[0].present);
    reader_process_order(&reader_process, 'r', 0);
    await(&seen.slot[0].went, 1);
    assert_int_equal(seen.slot[0].answered, 1); /* what came of it is nobody's any more */
    insert(0);
    connect_card(0);
    echo(0);
}

static void a_reader_that_is_unplugged_is_named_and_comes_back(void **state)
{
    (void)state;
    open_reader(0);
    insert(0);
    connect_card(0);
    send(0, READER_SILENT, WAIT_MS);
    reader_process_order(&reader_process, 'u', 0);
    await(&seen.readers_gone, 1);
    await(&seen.slot[0].answered,
          1); /* by another thread: before or after the reader is said gone */
    assert_int_equal(seen.slot[0].answer, CARD_UNPLUGGED);
    assert_false(seen.slot[0].present);
    reader_process_order(&reader_process, 'p', 0);
    await(&seen.slot[0].came, 2); /* the card is still in it */
    assert_true(seen.there);
    connect_card(0);
    echo(0);
}

static void an_ordinary_user_has_a_reader_of_his_own(void **state)
{
    (void)state;
    if (geteuid() != 0) {
        print_message("skipped: we are an ordinary user, and all other tests show it\n");
        skip();
    }
    open_reader(NOBODY);
    insert(0);
    connect_card(0);
    echo(0);
}

/* Both use the same ports and the same name for pcscd's socket: each in its own world. */
static void two_readers_live_side_by_side(void **state)
{
    (void)state;
    struct reader_process second;
    char place[] = "/tmp/tongbao-reader-XXXXXX";
    open_reader(0);
    insert(0);
    assert_non_null(mkdtemp(place));
    reader_process_start(&second, place, 0);
    assert_string_equal(second.why_not, "");
    for (int i = 0; i < WAIT_MS / 20 && reader_process_pcscd(&second) == 0; i++)
        assert_ok(loop_once(loop, 20));
    pid_t pcscd = reader_process_pcscd(&second);
    assert_true(pcscd > 0);
    assert_int_not_equal(pcscd, reader_process_pcscd(&reader_process));
    connect_card(0);
    echo(0);

    /* Killed without a word: its pcscd goes with it, and ours stays. */
    reader_process_kill(&second);
    bool alive = true;
    for (int i = 0; i < WAIT_MS / 20 && alive; i++) {
        alive = kill(pcscd, 0) == 0 || errno != ESRCH;
        assert_ok(loop_once(loop, 20));
    }
    assert_false(alive);
    echo(0);
    programs_remove(place);
}

static int make_place(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/tongbao-reader-XXXXXX");
    return mkdtemp(directory) == NULL ? -1 : 0;
}

static int remove_place(void **state)
{
    (void)state;
    programs_remove(directory);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_card_comes_answers_and_goes, close_reader),
        cmocka_unit_test_teardown(a_card_in_the_field_is_told_from_one_in_the_slot, close_reader),
        cmocka_unit_test_teardown(a_card_that_is_pulled_out_is_reported_as_that, close_reader),
        cmocka_unit_test_teardown(a_card_that_does_not_answer_is_late, close_reader),
        cmocka_unit_test_teardown(a_reader_that_is_unplugged_is_named_and_comes_back, close_reader),
        cmocka_unit_test_teardown(two_readers_live_side_by_side, close_reader),
        cmocka_unit_test_teardown(an_ordinary_user_has_a_reader_of_his_own, close_reader),
    };
    return cmocka_run_group_tests(tests, make_place, remove_place);
}
