/* SPDX-License-Identifier: Apache-2.0 */
/* The table of goods and the table of what was bought. */
#include "terminal/goods.h"

#include "lib/base/reader.h"
#include "lib/store/audit.h"
#include "lib/wire/json.h"
#include "lib/wire/price_list.h"

/* ---- reading ---- */

static void read_good(struct store_statement *s, struct good *out)
{
    *out = (struct good){.number = store_read_int(s)};
    store_read_text_into(s, out->name, sizeof out->name);
    out->price_minor = store_read_int(s);
    store_read_text_into(s, out->name_en, sizeof out->name_en);
}

_Static_assert((int)PRICE_NAME_MAX + 1 == (int)BASKET_NAME, "a name from afar fits a basket");
_Static_assert((int)PRICE_GOODS_MAX == (int)GOODS_MAX, "both lists are walked through by hand");

err goods_afar(struct store *store, bool *ret_afar)
{
    int64_t count = 0;
    TRY(store_query_int(store, "SELECT count(*) FROM price_list", &count));
    *ret_afar = count > 0;
    return OK;
}

const char *goods_name(const struct good *good, enum language language)
{
    return language == LANGUAGE_EN && good->name_en[0] != '\0' ? good->name_en : good->name;
}

err goods_page(struct store *store, int64_t after, struct good *out, size_t max, size_t *ret_count)
{
    struct store_statement *s;
    size_t count = 0;
    bool row, afar;
    TRY(goods_afar(store, &afar));
    TRY(store_statement(store,
                        afar ? "SELECT number, name, price_minor, name_en FROM price WHERE number"
                               " > ? ORDER BY number LIMIT ?"
                             : "SELECT number, name, price_minor, '' FROM good WHERE number > ?"
                               " ORDER BY number LIMIT ?",
                        &s));
    store_bind_int(s, after);
    store_bind_int(s, (int64_t)max);
    TRY(store_step(s, &row));
    while (row) {
        ENSURE(count < max);
        read_good(s, &out[count++]);
        TRY(store_step(s, &row));
    }
    *ret_count = count;
    return OK;
}

err goods_get(struct store *store, int64_t number, struct good *out)
{
    size_t count;
    struct good found;
    TRY(goods_page(store, number - 1, &found, 1, &count));
    if (count == 0 || found.number != number) return ERR(NOT_FOUND);
    *out = found;
    return OK;
}

err goods_count(struct store *store, int64_t *ret_count)
{
    bool afar;
    TRY(goods_afar(store, &afar));
    return store_query_int(store, afar ? "SELECT count(*) FROM price" : "SELECT count(*) FROM good",
                           ret_count);
}

/* ---- what a good may be ---- */

/* UTF-8 without control characters: a receipt and a screen show it as it is. */
static bool printable(const char *name)
{
    if (!json_utf8_valid(bytes_text(name))) return false;
    for (const uint8_t *at = (const uint8_t *)name; *at != '\0'; at++)
        if (*at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0)) return false;
    return true;
}

static enum goods_verdict judge(const struct good *good)
{
    if (good->name[0] == '\0') return GOODS_NO_NAME;
    if (!printable(good->name)) return GOODS_BAD_NAME;
    if (receipt_columns(good->name) > RECEIPT_COLUMNS) return GOODS_LONG_NAME;
    return good->price_minor < 1 || good->price_minor > GOODS_PRICE_MAX ? GOODS_BAD_PRICE
                                                                        : GOODS_TAKEN;
}

/* Number of the good with this name, 0 when there is none. */
static err named(struct store *store, const char *name, int64_t *ret_number)
{
    struct store_statement *s;
    bool row;
    TRY(store_statement(store, "SELECT number FROM good WHERE name = ?", &s));
    store_bind_text(s, bytes_text(name));
    TRY(store_step(s, &row));
    *ret_number = row ? store_read_int(s) : 0;
    store_reset(s);
    return OK;
}

/* ---- writing ---- */

static err write_good(struct store *store, const struct good *good)
{
    struct store_statement *s;
    TRY(store_statement(store,
                        "INSERT INTO good(number, name, price_minor) VALUES(nullif(?, 0), ?, ?)"
                        " ON CONFLICT(number) DO UPDATE SET name = excluded.name,"
                        " price_minor = excluded.price_minor",
                        &s));
    store_bind_int(s, good->number);
    store_bind_text(s, bytes_text(good->name));
    store_bind_int(s, good->price_minor);
    return store_run(s);
}

static err note(struct store_tx *tx, const struct records *r, const char *actor, const char *event,
                const char *subject, int64_t number)
{
    char detail[32];
    struct writer w = writer_over(detail, sizeof detail);
    write_format(&w, "%lld", (long long)number);
    struct audit_entry entry = {r->seen_ms, bytes_text(actor), bytes_text(event),
                                bytes_text(subject), writer_view(&w)};
    return audit_append(tx, &entry);
}

err goods_put(struct records *records, const struct good *good, const char *actor,
              enum goods_verdict *ret_verdict)
{
    int64_t other, count;
    *ret_verdict = judge(good);
    if (*ret_verdict != GOODS_TAKEN) return OK;
    TRY(named(records->store, good->name, &other));
    TRY(goods_count(records->store, &count));
    if (other != 0 && other != good->number) *ret_verdict = GOODS_TWICE;
    else if (good->number == 0 && count >= GOODS_MAX) *ret_verdict = GOODS_FULL;
    if (*ret_verdict != GOODS_TAKEN) return OK;

    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(records->store, &tx));
    TRY(write_good(records->store, good));
    TRY(note(&tx, records, actor, "good_set", good->name, good->price_minor));
    return store_commit(&tx);
}

