/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin batches` and `work-items`: how terminals' batches were closed, and what a person
 * has to look at because terminal and host differed. Nothing here writes.
 */
#include <stdio.h>

#include "cli/admin.h"
#include "cli/admin_text.h"
#include "journal/close.h"
#include "lib/base/file.h"
#include "lib/wire/json.h"

enum { ROWS_AT_ONCE = 64, ROW_JSON = 1024 };

/* One row to standard output, as text or as JSON. */
struct listing {
    const char *newest, *head; /* the SQL for the last number; what stands over the rows */
    size_t size;               /* of a row */
    err (*read)(struct store *store, int64_t from, void *rows, size_t max, size_t *ret_count);
    int64_t (*number)(const void *row);
    void (*print)(const void *row);
    void (*write)(struct json_out *j, const void *row);
};

/* ---- batches ---- */

static err read_closes(struct store *store, int64_t from, void *rows, size_t max, size_t *ret_count)
{
    return journal_close_read(store, from, rows, max, ret_count);
}

static int64_t close_number(const void *row)
{
    return ((const struct journal_close *)row)->number;
}

static void print_close(const void *row)
{
    const struct journal_close *c = row;
    const struct payment_sum *terminal = c->terminal.side, *host = c->host.side;
    printf("%6lld  %s  %s/%06u  %-6s  %4lld %12s %4lld %12s  %4lld %12s %4lld %12s  %lld\n",
           (long long)c->number, admin_moment(c->at_ms).text, c->tid, c->batch,
           journal_closing_name(c->how), (long long)terminal[PAYMENT_SIDE_DEBIT].count,
           admin_amount(terminal[PAYMENT_SIDE_DEBIT].minor).text,
           (long long)terminal[PAYMENT_SIDE_CREDIT].count,
           admin_amount(terminal[PAYMENT_SIDE_CREDIT].minor).text,
           (long long)host[PAYMENT_SIDE_DEBIT].count,
           admin_amount(host[PAYMENT_SIDE_DEBIT].minor).text,
           (long long)host[PAYMENT_SIDE_CREDIT].count,
           admin_amount(host[PAYMENT_SIDE_CREDIT].minor).text, (long long)c->items);
}

static void write_totals(struct json_out *j, const char *name, const struct payment_totals *totals)
{
    json_member_object(j, name);
    json_member_int(j, "debits", totals->side[PAYMENT_SIDE_DEBIT].count);
    json_member_int(j, "debit_minor", totals->side[PAYMENT_SIDE_DEBIT].minor);
    json_member_int(j, "credits", totals->side[PAYMENT_SIDE_CREDIT].count);
    json_member_int(j, "credit_minor", totals->side[PAYMENT_SIDE_CREDIT].minor);
    json_object_end(j);
}

static void write_close(struct json_out *j, const void *row)
{
    const struct journal_close *c = row;
    json_member_int(j, "number", c->number);
    json_member_int(j, "at_ms", c->at_ms);
    json_member_text(j, "tid", bytes_text(c->tid));
    json_member_text(j, "mid", bytes_text(c->mid));
    json_member_int(j, "batch", c->batch);
    json_member_text(j, "closed", bytes_text(journal_closing_name(c->how)));
    write_totals(j, "terminal", &c->terminal);
    write_totals(j, "host", &c->host);
    json_member_int(j, "journal_seq", c->seq);
    json_member_int(j, "work_items", c->items);
}

static const struct listing batches = {
    "SELECT max(number) FROM batch_close",
    "number  closed            terminal/batch   how     terminal: taken, given back          "
    "host: taken, given back              items",
    sizeof(struct journal_close),
    read_closes,
    close_number,
    print_close,
    write_close,
};

/* ---- work items ---- */

static err read_items(struct store *store, int64_t from, void *rows, size_t max, size_t *ret_count)
{
    return journal_item_read(store, from, rows, max, ret_count);
}

static int64_t item_number(const void *row)
{
    return ((const struct journal_item *)row)->number;
}

static void print_item(const void *row)
{
    const struct journal_item *i = row;
    printf("%6lld  %s  %-13s  %s/%06u/%06u  %12s  %12s  %-19s %s\n", (long long)i->number,
           admin_moment(i->at_ms).text, journal_item_name(i->kind), i->tid, i->batch, i->stan,
           admin_amount(i->terminal_minor).text, admin_amount(i->host_minor).text, i->shown,
           i->rrn);
}

static void write_item(struct json_out *j, const void *row)
{
    const struct journal_item *i = row;
    json_member_int(j, "number", i->number);
    json_member_int(j, "at_ms", i->at_ms);
    json_member_text(j, "kind", bytes_text(journal_item_name(i->kind)));
    json_member_text(j, "tid", bytes_text(i->tid));
    json_member_text(j, "mid", bytes_text(i->mid));
    json_member_int(j, "batch", i->batch);
    json_member_int(j, "stan", i->stan);
    json_member_int(j, "terminal_minor", i->terminal_minor);
    json_member_int(j, "host_minor", i->host_minor);
    json_member_text(j, "card", bytes_text(i->shown));
    json_member_text(j, "rrn", bytes_text(i->rrn));
}

static const struct listing work_items = {
    "SELECT max(number) FROM work_item",
    "number  found             kind           terminal/batch/voucher    at terminal       at host  "
    "card                reference",
    sizeof(struct journal_item),
    read_items,
    item_number,
    print_item,
    write_item,
};

/* ---- either ---- */

static err put_json(const struct listing *what, const void *row, bool first)
{
    uint8_t block[ROW_JSON];
    struct bytes json;
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    what->write(&j, row);
    json_object_end(&j);
    TRY(writer_finish(&w, &json));
    printf("%s%.*s", first ? "" : ",\n", (int)json.len, (const char *)json.at);
    return OK;
}

static err put_rows(struct store *store, const struct listing *what, int64_t last, bool as_json)
{
    static union {
        struct journal_close close[ROWS_AT_ONCE];
        struct journal_item item[ROWS_AT_ONCE];
    } rows;
    int64_t newest = 0;
    bool first = true;
    TRY(store_query_int(store, what->newest, &newest));
    int64_t from = newest > last ? newest - last + 1 : 1;
    for (size_t got = ROWS_AT_ONCE; got == ROWS_AT_ONCE;) {
        TRY(what->read(store, from, &rows, ROWS_AT_ONCE, &got));
        for (size_t i = 0; i < got; i++, first = false) {
            const void *row = (const uint8_t *)&rows + i * what->size;
            from = what->number(row) + 1;
            if (as_json) TRY(put_json(what, row, first));
            else what->print(row);
        }
    }
    return OK;
}

static err put(const char *state, const struct listing *what, int64_t last, bool as_json,
               struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    struct store *store = NULL;
    const struct store_options open = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    err done = file_path(state, "journal.db", path, sizeof path);
    if (!FAILED(done)) done = store_open(path, &open, &why, &store);
    if (FAILED(done)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    if (!FAILED(done)) {
        puts(as_json ? "[" : what->head);
        done = put_rows(store, what, last, as_json);
        if (as_json) puts("\n]");
    }
    store_close(store);
    return done;
}

static int list(const struct admin_command *command, int argc, char **argv,
                const struct listing *what)
{
    const char *state = NULL;
    int64_t last = 100;
    bool json = false;
    struct process_fault fault = {""};
    const struct process_option options[] = {
        {"state", "DIR", "the acquirer's state directory", .text = &state, .required = true},
        {"last", "N", "how many", .number = &last, .min = 1, .max = 100000000},
        {"json", NULL, "as a JSON array", .flag = &json},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    err done = put(state, what, last, json, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}

int admin_batches(const struct admin_command *command, int argc, char **argv)
{
    return list(command, argc, argv, &batches);
}

int admin_work_items(const struct admin_command *command, int argc, char **argv)
{
    return list(command, argc, argv, &work_items);
}
