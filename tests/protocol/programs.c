/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the programs, running one to its end, and the directories of a run. */
#include "tests/protocol/programs.h"

#include <fcntl.h>
#include <ftw.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static const struct {
    const char *name, *folder;
    bool looks; /* for others, beside itself */
} programs[] = {
    {"tongbao", "cli", true},
    {"tongbao-hsm", "hsm"},
    {"tongbao-backoffice", "backoffice"},
    {"tongbao-egress", "backoffice"},
    {"tongbao-paper", "paper"},
    {"tongbao-simulators", "simulators"},
    {"tongbao-cards", "simulators"},
    {"tongbao-wallets", "wallets"},
    {"tongbao-acquirer", "acquirer"},
    {"tongbao-vault", "vault"},
    {"tongbao-terminal", "terminal", true},
    {"tongbao-terminal-next", "terminal"},
    {"tongbao-pictures", "terminal"},
    {"tongbao-update", "update"},
};

/* Who looks for others beside himself must be there himself. */
static void copy_program(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    struct stat about;
    assert_true(in >= 0 && out >= 0 && fstat(in, &about) == 0);
    for (off_t left = about.st_size; left > 0;) {
        ssize_t sent = sendfile(out, in, NULL, (size_t)left);
        assert_true(sent > 0);
        left -= sent;
    }
    close(in);
    close(out);
}

static void find_one(const char *from, size_t which, const char *link)
{
    char flat[512], nested[512], absolute[4096];
    snprintf(flat, sizeof flat, "%s/%s", from, programs[which].name);
    snprintf(nested, sizeof nested, "%s/%s/%s", from, programs[which].folder, programs[which].name);
    struct stat about;
    bool is_flat = stat(flat, &about) == 0 && S_ISREG(about.st_mode);
    if (realpath(is_flat ? flat : nested, absolute) == NULL)
        fail_msg("there is no %s in %s: build it, or set TONGBAO_PROGRAMS", programs[which].name,
                 from);
    if (programs[which].looks) copy_program(absolute, link);
    else if (symlink(absolute, link) != 0) fail_msg("cannot make %s", link);
}

void programs_gather(struct children *children, const char *directory)
{
    const char *from = getenv("TONGBAO_PROGRAMS");
    if (from == NULL) from = "build/bin";
    snprintf(children->programs, sizeof children->programs, "%.200s/programs", directory);
    snprintf(children->directory, sizeof children->directory, "%.200s/log", directory);
    if (mkdir(children->programs, 0700) != 0 || mkdir(children->directory, 0700) != 0)
        fail_msg("cannot make directories in %s", directory);
    for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
        char link[512];
        snprintf(link, sizeof link, "%s/%s", children->programs, programs[i].name);
        find_one(from, i, link);
    }
}

/* Lays what comes into `text`, and drops what has no room. False at the end. */
static bool take(int fd, char *text, size_t *len)
{
    char scrap[512];
    bool room = *len + 1 < PROGRAMS_TEXT_MAX;
    ssize_t got =
        read(fd, room ? text + *len : scrap, room ? PROGRAMS_TEXT_MAX - 1 - *len : sizeof scrap);
    if (got <= 0) return false;
    if (room) *len += (size_t)got;
    text[*len] = '\0';
    return true;
}

static int collect(pid_t pid, int out_fd, int complaint_fd, struct said *said)
{
    struct pollfd p[2] = {{.fd = out_fd, .events = POLLIN}, {.fd = complaint_fd, .events = POLLIN}};
    char *const text[2] = {said->out, said->complaint};
    size_t len[2] = {0};
    bool killed = false;
    while (p[0].fd >= 0 || p[1].fd >= 0) {
        if (poll(p, 2, PROGRAMS_WAIT_MS) <= 0) {
            killed = true;
            kill(pid, SIGKILL);
            break;
        }
        for (size_t i = 0; i < 2; i++)
            if (p[i].revents != 0 && !take(p[i].fd, text[i], &len[i])) p[i].fd = -1;
    }
    close(out_fd);
    close(complaint_fd);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
    }
    if (killed) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void run(const struct children *children, struct said *said, const char *program, bool bound,
                va_list more)
{
    char path[512], *argv[CHILD_ARGUMENTS_MAX] = {path};
    size_t count = 1;
    int out[2], complaint[2];
    snprintf(path, sizeof path, "%s/%s", children->programs, program);
    for (const char *a; (a = va_arg(more, const char *)) != NULL;) {
        assert_true(count + 1 < ARRAY_LEN(argv));
        argv[count++] = (char *)(uintptr_t)a;
    }
    *said = (struct said){.status = -1};
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(complaint, O_CLOEXEC), 0);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (bound) (void)prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE);
        (void)dup2(out[1], 1);
        (void)dup2(complaint[1], 2);
        execv(path, argv);
        _exit(127);
    }
    close(out[1]);
    close(complaint[1]);
    said->status = collect(pid, out[0], complaint[0], said);
}

void programs_run(const struct children *children, struct said *said, const char *program, ...)
{
    va_list more;
    va_start(more, program);
    run(children, said, program, false, more);
    va_end(more);
}

void programs_run_bound(const struct children *children, struct said *said, const char *program,
                        ...)
{
    va_list more;
    va_start(more, program);
    run(children, said, program, true, more);
    va_end(more);
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

void programs_remove(const char *directory)
{
    (void)nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void programs_pause(void)
{
    const struct timespec pause = {0, 20 * 1000000L};
    (void)nanosleep(&pause, NULL);
}
