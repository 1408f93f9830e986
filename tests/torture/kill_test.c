/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guesser with a hand on the plug (D5, CR-17, S26). He tries passwords in a process of its own,
 * on a vault whose store and counter are files, and that process is killed with SIGKILL at a random
 * moment: while it starts, while a try is being spent, while it compares, before it answers. Then
 * it is started again. Of one device he may see ten answers in all and then none, each must leave
 * fewer tries than the one before, and no death may look like an old copy to the vault.
 *
 *   kill_test KILLS
 *
 * What an answer is: the moment in which vault_execute() has returned one, counted in memory that
 * the guesser's death does not touch. SIGKILL takes nothing from the kernel's page cache, so this
 * is about the order of writing; what a power cut adds is sync, which store and file do, and which
 * vault_crash_test and store_crash_test cut at every call.
 */
#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "tests/unit/vault_people_rig.h"
#include "vault/device_file.h"

enum {
    TRIES = 10,
    KILLS_A_LIFE = 200,
    FILE_MAX = 1 << 20,
    GUESSES = 2, /* within which he dies, as often as not */
    POLL_US = 100,
    WAIT_US = 20000000, /* for a vault to start, on the slowest machine; then he dies starting */
};

/* Seen by both processes. */
struct shared {
    int64_t now_ms;
    unsigned opened;  /* times that the vault was open */
    unsigned answers; /* guesses that were looked at and answered, in this life of the device */
    unsigned least;   /* tries left by the last answer */
    bool locked;      /* it has answered that there are none */
    bool fault;       /* a try has come back */
};

static struct shared *shared;

/* The files of a device as they were when it was new. */
struct pristine {
    char path[2][64];
    uint8_t content[2][FILE_MAX];
    size_t len[2];
};

static struct pristine pristine;
static char directory[] = "/dev/shm/tongbao-torture-XXXXXX";

static void remember(void)
{
    static const char *const names[] = {"vault.db", "device.counter"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(pristine.path[i], sizeof pristine.path[i], "%s/%s", directory, names[i]);
        assert_ok(file_read(pristine.path[i], FILE_PUBLIC, pristine.content[i], FILE_MAX,
                            &pristine.len[i]));
    }
}

static void forget(const char *ending)
{
    char path[80];
    snprintf(path, sizeof path, "%s%s", pristine.path[0], ending);
    (void)unlink(path);
}

/* The device is new again: nobody has guessed yet. */
static void begin_life(void)
{
    forget("-wal");
    forget("-shm");
    for (size_t i = 0; i < ARRAY_LEN(pristine.len); i++)
        assert_ok(file_write(pristine.path[i], FILE_PRIVATE,
                             bytes_of(pristine.content[i], pristine.len[i])));
    shared->answers = 0;
    shared->least = TRIES;
    shared->locked = false;
}

/* One guess, and what came of it. */
static void guess(struct rig *rig)
{
    rig->kept_len = 0;
    rig->now_ms = shared->now_ms += 100000; /* no wait stops him, nor does a death */
    rig_enter_for(rig, VAULT_ENTRY_PASSWORD, 1, "000000");
    struct vault_login_answer said = rig_login_entered(rig, 1);
    if (said.verdict == VAULT_LOGIN_WRONG) {
        if (said.tries_left >= shared->least) shared->fault = true;
        shared->least = said.tries_left;
        shared->answers++;
    }
    if (said.verdict == VAULT_LOGIN_LOCKED) shared->locked = true;
    if (said.verdict != VAULT_LOGIN_WRONG && said.verdict != VAULT_LOGIN_LOCKED)
        shared->fault = true;
}

/* The process that is killed; it ends in no other way. */
static void guesser(struct rig *rig)
{
    rig_open(rig);
    rig_panel(rig);
    shared->opened++;
    for (;;) guess(rig);
}

static void pass(int64_t us)
{
    const struct timespec moment = {us / 1000000, us % 1000000 * 1000};
    (void)nanosleep(&moment, NULL);
}

struct spans {
    int64_t start_us, guess_us;
};

/* One time in four at a random moment of its start, otherwise of its first few guesses. */
static void kill_somewhere(pid_t pid, unsigned before, const struct random *random,
                           const struct spans *spans)
{
    const volatile unsigned *opened = &shared->opened;
    if (random_below(random, 4) == 0) {
        pass(random_below(random, (uint32_t)spans->start_us));
    } else {
        for (int64_t waited = 0; *opened == before && waited < WAIT_US; waited += POLL_US)
            pass(POLL_US);
        pass(random_below(random, (uint32_t)(GUESSES * spans->guess_us)));
    }
    assert_int_equal(kill(pid, SIGKILL), 0);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        fail_msg("the guesser ended by himself: %d", status);
}

