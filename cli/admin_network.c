/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin network-settled`: books what a network has paid for a day, once its file was held
 * against the journal; `networks`: what each owes us, and what we owe it (S66, S111).
 */
#include <stdio.h>

#include "cli/admin.h"
#include "cli/admin_clearing.h"
#include "cli/admin_text.h"
#include "cli/control_client.h"
#include "journal/order.h"
#include "ledger/figures.h"
#include "ledger/workday.h"
#include "lib/base/file.h"
#include "lib/wire/acquirer_work.h"
#include "lib/wire/json.h"

enum { ROWS_AT_ONCE = 32, LINE_JSON = 768 };

/* ---- booking a day ---- */

struct settings {
    const char *file, *state, *control, *network, *day, *actor, *received;
};

static err pass_over(void *context, const struct journal_item *item)
{
    (void)context, (void)item; /* the comparison that is on record has said it */
    return OK;
}

static err received(const struct settings *s, int64_t *minor, struct process_fault *fault)
{
    bool below = s->received != NULL && s->received[0] == '-';
    if (s->received == NULL) return OK;
    err done = money_parse(bytes_text(s->received + (below ? 1 : 0)), minor);
    if (FAILED(done))
        snprintf(fault->text, sizeof fault->text,
                 "--received %.40s: not an amount, such as 12868.37, or below zero when we paid",
                 s->received);
    if (!FAILED(done) && below) *minor = -*minor;
    return done;
}

static err book(const struct settings *s, const struct acquirer_settled *d,
                struct process_fault *fault)
{
    struct control_client client;
    uint8_t block[ACQUIRER_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    enum acquirer_status status;
    struct acquirer_answer answer = {.number = 0};
    TRY(control_client_open(&client, s->control, fault));
    acquirer_write_settled(&w, client.id, d);
    err done = control_client_call(&client, &w, &status, &answer, fault);
    if (!FAILED(done)) printf("order %lld\n", (long long)answer.number);
    control_client_close(&client);
    return done;
}

static void say(const struct acquirer_settled *d)
{
    printf("gross %s, fees kept %s, net by the file %s, arrived %s\n",
           admin_amount(d->gross_minor).text, admin_amount(d->gross_minor - d->file_net_minor).text,
           admin_amount(d->file_net_minor).text, admin_amount(d->net_minor).text);
    printf("fees as agreed: issuers %s, network %s, instalments %s\n",
           admin_amount(d->issuer_minor).text, admin_amount(d->network_minor).text,
           admin_amount(d->instalment_minor).text);
}

static err settle(const struct settings *s, struct process_fault *fault)
{
    CLEANUP(admin_clearing_close) struct admin_clearing c = {.rows = 0};
    struct reconcile_sums sums;
    TRY(admin_clearing_open(s->network, s->day, s->file, s->state, &c, fault));
    TRY(admin_clearing_compare(&c, pass_over, NULL, &sums, fault));
    struct acquirer_settled d = {.actor = bytes_text(s->actor),
                                 .digest = bytes_text(c.digest),
                                 .network = (uint8_t)c.head.network,
                                 .day = c.head.day,
                                 .turnover_minor = c.sums.taken_minor + c.sums.given_minor,
                                 .gross_minor = c.sums.taken_minor - c.sums.given_minor,
                                 .issuer_minor = sums.agreed.issuer_minor,
                                 .network_minor = sums.agreed.network_minor};
    /* A file of version 1 keeps none of them and gives nothing back. */
    if (c.sums.version > 1) d.instalment_minor = sums.agreed.instalment_minor;
    d.file_net_minor = d.gross_minor - c.sums.fee_minor - c.sums.instalment_minor +
                       c.sums.fee_back_minor + c.sums.instalment_back_minor;
    d.net_minor = d.file_net_minor;
    TRY(received(s, &d.net_minor, fault));
    if (d.turnover_minor == 0) {
        snprintf(fault->text, sizeof fault->text, "nothing stands in this file: nothing is paid");
        return ERR(NOT_FOUND);
    }
    TRY(book(s, &d, fault));
    say(&d);
    return OK;
}

int admin_network_settled(const struct admin_command *command, int argc, char **argv)
{
    struct settings s = {.network = "card_network"};
    const struct process_option options[] = {
        {"day", "DAY", "the business day of the file, such as 2026-01-31", .text = &s.day,
         .required = true},
        {"file", "FILE", "the network's clearing file, by which the day was reconciled",
         .text = &s.file, .required = true},
        {"network", "NETWORK", "card_network (unless said) or wallet", .text = &s.network},
        {"received", "YUAN", "what has arrived at the bank; what the file says unless said",
         .text = &s.received},
        {"state", "DIR", "the acquirer's state directory", .text = &s.state, .required = true},
        {"control", "SOCKET", "the acquirer's control socket", .text = &s.control,
         .required = true},
        {"actor", "NAME", "who does it: it stands in the order and in the audit log",
         .text = &s.actor, .required = true},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    err done = settle(&s, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}

/* ---- what stands open ---- */

struct books {
    struct store *journal, *ledger;
    bool json, first;
};

static void books_close(struct books *books)
{
    store_close(books->journal);
    store_close(books->ledger);
}

static const struct {
    enum account_kind kind;
    const char *name, *text;
} accounts[] = {
    {ACCOUNT_NETWORK_RECEIVABLE, "receivable_minor", "it owes"},
    {ACCOUNT_ISSUER_FEE, "issuer_fee_minor", "issuers' fees"},
    {ACCOUNT_NETWORK_FEE, "network_fee_minor", "its fees"},
    {ACCOUNT_INSTALMENT_FEE, "instalment_fee_minor", "instalment fees"},
};

static void put_json(const struct writer *w, bool *first)
{
    ENSURE(w->fault == ERR_OK);
    printf("%s%.*s", *first ? "" : ",\n", (int)w->len, (const char *)w->at);
    *first = false;
}

static err put_network(struct books *books, enum payment_route network, const char *owner)
{
    uint8_t block[LINE_JSON];
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_string(&j, "network", clearing_network_name(network));
    if (!books->json) printf("%-12s", clearing_network_name(network));
    for (size_t i = 0; i < ARRAY_LEN(accounts); i++) {
        int64_t minor = 0;
        TRY(ledger_balance_on(books->ledger, accounts[i].kind, owner, CURRENCY_CNY, WORKDAY_LAST,
                              &minor));
        json_member_int(&j, accounts[i].name, minor);
        if (!books->json) printf("  %s %s", accounts[i].text, admin_amount(minor).text);
    }
    json_object_end(&j);
    if (books->json) put_json(&w, &books->first);
    else putchar('\n');
    return OK;
}

static void put_settled(struct books *books, const struct journal_order *o)
{
    char day[WORKDAY_TEXT_MAX];
    uint8_t block[LINE_JSON];
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    const struct order_settled *s = &o->settled;
    workday_text(o->day, day);
    if (!books->json) {
        printf("%6lld  %s  %s of %s  gross %s  arrived %s  fees %s, %s  by %s, file %.16s\n",
               (long long)o->number, admin_moment(o->at_ms).text, o->mid, day,
               admin_amount(s->gross_minor).text, admin_amount(s->net_minor).text,
               admin_amount(s->issuer_minor).text, admin_amount(s->network_minor).text, o->actor,
               o->reference);
        return;
    }
    json_object_begin(&j);
    json_member_int(&j, "order", o->number);
    json_member_int(&j, "at_ms", o->at_ms);
    json_member_string(&j, "network", o->mid);
    json_member_string(&j, "day", day);
    json_member_int(&j, "gross_minor", s->gross_minor);
    json_member_int(&j, "net_minor", s->net_minor);
    json_member_int(&j, "issuer_minor", s->issuer_minor);
    json_member_int(&j, "network_minor", s->network_minor);
    json_member_string(&j, "actor", o->actor);
    json_member_string(&j, "file", o->reference);
    json_object_end(&j);
    put_json(&w, &books->first);
}

static err put_days(struct books *books)
{
    static struct journal_order rows[ROWS_AT_ONCE];
    size_t count = ROWS_AT_ONCE;
    for (int64_t from = 1; count == ROWS_AT_ONCE;) {
        TRY(journal_order_list(books->journal, ORDER_NETWORK_SETTLED, NULL, false, from, rows,
                               ROWS_AT_ONCE, &count));
        for (size_t i = 0; i < count; i++) {
            from = rows[i].number + 1;
            put_settled(books, &rows[i]);
        }
    }
    return OK;
}

static err put_all(struct books *books)
{
    if (books->json) fputs("{\"networks\":[\n", stdout);
    books->first = true;
    TRY(put_network(books, PAYMENT_ROUTE_CARD_NETWORK, "card-network"));
    TRY(put_network(books, PAYMENT_ROUTE_WALLET, "wallet"));
    if (books->json) fputs("],\"settled\":[\n", stdout);
    books->first = true;
    TRY(put_days(books));
    if (books->json) fputs("]}\n", stdout);
    return OK;
}

static err open_one(const char *state, const char *name, struct store **ret,
                    struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    TRY(file_path(state, name, path, sizeof path));
    err opened = store_open(path, &options, &why, ret);
    if (FAILED(opened)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    return opened;
}

int admin_networks(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL;
    CLEANUP(books_close) struct books books = {.json = false};
    const struct process_option options[] = {
        {"state", "DIR", "the acquirer's state directory", .text = &state, .required = true},
        {"json", NULL, "as one JSON object, amounts in fen", .flag = &books.json},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    err done = open_one(state, "journal.db", &books.journal, &fault);
    if (!FAILED(done)) done = open_one(state, "ledger.db", &books.ledger, &fault);
    if (!FAILED(done)) done = put_all(&books);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}
