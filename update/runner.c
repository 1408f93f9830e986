/* SPDX-License-Identifier: Apache-2.0 */
/* One child that runs, at most one that fetches, and a line to the first. */
#include "update/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/clock_turned.h"
#include "lib/base/hex.h"
#include "lib/wire/process.h"
#include "lib/wire/socket.h"

enum {
    LINE_BYTES = 2 * RUNNER_ASSIGNMENT_MAX + 64,
    NUMBER_MAX = 16,
    STOP_MS = 3000,
    ASK_AGAIN_MS = 2000
};

/* What is open while a program runs. */
struct running {
    struct runner *runner;
    struct slots slots;
    enum slot slot;
    uint64_t version;
    bool trying;
    pid_t pid, taker;
    int line, ready, end, taker_end, taker_why, signals;
    /* Of a clock that is turned: ours, which answers while nothing is tried, and that of what is
     * being fetched. */
    struct clock_seat *seat, *taker_seat;
    int bell;
    int64_t until_ms; /* to be healthy; 0: it is */
    int64_t ask_ms;   /* when the vault is asked again; 0: it has answered */
    char said[LINE_BYTES];
    size_t said_len;
    uint8_t waiting[RUNNER_ASSIGNMENT_MAX]; /* came while one was being fetched */
    size_t waiting_len;
    char why[RUNNER_WHY_MAX], port[NUMBER_MAX];
    bool told_ready, stopping, too_old;
};

static int64_t now_ms(void)
{
    struct clock clock = clock_system();
    return clock_monotonic_us(&clock) / 1000;
}

static void close_one(int *fd)
{
    if (*fd >= 0) (void)close(*fd);
    *fd = -1;
}

static err open_slots(struct running *r)
{
    struct slots_ports ports = slots_of_directory(r->runner->slots_dir, r->runner->vault);
    return slots_open(&ports, r->runner->key, r->runner->model, r->runner->block, IMAGE_BYTES_MAX,
                      &r->slots);
}

/* ---- starting ---- */

/* The checked bytes, where nobody can change them any more. */
static int into_memory(const char *name, struct bytes software)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return -1;
    while (software.len > 0) {
        ssize_t len = write(fd, software.at, software.len);
        if (len <= 0 && errno != EINTR) break;
        if (len > 0) software = bytes_of(software.at + len, software.len - (size_t)len);
    }
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
    if (software.len == 0 && fcntl(fd, F_ADD_SEALS, seals) == 0) return fd;
    (void)close(fd);
    return -1;
}

/* A descriptor that the program inherits, under its own number. */
static void keep(int fd, char out[NUMBER_MAX])
{
    (void)fcntl(fd, F_SETFD, 0);
    snprintf(out, NUMBER_MAX, "%d", fd);
}

/* In the child. */
static _Noreturn void become(const struct running *r, int software, int line, int ready)
{
    static char line_text[NUMBER_MAX], ready_text[NUMBER_MAX];
    char *argv[RUNNER_ARGUMENTS_MAX + 10];
    size_t count = 0;
    sigset_t none;
    sigemptyset(&none);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    keep(line, line_text);
    keep(ready, ready_text);
    argv[count++] = (char *)(uintptr_t)r->runner->name;
    for (size_t i = 0; r->runner->arguments[i] != NULL; i++)
        argv[count++] = r->runner->arguments[i];
    if (clock_turned_file() != NULL) {
        argv[count++] = (char *)(uintptr_t) "--turned-clock";
        argv[count++] = (char *)(uintptr_t)clock_turned_file();
    }
    argv[count++] = (char *)(uintptr_t) "--updater-fd";
    argv[count++] = line_text;
    argv[count++] = (char *)(uintptr_t) "--ready-fd";
    argv[count++] = ready_text;
    if (r->port[0] != '\0') { /* the page that is open finds it again */
        argv[count++] = (char *)(uintptr_t) "--http";
        argv[count++] = (char *)(uintptr_t)r->port;
    }
    argv[count] = NULL;
    fexecve(software, argv, environ);
    _exit(127);
}

