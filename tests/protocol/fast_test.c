/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao demo --fast` with the real programs: two weeks of two shops under a clock that is
 * turned. The story checks itself (each kind of happening in its time, the money from four sides);
 * here it is read as another program reads it, and the clock is refused where it does not belong.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/base/clock_turned.h"
#include "lib/base/file.h"
#include "lib/wire/json.h"
#include "tests/protocol/programs.h"

enum { DAYS = 14, LOG_MAX = 256 << 10, LINE_MAX = 1024 };

static struct children children;
static struct scratch place;
static struct said said;
static char log_text[LOG_MAX];

/* Pages are beside the directory of the programs, as in build/. */
static int start(void **state)
{
    (void)state;
    scratch_make(&place);
    programs_gather(&children, place.directory);
    assert_int_equal(mkdir(scratch_path(&place, "web"), 0700), 0);
    assert_int_equal(mkdir(scratch_path(&place, "web/terminal"), 0700), 0);
    assert_ok(file_write(scratch_path(&place, "web/terminal/index.html"), FILE_PUBLIC,
                         BYTES("<!doctype html><title>Tongbao</title>")));
    return 0;
}

static int stop(void **state)
{
    (void)state;
    programs_remove(place.directory);
    return 0;
}

/* To its end, however long a sanitizer makes it. */
static int live(const char *days)
{
    const char *const arguments[] = {"demo", "--fast", "--json", "--days", days, NULL};
    struct child *child = NULL;
    int status = -1;
    size_t len = 0;
    assert_ok(children_start(&children, "tongbao", arguments, false, &child));
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    child->pid = 0;
    assert_ok(file_read(child->log, FILE_PRIVATE, log_text, sizeof log_text - 1, &len));
    log_text[len] = '\0';
    return status;
}

static const char *const only_once[] = {"application",  "review",       "agreement", "shipped",
                                        "activation",   "first steps",  "updated",   "restore test",
                                        "network keys", "old keys gone"};

/* The table at the end, by the first word of each figure. */
static struct {
    const char *word;
    int64_t figure;
    unsigned seen;
} totals[] = {{"days", 0, 0},     {"payments", 0, 0}, {"settlements", 0, 0}, {"payouts", 0, 0},
              {"sold", 0, 0},     {"refunded", 0, 0}, {"charged", 0, 0},     {"fees", 0, 0},
              {"paid out", 0, 0}, {"owed", 0, 0},     {"seconds", 0, 0}};

static int64_t total(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(totals); i++)
        if (strcmp(totals[i].word, word) == 0) return totals[i].figure;
    fail_msg("no such total: %s", word);
    return 0;
}

static void read_total(const struct json_t *root)
{
    char name[80];
    assert_ok(json_text_copy(root, "total", name, sizeof name));
    for (size_t i = 0; i < ARRAY_LEN(totals); i++) {
        if (strncmp(name, totals[i].word, strlen(totals[i].word)) != 0) continue;
        assert_ok(json_int(root, json_has(root, "minor") ? "minor" : "count", INT64_MIN, INT64_MAX,
                           &totals[i].figure));
        totals[i].seen++;
        return;
    }
    fail_msg("a total that is not known here: %s", name);
}

/* What was taken is where it belongs, to the fen; and what was counted is what was done. */
static void check_totals(void)
{
    for (size_t i = 0; i < ARRAY_LEN(totals); i++) assert_int_equal(totals[i].seen, 1);
    assert_int_equal(total("sold") + total("refunded"), total("charged"));
    assert_int_equal(total("charged") - total("fees"), total("paid out") + total("owed"));
    assert_true(total("fees") > 0 && total("paid out") > 0 && total("refunded") < 0);
    assert_int_equal(total("days"), DAYS);
    /* Closed on every seventh: two sales a day, a refund a week, the second shop's sale and void.
     */
    assert_int_equal(total("settlements"), DAYS - DAYS / 7);
    assert_int_equal(total("payments"), 2 * total("settlements") + DAYS / 7 + 2);
}

/* {"at_ms":...,"what":"paid out","text":"..."} or a total, a line each. */
static void read_line(struct bytes line, int64_t *last_ms, unsigned *once)
{
    CLEANUP(json_free) struct json_document d = {0};
    struct bytes what;
    int64_t at_ms = 0;
    if (FAILED(json_parse(line, LINE_MAX, &d))) fail_msg("%.*s", (int)line.len, line.at);
    if (json_has(d.root, "total")) {
        read_total(d.root);
        return;
    }
    assert_ok(json_int(d.root, "at_ms", *last_ms, INT64_MAX, &at_ms));
    assert_ok(json_text(d.root, "what", 32, &what));
    for (size_t i = 0; i < ARRAY_LEN(only_once); i++)
        *once += bytes_equal(what, bytes_text(only_once[i]));
    *last_ms = at_ms;
}

/* S119 S128 S133 S135 S138 S140 S166: the second shop has its terminal at work on the sixth day,
 * the first another build and a tested backup on the eleventh. */
static void days_pass_in_the_order_of_their_dates(void **state)
{
    (void)state;
    char days[8];
    int64_t first_ms = 1, last_ms = 1;
    unsigned once = 0;
    snprintf(days, sizeof days, "%d", DAYS);
    if (live(days) != 0) fail_msg("%s", log_text);
    for (char *at = log_text, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        read_line(bytes_of(at, (size_t)(end - at)), &last_ms, &once);
        if (first_ms == 1) first_ms = last_ms;
    }
    assert_true(last_ms - first_ms > (DAYS - 1) * 24LL * 3600 * 1000);
    assert_int_equal(once, ARRAY_LEN(only_once));
    check_totals();
}

/* Whose keys, cards or people may be real does not take it; nobody takes what is no clock. */
static void the_clock_is_for_demos(void **state)
{
    (void)state;
    char clock[256];
    snprintf(clock, sizeof clock, "%s", scratch_path(&place, "clock"));
    assert_ok(clock_turned_make(clock));
    programs_run(&children, &said, "tongbao-hsm", "--turned-clock", clock, "--state",
                 scratch_path(&place, "hsm"), "--socket", "hsm.sock", "--passphrase-file", "none",
                 NULL);
    assert_true(said.status != 0 && strstr(said.complaint, "wants --development") != NULL);
    programs_run(&children, &said, "tongbao-vault", "--turned-clock", clock, "--state",
                 scratch_path(&place, "vault"), "--socket", "vault.sock", NULL);
    assert_true(said.status == 2 && strstr(said.complaint, "wants --reader") != NULL);
    programs_run(&children, &said, "tongbao-terminal", "--turned-clock", clock, "--state",
                 scratch_path(&place, "terminal"), "--vault", "vault.sock", "--host", "127.0.0.1:9",
                 NULL);
    assert_true(said.status == 2 && strstr(said.complaint, "wants --tray") != NULL);
    programs_run(&children, &said, "tongbao-acquirer", "--turned-clock", "/nonexistent", NULL);
    assert_int_equal(said.status, 2);
    assert_non_null(strstr(said.complaint, "no such entry"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_pass_in_the_order_of_their_dates),
        cmocka_unit_test(the_clock_is_for_demos),
    };
    return cmocka_run_group_tests_name("fast", tests, start, stop);
}
