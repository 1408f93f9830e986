/* SPDX-License-Identifier: Apache-2.0 */
/* The merchant's list, and over it what each level says; kept by the versions that are in it. */
#include <stdio.h>
#include <stdlib.h>

#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/tree.h"
#include "backoffice/goods/goods.h"
#include "lib/base/base64.h"

static const char head[] = "tongbao price changes 1\n";

_Static_assert(sizeof head + GOODS_CHANGES_MAX * (PRICE_CODE_MAX + 9 + 1 + 3) <= PRICE_LIST_MAX,
               "what a level says fits where a list does");

/* ---- what a level says ---- */

void goods_changes_begin(struct writer *w)
{
    write_bytes(w, bytes_text(head));
}

void goods_changes_add(struct writer *w, const struct goods_change *change)
{
    ENSURE(change->price_minor >= 0 && change->price_minor <= PRICE_MINOR_MAX);
    ENSURE(change->sold < GOODS_SOLDS);
    write_format(w, "%s\t%lld\t%d\n", change->code, (long long)change->price_minor,
                 (int)change->sold);
}

/* A number of our own writing, ended by `mark`; -1: it is none. */
static int64_t read_number(struct reader *r, uint8_t mark)
{
    int64_t number = 0;
    size_t digits = 0;
    for (; r->left.len > 0 && r->left.at[0] >= '0' && r->left.at[0] <= '9' && digits < 10; digits++)
        number = number * 10 + (read_bytes(r, 1).at[0] - '0');
    struct bytes end = read_bytes(r, 1);
    return digits > 0 && end.len == 1 && end.at[0] == mark ? number : -1;
}

static err read_change(struct reader *r, struct goods_change *out)
{
    size_t len = 0;
    while (len < r->left.len && r->left.at[len] != '\t') len++;
    struct bytes code = read_bytes(r, len);
    (void)read_bytes(r, 1);
    int64_t price = read_number(r, '\t'), sold = read_number(r, '\n');
    if (price < 0 || price > PRICE_MINOR_MAX || sold < 0 || sold >= GOODS_SOLDS)
        return ERR(CORRUPT);
    *out = (struct goods_change){.price_minor = price, .sold = (enum goods_sold)sold};
    return bytes_to_text(code, out->code, sizeof out->code);
}

static struct goods_row *row_of(struct goods_fold *f, const char *code)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->row[i].good.code, code) == 0) return &f->row[i];
    return NULL;
}

/* What is said of goods that are not in the list any more says nothing. */
static err lay_over(struct goods_fold *f, struct bytes document, bool last)
{
    struct reader r = reader_over(document);
    if (!bytes_equal(read_bytes(&r, sizeof head - 1), bytes_text(head))) return ERR(CORRUPT);
    while (r.left.len > 0) {
        struct goods_change c;
        TRY(read_change(&r, &c));
        struct goods_row *row = row_of(f, c.code);
        if (row == NULL) continue;
        if (c.price_minor > 0) row->good.price_minor = c.price_minor;
        if (c.sold != GOODS_INHERITED) row->sold = c.sold == GOODS_SOLD;
        if (!last) continue;
        row->price_here = c.price_minor > 0;
        row->sold_here = c.sold;
    }
    return OK;
}

static err take_list(struct goods_fold *f, struct bytes document)
{
    struct price_reader reader;
    bool more = true;
    f->count = 0;
    if (FAILED(price_list_open(document, &reader))) return ERR(CORRUPT);
    for (;;) {
        struct goods_row row = {.sold = true, .sold_above = true};
        if (FAILED(price_list_next(&reader, &row.good, &more))) return ERR(CORRUPT);
        if (!more) return OK;
        f->row[f->count++] = row;
    }
}

/* ---- levels ---- */

struct level {
    enum parameters_level level;
    char subject[PARAMETERS_SUBJECT_MAX];
};

struct chain {
    size_t count;
    struct level at[REGION_DEPTH_MAX + 2];
};

