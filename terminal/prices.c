/* SPDX-License-Identifier: Apache-2.0 */
/* A price list on its way from the back office, and in the store. */
#include "terminal/prices.h"

#include <stdio.h>

#include "lib/base/base64.h"
#include "lib/store/audit.h"
#include "terminal/core.h"

static bool same(const struct device_goods *a, const struct device_goods *b)
{
    return a->set == b->set &&
           (!a->set || (a->size == b->size && memcmp(a->digest, b->digest, PRICE_DIGEST) == 0));
}

err prices_open(struct terminal *t)
{
    struct store_statement *s;
    struct device_goods kept = {.set = false};
    bool row = false;
    TRY(store_statement(t->config.store, "SELECT digest, size FROM price_list", &s));
    TRY(store_step(s, &row));
    if (row) {
        kept.set = true;
        store_read_blob_into(s, kept.digest, sizeof kept.digest);
        kept.size = store_read_int(s);
        err read = store_read_finish(s);
        store_reset(s);
        TRY(read);
    }
    t->prices = (struct prices){.kept = kept, .wanted = kept};
    return OK;
}

bool prices_has(const struct terminal *t, const struct device_goods *goods)
{
    return same(&t->prices.kept, goods);
}

/* ---- fetching ---- */

void prices_want(struct terminal *t, const struct device_goods *goods)
{
    struct prices *p = &t->prices;
    if (same(&p->wanted, goods) && !p->failed) return; /* what has come of it stays */
    p->wanted = *goods;
    p->failed = p->whole = false;
    p->part = 0;
    p->len = 0;
}

bool prices_ready(const struct terminal *t)
{
    const struct prices *p = &t->prices;
    return !p->wanted.set || p->whole || prices_has(t, &p->wanted);
}

bool prices_failed(const struct terminal *t)
{
    return t->prices.failed;
}

bool prices_due(const struct terminal *t)
{
    return !t->prices.asked && !t->prices.failed && !prices_ready(t);
}

void prices_again(struct terminal *t)
{
    t->prices.asked = false;
}

void prices_tell(struct terminal *t, struct device_message *ret_question)
{
    struct prices *p = &t->prices;
    *ret_question = (struct device_message){.ask = DEVICE_GOODS_FETCH, .part = p->part + 1};
    memcpy(ret_question->digest, p->wanted.digest, sizeof ret_question->digest);
    p->asked = true;
}

/* It is what was signed, and every line of it is one of ours. */
static bool is_list(const struct prices *p)
{
    struct bytes document = bytes_of(p->text, p->len);
    uint8_t digest[PRICE_DIGEST];
    struct price_reader reader;
    struct price_good good;
    bool more = true;
    if (FAILED(price_list_digest(document, digest)) ||
        memcmp(digest, p->wanted.digest, sizeof digest) != 0)
        return false;
    if (FAILED(price_list_open(document, &reader))) return false;
    while (more)
        if (FAILED(price_list_next(&reader, &good, &more))) return false;
    return true;
}

/* A piece behind what has come; false: it is none, or too much. */
static bool take_piece(struct prices *p, const struct device_message *heard)
{
    uint8_t block[DEVICE_PART_MAX];
    size_t len = 0;
    if (heard->status != DEVICE_OK || !(heard->has & DEVICE_HAS_BYTES)) return false;
    if (FAILED(base64_decode(heard->policy, block, sizeof block, &len)) || len == 0) return false;
    if (len > (size_t)p->wanted.size - p->len) return false;
    memcpy(p->text + p->len, block, len);
    p->len += len;
    p->part++;
    return true;
}

void prices_heard(struct terminal *t, const struct device_message *heard)
{
    struct prices *p = &t->prices;
    _Static_assert(sizeof p->text >= PRICE_LIST_MAX, "as device_parameters.h bounds the size");
    if (!p->asked) return;
    p->asked = false;
    if (prices_ready(t)) return; /* nobody waits for it any more */
    p->failed = !take_piece(p, heard);
    if (p->failed || p->len < (size_t)p->wanted.size) return;
    p->whole = is_list(p);
    p->failed = !p->whole;
}

/* ---- in force ---- */

static err add(struct store *store, int64_t number, const struct price_good *good)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO price(number, code, barcode, category, name, name_en,"
                        " price_minor) VALUES(?, ?, ?, ?, ?, ?, ?)",
                        &s));
    store_bind_int(s, number);
    store_bind_text(s, bytes_text(good->code));
    store_bind_text(s, bytes_text(good->barcode));
    store_bind_text(s, bytes_text(good->category));
    store_bind_text(s, bytes_text(good->name));
    store_bind_text(s, bytes_text(good->name_en));
    store_bind_int(s, good->price_minor);
    return store_run(s);
}

static err add_all(struct terminal *t, int64_t *ret_count)
{
    struct prices *p = &t->prices;
    struct price_reader reader;
    bool more = true;
    *ret_count = 0;
    TRY(price_list_open(bytes_of(p->text, p->len), &reader));
    for (;;) {
        struct price_good good;
        TRY(price_list_next(&reader, &good, &more));
        if (!more) return OK;
        TRY(add(t->config.store, ++*ret_count, &good));
    }
}

static err put_row(struct store *store, const struct device_goods *goods)
{
    struct store_statement *s;
    TRY(store_statement(store, "INSERT INTO price_list(one, digest, size) VALUES(1, ?, ?)", &s));
    store_bind_blob(s, BYTES_OF(goods->digest));
    store_bind_int(s, goods->size);
    return store_run(s);
}

err prices_in_force(struct terminal *t)
{
    struct prices *p = &t->prices;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    int64_t count = 0;
    bool ends = !p->wanted.set;
    if (prices_has(t, &p->wanted)) return OK;
    ENSURE(!p->wanted.set || p->whole);
    TRY(store_begin(t->config.store, &tx));
    TRY(store_exec(t->config.store, "DELETE FROM price"));
    TRY(store_exec(t->config.store, "DELETE FROM price_list"));
    if (p->wanted.set) TRY(add_all(t, &count));
    if (p->wanted.set) TRY(put_row(t->config.store, &p->wanted));
    char rows[24];
    snprintf(rows, sizeof rows, "%lld", (long long)count);
    const struct audit_entry entry = {t->records.seen_ms, BYTES(""),
                                      ends ? BYTES("prices_ended") : BYTES("prices_in_force"),
                                      BYTES(""), bytes_text(rows)};
    TRY(audit_append(&tx, &entry));
    TRY(store_commit(&tx));
    p->kept = p->wanted;
    return OK;
}
