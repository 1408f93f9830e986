/* SPDX-License-Identifier: Apache-2.0 */
/* Two pipes and a child; its end is awaited as a descriptor, so that one limit covers everything.
 */
#include "lib/wire/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/clock_turned.h"

/* Of the caller: the ends of the pipes and the process. -1 is closed. */
struct helper {
    pid_t pid;
    int in, out, end;
    int64_t until_ms;
};

static int64_t now_ms(void)
{
    struct clock clock = clock_machine();
    return clock_monotonic_us(&clock) / 1000;
}

err helper_find(const char *name, char *out, size_t size)
{
    ENSURE(name != NULL && out != NULL && size > 0);
    ssize_t len = readlink("/proc/self/exe", out, size);
    if (len <= 0) return ERR(IO);
    while (len > 0 && out[len - 1] != '/') len--;
    if ((size_t)len + strlen(name) >= size) return ERR(CONFIG);
    memcpy(out + len, name, strlen(name) + 1);
    return OK;
}

static void close_one(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

/* In the child: nothing here may allocate, another thread may have held the lock of malloc. */
static _Noreturn void become(const char *path, const char *option, int in, int out, pid_t parent)
{
    const char *turned = clock_turned_file();
    char *const argv[] = {(char *)(uintptr_t)path, (char *)(uintptr_t)option,
                          turned != NULL ? (char[]){"--turned-clock"} : NULL,
                          (char *)(uintptr_t)turned, NULL};
    sigset_t none;
    sigemptyset(&none);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127); /* the parent died before that took effect */
    if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0) _exit(127);
    (void)close_range(STDERR_FILENO + 1, ~0U, 0);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    execv(path, argv);
    _exit(127);
}

static err start(struct helper *h, const char *path, const char *option)
{
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0) return ERR(IO);
    if (pipe2(out, O_CLOEXEC) != 0) {
        close(in[0]);
        close(in[1]);
        return ERR(IO);
    }
    pid_t parent = getpid();
    h->pid = fork();
    if (h->pid == 0) become(path, option, in[0], out[1], parent);
    close(in[0]);
    close(out[1]);
    h->in = in[1];
    h->out = out[0];
    h->end = h->pid > 0 ? pidfd_open(h->pid, 0) : -1;
    if (h->end < 0 || fcntl(h->in, F_SETFL, O_NONBLOCK) != 0) return ERR(IO);
    return OK;
}

static void finish(struct helper *h)
{
    close_one(&h->in);
    close_one(&h->out);
    close_one(&h->end);
    if (h->pid <= 0) return;
    (void)kill(h->pid, SIGKILL);
    while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

static err wait_for(const struct helper *h, struct pollfd *p, nfds_t count)
{
    for (;;) {
        int64_t left = h->until_ms - now_ms();
        if (left <= 0) return ERR(TIMEOUT);
        int ready = poll(p, count, (int)left);
        if (ready > 0) return OK;
        if (ready < 0 && errno != EINTR) return ERR(IO);
    }
}

/* As much as goes. One that does not want it all may say so in its answer, or in its status. */
static void give(struct helper *h, struct bytes *input)
{
    ssize_t len = input->len > 0 ? write(h->in, input->at, input->len) : 0;
    if (len < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (len > 0) *input = bytes_of(input->at + len, input->len - (size_t)len);
    if (len < 0 || input->len == 0) close_one(&h->in);
}

/* What has come; the end closes the pipe. Errors: FULL, IO. */
static err take(struct helper *h, struct writer *answer)
{
    uint8_t part[4096];
    ssize_t len = read(h->out, part, sizeof part);
    if (len < 0) return errno == EINTR ? OK : ERR(IO);
    if (len == 0) close_one(&h->out);
    write_bytes(answer, bytes_of(part, (size_t)len));
    explicit_bzero(part,
                   sizeof part); /* what a helper reads from a picture may be a payment code */
    return answer->fault == ERR_OK ? OK : (err){answer->fault};
}

static err exchange(struct helper *h, struct bytes input, struct writer *answer)
{
    while (h->out >= 0) {
        /* poll() leaves out what is -1. */
        struct pollfd p[] = {{.fd = h->in, .events = POLLOUT}, {.fd = h->out, .events = POLLIN}};
        TRY(wait_for(h, p, ARRAY_LEN(p)));
        if (p[0].revents != 0) give(h, &input);
        if (p[1].revents != 0) TRY(take(h, answer));
    }
    return OK;
}

/* It has said everything; how it ended says whether that counts. */
static err await_end(struct helper *h)
{
    int status = 0;
    struct pollfd p = {.fd = h->end, .events = POLLIN};
    TRY(wait_for(h, &p, 1));
    if (waitpid(h->pid, &status, WNOHANG) != h->pid) return ERR(IO);
    h->pid = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? OK : ERR(CLOSED);
}

err helper_run(const char *path, const char *option, struct bytes input, int timeout_ms,
               struct writer *answer)
{
    ENSURE(path != NULL && option != NULL && timeout_ms > 0 && answer->fault == ERR_OK);
    if (access(path, X_OK) != 0) return ERR(REFUSED);
    const struct writer before = *answer;
    struct helper h = {
        .pid = -1, .in = -1, .out = -1, .end = -1, .until_ms = now_ms() + timeout_ms};
    err e = start(&h, path, option);
    if (!FAILED(e)) e = exchange(&h, input, answer);
    if (!FAILED(e)) e = await_end(&h);
    finish(&h);
    if (FAILED(e)) *answer = before;
    return e;
}
