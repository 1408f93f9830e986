/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the wallets over HTTP have when all is at rest, held against the journal as the networks'
 * books are (S77): every payment that was approved there is paid there, once and to the fen,
 * and nothing else is.
 */
#include "simulators/provider_clearing.h"

#include <stdlib.h>

#include "payment/kind.h"
#include "tests/simulation/census.h"

static err read_day(struct census *c, int32_t day)
{
    const struct gate *g = c->w->gate;
    size_t count = 0;
    TRY(provider_clearing_rows(g->store, day, NULL, 0, &count));
    if (count == 0) return OK;
    struct clearing_row *rows = calloc(count, sizeof *rows);
    c->provider = realloc(c->provider, (c->providers + count) * sizeof *c->provider);
    ENSURE(rows != NULL && c->provider != NULL);
    err read = provider_clearing_rows(g->store, day, rows, count, &count);
    for (size_t i = 0; i < count && !FAILED(read); i++)
        c->provider[c->providers++] = (struct provider_row){rows[i], day};
    free(rows);
    return read;
}

err providers_read(struct census *c)
{
    int32_t first = clearing_day((int64_t)WORLD_START_S * 1000) - 1;
    for (int32_t day = first; day <= clearing_day(c->w->now_ms) + 1; day++) TRY(read_day(c, day));
    return OK;
}

void providers_forget(struct census *c)
{
    free(c->provider);
}

const struct clearing_row *providers_row(const struct census *c, const char *rrn)
{
    if (!gate_goes(c->w->gate, rrn)) return NULL;
    for (size_t i = 0; i < c->providers; i++)
        if (c->provider[i].row.stands && strcmp(c->provider[i].row.rrn, rrn) == 0)
            return &c->provider[i].row;
    return NULL;
}

int64_t providers_sum(const struct census *c)
{
    int64_t minor = 0;
    for (size_t i = 0; i < c->providers; i++) {
        const struct clearing_row *row = &c->provider[i].row;
        bool gives = payment_type_row(row->type)->direction == PAYMENT_GIVES;
        if (row->stands) minor += gives ? -row->amount_minor : row->amount_minor;
    }
    return minor;
}

err providers_phone(const struct census *c, const struct payment *p, uint8_t *ret_phone)
{
    const char *number = payment_linked(p->type) ? p->original.rrn : p->rrn;
    struct trade t;
    if (!gate_goes(c->w->gate, p->rrn)) return ERR(NOT_FOUND);
    err found = trade_find(c->w->gate->store, PROVIDER_ALIPAY, bytes_text(number), &t);
    if (found.code == ERR_NOT_FOUND)
        found = trade_find(c->w->gate->store, PROVIDER_WECHAT, bytes_text(number), &t);
    TRY(found);
    if (t.phone < 0) return ERR(NOT_FOUND);
    *ret_phone = (uint8_t)t.phone;
    return OK;
}

static int by_reference(const void *a, const void *b)
{
    return strcmp(((const struct clearing_row *)a)->rrn, ((const struct clearing_row *)b)->rrn);
}

void providers_add(const struct census *c, int32_t day, struct clearing_row *rows, size_t *count)
{
    for (size_t i = 0; i < c->providers; i++)
        if (c->provider[i].day == day) rows[(*count)++] = c->provider[i].row;
    qsort(rows, *count, sizeof *rows, by_reference);
}
