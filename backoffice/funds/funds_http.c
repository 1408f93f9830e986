/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A merchant's money as calls of the interface (S66): GET /api/v1/funds says what there is and
 * where, GET /api/v1/funds/lines what a figure is the sum of. For its owner and who does its
 * finance, and for nobody who is bound to one outlet: the money is the merchant's as a whole.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/api/api.h"
#include "backoffice/funds/funds_books.h"
#include "backoffice/parts.h"
#include "journal/journal.h"
#include "ledger/workday.h"

enum {
    COST = 5,        /* the transfers of the house's day are walked */
    AGAIN_MS = 2000, /* until a store that cannot be opened is tried again */
};

struct funds_room {
    struct funds_books books; /* NULL: not there, or not yet */
    int64_t tried_ms;
};

/* ---- words and tables of fields ---- */

static const char *const figure_words[] = {"today", "available", "transit", "held", NULL};
static_assert(ARRAY_LEN(figure_words) == FUNDS_FIGURES + 1, "a word for each");

#define MONEY_MOST INT64_C(9000000000000000)
#define MONEY_FIELD(field, says)                                              \
    {                                                                         \
        field, API_MONEY, .min = -MONEY_MOST, .max = MONEY_MOST, .text = says \
    }

/* clang-format off */
static const struct api_field funds_fields[] = {
    {"at", API_TIME, .text = "When this was read"},
    {"row", API_INT, .max = INT64_MAX, .text = "Up to which row of the journal it is counted"},
    {"order", API_INT, .max = INT64_MAX, .text = "And up to which money order"},
    {"day", API_TEXT, .min = 10, .max = 10, .text = "The business day of `today`"},
    MONEY_FIELD("total", "All four: what we owe"),
    MONEY_FIELD("today", "What payments of this day have brought, less their fees"),
    MONEY_FIELD("available", "What was there before and will be paid out; below zero after refunds"),
    MONEY_FIELD("transit", "Paid out, and not yet confirmed by the bank"),
    MONEY_FIELD("held", "Held back, with reasons"),
    MONEY_FIELD("taken", "Of today: payments"),
    MONEY_FIELD("given", "Of today: voids and refunds, below zero"),
    MONEY_FIELD("turned", "Of today: what was undone after it was booked"),
    MONEY_FIELD("fees", "Of today: fees, below zero when they were taken"),
    MONEY_FIELD("instalment_fees", "Of today: issuers' fees for instalments that the shop bears"),
};
API_SCHEMA(funds_schema, "Funds", funds_fields);

static const struct api_field line_fields[] = {
    {"kind", API_TEXT, .max = 32, .text = "taken, given, turned, fee, fee_back, instalment, instalment_back, opening, or what the order was"},
    {"at", API_TIME, .text = "When it was booked"},
    MONEY_FIELD("minor", "Above zero in the merchant's favour"),
    {"row", API_INT, .max = INT64_MAX, .text = "The row of the journal"},
    {"rule", API_INT, .max = UINT32_MAX, .text = "The rule of a fee; 0: none"},
    {"agreement", API_INT, .max = INT64_MAX, .text = "The version of the agreement that names the rule; 0: none"},
    {"terminal", API_TEXT, .optional = true, .max = 8, .text = "Of a payment"},
    {"batch", API_INT, .optional = true, .max = 999999, .text = "Of a payment"},
    {"trace", API_INT, .optional = true, .max = 999999, .text = "Of a payment"},
    {"card", API_TEXT, .optional = true, .max = 19, .text = "Of a payment, masked"},
    {"order", API_INT, .optional = true, .max = INT64_MAX, .text = "The number of a money order"},
    {"reason", API_TEXT, .optional = true, .max = ORDER_REASON_MAX, .text = "Why it was given"},
    {"text_zh", API_TEXT, .optional = true, .max = 120, .text = "The reason of a hold in Chinese"},
    {"text_en", API_TEXT, .optional = true, .max = 120, .text = "And in English"},
    {"evidence", API_TEXT, .optional = true, .max = ORDER_TEXT_MAX, .text = "What would settle a hold"},
    {"appeal", API_TEXT, .optional = true, .max = ORDER_TEXT_MAX, .text = "How to object to it"},
    {"deadline", API_TIME, .optional = true, .text = "When a hold ends unless somebody has decided"},
    {"day", API_TEXT, .optional = true, .max = 10, .text = "The business day up to which a payout pays"},
};
API_SCHEMA(line_schema, "FundsLine", line_fields);

