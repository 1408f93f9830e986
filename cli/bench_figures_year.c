/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A year of payments of many shops. Rows are those of the acquirer, and entries of the ledger are
 * made here beside them, because the acquirer's core is not linked; that both agree is what the
 * check at the end of the bench shows.
 */
#include "cli/bench_figures.h"

#include <stdio.h>
#include <stdlib.h>

#include "journal/order.h"
#include "ledger/workday.h"

enum { CHECKPOINT_PAGES = 1024, IN_A_TRANSACTION = 4000 };
#define DAY_MS INT64_C(86400000)

void year_mid(int64_t shop, char out[static 16])
{
    snprintf(out, 16, "8983101%08u", (unsigned)shop % 100000000);
}

void year_tid(int64_t shop, uint32_t terminal, char out[static 9])
{
    snprintf(out, 9, "%05u%03u", (unsigned)(10000 + shop) % 100000, terminal % 1000);
}

static err say(struct process_fault *fault, const char *what, const char *detail, err why)
{
    if (FAILED(why) && fault->text[0] == '\0')
        snprintf(fault->text, sizeof fault->text, "%.60s: %.180s", what,
                 detail[0] != '\0' ? detail : err_text(why));
    return why;
}

/* ---- opening ---- */

static err open_stores(struct year *y, const char *directory, struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_CREATE, .busy_ms = 2000};
    TRY(file_path(directory, "journal.db", path, sizeof path));
    TRY(say(fault, "journal", why.text, store_open(path, &options, &why, &y->journal)));
    TRY(store_migrate(y->journal, &journal_schema));
    TRY(store_migrate(y->journal, &journal_order_schema));
    TRY(store_checkpointer_start(y->journal, CHECKPOINT_PAGES, &y->checkpointer));
    TRY(file_path(directory, "ledger.db", path, sizeof path));
    return say(fault, "ledger", why.text, ledger_open(path, STORE_CREATE, &why, &y->ledger));
}

err year_open(struct year *y, const char *directory, struct process_fault *fault)
{
    random_seed(&y->seeded, 20260101);
    y->random = random_from_seed(&y->seeded);
    y->shop = calloc((size_t)y->shops, sizeof *y->shop);
    y->entry = calloc(LEDGER_BATCH_MAX, sizeof *y->entry);
    if (y->shop == NULL || y->entry == NULL) return ERR(NO_MEMORY);
    for (int64_t i = 0; i < y->shops; i++)
        y->shop[i].terminals = i == 0 ? 20 : 1 + random_below(&y->random, 4);
    return open_stores(y, directory, fault);
}

void year_close(struct year *y)
{
    store_checkpointer_stop(y->checkpointer);
    store_close(y->journal);
    ledger_close(y->ledger);
    free(y->shop);
    free(y->entry);
    *y = (struct year){.made = 0};
}

/* ---- one payment ---- */

/* From eight to ten in the evening, one after the other, on every day as many. */
static int64_t moment(const struct year *y, int64_t made)
{
    int64_t each_day = y->payments / y->days + 1;
    int64_t day = FIGURES_BENCH_LAST_DAY - y->days + 1 + made / each_day;
    return (day * 24) * INT64_C(3600000) + made % each_day * (14 * INT64_C(3600000)) / each_day;
}

/* Most shops are small: the lesser of two. */
static int64_t random_shop(struct year *y)
{
    if (y->shops == 1 || random_below(&y->random, 1000) < FIGURES_BENCH_HOT) return 0;
    int64_t a = random_below(&y->random, (uint32_t)y->shops - 1);
    int64_t b = random_below(&y->random, (uint32_t)y->shops - 1);
    return 1 + (a < b ? a : b);
}

