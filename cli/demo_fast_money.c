/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The acquirer's people: each morning the networks' files of yesterday are held against the journal
 * and booked, on working days the shops are paid; at the end the money is counted from four sides.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/demo_fast.h"
#include "cli/story.h"
#include "ledger/figures.h"
#include "ledger/workday.h"
#include "lib/base/file.h"

#define ADMIN(f, ...) fast_admin((f), (const char *const[]){__VA_ARGS__, NULL})
#define ACTOR         "--actor", "wang"

/* ---- the networks' files ---- */

static const char *const networks[] = {"card_network", "wallet"};
enum { NETWORKS = ARRAY_LEN(networks) };

struct file {
    char path[192];
    struct child *writer;
};

/* Each network writes its file, at the same time. */
static err ask_for_files(struct fast *f, const char *day, struct file files[static NETWORKS])
{
    struct stage *s = f->stage;
    for (size_t i = 0; i < NETWORKS; i++) {
        snprintf(files[i].path, sizeof files[i].path, "%.120s/clearing-%s.txt", s->directory,
                 networks[i]);
        const char *const write[] = {"--state",   s->networks, "--clearing",  day, "--of",
                                     networks[i], "--to",      files[i].path, NULL};
        TRY(children_start(&s->children, "tongbao-simulators", write, false, &files[i].writer));
    }
    for (size_t i = 0; i < NETWORKS; i++)
        if (child_await(files[i].writer) != 0)
            return fast_failed(f, ERR(STATE), "the file of %s of %s", networks[i], day);
    return OK;
}

/* Held against the journal, and booked when there is something in it. */
static err clear(struct fast *f, const char *network, const char *file, const char *day,
                 int64_t *rows)
{
    struct stage *s = f->stage;
    long matched = 0;
    TRY(ADMIN(f, "reconcile", "--network", network, "--day", day, "--file", file, "--state",
              s->acquirer, "--control", s->control, ACTOR));
    const char *at = strstr((char *)f->block, "network, ");
    if (at != NULL) matched = strtol(at + 9, NULL, 10);
    if (strstr((char *)f->block, " 0 differences") == NULL)
        return fast_failed(f, ERR(CONFLICT), "%s, %s: %.160s", network, day, (char *)f->block);
    *rows += matched;
    if (matched == 0) return OK;
    return ADMIN(f, "network-settled", "--network", network, "--day", day, "--file", file,
                 "--state", s->acquirer, "--control", s->control, ACTOR);
}

static err clear_yesterday(struct fast *f, int32_t today)
{
    char day[WORKDAY_TEXT_MAX];
    struct file files[NETWORKS];
    int64_t rows = 0;
    workday_text(today - 1, day);
    TRY(ask_for_files(f, day, files));
    for (size_t i = 0; i < NETWORKS; i++) TRY(clear(f, networks[i], files[i].path, day, &rows));
    if (rows == 0) return fast_failed(f, ERR(CONFLICT), "%s: the networks know of nothing", day);
    f->cleared += (size_t)rows;
    f->uncleared = false;
    fast_say(f, FAST_CLEARED, "%s: %lld payments, the networks say what the journal says", day,
             (long long)rows);
    return OK;
}

/* ---- payouts ---- */

/* 1,234.50 yuan, as fen. */
static int64_t fen(const char *at)
{
    int64_t yuan = 0;
    while (*at == ' ') at++;
    for (; (*at >= '0' && *at <= '9') || *at == ','; at++)
        if (*at != ',') yuan = yuan * 10 + (*at - '0');
    return yuan * 100 + (at[0] == '.' ? (at[1] - '0') * 10 + (at[2] - '0') : 0);
}

/* The line of our shop: "898...  order 7  1,030.22  fee 0.00". The bank says that it has paid. */
static err pay_shop(struct fast *f)
{
    struct stage *s = f->stage;
    char number[24], reference[32];
    TRY(ADMIN(f, "payout", "--control", s->control, ACTOR, "--mid", s->mid));
    const char *at = strstr((char *)f->block, "  order ");
    if (at == NULL) return OK; /* said with status 0: nothing is due */
    char *end = NULL;
    snprintf(number, sizeof number, "%ld", strtol(at + 8, &end, 10));
    int64_t minor = fen(end);
    snprintf(reference, sizeof reference, "BANK-%s", number);
    TRY(ADMIN(f, "payout-end", "--control", s->control, ACTOR, "--order", number, "--reference",
              reference));
    f->payouts++;
    f->paid_out_minor += minor;
    fast_say(f, FAST_PAID, "%lld.%02d to the account ending in 7781, order %s",
             (long long)minor / 100, (int)(minor % 100), number);
    return OK;
}

/* Whether shops are paid today, as far as the year is announced. */
static err is_payday(struct fast *f, int32_t today, bool *ret)
{
    int32_t next = 0;
    bool announced = false;
    err known = workday_next_expected(today - 1, &next, &announced);
    if (FAILED(known)) return fast_failed(f, known, "the working days of this year are not known");
    *ret = next == today;
    return OK;
}

/* ---- what is looked after ---- */

/* A new master key, sealed to the vault: the terminal takes it at its next sign-in. */
err fast_money_rotate(struct fast *f)
{
    const struct stage *s = f->stage;
    TRY(ADMIN(f, "renew-key", "--state", s->admin, "--hsm", s->hsm_socket, "--tid", s->tid));
    f->block[strcspn((char *)f->block, "\n")] = '\0';
    fast_say(f, FAST_KEY, "%.120s", (char *)f->block);
    return OK;
}

