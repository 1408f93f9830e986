/* SPDX-License-Identifier: Apache-2.0 */
/* Clearing files of the networks: entries of a day, in the order of their references. */
#include "simulators/clearing.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/file.h"
#include "lib/crypto/crypto.h"
#include "lib/wire/process.h"
#include "payment/kind.h"
#include "simulators/provider_clearing.h"

enum { ROW_MAX = 96, BOOK_MAX = 1 << 20 };

/* What issuers and networks ask at most, in parts per million and in fen (0: no cap): market facts
 * 9. A wallet is both in one. */
static const struct {
    int64_t issuer_ppm, issuer_cap, network_ppm, network_cap;
} tariff[PAYMENT_CLASSES] = {
    [PAYMENT_CLASS_UNKNOWN] = {4500, 0, 325, 325}, [PAYMENT_CLASS_DEBIT] = {3500, 1300, 325, 325},
    [PAYMENT_CLASS_CREDIT] = {4500, 0, 325, 325},  [PAYMENT_CLASS_WALLET] = {0, 0, 2000, 0},
    [PAYMENT_CLASS_FOREIGN] = {11000, 0, 4000, 0},
};

static int64_t share(int64_t amount_minor, int64_t ppm, int64_t cap)
{
    int64_t fee = money_rate_half_even(amount_minor, ppm);
    return cap > 0 && fee > cap ? cap : fee;
}

/* fee * returned / whole, half-even. */
static int64_t returned(int64_t fee_minor, int64_t whole_minor, int64_t returned_minor)
{
    __int128 product = (__int128)fee_minor * returned_minor;
    int64_t down = (int64_t)(product / whole_minor), rest = (int64_t)(product % whole_minor);
    bool up = rest > whole_minor - rest || (rest == whole_minor - rest && down % 2 == 1);
    return down + up;
}

static int64_t back_of(int64_t fee_minor, const struct clearing_part *part)
{
    int64_t after_minor = part->before_minor + part->amount_minor;
    ENSURE(part->whole_minor > 0 && after_minor <= part->whole_minor);
    return returned(fee_minor, part->whole_minor, after_minor) -
           returned(fee_minor, part->whole_minor, part->before_minor);
}

int64_t clearing_fee_back(enum payment_card_class class, const struct clearing_part *part)
{
    ENSURE(class < PAYMENT_CLASSES);
    int64_t issuer = share(part->whole_minor, tariff[class].issuer_ppm, tariff[class].issuer_cap);
    int64_t network =
        share(part->whole_minor, tariff[class].network_ppm, tariff[class].network_cap);
    return back_of(issuer, part) + back_of(network, part);
}

int64_t clearing_fee(enum payment_card_class class, enum payment_type type, int64_t amount_minor)
{
    ENSURE(class < PAYMENT_CLASSES);
    if (payment_type_row(type)->direction != PAYMENT_TAKES) return 0;
    return share(amount_minor, tariff[class].issuer_ppm, tariff[class].issuer_cap) +
           share(amount_minor, tariff[class].network_ppm, tariff[class].network_cap);
}

struct list {
    const struct clearing_head *head;
    const struct book *book;
    struct clearing_row *row;
    size_t count, max;
};

/* Charged on that day, also when it was taken back later; a hold is no charge. */
static bool wanted(const struct list *list, const struct entry *e)
{
    bool charged = e->state == ENTRY_CHARGED ||
                   (e->state == ENTRY_REVERSED && strcmp(e->response_code, "00") == 0);
    return charged && e->route == list->head->network && e->day == list->head->day &&
           entry_taken(e) != 0;
}

/* Its fees, kept or given back. */
static void put_fees(const struct list *list, const struct entry *e, struct clearing_row *row)
{
    if (payment_type_row(row->type)->direction == PAYMENT_TAKES) {
        row->fee_minor = clearing_fee(row->class, row->type, row->amount_minor);
        row->instalment_minor = e->instalment_minor;
        return;
    }
    const struct entry *o = book_find(list->book, bytes_text(e->original));
    if (o == NULL) return;
    const struct clearing_part part = {o->amount_minor, e->before_minor, e->amount_minor};
    row->fee_minor = clearing_fee_back((enum payment_card_class)o->class, &part);
    row->instalment_minor = back_of(o->instalment_minor, &part);
}

static void add(void *context, const struct entry *e)
{
    struct list *list = context;
    if (!wanted(list, e)) return;
    if (list->row != NULL) {
        enum payment_type type =
            e->type == PAYMENT_TYPE_NONE ? PAYMENT_SALE : (enum payment_type)e->type;
        enum payment_card_class class = (enum payment_card_class)e->class;
        struct clearing_row *row = &list->row[list->count];
        *row = (struct clearing_row){.stands = e->state == ENTRY_CHARGED,
                                     .type = type,
                                     .class = class,
                                     .amount_minor = e->amount_minor};
        put_fees(list, e, row);
        memcpy(row->rrn, e->rrn, sizeof row->rrn);
    }
    list->count++;
}

static int by_reference(const void *a, const void *b)
{
    return strcmp(((const struct clearing_row *)a)->rrn, ((const struct clearing_row *)b)->rrn);
}

