/* SPDX-License-Identifier: Apache-2.0 */
/* Helpers: all that they are given and say, and every way in which one fails to do its work. */
#include <signal.h>
#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/wire/helper.h"
#include "tests/unit/scratch.h"

enum { LARGE = 1 << 20, WAIT_MS = 20000, SHORT_MS = 200 };

static struct scratch place;
static uint8_t given[LARGE], said[LARGE + 16];

/* A helper is a program; a shell script of one line is one. */
static const char *script(const char *line)
{
    const char *path = scratch_path(&place, "helper");
    (void)unlink(path);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fprintf(file, "#!/bin/sh\n%s\n", line) > 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0700), 0);
    return path;
}

/* Runs it over an answer that has three bytes already. */
static err run(const char *line, size_t len, int wait_ms, size_t room, struct writer *answer)
{
    *answer = writer_over(said, room);
    write_bytes(answer, BYTES("abc"));
    return helper_run(script(line), "--option", bytes_of(given, len), wait_ms, answer);
}

static void everything_goes_there_and_back(void **state)
{
    (void)state;
    struct writer answer;
    for (size_t i = 0; i < LARGE; i++) given[i] = (uint8_t)(i * 7 + i / 251);
    /* More than pipes hold, in both directions at once. */
    assert_ok(run("exec cat", LARGE, WAIT_MS, sizeof said, &answer));
    assert_int_equal(answer.len, LARGE + 3);
    assert_memory_equal(said, "abc", 3);
    assert_memory_equal(said + 3, given, LARGE);
    assert_ok(run("exec cat", 0, WAIT_MS, sizeof said, &answer));
    assert_int_equal(answer.len, 3);
    assert_ok(run("echo $1", 5, WAIT_MS, sizeof said, &answer));
    assert_memory_equal(said, "abc--option\n", 12);
}

static void one_that_does_not_want_its_input_may_answer(void **state)
{
    (void)state;
    struct writer answer;
    assert_ok(run("exec 0<&-; echo no", LARGE, WAIT_MS, sizeof said, &answer));
    assert_memory_equal(said, "abcno\n", 6);
}

static void a_failure_leaves_the_answer_as_it_was(void **state)
{
    (void)state;
    struct writer answer;
    assert_err(run("echo half; exit 3", 5, WAIT_MS, sizeof said, &answer), CLOSED);
    assert_int_equal(answer.len, 3);
    assert_err(run("echo half; kill -9 $$", 5, WAIT_MS, sizeof said, &answer), CLOSED);
    assert_int_equal(answer.len, 3);
    assert_err(run("exec cat", 100, WAIT_MS, 102, &answer), FULL);
    assert_int_equal(answer.len, 3);
    assert_int_equal(answer.fault, ERR_OK);
    assert_ok(run("exec cat", 99, WAIT_MS, 102, &answer));
    assert_int_equal(answer.len, 102);
}

static void one_that_takes_too_long_is_killed(void **state)
{
    (void)state;
    static const char *const lines[] = {"exec sleep 100", "exec >&-; exec sleep 100"};
    struct clock clock = clock_system();
    struct writer answer;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        int64_t began_us = clock_monotonic_us(&clock);
        assert_err(run(lines[i], 5, SHORT_MS, sizeof said, &answer), TIMEOUT);
        assert_true(clock_monotonic_us(&clock) - began_us < 50 * 1000000LL);
        assert_int_equal(answer.len, 3);
    }
}

static void one_that_is_not_there_is_named_so(void **state)
{
    (void)state;
    struct writer answer = writer_over(said, sizeof said);
    assert_err(helper_run("/nowhere/helper", "--option", BYTES(""), WAIT_MS, &answer), REFUSED);
    assert_err(helper_run("/etc/passwd", "--option", BYTES(""), WAIT_MS, &answer), REFUSED);
}

/* An open database is nothing for who draws pictures. */
static void nothing_of_ours_is_left_open(void **state)
{
    (void)state;
    struct writer answer;
    int kept = dup(1); /* without O_CLOEXEC */
    assert_ok(run("ls /proc/self/fd | wc -l", 0, WAIT_MS, sizeof said, &answer));
    close(kept);
    /* 0, 1, 2, and the directory that ls reads. */
    assert_memory_equal(said, "abc4\n", 5);
}

static void it_is_looked_for_beside_us(void **state)
{
    (void)state;
    char path[512], small[16];
    struct stat about;
    assert_ok(helper_find("wire_helper_test", path, sizeof path));
    assert_int_equal(stat(path, &about), 0);
    assert_err(helper_find("wire_helper_test", small, sizeof small), CONFIG);
}

static int start(void **state)
{
    (void)state;
    scratch_make(&place);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    scratch_remove(&place);
    return 0;
}

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN); /* as process_harden() has it */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_goes_there_and_back),
        cmocka_unit_test(one_that_does_not_want_its_input_may_answer),
        cmocka_unit_test(a_failure_leaves_the_answer_as_it_was),
        cmocka_unit_test(one_that_takes_too_long_is_killed),
        cmocka_unit_test(one_that_is_not_there_is_named_so),
        cmocka_unit_test(nothing_of_ours_is_left_open),
        cmocka_unit_test(it_is_looked_for_beside_us),
    };
    return cmocka_run_group_tests_name("wire_helper", tests, start, stop);
}
