/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tongbao-simulation: runs worlds and says what came of them. One seed, or several one after the
 * other; the same seed prints the same trace.
 */
#include <inttypes.h>
#include <stdio.h>

#include "lib/wire/process.h"
#include "tests/simulation/world.h"

struct settings {
    int64_t seed, payments, seeds, terminals;
    bool calm, verbose;
};

static bool run_one(const struct settings *s, int64_t seed, struct world_counts *sum)
{
    const struct world_options options = {.seed = (uint64_t)seed,
                                          .payments = (uint64_t)s->payments,
                                          .terminals = (unsigned)s->terminals,
                                          .calm = s->calm,
                                          .verbose = s->verbose};
    struct world_counts counts = {0};
    char failure[512] = "";
    uint64_t trace = 0;
    bool good = world_run(&options, &counts, &trace, failure, sizeof failure);
    const uint64_t *from = (const uint64_t *)&counts;
    uint64_t *to = (uint64_t *)sum;
    for (size_t i = 0; i < sizeof counts / sizeof *from; i++) to[i] += from[i];
    if (!good) {
        printf("seed %" PRId64 " FAILED: %s\n", seed, failure);
        printf("repeat it with: make simulate SEED=%" PRId64 " PAYMENTS=%" PRId64 "%s\n", seed,
               s->payments, s->terminals == 16 ? "" : " (and the same --terminals)");
    }
    if (s->seeds == 1 || !good) printf("trace %016" PRIx64 "\n", trace);
    (void)fflush(stdout);
    return good;
}

int main(int argc, char **argv)
{
    struct settings s = {.seed = 1, .payments = 10000, .seeds = 1, .terminals = 16};
    const struct process_option options[] = {
        {"seed", "N", "the first seed", .number = &s.seed, .max = INT64_MAX},
        {"payments", "N", "payments in each run", .number = &s.payments, .min = 1,
         .max = 100000000},
        {"seeds", "N", "how many seeds, one run each", .number = &s.seeds, .min = 1,
         .max = 1000000},
        {"terminals", "N", "terminals in each run", .number = &s.terminals, .min = 1,
         .max = WORLD_TERMINALS_MAX},
        {"calm", NULL, "without any fault", .flag = &s.calm},
        {"verbose", NULL, "every event and log line to standard error", .flag = &s.verbose},
    };
    const struct process_program about = {
        .name = "tongbao-simulation",
        .version = TONGBAO_VERSION,
        .summary =
            "Terminals, vaults, acquirer, hsm and networks in one process, with everything that can go wrong.",
        .options = options,
        .option_count = ARRAY_LEN(options)};
    int status = process_options(&about, argc, argv, NULL);
    if (status >= 0) return status;

    struct world_counts sum = {0};
    int64_t failed = 0;
    struct clock clock = clock_system();
    int64_t began = clock_monotonic_us(&clock);
    for (int64_t i = 0; i < s.seeds; i++) failed += !run_one(&s, s.seed + i, &sum);
    int64_t us = clock_monotonic_us(&clock) - began;
    int64_t payments = s.payments * s.seeds;
    printf("%" PRId64 " payments over %" PRId64 " seeds: %" PRIu64 " approved, %" PRIu64
           " declined, %" PRIu64 " reversed; messages %" PRIu64 " dropped, %" PRIu64
           " repeated, %" PRIu64 " cut, %" PRIu64 " connections broken; kills: terminal %" PRIu64
           ", vault %" PRIu64 ", acquirer %" PRIu64 ", hsm %" PRIu64 ", networks %" PRIu64
           "; %" PRIu64 " events, %" PRId64 " payments/s\n",
           payments, s.seeds, sum.approved, sum.declined, sum.reversed, sum.dropped, sum.repeated,
           sum.truncated, sum.disconnected, sum.terminal_kills, sum.vault_kills, sum.acquirer_kills,
           sum.hsm_kills, sum.network_kills, sum.events, us > 0 ? payments * 1000000 / us : 0);
    if (s.seeds > 1) printf("%" PRId64 " passed, %" PRId64 " failed\n", s.seeds - failed, failed);
    return failed == 0 ? 0 : PROCESS_EXIT_FAILED;
}