static err write_rows(const struct list *list, struct writer *w)
{
    struct clearing_sums sums = {0};
    clearing_write_head(w, list->head);
    for (size_t i = 0; i < list->count; i++) {
        clearing_write_row(w, &list->row[i]);
        TRY(clearing_add(&sums, &list->row[i]));
    }
    clearing_write_end(w, &sums, crypto_sha256);
    return (err){w->fault};
}

/* How many rows there are, of the book and of the wallets over HTTP, when those are there. */
static err count_rows(const struct book *book, struct store *wallets, struct list *list)
{
    size_t more = 0;
    book_each(book, add, list);
    list->max = list->count;
    list->count = 0;
    if (wallets != NULL) TRY(provider_clearing_rows(wallets, list->head->day, NULL, 0, &more));
    list->max += more;
    return OK;
}

/* All rows, in the order of their references. */
static err gather_rows(const struct book *book, struct store *wallets, struct list *list)
{
    size_t more = 0;
    book_each(book, add, list);
    if (wallets != NULL)
        TRY(provider_clearing_rows(wallets, list->head->day, list->row + list->count,
                                   list->max - list->count, &more));
    list->count += more;
    qsort(list->row, list->count, sizeof *list->row, by_reference);
    return OK;
}

static err write_all(const struct book *book, struct store *wallets,
                     const struct clearing_head *head, struct writer *w)
{
    struct list list = {.head = head, .book = book};
    TRY(count_rows(book, wallets, &list));
    list.row = calloc(list.max + 1, sizeof *list.row);
    if (list.row == NULL) return ERR(NO_MEMORY);
    err written = gather_rows(book, wallets, &list);
    if (!FAILED(written)) written = write_rows(&list, w);
    free(list.row);
    return written;
}

err clearing_write(const struct book *book, const struct clearing_head *head, struct writer *w)
{
    return write_all(book, NULL, head, w);
}

/* ---- of a state directory ---- */

static err head_of(const char *day, const char *network, struct clearing_head *out,
                   struct process_fault *fault)
{
    struct clearing_head head = {.network = PAYMENT_ROUTE_NONE, .currency = CURRENCY_CNY};
    for (enum payment_route r = PAYMENT_ROUTE_CARD_NETWORK; r < PAYMENT_ROUTES; r++)
        if (strcmp(network, clearing_network_name(r)) == 0) head.network = r;
    bool good = head.network != PAYMENT_ROUTE_NONE &&
                !FAILED(clearing_day_parse(bytes_text(day), &head.day));
    if (!good) {
        snprintf(fault->text, sizeof fault->text,
                 "a clearing file is of a day such as 2026-01-31, and of card_network or wallet");
        return ERR(CONFIG);
    }
    *out = head;
    return OK;
}

static err write_file(const struct book *book, struct store *wallets,
                      const struct clearing_head *head, const char *file,
                      struct process_fault *fault)
{
    struct list list = {.head = head};
    TRY(count_rows(book, wallets, &list));
    size_t max = (list.max + 4) * ROW_MAX;
    uint8_t *block = malloc(max);
    if (block == NULL) return ERR(NO_MEMORY);
    struct writer w = writer_over(block, max);
    err written = write_all(book, wallets, head, &w);
    if (!FAILED(written)) written = file_write(file, FILE_PUBLIC, writer_view(&w));
    free(block);
    if (FAILED(written))
        snprintf(fault->text, sizeof fault->text, "%.200s: %s", file, err_text(written));
    return written;
}

/* The wallets over HTTP, whose trades are of the wallet route; NULL when they were never there. */
static err open_wallets(const char *state, const struct clearing_head *head,
                        struct store **ret_wallets, struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    if (head->network != PAYMENT_ROUTE_WALLET) return OK;
    TRY(file_path(state, "providers.db", path, sizeof path));
    err done = store_open(path, &options, &why, ret_wallets);
    if (done.code == ERR_NOT_FOUND) return OK;
    if (!FAILED(done)) done = provider_book_open(*ret_wallets, NULL);
    if (FAILED(done))
        snprintf(fault->text, sizeof fault->text, "%.150s: %.100s", path,
                 why.text[0] != '\0' ? why.text : err_text(done));
    return done;
}

err clearing_of_state(const char *state, const char *day, const char *network, const char *file,
                      struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    struct clearing_head head;
    struct store *store = NULL, *wallets = NULL;
    struct book *book = NULL;
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    TRY(head_of(day, network, &head, fault));
    TRY(file_path(state, "networks.db", path, sizeof path));
    err done = store_open(path, &options, &why, &store);
    if (!FAILED(done)) done = book_open(BOOK_MAX, store, &book);
    if (FAILED(done))
        snprintf(fault->text, sizeof fault->text, "%.150s: %.100s", path,
                 why.text[0] != '\0' ? why.text : err_text(done));
    if (!FAILED(done)) done = open_wallets(state, &head, &wallets, fault);
    if (!FAILED(done)) done = write_file(book, wallets, &head, file, fault);
    store_close(wallets);
    book_close(book);
    store_close(store);
    return done;
}
