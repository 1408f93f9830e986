/* SPDX-License-Identifier: Apache-2.0 */
/* Start-up: the command line, the state directory, its lock, the ready line, no core dumps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/wire/process.h"

static const char *state_text;
static int64_t port;
static bool development;

static const struct process_option options[] = {
    {"state", "DIR", "where the journal is", .text = &state_text, .required = true},
    {"port", "PORT", "where terminals connect", .number = &port, .max = 65535},
    {"development", NULL, "allow test keys", .flag = &development},
};

static const struct process_program program = {"tongbao-test", "1.2.3", "Tests options.",
                                               NULL,           options, ARRAY_LEN(options)};
static const struct process_program with_arguments = {"tongbao-test", "1.2.3", "Tests options.",
                                                      "FILE...",      options, ARRAY_LEN(options)};

/* Runs in a child, so that what is printed can be read: standard output and error, in one. */
static int parse(const struct process_program *of, char **argv, char *out, size_t size)
{
    int argc = 0, fds[2], status = 0;
    while (argv[argc] != NULL) argc++;
    assert_int_equal(pipe(fds), 0);
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)dup2(fds[1], STDOUT_FILENO);
        (void)dup2(fds[1], STDERR_FILENO);
        int first = 0, result = process_options(of, argc, argv, &first);
        if (result < 0)
            printf("go on: state=%s port=%d development=%d first=%d", state_text, (int)port,
                   development, first);
        (void)fflush(NULL);
        _exit(result < 0 ? 100 : result);
    }
    close(fds[1]);
    size_t len = 0;
    for (ssize_t n; (n = read(fds[0], out + len, size - 1 - len)) > 0;) len += (size_t)n;
    out[len] = '\0';
    close(fds[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

#define ARGV(...) ((char *[]){(char *)(uintptr_t) "test", __VA_ARGS__, NULL})

static void reads_the_command_line(void **state)
{
    (void)state;
    char out[2048];
    assert_int_equal(
        parse(&program, ARGV("--state", "/x", "--port=8583", "--development"), out, sizeof out),
        100);
    assert_string_equal(out, "go on: state=/x port=8583 development=1 first=5");
    assert_int_equal(parse(&with_arguments, ARGV("--state", "/x", "a", "--port"), out, sizeof out),
                     100);
    assert_string_equal(out, "go on: state=/x port=0 development=0 first=3");
}

static void explains_itself(void **state)
{
    (void)state;
    char out[2048];
    assert_int_equal(parse(&program, ARGV("--help"), out, sizeof out), 0);
    assert_non_null(strstr(out, "Usage: tongbao-test [OPTIONS]\n"));
    for (size_t i = 0; i < ARRAY_LEN(options); i++) assert_non_null(strstr(out, options[i].help));
    assert_int_equal(parse(&program, ARGV("--version"), out, sizeof out), 0);
    assert_string_equal(out, "tongbao-test 1.2.3\n");
}

static void names_the_fault_and_the_remedy(void **state)
{
    (void)state;
    const struct {
        char **argv;
        const char *text;
    } rows[] = {
        {ARGV("--stat", "/x", "--bogus"), "unknown option --bogus"},
        {ARGV("--state"), "--state needs a value"},
        {ARGV("--development"), "--state is missing: where the journal is"},
        {ARGV("--state", "/x", "extra"), "'extra' is not expected here"},
        {ARGV("--state", "/x", "--port", "65536"), "--port takes a number from 0 to 65535, not"},
        {ARGV("--state", "/x", "--port", "-1"), "not '-1'"},
        {ARGV("--state", "/x", "--port", "12x"), "not '12x'"},
        {ARGV("--state", "/x", "--port", ""), "not ''"},
        {ARGV("--state", "/x", "--port", "99999999999999999999"), "takes a number"},
    };
    char out[2048];
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(parse(&program, rows[i].argv, out, sizeof out), PROCESS_EXIT_USAGE);
        assert_non_null(strstr(out, rows[i].text));
        assert_non_null(strstr(out, "Try 'tongbao-test --help'."));
    }
}

static void makes_or_checks_the_state_directory(void **state)
{
    (void)state;
    char base[64], path[96];
    struct process_fault fault = {0};
    struct stat info;
    (void)snprintf(base, sizeof base, "/tmp/wire_process_test.%d", (int)getpid());
    (void)snprintf(path, sizeof path, "%s/deep", base);
    assert_false(FAILED(process_state_directory(path, &fault)));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_false(FAILED(process_state_directory(path, &fault)));
    assert_int_equal(chmod(path, 0750), 0);
    assert_int_equal(process_state_directory(path, &fault).code, ERR_DENIED);
    assert_non_null(strstr(fault.text, "chmod 700"));
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
    assert_int_equal(process_state_directory(path, &fault).code, ERR_CONFIG);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(base), 0);
}

static void refuses_a_second_process_on_one_directory(void **state)
{
    (void)state;
    char path[64], lock[80], expected[32];
    struct process_fault fault = {0};
    int fd = -1, second = -1;
    (void)snprintf(path, sizeof path, "/tmp/wire_process_lock.%d", (int)getpid());
    (void)snprintf(lock, sizeof lock, "%s/lock", path);
    assert_false(FAILED(process_state_directory(path, &fault)));
    assert_false(FAILED(process_lock(path, &fd, &fault)));
    /* flock() belongs to the open file, so a second open in this process stands for another. */
    assert_int_equal(process_lock(path, &second, &fault).code, ERR_BUSY);
    (void)snprintf(expected, sizeof expected, "by process %d:", (int)getpid());
    assert_non_null(strstr(fault.text, expected));
    close(fd); /* as the kernel does when the process ends, however it ends */
    assert_false(FAILED(process_lock(path, &second, &fault)));
    close(second);
    assert_int_equal(unlink(lock), 0);
    assert_int_equal(rmdir(path), 0);
}

static void says_when_it_is_ready(void **state)
{
    (void)state;
    int fds[2];
    char out[64] = {0};
    assert_int_equal(pipe(fds), 0);
    process_ready(fds[1], "port=%d", 8583);
    assert_int_equal(read(fds[0], out, sizeof out - 1), 16);
    assert_string_equal(out, "ready port=8583\n");
    assert_int_equal(read(fds[0], out, sizeof out), 0); /* closed behind it */
    close(fds[0]);
    process_ready(-1, "port=%d", 1);
}

/* S65: neither a core file nor a debugger of the same user gets at memory. */
static void hardens_the_process(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit limit = {1, 1};
        uint8_t byte;
        bool good = !FAILED(process_harden()) && prctl(PR_GET_DUMPABLE) == 0 &&
                    getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 &&
                    limit.rlim_max == 0 && umask(0) == 077 && read(STDIN_FILENO, &byte, 1) == 0;
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_command_line),
        cmocka_unit_test(explains_itself),
        cmocka_unit_test(names_the_fault_and_the_remedy),
        cmocka_unit_test(makes_or_checks_the_state_directory),
        cmocka_unit_test(refuses_a_second_process_on_one_directory),
        cmocka_unit_test(says_when_it_is_ready),
        cmocka_unit_test(hardens_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
