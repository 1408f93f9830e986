/* SPDX-License-Identifier: Apache-2.0 */
/* Keys as bits, and cells as bytes: numbers of seven bits a byte, the lowest first. */
#include "figures/cell.h"

#include <assert.h>

enum {
    OUTCOME = 2,
    TYPE = 5,
    CLASS = 3,
    ENTRY = 7,
    MEANS = 3,
    OPERATOR = 7,
    DEVICE = 24,
    HOUR = 5
};

static_assert(OUTCOME + TYPE + CLASS + ENTRY + MEANS + OPERATOR + DEVICE + HOUR <= 63, "a key");
static_assert((int)FIGURE_OUTCOMES <= 1 << OUTCOME && (int)PAYMENT_TYPES <= 1 << TYPE, "fits");
static_assert((int)PAYMENT_CLASSES <= 1 << CLASS && (int)PAYMENT_POINTS < 1 << MEANS, "fits");
static_assert((int)PAYMENT_ENTRY_FALLBACK < 1 << ENTRY, "fits");
static_assert((int)FIGURE_OPERATORS <= 1 << OPERATOR, "fits");

/* Puts `value` below what is there. */
static uint64_t push(uint64_t key, uint64_t value, unsigned bits)
{
    ENSURE(value >> bits == 0);
    return key << bits | value;
}

uint64_t figure_key_pack(const struct figure_key *k)
{
    uint64_t key = push(0, k->hour, HOUR);
    key = push(key, k->device, DEVICE);
    key = push(key, k->cashier, OPERATOR);
    key = push(key, k->means, MEANS);
    key = push(key, k->entry, ENTRY);
    key = push(key, k->class, CLASS);
    key = push(key, k->type, TYPE);
    return push(key, k->outcome, OUTCOME);
}

static unsigned pull(uint64_t *key, unsigned bits)
{
    unsigned value = (unsigned)(*key & ((UINT64_C(1) << bits) - 1));
    *key >>= bits;
    return value;
}

err figure_key_unpack(uint64_t packed, struct figure_key *ret_key)
{
    struct figure_key k = {.outcome = (enum figure_outcome)pull(&packed, OUTCOME)};
    k.type = (enum payment_type)pull(&packed, TYPE);
    k.class = (enum payment_card_class)pull(&packed, CLASS);
    k.entry = (enum payment_entry)pull(&packed, ENTRY);
    k.means = (enum payment_means)pull(&packed, MEANS);
    k.cashier = pull(&packed, OPERATOR);
    k.device = pull(&packed, DEVICE);
    k.hour = pull(&packed, HOUR);
    if (packed != 0 || k.hour > 23 || k.cashier >= FIGURE_OPERATORS ||
        k.outcome >= FIGURE_OUTCOMES || k.type == PAYMENT_TYPE_NONE || k.type >= PAYMENT_TYPES ||
        k.class >= PAYMENT_CLASSES)
        return ERR(CORRUPT);
    *ret_key = k;
    return OK;
}

void figure_amounts_add(struct figure_amounts *to, const struct figure_amounts *what)
{
    to->count += what->count;
    to->minor += what->minor;
    to->tip_minor += what->tip_minor;
    to->fee_minor += what->fee_minor;
    to->instalment_minor += what->instalment_minor;
}

/* ---- bytes ---- */

static void write_number(struct writer *w, uint64_t value)
{
    uint8_t bytes[10];
    size_t len = 0;
    for (; value >= 0x80; value >>= 7) bytes[len++] = (uint8_t)(value | 0x80);
    bytes[len++] = (uint8_t)value;
    write_bytes(w, bytes_of(bytes, len));
}

void figure_cell_write(struct writer *w, uint64_t *last, const struct figure_cell *cell)
{
    const struct figure_amounts *a = &cell->amounts;
    ENSURE(cell->key > *last); /* no key is 0: every payment has a type */
    ENSURE(a->count > 0 && a->minor >= 0 && a->tip_minor >= 0 && a->fee_minor >= 0 &&
           a->instalment_minor >= 0);
    write_number(w, cell->key - *last);
    write_number(w, (uint64_t)a->count);
    write_number(w, (uint64_t)a->minor);
    /* What most cells have not: whether there is anything, and then all three. */
    bool more = (a->tip_minor | a->instalment_minor) != 0;
    write_number(w, (uint64_t)a->fee_minor << 1 | more);
    if (more) {
        write_number(w, (uint64_t)a->tip_minor);
        write_number(w, (uint64_t)a->instalment_minor);
    }
    *last = cell->key;
}

struct figure_reader figure_reader_over(struct bytes cells)
{
    return (struct figure_reader){.left = cells};
}

/* The shortest form of a number below 2^63; anything else is a fault. */
static bool read_number(struct bytes *from, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < from->len && i < 9; i++) {
        uint8_t byte = from->at[i];
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte >= 0x80) continue;
        if (byte == 0 && i > 0) return false;
        from->at += i + 1;
        from->len -= i + 1;
        *ret_value = value;
        return true;
    }
    return false;
}

err figure_cell_next(struct figure_reader *r, struct figure_cell *ret_cell, bool *ret_more)
{
    uint64_t delta, count, minor, fee, tip = 0, instalment = 0;
    if (r->left.len == 0) {
        *ret_more = false;
        return OK;
    }
    if (!read_number(&r->left, &delta) || !read_number(&r->left, &count) ||
        !read_number(&r->left, &minor) || !read_number(&r->left, &fee))
        return ERR(CORRUPT);
    if ((fee & 1) != 0 && (!read_number(&r->left, &tip) || !read_number(&r->left, &instalment)))
        return ERR(CORRUPT);
    if (delta == 0 || count == 0) return ERR(CORRUPT);
    r->last += delta;
    *ret_cell = (struct figure_cell){r->last,
                                     {.count = (int64_t)count,
                                      .minor = (int64_t)minor,
                                      .tip_minor = (int64_t)tip,
                                      .fee_minor = (int64_t)(fee >> 1),
                                      .instalment_minor = (int64_t)instalment}};
    *ret_more = true;
    return OK;
}

err figure_cells_merge(struct bytes old, const struct figure_place *fresh, size_t count,
                       struct writer *out)
{
    struct figure_reader reader = figure_reader_over(old);
    struct figure_cell cell;
    uint64_t last = 0;
    size_t next = 0;
    bool more = false;
    TRY(figure_cell_next(&reader, &cell, &more));
    while (more || next < count) {
        struct figure_cell merged = {.key = next < count ? fresh[next].key : cell.key};
        if (more && cell.key < merged.key) merged.key = cell.key;
        for (; next < count && fresh[next].key == merged.key; next++)
            figure_amounts_add(&merged.amounts, fresh[next].amounts);
        if (more && cell.key == merged.key) {
            figure_amounts_add(&merged.amounts, &cell.amounts);
            TRY(figure_cell_next(&reader, &cell, &more));
        }
        figure_cell_write(out, &last, &merged);
    }
    struct bytes written;
    return writer_finish(out, &written);
}