static bool launch(struct running *r, struct bytes software)
{
    int line[2] = {-1, -1}, ready[2] = {-1, -1};
    int image = into_memory(r->runner->name, software);
    bool fine = image >= 0 && !FAILED(socket_pair(line)) && pipe2(ready, O_CLOEXEC) == 0;
    if (fine) {
        r->pid = fork();
        if (r->pid == 0) become(r, image, line[1], ready[1]);
        r->end = r->pid > 0 ? pidfd_open(r->pid, 0) : -1;
        fine = r->end >= 0;
    }
    close_one(&image);
    close_one(&line[1]);
    close_one(&ready[1]);
    r->line = line[0];
    r->ready = ready[0];
    return fine;
}

/* ---- telling ---- */

static void tell_facts(struct running *r)
{
    char text[RUNNER_WHY_MAX + 128];
    size_t len = 0;
    const struct slots_record *record = &r->slots.record;
    enum slot other = r->slot == SLOT_A ? SLOT_B : SLOT_A;
    bool waits = record->slot[other].state == SLOT_NEW && !r->trying;
    int written = snprintf(text, sizeof text, "facts %" PRIu64 " %s %" PRIu64 " %" PRIu64 " %s\n",
                           r->version, r->trying ? "trying" : "healthy",
                           waits ? record->slot[other].version : 0, record->refused, r->why);
    if (written <= 0 || r->line < 0) return;
    size_t size = (size_t)written < sizeof text ? (size_t)written : sizeof text - 1;
    /* A program that does not read is told at its next start. */
    (void)!FAILED(socket_write(r->line, bytes_of((const uint8_t *)text, size), &len));
}

/* ---- fetching ---- */

static _Noreturn void fetch(struct running *r, struct bytes assignment, int why_fd)
{
    char why[RUNNER_WHY_MAX] = "";
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    int status = r->runner->take(r->runner->context, assignment, why);
    if (write(why_fd, why, strlen(why)) < 0) status = PROCESS_EXIT_FAILED;
    _exit(status);
}

static void begin_fetching(struct running *r, struct bytes assignment)
{
    int why[2];
    if (r->taker > 0) { /* the newest is what counts */
        memcpy(r->waiting, assignment.at, assignment.len);
        r->waiting_len = assignment.len;
        return;
    }
    if (pipe2(why, O_CLOEXEC) != 0) return;
    r->taker_seat = clock_seat_take();
    r->taker = fork();
    if (r->taker == 0) fetch(r, assignment, why[1]);
    (void)close(why[1]);
    r->taker_why = why[0];
    r->taker_end = r->taker > 0 ? pidfd_open(r->taker, 0) : -1;
    log_event(r->runner->log, LOG_INFO, "assignment", LOG_INT("bytes", (int64_t)assignment.len));
}

static void end_fetching(struct running *r)
{
    int status = 0;
    ssize_t len = read(r->taker_why, r->why, sizeof r->why - 1);
    r->why[len > 0 ? len : 0] = '\0';
    (void)waitpid(r->taker, &status, 0);
    close_one(&r->taker_why);
    close_one(&r->taker_end);
    r->taker = -1;
    clock_seat_give(r->taker_seat);
    r->taker_seat = NULL;
    if (FAILED(open_slots(r))) return; /* it never fails */
    log_event(r->runner->log, r->why[0] == '\0' ? LOG_INFO : LOG_WARN, "fetched",
              LOG_TEXT("why", r->why));
    tell_facts(r);
    if (r->waiting_len == 0) return;
    size_t next = r->waiting_len;
    r->waiting_len = 0;
    begin_fetching(r, bytes_of(r->waiting, next));
}

/* ---- hearing ---- */

static void heard_healthy(struct running *r)
{
    if (!r->trying) return;
    err done = slots_confirm(&r->slots, r->slot);
    log_event(r->runner->log, FAILED(done) ? LOG_ERROR : LOG_INFO, "confirmed",
              LOG_INT("image", (int64_t)r->version), LOG_ERR(done));
    /* It runs; its try is spent, and the next start tries again. */
    if (r->slots.record.slot[r->slot].state != SLOT_GOOD) return;
    if (FAILED(done)) r->ask_ms = now_ms() + ASK_AGAIN_MS; /* the vault does not know it yet */
    r->trying = false;
    r->until_ms = 0;
    tell_facts(r);
}

