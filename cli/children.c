/* SPDX-License-Identifier: Apache-2.0 */
/* Programs started without a shell, watched, and stopped in the reverse order. */
#include "cli/children.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* To be ready takes a moment; keys of wallets (RSA) on a machine that has other things to do took
 * more than ten seconds. */
enum { READY_WAIT_MS = 60000, STOP_WAIT_MS = 3000, POLL_MS = 20 };

err children_find_programs(struct children *children)
{
    ENSURE(children != NULL);
    ssize_t len = readlink("/proc/self/exe", children->programs, sizeof children->programs - 1);
    if (len <= 0) return ERR(IO);
    children->programs[len] = '\0';
    char *slash = strrchr(children->programs, '/');
    if (slash == NULL) return ERR(IO);
    *slash = '\0';
    return OK;
}

/* In the child: nothing here may allocate. */
static _Noreturn void become(const char *path, char *const *argv, const char *log, pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127); /* the parent died before that took effect */
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0) {
        (void)dup2(fd, 1);
        (void)dup2(fd, 2);
    }
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setpgid(0, 0); /* Ctrl-C reaches us, and we stop the children in order */
    execv(path, argv);
    _exit(127);
}

struct launch {
    char path[512];
    char *argv[CHILD_ARGUMENTS_MAX];
    char descriptor[16];
    char option[24];
};

static err add_arguments(struct launch *l, const char *const *arguments, size_t *n)
{
    for (size_t i = 0; arguments[i] != NULL; i++) {
        if (*n >= CHILD_ARGUMENTS_MAX - 2) return ERR(FULL);
        bool at = strcmp(arguments[i], "@") == 0;
        l->argv[(*n)++] = at ? l->descriptor : (char *)(uintptr_t)arguments[i];
    }
    return OK;
}

/* "@" becomes the descriptor's number; `--ready-fd` is added when asked for. */
static err build_arguments(struct launch *l, const struct children *children, const char *program,
                           const char *const *arguments, int descriptor, bool ready)
{
    int len = snprintf(l->path, sizeof l->path, "%s/%s", children->programs, program);
    if (len < 0 || (size_t)len >= sizeof l->path) return ERR(LENGTH);
    if (access(l->path, X_OK) != 0) return ERR(NOT_FOUND);
    snprintf(l->descriptor, sizeof l->descriptor, "%d", descriptor);
    snprintf(l->option, sizeof l->option, "--ready-fd=%d", descriptor);
    size_t n = 0;
    l->argv[n++] = l->path;
    if (ready) l->argv[n++] = l->option; /* before a command, whose arguments are its own */
    /* `tongbao` has options behind the words of its command alone. */
    if (strcmp(program, "tongbao") == 0)
        for (; *arguments != NULL && (*arguments)[0] != '-' && n < 4; arguments++)
            l->argv[n++] = (char *)(uintptr_t)*arguments;
    if (children->turned[0] != '\0') l->argv[n++] = (char *)(uintptr_t)children->turned;
    TRY(add_arguments(l, arguments, &n));
    l->argv[n] = NULL;
    return OK;
}

/* One read, retried when a signal comes between; 0 is the end. TIMEOUT when nothing comes. */
static err read_some(int fd, void *to, size_t size, int wait_ms, size_t *ret_len)
{
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int ready = poll(&p, 1, wait_ms);
        if (ready == 0) return ERR(TIMEOUT);
        ssize_t got = ready < 0 ? -1 : read(fd, to, size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return ERR(IO);
        *ret_len = (size_t)got;
        return OK;
    }
}

/* Reads what the child writes until it closes the descriptor; what does not fit is dropped. */
static err read_until_closed(int fd, char *out, size_t size, int wait_ms)
{
    char part[256];
    size_t len = 0, got;
    for (;;) {
        TRY(read_some(fd, part, sizeof part, wait_ms, &got));
        if (got == 0) break;
        size_t room = size > len + 1 ? size - 1 - len : 0;
        size_t taken = got < room ? got : room;
        if (taken > 0) memcpy(out + len, part, taken);
        len += taken;
    }
    if (size > 0) out[len] = '\0';
    explicit_bzero(part, sizeof part); /* passwords come this way */
    return OK;
}