static const struct api_field lines_fields[] = {
    MONEY_FIELD("minor", "The figure now: what all lines add up to"),
    {"lines", API_LIST, .max = API_PAGE_MAX, .of = &line_schema, .text = "In the order of the ledger"},
    {"next", API_TEXT, .optional = true, .max = API_CURSOR_MAX, .text = "What to send as `after`"},
};
API_SCHEMA(lines_schema, "FundsLines", lines_fields);

static const struct api_field query_fields[] = {
    {"figure", API_WORD, .words = figure_words, .text = "Which of them; today unless said"},
};
API_SCHEMA(query_schema, "FundsLinesQuery", query_fields);
/* clang-format on */

/* ---- the two files ---- */

static err open(struct backoffice *b)
{
    b->funds_room = calloc(1, sizeof *b->funds_room);
    return b->funds_room == NULL ? ERR(NO_MEMORY) : OK;
}

static void let_go(struct backoffice *b, const char *why)
{
    struct funds_books *books = &b->funds_room->books;
    if (why != NULL) log_event(b->config.log, LOG_WARN, "no_funds", LOG_TEXT("why", why));
    store_close(books->ledger);
    store_close(books->journal);
    *books = (struct funds_books){NULL, NULL};
}

static void close(struct backoffice *b)
{
    if (b->funds_room == NULL) return;
    let_go(b, NULL);
    free(b->funds_room);
    b->funds_room = NULL;
}

static err open_books(struct backoffice *b, struct store_fault *fault)
{
    struct funds_books *books = &b->funds_room->books;
    const struct store_options options = {
        .mode = b->config.mode == STORE_MEMORY ? STORE_MEMORY : STORE_READ_ONLY, .busy_ms = 100};
    TRY(store_open(b->config.ledger_path, &options, fault, &books->ledger));
    TRY(store_open(b->config.journal_path, &options, fault, &books->journal));
    TRY(store_migrate(books->journal, &journal_schema));
    return store_migrate(books->journal, &journal_order_schema);
}

static void write_away(struct http_response *response)
{
    http_response_error(response, 503, "unavailable",
                        "The books cannot be read now; try again in a moment");
}

/* The books, or NULL, and 503 is written. */
static const struct funds_books *find_books(struct backoffice *b, int64_t now_ms,
                                            struct http_response *response)
{
    struct funds_room *room = b->funds_room;
    struct store_fault fault = {""};
    bool named = b->config.ledger_path != NULL && b->config.journal_path != NULL;
    if (room->books.ledger == NULL && named && now_ms - room->tried_ms >= AGAIN_MS) {
        room->tried_ms = now_ms;
        err opened = open_books(b, &fault);
        if (FAILED(opened)) let_go(b, fault.text[0] != '\0' ? fault.text : err_text(opened));
    }
    if (room->books.ledger != NULL) return &room->books;
    write_away(response);
    return NULL;
}

/* Our own store is as it was: the files are opened again with the next call. */
static void failed(struct backoffice *b, err why, struct http_response *response)
{
    const struct funds_books *books = &b->funds_room->books;
    const char *text = store_error_text(books->ledger);
    if (text[0] == '\0') text = store_error_text(books->journal);
    let_go(b, text[0] != '\0' ? text : err_text(why));
    write_away(response);
}

/* ---- what there is ---- */

static void write_funds(struct json_out *j, const struct funds *f, int64_t now_ms)
{
    char day[WORKDAY_TEXT_MAX];
    int64_t total_minor = 0;
    for (int i = 0; i < FUNDS_FIGURES; i++) total_minor += f->minor[i];
    workday_text(f->day, day);
    json_object_begin(j);
    json_member_int(j, "at", now_ms);
    json_member_int(j, "row", f->row);
    json_member_int(j, "order", f->order);
    json_member_string(j, "day", day);
    json_member_int(j, "total", total_minor);
    for (int i = 0; i < FUNDS_FIGURES; i++) json_member_int(j, figure_words[i], f->minor[i]);
    json_member_int(j, "taken", f->taken_minor);
    json_member_int(j, "given", f->given_minor);
    json_member_int(j, "turned", f->turned_minor);
    json_member_int(j, "fees", f->fee_minor);
    json_member_int(j, "instalment_fees", f->instalment_minor);
    json_object_end(j);
}

static bool may_ask(const struct api_call *call, struct http_response *response)
{
    bool may = call->caller->mid[0] != '\0' && call->caller->outlet == 0;
    if (!may) api_missing(response);
    return may;
}