static struct payment random_payment(struct year *y, int64_t shop, int64_t number)
{
    static const struct {
        enum payment_means means;
        enum payment_entry entry;
        enum payment_card_class class;
        enum payment_route route;
    } methods[] = {
        {PAYMENT_CODE, PAYMENT_ENTRY_CODE, PAYMENT_CLASS_WALLET, PAYMENT_ROUTE_WALLET},
        {PAYMENT_CODE, PAYMENT_ENTRY_CODE, PAYMENT_CLASS_WALLET, PAYMENT_ROUTE_WALLET},
        {PAYMENT_SHOWN, PAYMENT_ENTRY_CODE, PAYMENT_CLASS_WALLET, PAYMENT_ROUTE_WALLET},
        {PAYMENT_CARD, PAYMENT_ENTRY_CONTACTLESS, PAYMENT_CLASS_DEBIT, PAYMENT_ROUTE_CARD_NETWORK},
        {PAYMENT_CARD, PAYMENT_ENTRY_CHIP, PAYMENT_CLASS_CREDIT, PAYMENT_ROUTE_CARD_NETWORK},
        {PAYMENT_CARD, PAYMENT_ENTRY_SWIPE, PAYMENT_CLASS_CREDIT, PAYMENT_ROUTE_CARD_NETWORK},
    };
    uint32_t which = random_below(&y->random, ARRAY_LEN(methods));
    struct payment p = {.type = PAYMENT_SALE,
                        .state = PAYMENT_PENDING,
                        .means = methods[which].means,
                        .entry = methods[which].entry,
                        .card_class = methods[which].class,
                        .route = methods[which].route,
                        .amount_minor = 100 + random_below(&y->random, 30000),
                        .currency = CURRENCY_CNY,
                        .pan_masked = "622209******6620",
                        .issuer = "工商银行",
                        .response_code = "00",
                        .auth_code = "A1B2C3",
                        .local_time = "123059",
                        .local_date = "1123",
                        .fee_plan = 1,
                        .created_ms = number};
    year_mid(shop, p.mid);
    year_tid(shop, random_below(&y->random, y->shop[shop].terminals), p.key.tid);
    p.key.batch = 1 + (uint32_t)(number / 900000);
    p.key.stan = 1 + (uint32_t)(number % 900000);
    snprintf(p.operator_id, sizeof p.operator_id, "0%u", 1 + random_below(&y->random, 4));
    snprintf(p.token, sizeof p.token, "%08x%08x", (unsigned)shop,
             random_below(&y->random, shop == 0 ? 60000 : 2000));
    snprintf(p.rrn, sizeof p.rrn, "%012u", (unsigned)number);
    return p;
}

static err row(struct year *y, struct store_tx *tx, struct payment *p, enum payment_event event,
               enum payment_state state, int64_t at_ms)
{
    p->state = state;
    return journal_append(tx, p, event, at_ms, &y->rows);
}

static void entry(struct year *y, const struct payment *p, enum ledger_kind kind, int64_t at_ms)
{
    static const enum fee_class classes[PAYMENT_CLASSES] = {FEE_UNKNOWN, FEE_DEBIT, FEE_CREDIT,
                                                            FEE_WALLET, FEE_FOREIGN};
    struct ledger_entry *e = &y->entry[y->entries++];
    *e = (struct ledger_entry){.seq = y->rows, .at_ms = at_ms, .kind = kind};
    if (kind == LEDGER_NOTHING) return;
    ledger_key(e->key, p->key.tid, p->key.batch, p->key.stan);
    memcpy(e->merchant, p->mid, sizeof e->merchant);
    e->network = p->route == PAYMENT_ROUTE_WALLET ? LEDGER_WALLET : LEDGER_CARD_NETWORK;
    e->amount_minor = p->amount_minor;
    e->currency = p->currency;
    e->class = classes[p->card_class];
    e->plan = p->fee_plan;
    e->reason = p->type == PAYMENT_REFUND ? FEE_REFUNDED : FEE_TAKEN;
    e->original_seq = p->original.row;
}

/* Three in a hundred give back a part of the shop's last sale. */
static bool gives_back(struct year *y, int64_t shop, struct payment *p)
{
    struct year_shop *s = &y->shop[shop];
    if (s->last_row == 0 || random_below(&y->random, 100) >= 3) return false;
    p->type = PAYMENT_REFUND;
    p->amount_minor = 1 + random_below(&y->random, (uint32_t)s->last_minor);
    p->original.row = s->last_row;
    memcpy(p->original.rrn, s->last_rrn, sizeof p->original.rrn);
    s->last_row = 0;
    return true;
}

