/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tongbao-cards as the demo runs it: cards are inserted, tapped and removed by its socket, and a
 * PC/SC program outside sees them come, answers and all, and go. Skipped, with the reason, where
 * the machine permits no reader of our own.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "lib/base/file.h"
#include "lib/wire/card_reader.h"
#include "lib/wire/json.h"
#include "lib/wire/reader_host.h"
#include "lib/wire/rpc.h"
#include "tests/protocol/programs.h"

enum { WAIT_MS = 20000, ANSWER_MS = 5000, SLOT = 0, FIELD = 1, TEXT_MAX = 32 << 10 };

static char directory[64], cards[128], orders[128];
static struct children children;
static struct child *program;
static struct rpc rpc;
static struct loop *loop;
static struct card_reader *reader;
static struct card_reader_calls calls;

static struct {
    unsigned came[2], went[2], connected, answered;
    enum card_interface interface[2];
    enum card_protocol protocol;
    enum card_result result;
    size_t len;
    uint8_t data[CARD_RESPONSE_MAX];
} seen;

static void on_reader(void *context, bool there)
{
    (void)context;
    (void)there;
}

static void on_card(void *context, unsigned slot, struct bytes atr, enum card_interface interface)
{
    (void)context;
    assert_true(slot < 2 && atr.len > 0);
    seen.interface[slot] = interface;
    seen.came[slot]++;
}

static void on_removed(void *context, unsigned slot)
{
    (void)context;
    assert_true(slot < 2);
    seen.went[slot]++;
}

static void on_connected(void *context, unsigned slot, enum card_result result,
                         enum card_protocol protocol)
{
    (void)context;
    (void)slot;
    assert_int_equal(result, CARD_DONE);
    seen.protocol = protocol;
    seen.connected++;
}

static void on_answer(void *context, unsigned slot, enum card_result result, struct bytes answer)
{
    (void)context;
    (void)slot;
    seen.result = result;
    seen.len = answer.len;
    if (answer.len > 0) memcpy(seen.data, answer.at, answer.len);
    seen.answered++;
}

static void await(const unsigned *counter, unsigned count)
{
    struct clock clock = clock_system();
    int64_t until = clock_monotonic_us(&clock) + WAIT_MS * 1000;
    while (*counter < count) {
        if (clock_monotonic_us(&clock) > until) fail_msg("nothing happened for 20 s");
        assert_ok(loop_once(loop, 100));
    }
}

/* What it says to a question. */
static void order(const char *question, struct json_document *document)
{
    static uint8_t text[TEXT_MAX];
    struct bytes answer;
    assert_ok(rpc_call(&rpc, bytes_text(question), text, sizeof text, &answer));
    assert_ok(json_parse(answer, TEXT_MAX, document));
}

static void obeyed(const char *question)
{
    CLEANUP(json_free) struct json_document document = {0};
    order(question, &document);
    assert_false(json_has(document.root, "error"));
}

static void refused(const char *question)
{
    CLEANUP(json_free) struct json_document document = {0};
    order(question, &document);
    assert_true(json_has(document.root, "error"));
}

static bool has_reader(void)
{
    CLEANUP(json_free) struct json_document document = {0};
    bool there = false;
    order("{\"ask\":\"chips\"}", &document);
    assert_ok(json_bool(document.root, "reader", &there));
    return there;
}

static void open_reader(void)
{
    static char socket[READER_HOST_PATH_MAX];
    assert_ok(reader_host_socket(cards, socket, sizeof socket));
    assert_ok(loop_create(&(struct loop_options){.clock = clock_system()}, &loop));
    const struct card_reader_options options = {
        .loop = loop,
        .name = READER_HOST_NAME,
        .socket = socket,
        .events = {NULL, on_reader, on_card, on_removed, on_connected, on_answer}};
    assert_ok(card_reader_open(&options, &reader));
    calls = card_reader_calls(reader);
}

static int start(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/tongbao-cards-XXXXXX");
    if (mkdtemp(directory) == NULL) return -1;
    snprintf(cards, sizeof cards, "%s/cards", directory);
    snprintf(orders, sizeof orders, "%s/cards.sock", directory);
    programs_gather(&children, directory);
    const char *const arguments[] = {"--directory", cards, "--socket", orders, NULL};
    assert_ok(children_start(&children, "tongbao-cards", arguments, true, &program));
    assert_ok(rpc_connect(&rpc, orders, ANSWER_MS, TEXT_MAX));
    open_reader();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    card_reader_close(reader);
    loop_destroy(loop);
    rpc_close(&rpc);
    children_stop(&children);
    programs_remove(directory);
    return 0;
}

static void need_reader(void)
{
    if (has_reader()) return;
    print_message("skipped: tongbao-cards has no reader here; its log says why\n");
    skip();
}

static void connect_card(unsigned slot)
{
    unsigned before = seen.connected;
    assert_ok(calls.connect(calls.context, slot, ANSWER_MS));
    await(&seen.connected, before + 1);
}

static unsigned command(unsigned slot, struct bytes bytes)
{
    unsigned before = seen.answered;
    assert_ok(calls.transmit(calls.context, slot, bytes, ANSWER_MS));
    await(&seen.answered, before + 1);
    assert_int_equal(seen.result, CARD_DONE);
    return (unsigned)seen.data[seen.len - 2] << 8 | seen.data[seen.len - 1];
}

/* When the card answered, as it says itself: at least so often, in order, and before now. */
static void check_answers(size_t least)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct clock clock = clock_system();
    struct json_t *list;
    size_t count;
    int64_t before_us = 0;
    order("{\"ask\":\"answers\"}", &document);
    assert_ok(json_list(document.root, "answered_us", 64, &list, &count));
    assert_true(count >= least);
    for (size_t i = 0; i < count; i++) {
        int64_t at_us;
        assert_ok(json_value_int(json_at(list, i), before_us, clock_monotonic_us(&clock), &at_us));
        before_us = at_us;
    }
}

