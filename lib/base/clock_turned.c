/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page that the processes of a demo share. Its fields are written by one side each and read with
 * acquire and release; nothing in it is trusted further than that the clock goes forward.
 */
#include "lib/base/clock_turned.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    MAGIC = 0x54425443, /* "TBTC" */
    PAGE = 4096,
    BELL = PAGE - 1, /* the byte that is written to ring */
    SITTING = -1     /* in the place of a pid: somebody is about to sit down */
};

struct clock_seat {
    _Atomic int32_t pid; /* 0: free */
    _Atomic uint64_t worked, rested /* the last question that was answered */;
};

struct turned {
    _Atomic uint32_t magic, answers /* a futex; how many there were */, awaited;
    _Atomic int64_t by_us;
    _Atomic uint64_t question;
    struct clock_seat seat[CLOCK_SEATS];
};

static_assert(sizeof(struct turned) <= BELL, "the clock and its bell fit a page");

/* A process has one clock, and clock_system() is asked for in places that have no context: this is
 * the one thing that is the process's own and not in a main.c. Set once, before threads. */
static struct turned *mapped;
static char mapped_path[CLOCK_PATH_MAX];
static int bell_fd = -1; /* the file, open, to ring by */

/* Keeps the descriptor. */
static err map(int fd, const char *path)
{
    if (strlen(path) >= sizeof mapped_path) return ERR(CONFIG);
    void *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) return ERR(IO);
    mapped = at;
    bell_fd = fd;
    (void)snprintf(mapped_path, sizeof mapped_path, "%s", path);
    return OK;
}

/* After a failure the descriptor is closed and nothing stays mapped. */
static err settle(int fd, err done)
{
    if (!FAILED(done)) return OK;
    if (mapped != NULL) (void)munmap(mapped, PAGE);
    mapped = NULL;
    bell_fd = -1;
    (void)close(fd);
    return done;
}

err clock_turned_make(const char *path)
{
    ENSURE(mapped == NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return errno == EEXIST ? ERR(EXISTS) : ERR(IO);
    err done = ftruncate(fd, PAGE) == 0 ? map(fd, path) : ERR(IO);
    if (!FAILED(done)) atomic_store(&mapped->magic, MAGIC);
    return settle(fd, done);
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
    if (!FAILED(done) && atomic_load(&mapped->magic) != MAGIC) done = ERR(CONFIG);
    return settle(fd, done);
}

const char *clock_turned_file(void)
{
    return mapped == NULL ? NULL : mapped_path;
}

int64_t clock_turned_by_us(void)
{
    return mapped == NULL ? 0 : atomic_load_explicit(&mapped->by_us, memory_order_acquire);
}

/* ---- the bell ---- */

/* A write is what inotify sees; stores into the mapping are not. */
static void ring(void)
{
    const uint8_t stroke = 1;
    ENSURE(pwrite(bell_fd, &stroke, 1, BELL) == 1);
}

void clock_turned_on(int64_t by_ms)
{
    ENSURE(mapped != NULL && by_ms >= 0 && by_ms <= CLOCK_TURN_MAX_MS);
    atomic_fetch_add(&mapped->by_us, by_ms * 1000);
    ring();
}

err clock_bell_open(int *ret_fd)
{
    ENSURE(mapped != NULL);
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) return ERR(IO);
    if (inotify_add_watch(fd, mapped_path, IN_MODIFY) < 0) {
        (void)close(fd);
        return ERR(IO);
    }
    *ret_fd = fd;
    return OK;
}

void clock_bell_hush(int fd)
{
    uint8_t scrap[1024]; /* strokes that nobody has read yet are one */
    ssize_t done = read(fd, scrap, sizeof scrap);
    (void)done;
}

/* ---- seats ---- */

static bool is_gone(int32_t pid)
{
    return pid != SITTING && kill(pid, 0) != 0 && errno == ESRCH;
}

/* Whoever was killed has not given his seat back. */
static bool sit(struct clock_seat *seat)
{
    int32_t pid = atomic_load(&seat->pid);
    if (pid != 0 && !is_gone(pid)) return false;
    if (!atomic_compare_exchange_strong(&seat->pid, &pid, SITTING)) return false;
    atomic_store(&seat->rested, 0);
    atomic_store(&seat->pid, getpid());
    return true;
}

struct clock_seat *clock_seat_take(void)
{
    if (mapped == NULL) return NULL;
    for (size_t i = 0; i < CLOCK_SEATS; i++)
        if (sit(&mapped->seat[i])) return &mapped->seat[i];
    ENSURE(!"a seat at the turned clock");
    return NULL;
}

/* Not private: the one who waits is another process. */
static void tell_answer(void)
{
    atomic_fetch_add(&mapped->answers, 1);
    if (atomic_load(&mapped->awaited) != 0)
        (void)syscall(SYS_futex, &mapped->answers, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* What it did counts, so that a question that was asked before is asked again. */
void clock_seat_give(struct clock_seat *seat)
{
    if (seat == NULL) return;
    atomic_fetch_add(&seat->worked, 1);
    atomic_store(&seat->pid, 0);
    tell_answer();
}

uint64_t clock_seat_question(const struct clock_seat *seat)
{
    uint64_t question = atomic_load(&mapped->question);
    return question == atomic_load(&seat->rested) ? 0 : question;
}

void clock_seat_rest(struct clock_seat *seat, uint64_t question)
{
    atomic_store(&seat->rested, question);
    tell_answer();
}

void clock_seat_work(struct clock_seat *seat)
{
    atomic_fetch_add(&seat->worked, 1);
}

/* ---- rest ---- */

static bool all_answered(uint64_t question)
{
    for (size_t i = 0; i < CLOCK_SEATS; i++) {
        int32_t pid = atomic_load(&mapped->seat[i].pid);
        if (pid == 0 || atomic_load(&mapped->seat[i].rested) == question) continue;
        if (!is_gone(pid)) return false;
    }
    return true;
}

static uint64_t all_worked(void)
{
    uint64_t worked = 0;
    for (size_t i = 0; i < CLOCK_SEATS; i++) worked += atomic_load(&mapped->seat[i].worked);
    return worked;
}

static void ask(struct clock_rest *rest)
{
    rest->worked = all_worked();
    rest->question = atomic_fetch_add(&mapped->question, 1) + 1;
    ring();
}

/*
 * Work is counted when it begins and when it is done, and a seat answers only in between. What
 * somebody sent after its receiver had looked was sent by a piece of work that ended after the
 * question: its sender's count tells. So the counts are read last.
 */
bool clock_rest_seen(struct clock_rest *rest)
{
    ENSURE(mapped != NULL);
    rest->answers = atomic_load(&mapped->answers);
    if (rest->question != 0) {
        if (!all_answered(rest->question)) return false;
        if (all_worked() == rest->worked) return true;
    }
    ask(rest);
    return false;
}

void clock_rest_pause(const struct clock_rest *rest, int wait_ms)
{
    const struct timespec limit = {wait_ms / 1000, wait_ms % 1000 * 1000000L};
    atomic_store(&mapped->awaited, 1);
    (void)syscall(SYS_futex, &mapped->answers, FUTEX_WAIT, rest->answers, &limit, NULL, 0);
    atomic_store(&mapped->awaited, 0);
}
