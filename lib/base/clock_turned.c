/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page that the processes of a demo share. Its fields are written by one side each and read with
 * acquire and release; nothing in it is trusted further than that the clock goes forward.
 */
#include "lib/base/clock_turned.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAGIC = 0x54425443, PAGE = 4096 }; /* "TBTC" */

struct clock_seat {
    _Atomic int32_t pid; /* 0: free */
    _Atomic uint64_t worked, waited;
};

struct turned {
    _Atomic uint32_t magic;
    _Atomic int64_t by_us;
    struct clock_seat seat[CLOCK_SEATS];
};

static_assert(sizeof(struct turned) <= PAGE, "the clock fits a page");

/* A process has one clock, and clock_system() is asked for in places that have no context: this is
 * the one thing that is the process's own and not in a main.c. Set once, before threads. */
static struct turned *mapped;
static char mapped_path[CLOCK_PATH_MAX];

static err map(int fd, const char *path)
{
    if (strlen(path) >= sizeof mapped_path) return ERR(CONFIG);
    void *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) return ERR(IO);
    mapped = at;
    (void)snprintf(mapped_path, sizeof mapped_path, "%s", path);
    return OK;
}

err clock_turned_make(const char *path)
{
    ENSURE(mapped == NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return errno == EEXIST ? ERR(EXISTS) : ERR(IO);
    err done = ftruncate(fd, PAGE) == 0 ? map(fd, path) : ERR(IO);
    (void)close(fd);
    if (!FAILED(done)) atomic_store(&mapped->magic, MAGIC);
    return done;
}

static err check(int fd)
{
    struct stat about;
    if (fstat(fd, &about) != 0) return ERR(IO);
    if (!S_ISREG(about.st_mode) || about.st_size != PAGE) return ERR(CONFIG);
    return about.st_uid == geteuid() && (about.st_mode & 077) == 0 ? OK : ERR(DENIED);
}

err clock_turned_take(const char *path)
{
    ENSURE(mapped == NULL);
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? ERR(NOT_FOUND) : errno == EACCES ? ERR(DENIED) : ERR(CONFIG);
    err done = check(fd);
    if (!FAILED(done)) done = map(fd, path);
    (void)close(fd);
    if (FAILED(done) || atomic_load(&mapped->magic) == MAGIC) return done;
    (void)munmap(mapped, PAGE);
    mapped = NULL;
    return ERR(CONFIG);
}

const char *clock_turned_file(void)
{
    return mapped == NULL ? NULL : mapped_path;
}

int64_t clock_turned_by_us(void)
{
    return mapped == NULL ? 0 : atomic_load_explicit(&mapped->by_us, memory_order_acquire);
}

void clock_turned_on(int64_t by_ms)
{
    ENSURE(mapped != NULL && by_ms >= 0 && by_ms <= CLOCK_TURN_MAX_MS);
    atomic_fetch_add(&mapped->by_us, by_ms * 1000);
}

static bool is_gone(int32_t pid)
{
    return kill(pid, 0) != 0 && errno == ESRCH;
}

/* Whoever was killed has not given his seat back. */
static bool sit(struct clock_seat *seat)
{
    int32_t pid = atomic_load(&seat->pid);
    if (pid != 0 && !is_gone(pid)) return false;
    return atomic_compare_exchange_strong(&seat->pid, &pid, getpid());
}

struct clock_seat *clock_seat_take(void)
{
    if (mapped == NULL) return NULL;
    for (size_t i = 0; i < CLOCK_SEATS; i++)
        if (sit(&mapped->seat[i])) return &mapped->seat[i];
    ENSURE(!"a seat at the turned clock");
    return NULL;
}

void clock_seat_give(struct clock_seat *seat)
{
    if (seat != NULL) atomic_store(&seat->pid, 0);
}

void clock_seat_turn(struct clock_seat *seat, bool worked)
{
    atomic_fetch_add(worked ? &seat->worked : &seat->waited, 1);
}

static void begin(struct clock_rest *rest, uint64_t worked)
{
    rest->began = true;
    rest->worked = worked;
    for (size_t i = 0; i < CLOCK_SEATS; i++) rest->waited[i] = atomic_load(&mapped->seat[i].waited);
}

bool clock_rest_seen(struct clock_rest *rest)
{
    ENSURE(mapped != NULL);
    bool all = true;
    uint64_t worked = 0;
    for (size_t i = 0; i < CLOCK_SEATS; i++) {
        struct clock_seat *seat = &mapped->seat[i];
        int32_t pid = atomic_load(&seat->pid);
        uint64_t waited = atomic_load(&seat->waited);
        if (pid != 0 && !is_gone(pid)) all = all && waited - rest->waited[i] >= 2;
    }
    /* Read last: what was done before the last of them waited is in it. */
    for (size_t i = 0; i < CLOCK_SEATS; i++) worked += atomic_load(&mapped->seat[i].worked);
    if (rest->began && rest->worked == worked) return all;
    begin(rest, worked);
    return false;
}
