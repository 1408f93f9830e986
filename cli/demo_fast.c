/* SPDX-License-Identifier: Apache-2.0 */
/* The clock, the log, and the days in their order. */
#include "cli/demo_fast.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/demo_story.h"
#include "lib/base/clock_turned.h"

/* Seats of programs that ended without a word are looked at anew this often. */
enum { REST_WAIT_MS = 60000, REST_LOOK_MS = 100, MOMENT_MS = 250, ZH_COLUMNS = 10, LINE_MAX = 400 };

/* ---- the clock ---- */

int64_t fast_now_ms(const struct fast *f)
{
    return clock_now_ms(&f->clock);
}

struct civil fast_date(const struct fast *f)
{
    return civil_from_ms(fast_now_ms(f) + CLOCK_CHINA_OFFSET_MS);
}

err fast_rest(struct fast *f)
{
    const struct clock machine = clock_machine();
    const int64_t until_us = clock_monotonic_us(&machine) + REST_WAIT_MS * 1000LL;
    struct clock_rest rest = {0};
    while (!clock_rest_seen(&rest)) {
        if (clock_monotonic_us(&machine) > until_us)
            return fast_failed(f, ERR(TIMEOUT), "some program does not come to rest");
        clock_rest_pause(&rest, REST_LOOK_MS);
    }
    return OK;
}

err fast_moment(struct fast *f)
{
    TRY(fast_rest(f));
    clock_turned_on(MOMENT_MS);
    return OK;
}

static err turn_to(struct fast *f, int64_t at_ms)
{
    int64_t by_ms = at_ms - fast_now_ms(f);
    if (by_ms <= 0) return OK;
    clock_turned_on(by_ms);
    return fast_rest(f);
}

/*
 * A turn of hours is a silence of hours: links are given up, and are tried again by timers that are
 * due some seconds later. So everybody is a minute early, and has time for that before something is
 * asked of him. Shorter than any silence that ends a link (acquirer/links.c: 65 s).
 */
err fast_until(struct fast *f, int hour, int minute)
{
    static const int early_ms[] = {60000, 59000, 50000, 0};
    int64_t at_ms = f->began_ms + f->day * FAST_DAY_MS + (hour * 60 + minute) * 60000LL;
    TRY(fast_rest(f)); /* nothing may be under way while the clock is turned */
    for (size_t i = 0; i < ARRAY_LEN(early_ms); i++) TRY(turn_to(f, at_ms - early_ms[i]));
    return OK;
}

/* ---- the log ---- */

static const struct {
    const char *word, *zh;
    int first, every;
} kinds[] = {
#define X(name, word, zh, first, every) {word, zh, first, every},
    FAST_KINDS(X)
#undef X
};

static void say_json(const struct fast *f, enum fast_kind kind, const char *text)
{
    uint8_t block[2 * LINE_MAX + 200];
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    struct bytes line;
    json_object_begin(&j);
    json_member_int(&j, "at_ms", fast_now_ms(f));
    json_member_string(&j, "what", kinds[kind].word);
    json_member_string(&j, "what_zh", kinds[kind].zh);
    json_member_string(&j, "text", text);
    json_object_end(&j);
    if (!FAILED(writer_finish(&w, &line))) printf("%.*s\n", (int)line.len, (const char *)line.at);
}

void fast_say(struct fast *f, enum fast_kind kind, const char *format, ...)
{
    char text[LINE_MAX];
    va_list values;
    va_start(values, format);
    (void)vsnprintf(text, sizeof text, format, values);
    va_end(values);
    f->said[kind]++;
    const struct civil d = fast_date(f);
    if (f->json) say_json(f, kind, text);
    else /* A Chinese word has three bytes and two columns a character. */
        printf("%04d-%02d-%02d %02d:%02d  %s%*s%-15s %s\n", d.year, d.month, d.day, d.hour,
               d.minute, kinds[kind].zh, (int)(ZH_COLUMNS - strlen(kinds[kind].zh) / 3 * 2), "",
               kinds[kind].word, text);
    (void)fflush(stdout);
}

