/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill -9, more than a hundred times: each of the six programs at least twenty times, at random
 * moments of a stream of payments, and started again. Eight tills and one real terminal go on
 * paying meanwhile. In the end every payment is decided and all sides have the same books. S87 S88
 * S187
 *
 * The order of the kills and the waits between them come from one seed, which is printed; what the
 * programs are doing at that moment is theirs. TONGBAO_SEED repeats an order, TONGBAO_KILLS sets
 * how often each program is killed.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "lib/wire/json.h"
#include "lib/wire/rpc.h"
#include "tests/crash/books.h"
#include "tests/crash/cashier.h"
#include "tests/crash/till.h"

enum {
    TILLS = 8,
    PROGRAMS = 6,
    KILLS = 20,
    KILLS_MAX = 1000,
    WAIT_LEAST_MS = 100,
    WAIT_SPAN_MS = 600,
    SETTLE_MS = 120000,
    PAUSE_MS = 20,
    ANSWER_MAX = 65536,
};

struct shared {
    atomic_bool stop;
    struct till_report till[TILLS];
    struct cashier_report cashier;
};

static struct stage stage;
static struct shared *shared;
static struct till till[TILLS];
static pid_t process[TILLS + 1]; /* the tills, then the cashier */
static uint64_t seed;
static unsigned kills = KILLS;

/* Ten digits that are no run, no repeat and no date. */
static const char own_password[] = "7093185264";

/* ---- starting ---- */

/* pos.c wants to know of a host where it is. */
static struct host host_of_stage(void)
{
    static struct host h;
    h.children = stage.children;
    h.port = stage.acquirer_port;
    const struct {
        char *to;
        const char *from;
    } copies[] = {{h.admin, stage.admin},
                  {h.hsm_socket, stage.hsm_socket},
                  {h.tray, stage.tray},
                  {h.acquirer, stage.acquirer}};
    for (size_t i = 0; i < ARRAY_LEN(copies); i++)
        snprintf(copies[i].to, sizeof h.admin, "%.120s", copies[i].from);
    snprintf(h.directory, sizeof h.directory, "%.60s", stage.directory);
    snprintf(h.authority, sizeof h.authority, "%.110s/ca.pem", stage.admin);
    return h;
}

static pid_t run_child(int (*run)(void *context), void *context)
{
    fflush(NULL);
    pid_t parent = getpid(), pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(127);
        _exit(run(context));
    }
    return pid;
}

static int run_till(void *context)
{
    return till_run(context);
}

static int run_cashier(void *context)
{
    return cashier_run(context);
}

static void start_tills(void)
{
    static struct host h;
    h = host_of_stage();
    for (unsigned i = 0; i < TILLS; i++) {
        char tid[9];
        snprintf(tid, sizeof tid, "3%07u", i % 10 + 1);
        till[i] = (struct till){.tray = stage.tray,
                                .port = &stage.acquirer_port,
                                .stop = &shared->stop,
                                .report = &shared->till[i],
                                .seed = seed + i + 1};
        pos_make(&till[i].pos, &h, tid, PAYMENT_PROFILE_TONGBAO);
        memcpy(shared->till[i].tid, tid, sizeof tid);
        process[i] = run_child(run_till, &till[i]);
    }
}

static const char *initial_password(void)
{
    for (size_t i = 0; i < stage.passwords; i++)
        if (strcmp(stage.password[i].operator_id, "01") == 0) return stage.password[i].password;
    fail_msg("operator 01 has no password");
    return "";
}

static void start_cashier(void)
{
    static struct cashier cashier;
    cashier = (struct cashier){&stage, own_password, "246810", &shared->stop, &shared->cashier};
    assert_ok(cashier_begin(&cashier, initial_password()));
    process[TILLS] = run_child(run_cashier, &cashier);
}

static int start(void **state)
{
    (void)state;
    struct clock clock = clock_system();
    struct process_fault fault = {""};
    const char *wanted = getenv("TONGBAO_SEED"), *count = getenv("TONGBAO_KILLS");
    seed = wanted != NULL ? strtoull(wanted, NULL, 10) : (uint64_t)clock_now_ms(&clock);
    if (count != NULL) kills = (unsigned)strtoul(count, NULL, 10);
    assert_true(kills >= 1 && kills <= KILLS_MAX);
    print_message("seed %llu\n", (unsigned long long)seed);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    if (FAILED(stage_start(&stage, NULL, "/var/tmp", 0, NULL, &fault))) fail_msg("%s", fault.text);
    start_tills();
    start_cashier();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(process); i++) {
        if (process[i] <= 0) continue;
        kill(process[i], SIGKILL);
        waitpid(process[i], NULL, 0);
    }
    stage_stop(&stage, getenv("TONGBAO_KEEP") != NULL);
    return 0;
}

/* ---- killing ---- */