#define SELECT_PSE               \
    BYTES("\x00\xA4\x04\x00\x0E" \
          "1PAY.SYS.DDF01\x00")
#define SELECT_PPSE              \
    BYTES("\x00\xA4\x04\x00\x0E" \
          "2PAY.SYS.DDF01\x00")

static void a_card_is_inserted_and_taken_away(void **state)
{
    (void)state;
    need_reader();
    refused("{\"ask\":\"insert\",\"card\":\"nobody\"}");
    refused("{\"ask\":\"insert\",\"card\":\"phone\"}"); /* it has no contacts */
    unsigned came = seen.came[SLOT], went = seen.went[SLOT];
    obeyed("{\"ask\":\"insert\",\"card\":\"debit\"}");
    await(&seen.came[SLOT], came + 1);
    assert_int_equal(seen.interface[SLOT], CARD_CONTACT);
    connect_card(SLOT);
    assert_int_equal(seen.protocol, CARD_T1);
    assert_int_equal(command(SLOT, SELECT_PSE), 0x9000);
    assert_int_equal(command(SLOT, SELECT_PPSE), 0x6A82);
    check_answers(2);
    obeyed("{\"ask\":\"remove\"}");
    await(&seen.went[SLOT], went + 1);
}

static void a_card_of_the_older_protocol_is_fetched_from(void **state)
{
    (void)state;
    need_reader();
    unsigned came = seen.came[SLOT], went = seen.went[SLOT];
    obeyed("{\"ask\":\"insert\",\"card\":\"t0\"}");
    await(&seen.came[SLOT], came + 1);
    connect_card(SLOT);
    assert_int_equal(seen.protocol, CARD_T0);
    unsigned status = command(SLOT, bytes_of(SELECT_PSE.at, SELECT_PSE.len - 1));
    assert_int_equal(status >> 8, 0x61);
    const uint8_t fetch[] = {0x00, 0xC0, 0x00, 0x00, (uint8_t)status};
    assert_int_equal(command(SLOT, BYTES_OF(fetch)), 0x9000);
    assert_int_equal(seen.len, (status & 0xFF) + 2);
    obeyed("{\"ask\":\"remove\"}");
    await(&seen.went[SLOT], went + 1);
}

/* Held to the field, it answers, and is let go by itself. */
static void a_tap_ends_by_itself(void **state)
{
    (void)state;
    need_reader();
    unsigned came = seen.came[FIELD], went = seen.went[FIELD];
    obeyed("{\"ask\":\"tap\",\"card\":\"phone\"}");
    await(&seen.came[FIELD], came + 1);
    assert_int_equal(seen.interface[FIELD], CARD_CONTACTLESS);
    connect_card(FIELD);
    assert_int_equal(command(FIELD, SELECT_PPSE), 0x9000);
    await(&seen.went[FIELD], went + 1);
}

/* The vault waits for the reader by its name, and sees what comes and goes. */
static void the_vault_sees_the_card(void **state)
{
    (void)state;
    need_reader();
    static struct said said;
    struct child *vault;
    char vault_state[128], socket[128], service[READER_HOST_PATH_MAX], log[4096];
    size_t len = 0;
    snprintf(vault_state, sizeof vault_state, "%s/vault", directory);
    snprintf(socket, sizeof socket, "%s/vault.sock", directory);
    assert_ok(reader_host_socket(cards, service, sizeof service));
    programs_run(&children, &said, "tongbao-vault", "--state", vault_state, "--initialise",
                 "--serial", "TB1-2030-000017", "--model", "TB-1", NULL);
    assert_int_equal(said.status, 0);
    const char *const arguments[] = {"--state",        vault_state,     "--socket",
                                     socket,           "--card-reader", READER_HOST_NAME,
                                     "--card-service", service,         NULL};
    assert_ok(children_start(&children, "tongbao-vault", arguments, true, &vault));
    obeyed("{\"ask\":\"insert\",\"card\":\"credit\"}");
    bool came = false;
    for (int i = 0; i < WAIT_MS / 20 && !came; i++) {
        assert_ok(file_read(vault->log, FILE_PUBLIC, log, sizeof log - 1, &len));
        log[len] = '\0';
        came = strstr(log, "card_came") != NULL && strstr(log, "\"interface\":\"contact\"") != NULL;
        programs_pause();
    }
    if (!came) fail_msg("the vault's log: %s", log);
    obeyed("{\"ask\":\"remove\"}");
    child_kill(vault);
}

static void killed_without_a_word_it_leaves_nobody_behind(void **state)
{
    (void)state;
    need_reader();
    char path[192], text[16] = "";
    snprintf(path, sizeof path, "%s/run/pcscd.pid", cards);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    (void)fclose(file);
    pid_t pcscd = (pid_t)strtol(text, NULL, 10);
    assert_int_equal(kill(pcscd, 0), 0);
    child_kill(program);
    bool alive = true;
    for (int i = 0; i < WAIT_MS / 20 && alive; i++) {
        alive = kill(pcscd, 0) == 0 || errno != ESRCH;
        programs_pause();
    }
    assert_false(alive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_inserted_and_taken_away),
        cmocka_unit_test(a_card_of_the_older_protocol_is_fetched_from),
        cmocka_unit_test(a_tap_ends_by_itself),
        cmocka_unit_test(the_vault_sees_the_card),
        cmocka_unit_test(killed_without_a_word_it_leaves_nobody_behind),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