err fast_failed(struct fast *f, err why, const char *format, ...)
{
    va_list values;
    if (f->why[0] != '\0') return why; /* the first knows best */
    va_start(values, format);
    (void)vsnprintf(f->why, sizeof f->why, format, values);
    va_end(values);
    return why;
}

/* ---- tongbao admin ---- */

/* Standard output and error go to `fd` until put_back(). */
static void divert(int fd, int kept[static 2])
{
    (void)fflush(stdout);
    (void)fflush(stderr);
    kept[0] = dup(STDOUT_FILENO);
    kept[1] = dup(STDERR_FILENO);
    (void)dup2(fd, STDOUT_FILENO);
    (void)dup2(fd, STDERR_FILENO);
}

static void put_back(const int kept[static 2])
{
    (void)fflush(stdout);
    (void)fflush(stderr);
    (void)dup2(kept[0], STDOUT_FILENO);
    (void)dup2(kept[1], STDERR_FILENO);
    (void)close(kept[0]);
    (void)close(kept[1]);
}

err fast_admin(struct fast *f, const char *const *words)
{
    char *argv[24] = {(char *)(uintptr_t) "admin"};
    int argc = 1, kept[2], fd = memfd_create("said", MFD_CLOEXEC);
    if (fd < 0) return ERR(IO);
    for (; words[argc - 1] != NULL && argc < 23; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    divert(fd, kept);
    int status = admin_main(argc, argv);
    put_back(kept);
    ssize_t len = pread(fd, f->block, FAST_BLOCK - 1, 0);
    (void)close(fd);
    f->block[len > 0 ? len : 0] = '\0';
    if (status == 0) return OK;
    return fast_failed(f, ERR(STATE), "tongbao admin %s: %.200s", words[0], (char *)f->block);
}

/* ---- the days ---- */

/* For its renovation, and one day in seven. */
static bool is_closed(int64_t day)
{
    return (day >= FAST_CLOSED_FROM && day < FAST_CLOSED_TO) || day % 7 == 6;
}

/* ---- what happens on one day ---- */

static err apply(struct fast *f)
{
    TRY(fast_until(f, 10, 0));
    TRY(fast_apply_begin(f));
    TRY(fast_until(f, 14, 0));
    return fast_apply_review(f);
}

static err send(struct fast *f)
{
    TRY(fast_until(f, 10, 0));
    TRY(fast_apply_sign(f));
    TRY(fast_until(f, 15, 0));
    return fast_ship_send(f);
}

static err activate(struct fast *f)
{
    TRY(fast_until(f, 10, 0));
    TRY(fast_ship_activate(f));
    TRY(fast_rest(f));
    fast_ship_forget(f);
    return OK;
}

static err close_shop(struct fast *f)
{
    TRY(fast_rest(f));
    fast_counter_close(f);
    fast_say(f, FAST_CLOSED, "renovation: the terminal is off, its certificate ends on day %d",
             FAST_CERTIFICATE_DAYS);
    return OK;
}

static err open_shop(struct fast *f)
{
    TRY(fast_until(f, 10, 0));
    TRY(fast_counter_open(f));
    fast_say(f, FAST_OPENED, "the terminal is on again, with a certificate that had ended");
    return OK;
}

static const struct {
    int64_t day;
    err (*run)(struct fast *f);
} special[] = {{0, apply},
               {1, send},
               {5, activate},
               {FAST_UPDATE_DAY, fast_update_begin},
               {FAST_ZONE_DAY, fast_zone_begin},
               {10, fast_counter_test_backup},
               {FAST_CLOSED_FROM, close_shop},
               {20, fast_money_rotate},
               {FAST_CLOSED_TO, open_shop},
               {140, fast_office_idle}};

/* ---- every day ---- */

static err trade(struct fast *f)
{
    TRY(fast_until(f, 20, 30));
    if (f->updating) TRY(fast_counter_again(f)); /* it starts anew whenever it is its turn */
    TRY(fast_counter_trade(f));
    if (f->day % 7 == 2) TRY(fast_counter_refund(f));
    return fast_counter_settle(f);
}

/* A day: morning at the acquirer's, what is special, trade, settlement. The night is one turn. */
static err live_day(struct fast *f)
{
    TRY(fast_until(f, 9, 30));
    if (f->day > 0) TRY(fast_money_morning(f));
    TRY(fast_office_news(f));
    TRY(fast_update_morning(f));
    TRY(fast_zone_morning(f));
    for (size_t i = 0; i < ARRAY_LEN(special); i++)
        if (special[i].day == f->day) TRY(special[i].run(f));
    return is_closed(f->day) ? OK : trade(f);
}

/* The first whole day begins tomorrow. */
static err begin(struct fast *f)
{
    const struct civil d = fast_date(f);
    const struct civil midnight = {.year = d.year, .month = d.month, .day = d.day};
    f->began_ms = civil_to_ms(midnight) - CLOCK_CHINA_OFFSET_MS + FAST_DAY_MS;
    TRY(fast_until(f, 8, 0));
    fast_say(f, FAST_START, "all programs run; %lld days from here", (long long)f->days);
    TRY(fast_counter_begin(f));
    TRY(fast_people_begin(f));
    return fast_office_begin(f);
}

static err live(struct fast *f)
{
    TRY(begin(f));
    for (; f->day < f->days; f->day++) TRY(live_day(f));
    TRY(fast_office_news(f));
    return fast_money_end(f);
}

/* Days of the story on which the shop was open. */
static int64_t open_days(const struct fast *f)
{
    int64_t open = 0;
    for (int64_t day = 0; day < f->days; day++) open += !is_closed(day);
    return open;
}

/* Every kind came as often as it must. */
static bool complete(const struct fast *f)
{
    bool all = true;
    for (size_t i = 0; i < FAST_KINDS_COUNT; i++) {
        if (f->days < kinds[i].first) continue;
        size_t least = 1;
        if (kinds[i].every > 0) least += (size_t)((open_days(f) - kinds[i].first) / kinds[i].every);
        if (f->said[i] >= least) continue;
        printf("MISSING  %s: %zu times, at least %zu were to come\n", kinds[i].word, f->said[i],
               least);
        all = false;
    }
    return fast_office_complete(f) && all;
}

static void tell_failure(struct fast *f, err why)
{
    const struct civil d = fast_date(f);
    printf("FAILED on day %lld, %04d-%02d-%02d %02d:%02d: %s: %s\n", (long long)f->day, d.year,
           d.month, d.day, d.hour, d.minute, err_text(why), f->why);
    if (f->page == NULL || page_screen(f->page) == NULL) return;
    uint8_t block[2048];
    struct writer w = writer_over(block, sizeof block);
    page_describe(f->page, &w);
    printf("The screen shows: %.*s\n", (int)w.len, (const char *)block);
}

int demo_fast(struct stage *stage, int64_t days, bool json)
{
    const struct clock machine = clock_machine();
    struct fast f = {.stage = stage,
                     .began_us = clock_monotonic_us(&machine),
                     .clock = clock_system(),
                     .random = random_system(),
                     .days = days,
                     .json = json,
                     .block = malloc(FAST_BLOCK)};
    if (f.block == NULL) return 1;
    err lived = live(&f);
    if (FAILED(lived)) tell_failure(&f, lived);
    int status = FAILED(lived) || !complete(&f) ? 1 : 0;
    fast_ship_forget(&f);
    fast_apply_end(&f);
    fast_office_end(&f);
    fast_people_end(&f);
    page_close(f.page);
    free(f.block);
    explicit_bzero(&f, sizeof f);
    return status;
}
