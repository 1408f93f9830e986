/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin export`: the books as CSV files, for whoever wants to work everything out again
 * with nothing of ours (tests/recompute). The rows are those of one moment; amounts are fen,
 * moments milliseconds UTC, days their dates. No field needs quotes: free texts stay out.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/admin.h"
#include "journal/journal.h"
#include "journal/order.h"
#include "ledger/figures.h"
#include "ledger/terms.h"
#include "ledger/workday.h"
#include "lib/base/file.h"
#include "payment/instalment.h"
#include "payment/kind.h"

enum { ROWS_AT_ONCE = 256 };

struct export
{
    const char *to;
    struct store *journal, *ledger;
    struct ledger_position at; /* the moment */
    FILE *file;
};

/* ---- journal and orders ---- */

static const char *class_name(enum payment_card_class class)
{
    static const char *const names[PAYMENT_CLASSES] = {"unknown", "debit", "credit", "wallet",
                                                       "foreign"};
    return class < PAYMENT_CLASSES ? names[class] : "unknown";
}

static void put_row(struct export *x, const struct journal_row *row)
{
    const struct payment *p = &row->payment;
    static const char *const directions[] = {
        [PAYMENT_TAKES] = "takes",   [PAYMENT_GIVES] = "gives",   [PAYMENT_HOLDS] = "holds",
        [PAYMENT_LEAVES] = "leaves", [PAYMENT_SPENDS] = "spends", [PAYMENT_RESTORES] = "restores"};
    const struct payment_type_row *type = payment_type_row(p->type);
    fprintf(x->file, "%lld,%lld,%d,%s,%s,%06u,%06u,%s,%d,%d,%s,%s,%lld,%u,%lld,%u,%u,%u,%d,%lld\n",
            (long long)row->seq, (long long)row->at_ms, (int)row->event,
            payment_state_name(p->state), p->key.tid, p->key.batch, p->key.stan,
            directions[type->direction], type->whole, (int)p->route, class_name(p->card_class),
            p->mid, (long long)p->amount_minor, p->currency, (long long)p->original.row,
            p->fee_plan, p->agreement, p->plan.months, p->plan.by_merchant,
            (long long)p->plan.fee_minor);
}

static err put_journal(struct export *x)
{
    static struct journal_row rows[ROWS_AT_ONCE];
    fputs("seq,at_ms,event,state,tid,batch,stan,direction,whole,route,class,mid,amount,currency,"
          "original,plan,agreement,months,by_merchant,plan_fee\n",
          x->file);
    for (int64_t from = 1; from <= x->at.seq;) {
        size_t count = 0;
        TRY(journal_read_money(x->journal, from, rows, ROWS_AT_ONCE, &count));
        if (count == 0) return ERR(CORRUPT);
        for (size_t i = 0; i < count && rows[i].seq <= x->at.seq; i++) put_row(x, &rows[i]);
        from += (int64_t)count;
    }
    return OK;
}

static err put_orders(struct export *x)
{
    static struct journal_order rows[ROWS_AT_ONCE];
    fputs(
        "number,after_row,at_ms,kind,mid,currency,amount,fee,rule,original,day,way,account,network,gross,net,"
        "issuer,network_share,instalment\n",
        x->file);
    for (int64_t from = 1; from <= x->at.order;) {
        size_t count = 0;
        TRY(journal_order_read(x->journal, from, x->at.seq, rows, ROWS_AT_ONCE, &count));
        if (count == 0) return ERR(CORRUPT);
        for (size_t i = 0; i < count && rows[i].number <= x->at.order; i++) {
            const struct journal_order *o = &rows[i];
            char day[WORKDAY_TEXT_MAX];
            workday_text(o->day, day);
            fprintf(x->file, "%lld,%lld,%lld,%s,%s,%u,%lld,%lld,%u,%lld,%s,%s,%lld",
                    (long long)o->number, (long long)o->after_row, (long long)o->at_ms,
                    order_kind_name(o->kind), o->mid, o->currency, (long long)o->amount_minor,
                    (long long)o->fee_minor, o->rule, (long long)o->original, day,
                    order_way_name(o->way), (long long)o->account);
            fprintf(x->file, ",%d,%lld,%lld,%lld,%lld,%lld\n", (int)o->network,
                    (long long)o->settled.gross_minor, (long long)o->settled.net_minor,
                    (long long)o->settled.issuer_minor, (long long)o->settled.network_minor,
                    (long long)o->settled.instalment_minor);
        }
        from += (int64_t)count;
    }
    return OK;
}

/* ---- what the ledger says ---- */

/* account kind, owner, currency and the four sums; the trial balance */
static err put_accounts(struct export *x)
{
    struct store_statement *rows;
    fputs("code,owner,currency,debits_pending,debits_posted,credits_pending,credits_posted\n",
          x->file);
    TRY(store_statement(x->ledger,
                        "SELECT kind, owner, currency, debits_pending, debits_posted,"
                        " credits_pending, credits_posted FROM account ORDER BY id",
                        &rows));
    for (;;) {
        bool row = false;
        char owner[ACCOUNT_OWNER_MAX + 1];
        TRY(store_step(rows, &row));
        if (!row) return OK;
        int64_t kind = store_read_int(rows);
        store_read_text_into(rows, owner, sizeof owner);
        if (kind <= ACCOUNT_NONE || kind >= ACCOUNT_KINDS) return ERR(CORRUPT);
        fprintf(x->file, "%s,%s", account_row((enum account_kind)kind)->code, owner);
        for (int i = 0; i < 5; i++) fprintf(x->file, ",%lld", (long long)store_read_int(rows));
        fputc('\n', x->file);
        TRY(store_read_finish(rows));
    }
}

static err put_line(void *context, const struct ledger_line *line)
{
    struct export *x = context;
    fprintf(x->file, "%s,%s,%lld,%lld,%lld,%lld,%u,%lld\n", line->mid, ledger_line_name(line->kind),
            (long long)line->at_ms, (long long)line->seq, (long long)line->order,
            (long long)line->minor, line->rule, (long long)line->agreement);
    return OK;
}

/* Every line of every statement. */
static err put_lines(struct export *x)
{
    int64_t first = 0, last = -1;
    TRY(store_query_int(x->ledger, "SELECT min(day) FROM day_range", &first));
    TRY(store_query_int(x->ledger, "SELECT ifnull(max(day), -1) FROM day_range", &last));
    fputs("mid,kind,at_ms,seq,order,amount,rule,agreement\n", x->file);
    for (int64_t day = first; day <= last; day++)
        TRY(ledger_day_lines(x->ledger, NULL, CURRENCY_CNY, (int32_t)day, put_line, x));
    return OK;
}

static err put_days_of(void *context, const char *mid)
{
    struct export *x = context;
    int64_t first = 0, last = -1, before_minor = 0;
    TRY(store_query_int(x->ledger, "SELECT min(day) FROM day_range", &first));
    TRY(store_query_int(x->ledger, "SELECT ifnull(max(day), -1) FROM day_range", &last));
    for (int64_t day = first; day <= last; day++) {
        int64_t minor = 0;
        char text[WORKDAY_TEXT_MAX];
        TRY(ledger_balance_on(x->ledger, ACCOUNT_MERCHANT_PAYABLE, mid, CURRENCY_CNY, (int32_t)day,
                              &minor));
        workday_text((int32_t)day, text);
        fprintf(x->file, "%s,%s,%lld,%lld\n", mid, text, (long long)before_minor, (long long)minor);
        before_minor = minor;
    }
    return OK;
}

/* Opening and closing of every statement. */
static err put_statements(struct export *x)
{
    fputs("mid,day,opening,closing\n", x->file);
    return ledger_merchants(x->ledger, CURRENCY_CNY, put_days_of, x);
}

/* ---- tables ---- */

static err put_tables(struct export *x)
{
    static const char *const classes[FEE_CLASSES] = {"unknown", "debit", "credit", "wallet",
                                                     "foreign"};
    size_t count = 0;
    fputs("table,version,plan,class,from_ms,ppm,cap,ppm2,cap2,fixed,minimum\n", x->file);
    const struct fee_rule *rules = fee_rules(&count);
    for (size_t i = 0; i < count; i++)
        fprintf(x->file, "fee,%u,%u,%s,%lld,%lld,%lld,0,0,0,0\n", rules[i].version, rules[i].plan,
                classes[rules[i].class], (long long)rules[i].from_ms,
                (long long)rules[i].parts_per_million, (long long)rules[i].cap_minor);
    const struct fee_share_rule *shares = fee_share_rules(&count);
    for (size_t i = 0; i < count; i++)
        fprintf(x->file, "share,%u,0,%s,%lld,%lld,%lld,%lld,%lld,0,0\n", shares[i].version,
                classes[shares[i].class], (long long)shares[i].from_ms,
                (long long)shares[i].issuer_ppm, (long long)shares[i].issuer_cap_minor,
                (long long)shares[i].network_ppm, (long long)shares[i].network_cap_minor);
    const struct terms_rule *terms = terms_rules(&count);
    for (size_t i = 0; i < count; i++)
        fprintf(x->file, "terms,%u,0,%s,%lld,%lld,0,0,0,%lld,%lld\n", terms[i].version,
                order_way_name((enum order_way)terms[i].way), (long long)terms[i].from_ms,
                (long long)terms[i].parts_per_million, (long long)terms[i].fixed_minor,
                (long long)terms[i].minimum_minor);
    const struct instalment_row *plans = instalment_rows(&count);
    for (size_t i = 0; i < count; i++) /* the plan is its periods; the rate is for each of them */
        fprintf(x->file, "instalment,%u,%u,%s,%lld,%lld,%lld,0,0,0,%lld\n", plans[i].version,
                plans[i].months, plans[i].by_merchant ? "merchant" : "customer",
                (long long)plans[i].from_ms, plans[i].rate * 100LL, (long long)plans[i].most_minor,
                (long long)plans[i].least_minor);
    return OK;
}

/* Holidays and weekends that are worked, as the table has them. */
static err put_workdays(struct export *x)
{
    size_t count = 0;
    const struct workday_year *years = workday_years(&count);
    fputs("year,what,first,last\n", x->file);
    for (size_t i = 0; i < count; i++) {
        fprintf(x->file, "%d,year,0101,1231\n", years[i].year);
        for (size_t k = 0; k < WORKDAY_HOLIDAYS_MAX && years[i].holiday[k].first != 0; k++)
            fprintf(x->file, "%d,holiday,%04u,%04u\n", years[i].year, years[i].holiday[k].first,
                    years[i].holiday[k].last);
        for (size_t k = 0; k < WORKDAY_MAKE_UPS_MAX && years[i].make_up[k] != 0; k++)
            fprintf(x->file, "%d,worked,%04u,%04u\n", years[i].year, years[i].make_up[k],
                    years[i].make_up[k]);
    }
    return OK;
}

/* ---- all files ---- */

static const struct {
    const char *name;
    err (*put)(struct export *x);
} files[] = {
    {"journal.csv", put_journal},       {"orders.csv", put_orders},
    {"accounts.csv", put_accounts},     {"lines.csv", put_lines},
    {"statements.csv", put_statements}, {"tables.csv", put_tables},
    {"workdays.csv", put_workdays},
};

static err write_file(struct export *x, const char *name, err (*put)(struct export *x))
{
    char path[FILE_PATH_MAX];
    TRY(file_path(x->to, name, path, sizeof path));
    x->file = fopen(path, "we");
    if (x->file == NULL) return ERR(IO);
    err done = put(x);
    bool whole = ferror(x->file) == 0;
    if (fclose(x->file) != 0) whole = false;
    return FAILED(done) || whole ? done : ERR(IO);
}

static err open_one(const char *state, const char *name, struct store **ret,
                    struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    err done = file_path(state, name, path, sizeof path);
    if (!FAILED(done)) done = store_open(path, &options, &why, ret);
    if (FAILED(done)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    return done;
}

/* The ledger's snapshot first: the journal has at least what was folded. */
static err write_all(const char *state, struct export *x, struct process_fault *fault)
{
    CLEANUP(store_rollback) struct store_tx snapshot = {0};
    TRY(open_one(state, "ledger.db", &x->ledger, fault));
    TRY(open_one(state, "journal.db", &x->journal, fault));
    TRY(store_begin(x->ledger, &snapshot));
    TRY(ledger_position_of(x->ledger, &x->at));
    TRY(process_state_directory(x->to, fault));
    for (size_t i = 0; i < ARRAY_LEN(files); i++) TRY(write_file(x, files[i].name, files[i].put));
    return OK;
}

int admin_export(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL;
    struct export x = {.to = NULL};
    const struct process_option options[] = {
        {"state", "DIR", "the acquirer's state directory", .text = &state, .required = true},
        {"to", "DIR", "where the files are written; made when it is not there", .text = &x.to,
         .required = true},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    err done = write_all(state, &x, &fault);
    store_close(x.journal);
    store_close(x.ledger);
    if (FAILED(done)) return admin_failed(command, done, &fault);
    printf("journal row %lld, order %lld\n", (long long)x.at.seq, (long long)x.at.order);
    return 0;
}
