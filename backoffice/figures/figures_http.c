/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Figures as calls of the interface (S156, S158): GET /api/v1/figures answers every question about
 * takings with rows, their total, and what it was the period before and the year before; GET
 * /api/v1/figures/customers says who comes again.
 */
#include <assert.h>
#include <stdio.h>

#include "backoffice/figures/figures_room.h"
#include "backoffice/parts.h"
#include "figures/fold.h"

enum {
    ROWS = 400,     /* unless asked: a year of days */
    ROWS_MAX = 800, /* of 300 bytes each: what an answer holds */
    COST = 5,       /* three ranges of rows are read */
    KEY_MAX = 24,
};

/* ---- words ---- */

static const char *const group_words[] = {"total",   "day",  "week",   "month",    "hour",
                                          "weekday", "shop", "device", "operator", "method",
                                          "class",   "type", NULL};
static_assert(ARRAY_LEN(group_words) == FIGURES_GROUPS + 1, "a word for each");

static const char *const order_words[] = {"key", "net", "payments", NULL};
static_assert(ARRAY_LEN(order_words) == FIGURES_ORDERS + 1, "a word for each");

static const char *const means_words[] = {"none", "card", "code", "shown", "cash", "points", NULL};
static_assert(PAYMENT_POINTS == 5, "a word for each");

static const char *const class_words[] = {"unknown", "debit", "credit", "wallet", "foreign", NULL};
static_assert(ARRAY_LEN(class_words) == PAYMENT_CLASSES + 1, "a word for each");

static const char *const type_words[PAYMENT_TYPES] = {"",
                                                      "sale",
                                                      "void",
                                                      "refund",
                                                      "hold",
                                                      "hold_more",
                                                      "hold_end",
                                                      "completion",
                                                      "completion_told",
                                                      "completion_void",
                                                      "instalment",
                                                      "instalment_void",
                                                      "balance",
                                                      "points",
                                                      "points_void",
                                                      "points_back"};

static const char *entry_word(enum payment_entry entry)
{
    switch (entry) {
    case PAYMENT_ENTRY_MANUAL:
        return "typed";
    case PAYMENT_ENTRY_SWIPE:
        return "swiped";
    case PAYMENT_ENTRY_CODE:
        return "scanned";
    case PAYMENT_ENTRY_PLATE:
        return "plate";
    case PAYMENT_ENTRY_CHIP:
        return "inserted";
    case PAYMENT_ENTRY_CONTACTLESS:
        return "tapped";
    case PAYMENT_ENTRY_FALLBACK:
        return "fallback";
    default:
        return "unknown";
    }
}

static size_t word_of(const char *const *words, const char *word)
{
    size_t i = 0;
    while (words[i] != NULL && strcmp(words[i], word) != 0) i++;
    return words[i] == NULL ? 0 : i;
}

/* ---- tables of fields ---- */

static const struct api_field row_fields[] = {
    {"key", API_TEXT, .max = KEY_MAX,
     .text =
         "The date (of a week its Monday, of a month its first day), hour, weekday (1: Monday), "
         "merchant, device, operator, method, class or type; empty: nobody"},
    {"sums", API_OBJECT, .of = &figures_sums_schema, .text = "What it comes to"},
    {"trend", API_MONEY, .optional = true, .min = -INT64_MAX, .max = INT64_MAX,
     .text = "The mean of net over so many rows up to this one as `window` says"},
};
API_SCHEMA(row_schema, "FiguresRow", row_fields);

static const struct api_field period_fields[] = {
    {"from", API_TEXT, .min = 10, .max = 10, .text = "Its first business day"},
    {"to", API_TEXT, .min = 10, .max = 10, .text = "Its last business day"},
    {"total", API_OBJECT, .of = &figures_sums_schema, .text = "All of it"},
    {"refund_rate", API_INT, .max = INT64_MAX,
     .text = "What was refunded, in parts per ten thousand of gross"},
};
API_SCHEMA(period_schema, "FiguresPeriod", period_fields);

static const struct api_field answer_fields[] = {
    {"counted", API_INT, .max = INT64_MAX,
     .text = "Up to which row of the journal it is counted: `since` of /figures/changes"},
    {"rows", API_LIST, .max = ROWS_MAX, .of = &row_schema, .text = "One for each group"},
    {"more", API_BOOL, .text = "There are more rows than `limit`"},
    {"period", API_OBJECT, .of = &period_schema, .text = "What was asked for"},
    {"before", API_OBJECT, .of = &period_schema,
     .text = "As many days before; of whole months as many months"},
    {"year_before", API_OBJECT, .of = &period_schema, .text = "The same dates a year before"},
};
API_SCHEMA(answer_schema, "Figures", answer_fields);

