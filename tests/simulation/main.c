/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tongbao-simulation: runs worlds and says what came of them. One seed, or several one after the
 * other; the same seed prints the same trace.
 */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>

#include "lib/wire/process.h"
#include "payment/kind.h"
#include "tests/simulation/world.h"

struct settings {
    int64_t seed, payments, seeds, terminals;
    bool calm, verbose;
};

/*
 * A world's databases live in memory, so a long run is several worlds, each checked by itself, with
 * seeds that follow: it needs no more than the largest of them, and goes on with any of their
 * seeds.
 */
enum { WORLD_PAYMENTS_MAX = 25000, LONG_RUN = 8 * WORLD_PAYMENTS_MAX };

struct outcome {
    const struct provision *provision; /* what every world begins with */
    struct world_counts counts;
    uint64_t trace; /* of all runs, in order */
    int64_t failed;
};

static void add(struct outcome *o, const struct world_counts *counts, uint64_t trace)
{
    const uint64_t *from = (const uint64_t *)counts;
    uint64_t *to = (uint64_t *)&o->counts;
    for (size_t i = 0; i < sizeof *counts / sizeof *from; i++) to[i] += from[i];
    o->trace = o->trace == 0 ? trace : (o->trace ^ trace) * UINT64_C(0x100000001b3);
}

static void run_one(const struct settings *s, int64_t seed, int64_t payments, struct outcome *o)
{
    const struct world_options options = {.seed = (uint64_t)seed,
                                          .payments = (uint64_t)payments,
                                          .terminals = (unsigned)s->terminals,
                                          .calm = s->calm,
                                          .verbose = s->verbose};
    struct world_counts counts = {0};
    char failure[512] = "", terminals[48] = "";
    uint64_t trace = 0;
    bool good = world_run(&options, o->provision, &counts, &trace, failure, sizeof failure);
    add(o, &counts, trace);
    if (good) return;
    o->failed++;
    if (s->terminals != 16)
        snprintf(terminals, sizeof terminals, " --terminals %" PRId64, s->terminals);
    printf("seed %" PRId64 " FAILED: %s\n", seed, failure);
    printf("repeat it with: build/bin/tongbao-simulation --seed %" PRId64 " --payments %" PRId64
           "%s\n",
           seed, payments, terminals);
    (void)fflush(stdout);
}

static void print_ends(const struct world_counts *c)
{
    printf("%-20s %10s %10s %10s %10s\n", "", "approved", "declined", "reversed", "disputed");
    for (enum payment_type type = PAYMENT_SALE; type < PAYMENT_TYPES; type++) {
        const uint64_t *end = c->ends[type];
        if (end[END_APPROVED] + end[END_DECLINED] + end[END_REVERSED] + end[END_DISPUTED] == 0)
            continue;
        printf("%-20s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 "\n",
               payment_type_row(type)->en, end[END_APPROVED], end[END_DECLINED], end[END_REVERSED],
               end[END_DISPUTED]);
    }
}

static void print_errands(const struct world_counts *c)
{
    size_t count;
    const struct errand_row *row = errands(&count);
    printf("begun:");
    for (size_t i = 0; i < count; i++)
        printf("%s %s %" PRIu64, i == 0 ? "" : ";", row[i].name, c->begun[i]);
    printf("\n");
}