static void heard_line(struct running *r, struct bytes text)
{
    static const char assign[] = "assign ";
    static uint8_t raw[RUNNER_ASSIGNMENT_MAX];
    size_t len = 0, prefix = sizeof assign - 1;
    if (bytes_equal(text, BYTES("healthy"))) {
        heard_healthy(r);
    } else if (text.len > prefix && memcmp(text.at, assign, prefix) == 0 &&
               !FAILED(hex_decode(bytes_of(text.at + prefix, text.len - prefix), raw, sizeof raw,
                                  &len))) {
        begin_fetching(r, bytes_of(raw, len));
    }
}

static void hear(struct running *r)
{
    size_t len = 0;
    err e = socket_read(r->line, r->said + r->said_len, sizeof r->said - r->said_len, &len);
    if (e.code == ERR_AGAIN) return;
    if (FAILED(e)) {
        close_one(&r->line);
        return;
    }
    r->said_len += len;
    char *end;
    while ((end = memchr(r->said, '\n', r->said_len)) != NULL) {
        size_t line = (size_t)(end - r->said);
        heard_line(r, bytes_of((const uint8_t *)r->said, line));
        r->said_len -= line + 1;
        memmove(r->said, end + 1, r->said_len);
    }
    if (r->said_len == sizeof r->said) r->said_len = 0; /* no line of ours */
}

/* "ready port=8583": handed on once, and the port is kept for the next start. */
static void hear_ready(struct running *r)
{
    char text[256];
    ssize_t len = read(r->ready, text, sizeof text - 1);
    close_one(&r->ready);
    if (len <= 0) return;
    text[len] = '\0';
    const char *port = strstr(text, "port=");
    size_t digits = port == NULL ? 0 : strspn(port + 5, "0123456789");
    if (digits > 0 && digits < sizeof r->port) {
        memcpy(r->port, port + 5, digits);
        r->port[digits] = '\0';
    }
    if (r->told_ready || r->runner->ready_fd < 0) return;
    r->told_ready = write(r->runner->ready_fd, text, (size_t)len) == len;
    (void)close(r->runner->ready_fd);
}

/* ---- one life of the program ---- */

static int wait_ms(const struct running *r)
{
    int64_t next = r->until_ms;
    if (r->ask_ms != 0 && (next == 0 || r->ask_ms < next)) next = r->ask_ms;
    if (next == 0) return -1;
    int64_t left = next - now_ms();
    return left > 0 ? (int)left : 0;
}

static void stop_child(struct running *r)
{
    struct pollfd p = {.fd = r->end, .events = POLLIN};
    (void)kill(r->pid, SIGTERM);
    if (poll(&p, 1, STOP_MS) <= 0) (void)kill(r->pid, SIGKILL);
}

/* The vault did not answer before. What it says now holds for what runs. */
static void ask_again(struct running *r)
{
    err e = slots_keep(&r->slots, r->slot, r->version);
    bool silent = FAILED(e) && e.code != ERR_RANGE;
    r->ask_ms = silent ? now_ms() + ASK_AGAIN_MS : 0;
    if (e.code != ERR_RANGE) return;
    log_event(r->runner->log, LOG_ERROR, "too_old", LOG_INT("image", (int64_t)r->version),
              LOG_INT("floor", (int64_t)r->slots.floor));
    r->too_old = true;
    stop_child(r);
}

static void too_late(struct running *r)
{
    if (r->ask_ms != 0 && r->ask_ms <= now_ms()) {
        ask_again(r);
        return;
    }
    if (r->until_ms == 0 || r->until_ms > now_ms()) return;
    log_event(r->runner->log, LOG_WARN, "not_healthy", LOG_INT("image", (int64_t)r->version));
    r->until_ms = 0;
    stop_child(r);
}

/* poll(2) until something is there or it is too late. Under a clock that is turned it answers on
 * the way whoever asks whether we rest; while something is tried or awaited of the vault we do not.
 */
static int await(const struct running *r, struct pollfd *p, nfds_t count)
{
    for (;;) {
        uint64_t question =
            r->seat == NULL || r->trying || r->ask_ms != 0 ? 0 : clock_seat_question(r->seat);
        int ready = poll(p, count, question != 0 ? 0 : wait_ms(r));
        if (question == 0 || ready != 0) return ready;
        clock_seat_rest(r->seat, question);
    }
}

