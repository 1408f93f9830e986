/* SPDX-License-Identifier: Apache-2.0 */
/* Both ends of the line to a network link this. */
#include "payment/key_change.h"

#include "lib/base/hex.h"

enum { VERSION = 1 };

static bool in_range(const struct payment_key_change *c)
{
    return c->number > 0 && c->overlap_s >= PAYMENT_KEY_OVERLAP_MIN_S &&
           c->overlap_s <= PAYMENT_KEY_OVERLAP_MAX_S;
}

err payment_key_change_write(const struct payment_key_change *c, struct writer *w)
{
    const struct bytes keys[] = {c->pin, c->mac, c->data};
    if (!in_range(c)) return ERR(RANGE);
    write_be(w, VERSION, 1);
    write_be(w, c->number, 4);
    write_be(w, c->overlap_s, 4);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (keys[i].len == 0 || keys[i].len > PAYMENT_KEY_SEALED_MAX) return ERR(LENGTH);
        write_prefixed(w, 2, keys[i]);
    }
    return (err){w->fault};
}

err payment_key_change_read(struct bytes bytes, struct payment_key_change *ret_change)
{
    struct reader r = reader_over(bytes);
    struct payment_key_change c = {0};
    struct bytes *const keys[] = {&c.pin, &c.mac, &c.data};
    uint64_t version = read_be(&r, 1);
    c.number = (uint32_t)read_be(&r, 4);
    c.overlap_s = (uint32_t)read_be(&r, 4);
    bool whole = true;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        *keys[i] = read_prefixed(&r, 2, PAYMENT_KEY_SEALED_MAX);
        whole = whole && keys[i]->len > 0;
    }
    TRY(reader_finish(&r));
    if (version != VERSION || !whole) return ERR(FORMAT);
    if (!in_range(&c)) return ERR(RANGE);
    *ret_change = c;
    return OK;
}

err payment_key_change_decode(struct bytes text, uint8_t *block,
                              struct payment_key_change *ret_change)
{
    size_t len = 0;
    TRY(hex_decode(text, block, PAYMENT_KEY_CHANGE_BYTES, &len));
    return payment_key_change_read(bytes_of(block, len), ret_change);
}
