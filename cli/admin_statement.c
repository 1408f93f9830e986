/* SPDX-License-Identifier: Apache-2.0 */
/* `tongbao admin statement` and `figures --mid`: what a merchant is owed, and why. Nothing here
 * writes.
 */
#include <stdio.h>

#include "cli/admin.h"
#include "cli/admin_text.h"
#include "journal/journal.h"
#include "journal/order.h"
#include "ledger/statement.h"
#include "ledger/workday.h"
#include "lib/base/clock.h"
#include "lib/base/csv.h"
#include "lib/base/file.h"
#include "lib/wire/json.h"

enum { LINE_JSON = 768 };

/* The acquirer's two stores, to read. */
struct books {
    struct store *journal, *ledger;
};

static void books_close(struct books *books)
{
    store_close(books->journal);
    store_close(books->ledger);
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

static err books_open(const char *state, struct books *books, struct process_fault *fault)
{
    TRY(open_one(state, "journal.db", &books->journal, fault));
    return open_one(state, "ledger.db", &books->ledger, fault);
}

/* The journal row or order of a line, as far as a reader wants to know it. */
struct about {
    char what[24], key[28], card[24], reference[ORDER_REFERENCE_MAX + 1];
};

static err look_up(struct store *journal, const struct statement_line *line, struct about *out)
{
    *out = (struct about){""};
    if (line->line.order > 0) {
        struct journal_order order;
        TRY(journal_order_find(journal, line->line.order, &order));
        snprintf(out->what, sizeof out->what, "%s", order_kind_name(order.kind));
        snprintf(out->key, sizeof out->key, "order %lld", (long long)order.number);
        snprintf(out->card, sizeof out->card, "%.23s", order.reason);
        memcpy(out->reference, order.reference, sizeof out->reference);
        return OK;
    }
    struct journal_row row;
    size_t count = 0;
    TRY(journal_read(journal, line->line.seq, &row, 1, &count));
    if (count != 1) return ERR(CORRUPT);
    snprintf(out->what, sizeof out->what, "%s", ledger_line_name(line->line.kind));
    payment_key_text(&row.payment.key, out->key);
    snprintf(out->card, sizeof out->card, "%s", row.payment.pan_masked);
    snprintf(out->reference, sizeof out->reference, "%s", row.payment.rrn);
    return OK;
}

static const char *const sums[LEDGER_LINES] = {
    [LEDGER_LINE_TAKEN] = "taken",
    [LEDGER_LINE_GIVEN] = "given back",
    [LEDGER_LINE_TURNED] = "reversed",
    [LEDGER_LINE_FEE] = "fees",
    [LEDGER_LINE_FEE_BACK] = "fees back",
    [LEDGER_LINE_ORDER] = "holds, payouts, corrections",
    [LEDGER_LINE_INSTALMENT] = "instalment fees",
    [LEDGER_LINE_INSTALMENT_BACK] = "instalment fees back",
};

/* ---- text ---- */

static void text_line(const struct statement_line *l, const struct about *about, bool first)
{
    (void)first;
    printf("%s  %-9s %-23s %-19s %-12s %14s", admin_moment(l->line.at_ms).text, about->what,
           about->key, about->card, about->reference, admin_amount(l->line.minor).text);
    if (l->rule != 0)
        printf(" %12s  rule %u, agreement %lld", admin_amount(l->fee_minor).text, l->rule,
               (long long)l->agreement);
    else if (l->line.rule != 0) printf(" %12s  rule %u", "", l->line.rule);
    if (l->instalment_minor != 0)
        printf("  instalments %s", admin_amount(l->instalment_minor).text);
    putchar('\n');
}

static void text_sums(const struct statement *s)
{
    char day[WORKDAY_TEXT_MAX];
    workday_text(s->day, day);
    printf("%s, business day %s%s\n", s->mid, day, s->over ? "" : " (not over yet)");
    printf("%-28s        %14s\n", "opening", admin_amount(s->opening_minor).text);
    for (int i = 0; i < LEDGER_LINES; i++)
        printf("%-28s %6zu %14s\n", sums[i], s->count[i], admin_amount(s->sum_minor[i]).text);
    printf("%-28s        %14s\n", "closing", admin_amount(s->closing_minor).text);
    if (s->closing_minor < 0)
        printf(
            "商户欠款 %s，从后续结算款中扣回; the merchant owes it, and it is taken from the next "
            "payouts\n",
            admin_amount(-s->closing_minor).text);
}

/* ---- CSV: fields hold no comma, quote or line break but reasons and references ---- */

/* As long as every character of the longest reference twice, its quotes and an apostrophe. */
enum { CSV_FIELD = 2 * ORDER_REFERENCE_MAX + 3 };

static void csv_field(const char *text)
{
    char block[CSV_FIELD];
    struct bytes field;
    struct writer w = writer_over(block, sizeof block);
    csv_text(&w, text);
    ENSURE(!FAILED(writer_finish(&w, &field)));
    printf("%.*s", (int)field.len, (const char *)field.at);
}

static void csv_line(const struct statement_line *l, const struct about *about, bool first)
{
    (void)first;
    printf("%s,%s,%s,", admin_moment(l->line.at_ms).text, about->what, about->key);
    csv_field(about->card);
    putchar(',');
    csv_field(about->reference);
    printf(",%lld,%lld,%u,%lld,%lld\n", (long long)l->line.minor, (long long)l->fee_minor,
           l->rule != 0 ? l->rule : l->line.rule, (long long)l->agreement,
           (long long)l->instalment_minor);
}

static void csv_sums(const struct statement *s)
{
    printf("opening,,,,,%lld,,,,\n", (long long)s->opening_minor);
}

/* ---- JSON ---- */

static void json_line(const struct statement_line *l, const struct about *about, bool first)
{
    uint8_t block[LINE_JSON];
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_int(&j, "at_ms", l->line.at_ms);
    json_member_string(&j, "kind", about->what);
    json_member_string(&j, "key", about->key);
    json_member_string(&j, "card", about->card);
    json_member_string(&j, "reference", about->reference);
    json_member_int(&j, "amount_minor", l->line.minor);
    json_member_int(&j, "fee_minor", l->fee_minor);
    json_member_int(&j, "rule", l->rule != 0 ? l->rule : l->line.rule);
    json_member_int(&j, "agreement", l->agreement);
    json_member_int(&j, "instalment_minor", l->instalment_minor);
    json_object_end(&j);
    ENSURE(w.fault == ERR_OK);
    printf("%s%.*s", first ? "" : ",\n", (int)w.len, (const char *)block);
}

static void json_sums(const struct statement *s)
{
    static const char *const names[LEDGER_LINES] = {"taken",
                                                    "given",
                                                    "reversed",
                                                    "fees",
                                                    "fees_back",
                                                    "instalment_fees",
                                                    "instalment_fees_back",
                                                    "orders"};
    char day[WORKDAY_TEXT_MAX];
    workday_text(s->day, day);
    printf("{\"mid\":\"%s\",\"day\":\"%s\",\"over\":%s,\"opening_minor\":%lld,"
           "\"closing_minor\":%lld,\"owed_by_merchant_minor\":%lld",
           s->mid, day, s->over ? "true" : "false", (long long)s->opening_minor,
           (long long)s->closing_minor, (long long)(s->closing_minor < 0 ? -s->closing_minor : 0));
    for (int i = 0; i < LEDGER_LINES; i++)
        printf(",\"%s\":%zu,\"%s_minor\":%lld", names[i], s->count[i], names[i],
               (long long)s->sum_minor[i]);
    printf(",\"lines\":[\n");
}

/* How each form begins, writes a line, and ends. */
static const struct form {
    void (*sums)(const struct statement *s);
    const char *head, *foot;
    void (*line)(const struct statement_line *l, const struct about *about, bool first);
} text_form = {text_sums, "", "", text_line}, csv_form = {csv_sums, "", "", csv_line},
  json_form = {json_sums, "", "]}\n", json_line};

static err put_statement(struct books *books, const struct statement *s, const struct form *form)
{
    bool csv = form == &csv_form;
    if (csv)
        puts("at,kind,key,card,reference,amount_minor,fee_minor,rule,agreement,instalment_minor");
    form->sums(s);
    for (size_t i = 0; i < s->lines; i++) {
        struct about about;
        TRY(look_up(books->journal, &s->line[i], &about));
        form->line(&s->line[i], &about, i == 0);
    }
    if (csv) printf("closing,,,,,%lld,,,,\n", (long long)s->closing_minor);
    fputs(form->foot, stdout);
    return OK;
}

int admin_statement(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL, *mid = NULL, *date = NULL;
    bool csv = false, json = false;
    const struct process_option options[] = {
        {"state", "DIR", "the acquirer's state directory", .text = &state, .required = true},
        {"mid", "MID", "the merchant", .text = &mid, .required = true},
        {"day", "DATE", "a business day, as 2026-03-09", .text = &date, .required = true},
        {"csv", NULL, "as CSV, amounts in fen", .flag = &csv},
        {"json", NULL, "as one JSON object", .flag = &json},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    CLEANUP(books_close) struct books books = {0};
    CLEANUP(statement_free) struct statement s = {.lines = 0};
    struct process_fault fault = {""};
    int32_t day = 0;
    const struct clock clock = clock_system();
    err done = workday_parse(bytes_text(date), &day);
    if (FAILED(done)) snprintf(fault.text, sizeof fault.text, "--day %.40s: not a date", date);
    if (!FAILED(done)) done = books_open(state, &books, &fault);
    if (!FAILED(done))
        done = statement_read(books.ledger, mid, CURRENCY_CNY, day, clock_now_ms(&clock), &s);
    if (!FAILED(done))
        done = put_statement(&books, &s, json ? &json_form : csv ? &csv_form : &text_form);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}

/* ---- figures ---- */

static err put_holds(struct store *journal, const char *mid)
{
    static struct journal_order rows[32];
    size_t count = ARRAY_LEN(rows);
    for (int64_t from = 1; count == ARRAY_LEN(rows);) {
        TRY(journal_order_list(journal, ORDER_HOLD, mid, true, from, rows, ARRAY_LEN(rows),
                               &count));
        for (size_t i = 0; i < count; i++) {
            const struct order_reason *reason = order_reason_of(rows[i].reason);
            from = rows[i].number + 1;
            printf("  held by order %lld: %s: %s (%s)\n    wanted: %s\n    until %s; to object: "
                   "%s\n",
                   (long long)rows[i].number, admin_amount(rows[i].amount_minor).text,
                   reason != NULL ? reason->zh : rows[i].reason,
                   reason != NULL ? reason->en : rows[i].reason, rows[i].evidence,
                   admin_moment(rows[i].deadline_ms).text, rows[i].appeal);
        }
    }
    return OK;
}

static void put_figure(const char *name, int64_t minor)
{
    printf("%-28s %14s\n", name, admin_amount(minor).text);
}

static err put_figures(struct books *books, const char *mid, const struct statement *today)
{
    struct ledger_figures f;
    TRY(ledger_figures(books->ledger, mid, CURRENCY_CNY, &f));
    int64_t free_minor = f.payable_minor - f.going_minor;
    put_figure("taken today", today->sum_minor[LEDGER_LINE_TAKEN] +
                                  today->sum_minor[LEDGER_LINE_GIVEN] +
                                  today->sum_minor[LEDGER_LINE_TURNED]);
    put_figure("fees today",
               today->sum_minor[LEDGER_LINE_FEE] + today->sum_minor[LEDGER_LINE_FEE_BACK]);
    put_figure("instalment fees today", today->sum_minor[LEDGER_LINE_INSTALMENT] +
                                            today->sum_minor[LEDGER_LINE_INSTALMENT_BACK]);
    put_figure("undecided, coming", f.coming_minor);
    put_figure("undecided, going back", f.going_minor);
    put_figure("owed, from days before", today->opening_minor);
    put_figure("owed in all", f.payable_minor);
    put_figure("available", free_minor > 0 ? free_minor : 0);
    if (f.payable_minor < 0) put_figure("he owes, off next payouts", -f.payable_minor);
    put_figure("on its way to the account", f.transit_minor);
    put_figure("held", f.held_minor);
    return put_holds(books->journal, mid);
}

int admin_figures(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL, *mid = NULL, *office = NULL;
    bool check = false, rebuild = false;
    const struct process_option options[] = {
        {"state", "DIR", "the acquirer's state directory", .text = &state, .required = true},
        {"mid", "MID", "the merchant", .text = &mid},
        {"check", NULL, "compare figures.db with the ledger, shop by shop and day by day",
         .flag = &check},
        {"rebuild", NULL, "with --check: fold the journal again and compare every row",
         .flag = &rebuild},
        {"office", "DIR", "with --check: the back office's state directory", .text = &office},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    if (check == (mid != NULL) || check != (office != NULL) || (rebuild && !check)) {
        fprintf(stderr, "tongbao admin figures: either --mid MID, or --check --office DIR\n");
        return PROCESS_EXIT_USAGE;
    }
    if (check) return admin_figures_check(command, state, office, rebuild);
    CLEANUP(books_close) struct books books = {0};
    CLEANUP(statement_free) struct statement today = {.lines = 0};
    struct process_fault fault = {""};
    const struct clock clock = clock_system();
    int64_t now_ms = clock_now_ms(&clock);
    err done = books_open(state, &books, &fault);
    if (!FAILED(done))
        done = statement_read(books.ledger, mid, CURRENCY_CNY, workday_of(now_ms), now_ms, &today);
    if (!FAILED(done)) done = put_figures(&books, mid, &today);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}
