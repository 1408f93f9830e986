/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file system that is really full, under a running acquirer: its state directory is a small one
 * of its own, which is filled while tills take payments. The acquirer stops, because what it cannot
 * write down it may not answer; it says why and what helps; it does not start before there is
 * space; and then every payment is approved on all sides or turned back on all sides. S87 S88
 *
 * Each round leaves a few pages more than the last, so that the end comes at each write in turn:
 * the request, the network's answer, the reversal, the audit line, the fold.
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/crash/books.h"
#include "tests/crash/till.h"

enum { TILLS = 4, ROUNDS = 14, PAGE = 4096, WAIT_MS = 30000, PAUSE_MS = 20, TAIL_MAX = 8192 };

struct shared {
    atomic_bool stop;
    long port;
    struct till_report till[TILLS];
};

static struct host host;
static struct shared *shared;
static struct till till[TILLS];
static pid_t process[TILLS];
static struct pos pos;
static const char *skipped;

/* ---- the file system ---- */

static bool write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (fd >= 0) close(fd);
    return done;
}

/* Mounts of our own, as root or as who is root only to itself: there each number stays what it is.
 */
static bool enter_namespace(void)
{
    char uids[64], gids[64];
    snprintf(uids, sizeof uids, "%u %u 1", (unsigned)geteuid(), (unsigned)geteuid());
    snprintf(gids, sizeof gids, "%u %u 1", (unsigned)getegid(), (unsigned)getegid());
    if (unshare(CLONE_NEWNS) != 0 &&
        (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 || !write_text("/proc/self/uid_map", uids) ||
         !write_text("/proc/self/setgroups", "deny") || !write_text("/proc/self/gid_map", gids)))
        return false;
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static bool mount_small(const char *directory)
{
    return mkdir(directory, 0700) == 0 &&
           mount("tmpfs", directory, "tmpfs", MS_NOSUID | MS_NODEV, "size=48m,mode=0700") == 0;
}

/* Writes until there is no room, then gives so many pages back. */
static void fill(int spare_pages)
{
    static const uint8_t block[16 * PAGE];
    int fd =
        open(host_path(host.acquirer, "filler"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct stat about;
    assert_true(fd >= 0);
    for (size_t size = sizeof block; size >= PAGE; size /= 4)
        while (write(fd, block, size) == (ssize_t)size) {
        }
    assert_int_equal(fstat(fd, &about), 0);
    assert_int_equal(ftruncate(fd, about.st_size - (off_t)spare_pages * PAGE), 0);
    close(fd);
}

static void free_space(void)
{
    assert_int_equal(unlink(host_path(host.acquirer, "filler")), 0);
}

/* ---- the acquirer ---- */

static void start_acquirer(void)
{
    host_start_acquirer(&host);
    shared->port = host.port;
}

/* Waits until it has ended by itself; how. */
static int await_end(void)
{
    int status = 0;
    for (int waited = 0; waited < WAIT_MS; waited += PAUSE_MS) {
        if (waitpid(host.process_acquirer->pid, &status, WNOHANG) == host.process_acquirer->pid) {
            host.process_acquirer->pid = 0;
            return status;
        }
        programs_pause();
    }
    fail_msg("the acquirer goes on although nothing can be written");
    return 0;
}

static const char *end_of_log(void)
{
    static char text[TAIL_MAX];
    FILE *file = fopen(host_path(host.children.directory, "tongbao-acquirer.log"), "re");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    assert_int_equal(fseek(file, size > TAIL_MAX - 1 ? size - (TAIL_MAX - 1) : 0, SEEK_SET), 0);
    text[fread(text, 1, TAIL_MAX - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* It has stopped in order, and names cause and remedy. */
static void stops_and_says_why(void)
{
    int status = await_end();
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 1) {
        fail_msg("status %x: %s", (unsigned)status, end_of_log());
    }
    const char *said = end_of_log();
    if (strstr(said, "no room left on the device") == NULL ||
        strstr(said, "free space on the device") == NULL)
        fail_msg("it does not name cause and remedy: %s", said);
}

static void does_not_start(void)
{
    static struct said said;
    programs_run(&host.children, &said, "tongbao-acquirer", "--state", host.acquirer, "--registry",
                 host.registry, "--hsm", host.hsm_socket, "--tls-cert", host.certificate,
                 "--tls-key", host.key, "--tls-ca", host.authority, "--card-network", "127.0.0.1:9",
                 "--wallet", "127.0.0.1:9", NULL);
    if (said.status != 1 || strstr(said.complaint, "free space on the device") == NULL)
        fail_msg("status %d: %s", said.status, said.complaint);
}

/* ---- tills ---- */

static pid_t run_till(struct till *one)
{
    fflush(NULL);
    pid_t parent = getpid(), pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(127);
        _exit(till_run(one));
    }
    return pid;
}

static void start_tills(void)
{
    for (unsigned i = 0; i < TILLS; i++) {
        char tid[9];
        snprintf(tid, sizeof tid, "4%07u", i + 1);
        till[i] = (struct till){.port = &shared->port,
                                .stop = &shared->stop,
                                .report = &shared->till[i],
                                .seed = i + 1};
        pos_make(&till[i].pos, &host, tid, PAYMENT_PROFILE_TONGBAO);
        memcpy(shared->till[i].tid, tid, sizeof tid);
        process[i] = run_till(&till[i]);
    }
}

static int64_t approved(void)
{
    int64_t sum = 0;
    for (size_t i = 0; i < TILLS; i++) {
        sum += atomic_load(&shared->till[i].approved);
        if (atomic_load(&shared->till[i].failed))
            fail_msg("till %s: %s", shared->till[i].tid, shared->till[i].why);
    }
    return sum;
}

static void await_payments(int64_t more)
{
    int64_t wanted = approved() + more;
    for (int waited = 0; waited < WAIT_MS; waited += PAUSE_MS) {
        if (approved() >= wanted) return;
        programs_pause();
    }
    fail_msg("the tills do not get on: %s", end_of_log());
}

static int start(void **state)
{
    (void)state;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    if (!enter_namespace()) {
        skipped = "this system does not let us mount a file system of our own";
        return 0;
    }
    host_prepare(&host);
    if (!mount_small(host.acquirer)) {
        skipped = "this system does not let us mount a small tmpfs";
        return 0;
    }
    start_acquirer();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    for (size_t i = 0; i < TILLS; i++) {
        if (process[i] <= 0) continue;
        kill(process[i], SIGKILL);
        waitpid(process[i], NULL, 0);
    }
    if (host.directory[0] == '\0') return 0;
    pos_free(&pos);
    children_stop(&host.children);
    (void)umount2(host.acquirer, MNT_DETACH);
    host_stop(&host);
    return 0;
}

static void maybe_skip(void)
{
    if (skipped == NULL) return;
    print_message("skipped: %s\n", skipped);
    skip();
}

/* ---- what happens ---- */

static void a_payment_on_a_full_disk_has_no_answer_and_is_reversed(void **state)
{
    (void)state;
    maybe_skip();
    pos_make(&pos, &host, "40000009", PAYMENT_PROFILE_TONGBAO);
    pos_connect(&pos, &host);
    pos_sign_in(&pos);
    pos_pays(&pos, 1000);
    int64_t charged = host_network_minor(&host, "card_network_minor");
    fill(0);
    struct payment p = pos_sale(&pos, 2000);
    assert_false(pos_try_exchange(&pos, pos_request(&pos, &p), CLIENT_WAIT_MS));
    stops_and_says_why();
    assert_int_equal(host_network_minor(&host, "card_network_minor"), charged);
    does_not_start();
    does_not_start();
    free_space();
    start_acquirer();
    pos_connect(&pos, &host);
    pos_sign_in(&pos);
    pos_exchange(&pos, pos_reversal(&pos, &p));
    assert_int_equal(pos.answer.mti, 0x0410);
    assert_string_equal(pos_code(&pos), "25"); /* it was never there */
    assert_true(pos_mac_good(&pos));
    pos_exchange(&pos, pos_request(&pos, &p)); /* a late original finds its key barred */
    assert_string_not_equal(pos_code(&pos), "00");
    pos_pays(&pos, 3000);
    assert_int_equal(host_network_minor(&host, "card_network_minor"), charged + 3000);
    pos_free(&pos);
}

static void an_audit_line_that_finds_no_room_is_the_cause(void **state)
{
    (void)state;
    maybe_skip();
    pos_make(&pos, &host, "40000008", PAYMENT_PROFILE_TONGBAO);
    pos_connect(&pos, &host);
    pos_sign_in(&pos);
    struct payment p = pos_sale(&pos, 2000);
    struct bytes frame = pos_request(&pos, &p);
    pos.frame[frame.len - 1] ^= 1; /* of the MAC: nothing is journaled, but it is audited */
    fill(0);
    assert_false(pos_try_exchange(&pos, frame, CLIENT_WAIT_MS));
    stops_and_says_why();
    assert_non_null(strstr(end_of_log(), "/audit.db: "));
    free_space();
    start_acquirer();
    pos_connect(&pos, &host);
    pos_sign_in(&pos);
    pos_pays(&pos, 3000);
    pos_free(&pos);
}

static void it_fills_again_and_again_under_load(void **state)
{
    (void)state;
    maybe_skip();
    start_tills();
    for (int round = 0; round < ROUNDS; round++) {
        await_payments(TILLS * 4);
        fill(round * 2);
        stops_and_says_why();
        if (round % 4 == 0) {
            fill(0);
            does_not_start();
        }
        free_space();
        start_acquirer();
    }
    await_payments(TILLS * 4);
}

static void every_till_settles(void **state)
{
    (void)state;
    maybe_skip();
    int64_t reversed = 0;
    atomic_store(&shared->stop, true);
    for (size_t i = 0; i < TILLS; i++) {
        int status = -1;
        for (int waited = 0; waited < WAIT_MS; waited += PAUSE_MS) {
            if (waitpid(process[i], &status, WNOHANG) == process[i]) break;
            programs_pause();
        }
        if (status != 0) fail_msg("till %s: %s", shared->till[i].tid, shared->till[i].why);
        process[i] = 0;
        reversed += atomic_load(&shared->till[i].reversed);
    }
    print_message("%lld approved and %lld reversed at the tills\n", (long long)approved(),
                  (long long)reversed);
    assert_true(reversed > 0);
}

static void journal_network_ledger_and_tills_agree(void **state)
{
    (void)state;
    maybe_skip();
    struct journal_totals t = books_journal(host.acquirer, NULL);
    int64_t ledger = -1;
    for (int waited = 0; waited < WAIT_MS && (t.undecided > 0 || ledger < 0); waited += PAUSE_MS) {
        programs_pause();
        t = books_journal(host.acquirer, NULL);
        ledger = books_ledger_minor(host.acquirer);
    }
    print_message("journal: %lld payments, %lld approved, %lld reversed\n", (long long)t.payments,
                  (long long)t.approved, (long long)t.reversed);
    assert_int_equal(t.undecided, 0);
    assert_int_equal(host_network_minor(&host, "card_network_minor"), t.approved_minor);
    assert_int_equal(ledger, t.approved_minor);
    for (size_t i = 0; i < TILLS; i++) {
        struct journal_totals own = books_journal(host.acquirer, shared->till[i].tid);
        assert_int_equal(atomic_load(&shared->till[i].approved), own.approved);
        assert_int_equal(atomic_load(&shared->till[i].approved_minor), own.approved_minor);
    }
}

static void the_books_can_be_rebuilt_and_the_audit_chain_is_whole(void **state)
{
    (void)state;
    maybe_skip();
    static struct said said;
    programs_run(&host.children, &said, "tongbao", "admin", "rebuild", "--check", "--state",
                 host.acquirer, NULL);
    if (said.status != 0) fail_msg("%s%s", said.out, said.complaint);
    programs_run(&host.children, &said, "tongbao", "admin", "audit", "verify",
                 host_path(host.acquirer, "audit.db"), NULL);
    assert_non_null(strstr(said.out, "intact"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_payment_on_a_full_disk_has_no_answer_and_is_reversed),
        cmocka_unit_test(an_audit_line_that_finds_no_room_is_the_cause),
        cmocka_unit_test(it_fills_again_and_again_under_load),
        cmocka_unit_test(every_till_settles),
        cmocka_unit_test(journal_network_ledger_and_tills_agree),
        cmocka_unit_test(the_books_can_be_rebuilt_and_the_audit_chain_is_whole),
    };
    return cmocka_run_group_tests_name("protocol: full disk", tests, start, stop);
}