/* The child gets `theirs`, whose end that is to be. */
static err launch_with(struct children *children, const char *program, const char *const *arguments,
                       bool ready, int theirs, struct child *out)
{
    struct launch l;
    TRY(build_arguments(&l, children, program, arguments, theirs, ready));
    *out = (struct child){.name = program};
    snprintf(out->log, sizeof out->log, "%.200s/%s.log", children->directory, program);
    pid_t parent = getpid();
    out->pid = fork();
    if (out->pid == 0) {
        (void)fcntl(theirs, F_SETFD, 0);
        become(l.path, l.argv, out->log, parent);
    }
    return out->pid > 0 ? OK : ERR(IO);
}

/* *ret_fd reads what the child writes to its end. */
static err launch(struct children *children, const char *program, const char *const *arguments,
                  bool ready, int *ret_fd, struct child *out)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return ERR(IO);
    err done = launch_with(children, program, arguments, ready, ends[1], out);
    close(ends[1]);
    if (FAILED(done)) close(ends[0]);
    else *ret_fd = ends[0];
    return done;
}

/* That of a child that has ended, or the next. */
static size_t free_place(const struct children *children)
{
    for (size_t i = 0; i < children->count; i++)
        if (children->child[i].pid == 0) return i;
    return children->count;
}

err children_start(struct children *children, const char *program, const char *const *arguments,
                   bool wait_ready, struct child **ret)
{
    size_t place = free_place(children);
    if (place == CHILDREN_MAX) return ERR(FULL);
    struct child *child = &children->child[place];
    int fd;
    TRY(launch(children, program, arguments, wait_ready, &fd, child));
    if (place == children->count) children->count++;
    err said = OK;
    if (wait_ready) {
        said = read_until_closed(fd, child->ready, sizeof child->ready, READY_WAIT_MS);
        if (!FAILED(said) && strncmp(child->ready, "ready", 5) != 0) said = ERR(CLOSED);
    }
    close(fd);
    if (ret != NULL) *ret = child;
    if (FAILED(said)) child_print_log(child);
    return said;
}

/* FORMAT when it failed; its log is shown. */
static err await_end(const struct child *child)
{
    int status;
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return OK;
    child_print_log(child);
    return ERR(FORMAT);
}

err children_run(struct children *children, const char *program, const char *const *arguments,
                 char *out, size_t size)
{
    struct child child;
    int fd;
    TRY(launch(children, program, arguments, false, &fd, &child));
    err read = read_until_closed(fd, out, out == NULL ? 0 : size, READY_WAIT_MS);
    close(fd);
    err ended = await_end(&child);
    return FAILED(read) ? read : ended;
}

/* A pipe holds the whole input, so that it can be written before there is a reader. */
err children_feed(struct children *children, const char *program, const char *const *arguments,
                  struct bytes input)
{
    struct child child;
    int ends[2];
    if (input.len > CHILD_INPUT_MAX) return ERR(LENGTH);
    if (pipe2(ends, O_CLOEXEC) != 0) return ERR(IO);
    bool written = write(ends[1], input.at, input.len) == (ssize_t)input.len;
    close(ends[1]);
    err done =
        written ? launch_with(children, program, arguments, false, ends[0], &child) : ERR(IO);
    close(ends[0]);
    return FAILED(done) ? done : await_end(&child);
}

long child_ready_number(const struct child *child, const char *key)
{
    size_t len = strlen(key);
    for (const char *at = child->ready; (at = strstr(at, key)) != NULL; at += len)
        if (at > child->ready && at[-1] == ' ' && at[len] == '=')
            return strtol(at + len + 1, NULL, 10);
    return 0;
}

static struct child *ended(struct children *children)
{
    for (size_t i = 0; i < children->count; i++) {
        struct child *c = &children->child[i];
        if (c->pid > 0 && waitpid(c->pid, NULL, WNOHANG) == c->pid) {
            c->pid = 0;
            return c;
        }
    }
    return NULL;
}

