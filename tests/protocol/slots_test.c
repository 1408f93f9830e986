/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao-update run` with real programs: it starts what stands in a slot, takes what both the
 * director and the targets say, starts that when the program agrees, keeps it when it was healthy
 * and goes back when it was not; and whenever it is killed, the next start runs something that is
 * signed and not older. S119.
 */
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lib/wire/vault_floor.h"
#include "lib/wire/vault_protocol.h"
#include "tests/protocol/updates_rig.h"
#include "update/slots.h"

enum { IMAGE_MAX = 2 * 1024 * 1024, MARK = 16, LOG_MAX = 64 * 1024, PATIENCE = 2000 };

static char slots_dir[128], log_path[160], assign_path[160], image_public[65];
static const char *floor_option; /* NULL: no vault is asked */
static struct child *runner;
static int64_t assignments;
static bool deltas; /* a delta from what was published before is published, too */

/* The program with its behaviour behind it, signed as an image, published. */
static void publish(uint64_t version, const char *mark, size_t image_signer)
{
    static uint8_t program[IMAGE_MAX];
    char path[FILE_PATH_MAX], in[160], out[160], number[24];
    size_t len = 0;
    const char *programs = getenv("TONGBAO_PROGRAMS");
    if (programs == NULL) programs = "build/bin";
    snprintf(path, sizeof path, "%.200s/tests/protocol/slot_program", programs);
    err read = file_read(path, FILE_PUBLIC, program, sizeof program - MARK, &len);
    if (read.code == ERR_NOT_FOUND) /* the programs alone, without tests */
        read = file_read("build/meson/tests/protocol/slot_program", FILE_PUBLIC, program,
                         sizeof program - MARK, &len);
    assert_ok(read);
    memset(program + len, ' ', MARK);
    memcpy(program + len, mark, strlen(mark));
    below(in, sizeof in, "program");
    below(out, sizeof out, "image");
    snprintf(number, sizeof number, "%llu", (unsigned long long)version);
    assert_ok(file_write(in, FILE_PUBLIC, bytes_of(program, len + MARK)));
    const char *const image[] = {"updates",
                                 "--key",
                                 key_file[image_signer],
                                 "--passphrase-fd",
                                 "@",
                                 "--in",
                                 in,
                                 "--out",
                                 out,
                                 "--version",
                                 number,
                                 "--model",
                                 "T1",
                                 "image",
                                 NULL};
    assert_ok(children_feed(&children, "tongbao", image, bytes_text(passphrases[image_signer])));
    assert_done(UPDATES("--name", "T1.image", "--in", out, "add"));
    if (deltas) assert_done(UPDATES("--name", "T1.image", "delta"));
    signed_by(1);
    assert_done(UPDATES("publish"));
}

/* Signed by the director, and laid where the program finds it. */
static void assign_to(const char *serial)
{
    char out[160], number[24];
    below(out, sizeof out, "assignment");
    snprintf(number, sizeof number, "%lld", (long long)++assignments);
    assert_done(UPDATES("--serial", serial, "--name", "T1.image", "--version", number, "--out", out,
                        "assign"));
    assert_int_equal(rename(out, assign_path), 0);
}

/* `health`: seconds; long enough for a slow machine, but where nothing is ever said. */
static void start_runner(const char *health)
{
    const char *const arguments[] = {"--floor",
                                     floor_option,
                                     "--plain-http-here",
                                     "--metadata-dir",
                                     metadata_dir,
                                     "--metadata-url",
                                     metadata_url,
                                     "--target-base-url",
                                     target_url,
                                     "--target-dir",
                                     target_dir,
                                     "--slots-dir",
                                     slots_dir,
                                     "--image-key",
                                     image_public,
                                     "--model",
                                     "T1",
                                     "--serial",
                                     "S-1",
                                     "--health",
                                     health,
                                     "run",
                                     "--log",
                                     log_path,
                                     "--assign",
                                     assign_path,
                                     NULL};
    assert_ok(children_start(&children, "tongbao-update",
                             floor_option != NULL ? arguments : arguments + 2, false, &runner));
}

static char *read_log(void)
{
    static char text[LOG_MAX];
    size_t len = 0;
    err e = file_read(log_path, FILE_PUBLIC, text, sizeof text - 1, &len);
    if (e.code != ERR_NOT_FOUND) assert_ok(e);
    text[len] = '\0';
    return text;
}

/* What it wrote since `from` has this in it; nothing else ends the wait but patience. */
static void await(size_t from, const char *wanted)
{
    for (int i = 0; i < PATIENCE; i++) {
        const char *text = read_log();
        if (strlen(text) >= from && strstr(text + from, wanted) != NULL) return;
        programs_pause();
    }
    child_print_log(runner);
    fail_msg("never '%s' in: %s", wanted, read_log() + from);
}

static int begin(void **state)
{
    char value[256];
    (void)state;
    rig_begin();
    below(metadata_dir, sizeof metadata_dir, "metadata");
    below(target_dir, sizeof target_dir, "targets");
    below(slots_dir, sizeof slots_dir, "slots");
    below(log_path, sizeof log_path, "life");
    below(assign_path, sizeof assign_path, "to-hand-over");
    assert_int_equal(mkdir(metadata_dir, 0700), 0);
    assert_int_equal(mkdir(target_dir, 0700), 0);
    assert_int_equal(mkdir(slots_dir, 0700), 0);
    for (size_t i = 0; i < 4; i++) make_key(i);
    join(value, 0, 1);
    assert_done(UPDATES("--root-publics", value, "--root-threshold", "1", "--targets-publics",
                        public_key[1], "--targets-threshold", "1", "init"));
    signed_by(0);
    signed_by(1);
    assert_done(UPDATES("publish"));
    memcpy(image_public, public_key[2], sizeof image_public);
    programs_run(&children, &said, "tongbao-update", "--metadata-dir", metadata_dir, "init", root,
                 NULL);
    assert_done(said.status);
    publish(1, "healthy one", 2);
    programs_run(&children, &said, "tongbao-update", "--plain-http-here", "--metadata-dir",
                 metadata_dir, "--metadata-url", metadata_url, "--target-base-url", target_url,
                 "--target-dir", target_dir, "--target-name", "T1.image", "--slots-dir", slots_dir,
                 "--image-key", image_public, "--model", "T1", "install", NULL);
    assert_done(said.status);
    return 0;
}

static void it_starts_and_is_confirmed(void **state)
{
    (void)state;
    start_runner("60");
    await(0, "started healthy one");
    await(0, "facts 1 trying 0 0");
    await(0, "facts 1 healthy 0 0");
}

static void it_updates_itself(void **state)
{
    (void)state;
    size_t from = strlen(read_log());
    publish(2, "healthy two", 2);
    assign_to("S-1");
    await(from, "facts 1 healthy 2 0");
    await(from, "started healthy two");
    await(from, "facts 2 healthy 0 0");
}

static void one_that_crashes_is_rolled_back(void **state)
{
    (void)state;
    size_t from = strlen(read_log());
    publish(3, "crashes", 2);
    assign_to("S-1");
    await(from, "facts 2 healthy 3 0");
    await(from, "facts 2 healthy 0 3");
    const char *at = read_log() + from;
    int tries = 0;
    while ((at = strstr(at, "started crashes")) != NULL) at++, tries++;
    assert_int_equal(tries, SLOTS_TRIES);
    from = strlen(read_log()); /* it is not taken a second time */
    assign_to("S-1");
    await(from, "has failed its health check here");
}

static void one_that_says_nothing_is_rolled_back(void **state)
{
    (void)state;
    size_t from = strlen(read_log());
    child_kill(runner);
    start_runner("1");
    publish(4, "silent", 2);
    assign_to("S-1");
    await(from, "started silent");
    await(from, "facts 2 healthy 0 4");
    child_kill(runner);
    start_runner("60");
}

static void what_only_one_says_is_not_taken(void **state)
{
    (void)state;
    size_t from = strlen(read_log());
    publish(5, "healthy five", 3); /* announced, and the image signed by another */
    assign_to("S-1");
    await(from, "is not signed by the key");
    from = strlen(read_log());
    publish(5, "healthy five", 2);
    assign_to("S-2"); /* another device's */
    await(from, "assignment: is in the list of no role");
    from = strlen(read_log());
    publish(1, "healthy one", 2); /* announced, assigned, and older */
    assign_to("S-1");
    await(from, "not newer");
    assert_null(strstr(read_log() + from, "started"));
}

/* At many moments of an update, by SIGKILL: what runs next is what was healthy, or the newer one.
 */
static void it_is_killed_at_many_moments(void **state)
{
    (void)state;
    uint64_t healthy = 2;
    deltas = true;
    for (unsigned turn = 0; turn < 24; turn++) {
        char mark[MARK + 1];
        uint64_t next = 10 + turn;
        snprintf(mark, sizeof mark, "healthy %u", (unsigned)next);
        size_t from = strlen(read_log());
        publish(next, mark, 2);
        assign_to("S-1");
        for (unsigned i = 0; i < turn; i++) programs_pause();
        child_kill(runner);
        start_runner("60");
        await(from, "facts ");
        const char *text = read_log() + from, *last = NULL;
        for (const char *at = text; (at = strstr(at, "started ")) != NULL; at++) last = at;
        if (last != NULL) {
            unsigned ran = (unsigned)strtoul(last + strlen("started healthy "), NULL, 10);
            if (ran == 0) ran = 2; /* "two" */
            assert_true(ran >= healthy && ran <= next);
        }
        /* Told again, as on a new connection, it ends where it was to end. */
        char end[64];
        snprintf(end, sizeof end, "facts %u healthy 0", (unsigned)next);
        assignments--; /* the same number: it may have been taken */
        assign_to("S-1");
        await(from, end);
        healthy = next;
    }
}

static char *read_runner_log(void)
{
    static char text[LOG_MAX];
    size_t len = 0;
    assert_ok(file_read(runner->log, FILE_PUBLIC, text, sizeof text - 1, &len));
    text[len] = '\0';
    return text;
}

/* How many bytes travelled for the last image, by its log. */
static unsigned long travelled(const char *delta)
{
    const char *last = NULL, *text = read_runner_log();
    char wanted[32];
    for (const char *at = text; (at = strstr(at, "\"downloaded\"")) != NULL; at++) last = at;
    if (last == NULL) fail_msg("nothing was downloaded: %s", text);
    snprintf(wanted, sizeof wanted, "\"delta\":\"%s\"", delta);
    if (strstr(last, wanted) == NULL) fail_msg("no %s in %s", wanted, last);
    return strtoul(strstr(last, "\"bytes\":") + strlen("\"bytes\":"), NULL, 10);
}

/* The last byte of each delta that is served is another; how many there are. */
static unsigned spoil_deltas(const char *folder)
{
    unsigned count = 0;
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        static uint8_t content[FILE_MAX];
        char path[FILE_PATH_MAX];
        size_t len = 0;
        if (strstr(entry->d_name, ".delta") == NULL) continue;
        assert_ok(file_path(folder, entry->d_name, path, sizeof path));
        assert_ok(file_read(path, FILE_PUBLIC, content, sizeof content, &len));
        content[len - 1] ^= 1;
        assert_ok(file_write(path, FILE_PUBLIC, bytes_of(content, len)));
        count++;
    }
    closedir(directory);
    return count;
}

/* A delta travels where the slot has what it leads from; one that was spoilt on the way, or leads
 * from elsewhere, costs its own bytes, and the image comes whole. */
static void deltas_travel(void **state)
{
    (void)state;
    char served[320];
    size_t from = strlen(read_log());
    publish(40, "healthy forty", 2);
    assign_to("S-1");
    await(from, "facts 40 healthy 0");
    assert_true(travelled("ACCEPTED") < 4096);
    from = strlen(read_log());
    publish(41, "healthy 41", 2);
    snprintf(served, sizeof served, "%s/files", repository);
    assert_true(spoil_deltas(served) > 0);
    assign_to("S-1");
    await(from, "facts 41 healthy 0");
    assert_true(travelled("HASH") > 4096);
    from = strlen(read_log());
    publish(42, "healthy 42", 2); /* the device never has it */
    publish(43, "healthy 43", 2); /* so there is no delta for it */
    assign_to("S-1");
    await(from, "facts 43 healthy 0");
    assert_true(travelled("NO_TARGET") > 4096);
    /* What it led to is no more announced: neither is the delta. */
    assert_done(UPDATES("show"));
    assert_null(strstr(strstr(said.out, ".delta") + 1, ".delta"));
    assert_int_equal(UPDATES("--name", "T1.image", "delta"), 1);
    assert_complaint("older image", "旧镜像");
}

/* ---- a vault that comes up late (lib/wire/vault_floor.h) ---- */

static char floor_path[128];
static uint64_t floor_said;

static void *be_vault(void *context)
{
    int listener = *(int *)context, fd;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        uint8_t question[32], answer[15] = {0, 0, 0, 11};
        struct writer w = writer_over(answer + 4, sizeof answer - 4);
        if (read(fd, question, sizeof question) == 14) {
            vault_write_answer(&w, VAULT_FLOOR, VAULT_OK);
            vault_floor_write(&w, floor_said);
            (void)!write(fd, answer, sizeof answer);
        }
        (void)close(fd);
    }
    return NULL;
}

/* It runs what was healthy, and ends that when the vault knows better. */
static void a_vault_that_comes_up_late(void **state)
{
    (void)state;
    pthread_t vault_thread;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t from = strlen(read_log());
    child_kill(runner);
    below(floor_path, sizeof floor_path, "floor");
    floor_option = floor_path;
    start_runner("60");
    await(from, "facts 43 healthy 0");
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(at.sun_path, sizeof at.sun_path, "%.100s", floor_path);
    floor_said = 44;
    assert_int_equal(bind(listener, (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(pthread_create(&vault_thread, NULL, be_vault, &listener), 0);
    assert_int_equal(child_await(runner), 1); /* it has nothing to show a page with */
    from = strlen(read_log());
    floor_said = 43; /* the same version: it may run */
    start_runner("60");
    await(from, "facts 43 healthy 0");
    assert_int_equal(shutdown(listener, SHUT_RDWR), 0);
    assert_int_equal(pthread_join(vault_thread, NULL), 0);
    (void)close(listener);
}

static int end(void **state)
{
    if (runner != NULL) child_kill(runner);
    return rig_end(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_starts_and_is_confirmed),
        cmocka_unit_test(it_updates_itself),
        cmocka_unit_test(one_that_crashes_is_rolled_back),
        cmocka_unit_test(one_that_says_nothing_is_rolled_back),
        cmocka_unit_test(what_only_one_says_is_not_taken),
        cmocka_unit_test(it_is_killed_at_many_moments),
        cmocka_unit_test(deltas_travel),
        cmocka_unit_test(a_vault_that_comes_up_late),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
