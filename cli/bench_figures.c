/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao bench figures`: what figures of ten million payments cost.
 *
 * Appending to an empty journal; a year of payments in journal and ledger; the fold from the first
 * row to the last; the questions of pages; appending to the journal that is full now; and the check
 * of the whole against the ledger, without which the numbers before are worth nothing.
 */
#include "cli/bench_figures.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "figures/check.h"
#include "lib/auth/pseudonym.h"
#include "lib/base/clock.h"

enum { GROUPS = 400, IN_A_GROUP = 50, SLICE = 250000, CHECKPOINT_PAGES = 1024 };

struct settings {
    int64_t payments, shops, days, rounds;
    const char *directory;
    bool json, keep;
};

struct times {
    int64_t wall_us[GROUPS], cpu_us[GROUPS];
};

struct result {
    struct times empty, full;
    int64_t rows, made_us, fold_us, fold_cpu_us, figures_bytes, journal_bytes;
    struct pages pages;
    struct figures_difference check;
};

int64_t bench_figures_now_us(void)
{
    const struct clock clock = clock_system();
    return clock_monotonic_us(&clock);
}

/* Of this thread. */
int64_t bench_figures_cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static void progress(const char *step)
{
    fprintf(stderr, "  %s\n", step);
}

static err say(struct process_fault *fault, const char *what, const char *detail, err why)
{
    if (FAILED(why) && fault->text[0] == '\0')
        snprintf(fault->text, sizeof fault->text, "%.60s: %.180s", what,
                 detail[0] != '\0' ? detail : err_text(why));
    return why;
}

static int64_t size_of(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 ? (int64_t)about.st_size : 0;
}

/* ---- phases ---- */

static struct year year_of(const struct settings *s)
{
    return (struct year){.payments = s->payments, .shops = s->shops, .days = s->days};
}

static err append_to_empty(const struct settings *s, const char *directory, struct result *r,
                           struct process_fault *fault)
{
    char empty[FILE_PATH_MAX];
    struct year year = year_of(s);
    TRY(file_path(directory, "empty", empty, sizeof empty));
    if (mkdir(empty, 0700) != 0) return say(fault, empty, "", ERR(IO));
    progress("payments into an empty journal");
    err done = year_open(&year, empty, fault);
    if (!FAILED(done))
        done = year_append(&year, GROUPS, IN_A_GROUP, r->empty.wall_us, r->empty.cpu_us, fault);
    year_close(&year);
    return done;
}

static err make_year(struct year *year, const struct settings *s, struct result *r,
                     struct process_fault *fault)
{
    char step[80];
    int64_t began_us = bench_figures_now_us();
    while (year->made < s->payments) {
        int64_t left = s->payments - year->made;
        TRY(year_make(year, left < SLICE ? left : SLICE, fault));
        snprintf(step, sizeof step, "%lld payments in journal and ledger", (long long)year->made);
        progress(step);
    }
    r->made_us = bench_figures_now_us() - began_us;
    r->rows = year->rows;
    return OK;
}

static err fold_all(const struct figures_config *config, struct result *r,
                    struct process_fault *fault)
{
    struct figures_fold *fold = NULL;
    struct store_fault why = {""};
    size_t rows = 1;
    progress("the fold of figures");
    int64_t began_us = bench_figures_now_us(), began_cpu = bench_figures_cpu_us();
    TRY(say(fault, "figures", why.text, figures_fold_open(config, &why, &fold)));
    err folded = OK;
    while (rows > 0 && !FAILED(folded))
        folded = figures_fold_step(fold, FIGURES_ROWS_MAX_STEP, &rows);
    (void)say(fault, "figures", figures_fold_error(fold), folded);
    figures_fold_close(fold);
    r->fold_us = bench_figures_now_us() - began_us;
    r->fold_cpu_us = bench_figures_cpu_us() - began_cpu;
    return folded;
}

static err check(const struct figures_config *config, struct result *r, struct process_fault *fault)
{
    CLEANUP(store_close_at) struct store *figures = NULL;
    CLEANUP(store_close_at) struct store *ledger = NULL;
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    progress("every shop and day against the ledger");
    TRY(store_open(config->figures_path, &options, NULL, &figures));
    TRY(store_open(config->ledger_path, &options, NULL, &ledger));
    err checked = figures_check(figures, ledger, &r->check);
    TRY(say(fault, "check", store_error_text(figures), checked));
    return r->check.same ? OK : say(fault, "check", r->check.text, ERR(CORRUPT));
}

static err measure(const struct settings *s, const char *directory, struct result *r,
                   struct process_fault *fault)
{
    static const uint8_t key[PSEUDONYM_KEY_BYTES] = {1};
    char journal[FILE_PATH_MAX], ledger[FILE_PATH_MAX], figures[FILE_PATH_MAX];
    struct year year = year_of(s);
    TRY(file_path(directory, "journal.db", journal, sizeof journal));
    TRY(file_path(directory, "ledger.db", ledger, sizeof ledger));
    TRY(file_path(directory, "figures.db", figures, sizeof figures));
    const struct figures_config config = {.mode = STORE_CREATE,
                                          .sources = STORE_READ_ONLY,
                                          .journal_path = journal,
                                          .ledger_path = ledger,
                                          .figures_path = figures,
                                          .hash = pseudonym_of,
                                          .key = key,
                                          .checkpoint_pages = CHECKPOINT_PAGES};
    TRY(append_to_empty(s, directory, r, fault));
    err done = year_open(&year, directory, fault);
    if (!FAILED(done)) done = make_year(&year, s, r, fault);
    if (!FAILED(done)) done = fold_all(&config, r, fault);
    if (!FAILED(done)) progress("questions of pages");
    if (!FAILED(done))
        done = pages_ask(figures, s->shops, FIGURES_BENCH_LAST_DAY, &r->pages, fault);
    if (!FAILED(done)) done = check(&config, r, fault);
    if (!FAILED(done)) progress("payments into the full journal");
    if (!FAILED(done))
        done = year_append(&year, GROUPS, IN_A_GROUP, r->full.wall_us, r->full.cpu_us, fault);
    r->figures_bytes = size_of(figures);
    r->journal_bytes = size_of(journal);
    year_close(&year);
    return done;
}

/* ---- the report ---- */

static int by_size(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static int64_t quantile(int64_t *values, size_t count, size_t per_cent)
{
    qsort(values, count, sizeof *values, by_size);
    size_t at = (count * per_cent + 99) / 100;
    return values[at == 0 ? 0 : at - 1];
}

/* In nanoseconds for one payment: of the median group. */
static int64_t each_ns(int64_t *groups_us)
{
    return quantile(groups_us, GROUPS, 50) * 1000 / IN_A_GROUP;
}

struct summary {
    int64_t fold_per_second, fold_per_cpu_second, page_p50_us, page_p99_us, page_most_us;
    int64_t empty_ns, full_ns, empty_cpu_ns, full_cpu_ns;
};

static struct summary summarise(const struct settings *s, struct result *r)
{
    static int64_t all[PAGES * PAGE_ROUNDS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < PAGES; i++)
        for (size_t round = 0; round < r->pages.rounds; round++)
            all[count++] = r->pages.us[i][round];
    return (struct summary){.fold_per_second = s->payments * 1000000 / (r->fold_us + 1),
                            .fold_per_cpu_second = s->payments * 1000000 / (r->fold_cpu_us + 1),
                            .page_p50_us = quantile(all, count, 50),
                            .page_p99_us = quantile(all, count, 99),
                            .page_most_us = quantile(all, count, 100),
                            .empty_ns = each_ns(r->empty.wall_us),
                            .full_ns = each_ns(r->full.wall_us),
                            .empty_cpu_ns = each_ns(r->empty.cpu_us),
                            .full_cpu_ns = each_ns(r->full.cpu_us)};
}

static void print_ms(const char *name, int64_t us, const char *more)
{
    printf("%-48s %6lld.%03lld ms%s\n", name, (long long)us / 1000, (long long)us % 1000, more);
}

static void print_append(const char *name, int64_t ns, int64_t cpu_ns)
{
    printf("%-48s %6lld.%03lld us, processor %lld.%03lld us\n", name, (long long)ns / 1000,
           (long long)ns % 1000, (long long)cpu_ns / 1000, (long long)cpu_ns % 1000);
}

static void print_text(const struct settings *s, struct result *r, const struct summary *m)
{
    char load[64] = "";
    FILE *file = fopen("/proc/loadavg", "re");
    if (file != NULL && fgets(load, sizeof load, file) != NULL) load[strcspn(load, "\n")] = '\0';
    if (file != NULL) fclose(file);
    printf("%lld payments of %lld shops in %lld days; %lld rows, journal %lld MB, figures %lld MB\n"
           "%ld processors, load %s\n",
           (long long)s->payments, (long long)s->shops, (long long)s->days, (long long)r->rows,
           (long long)r->journal_bytes >> 20, (long long)r->figures_bytes >> 20,
           sysconf(_SC_NPROCESSORS_ONLN), load);
    printf("%-48s %10lld payments/s, %lld in a second of processor (200000 wanted)\n",
           "fold from the first row", (long long)m->fold_per_second,
           (long long)m->fold_per_cpu_second);
    print_append("a payment into an empty journal", m->empty_ns, m->empty_cpu_ns);
    print_append("a payment into the full journal", m->full_ns, m->full_cpu_ns);
    printf("%-48s %6lld %% of it, processor %lld %% (110 wanted)\n", "",
           (long long)(m->full_ns * 100 / (m->empty_ns + 1)),
           (long long)(m->full_cpu_ns * 100 / (m->empty_cpu_ns + 1)));
    for (size_t i = 0; i < PAGES; i++)
        print_ms(r->pages.name[i], quantile(r->pages.us[i], r->pages.rounds, 100), "");
    print_ms("all of them, median", m->page_p50_us, "");
    print_ms("all of them, p99", m->page_p99_us, " (50 wanted)");
    printf("%zu days of shops are what the ledger says\n", r->check.compared);
}

static void print_json(const struct settings *s, const struct result *r, const struct summary *m)
{
    printf("{\"payments\":%lld,\"shops\":%lld,\"days\":%lld,\"rows\":%lld,\"journal_bytes\":%lld,"
           "\"figures_bytes\":%lld,\"made_us\":%lld,\"fold_us\":%lld,\"fold_per_second\":%lld,"
           "\"fold_per_cpu_second\":%lld,"
           "\"page_p50_us\":%lld,\"page_p99_us\":%lld,\"page_most_us\":%lld,"
           "\"append_empty_ns\":%lld,\"append_full_ns\":%lld,\"append_empty_cpu_ns\":%lld,"
           "\"append_full_cpu_ns\":%lld,\"compared\":%zu}\n",
           (long long)s->payments, (long long)s->shops, (long long)s->days, (long long)r->rows,
           (long long)r->journal_bytes, (long long)r->figures_bytes, (long long)r->made_us,
           (long long)r->fold_us, (long long)m->fold_per_second, (long long)m->fold_per_cpu_second,
           (long long)m->page_p50_us, (long long)m->page_p99_us, (long long)m->page_most_us,
           (long long)m->empty_ns, (long long)m->full_ns, (long long)m->empty_cpu_ns,
           (long long)m->full_cpu_ns, r->check.compared);
}

/* ---- the command ---- */

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about, (void)kind, (void)where;
    return remove(path);
}

static err run(const struct settings *s, struct result *r, struct process_fault *fault)
{
    char directory[128];
    snprintf(directory, sizeof directory, "%.90s/tongbao-bench-XXXXXX", s->directory);
    if (mkdtemp(directory) == NULL) return say(fault, s->directory, "", ERR(IO));
    err done = measure(s, directory, r, fault);
    if (s->keep) fprintf(stderr, "  kept in %s\n", directory);
    else (void)nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return done;
}

int bench_figures_main(int argc, char **argv)
{
    static struct result result;
    struct settings s = {
        .payments = 10000000, .shops = 1000, .days = 365, .rounds = 10, .directory = "/var/tmp"};
    const struct process_option options[] = {
        {"payments", "N", "in the store; 10000000 unless said: 8 GB of disk", .number = &s.payments,
         .min = 1000, .max = 100000000},
        {"shops", "N", "1000 unless said", .number = &s.shops, .min = 1,
         .max = FIGURES_BENCH_SHOPS_MAX},
        {"days", "N", "over which the payments are spread; 365 unless said", .number = &s.days,
         .min = 1, .max = 3650},
        {"rounds", "N", "of all questions; 10 unless said", .number = &s.rounds, .min = 1,
         .max = PAGE_ROUNDS_MAX},
        {"directory", "DIR", "where the stores are; /var/tmp unless said", .text = &s.directory},
        {"json", NULL, "as one JSON object", .flag = &s.json},
        {"keep", NULL, "leave the stores there", .flag = &s.keep},
    };
    const struct process_program program = {.name = "tongbao bench figures",
                                            .version = TONGBAO_VERSION,
                                            .summary = "Measures figures of many payments.",
                                            .options = options,
                                            .option_count = ARRAY_LEN(options)};
    struct process_fault fault = {""};
    int status = process_options(&program, argc, argv, NULL);
    if (status >= 0) return status;
    result.pages.rounds = (size_t)s.rounds;
    err done = run(&s, &result, &fault);
    if (FAILED(done)) {
        process_complain(&program, "%s", fault.text[0] != '\0' ? fault.text : err_text(done));
        return PROCESS_EXIT_FAILED;
    }
    const struct summary summary = summarise(&s, &result);
    if (s.json) print_json(&s, &result, &summary);
    else print_text(&s, &result, &summary);
    return 0;
}