/* True: the program has ended, or we are to. */
static bool handle(struct running *r, const struct pollfd *p)
{
    if (p[1].revents != 0) hear(r);
    if (p[2].revents != 0) hear_ready(r);
    if (p[3].revents != 0) end_fetching(r);
    if (p[4].revents != 0) {
        r->stopping = true;
        stop_child(r);
    }
    return p[0].revents != 0 || r->stopping;
}

static void watch(struct running *r)
{
    for (bool over = false; !over;) {
        struct pollfd p[] = {
            {.fd = r->end, .events = POLLIN},     {.fd = r->line, .events = POLLIN},
            {.fd = r->ready, .events = POLLIN},   {.fd = r->taker_end, .events = POLLIN},
            {.fd = r->signals, .events = POLLIN}, {.fd = r->bell, .events = POLLIN}};
        int ready = await(r, p, ARRAY_LEN(p));
        if (ready < 0 && errno != EINTR) return;
        if (ready == 0) too_late(r);
        if (ready <= 0) continue;
        if (p[5].revents != 0) clock_bell_hush(r->bell);
        bool counts = r->seat != NULL && (p[5].revents == 0 || ready > 1);
        if (counts) clock_seat_work(r->seat);
        over = handle(r, p);
        if (counts) clock_seat_work(r->seat);
    }
}

static int await_end(struct running *r)
{
    int status = 0;
    while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR) {
    }
    close_one(&r->end);
    close_one(&r->line);
    close_one(&r->ready);
    r->said_len = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* False: there is nothing to start. */
static bool begin_life(struct running *r)
{
    struct image image;
    err found = open_slots(r);
    if (!FAILED(found)) found = slots_start(&r->slots, &r->slot, &image);
    if (FAILED(found)) {
        log_event(r->runner->log, LOG_ERROR, "nothing_to_start", LOG_ERR(found),
                  LOG_INT("floor", (int64_t)r->slots.floor));
        r->runner->nothing = found;
        return false;
    }
    r->too_old = false;
    r->ask_ms = r->slots.heard ? 0 : now_ms() + ASK_AGAIN_MS;
    r->version = image.version;
    r->trying = r->slots.record.slot[r->slot].state == SLOT_NEW;
    r->until_ms = r->trying ? now_ms() + r->runner->health_ms : 0;
    log_event(r->runner->log, LOG_INFO, "start", LOG_TEXT("slot", r->slot == SLOT_A ? "a" : "b"),
              LOG_INT("image", (int64_t)r->version), LOG_INT("trying", r->trying));
    if (!launch(r, image.software)) {
        log_event(r->runner->log, LOG_ERROR, "cannot_start");
        return false;
    }
    tell_facts(r);
    return true;
}

static bool sit_at_clock(struct running *r)
{
    r->bell = -1;
    r->seat = clock_seat_take();
    return r->seat == NULL || !FAILED(clock_bell_open(&r->bell));
}

int runner_run(struct runner *runner)
{
    static struct running r;
    sigset_t asked;
    int status = PROCESS_EXIT_FAILED;
    size_t count = 0;
    while (runner->arguments[count] != NULL) count++;
    if (count > RUNNER_ARGUMENTS_MAX) return PROCESS_EXIT_USAGE;
    if (runner->ready_fd >= 0) (void)fcntl(runner->ready_fd, F_SETFD, FD_CLOEXEC);
    r = (struct running){.runner = runner, .taker = -1, .line = -1, .ready = -1, .end = -1};
    r.taker_end = r.taker_why = -1;
    if (!sit_at_clock(&r)) return status;
    sigemptyset(&asked);
    sigaddset(&asked, SIGTERM);
    sigaddset(&asked, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &asked, NULL);
    r.signals = signalfd(-1, &asked, SFD_CLOEXEC);
    while (begin_life(&r)) {
        watch(&r);
        status = await_end(&r);
        log_event(runner->log, LOG_INFO, "ended", LOG_INT("image", (int64_t)r.version),
                  LOG_INT("status", status));
        if (r.stopping) status = 0;
        /* One that was being tried has lost a try; the next start decides. */
        if (r.stopping || (status != RUNNER_AGAIN && !r.trying && !r.too_old)) break;
    }
    if (r.taker > 0) (void)kill(r.taker, SIGKILL);
    clock_seat_give(r.seat);
    close_one(&r.bell);
    close_one(&r.signals);
    return status;
}