static int64_t microseconds(void)
{
    struct clock clock = clock_system();
    return clock_monotonic_us(&clock);
}

/* How long a start and a guess take here. */
static struct spans measure(struct rig *rig)
{
    struct spans spans;
    int64_t began_us = microseconds();
    rig_open(rig);
    rig_panel(rig);
    spans.start_us = microseconds() - began_us;
    began_us = microseconds();
    for (int i = 0; i < GUESSES; i++) guess(rig);
    spans.guess_us = (microseconds() - began_us) / GUESSES + 1;
    vault_close(rig->vault);
    rig->vault = NULL;
    return spans;
}

/* After the last death: the tries are spent, nothing is taken for an old copy, and when there are
 * none the right password opens nothing either. */
static void end_life(struct rig *rig)
{
    int64_t used = 0;
    rig->kept_len = 0; /* of what it has answered: no rig keeps so much */
    rig_open(rig);
    rig_panel(rig);
    assert_false(shared->fault);
    assert_int_equal(rig_status(rig).rollback, 0);
    assert_ok(store_query_int(vault_store(rig->vault),
                              "SELECT tries_used FROM operator WHERE id = 1", &used));
    assert_in_range(used, shared->answers, TRIES);
    rig->now_ms = shared->now_ms += 100000000;
    if (used == TRIES) assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_LOCKED);
    vault_close(rig->vault);
    rig->vault = NULL;
}

static struct rig *make_device(uint64_t seed)
{
    struct rig *rig = rig_new(seed);
    vault_close(rig->vault); /* the memory store of the rig; this one has files */
    snprintf(rig->path, sizeof rig->path, "%s/vault.db", directory);
    assert_ok(device_counter_open(directory, &rig->counter_file, &rig->counter_driver));
    rig_open(rig);
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    rig_own(rig, 1, rig_initial(rig, 1), OWN_CASHIER);
    vault_close(rig->vault);
    rig->vault = NULL;
    return rig;
}

struct totals {
    unsigned kills, lives, locked, most, answers, started;
};

static struct totals totals;

static void one_life(struct rig *rig, const struct random *random, const struct spans *spans,
                     unsigned most)
{
    begin_life();
    unsigned opened = shared->opened;
    for (unsigned i = 0; i < KILLS_A_LIFE && i < most && !shared->locked; i++) {
        unsigned before = shared->opened;
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) guesser(rig);
        kill_somewhere(pid, before, random, spans);
        totals.kills++;
    }
    end_life(rig);
    assert_in_range(shared->answers, 0, TRIES);
    totals.lives++;
    totals.locked += shared->locked;
    totals.answers += shared->answers;
    totals.started += shared->opened - opened;
    if (shared->answers > totals.most) totals.most = shared->answers;
}

static unsigned kills_wanted;

static void test_killed_guessers_get_ten_answers(void **state)
{
    (void)state;
    const char *text = getenv("TONGBAO_SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);
    struct random_seeded source;
    random_seed(&source, seed);
    struct random random = random_from_seed(&source);
    print_message("seed %" PRIu64 "\n", seed);
    assert_non_null(mkdtemp(directory));
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(shared != MAP_FAILED);
    struct rig *rig = make_device(seed);
    remember();
    shared->now_ms = rig->now_ms;
    begin_life();
    const struct spans spans = measure(rig);
    int64_t began_us = microseconds();
    while (totals.kills < kills_wanted) one_life(rig, &random, &spans, kills_wanted - totals.kills);
    print_message("%u kills in %" PRId64 " s: %u devices, %u of them locked; %u vaults had started,"
                  " %u guesses were answered, at most %u of one device\n",
                  totals.kills, (microseconds() - began_us) / 1000000, totals.lives, totals.locked,
                  totals.started, totals.answers, totals.most);
    assert_true(totals.answers > totals.lives); /* he did guess */
    assert_true(totals.started < totals.kills); /* and died while starting, too */
    assert_true(totals.most <= TRIES && totals.most >= TRIES - 4);
    rig_free(rig);
    forget("");
    forget("-wal");
    forget("-shm");
    forget(".lock");
    (void)unlink(pristine.path[1]);
    (void)rmdir(directory);
}

int main(int argc, char **argv)
{
    kills_wanted = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 2000;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_killed_guessers_get_ten_answers)};
    return cmocka_run_group_tests_name("torture_kill", tests, NULL, NULL);
}
