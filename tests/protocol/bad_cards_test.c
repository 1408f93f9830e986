/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bad cards at a real counter (S75, F-09; the table is in docs/cards.md): real pcscd, virtual
 * cards, vault, terminal, host. Each is refused on the screen by its name and stands in the vault's
 * audit log; the reader is unplugged in the middle of a payment, before the host and behind it;
 * what the card network was charged for is taken back, and a swipe pays afterwards. Skipped, with
 * the reason, where the machine permits no reader of our own.
 */
#include <signal.h>

#include "tests/protocol/counter.h"

enum { WAIT_MS = 20000, PAUSE_MS = 20, ANSWER_MAX = 65536 };

static struct counter counter;
static struct host host;
static bool has_reader;
static uint8_t block[ANSWER_MAX];

/* It comes a moment after its program; no answer of the tray may be the last word. */
static bool reader_is_there(void)
{
    for (int i = 0; i < WAIT_MS / PAUSE_MS; i++) {
        CLEANUP(json_free) struct json_document tray = {0};
        struct writer w = writer_over(block, sizeof block);
        bool asked =
            !FAILED(page_get(counter.page, "/api/tray/chips", &w)); /* not while it starts */
        if (asked) assert_ok(json_parse(writer_view(&w), sizeof block, &tray));
        if (asked && !json_has(tray.root, "why")) return true;
        if (host_stored(counter.stage.children.directory, BYTES("no_reader"))) return false;
        programs_pause();
    }
    return false;
}

static int start(void **state)
{
    (void)state;
    counter_open(&counter);
    counter_host(&counter, &host);
    has_reader = reader_is_there();
    if (!has_reader) return 0;
    counter_log_in_first(&counter);
    counter_sign_in(&counter);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    counter_close(&counter);
    return 0;
}

static void need_reader(void)
{
    if (has_reader) return;
    print_message("skipped: this machine permits no reader of our own\n");
    skip();
}

static void hand(const char *how, const char *card)
{
    char body[96];
    long status;
    snprintf(body, sizeof body, "{\"how\":\"%s\"%s%s%s}", how, card != NULL ? ",\"name\":\"" : "",
             card != NULL ? card : "", card != NULL ? "\"" : "");
    assert_ok(
        page_post(counter.page, "/api/tray/chip", "application/json", bytes_text(body), &status));
    assert_int_equal(status, 204);
}

/* How often the vault has seen a card go. */
static int gone(void)
{
    char path[320], line[2048];
    int count = 0;
    snprintf(path, sizeof path, "%s/tongbao-vault.log", counter.stage.children.directory);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) count += strstr(line, "card_gone") != NULL;
    (void)fclose(file);
    return count;
}

/* Taken out, and seen to be: a reader that is busy would take the next card for the same one. */
static void take_out(void)
{
    int before = gone();
    hand("remove", NULL);
    for (int i = 0; i < WAIT_MS / PAUSE_MS && gone() == before; i++) programs_pause();
    assert_true(gone() > before);
}

static void begin_sale(void)
{
    counter_key(&counter, "choice:sale", "sale.amount");
    assert_ok(page_digits(counter.page, "300"));
    counter_key(&counter, "ok", "sale.present");
}

static int64_t refusals(const char *detail)
{
    return counter_audits(counter.stage.vault, "vault.db", "card_refused", detail);
}

/* Until the screen that asks for a card says this. */
static void says(const char *line)
{
    for (int i = 0; i < WAIT_MS / PAUSE_MS; i++) {
        counter_shows(&counter, "*");
        if (strcmp(page_id(counter.page), "sale.present") == 0 && counter_says(&counter, line))
            return;
        programs_pause();
    }
    fail_msg("%s does not say %s", page_id(counter.page), line);
}

static void leave_sale(void)
{
    counter_key(&counter, "cancel", "sale.amount");
    counter_key(&counter, "cancel", "main.menu");
}

static void each_is_refused_by_its_name(void **state)
{
    (void)state;
    static const struct {
        const char *how, *card, *line, *detail;
    } rows[] = {
        {"insert", "cut", "CHIP_UNREADABLE", "malformed or contradict, swipe after 3"},
        {"insert", "twofaced", "CHIP_UNREADABLE", "malformed or contradict, swipe after 3"},
        {"insert", "blocked", "CHIP_BLOCKED", "the application is blocked"},
        {"insert", "dead", "CHIP_BLOCKED", "the card is blocked"},
        {"tap", "twofaced", "CHIP_BAD", "malformed or contradict"},
        {"tap", "declines", "CHIP_REFUSED", "the card's decision"},
    };
    need_reader();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t before = refusals(rows[i].detail),
                minor = host_network_minor(&host, "card_network_minor");
        begin_sale();
        hand(rows[i].how, rows[i].card);
        says(rows[i].line);
        assert_int_equal(refusals(rows[i].detail), before + 1);
        assert_int_equal(host_network_minor(&host, "card_network_minor"), minor);
        take_out();
        leave_sale();
    }
}

static void insert_and_enter(void)
{
    begin_sale();
    hand("insert", "debit");
    counter_shows(&counter, "sale.pin");
}

/* The reader with its cards is gone, as if somebody had pulled its plug; and back. */
static void unplug(void)
{
    assert_int_equal(kill(counter.stage.process_cards->pid, SIGKILL), 0);
}

static void plug_in(void)
{
    counter_restart(&counter, counter.stage.process_cards);
    assert_true(reader_is_there());
}

static void unplugged_before_the_host(void **state)
{
    (void)state;
    need_reader();
    int64_t before = refusals(NULL), minor = host_network_minor(&host, "card_network_minor");
    insert_and_enter();
    unplug();
    says("CHIP_REMOVED");
    assert_int_equal(refusals(NULL), before + 1);
    assert_int_equal(host_network_minor(&host, "card_network_minor"), minor);
    leave_sale();
    counter_sells(&counter); /* a swipe */
    plug_in();
}

/* The host says yes to a card that is not there any more. */
static void unplugged_behind_the_host(void **state)
{
    (void)state;
    need_reader();
    int64_t minor = host_network_minor(&host, "card_network_minor");
    int64_t before = refusals("reversed");
    insert_and_enter();
    assert_int_equal(kill(counter.stage.process_acquirer->pid, SIGSTOP), 0);
    assert_ok(page_secret(counter.page, COUNTER_PIN));
    counter_shows(&counter, "sale.wait");
    unplug();
    for (int i = 0; i < WAIT_MS / PAUSE_MS && refusals("reversed") == before; i++) programs_pause();
    assert_int_equal(kill(counter.stage.process_acquirer->pid, SIGCONT), 0);
    assert_int_equal(refusals("reversed"), before + 1);
    for (int i = 0; i < WAIT_MS / PAUSE_MS && strcmp(page_id(counter.page), "main.menu") != 0;
         i++) {
        counter_shows(&counter, "*");
        if (strncmp(page_id(counter.page), "sale.", 5) == 0 &&
            strcmp(page_id(counter.page), "sale.wait") != 0)
            assert_ok(page_key(counter.page, "cancel"));
        programs_pause();
    }
    counter_shows(&counter, "main.menu");
    counter_sells(&counter); /* only behind the reversal */
    assert_int_equal(host_network_minor(&host, "card_network_minor"), minor + 12800);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_refused_by_its_name),
        cmocka_unit_test(unplugged_before_the_host),
        cmocka_unit_test(unplugged_behind_the_host),
    };
    return cmocka_run_group_tests_name("protocol: bad cards", tests, start, stop);
}