static err undo(struct year *y, struct store_tx *tx, struct payment *p, int64_t at_ms)
{
    TRY(row(y, tx, p, PAYMENT_REVERSE, PAYMENT_REVERSING, at_ms));
    entry(y, p, LEDGER_NOTHING, at_ms);
    TRY(row(y, tx, p, PAYMENT_REVERSAL_ACK, PAYMENT_REVERSED, at_ms));
    entry(y, p, LEDGER_UNDO, at_ms);
    return OK;
}

static err make_one(struct year *y, struct store_tx *tx)
{
    int64_t shop = random_shop(y), at_ms = moment(y, y->made);
    struct payment p = random_payment(y, shop, ++y->made);
    struct year_shop *s = &y->shop[shop];
    bool back = gives_back(y, shop, &p);
    uint32_t fate = random_below(&y->random, 1000);
    TRY(row(y, tx, &p, PAYMENT_SUBMIT, PAYMENT_PENDING, at_ms));
    entry(y, &p, LEDGER_HOLD, at_ms);
    if (fate < 10) {
        TRY(row(y, tx, &p, PAYMENT_DECLINE, PAYMENT_DECLINED, at_ms));
        entry(y, &p, LEDGER_UNDO, at_ms);
        return OK;
    }
    TRY(row(y, tx, &p, PAYMENT_APPROVE, PAYMENT_APPROVED, at_ms));
    entry(y, &p, LEDGER_POST, at_ms);
    if (fate < 13 && !back) return undo(y, tx, &p, at_ms);
    if (back) return OK;
    s->last_row = y->rows;
    s->last_minor = p.amount_minor;
    memcpy(s->last_rrn, p.rrn, sizeof s->last_rrn);
    return OK;
}

err year_make(struct year *y, int64_t count, struct process_fault *fault)
{
    for (int64_t left = count; left > 0;) {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        TRY(store_begin(y->journal, &tx));
        for (int n = 0; n < IN_A_TRANSACTION && left > 0 && y->entries + 4 <= LEDGER_BATCH_MAX;
             n++, left--)
            TRY(say(fault, "journal", store_error_text(y->journal), make_one(y, &tx)));
        TRY(say(fault, "journal", store_error_text(y->journal), store_commit(&tx)));
        err folded = ledger_fold(y->ledger, y->entry, y->entries);
        TRY(say(fault, "ledger", ledger_error_text(y->ledger), folded));
        y->entries = 0;
    }
    return OK;
}

/* ---- on the hot path ---- */

/* As acquirer/group.c: what has come together is one transaction and one sync; asked in one group
 * and answered in the next. */
static err append_group(struct year *y, size_t payments)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(y->journal, &tx));
    for (size_t i = 0; i < payments; i++) {
        struct payment p = random_payment(y, random_shop(y), ++y->made);
        int64_t at_ms = workday_end_ms(FIGURES_BENCH_LAST_DAY) - DAY_MS / 2;
        TRY(row(y, &tx, &p, PAYMENT_SUBMIT, PAYMENT_PENDING, at_ms));
        TRY(row(y, &tx, &p, PAYMENT_APPROVE, PAYMENT_APPROVED, at_ms));
    }
    return store_commit(&tx);
}

err year_append(struct year *y, size_t groups, size_t payments, int64_t *ret_wall_us,
                int64_t *ret_cpu_us, struct process_fault *fault)
{
    for (size_t i = 0; i < groups; i++) {
        int64_t began_us = bench_figures_now_us(), began_cpu = bench_figures_cpu_us();
        err appended = append_group(y, payments);
        TRY(say(fault, "journal", store_error_text(y->journal), appended));
        ret_wall_us[i] = bench_figures_now_us() - began_us;
        ret_cpu_us[i] = bench_figures_cpu_us() - began_cpu;
    }
    return OK;
}
