/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the shop: a row for each, all of them in memory. */
#include "terminal/shop.h"

#include <stdio.h>

#include "terminal/core.h"

const char *shop_name(const struct terminal *t)
{
    const char *afar = afar_text(t, DEVICE_PARAMETER_shop);
    return afar[0] != '\0' ? afar : t->facts.merchant;
}

const char *shop_name_at(const struct terminal *t, int64_t at_ms)
{
    const struct shop *s = &t->shop;
    size_t at = s->count;
    if (s->count == 0) return t->facts.merchant;
    while (at > 1 && s->named[at - 1].since_ms > at_ms) at--;
    return s->named[at - 1].name;
}

static void keep(struct shop *s, int64_t since_ms, const char *name)
{
    if (s->count == SHOP_NAMES) memmove(&s->named[0], &s->named[1], --s->count * sizeof *s->named);
    s->named[s->count].since_ms = since_ms;
    snprintf(s->named[s->count].name, sizeof s->named[0].name, "%s", name);
    s->count++;
}

err shop_open(struct terminal *t)
{
    struct store_statement *rows;
    t->shop = (struct shop){.count = 0};
    TRY(store_statement(t->config.store, "SELECT since_ms, name FROM shop_name ORDER BY since_ms",
                        &rows));
    for (;;) {
        char name[SHOP_NAME_MAX + 1];
        bool row = false;
        TRY(store_step(rows, &row));
        if (!row) return OK;
        int64_t since_ms = store_read_int(rows);
        store_read_text_into(rows, name, sizeof name);
        err read = store_read_finish(rows);
        if (FAILED(read)) {
            store_reset(rows);
            return read;
        }
        keep(&t->shop, since_ms, name);
    }
}

/* What holds since the newest row, or since it was set up. */
static const char *known(const struct terminal *t)
{
    const struct shop *s = &t->shop;
    return s->count > 0 ? s->named[s->count - 1].name : t->facts.merchant;
}

bool shop_is_due(const struct terminal *t)
{
    return t->facts.merchant[0] != '\0' && strcmp(shop_name(t), known(t)) != 0 && at_home(t);
}

static err put(struct terminal *t, int64_t since_ms, const char *name)
{
    struct store_statement *s;
    TRY(store_statement(t->config.store,
                        "INSERT OR REPLACE INTO shop_name(since_ms, name) VALUES(?, ?)", &s));
    store_bind_int(s, since_ms);
    store_bind_text(s, bytes_text(name));
    return store_run(s);
}

/* Behind every row that there is, whatever became of the clock. */
err shop_tick(struct terminal *t)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct shop *s = &t->shop;
    if (!shop_is_due(t)) return OK;
    int64_t since_ms = now_ms(t);
    bool first = s->count == 0;
    if (!first && since_ms <= s->named[s->count - 1].since_ms)
        since_ms = s->named[s->count - 1].since_ms + 1;
    TRY(store_begin(t->config.store, &tx));
    if (first) TRY(put(t, 0, t->facts.merchant));
    TRY(put(t, since_ms, shop_name(t)));
    TRY(store_commit(&tx));
    if (first) keep(s, 0, t->facts.merchant);
    keep(s, since_ms, shop_name(t));
    return audit(t, "shop_named", "", shop_name(t));
}