/* S164: what the terminal has written to its stick since the last look. */
static err look_at_backups(struct fast *f)
{
    size_t count = 0;
    DIR *stick = opendir(f->stage->backup);
    if (stick == NULL) return fast_failed(f, ERR(NOT_FOUND), "the stick is not there");
    for (const struct dirent *d; (d = readdir(stick)) != NULL;) count += d->d_name[0] != '.';
    (void)closedir(stick);
    if (count > f->backups) {
        f->backups = count;
        fast_say(f, FAST_BACKUP, "the terminal has backed itself up to its stick: %zu there",
                 count);
    }
    return OK;
}

/* ---- the morning ---- */

err fast_money_morning(struct fast *f)
{
    bool payday = false;
    int32_t today = workday_of(fast_now_ms(f));
    TRY(look_at_backups(f));
    if (f->uncleared) TRY(clear_yesterday(f, today)); /* else yesterday's file is empty */
    TRY(is_payday(f, today, &payday));
    return payday ? pay_shop(f) : OK;
}

/* ---- the end ---- */

static err read_books(struct fast *f, struct ledger_figures *ret, struct ledger_trial *ret_trial,
                      int64_t *ret_fees)
{
    char path[FILE_PATH_MAX];
    struct ledger *ledger = NULL;
    TRY(file_path(f->stage->acquirer, "ledger.db", path, sizeof path));
    TRY(ledger_open(path, STORE_READ_ONLY, NULL, &ledger));
    err done = ledger_trial_balance(ledger, ret_trial);
    if (!FAILED(done))
        done = ledger_figures(ledger_store(ledger), f->stage->mid, CURRENCY_CNY, ret);
    if (!FAILED(done))
        done = ledger_balance_on(ledger_store(ledger), ACCOUNT_FEE_INCOME, "", CURRENCY_CNY,
                                 workday_of(fast_now_ms(f)) + 1, ret_fees);
    ledger_close(ledger);
    return done;
}

static void put(const struct fast *f, const char *name, int64_t minor)
{
    if (f->json) printf("{\"total\":\"%s\",\"minor\":%lld}\n", name, (long long)minor);
    else
        printf("  %s%8lld.%02d  %s\n", minor < 0 ? "-" : " ", (long long)llabs(minor) / 100,
               (int)(llabs(minor) % 100), name);
}

static void put_count(const struct fast *f, const char *name, int64_t count)
{
    if (f->json) printf("{\"total\":\"%s\",\"count\":%lld}\n", name, (long long)count);
    else printf("  %12lld  %s\n", (long long)count, name);
}

/* As the programs have it; what the counter says stands beside it and is compared. */
struct books {
    struct ledger_figures figures;
    struct ledger_trial trial;
    int64_t charged_minor, fees_minor;
};

static void put_table(const struct fast *f, const struct books *b)
{
    const struct clock machine = clock_machine();
    int64_t lived_us = clock_monotonic_us(&machine) - f->began_us;
    if (!f->json) printf("\nWhat there was:\n");
    put_count(f, "days 天数", f->days);
    put_count(f, "payments, by the networks' files 交易", (int64_t)f->cleared);
    put_count(f, "settlements 结算", (int64_t)f->settlements);
    put_count(f, "payouts 划款", (int64_t)f->payouts);
    put(f, "sold at the counter 收款", f->sold_minor);
    put(f, "refunded at the counter 退款", -f->refunded_minor);
    put(f, "charged by card network and wallets 网络入账", b->charged_minor);
    put(f, "fees, by the ledger 手续费", b->fees_minor);
    put(f, "paid out, confirmed by the bank 已划款", f->paid_out_minor);
    put(f, "owed to the shop, by the ledger 待划款",
        b->figures.payable_minor + b->figures.transit_minor);
    put_count(f, "seconds that it took 用时（秒）", (lived_us + 500000) / 1000000);
}

/* Nothing may be lost between counter, networks, ledger and bank. */
static err compare(struct fast *f, const struct books *b)
{
    int64_t net = f->sold_minor - f->refunded_minor;
    int64_t shop = f->paid_out_minor + b->figures.payable_minor + b->figures.transit_minor;
    if (f->cleared != f->payments)
        return fast_failed(f, ERR(CONFLICT), "the networks cleared %zu payments, made were %zu",
                           f->cleared, f->payments);
    if (b->charged_minor != net)
        return fast_failed(f, ERR(CONFLICT), "the networks charged what the counter did not take");
    if (net - b->fees_minor != shop)
        return fast_failed(f, ERR(CONFLICT), "what was taken is neither paid out nor owed");
    if (!b->trial.balanced || !b->trial.transfers_agree || b->trial.open_holds != 0)
        return fast_failed(f, ERR(CONFLICT), "the books do not balance");
    return OK;
}

/* The files of the last day come the morning after. */
static err clear_the_last(struct fast *f)
{
    TRY(fast_until(f, 9, 30));
    return f->uncleared ? clear_yesterday(f, workday_of(fast_now_ms(f))) : OK;
}

err fast_money_end(struct fast *f)
{
    struct story s = {.stage = f->stage, .quiet = true, .block = f->block};
    struct books b = {.fees_minor = 0};
    int64_t cards = 0, wallets = 0;
    TRY(clear_the_last(f));
    TRY(story_ledger(&s));
    TRY(story_charged(&s, &cards, &wallets));
    b.charged_minor = cards + wallets;
    TRY(read_books(f, &b.figures, &b.trial, &b.fees_minor));
    put_table(f, &b);
    TRY(compare(f, &b));
    if (!f->json)
        printf("Trial balance zero over %lld transfers; counter, networks, ledger and bank agree."
               " 账平。\n",
               (long long)b.trial.transfers);
    return OK;
}