err goods_remove(struct records *records, int64_t number, const char *actor)
{
    struct good good;
    struct store_statement *s;
    TRY(goods_get(records->store, number, &good));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(records->store, &tx));
    TRY(store_statement(records->store, "DELETE FROM good WHERE number = ?", &s));
    store_bind_int(s, number);
    TRY(store_run(s));
    TRY(note(&tx, records, actor, "good_removed", good.name, good.price_minor));
    return store_commit(&tx);
}

/* ---- a text ---- */

static bool gap(uint8_t c)
{
    return c == ' ' || c == '\t' || c == ',' || c == '\r';
}

static struct bytes trimmed(struct bytes text)
{
    while (text.len > 0 && gap(text.at[0])) text = bytes_of(text.at + 1, text.len - 1);
    while (text.len > 0 && gap(text.at[text.len - 1])) text.len--;
    return text;
}

/* The price is what follows the last gap. */
static enum goods_verdict parse_line(struct bytes line, struct good *out)
{
    size_t cut = line.len;
    while (cut > 0 && !gap(line.at[cut - 1])) cut--;
    struct bytes price = bytes_of(line.at + cut, line.len - cut);
    struct bytes name = trimmed(bytes_of(line.at, cut));
    *out = (struct good){0};
    err e = money_parse(price, &out->price_minor);
    if (name.len == 0) return FAILED(e) ? GOODS_NO_PRICE : GOODS_NO_NAME;
    if (FAILED(e)) return e.code == ERR_RANGE ? GOODS_BAD_PRICE : GOODS_NO_PRICE;
    if (FAILED(bytes_to_text(name, out->name, sizeof out->name)))
        return name.len < sizeof out->name ? GOODS_BAD_NAME : GOODS_LONG_NAME;
    return judge(out);
}

static struct bytes next_line(struct bytes *text)
{
    size_t len = 0;
    while (len < text->len && text->at[len] != '\n') len++;
    struct bytes line = bytes_of(text->at, len);
    size_t used = len < text->len ? len + 1 : len;
    *text = bytes_of(text->at + used, text->len - used);
    return trimmed(line);
}

/* One line into the table, within the transaction that takes all of them. */
static err import_line(struct store *store, struct bytes line, int64_t limit,
                       enum goods_verdict *ret_verdict)
{
    struct good good;
    int64_t count;
    *ret_verdict = parse_line(line, &good);
    if (*ret_verdict != GOODS_TAKEN) return OK;
    TRY(named(store, good.name, &good.number));
    TRY(goods_count(store, &count));
    if (good.number > limit) *ret_verdict = GOODS_TWICE; /* it came with this text */
    else if (good.number == 0 && count >= GOODS_MAX) *ret_verdict = GOODS_FULL;
    return *ret_verdict == GOODS_TAKEN ? write_good(store, &good) : OK;
}

err goods_import(struct records *records, struct bytes text, const char *actor,
                 struct goods_import *out)
{
    struct goods_import done = {.verdict = GOODS_TAKEN};
    int64_t limit;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(records->store, &tx));
    TRY(store_query_int(records->store, "SELECT coalesce(max(number), 0) FROM good", &limit));
    while (text.len > 0 && done.verdict == GOODS_TAKEN) {
        struct bytes line = next_line(&text);
        done.line++;
        if (line.len == 0) continue;
        done.count++;
        TRY(import_line(records->store, line, limit, &done.verdict));
    }
    if (done.verdict != GOODS_TAKEN) done.count = 0;
    *out = done;
    if (done.count == 0) return OK; /* the transaction is rolled back */
    TRY(note(&tx, records, actor, "goods_imported", "", (int64_t)done.count));
    return store_commit(&tx);
}

/* ---- what was bought ---- */

err goods_keep(struct store *store, int64_t payment, const struct basket *basket)
{
    struct store_statement *s;
    for (size_t i = 0; i < basket->count; i++) {
        const struct basket_line *line = &basket->line[i];
        TRY(store_statement(store,
                            "INSERT INTO basket(payment, position, name, price_minor, quantity)"
                            " VALUES(?, ?, ?, ?, ?)",
                            &s));
        store_bind_int(s, payment);
        store_bind_int(s, (int64_t)i);
        store_bind_text(s, bytes_text(line->name));
        store_bind_int(s, line->price_minor);
        store_bind_int(s, line->quantity);
        TRY(store_run(s));
    }
    return OK;
}

err goods_of(struct store *store, int64_t payment, struct basket *out)
{
    struct store_statement *s;
    struct basket basket = {0};
    bool row;
    TRY(store_statement(store,
                        "SELECT name, price_minor, quantity FROM basket WHERE payment = ?"
                        " ORDER BY position",
                        &s));
    store_bind_int(s, payment);
    TRY(store_step(s, &row));
    while (row) {
        if (basket.count == BASKET_LINES)
            return store_refuse(store, ERR(CORRUPT), "a basket has too many lines", NULL);
        struct basket_line *line = &basket.line[basket.count++];
        store_read_text_into(s, line->name, sizeof line->name);
        line->price_minor = store_read_int(s);
        line->quantity = store_read_int(s);
        if (line->price_minor < 1 || line->price_minor > MONEY_FIELD_MAX || line->quantity < 1 ||
            line->quantity > BASKET_QUANTITY)
            return store_refuse(store, ERR(CORRUPT), "a line of a basket is out of range", NULL);
        TRY(store_step(s, &row));
    }
    *out = basket;
    return OK;
}
