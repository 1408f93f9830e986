/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin instalments`: the plans of instalments in all their versions, and of one payment
 * the plan by which it was made beside what holds now (S85).
 */
#include <stdio.h>

#include "cli/admin.h"
#include "cli/admin_text.h"
#include "journal/trail.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "payment/instalment.h"

static void print_from(int64_t from_ms)
{
    struct civil c = civil_from_ms(from_ms + CLOCK_CHINA_OFFSET_MS);
    if (from_ms == 0) printf("%-16s", "-");
    else printf("%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
}

static void print_row(const struct instalment_row *row, int64_t now_ms)
{
    size_t count;
    const struct instalment_issuer *issuer = &instalment_issuers(&count)[row->issuer];
    printf("%u  ", row->version);
    print_from(row->from_ms);
    printf("  %s %-16s %2u months  %u.%02u %% a month, borne by the %-8s  %s", issuer->bin,
           issuer->en, row->months, row->rate / 100, row->rate % 100,
           row->by_merchant ? "merchant" : "customer", admin_amount(row->least_minor).text);
    printf(" to %s  %s\n", admin_amount(row->most_minor).text,
           instalment_holds(row, now_ms) ? "holds"
           : row->from_ms > now_ms       ? "later"
                                         : "over");
}

static void print_all(int64_t now_ms)
{
    size_t count;
    const struct instalment_row *rows = instalment_rows(&count);
    for (size_t i = 0; i < count; i++) print_row(&rows[i], now_ms);
}

static void print_plan(const char *what, const struct payment_plan *plan, int64_t amount_minor)
{
    struct instalment_months m = instalment_months(plan, amount_minor);
    printf("%-10s %u months, fee %s borne by the %s", what, plan->months,
           admin_amount(plan->fee_minor).text, plan->by_merchant ? "merchant" : "customer");
    printf("; %s and then", admin_amount(m.first_minor).text);
    printf(" %s a month\n", admin_amount(m.each_minor).text);
}

static void print_payment(const struct payment *p, int64_t now_ms)
{
    struct bytes pan = bytes_text(p->pan_masked);
    const struct instalment_row *then =
        instalment_explain(&p->plan, pan, p->amount_minor, p->created_ms);
    const struct instalment_row *now = instalment_find(pan, p->plan.months, now_ms);
    printf("payment    %s, %s, %s\n", p->rrn, p->pan_masked, admin_amount(p->amount_minor).text);
    print_plan("agreed", &p->plan, p->amount_minor);
    printf("by         ");
    if (then == NULL) puts("no version of the table: look at it");
    else print_row(then, now_ms);
    if (now == then) return;
    printf("now        ");
    if (now == NULL) {
        puts("no such plan");
        return;
    }
    print_row(now, now_ms);
    if (p->amount_minor < now->least_minor || p->amount_minor > now->most_minor) return;
    struct payment_plan plan = instalment_plan(now, p->amount_minor);
    print_plan("would be", &plan, p->amount_minor);
}

static err show(const char *state, const char *rrn, int64_t now_ms, struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    struct store *store = NULL;
    struct journal_row row;
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    TRY(file_path(state, "journal.db", path, sizeof path));
    err done = store_open(path, &options, &why, &store);
    if (FAILED(done)) {
        snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
        return done;
    }
    done = journal_last_of(store, rrn, &row);
    store_close(store);
    if (!FAILED(done) && row.payment.plan.months == 0) done = ERR(NOT_FOUND);
    if (FAILED(done)) {
        snprintf(fault->text, sizeof fault->text, "%.20s: no sale in instalments", rrn);
        return done;
    }
    print_payment(&row.payment, now_ms);
    return OK;
}

int admin_instalments(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL, *rrn = NULL;
    const struct process_option options[] = {
        {"rrn", "RRN", "a payment: its plan, and what holds now", .text = &rrn},
        {"state", "DIR", "the acquirer's state directory, for --rrn", .text = &state},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct clock clock = clock_system();
    struct process_fault fault = {""};
    if (rrn == NULL) {
        print_all(clock_now_ms(&clock));
        return 0;
    }
    if (state == NULL) {
        fprintf(stderr, "tongbao admin %s: --rrn needs --state DIR\n", command->name);
        return PROCESS_EXIT_USAGE;
    }
    err done = show(state, rrn, clock_now_ms(&clock), &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}
