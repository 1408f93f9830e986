/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine that permits no namespaces, as many containers do: the kernel's filter answers EPERM to
 * every unshare(2) of this process and of all that it starts. The virtual chip reader then says by
 * name why it is not there, in its log, to the tray and to a test; everything else is there, and a
 * card is swiped (S75, S118).
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "lib/wire/rpc.h"
#include "tests/protocol/counter.h"
#include "tests/protocol/reader_process.h"

#define WHY "this machine permits no namespaces of our own (mount, network)"

enum { ANSWER_MAX = 32 << 10, WAIT_MS = 8000, PAUSE_MS = 20, CLONED = 0x7E020000 /* CLONE_NEW* */ };

static struct counter counter;

/* unshare(2), and clone(2) with a namespace among its flags; clone3(2) keeps them in memory. */
static void deny_namespaces(void)
{
    struct sock_filter rows[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONED, 0, 2),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS), /* as an old kernel: clone then */
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {ARRAY_LEN(rows), rows};
    assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
    assert_int_equal(unshare(CLONE_NEWNS), -1);
    assert_int_equal(errno, EPERM);
}

static int start(void **state)
{
    (void)state;
    deny_namespaces();
    counter_open(&counter);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    counter_close(&counter);
    return 0;
}

/* What the reader's tests print when they skip themselves. */
static void a_test_is_told_why(void **state)
{
    (void)state;
    struct scratch place;
    struct reader_process p;
    scratch_make(&place);
    reader_process_start(&p, place.directory, 0);
    if (strstr(p.why_not, "not installed") != NULL) skip();
    assert_string_equal(p.why_not, WHY);
    reader_process_kill(&p);
    programs_remove(place.directory);
}

static bool reader_is_there(void)
{
    static uint8_t block[ANSWER_MAX];
    CLEANUP(json_free) struct json_document document = {0};
    struct rpc rpc;
    struct bytes answer;
    bool there = true;
    assert_ok(rpc_connect(&rpc, counter.stage.tray, WAIT_MS, ANSWER_MAX));
    assert_ok(rpc_call(&rpc, BYTES("{\"ask\":\"chips\"}"), block, sizeof block, &answer));
    rpc_close(&rpc);
    assert_ok(json_parse(answer, ANSWER_MAX, &document));
    assert_ok(json_bool(document.root, "reader", &there));
    return there;
}

static void the_tray_and_the_log_say_so(void **state)
{
    (void)state;
    const char *directory = counter.stage.children.directory;
    for (int i = 0; i < WAIT_MS / PAUSE_MS && !host_stored(directory, BYTES("no_reader")); i++)
        programs_pause();
    assert_true(host_stored(directory, BYTES("no_reader")));
    bool namespaces = host_stored(directory, BYTES(WHY));
    assert_true(namespaces || host_stored(directory, BYTES("is not installed (Debian: ")));
    assert_false(reader_is_there());
}

static void a_card_is_swiped_all_the_same(void **state)
{
    (void)state;
    counter_log_in_first(&counter);
    counter_sign_in(&counter);
    counter_sells(&counter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_test_is_told_why),
        cmocka_unit_test(the_tray_and_the_log_say_so),
        cmocka_unit_test(a_card_is_swiped_all_the_same),
    };
    return cmocka_run_group_tests_name("protocol: no namespaces", tests, start, stop);
}
