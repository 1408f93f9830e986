/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao bench payments`: how many payments a second this machine takes, with everything on it.
 *
 * The programs are the real ones: an acquirer with durable commits, an hsm, a card network, and N
 * terminals over TLS that wait for each answer before they ask again (a closed loop, so latency is
 * not hidden by a queue). Two workers play the terminals and their vaults. One second of warming
 * up is not counted; what was counted must agree on all sides at the end, or the run has failed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cli/bench_payments.h"
#include "cli/commands.h"
#include "lib/base/clock.h"
#include "lib/wire/rpc.h"

enum {
    CONNECTIONS = 64,
    SECONDS = 10,
    WARM_MS = 1000,
    SIGN_IN_WAIT_MS = 30000,
    PAUSE_MS = 10,
    PROCESSES = 5,
};

struct settings {
    int64_t seconds, connections;
    const char *directory;
    bool json, keep;
};

/* CPU time of the five processes, in microseconds, and the time at which it was read. */
struct usage {
    int64_t cpu_us[PROCESSES];
    int64_t at_us;
    struct bench_host_counts host;
};

static const char *const process_names[PROCESSES] = {"acquirer", "hsm", "vault", "terminal",
                                                     "network"};

struct result {
    struct usage before, after;
    uint64_t counted, approved, refused, wire_bytes;
    int64_t total_minor, p50_us, p95_us, p99_us, max_us;
    struct bench_books books;
};

static void pause_ms(int64_t ms)
{
    const struct timespec pause = {ms / 1000, ms % 1000 * 1000000L};
    (void)nanosleep(&pause, NULL);
}

static err say(struct process_fault *fault, const char *what, err why)
{
    if (FAILED(why) && fault->text[0] == '\0')
        snprintf(fault->text, sizeof fault->text, "%s: %s", what, err_text(why));
    return why;
}

/* ---- the run ---- */

static err share(struct bench *b)
{
    void *memory =
        mmap(NULL, sizeof *b->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return ERR(NO_MEMORY);
    b->shared = memory;
    b->terminal = calloc(b->connections, sizeof *b->terminal);
    return b->terminal != NULL ? OK : ERR(NO_MEMORY);
}

static err start_workers(struct bench *b, struct process_fault *fault)
{
    struct rpc rpc;
    err reached = ERR(REFUSED);
    TRY(say(fault, "vault worker",
            bench_stage_fork(b, "vault", bench_vault_run, &b->process_vault)));
    for (int waited = 0; FAILED(reached) && waited < SIGN_IN_WAIT_MS; waited += PAUSE_MS) {
        pause_ms(PAUSE_MS);
        reached = rpc_connect(&rpc, b->vault_socket, PAUSE_MS, BENCH_VAULT_FRAME_MAX);
        rpc_close(&rpc);
    }
    TRY(say(fault, "vault worker", reached));
    TRY(say(fault, "terminal worker",
            bench_stage_fork(b, "terminal", bench_terminals_run, &b->process_terminals)));
    for (int waited = 0; atomic_load(&b->shared->signed_in) < b->connections; waited += PAUSE_MS) {
        if (atomic_load(&b->shared->failed)) return ERR(CLOSED);
        if (waited >= SIGN_IN_WAIT_MS) return say(fault, "terminals sign in", ERR(TIMEOUT));
        pause_ms(PAUSE_MS);
    }
    return OK;
}

static err read_usage(const struct bench *b, struct usage *out)
{
    const struct child *const process[PROCESSES] = {b->process_acquirer, b->process_hsm,
                                                    b->process_vault, b->process_terminals,
                                                    b->process_networks};
    struct clock clock = clock_system();
    int64_t resident;
    TRY(bench_host_counts(b, &out->host));
    for (size_t i = 0; i < PROCESSES; i++) TRY(child_usage(process[i], &out->cpu_us[i], &resident));
    out->at_us = clock_monotonic_us(&clock);
    return OK;
}

/* Waits for `ms`, or until the workers have failed. */
static err run_for(const struct bench *b, int64_t ms)
{
    for (; ms > 0; ms -= PAUSE_MS) {
        if (atomic_load(&b->shared->failed)) return ERR(CLOSED);
        pause_ms(PAUSE_MS);
    }
    return OK;
}

/* The terminals finish what is under way: then every payment has been answered. */
static err stop_terminals(struct bench *b, struct process_fault *fault)
{
    atomic_store(&b->shared->phase, BENCH_STOP);
    for (int waited = 0; waited < SIGN_IN_WAIT_MS; waited += PAUSE_MS) {
        int64_t cpu_us, resident;
        if (FAILED(child_usage(b->process_terminals, &cpu_us, &resident)) || resident == 0)
            return OK;
        pause_ms(PAUSE_MS);
    }
    return say(fault, "terminals finish", ERR(TIMEOUT));
}

static int64_t percentile(const struct bench_shared *s, uint64_t counted, unsigned percent)
{
    uint64_t wanted = (counted * percent + 99) / 100, seen = 0;
    for (int64_t us = 0; us <= BENCH_LATENCY_MAX_US; us++) {
        seen += s->latency[us];
        if (seen >= wanted && seen > 0) return us;
    }
    return 0;
}

static void take_figures(const struct bench *b, struct result *r)
{
    struct bench_shared *s = b->shared;
    r->counted = atomic_load(&s->counted);
    r->approved = atomic_load(&s->approved);
    r->refused = atomic_load(&s->refused);
    r->wire_bytes = atomic_load(&s->wire_bytes);
    r->total_minor = atomic_load(&s->total_minor);
    r->p50_us = percentile(s, r->counted, 50);
    r->p95_us = percentile(s, r->counted, 95);
    r->p99_us = percentile(s, r->counted, 99);
    r->max_us = percentile(s, r->counted, 100);
}

static err measure(struct bench *b, const struct settings *settings, struct result *r,
                   struct process_fault *fault)
{
    TRY(start_workers(b, fault));
    TRY(run_for(b, WARM_MS));
    TRY(say(fault, "figures of the programs", read_usage(b, &r->before)));
    atomic_store(&b->shared->phase, BENCH_MEASURE);
    TRY(run_for(b, settings->seconds * 1000));
    atomic_store(&b->shared->phase, BENCH_WARM);
    TRY(say(fault, "figures of the programs", read_usage(b, &r->after)));
    TRY(stop_terminals(b, fault));
    if (atomic_load(&b->shared->failed)) return ERR(CLOSED);
    take_figures(b, r);
    return bench_books(b, &r->books, fault);
}

/* ---- the report ---- */

static int64_t span_us(const struct result *r)
{
    return r->after.at_us - r->before.at_us;
}

/* Tenths of a microsecond of CPU a payment. */
static int64_t cpu_tenths(const struct result *r, size_t process)
{
    return (r->after.cpu_us[process] - r->before.cpu_us[process]) * 10 / (int64_t)r->counted;
}

/* Per mille of one core. */
static int64_t core_share(const struct result *r, size_t process)
{
    return (r->after.cpu_us[process] - r->before.cpu_us[process]) * 1000 / span_us(r);
}

static int64_t per_second(const struct result *r, int64_t count)
{
    return count * 1000000 / span_us(r);
}

static void print_json(const struct result *r, const struct settings *s)
{
    printf("{\"payments_per_second\":%lld,\"p50_us\":%lld,\"p95_us\":%lld,\"p99_us\":%lld,"
           "\"max_us\":%lld,\"cpu_us_per_payment\":{",
           (long long)per_second(r, (int64_t)r->counted), (long long)r->p50_us,
           (long long)r->p95_us, (long long)r->p99_us, (long long)r->max_us);
    for (size_t i = 0; i < PROCESSES; i++)
        printf("%s\"%s\":%lld.%lld", i == 0 ? "" : ",", process_names[i],
               (long long)cpu_tenths(r, i) / 10, (long long)cpu_tenths(r, i) % 10);
    printf("},\"commits_per_second\":%lld,\"bytes_per_payment\":%lld,"
           "\"wire_bytes_per_payment\":%llu,\"connections\":%lld,\"seconds\":%lld}\n",
           (long long)per_second(r, r->after.host.commits - r->before.host.commits),
           (long long)(r->books.file_bytes / (int64_t)r->approved),
           (unsigned long long)(r->wire_bytes / r->counted), (long long)s->connections,
           (long long)s->seconds);
}

/* Which process is nearest to a whole core; when none is near, what everybody waits for. */
static void print_limit(const struct result *r)
{
    size_t most = 0;
    int64_t all = 0;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    for (size_t i = 0; i < PROCESSES; i++) {
        all += core_share(r, i);
        if (core_share(r, i) > core_share(r, most)) most = i;
    }
    printf("limit          busiest is %s with %lld %% of a core; all five use %lld %% of %ld\n",
           process_names[most], (long long)core_share(r, most) / 10, (long long)all / 10, cores);
    if (core_share(r, most) < 850 && all < cores * 850)
        printf("               no process fills a core: the payments wait for the disk (%lld "
               "commits a second)\n",
               (long long)per_second(r, r->after.host.commits - r->before.host.commits));
}

static void print_text(const struct result *r, const struct settings *s)
{
    printf("%lld payments a second: %llu in %lld s from %lld terminals, TLS, durable commits\n",
           (long long)per_second(r, (int64_t)r->counted), (unsigned long long)r->counted,
           (long long)s->seconds, (long long)s->connections);
    printf("latency        p50 %.1f ms, p95 %.1f ms, p99 %.1f ms, max %.1f ms\n",
           (double)r->p50_us / 1000, (double)r->p95_us / 1000, (double)r->p99_us / 1000,
           (double)r->max_us / 1000);
    printf("CPU            ");
    for (size_t i = 0; i < PROCESSES; i++)
        printf("%s %lld.%lld us%s", process_names[i], (long long)cpu_tenths(r, i) / 10,
               (long long)cpu_tenths(r, i) % 10, i + 1 < PROCESSES ? ", " : " a payment\n");
    printf("commits        %lld a second, %lld journal rows each\n",
           (long long)per_second(r, r->after.host.commits - r->before.host.commits),
           (long long)((r->after.host.rows - r->before.host.rows) /
                       (r->after.host.commits - r->before.host.commits + 1)));
    printf("bytes          %lld in journal and ledger, %llu over TLS, a payment\n",
           (long long)(r->books.file_bytes / (int64_t)r->approved),
           (unsigned long long)(r->wire_bytes / r->counted));
    print_limit(r);
}

/* Everybody has counted the same money, or the figures are worth nothing. */
static bool agree(const struct result *r)
{
    const struct {
        bool good;
        const char *says;
    } checks[] = {
        {r->counted > 0, "no payment was made in the window"},
        {r->refused == 0, "payments were refused"},
        {r->books.balanced, "the ledger does not balance"},
        {r->books.network_minor == r->total_minor,
         "the card network has charged another sum than the terminals were told"},
        {r->books.ledger_minor == r->total_minor,
         "the ledger has another sum than the terminals were told"},
    };
    bool good = true;
    for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
        if (checks[i].good) continue;
        fprintf(stderr, "tongbao bench payments: %s\n", checks[i].says);
        good = false;
    }
    if (!good)
        fprintf(stderr,
                "  approved %llu, refused %llu; terminals %lld, network %lld, ledger %lld fen\n",
                (unsigned long long)r->approved, (unsigned long long)r->refused,
                (long long)r->total_minor, (long long)r->books.network_minor,
                (long long)r->books.ledger_minor);
    return good;
}

static int run(const struct settings *settings, const struct process_program *about)
{
    struct bench b = {.mid = "898290058120002", .connections = (unsigned)settings->connections};
    struct process_fault fault = {""};
    struct result result = {0};
    err done = say(&fault, "memory", share(&b));
    if (!FAILED(done)) done = bench_stage_start(&b, settings->directory, &fault);
    if (!FAILED(done)) done = measure(&b, settings, &result, &fault);
    bool keep = settings->keep || FAILED(done);
    if (FAILED(done)) {
        bool worker = b.shared != NULL && atomic_load(&b.shared->failed);
        process_complain(about, "%s", worker ? b.shared->fault : fault.text);
        if (b.directory[0] != '\0') fprintf(stderr, "  the logs are in %s/log\n", b.directory);
    }
    bench_stage_stop(&b, keep);
    free(b.terminal);
    if (b.shared != NULL) munmap(b.shared, sizeof *b.shared);
    if (FAILED(done)) return PROCESS_EXIT_FAILED;
    if (!agree(&result)) return PROCESS_EXIT_FAILED;
    if (settings->json) print_json(&result, settings);
    else print_text(&result, settings);
    return 0;
}

int bench_payments_main(int argc, char **argv)
{
    /* /var/tmp and not /tmp: commits to a memory file system would be durable in name only. */
    struct settings s = {.seconds = SECONDS, .connections = CONNECTIONS, .directory = "/var/tmp"};
    const struct process_option options[] = {
        {"seconds", "N", "how long is measured; 10 unless said", .number = &s.seconds, .min = 1,
         .max = BENCH_SECONDS_MAX},
        {"connections", "N", "terminals at one time; 64 unless said", .number = &s.connections,
         .min = 1, .max = BENCH_CONNECTIONS_MAX},
        {"directory", "DIR", "where the stores of the run are; /var/tmp unless said",
         .text = &s.directory},
        {"keep", NULL, "keep that directory, with its logs", .flag = &s.keep},
        {"json", NULL, "one line of JSON", .flag = &s.json},
    };
    const struct process_program about = {
        .name = "tongbao bench payments",
        .version = TONGBAO_VERSION,
        .summary = "Real terminals' work against a real host on this machine, measured.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    int status = process_options(&about, argc, argv, NULL);
    return status >= 0 ? status : run(&s, &about);
}