static err on_funds(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    struct funds funds;
    if (!may_ask(call, response)) return OK;
    const struct funds_books *books = find_books(b, call->now_ms, response);
    if (books == NULL) return OK;
    err read = funds_read(books, call->caller->mid, call->now_ms, &funds);
    struct json_out j = json_out_over(&response->body);
    if (FAILED(read)) failed(b, read, response);
    else write_funds(&j, &funds, call->now_ms);
    return OK;
}

/* ---- what a figure is the sum of ---- */

static void write_order(struct json_out *j, const struct journal_order *o)
{
    char day[WORKDAY_TEXT_MAX];
    const struct order_reason *reason = o->kind == ORDER_HOLD ? order_reason_of(o->reason) : NULL;
    json_member_int(j, "order", o->number);
    json_member_string(j, "reason", o->reason);
    if (reason != NULL) {
        json_member_string(j, "text_zh", reason->zh);
        json_member_string(j, "text_en", reason->en);
    }
    if (o->kind == ORDER_HOLD) {
        json_member_string(j, "evidence", o->evidence);
        json_member_string(j, "appeal", o->appeal);
        json_member_int(j, "deadline", o->deadline_ms);
    }
    if (o->kind == ORDER_PAYOUT) {
        workday_text(o->day, day);
        json_member_string(j, "day", day);
    }
}

static err write_line(void *context, const struct funds_line *line)
{
    struct json_out *j = context;
    json_object_begin(j);
    json_member_string(j, "kind", line->kind);
    json_member_int(j, "at", line->at_ms);
    json_member_int(j, "minor", line->minor);
    json_member_int(j, "row", line->row);
    json_member_int(j, "rule", line->rule);
    json_member_int(j, "agreement", line->agreement);
    if (line->key.tid[0] != '\0') {
        json_member_string(j, "terminal", line->key.tid);
        json_member_int(j, "batch", line->key.batch);
        json_member_int(j, "trace", line->key.stan);
        json_member_string(j, "card", line->card);
    }
    if (line->order.number != 0) write_order(j, &line->order);
    json_object_end(j);
    return OK;
}

static err write_lines(const struct funds_books *books, const struct api_call *call,
                       enum funds_figure figure, int64_t after, struct http_response *response)
{
    int64_t minor = 0, next = 0;
    char last[24] = "";
    struct json_out j = json_out_over(&response->body);
    json_object_begin(&j);
    json_member_array(&j, "lines");
    TRY(funds_lines(books, call->caller->mid, call->now_ms, figure, after, call->limit, write_line,
                    &j, &minor, &next));
    json_array_end(&j);
    json_member_int(&j, "minor", minor);
    if (next != 0) snprintf(last, sizeof last, "%lld", (long long)next);
    api_next(&j, last);
    json_object_end(&j);
    return OK;
}

static enum funds_figure figure_of(const char *word)
{
    size_t i = 0;
    while (figure_words[i] != NULL && strcmp(figure_words[i], word) != 0) i++;
    return figure_words[i] == NULL ? FUNDS_TODAY : (enum funds_figure)i;
}

static err on_lines(struct backoffice *b, const struct api_call *call,
                    struct http_response *response)
{
    int64_t after = strtoll(call->after, NULL, 10); /* what is no number begins at the first */
    if (!may_ask(call, response)) return OK;
    if (after < 0 || after == INT64_MAX) after = 0;
    const struct funds_books *books = find_books(b, call->now_ms, response);
    if (books == NULL) return OK;
    struct writer begun = response->body;
    err read = write_lines(books, call, figure_of(api_query(call, "figure")), after, response);
    if (!FAILED(read)) return OK;
    response->body = begun;
    failed(b, read, response);
    return OK;
}

/* ---- the part ---- */

/* clang-format off */
#define SEES (ROLE_OWNER | ROLE_FINANCE)
static const struct api_route rows[] = {
    API_ROUTE_ROW(GET, "/funds", SESSION, SEES, NONE, COST, 0, NULL, &funds_schema, on_funds,
                  "The merchant's money, and where it is: taken today, available, on its way, held")
    API_SEARCH_ROW(GET, "/funds/lines", SESSION, SEES, NONE, COST, API_PAGED, NULL, &lines_schema, on_lines,
                   "What one of these figures is the sum of, line by line", &query_schema)
};
/* clang-format on */

const struct backoffice_part funds_part = {.name = "funds",
                                           .api_routes = rows,
                                           .api_route_count = ARRAY_LEN(rows),
                                           .open = open,
                                           .close = close};