static const struct api_field query_fields[] = {
    {"from", API_TEXT, .min = 10, .max = 10, .text = "The first business day; today unless said"},
    {"to", API_TEXT, .min = 10, .max = 10, .text = "The last one; as `from` unless said"},
    {"group", API_WORD, .words = group_words, .text = "What a row is; total: there are none"},
    {"order", API_WORD, .words = order_words, .text = "By key, or the highest first"},
    {"merchant", API_TEXT, .min = 1, .max = 15,
     .text = "Of this one; left out: of one's own, or of all"},
    {"outlet", API_INT, .min = 1, .max = 9999, .text = "Of the devices that stand in it now"},
    {"device", API_TEXT, .min = 8, .max = 8, .text = "Of this device"},
    {"operator", API_TEXT, .min = 2, .max = 2, .text = "Of this operator, as 01"},
    {"means", API_WORD, .words = means_words, .text = "Paid by this"},
    {"class", API_WORD, .words = class_words, .text = "With cards of this class"},
    {"limit", API_INT, .min = 1, .max = ROWS_MAX, .text = "So many rows; 400 unless said"},
    {"window", API_INT, .min = 2, .max = 366, .text = "Rows that a trend is the mean of"},
};
API_SCHEMA(query_schema, "FiguresQuery", query_fields);

static const struct api_field customers_fields[] = {
    {"visits", API_INT, .max = INT64_MAX, .text = "Payments by a known card or account"},
    {"customers", API_INT, .max = INT64_MAX, .text = "Different ones"},
    {"again", API_INT, .max = INT64_MAX, .text = "Of them, those who paid more than once"},
    {"again_rate", API_INT, .max = 10000, .text = "The same in parts per ten thousand"},
};
API_SCHEMA(customers_schema, "FiguresCustomers", customers_fields);

static const struct api_field customers_query_fields[] = {
    {"from", API_TEXT, .min = 10, .max = 10, .text = "The first business day; today unless said"},
    {"to", API_TEXT, .min = 10, .max = 10, .text = "The last one; as `from` unless said"},
    {"merchant", API_TEXT, .min = 1, .max = 15,
     .text = "Of this one; who has one may leave it out"},
};
API_SCHEMA(customers_query_schema, "FiguresCustomersQuery", customers_query_fields);

/* ---- what is asked ---- */

/* False: one of them is no date, and the answer is written. */
static bool read_span(const struct api_call *call, struct figures_span *span,
                      struct http_response *response)
{
    const char *from = api_query(call, "from"), *to = api_query(call, "to");
    int32_t today = workday_of(call->now_ms);
    *span = (struct figures_span){today, today};
    bool fine = from[0] == '\0' || !FAILED(workday_parse(bytes_text(from), &span->from_day));
    if (from[0] != '\0') span->to_day = span->from_day;
    fine = fine && (to[0] == '\0' || !FAILED(workday_parse(bytes_text(to), &span->to_day)));
    if (!fine) api_refuse(response, 422, "range", "a day is written as 2026-03-09");
    return fine;
}

static void read_filter(const struct api_call *call, struct figures_filter *filter)
{
    const char *operator_id = api_query(call, "operator"), *means = api_query(call, "means");
    const char *class = api_query(call, "class");
    if (operator_id[0] != '\0') filter->operator_id = operator_id;
    if (means[0] != '\0') filter->means = 1u << word_of(means_words, means);
    if (class[0] != '\0') filter->classes = 1u << word_of(class_words, class);
}

/* One device, which has to be of the outlet when one is asked for. */
static bool narrow_device(const struct api_call *call, const struct figures_scope *scope,
                          struct figures_filter *filter, struct http_response *response)
{
    const char *device = api_query(call, "device");
    bool there = scope->outlet == 0;
    if (device[0] == '\0') return true;
    for (size_t i = 0; i < scope->devices; i++) there = there || strcmp(scope->tid[i], device) == 0;
    filter->device[0] = device;
    filter->devices = 1;
    if (!there) api_missing(response);
    return there;
}