static struct child **victim(size_t which)
{
    struct child **const all[PROGRAMS] = {&stage.process_hsm,      &stage.process_networks,
                                          &stage.process_acquirer, &stage.process_vault,
                                          &stage.process_terminal, &stage.process_wallets};
    return all[which];
}

static void pause_ms(int64_t ms)
{
    const struct timespec pause = {ms / 1000, ms % 1000 * 1000000L};
    (void)nanosleep(&pause, NULL);
}

static int64_t approved_by_tills(void)
{
    int64_t sum = 0;
    for (size_t i = 0; i < TILLS; i++) {
        sum += atomic_load(&shared->till[i].approved);
        if (atomic_load(&shared->till[i].failed))
            fail_msg("till %s: %s", shared->till[i].tid, shared->till[i].why);
    }
    return sum;
}

/* Only we end programs: one that has ended by itself has a fault. */
static void all_are_alive(void)
{
    for (size_t i = 0; i < PROGRAMS; i++) {
        struct child *child = *victim(i);
        int status = 0;
        if (waitpid(child->pid, &status, WNOHANG) == 0) continue;
        child->pid = 0;
        child_print_log(child);
        fail_msg("%s has ended by itself, status %d", child->name, status);
    }
}

static void everything_is_killed_again_and_again(void **state)
{
    (void)state;
    static uint8_t order[PROGRAMS * KILLS_MAX];
    struct random_seeded seeded;
    random_seed(&seeded, seed);
    struct random random = random_from_seed(&seeded);
    unsigned total = PROGRAMS * kills;
    for (unsigned i = 0; i < total; i++) order[i] = (uint8_t)(i % PROGRAMS);
    for (unsigned i = total - 1; i > 0; i--) { /* Fisher and Yates */
        unsigned k = random_below(&random, i + 1);
        uint8_t swapped = order[i];
        order[i] = order[k];
        order[k] = swapped;
    }
    for (unsigned i = 0; i < total; i++) {
        struct process_fault fault = {""};
        pause_ms(WAIT_LEAST_MS + random_below(&random, WAIT_SPAN_MS));
        all_are_alive();
        struct child *child = *victim(order[i]);
        const char *name = child->name;
        err started = stage_restart(&stage, child, &fault);
        if (FAILED(started)) fail_msg("kill %u, %s does not start again: %s", i, name, fault.text);
        (void)approved_by_tills();
    }
    print_message("%u kills, %lld payments approved at the tills meanwhile\n", total,
                  (long long)approved_by_tills());
    assert_true(approved_by_tills() > (int64_t)total); /* it was a stream */
    assert_true(atomic_load(&shared->cashier.sales) > 0);
    int64_t by_code = 0;
    for (size_t i = 0; i < TILLS; i++) by_code += atomic_load(&shared->till[i].by_code);
    print_message("%lld of them by code, over the wallets' own interfaces\n", (long long)by_code);
    assert_true(by_code > 0);
}

/* ---- afterwards ---- */

static void all_come_to_an_end(void **state)
{
    (void)state;
    atomic_store(&shared->stop, true);
    int64_t reversed = 0;
    for (size_t i = 0; i < ARRAY_LEN(process); i++) {
        int status = -1;
        for (int waited = 0; waited < SETTLE_MS; waited += PAUSE_MS) {
            if (waitpid(process[i], &status, WNOHANG) == process[i]) break;
            status = -1;
            programs_pause();
        }
        if (status == -1 && i == TILLS)
            fail_msg("the cashier is stuck at '%s'", shared->cashier.last);
        if (status == -1) fail_msg("till %s does not end", shared->till[i].tid);
        process[i] = 0;
        if (status != 0 && i == TILLS)
            fail_msg("the terminal does not settle: '%s'", shared->cashier.last);
        if (status != 0) fail_msg("till %s: %s", shared->till[i].tid, shared->till[i].why);
        if (i < TILLS) reversed += atomic_load(&shared->till[i].reversed);
    }
    print_message("%lld reversed at the tills, %lld sales begun at the terminal\n",
                  (long long)reversed, (long long)atomic_load(&shared->cashier.sales));
    assert_true(reversed > 0); /* kills did hit payments */
}

static void every_payment_is_decided(void **state)
{
    (void)state;
    struct journal_totals t = books_journal(stage.acquirer, NULL);
    for (int waited = 0; waited < SETTLE_MS && t.undecided > 0; waited += 500) {
        pause_ms(500); /* reversals that the network has not acknowledged yet */
        t = books_journal(stage.acquirer, NULL);
    }
    print_message(
        "journal: %lld rows, %lld payments: %lld approved, %lld declined, %lld reversed\n",
        (long long)t.rows, (long long)t.payments, (long long)t.approved, (long long)t.declined,
        (long long)t.reversed);
    assert_int_equal(t.undecided, 0);
    assert_true(t.reversed > 0);
}