static void add(struct chain *c, enum parameters_level level, const char *subject)
{
    ENSURE(c->count < ARRAY_LEN(c->at));
    struct level *at = &c->at[c->count++];
    at->level = level;
    snprintf(at->subject, sizeof at->subject, "%.23s", subject);
}

/* From the outermost in, `region` the last. */
static err add_regions(struct desk *desk, int64_t region, struct chain *c)
{
    int64_t path[REGION_DEPTH_MAX];
    size_t count = 0;
    TRY(region_path(desk->config.store, region, path, &count));
    for (size_t i = 0; i < count; i++) {
        char number[24];
        snprintf(number, sizeof number, "%lld", (long long)path[i]);
        add(c, PARAMETERS_REGION, number);
    }
    return OK;
}

static err outlet_chain(struct desk *desk, const char *mid, uint32_t outlet, struct chain *c)
{
    int64_t region = 0;
    char subject[PARAMETERS_SUBJECT_MAX];
    c->count = 0;
    add(c, PARAMETERS_MERCHANT, mid);
    TRY(tree_outlet_region(desk->config.store, mid, outlet, &region));
    TRY(add_regions(desk, region, c));
    snprintf(subject, sizeof subject, "%.15s-%u", mid, outlet % OUTLETS_BITS);
    add(c, PARAMETERS_OUTLET, subject);
    return OK;
}

static err chain_of(struct desk *desk, const char *mid, enum parameters_level level,
                    const char *subject, struct chain *c)
{
    c->count = 0;
    if (level == PARAMETERS_OUTLET)
        return outlet_chain(desk, mid, (uint32_t)strtoul(subject + 16, NULL, 10), c);
    add(c, PARAMETERS_MERCHANT, mid);
    if (level == PARAMETERS_REGION) return add_regions(desk, strtoll(subject, NULL, 10), c);
    return OK;
}

/* The levels of a chain over one another; the merchant's list is the ground. */
static err fold(struct desk *desk, const struct chain *c)
{
    struct goods_fold *f = desk->goods;
    f->count = 0;
    for (size_t i = 0; i < c->count; i++) {
        struct writer w = writer_over(f->document, sizeof f->document);
        bool last = i + 1 == c->count;
        err found = goods_find(desk, c->at[i].level, c->at[i].subject, 0, &f->newest, &w);
        bool none = found.code == ERR_NOT_FOUND;
        if (!none) TRY(found);
        if (last)
            for (size_t k = 0; k < f->count; k++) {
                f->row[k].above_minor = f->row[k].good.price_minor;
                f->row[k].sold_above = f->row[k].sold;
            }
        if (none) f->newest = (struct goods_version){.level = c->at[i].level};
        else if (i == 0) TRY(take_list(f, writer_view(&w)));
        else TRY(lay_over(f, writer_view(&w), last));
    }
    return OK;
}

err goods_fold_at(struct desk *desk, const char *mid, enum parameters_level level,
                  const char *subject)
{
    struct chain chain;
    TRY(chain_of(desk, mid, level, subject, &chain));
    TRY(fold(desk, &chain));
    memcpy(desk->goods->newest.subject, chain.at[chain.count - 1].subject, PARAMETERS_SUBJECT_MAX);
    return OK;
}

/* ---- what an outlet has ---- */

/* ",3,17,": the newest versions; "," when there is no list. */
static err key_of(struct desk *desk, const struct chain *c, char out[GOODS_KEY_MAX])
{
    struct writer w = writer_over(out, GOODS_KEY_MAX - 1);
    write_format(&w, ",");
    for (size_t i = 0; i < c->count; i++) {
        struct goods_version v;
        err found = goods_find(desk, c->at[i].level, c->at[i].subject, 0, &v, NULL);
        if (found.code == ERR_NOT_FOUND && i == 0) break;
        if (found.code == ERR_NOT_FOUND) continue;
        TRY(found);
        if (i == 0 && v.count == 0) break; /* an empty list: each terminal has its own again */
        write_format(&w, "%lld,", (long long)v.id);
    }
    ENSURE(w.fault == ERR_OK);
    out[w.len] = '\0';
    return OK;
}