static void refuse(struct http_response *response, const char *fault)
{
    static const char *const texts[][2] = {
        {"shops", "of all merchants together nothing is known by device or operator: name one"},
        {"range", "the last day is not before the first, nor more than ten years after it"},
        {"filter", "by shop, all merchants cannot be narrowed; an operator is two digits"},
    };
    const char *text = "this cannot be asked";
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (strcmp(texts[i][0], fault) == 0) text = texts[i][1];
    api_refuse(response, 422, fault, text);
}

/* False: the answer is written. */
static err read_query(struct backoffice *b, const struct api_call *call,
                      struct figures_scope *scope, struct figures_query *query, bool *ret_fine,
                      struct http_response *response)
{
    *query = (struct figures_query){.limit = ROWS};
    TRY(figures_scope_find(b, call, api_query(call, "merchant"),
                           (uint32_t)api_query_int(call, "outlet"), scope, ret_fine, response));
    *ret_fine = *ret_fine && read_span(call, &query->span, response);
    if (!*ret_fine) return OK;
    figures_scope_apply(scope, query);
    read_filter(call, &query->filter);
    query->group = (enum figures_group)word_of(group_words, api_query(call, "group"));
    query->order = (enum figures_order)word_of(order_words, api_query(call, "order"));
    if (api_query(call, "limit")[0] != '\0') query->limit = (size_t)api_query_int(call, "limit");
    *ret_fine = narrow_device(call, scope, &query->filter, response);
    if (!*ret_fine) return OK;
    const char *fault = figures_query_fault(query);
    if (fault != NULL) refuse(response, fault);
    *ret_fine = fault == NULL;
    return OK;
}

/* ---- the answer ---- */

static void write_method(struct json_out *j, int64_t method)
{
    char key[KEY_MAX];
    size_t means = (size_t)(method >> 8);
    snprintf(key, sizeof key, "%s.%s",
             means < ARRAY_LEN(means_words) - 1 ? means_words[means] : "?",
             entry_word((enum payment_entry)(method & 0xff)));
    json_member_string(j, "key", key);
}

static void write_key(struct json_out *j, enum figures_group group, const struct figures_row *row)
{
    char key[KEY_MAX] = "", date[WORKDAY_TEXT_MAX];
    switch (group) {
    case FIGURES_BY_DAY:
    case FIGURES_BY_WEEK:
    case FIGURES_BY_MONTH:
        workday_text((int32_t)row->key, date);
        snprintf(key, sizeof key, "%s", date);
        break;
    case FIGURES_BY_SHOP:
    case FIGURES_BY_DEVICE:
        snprintf(key, sizeof key, "%s", row->name);
        break;
    case FIGURES_BY_OPERATOR:
        if (row->key >= 0) snprintf(key, sizeof key, "%02d", (int)row->key);
        break;
    case FIGURES_BY_METHOD:
        write_method(j, row->key);
        return;
    case FIGURES_BY_CLASS:
        snprintf(key, sizeof key, "%s", class_words[row->key]);
        break;
    case FIGURES_BY_TYPE:
        snprintf(key, sizeof key, "%s", type_words[row->key]);
        break;
    default: /* hours, and weekdays from 1 on */
        snprintf(key, sizeof key, "%d", (int)row->key + (group == FIGURES_BY_WEEKDAY));
    }
    json_member_string(j, "key", key);
}

static void write_rows(struct json_out *j, const struct figures_query *query,
                       const struct figures_answer *a, size_t window)
{
    int64_t trend[ROWS_MAX];
    if (window > 0) figures_trend(a->row, a->rows, window, trend);
    json_member_array(j, "rows");
    for (size_t i = 0; i < a->rows; i++) {
        json_object_begin(j);
        write_key(j, query->group, &a->row[i]);
        figures_write_sums(j, "sums", &a->row[i].sums);
        if (window > 0 && i + 1 >= window) json_member_int(j, "trend", trend[i]);
        json_object_end(j);
    }
    json_array_end(j);
    json_member_bool(j, "more", a->more);
}

static void write_period(struct json_out *j, const char *name, struct figures_span span,
                         const struct figure_sums *total)
{
    char from[WORKDAY_TEXT_MAX], to[WORKDAY_TEXT_MAX];
    workday_text(span.from_day, from);
    workday_text(span.to_day, to);
    json_member_object(j, name);
    json_member_string(j, "from", from);
    json_member_string(j, "to", to);
    figures_write_sums(j, "total", total);
    json_member_int(j, "refund_rate", figure_rate(total->refunded.minor, total->gross.minor));
    json_object_end(j);
}

