/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When everything has come to rest, each network writes its file of each day, and the journal is
 * held against it (S111): whatever has happened, they agree to the last payment, and nothing is
 * invented.
 */
#include "simulators/clearing.h"

#include <stdlib.h>

#include "journal/reconcile.h"
#include "lib/crypto/crypto.h"
#include "tests/simulation/census.h"

enum { ROW_BYTES = 96, DAYS_MAX = 64 };

struct days {
    int32_t day[DAYS_MAX];
    size_t count, entries;
};

static void note_day(void *context, const struct entry *e)
{
    struct days *days = context;
    days->entries++;
    if (e->day == 0) return;
    for (size_t i = 0; i < days->count; i++)
        if (days->day[i] == e->day) return;
    ENSURE(days->count < DAYS_MAX);
    days->day[days->count++] = e->day;
}

/* The gateway names no day: what a provider took on one evening, the host may have heard of on the
 * next business day. That it is the same payment has been looked at before. */
static bool of_another_day(const struct census *c, const struct journal_item *item)
{
    bool lacks = item->kind == JOURNAL_ITEM_NETWORK_LACKS ||
                 item->kind == JOURNAL_ITEM_HOST_LACKS || item->kind == JOURNAL_ITEM_NETWORK_STATE;
    return lacks && providers_row(c, item->rrn) != NULL;
}

static err differs(void *context, const struct journal_item *item)
{
    struct census *c = context;
    if (of_another_day(c, item)) return OK;
    world_fail(c->w, "network and journal differ: %s of %s, host %lld, network %lld",
               journal_item_name(item->kind), item->rrn, (long long)item->host_minor,
               (long long)item->network_minor);
    census_explain(c, item->rrn);
    return OK;
}

/* One file, written and read, against the journal; how many payments were the same. */
static err hold_against(struct census *c, struct store *journal, const struct clearing_head *head,
                        uint8_t *block, struct clearing_row *rows, size_t max, int64_t *ret_matched)
{
    struct writer w = writer_over(block, (max + 4) * ROW_BYTES);
    struct clearing_sums sums;
    struct clearing_fault fault;
    struct reconcile_sums told;
    size_t count = 0;
    TRY(clearing_write(network_book(c->w->network), head, &w));
    TRY(clearing_parse(writer_view(&w), head, crypto_sha256, rows, max, &count, &sums, &fault));
    if (head->network == PAYMENT_ROUTE_WALLET) providers_add(c, head->day, rows, &count);
    const struct reconcile_file file = {.head = *head, .row = rows, .rows = count};
    TRY(reconcile(journal, &file, differs, c, &told));
    *ret_matched += told.matched;
    if (told.differences == 0 && told.host_minor != told.network_minor)
        world_fail(c->w, "nothing differs, and sums do: %lld here, %lld there",
                   (long long)told.host_minor, (long long)told.network_minor);
    return OK;
}

static err hold_all(struct census *c, struct store *journal, const struct days *days,
                    uint8_t *block, struct clearing_row *rows)
{
    int64_t matched = 0;
    for (size_t i = 0; i < days->count; i++)
        for (enum payment_route r = PAYMENT_ROUTE_CARD_NETWORK; r < PAYMENT_ROUTES; r++) {
            const struct clearing_head head = {r, days->day[i], CURRENCY_CNY};
            TRY(hold_against(c, journal, &head, block, rows, days->entries + 1, &matched));
        }
    if (c->approved > 0 && matched == 0) world_fail(c->w, "no payment was reconciled");
    return OK;
}

err clearing_check(struct census *c)
{
    struct days days = {.count = 0};
    struct store *journal = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    book_each(network_book(c->w->network), note_day, &days);
    for (size_t i = 0; i < c->providers; i++)
        note_day(&days, &(struct entry){.day = c->provider[i].day});
    uint8_t *block = malloc((days.entries + 8) * ROW_BYTES);
    struct clearing_row *rows = calloc(days.entries + 1, sizeof *rows);
    ENSURE(block != NULL && rows != NULL);
    err done = store_open("sim-journal", &options, NULL, &journal);
    if (!FAILED(done)) done = hold_all(c, journal, &days, block, rows);
    store_close(journal);
    free(block);
    free(rows);
    return done;
}