static err find_folded(struct desk *desk, const char *mid, const char *key,
                       struct device_goods *out)
{
    struct store_statement *query;
    bool row = false;
    TRY(store_statement(desk->config.store,
                        "SELECT digest, length(document) FROM goods_folded WHERE mid = ? AND key"
                        " = ?",
                        &query));
    store_bind_text(query, bytes_text(mid));
    store_bind_text(query, bytes_text(key));
    TRY(store_step(query, &row));
    if (!row) return OK;
    store_read_blob_into(query, out->digest, sizeof out->digest);
    out->size = store_read_int(query);
    err read = store_read_finish(query);
    store_reset(query);
    out->set = !FAILED(read);
    return read;
}

static err keep_folded(struct desk *desk, const char *mid, const char *key,
                       const struct device_goods *goods, struct bytes document)
{
    struct store_statement *put;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store,
                        "INSERT OR REPLACE INTO goods_folded(mid, key, digest, document)"
                        " VALUES(?, ?, ?, ?)",
                        &put));
    store_bind_text(put, bytes_text(mid));
    store_bind_text(put, bytes_text(key));
    store_bind_blob(put, BYTES_OF(goods->digest));
    store_bind_blob(put, document);
    TRY(store_run(put));
    return store_commit(&tx);
}

err goods_of_outlet(struct desk *desk, const char *mid, uint32_t outlet,
                    struct device_goods *ret_goods)
{
    struct device_goods goods = {.set = false};
    struct chain chain;
    char key[GOODS_KEY_MAX];
    struct goods_fold *f = desk->goods;
    TRY(outlet_chain(desk, mid, outlet, &chain));
    TRY(key_of(desk, &chain, key));
    if (strcmp(key, ",") != 0) TRY(find_folded(desk, mid, key, &goods));
    if (!goods.set && strcmp(key, ",") != 0) {
        TRY(fold(desk, &chain));
        struct writer w = writer_over(f->document, sizeof f->document);
        price_list_begin(&w);
        for (size_t i = 0; i < f->count; i++)
            if (f->row[i].sold) price_list_add(&w, &f->row[i].good);
        ENSURE(w.fault == ERR_OK);
        TRY(price_list_digest(writer_view(&w), goods.digest));
        goods.size = (int64_t)w.len;
        goods.set = true;
        TRY(keep_folded(desk, mid, key, &goods, writer_view(&w)));
    }
    *ret_goods = goods;
    return OK;
}

/* ---- pieces ---- */

static err refuse(struct device_message *answer)
{
    answer->status = DEVICE_REFUSED;
    answer->has = DEVICE_HAS_REASON;
    memcpy(answer->reason, "not_found", sizeof "not_found");
    return OK;
}

err goods_asked(struct desk *desk, const char *mid, const struct device_message *q,
                struct device_message *answer, uint8_t room[GOODS_PIECE_ROOM])
{
    struct store_statement *query;
    struct writer w = writer_over(room, GOODS_PIECE_ROOM);
    bool row = false;
    TRY(store_statement(desk->config.store,
                        "SELECT substr(document, ?, ?) FROM goods_folded WHERE mid = ? AND digest ="
                        " ? LIMIT 1",
                        &query));
    store_bind_int(query, (q->part - 1) * DEVICE_PART_MAX + 1);
    store_bind_int(query, DEVICE_PART_MAX);
    store_bind_text(query, bytes_text(mid));
    store_bind_blob(query, BYTES_OF(q->digest));
    TRY(store_step(query, &row));
    if (!row) return refuse(answer);
    struct bytes piece = store_read_blob(query);
    bool some = piece.len > 0;
    base64_write(&w, piece);
    err read = store_read_finish(query);
    store_reset(query);
    TRY(read);
    ENSURE(w.fault == ERR_OK);
    if (!some) return refuse(answer);
    answer->policy = writer_view(&w);
    answer->has = DEVICE_HAS_BYTES;
    return OK;
}