/* The total of another period, asked in the same way. */
static err write_other(struct store *store, struct json_out *j, const char *name,
                       struct figures_query query, struct figures_span span)
{
    CLEANUP(figures_answer_free) struct figures_answer a = {.rows = 0};
    query.span = span;
    query.group = FIGURES_BY_NOTHING;
    TRY(figures_ask(store, &query, &a));
    write_period(j, name, span, &a.total);
    return OK;
}

static err write_answer(struct store *store, const struct figures_query *query, size_t window,
                        struct json_out *j)
{
    CLEANUP(figures_answer_free) struct figures_answer a = {.rows = 0};
    TRY(figures_ask(store, query, &a));
    json_object_begin(j);
    json_member_int(j, "counted", a.seq);
    write_rows(j, query, &a, window);
    write_period(j, "period", query->span, &a.total);
    TRY(write_other(store, j, "before", *query, figures_span_before(query->span)));
    TRY(write_other(store, j, "year_before", *query, figures_span_last_year(query->span)));
    json_object_end(j);
    return OK;
}

/* Figures that cannot be read are no reason to end: they are a fold, and nothing depends on them.
 */
static err on_figures(struct backoffice *b, const struct api_call *call,
                      struct http_response *response)
{
    struct figures_scope scope;
    struct figures_query query;
    bool fine = false;
    TRY(read_query(b, call, &scope, &query, &fine, response));
    struct store *store = fine ? figures_room_store(b, response) : NULL;
    if (store == NULL) return OK;
    struct writer begun = response->body;
    struct json_out j = json_out_over(&response->body);
    err asked = write_answer(store, &query, (size_t)api_query_int(call, "window"), &j);
    if (!FAILED(asked)) return OK;
    response->body = begun;
    figures_room_failed(b, asked, response);
    return OK;
}

/* ---- who comes again ---- */

static void write_customers(struct json_out *j, const struct figures_customers *c)
{
    json_object_begin(j);
    json_member_int(j, "visits", c->visits);
    json_member_int(j, "customers", c->customers);
    json_member_int(j, "again", c->again);
    json_member_int(j, "again_rate", figure_rate(c->again, c->customers));
    json_object_end(j);
}

/* Who is bound to one outlet does not ask: visits are known by shop and not by device. */
static err on_customers(struct backoffice *b, const struct api_call *call,
                        struct http_response *response)
{
    struct figures_span span;
    const char *merchant = api_query(call, "merchant"), *own = call->caller->mid;
    const char *mid = own[0] != '\0' ? own : merchant;
    struct figures_customers customers;
    if (call->caller->outlet != 0 || (merchant[0] != '\0' && strcmp(merchant, mid) != 0)) {
        api_missing(response);
        return OK;
    }
    if (!read_span(call, &span, response)) return OK;
    const struct figures_query query = {.span = span, .mid = {mid}, .mids = mid[0] != '\0'};
    const char *fault = mid[0] == '\0' ? "shops" : figures_query_fault(&query);
    if (fault != NULL) {
        refuse(response, fault);
        return OK;
    }
    struct store *store = figures_room_store(b, response);
    if (store == NULL) return OK;
    err asked = figures_customers(store, query.mid, 1, span, &customers);
    struct json_out j = json_out_over(&response->body);
    if (!FAILED(asked)) write_customers(&j, &customers);
    else if (asked.code == ERR_RANGE)
        api_refuse(response, 422, "range",
                   "these are more payments than can be compared: ask for "
                   "a shorter time");
    else figures_room_failed(b, asked, response);
    return OK;
}

/* ---- the part ---- */

/* clang-format off */
#define SEES (ROLES_STAFF | ROLE_OWNER | ROLE_MANAGER | ROLE_FINANCE)
static const struct api_route rows[] = {
    API_SEARCH_ROW(GET, "/figures", SESSION, SEES, FIGURES_READ, COST, 0, NULL, &answer_schema, on_figures,
                   "Takings by day, hour, device, operator, method and more, and what they were before", &query_schema)
    API_SEARCH_ROW(GET, "/figures/customers", SESSION, SEES, FIGURES_READ, COST, 0, NULL, &customers_schema, on_customers,
                   "How many customers come again", &customers_query_schema)
};
/* clang-format on */

const struct backoffice_part figures_part = {.name = "figures",
                                             .api_routes = rows,
                                             .api_route_count = ARRAY_LEN(rows),
                                             .open = figures_room_open,
                                             .close = figures_room_close};