static void print_totals(const struct settings *s, const struct outcome *o, int64_t runs,
                         int64_t us)
{
    const struct world_counts *c = &o->counts;
    int64_t payments = s->payments * s->seeds;
    print_errands(c);
    print_ends(c);
    printf("in cash: %" PRIu64 ", by plates: %" PRIu64 "; told, not asked: %" PRIu64
           ", paid by their issuers %" PRIu64 "\nfaults: messages %" PRIu64 " dropped, %" PRIu64
           " repeated, %" PRIu64 " cut; connections %" PRIu64 " broken, %" PRIu64
           " cut for minutes; cards %" PRIu64 " pulled, paper out %" PRIu64
           " times, clock jumped %" PRIu64 " times, set wrong or right %" PRIu64
           " times; kills: terminal %" PRIu64 ", vault %" PRIu64 ", acquirer %" PRIu64
           ", hsm %" PRIu64 ", networks %" PRIu64 "\n",
           c->cash, c->plates, c->offline, c->told, c->dropped, c->repeated, c->truncated,
           c->disconnected, c->cut, c->pulled, c->paper, c->jumped, c->clocks_set,
           c->terminal_kills, c->vault_kills, c->acquirer_kills, c->hsm_kills, c->network_kills);
    printf("by wallets over HTTP: %" PRIu64 ", %" PRIu64 " requests, %" PRIu64
           " of them wrong, %" PRIu64 " notices, %" PRIu64 " handed on; gateway killed %" PRIu64
           " times\n",
           c->by_providers, c->provider_asks, c->provider_faults, c->notices, c->handed_on,
           c->gateway_kills);
    printf("keys of the card network: replaced %" PRIu64 " times\n", c->rotations);
    printf("orders: %" PRIu64 " made, %" PRIu64 " of them payouts, %" PRIu64 " refused, %" PRIu64
           " asked again\n",
           c->orders, c->payouts, c->orders_refused, c->asked_again);
    printf("%" PRIu64 " devices destroyed, %" PRIu64 " restored in another; payments told by the "
           "host %" PRIu64 "; gone: cash %" PRIu64 ", offline and untold %" PRIu64
           ", set aside %" PRIu64 "\n",
           c->destroyed, c->replaced, c->caught_up, c->lost_cash, c->lost_offline, c->aside);
    printf("%" PRIu64 " slips, %" PRIu64 " shifts closed; ", c->slips, c->shifts);
    printf("%" PRIu64 " terminals with parameters; %" PRIu64 " batches settled, %" PRIu64
           " with a difference; work items:",
           c->parameters, c->batches, c->differed);
    for (enum journal_item_kind kind = JOURNAL_ITEM_TERMINAL_ONLY; kind < JOURNAL_ITEMS; kind++)
        printf(" %s %" PRIu64, journal_item_name(kind), c->items[kind]);
    printf("\n");
    printf("%" PRId64 " payments in %" PRId64 " runs: %" PRIu64 " events, %" PRId64 " payments/s\n",
           payments, runs, c->events, us > 0 ? payments * 1000000 / us : 0);
}

/* One seed after the other. A long run says after each where it could go on. */
static int64_t run_all(const struct settings *s, struct outcome *o)
{
    int64_t runs = 0, left = 0;
    for (int64_t i = 0; i < s->seeds; i++) {
        for (left = s->payments; left > 0; runs++) {
            int64_t payments = left < WORLD_PAYMENTS_MAX ? left : WORLD_PAYMENTS_MAX;
            run_one(s, s->seed + runs, payments, o);
            left -= payments;
            if (s->payments < LONG_RUN || left == 0) continue;
            printf("%" PRId64 " payments, %" PRId64 " runs failed; on with SEED=%" PRId64
                   " PAYMENTS=%" PRId64 "\n",
                   s->payments - left, o->failed, s->seed + runs + 1, left);
            (void)fflush(stdout);
        }
    }
    return runs;
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

    /* Tables of parts that come and go are fresh pages, not old ones that have to be cleared. */
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    struct clock clock = clock_system();
    int64_t began = clock_monotonic_us(&clock);
    char failure[512];
    struct provision *provision = world_provision((unsigned)s.terminals, failure, sizeof failure);
    struct outcome outcome = {.provision = provision};
    if (provision == NULL) {
        printf("provisioning FAILED: %s\n", failure);
        return PROCESS_EXIT_FAILED;
    }
    int64_t runs = run_all(&s, &outcome);
    provision_free(provision);
    print_totals(&s, &outcome, runs, clock_monotonic_us(&clock) - began);
    printf("trace %016" PRIx64 "\n", outcome.trace);
    if (s.seeds > 1)
        printf("%" PRId64 " passed, %" PRId64 " failed\n", runs - outcome.failed, outcome.failed);
    return outcome.failed == 0 ? 0 : PROCESS_EXIT_FAILED;
}
