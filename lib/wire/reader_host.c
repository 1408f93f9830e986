/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces, mounts and a process. Not one byte of a card passes here. */
#include "lib/wire/reader_host.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PCSCD  "/usr/sbin/pcscd"
#define DRIVER "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"

static err fail(struct process_fault *fault, err e, const char *what)
{
    snprintf(fault->text, sizeof fault->text, "%s", what);
    return e;
}

static err path_in(const char *directory, const char *name, char *out, size_t size)
{
    int len = snprintf(out, size, "%s/%s", directory, name);
    return len < 0 || (size_t)len >= size ? ERR(LENGTH) : OK;
}

err reader_host_socket(const char *directory, char *out, size_t size)
{
    TRY(path_in(directory, "run/pcscd.comm", out, size));
    return strlen(out) < READER_HOST_PATH_MAX ? OK : ERR(LENGTH);
}

static err make_directory(const char *directory, const char *name)
{
    char path[READER_HOST_PATH_MAX + 16];
    TRY(path_in(directory, name, path, sizeof path));
    return mkdir(path, 0700) == 0 || errno == EEXIST ? OK : ERR(IO);
}

/* Not file_write(): a file of /proc is written where it stands, in one write. */
static err write_once(const char *path, int flags, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0600);
    if (fd < 0) return ERR(IO);
    ssize_t len = write(fd, text, strlen(text));
    close(fd);
    return len == (ssize_t)strlen(text) ? OK : ERR(IO);
}

/* One entry: a second would load the same driver, whose slots are its own globals. */
static err write_configuration(const char *directory)
{
    char path[READER_HOST_PATH_MAX + 16], text[256];
    TRY(make_directory(directory, "run"));
    TRY(make_directory(directory, "conf"));
    TRY(make_directory(directory, "drivers")); /* empty: no reader of the machine is taken */
    TRY(path_in(directory, "conf/tongbao", path, sizeof path));
    snprintf(text, sizeof text,
             "FRIENDLYNAME \"" READER_HOST_NAME "\"\nDEVICENAME /dev/null:0x%04X\n"
             "LIBPATH " DRIVER "\nCHANNELID 0x%04X\n",
             READER_HOST_PORT, READER_HOST_PORT);
    return write_once(path, O_CREAT | O_TRUNC, text);
}

/* In the new user namespace we are its root, and the files that we make stay our own outside. */
static err map_user(uid_t uid, gid_t gid)
{
    char map[48];
    snprintf(map, sizeof map, "0 %u 1\n", (unsigned)uid);
    TRY(write_once("/proc/self/uid_map", 0, map));
    TRY(write_once("/proc/self/setgroups", 0, "deny"));
    snprintf(map, sizeof map, "0 %u 1\n", (unsigned)gid);
    return write_once("/proc/self/gid_map", 0, map);
}

static err leave_namespaces(void)
{
    uid_t uid = geteuid();
    gid_t gid = getegid();
    if (uid == 0 && unshare(CLONE_NEWNS | CLONE_NEWNET) == 0) return OK;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) != 0) return ERR(DENIED);
    return FAILED(map_user(uid, gid)) ? ERR(DENIED) : OK;
}

/* A new network namespace has a loopback that is down. */
static err loopback_up(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return ERR(DENIED);
    int done = ioctl(fd, SIOCGIFFLAGS, &request);
    request.ifr_flags = (short)(request.ifr_flags | IFF_UP | IFF_RUNNING);
    if (done == 0) done = ioctl(fd, SIOCSIFFLAGS, &request);
    close(fd);
    return done == 0 ? OK : ERR(DENIED);
}

/* `run` is the directory as it was before /run was covered: it may be in /run itself. */
static err cover_run(int run)
{
    char from[40];
    snprintf(from, sizeof from, "/proc/self/fd/%d", run);
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return ERR(DENIED);
    if (mount("none", "/run", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=64k,mode=0755") != 0)
        return ERR(DENIED);
    if (mkdir("/run/pcscd", 0755) != 0) return ERR(IO);
    return mount(from, "/run/pcscd", NULL, MS_BIND, NULL) == 0 ? OK : ERR(DENIED);
}

/* The directory is opened inside: a mount cannot be taken from another namespace. */
static err enter(const char *path)
{
    TRY(leave_namespaces());
    TRY(loopback_up());
    int run = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (run < 0) return ERR(IO);
    err covered = cover_run(run);
    close(run);
    return covered;
}

err reader_host_enter(const char *directory, struct process_fault *fault)
{
    ENSURE(directory != NULL && fault != NULL);
    char path[READER_HOST_PATH_MAX + 16];
    if (directory[0] != '/' || FAILED(reader_host_socket(directory, path, sizeof path)))
        return fail(fault, ERR(LENGTH), "the reader's directory must be an absolute, short path");
    if (access(PCSCD, X_OK) != 0)
        return fail(fault, ERR(UNSUPPORTED), "pcscd is not installed (Debian: pcscd)");
    if (access(DRIVER, R_OK) != 0)
        return fail(fault, ERR(UNSUPPORTED), "vpcd is not installed (Debian: vsmartcard-vpcd)");
    if (FAILED(write_configuration(directory)) ||
        FAILED(path_in(directory, "run", path, sizeof path)))
        return fail(fault, ERR(IO), "the reader's directory cannot be written");
    err entered = enter(path);
    if (FAILED(entered))
        return fail(fault, entered,
                    "this machine permits no namespaces of our own (mount, network)");
    return OK;
}

/* In the child: nothing here may allocate. */
static _Noreturn void become(char *const *argv, char *const *environment, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127); /* the parent died before that took effect */
    (void)close_range(STDERR_FILENO + 1, ~0U, 0);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    execve(argv[0], argv, environment);
    _exit(127);
}

err reader_host_start(const char *directory, pid_t *ret_pid)
{
    char configuration[READER_HOST_PATH_MAX + 16], left[READER_HOST_PATH_MAX + 16];
    char drivers[READER_HOST_PATH_MAX + 40];
    static const char *const leftovers[] = {"run/pcscd.pid", "run/pcscd.comm"};
    for (size_t i = 0; i < ARRAY_LEN(leftovers); i++) { /* of one that was killed */
        TRY(path_in(directory, leftovers[i], left, sizeof left));
        if (unlink(left) != 0 && errno != ENOENT) return ERR(IO);
    }
    TRY(path_in(directory, "conf", configuration, sizeof configuration));
    snprintf(drivers, sizeof drivers, "PCSCLITE_HP_DROPDIR=%s/drivers", directory);
    char path[] = PCSCD, foreground[] = "--foreground", config[] = "--config";
    char *const argv[] = {path, foreground, config, configuration, NULL};
    char *const environment[] = {drivers, NULL};
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) become(argv, environment, parent);
    if (pid < 0) return ERR(IO);
    *ret_pid = pid;
    return OK;
}

void reader_host_stop(pid_t pid)
{
    ENSURE(pid > 0);
    (void)kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}