static sigset_t awaited_signals(void)
{
    sigset_t set;
    struct sigaction hangup;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGCHLD);
    /* A closed window stops us as Ctrl-C does; under nohup(1) it is to be ignored. */
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaddset(&set, SIGHUP);
    return set;
}

void children_hold_signals(void)
{
    const sigset_t set = awaited_signals();
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
}

struct child *children_watch(struct children *children)
{
    const sigset_t set = awaited_signals();
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    for (;;) {
        struct child *gone = ended(children);
        if (gone != NULL) return gone;
        int signal;
        if (sigwait(&set, &signal) == 0 && signal != SIGCHLD) return NULL;
    }
}

void child_kill(struct child *child)
{
    if (child->pid <= 0) return;
    (void)kill(child->pid, SIGKILL);
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    child->pid = 0;
}

int child_await(struct child *child)
{
    int status = 0;
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
    }
    child->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool reap_within(struct child *child, int wait_ms)
{
    const struct timespec pause = {0, POLL_MS * 1000000L};
    for (int waited = 0; waited <= wait_ms; waited += POLL_MS) {
        if (waitpid(child->pid, NULL, WNOHANG) == child->pid) return true;
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

void child_end(struct child *child)
{
    if (child->pid <= 0) return;
    (void)kill(child->pid, SIGTERM);
    if (reap_within(child, STOP_WAIT_MS)) child->pid = 0;
    else child_kill(child);
}

void children_stop(struct children *children)
{
    for (size_t i = children->count; i-- > 0;) child_end(&children->child[i]);
    children->count = 0;
}

void child_print_log(const struct child *child)
{
    static const size_t shown = 4096;
    FILE *file = fopen(child->log, "re");
    if (file == NULL) return;
    fprintf(stderr, "%s says:\n", child->name);
    if (fseek(file, 0, SEEK_END) == 0) {
        long size = ftell(file);
        (void)fseek(file, size > (long)shown ? size - (long)shown : 0, SEEK_SET);
    }
    char line[512];
    while (fgets(line, sizeof line, file) != NULL) fprintf(stderr, "  %s", line);
    fclose(file);
}

err child_usage(const struct child *child, int64_t *ret_cpu_us, int64_t *ret_resident_bytes)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)child->pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) return ERR(NOT_FOUND);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    /* proc(5): after the name in parentheses come fields 3.., utime is 14, stime 15, rss 24. */
    const char *at = strrchr(text, ')');
    if (at == NULL) return ERR(FORMAT);
    long long value[25] = {0};
    int field = 3;
    for (at += 2; field < 25 && *at != '\0'; field++) {
        value[field] = strtoll(at, NULL, 10);
        at = strchr(at, ' ');
        if (at == NULL) break;
        at++;
    }
    int64_t tick_us = 1000000 / sysconf(_SC_CLK_TCK);
    *ret_cpu_us = (value[14] + value[15]) * tick_us;
    *ret_resident_bytes = value[24] * sysconf(_SC_PAGESIZE);
    return OK;
}

err child_cpu_us(const struct child *child, int64_t *ret_cpu_us)
{
    char path[64];
    long long sum_ns = 0;
    bool any = false;
    snprintf(path, sizeof path, "/proc/%d/task", (int)child->pid);
    DIR *tasks = opendir(path);
    if (tasks == NULL) return ERR(NOT_FOUND);
    for (const struct dirent *task = readdir(tasks); task != NULL; task = readdir(tasks)) {
        char text[64] = "";
        snprintf(path, sizeof path, "/proc/%d/task/%.16s/schedstat", (int)child->pid, task->d_name);
        FILE *file = task->d_name[0] == '.' ? NULL : fopen(path, "re");
        if (file == NULL) continue; /* a thread that has ended meanwhile */
        if (fgets(text, sizeof text, file) != NULL) {
            sum_ns += strtoll(text, NULL, 10);
            any = true;
        }
        fclose(file);
    }
    closedir(tasks);
    if (!any) return ERR(NOT_FOUND);
    *ret_cpu_us = sum_ns / 1000;
    return OK;
}
