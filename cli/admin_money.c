/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin holds`, `payouts`, `fees`, `fee-plan`: money orders and the tables of fees,
 * listed; and a merchant's agreement about fees.
 */
#include <stdio.h>

#include "cli/admin.h"
#include "cli/admin_text.h"
#include "cli/host_keys.h"
#include "journal/order.h"
#include "ledger/fee.h"
#include "ledger/terms.h"
#include "ledger/workday.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "registry/agreement.h"

enum { ROWS_AT_ONCE = 32 };

/* What ended an order, or "open". */
static err end_of(struct store *store, int64_t number, char *out, size_t size)
{
    struct journal_order end;
    err found = journal_order_end(store, number, &end);
    if (found.code == ERR_NOT_FOUND) snprintf(out, size, "open");
    else if (FAILED(found)) return found;
    else
        snprintf(out, size, "%s %s by %.20s%s%.60s", order_kind_name(end.kind),
                 admin_moment(end.at_ms).text, end.actor, end.reason[0] != '\0' ? ": " : "",
                 end.reason[0] != '\0' ? end.reason : end.reference);
    return OK;
}

static err print_order(struct store *store, const struct journal_order *o)
{
    char end[160], day[WORKDAY_TEXT_MAX] = "";
    TRY(end_of(store, o->number, end, sizeof end));
    printf("%6lld  %s  %s %14s  by %-12s", (long long)o->number, admin_moment(o->at_ms).text,
           o->mid, admin_amount(o->amount_minor).text, o->actor);
    if (o->kind == ORDER_HOLD)
        printf("  %s, until %s; wanted: %s; to object: %s", o->reason,
               admin_moment(o->deadline_ms).text, o->evidence, o->appeal);
    if (o->kind == ORDER_PAYOUT) {
        workday_text(o->day, day);
        printf("  %s up to %s, fee %s by rule %u, to account version %lld", order_way_name(o->way),
               day, admin_amount(o->fee_minor).text, o->rule, (long long)o->account);
    }
    printf("  [%s]\n", end);
    return OK;
}

static err print_orders(struct store *store, enum order_kind kind, const char *mid, bool open)
{
    static struct journal_order rows[ROWS_AT_ONCE];
    size_t count = ROWS_AT_ONCE;
    for (int64_t from = 1; count == ROWS_AT_ONCE;) {
        TRY(journal_order_list(store, kind, mid, open, from, rows, ROWS_AT_ONCE, &count));
        for (size_t i = 0; i < count; i++) {
            from = rows[i].number + 1;
            TRY(print_order(store, &rows[i]));
        }
    }
    return OK;
}

static int list(const struct admin_command *command, int argc, char **argv, enum order_kind kind)
{
    const char *state = NULL, *mid = NULL;
    bool all = false;
    const struct process_option options[] = {
        {"state", "DIR", "the acquirer's state directory", .text = &state, .required = true},
        {"mid", "MID", "of one merchant", .text = &mid},
        {"all", NULL, "those, too, that are over", .flag = &all},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    struct process_fault fault = {""};
    CLEANUP(store_close_at) struct store *store = NULL;
    const struct store_options open = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    err done = file_path(state, "journal.db", path, sizeof path);
    if (!FAILED(done)) done = store_open(path, &open, &why, &store);
    if (FAILED(done)) snprintf(fault.text, sizeof fault.text, "%.250s", why.text);
    if (!FAILED(done)) done = print_orders(store, kind, mid, !all);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}

int admin_holds(const struct admin_command *command, int argc, char **argv)
{
    return list(command, argc, argv, ORDER_HOLD);
}

int admin_payouts(const struct admin_command *command, int argc, char **argv)
{
    int status = list(command, argc, argv, ORDER_PAYOUT);
    if (status == 0) admin_warn_calendar();
    return status;
}

/* ---- the tables ---- */

static void print_rate(int64_t parts_per_million, int64_t cap_minor)
{
    printf("%3lld.%04lld %%", (long long)parts_per_million / 10000,
           (long long)parts_per_million % 10000);
    if (cap_minor > 0) printf(", at most %s", admin_amount(cap_minor).text);
}

static const char *const class_words[FEE_CLASSES] = {"unknown", "debit", "credit", "wallet",
                                                     "foreign"};

int admin_fees(const struct admin_command *command, int argc, char **argv)
{
    int status = admin_options(command, NULL, 0, argc, argv);
    if (status >= 0) return status;
    size_t count = 0;
    const struct fee_rule *rules = fee_rules(&count);
    puts("rule   plan  card     from              what the merchant pays");
    for (size_t i = 0; i < count; i++) {
        printf("%4u  %5u  %-7s  %s  ", rules[i].version, rules[i].plan, class_words[rules[i].class],
               admin_moment(rules[i].from_ms).text);
        print_rate(rules[i].parts_per_million, rules[i].cap_minor);
        putchar('\n');
    }
    const struct fee_share_rule *shares = fee_share_rules(&count);
    puts("rule   card     from              of it the issuer; the network; the rest is ours");
    for (size_t i = 0; i < count; i++) {
        printf("%4u   %-7s  %s  ", shares[i].version, class_words[shares[i].class],
               admin_moment(shares[i].from_ms).text);
        print_rate(shares[i].issuer_ppm, shares[i].issuer_cap_minor);
        printf("; ");
        print_rate(shares[i].network_ppm, shares[i].network_cap_minor);
        putchar('\n');
    }
    const struct terms_rule *terms = terms_rules(&count);
    puts("rule   paid     from              fee, on top, and the least that is paid");
    for (size_t i = 0; i < count; i++) {
        printf("%4u   %-7s  %s  ", terms[i].version, order_way_name((enum order_way)terms[i].way),
               admin_moment(terms[i].from_ms).text);
        print_rate(terms[i].parts_per_million, 0);
        printf(", %s, %s\n", admin_amount(terms[i].fixed_minor).text,
               admin_amount(terms[i].minimum_minor).text);
    }
    return 0;
}

/* ---- agreements ---- */

/* Rules of today's table that the merchant has not signed with the agreement that holds now. */
static void print_unsigned(const struct registry_agreement *g, int64_t now_ms)
{
    for (enum fee_class class = FEE_DEBIT; class < FEE_CLASSES; class ++) {
        const struct fee_standing fee = fee_standing_of(g->fee_plan, class, now_ms, g->signed_ms);
        if (fee.now == fee.agreed) continue;
        printf("  rule %u (%s) is not in what was signed and is not charged: ", fee.now->version,
               class_words[class]);
        if (fee.agreed == NULL) printf("nothing is");
        else printf("rule %u is", fee.agreed->version);
        puts(".\n  When the merchant has signed it, write a new agreement with --plan.");
    }
}

static err print_agreement(void *context, const struct registry_agreement *agreement)
{
    const int64_t now_ms = *(const int64_t *)context;
    printf("version %lld  plan %u  from %s", (long long)agreement->version, agreement->fee_plan,
           agreement->since_ms == 0 ? "the beginning" : admin_moment(agreement->since_ms).text);
    if (agreement->same_day_rule == 0) puts("  T+1 only (仅次日到账)");
    else printf("  D+0 by rule %u (可当日到账)\n", agreement->same_day_rule);
    if (agreement->since_ms <= now_ms && now_ms < agreement->until_ms)
        print_unsigned(agreement, now_ms);
    return OK;
}

static err take_last(void *context, const struct registry_agreement *agreement)
{
    *(struct registry_agreement *)context = *agreement;
    return OK;
}

/* A new version: what is not said (below zero) is as it was. */
static err agree(struct registry *registry, const struct registry_actor *who, const char *mid,
                 int64_t plan, int64_t same_day, int64_t since_ms)
{
    struct registry_agreement last = {.version = 0};
    TRY(registry_agreements(registry, mid, take_last, &last));
    return registry_add_agreement(registry, who, mid, plan < 0 ? last.fee_plan : (uint32_t)plan,
                                  same_day < 0 ? last.same_day_rule : (uint32_t)same_day, since_ms);
}

static bool is_same_day(int64_t rule)
{
    const struct terms_rule *found = rule > 0 ? terms_rule_of((uint32_t)rule) : NULL;
    if (rule <= 0 || (found != NULL && found->way == TERMS_SAME_DAY)) return true;
    fprintf(stderr,
            "--same-day %lld: no rule of payouts on the same day; tongbao admin fees lists them\n",
            (long long)rule);
    return false;
}

/* The beginning of a date, when one is named. */
static bool begins(const char *date, int64_t *since_ms)
{
    int32_t day = 0;
    if (date == NULL) return true;
    if (FAILED(workday_parse(bytes_text(date), &day))) {
        fprintf(stderr, "--from %.40s: not a date, such as 2026-03-09\n", date);
        return false;
    }
    *since_ms = day * INT64_C(86400000) - CLOCK_CHINA_OFFSET_MS;
    return true;
}

int admin_fee_plan(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL, *mid = NULL, *date = NULL;
    int64_t plan = -1, same_day = -1;
    const struct process_option options[] = {
        {"state", "DIR", "the operator's directory", .text = &state, .required = true},
        {"mid", "MID", "the merchant", .text = &mid, .required = true},
        {"plan", "N", "a new agreement with this plan: 1 standard, 2 small", .number = &plan,
         .min = 1, .max = 9999},
        {"same-day", "RULE",
         "and with D+0 by this rule, such as 802 (0: without); as before unless "
         "said",
         .number = &same_day, .min = 0, .max = 9999},
        {"from", "DATE", "from the beginning of this date; from now unless said", .text = &date},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    int64_t since_ms = who.at_ms;
    if (!begins(date, &since_ms) || !is_same_day(same_day)) return PROCESS_EXIT_USAGE;
    err done = host_keys_registry(state, STORE_OPEN, &registry, &fault);
    if (!FAILED(done) && (plan >= 0 || same_day >= 0))
        done = agree(registry, &who, mid, plan, same_day, since_ms);
    if (!FAILED(done)) done = registry_agreements(registry, mid, print_agreement, &who.at_ms);
    if (FAILED(done) && registry != NULL) done = host_keys_refused(registry, done, &fault);
    registry_close(registry);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}