static int64_t charged_by_network(void)
{
    static uint8_t block[ANSWER_MAX];
    CLEANUP(json_free) struct json_document document = {0};
    struct rpc rpc;
    struct bytes answer;
    static const char *const sums[] = {"card_network_minor", "alipay_minor", "wechat_minor",
                                       "wallet_minor"};
    int64_t sum = 0;
    assert_ok(rpc_connect(&rpc, stage.tray, 5000, sizeof block));
    assert_ok(rpc_call(&rpc, BYTES("{\"ask\":\"accounts\"}"), block, sizeof block, &answer));
    assert_ok(json_parse(answer, sizeof block, &document));
    for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
        int64_t minor = 0;
        assert_ok(json_int(document.root, sums[i], 0, MONEY_FIELD_MAX, &minor));
        sum += minor;
    }
    rpc_close(&rpc);
    return sum;
}

static void the_network_has_charged_what_was_approved(void **state)
{
    (void)state;
    assert_int_equal(charged_by_network(), books_journal(stage.acquirer, NULL).approved_minor);
}

static void the_ledger_has_the_same_sum(void **state)
{
    (void)state;
    int64_t ledger = books_ledger_minor(stage.acquirer);
    for (int waited = 0; ledger < 0 && waited < SETTLE_MS; waited += 100) {
        pause_ms(100);
        ledger = books_ledger_minor(stage.acquirer);
    }
    assert_int_equal(ledger, books_journal(stage.acquirer, NULL).approved_minor);
}

static void each_till_knows_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < TILLS; i++) {
        struct till_report *r = &shared->till[i];
        struct journal_totals t = books_journal(stage.acquirer, r->tid);
        assert_int_equal(atomic_load(&r->approved), t.approved);
        assert_int_equal(atomic_load(&r->approved_minor), t.approved_minor);
    }
}

static void the_terminal_knows_the_same(void **state)
{
    (void)state;
    struct terminal_totals t = books_terminal(stage.terminal);
    struct journal_totals j = books_journal(stage.acquirer, stage.tid);
    print_message("terminal: %lld approved, %lld undecided\n", (long long)t.approved,
                  (long long)t.undecided);
    assert_int_equal(t.undecided, 0);
    assert_int_equal(t.approved, j.approved);
    assert_int_equal(t.approved_minor, j.approved_minor);
    assert_true(t.approved > 0);
}

static void run_admin(struct said *said, const char *const words[6])
{
    programs_run(&stage.children, said, "tongbao", "admin", words[0], words[1], words[2], words[3],
                 words[4], words[5], NULL);
    if (said->status != 0) fail_msg("%s%s", said->out, said->complaint);
}

static void the_books_balance_and_can_be_rebuilt(void **state)
{
    (void)state;
    static struct said said;
    run_admin(&said, (const char *const[6]){"trial-balance", "--state", stage.acquirer});
    assert_non_null(strstr(said.out, "in balance"));
    assert_non_null(strstr(said.out, " 0 holds open"));
    run_admin(&said, (const char *const[6]){"rebuild", "--check", "--state", stage.acquirer});
}

static void the_audit_chains_are_whole(void **state)
{
    (void)state;
    static struct said said;
    const char *files[] = {
        host_path(stage.acquirer, "audit.db"), host_path(stage.vault, "vault.db"),
        host_path(stage.terminal, "terminal.db"), host_path(stage.admin, "registry.db")};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        run_admin(&said, (const char *const[6]){"audit", "verify", files[i]});
        assert_non_null(strstr(said.out, "intact"));
    }
}

static void no_program_has_complained(void **state)
{
    (void)state;
    static const char *const words[] = {"ERROR: AddressSanitizer", "runtime error:", "ENSURE("};
    all_are_alive();
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        assert_false(host_stored(stage.children.directory, bytes_text(words[i])));
}

static void no_card_number_is_left_anywhere(void **state)
{
    (void)state;
    char pan[20];
    size_t len = strcspn(till[0].pos.track2, "=");
    assert_ok(bytes_to_text(bytes_of(till[0].pos.track2, len), pan, sizeof pan));
    assert_false(host_stored(stage.directory, bytes_text(pan)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_killed_again_and_again),
        cmocka_unit_test(all_come_to_an_end),
        cmocka_unit_test(every_payment_is_decided),
        cmocka_unit_test(the_network_has_charged_what_was_approved),
        cmocka_unit_test(the_ledger_has_the_same_sum),
        cmocka_unit_test(each_till_knows_the_same),
        cmocka_unit_test(the_terminal_knows_the_same),
        cmocka_unit_test(the_books_balance_and_can_be_rebuilt),
        cmocka_unit_test(the_audit_chains_are_whole),
        cmocka_unit_test(no_program_has_complained),
        cmocka_unit_test(no_card_number_is_left_anywhere),
    };
    return cmocka_run_group_tests_name("crash", tests, start, stop);
}
