/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao bench fleet`: what a fleet costs the back office, and how soon it hears.
 *
 * The programs are the real ones: an hsm, a back office with its stores on a disk, and devices over
 * TLS with a certificate each. Those that stay come first; then there is rest; then the others come
 * in turn, at a pace, and in the middle of it one command goes to all. At the end the others come
 * as fast as they are taken. Pages are asked for all the while, and what was told must stand in the
 * store afterwards, or the run has failed.
 */
#include "cli/bench_fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "cli/commands.h"
#include "lib/base/clock.h"

enum {
    KNOWN = 20000,
    CONNECTED = 2000,
    PER_SECOND = 100, /* ninety thousand in the fifteen minutes after which one is offline */
    SECONDS = 10,
    WAIT_MS = 600000,
    STALL_MS = 60000, /* without any progress */
    PAUSE_MS = 35,    /* between pages: three sessions may ask for thirty searches a second */
};

struct settings {
    int64_t known, connected, per_second, seconds;
    const char *directory;
    bool json, keep, rush;
};

/* One phase, as it was at the back office. */
struct span {
    int64_t began_us, took_us, cpu_us, resident_most;
    struct fleet_pages pages;
    uint32_t p50_us, p99_us, most_us;
};

struct result {
    int64_t resident_empty;
    struct span connect, rest, report, rush;
    int64_t devices, told_p50_us, told_p95_us, told_last_us, verified_us;
    int64_t told_cpu_us; /* of the back office, until the last was told */
    unsigned reported, rushed;
    int64_t commands[FLEET_STATES];
};

static void pause_ms(int64_t ms)
{
    const struct timespec pause = {ms / 1000, ms % 1000 * 1000000L};
    (void)nanosleep(&pause, NULL);
}

static int64_t now_us(void)
{
    struct clock clock = clock_system();
    return clock_monotonic_us(&clock);
}

static err say(struct process_fault *fault, const char *what, err why)
{
    if (FAILED(why) && fault->text[0] == '\0')
        snprintf(fault->text, sizeof fault->text, "%s: %s", what, err_text(why));
    return why;
}

static void progress(const char *step)
{
    fprintf(stderr, "  %s\n", step);
}

/* ---- phases ---- */

static err look(const struct bench_fleet *b, int64_t *ret_cpu_us, struct span *span)
{
    int64_t coarse = 0, resident = 0;
    TRY(child_usage(b->process_backoffice, &coarse, &resident));
    if (resident > span->resident_most) span->resident_most = resident;
    return child_cpu_us(b->process_backoffice, ret_cpu_us);
}

static err span_begin(const struct bench_fleet *b, int phase, struct span *span)
{
    *span = (struct span){0};
    TRY(look(b, &span->cpu_us, span));
    span->began_us = now_us();
    atomic_store(&b->shared->phase, phase);
    return OK;
}

static err span_end(const struct bench_fleet *b, struct span *span)
{
    int64_t cpu_us = 0;
    struct fleet_pages *pages = &span->pages;
    span->took_us = now_us() - span->began_us;
    TRY(look(b, &cpu_us, span));
    span->cpu_us = cpu_us - span->cpu_us;
    span->p50_us = fleet_percentile(pages->us, pages->count, 50);
    span->p99_us = fleet_percentile(pages->us, pages->count, 99);
    span->most_us = pages->worst_us;
    return OK;
}

/* A page, and a pause; fails when the worker has. */
static err turn(struct bench_fleet *b, struct span *span, struct process_fault *fault)
{
    int64_t cpu_us = 0;
    if (atomic_load(&b->shared->failed)) return ERR(CLOSED);
    TRY(fleet_pages_ask(b, &span->pages, fault));
    TRY(say(fault, "the back office", look(b, &cpu_us, span)));
    pause_ms(PAUSE_MS);
    return OK;
}

/* Until `counter` has reached `wanted`. */
static err until(struct bench_fleet *b, struct span *span, const atomic_uint *counter,
                 unsigned wanted, struct process_fault *fault)
{
    unsigned last = 0;
    int64_t moved_us = now_us();
    while (atomic_load(counter) < wanted) {
        TRY(turn(b, span, fault));
        if (atomic_load(counter) != last) moved_us = now_us();
        last = atomic_load(counter);
        if (now_us() - moved_us > STALL_MS * INT64_C(1000))
            return say(fault, "nothing moves any more", ERR(TIMEOUT));
    }
    return OK;
}

static err for_a_while(struct bench_fleet *b, struct span *span, int64_t seconds,
                       struct process_fault *fault)
{
    for (int64_t end_us = now_us() + seconds * 1000000; now_us() < end_us;)
        TRY(turn(b, span, fault));
    return OK;
}

static err prepare(struct bench_fleet *b, struct process_fault *fault)
{
    progress("certificates");
    TRY(say(fault, "the worker", fleet_stage_fork(b, fleet_devices_run)));
    for (int64_t waited = 0; atomic_load(&b->shared->prepared) < b->connected; waited += PAUSE_MS) {
        if (atomic_load(&b->shared->failed)) return ERR(CLOSED);
        if (waited > WAIT_MS) return say(fault, "certificates", ERR(TIMEOUT));
        pause_ms(PAUSE_MS);
    }
    return OK;
}

static int earlier(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* When the devices that stay had the command: since the moment at which somebody asked for it. */
static void take_told(const struct bench_fleet *b, int64_t asked_us, struct result *r)
{
    int64_t *told = b->shared->told_us;
    unsigned n = b->connected;
    qsort(told, n, sizeof *told, earlier);
    r->told_p50_us = told[(n * 50 + 99) / 100 - 1] - asked_us;
    r->told_p95_us = told[(n * 95 + 99) / 100 - 1] - asked_us;
    r->told_last_us = told[n - 1] - asked_us;
}

static err command(struct bench_fleet *b, struct result *r, struct process_fault *fault)
{
    int64_t asked_us = now_us(), before_us = 0, after_us = 0;
    TRY(look(b, &before_us, &r->report));
    TRY(fleet_pages_command(b, &r->devices, fault));
    TRY(until(b, &r->report, &b->shared->told, b->connected, fault));
    TRY(look(b, &after_us, &r->report));
    r->told_cpu_us = after_us - before_us;
    TRY(until(b, &r->report, &b->shared->verified, b->connected, fault));
    r->verified_us = now_us() - asked_us;
    take_told(b, asked_us, r);
    return OK;
}

static err report(struct bench_fleet *b, const struct settings *s, struct result *r,
                  struct process_fault *fault)
{
    progress("the others in turn, and a command for all");
    TRY(say(fault, "the back office", span_begin(b, FLEET_REPORT, &r->report)));
    TRY(for_a_while(b, &r->report, s->seconds, fault));
    TRY(command(b, r, fault));
    TRY(for_a_while(b, &r->report, s->seconds, fault));
    r->reported = atomic_load(&b->shared->reported);
    return span_end(b, &r->report);
}

/* The others once around, as fast as they are taken. */
static err rush(struct bench_fleet *b, const struct settings *s, struct result *r,
                struct process_fault *fault)
{
    unsigned before = atomic_load(&b->shared->reported);
    if (!s->rush) return OK;
    progress("all others as fast as they are taken");
    TRY(say(fault, "the back office", span_begin(b, FLEET_RUSH, &r->rush)));
    TRY(until(b, &r->rush, &b->shared->reported, before + b->known - b->connected, fault));
    r->rushed = atomic_load(&b->shared->reported) - before;
    return span_end(b, &r->rush);
}

static err measure(struct bench_fleet *b, const struct settings *s, struct result *r,
                   struct process_fault *fault)
{
    struct span empty = {0};
    int64_t cpu_us = 0;
    TRY(prepare(b, fault));
    TRY(say(fault, "the back office", look(b, &cpu_us, &empty)));
    r->resident_empty = empty.resident_most;
    progress("those that stay come");
    TRY(say(fault, "the back office", span_begin(b, FLEET_CONNECT, &r->connect)));
    TRY(until(b, &r->connect, &b->shared->greeted, b->connected, fault));
    TRY(say(fault, "the back office", span_end(b, &r->connect)));
    progress("rest");
    TRY(say(fault, "the back office", span_begin(b, FLEET_REST, &r->rest)));
    TRY(for_a_while(b, &r->rest, s->seconds, fault));
    TRY(say(fault, "the back office", span_end(b, &r->rest)));
    TRY(say(fault, "the back office", report(b, s, r, fault)));
    TRY(say(fault, "the back office", rush(b, s, r, fault)));
    atomic_store(&b->shared->phase, FLEET_STOP);
    pause_ms(10 * PAUSE_MS);
    return fleet_stage_commands(b, r->commands, fault);
}

/* ---- the report ---- */

static int64_t share_tenths(const struct span *span)
{
    return span->took_us == 0 ? 0 : span->cpu_us * 1000 / span->took_us;
}

static int64_t per_second(const struct span *span, int64_t count)
{
    return span->took_us == 0 ? 0 : count * 1000000 / span->took_us;
}

static int64_t mb(int64_t bytes)
{
    return (bytes + 999999) / 1000000;
}

/* ---- what is aimed at ---- */

/* What a fleet may cost, in thousandths: a megabyte, a percent, a second, a millisecond. */
struct aim {
    const char *name, *unit;
    int64_t limit, seen;
};

enum { AIMS = 4 };

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Of the fleet that the limits are meant for, whatever fleet this one is; a rush is beyond them. */
static void weigh(const struct result *r, struct aim out[AIMS])
{
    const struct span *spans[] = {&r->connect, &r->rest, &r->report};
    int64_t memory = 0, share = 0, page_us = 0;
    for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
        memory = most(memory, spans[i]->resident_most);
        share = most(share, share_tenths(spans[i]));
        page_us = most(page_us, spans[i]->p99_us);
    }
    out[0] = (struct aim){"memory", "MB", 1000000, memory / 1000};
    out[1] = (struct aim){"of a core", "%", 100000, share * 100};
    out[2] = (struct aim){"95 % have a command after", "s", 2000, r->told_p95_us / 1000};
    out[3] = (struct aim){"99 % of pages after", "ms", 100000, page_us};
}

static void print_aims(const struct result *r)
{
    struct aim aims[AIMS];
    weigh(r, aims);
    for (size_t i = 0; i < AIMS; i++)
        printf("%-14s %s: %.2f %s of %.0f %s at most\n",
               aims[i].seen <= aims[i].limit ? "met" : "not met", aims[i].name,
               (double)aims[i].seen / 1e3, aims[i].unit, (double)aims[i].limit / 1e3, aims[i].unit);
}

static bool all_met(const struct result *r)
{
    struct aim aims[AIMS];
    weigh(r, aims);
    for (size_t i = 0; i < AIMS; i++)
        if (aims[i].seen > aims[i].limit) return false;
    return true;
}

/* ---- as text, and as JSON ---- */

static void print_span(const char *name, const struct span *s)
{
    printf("%-14s %lld.%lld %% of a core, at most %lld MB; %u pages: p50 %.1f ms, p99 %.1f ms, "
           "most %.1f ms (%s)\n",
           name, (long long)share_tenths(s) / 10, (long long)share_tenths(s) % 10,
           (long long)mb(s->resident_most), s->pages.count, s->p50_us / 1000.0, s->p99_us / 1000.0,
           s->most_us / 1000.0, s->pages.worst == NULL ? "none" : s->pages.worst);
}

static void print_text(const struct result *r, const struct bench_fleet *b)
{
    printf("%u known devices, %u connected: the back office has %lld MB before they come\n",
           b->known, b->connected, (long long)mb(r->resident_empty));
    printf(
        "coming         %lld a second: TLS with certificates, hello, place and state; %lld us of "
        "CPU each\n",
        (long long)per_second(&r->connect, b->connected),
        (long long)r->connect.cpu_us / b->connected);
    printf(
        "a command      has reached half of the connected after %.2f s, 95 %% after %.2f s, the "
        "last after %.2f s (%.2f s of the back office's CPU); all have verified it after %.2f s\n",
        (double)r->told_p50_us / 1e6, (double)r->told_p95_us / 1e6, (double)r->told_last_us / 1e6,
        (double)r->told_cpu_us / 1e6, (double)r->verified_us / 1e6);
    if (r->rushed > 0)
        printf("the others     %u have come and gone, %lld a second\n", r->rushed,
               (long long)per_second(&r->rush, r->rushed));
    print_span("they come", &r->connect);
    print_span("at rest", &r->rest);
    print_span("others in turn", &r->report);
    if (r->rushed > 0) print_span("all in a rush", &r->rush);
    print_aims(r);
}

static void print_json_span(const char *name, const struct span *s)
{
    printf(",\"%s\":{\"core_percent\":%lld.%lld,\"resident_mb\":%lld,\"pages\":%u,\"page_p50_us\":"
           "%u,\"page_p99_us\":%u,\"page_max_us\":%u}",
           name, (long long)share_tenths(s) / 10, (long long)share_tenths(s) % 10,
           (long long)mb(s->resident_most), s->pages.count, s->p50_us, s->p99_us, s->most_us);
}

static void print_json(const struct result *r, const struct bench_fleet *b)
{
    printf("{\"known\":%u,\"connected\":%u,\"resident_empty_mb\":%lld,\"coming_per_second\":%lld,"
           "\"told_p50_us\":%lld,\"told_p95_us\":%lld,\"told_last_us\":%lld,\"told_cpu_us\":%lld,"
           "\"verified_us\":%lld",
           b->known, b->connected, (long long)mb(r->resident_empty),
           (long long)per_second(&r->connect, b->connected), (long long)r->told_p50_us,
           (long long)r->told_p95_us, (long long)r->told_last_us, (long long)r->told_cpu_us,
           (long long)r->verified_us);
    print_json_span("coming", &r->connect);
    print_json_span("rest", &r->rest);
    print_json_span("in_turn", &r->report);
    if (r->rushed > 0) {
        printf(",\"rush_per_second\":%lld", (long long)per_second(&r->rush, r->rushed));
        print_json_span("rush", &r->rush);
    }
    printf(",\"met\":%s}\n", all_met(r) ? "true" : "false");
}

/* What devices were told, and have answered, stands in the store. */
static bool agree(const struct result *r, const struct bench_fleet *b)
{
    int64_t all = 0;
    for (size_t i = 1; i < FLEET_STATES; i++) all += r->commands[i];
    const struct {
        bool good;
        const char *says;
    } checks[] = {
        {r->devices == b->known, "the command was for another number of devices"},
        {all == r->devices || r->commands[0] == 1, "not every device has its command in the store"},
        {r->commands[4] >= (int64_t)b->connected, "a device has verified what the store has not"},
    };
    bool good = true;
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        if (checks[i].good) continue;
        fprintf(stderr, "tongbao bench fleet: %s\n", checks[i].says);
        good = false;
    }
    return good;
}

static err share(struct bench_fleet *b)
{
    void *memory =
        mmap(NULL, sizeof *b->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return ERR(NO_MEMORY);
    b->shared = memory;
    return OK;
}

static int run(const struct settings *s, const struct process_program *about)
{
    static struct bench_fleet b;
    static struct result result;
    struct process_fault fault = {""};
    b.known = (unsigned)s->known;
    b.connected = (unsigned)(s->connected < s->known ? s->connected : s->known);
    b.per_second = (unsigned)s->per_second;
    err done = say(&fault, "memory", share(&b));
    if (!FAILED(done)) done = fleet_stage_start(&b, s->directory, progress, &fault);
    if (!FAILED(done)) done = measure(&b, s, &result, &fault);
    if (FAILED(done)) {
        bool worker = b.shared != NULL && atomic_load(&b.shared->failed);
        process_complain(about, "%s", worker ? b.shared->fault : fault.text);
        if (b.directory[0] != '\0') fprintf(stderr, "  the logs are in %s/log\n", b.directory);
    }
    fleet_stage_stop(&b, s->keep || FAILED(done));
    if (FAILED(done) || !agree(&result, &b)) return PROCESS_EXIT_FAILED;
    if (s->json) print_json(&result, &b);
    else print_text(&result, &b);
    return 0;
}

int bench_fleet_main(int argc, char **argv)
{
    /* /var/tmp and not /tmp: commits to a memory file system would be durable in name only. */
    struct settings s = {.known = KNOWN,
                         .connected = CONNECTED,
                         .per_second = PER_SECOND,
                         .seconds = SECONDS,
                         .directory = "/var/tmp"};
    const struct process_option options[] = {
        {"known", "N", "devices in the registry; 20000 unless said", .number = &s.known, .min = 100,
         .max = FLEET_KNOWN_MAX},
        {"connected", "N", "of them connected all the time; 2000 unless said",
         .number = &s.connected, .min = 10, .max = FLEET_CONNECTED_MAX},
        {"per-second", "N", "of the others that come, report and go a second; 100 unless said",
         .number = &s.per_second, .min = 0, .max = 10000},
        {"seconds", "N", "of rest, before the command, and after it; 10 unless said",
         .number = &s.seconds, .min = 1, .max = 600},
        {"rush", NULL, "at the end all others come once, as fast as they are taken",
         .flag = &s.rush},
        {"directory", "DIR", "where the stores of the run are; /var/tmp unless said",
         .text = &s.directory},
        {"keep", NULL, "keep that directory, with its logs", .flag = &s.keep},
        {"json", NULL, "one line of JSON", .flag = &s.json},
    };
    const struct process_program about = {
        .name = "tongbao bench fleet",
        .version = TONGBAO_VERSION,
        .summary = "A fleet of devices at a real back office on this machine, measured.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    int status = process_options(&about, argc, argv, NULL);
    return status >= 0 ? status : run(&s, &about);
}
